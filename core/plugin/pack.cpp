#include "core/plugin/pack.h"

#include <fmt/format.h>

#include "core/plugin/blob.h"
#include "core/plugin/codes.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/shelf.h"

namespace hansa::plugin {
namespace {

/// Compiles the format's grammar, checks its mapping against it, and notes what was read.
Result<void> pack_format(const Tables& tables, const Descriptor& plugin, const FormatRow& row, const Shelf& shelf,
                         NamesRead& names, BlobEntries& entries, Diagnostics& faults) {
    auto grammar = load_grammar(tables, row, &names);
    if (!grammar) {
        faults.add(grammar.error());
        return grammar.error();
    }
    if (auto syntax = load_syntax(tables, row, **grammar, faults, &names); !syntax) return syntax.error();
    MappingSurroundings around;
    around.grammar = *grammar;
    around.names = &names;
    around.mapping_of = [&shelf](std::string_view format) -> std::shared_ptr<const mapping::Mapping> {
        Slot* slot = shelf.slot(format);
        Diagnostics ignored;  // told when that format is packed itself
        return slot != nullptr && shelf.make(*slot, ignored) ? slot->mapping : nullptr;
    };
    auto mapping = load_table(tables, plugin, row, around, faults);
    if (!mapping) return mapping.error();
    entries.emplace("grammars/" + row.id, (*grammar)->blob());
    return {};
}

}  // namespace

Result<Packed> pack_folder(const std::filesystem::path& folder, const std::filesystem::path& schema_folder,
                           Diagnostics& faults) {
    auto tables = open_folder(folder, schema_folder);
    if (!tables) {
        faults.add(tables.error());
        return tables.error();
    }
    NamesRead names{"plugin.toml"};
    if ((*tables)->has("README.md")) names.insert("README.md");
    const auto text = (*tables)->read("plugin.toml");
    if (!text) {
        faults.add(text.error());
        return text.error();
    }
    auto plugin = parse_descriptor(*text, (*tables)->called("plugin.toml"), faults);
    if (!plugin) return plugin.error();
    Shelf shelf;
    shelf.add({*plugin, *tables});
    BlobEntries entries;
    std::optional<Error> first;
    for (const FormatRow& row : plugin->formats) {
        if (auto packed = pack_format(**tables, *plugin, row, shelf, names, entries, faults); !packed)
            first = first.value_or(packed.error());
    }
    if (first) return *first;
    // Those are read by core/rules and core/matching, which stand above this folder and check them.
    for (const auto& [kept, ending] : {std::pair{"rules", ".rules"}, std::pair{"taxes", ".taxes"}, std::pair{"modes", ".modes"}, std::pair{"matching", ".match"}, std::pair{"regulators", ".regulators"},
                                       std::pair{"trace", ".trace"},
                                       std::pair{"consolidation", ".consolidation"}}) {
        for (std::string& name : (*tables)->names(kept, ending)) names.insert(std::move(name));
    }
    Packed out;
    out.name = plugin->name;
    for (const std::string& name : names) {
        const auto table = (*tables)->read(name);
        if (!table) return table.error();
        entries.emplace(name, *table);
        out.files.push_back((*tables)->called(name));
    }
    auto bytes = write_blob(entries);
    if (!bytes) return bytes.error();
    out.bytes = std::move(*bytes);
    return out;
}

}  // namespace hansa::plugin
