// The rows of a table, read: what each form does to the pivot document, memory, annex and ledger.
#include <algorithm>

#include "core/base/decimal.h"
#include "core/mapping/codes.h"
#include "core/mapping/list_of.h"
#include "core/mapping/reader.h"

namespace hansa::mapping {
namespace {

bool blank(std::string_view text) {
    return says_nothing(text);
}

bool is_zero(std::string_view text) {
    const Result<Decimal> value = Decimal::parse(text);
    return value && value->is_zero();
}

std::string attribute_of(const NationalTerm& term) {
    if (term.constant || term.path.steps.empty()) return {};
    const std::string& last = term.path.steps.back().name;
    return last.starts_with('@') ? last.substr(1) : std::string();
}

/// A selector's own places are read with each of the places that it leads to.
void take_keys(const NationalPath& path, NationalNode& node) {
    NationalNode* at = &node;
    for (std::size_t i = path.steps.size(); i-- > 0 && at;) {
        const NationalStep& step = path.steps[i];
        if (step.name.starts_with('@')) continue;
        for (const NationalKey& key : step.keys) {
            if (!key.child.starts_with('@'))
                at->child(key.child)->taken = true;
            else
                at->attribute(std::string_view(key.child).substr(1))->taken = true;
        }
        at = at->parent;
    }
}

}  // namespace

TreeReader::Found TreeReader::find(const NationalTerm& term, const Scope& scope) {
    Found found;
    if (term.constant) {
        found.texts.push_back(term.value);
        return found;
    }
    const std::string attribute = attribute_of(term);
    for (NationalNode* node : find_all(*scope.element, term.path, *document_)) {
        if (!attribute.empty()) {
            const NationalNode::Attribute* there = node->attribute(attribute);
            if (!there) continue;
            found.nodes.push_back(node);
            found.texts.push_back(there->value);
            continue;
        }
        found.nodes.push_back(node);
        found.texts.push_back(node->text);
    }
    return found;
}

/// True when the row has nothing to say. What stands there all the same goes to memory.
bool TreeReader::absent(const Row& row, const Scope& scope, std::vector<Found>& found) {
    bool any = false, all_constant = true;
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        const NationalTerm& term = row.left[i];
        if (term.constant) continue;
        all_constant = false;
        const std::string attribute = attribute_of(term);
        const std::string place = place_join(scope.place, term_place(term));
        for (std::size_t k = 0; k < found[i].nodes.size();) {
            NationalNode& node = *found[i].nodes[k];
            const bool word = row.none && found[i].texts[k] == *row.none;
            if (!term.borrowed) {
                if (attribute.empty())
                    node.taken = true;
                else
                    node.attribute(attribute)->taken = true;
            }
            if (!blank(found[i].texts[k]) && !word) {
                ++k;
                continue;
            }
            // Empty, or a word that means absence: no value, but it stood there.
            if (!term.borrowed) {
                remember(place + (found[i].nodes.size() > 1 ? "#" + std::to_string(k + 1) : ""), found[i].texts[k], {});
                note(&row, node, attribute, place, SourceLeaf::Way::implied);
            }
            found[i].nodes.erase(found[i].nodes.begin() + static_cast<std::ptrdiff_t>(k));
            found[i].texts.erase(found[i].texts.begin() + static_cast<std::ptrdiff_t>(k));
        }
        any = any || (!term.borrowed && !found[i].texts.empty());
    }
    return !any && !all_constant;
}

void TreeReader::value(const Row& row, const Scope& scope) {
    if (!scope.cursor) return;
    std::vector<Found> found;
    for (const NationalTerm& term : row.left) found.push_back(find(term, scope));
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        for (NationalNode* node : found[i].nodes) take_keys(row.left[i].path, *node);
    }
    if (absent(row, scope, found)) return;
    if (row.direction == Direction::from_pivot) {
        for (std::size_t i = 0; i < row.left.size(); ++i) {
            if (row.left[i].constant || row.left[i].borrowed) continue;
            for (std::size_t k = 0; k < found[i].nodes.size(); ++k) {
                const std::string place = place_join(scope.place, term_place(row.left[i]));
                remember(place, found[i].texts[k], {"="});
                note(&row, *found[i].nodes[k], attribute_of(row.left[i]), place, SourceLeaf::Way::kept).leaf.reason =
                    row.reason;
            }
        }
        return;
    }
    convert(row, scope, found);
}

void TreeReader::convert(const Row& row, const Scope& scope, const std::vector<Found>& given) {
    std::vector<Found> found = given;
    // Parts that belong together: a zero whose partner is missing is no value, another is an error.
    const bool pairwise = row.conversions.size() > 1;
    if (pairwise) {
        for (std::size_t i = 0; i < row.left.size(); ++i) {
            if (!found[i].texts.empty() || row.left[i].optional) continue;
            const NationalNode* there = nullptr;
            std::string there_name;
            for (std::size_t k = 0; k < row.left.size(); ++k) {
                if (k == i || found[k].nodes.empty() || row.left[k].borrowed) continue;
                const bool empties = k < row.conversions.size() && row.conversions[k].zero_empty();
                if (empties && is_zero(found[k].texts[0])) {
                    const std::string place = place_join(scope.place, term_place(row.left[k]));
                    remember(place, found[k].texts[0], {});
                    note(&row, *found[k].nodes[0], attribute_of(row.left[k]), place, SourceLeaf::Way::implied);
                    return;
                }
                there = found[k].nodes[0];
                there_name = row.left[k].path.text;
            }
            if (!there) continue;
            return fault(codes::part_missing, "'" + there_name + "' stands without its '" + row.left[i].path.text + "'",
                         there);
        }
    }
    std::size_t left = 0, right = 0;
    const std::size_t first_leaf = leaves_.size();
    std::vector<std::pair<PivotNode*, std::string>> stated;
    for (const Conversion& conversion : row.conversions) {
        const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
        const std::size_t gives = std::min(conversion.pivot_count(), row.right.size() - right);
        std::vector<NationalValue> values;
        const NationalNode* at = scope.element;
        bool own = false;
        for (std::size_t i = 0; i < takes; ++i) {
            const Found& part = found[left + i];
            const bool several = row.left[left + i].repeated || conversion.takes_national_list();
            for (std::size_t k = 0; k < part.texts.size(); ++k) {
                if (k == 0 || several) {
                    values.push_back({part.texts[k], i});
                } else if (part.texts[k] != part.texts[0]) {
                    return fault(
                        codes::disagree,
                        "'" + row.left[left + i].path.text + "' is said twice and differently (" + row.place + ")",
                        part.nodes[k], attribute_of(row.left[left + i]));
                }
            }
            if (!part.nodes.empty() && !own) {
                at = part.nodes.front();
                own = true;
            }
        }
        if (values.empty()) {
            left += takes;
            right += gives;
            continue;
        }
        Result<ToPivot> made = conversion.to_pivot(values, around_.context);
        if (!made) {
            fault(made.error().code, made.error().detail, at, attribute_of(row.left[left]));
            return;
        }
        std::vector<std::pair<PivotNode*, std::string>> fed;
        for (std::size_t slot = 0; slot < gives; ++slot) {
            std::vector<PivotValue> of_slot;
            for (const PivotValue& one : made->values) {
                if (one.slot == slot) of_slot.push_back(one);
            }
            if (!of_slot.empty()) put(row, scope, row.right[right + slot], of_slot, fed);
        }
        // What the way back would write by itself needs no memory.
        std::vector<Target> targets;
        for (std::size_t i = 0; i < takes; ++i) targets.push_back(target_of(row.left[left + i]));
        const Result<FromPivot> back = conversion.from_pivot(made->values, around_.context, targets);
        const bool nowhere = fed.empty();
        for (std::size_t i = 0; i < takes; ++i) {
            const NationalTerm& term = row.left[left + i];
            if (term.constant || term.borrowed) continue;
            std::vector<std::string> again;
            if (back) {
                for (const NationalValue& one : back->values) {
                    if (one.slot == i) again.push_back(one.text);
                }
            }
            const Found& part = found[left + i];
            const std::string place = place_join(scope.place, term_place(term));
            const bool differs = another_case_ || again != part.texts;
            for (std::size_t k = 0; k < part.texts.size(); ++k) {
                const bool bare = nowhere || row.direction == Direction::to_pivot;
                if (differs || bare) {
                    remember(place + (part.texts.size() > 1 || term.repeated ? "#" + std::to_string(k + 1) : ""),
                             part.texts[k], bare ? std::vector<std::string>{} : as_remembered(made->values));
                }
                Leaf& leaf = note(&row, *part.nodes[k], attribute_of(term), place,
                                  nowhere ? SourceLeaf::Way::kept : SourceLeaf::Way::mapped);
                if (nowhere) leaf.leaf.reason = "the document has no member to put it into";
                leaf.fed = fed;
                list_attributes(conversion, term, *part.nodes[k], place);
                for (const ConversionNote& one : made->notes) {
                    leaf.leaf.notes.push_back(
                        {one.kind == ConversionNote::Kind::rounded ? LossKind::rounded : LossKind::narrowed,
                         one.reason});
                }
            }
        }
        const auto is_own = [](const NationalTerm& term) { return !term.constant && !term.borrowed; };
        const auto first = row.left.begin() + static_cast<std::ptrdiff_t>(left);
        if (std::none_of(first, first + static_cast<std::ptrdiff_t>(takes), is_own))
            stated.insert(stated.end(), fed.begin(), fed.end());
        left += takes;
        right += gives;
    }
    note_beside(row, scope, first_leaf, stated);
}

/// What the row's leaves say without an element of their own: keys of selectors up to the member that they stand in,
/// and what constants and borrowed values put beside them. `stated`: the latter.
void TreeReader::note_beside(const Row& row, const Scope& scope, std::size_t first_leaf,
                             const std::vector<std::pair<PivotNode*, std::string>>& stated) {
    if (std::any_of(row.right.begin(), row.right.end(), [](const PivotTerm& term) { return term.every; })) return;
    const auto member_of = [](const PivotNode* node) {
        while (node && !node->by_each) node = node->parent;
        return node;
    };
    const bool constant =
        std::all_of(row.left.begin(), row.left.end(), [](const NationalTerm& term) { return term.constant; });
    if (constant && !stated.empty()) {
        Leaf leaf;
        const NationalNode& frame = scope.frame ? *scope.frame : *document_;
        leaf.leaf.way = SourceLeaf::Way::stated;
        leaf.leaf.path = frame.path();
        leaf.leaf.row = row.place;
        leaf.leaf.offset = frame.offset;
        leaves_.push_back(std::move(leaf));
        for (const auto& [node, attribute] : stated) {
            if (member_of(node) == scope.member) leaves_.back().beside.push_back({node, attribute, nullptr, {}});
        }
        return;
    }
    for (std::size_t i = first_leaf; i < leaves_.size(); ++i) {
        Leaf& leaf = leaves_[i];
        if (leaf.leaf.way != SourceLeaf::Way::mapped) continue;
        for (const auto& [fed, attribute] : leaf.fed) {
            if (member_of(fed) != scope.member) continue;
            for (PivotNode* at = fed; at; at = at->by_each ? nullptr : at->parent) {
                std::map<std::string, Beside> keys;  // in the order of their names
                for (const PivotNode::Attribute& one : at->attributes) {
                    const bool itself = at == fed && one.name == attribute;
                    if (one.key && !itself) keys["@" + one.name] = {at, one.name, fed, attribute};
                }
                for (const auto& child : at->children) {
                    if (child->key && child.get() != fed) keys[child->name] = {child.get(), {}, fed, attribute};
                }
                for (auto& [name, key] : keys) leaf.beside.push_back(std::move(key));
            }
        }
        for (const auto& [node, attribute] : stated) {
            if (member_of(node) == scope.member) leaf.beside.push_back({node, attribute, nullptr, {}});
        }
    }
}

/// An attribute that names the code list: said by the list itself, kept where it differs.
void TreeReader::list_attributes(const Conversion& conversion, const NationalTerm& term, NationalNode& node,
                                 const std::string& place) {
    if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
    const std::string here = attribute_of(term);
    const CodeList* const list = list_of(conversion, model_.lists, around_.settings());
    if (!list) return;
    for (const ListAttribute& one : model_.list_attributes) {
        const bool of_code = one.source == "of-code" && here.empty();
        const bool beside = one.source.starts_with("beside:") && one.source.substr(7) == here;
        if (!of_code && !beside) continue;
        const std::string& expected = list->published_id();
        NationalNode::Attribute* there = node.attribute(one.name);
        const std::string base = here.empty() ? place : place.substr(0, place.rfind('/'));
        const std::string at = base == place && !here.empty() ? "@" + one.name : place_join(base, "@" + one.name);
        if (!there) {
            const AttributeShape* known = node.shape ? node.shape->attribute(one.name) : nullptr;
            if (known && !expected.empty()) remember(at, "", {"absent", expected});
            continue;
        }
        if (there->taken) continue;
        there->taken = true;
        const bool same = there->value == expected;
        if (!same) remember(at, there->value, {"=", expected});
        note(nullptr, node, one.name, at, same ? SourceLeaf::Way::implied : SourceLeaf::Way::kept).leaf.reason =
            same ? "" : "another list than the table's";
    }
}

void TreeReader::put(const Row& row, const Scope& scope, const PivotTerm& term, const std::vector<PivotValue>& values,
                     std::vector<std::pair<PivotNode*, std::string>>& fed) {
    if (term.every) return put_every(row, scope, term, values.front(), fed);
    for (const PivotStep& step : term.steps) {
        for (const PivotKey& key : step.keys) {
            if (!key.from) continue;
            const NationalNode* other = find_one(*scope.element, *key.from, *document_);
            if (other && !says_nothing(other->text)) continue;
            return fault(codes::part_missing,
                         "'" + row.left[0].path.text + "' stands without its '" + key.from->text + "'",
                         row.left[0].constant ? scope.element : find_one(*scope.element, row.left[0].path, *document_));
        }
    }
    PivotNode* base = term.from_document ? pivot_.get() : ensure(*scope.cursor);
    const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field->is_list() &&
                      term.steps.back().keys.empty() && term.steps.back().index == 0;
    if (list) {
        if (term.steps.size() > 1)
            base = descend(*base, std::vector<PivotStep>(term.steps.begin(), term.steps.end() - 1), scope.element,
                           nullptr);
        for (const PivotValue& value : values) {
            PivotNode* node = base->add(term.steps.back().name, term.steps.back().field);
            set(row, *node, term, value, scope.element);
            fed.emplace_back(node, std::string());
        }
        return;
    }
    PivotNode* node = descend(*base, term.steps, scope.element, &values.front().text);
    set(row, *node, term, values.front(), scope.element);
    fed.emplace_back(node, term.attribute);
}

void TreeReader::put_every(const Row& row, const Scope& scope, const PivotTerm& term, const PivotValue& value,
                           std::vector<std::pair<PivotNode*, std::string>>& fed) {
    std::vector<PivotNode*> nodes{term.from_document ? pivot_.get() : ensure(*scope.cursor)};
    for (const PivotStep& step : term.steps) {
        std::vector<PivotNode*> next;
        for (PivotNode* node : nodes) {
            const bool open = step.field->is_list() && step.keys.empty() && step.index == 0;
            if (!open) {
                // Below lists only: a class of the document is not made for a list that has no members.
                next.push_back(descend(*node, {step}, scope.element, nullptr));
                continue;
            }
            for (const auto& child : node->children) {
                if (child->name == step.name) next.push_back(child.get());
            }
        }
        nodes = std::move(next);
    }
    for (PivotNode* node : nodes) {
        set(row, *node, term, value, scope.element);
        fed.emplace_back(node, term.attribute);
    }
}

void TreeReader::set(const Row& row, PivotNode& node, const PivotTerm& term, const PivotValue& value,
                     const NationalNode* at) {
    if (!term.attribute.empty()) {
        const std::string text = qualified(value.list, value.text);
        const PivotNode::Attribute* known = node.attribute(term.attribute);
        if (known && known->value != text)
            fault(codes::disagree, "'" + term.text + "' is said twice and differently (" + row.place + ")", at);
        node.set_attribute(term.attribute, text);
        node.attribute(term.attribute)->key = false;
        return;
    }
    if (node.has_value && (node.value != value.text || node.list != value.list)) {
        fault(codes::disagree, "'" + term.text + "' is said twice and differently (" + row.place + ")", at);
    }
    node.value = value.text;
    node.list = value.list;
    node.has_value = true;
    node.key = false;
}

}  // namespace hansa::mapping
