#include "core/base/strict_toml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/codes.h"
#include "core/base/nearest.h"

namespace hansa {
namespace {

Place place_in(const std::string& file, const toml::source_region& region) {
    return Place{.file = file, .line = region.begin.line, .column = region.begin.column};
}

}  // namespace

TomlSection::TomlSection(const toml::table& table, std::string title, std::string file, Diagnostics& faults)
    : table_(&table), title_(std::move(title)), file_(std::move(file)), faults_(&faults) {}

Place TomlSection::place() const {
    return place_in(file_, table_->source());
}

void TomlSection::fault(Code code, std::string detail, const toml::node* at) const {
    faults_->add(code, std::move(detail), at != nullptr ? place_in(file_, at->source()) : place());
}

void TomlSection::only(std::span<const std::string_view> known) const {
    for (const auto& [key, node] : *table_) {
        if (std::ranges::find(known, key.str()) != known.end()) continue;
        faults_->add(base::codes::toml_key_unknown,
                     fmt::format("'{}' in {}{}", key.str(), title_, did_you_mean(key.str(), known)),
                     place_in(file_, key.source()));
    }
}

bool TomlSection::has(std::string_view key) const {
    return table_->get(key) != nullptr;
}

const toml::node* TomlSection::node(std::string_view key) const {
    return table_->get(key);
}

std::string TomlSection::text(std::string_view key, std::string_view otherwise) const {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return std::string(otherwise);
    if (const auto* value = node->as_string()) return value->get();
    fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a text", key), node);
    return std::string(otherwise);
}

std::string TomlSection::text_needed(std::string_view key) const {
    if (!has(key)) fault(base::codes::toml_key_missing, fmt::format("{} needs '{}'", title_, key));
    std::string out = text(key);
    if (has(key) && out.empty()) {
        fault(base::codes::toml_value_wrong, fmt::format("'{}' must not be empty", key), table_->get(key));
    }
    return out;
}

std::string TomlSection::word(std::string_view key, std::span<const std::string_view> words) const {
    if (!has(key)) return std::string(words.front());
    std::string out = text(key);
    if (std::ranges::find(words, out) != words.end()) return out;
    fault(base::codes::toml_value_wrong,
          fmt::format("'{}' is '{}', not one of: {}{}", key, out, fmt::join(words, ", "), did_you_mean(out, words)),
          table_->get(key));
    return std::string(words.front());
}

bool TomlSection::flag(std::string_view key, bool otherwise) const {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return otherwise;
    if (const auto* value = node->as_boolean()) return value->get();
    fault(base::codes::toml_value_wrong, fmt::format("'{}' must be true or false", key), node);
    return otherwise;
}

std::int64_t TomlSection::number(std::string_view key, std::int64_t least, std::int64_t most,
                                 std::int64_t otherwise) const {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return otherwise;
    const auto* value = node->as_integer();
    if (value != nullptr && value->get() >= least && value->get() <= most) return value->get();
    fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a whole number from {} to {}", key, least, most), node);
    return otherwise;
}

double TomlSection::share(std::string_view key, double otherwise) const {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<double>();
    if (value && *value >= 0 && *value <= 1) return *value;
    fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a number from 0 to 1", key), node);
    return otherwise;
}

std::vector<std::string> TomlSection::texts(std::string_view key) const {
    std::vector<std::string> out;
    const toml::node* node = table_->get(key);
    if (node == nullptr) return out;
    const auto* list = node->as_array();
    if (list == nullptr) {
        fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a list of texts", key), node);
        return out;
    }
    for (const toml::node& member : *list) {
        if (const auto* value = member.as_string()) out.push_back(value->get());
        else fault(base::codes::toml_value_wrong, fmt::format("'{}' must hold texts only", key), &member);
    }
    return out;
}

std::optional<TomlSection> TomlSection::section(std::string_view key) const {
    const toml::node* node = table_->get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* table = node->as_table()) return TomlSection(*table, fmt::format("[{}]", key), file_, *faults_);
    fault(base::codes::toml_value_wrong, fmt::format("'{}' must be written as [{}]", key, key), node);
    return std::nullopt;
}

std::vector<TomlSection> TomlSection::sections(std::string_view key) const {
    std::vector<TomlSection> out;
    const toml::node* node = table_->get(key);
    if (node == nullptr) return out;
    const auto* list = node->as_array();
    if (list == nullptr || !std::ranges::all_of(*list, [](const toml::node& member) { return member.is_table(); })) {
        fault(base::codes::toml_value_wrong, fmt::format("'{}' must be written as [[{}]]", key, key), node);
        return out;
    }
    for (const toml::node& member : *list) out.emplace_back(*member.as_table(), fmt::format("[[{}]]", key), file_, *faults_);
    return out;
}

std::vector<std::pair<std::string, std::string>> TomlSection::pairs() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [key, node] : *table_) {
        if (const auto* value = node.as_string()) out.emplace_back(key.str(), value->get());
        else if (!node.is_table()) fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a text", key.str()), &node);
    }
    return out;
}

std::vector<std::pair<std::string, TomlSection>> TomlSection::named_sections() const {
    std::vector<std::pair<std::string, TomlSection>> out;
    for (const auto& [key, node] : *table_) {
        if (const auto* table = node.as_table()) {
            out.emplace_back(std::string(key.str()), TomlSection(*table, fmt::format("{}.{}", title_, key.str()), file_, *faults_));
        }
    }
    return out;
}

Result<toml::table> parse_toml(std::string_view text, std::string_view file) {
    try {
        return toml::parse(text, std::string(file));
    } catch (const toml::parse_error& trouble) {
        return Error{base::codes::toml_syntax, std::string(trouble.description()),
                     place_in(std::string(file), trouble.source())};
    }
}

}  // namespace hansa
