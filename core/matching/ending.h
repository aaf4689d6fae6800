// What the matcher has decided and its caller has yet to deal with.
//
// An ending is written in the step that decided it, and stays until the caller says that it is settled: whoever is killed
// between the decision and its effect finds it again. It holds numbers, ids and codes; no value of a document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::matching {

/// The caller's own number of a document, with which it finds it again.
using Number = std::uint64_t;

enum class End {
    matched,    ///< a lead has all of its parts, and nothing refuses it
    refused,    ///< ... and something does
    expired,    ///< the wait of a lead is over
    replaced,   ///< a lead was changed: `other` stands for it now
    withdrawn,  ///< a lead that says that another one, `other`, is withdrawn
    unfit       ///< a document of which nothing was kept: `code`
};
std::string_view end_name(End end);

struct Ending {
    std::int64_t row = 0;  ///< in the store
    End end = End::matched;
    Number document = 0;
    std::optional<Number> other;
    std::vector<Number> parts;            ///< matched, refused: in the table's order
    std::vector<std::string> agreements;  ///< that did not hold, by their ids
    std::vector<std::string> missing;     ///< expired: parts, by their names
    std::vector<std::string> taken;       ///< refused: parts that another lead was matched with, by their names
    std::string code, detail;             ///< unfit: why
};

/// As it lies in the store, and back; nothing: it is not one of ours.
std::string ending_text(const Ending& ending);
std::optional<Ending> ending_of(std::string_view text);

}  // namespace hansa::matching
