// What the machine tells the recorder, and a document that was taken down as a course.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

// ---- where texts come from ----

Operand Machine::origin(const Value& value) {
    const Value* const first = values_.begin();
    if (&value >= first && &value < first + values_.size())
        return rec_->origin(Recorder::Room::values, static_cast<std::size_t>(&value - first), {value.text, value.list});
    const Value* const more = more_values_.data();
    if (&value >= more && &value < more + more_values_.size())
        return rec_->origin(Recorder::Room::more_values, static_cast<std::size_t>(&value - more),
                            {value.text, value.list});
    return rec_->fixed(value.text, value.list);  // the constant of a selector
}

void Machine::came(const Value& value, const Operand& from) {
    const Value* const first = values_.begin();
    if (&value >= first && &value < first + values_.size())
        return rec_->came(Recorder::Room::values, static_cast<std::size_t>(&value - first), {value.text, value.list},
                          from);
    rec_->came(Recorder::Room::more_values, static_cast<std::size_t>(&value - more_values_.data()),
               {value.text, value.list}, from);
}

Operand Machine::origin(const OutText& text) {
    const OutText* const first = texts_.begin();
    if (&text >= first && &text < first + texts_.size())
        return rec_->origin(Recorder::Room::texts, static_cast<std::size_t>(&text - first), {text.text, {}});
    return rec_->origin(Recorder::Room::more_texts, static_cast<std::size_t>(&text - more_texts_.data()),
                        {text.text, {}});
}

void Machine::came(const OutText& text, const Operand& from) {
    const OutText* const first = texts_.begin();
    if (&text >= first && &text < first + texts_.size())
        return rec_->came(Recorder::Room::texts, static_cast<std::size_t>(&text - first), {text.text, {}}, from);
    rec_->came(Recorder::Room::more_texts, static_cast<std::size_t>(&text - more_texts_.data()), {text.text, {}}, from);
}

// ---- what was done and asked ----

void Machine::put_asked(const Value& at, const FieldFit& fit, const Operand& from) {
    came(at, from);
    CourseStep asked = Recorder::asking(CourseStep::Kind::fit, from, {}, true);
    asked.fit = &fit;
    rec_->ask(asked);
}

void Machine::asked(const Guard& guard, bool answer) {
    CourseStep step = Recorder::asking(CourseStep::Kind::guard, {}, {}, answer);
    step.guard = &guard;
    step.a = guard.constant ? rec_->fixed(*guard.constant) : origin(value(guard.place));
    if (guard.fits && value(guard.value).present) step.b = origin(value(guard.value));
    rec_->ask(step);
}

void Machine::asked(const Condition& condition, Bound bound, bool answer, bool target) {
    if (bound.is_nothing()) return;
    CourseStep step = Recorder::asking(CourseStep::Kind::condition, {}, {}, answer);
    if (bound.kind == Bound::Kind::text && bound.operand.of == Operand::Of::entry)
        step.b = rec_->fixed((*tape_)[rec_->base() + bound.operand.number].value());
    step.condition = &condition;
    step.flag = target;
    step.first = rec_->expression(std::move(bound));
    rec_->ask(step);
}

void Machine::check_asked(const ReadCheck& check) {
    Bound left = bind(check.left), right = bind(check.right);
    if (left.is_nothing() || right.is_nothing()) return;
    CourseStep step = Recorder::asking(CourseStep::Kind::check, {}, {}, true);
    step.first = rec_->expression(std::move(left));
    step.to = rec_->expression(std::move(right));
    step.read_check = &check;
    if (check.row->warn) {
        std::vector<CourseWarning>& warnings = rec_->course().warnings;
        step.b.number = static_cast<Id>(warnings.size());
        CourseWarning& made = warnings.emplace_back();
        made.group = places_of(check, made.places);
    }
    rec_->course().steps.push_back(step);
}

void Machine::check_asked(const WriteCheck& check) {
    Bound left = bind(check.left), right = bind(check.right);
    if (left.is_nothing() || right.is_nothing()) return;
    CourseStep step = Recorder::asking(CourseStep::Kind::check, {}, {}, true);
    step.first = rec_->expression(std::move(left));
    step.to = rec_->expression(std::move(right));
    step.flag = true;
    step.write_check = check.row;
    step.b.number = nothing;
    if (auto path = check.row->warn ? path_of(check) : std::nullopt) {
        step.b.number = static_cast<Id>(rec_->course().warnings.size());
        rec_->course().warnings.emplace_back().path = *std::move(path);
    }
    rec_->course().steps.push_back(step);
}

void Machine::date_asked() {
    const ReadRow& row = in_.rows[in_.date_row];
    CourseCall call{.fast = &row.parts.front().fast};
    each_text(row, row.parts.front(), [&](std::string_view text, Id slot, std::uint32_t entry) {
        call.arguments.push_back({origin_of(text, entry), slot});
    });
    if (!call.arguments.empty()) (void)rec_->call(CourseStep::Kind::date, std::move(call), {});
}

Operand Machine::valued(Bound bound, bool there, bool target) {
    if (bound.is_nothing()) return {};
    if (bound.kind == Bound::Kind::exact && target) return bound.operand;
    if (bound.kind == Bound::Kind::exact) {
        const pivot::QualifiedCode code = pivot::split_code(rec_->course().fixed[bound.operand.number].text);
        return rec_->fixed(code.code, code.list);
    }
    CourseStep step = Recorder::asking(CourseStep::Kind::value, {}, {}, there);
    step.flag = target;
    step.first = rec_->expression(std::move(bound));
    for (const CourseStep& known : rec_->course().steps) {
        if (known.kind == step.kind && known.first == step.first && known.flag == step.flag)
            return {Operand::Of::made, known.to};
    }
    const Operand to = rec_->make();
    step.to = to.number;
    rec_->course().steps.push_back(step);
    return to;
}

std::vector<Operand> Machine::read_by(const ReadPart& part, std::span<const CourseCall::Argument> arguments,
                                      const PivotSlots& values) {
    CourseCall call{.fast = &part.fast};
    call.arguments.assign(arguments.begin(), arguments.end());
    std::vector<Id> slots;
    for (const FastPivot& one : values) slots.push_back(one.slot);
    const Id first = rec_->call(CourseStep::Kind::read_call, std::move(call), slots);
    std::vector<Operand> made;
    for (Id i = 0; i < slots.size(); ++i) made.push_back({Operand::Of::made, first + i});
    return made;
}

std::vector<Operand> Machine::write_by(const ReadPart& part, std::span<const CourseCall::Argument> arguments,
                                       const TextSlots& texts) {
    CourseCall call{.fast = &part.fast};
    call.arguments.assign(arguments.begin(), arguments.end());
    std::vector<Id> slots;
    for (const FastText& one : texts) slots.push_back(one.slot);
    const Id first = rec_->call(CourseStep::Kind::write_call, std::move(call), slots);
    std::vector<Operand> made;
    for (Id i = 0; i < slots.size(); ++i) made.push_back({Operand::Of::made, first + i});
    return made;
}

std::vector<Operand> Machine::write_slowly_by(const WriteRow& row, const ReadPart& part,
                                              std::span<const CourseCall::Argument> arguments, const TextSlots& texts,
                                              std::span<const ConversionNote> notes) {
    std::vector<Operand> made = write_by(part, arguments, texts);
    CourseCall& call = rec_->course().calls.back();
    call.fast = nullptr;
    call.slow = part.conversion;
    call.row = &row;
    call.left = part.left;
    call.takes = part.takes;
    call.notes.assign(notes.begin(), notes.end());
    return made;
}

/// Other values must be refused in the same words.
bool Machine::refusal_asked(const WriteRow& row, const ReadPart& part, std::span<const CourseCall::Argument> arguments,
                            const std::string& detail) {
    CourseCall call{.slow = part.conversion, .row = &row, .left = part.left, .takes = part.takes};
    call.fast = &part.fast;
    call.arguments.assign(arguments.begin(), arguments.end());
    call.refusal = detail;
    (void)rec_->call(CourseStep::Kind::refusal, std::move(call), {});
    return true;
}

// ---- the course ----

CourseNote Machine::course_note(Course& course, const Note& note, const Operand* filled, std::uint32_t entry,
                                std::uint32_t ordinal) {
    CourseNote made{.kind = note.kind, .path = note.path};
    // Reasons that were made for this message end with it.
    const auto lasting = [&](const std::string* text) -> const std::string* {
        const bool of_message = std::any_of(reasons_.begin(), reasons_.end(),
                                            [&](const Reason& one) { return text == &one.text || text == &one.row; });
        return of_message ? &course.strings.emplace_back(*text) : text;
    };
    made.reason = lasting(note.reason);
    made.row = lasting(note.row);
    made.first = static_cast<Id>(course.places.size());
    made.count = note.ordinal_count;
    for (std::uint32_t i = 0; i < note.ordinal_count; ++i) {
        const std::uint32_t place = ordinals_[note.ordinals + i];
        course.places.push_back(place);
    }
    const auto own = [&](Id at, std::size_t place) {
        if (at >= made.count || course.places[made.first + at] != place)
            recorder_.give_up("a loss whose place is not the document's");
        return at;
    };
    const bool of_member = course.member.has_value();
    const Rare rare = note.rare == 0 ? Rare() : rare_[note.rare - 1];
    if (rare.node == nullptr) {
        if (note.entry < entry || note.entry >= (*tape_)[entry].next)
            recorder_.give_up("a loss outside of the document");
        made.entry = note.entry - entry;
        if (program_->list_depth[in_.document] != 0) made.document = own(0, ordinal);
        if (of_member) made.member = own(program_->list_depth[program_->list.path] - 1, list_.ordinal);
        return made;
    }
    made.node = rare.node;
    made.attribute = rare.attribute;
    made.value = static_cast<Id>(course.values.size());
    course.values.push_back(filled == nullptr ? Operand() : *filled);
    if (filled == nullptr) recorder_.give_up("a filled place whose text is not known");
    const auto lists_above = [](const OutNode& node) {
        Id above = 0;
        for (const OutNode* at = node.parent; at; at = at->parent) above += at->repeats ? 1U : 0U;
        return above;
    };
    if (!is_alone() && to_.document->repeats)
        made.document = own(lists_above(*to_.document), inner_count_ + (of_member ? 1 : 0));
    if (of_member) made.member = own(lists_above(*program_->list.top), list_.emitted);
    return made;
}

void Machine::course_notes(Course& course, std::span<const Note> notes, std::span<const Operand> filled,
                           std::vector<CourseNote>& out, std::uint32_t entry, std::uint32_t ordinal) {
    std::size_t next = 0;
    for (const Note& note : notes) {
        const bool is_filled = note.rare != 0 && rare_[note.rare - 1].node != nullptr;
        const Operand* from = is_filled && next < filled.size() ? &filled[next++] : nullptr;
        out.push_back(course_note(course, note, from, entry, ordinal));
    }
}

/// The document has been done: what was taken down becomes a course, if that gives the same bytes once more.
void Machine::keep_course(const Done& begin, std::uint32_t entry, std::uint32_t ordinal) {
    rec_ = nullptr;
    Course& course = recorder_.course();
    const std::uint64_t hash = course.hash;
    if (!is_alone()) course.spelling = spelling_;
    if (recorder_.good()) {
        course_notes(course, std::span(first_notes_).subspan(begin.first), {}, course.first, entry, ordinal);
        course_notes(course, std::span(notes_).subspan(begin.notes), recorder_.filled_notes[0], course.notes, entry,
                     ordinal);
        course_notes(course, std::span(tails_).subspan(begin.tails), recorder_.filled_notes[1], course.tails, entry,
                     ordinal);
    }
    if (recorder_.good()) {
        course.memos.resize(course.expressions.size());
        course.arrange();
    }
    if (recorder_.good() && !leads_there(course, entry, ordinal)) recorder_.give_up("a course that leads elsewhere");
    if (auto made = recorder_.end()) {
        courses_.add(std::move(made));
        ++course_counts_.learned;
        return;
    }
    course_counts_.not_learned = recorder_.why();
    courses_.in_vain(hash);
}

bool Machine::leads_there(Course& course, std::uint32_t entry, std::uint32_t ordinal) {
    const bool alone = is_alone();
    OutBytes& out = alone ? out_ : inner_;
    const std::size_t end = out.size(), count = inner_count_;
    const WarningCounts before = warning_counts();
    const bool gone = go(course, entry, ordinal);
    inner_count_ = count;
    forget_warnings_since(before);
    const std::string_view all = out.view();
    const std::size_t size = all.size() - end;
    const bool same =
        gone && size <= end && all.substr(end) == all.substr(end - size, size) && size == course.bytes_written;
    out.shorten(end);
    return same;
}

}  // namespace hansa::mapping::program
