// lines, parts, parts-of, join, digits, name-address: texts in pieces.
#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/conversion_code.h"

namespace hansa::mapping {
namespace {

std::vector<std::string> split(std::string_view text, std::string_view separator, std::size_t pieces_max = any_count) {
    std::vector<std::string> out;
    while (true) {
        const std::size_t end = out.size() + 1 == pieces_max ? text.npos : text.find(separator);
        out.emplace_back(text.substr(0, end));
        if (end == text.npos) return out;
        text.remove_prefix(end + separator.size());
    }
}

std::string joined(const std::vector<std::string>& pieces, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0) out += separator;
        out += pieces[i];
    }
    return out;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const std::size_t from = text.find_first_not_of(white);
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(white) - from + 1);
}

/// One text here, several lines there. A text whose pieces would not join to the same text is one line.
class Lines final : public ConversionCode {
public:
    std::string separator;

    std::string domain() const override { return fmt::format("lines without '{}'", separator); }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::lines, .text = separator}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        ToPivot out;
        if (national.empty()) return out;
        std::vector<std::string> lines = split(national.front().text, separator);
        if (std::any_of(lines.begin(), lines.end(), [](const std::string& line) { return line.empty(); }))
            lines = {national.front().text};
        for (std::string& line : lines) out.values.push_back({std::move(line), {}, 0});
        return out;
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        std::vector<std::string> lines;
        for (const PivotValue& value : values) {
            if (auto good = may_be_text(value, context); !good) return good.error();
            lines.push_back(value.text);
        }
        if (lines.empty()) return out;
        std::string text = joined(lines, separator);
        if (split(text, separator) != lines)
            out.notes.push_back(
                {ConversionNote::Kind::narrowed, text, {}, "the lines cannot be told apart in one text"});
        if (auto good = fits(text, target_of(targets, 0)); !good) return good.error();
        out.values.push_back({std::move(text), 0});
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext&,
                                                   std::span<const Target> targets) const override {
        const Target& target = target_of(targets, 0);
        std::string text = draw_text(random, target.length_min.value_or(1), target.length_max.value_or(20));
        if (random() % 2 == 0) {
            std::string longer = text + separator + draw_text(random, 1, 8);
            if (fits(longer, target)) text = std::move(longer);
        }
        return std::vector<NationalValue>{{std::move(text), 0}};
    }
};

/// One text of the pivot in several pieces: of one element that repeats, or of several elements.
class Parts final : public ConversionCode {
public:
    std::size_t length = 0;
    bool named = false;  ///< parts-of: each piece is an element of its own

    std::string domain() const override { return fmt::format("pieces of up to {} characters", length); }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::parts, .named = named, .length = length};
    }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        if (national.empty()) return ToPivot{};
        std::string text;
        for (std::size_t slot = 0; slot < (named ? national_count : 1); ++slot) {
            for (const NationalValue& value : national) {
                if (value.slot == slot) text += value.text;
            }
        }
        return ToPivot{{{std::move(text), {}, 0}}, {}};
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        if (auto good = may_be_text(values.front(), context); !good) return good.error();
        std::string_view rest = values.front().text;
        for (std::size_t i = 0; i == 0 || !rest.empty(); ++i) {
            const std::size_t slot = named ? i : 0;
            if (named && i >= national_count) {
                return Error{codes::unfit, fmt::format("{} characters do not fit {} pieces of {}",
                                                       characters(values.front().text), national_count, length)};
            }
            const std::string_view piece =
                head(rest, std::min(length, target_of(targets, slot).length_max.value_or(length)));
            if (piece.empty() && !rest.empty()) return Error{codes::unfit, "a piece holds no character"};
            if (auto good = fits(piece, target_of(targets, slot)); !good) return good.error();
            out.values.push_back({std::string(piece), slot});
            rest.remove_prefix(piece.size());
        }
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override {
        const PivotValue value{draw_text(random, 1, length * (named ? national_count : 2)), {}, 0};
        auto out = from_pivot({&value, 1}, context, targets);
        if (!out) return std::nullopt;
        return out->values;
    }
};

/// Several elements, one text; each part may have a conversion of its own.
class Join final : public ConversionCode {
public:
    std::string separator;
    std::vector<Conversion> inner;
    std::vector<bool> optional;

    std::string domain() const override { return fmt::format("{} parts joined by '{}'", inner.size(), separator); }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::join, .text = separator, .inner = inner, .optional = optional};
    }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const override {
        ToPivot out;
        if (national.empty()) return out;
        std::vector<std::string> pieces;
        std::vector<std::size_t> slots;
        for (std::size_t slot = 0; slot < inner.size(); ++slot) {
            const auto found = std::find_if(national.begin(), national.end(),
                                            [&](const NationalValue& value) { return value.slot == slot; });
            if (found == national.end()) {
                if (!optional[slot])
                    return outside("", fmt::format("a text: part {} of {} is missing", slot + 1, inner.size()));
                continue;
            }
            const NationalValue one{found->text, 0};
            auto made = inner[slot].to_pivot({&one, 1}, context);
            if (!made) return made.error();
            if (made->values.size() != 1) return outside(found->text, inner[slot].domain());
            pieces.push_back(made->values[0].text);
            slots.push_back(slot);
            out.notes.insert(out.notes.end(), made->notes.begin(), made->notes.end());
        }
        std::string text = joined(pieces, separator);
        const auto back = slots_of(text);
        const bool same = back &&
                          std::equal(back->begin(), back->end(), slots.begin(), slots.end(),
                                     [](const auto& a, std::size_t b) { return a.first == b; }) &&
                          std::equal(back->begin(), back->end(), pieces.begin(), pieces.end(),
                                     [](const auto& a, const std::string& b) { return a.second == b; });
        if (!same)
            out.notes.push_back(
                {ConversionNote::Kind::narrowed, text, {}, "the joined text does not split back into the same parts"});
        out.values.push_back({std::move(text), {}, 0});
        return out;
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        if (auto good = may_be_text(values.front(), context); !good) return good.error();
        const auto pieces = slots_of(values.front().text);
        if (!pieces) return outside(values.front().text, domain());
        for (const auto& [slot, piece] : *pieces) {
            const PivotValue one{piece, {}, 0};
            const Target target = target_of(targets, slot);
            auto made = inner[slot].from_pivot({&one, 1}, context, {&target, 1});
            if (!made) return made.error();
            for (NationalValue& value : made->values) out.values.push_back({std::move(value.text), slot});
            out.notes.insert(out.notes.end(), made->notes.begin(), made->notes.end());
        }
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext& context,
                                                   std::span<const Target> targets) const override {
        std::vector<NationalValue> out;
        for (std::size_t slot = 0; slot < inner.size(); ++slot) {
            if (optional[slot] && random() % 3 == 0) continue;
            const Target target = target_of(targets, slot);
            auto drawn = inner[slot].draw(random(), context, {&target, 1});
            if (!drawn || drawn->size() != 1 || (*drawn)[0].text.find(separator) != std::string::npos)
                return std::nullopt;
            out.push_back({std::move((*drawn)[0].text), slot});
        }
        const auto pivot = to_pivot(out, context);
        if (!pivot || !pivot->notes.empty()) return std::nullopt;
        return out;
    }

private:
    /// Which part each piece is: optional parts on the left are the first to be missing; what is too
    /// much stays in the last part, so that it joins to the same text again.
    std::optional<std::vector<std::pair<std::size_t, std::string>>> slots_of(std::string_view text) const {
        std::vector<std::string> pieces = split(text, separator, inner.size());
        std::size_t missing = inner.size() - pieces.size();
        std::vector<std::pair<std::size_t, std::string>> out;
        std::size_t at = 0;
        for (std::size_t slot = 0; slot < inner.size(); ++slot) {
            if (missing > 0 && optional[slot]) {
                --missing;
                continue;
            }
            if (at == pieces.size()) return std::nullopt;
            out.emplace_back(slot, std::move(pieces[at++]));
        }
        if (missing > 0 || at != pieces.size()) return std::nullopt;
        return out;
    }
};

/// One text of digits cut by place: 8+2, 6+* (the rest). Turned round, several elements make one text.
class Digits final : public ConversionCode {
public:
    std::vector<std::size_t> sizes;  ///< any_count: the rest
    bool turned = false;

    std::string domain() const override {
        std::string out = "digits, cut";
        for (const std::size_t size : sizes)
            out += size == any_count ? std::string(" + the rest") : fmt::format(" {}", size);
        return out;
    }

    ConversionRecipe recipe() const override {
        return {.kind = ConversionRecipe::Kind::digits, .turned = turned, .sizes = sizes};
    }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        ToPivot out;
        if (national.empty()) return out;
        std::vector<std::string> pieces(sizes.size());
        if (turned) {
            for (const NationalValue& value : national) pieces[std::min(value.slot, sizes.size() - 1)] = value.text;
            auto text = glued(pieces);
            if (!text) return text.error();
            out.values.push_back({std::move(*text), {}, 0});
            return out;
        }
        auto cut_pieces = cut(national.front().text);
        if (!cut_pieces) return cut_pieces.error();
        for (std::size_t slot = 0; slot < cut_pieces->size(); ++slot)
            out.values.push_back({std::move((*cut_pieces)[slot]), {}, slot});
        return out;
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        for (const PivotValue& value : values) {
            if (auto good = may_be_text(value, context); !good) return good.error();
        }
        if (turned) {
            auto pieces = cut(values.front().text);
            if (!pieces) return pieces.error();
            for (std::size_t slot = 0; slot < pieces->size(); ++slot)
                out.values.push_back({std::move((*pieces)[slot]), slot});
        } else {
            std::vector<std::string> pieces(sizes.size());
            for (const PivotValue& value : values) pieces[std::min(value.slot, sizes.size() - 1)] = value.text;
            auto text = glued(pieces);
            if (!text) return text.error();
            out.values.push_back({std::move(*text), 0});
        }
        for (const NationalValue& value : out.values) {
            if (auto good = fits(value.text, target_of(targets, value.slot)); !good) return good.error();
        }
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext&,
                                                   std::span<const Target> targets) const override {
        constexpr std::size_t rest_max = 4;
        std::size_t most = 0;
        for (const std::size_t size : sizes) most += size == any_count ? rest_max : size;
        const Target target = turned ? Target{} : target_of(targets, 0);
        const std::size_t length = draw_length(random, target, 1, most);
        if (length > most) return std::nullopt;
        std::string text;
        for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('0' + random() % 10);
        if (!turned) return std::vector<NationalValue>{{std::move(text), 0}};
        auto pieces = cut(text);
        if (!pieces) return std::nullopt;
        std::vector<NationalValue> out;
        for (std::size_t slot = 0; slot < pieces->size(); ++slot) out.push_back({std::move((*pieces)[slot]), slot});
        return out;
    }

private:
    /// Pieces from the left; the last one that is there may be shorter.
    Result<std::vector<std::string>> cut(std::string_view text) const {
        if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return outside(text, domain());
        std::vector<std::string> out;
        std::string_view rest = text;
        for (const std::size_t size : sizes) {
            if (rest.empty()) break;
            out.emplace_back(rest.substr(0, size));
            rest.remove_prefix(out.back().size());
        }
        if (!rest.empty()) return outside(text, domain());
        return out;
    }

    Result<std::string> glued(const std::vector<std::string>& pieces) const {
        const std::string text = joined(pieces, "");
        const auto back = cut(text);
        if (!back) return back.error();
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (pieces[i] != (i < back->size() ? (*back)[i] : std::string())) return outside(pieces[i], domain());
        }
        return text;
    }
};

/// Name and address lines in one element of several lines: the first line is the name.
class NameAddress final : public ConversionCode {
public:
    std::string domain() const override { return "lines: a name, then an address"; }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::name_address}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        ToPivot out;
        if (national.empty()) return out;
        for (const std::string& line : split(national.front().text, "\n")) {
            const std::string_view text = trim(line);
            if (!text.empty()) out.values.push_back({std::string(text), {}, out.values.empty() ? 0U : 1U});
        }
        if (out.values.empty()) return outside(national.front().text, domain());
        return out;
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        std::vector<std::string> lines;
        for (std::size_t slot = 0; slot < 2; ++slot) {
            for (const PivotValue& value : values) {
                if (value.slot != slot) continue;
                if (auto good = may_be_text(value, context); !good) return good.error();
                lines.push_back(value.text);
            }
        }
        if (values.front().slot != 0)
            return outside(values.front().text, "an address behind a name; the name is missing");
        std::string text = joined(lines, "\n");
        const bool plain = std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
            return line == trim(line) && line.find('\n') == line.npos;
        });
        if (!plain)
            out.notes.push_back({ConversionNote::Kind::narrowed,
                                 text,
                                 {},
                                 "lines within a line are read back as lines of the address"});
        if (auto good = fits(text, target_of(targets, 0)); !good) return good.error();
        out.values.push_back({std::move(text), 0});
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext&,
                                                   std::span<const Target> targets) const override {
        std::string text = draw_text(random, 1, 12);
        for (std::size_t i = random() % 3; i > 0; --i) text += "\n" + draw_text(random, 1, 10);
        if (!fits(text, target_of(targets, 0))) return std::nullopt;
        return std::vector<NationalValue>{{std::move(text), 0}};
    }
};

/// A count from 1 to 10000, or nothing.
std::optional<std::size_t> count_of(const std::string& text) {
    constexpr std::size_t digits_max = 5;
    if (text.empty() || text.size() > digits_max || text.find_first_not_of("0123456789") != text.npos)
        return std::nullopt;
    const std::size_t count = std::stoul(text);
    constexpr std::size_t most = 10'000;
    return count > 0 && count <= most ? std::optional<std::size_t>(count) : std::nullopt;
}

/// What several members say as one text: as many as fit, the first of them in any case; what stands there already is
/// not said again. Read it is one text: where it would have to be cut, a text of others does not say.
class Gathered final : public ConversionCode {
public:
    std::string separator;

    std::string domain() const override { return "any text"; }
    ConversionRecipe recipe() const override { return {.kind = ConversionRecipe::Kind::gather, .text = separator}; }

    Result<ToPivot> to_pivot(std::span<const NationalValue> national, const ConversionContext&) const override {
        if (national.empty()) return ToPivot{};
        return ToPivot{{{national.front().text, {}, 0}}, {}};
    }

    Result<FromPivot> from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                 std::span<const Target> targets) const override {
        FromPivot out;
        if (values.empty()) return out;
        std::string text;
        std::size_t left_out = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (auto good = may_be_text(values[i], context); !good) return good.error();
            const std::vector<std::string> said = split(text, separator);
            if (i > 0 && std::find(said.begin(), said.end(), values[i].text) != said.end()) continue;
            std::string more = i == 0 ? values[i].text : text + separator + values[i].text;
            const auto good = fits(more, target_of(targets, 0));
            if (!good && i == 0) return good.error();
            if (good)
                text = std::move(more);
            else
                ++left_out;
        }
        if (left_out > 0) {
            out.notes.push_back({ConversionNote::Kind::narrowed,
                                 values.front().text,
                                 {},
                                 fmt::format("{} of {} texts have no room in it", left_out, values.size())});
        }
        out.values.push_back({std::move(text), 0});
        return out;
    }

    std::optional<std::vector<NationalValue>> draw(std::mt19937_64& random, const ConversionContext&,
                                                   std::span<const Target> targets) const override {
        const std::size_t length = draw_length(random, target_of(targets, 0), 1, 20);
        return std::vector<NationalValue>{{draw_text(random, length, length), 0}};
    }
};

MadeConversion make_gather(const ConversionRequest& request) {
    if (request.arguments.size() != 1 || request.arguments[0].text.empty())
        return wrong_arguments("expected what stands between texts: gather \"; \"");
    auto made = std::make_shared<Gathered>();
    made->separator = request.arguments[0].text;
    made->narrowing = true;
    return made;
}

MadeConversion make_lines(const ConversionRequest& request) {
    if (request.arguments.size() != 1 || request.arguments[0].text.empty())
        return wrong_arguments("expected what stands between lines: lines \", \"");
    auto made = std::make_shared<Lines>();
    made->separator = request.arguments[0].text;
    made->pivot_list = made->narrowing = true;
    return made;
}

MadeConversion make_parts(const ConversionRequest& request, bool named) {
    const auto length = request.arguments.size() == 1 ? count_of(request.arguments[0].text) : std::nullopt;
    if (!length) return wrong_arguments("expected the length of a piece: parts 250");
    auto made = std::make_shared<Parts>();
    made->length = *length;
    made->named = named;
    made->national_list = !named;
    if (named) made->national_count = request.national_left;
    return made;
}

MadeConversion make_join(const ConversionRequest& request) {
    if (request.arguments.size() != 1 || request.arguments[0].text.empty())
        return wrong_arguments("expected what stands between the parts: join \"-\"");
    auto made = std::make_shared<Join>();
    made->separator = request.arguments[0].text;
    made->inner = request.inner;
    if (!request.has_inner) made->inner.assign(request.national_left, text_conversion());
    for (const Conversion& inner : made->inner) {
        if (inner.national_count() != 1 || inner.pivot_count() != 1)
            return wrong_arguments(fmt::format("'{}' takes more than one place", inner.text()));
    }
    made->national_count = made->inner.size();
    made->optional = request.optional;
    made->optional.resize(made->inner.size(), false);
    return made;
}

MadeConversion make_digits(const ConversionRequest& request) {
    auto made = std::make_shared<Digits>();
    if (request.arguments.size() == 1) {
        for (const std::string& piece : split(request.arguments[0].text, "+")) {
            const auto count = piece == "*" ? std::optional<std::size_t>(any_count) : count_of(piece);
            if (!count || (!made->sizes.empty() && made->sizes.back() == any_count))
                return wrong_arguments("expected lengths: digits 8+2, or digits 6+*");
            made->sizes.push_back(*count);
        }
    }
    if (made->sizes.size() < 2) return wrong_arguments("expected lengths: digits 8+2, or digits 6+*");
    made->turned = request.pivot_left < made->sizes.size() && request.national_left >= made->sizes.size();
    (made->turned ? made->national_count : made->pivot_count) = made->sizes.size();
    return made;
}

MadeConversion make_name_address(const ConversionRequest& request) {
    if (!request.arguments.empty()) return wrong_arguments("it takes no arguments");
    auto made = std::make_shared<NameAddress>();
    made->pivot_count = 2;
    made->pivot_list = made->narrowing = true;
    return made;
}

constexpr ConversionName names[] = {
    {"lines", make_lines, "lines \"SEPARATOR\""},
    {"gather", make_gather, "gather \"SEPARATOR\""},
    {"parts", [](const ConversionRequest& request) { return make_parts(request, false); }, "parts LENGTH"},
    {"parts-of", [](const ConversionRequest& request) { return make_parts(request, true); }, "parts-of LENGTH"},
    {"join", make_join, "join \"SEPARATOR\" [(conversion, ...)]"},
    {"digits", make_digits, "digits LENGTH+LENGTH|*"},
    {"name-address", make_name_address, "name-address"},
};

}  // namespace

std::span<const ConversionName> piece_conversions() {
    return names;
}

}  // namespace hansa::mapping
