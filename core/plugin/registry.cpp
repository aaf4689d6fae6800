#include "core/plugin/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/log.h"
#include "core/plugin/codes.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/recognise.h"
#include "core/plugin/shelf.h"
#include "core/schema/codes.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

/// Handles that keep the shelf alive as long as any copy of the format.
template <class T>
Lazy<T> lazy_of(const std::shared_ptr<const Shelf>& shelf, Slot& slot, std::shared_ptr<const T> Slot::*member) {
    return Lazy<T>([shelf, &slot, member]() -> Result<std::shared_ptr<const T>> {
        Diagnostics faults;
        const auto made = shelf->make(slot, faults);
        if (made) return slot.*member;
        std::call_once(slot.told, [&] { log::error(slot.row->id + " cannot be used: " + made.error().text()); });
        return made.error();
    });
}

Format format_of(const std::shared_ptr<const Shelf>& shelf, const LoadedPlugin& plugin, const FormatRow& row,
                 pivot::Kind kind) {
    const Descriptor& from = plugin.descriptor;
    Format out;
    out.id = row.id;
    out.base = row.base;
    out.codes = row.codes;
    out.title = row.title;
    out.kind = kind;
    out.authority = from.authority;
    out.authority_name = from.authority_name;
    out.country = from.country;
    out.edition = row.edition;
    out.own_schema = row.own_schema;
    out.since = row.since;
    out.until = row.until;
    out.certainty = row.certainty;
    out.official = row.official;
    out.direction = row.direction;
    out.plugin = from.name;
    out.syntax = row.syntax;
    out.root_ns = row.root_ns;
    out.root_local = row.root_local;
    out.inner_path = row.inner;
    out.schema = row.schema + "#" + row.root_local;
    out.signature = row.signature;
    out.signatures = row.signatures;
    out.answer = row.answer;
    out.frame = row.frame;
    Slot& slot = *shelf->slot(row.id);
    out.grammar = lazy_of<schema::Grammar>(shelf, slot, &Slot::grammar);
    out.syntax_tables = lazy_of<syntax::Syntax>(shelf, slot, &Slot::syntax);
    out.mapping = lazy_of<mapping::Mapping>(shelf, slot, &Slot::mapping);
    return out;
}

PluginInfo info_of(const LoadedPlugin& plugin) {
    const Descriptor& from = plugin.descriptor;
    PluginInfo out;
    out.name = from.name;
    out.version = from.version;
    out.path = plugin.tables->origin().string();
    out.authority = from.authority;
    out.authority_name = from.authority_name;
    out.country = from.country;
    out.compiled = plugin.tables->compiled();
    out.uncertain = from.uncertain;
    for (const FormatRow& row : from.formats) out.formats.push_back(row.id);
    for (const trust::Profile& profile : from.profiles) out.profiles.push_back(profile.name);
    return out;
}

class Snapshot final : public Registry {
public:
    explicit Snapshot(std::shared_ptr<const Shelf> shelf) : shelf_(std::move(shelf)) {}

    /// A plugin whose kinds cannot be told was refused before.
    void list(const LoadedPlugin& plugin, const std::vector<pivot::Kind>& kinds) {
        plugins_.push_back(info_of(plugin));
        for (std::size_t at = 0; at != kinds.size(); ++at) {
            const FormatRow& row = plugin.descriptor.formats[at];
            formats_.push_back(format_of(shelf_, plugin, row, kinds[at]));
            if (row.syntax != "xml") continue;
            if (!row.base.empty() && row.mark.empty()) continue;  // chosen by its sender alone
            shapes_.push_back({row.id, {row.root_ns, row.root_local}, row.mark.empty() ? row.steps : row.mark, row.mark_begins, !row.base.empty()});
            shaped_.push_back(formats_.size() - 1);
        }
        profiles_.insert(profiles_.end(), plugin.descriptor.profiles.begin(), plugin.descriptor.profiles.end());
    }

    std::span<const Format> formats() const override { return formats_; }
    std::span<const PluginInfo> plugins() const override { return plugins_; }

    const Format* find(std::string_view id) const override {
        for (const Format& format : formats_) {
            if (format.id == id) return format.grammar.load() ? &format : nullptr;
        }
        return nullptr;
    }

    std::shared_ptr<const Tables> tables(std::string_view plugin) const override {
        for (const LoadedPlugin* loaded : shelf_->plugins()) {
            if (loaded->descriptor.name == plugin) return loaded->tables;
        }
        return nullptr;
    }

    const trust::Profile* profile(std::string_view name) const override {
        for (const trust::Profile& profile : profiles_) {
            if (profile.name == name) return &profile;
        }
        return trust::core_profile(name);
    }

    Result<const Format*> detect(std::string_view bytes) const override {
        const syntax::Kind kind = syntax::kind_of(bytes);
        if (kind != syntax::Kind::xml && kind != syntax::Kind::unknown) return detect_by_head(syntax::name_of(kind), bytes);
        const auto found = recognise(bytes, shapes_);
        if (!found) return found.error();
        const Format& format = formats_[shaped_[*found]];
        if (const auto made = format.grammar.load(); !made) return made.error();
        return &format;
    }

    const Format& among(const Format& found, std::span<const std::string> ids, std::string_view authority, std::string_view day) const override {
        const std::string& base = found.base.empty() ? found.id : found.base;
        const Format *own = nullptr, *common = nullptr, *other = nullptr;
        for (const Format& format : formats_) {
            if (format.own_schema || (format.id != base && format.base != base)) continue;
            if (!ids.empty() && std::ranges::find(ids, format.id) == ids.end()) continue;
            if (!ids.empty() && &format == &found) {
                own = &found;
                break;
            }
            if (!authority.empty() && format.authority == authority) own = &format;
            if (format.id == base) common = &format;
            other = &format;
        }
        const Format* chosen = own != nullptr ? own : ids.empty() ? &found : common != nullptr ? common : other;
        if (chosen == nullptr || chosen->id == base) {
            if (const Format* edition = edition_of(base, ids, chosen == nullptr, day)) chosen = edition;
        }
        return chosen != nullptr && chosen->grammar.load() ? *chosen : found;
    }

    Result<std::shared_ptr<const schema::Validator>> validator(const Format& format) const override {
        const Slot* slot = shelf_->slot(format.id);
        if (slot == nullptr) return Error{codes::format_unknown, fmt::format("'{}' is not loaded", format.id)};
        return shelf_->validator(*slot);
    }

    Result<std::shared_ptr<const schema::CompiledGrammar>> compiled(const Format& format) const override {
        const Slot* slot = shelf_->slot(format.id);
        if (slot == nullptr) return Error{codes::format_unknown, fmt::format("'{}' is not loaded", format.id)};
        if (const auto made = format.grammar.load(); !made) return made.error();
        if (format.syntax != "xml")
            return Error{schema::codes::grammar_unsupported, fmt::format("{} is no XML: the reference alone does it", format.id)};
        return shelf_->compiled(*slot);
    }

private:
    /// The edition of `base` whose day it is, of those that `ids` names (none: all). Where nothing but editions is
    /// named, the only one does not ask for the day.
    const Format* edition_of(std::string_view base, std::span<const std::string> ids, bool nothing_else, std::string_view day) const {
        const Format *in_force = nullptr, *only = nullptr;
        std::size_t count = 0;
        for (const Format& format : formats_) {
            if (!format.own_schema || format.base != base) continue;
            if (!ids.empty() && std::ranges::find(ids, format.id) == ids.end()) continue;
            only = &format;
            ++count;
            const bool dated = !format.since.empty() || !format.until.empty();
            if (dated && day.substr(0, 10) >= format.since && (format.until.empty() || day.substr(0, 10) < format.until)) in_force = &format;
        }
        if (nothing_else && count == 1) return only;
        return in_force;
    }

    /// Of the formats of one syntax the one that takes the message's head for its own.
    Result<const Format*> detect_by_head(std::string_view syntax, std::string_view bytes) const {
        const Format* found = nullptr;
        for (const Format& format : formats_) {
            if (format.syntax != syntax || !format.base.empty()) continue;
            const auto tables = format.syntax_tables.load();
            if (!tables) continue;  // told when it is asked for itself
            const auto mine = (*tables)->recognises(bytes);
            if (!mine) return mine.error();
            if (!*mine) continue;
            if (found != nullptr) return Error{codes::format_ambiguous, fmt::format("it may be {} or {}", found->id, format.id)};
            found = &format;
        }
        if (found != nullptr) return found;
        return Error{codes::format_unknown, syntax::described(bytes)};
    }

    std::shared_ptr<const Shelf> shelf_;
    std::vector<Format> formats_;
    std::vector<Shape> shapes_;         ///< one for each format in XML
    std::vector<std::size_t> shaped_;   ///< of each shape, the format
    std::vector<PluginInfo> plugins_;
    std::vector<trust::Profile> profiles_;
};

bool is_plugin_folder(const fs::path& path) {
    std::error_code none;
    return fs::is_regular_file(path / "plugin.toml", none);
}

/// Libraries and plugin folders in one folder, by name.
void look_in(const fs::path& folder, std::vector<fs::path>& out, Diagnostics& faults) {
    std::error_code none;
    if (fs::is_regular_file(folder, none) || is_plugin_folder(folder)) return out.push_back(folder);
    if (!fs::is_directory(folder, none)) return faults.add(codes::file_missing, {}, Place{.file = folder.string()});
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        if (entry.path().extension() == ".so" || is_plugin_folder(entry.path())) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    out.insert(out.end(), found.begin(), found.end());
}

Result<LoadedPlugin> open_plugin(const fs::path& path, const fs::path& schema_folder, Diagnostics& faults) {
    auto tables = fs::is_directory(path) ? open_folder(path, schema_folder) : open_library(path);
    if (!tables) {
        faults.add(tables.error());
        return tables.error();
    }
    const auto text = (*tables)->read("plugin.toml");
    if (!text) {
        faults.add(text.error());
        return text.error();
    }
    auto descriptor = parse_descriptor(*text, (*tables)->called("plugin.toml"), faults);
    if (!descriptor) return descriptor.error();
    return LoadedPlugin{std::move(*descriptor), std::move(*tables)};
}

/// Kinds of all formats, and for a folder all its tables: nobody has checked them before.
/// Of a profile those of its base, too.
Result<std::vector<pivot::Kind>> check_plugin_tables(const LoadedPlugin& plugin, const Shelf& shelf,
                                                     const std::set<std::string, std::less<>>& lost,
                                                     Diagnostics& faults) {
    std::vector<pivot::Kind> kinds;
    std::optional<Error> first;
    for (const FormatRow& row : plugin.descriptor.formats) {
        if (lost.contains(row.id)) {
            first = first.value_or(Error{codes::base_unknown, row.base, row.base_place});
            continue;
        }
        const Slot& slot = *shelf.slot(row.id);
        const auto kind = kind_of(*(slot.base == nullptr ? plugin.tables : slot.base->plugin->tables), row);
        if (!kind) {
            faults.add(kind.error());
            first = first.value_or(kind.error());
            continue;
        }
        kinds.push_back(*kind);
        if (plugin.tables->compiled()) continue;
        if (auto made = shelf.make(*shelf.slot(row.id), faults); !made) first = first.value_or(made.error());
    }
    if (first) return *first;
    return kinds;
}

}  // namespace

std::shared_ptr<const Registry> Registry::load(const LoadOptions& options, Diagnostics& faults) {
    auto shelf = std::make_shared<Shelf>();
    std::vector<fs::path> paths;
    for (const fs::path& folder : options.plugin_folders) look_in(folder, paths, faults);
    std::map<std::string, fs::path, std::less<>> seen;
    for (const fs::path& path : paths) {
        auto plugin = open_plugin(path, options.schema_folder, faults);
        if (!plugin) continue;
        const auto [known, fresh] = seen.emplace(plugin->descriptor.name, path);
        if (fresh) {
            shelf->add(std::move(*plugin));
            continue;
        }
        faults.add(codes::duplicate_plugin,
                   fmt::format("'{}' was loaded from {}", known->first, known->second.string()),
                   Place{.file = path.string()});
    }
    const auto lost = shelf->join_profiles(faults);
    auto snapshot = std::make_shared<Snapshot>(shelf);
    for (const LoadedPlugin* plugin : shelf->plugins()) {
        if (const auto kinds = check_plugin_tables(*plugin, *shelf, lost, faults)) snapshot->list(*plugin, *kinds);
    }
    return snapshot;
}

}  // namespace hansa::plugin
