// The canonical form of a document that somebody has found well-formed already, by looking only for what is
// spelt otherwise.
//
// Canonical XML differs from the usual spelling in few places: <x/>, references, CDATA, comments, carriage
// returns, a '>' in a text, spelling of tags with attributes. Vectors look for these 64 bytes at a time; all between is
// given out as slices of the input, at memory speed. This judges nothing: bytes that are not well-formed
// give some output or other, so it is for who reads the same bytes with a scanner or a compiled reader.
//
//     if (!xml::canonical_slices(bytes, {root, behind_root}, method, pieces)) /* the scanner's way */;
//
// Written are Canonical XML 1.0 and 1.1 (for a whole document they are the same) and the exclusive form, without
// comments. Small elements that declare namespaces (a Signature) are written token by token. It declines, after some
// output, where more than spelling is in question: namespaces declared in much of the document, in the exclusive form
// also those that the root declares for others; attributes in another order or quotes; instructions; odd URIs.
//
// Sources: as fast_canonical.h, whose octets it gives.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/xml/fast_canonical.h"

namespace hansa::xml {

/// The root element, and what is left out of it: whole elements or nothing.
struct SliceRange {
    std::size_t root = 0;  ///< of the root's '<'
    std::size_t end = 0;   ///< behind the root's end tag
    std::size_t without_from = 0, without_to = 0;
};

/// How the bytes are looked at; for tests. All give the same octets.
enum class SliceLook { plain, avx2, avx512 };
bool can_look(SliceLook look);
SliceLook fastest_look();

/// Promised: `bytes` is a well-formed document in UTF-8, and the range is that of its root. False: declined.
bool canonical_slices(std::string_view bytes, const SliceRange& range, Canonicalization method, CanonicalOutput& out,
                      SliceLook look = fastest_look());

/// Is there nothing outside of the root that canonical form writes: no instruction? Promised as above.
bool is_bare_outside(std::string_view bytes, const SliceRange& range);

}  // namespace hansa::xml
