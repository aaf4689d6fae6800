// The target side of a plan at work: which rows, members and cases write (plan_write_rows.cpp: what a row writes).
#include <algorithm>
#include <array>

#include "core/mapping/codes.h"
#include "core/mapping/evaluate.h"
#include "core/mapping/plan_machine.h"
#include "core/schema/grammar.h"

namespace hansa::mapping::program {

Id Machine::open_block(Id body, Id parent) {
    Block made{.body = body, .frame = to_.bodies[body].group == nothing ? nothing : current_[to_.bodies[body].group]};
    made.texts = static_cast<std::uint32_t>(texts_.size());
    made.lists = static_cast<std::uint32_t>(block_lists_.size());
    made.marks = static_cast<std::uint32_t>(marks_.size());
    made.parent = parent;
    marks_.make(to_.bodies[body].marks);
    texts_.make(to_.bodies[body].texts);
    block_lists_.resize(block_lists_.size() + to_.bodies[body].lists);
    const Id number = static_cast<Id>(blocks_.size());
    blocks_.push_back(made);
    if (parent != nothing && to_.bodies[body].list != nothing) {
        List& list = block_lists_[blocks_[parent].lists + to_.bodies[body].list];
        if (list.last == nothing)
            list.first = number;
        else
            blocks_[list.last].next = number;
        list.last = number;
        ++list.count;
    }
    for (const Id node : to_.bodies[body].kept) raise(node, number);
    return number;
}

void Machine::write_steps(const WriteSteps& steps, std::size_t turn) {
    for (const WriteStep& step : steps) {
        switch (step.kind) {
            case WriteStep::Kind::row:
                if (const WriteRow& row = *to_.rows[step.number]; !row.op.conversion || !write_quick(row.op))
                    write_row(row);
                break;
            case WriteStep::Kind::loop:
                write_loop(to_.loops[step.number], turn);
                break;
            case WriteStep::Kind::member:
                write_member(to_.members[step.number], turn);
                break;
            case WriteStep::Kind::select:
                write_select(to_.selects[step.number], turn);
                break;
            case WriteStep::Kind::count:
                text(to_.counters[step.number].count).count = 0;
                break;
            case WriteStep::Kind::position:
                write_position(to_.positions[step.number]);
                break;
            case WriteStep::Kind::choose:
                write_choose(to_.chains[step.number], turn);
                break;
            case WriteStep::Kind::computed:
                write_computed(to_.computed[step.number]);
                break;
            case WriteStep::Kind::derive:
                write_derive(to_.derives[step.number]);
                break;
            case WriteStep::Kind::check:
                write_check(to_.checks[step.number]);
                break;
        }
    }
}

// ---- which members ----

bool Machine::any_of(std::span<const Place> places) {
    return std::any_of(places.begin(), places.end(), [&](const Place& place) { return value(place).present; });
}

bool Machine::any_of(const Standing& places) {
    bool found = any_of(places.here);
    for (const Inside& one : places.inside) {
        if (found) break;
        if (one.place.number == nothing)
            found = any_member(one);
        else
            each_loop(one.loops, [&] { found = found || value(one.place).present; });
    }
    return found;
}

/// Of a list that is carried over member by member too: how many there are is known.
bool Machine::any_member(const Inside& lists) {
    if (lists.loops.empty()) return true;
    const Group& last = in_.groups[lists.loops.back()];
    bool found = false;
    each_loop(std::span(lists.loops).first(lists.loops.size() - 1), [&] {
        found = found || (lists_[current(last.parent).lists + last.list].count != 0 && in_case(lists.cases));
    });
    return found;
}

namespace {

/// Is this the code that is written so with its list in front?
bool is_code(std::string_view list, std::string_view text, std::string_view qualified) {
    if (list.empty()) return text == qualified;
    return qualified.size() == list.size() + 1 + text.size() && qualified.starts_with(list) &&
           qualified[list.size()] == ':' && qualified.ends_with(text);
}

}  // namespace

bool Machine::holds(const Guard& guard) {
    if (guard.kind == Guard::Kind::equals) {
        const Value& at = value(guard.place);
        const bool equal = at.present && at.text == guard.text && at.list == guard.list;
        if (rec_ != nullptr && at.present) rec_->ask_same(origin(at), rec_->fixed(guard.text, guard.list), equal);
        return equal;
    }
    std::string_view list, scheme = guard.constant ? std::string_view(*guard.constant) : std::string_view();
    if (!guard.constant) {
        const Value& at = value(guard.place);
        if (!at.present) return false;
        list = at.list;
        scheme = at.text;
    }
    const bool answer = scheme_holds(guard, list, scheme, guard.fits ? value(guard.value).text : std::string_view());
    if (rec_ != nullptr) asked(guard, answer);
    return answer;
}

bool Machine::scheme_holds(const Guard& guard, std::string_view list, std::string_view scheme,
                           std::string_view number) {
    const bool known = std::any_of(guard.names.begin(), guard.names.end(),
                                   [&](const std::string& name) { return is_code(list, scheme, name); });
    if (!known) return false;
    if (!guard.fits) return true;
    if (!guard.shapes) return guard.schemes->scheme_fits(qualified(list, scheme), number);
    const std::string* found = guard.shapes->name_of(number);
    return found != nullptr && is_code(list, scheme, *found);
}

bool Machine::holds(const Guards& guards) {
    if (!guards.cases.empty() && !in_case(guards.cases)) return false;
    if (!std::all_of(guards.all.begin(), guards.all.end(), [&](const Guard& one) { return holds(one); })) return false;
    return std::none_of(guards.never.begin(), guards.never.end(), [&](const std::vector<Guard>& all) {
        return std::all_of(all.begin(), all.end(), [&](const Guard& one) { return holds(one); });
    });
}

/// False: the list is full, and the rest is left out.
bool Machine::count(Id counter) {
    if (counter == nothing) return true;
    const Counter& kind = to_.counters[counter];
    OutText& at = text(kind.count);
    if (at.count >= kind.most) {
        if (!kind.first) decline("more members than the target holds");
        return false;
    }
    ++at.count;
    const Id owner = to_.bodies[kind.count.body].owners[kind.count.number];
    if (owner != nothing) raise(owner, block_of_[kind.count.body]);
    return true;
}

/// A bare authority ("cn:GUID") makes the member its own; a list ("cn.unit:120") only the value.
void Machine::refuse_foreign(const Standing& own) {
    const auto look = [&](const Place& place) {
        const Value& at = value(place);
        if (!at.present) return;
        if (is_foreign(at.list)) decline("a member of another authority");
        if (rec_ != nullptr && !at.direct) rec_->ask(CourseStep::Kind::foreign, origin(at), {}, false);
    };
    for (const Place& place : own.here) look(place);
    for (const Inside& one : own.inside) each_loop(one.loops, [&] { look(one.place); });
}

void Machine::write_loop(const WriteLoop& loop, std::size_t turn) {
    const Body& body = to_.bodies[loop.body];
    const Id parent = block_of_[body.parent];
    if (is_list_body(loop.body)) {
        list_.reached = list_.reached || turn == loop.turn;
        return;
    }
    const Id frame_before = current_[loop.group], block_before = block_of_[loop.body];
    if (turn == loop.turn) {
        const Group& group = in_.groups[loop.group];
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
            enter(loop.group, at);
            if (!loop.guards.empty() && !holds(loop.guards)) continue;
            refuse_foreign(loop.own);
            if (!count(loop.counter)) break;
            if (loop.may_be_bare && !any_of(loop.content)) decline("a member without content");
            enter_block(loop.body, open_block(loop.body, parent));
            write_steps(body.steps[turn], turn);
        }
    } else if (program_->body_busy(loop.body, turn)) {
        for (Id at = block_lists_[blocks_[parent].lists + body.list].first; at != nothing; at = blocks_[at].next) {
            enter_block(loop.body, at);
            enter(loop.group, blocks_[at].frame);
            write_steps(body.steps[turn], turn);
        }
    }
    enter(loop.group, frame_before);
    enter_block(loop.body, block_before);
}

void Machine::write_select(const WriteSelect& select, std::size_t turn) {
    if (select.steps[turn].empty()) return;
    const Group& group = in_.groups[select.group];
    refuse_whole_list(std::span(&select.group, 1));
    const Id before = current_[select.group];
    Id nth = 0;
    for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
        enter(select.group, at);
        ++nth;
        if (select.nth != 0 && nth != select.nth) continue;
        if (!holds(select.guards)) continue;
        write_steps(select.steps[turn], turn);
        break;
    }
    enter(select.group, before);
}

void Machine::write_member(const WriteMember& member, std::size_t turn) {
    if (member.active.number == nothing) {
        if (holds(member.guards)) write_steps(member.steps[turn], turn);
        return;
    }
    if (turn == member.turn) {
        if (!member.always && !any_of(member.exists)) return;
        if (!holds(member.guards)) return;
        refuse_foreign(member.own);
        if (!count(member.counter)) return;
        text(member.active).state = OutText::State::failed;  // a flag: nothing is written of it
    }
    if (text(member.active).state == OutText::State::failed) write_steps(member.steps[turn], turn);
}

/// One value, one text. False: the general way decides.
bool Machine::write_quick(const WriteOp& op) {
    Value& given = value(op.place);
    if (!given.present) return true;
    if (given.direct) {
        stand(op.text, given.text, rec_ == nullptr ? Operand() : origin(given));
        given.taken = true;
        settle_leaf(op.place, op.leaf);
        return true;
    }
    if (given.more_count != 0) return false;
    std::string_view text;
    if (op.conversion->write({given.text, given.list, 0}, run_, text) == Fast::declined) return false;
    Operand from;
    if (rec_ != nullptr) from = rec_->make_by(CourseStep::Kind::write, origin(given), op.conversion);
    stand(op.text, text, from);
    given.taken = true;
    return true;
}

void Machine::write_position(const WritePosition& position) {
    std::vector<Value*> found;
    gather(position.source, found);
    if (found.empty()) return;
    // The place among all that stand there: members of several loops are counted one after the other.
    std::size_t number = 0;
    const OutNode& out = *position.out;
    const Id parent = block_of_[out.parent->body];
    for (const auto& sibling : out.parent->children) {
        if (sibling->shape != out.shape) continue;
        if (sibling->loop == nothing) {
            if (sibling.get() == &out) break;
            decline("places of a list that several rows make");
        }
        const List& list = block_lists_[blocks_[parent].lists + to_.bodies[sibling->loop].list];
        if (sibling.get() != &out) {
            if (is_list_body(sibling->loop)) decline("a place behind a long list");
            number += list.count;
            continue;
        }
        if (is_list_body(out.loop)) {
            if (rec_ != nullptr && number != 0) rec_->give_up("a place behind others of the document");
            number += list.count - 1;
        }
        for (Id at = list.first; at != nothing; at = blocks_[at].next) {
            ++number;
            if (at == block_of_[out.loop]) break;
        }
        break;
    }
    const bool same = same_value(found[0]->text, std::to_string(number));
    if (rec_ != nullptr && is_list_body(out.loop))
        rec_->ask_number(origin(*found[0]), rec_->place(place_in_output, std::to_string(number)), same);
    else if (rec_ != nullptr)
        rec_->ask_number(origin(*found[0]), rec_->fixed(std::to_string(number)), same);
    if (same) {
        for (Value* one : found) one->taken = true;
        stand(position.kept, {}, rec_ == nullptr ? Operand() : rec_->fixed({}));
        return;
    }
    const std::uint32_t why = reason("the place in the file is the number here", position.row->place, true);
    for (Value* one : found) one->lost = why;
}

bool Machine::held(const Condition& condition, const std::optional<std::string>& found) {
    if (condition.present) return found.has_value() != condition.negated;
    const bool equal = found && std::any_of(condition.values.begin(), condition.values.end(),
                                            [&](const std::string& wanted) { return same_value(*found, wanted); });
    return equal != condition.negated;
}

/// A document of another type is none of the target's: the reference says so.
void Machine::write_only() {
    for (const WriteOnly& one : to_.only) {
        const auto found = evaluate(one.place);
        if (!found && one.only->or_none) continue;
        const bool good = found && held(one.only->condition, found);
        if (rec_ != nullptr) asked(one.only->condition, bind(one.place), good, true);
        if (!good) decline("a document of another type than the target's");
    }
}

std::uint32_t Machine::first_that_says(const WriteChain& chain) {
    static const Condition there{.place = {}, .present = true, .negated = false, .values = {}};
    for (std::size_t i = 0; i < chain.says.size(); ++i) {
        for (const OutExpression& place : chain.says[i]) {
            const bool says = evaluate(place).has_value();
            if (rec_ != nullptr) asked(there, bind(place), says, true);
            if (says) return static_cast<std::uint32_t>(i);
        }
    }
    return 0;
}

void Machine::write_choose(const WriteChain& chain, std::size_t turn) {
    OutText& chosen = text(chain.chosen);
    if (turn == 1 && !chain.says.empty()) {
        chosen.count = first_that_says(chain);
    } else if (turn == 1) {
        chosen.count = static_cast<std::uint32_t>(chain.cases.size());
        for (std::size_t i = 0; i < chain.cases.size(); ++i) {
            const auto& condition = chain.row->rows[i]->condition;
            if (condition) {
                const bool held = Machine::held(*condition, evaluate(chain.conditions[i]));
                if (rec_ != nullptr) asked(*condition, bind(chain.conditions[i]), held, true);
                if (!held) continue;
            }
            text(chain.chosen).count = static_cast<std::uint32_t>(i);
            break;
        }
    }
    const std::uint32_t number = text(chain.chosen).count;
    if (number < chain.cases.size()) write_steps(chain.cases[number].steps[turn], turn);
}

void Machine::write_computed(const WriteComputed& computed) {
    if (list_.on && !list_.late && !list_.in_member &&
        program_->list.late[static_cast<std::size_t>(&computed - to_.computed.data())] != 0)
        return;
    if (!needed(*computed.holder)) return;
    const auto rule = evaluate(computed.expression);
    Operand from;
    if (rec_ != nullptr) from = valued(bind(computed.expression), rule.has_value(), true);
    if (!rule) return;
    const bool fits = !computed.type || is_of_type(*computed.type, *rule);
    if (rec_ != nullptr && computed.type) rec_->ask_type(from, *computed.type, fits);
    if (!fits) {
        OutText& at = text(computed.text);
        if (!at.stands()) at.state = OutText::State::failed;
        return;
    }
    if (computed.parent && !needed(*computed.parent)) return;
    OutText& at = text(computed.text);
    if (at.stands()) {
        const bool same = at.text == *rule;
        if (rec_ != nullptr && origin(at) != from) rec_->ask(CourseStep::Kind::same_text, origin(at), from, same);
        if (same) return;
    }
    changed_ = true;
    stand(computed.text, keep(*rule), from);
}

void Machine::write_derive(const WriteDerive& derive) {
    std::vector<Value*> found;
    gather(derive.source, found);
    if (found.empty()) return;
    const auto rule = evaluate(derive.expression);
    Operand from;
    if (rec_ != nullptr) from = valued(bind(derive.expression), rule.has_value(), true);
    if (!rule) return;
    const bool same = same_value(*rule, qualified(found[0]->list, found[0]->text));
    if (rec_ != nullptr) rec_->ask(CourseStep::Kind::like, from, origin(*found[0]), same);
    if (!same) return;
    for (Value* one : found) one->taken = true;
}

void Machine::write_check(const WriteCheck& check) {
    if (rec_ != nullptr) check_asked(check);
    const auto left = evaluate(check.left), right = evaluate(check.right);
    if (!left || !right || compare(*left, check.row->comparison, *right, check.row->noise)) return;
    if (!check.row->warn) decline("a rule of the target that does not hold");
    const auto path = path_of(check);
    if (!path) decline("a warning inside of a list");
    later_warnings_.push_back(warning_of(*check.row, *left, *right, *path));
}

/// Of the element that a rule stands in; nothing: it is one of a list.
std::optional<std::string> Machine::path_of(const WriteCheck& check) {
    std::string path;
    for (const OutNode* at = check.out; at; at = at->parent) {
        if (at->repeats) return std::nullopt;
        path = "/" + at->name.local + path;
    }
    return path;
}

Error Machine::warning_of(const Row& row, std::string_view left, std::string_view right, const std::string& path) {
    std::string words = row.text;
    words.append(" (").append(left).append(" against ").append(right).append(")");
    return {codes::check_failed, std::move(words), {.path = path}};
}

}  // namespace hansa::mapping::program
