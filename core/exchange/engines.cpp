#include "core/exchange/engines.h"

#include <charconv>

namespace hansa::exchange {

bool Engines::shadows(std::string_view digest) const {
    constexpr std::size_t digits = 12;  // 48 bits are exact in a double
    std::uint64_t number = 0;
    if (digest.size() < digits) return settings_.shadow > 0;
    std::from_chars(digest.data(), digest.data() + digits, number, 16);
    return static_cast<double>(number) < settings_.shadow * static_cast<double>(std::uint64_t{1} << 48);
}

}  // namespace hansa::exchange
