// Every level marks the same tags, and passes the same blocks; what a mark means stands on bytes known by hand.
#include "core/xml/tag_marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace hansa::xml {
namespace {

std::vector<lanes::Level> levels() {
    std::vector<lanes::Level> all;
    for (const auto level : {lanes::Level::scalar, lanes::Level::sse2, lanes::Level::avx2, lanes::Level::avx512})
        if (lanes::supported(level)) all.push_back(level);
    return all;
}

auto all_of(const TagMarks& one) {
    return std::tuple(one.opens, one.starts, one.colons, one.declaring, one.others, one.is_odd);
}
auto all_of(const TagWalk& one) {
    return std::tuple(one.depth, one.in_tag, one.in_end_tag, one.before);
}

/// Filled up to one block, with room behind it for what is read ahead.
std::string block_of(std::string text) {
    text.resize(64 + TagWalk::ahead, '.');
    return text;
}

TEST(TagMarks, SayWhatStandsInTags) {
    const std::string bytes = block_of("<a:b c:d=\"x y\">:</a:b><e xmlns=\"\">");
    for (const auto level : levels()) {
        TagWalk walk;
        const TagMarks marks = mark_tags(bytes.data(), walk, level);
        EXPECT_EQ(marks.opens, 1u | 1u << 16 | 1u << 22);
        EXPECT_EQ(marks.starts, 1u | 1u << 22);
        EXPECT_EQ(marks.colons, 1u << 2 | 1u << 6) << "not those of a text or an end tag";
        EXPECT_EQ(marks.declaring, 1u << 24);
        EXPECT_EQ(marks.others, 0u);
        EXPECT_FALSE(marks.is_odd);
        EXPECT_FALSE(walk.in_tag);
    }
}

TEST(TagMarks, KnowATagThatGoesOnInTheNextBlock) {
    const std::string first = block_of(std::string(60, '.') + "<a b");
    const std::string second = block_of("=\"x\" xmlns:c=\"d\">text</a>");
    for (const auto level : levels()) {
        TagWalk walk;
        mark_tags(first.data(), walk, level);
        EXPECT_TRUE(walk.in_tag);
        EXPECT_FALSE(walk.in_end_tag);
        const TagMarks marks = mark_tags(second.data(), walk, level);
        EXPECT_EQ(marks.declaring, 1u << 4);
        EXPECT_EQ(marks.colons, 1u << 10);
        EXPECT_FALSE(walk.in_tag);
    }
}

TEST(TagMarks, ABracketInAValueIsOdd) {
    for (const char* text : {"<a b=\"1>2\">", "x>y"}) {
        TagWalk walk;
        EXPECT_TRUE(mark_tags(block_of(text).data(), walk, lanes::Level::scalar).is_odd) << text;
    }
    TagWalk walk;
    EXPECT_NE(mark_tags(block_of("<!-- --><?p?>").data(), walk, lanes::Level::scalar).others, 0u);
}

TEST(TagMarks, PassWhatIsUsualAndStopBeforeAllElse) {
    struct Case {
        const char* text;
        std::size_t passed, depth;
    };
    for (const Case& one : {Case{"<p:a><p:b c=\"d\">x</p:b>", 1, 4}, Case{"<q:a>", 0, 3}, Case{"<p:a q:b=\"\">", 0, 3},
                            Case{"<p:a xmlns:q=\"\">", 0, 3}, Case{"</p:a>", 1, 2}, Case{"</p:a></p:a>", 0, 3},
                            Case{"</p:a><p:a></p:a><p:a>", 1, 3}, Case{"<pp:a>", 0, 3}, Case{"<a>", 0, 3},
                            Case{"<p:a></p:a></p:a></p:a>", 0, 3}}) {
        for (const auto level : levels()) {
            TagWalk walk{.is_known = true, .prefix = "p", .depth = 3, .limit = 2};
            EXPECT_EQ(pass_usual(block_of(one.text).data(), 1, walk, level), one.passed) << one.text;
            EXPECT_EQ(walk.depth, one.depth) << one.text;
        }
    }
}

TEST(TagMarks, EveryLevelSaysTheSame) {
    const std::vector<std::string> pieces{"<p:a>",
                                          "</p:a>",
                                          "<p:a b=\"c\">",
                                          "a text of several words",
                                          " and more ",
                                          "<q:a>",
                                          "</q:a>",
                                          "<a>",
                                          "</a>",
                                          "<p:a xmlns:q=\"u\">",
                                          "<p:a b=\">\">",
                                          ":",
                                          "<!-- -->",
                                          "&amp;",
                                          "<p:abcdefghijklmnop>"};
    std::mt19937 random(20261126);
    std::size_t passed = 0, odd = 0;
    for (int i = 0; i < 4'000; ++i) {
        std::string text;
        while (text.size() < 512) text += pieces[random() % (i % 3 == 0 ? pieces.size() : 6)];
        text.append(64 + TagWalk::ahead, '.');
        const TagWalk begin{
            .is_known = i % 5 != 0, .prefix = i % 4 != 0 ? "p" : "", .depth = 200, .limit = i % 7 == 0 ? 199u : 0u};
        TagWalk expected = begin;
        const std::size_t blocks = pass_usual(text.data(), 8, expected, lanes::Level::scalar);
        passed += blocks;
        for (const auto level : levels()) {
            TagWalk walk = begin;
            ASSERT_EQ(pass_usual(text.data(), 8, walk, level), blocks) << text;
            ASSERT_EQ(all_of(walk), all_of(expected)) << text;
            TagWalk other = expected;
            const TagMarks marks = mark_tags(text.data() + 64 * blocks, other, lanes::Level::scalar);
            odd += marks.is_odd ? 1 : 0;
            ASSERT_EQ(all_of(mark_tags(text.data() + 64 * blocks, walk, level)), all_of(marks)) << text;
            ASSERT_EQ(all_of(walk), all_of(other)) << text;
        }
    }
    EXPECT_GT(passed, 500u);
    EXPECT_GT(odd, 100u);
}

}  // namespace
}  // namespace hansa::xml
