// The WCO's own list of paths (derived/*-paths.tsv of the corpus) against our tables and the pivot's places.
//
// Each path of DEC and RES must be spoken for by a row of the table: mapped, carried, made or dropped with a word.
// Each that the pivot knows by the same name must have the id that the list gives, and become a pointer and a place
// again.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "core/mapping/coverage.h"
#include "core/pivot/pointer.h"
#include "core/pivot/table.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"

namespace hansa::test {
namespace {

struct WcoPath {
    std::string path;  ///< Declaration/GoodsShipment/ExitDateTime
    bool group = false;
    std::string id;
};

std::vector<WcoPath> paths_of(const std::filesystem::path& table) {
    std::vector<WcoPath> all;
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);  // the columns' names
    while (std::getline(in, line)) {
        std::istringstream cells(line);
        std::string path, kind, card, id;
        std::getline(cells, path, '\t');
        std::getline(cells, kind, '\t');
        std::getline(cells, card, '\t');
        std::getline(cells, id, '\t');
        all.push_back({path, kind == "C", id});
    }
    return all;
}

/// What the table does with each element, by path below MetaData; attributes are no paths of the list.
std::map<std::string, std::string> forms_of(const std::string& format) {
    Diagnostics faults;
    std::map<std::string, std::string> forms;
    for (const Subject& subject : subjects(faults)) {
        if (subject.id != format) continue;
        for (const mapping::Covered& covered : mapping::coverage(*subject.mapping).all) {
            std::string path = covered.path;
            // A time is one element in the list and a text with a format in the schema.
            if (path.ends_with("/DateTimeString")) path.resize(path.size() - std::string("/DateTimeString").size());
            // The declaration attached to a response has the same local names as what the response says of it.
            if (covered.form == "attached" && forms.contains(path)) continue;
            std::string& form = forms[path];
            if (form.empty() || form == "attached")
                form = covered.form + (covered.reason.empty() ? "" : ": " + covered.reason);
        }
    }
    return forms;
}

void expect_all_spoken_for(const std::string& format, const std::filesystem::path& table, std::size_t least) {
    const auto forms = forms_of(format);
    ASSERT_FALSE(forms.empty()) << format;
    std::map<std::string, std::size_t> counts;
    std::size_t seen = 0;
    for (const WcoPath& path : paths_of(table)) {
        if (path.group || path.path == "Response/Declaration")
            continue;  // a class; the declaration attached to a response
        const auto found = forms.find(path.path);
        EXPECT_TRUE(found != forms.end()) << format << ": no row speaks for " << path.path;
        if (found == forms.end()) continue;
        EXPECT_FALSE(found->second == "dropped") << path.path << " is dropped without a word";
        ++counts[found->second];
        ++seen;
    }
    EXPECT_GE(seen, least);
    for (const auto& [form, count] : counts) std::cout << format << ": " << count << " " << form << "\n";
}

TEST(WcoPaths, OfADeclarationAreAllSpokenFor) {
    const auto root = corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    expect_all_spoken_for("wco.declaration", *root / "wco-dms/derived/dec-paths.tsv", 340);
}

TEST(WcoPaths, OfAResponseAreAllSpokenFor) {
    const auto root = corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    expect_all_spoken_for("wco.response", *root / "wco-dms/derived/res-paths.tsv", 50);
}

/// The place of a path as the pivot writes it: with a number on what repeats there.
std::string place_of(const std::string& path, const pivot::Field& root, std::uint32_t number) {
    std::istringstream steps(path);
    std::string out, step;
    const pivot::Field* at = &root;
    std::getline(steps, step, '/');
    out = step;
    while (at != nullptr && std::getline(steps, step, '/')) {
        at = at->child(step);
        out += "/" + step;
        if (at != nullptr && at->is_group() && at->is_list()) out += "[" + std::to_string(number) + "]";
    }
    return at != nullptr ? out : std::string();
}

/// Every class and element that has an id: pointed at with numbers only where a class repeats, as we write it, and
/// with a 1 on the single ones too, as some do.
void expect_pointers(const std::filesystem::path& table, pivot::Kind kind, std::size_t least) {
    std::map<std::string, std::string> ids;
    std::size_t pointed = 0, without_id = 0;
    for (const WcoPath& path : paths_of(table)) {
        if (path.path == "Response/Declaration" && !path.group) continue;
        ids[path.path] = path.id;
        if (path.id.empty()) {
            ++without_id;
            continue;
        }
        const std::string place = place_of(path.path, pivot::root(kind), 3);
        ASSERT_FALSE(place.empty()) << "the pivot does not know " << path.path;
        const auto pointers = pivot::pointers_of(place);
        ASSERT_TRUE(pointers) << path.path << ": " << pointers.error().text();
        // The ids are the list's own, from the root to the element.
        std::string way;
        std::istringstream steps(path.path);
        std::size_t at = 0;
        for (std::string step; std::getline(steps, step, '/');) {
            way += (way.empty() ? "" : "/") + step;
            const bool element = way == path.path && !path.group;
            ASSERT_LT(element ? at - 1 : at, pointers->size()) << path.path;
            const pivot::Pointer& pointer = (*pointers)[element ? at - 1 : at];
            EXPECT_EQ(element ? pointer.tag : pointer.class_id, ids[way]) << way;
            ++at;
        }
        EXPECT_EQ(pointers->size(), path.group ? at : at - 1) << path.path;
        EXPECT_EQ(pivot::path_of(*pointers).value(), place);
        std::vector<pivot::Pointer> numbered = *pointers;
        for (pivot::Pointer& pointer : numbered) {
            if (pointer.sequence == 0) pointer.sequence = 1;
        }
        const auto again = pivot::path_of(numbered);
        ASSERT_TRUE(again) << path.path << ": " << again.error().text();
        EXPECT_EQ(*again, place);
        ++pointed;
    }
    EXPECT_GE(pointed, least);
    EXPECT_LE(without_id, 2U);  // Classification/IdentificationTypeCode has none
    std::cout << pivot::root(kind).name << ": " << pointed << " places pointed at, " << without_id
              << " without an id\n";
}

TEST(WcoPaths, OfADeclarationBecomePointersAndPlacesAgain) {
    const auto root = corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    expect_pointers(*root / "wco-dms/derived/dec-paths.tsv", pivot::Kind::declaration, 450);
}

TEST(WcoPaths, OfAResponseBecomePointersAndPlacesAgain) {
    const auto root = corpus();
    if (!root) GTEST_SKIP() << "no corpus";
    expect_pointers(*root / "wco-dms/derived/res-paths.tsv", pivot::Kind::response, 70);
}

}  // namespace
}  // namespace hansa::test
