#include "core/plugin/format_tables.h"

#include <fmt/format.h>

#include "core/plugin/codes.h"

namespace hansa::plugin {
namespace {

/// Reads and remembers that it was read.
Result<std::string_view> read_named(const Tables& tables, const std::string& name, NamesRead* names) {
    auto text = tables.read(name);
    if (text && names != nullptr) names->insert(name);
    return text;
}

/// What the head of the mapping says again must be what plugin.toml says.
void check_head(const mapping::MappingHead& head, const FormatRow& row, const std::string& file, Diagnostics& faults) {
    Place where;
    where.file = file;
    if (head.format != row.id) {
        faults.add(codes::format_differs, fmt::format("plugin.toml: '{}', mapping: '{}'", row.id, head.format), where);
    }
    if (row.kind && head.kind != *row.kind) {
        faults.add(
            codes::kind_differs,
            fmt::format("plugin.toml: {}, mapping: {}", pivot::kind_name(*row.kind), pivot::kind_name(head.kind)),
            where);
    }
    const std::string root = head.schema_root.substr(0, head.schema_root.find('/'));
    const bool same_file = head.schema_file == row.schema || head.schema_file + ".xsd" == row.schema;
    if (!same_file || (!root.empty() && root != row.root_local)) {
        faults.add(codes::schema_differs,
                   fmt::format("plugin.toml: {}#{}, mapping: {}", row.schema, row.root_local, head.schema), where);
    }
}

}  // namespace

schema::XsdSource schema_source(const Tables& tables, const FormatRow& row, NamesRead* names) {
    schema::XsdSource source;
    source.file = row.schema;
    source.root = {row.root_ns, row.root_local};
    source.resolve = [&tables, names](const std::string& location) -> std::optional<std::string> {
        const auto text = read_named(tables, "schemas/" + location, names);
        if (!text) return std::nullopt;
        return std::string(*text);
    };
    return source;
}

Result<std::shared_ptr<const schema::Grammar>> load_grammar(const Tables& tables, const FormatRow& row,
                                                            NamesRead* names) {
    const std::string stored = "grammars/" + row.id;
    const std::string main = "schemas/" + row.schema;
    if (tables.compiled()) {
        const auto blob = tables.read(stored);
        if (!blob) return blob.error();
        auto grammar = schema::Grammar::load(*blob);
        if (!grammar) return grammar.error().in_file(tables.called(stored));
        return std::make_shared<const schema::Grammar>(std::move(*grammar));
    }
    // Asked first, so that a missing main schema is named by its file.
    if (const auto text = tables.read(main); !text) return text.error();
    auto grammar = schema::compile_xsd(schema_source(tables, row, names));
    if (!grammar) return grammar.error().in_file(tables.called(main));
    return std::make_shared<const schema::Grammar>(std::move(*grammar));
}

Result<std::shared_ptr<const syntax::Syntax>> load_syntax(const Tables& tables, const FormatRow& row,
                                                          const schema::Grammar& grammar, Diagnostics& faults,
                                                          NamesRead* names) {
    if (row.syntax_tables.empty()) return std::shared_ptr<const syntax::Syntax>();
    syntax::Source source{.name = row.syntax, .tables = {}, .grammar = grammar};
    for (const std::string& name : row.syntax_tables) {
        const auto text = read_named(tables, name, names);
        if (!text) {
            faults.add(text.error());
            return text.error();
        }
        source.tables.push_back({tables.called(name), std::string(*text)});
    }
    return syntax::make(source, faults);
}

std::string list_table(std::string_view use, std::string_view own_plugin) {
    const std::size_t colon = use.find(':');
    const std::string_view plugin = colon == std::string_view::npos ? own_plugin : use.substr(0, colon);
    const std::string_view name = colon == std::string_view::npos ? use : use.substr(colon + 1);
    if (plugin == own_plugin) return fmt::format("{}.codes", name);
    return fmt::format("other/{}/{}.codes", plugin, name);
}

Result<pivot::Kind> kind_of(const Tables& tables, const FormatRow& row) {
    if (row.kind) return *row.kind;
    const auto text = tables.read(row.mapping);
    if (!text) return text.error();
    Diagnostics faults;
    const auto head = mapping::read_head(*text, tables.called(row.mapping), faults);
    if (!head) return head.error();
    return head->kind;
}

Result<std::shared_ptr<const mapping::Mapping>> load_table(const Tables& tables, const Descriptor& plugin,
                                                           const FormatRow& row, const MappingSurroundings& around,
                                                           Diagnostics& faults) {
    if (row.mapping.empty()) return std::shared_ptr<const mapping::Mapping>();
    // Ledgers and evidence name rows by this, so it must not depend on where the tables lie.
    const std::string file = plugin.name + "/" + row.mapping;
    const auto text = read_named(tables, row.mapping, around.names);
    if (!text) {
        faults.add(text.error());
        return text.error();
    }
    Diagnostics own;
    if (const auto head = mapping::read_head(*text, file, own)) check_head(*head, row, file, own);
    if (!own.empty()) {
        faults.append(own);
        return own.errors().front();
    }
    mapping::MappingSource source;
    source.text = *text;
    source.file = file;
    source.grammar = around.grammar;
    source.mapping_of = around.mapping_of;
    source.resolve = [&](std::string_view use) -> std::optional<std::string> {
        const auto list = read_named(tables, list_table(use, plugin.name), around.names);
        if (!list) return std::nullopt;
        return std::string(*list);
    };
    return mapping::load_mapping(source, faults);
}

}  // namespace hansa::plugin
