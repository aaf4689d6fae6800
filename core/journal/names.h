// The names of messages: references and business keys.
//
// What a group says of a message's names is one sealed list in the table `names`. The rows of `reference` and
// `business_key` are only the index by which a list is found: what is found there counts if the list has it. A message
// of a hundred orders has hundreds of names, and a seal and three trees for each cost more than all else that is kept.
//
// A list is JSON, {"references": [["agency", "scheme", "value"], ...], "business_keys": [["agency", "family", "key",
// unique], ...]}. A value's quotes are escaped in it, so that an entry's own letters stand in it only as that entry.
//
// Threads: as Connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/journal/records.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// The names that one group gives to one message.
class NameList {
public:
    /// What the index has already is left out. Errors: journal.business-duplicate, those of storage_error()
    Result<void> add(Connection& store, const BusinessKey& key, std::int64_t message);
    Result<void> add(Connection& store, const Reference& reference, std::int64_t message);

    /// Puts the list away, sealed. Nothing was added: nothing is put away.
    Result<void> keep(Connection& store, std::string_view message_id, std::int64_t message) const;

private:
    std::string references_, business_keys_;
};

/// The references of a message, oldest list first, of one scheme if one is named. Errors: journal.record-damaged
Result<std::vector<Reference>> references_in(Connection& store, std::string_view message_id, std::int64_t message,
                                             std::string_view scheme);

/// What the index has is what a list has: asked for each that was found. Keeps the lists of the message it was asked
/// for last.
class NameWitness {
public:
    explicit NameWitness(Connection& store) : store_(store) {}
    /// Errors: journal.record-damaged
    Result<void> confirm(const Reference& reference, std::int64_t message);
    Result<void> confirm(const BusinessKey& key, std::int64_t message);

private:
    Result<void> confirm(std::string_view entry, std::string_view message_id, std::int64_t message);

    Connection& store_;
    std::int64_t message_ = 0;
    std::vector<std::string> lists_;
};

/// What is wrong with the lists and their index, each told to `fault` with what it is. Returns how many references
/// there are.
Result<std::uint64_t> verify_names(Connection& store, const std::function<void(std::string)>& fault);

/// The tables of editions before 4, whose rows had a seal each, as lists. A list with a row whose seal was broken gets
/// none that fits.
Result<void> gather_names(Connection& store);

}  // namespace hansa::journal
