#include "core/schema/tape.h"

#include <algorithm>
#include <cstring>

namespace hansa::schema {

namespace {
constexpr std::uint32_t first_capacity = 1'024;
constexpr std::size_t block_bytes = 16'384;
}  // namespace

void Tape::grow() {
    const std::uint32_t wanted = capacity_ == 0 ? first_capacity : capacity_ * 2;
    auto larger = std::make_unique<Entry[]>(wanted);
    std::copy_n(entries_.get(), count_, larger.get());
    entries_ = std::move(larger);
    capacity_ = wanted;
}

void Tape::truncate(std::uint32_t count) {
    count = std::max(count, floor_);
    if (count >= count_) return;
    count_ = count;
    while (!foreign_.empty() && foreign_.back().entry >= count) foreign_.pop_back();
    while (!marks_.empty() && marks_.back().entry >= count) {
        block_ = marks_.back().block;
        if (block_ < blocks_.size()) blocks_[block_].used = marks_.back().used;
        marks_.pop_back();
    }
    while (!shapes_.empty() && shapes_.back().end > count) shapes_.pop_back();
}

const ForeignName* Tape::foreign(std::uint32_t number) const {
    const auto found = std::lower_bound(foreign_.begin(), foreign_.end(), number,
                                        [](const ForeignName& name, std::uint32_t at) { return name.entry < at; });
    return found != foreign_.end() && found->entry == number ? &*found : nullptr;
}

const std::shared_ptr<const Shape>* Tape::find_shape(std::uint32_t entry) const {
    // Most readers ask for one document after the other.
    const std::size_t next = shape_asked_ + 1;
    if (next < shapes_.size() && shapes_[next].entry == entry) {
        shape_asked_ = next;
        return &shapes_[next].shape;
    }
    const auto found = std::lower_bound(shapes_.begin(), shapes_.end(), entry,
                                        [](const ShapeNote& note, std::uint32_t at) { return note.entry < at; });
    if (found == shapes_.end() || found->entry != entry) return nullptr;
    shape_asked_ = static_cast<std::size_t>(found - shapes_.begin());
    return &found->shape;
}

void Tape::note_shape(std::uint32_t entry, std::shared_ptr<const Shape> shape) const {
    // Documents come in their order; what does not is found out again.
    if (shapes_.empty() || shapes_.back().end <= entry)
        shapes_.push_back({entry, entries_[entry].next, std::move(shape)});
}

std::size_t Tape::bytes_held() const {
    std::size_t bytes = capacity_ * sizeof(Entry) + foreign_.capacity() * sizeof(ForeignName);
    bytes += shapes_.capacity() * sizeof(ShapeNote);
    for (const Block& block : blocks_) bytes += block.size;
    return bytes + marks_.capacity() * sizeof(Mark);
}

void Tape::clear() {
    count_ = floor_ = 0;
    foreign_.clear();
    marks_.clear();
    shapes_.clear();
    block_ = 0;
    if (!blocks_.empty()) blocks_[0].used = 0;
}

std::string_view Tape::keep(std::uint32_t entry, std::string_view text) {
    marks_.push_back({entry, block_, block_ < blocks_.size() ? blocks_[block_].used : 0});
    while (block_ < blocks_.size() && blocks_[block_].size - blocks_[block_].used < text.size()) {
        if (++block_ < blocks_.size()) blocks_[block_].used = 0;
    }
    if (block_ == blocks_.size()) {
        const std::size_t size = std::max(block_bytes, text.size());
        blocks_.push_back({std::make_unique<char[]>(size), size, 0});
    }
    Block& block = blocks_[block_];
    char* const into = block.bytes.get() + block.used;
    if (!text.empty()) std::memcpy(into, text.data(), text.size());
    block.used += text.size();
    return {into, text.size()};
}

}  // namespace hansa::schema
