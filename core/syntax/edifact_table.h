// The table of a UN/EDIFACT message: its segments, their order and groups, and how elements of the tree are called.
//
//     message CUSDEC:D:96B:UN
//     levels  UNOB UNOC UNOY                     # repertoires that are written: the first that has all characters
//     segment NAD  3035 C082(3039 1131 3055) C058(3124*5) C080(3036*5 3045) C059(3042*4) 3164 3229 3251 3207
//     body
//       BGM
//       LOC_96                                   # LOC whose first component says 96; the element is called LOC_96
//       LOC                                      # any other LOC
//       MEA_AAE_G                                # MEA whose second element, besides, begins with G
//       SG6_IM                                   # a group; its first line is what begins it, and says IM
//         NAD
//         CTA
//       UNS+D                                    # divides the message; read, written, and not in the tree
//
// `3036>5` are five that are read as filled from the first on: an empty line among them says nothing. `segment FTX_CCI
// ...` defines the segments of that name alone.
//
// A group is called SG and its number, a data element e and its number, a composite by its number; what stands several
// times in one is numbered: e3036_1, C246_2. Lines of one tag that follow each other are alternatives, and stand in the
// tree in the table's order. What a line's name says of the first component is not in the tree again.
//
// The root holds UNB, then one element a message, called as the message's type, which begins with UNH. UNB and UNH are
// known here; repertoire, version, counts, UNT and UNZ are the syntax's own.
//
// Sources: ISO 9735; the directories of UN/EDIFACT (segment definitions are each table's own).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/schema/grammar.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax::edifact {

struct ComponentShape {
    std::string name;        ///< "e3039"; empty: not in the tree
    bool in_tree = true;     ///< false: the schema does not have it
    bool decimal = false;    ///< a number, whose mark may be the interchange's own
    bool closes_up = false;  ///< one of several that are filled from the first on, whichever the interchange fills
};

struct ElementShape {
    std::string name;  ///< "C082"; empty: a simple element, whose only component stands in the segment itself
    std::vector<ComponentShape> components;
};

using SegmentShape = std::vector<ElementShape>;

struct Line {
    enum class Kind { segment, group, divider };
    Kind kind = Kind::segment;
    std::string name;         ///< of the element
    std::string tag;          ///< of the segment, or of the one that begins the group
    std::string qualifier;    ///< that its first component says; empty: any
    std::string second;       ///< that the first component of its second element says; empty: any
    SegmentShape shape;       ///< of a segment
    std::vector<Line> lines;  ///< of a group: what begins it is the first
};

struct Table {
    std::string type;                 ///< "CUSDEC:D:96B:UN"
    std::string message;              ///< "CUSDEC"
    std::vector<std::string> levels;  ///< never empty
    std::string ns, root;             ///< of the tree
    SegmentShape unb, unh;
    std::vector<Line> body;
};

/// Errors: syntax.table-invalid, each with file and line
Result<Table> read_table(const Source& source, Diagnostics& faults);

}  // namespace hansa::syntax::edifact
