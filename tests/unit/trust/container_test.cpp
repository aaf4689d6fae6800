// Containers that attack: A6 (bombs), A7 (names), A13 (parts not covered).
#include <gtest/gtest.h>

#include <chrono>

#include "core/trust/container.h"
#include "tests/unit/trust/people.h"
#include "tests/unit/trust/zip_maker.h"

namespace hansa::trust {
namespace {

using test::must;
using test::people;
using test::ZipEntry;
using test::ZipMaker;

std::string word(const Result<std::vector<ContainerFile>>& result) {
    return result ? std::string("read") : std::string(result.error().code.name());
}

std::string reading(const ZipEntry& entry) {
    return word(read_container(ZipMaker::make({ZipMaker::mimetype(), entry})));
}

TEST(Container, AnHonestOneIsRead) {
    EXPECT_EQ(reading({"a.xml", "<a/>"}), "read");
    EXPECT_EQ(reading({"META-INF/"}), "read");
    EXPECT_EQ(reading({"\xE8\x8C\xB6.xml", "<a/>", 0, 0x800}), "read");
}

TEST(Container, NamesNeverBecomePaths) {
    for (const std::string name :
         {"/etc/passwd", "../up", "a/../../up", "a/./b", "a//b", "C:\\a", "C:a", "a\\b", "..", ".", "a\nb", "nul?",
          "\xE8\x8C\xB6", "//host/share", "a/..", "mimetype", "MIMETYPE"}) {
        EXPECT_EQ(reading({name, "x"}), "trust.container-name") << name;
    }
    EXPECT_EQ(reading({std::string("a\0b", 3), "x"}), "trust.container-name");
    EXPECT_EQ(reading({std::string(256, 'a'), "x"}), "trust.container-name");
    EXPECT_EQ(reading({.name = "link", .data = "/etc/passwd", .external = 0120777u << 16}), "trust.container-name");
}

TEST(Container, HeadersThatTellTwoStoriesAreRefused) {
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .local_name = "b.xml"}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .unpacked = 3}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .flags = 1}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .method = 12}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .checksum = 1}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "a.xml", .data = "<a/>", .unpacked = 0xFFFFFFFFu}), "trust.container-malformed");
    EXPECT_EQ(reading({.name = "folder/", .data = "x"}), "trust.container-malformed");
}

TEST(Container, OverlapGapsAndTrailingBytesAreRefused) {
    const ZipEntry first = ZipMaker::mimetype(), second{"a.xml", "<a/>"};
    EXPECT_EQ(word(read_container(ZipMaker::make({first, second}, "gap"))), "trust.container-malformed");
    EXPECT_EQ(word(read_container(ZipMaker::make({first, second}, {}, "comment"))), "trust.container-malformed");
    EXPECT_EQ(word(read_container("x" + ZipMaker::make({first, second}))), "trust.container-malformed");
    EXPECT_EQ(word(read_container(ZipMaker::make({first, second}) + "x")), "trust.container-malformed");
    // Two rows of the directory for one entry, and one entry inside another one's data.
    ZipEntry same = second;
    same.offset = 69;
    EXPECT_EQ(word(read_container(ZipMaker::make({first, second, same}))), "trust.container-name");
    same.name = "b.xml";
    EXPECT_EQ(word(read_container(ZipMaker::make({first, second, same}))), "trust.container-malformed");
}

/// The published kinds: one file of a huge ratio, many files that share one kernel of data by
/// overlap, and sizes that only ZIP64 can state. All are refused from the directory alone.
TEST(Container, BombsAreRefusedWithinAHundredMilliseconds) {
    std::vector<ZipEntry> overlapping{ZipMaker::mimetype()};
    const ZipEntry kernel{.name = "0", .data = std::string(40'000, 'x'), .method = 8, .unpacked = 22'000'000};
    overlapping.push_back(kernel);
    for (int i = 1; i < 250; ++i) {
        ZipEntry quote = kernel;
        quote.name = std::to_string(i);
        quote.offset = 69;
        overlapping.push_back(quote);
    }
    std::vector<ZipEntry> within_count(overlapping.begin(), overlapping.begin() + 60);
    std::vector<ZipEntry> many{ZipMaker::mimetype()};
    for (int i = 0; i < 60'000; ++i) many.push_back({std::to_string(i)});
    std::vector<ZipEntry> total{ZipMaker::mimetype()};
    for (int i = 0; i < 40; ++i) {
        total.push_back(
            {.name = std::to_string(i), .data = std::string(30'000, 'x'), .method = 8, .unpacked = 2'900'000});
    }
    const std::vector<std::string> bombs{
        ZipMaker::make(overlapping), ZipMaker::make(within_count), ZipMaker::make(many), ZipMaker::make(total),
        ZipMaker::make({ZipMaker::mimetype(),
                        {.name = "a", .data = std::string(46'000, 'x'), .method = 8, .unpacked = 4'000'000'000u}})};
    for (const std::string& bomb : bombs) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(word(read_container(bomb)), "trust.container-limit") << bomb.size();
        const auto took = std::chrono::steady_clock::now() - start;
        EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 100);
    }
}

TEST(Container, TheUnpackedSizeIsWhatTheDirectorySays) {
    // A million zeros under a directory that promises a thousand.
    std::string bytes = must(write_container({{"zeros", std::string(60'000, '\0')}}));
    const std::string truth("\x60\xEA\x00\x00", 4), lie("\xE8\x03\x00\x00", 4);
    for (auto at = bytes.find(truth); at != std::string::npos; at = bytes.find(truth)) bytes.replace(at, 4, lie);
    EXPECT_EQ(word(read_container(bytes)), "trust.container-malformed");
}

TEST(Container, EveryCutAndEveryFlippedBitIsRefusedOrHarmless) {
    const auto& profile = test::core_profile("asice.ecdsa-p256-sha256");
    const std::string good = must(sign("<a>content</a>", profile, people().ec.signer()));
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(test::verify_all(std::string_view(good).substr(0, i), profile).valid) << i;
    }
    for (std::size_t i = 0; i < good.size() * 8; i += 3) {
        std::string bad = good;
        bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
        const Verification found = test::verify_all(bad, profile);
        if (!found.valid) continue;
        ++accepted;  // times, versions and attributes of ZIP entries carry nothing
        ASSERT_EQ(found.covered.size(), 1u);
        EXPECT_EQ(found.covered[0].octets, "<a>content</a>");
        EXPECT_EQ(found.covered[0].id, "document.xml");
    }
    EXPECT_LT(accepted, good.size());
}

TEST(Container, EveryPartMustBeCoveredInEveryOrder) {
    const auto& profile = test::core_profile("asice.ecdsa-p256-sha256");
    auto files = must(read_container(must(sign("<a/>", profile, people().ec.signer()))));
    files.erase(files.begin());
    for (const std::string name : {"extra.xml", "META-INF/manifest.xml", "META-INF/other.txt", "document2.xml"}) {
        for (std::size_t place = 0; place <= files.size(); ++place) {
            auto more = files;
            more.insert(more.begin() + static_cast<std::ptrdiff_t>(place), {name, "<b/>"});
            const Verification found = test::verify_all(must(write_container(more)), profile);
            ASSERT_FALSE(found.valid) << name << place;
            EXPECT_EQ(found.errors.at(0).code.name(), "trust.not-covered") << name << place;
        }
    }
    auto two = files;
    two.push_back({"META-INF/signatures1.xml", files.back().bytes});
    EXPECT_EQ(test::verify_all(must(write_container(two)), profile).errors.at(0).code.name(), "trust.signature-many");
    files.pop_back();
    EXPECT_EQ(test::verify_all(must(write_container(files)), profile).errors.at(0).code.name(),
              "trust.signature-missing");
}

TEST(Container, WritingRefusesNamesThatReadersRefuse) {
    const auto& profile = test::core_profile("asice.ecdsa-p256-sha256");
    for (const std::string name : {"../a", "/a", "mimetype", "META-INF/signatures.xml", "", "a/"}) {
        const auto made = sign_container({{name, "x"}}, profile, people().ec.signer());
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().code.name(), "trust.container-name");
    }
    EXPECT_EQ(sign_container({{"a", "x"}, {"A", "y"}}, profile, people().ec.signer()).error().code.name(),
              "trust.container-name");
    EXPECT_EQ(sign_container({}, profile, people().ec.signer()).error().code.name(), "trust.container-limit");
}

}  // namespace
}  // namespace hansa::trust
