// Interchanges of others (corpus/edifact): which are read as interchanges, and why the rest is not.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "core/base/file.h"
#include "core/syntax/edifact_text.h"
#include "tests/support/corpus.h"

namespace hansa::syntax::edifact {
namespace {

TEST(EdifactCorpus, InterchangesAreReadOrRefusedForAReason) {
    const auto corpus = hansa::test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    const auto folder = *corpus / "edifact";
    // The empty reason: it is read. IATA names no repertoire of ISO 9735; wrapped lines break
    // values apart; the message in a group says 21 segments and has 18.
    const std::map<std::string, std::string> expected{
        {"staedi/empty-segment-example.edi", "syntax.level-unknown"},
        {"staedi/invoic_d97b_una.edi", ""},
        {"staedi/orders-with-group.edi", "syntax.count-differs"},
        {"staedi/issue128/wrapped_invoic_d97b.edi", "syntax.charset"},
        {"staedi/issue128/wrapped_invoic_d97b_una.edi", "syntax.level-unknown"},
        {"synthetic/cusdec-d96b-za.edi", ""},
        {"synthetic/cusdec-d96b-za-oneline.edi", ""},
        {"synthetic/cusres-d96b-accepted.edi", ""},
        {"synthetic/cusres-d96b-rejected.edi", ""},
        {"synthetic/neg-bgm-too-long.edi", ""},
        {"synthetic/neg-missing-uns-d.edi", ""},
        {"synthetic/neg-segment-order.edi", ""},
        {"synthetic/neg-unescaped-apostrophe.edi", "syntax.segment-tag"},
        {"synthetic/neg-unt-count.edi", "syntax.count-differs"},
        {"synthetic/neg-unz-reference.edi", "syntax.reference-differs"},
    };
    std::size_t seen = 0;
    for (const auto& [name, reason] : expected) {
        const auto bytes = read_file(folder / name);
        ASSERT_TRUE(bytes) << name;
        const auto read = read_interchange(*bytes, {});
        EXPECT_EQ(read ? "" : std::string(read.error().code.name()), reason)
            << name << ": " << (read ? "" : read.error().text());
        ++seen;
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        files += entry.path().extension() == ".edi" ? 1U : 0U;
    EXPECT_EQ(files, seen);
}

}  // namespace
}  // namespace hansa::syntax::edifact
