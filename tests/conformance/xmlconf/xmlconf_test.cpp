// The W3C XML conformance suite: release 2013-09-23, the shared subset (SOURCE.md in the corpus).
//
// Two runs over every case. "production": the product's scanner; a document with a DOCTYPE is refused by the
// DOCTYPE's own code, the others get the suite's verdict. "past-doctype": the scanner that is compiled a
// second time to read the internal subset (doctype_scanner.h); not-wf is refused, valid and invalid are
// accepted, since the scanner does not validate. Deviations are listed in known_deviations.tsv, each with
// its reason; one more or one less fails. The fast scanner has the first run too, with the same list, and a line
// of counts of its own (xmlconf-fast).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "core/xml/codes.h"
#include "core/xml/scanner.h"
#include "tests/conformance/xmlconf/doctype_scanner.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/scanner_pair.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> out(1);
    for (const char c : line) {
        if (c == '\t')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

std::vector<Row> read_table(const fs::path& path) {
    std::istringstream in(test::slurp(path));
    std::vector<Row> out;
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        const auto fields = split(line);
        if (names.empty()) {
            names = fields;
            continue;
        }
        Row row;
        for (std::size_t i = 0; i < names.size() && i < fields.size(); ++i) row[names[i]] = fields[i];
        out.push_back(std::move(row));
    }
    return out;
}

fs::path unpack(const fs::path& archive) {
    const fs::path folder = test::build_dir() / "xmlconf";
    fs::create_directories(folder);
    const std::string command = "tar -xzf '" + archive.string() + "' -C '" + folder.string() + "'";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("tar failed: " + command);
    return folder / "xmlconf";
}

/// Why a case is not run, or empty.
std::string reason_to_skip(const Row& row) {
    if (row.at("version") == "1.1") return "XML 1.1";
    const std::string& edition = row.at("edition");
    if (!edition.empty() && edition.find('5') == std::string::npos) return "editions 1 to 4 only";
    if (row.at("namespace") == "no") return "namespaces are always on";
    if (row.at("type") == "error") return "an error that a processor need not report";
    return {};
}

/// Takes out each piece from `open` to `close`.
std::string without(std::string text, std::string_view open, std::string_view close) {
    for (auto from = text.find(open); from != std::string::npos; from = text.find(open, from)) {
        const auto to = text.find(close, from + open.size());
        text.erase(from, to == std::string::npos ? to : to + close.size() - from);
    }
    return text;
}

bool has_doctype(const std::string& bytes) {
    // UTF-16 too: the letters stand with a NUL between.
    std::string narrow = without(bytes, std::string_view("\0", 1), "");
    for (const auto& [open, close] : {std::pair{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}}) {
        narrow = without(std::move(narrow), open, close);
    }
    return narrow.find("<!DOCTYPE") != std::string::npos;
}

struct Suite {
    std::vector<Row> rows;
    fs::path files;
    std::map<std::string, std::string> known;  ///< "run/id" -> reason

    explicit Suite(const fs::path& corpus) {
        const fs::path folder = corpus / "w3c-xmlconf";
        rows = read_table(folder / "manifest-shared.tsv");
        files = unpack(folder / "xmlconf-shared.tar.gz");
        const auto listed = test::source_dir() / "tests/conformance/xmlconf/known_deviations.tsv";
        for (const Row& row : read_table(listed)) known[row.at("run") + "/" + row.at("id")] = row.at("reason");
    }
};

/// Counts one case of one run, and says what does not fit.
class Tally {
public:
    Tally(const Suite& suite, test::SuiteResult& counts) : suite_(suite), counts_(counts) {}

    void add(const std::string& run, const Row& row, bool fits, const std::string& said) {
        const std::string id = run + "/" + row.at("id");
        const auto known = suite_.known.find(id);
        if (known != suite_.known.end()) {
            seen_.insert(id);
            EXPECT_FALSE(fits) << id << " is in known_deviations.tsv but does as the suite says now";
            if (!fits) return counts_.skip("known deviation: " + known->second);
        }
        const std::string by = run + "/" + row.at("type");
        if (fits) return counts_.pass(by);
        counts_.fail(by);
        ADD_FAILURE() << id << " (" << row.at("type") << ", " << row.at("uri") << "): " << said;
    }

    void expect_all_known_seen() const {
        for (const auto& [id, reason] : suite_.known) EXPECT_TRUE(seen_.contains(id)) << id << " is no case that runs";
    }

private:
    const Suite& suite_;
    test::SuiteResult& counts_;
    std::set<std::string> seen_;
};

/// The production run of both scanners side by side, by type of case.
struct SideBySide {
    struct Way {
        std::size_t as_the_suite = 0, doctype = 0, otherwise = 0;
    };
    std::map<std::string, std::pair<Way, Way>> by_type;

    void print() const {
        std::cout
            << "production, type: reference as the suite says, refused for a DOCTYPE, otherwise | fast the same\n";
        for (const auto& [type, ways] : by_type) {
            const auto& [reference, fast] = ways;
            std::cout << type << ": " << reference.as_the_suite << ", " << reference.doctype << ", "
                      << reference.otherwise << " | " << fast.as_the_suite << ", " << fast.doctype << ", "
                      << fast.otherwise << "\n";
        }
    }
};

std::string said_of(const Result<void>& verdict) {
    return verdict ? "accepted" : verdict.error().text();
}

TEST(XmlConf, W3cSuite) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    const Suite suite(*corpus);
    ASSERT_EQ(suite.rows.size(), 1'170u);
    test::SuiteResult counts("xmlconf");
    Tally tally(suite, counts);
    test::SuiteResult fast_counts("xmlconf-fast");
    Tally fast_tally(suite, fast_counts);
    std::size_t doctypes = 0;
    SideBySide both;
    for (const Row& row : suite.rows) {
        if (const std::string reason = reason_to_skip(row); !reason.empty()) {
            counts.skip(reason);
            continue;
        }
        const std::string bytes = test::slurp(suite.files / row.at("uri"));
        const bool wanted = row.at("type") != "not-wf";
        const auto count_production = [&](const Result<void>& said, Tally& by, test::SuiteResult& refusals,
                                          SideBySide::Way& shown) {
            // What is broken before the DOCTYPE may be said first.
            if (has_doctype(bytes) && !said && said.error().code == xml::codes::doctype_refused) {
                refusals.refuse("production/" + row.at("type"));
                ++shown.doctype;
                return true;
            }
            const bool fits = said.has_value() == wanted && !(has_doctype(bytes) && said);
            ++(fits ? shown.as_the_suite : shown.otherwise);
            by.add("production", row, fits, said_of(said));
            return false;
        };
        const auto production = xml::scan_well_formed(bytes);
        const auto fast = test::fast_scan_well_formed(bytes);
        EXPECT_EQ(said_of(fast), said_of(production)) << row.at("id");
        auto& [reference_shown, fast_shown] = both.by_type[row.at("type")];
        doctypes += count_production(production, tally, counts, reference_shown) ? 1u : 0u;
        count_production(fast, fast_tally, fast_counts, fast_shown);
        if (row.at("entities") != "none" && !wanted) {
            counts.skip("past-doctype: the fault stands in an external entity, which no build of the scanner reads");
            continue;
        }
        const auto past = test::scan_past_doctype(bytes);
        tally.add("past-doctype", row, past.has_value() == wanted, said_of(past));
    }
    tally.expect_all_known_seen();
    EXPECT_GT(doctypes, 600u);
    both.print();
    counts.publish();
    fast_counts.publish();
}

}  // namespace
}  // namespace hansa
