// A plan's reading half at work for who asks for a few places, and what is asked again of documents of one shape.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

bool Machine::ask(const schema::Tape& tape, const std::function<bool()>& use) {
    tape_ = &tape;
    why_.clear();
    asking_ = &use;
    ask_no_more_ = false;
    bool told = true;
    try {
        open_tape();
        if (in_.document_is_root)
            whole_document();
        else
            walk(at_, tape.size(), 1, outer_frame_);
    } catch (const Decline& declined) {
        why_ = declined.why;
        if (rec_ != nullptr) courses_.in_vain(recorder_.course().hash);
        rec_ = nullptr;
        told = false;
    }
    asking_ = nullptr;
    return told;
}

void Machine::ask_document(std::uint32_t entry, std::uint32_t ordinal) {
    if (ask_no_more_) return;
    ++course_counts_.documents;
    scratch_.reset();
    if (ask_by_course(entry, ordinal)) return;
    const Sizes before = sizes();
    more_values_.clear();
    reasons_.clear();
    scratch_.reset();
    const Id frame = open_frame(0, nothing, entry);
    frames_[frame].ordinal = ordinal;
    frames_[frame].number = 1;
    enter(0, frame);
    walk(entry + 1, (*tape_)[entry].next, 0, frame);
    find_date();
    for (std::size_t pass = 0; pass < passes; ++pass) read_group(0, pass);
    ask_no_more_ = !(*asking_)();
    if (rec_ != nullptr) keep_questions(entry, ordinal);
    shrink(before);
    rest_.clear();
}

bool Machine::stands(const AskedWay& way) {
    if (!way.cases.empty() && !in_case(way.cases)) return false;
    return std::ranges::all_of(way.keys, [&](const AskedWay::Key& key) {
        const Value& at = value(key.place);
        if (!at.present) return false;
        const bool same = at.text == key.text && at.list == key.list;
        if (rec_ != nullptr) rec_->ask_same(origin(at), rec_->fixed(key.text, key.list), same);
        return same;
    });
}

/// Calls use(value) for each that the way leads to.
template <class Use>
void Machine::asked_way(const AskedWay& way, std::size_t loop, const Use& use) {
    if (loop < way.loops.size()) {
        const Group& group = in_.groups[way.loops[loop]];
        const Id before = current_[way.loops[loop]];
        Id nth = 0;
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
            ++nth;
            if (way.nth != 0 && loop + 1 == way.loops.size() && nth != way.nth) continue;
            enter(way.loops[loop], at);
            asked_way(way, loop + 1, use);
        }
        enter(way.loops[loop], before);
        return;
    }
    if (!stands(way)) return;
    if (way.place.number == nothing) {
        if (any_of(way.exists)) use({.text = way.constant.text, .list = way.constant.list, .present = true});
        return;
    }
    const Value& at = value(way.place);
    if (!at.present) return;
    use(at);
    for (std::uint32_t i = 0; i < at.more_count; ++i) use(more_values_[at.more + i]);
}

bool Machine::asked_values(const Asked& asked, std::vector<PlaceValue>& out) {
    out.clear();
    if (!asked.untold.empty()) return false;
    for (const AskedWay& way : asked.ways[asked.members ? asked_kind_ : 0])
        asked_way(way, 0, [&](const Value& one) { out.push_back({one.text, one.list}); });
    return true;
}

bool Machine::each_asked(const AskedMembers& members, const std::function<bool()>& use) {
    if (!members.untold.empty()) return false;
    bool more = true;
    for (std::size_t kind = 0; kind < members.kinds.size() && more; ++kind) {
        const AskedWay& way = members.kinds[kind];
        Id nth = 0;
        asked_kind_ = kind;
        each_member(way.loops, [&] {
            if (!more || (way.nth != 0 && ++nth != way.nth)) return;
            if (stands(way) && any_of(way.exists)) more = use();
        });
    }
    return true;
}

// ---- courses ----

/// False: there is none for the document, or another answer than the one that was taken down.
bool Machine::ask_by_course(std::uint32_t entry, std::uint32_t ordinal) {
    if (questions_ == nullptr || learn_after_ == 0 || !learnable_ || place_hint_ != 0) return false;
    const std::uint32_t end = (*tape_)[entry].next;
    if (end > tape_->size() || end - entry > course_entries_max) return false;
    const auto entries = tape_->entries().subspan(entry, end - entry);
    std::size_t of_shape = 0;
    const bool gone = courses_.go(
        {*tape_, entry}, of_shape, [](const Course&) { return true; },
        [&](Course& course) { return asks_the_same(course, entry, ordinal); });
    if (gone) {
        ++course_counts_.gone;
        return true;
    }
    const auto hash = hash_of(entries);
    if (hash && courses_.wanted(*hash, learn_after_, of_shape)) {
        recorder_.begin(*tape_, entry, *hash);
        rec_ = &recorder_;
    }
    return false;
}

/// Is the answer the same, since the sum stands to nought as it did? False: nobody knows.
bool Machine::adds_up(const Course& course, const CourseQuestion::Sum& sum, std::uint32_t entry) const {
    SmallNumber made = sum.start;
    for (const CourseQuestion::Sum::Term& term : sum.terms) {
        const auto number = small_number(operand(course, term.of, entry).text);
        const auto more = !number ? number : term.minus ? minus(made, *number) : plus(made, *number);
        if (!more) return false;
        made = *more;
    }
    return made.digits == 0 ? sum.equal : made.digits < 0 ? sum.below : sum.above;
}

/// Are the values there, and all answers as they were?
bool Machine::asks_the_same(Course& course, std::uint32_t entry, std::uint32_t ordinal) {
    message_date_.clear();
    run_.document_date = {};
    return go_steps(course, entry, ordinal);
}

bool Machine::has_same_answer(const Course& course, const CourseQuestion& question, std::uint32_t entry) {
    if (!question.sum.terms.empty() && adds_up(course, question.sum, entry)) return true;
    again_.values.resize(question.operands.size());
    PlaceValue* out = again_.values.data();
    for (const Operand& one : question.operands) {
        const Made value = operand(course, one, entry);
        *out++ = {value.text, value.list};
    }
    again_.question = &question;
    const bool same = questions_->answer(question.number) == question.answer;
    again_.question = nullptr;
    return same;
}

bool Machine::values_again(std::size_t place, std::span<const PlaceValue>& out) const {
    for (const CourseQuestion::Values& one : again_.question->places) {
        if (one.place != place) continue;
        if (one.counted) return false;
        out = std::span(again_.values).subspan(one.first, one.count);
        return one.told;
    }
    return false;
}

bool Machine::count_again(std::size_t place, std::size_t& out) const {
    for (const CourseQuestion::Values& one : again_.question->places) {
        if (one.place != place) continue;
        out = one.count;
        return one.told;
    }
    return false;
}

void Machine::answered(const AskedProgram& asked, const AnsweredQuestion& said) {
    if (rec_ == nullptr) return;
    CourseQuestion made{.number = said.question, .answer = said.answer, .lasting = said.lasting};
    std::vector<PlaceValue> all;
    const auto add = [&](std::size_t number, bool counted) {
        const Asked& place = asked.places[number];
        CourseQuestion::Values values{.place = number, .first = static_cast<Id>(made.operands.size())};
        values.counted = counted;
        values.told = place.untold.empty();
        if (values.told) {
            for (const AskedWay& way : place.ways[place.members ? asked_kind_ : 0])
                asked_way(way, 0, [&](const Value& one) {
                    ++values.count;
                    if (counted) return;
                    made.operands.push_back(origin(one));
                    all.push_back({one.text, one.list});
                });
        }
        made.places.push_back(values);
    };
    for (const std::size_t number : said.places) add(number, false);
    for (const std::size_t number : said.counted) add(number, true);
    if (said.each && made.operands.size() > 1) return ask_each_again(std::move(made), all, said);
    if (said.sum != nullptr) add_sum(made, *said.sum);
    rec_->ask(std::move(made));
}

/// The sum in place of the question, where each of its places has values, and one that must be alone is.
void Machine::add_sum(CourseQuestion& question, const PlaceSum& sum) {
    CourseQuestion::Sum made{.start = sum.start, .below = sum.below, .equal = sum.equal, .above = sum.above};
    for (const PlaceSum::Term& term : sum.terms) {
        const auto of = std::ranges::find_if(question.places, [&](const CourseQuestion::Values& one) {
            return one.place == term.place && one.told && !one.counted;
        });
        if (of == question.places.end() || (term.one && of->count != 1)) return;
        for (Id i = of->first; i < of->first + of->count; ++i) made.terms.push_back({question.operands[i], term.minus});
    }
    question.sum = std::move(made);
}

/// Each value alone, so that it may be known from before.
void Machine::ask_each_again(CourseQuestion question, std::span<const PlaceValue> values,
                             const AnsweredQuestion& said) {
    const std::vector<Operand> operands = std::move(question.operands);
    question.places.front() = {.place = question.places.front().place, .first = 0, .count = 1};
    for (std::size_t i = 0; i < operands.size(); ++i) {
        question.operands.assign(1, operands[i]);
        again_.values.assign(1, values[i]);
        again_.question = &question;
        question.answer = questions_->answer(question.number);
        again_.question = nullptr;
        question.sum = {};
        if (said.sum != nullptr && question.answer == said.answer) add_sum(question, *said.sum);
        rec_->ask(question);
    }
}

/// All of the document has been asked: what was taken down becomes a course, where nothing was found.
void Machine::keep_questions(std::uint32_t entry, std::uint32_t ordinal) {
    rec_ = nullptr;
    Course& course = recorder_.course();
    const std::uint64_t hash = course.hash;
    if (ask_no_more_) return;
    if (recorder_.good()) {
        course.memos.resize(course.expressions.size());
        // A value that the pivot refuses makes a fault of the reference's: then nobody asks what is said here.
        std::erase_if(course.steps, [](const CourseStep& step) { return step.kind == CourseStep::Kind::fit; });
        course.drop_unasked();
        course.arrange();
    }
    if (recorder_.good() && !asks_the_same(course, entry, ordinal)) recorder_.give_up("a course that leads elsewhere");
    if (auto made = recorder_.end()) {
        courses_.add(std::move(made));
        ++course_counts_.learned;
        return;
    }
    course_counts_.not_learned = recorder_.why();
    courses_.in_vain(hash);
}

}  // namespace hansa::mapping::program
