#include "core/pivot/standards.h"

#include <algorithm>

#include "core/pivot/table_rows.h"

namespace hansa::pivot {
namespace {

bool is_capital_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Rows of countries.tsv and currencies.tsv stand in the order of their first column.
template <class Row>
const Row* by_first(std::span<const Row> sorted, std::string_view Row::*key, std::string_view code) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), code,
                                        [key](const Row& row, std::string_view text) { return row.*key < text; });
    return found != sorted.end() && (*found).*key == code ? &*found : nullptr;
}

template <class Row>
const Row* by_any(std::span<const Row> all, std::string_view Row::*key, std::string_view code) {
    if (code.empty()) return nullptr;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Row& row) { return row.*key == code; });
    return found != all.end() ? &*found : nullptr;
}

}  // namespace

std::span<const Country> countries() {
    return rows::countries();
}

std::span<const Currency> currencies() {
    return rows::currencies();
}

const Country* country_alpha2(std::string_view code) {
    return by_first(countries(), &Country::alpha2, code);
}

const Country* country_alpha3(std::string_view code) {
    return by_any(countries(), &Country::alpha3, code);
}

const Country* country_numeric(std::string_view code) {
    return by_any(countries(), &Country::numeric, code);
}

const Currency* currency_alpha(std::string_view code) {
    return by_first(currencies(), &Currency::alpha, code);
}

const Currency* currency_numeric(std::string_view code) {
    if (code.empty()) return nullptr;
    const Currency* old = nullptr;
    for (const Currency& currency : currencies()) {
        if (currency.numeric != code) continue;
        if (currency.withdrawn.empty()) return &currency;
        if (!old) old = &currency;
    }
    return old;
}

bool is_country(std::string_view code) {
    return country_alpha2(code) != nullptr || is_listed("iso3166-customs", code);
}

bool is_unit_shape(std::string_view code) {
    const std::size_t mark = code.find('#');
    const std::string_view unit = code.substr(0, mark);
    if (unit.size() < 2 || unit.size() > 3 || !std::all_of(unit.begin(), unit.end(), is_capital_or_digit)) return false;
    if (mark == code.npos) return true;
    const std::string_view qualifier = code.substr(mark + 1);
    return qualifier.size() == 1 && is_capital_or_digit(qualifier[0]);
}

bool holds_list(std::string_view list) {
    if (list == "iso3166" || list == "iso4217" || list == "rec20") return true;
    const auto all = rows::list_rows();
    return std::any_of(all.begin(), all.end(), [&](const rows::ListRow& row) { return row.list == list; });
}

bool is_listed(std::string_view list, std::string_view code) {
    if (list == "iso3166") return is_country(code);
    if (list == "iso4217") return currency_alpha(code) != nullptr;
    if (list == "rec20") return is_unit_shape(code);
    const auto all = rows::list_rows();
    return std::any_of(all.begin(), all.end(),
                       [&](const rows::ListRow& row) { return row.list == list && row.code == code; });
}

std::vector<std::string_view> codes_of(std::string_view list) {
    std::vector<std::string_view> out;
    for (const rows::ListRow& row : rows::list_rows()) {
        if (row.list == list) out.push_back(row.code);
    }
    return out;
}

}  // namespace hansa::pivot
