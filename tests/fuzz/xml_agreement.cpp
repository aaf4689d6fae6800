#include "tests/fuzz/xml_agreement.h"

#include <algorithm>

#include "core/xml/codes.h"
#include "tests/support/libxml2.h"
#include "tests/support/xml_copy.h"

namespace hansa::test {
namespace {

namespace codes = xml::codes;

/// Refusals that are ours alone: rules of the house, limits, encodings.
bool is_policy(Code code) {
    const Code ours[] = {codes::doctype_refused,  codes::version_refused,  codes::encoding_refused,
                         codes::encoding_unknown, codes::encoding_differs, codes::too_large,
                         codes::too_deep,         codes::too_many,         codes::name_too_long,
                         codes::text_too_long};
    return std::find(std::begin(ours), std::end(ours), code) != std::end(ours);
}

/// Where libxml2 2.9.14 takes what XML 1.0 does not: a declaration without white space before "standalone"
/// (production 32), and anything at all behind a NUL that follows the root (production 1).
bool libxml2_is_lenient(std::string_view text) {
    return text.find('\0') != text.npos || text.find("\"standalone") != text.npos ||
           text.find("'standalone") != text.npos;
}

enum class Uris { beyond_doubt, odd, referring };

/// libxml2 keeps namespace URIs with references half replaced (`referring`), and its canonical form refuses
/// what it holds for no absolute URI (`odd` ones may be refused).
Uris uris_of(std::string_view text) {
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    Uris out = Uris::beyond_doubt;
    xml::Scanner scanner(text);
    while (scanner.next().value() != xml::TokenKind::end_of_document) {
        for (const auto& made : scanner.token().declarations) {
            if (made.uri.find_first_of("&<>\"\t\n\r") != std::string_view::npos) return Uris::referring;
            const bool urn = made.uri.size() > 4 && made.uri.starts_with("urn:") &&
                             std::all_of(made.uri.begin() + 4, made.uri.end(), plain);
            if (!urn && !made.uri.empty()) out = Uris::odd;
        }
    }
    return out;
}

std::string fault_of_places(std::string_view text) {
    xml::Scanner scanner(text);
    xml::Token last;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == xml::TokenKind::end_of_document) return {};
        const xml::Token& token = scanner.token();
        const bool other_half = token.kind == xml::TokenKind::end_element && token.empty_tag;
        if (token.offset >= token.end || token.end > text.size()) return "a token's place is not in the text";
        if (!other_half && token.offset < last.end) return "a token's place is behind the next";
        if (token.kind == xml::TokenKind::text && (token.text.empty() || last.kind == xml::TokenKind::text)) {
            return "a text is empty or split";
        }
        last = token;
    }
}

}  // namespace

std::string disagreement(std::string_view bytes) {
    static_cast<void>(xml::scan_well_formed(bytes));
    if (std::string fault = fault_of_places(bytes); !fault.empty()) return fault;
    const auto ours = written_again(bytes);
    if (!ours && is_policy(ours.error().code)) return {};
    const bool theirs = libxml2_well_formed(bytes);
    if (!ours && theirs && libxml2_is_lenient(bytes)) return {};
    if (ours.has_value() != theirs) {
        return "ours: " + (ours ? "accepted" : ours.error().text()) + "; libxml2: " + (theirs ? "accepted" : "refused");
    }
    if (!theirs) return {};
    const Uris uris = uris_of(bytes);
    const std::string canonical = libxml2_c14n(bytes);
    if (uris == Uris::referring || (uris == Uris::odd && canonical == libxml2_refuses)) return {};
    return *ours == canonical ? "" : "ours writes: " + *ours + "\nlibxml2: " + canonical;
}

}  // namespace hansa::test
