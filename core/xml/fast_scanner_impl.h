// The inside of the fast scanner: Scanner's own state and rules, and what the short ways remember.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "core/xml/fast_scanner.h"
#include "core/xml/scanner_impl.h"

namespace hansa::xml {

/// A name that was found good once, with what its prefix meant when that was last asked. Names are copied,
/// so that they stay known when the document is gone.
struct alignas(64) KnownName {
    static constexpr std::size_t bytes_max = 63;

    char bytes[64] = {};
    std::string_view ns;             ///< of an element of this name; good in `generation`
    std::uint64_t generation = 0;    ///< of the scope; 0: never asked
    std::uint64_t tag = 0;           ///< number of the tag that last had it as attribute
    KnownName* successor = nullptr;  ///< the name that came behind it as the next start tag
    TokenPiece::Kind start, end;     ///< of its tags; they hold its number, the place in Impl::names
    std::uint8_t size = 0;
    std::uint8_t prefix_size = 0;  ///< without the colon; 0: none
    bool declares = false;         ///< xmlns or xmlns:...

    std::uint16_t number() const { return start.name; }

    std::size_t local_begin() const { return prefix_size == 0 ? 0u : prefix_size + 1u; }
};

struct FastScanner::Impl : Scanner::Impl {
    using Piece = TokenPiece;

    /// An element that is open: as much as its end tag needs.
    struct Nested {
        const char* from;               ///< its '<'
        std::uint32_t bindings_before;  ///< declarations in scope outside of it
        std::uint32_t name;             ///< in `names`; 0: not known, Scanner's rules close it
    };
    /// The tokens looked ahead; their number.
    static constexpr std::size_t pieces_max = 64;

    Impl();

    void reset(std::string_view text_, const Limits& limits_, DeclaredEncoding declared_);
    /// One token by Scanner's rules, which becomes the only piece.
    bool slow_step();
    /// What the last token's end leaves to be done.
    void close_last();
    /// Takes up a name that is not there yet at its free place; the first name: it is none, or there are too many.
    KnownName* learn(std::string_view whole, std::uint16_t& free_place);
    /// Asks what the prefix means here; false: it is not declared, or the name is too long.
    bool resolve(KnownName& name);
    void make_token(const Piece& piece);
    std::size_t depth_at(const Piece* piece) const;
    void forget_names();
    void open_scope(const NamespaceDeclaration& made);
    void drop_scope(std::size_t bindings);
    void bring_open_up_to_date();

    // Names by a hash of places. They are never given up before reset(), so that a number is a name, and they never
    // move. The first one is no name and fits nowhere, since its byte is none of UTF-8.
    static constexpr std::size_t places = 1024;
    static constexpr std::size_t names_max = 700;
    static constexpr std::size_t tries = 8;  ///< places looked at for one name
    std::vector<KnownName> names;            ///< room for names_max + 1 from the begin
    std::array<std::uint16_t, places + tries> place_of{};
    bool names_ran_out = false;
    KnownName* last_name = nullptr;      ///< of the last start tag
    KnownName* last_resolved = nullptr;  ///< whose prefix was asked for last
    std::uint64_t tag = 0;               ///< counts the tags with attributes

    std::array<Piece, pieces_max> pieces;
    std::size_t piece_count = 0;
    bool piece_is_slow = false;
    /// Where a mended text stands; [n] of pieces[n].
    struct Place {
        std::size_t offset, end;
    };
    std::array<Place, pieces_max> mended;
    /// A value of `attributes` that lies in the scratch.
    struct MendedValue {
        std::size_t attribute, begin, size;
    };
    std::vector<MendedValue> mended_values;
    std::vector<KnownName*> attribute_names;  ///< of the tag that is read

    // All open elements from nested[1] to nested[depth]. Scanner's own `open` is only brought up to date when its
    // rules are asked; its first `up_to_date` elements are the same.
    std::vector<Nested> nested;
    std::size_t depth = 0;
    std::size_t depth_before = 0;  ///< when the pieces were begun
    std::size_t up_to_date = 0;
    bool leave_is_due = false;  ///< the last piece ends an element with declarations
    std::size_t leave_to = 0;

    /// All before it is UTF-8 of XML characters, so that short ways need not look.
    std::size_t checked_to = 0;
    bool checked_all = false;  ///< nothing more can be checked: the end, or a fault at checked_to

    // The scope in numbers: equal ones mean that every prefix means the same.
    std::uint64_t generation = 1;
    std::uint64_t generations_made = 1;
    std::vector<std::uint64_t> generations;  ///< [n]: while n declarations are in scope
};

}  // namespace hansa::xml
