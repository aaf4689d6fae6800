#include "core/exchange/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <thread>

#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/codes.h"
#include "core/exchange/fate.h"
#include "core/journal/codes.h"
#include "core/syntax/syntax.h"

namespace hansa::exchange {
namespace {

using journal::Delivery;
using journal::Outcome;

constexpr int settle_attempts_max = 5;

std::int64_t now_ms() {
    return milliseconds_since_epoch(now_utc());
}

std::int64_t pause_after(std::uint32_t attempts, const OutboxLimits& limits) {
    const std::uint32_t doublings = std::min<std::uint32_t>(attempts == 0 ? 0 : attempts - 1, 20);
    return std::min<std::int64_t>(limits.pause_max_ms, std::int64_t{limits.pause_first_ms} << doublings);
}

/// The receiver's address in the configuration of now; the one of the record if the agency moved away.
Address address_of(const Delivery& delivery, const Directory& directory) {
    const Agency* agency = directory.agency(delivery.agency);
    if (agency != nullptr && agency->address) return *agency->address;
    Address recorded;
    recorded.url = delivery.address;
    return recorded;
}

}  // namespace

struct Outbox::State {
    std::function<Surroundings()> surroundings;
    journal::Journal& journal;
    std::vector<std::shared_ptr<Transport>> transports;
    OutboxLimits limits;
    std::mutex mutex = {};
    std::condition_variable woken = {};
    std::vector<std::thread> threads = {};
    bool stopping = false;
    std::uint64_t wakes = 0;

    Transport* transport_for(std::string_view url) const {
        for (const auto& transport : transports) {
            if (transport->serves(url)) return transport.get();
        }
        return nullptr;
    }

    Result<Delivered> attempt(const Delivery& delivery, std::string& file_name) const;
    std::vector<std::string> parents_to_move(const Delivery& delivery, journal::State to) const;
    void carry(const Delivery& delivery);
    journal::Group group_of(const Delivery& delivery, const Outcome& outcome, const std::string& receipt) const;
    void settle(const Delivery& delivery, const Outcome& outcome, const std::string& receipt);
    std::size_t carry_due(std::int64_t now);
    void work();
};

Result<Delivered> Outbox::State::attempt(const Delivery& delivery, std::string& file_name) const {
    const auto message = journal.message(delivery.message_id);
    if (!message) return message.error();
    const auto bytes = journal.read_body(delivery.body_digest);
    if (!bytes) return bytes.error();
    const Surroundings now = surroundings();
    const Address address = address_of(delivery, *now.directory);
    Transport* transport = transport_for(address.url);
    if (transport == nullptr) return Error{codes::no_transport, "no transport serves '" + address.url + "'"};
    const bool container = bytes->starts_with("PK\x03\x04");
    const std::string_view ending = container ? "asice" : syntax::ending_of(syntax::kind_of(*bytes));
    file_name = fmt::format("{}.{}", delivery.message_id, ending);
    return transport->deliver(Attempt{address, delivery.id, message->format, message->purpose, file_name, *bytes});
}

/// The received message follows the last of what was made of it; those whose documents went out as one follow that one.
std::vector<std::string> Outbox::State::parents_to_move(const Delivery& delivery, journal::State to) const {
    const auto message = journal.message(delivery.message_id);
    if (!message) return {};
    auto parents = followers_of(journal, *message);
    if (!parents) return {};
    std::erase_if(*parents, [&](const std::string& id) {
        const auto parent = journal.message(id);
        if (!parent || parent->state == to || !journal::may_follow(parent->state, to)) return true;
        const auto made = made_of(journal, id);
        return !made || std::ranges::any_of(*made, [&](const journal::Message& other) { return other.id != message->id && other.state == journal::State::queued; });
    });
    return *std::move(parents);
}

/// What an attempt's end does in the journal. A message that was answered meanwhile is more than delivered, and stays so.
journal::Group Outbox::State::group_of(const Delivery& delivery, const Outcome& outcome, const std::string& receipt) const {
    journal::Group group;
    group.at_ms = now_ms();
    const bool delivered = outcome.kind == Outcome::Kind::delivered;
    if (delivered && !receipt.empty()) {
        journal::NewBody body;
        body.message_id = delivery.message_id;
        body.kind = journal::BodyKind::receipt;
        body.bytes = receipt;
        body.name = delivery.agency;
        group.bodies.push_back(std::move(body));
    }
    if (delivered || outcome.kind == Outcome::Kind::dead) {
        const auto to = delivered ? journal::State::delivered : journal::State::dead;
        const auto message = journal.message(delivery.message_id);
        const bool moves = !message || journal::may_follow(message->state, to);
        if (moves) group.transitions.push_back({delivery.message_id, to, outcome.code, outcome.detail});
        for (const std::string& parent : parents_to_move(delivery, to)) group.transitions.push_back({parent, to, outcome.code, {}});
    }
    group.outcomes.push_back(outcome);
    return group;
}

void Outbox::State::settle(const Delivery& delivery, const Outcome& outcome, const std::string& receipt) {
    const auto lock = fates_of(surroundings());
    for (int attempt = 1;; ++attempt) {
        const auto done = journal.commit(group_of(delivery, outcome, receipt));
        if (done) return;
        // An answer that overtakes us takes no lock, and moves a message only once.
        if (done.error().code == journal::codes::illegal_transition && attempt < settle_attempts_max) continue;
        log::error(fmt::format("delivery {}: {}", delivery.id, done.error().text()));
        return;
    }
}

void Outbox::State::carry(const Delivery& delivery) {
    std::string file_name;
    const auto result = attempt(delivery, file_name);
    Outcome outcome;
    outcome.delivery_id = delivery.id;
    outcome.token = delivery.token;
    if (result) {
        outcome.kind = Outcome::Kind::delivered;
        outcome.detail = result->detail;
        log::info(fmt::format("message {} delivered to {} ({})", delivery.message_id, delivery.agency, result->detail));
        settle(delivery, outcome, result->receipt);
        return;
    }
    const Error& error = result.error();
    outcome.code = error.code.name();
    outcome.detail = error.detail;
    const bool again = error.code == codes::partner_unreachable && delivery.attempts < limits.attempts_max;
    outcome.kind = again ? Outcome::Kind::retry : Outcome::Kind::dead;
    outcome.due_ms = now_ms() + pause_after(delivery.attempts, limits);
    log::warning(fmt::format("message {} to {}: {}{}", delivery.message_id, delivery.agency, error.text(),
                             again ? "; will be tried again" : "; a dead letter now"));
    settle(delivery, outcome, {});
}

std::size_t Outbox::State::carry_due(std::int64_t now) {
    journal::ClaimRequest request;
    request.now_ms = now;
    request.count_max = 8;
    request.lease_ms = limits.lease_ms;
    const auto claimed = journal.claim_due(request);
    if (!claimed) {
        log::error("outbox: " + claimed.error().text());
        return 0;
    }
    for (const Delivery& delivery : *claimed) carry(delivery);
    return claimed->size();
}

void Outbox::State::work() {
    std::uint64_t seen = 0;
    for (;;) {
        {
            std::unique_lock lock(mutex);
            if (stopping) return;
            seen = wakes;
        }
        if (carry_due(now_ms()) > 0) continue;
        std::unique_lock lock(mutex);
        woken.wait_for(lock, std::chrono::milliseconds(limits.poll_ms), [&] { return stopping || wakes != seen; });
    }
}

Outbox::Outbox(std::function<Surroundings()> surroundings, journal::Journal& journal,
               std::vector<std::shared_ptr<Transport>> transports, OutboxLimits limits)
    : state_(new State{std::move(surroundings), journal, std::move(transports), limits}) {}

Outbox::~Outbox() {
    stop();
}

void Outbox::start() {
    for (std::uint32_t i = 0; i < state_->limits.threads; ++i) state_->threads.emplace_back([this] { state_->work(); });
}

void Outbox::wake() {
    const std::lock_guard lock(state_->mutex);
    ++state_->wakes;
    state_->woken.notify_all();
}

void Outbox::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->woken.notify_all();
    }
    for (std::thread& thread : state_->threads) thread.join();
    state_->threads.clear();
}

std::size_t Outbox::run_once(std::int64_t now) {
    std::size_t attempts = 0;
    for (std::size_t got = state_->carry_due(now); got > 0; got = state_->carry_due(now)) attempts += got;
    return attempts;
}

Result<std::size_t> replay(journal::Journal& journal, const Surroundings& with, std::string_view id, std::int64_t at_ms) {
    const auto message = journal.message(id);
    if (!message) return message.error();
    // Whoever moves received messages meanwhile would see some of them dead, and some under way.
    const auto fates = fates_of(with);
    std::vector<journal::Message> made{*message};
    if (message->direction == journal::Direction::in) {
        auto carried = made_of(journal, message->id);
        if (!carried) return carried.error();
        auto children = journal.children(message->id);
        if (!children) return children.error();
        made = *std::move(carried);
        std::ranges::copy_if(*children, std::back_inserter(made), [](const journal::Message& child) { return child.direction == journal::Direction::out && child.relation == journal::Relation::answer; });
        std::erase_if(made, [](const journal::Message& one) { return one.state != journal::State::dead; });
    }
    std::size_t done = 0;
    for (const journal::Message& one : made) {
        const auto followers = followers_of(journal, one);
        if (!followers) return followers.error();
        const auto put_back = journal.replay(one.id, at_ms, *followers);
        if (!put_back && put_back.error().code != journal::codes::illegal_transition) return put_back.error();
        done += put_back ? *put_back : 0U;
    }
    return done;
}

}  // namespace hansa::exchange
