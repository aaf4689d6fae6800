// The compiled reader: one pass over the bytes says whether a document is valid, and what stands in it.
//
// The schema says which tag may stand next, and the document shows early how its writer spells tags; so
// a tag is one comparison with a prepared pattern, and the end of a text, its characters and its length
// come from the same loads (predicted_body.h). What differs from the prediction (a comment, a reference,
// another prefix, other attributes than last time) is read by the general path (general_path.cpp), which takes anything
// that is well-formed, and prediction goes on behind it. The verdict is that of schema::Validator; so is
// the first fault, which a second walk finds when there is one (fault_finder.h).
//
// What the reader does not judge it says: a document that uses xsi:type ends with schema.undecided, and
// the reference way reads it.
//
//     schema::FastReader reader(compiled);
//     const schema::PathIndex cut = compiled->paths().find("Order");
//     if (auto good = reader.open(bytes, {&cut, 1}, faults); !good) return good.error();
//     for (;;) {
//         auto step = reader.next();
//         if (!step) return step.error();
//         translate(reader.tape());
//         if (*step == schema::ReadStep::end) break;   // only now is the whole known to be valid
//         reader.tape().truncate(reader.tape().floor());
//     }
//
// Sources: XML 1.0, fifth edition; Namespaces in XML 1.0, third edition; XML Schema 1.0 Parts 1 and 2.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/schema/compiled_grammar.h"
#include "core/schema/tape.h"
#include "core/xml/lanes.h"
#include "core/xml/scanner.h"

namespace hansa::schema {

enum class ReadStep : std::uint8_t {
    cut,  ///< a member of a cut ended
    end,  ///< the document ended and is valid
};

/// In the document's canonical form its bytes [offset, offset + size) read `text`.
struct CanonicalPatch {
    std::uint32_t offset = 0, size = 0;
    std::string_view text;
};

/// How the bytes of the last document were read. Counts of elements.
struct ReadCounts {
    std::uint64_t predicted = 0, general = 0;
};

/// One thread; reused for message after message, it keeps its memory.
class FastReader {
public:
    /// Every level reads the same; it must be one that this machine supports.
    explicit FastReader(std::shared_ptr<const CompiledGrammar> grammar,
                        xml::lanes::Level level = xml::lanes::best_level());
    FastReader(FastReader&&) noexcept;
    FastReader& operator=(FastReader&&) noexcept;
    ~FastReader();

    /// Begins a document. `bytes` must outlive the reading; they are read as they are when they are UTF-8,
    /// and converted first otherwise (xml/encoding.h). `cuts` are paths of elements at whose end next()
    /// returns. The first fault goes to `faults`, which must live until the end.
    ///
    /// Errors: those of xml/encoding.h; xml.too-large above limits.document_bytes_max, and above 4 GB
    Result<void> open(std::string_view bytes, std::span<const PathIndex> cuts, Diagnostics& faults,
                      const xml::Limits& limits = {});

    /// Reads on to the end of the next member of a cut, or to the end of the document. What was cut off
    /// before may belong to a document that is not valid: that is known at `end` only.
    ///
    /// Errors: as Validator::validate gives the first one, with element path, line and column;
    ///         schema.undecided   the document uses what only the reference way judges
    Result<ReadStep> next();

    /// After ReadStep::cut: which of the cuts it was. Its element is the outermost that ends where the tape does.
    PathIndex cut() const;

    const Tape& tape() const;
    Tape& tape();

    /// The UTF-8 text that offsets count in: the bytes given, or what they were converted to.
    std::string_view text() const;

    /// Makes the next documents keep what canonical_patches() gives.
    void keep_canonical_patches(bool keep);
    /// What makes of root_text() its Canonical XML 1.0 (inclusive, without comments), in order of offsets: what
    /// is read as predicted is canonical already. Good until the next document is opened.
    /// Nothing: not kept, the document has not ended, or it holds what this does not say (carriage returns,
    /// instructions, more than 10,000 patches).
    std::optional<std::span<const CanonicalPatch>> canonical_patches() const;
    /// From `<root` to `</root>`, once the document has ended.
    std::string_view root_text() const;

    ReadCounts counts() const;

    struct Core;  ///< reader_core.h, for the reader's own sources

private:
    std::unique_ptr<Core> core_;
};

}  // namespace hansa::schema
