#include "core/exchange/follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/kept_documents.h"
#include "core/journal/codes.h"
#include "core/journal/sqlite.h"

namespace hansa::exchange {
namespace {

/// What was not accepted never happened for services.
bool counts(const journal::Message& message) {
    return message.state != journal::State::received && message.state != journal::State::refused;
}

/// A watcher and how far it has read. In memory it is ahead of the durable position by messages that do not count.
struct Reader {
    std::shared_ptr<Watcher> watcher;
    std::optional<std::int64_t> at = {};
    bool failed = false;  ///< in this round
};

}  // namespace

bool is_passing(const Error& error) {
    return journal::is_storage_error(error.code) || error.code == journal::codes::too_busy || error.code == journal::codes::stopped;
}

Result<std::int64_t> journal_end(journal::Journal& journal) {
    journal::Filter filter;
    filter.count_max = 1;
    const auto newest = journal.search(filter);
    if (!newest) return newest.error();
    return newest->last_number;
}

struct Follower::State {
    std::function<Surroundings()> surroundings;
    journal::Journal& journal;
    FollowerLimits limits;
    std::mutex mutex = {};  ///< of the thread's life; never held during a step
    std::condition_variable woken = {};
    std::thread thread = {};
    bool started = false;
    std::atomic<bool> stopping = false;
    std::uint64_t wakes = 0;
    std::mutex turn = {};  ///< one step at a time
    std::vector<Reader> readers = {};

    void set(std::vector<std::shared_ptr<Watcher>> watchers);
    void fail(Reader& reader, const Error& why) const;
    std::optional<std::int64_t> lowest() const;
    Result<std::vector<pivot::Document>> documents_of(const journal::Message& message) const;
    Result<std::vector<Followed>> read(const journal::Page& page, std::int64_t& upto) const;
    void hand_over(Reader& reader, std::span<const Followed> all, std::int64_t upto) const;
    Result<std::size_t> step();
    std::size_t round(std::int64_t now_ms);
    void work();
    void begin();
};

void Follower::State::set(std::vector<std::shared_ptr<Watcher>> watchers) {
    readers.clear();
    for (auto& watcher : watchers) readers.push_back({std::move(watcher)});
}

void Follower::State::fail(Reader& reader, const Error& why) const {
    reader.failed = true;
    reader.at.reset();
    log::error(fmt::format("{}: {}", reader.watcher->name(), why.text()));
}

std::optional<std::int64_t> Follower::State::lowest() const {
    std::optional<std::int64_t> out;
    for (const Reader& reader : readers) {
        if (!reader.failed && reader.at) out = std::min(out.value_or(*reader.at), *reader.at);
    }
    return out;
}

/// Errors: only those that pass
Result<std::vector<pivot::Document>> Follower::State::documents_of(const journal::Message& message) const {
    if (message.kind.empty()) return std::vector<pivot::Document>();  // a consent, say: nothing of the pivot
    auto documents = kept_documents(journal, surroundings(), message);
    if (documents || is_passing(documents.error())) return documents;
    log::warning(fmt::format("message {} is followed without its documents: {}", message.id, documents.error().text()));
    return std::vector<pivot::Document>();
}

/// The page's messages as far as one step takes them; `upto` is the number of the last row that was looked at.
Result<std::vector<Followed>> Follower::State::read(const journal::Page& page, std::int64_t& upto) const {
    std::vector<Followed> out;
    std::size_t documents = 0;
    for (const journal::Message& message : page.messages) {
        if (documents >= limits.documents_max) return out;
        upto = message.number;
        if (!counts(message)) continue;
        out.push_back({message, {}});
        const bool wanted = std::ranges::any_of(readers, [&](const Reader& reader) {
            return !reader.failed && reader.at && *reader.at < message.number && reader.watcher->wants_documents(message);
        });
        if (!wanted) continue;
        auto made = documents_of(message);
        if (!made) return made.error();
        documents += made->size();
        out.back().documents = *std::move(made);
    }
    upto = page.last_number;
    return out;
}

void Follower::State::hand_over(Reader& reader, std::span<const Followed> all, std::int64_t upto) const {
    if (reader.failed || !reader.at || *reader.at >= upto) return;
    const auto first = std::ranges::find_if(all, [&](const Followed& one) { return one.message.number > *reader.at; });
    const std::span<const Followed> fresh(first, all.end());
    if (!fresh.empty()) {
        if (const auto taken = reader.watcher->take(fresh); !taken) return fail(reader, taken.error());
    }
    reader.at = upto;
}

/// Returns how many messages were read; 0: there is none. Errors: those of the journal
Result<std::size_t> Follower::State::step() {
    const auto from = lowest();
    if (!from) return std::size_t{0};
    journal::Filter filter;
    filter.direction = journal::Direction::in;
    filter.oldest_first = true;
    filter.cursor = std::to_string(*from);
    filter.count_max = limits.messages_max;
    const auto page = journal.search(filter);
    if (!page) return page.error();
    for (const Error& one : page->damaged) log::error("a message is not followed: " + one.text());
    if (page->last_number == 0) return std::size_t{0};
    std::int64_t upto = *from;
    const auto all = read(*page, upto);
    if (!all) return all.error();
    for (Reader& reader : readers) hand_over(reader, *all, upto);
    return std::max<std::size_t>(all->size(), 1);
}

std::size_t Follower::State::round(std::int64_t now_ms) {
    const std::lock_guard lock(turn);
    for (Reader& reader : readers) {
        reader.failed = false;
        if (reader.at) continue;  // else it is new, or has failed: what it has taken is known to itself alone
        const auto position = reader.watcher->position();
        if (position) reader.at = *position;
        else fail(reader, position.error());
    }
    std::size_t handed = 0;
    while (!stopping) {
        const auto done = step();
        if (!done) log::error("follower: " + done.error().text());
        if (!done || *done == 0) break;
        handed += *done;
    }
    for (Reader& reader : readers) {
        if (reader.failed || stopping) continue;
        if (const auto ticked = reader.watcher->tick(now_ms); !ticked) fail(reader, ticked.error());
    }
    return handed;
}

void Follower::State::work() {
    for (;;) {
        std::unique_lock lock(mutex);
        if (stopping) return;
        const std::uint64_t seen = wakes;
        lock.unlock();
        round(milliseconds_since_epoch(now_utc()));
        lock.lock();
        woken.wait_for(lock, std::chrono::milliseconds(limits.poll_ms), [&] { return stopping || wakes != seen; });
    }
}

/// The thread, where there is work for one.
void Follower::State::begin() {
    const std::lock_guard lock(mutex);
    if (started && !stopping && !thread.joinable()) thread = std::thread([this] { work(); });
}

Follower::Follower(std::function<Surroundings()> surroundings, journal::Journal& journal,
                   std::vector<std::shared_ptr<Watcher>> watchers, FollowerLimits limits)
    : state_(new State{std::move(surroundings), journal, limits}) {
    state_->set(std::move(watchers));
}

Follower::~Follower() {
    stop();
}

void Follower::start() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->started = true;
    }
    const std::lock_guard lock(state_->turn);
    if (!state_->readers.empty()) state_->begin();
}

void Follower::wake() {
    const std::lock_guard lock(state_->mutex);
    ++state_->wakes;
    state_->woken.notify_all();
}

void Follower::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->woken.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

void Follower::replace(std::vector<std::shared_ptr<Watcher>> watchers) {
    const std::lock_guard lock(state_->turn);
    state_->set(std::move(watchers));
    if (!state_->readers.empty()) state_->begin();
}

std::size_t Follower::run_once(std::int64_t now_ms) {
    return state_->round(now_ms);
}

}  // namespace hansa::exchange
