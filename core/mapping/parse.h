// From the lines of a table to its rows: no name is looked up yet, but every line is understood.
//
// Blocks (`rows NAME`) stay text until a row says `as NAME`: each use gets rows of its own, which
// keep the line of the block.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/model.h"
#include "core/mapping/table_text.h"

namespace hansa::mapping {

class TableParser {
public:
    TableParser(std::string file, Diagnostics& faults, const MappingLimits& limits)
        : file_(std::move(file)), faults_(faults), limits_(limits) {}

    /// Head, blocks and top-level rows of the whole table. Faults go to the list given above.
    void parse(const TextNode& root, Model& model);
    /// Only the head's lines; rows are skipped, but for formats behind `map`.
    void parse_head(const TextNode& root, MappingHead& head);

    /// The rows below a line, and those of a block.
    std::vector<std::unique_ptr<Row>> rows_of(const TextNode& node);
    std::vector<std::unique_ptr<Row>> block(std::string_view name, const Place& where);
    /// The block that says `for ELEMENT`; nullptr: none.
    const TextNode* block_for(std::string_view element) const;
    /// The spelling of a data type, or nullptr.
    TypeSpelling* spelling(std::string_view type);
    /// One row as text at a line: for rows that `same` makes.
    std::unique_ptr<Row> row(std::string_view text, std::uint32_t line, std::uint32_t column);

    Place place(std::uint32_t line, std::uint32_t column) const {
        return {.file = file_, .line = line, .column = column};
    }
    Diagnostics& faults() { return faults_; }
    bool over_limit() const { return rows_made_ > limits_.rows_max; }

private:
    struct ListLine {
        std::string name, pairs;
        Place where;
    };
    friend class Loader;

    void head_line(const TextNode& node, Model& model, bool& known);
    void settings_block(const TextNode& node, Model& model);
    void block_line(const TextNode& node);
    void type_line(const TextNode& node);
    std::unique_ptr<Row> row(const TextNode& node);
    void group_row(LineReader& line, Row& row);
    void check_row(LineReader& line, Row& row);
    void derive_row(LineReader& line, Row& row);
    void plain_row(LineReader& line, Row& row);
    void after_arrow(LineReader& line, Row& row);
    void fixed_row(LineReader& line, Row& row);
    void carry_row(LineReader& line, Row& row);
    bool left_terms(LineReader& line, Row& row);
    void right_terms(LineReader& line, Row& row);
    void tail(LineReader& line, Row& row, bool conversions);
    void fault(LineReader& line, std::string_view expected);
    void fault(Code code, std::string detail, const Place& where) { faults_.add(code, std::move(detail), where); }

    std::string file_;
    Diagnostics& faults_;
    MappingLimits limits_;
    std::map<std::string, TextNode, std::less<>> blocks_;
    std::map<std::string, std::string, std::less<>> block_for_;  ///< element to block
    std::vector<TypeSpelling> types_;
    std::vector<ListLine> lists_;
    std::vector<std::string> open_blocks_;
    std::size_t rows_made_ = 0;
};

}  // namespace hansa::mapping
