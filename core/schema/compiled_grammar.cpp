#include "core/schema/compiled_grammar.h"

#include <algorithm>

#include "core/schema/codes.h"

namespace hansa::schema {

namespace {

constexpr std::size_t states_max = 200'000;
constexpr std::uint32_t all_members_max = 64;

/// The places of a content model: what may come first, last, and after each (Glushkov's construction).
struct Places {
    std::vector<std::uint32_t> first, last;
    bool nullable = true;
};

struct Place {
    Index particle = no_index;
    std::vector<std::uint32_t> follow;
};

class ModelBuilder {
public:
    explicit ModelBuilder(const GrammarTables& tables) : tables_(tables) {}

    /// False: too large.
    bool build(Index top) {
        whole_ = repeated(top);
        return places_.size() < states_max;
    }
    const Places& whole() const { return whole_; }
    const std::vector<Place>& places() const { return places_; }

private:
    static bool is_leaf(const Particle& particle) {
        return particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any;
    }

    Places repeated(Index number) {
        const Particle& particle = tables_.particles[number];
        if (particle.max == 0 || places_.size() >= states_max) return {};
        if (is_leaf(particle)) {
            const auto place = static_cast<std::uint32_t>(places_.size());
            places_.push_back({number, {}});
            return {{place}, {place}, particle.min == 0};
        }
        // Bounded groups are written out; the part that may repeat for ever is a loop.
        Places all;
        const std::uint32_t fixed = particle.max == unbounded ? std::max(particle.min, 1u) : particle.max;
        for (std::uint32_t turn = 0; turn < fixed && places_.size() < states_max; ++turn) {
            Places once = group(particle);
            if (turn >= particle.min) once.nullable = true;
            const bool loops = particle.max == unbounded && turn + 1 == fixed;
            if (loops) connect(once.last, once.first);
            if (once.first.empty()) return all;
            all = in_row(std::move(all), once);
        }
        return all;
    }

    Places group(const Particle& particle) {
        Places all;
        if (particle.kind == Particle::Kind::choice) {
            all.nullable = particle.count == 0;
            for (Index part = particle.first; part < particle.first + particle.count; ++part) {
                const Places one = repeated(part);
                append(all.first, one.first);
                append(all.last, one.last);
                all.nullable = all.nullable || one.nullable;
            }
            return all;
        }
        for (Index part = particle.first; part < particle.first + particle.count; ++part) {
            all = in_row(std::move(all), repeated(part));
        }
        return all;
    }

    Places in_row(Places before, const Places& after) {
        connect(before.last, after.first);
        if (before.nullable) append(before.first, after.first);
        if (after.nullable) {
            append(before.last, after.last);
        } else {
            before.last = after.last;
        }
        before.nullable = before.nullable && after.nullable;
        return before;
    }

    void connect(const std::vector<std::uint32_t>& last, const std::vector<std::uint32_t>& first) {
        for (const std::uint32_t place : last) append(places_[place].follow, first);
    }

    static void append(std::vector<std::uint32_t>& list, const std::vector<std::uint32_t>& more) {
        for (const std::uint32_t place : more) {
            if (std::find(list.begin(), list.end(), place) == list.end()) list.push_back(place);
        }
    }

    const GrammarTables& tables_;
    std::vector<Place> places_;
    Places whole_;
};

}  // namespace

/// Fills a CompiledGrammar from its grammar's tables.
class GrammarCompilation {
public:
    explicit GrammarCompilation(CompiledGrammar& into) : into_(into), tables_(into.grammar().tables()) {}

    Result<void> run() {
        for (const ElementDecl& element : tables_.elements) {
            if (!element.identities.empty()) return unsupported("identity constraints (" + element.name.local + ")");
        }
        name_all();
        for (Index i = 0; i < tables_.complex_types.size(); ++i) {
            if (auto made = add_type(i); !made) return made;
        }
        shorten();
        // Behind the complex types: one for xs:anyType, one for elements of a simple type.
        CompiledType any;
        any.content = Content::mixed;
        any.anything = true;
        into_.types_.push_back(any);
        for (const ElementDecl& element : tables_.elements) {
            into_.elements_.push_back(compiled(element));
            const Index text = into_.elements_.back().text;
            if (element.constraint == ValueConstraint::fixed && text != no_index &&
                tables_.simple_types[text].variety != Variety::atomic)
                return unsupported("a fixed value of a list or a union (" + element.name.local + ")");
        }
        return {};
    }

private:
    static Error unsupported(const std::string& what) { return {codes::grammar_unsupported, what}; }

    void name_all() {
        for (const ElementDecl& element : tables_.elements) {
            const NamespaceIndex ns = number_of_namespace(element.name.ns);
            SymbolIndex symbol = into_.symbol_of(ns, element.name.local);
            if (symbol == no_index) {
                symbol = static_cast<SymbolIndex>(into_.symbols_.size());
                into_.symbols_.push_back({ns, element.name.local});
                into_.by_local_[element.name.local].push_back(symbol);
                into_.globals_.push_back(no_index);
            }
            if (element.global) into_.globals_[symbol] = static_cast<Index>(&element - tables_.elements.data());
        }
        for (const SimpleType& type : tables_.simple_types) {
            const bool is =
                type.built_in == BuiltIn::id || type.built_in == BuiltIn::idref || type.built_in == BuiltIn::idrefs;
            into_.has_identifiers_ = into_.has_identifiers_ || is;
        }
    }

    NamespaceIndex number_of_namespace(const std::string& uri) {
        const NamespaceIndex known = into_.namespace_of(uri);
        if (known != no_index) return known;
        into_.namespaces_.push_back(uri);
        return static_cast<NamespaceIndex>(into_.namespaces_.size() - 1);
    }

    Result<void> add_type(Index number) {
        const ComplexType& type = tables_.complex_types[number];
        CompiledType made;
        made.complex = number;
        made.content = type.content;
        made.is_abstract = type.is_abstract;
        if (type.content == Content::simple) made.text = type.simple_type;
        if (type.attributes.size() > 64) return unsupported("more than 64 attributes (" + type.name.local + ")");
        made.attribute_count = static_cast<std::uint32_t>(type.attributes.size());
        for (std::size_t i = 0; i < type.attributes.size(); ++i) {
            if (type.attributes[i].required) made.required |= std::uint64_t{1} << i;
        }
        made.start = static_cast<std::uint32_t>(into_.states_.size());
        const Particle* top = type.particle == no_index ? nullptr : &tables_.particles[type.particle];
        if (top != nullptr && top->kind == Particle::Kind::all) {
            if (auto good = add_all(number, *top, made); !good) return good;
        } else if (auto good = add_model(number, type, made); !good) {
            return good;
        }
        into_.types_.push_back(made);
        return {};
    }

    /// Which of PathTable's children the element is.
    std::uint32_t ordinal_of(Index type, Index element) const {
        ElementDecl probe;
        probe.type = {false, type};
        const auto children = into_.grammar().children(probe);
        for (std::uint32_t i = 0; i < children.size(); ++i) {
            if (children[i].element->name == tables_.elements[element].name) return i;
        }
        return no_index;
    }

    ModelEdge edge_of(Index type, const Particle& particle, std::uint32_t next) const {
        ModelEdge edge;
        edge.target = particle.term;
        edge.next = next;
        if (particle.kind == Particle::Kind::element) {
            const Name& name = tables_.elements[particle.term].name;
            edge.symbol = into_.symbol_of(into_.namespace_of(name.ns), name.local);
            edge.ordinal = ordinal_of(type, particle.term);
        } else {
            edge.ordinal = no_index;
        }
        return edge;
    }

    Result<void> add_all(Index number, const Particle& top, CompiledType& made) {
        if (top.count > all_members_max) return unsupported("an xs:all of more than 64 elements");
        made.is_all = true;
        ModelState state;
        state.first_edge = static_cast<std::uint32_t>(into_.edges_.size());
        state.accepts = true;
        for (std::uint32_t i = 0; i < top.count; ++i) {
            const Particle& part = tables_.particles[top.first + i];
            if (part.kind != Particle::Kind::element || part.max > 1)
                return unsupported("an xs:all of other than elements");
            if (part.max == 0) continue;
            if (part.min > 0 && top.min > 0) made.all_required |= std::uint64_t{1} << state.edge_count;
            if (part.min > 0 && top.min == 0) return unsupported("an optional xs:all with required members");
            into_.edges_.push_back(edge_of(number, part, made.start));
            ++state.edge_count;
        }
        into_.states_.push_back(state);
        return {};
    }

    Result<void> add_model(Index number, const ComplexType& type, CompiledType& made) {
        ModelBuilder model(tables_);
        if (type.particle != no_index && !model.build(type.particle))
            return unsupported("a content model of that size");
        if (into_.states_.size() + model.places().size() > states_max) return unsupported("so many content models");
        const auto state_of = [&](std::uint32_t place) { return made.start + 1 + place; };
        const auto add_edges = [&](ModelState& state, const std::vector<std::uint32_t>& places) {
            for (const std::uint32_t place : places) {
                into_.edges_.push_back(
                    edge_of(number, tables_.particles[model.places()[place].particle], state_of(place)));
                ++state.edge_count;
            }
        };
        ModelState start;
        start.first_edge = static_cast<std::uint32_t>(into_.edges_.size());
        start.accepts = type.particle == no_index || model.whole().nullable;
        add_edges(start, model.whole().first);
        into_.states_.push_back(start);
        for (std::uint32_t place = 0; place < model.places().size(); ++place) {
            const Place& from = model.places()[place];
            const Particle& particle = tables_.particles[from.particle];
            if (particle.max > 1 && is_counted_anew(model.places(), place, particle))
                return unsupported("a count within a count (" + type.name.local + ")");
            const auto& last = model.whole().last;
            ModelState state;
            state.first_edge = static_cast<std::uint32_t>(into_.edges_.size());
            state.accepts = std::find(last.begin(), last.end(), place) != last.end();
            state.min = particle.min;
            state.max = particle.max;
            if (particle.kind == Particle::Kind::element) {
                state.element = particle.term;
                state.ordinal = ordinal_of(number, particle.term);
            }
            state.counts = particle.min > 1 || (particle.max > 1 && particle.max != unbounded);
            if (particle.max > 1) {
                into_.edges_.push_back(edge_of(number, particle, state_of(place)));
                into_.edges_.back().again = true;
                ++state.edge_count;
            }
            std::vector<std::uint32_t> follow = from.follow;
            // Without bounds its own loop says the same as the group's around it.
            if (particle.max == unbounded && particle.min <= 1) std::erase(follow, place);
            add_edges(state, follow);
            into_.states_.push_back(state);
        }
        return {};
    }

    /// What follows may be the same once more, by the group around it: how many belong to which turn is known
    /// only later, and the automaton takes as many as it can at once.
    static bool is_counted_anew(const std::vector<Place>& places, std::uint32_t place, const Particle& particle) {
        return std::any_of(places[place].follow.begin(), places[place].follow.end(), [&](std::uint32_t next) {
            return places[next].particle == places[place].particle && (next != place || particle.min > 1);
        });
    }

    /// A wildcard ends the list: what follows it in the schema may be what it takes.
    void shorten() {
        for (const ModelState& state : into_.states_) {
            ShortState made;
            made.first = static_cast<std::uint32_t>(into_.steps_.size());
            made.accepts = state.accepts;
            made.counts = state.counts;
            for (std::uint32_t i = 0; i < state.edge_count && made.count < ShortState::steps_max; ++i) {
                const ModelEdge& edge = into_.edges_[state.first_edge + i];
                if (edge.symbol == no_index) break;
                into_.steps_.push_back(edge.next | (edge.again ? ShortState::again : 0));
                ++made.count;
            }
            into_.short_states_.push_back(made);
        }
    }

    CompiledElement compiled(const ElementDecl& element) const {
        CompiledElement made;
        made.symbol = into_.symbol_of(into_.namespace_of(element.name.ns), element.name.local);
        made.child_count = static_cast<std::uint32_t>(into_.grammar().children(element).size());
        const bool plain = !element.is_abstract;
        made.has_fixed = element.constraint == ValueConstraint::fixed;
        made.has_default = element.constraint == ValueConstraint::default_;
        if (element.type.simple) {
            made.type = no_index;
            made.text = element.type.index;
            if (plain && made.text != no_index) made.way = way_of_text(made.text);
            return made;
        }
        made.type = element.type.index == no_index ? static_cast<std::uint32_t>(tables_.complex_types.size())
                                                   : element.type.index;
        const CompiledType& type = into_.types_[made.type];
        made.text = type.text;
        made.start = type.start;
        const bool free = plain && !type.is_abstract && type.required == 0 && !type.anything;
        if (free && type.content == Content::simple) made.way = way_of_text(made.text);
        // A grammar of anything alone has no states.
        const bool may_be_words =
            free && type.content == Content::mixed && !type.is_all && !made.has_fixed && !made.has_default;
        if (may_be_words && into_.states_[type.start].accepts) made.way = CompiledElement::Way::words;
        if (free && type.content == Content::elements && !type.is_all) made.way = CompiledElement::Way::children;
        return made;
    }

    CompiledElement::Way way_of_text(Index text) const {
        const TypeProgram& program = into_.programs()[text];
        return program.is_id || program.is_idref ? CompiledElement::Way::careful : CompiledElement::Way::text;
    }

    CompiledGrammar& into_;
    const GrammarTables& tables_;
};

Result<std::shared_ptr<const CompiledGrammar>> CompiledGrammar::compile(const Grammar& grammar,
                                                                        std::string_view inner) {
    auto made = std::shared_ptr<CompiledGrammar>(new CompiledGrammar(PathTable::of(grammar, inner)));
    if (auto good = GrammarCompilation(*made).run(); !good) return good.error();
    return std::shared_ptr<const CompiledGrammar>(std::move(made));
}

NamespaceIndex CompiledGrammar::namespace_of(std::string_view uri) const {
    for (NamespaceIndex i = 0; i < namespaces_.size(); ++i) {
        if (namespaces_[i] == uri) return i;
    }
    return no_index;
}

SymbolIndex CompiledGrammar::symbol_of(NamespaceIndex ns, std::string_view local) const {
    if (ns == no_index) return no_index;
    const auto found = by_local_.find(local);
    if (found == by_local_.end()) return no_index;
    for (const SymbolIndex symbol : found->second) {
        if (symbols_[symbol].ns == ns) return symbol;
    }
    return no_index;
}

}  // namespace hansa::schema
