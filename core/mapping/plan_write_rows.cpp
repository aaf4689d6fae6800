// The target side of a plan at work: a row's values into the texts of its leaves.
#include <algorithm>
#include <array>

#include "core/mapping/codes.h"
#include "core/mapping/plan_machine.h"
#include "core/schema/grammar.h"

namespace hansa::mapping::program {

bool Machine::gather_way(const Way& way, bool all, std::size_t loop, std::vector<Value*>& found) {
    if (loop < way.loops.size()) {
        const Group& group = in_.groups[way.loops[loop]];
        refuse_whole_list(std::span(way.loops).subspan(loop));
        const Id before = current_[way.loops[loop]];
        bool decided = false;
        Id nth = 0;
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing && !decided;
             at = frames_[at].next) {
            enter(way.loops[loop], at);
            ++nth;
            if (way.nth != 0 && loop + 1 == way.loops.size() && nth != way.nth) continue;
            decided = gather_way(way, all, loop + 1, found) && !all;
        }
        enter(way.loops[loop], before);
        return decided;
    }
    if (!way.guards.empty() && !holds(way.guards)) return false;
    if (way.sibling && way.sibling->text.number != nothing) {
        const OutText& other = text(way.sibling->text);
        const Value& key = value(way.sibling_key);
        if (other.stands() && !key.present) return false;
        if (other.stands()) {
            const bool equal = other.text == key.text;
            if (rec_ != nullptr) rec_->ask(CourseStep::Kind::same_text, origin(other), origin(key), equal);
            if (!equal) return false;
        }
    }
    if (!way.decides.empty() && !any_of(way.decides)) return false;
    // The key of this member: outside of the walk its frame is not the current one.
    const auto keep_key = [&] {
        if (way.sibling_key.number == nothing) return;
        const Value& key = value(way.sibling_key);
        found_keys_.push_back({way.sibling_key, key.text, {}});
        if (rec_ != nullptr && key.present) found_keys_.back().from = origin(key);
    };
    if (way.constant) {
        if (any_of(way.exists)) {
            keep_key();
            if (way.mark.number != nothing) {
                // It stands in its place without being there: others see what the selector says of it.
                Value& at = value(way.mark);
                at.text = way.constant->text;
                at.list = way.constant->list;
                if (rec_ != nullptr) came(at, rec_->fixed(at.text, at.list));
                found.push_back(&at);
                return true;
            }
            constants_.push_back({.text = way.constant->text, .list = way.constant->list, .present = true});
            found.push_back(&constants_.back());
        }
        return true;
    }
    if (way.place.number == nothing) return true;
    Value& at = value(way.place);
    if (at.present) {
        keep_key();
        found.push_back(&at);
        for (std::uint32_t i = 0; i < at.more_count; ++i) {
            if (!all) break;
            found.push_back(&more_values_[at.more + i]);
        }
    }
    return true;
}

void Machine::gather(const TargetSource& source, std::vector<Value*>& found) {
    for (const Way& way : source.ways) {
        if (gather_way(way, source.all, 0, found) && !source.all) return;
    }
}

std::uint32_t Machine::reason(std::string detail, const std::string& row, bool always) {
    if (rec_ != nullptr && !always) rec_->give_up("a value that is refused");
    reasons_.push_back({.text = std::move(detail), .row = row});
    return static_cast<std::uint32_t>(reasons_.size());
}

void Machine::refuse(const WriteRow& row, std::string detail, bool always) {
    const std::uint32_t why = reason(std::move(detail), row.row->place, always);
    std::vector<Value*> all;
    for (const TargetSource& source : row.sources) gather(source, all);
    for (Value* one : all) one->lost = why;
    for (const TargetTerm& term : row.terms) {
        if (term.text.number == nothing) continue;
        OutText& at = text(term.text);
        if (!at.stands()) at.state = OutText::State::failed;
    }
}

bool Machine::needed(const OutNode& node) {
    if (alive(node, block_of_[node.body])) return true;
    return node.shape && node.shape->least > 0 && !node.shape->in_choice && node.parent && needed(*node.parent);
}

/// `"9" <-> P`: the document must say so.
bool Machine::guard_constants(const WriteRow& row) {
    for (std::size_t i = 0; i < row.sources.size(); ++i) {
        std::vector<Value*> found;
        gather(row.sources[i], found);
        const std::string text = found.empty() ? std::string() : qualified(found[0]->list, found[0]->text);
        if (i < row.row->left.size() && is_constant(row.row->right[i], text, row.row->left[i].value)) {
            if (rec_ != nullptr && !found.empty())
                rec_->ask_same(origin(*found[0]), rec_->fixed(found[0]->text, found[0]->list), true);
            continue;
        }
        if (found.empty() && !needed(*row.out)) return false;
        decline("something that the target format cannot say");
    }
    return true;
}

/// Most rows: one value, one text. False: the general way decides.
bool Machine::write_plain(const WriteRow& row, Value& given) {
    const FastPivot one{given.text, given.list, 0};
    FastRun& run = run_;
    TextSlots texts;
    if (row.parts[0].fast.from_pivot(std::span(&one, 1), run, texts) == Fast::declined || texts.size() != 1)
        return false;
    Operand from;
    if (rec_ != nullptr) from = write_by(row.parts[0], std::array{CourseCall::Argument{origin(given), 0}}, texts)[0];
    stand(row.terms[0].text, texts[0].text, from);
    given.taken = true;
    return true;
}

/// One value or several side by side, each from one place. False: the general way decides.
bool Machine::write_tuple(const WriteRow& row) {
    std::size_t there = 0;
    for (const Place& place : row.places) {
        const Value& given = value(place);
        if (given.more_count != 0) return false;
        there += given.present ? 1U : 0U;
    }
    if (there == 0) return true;
    if (there != row.places.size()) return false;
    // A part that fails says so of the whole row: nothing stands before all is done.
    std::vector<WrittenText>& written = written_;
    written.clear();
    for (const ReadPart& part : row.parts) {
        const Value& given = value(row.places[part.right]);
        std::string_view text = given.text;
        if (!given.direct && part.fast.write({given.text, given.list, 0}, run_, text) == Fast::declined) return false;
        written.push_back({text, part.left, {}});
        if (rec_ == nullptr) continue;
        const Operand from = origin(given);
        written.back().from = given.direct ? from : rec_->make_by(CourseStep::Kind::write, from, &part.fast);
    }
    for (const WrittenText& one : written) stand(row.terms[one.term].text, one.text, one.from);
    for (std::size_t i = 0; i < row.places.size(); ++i) {
        Value& given = value(row.places[i]);
        given.taken = true;
        if (given.direct && i < row.leaves.size()) settle_leaf(row.places[i], row.leaves[i]);
    }
    return true;
}

void Machine::write_row(const WriteRow& row) {
    if (!row.op.conversion && row.tuple && write_tuple(row)) return;
    for (const Place& place : row.places) {
        if (row.tuple && value(place).direct) decline("a part without its partner");
    }
    if (row.always) {
        if (!any_of(row.places)) return;
        stand(row.terms[0].text, *row.always, rec_ == nullptr ? Operand() : rec_->fixed(*row.always));
        if (row.mark.number != nothing) value(row.mark).taken = true;
        return;
    }
    write_general(row);
}

/// What one part of a row is given: the values of its right side.
struct Machine::GivenPart {
    FastList<FastPivot, 32> values;
    std::vector<CourseCall::Argument> arguments;
    Value* first = nullptr;
};

void Machine::write_general(const WriteRow& row) {
    std::vector<Value*>& all = gathered_;
    all.clear();
    gathered_ends_.clear();
    found_keys_.clear();
    for (const TargetSource& source : row.sources) {
        gather(source, all);
        gathered_ends_.push_back(all.size());
    }
    if (row.only_constants) {
        if (!guard_constants(row)) return;
        for (Value* one : all) one->taken = true;
        return;
    }
    if (all.empty()) return;
    if (row.plain && all.size() == 1 && row.agreements.empty() && write_plain(row, *all[0])) return;
    written_.clear();
    for (const ReadPart& part : row.parts) {
        if (!write_part(row, part)) return;
    }
    stand_written(row);
    for (const Agreement& agreement : row.agreements) keep_agreement(row, agreement);
    settle_gathered(row);
}

/// False: the row is refused.
bool Machine::write_part(const WriteRow& row, const ReadPart& part) {
    GivenPart given;
    take_part(row, part, given);
    if (given.values.empty()) return may_be_silent(row, part);
    TextSlots texts;
    std::vector<ConversionNote> notes;
    const std::span<const FastPivot> values(given.values.begin(), given.values.size());
    const bool fast = part.fast && part.fast.from_pivot(values, run_, texts) == Fast::done;
    if (!fast && !write_slowly(row, part, given, texts, notes)) return false;
    std::vector<Operand> from;
    if (rec_ != nullptr)
        from =
            fast ? write_by(part, given.arguments, texts) : write_slowly_by(row, part, given.arguments, texts, notes);
    if (!constants_stand(row, part, texts, from)) return false;
    for (std::size_t i = 0; i < texts.size(); ++i)
        written_.push_back({texts[i].text, part.left + texts[i].slot, rec_ == nullptr ? Operand() : from[i]});
    return true;
}

std::size_t Machine::gathered_begin(std::size_t source) const {
    return source == 0 ? 0 : gathered_ends_[source - 1];
}

void Machine::take_part(const WriteRow& row, const ReadPart& part, GivenPart& given) {
    for (Id slot = 0; slot < part.gives; ++slot) {
        const std::size_t source = part.right + slot;
        for (std::size_t i = gathered_begin(source); i < gathered_ends_[source]; ++i) {
            Value* const one = gathered_[i];
            if (!given.first) given.first = one;
            if (!given.values.add({one->text, one->list, slot})) decline("more values than a row takes");
            if (rec_ != nullptr) given.arguments.push_back({origin(*one), slot});
            if (row.sources[source].every) break;
        }
    }
}

/// Nothing is said for a part: false, and the row is refused, where its text belongs to the others.
bool Machine::may_be_silent(const WriteRow& row, const ReadPart& part) {
    for (Id i = part.left; i < part.left + part.takes; ++i) {
        const NationalTerm& term = *row.terms[i].term;
        if (term.optional) continue;
        const std::string what = term.constant ? "\"" + term.value + "\"" : "'" + term.path.text + "'";
        refuse(row, "the document says nothing for " + what + ", which belongs to it", true);
        return false;
    }
    return true;
}

/// By the reference's conversion. False: the row is refused.
bool Machine::write_slowly(const WriteRow& row, const ReadPart& part, GivenPart& given, TextSlots& texts,
                           std::vector<ConversionNote>& notes) {
    const auto refused = [&](const std::string& detail) {
        refuse(row, detail, rec_ != nullptr && refusal_asked(row, part, given.arguments, detail));
        return false;
    };
    std::vector<PivotValue> slow;
    for (const FastPivot& one : given.values) slow.push_back({std::string(one.text), std::string(one.list), one.slot});
    std::vector<Target> targets;
    for (Id i = part.left; i < part.left + part.takes; ++i) targets.push_back(row.terms[i].target);
    Result<FromPivot> made = part.conversion->from_pivot(slow, target_->context, targets);
    if (!made) return refused(made.error().detail);
    texts.clear();
    for (const NationalValue& one : made->values) {
        if (one.text.empty()) decline("a text that would be empty");
        if (!texts.add({keep(one.text), static_cast<std::uint32_t>(one.slot)})) decline("more texts than a row writes");
    }
    for (const FastText& one : texts) {
        const TargetTerm& term = row.terms[part.left + one.slot];
        if (term.term->constant || term.term->borrowed || !term.type) continue;
        if (is_surely_of_type(*term.type, one.text)) continue;
        const Result<void> fits = target_model_.grammar->check_value(*term.type, one.text);
        if (!fits) return refused(fits.error().detail);
    }
    notes = std::move(made->notes);
    for (const ConversionNote& note : notes) note_of(row, *given.first, note);
    return true;
}

void Machine::note_of(const WriteRow& row, Value& first, const ConversionNote& note) {
    if (note.kind == ConversionNote::Kind::aliased) decline("a made reference");
    if (first.note != 0) decline("several notes of one value");
    const bool is_rounded = note.kind == ConversionNote::Kind::rounded;
    reasons_.push_back(
        {.text = note.reason, .row = row.row->place, .kind = is_rounded ? LossKind::rounded : LossKind::narrowed});
    first.note = static_cast<std::uint32_t>(reasons_.size());
}

/// The words hold what the document says: another one must say the same. False: the row is refused.
bool Machine::constants_stand(const WriteRow& row, const ReadPart& part, const TextSlots& texts,
                              const std::vector<Operand>& from) {
    for (Id i = 0; i < part.takes; ++i) {
        const NationalTerm& term = *row.terms[part.left + i].term;
        if (!term.constant) continue;
        std::size_t count = 0, last = 0;
        std::string_view text;
        for (std::size_t k = 0; k < texts.size(); ++k) {
            if (texts[k].slot == i) ++count, text = texts[k].text, last = k;
        }
        if (count == 1 && same_value(text, term.value)) {
            if (rec_ != nullptr) rec_->ask_like(from[last], rec_->fixed(term.value));
            continue;
        }
        if (rec_ != nullptr && count != 0) rec_->ask_text(from[last], text, true);
        refuse(row,
               "the format can only say " + show_code(term.value) + ", the document says " +
                   (count == 0 ? "nothing" : show_code(text)),
               true);
        return false;
    }
    return true;
}

void Machine::stand_written(const WriteRow& row) {
    for (std::size_t i = 0; i < row.terms.size(); ++i) {
        const TargetTerm& term = row.terms[i];
        if (term.term->constant || term.term->borrowed) continue;
        OutText& at = text(term.text);
        bool first = true;
        for (const WrittenText& one : written_) {
            if (one.term != i) continue;
            if (first) {
                stand(term.text, one.text, one.from);
                at.more = static_cast<std::uint32_t>(more_texts_.size());
                at.more_count = 0;
                first = false;
                continue;
            }
            more_texts_.push_back({.text = one.text, .state = OutText::State::present});
            if (rec_ != nullptr) came(more_texts_.back(), one.from);
            ++at.more_count;
        }
    }
}

void Machine::keep_agreement(const WriteRow& row, const Agreement& agreement) {
    Agreeing one{.row = &row, .agreement = &agreement};
    current_block(agreement.text.body);
    one.block = block_of_[agreement.text.body];
    if (agreement.key) {
        for (const FoundKey& found : found_keys_) {
            if (found.place != *agreement.key) continue;
            one.text = found.text;
            one.from = found.from;
            agreeing_.push_back(one);
        }
        return;
    }
    const auto found = std::ranges::find(written_, agreement.term, &WrittenText::term);
    if (found == written_.end()) return;
    one.text = found->text;
    one.from = found->from;
    agreeing_.push_back(one);
}

/// What was gathered is told; of a statement that stands once for all members, those that say something else are not.
void Machine::settle_gathered(const WriteRow& row) {
    for (std::size_t source = 0; source < row.sources.size(); ++source) {
        const bool is_every = row.sources[source].every;
        const std::size_t begin = gathered_begin(source);
        for (std::size_t i = begin; i < gathered_ends_[source]; ++i) {
            Value& one = *gathered_[i];
            const Value& first = *gathered_[begin];
            const bool same = !is_every || (one.text == first.text && one.list == first.list);
            if (rec_ != nullptr && is_every) rec_->ask_same(origin(one), origin(first), same);
            if (same) {
                one.taken = true;
                continue;
            }
            if (row.row->refuse) decline("members that differ");
            one.lost = reason("the format says it once for all members, and another member says something else",
                              row.row->place, true);
        }
    }
}

/// Borrowed values must stand where their owner wrote them.
void Machine::agree() {
    for (const Agreeing& one : agreeing_) {
        const Text& place = one.agreement->text;
        const OutText& at = texts_[blocks_[one.block].texts + place.number];
        if (at.stands()) {
            if (!same_value(at.text, one.text)) decline("a borrowed value that differs");
            if (rec_ != nullptr) rec_->ask_like(origin(at), one.from);
            continue;
        }
        if (one.agreement->fixed && *one.agreement->fixed == one.text) {
            if (rec_ != nullptr) rec_->ask_text(one.from, one.text, true);
            stand(place, one.block, one.text, one.from);
            continue;
        }
        decline("a borrowed value that is not there");
    }
}

}  // namespace hansa::mapping::program
