#include "core/plugin/pack.h"

#include <fmt/format.h>

#include "core/plugin/blob.h"
#include "core/plugin/codes.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/profile.h"
#include "core/plugin/shelf.h"

namespace hansa::plugin {
namespace {

/// Mappings of other formats, for documents inside of documents.
std::function<std::shared_ptr<const mapping::Mapping>(std::string_view)> mappings_of(const Shelf& shelf) {
    return [&shelf](std::string_view format) -> std::shared_ptr<const mapping::Mapping> {
        Slot* slot = shelf.slot(format);
        Diagnostics ignored;  // told when that format is packed itself
        return slot != nullptr && shelf.make(*slot, ignored) ? slot->mapping : nullptr;
    };
}

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
    around.mapping_of = mappings_of(shelf);
    auto mapping = load_table(tables, plugin, row, around, faults);
    if (!mapping) return mapping.error();
    entries.emplace("grammars/" + row.id, (*grammar)->blob());
    return {};
}

/// Checks a profile against its base, which lies beside. Only the lists that it replaces are its own, and an edition's grammar.
Result<void> pack_profile(const Tables& tables, const Slot& slot, const Shelf& shelf, NamesRead& names,
                          std::set<std::string>& files, BlobEntries& entries, Diagnostics& faults) {
    const Tables& base_tables = *slot.base->plugin->tables;
    const FormatRow& base = *slot.base->row;
    NamesRead read{"plugin.toml"};
    if (slot.row->own_schema) {
        auto edition = load_edition(tables, *slot.row, {base_tables, slot.base->plugin->descriptor, base, mappings_of(shelf)}, faults, &names, &read);
        if (!edition) return edition.error();
        for (const std::string& name : read) files.insert(base_tables.called(name));
        entries.emplace("grammars/" + slot.row->id, edition->grammar->blob());
        return {};
    }
    auto grammar = load_grammar(base_tables, base, &read);
    if (!grammar) {
        faults.add(grammar.error());
        return grammar.error();
    }
    if (auto syntax = load_syntax(base_tables, base, **grammar, faults, &read); !syntax) return syntax.error();
    const MappingSurroundings around{.grammar = *grammar, .mapping_of = mappings_of(shelf), .names = &read};
    auto mapping = load_table(base_tables, slot.base->plugin->descriptor, base, around, faults);
    if (!mapping) return mapping.error();
    for (const std::string& name : read) files.insert(base_tables.called(name));
    if (auto made = load_profile(tables, *slot.row, *mapping, faults, &names); !made) return made.error();
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
    shelf.add_bases(*plugin, folder, schema_folder);
    BlobEntries entries;
    std::set<std::string> base_files;
    std::optional<Error> first;
    Diagnostics unjoined;
    const auto lost = shelf.join_profiles(unjoined);
    for (const Error& error : unjoined.errors()) {
        if (error.place.file != (*tables)->called("plugin.toml")) continue;  // told when that plugin is packed
        faults.add(error);
        first = first.value_or(error);
    }
    for (const FormatRow& row : plugin->formats) {
        if (lost.contains(row.id)) continue;
        if (const Slot& slot = *shelf.slot(row.id); slot.base != nullptr) {
            if (auto packed = pack_profile(**tables, slot, shelf, names, base_files, entries, faults); !packed)
                first = first.value_or(packed.error());
            continue;
        }
        if (auto packed = pack_format(**tables, *plugin, row, shelf, names, entries, faults); !packed)
            first = first.value_or(packed.error());
    }
    if (first) return *first;
    // Those are read by the folders of the union's services, which stand above this folder and check them.
    for (const auto& [kept, ending] : {std::pair{"rules", ".rules"}, std::pair{"taxes", ".taxes"}, std::pair{"modes", ".modes"}, std::pair{"matching", ".match"},
                                       std::pair{"balances", ".balance"}, std::pair{"regulators", ".regulators"}, std::pair{"trace", ".trace"},
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
    out.files.insert(out.files.end(), base_files.begin(), base_files.end());
    auto bytes = write_blob(entries);
    if (!bytes) return bytes.error();
    out.bytes = std::move(*bytes);
    return out;
}

}  // namespace hansa::plugin
