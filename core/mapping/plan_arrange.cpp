// The steps of a course, sorted by what they follow from: one text of the document, or several.
#include <algorithm>
#include <map>

#include "core/mapping/plan_course.h"
#include "core/mapping/plan_expression.h"

namespace hansa::mapping::program {
namespace {

using Kind = CourseStep::Kind;

/// What a text or a step follows from.
struct Origin {
    enum class Of : std::uint8_t { nothing, one, several };
    Of of = Of::nothing;
    Id entry = nothing;  ///< the one

    void add(const Origin& other) {
        if (other.of == Of::nothing) return;
        const bool same = of == Of::nothing || (of == Of::one && other.of == Of::one && entry == other.entry);
        *this = same ? other : Origin{.of = Of::several};
    }
};

/// Calls use(operand) for each text that a step asks for.
template <class Use>
void each_operand(const Bound& bound, const Use& use) {
    use(bound.operand);
    for (const Operand& one : bound.operands) use(one);
    for (const Bound& part : bound.parts) each_operand(part, use);
}

bool has_call(const CourseStep& step) {
    return step.kind == Kind::read_call || step.kind == Kind::write_call || step.kind == Kind::refusal ||
           step.kind == Kind::date;
}

bool has_expression(const CourseStep& step) {
    return step.kind == Kind::condition || step.kind == Kind::value || step.kind == Kind::check;
}

template <class Use>
void each_operand(const Course& course, const CourseStep& step, const Use& use) {
    use(step.a);
    if (step.kind != Kind::check) use(step.b);
    if (has_call(step)) {
        for (const CourseCall::Argument& one : course.calls[step.first].arguments) use(one.operand);
    }
    if (step.kind == Kind::question) {
        for (const Operand& one : course.questions[step.first].operands) use(one);
    }
    if (has_expression(step)) each_operand(course.expressions[step.first], use);
    if (step.kind == Kind::check) each_operand(course.expressions[step.to], use);
}

/// Calls use(number) for each text that a step makes.
template <class Use>
void each_made(const Course& course, const CourseStep& step, const Use& use) {
    if (step.kind == Kind::read_call || step.kind == Kind::write_call) {
        const CourseCall& call = course.calls[step.first];
        for (Id i = 0; i < call.results.size(); ++i) use(call.to + i);
    } else if (step.kind != Kind::check && step.to < course.made) {
        use(step.to);
    }
}

/// Does the value follow from texts and the document's day, and from nothing else?
bool is_settled(const Bound& bound) {
    if (bound.kind == Bound::Kind::other) {
        const Expression& known = *bound.expression;
        const bool sign = known.kind == Expression::Kind::binary && known.parts[1].kind != Expression::Kind::months;
        if (!sign && !names_list(known)) return false;
    }
    return std::all_of(bound.parts.begin(), bound.parts.end(), is_settled);
}

bool asks_list(const Bound& bound) {
    return (bound.kind == Bound::Kind::other && names_list(*bound.expression)) ||
           std::any_of(bound.parts.begin(), bound.parts.end(), asks_list);
}

/// Does it give the same whenever its texts (and the day) are the same, and do nothing beside?
bool is_repeatable(const Course& course, const CourseStep& step) {
    switch (step.kind) {
        case Kind::check:  // may warn
        case Kind::date:
        case Kind::uuid5:
        case Kind::received:
            return false;
        case Kind::question:
            return course.questions[step.first].lasting;
        case Kind::read_call:
        case Kind::write_call:
            return course.calls[step.first].fast != nullptr;
        case Kind::condition:
        case Kind::value:
            return is_settled(course.expressions[step.first]);
        default:
            return true;
    }
}

bool is_dated(const Course& course, const CourseStep& step) {
    switch (step.kind) {
        case Kind::fused:
            return step.fused->source().dated() || step.fused->target().dated();
        case Kind::read:
        case Kind::write:
            return step.fast->dated();
        case Kind::read_call:
        case Kind::write_call:
            return course.calls[step.first].fast->dated();
        case Kind::refusal:
            return true;
        case Kind::condition:
        case Kind::value:
            return asks_list(course.expressions[step.first]);
        default:
            return false;
    }
}

/// The same, where it is not known whether the step is repeatable.
bool may_be_dated(const Course& course, const CourseStep& step) {
    if (has_expression(step)) return !is_repeatable(course, step) || is_dated(course, step);
    const bool slow = (step.kind == Kind::read_call || step.kind == Kind::write_call) && !is_repeatable(course, step);
    return slow || is_dated(course, step);
}

class Arranging {
public:
    explicit Arranging(Course& course) : course_(course), origins_(course.made), group_of_(course.made, nothing) {}

    void run() {
        std::vector<CourseStep> all = std::move(course_.steps);
        course_.steps.clear();
        course_.groups.emplace_back();  // what follows from no text of the document
        for (const CourseStep& step : all) place(step);
        for (CourseGroup& group : course_.groups) find_gives(group);
        const bool has_day = !course_.early.empty();
        for (CourseGroup& group : course_.groups) {
            // Without a day of its own a document may be judged by another one's.
            if (!group.dated || has_day) group.kind = kind_of(group);
        }
    }

private:
    void place(const CourseStep& step) {
        if (step.kind == Kind::date) {
            course_.early.push_back(step);
            return;
        }
        Origin origin;
        each_operand(course_, step, [&](const Operand& one) { origin.add(origin_of(one)); });
        if (!is_repeatable(course_, step)) origin.of = Origin::Of::several;
        const bool rest = origin.of == Origin::Of::several;
        const Id number = rest ? nothing : group_for(origin);
        each_made(course_, step, [&](Id made) {
            origins_[made] = origin;
            group_of_[made] = number;
        });
        if (rest) {
            if (!place_of_several(step)) course_.steps.push_back(step);
            return;
        }
        CourseGroup& group = course_.groups[number];
        group.steps.push_back(step);
        group.dated = group.dated || is_dated(course_, step);
    }

    /// A question of texts that have groups: it need not be asked again before one of these has changed.
    bool place_of_several(const CourseStep& step) {
        constexpr std::size_t bits = 64;
        if (step.kind != Kind::question || !is_repeatable(course_, step) || course_.several.size() == bits)
            return false;
        std::vector<Id> groups;
        bool all = true;
        each_operand(course_, step, [&](const Operand& one) {
            if (!one.changes()) return;
            const Origin origin = origin_of(one);
            const bool known = one.of == Operand::Of::made && group_of_[one.number] != nothing;
            if (origin.of == Origin::Of::one)
                groups.push_back(known ? group_of_[one.number] : group_for(origin));
            else if (origin.of == Origin::Of::several)
                all = false;
        });
        if (!all) return false;
        const std::uint64_t bit = std::uint64_t{1} << course_.several.size();
        for (const Id group : groups) course_.groups[group].asked_by |= bit;
        course_.unsettled |= bit;
        course_.several.push_back(step);
        return true;
    }

    Origin origin_of(const Operand& one) const {
        if (one.of == Operand::Of::entry) return {Origin::Of::one, one.number};
        if (one.of == Operand::Of::made) return origins_[one.number];
        return one.changes() ? Origin{.of = Origin::Of::several} : Origin();
    }

    Id group_for(const Origin& origin) {
        if (origin.of == Origin::Of::nothing) return 0;
        const auto [at, is_new] = group_of_entry_.try_emplace(origin.entry, static_cast<Id>(course_.groups.size()));
        if (is_new) course_.groups.emplace_back().entry = origin.entry;
        return at->second;
    }

    /// What of the group's texts is asked for by others.
    void find_gives(CourseGroup& group) {
        const Id own = static_cast<Id>(&group - course_.groups.data());
        std::vector<char> asked(course_.made);
        const auto ask = [&](const Operand& one) {
            if (one.of == Operand::Of::made && group_of_[one.number] == own) asked[one.number] = 1;
        };
        for (const CourseStep& step : course_.steps) each_operand(course_, step, ask);
        for (const CourseStep& step : course_.several) each_operand(course_, step, ask);
        for (const CourseGroup& other : course_.groups) {
            if (&other == &group) continue;
            for (const CourseStep& step : other.steps) each_operand(course_, step, ask);
        }
        for (const CoursePiece& piece : course_.pieces) ask(piece.text);
        for (const Operand& value : course_.values) ask(value);
        if (course_.member) {
            for (const auto& sums : course_.member->sums) {
                for (const Bound& sum : sums) each_operand(sum, ask);
            }
        }
        for (Id made = 0; made < course_.made; ++made) {
            if (asked[made]) group.gives.push_back(made);
        }
    }

    // What groups of one kind make of a text is the same: that of two members of a list, or of two courses.

    std::string kind_of(const CourseGroup& group) {
        words_.clear();
        own_.clear();
        asks_others_ = false;
        group_ = static_cast<Id>(&group - course_.groups.data());
        word(group.entry == nothing ? 0 : 1);
        for (const CourseStep& step : group.steps) tell(step);
        for (const Id made : group.gives) word(own(made));
        return asks_others_ ? std::string() : words_;
    }

    void tell(const CourseStep& step) {
        word(static_cast<std::uint64_t>(step.kind) << 2U | (step.expect ? 2U : 0U) | (step.flag ? 1U : 0U));
        word(reinterpret_cast<std::uintptr_t>(step.none));
        tell(step.a);
        tell(step.b);
        if (has_expression(step)) tell(course_.expressions[step.first]);
        if (has_call(step)) tell(course_.calls[step.first]);
        if (step.kind == Kind::question) tell(course_.questions[step.first]);
        each_made(course_, step, [&](Id made) { word(own(made)); });
    }

    void tell(const CourseCall& call) {
        word(reinterpret_cast<std::uintptr_t>(call.fast));
        word(reinterpret_cast<std::uintptr_t>(call.slow));
        word(reinterpret_cast<std::uintptr_t>(call.row));
        word(std::uint64_t{call.left} << 32U | call.takes);
        for (const CourseCall::Argument& one : call.arguments) {
            tell(one.operand);
            word(one.slot);
        }
        for (const Id slot : call.results) word(slot);
        text(call.refusal);
    }

    void tell(const CourseQuestion& question) {
        word(question.number);
        word(question.answer);
        for (const CourseQuestion::Values& one : question.places) {
            word(one.place);
            word(std::uint64_t{one.count} << 2U | (one.counted ? 2U : 0U) | (one.told ? 1U : 0U));
        }
        for (const Operand& one : question.operands) tell(one);
    }

    void tell(const Bound& bound) {
        word(static_cast<std::uint64_t>(bound.kind));
        word(reinterpret_cast<std::uintptr_t>(bound.expression));
        tell(bound.operand);
        word(bound.operands.size());
        for (const Operand& one : bound.operands) tell(one);
        word(bound.parts.size());
        for (const Bound& part : bound.parts) tell(part);
    }

    void tell(const Operand& one) {
        word(static_cast<std::uint64_t>(one.of));
        if (one.of == Operand::Of::fixed) {
            text(course_.fixed[one.number].text);
            text(course_.fixed[one.number].list);
        } else if (one.of == Operand::Of::made) {
            word(own(one.number));
        }
    }

    /// The number of a text within its group.
    std::uint64_t own(Id made) {
        if (group_of_[made] != group_) asks_others_ = true;
        return own_.try_emplace(made, own_.size()).first->second;
    }
    void text(std::string_view text) {
        word(text.size());
        words_ += text;
    }
    void word(std::uint64_t number) { words_.append(reinterpret_cast<const char*>(&number), sizeof number); }

    Course& course_;
    std::vector<Origin> origins_;  ///< of each text that is made
    std::vector<Id> group_of_;     ///< ... and where; nothing: of several
    std::map<Id, Id> group_of_entry_;
    std::string words_;
    std::map<Id, std::uint64_t> own_;
    Id group_ = 0;
    bool asks_others_ = false;
};

}  // namespace

void Course::arrange() {
    Arranging(*this).run();
    texts.resize(made);
}

void Course::drop_unasked() {
    std::vector<char> asked(made);
    bool dated = false;
    std::vector<CourseStep> kept;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        const bool reads = step->kind == Kind::read || step->kind == Kind::split;
        if (reads && asked[step->to] == 0) continue;
        each_operand(*this, *step, [&](const Operand& one) {
            if (one.of == Operand::Of::made) asked[one.number] = 1;
        });
        dated = dated || (step->kind != Kind::date && may_be_dated(*this, *step));
        kept.push_back(*step);
    }
    if (!dated) std::erase_if(kept, [](const CourseStep& step) { return step.kind == Kind::date; });
    steps.assign(kept.rbegin(), kept.rend());
}

void Course::ask_first(const CourseStep& step) {
    const bool known = step.kind == Kind::same_text || step.kind == Kind::same || step.kind == Kind::zero ||
                       step.kind == Kind::read_call || step.kind == Kind::condition;
    bool of_source = true;
    each_operand(*this, step, [&](const Operand& one) { of_source = of_source && one.of != Operand::Of::made; });
    if (!known || !of_source) return;
    const std::ptrdiff_t at = &step - steps.data();
    if (at < 0 || at >= std::ssize(steps)) return;  // it is early already
    early.push_back(step);
    steps.erase(steps.begin() + at);
}

void Course::ask_first(std::size_t group) {
    // What follows from no text comes before all that asks for it.
    if (group > 1)
        std::rotate(groups.begin() + 1, groups.begin() + static_cast<std::ptrdiff_t>(group),
                    groups.begin() + static_cast<std::ptrdiff_t>(group) + 1);
}

}  // namespace hansa::mapping::program
