// How many documents wait now, as the services that let them wait tell it: for metrics, which must not ask stores that
// belong to another thread.
//
// A name that nothing waits for any more stays, with 0, so that whoever reads the numbers sees it go down. Bounded by the
// tables and routes that a configuration names.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace hansa::exchange {

class WaitingCounts {
public:
    using Names = std::map<std::string, std::uint64_t>;

    /// One name of a service: a table of matches, say.
    void set(const std::string& service, const std::string& of, std::uint64_t count) {
        const std::lock_guard lock(mutex_);
        counts_[service][of] = count;
    }
    /// All that a service knows of; its other names are 0 from now on.
    void set_all(const std::string& service, const Names& counts) {
        const std::lock_guard lock(mutex_);
        Names& known = counts_[service];
        for (auto& [of, count] : known) count = 0;
        for (const auto& [of, count] : counts) known[of] = count;
    }
    /// By service.
    std::map<std::string, Names> all() const {
        const std::lock_guard lock(mutex_);
        return counts_;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Names> counts_;
};

}  // namespace hansa::exchange
