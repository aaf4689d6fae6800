// The bench's own rules: what is compared, what counts, and that the same seed gives the same message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cli/bench_case.h"
#include "core/cli/bench_hansa.h"
#include "core/cli/bench_library.h"
#include "core/cli/bench_run.h"
#include "core/cli/bench_spelling.h"
#include "core/cli/codes.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"

namespace hansa::bench {
namespace {

/// Says what it is told to say.
class Parrot final : public Peer {
public:
    explicit Parrot(std::string words, bool good = true) : words_(std::move(words)), good_(good) {}
    bool run(std::string_view, std::string& output) override {
        ++runs;
        output = words_;
        return good_ || refuse("it does not like Mondays");
    }
    std::size_t runs = 0;

private:
    std::string words_;
    bool good_;
};

Contender parrot(std::string name, std::string words, bool good = true) {
    return {std::move(name), std::make_unique<Parrot>(std::move(words), good)};
}

Case translation() {
    Case out;
    out.name = "translate/a/b/1";
    out.work = Work::translate;
    out.messages = {"<a/>", "<b/>"};
    return out;
}

TEST(BenchMeasure, MedianLowAndHigh) {
    const Spread odd = spread_of({3, 1, 2});
    EXPECT_EQ(odd.median, 2);
    EXPECT_EQ(odd.low, 1);
    EXPECT_EQ(odd.high, 3);
    EXPECT_EQ(spread_of({4, 1, 2, 3}).median, 2);
    EXPECT_EQ(spread_of({}).median, 0);
}

TEST(BenchMeasure, EveryContenderRunsInEveryRound) {
    std::vector<Contender> both;
    both.push_back(parrot("one", "x"));
    both.push_back(parrot("two", "x"));
    const std::vector<std::string> messages{"<a/>"};
    const auto rounds = measure(both, messages, {.seconds = 0.001, .rounds = 5, .slices = 2});
    ASSERT_TRUE(rounds);
    ASSERT_EQ(rounds->per_s.size(), 2U);
    for (const auto& figures : rounds->per_s) {
        ASSERT_EQ(figures.size(), 5U);
        for (const double per_s : figures) EXPECT_GT(per_s, 0);
    }
}

TEST(BenchMeasure, ARefusalNamesTheContender) {
    std::vector<Contender> one;
    one.push_back(parrot("grumpy", "", false));
    const std::vector<std::string> messages{"<a/>"};
    const auto rounds = measure(one, messages, {.seconds = 0.001, .rounds = 1});
    ASSERT_FALSE(rounds);
    EXPECT_EQ(rounds.error().code, cli::codes::bench_refused);
    EXPECT_EQ(rounds.error().detail, "grumpy: it does not like Mondays");
}

TEST(BenchMeasure, CountedRunsAreExact) {
    Contender one = parrot("one", "x");
    const std::vector<std::string> messages{"<a/>", "<b/>"};
    ASSERT_TRUE(run_counted(one, messages, 3));
    EXPECT_EQ(static_cast<Parrot&>(*one.peer).runs, 2U + 3U * 2U);  // once to be warm
}

TEST(BenchCompare, AnotherOutputDoesNotCountAndIsShown) {
    Field field;
    field.contenders.push_back(parrot("hansa", "<b>same</b>"));
    field.contenders.push_back(parrot("good", "<b>same</b>"));
    field.contenders.push_back(parrot("bad", "<b>some</b>"));
    field.contenders.push_back({"memcpy", std::make_unique<Parrot>("anything"), true});
    ASSERT_TRUE(compare_outputs(translation(), field));
    ASSERT_EQ(field.contenders.size(), 3U);
    EXPECT_EQ(field.contenders[1].name, "good");
    EXPECT_EQ(field.contenders[2].name, "memcpy");
    ASSERT_EQ(field.refused.size(), 1U);
    EXPECT_EQ(field.refused[0].peer, "bad");
    EXPECT_EQ(field.refused[0].why, "byte 4 of 11 and 11: '<b>same</b>' against '<b>some</b>'");
}

TEST(BenchCompare, WhereTheReferenceDiffersThereIsNoFigure) {
    Field field;
    field.contenders.push_back(parrot("hansa", "a"));
    field.contenders.push_back(parrot("reference", "b"));
    const auto same = compare_outputs(translation(), field);
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, cli::codes::bench_differs);
}

TEST(BenchCompare, ASignedOutputIsComparedWithoutItsSignature) {
    EXPECT_EQ(without_signature("<a><b/><ds:Signature xmlns:ds=\"x\">1</ds:Signature></a>"), "<a><b/></a>");
    EXPECT_EQ(without_signature("<a><b/><Signature xmlns=\"x\">1</Signature></a>"), "<a><b/></a>");
    EXPECT_EQ(without_signature("<a><b/></a>"), "");
}

TEST(BenchCases, WordsOfTheCommandLine) {
    EXPECT_TRUE(fits("parse/cn.ceb311/100", "parse/cn.ceb311/100"));
    EXPECT_TRUE(fits("parse/cn.ceb311/100", "parse"));
    EXPECT_TRUE(fits("parse/cn.ceb311/100", "parse/"));
    EXPECT_TRUE(fits("parse/cn.ceb311/100", "parse/*/100"));
    EXPECT_TRUE(fits("parse/cn.ceb311+general/100", "*general*"));
    EXPECT_FALSE(fits("parse/cn.ceb311/100", "parse/cn.ceb311/1"));
    EXPECT_FALSE(fits("parse/cn.ceb311+general/100", "parse/cn.ceb311"));
    EXPECT_FALSE(fits("parse/cn.ceb311/100", "*/10"));
}

TEST(BenchCases, AShapeIsOneOfSomeWords) {
    std::string format = "cn.ceb311+general";
    const auto shape = take_shape(format);
    ASSERT_TRUE(shape);
    EXPECT_EQ(*shape, Shape::general);
    EXPECT_EQ(format, "cn.ceb311");
    format = "cn.ceb311+strange";
    EXPECT_EQ(take_shape(format).error().code, cli::codes::usage);
    format = "cn.ceb311+comment";
    EXPECT_THAT(take_shape(format).error().detail, testing::HasSubstr("'comments'"));
}

schema::Element small_tree() {
    schema::Element out;
    out.name = {"urn:a", "list"};
    for (const char* text : {"1 < 2", "\xE7\x8F\xA0"}) {
        schema::Element& child = out.children.emplace_back();
        child.name = {"urn:a", "text"};
        child.text = text;
    }
    return out;
}

TEST(BenchSpelling, StrangeSpellingsAreDenseAndSayTheSame) {
    const schema::Element tree = small_tree();
    const Prefixes prefixes{{"urn:a", "a"}};
    const std::pair<Shape, const char*> wanted[] = {
        {Shape::comments, "<a:list xmlns:a=\"urn:a\"><!--c--><a:text>1 &lt; 2</a:text><!--c--><a:text>\xE7\x8F\xA0</a:text></a:list>"},
        {Shape::namespaces,
         "<a:list xmlns:a=\"urn:a\"><a:text xmlns:a=\"urn:a\">1 &lt; 2</a:text><a:text xmlns:a=\"urn:a\">\xE7\x8F\xA0</a:text></a:list>"},
        {Shape::references, "<a:list xmlns:a=\"urn:a\"><a:text>&#49;&#32;&#60;&#32;&#50;</a:text><a:text>&#29664;</a:text></a:list>"},
        {Shape::sections, "<a:list xmlns:a=\"urn:a\"><a:text><![CDATA[1 < 2]]></a:text><a:text><![CDATA[\xE7\x8F\xA0]]></a:text></a:list>"}};
    for (const auto& [shape, bytes] : wanted) {
        const std::string made = write_strangely(tree, prefixes, shape);
        EXPECT_EQ(made.substr(made.find('\n') + 1), bytes);
        const auto read = schema::read_tree(made);
        ASSERT_TRUE(read);
        EXPECT_EQ(schema::write_tree(*read), schema::write_tree(tree));
    }
}

TEST(BenchSpelling, WhatIsRefusedIsWrongNearItsEnd) {
    const std::string good = "<list>" + std::string(200, ' ') + "<text>1</text></list>";
    EXPECT_LT(break_message(good, Shape::cut).size(), good.size());
    EXPECT_THAT(break_message(good, Shape::misfit), testing::HasSubstr("<text>1<odd></odd></text>"));
    EXPECT_THAT(break_message(good, Shape::value), testing::HasSubstr("1xxxxx"));
    EXPECT_EQ(break_message(good, Shape::comments), good);
}

TEST(BenchPeers, WithoutTheLibraryThereAreNone) {
    const auto library = PeerLibrary::load("/nowhere/peers.so");
    ASSERT_FALSE(library);
    EXPECT_EQ(library.error().code, cli::codes::bench_no_peers);
}

}  // namespace
}  // namespace hansa::bench
