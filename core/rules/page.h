// The rules as people read them: docs/rules.md, a list for the terminal, JSON.
#pragma once

#include <span>
#include <string>

#include "core/rules/book.h"

namespace hansa::rules {

/// Sets are those asked for; none: all.
std::string markdown(const RuleBook& book, std::span<const std::string> sets);
std::string list(const RuleBook& book, std::span<const std::string> sets);
std::string json(const RuleBook& book, std::span<const std::string> sets);

}  // namespace hansa::rules
