// Laws 1, 2, 3, 6 and 7 of mapping.md on generated documents of every format.
//
//   HANSA_FORMATS=cn.ceb603 HANSA_LAW_DOCUMENTS=50 HANSA_SEED=7 test-laws
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "core/mapping/coverage.h"
#include "core/mapping/translate.h"
#include "core/plugin/golden.h"
#include "core/schema/writer.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

constexpr std::uint64_t default_seed = 20261123;

/// Documents of each format by its place in `all`.
///
/// A record of ten leaves needs fewer than a declaration: 25 a leaf are the most. Of these a day takes what fits into its
/// `leaves`, which are the same however many formats there are: the small ones have all of theirs, and what is left is
/// shared among the large, so that one level is found below which all stay. Nightly: all of them.
std::vector<std::uint64_t> documents_for(const std::vector<Subject>& all, const std::vector<std::uint64_t>& elements) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr std::uint64_t most = 200, a_leaf = 3, least = 10, leaves = 200'000;  // twenty times as slow, and a path seen once is seen
#else
    constexpr std::uint64_t most = 2'000, a_leaf = 25, least = 60, leaves = 2'000'000;
#endif
    if (std::getenv("HANSA_NIGHTLY") != nullptr) return std::vector<std::uint64_t>(all.size(), most);
    const auto documents = [&](std::size_t place, std::uint64_t level) {
        const std::uint64_t wanted = std::min(most, a_leaf * elements[place]);
        const std::uint64_t own = std::min(wanted, std::max(least, level / std::max<std::uint64_t>(elements[place], 1)));
        return all[place].base.empty() ? own : std::max<std::uint64_t>(own / profile_share, 1);
    };
    std::uint64_t level = 0;
    for (std::uint64_t step = leaves; step > 0; step /= 2) {
        std::uint64_t together = 0;
        for (std::size_t i = 0; i < all.size(); ++i) together += documents(i, level + step) * elements[i];
        if (together <= leaves) level += step;
    }
    std::vector<std::uint64_t> made(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) made[i] = documents(i, level);
    return made;
}

/// A format of one part, and on how many documents it is tried.
struct Share {
    const Subject* subject;
    std::uint64_t documents;
};

/// The formats of one part. The costliest goes first, each into the part that has least to do, so that all parts take about as long.
std::vector<Share> formats_of_part(const std::vector<Subject>& all, std::size_t part) {
    std::vector<std::uint64_t> elements;
    for (const Subject& subject : all) elements.push_back(mapping::coverage(*subject.mapping).elements);
    const std::vector<std::uint64_t> documents = documents_for(all, elements);
    std::vector<std::pair<std::uint64_t, Share>> by_cost;
    for (std::size_t i = 0; i < all.size(); ++i) by_cost.push_back({documents[i] * elements[i], {&all[i], documents[i]}});
    std::stable_sort(by_cost.begin(), by_cost.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::array<std::uint64_t, parts> loads{};
    std::vector<Share> mine;
    for (const auto& [cost, share] : by_cost) {
        const auto least = std::min_element(loads.begin(), loads.end());
        *least += cost;
        if (static_cast<std::size_t>(least - loads.begin()) == part) mine.push_back(share);
    }
    return mine;
}

struct Tally {
    std::uint64_t passed = 0, outside = 0;
    std::map<std::string, std::uint64_t> failures;  ///< by what failed
    std::map<std::string, std::string> examples;
    void fail(const std::string& law, const std::string& what, std::uint64_t seed) {
        ++failures[law + ": " + what];
        examples.emplace(law + ": " + what, "HANSA_SEED=" + std::to_string(seed));
    }
};

std::string first_difference(const schema::Element& a, const schema::Element& b) {
    const auto left = leaves_of(a), right = leaves_of(b);
    for (const auto& one : left) {
        if (right.count(one) < left.count(one)) return "lost " + one.first;
    }
    for (const auto& one : right) {
        if (left.count(one) < right.count(one)) return "made " + one.first;
    }
    return "the order of elements";
}

mapping::Context context_for(const mapping::Reading* reading) {
    mapping::Context context;
    context.received = "2026-11-23T08:00:00Z";
    context.message_digest = "00";
    if (reading) context.envelope.insert(reading->envelope.begin(), reading->envelope.end());
    return context;
}

/// Places that memory or annex hold, as plain paths of elements.
std::set<std::string> held(const mapping::Reading& reading) {
    std::set<std::string> paths;
    for (std::size_t i = 0; i < reading.documents.size(); ++i) {
        std::set<std::string> places;
        for (const auto& one : reading.documents[i].memory) places.insert(one.place);
        for (const auto& one : reading.documents[i].annex) places.insert(one.place);
        for (const mapping::SourceLeaf& leaf : reading.leaves[i]) {
            const bool outside = places.contains("/" + leaf.place);
            bool numbered = false;
            for (int k = 1; k < 6; ++k) numbered = numbered || places.contains(leaf.place + "#" + std::to_string(k));
            if (outside || numbered || places.contains(leaf.place) || leaf.way != mapping::SourceLeaf::Way::mapped)
                paths.insert(without_places(leaf.path));
        }
        for (const std::string& place : places) {
            std::string plain;
            bool inside = false;
            for (const char sign : place) {
                if (sign == '{' || sign == '#' || sign == '~') inside = true;
                if (sign == '/' || sign == '}' || sign == '>') inside = false;
                if (!inside && sign != '}') plain += sign == '>' ? '/' : sign;
            }
            // A prefix tells two elements of one name apart; paths of elements have none.
            for (std::size_t colon = plain.find(':'); colon != std::string::npos; colon = plain.find(':')) {
                const std::size_t start =
                    plain.rfind('/', colon) == std::string::npos ? 0 : plain.rfind('/', colon) + 1;
                plain.erase(start, colon + 1 - start);
            }
            paths.insert("~" + plain);
        }
    }
    return paths;
}

bool is_held(const std::set<std::string>& places, const std::string& path) {
    if (places.contains(path)) return true;
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        if (!place.starts_with('~')) return false;
        const std::string tail = place.substr(1);
        return path.ends_with("/" + tail) || path.find("/" + tail + "/") != std::string::npos;
    });
}

class Trial {
public:
    Trial(const Subject& subject, Tally& tally) : subject_(subject), tally_(tally) {}

    void run(const schema::Element& document, std::uint64_t seed) {
        seed_ = seed;
        Diagnostics faults;
        const mapping::Mapping& mapping = *subject_.mapping;
        Result<mapping::Reading> reading = mapping::read(mapping, document, context_for(nullptr), faults);
        if (!reading) return;
        const std::size_t before = total();
        with_memory(document, *reading);
        without_memory(document, *reading);
        if (total() == before) ++tally_.passed;
    }

private:
    std::size_t total() const {
        std::size_t all = 0;
        for (const auto& [what, count] : tally_.failures) all += count;
        return all;
    }

    void with_memory(const schema::Element& document, const mapping::Reading& reading) {
        Diagnostics faults;
        const mapping::Mapping& mapping = *subject_.mapping;
        const Result<mapping::Writing> writing =
            mapping::write(mapping, reading.documents, context_for(&reading), faults, reading.leaves);
        if (!writing)
            return tally_.fail("1",
                               "refused: " + std::string(writing.error().code.name()) + " " +
                                   without_places(writing.error().place.path) + " " +
                                   writing.error().detail.substr(0, 60),
                               seed_);
        if (writing->messages.empty() && reading.documents.empty()) return;
        const schema::Element original = comparable(mapping, document),
                              again = comparable(mapping, writing->messages.front());
        const std::string a = schema::write_tree(original), b = schema::write_tree(again);
        if (a != b) {
            if (std::getenv("HANSA_SHOW")) show(original, again, reading);
            return tally_.fail("1", first_difference(original, again), seed_);
        }
        if (subject_.judge) {
            Diagnostics invalid;
            schema::Element whole = writing->messages.front();
            plugin::put_back(mapping, document, whole);
            if (!subject_.judge->validate(schema::write_tree(whole), invalid)) {
                // What came back is what was drawn: the generator knows no identity constraints.
                const bool unsigned_only =
                    std::all_of(invalid.errors().begin(), invalid.errors().end(), [](const Error& error) {
                        return error.detail.find("Signature") != std::string::npos || error.code.name() == "schema.identity";
                    });
                if (!unsigned_only)
                    tally_.fail("1", "not valid: " + invalid.errors().front().text().substr(0, 120), seed_);
            }
        }
        // Law 7: the same again, from a reading of its own.
        Diagnostics once_more;
        const auto second = mapping::read(mapping, document, context_for(nullptr), once_more);
        const auto rewritten =
            second ? mapping::write(mapping, second->documents, context_for(&*second), once_more, second->leaves)
                   : Result<mapping::Writing>(faults.errors().empty() ? once_more.errors().front()
                                                                      : faults.errors().front());
        if (!rewritten ||
            schema::write_tree(rewritten->messages.front()) != schema::write_tree(writing->messages.front()) ||
            rewritten->ledger.json("a", "b") != writing->ledger.json("a", "b")) {
            tally_.fail("7", "two runs differ", seed_);
        }
    }

    static void show(const schema::Element& a, const schema::Element& b, const mapping::Reading& reading) {
        const auto left = leaves_of(a), right = leaves_of(b);
        for (const auto& one : left) {
            if (right.count(one) < left.count(one)) std::cout << "  lost " << one.first << " '" << one.second << "'\n";
        }
        for (const auto& one : right) {
            if (left.count(one) < right.count(one)) std::cout << "  made " << one.first << " '" << one.second << "'\n";
        }
        for (const pivot::Document& document : reading.documents) {
            for (const auto& one : document.memory)
                std::cout << "  memory " << one.format << " " << one.place << " '" << one.text << "' "
                          << (one.read_as.empty() ? "" : one.read_as.front()) << "\n";
            for (const auto& one : document.annex)
                std::cout << "  annex " << one.authority << " " << one.place << " '" << one.text << "'\n";
        }
        if (std::string_view(std::getenv("HANSA_SHOW")) == "2")
            std::cout << schema::write_tree(a, {.indent = true}) << schema::write_tree(b, {.indent = true});
    }

    void without_memory(const schema::Element& document, const mapping::Reading& reading) {
        const mapping::Mapping& mapping = *subject_.mapping;
        std::vector<pivot::Document> bare = reading.documents;
        for (pivot::Document& one : bare) {
            one.memory.clear();
            one.annex.clear();
        }
        const std::set<std::string> places = held(reading);
        Diagnostics faults;
        const Result<mapping::Writing> writing = mapping::write(mapping, bare, context_for(&reading), faults);
        if (!writing) {
            for (const Error& fault : faults.errors()) {
                if (is_held(places, without_places(fault.place.path))) continue;
                return tally_.fail("1 without memory", "refused: " + fault.text().substr(0, 140), seed_);
            }
            return;
        }
        if (writing->messages.empty()) return;
        const auto original = leaves_of(comparable(mapping, document)),
                   again = leaves_of(comparable(mapping, writing->messages.front()));
        for (const auto& one : original) {
            if (again.count(one) >= original.count(one) || is_held(places, one.first)) continue;
            return tally_.fail("1 without memory", "lost " + one.first, seed_);
        }
        // What the format cannot say without the memory of its own spelling is in the ledger, not claimed.
        const bool claims_all = std::none_of(writing->ledger.entries.begin(), writing->ledger.entries.end(),
                                             [](const mapping::LossEntry& entry) {
                                                 return entry.kind == mapping::LossKind::dropped && !entry.row.empty();
                                             });
        if (!claims_all) return;
        // Law 2: what was written is read as the same pivot document.
        Diagnostics second_faults;
        const Result<mapping::Reading> second =
            mapping::read(mapping, writing->messages.front(), context_for(nullptr), second_faults);
        if (!second) return tally_.fail("2", "refused: " + second_faults.errors().front().text().substr(0, 140), seed_);
        for (std::size_t i = 0; i < bare.size() && i < second->documents.size(); ++i) {
            const pivot::Node before = with_content(bare[i].root), after = with_content(second->documents[i].root);
            if (before != after && std::getenv("HANSA_SHOW")) {
                const auto print = [](const auto& self, const pivot::Node& node, const std::string& path) -> void {
                    if (!node.value.empty()) std::cout << path << "/" << node.name << " = " << node.value << "\n";
                    for (const pivot::Node& child : node.children) self(self, child, path + "/" + node.name);
                };
                print(print, before, "");
                std::cout << "---\n";
                print(print, after, "");
            }
            if (before != after) return tally_.fail("2", difference(before, after, ""), seed_);
        }
    }

    /// A class without content says nothing: only memory knows that it stood there.
    static pivot::Node with_content(const pivot::Node& node) {
        pivot::Node kept{
            .name = node.name, .value = node.value, .list = node.list, .attributes = node.attributes, .children = {}};
        for (const pivot::Node& child : node.children) {
            pivot::Node one = with_content(child);
            if (!one.value.empty() || !one.attributes.empty() || !one.children.empty())
                kept.children.push_back(std::move(one));
        }
        return kept;
    }

    static std::string difference(const pivot::Node& a, const pivot::Node& b, const std::string& path) {
        const std::string here = path + "/" + a.name;
        if (a.value != b.value || a.list != b.list || a.attributes != b.attributes)
            return "value of " + here + (std::getenv("HANSA_SHOW") ? " '" + a.value + "' '" + b.value + "'" : "");
        for (std::size_t i = 0; i < std::max(a.children.size(), b.children.size()); ++i) {
            if (i >= b.children.size()) return "lost " + here + "/" + a.children[i].name;
            if (i >= a.children.size()) return "made " + here + "/" + b.children[i].name;
            if (a.children[i] == b.children[i]) continue;
            if (a.children[i].name != b.children[i].name)
                return "members of " + here + ": " + a.children[i].name + " or " + b.children[i].name;
            return difference(a.children[i], b.children[i], here);
        }
        return here;
    }

    const Subject& subject_;
    Tally& tally_;
    std::uint64_t seed_ = 0;
};

class Laws : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Part, Laws, testing::Range<std::size_t>(0, parts));

TEST_P(Laws, EveryFormatOnGeneratedDocuments) {
    Diagnostics faults;
    const std::vector<Subject> all = subjects(faults, Profiles::taken);
    ASSERT_FALSE(all.empty());
    EXPECT_TRUE(faults.empty()) << "a plugin does not load";
    const std::uint64_t seed = number_from("HANSA_SEED", default_seed);
    SuiteResult result("laws-" + std::to_string(GetParam()), seed);
    for (const auto& [each, documents] : formats_of_part(all, GetParam())) {
        const Subject& subject = *each;
        const mapping::Coverage coverage = mapping::coverage(*subject.mapping);
        const std::uint64_t wanted = number_from("HANSA_LAW_DOCUMENTS", documents);
        std::cout << subject.id << ": " << coverage.elements << " elements";
        for (const auto& [form, count] : coverage.by_form) std::cout << ", " << form << " " << count;
        std::cout << "\n";
        result.pass(subject.id);  // law 3: a table that loads names every element
        Domain domain(subject.mapping);
        Tally tally;
        std::uint64_t drawn = 0, tried = 0;
        for (; drawn < wanted && tried < wanted * 4; ++tried) {
            const std::uint64_t one = seed + tried;
            const std::optional<schema::Element> document =
                domain.draw(one, {.items = 2, .optional_percent = static_cast<unsigned>(20 + one % 5 * 20)});
            if (!document) continue;
            ++drawn;
            Trial(subject, tally).run(*document, one);
        }
        result.pass(subject.id, tally.passed);
        if (tried > drawn) result.refuse(subject.id, tried - drawn);
        for (const auto& [what, count] : tally.failures) {
            result.fail(subject.id, count);
            ADD_FAILURE() << subject.id << ": " << what << " (" << count << " times; " << tally.examples[what]
                          << " HANSA_FORMATS=" << subject.id << " HANSA_LAW_DOCUMENTS=1)";
        }
        std::cout << subject.id << ": " << tally.passed << " of " << drawn << " documents keep the laws; "
                  << tried - drawn << " drawn outside of the domain\n";
        std::vector<std::pair<std::size_t, std::string>> reasons;
        for (const auto& [why, count] : domain.why()) reasons.emplace_back(count, why);
        std::sort(reasons.rbegin(), reasons.rend());
        for (std::size_t i = 0; i < std::min<std::size_t>(reasons.size(), 5); ++i)
            std::cout << "    outside: " << reasons[i].first << " x " << reasons[i].second << "\n";
        EXPECT_EQ(drawn, wanted) << subject.id << ": too few documents lie in the table's domain";
    }
    result.publish();
}

}  // namespace
}  // namespace hansa::test
