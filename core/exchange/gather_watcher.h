// The watcher of all routes that gather: documents wait in a store (core/consolidation/waiting_room.h) until enough of
// one group are there, or the first has waited long enough; then they go out together.
//
//     auto watcher = GatherWatcher::open("/var/lib/hansa/consolidation.db", {...});
//
// A new store begins at the journal's end. A route that is taken out of the configuration while documents wait for it
// refuses them when their group closes, and their senders are told.
//
// Threads: see follower.h.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/exchange/follower.h"
#include "core/exchange/gather_settling.h"

namespace hansa::exchange {

class GatherWatcher final : public Watcher {
public:
    struct Surrounding {
        std::function<Surroundings()> surroundings;
        journal::Journal& journal;
        std::function<void()> released = [] {};  ///< deliveries are due
        /// For tests of faults: called between the steps, "gathered" and "recorded".
        std::function<void(std::string_view)> between = [](std::string_view) {};
    };

    /// Errors: consolidation.store-version, journal.*
    static Result<std::shared_ptr<GatherWatcher>> open(const std::filesystem::path& file, Surrounding with);

    std::string_view name() const override { return "consolidation"; }
    Result<std::int64_t> position() override;
    bool wants_documents(const journal::Message& message) const override;
    Result<void> take(std::span<const Followed> messages) override;
    Result<void> tick(std::int64_t now_ms) override;

    /// Does a document of this held message still wait, or is it to wait as soon as it is read? For others that would move the message;
    /// on the follower's thread. Errors: those of the stores
    Result<bool> holds(const journal::Message& message) const;

private:
    GatherWatcher(std::unique_ptr<consolidation::WaitingRoom> room, Surrounding with);
    Result<void> begin();
    Result<void> settle(std::int64_t now_ms);
    Result<void> tell();
    Result<void> name_other(const std::vector<journal::Reference>& references, std::string_view own, consolidation::Guest& guest) const;
    Result<void> add_guests(const Followed& one, const Surroundings& with, std::vector<consolidation::Guest>& out) const;

    std::unique_ptr<consolidation::WaitingRoom> room_;
    Surrounding with_;
    GatherSettling settling_;
    bool untold_ = true;  ///< what waits may be another number than what was told
};

}  // namespace hansa::exchange
