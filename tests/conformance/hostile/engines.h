// Who reads hostile documents: every parser of XML in the product that meets foreign bytes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::test {

/// A way to read a document, as the product calls it. `judge` gives the error, or nothing when the document
/// is taken; it must open nothing.
struct Engine {
    std::string name;
    std::function<Result<void>(std::string_view bytes)> judge;
};

/// One more parser is one more line in engines.cpp. The first one's codes are compared too; of the others
/// only whether they take or refuse.
const std::vector<Engine>& engines();

}  // namespace hansa::test
