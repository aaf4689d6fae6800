// The names of messages: references and business keys.
//
// What a group says of a message's names is one sealed list in the table `names`, and that alone is what counts. A
// message of a hundred orders has hundreds of names, no two alike: a row for each would change as many pages of an
// index.
//
// Lists are found by marks, which are digests cut short. `name_index` is SQLite's full-text index: its document is a
// list, its words are the marks of the references' values; what it is told at once lies in a few pages, which are
// merged later. `business_key` has the marks of business keys, in a table because each new key is asked for before it
// is taken. A mark may lead to a list that has another name: whoever looks reads the list.
//
// A list is JSON, {"references": [["agency", "scheme", "value"], ...], "business_keys": [["agency", "family", "key",
// unique], ...]}. A value's quotes are escaped in it, so that an entry's own letters stand in it only as that entry.
//
// Threads: as Connection.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/journal/records.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// The names that one group gives to one message. A name said twice counts once.
class NameList {
public:
    void add(const BusinessKey& key);
    void add(const Reference& reference);

    /// Puts the list away, sealed, with its marks in the index. Nothing was added: nothing is put away.
    /// Errors: journal.business-duplicate, those of storage_error()
    Result<void> keep(Connection& store, std::string_view message_id, std::int64_t message) const;
    /// The list alone; not `whole`: with a seal that fits none.
    Result<void> put_away(Connection& store, std::string_view message_id, std::int64_t message, bool whole) const;

    bool empty() const { return entries_.empty(); }

private:
    bool is_new(std::string& list, std::string entry);

    std::string reference_texts_, key_texts_;
    std::unordered_set<std::string> entries_;
    std::vector<Reference> references_;
    std::vector<BusinessKey> keys_;
};

/// The references of a message, oldest list first, of one scheme if one is named. Errors: journal.record-damaged
Result<std::vector<Reference>> references_in(Connection& store, std::int64_t message, std::string_view scheme);

/// A name with the number of its message.
template <class Name>
struct NameFound {
    Name name;
    std::int64_t message = 0;
};

/// The references with this value, newest list first, at most `count_max`; of one scheme, and of one agency or of none,
/// if these are named. Errors: journal.record-damaged
Result<std::vector<NameFound<Reference>>> find_references(Connection& store, std::string_view agency,
                                                          std::string_view scheme, std::string_view value,
                                                          std::size_t count_max);
/// Newest message first. Errors: journal.record-damaged
Result<std::vector<NameFound<BusinessKey>>> find_business_keys(Connection& store, std::string_view agency,
                                                               std::string_view family, std::string_view key,
                                                               std::size_t count_max);

/// What is wrong with the lists and their index, each told to `fault` with what it is. Returns how many references
/// there are.
Result<std::uint64_t> verify_names(Connection& store, const std::function<void(std::string)>& fault);

/// Indexes every list, damaged ones too as far as they can be read, so that who looks for what they name is told of it.
/// Promised: the index is empty.
Result<void> index_names(Connection& store);

/// The tables of editions before 4, whose rows had a seal each, as lists that are not indexed. A list with a row whose
/// seal was broken gets none that fits.
Result<void> gather_names(Connection& store);

}  // namespace hansa::journal
