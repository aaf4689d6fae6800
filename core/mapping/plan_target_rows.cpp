// Rows of the target table that hold other rows: groups, members of lists, cases.
#include "core/mapping/plan_target_compiler.h"

#include <algorithm>

namespace hansa::mapping::program::writing {

void TargetCompiler::enter(const Row& row, const Scope& scope) {
    Scope inner = scope;
    inner.out = place(scope, row.left[0].path, row, true);
    inner.place = place_join(scope.place, term_place(row.left[0]));
    if (!row.right.empty()) {
        const PivotTerm& term = row.right[0];
        const std::vector<Candidate> found = descend(term, term.steps.size(), scope, row);
        inner.pivot = nullptr;
        if (found.size() > 1) throw Unsupported(row, "a group that several members may be");
        if (!found.empty()) {
            const Candidate& one = found.front();
            if (one.sibling) throw Unsupported(row, "a group with a key of the document");
            inner.pivot = one.node;
            take_keys(term, one.node);
            std::vector<Id> loops = one.loops;
            std::erase_if(loops, [&](Id group) {
                return std::find(scope.groups.begin(), scope.groups.end(), group) != scope.groups.end();
            });
            if (loops.size() > 1) throw Unsupported(row, "a group that a list of lists holds");
            if (!loops.empty()) {
                out_.selects.push_back({.group = loops.front(), .guards = one.guards, .nth = one.nth});
                push_all(scope, WriteStep::Kind::select, out_.selects.size() - 1);
                inner.sink = {Sink::Kind::select, static_cast<Id>(out_.selects.size() - 1), 0};
                inner.groups.push_back(loops.front());
            } else if (!one.guards.empty()) {
                WriteMember member{.always = true, .guards = one.guards};
                out_.members.push_back(std::move(member));
                push_all(scope, WriteStep::Kind::member, out_.members.size() - 1);
                inner.sink = {Sink::Kind::member, static_cast<Id>(out_.members.size() - 1), 0};
            }
        }
    }
    rows(row.rows, inner);
}

/// Is the member another authority's own, by what its selector says?
bool TargetCompiler::is_foreign(const TemplateNode& node) const {
    const auto foreign = [&](std::string_view list) {
        return !list.empty() && list.find('.') == std::string_view::npos && list != model_.authority;
    };
    for (const auto& child : node.children) {
        if (child->constant && foreign(child->constant->list)) return true;
    }
    for (const PivotAttribute& one : node.attributes) {
        if (one.constant && foreign(pivot::split_code(*one.constant).list)) return true;
    }
    return node.constant && foreign(node.constant->list);
}

Standing TargetCompiler::own_places(const TemplateNode& node) const {
    Standing all;
    if (node.place.number != nothing) all.here.push_back(node.place);
    for (const PivotAttribute& one : node.attributes) {
        if (one.place.number != nothing) all.here.push_back(one.place);
    }
    for (const auto& child : node.children) {
        if (child->place.number == nothing) continue;
        if (child->group == node.group) {
            all.here.push_back(child->place);
        } else if (const auto loops = loops_between(source_.groups, node.group, child->group)) {
            all.inside.push_back({*loops, child->place});
        }
    }
    return all;
}

void TargetCompiler::each(const Row& row, const Scope& scope) {
    const PivotTerm& term = row.right[0];
    if (!scope.pivot && !term.from_document) return;
    const std::vector<Candidate> bases = descend(term, term.steps.size() - 1, scope, row);
    if (bases.empty()) return;
    if (bases.size() > 1 || !bases[0].guards.empty()) throw Unsupported(row, "a list that several members may hold");
    for (const Id loop : bases[0].loops) {
        if (std::find(scope.groups.begin(), scope.groups.end(), loop) == scope.groups.end())
            throw Unsupported(row, "a list of a list");
    }
    const PivotStep& list = term.steps.back();
    const auto members = named(*bases[0].node, list.name);
    if (members.empty()) return;
    Shape& shape = *row.left[0].path.shape;
    Counter counter;
    counter.most = shape.most == schema::unbounded ? SIZE_MAX : shape.most;
    const bool nested = row.left[0].path.steps.size() > 1 && !row.left[0].path.attribute;
    if (row.first != 0 && row.first <= counter.most) {
        counter.most = row.first;
        counter.first = true;
    }
    const Id counter_number = static_cast<Id>(out_.counters.size());
    counter.count = {scope.out->body, out_.bodies[scope.out->body].texts++};
    out_.counters.push_back(counter);
    push(scope, scope.turn, WriteStep::Kind::count, counter_number);
    bool any = false;
    std::vector<TemplateNode*> taken;
    for (TemplateNode* member : members) {
        Guards guards;
        guards.cases = member->cases;
        if (!list.keys.empty()) {
            if (fits(*member, list, false, guards.all, nullptr) == Fit::no) continue;
        } else {
            if (is_foreign(*member)) continue;
            bool excluded = false;
            for (const PivotStep* step : row.excluded) {
                std::vector<Guard> inner;
                const Fit fit = fits(*member, *step, false, inner, nullptr);
                if (fit == Fit::yes) excluded = true;
                if (fit == Fit::maybe) guards.never.push_back(std::move(inner));
            }
            if (excluded) continue;
        }
        if (member->many) throw Unsupported(row, "members that a conversion makes");
        taken.push_back(member);
        any = true;
        take_keys(term, member);
        Scope inner = scope;
        inner.pivot = member;
        inner.in_document = true;
        inner.place = place_join(scope.place, term_place(row.left[0])) + "#" + std::to_string(taken.size());
        const NationalStep& step = row.left[0].path.steps.back();
        if (!step.keys.empty()) throw Unsupported(row, "members that stand in one selected element");
        OutNode* holder = scope.out;
        if (nested) {
            // Two levels written as one list: the first outer element takes all that fit. Where members name
            // theirs, the reference looks for it.
            for (const auto& below : row.rows) {
                for (std::size_t i = 0; i < std::min(below->left.size(), below->right.size()); ++i) {
                    const NationalTerm& left = below->left[i];
                    if (!left.borrowed || left.path.up != 1 || below->right[i].steps.empty()) continue;
                    if (!named(*member, below->right[i].steps.back().name).empty())
                        throw Unsupported(row, "members that name the element they stand in");
                }
            }
            NationalPath outer = row.left[0].path;
            outer.steps.pop_back();
            holder = place(scope, outer, row);
        }
        inner.out = add(*holder, shape.name, &shape);
        inner.out->is_member = true;
        if (member->by_each) {
            const Id body = static_cast<Id>(out_.bodies.size());
            out_.bodies.emplace_back();
            out_.bodies[body].parent = inner.out->body;
            out_.bodies[body].list = out_.bodies[inner.out->body].lists++;
            out_.bodies[body].group = member->group;
            out_.bodies[body].top = inner.out;
            inner.out->body = body;
            inner.out->loop = body;
            inner.body = body;
            inner.groups.push_back(member->group);
            WriteLoop loop{
                .group = member->group, .guards = guards, .body = body, .counter = counter_number, .node = member};
            loop.turn = scope.turn;
            if (list.keys.empty()) loop.own = own_places(*member);
            // A constant of its selector is written where something else of the member is: alone it is left to
            // the reference.
            loop.may_be_bare = !shape.text && all_optional(shape);
            out_.loops.push_back(std::move(loop));
            push_all(scope, WriteStep::Kind::loop, out_.loops.size() - 1);
            inner.sink = {Sink::Kind::body, body, 0};
        } else {
            WriteMember one{.guards = guards, .counter = counter_number};
            one.exists = standing_of(*member, source_.groups);
            one.turn = scope.turn;
            if (list.keys.empty()) one.own = own_places(*member);
            one.active = {scope.out->body, out_.bodies[scope.out->body].texts++};
            out_.members.push_back(std::move(one));
            push_all(scope, WriteStep::Kind::member, out_.members.size() - 1);
            inner.sink = {Sink::Kind::member, static_cast<Id>(out_.members.size() - 1), 0};
        }
        rows(row.rows, inner);
    }
    if (taken.size() > 1) check_order(taken, row);
    if (any && row.slots != 0) {
        if (nested) throw Unsupported(row, "unused slots on two levels");
        OutNode* pad = add(*scope.out, shape.name, &shape);
        pad->pad_to = row.slots;
        pad->pad_after = counter.count;
    }
}

void TargetCompiler::position(const Row& row, const Scope& scope) {
    WritePosition made{.row = &row, .out = scope.out};
    out_.positions.push_back(std::move(made));
    locate(row.right[0], scope, row, out_.positions.back().source);
    if (out_.positions.back().source.ways.empty()) {
        out_.positions.pop_back();
        return;
    }
    out_.positions.back().kept = {scope.out->body, out_.bodies[scope.out->body].texts++};
    scope.out->flag = out_.positions.back().kept;
    push(scope, scope.turn, WriteStep::Kind::position, out_.positions.size() - 1);
}

/// Does another case than the first write from places that the first one does not look at?
bool TargetCompiler::says_more_than_first(const Row& chain) {
    const auto places = [](const Row& one) {
        std::set<std::string> all;
        for (const auto& inner : one.rows) {
            if (inner->direction == Direction::to_pivot) continue;
            if (!inner->rows.empty()) all.insert("group");
            for (const PivotTerm& term : inner->right) all.insert(term.text);
        }
        return all;
    };
    const std::set<std::string> first = places(*chain.rows.front());
    return std::any_of(chain.rows.begin() + 1, chain.rows.end(), [&](const auto& one) {
        const std::set<std::string> other = places(*one);
        return !std::includes(first.begin(), first.end(), other.begin(), other.end());
    });
}

/// The places of which one must be in the document, so that a case has something to write.
void TargetCompiler::what_cases_say(const Row& chain, const Scope& scope, std::size_t number) {
    WriteChain& made = out_.chains[number];
    for (const auto& one : chain.rows) {
        std::vector<OutExpression>& says = made.says.emplace_back();
        for (const auto& inner : one->rows) what_row_says(*inner, scope, made, says);
    }
}

void TargetCompiler::what_row_says(const Row& row, const Scope& scope, WriteChain& chain,
                                   std::vector<OutExpression>& says) {
    if (row.form == RowForm::each) throw Unsupported(row, "a list in a case that the document tells apart");
    if (row.form == RowForm::enter && row.right.empty()) {
        for (const auto& inner : row.rows) what_row_says(*inner, scope, chain, says);
        return;
    }
    const auto place_of = [&](const PivotTerm& term) -> Expression& {
        Expression& place = *chain.places.emplace_back(std::make_unique<Expression>());
        place.kind = Expression::Kind::pivot;
        place.pivot = term;
        return place;
    };
    if (row.form == RowForm::enter) {
        OutExpression& made = says.emplace_back();
        made.expression = &place_of(row.right[0]);
        if (scope.in_document) class_ways(row.right[0], scope, row, true, made.pivot.ways);
        return;
    }
    if (row.direction == Direction::to_pivot) return;
    const bool is_value = row.form == RowForm::value || row.form == RowForm::carry_as;
    const bool is_written =
        std::any_of(row.left.begin(), row.left.end(), [](const auto& term) { return !term.constant; });
    if (!is_value || !is_written) return;
    for (const PivotTerm& term : row.right) says.push_back(expression(place_of(term), scope, row));
}

void TargetCompiler::when(const Row& row, const Scope& scope) {
    // Memory and annex would tell; another authority's documents have neither for this format.
    if (row.owns_discriminator && !says_more_than_first(row)) {
        whens_.push_back([this, &row, scope] {
            Scope inner = scope;
            inner.turn = 1;
            rows(row.rows.front()->rows, inner);
        });
        return;
    }
    const std::size_t number = out_.chains.size();
    out_.chains.push_back({.row = &row});
    out_.chains.back().conditions.resize(row.rows.size());
    out_.chains.back().cases.resize(row.rows.size());
    out_.chains.back().chosen = {scope.out->body, out_.bodies[scope.out->body].texts++};
    for (std::size_t turn = 1; turn < turns; ++turn) push(scope, turn, WriteStep::Kind::choose, number);
    expressions_.push_back([this, number, &row, scope] {
        if (row.owns_discriminator) return what_cases_say(row, scope, number);
        for (std::size_t i = 0; i < row.rows.size(); ++i) {
            if (!row.rows[i]->condition) continue;
            OutExpression place = condition(*row.rows[i]->condition, scope, *row.rows[i]);
            out_.chains[number].conditions[i] = std::move(place);
        }
    });
    whens_.push_back([this, number, &row, scope] {
        for (std::size_t i = 0; i < row.rows.size(); ++i) {
            Scope inner = scope;
            inner.turn = 1;
            inner.sink = {Sink::Kind::chain, static_cast<Id>(number), static_cast<Id>(i)};
            inner.cases.emplace_back(static_cast<Id>(number), static_cast<Id>(i));
            rows(row.rows[i]->rows, inner);
        }
    });
}

}  // namespace hansa::mapping::program::writing
