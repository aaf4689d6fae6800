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
    std::string base;    ///< of a profile; its rows are tried with the base
    std::vector<std::string> codes = {};  ///< of a profile: lists of its own
};

/// A profile shares the rows of its base: what is tried on rows is tried with the base.
enum class Profiles { left_out, taken };

/// Every format that is translated. $HANSA_FORMATS ("cn.ceb603,wco.declaration") keeps only some.
/// Faults of plugins that did not load are printed and returned.
/// A profile that it names is never left out.
std::vector<Subject> subjects(Diagnostics& faults, Profiles profiles = Profiles::left_out);

/// Suites on every format run in parts, each a test of its own, so that they share the machine.
constexpr std::size_t parts = 6;

/// Of the documents of other formats a profile is tried on one in so many.
constexpr std::uint64_t profile_share = 20;

/// Those that are XML: what the fast way can do.
std::vector<Subject> xml_subjects(Diagnostics& faults);

/// $NAME as a number, else `otherwise`.
std::uint64_t number_from(const char* name, std::uint64_t otherwise);

}  // namespace hansa::test
