// What a document of a match says: its keys, its facts as short digests, and where it differs from another one.
//
// A store of millions of open orders keeps no values of theirs, only keyed digests (core/base/keyed_digest.h): 6 bytes
// for all that one agreement compares, and 4 for each fact that may be left out. Where the digests of two documents
// agree, so do the documents (nobody without the key can aim at those that do by chance, one in 2^48); where they do not,
// the documents themselves are compared, and the fields named.
//
// Threads: a Recorder belongs to one; the functions are for any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/keyed_digest.h"
#include "core/matching/match_table.h"
#include "core/pivot/document.h"

namespace hansa::matching {

/// One field on which two documents differ.
struct Finding {
    const Agreement* agreement = nullptr;  ///< lives in the MatchTable
    std::string first_path, second_path;   ///< in the pivot documents; of a member that is missing: where it is not
    std::string first_value, second_value; ///< empty: nothing stands there. Content of people's fields: not for logs
    bool member_missing = false;
    std::size_t which = 0;                 ///< where one of the two is `several`: the how manieth, from 0

    /// matching.disagree or .member-missing with the id, the text and the two places, without values.
    Error error(const MatchTable& table) const;
};

class Recorder {
public:
    /// How facts are written: those that were written in another way are not compared.
    static constexpr std::string_view layout = "6+4";

    Recorder(const MatchTable& table, const DigestKey& key) : table_(table), digest_(key) {}

    /// The lead's own key. Errors: matching.key-missing
    Result<std::uint64_t> lead_key(const pivot::Document& lead);
    /// The key under which a part waits. Errors: matching.key-missing with the place
    Result<std::uint64_t> key_of(std::size_t part, const pivot::Document& document);
    /// The keys of the parts that a lead names, in the order of joins; of the last one more, where it is `several`. Errors: matching.key-missing
    Result<std::vector<std::uint64_t>> keys_named(const pivot::Document& lead);
    /// The digests of all agreements that the part takes part in, in their order.
    std::string facts_of(std::size_t part, const pivot::Document& document);
    /// Do the digests of two parts say that the agreement holds?
    bool agree(const Agreement& agreement, std::string_view first_facts, std::string_view second_facts) const;

private:
    Result<std::uint64_t> key(const Join& join, bool lead, const pivot::Document& document);
    std::string_view slice(std::string_view facts, std::size_t part, const Agreement& agreement) const;

    const MatchTable& table_;
    KeyedDigest digest_;
};

/// Where two documents differ on what the agreement asks; empty: they agree.
std::vector<Finding> compare(const Agreement& agreement, const pivot::Document& first, const pivot::Document& second);

}  // namespace hansa::matching
