#include "core/cli/bench_gateway.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/cli/bench_hansa.h"
#include "core/cli/bench_keys.h"
#include "core/cli/bench_registry.h"
#include "core/cli/codes.h"
#include "core/envelope/envelope.h"
#include "core/exchange/gateway.h"
#include "core/exchange/outbox.h"
#include "core/journal/journal.h"
#include "core/server/api.h"
#include "core/server/http_server.h"
#include "core/transport/folder.h"
#include "core/trust/keygen.h"

namespace hansa::bench {
namespace {

namespace fs = std::filesystem;
using Poco::Net::HTTPRequest;
constexpr std::string_view token = "the bench's own sender";
constexpr std::string_view receipt_profile = "enveloped.ecdsa-p256-sha256";
constexpr std::chrono::seconds patience{60};

/// Deliveries of a folder transport, counted.
class Counted final : public exchange::Transport {
public:
    bool serves(std::string_view url) const override { return inner_->serves(url); }
    Result<exchange::Delivered> deliver(const exchange::Attempt& attempt) override {
        auto done = inner_->deliver(attempt);
        const std::lock_guard lock(mutex_);
        ++count_;
        last_ = attempt.bytes;
        changed_.notify_all();
        return done;
    }
    /// Waits for so many since the start. False: they did not come.
    bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return count_ >= count; });
    }
    std::string last() {
        const std::lock_guard lock(mutex_);
        return last_;
    }

private:
    std::shared_ptr<exchange::Transport> inner_ = transport::make_folder_transport();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
    std::string last_;
};

std::string root_file(const fs::path& folder) {
    return (folder / "root.crt").string();
}

/// The server's certificate and the root that the client trusts, in the folder.
Result<server::HttpSettings> server_settings(const fs::path& folder) {
    auto root_key = trust::make_key(trust::KeyKind::p256), key = trust::make_key(trust::KeyKind::p256);
    if (!root_key || !key) return root_key ? key.error() : root_key.error();
    const auto root = trust::self_signed(*root_key, {.common_name = "bench root", .authority = true});
    if (!root) return root.error();
    const auto certificate = trust::issue(*root_key, *root, *key, {.common_name = "127.0.0.1", .names = {"IP:127.0.0.1"}, .tls = true});
    if (!certificate) return certificate.error();
    server::HttpSettings out;
    out.port = 0;
    out.key_file = (folder / "tls.key").string();
    out.certificate_file = (folder / "tls.crt").string();
    for (const auto& [file, text] : {std::pair{out.key_file, *key}, {out.certificate_file, *certificate}, {root_file(folder), *root}}) {
        if (const auto written = write_file_atomically(file, text); !written) return written.error();
    }
    return out;
}

std::shared_ptr<const exchange::Directory> directory_of(const Case& one, const fs::path& folder) {
    auto out = std::make_shared<exchange::Directory>();
    exchange::Agency sender, receiver;
    sender.id = "sender";
    sender.authority = one.from->authority;
    sender.roles = {"agency"};
    sender.token_digests = {sha256_hex(token)};
    sender.message_bytes_max = std::uint64_t{1} << 30;
    sender.settings = settings_of(one.from->id);
    receiver.id = "receiver";
    receiver.authority = one.to->authority;
    receiver.settings = settings_of(one.to->id);
    receiver.address.emplace().url = "folder:" + (folder / "delivered").string();
    out->agencies = {std::move(sender), std::move(receiver)};
    exchange::Route route;
    route.name = "bench";
    route.from = "sender";
    route.from_format = one.from->id;
    route.to = "receiver";
    route.to_format = one.to->id;
    route.batch = one.documents > 1;
    out->routes.push_back(std::move(route));
    return out;
}

/// Every profile by the key of its algorithm.
Result<std::shared_ptr<const exchange::Keyring>> keyring_of(const plugin::Registry& registry, const Case& one) {
    auto out = std::make_shared<exchange::Keyring>();
    for (const std::string_view name : {std::string_view(one.profile->name), std::string_view(one.to->signature), receipt_profile}) {
        const Keys& keys = keys_of(algorithm_of(name, registry));
        auto signer = trust::Signer::from_pem(keys.key, keys.certificate);
        if (!signer) return signer.error();
        out->by_profile.insert_or_assign(std::string(name), *std::move(signer));
    }
    auto store = trust::TrustStore::from_pem({keys_of(one.task.algorithm).root});
    if (!store) return store.error();
    out->trust_of.emplace("sender", *std::move(store));
    return std::shared_ptr<const exchange::Keyring>(std::move(out));
}

std::string error_words(const std::exception& trouble) {
    const auto* of_poco = dynamic_cast<const Poco::Exception*>(&trouble);
    return of_poco == nullptr ? std::string() : of_poco->displayText();
}

class GatewayPeer final : public Peer {
public:
    GatewayPeer(const plugin::Registry& registry, const Case& one) : registry_(registry), case_(one) {}
    ~GatewayPeer() override {
        session_.reset();
        server_.reset();
        if (outbox_) outbox_->stop();
    }

    Result<void> start(bool engine_is_fast) {
        // A line a message is the operator's wish, and both engines write it.
        log::set_level(log::Level::error);
        const fs::path folder = fs::path(case_.task.folder) / ("gateway-" + message_id());
        fs::create_directories(folder / "delivered");
        auto keys = keyring_of(registry_, case_);
        if (!keys) return keys.error();
        exchange::Surroundings with{directory_of(case_, folder), signed_as(registry_, case_), *std::move(keys)};
        with.engines = std::make_shared<const exchange::Engines>(with.registry, exchange::EngineSettings{.fast = engine_is_fast, .shadow = 0});
        engines_ = with.engines;
        auto journal = journal::open_sqlite(folder / "journal.db", {});
        if (!journal) return journal.error();
        journal_ = *std::move(journal);
        gateway_ = std::make_unique<exchange::Gateway>(with, *journal_);
        receiver_ = std::make_shared<Counted>();
        outbox_ = std::make_unique<exchange::Outbox>([this] { return gateway_->surroundings(); }, *journal_,
                                                     std::vector<std::shared_ptr<exchange::Transport>>{receiver_}, exchange::OutboxLimits{.threads = 1});
        outbox_->start();
        api_ = std::make_unique<server::Api>(*gateway_, *journal_, [this] { outbox_->wake(); });
        const auto settings = server_settings(folder);
        if (!settings) return settings.error();
        auto server = server::HttpServer::start(*settings, *api_, [this] { return gateway_->surroundings().directory; });
        if (!server) return server.error();
        server_ = *std::move(server);
        return connect(root_file(folder));
    }

    /// Documents that no gateway has seen, as many as there will be runs.
    void prepare(std::span<const std::string_view> messages) override {
        fresh_.clear();
        for (std::size_t i = 0; i < messages.size(); ++i) fresh_.push_back(another());
    }
    bool run(std::string_view, std::string& output) override {
        if (fresh_.empty()) fresh_.push_back(another());
        const std::string message = std::move(fresh_.back());
        fresh_.pop_back();
        output = "delivered";
        return send(message) && arrived();
    }
    /// One client sends one after the other; deliveries go on meanwhile.
    bool run_all(std::span<const std::string_view> messages, std::string& output) override {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (fresh_.empty()) fresh_.push_back(another());
            if (!send(fresh_.back())) return false;
            fresh_.pop_back();
        }
        output = "delivered";
        return arrived();
    }
    bool check(std::string_view message, std::string& output) override {
        if (!send(message) || !arrived()) return false;
        output = without_signature(receiver_->last());
        if (!output.empty()) return true;
        const auto layers = envelope::unwrap(receiver_->last());
        if (!layers) return refuse(layers.error().text());
        output = layers->documents.front().bytes;
        return true;
    }
    std::size_t left() const override {
        std::size_t out = 0;
        for (const auto& [why, count] : engines_->fast().counts().declined) out += count;
        return out;
    }
    std::string_view why_left() const override {
        const auto declined = engines_->fast().counts().declined;
        why_ = declined.empty() ? std::string() : declined.begin()->first;
        return why_;
    }

private:
    Result<void> connect(const std::string& certificate) {
        try {
            Poco::Net::Context::Params params;
            params.caLocation = certificate;
            params.loadDefaultCAs = false;
            params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
            Poco::Net::Context::Ptr context = new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params);
            context->enableExtendedCertificateVerification(false);
            session_ = std::make_unique<Poco::Net::HTTPSClientSession>("127.0.0.1", server_->port(), context);
            session_->setKeepAlive(true);
            session_->setTimeout(Poco::Timespan(60, 0));
        } catch (const std::exception& trouble) {
            return Error{cli::codes::bench_refused, trouble.what()};
        }
        return {};
    }

    std::string another() {
        constexpr std::uint64_t own_seeds = std::uint64_t{1} << 40;
        const auto message = make_message({*case_.from, case_.documents, own_seeds + count_++ * 1'000'003, case_.shape});
        const auto done = message ? sign_for_bench(registry_, *message, case_.task.algorithm) : message;
        return done ? *done : std::string();
    }

    bool send(std::string_view message) {
        try {
            HTTPRequest head(HTTPRequest::HTTP_POST, "/v1/messages", HTTPRequest::HTTP_1_1);
            head.set("Authorization", "Bearer " + std::string(token));
            head.setContentType("application/xml");
            head.setContentLength64(static_cast<Poco::Int64>(message.size()));
            session_->sendRequest(head).write(message.data(), static_cast<std::streamsize>(message.size())).flush();
            Poco::Net::HTTPResponse response;
            std::istream& in = session_->receiveResponse(response);
            const std::string body{std::istreambuf_iterator<char>(in), {}};
            if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_ACCEPTED) return refuse(fmt::format("HTTP {}: {}", static_cast<int>(response.getStatus()), body.substr(0, 400)));
        } catch (const std::exception& trouble) {
            return refuse(fmt::format("{}: {}", trouble.what(), error_words(trouble)));
        }
        ++sent_;
        return true;
    }
    bool arrived() { return receiver_->wait_for(sent_) || refuse("a message was not delivered"); }

    const plugin::Registry& registry_;
    const Case& case_;
    std::shared_ptr<const exchange::Engines> engines_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<exchange::Gateway> gateway_;
    std::shared_ptr<Counted> receiver_;
    std::unique_ptr<exchange::Outbox> outbox_;
    std::unique_ptr<server::Api> api_;
    std::unique_ptr<server::HttpServer> server_;
    std::unique_ptr<Poco::Net::HTTPSClientSession> session_;
    std::vector<std::string> fresh_;
    std::uint64_t count_ = 0;
    std::size_t sent_ = 0;
    mutable std::string why_;
};

}  // namespace

std::unique_ptr<Peer> gateway_contender(const plugin::Registry& registry, const Case& one, bool engine_is_fast, std::string& words) {
    auto out = std::make_unique<GatewayPeer>(registry, one);
    if (const auto started = out->start(engine_is_fast); !started) {
        words = started.error().text();
        return nullptr;
    }
    return out;
}

}  // namespace hansa::bench
