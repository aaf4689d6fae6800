// The loss ledger: what a translation could not carry as it was, and what it had to make up.
//
// Nothing is lost in silence: each source element without a home in the target and each target
// element that was defaulted, narrowed, rounded or aliased has an entry. Signed with the evidence.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::mapping {

enum class LossKind { dropped, carried, defaulted, narrowed, rounded, aliased };
inline constexpr std::size_t loss_kinds = 6;

std::string_view loss_kind_name(LossKind kind);

struct LossEntry {
    LossKind kind = LossKind::dropped;
    std::string path;                    ///< element path with indices, in the source (or the target, for defaulted)
    std::string value;                   ///< as it stood there
    std::string reason;                  ///< one sentence
    std::string row;                     ///< table row: mappings/ceb603.map:41
    std::uint32_t line = 0, column = 0;  ///< in the source document, where there is one
    std::uint64_t offset = 0;            ///< of its element in what was read; entries that reading made
    /// Entries that reading made: of which document, by its number in the message; none: of what stands around them.
    std::size_t document = no_document;
    static constexpr std::size_t no_document = SIZE_MAX;
};

/// An entry whose texts stand elsewhere.
struct LossView {
    LossKind kind = LossKind::dropped;
    std::string_view path, value, reason, row;
    std::uint32_t line = 0, column = 0;
};

/// Entries in their order as they stand in a ledger's JSON, for a ledger that is kept and not looked at.
struct ToldLosses {
    std::string json;
    std::array<std::size_t, loss_kinds> counts{};

    bool empty() const { return json.empty(); }
    void add(const LossView& entry);
    void add(const ToldLosses& more);
};

/// In the order found. Bounded: past `entries_max` the translation is refused (mapping.too-many-losses).
struct Ledger {
    std::vector<LossEntry> entries;
    ToldLosses told;  ///< those behind `entries`
    std::size_t count(LossKind kind) const;
    /// The document of interfaces.md: {"from": ..., "to": ..., "entries": [...]}.
    std::string json(std::string_view from, std::string_view to) const;
};

/// Ledger::json in pieces, for a ledger that is not in memory: the beginning, each entry, the end. The pieces of the
/// same entry are the same wherever it stands.
class LedgerJson {
public:
    static void begin(std::string& out, std::string_view from, std::string_view to);
    static void entry(std::string& out, const LossEntry& entry);
    static void entry(std::string& out, const LossView& entry);
    /// What stands between two entries.
    static constexpr std::string_view next = ",\n";
    static constexpr std::string_view before_first = "\n";
    static constexpr std::string_view end = "\n  ]\n}", end_of_none = "]\n}";
};

}  // namespace hansa::mapping
