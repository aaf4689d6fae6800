// Translated document by document, a message becomes the same bytes, ledger and warnings as when it is done as a whole.
//
// For every format whose messages hold many documents: what the repository has of it and drawn documents, alone and put
// together into messages of many, and these in a hansa.batch; towards one format after the other of the same kind. The
// cut comes behind 1, 2, 7 or all documents, and the stage lies in memory or in files. The whole is done by the fast
// way; a batch is judged by the reference. A message that is cut off, or wrong far behind, is refused with the same
// fault, and nothing of it is given out.
//
// Documents with lists are also carried over member by member, as if their lists were too long to be there as a whole.
//
//   HANSA_FORMATS=cn.ceb621,wco.declaration HANSA_DOCUMENTS=40 test-stream-differential
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <utility>

#include "core/base/digest.h"
#include "core/envelope/envelope.h"
#include "core/exchange/streamed_translation.h"
#include "core/mapping/model.h"
#include "core/schema/generator.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

std::shared_ptr<const plugin::Registry> registry() {
    static Diagnostics faults;
    static const std::shared_ptr<const plugin::Registry> made = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    return made;
}

/// All that a translation gives, as one text.
struct Given {
    std::vector<std::string> messages;
    std::string ledger, warnings, plan;
    std::size_t documents = 0;
    mapping::LossCounts losses{};

    std::string text() const {
        std::string all = plan + " " + std::to_string(documents) + "\n";
        for (const std::string& one : messages) all += one + "\n";
        for (const std::uint64_t count : losses) all += std::to_string(count) + " ";
        return all + "\n" + warnings + ledger;
    }
};

std::string warning_text(const Error& warning) {
    return warning.detail + " at " + warning.place.path + "\n";
}

template <class Whole>
Given of_whole(const Whole& whole, const std::string& from, const std::string& to, std::size_t documents) {
    Given out{.ledger = whole.ledger.json(from, to), .plan = whole.plan, .documents = documents};
    for (const auto& message : whole.messages) out.messages.push_back(message.bytes);
    for (const Error& one : whole.warnings) out.warnings += warning_text(one);
    for (const mapping::LossEntry& one : whole.ledger.entries) ++out.losses[static_cast<std::size_t>(one.kind)];
    return out;
}

Given of_stage(const exchange::StagedTranslation& stage) {
    Given out{.plan = stage.plan(), .documents = stage.documents(), .losses = stage.losses()};
    const auto begin = [&](std::size_t number) -> Result<void> {
        EXPECT_EQ(number, out.messages.size());
        out.messages.emplace_back();
        return {};
    };
    const auto add = [](std::string& to) {
        return [&to](std::string_view piece) -> Result<void> {
            to += piece;
            return {};
        };
    };
    const auto write = [&](std::string_view piece) { return add(out.messages.back())(piece); };
    EXPECT_TRUE(stage.give_messages(begin, write, [] { return Result<void>{}; }));
    EXPECT_TRUE(stage.give_ledger(add(out.ledger)));
    EXPECT_TRUE(stage.give_warnings([&](const Error& one) { out.warnings += warning_text(one); }));
    std::string batch;
    EXPECT_TRUE(stage.give_batch(add(batch)));
    if (out.messages.size() == 1) {
        EXPECT_EQ(batch, out.messages.front());
    }
    return out;
}

/// The first place in which two texts differ.
std::string difference(const std::string& left, const std::string& right) {
    std::size_t at = 0;
    while (at < left.size() && at < right.size() && left[at] == right[at]) ++at;
    const std::size_t from = at > 200 ? at - 200 : 0;
    return "whole:    ..." + left.substr(from, 400) + "\nstreamed: ..." + right.substr(from, 400);
}

/// The names of the elements that lead to a format's documents.
std::vector<schema::Name> way_to(const schema::PathTable& paths, schema::PathIndex document) {
    std::vector<schema::Name> way;
    for (schema::PathIndex at = document; at != 0; at = paths[at].parent) way.insert(way.begin(), paths[at].name());
    return way;
}

/// The element whose children are the documents. Nothing: there is none.
schema::Element* list_of(schema::Element& root, std::span<const schema::Name> way) {
    schema::Element* at = &root;
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        const auto found = std::ranges::find(at->children, way[i], &schema::Element::name);
        if (found == at->children.end()) return nullptr;
        at = &*found;
    }
    return at;
}

/// One message with the documents of all trees.
std::string joined(std::span<const schema::Element> trees, std::span<const schema::Name> way, std::size_t most) {
    schema::Element all = trees.front();
    schema::Element* const list = list_of(all, way);
    if (list == nullptr) return {};
    std::vector<schema::Element> documents;
    for (schema::Element tree : trees) {
        schema::Element* const own = list_of(tree, way);
        if (own == nullptr) continue;
        for (schema::Element& child : own->children) {
            if (child.name == way.back() && documents.size() < most) documents.push_back(std::move(child));
        }
    }
    const auto first = std::ranges::find(list->children, way.back(), &schema::Element::name);
    const auto place = first - list->children.begin();
    std::erase_if(list->children, [&](const schema::Element& child) { return child.name == way.back(); });
    list->children.insert(list->children.begin() + place, std::make_move_iterator(documents.begin()),
                          std::make_move_iterator(documents.end()));
    return schema::write_tree(all);
}

class Streamed : public testing::Test {
protected:
    Streamed() : fast_(registry()) {}

    static constexpr std::size_t no_list_is_long = 1'000'000;

    exchange::StagedTranslation stream(const std::string& bytes, const plugin::Format& from, const plugin::Format& to,
                                       std::size_t at_once, std::size_t memory, std::size_t members = no_list_is_long) {
        std::size_t forgotten = 0;
        const auto forget = [&](std::size_t count) {
            EXPECT_LE(count, bytes.size());
            forgotten = count;
        };
        return exchange::stream_translation(fast_, {.bytes = bytes, .from = from, .to = to, .source = context_,
                                                    .target = context_, .documents_at_once = at_once,
                                                    .members_at_once = members, .memory_max = memory, .forget = forget});
    }

    void prepare(const std::string& bytes) {
        context_ = {};
        context_.received = "2026-11-25T12:00:00+00:00";
        context_.message_digest = sha256_hex(bytes);
    }

    /// False: no fast way does the message, or it is not valid.
    bool same(const std::string& bytes, const plugin::Format& from, const plugin::Format& to, const std::string& name) {
        prepare(bytes);
        const auto whole = fast_.translate({bytes, from, to, context_, context_});
        if (whole.outcome != exchange::FastOutcome::done) {
            ++why_[whole.outcome == exchange::FastOutcome::invalid ? std::string(whole.faults.errors().front().code.name()) : whole.why];
            const auto found = stream(bytes, from, to, 1, Spool::usual_memory);
            EXPECT_EQ(found.outcome(), whole.outcome) << name << ": " << found.why() << " against " << whole.why;
            EXPECT_EQ(found.why(), whole.why) << name;
            if (whole.outcome == exchange::FastOutcome::invalid) {
                EXPECT_EQ(found.faults().errors().front().text(), whole.faults.errors().front().text()) << name;
            }
            EXPECT_NE(stream(bytes, from, to, 1, Spool::usual_memory, 0).outcome(), exchange::FastOutcome::done) << name;
            return false;
        }
        const Given expected = of_whole(whole, from.id, to.id, whole.documents);
        return agree(expected, bytes, from, to, name);
    }

    bool agree(const Given& expected, const std::string& bytes, const plugin::Format& from, const plugin::Format& to,
               const std::string& name) {
        for (const std::size_t at_once : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
            const auto found = stream(bytes, from, to, at_once, at_once == 2 ? 100 : Spool::usual_memory);
            if (found.outcome() != exchange::FastOutcome::done) {
                ADD_FAILURE() << from.id << " to " << to.id << ", " << name << ", " << at_once << " at once: "
                              << found.why() << (found.faults().empty() ? "" : found.faults().errors().front().text());
                return false;
            }
            const Given given = of_stage(found);
            EXPECT_EQ(given.text(), expected.text())
                << from.id << " to " << to.id << ", " << name << ", " << at_once << " at once\n"
                << difference(expected.text(), given.text());
        }
        // Documents member by member between others; what needs members side by side declines.
        const auto found = stream(bytes, from, to, 1, Spool::usual_memory, 1);
        EXPECT_NE(found.outcome(), exchange::FastOutcome::invalid) << name;
        if (found.outcome() == exchange::FastOutcome::done) {
            const Given given = of_stage(found);
            EXPECT_EQ(given.text(), expected.text()) << from.id << " to " << to.id << ", " << name << ", member by member\n"
                                                     << difference(expected.text(), given.text());
        }
        return true;
    }

    exchange::FastTranslator fast_;
    mapping::Context context_;
    std::map<std::string, std::size_t> why_;  ///< of messages that no fast way does
};

/// XML files below `folder` whose root is the format's.
std::vector<std::string> files_of(const std::filesystem::path& folder, const mapping::Mapping& mapping) {
    std::vector<std::string> out;
    if (!std::filesystem::exists(folder)) return out;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
        if (file.path().extension() != ".xml") continue;
        std::string bytes = slurp(file.path());
        const auto tree = schema::read_tree(bytes);
        if (tree && tree->name == mapping.model().root->name) out.push_back(std::move(bytes));
    }
    return out;
}

TEST_F(Streamed, GivesWhatTheWholeGives) {
    Diagnostics faults;
    const std::vector<Subject> all = xml_subjects(faults);
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126);
    const std::uint64_t documents = number_from("HANSA_DOCUMENTS", 24);
    SuiteResult result("stream-differential", seed);
    std::map<std::string, std::size_t> next;  ///< of the targets of a kind, in turn
    std::size_t cut_formats = 0, batches = 0;
    for (const Subject& subject : all) {
        const plugin::Format* const from = registry()->find(subject.id);
        std::vector<const plugin::Format*> targets;
        schema::PathIndex cut = schema::no_path;
        const auto paths = mapping::paths_of(*subject.mapping);
        for (const Subject& other : all) {
            if (other.kind != subject.kind || other.mapping->authority() == subject.mapping->authority()) continue;
            Diagnostics own;
            const auto plan = mapping::Plan::compile({subject.mapping, paths, {}}, {other.mapping, {}}, {}, own);
            if (!plan) continue;
            targets.push_back(registry()->find(other.id));
            cut = (*plan)->cut();
        }
        if (targets.empty()) continue;
        const auto target = [&]() -> const plugin::Format& {
            return *targets[next[subject.id]++ % targets.size()];
        };
        std::vector<std::string> messages =
            files_of(source_dir() / "plugins" / subject.mapping->authority() / "golden", *subject.mapping);
        std::vector<schema::Element> trees;
        Domain domain(subject.mapping);
        for (std::uint64_t i = 0; i < documents; ++i) {
            auto drawn = domain.draw(seed + i * 7'919, {.items = static_cast<std::uint32_t>(1 + i % 3)});
            if (!drawn) continue;
            messages.push_back(schema::write_tree(*drawn));
            trees.push_back(*std::move(drawn));
        }
        std::size_t done = 0, tried = 0;
        /// The target that it was compared for, if that took it.
        const auto compare = [&](const std::string& bytes, const std::string& name) -> const plugin::Format* {
            ++tried;
            const plugin::Format& to = target();
            const bool good = same(bytes, *from, to, name);
            done += good ? 1U : 0U;
            return good ? &to : nullptr;
        };
        std::vector<std::string> translatable;
        std::map<const plugin::Format*, std::vector<std::string>> taken;  ///< by their target
        for (std::size_t i = 0; i < messages.size(); ++i) {
            const plugin::Format* const to = compare(messages[i], "message " + std::to_string(i));
            if (to == nullptr) continue;
            translatable.push_back(messages[i]);
            taken[to].push_back(messages[i]);
        }
        const std::size_t most = subject.mapping->capacity() == 0 ? 1'000 : subject.mapping->capacity();
        if (cut != schema::no_path && most > 1 && !trees.empty()) {
            ++cut_formats;
            const std::vector<schema::Name> way = way_to(*paths, cut);
            for (std::size_t i = 0; i < targets.size() && i < 4; ++i)
                compare(joined(trees, way, most), "documents of all messages");
            // Documents of one message again and again: they go a course.
            std::vector<schema::Element> likes;
            for (const std::string& bytes : translatable) {
                const auto tree = schema::read_tree(bytes);
                for (int times = 0; tree && times < 3; ++times) likes.push_back(*tree);
            }
            if (!likes.empty()) compare(joined(likes, way, most), "documents of good messages");
        }
        for (auto& [to, own] : taken) {
            if (own.size() == 1) own.push_back(own.front());
            const auto batch = envelope::wrap_batch(own, subject.id);
            ASSERT_TRUE(batch) << batch.error().text();
            exchange::TranslateRequest request{.bytes = *batch, .from = subject.id, .to = to->id, .source = {}, .target = {}};
            prepare(*batch);
            request.source = request.target = context_;
            Diagnostics refused;
            const auto reference = exchange::translate(*registry(), request, refused);
            const auto first = stream(*batch, *from, *to, 1, 100);
            if (reference && first.outcome() == exchange::FastOutcome::done) {
                ++batches;
                agree(of_whole(*reference, subject.id, to->id, reference->documents.size()), *batch, *from, *to, "a batch");
            }
            EXPECT_NE(first.outcome(), exchange::FastOutcome::invalid) << first.faults().errors().front().text();
        }
        std::cout << subject.id << ": " << done << " of " << tried << " the same in parts\n";
        for (const auto& [why, count] : std::exchange(why_, {})) std::cout << "    " << count << " " << why << "\n";
        result.pass(subject.id, done);
    }
    if (std::getenv("HANSA_FORMATS") == nullptr) {
        EXPECT_GT(cut_formats, 20u);
        EXPECT_GT(batches, 20u);
    }
    result.publish();
}

/// The list of a document that is said to be long: each of its members is read, written and told of by itself.
TEST_F(Streamed, CarriesLongListsMemberByMember) {
    Diagnostics faults;
    const std::vector<Subject> all = xml_subjects(faults);
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126);
    const std::uint64_t documents = number_from("HANSA_LIST_DOCUMENTS", 6);
    SuiteResult result("long-lists", seed);
    std::size_t pairs = 0, good_pairs = 0;
    for (const Subject& subject : all) {
        const plugin::Format* const from = registry()->find(subject.id);
        const auto paths = mapping::paths_of(*subject.mapping);
        std::vector<std::string> messages =
            files_of(source_dir() / "plugins" / subject.mapping->authority() / "golden", *subject.mapping);
        Domain domain(subject.mapping);
        for (std::uint64_t i = 0; i < documents; ++i) {
            const auto drawn = domain.draw(seed + i * 104'729, {.items = static_cast<std::uint32_t>(2 + i % 4)});
            if (drawn) messages.push_back(schema::write_tree(*drawn));
        }
        for (const Subject& other : all) {
            if (other.kind != subject.kind || other.mapping->authority() == subject.mapping->authority()) continue;
            Diagnostics own;
            const auto plan = mapping::Plan::compile({subject.mapping, paths, {}}, {other.mapping, {}}, {}, own);
            if (!plan || (*plan)->list() == schema::no_path) continue;
            const plugin::Format& to = *registry()->find(other.id);
            ++pairs;
            std::size_t done = 0;
            std::map<std::string, std::size_t> declined;
            for (const std::string& bytes : messages) {
                prepare(bytes);
                const auto whole = fast_.translate({bytes, *from, to, context_, context_});
                if (whole.outcome != exchange::FastOutcome::done) continue;
                const Given expected = of_whole(whole, from->id, to.id, whole.documents);
                for (const std::size_t members : {std::size_t{0}, std::size_t{1}}) {
                    const auto found = stream(bytes, *from, to, 1, members == 0 ? 100 : Spool::usual_memory, members);
                    if (found.outcome() != exchange::FastOutcome::done) {
                        EXPECT_EQ(found.outcome(), exchange::FastOutcome::declined);
                        ++declined[found.why()];
                        continue;
                    }
                    ++done;
                    const Given given = of_stage(found);
                    EXPECT_EQ(given.text(), expected.text()) << from->id << " to " << to.id << ", " << members << " members at once\n"
                                                             << difference(expected.text(), given.text());
                }
            }
            good_pairs += done != 0 && declined.empty() ? 1U : 0U;
            std::cout << subject.id << " to " << to.id << ", " << paths->path_of((*plan)->list()) << ": " << done << "\n";
            for (const auto& [why, count] : declined) std::cout << "    " << count << " " << why << "\n";
            result.pass(subject.id + " to " + to.id, done);
        }
    }
    std::cout << good_pairs << " of " << pairs << " pairs carry every list\n";
    if (std::getenv("HANSA_FORMATS") == nullptr) {
        EXPECT_GT(pairs, 150u);
        EXPECT_GT(good_pairs, 20u);  // of most others no drawn document is one that the target takes
    }
    result.publish();
}

/// Documents that are done already count for nothing when something behind them is wrong.
TEST_F(Streamed, RefusesWhatTheWholeRefuses) {
    const plugin::Format* const from = registry()->find("cn.ceb621");
    const plugin::Format* const to = registry()->find("wco.declaration");
    ASSERT_NE(from, nullptr);
    ASSERT_NE(to, nullptr);
    const std::string good = slurp(source_dir() / "plugins/cn/golden/ceb621/smallest.xml");
    const std::size_t behind = good.rfind("</");
    const std::string cut_off = good.substr(0, behind), strange = good.substr(0, behind) + "<odd/>" + good.substr(behind);
    for (const std::string& bytes : {cut_off, strange}) EXPECT_FALSE(same(bytes, *from, *to, "broken"));
    for (const std::string_view odd : {"<odd/>", "<b:odd/>"}) {
        std::string batch = *envelope::wrap_batch(std::vector<std::string>{good, good, good}, "");
        const std::size_t second = batch.find("</b:document>") + 1;
        batch.insert(batch.rfind("</", batch.find("</b:document>", second) - 1), odd);
        prepare(batch);
        const auto found = stream(batch, *from, *to, 1, 100);
        ASSERT_EQ(found.outcome(), exchange::FastOutcome::invalid) << found.why();
        Diagnostics faults;
        exchange::TranslateRequest request{.bytes = batch, .from = from->id, .to = to->id, .source = context_, .target = context_};
        const auto reference = exchange::translate(*registry(), request, faults);
        ASSERT_FALSE(reference);
        EXPECT_EQ(found.faults().errors().front().text(), faults.errors().front().text()) << odd;
    }
}

}  // namespace
}  // namespace hansa::test
