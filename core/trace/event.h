// The events that a document tells of, by the tables of a book.
//
//     for (const Event& event : events_of(book, "cn.ceb622", document, received_ms)) ...
//
// Pure: the same document and arrival give the same events. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/pivot/document.h"
#include "core/trace/book.h"

namespace hansa::trace {

/// How well a time is known.
enum class Precision : std::uint8_t {
    moment,   ///< the document says it, with its zone
    day,      ///< the document says the day only: not measured
    arrival,  ///< the document says nothing: when the message came
};
std::string_view precision_name(Precision precision);

/// What a reference is to its event.
enum class Relation : std::uint8_t {
    same,   ///< to it the event happened
    part,   ///< and with it, to this: of a lower level
    whole,  ///< in it lies what the event happened to: of a higher level
    mark,   ///< no reference: seller, product, batch
};

struct Reference {
    const Scheme* scheme = nullptr;
    Relation relation{};
    std::string value, issuer;  ///< issuer: empty for none; never kept in clear
};

struct Marked {
    const MarkKind* kind = nullptr;
    std::string value;
};

struct Event {
    const EventRow* row = nullptr;  ///< lives in the book
    std::int64_t at_ms = 0;         ///< a day: its midnight, UTC
    Precision precision{};
    std::vector<Reference> references;  ///< each once, the lines' order
    std::vector<Marked> marks;
    std::string corridor_from, corridor_to;  ///< both or none
};

/// Bounds of one event; what goes beyond is left out.
inline constexpr std::size_t references_max = 20'000, marks_max = 1'000, value_bytes_max = 100;

/// Events without a reference that would find them are left out.
std::vector<Event> events_of(const TraceBook& book, std::string_view format, const pivot::Document& document, std::int64_t received_ms);

}  // namespace hansa::trace
