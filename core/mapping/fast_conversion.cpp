#include "core/mapping/fast_conversion.h"

#include <emmintrin.h>

#include <algorithm>

#include "core/mapping/conversion_code.h"
#include "core/mapping/fast_code.h"

namespace hansa::mapping {

void Scratch::reset() {
    next_ = 0;
    at_ = end_ = nullptr;
    if (!blocks_.empty()) grow(0);
}

std::size_t Scratch::bytes_held() const {
    std::size_t bytes = 0;
    for (const Block& block : blocks_) bytes += block.size;
    return bytes;
}

void Scratch::grow(std::size_t bytes) {
    while (next_ < blocks_.size() && blocks_[next_].size < bytes) ++next_;
    if (next_ == blocks_.size()) {
        const std::size_t size = std::max(block_bytes_, bytes);
        blocks_.push_back({std::make_unique<char[]>(size), size});
    }
    at_ = blocks_[next_].bytes.get();
    end_ = at_ + blocks_[next_].size;
    ++next_;
}

FastConversion::FastConversion(std::shared_ptr<const FastCode> code) : code_(std::move(code)) {
    single_ = code_ && code_->single();
}

FastConversion FastConversion::of(const Conversion& conversion, const FastContext& context,
                                  std::span<const FastTarget> targets) {
    using Kind = ConversionRecipe::Kind;
    const ConversionRecipe recipe = conversion.recipe();
    const FastRequest request{conversion, recipe, context, targets};
    switch (recipe.kind) {
        case Kind::text:
        case Kind::alias:
        case Kind::prefix:
        case Kind::words:
        case Kind::gather:
            return FastConversion(fast_text(request));
        case Kind::number:
        case Kind::implied:
            return FastConversion(fast_number(request));
        case Kind::time:
        case Kind::coded_time:
        case Kind::xsd_day:
        case Kind::xsd_moment:
        case Kind::day_in_text:
            return FastConversion(fast_time(request));
        case Kind::code:
            return FastConversion(fast_code(request));
        case Kind::country:
        case Kind::currency:
        case Kind::unit:
            return FastConversion(fast_standard(request));
        case Kind::lines:
        case Kind::parts:
        case Kind::join:
        case Kind::digits:
        case Kind::name_address:
            return FastConversion(fast_piece(request));
        case Kind::check_digit:
            return FastConversion(fast_check(request));
        case Kind::pointer:
        case Kind::place:
            break;
    }
    return {};
}

Fast FastConversion::read(std::string_view national, FastRun& run, FastPivot& out) const {
    return code_ ? code_->read(national, run, out) : Fast::declined;
}

Fast FastConversion::write(const FastPivot& value, FastRun& run, std::string_view& out) const {
    return code_ ? code_->write(value, run, out) : Fast::declined;
}

bool FastConversion::dated() const {
    return code_ && code_->dated();
}

Fast FastConversion::to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const {
    out.clear();
    return code_ ? code_->to_pivot(national, run, out) : Fast::declined;
}

Fast FastConversion::from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const {
    out.clear();
    return code_ ? code_->from_pivot(values, run, out) : Fast::declined;
}

Fast FastCode::read(std::string_view, FastRun&, FastPivot&) const {
    return Fast::declined;
}

Fast FastCode::write(const FastPivot&, FastRun&, std::string_view&) const {
    return Fast::declined;
}

Fast FastSingle::to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const {
    if (national.empty()) return Fast::done;
    FastPivot value;
    if (read(national.front().text, run, value) == Fast::declined || !out.add(value)) return Fast::declined;
    return Fast::done;
}

Fast FastSingle::from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const {
    if (values.empty()) return Fast::done;
    FastText text;
    if (write(values.front(), run, text.text) == Fast::declined || !out.add(text)) return Fast::declined;
    return Fast::done;
}

bool is_one_line(std::string_view text) {
    const auto breaks = [](__m128i signs) {
        const __m128i line = _mm_cmpeq_epi8(signs, _mm_set1_epi8('\n'));
        return _mm_movemask_epi8(_mm_or_si128(line, _mm_cmpeq_epi8(signs, _mm_set1_epi8('\r')))) != 0;
    };
    const char* at = text.data();
    const char* const end = at + text.size();
    constexpr std::ptrdiff_t block = 16, word = 8;
    if (end - at < word) return std::none_of(at, end, [](char c) { return c == '\n' || c == '\r'; });
    const auto words = [](const char* from) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)); };
    if (end - at < block) return !breaks(_mm_unpacklo_epi64(words(at), words(end - word)));
    const auto load = [](const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
    for (; end - at > block; at += block) {
        if (breaks(load(at))) return false;
    }
    return !breaks(load(end - block));
}

FastPlace::FastPlace(const FastTarget& target, const schema::Grammar* grammar) : bounds_(target.bounds) {
    bounded_ = bounds_.length_max || bounds_.length_min;
    if (bounds_.length_max) bounds_up_to_ = *bounds_.length_max;
    if (bounds_.length_min.value_or(0) > 1) bounds_up_to_ = 0;
    if (target.type && grammar) {
        grammar_ = *grammar;
        type_ = target.type;
        // A text with a sign in it that has no line end is all that this pattern asks for.
        constexpr std::string_view one_line = ".*[^\\s].*";
        one_line_ = !type_->patterns.empty();
        const bool patterns = std::all_of(type_->patterns.begin(), type_->patterns.end(), [&](const auto& step) {
            return std::find(step.begin(), step.end(), one_line) != step.end();
        });
        const bool plain = type_->variety == schema::Variety::atomic && type_->built_in <= schema::BuiltIn::token &&
                           patterns && type_->enumeration.empty() && !type_->length && !type_->total_digits &&
                           !type_->fraction_digits && !type_->min_inclusive && !type_->max_inclusive &&
                           !type_->min_exclusive && !type_->max_exclusive;
        program_ = std::make_shared<const schema::TypeProgram>(schema::program_of(*type_));
        if (type_->max_length) type_up_to_ = *type_->max_length;
        if (!plain || type_->min_length.value_or(0) > 1) type_up_to_ = 0;
    }
    surely_up_to_ = std::min(bounds_up_to_, type_up_to_);
}

bool FastPlace::counted(std::string_view text) const {
    const std::size_t length = characters(text);
    return length <= bounds_.length_max.value_or(length) && length >= bounds_.length_min.value_or(length);
}

bool FastPlace::checked(std::string_view text) const {
    if (schema::TypePrograms::accepts_at_once(*program_, text, characters(text))) return true;
    return grammar_->check_value(*type_, text).has_value();
}

FastPlaces::FastPlaces(std::span<const FastTarget> targets, const schema::Grammar* grammar) {
    for (const FastTarget& target : targets) places_.emplace_back(target, grammar);
}

bool may_be_text(std::string_view list, std::string_view authority) {
    return list.empty() || (!authority.empty() && list.starts_with(authority) &&
                            (list.size() == authority.size() || list[authority.size()] == '.'));
}

}  // namespace hansa::mapping
