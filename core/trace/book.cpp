#include "core/trace/book.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/nearest.h"
#include "core/plugin/tables.h"
#include "core/trace/codes.h"

namespace hansa::trace {
namespace {

/// Formats of plugins that are not here may be named: a table serves whoever has them.
bool formats_known(const TraceTable& table, const plugin::Registry& registry, Diagnostics& faults) {
    std::vector<std::string_view> known;
    for (const plugin::Format& format : registry.formats()) known.push_back(format.id);
    bool good = true;
    const auto fault = [&](const EventRow& row, std::string detail) {
        good = false;
        faults.add(codes::format_unknown, std::move(detail), row.place);
    };
    for (const EventRow& row : table.events) {
        for (const std::string& id : row.formats) {
            const plugin::Format* format = registry.find(id);
            const std::string_view owner = std::string_view(id).substr(0, id.find('.'));
            const bool loaded = std::ranges::any_of(registry.plugins(), [&](const plugin::PluginInfo& plugin) { return plugin.name == owner; });
            if (format == nullptr && loaded) fault(row, fmt::format("'{}'{}", id, did_you_mean(id, known)));
            if (format != nullptr && format->kind != row.kind)
                fault(row, fmt::format("'{}' is a {}, not a {}", id, pivot::kind_name(format->kind), pivot::kind_name(row.kind)));
        }
    }
    return good;
}

}  // namespace

void TraceBook::add(TraceTable table, Diagnostics& faults) {
    const auto twice = [&](const std::string& id, const Place& place) {
        faults.add(codes::syntax, fmt::format("'{}' is there already", id), place);
    };
    for (const TraceTable& other : tables_) {
        for (const EventRow& row : table.events) {
            if (std::ranges::find(other.events, row.id, &EventRow::id) != other.events.end()) return twice(row.id, row.place);
        }
        for (const Stage& stage : table.stages) {
            if (std::ranges::find(other.stages, stage.id, &Stage::id) != other.stages.end()) return twice(stage.id, stage.place);
        }
    }
    tables_.push_back(std::move(table));
}

void TraceBook::finish() {
    for (const TraceTable& table : tables_) {
        for (const Stage& stage : table.stages) stages_.push_back(&stage);
    }
    std::ranges::sort(stages_, {}, [](const Stage* stage) { return stage->id; });
    std::string text;
    for (const Stage* stage : stages_) text += fmt::format("{} {} {}\n", stage->id, stage->from->number, stage->to->number);
    stages_identity_ = sha256_hex(text);
}

std::shared_ptr<const TraceBook> TraceBook::load(const plugin::Registry& registry, Diagnostics& faults) {
    auto book = std::make_shared<TraceBook>();
    for (const plugin::PluginInfo& plugin : registry.plugins()) {
        const auto tables = registry.tables(plugin.name);
        if (!tables) continue;
        for (const std::string& name : tables->names("trace", ".trace")) {
            const std::string called = tables->called(name);
            const auto text = tables->read(name);
            if (!text) {
                faults.add(text.error().in_file(called));
                continue;
            }
            auto table = parse_trace(*text, called, faults);
            if (table && formats_known(*table, registry, faults)) book->add(*std::move(table), faults);
        }
    }
    book->finish();
    return book;
}

std::shared_ptr<const TraceBook> TraceBook::of(std::vector<TraceTable> tables, Diagnostics& faults) {
    auto book = std::make_shared<TraceBook>();
    for (TraceTable& table : tables) book->add(std::move(table), faults);
    book->finish();
    return book;
}

std::vector<const EventRow*> TraceBook::rows_of(pivot::Kind kind, std::string_view format) const {
    std::vector<const EventRow*> out;
    for (const TraceTable& table : tables_) {
        for (const EventRow& row : table.events) {
            if (row.kind == kind && (row.formats.empty() || std::ranges::find(row.formats, format) != row.formats.end())) out.push_back(&row);
        }
    }
    return out;
}

bool TraceBook::measured(const EventName& event) const {
    return std::ranges::any_of(stages_, [&](const Stage* stage) { return stage->from == &event || stage->to == &event; });
}

}  // namespace hansa::trace
