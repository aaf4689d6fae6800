#include "core/xml/encoding.h"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "core/xml/characters.h"
#include "core/xml/codes.h"
#include "core/xml/line_index.h"

namespace hansa::xml {
namespace {

struct EncodingRow {
    std::string_view name;  ///< ours
    const char* icu;
    std::string_view family;                ///< what the first bytes must look like for this name to be true
    std::array<std::string_view, 4> names;  ///< as registered, upper case
};

constexpr std::array<EncodingRow, 9> encodings{{
    {"UTF-8", "UTF-8", "UTF-8", {"UTF-8"}},
    {"UTF-16LE", "UTF-16LE", "UTF-16LE", {"UTF-16LE", "UTF-16"}},
    {"UTF-16BE", "UTF-16BE", "UTF-16BE", {"UTF-16BE", "UTF-16"}},
    {"GB18030", "GB18030", "ASCII", {"GB18030"}},
    {"GBK", "GBK", "ASCII", {"GBK", "CP936", "MS936", "WINDOWS-936"}},
    {"windows-1251", "windows-1251", "ASCII", {"WINDOWS-1251"}},
    {"ISO-8859-1", "ISO-8859-1", "ASCII", {"ISO-8859-1", "ISO_8859-1", "LATIN1", "L1"}},
    {"US-ASCII", "US-ASCII", "ASCII", {"US-ASCII", "ASCII"}},
    {"KOI8-R", "KOI8-R", "ASCII", {"KOI8-R"}},
}};

std::string upper(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

const EncodingRow* row_of_ours(std::string_view ours) {
    return std::find_if(encodings.begin(), encodings.end(), [&](const EncodingRow& row) { return row.name == ours; });
}

/// What the first bytes tell. `mark` is the length of a byte order mark.
struct Shape {
    std::string_view family;
    std::size_t mark = 0;
    std::size_t width = 1;     ///< bytes a character of the declaration takes
    std::size_t position = 0;  ///< of its ASCII byte in them
};

Shape shape_of(std::string_view bytes) {
    using namespace std::string_view_literals;
    if (bytes.starts_with("\xEF\xBB\xBF"sv)) return {"UTF-8", 3, 1, 0};
    const bool four = bytes.starts_with("\0\0\xFE\xFF"sv) || bytes.starts_with("\xFF\xFE\0\0"sv) ||
                      bytes.starts_with("\0\0\0<"sv) || bytes.starts_with("<\0\0\0"sv);
    if (four || bytes.starts_with("\x4C\x6F\xA7\x94"sv)) return {};
    if (bytes.starts_with("\xFE\xFF"sv)) return {"UTF-16BE", 2, 2, 1};
    if (bytes.starts_with("\xFF\xFE"sv)) return {"UTF-16LE", 2, 2, 0};
    if (bytes.starts_with("\0<"sv)) return {"UTF-16BE", 0, 2, 1};
    if (bytes.starts_with("<\0"sv)) return {"UTF-16LE", 0, 2, 0};
    return {"ASCII", 0, 1, 0};
}

/// The encoding name in the declaration, or empty: only looked for where one may stand. Whether the
/// declaration is well-formed is the scanner's affair.
std::string declared_name(std::string_view bytes, const Shape& shape) {
    constexpr std::size_t declaration_max = 256;
    constexpr std::string_view begin = "<?xml";
    std::string head;
    for (std::size_t at = shape.mark + shape.position; at < bytes.size() && head.size() < declaration_max;
         at += shape.width) {
        head += bytes[at];
        if (bytes[at] == '>') break;
        if (head.size() == begin.size() && head != begin) return {};
    }
    if (!head.starts_with(begin) || head.size() <= begin.size() || !is_space(head[begin.size()])) return {};
    const auto word = head.find("encoding");
    if (word == std::string::npos) return {};
    const auto open = head.find_first_of("\"'", word);
    if (open == std::string::npos) return {};
    const auto close = head.find(head[open], open + 1);
    return close == std::string::npos ? std::string{} : head.substr(open + 1, close - open - 1);
}

/// Names end up in messages: only what a name may hold, and not too much of it.
std::string shown(std::string_view name) {
    constexpr std::size_t shown_max = 40;
    std::string out(name.substr(0, shown_max));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x21 || c > 0x7E; }, '?');
    return "'" + out + "'";
}

Error broken(std::string_view bytes, std::size_t offset, std::string_view encoding) {
    return Error{codes::encoding_broken,
                 "byte " + std::to_string(offset) + " means nothing in " + std::string(encoding),
                 LineIndex(bytes).place(offset)};
}

/// Puts UTF-16 code units into UTF-8; pairs may be cut by the edge of a chunk.
class Utf8Maker {
public:
    explicit Utf8Maker(std::string& out) : out_(out) {}
    void add(char16_t unit) {
        if (high_ != 0) {
            append_utf8(out_, 0x10000 + ((static_cast<char32_t>(high_) - 0xD800) << 10) + (unit - 0xDC00u));
            high_ = 0;
        } else if (unit >= 0xD800 && unit < 0xDC00) {
            high_ = unit;
        } else {
            append_utf8(out_, unit);
        }
    }

private:
    std::string& out_;
    char16_t high_ = 0;
};

struct ConverterCloser {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

Result<Utf8Document> convert(std::string_view bytes, std::size_t mark, const EncodingRow& row, std::size_t bytes_max) {
    UErrorCode status = U_ZERO_ERROR;
    const Converter converter(ucnv_open(row.icu, &status));
    // Some tables of windows-1251 are named ambiguously, which ICU reports as a warning.
    if (U_FAILURE(status)) {
        return Error{codes::encoding_unknown, "this system's ICU has no " + std::string(row.name)};
    }
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    std::string out;
    Utf8Maker maker(out);
    std::array<UChar, 4096> units{};
    const char* source = bytes.data() + mark;
    const char* const source_end = bytes.data() + bytes.size();
    do {
        status = U_ZERO_ERROR;
        UChar* target = units.data();
        ucnv_toUnicode(converter.get(), &target, units.data() + units.size(), &source, source_end, nullptr, true,
                       &status);
        std::for_each(units.data(), target, [&maker](UChar unit) { maker.add(unit); });
        if (out.size() > bytes_max)
            return Error{codes::too_large, "document_bytes_max is " + std::to_string(bytes_max)};
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    if (U_SUCCESS(status)) return Utf8Document(std::move(out), row.name);
    std::array<char, 16> invalid{};
    auto length = static_cast<std::int8_t>(invalid.size());
    UErrorCode ignored = U_ZERO_ERROR;
    ucnv_getInvalidChars(converter.get(), invalid.data(), &length, &ignored);
    const auto consumed = static_cast<std::size_t>(source - bytes.data());
    const auto back = std::min(consumed, static_cast<std::size_t>(std::max<std::int8_t>(length, 0)));
    return broken(bytes, consumed - back, row.name);
}

}  // namespace

Result<std::string_view> detect_encoding(std::string_view bytes) {
    const Shape shape = shape_of(bytes);
    if (shape.family.empty()) return Error{codes::encoding_unknown, "UTF-32 and EBCDIC are not read"};
    const std::string name = declared_name(bytes, shape);
    const std::string wanted = upper(name);
    if (wanted.empty()) return shape.family == "ASCII" ? std::string_view("UTF-8") : shape.family;
    bool known = false;
    for (const EncodingRow& row : encodings) {
        if (std::find(row.names.begin(), row.names.end(), wanted) == row.names.end()) continue;
        known = true;
        const bool agrees = row.family == shape.family || (row.name == "UTF-8" && shape.family == "ASCII");
        if (agrees) return row.name;
    }
    if (!known) return Error{codes::encoding_unknown, "encoding " + shown(name) + " is not known", {"", 1, 1, ""}};
    return Error{codes::encoding_differs,
                 "the declaration says " + shown(name) + ", the first bytes are " +
                     (shape.family == "ASCII" ? "not" : std::string(shape.family)),
                 {"", 1, 1, ""}};
}

Result<Utf8Document> to_utf8(std::string_view bytes, std::size_t bytes_max) {
    if (bytes.size() > bytes_max) return Error{codes::too_large, "document_bytes_max is " + std::to_string(bytes_max)};
    const auto found = detect_encoding(bytes);
    if (!found) return found.error();
    const EncodingRow& row = *row_of_ours(*found);
    if (row.name == "UTF-8") return Utf8Document(bytes, row.name);
    if (row.name == "US-ASCII") {
        const auto other = std::find_if(bytes.begin(), bytes.end(), [](char c) { return !is_ascii(c); });
        if (other == bytes.end()) return Utf8Document(bytes, row.name);
        return broken(bytes, static_cast<std::size_t>(other - bytes.begin()), row.name);
    }
    return convert(bytes, shape_of(bytes).mark, row, bytes_max);
}

}  // namespace hansa::xml
