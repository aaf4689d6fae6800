// The repertoires of ISO 9735 and the bytes they are written in.
#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "core/syntax/codes.h"
#include "core/syntax/edifact_level.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::edifact {
namespace {

struct LevelRow {
    std::string_view name;
    const char* encoding;         ///< as ICU calls it
    std::string_view characters;  ///< all of them; empty: whatever the encoding has, but for control characters
};

constexpr std::string_view level_a = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/='+:?!\"%&*;<>";
constexpr std::string_view level_b =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-()/='+:?!\"%&*;<>";

constexpr LevelRow levels[] = {
    {"UNOA", "US-ASCII", level_a}, {"UNOB", "US-ASCII", level_b}, {"UNOC", "ISO-8859-1", {}},
    {"UNOD", "ISO-8859-2", {}},    {"UNOE", "ISO-8859-5", {}},    {"UNOF", "ISO-8859-7", {}},
    {"UNOK", "ISO-8859-9", {}},    {"UNOW", "UTF-8", {}},         {"UNOY", "UTF-8", {}},
};

const LevelRow* row_of(std::string_view level) {
    const auto found = std::ranges::find(levels, level, &LevelRow::name);
    return found == std::end(levels) ? nullptr : found;
}

struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, Close>;

/// Of the encoding, set to stop at what it does not have.
Converter converter_of(const char* encoding) {
    UErrorCode status = U_ZERO_ERROR;
    Converter out(ucnv_open(encoding, &status));
    ucnv_setToUCallBack(out.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    ucnv_setFromUCallBack(out.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    return U_SUCCESS(status) ? std::move(out) : nullptr;
}

bool is_control(char16_t unit) {
    return unit < 0x20 || (unit >= 0x7F && unit < 0xA0) || unit == 0xFFFE || unit == 0xFFFF;
}

bool is_line_break(char16_t unit) {
    return unit == '\r' || unit == '\n';
}

/// The first unit that the level does not have; line breaks are for the reader of segments to judge.
std::optional<std::size_t> first_foreign(const LevelRow& level, std::u16string_view text, std::string_view others) {
    for (std::size_t at = 0; at != text.size(); ++at) {
        const char16_t unit = text[at];
        if (is_line_break(unit)) continue;
        if (unit < 0x80 && others.find(static_cast<char>(unit)) != std::string_view::npos) continue;
        if (is_control(unit)) return at;
        if (level.characters.empty()) continue;
        if (unit > 0x7E || level.characters.find(static_cast<char>(unit)) == std::string_view::npos) return at;
    }
    return std::nullopt;
}

std::string utf8_of(std::u16string_view text) {
    std::string out;
    icu::UnicodeString(false, text.data(), static_cast<std::int32_t>(text.size())).toUTF8String(out);
    return out;
}

std::optional<std::string> bytes_of(const char* encoding, std::string_view text) {
    const Converter converter = converter_of(encoding);
    if (!converter) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    const auto wide = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    std::string out(static_cast<std::size_t>(wide.length()) * 4 + 16, '\0');
    const std::int32_t size = ucnv_fromUChars(converter.get(), out.data(), static_cast<std::int32_t>(out.size()),
                                              wide.getBuffer(), wide.length(), &status);
    if (U_FAILURE(status)) return std::nullopt;
    out.resize(static_cast<std::size_t>(size));
    return out;
}

}  // namespace

bool level_known(std::string_view level) {
    return row_of(level) != nullptr;
}

Result<std::string> decode(std::string_view level, std::string_view bytes, const ServiceCharacters& service) {
    const LevelRow& row = *row_of(level);
    const Converter converter = converter_of(row.encoding);
    if (!converter) return Error{codes::level_unknown, std::string(level)};
    std::u16string wide(bytes.size() + 16, u'\0');  // no encoding here has more units than bytes
    const char* source = bytes.data();
    char16_t* target = wide.data();
    UErrorCode status = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &target, wide.data() + wide.size(), &source, bytes.data() + bytes.size(), nullptr,
                   true, &status);
    wide.resize(static_cast<std::size_t>(target - wide.data()));
    const std::string others{service.component, service.element, service.release, service.repetition,
                             service.terminator};
    const auto foreign = first_foreign(row, wide, others);
    if (foreign || U_FAILURE(status)) {
        const std::string before = utf8_of(std::u16string_view(wide).substr(0, foreign.value_or(wide.size())));
        xml::LineIndex lines(before);
        return Error{codes::charset, std::string(row.name) + " does not have the character that stands here",
                     lines.place(before.size())};
    }
    return utf8_of(wide);
}

bool level_has(std::string_view level, std::string_view text) {
    const LevelRow* row = row_of(level);
    if (row == nullptr) return false;
    const auto wide = icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
    const std::u16string_view units(wide.getBuffer(), static_cast<std::size_t>(wide.length()));
    if (std::ranges::any_of(units, is_line_break) || first_foreign(*row, units, {})) return false;
    return bytes_of(row->encoding, text).has_value();
}

std::string encode(std::string_view level, std::string_view text) {
    return bytes_of(row_of(level)->encoding, text).value_or(std::string());
}

}  // namespace hansa::syntax::edifact
