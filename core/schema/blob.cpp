// The stored form of a grammar: one table of texts, then the tables in order.
//
// Numbers are LEB128 (7 bits a byte), texts are numbers into the text table. Whatever the bytes say,
// reading ends: each count is checked against what is left, each index against its table.

#include <map>

#include "core/schema/codes.h"
#include "core/schema/grammar.h"
#include "core/schema/grammar_data.h"

namespace hansa::schema {

namespace {

constexpr std::string_view magic = "HGRM";
constexpr std::uint32_t version = 1;

// --- writing -----------------------------------------------------------------------------------

class BlobWriter {
public:
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) body_ += static_cast<char>((value & 0x7F) | 0x80);
        body_ += static_cast<char>(value);
    }
    /// no_index and unbounded are written as 0, all else one higher.
    void index(Index value) { number(value == no_index ? 0 : std::uint64_t{value} + 1); }
    void text(const std::string& value) {
        const auto [place, fresh] = numbers_.emplace(value, texts_.size());
        if (fresh) texts_.push_back(&place->first);
        number(place->second);
    }
    void name(const Name& name) {
        text(name.ns);
        text(name.local);
    }
    template <class T>
    void flag(T value) {
        number(static_cast<std::uint64_t>(value));
    }
    template <class List, class Write>
    void list(const List& values, const Write& write) {
        number(values.size());
        for (const auto& value : values) write(value);
    }
    void texts(const std::vector<std::string>& values) {
        list(values, [&](const std::string& value) { text(value); });
    }
    void type(TypeRef type) {
        flag(type.simple);
        index(type.index);
    }

    std::string take() {
        BlobWriter head;
        head.number(version);
        head.number(texts_.size());
        for (const std::string* value : texts_) {
            head.number(value->size());
            head.body_ += *value;
        }
        return std::string(magic) + head.body_ + body_;
    }

private:
    std::string body_;
    std::map<std::string, std::size_t> numbers_;
    std::vector<const std::string*> texts_;
};

/// Bits of SimpleType's optional facets, in the order in which they follow.
void write_facets(BlobWriter& out, const SimpleType& type) {
    const std::optional<std::uint32_t>* numbers[] = {&type.length, &type.min_length, &type.max_length,
                                                     &type.total_digits, &type.fraction_digits};
    const std::optional<std::string>* texts[] = {&type.min_inclusive, &type.max_inclusive, &type.min_exclusive,
                                                 &type.max_exclusive};
    unsigned bits = 0;
    unsigned bit = 1;
    for (const auto* facet : numbers) bits |= facet->has_value() ? bit : 0, bit <<= 1;
    for (const auto* facet : texts) bits |= facet->has_value() ? bit : 0, bit <<= 1;
    out.number(bits);
    for (const auto* facet : numbers) {
        if (*facet) out.number(**facet);
    }
    for (const auto* facet : texts) {
        if (*facet) out.text(**facet);
    }
}

void write(BlobWriter& out, const SimpleType& type) {
    out.name(type.name);
    out.flag(type.built_in);
    out.flag(type.variety);
    out.flag(type.whitespace);
    write_facets(out, type);
    out.texts(type.enumeration);
    out.list(type.patterns, [&](const std::vector<std::string>& step) { out.texts(step); });
    out.index(type.item_type);
    out.list(type.members, [&](Index member) { out.index(member); });
}

void write(BlobWriter& out, const AttributeUse& use) {
    out.name(use.name);
    out.index(use.type);
    out.flag(use.required);
    out.flag(use.constraint);
    out.text(use.value);
}

void write(BlobWriter& out, const ComplexType& type) {
    out.name(type.name);
    out.type(type.base);
    out.flag(type.is_abstract);
    out.flag(type.content);
    out.index(type.simple_type);
    out.index(type.particle);
    out.list(type.attributes, [&](const AttributeUse& use) { write(out, use); });
    out.index(type.attribute_wildcard);
}

void write(BlobWriter& out, const ElementDecl& element) {
    out.name(element.name);
    out.type(element.type);
    out.number((element.nillable ? 1u : 0u) | (element.is_abstract ? 2u : 0u) | (element.global ? 4u : 0u));
    out.flag(element.constraint);
    out.text(element.value);
    out.texts(element.identities);
}

void write(BlobWriter& out, const Particle& particle) {
    out.flag(particle.kind);
    out.number(particle.min);
    out.index(particle.max);
    out.index(particle.term);
    out.number(particle.first);
    out.number(particle.count);
}

void write(BlobWriter& out, const Wildcard& wildcard) {
    out.flag(wildcard.process);
    out.flag(wildcard.allows);
    out.texts(wildcard.namespaces);
}

// --- reading -----------------------------------------------------------------------------------

/// Reads until something is wrong; after that everything is zero and `good` is false.
class BlobReader {
public:
    explicit BlobReader(std::string_view bytes) : rest_(bytes) {}

    bool good = true;
    bool done() const { return rest_.empty(); }

    bool head() {
        if (!rest_.starts_with(magic)) return false;
        rest_.remove_prefix(magic.size());
        if (number() != version) return false;
        for (std::size_t left = count(); good && left > 0; --left) {
            const std::uint64_t size = number();
            if (size > rest_.size()) return false;
            texts_.push_back(rest_.substr(0, size));
            rest_.remove_prefix(size);
        }
        return good;
    }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            if (rest_.empty()) break;
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if (byte < 0x80) return value;
        }
        good = false;
        return 0;
    }
    std::uint32_t number32() {
        const std::uint64_t value = number();
        if (value > 0xFFFFFFFFu) good = false;
        return static_cast<std::uint32_t>(value);
    }
    Index index() {
        const std::uint64_t value = number();
        if (value > 0xFFFFFFFFu) good = false;
        return value == 0 ? no_index : static_cast<Index>(value - 1);
    }
    /// How many things follow: each takes a byte at least.
    std::size_t count() {
        const std::uint64_t value = number();
        if (value > rest_.size()) good = false;
        return good ? static_cast<std::size_t>(value) : 0;
    }
    std::string text() {
        const std::uint64_t at = number();
        if (at >= texts_.size()) {
            good = false;
            return {};
        }
        return std::string(texts_[at]);
    }
    Name name() {
        Name made;
        made.ns = text();
        made.local = text();
        return made;
    }
    template <class T>
    void flag(T& into, T last) {
        const std::uint64_t value = number();
        if (value > static_cast<std::uint64_t>(last)) good = false;
        into = good ? static_cast<T>(value) : T{};
    }
    TypeRef type() {
        TypeRef made;
        flag(made.simple, true);
        made.index = index();
        return made;
    }
    template <class T, class Read>
    void list(std::vector<T>& into, const Read& read) {
        const std::size_t size = count();
        for (std::size_t i = 0; i < size && good; ++i) into.push_back(read());
    }
    void texts(std::vector<std::string>& into) {
        list(into, [&] { return text(); });
    }

private:
    std::string_view rest_;
    std::vector<std::string_view> texts_;
};

void read_facets(BlobReader& in, SimpleType& type) {
    std::optional<std::uint32_t>* numbers[] = {&type.length, &type.min_length, &type.max_length, &type.total_digits,
                                               &type.fraction_digits};
    std::optional<std::string>* texts[] = {&type.min_inclusive, &type.max_inclusive, &type.min_exclusive,
                                           &type.max_exclusive};
    std::uint64_t bits = in.number();
    for (auto* facet : numbers) {
        if ((bits & 1) != 0) *facet = in.number32();
        bits >>= 1;
    }
    for (auto* facet : texts) {
        if ((bits & 1) != 0) *facet = in.text();
        bits >>= 1;
    }
}

SimpleType read_simple_type(BlobReader& in) {
    SimpleType type;
    type.name = in.name();
    in.flag(type.built_in, BuiltIn::notation);
    in.flag(type.variety, Variety::union_);
    in.flag(type.whitespace, Whitespace::collapse);
    read_facets(in, type);
    in.texts(type.enumeration);
    in.list(type.patterns, [&] {
        std::vector<std::string> step;
        in.texts(step);
        return step;
    });
    type.item_type = in.index();
    in.list(type.members, [&] { return in.index(); });
    return type;
}

AttributeUse read_attribute(BlobReader& in) {
    AttributeUse use;
    use.name = in.name();
    use.type = in.index();
    in.flag(use.required, true);
    in.flag(use.constraint, ValueConstraint::fixed);
    use.value = in.text();
    return use;
}

ComplexType read_complex_type(BlobReader& in) {
    ComplexType type;
    type.name = in.name();
    type.base = in.type();
    in.flag(type.is_abstract, true);
    in.flag(type.content, Content::mixed);
    type.simple_type = in.index();
    type.particle = in.index();
    in.list(type.attributes, [&] { return read_attribute(in); });
    type.attribute_wildcard = in.index();
    return type;
}

ElementDecl read_element(BlobReader& in) {
    ElementDecl element;
    element.name = in.name();
    element.type = in.type();
    const std::uint64_t bits = in.number();
    element.nillable = (bits & 1) != 0;
    element.is_abstract = (bits & 2) != 0;
    element.global = (bits & 4) != 0;
    in.flag(element.constraint, ValueConstraint::fixed);
    element.value = in.text();
    in.texts(element.identities);
    return element;
}

Particle read_particle(BlobReader& in) {
    Particle particle;
    in.flag(particle.kind, Particle::Kind::all);
    particle.min = in.number32();
    particle.max = in.index();
    particle.term = in.index();
    particle.first = in.number32();
    particle.count = in.number32();
    return particle;
}

Wildcard read_wildcard(BlobReader& in) {
    Wildcard wildcard;
    in.flag(wildcard.process, Wildcard::Process::skip);
    in.flag(wildcard.allows, Wildcard::Allows::listed);
    in.texts(wildcard.namespaces);
    return wildcard;
}

// --- checks ------------------------------------------------------------------------------------

class TableCheck {
public:
    explicit TableCheck(const GrammarTables& tables) : tables_(tables) {}

    /// The first thing that is wrong; empty: nothing.
    std::string find() {
        if (tables_.root >= tables_.elements.size()) return "no root";
        for (const SimpleType& type : tables_.simple_types) check(type);
        for (const ComplexType& type : tables_.complex_types) check(type);
        for (const ElementDecl& element : tables_.elements) check(element.type);
        for (std::size_t i = 0; i < tables_.particles.size(); ++i) check(i, tables_.particles[i]);
        if (wrong_.empty()) check_depth();
        return wrong_;
    }

private:
    void demand(bool good, const char* what) {
        if (!good && wrong_.empty()) wrong_ = what;
    }
    bool simple(Index index) const { return index < tables_.simple_types.size(); }

    void check(TypeRef type) {
        const std::size_t size = type.simple ? tables_.simple_types.size() : tables_.complex_types.size();
        demand(type.index == no_index ? !type.simple : type.index < size, "a type that is not there");
    }
    void check(const SimpleType& type) {
        // Parts stand before the whole, so that no type is made of itself.
        const auto number = static_cast<Index>(&type - tables_.simple_types.data());
        if (type.variety == Variety::list) demand(type.item_type < number, "a list of no type");
        for (const Index member : type.members) demand(member < number, "a union with no member");
        for (const auto& step : type.patterns) demand(!step.empty(), "a step without pattern");
    }
    void check(const ComplexType& type) {
        check(type.base);
        demand(type.content != Content::simple || simple(type.simple_type), "simple content without type");
        demand(type.particle == no_index || type.particle < tables_.particles.size(), "a particle that is not there");
        for (const AttributeUse& use : type.attributes) demand(simple(use.type), "an attribute without type");
        demand(type.attribute_wildcard == no_index || type.attribute_wildcard < tables_.wildcards.size(),
               "a wildcard that is not there");
    }
    void check(std::size_t number, const Particle& particle) {
        demand(particle.min <= particle.max, "a minimum above its maximum");
        if (particle.kind == Particle::Kind::element) {
            demand(particle.term < tables_.elements.size(), "an element that is not there");
        } else if (particle.kind == Particle::Kind::any) {
            demand(particle.term < tables_.wildcards.size(), "a wildcard that is not there");
        } else {
            // Parts stand behind their group, so that no group is in itself.
            const std::uint64_t end = std::uint64_t{particle.first} + particle.count;
            demand(particle.count == 0 || (particle.first > number && end <= tables_.particles.size()),
                   "a group whose parts are not there");
        }
    }
    /// No part belongs to two groups, and groups nest at most 64 deep.
    void check_depth() {
        std::vector<std::uint8_t> depth(tables_.particles.size(), 0);
        for (std::size_t i = 0; i < tables_.particles.size(); ++i) {
            const Particle& particle = tables_.particles[i];
            if (particle.kind == Particle::Kind::element || particle.kind == Particle::Kind::any) continue;
            for (std::size_t part = particle.first; part < std::size_t{particle.first} + particle.count; ++part) {
                demand(depth[part] == 0 && depth[i] < 64, "groups nested too deep, or shared");
                if (!wrong_.empty()) return;
                depth[part] = static_cast<std::uint8_t>(depth[i] + 1);
            }
        }
    }

    const GrammarTables& tables_;
    std::string wrong_;
};

}  // namespace

Result<void> check_tables(const GrammarTables& tables) {
    const std::string wrong = TableCheck(tables).find();
    if (!wrong.empty()) return Error{codes::grammar_damaged, wrong};
    return {};
}

std::string Grammar::blob() const {
    const GrammarTables& tables = data_->tables;
    BlobWriter out;
    out.list(tables.simple_types, [&](const SimpleType& type) { write(out, type); });
    out.list(tables.complex_types, [&](const ComplexType& type) { write(out, type); });
    out.list(tables.elements, [&](const ElementDecl& element) { write(out, element); });
    out.list(tables.particles, [&](const Particle& particle) { write(out, particle); });
    out.list(tables.wildcards, [&](const Wildcard& wildcard) { write(out, wildcard); });
    out.index(tables.root);
    return out.take();
}

Result<Grammar> Grammar::load(std::string_view blob) {
    BlobReader in(blob);
    if (!in.head()) return Error{codes::grammar_damaged, "no compiled grammar of version " + std::to_string(version)};
    GrammarTables tables;
    in.list(tables.simple_types, [&] { return read_simple_type(in); });
    in.list(tables.complex_types, [&] { return read_complex_type(in); });
    in.list(tables.elements, [&] { return read_element(in); });
    in.list(tables.particles, [&] { return read_particle(in); });
    in.list(tables.wildcards, [&] { return read_wildcard(in); });
    tables.root = in.index();
    if (!in.good || !in.done()) return Error{codes::grammar_damaged, "the compiled grammar is cut or changed"};
    return from_tables(std::move(tables));
}

}  // namespace hansa::schema
