#include "core/disclosure/field_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/disclosure/codes.h"

namespace hansa::disclosure {
namespace {

constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/@";
constexpr std::string_view list_attribute = "/@listID";

/// Letters of other scripts that look like ours (Unicode TR 39, confusables), and signs that look like / . % @.
constexpr std::array<std::pair<char32_t, char>, 74> look_alikes{{
    {U'\u0391', 'A'}, {U'\u0410', 'A'}, {U'\u0392', 'B'}, {U'\u0412', 'B'}, {U'\u0421', 'C'}, {U'\u03F9', 'C'}, {U'\u0395', 'E'}, {U'\u0415', 'E'},
    {U'\u050C', 'G'}, {U'\u0397', 'H'}, {U'\u041D', 'H'}, {U'\u0399', 'I'}, {U'\u0406', 'I'}, {U'\u04C0', 'I'}, {U'\u0408', 'J'}, {U'\u039A', 'K'},
    {U'\u041A', 'K'}, {U'\u039C', 'M'}, {U'\u041C', 'M'}, {U'\u039D', 'N'}, {U'\u039F', 'O'}, {U'\u041E', 'O'}, {U'\u03A1', 'P'}, {U'\u0420', 'P'},
    {U'\u0405', 'S'}, {U'\u03A4', 'T'}, {U'\u0422', 'T'}, {U'\u03A7', 'X'}, {U'\u0425', 'X'}, {U'\u03A5', 'Y'}, {U'\u04AE', 'Y'}, {U'\u0396', 'Z'},
    {U'\u0430', 'a'}, {U'\u03B1', 'a'}, {U'\u0251', 'a'}, {U'\u0441', 'c'}, {U'\u03F2', 'c'}, {U'\u0501', 'd'}, {U'\u0435', 'e'}, {U'\u0454', 'e'},
    {U'\u0261', 'g'}, {U'\u04BB', 'h'}, {U'\u0456', 'i'}, {U'\u0131', 'i'}, {U'\u03B9', 'i'}, {U'\u0458', 'j'}, {U'\u043A', 'k'}, {U'\u04CF', 'l'},
    {U'\u043E', 'o'}, {U'\u03BF', 'o'}, {U'\u0585', 'o'}, {U'\u0440', 'p'}, {U'\u03C1', 'p'}, {U'\u051B', 'q'}, {U'\u0433', 'r'}, {U'\u0455', 's'},
    {U'\u057D', 'u'}, {U'\u03C5', 'u'}, {U'\u03BD', 'v'}, {U'\u0475', 'v'}, {U'\u051D', 'w'}, {U'\u0445', 'x'}, {U'\u0443', 'y'}, {U'\u04AF', 'y'},
    {U'\u2044', '/'}, {U'\u2215', '/'}, {U'\u29F8', '/'}, {U'\u2571', '/'}, {U'\\', '/'}, {U'\u2024', '.'}, {U'\u3002', '.'}, {U'\uFF61', '.'},
    {U'\u066A', '%'}, {U'\u2052', '%'},
}};

bool in(char32_t sign, char32_t first, char32_t last) { return first <= sign && sign <= last; }

/// What nobody sees: controls, white space, joiners, direction marks, variation selectors, combining accents, tags.
bool invisible(char32_t sign) {
    return sign <= 0x20 || in(sign, 0x7F, 0xA0) || sign == 0xAD || in(sign, 0x300, 0x36F) || sign == 0x1680 || in(sign, 0x2000, 0x200F) ||
           in(sign, 0x2028, 0x202F) || in(sign, 0x205F, 0x206F) || sign == 0x3000 || in(sign, 0xFE00, 0xFE0F) || sign == 0xFEFF || in(sign, 0xE0000, 0xE01EF);
}

/// The letter that the sign stands for; itself where it stands for nothing else.
char32_t folded(char32_t sign) {
    constexpr char32_t letters = 26;
    if (in(sign, 0xFF01, 0xFF5E)) return sign - 0xFEE0;
    if (in(sign, 0x1D400, 0x1D6A3)) {  // mathematical letters: bold, italic, ... each alphabet twice 26
        const char32_t place = (sign - 0x1D400) % (2 * letters);
        return place < letters ? U'A' + place : U'a' + (place - letters);
    }
    if (in(sign, 0x1D7CE, 0x1D7FF)) return U'0' + (sign - 0x1D7CE) % 10;
    const auto known = std::ranges::find(look_alikes, sign, &std::pair<char32_t, char>::first);
    return known == look_alikes.end() ? sign : static_cast<char32_t>(known->second);
}

/// The next sign of UTF-8; a byte that begins none is dropped as a control would be.
char32_t take_sign(std::string_view& text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80 ? 1 : in(first, 0xC0, 0xDF) ? 2 : in(first, 0xE0, 0xEF) ? 3 : in(first, 0xF0, 0xF7) ? 4 : 0;
    char32_t sign = length == 1 ? first : length == 0 ? 0 : first & (0x7FU >> length);
    bool good = length != 0 && length <= text.size();
    for (std::size_t i = 1; good && i < length; ++i) {
        good = (byte(i) & 0xC0U) == 0x80;
        sign = sign << 6U | (byte(i) & 0x3FU);
    }
    text.remove_prefix(good ? length : 1);
    return good ? sign : 0;
}

void append_utf8(std::string& out, char32_t sign) {
    const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (sign < 0x80) return put(sign);
    if (sign < 0x800) return put(0xC0 | sign >> 6), put(0x80 | (sign & 0x3F));
    if (sign < 0x10000) return put(0xE0 | sign >> 12), put(0x80 | (sign >> 6 & 0x3F)), put(0x80 | (sign & 0x3F));
    put(0xF0 | sign >> 18), put(0x80 | (sign >> 12 & 0x3F)), put(0x80 | (sign >> 6 & 0x3F)), put(0x80 | (sign & 0x3F));
}

std::string seen(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const char32_t sign = folded(take_sign(text));
        if (!invisible(sign)) append_utf8(out, sign);
    }
    return out;
}

std::string without_percent(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool coded = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        out += coded ? static_cast<char>(static_cast<unsigned char>(digit(text[i + 1]) * 16 + digit(text[i + 2]))) : text[i];
        if (coded) i += 2;
    }
    return out;
}

/// Steps without ".", ".." and empty ones; an attribute is a step.
std::string resolved(std::string_view text) {
    std::string path;
    for (const char c : text) path += c == '@' ? "/@" : std::string(1, c);
    std::vector<std::string_view> steps;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view step = std::string_view(path).substr(begin, end - begin);
        if (step == ".." && !steps.empty()) steps.pop_back();
        else if (!step.empty() && step != "." && step != "..") steps.push_back(step);
        begin = end + 1;
    }
    std::string out;
    for (const std::string_view step : steps) out += fmt::format("{}{}", out.empty() ? "" : "/", step);
    return out;
}

Error not_plain(std::string_view written) {
    const std::string normal = normal_form(written);
    const bool helps = !normal.empty() && normal != written;
    return {codes::field_not_plain, fmt::format("'{}'{}", shown(written), helps ? fmt::format("; its normal form is '{}'", shown(normal)) : "")};
}

}  // namespace

std::string shown(std::string_view text) {
    constexpr std::size_t characters_max = 120;
    std::string out;
    for (const char c : text) {
        if (out.size() >= characters_max) return out + "...";
        if (c > 0x20 && c < 0x7F) out += c;
        else out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string normal_form(std::string_view path) {
    // Each pass makes the text shorter or leaves it: this ends. What is too long is not looked at to its end.
    std::string text(path.substr(0, path_bytes_max));
    for (std::string before; before != text;) {
        before = text;
        text = without_percent(seen(text));
    }
    return resolved(text);
}

Result<const pivot::Field*> checked_field(pivot::Kind kind, std::string_view written) {
    const bool is_plain = !written.empty() && written.size() <= path_bytes_max && written.find_first_not_of(plain) == written.npos;
    if (!is_plain || normal_form(written) != written) return not_plain(written);
    // @listID is no attribute of the table: every code may have it.
    const bool list = written.ends_with(list_attribute);
    const std::string_view looked_for = list ? written.substr(0, written.size() - list_attribute.size()) : written;
    const pivot::Field* field = pivot::find(kind, looked_for);
    if (field == nullptr) return Error{codes::field_unknown, pivot::explain_unknown(kind, looked_for).detail};
    if (list && field->form != pivot::Form::code) return Error{codes::field_unknown, fmt::format("'{}' is no code and has no list", shown(looked_for))};
    if (field->is_group()) return Error{codes::field_is_class, fmt::format("'{}'", written)};
    const std::size_t at = looked_for.find('@');
    const std::string_view attribute = at == looked_for.npos ? std::string_view() : looked_for.substr(at + 1);
    const std::string own = field->path() + (attribute.empty() ? "" : fmt::format("/@{}", attribute));
    if (own != looked_for) return not_plain(written);
    return field;
}

}  // namespace hansa::disclosure
