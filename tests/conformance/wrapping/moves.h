// Moves that a wrapping attack is made of, on a libxml2 tree: elements moved, copied, wrapped and
// replaced, signatures moved and doubled, Ids exchanged, references redirected.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::test {

using Random = std::mt19937_64;

/// A document after `count` random moves; the same bytes, count and random state give the same result.
std::string moved(std::string_view document, int count, Random& random);

/// The published arrangements (XSW 1 to 8 of Somorovsky and others, 2012, and their kin), by name,
/// for a document whose signature refers to the element with the Id "signed".
struct Variant {
    std::string name;
    std::string document;
};
std::vector<Variant> published_variants(std::string_view document);

}  // namespace hansa::test
