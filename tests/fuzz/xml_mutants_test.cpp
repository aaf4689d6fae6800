// 20,000 mutants of small documents, made with a fixed seed: what the fuzz target checks, on every run.
//
// HANSA_SEED and HANSA_MUTANTS change the seed and the number; a failure prints both and the document.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "core/xml/scanner.h"
#include "tests/fuzz/xml_agreement.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa {
namespace {

const std::vector<std::string> documents = {
    "<a/>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n<a>x</a>\n",
    "<a b='1' c=\"2\"><d e='&lt;&#65;'/>x&amp;y</a>",
    "<p:a xmlns:p='urn:p' xmlns='urn:d' p:b='1' b='2'><c xmlns=''/><p:d/></p:a>",
    "<a xmlns:p='urn:p' xmlns:q='urn:p'><p:b q:c=''/><q:b p:d='' q:c=''/></a>",
    "<a><![CDATA[<x>]]]]><![CDATA[>]]></a>",
    "<!-- c --><?p d?><a><!--x--><?q?>\r\n<b>\r</b></a><!---->",
    "<a xml:lang='en' xml:space='preserve'>\t<b c='\r\n&#13;&#9;'/></a>",
    "\xEF\xBB\xBF<a>\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80</a>",
    "<\xE4\xB8\xAD \xC3\xA9='\xC2\xB7'>&#x1F600;</\xE4\xB8\xAD>",
    "<a xmlns='http://www.example.org/x'><b><c><d>1</d></c><c/></b></a>",
};

const std::vector<std::string> words = {
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    "&",
    ";",
    ":",
    "!",
    "?",
    "-",
    "--",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?",
    "?>",
    "/>",
    "</",
    "&#",
    "&#x",
    "&amp;",
    "&e;",
    "&#0;",
    "&#38;",
    "xmlns",
    "xmlns:p",
    "xmlns=''",
    "p:",
    "xml:",
    "xml",
    "<?xml",
    " ",
    "\n",
    "\r",
    "\t",
    "\r\n",
    "\f",
    "\x01",
    "\x7F",
    "a",
    "b='1'",
    " b=''",
    "<a>",
    "</a>",
    "<b/>",
    "version",
    "'1.0'",
    "\xC3",
    "\xA9",
    "\xEF\xBF\xBE",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xC2\x85",
    "\xE2\x80\xA8",
    "\xCC\x80",
    "\xEF\xBB\xBF",
    "urn:p",
    "http://www.w3.org/2000/xmlns/",
    "http://www.w3.org/XML/1998/namespace",
    "0",
    "9",
};

class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : random_(seed) {}

    std::string next() {
        std::string out = pick(documents);
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(out);
        return out;
    }

private:
    /// Not std::uniform_int_distribution, whose numbers differ from library to library.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
    const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    void change(std::string& text) {
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(text.size() - at, 1 + below(6));
        switch (below(7)) {
            case 0:
                text.insert(at, pick(words));
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.replace(at, length, pick(words));
                break;
            case 3:
                text.insert(below(text.size() + 1), text.substr(at, 1 + below(20)));
                break;
            case 4:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 5: {
                const std::string& other = pick(documents);
                text = text.substr(0, at) + other.substr(below(other.size()));
                break;
            }
            default:
                if (at < text.size() && text[at] < 0x7F && text[at] > 0x20) text[at] = static_cast<char>(text[at] ^ 1);
        }
    }

    std::mt19937_64 random_;
};

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(XmlMutants, ScannerAndWriterAgreeWithLibxml2) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20'261'124);
    const std::uint64_t wanted = number_from("HANSA_MUTANTS", 20'000);
    test::SuiteResult counts("xml-mutants", seed);
    Mutator mutator(seed);
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
    for (const std::string& document : documents) {
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
