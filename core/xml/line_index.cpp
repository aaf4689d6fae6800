#include "core/xml/line_index.h"

#include <algorithm>

namespace hansa::xml {
namespace {
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
}

Place LineIndex::place(std::uint64_t offset) {
    if (starts_.empty()) build();
    const std::uint64_t inside = std::min<std::uint64_t>(offset, text_.size());
    const auto after = std::upper_bound(starts_.begin() + 1, starts_.end(), inside);
    const std::uint64_t start = *(after - 1);
    Place out;
    out.line = static_cast<std::uint32_t>(after - starts_.begin());
    out.column = static_cast<std::uint32_t>(inside < start ? 1 : inside - start + 1);
    return out;
}

void LineIndex::build() {
    starts_.push_back(text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    for (std::size_t at = text_.find_first_of("\r\n"); at != std::string_view::npos;
         at = text_.find_first_of("\r\n", at)) {
        at += text_.substr(at, 2) == "\r\n" ? 2u : 1u;
        starts_.push_back(at);
    }
}

}  // namespace hansa::xml
