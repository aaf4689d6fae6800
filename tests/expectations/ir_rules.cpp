#include "ir_rules.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "pivot_path.h"

namespace hansa::test {
namespace {

using nlohmann::json;

std::string replaced(std::string text, std::size_t member) {
    const std::string place = "[" + std::to_string(member) + "]";
    for (std::size_t at = text.find("[*]"); at != std::string::npos; at = text.find("[*]")) text.replace(at, 3, place);
    return text;
}

std::string trim(const std::string& text) {
    const std::size_t from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
    return from == std::string::npos ? std::string() : text.substr(from, to - from + 1);
}

/// "goods[2].hs_code" (from 1).
const json* value_at(const json& root, const std::string& path) {
    const json* here = &root;
    std::stringstream steps(path);
    for (std::string step; std::getline(steps, step, '.');) {
        const std::size_t bracket = step.find('[');
        const std::string name = step.substr(0, bracket);
        if (!here->is_object() || !here->contains(name)) return nullptr;
        here = &(*here)[name];
        if (bracket == std::string::npos) continue;
        const std::size_t index = std::stoul(step.substr(bracket + 1));
        if (!here->is_array() || index == 0 || index > here->size()) return nullptr;
        here = &(*here)[index - 1];
    }
    return here;
}

/// A document that is read has line feeds only (XML 1.0, 2.11).
std::string with_line_ends(std::string text) {
    for (std::size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) text.erase(at, 1);
    return text;
}

std::optional<std::string> plain(const json* value) {
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_string()) return with_line_ends(value->get<std::string>());
    if (value->is_number()) {
        std::ostringstream out;
        out.precision(17);
        out << value->get<double>();
        return out.str();
    }
    return std::nullopt;
}

double number(const std::string& text) { return std::stod(text); }

std::size_t members(const json& root, const std::string& path) {
    const json* list = value_at(root, path.substr(0, path.find("[*]")));
    return list != nullptr && list->is_array() ? list->size() : 0;
}

/// What the JSON side of a rule says; nothing: the file does not say it.
std::optional<std::string> stated(const json& root, const std::string& what) {
    if (what.starts_with("count(")) return std::to_string(members(root, what.substr(6, what.size() - 7)));
    if (what.starts_with("sum(")) {
        const std::string path = what.substr(4, what.size() - 5);
        double total = 0;
        for (std::size_t i = 1; i <= members(root, path); ++i) total += number(plain(value_at(root, replaced(path, i))).value_or("0"));
        return plain(std::make_unique<json>(total).get());
    }
    if (const std::size_t sign = what.find(" * "); sign != std::string::npos) {
        const auto left = plain(value_at(root, trim(what.substr(0, sign)))), right = plain(value_at(root, trim(what.substr(sign + 3))));
        if (!left || !right) return std::nullopt;
        return plain(std::make_unique<json>(number(*left) * number(*right)).get());
    }
    return plain(value_at(root, what));
}

bool same_number(const std::string& a, const std::string& b, double step) {
    char* end = nullptr;
    const double left = std::strtod(a.c_str(), &end);
    if (end == a.c_str() || *end != 0) return false;
    return std::fabs(left - number(b)) < step;
}

bool agrees(const std::string& comparison, const std::string& expected, const std::string& found) {
    std::istringstream words(comparison);
    std::string word;
    words >> word;
    if (word == "text") return found == expected;
    if (word == "number") return same_number(found, expected, 1e-9);
    if (word == "money") {
        int digits = 0;
        words >> digits;
        return same_number(found, expected, 0.5 * std::pow(10.0, -digits) + 1e-9);
    }
    if (word == "first") {
        std::size_t letters = 0;
        words >> letters;
        return found == expected.substr(0, letters);
    }
    if (word == "starts") return found.starts_with(expected);
    if (word == "words") {
        while (words >> word) {
            const std::size_t sign = word.find('=');
            if (word.substr(0, sign) == expected && word.substr(sign + 1) == found) return true;
        }
        return false;
    }
    throw std::invalid_argument("no comparison '" + comparison + "'");
}

void one(const IrRule& rule, const json& root, const pivot::Document& document, std::size_t member, IrOutcome& out) {
    const bool folds = rule.json.starts_with("sum(") || rule.json.starts_with("count(");
    const auto expected = stated(root, folds ? rule.json : replaced(rule.json, member));
    if (!expected) return;
    ++out.facts;
    const std::string path = replaced(rule.pivot, member);
    const auto found = text_at(document.root, path);
    if (found && agrees(rule.comparison, *expected, *found)) return;
    out.wrong.push_back("ir.tsv:" + std::to_string(rule.line) + ": " + path + " is " + found.value_or("(absent)") + ", the other hand says " + *expected + " (" + rule.source + ")");
}

}  // namespace

IrOutcome compare(const std::vector<IrRule>& rules, const std::string& json_text, const pivot::Document& document) {
    const json root = json::parse(json_text);
    IrOutcome out;
    for (const IrRule& rule : rules) {
        const bool each = rule.pivot.find("[*]") != std::string::npos;
        const std::size_t count = each ? members(root, rule.json) : 1;
        for (std::size_t i = 1; i <= count; ++i) one(rule, root, document, i, out);
    }
    return out;
}

}  // namespace hansa::test
