// The program's own log: one line an event, to standard error, for journald or a person.
//
// What is logged is what happened and to which message id; never the content of a message, never a
// secret. Safe from any thread.
#pragma once

#include <string_view>

namespace hansa::log {

enum class Level { debug, info, warning, error };

/// Lines below this level are not written. Default: info.
void set_level(Level level);

void debug(std::string_view line);
void info(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);

}  // namespace hansa::log
