// Subcommands over the services that join many documents or many formats: consolidate, split, statuses.
#pragma once

#include "core/cli/command.h"

namespace hansa::cli {

void add_consolidate(CLI::App&, Surroundings&, Chosen&);
void add_split(CLI::App&, Surroundings&, Chosen&);
void add_statuses(CLI::App&, Surroundings&, Chosen&);

}  // namespace hansa::cli
