#include "core/mapping/plan_source.h"

#include <algorithm>

#include "core/mapping/code_list_row.h"
#include "core/mapping/codes.h"
#include "core/mapping/reader.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping::program {
namespace {

constexpr std::string_view kept_reason = "kept for its own authority";

/// An element of the format, seen from a frame.
struct Where {
    schema::PathIndex path = schema::no_path;
    Shape* shape = nullptr;
    Id group = 0, steps = 0;
    Id selection = nothing, selected = nothing;  ///< the case that the element itself stands in
};

struct Scope {
    Where at;
    std::vector<Where> above;       ///< for "../"
    TemplateNode* pivot = nullptr;  ///< nothing: above the documents
    std::vector<InCase> cases;
    std::size_t pass = 0;
    Id chain = nothing;  ///< of the case that is compiled, in its own group
};

class Unsupported {
public:
    Unsupported(const Row& its_row, std::string why) : row(its_row), detail(std::move(why)) {}
    const Row& row;
    std::string detail;
};

class SourceCompiler {
public:
    SourceCompiler(const Mapping& mapping, const schema::PathTable& paths, const Settings& agency)
        : model_(mapping.model()), paths_(paths), settings_(mapping.settings(agency)) {
        out_.mapping = &mapping;
        fast_ = {.settings = &settings_, .lists = &model_.lists, .zone = model_.zone};
        fast_.grammar = model_.grammar.get();
    }

    SourceProgram run() {
        const Row& top = *model_.rows.front();
        out_.steps.resize(2, Steps(paths_.size()));
        out_.groups.resize(2);
        out_.groups[0].row = model_.document_row;
        out_.outer = 1;
        out_.root = std::make_unique<TemplateNode>();
        const pivot::Field& root = pivot::root(model_.head.kind);
        out_.root->name = std::string(root.name);
        out_.root->field = &root;
        out_.root->group = 0;
        grow_order();
        const Where root_at{.path = 0, .shape = model_.root.get(), .group = 1, .steps = 1};
        if (top.document) {
            out_.document = 0;
            out_.document_is_root = true;
            document(top, {.path = 0, .shape = model_.root.get(), .group = 0, .steps = 0});
        } else {
            rows(top.rows, {.at = root_at});
        }
        while (!whens_.empty() || !lates_.empty()) {
            auto& from = whens_.empty() ? lates_ : whens_;
            const std::function<void()> next = std::move(from.front());
            from.erase(from.begin());
            next();
        }
        for (std::size_t i = 0; i < expressions_.size(); ++i) expressions_[i]();
        settle_steps();
        settle_chains();
        for (ReadRow& row : out_.rows) {
            if (!row.plain || !row.puts[0].simple() || !row.parts[0].fast.single()) continue;
            const Put& put = row.puts[0];
            row.op = {.slot = row.terms[0].slot, .place = put.place, .done = row.parts[0].done};
            row.op.conversion = &row.parts[0].fast;
            row.op.fit = &put.fit;
            row.op.none = row.row->none ? &*row.row->none : nullptr;
            row.op.attribute = put.attribute;
        }
        for (auto& pass : out_.leaves) {
            for (auto& group : pass) {
                for (LeafStep& step : group) {
                    for (const Put& put : step.fed) step.fed_places.push_back(put.place);
                }
            }
        }
        for (ReadChain& chain : out_.chains) {
            for (auto& leaves : chain.leaves) {
                for (LeafStep& step : leaves) {
                    for (const Put& put : step.fed) step.fed_places.push_back(put.place);
                }
            }
        }
        for (Id group = 0; group < out_.groups.size(); ++group) out_.triggers.push_back(triggers(group));
        return std::move(out_);
    }

private:
    // ---- places of the format ----

    Step& step_at(const Where& at) {
        if (at.selection != nothing) {
            Selection& selection = out_.selections[at.selection];
            return at.selected == nothing ? selection.other : selection.cases[at.selected].step;
        }
        const auto found = selections_.find({at.steps, at.path});
        if (found != selections_.end()) return out_.selections[found->second].other;
        return out_.steps[at.steps][at.path];
    }

    Where below(const Where& at, const NationalStep& step, const Row& row) {
        Shape* shape = at.shape->child(step.name);
        if (!shape) throw Unsupported(row, "no place '" + step.name + "'");
        Where next{.path = paths_.child(at.path, shape->name.local, shape->name.ns),
                   .shape = shape,
                   .group = at.group,
                   .steps = at.steps};
        if (next.path == schema::no_path) throw Unsupported(row, "no path for '" + step.name + "'");
        if (!step.keys.empty() || step.index != 0) return selected(next, step);
        // Inside of a member the places belong to its frame.
        const Step here = step_at(next);
        if (here.kind == Step::Kind::member) next.group = here.value;
        return next;
    }

    Where selected(Where at, const NationalStep& step) {
        auto found = selections_.find({at.steps, at.path});
        if (found == selections_.end()) {
            found = selections_.emplace(std::pair{at.steps, at.path}, static_cast<Id>(out_.selections.size())).first;
            out_.selections.emplace_back();
            out_.selections.back().other = out_.steps[at.steps][at.path];
            out_.steps[at.steps][at.path] = {.kind = Step::Kind::select, .value = found->second};
        }
        at.selection = found->second;
        Selection& selection = out_.selections[at.selection];
        std::vector<std::pair<schema::PathIndex, std::string>> keys;
        for (const NationalKey& key : step.keys) {
            const std::string& name = key.child;
            schema::PathIndex path = schema::no_path;
            if (name.starts_with('@')) {
                const AttributeShape* attribute = at.shape->attribute(std::string_view(name).substr(1));
                if (attribute) path = paths_.attribute(at.path, attribute->name.local, attribute->name.ns);
            } else if (const Shape* child = at.shape->child(name)) {
                path = paths_.child(at.path, child->name.local, child->name.ns);
            }
            keys.emplace_back(path, key.value);
        }
        for (Id i = 0; i < selection.cases.size(); ++i) {
            if (selection.cases[i].keys != keys || selection.cases[i].index != step.index) continue;
            at.selected = i;
            at.steps = selection.cases[i].steps;
            return inside_member(at);
        }
        Selection::Case one;
        one.keys = keys;
        one.index = step.index;
        one.steps = static_cast<Id>(out_.steps.size());
        one.step = {.kind = Step::Kind::pass};
        out_.steps.emplace_back(paths_.size());
        for (const auto& [path, value] : keys) {
            // What the selector says is read with it.
            if (path != schema::no_path)
                out_.steps.back()[path] = {.kind = Step::Kind::skip, .attribute = paths_[path].attribute != nullptr};
        }
        at.steps = one.steps;
        selection.cases.push_back(std::move(one));
        at.selected = static_cast<Id>(selection.cases.size() - 1);
        return inside_member(at);
    }

    Where inside_member(Where at) {
        const Step& here = step_at(at);
        if (here.kind == Step::Kind::member) at.group = here.value;
        return at;
    }

    Where walk(const Scope& scope, const NationalPath& path, const Row& row, std::vector<Where>* passed = nullptr) {
        Where at = scope.at;
        std::vector<Where> above = scope.above;
        if (path.from_document) {
            at = document_at_;
            above.clear();
        }
        for (std::uint32_t i = 0; i < path.up; ++i) {
            if (above.empty()) throw Unsupported(row, "'..' leaves the document");
            at = above.back();
            above.pop_back();
        }
        for (const NationalStep& step : path.steps) {
            if (step.name.starts_with('@')) break;
            above.push_back(at);
            at = below(at, step, row);
            Step& here = step_at(at);
            const bool last = &step == &path.steps.back() || (&step + 1)->name.starts_with('@');
            if (!last && here.kind == Step::Kind::decline) here = {.kind = Step::Kind::pass};
        }
        if (passed) *passed = std::move(above);
        return at;
    }

    /// The slot of an element's text or of its attribute.
    Slot slot(const Where& at, const AttributeShape* attribute, const Row& row, Step::Kind kind = Step::Kind::slot) {
        Step* step = &step_at(at);
        if (attribute) {
            if (step->kind == Step::Kind::decline) *step = {.kind = Step::Kind::pass};
            const schema::PathIndex path = paths_.attribute(at.path, attribute->name.local, attribute->name.ns);
            if (path == schema::no_path) throw Unsupported(row, "no path for '@" + attribute->name.local + "'");
            step = &out_.steps[at.steps][path];
        }
        Slot made{.group = at.group, .number = nothing, .attribute = attribute != nullptr, .shape = at.shape};
        if (step->kind == Step::Kind::member) {
            // The text of a list's own members: `each X` with `. <-> ...`.
            made.number = own_text(at.group);
            return made;
        }
        if (step->kind == Step::Kind::slot || step->kind == Step::Kind::whole) {
            made.number = step->value;
            if (kind == Step::Kind::slot) step->kind = kind;
            return made;
        }
        made.number = step->slot != nothing ? step->slot : out_.groups[at.group].slots++;
        *step = {.kind = kind, .attribute = attribute != nullptr, .value = made.number};
        return made;
    }

    Id own_text(Id group) {
        auto found = own_texts_.find(group);
        if (found == own_texts_.end()) {
            found = own_texts_.emplace(group, out_.groups[group].slots++).first;
            out_.groups[group].own_text = found->second;
        }
        return found->second;
    }

    Slot slot_of(const NationalTerm& term, const Scope& scope, const Row& row, Step::Kind kind = Step::Kind::slot) {
        Where at = walk(scope, term.path, row);
        if (at.path == scope.at.path && at.steps == scope.at.steps && !term.path.attribute && at.group != 1 &&
            group_path_.contains(at.group) && group_path_[at.group] == at.path) {
            return {.group = at.group, .number = own_text(at.group), .attribute = false, .shape = at.shape};
        }
        return slot(at, term.path.attribute, row, kind);
    }

    // ---- places of the pivot ----

    std::string identity(const PivotStep& step) const {
        std::string all;
        for (const PivotKey& key : step.keys) {
            all += (key.attribute ? "@" : "") + key.child;
            if (key.from)
                all += "=(" + key.from->text + ")";
            else if (key.in_list)
                all += " in " + key.value;
            else
                all += "=" + qualified(key.list, key.value);
            all += ";";
        }
        return all;
    }

    static bool dynamic(const TemplateNode& node) {
        return node.key_identity.find(" in ") != std::string::npos || node.key_identity.find("=(") != std::string::npos;
    }

    TemplateNode* add(TemplateNode& from, const PivotStep& step) {
        auto made = std::make_unique<TemplateNode>();
        made->name = step.name;
        made->field = step.field;
        made->parent = &from;
        made->group = from.group;
        made->index = step.index;
        made->selected = !step.keys.empty();
        made->key_identity = identity(step);
        from.children.push_back(std::move(made));
        return from.children.back().get();
    }

    /// Keys that the table says become values of the node.
    void keys(TemplateNode& node, const PivotStep& step, Put* put, const Scope& scope, const Row& row) {
        for (const PivotKey& key : step.keys) {
            const bool known = !key.from && !key.in_list;
            if (key.in_list) {
                if (!key.attribute) throw Unsupported(row, "a scheme that is no attribute");
                PivotAttribute* attribute = node.attribute(key.child);
                if (!attribute) {
                    node.attributes.push_back({key.child, new_place(node.group), std::nullopt});
                    attribute = &node.attributes.back();
                }
                const auto list = model_.lists.find(key.value);
                if (put) {
                    put->scheme = attribute->place;
                    put->scheme_list = list == model_.lists.end() ? nullptr : &list->second;
                    if (put->scheme_list) put->schemes = scheme_table(*put->scheme_list);
                    if (put->field) put->scheme_fit = FieldFit(*put->field, "schemeID", fits_);
                }
                continue;
            }
            if (key.from) {
                if (key.attribute || !put) throw Unsupported(row, "a key that another element says, on a group");
                TemplateNode* child = node.child(key.child);
                if (!child) {
                    child =
                        add(node, {.name = key.child, .keys = {}, .index = 0, .field = node.field->child(key.child)});
                    child->place = new_place(node.group);
                }
                const Where at = walk(scope, *key.from, row);
                put->sibling = slot(at, key.from->attribute, row);
                const pivot::Field* around = put->field ? put->field->parent : nullptr;
                const pivot::Field* currency = around ? around->child("CurrencyTypeCode") : nullptr;
                if (currency) put->scheme_fit = FieldFit(*currency, {}, fits_);
                put->key = child->place;
                continue;
            }
            if (key.attribute) {
                if (!node.attribute(key.child))
                    node.attributes.push_back({key.child, {}, qualified(key.list, key.value)});
            } else if (!node.child(key.child) && known) {
                TemplateNode* child = add(node, {.name = key.child,
                                                 .keys = {},
                                                 .index = 0,
                                                 .field = node.field ? node.field->child(key.child) : nullptr});
                child->constant = PivotValue{key.value, key.list, 0};
            }
        }
    }

    TemplateNode* descend(TemplateNode* node, std::span<const PivotStep> steps, Put* put, const Scope& scope,
                          const Row& row) {
        for (const PivotStep& step : steps) {
            TemplateNode* next = nullptr;
            const std::string wanted = identity(step);
            for (const auto& child : node->children) {
                if (child->name != step.name || child->by_each || child->many) continue;
                const bool fits = step.index != 0     ? child->index == step.index
                                  : step.keys.empty() ? !child->selected || !step.field->is_list()
                                                      : child->selected;
                if (fits && child->key_identity == wanted) {
                    next = child.get();
                    break;
                }
            }
            if (!next) {
                next = add(*node, step);
                // Two selectors of which one is known only with the message could mean one member.
                for (const auto& other : node->children) {
                    if (other.get() == next || other->name != next->name || !other->selected || !next->selected)
                        continue;
                    if (dynamic(*other) || dynamic(*next))
                        throw Unsupported(row, "selectors of '" + step.name + "' that may mean one member");
                }
            }
            keys(*next, step, put, scope, row);
            node = next;
            node->makers.push_back(maker_);
        }
        return node;
    }

    Place new_place(Id group) { return {group, out_.groups[group].places++}; }

    Put put_of(const PivotTerm& term, const Scope& scope, const Row& row) {
        Put put;
        TemplateNode* from = term.from_document ? out_.root.get() : scope.pivot;
        put.field = term.field;
        put.attribute = !term.attribute.empty();
        put.attribute_name = term.attribute;
        put.fit = FieldFit(*term.field, term.attribute, fits_);
        if (term.every) {
            put.kind = Put::Kind::every;
            put.place = every(from, term, put, row);
            return put;
        }
        const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field->is_list() &&
                          term.steps.back().keys.empty() && term.steps.back().index == 0;
        if (list) {
            const std::span<const PivotStep> all(term.steps);
            TemplateNode* base = descend(from, all.subspan(0, all.size() - 1), &put, scope, row);
            TemplateNode* node = add(*base, term.steps.back());
            node->many = true;
            node->place = new_place(node->group);
            node->makers.push_back(maker_);
            put.kind = Put::Kind::list;
            put.place = node->place;
            return put;
        }
        TemplateNode* node = descend(from, term.steps, &put, scope, row);
        put.place = place_of(*node, term.attribute, put);
        return put;
    }

    Place place_of(TemplateNode& node, const std::string& attribute, Put& put) {
        if (attribute.empty()) {
            if (node.constant) {
                put.has_constant = true;
                put.scheme_constant = qualified(node.constant->list, node.constant->text);
            }
            if (node.place.number == nothing) node.place = new_place(node.group);
            return node.place;
        }
        PivotAttribute* known = node.attribute(attribute);
        if (!known) {
            node.attributes.push_back({attribute, new_place(node.group), std::nullopt});
            return node.attributes.back().place;
        }
        if (known->constant) {
            put.has_constant = true;
            put.scheme_constant = *known->constant;
        }
        if (known->place.number == nothing) known->place = new_place(node.group);
        return known->place;
    }

    Place every(TemplateNode* node, const PivotTerm& term, Put& put, const Row& row) {
        for (const PivotStep& step : term.steps) {
            const bool open = step.field->is_list() && step.keys.empty() && step.index == 0;
            if (!open) {
                const Scope none;
                node = descend(node, std::span(&step, 1), nullptr, none, row);
                continue;
            }
            TemplateNode* next = nullptr;
            for (const auto& child : node->children) {
                if (child->name != step.name) continue;
                if (next || !child->by_each) throw Unsupported(row, "every over members that several rows make");
                next = child.get();
            }
            if (!next) throw Unsupported(row, "every over a list that no each makes");
            put.loops.push_back(next->group);
            node = next;
        }
        return place_of(*node, term.attribute, put);
    }

    // ---- rows ----

    void grow_order() {
        for (std::size_t pass = 0; pass < passes; ++pass) {
            out_.order[pass].resize(out_.groups.size());
            out_.leaves[pass].resize(out_.groups.size());
        }
    }

    void document(const Row& row, const Where& at) {
        document_at_ = at;
        document_at_.group = 0;
        document_at_.steps = 0;
        out_.steps[0][at.path] = {.kind = Step::Kind::pass};
        group_path_[0] = at.path;
        out_.groups[0].path = at.path;
        find_date(row);
        rows(row.rows, {.at = document_at_, .pivot = out_.root.get()});
    }

    void find_date(const Row& top) {
        for (const auto& inner : top.rows) {
            if (inner->form == RowForm::enter) find_date(*inner);
            if (inner->form != RowForm::value || inner->right.size() != 1 || inner->conversions.size() != 1) continue;
            const PivotTerm& term = inner->right[0];
            if (term.field->name == "IssueDateTime" && term.field->parent == &pivot::root(model_.head.kind))
                dates_.push_back(inner.get());
        }
    }

    void rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
        for (const auto& one : list) {
            if (!one->subtree) row(*one, scope);
        }
        for (const auto& one : list) {
            if (one->subtree) row(*one, scope);
        }
    }

    void row(const Row& row, const Scope& scope) {
        ++maker_;
        switch (row.form) {
            case RowForm::enter:
                return enter(row, scope);
            case RowForm::each:
                return each(row, scope);
            case RowForm::when:
                return when(row, scope);
            case RowForm::value:
            case RowForm::carry_as: {
                const bool every =
                    std::any_of(row.right.begin(), row.right.end(), [](const PivotTerm& term) { return term.every; });
                if (!scope.pivot) return;
                if (every) {
                    lates_.push_back([this, &row, scope] {
                        Scope late = scope;
                        late.pass = 3;
                        late.chain = nothing;
                        value(row, late);
                    });
                    // Its places are its own all the same.
                    for (const NationalTerm& term : row.left) {
                        if (!term.constant) slot_of(term, scope, row);
                    }
                    return;
                }
                return value(row, scope);
            }
            case RowForm::position:
            case RowForm::same_rest:
                return;
            case RowForm::fixed:
                return fixed(row, scope);
            case RowForm::computed:
                return computed(row, scope);
            case RowForm::derive:
                if (scope.pivot) derive(row, scope);
                return;
            case RowForm::check:
                if (scope.pivot) check(row, scope);
                return;
            case RowForm::carry:
                return carry(row, scope);
            case RowForm::drop:
                return drop(row, scope);
            case RowForm::envelope:
            case RowForm::signature:
                return skip(row, scope);
            case RowForm::same_group: {
                const Slot at = slot_of(row.left[0], scope, row);
                out_.same_groups.push_back({&row, at});
                push(4, at.group,
                     {.kind = ReadStep::Kind::same_group,
                      .number = static_cast<Id>(out_.same_groups.size() - 1),
                      .cases = scope.cases});
                return;
            }
            case RowForm::attached:
                declined_.push_back(walk(scope, row.left[0].path, row));
                out_.not_modelled.push_back(row.place + ": a document inside a document");
                return;
        }
    }

    void push(std::size_t pass, Id group, ReadStep step) { out_.order[pass][group].push_back(std::move(step)); }

    /// In the case that is compiled, or in the group's pass.
    void push(const Scope& scope, ReadStep step) {
        if (scope.chain != nothing)
            out_.chains[scope.chain].steps[scope.cases.back().number].push_back(std::move(step));
        else
            push(scope.pass, scope.at.group, std::move(step));
    }

    /// `in X[1]` in one case, where another case reads `each X`: members in the wrong case decline, so
    /// that the place has nothing to read.
    bool read_by_another_case(const Row& row, const Scope& scope) const {
        const NationalPath& path = row.left[0].path;
        if (scope.cases.empty() || path.from_document || path.up != 0 || path.steps.size() != 1) return false;
        if (path.steps[0].index == 0 || !path.steps[0].keys.empty()) return false;
        const Shape* shape = scope.at.shape->child(path.steps[0].name);
        if (!shape) return false;
        const schema::PathIndex index = paths_.child(scope.at.path, shape->name.local, shape->name.ns);
        if (index == schema::no_path) return false;
        const Step& here = out_.steps[scope.at.steps][index];
        const InCase& own = scope.cases.back();
        return here.kind == Step::Kind::member && out_.groups[here.value].parent == own.group &&
               std::any_of(case_lists_.begin(), case_lists_.end(), [&](const auto& list) {
                   return list.second == here.value && list.first.group == own.group && list.first.chain == own.chain &&
                          list.first.number != own.number;
               });
    }

    void enter(const Row& row, const Scope& scope) {
        if (read_by_another_case(row, scope)) return;
        if (row.document) {
            const Where at = walk(scope, row.left[0].path, row);
            out_.document = at.path;
            mark_way(scope, row.left[0].path, row);
            out_.steps[1][at.path] = {.kind = Step::Kind::member, .value = 0};
            return document(row, at);
        }
        Scope inner = scope;
        inner.at = walk(scope, row.left[0].path, row, &inner.above);
        Step& step = step_at(inner.at);
        if (step.kind == Step::Kind::decline) step = {.kind = Step::Kind::pass};
        if (!row.right.empty() && scope.pivot) {
            TemplateNode* from = row.right[0].from_document ? out_.root.get() : scope.pivot;
            Put keys_of;
            inner.pivot = descend(from, row.right[0].steps, &keys_of, scope, row);
            if (keys_of.scheme_list || keys_of.sibling) throw Unsupported(row, "a group with a key of the document");
        }
        rows(row.rows, inner);
    }

    void mark_way(const Scope& scope, const NationalPath& path, const Row& row) {
        Where at = scope.at;
        for (const NationalStep& step : path.steps) {
            if (out_.steps[at.steps][at.path].kind == Step::Kind::decline)
                out_.steps[at.steps][at.path] = {.kind = Step::Kind::pass};
            at = below(at, step, row);
        }
    }

    void each(const Row& row, const Scope& scope) {
        if (row.document) {
            const Where at = walk(scope, row.left[0].path, row);
            out_.document = at.path;
            mark_way(scope, row.left[0].path, row);
            out_.steps[1][at.path] = {.kind = Step::Kind::member, .value = 0};
            return document(row, at);
        }
        if (!scope.pivot || row.right.empty()) return;
        Scope inner = scope;
        inner.at = walk(scope, row.left[0].path, row, &inner.above);
        Step& step = step_at(inner.at);
        const bool numbered = !row.key.empty() || std::any_of(row.rows.begin(), row.rows.end(), [](const auto& one) {
            return one->form == RowForm::position;
        });
        const bool blank_is_none = row.slots != 0 || (model_.empties == Empties::null && !numbered);
        Id group = nothing;
        const Id around = step.kind == Step::Kind::member ? out_.groups[step.value].parent : inner.at.group;
        if (step.kind == Step::Kind::member) {
            // Another case reads the same list: its frames serve both.
            group = step.value;
            if (scope.cases.empty() || out_.groups[group].blank_is_none != blank_is_none)
                throw Unsupported(row, "a list that other rows read too");
        } else if (step.kind != Step::Kind::decline && step.kind != Step::Kind::pass) {
            throw Unsupported(row, "a list that other rows read too");
        } else {
            group = static_cast<Id>(out_.groups.size());
            out_.groups.emplace_back();
            out_.groups.back().parent = around;
            out_.groups.back().list = out_.groups[around].lists++;
            out_.groups.back().row = &row;
            out_.groups.back().blank_is_none = blank_is_none;
            grow_order();
            const bool attribute = step.attribute;
            step = {.kind = Step::Kind::member, .attribute = attribute, .value = group};
        }
        const Id outer_group = around;
        inner.at.group = group;
        group_path_[group] = inner.at.path;
        out_.groups[group].path = inner.at.path;
        const PivotTerm& term = row.right[0];
        TemplateNode* from = term.from_document ? out_.root.get() : scope.pivot;
        const std::span<const PivotStep> all(term.steps);
        TemplateNode* base = descend(from, all.subspan(0, all.size() - 1), nullptr, scope, row);
        TemplateNode* node = add(*base, all.back());
        node->by_each = true;
        node->cases = scope.cases;
        node->group = group;
        node->makers.push_back(maker_);
        if (base->group != outer_group && !belongs(outer_group, base->group))
            throw Unsupported(row, "members that go to another group");
        keys(*node, all.back(), nullptr, scope, row);
        inner.pivot = node;
        for (std::size_t pass = 0; pass < passes; ++pass) {
            ReadStep loop{.kind = ReadStep::Kind::loop, .number = group, .cases = scope.cases};
            LeafStep leaves{.kind = LeafStep::Kind::loop, .group = group, .cases = scope.cases};
            if (pass == scope.pass && scope.chain != nothing && outer_group == out_.chains[scope.chain].group) {
                out_.chains[scope.chain].steps[scope.cases.back().number].push_back(std::move(loop));
                out_.chains[scope.chain].leaves[scope.cases.back().number].push_back(std::move(leaves));
                continue;
            }
            push(pass, outer_group, std::move(loop));
            leaf(pass, outer_group, std::move(leaves));
        }
        inner.chain = nothing;
        if (!scope.cases.empty()) case_lists_.push_back({scope.cases.back(), group});
        for (const auto& one : row.rows) {
            if (one->form != RowForm::position) continue;
            const Put put = put_of(one->right[0], inner, *one);
            out_.positions.push_back({one.get(), put.place, put.fit});
            push(0, group,
                 {.kind = ReadStep::Kind::position, .number = static_cast<Id>(out_.positions.size() - 1), .cases = {}});
        }
        rows(row.rows, inner);
    }

    /// Is `outer` the group or one around `inner`?
    bool belongs(Id inner, Id outer) const {
        for (Id at = inner; at != nothing; at = out_.groups[at].parent) {
            if (at == outer) return true;
        }
        return false;
    }

    void leaf(std::size_t pass, Id group, LeafStep step) { out_.leaves[pass][group].push_back(std::move(step)); }

    /// The leaf of an element that stands above the documents belongs to every document.
    void leaf_in(const Scope& scope, LeafStep step) {
        step.cases = scope.cases;
        if (scope.chain != nothing)
            out_.chains[scope.chain].leaves[scope.cases.back().number].push_back(std::move(step));
        else if (scope.pivot)
            leaf(scope.pass, scope.at.group, std::move(step));
        else
            out_.outer_leaves.push_back(std::move(step));
    }

    /// `when X[1]/Y absent` with `X[1]/Y <- Z`: a row for writing, whose place is empty whenever its case is.
    bool asks_for_its_absence(const Row& row, const Scope& scope) const {
        if (row.direction != Direction::from_pivot || scope.chain == nothing || row.left.size() != 1) return false;
        const Row& one = *out_.chains[scope.chain].row->rows[scope.cases.back().number];
        const bool own =
            std::any_of(one.rows.begin(), one.rows.end(), [&](const auto& inner) { return inner.get() == &row; });
        return own && one.condition && one.condition->present && one.condition->negated &&
               one.condition->place.kind == Expression::Kind::national &&
               one.condition->place.national.text == row.left[0].path.text;
    }

    void value(const Row& row, const Scope& scope) {
        if (asks_for_its_absence(row, scope)) return;
        ReadRow made;
        made.row = &row;
        made.group = scope.at.group;
        made.cases = scope.cases;
        for (const NationalTerm& term : row.left) {
            SourceTerm one{.term = &term, .slot = {}};
            if (!term.constant) {
                one.slot = slot_of(term, scope, row);
                if (!term.borrowed && !scope.cases.empty()) case_slots_.push_back({scope.cases.back(), one.slot});
            }
            made.terms.push_back(std::move(one));
        }
        if (row.direction == Direction::from_pivot) {
            for (const SourceTerm& one : made.terms) {
                if (one.term->constant || one.term->borrowed) continue;
                leaf_in(scope, {.kind = LeafStep::Kind::kept,
                                .table_row = &row,
                                .slot = one.slot,
                                .site = site(LossKind::dropped,
                                             row.reason.empty() ? std::string(kept_reason) : row.reason, row.place)});
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
                     made.parts[0].takes == 1 && made.parts[0].gives == 1 && !row.left[0].constant &&
                     !row.left[0].borrowed;
        made.tuple = is_tuple(made);
        const Id number = static_cast<Id>(out_.rows.size());
        if (std::find(dates_.begin(), dates_.end(), &row) != dates_.end() && out_.date_row == nothing)
            out_.date_row = number;
        out_.rows.push_back(std::move(made));
        push(scope, {.kind = ReadStep::Kind::row, .number = number, .cases = scope.cases});
        const ReadRow& done = out_.rows.back();
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
                leaf_in(scope, std::move(step));
                list_attributes(*part.conversion, *done.terms[i].term, part.done, scope, row);
            }
        }
    }

    /// Terms side by side, each with a value of its own.
    static bool is_tuple(const ReadRow& row) {
        constexpr std::size_t most = 8;
        if (row.parts.size() < 2 || row.parts.size() > most || row.parts.size() != row.terms.size()) return false;
        return std::all_of(row.parts.begin(), row.parts.end(), [&](const ReadPart& part) {
            return part.fast.single() && part.takes == 1 && part.gives == 1 && row.puts[part.right].simple() &&
                   !row.terms[part.left].term->repeated;
        });
    }

    /// An attribute that names the code list: said by the list itself, lost where it differs.
    void list_attributes(const Conversion& conversion, const NationalTerm& term, const Place& done, const Scope& scope,
                         const Row& row) {
        if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
        const auto list = model_.lists.find(conversion.list_name());
        if (list == model_.lists.end()) return;
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
            const bool free =
                out_.steps[at.steps][path].kind == Step::Kind::decline || listed_.contains({at.steps, path});
            if (!free) continue;
            listed_.insert({at.steps, path});
            const Slot taken = slot(at, known, row);
            leaf_in(scope, {.kind = LeafStep::Kind::list,
                            .table_row = &row,
                            .slot = taken,
                            .done = done,
                            .expected = list->second.published_id(),
                            .site = site(LossKind::dropped, "another list than the table's", {})});
        }
    }

    Id site(LossKind kind, std::string reason, std::string row) {
        for (Id i = 0; i < out_.sites.size(); ++i) {
            if (out_.sites[i].kind == kind && out_.sites[i].reason == reason && out_.sites[i].row == row) return i;
        }
        out_.sites.push_back({kind, std::move(reason), std::move(row)});
        return static_cast<Id>(out_.sites.size() - 1);
    }

    void fixed(const Row& row, const Scope& scope) {
        for (const NationalTerm& term : row.left) {
            const Slot at = slot_of(term, scope, row);
            if (!scope.cases.empty()) case_slots_.push_back({scope.cases.back(), at});
            leaf_in(scope,
                    {.kind = LeafStep::Kind::fixed,
                     .table_row = &row,
                     .slot = at,
                     .site = site(LossKind::dropped, "another spelling of a constant of the format", row.place)});
        }
    }

    void computed(const Row& row, const Scope& scope) {
        const Slot at = slot_of(row.left[0], scope, row);
        if (!scope.cases.empty()) case_slots_.push_back({scope.cases.back(), at});
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

    void carry(const Row& row, const Scope& scope) {
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
            if (!scope.cases.empty()) case_slots_.push_back({scope.cases.back(), at});
            leaf_in(scope, {.kind = LeafStep::Kind::carried,
                            .table_row = &row,
                            .slot = at,
                            .site = site(LossKind::carried, std::string(kept_reason), row.place)});
        }
    }

    void drop(const Row& row, const Scope& scope) {
        for (const NationalTerm& term : row.left) {
            const Slot at = slot_of(term, scope, row, Step::Kind::whole);
            if (!scope.cases.empty()) case_slots_.push_back({scope.cases.back(), at});
            leaf_in(scope, {.kind = LeafStep::Kind::dropped,
                            .table_row = &row,
                            .slot = at,
                            .site = site(LossKind::dropped, row.reason, row.place)});
        }
    }

    void skip(const Row& row, const Scope& scope) {
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

    void when(const Row& row, const Scope& scope) {
        if (scope.pass == 2) throw Unsupported(row, "cases inside of cases inside of cases");
        for (const auto& one : row.rows) {
            if (one->condition && asks_for_group(*one->condition))
                throw Unsupported(*one, "a case that asks whether a class is there");
        }
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
                ReadExpression place = expression(row.rows[i]->condition->place, scope, row);
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

    void derive(const Row& row, const Scope& scope) {
        const Id number = static_cast<Id>(out_.derives.size());
        out_.derives.push_back({.row = &row,
                                .group = scope.at.group,
                                .expression = {},
                                .place = {},
                                .field = nullptr,
                                .fit = {},
                                .cases = scope.cases});
        push(4, scope.at.group, {.kind = ReadStep::Kind::derive, .number = number, .cases = scope.cases});
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
            const Expression& e = row.expression.text == "value" && !row.expression.parts.empty()
                                      ? row.expression.parts[0]
                                      : row.expression;
            if (e.kind != Expression::Kind::national) return;
            const ReadExpression& made = out_.derives[number].expression;
            const NationalSource& from = made.expression == &e ? made.national : made.parts[0].national;
            for (auto& pass : out_.leaves) {
                if (from.slot.group == nothing) break;
                for (LeafStep& step : pass[from.slot.group]) {
                    if (step.kind != LeafStep::Kind::mapped || step.slot.number != from.slot.number) continue;
                    if (from.slot.group != scope.at.group && !from.loops.empty() && !from.first_only) continue;
                    Put extra;
                    extra.place = out_.derives[number].place;
                    extra.field = out_.derives[number].field;
                    extra.first_member = from.first_only;
                    step.quick = step.quick && !from.first_only;
                    step.fed.push_back(extra);
                }
            }
        });
    }

    void check(const Row& row, const Scope& scope) {
        const Id number = static_cast<Id>(out_.checks.size());
        const std::string& sign = row.comparison;
        out_.checks.push_back({.row = &row,
                               .group = scope.at.group,
                               .left = {},
                               .right = {},
                               .loops = {},
                               .cases = scope.cases,
                               .less = sign == "<=" || sign == "<" || sign == "!=",
                               .equal = sign == "=" || sign == ">=" || sign == "<=",
                               .greater = sign == ">=" || sign == ">" || sign == "!="});
        push(4, scope.at.group, {.kind = ReadStep::Kind::check, .number = number, .cases = scope.cases});
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

    // ---- expressions ----

    ReadExpression expression(const Expression& e, const Scope& scope, const Row& row) {
        ReadExpression made;
        made.expression = &e;
        if (e.kind == Expression::Kind::national) made.known = national(e.national, scope, row, made.national);
        if (e.kind == Expression::Kind::pivot) pivot_place(e.pivot, scope, made);
        for (const Expression& part : e.parts) made.parts.push_back(expression(part, scope, row));
        return made;
    }

    bool national(const NationalPath& path, const Scope& scope, const Row& row, NationalSource& made) {
        Where at = scope.at;
        std::vector<Where> above = scope.above;
        if (path.from_document) {
            at = document_at_;
            above.clear();
        }
        for (std::uint32_t i = 0; i < path.up; ++i) {
            if (above.empty()) return false;
            at = above.back();
            above.pop_back();
        }
        bool member = false;
        for (const NationalStep& step : path.steps) {
            if (step.name.starts_with('@')) break;
            member = false;
            Shape* shape = at.shape->child(step.name);
            if (!shape) return false;
            NationalStep plain = step;
            if (step.index != 0) {
                // "Item[1]": a place in a list of frames is the first of them.
                const schema::PathIndex index = paths_.child(at.path, shape->name.local, shape->name.ns);
                const Step here = out_.steps[at.steps][index];
                if (here.kind == Step::Kind::member && step.index == 1) {
                    plain.index = 0;
                    made.first_only = true;
                } else if (here.kind != Step::Kind::select) {
                    return false;
                }
            }
            const Id before = at.group;
            at = below(at, plain, row);
            if (at.group != before) {
                made.loops.push_back(at.group);
                member = true;
            }
        }
        made.members = member && !path.attribute;
        if (made.members) {
            made.slot = {.group = at.group,
                         .number = own_texts_.contains(at.group) ? own_texts_[at.group] : nothing,
                         .attribute = false,
                         .shape = at.shape};
            return true;
        }
        Step* step = &step_at(at);
        if (path.attribute) {
            const schema::PathIndex index =
                paths_.attribute(at.path, path.attribute->name.local, path.attribute->name.ns);
            if (index == schema::no_path) return false;
            step = &out_.steps[at.steps][index];
        }
        if (step->kind == Step::Kind::slot || step->kind == Step::Kind::whole) {
            made.slot = {at.group, step->value, path.attribute != nullptr, at.shape};
            return true;
        }
        if (step->kind != Step::Kind::decline && step->kind != Step::Kind::rest) return false;
        if (!at.shape->children.empty()) return false;
        if (step->slot == nothing) step->slot = out_.groups[at.group].slots++;
        made.slot = {at.group, step->slot, path.attribute != nullptr, at.shape};
        return true;
    }

    void pivot_place(const PivotTerm& term, const Scope& scope, ReadExpression& made) {
        made.known = false;
        TemplateNode* node = term.from_document ? out_.root.get() : scope.pivot;
        for (const PivotStep& step : term.steps) {
            if (!node) return;
            TemplateNode* found = nullptr;
            std::size_t candidates = 0;
            for (const auto& child : node->children) {
                if (child->name != step.name) continue;
                if (!step.keys.empty() && child->key_identity != identity(step)) continue;
                ++candidates;
                if (!found) found = child.get();
            }
            if (candidates > 1 || (found && (found->by_each || found->many))) return;
            node = found;
            if (!node) {
                made.known = true;  // nothing ever stands there
                return;
            }
        }
        made.known = true;
        if (!node) return;
        if (term.attribute.empty()) {
            if (node->constant) made.known = false;
            made.pivot = node->place;
        } else if (const PivotAttribute* attribute = node->attribute(term.attribute)) {
            if (attribute->constant) made.known = false;
            made.pivot = attribute->place;
        }
    }

    // ---- the end ----

    /// The row that says what happens to a place; below a wildcard, to the place around it.
    static const Row* owner_of(const Shape* shape) {
        for (const Shape* at = shape; at; at = at->parent) {
            if (at->owner) return at->owner;
        }
        return nullptr;
    }

    void settle_steps() {
        for (Selection& selection : out_.selections) {
            // A row without a selector reads the selected members too: both at once is not held.
            if (selection.other.kind != Step::Kind::whole && selection.other.kind != Step::Kind::slot) continue;
            for (Selection::Case& one : selection.cases) one.step = {.kind = Step::Kind::decline, .value = 0};
        }
        out_.shapes.resize(paths_.size());
        shapes(0, model_.root.get());
        for (const Where& at : declined_) step_at(at) = {.kind = Step::Kind::decline, .value = 0};
        for (Id table = 0; table < out_.steps.size(); ++table) {
            const bool outer = table == 1;
            settle(outer ? 0 : document_at_.path, outer ? model_.root.get() : document_at_.shape, out_.steps[table],
                   outer);
        }
    }

    void shapes(schema::PathIndex path, const Shape* shape) {
        out_.shapes[path] = shape;
        const schema::PathNode& node = paths_[path];
        for (schema::PathIndex i = 0; i < node.child_count; ++i) {
            if (const Shape* child = shape->child(paths_[node.first_child + i].element->name))
                shapes(node.first_child + i, child);
        }
    }

    /// What no row names in its case is carried at the document's end.
    void settle(schema::PathIndex path, const Shape* shape, Steps& steps, bool outer) {
        const schema::PathNode& node = paths_[path];
        for (schema::PathIndex i = 0; i < node.attribute_count; ++i) {
            const schema::PathIndex at = node.first_attribute + i;
            if (steps[at].kind != Step::Kind::decline) continue;
            const AttributeShape* known = const_cast<Shape*>(shape)->attribute(paths_[at].name().local);
            const Row* owner = known && known->owner ? known->owner : owner_of(shape);
            steps[at] = {
                .kind = Step::Kind::rest,
                .attribute = true,
                .value = site(LossKind::carried, std::string(kept_reason), owner ? owner->place : std::string()),
                .slot = steps[at].slot};
        }
        for (schema::PathIndex i = 0; i < node.child_count; ++i) {
            const schema::PathIndex at = node.first_child + i;
            const Shape* child = shape->child(paths_[at].element->name);
            if (!child) {
                const bool null = shape->null_child && paths_[at].element->name == shape->null_name;
                if (null) steps[at] = {.kind = Step::Kind::empty_form};
                continue;
            }
            if (steps[at].kind == Step::Kind::decline && steps[at].value == nothing) {
                const bool leaf = child->children.empty();
                const Row* owner = owner_of(child);
                const bool carries = owner && owner->form == RowForm::carry;
                if (leaf)
                    steps[at] = {
                        .kind = Step::Kind::rest,
                        .value = site(LossKind::carried,
                                      carries ? std::string(kept_reason) : std::string("no row takes it in this case"),
                                      owner ? owner->place : std::string()),
                        .slot = steps[at].slot};
                else
                    steps[at] = {.kind = Step::Kind::pass};
            }
            if (outer && at == out_.document && !out_.document_is_root) continue;
            settle(at, child, steps, outer);
        }
    }

    void settle_chains() {
        for (const auto& [in, slot] : case_slots_) {
            ReadChain& chain = out_.chains[chain_of_[{in.group, in.chain}]];
            chain.slots[in.number].push_back(slot);
        }
        for (const auto& [in, group] : case_lists_) {
            ReadChain& chain = out_.chains[chain_of_[{in.group, in.chain}]];
            chain.lists[in.number].push_back(group);
        }
    }

    Triggers triggers(Id group) const {
        constexpr Id word = 64;
        Triggers made;
        std::vector<std::vector<Id>> waiting(out_.groups[group].slots);
        const auto wait = [&](Id bit, const std::vector<Slot>& slots) {
            const bool own = !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](const Slot& slot) {
                return slot.group == group && slot.number < waiting.size();
            });
            if (!own) made.always[bit / word] |= std::uint64_t{1} << (bit % word);
            for (const Slot& slot : slots) {
                if (own) waiting[slot.number].push_back(bit);
            }
        };
        for (std::size_t pass = 0; pass < passes; ++pass) {
            const auto& order = out_.order[pass][group];
            made.order[pass] = static_cast<Id>(made.always.size());
            made.always.resize(made.always.size() + (order.size() + word - 1) / word);
            for (Id i = 0; i < order.size(); ++i) wait(made.order[pass] * word + i, slots_of(order[i]));
            const auto& leaves = out_.leaves[pass][group];
            made.leaves[pass] = static_cast<Id>(made.always.size());
            made.always.resize(made.always.size() + (leaves.size() + word - 1) / word);
            for (Id i = 0; i < leaves.size(); ++i) {
                const bool waits = leaves[i].kind != LeafStep::Kind::loop && leaves[i].kind != LeafStep::Kind::chain;
                wait(made.leaves[pass] * word + i, waits ? std::vector<Slot>{leaves[i].slot} : std::vector<Slot>());
            }
        }
        for (const std::vector<Id>& bits : waiting) {
            made.first.push_back(static_cast<Id>(made.waits.size()));
            for (const Id bit : bits) {
                const std::uint64_t mask = std::uint64_t{1} << (bit % word);
                const bool again = made.waits.size() > made.first.back() && made.waits.back().word == bit / word;
                if (again)
                    made.waits.back().mask |= mask;
                else
                    made.waits.push_back({bit / word, mask});
            }
        }
        made.first.push_back(static_cast<Id>(made.waits.size()));
        return made;
    }

    /// A row has nothing to do before one of these is there; none: it has always.
    std::vector<Slot> slots_of(const ReadStep& step) const {
        std::vector<Slot> slots;
        if (step.kind != ReadStep::Kind::row) return slots;
        for (const SourceTerm& term : out_.rows[step.number].terms) {
            if (!term.term->constant && !term.term->borrowed) slots.push_back(term.slot);
        }
        return slots;
    }

    const Model& model_;
    const schema::PathTable& paths_;
    Settings settings_;
    FastContext fast_;
    FieldFit::Tables fits_;
    SourceProgram out_;
    Where document_at_;
    std::map<std::pair<Id, schema::PathIndex>, Id> selections_;
    std::set<std::pair<Id, schema::PathIndex>> listed_;
    std::map<Id, Id> own_texts_;
    std::map<Id, schema::PathIndex> group_path_;
    std::map<std::pair<Id, Id>, Id> chain_of_;
    std::vector<std::pair<InCase, Slot>> case_slots_;
    std::vector<std::pair<InCase, Id>> case_lists_;
    std::vector<const Row*> dates_;
    std::vector<Where> declined_;
    std::vector<std::function<void()>> whens_, lates_, expressions_;
    Id maker_ = 0;
};

}  // namespace

std::shared_ptr<const SchemeTable> scheme_table(const CodeList& list) {
    auto made = std::make_shared<SchemeTable>();
    for (const CodeListRow& row : list.rows()) {
        if (!row.pattern) continue;
        auto shape = row.pattern->table();
        if (!shape || row.scheme.empty()) return nullptr;
        made->names.push_back(row.scheme);
        made->shapes.emplace_back(*std::move(shape), pivot::QualifiedCode{});
    }
    for (std::size_t i = 0; i < made->names.size(); ++i) made->shapes[i].second = pivot::split_code(made->names[i]);
    return made;
}

Result<SourceProgram> compile_source(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings) {
    try {
        return SourceCompiler(mapping, paths, settings).run();
    } catch (const Unsupported& one) {
        return Error{codes::plan_unsupported, one.row.place + ": " + one.row.text + ": " + one.detail};
    }
}

}  // namespace hansa::mapping::program
