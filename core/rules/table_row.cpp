#include "core/rules/table_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/base/nearest.h"
#include "core/base/time.h"
#include "core/pivot/standards.h"
#include "core/rules/codes.h"

namespace hansa::rules {

using mapping::LineReader;
using mapping::TextNode;

namespace {

struct Sign {
    std::string_view text;
    Predicate predicate;
};
/// Longer signs first.
constexpr std::array<Sign, 6> signs{{{"!=", Predicate::unequal},
                                     {"<=", Predicate::at_most},
                                     {">=", Predicate::at_least},
                                     {"=", Predicate::equal},
                                     {"<", Predicate::less},
                                     {">", Predicate::more}}};

bool is_day(std::string_view text) {
    return text.size() == 10 && parse_time(text, "yyyy-MM-dd").has_value();
}

/// What stands between two slashes; nothing where it does not end.
std::optional<std::string_view> pattern_text(LineReader& line) {
    const std::string_view rest = line.rest();
    if (rest.empty() || rest.front() != '/') return std::nullopt;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == '/') {
            line.set(line.position() + i + 1);
            return rest.substr(1, i - 1);
        }
    }
    return std::nullopt;
}

/// Can the two be compared so?
bool comparable(const Test& test, const Formula& right) {
    const bool ordered = test.predicate != Predicate::equal && test.predicate != Predicate::unequal;
    if (right.literal && right.sort == Sort::text) {
        if (test.left.sort == Sort::date) return is_day(right.expression.text);
        return test.left.sort == Sort::text && !ordered;
    }
    if (ordered && test.left.sort == Sort::text) return false;
    return test.left.sort == right.sort;
}

}  // namespace

std::string_view severity_name(Severity severity) {
    return severity == Severity::refuse ? "refuse" : "warn";
}

bool Days::meet(const Days& other) const {
    const bool before = !to.empty() && !other.from.empty() && to < other.from;
    const bool after = !from.empty() && !other.to.empty() && from > other.to;
    return !before && !after;
}

std::string Days::text() const {
    if (from.empty() && to.empty()) return "always";
    if (to.empty()) return "from " + from;
    return from.empty() ? "until " + to : from + " to " + to;
}

void RowReader::fault(Code code, std::string detail, const TextNode& node) {
    fault(Error{code, std::move(detail), place(node)});
}

void RowReader::fault(const Error& error) {
    if (!first_) first_ = error;
    faults_.add(error);
}

std::string_view RowReader::keyword(const TextNode& node) {
    return std::string_view(node.text).substr(0, node.text.find_first_of(" \t"));
}

LineReader RowReader::behind_keyword(const TextNode& node) const {
    LineReader line(node.text, node.line, node.column);
    line.set(keyword(node).size());
    return line;
}

std::vector<std::string> RowReader::quoted(const TextNode& node, std::size_t count) {
    LineReader line = behind_keyword(node);
    std::vector<std::string> out;
    while (out.size() < count) {
        auto text = line.quoted();
        if (!text) break;
        out.push_back(*std::move(text));
    }
    if (out.size() == count && line.at_end()) return out;
    fault(codes::syntax, fmt::format("'{}' takes {} text{} in quotes", keyword(node), count, count == 1 ? "" : "s"), node);
    return std::vector<std::string>(count);
}

std::vector<std::string> RowReader::words(const TextNode& node) {
    LineReader line = behind_keyword(node);
    std::vector<std::string> out;
    while (!line.at_end()) {
        const auto text = line.peek() == '"' ? line.quoted() : std::optional(std::string(line.token()));
        if (!text || text->empty()) {
            fault(codes::syntax, fmt::format("expected a word, found '{}'", line.rest()), node);
            break;
        }
        out.push_back(*text);
    }
    return out;
}

std::string RowReader::day(const TextNode& node) {
    const auto found = words(node);
    if (found.size() == 1 && is_day(found[0])) return found[0];
    fault(codes::bad_date, fmt::format("'{}' is no day", node.text.substr(std::min(node.text.size(), keyword(node).size() + 1))), node);
    return {};
}

void RowReader::check_days(const Days& days, const TextNode& node) {
    if (!days.from.empty() && !days.to.empty() && days.to < days.from)
        fault(codes::bad_date, fmt::format("it ends {} and begins {}", days.to, days.from), node);
}

void RowReader::read_list(const TextNode& node) {
    auto found = words(node);
    if (found.size() < 2) return fault(codes::syntax, "a list is a name and its codes", node);
    auto& codes = lists_[found[0]];
    codes.insert(found.begin() + 1, found.end());
}

void RowReader::read_order(const TextNode& node) {
    const auto found = words(node);
    if (found.size() < 3) return fault(codes::syntax, "an order is a name and its codes, from the first to the last", node);
    Order& order = orders_[found[0]];
    for (std::size_t i = 1; i < found.size(); ++i) {
        std::istringstream equal(found[i]);
        for (std::string code; equal >> code;) {
            if (!order.emplace(code, i - 1).second) fault(codes::syntax, fmt::format("'{}' stands in the order twice", code), node);
        }
    }
}

Severity RowReader::severity(const TextNode& node) {
    const auto found = words(node);
    if (found.size() == 1 && found[0] == "refuse") return Severity::refuse;
    if (found.size() != 1 || found[0] != "warn")
        fault(codes::severity_unknown, fmt::format("'{}' is neither refuse nor warn", found.empty() ? "" : found[0]), node);
    return Severity::warn;
}

std::optional<pivot::Kind> RowReader::over(const TextNode& node, std::vector<std::string>& formats) {
    auto found = words(node);
    if (found.empty()) {
        fault(codes::syntax, "`over` takes a kind of document, and perhaps formats", node);
        return std::nullopt;
    }
    const auto kind = pivot::kind_from_name(found[0]);
    if (!kind) {
        fault(codes::syntax, kind.error().detail, node);
        return std::nullopt;
    }
    formats.assign(found.begin() + 1, found.end());
    return *kind;
}

std::optional<mapping::PivotTerm> RowReader::path(const TextNode& node, const pivot::Field& scope) {
    const auto found = words(node);
    if (found.size() != 1) {
        fault(codes::syntax, fmt::format("'{}' takes one place", keyword(node)), node);
        return std::nullopt;
    }
    auto place_found = parse_place(found[0], place(node), scope);
    if (!place_found) {
        fault(place_found.error());
        return std::nullopt;
    }
    return *std::move(place_found);
}

std::optional<Formula> RowReader::formula(const TextNode& node, const pivot::Field& scope) {
    LineReader line = behind_keyword(node);
    auto out = parse_formula(line, file_, scope, names_);
    if (out && line.at_end()) return *std::move(out);
    fault(out ? Error{codes::syntax, fmt::format("expected the end of the line, found '{}'", line.rest()), place(node)} : out.error());
    return std::nullopt;
}

std::optional<Clause> RowReader::clause(const TextNode& node, const pivot::Field& scope) {
    LineReader line = behind_keyword(node);
    Clause out;
    out.line = node.line;
    out.text = std::string(line.rest());
    do {
        auto found = test(line, scope);
        if (!found) {
            fault(found.error());
            return std::nullopt;
        }
        out.any.push_back(*std::move(found));
    } while (line.take_word("or"));
    if (line.at_end()) return out;
    fault(codes::syntax, fmt::format("expected `or` or the end of the line, found '{}'", line.rest()), node);
    return std::nullopt;
}

Result<Test> RowReader::test(LineReader& line, const pivot::Field& scope) {
    Test out;
    auto left = parse_formula(line, file_, scope, names_);
    if (!left) return left.error();
    out.left = *std::move(left);
    const auto good = predicate(line, scope, out);
    if (!good) return good.error();
    return out;
}

Result<void> RowReader::predicate(LineReader& line, const pivot::Field& scope, Test& out) {
    const auto wrong = [&](std::string detail, Code code = codes::syntax) {
        return Error{code, std::move(detail), Place{.file = file_, .line = line.line(), .column = line.column()}};
    };
    const bool place = out.left.expression.kind == mapping::Expression::Kind::pivot;
    if (line.take_word("present")) {
        out.predicate = Predicate::present;
        return place ? Result<void>{} : wrong("`present` is asked of a place");
    }
    if (line.take_word("absent")) {
        out.predicate = Predicate::absent;
        return place ? Result<void>{} : wrong("`absent` is asked of a place");
    }
    if (line.take_word("numbered")) {
        out.predicate = Predicate::numbered;
        return place && out.left.sort == Sort::number ? Result<void>{} : wrong("`numbered` is asked of a place that holds numbers");
    }
    if (line.take_word("matches")) {
        out.predicate = Predicate::matches;
        const auto text = pattern_text(line);
        if (!text) return wrong("`matches` takes a pattern between slashes");
        auto pattern = mapping::Pattern::parse(*text);
        if (!pattern) return wrong(pattern.error().detail);
        out.pattern_table = pattern->table();
        out.pattern = *std::move(pattern);
        return {};
    }
    if (line.take_word("check-digit")) {
        out.predicate = Predicate::check_digit;
        const std::string_view name = line.token();
        out.digit = check_digit(name);
        if (out.digit != nullptr) return {};
        std::vector<std::string_view> known;
        for (const CheckDigit& scheme : check_digits()) known.push_back(scheme.name);
        return wrong(fmt::format("no check digit is called '{}'{}", name, did_you_mean(name, known)));
    }
    return comparison(line, scope, out);
}

Result<void> RowReader::comparison(LineReader& line, const pivot::Field& scope, Test& out) {
    const auto wrong = [&](std::string detail, Code code = codes::syntax) {
        return Error{code, std::move(detail), Place{.file = file_, .line = line.line(), .column = line.column()}};
    };
    const bool negated = line.take_word("not");
    if (negated && line.take_word("before")) return not_before(line, scope, out);
    if (line.take_word("in")) {
        out.predicate = negated ? Predicate::not_in : Predicate::in;
        const std::string name(line.token());
        const auto own = lists_.find(name);
        if (own == lists_.end() && !pivot::holds_list(name))
            return wrong(fmt::format("'{}' is no list of this table or of the pivot", name), codes::list_unknown);
        out.list = ListTest{name, own == lists_.end() ? std::set<std::string, std::less<>>{} : own->second};
        return {};
    }
    const auto sign = std::ranges::find_if(signs, [&](const Sign& one) { return line.take(one.text); });
    if (negated || sign == signs.end())
        return wrong("expected present, absent, =, !=, <, <=, >, >=, in, not in, not before, matches, check-digit or numbered");
    out.predicate = sign->predicate;
    do {
        auto right = parse_formula(line, file_, scope, names_);
        if (!right) return right.error();
        const bool ordered = out.predicate != Predicate::equal && out.predicate != Predicate::unequal;
        if (right->many && ordered) return wrong(fmt::format("'{}' may have several values", right->text), codes::many_values);
        if (!comparable(out, *right)) return wrong(fmt::format("'{}' and '{}' cannot be compared so", out.left.text, right->text));
        out.right.push_back(*std::move(right));
    } while (line.take("|"));
    return {};
}

Result<void> RowReader::not_before(LineReader& line, const pivot::Field& scope, Test& out) {
    const auto wrong = [&](std::string detail, Code code = codes::syntax) {
        return Error{code, std::move(detail), Place{.file = file_, .line = line.line(), .column = line.column()}};
    };
    out.predicate = Predicate::not_before;
    auto right = parse_formula(line, file_, scope, names_);
    if (!right) return right.error();
    if (right->many) return wrong(fmt::format("'{}' may have several values", right->text), codes::many_values);
    out.right.push_back(*std::move(right));
    const std::string name(line.take_word("by") ? line.token() : std::string_view());
    const auto order = orders_.find(name);
    if (order == orders_.end()) return wrong(name.empty() ? "expected `by` and an order of this table" : fmt::format("'{}' is no order of this table", name), codes::list_unknown);
    out.order = order->second;
    return {};
}

}  // namespace hansa::rules
