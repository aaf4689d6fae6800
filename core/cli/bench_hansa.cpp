#include "core/cli/bench_hansa.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/cli/bench_gateway.h"
#include "core/cli/bench_keys.h"
#include "core/cli/codes.h"
#include "core/envelope/batch.h"
#include "core/envelope/envelope.h"
#include "core/exchange/translation.h"
#include "core/journal/journal.h"
#include "core/mapping/mapping.h"
#include "core/schema/validator.h"
#include "core/trust/sign.h"
#include "core/trust/verify.h"
#include "core/xml/canonical.h"
#include "core/xml/scanner.h"

namespace hansa::bench {
namespace {

/// Documents of a message: itself, or those of a batch.
Result<std::vector<std::string_view>> documents_of(std::string_view message) {
    if (!envelope::is_batch(message)) return std::vector{message};
    const auto batch = envelope::read_batch(message, 1'000'000);
    if (!batch) return batch.error();
    return batch->documents;
}

mapping::Context context_of(const plugin::Format& format, std::string_view message) {
    mapping::Context out;
    out.settings = settings_of(format.id);
    out.received = received_time;
    out.message_digest = sha256_hex(message);
    return out;
}

/// Bytes to bytes. `octets` are what a signature covers, or the message itself.
Result<std::string> translate_octets(const plugin::Registry& registry, const plugin::Format& from,
                                     const plugin::Format& to, std::string_view message, std::string_view octets) {
    const auto documents = documents_of(octets);
    if (!documents) return documents.error();
    std::vector<std::string> written;
    for (const std::string_view document : *documents) {
        const std::string_view judged = document.data() == octets.data() ? message : document;
        Diagnostics faults;
        auto reading = exchange::read_message(registry, {from, judged, document, context_of(from, message)}, faults);
        if (!reading) return reading.error();
        auto made =
            exchange::write_message(registry, to, reading->documents, context_of(to, message), faults, reading->leaves);
        if (!made) return made.error();
        for (exchange::WrittenMessage& one : made->messages) written.push_back(std::move(one.bytes));
    }
    if (written.size() == 1) return written.front();
    return envelope::wrap_batch(written, to.id);
}

trust::VerifyOptions trusting(const trust::TrustStore& store) {
    trust::VerifyOptions out;
    out.trust = &store;
    return out;
}

/// Common to all: a case, and an error made words.
class HansaPeer : public Peer {
public:
    HansaPeer(const plugin::Registry& registry, const Case& one) : registry_(registry), case_(one) {}

protected:
    template <class T>
    bool keep(Result<T> result, std::string& output) {
        if (!result) return refuse(result.error().text());
        output = *std::move(result);
        return true;
    }

    const plugin::Registry& registry_;
    const Case& case_;
};

class ReferenceParse final : public HansaPeer {
public:
    using HansaPeer::HansaPeer;
    bool run(std::string_view message, std::string&) override {
        std::size_t elements = 0;
        return scan(message, [&](const xml::Token& token, xml::TokenKind kind) {
            elements += kind == xml::TokenKind::start_element && !token.local.empty() ? 1U : 0U;
        });
    }
    bool check(std::string_view message, std::string& output) override {
        Tally tally;
        const bool good =
            scan(message, [&](const xml::Token& token, xml::TokenKind kind) { count(tally, token, kind); });
        output = tally.text();
        return good;
    }

private:
    template <class Take>
    bool scan(std::string_view message, Take take) {
        xml::Scanner scanner(message);
        for (;;) {
            const auto kind = scanner.next();
            if (!kind) return refuse(kind.error().text());
            if (*kind == xml::TokenKind::end_of_document) return true;
            take(scanner.token(), *kind);
        }
    }
    static void count(Tally& tally, const xml::Token& token, xml::TokenKind kind) {
        if (kind == xml::TokenKind::text) tally.add_text(token.text);
        if (kind != xml::TokenKind::start_element) return;
        ++tally.elements;
        tally.attributes += token.attributes.size();
        for (const auto& attribute : token.attributes) tally.add_text(attribute.value);
    }
};

class ReferenceValidate final : public HansaPeer {
public:
    ReferenceValidate(const plugin::Registry& registry, const Case& one)
        : HansaPeer(registry, one), validator_(registry.validator(*one.from).value()) {}
    bool run(std::string_view message, std::string& output) override {
        const auto documents = documents_of(message);
        if (!documents) return refuse(documents.error().text());
        for (const std::string_view document : *documents) {
            Diagnostics faults;
            if (auto valid = validator_->validate(document, faults); !valid) return refuse(valid.error().text());
        }
        output = "valid";
        return true;
    }

private:
    std::shared_ptr<const schema::Validator> validator_;
};

class ReferenceDigest final : public HansaPeer {
public:
    using HansaPeer::HansaPeer;
    bool run(std::string_view message, std::string& output) override {
        const auto document = xml::ReferenceDocument::parse(message);
        if (!document) return refuse(document.error().text());
        const auto octets = xml::canonical_form(*document, {.method = xml::Canonicalization::c14n10});
        if (!octets) return refuse(octets.error().text());
        output = sha256_hex(*octets);
        return true;
    }
};

class ReferenceTranslate final : public HansaPeer {
public:
    using HansaPeer::HansaPeer;
    bool run(std::string_view message, std::string& output) override {
        return keep(translate_by_reference(registry_, *case_.from, *case_.to, message), output);
    }
};

/// Signs and verifies with keys that are loaded once.
class Trusting : public HansaPeer {
public:
    Trusting(const plugin::Registry& registry, const Case& one)
        : HansaPeer(registry, one),
          signer_(trust::Signer::from_pem(one.task.key, one.task.certificate).value()),
          store_(trust::TrustStore::from_pem({one.task.trusted}).value()) {}
    bool verifies(std::string_view message) override {
        const auto found = trust::verify(message, *case_.profile, trusting(store_));
        return found.valid || refuse(found.errors.front().text());
    }

protected:
    trust::Signer signer_;
    trust::TrustStore store_;
};

class ReferenceSign final : public Trusting {
public:
    using Trusting::Trusting;
    bool run(std::string_view message, std::string& output) override {
        return keep(trust::sign(message, *case_.profile, signer_), output);
    }
};

class ReferenceVerify final : public Trusting {
public:
    using Trusting::Trusting;
    bool run(std::string_view message, std::string& output) override {
        output = "verified";
        return verifies(message);
    }
};

class ReferencePipeline final : public Trusting {
public:
    using Trusting::Trusting;
    bool run(std::string_view message, std::string& output) override {
        const auto found = trust::verify(message, *case_.profile, trusting(store_));
        if (!found.valid) return refuse(found.errors.front().text());
        const auto made = translate_octets(registry_, *case_.from, *case_.to, message, found.covered.front().octets);
        if (!made) return refuse(made.error().text());
        return keep(trust::sign(*made, *case_.profile, signer_), output);
    }
};

/// The journal as the gateway uses it: messages with their bytes as one group, durable when commit() returns.
class Book {
public:
    explicit Book(const Case& one)
        : format_(one.from->id),
          target_(one.to == nullptr ? std::string() : one.to->id),
          store_(journal::open_sqlite(one.task.folder + "/journal-" + message_id() + ".db", {}).value()) {}

    /// Equal bytes are kept once: so they get a number.
    Result<void> keep(std::string_view received, std::string_view sent) {
        journal::Group group;
        group.at_ms = 1'780'000'000'000 + ++count_;
        const std::string id = add(group, {}, format_, journal::BodyKind::received, received);
        if (!sent.empty()) add(group, id, target_, journal::BodyKind::sent, sent);
        const auto done = store_->commit(std::move(group));
        if (!done) return done.error();
        return {};
    }

private:
    std::string add(journal::Group& group, const std::string& parent, const std::string& format, journal::BodyKind kind,
                    std::string_view bytes) {
        journal::Message record;
        record.id = message_id();
        record.parent_id = parent;
        record.relation = parent.empty() ? journal::Relation::none : journal::Relation::translation;
        record.direction = parent.empty() ? journal::Direction::in : journal::Direction::out;
        record.agency_from = "sender";
        record.agency_to = parent.empty() ? "" : "receiver";
        record.format = format;
        record.transport = "http";
        record.received_ms = group.at_ms;
        group.messages.push_back(record);
        group.bodies.push_back({record.id, kind, fmt::format("{}<!--{}-->", bytes, count_), {}, {}});
        return record.id;
    }

    std::string format_, target_;
    std::unique_ptr<journal::Journal> store_;
    std::int64_t count_ = 0;
};

class JournalPeer final : public Peer {
public:
    explicit JournalPeer(const Case& one) : book_(one) {}
    bool run(std::string_view message, std::string& output) override {
        output = "durable";
        const auto kept = book_.keep(message, {});
        return kept || refuse(kept.error().text());
    }

private:
    Book book_;
};

/// Says why it cannot.
class NoPeer final : public Peer {
public:
    explicit NoPeer(std::string why) : why_(std::move(why)) {}
    bool run(std::string_view, std::string&) override { return refuse(why_); }

private:
    std::string why_;
};

class DurablePeer final : public Peer {
public:
    DurablePeer(const Case& one, std::unique_ptr<Peer> pipeline) : pipeline_(std::move(pipeline)), book_(one) {}
    bool run(std::string_view message, std::string& output) override {
        if (!pipeline_->run(message, output)) return refuse(std::string(pipeline_->trouble()));
        const auto kept = book_.keep(message, output);
        return kept || refuse(kept.error().text());
    }
    bool verifies(std::string_view message) override {
        return pipeline_->verifies(message) || refuse(std::string(pipeline_->trouble()));
    }
    std::size_t left() const override { return pipeline_->left(); }

private:
    std::unique_ptr<Peer> pipeline_;
    Book book_;
};

}  // namespace

std::unique_ptr<Peer> reference_contender(const plugin::Registry& registry, const Case& one) {
    switch (one.work) {
        case Work::parse:
            return std::make_unique<ReferenceParse>(registry, one);
        case Work::validate:
            return std::make_unique<ReferenceValidate>(registry, one);
        case Work::refuse:
            return std::make_unique<Refusing>(std::make_unique<ReferenceValidate>(registry, one));
        case Work::digest:
            return std::make_unique<ReferenceDigest>(registry, one);
        case Work::translate:
            return std::make_unique<ReferenceTranslate>(registry, one);
        case Work::sign:
            return std::make_unique<ReferenceSign>(registry, one);
        case Work::verify:
            return std::make_unique<ReferenceVerify>(registry, one);
        case Work::pipeline:
            return std::make_unique<ReferencePipeline>(registry, one);
        case Work::durable:
            return durable_contender(one, reference_pipeline(registry, one));
        case Work::end_to_end: {
            std::string words;
            auto gateway = gateway_contender(registry, one, false, words);
            return gateway ? std::move(gateway) : std::make_unique<NoPeer>(words);
        }
        case Work::journal:
        case Work::limit:
            break;
    }
    return std::make_unique<JournalPeer>(one);
}

std::unique_ptr<Peer> reference_pipeline(const plugin::Registry& registry, const Case& one) {
    return std::make_unique<ReferencePipeline>(registry, one);
}

std::unique_ptr<Peer> durable_contender(const Case& one, std::unique_ptr<Peer> pipeline) {
    return std::make_unique<DurablePeer>(one, std::move(pipeline));
}

Result<std::string> sign_for_bench(const plugin::Registry& registry, std::string_view message, Algorithm algorithm) {
    const trust::Profile* profile = profile_of(algorithm, registry);
    if (profile == nullptr) return Error{cli::codes::bench_case, "no plugin brings a profile for that algorithm"};
    const Keys& keys = keys_of(algorithm);
    const auto signer = trust::Signer::from_pem(keys.key, keys.certificate);
    if (!signer) return signer.error();
    return trust::sign(message, *profile, *signer);
}

Result<std::string> translate_by_reference(const plugin::Registry& registry, const plugin::Format& from,
                                           const plugin::Format& to, std::string_view message) {
    return translate_octets(registry, from, to, message, message);
}

Result<void> verify_for_bench(const plugin::Registry& registry, std::string_view message, Algorithm algorithm) {
    const auto store = trust::TrustStore::from_pem({keys_of(algorithm).root});
    if (!store) return store.error();
    const auto found = trust::verify(message, *profile_of(algorithm, registry), trusting(*store));
    if (!found.valid) return found.errors.front();
    return {};
}

std::string without_signature(std::string_view message) {
    const std::size_t start = std::max(message.rfind("<ds:Signature ") + 1, message.rfind("<Signature ") + 1);
    if (start == 0) return {};
    const std::string_view name = message[start] == 'd' ? "</ds:Signature>" : "</Signature>";
    const std::size_t end = message.find(name, start);
    if (end == message.npos) return {};
    return std::string(message.substr(0, start - 1)) + std::string(message.substr(end + name.size()));
}

}  // namespace hansa::bench
