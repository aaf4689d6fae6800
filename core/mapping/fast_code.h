// What stands behind a FastConversion: one class a family. For fast_*.cpp and fused_*.cpp only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/mapping/conversion_recipe.h"
#include "core/mapping/fast_conversion.h"
#include "core/schema/type_program.h"

namespace hansa::mapping {

class FastCode {
public:
    virtual ~FastCode() = default;
    virtual bool single() const { return false; }
    /// Does a result depend on the document's day?
    virtual bool dated() const { return false; }
    /// The national texts of a conversion that knows nearly all of them, for a table made of them; their
    /// results never depend on the day.
    virtual std::vector<std::string> closed_set() const { return {}; }
    virtual Fast read(std::string_view national, FastRun& run, FastPivot& out) const;
    virtual Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const;
    virtual Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const = 0;
    virtual Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const = 0;
};

/// A twin of one text and one value: only `read` and `write` are its own.
class FastSingle : public FastCode {
public:
    bool single() const final { return true; }
    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const final;
    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const final;
};

/// Does no line end in the text?
bool is_one_line(std::string_view text);

/// What one national place takes.
class FastPlace {
public:
    FastPlace() = default;
    FastPlace(const FastTarget& target, const schema::Grammar* grammar);

    /// Is the text within the bounds, and a value of the type? Never true for an empty text.
    bool takes(std::string_view text) const {
        if (text.size() <= surely_up_to_ && has_sign(text) && (!one_line_ || is_one_line(text))) return true;
        return !text.empty() && in_bounds(text) && in_type(text);
    }
    /// The same of a text in which no line ends.
    bool takes_line(std::string_view text) const {
        if (text.size() <= surely_up_to_ && has_sign(text)) return true;
        return !text.empty() && in_bounds(text) && in_type(text);
    }
    bool in_bounds(std::string_view text) const {
        return !bounded_ || (text.size() <= bounds_up_to_ && has_sign(text)) || counted(text);
    }
    bool in_type(std::string_view text) const {
        return !type_ || (text.size() <= type_up_to_ && has_sign(text) && (!one_line_ || is_one_line(text))) ||
               checked(text);
    }
    const Target& bounds() const { return bounds_; }
    const schema::SimpleType* type() const { return type_; }

private:
    /// Does the text begin with a character that no white space rule takes away?
    static bool has_sign(std::string_view text) {
        if (text.empty()) return false;
        const auto first = static_cast<unsigned char>(text.front());
        return (first > ' ' && first < 0x80) || first >= 0xC0;
    }

    bool counted(std::string_view text) const;
    bool checked(std::string_view text) const;

    Target bounds_;
    bool bounded_ = false;
    std::optional<schema::Grammar> grammar_;  ///< keeps the type alive
    const schema::SimpleType* type_ = nullptr;
    std::shared_ptr<const schema::TypeProgram> program_;  ///< of a type that asks for more than lengths
    /// Bytes of a text that needs no closer look, if it has a sign: for the bounds, for the type, for both.
    std::size_t bounds_up_to_ = static_cast<std::size_t>(-1), type_up_to_ = bounds_up_to_;
    std::size_t surely_up_to_ = bounds_up_to_;
    bool one_line_ = false;  ///< ... and if no line ends in it: the pattern .*[^\s].*, which the WCO's types have
};

/// The places of a conversion, by slot; beyond them nothing is bound.
class FastPlaces {
public:
    FastPlaces(std::span<const FastTarget> targets, const schema::Grammar* grammar);
    const FastPlace& operator[](std::size_t slot) const { return slot < places_.size() ? places_[slot] : unbound_; }

private:
    std::vector<FastPlace> places_;
    FastPlace unbound_;
};

/// May a value of this list be written as plain text? The authority's own lists may.
bool may_be_text(std::string_view list, std::string_view authority);

/// Adds a note; false: there is no place for it.
inline bool note(FastRun& run, ConversionNote::Kind kind, std::string_view reason) {
    return run.notes && run.notes->add({kind, reason});
}

using FastMade = std::shared_ptr<const FastCode>;

/// What the makers of twins get. Nothing comes back where there is no twin.
struct FastRequest {
    const Conversion& conversion;
    const ConversionRecipe& recipe;
    const FastContext& context;
    std::span<const FastTarget> targets;
};

FastMade fast_text(const FastRequest& request);      ///< text, alias, prefix, words, gather
FastMade fast_number(const FastRequest& request);    ///< number, implied
FastMade fast_time(const FastRequest& request);      ///< time, coded_time, xsd_day, xsd_moment, day_in_text
FastMade fast_code(const FastRequest& request);      ///< code
FastMade fast_standard(const FastRequest& request);  ///< country, currency, unit
FastMade fast_piece(const FastRequest& request);     ///< lines, parts, join, digits, name_address
FastMade fast_check(const FastRequest& request);     ///< check_digit

}  // namespace hansa::mapping
