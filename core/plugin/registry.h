// What is loaded: formats, their grammars and mappings, signature profiles.
//
// A plugin is a folder of tables, or the shared library compiled from it. A broken one is a clear
// error line; the others work on. A Registry is an immutable snapshot: reload makes a new one.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"
#include "core/trust/profile.h"

namespace hansa::schema {
class Grammar;
class Validator;
}  // namespace hansa::schema
namespace hansa::mapping {
class Mapping;
}

namespace hansa::plugin {

/// One document type of one authority at one edition.
struct Format {
    std::string id;         ///< "cn.ceb603"
    std::string title;      ///< one line for a person
    pivot::Kind kind{};
    std::string authority;  ///< "cn"
    std::string edition;
    std::string certainty;  ///< "official schema and samples" | "official schema" | "facts only"
    std::string direction;  ///< "in" | "out" | "both"
    std::string plugin;
    std::string syntax;     ///< "xml"
    std::string root_ns, root_local;  ///< how it is recognised
    std::string inner_path;           ///< where the root does not tell: "Declaration" below MetaData
    std::string schema;     ///< file and root, for people
    std::string signature;  ///< default profile's name
    std::string answer;     ///< id of the format that answers it, or empty
    std::shared_ptr<const schema::Grammar> grammar;
    std::shared_ptr<const mapping::Mapping> mapping;
};

struct PluginInfo {
    std::string name, version, path;
    std::vector<std::string> formats;
};

struct LoadOptions {
    std::vector<std::filesystem::path> plugin_folders;  ///< folders that hold *.so and plugin folders
    std::filesystem::path schema_folder;                ///< schemas/ for plugins loaded as folders
};

class Registry {
public:
    /// Loads all it can; each plugin that cannot be loaded is one error in `faults`.
    static std::shared_ptr<const Registry> load(const LoadOptions& options, Diagnostics& faults);
    virtual ~Registry() = default;

    virtual std::span<const Format> formats() const = 0;
    virtual const Format* find(std::string_view id) const = 0;
    virtual std::span<const PluginInfo> plugins() const = 0;
    virtual const trust::Profile* profile(std::string_view name) const = 0;

    /// Which format a document is, from its first tags.
    /// Errors: plugin.format-unknown, plugin.format-ambiguous (names both), xml.*
    virtual Result<const Format*> detect(std::string_view bytes) const = 0;

    /// Xerces-C with the format's own schema; grammar pools are made on first use and kept.
    virtual Result<std::shared_ptr<const schema::Validator>> validator(const Format& format) const = 0;
};

}  // namespace hansa::plugin
