#include "core/transport/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/URI.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/base/file.h"
#include "core/exchange/codes.h"
#include "core/syntax/syntax.h"
#include "core/transport/codes.h"

namespace hansa::transport {
namespace {

using exchange::Address;
using Poco::Net::HTTPClientSession;
using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;
namespace codes = exchange::codes;

Result<Poco::Net::Context::Ptr> tls_context(const Address& address) {
    for (const std::string& file : {address.key_file, address.certificate_file, address.trust_file}) {
        if (!file.empty() && !std::filesystem::exists(file)) {
            return Error{transport::codes::tls_setup, "the file does not exist", Place{.file = file}};
        }
    }
    try {
        Poco::Net::Context::Params params;
        params.privateKeyFile = address.key_file;
        params.certificateFile = address.certificate_file;
        params.caLocation = address.trust_file;
        params.loadDefaultCAs = address.trust_file.empty();
        params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
        params.cipherList = "HIGH:!aNULL:!MD5:!3DES";
        Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params);
        context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
        context->enableExtendedCertificateVerification(true);
        return context;
    } catch (const Poco::Exception& trouble) {
        return Error{transport::codes::tls_setup, trouble.displayText()};
    }
}

Result<std::unique_ptr<HTTPClientSession>> session_for(const Address& address, const Poco::URI& uri) {
    if (uri.getScheme() == "http") return std::make_unique<HTTPClientSession>(uri.getHost(), uri.getPort());
    auto context = tls_context(address);
    if (!context) return context.error();
    return std::unique_ptr<HTTPClientSession>(
        std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), *context));
}

Result<std::string> bearer_token(const Address& address) {
    if (address.token_file.empty()) return std::string{};
    auto token = read_file(address.token_file, 4096);
    if (!token) return token.error();
    while (!token->empty() && (token->back() == '\n' || token->back() == '\r' || token->back() == ' ')) token->pop_back();
    return token;
}

/// At most `bytes_max` bytes; what is longer is cut, since it is a receipt for the files.
std::string read_some(std::istream& in, std::size_t bytes_max) {
    std::string out;
    char piece[8192];
    while (out.size() < bytes_max && in.good()) {
        in.read(piece, static_cast<std::streamsize>(std::min(sizeof piece, bytes_max - out.size())));
        out.append(piece, static_cast<std::size_t>(in.gcount()));
    }
    return out;
}

Result<PostAnswer> speak(const std::string& method, const PostRequest& request, const HttpLimits& limits) {
    const auto token = bearer_token(request.address);
    if (!token) return token.error();
    try {
        const Poco::URI uri(request.address.url);
        auto session = session_for(request.address, uri);
        if (!session) return session.error();
        const Poco::Timespan timeout(static_cast<Poco::Timespan::TimeDiff>(limits.timeout_ms) * 1000);
        (*session)->setTimeout(timeout);
        HTTPRequest head(method, uri.getPathAndQuery().empty() ? "/" : uri.getPathAndQuery(), HTTPRequest::HTTP_1_1);
        for (const auto& [name, value] : request.headers) head.set(name, value);
        if (!token->empty()) head.set("Authorization", "Bearer " + *token);
        if (method == HTTPRequest::HTTP_POST) {
            head.setContentType(request.content_type);
            head.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
        }
        std::ostream& out = (*session)->sendRequest(head);
        if (method == HTTPRequest::HTTP_POST) out << request.body << std::flush;
        HTTPResponse response;
        std::istream& in = (*session)->receiveResponse(response);
        PostAnswer answer;
        answer.status = response.getStatus();
        answer.location = response.get("Location", "");
        answer.content_type = response.getContentType();
        answer.body = read_some(in, limits.receipt_bytes_max);
        return answer;
    } catch (const Poco::Exception& trouble) {
        return Error{codes::partner_unreachable, fmt::format("{}: {}", request.address.url, trouble.displayText())};
    } catch (const std::exception& trouble) {
        return Error{codes::partner_unreachable, fmt::format("{}: {}", request.address.url, trouble.what())};
    }
}

bool may_be_tried_again(int status) {
    return status >= 500 || status == 408 || status == 425 || status == 429;
}

class HttpTransport final : public exchange::Transport {
public:
    explicit HttpTransport(HttpLimits limits) : limits_(limits) {}

    bool serves(std::string_view url) const override {
        return url.starts_with("http://") || url.starts_with("https://");
    }

    Result<exchange::Delivered> deliver(const exchange::Attempt& attempt) override {
        PostRequest request;
        request.address = attempt.address;
        request.content_type = syntax::media_type_of(attempt.file_name);
        request.headers = {{"Idempotency-Key", std::string(attempt.message_id)},
                           {"Hansa-Format", std::string(attempt.format)},
                           {"Hansa-Purpose", std::string(attempt.purpose)}};
        request.body = attempt.bytes;
        auto answer = post(request, limits_);
        if (!answer) return answer.error();
        const std::string detail = fmt::format("HTTP {}", answer->status);
        if (answer->status >= 200 && answer->status < 300) return exchange::Delivered{answer->body, detail};
        if (may_be_tried_again(answer->status)) return Error{codes::partner_unreachable, detail};
        return Error{codes::partner_refused, detail + ": " + answer->body.substr(0, 300)};
    }

private:
    HttpLimits limits_;
};

}  // namespace

Result<PostAnswer> post(const PostRequest& request, const HttpLimits& limits) {
    return speak(HTTPRequest::HTTP_POST, request, limits);
}

Result<PostAnswer> get(const PostRequest& request, const HttpLimits& limits) {
    return speak(HTTPRequest::HTTP_GET, request, limits);
}

std::shared_ptr<exchange::Transport> make_http_transport(HttpLimits limits) {
    return std::make_shared<HttpTransport>(limits);
}

}  // namespace hansa::transport
