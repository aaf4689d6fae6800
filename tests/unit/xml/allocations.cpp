#include "tests/unit/xml/allocations.h"

#include <cstdlib>
#include <new>

namespace {
std::size_t count = 0;
}  // namespace

std::size_t hansa::test::allocations() {
    return count;
}

void* operator new(std::size_t size) {
    ++count;
    if (void* const made = std::malloc(size)) return made;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++count;
    const auto to = static_cast<std::size_t>(alignment);
    if (void* const made = std::aligned_alloc(to, (size + to - 1) / to * to)) return made;
    throw std::bad_alloc();
}
// Sorting asks this way for its room; a sanitizer wants to see the pair.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++count;
    return std::malloc(size);
}
void operator delete(void* gone, const std::nothrow_t&) noexcept {
    std::free(gone);
}
void operator delete(void* gone) noexcept {
    std::free(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
    std::free(gone);
}
void operator delete(void* gone, std::align_val_t) noexcept {
    std::free(gone);
}
void operator delete(void* gone, std::size_t, std::align_val_t) noexcept {
    std::free(gone);
}
