// What is loaded: formats, their grammars and mappings, signature profiles.
//
// A plugin is a folder of tables, or the shared library compiled from it. A broken one is a clear
// error line; the others work on. A Registry is an immutable snapshot: reload makes a new one, and
// what still uses the old one keeps it by its shared pointer.
//
//     Diagnostics faults;
//     auto registry = plugin::Registry::load({.plugin_folders = {"lib/hansa/plugins"}}, faults);
//     for (const Error& fault : faults.errors()) log::error(fault.text());
//     Result<const plugin::Format*> format = registry->detect(bytes);
//
// Threads: all functions from any thread.
// Cost: libraries are read and their digest is checked at load (about 1 ms each); grammars and
// mappings of a library are made when find() or detect() first gives their format. Folders are
// loaded whole, since nobody has checked them before.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/envelope/frame.h"
#include "core/pivot/document.h"
#include "core/plugin/lazy.h"
#include "core/trust/profile.h"

namespace hansa::schema {
class CompiledGrammar;
class Grammar;
class Validator;
}  // namespace hansa::schema
namespace hansa::syntax {
class Syntax;
}
namespace hansa::mapping {
class Mapping;
}

namespace hansa::plugin {

class Tables;  // core/plugin/tables.h

/// One document type of one authority at one edition.
struct Format {
    std::string id;     ///< "xx.declaration"
    std::string base;   ///< id of the format that it is a profile of, or empty
    std::vector<std::string> codes;  ///< of a profile: names of the lists that it replaces
    std::string title;  ///< one line for a person
    pivot::Kind kind{};
    std::string authority;  ///< "xx"
    std::string authority_name, country;
    std::string edition;
    bool own_schema = false;   ///< of a profile: another edition of its base
    std::string since, until;  ///< of an edition: the days of its messages, the second no more; empty: no bound
    std::string certainty;  ///< "official schema and samples" | "official schema" | "facts only"
    bool official = false;  ///< an official schema exists
    std::string direction;  ///< "in" | "out" | "both"
    std::string plugin;
    std::string syntax;                   ///< "xml", "edifact", "flat", "json"
    std::string root_ns, root_local;      ///< how it is recognised
    std::string inner_path;               ///< where the root does not tell: "Declaration" below MetaData, "Head/Type=TR"
    std::string schema;                   ///< file and root, for people
    std::string signature;                ///< default profile's name
    std::vector<std::string> signatures;  ///< profiles that a sender may use; the default is one of them
    std::string answer;                   ///< id of the format that answers it, or empty
    envelope::FrameRules frame;           ///< of kind envelope: what its table cannot say
    Lazy<schema::Grammar> grammar;
    Lazy<syntax::Syntax> syntax_tables;  ///< how it is spelt; nothing: XML
    Lazy<mapping::Mapping> mapping;  ///< nothing: the format is not translated (a batch, a receipt)
};

struct PluginInfo {
    std::string name, version, path;
    std::string authority, authority_name, country;
    bool compiled = false;               ///< a shared library
    std::vector<std::string> formats;    ///< ids
    std::vector<std::string> profiles;   ///< names
    std::vector<std::string> uncertain;  ///< what the sources did not settle
};

struct LoadOptions {
    /// Folders that hold *.so and plugin folders; also a plugin's own folder, or a library by name.
    std::vector<std::filesystem::path> plugin_folders;
    std::filesystem::path schema_folder;  ///< schemas/ for plugins loaded as folders
};

class Registry {
public:
    /// Loads all it can. A plugin that cannot be loaded adds its errors to `faults` and is left out.
    ///
    /// Errors in faults: plugin.file-missing, -not-a-library, -symbol-missing, -abi-version, -data-outside,
    ///                   -blob-*, -duplicate-plugin; those of plugin.toml (descriptor.h) and, for
    ///                   folders, of their tables (mapping.*, schema.*, plugin.table-missing ...)
    static std::shared_ptr<const Registry> load(const LoadOptions& options, Diagnostics& faults);
    virtual ~Registry() = default;

    /// All, by plugin and in the order of plugin.toml.
    virtual std::span<const Format> formats() const = 0;
    /// Makes the format's tables if nobody did; nullptr when it is unknown, or its tables are broken
    /// (logged once).
    virtual const Format* find(std::string_view id) const = 0;
    virtual std::span<const PluginInfo> plugins() const = 0;
    /// All tables of a plugin, for those who read more of them than this folder does. nullptr: unknown
    virtual std::shared_ptr<const Tables> tables(std::string_view plugin) const = 0;
    /// A plugin's or the core's. nullptr: unknown
    virtual const trust::Profile* profile(std::string_view name) const = 0;

    /// Which format a document is, from its first tags or, where it is no XML, from its head. A profile is told from
    /// its base by its mark; without one it is never found here, but chosen by among().
    /// Errors: plugin.format-unknown (with the nearest known root), plugin.format-ambiguous (names
    ///         all that fit), xml.*, syntax.*
    virtual Result<const Format*> detect(std::string_view bytes) const = 0;

    /// A base and its profiles are one grammar: which of them a document is, its sender knows best. Of those that `ids`
    /// names (a sender's formats) and `authority` (a sender's) is the one of; `found` where it is among them or none is.
    /// Of several the found one stays, else the authority's own, else the base. Editions look alike, too: of those that
    /// `ids` leaves open the one on whose days `day` lies (YYYY-MM-DD...), and the base where it is none's.
    virtual const Format& among(const Format& found, std::span<const std::string> ids, std::string_view authority, std::string_view day) const = 0;

    /// Xerces-C with the format's own schema; grammar pools are made on first use and kept.
    virtual Result<std::shared_ptr<const schema::Validator>> validator(const Format& format) const = 0;

    /// The format's grammar for schema::FastReader; made on first use and kept.
    /// Errors: plugin.format-unknown, those of its tables; schema.grammar-unsupported where the format
    ///         must be read the reference way
    virtual Result<std::shared_ptr<const schema::CompiledGrammar>> compiled(const Format& format) const = 0;
};

}  // namespace hansa::plugin
