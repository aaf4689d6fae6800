#include "pivot_path.h"

#include <algorithm>
#include <charconv>

#include "core/pivot/table.h"

namespace hansa::test {
namespace {

std::string full_text(const pivot::Node& node) { return pivot::join_code(node.list, node.value); }

/// One of "name[a=b;c=d][2]".
struct Step {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string_view>> keys;
    std::size_t index = 0;
};

/// Slashes inside of brackets belong to a value.
std::vector<std::string_view> split_steps(std::string_view path) {
    std::vector<std::string_view> steps;
    std::size_t start = 0, depth = 0;
    for (std::size_t i = 0; i <= path.size(); ++i) {
        if (i < path.size() && path[i] == '[') ++depth;
        if (i < path.size() && path[i] == ']') --depth;
        if (i == path.size() || (path[i] == '/' && depth == 0)) {
            if (i > start) steps.push_back(path.substr(start, i - start));
            start = i + 1;
        }
    }
    return steps;
}

void read_key(Step& step, std::string_view key) {
    const std::size_t sign = key.find('=');
    if (sign != std::string_view::npos) step.keys.emplace_back(key.substr(0, sign), key.substr(sign + 1));
    else std::from_chars(key.data(), key.data() + key.size(), step.index);  // "*" stays 0: all
}

Step read_step(std::string_view text) {
    Step step{.name = text.substr(0, text.find('['))};
    text.remove_prefix(step.name.size());
    while (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) break;
        std::string_view inside = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
        while (!inside.empty()) {
            const std::string_view key = inside.substr(0, inside.find(';'));
            inside.remove_prefix(std::min(inside.size(), key.size() + 1));
            read_key(step, key);
        }
    }
    return step;
}

bool holds(const pivot::Node& node, std::string_view key, std::string_view value) {
    if (key.starts_with('@')) {
        return std::any_of(node.attributes.begin(), node.attributes.end(), [&](const auto& a) { return a.first == key.substr(1) && a.second == value; });
    }
    return std::any_of(node.children.begin(), node.children.end(), [&](const pivot::Node& child) { return child.name == key && full_text(child) == value; });
}

void follow(const pivot::Node& node, std::span<const std::string_view> steps, std::vector<const pivot::Node*>& out) {
    if (steps.empty()) {
        out.push_back(&node);
        return;
    }
    const Step step = read_step(steps[0]);
    std::size_t place = 0;
    for (const pivot::Node& child : node.children) {
        if (child.name != step.name) continue;
        const bool fits = std::all_of(step.keys.begin(), step.keys.end(), [&](const auto& key) { return holds(child, key.first, key.second); });
        if (!fits) continue;
        ++place;
        if (step.index == 0 || step.index == place) follow(child, steps.subspan(1), out);
    }
}

}  // namespace

std::vector<const pivot::Node*> nodes_at(const pivot::Node& root, std::string_view path) {
    std::vector<const pivot::Node*> out;
    follow(root, split_steps(path), out);
    return out;
}

std::optional<std::string> text_at(const pivot::Node& root, std::string_view path) {
    if (path.starts_with("count(") && path.ends_with(')')) return std::to_string(nodes_at(root, path.substr(6, path.size() - 7)).size());
    std::string_view attribute;
    if (const std::size_t at = path.rfind("/@"); at != std::string_view::npos && path.find(']', at) == std::string_view::npos) {
        attribute = path.substr(at + 2);
        path = path.substr(0, at);
    }
    std::string found;
    for (const pivot::Node* node : nodes_at(root, path)) {
        std::string text = full_text(*node);
        if (!attribute.empty()) {
            const auto held = std::find_if(node->attributes.begin(), node->attributes.end(), [&](const auto& a) { return a.first == attribute; });
            text = held == node->attributes.end() ? std::string() : held->second;
        }
        if (text.empty() && !node->children.empty()) text = "(group)";
        if (!text.empty()) found += (found.empty() ? "" : " | ") + text;
    }
    if (found.empty()) return std::nullopt;
    return found;
}

std::optional<std::string> text_in(std::span<const pivot::Document> documents, std::string_view path) {
    std::size_t number = 1;
    if (path.starts_with("document[")) {
        const std::size_t close = path.find("]/");
        std::from_chars(path.data() + 9, path.data() + close, number);
        path.remove_prefix(close + 2);
    }
    if (number == 0 || number > documents.size()) return std::nullopt;
    return text_at(documents[number - 1].root, path);
}

}  // namespace hansa::test
