// No field outside of a consent ever appears: 100,000 random documents and consents.
//
// Every text of a random document is a marker of its own. The bytes of the projection are searched for all of them, and an
// independent projection, made of the lines that core/pivot/text.h writes, must give the same bytes.
// HANSA_SEED and HANSA_DISCLOSURES choose another course.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "core/disclosure/projection.h"
#include "core/pivot/text.h"
#include "tests/support/results.h"

namespace hansa::disclosure::test {
namespace {

using pivot::Field;
using pivot::Node;
using Random = std::mt19937_64;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::size_t below(Random& random, std::size_t count) { return static_cast<std::size_t>(random() % count); }

/// The next marker: never part of another one.
class Markers {
public:
    std::string next() { return fmt::format("<{:07}>", count_++); }
    std::size_t count() const { return count_; }

private:
    std::size_t count_ = 0;
};

/// A member of the name below the node: one that is there, or, in a list, perhaps a new one.
Node& member(Node& parent, const Field& field, Random& random) {
    std::vector<std::size_t> there;
    for (std::size_t i = 0; i < parent.children.size(); ++i) {
        if (parent.children[i].name == field.name) there.push_back(i);
    }
    const bool another = field.is_list() && there.size() < 4 && below(random, 2) == 0;
    if (!there.empty() && !another) return parent.children[there[below(random, there.size())]];
    Node made;
    made.name = field.name;
    parent.children.push_back(std::move(made));
    return parent.children.back();
}

const std::vector<const Field*>& leaves_of(pivot::Kind kind) {
    static std::map<pivot::Kind, std::vector<const Field*>> all;
    auto& out = all[kind];
    if (out.empty()) std::ranges::copy_if(pivot::all_fields(kind), std::back_inserter(out), [](const Field* field) { return !field->is_group(); });
    return out;
}

void add_leaf(pivot::Document& document, const Field& leaf, Random& random, Markers& markers) {
    std::vector<const Field*> way;
    for (const Field* field = &leaf; field->parent != nullptr; field = field->parent) way.insert(way.begin(), field);
    Node* node = &document.root;
    for (const Field* field : way) node = &member(*node, *field, random);
    if (!node->value.empty()) return;
    node->value = markers.next();
    if (leaf.form == pivot::Form::code && below(random, 2) == 0) node->list = markers.next();
    for (const std::string_view attribute : leaf.attributes) {
        if (below(random, 2) == 0) node->attributes.emplace_back(attribute, markers.next());
    }
}

/// A few fields, near each other often enough that lists have several members.
pivot::Document random_document(pivot::Kind kind, Random& random, Markers& markers) {
    pivot::Document out;
    out.kind = kind;
    out.root.name = pivot::root(kind).name;
    const auto& leaves = leaves_of(kind);
    const std::size_t count = 1 + below(random, 24), start = below(random, leaves.size());
    for (std::size_t i = 0; i < count; ++i) {
        const bool near = below(random, 3) != 0;
        add_leaf(out, *leaves[near ? (start + below(random, 12)) % leaves.size() : below(random, leaves.size())], random, markers);
    }
    if (below(random, 4) == 0) out.annex.push_back({markers.next(), markers.next(), markers.next()});
    if (below(random, 4) == 0) out.memory.push_back({markers.next(), markers.next(), markers.next(), {markers.next()}});
    return out;
}

struct DocumentLine {
    std::string placed, plain, value;  ///< path with places and without
};

std::vector<DocumentLine> lines_of(const pivot::Document& document) {
    const std::string text = pivot::write_text(document);
    std::vector<DocumentLine> out;
    for (std::size_t begin = text.find('\n') + 1; begin < text.size();) {
        const std::size_t end = text.find('\n', begin), space = text.find(' ', begin);
        DocumentLine line{text.substr(begin, space - begin), {}, text.substr(space + 1, end - space - 1)};
        bool inside = false;
        for (const char c : line.placed) {
            inside = inside || c == '[';
            if (!inside) line.plain += c;
            if (c == ']') inside = false;
        }
        out.push_back(std::move(line));
        begin = end + 1;
    }
    return out;
}

/// Paths that are in the document, and some that are not.
std::vector<std::string> random_consent(pivot::Kind kind, const std::vector<DocumentLine>& lines, Random& random) {
    std::set<std::string> out;
    for (const DocumentLine& line : lines) {
        if (below(random, 2) == 0) out.insert(line.plain);
    }
    const auto& leaves = leaves_of(kind);
    do {
        const Field& leaf = *leaves[below(random, leaves.size())];
        out.insert(leaf.path());
        if (!leaf.attributes.empty()) out.insert(fmt::format("{}/@{}", leaf.path(), leaf.attributes[below(random, leaf.attributes.size())]));
    } while (below(random, 3) != 0);
    std::vector<std::string> shuffled(out.begin(), out.end());
    std::ranges::shuffle(shuffled, random);
    return shuffled;
}

/// The other projection: lines that are named, places counted again from one.
std::string plain_projection(pivot::Kind kind, const std::vector<DocumentLine>& lines, const std::set<std::string>& consented) {
    std::string out = fmt::format("{{\"kind\":\"{}\",\"fields\":[", pivot::kind_name(kind));
    std::map<std::string, std::string> renamed;         // a member's path as it was to what it is called now
    std::map<std::string, std::size_t> members;         // of a list, by its path now
    bool first = true;
    for (const DocumentLine& line : lines) {
        if (!consented.contains(line.plain)) continue;
        std::string was, now;
        for (std::size_t begin = 0; begin <= line.placed.size();) {
            const std::size_t end = std::min(line.placed.find('/', begin), line.placed.size());
            const std::string step = line.placed.substr(begin, end - begin);
            was += "/" + step;
            if (!now.empty()) now += "/";
            const std::size_t bracket = step.find('[');
            now += step.substr(0, bracket);
            if (bracket != step.npos) {
                const auto [known, fresh] = renamed.try_emplace(was);
                if (fresh) known->second = fmt::format("{}[{}]", now, ++members[now]);
                now = known->second;
            }
            begin = end + 1;
        }
        out += fmt::format("{}{{\"path\":\"{}\",\"value\":\"{}\"}}", first ? "" : ",", now, line.value);
        first = false;
    }
    return out + "]}";
}

TEST(Disclosure, NoFieldOutsideOfAConsentEverAppears) {
    const std::uint64_t seed = number_from("HANSA_SEED", std::random_device{}()), rounds = number_from("HANSA_DISCLOSURES", 100'000);
    std::cout << "seed " << seed << "; again: HANSA_SEED=" << seed << " test-disclosure-property" << std::endl;
    Random random(seed);
    hansa::test::SuiteResult result("disclosure", seed);
    std::size_t hidden = 0, let_out = 0;
    for (std::uint64_t round = 0; round < rounds && result.failed() == 0; ++round) {
        const pivot::Kind kind = pivot::kinds()[below(random, pivot::kinds().size())];
        Markers markers;
        const pivot::Document document = random_document(kind, random, markers);
        const auto lines = lines_of(document);
        const std::vector<std::string> paths = random_consent(kind, lines, random);
        const std::set<std::string> consented(paths.begin(), paths.end());
        Diagnostics faults;
        const auto fields = FieldSet::of(kind, paths, faults);
        ASSERT_TRUE(fields) << fields.error().text();
        const std::string bytes = project(document, *fields).json();
        const std::string text = project(document, *fields).text();

        std::map<std::string, std::string> path_of;  // marker to path; annex and memory have none
        for (const DocumentLine& line : lines) path_of[line.value] = line.plain;
        Markers again;
        bool good = true;
        while (again.count() < markers.count()) {
            const std::string marker = again.next();
            const auto path = path_of.find(marker);
            const bool may = path != path_of.end() && consented.contains(path->second);
            const bool does = bytes.find(marker) != bytes.npos, does_as_text = text.find(marker) != text.npos;
            ++(may ? let_out : hidden);
            good = good && does == may && does_as_text == may;
            EXPECT_EQ(does, may) << "round " << round << ": " << (path == path_of.end() ? "annex or memory" : path->second) << " in " << bytes;
            EXPECT_EQ(does_as_text, may) << "round " << round << ": " << text;
        }
        const std::string expected = plain_projection(kind, lines, consented);
        good = good && bytes == expected;
        EXPECT_EQ(bytes, expected) << "round " << round;
        if (good) result.pass(std::string(pivot::kind_name(kind)));
        else result.fail(std::string(pivot::kind_name(kind)));
    }
    std::cout << let_out << " texts let out, " << hidden << " kept back" << std::endl;
    EXPECT_GT(let_out, rounds) << "the consents must let something out";
    EXPECT_GT(hidden, rounds) << "and keep something back";
    result.publish();
}

}  // namespace
}  // namespace hansa::disclosure::test
