// hansa send, hansa trace, hansa replay: a gateway over HTTP.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/transport/http_client.h"
#include "core/trust/container.h"

namespace hansa::cli {
namespace {

struct Options {
    std::string url = "https://127.0.0.1:8443", token, certificate, key, trust;
    bool test = false, json = false;
    std::vector<std::string> words;  ///< files, references or ids
};

void add_gateway_options(CLI::App* command, Options& options) {
    command->add_option("--url", options.url, "The gateway (default: https://127.0.0.1:8443)")->envname("HANSA_URL");
    command->add_option("--token", options.token, "File with the bearer token")->envname("HANSA_TOKEN_FILE");
    command->add_option("--cert", options.certificate, "Client certificate, PEM");
    command->add_option("--key", options.key, "Its key, PEM");
    command->add_option("--trust", options.trust, "Certificates of the gateway's authority, PEM");
}

transport::PostRequest request_to(const Options& options, const std::string& path) {
    transport::PostRequest out;
    out.address.url = options.url + path;
    out.address.token_file = options.token;
    out.address.certificate_file = options.certificate;
    out.address.key_file = options.key;
    out.address.trust_file = options.trust;
    return out;
}

/// A problem document as one line a fault.
void print_problem(const std::string& name, const transport::PostAnswer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (!json.is_object() || !json.contains("code")) {
        std::cerr << fmt::format("{}: HTTP {}\n", name, answer.status);
        return;
    }
    const auto line = [&](const nlohmann::json& one) {
        std::string place = name + ":";
        if (one.contains("line")) place += fmt::format("{}:{}:", one["line"].get<int>(), one.value("column", 0));
        std::cerr << fmt::format("{} {}: {}\n", place, one.value("code", ""), one.value("detail", one.value("title", "")));
    };
    if (!json.contains("errors")) return line(json);
    for (const auto& one : json["errors"]) line(one);
}

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
    if (answer->status != 202) {
        print_problem(name, *answer);
        return answer_is_no;
    }
    std::cerr << fmt::format("{}: accepted, {}\n", name, answer->location);
    std::cout << answer->body << '\n';
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

int print_trace(Surroundings& with, const Options& options, const std::string& reference) {
    const auto answer = transport::get(request_to(options, "/v1/traces/" + reference));
    if (!answer) return fail(with, answer.error());
    if (answer->status != 200) {
        print_problem(reference, *answer);
        return answer_is_no;
    }
    if (options.json) return output({}, answer->body);
    const auto json = nlohmann::json::parse(answer->body, nullptr, false);
    if (json.is_discarded()) return fail(with, Error{codes::usage, "the gateway's answer is no JSON"});
    for (const auto& event : json["events"]) {
        std::cout << fmt::format("{}  {:<10}  {}  {} -> {}  {}  {}\n", event.value("at", ""), event.value("state", ""), event.value("message", ""), event.value("from", ""),
                                 event.value("to", "-"), event.value("format", ""), event.value("code", ""));
    }
    return all_well;
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
    command->footer("Example: hansa send --url https://gateway:8443 --token agency.token signed.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return send_all(with, *options); }; });
}

void add_trace(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("trace", "Everything that is known of a message, order, parcel or declaration");
    auto options = std::make_shared<Options>();
    command->add_option("REFERENCE", options->words, "Message id or any reference in it")->required();
    add_gateway_options(command, *options);
    command->add_flag("--json", options->json, "One JSON document");
    command->footer("Example: hansa trace GZEXP20261105000117 --token operator.token");
    command->callback([&with, &chosen, options] {
        chosen.run = [&with, options] {
            int code = all_well;
            for (const std::string& reference : options->words) code = std::max(code, print_trace(with, *options, reference));
            return code;
        };
    });
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
