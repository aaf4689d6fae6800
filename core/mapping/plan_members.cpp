// A document with a long list that is there as a whole, member by member all the same: documents with long lists of
// unlike members seldom repeat a shape, their members do (plan_member_course.cpp).
//
// The same two readings as those of a document that streams (plan_list.cpp), over one tape; what the members leave
// behind is kept here, and put where it belongs once the document around them is written. A rule that needs the members
// side by side ends it, and the document is carried over as a whole.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

/// False: the document is to be carried over as a whole.
bool Machine::by_members(std::uint32_t entry, std::uint32_t ordinal) {
    constexpr std::uint32_t in_vain_max = 4, once_more = 64;
    if (program_->list.group == nothing || list_.on || rec_ != nullptr || learn_after_ == 0 || !learnable_)
        return false;
    if (place_hint_ != 0 || !find_members(entry)) return false;
    if (members_in_vain_ >= in_vain_max && ++members_in_vain_ % once_more != 0) return false;
    const schema::Tape& whole = *tape_;
    const std::uint32_t ordinal_before = ordinal_;
    const auto current = current_;
    const auto here = here_;
    const auto block_of = block_of_;
    const auto spots = spots_;
    const auto selected = selected_;
    ordinal_ = ordinal;
    start_document(entry);
    try {
        carry_members(whole);
        ordinal_ = ordinal_before;
        members_in_vain_ = 0;
        return true;
    } catch (const Decline& declined) {
        course_counts_.not_by_members = declined.why;
        if (rec_ != nullptr) member_courses_.in_vain(recorder_.course().hash);
        rec_ = nullptr;
    }
    ++members_in_vain_;
    tape_ = &whole;
    list_.in_member = list_.adding = false;
    shrink(list_.before);
    give_back(list_.left);
    losses_given_ = list_.given;
    rest_.swap(list_.outer_rest);
    current_ = current;
    here_ = here;
    block_of_ = block_of;
    spots_ = spots;
    selected_ = selected;
    clear_outer_block();
    list_.on = false;
    place_hint_ = 0;
    ordinal_ = ordinal_before;
    return false;
}

/// Where the members stand, and the document without them. False: they are few, or much stands in front of it.
bool Machine::find_members(std::uint32_t entry) {
    const std::uint32_t end = (*tape_)[entry].next;
    const schema::PathIndex list = program_->list.path;
    if (end > tape_->size() || end - entry < entry) return false;
    whole_.members.clear();
    const std::span<const schema::Entry> entries = tape_->entries();
    for (std::uint32_t at = entry + 1; at < end;) {
        if (entries[at].path == list) {
            if (!whole_.members.empty() && entries[whole_.members.back()].next != at) return false;
            whole_.members.push_back(at);
        }
        at = is_above(entries[at].path, list) ? at + 1 : entries[at].next;
    }
    if (whole_.members.size() < members_least_) return false;
    take_out_members(end);
    return true;
}

bool Machine::is_above(schema::PathIndex path, schema::PathIndex other) const {
    for (schema::PathIndex up = paths_[other].parent; up != schema::no_path; up = paths_[up].parent) {
        if (up == path) return true;
    }
    return false;
}

/// What stands in front of the document is read with it, and what stands behind it, from `end` on, is not.
void Machine::take_out_members(std::uint32_t end) {
    const std::uint32_t first = whole_.members.front(), behind = (*tape_)[whole_.members.back()].next;
    const std::uint32_t taken = behind - first;
    schema::Tape& around = whole_.around;
    around.clear();
    for (std::uint32_t at = 0; at < end; at = at + 1 == first ? behind : at + 1) {
        schema::Entry& one = around.add();
        one = (*tape_)[at];
        if (one.next != schema::Entry::open && one.next >= behind) one.next -= taken;
    }
    for (schema::ForeignName name : tape_->foreign()) {
        if (name.entry >= end || (name.entry >= first && name.entry < behind)) continue;
        if (name.entry >= behind) name.entry -= taken;
        around.add_foreign(name);
    }
    whole_.place = first;
    whole_.taken = taken;
}

void Machine::carry_members(const schema::Tape& whole) {
    constexpr int attempts = 3;
    for (const std::uint32_t member : whole_.members) count_member(member);
    for (int attempt = 0;; ++attempt) {
        if (attempt == attempts) decline("name spaces that do not settle");
        whole_.bytes.clear();
        for (auto* notes : {&whole_.own, &whole_.first}) {
            for (std::vector<Note>& part : *notes) part.clear();
        }
        whole_.warned.clear();
        tape_ = &whole_.around;
        start_members(whole_.around, whole_.place);
        for (const std::uint32_t member : whole_.members) {
            carry_member(whole, member);
            take_member(member);
        }
        if (finish_members()) break;
    }
    losses_given_ = list_.given;
    put_members_in_place();
    finish_document(is_alone(), {.first = first_notes_.size(), .notes = notes_.size(), .tails = tails_.size()});
    tape_ = &whole;
    close_list_document();
}

/// What the member leaves behind stays: bytes, losses, warnings, and the texts that these show.
void Machine::take_member(std::uint32_t member) {
    whole_.bytes.append(list_.bytes.view());
    const auto take = [&](const std::vector<Note>& from, const std::array<Bounds, list_parts>& bounds,
                          std::array<std::vector<Note>, list_parts>& to) {
        for (std::size_t part = 0; part < list_parts; ++part) {
            for (std::size_t i = bounds[part].begin; i < bounds[part].end; ++i) {
                Note note = from[i];
                const bool own = note.entry >= list_.skeleton;
                if (!list_.by_course && (note.rare == 0 || rare_[note.rare - 1].node == nullptr))
                    note.entry = own ? note.entry - list_.skeleton + member : whole_.original(note.entry);
                to[part].push_back(note);
            }
        }
    };
    take(first_notes_, list_.first, whole_.first);
    take(notes_, list_.own, whole_.own);
    for (std::size_t i = list_.left_ready.warned; i < warned_.size(); ++i) whole_.warned.push_back(warned_[i]);
    list_.left_ready.warned_places = warned_places_.size();
    list_.left_ready.rare = rare_.size();
    list_.left_ready.ordinals = ordinals_.size();
    list_.left_ready.reasons = reasons_.size();
    list_.scratch = scratch_.mark();
}

void Machine::put_members_in_place() {
    OutBytes& out = is_alone() ? out_ : inner_;
    const std::size_t hole = list_.hole + (is_alone() ? messages_.back().begin : 0);
    const std::string behind(out.view().substr(hole));
    out.shorten(hole);
    out.append(whole_.bytes.view());
    out.append(behind);
    if (is_alone()) messages_.back().end = out.size();
    put_losses_in_order(first_notes_, list_.left.first_notes, list_.first, whole_.first);
    put_losses_in_order(notes_, list_.left.notes, list_.own, whole_.own);
    const auto split = warned_.begin() + static_cast<std::ptrdiff_t>(list_.warned_split);
    warned_.insert(split, whole_.warned.begin(), whole_.warned.end());
}

void Machine::put_losses_in_order(std::vector<Note>& notes, std::size_t from,
                                  const std::array<Bounds, list_parts>& around,
                                  const std::array<std::vector<Note>, list_parts>& members) const {
    std::vector<Note> all;
    std::size_t size = notes.size();
    for (const std::vector<Note>& part : members) size += part.size();
    all.reserve(size);
    const auto add = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Note note = notes[i];
            if (note.rare == 0 || rare_[note.rare - 1].node == nullptr) note.entry = whole_.original(note.entry);
            all.push_back(note);
        }
    };
    for (std::size_t part = 0; part < list_parts; ++part) {
        add(around[part].begin, around[part].split);
        all.insert(all.end(), members[part].begin(), members[part].end());
        add(around[part].split, around[part].end);
    }
    notes.resize(from);
    if (from == 0)
        notes.swap(all);
    else
        notes.insert(notes.end(), all.begin(), all.end());
}

}  // namespace hansa::mapping::program
