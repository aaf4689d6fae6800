#include "core/balances/posting.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/balances/codes.h"

namespace hansa::balances {
namespace {

Place in(const Wish& wish) {
    return Place{.path = wish.path};
}

/// "cn.bonded: account 'S15' item '12'"; of a person without a name.
std::string called(const Balance& balance, const Wish& wish) {
    std::string out = balance.table.id + ": ";
    if (balance.table.person) out += "the account of this person" + (balance.table.yearly ? " in " + wish.account.back() : std::string());
    else out += fmt::format("account '{}'", fmt::join(wish.account, " "));
    if (!wish.item.empty()) out += fmt::format(" item '{}'", wish.item);
    return out;
}

std::string with_unit(const Decimal& amount, const std::string& unit) {
    return unit.empty() ? amount.canonical() : amount.canonical() + " " + unit;
}

Decimal amount_of(const std::optional<Sum>& sum) {
    return sum ? sum->amount : Decimal();
}

/// Of a bare amount the unit is the account's.
bool fits(const std::optional<Sum>& sum, const std::string& unit) {
    return !sum || sum->unit.empty() || sum->unit == unit;
}

/// The part of `back` that goes with a quantity: all of it with the last of it.
Result<Decimal> share(const Decimal& value, const Decimal& back_value, const Decimal& quantity, const Decimal& back_quantity, const Decimal& asked) {
    const auto after = back_quantity.plus(asked);
    if (!after) return after.error();
    if (*after == quantity) return value.minus(back_value);
    const auto product = value.times(asked);
    return product ? product->divided_by(quantity, 5, Rounding::down) : product;
}

/// What its key is made of.
std::vector<std::string> key_texts(const BalanceTable& table, bool test, const std::vector<std::string>& name) {
    std::vector<std::string> out{"account", table.id, test ? "test" : ""};
    out.insert(out.end(), name.begin(), name.end());
    return out;
}

}  // namespace

Result<std::optional<AccountRow>> find_account(Store& store, const Balance& balance, bool test, const std::vector<std::string>& name) {
    const auto texts = key_texts(balance.table, test, name);
    return balance.table.person ? store.person(balance.authority, texts) : store.account(store.key_of(texts));
}

std::string Posting::name_key(const Subject& subject, const Balance& balance, const Name& name) {
    return store_.key_of({"name", balance.table.id, booking_.test ? "test" : "", subject.agency, name.first, name.second});
}

void Posting::refuse(const Subject& subject, const Balance& balance, Error error, bool pending) {
    out_.findings.push_back({&balance, subject.number, std::move(error), balance.table.severity == rules::Severity::refuse, pending});
}

Result<void> Posting::post(const Subject& subject) {
    for (const Balance* balance : subject.balances) {
        for (std::size_t row = 0; row < balance->table.rows.size(); ++row) {
            if (auto done = post_row(subject, *balance, row); !done) return done;
        }
    }
    return {};
}

Result<void> Posting::post_row(const Subject& subject, const Balance& balance, std::size_t row) {
    const auto deed = deed_of(balance, balance.table.rows[row], *subject.document, subject.format, booking_.today);
    if (!deed) {
        refuse(subject, balance, deed.error());
        return {};
    }
    if (!*deed) return {};
    const auto known = store_.document(booking_.message, static_cast<std::int64_t>(subject.number), balance.table.id, static_cast<std::int64_t>(row));
    if (!known) return known.error();
    if (*known) return {};
    return post_deed(subject, balance, row, **deed);
}

Result<void> Posting::post_deed(const Subject& subject, const Balance& balance, std::size_t row, const Deed& deed) {
    DocumentRow document;
    document.message = booking_.message;
    document.number = static_cast<std::int64_t>(subject.number);
    document.row = static_cast<std::int64_t>(row);
    document.table = balance.table.id;
    document.act = deed.row->act;
    document.waits = deed.row->counts_confirmed;
    document.confirms = deed.confirms;
    document.undoes = deed.undoes;
    document.from = deed.from;
    document.until = deed.until;
    document.at_ms = booking_.at_ms;
    if (document.act == Act::answer) return answer(subject, balance, std::move(document), deed);
    credit_.clear();
    if (deed.changes || document.act == Act::give || document.act == Act::release) {
        const auto base = base_of(subject, balance, deed);
        if (!base) return base.error();
        if (!*base) return {};
        document.target = (*base)->id;
    }
    const auto fresh = is_new(subject, balance, deed, document.target);
    if (!fresh) return fresh.error();
    if (!*fresh) return {};
    const auto id = store_.add_document(document);
    if (!id) return id.error();
    document.id = *id;
    ++out_.documents;
    for (const Name& name : deed.names) {
        if (auto done = store_.add_name(name_key(subject, balance, name), *id); !done) return done;
    }
    for (const Wish& wish : deed.wishes) {
        const auto done = document.act == Act::add    ? add(subject, balance, *id, wish)
                          : document.act == Act::take ? take(subject, balance, *id, deed, wish)
                                                      : give(subject, balance, document, deed, wish);
        if (!done) return done;
    }
    return document.act == Act::release ? Result<void>() : drop_if_empty(*id);
}

/// A document that moved nothing was never booked.
Result<void> Posting::drop_if_empty(Id document) {
    const auto movements = store_.movements(document);
    if (!movements) return movements.error();
    if (!movements->empty()) return {};
    --out_.documents;
    return store_.drop_document(document);
}

/// A name is used once, but by a change of its bearer.
Result<bool> Posting::is_new(const Subject& subject, const Balance& balance, const Deed& deed, Id base) {
    for (const Name& name : deed.names) {
        const auto bearers = store_.named(name_key(subject, balance, name));
        if (!bearers) return bearers.error();
        for (const DocumentRow& one : *bearers) {
            if (one.act != deed.row->act || one.id == base) continue;
            refuse(subject, balance, Error{codes::document_twice, fmt::format("{}: {} '{}'", balance.table.id, name.first, name.second)}, one.state == State::pending);
            return false;
        }
    }
    return true;
}

/// The document that is changed, given back of or released. Nothing: a finding says why, or it is none of ours.
Result<std::optional<DocumentRow>> Posting::base_of(const Subject& subject, const Balance& balance, const Deed& deed) {
    const std::vector<Name> names = deed.of ? std::vector<Name>{*deed.of} : deed.names;
    std::string said;
    for (const Name& name : names) {
        said += fmt::format("{}{} '{}'", said.empty() ? "" : ", ", name.first, name.second);
        const auto bearers = store_.named(name_key(subject, balance, name));
        if (!bearers) return bearers.error();
        for (const DocumentRow& one : *bearers) {
            if (one.act != Act::take || one.state == State::pending) continue;
            const auto movements = store_.movements(one.id);
            if (!movements) return movements.error();
            if (!deed.changes) return std::optional(one);
            for (const MovementRow& movement : *movements) {
                if (!movement.back_quantity.is_zero() || !movement.back_value.is_zero()) {
                    refuse(subject, balance, Error{codes::base_used, fmt::format("{}: {} '{}'", balance.table.id, name.first, name.second)});
                    return std::optional<DocumentRow>();
                }
                if (auto done = add_credit(movement); !done) return done.error();
            }
            return std::optional(one);
        }
    }
    if (!deed.row->unknown_passes) refuse(subject, balance, Error{codes::base_unknown, fmt::format("{}: {}", balance.table.id, said)});
    return std::optional<DocumentRow>();
}

Result<void> Posting::add_credit(const MovementRow& movement) {
    auto known = std::ranges::find(credit_, movement.line, &std::pair<Id, Measures>::first);
    if (known == credit_.end()) known = credit_.insert(credit_.end(), {movement.line, Measures()});
    const auto quantity = known->second.quantity.minus(movement.counted_quantity), value = known->second.value.minus(movement.counted_value);
    if (!quantity || !value) return quantity ? value.error() : quantity.error();
    known->second.quantity = *quantity;
    known->second.value = *value;
    return {};
}

Result<std::optional<DocumentRow>> Posting::target_of(const Subject& subject, const Balance& balance, const Deed& deed) {
    std::vector<DocumentRow> candidates;
    if (!subject.question.empty()) {
        auto found = store_.documents_of(subject.question);
        if (!found) return found.error();
        std::erase_if(*found, [&](const DocumentRow& one) { return one.table != balance.table.id || one.act == Act::answer || one.state == State::undone; });
        if (found->size() == 1) return std::optional(std::move(found->front()));
        candidates = *std::move(found);
    }
    if (!deed.of) return std::optional<DocumentRow>();
    const std::string key = name_key(subject, balance, *deed.of);
    if (subject.question.empty()) {
        auto found = store_.named(key);
        if (!found) return found.error();
        candidates = *std::move(found);
    }
    for (DocumentRow& one : candidates) {
        const auto bears = store_.has_name(one.id, key);
        if (!bears) return bears.error();
        if (*bears && one.act != Act::answer) return std::optional(std::move(one));
    }
    return std::optional<DocumentRow>();
}

/// An answer about something that booked nothing here is none of ours.
Result<void> Posting::answer(const Subject& subject, const Balance& balance, DocumentRow document, const Deed& deed) {
    const auto target = target_of(subject, balance, deed);
    if (!target) return target.error();
    if (!*target) return {};
    document.target = (*target)->id;
    for (const Name& name : deed.learns) {
        if (auto done = store_.add_name(name_key(subject, balance, name), document.target); !done) return done;
    }
    if (!deed.confirms && !deed.undoes) return {};
    ++out_.documents;
    const auto id = store_.add_document(document);
    return id ? Result<void>() : id.error();
}

Result<Id> Posting::account_for(const Balance& balance, const Wish& wish) {
    AccountRow row;
    row.table = balance.table.id;
    if (!balance.table.person) row.name = fmt::format("{}", fmt::join(wish.account, " "));
    if (balance.table.yearly) row.period = wish.account.back();
    row.test = booking_.test;
    row.open = !balance.table.limit.empty();
    const auto texts = key_texts(balance.table, booking_.test, wish.account);
    if (balance.table.person) return store_.person_or_new(balance.authority, texts, row);
    const std::string key = store_.key_of(texts);
    const auto known = store_.account(key);
    if (!known) return known.error();
    return *known ? Result<Id>((*known)->id) : store_.add_account(key, row);
}

Result<void> Posting::add(const Subject& subject, const Balance& balance, Id document, const Wish& wish) {
    const auto account = account_for(balance, wish);
    if (!account) return account.error();
    auto line = store_.line(*account, wish.item);
    if (!line) return line.error();
    const std::string unit = wish.quantity ? wish.quantity->unit : "", currency = wish.value ? wish.value->unit : "";
    if (!*line) {
        LineRow fresh{0, *account, wish.item, {unit, currency, {}, {}}};
        const auto id = store_.add_line(fresh);
        if (!id) return id.error();
        fresh.id = *id;
        *line = fresh;
    } else if (unit != (*line)->held.unit || currency != (*line)->held.currency) {
        const bool quantity = unit != (*line)->held.unit;
        refuse(subject, balance, Error{codes::unit_differs, fmt::format("{}: added '{}', held '{}'", called(balance, wish), quantity ? unit : currency, quantity ? (*line)->held.unit : (*line)->held.currency), in(wish)});
        return {};
    }
    MovementRow movement;
    movement.document = document;
    movement.line = (*line)->id;
    movement.row = wish.row;
    movement.quantity = amount_of(wish.quantity);
    movement.value = amount_of(wish.value);
    return store_.add_movement(movement);
}

/// The line that is taken from. Nothing: a finding says why, or it is none of ours.
Result<std::optional<LineRow>> Posting::line_for(const Subject& subject, const Balance& balance, const Deed& deed, const Wish& wish) {
    const std::optional<LineRow> none;
    const bool limit = wish.most.has_value();
    const auto known = find_account(store_, balance, booking_.test, wish.account);
    if (!known) return known.error();
    if (!limit && (!*known || !(*known)->open)) {
        if (!deed.row->unknown_passes) refuse(subject, balance, Error{codes::account_unknown, called(balance, wish), in(wish)});
        return none;
    }
    if (*known && (deed.day < (*known)->from || (!(*known)->until.empty() && deed.day > (*known)->until))) {
        const rules::Days days{(*known)->from, (*known)->until};
        refuse(subject, balance, Error{codes::account_expired, fmt::format("{}: {}, the document is of {}", called(balance, wish), days.text(), deed.day), in(wish)});
        return none;
    }
    const auto account = account_for(balance, wish);
    if (!account) return account.error();
    auto line = store_.line(*account, wish.item);
    if (!line) return line.error();
    if (*line) return *std::move(line);
    LineRow fresh{0, *account, wish.item, {wish.quantity ? wish.quantity->unit : "", wish.value ? wish.value->unit : "", {}, {}}};
    if (!limit) return std::optional(fresh);  // nothing of this item: told as such
    const auto id = store_.add_line(fresh);
    if (!id) return id.error();
    fresh.id = *id;
    return std::optional(fresh);
}

/// One measure of a line that is taken from, and of the movement that does it.
struct Posting::Side {
    const std::optional<Sum>& asked;
    const std::string& unit;
    Decimal& held;
    Decimal& nominal;
    Decimal& counted;
    Decimal* credit;  ///< of a change: what the earlier document has of it
    bool written;     ///< the row has such a measure
};

/// False: a finding says why nothing is taken.
Result<bool> Posting::draw(const Subject& subject, const Balance& balance, const Wish& wish, const LineRow& line, Side side) {
    // A line that is not there holds nothing in any unit; one that is there keeps what it was opened with.
    if (!side.written || (line.id != 0 && side.unit.empty()) || (line.id == 0 && !side.asked)) return true;
    const std::string who = called(balance, wish);
    if (!side.asked) {
        refuse(subject, balance, Error{codes::amount_bad, fmt::format("{}: held in {}, and the document says none", who, side.unit), in(wish)});
        return false;
    }
    const Decimal& asked = side.asked->amount;
    if (!fits(side.asked, side.unit)) {
        refuse(subject, balance, Error{codes::unit_differs, fmt::format("{}: asked {}, held in {}", who, with_unit(asked, side.asked->unit), side.unit), in(wish)});
        return false;
    }
    const Decimal reused = side.credit == nullptr ? Decimal() : std::min(*side.credit, asked);
    const auto free = wish.most ? side.held.plus(wish.most->amount) : Result<Decimal>(side.held);
    const auto more = asked.minus(reused);
    const auto left = more ? side.held.minus(*more) : more;
    const auto available = free ? free->plus(reused) : free;
    if (!left || !available) return left ? available.error() : left.error();
    if (*more > *free) {
        refuse(subject, balance, Error{codes::beyond, fmt::format("{}: asked {}, held {}", who, with_unit(asked, side.unit), with_unit(*available, side.unit)), in(wish)});
        return false;
    }
    side.held = *left;
    side.nominal = asked;
    side.counted = more->negated();
    if (side.credit != nullptr) *side.credit = side.credit->minus(reused).value();
    return true;
}

Result<void> Posting::take(const Subject& subject, const Balance& balance, Id document, const Deed& deed, const Wish& wish) {
    auto found = line_for(subject, balance, deed, wish);
    if (!found) return found.error();
    if (!*found) return {};
    LineRow& line = **found;
    MovementRow movement;
    movement.document = document;
    movement.line = line.id;
    movement.row = wish.row;
    const auto credit = std::ranges::find(credit_, line.id, &std::pair<Id, Measures>::first);
    Measures left = credit == credit_.end() ? Measures() : credit->second;
    const auto quantity = draw(subject, balance, wish, line, {wish.quantity, line.held.unit, line.held.quantity, movement.quantity, movement.counted_quantity, &left.quantity, deed.row->quantity.has_value()});
    if (!quantity) return quantity.error();
    if (!*quantity) return {};
    const bool valued = deed.row->value.has_value() || wish.most.has_value();
    const auto value = draw(subject, balance, wish, line, {wish.value, line.held.currency, line.held.value, movement.value, movement.counted_value, &left.value, valued});
    if (!value) return value.error();
    if (!*value) return {};
    if (line.id == 0) {
        refuse(subject, balance, Error{codes::account_unknown, called(balance, wish), in(wish)});
        return {};
    }
    if (credit != credit_.end()) credit->second = left;
    if (auto done = store_.set_line(line); !done) return done;
    return store_.add_movement(movement);
}

/// The movement of which something comes back. Nothing: a finding says why.
Result<std::optional<MovementRow>> Posting::movement_for(const Subject& subject, const Balance& balance, const DocumentRow& document, const Deed& deed, const Wish& wish) {
    const auto movements = store_.movements(document.target);
    if (!movements) return movements.error();
    const auto found = std::ranges::find(*movements, wish.row, &MovementRow::row);
    if (found != movements->end()) return std::optional(*found);
    refuse(subject, balance, Error{codes::row_unknown, fmt::format("{}: {} '{}' took nothing under row '{}'", balance.table.id, deed.of->first, deed.of->second, wish.row), in(wish)});
    return std::optional<MovementRow>();
}

Result<void> Posting::give(const Subject& subject, const Balance& balance, const DocumentRow& document, const Deed& deed, const Wish& wish) {
    auto base = movement_for(subject, balance, document, deed, wish);
    if (!base) return base.error();
    if (!*base) return {};
    MovementRow& from = **base;
    const auto line = store_.line(from.line);
    if (!line) return line.error();
    const std::string where = fmt::format("{}: row '{}' of {} '{}'", balance.table.id, wish.row, deed.of->first, deed.of->second);
    for (const auto& [sum, unit] : {std::pair{&wish.quantity, &line->held.unit}, std::pair{&wish.value, &line->held.currency}}) {
        if (fits(*sum, *unit)) continue;
        refuse(subject, balance, Error{codes::unit_differs, fmt::format("{}: asked {}, held in {}", where, with_unit((*sum)->amount, (*sum)->unit), *unit), in(wish)});
        return {};
    }
    MovementRow movement;
    movement.document = document.id;
    movement.line = from.line;
    movement.of = from.id;
    movement.row = wish.row;
    movement.quantity = amount_of(wish.quantity);
    movement.value = amount_of(wish.value);
    if (!wish.value && !from.value.is_zero() && !from.quantity.is_zero()) {
        const auto part = share(from.value, from.back_value, from.quantity, from.back_quantity, movement.quantity);
        if (!part) return part.error();
        movement.value = *part;
    }
    const auto quantity = from.back_quantity.plus(movement.quantity), value = from.back_value.plus(movement.value);
    if (!quantity || !value) return quantity ? value.error() : quantity.error();
    if (*quantity > from.quantity || *value > from.value) {
        const bool more = *quantity > from.quantity;
        const auto left = more ? from.quantity.minus(from.back_quantity) : from.value.minus(from.back_value);
        if (!left) return left.error();
        refuse(subject, balance,
               Error{codes::back_too_much, fmt::format("{}: asked {}, left {}", where, with_unit(more ? movement.quantity : movement.value, more ? line->held.unit : line->held.currency),
                                                       with_unit(*left, more ? line->held.unit : line->held.currency)), in(wish)});
        return {};
    }
    from.back_quantity = *quantity;
    from.back_value = *value;
    if (auto done = store_.set_movement(from); !done) return done;
    return store_.add_movement(movement);
}

}  // namespace hansa::balances
