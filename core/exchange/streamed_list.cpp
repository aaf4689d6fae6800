#include "core/exchange/streamed_list.h"

#include <cstring>

#include "core/schema/codes.h"

namespace hansa::exchange {

Result<void> append_text(Spool& spool, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    if (const auto kept = spool.append({bytes, sizeof bytes}); !kept) return kept;
    return spool.append(text);
}

Result<void> append_losses(Spool& spool, const std::vector<mapping::LossEntry>& entries) {
    std::string text;
    for (const mapping::LossEntry& entry : entries) {
        text.clear();
        mapping::LedgerJson::entry(text, entry);
        if (const auto kept = append_text(spool, text); !kept) return kept;
    }
    return {};
}

Result<void> append_warnings(Spool& spool, const std::vector<Error>& warnings) {
    for (const Error& one : warnings) {
        Result<void> kept = append_text(spool, one.detail);
        if (kept) kept = append_text(spool, one.place.path);
        if (!kept) return kept;
    }
    return {};
}

Result<void> append_spool(Spool& spool, const Spool& more) {
    for (SpoolReader reader(more); reader.left() != 0;) {
        const auto piece = reader.some();
        if (!piece) return piece.error();
        if (const auto kept = spool.append(*piece); !kept) return kept;
    }
    return {};
}

// ---- the members' stage ----

ListStage::ListStage(std::size_t memory_max, const std::filesystem::path& folder)
    : bytes_(memory_max, folder), warned_(memory_max, folder) {
    for (std::size_t part = 0; part < mapping::ListLosses::parts; ++part) {
        read_.emplace_back(memory_max, folder);
        own_.emplace_back(memory_max, folder);
    }
}

Result<void> ListStage::take(std::string_view bytes) {
    return bytes_.append(bytes);
}

Result<void> ListStage::take(const mapping::MemberLosses& losses) {
    for (std::size_t part = 0; part < mapping::ListLosses::parts; ++part) {
        if (const auto kept = append_losses(read_[part], losses.read[part]); !kept) return kept;
        if (const auto kept = append_losses(own_[part], losses.own[part]); !kept) return kept;
    }
    return append_warnings(warned_, losses.warned);
}

Result<void> ListStage::give(const std::array<mapping::ListLosses::Part, mapping::ListLosses::parts>& around,
                             const Parts& members, Spool& to) {
    for (std::size_t part = 0; part < mapping::ListLosses::parts; ++part) {
        Result<void> kept = append_losses(to, around[part].before);
        if (kept) kept = append_spool(to, members[part]);
        if (kept) kept = append_losses(to, around[part].behind);
        if (!kept) return kept;
    }
    return {};
}

Result<void> ListStage::give_read(const mapping::ListLosses& around, Spool& to) const {
    return give(around.read, read_, to);
}

Result<void> ListStage::give_own(const mapping::ListLosses& around, Spool& to) const {
    return give(around.own, own_, to);
}

// ---- the second reading ----

Result<void> FollowingReader::go_to(FormatReaders& readers, std::string_view bytes, schema::PathIndex document_cut,
                                    schema::PathIndex list, std::uint64_t document) {
    document_cut_ = document_cut;
    list_ = list;
    if (!open_) {
        reader_ = readers.pool.take([&] { return std::make_unique<schema::FastReader>(readers.grammar); });
        faults_ = Diagnostics();
        passed_ = 0;
        xml::Limits limits;
        limits.document_bytes_max = std::max(limits.document_bytes_max, bytes.size());
        std::vector<schema::PathIndex> cuts{list};
        if (document_cut != schema::no_path) cuts.push_back(document_cut);
        if (const auto good = reader_->open(bytes, cuts, faults_, limits); !good) return good;
        open_ = true;
    }
    while (passed_ < document) {
        const auto step = reader_->next();
        if (!step) return step.error();
        if (*step == schema::ReadStep::end)
            return Error{schema::codes::undecided, "the document is not there any more"};
        if (reader_->cut() == document_cut_) ++passed_;
        reader_->tape().truncate(reader_->tape().floor());
    }
    return {};
}

Result<std::uint32_t> FollowingReader::next() {
    const auto step = reader_->next();
    if (!step) return step.error();
    const bool is_member = *step == schema::ReadStep::cut && reader_->cut() == list_;
    const auto entry = is_member ? last_entry(reader_->tape(), list_) : std::nullopt;
    if (!entry) return Error{schema::codes::undecided, "the list is shorter than it was"};
    return *entry;
}

std::optional<std::uint32_t> last_entry(const schema::Tape& tape, schema::PathIndex path) {
    for (std::uint32_t at = tape.size(); at-- > 0;) {
        if (tape[at].path == path && tape[at].next == tape.size()) return at;
    }
    return std::nullopt;
}

}  // namespace hansa::exchange
