// Things that one message at a time works with, kept for the next one.
//
// Readers, runs of plans, verifiers and signers hold memory and what they have learned; a message borrows
// one and gives it back. There are as many as messages were under way at once.
//
//     Pool<schema::FastReader> readers;
//     const auto reader = readers.take([&] { return std::make_unique<schema::FastReader>(grammar); });
//     reader->open(...);                         // goes back to the pool when `reader` ends
//
// Threads: any; one short lock to take and one to give back. A thing that is lent belongs to its borrower. The pool
// must outlive what it has lent.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace hansa::exchange {

template <class Thing>
class Pool {
public:
    Pool() = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    struct GiveBack {
        Pool* pool = nullptr;
        void operator()(Thing* thing) const { pool->give_back(std::unique_ptr<Thing>(thing)); }
    };
    using Lent = std::unique_ptr<Thing, GiveBack>;

    /// One that is idle, else what `make` gives (a std::unique_ptr; nothing is lent as nothing).
    template <class Make>
    Lent take(const Make& make) {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Lent lent(idle_.back().release(), GiveBack{this});
                idle_.pop_back();
                return lent;
            }
        }
        return Lent(make().release(), GiveBack{this});
    }

private:
    void give_back(std::unique_ptr<Thing> thing) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(thing));
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Thing>> idle_;
};

}  // namespace hansa::exchange
