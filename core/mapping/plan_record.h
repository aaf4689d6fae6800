// Takes down what a machine does for one document, so that it becomes a course (plan_course.h).
//
// The machine tells the recorder where each text comes from and what it asked of which; a text whose origin nobody
// told, or that changed since, makes no course. So what is forgotten costs speed and never an answer.
//
// Threads: one. Errors: none; why() says why there is no course.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "core/mapping/plan_course.h"
#include "core/schema/tape.h"

namespace hansa::mapping::program {

class Recorder {
public:
    /// The document stands at entry `base` of the tape.
    void begin(const schema::Tape& tape, std::uint32_t base, std::uint64_t hash);
    /// How full the machine's rooms are in front of a member of a long list, in the order of Room.
    using Rooms = std::array<std::size_t, 4>;
    /// ... which stands at entry `base`, in the document at `document`.
    void begin_member(const schema::Tape& tape, std::uint32_t base, std::uint64_t hash, std::uint32_t document,
                      const Rooms& around);
    bool of_member() const { return document_ != nothing; }
    /// Nothing: somebody gave up.
    std::unique_ptr<Course> end();
    void give_up(std::string_view why) {
        if (why_.empty()) why_ = why;
    }
    bool good() const { return why_.empty(); }
    std::string_view why() const { return why_; }
    Course& course() { return *course_; }
    std::uint32_t base() const { return base_; }

    // ---- where texts come from ----
    Operand entry(std::uint32_t number);
    /// `text` is copied.
    Operand fixed(std::string_view text, std::string_view list = {});
    Operand make() { return {Operand::Of::made, course_->made++}; }
    /// A number of the member's own; of documents it never changes.
    Operand place(MemberPlace which, std::string_view number) {
        return of_member() ? Operand{Operand::Of::place, which} : fixed(number);
    }
    /// What stands in a place of the machine's, by a number of its own in one of these lists.
    enum class Room : std::uint8_t { values, more_values, texts, more_texts };
    void came(Room room, std::size_t number, const Made& what, const Operand& from);
    Operand origin(Room room, std::size_t number, const Made& what);

    // ---- what is done and asked ----
    CourseStep& step(CourseStep::Kind kind, const Operand& a = {}, const Operand& b = {}, bool expect = true);
    /// A step that makes a text.
    Operand make_by(CourseStep::Kind kind, const Operand& a, const void* what);
    Operand split(const Operand& from);
    /// A question; one that was asked before is not asked again.
    void ask(CourseStep::Kind kind, const Operand& a, const Operand& b, bool answer) {
        ask(asking(kind, a, b, answer));
    }
    void ask(const CourseStep& step);
    void ask(CourseQuestion question);
    static CourseStep asking(CourseStep::Kind kind, const Operand& a, const Operand& b, bool answer);
    void ask_type(const Operand& a, const schema::SimpleType& type, bool answer);
    /// The texts are one value, whatever their lists.
    void ask_like(const Operand& a, const Operand& b);
    /// As same_value of the text alone.
    void ask_number(const Operand& a, const Operand& number, bool answer);
    void ask_same(const Operand& a, const Operand& b, bool answer);
    void ask_text(const Operand& a, std::string_view text, bool answer);
    Id call(CourseStep::Kind kind, CourseCall call, std::span<const Id> results);
    Id expression(Bound bound);

    // ---- bytes ----
    /// What was asked and written since `restart` first came is given up.
    void restart();
    void hole(std::size_t at, std::size_t end, const Operand& from, bool attribute);
    /// Bytes from `size` on are given up.
    void shorten(std::size_t size);
    /// The bytes of the document, whose first is number `begin`.
    void pieces(std::string_view bytes, std::size_t begin);
    /// The text that is filled in next.
    Operand filled;
    /// ... and those of notes about such, in the order of these.
    std::vector<Operand> filled_notes[2];  ///< of the document; of what stands around it

private:
    struct Known {
        Operand from;
        Made what;
    };
    struct Hole {
        std::size_t at = 0, end = 0;
        Operand from;
        bool attribute = false;
    };
    std::string_view keep(std::string_view text);

    std::unique_ptr<Course> course_;
    std::string_view why_;
    std::uint32_t base_ = 0, end_ = 0;
    std::uint32_t document_ = nothing;  ///< around a member
    Rooms around_{};
    std::vector<Known> known_[4];
    std::vector<Hole> holes_;
    std::size_t steps_before_emission_ = nothing;
};

}  // namespace hansa::mapping::program
