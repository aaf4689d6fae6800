#include "core/mapping/pivot_places.h"

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/plan.h"
#include "core/mapping/plan_asked.h"
#include "core/mapping/plan_machine.h"
#include "core/mapping/plan_source.h"
#include "core/mapping/plan_standing.h"

namespace hansa::mapping {
namespace {

using program::Asked;
using program::AskedMembers;
using program::AskedProgram;
using program::AskedWay;
using program::Id;
using program::nothing;
using program::Place;
using program::PlaceKey;
using program::TemplateNode;

/// A place that cannot be told from the tape.
struct Untold {
    std::string why;
};

std::vector<const TemplateNode*> named(const TemplateNode& node, std::string_view name) {
    std::vector<const TemplateNode*> all;
    for (const auto& child : node.children) {
        if (child->name == name) all.push_back(child.get());
    }
    return all;
}

/// Does the node stand under the key? It may hang on the message: then the way gets one more key. False: it does not.
bool stands_under(const TemplateNode& node, const PivotKey& key, AskedWay& way) {
    const std::string wanted = qualified(key.list, key.value);
    std::optional<std::string> constant;
    Place place;
    if (key.attribute) {
        const program::PivotAttribute* known = const_cast<TemplateNode&>(node).attribute(key.child);
        if (known == nullptr) return false;
        constant = known->constant;
        place = known->place;
    } else {
        const auto all = named(node, key.child);
        if (all.empty()) return false;
        if (all.size() > 1 || all.front()->many || all.front()->by_each || all.front()->group != node.group)
            throw Untold{"a key of which there may be several"};
        if (all.front()->constant) constant = qualified(all.front()->constant->list, all.front()->constant->text);
        place = all.front()->place;
    }
    if (constant) return *constant == wanted;
    if (place.number == nothing) return false;
    way.keys.push_back({place, key.value, key.list});
    return true;
}

void step_into(const AskedWay& from, std::span<const PivotStep> steps, std::vector<AskedWay>& found) {
    if (steps.empty()) {
        found.push_back(from);
        return;
    }
    const PivotStep& step = steps.front();
    const auto all = named(*from.node, step.name);
    if (step.index != 0 && !step.keys.empty()) throw Untold{"a place among those with a key"};
    for (const TemplateNode* child : all) {
        AskedWay next = from;
        next.node = child;
        if (!std::ranges::all_of(step.keys, [&](const PivotKey& key) { return stands_under(*child, key, next); }))
            continue;
        if (child->by_each) {
            if (next.nth != 0) throw Untold{"a place in a list of lists"};
            next.loops.push_back(child->group);
            next.cases.insert(next.cases.end(), child->cases.begin(), child->cases.end());
        }
        if (step.index != 0) {
            const bool placed = std::ranges::all_of(all, [](const TemplateNode* one) { return one->index != 0; });
            const bool alone = all.size() == 1 && !child->many;
            if (placed) {
                if (child->index != step.index) continue;
            } else if (!alone) {
                throw Untold{"a place in a list that several rows make"};
            } else if (child->by_each) {
                next.nth = step.index;
            } else if (step.index != 1) {
                continue;
            }
        }
        step_into(next, steps.subspan(1), found);
    }
}

/// What the ends of the ways say: a value, a constant, or that they stand. Those of which nothing ever stands go.
std::vector<AskedWay> ended(std::vector<AskedWay> ways, const PivotTerm& term,
                            const std::vector<program::Group>& groups) {
    std::vector<AskedWay> out;
    for (AskedWay& way : ways) {
        const TemplateNode& node = *way.node;
        const bool group = term.attribute.empty() && term.field->is_group();
        if (!term.attribute.empty()) {
            const program::PivotAttribute* known = const_cast<TemplateNode&>(node).attribute(term.attribute);
            if (known == nullptr) continue;
            if (known->place.number == nothing && !known->constant) continue;
            // The ledger keeps a place for a selector's constant, where no value ever is.
            if (known->constant)
                way.constant.text = *known->constant;
            else
                way.place = known->place;
        } else if (!group) {
            if (node.place.number == nothing && !node.constant) continue;
            if (node.constant)
                way.constant = *node.constant;
            else
                way.place = node.place;
        }
        if (way.place.number == nothing) {
            // A selector's constant stands where its member does, and a member of a list whatever it says.
            const TemplateNode& around = group || !term.attribute.empty() ? node : *node.parent;
            way.exists = group ? program::standing_of_class(node, groups) : program::standing_of(around, groups);
            if (around.by_each) way.exists = {.here = {}, .inside = {{}}};
        }
        out.push_back(std::move(way));
    }
    return out;
}

class Compiler {
public:
    Compiler(const program::SourceProgram& source, AskedProgram& out)
        : source_(source), root_(*source.root), out_(out) {}

    void members(const PivotTerm& term) {
        AskedMembers& made = out_.members.emplace_back();
        try {
            step_into({.node = &root_}, term.steps, made.kinds);
            for (AskedWay& kind : made.kinds) {
                if (kind.node->many || !term.field->is_group()) throw Untold{"members that are values"};
                if (kind.nth != 0 && kind.loops.size() > 1) throw Untold{"a place in a list of lists"};
                kind.exists = standing(*kind.node);
            }
        } catch (const Untold& untold) {
            made.untold = untold.why;
            made.kinds.clear();
        }
    }

    void place(const AskedPlace& asked) {
        Asked& made = out_.places.emplace_back();
        const PivotTerm& term = *asked.place;
        made.members = asked.members != AskedPlace::document && !term.from_document;
        try {
            if (term.every) throw Untold{"a value of every member"};
            if (!made.members) {
                made.ways.push_back(way_from({.node = &root_}, term));
                return;
            }
            const AskedMembers& from = out_.members[asked.members];
            if (!from.untold.empty()) throw Untold{from.untold};
            for (const AskedWay& kind : from.kinds) made.ways.push_back(way_from({.node = kind.node}, term));
        } catch (const Untold& untold) {
            made.untold = untold.why;
            made.ways.clear();
        }
    }

    /// What the program must find out: each place, list and choice that a way asks for.
    void collect() {
        for (const Asked& asked : out_.places) {
            for (const auto& kind : asked.ways) {
                for (const AskedWay& way : kind) collect(way);
            }
        }
        for (const AskedMembers& members : out_.members) {
            for (const AskedWay& kind : members.kinds) collect(kind);
        }
    }

    std::set<PlaceKey> places_;
    std::vector<Id> groups_;
    std::vector<program::InCase> cases_;

private:
    program::Standing standing(const TemplateNode& node) const {
        if (node.by_each) return {.here = {}, .inside = {{}}};
        return program::standing_of_class(node, source_.groups);
    }

    std::vector<AskedWay> way_from(const AskedWay& from, const PivotTerm& term) const {
        std::vector<AskedWay> found;
        step_into(from, term.steps, found);
        return ended(std::move(found), term, source_.groups);
    }

    void collect(const AskedWay& way) {
        if (way.place.number != nothing) places_.insert(program::key_of(way.place));
        for (const AskedWay::Key& key : way.keys) places_.insert(program::key_of(key.place));
        groups_.insert(groups_.end(), way.loops.begin(), way.loops.end());
        cases_.insert(cases_.end(), way.cases.begin(), way.cases.end());
        for (const Place& place : way.exists.here) places_.insert(program::key_of(place));
        for (const program::Inside& one : way.exists.inside) {
            groups_.insert(groups_.end(), one.loops.begin(), one.loops.end());
            cases_.insert(cases_.end(), one.cases.begin(), one.cases.end());
            if (one.place.number != nothing) places_.insert(program::key_of(one.place));
        }
    }

    const program::SourceProgram& source_;
    const TemplateNode& root_;
    AskedProgram& out_;
};

}  // namespace

Result<std::shared_ptr<const PivotPlaces>> PivotPlaces::compile(std::shared_ptr<const Mapping> mapping,
                                                                std::shared_ptr<const schema::PathTable> paths,
                                                                const Settings& settings,
                                                                std::span<const PivotTerm* const> members,
                                                                std::span<const AskedPlace> places) {
    auto source = program::compile_source(*mapping, *paths, settings);
    if (!source) return source.error();
    auto whole = std::make_shared<program::Program>();
    whole->source = *std::move(source);
    whole->source_mapping = mapping;
    whole->target_mapping = std::move(mapping);  // nothing is written
    whole->source_settings = settings;
    whole->paths = std::move(paths);
    auto made = std::make_shared<AskedProgram>();
    Compiler compiler(whole->source, *made);
    for (const PivotTerm* one : members) compiler.members(*one);
    for (const AskedPlace& one : places) compiler.place(one);
    compiler.collect();
    program::cut_down(whole->source, *whole->paths, compiler.places_, compiler.groups_, compiler.cases_);
    made->program = std::move(whole);
    return std::make_shared<const PivotPlaces>(std::move(made));
}

const std::string& PivotPlaces::untold(std::size_t place) const {
    return program_->places[place].untold;
}

const std::string& PivotPlaces::untold_members(std::size_t members) const {
    return program_->members[members].untold;
}

PivotPlacesRun::PivotPlacesRun(const PivotPlaces& places)
    : program_(places.made()), machine_(std::make_unique<program::Machine>(places.made()->program)) {}
PivotPlacesRun::~PivotPlacesRun() = default;
PivotPlacesRun::PivotPlacesRun(PivotPlacesRun&&) noexcept = default;
PivotPlacesRun& PivotPlacesRun::operator=(PivotPlacesRun&&) noexcept = default;

void PivotPlacesRun::learn(PlaceQuestions& questions, std::uint32_t after) {
    machine_->ask_again_by(questions);
    machine_->learn(after);
}

const PlanCourses& PivotPlacesRun::courses() const {
    return machine_->courses();
}

void PivotPlacesRun::answered(const AnsweredQuestion& said) {
    machine_->answered(*program_, said);
}

void PivotPlacesRun::begin(const Context& source) {
    machine_->begin(source, source);
}

void PivotPlacesRun::choose(std::vector<bool> documents) {
    machine_->choose(std::move(documents));
}

Fast PivotPlacesRun::part(const schema::Tape& tape, const std::function<bool()>& use) {
    return machine_->ask(tape, use) ? Fast::done : Fast::declined;
}

const std::string& PivotPlacesRun::why() const {
    return machine_->why();
}

bool PivotPlacesRun::values(std::size_t place, std::vector<PlaceValue>& out) {
    if (!machine_->asks_again()) return machine_->asked_values(program_->places[place], out);
    std::span<const PlaceValue> all;
    const bool told = machine_->values_again(place, all);
    out.assign(all.begin(), all.end());
    return told;
}

bool PivotPlacesRun::view(std::size_t place, std::vector<PlaceValue>& room, std::span<const PlaceValue>& out) {
    if (machine_->asks_again()) return machine_->values_again(place, out);
    const bool told = machine_->asked_values(program_->places[place], room);
    out = room;
    return told;
}

bool PivotPlacesRun::count(std::size_t place, std::vector<PlaceValue>& room, std::size_t& out) {
    if (machine_->asks_again()) return machine_->count_again(place, out);
    const bool told = machine_->asked_values(program_->places[place], room);
    out = room.size();
    return told;
}

bool PivotPlacesRun::each_member(std::size_t members, const std::function<bool()>& use) {
    return machine_->each_asked(program_->members[members], use);
}

}  // namespace hansa::mapping
