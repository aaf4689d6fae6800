#include "core/cli/gateway_request.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

namespace hansa::cli {

void add_gateway_options(CLI::App* command, GatewayOptions& options) {
    command->add_option("--url", options.url, "The gateway (default: https://127.0.0.1:8443)")->envname("HANSA_URL");
    command->add_option("--token", options.token, "File with the bearer token")->envname("HANSA_TOKEN_FILE");
    command->add_option("--cert", options.certificate, "Client certificate, PEM");
    command->add_option("--key", options.key, "Its key, PEM");
    command->add_option("--trust", options.trust, "Certificates of the gateway's authority, PEM");
}

transport::PostRequest request_to(const GatewayOptions& options, const std::string& path) {
    transport::PostRequest out;
    out.address.url = options.url + path;
    out.address.token_file = options.token;
    out.address.certificate_file = options.certificate;
    out.address.key_file = options.key;
    out.address.trust_file = options.trust;
    return out;
}

namespace {

/// One line a fault.
void print_faults(const std::string& name, const nlohmann::json& problem) {
    const auto line = [&](const nlohmann::json& one) {
        std::string place = name + ":";
        if (one.contains("line")) place += fmt::format("{}:{}:", one["line"].get<int>(), one.value("column", 0));
        std::cerr << fmt::format("{} {}: {}\n", place, one.value("code", ""), one.value("detail", one.value("title", "")));
    };
    if (!problem.contains("errors")) return line(problem);
    for (const auto& one : problem["errors"]) line(one);
}

}  // namespace

void print_problem(const std::string& name, const transport::PostAnswer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (json.is_object() && json.contains("code")) return print_faults(name, json);
    std::cerr << fmt::format("{}: HTTP {}\n", name, answer.status);
}

std::optional<bool> print_batch_answer(const std::string& name, const transport::PostAnswer& answer) {
    if (!answer.content_type.starts_with("application/json")) return std::nullopt;
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (!json.is_object() || !json.contains("documents") || !json["documents"].is_array()) return std::nullopt;
    bool all = true;
    for (const auto& one : json["documents"]) {
        const std::string document = fmt::format("{}, document {}", name, one.value("document", 0));
        if (one.contains("problem")) {
            print_faults(document, one["problem"]);
            all = false;
        } else {
            std::cerr << fmt::format("{}: accepted, {}\n", document, one.value("message", ""));
        }
    }
    std::cout << answer.body;
    return all;
}

}  // namespace hansa::cli
