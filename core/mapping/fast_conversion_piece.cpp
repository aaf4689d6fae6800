// Twins of lines, parts, parts-of, join, digits, name-address: texts in pieces.
#include <algorithm>
#include <array>

#include "core/mapping/conversion_code.h"
#include "core/mapping/fast_code.h"

namespace hansa::mapping {
namespace {

using Kind = ConversionRecipe::Kind;
using Noted = ConversionNote::Kind;

constexpr std::size_t pieces_max = 32;

std::string_view trim(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const std::size_t from = text.find_first_not_of(white);
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(white) - from + 1);
}

/// Texts one after another, in the scratch.
class Joined {
public:
    Joined(Scratch& scratch, std::size_t bytes) : scratch_(scratch), at_(scratch.room(bytes)) {}
    void add(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
    std::string_view text() { return scratch_.keep(at_); }

private:
    Scratch& scratch_;
    char* at_;
};

/// The next piece, and the rest behind the separator; false: it was the last one.
bool next_piece(std::string_view& rest, std::string_view separator, std::string_view& piece) {
    const std::size_t end = rest.find(separator);
    piece = rest.substr(0, end);
    if (end == rest.npos) return false;
    rest.remove_prefix(end + separator.size());
    return true;
}

/// One text here, several lines there.
class FastLines final : public FastCode {
public:
    FastLines(const FastRequest& request)
        : places_(request.targets, request.context.grammar),
          authority_(request.context.authority),
          separator_(request.recipe.text) {}

    Fast to_pivot(std::span<const FastText> national, FastRun&, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        std::string_view rest = national.front().text, piece;
        bool more = true;
        while (more) {
            more = next_piece(rest, separator_, piece);
            if (!piece.empty()) {
                if (!out.add({piece, {}, 0})) return Fast::declined;
                continue;
            }
            // A text that would not join to the same again is one line.
            out.clear();
            return out.add({national.front().text, {}, 0}) ? Fast::done : Fast::declined;
        }
        return Fast::done;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        std::size_t bytes = 0;
        for (const FastPivot& value : values) {
            if (!may_be_text(value.list, authority_)) return Fast::declined;
            bytes += value.text.size() + separator_.size();
        }
        if (values.size() == 1) {
            if (!splits_back(values.front().text, values) && !noted(run)) return Fast::declined;
            return written(values.front().text, out);
        }
        Joined joined(run.scratch, bytes);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) joined.add(separator_);
            joined.add(values[i].text);
        }
        const std::string_view text = joined.text();
        if (!splits_back(text, values) && !noted(run)) return Fast::declined;
        return written(text, out);
    }

private:
    static bool noted(FastRun& run) { return note(run, Noted::narrowed, "the lines cannot be told apart in one text"); }

    bool splits_back(std::string_view text, std::span<const FastPivot> values) const {
        std::size_t at = 0;
        bool more = true;
        while (more) {
            std::string_view piece;
            more = next_piece(text, separator_, piece);
            if (at == values.size() || piece != values[at].text) return false;
            ++at;
        }
        return at == values.size();
    }

    Fast written(std::string_view text, TextSlots& out) const {
        return places_[0].takes(text) && out.add({text, 0}) ? Fast::done : Fast::declined;
    }

    FastPlaces places_;
    std::string authority_, separator_;
};

/// One text of the pivot in several pieces: of one element that repeats, or of several elements.
class FastParts final : public FastCode {
public:
    FastParts(const FastRequest& request)
        : places_(request.targets, request.context.grammar),
          authority_(request.context.authority),
          length_(request.recipe.length),
          named_(request.recipe.named),
          count_(request.conversion.national_count()) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        if (national.size() == 1 && national.front().slot < (named_ ? count_ : 1))
            return out.add({national.front().text, {}, 0}) ? Fast::done : Fast::declined;
        std::size_t bytes = 0;
        for (const FastText& value : national) bytes += value.text.size();
        Joined joined(run.scratch, bytes);
        for (std::size_t slot = 0; slot < (named_ ? count_ : 1); ++slot) {
            for (const FastText& value : national) {
                if (value.slot == slot) joined.add(value.text);
            }
        }
        return out.add({joined.text(), {}, 0}) ? Fast::done : Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun&, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        if (!may_be_text(values.front().list, authority_)) return Fast::declined;
        std::string_view rest = values.front().text;
        for (std::uint32_t i = 0; i == 0 || !rest.empty(); ++i) {
            const std::uint32_t slot = named_ ? i : 0;
            if (named_ && i >= count_) return Fast::declined;
            const FastPlace& place = places_[slot];
            const std::string_view piece = head(rest, std::min(length_, place.bounds().length_max.value_or(length_)));
            if (!place.takes(piece) || !out.add({piece, slot})) return Fast::declined;
            rest.remove_prefix(piece.size());
        }
        return Fast::done;
    }

private:
    FastPlaces places_;
    std::string authority_;
    std::size_t length_;
    bool named_;
    std::size_t count_;
};

/// Several elements, one text; each part may have a conversion of its own.
class FastJoin final : public FastCode {
public:
    FastJoin(const FastRequest& request, std::vector<FastConversion> inner)
        : authority_(request.context.authority),
          separator_(request.recipe.text),
          inner_(std::move(inner)),
          optional_(request.recipe.optional) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        std::array<Piece, pieces_max> pieces;
        std::size_t count = 0, bytes = 0;
        for (std::uint32_t slot = 0; slot < inner_.size(); ++slot) {
            const auto found =
                std::find_if(national.begin(), national.end(), [&](const FastText& one) { return one.slot == slot; });
            if (found == national.end()) {
                if (!optional_[slot]) return Fast::declined;
                continue;
            }
            FastPivot value;
            if (inner_[slot].read(found->text, run, value) == Fast::declined) return Fast::declined;
            pieces[count++] = {value.text, slot};
            bytes += value.text.size() + separator_.size();
        }
        Joined joined(run.scratch, bytes);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) joined.add(separator_);
            joined.add(pieces[i].text);
        }
        const std::string_view text = joined.text();
        std::array<Piece, pieces_max> back;
        std::size_t back_count = 0;
        const bool same = slots_of(text, back, back_count) && back_count == count &&
                          std::equal(back.begin(), back.begin() + static_cast<std::ptrdiff_t>(count), pieces.begin());
        if (!same && !note(run, Noted::narrowed, "the joined text does not split back into the same parts"))
            return Fast::declined;
        return out.add({text, {}, 0}) ? Fast::done : Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        if (!may_be_text(values.front().list, authority_)) return Fast::declined;
        std::array<Piece, pieces_max> pieces;
        std::size_t count = 0;
        if (!slots_of(values.front().text, pieces, count)) return Fast::declined;
        for (std::size_t i = 0; i < count; ++i) {
            std::string_view text;
            if (inner_[pieces[i].slot].write({pieces[i].text, {}, 0}, run, text) == Fast::declined)
                return Fast::declined;
            if (!out.add({text, pieces[i].slot})) return Fast::declined;
        }
        return Fast::done;
    }

private:
    struct Piece {
        std::string_view text;
        std::uint32_t slot = 0;
        friend bool operator==(const Piece&, const Piece&) = default;
    };

    /// Which part each piece is: optional parts on the left are the first to be missing; what is too
    /// much stays in the last part.
    bool slots_of(std::string_view text, std::array<Piece, pieces_max>& out, std::size_t& count) const {
        std::array<std::string_view, pieces_max> pieces;
        std::size_t there = 0;
        bool more = true;
        while (more) {
            if (there + 1 == inner_.size()) {
                pieces[there++] = text;
                break;
            }
            more = next_piece(text, separator_, pieces[there++]);
        }
        std::size_t missing = inner_.size() - there, at = 0;
        count = 0;
        for (std::uint32_t slot = 0; slot < inner_.size(); ++slot) {
            if (missing > 0 && optional_[slot]) {
                --missing;
                continue;
            }
            if (at == there) return false;
            out[count++] = {pieces[at++], slot};
        }
        return missing == 0 && at == there;
    }

    std::string authority_, separator_;
    std::vector<FastConversion> inner_;
    std::vector<bool> optional_;
};

/// One text of digits cut by place. Turned round, several elements make one text.
class FastDigits final : public FastCode {
public:
    FastDigits(const FastRequest& request)
        : places_(request.targets, request.context.grammar),
          authority_(request.context.authority),
          sizes_(request.recipe.sizes),
          turned_(request.recipe.turned) {}

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        if (turned_) {
            std::string_view text;
            if (!glue(national, run.scratch, text) || !out.add({text, {}, 0})) return Fast::declined;
            return Fast::done;
        }
        const auto add = [&](std::string_view piece, std::uint32_t slot) { return out.add({piece, {}, slot}); };
        return cut(national.front().text, add) ? Fast::done : Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        for (const FastPivot& value : values) {
            if (!may_be_text(value.list, authority_)) return Fast::declined;
        }
        if (turned_) {
            const auto add = [&](std::string_view piece, std::uint32_t slot) {
                return places_[slot].takes(piece) && out.add({piece, slot});
            };
            return cut(values.front().text, add) ? Fast::done : Fast::declined;
        }
        std::string_view text;
        if (!glue(values, run.scratch, text) || !places_[0].takes(text) || !out.add({text, 0})) return Fast::declined;
        return Fast::done;
    }

private:
    /// Pieces from the left; the last one that is there may be shorter.
    template <class Add>
    bool cut(std::string_view text, const Add& add) const {
        if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return false;
        for (std::uint32_t slot = 0; slot < sizes_.size() && !text.empty(); ++slot) {
            const std::string_view piece = text.substr(0, sizes_[slot]);
            if (!add(piece, slot)) return false;
            text.remove_prefix(piece.size());
        }
        return text.empty();
    }

    template <class Values>
    bool glue(const Values& values, Scratch& scratch, std::string_view& out) const {
        std::array<std::string_view, pieces_max> pieces;
        std::size_t bytes = 0;
        for (const auto& value : values) pieces[std::min<std::size_t>(value.slot, sizes_.size() - 1)] = value.text;
        for (std::size_t slot = 0; slot < sizes_.size(); ++slot) bytes += pieces[slot].size();
        if (pieces[0].size() == bytes) {
            out = pieces[0];
        } else {
            Joined joined(scratch, bytes);
            for (std::size_t slot = 0; slot < sizes_.size(); ++slot) joined.add(pieces[slot]);
            out = joined.text();
        }
        // The text must fall apart into the same pieces.
        std::size_t count = 0;
        const auto same = [&](std::string_view piece, std::uint32_t slot) {
            count = slot + 1;
            return pieces[slot] == piece;
        };
        if (!cut(out, same)) return false;
        for (; count < sizes_.size(); ++count) {
            if (!pieces[count].empty()) return false;
        }
        return true;
    }

    FastPlaces places_;
    std::string authority_;
    std::vector<std::size_t> sizes_;
    bool turned_;
};

/// Name and address lines in one element of several lines: the first line is the name.
class FastNameAddress final : public FastCode {
public:
    FastNameAddress(const FastRequest& request)
        : places_(request.targets, request.context.grammar), authority_(request.context.authority) {}

    Fast to_pivot(std::span<const FastText> national, FastRun&, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        std::string_view rest = national.front().text, line;
        bool more = true;
        while (more) {
            more = next_piece(rest, "\n", line);
            const std::string_view text = trim(line);
            if (!text.empty() && !out.add({text, {}, out.empty() ? 0U : 1U})) return Fast::declined;
        }
        return out.empty() ? Fast::declined : Fast::done;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        if (values.front().slot != 0) return Fast::declined;
        std::size_t bytes = 0;
        bool plain = true;
        for (const FastPivot& value : values) {
            if (value.slot < 2 && !may_be_text(value.list, authority_)) return Fast::declined;
            bytes += value.text.size() + 1;
            plain = plain &&
                    (value.slot > 1 || (value.text == trim(value.text) && value.text.find('\n') == value.text.npos));
        }
        std::string_view text = values.front().text;
        if (values.size() > 1) {
            Joined joined(run.scratch, bytes);
            bool first = true;
            for (std::uint32_t slot = 0; slot < 2; ++slot) {
                for (const FastPivot& value : values) {
                    if (value.slot != slot) continue;
                    if (!first) joined.add("\n");
                    first = false;
                    joined.add(value.text);
                }
            }
            text = joined.text();
        }
        if (!plain && !note(run, Noted::narrowed, "lines within a line are read back as lines of the address"))
            return Fast::declined;
        return places_[0].takes(text) && out.add({text, 0}) ? Fast::done : Fast::declined;
    }

private:
    FastPlaces places_;
    std::string authority_;
};

FastMade joined_of(const FastRequest& request) {
    std::vector<FastConversion> inner;
    const FastTarget unbound;
    for (std::size_t slot = 0; slot < request.recipe.inner.size(); ++slot) {
        const FastTarget& target = slot < request.targets.size() ? request.targets[slot] : unbound;
        inner.push_back(FastConversion::of(request.recipe.inner[slot], request.context, {&target, 1}));
        if (!inner.back().single()) return nullptr;
    }
    if (inner.size() > pieces_max) return nullptr;
    return std::make_shared<FastJoin>(request, std::move(inner));
}

}  // namespace

FastMade fast_piece(const FastRequest& request) {
    switch (request.recipe.kind) {
        case Kind::lines:
            return std::make_shared<FastLines>(request);
        case Kind::parts:
            return std::make_shared<FastParts>(request);
        case Kind::join:
            return joined_of(request);
        case Kind::digits:
            if (request.recipe.sizes.size() > pieces_max) return nullptr;
            return std::make_shared<FastDigits>(request);
        case Kind::name_address:
            return std::make_shared<FastNameAddress>(request);
        default:
            return nullptr;
    }
}

}  // namespace hansa::mapping
