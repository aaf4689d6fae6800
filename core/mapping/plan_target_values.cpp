// Rows of the target table that are about values, and expressions over the output.
#include "core/mapping/plan_target_compiler.h"

#include <algorithm>

#include "core/mapping/list_of.h"

namespace hansa::mapping::program::writing {

void TargetCompiler::value(const Row& row, const Scope& scope) {
    if (row.direction == Direction::to_pivot || !scope.in_document) {
        for (std::size_t i = 0; i < row.left.size() && row.direction != Direction::to_pivot; ++i) {
            if (!row.left[i].constant && !row.left[i].borrowed) pend(row, scope, i);
        }
        return;
    }
    bool only_constants = true;
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        if (row.left[i].constant) continue;
        only_constants = false;
        if (!row.left[i].borrowed) pend(row, scope, i);
    }
    auto made = std::make_unique<WriteRow>();
    made->row = &row;
    made->only_constants = only_constants;
    made->out = scope.out;
    made->sources.resize(row.right.size());
    bool any = false;
    sibling_allowed_ = true;
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        locate(row.right[i], scope, row, made->sources[i]);
        any = any || !made->sources[i].ways.empty();
    }
    sibling_allowed_ = false;
    if (!any && !only_constants) return;
    for (const PivotTerm& term : row.right) take_keys(term, scope, row);
    Id left = 0, right = 0;
    for (const Conversion& conversion : row.conversions) {
        ReadPart part{.conversion = &conversion, .left = left, .right = right};
        part.takes = static_cast<Id>(std::min(conversion.national_count(), row.left.size() - left));
        part.gives = static_cast<Id>(std::min(conversion.pivot_count(), row.right.size() - right));
        std::vector<FastTarget> targets;
        for (std::size_t i = left; i < left + part.takes; ++i) {
            const bool typed = !row.left[i].constant && !row.left[i].borrowed;
            targets.push_back({target_of(row.left[i]), typed ? type_of(row.left[i]) : nullptr});
        }
        part.fast = FastConversion::of(conversion, fast_, targets);
        left += part.takes;
        right += part.gives;
        made->parts.push_back(part);
    }
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        const NationalTerm& term = row.left[i];
        TargetTerm one{.term = &term, .target = target_of(term), .type = type_of(term)};
        if (!term.constant && !term.borrowed) {
            one.node = place(scope, term.path, row);
            const std::string local = attribute_of(term.path);
            one.text = local.empty() ? text_of(*one.node) : text_of(*one.node, local);
            if (i < row.conversions.size() || row.conversions.size() == 1)
                list_attributes(*one.node, term, row.conversions[std::min(i, row.conversions.size() - 1)], one.text);
        }
        made->terms.push_back(std::move(one));
    }
    made->plain = made->parts.size() == 1 && made->parts[0].fast && made->terms.size() == 1 &&
                  made->sources.size() == 1 && made->parts[0].takes == 1 && made->parts[0].gives == 1 &&
                  !row.left[0].constant && !row.left[0].borrowed;
    WriteRow* kept = made.get();
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        if (row.left[i].borrowed) agree(*kept, row.left[i].path, static_cast<Id>(i), std::nullopt, scope);
    }
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        for (const PivotStep& step : row.right[i].steps) {
            for (const PivotKey& key : step.keys) {
                if (!key.from) continue;
                for (const Way& way : kept->sources[i].ways) agree(*kept, *key.from, nothing, way.sibling_key, scope);
            }
        }
    }
    out_.rows.push_back(std::move(made));
    push(scope, scope.turn, WriteStep::Kind::row, out_.rows.size() - 1);
}

/// What needs no look at the way from the pivot to the row: single places, and constants of selectors.
void TargetCompiler::straighten(WriteRow& row) const {
    if (row.only_constants || !row.agreements.empty() || row.parts.empty()) return;
    const bool own = std::all_of(row.terms.begin(), row.terms.end(),
                                 [](const TargetTerm& term) { return !term.term->constant && !term.term->borrowed; });
    const bool single = std::all_of(row.parts.begin(), row.parts.end(), [](const ReadPart& part) {
        return part.fast.single() && part.takes == 1 && part.gives == 1;
    });
    if (!own || !single || row.terms.size() != row.parts.size() || row.sources.size() != row.parts.size()) return;
    if (row.sources.size() == 1 && row.sources[0].ways.size() == 1) {
        const Way& way = row.sources[0].ways[0];
        Scratch scratch;
        FastRun run{.scratch = scratch, .document_date = {}, .notes = nullptr};
        std::string_view text;
        if (way.constant && way.is_straight() && way.exists.inside.empty() && !row.parts[0].fast.dated() &&
            row.parts[0].fast.write({way.constant->text, way.constant->list, 0}, run, text) == Fast::done) {
            row.always = std::string(text);
            row.places = way.exists.here;
            row.mark = way.mark;
            return;
        }
    }
    for (const TargetSource& source : row.sources) {
        const Place* place = source.place();
        if (!place) {
            row.places.clear();
            return;
        }
        row.places.push_back(*place);
    }
    row.tuple = true;
    if (row.places.size() == 1)
        row.op = {.place = row.places[0], .text = row.terms[0].text, .conversion = &row.parts[0].fast};
}

void TargetCompiler::agree(WriteRow& row, const NationalPath& path, Id term, std::optional<Place> key,
                           const Scope& scope) {
    lates_.push_back([this, &row, &path, term, key, scope] {
        Agreement made{.term = term, .key = key};
        OutNode* node = place(scope, path, *row.row);
        made.attribute = attribute_of(path);
        made.text = made.attribute.empty() ? text_of(*node) : text_of(*node, made.attribute);
        const Row* owner = path.attribute ? path.attribute->owner : path.shape->owner;
        if (owner && owner->form == RowForm::fixed && !owner->alternatives.empty())
            made.fixed = owner->alternatives.front();
        row.agreements.push_back(std::move(made));
    });
}

void TargetCompiler::list_attributes(OutNode& node, const NationalTerm& term, const Conversion& conversion, Text with) {
    if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
    const std::string here = attribute_of(term.path);
    const CodeList* const list = list_of(conversion, model_.lists, settings_);
    if (!list || !node.shape) return;
    for (const ListAttribute& one : model_.list_attributes) {
        const bool of_code = one.source == "of-code" && here.empty();
        const bool beside = one.source.starts_with("beside:") && one.source.substr(7) == here;
        if ((!of_code && !beside) || !node.shape->attribute(one.name)) continue;
        if (list->published_id().empty()) continue;
        OutAttribute& made = attribute(node, one.name);
        if (made.constant && *made.constant != list->published_id()) {
            made.constant.reset();
            continue;
        }
        made.constant = list->published_id();
        made.with = with;
    }
}

void TargetCompiler::computed(const Row& row, const Scope& scope) {
    if (!scope.in_document) return;
    const NationalTerm& term = row.left[0];
    pend(row, scope, 0);
    WriteComputed made{.row = &row, .holder = scope.out, .type = type_of(term)};
    OutNode* node = place(scope, term.path, row);
    if (node->parent && node != scope.out && node->parent != scope.out) made.parent = node->parent;
    const std::string local = attribute_of(term.path);
    made.text = local.empty() ? text_of(*node) : text_of(*node, local);
    if (!row.conversions.empty()) list_attributes(*node, term, row.conversions.front(), made.text);
    const std::size_t number = out_.computed.size();
    out_.computed.push_back(std::move(made));
    push(scope, 2, WriteStep::Kind::computed, number);
    expressions_.push_back([this, number, &row, scope] {
        OutExpression rule = expression(row.expression, scope, row);
        out_.computed[number].expression = std::move(rule);
    });
}

void TargetCompiler::derive(const Row& row, const Scope& scope) {
    if (!scope.in_document) return;
    TargetSource source;
    const std::size_t number = out_.derives.size();
    out_.derives.push_back({.row = &row});
    locate(row.right[0], scope, row, out_.derives[number].source);
    if (out_.derives[number].source.ways.empty()) {
        out_.derives.pop_back();
        return;
    }
    push(scope, 3, WriteStep::Kind::derive, number);
    expressions_.push_back([this, number, &row, scope] {
        OutExpression rule = expression(row.expression, scope, row);
        out_.derives[number].expression = std::move(rule);
    });
}

void TargetCompiler::check(const Row& row, const Scope& scope) {
    if (!scope.in_document) return;
    if (row.check_each) {
        lates_.push_back([this, &row, scope] {
            // Each member is a body of its own: the rule moves there.
            OutNode* at = scope.out;
            std::vector<OutNode*> open{at};
            for (const NationalStep& step : row.check_each->steps) {
                std::vector<OutNode*> next;
                for (OutNode* one : open) {
                    for (const auto& child : one->children) {
                        if (is_named(*child, *one, step)) next.push_back(child.get());
                    }
                }
                open = std::move(next);
            }
            for (OutNode* one : open) {
                Scope inner = scope;
                inner.out = one;
                inner.body = one->body;
                if (one->body == scope.body) {
                    inner.sink = scope.sink;
                } else {
                    inner.sink = {Sink::Kind::body, one->body, 0};
                }
                one_check(row, inner);
            }
        });
        return;
    }
    one_check(row, scope);
}

void TargetCompiler::one_check(const Row& row, const Scope& scope) {
    const std::size_t number = out_.checks.size();
    out_.checks.push_back({.row = &row, .out = scope.out});
    push(scope, 3, WriteStep::Kind::check, number);
    expressions_.push_back([this, number, &row, scope] {
        OutExpression left = expression(row.expression, scope, row);
        OutExpression right = expression(row.expected, scope, row);
        out_.checks[number].left = std::move(left);
        out_.checks[number].right = std::move(right);
    });
}

OutExpression TargetCompiler::expression(const Expression& e, const Scope& scope, const Row& row) {
    OutExpression made;
    made.expression = &e;
    if (e.kind == Expression::Kind::national) national(e.national, scope, made);
    if (e.kind == Expression::Kind::pivot) {
        if (scope.in_document) locate(e.pivot, scope, row, made.pivot);
    }
    for (const Expression& part : e.parts) made.parts.push_back(expression(part, scope, row));
    return made;
}

OutExpression TargetCompiler::condition(const Condition& asked, const Scope& scope, const Row& row) {
    if (!asks_for_group(asked)) return expression(asked.place, scope, row);
    OutExpression made;
    made.expression = &asked.place;
    if (asked.place.kind == Expression::Kind::pivot) {
        if (scope.in_document) class_ways(asked.place.pivot, scope, row, false, made.pivot.ways);
        return made;
    }
    const bool selected = std::ranges::any_of(
        asked.place.national.steps, [](const NationalStep& step) { return !step.keys.empty() || step.index != 0; });
    if (selected) throw Unsupported(row, "a case that asks whether one of several elements is there");
    made.asks_if_there = true;
    national(asked.place.national, scope, made);
    return made;
}

void TargetCompiler::national(const NationalPath& path, const Scope& scope, OutExpression& made) {
    OutNode* from = path.from_document ? out_.document : scope.out;
    for (std::uint32_t i = 0; i < path.up && from->parent; ++i) from = from->parent;
    made.way.push_back(from);
    std::vector<const OutNode*> open{from};
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) break;
        if (!step.keys.empty()) made.known = false;
        std::vector<const OutNode*> next;
        for (const OutNode* one : open) {
            for (const auto& child : one->children) {
                if (!is_named(*child, *one, step)) continue;
                if (step.index == 1) made.first_only = true;
                if (step.index > 1 && child->index != step.index) continue;
                next.push_back(child.get());
            }
        }
        open = std::move(next);
    }
    made.several = made.first_only && open.size() > 1;
    made.attribute = attribute_of(path);
    made.ends = std::move(open);
}

}  // namespace hansa::mapping::program::writing
