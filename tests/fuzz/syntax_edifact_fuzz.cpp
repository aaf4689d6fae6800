// libFuzzer: UN/EDIFACT interchanges. The input is one, or, where it does not begin with UN, the segments of a message.
#include <cstdint>

#include "tests/fuzz/syntax_agreement.h"
#include "tests/unit/syntax/small_tables.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace test = hansa::syntax::test;
    static const auto syntax = test::syntax_of("edifact", test::small_xsd, "Interchange", test::small_table);
    std::string bytes(reinterpret_cast<const char*>(data), size);
    if (!bytes.starts_with("UN")) bytes = test::interchange(bytes, "UNOC:4");
    test::try_bytes(*syntax, bytes);
    return 0;
}
