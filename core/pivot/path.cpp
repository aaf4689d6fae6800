// Paths taken apart: names, selectors, places, attributes.
#include <fmt/format.h>

#include <charconv>

#include "core/pivot/codes.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

Error bad_path(std::string_view path, std::string_view why) {
    return Error{codes::bad_path, fmt::format("'{}': {}", path.substr(0, 200), why)};
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

bool is_name(std::string_view text) {
    if (text == ".") return true;
    for (const char c : text) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!good) return false;
    }
    return !text.empty();
}

/// What stands in brackets: a place, or keys apart by semicolons.
bool read_keys(std::string_view inside, Step& step) {
    std::uint32_t index = 0;
    const auto [end, wrong] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    if (wrong == std::errc() && end == inside.data() + inside.size()) {
        step.index = index;
        return index > 0;
    }
    while (!inside.empty()) {
        const std::string_view part = trim(inside.substr(0, inside.find(';')));
        inside.remove_prefix(
            std::min(inside.size(), inside.find(';') == inside.npos ? inside.size() : inside.find(';') + 1));
        if (const std::size_t within = part.find(" in "); within != part.npos) {
            step.keys.emplace_back(part.substr(0, within + 3), trim(part.substr(within + 4)));
            continue;
        }
        const std::size_t equal = part.find('=');
        if (equal == part.npos || equal == 0) return false;
        step.keys.emplace_back(trim(part.substr(0, equal)), trim(part.substr(equal + 1)));
    }
    return !step.keys.empty();
}

/// One piece between slashes: name, brackets, attribute.
bool read_step(std::string_view piece, Step& step) {
    std::string_view rest = piece;
    step.name = rest.substr(0, rest.find_first_of("[@"));
    rest.remove_prefix(step.name.size());
    while (!rest.empty() && rest.front() == '[') {
        const std::size_t close = rest.find(']');
        if (close == rest.npos || !read_keys(rest.substr(1, close - 1), step)) return false;
        rest.remove_prefix(close + 1);
    }
    if (!rest.empty() && rest.front() == '@') {
        step.attribute = rest.substr(1);
        rest = {};
        if (!is_name(step.attribute)) return false;
    }
    return rest.empty() && (is_name(step.name) || (step.name.empty() && !step.attribute.empty() && step.keys.empty()));
}

/// Length of the piece up to a slash that stands outside of brackets.
std::size_t piece_length(std::string_view path) {
    bool inside = false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '[') inside = true;
        if (path[i] == ']') inside = false;
        if (path[i] == '/' && !inside) return i;
    }
    return path.size();
}

}  // namespace

Result<std::vector<Step>> parse_path(std::string_view path) {
    constexpr std::size_t steps_max = 64;
    std::vector<Step> out;
    std::string_view rest = trim(path);
    if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    while (!rest.empty()) {
        const std::size_t length = piece_length(rest);
        Step step;
        if (!read_step(trim(rest.substr(0, length)), step))
            return bad_path(path, "expected a name, [place], [Key=Value] or @attribute");
        if (!out.empty() && !out.back().attribute.empty()) return bad_path(path, "nothing may follow an attribute");
        if (out.size() == steps_max) return bad_path(path, "too many steps");
        out.push_back(std::move(step));
        if (length == rest.size()) break;
        rest.remove_prefix(length + 1);
        if (rest.empty()) return bad_path(path, "a name is missing after the last '/'");
    }
    return out;
}

}  // namespace hansa::pivot
