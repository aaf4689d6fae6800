#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.h"
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
    // Of what lapsed nothing is left to free; what was said of it holds when it counts again (wake).
    if (target->state == State::lapsed) return answer.undoes ? store_.set_state(target->id, State::undone) : Result<void>();
    if (answer.undoes) return free(*target);
    if (!answer.confirms) return {};
    if (target->waits) {
        if (auto done = count(*target); !done) return done;
    }
    return store_.set_state(target->id, State::confirmed);
}

Result<void> Settlement::free(const DocumentRow& document) {
    if (document.state == State::undone) return {};
    if (auto done = free_movements(document); !done) return done;
    if (auto done = store_.set_state(document.id, State::undone); !done || document.act != Act::take) return done;
    const auto followers = store_.speak_of(document.id);
    if (!followers) return followers.error();
    for (const DocumentRow& one : *followers) {
        // What came back of it is part of what it took; a change that is on its way had counted on it.
        if (auto done = one.act == Act::give ? lapse(one) : one.act == Act::take && one.state == State::pending ? count_movements(one) : Result<void>(); !done) return done;
    }
    return {};
}

Result<void> Settlement::free_movements(const DocumentRow& document) {
    const auto movements = store_.movements(document.id);
    if (!movements) return movements.error();
    for (const MovementRow& movement : *movements) {
        if (auto done = free_movement(movement); !done) return done;
    }
    return {};
}

/// With what it gave back of. One whose message may yet be refused is not waited for.
Result<void> Settlement::lapse(const DocumentRow& back) {
    if (back.state == State::undone || back.state == State::lapsed) return {};
    if (auto done = free_movements(back); !done) return done;
    return store_.set_state(back.id, back.state == State::pending ? State::undone : State::lapsed);
}

/// The other way, before what it gives back of is taken again: so that no more than both together is asked of the line.
Result<void> Settlement::wake(const DocumentRow& back) {
    const auto movements = store_.movements(back.id);
    const auto confirmed = is_confirmed(back.id);
    if (!movements || !confirmed) return movements ? confirmed.error() : movements.error();
    for (const MovementRow& movement : *movements) {
        auto base = store_.movement(movement.of);
        if (!base) return base.error();
        const auto quantity = base->back_quantity.plus(movement.quantity), value = base->back_value.plus(movement.value);
        if (!quantity || !value) return quantity ? value.error() : quantity.error();
        base->back_quantity = *quantity;
        base->back_value = *value;
        if (auto done = store_.set_movement(*base); !done) return done;
        if (back.waits && !*confirmed) continue;
        if (auto done = count_whole(movement, false); !done) return done;
    }
    return store_.set_state(back.id, *confirmed ? State::confirmed : State::accepted);
}

Result<bool> Settlement::is_confirmed(Id id) {
    const auto followers = store_.speak_of(id);
    if (!followers) return followers.error();
    return std::ranges::any_of(*followers, [](const DocumentRow& one) { return one.act == Act::answer && one.confirms && one.state == State::confirmed; });
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

Result<void> Settlement::take_back(const DocumentRow& document, Base base) {
    if (document.state == State::undone) return pass_on(document, base);
    if (document.state == State::lapsed) {
        const auto confirmed = is_confirmed(document.id);
        if (!confirmed) return confirmed.error();
        return *confirmed ? Result<void>() : store_.set_state(document.id, State::undone);
    }
    if (auto done = free(document); !done) return done;
    const bool had_base = document.target != 0 && (document.act == Act::take || document.act == Act::release);
    return had_base && base == Base::counts_again ? restore(document.target) : Result<void>();
}

/// Who has changed or released what is refused itself has changed what that had changed.
Result<void> Settlement::pass_on(const DocumentRow& document, Base base) {
    const auto followers = store_.speak_of(document.id);
    if (!followers) return followers.error();
    for (const DocumentRow& one : *followers) {
        // Also one that was changed itself: it may be refused next.
        if (one.act != Act::take && one.act != Act::release) continue;
        if (auto done = store_.set_target(one.id, base == Base::counts_again ? document.target : 0); !done) return done;
    }
    return {};
}

/// What was undone for another document's sake alone counts as before.
Result<void> Settlement::restore(Id id) {
    const auto base = store_.document(id);
    if (!base) return base.error();
    if (base->state != State::undone) return {};
    const auto followers = store_.speak_of(id);
    if (!followers) return followers.error();
    bool confirmed = false;
    for (const DocumentRow& one : *followers) {
        if (one.state == State::undone || one.act == Act::give) continue;
        if (one.act != Act::answer || one.undoes) return {};
        confirmed = confirmed || one.confirms;
    }
    for (const DocumentRow& one : *followers) {
        if (one.act != Act::give || one.state != State::lapsed) continue;
        if (auto done = wake(one); !done) return done;
    }
    if (!base->waits || confirmed) {
        const auto movements = store_.movements(id);
        if (!movements) return movements.error();
        for (const MovementRow& movement : *movements) {
            if (auto done = count_what_is_left(*base, movement); !done) return done;
        }
    }
    return store_.set_state(id, confirmed ? State::confirmed : State::accepted);
}

Result<void> Settlement::count_what_is_left(const DocumentRow& document, MovementRow movement) {
    const auto line = store_.line(movement.line);
    if (!line) return line.error();
    const auto stock = store_.was_added_to(movement.line);
    if (!stock) return stock.error();
    // What the law allows is no stock: nothing was put there that could be gone.
    const Decimal quantity = *stock ? less(movement.quantity, line->held.quantity) : movement.quantity;
    const Decimal value = *stock ? less(movement.value, line->held.value) : movement.value;
    if (quantity != movement.quantity || value != movement.value) {
        log::error(fmt::format("{}: document {} of message {} holds again, and others have taken meanwhile what it had: line {} is short of {} {} or {} {}", document.table, document.number + 1,
                               document.message, line->id, movement.quantity.canonical(), line->held.unit, movement.value.canonical(), line->held.currency));
    }
    return recount(store_, movement, quantity.negated(), value.negated());
}

Result<void> Settlement::drop(const DocumentRow& document) {
    if (document.state != State::pending) return {};
    if (auto done = free_movements(document); !done) return done;
    return store_.drop_document(document.id);
}

}  // namespace hansa::balances
