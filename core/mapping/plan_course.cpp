// Documents that go a course: found by their shape, gone step by step, taken down where there is none.
#include "core/mapping/plan_course.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>

#include "core/base/decimal.h"
#include "core/mapping/evaluate.h"
#include "core/mapping/plan_expression.h"
#include "core/mapping/plan_machine.h"
#include "core/mapping/plan_pieces.h"
#include "core/schema/grammar.h"
#include "core/schema/pattern.h"

namespace hansa::mapping::program {
namespace {

bool is_zero(std::string_view text) {
    const Result<Decimal> number = Decimal::parse(text);
    return number && number->is_zero();
}

bool like(const Made& a, const Made& b, bool texts_only) {
    if (a.text == b.text && (texts_only || a.list == b.list)) return true;
    if (texts_only || (a.list.empty() && b.list.empty())) return same_value(a.text, b.text);
    return same_value(qualified(a.list, a.text), qualified(b.list, b.text));
}

bool same_notes(std::span<const ConversionNote> a, std::span<const ConversionNote> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ConversionNote& x, const ConversionNote& y) {
        return x.kind == y.kind && x.reason == y.reason;
    });
}

/// Are four entries as these four words of a shape say?
bool are_of(const std::uint32_t* shape, const schema::Entry* entries) {
    static_assert(offsetof(schema::Entry, path) == offsetof(schema::Entry, size) + sizeof(std::uint32_t));
    const auto both = [&](std::size_t at) {
        const auto load = [&](std::size_t one) {
            return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&entries[one].size));
        };
        return _mm_castsi128_ps(_mm_unpacklo_epi64(load(at), load(at + 1)));
    };
    const __m128 first = both(0), second = both(2);
    const __m128i sizes = _mm_castps_si128(_mm_shuffle_ps(first, second, _MM_SHUFFLE(2, 0, 2, 0)));
    const __m128i paths = _mm_castps_si128(_mm_shuffle_ps(first, second, _MM_SHUFFLE(3, 1, 3, 1)));
    // As shape_of() has them: one more, and one less where there is no text.
    const __m128i without = _mm_cmpeq_epi32(sizes, _mm_setzero_si128());
    const __m128i words = _mm_sub_epi32(_mm_add_epi32(_mm_add_epi32(paths, paths), without), _mm_set1_epi32(-1));
    const __m128i same = _mm_cmpeq_epi32(words, _mm_loadu_si128(reinterpret_cast<const __m128i*>(shape)));
    return _mm_movemask_epi8(same) == 0xFFFF;
}

}  // namespace

// ---- shapes ----

bool is_blank(const schema::Entry& one) {
    return one.size != 0 && static_cast<unsigned char>(*one.text) <= ' ' && says_nothing(one.value());
}

std::optional<std::uint64_t> hash_of(std::span<const schema::Entry> entries) {
    constexpr std::uint64_t factor = 0x9E37'79B9'7F4A'7C15u;
    std::uint64_t hash = entries.size();
    for (const schema::Entry& one : entries) {
        if (one.path == schema::no_path || program::is_blank(one)) return std::nullopt;
        hash = (hash ^ shape_of(one)) * factor;
        hash ^= hash >> 32U;
    }
    return hash;
}

bool has_shape(const schema::Shape& known, std::span<const schema::Entry> entries) {
    if (known.size() != entries.size()) return false;
    constexpr std::size_t at_once = 4;
    const std::size_t whole = entries.size() / at_once * at_once;
    for (std::size_t at = 0; at < whole; at += at_once) {
        if (!are_of(known.data() + at, entries.data() + at)) return false;
    }
    for (std::size_t at = whole; at < entries.size(); ++at) {
        if (known[at] != shape_of(entries[at])) return false;
    }
    bool spaces = false;
    for (const schema::Entry& one : entries) {
        if (one.size != 0) spaces |= static_cast<unsigned char>(*one.text) <= ' ';
    }
    return !(spaces && std::any_of(entries.begin(), entries.end(), program::is_blank));
}

bool Machine::by_course(std::uint32_t entry, std::uint32_t ordinal) {
    const std::uint32_t end = (*tape_)[entry].next;
    if (end > tape_->size() || end - entry > course_entries_max || place_hint_ != 0) return false;
    const auto entries = tape_->entries().subspan(entry, end - entry);
    const bool alone = is_alone();
    std::size_t of_shape = 0;
    const auto fits = [&](const Course& course) { return alone || course.spelling == spelling_; };
    const bool gone = courses_.go({*tape_, entry}, of_shape, fits, [&](Course& course) {
        const std::size_t begin = out_.size();
        if (!go(course, entry, ordinal)) return false;
        if (alone) messages_.push_back({.begin = begin, .end = out_.size(), .documents = {document_count_, 1}});
        Done done{.course = &course, .entry = entry, .ordinal = ordinal, .values = note_values_.size()};
        done.inner = static_cast<std::uint32_t>(inner_count_);
        done.first = first_notes_.size();
        done.notes = notes_.size();
        done.tails = tails_.size();
        for (const Operand& one : course.values) note_values_.push_back(operand(course, one, entry).text);
        course_notes_ += course.first.size() + course.notes.size() + course.tails.size();
        finish_document(alone, done);
        return true;
    });
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

/// False: nothing of it counts.
bool Machine::go(Course& course, std::uint32_t entry, std::uint32_t ordinal) {
    message_date_.clear();
    run_.document_date = {};
    const WarningCounts before = warning_counts();
    bool done = go_steps(course, entry, ordinal);
    if (done && is_alone()) {
        done = go_pieces(course, entry);
    } else if (done) {
        out_.swap(inner_);
        done = go_pieces(course, entry);
        out_.swap(inner_);
        if (done) ++inner_count_;
    }
    if (!done) forget_warnings_since(before);
    return done;
}

/// All that must be as it was when the course was taken down, and the texts that its pieces need.
bool Machine::go_steps(Course& course, std::uint32_t entry, std::uint32_t ordinal) {
    if (const CourseStep* const failed = fails(course, course.early, entry, ordinal)) {
        course.ask_first(*failed);
        return false;
    }
    const bool all = course.edition != edition_of_known();
    const DayKey day = DayKey::of(message_date_);
    if (all || day != course.day) forget(course, all, day);
    const schema::Entry* const entries = tape_->entries().data() + entry;
    for (CourseGroup& group : course.groups) {
        std::string_view text;
        if (group.entry != nothing) text = entries[group.entry].value();
        if (group.is_of(text) || go_group(course, group, text, entry, ordinal)) continue;
        course.ask_first(static_cast<std::size_t>(&group - course.groups.data()));
        return false;
    }
    for (std::uint64_t left = course.unsettled; left != 0; left &= left - 1) {
        const CourseStep& step = course.several[static_cast<std::size_t>(std::countr_zero(left))];
        if (!has_same_answer(course, course.questions[step.first], entry)) return false;
        course.unsettled &= ~(left & -left);
    }
    if (const CourseStep* const failed = fails(course, course.steps, entry, ordinal)) {
        course.ask_first(*failed);
        return false;
    }
    return true;
}

/// Changes when results of known texts are given up, whosever courses ask for them.
std::uint32_t Machine::edition_of_known() const {
    return courses_.edition() + member_courses_.edition() + count_courses_.edition();
}

/// What the texts of the course are of no longer counts; on another day, for what depends on it.
void Machine::forget(Course& course, bool all, const DayKey& day) const {
    for (CourseGroup& group : course.groups) {
        if (all || group.dated) group.size = nothing;
    }
    course.edition = edition_of_known();
    course.day = day;
}

/// What a text leads to that is not the last document's: known, or gone step by step.
bool Machine::go_group(Course& course, CourseGroup& group, std::string_view text, std::uint32_t entry,
                       std::uint32_t ordinal) {
    course.unsettled |= group.asked_by;
    KnownTexts* const known = group.known.get();
    const bool asks = known != nullptr && text.size() <= TextKey::text_max && known->asks();
    const DayKey day = group.dated ? course.day : DayKey();
    if (asks) {
        if (const Id at = known->find(text, day); at != nothing) {
            group.is_now_of(text);
            const Made* result = known->results(at);
            for (const Id give : group.gives) course.texts[give] = *result++;
            return true;
        }
    }
    group.size = nothing;
    const CourseStep* const only = group.steps.size() == 1 ? group.steps.data() : nullptr;
    if (only != nullptr && only->kind == CourseStep::Kind::fused && only->a.of == Operand::Of::entry) {
        // What most texts that are always new lead to.
        std::string_view out;
        if (only->fused->run(text, run_, out) != Fast::done) return false;
        course.texts[only->to] = {out, {}};
    } else if (fails(course, group.steps, entry, ordinal) != nullptr) {
        return false;
    }
    if (asks) keep_known(course, group, text, day);
    // Where nobody asks for what was made, it need not last.
    if (group.gives.empty() && text.size() <= TextKey::text_max) group.is_now_of(text);
    return true;
}

void Machine::keep_known(const Course& course, CourseGroup& group, std::string_view text, const DayKey& day) {
    given_.clear();
    for (const Id give : group.gives) given_.push_back(course.texts[give]);
    group.known->keep(text, day, given_);
}

/// The first step that does not go; nothing: all do. Most steps are a few instructions beside their conversion; the
/// others have a function of their own.
const CourseStep* Machine::fails(Course& course, const std::vector<CourseStep>& steps, std::uint32_t entry,
                                 std::uint32_t ordinal) {
    using Kind = CourseStep::Kind;
    const schema::Entry* const entries = tape_->entries().data() + entry;
    const Made* const fixed = course.fixed.data();
    Made* const made = course.texts.data();
    const auto text = [&](const Operand& at) -> std::string_view {
        if (at.of == Operand::Of::entry) return entries[at.number].value();
        if (at.of == Operand::Of::made) return made[at.number].text;
        if (at.of == Operand::Of::fixed) return fixed[at.number].text;
        return at.of == Operand::Of::nowhere ? std::string_view() : around(at).text;
    };
    const auto list = [&](const Operand& at) -> std::string_view {
        if (at.of == Operand::Of::entry) return {};
        if (at.of == Operand::Of::made) return made[at.number].list;
        if (at.of == Operand::Of::fixed) return fixed[at.number].list;
        return at.of == Operand::Of::nowhere ? std::string_view() : around(at).list;
    };
    for (const CourseStep& step : steps) {
        bool good;
        switch (step.kind) {
            case Kind::fused: {
                std::string_view out;
                good = step.fused->run(text(step.a), run_, out) == Fast::done;
                made[step.to] = {out, {}};
                break;
            }
            case Kind::read: {
                FastPivot out;
                good = step.fast->read(text(step.a), run_, out) == Fast::done;
                made[step.to] = {out.text, out.list};
                break;
            }
            case Kind::write: {
                std::string_view out;
                good = step.fast->write({text(step.a), list(step.a), 0}, run_, out) == Fast::done;
                made[step.to] = {out, {}};
                break;
            }
            case Kind::fit:
                good = (*step.fit)(text(step.a), list(step.a));
                break;
            case Kind::same:
                good = (text(step.a) == text(step.b) && list(step.a) == list(step.b)) == step.expect;
                break;
            case Kind::same_text:
                good = (text(step.a) == text(step.b)) == step.expect;
                break;
            case Kind::foreign:
                good = is_foreign(list(step.a)) == step.expect;
                break;
            case Kind::question:
                good = has_same_answer(course, course.questions[step.first], entry);
                break;
            default:
                good = go_step(course, step, entry, ordinal);
                break;
        }
        if (!good) return &step;
    }
    return nullptr;
}

bool Machine::go_pieces(const Course& course, std::uint32_t entry) {
    const auto other = [&](const Operand& at) { return operand(course, at, entry).text; };
    return write_pieces(course, std::ref(other), out_, level_);
}

bool Machine::go_step(Course& course, const CourseStep& step, std::uint32_t entry, std::uint32_t ordinal) {
    using Kind = CourseStep::Kind;
    const auto value = [&](const Operand& at) { return operand(course, at, entry); };
    const auto answer = [&](bool given) { return given == step.expect; };
    switch (step.kind) {
        case Kind::fused:
        case Kind::read:
        case Kind::write:
        case Kind::fit:
        case Kind::same:
        case Kind::same_text:
        case Kind::foreign:
        case Kind::question:
            return false;  // fails() has done them
        case Kind::read_call:
            return go_read(course, course.calls[step.first], entry);
        case Kind::write_call:
            return go_write(course, course.calls[step.first], entry);
        case Kind::refusal:
            return go_refusal(course, course.calls[step.first], entry);
        case Kind::split: {
            Made from = value(step.a);
            if (from.list.empty()) {
                const pivot::QualifiedCode code = pivot::split_code(from.text);
                from = {code.code, code.list};
            }
            course.texts[step.to] = from;
            return true;
        }
        case Kind::like:
            return answer(like(value(step.a), value(step.b), step.flag));
        case Kind::zero:
            return answer(is_zero(value(step.a).text));
        case Kind::guard: {
            const Made scheme = value(step.a);
            return answer(scheme_holds(*step.guard, scheme.list, scheme.text, value(step.b).text));
        }
        case Kind::scheme: {
            const pivot::QualifiedCode* scheme = step.schemes->find(value(step.a).text);
            if (scheme) course.texts[step.to] = {scheme->code, scheme->list};
            return answer(scheme != nullptr);
        }
        case Kind::condition: {
            const auto found = view(course.expressions[step.first], course, entry, step.flag);
            // What was found when it was taken down had the answer.
            if (found && step.b.of == Operand::Of::fixed && *found == value(step.b).text) return true;
            return answer(held(*step.condition, found ? std::optional<std::string>(*found) : std::nullopt));
        }
        case Kind::value: {
            const Bound& bound = course.expressions[step.first];
            const bool asks_list = bound.kind == Bound::Kind::other && names_list(*bound.expression);
            const auto found =
                asks_list ? listed_view(course, step.first, entry, step.flag) : view(bound, course, entry, step.flag);
            if (!answer(found.has_value())) return false;
            if (!found) return true;
            if (step.flag) {
                course.texts[step.to] = {*found, {}};
            } else {
                const pivot::QualifiedCode code = pivot::split_code(*found);
                course.texts[step.to] = {code.code, code.list};
            }
            return true;
        }
        case Kind::type:
            return answer(is_of_type(*step.type, value(step.a).text));
        case Kind::check:
            return go_check(course, step, entry, ordinal);
        case Kind::date: {
            FastList<FastText, 32> texts;
            for (const CourseCall::Argument& one : course.calls[step.first].arguments) {
                if (!texts.add({value(one.operand).text, one.slot})) return false;
            }
            FastRun run{.scratch = scratch_};
            PivotSlots values;
            if (course.calls[step.first].fast->to_pivot(std::span(texts.begin(), texts.size()), run, values) ==
                    Fast::declined ||
                values.empty())
                return false;
            source_->date(values[0].text);
            target_->date(values[0].text);
            message_date_ = values[0].text.substr(0, 10);
            run_.document_date = message_date_;
            return true;
        }
        case Kind::uuid5:
            course.texts[step.to] = {keep(made_id(*step.filling)), {}};
            return true;
        case Kind::received: {
            const auto now = time_of_receipt(*step.filling);
            if (now) course.texts[step.to] = {keep(*now), {}};
            return now.has_value();
        }
    }
    return false;
}

/// A rule that does not hold is warned of where its row says so; else it ends the course.
bool Machine::go_check(Course& course, const CourseStep& step, std::uint32_t entry, std::uint32_t ordinal) {
    const Bound &left = course.expressions[step.first], &right = course.expressions[step.to];
    if (step.flag) {
        const Row& row = *step.write_check;
        const auto x = row.noise ? std::nullopt : small(left, course, entry);
        const auto y = x ? small(right, course, entry) : std::nullopt;
        if (const auto order = y ? compare_small(*x, *y) : std::nullopt; order && is_so(*order, row.comparison))
            return true;
        const auto a = evaluate(left, course, entry, true), b = evaluate(right, course, entry, true);
        if (!a || !b || compare(*a, row.comparison, *b, row.noise)) return true;
        if (step.b.number == nothing) return false;
        later_warnings_.push_back(warning_of(row, *a, *b, course.warnings[step.b.number].path));
        return true;
    }
    const ReadCheck& check = *step.read_check;
    Side a, b;
    const auto x = check.row->noise ? std::nullopt : small(left, course, entry);
    const auto y = x ? small(right, course, entry) : std::nullopt;
    if (const auto order = y ? compare_small(*x, *y) : std::nullopt) {
        if (check.holds(*order)) return true;
        a = side_of(left, *x, course, entry);
        b = side_of(right, *y, course, entry);
    } else {
        const auto slow_a = evaluate(left, course, entry, false), slow_b = evaluate(right, course, entry, false);
        if (!slow_a || !slow_b || compare(*slow_a, check.row->comparison, *slow_b, check.row->noise)) return true;
        a.text = keep(*slow_a);
        b.text = keep(*slow_b);
    }
    if (!check.row->warn) return false;
    const CourseWarning& known = course.warnings[step.b.number];
    Warning made{.check = &check, .left = a, .right = b, .group = known.group};
    made.first = static_cast<std::uint32_t>(warned_places_.size());
    made.count = static_cast<std::uint32_t>(known.places.size());
    warned_places_.insert(warned_places_.end(), known.places.begin(), known.places.end());
    warned_places_.back().ordinal = ordinal;
    if (course.member) warned_places_[warned_places_.size() - 2].ordinal = list_.ordinal;
    warned_.push_back(made);
    return true;
}

/// As the machine words a side of a rule: a text as it stands, a sum as it comes out.
Side Machine::side_of(const Bound& bound, const SmallNumber& number, const Course& course, std::uint32_t entry) const {
    Side made{.text = operand(course, bound.operand, entry).text, .number = number};
    made.computed = bound.kind == Bound::Kind::other || bound.kind == Bound::Kind::fold;
    return made;
}

/// What a list says of a code, from memory where it was asked before.
std::optional<std::string_view> Machine::listed_view(Course& course, Id expression, std::uint32_t entry, bool target) {
    const Bound& bound = course.expressions[expression];
    const bool plain = bound.parts.size() == 2 && bound.parts[1].kind != Bound::Kind::other &&
                       bound.parts[1].kind != Bound::Kind::fold && expression < course.memos.size();
    if (!plain) return view(bound, course, entry, target);
    const Made code = operand(course, bound.parts[1].operand, entry);
    std::string& asked = refused_;
    asked.assign(target ? target_->context.document_date : source_->context.document_date);
    asked += '\n';
    asked += code.list;
    asked += '\n';
    asked += code.text;
    CourseMemo& memo = course.memos[expression];
    for (const CourseMemo::One& one : memo.known) {
        if (one.asked == asked) return one.answer ? std::optional<std::string_view>(keep(*one.answer)) : std::nullopt;
    }
    const auto answer = view(bound, course, entry, target);
    if (memo.known.size() < CourseMemo::most && asked.size() <= CourseMemo::longest)
        memo.known.push_back({asked, answer ? std::optional<std::string>(*answer) : std::nullopt});
    return answer;
}

bool Machine::go_read(Course& course, const CourseCall& call, std::uint32_t entry) {
    if (call.fast != nullptr) {
        FastList<FastText, 32> texts;
        for (const CourseCall::Argument& one : call.arguments) {
            if (!texts.add({operand(course, one.operand, entry).text, one.slot})) return false;
        }
        PivotSlots values;
        if (call.fast->to_pivot(std::span(texts.begin(), texts.size()), run_, values) == Fast::declined) return false;
        if (values.size() != call.results.size()) return false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].slot != call.results[i]) return false;
            course.texts[call.to + i] = {values[i].text, values[i].list};
        }
        return true;
    }
    std::vector<NationalValue> texts;
    for (const CourseCall::Argument& one : call.arguments)
        texts.push_back({std::string(operand(course, one.operand, entry).text), one.slot});
    const Result<ToPivot> made = call.slow->to_pivot(texts, source_->context);
    if (!made || !same_notes(made->notes, call.notes) || made->values.size() != call.results.size()) return false;
    for (std::size_t i = 0; i < call.results.size(); ++i) {
        const PivotValue& one = made->values[i];
        if (one.slot != call.results[i]) return false;
        course.texts[call.to + i] = {keep(one.text), keep(one.list)};
    }
    return true;
}

bool Machine::go_write(Course& course, const CourseCall& call, std::uint32_t entry) {
    FastList<FastPivot, 32> values;
    for (const CourseCall::Argument& one : call.arguments) {
        const Made from = operand(course, one.operand, entry);
        if (!values.add({from.text, from.list, one.slot})) return false;
    }
    if (call.fast != nullptr) {
        TextSlots texts;
        if (call.fast->from_pivot(std::span(values.begin(), values.size()), run_, texts) == Fast::declined)
            return false;
        if (texts.size() != call.results.size()) return false;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts[i].slot != call.results[i]) return false;
            course.texts[call.to + i] = {texts[i].text, {}};
        }
        return true;
    }
    const Result<FromPivot> made = write_slowly(call, std::span(values.begin(), values.size()));
    if (!made || !same_notes(made->notes, call.notes) || made->values.size() != call.results.size()) return false;
    for (std::size_t i = 0; i < call.results.size(); ++i) {
        const NationalValue& one = made->values[i];
        if (one.text.empty() || one.slot != call.results[i]) return false;
        course.texts[call.to + i] = {keep(one.text), {}};
    }
    return true;
}

/// As write_general does it where a conversion has no twin: what is written must be of its type too.
Result<FromPivot> Machine::write_slowly(const CourseCall& call, std::span<const FastPivot> values) const {
    std::vector<PivotValue> slow;
    for (const FastPivot& one : values) slow.push_back({std::string(one.text), std::string(one.list), one.slot});
    std::vector<Target> targets;
    for (Id i = call.left; i < call.left + call.takes; ++i) targets.push_back(call.row->terms[i].target);
    Result<FromPivot> made = call.slow->from_pivot(slow, target_->context, targets);
    if (!made) return made;
    for (const NationalValue& one : made->values) {
        const TargetTerm& term = call.row->terms[call.left + one.slot];
        if (one.text.empty() || term.term->constant || term.term->borrowed || !term.type) continue;
        if (is_surely_of_type(*term.type, one.text)) continue;
        const Result<void> fits = target_model_.grammar->check_value(*term.type, one.text);
        if (!fits) return fits.error();
    }
    return made;
}

/// By the type's program, which is quick and knows most types; false: it may be all the same.
bool Machine::is_surely_of_type(const schema::SimpleType& type, std::string_view text) const {
    auto& program = type_programs_[&type];
    if (!program) program = std::make_unique<const schema::TypeProgram>(schema::program_of(type));
    return schema::TypePrograms::accepts_at_once(*program, text, schema::count_characters(text));
}

bool Machine::is_of_type(const schema::SimpleType& type, std::string_view text) const {
    return is_surely_of_type(type, text) || target_model_.grammar->check_value(type, text).has_value();
}

/// The row must refuse these values as it refused those that were taken down.
bool Machine::go_refusal(const Course& course, CourseCall& call, std::uint32_t entry) {
    FastList<FastPivot, 32> values;
    std::string& all = refused_;
    all.clear();
    for (const CourseCall::Argument& one : call.arguments) {
        const Made from = operand(course, one.operand, entry);
        if (!values.add({from.text, from.list, one.slot})) return false;
        all += from.list;
        all += '\n';
        all += from.text;
        all += '\n';
    }
    // The same values are refused in the same way on the same day.
    all += target_->context.document_date;
    if (std::find(call.refused.begin(), call.refused.end(), all) != call.refused.end()) return true;
    const Result<FromPivot> made = write_slowly(call, std::span(values.begin(), values.size()));
    if (made || made.error().detail != call.refusal) return false;
    constexpr std::size_t most = 32, longest = 200;
    if (call.refused.size() < most && all.size() <= longest) call.refused.push_back(all);
    return true;
}

}  // namespace hansa::mapping::program
