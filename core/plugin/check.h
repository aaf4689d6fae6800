// The conformance suite of a plugin: what `hansa plugin check DIR` runs, without a compiler.
//
// It loads the folder with every fault of its tables, counts what each mapping covers, runs the golden
// examples, and tries the laws of mappings on documents generated from the schema.
//
// Golden examples lie in golden/X/, X being the mapping's file name without its ending:
//
//     measure-unit.xml         the smallest document that shows one rule, named after it
//     measure-unit.pivot       what it is read as (core/pivot/text.h)
//     measure-unit.loss.json   the loss ledger of reading it, where there is one
//     measure-unit.settings    settings of the agency, "name = value" a line; optional
//     unit-code-unknown.xml    the refusing twin
//     unit-code-unknown.errors its errors, one a line: LINE:COLUMN: CODE
//
// A document that is read is also written back (with memory and annex) and must be the same again,
// and valid.
//
//     plugin::CheckReport report = plugin::check_plugin("plugins/xx", {.schema_folder = "schemas"});
//     std::puts(report.json().c_str());
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace hansa::plugin {

struct CheckOptions {
    std::filesystem::path schema_folder;
    std::uint32_t documents = 200;  ///< generated for each format; 0: no laws
    std::uint64_t seed = 1;
    bool update = false;  ///< write what golden examples give today; the difference is read like code
};

struct FormatCheck {
    struct Dropped {
        std::string path, reason;
    };
    std::string id;
    std::uint64_t elements = 0;  ///< leaves of the schema, without those of the signature
    std::uint64_t mapped = 0;    ///< by a row of their own: related, fixed, or computed
    std::uint64_t carried = 0;
    std::map<std::string, std::uint64_t> forms;  ///< all of them by form (core/mapping/coverage.h)
    std::vector<Dropped> dropped;
    std::map<std::string, std::uint64_t> laws;     ///< law's number -> documents that kept it
    std::map<std::string, std::uint64_t> outside;  ///< drawn documents outside of the table's domain, by code
    std::uint64_t golden = 0;                      ///< examples that gave what stands beside them
    std::uint64_t failed = 0;                      ///< examples and documents that did not
    std::vector<Error> faults;                     ///< the first of each, with what to repeat
};

struct CheckReport {
    std::string plugin;  ///< folder's name when plugin.toml cannot be read
    std::vector<FormatCheck> formats;
    std::vector<Error> faults;  ///< of the plugin as a whole

    bool passed() const;
    /// {"plugin": "xx", "formats": [{"id": ..., "elements": ..., "mapped": ..., "carried": ..., "forms": {...},
    ///   "dropped": [{"path": ..., "reason": ...}], "laws": {"1": ...}, "outside": {...}, "golden": ..., "failed": ...,
    ///   "errors": [...]}], "errors": [{"code": ..., "message": ...}]}
    std::string json() const;
};

/// Never fails as a whole: what is wrong stands in the report.
/// Codes: those of registry.h and descriptor.h; plugin.check-golden, plugin.check-law
CheckReport check_plugin(const std::filesystem::path& folder, const CheckOptions& options);

}  // namespace hansa::plugin
