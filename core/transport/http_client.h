// Delivery over HTTP and HTTPS: one POST an attempt.
//
// The receiver gets the delivery's id as Idempotency-Key, so that a repeated attempt has its effect
// once. 2xx is taken as delivered and the answer's body kept as receipt; 408, 425, 429 and 5xx and
// all trouble of the network mean "again later"; any other answer means "refused".
// TLS 1.2 or newer, the partner's certificate and name are always checked.
#pragma once

#include <memory>

#include "core/exchange/transport.h"

namespace hansa::transport {

struct HttpLimits {
    std::uint32_t timeout_ms = 30'000;
    std::size_t receipt_bytes_max = 1u << 20;
};

std::shared_ptr<exchange::Transport> make_http_transport(HttpLimits limits = {});

/// One POST with the same rules, for `hansa send`. Any HTTP answer is a value.
struct PostRequest {
    exchange::Address address;
    std::string content_type = "application/xml";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};
struct PostAnswer {
    int status = 0;
    std::string location;
    std::string content_type;
    std::string body;
};
/// Errors: exchange.partner-unreachable, base.file-unreadable, transport.tls-setup
Result<PostAnswer> post(const PostRequest& request, const HttpLimits& limits = {});

/// The same for GET; `request.body` is not sent.
Result<PostAnswer> get(const PostRequest& request, const HttpLimits& limits = {});

}  // namespace hansa::transport
