#include "core/consolidation/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/nearest.h"
#include "core/consolidation/codes.h"
#include "core/plugin/tables.h"

namespace hansa::consolidation {

std::shared_ptr<const ConsolidationBook> ConsolidationBook::load(const plugin::Registry& registry, Diagnostics& faults) {
    auto book = std::make_shared<ConsolidationBook>();
    for (const plugin::PluginInfo& plugin : registry.plugins()) {
        const auto tables = registry.tables(plugin.name);
        if (!tables) continue;
        for (const std::string& name : tables->names("consolidation", ".consolidation")) {
            const std::string called = tables->called(name);
            const auto text = tables->read(name);
            if (!text) {
                faults.add(text.error().in_file(called));
                continue;
            }
            auto table = parse_consolidation(*text, called, faults);
            if (!table) continue;
            if (book->find(table->id)) faults.add(codes::syntax, fmt::format("a table '{}' is there already", table->id), Place{.file = called});
            else book->tables_.push_back(*std::move(table));
        }
    }
    return book;
}

Result<const ConsolidationTable*> ConsolidationBook::find(std::string_view id) const {
    const auto found = std::ranges::find(tables_, id, &ConsolidationTable::id);
    if (found != tables_.end()) return &*found;
    std::vector<std::string_view> known;
    for (const ConsolidationTable& table : tables_) known.push_back(table.id);
    return Error{codes::table_unknown, fmt::format("'{}'{}", id, did_you_mean(id, known))};
}

}  // namespace hansa::consolidation
