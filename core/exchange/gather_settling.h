// What follows when a group of gathered documents closes: masters go out, and who cannot go with the others is answered.
//
// A closing (core/consolidation/waiting_room.h) is one group of the journal with a key of its own: all of it is
// recorded, or nothing; when the same closing comes again, because the process was killed before it could be struck off,
// the journal knows the key and nothing happens twice.
//
// A master is an outgoing message whose parent is the first received one in it; it names all (gathering.h),
// and is found by the numbers of each. A received
// message goes on to `queued` when its last document has closed and one of them went out, and on to where those are if
// they are all at rest (fate.h); else it is refused, so that its sender may send it anew under the same number. A refused document is answered in its sender's own format.
//
// What was replaced or taken out while it waited, and what took it out, goes nowhere: the gateway knows the answer, and
// such a message ends as `answered`, unless other documents of it go out.
//
// Internal to the exchange. Threads: one at a time.
#pragma once

#include <functional>
#include <string>

#include "core/consolidation/waiting_room.h"
#include "core/exchange/gateway.h"

namespace hansa::exchange {

class GatherSettling {
public:
    GatherSettling(journal::Journal& journal, std::function<Surroundings()> surroundings, consolidation::WaitingRoom& room)
        : journal_(journal), surroundings_(std::move(surroundings)), room_(room) {}

    /// Errors: those of the journal; the closing is then still open
    Result<void> settle(const consolidation::Closing& closing, std::int64_t now_ms);

private:
    struct Work;
    Result<void> take_back(const consolidation::Closing& closing);
    journal::Journal& journal_;
    std::function<Surroundings()> surroundings_;
    consolidation::WaitingRoom& room_;
};

}  // namespace hansa::exchange
