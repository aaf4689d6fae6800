// A tape into frames: which entry stands at which place of the format, and whose member it is.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

Id Machine::open_frame(Id group, Id parent, std::uint32_t entry) {
    const Group& kind = in_.groups[group];
    Frame frame{.group = group, .parent = parent, .entry = entry, .end = (*tape_)[entry].next};
    frame.slots = static_cast<std::uint32_t>(slots_.make(kind.slots, 0xFF));
    frame.places = static_cast<std::uint32_t>(values_.make(kind.places));
    frame.choices = static_cast<std::uint32_t>(choices_.size());
    frame.lists = static_cast<std::uint32_t>(lists_.size());
    choices_.resize(choices_.size() + kind.choices, nothing);
    lists_.resize(lists_.size() + kind.lists);
    frame.ordinals = nothing;
    const std::vector<std::uint64_t>& always = in_.triggers[group].always;
    frame.bits = static_cast<std::uint32_t>(bits_.make(always.size()));
    std::copy(always.begin(), always.end(), bits_.begin() + frame.bits);
    const Id made = static_cast<Id>(frames_.size());
    frames_.push_back(frame);
    if (kind.own_text != nothing) put_slot(made, kind.own_text, entry);
    return made;
}

bool Machine::is_blank(std::uint32_t entry) const {
    for (std::uint32_t at = entry; at < (*tape_)[entry].next; ++at) {
        if (!says_nothing((*tape_)[at].value())) return false;
    }
    return true;
}

void Machine::walk(std::uint32_t at, std::uint32_t end, Id steps, Id frame) {
    const Steps& table = in_.steps[steps];
    const std::span<const schema::Entry> entries = tape_->entries();
    end = std::min(end, static_cast<std::uint32_t>(entries.size()));
    Frame in = frames_[frame];
    const Triggers& triggers = in_.triggers[in.group];
    while (at < end) {
        const schema::Entry& entry = entries[at];
        if (entry.path >= table.size()) decline("what the schema does not name");
        const Step& step = table[entry.path];
        if (step.kind == Step::Kind::slot) {
            put_slot(in, triggers, step.value, at);
            ++at;
        } else if (step.kind == Step::Kind::pass && entry.size == 0) {
            ++at;
        } else if (step.kind == Step::Kind::skip) {
            at = entry.next;
        } else {
            at = one(at, step, steps, steps, frame);
        }
    }
}

/// What a step does with an entry; the number of the entry that comes next.
std::uint32_t Machine::one(std::uint32_t at, const Step& step, Id steps, Id inner, Id frame) {
    const schema::Entry& entry = (*tape_)[at];
    // Inside of a selected element other steps hold.
    const auto go_on = [&]() -> std::uint32_t {
        if (inner == steps) return at + 1;
        walk(at + 1, entry.next, inner, frame);
        return entry.next;
    };
    switch (step.kind) {
        case Step::Kind::pass:
            if (entry.size != 0 && !says_nothing(entry.value())) decline("text between elements");
            return go_on();
        case Step::Kind::noted:
            if (entry.size != 0 && !says_nothing(entry.value())) decline("text between elements");
            if (slots_[std::size_t{frames_[frame].slots} + step.slot] == nothing) put_slot(frame, step.slot, at);
            return go_on();
        case Step::Kind::slot:
            put_slot(frame, step.value, at);
            return go_on();
        case Step::Kind::whole:
            put_slot(frame, step.value, at);
            return entry.next;
        case Step::Kind::skip:
            return entry.next;
        case Step::Kind::rest:
            if (step.slot != nothing) put_slot(frame, step.slot, at);
            if (step.attribute || !says_nothing(entry.value())) rest_.push_back({at, step.value, frame});
            return go_on();
        case Step::Kind::empty_form:
            if (entry.next != at + 1 || !says_nothing(entry.value())) decline("an empty form with something in it");
            return at + 1;
        case Step::Kind::select:
            return select(at, in_.selections[step.value], steps, frame);
        case Step::Kind::member: {
            const Id group = step.value;
            if (frame == outer_frame_ && group == 0) {
                if (at != documents_to_) documents_from_ = at;
                documents_to_ = entry.next;
                ++ordinal_;
                ++taken_;
                if (is_chosen()) document(at, ordinal_);
                return entry.next;
            }
            if (entry.size != 0 && in_.groups[group].own_text == nothing && !says_nothing(entry.value()))
                decline("text between elements");
            List& list = lists_[frames_[frame].lists + in_.groups[group].list];
            std::uint32_t ordinal = list.total + 1;
            if (place_hint_ != 0) {
                ordinal = place_hint_;
                place_hint_ = 0;
            } else if (list.last != nothing && frames_[list.last].end != at) {
                // Another outer element, or other elements in between.
                if (paths_[entry.path].parent != paths_[(*tape_)[frames_[list.last].entry].path].parent ||
                    frames_[list.last].end > at)
                    decline("members of a list in two places");
                ordinal = 0;
            }
            ++list.total;
            if (in_.groups[group].blank_is_none && is_blank(at)) {
                if (list.last != nothing) frames_[list.last].end = entry.next;
                return entry.next;
            }
            const Id made = open_frame(group, frame, at);
            List& kept = lists_[frames_[frame].lists + in_.groups[group].list];
            Frame& member = frames_[made];
            member.number = ++kept.count;
            member.ordinal = ordinal;
            if (kept.last == nothing)
                kept.first = made;
            else
                frames_[kept.last].next = made;
            kept.last = made;
            walk(at + 1, entry.next, inner, made);
            return entry.next;
        }
        case Step::Kind::decline:
            break;
    }
    decline("an element whose row the plan does not hold");
}

bool Machine::has_key(std::uint32_t entry, schema::PathIndex path, std::string_view value) const {
    for (std::uint32_t at = entry + 1; at < (*tape_)[entry].next; at = (*tape_)[at].next) {
        if ((*tape_)[at].path != path) continue;
        const bool equal = (*tape_)[at].value() == value;
        if (rec_ != nullptr) rec_->ask_text(rec_->entry(at), value, equal);
        return equal;
    }
    return false;
}

/// What selects an element is said by no row: where no row reads anything else of it, or the key has attributes of its
/// own, the ledger would be silent about it.
void Machine::refuse_silent_keys(std::uint32_t at, const Selection::Case& chosen) const {
    const std::uint32_t end = (*tape_)[at].next;
    const Steps& steps = in_.steps[chosen.steps];
    const bool passed = chosen.step.kind == Step::Kind::pass || chosen.step.kind == Step::Kind::noted;
    const auto is_read = [&](std::uint32_t from) {
        if (!passed) return true;
        for (std::uint32_t inside = from; inside < (*tape_)[from].next; ++inside) {
            const schema::PathIndex path = (*tape_)[inside].path;
            const Step::Kind kind = path < steps.size() ? steps[path].kind : Step::Kind::decline;
            if (kind != Step::Kind::rest && kind != Step::Kind::pass && kind != Step::Kind::skip) return true;
        }
        return false;
    };
    bool silent = end > at + 1;
    for (std::uint32_t inside = at + 1; inside < end; inside = (*tape_)[inside].next) {
        const schema::PathIndex path = (*tape_)[inside].path;
        const auto is_key = [&](const auto& key) { return key.first == path && paths_[path].attribute == nullptr; };
        if (std::ranges::none_of(chosen.keys, is_key))
            silent = silent && !is_read(inside);
        else if ((*tape_)[inside].next > inside + 1)
            decline("attributes of what selects an element");
    }
    if (silent) decline("a selected element of which no row reads anything but what selects it");
}

std::uint32_t Machine::select(std::uint32_t at, const Selection& selection, Id steps, Id frame) {
    auto& [count, end] = selected_[static_cast<std::size_t>(&selection - in_.selections.data())];
    count = end == at ? count + 1 : 1;
    end = (*tape_)[at].next;
    for (const Selection::Case& one_case : selection.cases) {
        if (one_case.index != 0 && one_case.index != count) continue;
        const bool fits = std::all_of(one_case.keys.begin(), one_case.keys.end(),
                                      [&](const auto& key) { return has_key(at, key.first, key.second); });
        if (!fits) continue;
        if (!one_case.keys.empty()) refuse_silent_keys(at, one_case);
        if (one_case.once != nothing) {
            if (slots_[std::size_t{frames_[frame].slots} + one_case.once] != nothing)
                decline("a second member where one is entered");
            put_slot(frame, one_case.once, at);
        }
        place_hint_ = one_case.step.kind == Step::Kind::member ? count : 0;
        return one(at, one_case.step, steps, one_case.steps, frame);
    }
    place_hint_ = selection.other.kind == Step::Kind::member ? count : 0;
    return one(at, selection.other, steps, steps, frame);
}

}  // namespace hansa::mapping::program
