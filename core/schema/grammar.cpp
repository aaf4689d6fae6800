#include "core/schema/grammar.h"

#include <algorithm>
#include <array>

#include "core/schema/codes.h"
#include "core/schema/grammar_data.h"

namespace hansa::schema {

namespace {

std::uint32_t saturating_sum(std::uint32_t a, std::uint32_t b) {
    return a > unbounded - b ? unbounded : a + b;
}

std::uint32_t saturating_product(std::uint32_t a, std::uint32_t b) {
    if (a == 0 || b == 0) return 0;
    return a > unbounded / b ? unbounded : a * b;
}

/// What the groups around a particle make of its cardinality.
struct Around {
    std::uint32_t min = 1, max = 1;
    bool in_choice = false;
};

/// Collects the element particles below one, each name once, in order.
class ChildCollector {
public:
    ChildCollector(const GrammarTables& tables, std::vector<Child>& children) : tables_(tables), children_(children) {}

    void collect(Index number, Around around) {
        const Particle& particle = tables_.particles[number];
        if (particle.max == 0) return;
        const std::uint32_t min = saturating_product(around.min, particle.min);
        const std::uint32_t max = saturating_product(around.max, particle.max);
        if (particle.kind == Particle::Kind::element) {
            keep({&tables_.elements[particle.term], min, max, around.in_choice});
        } else if (particle.kind == Particle::Kind::any) {
            wildcard = true;
        } else {
            const bool choice = particle.kind == Particle::Kind::choice && particle.count > 1;
            // What several branches of a choice have stands as often as in the one that has most of it.
            std::vector<Child> most;
            for (Index part = particle.first; part < particle.first + particle.count; ++part) {
                if (!choice) {
                    collect(part, {min, max, around.in_choice});
                    continue;
                }
                std::vector<Child> branch;
                ChildCollector collector(tables_, branch);
                collector.collect(part, {0, max, true});
                wildcard = wildcard || collector.wildcard;
                for (const Child& child : branch) {
                    Child* known = same_in(most, child);
                    if (known)
                        known->max = std::max(known->max, child.max);
                    else
                        most.push_back(child);
                }
            }
            for (const Child& child : most) keep(child);
        }
    }

    bool wildcard = false;

private:
    static Child* same_in(std::vector<Child>& children, const Child& child) {
        const auto same = std::find_if(children.begin(), children.end(),
                                       [&](const Child& known) { return known.element->name == child.element->name; });
        return same == children.end() ? nullptr : &*same;
    }

    void keep(const Child& child) {
        Child* same = same_in(children_, child);
        if (!same) {
            children_.push_back(child);
            return;
        }
        same->min = saturating_sum(same->min, child.min);
        same->max = saturating_sum(same->max, child.max);
        same->in_choice = same->in_choice && child.in_choice;
    }

    const GrammarTables& tables_;
    std::vector<Child>& children_;
};

std::string_view without_prefix(std::string_view step) {
    const std::size_t colon = step.find(':');
    return colon == std::string_view::npos ? step : step.substr(colon + 1);
}

/// Walks all leaves; a complex type that stands above is not entered again.
class LeafWalk {
public:
    LeafWalk(const Grammar& grammar, std::size_t leaves_max) : grammar_(grammar), leaves_max_(leaves_max) {}

    template <class Take>
    void walk(const ElementDecl& element, std::string& path, const Take& take) {
        for (const AttributeUse& attribute : grammar_.attributes(element)) {
            if (count_++ >= leaves_max_) return;
            take(path + (path.empty() ? "@" : "/@") + attribute.name.local);
        }
        if (grammar_.text_type(element) != nullptr) {
            if (count_++ < leaves_max_) take(path);
            return;
        }
        const auto children = grammar_.children(element);
        if (children.empty() || open(element.type)) return;
        above_.push_back(element.type);
        for (const Child& child : children) {
            if (count_ >= leaves_max_) break;
            const std::size_t size = path.size();
            if (size != 0) path += '/';
            path += child.element->name.local;
            walk(*child.element, path, take);
            path.resize(size);
        }
        above_.pop_back();
    }

private:
    bool open(TypeRef type) const { return std::find(above_.begin(), above_.end(), type) != above_.end(); }

    const Grammar& grammar_;
    std::size_t leaves_max_;
    std::size_t count_ = 0;
    std::vector<TypeRef> above_;
};

}  // namespace

// --- names of built-in types -------------------------------------------------------------------

std::string_view name_of(BuiltIn type) {
    static constexpr std::array<std::string_view, 45> names{"xs:anySimpleType",
                                                            "xs:string",
                                                            "xs:normalizedString",
                                                            "xs:token",
                                                            "xs:language",
                                                            "xs:NMTOKEN",
                                                            "xs:NMTOKENS",
                                                            "xs:Name",
                                                            "xs:NCName",
                                                            "xs:ID",
                                                            "xs:IDREF",
                                                            "xs:IDREFS",
                                                            "xs:ENTITY",
                                                            "xs:ENTITIES",
                                                            "xs:boolean",
                                                            "xs:decimal",
                                                            "xs:integer",
                                                            "xs:nonPositiveInteger",
                                                            "xs:negativeInteger",
                                                            "xs:nonNegativeInteger",
                                                            "xs:positiveInteger",
                                                            "xs:long",
                                                            "xs:int",
                                                            "xs:short",
                                                            "xs:byte",
                                                            "xs:unsignedLong",
                                                            "xs:unsignedInt",
                                                            "xs:unsignedShort",
                                                            "xs:unsignedByte",
                                                            "xs:float",
                                                            "xs:double",
                                                            "xs:duration",
                                                            "xs:dateTime",
                                                            "xs:time",
                                                            "xs:date",
                                                            "xs:gYearMonth",
                                                            "xs:gYear",
                                                            "xs:gMonthDay",
                                                            "xs:gDay",
                                                            "xs:gMonth",
                                                            "xs:hexBinary",
                                                            "xs:base64Binary",
                                                            "xs:anyURI",
                                                            "xs:QName",
                                                            "xs:NOTATION"};
    return names[static_cast<std::size_t>(type)];
}

Primitive primitive_of(BuiltIn type) {
    if (type <= BuiltIn::entities) return Primitive::text;
    if (type == BuiltIn::boolean) return Primitive::boolean;
    if (type <= BuiltIn::unsigned_byte) return Primitive::decimal;
    if (type <= BuiltIn::double_) return Primitive::floating;
    if (type == BuiltIn::duration) return Primitive::duration;
    if (type <= BuiltIn::g_month) return Primitive::moment;
    if (type <= BuiltIn::base64_binary) return Primitive::binary;
    return type == BuiltIn::any_uri ? Primitive::uri : Primitive::name;
}

bool Wildcard::admits(std::string_view ns) const {
    const bool listed = std::find(namespaces.begin(), namespaces.end(), ns) != namespaces.end();
    if (allows == Allows::any) return true;
    return allows == Allows::listed ? listed : !listed && !ns.empty();
}

// --- making ------------------------------------------------------------------------------------

Result<Grammar> Grammar::from_tables(GrammarTables tables) {
    if (auto good = check_tables(tables); !good) return good.error();
    auto data = std::make_shared<Data>();
    data->tables = std::move(tables);
    const GrammarTables& kept = data->tables;
    data->children.resize(kept.complex_types.size());
    data->wildcard_inside.resize(kept.complex_types.size());
    for (std::size_t i = 0; i < kept.complex_types.size(); ++i) {
        if (kept.complex_types[i].particle == no_index) continue;
        ChildCollector collector(kept, data->children[i]);
        collector.collect(kept.complex_types[i].particle, {});
        data->wildcard_inside[i] = collector.wildcard;
    }
    data->patterns = std::make_unique<CompiledPatterns[]>(kept.simple_types.size());
    return Grammar(std::move(data));
}

// --- walking -----------------------------------------------------------------------------------

const GrammarTables& Grammar::tables() const {
    return data_->tables;
}

const ElementDecl& Grammar::root() const {
    return data_->tables.elements[data_->tables.root];
}

const ElementDecl* Grammar::global(std::string_view local, std::string_view ns) const {
    for (const ElementDecl& element : data_->tables.elements) {
        if (element.global && element.name.local == local && element.name.ns == ns) return &element;
    }
    return nullptr;
}

std::span<const Child> Grammar::children(const ElementDecl& element) const {
    if (data_->complex_type(element) == nullptr) return {};
    return data_->children[element.type.index];
}

const Child* Grammar::child(const ElementDecl& element, std::string_view local,
                            std::optional<std::string_view> ns) const {
    for (const Child& child : children(element)) {
        if (child.element->name.local == local && (!ns || child.element->name.ns == *ns)) return &child;
    }
    return nullptr;
}

std::span<const AttributeUse> Grammar::attributes(const ElementDecl& element) const {
    const ComplexType* type = data_->complex_type(element);
    if (type == nullptr) return {};
    return type->attributes;
}

const AttributeUse* Grammar::attribute(const ElementDecl& element, std::string_view local,
                                       std::optional<std::string_view> ns) const {
    for (const AttributeUse& use : attributes(element)) {
        if (use.name.local == local && (!ns || use.name.ns == *ns)) return &use;
    }
    return nullptr;
}

bool Grammar::has_wildcard(const ElementDecl& element) const {
    return data_->complex_type(element) != nullptr && data_->wildcard_inside[element.type.index];
}

Content Grammar::content(const ElementDecl& element) const {
    if (const ComplexType* type = data_->complex_type(element)) return type->content;
    return element.type.simple ? Content::simple : Content::mixed;
}

const SimpleType* Grammar::text_type(const ElementDecl& element) const {
    if (element.type.index == no_index) return nullptr;
    if (element.type.simple) return &data_->tables.simple_types[element.type.index];
    const ComplexType& type = data_->tables.complex_types[element.type.index];
    return type.content == Content::simple ? &data_->tables.simple_types[type.simple_type] : nullptr;
}

const SimpleType& Grammar::type(const AttributeUse& attribute) const {
    return data_->tables.simple_types[attribute.type];
}

Result<Target> Grammar::find(const ElementDecl& from, std::string_view path) const {
    Target target{&from, nullptr};
    if (path.starts_with('/')) path.remove_prefix(1);
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view step = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (step == ".") continue;
        if (step.starts_with('@') && path.empty()) {
            target.attribute = attribute(*target.element, without_prefix(step.substr(1)));
            if (target.attribute != nullptr) return target;
        } else if (const Child* next = child(*target.element, without_prefix(step))) {
            target.element = next->element;
            continue;
        }
        return Error{codes::path_unknown, "'" + target.element->name.local + "' has no '" + std::string(step) + "'"};
    }
    return target;
}

std::vector<std::string> Grammar::leaf_paths(const ElementDecl& from, std::size_t leaves_max) const {
    std::vector<std::string> paths;
    std::string path;
    LeafWalk(*this, leaves_max).walk(from, path, [&](std::string leaf) { paths.push_back(std::move(leaf)); });
    return paths;
}

std::size_t Grammar::leaf_count(const ElementDecl& from) const {
    return leaf_paths(from).size();
}

}  // namespace hansa::schema
