// hansa send, hansa replay: messages to a gateway over HTTP.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>

#include "core/base/digest.h"
#include "core/cli/command.h"
#include "core/cli/gateway_request.h"
#include "core/transport/http_client.h"
#include "core/trust/container.h"

namespace hansa::cli {
namespace {

struct Options : GatewayOptions {
    bool test = false;
    std::vector<std::string> words;  ///< files or ids
};

int send_one(Surroundings& with, const Options& options, const std::string& name) {
    const auto bytes = input(name);
    if (!bytes) return fail(with, bytes.error());
    transport::PostRequest request = request_to(options, "/v1/messages");
    request.body = *bytes;
    if (trust::is_container(*bytes)) request.content_type = "application/vnd.etsi.asic-e+zip";
    // The same file sent again gets the same answer, whatever broke in between.
    request.headers.emplace_back("Idempotency-Key", sha256_hex(*bytes));
    if (options.test) request.headers.emplace_back("Hansa-Test", "true");
    const auto answer = transport::post(request);
    if (!answer) return fail(with, answer.error());
    if (const auto all = print_batch_answer(name, *answer)) return *all ? all_well : answer_is_no;
    if (answer->status != 202) {
        print_problem(name, *answer);
        return answer_is_no;
    }
    std::cerr << fmt::format("{}: accepted, {}\n", name, answer->location);
    if (answer->body.empty()) std::cerr << fmt::format("{}: it was accepted before, and retention has dropped its receipt (journal.body-dropped)\n", name);
    else std::cout << answer->body << '\n';
    return all_well;
}

int send_all(Surroundings& with, const Options& options) {
    int code = all_well;
    Progress progress("send", options.words.size());
    for (const std::string& name : options.words) {
        code = std::max(code, send_one(with, options, name));
        progress.step();
    }
    return code;
}

int replay_all(Surroundings& with, const Options& options) {
    int code = all_well;
    for (const std::string& id : options.words) {
        const auto answer = transport::post(request_to(options, "/v1/messages/" + id + "/replay"));
        if (!answer) return fail(with, answer.error());
        if (answer->status == 200) std::cout << fmt::format("{}: put back\n", id);
        else {
            print_problem(id, *answer);
            code = answer_is_no;
        }
    }
    return code;
}

}  // namespace

void add_send(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("send", "Hand messages to a gateway and print their receipts");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->words, "Files; - is standard input")->required();
    add_gateway_options(command, *options);
    command->add_flag("--test", options->test, "A test message: takes test routes only");
    command->footer("Example: hansa send --url https://gateway:8443 --token agency.token signed.xml\n"
        "Exit code 1 when something of it was refused.");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return send_all(with, *options); }; });
}

void add_replay(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("replay", "Put dead letters back");
    auto options = std::make_shared<Options>();
    command->add_option("ID", options->words, "Message ids")->required();
    add_gateway_options(command, *options);
    command->footer("Example: hansa replay 01JDE5K2M0V8Y6S3T1R9QWZX7C --token operator.token");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return replay_all(with, *options); }; });
}

}  // namespace hansa::cli
