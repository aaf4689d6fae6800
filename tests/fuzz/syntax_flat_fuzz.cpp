// libFuzzer: flat files. The input is one, or, where it does not begin with HEAD, its records.
#include <cstdint>

#include "tests/fuzz/syntax_agreement.h"
#include "tests/unit/syntax/small_flat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace test = hansa::syntax::test;
    static const auto syntax = test::syntax_of("flat", test::flat_xsd, "File", test::flat_table);
    std::string bytes(reinterpret_cast<const char*>(data), size);
    if (!bytes.starts_with("HEAD")) bytes = "HEAD|S||M1|7\n" + bytes + "\nTAIL|7\n";
    test::try_bytes(*syntax, bytes);
    return 0;
}
