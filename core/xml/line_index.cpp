#include "core/xml/line_index.h"

#include <algorithm>

namespace hansa::xml {
namespace {
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
}

Place LineIndex::place(std::uint64_t offset) {
    const std::uint64_t inside = std::min<std::uint64_t>(offset, text_.size());
    walk(inside);
    if (forgotten_ != 0 && inside < starts_.front()) return LineIndex(text_).place(inside);
    const auto after = std::upper_bound(starts_.begin() + 1, starts_.end(), inside);
    const std::uint64_t start = *(after - 1);
    Place out;
    out.line = static_cast<std::uint32_t>(forgotten_ + static_cast<std::uint64_t>(after - starts_.begin()));
    out.column = static_cast<std::uint32_t>(inside < start ? 1 : inside - start + 1);
    return out;
}

void LineIndex::forget(std::uint64_t offset) {
    if (starts_.empty()) return;
    const auto after = std::upper_bound(starts_.begin() + 1, starts_.end(), offset);
    const auto count = (after - 1) - starts_.begin();
    starts_.erase(starts_.begin(), after - 1);
    forgotten_ += static_cast<std::uint64_t>(count);
}

/// Finds the lines that begin at `offset` or before it.
void LineIndex::walk(std::uint64_t offset) {
    if (starts_.empty()) starts_.push_back(text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    for (std::uint64_t at = walked_; at < offset;) {
        const char sign = text_[at++];
        if (sign != '\n' && sign != '\r') continue;
        if (sign == '\r' && at < text_.size() && text_[at] == '\n') ++at;
        starts_.push_back(at);
        walked_ = at;
    }
    walked_ = std::max(walked_, offset);
}

}  // namespace hansa::xml
