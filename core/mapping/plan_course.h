// A course: what a plan did for one document, as a straight line that is gone again for the next of its kind.
//
// Documents of one sender look alike: the same elements, other texts. Which elements there are is a
// document's *shape*. All that a plan does follows from the shape and from what it asks of some texts ("is this
// 142?", "are these two the same?"). So the machine takes down, for a document of a shape, in their order: the
// conversions, the questions with their answers, the bytes between the values, the notes of the ledger. Another
// document of the shape goes the same course: each conversion is run, each question must have the same answer, and
// the texts are put between the bytes. Where an answer differs or a conversion declines, nothing of it counts, and
// the machine does the document. What the recorder does not know how to ask again makes no course.
//
// Nearly all steps follow from one text each. They are gone together, a text at a time, and what they made of a text
// that is written again and again is known (plan_known.h).
//
// Threads: a course is made by one run and belongs to it. Lifetimes: points into the program, which outlives it.
// Cost: a step 20 instructions beside its conversion; taking down doubles the price of one document.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_known.h"
#include "core/mapping/plan_list.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_program.h"
#include "core/schema/tape.h"

namespace hansa::mapping::program {

/// Where a step finds a text: an entry of the document (its number within it), a text that a step made, or a fixed one.
/// Of a member of a long list (plan_members.cpp) entries are its own, and there are texts of the document around it.
struct Operand {
    enum class Of : std::uint8_t {
        nowhere,
        entry,
        made,
        fixed,
        around,      ///< an entry of the document, by its number within it
        held_value,  ///< what the document has put there, by the number of the machine's room
        held_text,
        place,  ///< which of the member's own numbers (MemberPlace)
    };
    Of of = Of::nowhere;
    Id number = nothing;
    /// Another document, or member, may have another text there.
    bool changes() const { return of != Of::nowhere && of != Of::fixed; }
    friend bool operator==(const Operand&, const Operand&) = default;
};

/// Numbers of a member, as texts.
enum MemberPlace : Id {
    place_in_source,  ///< among the members that say something
    place_in_output,  ///< among those that the target takes
    place_written,    ///< among those that stand in the bytes
    member_places
};

/// An expression whose places are found: the same value as Machine::evaluate.
struct Bound {
    enum class Kind : std::uint8_t {
        none,   ///< no value
        text,   ///< an operand; nothing where it says nothing
        pivot,  ///< an operand with its list; nothing where it is empty
        exact,  ///< an operand, whatever it says
        fold,   ///< sum, min, max: over `parts` and what they hold
        many,   ///< of fold: `operands`
        other,  ///< calls and signs over `parts`
    };
    Kind kind = Kind::none;
    const Expression* expression = nullptr;
    Operand operand;
    std::vector<Operand> operands;
    std::vector<Bound> parts;
    friend bool operator==(const Bound&, const Bound&) = default;

    bool is_nothing() const {
        if (kind == Kind::none) return true;
        if (kind != Kind::other || expression->kind != Expression::Kind::binary) return false;
        return std::any_of(parts.begin(), parts.end(), [](const Bound& part) { return part.is_nothing(); });
    }
};

/// A conversion of several texts or values, or one without a twin.
struct CourseCall {
    const FastConversion* fast = nullptr;
    const Conversion* slow = nullptr;
    const WriteRow* row = nullptr;  ///< of slow writing: its terms
    Id left = 0, takes = 0;         ///< ... which of them
    struct Argument {
        Operand operand;
        Id slot = 0;
    };
    std::vector<Argument> arguments;
    std::vector<Id> results;            ///< the slot of each
    std::vector<ConversionNote> notes;  ///< of a slow one: what it says each time
    std::string refusal;                ///< why it is refused
    std::vector<std::string> refused;   ///< some arguments that were
    Id to = nothing;                    ///< where the first result goes; the others follow
};

struct CourseStep {
    enum class Kind : std::uint8_t {
        fused,       ///< the entry `a` through `fused`
        read,        ///< `a` through `fast` to the pivot
        write,       ///< `a` through `fast` to a text
        read_call,   ///< `call`
        write_call,  ///< `call`
        refusal,     ///< `call` is refused, in the same words
        split,       ///< `a` without the list in front of it, where it has none
        fit,         ///< does the pivot take `a`?
        same,        ///< are `a` and `b` one value, lists included?
        same_text,   ///< are the texts of `a` and `b` equal, byte for byte?
        like,        ///< same_value of their texts with lists
        zero,        ///< is `a` the number nought?
        guard,       ///< a scheme of `guard`: `a` the scheme, `b` the number
        scheme,      ///< the scheme of a number, or none
        foreign,     ///< does the list of `a` name an authority that is not the target's own?
        condition,   ///< `when`
        value,       ///< an expression's value, its list in front split off but in the target; expect: there is one
        type,        ///< is `a` a value of `type`?
        check,       ///< do the expressions `first` and `to` keep the order? `b`: number of the warning, if not
        date,        ///< the document's day, by `call`
        question,    ///< `first`: of who asks for places
        uuid5,       ///< of the message's digest
        received,    ///< the time of receipt
    };
    Kind kind = Kind::fused;
    bool expect = true;  ///< the answer of a question
    bool flag = false;   ///< of expressions: of the target; of like: lists do not count
    Operand a, b;
    Id to = nothing;     ///< the text that is made
    Id first = nothing;  ///< of expressions, or of calls
    union {
        const void* none = nullptr;
        const FusedConversion* fused;
        const FastConversion* fast;
        const FieldFit* fit;
        const Guard* guard;
        const SchemeTable* schemes;
        const Condition* condition;
        const schema::SimpleType* type;
        const ReadCheck* read_check;
        const Row* write_check;
        const Filling* filling;
    };
};

/// Bytes, then a text. The last one has no text.
struct CoursePiece {
    Literals::Piece before;
    Operand text;
    bool attribute = false;
    bool empty = false;  ///< the text is: another document's must be too
};

/// A place on the way to what a warning is about, from the inside out.
struct WarnedPlace {
    schema::PathIndex path = schema::no_path, above = schema::no_path;
    std::uint32_t ordinal = 0;
};

/// Where a rule is warned of, should it not hold.
struct CourseWarning {
    Id group = nothing;
    std::vector<WarnedPlace> places;  ///< the last is the document's own
    std::string path;                 ///< of a rule of the target
};

/// What a code list said of some codes.
struct CourseMemo {
    static constexpr std::size_t most = 32, longest = 64;
    struct One {
        std::string asked;  ///< the document's day, then the code
        std::optional<std::string> answer;
    };
    std::vector<One> known;
};

struct CourseNote {
    LossKind kind = LossKind::dropped;
    const std::string* reason = nullptr;
    const std::string* row = nullptr;
    Id entry = nothing;  ///< of the source, within the document; or a filled place:
    const OutNode* node = nullptr;
    std::string_view attribute;
    Id value = nothing;  ///< ... whose text is among the document's
    schema::PathIndex path = schema::no_path;
    Id first = 0, count = 0;  ///< of `places`
    Id document = nothing;    ///< which of them is the document's own
    Id member = nothing;      ///< ... and which the member's
};

/// What a member of a long list does beside its bytes: for those that come after the first.
struct CourseMember {
    std::uint32_t state = 0;                 ///< how the document stood; it stands so afterwards too
    std::array<std::vector<Bound>, 2> sums;  ///< as ListSum has them: before and behind what is filled in
    struct Fed {
        std::uint64_t taken = 0, left = 0;
        bool more = false;
    };
    std::vector<Fed> fed;
    bool counted = false;  ///< the target has a place for it
    std::uint32_t emitted = 0;
    std::vector<Id> seen;  ///< name spaces
    std::uint64_t seen_attributes = 0;
    bool seen_without = false;
    /// How many notes each part of the ledger has.
    std::array<Id, list_parts> own{}, first{};
};

/// A question of who asks for places (pivot_places.h): it must have the same answer.
struct CourseQuestion {
    std::size_t number = 0;  ///< the asker's own
    std::uint32_t answer = 0;
    bool lasting = true;  ///< it follows from the values alone
    struct Values {
        std::size_t place = 0;
        Id first = 0, count = 0;  ///< of `operands`
        bool counted = false;     ///< only how many there are: there are no operands
        bool told = true;
    };
    std::vector<Values> places;
    std::vector<Operand> operands;
    /// What is quicker to ask: as long as the sum stands so to nought, the answer is the same. No terms: there is none.
    struct Sum {
        struct Term {
            Operand of;
            bool minus = false;
        };
        std::vector<Term> terms;
        SmallNumber start;
        bool below = false, equal = false, above = false;
    };
    Sum sum;
};

/// Steps that follow from one text of the document alone, or from none.
struct CourseGroup {
    Id entry = nothing;            ///< the text's; nothing: from none
    std::uint32_t size = nothing;  ///< of the text that the course's texts are of now; nothing: of none that is known
    char text[TextKey::text_max];  ///< ... and the text
    bool dated = false;            ///< a result depends on the document's day too
    std::uint64_t asked_by = 0;    ///< which of the course's questions of several texts follow from it: a bit each
    std::vector<CourseStep> steps;
    std::vector<Id> gives;              ///< texts that they make and others ask for
    std::shared_ptr<KnownTexts> known;  ///< what they made of texts before; nothing: not kept
    std::string kind;                   ///< until it has `known`: what tells it from others

    bool is_of(std::string_view other) const {
        return other.size() == size && same_short(text, other.data(), other.size());
    }
    void is_now_of(std::string_view other) {
        size = static_cast<std::uint32_t>(other.size());
        copy_short(text, other.data(), other.size());
    }
};

struct Course {
    std::uint64_t hash = 0;                      ///< of the whole shape
    std::uint32_t sample = 0;                    ///< of a part of it, to look among few courses
    std::shared_ptr<const schema::Shape> shape;  ///< courses of one shape hold the same one
    std::vector<CourseStep> early;               ///< the document's day, and what is better asked before all else
    std::vector<CourseGroup> groups;
    std::uint32_t edition = 0;        ///< of the results that `groups` are of
    DayKey day;                       ///< ... and the document's day
    std::vector<CourseStep> several;  ///< questions of several texts that are the same again with them, up to 64
    std::uint64_t unsettled = 0;      ///< which of them must be asked, since a text has changed: a bit each
    std::vector<CourseStep> steps;    ///< what else follows from several texts, or is not the same each time
    std::vector<Made> texts;          ///< that steps make
    std::vector<CourseCall> calls;
    std::vector<CourseQuestion> questions;
    std::vector<Bound> expressions;
    std::vector<CourseMemo> memos;  ///< of each expression
    std::vector<CourseWarning> warnings;
    std::vector<Made> fixed;  ///< views into `strings` and the program
    std::deque<std::string> strings;
    Id made = 0;  ///< texts that its steps make
    std::vector<CoursePiece> pieces;
    Literals literals;
    std::size_t bytes = 0;                        ///< of the literals
    std::size_t bytes_written = 0;                ///< of the document that was taken down
    std::vector<CourseNote> first, notes, tails;  ///< as the machine keeps them apart
    std::vector<Operand> values;                  ///< of notes: texts that are none of the source
    std::vector<std::uint32_t> places;
    std::size_t spelling = nothing;      ///< of a message that holds several documents
    std::optional<CourseMember> member;  ///< of a course of members
    std::uint32_t gone = 0, left = 0;    ///< how often it led to the end, and how often not
    std::uint64_t last_used = 0;

    /// Sorts the steps that were taken down, by what they follow from.
    void arrange();
    /// Before that, where only questions count: what was read and none of them asks for goes. A text that one
    /// conversion reads makes one value or a fault, and of faults nobody asks; so it matters to no count either.
    void drop_unasked();
    /// What a document failed comes first from now on, where it asks the source only: what tells documents of
    /// one shape apart is asked before anything is made of them.
    void ask_first(const CourseStep& step);
    void ask_first(std::size_t group);

    std::size_t bytes_held() const {
        return sizeof(Course) + shape->size() * sizeof(shape->front()) + steps.size() * sizeof(CourseStep) +
               made * (sizeof(Made) + sizeof(CourseStep)) + groups.size() * sizeof(CourseGroup) +
               pieces.size() * sizeof(CoursePiece) + (notes.size() + first.size() + tails.size()) * sizeof(CourseNote) +
               bytes + expressions.size() * sizeof(Bound) + questions.size() * sizeof(CourseQuestion);
    }
};

/// What tells most shapes apart at a glance.
inline std::uint32_t sample_of(std::span<const schema::Entry> entries) {
    const std::size_t size = entries.size();
    std::uint32_t sample = static_cast<std::uint32_t>(size);
    constexpr std::size_t parts = 8;
    for (std::size_t i = 1; i < parts; ++i) sample = sample * 31 + entries[size * i / parts].path;
    return sample;
}

/// What an entry adds to a shape.
inline std::uint32_t shape_of(const schema::Entry& entry) {
    return entry.path << 1 | (entry.size != 0 ? 1U : 0U);
}

/// Longer documents are left to the machine: their likes are few.
constexpr std::uint32_t course_entries_max = 16'384;

/// Says nothing, but is there: such a document has no shape.
bool is_blank(const schema::Entry& one);
/// Of what the texts of a document do not change. Nothing: a document without a shape.
std::optional<std::uint64_t> hash_of(std::span<const schema::Entry> entries);
bool has_shape(const schema::Shape& shape, std::span<const schema::Entry> entries);

}  // namespace hansa::mapping::program
