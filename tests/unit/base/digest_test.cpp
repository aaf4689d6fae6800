#include "core/base/digest.h"

#include <gtest/gtest.h>

#include "core/base/ids.h"

namespace hansa {
namespace {

// SM3 of "abc": GB/T 32905-2016, appendix A.1. SHA-256 of "abc": FIPS 180-4 examples.
TEST(Digest, GivesPublishedValues) {
    EXPECT_EQ(to_hex(digest(DigestAlgorithm::sm3, "abc")),
              "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, Base64ReadsAcrossLinesAndRefusesRubbish) {
    EXPECT_EQ(to_base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");  // RFC 4648 style vector
    EXPECT_EQ(from_base64("YW55IGNh\n cm5hbCBw\r\nbGVhcw==").value(), "any carnal pleas");
    EXPECT_EQ(from_base64("").value(), "");
    for (const char* text : {"YW5", "Y*55", "YW=5", "====", "YW55=AAA"}) {
        ASSERT_FALSE(from_base64(text)) << text;
        EXPECT_EQ(from_base64(text).error().code.name(), "base.bad-identifier");
    }
}

// RFC 9562, appendix A.4: UUIDv5 of "www.example.com" in the DNS name space.
TEST(Ids, NamedUuid) {
    const std::string dns("\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);
    EXPECT_EQ(uuid5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    EXPECT_NE(message_id(), message_id());
    EXPECT_EQ(message_id().size(), 26u);
}

}  // namespace
}  // namespace hansa
