// Numbered rules asked of the tape against the same rules asked of the pivot document, for every format of the source
// tree and every rule that is for it.
//
// Documents are drawn inside of the table's domain, with what the rules' own examples say laid over them, and with leaves
// that are changed, taken out or said twice; golden files and the demonstration's messages too. What the tape calls clean
// must be so: one finding of the reference is a fault. What it leaves to the reference is counted, with why. A run that has
// learned the answers of documents of the same shape must say the same as one that never learns.
//
//   HANSA_FORMATS=cn.ceb621 HANSA_DOCUMENTS=500 test-rules-differential
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "core/exchange/fast_translation.h"
#include "core/mapping/model.h"
#include "core/mapping/plan.h"
#include "core/pivot/text.h"
#include "core/rules/book.h"
#include "core/rules/check.h"
#include "core/rules/tape_rules.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

/// By which documents without a day of their own are judged, in turn: rules begin and end between them.
constexpr std::array<std::string_view, 2> days{"2026-11-26", "2017-03-01"};

/// One rule, or all that are for a format, as a program over its tapes.
struct Asked {
    std::string name;
    std::vector<const rules::Rule*> rules;
    std::shared_ptr<const rules::TapeRules> program;
    std::unique_ptr<rules::TapeRulesRun> run, learning;
};

struct Counts {
    std::size_t documents = 0, clean = 0, found = 0, left = 0, careful = 0, wrong = 0, learned = 0;
    std::map<std::string, std::size_t> why;
};

/// Whose rules the tape tells, by set.
struct Told {
    std::set<std::string> rules, told;  ///< told: in every format that it is for
    std::map<std::string, std::string> why;
};

class Formats {
public:
    Formats()
        : registry_(plugin::Registry::load({.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults_)),
          fast_(registry_), book_(rules::RuleBook::load(*registry_, faults_)) {}

    std::vector<Asked> asked(const std::string& format_id, std::map<std::string, Told>& told) const {
        const plugin::Format& format = *registry_->find(format_id);
        std::vector<Asked> out;
        Asked all{.name = "all", .rules = {}, .program = {}, .run = {}, .learning = {}};
        for (const rules::Rule* rule : book_->all()) {
            const bool fits = rule->kind == format.kind && (rule->formats.empty() || rules::names_format(rule->formats, format.id, format.base));
            if (!fits) continue;
            all.rules.push_back(rule);
            out.push_back({rule->id, {rule}, {}, {}, {}});
        }
        if (all.rules.empty()) return out;
        out.push_back(std::move(all));
        const auto paths = fast_.paths(format);
        for (Asked& one : out) {
            const bool single = one.name != "all";
            const std::string set = one.name.substr(0, one.name.find('.'));
            if (single) told[set].rules.insert(one.name);
            if (paths == nullptr) {
                if (single) told[set].why.emplace(one.name, format_id + ": the reference alone reads the schema");
                continue;
            }
            const auto made = rules::TapeRules::compile(one.rules, format, paths, {});
            if (!made) {
                if (single) told[set].why.emplace(one.name, format_id + ": " + made.error().text());
                continue;
            }
            one.program = *made;
            one.run = std::make_unique<rules::TapeRulesRun>(one.program);
            one.run->learn(0);
            one.learning = std::make_unique<rules::TapeRulesRun>(one.program);
            one.learning->learn(1);
            if (!single) continue;
            if (one.program->untold().empty()) told[set].told.insert(one.name);
            else told[set].why.emplace(one.name, format_id + ": " + one.program->untold()[0].why);
        }
        return out;
    }

    void compare(const std::string& format_id, const std::string& bytes, const std::string& name, std::vector<Asked>& all, Counts& counts) const {
        const plugin::Format& format = *registry_->find(format_id);
        const exchange::FastRead read = fast_.read(format, bytes);
        if (!read.valid()) return;
        Diagnostics faults;
        const mapping::Context context;
        const auto reading = exchange::read_message(*registry_, {format, bytes, bytes, context, true}, faults);
        if (!reading) return;  // what the reference refuses is not asked
        const std::string_view day = days[++counts.documents % days.size()];
        for (Asked& one : all) {
            if (one.run == nullptr) continue;
            rules::TapeAsk how{.context = context, .day = day};
            how.first = [](const rules::Rule&, const std::vector<std::string>&) { return true; };
            one.run->begin(how);
            const rules::TapeVerdict verdict = one.run->part(read.tape());
            one.learning->begin(how);
            const rules::TapeVerdict learned = one.learning->part(read.tape());
            if (learned != verdict || one.learning->why() != one.run->why())
                ADD_FAILURE() << format_id << ", " << name << ", " << one.name << ": " << static_cast<int>(learned) << " by what was learned, " << static_cast<int>(verdict) << " without\n" << bytes.substr(0, 6'000);
            std::string finding;
            for (const pivot::Document& document : reading->documents) {
                const auto found = rules::check(document, one.rules, {.format = format.id, .base = format.base, .day = day});
                if (!found.findings.empty() && finding.empty()) finding = found.findings.front().error().text();
            }
            if (verdict == rules::TapeVerdict::clean) ++counts.clean;
            if (verdict == rules::TapeVerdict::found) ++(finding.empty() ? counts.careful : counts.found);
            if (verdict == rules::TapeVerdict::untold) {
                ++counts.left;
                ++counts.why[one.name + ": " + one.run->why()];
            }
            if (verdict != rules::TapeVerdict::clean || finding.empty()) continue;
            if (++counts.wrong < 4) ADD_FAILURE() << format_id << ", " << name << ", " << one.name << ": clean by the tape; the reference: " << finding << "\n" << bytes.substr(0, 6'000);
        }
    }

    /// The rule's own examples over a document that was read: what a document would say that keeps or breaks it.
    std::vector<std::string> with_examples(const std::string& format_id, const std::string& bytes, const std::vector<Asked>& all) const {
        const plugin::Format& format = *registry_->find(format_id);
        std::vector<std::string> out;
        Diagnostics faults;
        const mapping::Context context;
        const auto reading = exchange::read_message(*registry_, {format, bytes, bytes, context, true}, faults);
        if (!reading || reading->documents.size() != 1) return out;
        for (const Asked& one : all) {
            const fs::path folder = source_dir() / "plugins" / one.name.substr(0, one.name.find('.')) / "rules/examples";
            for (const char* how : {"accepted", "refused", "warned"}) {
                const fs::path file = folder / (one.name + "." + how + ".pivot");
                if (!fs::exists(file)) continue;
                const auto example = pivot::read_text(slurp(file), file.string());
                if (!example) continue;
                std::vector<pivot::Document> documents(1, reading->documents[0]);
                documents[0].memory = {};
                lay_over(documents[0].root, example->back().root);
                const auto written = exchange::write_message(*registry_, format, documents, context, faults);
                if (written && written->messages.size() == 1) out.push_back(written->messages[0].bytes);
            }
        }
        return out;
    }

private:
    static void lay_over(pivot::Node& onto, const pivot::Node& from) {
        if (!from.value.empty()) {
            onto.value = from.value;
            onto.list = from.list;
        }
        for (const auto& attribute : from.attributes) {
            std::erase_if(onto.attributes, [&](const auto& other) { return other.first == attribute.first; });
            onto.attributes.push_back(attribute);
        }
        std::map<std::string, std::size_t> seen;
        for (const pivot::Node& child : from.children) {
            // Members with the same key are the same; others by their place.
            const auto key = [](const pivot::Node& node) {
                std::string out;
                for (const pivot::Node& inner : node.children) {
                    if (inner.name.ends_with("TypeCode") || inner.name == "RoleCode" || inner.name == "CategoryCode") out += inner.name + inner.list + ":" + inner.value;
                }
                return out;
            };
            const std::string wanted = key(child);
            const std::size_t place = seen[child.name]++;
            std::size_t at = 0;
            pivot::Node* found = nullptr;
            for (pivot::Node& other : onto.children) {
                if (other.name != child.name) continue;
                if (wanted.empty() ? at++ == place : key(other) == wanted) {
                    found = &other;
                    break;
                }
            }
            if (found != nullptr) lay_over(*found, child);
            else onto.children.push_back(child);
        }
    }

    Diagnostics faults_;
    std::shared_ptr<const plugin::Registry> registry_;
    exchange::FastTranslator fast_;
    std::shared_ptr<const rules::RuleBook> book_;
};

void leaves(schema::Element& element, std::vector<schema::Element*>& out) {
    if (element.children.empty()) out.push_back(&element);
    for (schema::Element& child : element.children) leaves(child, out);
}

/// One change that a sender could make by mistake.
void change(schema::Element& document, schema::Random& random) {
    std::vector<schema::Element*> all;
    leaves(document, all);
    schema::Element& leaf = *all[random.below(all.size())];
    schema::Element& other = *all[random.below(all.size())];
    switch (random.below(5)) {
        case 0: leaf.text = other.text; break;
        case 1: leaf.text = "0"; break;
        case 2: leaf.text = std::to_string(random.below(7'000)); break;
        case 3:
            if (!leaf.text.empty() && static_cast<unsigned char>(leaf.text.back()) < 0x80) leaf.text.back() = leaf.text.back() == '1' ? '2' : '1';
            break;
        default: {
            // Some element with all in it is taken out, or said twice.
            std::vector<schema::Element*> way{&document};
            while (!way.back()->children.empty() && (way.size() < 2 || random.below(3) != 0)) way.push_back(&way.back()->children[random.below(way.back()->children.size())]);
            if (way.size() < 2) return;
            auto& siblings = way[way.size() - 2]->children;
            const auto at = static_cast<std::ptrdiff_t>(way.back() - siblings.data());
            if (random.below(2) == 0) siblings.erase(siblings.begin() + at);
            else siblings.insert(siblings.begin() + at, schema::Element(siblings[static_cast<std::size_t>(at)]));
        }
    }
}

/// One rule over a list, with a run that learns from the first document on.
class OneRule {
public:
    OneRule(const std::string& format, const std::string& lines) {
        registry_ = plugin::Registry::load({.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults_);
        fast_.emplace(registry_);
        format_ = registry_->find(format);
        const std::string text = "rules cn\nrule cn.1\n  text \"It holds.\"\n  over declaration\n  severity refuse\n  source \"a law\"\n" + lines;
        table_ = rules::parse_rules(text, "cn.rules", faults_).value();
        const rules::Rule* rule = &table_.rules.front();
        run_ = std::make_unique<rules::TapeRulesRun>(rules::TapeRules::compile({&rule, 1}, *format_, fast_->paths(*format_), {}).value());
        run_->learn(1);
    }
    rules::TapeVerdict ask(const std::string& bytes) {
        const exchange::FastRead read = fast_->read(*format_, bytes);
        EXPECT_TRUE(read.valid()) << bytes;
        rules::TapeAsk how{.context = context_, .day = day};
        how.first = [&](const rules::Rule&, const std::vector<std::string>& keys) {
            asked_keys = keys;
            return first;
        };
        run_->begin(how);
        return run_->part(read.tape());
    }
    std::uint64_t by_course() const { return run_->courses()->gone; }

    std::string_view day = days[0];
    bool first = true;
    std::vector<std::string> asked_keys;

private:
    Diagnostics faults_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::optional<exchange::FastTranslator> fast_;
    const plugin::Format* format_ = nullptr;
    rules::RuleTable table_;
    mapping::Context context_;
    std::unique_ptr<rules::TapeRulesRun> run_;
};

std::string import_list() {
    return slurp(source_dir() / "plugins/cn/golden/ceb621/amounts-share-one-currency.xml");
}

std::string with(std::string bytes, std::string_view element, std::string_view text) {
    const std::string open = ":" + std::string(element) + ">";
    const std::size_t from = bytes.find(open) + open.size();
    return bytes.replace(from, bytes.find('<', from) - from, text);
}

using Verdict = rules::TapeVerdict;

TEST(LearnedRules, AreAskedOfTextsThatChange) {
    OneRule rule("cn.ceb621", "  check GoodsShipment/Buyer/Name != \"Nobody\"\n  check TotalGrossMassMeasure <= 5\n");
    const std::string list = with(with(import_list(), "grossWeight", "1.5"), "netWeight", "1.2");
    EXPECT_EQ(rule.ask(list), Verdict::clean);
    EXPECT_EQ(rule.by_course(), 0U);
    EXPECT_EQ(rule.ask(list), Verdict::clean);
    EXPECT_EQ(rule.ask(with(list, "grossWeight", "5.0")), Verdict::clean);
    EXPECT_EQ(rule.by_course(), 2U);
    EXPECT_EQ(rule.ask(with(list, "grossWeight", "5.00001")), Verdict::found);
    EXPECT_EQ(rule.ask(with(list, "grossWeight", "5.00001")), Verdict::found) << "what is found is not learned";
    EXPECT_EQ(rule.by_course(), 2U);
    EXPECT_EQ(rule.ask(with(list, "grossWeight", "4")), Verdict::clean);
    EXPECT_EQ(rule.by_course(), 3U);
}

TEST(LearnedRules, OfHistoryAreAskedInEachDocument) {
    OneRule rule("cn.ceb621", "  before GoodsShipment/UCR/TraderAssignedReferenceID\n  check IssueDateTime >= IssueDateTime\n");
    EXPECT_EQ(rule.ask(with(import_list(), "orderNo", "O-1")), Verdict::clean);
    EXPECT_EQ(rule.ask(with(import_list(), "orderNo", "O-2")), Verdict::clean);
    EXPECT_EQ(rule.by_course(), 1U);
    EXPECT_EQ(rule.asked_keys, std::vector<std::string>{"O-2"});
    rule.first = false;
    EXPECT_EQ(rule.ask(with(import_list(), "orderNo", "O-2")), Verdict::untold);
}

TEST(LearnedRules, AreJudgedByTheDocumentsOwnDay) {
    OneRule rule("cn.ceb621", "  from 2026-01-01\n  check DirectionCode = \"E\"\n");
    const std::string early = with(import_list(), "declTime", "20251231"), late = with(import_list(), "declTime", "20260101");
    EXPECT_EQ(rule.ask(early), Verdict::clean);
    EXPECT_EQ(rule.ask(early), Verdict::clean);
    EXPECT_EQ(rule.by_course(), 1U);
    EXPECT_EQ(rule.ask(late), Verdict::found);
}

TEST(NumberedRules, OfTheTapeAreThoseOfThePivot) {
    Diagnostics faults;
    const Formats formats;
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126), documents = number_from("HANSA_DOCUMENTS", 24);
    SuiteResult result("rules-differential", seed);
    std::map<std::string, Told> told;
    std::size_t clean = 0, found = 0, by_course = 0;
    for (const Subject& subject : xml_subjects(faults)) {
        std::vector<Asked> all = formats.asked(subject.id, told);
        if (all.empty()) continue;
        Counts counts;
        Domain domain(subject.mapping);
        for (std::uint64_t i = 0; i < documents; ++i) {
            const std::uint64_t own = seed + i * 7'919;
            auto drawn = domain.draw(own, {.items = static_cast<std::uint32_t>(1 + i % 3), .optional_percent = static_cast<unsigned>(20 + i % 7 * 13)});
            if (!drawn) continue;
            const std::string bytes = schema::write_tree(*drawn), name = "seed " + std::to_string(own);
            formats.compare(subject.id, bytes, name, all, counts);
            if (i < 3) {
                for (const std::string& one : formats.with_examples(subject.id, bytes, all)) formats.compare(subject.id, one, name + " with an example", all, counts);
            }
            schema::Random random(own);
            for (int k = 0; k < 8; ++k) {
                schema::Element changed = *drawn;
                for (std::uint64_t n = random.below(3) + 1; n > 0; --n) change(changed, random);
                formats.compare(subject.id, schema::write_tree(changed), name + ", changed", all, counts);
            }
        }
        for (const auto& folder : {source_dir() / "plugins" / subject.mapping->authority() / "golden", source_dir() / "conf/demo/messages"}) {
            if (!fs::exists(folder)) continue;
            for (const auto& file : fs::recursive_directory_iterator(folder)) {
                if (file.path().extension() != ".xml") continue;
                const std::string bytes = slurp(file.path());
                const auto tree = schema::read_tree(bytes);
                if (tree && tree->name == subject.mapping->model().root->name) formats.compare(subject.id, bytes, file.path().string(), all, counts);
            }
        }
        std::string not_learned;
        for (const Asked& one : all) {
            const mapping::PlanCourses* courses = one.learning ? one.learning->courses() : nullptr;
            if (courses == nullptr) continue;
            counts.learned += courses->gone;
            if (not_learned.empty()) not_learned = courses->not_learned;
        }
        by_course += counts.learned;
        std::cout << subject.id << ": " << all.size() - 1 << " rules, " << counts.documents << " documents, " << counts.clean << " clean, " << counts.found << " found, "
                  << counts.careful << " found by the tape alone, " << counts.left << " left to the reference, " << counts.wrong << " wrong, " << counts.learned << " by what was learned" << (not_learned.empty() ? "" : "; not: " + not_learned) << "\n";
        for (const auto& [why, count] : counts.why) std::cout << "    " << count << " " << why << "\n";
        clean += counts.clean;
        found += counts.found;
        result.pass(subject.id, counts.clean + counts.found);
        result.fail(subject.id, counts.wrong);
        for (const auto& [why, count] : counts.why) result.skip(why, count);
        std::cout << std::flush;
    }
    for (const auto& [set, one] : told) {
        std::size_t whole = 0;
        for (const std::string& rule : one.told) whole += one.why.contains(rule) ? 0U : 1U;
        std::cout << set << ": " << one.rules.size() << " rules are asked of some XML format, " << whole << " of them on the tapes of all, " << one.told.size() << " of some\n";
        for (const auto& [rule, why] : one.why) std::cout << "    " << rule << ": " << why << "\n";
    }
    result.publish();
    EXPECT_GT(clean, 0U);
    EXPECT_GT(found, 0U);
    EXPECT_GT(by_course, 0U);
}

}  // namespace
}  // namespace hansa::test
