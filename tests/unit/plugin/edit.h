// Changes to a compiled plugin that keep its digest right: what a careless or hostile builder makes.
#pragma once

#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "core/plugin/blob.h"

namespace hansa::plugin {

/// Replaces every `piece` in one table of the library's bytes by `other`, which is as long.
inline std::string edited(std::string library, std::string_view table, std::string_view piece, std::string_view other) {
    const std::size_t begin = library.find("HANSAPLG");
    std::uint64_t size = 0;
    for (std::size_t place = 8; place-- > 0;)
        size = (size << 8) | static_cast<unsigned char>(library[begin + 16 + place]);
    const std::string blob = library.substr(begin, size);
    const auto entries = read_blob(blob);
    const std::string_view text = entries->find(table)->second;
    const std::size_t from = begin + static_cast<std::size_t>(text.data() - blob.data());
    for (std::size_t at = library.find(piece, from); at < from + text.size(); at = library.find(piece, at + 1)) {
        library.replace(at, other.size(), other);
    }
    const std::string sum =
        digest(DigestAlgorithm::sha256, library.substr(begin, 24) + library.substr(begin + 56, size - 56));
    return library.replace(begin + 24, 32, sum);
}

}  // namespace hansa::plugin
