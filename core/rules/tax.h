// Limits, duties and taxes of an authority as its tables state them, computed for one document.
//
//     taxes xx
//     list  members  "AM" "BY" "KG" "KZ" "RU"
//
//     given xx.this-year "euro bought before"         # a figure that only the caller can know: --rate xx.this-year=120
//
//     rate xx.vat                                     # a figure of the law; rows below ask for it: the(xx.vat)
//       from    2026-01-01
//       value   20
//       begins  "4901" "4902"                         # only for goods whose HS code begins so; the longest counts
//       assumed                                       # other goods may have another one: the caller may say which
//       source  "..."
//     limit xx.purchase
//       text    "A purchase is free up to 200 euro."
//       over    declaration
//       base    in(EUR, GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount)
//       most    200 EUR
//       source  "..."
//     tax xx.duty
//       text    "Above that, 5 %, but at least a euro a kilogram."
//       over    declaration
//       when    in(EUR, GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount) > 200
//       base    in(EUR, GoodsShipment/GovernmentAgencyGoodsItem/Commodity/InvoiceLine/ItemChargeAmount)
//       rate    5                                     # per cent; with a base and no amount: base * rate / 100
//       amount  max(the(base) * 0.05, TotalGrossMassMeasure * 1)
//       round   2 half-up                             # or half-even, down, up
//       in      EUR
//       source  "..."
//
// Rows are computed in the order of the table. A row has days (from, to) and a source; a row of the same id for other
// days is how a change of law is written. A later row may use what an earlier one gave: the(xx.duty); with `each`,
// the sum over the members. A document is judged by its own day.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/pivot/document.h"
#include "core/plugin/tables.h"
#include "core/rules/rule.h"

namespace hansa::rules {

struct RateRow {
    std::string id, source, text, note;
    Days days;
    Decimal value;
    std::vector<std::string> begins;  ///< empty: all goods
    bool assumed = false;
    Place place;
};

/// A figure that the caller must say.
struct Given {
    std::string id, text;
};

enum class TaxForm { limit, tax };

struct TaxRow {
    TaxForm form = TaxForm::tax;
    std::string id, source, text, note;
    pivot::Kind kind{};
    std::vector<std::string> formats;
    Days days;
    std::optional<mapping::PivotTerm> each;
    std::vector<Clause> when;
    std::optional<Formula> base, rate, amount;
    std::vector<std::string> uses;  ///< rates that the formulas ask for
    Decimal most;                   ///< of a limit
    std::string currency;
    int digits = 2;
    Rounding rounding = Rounding::half_up;
    Place place;
};

struct TaxTable {
    std::string set, title, file;
    std::vector<std::string> serves;  ///< plugins whose documents it is for, beside its own
    std::vector<Given> given;
    std::vector<RateRow> rates;
    std::vector<TaxRow> rows;
};

/// Errors: as parse_rules
Result<TaxTable> parse_taxes(std::string_view text, const std::string& file, Diagnostics& faults);

/// taxes/*.taxes of a plugin. Tables with faults are left out.
std::vector<TaxTable> load_tax_tables(const plugin::Tables& tables, Diagnostics& faults);

/// What one row says of a document, or of one member of it.
struct TaxLine {
    enum class State { computed, within, exceeded, unknown };
    const TaxRow* row = nullptr;
    State state = State::computed;
    std::string path;               ///< of the member: GoodsShipment/GovernmentAgencyGoodsItem[2]; empty: the document
    std::optional<Decimal> base, rate;
    Decimal exact;                  ///< before rounding
    Decimal amount;                 ///< of a tax: rounded; of a limit: what is over it, or 0
    std::vector<std::string> missing;          ///< of unknown: names and pairs of currencies that the caller must say
    std::vector<const RateRow*> rates;         ///< figures of the law that went in
    std::vector<std::string> said;             ///< names whose figure the caller gave
};

struct TaxOptions {
    std::string_view format;
    std::string_view base;  ///< of a profile: rows over its base hold for it, too
    std::string_view day;   ///< of a document that has none
    std::map<std::string, Decimal, std::less<>> named;     ///< figures that the caller knows better: "xx.vat"
    std::map<std::string, Decimal, std::less<>> exchange;  ///< "USD/EUR"
};

/// Lines in the order of the table; rows that the document is not asked of give none.
/// Cost: linear in rows and in what their paths lead to.
std::vector<TaxLine> compute(const pivot::Document& document, const TaxTable& table, const TaxOptions& options);

/// "round to 2 digits, half up"
std::string rounding_text(const TaxRow& row);

}  // namespace hansa::rules
