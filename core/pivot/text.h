// A pivot document as lines a person can read, compare and write.
//
//     document declaration
//     FunctionCode 9
//     InvoiceAmount 120.5
//     InvoiceAmount/@currencyID USD
//     GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode 9610
//     GoodsShipment/GovernmentAgencyGoodsItem[1]/GovernmentProcedure[1]/CurrentCode/@listID cn.trade-mode
//
// One field a line: path, one space, value. Members of a list have their place in brackets; a class
// without members is a line that ends in "/". In values \n, \r, \t and \\ stand for the signs
// themselves. @listID is the authority's list that a code belongs to. Memory and annex follow as
// lines "@memory" and "@annex", parts apart by tabs. Empty lines and lines that start with # are
// skipped. Several documents follow each other, each with its own first line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"

namespace hansa::pivot {

/// The lines of one document; ends in a line feed. Memory and annex only when asked for.
std::string write_text(const Document& document, bool with_kept = false);

/// Reads documents back: read_text(write_text(d, true)) gives {d}, with members in the order of the lines.
/// Bytes are foreign: every bound is one of `limits`.
/// Errors: pivot.bad-line, pivot.bad-path, pivot.unknown-field, pivot.unknown-kind, pivot.too-many; with line
struct TextLimits {
    std::size_t lines_max = 2'000'000;
    std::size_t line_bytes_max = 1'000'000;
    std::uint32_t members_max = 20'000;  ///< of one list
};
Result<std::vector<Document>> read_text(std::string_view text, const std::string& file = {},
                                        const TextLimits& limits = {});

}  // namespace hansa::pivot
