// Line and column of what was read, in the bytes as they came.
//
// What is read of a signed document are the octets that its signature covers: canonical, without the
// XML declaration, without the signature. A sender looks for an error in the file that it sent, so
// an element of the octets is found in the bytes again: both have the same elements in the same order, but for
// the signature's own.
//
//     SourcePlaces places(part.bytes, part.octets);
//     Place where = places.place(leaf.offset);
//
// Cost: nothing until the first question; then one scan of both texts where they differ, and a binary search for
// each place. The texts must outlive it. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/mapping/translate.h"
#include "core/schema/tree.h"
#include "core/xml/encoding.h"
#include "core/xml/line_index.h"

namespace hansa::exchange {

class SourcePlaces {
public:
    /// `bytes` as received, in any encoding; `octets` what is read of them, or the same.
    SourcePlaces(std::string_view bytes, std::string_view octets) : bytes_(bytes), octets_(octets) {}
    SourcePlaces(const SourcePlaces&) = delete;
    SourcePlaces& operator=(const SourcePlaces&) = delete;

    /// Of the element that stands at the offset of the octets' UTF-8 text; elsewhere the place of the last element
    /// before it. Where the two texts do not match, the place in the octets. Line 0: they are no XML.
    Place place(std::uint64_t offset);

    /// The same for an element path of the tree that was read from the octets; the place keeps the path.
    Place place(const schema::Element& tree, std::string_view path);

    /// Line and column for everything that a reading says of its source.
    void give(mapping::Reading& reading);

private:
    void match();

    std::string_view bytes_, octets_;
    bool matched_ = false;
    std::optional<xml::Utf8Document> text_;  ///< of what lines are counted in
    std::optional<xml::LineIndex> lines_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        starts_;  ///< of elements: in the octets, in the bytes; empty: the same text
};

}  // namespace hansa::exchange
