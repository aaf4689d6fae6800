// The small parts that plans are quick by: each against the plain way of the same thing.
#include <gtest/gtest.h>

#include <random>

#include "core/base/decimal.h"
#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_pieces.h"
#include "core/mapping/plan_pivot.h"
#include "core/mapping/plan_room.h"
#include "core/xml/writer.h"

namespace hansa::mapping::test {
namespace {

using program::small_number;
using program::SmallNumber;

std::string drawn(std::mt19937_64& random, std::string_view signs, std::size_t size) {
    std::string made;
    for (std::size_t i = 0; i < size; ++i) made += signs[random() % signs.size()];
    return made;
}

TEST(PlanBytes, EscapesAsTheWriterDoes) {
    std::mt19937_64 random(20261126);
    for (std::size_t round = 0; round < 4'000; ++round) {
        // Mostly plain signs, at every size around the blocks of 16; the text has no room behind it.
        const std::string_view signs = round % 3 == 0 ? "abcdefgh \xC3\xA9" : "abcdefghij<>&\r\"\t\n'";
        const std::string text = drawn(random, signs, round % 70);
        const std::vector<char> exact(text.begin(), text.end());
        const std::string_view given(exact.data(), exact.size());
        program::Literals pool;
        const auto opening = pool.add("<" + drawn(random, "abc", 1 + round % 40) + ">"), closing = pool.add("</a>");
        program::OutBytes out;
        out.element(pool, opening, given, closing);
        out.text(given);
        out.attribute(given);
        std::string expected(pool.at(opening), opening.size);
        xml::append_escaped_text(expected, text);
        expected += "</a>";
        xml::append_escaped_text(expected, text);
        xml::append_escaped_attribute(expected, text);
        ASSERT_EQ(out.view(), expected) << "round " << round;
    }
}

TEST(PlanBytes, GrowsAndGivesUp) {
    program::Literals pool;
    const auto tag = pool.add("<tag>");
    program::OutBytes out, other;
    std::string expected;
    for (std::size_t i = 0; i < 10'000; ++i) {
        out.literal(pool, tag);
        out.append('x');
        expected += "<tag>x";
    }
    EXPECT_EQ(out.view(), expected);
    out.shorten(6);
    other.append("other");
    out.swap(other);
    EXPECT_EQ(out.view(), "other");
    EXPECT_EQ(other.view(), "<tag>x");
}

/// A course of pieces alone, with texts that have no room behind them.
class PiecesToWrite {
public:
    PiecesToWrite(std::mt19937_64& random, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view signs = random() % 3 == 0 ? "abcd<>&\r\"\t\n'" : "abcdefgh \xC3\xA9";
            const std::string text = drawn(random, signs, random() % 5 == 0 ? random() % 300 : random() % 70);
            const std::string literal = drawn(random, "<abc>", random() % 200);
            texts_.emplace_back(text.begin(), text.end());
            program::CoursePiece piece{.before = course.literals.add(literal), .attribute = random() % 2 == 0};
            piece.text = {program::Operand::Of::made, static_cast<program::Id>(i)};
            piece.empty = text.empty();
            course.bytes += literal.size();
            course.pieces.push_back(piece);
            course.texts.push_back({{texts_.back().data(), text.size()}, {}});
            expected += literal;
            if (piece.attribute)
                xml::append_escaped_attribute(expected, text);
            else
                xml::append_escaped_text(expected, text);
        }
    }

    program::Course course;
    std::string expected;

private:
    std::vector<std::vector<char>> texts_;
};

TEST(PlanPieces, AreWrittenAtEachLevelAsTheWriterWrites) {
    using xml::lanes::Level;
    std::mt19937_64 random(20261127);
    for (std::size_t round = 0; round < 500; ++round) {
        PiecesToWrite made(random, 1 + round % 60);
        for (const Level level : {Level::scalar, Level::sse2, Level::avx2, Level::avx512}) {
            if (level > xml::lanes::best_level()) continue;
            program::OutBytes out;
            out.append("before");
            ASSERT_TRUE(write_pieces(made.course, {}, out, level));
            ASSERT_EQ(out.view(), "before" + made.expected) << "round " << round;
            // A text that is empty where it was not leaves nothing.
            made.course.pieces.back().empty = !made.course.pieces.back().empty;
            EXPECT_FALSE(write_pieces(made.course, {}, out, level));
            EXPECT_EQ(out.view(), "before" + made.expected);
            made.course.pieces.back().empty = !made.course.pieces.back().empty;
        }
    }
}

TEST(PlanRoom, NewValuesAreBytesOfOneKind) {
    program::Room<std::uint32_t> room;
    for (std::size_t i = 1; i < 200; ++i) {
        const std::size_t first = room.make(i, i % 2 == 0 ? 0xFF : 0);
        for (std::size_t k = 0; k < i; ++k) ASSERT_EQ(room[first + k], i % 2 == 0 ? 0xFFFFFFFFu : 0u);
        for (std::size_t k = 0; k < i; ++k) room[first + k] = 7;
        if (i % 3 == 0) room.shorten(first);
    }
    room.add(9);
    EXPECT_EQ(room[room.size() - 1], 9u);
}

TEST(PlanNumber, SaysWhatDecimalSays) {
    std::mt19937_64 random(20261126);
    std::size_t small = 0;
    for (std::size_t round = 0; round < 20'000; ++round) {
        const auto number = [&] {
            std::string text = random() % 4 == 0 ? "-" : "";
            text += drawn(random, "0123456789", 1 + random() % 10);
            if (random() % 2 == 0) text += "." + drawn(random, "0120", 1 + random() % 6);
            return text;
        };
        const std::string left = number(),
                          right = round % 5 == 0 ? left + (left.find('.') == left.npos ? ".0" : "0") : number();
        const auto a = small_number(left), b = small_number(right);
        const Decimal da = *Decimal::parse(left), db = *Decimal::parse(right);
        if (!a || !b) continue;
        ++small;
        ASSERT_EQ(a->canonical(), da.canonical()) << left;
        if (const auto order = compare_small(*a, *b)) {
            ASSERT_EQ(*order, da <=> db) << left << " " << right;
        }
        if (const auto made = plus(*a, *b)) {
            ASSERT_EQ(made->canonical(), da.plus(db)->canonical()) << left << right;
        }
        if (const auto made = minus(*a, *b)) {
            ASSERT_EQ(made->canonical(), da.minus(db)->canonical()) << left << right;
        }
        if (const auto made = times(*a, *b)) {
            ASSERT_EQ(made->canonical(), da.times(db)->canonical()) << left << right;
        }
    }
    EXPECT_GT(small, 15'000u);
}

TEST(PlanNumber, LeavesTheRestToDecimal) {
    for (const char* text : {"", "-", ".", "1.", ".5", "1e3", "+1", " 1", "1 ", "1.2.3", "1234567890123456789", "--1"})
        EXPECT_FALSE(small_number(text)) << text;
    const auto large = small_number("999999999999999999");
    ASSERT_TRUE(large);
    EXPECT_FALSE(times(*large, *large));
    EXPECT_FALSE(plus(*large, *large));
    EXPECT_FALSE(compare_small(*large, *small_number("0.000001")));
}

TEST(PlanPivot, ALookAtAFieldSaysWhatItsRulesSay) {
    std::mt19937_64 random(20261126);
    program::FieldFit::Tables tables;
    std::size_t fits = 0, not_fits = 0;
    const char* const texts[] = {"",
                                 "1",
                                 "12.5",
                                 "0.5",
                                 "007",
                                 "-3",
                                 "CN",
                                 "EUR",
                                 "KGM",
                                 "XX",
                                 "9",
                                 "IM",
                                 "true",
                                 "abc",
                                 "cn:1",
                                 "A1",
                                 "2026-11-25",
                                 "2026-02-30",
                                 "2026-11-25T12:00:00+08:00",
                                 "2026-11-25T24:00:00Z",
                                 "2026-13-01T00:00:00Z"};
    for (const pivot::Field* field : pivot::all_fields(pivot::Kind::declaration)) {
        const program::FieldFit fit(*field, {}, tables);
        const auto same = [&](std::string_view text, std::string_view list) {
            const bool expected = program::value_fits(*field, text, list);
            ++(expected ? fits : not_fits);
            ASSERT_EQ(fit(text, list), expected) << field->path() << " '" << text << "' of '" << list << "'";
        };
        for (const char* text : texts) {
            same(text, "");
            same(text, "cn.unit");
        }
        for (std::size_t i = 0; i < 4; ++i) same(drawn(random, "AB01.- ", random() % 600), "");
        for (const char* name : {"currencyID", "unitCode", "schemeID"}) {
            const program::FieldFit attribute(*field, name, tables);
            for (const char* text : texts)
                ASSERT_EQ(attribute(text, ""), program::attribute_fits(*field, name, text, ""))
                    << field->path() << name << text;
        }
    }
    EXPECT_GT(fits, 1'000u);
    EXPECT_GT(not_fits, 1'000u);
}

}  // namespace
}  // namespace hansa::mapping::test
