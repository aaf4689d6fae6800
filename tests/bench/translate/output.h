// What translations by hand need beside a parser: text appended as XML, decimals without floating point.
//
// Everything appends to one std::string, which the caller keeps from message to message, so that a
// translation allocates next to nothing. Texts are UTF-8; what XML has to escape is escaped as
// Canonical XML 1.0 writes it, because the target is canonical.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hansa::bench::by_hand {

/// Text between tags: & < > and CR are replaced.
void append_text(std::string& out, std::string_view text);

/// Unicode code points of a well-formed text.
std::size_t characters(std::string_view text);

/// May the text stand where at most `longest` characters fit? Nothing to say is no value.
inline bool fits(std::string_view text, std::size_t longest) {
    return !text.empty() && (text.size() <= longest || characters(text) <= longest);
}

/// A decimal as the target writes it: no sign +, no superfluous zeros, 0.5 for .5.
void append_decimal(std::string& out, std::string_view number);

/// The same with at most `fraction` digits after the point and `total` digits, rounded half up.
/// False, and nothing appended: too many digits, or nothing but zeros would be left of it.
bool append_rounded(std::string& out, std::string_view number, std::size_t fraction, std::size_t total);

/// <open>text<close>, where `open` and `close` are whole tags.
inline void append_element(std::string& out, std::string_view open, std::string_view text, std::string_view close) {
    out += open;
    append_text(out, text);
    out += close;
}

/// An attribute's or element's name without its prefix.
inline std::string_view local_name(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace hansa::bench::by_hand
