#include "core/mapping/conversion.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/nearest.h"
#include "core/mapping/conversion_code.h"

namespace hansa::mapping {
namespace {

std::span<const std::span<const ConversionName>> families() {
    static const std::vector<std::span<const ConversionName>> all{text_conversions(), number_conversions(),
                                                                  time_conversions(), piece_conversions(),
                                                                  list_conversions(), check_conversions()};
    return all;
}

const ConversionName* conversion_named(std::string_view name) {
    for (const auto family : families()) {
        for (const ConversionName& each : family) {
            if (each.name == name) return &each;
        }
    }
    return nullptr;
}

/// Reads the conversions of a row from left to right and deals out its places.
class RowParser {
public:
    RowParser(std::string_view text, const ConversionRow& row, Diagnostics& faults)
        : text_(text), row_(row), faults_(faults) {}

    Result<std::vector<Conversion>> parse() {
        national_left_ = row_.national_count;
        pivot_left_ = row_.pivot_count;
        std::vector<Conversion> out = sequence(false);
        skip_space();
        if (!failed_ && at_ < text_.size())
            fault(codes::conversion_arguments, at_, fmt::format("'{}' cannot stand here", text_.substr(at_, 20)));
        while (!failed_ && (national_left_ > 0 || pivot_left_ > 0)) {
            if (national_left_ == 0 || pivot_left_ == 0) {
                fault(
                    codes::conversion_count, 0,
                    fmt::format(
                        "the row has {} place(s) on the left and {} on the right, and the conversions leave {} and {}",
                        row_.national_count, row_.pivot_count, national_left_, pivot_left_));
                break;
            }
            out.push_back(text_conversion());
            --national_left_, --pivot_left_;
        }
        if (failed_) return *failed_;
        return out;
    }

private:
    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }

    void fault(Code code, std::size_t offset, std::string detail) {
        Place place = row_.where;
        if (place.column > 0) place.column += static_cast<std::uint32_t>(offset);
        Error error{code, std::move(detail), std::move(place)};
        if (!failed_) failed_ = error;
        faults_.add(std::move(error));
    }

    /// A word, a text in quotes, or nothing at a sign of the language.
    std::optional<Argument> word() {
        skip_space();
        if (at_ >= text_.size() || std::string_view(",()").find(text_[at_]) != std::string_view::npos)
            return std::nullopt;
        Argument out;
        out.column = static_cast<std::uint32_t>(at_);
        if (text_[at_] == '"') {
            const std::size_t end = text_.find('"', at_ + 1);
            if (end == text_.npos) {
                fault(codes::conversion_arguments, at_, "a text in quotes does not end");
                at_ = text_.size();
                return std::nullopt;
            }
            out.text = text_.substr(at_ + 1, end - at_ - 1);
            out.quoted = true;
            at_ = end + 1;
            return out;
        }
        const std::size_t end = std::min(text_.find_first_of(" \t,()\"", at_), text_.size());
        out.text = text_.substr(at_, end - at_);
        at_ = end;
        return out;
    }

    bool take(char sign) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != sign) return false;
        ++at_;
        return true;
    }

    std::vector<Conversion> sequence(bool inner) {
        std::vector<Conversion> out;
        skip_space();
        if (at_ >= text_.size()) return out;
        do {
            auto made = one(inner);
            if (!made) return out;
            out.push_back(std::move(*made));
        } while (!failed_ && take(','));
        return out;
    }

    /// `time 102 yyyyMMdd, 304 yyyyMMddHHmmssX`: a comma and a code go on with the same conversion.
    bool next_is_form_code() const {
        std::size_t at = at_;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        if (at >= text_.size() || text_[at] != ',') return false;
        ++at;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        return at < text_.size() && text_[at] >= '0' && text_[at] <= '9';
    }

    std::optional<Conversion> one(bool inner) {
        skip_space();
        const std::size_t start = at_;
        const auto name = word();
        if (!name || name->quoted) {
            fault(codes::conversion_unknown, start, "expected the name of a conversion");
            return std::nullopt;
        }
        ConversionRequest request;
        const ConversionName* known = find(name->text, request.arguments);
        if (!known) {
            unknown(name->text, start);
            return std::nullopt;
        }
        while (true) {
            while (auto argument = word()) request.arguments.push_back(std::move(*argument));
            if (known->name != "time" || request.arguments.size() % 2 != 0 || !next_is_form_code()) break;
            take(',');
        }
        if (take('(')) {
            request.has_inner = true;
            request.inner = sequence(true);
            if (!failed_ && !take(')')) fault(codes::conversion_arguments, at_, "expected )");
        }
        if (failed_) return std::nullopt;
        request.last = at_ >= text_.size() || text_.find_first_not_of(" \t", at_) == text_.npos;
        request.national_left = inner ? 1 : national_left_;
        request.pivot_left = inner ? 1 : pivot_left_;
        if (!inner) request.optional = optional_left();
        return made(*known, request, start, inner);
    }

    std::vector<bool> optional_left() const {
        std::vector<bool> out;
        for (std::size_t i = row_.national_count - national_left_; i < row_.optional.size(); ++i)
            out.push_back(row_.optional[i]);
        return out;
    }

    /// By its name; "iso4217-numeric" is another spelling of "iso4217 numeric".
    static const ConversionName* find(const std::string& name, std::vector<Argument>& arguments) {
        if (const ConversionName* known = conversion_named(name)) return known;
        const std::size_t dash = name.find('-');
        if (dash == name.npos || name.substr(0, 3) != "iso") return nullptr;
        arguments.push_back({name.substr(dash + 1), false, 1});
        return conversion_named(name.substr(0, dash));
    }

    void unknown(const std::string& name, std::size_t start) {
        const std::vector<std::string> all = conversion_names();
        const std::vector<std::string_view> views(all.begin(), all.end());
        fault(codes::conversion_unknown, start,
              fmt::format("no conversion '{}'{}", name.substr(0, 40), did_you_mean(name, views)));
    }

    std::optional<Conversion> made(const ConversionName& known, const ConversionRequest& request, std::size_t start,
                                   bool inner) {
        auto code = request.has_inner && known.name != "join"
                        ? MadeConversion(wrong_arguments("it takes no conversions in parentheses"))
                        : known.maker(request);
        if (!code) {
            fault(code.error().code, start,
                  fmt::format("{}: {}; it is written {}", known.name, code.error().detail, known.usage));
            return std::nullopt;
        }
        (*code)->called = known.name;
        (*code)->written_as = text_.substr(start, at_ - start);
        while (!(*code)->written_as.empty() && (*code)->written_as.back() == ' ') (*code)->written_as.pop_back();
        if (!inner) {
            if ((*code)->national_count > national_left_ || (*code)->pivot_count > pivot_left_) {
                fault(
                    codes::conversion_count, start,
                    fmt::format("{} takes {} place(s) on the left and {} on the right; {} and {} are left", known.name,
                                (*code)->national_count, (*code)->pivot_count, national_left_, pivot_left_));
                return std::nullopt;
            }
            national_left_ -= (*code)->national_count;
            pivot_left_ -= (*code)->pivot_count;
        }
        return Conversion(std::move(*code));
    }

    std::string_view text_;
    const ConversionRow& row_;
    Diagnostics& faults_;
    std::size_t at_ = 0;
    std::size_t national_left_ = 0, pivot_left_ = 0;
    std::optional<Error> failed_;
};

}  // namespace

const std::string& Conversion::text() const {
    return code_->written_as;
}

std::string_view Conversion::name() const {
    return code_->called;
}

std::size_t Conversion::national_count() const {
    return code_->national_count;
}

std::size_t Conversion::pivot_count() const {
    return code_->pivot_count;
}

bool Conversion::takes_national_list() const {
    return code_->national_list;
}

bool Conversion::takes_pivot_list() const {
    return code_->pivot_list;
}

bool Conversion::narrowing() const {
    return code_->narrowing;
}

bool Conversion::zero_empty() const {
    return code_->zero_empty;
}

std::string_view Conversion::list_name() const {
    return code_->list_name;
}

std::string Conversion::domain() const {
    return code_->domain();
}

ConversionRecipe Conversion::recipe() const {
    return code_->recipe();
}

Result<ToPivot> Conversion::to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const {
    return code_->to_pivot(national, context);
}

Result<FromPivot> Conversion::from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                         std::span<const Target> targets) const {
    return code_->from_pivot(values, context, targets);
}

std::optional<std::vector<NationalValue>> Conversion::draw(std::uint64_t seed, const ConversionContext& context,
                                                           std::span<const Target> targets) const {
    std::mt19937_64 random(seed);
    return code_->draw(random, context, targets);
}

const Conversion& text_conversion() {
    static const Conversion text = [] {
        auto code = conversion_named("text")->maker({}).value();
        code->called = code->written_as = "text";
        return Conversion(std::move(code));
    }();
    return text;
}

Result<std::vector<Conversion>> parse_conversions(std::string_view text, const ConversionRow& row,
                                                  Diagnostics& faults) {
    return RowParser(text, row, faults).parse();
}

std::vector<std::string> conversion_names() {
    std::vector<std::string> out;
    for (const auto family : families()) {
        for (const ConversionName& each : family) out.emplace_back(each.name);
    }
    return out;
}

Result<ToPivot> OneToOne::to_pivot(std::span<const NationalValue> national, const ConversionContext& context) const {
    ToPivot out;
    if (national.empty()) return out;
    auto value = read(national.front().text, context, out.notes);
    if (!value) return value.error();
    out.values.push_back(std::move(*value));
    return out;
}

Result<FromPivot> OneToOne::from_pivot(std::span<const PivotValue> values, const ConversionContext& context,
                                       std::span<const Target> targets) const {
    FromPivot out;
    if (values.empty()) return out;
    auto text = write(values.front(), context, target_of(targets, 0), out.notes);
    if (!text) return text.error();
    out.values.push_back({std::move(*text), 0});
    return out;
}

std::optional<std::vector<NationalValue>> OneToOne::draw(std::mt19937_64& random, const ConversionContext& context,
                                                         std::span<const Target> targets) const {
    auto text = draw_one(random, context, target_of(targets, 0));
    if (!text) return std::nullopt;
    return std::vector<NationalValue>{{std::move(*text), 0}};
}

Error outside(std::string_view value, std::string_view domain) {
    return Error{codes::domain, fmt::format("{} is not {}", show_code(value), domain)};
}

Error wrong_arguments(std::string_view detail) {
    return Error{codes::conversion_arguments, std::string(detail)};
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view head(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    while (at < text.size()) {
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (starts && count-- == 0) break;
        ++at;
    }
    return text.substr(0, at);
}

Result<void> fits(std::string_view text, const Target& target) {
    const std::size_t length = characters(text);
    if (target.length_max && length > *target.length_max) {
        return Error{codes::unfit, fmt::format("{} characters where {} fit", length, *target.length_max)};
    }
    if (target.length_min && length < *target.length_min) {
        return Error{codes::unfit,
                     fmt::format("{} characters where at least {} must stand", length, *target.length_min)};
    }
    return {};
}

Result<void> may_be_text(const PivotValue& value, const ConversionContext& context) {
    const std::string_view list = value.list;
    const bool own = !context.authority.empty() && list.substr(0, context.authority.size()) == context.authority &&
                     (list.size() == context.authority.size() || list[context.authority.size()] == '.');
    if (list.empty() || own) return {};
    return Error{codes::code_foreign, fmt::format("{} belongs to {}", show_code(value.text), list)};
}

const Target& target_of(std::span<const Target> targets, std::size_t slot) {
    static const Target without_bounds;
    return slot < targets.size() ? targets[slot] : without_bounds;
}

Result<std::string> resolved(std::string_view argument, const ConversionContext& context) {
    if (argument.empty() || argument.front() != '$') return std::string(argument);
    if (context.settings) {
        const auto found = context.settings->find(argument.substr(1));
        if (found != context.settings->end()) return found->second;
    }
    return Error{codes::setting_missing, fmt::format("the setting '{}' has no value", argument.substr(1))};
}

std::size_t draw_length(std::mt19937_64& random, const Target& target, std::size_t least, std::size_t most) {
    least = std::max(least, target.length_min.value_or(least));
    most = std::max(least, std::min(most, target.length_max.value_or(most)));
    return least + random() % (most - least + 1);
}

std::string draw_text(std::mt19937_64& random, std::size_t length_min, std::size_t length_max) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const std::size_t length = length_min + random() % (std::max(length_max, length_min) - length_min + 1);
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out += letters[random() % letters.size()];
    return out;
}

}  // namespace hansa::mapping
