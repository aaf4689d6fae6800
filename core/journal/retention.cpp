#include "core/journal/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/journal/bodies.h"
#include "core/journal/codes.h"

namespace hansa::journal {
namespace {

constexpr std::size_t step_max = 10'000;

/// Where a step ended: bodies go by their time, and by number where that is the same.
struct Position {
    std::int64_t at_ms = INT64_MIN;
    std::int64_t number = 0;
};

Result<Position> position_of(const std::string& cursor) {
    Position out;
    if (cursor.empty()) return out;
    const char *at = cursor.data(), *end = at + cursor.size();
    const auto time = std::from_chars(at, end, out.at_ms);
    if (time.ec == std::errc() && time.ptr != end && *time.ptr == '.') {
        const auto number = std::from_chars(time.ptr + 1, end, out.number);
        if (number.ec == std::errc() && number.ptr == end) return out;
    }
    return Error{codes::bad_record, "cursor"};
}

void add_list(std::string& sql, std::vector<Value>& values, const std::vector<std::string_view>& words) {
    sql += "(";
    for (std::size_t i = 0; i < words.size(); ++i) {
        sql += i == 0 ? "?" : ", ?";
        values.emplace_back(words[i]);
    }
    sql += ")";
}

/// Whether a body `b` may go, as SQL. Equal bytes are kept once: they go only when nobody who has them still wants
/// them.
std::string condition(const Retention& retention, std::vector<Value>& values) {
    std::string sql =
        "(NOT EXISTS (SELECT 1 FROM delivery d WHERE d.body_digest = b.digest AND (d.open = 1 OR d.state IN "
        "('dead', 'held')))"
        " AND EXISTS (SELECT 1 FROM attachment a WHERE a.digest = b.digest)"
        " AND NOT EXISTS (SELECT 1 FROM attachment a JOIN message m ON m.number = a.message WHERE a.digest = b.digest "
        "AND NOT"
        " (m.changed_ms < ?";
    values.emplace_back(retention.before_ms);
    std::vector<std::string_view> words;
    for (const State state : retention.states) words.push_back(name(state));
    sql += " AND m.state IN ";
    add_list(sql, values, words);
    if (!retention.agency.empty()) {
        sql += " AND (m.agency_from = ? OR m.agency_to = ?)";
        values.emplace_back(std::string_view(retention.agency));
        values.emplace_back(std::string_view(retention.agency));
    }
    if (!retention.kinds.empty()) {
        words.clear();
        for (const BodyKind kind : retention.kinds) words.push_back(name(kind));
        sql += " AND a.kind IN ";
        add_list(sql, values, words);
    }
    return sql + ")))";
}

}  // namespace

Result<Droppable> find_droppable(Connection& store, const Retention& retention) {
    if (retention.states.empty()) return Error{codes::bad_record, "retention without states"};
    const auto from = position_of(retention.cursor);
    if (!from) return from.error();
    std::vector<Value> values;
    const std::string may_go = condition(retention, values);
    const std::string sql = "SELECT b.digest, b.size, b.at_ms, b.number, " + may_go +
                            " FROM body b WHERE b.dropped_ms IS NULL AND b.at_ms >= ? AND b.at_ms < ?"
                            " AND (b.at_ms > ? OR b.number > ?) ORDER BY b.at_ms, b.number LIMIT ?";
    const std::size_t looked_at_max = std::max<std::size_t>(retention.looked_at_max, 1);
    values.insert(values.end(), {from->at_ms, retention.before_ms, from->at_ms, from->number,
                                 static_cast<std::int64_t>(looked_at_max)});
    const std::size_t most = std::clamp<std::size_t>(retention.count_max, 1, step_max);
    Droppable out;
    std::size_t looked_at = 0;
    auto done = store.query(sql, values, [&](const Row& row) {
        ++looked_at;
        if (row.number(4) != 0) {
            out.digests.push_back(row.text(0));
            out.counts.bytes += static_cast<std::uint64_t>(row.number(1));
        }
        const bool full = out.digests.size() == most;
        if (full || looked_at == looked_at_max)
            out.counts.next_cursor = fmt::format("{}.{}", row.number(2), row.number(3));
        return !full;
    });
    if (!done) return done.error();
    out.counts.bodies = out.digests.size();
    return out;
}

Result<Dropped> drop_found(Connection& store, BodyFile& bodies, const Retention& retention, const Droppable& found) {
    // A replay or equal bytes that came since may want them again.
    std::vector<Value> values;
    const std::string sql = "SELECT b.size FROM body b WHERE b.dropped_ms IS NULL AND " + condition(retention, values) +
                            " AND b.digest = ?";
    values.emplace_back(std::string_view());
    Dropped out;
    out.next_cursor = found.counts.next_cursor;
    for (const std::string& digest : found.digests) {
        values.back() = std::string_view(digest);
        bool may_go = false;
        auto done = store.query(sql, values, [&](const Row& row) {
            may_go = true;
            out.bytes += static_cast<std::uint64_t>(row.number(0));
            return false;
        });
        if (!done) return done.error();
        if (!may_go) continue;
        ++out.bodies;
        done = drop_bytes(store, bodies, digest, retention.at_ms);
        if (!done) return done.error();
    }
    return out;
}

}  // namespace hansa::journal
