// Plans against the reference way: the same bytes, the same ledger, for every pair of formats of a kind.
//
// Documents are drawn inside the source table's domain; golden files and the demonstration's messages
// join them, and in a second turn what the reference made of all of these for other formats. A message
// that a plan declines is counted, with why; one that it answers differently is a fault.
// Each drawn document is followed by one of the same elements whose texts were taken from others: what was learned of
// the first (plan_course.h) is asked by the second.
//
//   HANSA_FORMATS=cn.ceb621,wco.declaration HANSA_DOCUMENTS=200 test-plan-differential
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "core/base/digest.h"
#include "core/exchange/translation.h"
#include "core/mapping/model.h"
#include "core/mapping/plan.h"
#include "core/schema/generator.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/xml/line_index.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/tree_tape.h"

namespace hansa::test {
namespace {

std::string text_of(const mapping::Ledger& ledger) {
    std::string all;
    for (const mapping::LossEntry& one : ledger.entries) {
        all += std::string(mapping::loss_kind_name(one.kind)) + " | " + one.path + " | " + one.value + " | " +
               one.reason + " | " + one.row + " | " + std::to_string(one.line) + ":" + std::to_string(one.column) +
               "\n";
    }
    return all;
}

std::string warnings_of(const std::vector<Error>& warnings) {
    std::string all;
    for (const Error& one : warnings) all += one.detail + " at " + one.place.path + "\n";
    return all;
}

/// The first line in which two texts differ.
std::string difference(const std::string& left, const std::string& right) {
    std::size_t at = 0;
    while (at < left.size() && at < right.size() && left[at] == right[at]) ++at;
    const std::size_t from = at > 300 ? at - 300 : 0;
    return "reference: ..." + left.substr(from, 600) + "\nplan:      ..." + right.substr(from, 600);
}

/// The number of a member is its place: the generator's own would be too long for the pivot.
void number_members(schema::Element& element, mapping::Shape& shape) {
    std::map<std::string, std::size_t> seen;
    for (schema::Element& child : element.children) {
        mapping::Shape* below = shape.child(child.name);
        const std::size_t place = ++seen[child.name.local];
        if (!below) continue;
        for (schema::Element& inner : child.children) {
            const mapping::Shape* leaf = below->child(inner.name);
            const mapping::Row* row = leaf ? leaf->owner : nullptr;
            const bool number = row && row->form == mapping::RowForm::value && row->right.size() == 1 &&
                                !row->right[0].steps.empty() && row->right[0].steps.back().name == "SequenceNumeric" &&
                                inner.children.empty();
            if (number && !inner.text.empty()) inner.text = std::to_string(place);
        }
        number_members(child, *below);
    }
}

/// By a course.
struct Gone {
    std::uint64_t documents = 0, members = 0;
};

struct Pair {
    Subject from, to;
    std::shared_ptr<const mapping::Plan> plan;
    std::optional<mapping::PlanRun> run, by_members;
    std::shared_ptr<const schema::PathTable> paths;
    std::size_t fast = 0, declined = 0, refused = 0, wrong = 0, drawn = 0;
    std::map<std::string, std::size_t> why, refusals;
};

std::shared_ptr<const plugin::Registry> registry() {
    static Diagnostics faults;
    static const std::shared_ptr<const plugin::Registry> made = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    return made;
}

using Messages = std::vector<std::pair<std::string, std::string>>;  ///< name and bytes

/// Texts of documents of one format, by the path of their element or attribute.
using Texts = std::map<std::string, std::vector<std::string>>;

void gather_texts(const schema::Element& element, const std::string& path, Texts& texts) {
    const std::string here = path + "/" + element.name.local;
    if (element.children.empty() && !element.text.empty()) texts[here].push_back(element.text);
    for (const schema::Attribute& one : element.attributes) texts[here + "/@" + one.name.local].push_back(one.value);
    for (const schema::Element& child : element.children) gather_texts(child, here, texts);
}

/// One text in ten becomes another document's at the same path.
void take_texts(schema::Element& element, const std::string& path, const Texts& texts, schema::Random& random) {
    const std::string here = path + "/" + element.name.local;
    const auto take = [&](std::string& text, const std::string& of) {
        const auto found = texts.find(of);
        if (text.empty() || found == texts.end() || random.below(10) != 0) return;
        text = found->second[random.below(found->second.size())];
    };
    if (element.children.empty()) take(element.text, here);
    for (schema::Attribute& one : element.attributes) take(one.value, here + "/@" + one.name.local);
    for (schema::Element& child : element.children) take_texts(child, here, texts, random);
}

bool says_the_same(Pair& pair, const mapping::PlanRun& run, const exchange::Translation& reference,
                   const std::string& expected, const std::string& bytes, const std::string& name) {
    std::string found;
    for (std::size_t i = 0; i < run.messages(); ++i) found += std::string(run.bytes(i)) + "\n";
    mapping::Ledger ledger;
    xml::LineIndex lines(bytes);
    run.ledger(ledger, lines);
    const auto compare = [&](const char* what, const std::string& left, const std::string& right) {
        if (left == right) return true;
        if (pair.wrong < 2)
            ADD_FAILURE() << pair.from.id << " to " << pair.to.id << ", " << name << ": " << what << "\n"
                          << difference(left, right);
        return false;
    };
    bool same = compare("bytes", expected, found);
    same = compare("ledger", text_of(reference.ledger), text_of(ledger)) && same;
    mapping::PartToldLosses told;
    xml::LineIndex lines_again(bytes);
    run.tell_losses(told, lines_again);
    mapping::Ledger in_words;
    in_words.told = told.read;
    in_words.told.add(told.written);
    same = compare("ledger in words", reference.ledger.json("a", "b"), in_words.json("a", "b")) && same;
    same = compare("warnings", warnings_of(reference.warnings), warnings_of(run.warnings())) && same;
    if (!same) ++pair.wrong;
    return same;
}

/// `made`: takes what the reference wrote.
void compare(Pair& pair, const std::string& bytes, const std::string& name, Messages* made) {
    exchange::TranslateRequest request;
    request.bytes = bytes;
    request.from = pair.from.id;
    request.to = pair.to.id;
    request.source.received = request.target.received = "2026-11-25T12:00:00+00:00";
    Diagnostics faults;
    const auto reference = exchange::translate(*registry(), request, faults);
    if (reference && made) {
        for (const auto& message : reference->messages)
            made->emplace_back(pair.from.id + "'s " + name, std::string(message.bytes));
    }
    const auto tree = schema::read_tree(bytes, {}, &pair.from.mapping->grammar());
    if (!tree) return;
    mapping::Context context = request.source;
    context.message_digest = sha256_hex(bytes);
    schema::Tape tape;
    fill_tape(*tree, *pair.paths, tape);
    pair.by_members->begin(context, context);
    const bool by_members = pair.by_members->message(tape) == mapping::Fast::done;
    pair.run->begin(context, context);
    if (pair.run->message(tape) == mapping::Fast::declined) {
        if (by_members) ADD_FAILURE() << pair.from.id << " to " << pair.to.id << ", " << name << ": only by members";
        if (!reference) {
            ++pair.refused;
            ++pair.refusals[reference.error().text().substr(0, 160)];
            return;
        }
        ++pair.declined;
        ++pair.why[pair.run->why()];
        return;
    }
    if (!reference) {
        // What the schema of the source refuses never comes to a plan.
        Diagnostics own;
        if (pair.from.judge && !pair.from.judge->validate(bytes, own)) return;
        ++pair.wrong;
        ADD_FAILURE() << pair.from.id << " to " << pair.to.id << ", " << name
                      << ": the reference refuses: " << reference.error().text();
        return;
    }
    std::string expected;
    for (const auto& message : reference->messages) expected += message.bytes + "\n";
    const bool same = says_the_same(pair, *pair.run, *reference, expected, bytes, name);
    if (!by_members) ADD_FAILURE() << pair.from.id << " to " << pair.to.id << ", " << name << ": not by members";
    const bool same_by_members =
        by_members && says_the_same(pair, *pair.by_members, *reference, expected, bytes, name + ", by members");
    if (same && same_by_members) ++pair.fast;
}

/// XML files below `folder` whose root is the format's.
void add_files(const std::filesystem::path& folder, const mapping::Mapping& mapping, Messages& messages) {
    if (!std::filesystem::exists(folder)) return;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (file.path().extension() != ".xml") continue;
        const std::string bytes = slurp(file.path());
        const auto tree = schema::read_tree(bytes);
        if (tree && tree->name == mapping.model().root->name) messages.emplace_back(file.path().string(), bytes);
    }
}

/// Drawn inside of the table's domain, and what the repository has of the format.
Messages messages_of(const Subject& from, std::uint64_t seed, std::uint64_t documents) {
    Messages messages;
    std::vector<schema::Element> drawn_trees;
    Texts texts;
    Domain domain(from.mapping);
    for (std::uint64_t i = 0; i < documents; ++i) {
        DomainOptions options{.items = static_cast<std::uint32_t>(1 + i % 4),
                              .optional_percent = static_cast<unsigned>(20 + i % 7 * 13)};
        auto drawn = domain.draw(seed + i * 7'919, options);
        if (!drawn) continue;
        number_members(*drawn, *from.mapping->model().root);
        drawn_trees.push_back(*std::move(drawn));
        gather_texts(drawn_trees.back(), "", texts);
    }
    schema::Random random(seed);
    for (schema::Element& tree : drawn_trees) {
        const std::string name = "seed " + std::to_string(seed) + ", document " + std::to_string(messages.size() / 2);
        messages.emplace_back(name, schema::write_tree(tree));
        take_texts(tree, "", texts, random);
        messages.emplace_back(name + " with texts of others", schema::write_tree(tree));
    }
    add_files(source_dir() / "plugins" / from.mapping->authority() / "golden", *from.mapping, messages);
    add_files(source_dir() / "conf" / "demo" / "messages", *from.mapping, messages);
    return messages;
}

void compare_all(const Subject& from, const Subject& to, const Messages& messages, Messages* made, SuiteResult& result,
                 Gone& gone) {
    Pair pair{.from = from, .to = to};
    pair.paths = mapping::paths_of(*from.mapping);
    Diagnostics own;
    const auto plan = mapping::Plan::compile({from.mapping, pair.paths, {}}, {to.mapping, {}}, {}, own);
    const std::string name = from.id + "--" + to.id;
    if (!plan) {
        std::cout << name << ": " << plan.error().text() << "\n";
        result.skip("no plan: " + plan.error().detail);
        return;
    }
    pair.plan = *plan;
    pair.run.emplace(*pair.plan);
    pair.run->learn(1);
    pair.by_members.emplace(*pair.plan);
    pair.by_members->learn(1);
    pair.by_members->go_by_members(1, true);
    // Most pairs are never translated: their target demands what their source cannot say, and the reference refuses
    // all. Once a dozen drawn documents were refused, one in eight of the rest is asked; of files all are.
    constexpr std::size_t enough = 12, one_in = 8;
    std::size_t asked = 0;
    for (const auto& [what, bytes] : messages) {
        const bool drawn = what.find("seed ") != std::string::npos;
        if (drawn && pair.refused == asked && ++pair.drawn > enough && pair.drawn % one_in != 0) continue;
        ++asked;
        compare(pair, bytes, what, made);
    }
    std::cout << name << (made ? "" : ", translated before") << ": " << pair.fast << " fast, " << pair.declined
              << " declined, " << pair.refused << " refused by both, " << pair.wrong << " wrong; of "
              << pair.run->courses().documents << " documents " << pair.run->courses().gone << " by a course, "
              << pair.run->courses().learned << " learned " << pair.run->courses().not_learned;
    const mapping::PlanCourses& members = pair.by_members->courses();
    if (pair.plan->list() != schema::no_path)
        std::cout << "; " << members.members_gone << " members by a course, " << members.members_learned << " learned "
                  << members.not_learned << " " << members.not_by_members;
    std::cout << "\n";
    gone.documents += pair.run->courses().gone;
    gone.members += members.members_gone;
    for (const auto& [why, count] : pair.why) std::cout << "    " << count << " " << why << "\n";
    if (std::getenv("HANSA_REFUSALS") != nullptr) {
        for (const auto& [why, count] : pair.refusals) std::cout << "    refused " << count << " " << why << "\n";
    }
    result.pass(name, pair.fast);
    result.fail(name, pair.wrong);
    for (const auto& [why, count] : pair.why) result.skip("declined: " + why, count);
}

TEST(Plan, GivesWhatTheReferenceGives) {
    Diagnostics faults;
    const std::vector<Subject> all = xml_subjects(faults);
    const std::uint64_t seed = number_from("HANSA_SEED", 20261125);
    const std::uint64_t documents = number_from("HANSA_DOCUMENTS", std::getenv("HANSA_NIGHTLY") != nullptr ? 40 : 24);
    SuiteResult result("plan-differential", seed);
    std::map<std::string, Messages> translated;
    Gone gone;
    const auto turn = [&](const auto& messages_for, bool first) {
        for (const Subject& from : all) {
            const Messages& messages = messages_for(from);
            for (const Subject& to : all) {
                if (from.kind != to.kind || from.mapping->authority() == to.mapping->authority()) continue;
                compare_all(from, to, messages, first ? &translated[to.id] : nullptr, result, gone);
            }
        }
    };
    std::map<std::string, Messages> drawn;
    turn([&](const Subject& from) -> const Messages& { return drawn[from.id] = messages_of(from, seed, documents); },
         true);
    turn([&](const Subject& from) -> const Messages& { return translated[from.id]; }, false);
    EXPECT_GT(gone.documents, documents) << "nearly nothing went a course: the rest shows little of it";
    EXPECT_GT(gone.members, documents) << "nearly no member of a list went a course";
    result.publish();
}

}  // namespace
}  // namespace hansa::test
