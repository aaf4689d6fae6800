#include "core/balances/ledger.h"

#include <algorithm>

#include "core/balances/codes.h"
#include "core/balances/posting.h"

namespace hansa::balances {
namespace {

/// One transaction: what `work` did is durable, or nothing.
template <class Work>
Result<void> in_one_step(Store& store, const Work& work) {
    if (auto begun = store.begin(); !begun) return begun;
    const Result<void> done = work();
    if (!done) {
        store.roll_back();
        return done;
    }
    return store.commit();
}

Result<void> for_each_document(Store& store, std::string_view message, bool newest_first, const auto& act) {
    auto documents = store.documents_of(message);
    if (!documents) return documents.error();
    if (newest_first) std::ranges::reverse(*documents);
    for (const DocumentRow& document : *documents) {
        if (auto done = act(document); !done) return done;
    }
    return {};
}

}  // namespace

bool Booked::refused() const {
    return std::ranges::any_of(findings, &Finding::refuses);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& path, const LedgerOptions& options) {
    auto store = Store::open(path, options.read_only, options.memory_bytes);
    if (!store) return store.error();
    return std::unique_ptr<Ledger>(new Ledger(*std::move(store)));
}

Result<Booked> Ledger::book(const Booking& booking) {
    const std::lock_guard lock(mutex_);
    Booked out;
    if (auto begun = store_->begin(); !begun) return begun.error();
    for (const Subject& subject : booking.subjects) {
        if (auto done = Posting(*store_, booking, out).post(subject); !done) {
            store_->roll_back();
            return done.error();
        }
    }
    if (out.refused()) {
        store_->roll_back();
        out.documents = 0;
        return out;
    }
    if (auto done = store_->commit(); !done) return done.error();
    return out;
}

Result<void> Ledger::settle(std::string_view message) {
    const std::lock_guard lock(mutex_);
    return in_one_step(*store_, [&] {
        Settlement settlement(*store_);
        return for_each_document(*store_, message, false, [&](const DocumentRow& document) { return settlement.settle(document); });
    });
}

Result<void> Ledger::undo(std::string_view message) {
    const std::lock_guard lock(mutex_);
    return in_one_step(*store_, [&] {
        Settlement settlement(*store_);
        return for_each_document(*store_, message, true, [&](const DocumentRow& document) { return settlement.drop(document); });
    });
}

Result<void> Ledger::take_back(std::string_view message, std::size_t number, Base base) {
    const std::lock_guard lock(mutex_);
    return in_one_step(*store_, [&] {
        Settlement settlement(*store_);
        return for_each_document(*store_, message, true, [&](const DocumentRow& document) {
            const bool meant = document.number == static_cast<std::int64_t>(number) && document.state != State::confirmed;
            return meant ? settlement.take_back(document, base) : Result<void>();
        });
    });
}

Result<std::size_t> Ledger::settle_pending(const std::function<Result<bool>(const std::string&)>& is_durable) {
    std::vector<std::string> messages;
    {
        const std::lock_guard lock(mutex_);
        auto found = store_->pending_messages();
        if (!found) return found.error();
        messages = *std::move(found);
    }
    std::size_t undone = 0;
    for (const std::string& message : messages) {
        const auto durable = is_durable(message);
        if (!durable) return durable.error();
        if (const auto done = *durable ? settle(message) : undo(message); !done) return done.error();
        undone += *durable ? 0U : 1U;
    }
    return undone;
}

Result<Decimal> Ledger::taken(const Balance& balance, const std::vector<std::string>& account, bool test) {
    const std::lock_guard lock(mutex_);
    const auto known = find_account(*store_, balance, test, account);
    if (!known) return known.error();
    if (!*known) return Decimal();
    const auto line = store_->line((*known)->id, "");
    if (!line) return line.error();
    return *line ? (*line)->held.value.negated() : Decimal();
}

Result<std::vector<AccountView>> Ledger::accounts(std::string_view table, std::string_view name, Id after, std::size_t most) {
    const std::lock_guard lock(mutex_);
    auto rows = store_->accounts(table, name, after, most);
    if (!rows) return rows.error();
    std::vector<AccountView> out;
    for (AccountRow& row : *rows) {
        auto lines = store_->lines(row.id);
        if (!lines) return lines.error();
        out.push_back({std::move(row), {}});
        for (LineRow& line : *lines) out.back().lines.push_back({line.id, std::move(line.item), std::move(line.held)});
    }
    return out;
}

Result<std::vector<MovementView>> Ledger::history(Id line) {
    const std::lock_guard lock(mutex_);
    const auto row = store_->line(line);
    if (!row) return row.error();
    if (row->id == 0) return Error{codes::not_held, "no such line"};
    std::vector<MovementView> out;
    const auto done = store_->history(line, [&](const MovementRow& movement, const DocumentRow& document) {
        const Measures counted{row->held.unit, row->held.currency, movement.counted_quantity, movement.counted_value};
        const Measures asked{row->held.unit, row->held.currency, movement.quantity, movement.value};
        out.push_back({document.message, static_cast<std::size_t>(document.number), document.act, document.state, document.at_ms, movement.row, counted, asked});
    });
    if (!done) return done.error();
    return out;
}

}  // namespace hansa::balances
