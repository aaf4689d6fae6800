// A plan carries messages of one format straight into another.
//
// Two tables meet in the pivot. What the source's rows can put there and the target's rows take from
// there is worked out once, with all selectors, orders, defaults and losses; what is left for a message
// is one walk over what was read of it. The result is the bytes that exchange::write_message gives and
// the entries of the same ledger. What the plan does not model makes a message *decline*: then the
// reference way does the whole of it, so that a plan is never wrong, only slower.
//
//     auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
//     PlanRun run(*plan);
//     run.begin(source_context, target_context);
//     if (run.message(tape) == Fast::done) send(run.bytes()); else by_reference(run.why());
//
// Two formats of one authority are not served: memory and annex bring back there what a plan does not keep.
//
// Threads: a Plan is immutable and shared; a PlanRun belongs to one thread and is used for message after message.
// Cost: compiling is linear in the rows of both tables and the paths of the source, some milliseconds.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/fast_conversion.h"
#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/schema/path_table.h"
#include "core/schema/tape.h"

namespace hansa::xml {
class LineIndex;
}

namespace hansa::mapping {

namespace program {
struct Program;
class Machine;
}  // namespace program

/// What one pair of tables may ask for.
struct PlanLimits {
    std::size_t rows_max = 100'000;
    std::size_t outputs_max = 200'000;  ///< elements of the output tree
};

struct PlanSource {
    std::shared_ptr<const Mapping> mapping;
    /// Of the mapping's grammar, with the inner path that its schema line names.
    std::shared_ptr<const schema::PathTable> paths;
    Settings settings;  ///< of the agency that sends
};

struct PlanTarget {
    std::shared_ptr<const Mapping> mapping;
    Settings settings;  ///< of the agency that receives
};

class Plan {
public:
    /// Errors: mapping.kind-differs
    ///         mapping.plan-unsupported  a row that a plan cannot hold, with its place; also a pair of one authority
    ///         mapping.plan-limit        more than `limits`
    static Result<std::shared_ptr<const Plan>> compile(const PlanSource& source, const PlanTarget& target,
                                                       const PlanLimits& limits, Diagnostics& faults);

    /// As plan_id() gives it.
    const std::string& id() const { return id_; }
    /// The output, place by place, with what feeds it; then what is lost.
    std::string explain() const;

    explicit Plan(std::shared_ptr<const program::Program> made, std::string id)
        : program_(std::move(made)), id_(std::move(id)) {}
    const std::shared_ptr<const program::Program>& made() const { return program_; }

private:
    std::shared_ptr<const program::Program> program_;
    std::string id_;
};

/// The path table of a mapping's format.
std::shared_ptr<const schema::PathTable> paths_of(const Mapping& mapping);

/// How many documents went the straight way (plan_course.h). What went wrong with learning is for people.
struct PlanCourses {
    std::uint64_t documents = 0;  ///< since the run was made
    std::uint64_t gone = 0;       ///< ... of which by a course, to its end
    std::uint64_t learned = 0;
    std::string_view not_learned;  ///< why the last document that was taken down made no course
};

class PlanRun {
public:
    explicit PlanRun(const Plan& plan);
    ~PlanRun();
    PlanRun(PlanRun&&) noexcept;
    PlanRun& operator=(PlanRun&&) noexcept;

    /// Before each message. The contexts' settings must be those of the plan.
    void begin(const Context& source, const Context& target);
    /// A valid message, read whole. The tape and the bytes behind it must live until the results are used.
    Fast message(const schema::Tape& tape);
    /// Documents of a shape (the same elements, whatever their texts) that is met for the `after`th time are taken
    /// down, and those after it go the same course; 0: never. Results are the same; usual: 2.
    void learn(std::uint32_t after);
    const PlanCourses& courses() const;
    /// Why the last message was declined: one of a fixed set of phrases.
    const std::string& why() const;

    std::size_t messages() const;
    std::string_view bytes(std::size_t message) const;
    std::span<const std::size_t> documents_of(std::size_t message) const;
    std::size_t documents() const;
    /// The entries that both halves of the reference would name, in its order.
    void ledger(Ledger& ledger, xml::LineIndex& lines) const;
    /// Rules marked `warn` that did not hold. Paths as the reference names them.
    const std::vector<Error>& warnings() const;

private:
    std::unique_ptr<program::Machine> machine_;
};

}  // namespace hansa::mapping
