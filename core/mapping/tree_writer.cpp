#include "core/mapping/tree_writer.h"

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/pivot/pointer.h"
#include "core/schema/grammar.h"
#include "core/schema/writer.h"

namespace hansa::mapping {

std::string attribute_of(const NationalPath& path) {
    if (path.steps.empty()) return {};
    const std::string& last = path.steps.back().name;
    return last.starts_with('@') ? last.substr(1) : std::string();
}

bool all_optional(const Shape& shape) {
    return std::none_of(shape.attributes.begin(), shape.attributes.end(),
                        [](const AttributeShape& one) { return one.required; }) &&
           std::none_of(shape.children.begin(), shape.children.end(),
                        [](const auto& child) { return child->least > 0; });
}

TreeWriter::TreeWriter(const Mapping& mapping, const Context& context, Diagnostics& faults, Writing& writing)
    : mapping_(mapping),
      model_(mapping.model()),
      context_(context),
      around_(model_, mapping, context),
      faults_(faults),
      writing_(writing) {
    const Settings& all = around_.settings();
    if (const auto variant = all.find("settings"); variant != all.end()) variant_ = variant->second;
}

void TreeWriter::fault(Code code, std::string detail, const NationalNode* at, std::string_view below) {
    std::string path = at ? at->path() : std::string();
    if (!below.empty()) path = place_join(path, below);
    faults_.add(code, std::move(detail), {.path = std::move(path)});
}

void TreeWriter::run(std::span<const pivot::Document> documents, std::span<const std::vector<SourceLeaf>> leaves,
                     std::size_t first) {
    const Row& top = *model_.rows->front();
    tree_ = std::make_unique<NationalNode>();
    tree_->name = model_.root->name;
    tree_->shape = model_.root.get();
    tree_->kept = true;
    document_ = tree_.get();
    const auto leaves_of = [&](std::size_t i) {
        return i < leaves.size() ? std::span<const SourceLeaf>(leaves[i]) : std::span<const SourceLeaf>();
    };
    if (top.document) {
        number_ = first;
        leaves_ = leaves_of(0);
        document(top, documents.front(), *tree_);
        finish(leaves_of(0));
    } else {
        const Scope outer{.out = tree_.get()};
        rows(top.rows, outer);
        const Row& row = *model_.document_row;
        for (std::size_t i = 0; i < documents.size(); ++i) {
            number_ = first + i;
            leaves_ = leaves_of(i);
            NationalNode* element = place(outer, row.left[0].path, i + 1);
            element->kept = true;
            document(row, documents[i], *element);
            finish(leaves_of(i));
        }
        document_ = tree_.get();
        source_ = &documents.front();
        restore_message();
        filled_documents_ = true;
        fill(*tree_, tree_.get(), "");
    }
    schema::Element message = to_element(*tree_);
    schema::order_children(*model_.grammar, message);
    writing_.messages.push_back(std::move(message));
    writing_.documents_of.emplace_back();
    for (std::size_t i = 0; i < documents.size(); ++i) writing_.documents_of.back().push_back(first + i);
}

std::unique_ptr<NationalNode> TreeWriter::run_document(const pivot::Document& given) {
    tree_ = std::make_unique<NationalNode>();
    tree_->name = model_.document_shape->name;
    tree_->shape = model_.document_shape;
    tree_->kept = true;
    document(*model_.document_row, given, *tree_);
    finish({});
    return std::move(tree_);
}

namespace {

bool has_child(const pivot::Node& node, std::string_view name) {
    return std::ranges::find(node.children, name, &pivot::Node::name) != node.children.end();
}

/// What an answer says where by a place it says by pointers too, and the other way round: formats have one or the
/// other.
pivot::Node pointed(pivot::Node answer) {
    const pivot::Field& response = pivot::root(pivot::Kind::response);
    for (pivot::Node& child : answer.children) {
        const pivot::Field* of = response.child(child.name);
        if (!of || !of->child("Place")) continue;
        pivot::add_pointers(child);
        std::string place = pivot::place_of(child);
        if (place.empty() || has_child(child, "Place")) continue;
        child.children.push_back(
            {.name = "Place", .value = std::move(place), .list = {}, .attributes = {}, .children = {}});
    }
    return answer;
}

/// Of a pointer: what it says was said by the place that was made of it.
void follow_place(PivotNode& pointer, const PivotNode& place) {
    for (const auto& part : pointer.children) {
        part->taken = part->taken || place.taken;
        if (part->taken) continue;
        part->lost = place.lost;
        part->row = place.row;
    }
}

}  // namespace

void TreeWriter::document(const Row& row, const pivot::Document& given, NationalNode& out) {
    source_ = &given;
    document_ = &out;
    const bool answer = given.kind == pivot::Kind::response;
    pivot_ = answer ? pivot_tree(pointed(given.root), &pivot::root(given.kind))
                    : pivot_tree(given.root, &pivot::root(given.kind));
    memory_.clear();
    annex_.clear();
    whens_.clear();
    lasts_.clear();
    borrowed_.clear();
    computed_.clear();
    always_.clear();
    members_.clear();
    restored_.clear();
    copies_.clear();
    for (const pivot::Remembered& one : given.memory) {
        if (one.format == mapping_.format()) memory_[one.place] = {&one, false};
    }
    for (const pivot::Carried& one : given.annex) {
        if (one.authority == model_.authority || one.authority == mapping_.format()) annex_[one.place] = {&one, false};
    }
    if (const PivotNode* date = pivot_->child("IssueDateTime")) around_.date(date->value);
    only(out);
    rows(row.rows, {.out = &out, .pivot = pivot_.get(), .in_document = true});
}

/// `only TypeCode none MST`: a document of another type is none of this format.
void TreeWriter::only(const NationalNode& out) {
    for (const OnlyOf& one : model_.only) {
        const std::string& field = one.condition.place.pivot.text;
        std::vector<std::string> wanted = one.condition.values;
        if (one.or_none) wanted.insert(wanted.begin(), "none");
        std::string found = "none";
        if (const PivotNode* node = pivot_->child(field)) {
            const PivotValue value = value_of(*node, "");
            found = qualified(value.list, value.text);
        }
        if (std::find(wanted.begin(), wanted.end(), found) != wanted.end()) continue;
        std::string words;
        for (const std::string& word : wanted) words += (words.empty() ? "" : " or ") + word;
        missing(codes::guard, "'" + field + "' must be " + words + " for this format, the document says " + found, out,
                "", field);
    }
}

/// Pointers that were made of a place, and places made of pointers, are no values of the document: what became of them
/// became of what they were made of.
void TreeWriter::settle_places() {
    if (source_->kind != pivot::Kind::response) return;
    for (std::size_t i = 0; i < source_->root.children.size(); ++i) {
        const pivot::Node& given = source_->root.children[i];
        PivotNode& node = *pivot_->children[i];
        PivotNode* place = node.child("Place");
        if (!place) continue;
        const bool place_made = !has_child(given, "Place"), pointers_made = !has_child(given, "Pointer");
        PivotNode* last = nullptr;
        for (const auto& child : node.children) {
            if (child->name != "Pointer" || child->children.empty()) continue;
            if (place_made && (place->taken || !place->lost.empty())) follow_place(*child, *place);
            for (const auto& part : child->children) {
                if (!pointers_made) continue;
                place->taken = place->taken || part->taken;
                part->has_value = false;
            }
            last = child->children.back().get();
        }
        if (!place_made) continue;
        if (last) {
            last->notes.insert(last->notes.end(), place->notes.begin(), place->notes.end());
            last->note_rows.insert(last->note_rows.end(), place->note_rows.begin(), place->note_rows.end());
        }
        place->has_value = place->taken = false;
    }
}

void TreeWriter::finish(std::span<const SourceLeaf> leaves) {
    while (!whens_.empty()) {
        const std::function<void()> next = std::move(whens_.front());
        whens_.pop_front();
        next();
    }
    agree();
    restore();
    for (const Pending& one : always_) always(one);
    // Computed values may need each other: the order is found by going on until nothing changes.
    for (std::size_t turn = 0; turn < 8; ++turn) {
        for (const Pending& one : computed_) computed(one);
    }
    fill(*document_, document_, "");
    for (std::size_t i = 0; i < lasts_.size(); ++i) lasts_[i]();
    settle_places();
    ledger(leaves);
    if (!fed_.empty()) number_all(*document_);
    for (auto& [fed, node] : fed_) {
        if (!node->alive()) continue;
        fed.path = node->path() + fed.path;
        writing_.fed.push_back(std::move(fed));
    }
    fed_.clear();
}

Evaluation TreeWriter::evaluation(const Scope& scope) {
    return {.group = scope.out,
            .document = document_,
            .pivot = scope.pivot,
            .pivot_root = pivot_.get(),
            .context = &around_.context};
}

void TreeWriter::rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    for (const auto& one : list) {
        if (one->form == RowForm::same_group && same_group(*one, scope)) return;
    }
    for (const auto& one : list) row(*one, scope);
}

/// Rows of elements that the agency's variant never gets.
bool TreeWriter::is_left_out(const Row& row) const {
    return !variant_.empty() && std::any_of(row.left.begin(), row.left.end(), [&](const NationalTerm& term) {
        return !term.constant && !term.borrowed && term.path.shape && term.path.shape->is_absent_in(variant_);
    });
}

void TreeWriter::row(const Row& row, const Scope& scope) {
    if (is_left_out(row)) return;
    switch (row.form) {
        case RowForm::enter:
            if (!row.document) enter(row, scope);
            return;
        case RowForm::each:
            if (!row.document) each(row, scope);
            return;
        case RowForm::when:
            whens_.push_back([this, &row, scope] { cases(row, scope); });
            return;
        case RowForm::value:
        case RowForm::carry_as:
            return value(row, scope);
        case RowForm::position:
            return position(row, scope);
        case RowForm::fixed:
            return fixed(row, scope);
        case RowForm::computed:
            computed_.push_back({&row, scope, 0, std::nullopt});
            return;
        case RowForm::derive:
            lasts_.push_back([this, &row, scope] { derive(row, scope); });
            return;
        case RowForm::check:
            lasts_.push_back([this, &row, scope] { check(row, scope); });
            return;
        case RowForm::envelope:
            return envelope(row, scope);
        case RowForm::attached:
            return attached(row, scope);
        case RowForm::carry:
        case RowForm::drop:
        case RowForm::signature:
        case RowForm::same_group:
        case RowForm::same_rest:
            return;
    }
}

/// The node at a path below the group, made where it is not there. `number`: which of a list.
NationalNode* TreeWriter::place(const Scope& scope, const NationalPath& path, std::size_t number) {
    NationalNode* node = path.from_document ? document_ : scope.out;
    for (std::uint32_t i = 0; i < path.up && node->parent; ++i) node = node->parent;
    for (std::size_t i = 0; i < path.steps.size(); ++i) {
        const NationalStep& step = path.steps[i];
        if (step.name.starts_with('@')) break;
        const bool last = i + 1 == path.steps.size() || path.steps[i + 1].name.starts_with('@');
        NationalNode* next = nullptr;
        std::size_t wanted = step.index != 0 ? step.index : last ? number : 1;
        if (!step.keys.empty()) {
            std::size_t seen = 0;
            for (const auto& child : node->children) {
                if (!is_step(*child, step.name) || !matches(*child, step)) continue;
                ++seen;
                if (wanted <= 1 || seen == wanted) next = child.get();
            }
            wanted = 0;
        } else {
            std::size_t seen = 0;
            for (const auto& child : node->children) {
                if (!is_step(*child, step.name)) continue;
                if (++seen == wanted) next = child.get();
            }
            while (!next && seen < wanted) {
                Shape* shape = node->shape ? node->shape->child(step.name) : nullptr;
                NationalNode* made = node->add(shape ? shape->name : schema::Name{{}, step.name}, shape);
                if (++seen == wanted) next = made;
            }
        }
        if (!next) {
            Shape* shape = node->shape ? node->shape->child(step.name) : nullptr;
            next = node->add(shape ? shape->name : schema::Name{{}, step.name}, shape);
            for (const NationalKey& key : step.keys) {
                if (key.child.starts_with('@')) {
                    next->attributes.push_back({{{}, key.child.substr(1)}, key.value, false});
                } else {
                    Shape* inner = shape ? shape->child(key.child) : nullptr;
                    NationalNode* named = next->add(inner ? inner->name : schema::Name{{}, key.child}, inner);
                    named->text = key.value;
                    named->has_text = true;
                }
            }
        }
        node = next;
    }
    return node;
}

void TreeWriter::set(NationalNode& node, const NationalPath& path, const std::string& text) {
    const std::string name = attribute_of(path);
    if (name.empty()) {
        node.text = text;
        node.has_text = true;
        return;
    }
    if (NationalNode::Attribute* known = node.attribute(name)) {
        known->value = text;
        return;
    }
    schema::Name full{{}, name};
    if (node.shape) {
        if (const AttributeShape* shape = node.shape->attribute(name)) full = shape->name;
        // No schema declares xsi:schemaLocation; kept ones go back under their own name.
        else if (name == "schemaLocation" || name == "noNamespaceSchemaLocation")
            full.ns = "http://www.w3.org/2001/XMLSchema-instance";
    }
    node.attributes.push_back({std::move(full), text, false});
}

/// The nodes on the way of a term that has no list to choose from, or nothing.
PivotNode* TreeWriter::descend(PivotNode* from, const std::vector<PivotStep>& steps, bool all_but_last,
                               const Scope& scope) {
    PivotNode* node = from;
    const std::size_t count = all_but_last ? steps.size() - 1 : steps.size();
    for (std::size_t i = 0; i < count && node; ++i) {
        const PivotStep& step = steps[i];
        PivotNode* next = nullptr;
        std::uint32_t place_in_list = 0;
        std::size_t rank = SIZE_MAX;
        for (const auto& child : node->children) {
            if (child->name != step.name) continue;
            ++place_in_list;
            if (step.index != 0) {
                if (place_in_list == step.index) next = child.get();
                continue;
            }
            if (step.keys.empty()) {
                next = child.get();
                break;
            }
            // Among the schemes of a list the first that is there is taken, in the list's order.
            std::size_t here = 0;
            bool fits = true;
            for (const PivotKey& key : step.keys) {
                const PivotValue value = key.attribute             ? value_of(*child, key.child)
                                         : child->child(key.child) ? value_of(*child->child(key.child), {})
                                                                   : PivotValue{};
                const std::string text = qualified(value.list, value.text);
                if (key.from) {
                    const NationalNode* other = scope.out ? find_one(*scope.out, *key.from, *document_) : nullptr;
                    fits = fits && (!other || !other->has_text || other->text == text);
                } else if (key.in_list) {
                    const auto list = model_.lists.find(key.value);
                    if (list == model_.lists.end()) return nullptr;
                    const std::vector<std::string> schemes = list->second.schemes();
                    const auto found = std::find(schemes.begin(), schemes.end(), text);
                    fits = fits && found != schemes.end() && list->second.scheme_fits(text, child->value);
                    here = static_cast<std::size_t>(found - schemes.begin());
                } else {
                    fits = fits && text == qualified(key.list, key.value);
                }
            }
            if (fits && here < rank) {
                next = child.get();
                rank = here;
            }
        }
        node = next;
    }
    return node;
}

TreeWriter::Places TreeWriter::locate(const PivotTerm& term, const Scope& scope) {
    if (term.every) return every(term, scope);
    if (term.gathers) return every(all_of(term), scope);
    PivotNode* from = term.from_document ? pivot_.get() : scope.pivot;
    if (!from) return {};
    const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field &&
                      term.steps.back().field->is_list() && term.steps.back().keys.empty() &&
                      term.steps.back().index == 0;
    if (!list) {
        PivotNode* node = descend(from, term.steps, false, scope);
        if (!node) return {};
        if (term.attribute.empty() ? !node->has_value : node->attribute(term.attribute) == nullptr) return {};
        return {{node, term.attribute}};
    }
    PivotNode* base = descend(from, term.steps, true, scope);
    Places found;
    if (!base) return found;
    for (const auto& child : base->children) {
        if (child->name == term.steps.back().name && child->has_value) found.emplace_back(child.get(), std::string());
    }
    return found;
}

TreeWriter::Places TreeWriter::every(const PivotTerm& term, const Scope& scope) {
    std::vector<PivotNode*> nodes;
    if (PivotNode* from = term.from_document ? pivot_.get() : scope.pivot) nodes.push_back(from);
    for (const PivotStep& step : term.steps) {
        std::vector<PivotNode*> next;
        for (PivotNode* node : nodes) {
            const bool open = step.field->is_list() && step.keys.empty() && step.index == 0;
            if (!open) {
                if (PivotNode* one = descend(node, {step}, false, scope)) next.push_back(one);
                continue;
            }
            for (const auto& child : node->children) {
                if (child->name == step.name) next.push_back(child.get());
            }
        }
        nodes = std::move(next);
    }
    Places found;
    for (PivotNode* node : nodes) {
        if (term.attribute.empty() ? node->has_value : node->attribute(term.attribute) != nullptr)
            found.emplace_back(node, term.attribute);
    }
    return found;
}

TreeWriter::Kept* TreeWriter::remembered(const std::string& where) {
    const auto found = memory_.find(where);
    return found == memory_.end() ? nullptr : &found->second;
}

void TreeWriter::take(const Places& used) {
    for (const auto& [node, attribute] : used) {
        if (attribute.empty())
            node->taken = true;
        else if (PivotNode::Attribute* found = node->attribute(attribute))
            found->taken = true;
    }
}

void TreeWriter::lose(const Row& row, const Places& used, const std::string& why) {
    for (const auto& [node, attribute] : used) {
        if (attribute.empty()) {
            node->lost = why;
            node->row = row.place;
        } else if (PivotNode::Attribute* found = node->attribute(attribute)) {
            found->lost = why;
            found->row = row.place;
        }
    }
}

}  // namespace hansa::mapping
