// The output tree of a plan, settled: order by the grammar's content models, name spaces, what must be counted.
#include <algorithm>

#include "core/mapping/plan_target.h"
#include "core/schema/content_model.h"

namespace hansa::mapping::program {
namespace {

class Settling {
public:
    explicit Settling(TargetProgram& program) : program_(program), grammar_(*program.mapping->model().grammar) {
        program_.name_spaces.emplace_back();
    }

    void run() {
        for (const auto& row : program_.rows) {
            for (const TargetTerm& term : row->terms) written(term.text);
            for (const Agreement& one : row->agreements) written(one.text);
        }
        for (const WriteComputed& one : program_.computed) written(one.text);
        node(*program_.root);
        for (Body& body : program_.bodies) body.owners.resize(body.texts, nothing);
        for (OutNode* one : program_.nodes) raise(*one);
        live(*program_.root);
    }

private:
    Id name_space(const std::string& ns) {
        const auto found = std::find(program_.name_spaces.begin(), program_.name_spaces.end(), ns);
        if (found != program_.name_spaces.end()) return static_cast<Id>(found - program_.name_spaces.begin());
        program_.name_spaces.push_back(ns);
        return static_cast<Id>(program_.name_spaces.size() - 1);
    }

    void node(OutNode& node) {
        node.number = static_cast<Id>(program_.nodes.size());
        program_.nodes.push_back(&node);
        node.name_space = name_space(node.name.ns);
        node.repeats = node.parent && node.shape && node.shape->is_list();
        const schema::ElementDecl* declaration = node.shape ? node.shape->declaration : nullptr;
        const schema::GrammarTables& tables = grammar_.tables();
        if (declaration && !declaration->type.simple && declaration->type.index != schema::no_index)
            node.type = &tables.complex_types[declaration->type.index];
        if (node.shape && node.shape->type) node.empty_fits = grammar_.check_value(*node.shape->type, "").has_value();
        std::sort(node.attributes.begin(), node.attributes.end(), [](const OutAttribute& a, const OutAttribute& b) {
            return std::pair(a.name.ns, a.name.local) < std::pair(b.name.ns, b.name.local);
        });
        for (OutAttribute& one : node.attributes) {
            one.name_space = name_space(one.name.ns);
            one.number = program_.attributes++;
        }
        if (std::any_of(node.children.begin(), node.children.end(), [](const auto& child) { return child->key; }))
            node.fills = true;
        if (std::any_of(node.attributes.begin(), node.attributes.end(),
                        [](const OutAttribute& one) { return one.always; }))
            node.fills = true;
        if (node.shape && node.shape->type) node.filling.each([&](Filling& one) { checked(one, *node.shape->type); });
        for (OutAttribute& one : node.attributes) {
            const AttributeShape* known = node.shape ? node.shape->attribute(one.name.local) : nullptr;
            if (known && known->type) one.filling.each([&](Filling& each) { checked(each, *known->type); });
        }
        if (declaration) order(node, *declaration);
        if (declaration && !declaration->identities.empty()) program_.unique = true;
        if (node.shape && node.shape->type) unique(*node.shape->type);
        for (const OutAttribute& one : node.attributes) {
            const AttributeShape* known = node.shape ? node.shape->attribute(one.name.local) : nullptr;
            if (known && known->type) unique(*known->type);
        }
        kinds(node);
        node.counts = node.type && node.type->particle != schema::no_index && !plain(node);
        if (node.counts) bounds(node);
        if (node.counts && node.bounds.empty()) {
            node.model.emplace_back();
            model(node, node.type->particle, 0);
        }
        bool stands = node.kept || node.pad_to != 0 || node.flag.number != nothing || is_written(node.text);
        for (const OutAttribute& one : node.attributes) stands = stands || is_written(one.text);
        for (const auto& child : node.children) {
            this->node(*child);
            // What is only demanded stands when its parent does, and makes nobody stand.
            stands = stands || (!child->key && may_stand_[child->number]);
        }
        may_stand_.resize(program_.nodes.size());
        may_stand_[node.number] = stands;
        node.stands = stands;
        node.dead = !stands && !node.key && node.filling.kind == Filling::Kind::none;
    }

    /// What is looked at when an element is written.
    void live(OutNode& node) {
        const auto says_place = [](const Filling& filling) {
            bool says = false;
            filling.each(
                [&](const Filling& one) { says = says || one.site != nothing || one.kind == Filling::Kind::position; });
            return says;
        };
        node.placed = says_place(node.filling) || std::any_of(node.attributes.begin(), node.attributes.end(),
                                                              [&](const auto& one) { return says_place(one.filling); });
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            OutNode& child = *node.children[i];
            live(child);
            node.placed = node.placed || child.placed;
            if (child.dead) continue;
            OutChild made{.node = &child, .text = child.text.number, .kind = node.kinds[i]};
            made.number = child.number;
            made.name_space = child.name_space;
            made.mark = child.mark;
            made.filled = child.filling.kind != Filling::Kind::none;
            const bool here = child.loop == nothing && &child != program_.document;
            if (here && child.quick)
                made.form = OutChild::Form::text;
            else if (here && !child.kept && !child.constant && child.pad_to == 0 && child.flag.number == nothing)
                made.form = OutChild::Form::group;
            node.live.push_back(made);
        }
    }

    /// Which texts make an element stand, and whom that concerns further out.
    void raise(OutNode& node) {
        Body& body = program_.bodies[node.body];
        const auto owns = [&](const Text& text) {
            if (text.number != nothing && text.body == node.body) body.owners[text.number] = node.number;
        };
        owns(node.text);
        owns(node.flag);
        if (node.pad_to != 0) owns(node.pad_after);
        for (const OutAttribute& one : node.attributes) owns(one.text);
        node.mark = body.marks++;
        if (node.kept) body.kept.push_back(node.number);
        // A key stands only with its parent.
        const Id parent = node.parent && !node.key ? node.parent->number : nothing;
        program_.raised.push_back({.mark = node.mark, .parent = parent, .loop = node.loop != nothing});
        node.quick = node.children.empty() && node.attributes.empty() && !node.constant && !node.kept &&
                     node.flag.number == nothing && node.pad_to == 0 && !node.fills && &node != program_.root.get() &&
                     node.text.number != nothing;
    }

    void written(const Text& text) {
        if (text.number != nothing) written_.insert({text.body, text.number});
    }
    bool is_written(const Text& text) const {
        return text.number != nothing && written_.contains({text.body, text.number});
    }

    void unique(const schema::SimpleType& type) {
        using schema::BuiltIn;
        if (type.built_in == BuiltIn::id || type.built_in == BuiltIn::idref || type.built_in == BuiltIn::idrefs)
            program_.unique = true;
    }

    /// A constant that its type does not take is never written.
    void checked(Filling& filling, const schema::SimpleType& type) const {
        if (filling.kind == Filling::Kind::text && !grammar_.check_value(type, filling.text))
            filling.kind = Filling::Kind::decline;
    }

    /// Children in the order of the content model; those of one name in the order in which rows make them.
    void order(OutNode& node, const schema::ElementDecl& declaration) {
        std::vector<schema::Element> names;
        for (const auto& child : node.children) {
            const bool known =
                std::any_of(names.begin(), names.end(), [&](const auto& one) { return one.name == child->name; });
            if (!known) names.push_back({.name = child->name});
        }
        schema::order_by_model(grammar_, declaration, names);
        // A walk takes one branch of a choice; the rows make elements of each.
        std::vector<const schema::Name*> places;
        const bool is_once = node.type && node.type->particle != schema::no_index && list(node.type->particle, places);
        const auto place_of = [&places](const schema::Element& one) {
            return std::find_if(places.begin(), places.end(), [&](const auto* place) { return *place == one.name; });
        };
        if (is_once) {
            std::stable_sort(names.begin(), names.end(),
                             [&](const auto& a, const auto& b) { return place_of(a) < place_of(b); });
        }
        const auto rank = [&](const OutNode& child) {
            return std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.name == child.name; }) -
                   names.begin();
        };
        std::stable_sort(node.children.begin(), node.children.end(),
                         [&](const auto& a, const auto& b) { return rank(*a) < rank(*b); });
    }

    /// Names of the particle's elements as they follow each other. False: one of them has two places.
    bool list(schema::Index number, std::vector<const schema::Name*>& places) const {
        const schema::GrammarTables& tables = grammar_.tables();
        const schema::Particle& particle = tables.particles[number];
        if (particle.kind == schema::Particle::Kind::any) return true;
        if (particle.kind == schema::Particle::Kind::element) {
            const schema::Name& name = tables.elements[particle.term].name;
            if (std::any_of(places.begin(), places.end(), [&](const auto* place) { return *place == name; }))
                return false;
            places.push_back(&name);
            return true;
        }
        for (schema::Index i = 0; i < particle.count; ++i) {
            if (!list(particle.first + i, places)) return false;
        }
        return true;
    }

    static void kinds(OutNode& node) {
        for (const auto& child : node.children) {
            const auto found = std::find(node.names.begin(), node.names.end(), child->name);
            node.kinds.push_back(static_cast<Id>(found - node.names.begin()));
            if (found == node.names.end()) node.names.push_back(child->name);
        }
    }

    /// A sequence of elements, each of which the rows and fillings give no more and no less than it asks for.
    bool plain(const OutNode& node) const {
        const schema::GrammarTables& tables = grammar_.tables();
        const schema::Particle& top = tables.particles[node.type->particle];
        if (top.kind != schema::Particle::Kind::sequence || top.min > 1 || top.max != 1) return false;
        for (schema::Index i = 0; i < top.count; ++i) {
            const schema::Particle& part = tables.particles[top.first + i];
            if (part.kind != schema::Particle::Kind::element || part.min > 1) return false;
            const schema::Name& name = tables.elements[part.term].name;
            std::size_t here = 0, loops = 0;
            for (const auto& child : node.children) {
                if (child->name != name) continue;
                ++here;
                loops += child->loop != nothing || child->pad_to != 0 ? 1U : 0U;
            }
            if ((here > 1 || loops > 0) && part.max != schema::unbounded) return false;
            for (schema::Index k = 0; k < i; ++k) {
                const schema::Particle& other = tables.particles[top.first + k];
                if (here > 0 && tables.elements[other.term].name == name) return false;
            }
        }
        return true;
    }

    /// A sequence of elements, each once: counting is all there is to look at.
    void bounds(OutNode& node) const {
        const schema::GrammarTables& tables = grammar_.tables();
        const schema::Particle& top = tables.particles[node.type->particle];
        if (top.kind != schema::Particle::Kind::sequence || top.min != 1 || top.max != 1) return;
        std::vector<OutNode::Bound> found(node.names.size(), {.least = 0, .most = 0});
        std::vector<bool> named(node.names.size());
        for (schema::Index i = 0; i < top.count; ++i) {
            const schema::Particle& part = tables.particles[top.first + i];
            if (part.kind != schema::Particle::Kind::element) return;
            const auto name = std::find(node.names.begin(), node.names.end(), tables.elements[part.term].name);
            if (name == node.names.end()) {
                if (part.min != 0) return;
                continue;
            }
            const auto at = static_cast<std::size_t>(name - node.names.begin());
            if (named[at]) return;
            named[at] = true;
            found[at] = {.least = part.min, .most = part.max};
        }
        node.bounds = std::move(found);
    }

    /// The particle as part `at` of the node's model.
    void model(OutNode& node, schema::Index index, Id at) const {
        const schema::GrammarTables& tables = grammar_.tables();
        const schema::Particle& particle = tables.particles[index];
        using Kind = schema::Particle::Kind;
        ModelPart part{.kind = particle.kind, .min = particle.min, .max = particle.max};
        const auto number_where = [&](const auto& is_meant) -> Id {
            const auto found = std::find_if(node.names.begin(), node.names.end(), is_meant);
            return found == node.names.end() ? nothing : static_cast<Id>(found - node.names.begin());
        };
        if (particle.kind == Kind::element) {
            part.name =
                number_where([&](const schema::Name& name) { return name == tables.elements[particle.term].name; });
        } else if (particle.kind == Kind::any) {
            // What no element of any model names stands at the wildcard.
            part.name = number_where([&](const schema::Name& name) {
                return name == program_.document->name && tables.wildcards[particle.term].admits(name.ns);
            });
        } else {
            part.first = static_cast<Id>(node.model.size());
            part.count = particle.count;
            node.model.resize(node.model.size() + particle.count);
            for (schema::Index i = 0; i < particle.count; ++i) model(node, particle.first + i, part.first + i);
        }
        node.model[at] = part;
    }

    TargetProgram& program_;
    const schema::Grammar& grammar_;
    std::set<std::pair<Id, Id>> written_;
    std::vector<bool> may_stand_;
};

}  // namespace

void settle_output(TargetProgram& program) {
    Settling(program).run();
}

}  // namespace hansa::mapping::program
