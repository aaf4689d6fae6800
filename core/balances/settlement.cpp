#include <algorithm>

#include "core/balances/posting.h"

namespace hansa::balances {
namespace {

/// What the movement's count becomes; the line changes by the difference.
Result<void> recount(Store& store, MovementRow& movement, const Decimal& quantity, const Decimal& value) {
    auto line = store.line(movement.line);
    if (!line) return line.error();
    const auto more = quantity.minus(movement.counted_quantity), worth = value.minus(movement.counted_value);
    if (!more || !worth) return more ? worth.error() : more.error();
    const auto held = line->held.quantity.plus(*more), worthy = line->held.value.plus(*worth);
    if (!held || !worthy) return held ? worthy.error() : held.error();
    line->held.quantity = *held;
    line->held.value = *worthy;
    movement.counted_quantity = quantity;
    movement.counted_value = value;
    if (auto done = store.set_line(*line); !done) return done;
    return store.set_movement(movement);
}

const Decimal& less(const Decimal& a, const Decimal& b) {
    return a < b ? a : b;
}

}  // namespace

Result<void> Settlement::settle(const DocumentRow& document) {
    if (document.state != State::pending) return {};
    if (document.act == Act::answer) {
        if (auto done = answer(document); !done) return done;
        return store_.set_state(document.id, State::confirmed);
    }
    if (auto done = store_.set_state(document.id, State::accepted); !done) return done;
    return document.waits ? Result<void>() : count(document);
}

Result<void> Settlement::count(const DocumentRow& document) {
    if (document.act == Act::take && document.target != 0) {
        // A change: what it changes goes first, so that nothing is below zero in between.
        const auto base = store_.document(document.target);
        if (!base) return base.error();
        if (auto done = free(*base); !done) return done;
    }
    if (document.act == Act::release) return release(document.target);
    return count_movements(document);
}

Result<void> Settlement::count_movements(const DocumentRow& document) {
    const auto movements = store_.movements(document.id);
    if (!movements) return movements.error();
    for (const MovementRow& movement : *movements) {
        if (document.act == Act::add) {
            const auto line = store_.line(movement.line);
            if (!line) return line.error();
            if (auto done = store_.open_account(line->account, document.from, document.until); !done) return done;
        }
        if (auto done = count_whole(movement, document.act == Act::take); !done) return done;
    }
    return {};
}

/// Of a document that was changed meanwhile: what took its place.
Result<void> Settlement::release(Id id) {
    auto base = store_.document(id);
    while (base && base->state == State::undone) {
        const auto followers = store_.speak_of(base->id);
        if (!followers) return followers.error();
        const auto next = std::ranges::find_if(*followers, [](const DocumentRow& one) { return one.act == Act::take; });
        if (next == followers->end()) return {};
        base = *next;
    }
    return base ? free(*base) : base.error();
}

Result<void> Settlement::count_whole(MovementRow movement, bool takes) {
    const Decimal quantity = takes ? movement.quantity.negated() : movement.quantity, value = takes ? movement.value.negated() : movement.value;
    return recount(store_, movement, quantity, value);
}

Result<void> Settlement::answer(const DocumentRow& answer) {
    const auto target = store_.document(answer.target);
    if (!target) return target.error();
    if (target->state == State::undone || target->state == State::confirmed) return {};
    if (answer.undoes) return free(*target);
    if (!answer.confirms) return {};
    if (target->waits) {
        if (auto done = count(*target); !done) return done;
    }
    return store_.set_state(target->id, State::confirmed);
}

Result<void> Settlement::free(const DocumentRow& document) {
    if (document.state == State::undone) return {};
    const auto movements = store_.movements(document.id);
    if (!movements) return movements.error();
    for (const MovementRow& movement : *movements) {
        if (auto done = free_movement(movement); !done) return done;
    }
    if (auto done = store_.set_state(document.id, State::undone); !done || document.act != Act::take) return done;
    const auto followers = store_.speak_of(document.id);
    if (!followers) return followers.error();
    for (const DocumentRow& one : *followers) {
        // What came back of it is part of what it took; a change that is on its way had counted on it.
        if (auto done = one.act == Act::give ? free(one) : one.act == Act::take && one.state == State::pending ? count_movements(one) : Result<void>(); !done) return done;
    }
    return {};
}

Result<void> Settlement::free_movement(MovementRow movement) {
    if (movement.of != 0) {
        if (auto done = return_back(movement); !done) return done;
    }
    const auto line = store_.line(movement.line);
    if (!line) return line.error();
    // An addition of which something was used already stays as far as it was used.
    const auto quantity = movement.counted_quantity.minus(less(movement.counted_quantity, line->held.quantity));
    const auto value = movement.counted_value.minus(less(movement.counted_value, line->held.value));
    if (!quantity || !value) return quantity ? value.error() : quantity.error();
    const bool added = !movement.counted_quantity.is_negative() && !movement.counted_value.is_negative();
    return recount(store_, movement, added ? *quantity : Decimal(), added ? *value : Decimal());
}

Result<void> Settlement::return_back(const MovementRow& movement) {
    auto base = store_.movement(movement.of);
    if (!base) return base.error();
    const auto quantity = base->back_quantity.minus(movement.quantity), value = base->back_value.minus(movement.value);
    if (!quantity || !value) return quantity ? value.error() : quantity.error();
    base->back_quantity = *quantity;
    base->back_value = *value;
    return store_.set_movement(*base);
}

Result<void> Settlement::drop(const DocumentRow& document) {
    if (document.state != State::pending) return {};
    const auto movements = store_.movements(document.id);
    if (!movements) return movements.error();
    for (const MovementRow& movement : *movements) {
        if (auto done = free_movement(movement); !done) return done;
    }
    return store_.drop_document(document.id);
}

}  // namespace hansa::balances
