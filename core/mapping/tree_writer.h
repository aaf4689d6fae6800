// Pivot documents to national trees: the engine of write(). Internal to core/mapping.
//
// Groups are made before it is known whether anything will stand in them; what stays empty is not
// part of the message. Order: rows, `when`, borrowed values agree, memory and annex, computed
// values, then what the schema demands and nothing fed (defaults), then checks, then the ledger.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "core/mapping/reader.h"

namespace hansa::mapping {

/// The attribute that a path ends in, without its '@'; empty: it ends in an element.
std::string attribute_of(const NationalPath& path);
/// May the element stand empty?
bool all_optional(const Shape& shape);

class TreeWriter {
public:
    TreeWriter(const Mapping& mapping, const Context& context, Diagnostics& faults, Writing& writing);

    /// One message of these documents. Faults say what was refused.
    void run(std::span<const pivot::Document> documents, std::span<const std::vector<SourceLeaf>> leaves,
             std::size_t first);
    /// Only the element of one document: an attached one.
    std::unique_ptr<NationalNode> run_document(const pivot::Document& document);

private:
    struct Scope {
        NationalNode* out = nullptr;
        PivotNode* pivot = nullptr;  ///< nothing: the class is not in the document
        bool in_document = false;
        std::string place;
    };
    /// A row that may still feed a required place.
    struct Pending {
        const Row* row = nullptr;
        Scope scope;
        std::size_t term = 0;
        std::optional<Error> failure;  ///< why the row could not
        std::string from;              ///< the pivot place whose value it was
    };
    struct Borrowed {
        const Row* row = nullptr;
        Scope scope;
        const NationalPath* path = nullptr;   ///< where the value must stand
        std::string text;                     ///< what this row needs to stand there
        std::vector<NationalNode*> written;   ///< what the row wrote
        std::vector<std::string> attributes;  ///< beside `written`: the attribute, or empty
        std::vector<std::pair<PivotNode*, std::string>> used;
    };
    struct Kept {
        const pivot::Remembered* entry = nullptr;
        bool used = false;
    };
    struct Annexed {
        const pivot::Carried* entry = nullptr;
        bool used = false;
    };
    /// The texts of one term of a row.
    struct Written {
        std::vector<std::string> texts;
        bool remembered = false;
    };
    using Places = std::vector<std::pair<PivotNode*, std::string>>;

    void rows(const std::vector<std::unique_ptr<Row>>& rows, const Scope& scope);
    bool is_left_out(const Row& row) const;
    void row(const Row& row, const Scope& scope);
    void enter(const Row& row, const Scope& scope);
    void each(const Row& row, const Scope& scope);
    std::vector<PivotNode*> members(const Row& row, PivotNode* base);
    void position(const Row& row, const Scope& scope);
    bool settle_keys(PivotNode& node);
    void take_keys(PivotNode& found, const PivotTerm& term);
    std::pair<std::vector<std::size_t>, std::size_t> slots_of(const Row& row, const std::string& place_text,
                                                              std::size_t count);
    void pad_slots(const Row& row, const Scope& scope, const std::vector<std::size_t>& slots, std::size_t total,
                   const std::string& place_text);
    std::vector<std::size_t> parts(const Row& row, const std::string& place, std::size_t count);
    std::size_t named_part(const Row& row, const Scope& scope, PivotNode& member, std::size_t last);
    std::string member_place(const Row& row, const Scope& scope, PivotNode& member, std::size_t number,
                             std::set<std::string>& used);
    void cases(const Row& row, const Scope& scope);
    const Row* choose(const Row& row, const Scope& scope);
    bool is_kept(const Row& one, const Scope& scope);
    bool is_kept_below(const std::string& group);
    bool says(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope);
    void value(const Row& row, const Scope& scope);
    std::optional<Error> texts_of(const Row& row, const Scope& scope, const Conversion& conversion, std::size_t left,
                                  std::size_t takes, const std::vector<PivotValue>& values, PivotNode* at,
                                  std::vector<Written>& texts);
    void set_texts(const Row& row, const Scope& scope, const std::vector<Written>& texts,
                   const std::vector<Places>& places);
    std::optional<Error> splits_back(const Row& row, const Conversion& conversion, std::size_t left, std::size_t takes,
                                     const std::vector<PivotValue>& values, std::vector<Written>& texts);
    void borrow_keys(const Row& row, const Scope& scope, const std::vector<Places>& places,
                     const std::vector<Written>& texts);
    void take_every(const Row& row, const std::vector<Places>& places);
    void refuse(const Row& row, const Scope& scope, const Places& used, Error failure);
    void write_path(std::string_view path, const std::string& text);
    void copy_states(PivotNode& outer) const;
    bool carries(const Shape* shape, const std::string& attribute) const;
    bool guard(const Row& row, const Scope& scope, const std::vector<Places>& places);
    void lose(const Row& row, const Places& used, const std::string& why);
    void take(const Places& used);
    void computed(const Pending& pending);
    void always(const Pending& pending);
    void envelope(const Row& row, const Scope& scope);
    void fixed(const Row& row, const Scope& scope);
    bool same_group(const Row& row, const Scope& scope);
    void attached(const Row& row, const Scope& scope);
    void agree();
    void restore();
    void restore_message();
    void restore_order(std::string_view where, std::string_view order);
    NationalNode* find_place(std::string_view where);
    bool put_back(std::string_view where, const std::string& text, bool only_carried, bool only_pivot = true);
    void fill(NationalNode& node, NationalNode* group, const std::string& below);
    void fill_missing(NationalNode& node, Shape& child, NationalNode* group, const std::string& below);
    void fill_attributes(NationalNode& node, NationalNode* group, const std::string& below);
    void missing(Code code, std::string detail, const NationalNode& at, const std::string& below,
                 std::string_view from = {});
    std::optional<std::string> default_text(const Pending& pending, std::string& reason);
    void defaulted(const NationalNode& node, std::string_view attribute, const std::string& text,
                   const std::string& reason, const Row* row);
    void check(const Row& row, const Scope& scope);
    void derive(const Row& row, const Scope& scope);
    void settle_places();
    void ledger(std::span<const SourceLeaf> leaves);
    void untaken(PivotNode& node);
    void document(const Row& row, const pivot::Document& document, NationalNode& out);
    void only(const NationalNode& out);
    void finish(std::span<const SourceLeaf> leaves);

    Places locate(const PivotTerm& term, const Scope& scope);
    Places every(const PivotTerm& term, const Scope& scope);
    PivotNode* descend(PivotNode* from, const std::vector<PivotStep>& steps, bool all_but_last, const Scope& scope);
    NationalNode* place(const Scope& scope, const NationalPath& path, std::size_t number = 1);
    void set(NationalNode& node, const NationalPath& path, const std::string& text);
    void set_list_attributes(NationalNode& node, const NationalTerm& term, const Conversion& conversion,
                             const std::string& place);
    Kept* remembered(const std::string& place);
    Evaluation evaluation(const Scope& scope);
    void fault(Code code, std::string detail, const NationalNode* at, std::string_view below = {});

    const Mapping& mapping_;
    const Model& model_;
    const Context& context_;
    Surroundings around_;
    Diagnostics& faults_;
    Writing& writing_;
    std::unique_ptr<NationalNode> tree_;
    NationalNode* document_ = nullptr;
    std::span<const SourceLeaf> leaves_;  ///< of the document that is being written, where its source is known
    std::string variant_;                 ///< of the agency that is written for, or empty
    std::size_t number_ = 0;              ///< of the document among all that are written

    // --- of the document that is being written ---
    std::unique_ptr<PivotNode> pivot_;
    const pivot::Document* source_ = nullptr;
    std::map<std::string, Kept, std::less<>> memory_;
    std::map<std::string, Annexed, std::less<>> annex_;
    std::deque<std::function<void()>> whens_;
    std::vector<std::function<void()>> lasts_;
    std::vector<Borrowed> borrowed_;
    std::vector<Pending> computed_;
    std::vector<Pending> always_;  ///< constants that are always written
    std::vector<std::pair<Fed, NationalNode*>> fed_;
    std::map<NationalNode*, std::map<std::string, Pending>> pending_;  ///< by group and path below it
    std::map<std::string, NationalNode*, std::less<>> members_;        ///< by place
    std::set<std::string, std::less<>> restored_;                      ///< places that memory or annex fed
    std::vector<std::string> copies_;  ///< places of groups that are said to be another one, and a slash
    bool filled_documents_ = false;
};

}  // namespace hansa::mapping
