#include "core/plugin/shelf.h"

#include "core/plugin/codes.h"
#include "core/plugin/format_tables.h"
#include "core/plugin/profile.h"

namespace hansa::plugin {

void Shelf::add(LoadedPlugin plugin) {
    auto kept = std::make_unique<LoadedPlugin>(std::move(plugin));
    for (const FormatRow& row : kept->descriptor.formats) {
        auto slot = std::make_unique<Slot>();
        slot->plugin = kept.get();
        slot->row = &row;
        slots_.insert_or_assign(row.id, std::move(slot));
    }
    const std::string name = kept->descriptor.name;
    plugins_.insert_or_assign(name, std::move(kept));
}

void Shelf::remove(std::string_view plugin_name) {
    const auto found = plugins_.find(plugin_name);
    if (found == plugins_.end()) return;
    for (const FormatRow& row : found->second->descriptor.formats) slots_.erase(row.id);
    plugins_.erase(found);
}

void Shelf::add_bases(const Descriptor& plugin, const std::filesystem::path& folder,
                      const std::filesystem::path& schema_folder) {
    const std::filesystem::path beside = (folder / ".").lexically_normal().parent_path().parent_path();
    for (const FormatRow& row : plugin.formats) {
        const std::string name = row.base.substr(0, row.base.find('.'));
        if (name.empty() || name == plugin.name || plugins_.contains(name) || !stays_inside(name)) continue;
        const auto tables = open_folder(beside / name, schema_folder);
        const auto text = tables ? (*tables)->read("plugin.toml") : Result<std::string_view>(tables.error());
        if (!text) continue;
        Diagnostics ignored;  // told when that plugin is looked at itself
        auto descriptor = parse_descriptor(*text, (*tables)->called("plugin.toml"), ignored);
        if (descriptor) add({std::move(*descriptor), *tables});
    }
}

std::vector<LoadedPlugin const*> Shelf::plugins() const {
    std::vector<LoadedPlugin const*> out;
    for (const auto& [name, plugin] : plugins_) out.push_back(plugin.get());
    return out;
}

Slot* Shelf::slot(std::string_view format) const {
    const auto found = slots_.find(format);
    return found == slots_.end() ? nullptr : found->second.get();
}

std::set<std::string, std::less<>> Shelf::join_profiles(Diagnostics& faults) {
    std::vector<std::string> known;
    for (const auto& [id, slot] : slots_) known.push_back(id);
    std::set<std::string, std::less<>> lost;
    for (const auto& [name, plugin] : plugins_) {
        for (FormatRow& row : plugin->descriptor.formats) {
            if (row.base.empty()) continue;
            const Slot* base = slot(row.base);
            if (take_from_base(row, base == nullptr ? nullptr : base->row, known, faults)) slot(row.id)->base = base;
            else lost.insert(row.id);
        }
    }
    return lost;
}

Result<void> Shelf::make(Slot& slot, Diagnostics& faults) const {
    if (slot.state.load(std::memory_order_acquire) == Slot::State::made) return {};
    const std::scoped_lock lock(making_);
    switch (slot.state.load(std::memory_order_relaxed)) {
        case Slot::State::made:
            return {};
        case Slot::State::broken:
            faults.add(slot.fault);
            return slot.fault;
        case Slot::State::making:  // formats attached to each other in a ring: the inner one is not there yet
        case Slot::State::unmade:
            break;
    }
    slot.state.store(Slot::State::making, std::memory_order_relaxed);
    auto made = make_tables(slot, faults);
    if (!made) slot.fault = made.error();
    slot.state.store(made ? Slot::State::made : Slot::State::broken, std::memory_order_release);
    return made;
}

std::function<std::shared_ptr<const mapping::Mapping>(std::string_view)> Shelf::others() const {
    return [this](std::string_view format) -> std::shared_ptr<const mapping::Mapping> {
        Slot* other = this->slot(format);
        if (other == nullptr || other->state.load(std::memory_order_relaxed) == Slot::State::making) return nullptr;
        Diagnostics ignored;  // its own faults are told when it is asked for itself
        return make(*other, ignored) ? other->mapping : nullptr;
    };
}

Result<void> Shelf::make_tables(Slot& slot, Diagnostics& faults) const {
    const Tables& tables = *slot.plugin->tables;
    if (slot.base != nullptr) return make_profile(slot, faults);
    auto grammar = load_grammar(tables, *slot.row);
    if (!grammar) {
        faults.add(grammar.error());
        return grammar.error();
    }
    auto syntax = load_syntax(tables, *slot.row, **grammar, faults);
    if (!syntax) return syntax.error();
    MappingSurroundings around;
    around.grammar = *grammar;
    around.mapping_of = others();
    auto mapping = load_table(tables, slot.plugin->descriptor, *slot.row, around, faults);
    if (!mapping) return mapping.error();
    slot.grammar = std::move(*grammar);
    slot.syntax = std::move(*syntax);
    slot.mapping = std::move(*mapping);
    return {};
}

Result<void> Shelf::make_profile(Slot& slot, Diagnostics& faults) const {
    Slot& base = *this->slot(slot.row->base);
    Diagnostics ignored;  // told when the base is asked for itself
    if (const auto made = make(base, ignored); !made) {
        const Error fault{codes::base_unknown, slot.row->base + " cannot be used: " + made.error().text(), slot.row->base_place};
        faults.add(fault);
        return fault;
    }
    if (slot.row->own_schema) return make_edition(slot, base, faults);
    auto mapping = load_profile(*slot.plugin->tables, *slot.row, base.mapping, faults);
    if (!mapping) return mapping.error();
    slot.grammar = base.grammar;
    slot.syntax = base.syntax;
    slot.mapping = std::move(*mapping);
    return {};
}

/// The base's rows over a grammar of its own.
Result<void> Shelf::make_edition(Slot& slot, const Slot& base, Diagnostics& faults) const {
    auto edition = load_edition(*slot.plugin->tables, *slot.row, {*base.plugin->tables, base.plugin->descriptor, *base.row, others()}, faults);
    if (!edition) return edition.error();
    slot.grammar = std::move(edition->grammar);
    slot.syntax = std::move(edition->syntax);
    slot.mapping = std::move(edition->mapping);
    return {};
}

Result<std::shared_ptr<const schema::Validator>> Shelf::validator(const Slot& slot) const {
    if (slot.base != nullptr && !slot.row->own_schema) return validator(*slot.base);
    Judge* judge = nullptr;
    {
        const std::scoped_lock lock(judges_mutex_);
        auto& kept = judges_[slot.plugin->descriptor.name + "/" + slot.row->schema];
        if (!kept) kept = std::make_unique<Judge>();
        judge = kept.get();
    }
    // Compiling takes up to 150 ms: only those who need the same schema wait for it.
    const std::scoped_lock lock(judge->mutex);
    if (!judge->validator) {
        auto made = schema::Validator::from_source(schema_source(*slot.plugin->tables, *slot.row));
        if (!made) return made.error();
        judge->validator = std::make_shared<const schema::Validator>(std::move(*made));
    }
    return judge->validator;
}

Result<std::shared_ptr<const schema::CompiledGrammar>> Shelf::compiled(const Slot& slot) const {
    if (slot.base != nullptr && !slot.row->own_schema) return compiled(*slot.base);
    // A few milliseconds: one lock for all formats will do.
    const std::scoped_lock lock(compiled_mutex_);
    auto& kept = compiled_[&slot];
    if (kept) return kept;
    std::string inner;
    const std::vector<schema::Name>& steps = slot.base != nullptr ? slot.base->row->steps : slot.row->steps;
    if (!steps.empty()) inner = slot.row->root_local;
    for (const schema::Name& step : steps) inner += "/" + step.local;
    auto made = schema::CompiledGrammar::compile(*slot.grammar, inner);
    if (made) kept = *made;
    return made;
}

}  // namespace hansa::plugin
