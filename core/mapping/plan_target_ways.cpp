// From the right side of a row into the pivot: which places of the source side it may mean, and what must hold for
// each.
#include "core/mapping/plan_target_compiler.h"

#include <algorithm>

#include "core/mapping/plan_source.h"

namespace hansa::mapping::program::writing {

std::vector<std::string> TargetCompiler::schemes_of(const std::string& name) const {
    const auto list = model_.lists.find(name);
    return list == model_.lists.end() ? std::vector<std::string>{} : list->second.schemes();
}

/// Does the node stand under the key? `descending`: with the number's shape, and what elements say.
TargetCompiler::Fit TargetCompiler::fits(const TemplateNode& node, const PivotKey& key, bool descending,
                                         std::vector<Guard>& guards, Candidate* candidate) const {
    std::optional<std::string> constant;
    Place place;
    if (key.attribute) {
        const PivotAttribute* known = const_cast<TemplateNode&>(node).attribute(key.child);
        if (known) constant = known->constant, place = known->place;
    } else if (const TemplateNode* child = node.child(key.child)) {
        if (child->constant) constant = qualified(child->constant->list, child->constant->text);
        place = child->place;
    }
    if (key.from) {
        if (!descending) return Fit::no;
        if (!candidate || candidate->sibling || place.number == nothing) return Fit::no;
        candidate->sibling = &*key.from;
        candidate->sibling_key = place;
        return Fit::yes;
    }
    if (key.in_list) {
        const std::vector<std::string> schemes = schemes_of(key.value);
        if (constant && std::find(schemes.begin(), schemes.end(), *constant) == schemes.end()) return Fit::no;
        if (!constant && place.number == nothing) return Fit::no;
        if (constant && !descending) return Fit::yes;
        Guard guard{.kind = Guard::Kind::scheme, .place = place};
        guard.schemes = &model_.lists.find(key.value)->second;
        guard.names = schemes;
        guard.shapes = scheme_table(*guard.schemes);
        guard.fits = descending;
        guard.constant = constant;
        guard.value = node.place;
        guards.push_back(std::move(guard));
        return Fit::maybe;
    }
    if (constant) return *constant == qualified(key.list, key.value) ? Fit::yes : Fit::no;
    if (place.number == nothing) return Fit::no;
    guards.push_back({.kind = Guard::Kind::equals, .place = place, .list = key.list, .text = key.value});
    return Fit::maybe;
}

TargetCompiler::Fit TargetCompiler::fits(const TemplateNode& node, const PivotStep& step, bool descending,
                                         std::vector<Guard>& guards, Candidate* candidate) const {
    Fit all = Fit::yes;
    for (const PivotKey& key : step.keys) {
        const Fit one = fits(node, key, descending, guards, candidate);
        if (one == Fit::no) return Fit::no;
        if (one == Fit::maybe) all = Fit::maybe;
    }
    return all;
}

/// Children of a name in the pivot's order: places first come last, then as rows make them.
std::vector<TemplateNode*> TargetCompiler::named(const TemplateNode& node, std::string_view name) {
    std::vector<TemplateNode*> all;
    for (const auto& child : node.children) {
        if (child->name == name) all.push_back(child.get());
    }
    std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->index < b->index; });
    return all;
}

/// Rows that make two members turn by turn would leave their order to the message.
void TargetCompiler::check_order(const std::vector<TemplateNode*>& members, const Row& row) {
    for (std::size_t i = 0; i + 1 < members.size(); ++i) {
        const TemplateNode& a = *members[i];
        const TemplateNode& b = *members[i + 1];
        if (a.index != 0 || b.index != 0 || a.makers.empty() || b.makers.empty()) continue;
        if (a.makers.back() > b.makers.front())
            throw Unsupported(row, "members of '" + a.name + "' that rows make turn by turn");
    }
}

std::vector<Candidate> TargetCompiler::step_into(const Candidate& from, const PivotStep& step, const Row& row) const {
    const std::vector<TemplateNode*> all = named(*from.node, step.name);
    std::vector<Candidate> found;
    for (TemplateNode* child : all) {
        Candidate next = from;
        next.node = child;
        std::vector<Guard> guards;
        if (fits(*child, step, true, guards, &next) == Fit::no) continue;
        next.guards.all.insert(next.guards.all.end(), guards.begin(), guards.end());
        if (child->by_each) {
            next.loops.push_back(child->group);
            next.guards.cases.insert(next.guards.cases.end(), child->cases.begin(), child->cases.end());
            next.nth = 0;
        }
        if (step.index != 0) {
            if (child->by_each) {
                if (all.size() > 1) throw Unsupported(row, "a place in a list that several rows make");
                next.nth = step.index;
            } else if (child->index != 0) {
                if (child->index != step.index) continue;
            } else if (step.index != 1) {
                if (all.size() == 1 && !child->many) continue;
                throw Unsupported(row, "a place in a list that several rows make");
            }
        }
        found.push_back(std::move(next));
    }
    if (found.size() > 1 && step.index != 0 && found.front().node->index == 0) check_order(all, row);
    return found;
}

std::vector<Candidate> TargetCompiler::descend(const PivotTerm& term, std::size_t count, const Scope& scope,
                                               const Row& row) const {
    TemplateNode* from = term.from_document ? source_.root.get() : scope.pivot;
    if (!from) return {};
    std::vector<Candidate> open{{.node = from}};
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<Candidate> next;
        for (const Candidate& one : open) {
            std::vector<Candidate> below = step_into(one, term.steps[i], row);
            if (below.size() > 1) {
                // The first that is there is meant.
                for (Candidate& each : below) {
                    if (!each.decides.empty()) throw Unsupported(row, "two choices on one path");
                    if (!each.node->by_each && !each.node->many) each.decides = standing_of(*each.node, source_.groups);
                }
            }
            next.insert(next.end(), below.begin(), below.end());
        }
        open = std::move(next);
    }
    return open;
}

void TargetCompiler::end_way(const Candidate& at, const std::string& attribute, const Scope& scope, const Row& row,
                             std::vector<Way>& ways) {
    Way way{.loops = at.loops, .nth = at.nth, .guards = at.guards, .decides = at.decides};
    if (attribute.empty()) {
        way.place = at.node->place;
        way.constant = at.node->constant;
        way.many = at.node->many;
    } else {
        const PivotAttribute* known = at.node->attribute(attribute);
        if (known) {
            way.place = known->place;
            if (known->constant) {
                const pivot::QualifiedCode code = pivot::split_code(*known->constant);
                way.constant = PivotValue{std::string(code.code), std::string(code.list), 0};
            }
        }
    }
    if (way.constant) {
        way.exists = standing_of(attribute.empty() && at.node->parent ? *at.node->parent : *at.node, source_.groups);
        way.mark = way.place;
        way.place = {};
    }
    if (way.place.number == nothing && !way.constant && way.decides.empty()) return;
    if (at.sibling) {
        if (!sibling_allowed_) throw Unsupported(row, "a key of the document");
        way.sibling_key = at.sibling_key;
        lates_.push_back([this, &ways_of = ways, path = at.sibling, scope, &row] {
            OutNode* other = place(scope, *path, row);
            for (Way& one : ways_of) {
                if (one.sibling_key.number != nothing) one.sibling = other;
            }
        });
    }
    // A loop that is current already is not walked again.
    std::erase_if(way.loops, [&](Id group) {
        return std::find(scope.groups.begin(), scope.groups.end(), group) != scope.groups.end();
    });
    ways.push_back(std::move(way));
}

namespace {

bool is_selected(const TemplateNode& node) {
    return node.constant ||
           std::ranges::any_of(node.attributes, [](const auto& one) { return one.constant.has_value(); }) ||
           std::ranges::any_of(node.children, [](const auto& child) { return child->constant.has_value(); });
}

/// Has the node lists whose members say something by their selectors alone?
bool selects_inside(const TemplateNode& node) {
    return std::ranges::any_of(node.children, [](const auto& child) {
        return (child->by_each && is_selected(*child)) || selects_inside(*child);
    });
}

}  // namespace

/// A class is asked for as a constant is: it is there once something of it is, or a member of its lists.
void TargetCompiler::class_ways(const PivotTerm& term, const Scope& scope, const Row& row, bool content,
                                std::vector<Way>& ways) const {
    for (const Candidate& one : descend(term, term.steps.size(), scope, row)) {
        if (one.sibling) throw Unsupported(row, "a key of the document");
        Way way{.loops = one.loops, .nth = one.nth, .guards = one.guards, .decides = one.decides};
        std::erase_if(way.loops,
                      [&](Id group) { return std::ranges::find(scope.groups, group) != scope.groups.end(); });
        way.constant = PivotValue{"1", {}, 0};
        // What a selector says of a class or a member is content too.
        if (content && !is_selected(*one.node)) {
            if (selects_inside(*one.node)) throw Unsupported(row, "a class whose members a selector makes");
            way.exists = standing_of(*one.node, source_.groups);
        } else {
            way.exists = standing_of_class(*one.node, source_.groups);
            // A member of a list is there whatever it says.
            if (one.node->by_each) way.exists.inside.push_back({});
        }
        ways.push_back(std::move(way));
    }
}

std::vector<Candidate> TargetCompiler::every(const PivotTerm& term, const Scope& scope, const Row& row) const {
    TemplateNode* from = term.from_document ? source_.root.get() : scope.pivot;
    std::vector<Candidate> open;
    if (from) open.push_back({.node = from});
    for (const PivotStep& step : term.steps) {
        const bool list = step.field->is_list() && step.keys.empty() && step.index == 0;
        std::vector<Candidate> next;
        for (const Candidate& one : open) {
            if (!list) {
                std::vector<Candidate> below = step_into(one, step, row);
                if (below.size() > 1) throw Unsupported(row, "a choice below every");
                next.insert(next.end(), below.begin(), below.end());
                continue;
            }
            const auto all = named(*one.node, step.name);
            check_order(all, row);
            for (TemplateNode* child : all) {
                Candidate at = one;
                at.node = child;
                if (child->by_each) {
                    at.loops.push_back(child->group);
                    at.guards.cases.insert(at.guards.cases.end(), child->cases.begin(), child->cases.end());
                }
                next.push_back(std::move(at));
            }
        }
        open = std::move(next);
    }
    return open;
}

void TargetCompiler::locate(const PivotTerm& term, const Scope& scope, const Row& row, TargetSource& source) {
    source.term = &term;
    source.every = term.every;
    if (term.every || term.gathers) {
        source.all = true;
        const PivotTerm all = term.gathers ? all_of(term) : term;
        for (const Candidate& one : every(all, scope, row)) end_way(one, term.attribute, scope, row, source.ways);
        return;
    }
    const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field &&
                      term.steps.back().field->is_list() && term.steps.back().keys.empty() &&
                      term.steps.back().index == 0;
    if (!list) {
        for (const Candidate& one : descend(term, term.steps.size(), scope, row))
            end_way(one, term.attribute, scope, row, source.ways);
        if (source.ways.size() == 1 && source.ways[0].guards.empty()) source.ways[0].decides = {};
        return;
    }
    source.all = true;
    const std::vector<Candidate> bases = descend(term, term.steps.size() - 1, scope, row);
    if (bases.size() > 1) throw Unsupported(row, "a list that several members may hold");
    for (const Candidate& base : bases) {
        const auto all = named(*base.node, term.steps.back().name);
        check_order(all, row);
        for (TemplateNode* child : all) {
            Candidate at = base;
            at.node = child;
            if (child->by_each) {
                at.loops.push_back(child->group);
                at.guards.cases.insert(at.guards.cases.end(), child->cases.begin(), child->cases.end());
            }
            end_way(at, {}, scope, row, source.ways);
        }
    }
}

/// Keys of a selector are said by the place itself, once the member says anything.
void TargetCompiler::take_keys(const PivotTerm& term, TemplateNode* node) {
    for (std::size_t i = term.steps.size(); i-- > 0 && node; node = node->parent) {
        for (const PivotKey& key : term.steps[i].keys) {
            KeyPlace made;
            made.owner = node;
            made.guard = {.kind = Guard::Kind::equals, .list = key.list, .text = key.value};
            bool constant = false;  // what a selector of the source says fits, or this member would not stand here
            if (key.attribute) {
                const PivotAttribute* known = node->attribute(key.child);
                if (known) made.place = known->place, constant = known->constant.has_value();
            } else if (const TemplateNode* child = node->child(key.child)) {
                made.place = child->place;
                constant = child->constant.has_value();
            }
            if (made.place.number == nothing) continue;
            if (key.in_list || key.from || constant) {
                made.guard.kind = Guard::Kind::scheme;
                made.guard.schemes = nullptr;
            }
            made.guard.place = made.place;
            out_.keys.push_back(std::move(made));
        }
    }
}

void TargetCompiler::take_keys(const PivotTerm& term, const Scope& scope, const Row& row) {
    const bool keyed =
        std::any_of(term.steps.begin(), term.steps.end(), [](const PivotStep& step) { return !step.keys.empty(); });
    if (!keyed) return;
    const std::vector<Candidate> all =
        term.every ? every(term, scope, row) : descend(term, term.steps.size(), scope, row);
    for (const Candidate& one : all) take_keys(term, one.node);
}

}  // namespace hansa::mapping::program::writing
