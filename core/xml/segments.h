// What a writer leaves behind: bytes in order, some of which are digested, some delivered, some not
// yet known.
//
// A document that is sent is mostly the same bytes that its signature covers. Segments keep both
// readings of one list of pieces: `canonical` is what a digest sees, `with_outer` is what the receiver
// gets. Digest and delivery are two sinks over the same pieces, so they cannot differ.
//
//     hansa::Digest digest(DigestAlgorithm::sha256);
//     segments.flush_to({{&digest, xml::Which::canonical}, {&connection, xml::Which::with_outer}});
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sink.h"

namespace hansa::xml {

/// Who sees a piece.
enum class Part : std::uint8_t {
    canonical,       ///< both: the document itself
    outer,           ///< the receiver only: prolog, envelope, signature
    canonical_only,  ///< the digest only: namespace declarations that a subtree takes from outside
};

enum class Which : std::uint8_t { canonical, with_outer };

/// How the bytes that fill a hole are written.
enum class HoleForm : std::uint8_t {
    text,       ///< escaped as character data
    attribute,  ///< escaped as an attribute value
    raw,        ///< as they are: markup, such as a signature
};

/// A place that is filled later. Means something only to the Segments that gave it.
struct HoleId {
    std::size_t index = 0;
};

/// Where a flush goes, and what it sees.
struct Outlet {
    Sink* sink;
    Which which;
};

/// Grows at the end, holes are filled in any order, leaves from the front. Holds all bytes until they
/// are flushed. Movable; one thread at a time.
///
/// All faults are broken promises of our own code and throw BrokenPromise.
class Segments {
public:
    void append(std::string_view bytes, Part part);
    /// `name` is for messages: "MessageCount", "Signature".
    HoleId hole(std::string_view name, Part part, HoleForm form);
    /// The two halves of hole(), for who must sort before writing: a hole without a place, and its place.
    HoleId reserve(std::string_view name, Part part, HoleForm form);
    void place(HoleId hole);
    /// Once a hole. Text and attribute values must be XML characters (is_xml_text in characters.h).
    void fill(HoleId hole, std::string_view bytes);

    bool has_open_holes() const { return open_holes_ != 0; }
    /// Bytes that are held now; what was flushed is gone.
    std::size_t bytes_held() const { return bytes_held_; }

    /// Writes everything and keeps it. Promised: no hole is open and nothing was flushed.
    void write_to(Sink& sink, Which which) const;
    std::string text(Which which) const;

    /// Writes what stands before the first open hole to each outlet, and lets go of it.
    void flush_to(std::initializer_list<Outlet> outlets);

private:
    static constexpr std::size_t no_hole = static_cast<std::size_t>(-1);
    struct Piece {
        std::string bytes;  ///< of a hole: empty, its bytes stand in holes_
        Part part;
        std::size_t hole = no_hole;
    };
    struct Hole {
        std::string name;
        std::string bytes;
        Part part;
        HoleForm form;
        bool filled = false;
        bool placed = false;
    };
    Hole& find(HoleId hole);
    bool is_open(const Piece& piece) const;
    void write(const Piece& piece, Sink& sink, Which which) const;

    std::deque<Piece> pieces_;
    std::vector<Hole> holes_;
    std::size_t open_holes_ = 0;
    std::size_t bytes_held_ = 0;
    bool flushed_ = false;
};

}  // namespace hansa::xml
