// XSModel to tables: what the root reaches, each thing once, numbered in the order of meeting.

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <xercesc/framework/psvi/XSAttributeDeclaration.hpp>
#include <xercesc/framework/psvi/XSAttributeUse.hpp>
#include <xercesc/framework/psvi/XSComplexTypeDefinition.hpp>
#include <xercesc/framework/psvi/XSElementDeclaration.hpp>
#include <xercesc/framework/psvi/XSFacet.hpp>
#include <xercesc/framework/psvi/XSIDCDefinition.hpp>
#include <xercesc/framework/psvi/XSModel.hpp>
#include <xercesc/framework/psvi/XSModelGroup.hpp>
#include <xercesc/framework/psvi/XSMultiValueFacet.hpp>
#include <xercesc/framework/psvi/XSNamedMap.hpp>
#include <xercesc/framework/psvi/XSParticle.hpp>
#include <xercesc/framework/psvi/XSSimpleTypeDefinition.hpp>
#include <xercesc/framework/psvi/XSWildcard.hpp>
#include <xercesc/validators/datatype/DatatypeValidator.hpp>

#include "core/schema/codes.h"
#include "core/schema/pattern.h"
#include "core/schema/xerces.h"

namespace hansa::schema::bridge {

namespace {

using xercesc::XSAttributeUse;
using xercesc::XSComplexTypeDefinition;
using xercesc::XSConstants;
using xercesc::XSElementDeclaration;
using xercesc::XSModelGroup;
using xercesc::XSParticle;
using xercesc::XSSimpleTypeDefinition;
using xercesc::XSTypeDefinition;
using xercesc::XSWildcard;

constexpr std::string_view xsd_namespace = "http://www.w3.org/2001/XMLSchema";

/// Xerces gives its names without const.
template <class Component>
Name name_of_component(Component& component) {
    return {utf8(component.getNamespace()), utf8(component.getName())};
}

std::optional<BuiltIn> built_in_named(std::string_view local) {
    for (int i = 0; i <= static_cast<int>(BuiltIn::notation); ++i) {
        const auto type = static_cast<BuiltIn>(i);
        if (name_of(type).substr(3) == local) return type;
    }
    return std::nullopt;
}

ValueConstraint constraint_of(XSConstants::VALUE_CONSTRAINT constraint) {
    if (constraint == XSConstants::VALUE_CONSTRAINT_FIXED) return ValueConstraint::fixed;
    return constraint == XSConstants::VALUE_CONSTRAINT_DEFAULT ? ValueConstraint::default_ : ValueConstraint::none;
}

/// The whole pattern of a type, which Xerces keeps for its own family of classes.
class PatternAccess : public xercesc::DatatypeValidator {
public:
    using DatatypeValidator::getPattern;
};

class Compiler {
public:
    explicit Compiler(xercesc::XSModel& model) : model_(model) { find_substitutes(); }

    Result<GrammarTables> compile(const Name& root) {
        if (root.local.empty()) {
            add_globals();
        } else {
            XSElementDeclaration* element = find_root(root);
            if (element == nullptr) {
                return Error{codes::root_unknown, "the schema declares no global element '" + root.local + "'"};
            }
            element_number(*element);
        }
        tables_.root = 0;
        work();
        if (!tables_.wildcards.empty() && !root.local.empty()) add_globals();
        work();
        if (!unsupported_.empty()) return Error{codes::grammar_unsupported, unsupported_};
        if (tables_.elements.empty()) return Error{codes::root_unknown, "the schema declares no global element"};
        return std::move(tables_);
    }

private:
    // --- roots ---

    template <class Visit>
    void each_global(const Visit& visit) {
        auto* all = model_.getComponents(XSConstants::ELEMENT_DECLARATION);
        for (XMLSize_t i = 0; all != nullptr && i < all->getLength(); ++i) {
            visit(*static_cast<XSElementDeclaration*>(all->item(i)));
        }
    }

    XSElementDeclaration* find_root(const Name& root) {
        XSElementDeclaration* found = nullptr;
        bool several = false;
        each_global([&](XSElementDeclaration& element) {
            const Name name = name_of_component(element);
            if (name.local != root.local || (!root.ns.empty() && name.ns != root.ns)) return;
            several = found != nullptr;
            found = &element;
        });
        return several ? nullptr : found;
    }

    /// In the order of their names, since the model's own order is that of a hash table.
    void add_globals() {
        std::map<Name, XSElementDeclaration*> sorted;
        each_global([&](XSElementDeclaration& element) { sorted.emplace(name_of_component(element), &element); });
        for (const auto& [name, element] : sorted) element_number(*element);
    }

    void find_substitutes() {
        each_global([&](XSElementDeclaration& element) {
            for (auto* head = element.getSubstitutionGroupAffiliation(); head != nullptr;
                 head = head->getSubstitutionGroupAffiliation()) {
                substitutes_[head].insert({name_of_component(element), &element});
            }
        });
    }

    // --- numbers: a thing gets one when it is met and is filled in later ---

    Index element_number(XSElementDeclaration& element) {
        const auto [place, fresh] = elements_.emplace(&element, static_cast<Index>(tables_.elements.size()));
        if (fresh) {
            tables_.elements.emplace_back();
            waiting_elements_.push_back(&element);
        }
        return place->second;
    }

    TypeRef type_ref(XSTypeDefinition* type) {
        if (type == nullptr) return {false, no_index};
        if (type->getTypeCategory() == XSTypeDefinition::SIMPLE_TYPE) {
            return {true, simple_number(*static_cast<XSSimpleTypeDefinition*>(type))};
        }
        const Name name = name_of_component(*type);
        if (name.ns == xsd_namespace && name.local == "anyType") return {false, no_index};
        auto* complex = static_cast<XSComplexTypeDefinition*>(type);
        const auto [place, fresh] = complex_.emplace(complex, static_cast<Index>(tables_.complex_types.size()));
        if (fresh) {
            tables_.complex_types.emplace_back();
            waiting_types_.push_back(complex);
        }
        return {false, place->second};
    }

    void work() {
        while (!waiting_elements_.empty() || !waiting_types_.empty()) {
            if (!waiting_elements_.empty()) {
                XSElementDeclaration* element = waiting_elements_.front();
                waiting_elements_.pop_front();
                ElementDecl made = make(*element);
                tables_.elements[elements_.at(element)] = std::move(made);
            } else {
                XSComplexTypeDefinition* type = waiting_types_.front();
                waiting_types_.pop_front();
                ComplexType made = make(*type);
                tables_.complex_types[complex_.at(type)] = std::move(made);
            }
        }
    }

    // --- elements ---

    ElementDecl make(XSElementDeclaration& element) {
        ElementDecl made;
        made.name = name_of_component(element);
        made.type = type_ref(element.getTypeDefinition());
        made.nillable = element.getNillable();
        made.is_abstract = element.getAbstract();
        made.global = element.getScope() == XSConstants::SCOPE_GLOBAL;
        made.constraint = constraint_of(element.getConstraintType());
        made.value = utf8(element.getConstraintValue());
        auto* identities = element.getIdentityConstraints();
        for (XMLSize_t i = 0; identities != nullptr && i < identities->getLength(); ++i) {
            made.identities.push_back(identity_text(*identities->item(i)));
        }
        std::sort(made.identities.begin(), made.identities.end());
        return made;
    }

    static std::string identity_text(xercesc::XSIDCDefinition& identity) {
        std::string text = utf8(identity.getName());
        switch (identity.getCategory()) {
            case xercesc::XSIDCDefinition::IC_KEY:
                text = "key " + text;
                break;
            case xercesc::XSIDCDefinition::IC_UNIQUE:
                text = "unique " + text;
                break;
            default:
                text = "keyref " + text + " " + (identity.getRefKey() ? utf8(identity.getRefKey()->getName()) : "");
        }
        text += " " + utf8(identity.getSelectorStr());
        auto* fields = identity.getFieldStrs();
        for (XMLSize_t i = 0; fields != nullptr && i < fields->size(); ++i) text += " | " + utf8(fields->elementAt(i));
        return text;
    }

    // --- complex types ---

    ComplexType make(XSComplexTypeDefinition& type) {
        ComplexType made;
        made.name = type.getAnonymous() ? Name{} : name_of_component(type);
        made.base = type_ref(type.getBaseType());
        made.is_abstract = type.getAbstract();
        switch (type.getContentType()) {
            case XSComplexTypeDefinition::CONTENTTYPE_EMPTY:
                made.content = Content::empty;
                break;
            case XSComplexTypeDefinition::CONTENTTYPE_SIMPLE:
                made.content = Content::simple;
                break;
            case XSComplexTypeDefinition::CONTENTTYPE_ELEMENT:
                made.content = Content::elements;
                break;
            case XSComplexTypeDefinition::CONTENTTYPE_MIXED:
                made.content = Content::mixed;
                break;
        }
        if (made.content == Content::simple) made.simple_type = simple_number(*type.getSimpleType());
        if (made.content == Content::elements || made.content == Content::mixed) {
            made.particle = top_particle(type.getParticle());
        }
        add_attributes(type, made);
        if (XSWildcard* wildcard = type.getAttributeWildcard()) made.attribute_wildcard = wildcard_number(*wildcard);
        return made;
    }

    void add_attributes(XSComplexTypeDefinition& type, ComplexType& made) {
        auto* uses = type.getAttributeUses();
        for (XMLSize_t i = 0; uses != nullptr && i < uses->size(); ++i) {
            XSAttributeUse& use = *uses->elementAt(i);
            auto& declaration = *use.getAttrDeclaration();
            AttributeUse attribute;
            attribute.name = name_of_component(declaration);
            attribute.type = simple_number(*declaration.getTypeDefinition());
            attribute.required = use.getRequired();
            attribute.constraint = constraint_of(use.getConstraintType());
            attribute.value = utf8(use.getConstraintValue());
            if (attribute.constraint == ValueConstraint::none) {
                attribute.constraint = constraint_of(declaration.getConstraintType());
                attribute.value = utf8(declaration.getConstraintValue());
            }
            made.attributes.push_back(std::move(attribute));
        }
        std::sort(made.attributes.begin(), made.attributes.end(),
                  [](const AttributeUse& a, const AttributeUse& b) { return a.name < b.name; });
    }

    // --- particles: a group's parts get consecutive numbers behind it ---

    Index top_particle(XSParticle* particle) {
        if (particle == nullptr || particle->getTermType() == XSParticle::TERM_EMPTY) return no_index;
        const auto number = static_cast<Index>(tables_.particles.size());
        tables_.particles.emplace_back();
        fill(number, *particle);
        return number;
    }

    void fill(Index number, XSParticle& particle) {
        Particle made;
        made.min = static_cast<std::uint32_t>(particle.getMinOccurs());
        made.max = particle.getMaxOccursUnbounded() ? unbounded : static_cast<std::uint32_t>(particle.getMaxOccurs());
        switch (particle.getTermType()) {
            case XSParticle::TERM_ELEMENT:
                return fill_element(number, made, *particle.getElementTerm());
            case XSParticle::TERM_WILDCARD:
                made.kind = Particle::Kind::any;
                made.term = wildcard_number(*particle.getWildcardTerm());
                break;
            case XSParticle::TERM_MODELGROUP:
                return fill_group(number, made, *particle.getModelGroupTerm());
            case XSParticle::TERM_EMPTY:
                made.min = 0;
                break;
        }
        tables_.particles[number] = made;
    }

    /// Part 1, section 3.3.6, "substitution group OK": what the head, its type or a type between blocks.
    static bool may_substitute(XSElementDeclaration& substitute, XSElementDeclaration& head) {
        int blocked = head.getDisallowedSubstitutions();
        if ((blocked & xercesc::XSConstants::DERIVATION_SUBSTITUTION) != 0) return false;
        xercesc::XSTypeDefinition* const from = head.getTypeDefinition();
        int used = 0;
        for (auto* type = substitute.getTypeDefinition(); type != nullptr && type != from; type = type->getBaseType()) {
            const bool complex = type->getTypeCategory() == xercesc::XSTypeDefinition::COMPLEX_TYPE;
            auto* const own = complex ? static_cast<XSComplexTypeDefinition*>(type) : nullptr;
            used |= own != nullptr ? own->getDerivationMethod() : int{xercesc::XSConstants::DERIVATION_RESTRICTION};
            // The substitute's own type blocks what comes from it, not what it comes from.
            if (own != nullptr && type != substitute.getTypeDefinition()) blocked |= own->getProhibitedSubstitutions();
            if (type == type->getBaseType()) break;
        }
        if (from != nullptr && from->getTypeCategory() == xercesc::XSTypeDefinition::COMPLEX_TYPE)
            blocked |= static_cast<XSComplexTypeDefinition*>(from)->getProhibitedSubstitutions();
        return (used & blocked) == 0;
    }

    /// The head of a substitution group becomes a choice of all that may stand for it.
    void fill_element(Index number, Particle made, XSElementDeclaration& element) {
        std::vector<XSElementDeclaration*> substitutes;
        if (const auto known = substitutes_.find(&element); known != substitutes_.end()) {
            for (const auto& [name, one] : known->second) {
                if (may_substitute(*one, element)) substitutes.push_back(one);
            }
        }
        if (substitutes.empty()) {
            made.kind = Particle::Kind::element;
            made.term = element_number(element);
            tables_.particles[number] = made;
            return;
        }
        std::vector<XSElementDeclaration*> all;
        if (!element.getAbstract()) all.push_back(&element);
        for (XSElementDeclaration* substitute : substitutes) {
            if (!substitute->getAbstract()) all.push_back(substitute);
        }
        made.kind = Particle::Kind::choice;
        made.first = static_cast<Index>(tables_.particles.size());
        made.count = static_cast<Index>(all.size());
        tables_.particles[number] = made;
        for (XSElementDeclaration* one : all) {
            Particle part;
            part.kind = Particle::Kind::element;
            part.term = element_number(*one);
            tables_.particles.push_back(part);
        }
    }

    void fill_group(Index number, Particle made, XSModelGroup& group) {
        switch (group.getCompositor()) {
            case XSModelGroup::COMPOSITOR_SEQUENCE:
                made.kind = Particle::Kind::sequence;
                break;
            case XSModelGroup::COMPOSITOR_CHOICE:
                made.kind = Particle::Kind::choice;
                break;
            case XSModelGroup::COMPOSITOR_ALL:
                made.kind = Particle::Kind::all;
                break;
        }
        auto* parts = group.getParticles();
        made.first = static_cast<Index>(tables_.particles.size());
        made.count = parts == nullptr ? 0 : static_cast<Index>(parts->size());
        tables_.particles[number] = made;
        tables_.particles.resize(tables_.particles.size() + made.count);
        for (Index i = 0; i < made.count; ++i) fill(made.first + i, *parts->elementAt(i));
    }

    Index wildcard_number(XSWildcard& wildcard) {
        const auto [place, fresh] = wildcards_.emplace(&wildcard, static_cast<Index>(tables_.wildcards.size()));
        if (!fresh) return place->second;
        Wildcard made;
        switch (wildcard.getProcessContents()) {
            case XSWildcard::PC_STRICT:
                made.process = Wildcard::Process::strict;
                break;
            case XSWildcard::PC_SKIP:
                made.process = Wildcard::Process::skip;
                break;
            case XSWildcard::PC_LAX:
                made.process = Wildcard::Process::lax;
                break;
        }
        switch (wildcard.getConstraintType()) {
            case XSWildcard::NSCONSTRAINT_ANY:
                made.allows = Wildcard::Allows::any;
                break;
            case XSWildcard::NSCONSTRAINT_NOT:
                made.allows = Wildcard::Allows::other;
                break;
            default:
                made.allows = Wildcard::Allows::listed;
        }
        auto* namespaces = wildcard.getNsConstraintList();
        for (XMLSize_t i = 0; namespaces != nullptr && i < namespaces->size(); ++i) {
            made.namespaces.push_back(utf8(namespaces->elementAt(i)));
        }
        tables_.wildcards.push_back(std::move(made));
        return place->second;
    }

    // --- simple types: parts are made before the whole, so they have smaller numbers ---

    Index simple_number(XSSimpleTypeDefinition& type) {
        const auto found = simple_.find(&type);
        if (found != simple_.end()) return found->second;
        SimpleType made = make(type);
        const auto number = static_cast<Index>(tables_.simple_types.size());
        tables_.simple_types.push_back(std::move(made));
        simple_.emplace(&type, number);
        return number;
    }

    SimpleType make(XSSimpleTypeDefinition& type) {
        SimpleType made;
        whitespace_known_ = false;
        made.name = type.getAnonymous() ? Name{} : name_of_component(type);
        if (type.getVariety() == XSSimpleTypeDefinition::VARIETY_LIST) {
            made.variety = Variety::list;
            made.whitespace = Whitespace::collapse;
        }
        if (type.getVariety() == XSSimpleTypeDefinition::VARIETY_UNION) made.variety = Variety::union_;
        // From the type upwards: the nearest step's facet holds, patterns of all steps do.
        for (XSTypeDefinition* at = &type; at != nullptr; at = at->getBaseType()) {
            if (at->getTypeCategory() != XSTypeDefinition::SIMPLE_TYPE) break;
            auto& step = *static_cast<XSSimpleTypeDefinition*>(at);
            if (step.getNamespace() != nullptr && utf8(step.getNamespace()) == xsd_namespace && !step.getAnonymous()) {
                take_built_in(made, utf8(step.getName()));
                break;
            }
            take_facets(made, step);
            if (at->getBaseType() == at) break;
        }
        if (made.variety == Variety::list && type.getItemType() != nullptr) {
            if (made.built_in == BuiltIn::any_simple) made.item_type = simple_number(*type.getItemType());
        }
        auto* members = type.getMemberTypes();
        if (made.variety == Variety::union_) {
            for (XMLSize_t i = 0; members != nullptr && i < members->size(); ++i) {
                made.members.push_back(simple_number(*members->elementAt(i)));
            }
        }
        return made;
    }

    void take_built_in(SimpleType& made, const std::string& local) {
        const auto built_in = built_in_named(local);
        if (!built_in) {
            unsupported_ = "the built-in type '" + local + "'";
            return;
        }
        made.built_in = *built_in;
        const bool list =
            *built_in == BuiltIn::nmtokens || *built_in == BuiltIn::idrefs || *built_in == BuiltIn::entities;
        // The built-in lists judge their items themselves.
        if (list) {
            made.variety = Variety::atomic;
            made.min_length = made.min_length.value_or(1);
        }
        if (made.variety != Variety::atomic || whitespace_known_) return;
        if (*built_in == BuiltIn::normalized_string) {
            made.whitespace = Whitespace::replace;
        } else if (*built_in > BuiltIn::normalized_string) {
            made.whitespace = Whitespace::collapse;
        }
    }

    static std::optional<std::uint32_t> number_of(const std::string& text) {
        std::uint64_t value = 0;
        for (const char c : text) {
            if (c < '0' || c > '9' || value > 0xFFFFFFFF) return std::nullopt;
            value = value * 10 + static_cast<std::uint64_t>(c - '0');
        }
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, 0xFFFFFFFE));
    }

    void take_facets(SimpleType& made, XSSimpleTypeDefinition& step) {
        auto* facets = step.getFacets();
        for (XMLSize_t i = 0; facets != nullptr && i < facets->size(); ++i) {
            take_facet(made, *facets->elementAt(i));
        }
        auto* lists = step.getMultiValueFacets();
        for (XMLSize_t i = 0; lists != nullptr && i < lists->size(); ++i) {
            xercesc::XSMultiValueFacet& facet = *lists->elementAt(i);
            if (facet.getFacetKind() == XSSimpleTypeDefinition::FACET_ENUMERATION && made.enumeration.empty()) {
                made.enumeration = texts_of(facet.getLexicalFacetValues());
            }
        }
        take_patterns(made, step);
    }

    void take_facet(SimpleType& made, xercesc::XSFacet& facet) {
        const std::string value = utf8(facet.getLexicalFacetValue());
        const auto count = [&](std::optional<std::uint32_t>& into) {
            if (!into) into = number_of(value);
        };
        const bool has_min = made.min_inclusive || made.min_exclusive;
        const bool has_max = made.max_inclusive || made.max_exclusive;
        switch (facet.getFacetKind()) {
            case XSSimpleTypeDefinition::FACET_LENGTH:
                return count(made.length);
            case XSSimpleTypeDefinition::FACET_MINLENGTH:
                return count(made.min_length);
            case XSSimpleTypeDefinition::FACET_MAXLENGTH:
                return count(made.max_length);
            case XSSimpleTypeDefinition::FACET_TOTALDIGITS:
                return count(made.total_digits);
            case XSSimpleTypeDefinition::FACET_FRACTIONDIGITS:
                return count(made.fraction_digits);
            case XSSimpleTypeDefinition::FACET_MININCLUSIVE:
                if (!has_min) made.min_inclusive = value;
                break;
            case XSSimpleTypeDefinition::FACET_MINEXCLUSIVE:
                if (!has_min) made.min_exclusive = value;
                break;
            case XSSimpleTypeDefinition::FACET_MAXINCLUSIVE:
                if (!has_max) made.max_inclusive = value;
                break;
            case XSSimpleTypeDefinition::FACET_MAXEXCLUSIVE:
                if (!has_max) made.max_exclusive = value;
                break;
            case XSSimpleTypeDefinition::FACET_WHITESPACE:
                take_whitespace(made, value);
                break;
            default:
                break;
        }
    }

    void take_whitespace(SimpleType& made, const std::string& value) {
        if (whitespace_known_ || made.variety != Variety::atomic) return;
        whitespace_known_ = true;
        made.whitespace = value == "collapse"  ? Whitespace::collapse
                          : value == "replace" ? Whitespace::replace
                                               : Whitespace::preserve;
    }

    /// Xerces joins the patterns of one step with '|' (and its list of them is cut at every '|', also
    /// within a pattern: the validator has the whole). A step that only repeats its base's is skipped.
    void take_patterns(SimpleType& made, XSSimpleTypeDefinition& step) {
        if (step.getDatatypeValidator() == nullptr) return;
        const auto get_pattern = &PatternAccess::getPattern;
        std::string pattern = utf8((step.getDatatypeValidator()->*get_pattern)());
        const bool known = std::any_of(made.patterns.begin(), made.patterns.end(),
                                       [&](const auto& other) { return other.front() == pattern; });
        if (pattern.empty() || known) return;
        if (!Pattern::compile(pattern)) unsupported_ = "the pattern '" + pattern + "'";
        made.patterns.push_back({std::move(pattern)});
    }

    static std::vector<std::string> texts_of(xercesc::StringList* list) {
        std::vector<std::string> texts;
        for (XMLSize_t i = 0; list != nullptr && i < list->size(); ++i) texts.push_back(utf8(list->elementAt(i)));
        return texts;
    }

    xercesc::XSModel& model_;
    GrammarTables tables_;
    std::string unsupported_;
    bool whitespace_known_ = false;  ///< while one simple type is made
    std::map<XSElementDeclaration*, Index> elements_;
    std::map<XSComplexTypeDefinition*, Index> complex_;
    std::map<XSSimpleTypeDefinition*, Index> simple_;
    std::map<XSWildcard*, Index> wildcards_;
    std::map<XSElementDeclaration*, std::set<std::pair<Name, XSElementDeclaration*>>> substitutes_;
    std::deque<XSElementDeclaration*> waiting_elements_;
    std::deque<XSComplexTypeDefinition*> waiting_types_;
};

}  // namespace

Result<GrammarTables> tables_of(xercesc::XSModel& model, const Name& root) {
    return Compiler(model).compile(root);
}

}  // namespace hansa::schema::bridge

namespace hansa::schema {

Result<Grammar> compile_xsd(const XsdSource& source) {
    auto loaded = bridge::load_schemas(source);
    if (!loaded) return loaded.error();
    auto tables = bridge::tables_of(*loaded->model, source.root);
    if (!tables) return tables.error();
    return Grammar::from_tables(std::move(*tables));
}

Result<std::vector<Name>> xsd_roots(const XsdSource& source) {
    auto loaded = bridge::load_schemas(source);
    if (!loaded) return loaded.error();
    std::vector<Name> names;
    auto* all = loaded->model->getComponents(xercesc::XSConstants::ELEMENT_DECLARATION);
    for (XMLSize_t i = 0; all != nullptr && i < all->getLength(); ++i) {
        names.push_back(bridge::name_of_component(*all->item(i)));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace hansa::schema
