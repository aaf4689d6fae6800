// Rows of values: what is read, fixed, computed, carried, dropped; cases, derived values, checks.
#include <algorithm>

#include "core/mapping/evaluate.h"
#include "core/mapping/list_of.h"
#include "core/mapping/plan_source_compiler.h"

namespace hansa::mapping::program::reading {

namespace {

constexpr std::string_view kept_reason = "kept for its own authority";

}  // namespace

void SourceCompiler::leaf_in(const Scope& scope, LeafStep step) {
    step.cases = scope.cases;
    if (scope.chain != nothing)
        out_.chains[scope.chain].leaves[scope.cases.back().number].push_back(std::move(step));
    else if (scope.pivot)
        leaf(scope.pass, scope.at.group, std::move(step));
    else
        out_.outer_leaves.push_back(std::move(step));
}

namespace {

/// Is the path's place one inside of what the other names without selectors?
bool leads_into(const NationalPath& path, const NationalPath& group) {
    if (path.from_document != group.from_document || path.up != group.up || path.steps.size() <= group.steps.size())
        return false;
    return std::equal(group.steps.begin(), group.steps.end(), path.steps.begin(), [](const auto& all, const auto& one) {
        return all.name == one.name && all.keys.empty() && all.index == 0;
    });
}

}  // namespace

bool SourceCompiler::asks_for_its_absence(const Row& row, const Scope& scope) const {
    const bool is_for_writing = row.direction == Direction::from_pivot || row.form == RowForm::fixed;
    if (!is_for_writing || scope.chain == nothing || row.left.size() != 1) return false;
    const Row& one = *out_.chains[scope.chain].row->rows[scope.cases.back().number];
    const bool own =
        std::any_of(one.rows.begin(), one.rows.end(), [&](const auto& inner) { return inner.get() == &row; });
    if (!own || !one.condition || !one.condition->present || !one.condition->negated) return false;
    if (one.condition->place.kind != Expression::Kind::national || row.left[0].constant) return false;
    const NationalPath &asked = one.condition->place.national, &own_path = row.left[0].path;
    return asked.text == own_path.text || (asks_for_group(*one.condition) && leads_into(own_path, asked));
}

/// The slot is one of its case, and of the cases around it.
void SourceCompiler::in_cases(const Scope& scope, const Slot& at) {
    for (const InCase& one : scope.cases) case_slots_.push_back({one, at});
}

void SourceCompiler::value(const Row& row, const Scope& scope) {
    if (asks_for_its_absence(row, scope)) return;
    ReadRow made;
    made.row = &row;
    made.group = scope.at.group;
    made.cases = scope.cases;
    for (const NationalTerm& term : row.left) {
        SourceTerm one{.term = &term, .slot = {}};
        if (!term.constant) {
            one.slot = slot_of(term, scope, row);
            if (!term.borrowed) in_cases(scope, one.slot);
        }
        made.terms.push_back(std::move(one));
    }
    if (row.direction == Direction::from_pivot) {
        for (const SourceTerm& one : made.terms) {
            if (one.term->constant || one.term->borrowed) continue;
            leaf_in(scope, {.kind = LeafStep::Kind::kept,
                            .table_row = &row,
                            .slot = one.slot,
                            .site = site(LossKind::dropped, row.reason.empty() ? std::string(kept_reason) : row.reason,
                                         row.place)});
        }
        return;
    }
    for (const PivotTerm& term : row.right) made.puts.push_back(put_of(term, scope, row));
    Id left = 0, right = 0;
    for (const Conversion& conversion : row.conversions) {
        ReadPart part{
            .conversion = &conversion, .fast = FastConversion::of(conversion, fast_), .left = left, .right = right};
        part.takes = static_cast<Id>(std::min(conversion.national_count(), row.left.size() - left));
        part.gives = static_cast<Id>(std::min(conversion.pivot_count(), row.right.size() - right));
        left += part.takes;
        right += part.gives;
        part.done = new_place(scope.at.group);
        made.parts.push_back(part);
    }
    made.plain = made.parts.size() == 1 && made.parts[0].fast && made.terms.size() == 1 && made.puts.size() == 1 &&
                 made.parts[0].takes == 1 && made.parts[0].gives == 1 && !row.left[0].constant && !row.left[0].borrowed;
    made.tuple = is_tuple(made);
    const Id number = static_cast<Id>(out_.rows.size());
    if (std::find(dates_.begin(), dates_.end(), &row) != dates_.end() && out_.date_row == nothing)
        out_.date_row = number;
    out_.rows.push_back(std::move(made));
    push(scope, {.kind = ReadStep::Kind::row, .number = number, .cases = scope.cases});
    const ReadRow& done = out_.rows.back();
    const auto is_constant = [](const NationalTerm& term) { return term.constant; };
    if (std::all_of(row.left.begin(), row.left.end(), is_constant)) {
        LeafStep step{.kind = LeafStep::Kind::stated, .table_row = &row, .slot = {.group = scope.at.group}};
        for (const Put& put : done.puts) {
            if (put.kind != Put::Kind::every && put.place.group == scope.at.group) beside(put, true, row, step.beside);
        }
        if (!step.beside.empty()) leaf_in(scope, std::move(step));
        return;
    }
    for (const ReadPart& part : done.parts) {
        for (Id i = part.left; i < part.left + part.takes; ++i) {
            if (done.terms[i].term->constant || done.terms[i].term->borrowed) continue;
            LeafStep step{.kind = LeafStep::Kind::mapped,
                          .table_row = &row,
                          .slot = done.terms[i].slot,
                          .done = part.done,
                          .site = site(LossKind::dropped, "the target has no place for it", row.place)};
            step.fed.assign(done.puts.begin() + part.right, done.puts.begin() + part.right + part.gives);
            step.quick =
                std::all_of(step.fed.begin(), step.fed.end(), [](const Put& put) { return put.loops.empty(); });
            step.beside = beside(done, step.fed, scope);
            leaf_in(scope, std::move(step));
            list_attributes(*part.conversion, *done.terms[i].term, part.done, scope, row);
        }
    }
}

void SourceCompiler::beside(const Put& put, bool valued, const Row& row, std::vector<Beside>& all) {
    const TemplateNode& node = *put.node;
    const TemplateNode& holder = put.attribute || !node.parent ? node : *node.parent;
    const std::string name = holder.name + "/" + (put.attribute ? "@" + put.attribute_name : node.name);
    const std::string value = valued ? row.left.front().value : std::string();
    all.push_back(
        {.place = put.place,
         .of = {},
         .site = site(valued ? LossKind::dropped : LossKind::narrowed, reason_of_beside(name, value), row.place)});
}

std::vector<Beside> SourceCompiler::beside(const ReadRow& row, std::span<const Put> fed, const Scope& scope) {
    std::vector<Beside> all;
    const auto is_every = [](const Put& put) { return put.kind == Put::Kind::every; };
    if (std::any_of(row.puts.begin(), row.puts.end(), is_every)) return all;
    for (const Put& put : fed) {
        if (put.place.group != scope.at.group) continue;
        for (TemplateNode* at = put.node; at; at = at->by_each ? nullptr : at->parent) {
            std::map<std::string, Beside> keys;  // in the order of their names
            const auto key = [&](const std::string& name, Place& place, const std::string& value) {
                if (place.number == nothing) place = new_place(at->group);
                keys[name] = {
                    .place = place,
                    .of = put.place,
                    .key = true,
                    .site = site(LossKind::narrowed, reason_of_beside(at->name + "/" + name, value), row.row->place)};
            };
            for (PivotAttribute& one : at->attributes) {
                const bool itself = at == put.node && put.attribute && one.name == put.attribute_name;
                if (one.constant && !itself) key("@" + one.name, one.place, *one.constant);
            }
            for (const auto& child : at->children) {
                if (child->constant && child.get() != put.node)
                    key(child->name, child->place, qualified(child->constant->list, child->constant->text));
            }
            for (const auto& [name, one] : keys) all.push_back(one);
        }
    }
    for (const ReadPart& part : row.parts) {
        const auto own = [](const SourceTerm& one) { return !one.term->constant && !one.term->borrowed; };
        const auto first = row.terms.begin() + part.left;
        if (std::any_of(first, first + part.takes, own)) continue;
        for (Id i = part.right; i < part.right + part.gives; ++i) {
            if (row.puts[i].place.group == scope.at.group) beside(row.puts[i], false, *row.row, all);
        }
    }
    return all;
}

bool SourceCompiler::is_tuple(const ReadRow& row) {
    constexpr std::size_t most = 8;
    if (row.parts.size() < 2 || row.parts.size() > most || row.parts.size() != row.terms.size()) return false;
    return std::all_of(row.parts.begin(), row.parts.end(), [&](const ReadPart& part) {
        return part.fast.single() && part.takes == 1 && part.gives == 1 && row.puts[part.right].simple() &&
               !row.terms[part.left].term->repeated;
    });
}

void SourceCompiler::list_attributes(const Conversion& conversion, const NationalTerm& term, const Place& done,
                                     const Scope& scope, const Row& row) {
    if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
    const CodeList* const list = list_of(conversion, model_.lists, settings_);
    if (!list) return;
    const std::string here = term.path.attribute ? term.path.attribute->name.local : std::string();
    for (const ListAttribute& one : model_.list_attributes) {
        const bool of_code = one.source == "of-code" && here.empty();
        const bool beside = one.source.starts_with("beside:") && one.source.substr(7) == here;
        if (!of_code && !beside) continue;
        const Where at = walk(scope, term.path, row);
        const AttributeShape* known = at.shape->attribute(one.name);
        if (!known) continue;
        const schema::PathIndex path = paths_.attribute(at.path, known->name.local, known->name.ns);
        if (path == schema::no_path) continue;
        // A row that stands before has taken it.
        const bool free = out_.steps[at.steps][path].kind == Step::Kind::decline || listed_.contains({at.steps, path});
        if (!free) continue;
        listed_.insert({at.steps, path});
        const Slot taken = slot(at, known, row);
        leaf_in(scope, {.kind = LeafStep::Kind::list,
                        .table_row = &row,
                        .slot = taken,
                        .done = done,
                        .expected = list->published_id(),
                        .site = site(LossKind::dropped, "another list than the table's", {})});
    }
}

Id SourceCompiler::site(LossKind kind, std::string reason, std::string row) {
    for (Id i = 0; i < out_.sites.size(); ++i) {
        if (out_.sites[i].kind == kind && out_.sites[i].reason == reason && out_.sites[i].row == row) return i;
    }
    out_.sites.push_back({kind, std::move(reason), std::move(row)});
    return static_cast<Id>(out_.sites.size() - 1);
}

void SourceCompiler::fixed(const Row& row, const Scope& scope) {
    if (row.always) throw Unsupported(row, "a constant that is always written");
    if (asks_for_its_absence(row, scope)) return;
    for (const NationalTerm& term : row.left) {
        const Slot at = slot_of(term, scope, row);
        in_cases(scope, at);
        leaf_in(scope, {.kind = LeafStep::Kind::fixed,
                        .table_row = &row,
                        .slot = at,
                        .site = site(LossKind::dropped, "another spelling of a constant of the format", row.place)});
    }
}

void SourceCompiler::computed(const Row& row, const Scope& scope) {
    const Slot at = slot_of(row.left[0], scope, row);
    in_cases(scope, at);
    LeafStep step{.kind = LeafStep::Kind::computed,
                  .table_row = &row,
                  .slot = at,
                  .site = site(LossKind::dropped, "differs from the value that the rule gives", row.place)};
    if (!scope.pivot) throw Unsupported(row, "a rule above the documents");
    if (!row.conversions.empty()) list_attributes(row.conversions.front(), row.left[0], {}, scope, row);
    leaf_in(scope, std::move(step));
    const auto list = [this, scope]() -> std::vector<LeafStep>& {
        return scope.chain != nothing ? out_.chains[scope.chain].leaves[scope.cases.back().number]
                                      : out_.leaves[scope.pass][scope.at.group];
    };
    expressions_.push_back([this, &row, scope, list, number = list().size() - 1] {
        ReadExpression made = expression(row.expression, scope, row);
        list()[number].expression = std::move(made);
    });
}

void SourceCompiler::carry(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        if (row.subtree) continue;  // what is left is carried at the document's end
        if (!term.path.steps.empty() && term.path.steps.back().name == "@*") {
            const Where at = walk(scope, term.path, row);
            for (const AttributeShape& attribute : at.shape->attributes) {
                const schema::PathIndex path = paths_.attribute(at.path, attribute.name.local, attribute.name.ns);
                if (path == schema::no_path || out_.steps[at.steps][path].kind != Step::Kind::decline) continue;
                const Slot taken = slot(at, &attribute, row);
                leaf_in(scope, {.kind = LeafStep::Kind::carried,
                                .table_row = &row,
                                .slot = taken,
                                .site = site(LossKind::carried, std::string(kept_reason), row.place)});
            }
            continue;
        }
        const Slot at = slot_of(term, scope, row, Step::Kind::whole);
        in_cases(scope, at);
        leaf_in(scope, {.kind = LeafStep::Kind::carried,
                        .table_row = &row,
                        .slot = at,
                        .site = site(LossKind::carried, std::string(kept_reason), row.place)});
    }
}

void SourceCompiler::drop(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        const Slot at = slot_of(term, scope, row, Step::Kind::whole);
        in_cases(scope, at);
        leaf_in(scope, {.kind = LeafStep::Kind::dropped,
                        .table_row = &row,
                        .slot = at,
                        .site = site(LossKind::dropped, row.reason, row.place)});
    }
}

void SourceCompiler::skip(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        const Where at = walk(scope, term.path, row);
        if (term.path.attribute) {
            const schema::PathIndex path =
                paths_.attribute(at.path, term.path.attribute->name.local, term.path.attribute->name.ns);
            if (path != schema::no_path) out_.steps[at.steps][path] = {.kind = Step::Kind::skip, .attribute = true};
            continue;
        }
        Step& step = step_at(at);
        if (step.kind == Step::Kind::decline || step.kind == Step::Kind::pass) step = {.kind = Step::Kind::skip};
    }
}

void SourceCompiler::when(const Row& row, const Scope& scope) {
    if (scope.pass == when_passes) throw Unsupported(row, "cases inside of cases, more than three deep");
    const Id number = static_cast<Id>(out_.chains.size());
    const Id chain = out_.groups[scope.at.group].choices++;
    out_.chains.push_back({.row = &row, .group = scope.at.group, .number = chain, .cases = scope.cases});
    ReadChain& made = out_.chains.back();
    made.slots.resize(row.rows.size());
    made.lists.resize(row.rows.size());
    made.conditions.resize(row.rows.size());
    made.steps.resize(row.rows.size());
    made.leaves.resize(row.rows.size());
    chain_of_[{scope.at.group, chain}] = number;
    const std::size_t pass = scope.pass + 1;
    push(pass, scope.at.group, {.kind = ReadStep::Kind::choose, .number = number, .cases = scope.cases});
    leaf(pass, scope.at.group, {.kind = LeafStep::Kind::chain, .group = number, .cases = scope.cases});
    expressions_.push_back([this, number, &row, scope] {
        for (std::size_t i = 0; i < row.rows.size(); ++i) {
            if (!row.rows[i]->condition) continue;
            ReadExpression place = condition(*row.rows[i]->condition, scope, *row.rows[i]);
            out_.chains[number].conditions[i] = std::move(place);
        }
    });
    whens_.push_back([this, number, chain, pass, &row, scope] {
        for (std::size_t i = 0; i < row.rows.size(); ++i) {
            Scope inner = scope;
            inner.pass = pass;
            inner.chain = number;
            inner.cases.push_back({scope.at.group, chain, static_cast<Id>(i)});
            rows(row.rows[i]->rows, inner);
        }
    });
}

void SourceCompiler::derive(const Row& row, const Scope& scope) {
    const Id number = static_cast<Id>(out_.derives.size());
    out_.derives.push_back({.row = &row,
                            .group = scope.at.group,
                            .expression = {},
                            .place = {},
                            .field = nullptr,
                            .fit = {},
                            .cases = scope.cases});
    push(last_pass, scope.at.group, {.kind = ReadStep::Kind::derive, .number = number, .cases = scope.cases});
    lates_.push_back([this, number, &row, scope] {
        const Put put = put_of(row.right[0], scope, row);
        out_.derives[number].place = put.place;
        out_.derives[number].field = put.field;
        out_.derives[number].fit = put.fit;
    });
    expressions_.push_back([this, number, &row, scope] {
        ReadExpression rule = expression(row.expression, scope, row);
        out_.derives[number].expression = std::move(rule);
        // A value that is only repeated arrives with its repetition.
        const Expression& e =
            row.expression.text == "value" && !row.expression.parts.empty() ? row.expression.parts[0] : row.expression;
        if (e.kind != Expression::Kind::national) return;
        const ReadExpression& made = out_.derives[number].expression;
        const NationalSource& from = made.expression == &e ? made.national : made.parts[0].national;
        if (from.slot.group == nothing) return;
        const auto repeated_by = [&](std::vector<LeafStep>& steps) {
            for (LeafStep& step : steps) {
                if (step.kind != LeafStep::Kind::mapped || step.slot.number != from.slot.number) continue;
                if (from.slot.group != scope.at.group && !from.loops.empty() && !from.first_only) continue;
                Put extra;
                extra.place = out_.derives[number].place;
                extra.field = out_.derives[number].field;
                extra.first_member = from.first_only;
                step.quick = step.quick && !from.first_only;
                step.fed.push_back(extra);
            }
        };
        for (auto& pass : out_.leaves) repeated_by(pass[from.slot.group]);
        // What a case reads is told by the case.
        for (ReadChain& chain : out_.chains) {
            if (chain.group != from.slot.group) continue;
            for (std::vector<LeafStep>& steps : chain.leaves) repeated_by(steps);
        }
    });
}

void SourceCompiler::check(const Row& row, const Scope& scope) {
    const Id number = static_cast<Id>(out_.checks.size());
    const std::string& sign = row.comparison;
    out_.checks.push_back({.row = &row,
                           .group = scope.at.group,
                           .left = {},
                           .right = {},
                           .loops = {},
                           .cases = scope.cases,
                           .less = is_so(std::strong_ordering::less, sign),
                           .equal = is_so(std::strong_ordering::equal, sign),
                           .greater = is_so(std::strong_ordering::greater, sign)});
    push(last_pass, scope.at.group, {.kind = ReadStep::Kind::check, .number = number, .cases = scope.cases});
    expressions_.push_back([this, number, &row, scope] {
        Scope inner = scope;
        if (row.check_each) {
            Where at = scope.at;
            for (const NationalStep& step : row.check_each->steps) {
                inner.above.push_back(at);
                const Id before = at.group;
                at = below(at, step, row);
                if (at.group != before) out_.checks[number].loops.push_back(at.group);
            }
            inner.at = at;
            if (out_.checks[number].loops.empty()) throw Unsupported(row, "check each over what no each reads");
        }
        out_.checks[number].left = expression(row.expression, inner, row);
        out_.checks[number].right = expression(row.expected, inner, row);
    });
}

}  // namespace hansa::mapping::program::reading
