// The search for documents and the scan of the whole batch give the same documents.
#include "core/envelope/document_search.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/envelope/batch.h"

namespace hansa::envelope {
namespace {

using Views = std::vector<std::string>;

const std::string start = "<b:batch xmlns:b=\"urn:hansa:batch:1\" count=\"2\">";

std::string batch_of(const std::vector<std::string>& documents, std::string_view before = {}) {
    std::string out = "<b:batch xmlns:b=\"urn:hansa:batch:1\" count=\"" + std::to_string(documents.size()) + "\">";
    out += before;
    for (const std::string& one : documents) out += "<b:document>" + one + "</b:document>";
    return out + "</b:batch>";
}

Result<Views> read(const std::string& batch) {
    const auto view = read_batch(batch, 100);
    if (!view) return view.error();
    return Views(view->documents.begin(), view->documents.end());
}

/// A comment among the documents: no search.
Result<Views> scanned(const std::vector<std::string>& documents) {
    return read(batch_of(documents, "<!-- scan -->"));
}

TEST(DocumentSearch, FindsPlainDocumentsAndStopsBeforeAllElse) {
    const std::string text = start +
                             "\n<b:document><a>b:1</a></b:document> <b:document>\n<a x='1'>Web:2</a>\n</b:document>" +
                             "<b:document><a><!-- c --></a></b:document></b:batch>";
    for (const auto level :
         {xml::lanes::Level::scalar, xml::lanes::Level::sse2, xml::lanes::Level::avx2, xml::lanes::Level::avx512}) {
        if (!xml::lanes::supported(level)) continue;
        DocumentSearch search(text, start.size(), "b", level);
        EXPECT_EQ(search.next(), "<a>b:1</a>");
        EXPECT_EQ(search.next(), "<a x='1'>Web:2</a>");
        EXPECT_TRUE(search.is_sure());
        EXPECT_EQ(search.next(), std::nullopt);
        EXPECT_FALSE(search.is_sure());
        EXPECT_TRUE(text.substr(search.at()).starts_with("<b:document><a><!--"));
    }
}

TEST(DocumentSearch, IsNotSureOfWhatNeedsAScanner) {
    for (const std::string document :
         {"<a><?p?></a>", "<a><![CDATA[</b:document>]]></a>", "<a>&#65;</a>", "<a><b:c></b:c></a>", "<a b:c=''></a>",
          "<a><q:c xmlns:q='urn:hansa:batch:1'></q:c></a>", "<a></c>", "<a/>", "text", "", "<a></a><c></c>", "<a>",
          "</a>"}) {
        const std::string text = start + "<b:document>" + document + "</b:document></b:batch>";
        DocumentSearch search(text, start.size(), "b");
        EXPECT_EQ(search.next(), std::nullopt) << document;
        EXPECT_FALSE(search.is_sure()) << document;
    }
    DocumentSearch cut(std::string_view(start).substr(0, 10), 10, "b");
    EXPECT_EQ(cut.next(), std::nullopt);
}

TEST(DocumentSearch, SuspectsAreSeenAtEveryPlaceOfABlock) {
    for (std::size_t shift = 0; shift < 130; ++shift) {
        const std::string filled = "<a>" + std::string(shift, 'x');
        const std::vector<std::string> good{filled + "</a>", "<c></c>"};
        EXPECT_EQ(read(batch_of(good)).value(), good);
        for (const char* bad : {"<b:c/></a>", "</a></b:document><b:document>", "<a b:c=''/></a>"})
            EXPECT_FALSE(read(batch_of({filled + bad, "<c></c>"}))) << shift << bad;
    }
}

TEST(DocumentSearch, EqualsTheScan) {
    const std::vector<std::string> pieces{"<a>",
                                          "</a>",
                                          "<a x='1'>",
                                          "text",
                                          " b:",
                                          "b:c",
                                          "<b:c>",
                                          "</b:c>",
                                          "&amp;",
                                          "&#65;",
                                          "<!-- c -->",
                                          "<?p?>",
                                          "<a/>",
                                          "urn:h",
                                          "<![CDATA[",
                                          "]]>",
                                          "</b:document>",
                                          "<b:document>",
                                          "\n",
                                          "<a q=\">\">",
                                          "<q:a xmlns:q='urn:hansa:batch:1'>",
                                          "</q:a>",
                                          "<c xmlns:b='urn:x'>",
                                          "</c>"};
    std::mt19937 random(20261126);
    const auto below = [&random](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    std::size_t equal = 0, refused_by_both = 0, left_to_the_reader = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::vector<std::string> documents(1 + below(3));
        for (std::string& one : documents) {
            one = "<a>";
            std::vector<std::string> open{"</a>"};
            for (std::size_t more = below(6); more != 0; --more) {
                const std::string& piece = pieces[below(i % 2 == 0 ? 6 : pieces.size())];
                if (piece == "</a>") continue;
                one += piece;
                if (piece == "<a>" || piece == "<a x='1'>" || piece.starts_with("<a q")) open.emplace_back("</a>");
                if (piece.starts_with("<q:a ")) open.emplace_back("</q:a>");
                if (piece.starts_with("<c ")) open.emplace_back("</c>");
            }
            if (below(20) == 0) open.pop_back();
            for (; !open.empty(); open.pop_back()) one += open.back();
        }
        const auto fast = read(batch_of(documents)), slow = scanned(documents);
        if (slow) {
            ASSERT_TRUE(fast) << batch_of(documents) << fast.error().text();
            ASSERT_EQ(*fast, *slow) << batch_of(documents);
            ++equal;
        } else if (!fast) {
            ++refused_by_both;
        } else {
            // Nothing that is refused comes through: the document's own reader sees it.
            bool is_seen = false;
            for (const std::string& one : *fast) is_seen = is_seen || !root_slice(one);
            ASSERT_TRUE(is_seen) << batch_of(documents);
            ++left_to_the_reader;
        }
    }
    EXPECT_GT(equal, 20'000u);
    EXPECT_GT(refused_by_both, 5'000u);
    EXPECT_GT(left_to_the_reader, 20u);
}

}  // namespace
}  // namespace hansa::envelope
