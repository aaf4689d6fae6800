#include "core/journal/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/journal/codes.h"
#include "core/journal/rows.h"
#include "core/journal/seal.h"

namespace hansa::journal {
namespace {

using Json = nlohmann::json;

/// A list as it was read.
struct Names {
    std::vector<Reference> references;
    std::vector<BusinessKey> business_keys;
};

void quote(std::string& out, std::string_view text) {
    constexpr std::string_view plain_end = "\"\\";
    const bool plain = std::ranges::none_of(text, [&](char c) {
        return static_cast<unsigned char>(c) < 0x20 || plain_end.find(c) != std::string_view::npos;
    });
    if (!plain) {
        out += Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
        return;
    }
    out += '"';
    out += text;
    out += '"';
}

std::string entry_of(const Reference& r) {
    std::string out = "[";
    quote(out, r.agency);
    quote(out += ',', r.scheme);
    quote(out += ',', r.value);
    return out += ']';
}

std::string entry_of(const BusinessKey& k) {
    std::string out = "[";
    quote(out, k.agency);
    quote(out += ',', k.family);
    quote(out += ',', k.key);
    return out += k.unique ? ",true]" : ",false]";
}

void append(std::string& list, std::string_view entry) {
    if (!list.empty()) list += ',';
    list += entry;
}

std::string list_text(std::string_view references, std::string_view business_keys) {
    return fmt::format(R"({{"references":[{}],"business_keys":[{}]}})", references, business_keys);
}

std::string seal_of_list(std::string_view message_id, std::string_view text) {
    return Seal("names").add(message_id).add(text).finish();
}

/// The fields of an entry that has `texts` texts and then, perhaps, a yes or no.
bool is_entry(const Json& entry, std::size_t texts, bool flag) {
    if (!entry.is_array() || entry.size() != texts + (flag ? 1 : 0)) return false;
    for (std::size_t i = 0; i < texts; ++i) {
        if (!entry[i].is_string()) return false;
    }
    return !flag || entry[texts].is_boolean();
}

/// False: it is no list of ours.
bool read_list(std::string_view text, const std::string& message_id, Names& out) {
    const Json list = Json::parse(text, nullptr, false);
    if (!list.is_object() || !list.contains("references") || !list.contains("business_keys")) return false;
    for (const Json& one : list["references"]) {
        if (!is_entry(one, 3, false)) return false;
        out.references.push_back({message_id, one[0], one[1], one[2]});
    }
    for (const Json& one : list["business_keys"]) {
        if (!is_entry(one, 3, true)) return false;
        out.business_keys.push_back({message_id, one[0], one[1], one[2], one[3]});
    }
    return true;
}

Result<void> put_away(Connection& store, std::int64_t message, std::string_view text, std::string_view seal) {
    return store.run("INSERT INTO names(message, list, seal) VALUES(?1, ?2, ?3)", {message, text, Blob{seal}});
}

constexpr std::string_view index_reference =
    "INSERT OR IGNORE INTO reference(value, scheme, agency, message) VALUES(?1, ?2, ?3, ?4)";
constexpr std::string_view index_business_key =
    "INSERT OR IGNORE INTO business_key(key, family, agency, message, is_unique) VALUES(?1, ?2, ?3, ?4, ?5)";

Result<void> index(Connection& store, const Reference& r, std::int64_t message) {
    return store.run(index_reference,
                     {std::string_view(r.value), std::string_view(r.scheme), std::string_view(r.agency), message});
}

Result<void> index(Connection& store, const BusinessKey& k, std::int64_t message) {
    return store.run(index_business_key, {std::string_view(k.key), std::string_view(k.family),
                                          std::string_view(k.agency), message, std::int64_t{k.unique}});
}

Result<void> refuse_duplicate(Connection& store, const BusinessKey& key, std::int64_t message) {
    const auto other = store.text(
        "SELECT m.id FROM business_key b JOIN message m ON m.number = b.message WHERE b.key = ?1 AND b.family = ?2 "
        "AND b.agency = ?3 AND b.is_unique = 1 AND b.message <> ?4 AND m.state <> 'refused' ORDER BY b.message LIMIT 1",
        {std::string_view(key.key), std::string_view(key.family), std::string_view(key.agency), message});
    if (!other) return other.error();
    if (other->empty()) return {};
    return Error{codes::business_duplicate, fmt::format("{} '{}' is message {}", key.family, key.key, *other)};
}

}  // namespace

Result<void> NameList::add(Connection& store, const BusinessKey& key, std::int64_t message) {
    if (key.unique) {
        if (auto fresh = refuse_duplicate(store, key, message); !fresh) return fresh;
    }
    if (auto done = index(store, key, message); !done) return done;
    if (store.changed_rows() != 0) append(business_keys_, entry_of(key));
    return {};
}

Result<void> NameList::add(Connection& store, const Reference& reference, std::int64_t message) {
    if (auto done = index(store, reference, message); !done) return done;
    if (store.changed_rows() != 0) append(references_, entry_of(reference));
    return {};
}

Result<void> NameList::keep(Connection& store, std::string_view message_id, std::int64_t message) const {
    if (references_.empty() && business_keys_.empty()) return {};
    const std::string text = list_text(references_, business_keys_);
    return put_away(store, message, text, seal_of_list(message_id, text));
}

namespace {

/// The lists of a message with their seals checked.
Result<std::vector<std::string>> lists_of(Connection& store, std::string_view message_id, std::int64_t message) {
    std::vector<std::string> out;
    bool whole = true;
    auto done =
        store.query("SELECT list, seal FROM names WHERE message = ?1 ORDER BY number", {message}, [&](const Row& row) {
            out.push_back(row.text(0));
            whole = whole && seal_of_list(message_id, out.back()) == row.view(1);
            return whole;
        });
    if (!done) return done.error();
    if (!whole) return damaged("the names of message", message_id);
    return out;
}

}  // namespace

Result<std::vector<Reference>> references_in(Connection& store, std::string_view message_id, std::int64_t message,
                                             std::string_view scheme) {
    const auto lists = lists_of(store, message_id, message);
    if (!lists) return lists.error();
    std::string mark;
    if (!scheme.empty()) quote(mark, scheme);
    Names out;
    for (const std::string& list : *lists) {
        // Most lists have only what the trade says, and many of it.
        if (list.find(mark) == list.npos) continue;
        if (!read_list(list, std::string(message_id), out)) return damaged("the names of message", message_id);
    }
    if (!scheme.empty()) std::erase_if(out.references, [&](const Reference& one) { return one.scheme != scheme; });
    return std::move(out.references);
}

Result<void> NameWitness::confirm(std::string_view entry, std::string_view message_id, std::int64_t message) {
    if (message != message_) {
        auto lists = lists_of(store_, message_id, message);
        if (!lists) return lists.error();
        lists_ = *std::move(lists);
        message_ = message;
    }
    const bool known =
        std::ranges::any_of(lists_, [&](const std::string& list) { return list.find(entry) != list.npos; });
    if (!known) return damaged("the names of message", message_id);
    return {};
}

Result<void> NameWitness::confirm(const Reference& reference, std::int64_t message) {
    return confirm(entry_of(reference), reference.message_id, message);
}

Result<void> NameWitness::confirm(const BusinessKey& key, std::int64_t message) {
    return confirm(entry_of(key), key.message_id, message);
}

namespace {

/// Each entry of the lists is in the index; as many rows as entries, so that there is nothing else in it.
class VerifyNames {
public:
    VerifyNames(Connection& store, const std::function<void(std::string)>& fault) : store_(store), fault_(fault) {}

    Result<std::uint64_t> all() {
        auto done =
            store_.query("SELECT m.id, n.message, n.list, n.seal FROM names n JOIN message m ON m.number = n.message",
                         {}, [&](const Row& row) {
                             one(row.text(0), row.number(1), row.view(2), row.view(3));
                             return !failed_;
                         });
        if (!done) return done.error();
        if (failed_) return *failed_;
        if (auto counted = count("reference", references_); !counted) return counted.error();
        if (auto counted = count("business_key", business_keys_); !counted) return counted.error();
        return references_;
    }

private:
    void one(const std::string& id, std::int64_t message, std::string_view list, std::string_view seal) {
        Names names;
        bool whole = seal == seal_of_list(id, list) && read_list(list, id, names);
        for (const Reference& r : names.references) whole = is_indexed(r, message) && whole;
        for (const BusinessKey& k : names.business_keys) whole = is_indexed(k, message) && whole;
        references_ += names.references.size();
        business_keys_ += names.business_keys.size();
        if (!whole) fault_(fmt::format("the names of message {}", id));
    }
    bool is_indexed(const Reference& r, std::int64_t message) {
        return has("SELECT count(*) FROM reference WHERE value = ?1 AND scheme = ?2 AND agency = ?3 AND message = ?4",
                   {std::string_view(r.value), std::string_view(r.scheme), std::string_view(r.agency), message});
    }
    bool is_indexed(const BusinessKey& k, std::int64_t message) {
        return has(
            "SELECT count(*) FROM business_key WHERE key = ?1 AND family = ?2 AND agency = ?3 AND message = ?4 AND "
            "is_unique = ?5",
            {std::string_view(k.key), std::string_view(k.family), std::string_view(k.agency), message,
             std::int64_t{k.unique}});
    }
    bool has(std::string_view sql, std::initializer_list<Value> values) {
        const auto found = store_.number(sql, values);
        if (!found) failed_ = found.error();
        return found && *found == 1;
    }
    Result<void> count(std::string_view table, std::uint64_t entries) {
        const auto rows = store_.number(fmt::format("SELECT count(*) FROM {}", table));
        if (!rows) return rows.error();
        if (static_cast<std::uint64_t>(*rows) > entries) {
            fault_(fmt::format("{} rows of {} are in no list", static_cast<std::uint64_t>(*rows) - entries, table));
        }
        return {};
    }

    Connection& store_;
    const std::function<void(std::string)>& fault_;
    std::uint64_t references_ = 0, business_keys_ = 0;
    std::optional<Error> failed_;
};

}  // namespace

Result<std::uint64_t> verify_names(Connection& store, const std::function<void(std::string)>& fault) {
    return VerifyNames(store, fault).all();
}

namespace {

/// What a message had in the older tables.
struct Gathered {
    std::string message_id, references, business_keys;
    bool whole = true;
};

/// Puts away what was gathered of the message before this one.
Result<void> put_gathered(Connection& store, std::int64_t message, const Gathered& one) {
    if (message == 0) return {};
    const std::string text = list_text(one.references, one.business_keys);
    return put_away(store, message, text, one.whole ? seal_of_list(one.message_id, text) : std::string(16, '\0'));
}

}  // namespace

Result<void> gather_names(Connection& store) {
    std::int64_t message = 0;
    Gathered one;
    Result<void> failed = {};
    const auto begin = [&](const Row& row) {
        if (row.number(0) == message) return;
        failed = put_gathered(store, message, one);
        message = row.number(0);
        one = {.message_id = row.text(1)};
    };
    auto done = store.query(
        "SELECT m.number, m.id, 0, r.agency, r.scheme, r.value, 0, r.seal, r.number FROM old_reference r JOIN message "
        "m ON "
        "m.number = r.message UNION ALL SELECT m.number, m.id, 1, b.agency, b.family, b.key, b.is_unique, b.seal, "
        "b.number "
        "FROM old_business_key b JOIN message m ON m.number = b.message ORDER BY 1, 3, 9",
        {}, [&](const Row& row) {
            begin(row);
            if (!failed) return false;
            const auto add = [&](const auto& name, std::string& list) {
                failed = index(store, name, message);
                if (failed && store.changed_rows() != 0) append(list, entry_of(name));
                one.whole = one.whole && seal_of(name) == row.view(7);
            };
            if (row.number(2) == 0) {
                add(Reference{one.message_id, row.text(3), row.text(4), row.text(5)}, one.references);
            } else {
                add(BusinessKey{one.message_id, row.text(3), row.text(4), row.text(5), row.number(6) != 0},
                    one.business_keys);
            }
            return static_cast<bool>(failed);
        });
    if (!done) return done;
    if (!failed) return failed;
    return put_gathered(store, message, one);
}

}  // namespace hansa::journal
