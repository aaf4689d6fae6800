#include "core/matching/ending.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace hansa::matching {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::array<std::string_view, 6> ends{"matched", "refused", "expired", "replaced", "withdrawn", "unfit"};

template <class List>
void put(Json& out, const char* name, const List& list) {
    if (!list.empty()) out[name] = list;
}

}  // namespace

std::string_view end_name(End end) {
    return ends[static_cast<std::size_t>(end)];
}

std::string ending_text(const Ending& ending) {
    Json out{{"end", end_name(ending.end)}, {"document", ending.document}};
    if (ending.other) out["other"] = *ending.other;
    put(out, "parts", ending.parts);
    put(out, "agreements", ending.agreements);
    put(out, "missing", ending.missing);
    put(out, "taken", ending.taken);
    put(out, "code", ending.code);
    put(out, "detail", ending.detail);
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Ending> ending_of(std::string_view text) {
    try {
        const Json json = Json::parse(text);
        const auto found = std::ranges::find(ends, json.at("end").get<std::string>());
        if (found == ends.end()) return std::nullopt;
        Ending out;
        out.end = static_cast<End>(found - ends.begin());
        out.document = json.at("document");
        if (json.contains("other")) out.other = json["other"].get<Number>();
        out.parts = json.value("parts", out.parts);
        out.agreements = json.value("agreements", out.agreements);
        out.missing = json.value("missing", out.missing);
        out.taken = json.value("taken", out.taken);
        out.code = json.value("code", "");
        out.detail = json.value("detail", "");
        return out;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

}  // namespace hansa::matching
