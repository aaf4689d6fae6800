#include "core/rules/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/rules/clause.h"
#include "core/rules/codes.h"

namespace hansa::rules {
namespace {

using pivot::Node;

// --- where a finding stands ---

bool path_to(const Node& from, const Node* wanted, std::vector<const Node*>& way) {
    way.push_back(&from);
    if (&from == wanted) return true;
    for (const Node& child : from.children) {
        if (path_to(child, wanted, way)) return true;
    }
    way.pop_back();
    return false;
}

std::size_t place_of(const Node& parent, const Node& child, std::size_t& members) {
    std::size_t place = 0;
    members = 0;
    for (const Node& other : parent.children) {
        if (other.name != child.name) continue;
        ++members;
        if (&other == &child) place = members;
    }
    return place;
}

/// Below the root: for people, places where there are several; as ledgers write it, on every step.
void write_place(Finding& finding, const Node& root, const Node& node, std::string_view attribute) {
    std::vector<const Node*> way;
    path_to(root, &node, way);
    std::string full;
    for (std::size_t i = 1; i < way.size(); ++i) {
        std::size_t members = 0;
        const std::size_t place = place_of(*way[i - 1], *way[i], members);
        finding.path += (i > 1 ? "/" : "") + way[i]->name + (members > 1 ? fmt::format("[{}]", place) : "");
        full += fmt::format("{}{}[{}]", i > 1 ? "/" : "", way[i]->name, place);
        finding.full.push_back(full);
    }
    if (attribute.empty()) return;
    finding.path += (way.size() > 1 ? "/@" : "@") + std::string(attribute);
    finding.full.push_back(fmt::format("{}/@{}", full, attribute));
}

/// A number, code, date or mark says nothing of a person by itself.
bool is_personal(const Formula& formula) {
    const mapping::Expression& e = formula.expression;
    if (e.kind != mapping::Expression::Kind::pivot) return formula.sort == Sort::text;
    if (!e.pivot.attribute.empty()) return false;
    return e.pivot.field->form == pivot::Form::text || e.pivot.field->form == pivot::Form::identifier;
}

/// The first place that a formula names.
const mapping::PivotTerm* first_place(const mapping::Expression& e) {
    if (e.kind == mapping::Expression::Kind::pivot) return &e.pivot;
    for (const mapping::Expression& part : e.parts) {
        if (const auto* found = first_place(part)) return found;
    }
    return nullptr;
}

Finding finding_of(const Rule& rule, const Clause& clause, const Fault& fault, const Ground& ground) {
    Finding out;
    out.rule = &rule;
    out.clause = clause.text;
    out.value = fault.value.text;
    out.expected = fault.expected;
    out.personal = is_personal(fault.test->left);
    if (fault.value.node != nullptr) {
        write_place(out, *ground.root, *fault.value.node, fault.value.attribute);
        return out;
    }
    // Something that is absent, or computed: the place that the formula names first stands for it.
    const mapping::PivotTerm* place = first_place(fault.test->left.expression);
    std::vector<const Node*> found;
    if (place != nullptr) nodes(*place, ground, found);
    if (!found.empty()) {
        write_place(out, *ground.root, *found.front(), {});
    } else if (place != nullptr) {
        if (!place->from_document) write_place(out, *ground.root, *ground.member, {});
        out.path += (out.path.empty() ? "" : "/") + (place->from_document ? place->text.substr(1) : place->text);
    }
    return out;
}

class Checker {
public:
    Checker(const pivot::Document& document, const CheckOptions& options, Checked& out)
        : document_(document), options_(options), out_(out), day_(document_day(document, options.day)) {}

    Outcome run(const Rule& rule) {
        if (rule.kind != document_.kind || !fits_format(rule) || !rule.days.hold(day_for(rule))) return Outcome::not_applicable;
        Ground ground{&document_.root, &document_.root};
        if (!rule.each) return run_at(rule, ground);
        members_.clear();
        nodes(*rule.each, ground, members_);
        const std::vector<const Node*> members = members_;
        Outcome out = Outcome::not_applicable;
        for (const Node* member : members) {
            ground.member = member;
            out = std::max(out, run_at(rule, ground));
        }
        return out;
    }

private:
    bool fits_format(const Rule& rule) const {
        return rule.formats.empty() || names_format(rule.formats, options_.format, options_.base);
    }

    std::string_view day_for(const Rule& rule) {
        if (!rule.date) return day_;
        std::vector<const Node*> found;
        nodes(*rule.date, {&document_.root, &document_.root}, found);
        return found.empty() ? day_ : day_of(found.front()->value);
    }

    Outcome run_at(const Rule& rule, const Ground& ground) {
        Fault ignored;
        for (const Clause& clause : rule.when) {
            if (ask_clause(clause, ground, false, ignored) != Answer::yes) return Outcome::not_applicable;
        }
        Ground before;
        if (!rule.before.empty()) {
            const pivot::Document* earlier = options_.before ? options_.before(rule) : nullptr;
            if (earlier == nullptr) return Outcome::undecided;
            before = {&earlier->root, &earlier->root};
        }
        Outcome out = Outcome::undecided;
        for (const Clause& clause : rule.checks) {
            Fault fault;
            const Answer answer = ask_clause(clause, ground, true, fault, before.root == nullptr ? nullptr : &before);
            if (answer == Answer::yes) out = std::max(out, Outcome::holds);
            if (answer != Answer::no) continue;
            out = Outcome::broken;
            if (out_.findings.size() < options_.findings_max) out_.findings.push_back(finding_of(rule, clause, fault, ground));
        }
        return out;
    }

    const pivot::Document& document_;
    const CheckOptions& options_;
    Checked& out_;
    std::string_view day_;
    std::vector<const Node*> members_;
};

}  // namespace

Error Finding::error() const {
    std::string detail = fmt::format("{}: {}", rule->id, rule->text);
    if (!path.empty()) {
        std::string shown = personal || value.empty() ? "" : fmt::format(" is '{}'", value);
        if (!expected.empty() && !personal) shown += fmt::format(", not '{}'", expected);
        detail += fmt::format(" ({}{})", path, shown);
    }
    return {rule->severity == Severity::refuse ? codes::refused : codes::warned, std::move(detail), source};
}

bool Checked::refused() const {
    return std::ranges::any_of(findings, [](const Finding& finding) { return finding.rule->severity == Severity::refuse; });
}

std::string_view document_day(const pivot::Document& document, std::string_view otherwise) {
    constexpr std::array<std::string_view, 3> fields{"AcceptanceDateTime", "IssueDateTime", "OccurrenceDateTime"};
    for (const std::string_view name : fields) {
        const auto found = std::ranges::find(document.root.children, name, &Node::name);
        if (found != document.root.children.end() && found->value.size() >= 10) return day_of(found->value);
    }
    return otherwise;
}

bool names_format(const std::vector<std::string>& formats, std::string_view format, std::string_view base) {
    return std::ranges::any_of(formats, [&](const std::string& one) { return one == format || (!base.empty() && one == base); });
}

std::vector<std::string> keys_of(const Rule& rule, const pivot::Document& document) {
    std::vector<std::string> out;
    for (const Formula& key : rule.before) {
        const auto found = values(key, {&document.root, &document.root});
        if (found.empty() || found.front().text.empty()) return {};
        out.push_back(found.front().text);
    }
    return out;
}

Checked check(const pivot::Document& document, std::span<const Rule* const> rules, const CheckOptions& options) {
    Checked out;
    Checker checker(document, options, out);
    for (const Rule* rule : rules) {
        const Outcome outcome = checker.run(*rule);
        if (options.verdicts) out.verdicts.push_back({rule, outcome});
    }
    return out;
}

void place_findings(std::span<Finding> findings, std::span<const mapping::SourceLeaf> leaves) {
    for (Finding& finding : findings) {
        // The place itself, else the nearest class around it that the sender's document has something of.
        for (auto place = finding.full.rbegin(); place != finding.full.rend() && finding.source.path.empty(); ++place) {
            const auto leaf = std::ranges::find_if(leaves, [&](const mapping::SourceLeaf& one) {
                return std::ranges::any_of(one.fed, [&](const std::string& fed) {
                    return fed == *place || (fed.starts_with(*place) && fed.size() > place->size() && fed[place->size()] == '/');
                });
            });
            if (leaf == leaves.end()) continue;
            finding.source.path = leaf->path;
            finding.source.line = leaf->line;
            finding.source.column = leaf->column;
        }
    }
}

}  // namespace hansa::rules
