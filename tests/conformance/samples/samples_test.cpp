// Every sample of a family is read and comes back, or is one of those that the table names, for the reason that it
// names.
//
// "Comes back": valid for Xerces-C, a valid pivot document, the same elements with what memory and annex hold, and a
// valid document without them. samples.tsv names families ("*" with the count that passes) and, below each, the
// documents that do not pass, with the code of the first error.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/mapping/translate.h"
#include "core/pivot/table.h"
#include "core/plugin/registry.h"
#include "core/schema/reader.h"
#include "core/schema/validator.h"
#include "core/schema/writer.h"
#include "tests/conformance/equivalence/wco_recipe.h"
#include "tests/property/domain.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

struct Family {
    std::string folder;
    std::size_t passes = 0;                       ///< how many samples come back
    std::map<std::string, std::string> expected;  ///< file -> code, of the others
};

std::vector<Family> families() {
    std::vector<Family> all;
    std::ifstream in(source_dir() / "tests/conformance/samples/samples.tsv");
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream cells(line);
        std::string folder, file, outcome;
        std::getline(cells, folder, '\t');
        std::getline(cells, file, '\t');
        std::getline(cells, outcome, '\t');
        if (file == "*") {
            all.push_back({folder, std::stoul(outcome), {}});
        } else if (all.empty() || all.back().folder != folder) {
            throw std::runtime_error("samples.tsv: " + folder + " has no row '*' above");
        } else {
            all.back().expected[file] = outcome;
        }
    }
    return all;
}

const plugin::Registry& registry() {
    static const auto loaded = [] {
        Diagnostics faults;
        auto made = plugin::Registry::load(
            {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
        for (const Error& fault : faults.errors()) std::cout << fault.text() << "\n";
        return made;
    }();
    return *loaded;
}

std::string name_of(const Error& error) {
    return std::string(error.code.name());
}

mapping::Context context_for(const mapping::Reading* reading) {
    mapping::Context context{.received = "2026-11-23T08:00:00Z", .message_digest = std::string(64, '0')};
    if (reading != nullptr) context.envelope.insert(reading->envelope.begin(), reading->envelope.end());
    return context;
}

/// The sample's bytes, with the namespaces that its source leaves out when it prints them.
std::string bytes_of(const fs::path& file) {
    std::string bytes = slurp(file);
    if (file.parent_path().filename() != "res-nons") return bytes;
    auto tree = schema::read_tree(bytes);
    if (!tree) return bytes;
    put_namespaces(*tree);
    return schema::write_tree(*tree);
}

/// Without what only the sender's own document says: the table alone must be able to write it.
std::string written_without_memory(const plugin::Format& format, const schema::Validator& judge,
                                   const mapping::Reading& reading) {
    Diagnostics faults;
    std::vector<pivot::Document> bare = reading.documents;
    for (pivot::Document& document : bare) {
        document.memory.clear();
        document.annex.clear();
    }
    const auto writing = mapping::write(*format.mapping, bare, context_for(&reading), faults);
    if (!writing) return "without memory: " + name_of(writing.error());
    for (const schema::Element& message : writing->messages) {
        if (!judge.validate(schema::write_tree(message), faults))
            return "without memory: " + faults.errors().front().text();
    }
    return {};
}

/// Empty: it came back. Otherwise the code of what refused it, or a sentence.
std::string outcome_of(const fs::path& file) {
    const std::string bytes = bytes_of(file);
    const auto detected = registry().detect(bytes);
    if (!detected) return name_of(detected.error());
    const plugin::Format* format = registry().find((*detected)->id);
    if (format == nullptr || !format->mapping) return "no table";
    const auto judge = registry().validator(*format);
    Diagnostics faults;
    if (!judge) return name_of(judge.error());
    if (!(*judge)->validate(bytes, faults)) return "schema";
    const auto tree = schema::read_tree(bytes, {}, format->grammar.get());
    if (!tree) return name_of(tree.error());
    const auto reading = mapping::read(*format->mapping, *tree, context_for(nullptr), faults);
    if (!reading) return name_of(reading.error());
    for (const pivot::Document& document : reading->documents) {
        Diagnostics wrong;
        if (!pivot::check(document, wrong)) return name_of(wrong.errors().front());
    }
    const auto writing =
        mapping::write(*format->mapping, reading->documents, context_for(&*reading), faults, reading->leaves);
    if (!writing) return name_of(writing.error());
    if (writing->messages.size() != 1) return std::to_string(writing->messages.size()) + " messages of one";
    const std::string before = schema::write_tree(comparable(*format->mapping, *tree));
    if (schema::write_tree(comparable(*format->mapping, writing->messages.front())) != before) return "changed";
    return written_without_memory(*format, **judge, *reading);
}

TEST(Samples, ComeBackOrAreNamedWithTheReason) {
    const auto root = corpus();
    SuiteResult result("samples");
    if (!root) {
        result.skip("no corpus");
        result.publish();
        GTEST_SKIP() << "no corpus";
    }
    const auto all = families();
    ASSERT_FALSE(all.empty());
    for (const Family& family : all) {
        std::vector<fs::path> files;
        for (const auto& entry : fs::directory_iterator(*root / family.folder)) {
            if (entry.path().extension() == ".xml") files.push_back(entry.path());
        }
        std::sort(files.begin(), files.end());
        std::size_t passed = 0;
        std::set<std::string> seen;
        for (const fs::path& file : files) {
            const std::string name = file.filename().string(), outcome = outcome_of(file);
            const auto expected = family.expected.find(name);
            seen.insert(name);
            if (outcome.empty()) ++passed;
            const bool as_expected = expected == family.expected.end() ? outcome.empty() : outcome == expected->second;
            EXPECT_TRUE(as_expected) << family.folder << "/" << name << ": "
                                     << (outcome.empty() ? std::string("comes back") : outcome);
            if (!as_expected)
                result.fail(family.folder);
            else if (outcome.empty())
                result.pass(family.folder);
            else
                result.refuse(family.folder);
        }
        for (const auto& [name, code] : family.expected)
            EXPECT_TRUE(seen.contains(name)) << name << " is not in the corpus";
        EXPECT_EQ(passed, family.passes) << family.folder;
        std::cout << family.folder << ": " << passed << " of " << files.size() << " come back\n";
    }
    result.publish();
}

}  // namespace
}  // namespace hansa::test
