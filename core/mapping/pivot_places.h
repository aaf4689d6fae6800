// Values of chosen places of the pivot documents of a message, without the documents.
//
// Who asks a few dozen fields of each document (numbered rules, for one) needs no tree of nodes. The reading half of a
// plan is cut down to the rows that feed these places, and run over the compiled reader's tape.
//
//     auto places = PivotPlaces::compile(mapping, paths, settings, {}, asked);      // once
//     PivotPlacesRun run(*places);
//     run.begin(context);
//     if (run.part(tape, [&] { return use(run); }) == Fast::declined) by_reference(run.why());
//
// Documents of one sender look alike, and most answers that are made of their values are the same again. Who tells
// which question had which answer (answered()), and that `use` follows from these alone, is asked no more than these
// questions of the next document of the same elements, as long as they have the same answers: a course, as plans have
// it.
//
// They give what read() would put there, for messages that read() takes without a fault; in no certain order. What
// cannot be told (members that are values, a key of which there may be several) is said to be so, place by place.
//
// Threads: PivotPlaces is immutable and shared; a run belongs to one thread, message after message.
// Cost: compiling as the reading half of a plan, some milliseconds; a document some thousand instructions.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/fast_conversion.h"
#include "core/mapping/mapping.h"
#include "core/mapping/model.h"
#include "core/mapping/plan_number.h"
#include "core/schema/path_table.h"
#include "core/schema/tape.h"

namespace hansa::mapping {

namespace program {
struct AskedProgram;
class Machine;
}  // namespace program

/// A place whose steps know their fields (PivotStep::field), as rules look theirs up.
struct AskedPlace {
    static constexpr std::size_t document = std::numeric_limits<std::size_t>::max();
    const PivotTerm* place = nullptr;
    std::size_t members = document;  ///< where it starts, unless it says "from the document": a number of `members`
};

/// What stands there; of a class: that it stands (no text). Good until the document ends.
struct PlaceValue {
    std::string_view text, list;
};

class PivotPlaces {
public:
    /// `paths` are those of the tapes to come; settings are the sender's. Terms need not live on.
    /// Errors: mapping.plan-unsupported  a row of the table that no plan holds, with its place
    static Result<std::shared_ptr<const PivotPlaces>> compile(std::shared_ptr<const Mapping> mapping,
                                                              std::shared_ptr<const schema::PathTable> paths,
                                                              const Settings& settings,
                                                              std::span<const PivotTerm* const> members,
                                                              std::span<const AskedPlace> places);

    /// Why nothing can be told of a place, or of these members; empty: it can.
    const std::string& untold(std::size_t place) const;
    const std::string& untold_members(std::size_t members) const;

    explicit PivotPlaces(std::shared_ptr<const program::AskedProgram> made) : program_(std::move(made)) {}
    const std::shared_ptr<const program::AskedProgram>& made() const { return program_; }

private:
    std::shared_ptr<const program::AskedProgram> program_;
};

/// Who makes answers of values, and makes them again.
class PlaceQuestions {
public:
    virtual ~PlaceQuestions() = default;
    /// What values() of the question's places say now.
    virtual std::uint32_t answer(std::size_t question) = 0;
};

/// A test of numbers that is quicker to make than its question: the sum of what some places say, compared with nought.
struct PlaceSum {
    struct Term {
        std::size_t place = 0;
        bool minus = false;
        bool one = false;  ///< the place must have one value; else all that it has are added, if any
    };
    std::vector<Term> terms;
    program::SmallNumber start;                        ///< what is added to them
    bool below = false, equal = false, above = false;  ///< where it may stand
};

/// A question of the asker's, inside of `use`.
struct AnsweredQuestion {
    std::size_t question = 0;             ///< by the asker's own numbers
    std::span<const std::size_t> places;  ///< of all values that the answer follows from
    std::uint32_t answer = 0;
    std::span<const std::size_t> counted = {};  ///< places of which it matters only how many values they have
    /// False: it follows from something beside them, too, and is asked in each document.
    bool lasting = true;
    /// Of one place: it follows from the answers that each of its values alone would give, which are asked one by one.
    bool each = false;
    /// Where it holds, of the places or (each) of one value, this is the answer. Must live until answered() returns.
    const PlaceSum* sum = nullptr;
};

struct PlanCourses;

class PivotPlacesRun {
public:
    explicit PivotPlacesRun(const PivotPlaces& places);
    ~PivotPlacesRun();
    PivotPlacesRun(PivotPlacesRun&&) noexcept;
    PivotPlacesRun& operator=(PivotPlacesRun&&) noexcept;

    /// From the `after`th document of a shape on, `use` is called only where an answer is not the one of a document
    /// before for which it said true. What it says must follow from the answers that it tells. `questions` must outlive
    /// the run.
    void learn(PlaceQuestions& questions, std::uint32_t after = 2);
    const PlanCourses& courses() const;

    /// Before each message. The context's settings must be those of the places.
    void begin(const Context& source);
    /// After begin(): only the documents that are true are read, by their numbers in the message.
    void choose(std::vector<bool> documents);
    /// A valid message, or one of a batch. `use` is called for each document; once it says false, no more are read.
    Fast part(const schema::Tape& tape, const std::function<bool()>& use);
    /// Why the last part was declined: one of a fixed set of phrases.
    const std::string& why() const;

    // ---- inside of `use`, and of a question that is asked again ----

    /// False: it cannot be told. What was in `out` is gone.
    bool values(std::size_t place, std::vector<PlaceValue>& out);
    /// The same where they stand, good until the next call with this room.
    bool view(std::size_t place, std::vector<PlaceValue>& room, std::span<const PlaceValue>& out);
    bool count(std::size_t place, std::vector<PlaceValue>& room, std::size_t& out);
    /// Calls use() inside of each of the members, until it says false. False: they cannot be told.
    bool each_member(std::size_t members, const std::function<bool()>& use);
    void answered(const AnsweredQuestion& said);

private:
    std::shared_ptr<const program::AskedProgram> program_;
    std::unique_ptr<program::Machine> machine_;
};

}  // namespace hansa::mapping
