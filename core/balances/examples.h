// Examples of tables of balances: balances/examples/*.pivot of a plugin.
//
// An example is a story: pivot documents one after the other (core/pivot/text.h), each with remarks before it.
//     # balances cn.bonded                              which tables are asked; once, at the top
//     # format cn.ceb621                                of the next document
//     # expect booked                                   or untouched, warned CODE, refused CODE
//     # says asked 8 KGM, held 5 KGM                    a piece of the refusal
//     # question 2                                      an answer: to the second document
//     document declaration
//     ...
//     # holds S15 12 5 KGM                              at the end: account, item (- for none), amount, unit
// A table needs a story in which something is booked and one in which something is refused or warned of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"

namespace hansa::balances {

struct ExampleResult {
    std::uint64_t passed = 0;
    std::vector<Error> faults;  ///< balances.example; those of the tables and of the documents
};

/// Works in a folder of its own below the system's for temporary files.
ExampleResult run_balance_examples(const std::filesystem::path& plugin_folder);

}  // namespace hansa::balances
