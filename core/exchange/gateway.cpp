#include "core/exchange/gateway.h"

#include <fmt/format.h>

#include <mutex>

#include "core/balances/codes.h"
#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/base/time.h"
#include "core/exchange/conversation.h"
#include "core/exchange/frames.h"
#include "core/exchange/passage.h"

namespace hansa::exchange {
namespace {

/// The way of a message: each stage takes what the one before has made.
Result<Acceptance> walk(Passage& passage) {
    for (Result<void> (*stage)(Passage&) : {&admit, &open}) {
        if (const auto done = stage(passage); !done) return settled(passage, done.error());
    }
    if (const auto notice = notice_of(passage)) return record_notice(passage, *notice);
    if (const auto done = map(passage); !done) return settled(passage, done.error());
    if (auto earlier = repeated_document(passage); !earlier || *earlier) {
        if (!earlier) return earlier.error();
        return **std::move(earlier);
    }
    for (Result<void> (*stage)(Passage&) : {&check, &relate, &book, &render, &copy_to_regulators, &hold}) {
        if (const auto done = stage(passage); !done) return settled(passage, done.error());
    }
    return record(passage);
}

/// A repetition is known by its key before any work is done for it.
Result<bool> is_repetition(const Passage& passage) {
    const std::string& key = passage.submission.idempotency_key;
    const auto found = passage.journal.find_key(passage.submission.agency, key.empty() ? passage.digest : key);
    if (!found) return found.error();
    return found->has_value() && (*found)->digest == passage.digest;
}

Surroundings with_frames(Surroundings with) {
    if (with.frames == nullptr && with.registry != nullptr)
        with.frames = std::make_shared<const std::vector<envelope::Frame>>(frames_of(*with.registry));
    return with;
}

}  // namespace

struct Gateway::State {
    mutable std::mutex mutex = {};
    Surroundings surroundings;
    journal::Journal& journal;
    const std::shared_ptr<std::mutex> fates = std::make_shared<std::mutex>();  ///< the same over every reload

    Surroundings complete(Surroundings with) const {
        with = with_frames(std::move(with));
        if (with.fates == nullptr) with.fates = fates;
        return with;
    }
};

Gateway::Gateway(Surroundings surroundings, journal::Journal& journal)
    : state_(new State{{}, {}, journal}) {
    state_->surroundings = state_->complete(std::move(surroundings));
}

Gateway::~Gateway() = default;

Surroundings Gateway::surroundings() const {
    const std::lock_guard lock(state_->mutex);
    return state_->surroundings;
}

void Gateway::reload(Surroundings surroundings) {
    Surroundings complete = state_->complete(std::move(surroundings));
    const std::lock_guard lock(state_->mutex);
    state_->surroundings = std::move(complete);
}

void Gateway::refuse_unread(const Submission& submission, const Error& why) {
    Diagnostics faults;
    Passage passage{submission, surroundings(), state_->journal, faults};
    passage.id = message_id();
    passage.received = now_utc();
    passage.received_ms = milliseconds_since_epoch(passage.received);
    passage.sender = passage.with.directory->agency(submission.agency);
    record_refusal(passage, why);
    log::info(fmt::format("message {} of {} refused: {}", passage.id, submission.agency, why.text()));
}

Result<Acceptance> Gateway::accept(const Submission& submission, Diagnostics& faults) {
    Passage passage{submission, surroundings(), state_->journal, faults};
    passage.id = message_id();
    passage.digest = sha256_hex(submission.bytes);
    passage.received = now_utc();
    passage.received_ms = milliseconds_since_epoch(passage.received);
    const auto repeated = is_repetition(passage);
    if (!repeated) return repeated.error();
    if (*repeated) return repeat(passage);
    const Engines* engines = passage.with.engines.get();
    if (engines != nullptr && engines->settings().fast) passage.fast = engines;
    passage.watched = passage.fast != nullptr && engines->shadows(passage.digest);
    Reservation reservation(passage);
    auto answer = walk(passage);
    if (answer && answer->message_id == passage.id) reservation.keep();
    if (!answer && answer.error().code == balances::codes::document_twice) {
        // The same message came twice at the same time, and the other one was first.
        const auto meanwhile = is_repetition(passage);
        if (meanwhile && *meanwhile) return repeat(passage);
    }
    if (!answer) {
        record_refusal(passage, answer.error());
        log::info(fmt::format("message {} of {} refused: {}", passage.id, submission.agency, answer.error().text()));
        return answer;
    }
    log::info(fmt::format("message {} of {} accepted, {} to send", answer->message_id, submission.agency, answer->sent_ids.size()));
    return answer;
}

}  // namespace hansa::exchange
