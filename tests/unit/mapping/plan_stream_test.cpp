// A message in parts: read to a cut, planned, given away, dropped. The whole message is the other hand.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/mapping/plan.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/line_index.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

const std::string source_tree =
    "Doc\n  Head?\n  Part+\n    No\n    X?\n    Y*\n      Z\n  Tail?\n  Part2?\n    Q\n  Seal*";
const std::string source_rows =
    "in Doc\n  Head carry\n  Tail drop \"nobody\"\n  Part2/** carry 1\n  Seal carry\n  each Part <-> document\n    No <-> ID\n"
    "    X carry\n    each Y <-> AdditionalDocument\n      Z <-> ID\n";

class PlanParts : public ::testing::Test {
protected:
    void pair(const std::string& target_tree, const std::string& target_rows, const std::string& tree = source_tree,
              const std::string& rows = source_rows) {
        source_ = loaded({.tree = tree, .rows = rows, .head = {}, .lists = {}, .format = "xx.test"});
        target_ = loaded({.tree = target_tree, .rows = target_rows, .head = {}, .lists = {}, .format = "yy.test"});
        grammar_ = *schema::CompiledGrammar::compile(source_->grammar());
        Diagnostics faults;
        auto plan = Plan::compile(
            {source_, std::shared_ptr<const schema::PathTable>(grammar_, &grammar_->paths()), {}}, {target_, {}}, {},
            faults);
        ASSERT_TRUE(plan.has_value()) << plan.error().text();
        plan_ = *plan;
        run_.emplace(*plan_);
        run_->learn(1);
        context_.message_digest = "00";
    }

    /// What a message becomes.
    struct Given {
        std::vector<std::string> messages;
        std::vector<PlanDocuments> documents;
        std::vector<LossEntry> read, written;
        LossCounts counts{};
        std::string why;

        std::string text() const {
            std::string all = why + "\n";
            for (std::size_t i = 0; i < messages.size(); ++i)
                all += std::to_string(documents[i].first) + "+" + std::to_string(documents[i].count) + " " + messages[i] + "\n";
            for (const auto* entries : {&read, &written}) {
                for (const LossEntry& one : *entries)
                    all += std::string(loss_kind_name(one.kind)) + " " + one.path + " " + one.value + " " + one.row +
                           " " + std::to_string(one.line) + ":" + std::to_string(one.column) + "\n";
            }
            for (const std::uint64_t count : counts) all += std::to_string(count) + " ";
            return all;
        }
    };

    /// `at_once` documents in each part; of several tapes one message is made.
    Given parts(const std::vector<std::string>& tapes, std::size_t at_once, const std::vector<bool>& chosen = {}) {
        Given out;
        schema::FastReader reader(grammar_);
        const schema::PathIndex cut = plan_->cut();
        std::string waiting;
        run_->begin(context_, context_);
        if (!chosen.empty()) run_->choose(chosen);
        for (const std::string& bytes : tapes) {
            Diagnostics faults;
            EXPECT_TRUE(reader.open(bytes, {&cut, 1}, faults));
            xml::LineIndex lines(bytes);
            std::vector<PartLosses> losses;
            for (bool ended = false; !ended;) {
                for (std::size_t i = 0; i < at_once && !ended; ++i) ended = *reader.next() == schema::ReadStep::end;
                const PlanEnd end = !ended ? PlanEnd::none : &bytes == &tapes.back() ? PlanEnd::message : PlanEnd::tape;
                if (run_->part(reader.tape(), end) == Fast::declined) {
                    out = {};
                    out.why = run_->why();
                    return out;
                }
                for (std::size_t i = 0; i < run_->messages(); ++i) {
                    std::string message(run_->bytes(i));
                    if (!waiting.empty()) message.insert(run_->hole(i), waiting);
                    out.messages.push_back(message);
                    out.documents.push_back(run_->documents_of(i));
                }
                if (run_->messages() == 0) waiting += run_->waiting();
                run_->losses(losses.emplace_back(), lines);
                run_->count_losses(out.counts);
                most_entries_ = std::max(most_entries_, reader.tape().size());
                run_->drop(ended ? nullptr : &reader.tape());
            }
            const auto add = [](std::vector<LossEntry>& to, const std::vector<LossEntry>& from) {
                to.insert(to.end(), from.begin(), from.end());
            };
            for (const PartLosses& one : losses) {
                add(out.read, one.read);
                add(out.written, one.tail);
                for (const PartLosses::Document& document : one.documents) {
                    add(out.written, document.own);
                    add(out.written, losses.back().around);
                    add(out.written, document.tail);
                }
            }
        }
        return out;
    }

    Given whole(const std::string& bytes) {
        Given out;
        schema::FastReader reader(grammar_);
        Diagnostics faults;
        EXPECT_TRUE(reader.open(bytes, {}, faults));
        EXPECT_TRUE(reader.next()) << faults.errors().front().text();
        run_->begin(context_, context_);
        if (run_->message(reader.tape()) == Fast::declined) {
            out.why = run_->why();
            return out;
        }
        for (std::size_t i = 0; i < run_->messages(); ++i) {
            out.messages.emplace_back(run_->bytes(i));
            out.documents.push_back(run_->documents_of(i));
        }
        Ledger ledger;
        xml::LineIndex lines(bytes);
        run_->ledger(ledger, lines);
        out.written = ledger.entries;
        for (const LossEntry& one : ledger.entries) ++out.counts[static_cast<std::size_t>(one.kind)];
        return out;
    }

    static std::string message(std::size_t documents, const std::string& head = "<Head>h</Head>",
                               const std::string& tail = "<Tail>t</Tail><Part2><Q>q</Q></Part2><Seal>1</Seal><Seal>2</Seal>") {
        std::string out = "<Doc>\n" + head + "\n";
        for (std::size_t i = 0; i < documents; ++i) {
            out += "<Part><No>" + std::to_string(i) + "</No>" + (i % 3 == 1 ? "<X>x &amp; y</X>" : "");
            for (std::size_t y = 0; y < i % 4; ++y) out += "<Y><Z>" + std::to_string(y) + "</Z></Y>\n";
            out += "</Part>\n";
        }
        return out + tail + "</Doc>";
    }

    std::shared_ptr<const Mapping> source_, target_;
    std::shared_ptr<const schema::CompiledGrammar> grammar_;
    std::shared_ptr<const Plan> plan_;
    std::optional<PlanRun> run_;
    Context context_;
    std::uint32_t most_entries_ = 0;
};

TEST_F(PlanParts, AreTheWhole) {
    const std::pair<std::string, std::string> targets[] = {
        {"Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n"},
        {"Doc\n  Nr\n  D*\n    I", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    I <-> ID\n"},
        {"Doc\n  First\n  D+\n    Nr\n  End",
         "in Doc\n  First <- \"f\"\n  End <- \"e\"\n  each D <-> document\n    Nr <-> ID\n"}};
    for (const auto& [tree, rows] : targets) {
        pair(tree, rows);
        ASSERT_NE(plan_->cut(), schema::no_path);
        for (const std::size_t documents : {1u, 2u, 3u, 14u, 40u}) {
            for (const std::string head : {"<Head>h</Head>", ""}) {
                const std::string bytes = message(documents, head);
                const Given expected = whole(bytes);
                EXPECT_EQ(expected.why, "");
                for (const std::size_t at_once : {std::size_t{1}, std::size_t{2}, std::size_t{7}, documents})
                    EXPECT_EQ(parts({bytes}, at_once).text(), expected.text()) << tree << documents << " " << at_once;
            }
        }
    }
}

TEST_F(PlanParts, LeaveTheTapeAsShortAsOneDocument) {
    pair("Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n");
    (void)parts({message(24)}, 1);
    const std::uint32_t few = most_entries_;
    (void)parts({message(400)}, 1);
    EXPECT_EQ(most_entries_, few);
}

TEST_F(PlanParts, OfSeveralTapesAreOneMessage) {
    pair("Doc\n  First\n  D+\n    Nr\n  End",
         "in Doc\n  First <- \"f\"\n  End <- \"e\"\n  each D <-> document\n    Nr <-> ID\n");
    const Given out = parts({message(2), message(3, ""), message(1)}, 1);
    ASSERT_EQ(out.messages.size(), 1u) << out.why;
    EXPECT_EQ(out.documents[0], (PlanDocuments{0, 6}));
    std::string expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Doc><First>f</First>";
    for (const char* number : {"0", "1", "0", "1", "2", "0"}) expected += "<D><Nr>" + std::string(number) + "</Nr></D>";
    EXPECT_EQ(out.messages[0], expected + "<End>e</End></Doc>");
}

TEST_F(PlanParts, AreOnlyOfTheChosen) {
    pair("Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n");
    const Given all = whole(message(5));
    const Given some = parts({message(5)}, 2, {false, true, false, false, true});
    ASSERT_EQ(some.messages.size(), 2u) << some.why;
    EXPECT_EQ(some.messages[0], all.messages[1]);
    EXPECT_EQ(some.messages[1], all.messages[4]);
    EXPECT_EQ(some.documents[1], (PlanDocuments{1, 1}));
    for (const LossEntry& one : some.written) EXPECT_EQ(one.path.find("Part[3]"), std::string::npos) << one.path;
}

TEST_F(PlanParts, HaveAllLossesWithinTheBound) {
    pair("Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n");
    const Given all = whole(message(30));
    std::uint64_t losses = 0;
    for (const std::uint64_t count : all.counts) losses += count;
    context_.losses_max = losses;
    EXPECT_EQ(parts({message(30)}, 1).why, "");
    context_.losses_max = losses - 1;
    EXPECT_EQ(parts({message(30)}, 1).why, "more losses than a ledger holds");
    EXPECT_EQ(whole(message(30)).why, "more losses than a ledger holds");
}

TEST_F(PlanParts, NeedADocumentThatIsNotTheRoot) {
    pair("Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n");
    EXPECT_EQ(plan_->cut(), schema::no_path);
}

TEST(LedgerJson, IsWhatAJsonLibraryWrites) {
    Ledger ledger;
    for (const std::string text : {"plain", "", "a \"b\" \\ c/d", "line\nline\ttab\x01", "\xE7\xBA\xBF", "\xFF\xE7\xBA", "\x7F~ "})
        ledger.entries.push_back({.kind = LossKind::narrowed, .path = "/Doc/" + text, .value = text, .reason = text,
                                  .row = text, .line = text.empty() ? 0u : 2u, .column = 3});
    for (const bool any : {true, false}) {
        if (!any) ledger.entries.clear();
        constexpr auto replace = nlohmann::json::error_handler_t::replace;
        std::string lines;
        for (const LossEntry& entry : ledger.entries) {
            nlohmann::ordered_json one{{"path", entry.path}, {"value", entry.value}};
            if (entry.line != 0) {
                one["line"] = entry.line;
                one["column"] = entry.column;
            }
            one["kind"] = loss_kind_name(entry.kind);
            one["reason"] = entry.reason;
            if (!entry.row.empty()) one["row"] = entry.row;
            lines += (lines.empty() ? "\n    " : ",\n    ") + one.dump(-1, ' ', false, replace);
        }
        const std::string end = lines.empty() ? "]\n}" : "\n  ]\n}";
        EXPECT_EQ(ledger.json("a\"a", "b"), "{\n  \"from\": \"a\\\"a\",\n  \"to\": \"b\",\n  \"entries\": [" + lines + end);
    }
}

}  // namespace
}  // namespace hansa::mapping::test
