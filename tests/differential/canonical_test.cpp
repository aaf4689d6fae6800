// The fast canonical form against libxml2's: equal octets, or the fast way declines.
//
// HANSA_SEED and HANSA_DOCUMENTS change the random documents; a failure prints seed and document.
#include <gtest/gtest.h>
#include <libxml/tree.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <sstream>

#include "core/xml/canonical.h"
#include "core/xml/canonical_slices.h"
#include "core/xml/exclusive_form.h"
#include "core/xml/fast_canonical.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/spellings.h"

namespace hansa::xml {
namespace {

using enum Canonicalization;
constexpr Canonicalization methods[] = {c14n10,          c14n10_comments, c14n11,
                                        c14n11_comments, exclusive,       exclusive_comments};

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct Counts {
    std::uint64_t equal = 0, declined = 0, refused_by_both = 0, sliced = 0, made_exclusive = 0;
};

/// All elements in document order, and the offsets of their start tags: the n-th is the n-th.
struct Elements {
    std::vector<const xmlNode*> nodes;
    std::vector<std::uint64_t> offsets;
};

void collect(const xmlNode* node, std::vector<const xmlNode*>& out) {
    for (; node != nullptr; node = node->next) {
        if (node->type != XML_ELEMENT_NODE) continue;
        out.push_back(node);
        collect(node->children, out);
    }
}

Elements elements_of(const ReferenceDocument& document, std::string_view bytes) {
    Elements out;
    collect(document.root(), out.nodes);
    Scanner scanner(bytes);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == TokenKind::end_of_document) break;
        if (*kind == TokenKind::start_element) out.offsets.push_back(scanner.token().offset);
    }
    return out;
}

class Comparison {
public:
    explicit Comparison(std::string_view bytes) : bytes_(bytes), document_(ReferenceDocument::parse(bytes)) {
        if (document_) elements_ = elements_of(*document_, bytes);
    }
    bool has_reference() const { return document_.has_value(); }
    std::size_t elements() const { return elements_.nodes.size(); }

    /// `apex` and `without` are numbers of elements; -1: none.
    void compare(Canonicalization method, int apex, int without, const std::vector<std::string>& prefixes,
                 Counts& counts) const {
        CanonicalRequest wanted{.method = method, .inclusive_prefixes = prefixes};
        FastRequest fast{.method = method, .inclusive_prefixes = prefixes};
        if (apex >= 0) {
            wanted.apex = elements_.nodes[static_cast<std::size_t>(apex)];
            fast.offset = elements_.offsets.at(static_cast<std::size_t>(apex));
        }
        if (without >= 0) {
            wanted.without = elements_.nodes[static_cast<std::size_t>(without)];
            fast.without = elements_.offsets.at(static_cast<std::size_t>(without));
        }
        CanonicalPieces pieces;
        const auto done = fast_canonical_form(bytes_, fast, pieces);
        ASSERT_TRUE(done) << done.error().text();
        ASSERT_NE(*done, FastForm::not_there);
        const auto expected = canonical_form(*document_, wanted);
        if (*done == FastForm::declined) return void(expected ? ++counts.declined : ++counts.refused_by_both);
        ASSERT_TRUE(expected) << "only the fast way wrote " << pieces.text();
        const std::string text = pieces.text();
        ASSERT_EQ(text, *expected) << uri_of(method) << " apex " << apex << " without " << without;
        EXPECT_EQ(text.size(), pieces.size());
        ++counts.equal;
        compare_slices(method, without, prefixes, *expected, apex, counts);
        if (method == Canonicalization::exclusive) compare_exclusive(without, prefixes, *expected, apex, counts);
        StringSink sink;
        CanonicalToSink to_sink(sink);
        ASSERT_TRUE(fast_canonical_form(bytes_, fast, to_sink));
        EXPECT_EQ(sink.text(), text);
    }

private:
    /// The same octets by looking for what is spelt otherwise, in each way of looking; it may decline.
    void compare_slices(Canonicalization method, int without, const std::vector<std::string>& prefixes,
                        const std::string& expected, int apex, Counts& counts) const {
        if (apex >= 0 || method != without_comments(method) || !prefixes.empty()) return;
        SliceRange range;
        Scanner scanner(bytes_);
        std::vector<std::uint64_t> open;
        while (scanner.next().value() != TokenKind::end_of_document) {
            const Token& token = scanner.token();
            if (token.kind == TokenKind::start_element) open.push_back(token.offset);
            if (token.kind != TokenKind::end_element) continue;
            const bool hidden = without >= 0 && open.back() == elements_.offsets[static_cast<std::size_t>(without)];
            if (hidden) range.without_from = open.back(), range.without_to = token.end;
            if (open.size() == 1) range.root = open.back(), range.end = token.end;
            open.pop_back();
        }
        if (!is_bare_outside(bytes_, range)) return;
        std::optional<bool> taken;
        for (const SliceLook look : {SliceLook::plain, SliceLook::avx2, SliceLook::avx512}) {
            if (!can_look(look)) continue;
            CanonicalPieces pieces;
            const bool done = canonical_slices(bytes_, range, method, pieces, look);
            EXPECT_EQ(taken.value_or(done), done);
            taken = done;
            ASSERT_TRUE(!done || pieces.text() == expected)
                << uri_of(method) << " slices, look " << static_cast<int>(look) << ":\n"
                << pieces.text();
        }
        if (*taken) ++counts.sliced;
    }

    /// The exclusive form, made of the inclusive one; it may decline.
    void compare_exclusive(int without, const std::vector<std::string>& prefixes, const std::string& expected, int apex,
                           Counts& counts) const {
        if (apex >= 0 || without >= 0 || !prefixes.empty()) return;
        const auto inclusive = canonical_form(*document_, {.method = Canonicalization::c14n10});
        if (!inclusive) return;
        CanonicalPieces pieces;
        if (!exclusive_form(*inclusive, pieces)) return;
        ++counts.made_exclusive;
        ASSERT_EQ(pieces.text(), expected) << "made of " << *inclusive;
    }

    std::string_view bytes_;
    Result<ReferenceDocument> document_;
    Elements elements_;
};

// --- documents by hand -------------------------------------------------------------------------

TEST(FastCanonical, EqualsTheReferenceOnEveryConstruct) {
    const std::vector<std::string> documents{
        "<a/>",
        "<a ></a >",
        "<?xml version=\"1.0\"?>\n<!-- c --><?p d?><a><!--x--><?q?>\r\n<b>\r</b></a><!----><?e  f ?>\n",
        "<a b='1' c=\"2\"><d e='&lt;&#65;&quot;&apos;&gt;>&#x9;&#xA;&#xD;'/>x&amp;y&gt;z>&lt;</a>",
        "<p:a xmlns:p='urn:p' xmlns='urn:d' p:b='1' b='2'><c xmlns=''/><p:d/><e xmlns='urn:d'/></p:a>",
        "<a xmlns:p='urn:p' xmlns:q='urn:p'><p:b q:c=''/><q:b p:d='' q:c=''/></a>",
        "<a><![CDATA[<x>]]]]><![CDATA[>]]></a>",
        "<a xml:lang='en' xml:space='preserve' xml:id='i'>\t<b xml:lang='de' c='\r\n&#13;&#9;'><c/></b></a>",
        "<a xml:base='http://x/y/'><b xml:base='../z'><c/></b></a>",
        "\xEF\xBB\xBF<a>\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80</a>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'><xml:b xml:c=''/></a>",
        "<a xmlns='urn:1'><b xmlns='urn:2'><c xmlns=''><d/></c><c xmlns='urn:1'/></b></a>",
        "<a xmlns:p='urn:1'><b xmlns:p='urn:2'><p:c xmlns:p='urn:1'/><c xmlns:p='urn:2' p:x=''/></b></a>",
        "<n1:a xmlns:n1='urn:z' xmlns:n2='urn:y' n1:b='' n2:b='' b='' a=''/>",
    };
    Counts counts;
    for (const std::string& text : documents) {
        SCOPED_TRACE(text);
        const Comparison comparison(text);
        ASSERT_TRUE(comparison.has_reference());
        const int elements = static_cast<int>(comparison.elements());
        for (const Canonicalization method : methods) {
            for (const std::vector<std::string>& prefixes :
                 {std::vector<std::string>{}, {"#default"}, {"p", "xml"}, {"q", "#default", "p"}}) {
                for (int apex = -1; apex < elements; ++apex) {
                    for (int without = -1; without < elements; ++without) {
                        comparison.compare(method, apex, without, prefixes, counts);
                        if (HasFatalFailure()) return;
                    }
                }
            }
        }
    }
    EXPECT_GT(counts.equal, 2'000u);
    EXPECT_LT(counts.declined, counts.equal / 20) << "the fast way declines too often";
}

TEST(FastCanonical, AnIdFindsTheFirstElementWithItByAnySpelling) {
    const std::string text =
        "<a xmlns:w='urn:w'><b w:Id='x'>1</b><c ID='y'/><d id='z'/><e xml:id='u'/><f Idx='v'/></a>";
    const auto form = [&](std::string_view id) {
        CanonicalPieces pieces;
        const auto done = fast_canonical_form(text, {.method = exclusive, .id = id}, pieces);
        return done && *done == FastForm::done ? pieces.text() : "";
    };
    EXPECT_EQ(form("x"), "<b xmlns:w=\"urn:w\" w:Id=\"x\">1</b>");
    EXPECT_EQ(form("y"), "<c ID=\"y\"></c>");
    EXPECT_EQ(form("z"), "<d id=\"z\"></d>");
    EXPECT_EQ(form("u"), "<e xml:id=\"u\"></e>");
    EXPECT_EQ(form("v"), "");
}

TEST(FastCanonical, DeclinesWhereTheReferencesOctetsAreNotCertain) {
    for (const std::string text : {"<a xmlns='relative'/>", "<a xmlns:p='urn:&#97;'/>", "<a xmlns:p='http://[x'/>",
                                   "<a xmlns:p='x:\"'/>", "<a><b xmlns:p='http://a:80/'/></a>"}) {
        CanonicalPieces pieces;
        const auto done = fast_canonical_form(text, {}, pieces);
        ASSERT_TRUE(done);
        EXPECT_EQ(*done, FastForm::declined) << text;
    }
    CanonicalPieces pieces;
    const std::string text = "<a><b/></a>";
    EXPECT_EQ(fast_canonical_form(text, {.without = 0}, pieces).value(), FastForm::declined) << "an empty form";
    EXPECT_EQ(fast_canonical_form(text, {.octets_max = 3}, pieces).value(), FastForm::declined);
    EXPECT_EQ(fast_canonical_form(text, {.offset = 1}, pieces).value(), FastForm::not_there);
    EXPECT_EQ(fast_canonical_form("<a><b></a>", {}, pieces).error().code.name(), "xml.not-well-formed");
}

TEST(FastCanonical, ACanonicalDocumentIsOneSliceOfTheInput) {
    const std::string text = "<a xmlns=\"urn:a\" xmlns:p=\"urn:p\" b=\"1\"><p:c>x &amp; y &gt; z</p:c><d></d></a>";
    CanonicalPieces pieces;
    ASSERT_EQ(fast_canonical_form(text, {}, pieces).value(), FastForm::done);
    ASSERT_EQ(pieces.pieces().size(), 1u);
    EXPECT_EQ(pieces.pieces().front().data(), text.data());
    pieces.clear();
    EXPECT_EQ(pieces.text(), "");
}

TEST(ExclusiveForm, NamespacesAreDeclaredWhereTheyAreUsed) {
    const auto made = [](std::string_view canonical) -> std::string {
        CanonicalPieces pieces;
        return exclusive_form(canonical, pieces) ? pieces.text() : "declined";
    };
    EXPECT_EQ(
        made(
            "<a xmlns=\"urn:a\" xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><p:b q:c=\"1>2\"><p:d></p:d></p:b><p:e></p:e></a>"),
        "<a xmlns=\"urn:a\"><p:b xmlns:p=\"urn:p\" xmlns:q=\"urn:q\" q:c=\"1>2\"><p:d></p:d></p:b>"
        "<p:e xmlns:p=\"urn:p\"></p:e></a>");
    // Redeclared, taken back, and a default that nothing around has written.
    EXPECT_EQ(made("<p:a xmlns:p=\"urn:p\"><p:b xmlns:p=\"urn:q\"></p:b><p:c></p:c></p:a>"),
              "<p:a xmlns:p=\"urn:p\"><p:b xmlns:p=\"urn:q\"></p:b><p:c></p:c></p:a>");
    EXPECT_EQ(
        made("<p:a xmlns=\"urn:d\" xmlns:p=\"urn:p\"><p:b xmlns=\"\"><c></c></p:b><d><e xmlns=\"\"></e></d></p:a>"),
        "<p:a xmlns:p=\"urn:p\"><p:b><c></c></p:b><d xmlns=\"urn:d\"><e xmlns=\"\"></e></d></p:a>");
    // Nothing to move: one slice.
    CanonicalPieces pieces;
    ASSERT_TRUE(exclusive_form("<a xmlns=\"urn:a\"><b c=\"d\">text</b></a>", pieces));
    EXPECT_EQ(pieces.pieces().size(), 1u);
    // Not for this way.
    EXPECT_EQ(made("<a><?b c?></a>"), "declined");
    EXPECT_EQ(made("<p:a></p:a>"), "declined");
    EXPECT_EQ(made("<a xmlns=\"relative\"></a>"), "declined");
    for (const std::string_view broken :
         {"<", "<a", "</a>", "<a><b></a", "<a b", "<a b=\"", "<a b=\"c\"", "<a b=\"c\" "})
        EXPECT_EQ(made(broken), "declined") << broken;
    NamespaceLook look{.uri = "urn:q"};
    pieces.clear();
    ASSERT_TRUE(exclusive_form("<a xmlns:q=\"urn:q\"></a>", pieces, &look));
    EXPECT_TRUE(look.is_declared);
    EXPECT_EQ(pieces.text(), "<a></a>");
}

// --- random documents --------------------------------------------------------------------------

TEST(FastCanonical, EqualsTheReferenceOnRandomSpellings) {
    const std::uint64_t seed = number("HANSA_SEED", 20261125), documents = number("HANSA_DOCUMENTS", 5'000);
    std::mt19937_64 random(seed);
    test::SpelledDocument maker(random);
    Counts counts;
    for (std::uint64_t i = 0; i < documents; ++i) {
        const std::string text = maker.make();
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed) + " document " + std::to_string(i) + ":\n" + text);
        const Comparison comparison(text);
        ASSERT_TRUE(comparison.has_reference());
        const auto any = [&] { return static_cast<int>(random() % comparison.elements()); };
        for (const Canonicalization method : methods) {
            std::vector<std::string> prefixes;
            if (random() % 3 == 0) prefixes = {random() % 2 == 0 ? "p" : "#default", "q"};
            comparison.compare(method, -1, -1, prefixes, counts);
            comparison.compare(method, -1, any(), prefixes, counts);
            comparison.compare(method, any(), -1, prefixes, counts);
            comparison.compare(method, any(), any(), prefixes, counts);
            if (HasFatalFailure()) return;
        }
    }
    std::cout << counts.equal << " equal, " << counts.declined << " declined, " << counts.refused_by_both
              << " refused by both, " << counts.sliced << " as slices, " << counts.made_exclusive
              << " exclusive of inclusive\n";
    EXPECT_LT(counts.declined, counts.equal / 10);
    EXPECT_GT(counts.made_exclusive, documents / 4);
    test::SuiteResult result("fast-canonical", seed);
    result.pass("random spellings", documents);
    result.publish();
}

/// What the random documents above seldom are: without declarations below the root, all tags and texts in
/// every place of a 64-byte block.
TEST(FastCanonical, SlicesEqualTheReferenceInEveryPlaceOfABlock) {
    const std::vector<std::string> pieces{
        "<o:a>t</o:a>",
        "<b/>",
        "<b />",
        "<o:b c=\"1\" d=\"2 &amp; 3 > 2\"></o:b>",
        "<b c=\"1\"/>",
        "<b\n>x</b >",
        "\r\n",
        "\r",
        ">",
        "]",
        "&gt;",
        "&quot;",
        "&apos;",
        "&#38;",
        "&#x3C;",
        "&#13;",
        "&#x8336;",
        "<!-- <x> & -->",
        "<![CDATA[<&>\r\n]]>",
        "<![CDATA[]]>",
        "a/b!c?d e=\"f\" 'g'",
        "\xE8\x8C\xB6",
        "<b d=\"\" c=\"\"/>",
        "<b c='1'/>",
        "<b xml:lang=\"x\"/>",
        "<b c=\"&#x9;&quot;\" xml:lang=\"x\">/</b>",
        "<o:b o:c=\"\" o:d=\"\"/>",
        "<p:q/>",
        "<b p:c=\"\"/>",
        "<b o:z=\"\" p:c=\"\"/>",
        "<e xmlns=\"urn:e\"/>",
        "<e xmlns='urn:e' b='>' ><o:f p:g='1'/>x<!-- c --></e >",
        "<o:a xmlns:o=\"urn:o\">the same again</o:a>",
        "<d:e a='1' xmlns:d='urn:d'><d:f xmlns:d='urn:z'/><![CDATA[<]]><p:g/></d:e>",
        "<e xmlns=\"urn:e\"><e/></e>",
        "<o:e xmlns:o='urn:other'><o:f/></o:e>",
        "<ds:S xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SI A=\"x#y\"></ds:SI><ds:S.x/></ds:S>"};
    const std::uint64_t seed = number("HANSA_SEED", 20261125), documents = number("HANSA_DOCUMENTS", 5'000);
    std::mt19937_64 random(seed);
    Counts counts;
    for (std::uint64_t i = 0; i < documents; ++i) {
        const std::size_t kinds = i % 2 == 0 ? 14 : i % 4 == 1 ? pieces.size() : 24;
        std::string text = i % 3 == 0 ? "<?xml version='1.0'?>\n<!-- c -->" : "";
        text += i % 5 == 0 ? "<o:r d='1' xmlns:o='urn:o' xmlns:p='urn:p'  c='2'>"
                           : "<o:r xmlns:o=\"urn:o\" xmlns:p=\"urn:p\">";
        text += std::string(random() % 70, 'x');
        for (std::size_t count = random() % 30; count > 0; --count) {
            // The last seven are elements that declare.
            const bool declaring = i % 4 == 2 && random() % 3 == 0;
            const std::string& piece = pieces[declaring ? pieces.size() - 1 - random() % 7 : random() % kinds];
            if (!(text.ends_with("]") && piece.starts_with(">"))) text += piece;
            if (random() % 3 == 0) text += std::string(random() % 90, ' ');
        }
        text += "</o:r>\n";
        SCOPED_TRACE("HANSA_SEED=" + std::to_string(seed) + " document " + std::to_string(i) + ":\n" + text);
        const Comparison comparison(text);
        ASSERT_TRUE(comparison.has_reference());
        for (const Canonicalization method : {c14n10, c14n11, exclusive}) {
            comparison.compare(method, -1, -1, {}, counts);
            if (comparison.elements() > 1) {
                comparison.compare(method, -1, 1 + static_cast<int>(random() % (comparison.elements() - 1)), {},
                                   counts);
            }
            if (HasFatalFailure()) return;
        }
    }
    std::cout << counts.equal << " equal, " << counts.sliced << " as slices\n";
    EXPECT_GT(counts.sliced, counts.equal / 4);
    test::SuiteResult result("fast-canonical-slices", seed);
    result.pass("places of a block", documents);
    result.publish();
}

/// A '>' in a value looks like the end of its tag, and what stands behind it like a text.
TEST(FastCanonical, ExclusiveFormWithAClosingBracketInAValueInEveryPlaceOfABlock) {
    constexpr std::size_t block = 64;
    Counts counts;
    for (std::size_t before = 0; before < block; ++before) {
        for (std::size_t behind = 0; behind < 3 * block; behind += 5) {
            const std::string text = "<a xmlns:q=\"urn:q\"><d></d>" + std::string(before, 'x') + "<b c=\"1>" +
                                     std::string(behind, 'y') + "\" q:d=\"v\" q:e=\"" + std::string(block / 2, 'z') +
                                     "\"><q:c></q:c></b><q:c>" + std::string(block, 't') + "</q:c></a>";
            SCOPED_TRACE(text);
            const Comparison comparison(text);
            ASSERT_TRUE(comparison.has_reference());
            comparison.compare(exclusive, -1, -1, {}, counts);
            if (HasFatalFailure()) return;
        }
    }
    EXPECT_EQ(counts.made_exclusive, counts.equal);
}

// --- the corpus --------------------------------------------------------------------------------

std::vector<std::filesystem::path> corpus_files(const std::filesystem::path& root) {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        const auto ending = entry.path().extension();
        if (entry.is_regular_file() && (ending == ".xml" || ending == ".xsd") && entry.file_size() < (2u << 20)) {
            out.push_back(entry.path());
        }
    }
    std::ranges::sort(out);
    return out;
}

TEST(FastCanonical, EqualsTheReferenceOnTheCorpus) {
    const auto root = test::corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    Counts counts;
    std::uint64_t files = 0, both_refuse = 0, only_reference = 0;
    std::mt19937_64 random(1);
    for (const auto& path : corpus_files(*root)) {
        SCOPED_TRACE(path.string());
        const std::string bytes = test::slurp(path);
        CanonicalPieces pieces;
        const auto done = fast_canonical_form(bytes, {}, pieces);
        const Comparison comparison(bytes);
        if (!done) {
            // What the scanner refuses goes to the reference, whose word counts.
            ++(comparison.has_reference() ? only_reference : both_refuse);
            continue;
        }
        ASSERT_TRUE(comparison.has_reference() || *done == FastForm::declined);
        if (!comparison.has_reference()) continue;
        ++files;
        const auto any = [&] { return static_cast<int>(random() % comparison.elements()); };
        for (const Canonicalization method : methods) {
            comparison.compare(method, -1, -1, {}, counts);
            comparison.compare(method, any(), any(), {}, counts);
            if (HasFatalFailure()) return;
        }
    }
    std::cout << files << " files: " << counts.equal << " equal, " << counts.declined << " declined, "
              << counts.refused_by_both << " refused by both; " << both_refuse << " files not read by both, "
              << only_reference << " by the reference only\n";
    EXPECT_GT(files, 100u);
}

/// The vectors of the standards, their expected octets from another hand.
TEST(FastCanonical, GivesTheStandardsVectors) {
    const auto root = test::corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    std::istringstream manifest(test::slurp(*root / "c14n" / "manifest.tsv"));
    std::string line;
    std::getline(manifest, line);
    std::vector<std::string> heads;
    const auto split = [](const std::string& row) {
        std::vector<std::string> out;
        std::istringstream in(row);
        for (std::string cell; std::getline(in, cell, '\t');) out.push_back(cell);
        return out;
    };
    heads = split(line);
    std::uint64_t equal = 0, declined = 0;
    while (std::getline(manifest, line)) {
        std::vector<std::string> cells = split(line);
        cells.resize(heads.size());
        const auto cell = [&](std::string_view head) {
            return cells[static_cast<std::size_t>(std::ranges::find(heads, head) - heads.begin())];
        };
        if (!cell("xpath_expr").empty()) continue;
        const std::string method = cell("method");
        FastRequest request;
        request.method = method.starts_with("exclusive") ? exclusive
                         : method == "C14N 1.1"          ? c14n11
                         : method == "C14N 1.0"          ? c14n10
                                                         : c14n10_comments;
        std::vector<std::string> prefixes;
        if (!cell("exclusive_ns_prefixes").empty()) {
            std::istringstream words(test::slurp(*root / "c14n" / cell("exclusive_ns_prefixes")));
            for (std::string word; words >> word;) prefixes.push_back(word);
        }
        request.inclusive_prefixes = prefixes;
        const std::string bytes = test::slurp(*root / "c14n" / cell("input"));
        CanonicalPieces pieces;
        const auto done = fast_canonical_form(bytes, request, pieces);
        if (!done || *done != FastForm::done) {
            ++declined;
            continue;
        }
        EXPECT_EQ(pieces.text(), test::slurp(*root / "c14n" / cell("expected"))) << cell("input");
        ++equal;
    }
    std::cout << equal << " equal, " << declined << " with a DOCTYPE or another encoding left to the reference\n";
    EXPECT_GT(equal, 0u);
}

}  // namespace
}  // namespace hansa::xml
