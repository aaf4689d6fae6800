#include "core/mapping/place_list.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/mapping/code_list_row.h"
#include "core/pivot/pointer.h"

namespace hansa::mapping {
namespace {

constexpr std::size_t steps_max = 24;
constexpr std::size_t ones_max = 4;  ///< numbers of 1 in a path that a list may name by themselves

struct Step {
    std::string name;
    std::string number;  ///< empty: none
};

/// "/n:a/b[2]" as steps; nothing where it is no such path.
std::optional<std::vector<Step>> steps_of(std::string_view path) {
    std::vector<Step> out;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (!path.empty()) {
        const std::string_view text = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), text.size() + 1));
        const std::size_t open = text.find('[');
        std::string_view name = text.substr(0, open);
        name.remove_prefix(name.find(':') == name.npos ? 0 : name.find(':') + 1);
        std::string_view number;
        if (open != text.npos) {
            if (!text.ends_with(']')) return std::nullopt;
            number = text.substr(open + 1, text.size() - open - 2);
            if (number.empty() || number.find_first_not_of("0123456789") != number.npos) return std::nullopt;
        }
        if (name.empty() || out.size() == steps_max) return std::nullopt;
        out.push_back({std::string(name), std::string(number)});
    }
    return out;
}

/// The first `count` steps as a list names them. `fixed`: which of the numbers that are 1 stay, a bit each.
std::string key_of(const std::vector<Step>& steps, std::size_t count, std::uint32_t fixed, std::vector<std::string>& numbers) {
    std::string out;
    std::uint32_t one = 1;
    numbers.clear();
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += "/";
        out += steps[i].name;
        if (steps[i].number.empty()) continue;
        const bool stays = steps[i].number == "1" && (fixed & one) != 0;
        if (steps[i].number == "1") one <<= 1;
        out += stays ? "[1]" : "[#]";
        if (!stays) numbers.push_back(steps[i].number);
    }
    return out;
}

/// The place with its numbers; nothing where the list asks for more than the path has.
std::optional<std::string> filled(std::string place, const std::vector<std::string>& numbers) {
    std::size_t next = 0;
    for (std::size_t at = place.find("[#]"); at != place.npos; at = place.find("[#]", at)) {
        if (next == numbers.size()) return std::nullopt;
        place.replace(at + 1, 1, numbers[next++]);
    }
    return place;
}

}  // namespace

std::optional<std::string> listed_place(const CodeList& places, std::string_view path) {
    const auto steps = steps_of(path);
    if (!steps) return std::nullopt;
    std::vector<std::string> numbers;
    for (std::size_t count = steps->size(); count > 0; --count) {
        const auto ones = static_cast<std::size_t>(
            std::count_if(steps->begin(), steps->begin() + static_cast<std::ptrdiff_t>(count), [](const Step& step) { return step.number == "1"; }));
        // What a list names by its number comes before what it names by any.
        for (std::uint32_t fixed = 1U << std::min(ones, ones_max); fixed-- > 0;) {
            const auto found = places.to_standard(key_of(*steps, count, fixed, numbers));
            if (found && !found->empty()) return filled(found->front().text, numbers);
        }
    }
    return std::nullopt;
}

std::optional<ListedPath> listed_path(const CodeList& places, std::string_view place) {
    const auto steps = steps_of(place);
    if (!steps) return std::nullopt;
    std::vector<std::string> numbers;
    for (std::size_t count = steps->size(); count > 0; --count) {
        const auto found = places.to_national(std::array{PivotValue{key_of(*steps, count, 0, numbers), {}, 0}});
        if (!found) continue;
        auto path = filled(*found, numbers);
        if (!path) continue;
        std::string below;
        for (std::size_t i = count; i < steps->size(); ++i) below += (below.empty() ? "" : "/") + (*steps)[i].name;
        return ListedPath{std::move(*path), std::move(below)};
    }
    return std::nullopt;
}

std::optional<std::string> no_place_in(const CodeList& places) {
    for (const CodeListRow& row : places.rows()) {
        for (const Standard& standard : row.standards) {
            const auto place = filled(standard.text, std::vector<std::string>(steps_max, "1"));
            if (!place || !pivot::nearest_pointers_of(*place)) return standard.text;
        }
    }
    return std::nullopt;
}

}  // namespace hansa::mapping
