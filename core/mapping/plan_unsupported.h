// A row that no plan can hold. Internal to plan*.cpp: thrown where the row is met, caught where the side is compiled.
#pragma once

#include <string>
#include <utility>

#include "core/mapping/model.h"

namespace hansa::mapping::program {

class Unsupported {
public:
    Unsupported(const Row& its_row, std::string why) : row(its_row), detail(std::move(why)) {}
    const Row& row;
    std::string detail;
};

}  // namespace hansa::mapping::program
