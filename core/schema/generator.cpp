#include "core/schema/generator.h"

#include <algorithm>

#include "core/schema/growth.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

namespace {

constexpr std::uint32_t endless = 1'000'000;

}  // namespace

// --- the least that a type needs ---------------------------------------------------------------

LeastCosts::LeastCosts(const Grammar& grammar)
    : tables_(grammar.tables()), types_(tables_.complex_types.size(), endless) {
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t i = 0; i < types_.size(); ++i) {
            const Index top = tables_.complex_types[i].particle;
            const std::uint32_t cost = top == no_index ? 1 : std::min(endless, 1 + particle(top));
            if (cost < types_[i]) {
                types_[i] = cost;
                changed = true;
            }
        }
    }
}

std::uint32_t LeastCosts::element(const ElementDecl& element) const {
    if (element.is_abstract) return endless;
    return element.type.simple || element.type.index == no_index ? 1 : types_[element.type.index];
}

std::uint32_t LeastCosts::particle(Index number) const {
    const Particle& part = tables_.particles[number];
    return part.min == 0 ? 0 : once(number);
}

std::uint32_t LeastCosts::once(Index number) const {
    const Particle& part = tables_.particles[number];
    if (part.kind == Particle::Kind::element) return element(tables_.elements[part.term]);
    if (part.kind == Particle::Kind::any) {
        // A wildcard that asks for a declared element of names that nobody declares cannot be filled.
        const Wildcard& wildcard = tables_.wildcards[part.term];
        const bool fillable = wildcard.process != Wildcard::Process::strict ||
                              std::ranges::any_of(tables_.elements, [&](const ElementDecl& one) { return one.global && wildcard.admits(one.name.ns); });
        return fillable ? 2 : endless;
    }
    const bool choice = part.kind == Particle::Kind::choice;
    std::uint32_t cost = choice && part.count > 0 ? endless : 0;
    for (Index i = part.first; i < part.first + part.count; ++i) {
        cost = choice ? std::min(cost, particle(i)) : std::min(endless, cost + particle(i));
    }
    return cost;
}

// --- growth ------------------------------------------------------------------------------------

Element Growth::grow(const ElementDecl& root) {
    return make_element(root, root.name.local, root.name.local, 0);
}

bool Growth::lean(std::size_t depth) const {
    return depth > options_.depth_max || made_ > options_.elements_max;
}

Element Growth::make_element(const ElementDecl& declaration, const std::string& path, const std::string& pattern_path,
                             std::size_t depth) {
    ++made_;
    Element element;
    element.name = declaration.name;
    const bool forced =
        wishes_ != nullptr && wishes_->full_types.contains(declaration.type.index) && !declaration.type.simple;
    for (const AttributeUse& use : grammar_.attributes(declaration)) {
        const bool reference = grammar_.type(use).built_in == BuiltIn::idref;
        const bool wanted = forced || (!lean(depth) && random_.chance(options_.optional_percent));
        if (!use.required && (!wanted || (reference && ids_.empty()))) continue;
        const std::string value =
            use.constraint == ValueConstraint::fixed
                ? use.value
                : leaf(grammar_.type(use), path + "/@" + use.name.local, pattern_path + "/@" + use.name.local);
        element.attributes.push_back({use.name, value});
    }
    if (const SimpleType* text = grammar_.text_type(declaration)) {
        element.text =
            declaration.constraint == ValueConstraint::fixed ? declaration.value : leaf(*text, path, pattern_path);
    } else if (!declaration.type.simple && declaration.type.index != no_index) {
        const ComplexType& type = grammar_.tables().complex_types[declaration.type.index];
        if (type.particle != no_index) {
            Parent parent{element, declaration, path, pattern_path, depth};
            ++open_[declaration.type.index];
            particle(type.particle, parent);
            --open_[declaration.type.index];
        }
    }
    return element;
}

std::uint32_t Growth::repeats(const Particle& part, Index number, const Parent& parent) {
    const bool wished = wishes(number, parent);
    if (wished) return std::max(part.min, 1u);
    if (lean(parent.depth) || part.max == part.min) return part.min;
    if (part.min == 0 && !random_.chance(options_.optional_percent)) return 0;
    const std::uint32_t low = std::max(part.min, 1u);
    const std::uint32_t high = std::max(low, std::min(part.max, options_.items));
    if (random_.chance(options_.boundary_percent)) return random_.chance(50) ? low : high;
    return low + static_cast<std::uint32_t>(random_.below(std::uint64_t{high - low} + 1));
}

void Growth::particle(Index number, Parent& parent) {
    const Particle& part = grammar_.tables().particles[number];
    if (part.max == 0) return;
    if (part.min == 0 && costs_.once(number) >= endless) return;
    const std::uint32_t count = repeats(part, number, parent);
    for (std::uint32_t i = 0; i < count; ++i) once(part, parent);
}

void Growth::once(const Particle& part, Parent& parent) {
    switch (part.kind) {
        case Particle::Kind::element:
            return child(grammar_.tables().elements[part.term], part, parent);
        case Particle::Kind::any:
            return foreign(grammar_.tables().wildcards[part.term], part, parent);
        case Particle::Kind::choice: {
            if (part.count > 0) particle(branch(part, parent), parent);
            return;
        }
        case Particle::Kind::sequence:
        case Particle::Kind::all:
            break;
    }
    for (Index i = part.first; i < part.first + part.count; ++i) particle(i, parent);
}

Index Growth::branch(const Particle& choice, const Parent& parent) {
    for (Index i = choice.first; i < choice.first + choice.count; ++i) {
        if (wishes(i, parent)) return i;
    }
    std::vector<Index> possible;
    Index cheapest = choice.first;
    for (Index i = choice.first; i < choice.first + choice.count; ++i) {
        if (costs_.particle(i) < costs_.particle(cheapest)) cheapest = i;
        if (costs_.particle(i) < endless) possible.push_back(i);
    }
    return lean(parent.depth) || possible.empty() ? cheapest : possible[random_.below(possible.size())];
}

void Growth::child(const ElementDecl& declaration, const Particle& part, Parent& parent) {
    std::string path = parent.path + "/" + declaration.name.local;
    if (part.max > 1) {
        const auto same = static_cast<std::size_t>(
            std::count_if(parent.element.children.begin(), parent.element.children.end(),
                          [&](const Element& other) { return other.name == declaration.name; }));
        path += "[" + std::to_string(same + 1) + "]";
    }
    Element made =
        make_element(declaration, path, parent.pattern_path + "/" + declaration.name.local, parent.depth + 1);
    parent.element.children.push_back(std::move(made));
}

/// A declared element where the wildcard asks for one, else a small one of nobody's.
void Growth::foreign(const Wildcard& wildcard, const Particle& part, Parent& parent) {
    std::vector<const ElementDecl*> declared;
    for (const ElementDecl& element : grammar_.tables().elements) {
        const bool wished = wishes_ != nullptr && wishes_->globals.contains(&element);
        if (!element.global || !wildcard.admits(element.name.ns) || costs_.element(element) >= endless) continue;
        if (wished) {
            declared = {&element};
            break;
        }
        declared.push_back(&element);
    }
    if (wildcard.process == Wildcard::Process::strict) {
        if (declared.empty()) return;
        const ElementDecl* chosen = declared[random_.below(declared.size())];
        if (lean(parent.depth) || wishes_ != nullptr) {
            chosen = *std::min_element(declared.begin(), declared.end(), [&](const auto* a, const auto* b) {
                return costs_.element(*a) < costs_.element(*b);
            });
        }
        return child(*chosen, part, parent);
    }
    if (!options_.foreign_elements && part.min == 0) return;
    Element made;
    made.name = {"urn:hansa:foreign", "Extra"};
    if (wildcard.allows == Wildcard::Allows::listed && !wildcard.namespaces.empty()) {
        made.name.ns = wildcard.namespaces[random_.below(wildcard.namespaces.size())];
    }
    made.text = "x" + std::to_string(random_.below(1'000));
    parent.element.children.push_back(std::move(made));
}

bool Growth::wishes(Index number, const Parent& parent) const {
    if (wishes_ == nullptr || parent.declaration.type.simple) return false;
    // Inside of itself a type goes the shortest way, or there would be no end.
    const auto open = open_.find(parent.declaration.type.index);
    if (open != open_.end() && open->second > 1) return false;
    const auto found = wishes_->particles.find(parent.declaration.type.index);
    return found != wishes_->particles.end() && found->second.contains(number);
}

// --- leaves ------------------------------------------------------------------------------------

std::string Growth::leaf(const SimpleType& type, const std::string& path, const std::string& pattern_path) {
    if (options_.value_source) {
        auto value = options_.value_source({path, pattern_path, type}, random_);
        if (value && grammar_.check_value(type, *value)) return *value;
    }
    if (type.built_in == BuiltIn::id) return fresh_id(type);
    if ((type.built_in == BuiltIn::idref || type.built_in == BuiltIn::idrefs) && !ids_.empty()) {
        return ids_[random_.below(ids_.size())];
    }
    if (options_.sentinels) {
        if (auto value = sentinel(type)) return *value;
    }
    return generate_value(grammar_, type, random_, options_).value_or("");
}

std::string Growth::fresh_id(const SimpleType& type) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        std::string value = "id" + std::to_string(ids_.size() + 1);
        if (!type.patterns.empty() || type.length) {
            value = generate_value(grammar_, type, random_, options_).value_or(value);
        }
        if (std::find(ids_.begin(), ids_.end(), value) != ids_.end()) continue;
        ids_.push_back(value);
        return value;
    }
    return {};
}

/// A value that is in no other one: its first letter tells its width and stands nowhere else in it.
std::optional<std::string> Growth::sentinel(const SimpleType& type) {
    static constexpr std::string_view signs = "0123456789KLMNPQRSTUVWXYZ";
    const bool free_text = type.variety == Variety::atomic && type.built_in <= BuiltIn::token &&
                           type.enumeration.empty() && type.patterns.empty();
    const std::uint32_t max = type.length.value_or(type.max_length.value_or(8));
    if (!free_text || max < 4) return std::nullopt;
    const std::uint32_t width = std::max(std::min(max, 8u), type.length.value_or(type.min_length.value_or(0)));
    std::string value(width, '0');
    value[0] = static_cast<char>('A' + static_cast<char>(std::min(width, 9u) - 4));
    std::uint64_t number = ++sentinels_;
    for (std::uint32_t i = std::min(width, 8u) - 1; i > 0; --i, number /= signs.size()) {
        value[i] = signs[number % signs.size()];
    }
    if (number != 0 || !grammar_.check_value(type, value)) return std::nullopt;
    return value;
}

// --- public ------------------------------------------------------------------------------------

Element generate(const Grammar& grammar, const GenerateOptions& options) {
    return generate_element(grammar, grammar.root(), options);
}

Element generate_element(const Grammar& grammar, const ElementDecl& element, const GenerateOptions& options) {
    const LeastCosts costs(grammar);
    return Growth(grammar, costs, options).grow(element);
}

// --- covering documents ------------------------------------------------------------------------

namespace {

/// How the root reaches a complex type: the particle of each type on the way.
class Ways {
public:
    explicit Ways(const Grammar& grammar) : tables_(grammar.tables()) {
        enter(grammar.root(), {});
        for (std::size_t i = 0; i < order_.size(); ++i) {
            const Index type = order_[i];
            const Index top = tables_.complex_types[type].particle;
            if (top != no_index) walk(type, top, {top});
        }
    }

    const std::vector<Index>& types() const { return order_; }

    Wishes way_to(Index type) const {
        Wishes wishes;
        for (const Step* step = &steps_.at(type); step->from != no_index; step = &steps_.at(step->from)) {
            wishes.particles[step->from].insert(step->particles.begin(), step->particles.end());
            if (step->global != nullptr) wishes.globals.insert(step->global);
        }
        return wishes;
    }

private:
    struct Step {
        Index from = no_index;
        std::vector<Index> particles;         ///< nested groups down to the element
        const ElementDecl* global = nullptr;  ///< through a wildcard
    };

    void enter(const ElementDecl& element, Step step) {
        if (element.type.simple || element.type.index == no_index) return;
        if (steps_.emplace(element.type.index, std::move(step)).second) order_.push_back(element.type.index);
    }

    void walk(Index type, Index number, std::vector<Index> way) {
        const Particle& part = tables_.particles[number];
        if (part.max == 0) return;
        if (part.kind == Particle::Kind::element) {
            enter(tables_.elements[part.term], {type, way, nullptr});
        } else if (part.kind == Particle::Kind::any) {
            if (tables_.wildcards[part.term].process != Wildcard::Process::strict) return;
            for (const ElementDecl& element : tables_.elements) {
                const bool fits = element.global && tables_.wildcards[part.term].admits(element.name.ns);
                if (fits) enter(element, {type, way, &element});
            }
        } else {
            for (Index i = part.first; i < part.first + part.count; ++i) {
                way.push_back(i);
                walk(type, i, way);
                way.pop_back();
            }
        }
    }

    const GrammarTables& tables_;
    std::vector<Index> order_;
    std::map<Index, Step> steps_;
};

/// All particles below one, taking branch `turn` of each choice.
void take_all(const GrammarTables& tables, Index number, std::size_t turn, std::set<Index>& into) {
    const Particle& part = tables.particles[number];
    if (part.max == 0) return;
    into.insert(number);
    if (part.kind == Particle::Kind::element || part.kind == Particle::Kind::any || part.count == 0) return;
    if (part.kind == Particle::Kind::choice) {
        take_all(tables, part.first + static_cast<Index>(turn % part.count), turn / part.count, into);
        return;
    }
    for (Index i = part.first; i < part.first + part.count; ++i) take_all(tables, i, turn, into);
}

/// Turns that show every branch of every choice.
std::size_t turns_of(const GrammarTables& tables, Index number) {
    const Particle& part = tables.particles[number];
    if (part.kind == Particle::Kind::element || part.kind == Particle::Kind::any) return 1;
    std::size_t turns = 1;
    for (Index i = part.first; i < part.first + part.count; ++i) turns = std::max(turns, turns_of(tables, i));
    return part.kind == Particle::Kind::choice ? std::min<std::size_t>(turns * std::max(part.count, 1u), 200) : turns;
}

}  // namespace

std::vector<Element> covering_documents(const Grammar& grammar, std::uint64_t seed, std::size_t documents_max) {
    const LeastCosts costs(grammar);
    const Ways ways(grammar);
    std::vector<Element> documents;
    for (const Index type : ways.types()) {
        const Index top = grammar.tables().complex_types[type].particle;
        const std::size_t turns = top == no_index ? 1 : turns_of(grammar.tables(), top);
        for (std::size_t turn = 0; turn < turns && documents.size() < documents_max; ++turn) {
            Wishes wishes = ways.way_to(type);
            wishes.full_types.insert(type);
            if (top != no_index) {
                // The way through the type itself (recursion) gives way to showing all of it.
                wishes.particles[type].clear();
                take_all(grammar.tables(), top, turn, wishes.particles[type]);
            }
            const GenerateOptions options{
                .seed = seed + documents.size(), .items = 1, .optional_percent = 0, .length_max = 12, .depth_max = 40};
            documents.push_back(Growth(grammar, costs, options, &wishes).grow(grammar.root()));
        }
    }
    return documents;
}

}  // namespace hansa::schema
