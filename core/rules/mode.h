// Modes of trade: which documents a declaration under each of them needs, and which of them are missing.
//
//     modes cn
//     mode cn.9610-import
//       text     "Retail goods that come directly."
//       over     declaration
//       severity refuse
//       source   "..."
//       when     DirectionCode = "I"
//       when     GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode = "cn.trade-mode:9610"
//       needs    order "order (CEB311)" GoodsShipment/UCR/TraderAssignedReferenceID
//       needs    waybill "waybill (CEB511)" GoodsShipment/PreviousDocument[TypeCode=703]/ID
//
// `needs KIND "NAME" PLACE`: the declaration names the document at PLACE; a document of the kind with the same value at
// the same place is the one (`PLACE = PLACE` where it stands elsewhere there). Alone, a declaration must name its documents; in a
// set of documents they must be there.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/pivot/document.h"
#include "core/plugin/tables.h"
#include "core/rules/rule.h"

namespace hansa::rules {

struct Need {
    pivot::Kind kind{};
    std::string name;
    mapping::PivotTerm key, other_key;  ///< in the declaration, in the other document
};

struct Mode {
    std::string id, text, source, note;
    pivot::Kind kind{};
    std::vector<std::string> formats;
    Days days;
    Severity severity = Severity::refuse;
    std::vector<Clause> when;
    std::vector<Need> needs;
    Place place;
};

struct ModeTable {
    std::string set, title, file;
    std::vector<Mode> modes;
};

/// Errors: as parse_rules
Result<ModeTable> parse_modes(std::string_view text, const std::string& file, Diagnostics& faults);
/// modes/*.modes of a plugin. Tables with faults are left out.
std::vector<ModeTable> load_mode_tables(const plugin::Tables& tables, Diagnostics& faults);

/// A document that is needed and missing.
struct MissingDocument {
    const Mode* mode = nullptr;
    const Need* need = nullptr;
    std::size_t document = 0;  ///< of the set: the one that needs it
    std::string reference;     ///< by which it is named; empty: the declaration does not even name it

    /// rules.document-missing or rules.warned
    Error error() const;
};

/// A document of a set with the format that it came in.
struct SetMember {
    const pivot::Document* document = nullptr;
    std::string_view format;
    std::string_view base = {};  ///< of a profile: modes over its base hold for it, too
};

struct ModeOptions {
    std::string_view day;   ///< of documents that have none
    bool together = false;  ///< the documents are all that there is: those needed must be among them
};

/// Cost: linear in the documents, beside a look-up for each need.
std::vector<MissingDocument> find_missing(std::span<const SetMember> set, std::span<const ModeTable> tables, const ModeOptions& options);

}  // namespace hansa::rules
