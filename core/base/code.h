// Error codes: stable words such as "xml.doctype-refused".
//
// Each code is one row of one table, core/<module>/errors.table; the build makes
// core/<module>/codes.h from it, so a code that is in no table does not compile. A code never
// changes its meaning; `hansa errors` and docs/errors.md print the same rows.
#pragma once

#include <span>
#include <string_view>

namespace hansa {

/// One row of the catalogue. Lives for ever.
struct CodeRow {
    std::string_view name;     ///< module.what-is-wrong
    int http_status;           ///< what an HTTP answer with this code says
    std::string_view meaning;  ///< one sentence for a person
    std::string_view advice;   ///< what to do about it
};

/// What a default-made Code says: it means that nobody set it.
inline constexpr CodeRow unset_code_row{"base.unset", 500, "No code was set.", "Report it."};

/// A code is the address of its row: cheap to copy, compared by identity.
class Code {
public:
    constexpr Code() : row_(&unset_code_row) {}
    constexpr explicit Code(const CodeRow& row) : row_(&row) {}
    constexpr std::string_view name() const { return row_->name; }
    constexpr const CodeRow& row() const { return *row_; }
    friend constexpr bool operator==(Code a, Code b) { return a.row_->name == b.row_->name; }

private:
    const CodeRow* row_;
};

/// Every row of every module, in the order of the house. Defined in the library hansa_catalogue.
std::span<const CodeRow> catalogue();

}  // namespace hansa
