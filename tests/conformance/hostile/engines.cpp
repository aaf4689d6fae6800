#include "tests/conformance/hostile/engines.h"

#include "core/xml/canonical.h"
#include "core/xml/scanner.h"

namespace hansa::test {
namespace {

Result<void> scanner(std::string_view bytes) {
    return xml::scan_well_formed(bytes);
}

/// libxml2, as the canonical form for signatures calls it. It reads UTF-8 only: for other encodings libxml2
/// would open the tables of iconv.
Result<void> canonical(std::string_view bytes) {
    const auto document = xml::ReferenceDocument::parse(bytes);
    if (!document) return document.error();
    const auto octets = xml::canonical_form(*document, {});
    if (!octets) return octets.error();
    return {};
}

}  // namespace

const std::vector<Engine>& engines() {
    static const std::vector<Engine> all = {
        {"scanner", scanner},
        {"canonical", canonical},
    };
    return all;
}

}  // namespace hansa::test
