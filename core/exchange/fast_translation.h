// The fast way from the bytes of one format to the bytes of another: compiled reader and plan.
//
// translation.h is the reference and the judge. This way gives the same verdict, bytes and ledger, or it
// *declines*, and the reference does the whole message; so it is never wrong, only sometimes slower. It makes no pivot
// document. Plans are made once for each pair of formats and settings; prepare() does it off the message path.
//
//     FastTranslator fast(registry);
//     const FastRead read = fast.read(*from, bytes);          // once: it validates, and feeds every plan
//     FastTranslation found = fast.translate(read, {*from, *to, source, target});
//     if (found.outcome == FastOutcome::done) send(found.messages);
//     else if (found.outcome == FastOutcome::declined) by_reference(found.why);
//
// Threads: any; readers and runs of plans are kept and lent (pool.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/pool.h"
#include "core/exchange/translation.h"
#include "core/schema/compiled_reader.h"

namespace hansa::exchange {

enum class FastOutcome : std::uint8_t {
    done,
    invalid,   ///< not valid in its schema: `faults` has the first fault, as the reference gives it
    declined,  ///< `why` says what the fast way does not do
};

/// A message that the compiled reader has read: its verdict, and the tape of a valid one.
class FastRead {
public:
    FastRead() = default;
    FastRead(FastRead&&) noexcept = default;
    FastRead& operator=(FastRead&&) noexcept = default;

    bool valid() const { return outcome_ == FastOutcome::done; }
    /// invalid: `faults` has the first fault. declined: the reader cannot tell; `why` says why.
    FastOutcome outcome() const { return outcome_; }
    const Diagnostics& faults() const { return faults_; }
    const std::string& why() const { return why_; }
    /// Of a valid message; good as long as this and the message's bytes live.
    const schema::Tape& tape() const { return reader_->tape(); }
    std::string_view text() const { return reader_->text(); }

private:
    friend class FastTranslator;
    FastOutcome outcome_ = FastOutcome::declined;
    std::string why_;
    Diagnostics faults_;
    Pool<schema::FastReader>::Lent reader_;  ///< of a valid message
};

/// Contexts as read_message and write_message get them.
struct FastPair {
    const plugin::Format& from;
    const plugin::Format& to;
    const mapping::Context& source;
    const mapping::Context& target;
    bool with_ledger = true;
    /// The ledger in words alone (mapping::ToldLosses), for one that is kept and not looked at.
    bool in_words = false;
    /// Which documents are done, by their numbers in the message; none: all.
    std::vector<bool> chosen = {};
};

/// Views must outlive the call.
struct FastRequest {
    std::string_view bytes;
    const plugin::Format& from;
    const plugin::Format& to;
    const mapping::Context& source;
    const mapping::Context& target;
    bool with_ledger = true;
};

struct FastTranslation {
    FastOutcome outcome = FastOutcome::declined;
    std::string why;     ///< one of a fixed set of phrases, for a metric's label; a row's place where a pair is unsupported
    Diagnostics faults;  ///< of `invalid`
    std::vector<WrittenMessage> messages;
    std::size_t documents = 0;
    mapping::Ledger ledger;  ///< of both halves
    bool with_ledger = false;
    std::vector<Error> warnings;
    std::string plan;
};

struct FastCounts {
    std::uint64_t done = 0, invalid = 0;
    std::map<std::string, std::uint64_t, std::less<>> declined;  ///< by reason; at most 64 reasons, the rest as "other"
};

class FastTranslator {
public:
    /// The registry is kept.
    explicit FastTranslator(std::shared_ptr<const plugin::Registry> registry);
    ~FastTranslator();

    /// As xml::scan_well_formed.
    Result<void> well_formed(std::string_view bytes) const;

    /// Reads a message, once for all that is made of it. The bytes must outlive the result, the result must not
    /// outlive the translator.
    FastRead read(const plugin::Format& format, std::string_view bytes) const;

    /// The paths that the tapes of a format speak of; nothing: the reference reads it.
    std::shared_ptr<const schema::PathTable> paths(const plugin::Format& format) const;

    /// Of a message that was read as a document of `pair.from`.
    /// Cost: the first message of a pair that nobody prepared also pays for its plan.
    FastTranslation translate(const FastRead& read, const FastPair& pair) const;

    /// Of a batch: the documents of its messages, which were all read as documents of `pair.from`, are one sequence.
    FastTranslation translate(std::span<const FastRead* const> reads, const FastPair& pair) const;

    /// Both.
    FastTranslation translate(const FastRequest& request) const;

    /// Makes the plan of a pair. Errors: mapping.plan-unsupported with the row, schema.grammar-unsupported,
    /// exchange.kind-differs
    Result<void> prepare(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                         const mapping::Settings& target) const;

    /// Is the document valid, by the compiled reader? Nothing: it cannot tell. Faults: the reference's first one.
    std::optional<bool> validate(const plugin::Format& format, std::string_view bytes, Diagnostics& faults) const;

    /// Counts a message that the caller leaves to the reference, as declined for this reason.
    void left(const std::string& why) const;
    FastCounts counts() const;

    struct State;  ///< fast_translation_state.h, for the translator's own sources
    State& state() const { return *state_; }

private:
    std::unique_ptr<State> state_;
};

/// Which way translates, as a user asks for it.
enum class Engine : std::uint8_t { reference, fast, both };

/// As translate(), by the engine. `fast` falls back to the reference where it declines; Translation::documents is then
/// filled, else empty. `both` runs both and fails with the first difference.
/// Errors: those of translate(); exchange.engines-differ
Result<Translation> translate(const FastTranslator& fast, const plugin::Registry& registry,
                              const TranslateRequest& request, Engine engine, Diagnostics& faults);

/// What the reference made of a message.
struct Judged {
    std::span<const WrittenMessage> messages;
    const mapping::Ledger& ledger;
};

/// Agreement of the two ways: verdict, bytes, and ledger where `found` has one. A declined message agrees with anything.
/// Errors: exchange.engines-differ, with the first difference in words
Result<void> agree(const FastTranslation& found, const Result<Judged>& judged);

}  // namespace hansa::exchange
