#include "tests/conformance/equivalence/pair.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "core/schema/writer.h"
#include "tests/support/corpus.h"

namespace hansa::test {

namespace {

constexpr std::uint64_t mutants_min = 1'000;

std::vector<std::string> split(const std::string& line, char separator) {
    std::vector<std::string> parts;
    std::istringstream in(line);
    for (std::string part; std::getline(in, part, separator);) {
        if (!part.empty()) parts.push_back(part);
    }
    return parts;
}

schema::Name parse_name(const std::string& text) {
    const std::size_t end = text.find('}');
    return {text.substr(1, end - 1), text.substr(end + 1)};
}

/// One schema that imports all official files, since a strict wildcard needs them loaded together.
std::string driver_of(const std::vector<std::string>& files, const std::filesystem::path& corpus) {
    static const std::regex target("targetNamespace\\s*=\\s*[\"']([^\"']*)[\"']");
    std::string text = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:hansa:driver'>";
    for (const std::string& file : files) {
        const std::string schema = slurp(corpus / file);
        std::smatch found;
        if (!std::regex_search(schema, found, target)) continue;
        text += "<xs:import namespace='" + found[1].str() + "' schemaLocation='" + file + "'/>";
    }
    return text + "</xs:schema>";
}

/// Brazil's patterns escape a slash, which XML Schema does not know: no validator takes them as they are.
std::string without_escaped_slashes(std::string schema) {
    for (std::size_t at = schema.find("\\/"); at != schema.npos; at = schema.find("\\/", at)) schema.erase(at, 1);
    return schema;
}

schema::XsdSource official_source(const PairSource& pair, const std::filesystem::path& corpus) {
    schema::XsdSource source;
    source.file = "driver.xsd";
    source.resolve =
        [corpus, driver = driver_of(pair.official, corpus)](const std::string& location) -> std::optional<std::string> {
        if (location == "driver.xsd") return driver;
        if (location.find("..") != std::string::npos || !std::filesystem::exists(corpus / location))
            return std::nullopt;
        return without_escaped_slashes(slurp(corpus / location));
    };
    return source;
}

std::string key(const schema::FacetHit& hit) {
    return hit.facet + " of " + hit.place;
}

}  // namespace

std::vector<PairSource> read_pairs(const std::filesystem::path& table) {
    std::vector<PairSource> pairs;
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);  // the columns' names
    while (std::getline(in, line)) {
        const std::vector<std::string> columns = split(line, '\t');
        if (columns.size() < 3) continue;
        PairSource row{columns[1], {columns[2]}, {parse_name(columns[0])}};
        if (columns.size() > 3) {
            for (std::string& extra : split(columns[3], ' ')) row.official.push_back(std::move(extra));
        }
        if (!pairs.empty() && pairs.back().ours == row.ours && pairs.back().official == row.official) {
            pairs.back().roots.push_back(row.roots.front());
        } else {
            pairs.push_back(std::move(row));
        }
    }
    return pairs;
}

Result<Pair> Pair::load(const PairSource& source, const std::filesystem::path& schemas,
                        const std::filesystem::path& corpus) {
    schema::XsdSource ours_source{.file = (schemas / source.ours).string(), .root = {}, .resolve = {}};
    schema::XsdSource official = official_source(source, corpus);
    auto ours = schema::Validator::from_source(ours_source);
    if (!ours) return ours.error();
    auto theirs = schema::Validator::from_source(official);
    if (!theirs) return theirs.error();
    Pair pair(source, std::move(*ours), std::move(*theirs));
    for (const schema::Name& root : source.roots) {
        ours_source.root = official.root = root;
        auto our_grammar = schema::compile_xsd(ours_source);
        if (!our_grammar) return our_grammar.error();
        auto their_grammar = schema::compile_xsd(official);
        if (!their_grammar) return their_grammar.error();
        pair.roots_.push_back({std::move(*our_grammar), std::move(*their_grammar)});
    }
    return pair;
}

bool Pair::has_root(const schema::Name& name) const {
    for (const schema::Name& root : source_.roots) {
        if (root == name) return true;
    }
    return false;
}

bool Pair::compare(const std::string& what, const std::string& bytes, int expected, Counts& counts) const {
    Diagnostics our_faults;
    Diagnostics their_faults;
    const bool ours = ours_.validate(bytes, our_faults).has_value();
    const bool official = official_.validate(bytes, their_faults).has_value();
    if (ours == official && (expected < 0 || ours == (expected == 1))) {
        ++counts.agreed;
        return true;
    }
    // The generator does not know that a value may stand once: what it repeats by chance both refuse, and for that
    // alone.
    const auto repeats = [](const Diagnostics& faults) {
        return !faults.errors().empty() &&
               std::all_of(faults.errors().begin(), faults.errors().end(),
                           [](const Error& fault) { return fault.code.name() == "schema.identity"; });
    };
    if (ours == official && expected == 1 && repeats(our_faults) && repeats(their_faults)) {
        ++counts.agreed;
        return true;
    }
    const auto verdict = [](bool good, const Diagnostics& faults) {
        return good ? std::string("accepts") : "refuses (" + faults.errors().front().text() + ")";
    };
    counts.differences.push_back(what + ": ours " + verdict(ours, our_faults) + ", official " +
                                 verdict(official, their_faults));
    if (counts.differences.size() <= 20) {
        const auto folder = build_dir() / "results" / "equivalence-differences";
        std::filesystem::create_directories(folder);
        std::string name = source_.ours + "-" + std::to_string(counts.differences.size()) + ".xml";
        for (char& c : name) {
            if (c == '/') c = '-';
        }
        std::ofstream(folder / name) << bytes;
    }
    return false;
}

std::uint64_t Pair::mutate(const schema::Grammar& grammar, const schema::Element& ground, bool of_ours,
                           std::uint64_t seed, std::set<schema::FacetHit>& done, std::set<std::string>& hit,
                           Counts& counts) const {
    std::uint64_t made = 0;
    for (const schema::Mutant& mutant : schema::mutants(grammar, ground, {.seed = seed, .already = &done})) {
        done.insert(mutant.hit);
        hit.insert(key(mutant.hit));
        compare("mutant, " + key(mutant.hit), schema::write_tree(mutant.document), 0, counts);
        ++(of_ours ? counts.mutants_of_ours : counts.mutants_of_official);
        ++made;
    }
    return made;
}

void Pair::run_mutants(const schema::Grammar& grammar, bool of_ours, std::uint64_t seed, std::set<std::string>& all,
                       std::set<std::string>& hit, Counts& counts) const {
    for (const schema::FacetHit& facet : schema::facets_of(grammar)) all.insert(key(facet));
    std::vector<schema::Element> grounds = schema::covering_documents(grammar, seed);
    for (std::uint64_t i = 0; i < 10; ++i) {
        grounds.push_back(
            schema::generate(grammar, {.seed = seed + i, .items = 2, .length_max = 20, .elements_max = 300}));
    }
    // A small grammar is hit again with other values until there are enough mutants of it.
    std::set<schema::FacetHit> done;
    std::uint64_t made = 0;
    for (std::uint64_t round = 0; round < 16 && (round == 0 || made < mutants_min / roots_.size()); ++round) {
        if (round > 0) done.clear();
        for (const schema::Element& ground : grounds)
            made += mutate(grammar, ground, of_ours, seed + round, done, hit, counts);
    }
    for (const schema::Element& ground : grounds) {
        compare(of_ours ? "ground of ours" : "ground of the official", schema::write_tree(ground), 1, counts);
        ++(of_ours ? counts.from_ours : counts.from_official);
    }
}

void Pair::run_generated(std::uint64_t seed, std::uint64_t documents, Counts& counts) const {
    std::set<std::string> all_ours, hit_ours, all_official, hit_official;
    const std::uint64_t share = documents / roots_.size() + 1;
    for (const Root& root : roots_) {
        for (std::uint64_t i = 0; i < share; ++i) {
            const schema::GenerateOptions options{.seed = seed + i,
                                                  .items = 2,
                                                  .optional_percent = static_cast<unsigned>(i % 5) * 20,
                                                  .length_max = 24,
                                                  .elements_max = 400};
            const std::string number = ", seed " + std::to_string(options.seed);
            compare("generated from ours" + number, schema::write_tree(schema::generate(root.ours, options)), 1,
                    counts);
            compare("generated from the official" + number,
                    schema::write_tree(schema::generate(root.official, options)), 1, counts);
            ++counts.from_ours;
            ++counts.from_official;
        }
        run_mutants(root.ours, true, seed, all_ours, hit_ours, counts);
        run_mutants(root.official, false, seed, all_official, hit_official, counts);
    }
    const auto count_hits = [](const std::set<std::string>& all, const std::set<std::string>& hit) {
        std::uint64_t count = 0;
        for (const std::string& one : all) count += hit.contains(one) ? 1u : 0u;
        return count;
    };
    counts.facets_ours = all_ours.size();
    counts.facets_hit_ours = count_hits(all_ours, hit_ours);
    counts.facets_official = all_official.size();
    counts.facets_hit_official = count_hits(all_official, hit_official);
    for (const std::string& one : all_ours) {
        if (!hit_ours.contains(one)) counts.not_hit.push_back("ours, " + one);
    }
    for (const std::string& one : all_official) {
        if (!hit_official.contains(one)) counts.not_hit.push_back("official, " + one);
    }
}

}  // namespace hansa::test
