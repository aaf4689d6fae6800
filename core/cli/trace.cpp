// hansa trace: everything that a gateway knows of a reference; stage times; recalls.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cctype>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/gateway_request.h"
#include "core/trace/vocabulary.h"

namespace hansa::cli {
namespace {

struct TraceOptions : GatewayOptions {
    bool json = false, release_times = false, csv = false, vocabulary = false;
    std::string recall, from, to, stage, corridor, scheme;
    std::vector<std::string> references;
};

/// As it stands in a path or a query.
std::string encoded(std::string_view text) {
    std::string out;
    for (const char sign : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(sign)) != 0 || std::string_view("-._~").find(sign) != std::string_view::npos;
        out += plain ? std::string(1, sign) : fmt::format("%{:02X}", static_cast<unsigned char>(sign));
    }
    return out;
}

std::string query_of(std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!value.empty()) out += fmt::format("{}{}={}", out.empty() ? '?' : '&', name, encoded(value));
    }
    return out;
}

std::string named(const nlohmann::json& references) {
    std::string out;
    for (const auto& one : references) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", one.value("scheme", ""), one.value("value", ""));
    return out;
}

void print_timeline(const nlohmann::json& json) {
    if (!json.contains("timeline")) return;
    const std::string corridor = json.value("corridor", "");
    std::cout << fmt::format("\n{}{}\n", named(json["references"]), corridor.empty() ? "" : "  (" + corridor + ")");
    for (const auto& event : json["timeline"]) {
        std::cout << fmt::format("{:<24}  {:<18}  {}  {}{}\n", event.value("at", ""), event.value("event", ""), event.value("message", ""), event.value("format", ""),
                                 event.value("own", true) ? "" : fmt::format("  ({})", event.value("level", "")));
    }
    for (const auto& stage : json["stages"]) std::cout << fmt::format("{:<24}  {}\n", stage.value("stage", ""), stage.value("duration", ""));
    if (!json.value("complete", true)) std::cerr << "not all events are shown\n";
}

/// The body of an answer 200; prints what else it is.
std::optional<std::string> asked(Surroundings& with, const TraceOptions& options, const std::string& path, const std::string& name, int& code) {
    const auto answer = transport::get(request_to(options, path));
    if (!answer) {
        code = fail(with, answer.error());
    } else if (answer->status != 200) {
        print_problem(name, *answer);
        code = answer_is_no;
    } else {
        return answer->body;
    }
    return std::nullopt;
}

int print_release_times(Surroundings& with, const TraceOptions& options) {
    int code = all_well;
    const auto body = asked(with, options, "/v1/statistics/release-times" + query_of({{"from", options.from}, {"to", options.to}, {"stage", options.stage},
                                                {"corridor", options.corridor}, {"format", options.csv ? "csv" : "json"}}), "release times", code);
    if (!body) return code;
    if (options.json || options.csv) return output({}, *body);
    const auto json = nlohmann::json::parse(*body, nullptr, false);
    if (!json.is_object()) return fail(with, Error{codes::usage, "the gateway's answer is no JSON"});
    for (const auto& one : json["stages"])
        std::cout << fmt::format("{:<24}  {} > {}  {} times  median {}  90 % within {}\n", one.value("stage", ""), one.value("corridor_from", ""), one.value("corridor_to", ""),
                                 one.value("count", std::uint64_t{0}), one.value("median", ""), one.value("p90", ""));
    return all_well;
}

int print_recall(Surroundings& with, const TraceOptions& options) {
    const std::string& question = options.recall;
    const std::size_t sign = question.find('=');
    if (sign == question.npos) return fail(with, Error{codes::usage, "--recall takes seller=, product= or batch= with a value"});
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    std::string cursor;
    do {
        int code = all_well;
        const auto body = asked(with, options, "/v1/recalls" + query_of({{question.substr(0, sign), question.substr(sign + 1)}, {"cursor", cursor}, {"count", "1000"}}), question, code);
        if (!body) return code;
        const auto json = nlohmann::ordered_json::parse(*body, nullptr, false);
        if (!json.is_object()) return fail(with, Error{codes::usage, "the gateway's answer is no JSON"});
        for (const auto& item : json["items"]) {
            if (options.json) all.push_back(item);
            else std::cout << fmt::format("{}  {}  {}\n", item.value("at", ""), item.value("message", ""), named(item["references"]));
        }
        cursor = json.value("next_cursor", "");
    } while (!cursor.empty());
    if (options.json) std::cout << nlohmann::ordered_json{{"question", question}, {"items", all}}.dump(2) << '\n';
    return all_well;
}

int print_vocabulary(bool json) {
    nlohmann::ordered_json out = {{"events", nlohmann::ordered_json::array()}, {"references", nlohmann::ordered_json::array()}};
    for (const trace::EventName& event : trace::event_names()) {
        out["events"].push_back({{"event", event.name}, {"text", event.text}});
        if (!json) std::cout << fmt::format("{:<20}  {}\n", event.name, event.text);
    }
    for (const trace::Scheme& scheme : trace::schemes()) {
        out["references"].push_back({{"scheme", scheme.name}, {"level", trace::level_name(scheme.level)}, {"text", scheme.text}});
        if (!json) std::cout << fmt::format("{:<20}  {} ({})\n", scheme.name, scheme.text, trace::level_name(scheme.level));
    }
    if (json) std::cout << out.dump(2) << '\n';
    return all_well;
}

int print_trace(Surroundings& with, const TraceOptions& options, const std::string& reference) {
    const auto answer = transport::get(request_to(options, "/v1/traces/" + encoded(reference) + query_of({{"scheme", options.scheme}})));
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
    print_timeline(json);
    return all_well;
}

}  // namespace

void add_trace(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("trace", "Everything that is known of a message, order, parcel or declaration");
    auto options = std::make_shared<TraceOptions>();
    command->add_option("REFERENCE", options->references, "Message id or any reference in it");
    command->add_option("--scheme", options->scheme, "Sort of the reference, where one text names several things: order, waybill, ...");
    command->add_flag("--release-times", options->release_times, "How long stages took, by corridor");
    command->add_option("--from", options->from, "First day on which a stage ended (default: 30 days before the last one)");
    command->add_option("--to", options->to, "Last day (default: today)");
    command->add_option("--stage", options->stage, "One stage alone");
    command->add_option("--corridor", options->corridor, "One corridor alone: CN>BY");
    command->add_flag("--csv", options->csv, "Stage times as CSV");
    command->add_option("--recall", options->recall, "All parcels with a seller, a product or a batch: seller=4401960045");
    command->add_flag("--vocabulary", options->vocabulary, "What can happen, and sorts of references");
    add_gateway_options(command, *options);
    command->add_flag("--json", options->json, "One JSON document");
    command->footer("Example: hansa trace GZEXP20261105000117 --token operator.token");
    command->callback([&with, &chosen, options] {
        chosen.run = [&with, options] {
            const int asked = static_cast<int>(options->release_times) + static_cast<int>(!options->recall.empty()) + static_cast<int>(options->vocabulary);
            if (asked + static_cast<int>(!options->references.empty()) != 1)
                return fail(with, Error{codes::usage, "one of references, --release-times, --recall and --vocabulary is needed"});
            if (options->vocabulary) return print_vocabulary(options->json);
            if (options->release_times) return print_release_times(with, *options);
            if (!options->recall.empty()) return print_recall(with, *options);
            int code = all_well;
            for (const std::string& reference : options->references) code = std::max(code, print_trace(with, *options, reference));
            return code;
        };
    });
}

}  // namespace hansa::cli
