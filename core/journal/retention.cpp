#include "core/journal/retention.h"

#include <algorithm>

#include "core/journal/bodies.h"

namespace hansa::journal {
namespace {

constexpr std::size_t step_max = 10'000;

void add_list(std::string& sql, std::vector<Value>& values, const std::vector<std::string_view>& words) {
    sql += "(";
    for (std::size_t i = 0; i < words.size(); ++i) {
        sql += i == 0 ? "?" : ", ?";
        values.emplace_back(words[i]);
    }
    sql += ")";
}

}  // namespace

Result<std::size_t> drop_bodies(Connection& store, BodyFile& bodies, const Retention& retention) {
    // Equal bytes are kept once: they go only when nobody who has them still wants them.
    std::string sql =
        "SELECT b.digest FROM body b WHERE b.dropped_ms IS NULL AND b.at_ms < ?"
        " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.body_digest = b.digest AND (d.open = 1 OR d.state IN "
        "('dead', 'held')))"
        " AND EXISTS (SELECT 1 FROM attachment a WHERE a.digest = b.digest)"
        " AND NOT EXISTS (SELECT 1 FROM attachment a JOIN message m ON m.number = a.message WHERE a.digest = b.digest "
        "AND NOT"
        " (m.changed_ms < ?";
    std::vector<Value> values{retention.before_ms, retention.before_ms};
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
    sql += ")) ORDER BY b.at_ms LIMIT ?";
    values.emplace_back(static_cast<std::int64_t>(std::min(retention.count_max, step_max)));

    std::vector<std::string> digests;
    auto done = store.query(sql, values, [&](const Row& row) {
        digests.push_back(row.text(0));
        return true;
    });
    if (!done) return done.error();
    for (const std::string& digest : digests) {
        done = drop_bytes(store, bodies, digest, retention.at_ms);
        if (!done) return done.error();
    }
    return digests.size();
}

}  // namespace hansa::journal
