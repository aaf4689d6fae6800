#include "core/mapping/plan_bytes.h"

#include "core/xml/writer.h"

namespace hansa::mapping::program {

void OutBytes::grow(std::size_t more) {
    constexpr std::size_t least = 16'384;
    const std::size_t wanted = std::max({least, 2 * room_, size_ + more});
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    std::copy_n(bytes_.get(), size_, larger.get());
    bytes_ = std::move(larger);
    room_ = wanted;
}

void OutBytes::escaped(std::string_view text) {
    spare_.clear();
    xml::append_escaped_text(spare_, text);
    append(spare_);
}

void OutBytes::attribute(std::string_view value) {
    reserve(value.size());
    if (copy_plain<AttributeSigns>(bytes_.get() + size_, value.data(), value.size())) {
        size_ += value.size();
        return;
    }
    spare_.clear();
    xml::append_escaped_attribute(spare_, value);
    append(spare_);
}

}  // namespace hansa::mapping::program
