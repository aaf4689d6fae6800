#include "core/base/ids.h"

#include <openssl/rand.h>

#include <array>
#include <chrono>

#include "core/base/digest.h"
#include "core/base/result.h"

namespace hansa {
namespace {

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
    std::array<unsigned char, N> out{};
    if (RAND_bytes(out.data(), static_cast<int>(N)) != 1) throw BrokenPromise("the system gives no random bytes");
    return out;
}

std::string uuid_text(std::array<unsigned char, 16> bytes, unsigned version) {
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0Fu) | (version << 4));
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3Fu) | 0x80u);
    std::string out = to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    for (const std::size_t at : {8u, 13u, 18u, 23u}) out.insert(at, 1, '-');
    return out;
}

}  // namespace

std::string random_uuid() {
    return uuid_text(random_bytes<16>(), 4);
}

std::string uuid5(std::string_view name_space, std::string_view name) {
    // RFC 9562 asks for SHA-1 here; it names, it does not protect.
    const std::string hash = digest(DigestAlgorithm::sha1, std::string(name_space) + std::string(name));
    std::array<unsigned char, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(hash[i]);
    return uuid_text(bytes, 5);
}

std::string message_id() {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    std::string out(26, '0');
    auto time = static_cast<std::uint64_t>(now);
    for (std::size_t i = 10; i-- > 0; time >>= 5) out[i] = alphabet[time & 31u];
    const auto chance = random_bytes<16>();
    for (std::size_t i = 0; i < 16; ++i) out[10 + i] = alphabet[chance[i] & 31u];
    return out;
}

}  // namespace hansa
