// Messages of any size: a document is read, planned and written away before the next one is read.
//
// A message of many documents, or a hansa.batch of such messages, is gone through once. What each document becomes
// waits in a stage (memory at first, then files without a name), with its part of the ledger, until the whole has ended
// and is valid: nothing of a message is given out before. What stands in front of the documents and is known behind
// them only (how many there are) is put there when the stage is given out. Memory holds one document, whatever the
// message's size. Bytes, ledger and verdict are those of FastTranslator::translate.
//
//     auto file = MappedFile::open(path);
//     StagedTranslation found = stream_translation(fast, {.bytes = file->bytes(), .from = *from, .to = *to,
//                                                         .source = source, .target = target});
//     if (found.outcome() == FastOutcome::done) found.give_batch(write);
//
// A document that is itself one long list is carried over member by member (streamed_list.h): its memory is that of a
// member. What a target cannot say that way makes the message decline (mapping/plan_list.h).
//
// Threads: one for each call; the translator may serve others at the same time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/spool.h"
#include "core/exchange/fast_translation.h"
#include "core/mapping/plan.h"

namespace hansa::exchange {

/// Views must outlive the call.
struct StreamRequest {
    std::string_view bytes;  ///< a message of `from`, or a hansa.batch of such
    const plugin::Format& from;
    const plugin::Format& to;
    const mapping::Context& source;
    const mapping::Context& target;
    bool with_ledger = true;
    std::size_t documents_at_once = 1;  ///< are read before they are planned
    std::size_t members_at_once = 64;   ///< of a document's longest list are read; more are carried over one by one
    std::size_t memory_max = Spool::usual_memory;  ///< of each of the stage's spools, before it needs a file
    std::filesystem::path folder = {};             ///< for these files; empty: the system's
    /// Told again and again how many of the first bytes will hardly be looked at any more.
    std::function<void(std::size_t)> forget = {};
};

class StagedTranslation {
public:
    using Write = std::function<Result<void>(std::string_view piece)>;

    FastOutcome outcome() const { return outcome_; }
    /// Of declined: one of the phrases of FastTranslation::why.
    const std::string& why() const { return why_; }
    /// Of invalid: the first fault; of a batch, with the number of the document.
    const Diagnostics& faults() const { return faults_; }
    std::size_t documents() const { return documents_; }
    std::size_t messages() const { return messages_; }
    const mapping::LossCounts& losses() const { return losses_; }
    const std::string& plan() const { return plan_; }

    // Of what is done: given out in order, piece by piece, as often as one likes. Errors: base.file-unreadable where the
    // stage cannot be read back, and those of `write`.

    /// Each message: begin(number), its pieces, end().
    Result<void> give_messages(const std::function<Result<void>(std::size_t number)>& begin, const Write& write,
                               const std::function<Result<void>()>& end) const;
    /// The one message that there is, or all of them as one hansa.batch. Where nothing was made, nothing.
    Result<void> give_batch(const Write& write) const;
    /// As Ledger::json of the whole message. Empty where the request did not ask for a ledger.
    Result<void> give_ledger(const Write& write) const;
    Result<void> give_warnings(const std::function<void(const Error&)>& use) const;

private:
    friend class Streaming;
    StagedTranslation(std::size_t memory_max, const std::filesystem::path& folder)
        : finished_(memory_max, folder),
          waiting_(memory_max, folder),
          read_losses_(memory_max, folder),
          own_losses_(memory_max, folder),
          around_losses_(memory_max, folder),
          read_warnings_(memory_max, folder),
          written_warnings_(memory_max, folder) {}

    Result<void> give_message(SpoolReader& finished, const Write& write, bool only_root) const;
    Result<void> give_warnings(const Spool& spool, const std::function<void(const Error&)>& use) const;

    FastOutcome outcome_ = FastOutcome::declined;
    std::string why_, plan_, from_, to_;
    Diagnostics faults_;
    std::size_t documents_ = 0, messages_ = 0;
    mapping::LossCounts losses_{};
    /// Messages, each behind its size and the place of its hole; documents that belong into the hole of the one message
    /// that there is then.
    Spool finished_, waiting_;
    /// Entries as they stand in the ledger's JSON, each behind its size. Among those of documents a size of none is the
    /// place of what stands around the documents of their tape.
    Spool read_losses_, own_losses_, around_losses_;
    struct Tape {
        std::uint64_t own = 0, around = 0;  ///< where its losses end in their spools
    };
    std::vector<Tape> tapes_;
    Spool read_warnings_, written_warnings_;
};

/// Declined messages are counted with the translator's, as all others.
StagedTranslation stream_translation(const FastTranslator& fast, const StreamRequest& request);

}  // namespace hansa::exchange
