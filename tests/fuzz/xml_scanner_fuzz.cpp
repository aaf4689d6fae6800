// Fuzz target: scanner, writer and encodings on any bytes; libxml2 has to agree (xml_agreement.h).
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/xml_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string fault = hansa::test::disagreement({reinterpret_cast<const char*>(data), size});
    if (fault.empty()) return 0;
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
}
