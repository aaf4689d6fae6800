// What one document does to the accounts of one table: read from the document by a row, before any account is asked.
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/balances/book.h"
#include "core/pivot/document.h"

namespace hansa::balances {

/// An exact amount in its unit (UN/ECE Rec 20, or an authority's own) or currency.
struct Sum {
    Decimal amount;
    std::string unit;  ///< empty: the account's own is meant
};

/// One movement that a document asks for.
struct Wish {
    std::vector<std::string> account;  ///< the parts of its name; of a return: none
    std::string item, row;
    std::optional<Sum> quantity, value;
    std::optional<Sum> most;  ///< of a limit: what the law allows on the document's day
    std::string path;         ///< where in the document: GoodsShipment/GovernmentAgencyGoodsItem[2]
};

using Name = std::pair<std::string, std::string>;  ///< place, what stands there

struct Deed {
    const Row* row = nullptr;  ///< lives in the table
    std::vector<Wish> wishes;
    std::vector<Name> names, learns;
    std::optional<Name> of;
    std::string day;          ///< by which the document is judged
    std::string from, until;  ///< of the accounts that it opens
    bool changes = false, confirms = false, undoes = false;
};

/// What the row asks of the document; nothing where the row is not for it. `today`: the day of a document without one.
/// Errors: balances.key-missing, -unit-missing, -amount-bad, each with the place
Result<std::optional<Deed>> deed_of(const Balance& balance, const Row& row, const pivot::Document& document, std::string_view format, std::string_view today);

/// The name of the account of a limit that the document takes from: for who asks what was taken before. Nothing: none.
/// Errors: as deed_of
Result<std::optional<std::vector<std::string>>> limit_account(const Balance& balance, const pivot::Document& document, std::string_view format, std::string_view today);

}  // namespace hansa::balances
