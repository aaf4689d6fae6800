// Expressions of a plan: the same values as evaluate.h gives, over frames and over the output.
#include <algorithm>

#include "core/mapping/plan_expression.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

// ---- over the source ----

void Machine::texts(const ReadExpression& e, std::vector<std::string>& all) {
    if (e.expression->kind != Expression::Kind::national) {
        if (const auto value = evaluate(e)) all.push_back(*value);
        return;
    }
    std::vector<std::uint32_t> entries;
    entries_of(e, entries);
    for (const std::uint32_t entry : entries) all.emplace_back((*tape_)[entry].value());
}

void Machine::entries_of(const ReadExpression& e, std::vector<std::uint32_t>& all) {
    if (!e.known || e.national.slot.number == nothing) decline("a rule over what the plan does not read");
    bool first = true;
    const auto use = [&] {
        if (!first && e.national.first_only) return;
        // "[1]" is a place among all members, also those that say nothing and have no frame.
        if (e.national.first_only && current(e.national.loops.back()).ordinal != 1)
            decline("the first member of a list whose first is empty");
        first = false;
        const std::uint32_t entry = slot(e.national.slot);
        if (entry == nothing) return;
        all.push_back(entry);
        if (multi_.empty()) return;
        const std::uint32_t at = current(e.national.slot.group).slots + e.national.slot.number;
        for (const auto& [other, further] : multi_) {
            if (other == at) all.push_back(further);
        }
    };
    each_loop(e.national.loops, use);
}

bool Machine::stands(const ReadExpression& e) {
    if (e.expression->kind != Expression::Kind::national) return any_of(e.there);
    const NationalSource& at = e.national;
    bool found = false;
    const std::size_t around = at.loops.size() - (at.members ? 1 : 0);
    each_loop(std::span(at.loops).first(around), [&] {
        if (!at.members) {
            found = found || slot(at.slot) != nothing;
            return;
        }
        const Group& list = in_.groups[at.loops.back()];
        found = found || lists_[current(list.parent).lists + list.list].total != 0;
    });
    return found;
}

std::optional<std::string> Machine::evaluate(const ReadExpression& e) {
    const Expression& known = *e.expression;
    if (e.asks_if_there) return stands(e) ? std::optional<std::string>("1") : std::nullopt;
    switch (known.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return known.text;
        case Expression::Kind::months:
            return std::nullopt;
        case Expression::Kind::pivot: {
            if (!e.known) decline("a rule over a field that the plan does not hold");
            if (e.pivot.number == nothing) return std::nullopt;
            const Value& at = value(e.pivot);
            if (!at.present || at.text.empty()) return std::nullopt;
            return qualified(at.list, at.text);
        }
        case Expression::Kind::national: {
            if (e.known && e.national.slot.number != nothing && e.national.loops.empty()) {
                const std::string_view text = slot_text(e.national.slot);
                return text.empty() ? std::nullopt : std::optional<std::string>(text);
            }
            std::vector<std::string> all;
            texts(e, all);
            if (all.empty() || says_nothing(all.front())) return std::nullopt;
            return all.front();
        }
        case Expression::Kind::call:
            if (list_.on && !list_.adding) {
                if (const ListSum* sum = sum_of(&e)) return summed(*sum);
            }
            if (known.text == "count" && !e.parts.empty()) {
                const ReadExpression& part = e.parts[0];
                if (part.expression->kind != Expression::Kind::national) return std::nullopt;
                if (!part.known) decline("a rule over what the plan does not read");
                std::size_t count = 0;
                if (part.national.members) {
                    const Id last = part.national.loops.back();
                    each_loop(std::span(part.national.loops).first(part.national.loops.size() - 1), [&] {
                        count += lists_[current(in_.groups[last].parent).lists + in_.groups[last].list].total;
                    });
                } else {
                    std::vector<std::string> all;
                    texts(part, all);
                    count = all.size();
                }
                return std::to_string(count);
            }
            if (folds(known)) {
                std::vector<std::string> all;
                for (const ReadExpression& part : e.parts) texts(part, all);
                return folded(known.text, all);
            }
            break;
        case Expression::Kind::binary:
            break;
    }
    std::vector<std::optional<std::string>> parts;
    for (const ReadExpression& part : e.parts) parts.push_back(evaluate(part));
    if (names_list(known) && !known.parts.empty()) parts[0] = known.parts[0].text;
    if (known.text == "code" && parts.size() > 1 && !parts[1]) return std::nullopt;
    return over_literals(known, parts, source_->context);
}

/// False: the side is no small number, or the long way has to say.
bool Machine::side(const ReadExpression& e, Side& out) {
    const Expression& known = *e.expression;
    const auto take = [&](std::string_view text) {
        out.text = text;
        const auto number = small_number(text);
        if (number) out.number = *number;
        return number.has_value();
    };
    switch (known.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return take(known.text);
        case Expression::Kind::national: {
            if (!e.known || e.national.slot.number == nothing || !e.national.loops.empty() || !multi_.empty())
                return false;
            const std::string_view text = slot_text(e.national.slot);
            out.missing = text.empty();
            return out.missing || take(text);
        }
        case Expression::Kind::pivot: {
            if (!e.known || e.pivot.number == nothing) return false;
            const Value& at = value(e.pivot);
            out.missing = !at.present || at.text.empty();
            return out.missing || (at.list.empty() && take(at.text));
        }
        case Expression::Kind::binary: {
            if (e.parts.size() != 2) return false;
            Side a, b;
            if (!side(e.parts[0], a) || !side(e.parts[1], b)) return false;
            out.computed = true;
            out.missing = a.missing || b.missing;
            if (out.missing) return true;
            const auto made = known.text == "*"   ? times(a.number, b.number)
                              : known.text == "+" ? plus(a.number, b.number)
                              : known.text == "-" ? minus(a.number, b.number)
                                                  : std::nullopt;
            if (made) out.number = *made;
            return made.has_value();
        }
        case Expression::Kind::call:
        case Expression::Kind::months:
            break;
    }
    return false;
}

// ---- over the output ----

/// The nodes that a path of the output means, each with the block it stands in.
void Machine::members_of(const OutExpression& e, std::vector<std::pair<const OutNode*, Id>>& found) {
    const OutNode* top = e.way.front();
    for (const OutNode* end : e.ends) {
        // The loops between the top and the end, from the outside in.
        std::vector<Id> loops;
        for (const OutNode* at = end; at && at != top; at = at->parent) {
            if (at->loop != nothing) loops.push_back(at->loop);
        }
        std::vector<Id> open{block_of_[top->body]};
        for (std::size_t i = loops.size(); i-- > 0;) {
            std::vector<Id> next;
            if (is_list_body(loops[i]) && !list_.adding) decline("all members of a long list");
            for (const Id block : open) {
                const List& list = block_lists_[blocks_[block].lists + to_.bodies[loops[i]].list];
                for (Id at = list.first; at != nothing; at = blocks_[at].next) {
                    next.push_back(at);
                    if (e.first_only) break;
                }
            }
            open = std::move(next);
        }
        for (const Id block : open) found.emplace_back(end, block);
    }
    if (!e.several) return;
    // What is there only when it is demanded is no member before it is filled.
    std::erase_if(found, [&](const auto& one) { return !one.first->stands && !alive(*one.first, one.second); });
    if (found.size() > 1) decline("the first member of several lists");
}

bool Machine::stands(const OutExpression& e) {
    std::vector<std::pair<const OutNode*, Id>> found;
    members_of(e, found);
    return std::ranges::any_of(found, [&](const auto& one) { return alive(*one.first, one.second); });
}

void Machine::texts(const OutExpression& e, std::vector<std::string>& all) {
    if (e.expression->kind != Expression::Kind::national) {
        if (const auto value = evaluate(e)) all.push_back(*value);
        return;
    }
    std::vector<const OutText*> found;
    texts_of(e, found);
    for (const OutText* one : found) all.emplace_back(one->text);
}

void Machine::texts_of(const OutExpression& e, std::vector<const OutText*>& all) {
    if (!e.known) decline("a rule over what the plan does not hold");
    std::vector<std::pair<const OutNode*, Id>> found;
    members_of(e, found);
    for (const auto& [node, block] : found) {
        Text at = node->text;
        if (!e.attribute.empty()) {
            const auto known = std::find_if(node->attributes.begin(), node->attributes.end(),
                                            [&](const OutAttribute& one) { return one.name.local == e.attribute; });
            if (known == node->attributes.end()) continue;
            at = known->text;
        } else if (node->constant) {
            decline("a rule over a key");
        }
        if (at.number == nothing) continue;
        const OutText& text = texts_[blocks_[block].texts + at.number];
        if (!text.stands()) continue;
        all.push_back(&text);
        for (std::uint32_t i = 0; i < text.more_count; ++i) all.push_back(&more_texts_[text.more + i]);
    }
}

std::optional<std::string> Machine::evaluate(const OutExpression& e) {
    const Expression& known = *e.expression;
    if (e.asks_if_there) return stands(e) ? std::optional<std::string>("1") : std::nullopt;
    switch (known.kind) {
        case Expression::Kind::text:
        case Expression::Kind::number:
            return known.text;
        case Expression::Kind::months:
            return std::nullopt;
        case Expression::Kind::pivot: {
            std::vector<Value*> found;
            gather(e.pivot, found);
            if (found.empty() || found[0]->text.empty()) return std::nullopt;
            return qualified(found[0]->list, found[0]->text);
        }
        case Expression::Kind::national: {
            std::vector<std::string> all;
            texts(e, all);
            if (all.empty() || says_nothing(all.front())) return std::nullopt;
            return all.front();
        }
        case Expression::Kind::call:
            if (list_.on && !list_.adding) {
                if (const ListSum* sum = sum_of(&e)) return summed(*sum);
            }
            if (known.text == "count" && !e.parts.empty()) {
                const OutExpression& part = e.parts[0];
                if (part.expression->kind != Expression::Kind::national) return std::nullopt;
                if (!part.known) decline("a rule over what the plan does not hold");
                std::vector<std::pair<const OutNode*, Id>> found;
                members_of(part, found);
                std::size_t count = 0;
                for (const auto& [node, block] : found) count += alive(*node, block) ? 1U : 0U;
                return std::to_string(count);
            }
            if (folds(known)) {
                std::vector<std::string> all;
                for (const OutExpression& part : e.parts) texts(part, all);
                return folded(known.text, all);
            }
            break;
        case Expression::Kind::binary:
            break;
    }
    std::vector<std::optional<std::string>> parts;
    for (const OutExpression& part : e.parts) parts.push_back(evaluate(part));
    if (names_list(known) && !known.parts.empty()) parts[0] = known.parts[0].text;
    return over_literals(known, parts, target_->context);
}

}  // namespace hansa::mapping::program
