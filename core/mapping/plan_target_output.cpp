// The output tree of a plan: places that rows write, and what the schema demands beside them.
#include "core/mapping/plan_target_compiler.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hansa::mapping::program::writing {
namespace {

std::string keys_text(const NationalStep& step) {
    std::string all;
    for (const NationalKey& key : step.keys) all += key.child + "=" + key.value + ";";
    return all;
}

}  // namespace

OutNode* TargetCompiler::add(OutNode& parent, const schema::Name& name, Shape* shape) {
    auto made = std::make_unique<OutNode>();
    made->name = name;
    made->shape = shape;
    made->parent = &parent;
    made->body = parent.body;
    parent.children.push_back(std::move(made));
    return parent.children.back().get();
}

bool TargetCompiler::is_named(const OutNode& node, const OutNode& parent, const NationalStep& step) {
    const Shape* meant = parent.shape ? parent.shape->child(step.name) : nullptr;
    return meant && node.shape == meant;
}

OutNode* TargetCompiler::find(OutNode& parent, const NationalStep& step) const {
    const std::string keys = keys_text(step);
    for (const auto& child : parent.children) {
        if (!is_named(*child, parent, step) || child->keys != keys) continue;
        // Members that rows make one by one are no place, but the document is.
        if (child->loop != nothing && child.get() != out_.document) continue;
        if (step.keys.empty() && std::max(child->index, 1u) != std::max(step.index, 1u)) continue;
        return child.get();
    }
    return nullptr;
}

/// The node at a path below the group, made where it is not there.
OutNode* TargetCompiler::place(const Scope& scope, const NationalPath& path, const Row& row, bool entered) {
    OutNode* node = path.from_document ? out_.document : scope.out;
    for (std::uint32_t i = 0; i < path.up && node->parent; ++i) node = node->parent;
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) break;
        if (OutNode* known = find(*node, step)) {
            node = known;
            continue;
        }
        Shape* shape = node->shape ? node->shape->child(step.name) : nullptr;
        if (!shape) throw Unsupported(row, "no place '" + step.name + "'");
        if (step.keys.empty() && step.index > 1) {
            // The members in front of it, as empty ones, are made by their own rows.
            for (std::uint32_t before = 1; before < step.index; ++before) {
                NationalStep other = step;
                other.index = before;
                if (!find(*node, other)) add(*node, shape->name, shape)->index = before;
            }
        }
        OutNode* made = add(*node, shape->name, shape);
        made->index = step.index;
        made->keys = keys_text(step);
        for (const NationalKey& key : step.keys) {
            if (key.child.starts_with('@')) {
                const AttributeShape* known = shape->attribute(std::string_view(key.child).substr(1));
                OutAttribute attribute{.name = known ? known->name : schema::Name{{}, key.child.substr(1)}};
                attribute.constant = key.value;
                attribute.always = true;
                made->attributes.push_back(std::move(attribute));
                continue;
            }
            Shape* inner = shape->child(key.child);
            if (!inner) throw Unsupported(row, "no place '" + key.child + "'");
            OutNode* named = add(*made, inner->name, inner);
            named->constant = key.value;
            named->key = !entered;
            named->kept = entered;
        }
        node = made;
    }
    return node;
}

Text TargetCompiler::text_of(OutNode& node) {
    if (node.text.number == nothing) node.text = {node.body, out_.bodies[node.body].texts++};
    return node.text;
}

OutAttribute& TargetCompiler::attribute(OutNode& node, const std::string& local) {
    for (OutAttribute& known : node.attributes) {
        if (known.name.local == local) return known;
    }
    schema::Name name{{}, local};
    if (node.shape) {
        if (const AttributeShape* known = node.shape->attribute(local)) name = known->name;
    }
    node.attributes.push_back({.name = std::move(name)});
    return node.attributes.back();
}

Text TargetCompiler::text_of(OutNode& node, const std::string& local) {
    OutAttribute& known = attribute(node, local);
    if (known.text.number == nothing) known.text = {node.body, out_.bodies[node.body].texts++};
    return known.text;
}

void TargetCompiler::fill(OutNode& node, OutNode* group, const std::string& below) {
    std::string at = below;
    if (pending_.contains(&node)) {
        group = &node;
        at.clear();
    }
    fill_attributes(node, group, at);
    if (!node.shape) return;
    const RowForm form = node.shape->owner ? node.shape->owner->form : RowForm::value;
    if (form == RowForm::attached) return;
    for (const auto& child : node.shape->children) {
        if (child->owner && child->owner->form == RowForm::signature) continue;
        std::vector<OutNode*> found;
        for (const auto& one : node.children) {
            if (one->shape == child.get()) found.push_back(one.get());
        }
        const std::string path = place_join(at, child->name.local);
        const bool demanded = child->least > 0 && !child->in_choice;
        if (demanded) {
            OutNode* made = nullptr;
            for (OutNode* one : found) {
                if (one->loop == nothing && one->keys.empty() && one->pad_to == 0 && !made) made = one;
            }
            const bool is_document = std::find(found.begin(), found.end(), out_.document) != found.end();
            if (!made && !is_document) {
                if (depth_ < 24) {
                    made = add(node, child->name, child.get());
                    found.push_back(made);
                }
            }
            if (made) {
                // What a member's own rows say by default is asked where the member stands, not where none is.
                if (made->is_member)
                    made->filling.kind = Filling::Kind::decline;
                else
                    fill_missing(*made, *child, group, path);
                for (const OutNode* one : found) {
                    if (one != made) made->filling.peers.push_back(one);
                }
                node.fills = true;
            }
        }
        for (OutNode* one : found) {
            if (one == out_.document && one != out_.root.get()) {
                fill(*one, one, "");
                continue;
            }
            ++depth_;
            fill(*one, group, path);
            --depth_;
        }
    }
}

Id TargetCompiler::site(std::string reason, const Row* row) {
    out_.sites.push_back({LossKind::defaulted, std::move(reason), row ? row->place : std::string()});
    return static_cast<Id>(out_.sites.size() - 1);
}

void TargetCompiler::fill_missing(OutNode& node, const Shape& child, OutNode* group, const std::string& below) {
    const bool is_group = !child.text && !child.children.empty();
    if (is_group) {
        node.filling.kind = Filling::Kind::group;
        return;
    }
    Filling fallback{.kind = Filling::Kind::decline};
    if (model_.empties != Empties::absent &&
        (child.type ? model_.grammar->check_value(*child.type, "").has_value() : child.text)) {
        fallback.kind = Filling::Kind::empty;
        fallback.after_failure = false;
    }
    bool several = false;
    const Pendings* const pending = pending_at(group, below, several);
    if (several) {
        node.filling.kind = Filling::Kind::decline;
        return;
    }
    if (pending == nullptr) {
        node.filling = fallback;
        return;
    }
    node.filling = filling_of(*pending, node, fallback);
    bool any = false;
    node.filling.each([&](const Filling& one) {
        any = any || (one.kind != Filling::Kind::decline && one.kind != Filling::Kind::empty);
    });
    if (!any) return;
    for (const Pending& one : *pending) {
        const auto& conversions = one.row->conversions;
        if (!conversions.empty())
            list_attributes(node, one.row->left[one.term], conversions[std::min(one.term, conversions.size() - 1)],
                            text_of(node));
    }
    text_of(node);
}

void TargetCompiler::fill_attributes(OutNode& node, OutNode* group, const std::string& below) {
    if (!node.shape) return;
    for (const AttributeShape& known : node.shape->attributes) {
        if (!known.required) continue;
        OutAttribute& made = attribute(node, known.name.local);
        node.fills = true;
        if (known.fixed) {
            made.filling.kind = Filling::Kind::text;
            made.filling.text = *known.fixed;
            continue;
        }
        made.filling.kind = Filling::Kind::decline;
        bool several = false;
        const Pendings* const pending = pending_at(group, place_join(below, "@" + known.name.local), several);
        if (pending == nullptr || several) continue;
        made.filling = filling_of(*pending, node, made.filling);
    }
}

namespace {

/// Is it the place, with "#1" behind some of its steps? A member that is made because one is demanded is the first.
bool is_place(std::string_view found, std::string_view place) {
    constexpr std::string_view first = "#1";
    while (!found.empty()) {
        if (found.starts_with(first) && (found.size() == first.size() || found[first.size()] == '/')) {
            found.remove_prefix(first.size());
            continue;
        }
        if (place.empty() || place.front() != found.front()) return false;
        place.remove_prefix(1);
        found.remove_prefix(1);
    }
    return place.empty();
}

}  // namespace

auto TargetCompiler::pending_at(const OutNode* group, const std::string& below, bool& several) const
    -> const Pendings* {
    const auto of_group = pending_.find(group);
    if (of_group == pending_.end()) return nullptr;
    const Pendings* found = nullptr;
    for (const auto& [place, pending] : of_group->second) {
        if (!is_place(place, below)) continue;
        several = several || found != nullptr;
        found = &pending;
    }
    return found;
}

Filling TargetCompiler::filling_of(const Pendings& pending, const OutNode& node, const Filling& fallback) {
    std::vector<Filling> all;
    for (std::size_t i = pending.size(); i-- > 0;) all.push_back(default_of(pending[i], node));
    const auto says_nothing = [](const Filling& one) { return one.kind == Filling::Kind::none; };
    const bool none = std::ranges::all_of(all, says_nothing);
    for (Filling& one : all) {
        if (!says_nothing(one)) continue;
        // Where one case has a default and another has none, the reference says what the other gets.
        auto cases = std::move(one.cases);
        one = none ? fallback : Filling{.kind = Filling::Kind::decline};
        one.cases = std::move(cases);
    }
    Filling made = std::move(all.front());
    made.others.assign(std::make_move_iterator(all.begin() + 1), std::make_move_iterator(all.end()));
    return made;
}

Filling TargetCompiler::default_of(const Pending& pending, const OutNode& node) {
    const Row& row = *pending.row;
    Filling made;
    made.row = &row;
    made.scope = pending.scope.out;
    for (const auto& [chain, number] : pending.scope.cases) made.cases.emplace_back(out_.chains[chain].chosen, number);
    if (row.form == RowForm::fixed) {
        if (row.alternatives.empty()) return made;
        made.kind = Filling::Kind::text;
        made.text = row.alternatives.front();
        return made;
    }
    std::size_t own = 0;
    for (std::size_t i = 0; i < pending.term; ++i) own += row.left[i].constant || row.left[i].borrowed ? 0U : 1U;
    if (own < row.defaults.size()) {
        const std::string& text = row.defaults[own];
        if (!row.reason.empty()) made.site = site(row.reason, &row);
        if (!text.starts_with('$')) {
            made.kind = Filling::Kind::text;
            made.text = text;
        } else if (text == "$uuid5") {
            made.kind = Filling::Kind::uuid5;
            made.term = term_place(row.left[pending.term]);
        } else if (text == "$position") {
            made.kind = Filling::Kind::position;
        } else if (text == "$received") {
            made.kind = row.conversions.empty() ? Filling::Kind::none : Filling::Kind::received;
            made.target = target_of(row.left[pending.term]);
        } else if (own < row.default_expressions.size() && row.default_expressions[own]) {
            made.kind = Filling::Kind::expression;
            OutNode* at = const_cast<OutNode*>(&node);
            expressions_.push_back([this, at, own, &row, scope = pending.scope] {
                OutExpression rule = expression(*row.default_expressions[own], scope, row);
                const auto take = [&](Filling& one) {
                    if (one.kind == Filling::Kind::expression && one.row == &row) one.expression = rule;
                };
                for (OutAttribute& one : at->attributes) one.filling.each(take);
                at->filling.each(take);
            });
        } else if (const auto setting = settings_.find(text.substr(1)); setting != settings_.end()) {
            made.kind = Filling::Kind::text;
            made.text = setting->second;
        }
        return made;
    }
    if (row.none) {
        made.kind = Filling::Kind::text;
        made.text = *row.none;
        made.after_failure = false;
        return made;
    }
    const auto setting = settings_.find(place_join(pending.scope.place, term_place(row.left[pending.term])));
    if (setting == settings_.end()) return made;
    made.kind = Filling::Kind::text;
    made.text = setting->second;
    made.site = site("set by the agency", &row);
    return made;
}

}  // namespace hansa::mapping::program::writing
