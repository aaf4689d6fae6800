#include "core/trace/event.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/base/time.h"
#include "core/rules/clause.h"

namespace hansa::trace {
namespace {

using pivot::Node;
using rules::Ground;

constexpr std::array<std::string_view, 3> precisions{"moment", "day", "arrival"};

/// What fills a demanded field without saying anything (0000, -, n/a) would join strangers.
bool usable(std::string_view text) {
    if (text.size() > value_bytes_max || text == "NO" || text == "N/A" || text == "n/a") return false;
    return text.find_first_not_of("0-_./ *") != text.npos;
}

std::vector<std::string> texts_of(const rules::Formula& formula, const Ground& ground) {
    std::vector<std::string> out;
    for (const rules::Value& value : rules::values(formula, ground)) {
        if (usable(value.text)) out.push_back(value.text);
    }
    return out;
}

std::string first_of(const rules::Formula& formula, const Ground& ground) {
    auto texts = texts_of(formula, ground);
    return texts.empty() ? std::string() : std::move(texts.front());
}

bool holds(const EventRow& row, const Ground& ground) {
    return std::ranges::all_of(row.when, [&](const rules::Clause& clause) {
        rules::Fault ignored;
        return rules::ask_clause(clause, ground, false, ignored) == rules::Answer::yes;
    });
}

/// The first moment that a line gives, else the first day, else the arrival.
void set_time(const EventRow& row, const Ground& ground, std::int64_t received_ms, Event& out) {
    std::optional<std::int64_t> day;
    for (const rules::Formula& time : row.times) {
        for (const rules::Value& value : rules::values(time, ground)) {
            const auto read = parse_iso(value.text);
            if (!read) continue;
            if (read->has_time && read->offset_minutes) {
                out.at_ms = milliseconds_since_epoch(*read);
                out.precision = Precision::moment;
                return;
            }
            if (!day && !read->has_time) day = milliseconds_since_epoch(*read);
        }
    }
    out.at_ms = day.value_or(received_ms);
    out.precision = day ? Precision::day : Precision::arrival;
}

Relation relation_of(Level reference, Level event) {
    if (reference == event) return Relation::same;
    return reference < event ? Relation::part : Relation::whole;
}

void add_references(const EventRow& row, const Ground& ground, Event& out) {
    std::set<std::tuple<std::uint8_t, std::string, std::string>> seen;
    for (const Join& join : row.joins) {
        const std::string issuer = join.within ? first_of(*join.within, ground) : std::string();
        for (std::string& value : texts_of(join.place, ground)) {
            if (out.references.size() == references_max) return;
            if (!seen.emplace(join.scheme->number, value, issuer).second) continue;
            out.references.push_back({join.scheme, relation_of(join.level, row.level), std::move(value), issuer});
        }
    }
}

void add_marks(const EventRow& row, const Ground& ground, Event& out) {
    std::set<std::pair<std::uint8_t, std::string>> seen;
    for (const Mark& mark : row.marks) {
        for (std::string& value : texts_of(mark.place, ground)) {
            if (out.marks.size() == marks_max) return;
            if (seen.emplace(mark.kind->number, value).second) out.marks.push_back({mark.kind, std::move(value)});
        }
    }
}

bool can_be_found(const Event& event) {
    return std::ranges::any_of(event.references, [](const Reference& one) { return one.relation != Relation::whole; });
}

std::optional<Event> event_at(const EventRow& row, const Ground& ground, std::int64_t received_ms) {
    if (!holds(row, ground)) return std::nullopt;
    Event out;
    out.row = &row;
    add_references(row, ground, out);
    if (!can_be_found(out)) return std::nullopt;
    set_time(row, ground, received_ms, out);
    add_marks(row, ground, out);
    if (row.corridor) {
        out.corridor_from = first_of(row.corridor->from, ground);
        out.corridor_to = first_of(row.corridor->to, ground);
        if (out.corridor_from.empty() || out.corridor_to.empty()) out.corridor_from.clear(), out.corridor_to.clear();
    }
    return out;
}

}  // namespace

std::string_view precision_name(Precision precision) {
    return precisions[static_cast<std::size_t>(precision)];
}

std::vector<Event> events_of(const TraceBook& book, std::string_view format, const pivot::Document& document, std::int64_t received_ms) {
    std::vector<Event> out;
    const Node* root = &document.root;
    for (const EventRow* row : book.rows_of(document.kind, format)) {
        std::vector<const Node*> members{root};
        if (row->each) {
            members.clear();
            rules::nodes(*row->each, {root, root}, members);
        }
        for (const Node* member : members) {
            if (auto event = event_at(*row, {root, member}, received_ms)) out.push_back(*std::move(event));
        }
    }
    return out;
}

}  // namespace hansa::trace
