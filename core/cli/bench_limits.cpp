#include "core/cli/bench_limits.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace hansa::bench {
namespace {

class Memcpy final : public Peer {
public:
    bool run(std::string_view message, std::string& output) override {
        output.resize(message.size());
        std::memcpy(output.data(), message.data(), message.size());
        return true;
    }
};

class Sha256 final : public Peer {
public:
    bool run(std::string_view message, std::string& output) override {
        output.resize(EVP_MAX_MD_SIZE);
        unsigned size = 0;
        return EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(output.data()), &size,
                          EVP_sha256(), nullptr) == 1 ||
               refuse("EVP_Digest");
    }
};

/// One bare signature made (and, for a pipeline, one verified) over a digest's worth of octets.
class BareSignature final : public Peer {
public:
    BareSignature(const Task& task, bool makes, bool verifies)
        : makes_(makes), verifies_(verifies), sm2_(task.algorithm == Algorithm::sm2) {
        BIO* text = BIO_new_mem_buf(task.key.data(), static_cast<int>(task.key.size()));
        key_ = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
        BIO_free(text);
        if (key_ == nullptr || !sign()) throw std::runtime_error("a bare signature cannot be made");
    }
    ~BareSignature() override { EVP_PKEY_free(key_); }
    BareSignature(const BareSignature&) = delete;
    BareSignature& operator=(const BareSignature&) = delete;

    bool run(std::string_view, std::string&) override { return (!makes_ || sign()) && (!verifies_ || check_value()); }

private:
    bool sign() {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        std::size_t size = sizeof value_;
        const bool good = EVP_DigestSignInit(context, nullptr, sm2_ ? EVP_sm3() : EVP_sha256(), nullptr, key_) == 1 &&
                          EVP_DigestSign(context, value_, &size, octets_, sizeof octets_) == 1;
        size_ = size;
        EVP_MD_CTX_free(context);
        return good || refuse("EVP_DigestSign");
    }
    bool check_value() {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        const bool good = EVP_DigestVerifyInit(context, nullptr, sm2_ ? EVP_sm3() : EVP_sha256(), nullptr, key_) == 1 &&
                          EVP_DigestVerify(context, value_, size_, octets_, sizeof octets_) == 1;
        EVP_MD_CTX_free(context);
        return good || refuse("EVP_DigestVerify");
    }

    bool makes_, verifies_, sm2_;
    EVP_PKEY* key_ = nullptr;
    unsigned char octets_[32] = {};
    unsigned char value_[512] = {};
    std::size_t size_ = 0;
};

/// Appends the message to a file and waits for the disk.
class Fdatasync final : public Peer {
public:
    explicit Fdatasync(const Task& task)
        : file_(open((task.folder + "/fdatasync").c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600)) {
        if (file_ < 0) throw std::runtime_error("no file to sync");
    }
    ~Fdatasync() override { close(file_); }
    Fdatasync(const Fdatasync&) = delete;
    Fdatasync& operator=(const Fdatasync&) = delete;

    bool run(std::string_view message, std::string&) override {
        return (write(file_, message.data(), message.size()) == static_cast<ssize_t>(message.size()) &&
                fdatasync(file_) == 0) ||
               refuse("write or fdatasync");
    }

private:
    int file_;
};

Contender limit(std::string name, std::unique_ptr<Peer> peer) {
    return {std::move(name), std::move(peer), true};
}

}  // namespace

std::vector<Contender> limits_of(const Case& one) {
    std::vector<Contender> out;
    switch (one.work) {
        case Work::parse:
        case Work::validate:
        case Work::refuse:
        case Work::translate:
            out.push_back(limit("memcpy", std::make_unique<Memcpy>()));
            break;
        case Work::digest:
            out.push_back(limit("sha256", std::make_unique<Sha256>()));
            break;
        case Work::sign:
        case Work::verify:
        case Work::pipeline:
            out.push_back(limit("sha256", std::make_unique<Sha256>()));
            out.push_back(limit("signature", std::make_unique<BareSignature>(one.task, one.work != Work::verify,
                                                                             one.work != Work::sign)));
            break;
        case Work::durable:
        case Work::journal:
        case Work::end_to_end:
            out.push_back(limit("fdatasync", std::make_unique<Fdatasync>(one.task)));
            break;
        case Work::limit:
            break;
    }
    return out;
}

}  // namespace hansa::bench
