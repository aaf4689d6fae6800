// The pivot's own table: every kind of document, its classes and fields, with type, width,
// cardinality, WCO id, list and source.
//
// It is written once, in core/pivot/pivot.tsv, as blocks of classes; what stands here reads it
// expanded: one Field for each place that a document can have, so that a path leads to exactly one
// Field and a Field to its path. docs/reference/pivot.md is made from the same table.
//
//     const Field* place = find(Kind::declaration, "GoodsShipment/Buyer/Name");
//     if (!place) say(nearest(Kind::declaration, "GoodsShipment/Buyer/Nmae"));
//
// Cost: the tree is expanded on first use (a few thousand places, a millisecond) and lives for
// ever; find() walks one step a name. Everything here may be used by any number of threads.
// Sources: WCO Data Model 3.6 as the DEC and RES information packages carry it (names, ids, types,
// lists); rows marked "ours" say in their note which format asked for them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"

namespace hansa::pivot {

/// What a place holds.
enum class Form : std::uint8_t {
    group,       ///< a class: children, no value
    text,        ///< free text
    identifier,  ///< a number or reference; schemeID says whose
    code,        ///< a pair (list, value)
    number,      ///< decimal
    amount,      ///< decimal with currencyID
    measure,     ///< decimal with unitCode (masses, lengths, quantities)
    date_time,   ///< a day, or a moment with its zone (ISO 8601)
    indicator,   ///< true or false
    place,       ///< a path into a pivot document, root class first: Declaration/GoodsShipment
};

std::string_view form_name(Form form);  ///< as the table writes it: "date-time"

/// One place of a kind of document. Lives for ever.
struct Field {
    std::string_view name;  ///< as the WCO Data Model spells it
    Form form = Form::group;
    std::uint32_t least = 0;         ///< cardinality
    std::uint32_t most = 1;          ///< 0: no bound
    std::uint32_t length_min = 0;    ///< characters (text, identifier, code)
    std::uint32_t length_max = 0;    ///< characters; of numbers: digits in all; 0: no bound
    std::uint32_t fraction_max = 0;  ///< of numbers: digits after the point
    char charset = '*';              ///< of codes and identifiers: a letters, n digits, * any
    bool added = false;              ///< ours: not in the held information packages
    std::string_view wco_id;         ///< class or element id; empty: none known, pointers cannot name it
    std::string_view list;           ///< of a code: "iso3166", "1225", ...; empty: user codes
    std::string_view source;         ///< "DEC", "RES", or who asked for it
    std::string_view note;
    std::string_view class_name;               ///< of a group: the block in pivot.tsv that describes it
    std::vector<std::string_view> attributes;  ///< that a value here may have: currencyID, unitCode, schemeID
    const Field* parent = nullptr;             ///< nothing: the root class
    std::span<const Field> children;           ///< in the order of the model

    bool is_list() const { return most != 1; }
    bool is_group() const { return form == Form::group; }
    bool is_number() const { return form == Form::number || form == Form::amount || form == Form::measure; }
    bool ours() const { return added; }
    bool has_attribute(std::string_view attribute) const;
    /// The child of this name, or nothing.
    const Field* child(std::string_view child_name) const;
    /// From below the root, without places: "GoodsShipment/Buyer/Name"; empty for the root itself.
    std::string path() const;
    /// The type as the reference page writes it: "an..70", "n..20,3", "code an..4".
    std::string type_text() const;
};

/// All kinds, in the order of the table.
std::span<const Kind> kinds();
/// "cargo-report" to its kind. Errors: pivot.unknown-kind
Result<Kind> kind_from_name(std::string_view name);

/// The root class of a kind; its name is the name of a document's root node.
const Field& root(Kind kind);

/// The place that a path names, or nothing. Paths start below the root; places ("[2]"), selectors
/// ("[TypeCode=703]", "[@schemeID=TIN]", "[RoleCode=PLT;X=Y]") are skipped; an attribute at the end
/// ("ID/@schemeID", "InvoiceAmount@currencyID") must be one that the field may have. An empty path is the root.
const Field* find(Kind kind, std::string_view path);

/// The same from a place on: how a table's row inside a group is read.
const Field* find(const Field& from, std::string_view path);

/// Why find() gave nothing, with the nearest known name.
/// Error: pivot.unknown-field "GoodsShipment has no 'Byuer'; the nearest is 'Buyer'"
Error explain_unknown(Kind kind, std::string_view path);
Error explain_unknown(const Field& from, std::string_view path);

/// Every place of a kind in document order, the root first. Stable addresses.
std::vector<const Field*> all_fields(Kind kind);

/// The name among `names` that differs least from `name`, if it is near enough to be a slip of the pen.
std::optional<std::string_view> nearest_name(std::string_view name, std::span<const std::string_view> names);

/// One step of a path: name, selectors and place taken apart.
///     "ID[@schemeID=TIN]" -> {"ID", {{"@schemeID", "TIN"}}, 0}; "Line[2]" -> {"Line", {}, 2}
struct Step {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string_view>> keys;
    std::uint32_t index = 0;     ///< from 1; 0: none written
    std::string_view attribute;  ///< after "@"; only in a last step
};

/// A path taken apart; "/" at its front is skipped. `[@schemeID in LIST]` gives key "@schemeID in".
/// Errors: pivot.bad-path
Result<std::vector<Step>> parse_path(std::string_view path);

/// Checks a document against the table: names, cardinality, types, widths, attributes, and codes of
/// those standard lists that we hold (countries, currencies, shape of units, message functions, our
/// own short lists). Codes of an authority's own list are taken as they are.
///
/// Every fault goes to `faults` with its path; true when there was none.
/// Errors: pivot.unknown-field, pivot.misplaced, pivot.too-many, pivot.missing, pivot.too-long,
///         pivot.too-short, pivot.bad-number, pivot.bad-time, pivot.bad-value, pivot.code-unknown,
///         pivot.bad-attribute
bool check(const Document& document, Diagnostics& faults);

/// A code of an attribute or of a selector carries its list in front: "cn.unit:120", "cn:GUID".
struct QualifiedCode {
    std::string_view list;  ///< empty: the standard's own
    std::string_view code;
};
QualifiedCode split_code(std::string_view text);
std::string join_code(std::string_view list, std::string_view code);

}  // namespace hansa::pivot
