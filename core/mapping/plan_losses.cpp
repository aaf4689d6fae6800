// What a document lost, in the order in which the reference finds it: fillings, then leaf by leaf.
#include <algorithm>

#include "core/mapping/evaluate.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {
namespace {

const std::string no_place = "the target has no place for it";
const std::string a_part = "the target takes only a part of it";
const std::string nothing_said;

}  // namespace

/// The places of what repeats, from the document down to a frame.
void Machine::ordinals_of(Frame& frame) {
    FastList<std::uint32_t, 32> outer;
    const Frame* top = &frame;
    for (; top->parent != nothing; top = &frames_[top->parent]) {
        const Id above = program_->list_depth[(*tape_)[frames_[top->parent].entry].path];
        const Id here = program_->list_depth[(*tape_)[top->entry].path];
        if (here == above) continue;
        if (here - above > 1 || top->ordinal == 0) decline("a loss in a list of lists");
        if (!outer.add(top->ordinal)) decline("a loss in a list of lists");
    }
    if (top->group == 0 && program_->list_depth[in_.document] != 0) (void)outer.add(top->ordinal);
    frame.ordinals = static_cast<std::uint32_t>(ordinals_.size());
    frame.ordinal_count = static_cast<std::uint32_t>(outer.size());
    for (std::size_t i = outer.size(); i-- > 0;) ordinals_.push_back(outer[i]);
}

/// The place of an entry: its path, offset, and the places of what repeats on the way.
Note& Machine::note_of(std::uint32_t entry, Id frame) {
    const schema::Entry& at = (*tape_)[entry];
    Note note;
    note.path = at.path;
    note.entry = entry;
    Frame& own = frames_[frame];
    if (own.ordinals == nothing) ordinals_of(own);
    note.ordinals = own.ordinals;
    note.ordinal_count = own.ordinal_count;
    // Lists between the frame and the entry.
    const schema::PathIndex start = (*tape_)[own.entry].path;
    if (program_->list_depth[at.path] != program_->list_depth[start]) {
        note.ordinals = static_cast<std::uint32_t>(ordinals_.size());
        for (std::uint32_t i = 0; i < own.ordinal_count; ++i) {
            const std::uint32_t outer = ordinals_[own.ordinals + i];
            ordinals_.push_back(outer);
        }
        std::uint32_t around = own.entry;
        while (around != entry) {
            std::uint32_t inner = around + 1;
            std::uint32_t count = 0;
            while ((*tape_)[inner].next <= entry) inner = (*tape_)[inner].next;
            for (std::uint32_t i = around + 1; i <= inner; i = (*tape_)[i].next) {
                if ((*tape_)[i].path == (*tape_)[inner].path) ++count;
                if (i == inner) break;
            }
            if (paths_[(*tape_)[inner].path].attribute == nullptr && paths_[(*tape_)[inner].path].most != 1)
                ordinals_.push_back(count);
            around = inner;
        }
        note.ordinal_count = static_cast<std::uint32_t>(ordinals_.size()) - note.ordinals;
    }
    notes_into_->push_back(note);
    return notes_into_->back();
}

void Machine::losses() {
    notes_into_ = &notes_;
    for (std::size_t pass = 0; pass < passes; ++pass) leaf_group(0, pass);
    settle_rest();
}

void Machine::settle_rest() {
    for (const Rest& one : rest_) say(one.entry, one.frame, in_.sites[one.site]);
}

void Machine::leaf_group(Id group, std::size_t pass) {
    const std::size_t words = current(group).bits + in_.triggers[group].leaves[pass];
    each_step(in_.leaves[pass][group], words, [&](const LeafStep& step) { leaf_step(step, pass); });
}

void Machine::leaf_steps(const std::vector<LeafStep>& steps, std::size_t pass) {
    for (const LeafStep& step : steps) leaf_step(step, pass);
}

void Machine::leaf_step(const LeafStep& step, std::size_t pass) {
    if (!step.cases.empty() && !in_case(step.cases)) return;
    if (step.kind == LeafStep::Kind::chain) {
        const ReadChain& chain = in_.chains[step.group];
        const std::uint32_t chosen = choices_[current(chain.group).choices + chain.number];
        if (chosen != nothing) leaf_steps(chain.leaves[chosen], pass);
        return;
    }
    if (step.kind == LeafStep::Kind::loop) {
        const Group& group = in_.groups[step.group];
        if (in_.leaves[pass][step.group].empty()) return;
        if (list_.on && step.group == program_->list.group) {
            list_.own[1 + pass].split = notes_.size();
            list_.first[1 + pass].split = first_notes_.size();
            return;
        }
        const Id before = current_[step.group];
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
            enter(step.group, at);
            leaf_group(step.group, pass);
        }
        enter(step.group, before);
        return;
    }
    if (step.kind == LeafStep::Kind::stated) return beside(step, current(step.slot.group).entry);
    const std::uint32_t entry = slot(step.slot);
    if (entry == nothing) return;
    // Several texts may have become one value: each of them is told.
    const Look seen = step.quick && multi_.empty() ? look(step) : Look::closer;
    if (seen == Look::well) return beside(step, entry);
    if (seen == Look::left) {
        const std::string_view text = (*tape_)[entry].value();
        const Row& row = *step.table_row;
        if (says_nothing(text) || is_none(text, entry, row.none ? &*row.none : nullptr)) return;
        const Site& site = in_.sites[step.site];
        return say(entry, current_[step.slot.group], LossKind::dropped, no_place, site.row);
    }
    leaf(step, entry, 0);
    if (multi_.empty()) return;
    const std::uint32_t number = current(step.slot.group).slots + step.slot.number;
    for (std::size_t i = 0; i < multi_.size(); ++i) {
        if (multi_[i].first == number) leaf(step, multi_[i].second, i + 1);
    }
}

void Machine::leaf(const LeafStep& step, std::uint32_t entry, std::size_t nth) {
    const std::string_view text = (*tape_)[entry].value();
    const Row& row = *step.table_row;
    const auto say_site = [&] { say(entry, current_[step.slot.group], in_.sites[step.site]); };
    switch (step.kind) {
        case LeafStep::Kind::mapped:
            if (says_nothing(text) || is_none(text, entry, row.none ? &*row.none : nullptr)) return;
            if (!value(step.done).present) return;
            return mapped(step, entry);
        case LeafStep::Kind::list:
            if (step.done.number != nothing && !value(step.done).present)
                decline("the list of a code that is not there");
            if (rec_ != nullptr) rec_->ask_text(rec_->entry(entry), step.expected, text == step.expected);
            if (text == step.expected) return;
            return say_site();
        case LeafStep::Kind::kept:
            if (says_nothing(text) || is_none(text, entry, row.none ? &*row.none : nullptr)) return;
            return say_site();
        case LeafStep::Kind::fixed: {
            const bool first = !row.alternatives.empty() && text == row.alternatives.front();
            if (rec_ != nullptr && !says_nothing(text)) rec_->ask_text(rec_->entry(entry), text, true);
            if (first || says_nothing(text)) return;
            const bool listed =
                std::find(row.alternatives.begin(), row.alternatives.end(), text) != row.alternatives.end();
            const bool matched = std::any_of(row.patterns.begin(), row.patterns.end(),
                                             [&](const Pattern& one) { return one.matches(text); });
            if (!listed && !matched) decline("another constant than the format's");
            return say_site();
        }
        case LeafStep::Kind::computed: {
            if (nth != 0) return;
            const auto rule = evaluate(step.expression);
            const bool same = rule && same_value(*rule, text);
            if (rec_ != nullptr) {
                const Operand from = valued(bind(step.expression), rule.has_value(), false);
                if (rule) rec_->ask(CourseStep::Kind::like, from, rec_->entry(entry), same);
            }
            if (same) return;
            if (row.refuse) decline("a computed value that differs");
            if (says_nothing(text)) return;
            return say_site();
        }
        case LeafStep::Kind::carried:
            return subtree(entry, step, false);
        case LeafStep::Kind::dropped:
            return subtree(entry, step, true);
        case LeafStep::Kind::stated:
        case LeafStep::Kind::loop:
        case LeafStep::Kind::chain:
            return;
    }
}

/// A place that one row takes as it is, with all inside.
void Machine::subtree(std::uint32_t entry, const LeafStep& step, bool dropped) {
    std::vector<Note>* const told = notes_into_;
    const std::uint32_t end = (*tape_)[entry].next;
    for (std::uint32_t at = entry; at < end; ++at) {
        const schema::Entry& one = (*tape_)[at];
        const bool foreign = one.path == schema::no_path;
        const bool attribute = foreign ? tape_->foreign(at)->attribute : paths_[one.path].attribute != nullptr;
        bool children = false;
        for (std::uint32_t i = at + 1; i < one.next && !children; ++i) {
            const schema::PathIndex path = (*tape_)[i].path;
            children = path == schema::no_path ? !tape_->foreign(i)->attribute : paths_[path].attribute == nullptr;
        }
        const bool leaf = attribute || !children || !says_nothing(one.value());
        if (!leaf) continue;
        if (!attribute && says_nothing(one.value())) continue;
        if (dropped && !attribute && one.next > at + 1) {
            // Attributes are told first there.
            const schema::PathIndex path = (*tape_)[at + 1].path;
            const bool others =
                path == schema::no_path ? tape_->foreign(at + 1)->attribute : paths_[path].attribute != nullptr;
            if (others) decline("a dropped element with attributes");
        }
        notes_into_ = dropped ? &first_notes_ : told;
        if (!foreign) {
            say(at, current_[step.slot.group], in_.sites[step.site]);
        } else {
            std::uint32_t known = at;
            while ((*tape_)[known].path == schema::no_path || (*tape_)[known].next <= at ||
                   paths_[(*tape_)[known].path].attribute != nullptr)
                --known;
            if (attribute) decline("a loss of an attribute that the schema does not name");
            say(known, current_[step.slot.group], in_.sites[step.site]);
            rare_.push_back({.node = nullptr, .attribute = {}, .below = keep(foreign_steps(known, at))});
            notes_into_->back().rare = static_cast<std::uint32_t>(rare_.size());
            notes_into_->back().entry = at;
            if (rec_ != nullptr) rec_->give_up("a loss of what the schema does not name");
        }
        if (attribute && !dropped) {
            // An attribute with a row of its own is named by it.
            const Shape* shape = in_.shapes[paths_[one.path].parent];
            const AttributeShape* named =
                shape ? const_cast<Shape*>(shape)->attribute(paths_[one.path].name().local) : nullptr;
            if (named && named->owner) notes_into_->back().row = &named->owner->place;
        }
        notes_into_ = told;
    }
}

/// Steps below a known element: what has no place in the grammar has one in its path.
std::string Machine::foreign_steps(std::uint32_t from, std::uint32_t to) const {
    std::string steps;
    while (from != to) {
        std::uint32_t inner = from + 1;
        while ((*tape_)[inner].next <= to) inner = (*tape_)[inner].next;
        const schema::ForeignName* name = tape_->foreign(inner);
        std::uint32_t count = 0;
        for (std::uint32_t i = from + 1; i <= inner; i = (*tape_)[i].next) {
            const schema::ForeignName* other = tape_->foreign(i);
            count += other && !other->attribute && other->local == name->local ? 1U : 0U;
        }
        steps += "/" + std::string(name->local) + "[" + std::to_string(count) + "]";
        from = inner;
    }
    return steps;
}

/// Does anything at or below the node say something in the target?
bool Machine::says(const TemplateNode& node, Id frame) {
    const auto is_taken = [&](const Place& place) {
        return place.number != nothing && values_[frames_[frame].places + place.number].taken;
    };
    if (is_taken(node.place)) return true;
    for (const PivotAttribute& one : node.attributes) {
        if (is_taken(one.place)) return true;
    }
    for (const auto& child : node.children) {
        if (child->group == node.group) {
            if (says(*child, frame)) return true;
            continue;
        }
        const Group& group = in_.groups[child->group];
        if (group.parent != frames_[frame].group) continue;
        refuse_whole_list(std::span(&child->group, 1));
        for (Id at = lists_[frames_[frame].lists + group.list].first; at != nothing; at = frames_[at].next) {
            if (says(*child, at)) return true;
        }
    }
    return false;
}

/// Taken by a row, or said by a selector once the member says anything.
bool Machine::taken(const Value& at, const Place& place, Id frame) {
    if (at.taken) return true;
    for (const KeyPlace& key : to_.keys) {
        if (key.place != place) continue;
        if (key.guard.kind == Guard::Kind::equals) {
            const bool equal = at.text == key.guard.text && at.list == key.guard.list;
            if (rec_ != nullptr) rec_->ask_same(origin(at), rec_->fixed(key.guard.text, key.guard.list), equal);
            if (!equal) continue;
        }
        if (says(*key.owner, frame)) return true;
    }
    return false;
}

/// What a conversion had to say of the value.
void Machine::tell(std::uint32_t reason, const LeafStep& step, std::uint32_t entry) {
    const Reason& why = reasons_[reason - 1];
    say(entry, current_[step.slot.group], why.kind, why.text, why.row);
}

/// Most leaves: all that they said was taken as it is, or nothing of it was, and there is no more to it.
Machine::Look Machine::look(const LeafStep& step) {
    const Value& done = value(step.done);
    std::size_t taken = 0, left = 0;
    for (const Place& place : step.fed_places) {
        const Value& one = value(place);
        if (!one.present) continue;
        if (one.note != 0 || one.more_count != 0 || one.lost != 0) return Look::closer;
        ++(one.taken ? taken : left);
    }
    if (left == 0) return taken != 0 && done.note == 0 ? Look::well : Look::closer;
    return taken == 0 && !step.keyed && done.present ? Look::left : Look::closer;
}

void Machine::mapped(const LeafStep& step, std::uint32_t entry) {
    std::vector<FedValue>& fed = fed_;
    fed.clear();
    for (const Put& put : step.fed) {
        if (put.first_member && current(step.slot.group).number != 1) continue;
        if (list_.on && program_->list.is_over(put.loops)) {
            fed_by_members(put, fed);
            continue;
        }
        each_loop(put.loops, [&] {
            Value& at = value(put.place);
            if (!at.present) return;
            fed.push_back({&at, taken(at, put.place, current_[put.place.group])});
            for (std::uint32_t i = 0; i < at.more_count; ++i) {
                Value& more = more_values_[at.more + i];
                fed.push_back({&more, more.taken});
            }
        });
    }
    if (fed.empty()) decline("a value that the pivot has no member for");
    bool any_taken = false, left = false, left_taken = false;
    const Value* left_out = nullptr;
    std::uint32_t lost = 0;
    bool found_lost = false;
    for (const FedValue& one : fed) {
        if (one.taken) {
            any_taken = true;
            if (one.value->note != 0 && !one.value->noted) {
                one.value->noted = true;
                tell(one.value->note, step, entry);
            }
            continue;
        }
        left = true;
        left_out = one.value;
        if (!found_lost && one.value->lost != 0) {
            lost = one.value->lost;
            found_lost = true;
        }
    }
    if (any_taken && value(step.done).note != 0) tell(value(step.done).note, step, entry);
    if (left && any_taken) {
        for (const FedValue& one : fed) {
            if (!one.taken) continue;
            const bool equal = one.value->text == left_out->text && one.value->list == left_out->list;
            if (rec_ != nullptr) rec_->ask_same(origin(*one.value), origin(*left_out), equal);
            left_taken = left_taken || equal;
        }
    }
    if (any_taken && (!left || left_taken)) return beside(step, entry);
    const Site& site = in_.sites[step.site];
    const LossKind kind = any_taken ? LossKind::narrowed : LossKind::dropped;
    if (lost == 0) {
        say(entry, current_[step.slot.group], kind, any_taken ? a_part : no_place, site.row);
    } else {
        const Reason& why = reasons_[lost - 1];
        say(entry, current_[step.slot.group], kind, why.text, why.row.empty() ? site.row : why.row);
    }
    if (any_taken) beside(step, entry);
}

/// What goes with a leaf that has arrived, or with a member, and has not arrived itself: told once.
void Machine::beside(const LeafStep& step, std::uint32_t entry) {
    for (const Beside& one : step.beside) {
        Value& at = value(one.place);
        if (at.present == one.key || at.told || taken(at, one.place, current_[one.place.group])) continue;
        if (one.of.number != nothing) {
            const Value& of = value(one.of);
            bool arrived = of.present && taken(of, one.of, current_[one.of.group]);
            for (std::uint32_t i = 0; i < of.more_count; ++i) arrived = arrived || more_values_[of.more + i].taken;
            if (!arrived) continue;
        }
        at.told = true;
        const Site& site = in_.sites[one.site];
        if (at.lost == 0) {
            say(entry, current_[step.slot.group], site);
        } else {
            const Reason& why = reasons_[at.lost - 1];
            say(entry, current_[step.slot.group], site.kind, why.text, why.row.empty() ? site.row : why.row);
        }
    }
}

/// The offset of a note's element: an attribute stands at its own.
std::uint32_t Machine::offset_of(std::uint32_t entry) const {
    while ((*tape_)[entry].path != schema::no_path && paths_[(*tape_)[entry].path].attribute != nullptr) --entry;
    return (*tape_)[entry].offset;
}

/// A course's note as one of this message.
Note Machine::told(const CourseNote& one, const Done& done, Rare& rare, std::vector<std::uint32_t>& places) const {
    const Course& course = *done.course;
    places.assign(course.places.begin() + one.first, course.places.begin() + one.first + one.count);
    if (one.document != nothing) places[one.document] = one.node ? done.inner : done.ordinal;
    Note note{.reason = one.reason, .row = one.row, .path = one.path, .kind = one.kind};
    note.ordinal_count = one.count;
    rare = {.node = one.node, .attribute = one.attribute, .below = {}};
    if (one.node)
        note.value = note_values_[done.values + one.value];
    else
        note.entry = done.entry + one.entry;
    return note;
}

LossEntry Machine::entry_of(const Note& note, const Rare& rare, std::span<const std::uint32_t> places,
                            xml::LineIndex& lines) const {
    LossEntry entry{.kind = note.kind,
                    .value = std::string(rare.node ? note.value : (*tape_)[note.entry].value()),
                    .reason = *note.reason,
                    .row = *note.row};
    std::size_t ordinal = places.size();
    std::vector<std::string> steps;
    if (rare.node) {
        for (const OutNode* at = rare.node; at; at = at->parent)
            steps.push_back(at->name.local + (at->repeats ? "[" + std::to_string(places[--ordinal]) + "]" : ""));
    } else {
        for (schema::PathIndex at = note.path; at != schema::no_path; at = paths_[at].parent) {
            if (paths_[at].attribute != nullptr) continue;
            const bool repeats = paths_[at].parent != schema::no_path && paths_[at].most != 1;
            steps.push_back(paths_[at].name().local + (repeats ? "[" + std::to_string(places[--ordinal]) + "]" : ""));
        }
    }
    for (std::size_t i = steps.size(); i-- > 0;) entry.path += "/" + steps[i];
    entry.path += rare.below;
    if (!rare.attribute.empty()) entry.path += "/@" + std::string(rare.attribute);
    if (!rare.node && paths_[note.path].attribute != nullptr) entry.path += "/@" + paths_[note.path].name().local;
    if (rare.node) return entry;
    const hansa::Place place = lines.place(offset_of(note.entry));
    entry.line = place.line;
    entry.column = place.column;
    return entry;
}

LossEntry Machine::entry_of(const Note& note, xml::LineIndex& lines) const {
    static const Rare usual;
    const auto places = std::span(ordinals_).subspan(note.ordinals, note.ordinal_count);
    return entry_of(note, note.rare == 0 ? usual : rare_[note.rare - 1], places, lines);
}

void Machine::ledger(Ledger& ledger, xml::LineIndex& lines) const {
    PartLosses all;
    losses(all, lines);
    const auto add = [&](std::vector<LossEntry>& entries) {
        std::move(entries.begin(), entries.end(), std::back_inserter(ledger.entries));
    };
    add(all.read);
    for (PartLosses::Document& one : all.documents) {
        add(one.own);
        ledger.entries.insert(ledger.entries.end(), all.around.begin(), all.around.end());
        add(one.tail);
    }
}

}  // namespace hansa::mapping::program
