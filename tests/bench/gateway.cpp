// The whole service as a competent engineer builds it around libxml2, libxslt, xmlsec1 and SQLite: Poco's HTTP server with
// TLS in front (the same that stands before Hansa), one transaction a message before the answer, a thread that delivers by
// renaming and notes that it did.
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

namespace fs = std::filesystem;
namespace net = Poco::Net;

/// Written, on disk, then there under its name.
bool put_in_place(const fs::path& file, std::string_view bytes) {
    const std::string part = file.string() + ".part";
    const int handle = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (handle < 0) return false;
    bool good = true;
    while (good && !bytes.empty()) {
        const ssize_t done = ::write(handle, bytes.data(), bytes.size());
        good = done > 0;
        if (good) bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    good = good && ::fsync(handle) == 0;
    ::close(handle);
    return good && ::rename(part.c_str(), file.c_str()) == 0;
}

/// What waits for its delivery, and how many are delivered.
class Deliveries {
public:
    Deliveries(fs::path folder, DurableStore& store) : folder_(std::move(folder)), store_(store) {
        fs::create_directories(folder_);
        worker_ = std::thread([this] { work(); });
    }
    ~Deliveries() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        changed_.notify_all();
        worker_.join();
    }
    Deliveries(const Deliveries&) = delete;
    Deliveries& operator=(const Deliveries&) = delete;

    void add(std::int64_t number, std::string bytes) {
        const std::lock_guard lock(mutex_);
        waiting_.emplace_back(number, std::move(bytes));
        changed_.notify_all();
    }
    bool wait_for(std::size_t count) {
        constexpr std::chrono::seconds patience{60};
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return done_ >= count || failed_; }) && !failed_;
    }
    std::string last() {
        const std::lock_guard lock(mutex_);
        return last_;
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return ends_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            auto [number, bytes] = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            const bool good = put_in_place(folder_ / (std::to_string(number) + ".xml"), bytes) && store_.delivered(number);
            lock.lock();
            failed_ = failed_ || !good;
            last_ = std::move(bytes);
            ++done_;
            changed_.notify_all();
        }
    }

    fs::path folder_;
    DurableStore& store_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::pair<std::int64_t, std::string>> waiting_;
    std::size_t done_ = 0;
    bool ends_ = false, failed_ = false;
    std::string last_;
    std::thread worker_;
};

/// Validated, verified, translated, signed, durable; then answered, then delivered.
struct Service {
    explicit Service(const Task& task)
        : pipeline(naive_pipeline(task)), store(durable_store(task)), deliveries(fs::path(task.folder) / "peer-delivered", *store) {}

    bool take(const std::string& message, std::string& words) {
        const std::lock_guard lock(mutex);
        std::string output;
        if (!pipeline->run(message, output)) {
            words = pipeline->trouble();
            return false;
        }
        const std::int64_t number = store->keep(message, output);
        if (number == 0) {
            words = store->trouble();
            return false;
        }
        words = "{\"message\":" + std::to_string(number) + ",\"state\":\"accepted\"}";
        deliveries.add(number, std::move(output));
        return true;
    }

    std::mutex mutex;
    std::unique_ptr<Peer> pipeline;
    std::unique_ptr<DurableStore> store;
    Deliveries deliveries;
};

class Handler final : public net::HTTPRequestHandler {
public:
    explicit Handler(Service& service) : service_(service) {}
    void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
        std::string message;
        if (request.hasContentLength()) message.reserve(static_cast<std::size_t>(request.getContentLength64()));
        message.assign(std::istreambuf_iterator<char>(request.stream()), {});
        std::string words;
        const bool good = service_.take(message, words);
        response.setStatus(good ? net::HTTPResponse::HTTP_ACCEPTED : net::HTTPResponse::HTTP_BAD_REQUEST);
        response.setContentType("application/json");
        response.sendBuffer(words.data(), words.size());
    }

private:
    Service& service_;
};

class Factory final : public net::HTTPRequestHandlerFactory {
public:
    explicit Factory(Service& service) : service_(service) {}
    net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override { return new Handler(service_); }

private:
    Service& service_;
};

void write_text(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

class NaiveGateway final : public Peer {
public:
    explicit NaiveGateway(const Task& task) : service_(task) {
        const fs::path folder = task.folder;
        const std::string key = (folder / "peer.key").string(), certificate = (folder / "peer.crt").string();
        write_text(key, task.key);
        write_text(certificate, task.certificate);
        net::Context::Params params;
        params.privateKeyFile = key;
        params.certificateFile = certificate;
        params.loadDefaultCAs = false;
        params.verificationMode = net::Context::VERIFY_NONE;
        const net::Context::Ptr server_side = new net::Context(net::Context::TLS_SERVER_USE, params);
        const net::SecureServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0), 64, server_side);
        net::HTTPServerParams::Ptr settings = new net::HTTPServerParams;
        settings->setKeepAlive(true);
        settings->setMaxKeepAliveRequests(0);
        settings->setTimeout(Poco::Timespan(60, 0));
        settings->setKeepAliveTimeout(Poco::Timespan(60, 0));
        server_ = std::make_unique<net::HTTPServer>(new Factory(service_), socket, settings);
        server_->start();
        net::Context::Params client;
        client.loadDefaultCAs = false;
        client.verificationMode = net::Context::VERIFY_NONE;  // the signer's certificate names no host
        const net::Context::Ptr client_side = new net::Context(net::Context::TLS_CLIENT_USE, client);
        session_ = std::make_unique<net::HTTPSClientSession>("127.0.0.1", server_->port(), client_side);
        session_->setKeepAlive(true);
        session_->setKeepAliveTimeout(Poco::Timespan(60, 0));
        session_->setTimeout(Poco::Timespan(60, 0));
    }
    ~NaiveGateway() override {
        session_.reset();
        server_->stopAll(true);
    }

    bool run(std::string_view message, std::string& output) override {
        output = "delivered";
        return send(message) && arrived();
    }
    /// One client sends one after the other; deliveries go on meanwhile.
    bool run_all(std::span<const std::string_view> messages, std::string& output) override {
        for (const std::string_view message : messages) {
            if (!send(message)) return false;
        }
        output = "delivered";
        return arrived();
    }
    bool check(std::string_view message, std::string& output) override {
        if (!send(message) || !arrived()) return false;
        output = service_.deliveries.last();
        const std::size_t start = output.rfind("<ds:Signature ");
        constexpr std::string_view end = "</ds:Signature>";
        if (start == output.npos) return refuse("what was delivered has no signature");
        output.erase(start, output.find(end, start) + end.size() - start);
        return true;
    }

private:
    bool send(std::string_view message) {
        try {
            net::HTTPRequest head(net::HTTPRequest::HTTP_POST, "/v1/messages", net::HTTPRequest::HTTP_1_1);
            head.setContentType("application/xml");
            head.setContentLength64(static_cast<Poco::Int64>(message.size()));
            session_->sendRequest(head).write(message.data(), static_cast<std::streamsize>(message.size())).flush();
            net::HTTPResponse response;
            std::istream& in = session_->receiveResponse(response);
            const std::string body{std::istreambuf_iterator<char>(in), {}};
            if (response.getStatus() != net::HTTPResponse::HTTP_ACCEPTED) return refuse(body);
        } catch (const std::exception& trouble) {
            return refuse(trouble.what());
        }
        ++sent_;
        return true;
    }
    bool arrived() { return service_.deliveries.wait_for(sent_) || refuse("a message was not delivered"); }

    Service service_;
    std::unique_ptr<net::HTTPServer> server_;
    std::unique_ptr<net::HTTPSClientSession> session_;
    std::size_t sent_ = 0;
};

}  // namespace

std::unique_ptr<Peer> naive_gateway(const Task& task) {
    return std::make_unique<NaiveGateway>(task);
}

}  // namespace hansa::bench
