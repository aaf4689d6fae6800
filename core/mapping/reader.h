// National tree to pivot documents: the engine of read(). Internal to core/mapping.
//
// Rows are run where they stand. What needs other rows waits: `when` until the unconditional rows
// are done, `every` until there are members, then `same`, `derive` and `check`.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/mapping/evaluate.h"
#include "core/mapping/translate.h"
#include "core/mapping/trees.h"

namespace hansa::mapping {

/// What a row's conversions may ask, for one side of a translation.
class Surroundings {
public:
    Surroundings(const Model& model, const Mapping& mapping, const Context& context);
    ConversionContext context;
    const Settings& settings() const { return settings_; }
    void date(std::string_view iso);

private:
    Settings settings_;
    std::string date_;
};

/// Facets of what a term is written to, and whether a text is a value of its type.
Target target_of(const NationalTerm& term);
const schema::SimpleType* type_of(const NationalTerm& term);
/// "cn.unit:120" for each value, as memory keeps them.
std::vector<std::string> as_remembered(const std::vector<PivotValue>& values);
/// Place of a term relative to its group: "InventoryHead/ebpCode", "Classification[Type=TSP]/ID", "@x".
std::string term_place(const NationalTerm& term);
/// Why what stands beside a value is a loss: "DutyTaxFee/TypeCode", and what the table says of it (a selector's key, a
/// constant), if it does.
std::string reason_of_beside(const std::string& name, const std::string& value);

class TreeReader {
public:
    TreeReader(const Mapping& mapping, const Context& context, Diagnostics& faults, Reading& reading);
    /// Faults say what was refused.
    void run(const schema::Element& message);
    /// Only one document: an attached one, whose element stands inside another format.
    void run_document(const schema::Element& element);

private:
    /// A class that is made when the first value is put into it.
    struct Cursor {
        Cursor* parent = nullptr;
        const std::vector<PivotStep>* steps = nullptr;
        PivotNode* node = nullptr;
        NationalNode* group = nullptr;  ///< for keys that borrow
    };
    struct Scope {
        NationalNode* element = nullptr;
        Cursor* cursor = nullptr;  ///< nothing: above the documents
        std::string place;
        const PivotNode* member = nullptr;    ///< of the innermost `each`
        const NationalNode* frame = nullptr;  ///< ... and its element; nothing: the document's
    };
    /// SourceLeaf::Beside while nodes move.
    struct Beside {
        PivotNode* node = nullptr;
        std::string attribute;
        PivotNode* of = nullptr;  ///< of a key
        std::string of_attribute;
    };
    struct Leaf {
        SourceLeaf leaf;
        std::vector<std::pair<PivotNode*, std::string>> fed;
        std::vector<Beside> beside;
        PivotNode* attached = nullptr;  ///< of an attached document: leaf.fed starts here
    };
    /// The texts of one term of a row.
    struct Found {
        std::vector<NationalNode*> nodes;
        std::vector<std::string> texts;
    };

    void rows(const std::vector<std::unique_ptr<Row>>& rows, const Scope& scope);
    void row(const Row& row, const Scope& scope);
    void enter(const Row& row, const Scope& scope);
    void each(const Row& row, const Scope& scope);
    bool is_blank(const NationalNode& node) const;
    void remember_blank(NationalNode& node, const std::string& place);
    void each_document(const Row& row, const Scope& scope);
    void document(const Row& row, NationalNode& element);
    void cases(const Row& row, const Scope& scope);
    void value(const Row& row, const Scope& scope);
    void convert(const Row& row, const Scope& scope, const std::vector<Found>& found);
    void note_beside(const Row& row, const Scope& scope, std::size_t first_leaf,
                     const std::vector<std::pair<PivotNode*, std::string>>& stated);
    bool absent(const Row& row, const Scope& scope, std::vector<Found>& found);
    void put(const Row& row, const Scope& scope, const PivotTerm& term, const std::vector<PivotValue>& values,
             std::vector<std::pair<PivotNode*, std::string>>& fed);
    void put_every(const Row& row, const Scope& scope, const PivotTerm& term, const PivotValue& value,
                   std::vector<std::pair<PivotNode*, std::string>>& fed);
    void set(const Row& row, PivotNode& node, const PivotTerm& term, const PivotValue& value, const NationalNode* at);
    void fixed(const Row& row, const Scope& scope);
    void computed(const Row& row, const Scope& scope);
    void carry(const Row& row, const Scope& scope);
    void drop(const Row& row, const Scope& scope);
    void envelope(const Row& row, const Scope& scope);
    void same_group(const Row& row, const Scope& scope);
    void feed_copies(const PivotNode& original, PivotNode& copy);
    void derive(const Row& row, const Scope& scope);
    void check(const Row& row, const Scope& scope);
    void attached(const Row& row, const Scope& scope);
    void take_subtree(NationalNode& node);
    bool in_unread_member(const NationalNode& node) const;
    void carry_rest(NationalNode& node, const std::string& place, const Row* row, std::string_view reason);
    void list_attributes(const Conversion& conversion, const NationalTerm& term, NationalNode& node,
                         const std::string& place);
    NationalNode* find_below(NationalNode& node, const NationalPath& path);
    void find_date(const Row& top, NationalNode& element);
    void finish_document();
    void remember_order(NationalNode& node);
    std::string place_of(const NationalNode& node) const;

    Found find(const NationalTerm& term, const Scope& scope);
    PivotNode* ensure(Cursor& cursor);
    PivotNode* descend(PivotNode& from, const std::vector<PivotStep>& steps, NationalNode* group,
                       const std::string* value);
    Evaluation evaluation(const Scope& scope);
    void remember(std::string place, std::string text, std::vector<std::string> read_as);
    void carried(const std::string& place, const std::string& text);
    Leaf& note(const Row* row, const NationalNode& node, std::string_view attribute, std::string place,
               SourceLeaf::Way way);
    void fault(Code code, std::string detail, const NationalNode* at, std::string_view attribute = {});
    std::string member_place(const Row& row, const Scope& scope, NationalNode& member, std::size_t number,
                             std::set<std::string>& used);

    const Mapping& mapping_;
    const Model& model_;
    const Context& context_;
    Surroundings around_;
    Diagnostics& faults_;
    Reading& reading_;
    std::unique_ptr<NationalNode> tree_;
    NationalNode* document_ = nullptr;

    // --- of the document that is being read ---
    std::unique_ptr<PivotNode> pivot_;
    std::vector<std::unique_ptr<PivotNode>> set_aside_;  ///< rows may still point to them
    bool another_case_ = false;                          ///< a case is read that writing would not choose by itself
    std::vector<pivot::Remembered> memory_;
    std::vector<pivot::Carried> annex_;
    std::vector<Leaf> leaves_;
    std::deque<Cursor> cursors_;
    std::map<const NationalNode*, std::string> places_;  ///< of members and selected groups
    std::deque<std::function<void()>> whens_;
    std::vector<std::function<void()>> everies_, lasts_;
};

}  // namespace hansa::mapping
