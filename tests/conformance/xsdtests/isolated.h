// Work that may crash or hang, done in child processes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace hansa::test {

struct IsolationLimits {
    unsigned seconds_max = 20;         ///< of the processor, for one call
    std::size_t memory_bytes_max = 0;  ///< 0: no limit, as under the sanitizers, which reserve address space
};

/// Calls `work(i)` for i in [0, count), each in order, in a child process that begins anew after a crash or a hang.
/// What it returns, without line ends, comes to `done(i, line)` here; of a call that did not come back, "!" and why.
void isolated(std::size_t count, const IsolationLimits& limits, const std::function<std::string(std::size_t)>& work,
              const std::function<void(std::size_t, const std::string&)>& done);

}  // namespace hansa::test
