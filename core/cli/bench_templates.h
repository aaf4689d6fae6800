// The templates in bench_messages/*.xml, which the build puts into the program (CMakeLists.txt).
#pragma once

#include <span>
#include <string_view>

namespace hansa::bench {

/// One XML document. An element with t:each="document" (namespace urn:hansa:bench-template) stands
/// once for each document, one with t:each="item" once for each item; {words} are filled in.
struct MessageTemplate {
    std::string_view format;
    std::string_view text;
};

std::span<const MessageTemplate> message_templates();

}  // namespace hansa::bench
