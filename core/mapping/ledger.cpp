#include "core/mapping/ledger.h"

#include <emmintrin.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace hansa::mapping {

std::string_view loss_kind_name(LossKind kind) {
    switch (kind) {
        case LossKind::dropped:
            return "dropped";
        case LossKind::carried:
            return "carried";
        case LossKind::defaulted:
            return "defaulted";
        case LossKind::narrowed:
            return "narrowed";
        case LossKind::rounded:
            return "rounded";
        case LossKind::aliased:
            return "aliased";
    }
    return "";
}

std::size_t Ledger::count(LossKind kind) const {
    return told.counts[static_cast<std::size_t>(kind)] +
           static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(),
                                                  [&](const LossEntry& entry) { return entry.kind == kind; }));
}

void ToldLosses::add(const LossView& entry) {
    if (!json.empty()) json += LedgerJson::next;
    LedgerJson::entry(json, entry);
    ++counts[static_cast<std::size_t>(entry.kind)];
}

void ToldLosses::add(const ToldLosses& more) {
    if (more.json.empty()) return;
    json.reserve(json.size() + LedgerJson::next.size() + more.json.size());
    if (!json.empty()) json += LedgerJson::next;
    json += more.json;
    for (std::size_t i = 0; i < loss_kinds; ++i) counts[i] += more.counts[i];
}

namespace {

/// Sixteen signs at once: nothing that JSON spells otherwise.
bool is_plain(std::string_view text) {
    const auto odd = [](__m128i signs) {
        const __m128i low = _mm_cmplt_epi8(signs, _mm_set1_epi8(' '));  // those beyond ASCII too
        const __m128i high = _mm_cmpgt_epi8(signs, _mm_set1_epi8('~'));
        const __m128i quote = _mm_cmpeq_epi8(signs, _mm_set1_epi8('"'));
        const __m128i slash = _mm_cmpeq_epi8(signs, _mm_set1_epi8('\\'));
        return _mm_or_si128(_mm_or_si128(low, high), _mm_or_si128(quote, slash));
    };
    __m128i found = _mm_setzero_si128();
    std::size_t at = 0;
    for (; at + 16 <= text.size(); at += 16)
        found = _mm_or_si128(found, odd(_mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at))));
    if (_mm_movemask_epi8(found) != 0) return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                       [](char sign) { return sign >= ' ' && sign <= '~' && sign != '"' && sign != '\\'; });
}

void append_number(std::string& out, std::uint32_t number) {
    char digits[10];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

/// A string of JSON; signs that are no UTF-8 are replaced.
void append_string(std::string& out, std::string_view text) {
    if (is_plain(text)) {
        out += '"';
        out += text;
        out += '"';
    } else {
        out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    append_string(out, text);
}

}  // namespace

void LedgerJson::begin(std::string& out, std::string_view from, std::string_view to) {
    out += "{\n  \"from\": ";
    append_string(out, from);
    out += ",\n  \"to\": ";
    append_string(out, to);
    out += ",\n  \"entries\": [";
}

void LedgerJson::entry(std::string& out, const LossEntry& entry) {
    LedgerJson::entry(out,
                      LossView{entry.kind, entry.path, entry.value, entry.reason, entry.row, entry.line, entry.column});
}

void LedgerJson::entry(std::string& out, const LossView& entry) {
    out += "    {\"path\":";
    append_string(out, entry.path);
    append_member(out, "value", entry.value);
    if (entry.line != 0) {
        out += ",\"line\":";
        append_number(out, entry.line);
        out += ",\"column\":";
        append_number(out, entry.column);
    }
    append_member(out, "kind", loss_kind_name(entry.kind));
    append_member(out, "reason", entry.reason);
    if (!entry.row.empty()) append_member(out, "row", entry.row);
    out += '}';
}

std::string Ledger::json(std::string_view from, std::string_view to) const {
    constexpr std::size_t frame_bytes = 256, entry_bytes = 256;
    std::string out;
    out.reserve(frame_bytes + told.json.size() + entries.size() * entry_bytes);
    LedgerJson::begin(out, from, to);
    for (const LossEntry& entry : entries) {
        out += &entry == entries.data() ? LedgerJson::before_first : LedgerJson::next;
        LedgerJson::entry(out, entry);
    }
    if (!told.empty()) {
        out += entries.empty() ? LedgerJson::before_first : LedgerJson::next;
        out += told.json;
    }
    out += entries.empty() && told.empty() ? LedgerJson::end_of_none : LedgerJson::end;
    return out;
}

}  // namespace hansa::mapping
