// Lines of a syntax's tables as words, without comments. For this folder's sources.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax {

struct TableLine {
    std::size_t indent = 0;
    std::vector<std::string> words;  ///< at least one
    Place place;
};

std::vector<std::string> words_of(std::string_view text);
std::vector<TableLine> lines_of(const TableText& table);

}  // namespace hansa::syntax
