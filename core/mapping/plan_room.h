// A list of plain values that keeps its memory from message to message.
//
// New values are bytes of one kind (zeros, or ones for "nothing"), set in one go and not made one by one.
// Threads: one. Errors: std::bad_alloc.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>

namespace hansa::mapping::program {

template <class Value>
class Room {
    static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_destructible_v<Value>);

public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear() { size_ = 0; }
    void shorten(std::size_t size) { size_ = std::min(size, size_); }
    Value& operator[](std::size_t at) { return data()[at]; }
    const Value& operator[](std::size_t at) const { return data()[at]; }
    Value* begin() { return data(); }
    Value* end() { return data() + size_; }

    /// `count` more, each byte of them `byte`; the number of the first.
    std::size_t make(std::size_t count, unsigned char byte = 0) {
        const std::size_t first = size_;
        if (room_ - size_ < count) grow(count);
        // A store of 16 bytes may go past the last value: the room behind is ours.
        std::byte* const from = bytes_.get() + first * sizeof(Value);
        const std::size_t size = count * sizeof(Value);
        const __m128i all = _mm_set1_epi8(static_cast<char>(byte));
        for (std::size_t at = 0; at < size; at += store) _mm_storeu_si128(reinterpret_cast<__m128i*>(from + at), all);
        size_ += count;
        return first;
    }
    /// `count` in all, of which none says anything before it is set.
    void unset(std::size_t count) {
        size_ = 0;
        if (room_ < count) grow(count);
        size_ = count;
    }
    void add(const Value& value) {
        if (room_ == size_) grow(1);
        std::memcpy(bytes_.get() + size_ * sizeof(Value), &value, sizeof(Value));
        ++size_;
    }

private:
    Value* data() { return reinterpret_cast<Value*>(bytes_.get()); }
    const Value* data() const { return reinterpret_cast<const Value*>(bytes_.get()); }
    [[gnu::cold, gnu::noinline]] void grow(std::size_t more) {
        const std::size_t wanted = std::max({std::size_t{64}, 2 * room_, size_ + more});
        auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted * sizeof(Value) + store);
        if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_ * sizeof(Value));
        bytes_ = std::move(larger);
        room_ = wanted;
    }

    static constexpr std::size_t store = 16;
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0, room_ = 0;
};

}  // namespace hansa::mapping::program
