// Digests in flight: many messages hashed at once, one in each lane of a vector register.
//
// One message's SM3 or SHA-256 is a chain, so a core waits for its own last step most of the time;
// sixteen messages at once fill the wait. Digests are those of digest.h, bit for bit.
//
//     DigestLanes lanes(DigestAlgorithm::sm3);
//     for (const std::string& message : messages) lanes.add(message);
//     const std::vector<DigestValue> digests = lanes.finish();  // in the order of add()
//
// Which way is taken is settled at run time: SM3 16 lanes with AVX-512, 8 with AVX2, else one by one;
// SHA-256 two at a time where a processor has SHA instructions (each waits for itself half of the time), else
// as SM3. Where fewer messages are left than lanes pay for, the rest is hashed one by one.
//
// The packaged multi-buffer library (libipsec-mb 1.3) was tried first: 3.7 GB/s for SHA-256 where one
// stream of SHA instructions makes 1.8 and our 16 lanes 3.0. But it takes messages of at most 65,534
// bytes, whole, and knows no SM3; a declaration of 100 orders is 200 KB. Hence lanes of our own.
//
// Sources: GB/T 32905-2016 (SM3), FIPS 180-4 (SHA-256).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/digest.h"

namespace hansa {

/// One digest, without a heap.
struct DigestValue {
    std::array<char, 64> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
};

enum class LaneWay {
    one_by_one,  ///< OpenSSL
    plain,       ///< our own rounds in C++ alone: the twin that the vector ways are compared with
    pairs,       ///< two at once by SHA instructions; SHA-256 only
    avx2,
    avx512,
};

/// Can this processor go this way? For algorithms other than SM3 and SHA-256 only one_by_one is.
bool can_go(LaneWay way, DigestAlgorithm algorithm);
/// The fastest for many messages of about equal length.
LaneWay fastest_way(DigestAlgorithm algorithm);

/// Whole messages. Reusable after finish(); one thread at a time.
class DigestLanes {
public:
    explicit DigestLanes(DigestAlgorithm algorithm) : DigestLanes(algorithm, fastest_way(algorithm)) {}
    /// Promised: can_go(way, algorithm).
    DigestLanes(DigestAlgorithm algorithm, LaneWay way);
    ~DigestLanes();
    DigestLanes(DigestLanes&&) noexcept;
    DigestLanes& operator=(DigestLanes&&) noexcept;

    /// The bytes must stay until finish().
    void add(std::string_view message);
    /// One message in pieces, in order; the list is copied, the bytes must stay until finish().
    void add(std::span<const std::string_view> pieces);

    /// Digests in the order of add(); empties the lanes.
    std::vector<DigestValue> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Several messages that grow side by side, such as those of a batch while they are written. Fed in
/// turns of about equal size they share the lanes; fed one after the other they are as slow as one.
/// Keeps 4 KiB a stream. One thread at a time.
class DigestStreams {
public:
    DigestStreams(DigestAlgorithm algorithm, std::size_t streams)
        : DigestStreams(algorithm, streams, fastest_way(algorithm)) {}
    /// Promised: can_go(way, algorithm).
    DigestStreams(DigestAlgorithm algorithm, std::size_t streams, LaneWay way);
    ~DigestStreams();
    DigestStreams(DigestStreams&&) noexcept;
    DigestStreams& operator=(DigestStreams&&) noexcept;

    std::size_t size() const;
    /// Bytes are copied. Promised: `stream` < size().
    void write(std::size_t stream, std::string_view piece);
    /// Digests by stream; all streams begin anew.
    std::vector<DigestValue> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa
