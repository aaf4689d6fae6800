// The scanner and the writer against libxml2, on any bytes.
#pragma once

#include <string>
#include <string_view>

namespace hansa::test {

/// What does not fit, or empty. Compared are, for a UTF-8 document without a DOCTYPE and within the limits:
/// whether it is well-formed, and its canonical form. Of any bytes: the places of the tokens go
/// forward and lie in the text, texts are neither empty nor split, and conversion to UTF-8 ends.
std::string disagreement(std::string_view bytes);

}  // namespace hansa::test
