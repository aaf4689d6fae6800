#include "core/base/digest_lanes.h"

#include <gtest/gtest.h>

#include <random>

namespace hansa {
namespace {

constexpr DigestAlgorithm own[] = {DigestAlgorithm::sm3, DigestAlgorithm::sha256};

std::vector<LaneWay> ways(DigestAlgorithm algorithm) {
    std::vector<LaneWay> out;
    for (const LaneWay way : {LaneWay::one_by_one, LaneWay::plain, LaneWay::pairs, LaneWay::avx2, LaneWay::avx512}) {
        if (can_go(way, algorithm)) out.push_back(way);
    }
    return out;
}

std::string random_bytes(std::mt19937_64& random, std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
}

std::vector<std::string> hex(const std::vector<DigestValue>& digests) {
    std::vector<std::string> out;
    for (const DigestValue& one : digests) out.push_back(to_hex(one.view()));
    return out;
}

struct Vector {
    DigestAlgorithm algorithm;
    std::string message;
    std::string digest;
};

// SM3: GB/T 32905-2016, appendix A. SHA-256: NIST's examples to FIPS 180-4 (one block, two blocks,
// and a million times "a" of the older annex), RFC 6234's empty message.
std::vector<Vector> published() {
    std::string sixteen;
    for (int i = 0; i < 16; ++i) sixteen += "abcd";
    return {
        {DigestAlgorithm::sm3, "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
        {DigestAlgorithm::sm3, sixteen, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
        {DigestAlgorithm::sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {DigestAlgorithm::sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {DigestAlgorithm::sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {DigestAlgorithm::sha256, std::string(1'000'000, 'a'),
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
}

TEST(DigestLanes, GiveThePublishedValuesInEveryLane) {
    for (const Vector& vector : published()) {
        for (const LaneWay way : ways(vector.algorithm)) {
            for (const std::size_t messages : {1u, 2u, 8u, 9u, 16u, 17u, 40u}) {
                DigestLanes lanes(vector.algorithm, way);
                for (std::size_t i = 0; i < messages; ++i) lanes.add(vector.message);
                EXPECT_EQ(hex(lanes.finish()), std::vector(messages, vector.digest)) << static_cast<int>(way);
            }
        }
    }
}

TEST(DigestLanes, EveryLengthTo300IsWhatOpenSslSays) {
    std::mt19937_64 random(20261125);
    for (const DigestAlgorithm algorithm : own) {
        std::vector<std::string> messages, expected;
        for (std::size_t size = 0; size <= 300; ++size) {
            messages.push_back(random_bytes(random, size));
            expected.push_back(to_hex(digest(algorithm, messages.back())));
        }
        for (const LaneWay way : ways(algorithm)) {
            DigestLanes lanes(algorithm, way);
            for (const std::string& message : messages) lanes.add(message);
            EXPECT_EQ(hex(lanes.finish()), expected) << static_cast<int>(way);
            // The lanes are as new.
            EXPECT_TRUE(lanes.finish().empty());
            for (const std::string& message : messages) {
                lanes.add(message);
                EXPECT_EQ(hex(lanes.finish()).front(), to_hex(digest(algorithm, message)));
            }
        }
    }
}

TEST(DigestLanes, MixedLengthsInMixedPiecesAreWhatOpenSslSays) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 60; ++round) {
        const DigestAlgorithm algorithm = own[round % 2];
        std::vector<std::string> messages, expected;
        std::vector<std::vector<std::string_view>> pieces;
        for (std::size_t count = random() % 50; count > 0; --count) {
            messages.push_back(random_bytes(random, random() % (random() % 4 == 0 ? 60'000 : 2'500)));
            expected.push_back(to_hex(digest(algorithm, messages.back())));
        }
        for (const std::string& message : messages) {
            auto& list = pieces.emplace_back();
            for (std::string_view rest = message; !rest.empty();) {
                const std::size_t part =
                    std::min<std::size_t>(rest.size(), random() % (random() % 2 == 0 ? 90 : 5'000));
                list.push_back(rest.substr(0, part));
                rest.remove_prefix(part);
            }
        }
        for (const LaneWay way : ways(algorithm)) {
            DigestLanes lanes(algorithm, way);
            for (const auto& list : pieces) lanes.add(list);
            EXPECT_EQ(hex(lanes.finish()), expected) << "round " << round << ", way " << static_cast<int>(way);
        }
    }
}

TEST(DigestStreams, FedInAnyTurnsTheyAreWhatOpenSslSays) {
    std::mt19937_64 random(11);
    for (int round = 0; round < 40; ++round) {
        const DigestAlgorithm algorithm = own[round % 2];
        for (const LaneWay way : ways(algorithm)) {
            DigestStreams streams(algorithm, 1 + random() % 37, way);
            std::vector<std::string> messages(streams.size());
            for (int again = 0; again < 2; ++again) {
                messages.assign(streams.size(), "");
                for (std::size_t writes = random() % 400; writes > 0; --writes) {
                    const std::size_t stream = random() % streams.size();
                    const std::string piece = random_bytes(random, random() % (random() % 8 == 0 ? 10'000 : 300));
                    messages[stream] += piece;
                    streams.write(stream, piece);
                }
                std::vector<std::string> expected;
                for (const std::string& message : messages) expected.push_back(to_hex(digest(algorithm, message)));
                EXPECT_EQ(hex(streams.finish()), expected) << "round " << round << ", way " << static_cast<int>(way);
            }
        }
    }
}

TEST(DigestLanes, OtherAlgorithmsGoOneByOne) {
    EXPECT_FALSE(can_go(LaneWay::plain, DigestAlgorithm::sha512));
    EXPECT_EQ(fastest_way(DigestAlgorithm::sha384), LaneWay::one_by_one);
    EXPECT_THROW(DigestLanes(DigestAlgorithm::sha1, LaneWay::avx512), BrokenPromise);
    DigestLanes lanes(DigestAlgorithm::sha512);
    lanes.add("abc");
    EXPECT_EQ(lanes.finish().front().view(), digest(DigestAlgorithm::sha512, "abc"));
}

}  // namespace
}  // namespace hansa
