// A grammar as an automaton: which tag may stand next, and where that leads.
//
// Each content model becomes states; an edge is an element or a wildcard that may come, in schema order. XML
// Schema demands that the next name alone decides (Unique Particle Attribution), so one edge at most fits.
// A particle with bounds keeps its count beside the state; groups with bounds are unrolled; an xs:all
// keeps which of its members were there. Simple types are programs (type_program.h).
//
//     auto compiled = schema::CompiledGrammar::compile(*format.grammar);
//     schema::FastReader reader(*compiled);  // compiled_reader.h
//
// Source: XML Schema 1.0 Part 1, sections 3.4, 3.8, 3.9 and appendix H.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/schema/grammar.h"
#include "core/schema/path_table.h"
#include "core/schema/type_program.h"

namespace hansa::schema {

/// Number of an element name, and of a namespace, that the grammar knows.
using SymbolIndex = std::uint32_t;
using NamespaceIndex = std::uint32_t;

/// Something that may stand next.
struct ModelEdge {
    SymbolIndex symbol = no_index;  ///< of an element; no_index: a wildcard
    Index target = no_index;        ///< of elements, or of wildcards
    std::uint32_t next = 0;         ///< state
    std::uint32_t ordinal = 0;      ///< place among the children that PathTable lists
    bool again = false;             ///< the particle of the state itself, once more
};

/// Behind some particle, or at the start.
struct ModelState {
    std::uint32_t first_edge = 0, edge_count = 0;
    bool accepts = false;              ///< the content may end here
    bool counts = false;               ///< its particle has bounds, which hold for going on:
    std::uint32_t min = 0, max = 1;    ///< it must have stood `min` times before another follows
    Index element = no_index;          ///< of the particle; no_index: the start, or a wildcard's
    std::uint32_t ordinal = no_index;  ///< as of the edges that lead here
};

/// The same in short, for the predicted path: which states may follow, in `steps()`.
struct ShortState {
    static constexpr std::uint32_t again = 0x80000000u;  ///< in a step: the state itself, once more
    static constexpr std::uint16_t steps_max = 32;       ///< what comes later is not tried
    std::uint32_t first = 0;
    std::uint16_t count = 0;
    bool accepts = false, counts = false;
};

struct CompiledType {
    Content content = Content::empty;
    bool anything = false;  ///< xs:anyType
    bool is_abstract = false;
    bool is_all = false;  ///< edge i of the only state is member i of an xs:all
    std::uint64_t all_required = 0;
    std::uint32_t start = 0;   ///< state
    Index text = no_index;     ///< simple type of simple content
    Index complex = no_index;  ///< in the grammar's table
    std::uint32_t attribute_count = 0;
    std::uint64_t required = 0;  ///< a bit for each required attribute
};

/// What the reader must know when an element's tag is met.
struct CompiledElement {
    enum class Way : std::uint8_t {
        text,      ///< holds a value, and needs no attribute
        words,     ///< may hold elements or words, and needs neither these nor an attribute
        children,  ///< holds elements only, and needs no attribute
        careful,   ///< anything else
    };
    Way way = Way::careful;
    SymbolIndex symbol = no_index;
    std::uint32_t type = 0;  ///< of types()
    Index text = no_index;   ///< simple type of its text
    std::uint32_t start = 0;
    bool has_fixed = false, has_default = false;
    std::uint32_t child_count = 0;  ///< as Grammar::children lists them
};

struct Symbol {
    NamespaceIndex ns = 0;
    std::string_view local;
};

/// Immutable, shared by threads.
class CompiledGrammar {
public:
    /// `inner` as in PathTable::of.
    /// Errors: schema.grammar-unsupported   identity constraints; a content model with more than 200,000 states
    /// Cost: a few ms.
    static Result<std::shared_ptr<const CompiledGrammar>> compile(const Grammar& grammar, std::string_view inner = {});

    const Grammar& grammar() const { return paths_.grammar(); }
    const PathTable& paths() const { return paths_; }
    const TypePrograms& programs() const { return programs_; }

    const std::vector<ModelState>& states() const { return states_; }
    const std::vector<ModelEdge>& edges() const { return edges_; }
    const std::vector<ShortState>& short_states() const { return short_states_; }
    const std::vector<std::uint32_t>& steps() const { return steps_; }
    const std::vector<CompiledType>& types() const { return types_; }
    const std::vector<CompiledElement>& elements() const { return elements_; }
    const std::vector<Symbol>& symbols() const { return symbols_; }
    const std::vector<std::string>& namespaces() const { return namespaces_; }
    bool has_identifiers() const { return has_identifiers_; }  ///< ID or IDREF anywhere

    /// no_index: the grammar does not know it.
    NamespaceIndex namespace_of(std::string_view uri) const;
    SymbolIndex symbol_of(NamespaceIndex ns, std::string_view local) const;
    /// The global element of this name. no_index: there is none.
    Index global(SymbolIndex symbol) const { return symbol == no_index ? no_index : globals_[symbol]; }

private:
    explicit CompiledGrammar(PathTable paths) : paths_(std::move(paths)), programs_(paths_.grammar()) {}
    friend class GrammarCompilation;

    PathTable paths_;
    TypePrograms programs_;
    std::vector<ModelState> states_;
    std::vector<ModelEdge> edges_;
    std::vector<ShortState> short_states_;
    std::vector<std::uint32_t> steps_;
    std::vector<CompiledType> types_;
    std::vector<CompiledElement> elements_;
    std::vector<Symbol> symbols_;
    std::vector<std::string> namespaces_;
    std::vector<Index> globals_;  ///< by symbol
    std::unordered_map<std::string_view, std::vector<SymbolIndex>> by_local_;
    bool has_identifiers_ = false;
};

}  // namespace hansa::schema
