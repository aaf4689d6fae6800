// The stage book: what the documents of a message take from balances, add to them and give back, as the tables say that
// the configuration of the sending agency and of the document's routes switches on. Answers are asked of the tables of
// their question's sender and of all of its routes: they find nothing where their question has booked nothing.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/log.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/passage.h"
#include "core/journal/codes.h"
#include "core/rules/check.h"

namespace hansa::exchange {

void Accounts::settle(const std::string& message) {
    std::vector<std::string> waiting{message};
    {
        const std::lock_guard lock(mutex_);
        waiting.insert(waiting.begin(), unsettled_.begin(), unsettled_.end());
        unsettled_.clear();
    }
    for (const std::string& one : waiting) {
        const auto done = ledger_->settle(one);
        if (done) continue;
        log::error(fmt::format("what message {} books is not settled yet: {}", one, done.error().text()));
        const std::lock_guard lock(mutex_);
        unsettled_.push_back(one);
    }
}

void Accounts::undo(const std::string& message) {
    const auto done = ledger_->undo(message);
    if (!done) log::error(fmt::format("what message {} has reserved stays until the next start: {}", message, done.error().text()));
}

void Accounts::take_back(const std::string& message, std::size_t number, balances::Base base) {
    const auto done = ledger_->take_back(message, number, base);
    if (!done) log::error(fmt::format("what document {} of message {} has taken stays taken, although it is refused: {}", number + 1, message, done.error().text()));
}

Result<std::size_t> Accounts::settle_left(journal::Journal& journal) {
    return ledger_->settle_pending([&](const std::string& message) -> Result<bool> {
        const auto found = journal.message(message);
        if (!found && found.error().code != journal::codes::not_found) return found.error();
        return found && found->state != journal::State::refused;
    });
}

namespace {

using balances::Booked;
using balances::Booking;
using balances::Finding;

constexpr int waits_max = 100;
constexpr std::chrono::milliseconds wait_step{20};

/// Whose tables are asked of a document, and whose names it uses.
const Agency* owner_of(const Passage& passage, std::size_t number) {
    if (passage.format->kind != pivot::Kind::response) return passage.sender;
    const bool asked = number < passage.questions.size() && passage.questions[number].has_value();
    return asked ? passage.with.directory->agency(passage.questions[number]->received.agency_from) : nullptr;
}

std::vector<std::string> tables_for(const Passage& passage, const Agency& owner, std::size_t document) {
    std::vector<std::string> out = owner.balances;
    const auto add = [&](const Route& route) {
        std::ranges::copy_if(route.balances, std::back_inserter(out), [&](const std::string& table) { return std::ranges::find(out, table) == out.end(); });
    };
    for (const Route* route : routes_of(passage, document)) add(*route);
    if (passage.format->kind != pivot::Kind::response) return out;
    for (const Route& route : passage.with.directory->routes) {
        if (route.from == owner.id) add(route);
    }
    return out;
}

/// Documents with the tables that are for them; those without any are left out. Errors: balances.table-unknown
Result<std::vector<balances::Subject>> subjects_of(const Passage& passage) {
    std::vector<balances::Subject> out;
    for (std::size_t i = 0; i < passage.facts.size(); ++i) {
        const Agency* owner = owner_of(passage, i);
        if (owner == nullptr) continue;
        balances::Subject subject;
        subject.number = i;
        subject.format = passage.format->id;
        subject.agency = owner->id;
        if (passage.format->kind == pivot::Kind::response) subject.question = passage.questions[i]->received.id;
        for (const std::string& id : tables_for(passage, *owner, i)) {
            const auto balance = passage.with.balances->book().find(id);
            if (!balance) return balance.error();
            if ((*balance)->table.is_for(passage.format->kind, passage.format->id)) subject.balances.push_back(*balance);
        }
        if (!subject.balances.empty()) out.push_back(std::move(subject));
    }
    return out;
}

/// The same document on its way in another message: what becomes of that one is waited for.
bool waits_for_another(const Booked& booked) {
    return std::ranges::any_of(booked.findings, &Finding::pending);
}

Error told(const Passage& passage, const Finding& finding) {
    Error error = finding.error;
    if (!error.place.path.empty()) error.detail += fmt::format(" ({})", error.place.path);
    error.place = {};
    if (passage.documents.size() > 1) error.detail = fmt::format("document {} of {}: {}", finding.document + 1, passage.documents.size(), error.detail);
    return error;
}

}  // namespace

Result<void> book(Passage& passage) {
    if (passage.with.balances == nullptr) return {};
    auto subjects = subjects_of(passage);
    if (!subjects) return subjects.error();
    if (subjects->empty()) return {};
    // Tables ask for any field: the fast way's few facts are not enough.
    if (const auto made = need_documents(passage); !made) return made;
    const std::string today = format_iso(passage.received);
    Booking booking{passage.id, passage.submission.test, passage.received_ms, std::string(rules::day_of(today)), *std::move(subjects)};
    for (balances::Subject& subject : booking.subjects) subject.document = &passage.documents[subject.number];
    balances::Ledger& ledger = passage.with.balances->accounts()->ledger();
    passage.booked = true;
    auto booked = ledger.book(booking);
    for (int i = 0; i < waits_max && booked && waits_for_another(*booked); ++i) {
        std::this_thread::sleep_for(wait_step);
        booked = ledger.book(booking);
    }
    if (!booked) return booked.error();
    std::optional<Error> first;
    for (const Finding& finding : booked->findings) {
        Error error = told(passage, finding);
        if (!finding.refuses) {
            passage.rule_warnings.push_back({finding.balance->table.id, finding.document, {}, error.detail});
            continue;
        }
        if (!first) first = error;
        passage.faults.add(std::move(error));
    }
    if (first) return *first;
    return {};
}

Reservation::~Reservation() {
    if (passage_.booked && !kept_) passage_.with.balances->accounts()->undo(passage_.id);
}

void Reservation::keep() {
    kept_ = true;
    if (passage_.booked) passage_.with.balances->accounts()->settle(passage_.id);
}

}  // namespace hansa::exchange
