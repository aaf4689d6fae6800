// Conversions: how the text of a national element and the text of a pivot field stand for each other.
//
// A conversion is named and typed, has a declared domain, and is invertible on it:
// from_pivot(to_pivot(x)) is x in the conversion's normal form. Outside the domain it gives an
// error that names the value, never a guess. The pivot's text is canonical (decimals without
// superfluous zeros, ISO 8601); the written form (9 against 9.0) is the engine's memory.
//
//     Result<std::vector<Conversion>> c = parse_conversions("money, code currency", {2, 2, where}, faults);
//     c[0].to_pivot({{"12.50"}}, context)  -> {"12.5"}
//
// NAME                     NATIONAL            PIVOT         what it normalises (memory brings it back)
// text                     1                   1             nothing
// alias [N]                1                   1             nothing; too long for N: a made reference, noted
// integer                  1                   1             sign +, zeros in front, a zero fraction
// decimal                  1                   1             sign +, superfluous zeros
// money [N] [noise] [zero-empty]   1           1             as decimal; noise: within 1e-6 of N digits, noted
// measure [zero-empty]     1                   1             as decimal
// fixed N [zero-empty]     1                   1             as decimal; written with N digits behind the point
// scale N                  1                   1             pivot = national x 10^N
// time PATTERN             1                   1             zone of the table is added; zeros at a fraction's end
// time F PATTERN, F PATTERN ..   2 (text, format)   1        the first format that can say it is written
// date [PATTERN]           1                   1             without a pattern: ISO day; its zone is dropped, noted
// date PATTERN iso         1                   1             an ISO day stands as PATTERN in a joined text
// datetime                 1                   1             XSD dateTime; zeros at a fraction's end, +00:00
// boolean T F              1                   1             T, F against true, false
// indicator                1                   1             XSD boolean against 1, 0; 1 and 0 are written true, false
// code LIST                1                   columns       several national codes for one standard one
// iso3166 alpha2|alpha3|numeric, iso4217 alpha|numeric, rec20   1   1   nothing
// prefix "CN"              1                   1             nothing
// constant                 1                   1             nothing (the engine guards it)
// implied "KGM"            1                   2 (value, unit)   as decimal
// lines ", "               1                   1, a list     nothing
// gather "; "              1                   1, of [1]     nothing; written of all members, as many as fit, noted
// parts N                  1, a list           1             where it was cut
// parts-of N               k                   1             where it was cut
// join "-" [(c, c ..)]     k, optional         1             nothing: what would not split back the same is refused
// digits 6+2 | 6+*         1                   k             nothing; also turned round: k national, 1 pivot
// name-address             1                   2 (name, lines)   empty lines, spaces at ends; narrowing
// check-digit /P/ "WEIGHTS" "SIGNS"   1  1             nothing
// pointer                  3 a pointer, a list   1           a sequence of 1 on a class that does not repeat
// place LIST               1 a path, or 2 (path, number)   1 a listed path it prefers; a path that is not listed is kept,
//                                                          a place that is not becomes the nearest above, noted
//
// `check-digit /[A-Z]{2}[0-9]{9}[A-Z]{2}/ "0 0 8 6 4 2 3 5 9 7 = 0 0" "50987654321"`: a shape (conversion_pattern.h), the
// weight of each place with = where the check digit stands, and that digit by the remainder of the weighted sum. A
// fourth text gives letters a value, its place there: "0123456789ABCDEFGHJKLMNPQRTUWXY" (check_digit.h).
//
// `$setting` may stand for an argument: `date $date-format`, `code $office`. A list name with a
// plugin in front ("cn:customs-office") is looked up as it is written, and as what follows the colon.
// A value of another authority's list is never written as text (mapping.code-foreign); the qualified
// form of attributes and selectors ("cn.unit:120", pivot::split_code) is the engine's to take apart.
//
// Sources: mapping.md of the design; XML Schema 1.0 Part 2 (lexical forms); Unicode TR 35
// (patterns); WCO Data Model (pointers).
// Threads: a Conversion is immutable and cheap to copy; contexts belong to one translation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/code_list.h"

namespace hansa::mapping {

/// A national text. Absent parts are simply not there; an element that repeats gives several of one slot.
struct NationalValue {
    std::string text;
    std::size_t slot = 0;  ///< which place of the row's left side, from 0

    friend bool operator==(const NationalValue&, const NationalValue&) = default;
};

/// What the ledger has to be told although the conversion succeeded.
struct ConversionNote {
    enum class Kind { rounded, narrowed, aliased };
    Kind kind = Kind::narrowed;
    std::string value;   ///< as it was
    std::string became;  ///< for aliased: the alias to journal
    std::string reason;  ///< one sentence
};

struct ToPivot {
    std::vector<PivotValue> values;
    std::vector<ConversionNote> notes;
};

struct FromPivot {
    std::vector<NationalValue> values;
    std::vector<ConversionNote> notes;
};

/// Facets of the simple type that is written to; nothing: no bound.
struct Target {
    std::optional<std::size_t> length_max;  ///< characters (Unicode code points)
    std::optional<std::size_t> length_min;
    std::optional<int> total_digits;
    std::optional<int> fraction_digits;
};

/// What a conversion may ask of its surroundings. Views must outlive the call.
struct ConversionContext {
    const std::map<std::string, std::string, std::less<>>* settings = nullptr;  ///< of the agency
    const CodeLists* lists = nullptr;                                           ///< by the name that the table uses
    std::string_view zone;           ///< "+08:00"; "required" or empty: a time must bring its own
    std::string_view authority;      ///< whose table it is: "cn"; its own lists start with it
    std::string_view document_date;  ///< ISO day, for codes with a validity; empty: any time
    /// The long reference behind an alias, or empty.
    const std::function<std::string(std::string_view)>* alias_of = nullptr;
};

/// How many places a conversion takes. `any`: as many as the row has left.
inline constexpr std::size_t any_count = static_cast<std::size_t>(-1);

class ConversionCode;     // the algorithm behind a name
struct ConversionRecipe;  // conversion_recipe.h

/// One conversion with its arguments. Never empty.
class Conversion {
public:
    /// As the table writes it: "money 2 noise".
    const std::string& text() const;
    std::string_view name() const;
    /// Places it takes of the row's left and right side.
    std::size_t national_count() const;
    std::size_t pivot_count() const;
    /// True when the national (pivot) place is a list whose members are all taken at once.
    bool takes_national_list() const;
    bool takes_pivot_list() const;
    /// Law 2 is asked only for what it claims; notes name the rest.
    bool narrowing() const;
    /// `zero-empty`: with its partner missing a zero is no value. The engine acts on it.
    bool zero_empty() const;
    /// The list of `code LIST` (or "$setting"), for name(), generators and of-code attributes; else empty.
    std::string_view list_name() const;
    /// The domain in words, for faults and `hansa explain`.
    std::string domain() const;
    /// What it does, as plain data, for its compiled twin (fast_conversion.h).
    ConversionRecipe recipe() const;

    /// Errors: mapping.domain, mapping.date-domain, mapping.zone-missing, mapping.code-unknown,
    ///         mapping.code-expired, mapping.list-missing, mapping.setting-missing, mapping.pointer-unknown
    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const;

    /// `targets` has one entry a national slot; what is missing has no bound.
    /// Errors: those, mapping.unfit, mapping.code-foreign
    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets = {}) const;

    /// National values inside the domain and the target's bounds, for generators and law tests; the
    /// same seed gives the same values. Nothing: the bounds and the domain do not meet.
    std::optional<std::vector<NationalValue>> draw(std::uint64_t seed, const ConversionContext& context,
                                                   std::span<const Target> targets = {}) const;

    explicit Conversion(std::shared_ptr<const ConversionCode> code) : code_(std::move(code)) {}

private:
    std::shared_ptr<const ConversionCode> code_;
};

/// `text`, what a place without a conversion gets.
const Conversion& text_conversion();

/// The row around the conversions: places on both sides, and where the text stands in the table.
struct ConversionRow {
    std::size_t national_count = 1;
    std::size_t pivot_count = 1;
    Place where = {};
    std::vector<bool> optional = {};  ///< national places marked "?"; what is missing is not
};

/// All conversions of a row, in order: "money, code currency", "join \"/\" (text, date ddMMyy iso, text)",
/// "time 102 yyyyMMdd, 304 yyyyMMddHHmmssX". They take the places from left to right, and slots of
/// each count from 0: the caller hands every conversion its own places. Places that remain get
/// `text`, so that "measure" alone serves `weight, "KGM"`. The caller cuts the words of the row
/// (default, none, refuse, key) off first; an empty text gives `text` for every place.
/// Errors: mapping.conversion-unknown (with the nearest name), mapping.conversion-arguments,
///         mapping.conversion-count
Result<std::vector<Conversion>> parse_conversions(std::string_view text, const ConversionRow& row, Diagnostics& faults);

/// Names of all conversions, for messages and documentation.
std::vector<std::string> conversion_names();

}  // namespace hansa::mapping
