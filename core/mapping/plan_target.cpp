#include "core/mapping/plan_target.h"

#include <algorithm>
#include <functional>
#include <set>

#include "core/mapping/codes.h"
#include "core/mapping/plan_source.h"
#include "core/mapping/reader.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping::program {
namespace {

std::string attribute_of(const NationalPath& path) {
    if (path.steps.empty()) return {};
    const std::string& last = path.steps.back().name;
    return last.starts_with('@') ? last.substr(1) : std::string();
}

std::string keys_text(const NationalStep& step) {
    std::string all;
    for (const NationalKey& key : step.keys) all += key.child + "=" + key.value + ";";
    return all;
}

bool all_optional(const Shape& shape) {
    return std::none_of(shape.attributes.begin(), shape.attributes.end(),
                        [](const AttributeShape& one) { return one.required; }) &&
           std::none_of(shape.children.begin(), shape.children.end(),
                        [](const auto& child) { return child->least > 0; });
}

/// Where rows put their steps.
struct Sink {
    enum class Kind { body, select, member, chain } kind = Kind::body;
    Id number = 0, part = 0;
};

struct Scope {
    OutNode* out = nullptr;
    TemplateNode* pivot = nullptr;
    bool in_document = false;
    std::string place;
    Id body = 0;
    Sink sink;
    std::size_t turn = 0;
    std::vector<Id> groups;  ///< of the source, whose members are current
};

/// A node of the template that a path may mean, and what must hold for it.
struct Candidate {
    TemplateNode* node = nullptr;
    std::vector<Id> loops;
    Id nth = 0;
    Guards guards;
    std::vector<Place> decides;
    const NationalPath* sibling = nullptr;
    Place sibling_key;
};

class Unsupported {
public:
    Unsupported(const Row& its_row, std::string why) : row(its_row), detail(std::move(why)) {}
    const Row& row;
    std::string detail;
};

class TargetCompiler {
public:
    TargetCompiler(const Mapping& mapping, const SourceProgram& source, const Settings& agency)
        : model_(mapping.model()), source_(source), settings_(mapping.settings(agency)) {
        out_.mapping = &mapping;
        fast_ = {.settings = &settings_, .lists = &model_.lists, .zone = model_.zone};
        fast_.grammar = model_.grammar.get();
    }

    TargetProgram run() {
        const Row& top = *model_.rows.front();
        out_.bodies.resize(2);
        out_.bodies[0].group = 0;
        out_.bodies[1].group = source_.outer;
        out_.root = std::make_unique<OutNode>();
        out_.root->name = model_.root->name;
        out_.root->shape = model_.root.get();
        out_.root->kept = true;
        Scope scope{.out = out_.root.get()};
        if (top.document) {
            out_.root->body = 0;
            out_.document = out_.root.get();
            document(top, scope);
        } else {
            out_.root->body = 1;
            scope.body = 1;
            scope.sink.number = 1;
            rows(top.rows, scope);
            const NationalPath& path = model_.document_row->left[0].path;
            OutNode* element = place(scope, path, *model_.document_row);
            element->body = 0;
            element->loop = 0;
            element->kept = true;
            out_.document = element;
            out_.bodies[0].parent = 1;
            out_.bodies[0].list = out_.bodies[1].lists++;
            Scope inner = scope;
            inner.out = element;
            inner.body = 0;
            inner.sink.number = 0;
            document(*model_.document_row, inner);
        }
        for (std::size_t i = 0; i < whens_.size(); ++i) whens_[i]();
        for (std::size_t i = 0; i < lates_.size(); ++i) lates_[i]();
        fill(*out_.root, out_.root.get(), "");
        for (std::size_t i = 0; i < expressions_.size(); ++i) expressions_[i]();
        for (WriteLoop& loop : out_.loops) places_below(*loop.node, loop.content);
        for (const auto& one : out_.rows) straighten(*one);
        settle_output(out_);
        return std::move(out_);
    }

private:
    WriteSteps& steps(const Sink& sink, std::size_t turn) {
        switch (sink.kind) {
            case Sink::Kind::select:
                return out_.selects[sink.number].steps[turn];
            case Sink::Kind::member:
                return out_.members[sink.number].steps[turn];
            case Sink::Kind::chain:
                return out_.chains[sink.number].cases[sink.part].steps[turn];
            case Sink::Kind::body:
                break;
        }
        return out_.bodies[sink.number].steps[turn];
    }

    void push(const Scope& scope, std::size_t turn, WriteStep::Kind kind, std::size_t number) {
        steps(scope.sink, turn).push_back({kind, static_cast<Id>(number)});
    }
    /// A container does something in every turn from the one on in which it is made.
    void push_all(const Scope& scope, WriteStep::Kind kind, std::size_t number) {
        for (std::size_t turn = scope.turn; turn < turns; ++turn) push(scope, turn, kind, number);
    }

    void document(const Row& row, Scope scope) {
        scope.pivot = source_.root.get();
        scope.in_document = true;
        scope.place.clear();
        scope.groups = {0};
        document_scope_ = scope;
        rows(row.rows, scope);
    }

    void rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
        for (const auto& one : list) row(*one, scope);
    }

    void row(const Row& row, const Scope& scope) {
        switch (row.form) {
            case RowForm::enter:
                if (!row.document) enter(row, scope);
                return;
            case RowForm::each:
                if (!row.document) each(row, scope);
                return;
            case RowForm::when:
                return when(row, scope);
            case RowForm::value:
            case RowForm::carry_as:
                return value(row, scope);
            case RowForm::position:
                return position(row, scope);
            case RowForm::fixed:
                if (row.always) throw Unsupported(row, "a constant that is always written");
                for (std::size_t i = 0; i < row.left.size(); ++i) pend(row, scope, i);
                return;
            case RowForm::envelope:
                for (std::size_t i = 0; i < row.left.size(); ++i) pend(row, scope, i);
                return;
            case RowForm::computed:
                return computed(row, scope);
            case RowForm::derive:
                return derive(row, scope);
            case RowForm::check:
                return check(row, scope);
            case RowForm::attached:
                if (scope.pivot && row.attached &&
                    scope.pivot->child("Attached" + std::string(pivot::root(row.attached->kind()).name)))
                    throw Unsupported(row, "a document inside a document");
                return;
            case RowForm::carry:
            case RowForm::drop:
            case RowForm::signature:
            case RowForm::same_group:
            case RowForm::same_rest:
                return;
        }
    }

    struct Pending {
        const Row* row = nullptr;
        Scope scope;
        std::size_t term = 0;
    };

    void pend(const Row& row, const Scope& scope, std::size_t term) {
        pending_[scope.out][term_place(row.left[term])] = {&row, scope, term};
    }

    // ---- the output tree ----

    OutNode* add(OutNode& parent, const schema::Name& name, Shape* shape) {
        auto made = std::make_unique<OutNode>();
        made->name = name;
        made->shape = shape;
        made->parent = &parent;
        made->body = parent.body;
        parent.children.push_back(std::move(made));
        return parent.children.back().get();
    }

    static bool is_named(const OutNode& node, const OutNode& parent, const NationalStep& step) {
        const Shape* meant = parent.shape ? parent.shape->child(step.name) : nullptr;
        return meant && node.shape == meant;
    }

    OutNode* find(OutNode& parent, const NationalStep& step) const {
        const std::string keys = keys_text(step);
        for (const auto& child : parent.children) {
            if (!is_named(*child, parent, step) || child->keys != keys) continue;
            if (child->loop != nothing && parent.parent != nullptr) continue;
            if (step.keys.empty() && std::max(child->index, 1u) != std::max(step.index, 1u)) continue;
            return child.get();
        }
        return nullptr;
    }

    /// The node at a path below the group, made where it is not there.
    OutNode* place(const Scope& scope, const NationalPath& path, const Row& row, bool entered = false) {
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

    Text text_of(OutNode& node) {
        if (node.text.number == nothing) node.text = {node.body, out_.bodies[node.body].texts++};
        return node.text;
    }

    OutAttribute& attribute(OutNode& node, const std::string& local) {
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

    Text text_of(OutNode& node, const std::string& local) {
        OutAttribute& known = attribute(node, local);
        if (known.text.number == nothing) known.text = {node.body, out_.bodies[node.body].texts++};
        return known.text;
    }

    // ---- ways into the pivot ----

    std::vector<std::string> schemes_of(const std::string& name) const {
        const auto list = model_.lists.find(name);
        return list == model_.lists.end() ? std::vector<std::string>{} : list->second.schemes();
    }

    enum class Fit { no, yes, maybe };

    /// Does the node stand under the key? `descending`: with the number's shape, and what elements say.
    Fit fits(const TemplateNode& node, const PivotKey& key, bool descending, std::vector<Guard>& guards,
             Candidate* candidate) const {
        std::optional<std::string> constant;
        Place place;
        if (key.attribute) {
            const PivotAttribute* known = const_cast<TemplateNode&>(node).attribute(key.child);
            if (known) constant = known->constant, place = known->place;
        } else if (const TemplateNode* child = node.child(key.child)) {
            if (child->constant) constant = qualified(child->constant->list, child->constant->text);
            place = child->place;
        }
        if (key.from) {
            if (!descending) return Fit::no;
            if (!candidate || candidate->sibling || place.number == nothing) return Fit::no;
            candidate->sibling = &*key.from;
            candidate->sibling_key = place;
            return Fit::yes;
        }
        if (key.in_list) {
            const std::vector<std::string> schemes = schemes_of(key.value);
            if (constant && std::find(schemes.begin(), schemes.end(), *constant) == schemes.end()) return Fit::no;
            if (!constant && place.number == nothing) return Fit::no;
            if (constant && !descending) return Fit::yes;
            Guard guard{.kind = Guard::Kind::scheme, .place = place};
            guard.schemes = &model_.lists.find(key.value)->second;
            guard.names = schemes;
            guard.shapes = scheme_table(*guard.schemes);
            guard.fits = descending;
            guard.constant = constant;
            guard.value = node.place;
            guards.push_back(std::move(guard));
            return Fit::maybe;
        }
        if (constant) return *constant == qualified(key.list, key.value) ? Fit::yes : Fit::no;
        if (place.number == nothing) return Fit::no;
        guards.push_back({.kind = Guard::Kind::equals, .place = place, .list = key.list, .text = key.value});
        return Fit::maybe;
    }

    Fit fits(const TemplateNode& node, const PivotStep& step, bool descending, std::vector<Guard>& guards,
             Candidate* candidate) const {
        Fit all = Fit::yes;
        for (const PivotKey& key : step.keys) {
            const Fit one = fits(node, key, descending, guards, candidate);
            if (one == Fit::no) return Fit::no;
            if (one == Fit::maybe) all = Fit::maybe;
        }
        return all;
    }

    /// Children of a name in the pivot's order: places first come last, then as rows make them.
    static std::vector<TemplateNode*> named(const TemplateNode& node, std::string_view name) {
        std::vector<TemplateNode*> all;
        for (const auto& child : node.children) {
            if (child->name == name) all.push_back(child.get());
        }
        std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->index < b->index; });
        return all;
    }

    /// Rows that make two members turn by turn would leave their order to the message.
    static void check_order(const std::vector<TemplateNode*>& members, const Row& row) {
        for (std::size_t i = 0; i + 1 < members.size(); ++i) {
            const TemplateNode& a = *members[i];
            const TemplateNode& b = *members[i + 1];
            if (a.index != 0 || b.index != 0 || a.makers.empty() || b.makers.empty()) continue;
            if (a.makers.back() > b.makers.front())
                throw Unsupported(row, "members of '" + a.name + "' that rows make turn by turn");
        }
    }

    std::vector<Candidate> step_into(const Candidate& from, const PivotStep& step, const Row& row) const {
        const std::vector<TemplateNode*> all = named(*from.node, step.name);
        std::vector<Candidate> found;
        for (TemplateNode* child : all) {
            Candidate next = from;
            next.node = child;
            std::vector<Guard> guards;
            if (fits(*child, step, true, guards, &next) == Fit::no) continue;
            next.guards.all.insert(next.guards.all.end(), guards.begin(), guards.end());
            if (child->by_each) {
                next.loops.push_back(child->group);
                next.guards.cases.insert(next.guards.cases.end(), child->cases.begin(), child->cases.end());
                next.nth = 0;
            }
            if (step.index != 0) {
                if (child->by_each) {
                    if (all.size() > 1) throw Unsupported(row, "a place in a list that several rows make");
                    next.nth = step.index;
                } else if (child->index != 0) {
                    if (child->index != step.index) continue;
                } else if (step.index != 1) {
                    if (all.size() == 1 && !child->many) continue;
                    throw Unsupported(row, "a place in a list that several rows make");
                }
            }
            found.push_back(std::move(next));
        }
        if (found.size() > 1 && step.index != 0 && found.front().node->index == 0) check_order(all, row);
        return found;
    }

    std::vector<Candidate> descend(const PivotTerm& term, std::size_t count, const Scope& scope, const Row& row) const {
        TemplateNode* from = term.from_document ? source_.root.get() : scope.pivot;
        if (!from) return {};
        std::vector<Candidate> open{{.node = from}};
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<Candidate> next;
            for (const Candidate& one : open) {
                std::vector<Candidate> below = step_into(one, term.steps[i], row);
                if (below.size() > 1) {
                    // The first that is there is meant.
                    for (Candidate& each : below) {
                        if (!each.decides.empty()) throw Unsupported(row, "two choices on one path");
                        places_below(*each.node, each.decides);
                        if (each.node->by_each || each.node->many) each.decides.clear();
                    }
                }
                next.insert(next.end(), below.begin(), below.end());
            }
            open = std::move(next);
        }
        return open;
    }

    void end_way(const Candidate& at, const std::string& attribute, const Scope& scope, const Row& row,
                 std::vector<Way>& ways) {
        Way way{.loops = at.loops, .nth = at.nth, .guards = at.guards, .decides = at.decides};
        if (attribute.empty()) {
            way.place = at.node->place;
            way.constant = at.node->constant;
            way.many = at.node->many;
        } else {
            const PivotAttribute* known = at.node->attribute(attribute);
            if (known) {
                way.place = known->place;
                if (known->constant) {
                    const pivot::QualifiedCode code = pivot::split_code(*known->constant);
                    way.constant = PivotValue{std::string(code.code), std::string(code.list), 0};
                }
            }
        }
        if (way.constant) {
            places_below(attribute.empty() && at.node->parent ? *at.node->parent : *at.node, way.exists);
            way.place = {};
        }
        if (way.place.number == nothing && !way.constant && way.decides.empty()) return;
        if (at.sibling) {
            if (!sibling_allowed_) throw Unsupported(row, "a key of the document");
            way.sibling_key = at.sibling_key;
            lates_.push_back([this, &ways_of = ways, path = at.sibling, scope, &row] {
                OutNode* other = place(scope, *path, row);
                for (Way& one : ways_of) {
                    if (one.sibling_key.number != nothing) one.sibling = other;
                }
            });
        }
        // A loop that is current already is not walked again.
        std::erase_if(way.loops, [&](Id group) {
            return std::find(scope.groups.begin(), scope.groups.end(), group) != scope.groups.end();
        });
        ways.push_back(std::move(way));
    }

    void locate(const PivotTerm& term, const Scope& scope, const Row& row, TargetSource& source) {
        source.term = &term;
        source.every = term.every;
        if (term.every) {
            source.all = true;
            TemplateNode* from = term.from_document ? source_.root.get() : scope.pivot;
            std::vector<Candidate> open;
            if (from) open.push_back({.node = from});
            for (const PivotStep& step : term.steps) {
                const bool list = step.field->is_list() && step.keys.empty() && step.index == 0;
                std::vector<Candidate> next;
                for (const Candidate& one : open) {
                    if (!list) {
                        std::vector<Candidate> below = step_into(one, step, row);
                        if (below.size() > 1) throw Unsupported(row, "a choice below every");
                        next.insert(next.end(), below.begin(), below.end());
                        continue;
                    }
                    const auto all = named(*one.node, step.name);
                    check_order(all, row);
                    for (TemplateNode* child : all) {
                        Candidate at = one;
                        at.node = child;
                        if (child->by_each) {
                            at.loops.push_back(child->group);
                            at.guards.cases.insert(at.guards.cases.end(), child->cases.begin(), child->cases.end());
                        }
                        next.push_back(std::move(at));
                    }
                }
                open = std::move(next);
            }
            for (const Candidate& one : open) end_way(one, term.attribute, scope, row, source.ways);
            return;
        }
        const bool list = !term.steps.empty() && term.attribute.empty() && term.steps.back().field &&
                          term.steps.back().field->is_list() && term.steps.back().keys.empty() &&
                          term.steps.back().index == 0;
        if (!list) {
            for (const Candidate& one : descend(term, term.steps.size(), scope, row))
                end_way(one, term.attribute, scope, row, source.ways);
            if (source.ways.size() == 1 && source.ways[0].guards.empty()) source.ways[0].decides.clear();
            return;
        }
        source.all = true;
        const std::vector<Candidate> bases = descend(term, term.steps.size() - 1, scope, row);
        if (bases.size() > 1) throw Unsupported(row, "a list that several members may hold");
        for (const Candidate& base : bases) {
            const auto all = named(*base.node, term.steps.back().name);
            check_order(all, row);
            for (TemplateNode* child : all) {
                Candidate at = base;
                at.node = child;
                if (child->by_each) {
                    at.loops.push_back(child->group);
                    at.guards.cases.insert(at.guards.cases.end(), child->cases.begin(), child->cases.end());
                }
                end_way(at, {}, scope, row, source.ways);
            }
        }
    }

    /// Keys of a selector are said by the place itself, once the member says anything.
    void take_keys(const PivotTerm& term, TemplateNode* node) {
        for (std::size_t i = term.steps.size(); i-- > 0 && node; node = node->parent) {
            for (const PivotKey& key : term.steps[i].keys) {
                KeyPlace made;
                made.owner = node;
                made.guard = {.kind = Guard::Kind::equals, .list = key.list, .text = key.value};
                if (key.attribute) {
                    const PivotAttribute* known = node->attribute(key.child);
                    if (known) made.place = known->place;
                } else if (const TemplateNode* child = node->child(key.child)) {
                    made.place = child->place;
                }
                if (made.place.number == nothing) continue;
                if (key.in_list || key.from) {
                    made.guard.kind = Guard::Kind::scheme;
                    made.guard.schemes = nullptr;
                }
                made.guard.place = made.place;
                out_.keys.push_back(std::move(made));
            }
        }
    }

    void take_keys(const PivotTerm& term, const Scope& scope, const Row& row) {
        const bool keyed =
            std::any_of(term.steps.begin(), term.steps.end(), [](const PivotStep& step) { return !step.keys.empty(); });
        if (!keyed) return;
        for (const Candidate& one : descend(term, term.steps.size(), scope, row)) take_keys(term, one.node);
    }

    // ---- groups ----

    void enter(const Row& row, const Scope& scope) {
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
    bool is_foreign(const TemplateNode& node) const {
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

    static std::vector<Place> own_places(const TemplateNode& node) {
        std::vector<Place> all;
        if (node.place.number != nothing) all.push_back(node.place);
        for (const PivotAttribute& one : node.attributes) {
            if (one.place.number != nothing) all.push_back(one.place);
        }
        for (const auto& child : node.children) {
            if (child->place.number != nothing) all.push_back(child->place);
        }
        return all;
    }

    void each(const Row& row, const Scope& scope) {
        const PivotTerm& term = row.right[0];
        if (!scope.pivot && !term.from_document) return;
        const std::vector<Candidate> bases = descend(term, term.steps.size() - 1, scope, row);
        if (bases.empty()) return;
        if (bases.size() > 1 || !bases[0].guards.empty())
            throw Unsupported(row, "a list that several members may hold");
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
                places_below(*member, one.exists);
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

    void position(const Row& row, const Scope& scope) {
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
    static bool says_more_than_first(const Row& chain) {
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

    void when(const Row& row, const Scope& scope) {
        for (const auto& one : row.rows) {
            if (one->condition && asks_for_group(*one->condition))
                throw Unsupported(*one, "a case that asks whether a class is there");
        }
        if (owns_discriminator(row)) {
            // Memory and annex would tell; another authority's documents have neither for this format, and the
            // first case that the document says something for is taken.
            if (says_more_than_first(row)) throw Unsupported(row, "cases that only what the document says tells apart");
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
            for (std::size_t i = 0; i < row.rows.size(); ++i) {
                if (!row.rows[i]->condition) continue;
                OutExpression place = expression(row.rows[i]->condition->place, scope, row);
                out_.chains[number].conditions[i] = std::move(place);
            }
        });
        whens_.push_back([this, number, &row, scope] {
            for (std::size_t i = 0; i < row.rows.size(); ++i) {
                Scope inner = scope;
                inner.turn = 1;
                inner.sink = {Sink::Kind::chain, static_cast<Id>(number), static_cast<Id>(i)};
                rows(row.rows[i]->rows, inner);
            }
        });
    }

    // ---- values ----

    void value(const Row& row, const Scope& scope) {
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
        for (const PivotTerm& term : row.right) {
            if (!term.every) take_keys(term, scope, row);
        }
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
                    list_attributes(*one.node, term, row.conversions[std::min(i, row.conversions.size() - 1)],
                                    one.text);
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
                    for (const Way& way : kept->sources[i].ways)
                        agree(*kept, *key.from, nothing, way.sibling_key, scope);
                }
            }
        }
        out_.rows.push_back(std::move(made));
        push(scope, scope.turn, WriteStep::Kind::row, out_.rows.size() - 1);
    }

    /// What needs no look at the way from the pivot to the row: single places, and constants of selectors.
    void straighten(WriteRow& row) const {
        if (row.only_constants || !row.agreements.empty() || row.parts.empty()) return;
        const bool own = std::all_of(row.terms.begin(), row.terms.end(), [](const TargetTerm& term) {
            return !term.term->constant && !term.term->borrowed;
        });
        const bool single = std::all_of(row.parts.begin(), row.parts.end(), [](const ReadPart& part) {
            return part.fast.single() && part.takes == 1 && part.gives == 1;
        });
        if (!own || !single || row.terms.size() != row.parts.size() || row.sources.size() != row.parts.size()) return;
        if (row.sources.size() == 1 && row.sources[0].ways.size() == 1) {
            const Way& way = row.sources[0].ways[0];
            Scratch scratch;
            FastRun run{.scratch = scratch, .document_date = {}, .notes = nullptr};
            std::string_view text;
            if (way.constant && way.is_straight() && !row.parts[0].fast.dated() &&
                row.parts[0].fast.write({way.constant->text, way.constant->list, 0}, run, text) == Fast::done) {
                row.always = std::string(text);
                row.places = way.exists;
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

    void agree(WriteRow& row, const NationalPath& path, Id term, std::optional<Place> key, const Scope& scope) {
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

    void list_attributes(OutNode& node, const NationalTerm& term, const Conversion& conversion, Text with) {
        if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
        const std::string here = attribute_of(term.path);
        const auto list = model_.lists.find(conversion.list_name());
        if (list == model_.lists.end() || !node.shape) return;
        for (const ListAttribute& one : model_.list_attributes) {
            const bool of_code = one.source == "of-code" && here.empty();
            const bool beside = one.source.starts_with("beside:") && one.source.substr(7) == here;
            if ((!of_code && !beside) || !node.shape->attribute(one.name)) continue;
            if (list->second.published_id().empty()) continue;
            OutAttribute& made = attribute(node, one.name);
            if (made.constant && *made.constant != list->second.published_id()) {
                made.constant.reset();
                continue;
            }
            made.constant = list->second.published_id();
            made.with = with;
        }
    }

    void computed(const Row& row, const Scope& scope) {
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

    void derive(const Row& row, const Scope& scope) {
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

    void check(const Row& row, const Scope& scope) {
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

    void one_check(const Row& row, const Scope& scope) {
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

    // ---- expressions over the output ----

    OutExpression expression(const Expression& e, const Scope& scope, const Row& row) {
        OutExpression made;
        made.expression = &e;
        if (e.kind == Expression::Kind::national) national(e.national, scope, made);
        if (e.kind == Expression::Kind::pivot) {
            if (scope.in_document) locate(e.pivot, scope, row, made.pivot);
        }
        for (const Expression& part : e.parts) made.parts.push_back(expression(part, scope, row));
        return made;
    }

    void national(const NationalPath& path, const Scope& scope, OutExpression& made) {
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

    // ---- what the schema demands ----

    void fill(OutNode& node, OutNode* group, const std::string& below) {
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
                    if (pending_.contains(made))
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

    Id site(std::string reason, const Row* row) {
        out_.sites.push_back({LossKind::defaulted, std::move(reason), row ? row->place : std::string()});
        return static_cast<Id>(out_.sites.size() - 1);
    }

    void fill_missing(OutNode& node, const Shape& child, OutNode* group, const std::string& below) {
        const bool is_group = !child.text && !child.children.empty();
        if (is_group) {
            node.filling.kind = Filling::Kind::group;
            return;
        }
        const auto of_group = pending_.find(group);
        if (of_group != pending_.end()) {
            if (const auto found = of_group->second.find(below); found != of_group->second.end()) {
                node.filling = default_of(found->second, node);
                if (node.filling.kind != Filling::Kind::none) {
                    const Pending& pending = found->second;
                    const NationalTerm& term = pending.row->left[pending.term];
                    const auto& conversions = pending.row->conversions;
                    if (!conversions.empty())
                        list_attributes(node, term, conversions[std::min(pending.term, conversions.size() - 1)],
                                        text_of(node));
                    text_of(node);
                    return;
                }
            }
        }
        node.filling.kind = Filling::Kind::decline;
        if (model_.empties != Empties::absent &&
            (child.type ? model_.grammar->check_value(*child.type, "").has_value() : child.text)) {
            node.filling.kind = Filling::Kind::empty;
            node.filling.after_failure = false;
        }
    }

    void fill_attributes(OutNode& node, OutNode* group, const std::string& below) {
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
            const auto of_group = pending_.find(group);
            if (of_group == pending_.end()) continue;
            const auto found = of_group->second.find(place_join(below, "@" + known.name.local));
            if (found == of_group->second.end()) continue;
            Filling filling = default_of(found->second, node);
            if (filling.kind != Filling::Kind::none) made.filling = std::move(filling);
        }
    }

    Filling default_of(const Pending& pending, const OutNode& node) {
        const Row& row = *pending.row;
        Filling made;
        made.row = &row;
        made.scope = pending.scope.out;
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
                    for (OutAttribute& one : at->attributes) {
                        if (one.filling.kind == Filling::Kind::expression && one.filling.row == &row)
                            one.filling.expression = rule;
                    }
                    if (at->filling.kind == Filling::Kind::expression && at->filling.row == &row)
                        at->filling.expression = std::move(rule);
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

    const Model& model_;
    const SourceProgram& source_;
    Settings settings_;
    FastContext fast_;
    TargetProgram out_;
    Scope document_scope_;
    std::map<OutNode*, std::map<std::string, Pending>> pending_;
    std::vector<std::function<void()>> whens_, lates_, expressions_;
    std::size_t depth_ = 0;
    bool sibling_allowed_ = false;
};

}  // namespace

void places_below(const TemplateNode& node, std::vector<Place>& places) {
    if (node.place.number != nothing) places.push_back(node.place);
    for (const PivotAttribute& one : node.attributes) {
        if (one.place.number != nothing) places.push_back(one.place);
    }
    for (const auto& child : node.children) {
        if (child->group == node.group) places_below(*child, places);
    }
}

Result<TargetProgram> compile_target(const Mapping& mapping, const SourceProgram& source, const Settings& settings) {
    try {
        return TargetCompiler(mapping, source, settings).run();
    } catch (const Unsupported& one) {
        return Error{codes::plan_unsupported, one.row.place + ": " + one.row.text + ": " + one.detail};
    }
}

}  // namespace hansa::mapping::program
