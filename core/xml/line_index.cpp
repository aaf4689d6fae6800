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
    const std::string_view known = text_.substr(0, offset);
    const auto next = [&](char sign, std::uint64_t from) {
        return std::min<std::uint64_t>(known.find(sign, from), known.size());
    };
    std::uint64_t at = std::min<std::uint64_t>(walked_, known.size());
    std::uint64_t feed = next('\n', at), carriage = next('\r', at);
    while (std::min(feed, carriage) < known.size()) {
        const bool is_feed = feed < carriage;
        at = std::min(feed, carriage) + 1;
        if (!is_feed && at < text_.size() && text_[at] == '\n') ++at;
        starts_.push_back(at);
        walked_ = at;
        if (feed < at) feed = next('\n', at);
        if (carriage < at) carriage = next('\r', at);
    }
    walked_ = std::max(walked_, offset);
}

}  // namespace hansa::xml
