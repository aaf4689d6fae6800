// The rows of core/pivot/*.tsv as the build generates them. For table.cpp and standards.cpp only:
// everyone else asks table.h, where classes are expanded to places.
#pragma once

#include <span>
#include <string_view>

#include "core/pivot/standards.h"
#include "core/pivot/table.h"

namespace hansa::pivot::rows {

struct Row {
    std::string_view name;
    Form form;
    int group;  ///< index of the class; -1: a field
    std::uint32_t least, most, length_min, length_max, fraction_max;
    char charset;  ///< a letters, n digits, * any
    std::string_view wco_id;
    std::string_view given;  ///< ids for members of the class: "Name=R031 ID=R032"
    bool id_by_place;        ///< the id is the one that the using place gives, if it gives one
    bool added;              ///< ours
    std::string_view list, source, note;
    std::string_view extra_attribute;
};

struct Class {
    std::string_view name;
    std::size_t first, count;
};

struct KindRow {
    Kind kind;
    std::string_view name, root;
    std::size_t group;
    std::string_view wco_id, note;
};

struct ListRow {
    std::string_view list, code, meaning;
};

std::span<const Row> rows();
std::span<const Class> classes();
std::span<const KindRow> kinds();
std::span<const ListRow> list_rows();
std::span<const Country> countries();
std::span<const Currency> currencies();

}  // namespace hansa::pivot::rows
