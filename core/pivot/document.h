// A pivot document: the WCO Data Model document that every format maps to and from.
//
// Names and structure are those of the pivot's table (core/pivot/table.h); values are text in the
// pivot's own lexical forms: decimals with a point, ISO 8601 times with their zone, true/false.
// A code is a pair (list, value): an empty list means the standard's own, "cn.unit" belongs to an
// authority. What the pivot has no field for lies in the annex, keyed by authority and path.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::pivot {

/// What a document is. Translation is within a kind.
enum class Kind { order, payment, waybill, declaration, response, cargo_report, transit, lpco, amendment, event, summary, envelope };

std::string_view kind_name(Kind kind);  ///< as tables write it: "cargo-report"

/// A class instance or a field of the document.
struct Node {
    std::string name;   ///< as the WCO Data Model spells it: "GovernmentAgencyGoodsItem"
    std::string value;  ///< of a field; empty for a class
    std::string list;   ///< of a code: the authority's list it belongs to; empty: the standard's own
    std::vector<std::pair<std::string, std::string>> attributes;  ///< currencyID, unitCode, schemeID
    std::vector<Node> children;

    friend bool operator==(const Node&, const Node&) = default;
};

/// Memory and annex travel with a document inside the gateway and lie in the evidence. A
/// translation to another authority writes neither; to the same authority it restores both.
struct Remembered {
    std::string format;  ///< whose text it is: "cn.ceb603"
    std::string place;   ///< identity of the group and national path, not the position
    std::string text;    ///< as it was written
    std::vector<std::string> read_as;  ///< the pivot values it was read as: used only while they still hold

    friend bool operator==(const Remembered&, const Remembered&) = default;
};

struct Carried {
    std::string authority;  ///< "cn"
    std::string place;      ///< identity of the group and national path
    std::string text;

    friend bool operator==(const Carried&, const Carried&) = default;
};

struct Document {
    Kind kind = Kind::declaration;
    Node root;  ///< its name is the kind's root class
    std::vector<Remembered> memory;
    std::vector<Carried> annex;
};

}  // namespace hansa::pivot
