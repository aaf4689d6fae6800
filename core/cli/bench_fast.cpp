// The fast way's contenders.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/digest_lanes.h"
#include "core/cli/bench_fast.h"
#include "core/cli/bench_gateway.h"
#include "core/cli/bench_hansa.h"
#include "core/envelope/batch.h"
#include "core/schema/codes.h"
#include "core/schema/compiled_reader.h"
#include "core/trust/fast_sign.h"
#include "core/trust/fast_verify.h"
#include "core/xml/fast_canonical.h"
#include "core/xml/fast_scanner.h"

namespace hansa::bench {
namespace {

class FastParse final : public Peer {
public:
    bool run(std::string_view message, std::string&) override {
        std::size_t elements = 0, text = 0;
        scanner_.reset(message);
        while (scanner_.advance()) {
            switch (scanner_.kind()) {
                case xml::TokenKind::start_element:
                    elements += 1 + scanner_.attributes().size();
                    break;
                case xml::TokenKind::text:
                    text += scanner_.text().size();
                    break;
                case xml::TokenKind::end_of_document:
                    return elements + text != 0;
                default:
                    break;
            }
        }
        return refuse(scanner_.error().text());
    }
    bool check(std::string_view message, std::string& output) override {
        Tally tally;
        scanner_.reset(message);
        while (scanner_.advance() && scanner_.kind() != xml::TokenKind::end_of_document) {
            if (scanner_.kind() == xml::TokenKind::text) tally.add_text(scanner_.text());
            if (scanner_.kind() != xml::TokenKind::start_element) continue;
            ++tally.elements;
            tally.attributes += scanner_.attributes().size();
            for (const auto& attribute : scanner_.attributes()) tally.add_text(attribute.value);
        }
        output = tally.text();
        return !scanner_.failed() || refuse(scanner_.error().text());
    }

private:
    xml::FastScanner scanner_;
};

class FastValidate final : public Peer {
public:
    FastValidate(const plugin::Registry& registry, const Case& one,
                 std::shared_ptr<const schema::CompiledGrammar> grammar)
        : reading_(std::move(grammar)), is_batch_(is_batch(one)), reference_(reference_contender(registry, one)) {}
    bool run(std::string_view message, std::string& output) override {
        std::string trouble;
        if (!split(message, is_batch_, documents_, trouble)) return refuse(trouble);
        for (const std::string_view document : documents_) {
            if (reading_.read(document)) continue;
            if (!reading_.is_undecided()) return refuse(reading_.trouble());
            ++left_;
            return reference_->run(message, output) || refuse(std::string(reference_->trouble()));
        }
        output = "valid";
        return true;
    }
    std::size_t left() const override { return left_; }

private:
    Reading reading_;
    bool is_batch_;
    std::unique_ptr<Peer> reference_;
    std::vector<std::string_view> documents_;
    std::size_t left_ = 0;
};

/// Of any XML, a batch for instance.
class FastDigest final : public Peer {
public:
    FastDigest(const plugin::Registry& registry, const Case& one) : reference_(reference_contender(registry, one)) {}
    bool run(std::string_view message, std::string& output) override {
        pieces_.clear();
        const auto done = xml::fast_canonical_form(message, {.method = xml::Canonicalization::c14n10}, pieces_);
        if (!done) return refuse(done.error().text());
        if (*done != xml::FastForm::done) {
            ++left_;
            return reference_->run(message, output) || refuse(std::string(reference_->trouble()));
        }
        Digest digest(DigestAlgorithm::sha256);
        for (const std::string_view piece : pieces_.pieces()) digest.write(piece);
        output = to_hex(digest.finish());
        return true;
    }
    std::size_t left() const override { return left_; }

private:
    std::unique_ptr<Peer> reference_;
    xml::CanonicalPieces pieces_;
    std::size_t left_ = 0;
};

/// Reads and validates documents, and digests their canonical form: the bytes as they are but for some patches. Two
/// that are there together are digested side by side.
class FastReadDigest final : public Peer {
public:
    FastReadDigest(const plugin::Registry& registry, const Case& one,
                   const std::shared_ptr<const schema::CompiledGrammar>& grammar)
        : anyway_(registry, one) {
        for (std::size_t i = 0; i < at_once; ++i) {
            readings_.emplace_back(grammar);
            readings_.back().reader().keep_canonical_patches(true);
        }
    }
    std::size_t in_flight() const override { return at_once; }
    bool run(std::string_view message, std::string& output) override { return run_all({&message, 1}, output); }
    bool run_all(std::span<const std::string_view> messages, std::string& output) override {
        for (; !messages.empty(); messages = messages.subspan(std::min(at_once, messages.size()))) {
            std::size_t added = 0;
            for (const std::string_view message : messages.first(std::min(at_once, messages.size()))) {
                Reading& reading = readings_[added];
                const bool read = reading.read(message);
                if (!read && !reading.is_undecided()) return refuse(reading.trouble());
                if (read && add_pieces(reading.reader())) {
                    ++added;
                    continue;
                }
                ++left_;
                if (!anyway_.run(message, output)) return refuse(std::string(anyway_.trouble()));
            }
            const auto digests = lanes_.finish();
            if (!digests.empty()) output = to_hex(digests.back().view());
        }
        return true;
    }
    std::size_t left() const override { return left_; }
    std::string_view why_left() const override { return "the reader does not say its canonical form"; }

private:
    static constexpr std::size_t at_once = 2;

    bool add_pieces(const schema::FastReader& reader) {
        const auto patches = reader.canonical_patches();
        if (!patches) return false;
        const std::string_view text = reader.text(), root = reader.root_text();
        auto at = static_cast<std::size_t>(root.data() - text.data());
        const std::size_t end = at + root.size();
        pieces_.clear();
        for (const schema::CanonicalPatch& patch : *patches) {
            pieces_.push_back(text.substr(at, patch.offset - at));
            pieces_.push_back(patch.text);
            at = patch.offset + patch.size;
        }
        pieces_.push_back(text.substr(at, end - at));
        lanes_.add(pieces_);
        return true;
    }

    std::vector<Reading> readings_;
    FastDigest anyway_;
    DigestLanes lanes_{DigestAlgorithm::sha256};
    std::vector<std::string_view> pieces_;
    std::size_t left_ = 0;
};

trust::VerifyOptions trusting(const trust::TrustStore& store) {
    trust::VerifyOptions out;
    out.trust = &store;
    return out;
}

class FastVerify final : public Peer {
public:
    explicit FastVerify(const Case& one)
        : policy_(trust::policy_of(*one.profile)), store_(trust::TrustStore::from_pem({one.task.trusted}).value()) {}
    std::size_t in_flight() const override { return at_once; }
    bool run(std::string_view message, std::string& output) override { return run_all({&message, 1}, output); }
    bool run_all(std::span<const std::string_view> messages, std::string& output) override {
        for (; !messages.empty(); messages = messages.subspan(std::min(at_once, messages.size()))) {
            const auto part = messages.first(std::min(at_once, messages.size()));
            for (const auto& found : verifier_.verify_all(part, policy_, trusting(store_))) {
                left_ += found.fast ? 0U : 1U;
                if (!found.report.valid) return refuse(found.report.errors.front().text());
            }
        }
        output = "verified";
        return true;
    }
    bool verifies(std::string_view message) override {
        std::string output;
        return run(message, output);
    }
    std::size_t left() const override { return left_; }

private:
    static constexpr std::size_t at_once = 16;  // as many as SM3 has lanes

    trust::Policy policy_;
    trust::TrustStore store_;
    trust::FastVerifier verifier_;
    std::size_t left_ = 0;
};

class FastSign final : public Peer {
public:
    explicit FastSign(const Case& one)
        : signer_(
              trust::FastSigner::make(*one.profile, trust::Signer::from_pem(one.task.key, one.task.certificate).value())
                  .value()),
          verify_(one) {}
    bool run(std::string_view message, std::string& output) override {
        auto done = signer_.sign(trust::canonical_document(message));
        if (!done) return refuse(done.error().text());
        output = *std::move(done);
        return true;
    }
    bool verifies(std::string_view message) override {
        return verify_.verifies(message) || refuse(std::string(verify_.trouble()));
    }
    std::size_t left() const override { return signer_.counts().left; }

private:
    trust::FastSigner signer_;
    FastVerify verify_;
};

}  // namespace

bool is_batch(const Case& one) {
    return one.documents > documents_max(one.from->id);
}

bool split(std::string_view message, bool batch, std::vector<std::string_view>& documents, std::string& trouble) {
    documents.clear();
    if (!batch) {
        documents.push_back(message);
        return true;
    }
    auto view = envelope::read_batch(message, 1'000'000);
    if (!view)
        trouble = view.error().text();
    else
        documents = std::move(view->documents);
    return view.has_value();
}

bool Reading::read(std::string_view document) {
    const auto opened = reader_.open(document, {}, faults_);
    if (!opened) return refuse(opened.error());
    for (;;) {
        const auto step = reader_.next();
        if (!step) return refuse(step.error());
        if (*step == schema::ReadStep::end) return true;
    }
}

bool Reading::refuse(const Error& error) {
    undecided_ = error.code == schema::codes::undecided;
    trouble_ = error.text();
    return false;
}

std::unique_ptr<Peer> fast_contender(const plugin::Registry& registry, const Case& one, std::string& words) {
    switch (one.work) {
        case Work::digest: {
            auto grammar = registry.compiled(*one.from);
            if (!grammar || is_batch(one)) return std::make_unique<FastDigest>(registry, one);
            return std::make_unique<FastReadDigest>(registry, one, *grammar);
        }
        case Work::sign:
            return std::make_unique<FastSign>(one);
        case Work::verify:
            return std::make_unique<FastVerify>(one);
        case Work::parse:
            return std::make_unique<FastParse>();
        case Work::validate:
        case Work::refuse: {
            auto grammar = registry.compiled(*one.from);
            if (!grammar) {
                words = grammar.error().text();
                return nullptr;
            }
            auto out = std::make_unique<FastValidate>(registry, one, *std::move(grammar));
            return one.work == Work::validate ? std::unique_ptr<Peer>(std::move(out)) : std::make_unique<Refusing>(std::move(out));
        }
        case Work::translate:
        case Work::pipeline:
        case Work::durable:
            return fast_translator(registry, one, words);
        case Work::end_to_end:
            return gateway_contender(registry, one, true, words);
        case Work::journal:
        case Work::limit:
            break;
    }
    words = "this version has no fast way for it";
    return nullptr;
}

}  // namespace hansa::bench
