// The blob reads back what was written, and nothing that was cut, changed or forged.
#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "core/plugin/blob.h"
#include "core/plugin/codes.h"

namespace hansa::plugin {
namespace {

const BlobEntries sample{{"README.md", "words"}, {"codes/unit.codes", ""}, {"plugin.toml", "plugin = \"xx\"\n"}};

std::string good() {
    return *write_blob(sample);
}

/// A blob whose digest is right although its bytes were changed: what a forger could make.
std::string forged(std::string bytes) {
    const std::string sum = digest(DigestAlgorithm::sha256, bytes.substr(0, 24) + bytes.substr(56));
    return bytes.replace(24, 32, sum);
}

Code code_of(std::string_view bytes) {
    const auto result = read_blob(bytes);
    return result ? Code() : result.error().code;
}

TEST(Blob, ReadsBackWhatWasWritten) {
    const std::string bytes = good();
    const auto entries = read_blob(bytes);
    ASSERT_TRUE(entries) << entries.error().text();
    ASSERT_EQ(entries->size(), sample.size());
    for (const auto& [name, text] : sample) EXPECT_EQ(entries->at(name), text);
    EXPECT_EQ(bytes, good());
}

TEST(Blob, EveryTruncationIsRefused) {
    const std::string bytes = good();
    for (std::size_t size = 0; size != bytes.size(); ++size) {
        EXPECT_EQ(code_of(bytes.substr(0, size)), codes::blob_truncated) << size;
    }
}

TEST(Blob, EveryFlippedBitIsRefused) {
    const std::string bytes = good();
    for (std::size_t at = 0; at != bytes.size(); ++at) {
        for (int bit = 0; bit != 8; ++bit) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            EXPECT_FALSE(read_blob(changed)) << at << '.' << bit;
        }
    }
}

TEST(Blob, ChangedBytesBreakTheChecksum) {
    std::string bytes = good();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    EXPECT_EQ(code_of(bytes), codes::blob_checksum);
}

TEST(Blob, AnotherVersionIsNamed) {
    std::string bytes = good();
    bytes[8] = 99;
    EXPECT_EQ(code_of(bytes), codes::blob_version);
}

TEST(Blob, TrailingBytesAreRefused) {
    EXPECT_EQ(code_of(good() + "x"), codes::blob_malformed);
}

TEST(Blob, ForgedTablesNeverReachOutside) {
    const std::string bytes = good();
    // Every byte of the table of entries takes extreme values, each time with a right digest.
    for (std::size_t at = 56; at != 56 + 3 * 24 + 9 + 16 + 11; ++at) {
        for (const int value : {0x00, 0x01, 0x2e, 0x2f, 0x7f, 0x80, 0xff}) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(value);
            const std::string whole = forged(changed);
            const auto entries = read_blob(whole);
            if (!entries) continue;
            for (const auto& [name, text] : *entries) {
                if (text.empty()) continue;
                EXPECT_GE(text.data(), whole.data() + 56);
                EXPECT_LE(text.data() + text.size(), whole.data() + whole.size());
            }
        }
    }
}

TEST(Blob, NamesThatArePathsAreRefused) {
    for (const char* name : {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "a\\b", "a b", "a\nb"}) {
        const auto result = write_blob({{name, "x"}});
        ASSERT_FALSE(result) << name;
        EXPECT_EQ(result.error().code, codes::blob_malformed) << name;
    }
    EXPECT_FALSE(write_blob({{std::string(256, 'a'), "x"}}));
    EXPECT_TRUE(write_blob({{std::string(255, 'a'), "x"}}));
}

}  // namespace
}  // namespace hansa::plugin
