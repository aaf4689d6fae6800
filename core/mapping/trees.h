// The two trees that a translation walks: the national document and the pivot document, each with
// what the engine has to remember of every place. Internal to core/mapping.
//
// Nodes never move once made, so that rows may keep pointers to them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/model.h"
#include "core/pivot/document.h"
#include "core/schema/tree.h"

namespace hansa::mapping {

/// The text of <x><null/></x>, while it is a tree of ours; no document's text can hold the sign.
inline constexpr std::string_view null_text = "\x01null";
/// White space only, or the null form.
inline bool says_nothing(std::string_view text) {
    // Most texts begin with what neither a blank text nor the mark of a null does.
    if (!text.empty() && static_cast<unsigned char>(text.front()) > ' ') return false;
    return text == null_text || text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

struct NationalNode {
    struct Attribute {
        schema::Name name;
        std::string value;
        bool taken = false;  ///< reading: a row has read it
    };
    schema::Name name;
    Shape* shape = nullptr;  ///< nothing: below a wildcard
    NationalNode* parent = nullptr;
    std::string text;
    bool has_text = false;  ///< writing: something was written; reading: a leaf
    bool taken = false;     ///< reading: a row has read its text
    bool kept = false;      ///< writing: stands although nothing is in it
    std::vector<Attribute> attributes;
    std::vector<std::unique_ptr<NationalNode>> children;
    std::uint64_t offset = 0, end_offset = 0;
    std::size_t place = 0;  ///< index(), once it was counted for all siblings; 0: it was not

    NationalNode* child(std::string_view local, std::size_t index = 1) const;
    Attribute* attribute(std::string_view local);
    const Attribute* attribute(std::string_view local) const;
    /// Has it text, an attribute, or an alive child?
    bool alive() const;
    /// "/Root/Inventory[2]/InventoryHead/copNo", as schema::place_of reads it.
    std::string path() const;
    /// Its place among alive siblings of its name, from 1.
    std::size_t index() const;
    NationalNode* add(schema::Name child_name, Shape* child_shape);
};

std::unique_ptr<NationalNode> national_tree(const schema::Element& element, Shape* shape,
                                            NationalNode* parent = nullptr);
/// Counts the places of all nodes at and below the node, when what is alive does not change any more.
void number_all(const NationalNode& node);
/// Alive nodes only.
schema::Element to_element(const NationalNode& node);

struct PivotNode {
    struct Attribute {
        std::string name, value;
        bool taken = false;
        bool key = false;  ///< writing: said by a place, once the member says anything; reading: by a selector alone
        std::string lost;  ///< why a row could not write it
        std::string row;
    };
    std::string name;
    const pivot::Field* field = nullptr;
    PivotNode* parent = nullptr;
    std::string value, list;
    bool has_value = false;
    bool taken = false;
    bool key = false;  ///< writing: said by a place, once the member says anything; reading: by a selector alone
    std::string lost, row;
    std::vector<SourceLeaf::Note> notes;  ///< writing: what the conversion narrowed or aliased
    std::vector<std::string> note_rows;
    std::vector<Attribute> attributes;
    std::vector<std::unique_ptr<PivotNode>> children;
    std::uint32_t index = 0;  ///< reading: of [n]
    bool selected = false;    ///< reading: made by a selector
    bool by_each = false;     ///< reading: made by an each

    PivotNode* child(std::string_view child_name) const;
    Attribute* attribute(std::string_view attribute_name);
    PivotNode* add(std::string_view child_name, const pivot::Field* child_field);
    void set_attribute(std::string_view attribute_name, std::string_view attribute_value);
    /// "GoodsShipment[1]/UCR[1]/ID[1]" from below the root.
    std::string path() const;
    bool has_content() const;
    /// Its place among siblings of its name, from 1. Cost: once the length of the list, for all its members.
    std::size_t place() const;
    /// To be called when children were put in another order.
    void count_again() { counted_ = 0; }

private:
    mutable std::size_t slot_ = 0, place_ = 0;  ///< as they were counted
    mutable std::size_t counted_ = 0;           ///< of its children, the first so many
};

std::unique_ptr<PivotNode> pivot_tree(const pivot::Node& node, const pivot::Field* field, PivotNode* parent = nullptr);
/// Children in the order of the pivot's table.
pivot::Node to_node(const PivotNode& node);
/// Sorts children into the order of the pivot's table and fills the gaps before places such as [2].
void put_in_order(PivotNode& node);
/// Everything below the node as one text, for comparing.
std::string content_of(const PivotNode& node);
/// "cn.unit:120"; an empty list: the code alone.
std::string qualified(std::string_view list, std::string_view text);
/// The value or the attribute, as the engine compares them.
PivotValue value_of(const PivotNode& node, std::string_view attribute);

/// Does the member stand under these keys? Keys `in LIST` fit any scheme of the list.
bool matches(const PivotNode& member, const PivotStep& step, const CodeLists& lists);
bool matches(const NationalNode& member, const NationalStep& step);
/// Is the child what a step of a path names (Shape::child)?
bool is_step(const NationalNode& child, std::string_view step);
/// Does the member stand under a key of another authority's own ("cn:GUID" for any but cn)?
bool is_foreign(const PivotNode& member, std::string_view authority);

/// Finds national places by name, reading. `all`: every member of lists on the way.
std::vector<NationalNode*> find_all(NationalNode& from, const NationalPath& path, NationalNode& document);
NationalNode* find_one(NationalNode& from, const NationalPath& path, NationalNode& document);

/// Escapes what separates steps of a place: / { } # %.
std::string place_key(std::string_view text);
/// ctx + "/" + name, without the slash when ctx is empty.
std::string place_join(std::string_view context, std::string_view step);

}  // namespace hansa::mapping
