#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>

#include "core/journal/name_lists.h"
#include "core/journal/names.h"

namespace hansa::journal {
namespace {

constexpr std::size_t bucket_count = 4'096;

/// Sums over what lists want in an index and over what is there, one for each bucket of lists: they need no order and
/// no memory of what was seen. Where two differ something is missing or too much; of keys it is then looked for which.
class Sums {
public:
    void want(std::uint64_t part, std::int64_t of) { at(of).wanted += part; }
    void find(std::uint64_t part, std::int64_t of) { at(of).found += part; }
    bool agree(std::int64_t of) const { return buckets_[bucket(of)].wanted == buckets_[bucket(of)].found; }
    bool agree() const {
        for (const Pair& one : buckets_) {
            if (one.wanted != one.found) return false;
        }
        return true;
    }

private:
    struct Pair {
        std::uint64_t wanted = 0, found = 0;
    };
    static std::size_t bucket(std::int64_t of) { return static_cast<std::size_t>(of) % bucket_count; }
    Pair& at(std::int64_t of) { return buckets_[bucket(of)]; }

    std::array<Pair, bucket_count> buckets_{};
};

/// Mixed (the finalizer of SplitMix64), so that marks that changed places do not make the sum of before.
std::uint64_t mixed(std::uint64_t part) {
    part = (part ^ part >> 30) * 0xBF58476D1CE4E5B9;
    part = (part ^ part >> 27) * 0x94D049BB133111EB;
    return part ^ part >> 31;
}

std::uint64_t part_of(std::string_view mark, std::int64_t of) {
    return mixed(std::hash<std::string_view>()(mark) + mixed(static_cast<std::uint64_t>(of)));
}

std::uint64_t part_of(std::int64_t mark, std::int64_t of) {
    return mixed(static_cast<std::uint64_t>(mark) + mixed(static_cast<std::uint64_t>(of)));
}

class VerifyNames {
public:
    VerifyNames(Connection& store, const std::function<void(std::string)>& fault) : store_(store), fault_(fault) {}

    Result<std::uint64_t> all() {
        auto done = each_list([&](const NameText& list) { want(list); });
        if (done) done = find();
        if (!done) return done.error();
        if (!keys_.agree()) {
            done = each_list([&](const NameText& list) { look_for_keys(list); });
            if (!done) return done.error();
            if (failed_) return *failed_;
        }
        const bool agree = values_.agree() && keys_.agree();
        if (!agree && lists_at_fault_.empty()) fault_("marks in the index of names that are in no list");
        return references_;
    }

private:
    /// Lists of one message follow each other.
    template <class OnList>
    Result<void> each_list(const OnList& on_list) {
        static const std::string sql = fmt::format("SELECT {} ORDER BY n.message, n.number", name_text_columns);
        return store_.query(sql, {}, [&](const Row& row) {
            on_list(name_text_in(row));
            return !failed_;
        });
    }

    void want(const NameText& list) {
        Names names;
        if (!read_names(list, names) || !list.whole) {
            fault_(fmt::format("the names of message {}", list.message_id));
            damaged_lists_.insert(list.number);
            damaged_messages_.insert(list.message);
            return;
        }
        references_ += names.references.size();
        bool led_to = true;
        for (const std::string& mark : value_marks(names.references)) {
            values_.want(part_of(mark, list.number), list.number);
            led_to = led_to && leads_to(mark, list.number);
        }
        if (!led_to) tell(list);
        if (list.message != message_) keys_of_message_.clear();
        message_ = list.message;
        for (const std::int64_t mark : key_marks(names.business_keys)) {
            if (keys_of_message_.insert(mark).second) keys_.want(part_of(mark, list.message), list.message);
        }
    }

    /// What a damaged list wants is not known, so what is found of it counts neither way.
    Result<void> find() {
        auto done = store_.query("SELECT term, doc FROM name_terms", {}, [&](const Row& row) {
            if (!damaged_lists_.contains(row.number(1)))
                values_.find(part_of(row.view(0), row.number(1)), row.number(1));
            return true;
        });
        if (!done) return done;
        return store_.query("SELECT mark, message FROM business_key", {}, [&](const Row& row) {
            if (!damaged_messages_.contains(row.number(1)))
                keys_.find(part_of(row.number(0), row.number(1)), row.number(1));
            return true;
        });
    }

    void look_for_keys(const NameText& list) {
        Names names;
        if (damaged_lists_.contains(list.number) || damaged_messages_.contains(list.message)) return;
        if (keys_.agree(list.message) || !read_names(list, names)) return;
        bool whole = true;
        for (const std::int64_t mark : key_marks(names.business_keys)) whole = whole && has_key(mark, list.message);
        if (!whole) tell(list);
    }

    void tell(const NameText& list) {
        if (!lists_at_fault_.insert(list.number).second) return;
        fault_(fmt::format("the index of the names of message {}", list.message_id));
    }

    /// A walk over the index meets what a lookup does not, where the full-text index's own way to it is damaged. So
    /// each mark is looked up as find_references() does.
    bool leads_to(const std::string& mark, std::int64_t list) {
        const std::string wanted = fmt::format("\"{}\"", mark);
        const auto found = store_.number("SELECT count(*) FROM name_index WHERE name_index MATCH ?1 AND rowid = ?2",
                                         {std::string_view(wanted), list});
        return found && *found == 1;
    }

    bool has_key(std::int64_t mark, std::int64_t message) {
        return has("SELECT count(*) FROM business_key WHERE mark = ?1 AND message = ?2", {mark, message});
    }
    bool has(std::string_view sql, std::initializer_list<Value> values) {
        const auto found = store_.number(sql, values);
        if (!found) failed_ = found.error();
        return found && *found == 1;
    }

    Connection& store_;
    const std::function<void(std::string)>& fault_;
    std::uint64_t references_ = 0;
    Sums values_, keys_;
    std::set<std::int64_t> damaged_lists_, damaged_messages_, keys_of_message_, lists_at_fault_;
    std::int64_t message_ = 0;
    std::optional<Error> failed_;
};

}  // namespace

Result<std::uint64_t> verify_names(Connection& store, const std::function<void(std::string)>& fault) {
    return VerifyNames(store, fault).all();
}

}  // namespace hansa::journal
