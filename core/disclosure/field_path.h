// Paths of fields as strangers write them: normalised, compared, refused.
//
// A consent says which fields may leave. Whoever asks for more than that may try to write a path so that one reader
// takes it for another than the next one does: percent signs, dots, control characters, letters of other scripts that
// look the same. So a path counts only where it is its own normal form, to the byte, and the pivot knows it:
//
//     checked_field(Kind::declaration, "GoodsShipment/Buyer/Name")           well
//     checked_field(Kind::declaration, "GoodsShipment/%42uyer/Name")         disclosure.field-not-plain, normal form named
//     checked_field(Kind::declaration, "GoodsShipment/Byuer/Name")           disclosure.field-unknown, nearest named
//
// Source: shared/design/faults-and-attacks.md, A21. Threads: any. Cost: linear in the path.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/pivot/table.h"

namespace hansa::disclosure {

inline constexpr std::size_t path_bytes_max = 500;

/// What the path would be if everything that hides something were gone: percent signs decoded (again and again), control
/// and invisible characters, white space and accents dropped, look-alikes replaced by the letters that they look like,
/// dots and empty steps resolved, "@" behind its own "/". For messages; never used in place of what was written.
std::string normal_form(std::string_view path);

/// A field or attribute of the kind, one step a name, from below the root, without places or selectors:
/// "GoodsShipment/Buyer/Name", "InvoiceAmount/@currencyID", "TypeCode/@listID".
/// Errors: disclosure.field-not-plain, -field-unknown, -field-is-class
Result<const pivot::Field*> checked_field(pivot::Kind kind, std::string_view written);

/// The text for a message: what is no printable ASCII as \xNN, cut after 120 characters.
std::string shown(std::string_view text);

}  // namespace hansa::disclosure
