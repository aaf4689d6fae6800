// The fast way's contenders.
#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/cli/bench_fast.h"
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

/// Reads and validates a document, and digests its canonical form: the bytes as they are but for some patches.
class FastReadDigest final : public Peer {
public:
    FastReadDigest(const plugin::Registry& registry, const Case& one,
                   std::shared_ptr<const schema::CompiledGrammar> grammar)
        : reading_(std::move(grammar)), anyway_(registry, one) {
        reading_.reader().keep_canonical_patches(true);
    }
    bool run(std::string_view message, std::string& output) override {
        const bool read = reading_.read(message);
        if (!read && !reading_.is_undecided()) return refuse(reading_.trouble());
        const auto patches = read ? reading_.reader().canonical_patches() : std::nullopt;
        if (!patches) {
            ++left_;
            return anyway_.run(message, output) || refuse(std::string(anyway_.trouble()));
        }
        const std::string_view text = reading_.reader().text(), root = reading_.reader().root_text();
        Digest digest(DigestAlgorithm::sha256);
        auto at = static_cast<std::size_t>(root.data() - text.data());
        const std::size_t end = at + root.size();
        for (const schema::CanonicalPatch& patch : *patches) {
            digest.write(text.substr(at, patch.offset - at));
            digest.write(patch.text);
            at = patch.offset + patch.size;
        }
        digest.write(text.substr(at, end - at));
        output = to_hex(digest.finish());
        return true;
    }
    std::size_t left() const override { return left_; }
    std::string_view why_left() const override { return "the reader does not say its canonical form"; }

private:
    Reading reading_;
    FastDigest anyway_;
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
        : profile_(*one.profile), store_(trust::TrustStore::from_pem({one.task.trusted}).value()) {}
    bool run(std::string_view message, std::string& output) override {
        const auto found = verifier_.verify(message, profile_, trusting(store_));
        left_ += found.fast ? 0U : 1U;
        output = "verified";
        return found.report.valid || refuse(found.report.errors.front().text());
    }
    bool verifies(std::string_view message) override {
        std::string output;
        return run(message, output);
    }
    std::size_t left() const override { return left_; }

private:
    const trust::Profile& profile_;
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
            return std::make_unique<FastReadDigest>(registry, one, *std::move(grammar));
        }
        case Work::sign:
            return std::make_unique<FastSign>(one);
        case Work::verify:
            return std::make_unique<FastVerify>(one);
        case Work::parse:
            return std::make_unique<FastParse>();
        case Work::validate: {
            auto grammar = registry.compiled(*one.from);
            if (grammar) return std::make_unique<FastValidate>(registry, one, *std::move(grammar));
            words = grammar.error().text();
            return nullptr;
        }
        case Work::translate:
        case Work::pipeline:
        case Work::durable:
            return fast_translator(registry, one, words);
        case Work::journal:
        case Work::limit:
            break;
    }
    words = "this version has no fast way for it";
    return nullptr;
}

}  // namespace hansa::bench
