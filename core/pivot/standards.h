// The standards' own code lists that the pivot holds: countries, currencies, and short lists.
//
// Sources: ISO 3166-1 and ISO 4217 (codes and numbers, countries.tsv and currencies.tsv); UNECE
// Rec 19; UN/EDIFACT 1225; our own lists (lists.tsv). UNECE Rec 20 is known by its shape only.
// All functions are pure; any number of threads may call them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace hansa::pivot {

struct Country {
    std::string_view alpha2, alpha3, numeric;
};

struct Currency {
    std::string_view alpha, numeric;  ///< numeric is empty for some withdrawn ones
    std::string_view withdrawn;       ///< year or date; empty: in use
};

std::span<const Country> countries();    ///< by alpha-2
std::span<const Currency> currencies();  ///< by alpha

/// By any of the three forms, or nothing. Exact letters: "de" is no country.
const Country* country_alpha2(std::string_view code);
const Country* country_alpha3(std::string_view code);
const Country* country_numeric(std::string_view code);

const Currency* currency_alpha(std::string_view code);
/// One in use before one that was withdrawn.
const Currency* currency_numeric(std::string_view code);

/// A country of ISO 3166-1, or one of the exceptions that customs use (EU, XZ, ZZ, 00, 99).
bool is_country(std::string_view code);

/// Two or three capital letters or digits, perhaps with a qualifier after # (KGM#G) as some tariffs write.
bool is_unit_shape(std::string_view code);

/// Do we hold this list? "iso3166", "iso4217", "rec20", "rec19", "1225", "direction", ...
bool holds_list(std::string_view list);
/// Is the code in a list that we hold?
bool is_listed(std::string_view list, std::string_view code);
/// Every code of a short list; nothing for lists that are checked otherwise.
std::vector<std::string_view> codes_of(std::string_view list);

}  // namespace hansa::pivot
