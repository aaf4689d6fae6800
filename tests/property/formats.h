// The formats of the source tree's plugin folders, and how a suite is asked for less or more.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/plugin/registry.h"
#include "core/schema/validator.h"

namespace hansa::test {

struct Subject {
    std::string id;
    pivot::Kind kind{};
    std::shared_ptr<const mapping::Mapping> mapping;
    std::shared_ptr<const schema::Validator> judge;
    std::string syntax;  ///< "xml", ...; trees of all of them are written as XML here
};

/// Every format that is translated. $HANSA_FORMATS ("cn.ceb603,wco.declaration") keeps only some.
/// Faults of plugins that did not load are printed and returned.
std::vector<Subject> subjects(Diagnostics& faults);

/// Suites on every format run in parts, each a test of its own, so that they share the machine.
constexpr std::size_t parts = 6;

/// Those that are XML: what the fast way can do.
std::vector<Subject> xml_subjects(Diagnostics& faults);

/// $NAME as a number, else `otherwise`.
std::uint64_t number_from(const char* name, std::uint64_t otherwise);

}  // namespace hansa::test
