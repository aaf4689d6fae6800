// Every level of lanes.h against its scalar twin, and the scalar twin against plain loops over characters.h.
//
// HANSA_SEED changes the seed of the random bytes; a failure prints it.
#include "core/xml/lanes.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/xml/lanes_x86.h"

namespace hansa {
namespace {

namespace lanes = xml::lanes;
using lanes::Level;

/// One level's functions behind pointers, since a test is not compiled for their instructions.
struct Calls {
    Level level;
    unsigned width;
    std::uint64_t (*text_stops)(const char*);
    std::uint64_t (*value_stops)(const char*);
    std::uint64_t (*name_stops)(const char*);
    std::uint64_t (*not_space)(const char*);
    std::uint64_t (*not_blank)(const char*);
    std::uint64_t (*either)(const char*, char, char);
    bool (*same)(const char*, const char*, unsigned);
    lanes::TextBlock (*text_block)(const char*);
    bool (*characters_good)(const char*, unsigned);
};

void PrintTo(const Calls& calls, std::ostream* out) {
    *out << lanes::name_of(calls.level);
}

#define CALLS(Name, level, target_attribute)                                                                          \
    struct Name##Calls {                                                                                              \
        using Of = lanes::Name;                                                                                       \
        target_attribute static std::uint64_t text_stops(const char* p) { return Of::text_stops(p); }                 \
        target_attribute static std::uint64_t value_stops(const char* p) { return Of::value_stops(p); }               \
        target_attribute static std::uint64_t name_stops(const char* p) { return Of::name_stops(p); }                 \
        target_attribute static std::uint64_t not_space(const char* p) { return Of::not_space(p); }                   \
        target_attribute static std::uint64_t not_blank(const char* p) { return Of::not_blank(p); }                   \
        target_attribute static std::uint64_t either(const char* p, char a, char b) { return Of::either(p, a, b); }   \
        target_attribute static bool same(const char* a, const char* b, unsigned n) { return Of::same(a, b, n); }     \
        target_attribute static lanes::TextBlock text_block(const char* p) { return Of::text_block(p); }              \
        target_attribute static bool characters_good(const char* p, unsigned n) { return Of::characters_good(p, n); } \
        static constexpr Calls all() {                                                                                \
            return {level,     Of::width, text_stops, value_stops, name_stops,     not_space,                         \
                    not_blank, either,    same,       text_block,  characters_good};                                  \
        }                                                                                                             \
    }
#define NO_TARGET
CALLS(Scalar, Level::scalar, NO_TARGET);
CALLS(Sse2, Level::sse2, NO_TARGET);
CALLS(Avx2, Level::avx2, [[gnu::target(HANSA_TARGET_AVX2)]]);
CALLS(Avx512, Level::avx512, [[gnu::target(HANSA_TARGET_AVX512)]]);

class Lanes : public testing::TestWithParam<Calls> {
protected:
    void SetUp() override {
        if (!lanes::supported(GetParam().level))
            GTEST_SKIP() << "this machine has no " << lanes::name_of(GetParam().level);
        const char* const text = std::getenv("HANSA_SEED");
        const std::uint64_t seed = text == nullptr ? 20'261'125 : std::strtoull(text, nullptr, 10);
        RecordProperty("seed", std::to_string(seed));
        trace_ = std::make_unique<testing::ScopedTrace>(__FILE__, __LINE__, "HANSA_SEED=" + std::to_string(seed));
        random_.seed(seed);
    }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

    /// Bytes of which many mean something; some of them UTF-8, some not.
    std::string bytes(std::size_t size) {
        static const std::vector<std::string> pieces = {"<",
                                                        "&",
                                                        ">",
                                                        "\r",
                                                        "\n",
                                                        "\t",
                                                        " ",
                                                        "\"",
                                                        "'",
                                                        "]",
                                                        "-",
                                                        "?",
                                                        "=",
                                                        "/",
                                                        ":",
                                                        "_",
                                                        ".",
                                                        "a",
                                                        "Z",
                                                        "0",
                                                        "9",
                                                        std::string(1, '\0'),
                                                        "\x01",
                                                        "\x0B",
                                                        "\x1F",
                                                        "\x7F",
                                                        "\xC2\x80",
                                                        "\xC3\xA9",
                                                        "\xDF\xBF",
                                                        "\xE0\xA0\x80",
                                                        "\xE4\xB8\xAD",
                                                        "\xED\x9F\xBF",
                                                        "\xEE\x80\x80",
                                                        "\xEF\xBF\xBD",
                                                        "\xEF\xBF\xBE",
                                                        "\xEF\xBF\xBF",
                                                        "\xEF\xBB\xBF",
                                                        "\xF0\x90\x80\x80",
                                                        "\xF0\x9F\x98\x80",
                                                        "\xF0\x9F\xBF\xBE",
                                                        "\xF4\x8F\xBF\xBF",
                                                        "\xF4\x90\x80\x80",
                                                        "\xED\xA0\x80",
                                                        "\xC0\x80",
                                                        "\xC1\xBF",
                                                        "\xE0\x9F\xBF",
                                                        "\xF0\x8F\xBF\xBF",
                                                        "\xF5\x80\x80\x80",
                                                        "\x80",
                                                        "\xBF",
                                                        "\xC3",
                                                        "\xE4\xB8",
                                                        "\xF0\x9F\x98",
                                                        "\xFE",
                                                        "\xFF"};
        const std::size_t good = below(3);
        std::string out;
        while (out.size() < size) {
            const std::size_t dice = below(10);
            if (dice < 5) {
                out.append(1 + below(20), static_cast<char>('a' + below(26)));
            } else if (dice < 6 && good == 0) {
                out += static_cast<char>(below(256));
            } else {
                out += pieces[below(good == 2 ? 21 : pieces.size())];
            }
        }
        out.resize(size);
        return out;
    }

    std::mt19937_64 random_;
    std::unique_ptr<testing::ScopedTrace> trace_;
};

template <class Test>
std::uint64_t expected(const std::string& text, unsigned width, Test test) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < width; ++i) out |= std::uint64_t{test(text[i]) ? 1u : 0u} << i;
    return out;
}

TEST_P(Lanes, ClassifiesEachByteInEachPlace) {
    const Calls& calls = GetParam();
    for (unsigned place = 0; place < calls.width; ++place) {
        for (unsigned value = 0; value < 256; ++value) {
            std::string text(64, 'x');
            text[place] = static_cast<char>(static_cast<unsigned char>(value));
            const char* const p = text.data();
            ASSERT_EQ(calls.text_stops(p), expected(text, calls.width, lanes::is_text_stop)) << value;
            ASSERT_EQ(calls.value_stops(p), expected(text, calls.width, lanes::is_value_stop)) << value;
            ASSERT_EQ(calls.name_stops(p), expected(text, calls.width, lanes::is_name_stop)) << value;
            ASSERT_EQ(calls.not_blank(p),
                      expected(text, calls.width, [](char c) { return !xml::is_space(c) || c == '\r'; }))
                << value;
            ASSERT_EQ(calls.not_space(p), expected(text, calls.width, [](char c) { return !xml::is_space(c); }))
                << value;
        }
    }
}

TEST_P(Lanes, AgreesWithPlainLoopsOnRandomBytes) {
    const Calls& calls = GetParam();
    for (int round = 0; round < 20'000; ++round) {
        const std::string text = bytes(64);
        const char* const p = text.data();
        ASSERT_EQ(calls.text_stops(p), expected(text, calls.width, lanes::is_text_stop));
        ASSERT_EQ(calls.value_stops(p), expected(text, calls.width, lanes::is_value_stop));
        ASSERT_EQ(calls.name_stops(p), expected(text, calls.width, lanes::is_name_stop));
        ASSERT_EQ(calls.either(p, '-', '\r'),
                  expected(text, calls.width, [](char c) { return c == '-' || c == '\r'; }));
        const lanes::TextBlock block = calls.text_block(p);
        ASSERT_EQ(block.stops, expected(text, 64, lanes::is_text_stop));
        ASSERT_EQ(block.controls,
                  expected(text, 64, [](char c) { return static_cast<unsigned char>(c) < 0x20 && !xml::is_space(c); }));
        ASSERT_EQ(block.beyond, expected(text, 64, [](char c) { return !xml::is_ascii(c); }));
        ASSERT_EQ(block.tails,
                  expected(text, 64, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }));
        const auto count = static_cast<unsigned>(below(65));
        ASSERT_EQ(calls.characters_good(p, count), xml::is_xml_text(std::string_view(text).substr(0, count)))
            << testing::PrintToString(text.substr(0, count));
    }
}

TEST_P(Lanes, ComparesSoManyBytes) {
    const Calls& calls = GetParam();
    const std::string a(64, 'n');
    for (unsigned differs = 0; differs < calls.width; ++differs) {
        std::string b = a;
        b[differs] = 'm';
        for (unsigned count = 0; count <= calls.width; ++count) {
            ASSERT_EQ(calls.same(a.data(), b.data(), count), count <= differs) << count << " " << differs;
        }
    }
}

/// The plain answer, character by character.
std::size_t plain_end(std::string_view text, std::size_t from, std::size_t to) {
    while (from < to) {
        const xml::Decoded c = xml::decode_utf8(text.substr(0, to), from);
        if (c.bytes == 0 || !xml::is_xml_char(c.value)) return from;
        from += c.bytes;
    }
    return from;
}

TEST_P(Lanes, FindsTheEndOfTheCharacters) {
    for (int round = 0; round < 20'000; ++round) {
        // A buffer of its own size, so that a sanitizer sees a byte too much.
        const std::string made = bytes(below(round % 10 == 0 ? 2'000 : 200));
        const std::unique_ptr<char[]> exact(new char[made.size() + 1]);
        made.copy(exact.get(), made.size());
        const std::string_view text(exact.get(), made.size());
        std::size_t from = 0;
        for (int again = 0; again < 4; ++again) {
            const std::size_t to = from + below(text.size() - from + 1);
            const std::size_t end = lanes::characters_end(text, from, to, GetParam().level);
            ASSERT_EQ(end, plain_end(text, from, to)) << from << " " << to << " " << testing::PrintToString(made);
            from = end;
        }
    }
}

/// Strides of blocks: one thing that is wrong, or nearly, at each place of a long text.
TEST_P(Lanes, FindsOneFaultAtEachPlaceOfALongText) {
    const std::string pieces[] = {"\xEF\xBF\xBE",       "\xEF\xBF\xBF", "\xEF\xBF\xBD", "\xEF\xBC\x8C",
                                  std::string(1, '\0'), "\x01",         "\n",           "\xED\xA0\x80",
                                  "\xF4\x90\x80\x80",   "\xE4\xB8\xAD", "\x80",         "\xC3"};
    for (std::size_t place = 0; place < 700; ++place) {
        for (const std::string& piece : pieces) {
            const std::string text = std::string(place, 'x') + piece + std::string(700 - place, 'y');
            ASSERT_EQ(lanes::characters_end(text, 0, text.size(), GetParam().level), plain_end(text, 0, text.size()))
                << place << " " << testing::PrintToString(piece);
        }
    }
}

/// Each code point of XML and each that is none, at the seam of blocks; all pairs and all lead bytes with tails.
TEST_P(Lanes, KnowsEachCodePointAndEachBrokenSequence) {
    const Level level = GetParam().level;
    const auto check = [&](const std::string& piece) {
        for (const std::size_t before : {0u, 13u, 30u, 61u}) {
            const std::string text = std::string(before, 'x') + piece + "y";
            const std::size_t wanted = plain_end(text, 0, text.size());
            if (lanes::characters_end(text, 0, text.size(), level) != wanted) return false;
        }
        return true;
    };
    const auto dense = [](char32_t c) { return c < 0x3000 || (c > 0xD700 && c < 0x10100) || c % 0x10000 > 0xFFF0; };
    for (char32_t c = 0x80; c < 0x110000; c += dense(c) ? 1u : 37u) {
        if (c >= 0xD800 && c < 0xE000) continue;
        std::string piece;
        xml::append_utf8(piece, c);
        ASSERT_TRUE(check(piece)) << static_cast<unsigned>(c);
    }
    const unsigned char seconds[] = {0x00, 0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                     0xA0, 0xBD, 0xBE, 0xBF, 0xC0, 0xE0, 0xFF};
    const unsigned char lasts[] = {0x41, 0x80, 0xBE, 0xBF, 0xC3};
    for (unsigned lead = 0x80; lead < 0x100; ++lead) {
        for (const unsigned char a : seconds) {
            for (const unsigned char b : seconds) {
                for (const unsigned char c : lasts) {
                    const unsigned char all[] = {static_cast<unsigned char>(lead), a, b, c};
                    ASSERT_TRUE(check(std::string(all, all + 4))) << lead << " " << +a << " " << +b << " " << +c;
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, Lanes,
                         testing::Values(ScalarCalls::all(), Sse2Calls::all(), Avx2Calls::all(), Avx512Calls::all()),
                         [](const auto& tested) { return std::string(lanes::name_of(tested.param.level)); });

TEST(LanesLevel, TheBestIsSupported) {
    EXPECT_TRUE(lanes::supported(lanes::best_level()));
    EXPECT_TRUE(lanes::supported(Level::sse2));
}

}  // namespace
}  // namespace hansa
