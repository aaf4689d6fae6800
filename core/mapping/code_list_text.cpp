#include "core/mapping/code_list_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/mapping/code_list.h"

namespace hansa::mapping {
namespace {

/// The next code point; a byte that is no UTF-8 stands for itself plus 0x110000, so that it never equals a sign.
char32_t take_sign(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
    const char32_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    char32_t sign = length == 1 ? (lead < 0x80 ? lead : lead + 0x110000) : lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (i >= text.size() || (byte(i) & 0xC0) != 0x80) {
            text.remove_prefix(1);
            return lead + 0x110000;
        }
        sign = (sign << 6) | (byte(i) & 0x3F);
    }
    text.remove_prefix(length);
    return sign;
}

struct LookAlike {
    char32_t sign;
    char latin;
};

// Unicode TR 39, confusables: capitals and small letters that serve in codes.
constexpr std::array<LookAlike, 55> look_alikes{{
    {U'А', 'A'}, {U'В', 'B'}, {U'Е', 'E'}, {U'К', 'K'}, {U'М', 'M'}, {U'Н', 'H'}, {U'О', 'O'}, {U'Р', 'P'},
    {U'С', 'C'}, {U'Т', 'T'}, {U'У', 'Y'}, {U'Х', 'X'}, {U'І', 'I'}, {U'Ј', 'J'}, {U'Ѕ', 'S'}, {U'З', '3'},
    {U'Б', '6'}, {U'а', 'a'}, {U'е', 'e'}, {U'о', 'o'}, {U'р', 'p'}, {U'с', 'c'}, {U'у', 'y'}, {U'х', 'x'},
    {U'і', 'i'}, {U'ј', 'j'}, {U'ѕ', 's'}, {U'Α', 'A'}, {U'Β', 'B'}, {U'Ε', 'E'}, {U'Ζ', 'Z'}, {U'Η', 'H'},
    {U'Ι', 'I'}, {U'Κ', 'K'}, {U'Μ', 'M'}, {U'Ν', 'N'}, {U'Ο', 'O'}, {U'Ρ', 'P'}, {U'Τ', 'T'}, {U'Υ', 'Y'},
    {U'Χ', 'X'}, {U'ο', 'o'}, {U'ν', 'v'}, {U'Օ', 'O'}, {U'օ', 'o'}, {U'Տ', 'S'}, {U'Լ', 'L'}, {U'Ս', 'U'},
    {U'ս', 'u'}, {U'հ', 'h'}, {U'ո', 'n'}, {U'ց', 'g'}, {U'զ', 'q'}, {U'‐', '-'}, {U'–', '-'},
}};

char latin_of(char32_t sign) {
    if (sign >= U'！' && sign <= U'～') return static_cast<char>(sign - U'！' + '!');
    const auto found =
        std::find_if(look_alikes.begin(), look_alikes.end(), [&](const LookAlike& each) { return each.sign == sign; });
    return found == look_alikes.end() ? '\0' : found->latin;
}

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

}  // namespace

std::string show_code(std::string_view text, bool always) {
    constexpr std::size_t signs_max = 40;
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
    if (plain && !always && text.size() <= signs_max) return "'" + std::string(text) + "'";
    std::string shown, points;
    bool foreign = false;
    std::string_view rest = text;
    std::size_t count = 0;
    while (!rest.empty() && count < signs_max) {
        const std::string_view before = rest;
        const char32_t sign = take_sign(rest);
        const bool printable = sign >= 0x20 && sign != 0x7F && sign < 0x110000;
        shown += printable ? std::string(before.substr(0, before.size() - rest.size())) : std::string("?");
        points += sign < 0x110000 ? fmt::format(" U+{:04X}", static_cast<std::uint32_t>(sign))
                                  : fmt::format(" byte {:02X}", static_cast<std::uint32_t>(sign - 0x110000));
        foreign = foreign || sign >= 0x80 || !printable;
        ++count;
    }
    if (!rest.empty()) shown += "...";
    if (points.empty() || (!foreign && !always)) return fmt::format("'{}'", shown);
    return fmt::format("'{}' ({})", shown, points.substr(1));
}

namespace list_text {

std::string skeleton(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view before = text;
        const char latin = latin_of(take_sign(text));
        if (latin != '\0') {
            out += latin;
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out;
}

namespace {

/// The end of a text that starts with `edge`; npos when it does not end.
std::size_t closing(std::string_view line, std::size_t from, char edge) {
    for (std::size_t i = from; i < line.size(); ++i) {
        if (edge == '/' && line[i] == '\\') {
            ++i;
        } else if (line[i] == edge) {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

std::optional<std::pair<std::uint32_t, std::string>> cells_of(std::string_view line, std::vector<Cell>& out,
                                                              bool commas) {
    const auto ends = [&](std::size_t i) {
        return i >= line.size() || is_space(line[i]) || (commas && line[i] == ',');
    };
    std::size_t at = 0;
    while (at < line.size()) {
        if (is_space(line[at])) {
            ++at;
            continue;
        }
        if (line[at] == '#') break;
        Cell cell;
        cell.column = static_cast<std::uint32_t>(at + 1);
        if (commas && line[at] == ',') {
            cell.comma = true;
            ++at;
        } else if (line[at] == '"' || (line[at] == '/' && closing(line, at + 1, '/') != line.npos)) {
            const char edge = line[at];
            const std::size_t end = closing(line, at + 1, edge);
            if (end == line.npos)
                return std::pair{cell.column, std::string("a text in quotes does not end in this line")};
            cell.text = line.substr(at + 1, end - at - 1);
            cell.quoted = edge == '"';
            cell.pattern = edge == '/';
            at = end + 1;
            if (at < line.size() && line[at] == '!') cell.marked = true, ++at;
            if (!ends(at))
                return std::pair{static_cast<std::uint32_t>(at + 1),
                                 std::string("expected a space after the closing sign")};
        } else {
            const std::size_t from = at;
            while (!ends(at)) ++at;
            cell.text = line.substr(from, at - from);
            if (cell.text.size() > 1 && cell.text.back() == '!') cell.text.pop_back(), cell.marked = true;
        }
        out.push_back(std::move(cell));
    }
    return std::nullopt;
}

}  // namespace list_text
}  // namespace hansa::mapping
