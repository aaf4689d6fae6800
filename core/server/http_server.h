// The web server: TLS, connections, lengths, authentication; then Api.
//
// A connection holds a thread for its life (Poco), so there are as many threads as connections.
// Requests with two lengths, a negative length, or a length beside a transfer encoding are
// refused before their body is read; bodies are counted while they are read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/server/api.h"

namespace hansa::server {

struct HttpSettings {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8443;  ///< 0: any free one
    bool tls = true;
    std::string certificate_file, key_file;  ///< PEM
    std::string client_trust_file;           ///< CAs of client certificates; empty: none are asked for
    std::uint32_t connections_max = 200;
    std::uint32_t keep_alive_ms = 4'000;
    std::uint64_t body_bytes_max = std::uint64_t{256} << 20;  ///< of strangers and of all; agencies have their own
};

class HttpServer {
public:
    /// `directory` is asked at every request. Errors: server.listen-failed
    static Result<std::unique_ptr<HttpServer>> start(const HttpSettings& settings, Api& api,
                                                     std::function<std::shared_ptr<const exchange::Directory>()> directory);
    ~HttpServer();
    std::uint16_t port() const;
    /// Takes no new connection, lets the requests under way finish.
    void stop();

private:
    struct State;
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::server
