#include "core/schema/charset.h"

#include <unicode/uchar.h>
#include <unicode/uset.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <string>

namespace hansa::schema {

namespace {

CharSet from_ranges(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> ranges) {
    CharSet set;
    for (const auto& [first, last] : ranges) set.add(first, last);
    set.settle();
    return set;
}

/// XML 1.0, fifth edition, production 4.
const CharSet& name_start() {
    static const CharSet set = from_ranges({{':', ':'},
                                            {'A', 'Z'},
                                            {'_', '_'},
                                            {'a', 'z'},
                                            {0xC0, 0xD6},
                                            {0xD8, 0xF6},
                                            {0xF8, 0x2FF},
                                            {0x370, 0x37D},
                                            {0x37F, 0x1FFF},
                                            {0x200C, 0x200D},
                                            {0x2070, 0x218F},
                                            {0x2C00, 0x2FEF},
                                            {0x3001, 0xD7FF},
                                            {0xF900, 0xFDCF},
                                            {0xFDF0, 0xFFFD},
                                            {0x10000, 0xEFFFF}});
    return set;
}

const CharSet& name_part() {
    static const CharSet set = [] {
        CharSet made = from_ranges({{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}});
        made.add(name_start());
        made.settle();
        return made;
    }();
    return set;
}

CharSet from_icu(UProperty property, std::int32_t value) {
    CharSet set;
    UErrorCode status = U_ZERO_ERROR;
    USet* icu = uset_openEmpty();
    uset_applyIntPropertyValue(icu, property, value, &status);
    const std::int32_t count = U_SUCCESS(status) ? uset_getItemCount(icu) : 0;
    for (std::int32_t i = 0; i < count; ++i) {
        UChar32 first = 0;
        UChar32 last = 0;
        UErrorCode item_status = U_ZERO_ERROR;
        if (uset_getItem(icu, i, &first, &last, nullptr, 0, &item_status) == 0) {
            set.add(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
        }
    }
    uset_close(icu);
    set.settle();
    return set;
}

std::optional<CharSet> find_property(const std::string& name) {
    if (name.starts_with("Is")) {
        const auto block = u_getPropertyValueEnum(UCHAR_BLOCK, name.substr(2).c_str());
        if (block == UCHAR_INVALID_CODE) return std::nullopt;
        return from_icu(UCHAR_BLOCK, block);
    }
    const auto mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, name.c_str());
    if (mask == UCHAR_INVALID_CODE || name.size() > 2) return std::nullopt;
    return from_icu(UCHAR_GENERAL_CATEGORY_MASK, mask);
}

}  // namespace

void CharSet::settle() {
    std::sort(ranges_.begin(), ranges_.end());
    std::vector<std::pair<std::uint32_t, std::uint32_t>> merged;
    for (const auto& range : ranges_) {
        if (!merged.empty() && range.first <= merged.back().second + 1) {
            merged.back().second = std::max(merged.back().second, range.second);
        } else {
            merged.push_back(range);
        }
    }
    ranges_ = std::move(merged);
}

bool CharSet::has(std::uint32_t code_point) const {
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code_point,
                                        [](std::uint32_t value, const auto& range) { return value < range.first; });
    return after != ranges_.begin() && code_point <= std::prev(after)->second;
}

CharSet CharSet::complement() const {
    CharSet other;
    std::uint32_t next = 0;
    for (const auto& [first, last] : ranges_) {
        if (first > next) other.add(next, first - 1);
        next = last + 1;
    }
    if (next <= last_code_point) other.add(next, last_code_point);
    return other;
}

CharSet CharSet::without(const CharSet& other) const {
    // a \ b is the complement of (complement of a, or b).
    CharSet joined = complement();
    joined.add(other);
    joined.settle();
    return joined.complement();
}

CharSet escape_set(char letter) {
    switch (letter) {
        case 's':
            return from_ranges({{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}});
        case 'i':
            return name_start();
        case 'c':
            return name_part();
        case 'd':
            return *property_set("Nd");
        default:
            break;
    }
    CharSet others = *property_set("P");  // \w is all but punctuation, separators and "other"
    others.add(*property_set("Z"));
    others.add(*property_set("C"));
    others.settle();
    return others.complement();
}

std::optional<CharSet> property_set(std::string_view name) {
    static std::mutex mutex;
    static std::map<std::string, std::optional<CharSet>, std::less<>> known;
    if (name.size() > 60) return std::nullopt;
    const std::lock_guard lock(mutex);
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    if (known.size() > 1'000) return find_property(std::string(name));
    return known.emplace(std::string(name), find_property(std::string(name))).first->second;
}

}  // namespace hansa::schema
