// From parsed rows to a Model: every name looked up, every check of a table made.
#pragma once

#include <memory>
#include <set>

#include "core/mapping/model.h"
#include "core/mapping/parse.h"

namespace hansa::mapping {

/// Does the row take only members that a selector on the left chooses? Then other rows may name the rest.
inline bool selects(const Row& row) {
    if (row.in_selected) return true;
    for (const NationalTerm& term : row.left) {
        for (const NationalStep& step : term.path.steps) {
            if (!step.keys.empty()) return true;
        }
    }
    return false;
}

class Loader {
public:
    Loader(const MappingSource& source, Model& model, TableParser& parser);

    /// Faults go to the parser's list.
    void run();

private:
    /// Where a row stands.
    struct Scope {
        Shape* group = nullptr;
        const pivot::Field* pivot = nullptr;  ///< nothing: above the documents
        std::string prefix;                   ///< pivot path with selectors, for row-twice
        std::vector<std::pair<const Row*, std::size_t>> cases;
        std::size_t depth = 0;
        bool selected = false;  ///< a group around it has a selector on its left side
    };

    void load_lists();
    void add_list(const std::string& used);
    void expand(Shape& shape, std::vector<const void*>& open, std::size_t depth);
    const schema::ElementDecl* inner_element(const Shape& shape, std::size_t depth) const;
    void rows(std::vector<std::unique_ptr<Row>>& rows, const Scope& scope);
    void row(Row& row, const Scope& scope);
    bool has_place(const Row& row, const Scope& scope);
    void group(Row& row, Scope scope);
    void group_root(Row& row);
    void resolve_absent();
    static bool stand_in(const Row& a, const Row& b);
    void value(Row& row, const Scope& scope);
    void default_expressions(Row& row, const Scope& scope);
    void owned_only(Row& row, const Scope& scope);
    void subtree(Row& row, const Scope& scope);
    void same_rest(Row& row, const Scope& scope, std::vector<std::unique_ptr<Row>>& made);
    std::unique_ptr<Row> same_row(Shape& child, TypeSpelling* spelling, const Row& same,
                                  std::vector<std::unique_ptr<Row>>& beside);
    std::vector<std::unique_ptr<Row>> implied_rows(const Shape& shape, const Row& row);
    TypeSpelling* spelling_of(const Shape& shape);
    std::vector<std::unique_ptr<Row>> leaf_rows(const std::string& path, TypeSpelling* spelling, const Shape& shape,
                                                const Row& same);
    void expressions(Row& row, const Scope& scope);
    void expression(Expression& expression, const Row& row, const Scope& scope);
    void conversions(Row& row);
    void check_list_name(std::string_view name, const Row& row);
    void gathers(Row& row);
    void check_places(std::string_view list, const Row& row);

    bool resolve(NationalPath& path, const Row& row, const Scope& scope, bool silent = false);
    bool resolve_left(Row& row, const Scope& scope);
    bool resolve_right(Row& row, const Scope& scope);
    bool resolve(PivotTerm& term, const Row& row, const Scope& scope, const PivotTerm* before, bool silent = false);
    void check_single(const NationalPath& path, const Row& row, const Scope& scope, bool last_may_repeat);
    void check_single(const PivotTerm& term, const Row& row, bool last_may_repeat);
    void own(const NationalPath& path, Row& row);
    void own_pivot(const PivotTerm& term, const Row& row, const Scope& scope);
    std::size_t take_rest(Shape& shape, const Row& row, bool itself);
    std::size_t take_whole(Shape& shape, const Row& row);
    void unnamed(const Shape& shape);
    void selectors(Row& row);
    void cycles(const std::vector<std::unique_ptr<Row>>& rows);
    bool needs(const Expression& expression, const Row& wanted, std::set<const Row*>& seen) const;
    void collect(const std::vector<std::unique_ptr<Row>>& rows);
    void fault(Code code, std::string detail, const Row& row, std::uint32_t column = 0);

    const MappingSource& source_;
    Model& model_;
    TableParser& parser_;
    std::size_t shapes_ = 0;
    std::size_t same_leaves_ = 0;
    std::map<std::string, const Row*, std::less<>> pivot_owners_;
    std::map<std::uint32_t, std::string> skipped_;  ///< lines of blocks for classes: what a class did not have
    std::set<std::uint32_t> placed_;
    std::map<const pivot::Field*, std::vector<std::pair<const PivotStep*, const Row*>>> steps_;
};

}  // namespace hansa::mapping
