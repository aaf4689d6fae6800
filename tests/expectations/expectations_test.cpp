// Law 0: what another hand says about a document is found in its pivot form (README.md of this folder).
//
// Everything goes the way that the exchange goes: a plugin is loaded, the document is read by its grammar and its
// mapping. Nothing here knows a format.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/pivot/table.h"
#include "core/plugin/document.h"
#include "core/plugin/registry.h"
#include "ir_rules.h"
#include "pivot_path.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

struct Fact {
    std::string path, value, source, where;
};

/// All facts about one document.
struct Subject {
    std::string name;  ///< of the test
    std::string file, format;
    mapping::Settings settings;
    std::vector<Fact> facts;
    bool ir = false;
    std::vector<IrRule> rules;
};

void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.format << " " << subject.file; }

fs::path folder() { return source_dir() / "tests/expectations"; }

/// Nothing: it lies in the corpus, and there is none.
std::optional<fs::path> locate(const std::string& file) {
    const std::string plain = file.starts_with("corpus:") ? file.substr(7) : file;
    if (plain == file && fs::exists(folder() / plain)) return folder() / plain;
    if (const auto root = corpus()) return *root / plain;
    return std::nullopt;
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream in(line);
    for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
    return cells;
}

std::string test_name(std::string text) {
    for (char& sign : text) {
        if (std::isalnum(static_cast<unsigned char>(sign)) == 0) sign = '_';
    }
    return text;
}

void read_format(const std::string& cell, Subject& subject) {
    std::istringstream words(cell);
    words >> subject.format;
    for (std::string word; words >> word;) {
        const std::size_t sign = word.find('=');
        if (sign != std::string::npos) subject.settings[word.substr(0, sign)] = word.substr(sign + 1);
    }
}

/// A broken row ends the run: an expectation that is not read would not be missed.
[[noreturn]] void broken(const std::string& where, const std::string& what) { throw std::runtime_error(where + ": " + what); }

void read_facts(const fs::path& table, std::map<std::string, Subject>& subjects) {
    std::ifstream in(table);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty() || line[0] == '#') continue;
        const std::string where = fs::relative(table, folder()).string() + ":" + std::to_string(number);
        const auto cells = cells_of(line);
        if (cells.size() != 5) broken(where, "expected file, format, pivot path, value, source");
        Subject& subject = subjects[cells[1] + " " + cells[0]];
        if (subject.name.empty()) {
            subject.file = cells[0];
            read_format(cells[1], subject);
            subject.name = test_name(cells[1] + "_" + fs::path(cells[0]).parent_path().filename().string() + "_" + fs::path(cells[0]).stem().string());
        }
        subject.facts.push_back({cells[2], cells[3], cells[4], where});
    }
}

void read_rules(const fs::path& table, std::map<std::string, Subject>& subjects) {
    std::ifstream in(table);
    std::vector<IrRule> rules;
    std::string files, format;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        auto cells = cells_of(line);
        if (cells.size() == 3 && cells[0] == "# files") {
            files = cells[1];
            format = cells[2];
        }
        if (line.empty() || line[0] == '#') continue;
        if (cells.size() != 4) broken(table.filename().string() + ":" + std::to_string(number), "expected json path, pivot path, comparison, source");
        rules.push_back({cells[0], cells[1], cells[2], cells[3], number});
    }
    if (files.empty() || rules.empty()) broken(table.string(), "no line '# files' or no rule");
    const auto found = locate(files.substr(0, files.find("/*")));
    if (!found) {
        subjects[format + " " + files] = {.name = test_name(format), .file = files, .format = format, .ir = true, .rules = rules};
        return;
    }
    for (const auto& entry : fs::directory_iterator(*found)) {
        if (entry.path().extension() != ".xml") continue;
        const std::string file = "corpus:" + fs::relative(entry.path(), *corpus()).string();
        subjects[format + " " + file] = {.name = test_name(format + "_" + entry.path().stem().string()), .file = file, .format = format, .ir = true, .rules = rules};
    }
}

std::vector<Subject> subjects() {
    std::map<std::string, Subject> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
        if (entry.path().extension() != ".tsv") continue;
        if (entry.path().filename() == "ir.tsv") read_rules(entry.path(), found);
        else read_facts(entry.path(), found);
    }
    std::vector<Subject> out;
    for (auto& [key, subject] : found) out.push_back(std::move(subject));
    return out;
}

const plugin::Registry& registry() {
    static const auto loaded = [] {
        Diagnostics faults;
        std::vector<fs::path> folders;
        for (const auto& entry : fs::directory_iterator(source_dir() / "plugins")) {
            if (fs::exists(entry.path() / "plugin.toml")) folders.push_back(entry.path());
        }
        auto made = plugin::Registry::load({.plugin_folders = folders, .schema_folder = source_dir() / "schemas"}, faults);
        for (const Error& fault : faults.errors()) std::fprintf(stderr, "%s\n", fault.text().c_str());
        return made;
    }();
    return *loaded;
}

SuiteResult& result() {
    static SuiteResult counts("expectations");
    return counts;
}

std::optional<std::vector<pivot::Document>> read(const Subject& subject, const fs::path& file) {
    const plugin::Format* format = registry().find(subject.format);
    if (format == nullptr || !format->mapping) {
        ADD_FAILURE() << "no mapping for " << subject.format;
        return std::nullopt;
    }
    const auto source = plugin::read_document(*format, slurp(file));
    if (!source) {
        ADD_FAILURE() << file << ": " << source.error().text();
        return std::nullopt;
    }
    Diagnostics faults;
    const mapping::Context context{.settings = subject.settings, .received = "2026-11-23T00:00:00Z", .message_digest = std::string(64, '0')};
    auto reading = mapping::read(*format->mapping, source->tree, context, faults);
    if (!reading) {
        for (const Error& fault : faults.errors()) ADD_FAILURE() << subject.file << ": " << fault.text();
        return std::nullopt;
    }
    for (const pivot::Document& document : reading->documents) {
        Diagnostics wrong;
        if (pivot::check(document, wrong)) continue;
        for (const Error& fault : wrong.errors()) ADD_FAILURE() << subject.file << " is no valid pivot document: " << fault.text();
    }
    return std::move(reading->documents);
}

bool agrees(const Fact& fact, const std::optional<std::string>& found) {
    if (fact.value == "(absent)") return !found;
    if (!found) return false;
    if (!fact.value.starts_with("any:")) return *found == fact.value;
    return pivot::split_code(*found).code == fact.value.substr(4);
}

class Expectations : public ::testing::TestWithParam<Subject> {
protected:
    static void TearDownTestSuite() { result().publish(); }
};

TEST_P(Expectations, OfAnotherHandAreMet) {
    const Subject& subject = GetParam();
    const auto file = locate(subject.file);
    if (!file) {
        result().skip("no corpus");
        GTEST_SKIP() << "no corpus";
    }
    const auto documents = read(subject, *file);
    if (!documents || documents->empty()) {
        result().fail(subject.format, subject.ir ? subject.rules.size() : subject.facts.size());
        FAIL() << subject.file << " was not read";
    }
    if (subject.ir) {
        fs::path json = *file;
        json.replace_extension(".ir.json");
        const IrOutcome outcome = compare(subject.rules, slurp(json), documents->front());
        EXPECT_GT(outcome.facts, subject.rules.size());
        for (const std::string& wrong : outcome.wrong) ADD_FAILURE() << subject.file << ": " << wrong;
        result().pass(subject.format, outcome.facts - outcome.wrong.size());
        if (!outcome.wrong.empty()) result().fail(subject.format, outcome.wrong.size());
        return;
    }
    for (const Fact& fact : subject.facts) {
        const auto found = text_in(*documents, fact.path);
        const bool good = agrees(fact, found);
        EXPECT_TRUE(good) << fact.where << ": " << fact.path << " of " << subject.file << " is " << found.value_or("(absent)") << ", expected " << fact.value << " (" << fact.source << ")";
        if (good) result().pass(subject.format);
        else result().fail(subject.format);
    }
}

INSTANTIATE_TEST_SUITE_P(Documents, Expectations, ::testing::ValuesIn(subjects()), [](const auto& one) { return one.param.name; });

/// A path that names nothing in the pivot's table would be "absent" for ever.
TEST(ExpectationTables, NamePathsThatThePivotHas) {
    std::size_t checked = 0;
    for (const Subject& subject : subjects()) {
        const plugin::Format* format = registry().find(subject.format);
        ASSERT_NE(format, nullptr) << subject.format;
        std::vector<std::pair<std::string, std::string>> paths;
        for (const Fact& fact : subject.facts) paths.emplace_back(fact.path, fact.where);
        for (const IrRule& rule : subject.rules) paths.emplace_back(rule.pivot, "ir.tsv:" + std::to_string(rule.line));
        for (auto& [path, where] : paths) {
            if (path.starts_with("count(")) path = path.substr(6, path.size() - 7);
            if (path.starts_with("document[")) path = path.substr(path.find("]/") + 2);
            for (std::size_t star = path.find("[*]"); star != std::string::npos; star = path.find("[*]")) path.replace(star, 3, "");
            EXPECT_NE(pivot::find(format->kind, path), nullptr) << where << ": " << path;
            ++checked;
        }
    }
    EXPECT_GT(checked, 100u);
}

}  // namespace
}  // namespace hansa::test
