#include "core/rules/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/time.h"
#include "core/pivot/standards.h"
#include "core/rules/codes.h"

namespace hansa::rules {
namespace {

using pivot::Node;

enum class Answer { undecided, yes, no };

struct Fault {
    Value value;  ///< of the place that fails
    std::string expected;
    const Test* test = nullptr;
};

/// Two moments by the clock, else two days.
std::strong_ordering order_of_dates(std::string_view a, std::string_view b) {
    if (a.size() > 10 && b.size() > 10) {
        const auto left = parse_iso(a), right = parse_iso(b);
        if (left && right && left->offset_minutes && right->offset_minutes)
            return milliseconds_since_epoch(*left) <=> milliseconds_since_epoch(*right);
    }
    return day_of(a).compare(day_of(b)) <=> 0;
}

Answer decide(bool yes) {
    return yes ? Answer::yes : Answer::no;
}

Answer compare(Predicate predicate, Sort sort, const Value& left, const Value& right) {
    if (sort == Sort::text) return decide((left.text == right.text) == (predicate == Predicate::equal));
    std::strong_ordering order = std::strong_ordering::equal;
    if (sort == Sort::number) {
        if (!left.number || !right.number) return Answer::undecided;
        order = *left.number <=> *right.number;
    } else {
        order = order_of_dates(left.text, right.text);
    }
    switch (predicate) {
        case Predicate::equal: return decide(order == 0);
        case Predicate::unequal: return decide(order != 0);
        case Predicate::less: return decide(order < 0);
        case Predicate::at_most: return decide(order <= 0);
        case Predicate::more: return decide(order > 0);
        default: return decide(order >= 0);
    }
}

/// A value against all right sides: one is enough, but none may be for !=.
Answer compare_all(const Test& test, const Value& left, std::span<const Value> right) {
    const bool unequal = test.predicate == Predicate::unequal;
    Answer out = Answer::undecided;
    for (const Value& value : right) {
        const Answer one = compare(test.predicate, test.left.sort, left, value);
        if (one == Answer::undecided) continue;
        if ((one == Answer::yes) != unequal) return one;
        out = one;
    }
    return out;
}

bool in_list(const ListTest& list, std::string_view text) {
    return list.codes.empty() ? pivot::is_listed(list.name, text) : list.codes.contains(text);
}

Answer ask(const Test& test, const Value& value, std::span<const Value> right) {
    switch (test.predicate) {
        case Predicate::in: return decide(in_list(*test.list, value.text));
        case Predicate::not_in: return decide(!in_list(*test.list, value.text));
        case Predicate::matches: return decide(test.pattern->matches(value.text));
        case Predicate::check_digit: return decide(test.digit->holds(value.text));
        default: return compare_all(test, value, right);
    }
}

Answer ask_presence(const Test& test, const Ground& ground, Fault& fault) {
    const auto found = values(test.left, ground);
    const bool wanted = test.predicate == Predicate::present;
    if (found.empty() != wanted) return Answer::yes;
    if (!found.empty()) fault.value = found.front();
    return Answer::no;
}

/// 1, 2, ... n in any order.
Answer ask_numbers(const Test& test, const Ground& ground, Fault& fault) {
    auto found = values(test.left, ground);
    if (found.empty()) return Answer::undecided;
    std::ranges::stable_sort(found, {}, [](const Value& value) { return value.number.value_or(Decimal()); });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const Decimal wanted = Decimal::from_integer(static_cast<std::int64_t>(i + 1));
        if (found[i].number && *found[i].number == wanted) continue;
        fault.value = found[i];
        fault.expected = wanted.canonical();
        return Answer::no;
    }
    return Answer::yes;
}

std::string joined(std::span<const Value> all) {
    std::string out;
    for (const Value& value : all) out += (out.empty() ? "" : " or ") + value.text;
    return out;
}

/// `every`: of several values each must pass (`check`); else one is enough (`when`), or for negations all.
Answer ask_test(const Test& test, const Ground& ground, bool every, Fault& fault) {
    fault.test = &test;
    if (test.predicate == Predicate::present || test.predicate == Predicate::absent) return ask_presence(test, ground, fault);
    if (test.predicate == Predicate::numbered) return ask_numbers(test, ground, fault);
    std::vector<Value> right;
    for (const Formula& formula : test.right) {
        std::ranges::move(values(formula, ground), std::back_inserter(right));
    }
    const bool negated = test.predicate == Predicate::unequal || test.predicate == Predicate::not_in;
    Answer out = Answer::undecided;
    for (const Value& value : values(test.left, ground)) {
        const Answer one = ask(test, value, right);
        if (one == Answer::undecided) continue;
        if (one == Answer::no && (every || negated)) {
            fault.value = value;
            if (test.predicate != Predicate::unequal) fault.expected = joined(right);
            return one;
        }
        if (one == Answer::yes && !every && !negated) return one;
        out = one;
    }
    return out;
}

Answer ask_clause(const Clause& clause, const Ground& ground, bool every, Fault& fault) {
    Answer out = Answer::undecided;
    for (const Test& test : clause.any) {
        Fault own;
        const Answer one = ask_test(test, ground, every, own);
        if (one == Answer::yes) return one;
        if (one == Answer::no && out == Answer::undecided) {
            out = one;
            fault = std::move(own);
        }
    }
    return out;
}

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
        return rule.formats.empty() || std::ranges::find(rule.formats, options_.format) != rule.formats.end();
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
        Outcome out = Outcome::undecided;
        for (const Clause& clause : rule.checks) {
            Fault fault;
            const Answer answer = ask_clause(clause, ground, true, fault);
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
