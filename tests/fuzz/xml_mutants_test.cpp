// 20,000 mutants of small documents, made with a fixed seed: what the fuzz target checks, on every run.
//
// HANSA_SEED and HANSA_MUTANTS change the seed and the number; a failure prints both and the document.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "core/xml/scanner.h"
#include "tests/fuzz/xml_agreement.h"
#include "tests/fuzz/xml_mutator.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(XmlMutants, ScannerAndWriterAgreeWithLibxml2) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20'261'124);
    const std::uint64_t wanted = number_from("HANSA_MUTANTS", 20'000);
    test::SuiteResult counts("xml-mutants", seed);
    test::Mutator mutator(test::small_documents, seed);
    std::size_t well_formed = 0;
    for (std::uint64_t i = 0; i < wanted; ++i) {
        const std::string mutant = mutator.next();
        if (xml::scan_well_formed(mutant)) ++well_formed;
        const std::string fault = test::disagreement(mutant);
        if (fault.empty()) {
            counts.pass();
            continue;
        }
        counts.fail();
        ADD_FAILURE() << "HANSA_SEED=" << seed << ", mutant " << i << ": " << testing::PrintToString(mutant) << "\n"
                      << fault;
        if (counts.failed() >= 20) break;
    }
    // Mutants that are all refused would show little.
    EXPECT_GT(well_formed, wanted / 20);
    EXPECT_LT(well_formed, wanted / 2);
    counts.publish();
}

TEST(XmlMutants, TheDocumentsThemselvesAgree) {
    for (const std::string& document : test::small_documents) {
        EXPECT_TRUE(xml::scan_well_formed(document).has_value()) << document;
        EXPECT_EQ(test::disagreement(document), "") << document;
    }
}

/// Real documents and schemas of all authorities; what is malformed must be so for both.
TEST(XmlMutants, EveryDocumentOfTheCorpusAgrees) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    std::size_t files = 0, well_formed = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*corpus)) {
        const auto extension = entry.path().extension();
        if (!entry.is_regular_file() || (extension != ".xml" && extension != ".xsd")) continue;
        const std::string bytes = test::slurp(entry.path());
        ++files;
        if (xml::scan_well_formed(bytes)) ++well_formed;
        EXPECT_EQ(test::disagreement(bytes), "") << entry.path();
    }
    EXPECT_GT(well_formed, 500u);
    std::cout << files << " files, " << well_formed << " of them well-formed by the product's rules\n";
}

}  // namespace
}  // namespace hansa
