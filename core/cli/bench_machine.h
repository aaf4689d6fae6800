// The machine under the bench: its name, its counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hansa::bench {

struct Machine {
    std::string cpu;  ///< as the kernel names it, or "unknown"
    unsigned cores = 1;
};
Machine this_machine();

/// Instructions of this thread in user space, counted by the kernel (perf_event_open). Many virtual
/// machines and containers offer no such counter; then tests/bench/instructions gives the figure.
class InstructionCounter {
public:
    InstructionCounter();
    ~InstructionCounter();
    InstructionCounter(const InstructionCounter&) = delete;
    InstructionCounter& operator=(const InstructionCounter&) = delete;

    bool works() const { return file_ >= 0; }
    void start();
    std::uint64_t stop();

private:
    int file_ = -1;
};

/// Memory of the process that is in use, in bytes (VmRSS).
std::size_t memory_now();
/// The part of it that no file stands behind (RssAnon).
std::size_t own_memory_now();

}  // namespace hansa::bench
