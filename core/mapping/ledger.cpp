#include "core/mapping/ledger.h"

#include <algorithm>
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
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [&](const LossEntry& entry) { return entry.kind == kind; }));
}

namespace {

/// A string of JSON; signs that are no UTF-8 are replaced.
void append_string(std::string& out, std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char sign) {
        return sign >= ' ' && sign <= '~' && sign != '"' && sign != '\\';
    });
    if (plain) {
        out += '"';
        out += text;
        out += '"';
    } else {
        out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ",\n      \"";
    out += name;
    out += "\": ";
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
    out += "    {\n      \"path\": ";
    append_string(out, entry.path);
    append_member(out, "value", entry.value);
    if (entry.line != 0) {
        out += ",\n      \"line\": " + std::to_string(entry.line);
        out += ",\n      \"column\": " + std::to_string(entry.column);
    }
    append_member(out, "kind", loss_kind_name(entry.kind));
    append_member(out, "reason", entry.reason);
    if (!entry.row.empty()) append_member(out, "row", entry.row);
    out += "\n    }";
}

std::string Ledger::json(std::string_view from, std::string_view to) const {
    std::string out;
    LedgerJson::begin(out, from, to);
    for (const LossEntry& entry : entries) {
        out += &entry == entries.data() ? LedgerJson::before_first : LedgerJson::next;
        LedgerJson::entry(out, entry);
    }
    out += entries.empty() ? LedgerJson::end_of_none : LedgerJson::end;
    return out;
}

}  // namespace hansa::mapping
