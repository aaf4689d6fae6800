// From the encodings that customs systems write to UTF-8, through ICU.
//
// The scanner reads UTF-8 only. What came in another encoding is converted first, whole, and all
// later offsets, lines and columns count in the converted text. Nothing is replaced or skipped:
// a byte that means no character is an error with its place in the bytes as they came.
//
//     auto document = xml::to_utf8(bytes);
//     if (!document) return document.error();
//     xml::Scanner scanner(document->text(), limits, xml::DeclaredEncoding::converted);
//
// Source: XML 1.0, fifth edition, section 4.3.3 and appendix F.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa::xml {

/// A document whose text is UTF-8: the caller's bytes where they are UTF-8 already (they must
/// outlive this), else bytes of its own.
class Utf8Document {
public:
    Utf8Document(std::string_view bytes, std::string_view encoding) : bytes_(bytes), encoding_(encoding) {}
    Utf8Document(std::string converted, std::string_view encoding)
        : own_(std::move(converted)), converted_(true), encoding_(encoding) {}

    std::string_view text() const { return converted_ ? std::string_view(own_) : bytes_; }
    bool converted() const { return converted_; }
    /// As this header spells it: "UTF-8", "GB18030", ...
    std::string_view encoding() const { return encoding_; }

private:
    std::string_view bytes_;
    std::string own_;
    bool converted_ = false;
    std::string_view encoding_;
};

/// The encoding that the first bytes tell: byte order mark, else the shape of "<?xml", else UTF-8; then
/// the name in the XML declaration, which must agree. One of UTF-8, UTF-16LE, UTF-16BE, GB18030,
/// GBK, windows-1251, ISO-8859-1, US-ASCII, KOI8-R. Lives for ever.
///
/// Errors: xml.encoding-unknown   a name that is not in this list; UTF-32 or EBCDIC
///         xml.encoding-differs   the declaration names another encoding than the bytes have
Result<std::string_view> detect_encoding(std::string_view bytes);

/// UTF-8 itself is not checked here: the scanner does it.
///
/// Errors: those of detect_encoding
///         xml.encoding-broken    a byte that means no character; the place counts in `bytes`, the
///                                message gives the offset
///         xml.too-large          more than `bytes_max` bytes, before or after conversion
Result<Utf8Document> to_utf8(std::string_view bytes, std::size_t bytes_max = 64u << 20);

}  // namespace hansa::xml
