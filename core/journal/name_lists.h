// The lists of names as they lie in the store, and the marks by which they are found (names.h).
//
// For names.cpp and verify_names.cpp only. Threads: as Connection.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/records.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {

/// A text as it stands in a list.
std::string quoted(std::string_view text);
/// An entry up to the end of its last text: `["agency","scheme","value"`.
std::string entry_begin(std::string_view agency, std::string_view kind, std::string_view text);
std::string entry_begin(const Reference& reference);
std::string entry_begin(const BusinessKey& key);
/// What stands behind that: of a reference "]", of a business key whether it is given once.
std::string_view entry_end(const Reference& reference);
std::string_view entry_end(const BusinessKey& key);

/// What a list says.
struct Names {
    std::vector<Reference> references;
    std::vector<BusinessKey> business_keys;
};

/// A list as it lies in the store.
struct NameText {
    std::int64_t number = 0, message = 0;
    std::string message_id, text;
    bool whole = false;  ///< it fits its seal
};

/// What a SELECT must list for name_text_in().
extern const std::string name_text_columns;  // SELECT ... FROM names n JOIN message m ON m.number = n.message
NameText name_text_in(const Row& row);

/// False: it is no list of ours.
bool read_names(const NameText& list, Names& out);
/// The references with one value, without reading the rest.
std::vector<Reference> references_with(const NameText& list, std::string_view value);

std::string seal_of_names(std::string_view message_id, std::string_view text);

/// The marks of references' values: short enough for a small index, long enough that among a thousand million
/// names a lookup reads no foreign list. Sorted, each once.
std::vector<std::string> value_marks(const std::vector<Reference>& references);
std::string value_mark(std::string_view value);
/// In the order of the keys.
std::vector<std::int64_t> key_marks(const std::vector<BusinessKey>& keys);

/// Puts a list's marks into the index.
Result<void> index_values(Connection& store, std::int64_t list, const std::vector<Reference>& references);
Result<void> index_key(Connection& store, std::int64_t mark, std::int64_t message);

}  // namespace hansa::journal
