#include "core/mapping/plan.h"

#include "core/mapping/codes.h"
#include "core/mapping/plan_fuse.h"
#include "core/mapping/plan_machine.h"
#include "core/mapping/plan_source.h"
#include "core/mapping/plan_standing.h"
#include "core/mapping/plan_target.h"

namespace hansa::mapping {
namespace {

using program::Id;
using program::nothing;
using program::Place;
using program::Program;
using program::TemplateNode;

/// What the pivot's rules demand of a class that stands, and a document may leave out: a code of function, a number of
/// the item. What a table never says is the table's fault, and lists that must have a member have one by their schemas.
void demanded(const TemplateNode& node, Program& made) {
    for (const pivot::Field& known : node.field->children) {
        if (known.least == 0) continue;
        Program::Together rule{.group = node.group, .there = {}, .must = {}, .always = !node.parent};
        if (node.parent) rule.there = standing_of(node, made.source.groups);
        bool open = true;
        for (const auto& child : node.children) {
            if (child->name != known.name) continue;
            open = open && !child->constant && child->group == node.group;
            const program::Standing one = standing_of(*child, made.source.groups);
            rule.must.here.insert(rule.must.here.end(), one.here.begin(), one.here.end());
            rule.must.inside.insert(rule.must.inside.end(), one.inside.begin(), one.inside.end());
        }
        if (open && !rule.must.empty()) made.together.push_back(std::move(rule));
    }
}

/// What the pivot's rules demand of places that stand side by side.
void together(const TemplateNode& node, Program& made) {
    const bool field = node.field && !node.field->is_group();
    if (node.field && node.field->is_group()) demanded(node, made);
    Program::Together rule{.group = node.group, .there = {}, .must = {}};
    if (field && !node.constant) {
        for (const program::PivotAttribute& one : node.attributes) {
            if (one.place.number != nothing) rule.there.here.push_back(one.place);
        }
        if (node.place.number != nothing) rule.must.here.push_back(node.place);
        if (!rule.there.empty()) made.together.push_back(rule);
    }
    if (node.index > 1) {
        rule.there = standing_of(node, made.source.groups);
        rule.must = {};
        for (const auto& other : node.parent->children) {
            if (other->name == node.name && other->index + 1 == node.index)
                rule.must = standing_of(*other, made.source.groups);
        }
        made.together.push_back(rule);
    }
    for (const auto& child : node.children) together(*child, made);
}

/// Leaves that a selector of the target may say without that a row takes them.
void keyed_leaves(Program& made) {
    const auto mark = [&](std::vector<program::LeafStep>& steps) {
        for (program::LeafStep& step : steps) {
            for (const program::Put& put : step.fed) {
                for (const program::KeyPlace& key : made.target.keys) step.keyed = step.keyed || key.place == put.place;
            }
        }
    };
    for (auto& pass : made.source.leaves) {
        for (auto& group : pass) mark(group);
    }
    for (program::ReadChain& chain : made.source.chains) {
        for (auto& leaves : chain.leaves) mark(leaves);
    }
}

bool busy(const Program& made, const program::WriteSteps& steps, std::size_t turn) {
    using Kind = program::WriteStep::Kind;
    for (const program::WriteStep& step : steps) {
        switch (step.kind) {
            case Kind::loop: {
                const auto& loop = made.target.loops[step.number];
                if (loop.turn == turn || busy(made, made.target.bodies[loop.body].steps[turn], turn)) return true;
                break;
            }
            case Kind::member:
                if (made.target.members[step.number].turn == turn ||
                    busy(made, made.target.members[step.number].steps[turn], turn))
                    return true;
                break;
            case Kind::select:
                if (busy(made, made.target.selects[step.number].steps[turn], turn)) return true;
                break;
            case Kind::choose:
                if (turn == 1) return true;
                for (const auto& one : made.target.chains[step.number].cases) {
                    if (busy(made, one.steps[turn], turn)) return true;
                }
                break;
            default:
                return true;
        }
    }
    return false;
}

}  // namespace

std::shared_ptr<const schema::PathTable> paths_of(const Mapping& mapping) {
    const MappingHead& head = mapping.model().head;
    return std::make_shared<const schema::PathTable>(schema::PathTable::of(mapping.grammar(), head.schema_root));
}

Result<std::shared_ptr<const Plan>> Plan::compile(const PlanSource& source, const PlanTarget& target,
                                                  const PlanLimits& limits, Diagnostics& faults) {
    const auto fail = [&](Error error) {
        faults.add(error);
        return error;
    };
    if (source.mapping->kind() != target.mapping->kind())
        return fail({codes::kind_differs,
                     source.mapping->format() + " and " + target.mapping->format() + " are of different kinds"});
    if (source.mapping->authority() == target.mapping->authority())
        return fail({codes::plan_unsupported, "both formats are of '" + source.mapping->authority() + "'"});
    // Types are compared as texts there, and as values here: of numbers "1" and "01" would be one.
    const auto is_number = [](const std::string& value) { return value.find_first_of("0123456789") == 0; };
    for (const OnlyOf& one : target.mapping->model().only) {
        if (std::any_of(one.condition.values.begin(), one.condition.values.end(), is_number))
            return fail({codes::plan_unsupported, target.mapping->format() + ": a type of document that is a number"});
    }
    auto made = std::make_shared<Program>();
    made->source_mapping = source.mapping;
    made->target_mapping = target.mapping;
    made->paths = source.paths;
    made->source_settings = source.settings;
    made->target_settings = target.settings;
    auto in = program::compile_source(*source.mapping, *source.paths, source.settings);
    if (!in) return fail(in.error());
    made->source = std::move(*in);
    auto to = program::compile_target(*target.mapping, made->source, target.settings);
    if (!to) return fail(to.error());
    made->target = std::move(*to);
    if (made->source.rows.size() + made->target.rows.size() > limits.rows_max ||
        made->target.nodes.size() > limits.outputs_max)
        return fail({codes::plan_limit, std::to_string(made->target.nodes.size()) + " elements in the output"});
    if (made->target.unique)
        return fail({codes::plan_unsupported, target.mapping->format() + ": values that must differ from each other"});
    // Prefixes are bits of a mask, and one message of several documents has one spelling.
    constexpr std::size_t name_spaces_max = 60;
    if (made->target.name_spaces.size() > name_spaces_max ||
        (target.mapping->capacity() != 1 && made->target.name_spaces.size() > 2))
        return fail({codes::plan_unsupported,
                     target.mapping->format() + ": several documents in one message with several name spaces"});
    keyed_leaves(*made);
    program::fuse(made->source, made->target);
    const schema::PathTable& paths = *source.paths;
    made->list_depth.resize(paths.size());
    for (schema::PathIndex i = 1; i < paths.size(); ++i) {
        const bool place = paths[i].attribute == nullptr && paths[i].most != 1;
        made->list_depth[i] = made->list_depth[paths[i].parent] + (place ? 1U : 0U);
    }
    together(*made->source.root, *made);
    made->together_of.resize(made->source.groups.size());
    for (Id i = 0; i < made->together.size(); ++i) made->together_of[made->together[i].group].push_back(i);
    made->busy.resize(made->target.bodies.size() * program::turns);
    for (Id body = 0; body < made->target.bodies.size(); ++body) {
        for (std::size_t turn = 0; turn < program::turns; ++turn)
            made->busy[body * program::turns + turn] = busy(*made, made->target.bodies[body].steps[turn], turn) ? 1 : 0;
    }
    made->list = program::list_of({made->source, made->target, paths});
    return std::make_shared<const Plan>(std::move(made),
                                        plan_id(*source.mapping, *target.mapping, source.settings, target.settings));
}

schema::PathIndex Plan::cut() const {
    return program::document_cut(program_->source, *program_->paths);
}

schema::PathIndex Plan::list() const {
    return program_->list.path;
}

PlanRun::PlanRun(const Plan& plan) : machine_(std::make_unique<program::Machine>(plan.made())) {}
PlanRun::~PlanRun() = default;
PlanRun::PlanRun(PlanRun&&) noexcept = default;
PlanRun& PlanRun::operator=(PlanRun&&) noexcept = default;

void PlanRun::begin(const Context& source, const Context& target) {
    machine_->begin(source, target);
}

Fast PlanRun::message(const schema::Tape& tape) {
    return machine_->message(tape) ? Fast::done : Fast::declined;
}

Fast PlanRun::part(const schema::Tape& tape, PlanEnd end) {
    return machine_->part(tape, end) ? Fast::done : Fast::declined;
}

Fast PlanRun::open_document(const schema::Tape& tape, std::uint32_t document) {
    return machine_->open_document(tape, document) ? Fast::done : Fast::declined;
}

Fast PlanRun::add_up(const schema::Tape& tape, std::uint32_t member) {
    return machine_->add_up(tape, member) ? Fast::done : Fast::declined;
}

Fast PlanRun::begin_list(const schema::Tape& tape, std::uint32_t place) {
    return machine_->begin_list(tape, place) ? Fast::done : Fast::declined;
}

Fast PlanRun::member(const schema::Tape& tape, std::uint32_t member) {
    return machine_->list_member(tape, member) ? Fast::done : Fast::declined;
}

ListEnd PlanRun::end_list(const schema::Tape& tape) {
    return machine_->end_list(tape);
}

Fast PlanRun::close(PlanEnd end) {
    return machine_->close(end) ? Fast::done : Fast::declined;
}

std::string_view PlanRun::member_bytes() const {
    return machine_->member_bytes();
}

std::size_t PlanRun::list_hole() const {
    return machine_->list_hole();
}

void PlanRun::member_losses(MemberLosses& losses, xml::LineIndex& lines) const {
    machine_->member_losses(losses, lines);
}

void PlanRun::list_losses(ListLosses& losses, xml::LineIndex& lines) const {
    machine_->list_losses(losses, lines);
}

void PlanRun::count_member_losses(LossCounts& counts) const {
    machine_->count_member_losses(counts);
}

void PlanRun::drop(schema::Tape* tape) {
    machine_->drop(tape);
}

void PlanRun::choose(std::vector<bool> documents) {
    machine_->choose(std::move(documents));
}

void PlanRun::tell_losses(PartToldLosses& losses, xml::LineIndex& lines) const {
    machine_->tell_losses(losses, lines);
}

void PlanRun::go_by_members(std::size_t least, bool first) {
    machine_->go_by_members(least, first);
}

void PlanRun::learn(std::uint32_t after) {
    machine_->learn(after);
}

const PlanCourses& PlanRun::courses() const {
    return machine_->courses();
}

const std::string& PlanRun::why() const {
    return machine_->why();
}

std::size_t PlanRun::messages() const {
    return machine_->messages().size();
}

std::string_view PlanRun::bytes(std::size_t message) const {
    const program::Message& one = machine_->messages()[message];
    return machine_->bytes().substr(one.begin, one.end - one.begin);
}

PlanDocuments PlanRun::documents_of(std::size_t message) const {
    return machine_->messages()[message].documents;
}

std::string_view PlanRun::waiting() const {
    return machine_->waiting();
}

std::size_t PlanRun::hole(std::size_t message) const {
    return machine_->messages()[message].hole;
}

void PlanRun::losses(PartLosses& losses, xml::LineIndex& lines) const {
    machine_->losses(losses, lines);
}

void PlanRun::count_losses(LossCounts& counts) const {
    machine_->count_losses(counts);
}

void PlanRun::warnings(std::vector<Error>& read, std::vector<Error>& written) const {
    machine_->part_warnings(read, written);
}

std::size_t PlanRun::documents() const {
    return machine_->documents();
}

void PlanRun::ledger(Ledger& ledger, xml::LineIndex& lines) const {
    machine_->ledger(ledger, lines);
}

const std::vector<Error>& PlanRun::warnings() const {
    return machine_->warnings();
}

}  // namespace hansa::mapping
