#include "core/base/digest_lanes.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>

#include "core/base/digest_lanes_kernels.h"
#include "core/base/result.h"

namespace hansa {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t lanes_most = 16;

bool has_own_rounds(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::sm3 || algorithm == DigestAlgorithm::sha256;
}

/// The functions of one algorithm on one way.
struct Engine {
    lanes::BlockFunction many = nullptr;
    lanes::BlockFunction one = nullptr;
    std::size_t lanes = 1;        ///< of `many`
    std::size_t lanes_worth = 1;  ///< with fewer messages left `one` is faster
    const std::uint32_t* start = nullptr;
};

lanes::Kernels kernels_of(LaneWay way) {
    switch (way) {
        case LaneWay::avx512:
            return lanes::avx512_kernels();
        case LaneWay::avx2:
            return lanes::avx2_kernels();
        case LaneWay::pairs:
            return lanes::pair_kernels();
        default:
            return lanes::plain_kernels();
    }
}

Engine engine_of(DigestAlgorithm algorithm, LaneWay way) {
    const bool sm3 = algorithm == DigestAlgorithm::sm3;
    const lanes::Kernels many = kernels_of(way);
    const lanes::Kernels one = way == LaneWay::plain ? lanes::plain_kernels() : lanes::scalar_kernels();
    Engine engine{sm3 ? many.sm3 : many.sha256, sm3 ? one.sm3 : one.sha256, many.lanes, 1,
                  sm3 ? lanes::sm3_start : lanes::sha256_start};
    // Measured: one lane makes 0.18 to 0.2 GB/s, our own rounds one by one 0.35, SHA instructions 1.8.
    if (way == LaneWay::pairs) {
        engine.lanes_worth = 2;
    } else if (many.lanes > 1) {
        engine.lanes_worth = !sm3 && lanes::has_sha_instructions() ? 10 : 3;
    }
    return engine;
}

/// The words of all lanes as the block functions want them.
struct alignas(64) Words {
    std::array<std::uint32_t, 8 * lanes_most> of_lane{};

    void set(std::size_t lane, std::size_t lanes, const std::uint32_t* words) {
        for (std::size_t i = 0; i < 8; ++i) of_lane[i * lanes + lane] = words[i];
    }
    void get(std::size_t lane, std::size_t lanes, std::uint32_t* words) const {
        for (std::size_t i = 0; i < 8; ++i) words[i] = of_lane[i * lanes + lane];
    }
};

DigestValue value_of(const std::uint32_t* words) {
    DigestValue value;
    value.size = 32;
    for (std::size_t i = 0; i < 32; ++i) {
        value.bytes[i] = static_cast<char>(words[i / 4] >> (24 - i % 4 * 8));
    }
    return value;
}

DigestValue value_of(std::string_view digest) {
    DigestValue value;
    value.size = digest.size();
    std::copy(digest.begin(), digest.end(), value.bytes.begin());
    return value;
}

/// Both digests end alike: a one bit, zeros, and the length in bits as the last 8 of a block's bytes.
/// `tail` holds `size` bytes of the message and has room for two blocks behind them. Gives the size with all that.
std::size_t pad(unsigned char* tail, std::size_t size, std::uint64_t message_bytes) {
    const std::size_t whole = (size + 1 + 8 + block_bytes - 1) / block_bytes * block_bytes;
    tail[size] = 0x80;
    std::memset(tail + size + 1, 0, whole - size - 1);
    const std::uint64_t bits = message_bytes * 8;
    for (std::size_t i = 0; i < 8; ++i) tail[whole - 1 - i] = static_cast<unsigned char>(bits >> (i * 8));
    return whole;
}

void promise_way(LaneWay way, DigestAlgorithm algorithm) {
    if (!can_go(way, algorithm)) throw BrokenPromise("this processor has no such lanes");
}

}  // namespace

bool can_go(LaneWay way, DigestAlgorithm algorithm) {
    if (way == LaneWay::one_by_one) return true;
    if (!has_own_rounds(algorithm)) return false;
    if (way == LaneWay::pairs) return algorithm == DigestAlgorithm::sha256 && lanes::has_sha_instructions();
    if (way == LaneWay::avx512) return lanes::has_avx512();
    return way == LaneWay::plain || lanes::has_avx2();
}

LaneWay fastest_way(DigestAlgorithm algorithm) {
    for (const LaneWay way : {LaneWay::pairs, LaneWay::avx512, LaneWay::avx2}) {
        if (can_go(way, algorithm)) return way;
    }
    return LaneWay::one_by_one;
}

// --- whole messages ----------------------------------------------------------------------------

namespace {

/// Gives a message as runs of whole blocks: out of the message itself while a long piece lasts, out of a
/// small buffer where pieces are short and at the end.
class Runs {
public:
    void open(std::span<const std::string_view> pieces) {
        pieces_ = pieces;
        at_ = 0;
        taken_ = 0;
        blocks_ = 0;
        ended_ = false;
    }
    std::size_t blocks() const { return blocks_; }
    const unsigned char* bytes() const { return bytes_; }
    void skip(std::size_t blocks) {
        blocks_ -= blocks;
        bytes_ += blocks * block_bytes;
    }

    /// The next run. Promised: blocks() is 0. False: the message has ended.
    bool refill() {
        if (ended_) return false;
        while (at_ == 0 && !pieces_.empty() && pieces_.front().empty()) pieces_ = pieces_.subspan(1);
        if (!pieces_.empty() && pieces_.front().size() - at_ >= buffer_bytes) {
            bytes_ = reinterpret_cast<const unsigned char*>(pieces_.front().data()) + at_;
            blocks_ = (pieces_.front().size() - at_) / block_bytes;
            take(blocks_ * block_bytes);
            return true;
        }
        return gather();
    }

private:
    static constexpr std::size_t buffer_bytes = 1'024;

    void take(std::size_t bytes) {
        at_ += bytes;
        taken_ += bytes;
        if (at_ < pieces_.front().size()) return;
        pieces_ = pieces_.subspan(1);
        at_ = 0;
    }

    bool gather() {
        std::size_t size = 0;
        while (!pieces_.empty() && size < buffer_bytes) {
            const std::string_view rest = pieces_.front().substr(at_);
            const std::size_t part = std::min(rest.size(), buffer_bytes - size);
            std::copy_n(rest.data(), part, reinterpret_cast<char*>(buffer_.data()) + size);
            size += part;
            take(part);
        }
        if (pieces_.empty()) {
            size = pad(buffer_.data(), size, taken_);
            ended_ = true;
        }
        bytes_ = buffer_.data();
        blocks_ = size / block_bytes;
        return true;
    }

    std::span<const std::string_view> pieces_;
    std::size_t at_ = 0;  ///< in the first of the pieces
    std::uint64_t taken_ = 0;
    const unsigned char* bytes_ = nullptr;
    std::size_t blocks_ = 0;
    bool ended_ = false;
    std::array<unsigned char, buffer_bytes + 2 * block_bytes> buffer_;
};

}  // namespace

struct DigestLanes::State {
    DigestAlgorithm algorithm;
    LaneWay way;
    Engine engine;
    std::vector<std::string_view> pieces;
    std::vector<std::size_t> ends;  ///< of each message, in pieces
    std::array<Runs, lanes_most> runs;

    std::span<const std::string_view> message(std::size_t index) const {
        const std::size_t from = index == 0 ? 0 : ends[index - 1];
        return std::span(pieces).subspan(from, ends[index] - from);
    }
    DigestValue by_library(std::size_t index) const {
        Digest digest(algorithm);
        for (const std::string_view piece : message(index)) digest.write(piece);
        return value_of(digest.finish());
    }
    void run_lanes(std::vector<DigestValue>& out);
};

DigestLanes::DigestLanes(DigestAlgorithm algorithm, LaneWay way) : state_(std::make_unique<State>()) {
    promise_way(way, algorithm);
    state_->algorithm = algorithm;
    state_->way = way;
    if (way != LaneWay::one_by_one) state_->engine = engine_of(algorithm, way);
}
DigestLanes::~DigestLanes() = default;
DigestLanes::DigestLanes(DigestLanes&&) noexcept = default;
DigestLanes& DigestLanes::operator=(DigestLanes&&) noexcept = default;

void DigestLanes::add(std::string_view message) {
    add(std::span(&message, 1));
}

void DigestLanes::add(std::span<const std::string_view> pieces) {
    state_->pieces.insert(state_->pieces.end(), pieces.begin(), pieces.end());
    state_->ends.push_back(state_->pieces.size());
}

std::vector<DigestValue> DigestLanes::finish() {
    std::vector<DigestValue> out(state_->ends.size());
    if (state_->way == LaneWay::one_by_one) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = state_->by_library(i);
    } else {
        state_->run_lanes(out);
    }
    state_->pieces.clear();
    state_->ends.clear();
    return out;
}

void DigestLanes::State::run_lanes(std::vector<DigestValue>& out) {
    Words words;
    std::array<std::size_t, lanes_most> owner{};  // the message in a lane
    std::array<bool, lanes_most> busy{};
    std::size_t next = 0, running = 0;
    const auto load = [&](std::size_t lane) {
        busy[lane] = next < out.size();
        if (!busy[lane]) return;
        owner[lane] = next;
        runs[lane].open(message(next++));
        words.set(lane, engine.lanes, engine.start);
        ++running;
    };
    const auto store = [&](std::size_t lane) {
        std::uint32_t own[8];
        words.get(lane, engine.lanes, own);
        out[owner[lane]] = value_of(own);
        --running;
    };
    for (std::size_t lane = 0; lane < engine.lanes; ++lane) load(lane);
    std::array<const unsigned char*, lanes_most> at{};
    while (running >= engine.lanes_worth && running > 0) {
        std::size_t blocks = SIZE_MAX, any = 0;
        for (std::size_t lane = 0; lane < engine.lanes; ++lane) {
            while (busy[lane] && runs[lane].blocks() == 0 && !runs[lane].refill()) {
                store(lane);
                load(lane);
            }
            if (!busy[lane]) continue;
            blocks = std::min(blocks, runs[lane].blocks());
            at[lane] = runs[lane].bytes();
            any = lane;
        }
        if (running == 0) break;
        for (std::size_t lane = 0; lane < engine.lanes; ++lane) {
            if (busy[lane])
                runs[lane].skip(blocks);
            else
                at[lane] = at[any];
        }
        engine.many(words.of_lane.data(), at.data(), blocks);
    }
    for (std::size_t lane = 0; lane < engine.lanes; ++lane) {
        for (; busy[lane]; load(lane)) {
            std::uint32_t own[8];
            words.get(lane, engine.lanes, own);
            while (runs[lane].blocks() != 0 || runs[lane].refill()) {
                const unsigned char* bytes = runs[lane].bytes();
                engine.one(own, &bytes, runs[lane].blocks());
                runs[lane].skip(runs[lane].blocks());
            }
            out[owner[lane]] = value_of(own);
        }
    }
}

// --- streams -----------------------------------------------------------------------------------

namespace {

constexpr std::size_t stream_buffer_bytes = 4'096;

struct Stream {
    alignas(64) std::array<std::uint32_t, 8> words{};
    std::array<unsigned char, stream_buffer_bytes + 2 * block_bytes> buffer;
    std::size_t held = 0;  ///< bytes in the buffer
    std::uint64_t written = 0;

    std::size_t blocks() const { return held / block_bytes; }
};

}  // namespace

struct DigestStreams::State {
    DigestAlgorithm algorithm;
    LaneWay way;
    Engine engine;
    std::vector<Stream> streams;
    std::vector<Digest> by_library;  ///< one_by_one
    std::vector<std::size_t> order;

    void begin() {
        if (way == LaneWay::one_by_one) {
            for (Digest& digest : by_library) digest = Digest(algorithm);
            return;
        }
        for (Stream& stream : streams) {
            std::copy_n(engine.start, 8, stream.words.begin());
            stream.held = 0;
            stream.written = 0;
        }
    }

    /// Hashes what whole blocks there are, streams with most of them first so that lanes end together.
    void drain() {
        order.clear();
        for (std::size_t i = 0; i < streams.size(); ++i) {
            if (streams[i].blocks() != 0) order.push_back(i);
        }
        std::ranges::sort(order, std::greater{}, [this](std::size_t i) { return streams[i].blocks(); });
        for (std::size_t from = 0; from < order.size(); from += engine.lanes) {
            drain_group(std::span(order).subspan(from, std::min(engine.lanes, order.size() - from)));
        }
    }

    /// `group` by blocks, most first: those at its end drop out first.
    void drain_group(std::span<const std::size_t> group) {
        Words words;
        std::array<const unsigned char*, lanes_most> at{};
        for (std::size_t lane = 0; lane < group.size(); ++lane) {
            words.set(lane, engine.lanes, streams[group[lane]].words.data());
        }
        std::size_t done = 0, running = group.size();
        while (running >= engine.lanes_worth && running > 0) {
            const std::size_t blocks = streams[group[running - 1]].blocks() - done;
            for (std::size_t lane = 0; lane < engine.lanes; ++lane) {
                at[lane] = streams[group[lane < running ? lane : 0]].buffer.data() + done * block_bytes;
            }
            if (blocks != 0) engine.many(words.of_lane.data(), at.data(), blocks);
            done += blocks;
            // Their words leave before the lane goes on with what is not theirs.
            for (; running > 0 && streams[group[running - 1]].blocks() == done; --running) {
                words.get(running - 1, engine.lanes, streams[group[running - 1]].words.data());
            }
        }
        for (std::size_t lane = 0; lane < running; ++lane) {
            Stream& stream = streams[group[lane]];
            words.get(lane, engine.lanes, stream.words.data());
            const unsigned char* bytes = stream.buffer.data() + done * block_bytes;
            engine.one(stream.words.data(), &bytes, stream.blocks() - done);
        }
        for (const std::size_t index : group) keep_rest(streams[index]);
    }

    static void keep_rest(Stream& stream) {
        const std::size_t whole = stream.blocks() * block_bytes;
        std::copy(stream.buffer.begin() + static_cast<std::ptrdiff_t>(whole),
                  stream.buffer.begin() + static_cast<std::ptrdiff_t>(stream.held), stream.buffer.begin());
        stream.held -= whole;
    }
};

DigestStreams::DigestStreams(DigestAlgorithm algorithm, std::size_t streams, LaneWay way)
    : state_(std::make_unique<State>()) {
    promise_way(way, algorithm);
    state_->algorithm = algorithm;
    state_->way = way;
    if (way == LaneWay::one_by_one) {
        for (std::size_t i = 0; i < streams; ++i) state_->by_library.emplace_back(algorithm);
        return;
    }
    state_->engine = engine_of(algorithm, way);
    state_->streams.resize(streams);
    state_->begin();
}
DigestStreams::~DigestStreams() = default;
DigestStreams::DigestStreams(DigestStreams&&) noexcept = default;
DigestStreams& DigestStreams::operator=(DigestStreams&&) noexcept = default;

std::size_t DigestStreams::size() const {
    return state_->way == LaneWay::one_by_one ? state_->by_library.size() : state_->streams.size();
}

void DigestStreams::write(std::size_t stream, std::string_view piece) {
    if (stream >= size()) throw BrokenPromise("no such stream");
    if (state_->way == LaneWay::one_by_one) return state_->by_library[stream].write(piece);
    Stream& own = state_->streams[stream];
    own.written += piece.size();
    while (!piece.empty()) {
        if (own.held == stream_buffer_bytes) state_->drain();
        const std::size_t part = std::min(piece.size(), stream_buffer_bytes - own.held);
        std::copy_n(piece.data(), part, reinterpret_cast<char*>(own.buffer.data()) + own.held);
        own.held += part;
        piece.remove_prefix(part);
    }
}

std::vector<DigestValue> DigestStreams::finish() {
    std::vector<DigestValue> out;
    if (state_->way == LaneWay::one_by_one) {
        for (Digest& digest : state_->by_library) out.push_back(value_of(digest.finish()));
    } else {
        for (Stream& stream : state_->streams) stream.held = pad(stream.buffer.data(), stream.held, stream.written);
        state_->drain();
        for (const Stream& stream : state_->streams) out.push_back(value_of(stream.words.data()));
    }
    state_->begin();
    return out;
}

}  // namespace hansa
