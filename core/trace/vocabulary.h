// The closed lists of a trace: what can happen, by which numbers events find each other, and what recalls ask for.
//
// Tables of authorities (trace_table.h) use these words and no others, so that a timeline reads the same whatever
// formats its messages came in. A number that stands in a store never gets another meaning; new rows go to the end.
//
// Sources: WCO, Guide to Measure the Time Required for the Release of Goods, version 3 (lodgement, acceptance,
//          control, inspection, release, delivery; arrival, unloading, storage); WCO, Cross-Border E-Commerce
//          Framework of Standards, 2022 (order, payment, transport data, return); WCO Data Model 3.6, RES.
// Threads: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hansa::trace {

/// How much a number or an event takes in. A higher one holds lower ones: a container its parcels.
enum class Level : std::uint8_t { item, parcel, consignment, container };
std::string_view level_name(Level level);
std::optional<Level> level_named(std::string_view name);

struct EventName {
    std::uint8_t number = 0;  ///< in stores; in the order in which things mostly happen
    std::string_view name;    ///< "released"
    std::string_view text;
};
std::span<const EventName> event_names();
const EventName* event_named(std::string_view name);
const EventName* event_numbered(std::uint8_t number);

struct Scheme {
    std::uint8_t number = 0;
    std::string_view name;  ///< "waybill"
    Level level = Level::parcel;
    std::string_view text;
};
std::span<const Scheme> schemes();
const Scheme* scheme_named(std::string_view name);
const Scheme* scheme_numbered(std::uint8_t number);

/// What recalls ask for. Kept as keyed digests only.
struct MarkKind {
    std::uint8_t number = 0;
    std::string_view name;  ///< "seller"
    std::string_view text;
};
std::span<const MarkKind> mark_kinds();
const MarkKind* mark_named(std::string_view name);

}  // namespace hansa::trace
