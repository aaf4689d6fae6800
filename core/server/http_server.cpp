#include "core/server/http_server.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>
#include <fmt/format.h>
#include <openssl/x509.h>

#include <algorithm>
#include <chrono>

#include "core/base/digest.h"
#include "core/base/log.h"
#include "core/server/codes.h"

namespace hansa::server {
namespace {

using exchange::Agency;
using exchange::Directory;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;
using DirectoryOf = std::function<std::shared_ptr<const Directory>()>;

/// Two lengths, a bad one, or a length beside a transfer encoding: two readers would see two bodies.
bool is_ambiguous(const HTTPServerRequest& request) {
    std::size_t lengths = 0, encodings = 0;
    for (const auto& [name, value] : request) {
        if (Poco::icompare(name, "Content-Length") == 0) {
            ++lengths;
            if (value.empty() || value.find_first_not_of("0123456789") != value.npos || value.size() > 18) return true;
        }
        if (Poco::icompare(name, "Transfer-Encoding") == 0) {
            ++encodings;
            if (Poco::icompare(value, "chunked") != 0) return true;
        }
    }
    return lengths > 1 || encodings > 1 || (lengths > 0 && encodings > 0);
}

/// SHA-256 of the client's certificate in DER, hexadecimal, or empty.
std::string client_certificate(HTTPServerRequest& request) {
    auto& own = static_cast<Poco::Net::HTTPServerRequestImpl&>(request);
    if (!own.secure()) return {};
    Poco::Net::SecureStreamSocket socket(own.socket());
    if (!socket.havePeerCertificate()) return {};
    const Poco::Crypto::X509Certificate certificate = socket.peerCertificate();
    unsigned char* der = nullptr;
    const int length = i2d_X509(const_cast<X509*>(certificate.certificate()), &der);
    if (length <= 0) return {};
    std::string digest = sha256_hex(std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)));
    OPENSSL_free(der);
    return digest;
}

const Agency* agency_of(HTTPServerRequest& request, const Directory& directory) {
    const std::string authorization = request.get("Authorization", "");
    constexpr std::string_view bearer = "Bearer ";
    if (authorization.starts_with(bearer)) return directory.by_token(std::string_view(authorization).substr(bearer.size()));
    const std::string digest = client_certificate(request);
    return digest.empty() ? nullptr : directory.by_certificate(digest);
}

/// Reads the body, never more than `bytes_max`. False: it is larger.
bool read_body(std::istream& in, std::uint64_t bytes_max, std::string& out) {
    char piece[1 << 16];
    while (in.good()) {
        in.read(piece, sizeof piece);
        out.append(piece, static_cast<std::size_t>(in.gcount()));
        if (out.size() > bytes_max) return false;
    }
    return true;
}

/// Lets a client that is still sending come to the answer: what it sends is thrown away, up to a
/// bound in bytes and time, so that the close does not reach it before the answer does.
void drain(std::istream& in) {
    constexpr std::uint64_t bytes_max = std::uint64_t{128} << 20;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    char piece[1 << 16];
    for (std::uint64_t read = 0; in.good() && read < bytes_max && std::chrono::steady_clock::now() < end;) {
        in.read(piece, sizeof piece);
        read += static_cast<std::uint64_t>(in.gcount());
    }
}

void write(HTTPServerResponse& response, const Answer& answer, bool close) {
    response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
    response.setContentType(answer.content_type);
    for (const auto& [name, value] : answer.headers) response.set(name, value);
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Cache-Control", "no-store");
    if (answer.status == 401) response.set("WWW-Authenticate", "Bearer");
    if (close) response.setKeepAlive(false);
    response.sendBuffer(answer.body.data(), answer.body.size());
}

class Handler final : public Poco::Net::HTTPRequestHandler {
public:
    Handler(Api& api, DirectoryOf directory, std::uint64_t body_bytes_max)
        : api_(api), directory_(std::move(directory)), body_bytes_max_(body_bytes_max) {}

    void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
        try {
            serve(request, response);
        } catch (const Poco::Exception& trouble) {
            log::warning(fmt::format("a request broke off: {}", trouble.displayText()));
        } catch (const std::exception& trouble) {
            log::error(fmt::format("a request failed: {}", trouble.what()));
            if (!response.sent()) write(response, problem(Error{}), true);
        }
    }

private:
    void serve(HTTPServerRequest& request, HTTPServerResponse& response) {
        if (is_ambiguous(request)) return write(response, problem(Error{codes::ambiguous_length, {}}), true);
        const auto directory = directory_();
        Request plain;
        plain.agency = agency_of(request, *directory);
        const std::uint64_t most = plain.agency == nullptr ? 0 : std::min(body_bytes_max_, plain.agency->message_bytes_max);
        if (request.hasContentLength() && static_cast<std::uint64_t>(request.getContentLength64()) > std::max<std::uint64_t>(most, 1)) {
            if (plain.agency != nullptr) return refuse_body(request, response, plain, most);
        }
        // A stranger's body is never read: the answer is the same whatever it holds. A request that
        // announces no body has none: waiting for one would hold the connection.
        const bool has_body = request.hasContentLength() || request.getChunkedTransferEncoding();
        if (plain.agency != nullptr && has_body && !read_body(request.stream(), most, plain.body)) {
            return refuse_body(request, response, plain, most);
        }
        fill(request, plain);
        write(response, api_.handle(plain), plain.agency == nullptr);
    }

    void refuse_body(HTTPServerRequest& request, HTTPServerResponse& response, Request& head, std::uint64_t most) {
        fill(request, head);
        write(response, api_.refuse_body(head, most), true);
        drain(request.stream());
    }

    static void fill(const HTTPServerRequest& request, Request& out) {
        out.method = request.getMethod();
        try {
            const Poco::URI uri(request.getURI());
            out.path = uri.getPath();
            for (const auto& [name, value] : uri.getQueryParameters()) out.query[name] = value;
        } catch (const Poco::Exception&) {
            out.path = "/";  // answered as not found
        }
        for (const auto& [name, value] : request) out.headers[Poco::toLower(name)] = value;
    }

    Api& api_;
    DirectoryOf directory_;
    std::uint64_t body_bytes_max_;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory {
public:
    Factory(Api& api, DirectoryOf directory, std::uint64_t body_bytes_max)
        : api_(api), directory_(std::move(directory)), body_bytes_max_(body_bytes_max) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new Handler(api_, directory_, body_bytes_max_);  // Poco takes it
    }

private:
    Api& api_;
    DirectoryOf directory_;
    std::uint64_t body_bytes_max_;
};

Poco::Net::ServerSocket socket_for(const HttpSettings& settings) {
    // Never SO_REUSEPORT, which the short constructors set: two daemons would share the port.
    const Poco::Net::SocketAddress address(settings.host, settings.port);
    constexpr int waiting_max = 256;
    if (!settings.tls) {
        Poco::Net::ServerSocket plain;
        plain.bind(address, true, false);
        plain.listen(waiting_max);
        return plain;
    }
    Poco::Net::Context::Params params;
    params.privateKeyFile = settings.key_file;
    params.certificateFile = settings.certificate_file;
    params.caLocation = settings.client_trust_file;
    // A client without a certificate may still have a token.
    params.verificationMode = settings.client_trust_file.empty() ? Poco::Net::Context::VERIFY_NONE : Poco::Net::Context::VERIFY_RELAXED;
    params.cipherList = "HIGH:!aNULL:!MD5:!3DES";
    Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, params);
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    Poco::Net::SecureServerSocket secure(context);
    secure.bind(address, true, false);
    secure.listen(waiting_max);
    return secure;
}

}  // namespace

struct HttpServer::State {
    Poco::ThreadPool threads;
    std::unique_ptr<Poco::Net::HTTPServer> server = {};
    std::uint16_t port = 0;

    explicit State(int connections) : threads("http", 4, connections, 60, 0) {}
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
    stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpSettings& settings, Api& api, DirectoryOf directory) {
    try {
        auto state = std::make_unique<State>(static_cast<int>(settings.connections_max) + 4);
        Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
        params->setMaxThreads(static_cast<int>(settings.connections_max));
        params->setMaxQueued(static_cast<int>(settings.connections_max));
        params->setKeepAlive(settings.keep_alive_ms > 0);
        params->setKeepAliveTimeout(Poco::Timespan(static_cast<Poco::Timespan::TimeDiff>(settings.keep_alive_ms) * 1000));
        params->setTimeout(Poco::Timespan(30, 0));
        params->setServerName("");
        params->setSoftwareVersion("");
        const Poco::Net::ServerSocket socket = socket_for(settings);
        state->port = socket.address().port();
        state->server = std::make_unique<Poco::Net::HTTPServer>(new Factory(api, std::move(directory), settings.body_bytes_max), state->threads, socket, params);
        state->server->start();
        return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
    } catch (const Poco::Exception& trouble) {
        return Error{codes::listen_failed, fmt::format("{}:{}: {}", settings.host, settings.port, trouble.displayText())};
    }
}

std::uint16_t HttpServer::port() const {
    return state_->port;
}

void HttpServer::stop() {
    if (!state_->server) return;
    state_->server->stopAll(false);
    state_->threads.joinAll();
    state_->server.reset();
}

}  // namespace hansa::server
