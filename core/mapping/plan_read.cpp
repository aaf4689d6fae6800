// The source side of a plan at work: frames into values of the pivot.
#include <algorithm>
#include <array>

#include "core/base/decimal.h"
#include "core/base/time.h"
#include "core/mapping/codes.h"
#include "core/mapping/evaluate.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

std::string_view Machine::keep(std::string_view text) {
    char* room = scratch_.room(text.size());
    std::copy(text.begin(), text.end(), room);
    return scratch_.keep(room + text.size());
}

std::string_view Machine::slot_text(const Slot& at) const {
    const std::uint32_t entry = slot(at);
    if (entry == nothing) return {};
    const std::string_view text = (*tape_)[entry].value();
    return says_nothing(text) ? std::string_view() : text;
}

bool Machine::in_case(const std::vector<InCase>& cases) const {
    return std::all_of(cases.begin(), cases.end(), [&](const InCase& one_case) {
        return choices_[current(one_case.group).choices + one_case.chain] == one_case.number;
    });
}

/// What there is to do in the current frame of a group.
void Machine::read_group(Id group, std::size_t pass) {
    const std::size_t words = current(group).bits + in_.triggers[group].order[pass];
    each_step(in_.order[pass][group], words, [&](const ReadStep& step) { read_step(step, pass); });
}

void Machine::read_steps(const std::vector<ReadStep>& steps, std::size_t pass) {
    for (const ReadStep& step : steps) read_step(step, pass);
}

void Machine::read_step(const ReadStep& step, std::size_t pass) {
    if (!step.cases.empty() && !in_case(step.cases)) return;
    switch (step.kind) {
        case ReadStep::Kind::row:
            if (const ReadRow& row = in_.rows[step.number]; !row.op.conversion || !read_quick(row.op)) read_row(row);
            break;
        case ReadStep::Kind::position:
            read_position(in_.positions[step.number]);
            break;
        case ReadStep::Kind::choose:
            choose(in_.chains[step.number], pass);
            break;
        case ReadStep::Kind::derive:
            derive(in_.derives[step.number]);
            break;
        case ReadStep::Kind::check:
            check(in_.checks[step.number]);
            break;
        case ReadStep::Kind::same_group: {
            const std::string_view text = slot_text(in_.same_groups[step.number].slot);
            if (text == "true" || text == "1") decline("a group that is said to be another one");
            if (rec_ != nullptr && !text.empty()) {
                const Operand said = rec_->entry(slot(in_.same_groups[step.number].slot));
                rec_->ask_text(said, "true", false);
                rec_->ask_text(said, "1", false);
            }
            break;
        }
        case ReadStep::Kind::value_stands:
            if (!value(in_.own_values[step.number]).present) decline("a member without its own value");
            break;
        case ReadStep::Kind::loop: {
            const Group& group = in_.groups[step.number];
            if (in_.order[pass][step.number].empty()) break;
            const Id before = current_[step.number];
            if (list_.on && step.number == program_->list.group && pass + 1 == passes)
                list_.warned_split = warned_.size();
            const Frame& around = current(group.parent);
            for (Id at = lists_[around.lists + group.list].first; at != nothing; at = frames_[at].next) {
                enter(step.number, at);
                read_group(step.number, pass);
            }
            enter(step.number, before);
            break;
        }
    }
}

namespace {

bool is_zero(std::string_view text) {
    const Result<Decimal> number = Decimal::parse(text);
    return number && number->is_zero();
}

}  // namespace

/// As read_plain, for what most rows are.
bool Machine::read_quick(const ReadOp& op) {
    const std::uint32_t entry = slot(op.slot);
    if (entry == nothing) return true;
    if (!multi_.empty()) return false;
    const std::string_view text = (*tape_)[entry].value();
    if (says_nothing(text) || is_none(text, entry, op.none)) return true;
    if (std::string_view out; op.fused && op.fused->run(text, run_, out) == Fast::done) {
        value(op.done).present = true;
        Value& at = value(op.place);
        put_direct(at, out);
        if (rec_ != nullptr) came(at, rec_->make_by(CourseStep::Kind::fused, rec_->entry(entry), op.fused));
        return true;
    }
    FastPivot made;
    if (op.conversion->read(text, run_, made) == Fast::declined) return false;
    value(op.done).present = true;
    Operand from;
    if (rec_ != nullptr) from = rec_->make_by(CourseStep::Kind::read, rec_->entry(entry), op.conversion);
    put_value(value(op.place), *op.fit, op.attribute, made.text, made.list, from);
    return true;
}

/// One text of one part into its one place. False: the general way decides.
bool Machine::read_one(const ReadRow& row, const ReadPart& part, std::string_view text, std::uint32_t entry) {
    const Put& put = row.puts[part.right];
    FastPivot made;
    if (part.fast.read(text, run_, made) == Fast::declined) return false;
    value(part.done).present = true;
    Operand from;
    if (rec_ != nullptr) from = rec_->make_by(CourseStep::Kind::read, origin_of(text, entry), &part.fast);
    put_value(value(put.place), put.fit, put.attribute, made.text, made.list, from);
    return true;
}

/// Most rows: one text, one value. False: the general way decides.
bool Machine::read_plain(const ReadRow& row) {
    const std::uint32_t entry = slot(row.terms[0].slot);
    if (entry == nothing) return true;
    if (!multi_.empty()) return false;
    const std::string_view text = (*tape_)[entry].value();
    if (says_nothing(text) || is_none(text, entry, row.row->none ? &*row.row->none : nullptr)) return true;
    const ReadPart& part = row.parts[0];
    if (row.puts[0].simple() && part.fast.single()) return read_one(row, part, text, entry);
    const FastText one{text, 0};
    FastRun& run = run_;
    PivotSlots values;
    if (part.fast.to_pivot(std::span(&one, 1), run, values) == Fast::declined) return false;
    value(part.done).present = true;
    std::vector<Operand> from;
    if (rec_ != nullptr) from = read_by(part, std::array{CourseCall::Argument{rec_->entry(entry), 0}}, values);
    if (!values.empty()) put(row.puts[0], std::span(values.begin(), values.size()), from);
    return true;
}

/// An amount and its currency: all is there, or nothing is. False: the general way decides.
bool Machine::read_tuple(const ReadRow& row) {
    if (!multi_.empty()) return false;
    constexpr std::size_t most = 8;
    std::array<std::string_view, most> texts;
    std::array<std::uint32_t, most> entries;
    const std::string* const none = row.row->none ? &*row.row->none : nullptr;
    std::size_t there = 0, own = 0;
    for (std::size_t i = 0; i < row.terms.size(); ++i) {
        const NationalTerm& term = *row.terms[i].term;
        entries[i] = nothing;
        if (term.constant) {
            texts[i] = term.value;
            ++there;
            continue;
        }
        const std::uint32_t entry = slot(row.terms[i].slot);
        if (entry == nothing) continue;
        texts[i] = (*tape_)[entry].value();
        entries[i] = entry;
        if (says_nothing(texts[i]) || is_none(texts[i], entry, none)) continue;
        ++there;
        own += term.borrowed ? 0U : 1U;
    }
    if (own == 0) return true;
    if (there != row.terms.size()) return false;
    if (row.fused) {
        // The target's row takes all parts or none: so does this.
        std::array<std::string_view, most> made;
        std::size_t done = 0;
        while (done < row.parts.size() &&
               row.parts[done].fused->run(texts[row.parts[done].left], run_, made[done]) == Fast::done)
            ++done;
        if (done == row.parts.size()) {
            for (std::size_t i = 0; i < done; ++i) {
                value(row.parts[i].done).present = true;
                Value& at = value(row.puts[row.parts[i].right].place);
                put_direct(at, made[i]);
                if (rec_ == nullptr) continue;
                const Id left = row.parts[i].left;
                came(at, rec_->make_by(CourseStep::Kind::fused, origin_of(texts[left], entries[left]),
                                       row.parts[i].fused.get()));
            }
            return true;
        }
    }
    for (const ReadPart& part : row.parts) {
        if (!read_one(row, part, texts[part.left], entries[part.left])) return false;
    }
    return true;
}

void Machine::read_row(const ReadRow& row) {
    if (row.plain ? read_plain(row) : row.tuple && read_tuple(row)) return;
    bool any = false, all_constant = true;
    const std::string* const none = row.row->none ? &*row.row->none : nullptr;
    for (const SourceTerm& term : row.terms) {
        if (term.term->constant) continue;
        all_constant = false;
        if (term.term->borrowed) continue;
        const std::string_view text = slot_text(term.slot);
        any = any || (!text.empty() && !is_none(text, slot(term.slot), none));
        if (!any && !multi_.empty() && slot(term.slot) != nothing) {
            const std::uint32_t number = current(term.slot.group).slots + term.slot.number;
            for (const auto& [at, entry] : multi_)
                any = any || (at == number && !says_nothing((*tape_)[entry].value()));
        }
    }
    if (!any && !all_constant) return;
    if (row.parts.size() > 1) {
        for (std::size_t i = 0; i < row.terms.size(); ++i) {
            const auto stands = [&](const SourceTerm& term) {
                if (term.term->constant) return true;
                const std::string_view text = slot_text(term.slot);
                return !text.empty() && !is_none(text, slot(term.slot), none);
            };
            if (stands(row.terms[i]) || row.terms[i].term->optional) continue;
            bool alone = false;
            for (std::size_t k = 0; k < row.terms.size(); ++k) {
                if (k == i || row.terms[k].term->constant || row.terms[k].term->borrowed || !stands(row.terms[k]))
                    continue;
                const bool empties = k < row.row->conversions.size() && row.row->conversions[k].zero_empty();
                const bool zero = empties && is_zero(slot_text(row.terms[k].slot));
                if (empties && rec_ != nullptr)
                    rec_->ask(CourseStep::Kind::zero, rec_->entry(slot(row.terms[k].slot)), {}, zero);
                if (zero) return;
                alone = true;
            }
            if (alone) decline("a part without its partner");
        }
    }
    for (const ReadPart& part : row.parts) read_part(row, part);
}

void Machine::must_be_same(std::uint32_t first, std::uint32_t further) {
    const std::string_view one = (*tape_)[first].value(), other = (*tape_)[further].value();
    if (one != other) decline("a place that says two things");
    if (rec_ != nullptr) rec_->ask_same(rec_->entry(first), rec_->entry(further), true);
}

void Machine::read_part(const ReadRow& row, const ReadPart& part) {
    if (part.fast && read_fast(row, part)) return;
    read_slow(row, part);
}

bool Machine::read_fast(const ReadRow& row, const ReadPart& part) {
    FastRun& run = run_;
    FastList<FastText, 32> texts;
    bool room = true;
    std::vector<CourseCall::Argument> arguments;
    const auto use = [&](std::string_view text, Id slot, std::uint32_t entry) {
        room = texts.add({text, slot}) && room;
        if (rec_ != nullptr) arguments.push_back({origin_of(text, entry), slot});
    };
    each_text(row, part, use);
    if (!room) return false;
    if (texts.empty()) return true;
    value(part.done).present = true;
    PivotSlots values;
    if (part.fast.to_pivot(std::span(texts.begin(), texts.size()), run, values) == Fast::declined) return false;
    std::vector<Operand> made;
    if (rec_ != nullptr) made = read_by(part, arguments, values);
    if (part.gives == 1) {
        if (!values.empty()) put(row.puts[part.right], std::span(values.begin(), values.size()), made);
        return true;
    }
    for (Id slot = 0; slot < part.gives; ++slot) {
        FastList<FastPivot, 32> of_slot;
        std::vector<Operand> from;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].slot != slot) continue;
            if (!of_slot.add(values[i])) return false;
            if (rec_ != nullptr) from.push_back(made[i]);
        }
        if (!of_slot.empty()) put(row.puts[part.right + slot], std::span(of_slot.begin(), of_slot.size()), from);
    }
    return true;
}

void Machine::read_slow(const ReadRow& row, const ReadPart& part) {
    std::vector<NationalValue> texts;
    CourseCall call{.slow = part.conversion};
    const auto use = [&](std::string_view text, Id slot, std::uint32_t entry) {
        texts.push_back({std::string(text), slot});
        if (rec_ != nullptr) call.arguments.push_back({origin_of(text, entry), slot});
    };
    each_text(row, part, use);
    if (texts.empty()) return;
    const Result<ToPivot> made = part.conversion->to_pivot(texts, source_->context);
    if (!made) decline("a conversion that fails on reading");
    value(part.done).present = true;
    for (const ConversionNote& note : made->notes) {
        if (value(part.done).note != 0) decline("several notes of one value");
        reasons_.push_back(
            {.text = note.reason,
             .row = row.row->place,
             .kind = note.kind == ConversionNote::Kind::rounded ? LossKind::rounded : LossKind::narrowed});
        value(part.done).note = static_cast<std::uint32_t>(reasons_.size());
    }
    call.notes = made->notes;
    std::vector<Id> slots;
    for (const PivotValue& one : made->values) slots.push_back(static_cast<Id>(one.slot));
    const Id first = rec_ == nullptr ? nothing : rec_->call(CourseStep::Kind::read_call, std::move(call), slots);
    for (Id slot = 0; slot < part.gives; ++slot) {
        std::vector<FastPivot> of_slot;
        std::vector<Operand> from;
        for (std::size_t i = 0; i < made->values.size(); ++i) {
            const PivotValue& one = made->values[i];
            if (one.slot != slot) continue;
            of_slot.push_back({keep(one.text), keep(one.list), static_cast<std::uint32_t>(slot)});
            if (rec_ != nullptr) from.push_back({Operand::Of::made, first + static_cast<Id>(i)});
        }
        if (!of_slot.empty()) put(row.puts[part.right + slot], of_slot, from);
    }
}

void Machine::put(const Put& put, std::span<const FastPivot> values, std::span<const Operand> from) {
    const Operand origin = rec_ == nullptr ? Operand() : from[0];
    if (put.sibling) {
        if (rec_ != nullptr && put.sibling->group == in_.outer) rec_->give_up("a key beside the document");
        const std::uint32_t entry = slot(*put.sibling);
        if (entry == nothing || says_nothing((*tape_)[entry].value())) decline("a part without its partner");
        put_value(value(put.key), put.scheme_fit, false, (*tape_)[entry].value(), {},
                  rec_ == nullptr ? Operand() : rec_->entry(entry));
    }
    if (put.kind == Put::Kind::every) {
        each_member(put.loops, [&] {
            put_value(value(put.place), put.fit, put.attribute, values[0].text, values[0].list, origin);
        });
        if (!put.loops.empty() &&
            lists_[current(in_.groups[put.loops[0]].parent).lists + in_.groups[put.loops[0]].list].count == 0)
            decline("a value for every member of an empty list");
        return;
    }
    Value& at = value(put.place);
    if (put.schemes) {
        const pivot::QualifiedCode* scheme = put.schemes->find(values[0].text);
        Value& key = value(put.scheme);
        if (!scheme && key.present) decline("a number of another scheme");
        Operand said;
        if (rec_ != nullptr) {
            said = rec_->make_by(CourseStep::Kind::scheme, origin, put.schemes.get());
            rec_->course().steps.back().expect = scheme != nullptr;
        }
        if (scheme) put_value(key, put.scheme_fit, true, scheme->code, scheme->list, said);
    } else if (put.scheme_list) {
        if (rec_ != nullptr) rec_->give_up("schemes without a table");
        const Result<std::string> scheme = put.scheme_list->scheme_of(values[0].text);
        if (scheme && !scheme->empty()) {
            put_value(value(put.scheme), put.scheme_fit, true, keep(*scheme), {}, {});
        } else if (value(put.scheme).present) {
            decline("a number of another scheme");
        }
    }
    if (put.has_constant && qualified(values[0].list, values[0].text) != put.scheme_constant)
        decline("a field that is said twice and differently");
    if (put.has_constant && rec_ != nullptr) rec_->ask_same(origin, rec_->fixed(values[0].text, values[0].list), true);
    put_value(at, put.fit, put.attribute, values[0].text, values[0].list, origin);
    if (put.kind != Put::Kind::list || values.size() == 1) return;
    at.more = static_cast<std::uint32_t>(more_values_.size());
    at.more_count = static_cast<std::uint32_t>(values.size() - 1);
    for (std::size_t i = 1; i < values.size(); ++i) {
        const FastPivot& one = values[i];
        if (!put.fit(one.text, one.list)) decline("a value that the pivot refuses");
        more_values_.push_back({.text = one.text, .list = one.list, .present = true});
        if (rec_ != nullptr) put_asked(more_values_.back(), put.fit, from[i]);
    }
}

void Machine::read_position(const SourceProgram::Position& position) {
    const Frame& frame = current(position.place.group);
    const std::string_view number = keep(std::to_string(frame.number));
    const bool own = list_.on && position.place.group == program_->list.group;
    Operand from;
    if (rec_ != nullptr) from = own ? rec_->place(place_in_source, number) : rec_->fixed(number);
    put_value(value(position.place), position.fit, false, number, {}, from);
}

void Machine::find_date() {
    message_date_.clear();
    run_.document_date = {};
    find_date_of_row();
    run_.document_date = message_date_;
}

void Machine::find_date_of_row() {
    if (in_.date_row == nothing) return;
    if (rec_ != nullptr) date_asked();
    const ReadRow& row = in_.rows[in_.date_row];
    std::vector<NationalValue> texts;
    const ReadPart& part = row.parts.front();
    if (part.fast) {
        FastList<FastText, 32> fast;
        bool room = true;
        each_text(row, part, [&](std::string_view text, Id slot, Id) { room = fast.add({text, slot}) && room; });
        FastRun run{.scratch = scratch_};
        PivotSlots values;
        if (room && !fast.empty() &&
            part.fast.to_pivot(std::span(fast.begin(), fast.size()), run, values) == Fast::done && !values.empty()) {
            source_->date(values[0].text);
            target_->date(values[0].text);
            message_date_ = values[0].text.substr(0, 10);
            return;
        }
    }
    each_text(row, part, [&](std::string_view text, Id slot, Id) { texts.push_back({std::string(text), slot}); });
    if (rec_ != nullptr && !texts.empty()) rec_->give_up("a day without a twin");
    const Result<ToPivot> made = part.conversion->to_pivot(texts, source_->context);
    if (!made || made->values.empty()) return;
    source_->date(made->values[0].text);
    target_->date(made->values[0].text);
    message_date_ = made->values[0].text.substr(0, 10);
}

void Machine::choose(const ReadChain& chain, std::size_t pass) {
    std::uint32_t& chosen = choices_[current(chain.group).choices + chain.number];
    chosen = nothing;
    for (std::size_t i = 0; i < chain.row->rows.size(); ++i) {
        const auto& condition = chain.row->rows[i]->condition;
        if (condition) {
            if (!chain.conditions[i].known) decline("a condition that the plan cannot ask");
            const bool held = Machine::held(*condition, evaluate(chain.conditions[i]));
            if (rec_ != nullptr) asked(*condition, bind(chain.conditions[i]), held, false);
            if (!held) continue;
        }
        chosen = static_cast<std::uint32_t>(i);
        break;
    }
    for (std::size_t i = 0; i < chain.slots.size(); ++i) {
        if (i == chosen) continue;
        for (const Slot& other : chain.slots[i]) {
            if (other.group != chain.group || slot(other) == nothing || slot_text(other).empty()) continue;
            const bool taken =
                chosen != nothing &&
                std::any_of(chain.slots[chosen].begin(), chain.slots[chosen].end(),
                            [&](const Slot& own) { return own.group == other.group && own.number == other.number; });
            if (!taken) decline("a value that no row takes in this case");
        }
        for (const Id list : chain.lists[i]) {
            const bool own = chosen != nothing && std::find(chain.lists[chosen].begin(), chain.lists[chosen].end(),
                                                            list) != chain.lists[chosen].end();
            if (!own && in_.groups[list].parent == chain.group &&
                lists_[current(chain.group).lists + in_.groups[list].list].total != 0)
                decline("members that no row takes in this case");
        }
    }
    if (chosen != nothing) read_steps(chain.steps[chosen], pass);
}

void Machine::derive(const ReadDerive& derive) {
    const std::optional<std::string> rule = evaluate(derive.expression);
    Operand from;
    if (rec_ != nullptr) from = valued(bind(derive.expression), rule.has_value(), false);
    if (!rule) return;
    Value& at = value(derive.place);
    if (at.present) {
        if (!same_value(qualified(at.list, at.text), *rule)) decline("a derived value that differs");
        if (rec_ != nullptr) rec_->ask(CourseStep::Kind::like, origin(at), from, true);
        return;
    }
    const std::string_view kept = keep(*rule);
    const pivot::QualifiedCode code = pivot::split_code(kept);
    put_value(at, derive.fit, false, code.code, code.list, from);
}

void Machine::check(const ReadCheck& check) {
    if (list_.on && !list_.in_member && program_->list.is_over(check.loops)) {
        list_.warned_split = warned_.size();
        return;
    }
    each_loop(check.loops, [&] { one_check(check); });
}

void Machine::one_check(const ReadCheck& check) {
    if (rec_ != nullptr) check_asked(check);
    Side left, right;
    if (side(check.left, left) && side(check.right, right)) {
        if (left.missing || right.missing) return;
        const std::optional<std::strong_ordering> order = compare_small(left.number, right.number);
        if (order && !check.row->noise) {
            if (check.holds(*order)) return;
            if (!check.row->warn) decline("a rule that does not hold");
            return warn(check, left, right);
        }
    }
    const auto slow_left = evaluate(check.left), slow_right = evaluate(check.right);
    if (!slow_left || !slow_right || compare(*slow_left, check.row->comparison, *slow_right, check.row->noise)) return;
    if (!check.row->warn) decline("a rule that does not hold");
    warn(check, {.text = keep(*slow_left)}, {.text = keep(*slow_right)});
}

/// Warnings are put into words when somebody asks for them.
void Machine::warn(const ReadCheck& check, const Side& left, const Side& right) {
    Warning made{.check = &check, .left = left, .right = right};
    made.first = static_cast<std::uint32_t>(warned_places_.size());
    made.group = places_of(check, warned_places_);
    made.count = static_cast<std::uint32_t>(warned_places_.size()) - made.first;
    warned_.push_back(made);
}

Id Machine::places_of(const ReadCheck& check, std::vector<WarnedPlace>& places) const {
    // The group's own element: the row's left paths start there.
    const Id group = check.loops.empty() ? check.group : check.loops.back();
    // The place of an element among those of its name in an element around it.
    const auto ordinal_in = [&](std::uint32_t around, std::uint32_t entry) {
        std::uint32_t ordinal = 1;
        for (std::uint32_t at = around + 1; at < entry; at = (*tape_)[at].next)
            ordinal += (*tape_)[at].path == (*tape_)[entry].path ? 1U : 0U;
        return ordinal;
    };
    for (Id at = current_[group]; at != nothing; at = frames_[at].parent) {
        const Frame& frame = frames_[at];
        const bool top = frame.parent == nothing || frame.group == 0;
        if (top) {
            places.push_back({(*tape_)[frame.entry].path, schema::no_path, frame.ordinal});
            break;
        }
        // Elements between the two frames have a place too where they may stand several times.
        std::uint32_t around = frames_[frame.parent].entry;
        std::vector<WarnedPlace> between;
        schema::PathIndex above = (*tape_)[around].path;
        for (std::uint32_t inside = around + 1; inside < frame.entry;) {
            const schema::Entry& entry = (*tape_)[inside];
            if (entry.next <= frame.entry) {
                inside = entry.next;
                continue;
            }
            if (paths_[entry.path].repeats()) {
                between.push_back({entry.path, above, ordinal_in(around, inside)});
                above = entry.path;
            }
            around = inside++;
        }
        const std::uint32_t ordinal = between.empty() ? frame.ordinal : ordinal_in(around, frame.entry);
        places.push_back({(*tape_)[frame.entry].path, above, ordinal});
        places.insert(places.end(), between.rbegin(), between.rend());
    }
    return group;
}

const std::vector<Error>& Machine::warnings() const {
    if (!warnings_told_) {
        warnings_.clear();
        part_warnings(warnings_, warnings_);
        warnings_told_ = true;
    }
    return warnings_;
}

void Machine::part_warnings(std::vector<Error>& read, std::vector<Error>& written) const {
    for (const Warning& one : warned_) read.push_back(told(one));
    written.insert(written.end(), later_warnings_.begin(), later_warnings_.end());
}

Error Machine::told(const Warning& one) const {
    const Row& row = *one.check->row;
    std::string path;
    for (std::uint32_t i = one.first + one.count; i-- > one.first;) {
        const WarnedPlace& place = warned_places_[i];
        // The steps between the frames; only the last of them has a place.
        std::vector<std::string> steps;
        for (schema::PathIndex at = place.path; at != place.above && at != schema::no_path; at = paths_[at].parent) {
            const bool last = at == place.path && paths_[at].repeats();
            steps.push_back(paths_[at].name().local + (last ? "[" + std::to_string(place.ordinal) + "]" : ""));
        }
        for (std::size_t k = steps.size(); k-- > 0;) path += "/" + steps[k];
    }
    std::vector<std::string> below;
    for (const Shape* at = row.check_each ? row.check_each->shape : row.group; at && at->parent; at = at->parent) {
        const schema::PathIndex index = in_.groups[one.group].path;
        if (at->declaration == paths_[index].element && at->name == paths_[index].name()) break;
        below.push_back(at->name.local);
    }
    for (std::size_t i = below.size(); i-- > 0;) path += "/" + below[i];
    return {codes::check_failed,
            row.text + " (" + one.left.words() + " against " + one.right.words() + ")",
            {.path = std::move(path)}};
}

/// Classes without what they must have, attributes without their value, gaps in front of a place: what the pivot's own
/// rules refuse.
void Machine::check_pivot(Id group) {
    for (const Id number : program_->together_of[group]) {
        const Program::Together& rule = program_->together[number];
        if (!rule.always && !any_of(rule.there)) continue;
        if (!any_of(rule.must)) decline("a value that the pivot refuses");
    }
    for (Id inner = 0; inner < in_.groups.size(); ++inner) {
        if (in_.groups[inner].parent != group) continue;
        const Id before = current_[inner];
        for (Id at = lists_[current(group).lists + in_.groups[inner].list].first; at != nothing;
             at = frames_[at].next) {
            enter(inner, at);
            check_pivot(inner);
        }
        enter(inner, before);
    }
}

}  // namespace hansa::mapping::program
