#include "core/mapping/reader.h"

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/expression.h"
#include "core/schema/grammar.h"

namespace hansa::mapping {

Surroundings::Surroundings(const Model& model, const Mapping& mapping, const Context& given)
    : settings_(mapping.settings(given.settings)) {
    context.settings = &settings_;
    context.lists = &model.lists;
    context.zone = model.zone;
    if (given.alias_of) context.alias_of = &given.alias_of;
}

void Surroundings::date(std::string_view iso) {
    date_ = std::string(iso.substr(0, 10));
    context.document_date = date_;
}

const schema::SimpleType* type_of(const NationalTerm& term) {
    if (term.constant) return nullptr;
    if (term.path.attribute) return term.path.attribute->type;
    return term.path.shape ? term.path.shape->type : nullptr;
}

Target target_of(const NationalTerm& term) {
    Target target;
    const schema::SimpleType* type = type_of(term);
    if (!type) return target;
    if (const auto longest = schema::Grammar::max_length(*type)) target.length_max = *longest;
    if (type->min_length) target.length_min = *type->min_length;
    if (type->length) target.length_min = *type->length;
    const schema::Digits digits = schema::Grammar::digits(*type);
    if (digits.total) target.total_digits = static_cast<int>(*digits.total);
    if (digits.fraction) target.fraction_digits = static_cast<int>(*digits.fraction);
    return target;
}

std::vector<std::string> as_remembered(const std::vector<PivotValue>& values) {
    std::vector<std::string> texts;
    for (const PivotValue& value : values)
        texts.push_back(std::to_string(value.slot) + "=" + qualified(value.list, value.text));
    return texts;
}

std::string term_place(const NationalTerm& term) {
    std::string place;
    for (const NationalStep& step : term.path.steps) {
        std::string name = step.name;
        if (!step.keys.empty()) {
            std::string keys;
            for (const NationalKey& key : step.keys) keys += (keys.empty() ? "" : ";") + key.child + "=" + key.value;
            name += "{" + place_key(keys) + "}";
        } else if (step.index != 0) {
            name += "#" + std::to_string(step.index);
        }
        place = place_join(place, name);
    }
    return place.empty() ? "." : place;
}

std::string reason_of_beside(const std::string& name, const std::string& value) {
    return value.empty() ? "the target has no place for the '" + name + "' that belongs to it"
                         : "the target does not say that '" + name + "' is " + value;
}

TreeReader::TreeReader(const Mapping& mapping, const Context& context, Diagnostics& faults, Reading& reading)
    : mapping_(mapping),
      model_(mapping.model()),
      context_(context),
      around_(model_, mapping, context),
      faults_(faults),
      reading_(reading) {}

void TreeReader::fault(Code code, std::string detail, const NationalNode* at, std::string_view attribute) {
    Place place;
    if (at) place.path = at->path();
    if (!attribute.empty()) place.path += "/@" + std::string(attribute);
    faults_.add(code, std::move(detail), place);
}

void TreeReader::run(const schema::Element& message) {
    const Row& top = *model_.rows->front();
    if (message.name != model_.root->name) {
        faults_.add(codes::root_differs,
                    "the root is '" + message.name.local + "', the mapping reads '" + model_.root->name.local + "'",
                    {.path = "/" + message.name.local});
        return;
    }
    tree_ = national_tree(message, model_.root.get());
    document_ = tree_.get();
    if (top.document) {
        document(top, *tree_);
        return;
    }
    rows(top.rows, {.element = tree_.get()});
    if (reading_.documents.empty() && faults_.empty()) {
        const std::string name = model_.document_shape->name.local;
        fault(codes::root_differs, "the message holds no '" + name + "', which the mapping reads", tree_.get());
        return;
    }
    carry_rest(*tree_, "", nullptr, "no row takes it in this case");
    // What stands outside of the documents belongs to each of them.
    for (pivot::Document& made : reading_.documents) {
        for (const pivot::Carried& one : annex_) made.annex.push_back({one.authority, "/" + one.place, one.text});
        for (const pivot::Remembered& one : memory_)
            made.memory.push_back({one.format, "/" + one.place, one.text, one.read_as});
    }
    for (auto& leaves : reading_.leaves) {
        for (const Leaf& leaf : leaves_) leaves.push_back(leaf.leaf);
    }
}

void TreeReader::run_document(const schema::Element& element) {
    tree_ = national_tree(element, model_.document_shape);
    document_ = tree_.get();
    document(*model_.document_row, *tree_);
}

void TreeReader::rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    for (const auto& one : list) {
        if (!one->subtree) row(*one, scope);
    }
    // `**` takes what is left when all others are done.
    for (const auto& one : list) {
        if (!one->subtree) continue;
        if (scope.cursor)
            lasts_.push_back([this, row = one.get(), scope] { this->row(*row, scope); });
        else
            row(*one, scope);
    }
}

void TreeReader::row(const Row& row, const Scope& scope) {
    switch (row.form) {
        case RowForm::enter:
            return enter(row, scope);
        case RowForm::each:
            return each(row, scope);
        case RowForm::when:
            whens_.push_back([this, &row, scope, inside = another_case_] {
                const bool before = another_case_;
                another_case_ = inside;
                cases(row, scope);
                another_case_ = before;
            });
            return;
        case RowForm::value:
        case RowForm::carry_as: {
            const bool every =
                std::any_of(row.right.begin(), row.right.end(), [](const PivotTerm& term) { return term.every; });
            if (every)
                everies_.push_back([this, &row, scope] { value(row, scope); });
            else
                value(row, scope);
            return;
        }
        case RowForm::position:
            return;
        case RowForm::fixed:
            return fixed(row, scope);
        case RowForm::computed:
            return computed(row, scope);
        case RowForm::derive:
            lasts_.push_back([this, &row, scope] { derive(row, scope); });
            return;
        case RowForm::check:
            lasts_.push_back([this, &row, scope] { check(row, scope); });
            return;
        case RowForm::carry:
            return carry(row, scope);
        case RowForm::drop:
            return drop(row, scope);
        case RowForm::envelope:
            return envelope(row, scope);
        case RowForm::signature:
            for (const NationalTerm& term : row.left) {
                for (NationalNode* node : find_all(*scope.element, term.path, *document_)) take_subtree(*node);
            }
            return;
        case RowForm::same_group:
            lasts_.insert(lasts_.begin(), [this, &row, scope] { same_group(row, scope); });
            return;
        case RowForm::same_rest:
            return;
        case RowForm::attached:
            return attached(row, scope);
    }
}

Evaluation TreeReader::evaluation(const Scope& scope) {
    return {.group = scope.element,
            .document = document_,
            .pivot = scope.cursor ? scope.cursor->node : nullptr,
            .pivot_root = pivot_.get(),
            .context = &around_.context};
}

void TreeReader::enter(const Row& row, const Scope& scope) {
    if (row.document) return each_document(row, scope);
    const std::vector<NationalNode*> found = find_all(*scope.element, row.left[0].path, *document_);
    if (found.empty()) return;
    NationalNode& element = *found.front();
    Scope inner{.element = &element,
                .cursor = scope.cursor,
                .place = place_join(scope.place, term_place(row.left[0])),
                .member = scope.member,
                .frame = scope.frame};
    for (const NationalStep& step : row.left[0].path.steps) {
        for (const NationalKey& key : step.keys) {
            if (NationalNode* child = element.child(key.child)) child->taken = true;
            if (key.child.starts_with('@')) {
                if (auto* attribute = element.attribute(key.child.substr(1))) attribute->taken = true;
            }
        }
    }
    if (!row.right.empty() && scope.cursor) {
        const PivotTerm& term = row.right[0];
        Cursor* parent = term.from_document ? &cursors_.front() : scope.cursor;
        cursors_.push_back({parent, &term.steps, nullptr, scope.element});
        inner.cursor = &cursors_.back();
    }
    const bool keyed = std::any_of(row.left[0].path.steps.begin(), row.left[0].path.steps.end(),
                                   [](const NationalStep& step) { return !step.keys.empty(); });
    if (keyed) places_[&element] = inner.place;
    rows(row.rows, inner);
}

std::string TreeReader::member_place(const Row& row, const Scope& scope, NationalNode& member, std::size_t number,
                                     std::set<std::string>& used) {
    std::string place = place_join(scope.place, term_place(row.left[0]));
    if (row.key_term) {
        // The key in the pivot's words, so that writing finds the same place.
        for (const auto& inner : row.rows) {
            if (inner->form != RowForm::value || inner->right.empty() || &inner->right[0] != row.key_term) continue;
            const NationalNode* node = find_one(member, inner->left[0].path, *document_);
            if (!node || inner->conversions.empty()) break;
            const std::vector<NationalValue> text{{node->text, 0}};
            const Result<ToPivot> key = inner->conversions[0].to_pivot(text, around_.context);
            if (!key || key->values.empty()) break;
            const std::string keyed =
                place + "{" + place_key(qualified(key->values[0].list, key->values[0].text)) + "}";
            if (used.insert(keyed).second) return keyed;
            break;
        }
    }
    return place + "#" + std::to_string(number);
}

void TreeReader::each(const Row& row, const Scope& scope) {
    if (row.document) return each_document(row, scope);
    std::vector<NationalNode*> members = find_all(*scope.element, row.left[0].path, *document_);
    const NationalStep& list = row.left[0].path.steps.back();
    if (list.keys.empty() && row.left[0].path.shape) {
        std::erase_if(members, [&](NationalNode* member) {
            const auto& selected = row.left[0].path.shape->selected;
            return std::any_of(selected.begin(), selected.end(),
                               [&](const NationalStep* step) { return matches(*member, *step); });
        });
    }
    if (!scope.cursor || row.right.empty()) return;
    const PivotTerm& term = row.right[0];
    Cursor* parent = term.from_document ? &cursors_.front() : scope.cursor;
    std::vector<PivotStep> const& steps = term.steps;
    std::set<std::string> used;
    std::size_t number = 0, slot = 0;
    std::string slots;
    std::map<NationalNode*, std::size_t> parts;
    std::vector<NationalNode*> part_order;
    // Where the place is the number, or a key names it, a member that says nothing is one all the same.
    const bool numbered = !row.key.empty() || std::any_of(row.rows.begin(), row.rows.end(), [](const auto& one) {
        return one->form == RowForm::position;
    });
    const bool may_be_blank = row.slots != 0 || (model_.empties == Empties::null && !numbered);
    for (NationalNode* member : members) {
        ++slot;
        if (may_be_blank && is_blank(*member)) {
            // An unused slot is no member; how it was written is memory.
            remember_blank(*member, place_join(scope.place, term_place(row.left[0])) + "~" + std::to_string(slot));
            continue;
        }
        ++number;
        slots += (slots.empty() ? "" : ",") + std::to_string(slot);
        if (parts[member->parent]++ == 0) part_order.push_back(member->parent);
        // A member is made even when nothing is put into it: their number is a fact.
        PivotNode* base = ensure(*parent);
        if (steps.size() > 1)
            base = descend(*base, std::vector<PivotStep>(steps.begin(), steps.end() - 1), scope.element, nullptr);
        PivotNode* node = base->add(steps.back().name, steps.back().field);
        node->by_each = true;
        for (const PivotKey& key : steps.back().keys) {
            if (key.attribute) {
                node->set_attribute(key.child, qualified(key.list, key.value));
                node->attribute(key.child)->key = true;
            } else {
                PivotNode* child = node->add(key.child, node->field ? node->field->child(key.child) : nullptr);
                child->value = key.value;
                child->list = key.list;
                child->has_value = true;
                child->key = true;
            }
        }
        for (const NationalKey& key : list.keys) {
            if (NationalNode* child = member->child(key.child)) child->taken = true;
        }
        cursors_.push_back({nullptr, nullptr, node, member});
        Scope inner{.element = member,
                    .cursor = &cursors_.back(),
                    .place = member_place(row, scope, *member, number, used),
                    .member = node,
                    .frame = member};
        places_[member] = inner.place;
        for (const auto& one : row.rows) {
            std::vector<std::pair<PivotNode*, std::string>> fed;
            if (one->form == RowForm::position) put(*one, inner, one->right[0], {{std::to_string(number), {}, 0}}, fed);
        }
        rows(row.rows, inner);
    }
    const std::string place = place_join(scope.place, term_place(row.left[0]));
    std::string plain;
    for (std::size_t i = 1; i <= number; ++i) plain += (plain.empty() ? "" : ",") + std::to_string(i);
    if (plain != slots || slot != std::max<std::size_t>(row.slots, number)) {
        remember(place + "#slots", slots + "/" + std::to_string(slot), {std::to_string(number)});
    }
    if (row.left[0].path.steps.size() > 1 && !part_order.empty()) {
        // An outer element without members counts too, or the next one's members would move into it.
        std::string sizes;
        std::size_t outer = 0;
        for (const auto& sibling : part_order.front()->parent->children) {
            if (sibling->name != part_order.front()->name) continue;
            const auto found = parts.find(sibling.get());
            sizes += (outer++ == 0 ? "" : ",") + std::to_string(found == parts.end() ? 0 : found->second);
        }
        if (outer > 1) remember(place + "#parts", sizes, {std::to_string(number)});
    }
}

bool TreeReader::is_blank(const NationalNode& node) const {
    const bool attributes = std::all_of(node.attributes.begin(), node.attributes.end(),
                                        [](const auto& one) { return says_nothing(one.value); });
    return attributes && says_nothing(node.text) &&
           std::all_of(node.children.begin(), node.children.end(), [&](const auto& child) { return is_blank(*child); });
}

void TreeReader::remember_blank(NationalNode& node, const std::string& place) {
    node.taken = true;
    if (node.has_text && (!node.children.empty() || node.text == null_text || node.parent == nullptr ||
                          place.find('/', place.rfind('~')) != std::string::npos)) {
        remember(place, node.text, {});
    }
    for (NationalNode::Attribute& attribute : node.attributes) {
        attribute.taken = true;
        remember(place_join(place, "@" + attribute.name.local), attribute.value, {});
    }
    for (const auto& child : node.children) {
        const bool list = !child->shape || child->shape->is_list();
        remember_blank(*child,
                       place_join(place, child->name.local + (list ? "#" + std::to_string(child->index()) : "")));
    }
}

void TreeReader::each_document(const Row& row, const Scope& scope) {
    for (NationalNode* element : find_all(*scope.element, row.left[0].path, *document_)) document(row, *element);
}

void TreeReader::document(const Row& row, NationalNode& element) {
    // What was found outside of the documents waits aside.
    std::vector<pivot::Remembered> outer_memory;
    std::vector<pivot::Carried> outer_annex;
    std::vector<Leaf> outer_leaves;
    outer_memory.swap(memory_);
    outer_annex.swap(annex_);
    outer_leaves.swap(leaves_);
    cursors_.clear();
    places_.clear();
    whens_.clear();
    everies_.clear();
    lasts_.clear();
    NationalNode* outer = document_;
    document_ = &element;
    const pivot::Field& root = pivot::root(model_.head.kind);
    set_aside_.clear();
    pivot_ = std::make_unique<PivotNode>();
    pivot_->name = std::string(root.name);
    pivot_->field = &root;
    cursors_.push_back({nullptr, nullptr, pivot_.get(), &element});
    find_date(row, element);
    rows(row.rows, {.element = &element, .cursor = &cursors_.front()});
    while (!whens_.empty()) {
        const std::function<void()> next = std::move(whens_.front());
        whens_.pop_front();
        next();
    }
    for (std::size_t i = 0; i < everies_.size(); ++i) everies_[i]();
    for (std::size_t i = 0; i < lasts_.size(); ++i) lasts_[i]();
    carry_rest(element, "", nullptr, "no row takes it in this case");
    remember_order(element);
    finish_document();
    document_ = outer;
    take_subtree(element);
    memory_.swap(outer_memory);
    annex_.swap(outer_annex);
    leaves_.swap(outer_leaves);
}

std::string TreeReader::place_of(const NationalNode& node) const {
    if (&node == document_ || !node.parent) return {};
    if (const auto known = places_.find(&node); known != places_.end()) return known->second;
    const bool list = !node.shape || node.shape->is_list();
    return place_join(place_of(*node.parent), node.name.local + (list ? "#" + std::to_string(node.index()) : ""));
}

/// A list that several rows feed is written row by row: which member stood where is memory.
void TreeReader::remember_order(NationalNode& node) {
    std::set<const Shape*> seen;
    for (const auto& child : node.children) {
        remember_order(*child);
        const Shape* shape = child->shape;
        if (!shape || shape->selected.empty() || !seen.insert(shape).second) continue;
        std::string order;
        std::size_t count = 0;
        for (const auto& member : node.children) {
            if (member->shape != shape) continue;
            std::string token = place_of(*member);
            token = token.substr(token.rfind('/') == std::string::npos ? 0 : token.rfind('/') + 1);
            for (const NationalStep* step : shape->selected) {
                if (!matches(*member, *step)) continue;
                std::string keys;
                for (const NationalKey& key : step->keys)
                    keys += (keys.empty() ? "" : ";") + key.child + "=" + key.value;
                token = step->name + "{" + place_key(keys) + "}";
            }
            order += (order.empty() ? "" : "/") + token;
            ++count;
        }
        if (count > 1)
            remember(place_join(place_of(node), child->name.local + "#order"), order, {std::to_string(count)});
    }
}

/// Codes are valid by the document's date, so its row is read before all others.
void TreeReader::find_date(const Row& top, NationalNode& element) {
    std::vector<std::pair<const Row*, NationalNode*>> open{{&top, &element}};
    while (!open.empty()) {
        const auto [row, node] = open.back();
        open.pop_back();
        for (const auto& inner : row->rows) {
            if (inner->form == RowForm::enter) {
                if (NationalNode* found = find_one(*node, inner->left[0].path, element))
                    open.emplace_back(inner.get(), found);
            }
            if (inner->form != RowForm::value || inner->right.size() != 1 || inner->conversions.size() != 1) continue;
            const PivotTerm& term = inner->right[0];
            if (term.field->name != "IssueDateTime" || term.field->parent != &pivot::root(model_.head.kind)) continue;
            std::vector<NationalValue> values;
            for (std::size_t i = 0; i < inner->left.size(); ++i) {
                const Found found = find(inner->left[i], {.element = node});
                for (const std::string& text : found.texts) values.push_back({text, i});
            }
            const Result<ToPivot> date = inner->conversions[0].to_pivot(values, around_.context);
            if (date && !date->values.empty()) around_.date(date->values[0].text);
        }
    }
}

namespace {

/// `valued`: the table alone says the value.
std::string beside_reason(const PivotNode& node, const PivotNode::Attribute* attribute, bool valued) {
    const PivotNode& holder = attribute || !node.parent ? node : *node.parent;
    const std::string name = holder.name + (attribute ? "/@" + attribute->name : "/" + node.name);
    return reason_of_beside(name,
                            valued ? attribute ? attribute->value : qualified(node.list, node.value) : std::string());
}

}  // namespace

void TreeReader::finish_document() {
    put_in_order(*pivot_);
    pivot::Document made{
        .kind = model_.head.kind, .root = to_node(*pivot_), .memory = std::move(memory_), .annex = std::move(annex_)};
    std::vector<SourceLeaf> leaves;
    for (Leaf& leaf : leaves_) {
        for (std::string& below : leaf.leaf.fed) below = place_join(leaf.attached->path(), below);
        for (SourceLeaf::Beside& below : leaf.leaf.beside) {
            below.place = place_join(leaf.attached->path(), below.place);
            if (!below.of.empty()) below.of = place_join(leaf.attached->path(), below.of);
        }
        const auto path_of = [](const PivotNode& node, const std::string& attribute) {
            return node.path() + (attribute.empty() ? "" : "/@" + attribute);
        };
        for (const auto& [node, attribute] : leaf.fed) leaf.leaf.fed.push_back(path_of(*node, attribute));
        for (const Beside& one : leaf.beside) {
            const PivotNode::Attribute* named = one.attribute.empty() ? nullptr : one.node->attribute(one.attribute);
            // A key that a row has said too is the business of that row.
            if (one.of && !(named ? named->key : one.node->key)) continue;
            const bool valued = one.of || leaf.leaf.way == SourceLeaf::Way::stated;
            leaf.leaf.beside.push_back(
                {path_of(*one.node, one.attribute), {}, beside_reason(*one.node, named, valued)});
            if (one.of) leaf.leaf.beside.back().of = path_of(*one.of, one.of_attribute);
        }
        leaves.push_back(std::move(leaf.leaf));
    }
    reading_.references.emplace_back();
    for (const std::vector<std::string>& parts : model_.references) {
        std::string reference;
        for (const std::string& part : parts) {
            const Result<NationalPath> path = parse_national_path(part, {});
            const NationalNode* node = path ? find_below(*document_, *path) : nullptr;
            if (node && !says_nothing(node->text)) reference += (reference.empty() ? "" : "+") + node->text;
        }
        if (!reference.empty()) reading_.references.back().push_back(std::move(reference));
    }
    reading_.documents.push_back(std::move(made));
    reading_.leaves.push_back(std::move(leaves));
}

/// A reference is named from the document on, or by a name that stands anywhere below it.
NationalNode* TreeReader::find_below(NationalNode& node, const NationalPath& path) {
    if (NationalNode* found = find_one(node, path, *document_)) return found;
    for (const auto& child : node.children) {
        if (NationalNode* found = find_below(*child, path)) return found;
    }
    return nullptr;
}

void TreeReader::cases(const Row& row, const Scope& scope) {
    for (const auto& one : row.rows) {
        if (one->condition) {
            if (!holds(*one->condition, evaluation(scope))) continue;
        }
        // Writing would take the first case of a chain that owns what it asks for: memory says that it was another.
        const bool before = another_case_;
        another_case_ = before || (row.owns_discriminator && one != row.rows.front());
        rows(one->rows, scope);
        another_case_ = before;
        return;
    }
}

void TreeReader::remember(std::string place, std::string text, std::vector<std::string> read_as) {
    memory_.push_back({mapping_.format(), std::move(place), std::move(text), std::move(read_as)});
}

void TreeReader::carried(const std::string& place, const std::string& text) {
    annex_.push_back({model_.authority, place, text});
}

TreeReader::Leaf& TreeReader::note(const Row* row, const NationalNode& node, std::string_view attribute,
                                   std::string place, SourceLeaf::Way way) {
    Leaf leaf;
    leaf.leaf.way = way;
    leaf.leaf.path = node.path() + (attribute.empty() ? "" : "/@" + std::string(attribute));
    leaf.leaf.value = attribute.empty() ? node.text : node.attribute(attribute)->value;
    leaf.leaf.place = std::move(place);
    if (row) leaf.leaf.row = row->place;
    leaf.leaf.offset = node.offset;
    leaves_.push_back(std::move(leaf));
    return leaves_.back();
}

void TreeReader::take_subtree(NationalNode& node) {
    node.taken = true;
    for (NationalNode::Attribute& attribute : node.attributes) attribute.taken = true;
    for (const auto& child : node.children) take_subtree(*child);
}

PivotNode* TreeReader::ensure(Cursor& cursor) {
    if (!cursor.node) cursor.node = descend(*ensure(*cursor.parent), *cursor.steps, cursor.group, nullptr);
    return cursor.node;
}

/// Finds or makes the node at the end of the steps. `value` tells the scheme of `[@schemeID in LIST]`.
PivotNode* TreeReader::descend(PivotNode& from, const std::vector<PivotStep>& steps, NationalNode* group,
                               const std::string* value) {
    PivotNode* node = &from;
    for (const PivotStep& step : steps) {
        std::vector<std::pair<const PivotKey*, std::string>> wanted;
        for (const PivotKey& key : step.keys) {
            std::string text = qualified(key.list, key.value);
            if (key.from) {
                const NationalNode* found = group ? find_one(*group, *key.from, *document_) : nullptr;
                text = found ? found->text : std::string();
            } else if (key.in_list) {
                const auto list = model_.lists.find(key.value);
                const Result<std::string> scheme = list == model_.lists.end() || !value
                                                       ? Result<std::string>(Error{codes::scheme_unknown, "no value"})
                                                       : list->second.scheme_of(*value);
                text = scheme ? *scheme : std::string();
            }
            wanted.emplace_back(&key, std::move(text));
        }
        PivotNode* next = nullptr;
        for (const auto& child : node->children) {
            if (child->name != step.name || child->by_each) continue;
            if (step.index != 0     ? child->index == step.index
                : step.keys.empty() ? !child->selected || !step.field->is_list()
                                    : child->selected) {
                const bool same = std::all_of(wanted.begin(), wanted.end(), [&](const auto& key) {
                    if (key.first->attribute)
                        return qualified(value_of(*child, key.first->child).list,
                                         value_of(*child, key.first->child).text) == key.second;
                    const PivotNode* found = child->child(key.first->child);
                    return found && qualified(found->list, found->value) == key.second;
                });
                if (same) {
                    next = child.get();
                    break;
                }
            }
        }
        if (!next) {
            next = node->add(step.name, step.field);
            next->index = step.index;
            next->selected = !step.keys.empty();
            for (const auto& [key, text] : wanted) {
                if (text.empty()) continue;
                // A scheme follows from the value's own shape; what a sibling says is that one's own.
                if (key->attribute) {
                    next->set_attribute(key->child, text);
                    next->attribute(key->child)->key = !key->in_list && !key->from;
                    continue;
                }
                PivotNode* child = next->add(key->child, next->field ? next->field->child(key->child) : nullptr);
                child->key = !key->in_list && !key->from;
                child->value = key->from || key->in_list ? text : key->value;
                child->list = key->from || key->in_list ? std::string() : key->list;
                child->has_value = true;
            }
        }
        node = next;
    }
    return node;
}

}  // namespace hansa::mapping
