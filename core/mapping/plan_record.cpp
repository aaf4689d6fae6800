#include "core/mapping/plan_record.h"

#include <algorithm>

namespace hansa::mapping::program {

void Recorder::begin(const schema::Tape& tape, std::uint32_t base, std::uint64_t hash) {
    course_ = std::make_unique<Course>();
    course_->hash = hash;
    why_ = {};
    base_ = base;
    end_ = tape[base].next;
    document_ = nothing;
    around_ = {};
    const auto entries = tape.entries().subspan(base_, end_ - base_);
    if (const auto* const noted = tape.noted_shape(base)) {
        course_->shape = *noted;
    } else {
        auto shape = std::make_shared<schema::Shape>();
        for (const schema::Entry& one : entries) shape->push_back(shape_of(one));
        course_->shape = std::move(shape);
        tape.note_shape(base, course_->shape);
    }
    course_->sample = sample_of(entries);
    for (auto& room : known_) room.clear();
    holes_.clear();
    filled = {};
    for (auto& notes : filled_notes) notes.clear();
    steps_before_emission_ = nothing;
}

void Recorder::begin_member(const schema::Tape& tape, std::uint32_t base, std::uint64_t hash, std::uint32_t document,
                            const Rooms& around) {
    begin(tape, base, hash);
    document_ = document;
    around_ = around;
    course_->member.emplace();
}

std::unique_ptr<Course> Recorder::end() {
    if (!good()) course_.reset();
    return std::move(course_);
}

std::string_view Recorder::keep(std::string_view text) {
    return course_->strings.emplace_back(text);
}

Operand Recorder::entry(std::uint32_t number) {
    if (of_member() && number >= document_ && number < base_) return {Operand::Of::around, number - document_};
    if (number < base_ || number >= end_) {
        give_up("a text outside of the document");
        return {};
    }
    return {Operand::Of::entry, number - base_};
}

Operand Recorder::fixed(std::string_view text, std::string_view list) {
    std::vector<Made>& all = course_->fixed;
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const Made& one) { return one.text == text && one.list == list; });
    const auto number = static_cast<Id>(known - all.begin());
    if (known == all.end()) all.push_back({keep(text), keep(list)});
    return {Operand::Of::fixed, number};
}

void Recorder::came(Room room, std::size_t number, const Made& what, const Operand& from) {
    if (number < around_[static_cast<std::size_t>(room)]) give_up("a member that says something of the document");
    std::vector<Known>& known = known_[static_cast<std::size_t>(room)];
    if (known.size() <= number) known.resize(number + 1);
    known[number] = {from, what};
}

Operand Recorder::origin(Room room, std::size_t number, const Made& what) {
    if (number < around_[static_cast<std::size_t>(room)]) {
        if (room == Room::values) return {Operand::Of::held_value, static_cast<Id>(number)};
        if (room == Room::texts) return {Operand::Of::held_text, static_cast<Id>(number)};
        give_up("a further value of the document");
        return {};
    }
    const std::vector<Known>& known = known_[static_cast<std::size_t>(room)];
    // The same bytes at the same place: nobody has put another text there since.
    const auto same = [](std::string_view a, std::string_view b) {
        return a.size() == b.size() && (a.empty() || a.data() == b.data());
    };
    if (number < known.size() && known[number].from.of != Operand::Of::nowhere &&
        same(known[number].what.text, what.text) && same(known[number].what.list, what.list))
        return known[number].from;
    give_up("a text whose origin is not known");
    return {};
}

CourseStep& Recorder::step(CourseStep::Kind kind, const Operand& a, const Operand& b, bool expect) {
    CourseStep& made = course_->steps.emplace_back();
    made.kind = kind;
    made.a = a;
    made.b = b;
    made.expect = expect;
    return made;
}

Operand Recorder::make_by(CourseStep::Kind kind, const Operand& a, const void* what) {
    const Operand to = make();
    CourseStep& made = step(kind, a);
    made.to = to.number;
    made.none = what;
    return to;
}

Operand Recorder::split(const Operand& from) {
    return make_by(CourseStep::Kind::split, from, nullptr);
}

CourseStep Recorder::asking(CourseStep::Kind kind, const Operand& a, const Operand& b, bool answer) {
    CourseStep made;
    made.kind = kind;
    made.a = a;
    made.b = b;
    made.expect = answer;
    return made;
}

void Recorder::ask(const CourseStep& step) {
    // Of texts that never change the answer does not either.
    if (!step.a.changes() && !step.b.changes() && step.first == nothing) return;
    const auto known = [&](const CourseStep& other) {
        return other.kind == step.kind && other.a == step.a && other.b == step.b && other.none == step.none &&
               other.first == step.first && other.flag == step.flag && other.expect == step.expect;
    };
    if (std::none_of(course_->steps.begin(), course_->steps.end(), known)) course_->steps.push_back(step);
}

void Recorder::ask(CourseQuestion question) {
    const bool changes = std::any_of(question.operands.begin(), question.operands.end(),
                                     [](const Operand& one) { return one.changes(); });
    if (!changes && question.lasting) return;
    step(CourseStep::Kind::question).first = static_cast<Id>(course_->questions.size());
    course_->questions.push_back(std::move(question));
}

void Recorder::ask_same(const Operand& a, const Operand& b, bool answer) {
    if (a == b && answer) return;
    ask(CourseStep::Kind::same, a, b, answer);
}

void Recorder::ask_text(const Operand& a, std::string_view text, bool answer) {
    ask(CourseStep::Kind::same_text, a, fixed(text), answer);
}

void Recorder::ask_type(const Operand& a, const schema::SimpleType& type, bool answer) {
    CourseStep made = asking(CourseStep::Kind::type, a, {}, answer);
    made.type = &type;
    ask(made);
}

void Recorder::ask_like(const Operand& a, const Operand& b) {
    CourseStep made = asking(CourseStep::Kind::like, a, b, true);
    made.flag = true;
    ask(made);
}

void Recorder::ask_number(const Operand& a, const Operand& number, bool answer) {
    CourseStep made = asking(CourseStep::Kind::like, a, number, answer);
    made.flag = true;
    ask(made);
}

Id Recorder::call(CourseStep::Kind kind, CourseCall call, std::span<const Id> results) {
    call.results.assign(results.begin(), results.end());
    call.to = course_->made;
    course_->made += static_cast<Id>(results.size());
    const Id first = call.to;
    step(kind).first = static_cast<Id>(course_->calls.size());
    course_->calls.push_back(std::move(call));
    return first;
}

Id Recorder::expression(Bound bound) {
    const auto known = std::find(course_->expressions.begin(), course_->expressions.end(), bound);
    const auto number = static_cast<Id>(known - course_->expressions.begin());
    if (known == course_->expressions.end()) course_->expressions.push_back(std::move(bound));
    return number;
}

void Recorder::restart() {
    if (steps_before_emission_ == nothing) steps_before_emission_ = course_->steps.size();
    course_->steps.resize(steps_before_emission_);
    holes_.clear();
    for (auto& notes : filled_notes) notes.clear();
}

void Recorder::hole(std::size_t at, std::size_t end, const Operand& from, bool attribute) {
    holes_.push_back({at, end, from, attribute});
}

void Recorder::shorten(std::size_t size) {
    while (!holes_.empty() && holes_.back().end > size) holes_.pop_back();
}

void Recorder::pieces(std::string_view bytes, std::size_t begin) {
    Course& out = *course_;
    std::size_t at = begin;
    out.bytes_written = bytes.size() - begin;
    const auto add = [&](std::size_t end, const Operand& text, bool attribute, bool empty) {
        const std::string_view before = bytes.substr(at, end - at);
        out.bytes += before.size();
        out.pieces.push_back({out.literals.add(before), text, attribute, empty});
    };
    for (const Hole& one : holes_) {
        if (one.from.of == Operand::Of::fixed) continue;  // its bytes are always the same
        add(one.at, one.from, one.attribute, one.at == one.end);
        at = one.end;
    }
    add(bytes.size(), {}, false, true);
}

}  // namespace hansa::mapping::program
