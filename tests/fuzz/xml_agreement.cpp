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

/// libxml2 keeps namespace URIs with references half replaced, and its canonical form refuses what is no
/// absolute URI: only documents whose URIs are beyond doubt are compared.
bool has_plain_namespaces(std::string_view text) {
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
    xml::Scanner scanner(text);
    while (scanner.next().value() != xml::TokenKind::end_of_document) {
        for (const auto& made : scanner.token().declarations) {
            const bool urn = made.uri.size() > 4 && made.uri.starts_with("urn:") &&
                             std::all_of(made.uri.begin() + 4, made.uri.end(), plain);
            if (!urn && !made.uri.empty() && made.uri != "http://www.example.org/x") return false;
        }
    }
    return true;
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
    if (ours.has_value() != theirs) {
        return "ours: " + (ours ? "accepted" : ours.error().text()) + "; libxml2: " + (theirs ? "accepted" : "refused");
    }
    if (!theirs || !has_plain_namespaces(bytes)) return {};
    const std::string canonical = libxml2_c14n(bytes);
    return *ours == canonical ? "" : "ours writes: " + *ours + "\nlibxml2: " + canonical;
}

}  // namespace hansa::test
