// Secret keys of a store, each in a file beside it that only its owner reads: one of the store itself, and one of each
// authority under whose law accounts of persons are kept.
//
//     balances.db.key           names of documents, accounts of things
//     balances.db.keys/xa.key   persons, in tables of authority xa
//
// A person is known by a digest under the key of the authority whose table it is: all agencies that send under one law
// share the person's sum, and nobody who has the key of one authority can tell the persons of another one, or find one of
// its own among those. 16 bytes; an authority that makes its key itself puts the file there before its first person is booked.
//
// Internal to core/balances. Threads: one at a time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/keyed_digest.h"
#include "core/base/result.h"

namespace hansa::balances {

/// 16 bytes of keyed digest of texts.
class Keyed {
public:
    explicit Keyed(const DigestKey& key);
    std::string of(const std::vector<std::string>& texts);
    /// By which the store knows the key again.
    std::string fingerprint();

private:
    KeyedDigest first_, second_;
};

std::filesystem::path key_path(const std::filesystem::path& store);
/// Errors: balances.key-file where the authority's id makes no name of a file
Result<std::filesystem::path> key_path(const std::filesystem::path& store, std::string_view authority);

/// Makes the file where it is not there. Errors: base.file-unwritable
Result<void> make_key_file(const std::filesystem::path& file);
/// `fingerprint`: that the key must have; empty: any. Errors: balances.key-file
Result<Keyed> read_key_file(const std::filesystem::path& file, std::string_view fingerprint);

}  // namespace hansa::balances
