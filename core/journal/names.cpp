#include "core/journal/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/journal/codes.h"
#include "core/journal/name_lists.h"
#include "core/journal/rows.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

/// Lists that are looked at for one name: what more there are is older, and what so many have is nobody's name.
constexpr std::int64_t lists_max = 100'000;

/// Called for each list; false stops.
using OnList = std::function<bool(const NameText&)>;

Result<void> each_list(Connection& store, std::string_view sql, const std::vector<Value>& values,
                       const OnList& on_list) {
    std::optional<Error> fault;
    auto done = store.query(sql, values, [&](const Row& row) {
        const NameText list = name_text_in(row);
        if (!list.whole) fault = damaged("the names of message", list.message_id);
        return !fault && on_list(list);
    });
    if (!done) return done;
    if (fault) return *fault;
    return {};
}

Result<void> each_list_of(Connection& store, std::int64_t message, const OnList& on_list) {
    static const std::string sql = fmt::format("SELECT {} WHERE n.message = ?1 ORDER BY n.number", name_text_columns);
    return each_list(store, sql, {message}, on_list);
}

/// Whether one of the message's lists has this entry.
Result<bool> has_entry(Connection& store, std::int64_t message, const std::string& entry) {
    bool has = false;
    auto done = each_list_of(store, message, [&](const NameText& list) {
        has = list.text.find(entry) != list.text.npos;
        return !has;
    });
    if (!done) return done.error();
    return has;
}

Result<void> refuse_duplicate(Connection& store, const BusinessKey& key, std::int64_t mark, std::int64_t message) {
    std::vector<std::pair<std::int64_t, std::string>> others;
    auto done = store.query(
        "SELECT b.message, m.id FROM business_key b JOIN message m ON m.number = b.message WHERE b.mark = ?1 AND "
        "b.message <> ?2 AND m.state <> 'refused' ORDER BY b.message",
        {mark, message}, [&](const Row& row) {
            others.emplace_back(row.number(0), row.text(1));
            return true;
        });
    if (!done) return done;
    const std::string entry = entry_begin(key).append(entry_end(key));
    for (const auto& [number, id] : others) {
        const auto taken = has_entry(store, number, entry);
        if (!taken) return taken.error();
        if (!*taken) continue;
        return Error{codes::business_duplicate, fmt::format("{} '{}' is message {}", key.family, key.key, id)};
    }
    return {};
}

}  // namespace

bool NameList::is_new(std::string& list, std::string entry) {
    const auto [place, fresh] = entries_.insert(std::move(entry));
    if (!fresh) return false;
    if (!list.empty()) list += ',';
    list += *place;
    return true;
}

void NameList::add(const BusinessKey& key) {
    if (is_new(key_texts_, entry_begin(key).append(entry_end(key)))) keys_.push_back(key);
}

void NameList::add(const Reference& reference) {
    if (is_new(reference_texts_, entry_begin(reference).append(entry_end(reference)))) references_.push_back(reference);
}

Result<void> NameList::put_away(Connection& store, std::string_view message_id, std::int64_t message,
                                bool whole) const {
    const std::string list = fmt::format(R"({{"references":[{}],"business_keys":[{}]}})", reference_texts_, key_texts_);
    const std::string seal = whole ? seal_of_names(message_id, list) : std::string(16, '\0');
    return store.run("INSERT INTO names(message, list, seal) VALUES(?1, ?2, ?3)",
                     {message, std::string_view(list), Blob{seal}});
}

Result<void> NameList::keep(Connection& store, std::string_view message_id, std::int64_t message) const {
    if (empty()) return {};
    const std::vector<std::int64_t> marks = key_marks(keys_);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (!keys_[i].unique) continue;
        if (auto fresh = refuse_duplicate(store, keys_[i], marks[i], message); !fresh) return fresh;
    }
    auto done = put_away(store, message_id, message, true);
    if (done) done = index_values(store, store.last_row(), references_);
    for (const std::int64_t mark : marks) {
        if (done) done = index_key(store, mark, message);
    }
    return done;
}

Result<std::vector<Reference>> references_in(Connection& store, std::int64_t message, std::string_view scheme) {
    // Most lists have only what the trade says, and many of it.
    const std::string mark = scheme.empty() ? std::string() : quoted(scheme);
    std::vector<Reference> out;
    std::unordered_set<std::string> known;
    std::optional<Error> fault;
    auto done = each_list_of(store, message, [&](const NameText& list) {
        if (list.text.find(mark) == list.text.npos) return true;
        Names names;
        if (!read_names(list, names)) fault = damaged("the names of message", list.message_id);
        for (Reference& one : names.references) {
            if (!scheme.empty() && one.scheme != scheme) continue;
            if (known.insert(entry_begin(one)).second) out.push_back(std::move(one));
        }
        return !fault;
    });
    if (!done) return done.error();
    if (fault) return *fault;
    return out;
}

Result<std::vector<NameFound<Reference>>> find_references(Connection& store, std::string_view agency,
                                                          std::string_view scheme, std::string_view value,
                                                          std::size_t count_max) {
    static const std::string sql = fmt::format(
        "SELECT {} WHERE n.number IN (SELECT rowid FROM name_index WHERE name_index MATCH ?1 ORDER BY rowid DESC LIMIT "
        "?2) ORDER BY n.number DESC",
        name_text_columns);
    const std::string mark = fmt::format("\"{}\"", value_mark(value));
    std::vector<NameFound<Reference>> out;
    std::unordered_set<std::string> known;
    auto done = each_list(store, sql, {std::string_view(mark), lists_max}, [&](const NameText& list) {
        for (Reference& one : references_with(list, value)) {
            if (!scheme.empty() && one.scheme != scheme) continue;
            if (!agency.empty() && !one.agency.empty() && one.agency != agency) continue;
            if (out.size() == count_max || !known.insert(list.message_id + entry_begin(one)).second) continue;
            out.push_back({std::move(one), list.message});
        }
        return out.size() < count_max;
    });
    if (!done) return done.error();
    return out;
}

Result<std::vector<NameFound<BusinessKey>>> find_business_keys(Connection& store, std::string_view agency,
                                                               std::string_view family, std::string_view key,
                                                               std::size_t count_max) {
    static const std::string sql = fmt::format(
        "SELECT {} WHERE n.message IN (SELECT message FROM business_key WHERE mark = ?1 ORDER BY message DESC LIMIT "
        "?2) ORDER BY n.message DESC, n.number",
        name_text_columns);
    BusinessKey wanted{{}, std::string(agency), std::string(family), std::string(key), false};
    std::vector<NameFound<BusinessKey>> out;
    auto done = each_list(store, sql, {key_marks({wanted}).front(), lists_max}, [&](const NameText& list) {
        wanted.message_id = list.message_id;
        for (const bool unique : {true, false}) {
            wanted.unique = unique;
            if (list.text.find(entry_begin(wanted).append(entry_end(wanted))) == list.text.npos) continue;
            if (out.empty() || out.back().message != list.message || out.back().name.unique != unique)
                out.push_back({wanted, list.message});
        }
        return out.size() < count_max;
    });
    if (!done) return done.error();
    return out;
}

Result<void> index_names(Connection& store) {
    Result<void> failed;
    auto done = store.query(fmt::format("SELECT {} ORDER BY n.number", name_text_columns), {}, [&](const Row& row) {
        const NameText list = name_text_in(row);
        Names names;
        (void)read_names(list, names);
        failed = index_values(store, list.number, names.references);
        for (const std::int64_t mark : key_marks(names.business_keys)) {
            if (failed) failed = index_key(store, mark, list.message);
        }
        return static_cast<bool>(failed);
    });
    if (!done) return done;
    return failed;
}

namespace {

/// What a message had in the older tables.
struct Gathered {
    std::int64_t message = 0;
    std::string message_id;
    NameList list;
    bool whole = true;

    Result<void> put_away(Connection& store) const {
        if (message == 0) return {};
        return list.put_away(store, message_id, message, whole);
    }
};

}  // namespace

Result<void> gather_names(Connection& store) {
    Gathered one;
    Result<void> failed;
    const auto add = [&](const auto& name, std::string_view seal) {
        one.list.add(name);
        one.whole = one.whole && seal_of(name) == seal;
    };
    auto done = store.query(
        "SELECT m.number, m.id, 0, r.agency, r.scheme, r.value, 0, r.seal, r.number FROM old_reference r JOIN message "
        "m ON m.number = r.message UNION ALL SELECT m.number, m.id, 1, b.agency, b.family, b.key, b.is_unique, b.seal, "
        "b.number FROM old_business_key b JOIN message m ON m.number = b.message ORDER BY 1, 3, 9",
        {}, [&](const Row& row) {
            if (row.number(0) != one.message) {
                failed = one.put_away(store);
                one = {.message = row.number(0), .message_id = row.text(1), .list = {}};
            }
            if (row.number(2) == 0) {
                add(Reference{one.message_id, row.text(3), row.text(4), row.text(5)}, row.view(7));
            } else {
                add(BusinessKey{one.message_id, row.text(3), row.text(4), row.text(5), row.number(6) != 0},
                    row.view(7));
            }
            return static_cast<bool>(failed);
        });
    if (!done) return done;
    if (!failed) return failed;
    return one.put_away(store);
}

}  // namespace hansa::journal
