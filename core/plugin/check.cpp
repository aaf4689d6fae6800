#include "core/plugin/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/mapping/coverage.h"
#include "core/mapping/model.h"
#include "core/plugin/codes.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/golden.h"
#include "core/plugin/laws.h"
#include "core/plugin/shelf.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Of the documents of other formats, a profile is tried on one in so many.
constexpr std::uint32_t profile_share = 10;

/// What the rows say of each leaf; load_mapping has seen to it that none is without a row.
void count_leaves(const mapping::Mapping& mapping, FormatCheck& out) {
    const mapping::Coverage coverage = mapping::coverage(mapping);
    out.elements = coverage.elements;
    out.forms.insert(coverage.by_form.begin(), coverage.by_form.end());
    for (const char* form : {"mapped", "fixed", "computed"}) {
        if (const auto found = coverage.by_form.find(form); found != coverage.by_form.end())
            out.mapped += found->second;
    }
    if (const auto found = coverage.by_form.find("carried"); found != coverage.by_form.end())
        out.carried = found->second;
    for (const mapping::Covered& leaf : coverage.all) {
        if (leaf.form == "dropped") out.dropped.push_back({leaf.path, leaf.reason});
    }
}

/// Of a profile what its id says behind the plugin's name: two of one plugin may have the same base.
std::string golden_folder(const FormatRow& row) {
    if (!row.base.empty()) return row.id.substr(row.id.find('.') + 1);
    return fs::path(row.mapping).stem().string();
}

/// Golden examples and laws of one format whose tables are good.
void try_format(const fs::path& folder, const FormatRow& row, const mapping::Mapping& mapping,
                const schema::Validator& judge, const syntax::Syntax* syntax, const CheckOptions& options,
                FormatCheck& out) {
    count_leaves(mapping, out);
    GoldenResult golden =
        run_golden(folder / "golden" / golden_folder(row), {mapping, judge, syntax, row.direction != "in", options.update});
    out.golden = golden.passed;
    out.failed += golden.failed;
    out.faults.insert(out.faults.end(), golden.faults.begin(), golden.faults.end());
    if (options.documents == 0 || row.direction == "in") return;
    // The rows of a profile were tried with its base: what is new are its lists. An edition's schema is new to them.
    const std::uint32_t documents = row.base.empty() || row.own_schema ? options.documents : (options.documents + profile_share - 1) / profile_share;
    LawResult laws = try_laws(mapping, judge, {documents, options.seed}, syntax);
    for (const std::string& list : row.codes) try_list(mapping, list, laws);
    out.laws = std::move(laws.kept);
    out.outside = std::move(laws.outside);
    out.failed += laws.failed;
    out.faults.insert(out.faults.end(), laws.faults.begin(), laws.faults.end());
}

FormatCheck check_format(const fs::path& folder, const FormatRow& row, const Shelf& shelf,
                         const CheckOptions& options) {
    FormatCheck out;
    out.id = row.id;
    Slot& slot = *shelf.slot(row.id);
    Diagnostics faults;
    const bool made = static_cast<bool>(shelf.make(slot, faults));
    out.faults = faults.errors();
    out.failed = faults.count();
    if (!made) return out;
    const auto judge = shelf.validator(slot);
    if (!judge) {
        ++out.failed;
        out.faults.push_back(judge.error());
        return out;
    }
    if (slot.mapping) try_format(folder, row, *slot.mapping, **judge, slot.syntax.get(), options, out);
    return out;
}

/// A list that nothing uses is a slip of the pen, or a profile that forgot it.
void check_lists(const Tables& tables, const Shelf& shelf, const Descriptor& plugin, std::vector<Error>& faults) {
    const bool profiles = std::ranges::any_of(plugin.formats, [](const FormatRow& row) { return !row.base.empty(); });
    if (!profiles) return;
    std::set<std::string> used;
    for (const FormatRow& row : plugin.formats) {
        for (const std::string& list : row.codes) used.insert("codes/" + list + ".codes");
        const Slot* slot = shelf.slot(row.id);
        if (!row.base.empty() || slot == nullptr || slot->mapping == nullptr) continue;
        for (const std::string& list : slot->mapping->model().head.uses) used.insert(list_table(list, plugin.name));
    }
    for (const std::string& name : tables.names("codes", ".codes")) {
        if (!used.contains(name))
            faults.push_back({codes::table_unused, "no format names this list", Place{.file = tables.called(name)}});
    }
}

/// Examples that belong to no format would never be tried.
void check_golden_folders(const fs::path& folder, const Descriptor& plugin, std::vector<Error>& faults) {
    std::error_code none;
    if (!fs::is_directory(folder / "golden", none)) return;
    std::set<std::string> known;
    for (const FormatRow& row : plugin.formats) known.insert(golden_folder(row));
    for (const auto& entry : fs::directory_iterator(folder / "golden", none)) {
        if (known.contains(entry.path().filename().string())) continue;
        faults.push_back({codes::check_golden, "no mapping has this name", Place{.file = entry.path().string()}});
    }
}

Json errors_json(const std::vector<Error>& errors) {
    Json out = Json::array();
    for (const Error& error : errors) out.push_back({{"code", error.code.name()}, {"message", error.text()}});
    return out;
}

}  // namespace

bool CheckReport::passed() const {
    return faults.empty() && std::ranges::all_of(formats, [](const FormatCheck& format) { return format.failed == 0; });
}

std::string CheckReport::json() const {
    Json out;
    out["plugin"] = plugin;
    out["formats"] = Json::array();
    for (const FormatCheck& format : formats) {
        Json dropped = Json::array();
        for (const auto& leaf : format.dropped) dropped.push_back({{"path", leaf.path}, {"reason", leaf.reason}});
        out["formats"].push_back({{"id", format.id},
                                  {"elements", format.elements},
                                  {"mapped", format.mapped},
                                  {"carried", format.carried},
                                  {"forms", Json(format.forms)},
                                  {"dropped", std::move(dropped)},
                                  {"laws", Json(format.laws)},
                                  {"outside", Json(format.outside)},
                                  {"golden", format.golden},
                                  {"failed", format.failed},
                                  {"errors", errors_json(format.faults)}});
    }
    out["errors"] = errors_json(faults);
    return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

CheckReport check_plugin(const fs::path& folder, const CheckOptions& options) {
    CheckReport out;
    out.plugin = (folder / ".").lexically_normal().parent_path().filename().string();
    Diagnostics faults;
    auto tables = open_folder(folder, options.schema_folder);
    const auto text = tables ? (*tables)->read("plugin.toml") : Result<std::string_view>(tables.error());
    if (!text) {
        out.faults.push_back(text.error());
        return out;
    }
    auto plugin = parse_descriptor(*text, (*tables)->called("plugin.toml"), faults);
    out.faults = faults.errors();
    if (!plugin) return out;
    out.plugin = plugin->name;
    check_golden_folders(folder, *plugin, out.faults);
    Shelf shelf;
    shelf.add({*plugin, *tables});
    shelf.add_bases(*plugin, folder, options.schema_folder);
    Diagnostics unjoined;
    const auto lost = shelf.join_profiles(unjoined);
    for (const Error& error : unjoined.errors()) {
        if (error.place.file == (*tables)->called("plugin.toml")) out.faults.push_back(error);
    }
    for (const FormatRow& written : plugin->formats) {
        if (lost.contains(written.id)) continue;
        const FormatRow& row = *shelf.slot(written.id)->row;
        out.formats.push_back(check_format(folder, row, shelf, options));
    }
    check_lists(**tables, shelf, *plugin, out.faults);
    return out;
}

}  // namespace hansa::plugin
