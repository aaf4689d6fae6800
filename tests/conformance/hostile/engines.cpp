#include "tests/conformance/hostile/engines.h"

#include "core/schema/validator.h"
#include "core/xml/canonical.h"
#include "core/xml/scanner.h"
#include "tests/support/corpus.h"
#include "tests/support/scanner_pair.h"

namespace hansa::test {
namespace {

Result<void> scanner(std::string_view bytes) {
    return xml::scan_well_formed(bytes);
}

Result<void> fast_scanner(std::string_view bytes) {
    return fast_scan_well_formed(bytes);
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

/// Xerces-C, as the gateway judges documents. A document of no known root is well-formed all the same.
Result<void> judge(std::string_view bytes) {
    static const Result<schema::Validator> validator = schema::Validator::from_folder(source_dir() / "schemas", "hansa/batch.xsd");
    if (!validator) return validator.error();
    Diagnostics faults;
    const auto valid = validator->validate(bytes, faults);
    if (!valid && !valid.error().code.name().starts_with("schema.")) return valid.error();
    return {};
}

}  // namespace

const std::vector<Engine>& engines() {
    static const std::vector<Engine> all = {
        {"scanner", scanner},
        {"fast scanner", fast_scanner},
        {"canonical", canonical},
        {"judge", judge},
    };
    return all;
}

}  // namespace hansa::test
