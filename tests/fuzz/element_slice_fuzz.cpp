// Fuzz target: elements cut out of any document.
//
// The first byte says how deep the path goes; its names are those of the first elements of the text. What must hold: a
// slice is a well-formed document by itself, its root has the name that it had, in the namespace that it had, and so
// has every element in it; what borrows nothing is the text's own octets.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/xml/element_slice.h"
#include "core/xml/scanner.h"

namespace {

using hansa::xml::TokenKind;

struct Name {
    std::string ns, local;
    bool operator==(const Name&) const = default;
};

/// Names of all elements from `begin` to `end`, with those of their attributes; nothing: not well-formed.
bool names(std::string_view text, std::uint64_t begin, std::uint64_t end, std::vector<Name>& out) {
    hansa::xml::Scanner scanner(text);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return false;
        if (*kind == TokenKind::end_of_document) return true;
        const auto& token = scanner.token();
        if (*kind != TokenKind::start_element || token.offset < begin || token.end > end) continue;
        out.push_back({std::string(token.ns), std::string(token.local)});
        for (const auto& attribute : token.attributes)
            out.push_back({std::string(attribute.ns), std::string(attribute.local)});
    }
}

void must(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::vector<Name> all;
    const bool good = names(text, 0, text.size(), all);
    std::vector<hansa::xml::PathStep> path;
    for (std::size_t i = 0; i < std::min<std::size_t>(data[0] % 4, all.size()); ++i)
        path.push_back({all[i].ns, all[i].local});
    const auto found = hansa::xml::children_at(text, path);
    must(good == found.has_value());
    if (!found) return 0;
    for (const auto& slice : found->slices) {
        const std::string alone = slice.document(text);
        std::vector<Name> before, after;
        must(names(text, slice.begin, slice.end, before));
        // More declarations on one element than a document may have: the reader of the slice refuses it.
        if (!names(alone, 0, alone.size(), after)) continue;
        must(before == after && !after.empty() && after[0] == Name{slice.ns, slice.local});
        if (slice.borrowed.empty()) must(alone == text.substr(slice.begin, slice.end - slice.begin));
    }
    return 0;
}
