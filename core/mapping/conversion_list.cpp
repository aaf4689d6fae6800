// code, iso3166, iso4217, rec20, pointer, place: values that lists and the model know.
#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/conversion_code.h"
#include "core/mapping/place_list.h"
#include "core/pivot/pointer.h"
#include "core/pivot/standards.h"
#include "core/pivot/table.h"

namespace hansa::mapping {
namespace {

Result<const CodeList*> list_of(const std::string& list_name, const ConversionContext& context) {
    const auto name = resolved(list_name, context);
    if (!name) return name.error();
    if (context.lists) {
        auto found = context.lists->find(*name);
        if (found == context.lists->end()) found = context.lists->find(pivot::split_code(*name).code);
        if (found != context.lists->end()) return &found->second;
    }
    return Error{codes::list_missing, fmt::format("no list '{}'", *name)};
}

class CodeOfList final : public ConversionCode {
public:
    std::string domain() const override { return fmt::format("a code of {}", list_name); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::code, .text = list_name}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const override {
        if (national.empty()) return ToPivot{};
        const auto list = list_of(list_name, context);
        if (!list) return list.error();
        auto values = (*list)->to_standard(national.front().text, context.document_date);
        if (!values) return values.error();
        // A row that asks for fewer fields than the list has columns takes the first ones.
        std::erase_if(*values, [this](const PivotValue& value) { return value.slot >= pivot_count; });
        return ToPivot{std::move(*values), {}};
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        const auto list = list_of(list_name, context);
        if (!list) return list.error();
        std::vector<std::size_t> passed_over;
        auto national = (*list)->to_national(values, context.document_date, &passed_over);
        if (!national) return national.error();
        if (auto good = fits(*national, target_of(targets, 0)); !good) return good.error();
        for (const std::size_t slot : passed_over) {
            const auto value =
                std::find_if(values.begin(), values.end(), [&](const PivotValue& each) { return each.slot == slot; });
            out.notes.push_back({ConversionNote::Kind::narrowed,
                                 pivot::join_code(value->list, value->text),
                                 {},
                                 fmt::format("{} has no code for it", (*list)->id())});
        }
        out.values.push_back({std::move(*national), 0});
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override {
        const auto list = list_of(list_name, context);
        if (!list) return std::nullopt;
        std::vector<std::string> codes = (*list)->nationals();
        std::erase_if(codes, [&](const std::string& code) {
            return !fits(code, target_of(targets, 0)) || !(*list)->to_standard(code, context.document_date);
        });
        if (!codes.empty()) return std::vector<NationalValue>{{codes[random() % codes.size()], 0}};
        if (!(*list)->open()) {
            std::string by_pattern = (*list)->draw_number({}, random());  // a list of nothing but patterns
            if (by_pattern.empty() || !fits(by_pattern, target_of(targets, 0))) return std::nullopt;
            return std::vector<NationalValue>{{std::move(by_pattern), 0}};
        }
        const std::size_t length = draw_length(random, target_of(targets, 0), 1, 6);
        return std::vector<NationalValue>{{draw_text(random, length, length), 0}};
    }
};

/// Codes of the standards themselves, in another of their own spellings.
class StandardCode : public OneToOne {
public:
    std::string spelling;

protected:
    std::optional<std::string> draw_one(std::mt19937_64& random, const ConversionContext&,
                                        const Target& target) const override {
        const auto all = spelt();
        if (all.empty()) return std::nullopt;
        std::string text = all[random() % all.size()];
        if (!fits(text, target)) return std::nullopt;
        return text;
    }
    virtual std::vector<std::string> spelt() const = 0;

    Result<std::string> checked(std::string_view text, const Target& target) const {
        if (auto good = fits(text, target); !good) return good.error();
        return std::string(text);
    }

    Error unknown(std::string_view text) const {
        return Error{codes::code_unknown, fmt::format("{} is not {}", show_code(text), domain())};
    }
};

class CountryCode final : public StandardCode {
public:
    std::string domain() const override { return fmt::format("an ISO 3166-1 {} code", spelling); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::country, .text = spelling}; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        const pivot::Country* country = spelling == "alpha3"    ? pivot::country_alpha3(text)
                                        : spelling == "numeric" ? pivot::country_numeric(text)
                                                                : pivot::country_alpha2(text);
        if (country) return PivotValue{std::string(country->alpha2), {}, 0};
        if (spelling == "alpha2" && pivot::is_country(text)) return PivotValue{text, {}, 0};
        return unknown(text);
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        const pivot::Country* country = pivot::country_alpha2(value.text);
        if (!value.list.empty() || (!country && !(spelling == "alpha2" && pivot::is_country(value.text))))
            return unknown(value.text);
        if (spelling == "alpha2") return checked(value.text, target);
        return checked(spelling == "alpha3" ? country->alpha3 : country->numeric, target);
    }

    std::vector<std::string> spelt() const override {
        std::vector<std::string> out;
        for (const pivot::Country& each : pivot::countries()) {
            out.emplace_back(spelling == "alpha3" ? each.alpha3 : spelling == "numeric" ? each.numeric : each.alpha2);
        }
        return out;
    }
};

class CurrencyCode final : public StandardCode {
public:
    std::string domain() const override { return fmt::format("an ISO 4217 {} code", spelling); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::currency, .text = spelling}; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        const pivot::Currency* currency =
            spelling == "numeric" ? pivot::currency_numeric(text) : pivot::currency_alpha(text);
        if (!currency) return unknown(text);
        return PivotValue{std::string(currency->alpha), {}, 0};
    }

    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        const pivot::Currency* currency = pivot::currency_alpha(value.text);
        if (!currency || !value.list.empty()) return unknown(value.text);
        if (spelling != "numeric") return checked(currency->alpha, target);
        // A number that meanwhile stands for another currency cannot be written.
        if (pivot::currency_numeric(currency->numeric) != currency) return unknown(value.text);
        return checked(currency->numeric, target);
    }

    std::vector<std::string> spelt() const override {
        std::vector<std::string> out;
        for (const pivot::Currency& each : pivot::currencies()) {
            if (each.withdrawn.empty() && !each.numeric.empty())
                out.emplace_back(spelling == "numeric" ? each.numeric : each.alpha);
        }
        return out;
    }
};

class UnitCode final : public StandardCode {
public:
    std::string domain() const override { return "of the shape of a UNECE Rec 20 code"; }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::unit}; }

protected:
    Result<PivotValue> read(const std::string& text, const ConversionContext&, Notes&) const override {
        if (!pivot::is_unit_shape(text)) return unknown(text);
        return PivotValue{text, {}, 0};
    }
    Result<std::string> write(const PivotValue& value, const ConversionContext& context, const Target& target,
                              Notes&) const override {
        if (auto good = may_be_text(value, context); !good) return good.error();
        if (!pivot::is_unit_shape(value.text) || !value.list.empty()) return unknown(value.text);
        return checked(value.text, target);
    }
    std::vector<std::string> spelt() const override { return {"KGM", "H87", "MTQ", "LTR", "MTR", "PR"}; }
};

/// A WCO pointer: three elements that repeat (sequence, class, tag), one place of the pivot.
class PointerPlace final : public ConversionCode {
public:
    std::string domain() const override { return "pointers to a place of a declaration or response"; }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::pointer}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        if (national.empty()) return ToPivot{};
        const auto pointers = read(national);
        if (!pointers) return pointers.error();
        auto path = pivot::path_of(*pointers);
        if (!path) return Error{codes::pointer_unknown, path.error().detail};
        return ToPivot{{{std::move(*path), {}, 0}}, {}};
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext&,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        auto pointers = pivot::pointers_of(values.front().text);
        if (!pointers) {
            // The nearest class above still helps a reader; what was cut off is noted.
            auto near = pivot::nearest_pointers_of(values.front().text);
            if (!near) return Error{codes::pointer_unknown, pointers.error().detail};
            out.notes.push_back({ConversionNote::Kind::narrowed, values.front().text, {}, pointers.error().detail});
            pointers = std::move(near);
        }
        for (const pivot::Pointer& pointer : *pointers) {
            if (pointer.sequence > 0) out.values.push_back({std::to_string(pointer.sequence), 0});
            out.values.push_back({pointer.class_id, 1});
            if (!pointer.tag.empty()) out.values.push_back({pointer.tag, 2});
        }
        for (const NationalValue& value : out.values) {
            if (auto good = fits(value.text, target_of(targets, value.slot)); !good) return good.error();
        }
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override {
        const auto fields = pivot::all_fields(pivot::Kind::declaration);
        for (int tries = 0; tries < 64; ++tries) {
            const pivot::Field* field = fields[random() % fields.size()];
            std::string path = "Declaration";
            if (field->parent) path += "/" + field->path();
            if (!pivot::pointers_of(path)) continue;
            const PivotValue place{std::move(path), {}, 0};
            auto out = from_pivot({&place, 1}, context, targets);
            if (out) return out->values;
        }
        return std::nullopt;
    }

private:
    /// Parts of one pointer come in the order sequence, class, tag; a part that does not follow opens the next pointer.
    static Result<std::vector<pivot::Pointer>> read(std::span<const NationalValue> national) {
        std::vector<pivot::Pointer> out;
        std::size_t last = any_count;
        for (const NationalValue& value : national) {
            if (last == any_count || value.slot <= last) out.emplace_back();
            last = value.slot;
            if (value.slot == 1) out.back().class_id = value.text;
            if (value.slot == 2) out.back().tag = value.text;
            if (value.slot != 0) continue;
            constexpr std::size_t digits_max = 9;
            const std::size_t zeros = std::min(value.text.find_first_not_of('0'), value.text.size());
            const std::string digits = value.text.substr(zeros);
            if (digits.empty() || digits.size() > digits_max || digits.find_first_not_of("0123456789") != digits.npos) {
                return Error{codes::pointer_unknown,
                             fmt::format("'{}' is no place from 1 on", value.text.substr(0, 20))};
            }
            out.back().sequence = static_cast<std::uint32_t>(std::stoul(digits));
        }
        return out;
    }
};

/// A path of the message that is answered, or a section of it with a number, by a list of places (place_list.h).
class PathPlace final : public ConversionCode {
public:
    bool words_too = false;  ///< the path goes into a text too, and words of others are written as they are

    std::string domain() const override { return fmt::format("a path that '{}' lists", list_name); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::place, .text = list_name}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const override {
        const auto places = list_of(list_name, context);
        if (!places) return places.error();
        std::string path, number;
        for (const NationalValue& value : national) (value.slot == 0 ? path : number) = value.text;
        if (!number.empty()) path += "[" + number + "]";
        auto place = listed_place(**places, path);
        ToPivot out;
        if (words_too && !path.empty()) out.values.push_back({path, {}, 0});
        if (place) out.values.push_back({std::move(*place), {}, pivot_count - 1});
        return out;
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        const auto places = list_of(list_name, context);
        if (!places) return places.error();
        const std::string& place = values.back().text;
        if (words_too && values.front().slot == 0) {
            const std::string& words = values.front().text;
            if (auto good = fits(words, target_of(targets, 0)); !good) return good.error();
            if (values.size() > 1 && listed_place(**places, words) != place)
                out.notes.push_back({ConversionNote::Kind::narrowed, place, {}, "words stand where it would be said"});
            out.values.push_back({words, 0});
            return out;
        }
        auto path = listed_path(**places, place);
        if (!path) return Error{codes::pointer_unknown, fmt::format("'{}' lists no place of '{}'", list_name, place)};
        if (!path->missing.empty()) {
            out.notes.push_back({ConversionNote::Kind::narrowed,
                                 place,
                                 {},
                                 fmt::format("the nearest place that the format names is above '{}'", path->missing)});
        }
        const std::size_t open = national_count > 1 ? path->path.find('[') : path->path.npos;
        out.values.push_back({path->path.substr(0, open), 0});
        if (open != path->path.npos)
            out.values.push_back({path->path.substr(open + 1, path->path.size() - open - 2), 1});
        for (const NationalValue& value : out.values) {
            if (auto good = fits(value.text, target_of(targets, value.slot)); !good) return good.error();
        }
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override {
        const auto places = list_of(list_name, context);
        if (!places) return std::nullopt;
        const std::vector<std::string> paths = (*places)->nationals();
        for (int tries = 0; tries < 64 && !paths.empty(); ++tries) {
            std::string path = paths[random() % paths.size()];
            for (std::size_t at = path.find("[#]"); at != path.npos; at = path.find("[#]", at))
                path.replace(at + 1, 1, std::to_string(1 + random() % 99));
            const auto place = listed_place(**places, path);
            if (!place) continue;
            const PivotValue value{*place, {}, 0};
            auto out = from_pivot({&value, 1}, context, targets);
            if (out) return out->values;
        }
        return std::nullopt;
    }
};

MadeConversion make_code(const ConversionRequest& request) {
    if (request.arguments.size() != 1) return wrong_arguments("expected the name of a list: code unit");
    auto made = std::make_shared<CodeOfList>();
    made->list_name = request.arguments[0].text;
    // A list of several standard columns fills as many fields as the row has.
    if (request.last && request.national_left == 1) made->pivot_count = request.pivot_left;
    return made;
}

template <class Made>
MadeConversion make_spelt(const ConversionRequest& request, std::initializer_list<std::string_view> spellings) {
    auto made = std::make_shared<Made>();
    made->spelling = *spellings.begin();
    if (!request.arguments.empty()) made->spelling = request.arguments[0].text;
    if (request.arguments.size() > 1 ||
        std::find(spellings.begin(), spellings.end(), made->spelling) == spellings.end()) {
        return wrong_arguments(
            fmt::format("'{}': expected alpha2, alpha3, alpha or numeric, as the standard has it", made->spelling));
    }
    return made;
}

MadeConversion make_country(const ConversionRequest& request) {
    return make_spelt<CountryCode>(request, {"alpha2", "alpha3", "numeric"});
}

MadeConversion make_currency(const ConversionRequest& request) {
    return make_spelt<CurrencyCode>(request, {"alpha", "numeric"});
}

MadeConversion make_unit(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    return std::make_shared<UnitCode>();
}

MadeConversion make_pointer(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    auto made = std::make_shared<PointerPlace>();
    made->national_count = 3;
    made->national_list = made->narrowing = true;
    return made;
}

MadeConversion make_place(const ConversionRequest& request) {
    if (request.arguments.size() != 1) return wrong_arguments("expected the name of a list: place error-place");
    auto made = std::make_shared<PathPlace>();
    made->list_name = request.arguments[0].text;
    made->national_count = request.last && request.national_left == 2 ? 2 : 1;
    made->words_too = request.last && request.pivot_left == 2;
    made->pivot_count = made->words_too ? 2 : 1;
    made->narrowing = true;
    return made;
}

constexpr ConversionName names[] = {
    {"code", make_code, "code LIST"},
    {"iso3166", make_country, "iso3166 [alpha2|alpha3|numeric]"},
    {"iso4217", make_currency, "iso4217 [alpha|numeric]"},
    {"rec20", make_unit, "rec20"},
    {"pointer", make_pointer, "pointer"},
    {"place", make_place, "place LIST"},
};

}  // namespace

std::span<const ConversionName> list_conversions() {
    return names;
}

}  // namespace hansa::mapping
