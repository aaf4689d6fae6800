// Fuzz target: the fast canonical form against libxml2's, on any bytes.
//
// The first bytes choose method, element and element left out. What must hold: where the fast way is done, the
// reference takes the document too and writes the same octets.
#include <libxml/tree.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "core/xml/canonical.h"
#include "core/xml/fast_canonical.h"

namespace {

using namespace hansa;

/// The element whose start tag is number `index`.
const xmlNode* nth_element(const xmlNode* node, std::size_t& index) {
    for (; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        if (index-- == 0) return node;
        if (const xmlNode* below = nth_element(node->children, index)) return below;
    }
    return nullptr;
}

std::optional<std::uint64_t> nth_offset(std::string_view text, std::size_t index) {
    xml::Scanner scanner(text);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == xml::TokenKind::end_of_document) return std::nullopt;
        if (*kind == xml::TokenKind::start_element && index-- == 0) return scanner.token().offset;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
    xml::CanonicalRequest wanted;
    xml::FastRequest fast;
    wanted.method = fast.method = static_cast<xml::Canonicalization>(data[0] % 6);
    if (data[0] & 0x80) wanted.inclusive_prefixes = {"p", "#default"};
    fast.inclusive_prefixes = wanted.inclusive_prefixes;
    if (data[1] != 0) fast.offset = nth_offset(text, data[1] - 1u);
    if (data[2] != 0) fast.without = nth_offset(text, data[2] - 1u);
    xml::CanonicalPieces pieces;
    const auto done = xml::fast_canonical_form(text, fast, pieces);
    if (!done || *done != xml::FastForm::done) return 0;
    // A NUL behind the root ends libxml2's reading; the scanner refuses it.
    const auto document = xml::ReferenceDocument::parse(text);
    if (!document) std::abort();
    const auto node = [&](std::uint8_t choice) {
        std::size_t index = choice - 1u;
        return choice == 0 ? nullptr : nth_element(document->root(), index);
    };
    wanted.apex = node(data[1]);
    wanted.without = node(data[2]);
    const auto expected = xml::canonical_form(*document, wanted);
    if (expected && *expected == pieces.text()) return 0;
    std::cerr << "fast: " << pieces.text() << "\nlibxml2: " << (expected ? *expected : expected.error().text()) << '\n';
    std::abort();
}
