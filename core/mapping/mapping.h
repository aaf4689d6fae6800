// A mapping: one table between one format and one kind of pivot document, loaded and checked.
//
// The text (docs/mapping-language.md) is parsed, its blocks are set in where they are used, every
// name is looked up in the format's grammar and in the pivot's table, and what the two sides of a
// row cannot say to each other is a fault here, once, and not in a message. The same Mapping serves
// both directions (translate.h).
//
//     Result<MappingHead> head = read_head(text, "mappings/ceb603.map", faults);   // which grammar to load
//     Result<std::shared_ptr<const Mapping>> mapping =
//         load_mapping({.text = text, .file = "mappings/ceb603.map", .resolve = files, .grammar = grammar}, faults);
//
// This folder does no input or output: `resolve` gives the text of the lists that a table uses.
//
// Sources: mapping.md of the design (rows, laws), pivot.md (roles).
// Threads: a Mapping is immutable once loaded; any number of threads may use one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/code_list.h"
#include "core/mapping/translate.h"
#include "core/pivot/document.h"

namespace hansa::schema {
class Grammar;
}

namespace hansa::mapping {

struct Model;  // core/mapping/model.h: the rows

/// What one table may ask for. Counts, unless a name ends in its unit.
struct MappingLimits {
    std::size_t text_bytes_max = 4'000'000;
    std::size_t line_bytes_max = 4'096;
    std::size_t rows_max = 200'000;  ///< after the blocks are set in
    std::size_t depth_max = 48;      ///< nested groups
    std::size_t lists_max = 1'000;
};

/// The head of a table, as far as a loader needs it before the rows can be read.
struct MappingHead {
    std::string format;  ///< "cn.ceb603"
    pivot::Kind kind{};
    std::string schema;                    ///< as written: "cn/ceb-export-202205#CEB603Message"
    std::string schema_file, schema_root;  ///< taken apart at '#'; the root may name an inner element after '/'
    std::vector<std::string> uses;         ///< "codes/unit", "cn:codes/customs-office"
    std::vector<std::string> attached;     ///< formats behind `attached ... map FORMAT`
};

struct MappingSource {
    std::string_view text;
    std::string file;  ///< how messages name it: "mappings/ceb603.map"
    /// The text of a list: asked with the name as written ("codes/unit", "cn:codes/unit"); nothing: no such list.
    std::function<std::optional<std::string>(std::string_view name)> resolve;
    std::shared_ptr<const schema::Grammar> grammar;
    /// The mapping of an attached document's format; nothing: not loaded (yet).
    std::function<std::shared_ptr<const Mapping>(std::string_view format)> mapping_of = {};
    MappingLimits limits = {};
};

class Mapping {
public:
    const std::string& format() const;     ///< "cn.ceb603"
    const std::string& authority() const;  ///< "cn": the format's first word
    pivot::Kind kind() const;
    const std::string& file() const;
    const schema::Grammar& grammar() const;
    /// Lists by the name that rows use: "unit".
    const CodeLists& lists() const;
    /// Settings of the table's head and of its block `settings NAME`, under those of the agency.
    /// "settings" names the block: {"settings": "bj"}.
    Settings settings(const Settings& agency) const;
    /// Names of the blocks `settings NAME`.
    std::vector<std::string> variants() const;
    /// How many pivot documents one message holds; 0: no bound.
    std::size_t capacity() const;
    /// SHA-256 in hex over the table and every list it uses.
    const std::string& digest() const;
    /// For the engine, explain and coverage.
    const Model& model() const { return *model_; }

    explicit Mapping(std::shared_ptr<const Model> model) : model_(std::move(model)) {}

private:
    std::shared_ptr<const Model> model_;
};

/// Only the head. Errors: mapping.syntax, mapping.limit
Result<MappingHead> read_head(std::string_view text, const std::string& file, Diagnostics& faults);

/// Parses and checks a table. Every fault goes to `faults` with file, line and column, what was
/// expected and the nearest known name; the result is the first.
///
/// Errors: mapping.syntax            a line that is no row
///         mapping.element-unknown   a left side that the schema does not have
///         mapping.pivot-unknown     a right side that the pivot's table does not have
///         mapping.element-unnamed   an element or attribute of the schema that no row names
///         mapping.leaf-count        `carry N`, `same N`: the schema has another number of leaves
///         mapping.row-onto-list     a plain row onto what repeats
///         mapping.row-twice         two rows own the same element, or the same pivot place
///         mapping.selector-clash    a selector could match what an `each` makes on the same list
///         mapping.cycle             `=` rows that need each other
///         mapping.name-unknown      a block, list, setting or mapping that is not there
///         mapping.limit             a bound of MappingLimits
///         mapping.list-*, mapping.conversion-*  of lists and conversions
/// Cost:   linear in the rows after the blocks are set in.
Result<std::shared_ptr<const Mapping>> load_mapping(const MappingSource& source, Diagnostics& faults);

/// Identity of a plan: a digest (hex) of both tables with their lists, and of both agencies' settings.
std::string plan_id(const Mapping& source, const Mapping& target, const Settings& source_settings,
                    const Settings& target_settings);

}  // namespace hansa::mapping
