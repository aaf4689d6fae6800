// The fast way's contenders that translate: reader and plan, and signatures around them.
#include <algorithm>
#include <optional>

#include "core/base/digest.h"
#include "core/cli/bench_fast.h"
#include "core/cli/bench_hansa.h"
#include "core/envelope/batch.h"
#include "core/mapping/plan.h"
#include "core/rules/book.h"
#include "core/rules/tape_rules.h"
#include "core/trust/fast_sign.h"
#include "core/trust/fast_verify.h"

namespace hansa::bench {
namespace {

mapping::Context context_of(const plugin::Format& format) {
    mapping::Context out;
    out.settings = settings_of(format.id);
    out.received = received_time;
    return out;
}

/// The numbered rules of a format's authority, asked of tapes.
class AskingRules {
public:
    static Result<std::unique_ptr<AskingRules>> make(const plugin::Registry& registry, const plugin::Format& format,
                                                     const std::shared_ptr<const schema::PathTable>& paths) {
        Diagnostics faults;
        auto out = std::make_unique<AskingRules>();
        out->book_ = rules::RuleBook::load(registry, faults);
        const auto all = out->book_->rules_of(out->book_->sets_for(format.plugin));
        if (!all) return all.error();
        auto made = rules::TapeRules::compile(*all, format, paths, settings_of(format.id));
        if (!made) return made.error();
        out->run_ = std::make_unique<rules::TapeRulesRun>(*made);
        return out;
    }

    bool clean(const schema::Tape& tape, const mapping::Context& source, std::string& why) {
        const rules::TapeAsk how{.context = source, .day = rules::day_of(received_time)};
        run_->begin(how);
        if (run_->part(tape) == rules::TapeVerdict::clean) return true;
        why = run_->why();
        return false;
    }

private:
    std::shared_ptr<const rules::RuleBook> book_;
    std::unique_ptr<rules::TapeRulesRun> run_;
};

/// Reader and plan of a case, for message after message.
class Translating {
public:
    static Result<std::unique_ptr<Translating>> make(const plugin::Registry& registry, const Case& one) {
        auto grammar = registry.compiled(*one.from);
        if (!grammar) return grammar.error();
        Diagnostics faults;
        const std::shared_ptr<const schema::PathTable> paths(*grammar, &(*grammar)->paths());
        auto plan = mapping::Plan::compile({one.from->mapping, paths, settings_of(one.from->id)},
                                           {one.to->mapping, settings_of(one.to->id)}, {}, faults);
        if (!plan) return plan.error();
        auto out = std::unique_ptr<Translating>(new Translating(one, *std::move(grammar), *std::move(plan)));
        if (one.rules) {
            auto asking = AskingRules::make(registry, *one.from, paths);
            if (!asking) return asking.error();
            out->rules_ = *std::move(asking);
        }
        out->find_whether_the_digest_matters(one.messages.front());
        return out;
    }

    enum class Way { done, left, refused };

    /// `octets`: the message, or what a signature covers of it.
    Way translate(std::string_view message, std::string_view octets, std::string& output) {
        if (digest_matters_) source_.message_digest = target_.message_digest = sha256_hex(message);
        output.clear();
        if (!split(octets, is_batch_, documents_, trouble_)) return Way::refused;
        if (batch_) envelope::append_batch_start(output, expected_, to_);
        std::size_t written = 0;
        for (const std::string_view document : documents_) {
            if (!reading_.read(document)) {
                trouble_ = reading_.trouble();
                return reading_.is_undecided() ? Way::left : Way::refused;
            }
            if (rules_ && !rules_->clean(reading_.reader().tape(), source_, trouble_)) return Way::left;
            run_.begin(source_, target_);
            if (run_.message(reading_.reader().tape()) != mapping::Fast::done) {
                trouble_ = run_.why();
                return Way::left;
            }
            written += run_.messages();
            for (std::size_t i = 0; i < run_.messages(); ++i) append(run_.bytes(i), output);
        }
        if (batch_) envelope::append_batch_end(output);
        return written == expected_ ? Way::done : Way::left;
    }
    const std::string& trouble() const { return trouble_; }

    /// Where root and Signature stand in the message that was translated last. Nothing: somebody must look.
    std::optional<trust::ReadDocument> signed_document(std::string_view message) {
        schema::FastReader& reader = reading_.reader();
        const auto entries = reader.tape().entries();
        if (is_batch_ || reader.text().data() != message.data()) return std::nullopt;
        const auto begin = static_cast<std::size_t>(reader.root_text().data() - message.data());
        std::uint32_t last = 0;
        for (std::uint32_t at = 1; at < entries.size(); at = entries[at].next) {
            if (entries[at].path == signature_) last = at;
        }
        if (last == 0) return std::nullopt;
        return trust::ReadDocument{message, {begin, begin + reader.root_text().size()}, entries[last].offset};
    }

private:
    Translating(const Case& one, std::shared_ptr<const schema::CompiledGrammar> grammar,
                std::shared_ptr<const mapping::Plan> plan)
        : reading_grammar_(grammar),
          reading_(std::move(grammar)),
          plan_(std::move(plan)),
          run_(*plan_),
          source_(context_of(*one.from)),
          target_(context_of(*one.to)),
          is_batch_(is_batch(one)),
          batch_(one.task.batch),
          expected_(one.task.batch ? one.documents : 1),
          signature_(reading_grammar_->paths().child(0, "Signature", "http://www.w3.org/2000/09/xmldsig#")),
          to_(one.to->id) {}

    void append(std::string_view bytes, std::string& output) const {
        if (!batch_) {
            output += bytes;
            return;
        }
        const auto root = trust::canonical_document(bytes).canonical;
        envelope::append_batch_document(output, bytes.substr(root.from, root.to - root.from));
    }

    /// Some tables make references from the message's digest. Where none does, no digest is made: the
    /// gateway's own is the journal's affair. That the outputs are right the reference judges.
    void find_whether_the_digest_matters(std::string_view message) {
        std::string one, other;
        source_.message_digest = target_.message_digest = std::string(64, '0');
        (void)translate(message, message, one);
        source_.message_digest = target_.message_digest = std::string(64, '1');
        (void)translate(message, message, other);
        digest_matters_ = one != other;
    }

    std::shared_ptr<const schema::CompiledGrammar> reading_grammar_;
    Reading reading_;
    std::shared_ptr<const mapping::Plan> plan_;
    mapping::PlanRun run_;
    std::unique_ptr<AskingRules> rules_;
    mapping::Context source_, target_;
    bool is_batch_, batch_, digest_matters_ = false;
    std::size_t expected_;
    schema::PathIndex signature_;
    std::string to_, trouble_;
    std::vector<std::string_view> documents_;
};

class FastTranslate final : public Peer {
public:
    FastTranslate(std::unique_ptr<Translating> translating, std::unique_ptr<Peer> reference)
        : translating_(std::move(translating)), reference_(std::move(reference)) {}
    bool run(std::string_view message, std::string& output) override {
        const auto way = translating_->translate(message, message, output);
        if (way == Translating::Way::done) return true;
        if (way == Translating::Way::refused) return refuse(translating_->trouble());
        ++left_;
        return reference_->run(message, output) || refuse(std::string(reference_->trouble()));
    }
    std::size_t left() const override { return left_; }
    std::string_view why_left() const override { return translating_->trouble(); }

private:
    std::unique_ptr<Translating> translating_;
    std::unique_ptr<Peer> reference_;
    std::size_t left_ = 0;
};

/// Verify, read, translate, sign: each on the fast way, or all of it on the reference way.
class FastPipeline final : public Peer {
public:
    /// `flight`: messages whose digests are computed together.
    FastPipeline(const Case& one, std::unique_ptr<Translating> translating, std::unique_ptr<Peer> reference,
                 std::size_t flight)
        : policy_(trust::policy_of(*one.profile)),
          store_(trust::TrustStore::from_pem({one.task.trusted}).value()),
          signer_(
              trust::FastSigner::make(*one.profile, trust::Signer::from_pem(one.task.key, one.task.certificate).value())
                  .value()),
          translating_(std::move(translating)),
          reference_(std::move(reference)),
          flight_(flight) {}

    std::size_t in_flight() const override { return flight_; }

    bool run(std::string_view message, std::string& output) override { return run_all({&message, 1}, output); }

    /// Digests of all that is in flight are computed at once, in vector lanes.
    bool run_all(std::span<const std::string_view> messages, std::string& output) override {
        for (; !messages.empty(); messages = messages.subspan(std::min(flight_, messages.size()))) {
            if (!run_flight(messages.first(std::min(flight_, messages.size())), output)) return false;
        }
        return true;
    }
    bool verifies(std::string_view message) override {
        return reference_->verifies(message) || refuse(std::string(reference_->trouble()));
    }
    std::size_t left() const override { return left_; }
    std::string_view why_left() const override { return translating_->trouble(); }

private:
    bool run_flight(std::span<const std::string_view> messages, std::string& output) {
        made_.resize(std::max(made_.size(), messages.size()));
        read_.clear();
        for (std::size_t i = 0; i < messages.size(); ++i) {
            // What is made stays here until the signature is good.
            const auto way = translating_->translate(messages[i], messages[i], made_[i]);
            if (way == Translating::Way::refused) return refuse(translating_->trouble());
            const auto read = way == Translating::Way::done ? translating_->signed_document(messages[i]) : std::nullopt;
            if (!read) return one_by_one(messages, output);
            read_.push_back(*read);
        }
        const auto found = verifier_.verify_read_all(read_, policy_, trusting());
        written_.clear();
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (!found[i].report.valid) return refuse(found[i].report.errors.front().text());
            if (!found[i].fast) return one_by_one(messages, output);
            written_.push_back(trust::canonical_document(made_[i]));
        }
        // The signature goes into what was made, which nobody copies.
        const auto signatures = signer_.signatures(written_);
        for (std::size_t i = 0; i < signatures.size(); ++i) {
            if (!signatures[i]) return one_by_one(messages, output);
            made_[i].insert(signatures[i]->at, signatures[i]->element);
            output.swap(made_[i]);
        }
        return true;
    }

    /// Messages that the fast way does not take whole.
    bool one_by_one(std::span<const std::string_view> messages, std::string& output) {
        left_ += messages.size();
        return reference_->run_all(messages, output) || refuse(std::string(reference_->trouble()));
    }

    trust::VerifyOptions trusting() const {
        trust::VerifyOptions out;
        out.trust = &store_;
        return out;
    }

    trust::Policy policy_;
    trust::TrustStore store_;
    trust::FastVerifier verifier_;
    trust::FastSigner signer_;
    std::unique_ptr<Translating> translating_;
    std::unique_ptr<Peer> reference_;
    std::size_t flight_;
    std::vector<std::string> made_;
    std::vector<trust::ReadDocument> read_;
    std::vector<trust::CanonicalDocument> written_;
    std::size_t left_ = 0;
};

}  // namespace

std::unique_ptr<Peer> fast_translator(const plugin::Registry& registry, const Case& one, std::string& words,
                                      std::size_t flight) {
    auto translating = Translating::make(registry, one);
    if (!translating) {
        words = translating.error().text();
        return nullptr;
    }
    if (one.work == Work::translate)
        return std::make_unique<FastTranslate>(*std::move(translating), reference_contender(registry, one));
    auto pipeline =
        std::make_unique<FastPipeline>(one, *std::move(translating), reference_pipeline(registry, one), flight);
    if (one.work == Work::durable) return durable_contender(one, std::move(pipeline));
    return pipeline;
}

}  // namespace hansa::bench
