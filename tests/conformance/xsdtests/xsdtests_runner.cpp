// The W3C XML Schema test suite, shared half, for both ways: Xerces-C with our codes (the reference) and the compiled
// reader. The suite's verdicts for XSD 1.0 are what is expected; what has none, or is of 1.1 only, is counted as
// skipped, with why.
//
// A schema test asks whether the schema documents may be used: of the reference, whether Xerces-C loads them; of the
// compiled reader, whether each of its roots is compiled (up to 16). An instance test asks for the document's verdict.
// What the compiled reader's grammar does not hold is named and counted ("not supported"): there the reference does
// the whole work in the product too. Where both refuse a document, they must name the same fault.
//
// known_deviations.tsv has each case in which a way does not say what the suite says, with a reason; one more or
// one less fails. A case whose way is "none" there is not run, since the reference needs minutes or gigabytes for it.
// `--write FILE` writes such a table of what is found; a reason that is not known yet begins with "?".
//
// Cases run in a child process: a crash, or 15 seconds of the processor, is that case's failure.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "core/base/file.h"
#include "tests/conformance/crosscheck/tools.h"
#include "tests/conformance/xsdtests/both_ways.h"
#include "tests/conformance/xsdtests/isolated.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/sanitizers.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;
using Verdict = Said::Verdict;

struct Case {
    std::string id;  ///< group/name, with the kind where a group has two of one name
    std::string contributor, kind, instance, expected;
    std::vector<std::string> documents;
};

/// Why a row is not run, or empty.
std::string reason_to_skip(const std::map<std::string, std::string>& row) {
    const std::string& expected = row.at("expected_xsd10");
    if (expected == "n/a") return "XSD 1.1 only";
    if (expected == "indeterminate") return "the suite leaves the verdict open";
    if (expected.empty()) return "no verdict for XSD 1.0";
    if (row.at("schema_docs").empty()) return "the schema is named by the document only, which no way follows";
    return {};
}

// --- the table of deviations ---

struct Known {
    std::string said, reason;
};

class Table {
public:
    explicit Table(const fs::path& path) {
        for (auto& row : read_table(path)) known_[row["way"] + "\t" + row["case"]] = {row["says"], row["reason"]};
    }
    /// True: it is listed so. Else the deviation is new.
    bool holds(const std::string& way, const std::string& id, const std::string& says, const std::string& why) {
        found_.push_back({way, id, says, why});
        const auto at = known_.find(way + "\t" + id);
        seen_.insert(way + "\t" + id);
        return at != known_.end() && at->second.said == says && !at->second.reason.empty() &&
               !at->second.reason.starts_with('?');
    }
    /// Why a case is not run at all; nullptr: it is run.
    const std::string* left_out(const std::string& id) {
        const auto at = known_.find("none\t" + id);
        if (at == known_.end()) return nullptr;
        seen_.insert(at->first);
        found_.push_back({"none", id, at->second.said, {}});
        return &at->second.reason;
    }
    const std::string& reason(const std::string& way, const std::string& id) const {
        return known_.at(way + "\t" + id).reason;
    }
    /// Listed, and not met: they do as the suite says now, or are no cases.
    std::vector<std::string> not_met() const {
        std::vector<std::string> out;
        for (const auto& [key, one] : known_) {
            if (!seen_.contains(key)) out.push_back(key);
        }
        return out;
    }
    void write(const fs::path& path) const {
        std::ofstream out(path);
        out << "way\tcase\tsays\treason\n";
        for (const auto& [way, id, says, why] : found_) {
            const auto at = known_.find(way + "\t" + id);
            const bool same = at != known_.end() && at->second.said == says;
            out << way << '\t' << id << '\t' << says << '\t' << (same ? at->second.reason : "? " + why) << '\n';
        }
    }

private:
    struct Found {
        std::string way, id, says, why;
    };
    std::map<std::string, Known> known_;
    std::set<std::string> seen_;
    std::vector<Found> found_;
};

// --- the cases ---

std::vector<Case> cases(const fs::path& manifest, const RunnerOptions& options, Table& table, SuiteResult& reference,
                        SuiteResult& fast) {
    std::vector<Case> all;
    std::set<std::string> seen;
    for (const auto& row : read_table(manifest)) {
        std::string id = row.at("group") + "/" + row.at("name");
        if (!seen.insert(id).second) id += "/" + row.at("kind");
        if (!options.wants(id)) continue;
        const std::string* const listed = table.left_out(id);
        if (const std::string why = listed != nullptr ? *listed : reason_to_skip(row); !why.empty()) {
            reference.skip(why);
            fast.skip(why);
            continue;
        }
        std::istringstream words(row.at("schema_docs"));
        Case one{id, row.at("contributor"), row.at("kind"), row.at("instance"), row.at("expected_xsd10"), {}};
        for (std::string word; words >> word;) one.documents.push_back(word);
        all.push_back(std::move(one));
    }
    // Each set of schemas is loaded once.
    std::stable_sort(all.begin(), all.end(), [](const Case& a, const Case& b) { return a.documents < b.documents; });
    return all;
}

/// The archive, unpacked below the build folder; the manifest beside it.
fs::path unpacked(const fs::path& corpus) {
    const fs::path folder = build_dir() / "xsdtests";
    fs::create_directories(folder);
    const fs::path from = corpus / "w3c-xsdtests";
    const std::string command = "tar -xzf '" + (from / "xsdtests-shared.tar.gz").string() + "' -C '" + folder.string() +
                                "' && gzip -dc '" + (from / "manifest-shared.tsv.gz").string() + "' > '" +
                                (folder / "manifest.tsv").string() + "'";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
    return folder;
}

// --- counting ---

/// One row of the table that is printed: a kind of case with one expected verdict.
struct Line {
    std::size_t run = 0;
    struct Way {
        std::size_t as_expected = 0, otherwise = 0, not_judged = 0;
    } reference, fast;
};

class Count {
public:
    Count(Table& table, SuiteResult& reference, SuiteResult& fast)
        : table_(table), reference_(reference), fast_(fast) {}

    void add(const Case& one, const Verdicts& said) {
        const std::string by = one.contributor + " " + one.kind + " " + one.expected;
        Line& line = lines_[by];
        ++line.run;
        way(one, by, "reference", said.reference, line.reference, reference_);
        way(one, by, "compiled", said.fast, line.fast, fast_);
        const bool both = judged(said.reference) && judged(said.fast);
        if (!both) return;
        const bool agree = said.reference.verdict == said.fast.verdict &&
                           (one.kind == "schemaTest" || said.reference.why == said.fast.why);
        if (agree) {
            ++agree_;
        } else {
            ++differ_;
            note("both", one.id, shown(said.reference) + " | " + shown(said.fast));
        }
    }
    void lost(const Case& one, const std::string& why) {
        ++lines_[one.contributor + " " + one.kind + " " + one.expected].run;
        reference_.fail(one.contributor);
        fast_.fail(one.contributor);
        note("both", one.id, why.substr(1));
    }

    std::size_t print() const {
        std::cout
            << "contributor kind expected: cases | reference as expected, otherwise, not judged | compiled the same\n";
        Line sum;
        for (const auto& [by, line] : lines_) {
            print(by, line);
            sum.run += line.run;
            for (const auto of : {&Line::reference, &Line::fast}) {
                (sum.*of).as_expected += (line.*of).as_expected;
                (sum.*of).otherwise += (line.*of).otherwise;
                (sum.*of).not_judged += (line.*of).not_judged;
            }
        }
        print("all", sum);
        std::cout << "both judged: " << agree_ << " agree (verdict, and of documents the first fault), " << differ_
                  << " do not\n";
        for (const auto& [why, count] : unsupported_)
            std::cout << "compiled, not judged: " << count << " " << why << "\n";
        return news_;
    }

private:
    static bool judged(const Said& said) { return said.verdict == Verdict::valid || said.verdict == Verdict::invalid; }

    void way(const Case& one, const std::string& by, const std::string& name, const Said& said, Line::Way& counts,
             SuiteResult& result) {
        if (!judged(said)) {
            ++counts.not_judged;
            const std::string why = why_not(said);
            if (said.verdict == Verdict::policy)
                result.refuse(by);
            else
                result.skip(why);
            if (name == "compiled") ++unsupported_[why];
            return;
        }
        const std::string verdict = said.verdict == Verdict::valid ? "valid" : "invalid";
        if (verdict == one.expected) {
            ++counts.as_expected;
            return result.pass(by);
        }
        ++counts.otherwise;
        if (table_.holds(name, one.id, verdict, said.why))
            return result.skip("known deviation: " + table_.reason(name, one.id));
        result.fail(by);
        news(name + " " + one.id + ": " + verdict + " " + said.why);
    }

    static std::string shown(const Said& said) {
        return said.verdict == Verdict::valid ? "valid" : said.why.substr(0, said.why.find_last_not_of(' ') + 1);
    }

    static std::string why_not(const Said& said) {
        switch (said.verdict) {
            case Verdict::policy:
                return "refused by policy: " + said.why.substr(0, said.why.find(' '));
            case Verdict::no_schema:
                return "its schema is refused";
            case Verdict::no_root:
                return "no grammar without a global element of that name: " + said.why.substr(0, said.why.find(' '));
            case Verdict::undecided:
                return "left to the reference: " + said.why.substr(0, said.why.find(' '));
            default:
                break;
        }
        // Names in brackets or quotes are the case's own.
        const std::string words = said.why.substr(0, said.why.find_first_of("('"));
        return "not supported: " + words;
    }

    void note(const std::string& way, const std::string& id, const std::string& says) {
        if (!table_.holds(way, id, says, {})) news(way + " " + id + ": " + says);
    }
    void news(const std::string& words) {
        if (++news_ <= 200) std::cout << "not in known_deviations.tsv: " << words << "\n";
    }
    static void print(const std::string& by, const Line& line) {
        std::cout << by << ": " << line.run << " | " << line.reference.as_expected << ", " << line.reference.otherwise
                  << ", " << line.reference.not_judged << " | " << line.fast.as_expected << ", " << line.fast.otherwise
                  << ", " << line.fast.not_judged << "\n";
    }

    Table& table_;
    SuiteResult &reference_, &fast_;
    std::map<std::string, Line> lines_;
    std::map<std::string, std::size_t> unsupported_;
    std::size_t agree_ = 0, differ_ = 0, news_ = 0;
};

std::string encoded(const Verdicts& said) {
    return std::string(1, static_cast<char>(said.reference.verdict)) + said.reference.why + "\t" +
           static_cast<char>(said.fast.verdict) + said.fast.why;
}

Verdicts decoded(const std::string& line) {
    const std::size_t tab = line.find('\t');
    return {{static_cast<Verdict>(line.at(0)), line.substr(1, tab - 1)},
            {static_cast<Verdict>(line.at(tab + 1)), line.substr(tab + 2)}};
}

int run_suite(const RunnerOptions& options, const fs::path& write) {
    SuiteResult reference("xsdtests"), fast("xsdtests-compiled");
    const fs::path folder = unpacked(options.root);
    Table table(source_dir() / "tests/conformance/xsdtests/known_deviations.tsv");
    const std::vector<Case> all = cases(folder / "manifest.tsv", options, table, reference, fast);
    Count count(table, reference, fast);
    std::unique_ptr<BothWays> ways;
    const std::vector<std::string>* loaded = nullptr;
    const auto work = [&](std::size_t i) {
        if (loaded == nullptr || *loaded != all[i].documents) {
            ways = std::make_unique<BothWays>(folder / "xsdtests", all[i].documents);
            loaded = &all[i].documents;
        }
        return encoded(all[i].kind == "schemaTest" ? ways->schema() : ways->instance(all[i].instance));
    };
    const auto done = [&](std::size_t i, const std::string& line) {
        if (line.starts_with('!')) return count.lost(all[i], line);
        count.add(all[i], decoded(line));
    };
    constexpr std::size_t memory_bytes_max = test::is_sanitized ? 0 : std::size_t{1} << 30;
    isolated(all.size(), {.seconds_max = 15, .memory_bytes_max = memory_bytes_max}, work, done);
    std::size_t wrong = count.print();
    if (!write.empty()) table.write(write);
    if (options.only.empty()) {
        for (const std::string& key : table.not_met()) {
            ++wrong;
            std::cout << "in known_deviations.tsv, and not so any more: " << key << "\n";
        }
    }
    reference.publish();
    fast.publish();
    if (wrong != 0) std::cout << wrong << " differ from known_deviations.tsv\n";
    return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace hansa::test

int main(int argc, char** argv) {
    std::filesystem::path write;
    std::vector<char*> rest;
    for (int i = 0; i < argc; ++i) {
        if (std::string(argv[i]) == "--write" && i + 1 < argc)
            write = argv[++i];
        else
            rest.push_back(argv[i]);
    }
    return hansa::test::run_suite(hansa::test::runner_options(static_cast<int>(rest.size()), rest.data()), write);
}
