// Counts what this program asks memory for. A file of its own, so that the compiler sees no pair of new and delete.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/mapping/conversion_peers.h"

namespace {

std::atomic<std::size_t> made = 0;

}  // namespace

void* operator new(std::size_t bytes) {
    ++made;
    if (void* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}

// Sorting asks this way for its room; a sanitizer wants to see the pair.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++made;
    return std::malloc(bytes);
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}

namespace hansa::mapping::peers {

std::size_t allocations() {
    return made;
}

}  // namespace hansa::mapping::peers
