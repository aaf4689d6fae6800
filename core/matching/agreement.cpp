#include "core/matching/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/matching/codes.h"
#include "core/rules/clause.h"

namespace hansa::matching {
namespace {

using pivot::Node;
using rules::Formula;
using rules::Ground;

constexpr std::size_t demanded_bytes = 6, optional_bytes = 4;

/// All that a formula says, as texts: numbers in their shortest form.
std::vector<std::string> texts_of(const Formula& formula, const Ground& ground) {
    std::vector<std::string> out;
    for (const rules::Value& value : rules::values(formula, ground)) out.push_back(value.number ? value.number->canonical() : value.text);
    return out;
}

void add_texts(std::vector<std::string>& out, std::vector<std::string> texts) {
    out.push_back(fmt::format("{}", texts.size()));
    std::ranges::move(texts, std::back_inserter(out));
}

std::string joined(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, ", "));
}

/// Members of a list by their key; those without one come by their place.
std::vector<std::pair<std::string, const Node*>> members_of(const mapping::PivotTerm& list, const Formula& key, const Node& root) {
    std::vector<const Node*> found;
    rules::nodes(list, {&root, &root}, found);
    std::vector<std::pair<std::string, const Node*>> out;
    for (const Node* node : found) out.emplace_back(joined(texts_of(key, {&root, node})), node);
    std::ranges::stable_sort(out, {}, &std::pair<std::string, const Node*>::first);
    return out;
}

void put(std::string& out, std::uint64_t digest, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(static_cast<unsigned char>(digest >> (8 * i)));
}

std::size_t bytes_of(const Agreement& agreement) {
    const auto optional = std::ranges::count_if(agreement.same, &Same::where_both);
    return demanded_bytes + static_cast<std::size_t>(optional) * optional_bytes;
}

bool takes_part(const Agreement& agreement, std::size_t part) {
    return agreement.first == part || agreement.second == part;
}

const Formula& side(const Same& same, bool first) {
    return first ? same.first : same.second;
}

/// Everything that the agreement demands of one side, as one list of texts.
std::vector<std::string> demanded(const Agreement& agreement, bool first, const Node& root) {
    std::vector<std::string> out;
    for (const Same& same : agreement.same) {
        if (!same.where_both) add_texts(out, texts_of(side(same, first), {&root, &root}));
    }
    if (!agreement.each) return out;
    const Members& each = *agreement.each;
    for (const auto& [key, member] : members_of(first ? each.first : each.second, side(each.key, first), root)) {
        out.push_back(key);
        for (const Same& same : each.same) add_texts(out, texts_of(side(same, first), {&root, member}));
    }
    return out;
}

/// Compares one fact of two members, or of two documents.
class Comparison {
public:
    Comparison(const Agreement& agreement, std::vector<Finding>& out) : agreement_(agreement), out_(out) {}

    void compare(const Same& same, const Ground& first, const Ground& second, const std::string& first_place, const std::string& second_place) {
        const auto left = texts_of(same.first, first), right = texts_of(same.second, second);
        if (left == right || (same.where_both && (left.empty() || right.empty()))) return;
        out_.push_back({&agreement_, first_place + same.first.text, second_place + same.second.text, joined(left), joined(right)});
    }

    /// Not more than, or not later than.
    void compare_order(const Same& at_most, const std::vector<Ground>& first, const std::vector<Ground>& second, const std::string& first_place, const std::string& second_place) {
        const Bound left = bound_of(at_most.first, first, true), right = bound_of(at_most.second, second, false);
        if (left.text.empty() || right.text.empty()) return;
        const bool fits = left.number ? left.unit == right.unit && *left.number <= *right.number : left.text <= right.text;
        if (!fits) out_.push_back({&agreement_, first_place + at_most.first.text, second_place + at_most.second.text, left.shown(), right.shown()});
    }

    void compare_covered(const Members& each, const Node& first, const Node& second) {
        std::map<std::string, std::vector<Ground>> left, right;
        for (const auto& [key, node] : members_of(each.first, each.key.first, first)) {
            const Ground ground{&first, node};
            rules::Fault unused;
            const bool named = !each.of || names(texts_of(each.of->first, ground), texts_of(each.of->second, {&second, &second}));
            const bool meant = named && std::ranges::all_of(each.where, [&](const rules::Clause& clause) { return rules::ask_clause(clause, ground, false, unused) == rules::Answer::yes; });
            if (meant) left[key].push_back(ground);
        }
        for (const auto& [key, node] : members_of(each.second, each.key.second, second)) right[key].push_back({&second, node});
        for (const auto& [key, members] : left) {
            const auto found = right.find(key);
            const std::string place_left = place_of(each, true, key), place_right = place_of(each, false, key);
            if (found == right.end()) out_.push_back({&agreement_, place_left, place_right, key, {}, true});
            else for (const Same& at_most : each.at_most) compare_order(at_most, members, found->second, place_left + "/", place_right + "/");
        }
    }

    void compare(const Members& each, const Node& first, const Node& second) {
        if (each.covered) return compare_covered(each, first, second);
        const auto left = members_of(each.first, each.key.first, first), right = members_of(each.second, each.key.second, second);
        std::size_t l = 0, r = 0;
        while (l < left.size() || r < right.size()) {
            if (r == right.size() || (l < left.size() && left[l].first < right[r].first)) missing(each, left[l++].first, false);
            else if (l == left.size() || right[r].first < left[l].first) missing(each, right[r++].first, true);
            else {
                const std::string place_left = place_of(each, true, left[l].first), place_right = place_of(each, false, right[r].first);
                for (const Same& same : each.same) compare(same, {&first, left[l].second}, {&second, right[r].second}, place_left + "/", place_right + "/");
                for (const Same& at_most : each.at_most) compare_order(at_most, {{&first, left[l].second}}, {{&second, right[r].second}}, place_left + "/", place_right + "/");
                ++l, ++r;
            }
        }
    }

private:
    /// A sum in one unit, or the last or first day; nothing where nobody says it, or units differ.
    struct Bound {
        std::optional<Decimal> number;
        std::string text, unit;
        std::string shown() const { return unit.empty() ? text : fmt::format("{} {}", text, unit); }
    };

    static Bound bound_of(const Formula& formula, const std::vector<Ground>& grounds, bool last) {
        Bound out;
        for (const Ground& ground : grounds) {
            for (const rules::Value& value : rules::values(formula, ground)) {
                if (formula.sort == rules::Sort::date) {
                    const std::string day(rules::day_of(value.text));
                    if (out.text.empty() || (day > out.text) == last) out.text = day;
                    continue;
                }
                if (!value.number) return {};
                const std::string unit = value.node == nullptr || value.node->attributes.empty() ? std::string() : value.node->attributes.front().second;
                if (out.number && unit != out.unit) return {};
                const auto sum = out.number ? out.number->plus(*value.number) : Result<Decimal>(*value.number);
                if (!sum) return {};
                out.number = *sum;
                out.unit = unit;
                out.text = sum->canonical();
            }
        }
        return out;
    }

    static bool names(const std::vector<std::string>& said, const std::vector<std::string>& own) {
        return std::ranges::any_of(said, [&](const std::string& one) { return std::ranges::find(own, one) != own.end(); });
    }

    static std::string place_of(const Members& each, bool first, const std::string& key) {
        return fmt::format("{}[{}={}]", (first ? each.first : each.second).text, side(each.key, first).text, key);
    }
    /// Told once: by the agreement that asks for the members alone.
    void missing(const Members& each, const std::string& key, bool in_first) {
        if (!each.same.empty()) return;
        out_.push_back({&agreement_, place_of(each, true, key), place_of(each, false, key), {}, {}, true});
        (in_first ? out_.back().second_value : out_.back().first_value) = key;
    }

    const Agreement& agreement_;
    std::vector<Finding>& out_;
};

}  // namespace

Error Finding::error(const MatchTable& table) const {
    const std::string& first = table.parts[agreement->first].name;
    const std::string& second = table.parts[agreement->second].name;
    // The documents' digests differ, and one of the two is no longer kept.
    if (first_path.empty()) return {codes::disagree, fmt::format("{}: {}", agreement->id, agreement->text)};
    if (member_missing) {
        const bool in_first = first_value.empty();
        return {codes::member_missing, fmt::format("{}: {} ({} has no {})", agreement->id, agreement->text, in_first ? first : second,
                                                   in_first ? first_path : second_path)};
    }
    const std::string places = first_path == second_path ? fmt::format("{} of {} and {}", first_path, first, second)
                                                         : fmt::format("{} of {}, {} of {}", first_path, first, second_path, second);
    return {codes::disagree, fmt::format("{}: {} ({})", agreement->id, agreement->text, places)};
}

Result<std::uint64_t> Recorder::key(const Join& join, bool lead, const pivot::Document& document) {
    const Part& part = table_.parts[join.part];
    std::vector<std::string> texts{table_.id, part.name};
    for (const Same& key : join.keys) {
        const Formula& formula = side(key, lead);
        auto found = texts_of(formula, {&document.root, &document.root});
        // Items that name one and the same part name it once.
        found.erase(std::unique(found.begin(), found.end()), found.end());
        if (found.empty())
            return Error{codes::key_missing, fmt::format("{} finds its {} by it", table_.parts.front().name, part.name), Place{.path = formula.text}};
        add_texts(texts, std::move(found));
    }
    return digest_.of(texts);
}

Result<std::uint64_t> Recorder::lead_key(const pivot::Document& lead) {
    for (const Formula& formula : table_.known_by) {
        auto found = texts_of(formula, {&lead.root, &lead.root});
        if (found.empty()) continue;
        std::vector<std::string> texts{table_.id, table_.parts.front().name, formula.text};
        add_texts(texts, std::move(found));
        return digest_.of(texts);
    }
    return Error{codes::key_missing, fmt::format("{} is known by it", table_.parts.front().name), Place{.path = table_.known_by.front().text}};
}

Result<std::uint64_t> Recorder::key_of(std::size_t part, const pivot::Document& document) {
    return key(table_.joins[part - 1], false, document);
}

Result<std::vector<std::uint64_t>> Recorder::keys_named(const pivot::Document& lead) {
    std::vector<std::uint64_t> out;
    for (const Join& join : table_.joins) {
        if (table_.parts[join.part].several) {
            const Formula& formula = join.keys.front().first;
            auto found = texts_of(formula, {&lead.root, &lead.root});
            std::ranges::sort(found);
            found.erase(std::unique(found.begin(), found.end()), found.end());
            if (found.empty()) return Error{codes::key_missing, fmt::format("{} finds its {} by it", table_.parts.front().name, table_.parts[join.part].name), Place{.path = formula.text}};
            for (const std::string& one : found) out.push_back(digest_.of(std::vector<std::string>{table_.id, table_.parts[join.part].name, "1", one}));
            continue;
        }
        const auto found = key(join, true, lead);
        if (!found) return found.error();
        out.push_back(*found);
    }
    return out;
}

std::string Recorder::facts_of(std::size_t part, const pivot::Document& document) {
    std::string out;
    const Ground ground{&document.root, &document.root};
    for (const Agreement& agreement : table_.agreements) {
        if (!takes_part(agreement, part)) continue;
        const bool first = agreement.first == part;
        put(out, digest_.of(demanded(agreement, first, document.root)), demanded_bytes);
        for (const Same& same : agreement.same) {
            if (!same.where_both) continue;
            const auto texts = texts_of(side(same, first), ground);
            // 0 stands for what is absent.
            put(out, texts.empty() ? 0 : digest_.of(texts) | 1, optional_bytes);
        }
    }
    return out;
}

std::string_view Recorder::slice(std::string_view facts, std::size_t part, const Agreement& agreement) const {
    std::size_t start = 0;
    for (const Agreement& one : table_.agreements) {
        if (&one == &agreement) break;
        if (takes_part(one, part)) start += bytes_of(one);
    }
    return start > facts.size() ? std::string_view() : facts.substr(start, bytes_of(agreement));
}

bool Recorder::agree(const Agreement& agreement, std::string_view first_facts, std::string_view second_facts) const {
    const std::string_view first = slice(first_facts, agreement.first, agreement), second = slice(second_facts, agreement.second, agreement);
    if (first.size() != bytes_of(agreement) || first.size() != second.size()) return false;
    if (first.substr(0, demanded_bytes) != second.substr(0, demanded_bytes)) return false;
    for (std::size_t at = demanded_bytes; at < first.size(); at += optional_bytes) {
        const std::string_view left = first.substr(at, optional_bytes), right = second.substr(at, optional_bytes);
        const std::string_view absent("\0\0\0\0", optional_bytes);
        if (left != right && left != absent && right != absent) return false;
    }
    return true;
}

std::vector<Finding> compare(const Agreement& agreement, const pivot::Document& first, const pivot::Document& second) {
    std::vector<Finding> out;
    Comparison comparison(agreement, out);
    for (const Same& same : agreement.same) comparison.compare(same, {&first.root, &first.root}, {&second.root, &second.root}, {}, {});
    const Ground left{&first.root, &first.root}, right{&second.root, &second.root};
    for (const Same& at_most : agreement.at_most) comparison.compare_order(at_most, {left}, {right}, {}, {});
    if (agreement.each) comparison.compare(*agreement.each, first.root, second.root);
    return out;
}

}  // namespace hansa::matching
