// libFuzzer: JSON documents.
#include <cstdint>

#include "tests/fuzz/syntax_agreement.h"
#include "tests/unit/syntax/small_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace test = hansa::syntax::test;
    static const auto syntax = test::syntax_of("json", test::json_xsd, "Batch", "members id");
    test::try_bytes(*syntax, std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
