// Courses of the members of a long list: a member goes the course of one before it, in this document or another.
//
// A member's steps follow from its own shape, from the texts that it and the document say, and from how the document
// stands: which values it holds, which of them were taken, what the target has of it. All of that but the texts is the
// document's state; a course belongs to one state and leaves it as it is, so that what must happen once in a document
// (the first member, the first to take a value) is always worked out. The member's own numbers are texts too.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {
// ---- how the document stands ----

std::uint32_t DocumentStates::number_of(const std::vector<std::uint32_t>& words) {
    constexpr std::uint64_t factor = 0x9E37'79B9'7F4A'7C15u;
    std::uint64_t hash = words.size();
    for (const std::uint32_t word : words) {
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32U;
    }
    const auto at = by_hash_.find(hash);
    if (at != by_hash_.end()) return known_[at->second - 1] == words ? at->second : 0;
    if (known_.size() == most) return 0;
    known_.push_back(words);
    return by_hash_[hash] = static_cast<std::uint32_t>(known_.size());
}

void Machine::learn_shape_around() {
    list_.state = 0;
    list_.shape.clear();
    if (learn_after_ == 0 || !learnable_) return;
    for (std::uint32_t at = list_.document; at < list_.skeleton; ++at) {
        const schema::Entry& one = list_.joined[at];
        if (one.path == schema::no_path || program::is_blank(one)) return list_.shape.clear();
        list_.shape.push_back(shape_of(one));
    }
}

List& Machine::blocks_of_list() {
    return block_lists_[blocks_[block_of_[0]].lists + to_.bodies[program_->list.body].list];
}

/// Its number; 0: nobody is to go by it.
std::uint32_t Machine::state_of_document() {
    if (list_.shape.empty() || !list_.reached) return 0;
    std::vector<std::uint32_t>& words = state_words_;
    words.assign(list_.shape.begin(), list_.shape.end());
    const auto add = [&](std::size_t word) { words.push_back(static_cast<std::uint32_t>(word)); };
    const auto flags = [&](std::initializer_list<bool> all) {
        std::uint32_t bits = 0;
        for (const bool one : all) bits = bits << 1U | (one ? 1U : 0U);
        add(bits);
    };
    const Sizes &from = list_.before, &to = list_.ready;
    const auto inside = [&](std::uint32_t entry) { return entry == nothing ? nothing : entry - list_.document; };
    add(list_.spelling);
    for (std::size_t i = from.frames; i < to.frames; ++i) {
        add(frames_[i].group);
        add(inside(frames_[i].entry));
    }
    for (std::size_t i = from.slots; i < to.slots; ++i) add(inside(slots_[i]));
    for (std::size_t i = from.bits; i < to.bits; ++i) {
        add(bits_[i]);
        add(bits_[i] >> 32U);
    }
    for (std::size_t i = from.choices; i < to.choices; ++i) add(choices_[i]);
    for (std::size_t i = from.values; i < to.values; ++i) {
        const Value& one = values_[i];
        flags({one.present, one.taken, one.noted, one.told, one.direct, one.lost != 0, one.note != 0});
        add(one.more_count);
    }
    const List* const own_list = &list_of_document();
    for (std::size_t i = from.lists; i < to.lists; ++i) {
        if (&lists_[i] == own_list) continue;
        add(lists_[i].count);
        add(lists_[i].total);
    }
    for (std::size_t i = from.multi; i < to.multi; ++i) {
        add(multi_[i].first);
        add(inside(multi_[i].second));
    }
    const Id counter = to_.loops[program_->list.loop].counter;
    const OutText* const own_count = counter == nothing ? nullptr : &text(to_.counters[counter].count);
    for (std::size_t i = from.texts; i < to.texts; ++i) {
        const OutText& one = texts_[i];
        add(static_cast<std::size_t>(one.state));
        add(&one == own_count ? 0 : one.count);
        add(one.more_count);
    }
    const List* const own_blocks = &blocks_of_list();
    for (std::size_t i = from.block_lists; i < to.block_lists; ++i) {
        if (&block_lists_[i] != own_blocks) add(block_lists_[i].count);
    }
    for (std::size_t i = from.marks; i < to.marks; ++i) add(marks_[i]);
    return states_.number_of(words);
}

Recorder::Rooms Machine::rooms_around() const {
    return {list_.ready.values, list_.ready.more_values, list_.ready.texts, list_.ready.more_texts};
}

Made Machine::around(const Operand& at) const {
    switch (at.of) {
        case Operand::Of::around:
            return {list_.joined[list_.document + at.number].value(), {}};
        case Operand::Of::held_value:
            return {values_[at.number].text, values_[at.number].list};
        case Operand::Of::held_text:
            return {texts_[at.number].text, {}};
        case Operand::Of::place:
            return {list_.places[at.number], {}};
        default:
            return {};
    }
}

// ---- going ----

bool Machine::is_full() {
    const Id counter = to_.loops[program_->list.loop].counter;
    return counter != nothing && text(to_.counters[counter].count).count >= to_.counters[counter].most;
}

void Machine::count_places() {
    list_.places[place_in_source] = keep(std::to_string(list_.number + 1));
    list_.places[place_in_output] = keep(std::to_string(blocks_of_list().count + 1));
    list_.places[place_written] = keep(std::to_string(list_.emitted + 1));
}

/// False: the tables have to work it out, and it may be taken down.
bool Machine::member_by_course(std::uint32_t member) {
    // The first one is not like the others.
    if (list_.state == 0 || list_.number == 0 || list_.full || is_full()) return false;
    const auto entries = tape_->entries().subspan(member, (*tape_)[member].next - member);
    count_places();
    std::size_t of_shape = 0;
    const auto fits = [&](const Course& course) { return course.member->state == list_.state; };
    const bool gone =
        member_courses_.go({*tape_, member}, of_shape, fits, [&](Course& course) { return go_member(course, member); });
    if (gone) {
        ++course_counts_.members_gone;
        return true;
    }
    const auto hash = hash_of(entries);
    list_.wanted = hash && member_courses_.wanted(*hash + list_.state, learn_after_, of_shape);
    if (hash) list_.hash = *hash + list_.state;
    return false;
}

/// The member, which stands behind its document now, is taken down.
void Machine::take_down_member() {
    if (!list_.wanted) return;
    list_.wanted = false;
    recorder_.begin_member(list_.joined, list_.skeleton, list_.hash, list_.document, rooms_around());
    rec_ = &recorder_;
    list_.fed_before = list_.fed;
    list_.counted_before = blocks_of_list().count;
}

/// False: nothing of it counts.
bool Machine::go_member(Course& course, std::uint32_t entry) {
    const std::uint32_t ordinal = frames_[list_.frame].ordinal;
    const WarningCounts before = warning_counts();
    bool done = go_steps(course, entry, ordinal);
    if (done) {
        const Swapped to_member(out_, list_.bytes);
        done = go_pieces(course, entry);
    }
    if (!done) {
        forget_warnings_since(before);
        return false;
    }
    const CourseMember& member = *course.member;
    const std::size_t reads = program_->list.sums.size();
    for (std::size_t which = 0; which < member.sums.size(); ++which) {
        for (std::size_t i = 0; i < member.sums[which].size(); ++i)
            add(reads + i, which, member.sums[which][i], course, entry, true);
    }
    tell_by_course(course, entry);
    feed(member);
    ++list_.number;
    if (!member.counted) return true;
    (void)count(to_.loops[program_->list.loop].counter);
    ++blocks_of_list().count;
    list_.emitted += member.emitted;
    for (const Id name_space : member.seen) {
        if (std::ranges::find(list_.seen, name_space) == list_.seen.end()) list_.seen.push_back(name_space);
    }
    list_.seen_attributes |= member.seen_attributes;
    list_.seen_without = list_.seen_without || member.seen_without;
    return true;
}

void Machine::feed(const CourseMember& member) {
    for (std::size_t i = 0; i < member.fed.size(); ++i) {
        list_.fed[i].taken += member.fed[i].taken;
        list_.fed[i].left += member.fed[i].left;
        list_.fed[i].more = list_.fed[i].more || member.fed[i].more;
    }
}

void Machine::add(std::size_t sum, std::size_t which, const Bound& bound, const Course& course, std::uint32_t entry,
                  bool target) {
    ListSum& at = list_.sums[sum];
    if (at.failed[which]) return;
    const auto number = small(bound, course, entry);
    const auto all = number ? plus(at.quick[which], *number) : std::nullopt;
    if (all)
        at.quick[which] = *all;
    else
        add(sum, which, evaluate(bound, course, entry, target));
}

void Machine::tell_by_course(const Course& course, std::uint32_t entry) {
    const auto tell = [&](const std::vector<CourseNote>& notes, const std::array<Id, list_parts>& counts,
                          std::vector<Note>& into, std::array<Bounds, list_parts>& bounds) {
        auto next = notes.begin();
        for (std::size_t part = 0; part < list_parts; ++part) {
            bounds[part] = {into.size(), into.size(), into.size() + counts[part]};
            for (Id i = 0; i < counts[part]; ++i) tell_by_course(course, *next++, entry, into);
        }
    };
    tell(course.first, course.member->first, first_notes_, list_.first);
    tell(course.notes, course.member->own, notes_, list_.own);
}

void Machine::tell_by_course(const Course& course, const CourseNote& one, std::uint32_t entry,
                             std::vector<Note>& into) {
    Note note{.reason = one.reason, .row = one.row, .path = one.path, .kind = one.kind};
    note.ordinals = static_cast<std::uint32_t>(ordinals_.size());
    note.ordinal_count = one.count;
    for (Id i = 0; i < one.count; ++i) {
        std::uint32_t place = course.places[one.first + i];
        if (i == one.document)
            place = one.node ? static_cast<std::uint32_t>(inner_count_) + 1 : frames_[list_.frame].ordinal;
        if (i == one.member) place = one.node ? list_.emitted + 1 : list_.ordinal;
        ordinals_.push_back(place);
    }
    if (one.node) {
        note.value = operand(course, course.values[one.value], entry).text;
        rare_.push_back({.node = one.node, .attribute = one.attribute, .below = {}});
        note.rare = static_cast<std::uint32_t>(rare_.size());
    } else {
        note.entry = entry + one.entry;
    }
    into.push_back(note);
}

// ---- what rules about the document ask of all members ----

/// The first reading of a member whose likes were counted before: what is added up follows from its own texts alone.
bool Machine::count_by_course(std::uint32_t member) {
    if (learn_after_ == 0 || !learnable_) return false;
    const auto entries = tape_->entries().subspan(member, (*tape_)[member].next - member);
    std::size_t of_shape = 0;
    const auto all = [](const Course&) { return true; };
    const bool gone = count_courses_.go({*tape_, member}, of_shape, all, [&](Course& course) {
        if (!go_steps(course, member, 0)) return false;
        const std::vector<Bound>& sums = course.member->sums[0];
        for (std::size_t i = 0; i < sums.size(); ++i) add(i, 0, sums[i], course, member, false);
        return true;
    });
    if (gone) return true;
    const auto hash = hash_of(entries);
    if (hash && count_courses_.wanted(*hash, learn_after_, of_shape)) {
        recorder_.begin(*tape_, member, *hash);
        recorder_.course().member.emplace();
        rec_ = &recorder_;
    }
    return false;
}

void Machine::keep_count() {
    if (rec_ == nullptr) return;
    rec_ = nullptr;
    Course& course = recorder_.course();
    const std::uint64_t hash = course.hash;
    if (recorder_.good()) {
        course.memos.resize(course.expressions.size());
        course.arrange();
    }
    if (auto made = recorder_.end())
        count_courses_.add(std::move(made));
    else
        count_courses_.in_vain(hash);
}

// ---- taking down ----

/// A member that says nothing, or that the rest of its document must not go by.
void Machine::forget_member() {
    if (rec_ != nullptr) member_courses_.in_vain(recorder_.course().hash);
    rec_ = nullptr;
    list_.state = 0;
    if (list_.number != 0) list_.state = state_of_document();
}

/// The member has been worked out: what was taken down becomes a course, if the document stands as it stood.
void Machine::keep_member() {
    const std::uint32_t state = list_.state;
    const bool recorded = rec_ != nullptr;
    rec_ = nullptr;
    list_.state = state_of_document();
    if (!recorded) return;
    Course& course = recorder_.course();
    const std::uint64_t hash = course.hash;
    if (list_.state != state || list_.full) recorder_.give_up("a member that changes how its document stands");
    if (recorder_.good()) {
        recorder_.pieces(list_.bytes.view(), 0);
        const std::uint32_t ordinal = frames_[list_.frame].ordinal;
        course_notes(course, std::span(first_notes_).subspan(list_.left_ready.first_notes), {}, course.first,
                     list_.skeleton, ordinal);
        course_notes(course, std::span(notes_).subspan(list_.left_ready.notes), recorder_.filled_notes[0], course.notes,
                     list_.skeleton, ordinal);
    }
    if (recorder_.good()) {
        CourseMember& member = *course.member;
        member.state = state;
        for (std::size_t part = 0; part < list_parts; ++part) {
            member.first[part] = static_cast<Id>(list_.first[part].end - list_.first[part].begin);
            member.own[part] = static_cast<Id>(list_.own[part].end - list_.own[part].begin);
        }
        for (std::size_t i = 0; i < list_.fed.size(); ++i) {
            const ListFed &now = list_.fed[i], &before = list_.fed_before[i];
            member.fed.push_back({now.taken - before.taken, now.left - before.left, now.more && !before.more});
        }
        member.counted = blocks_of_list().count != list_.counted_before;
        course.memos.resize(course.expressions.size());
        course.arrange();
    }
    if (recorder_.good() && !member_leads_there(course)) recorder_.give_up("a course that leads elsewhere");
    if (auto made = recorder_.end()) {
        member_courses_.add(std::move(made));
        ++course_counts_.members_learned;
        return;
    }
    course_counts_.not_learned = recorder_.why();
    member_courses_.in_vain(hash);
}

/// Its bytes once more, from the steps alone.
bool Machine::member_leads_there(Course& course) {
    const std::size_t size = list_.bytes.size();
    const WarningCounts before = warning_counts();
    bool same = false;
    {
        const Swapped to_member(out_, list_.bytes);
        same = go_steps(course, list_.skeleton, frames_[list_.frame].ordinal) && go_pieces(course, list_.skeleton);
        const std::string_view both = out_.view();
        same = same && both.size() == 2 * size && both.substr(0, size) == both.substr(size);
        out_.shorten(size);
    }
    forget_warnings_since(before);
    return same;
}

}  // namespace hansa::mapping::program
