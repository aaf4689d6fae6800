// The list that a conversion's codes are of, where a table or an agency's setting names it.
//
// `code unit` names its list itself; `code $office` names a setting, whose value for this agency is the list. Attributes that tell the
// list of an element's code (`list-attribute codeListId of-code`) need it in both directions, and so do their plans.
//
// Threads: pure. Cost: a look-up or two.
#pragma once

#include <string>

#include "core/mapping/conversion.h"
#include "core/mapping/translate.h"

namespace hansa::mapping {

/// Null: the conversion is of no list, or the table uses none of that name.
inline const CodeList* list_of(const Conversion& conversion, const CodeLists& lists, const Settings& settings) {
    std::string name(conversion.list_name());
    if (name.starts_with('$')) {
        const auto setting = settings.find(std::string_view(name).substr(1));
        if (setting == settings.end()) return nullptr;
        name = setting->second;
    }
    if (name.empty()) return nullptr;
    auto found = lists.find(name);
    if (found == lists.end()) found = lists.find(name.substr(name.find(':') + 1));
    return found == lists.end() ? nullptr : &found->second;
}

}  // namespace hansa::mapping
