// Fuzz target: the fast scanner and the reference on any bytes, at every level of vectors; all tokens and the
// error have to agree. Each input is also tried with spaces behind it, so that the short ways come to its end,
// and under narrow limits.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/support/scanner_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const hansa::xml::Limits narrow{
        .depth_max = 3, .attributes_max = 3, .namespaces_in_scope_max = 2, .name_bytes_max = 9, .text_bytes_max = 40};
    std::string differs = hansa::test::difference_at_any_level(bytes);
    const std::string padded = std::string(bytes) + std::string(100, ' ');
    if (differs.empty()) differs = hansa::test::difference_at_any_level(padded);
    if (differs.empty()) differs = hansa::test::difference_at_any_level(padded, narrow);
    if (differs.empty()) return 0;
    std::fprintf(stderr, "%s\n", differs.c_str());
    std::abort();
}
