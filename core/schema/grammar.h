// One grammar: what a document of one root may look like, compiled from its XSD files.
//
// The model is the schema's own: elements, types, particles, facets, by number instead of by name,
// so that it can be stored, loaded in well under a millisecond, and walked without a library.
// Xerces-C compiles it (XSModel) at build time, or at start for a folder without a compiler; nothing
// of Xerces is kept. Only what the root can reach is kept; where a wildcard stands, all global
// elements are, since the wildcard can reach them.
//
// Sources: XML Schema 1.0 Part 1 (components), Part 2 (types, section 4.3 facets, appendix F
//          regular expressions).
//
//     auto grammar = schema::compile_xsd({.file = "schemas/xx/orders.xsd", .root = {"", "OrderMessage"}});
//     if (!grammar) return grammar.error();
//     for (const schema::Child& child : grammar->children(grammar->root())) use(*child.element, child.min, child.max);
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/schema/tree.h"

namespace hansa::schema {

/// Number of a thing in its table below.
using Index = std::uint32_t;
inline constexpr Index no_index = 0xFFFFFFFFu;
inline constexpr std::uint32_t unbounded = 0xFFFFFFFFu;

/// The built-in type that a simple type descends from, the nearest one (token before string).
/// Values are stored in compiled grammars: add at the end.
enum class BuiltIn : std::uint8_t {
    any_simple,
    string,
    normalized_string,
    token,
    language,
    nmtoken,
    nmtokens,
    name,
    ncname,
    id,
    idref,
    idrefs,
    entity,
    entities,
    boolean,
    decimal,
    integer,
    non_positive_integer,
    negative_integer,
    non_negative_integer,
    positive_integer,
    long_,
    int_,
    short_,
    byte_,
    unsigned_long,
    unsigned_int,
    unsigned_short,
    unsigned_byte,
    float_,
    double_,
    duration,
    date_time,
    time,
    date,
    g_year_month,
    g_year,
    g_month_day,
    g_day,
    g_month,
    hex_binary,
    base64_binary,
    any_uri,
    qname,
    notation
};

/// The primitive family that decides how values compare and which facets count.
enum class Primitive : std::uint8_t { text, boolean, decimal, floating, duration, moment, binary, name, uri };
Primitive primitive_of(BuiltIn type);
/// "xs:token" and so on, for messages.
std::string_view name_of(BuiltIn type);

enum class Variety : std::uint8_t { atomic, list, union_ };
enum class Whitespace : std::uint8_t { preserve, replace, collapse };

/// A simple type with all facets that bind it, inherited ones included. Lengths count characters
/// (Unicode code points), octets for binary types, items for lists.
struct SimpleType {
    Name name;  ///< empty local name: anonymous
    BuiltIn built_in = BuiltIn::any_simple;
    Variety variety = Variety::atomic;
    Whitespace whitespace = Whitespace::preserve;
    std::optional<std::uint32_t> length, min_length, max_length, total_digits, fraction_digits;
    std::optional<std::string> min_inclusive, max_inclusive, min_exclusive, max_exclusive;
    std::vector<std::string> enumeration;
    /// One entry a derivation step: the value must match one pattern of each.
    std::vector<std::vector<std::string>> patterns;
    Index item_type = no_index;  ///< of a list
    std::vector<Index> members;  ///< of a union, in order
};

/// What an element's content is made of.
enum class Content : std::uint8_t { empty, simple, elements, mixed };

/// A type by its kind and number.
struct TypeRef {
    bool simple = true;
    Index index = no_index;  ///< no_index: xs:anyType
    friend bool operator==(const TypeRef&, const TypeRef&) = default;
};

enum class ValueConstraint : std::uint8_t { none, default_, fixed };

struct AttributeUse {
    Name name;
    Index type = no_index;  ///< simple type
    bool required = false;
    ValueConstraint constraint = ValueConstraint::none;
    std::string value;  ///< the default or fixed one
};

/// xs:any and xs:anyAttribute.
struct Wildcard {
    enum class Process : std::uint8_t { strict, lax, skip };
    enum class Allows : std::uint8_t { any, other, listed };
    Process process = Process::strict;
    Allows allows = Allows::any;
    /// `listed`: the namespaces, "" for none. `other`: the one that is excluded (and none).
    std::vector<std::string> namespaces;

    bool admits(std::string_view ns) const;
};

/// A place in a content model. A group's parts stand side by side in the table of particles.
struct Particle {
    enum class Kind : std::uint8_t { element, any, sequence, choice, all };
    Kind kind = Kind::sequence;
    std::uint32_t min = 1, max = 1;      ///< max may be `unbounded`
    Index term = no_index;               ///< element: of elements; any: of wildcards
    std::uint32_t first = 0, count = 0;  ///< groups: their parts
};

struct ComplexType {
    Name name;  ///< empty local name: anonymous
    TypeRef base;
    bool is_abstract = false;
    Content content = Content::empty;
    Index simple_type = no_index;          ///< of simple content
    Index particle = no_index;             ///< of element and mixed content; none: nothing may stand inside
    std::vector<AttributeUse> attributes;  ///< by name
    Index attribute_wildcard = no_index;
};

struct ElementDecl {
    Name name;
    TypeRef type;
    bool nillable = false;
    bool is_abstract = false;
    bool global = false;
    ValueConstraint constraint = ValueConstraint::none;
    std::string value;  ///< the default or fixed one
    std::vector<std::string>
        identities;  ///< "key NAME selector | field | field", "keyref NAME REFERS selector | field"
};

/// All tables of a grammar. Everything refers by Index; index ranges are checked when loaded.
struct GrammarTables {
    std::vector<ElementDecl> elements;
    std::vector<ComplexType> complex_types;
    std::vector<SimpleType> simple_types;
    std::vector<Particle> particles;
    std::vector<Wildcard> wildcards;
    Index root = no_index;
};

/// A child of an element as its content model allows it, however deep in groups it stands.
struct Child {
    const ElementDecl* element = nullptr;
    std::uint32_t min = 0;   ///< 0 also where a choice or an optional group makes it optional
    std::uint32_t max = 1;   ///< of all places together; may be `unbounded`
    bool in_choice = false;  ///< one of several ways
};

/// Where a path of local names leads.
struct Target {
    const ElementDecl* element = nullptr;     ///< the element, or the one that has the attribute
    const AttributeUse* attribute = nullptr;  ///< set for ".../@name"
};

/// Whole and part digits that a number may have.
struct Digits {
    std::optional<std::uint32_t> total, fraction;
};

/// Immutable once made; any number of threads may use one. Copies share the tables. Pointers and
/// spans live as long as any copy.
class Grammar {
public:
    const GrammarTables& tables() const;
    const ElementDecl& root() const;
    /// Global elements that are kept: the root, and the wildcards' candidates.
    const ElementDecl* global(std::string_view local, std::string_view ns) const;

    // --- walking ---

    /// The children of an element in schema order, each name once, with its cardinality. Elements
    /// that only a wildcard admits are not among them.
    std::span<const Child> children(const ElementDecl& element) const;
    /// nullptr: none. Without `ns`: the first of this local name.
    const Child* child(const ElementDecl& element, std::string_view local,
                       std::optional<std::string_view> ns = std::nullopt) const;
    std::span<const AttributeUse> attributes(const ElementDecl& element) const;
    const AttributeUse* attribute(const ElementDecl& element, std::string_view local,
                                  std::optional<std::string_view> ns = std::nullopt) const;
    /// True where the content model has an xs:any.
    bool has_wildcard(const ElementDecl& element) const;
    Content content(const ElementDecl& element) const;
    /// The type of the element's text; nullptr when it holds elements or nothing.
    const SimpleType* text_type(const ElementDecl& element) const;
    const SimpleType& type(const AttributeUse& attribute) const;

    /// Follows local names, "A/B/@c", from `from` downwards. A prefix (`x:B`) is not looked at.
    /// Errors: schema.path-unknown, naming the step
    Result<Target> find(const ElementDecl& from, std::string_view path) const;

    // --- leaves: elements with text, and attributes ---

    /// Paths of all leaves at and below `from`, relative to it ("A/B", "A/@c", "" for itself), in
    /// schema order. A type that is being walked already is not entered again, so that recursion ends.
    std::vector<std::string> leaf_paths(const ElementDecl& from, std::size_t leaves_max = 100'000) const;
    std::size_t leaf_count(const ElementDecl& from) const;

    // --- values ---

    /// The value after the type's white space rule.
    static std::string normalised(const SimpleType& type, std::string_view text);

    /// Is the text a value of the type? The text is normalised first.
    /// Errors: schema.type, schema.pattern, schema.length, schema.enumeration, schema.digits, schema.range
    Result<void> check_value(const SimpleType& type, std::string_view text) const;

    /// Longest value in characters, from length, maxLength or the enumeration.
    static std::optional<std::uint32_t> max_length(const SimpleType& type);
    static Digits digits(const SimpleType& type);

    // --- stored form ---

    /// Compact, versioned, the same bytes for the same grammar.
    std::string blob() const;
    /// The blob may come from anywhere: every count, index and length is checked.
    /// Errors: schema.grammar-damaged
    static Result<Grammar> load(std::string_view blob);
    /// For loaders of other schema languages, and for tests. Errors: schema.grammar-damaged
    static Result<Grammar> from_tables(GrammarTables tables);

private:
    struct Data;
    explicit Grammar(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
    std::shared_ptr<const Data> data_;
};

/// Gives the text of a schema by the location that an include or import names, resolved against
/// the file that names it; nothing: there is none.
using SchemaResolver = std::function<std::optional<std::string>(const std::string& location)>;

/// What to compile. Locations are paths; nothing is ever fetched from a network.
struct XsdSource {
    std::string file;  ///< the main schema: a path, or a name that `resolve` knows
    Name root;         ///< empty `ns`: the only global element of this local name, whatever its namespace
    /// Empty: files are read from the file system, and only below the main file's folder's parent.
    SchemaResolver resolve;
};

/// Compiles through Xerces-C. `[-]` in patterns, legal but refused by Xerces-C, is read as `[\-]`.
///
/// Errors: schema.grammar-invalid (any error of the schema processor: it returns half a grammar
///         otherwise), schema.root-unknown, schema.grammar-unsupported, base.file-unreadable
/// Cost: 20 to 150 ms. Safe from any thread.
Result<Grammar> compile_xsd(const XsdSource& source);

/// Local names and namespaces of all global elements of a schema: the roots to choose from.
Result<std::vector<Name>> xsd_roots(const XsdSource& source);

}  // namespace hansa::schema
