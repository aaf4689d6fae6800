// The fast way from the bytes of one format to the bytes of another: compiled reader and plan.
//
// translation.h is the reference and the judge. This way gives the same verdict, bytes and ledger, or it
// *declines*, and the reference does the whole message; so it is never wrong, only sometimes slower. It makes no pivot
// document. Plans are made once for each pair of formats and settings; prepare() does it off the message path.
//
//     FastTranslator fast(registry);
//     FastTranslation found = fast.translate({bytes, *from, *to, source, target});
//     if (found.outcome == FastOutcome::done) send(found.messages);
//     else if (found.outcome == FastOutcome::declined) by_reference(found.why);
//
// Threads: any; workers (reader, plan's state) are kept and lent, one lock a message.
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
#include "core/exchange/translation.h"

namespace hansa::exchange {

enum class FastOutcome : std::uint8_t {
    done,
    invalid,   ///< not valid in its schema: `faults` has the first fault, as the reference gives it
    declined,  ///< `why` says what the fast way does not do
};

/// Views must outlive the call; contexts as read_message and write_message get them.
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

    /// Cost: the first message of a pair that nobody prepared also pays for its plan.
    FastTranslation translate(const FastRequest& request) const;

    /// Makes the plan of a pair. Errors: mapping.plan-unsupported with the row, schema.grammar-unsupported,
    /// exchange.kind-differs
    Result<void> prepare(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                         const mapping::Settings& target) const;

    /// Is the document valid, by the compiled reader? Nothing: it cannot tell. Faults as the reference's first one.
    std::optional<bool> validate(const plugin::Format& format, std::string_view bytes, Diagnostics& faults) const;

    FastCounts counts() const;

private:
    struct State;
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
