// Documents that break one facet or bound each, and the list of all facets and bounds.

#include <algorithm>
#include <functional>
#include <map>

#include "core/schema/codes.h"
#include "core/schema/content_model.h"
#include "core/schema/generator.h"
#include "core/schema/lexical.h"
#include "core/schema/pattern.h"

namespace hansa::schema {

namespace {

/// Above this, one too many is a document that no test wants.
constexpr std::uint32_t repeats_max = 2'000;
constexpr std::uint32_t length_max = 100'000;

std::string owner_of(const Grammar& grammar, const ElementDecl& declaration) {
    if (!declaration.type.simple && declaration.type.index != no_index) {
        const Name& name = grammar.tables().complex_types[declaration.type.index].name;
        if (!name.local.empty()) return name.local;
    }
    return declaration.name.local;
}

// --- values that break a facet -----------------------------------------------------------------

/// A facet of a type that a value can break, and a value that does.
struct Break {
    std::string facet;
    std::string value;
    std::string code;
};

class Breaker {
public:
    Breaker(const Grammar& grammar, const SimpleType& type) : grammar_(grammar), type_(type) {}

    /// Names of all facets that can be broken.
    std::vector<std::string> facets() const {
        std::vector<std::string> names;
        const auto add = [&](bool has, const char* name) {
            if (has) names.emplace_back(name);
        };
        add(type_.length && *type_.length > 0 && *type_.length < length_max, "length");
        add(type_.min_length.value_or(0) > 0, "min_length");
        add(type_.max_length && *type_.max_length < length_max, "max_length");
        add(!type_.patterns.empty(), "pattern");
        add(!type_.enumeration.empty(), "enumeration");
        add(type_.total_digits.has_value(), "total_digits");
        add(type_.fraction_digits.has_value() && !is_integer(type_.built_in), "fraction_digits");
        add(type_.min_inclusive.has_value(), "min_inclusive");
        add(type_.max_inclusive.has_value(), "max_inclusive");
        add(type_.min_exclusive.has_value(), "min_exclusive");
        add(type_.max_exclusive.has_value(), "max_exclusive");
        const bool typed =
            primitive_of(type_.built_in) != Primitive::text && primitive_of(type_.built_in) != Primitive::uri;
        add(typed && type_.variety == Variety::atomic && type_.enumeration.empty(), "type");
        return names;
    }

    /// A value that breaks the facet and, where that can be, no other; nothing: none was found.
    std::optional<Break> find(const std::string& facet, const std::string& valid, Random& random) const {
        const std::string_view wanted = code_of(facet);
        std::optional<Break> other;
        for (const std::string& value : candidates(facet, valid, random)) {
            const auto checked = grammar_.check_value(type_, value);
            if (checked) continue;
            Break found{facet, value, std::string(checked.error().code.name())};
            if (found.code == wanted) return found;
            // A pattern often stands before the facet that it implies: any refusal will do then.
            if (!other) other = std::move(found);
        }
        return other;
    }

private:
    static std::string_view code_of(const std::string& facet) {
        if (facet.ends_with("length")) return codes::length.name();
        if (facet.ends_with("digits")) return codes::digits.name();
        if (facet.ends_with("clusive")) return codes::range.name();
        if (facet == "pattern") return codes::pattern.name();
        return facet == "enumeration" ? codes::enumeration.name() : codes::type.name();
    }

    std::vector<std::string> candidates(const std::string& facet, const std::string& valid, Random& random) const {
        if (facet == "type") return {"x!", "", "2024-13-45T99:99:99", "--"};
        if (facet == "pattern") return for_pattern(valid);
        if (facet == "enumeration") return {reshaped(valid), valid + "~", "~", "ZZZ", "0", ""};
        if (facet == "total_digits") return too_many_digits();
        if (facet == "fraction_digits") return too_long_fraction(valid);
        if (facet.ends_with("length")) return wrong_length(facet, valid, random);
        return out_of_range(facet);
    }

    static std::vector<std::string> for_pattern(const std::string& valid) {
        std::vector<std::string> values{valid + "\u00A4", "\u00A4" + valid, "!", "", valid + valid};
        if (!valid.empty()) {
            std::size_t last = valid.size() - 1;
            while (last > 0 && (static_cast<unsigned char>(valid[last]) & 0xC0) == 0x80) --last;
            const std::string shorter = valid.substr(0, last);
            values.insert(values.begin(), shorter + "!");
            values.push_back(shorter);
        }
        return values;
    }

    /// Of the same shape but another value.
    static std::string reshaped(const std::string& valid) {
        std::string changed = valid;
        for (char& c : changed) {
            if (c >= '0' && c <= '9') c = c == '9' ? '8' : '9';
            if (c >= 'A' && c <= 'Z') c = c == 'Q' ? 'X' : 'Q';
            if (c >= 'a' && c <= 'z') c = c == 'q' ? 'x' : 'q';
        }
        return changed;
    }

    std::vector<std::string> too_many_digits() const {
        const std::uint32_t total = *type_.total_digits;
        const std::uint32_t fraction = std::min(type_.fraction_digits.value_or(0), total);
        std::string value(total - fraction + 1, '9');
        std::vector<std::string> values;
        if (fraction > 0) values.push_back(value + "." + std::string(fraction, '9'));
        values.push_back(std::string(total + 1, '9'));
        return values;
    }

    std::vector<std::string> too_long_fraction(const std::string& valid) const {
        const std::string whole = valid.substr(0, valid.find('.'));
        const std::string tail = std::string(*type_.fraction_digits, '0') + "1";
        return {whole + "." + tail, "0." + tail, "1." + tail};
    }

    std::vector<std::string> wrong_length(const std::string& facet, const std::string& valid, Random& random) const {
        const bool binary = primitive_of(type_.built_in) == Primitive::binary;
        const std::uint32_t least = type_.length.value_or(type_.min_length.value_or(0));
        const std::uint32_t most = type_.length.value_or(type_.max_length.value_or(0));
        std::vector<std::string> values;
        if (facet != "min_length") values.push_back(sized(valid, std::size_t{most} + 1, binary));
        if (facet != "max_length" && least > 0) values.push_back(sized(valid, least - 1, binary));
        // For patterns without an upper bound of their own: a longer sample.
        for (std::uint32_t repeats = 4; repeats <= 64 && !type_.patterns.empty(); repeats *= 4) {
            if (auto sample = sample_pattern(type_.patterns.front().front(), random, most + repeats)) {
                values.push_back(std::move(*sample));
            }
        }
        return values;
    }

    static std::string sized(const std::string& valid, std::size_t length, bool binary) {
        if (binary) {
            // Four letters are three octets; a whole group more is too long in any case.
            std::string value;
            while (value.size() * 3 / 4 < length) value += "QUJD";
            return value;
        }
        std::string value;
        for (std::size_t at = 0; at < valid.size() && count_characters(value) < length;) {
            append_code_point(value, next_code_point(valid, at));
        }
        const char filler = value.empty() || (value.back() >= '0' && value.back() <= '9') ? '7' : 'X';
        while (count_characters(value) < length) value += filler;
        if (!value.empty() && value.back() == ' ') value.back() = filler;
        return value;
    }

    std::vector<std::string> out_of_range(const std::string& facet) const {
        if (facet == "min_exclusive") return {*type_.min_exclusive};
        if (facet == "max_exclusive") return {*type_.max_exclusive};
        const bool low = facet == "min_inclusive";
        const std::string& bound = low ? *type_.min_inclusive : *type_.max_inclusive;
        if (primitive_of(type_.built_in) == Primitive::moment) {
            std::string other = bound;
            const std::size_t digit = other.find_first_of("0123456789");
            if (digit != std::string::npos) other[digit] = low ? '0' : '9';
            return {other, "0001-01-01", "9999-12-31"};
        }
        const auto stepped = [&](std::int64_t step) -> std::string {
            if (bound.size() > 17) return bound + "0";
            const std::int64_t whole = std::strtoll(bound.c_str(), nullptr, 10);
            return std::to_string(whole + step);
        };
        return low ? std::vector<std::string>{stepped(-1), "-" + std::string(bound.size() + 1, '9')}
                   : std::vector<std::string>{stepped(1), std::string(bound.size() + 1, '9')};
    }

    const Grammar& grammar_;
    const SimpleType& type_;
};

// --- what there is to hit ----------------------------------------------------------------------

/// Bounds of one declared element's content, and facets of its children and attributes.
class Hits {
public:
    explicit Hits(const Grammar& grammar) : grammar_(grammar) {}

    std::set<FacetHit> all() {
        const ElementDecl& root = grammar_.root();
        hits_.insert({"root", root.name.local});
        if (const SimpleType* type = grammar_.text_type(root)) add_facets(*type, root.name.local);
        reach(root);
        while (!waiting_.empty()) {
            const ElementDecl* element = waiting_.back();
            waiting_.pop_back();
            visit(*element);
            for (const Child& child : grammar_.children(*element)) reach(*child.element);
            if (grammar_.has_wildcard(*element)) reach_strict_wildcards();
        }
        return std::move(hits_);
    }

private:
    void reach(const ElementDecl& element) {
        if (reached_.insert(&element).second) waiting_.push_back(&element);
    }

    /// What only a lax wildcard admits may just as well be unknown: it is no part of the format.
    void reach_strict_wildcards() {
        for (const Particle& particle : grammar_.tables().particles) {
            if (particle.kind != Particle::Kind::any) continue;
            const Wildcard& wildcard = grammar_.tables().wildcards[particle.term];
            if (wildcard.process != Wildcard::Process::strict) continue;
            for (const ElementDecl& element : grammar_.tables().elements) {
                if (element.global && wildcard.admits(element.name.ns)) reach(element);
            }
        }
    }

    void add_facets(const SimpleType& type, const std::string& place) {
        for (std::string& facet : Breaker(grammar_, type).facets()) hits_.insert({std::move(facet), place});
    }

    void visit(const ElementDecl& element) {
        const std::string owner = owner_of(grammar_, element);
        for (const AttributeUse& use : grammar_.attributes(element)) {
            const std::string place = owner + "/@" + use.name.local;
            if (use.constraint == ValueConstraint::fixed) {
                hits_.insert({"fixed", place});
            } else {
                add_facets(grammar_.type(use), place);
            }
            if (use.required) hits_.insert({"required", place});
        }
        if (element.type.simple || element.type.index == no_index) return;
        const ComplexType& type = grammar_.tables().complex_types[element.type.index];
        if (type.attribute_wildcard == no_index) hits_.insert({"unknown_attribute", owner});
        if (type.content == Content::elements) hits_.insert({"text", owner});
        if (type.content == Content::simple) add_facets(grammar_.tables().simple_types[type.simple_type], owner);
        if (type.content == Content::simple || type.content == Content::mixed) return;
        if (!grammar_.has_wildcard(element)) hits_.insert({"unknown", owner});
        visit_children(element, owner);
    }

    void visit_children(const ElementDecl& element, const std::string& owner) {
        for (const Child& child : grammar_.children(element)) {
            const std::string place = owner + "/" + child.element->name.local;
            if (child.min > 0) hits_.insert({"min_occurs", place});
            if (child.max < repeats_max) hits_.insert({"max_occurs", place});
            if (child.element->type.simple) add_facets(*grammar_.text_type(*child.element), place);
        }
    }

    const Grammar& grammar_;
    std::set<FacetHit> hits_;
    std::set<const ElementDecl*> reached_;
    std::vector<const ElementDecl*> waiting_;
};

// --- mutants -----------------------------------------------------------------------------------

class MutantMaker {
public:
    MutantMaker(const Grammar& grammar, const Element& document, const MutantOptions& options)
        : grammar_(grammar), options_(options), random_(options.seed), document_(document) {}

    std::vector<Mutant> make() {
        const ElementDecl& root = grammar_.root();
        mutate(
            {"root", root.name.local},
            [](Element& element) {
                element.name.local += "X";
                return true;
            },
            std::string(codes::root_unknown.name()));
        visit(document_, root, root.name.local);
        return std::move(mutants_);
    }

private:
    using Change = std::function<bool(Element&)>;

    bool wanted(const FacetHit& hit) const {
        if (mutants_.size() >= options_.mutants_max || made_.contains(hit)) return false;
        return options_.already == nullptr || !options_.already->contains(hit);
    }

    /// Applies the change to the element that is being visited, in a copy of the document.
    void mutate(const FacetHit& hit, const Change& change, std::string code) {
        if (!wanted(hit)) return;
        Element copy = document_;
        Element* at = &copy;
        for (const std::size_t place : way_) at = &at->children[place];
        if (!change(*at)) return;
        made_.insert(hit);
        mutants_.push_back({hit, std::move(code), std::move(copy)});
    }

    /// A change of children that the content model must refuse; its code comes from the model.
    void mutate_children(const FacetHit& hit, const ElementDecl& declaration, const Change& change) {
        if (!wanted(hit)) return;
        const Element* original = &document_;
        for (const std::size_t place : way_) original = &original->children[place];
        Element changed = *original;
        if (!change(changed)) return;
        const auto misfit = first_misfit(grammar_, declaration, changed.children);
        if (!misfit) return;
        const Code code = misfit->missing ? codes::element_missing : codes::element_unexpected;
        mutate(
            hit,
            [&](Element& element) {
                element = std::move(changed);
                return true;
            },
            std::string(code.name()));
    }

    void visit(const Element& element, const ElementDecl& declaration, const std::string& place) {
        const std::string owner = owner_of(grammar_, declaration);
        attributes(element, declaration, owner);
        if (const SimpleType* type = grammar_.text_type(declaration)) {
            const std::string& own = declaration.type.simple ? place : owner;
            for (const std::string& facet : Breaker(grammar_, *type).facets()) {
                if (!wanted({facet, own})) continue;
                if (auto broken = Breaker(grammar_, *type).find(facet, element.text, random_)) {
                    mutate(
                        {facet, own},
                        [&](Element& at) {
                            at.text = broken->value;
                            return true;
                        },
                        broken->code);
                }
            }
            return;
        }
        if (declaration.type.simple || declaration.type.index == no_index) return;
        structure(element, declaration, owner);
        for (std::size_t i = 0; i < element.children.size(); ++i) {
            const Element& child = element.children[i];
            const Child* known = grammar_.child(declaration, child.name.local, child.name.ns);
            const ElementDecl* below =
                known != nullptr ? known->element : grammar_.global(child.name.local, child.name.ns);
            if (below == nullptr) continue;
            way_.push_back(i);
            visit(child, *below, owner + "/" + child.name.local);
            way_.pop_back();
        }
    }

    void attributes(const Element& element, const ElementDecl& declaration, const std::string& owner) {
        for (const AttributeUse& use : grammar_.attributes(declaration)) {
            const Attribute* there = element.attribute(use.name.local, use.name.ns);
            if (there == nullptr) continue;
            const std::string place = owner + "/@" + use.name.local;
            if (use.required) {
                mutate(
                    {"required", place},
                    [&](Element& at) {
                        std::erase_if(at.attributes, [&](const Attribute& other) { return other.name == use.name; });
                        return true;
                    },
                    std::string(codes::attribute_missing.name()));
            }
            if (use.constraint == ValueConstraint::fixed) {
                set_attribute({"fixed", place}, use, use.value + "1", std::string(codes::fixed.name()));
                continue;
            }
            const SimpleType& type = grammar_.type(use);
            for (const std::string& facet : Breaker(grammar_, type).facets()) {
                if (!wanted({facet, place})) continue;
                if (auto broken = Breaker(grammar_, type).find(facet, there->value, random_)) {
                    set_attribute({facet, place}, use, broken->value, broken->code);
                }
            }
        }
        if (declaration.type.simple || declaration.type.index == no_index) return;
        if (grammar_.tables().complex_types[declaration.type.index].attribute_wildcard != no_index) return;
        mutate(
            {"unknown_attribute", owner},
            [](Element& at) {
                at.attributes.push_back({{"", "hansaUnknown"}, "1"});
                return true;
            },
            std::string(codes::attribute_unexpected.name()));
    }

    void set_attribute(const FacetHit& hit, const AttributeUse& use, const std::string& value,
                       const std::string& code) {
        mutate(
            hit,
            [&](Element& at) {
                for (Attribute& attribute : at.attributes) {
                    if (attribute.name == use.name) attribute.value = value;
                }
                return true;
            },
            code);
    }

    void structure(const Element& element, const ElementDecl& declaration, const std::string& owner) {
        const ComplexType& type = grammar_.tables().complex_types[declaration.type.index];
        if (type.content == Content::elements) {
            mutate(
                {"text", owner},
                [](Element& at) {
                    at.text = "words";
                    return true;
                },
                std::string(codes::text_unexpected.name()));
        }
        if (type.content == Content::mixed) return;
        if (!grammar_.has_wildcard(declaration)) {
            mutate_children({"unknown", owner}, declaration, [&](Element& at) {
                Element stranger;
                stranger.name = {element.name.ns, "HansaUnknown"};
                at.children.insert(
                    at.children.begin() + static_cast<std::ptrdiff_t>(random_.below(at.children.size() + 1)), stranger);
                return true;
            });
        }
        for (const Child& child : grammar_.children(declaration)) occurrence(child, declaration, owner);
        order(element, declaration, owner);
    }

    void occurrence(const Child& child, const ElementDecl& declaration, const std::string& owner) {
        const std::string place = owner + "/" + child.element->name.local;
        const auto is_it = [&](const Element& other) { return other.name == child.element->name; };
        if (child.min > 0) {
            mutate_children({"min_occurs", place}, declaration, [&](Element& at) {
                auto count = static_cast<std::uint32_t>(std::count_if(at.children.begin(), at.children.end(), is_it));
                while (count >= child.min) {
                    at.children.erase(std::find_if(at.children.begin(), at.children.end(), is_it));
                    --count;
                }
                return true;
            });
        }
        if (child.max >= repeats_max) return;
        mutate_children({"max_occurs", place}, declaration, [&](Element& at) {
            const auto first = std::find_if(at.children.begin(), at.children.end(), is_it);
            if (first == at.children.end()) return false;
            const Element one = *first;
            const auto count = static_cast<std::uint32_t>(std::count_if(at.children.begin(), at.children.end(), is_it));
            at.children.insert(first, child.max + 1 - std::min(count, child.max), one);
            return true;
        });
    }

    /// Two neighbours of different names change places.
    void order(const Element& element, const ElementDecl& declaration, const std::string& owner) {
        for (std::size_t i = 0; i + 1 < element.children.size(); ++i) {
            if (element.children[i].name == element.children[i + 1].name) continue;
            const FacetHit hit{"order", owner + "/" + element.children[i].name.local};
            mutate_children(hit, declaration, [&](Element& at) {
                std::swap(at.children[i], at.children[i + 1]);
                return true;
            });
        }
    }

    const Grammar& grammar_;
    const MutantOptions& options_;
    Random random_;
    const Element& document_;
    std::vector<std::size_t> way_;  ///< places of the children down to the visited element
    std::vector<Mutant> mutants_;
    std::set<FacetHit> made_;
};

}  // namespace

std::vector<Mutant> mutants(const Grammar& grammar, const Element& document, const MutantOptions& options) {
    return MutantMaker(grammar, document, options).make();
}

std::set<FacetHit> facets_of(const Grammar& grammar) {
    return Hits(grammar).all();
}

}  // namespace hansa::schema
