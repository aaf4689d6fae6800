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

std::string Ledger::json(std::string_view from, std::string_view to) const {
    nlohmann::ordered_json all{{"from", from}, {"to", to}, {"entries", nlohmann::ordered_json::array()}};
    for (const LossEntry& entry : entries) {
        nlohmann::ordered_json one{{"path", entry.path}, {"value", entry.value}};
        if (entry.line != 0) {
            one["line"] = entry.line;
            one["column"] = entry.column;
        }
        one["kind"] = loss_kind_name(entry.kind);
        one["reason"] = entry.reason;
        if (!entry.row.empty()) one["row"] = entry.row;
        all["entries"].push_back(std::move(one));
    }
    return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace hansa::mapping
