// A gateway's worth of commits until someone ends it:
//
//     journal-child STORE THREADS COUNT
//
// After each commit has returned, and not before, one line goes to standard output: "M id" for a
// message with its delivery, "D id" for a delivery that was marked delivered. COUNT commits a
// thread, 0: for ever. Lines are shorter than PIPE_BUF, so each arrives whole or not at all.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/journal/journal.h"

namespace {

using namespace hansa;
using namespace hansa::journal;

void say(char what, const std::string& id) {
    const std::string line = std::string(1, what) + " " + id + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::_Exit(3);
}

void check(bool holds, const std::string& why) {
    if (holds) return;
    std::fprintf(stderr, "journal-child: %s\n", why.c_str());
    std::_Exit(2);
}

void commit_one(Journal& store, int thread, std::int64_t now) {
    const std::string id = message_id(), delivery = message_id();
    const std::string bytes =
        "<order id='" + id + "'>" + std::string(static_cast<std::size_t>(now % 3'000), 'x') + "</order>";
    Group group{.at_ms = now};
    group.keys.push_back({"north", id, sha256_hex(bytes), id});
    group.messages.push_back({.id = id, .agency_from = "north", .agency_to = "south", .received_ms = now});
    group.bodies.push_back({.message_id = id, .bytes = bytes});
    group.transitions = {{.message_id = id, .to = State::accepted}, {.message_id = id, .to = State::queued}};
    group.deliveries.push_back({.id = delivery,
                                .message_id = id,
                                .agency = "south",
                                .transport = "http",
                                .body_digest = sha256_hex(bytes),
                                .corridor = "c" + std::to_string(thread)});
    group.references.push_back({.message_id = id, .scheme = "lrn", .value = "L" + id});
    const auto done = store.commit(std::move(group));
    check(done.has_value(), done ? "" : done.error().text());
    say('M', id);
}

void deliver_some(Journal& store, std::int64_t now) {
    const auto claims = store.claim_due({.now_ms = now, .count_max = 4, .corridor_run_max = 2});
    check(claims.has_value(), claims ? "" : claims.error().text());
    for (const Delivery& claim : *claims) {
        const auto done = store.mark_delivered(claim, now);
        check(done.has_value(), done ? "" : done.error().text());
        say('D', claim.id);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) return 2;
    auto store = open_sqlite(arguments[1], {});
    check(store.has_value(), store ? "" : store.error().text());
    const int threads = std::atoi(arguments[2]), commits = std::atoi(arguments[3]);
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            for (std::int64_t i = 1; commits == 0 || i <= commits; ++i) {
                commit_one(**store, t, i);
                if (t == 0 && i % 3 == 0) deliver_some(**store, i);
            }
        });
    }
    for (std::thread& worker : workers) worker.join();
    return 0;
}
