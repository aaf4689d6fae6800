// The HTTP API without HTTP: one plain request in, one plain answer out.
//
// The web server (http_server.h) authenticates, bounds the body and hands over; what is answered is
// decided here, so that it is tested without a network. Answers to trouble are problem documents
// (RFC 9457) with a stable `code`, line and column where there is one, and nothing of the inside.
// docs/api.md and GET /v1/openapi.json describe every call. Thread rule: handle() from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/exchange/gateway.h"
#include "core/exchange/outbox.h"

namespace hansa::server {

struct Request {
    std::string method;  ///< "POST"
    std::string path;    ///< "/v1/messages", decoded, without the query
    std::map<std::string, std::string, std::less<>> query;
    std::map<std::string, std::string, std::less<>> headers;  ///< names in lower case
    std::string body;
    const exchange::Agency* agency = nullptr;  ///< authenticated, or nobody
};

struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::map<std::string, std::string> headers;
    std::string body;
};

/// A problem document for an error and, where there are more, all that was found.
Answer problem(const Error& error, const Diagnostics* faults = nullptr);

class Api {
public:
    Api(exchange::Gateway& gateway, journal::Journal& journal, std::function<void()> recorded);
    ~Api();
    Answer handle(const Request& request);
    /// Instead of handle(), for a body over the agency's limit, which was not read to its end.
    Answer refuse_body(const Request& head, std::uint64_t bytes_max);
    /// What /readyz says; set by the daemon.
    void set_ready(bool ready);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::server
