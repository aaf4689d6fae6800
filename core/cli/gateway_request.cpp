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

}  // namespace hansa::cli
