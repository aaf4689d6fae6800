// Short digests under a secret key: equal texts are found again, and nobody without the key can tell what they were
// or make another text of the same digest.
//
// SipHash-2-4 with 64 bits (J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012), on OpenSSL.
// For tables of many millions of rows. Never where a digest must hold against who knows the key: that is Digest.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hansa {

using DigestKey = std::array<unsigned char, 16>;

/// A new key from the system's random source.
DigestKey random_digest_key();

/// Movable; one thread at a time.
class KeyedDigest {
public:
    explicit KeyedDigest(const DigestKey& key);
    ~KeyedDigest();
    KeyedDigest(KeyedDigest&&) noexcept;
    KeyedDigest& operator=(KeyedDigest&&) noexcept;

    /// Of one text.
    std::uint64_t of(std::string_view text);
    /// Of several texts, each with its length before it: {"a", "bc"} is not {"ab", "c"}.
    std::uint64_t of(std::span<const std::string> texts);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa
