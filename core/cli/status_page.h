// What customs answer, across all formats: every national code, the kind of answer that the pivot and RES give it, and the
// codes of other formats that it becomes.
//
// Read from the tables themselves: the rows of answer formats that feed FunctionCode of a response, a code list or a constant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/code_list.h"
#include "core/plugin/registry.h"

namespace hansa::cli {

/// One code of an authority's list, as the pivot has it.
struct StatusCode {
    std::string national, name;
    std::string function;                        ///< kind of answer as RES numbers it
    std::optional<mapping::PivotValue> state;    ///< the authority's own state, beside it
    bool pattern = false;                        ///< stands for many codes
};

/// How formats of one list, or one format with a constant, say what kind of answer they are.
struct StatusList {
    std::string id;                      ///< "cn.return-status"; of a constant the format
    std::vector<std::string> formats;
    std::vector<StatusCode> codes;       ///< of a constant one, without a national code
    const mapping::CodeList* list = nullptr;  ///< nothing: a constant

    /// The code that an answer of this kind becomes, whatever state another authority gave it; nothing: none.
    std::optional<std::string> code_for(const StatusCode& answer) const;
};

/// In order of their ids. They live as long as the registry.
std::vector<StatusList> status_lists(const plugin::Registry& registry);

/// What a kind of answer means in words: "released"; empty: not known.
std::string_view status_function_name(std::string_view function);

/// Markdown, the same for the same tables: docs/statuses.md.
std::string status_page(const plugin::Registry& registry);

}  // namespace hansa::cli
