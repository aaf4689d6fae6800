#include "core/base/keyed_digest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hansa {
namespace {

// The example of the paper, appendix A: key 00 01 ... 0f, text 00 01 ... 0e.
TEST(KeyedDigest, GivesThePublishedValue) {
    DigestKey key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<unsigned char>(i);
    std::string text;
    for (char c = 0; c < 15; ++c) text += c;
    KeyedDigest digest(key);
    EXPECT_EQ(digest.of(text), 0xa129ca6149be45e5U);
    EXPECT_EQ(digest.of(text), 0xa129ca6149be45e5U) << "the second one is as the first";
}

TEST(KeyedDigest, TellsTextsApartByTheirBounds) {
    KeyedDigest digest(DigestKey{});
    EXPECT_NE(digest.of(std::vector<std::string>{"a", "bc"}), digest.of(std::vector<std::string>{"ab", "c"}));
    EXPECT_NE(digest.of(std::vector<std::string>{""}), digest.of(std::vector<std::string>{}));
}

TEST(KeyedDigest, SaysNothingToAnotherKey) {
    KeyedDigest one(random_digest_key()), other(random_digest_key());
    EXPECT_NE(one.of("000000190001010000"), other.of("000000190001010000"));
}

}  // namespace
}  // namespace hansa
