#include "core/syntax/syntax.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/syntax/codes.h"
#include "core/syntax/edifact.h"
#include "core/syntax/edifact_text.h"
#include "core/syntax/flat.h"
#include "core/syntax/json.h"

namespace hansa::syntax {

namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Do the fields of the first line stand between separators of ASCII?
bool has_separators(std::string_view bytes) {
    constexpr std::size_t head = 4'096;  // no first record is longer
    const std::string_view line = bytes.substr(0, std::min(bytes.find('\n'), head));
    return line.find_first_of("\x1C\x1D\x1E\x1F") != std::string_view::npos;
}

struct KindRow {
    Kind kind;
    std::string_view name, ending, media_type;
};
constexpr KindRow kinds[] = {
    {Kind::unknown, {}, "xml", "application/xml"},
    {Kind::xml, "xml", "xml", "application/xml"},
    {Kind::edifact, "edifact", "edi", "application/EDIFACT"},
    {Kind::flat, "flat", "txt", "text/plain"},
    {Kind::json, "json", "json", "application/json"},
};

const KindRow& row_of(Kind kind) {
    return *std::ranges::find(kinds, kind, &KindRow::kind);
}

}  // namespace

Kind kind_of(std::string_view bytes) {
    const std::size_t mark = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    const std::size_t first = bytes.find_first_not_of(blanks, mark);
    if (first == std::string_view::npos) return Kind::unknown;
    // Other encodings of XML begin with a mark or a zero, as nothing else does.
    const auto sign = static_cast<unsigned char>(bytes[first]);
    if (sign == '<' || sign == 0 || sign >= 0xFE) return Kind::xml;
    if (sign == '{' || sign == '[') return Kind::json;
    if (edifact::looks_like_interchange(bytes)) return Kind::edifact;
    return has_separators(bytes) ? Kind::flat : Kind::unknown;
}

std::string_view name_of(Kind kind) {
    return row_of(kind).name;
}
std::string_view ending_of(Kind kind) {
    return row_of(kind).ending;
}

std::string_view media_type_of(std::string_view file_name) {
    const std::string_view ending = file_name.substr(file_name.rfind('.') + 1);
    if (ending == "asice") return "application/vnd.etsi.asic-e+zip";
    const auto found = std::ranges::find(kinds, ending, &KindRow::ending);
    return found == std::end(kinds) ? "application/xml" : found->media_type;
}

std::string described(std::string_view bytes) {
    const Kind kind = kind_of(bytes);
    if (kind == Kind::json) return "a JSON document";
    if (kind == Kind::flat) return "records with separators";
    const auto type = edifact::message_type(bytes);
    return type ? fmt::format("a UN/EDIFACT message {}", *type) : type.error().text();
}

bool is_syntax(std::string_view name) {
    return name == "edifact" || name == "flat" || name == "json";
}

Result<std::shared_ptr<const Syntax>> make(const Source& source, Diagnostics& faults) {
    if (source.name == "edifact") {
        auto table = edifact::read_table(source, faults);
        if (!table) return table.error();
        return edifact::make(*std::move(table));
    }
    if (source.name == "flat") return flat::make(source, faults);
    if (source.name == "json") return json::make(source, faults);
    const Error error{codes::table_invalid, fmt::format("'{}' is no syntax", source.name)};
    faults.add(error);
    return error;
}

}  // namespace hansa::syntax
