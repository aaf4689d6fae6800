#include "core/trace/vocabulary.h"

#include <algorithm>
#include <array>

namespace hansa::trace {
namespace {

constexpr std::array<std::string_view, 4> levels{"item", "parcel", "consignment", "container"};

constexpr std::array<EventName, 29> events{{
    {1, "order-made", "The order was made"},
    {2, "paid", "The order was paid"},
    {3, "certified", "A certificate or licence was issued"},
    {4, "waybill-made", "The carrier took the goods over and made out a transport document"},
    {5, "lodged", "The goods declaration or list was lodged"},
    {6, "registered", "Customs, or the single window before it, has the declaration"},
    {7, "accepted", "The declaration was accepted"},
    {8, "refused", "The declaration or message was refused"},
    {9, "amended", "The declaration was changed"},
    {10, "cancelled", "The declaration was invalidated or withdrawn"},
    {11, "consolidated", "Parcels were put under a master bill"},
    {12, "loaded", "The goods were loaded"},
    {13, "departed", "The means of transport departed"},
    {14, "exited", "The goods left the territory"},
    {15, "arrived", "The goods arrived"},
    {16, "unloaded", "The goods were unloaded"},
    {17, "stored", "The goods went into a warehouse or store under supervision"},
    {18, "documents-demanded", "Customs demanded documents or data"},
    {19, "controlled", "The goods were chosen for control"},
    {20, "inspected", "The goods were inspected"},
    {21, "detained", "The goods were detained"},
    {22, "tax-assessed", "Duties and taxes were assessed"},
    {23, "tax-paid", "Duties and taxes were paid or secured"},
    {24, "released", "Customs released the goods"},
    {25, "suspended", "A decision or a release was suspended"},
    {26, "cleared", "The procedure was closed"},
    {27, "delivered", "The goods were handed to the receiver"},
    {28, "return-asked", "A return of the goods was asked for"},
    {29, "returned", "The goods were sent back"},
}};

constexpr std::array<Scheme, 14> references{{
    {1, "item", Level::item, "a single article, by a number of its own"},
    {2, "order", Level::parcel, "order number of a platform or shop"},
    {3, "payment", Level::parcel, "number of a payment"},
    {4, "waybill", Level::parcel, "house waybill or postal item"},
    {5, "lrn", Level::parcel, "the declarant's own number of a declaration or list"},
    {6, "mrn", Level::parcel, "the number that customs gave"},
    {7, "window", Level::parcel, "the number that a single window gave before customs did"},
    {8, "return", Level::parcel, "number of a request for return or cancellation"},
    {9, "ucr", Level::consignment, "unique consignment reference"},
    {10, "certificate", Level::consignment, "certificate, licence or permit"},
    {11, "master", Level::consignment, "master bill of lading or air waybill"},
    {12, "entry", Level::consignment, "a declaration that sums up others"},
    {13, "container", Level::container, "container, ISO 6346"},
    {14, "manifest", Level::container, "manifest, voyage or report of a means of transport"},
}};

constexpr std::array<MarkKind, 3> marks{{
    {201, "seller", "who sells, by any number"},
    {202, "product", "goods code or the seller's number of an article"},
    {203, "batch", "batch or lot of production"},
}};

template <class Rows>
auto by_name(const Rows& rows, std::string_view name) -> decltype(rows.data()) {
    const auto found = std::ranges::find(rows, name, [](const auto& row) { return row.name; });
    return found == rows.end() ? nullptr : &*found;
}

template <class Rows>
auto by_number(const Rows& rows, std::uint8_t number) -> decltype(rows.data()) {
    const auto found = std::ranges::find(rows, number, [](const auto& row) { return row.number; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::string_view level_name(Level level) {
    return levels[static_cast<std::size_t>(level)];
}

std::optional<Level> level_named(std::string_view name) {
    const auto found = std::ranges::find(levels, name);
    if (found == levels.end()) return std::nullopt;
    return static_cast<Level>(found - levels.begin());
}

std::span<const EventName> event_names() {
    return events;
}
const EventName* event_named(std::string_view name) {
    return by_name(events, name);
}
const EventName* event_numbered(std::uint8_t number) {
    return by_number(events, number);
}

std::span<const Scheme> schemes() {
    return references;
}
const Scheme* scheme_named(std::string_view name) {
    return by_name(references, name);
}
const Scheme* scheme_numbered(std::uint8_t number) {
    return by_number(references, number);
}

std::span<const MarkKind> mark_kinds() {
    return marks;
}
const MarkKind* mark_named(std::string_view name) {
    return by_name(marks, name);
}

}  // namespace hansa::trace
