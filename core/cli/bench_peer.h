// What `hansa bench` asks of a contender that is not Hansa: the contract with the library of peers.
//
// The library (lib/hansa/bench/peers.so, built by tests/bench from packaged libraries) is loaded at
// run time by `hansa bench --peers`; Hansa itself links none of them. A peer is made once for a case
// and then gets message after message, as a service would: schemas are parsed, stylesheets compiled
// and keys loaded when it is made, contexts and buffers are reused. Only run() is timed.
//
// Rules for a peer: no exception leaves it, it reads the message's bytes only, and what it makes goes
// to `output`, whose capacity it may keep. Before its time counts, check() is called for each message
// and must give the bytes that Hansa gives (for signatures: each side verifies the other's).
//
// Threads: one peer, one thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hansa::bench {

/// What is done with a message.
enum class Work {
    parse,      ///< well-formed and read: output of check() is Tally::text() of what was seen
    validate,   ///< well-formed and valid by the source's schema: output of check() is "valid"
    refuse,     ///< the same for a message that is not: output of check() is "refused"
    translate,  ///< source bytes to target bytes
    digest,     ///< Canonical XML 1.0 without comments of the whole document, SHA-256: 64 hexadecimal digits
    sign,       ///< enveloped signature as the last child of the root
    verify,     ///< the same, verified against the trusted certificate: output of check() is "verified"
    pipeline,   ///< validate, verify, translate, sign: output is the signed target message
    durable,    ///< the same, with input and output in a journal on disk before it returns: see `folder`
    journal,    ///< the message in a journal on disk: output is "durable"; see `folder`
    end_to_end, ///< a whole gateway, HTTP in to delivery out: output of check() is the message that was delivered, without its signature
    limit       ///< what the machine allows: memcpy, sha256, a bare signature, fdatasync
};

/// Algorithms of a signature: the word that ends a case's PROFILE.
enum class Algorithm { none, rsa, ecdsa, sm2 };

/// One case, as a peer has to know it. Paths are absolute.
struct Task {
    std::string name;  ///< of the case: "translate/cn.ceb621/wco.declaration/100"
    Work work = Work::parse;
    std::string from, to;       ///< format ids; `to` only where something is translated
    std::string source_schema;  ///< main XSD of `from`, includes beside it
    std::string target_schema;  ///< main XSD of `to`
    /// In a message. Where `from` holds one document only (all but China's), a message of many is a
    /// hansa.batch of them, as below.
    std::size_t documents = 1;
    /// The target holds one document and the message has many: the output is one hansa.batch
    /// (schemas/hansa/batch.xsd), `<?xml version="1.0" encoding="UTF-8"?>` + line feed +
    /// `<b:batch xmlns:b="urn:hansa:batch:1" count="N" format="TO"><b:document>...</b:document>...</b:batch>`,
    /// each document its root element only. With one document the bare message. envelope::wrap_batch
    /// (core/envelope/envelope.h) is the judge.
    bool batch = false;
    Algorithm algorithm = Algorithm::none;
    std::string key, certificate;                 ///< PEM of the one who signs
    std::string trusted;                          ///< PEM of the root that both certificates chain to
    std::map<std::string, std::string> settings;  ///< of the agency on either side, such as date-format
    std::string received;                         ///< ISO 8601 with zone: what a table calls $received
    std::string data_folder;                      ///< tests/bench, where stylesheets lie (translate/)
    std::string folder;                           ///< a fresh folder on disk, for what must be durable
};

/// What parsers are compared by. White space is left out, since some parsers drop it between elements.
struct Tally {
    std::size_t elements = 0;
    std::size_t attributes = 0;  ///< namespace declarations are none
    std::size_t visible_bytes =
        0;  ///< of character data and attribute values, references replaced, white space left out

    void add_text(std::string_view text) {
        for (const char c : text) visible_bytes += c != ' ' && c != '\t' && c != '\n' && c != '\r' ? 1U : 0U;
    }
    std::string text() const {
        return std::to_string(elements) + " elements, " + std::to_string(attributes) + " attributes, " +
               std::to_string(visible_bytes) + " bytes of text";
    }
};

class Peer {
public:
    virtual ~Peer() = default;

    /// Not timed: before a burst of run() calls with exactly these messages in this order. Parsers
    /// that write into their input make their copies here.
    virtual void prepare(std::span<const std::string_view> messages) { (void)messages; }

    /// One message. False: refused, trouble() says why.
    virtual bool run(std::string_view message, std::string& output) = 0;

    /// So many messages at once are worth something to it: those that wait anyway at a busy gateway.
    virtual std::size_t in_flight() const { return 1; }
    /// Messages that are there together; of the outputs the last one stays.
    virtual bool run_all(std::span<const std::string_view> messages, std::string& output) {
        for (const std::string_view message : messages) {
            if (!run(message, output)) return false;
        }
        return true;
    }

    /// The same, with an output that can be compared. For most there is no difference.
    virtual bool check(std::string_view message, std::string& output) { return run(message, output); }

    /// Verification of what Hansa signed (sign and pipeline only), not timed.
    virtual bool verifies(std::string_view signed_message) {
        (void)signed_message;
        return false;
    }

    /// Of the messages so far, those that a fast way left to the reference way (Hansa's only).
    virtual std::size_t left() const { return 0; }
    virtual std::string_view why_left() const { return {}; }  ///< the last of them

    std::string_view trouble() const { return trouble_; }

protected:
    bool refuse(std::string words) {
        trouble_ = std::move(words);
        return false;
    }

private:
    std::string trouble_;
};

/// Makes a refusal of the inner contender the right answer.
class Refusing final : public Peer {
public:
    explicit Refusing(std::unique_ptr<Peer> inner) : inner_(std::move(inner)) {}
    bool run(std::string_view message, std::string& output) override {
        if (inner_->run(message, output)) return refuse("it takes what must be refused");
        output = "refused";
        return true;
    }
    std::size_t left() const override { return inner_->left(); }

private:
    std::unique_ptr<Peer> inner_;
};

/// The library's one function: names of all contenders that it can put up for a task, or one of them.
///
/// `name` empty: `words` gets the names, separated by spaces, and nullptr is returned. "?": `words`
/// gets the packages that the library was built without, separated by spaces. Otherwise the contender, or
/// nullptr and `words` says why there is none.
using PeersFunction = std::unique_ptr<Peer>(const char* name, const Task& task, std::string& words);
inline constexpr const char* peers_symbol = "hansa_bench_peers";

}  // namespace hansa::bench
