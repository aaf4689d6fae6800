// CEB621 (China, import list) to a WCO declaration, written by hand: the target's half.
//
// The two parsers' halves fill a List; write() appends one declaration. Everything the target has no
// place for is left out where it is read.
//
// Domain: what the schema and the table take, less texts that hold line breaks or nothing but
// blanks (the target's patterns take neither). Texts that are too long for the target stay away.
//
// Source: plugins/cn/mappings/ceb621.map and plugins/wco/mappings/declaration.map, read by a person.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hansa::bench::ceb621 {

inline constexpr std::string_view batch_open_before_count =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<b:batch xmlns:b=\"urn:hansa:batch:1\" count=\"";
inline constexpr std::string_view batch_open_after_count = "\" format=\"wco.declaration\">";

/// InventoryList. Views into the message; empty: absent, or empty, which is the same here.
struct Item {
    std::string_view number, item_number, code, name, bar_code, country, quantity, unit, total_price, note;
};

/// InventoryHead and its items.
struct List {
    std::string_view action, time, order, seller, waybill, carrier, reference, number, direction, declared, office,
        buyer, telephone, address, agent, transport_mode, transport, bill, place, licence, country, freight, insurance,
        wrapping, packages, gross_weight, note;
    std::vector<Item> items;

    void clear() {
        std::vector<Item> kept = std::move(items);
        kept.clear();
        *this = List();
        items = std::move(kept);
    }
};

/// <MetaData>...</MetaData> of one list, without an XML declaration.
void write(const List& list, std::string& out);

/// The whole output: a bare message for one list, else a hansa.batch.
/// `next(list)` fills the next one.
template <typename Next>
void write_all(std::size_t count, List& list, std::string& out, Next&& next) {
    out.clear();
    list.clear();
    if (count == 1) {
        out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        next(list);
        write(list, out);
        return;
    }
    out += batch_open_before_count;
    out += std::to_string(count);
    out += batch_open_after_count;
    for (std::size_t i = 0; i < count; ++i) {
        list.clear();
        next(list);
        out += "<b:document>";
        write(list, out);
        out += "</b:document>";
    }
    out += "</b:batch>";
}

}  // namespace hansa::bench::ceb621
