#include "core/schema/content_model.h"

#include <algorithm>

namespace hansa::schema {

namespace {

/// How one attempt at a particle ended.
enum class Outcome { fits, absent, broken };

/// Takes children from the front, particle by particle. `broken` is final, `absent` took nothing.
class ModelWalk {
public:
    ModelWalk(const GrammarTables& tables, const std::vector<Element>& children)
        : tables_(tables), children_(children) {}

    std::optional<Misfit> walk(Index top) {
        const Outcome outcome = repeat(top);
        if (outcome == Outcome::fits && at_ == children_.size()) return std::nullopt;
        Misfit misfit;
        misfit.child = at_;
        misfit.missing = at_ == children_.size();
        if (outcome != Outcome::fits) misfit.expected = expected_;
        return misfit;
    }

private:
    /// A particle with its bounds.
    Outcome repeat(Index number) {
        const Particle& particle = tables_.particles[number];
        std::uint32_t count = 0;
        const std::size_t start = at_;
        while (count < particle.max) {
            const std::size_t before = at_;
            const Outcome once = term(particle);
            if (once == Outcome::broken) return once;
            if (once == Outcome::absent) break;
            ++count;
            if (at_ == before) {  // fits without taking anything: so do all further turns
                count = std::max(count, particle.min);
                break;
            }
        }
        if (count >= particle.min) return Outcome::fits;
        return at_ == start ? Outcome::absent : Outcome::broken;
    }

    Outcome term(const Particle& particle) {
        switch (particle.kind) {
            case Particle::Kind::element:
                return one(tables_.elements[particle.term].name);
            case Particle::Kind::any:
                return one(tables_.wildcards[particle.term]);
            case Particle::Kind::sequence:
                return sequence(particle);
            case Particle::Kind::choice:
                return choice(particle);
            case Particle::Kind::all:
                return all(particle);
        }
        return Outcome::broken;
    }

    Outcome one(const Name& name) {
        if (at_ < children_.size() && children_[at_].name == name) {
            ++at_;
            return Outcome::fits;
        }
        expected_ = name.local;
        return Outcome::absent;
    }

    Outcome one(const Wildcard& wildcard) {
        if (at_ < children_.size() && wildcard.admits(children_[at_].name.ns)) {
            ++at_;
            return Outcome::fits;
        }
        expected_ = "*";
        return Outcome::absent;
    }

    Outcome sequence(const Particle& group) {
        const std::size_t start = at_;
        for (Index part = group.first; part < group.first + group.count; ++part) {
            const Outcome outcome = repeat(part);
            if (outcome == Outcome::fits) continue;
            return at_ == start ? outcome : Outcome::broken;
        }
        return Outcome::fits;
    }

    Outcome choice(const Particle& group) {
        bool emptiable = group.count == 0;
        std::string expected;
        for (Index part = group.first; part < group.first + group.count; ++part) {
            const std::size_t before = at_;
            const Outcome outcome = repeat(part);
            if (outcome == Outcome::broken || at_ != before) return outcome;
            if (outcome == Outcome::fits) emptiable = true;
            if (outcome == Outcome::absent && expected.empty()) expected = expected_;
        }
        if (emptiable) return Outcome::fits;
        expected_ = expected;
        return Outcome::absent;
    }

    Outcome all(const Particle& group) {
        std::vector<bool> taken(group.count, false);
        const std::size_t start = at_;
        for (bool moved = true; moved;) {
            moved = false;
            for (Index i = 0; i < group.count && !moved; ++i) {
                const std::size_t before = at_;
                if (taken[i]) continue;
                if (repeat(group.first + i) == Outcome::broken) return Outcome::broken;
                if (at_ != before) taken[i] = moved = true;
            }
        }
        for (Index i = 0; i < group.count; ++i) {
            if (taken[i] || tables_.particles[group.first + i].min == 0) continue;
            repeat(group.first + i);  // says what is expected
            return at_ == start ? Outcome::absent : Outcome::broken;
        }
        return Outcome::fits;
    }

    const GrammarTables& tables_;
    const std::vector<Element>& children_;
    std::size_t at_ = 0;
    std::string expected_;
};

/// Takes children in the order of the model, wherever they stand.
class OrderWalk {
public:
    OrderWalk(const GrammarTables& tables, std::vector<Element>& children)
        : tables_(tables), children_(children), taken_(children.size(), false) {}

    void walk(Index top) { repeat(top); }

    std::vector<Element> result() {
        for (std::size_t i = 0; i < children_.size(); ++i) {
            if (!taken_[i]) order_.push_back(i);
        }
        std::vector<Element> ordered;
        ordered.reserve(order_.size());
        for (const std::size_t i : order_) ordered.push_back(std::move(children_[i]));
        return ordered;
    }

private:
    void repeat(Index number) {
        const Particle& particle = tables_.particles[number];
        for (std::uint32_t count = 0; count < particle.max; ++count) {
            const std::size_t before = order_.size();
            term(particle);
            if (order_.size() == before) break;
        }
    }

    void term(const Particle& particle) {
        if (particle.kind == Particle::Kind::element) {
            const Name& name = tables_.elements[particle.term].name;
            take([&](const Element& child) { return child.name == name; });
        } else if (particle.kind == Particle::Kind::any) {
            const Wildcard& wildcard = tables_.wildcards[particle.term];
            take([&](const Element& child) { return wildcard.admits(child.name.ns) && !known(child.name); });
        } else if (particle.kind == Particle::Kind::choice) {
            choice(particle);
        } else {
            for (Index part = particle.first; part < particle.first + particle.count; ++part) repeat(part);
        }
    }

    /// The branch that has the earliest child takes its turn; only one does. Of two with the same child it is the one
    /// that finds all it demands: (ICMS, IPI?) | (IPI?, ISSQN).
    void choice(const Particle& group) {
        std::optional<Index> best;
        std::size_t best_child = children_.size();
        bool best_lacks = false;
        for (Index part = group.first; part < group.first + group.count; ++part) {
            const std::size_t first = first_child_of(part);
            if (first == children_.size() || first > best_child) continue;
            const bool lacks = lacks_something(part);
            if (first == best_child && !(best_lacks && !lacks)) continue;
            best = part, best_child = first, best_lacks = lacks;
        }
        if (best) repeat(*best);
    }

    /// Is something demanded for which no child is left?
    bool lacks_something(Index number) const {
        const Particle& particle = tables_.particles[number];
        if (particle.min == 0) return false;
        if (particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any)
            return first_child_of(number) == children_.size();
        const bool choice = particle.kind == Particle::Kind::choice;
        for (Index i = 0; i < particle.count; ++i) {
            // A choice lacks something when every branch does, a sequence when one part does.
            if (lacks_something(particle.first + i) != choice) return !choice;
        }
        return choice && particle.count > 0;
    }

    std::size_t first_child_of(Index number) const {
        const Particle& particle = tables_.particles[number];
        std::size_t first = children_.size();
        if (particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any) {
            for (std::size_t i = first_left_; i < children_.size(); ++i) {
                if (taken_[i]) continue;
                const bool fits = particle.kind == Particle::Kind::element
                                      ? children_[i].name == tables_.elements[particle.term].name
                                      : tables_.wildcards[particle.term].admits(children_[i].name.ns);
                if (fits) return i;
            }
            return first;
        }
        for (Index part = particle.first; part < particle.first + particle.count; ++part) {
            first = std::min(first, first_child_of(part));
        }
        return first;
    }

    /// Whether some element particle anywhere names it: a wildcard must not steal it.
    bool known(const Name& name) const {
        return std::any_of(tables_.elements.begin(), tables_.elements.end(),
                           [&](const ElementDecl& element) { return !element.global && element.name == name; });
    }

    template <class Fits>
    void take(const Fits& fits) {
        for (std::size_t i = first_left_; i < children_.size(); ++i) {
            if (taken_[i] || !fits(children_[i])) continue;
            taken_[i] = true;
            order_.push_back(i);
            while (first_left_ < children_.size() && taken_[first_left_]) ++first_left_;
            return;
        }
    }

    const GrammarTables& tables_;
    std::vector<Element>& children_;
    std::vector<bool> taken_;
    std::size_t first_left_ = 0;  ///< all in front of it are taken: a long list is gone through once
    std::vector<std::size_t> order_;
};

const ComplexType* model_of(const Grammar& grammar, const ElementDecl& parent) {
    if (parent.type.simple || parent.type.index == no_index) return nullptr;
    return &grammar.tables().complex_types[parent.type.index];
}

}  // namespace

std::optional<Misfit> first_misfit(const Grammar& grammar, const ElementDecl& parent,
                                   const std::vector<Element>& children) {
    if (!parent.type.simple && parent.type.index == no_index) return std::nullopt;
    const ComplexType* type = model_of(grammar, parent);
    if (type == nullptr || type->particle == no_index) {
        if (children.empty()) return std::nullopt;
        return Misfit{0, false, {}};
    }
    return ModelWalk(grammar.tables(), children).walk(type->particle);
}

void order_by_model(const Grammar& grammar, const ElementDecl& parent, std::vector<Element>& children) {
    const ComplexType* type = model_of(grammar, parent);
    if (type == nullptr || type->particle == no_index || children.empty()) return;
    OrderWalk walk(grammar.tables(), children);
    walk.walk(type->particle);
    children = walk.result();
}

bool admits_globals(const Grammar& grammar, const ElementDecl& element) {
    return grammar.has_wildcard(element) || (!element.type.simple && element.type.index == no_index);
}

}  // namespace hansa::schema
