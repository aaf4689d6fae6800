// The compiled reader against the reference on everything there is: examples of the plugins, the corpus, generated
// documents and mutants, each also spelled otherwise.
//
//     HANSA_SEED=7 HANSA_DOCUMENTS=200 HANSA_FORMATS=cn.ceb311 build/release/tests/test-reader-differential
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <limits>

#include "core/mapping/mapping.h"
#include "core/plugin/registry.h"
#include "core/schema/writer.h"
#include "tests/differential/reader_agreement.h"
#include "tests/differential/respell.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

const std::uint64_t seed = number_from("HANSA_SEED", 20261125);

/// A format with both readers.
struct Subject {
    const plugin::Format* format;
    std::shared_ptr<const schema::Grammar> grammar;
    std::shared_ptr<const schema::Validator> judge;
    std::shared_ptr<const schema::CompiledGrammar> compiled;
};

const plugin::Registry& registry() {
    static Diagnostics faults;
    static const std::shared_ptr<const plugin::Registry> loaded = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    return *loaded;
}

const std::vector<Subject>& subjects() {
    static const std::vector<Subject> all = [] {
        std::vector<Subject> made;
        const char* const only = std::getenv("HANSA_FORMATS");
        for (const plugin::Format& format : registry().formats()) {
            if (only != nullptr && ("," + std::string(only) + ",").find("," + format.id + ",") == std::string::npos)
                continue;
            if (!format.base.empty() && only == nullptr) continue;  // its grammar is its base's
            const plugin::Format* const found = registry().find(format.id);
            const auto judge = registry().validator(format);
            if (found == nullptr || !judge) {
                ADD_FAILURE() << format.id << " cannot be loaded";
                continue;
            }
            const auto compiled = schema::CompiledGrammar::compile(
                *found->grammar, found->inner_path.empty() ? "" : "MetaData/Declaration");
            if (!compiled && compiled.error().detail.find("identity constraints") != std::string::npos) {
                std::cout << format.id << " is left to the reference: " << compiled.error().text() << "\n";
                continue;
            }
            if (!compiled) {
                ADD_FAILURE() << format.id << ": " << compiled.error().text();
                continue;
            }
            made.push_back({found, found->grammar.shared(), *judge, *compiled});
        }
        return made;
    }();
    return all;
}

/// Counts, and says what differs, with the document beside it.
class Tally {
public:
    explicit Tally(const std::string& part) : result_("differential", seed), part_(part) {}

    void check(ReaderPair& pair, const std::string& id, std::string_view bytes, const std::string& what) {
        const std::string difference = pair.compare(bytes);
        ++total_;
        bytes_ += bytes.size();
        if (pair.last_was_undecided()) {
            ++undecided_;
            return result_.skip("undecided");
        }
        if (pair.last_was_valid()) ++valid_;
        if (pair.last_was_canonical()) ++canonical_;
        if (difference.empty()) return result_.pass("reader " + part_);
        // Xerces-C counts characters beyond U+FFFF twice: the listed deviation of length facets. And it takes half of
        // one for a letter of base 64. And it knows no names with such characters, which XML 1.0 has since its fifth edition.
        const bool beyond =
            std::any_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
        if (beyond && (difference.find("schema.length") != std::string::npos ||
                       difference.find("xs:base64Binary") != std::string::npos))
            return result_.skip("length beyond U+FFFF");
        const std::size_t theirs = difference.find("\n  reference: ");
        if (beyond && theirs != std::string::npos && difference.find(" schema.type ", theirs) != std::string::npos &&
            difference.find(" schema.type ") > theirs)
            return result_.skip("name beyond U+FFFF");
        if (const auto& refusal = pair.last_refusal()) {
            if (is_point_alone(*refusal, bytes)) return result_.skip("a point alone as a decimal");
            if (is_second_sixty(*refusal, bytes)) return result_.skip("a second 60");
        }
        // The judge takes every global element of the schema as a root, a grammar keeps its own.
        if (difference.find("compiled: ") == 0 && difference.find(" schema.root-unknown ") < difference.find('\n')) {
            return result_.skip("root of another format");
        }
        result_.fail("reader " + part_);
        if (++shown_ > 12) return;
        ADD_FAILURE() << id << ", " << what << ", HANSA_SEED=" << seed << "\n  " << difference << "\n"
                      << (bytes.size() < 20'000 ? std::string(bytes) : std::string(bytes.substr(0, 20'000)) + "...");
    }
    void publish() const {
        std::cout << part_ << ": " << total_ << " documents, " << valid_ << " valid, " << undecided_ << " undecided, "
                  << canonical_ << " with their canonical form, seed " << seed << "\n";
        EXPECT_GT(total_, 0u);
        result_.publish();
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    SuiteResult result_;
    std::string part_;
    std::uint64_t total_ = 0, bytes_ = 0, valid_ = 0, canonical_ = 0, undecided_ = 0, shown_ = 0;
};

std::vector<std::filesystem::path> xml_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == ".xml" && entry.file_size() < 4'000'000)
            found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Files to every format: nearly all are of other roots, of which each sees a few.
void check_files(const std::vector<std::string>& all, const std::string& what, Tally& tally) {
    for (const Subject& subject : subjects()) {
        ReaderPair pair(subject.compiled, *subject.judge);
        std::size_t number = 0;
        for (const std::string& bytes : all) {
            const bool own = bytes.find(subject.format->root_local) != std::string::npos;
            if (own || number++ % 37 == 0) tally.check(pair, subject.format->id, bytes, what);
        }
    }
}

TEST(ReaderDifferential, ExamplesOfThePlugins) {
    Tally tally("examples");
    std::vector<std::string> all;
    for (const auto& file : xml_files(source_dir() / "plugins")) all.push_back(slurp(file));
    check_files(all, "example", tally);
    tally.publish();
}

TEST(ReaderDifferential, Corpus) {
    const auto folder = corpus();
    if (!folder) GTEST_SKIP() << "no corpus";
    Tally tally("corpus");
    std::vector<std::string> all;
    for (const auto& file : xml_files(*folder)) all.push_back(slurp(file));
    check_files(all, "corpus", tally);
    tally.publish();
}

/// What a day tries on each format, so that it does not grow with the formats; nightly, and where a number is asked for, no bound.
std::uint64_t share_of_a_day(std::uint64_t all) {
    if (std::getenv("HANSA_NIGHTLY") != nullptr || std::getenv("HANSA_DOCUMENTS") != nullptr) return std::numeric_limits<std::uint64_t>::max();
    return all / std::max<std::uint64_t>(subjects().size(), 1);
}

TEST(ReaderDifferential, GeneratedAndMutated) {
    Tally tally("generated");
    const std::uint64_t documents = number_from("HANSA_DOCUMENTS", std::getenv("HANSA_NIGHTLY") != nullptr ? 300 : 24);
    // A few formats have documents a hundred times as large as the rest, of which a tenth says as much.
    const std::uint64_t bytes_most = share_of_a_day(2'500'000'000);
    for (const Subject& subject : subjects()) {
        ReaderPair pair(subject.compiled, *subject.judge);
        schema::Random random(seed);
        std::set<schema::FacetHit> hit;
        const std::uint64_t before = tally.bytes();
        for (std::uint64_t i = 0; i < documents && tally.bytes() - before < bytes_most; ++i) {
            const schema::GenerateOptions options{.seed = seed + i,
                                                  .items = 1 + static_cast<std::uint32_t>(i % 4),
                                                  .optional_percent = i % 3 == 0 ? 90u : 50u};
            const schema::Element document = schema::generate(*subject.grammar, options);
            const std::string what = "document " + std::to_string(i);
            tally.check(pair, subject.format->id, schema::write_tree(document, {.indent = i % 2 == 0}), what);
            tally.check(pair, subject.format->id, respell(*subject.grammar, document, any_respelling(random), random),
                        what + " respelled");
            for (const schema::Mutant& mutant :
                 schema::mutants(*subject.grammar, document, {.seed = seed + i, .mutants_max = 40, .already = &hit})) {
                hit.insert(mutant.hit);
                const std::string broken = "mutant " + mutant.hit.facet + " of " + mutant.hit.place;
                tally.check(pair, subject.format->id, schema::write_tree(mutant.document), broken);
                tally.check(pair, subject.format->id,
                            respell(*subject.grammar, mutant.document, any_respelling(random), random),
                            broken + " respelled");
            }
        }
    }
    tally.publish();
}

/// Bytes changed by chance: most are not well-formed any more.
TEST(ReaderDifferential, BrokenBytes) {
    Tally tally("broken");
    const std::uint64_t documents = number_from("HANSA_DOCUMENTS", std::min<std::uint64_t>(3'000, share_of_a_day(30'000)));
    constexpr std::string_view pieces[] = {
        "<",    ">",   "&",         "]]>", "\"",   "'", "/",  "\x01",  "\xC3",         "\xEF\xBF\xBF",
        "<!--", "-->", "<![CDATA[", "<x>", "</x>", " ", "\r", "&#65;", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80",
        "<?",   "=",   ":"};
    for (const Subject& subject : subjects()) {
        ReaderPair pair(subject.compiled, *subject.judge);
        schema::Random random(seed);
        for (std::uint64_t i = 0; i < documents; ++i) {
            const schema::Element document = schema::generate(*subject.grammar, {.seed = seed + i / 8, .items = 2});
            std::string bytes = random.chance(50) ? schema::write_tree(document)
                                                  : respell(*subject.grammar, document, any_respelling(random), random);
            for (std::uint64_t change = 1 + random.below(2); change > 0; --change) {
                const std::size_t at = random.below(bytes.size());
                if (random.chance(40))
                    bytes.erase(at, 1 + random.below(random.chance(80) ? 2 : 40));
                else if (random.chance(50))
                    bytes.insert(at, pieces[random.below(std::size(pieces))]);
                else if (at < bytes.size())
                    bytes[at] = static_cast<char>(random.below(256));
            }
            tally.check(pair, subject.format->id, bytes, "broken " + std::to_string(i));
        }
    }
    tally.publish();
}

/// Every level of vectors reads the same.
TEST(ReaderDifferential, Levels) {
    Tally tally("levels");
    using xml::lanes::Level;
    for (const Level level : {Level::scalar, Level::sse2, Level::avx2, Level::avx512}) {
        if (!xml::lanes::supported(level)) continue;
        for (const Subject& subject : subjects()) {
            ReaderPair pair(subject.compiled, *subject.judge, level);
            schema::Random random(seed);
            for (std::uint64_t i = 0; i < 6; ++i) {
                const schema::Element document =
                    schema::generate(*subject.grammar, {.seed = seed + i, .items = 3, .optional_percent = 80});
                tally.check(pair, subject.format->id, schema::write_tree(document),
                            std::string(xml::lanes::name_of(level)));
                tally.check(pair, subject.format->id,
                            respell(*subject.grammar, document, any_respelling(random), random),
                            std::string(xml::lanes::name_of(level)));
            }
        }
    }
    tally.publish();
}

}  // namespace
}  // namespace hansa::test
