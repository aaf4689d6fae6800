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
//     if (run.message(tape) == Fast::done) send(run.bytes(0)); else by_reference(run.why());
//
// A message need not be there as a whole: its documents are independent of each other, so the reader is told to stop
// behind each (Plan::cut), and what the plan made of it is taken away before the next one is read. Memory then holds
// one document, however many there are. Nothing of it counts before the message has ended and is valid.
//
//     reader.open(bytes, {&cut, 1}, faults);
//     run.begin(source_context, target_context);
//     for (;;) {
//         auto step = reader.next();
//         if (!step) return refuse(step.error());
//         const bool ends = *step == schema::ReadStep::end;
//         if (run.part(reader.tape(), ends ? PlanEnd::message : PlanEnd::none) == Fast::declined) return
//         by_reference(); stage(run);           // messages that are finished, documents that wait, losses, warnings if
//         (ends) break; run.drop(&reader.tape());
//     }
//
// A document may itself be too long to be there as a whole, where it is one long list (Plan::list). It is read twice:
// see PlanRun::open_document.
//
// Two formats of one authority are not served: memory and annex bring back there what a plan does not keep.
//
// Threads: a Plan is immutable and shared; a PlanRun belongs to one thread and is used for message after message.
// Cost: compiling is linear in the rows of both tables and the paths of the source, some milliseconds.
#pragma once

#include <array>
#include <cstdint>
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

    /// The path behind whose elements a message of the source may be cut (PlanRun::part); no_path: it is one document,
    /// or one whose documents are told from others by what stands in them.
    schema::PathIndex cut() const;
    /// The path of the members of a document's longest list, where they can be carried over one by one; else no_path.
    schema::PathIndex list() const;

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
    std::uint64_t members_gone = 0, members_learned = 0;  ///< the same of members of long lists
    std::string_view not_learned;                         ///< why the last document that was taken down made no course
    std::string_view not_by_members;  ///< why the last document with a long list was carried over as a whole
};

/// Documents of the source message, by their numbers from 0; with choose(), among those chosen.
struct PlanDocuments {
    std::size_t first = 0, count = 0;
    friend bool operator==(const PlanDocuments&, const PlanDocuments&) = default;
};

/// How a part ends.
enum class PlanEnd : std::uint8_t {
    none,  ///< behind a document: the tape goes on
    tape,  ///< with its tape: the message goes on with another one (a batch of several)
    message,
};

/// Entries of a ledger, by kind.
using LossCounts = std::array<std::uint64_t, loss_kinds>;

/// The ledger of a part, divided by document. That of the message: `read` of all parts, then what each document has,
/// with `around` of its tape between `own` and `tail`.
struct PartLosses {
    struct Document {
        std::vector<LossEntry> own, tail;
    };
    std::vector<LossEntry> read;  ///< what reading dropped
    std::vector<LossEntry> tail;  ///< where the part has no document: still of the last one before it
    std::vector<Document> documents;
    std::vector<LossEntry> around;  ///< at the end of a tape: about what stands around its documents
};

/// The same, each as it stands in the JSON of a ledger, for one that nobody looks at before it is kept. That of the
/// message: `read` of all parts, then `written` of all parts.
struct PartToldLosses {
    ToldLosses read, written;
};

/// What a document that is carried over member by member has to tell: in each part what stands in front of the members,
/// then theirs, then what stands behind them. Its ledger: `read` part by part, then `own`, then `tail`.
struct ListLosses {
    struct Part {
        std::vector<LossEntry> before, behind;
    };
    static constexpr std::size_t parts = 8;
    std::array<Part, parts> read, own;
    std::vector<LossEntry> tail;
    std::vector<Error> warned_before, warned_behind, written;
};
/// The same of one member.
struct MemberLosses {
    std::array<std::vector<LossEntry>, ListLosses::parts> read, own;
    std::vector<Error> warned;
};

enum class ListEnd : std::uint8_t {
    done,
    again,  ///< the members need other prefixes than was thought: begin_list() and all members once more
    declined,
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
    /// A message in parts. The tape holds whole documents behind those that were dropped; at PlanEnd::none it may have
    /// open elements around them. Results are those of the part, and live until drop() or begin().
    Fast part(const schema::Tape& tape, PlanEnd end);
    /// Gives up the results of a part, and of a tape that goes on the documents that were done.
    void drop(schema::Tape* tape = nullptr);
    // ---- a document member by member ----
    //
    // First reading, which stops behind each member of Plan::list:
    //     run.open_document(tape, document);                     // its entry; what stood in front of it is read here
    //     for each member: run.add_up(tape, member); tape.truncate(member);
    // Then, with the tape of the first reading, whose document has ended:
    //     run.begin_list(tape, place);                           // where the members stood
    // Second reading, by a reader of its own:
    //     for each member: run.member(tape, member); take run.member_bytes(), member_losses(); tape.truncate(member);
    // And once more with the first tape:
    //     run.end_list(tape);                                    // results are those of a part; list_losses()
    // The members' bytes belong into the document's bytes at list_hole(). After drop() the message goes on with part(),
    // or ends with close(). Whatever declines here the reference does, as ever; all members alive at once are never
    // needed.

    Fast open_document(const schema::Tape& tape, std::uint32_t document);
    Fast add_up(const schema::Tape& tape, std::uint32_t member);
    Fast begin_list(const schema::Tape& tape, std::uint32_t place);
    Fast member(const schema::Tape& tape, std::uint32_t member);
    ListEnd end_list(const schema::Tape& tape);
    /// Where the document was the whole tape: ends it.
    Fast close(PlanEnd end);
    std::string_view member_bytes() const;
    /// In bytes(0), or in waiting() where the message takes any number of documents.
    std::size_t list_hole() const;
    void member_losses(MemberLosses& losses, xml::LineIndex& lines) const;
    void list_losses(ListLosses& losses, xml::LineIndex& lines) const;
    /// Adds how many the member has.
    void count_member_losses(LossCounts& counts) const;

    /// After begin(): only the documents that are true are done, by their numbers in the message.
    void choose(std::vector<bool> documents);
    /// Documents of a shape (the same elements, whatever their texts) that is met for the `after`th time are taken
    /// down, and those after it go the same course; 0: never. Results are the same; usual: 2.
    void learn(std::uint32_t after);
    /// Documents whose longest list has so many members are carried over member by member, where they have no course
    /// of their own; with `first`, those that have one too. Results are the same; usual: 8, not first.
    void go_by_members(std::size_t least, bool first = false);
    const PlanCourses& courses() const;
    /// Why the last message was declined: one of a fixed set of phrases.
    const std::string& why() const;

    std::size_t messages() const;
    std::string_view bytes(std::size_t message) const;
    PlanDocuments documents_of(std::size_t message) const;
    /// Documents that were done since begin().
    std::size_t documents() const;
    /// Of a message that takes any number of documents: bytes of those of this part, while it is not finished. They
    /// belong to `hole` of the message that is finished later, in order, in front of what stands there.
    std::string_view waiting() const;
    std::size_t hole(std::size_t message) const;
    /// The entries that both halves of the reference would name, in its order.
    void ledger(Ledger& ledger, xml::LineIndex& lines) const;
    /// The same of a part, divided.
    void losses(PartLosses& losses, xml::LineIndex& lines) const;
    /// The same, added to `losses` in words: a third of the cost.
    void tell_losses(PartToldLosses& losses, xml::LineIndex& lines) const;
    /// Adds how many those of a part are. Cost: without making them.
    void count_losses(LossCounts& counts) const;
    /// Adds the warnings of a part: a message has those of reading before those of writing.
    void warnings(std::vector<Error>& read, std::vector<Error>& written) const;
    /// Rules marked `warn` that did not hold. Paths as the reference names them.
    const std::vector<Error>& warnings() const;

private:
    std::unique_ptr<program::Machine> machine_;
};

}  // namespace hansa::mapping
