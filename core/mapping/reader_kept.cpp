// The rows of a table, read: what feeds no pivot field but is checked, kept, carried or lost.
#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/reader.h"

namespace hansa::mapping {
namespace {

bool blank(std::string_view text) {
    return says_nothing(text);
}

std::string attribute_of(const NationalTerm& term) {
    if (term.constant || term.path.steps.empty()) return {};
    const std::string& last = term.path.steps.back().name;
    return last.starts_with('@') ? last.substr(1) : std::string();
}

/// The row that says what happens to a place; below a wildcard, to the place around it.
const Row* owner_of(const NationalNode& node) {
    for (const NationalNode* at = &node; at; at = at->parent) {
        if (at->shape && at->shape->owner) return at->shape->owner;
    }
    return nullptr;
}

/// Names from below `above` to the node, members of lists with their number.
std::string place_below(const NationalNode& node, const NationalNode* above) {
    if (&node == above) return ".";
    const bool list = !node.shape || node.shape->is_list();
    const std::string step = node.name.local + (list ? "#" + std::to_string(node.index()) : "");
    if (!node.parent || node.parent == above) return step;
    return place_join(place_below(*node.parent, above), step);
}

}  // namespace

void TreeReader::fixed(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        const Found found = find(term, scope);
        const std::string attribute = attribute_of(term);
        if (row.always && found.nodes.empty())
            remember(place_join(scope.place, term_place(term)), "", {"absent", row.alternatives.front()});
        for (std::size_t i = 0; i < found.nodes.size(); ++i) {
            NationalNode& node = *found.nodes[i];
            if (attribute.empty())
                node.taken = true;
            else
                node.attribute(attribute)->taken = true;
            const std::string& text = found.texts[i];
            const std::string place = place_join(scope.place, term_place(term));
            const bool first = !row.alternatives.empty() && text == row.alternatives.front();
            const bool listed =
                std::find(row.alternatives.begin(), row.alternatives.end(), text) != row.alternatives.end();
            const bool matched = std::any_of(row.patterns.begin(), row.patterns.end(),
                                             [&](const Pattern& pattern) { return pattern.matches(text); });
            if (!listed && !matched && !blank(text)) {
                fault(codes::constant,
                      "expected " +
                          (row.alternatives.empty() ? "/" + row.patterns.front().text() + "/"
                                                    : show_code(row.alternatives.front())) +
                          ", found " + show_code(text),
                      &node, attribute);
                continue;
            }
            const bool demanded = term.path.attribute ? term.path.attribute->required : term.path.shape->least > 0;
            if (!first || !demanded) remember(place, text, {});
            note(&row, node, attribute, place, first || blank(text) ? SourceLeaf::Way::implied : SourceLeaf::Way::kept)
                .leaf.reason = first ? "" : "another spelling of a constant of the format";
        }
    }
}

void TreeReader::computed(const Row& row, const Scope& scope) {
    const NationalTerm& term = row.left[0];
    const Found found = find(term, scope);
    const std::string place = place_join(scope.place, term_place(term));
    const std::optional<std::string> rule = evaluate(row.expression, evaluation(scope));
    if (found.nodes.empty()) {
        if (rule) remember(place, "", {"absent", *rule});
        return;
    }
    NationalNode& node = *found.nodes[0];
    const std::string attribute = attribute_of(term);
    if (attribute.empty())
        node.taken = true;
    else
        node.attribute(attribute)->taken = true;
    const std::string& text = found.texts[0];
    if (!row.conversions.empty()) list_attributes(row.conversions.front(), term, node, place);
    const bool equal = rule && same_value(*rule, text);
    // A rule alone does not bring a group back that may be absent.
    const bool may_be_absent = attribute.empty() && node.parent && node.parent->shape && node.parent->shape->least == 0;
    if (!rule || *rule != text || may_be_absent) remember(place, text, {"=", rule.value_or("")});
    if (!equal && row.refuse)
        fault(codes::derived_differs,
              "the rule gives " + show_code(rule.value_or("nothing")) + ", found " + show_code(text), &node, attribute);
    note(&row, node, attribute, place, equal || blank(text) ? SourceLeaf::Way::implied : SourceLeaf::Way::kept)
        .leaf.reason = equal ? "" : "differs from the value that the rule gives";
}

void TreeReader::carry(const Row& row, const Scope& scope) {
    for (const NationalTerm& term : row.left) {
        const std::string attribute = attribute_of(term);
        if (attribute == "*") {
            const std::string all = term_place(term);
            const std::string base = place_join(scope.place, all.substr(0, all.size() - 1));
            for (NationalNode* node : find_all(*scope.element, term.path, *document_)) {
                for (NationalNode::Attribute& one : node->attributes) {
                    if (one.taken) continue;
                    one.taken = true;
                    carried(base + one.name.local, one.value);
                    note(&row, *node, one.name.local, base + one.name.local, SourceLeaf::Way::carried);
                }
            }
            continue;
        }
        // `**` waits until the rows beside it are done: finish takes what is left.
        if (row.subtree) continue;
        const Found found = find(term, scope);
        // `Key, Key/@name`: an element is carried with its attributes.
        const bool with_element = !attribute.empty() && std::ranges::any_of(row.left, [&](const NationalTerm& other) {
            return attribute_of(other).empty() && term_place(other) + "/@" + attribute == term_place(term);
        });
        for (std::size_t i = 0; i < found.nodes.size(); ++i) {
            NationalNode& node = *found.nodes[i];
            const bool selected = std::any_of(term.path.steps.begin(), term.path.steps.end(),
                                              [](const NationalStep& step) { return !step.keys.empty(); });
            std::string below = selected ? term_place(term) : place_below(node, scope.element);
            if (!selected && !attribute.empty()) below = place_join(below == "." ? "" : below, "@" + attribute);
            const std::string place = place_join(scope.place, below);
            if (!attribute.empty()) {
                if (with_element && node.attribute(attribute)->taken) continue;
                node.attribute(attribute)->taken = true;
                carried(place, found.texts[i]);
                note(&row, node, attribute, place, SourceLeaf::Way::carried);
                continue;
            }
            carry_rest(node, place, &row, "");
        }
    }
}

/// Does the node stand in a member of an `each` that was not read?
bool TreeReader::in_unread_member(const NationalNode& node) const {
    for (const NationalNode* at = &node; at && at != document_; at = at->parent) {
        const Row* row = at->shape ? at->shape->group_row : nullptr;
        const bool member = row && row->form == RowForm::each && row->left[0].path.shape == at->shape;
        if (member && !places_.contains(at)) return true;
    }
    return false;
}

/// Everything at and below the node that no row has taken goes to the annex.
void TreeReader::carry_rest(NationalNode& node, const std::string& place, const Row* row, std::string_view reason) {
    if (!node.taken && node.has_text) {
        node.taken = true;
        const Row* owner = row ? row : owner_of(node);
        const bool is_group =
            node.children.empty() && node.shape && node.shape->entered && blank(node.text) && node.attributes.empty();
        if (is_group) {
            // An empty group says nothing; that it stood there is memory.
            const bool member = places_.contains(&node);
            remember(place.empty() ? "." : place, "",
                     member ? std::vector<std::string>{} : std::vector<std::string>{"stood"});
        } else {
            // What no row carries comes back to its own format only, and so does what its row carries in members
            // that a case passed over: the pivot has none of them.
            const bool by_row = owner && owner->form == RowForm::carry && !in_unread_member(node);
            annex_.push_back({by_row ? model_.authority : mapping_.format(), place.empty() ? "." : place, node.text});
            Leaf& leaf =
                note(owner, node, {}, place, blank(node.text) ? SourceLeaf::Way::implied : SourceLeaf::Way::carried);
            if (!owner || owner->form != RowForm::carry) leaf.leaf.reason = std::string(reason);
        }
    }
    for (NationalNode::Attribute& attribute : node.attributes) {
        if (attribute.taken) continue;
        attribute.taken = true;
        const std::string at = place_join(place, "@" + attribute.name.local);
        const AttributeShape* known = node.shape ? node.shape->attribute(attribute.name.local) : nullptr;
        const Row* owner = known && known->owner ? known->owner : row ? row : owner_of(node);
        const bool by_row = owner && owner->form == RowForm::carry && !in_unread_member(node);
        annex_.push_back({by_row ? model_.authority : mapping_.format(), at, attribute.value});
        note(owner, node, attribute.name.local, at, SourceLeaf::Way::carried);
    }
    for (const auto& child : node.children) {
        const auto known = places_.find(child.get());
        const bool list = !child->shape || child->shape->is_list();
        const std::string step = child->name.local + (list ? "#" + std::to_string(child->index()) : "");
        carry_rest(*child, known != places_.end() ? known->second : place_join(place, step), row, reason);
    }
}

void TreeReader::drop(const Row& row, const Scope& scope) {
    const auto lose = [&](const NationalNode& node, std::string_view attribute, const std::string& text) {
        LossEntry entry{
            .kind = LossKind::dropped, .path = node.path(), .value = text, .reason = row.reason, .row = row.place};
        entry.offset = node.offset;
        if (scope.cursor != nullptr) entry.document = reading_.documents.size();
        if (!attribute.empty()) entry.path += "/@" + std::string(attribute);
        reading_.ledger.entries.push_back(std::move(entry));
    };
    const auto all = [&](const auto& self, NationalNode& node) -> void {
        for (NationalNode::Attribute& attribute : node.attributes) {
            if (!attribute.taken) lose(node, attribute.name.local, attribute.value);
            attribute.taken = true;
        }
        if (!node.taken && node.has_text && !blank(node.text)) lose(node, {}, node.text);
        node.taken = true;
        for (const auto& child : node.children) self(self, *child);
    };
    for (const NationalTerm& term : row.left) {
        const std::string attribute = attribute_of(term);
        for (NationalNode* node : find_all(*scope.element, term.path, *document_)) {
            if (attribute.empty()) {
                all(all, *node);
            } else if (NationalNode::Attribute* there = node->attribute(attribute)) {
                lose(*node, attribute, there->value);
                there->taken = true;
            }
        }
    }
}

void TreeReader::envelope(const Row& row, const Scope& scope) {
    // Keys are paths below the root element.
    const auto key_of = [](const NationalNode& node) {
        std::string key = node.path();
        const std::size_t first = key.find('/', 1);
        return first == std::string::npos ? std::string() : key.substr(first + 1);
    };
    const auto all = [&](const auto& self, NationalNode& node) -> void {
        const std::string key = key_of(node);
        for (NationalNode::Attribute& attribute : node.attributes) {
            if (!attribute.taken) reading_.envelope[place_join(key, "@" + attribute.name.local)] = attribute.value;
            attribute.taken = true;
        }
        if (!node.taken && node.has_text) reading_.envelope[key] = node.text;
        node.taken = true;
        // Below xs:any stands a message of its own, which is nobody's text: the place alone is known.
        const bool opaque = node.shape != nullptr && node.shape->wildcard && node.shape->children.empty();
        if (opaque) reading_.envelope.try_emplace(key);
        const auto pass = [](const auto& again, NationalNode& below) -> void {
            below.taken = true;
            for (NationalNode::Attribute& attribute : below.attributes) attribute.taken = true;
            for (const auto& child : below.children) again(again, *child);
        };
        for (const auto& child : node.children) opaque ? pass(pass, *child) : self(self, *child);
    };
    for (const NationalTerm& term : row.left) {
        const std::string attribute = attribute_of(term);
        for (NationalNode* node : find_all(*scope.element, term.path, *document_)) {
            if (attribute.empty()) {
                all(all, *node);
            } else if (NationalNode::Attribute* there = node->attribute(attribute)) {
                reading_.envelope[place_join(key_of(*node), "@" + attribute)] = there->value;
                there->taken = true;
            }
        }
    }
}

/// A text that is said of one group is said of its copy, too: it is lost only where neither is taken.
void TreeReader::feed_copies(const PivotNode& original, PivotNode& copy) {
    for (Leaf& leaf : leaves_) {
        const std::size_t count = leaf.fed.size();
        for (std::size_t i = 0; i < count; ++i) {
            if (leaf.fed[i].first == &original) leaf.fed.emplace_back(&copy, leaf.fed[i].second);
        }
    }
    for (std::size_t i = 0; i < original.children.size(); ++i) feed_copies(*original.children[i], *copy.children[i]);
}

void TreeReader::same_group(const Row& row, const Scope& scope) {
    const NationalTerm& term = row.left[0];
    const Found found = find(term, scope);
    if (found.nodes.empty()) return;
    NationalNode& node = *found.nodes[0];
    node.taken = true;
    const std::string place = place_join(scope.place, term_place(term));
    note(&row, node, attribute_of(term), place, SourceLeaf::Way::implied);
    const std::string& text = found.texts[0];
    if (text != "true" && text != "1") return remember(place, text, {});
    PivotNode* other = pivot_.get();
    for (const PivotStep& step : row.right[0].steps) other = other ? other->child(step.name) : nullptr;
    PivotNode* here = ensure(*scope.cursor);
    if (!other || here == other)
        return fault(codes::part_missing, "'" + row.right[0].text + "' that this group is said to be is not there",
                     &node);
    if (here->has_content())
        return fault(codes::disagree, "the group is said to be '" + row.right[0].text + "', and has content of its own",
                     &node);
    // Members that stand empty in it are no members of the group that it is: memory alone has them.
    for (auto& child : here->children) set_aside_.push_back(std::move(child));
    here->children.clear();
    here->count_again();
    const std::unique_ptr<PivotNode> copy = pivot_tree(to_node(*other), here->field);
    here->attributes = copy->attributes;
    for (std::size_t i = 0; i < other->children.size(); ++i) feed_copies(*other->children[i], *copy->children[i]);
    for (auto& child : copy->children) {
        child->parent = here;
        here->children.push_back(std::move(child));
    }
    remember(place, text, {content_of(*here)});
}

void TreeReader::attached(const Row& row, const Scope& scope) {
    for (NationalNode* node : find_all(*scope.element, row.left[0].path, *document_)) {
        Reading inner;
        Diagnostics nested_faults;
        TreeReader nested(*row.attached, context_, nested_faults, inner);
        const schema::Element element = to_element(*node);
        nested.run_document(element);
        // Paths of the attached document start at its own element.
        const auto outer_path = [&](const std::string& path) {
            return node->path() + path.substr(std::min(path.size(), path.find('/', 1)));
        };
        for (const Error& error : nested_faults.errors())
            faults_.add(error.code, error.detail, {.path = outer_path(error.place.path)});
        if (inner.documents.empty()) continue;
        const pivot::Document& made = inner.documents.front();
        PivotNode* here = ensure(*scope.cursor);
        const std::string name = "Attached" + made.root.name;
        std::unique_ptr<PivotNode> copy = pivot_tree(made.root, here->field ? here->field->child(name) : nullptr, here);
        copy->name = name;
        here->children.push_back(std::move(copy));
        const std::string place = place_join(scope.place, term_place(row.left[0]));
        for (SourceLeaf& leaf : inner.leaves.front()) {
            leaf.path = outer_path(leaf.path);
            leaf.place = place + ">" + leaf.place;
            leaf.offset = node->offset;
            leaves_.push_back({std::move(leaf), {}, {}, here->children.back().get()});
        }
        for (const pivot::Remembered& one : made.memory)
            memory_.push_back({one.format, place + ">" + one.place, one.text, one.read_as});
        for (const pivot::Carried& one : made.annex)
            annex_.push_back({one.authority, place + ">" + one.place, one.text});
        take_subtree(*node);
    }
}

void TreeReader::derive(const Row& row, const Scope& scope) {
    Evaluation on = evaluation(scope);
    if (!on.pivot && scope.cursor) on.pivot = scope.cursor->node;
    const std::optional<std::string> rule = evaluate(row.expression, on);
    if (!rule || !scope.cursor) return;
    const PivotTerm& term = row.right[0];
    PivotNode* base = term.from_document ? pivot_.get() : ensure(*scope.cursor);
    PivotNode* node = descend(*base, term.steps, scope.element, nullptr);
    const pivot::QualifiedCode code = pivot::split_code(*rule);
    if (node->has_value) {
        if (!same_value(qualified(node->list, node->value), *rule)) {
            fault(codes::derived_differs,
                  "'" + term.text + "' is " + show_code(node->value) + ", the rule gives " + show_code(*rule),
                  scope.element);
        }
        return;
    }
    node->value = std::string(code.code);
    node->list = std::string(code.list);
    node->has_value = true;
    // A value that is only repeated arrives with its repetition.
    const Expression& e =
        row.expression.text == "value" && !row.expression.parts.empty() ? row.expression.parts[0] : row.expression;
    if (e.kind != Expression::Kind::national) return;
    const NationalNode* from = find_one(*scope.element, e.national, *document_);
    for (Leaf& leaf : leaves_) {
        if (from && leaf.leaf.path == from->path() && leaf.leaf.way == SourceLeaf::Way::mapped)
            leaf.fed.emplace_back(node, std::string());
    }
}

void TreeReader::check(const Row& row, const Scope& scope) {
    std::vector<NationalNode*> groups{scope.element};
    if (row.check_each) groups = find_all(*scope.element, *row.check_each, *document_);
    for (NationalNode* group : groups) {
        Evaluation on = evaluation(scope);
        on.group = group;
        const auto left = evaluate(row.expression, on), right = evaluate(row.expected, on);
        if (!left || !right || compare(*left, row.comparison, *right, row.noise)) continue;
        Error error{codes::check_failed, row.text + " (" + *left + " against " + *right + ")", {.path = group->path()}};
        if (row.warn)
            reading_.warnings.push_back(std::move(error));
        else
            faults_.add(std::move(error));
    }
}

}  // namespace hansa::mapping
