// One step of the ledger in the store: documents become movements, movements come to count, and cease to.
//
// Internal to core/balances: inside of the transaction that ledger.cpp has begun.
#pragma once

#include "core/balances/deed.h"
#include "core/balances/ledger.h"
#include "core/balances/store.h"

namespace hansa::balances {

/// An account by the parts of its name.
Result<std::optional<AccountRow>> find_account(Store& store, const Balance& balance, bool test, const std::vector<std::string>& name);

/// Books documents as pending.
class Posting {
public:
    Posting(Store& store, const Booking& booking, Booked& out) : store_(store), booking_(booking), out_(out) {}
    Result<void> post(const Subject& subject);

private:
    Result<void> post_row(const Subject& subject, const Balance& balance, std::size_t row);
    Result<void> post_deed(const Subject& subject, const Balance& balance, std::size_t row, const Deed& deed);
    Result<void> answer(const Subject& subject, const Balance& balance, DocumentRow document, const Deed& deed);
    Result<void> drop_if_empty(Id document);
    Result<bool> is_new(const Subject& subject, const Balance& balance, const Deed& deed, Id base);
    Result<std::optional<DocumentRow>> base_of(const Subject& subject, const Balance& balance, const Deed& deed);
    Result<std::optional<DocumentRow>> target_of(const Subject& subject, const Balance& balance, const Deed& deed);
    Result<void> add(const Subject& subject, const Balance& balance, Id document, const Wish& wish);
    struct Side;
    Result<bool> draw(const Subject& subject, const Balance& balance, const Wish& wish, const LineRow& line, Side side);
    Result<void> add_credit(const MovementRow& movement);
    Result<void> take(const Subject& subject, const Balance& balance, Id document, const Deed& deed, const Wish& wish);
    Result<void> give(const Subject& subject, const Balance& balance, const DocumentRow& document, const Deed& deed, const Wish& wish);
    Result<std::optional<LineRow>> line_for(const Subject& subject, const Balance& balance, const Deed& deed, const Wish& wish);
    Result<std::optional<MovementRow>> movement_for(const Subject& subject, const Balance& balance, const DocumentRow& document, const Deed& deed, const Wish& wish);
    Result<Id> account_for(const Balance& balance, const Wish& wish);
    std::string name_key(const Subject& subject, const Balance& balance, const Name& name);
    void refuse(const Subject& subject, const Balance& balance, Error error, bool pending = false);

    Store& store_;
    const Booking& booking_;
    Booked& out_;
    /// Of a change: what the earlier document has of each line, and is still to be used.
    std::vector<std::pair<Id, Measures>> credit_;
};

/// Makes pending documents of a message count. Knows no table: all that is needed stands in the store.
class Settlement {
public:
    explicit Settlement(Store& store) : store_(store) {}
    Result<void> settle(const DocumentRow& document);
    /// Of a pending document.
    Result<void> drop(const DocumentRow& document);
    /// Of one that counts, or is on its way to, or that was changed meanwhile.
    Result<void> take_back(const DocumentRow& document, Base base);

private:
    Result<void> count(const DocumentRow& document);
    Result<void> count_movements(const DocumentRow& document);
    Result<void> release(Id id);
    Result<void> count_whole(MovementRow movement, bool takes);
    Result<void> answer(const DocumentRow& answer);
    /// What it did ceases to count; of an addition as far as it is still held.
    Result<void> free(const DocumentRow& document);
    Result<void> free_movements(const DocumentRow& document);
    Result<void> free_movement(MovementRow movement);
    Result<void> lapse(const DocumentRow& back);
    Result<void> wake(const DocumentRow& back);
    Result<bool> is_confirmed(Id id);
    Result<void> return_back(const MovementRow& movement);
    Result<void> pass_on(const DocumentRow& document, Base base);
    Result<void> restore(Id id);
    Result<void> count_what_is_left(const DocumentRow& document, MovementRow movement);

    Store& store_;
};

}  // namespace hansa::balances
