// A gateway over HTTP, as subcommands ask it: its address, who asks, and what it says when it refuses.
#pragma once

#include <optional>
#include <string>

#include "core/transport/http_client.h"

namespace CLI {
class App;
}

namespace hansa::cli {

struct GatewayOptions {
    std::string url = "https://127.0.0.1:8443", token, certificate, key, trust;
};

void add_gateway_options(CLI::App* command, GatewayOptions& options);
transport::PostRequest request_to(const GatewayOptions& options, const std::string& path);
/// A problem document as one line a fault, on standard error.
void print_problem(const std::string& name, const transport::PostAnswer& answer);
/// Where each document of a batch was answered by itself: a line a document on standard error, the answer on standard
/// output. Were all accepted? Nothing: it is another answer.
std::optional<bool> print_batch_answer(const std::string& name, const transport::PostAnswer& answer);

}  // namespace hansa::cli
