// All tables of events that the loaded plugins bring: trace/*.trace in a plugin's folder or library.
//
// Immutable once loaded; any number of threads.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/plugin/registry.h"
#include "core/trace/trace_table.h"

namespace hansa::trace {

class TraceBook {
public:
    /// Tables with faults are left out; every fault goes to `faults`. Rows and stages have names of their own in all
    /// tables, and formats must be there: trace.syntax, trace.format-unknown with the line.
    static std::shared_ptr<const TraceBook> load(const plugin::Registry& registry, Diagnostics& faults);
    /// Of tables that are at hand; formats are not looked up.
    static std::shared_ptr<const TraceBook> of(std::vector<TraceTable> tables, Diagnostics& faults);

    std::span<const TraceTable> tables() const { return tables_; }
    /// Rows for a document.
    std::vector<const EventRow*> rows_of(pivot::Kind kind, std::string_view format) const;
    std::span<const Stage* const> stages() const { return stages_; }
    /// Does a stage begin or end with it?
    bool measured(const EventName& event) const;
    /// Of all stages: what was measured by others is not mixed with theirs.
    const std::string& stages_identity() const { return stages_identity_; }

private:
    void add(TraceTable table, Diagnostics& faults);
    void finish();

    std::vector<TraceTable> tables_;
    std::vector<const Stage*> stages_;
    std::string stages_identity_;
};

}  // namespace hansa::trace
