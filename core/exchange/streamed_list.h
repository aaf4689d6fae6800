// A document that is one long list, on its way into the stage: read twice, its members carried over one by one.
// For streamed_translation.cpp; core/mapping/plan.h (PlanRun::open_document) says what is done in which reading.
//
// What a member becomes waits in spools of its own until the document's end has been written, since what stands in
// front of the members may be known behind them only. The second reading has a reader that follows the first from
// document to document; the bytes are there (a file that is mapped), so that nothing but its tape is held.
//
// Threads: one. Cost: two readings and one copy of the output more than a document that is short.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/spool.h"
#include "core/exchange/fast_translation_state.h"
#include "core/mapping/plan.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/line_index.h"

namespace hansa::exchange {

/// Adds a text behind its size. Errors: base.file-unwritable
Result<void> append_text(Spool& spool, std::string_view text);
/// Entries of a ledger as they stand in its JSON; warnings as detail and path.
Result<void> append_losses(Spool& spool, const std::vector<mapping::LossEntry>& entries);
Result<void> append_warnings(Spool& spool, const std::vector<Error>& warnings);
Result<void> append_spool(Spool& spool, const Spool& more);

/// What the members of one document became.
class ListStage {
public:
    ListStage(std::size_t memory_max, const std::filesystem::path& folder);
    Result<void> take(std::string_view bytes);
    Result<void> take(const mapping::MemberLosses& losses);

    const Spool& bytes() const { return bytes_; }
    const Spool& warned() const { return warned_; }
    /// The document's losses around those of its members.
    Result<void> give_read(const mapping::ListLosses& around, Spool& to) const;
    Result<void> give_own(const mapping::ListLosses& around, Spool& to) const;

private:
    using Parts = std::vector<Spool>;
    static Result<void> give(const std::array<mapping::ListLosses::Part, mapping::ListLosses::parts>& around,
                             const Parts& members, Spool& to);
    Spool bytes_, warned_;
    Parts read_, own_;
};

/// The reader of the second reading.
class FollowingReader {
public:
    /// Behind the documents that came before number `document` (from 0) of the tape that begins with `bytes`.
    /// Errors: those of FastReader
    Result<void> go_to(FormatReaders& readers, std::string_view bytes, schema::PathIndex document_cut,
                       schema::PathIndex list, std::uint64_t document);
    /// The next member's entry on the tape. Errors: those of FastReader; schema.undecided where the document has no
    /// more
    Result<std::uint32_t> next();
    schema::Tape& tape() { return reader_->tape(); }
    /// To begin again, or with other bytes.
    void leave() { open_ = false; }

private:
    Pool<schema::FastReader>::Lent reader_;
    Diagnostics faults_;
    schema::PathIndex document_cut_ = schema::no_path, list_ = schema::no_path;
    std::uint64_t passed_ = 0;
    bool open_ = false;
};

/// The entry of the element of this path that ends where the tape does; nothing: there is none.
std::optional<std::uint32_t> last_entry(const schema::Tape& tape, schema::PathIndex path);

}  // namespace hansa::exchange
