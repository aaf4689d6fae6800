// Documents that go out with others: the stage gather, and how the journal says it.
//
// A route with `consolidate` names a table of core/consolidation. What it takes is not rendered: each document is tried
// by itself, so that one that can go with nobody is refused at the door, and the received message is recorded as held,
// with a reference of the scheme GATHER for each such document. The GatherWatcher makes masters of them
// (gather_watcher.h).
//
// A change that says the whole document again (UN/EDIFACT 1225: 5, and 4 of formats that the table names) takes the place
// of what it changes while that waits, and a cancellation (1, 3) takes it out; afterwards they change the master that it went out in,
// where the receiver's format can say that (mastering.h), and are refused else. What the receiver gets of one that waited was never sent before, so the document goes as an original. The message of such a one has, too,
//
//     INSTEAD    ROUTE/DOCUMENT MESSAGE/DOCUMENT   its own document, and the one that it changes
//     TAKES-OUT  ROUTE/DOCUMENT MESSAGE/DOCUMENT
//
// The messages of masters have
//
//     CONSOLIDATION  the table
//     HOUSE          MESSAGE/DOCUMENT of each document that stands in it
//
// and by those the answer to a master finds those who are told (scattering.h).
//
// Internal to the exchange.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/consolidation/consolidate.h"
#include "core/exchange/passage.h"

namespace hansa::exchange {

inline constexpr std::string_view gather_scheme = "GATHER", house_scheme = "HOUSE", table_scheme = "CONSOLIDATION", instead_scheme = "INSTEAD",
                                  takes_out_scheme = "TAKES-OUT";

/// "wuhan-minsk/0": route, document from 0
std::string gather_name(std::string_view route, std::size_t document);
/// "01M8BR7MSGE0QRGC90CAD12C95/0": received message, document from 0
std::string house_name(std::string_view message_id, std::size_t document);
/// What stands before and behind the last slash; nothing: it is no such name.
std::optional<std::pair<std::string, std::size_t>> split_name(std::string_view name);

/// "wuhan-minsk/0 01M8BR7MSGE0QRGC90CAD12C95/0": two such names
std::string other_name(std::string_view own, std::string_view other);
/// Both names; nothing: it is no such pair.
std::optional<std::pair<std::string, std::string>> split_other(std::string_view value);

/// The document as an original, whatever its function.
pivot::Document as_original(pivot::Document document);

/// When a master was made: whole seconds, UTC, as documents of trade say it.
std::string issue_time(std::int64_t at_ms);

/// The table of a route. Errors: consolidation.table-unknown
Result<const consolidation::ConsolidationTable*> table_of(const Surroundings& with, std::string_view table);

/// Tries the documents of the route and notes them as gathered. Errors: exchange.original-only, -gone-out, consolidation.*, those of
/// writing a document
Result<void> gather(Passage& passage, const Route& route, std::span<const std::size_t> documents);

/// Does the journal say that documents of the received message wait for a route, or did?
Result<bool> is_gathered(journal::Journal& journal, std::string_view message_id);

/// Received messages whose documents stand in an outgoing one; empty: it is no master.
Result<std::vector<std::string>> messages_in(journal::Journal& journal, std::string_view outgoing_id);

}  // namespace hansa::exchange
