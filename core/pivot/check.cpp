// Is a document what the pivot's table says? Names, cardinality, types, widths, attributes, codes.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/decimal.h"
#include "core/base/time.h"
#include "core/pivot/codes.h"
#include "core/pivot/standards.h"
#include "core/pivot/table.h"

namespace hansa::pivot {
namespace {

constexpr std::uint32_t own_code_length_max = 60;  ///< of a code that belongs to an authority's list

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool fits_charset(char charset, std::string_view text) {
    if (charset == 'n') return std::all_of(text.begin(), text.end(), is_digit);
    if (charset == 'a') return std::all_of(text.begin(), text.end(), is_letter);
    return true;
}

/// The value without what may be a person's: faults name codes and numbers, never free text.
std::string shown(const Field& field, std::string_view value) {
    if (field.form == Form::text || field.form == Form::identifier)
        return fmt::format("a value of {} characters", characters(value));
    return fmt::format("'{}'", value.substr(0, 40));
}

class Checker {
public:
    explicit Checker(Diagnostics& faults) : faults_(faults) {}

    void node(const Node& node, const Field& field, const std::string& path) {
        if (field.is_group()) {
            if (!node.value.empty() || !node.list.empty() || !node.attributes.empty()) {
                fault(codes::misplaced, path, fmt::format("{} is a class and has no value", field.name));
            }
            children(node, field, path);
            return;
        }
        if (!node.children.empty())
            fault(codes::misplaced, path, fmt::format("{} is a field and has no members", field.name));
        value(node, field, path);
        attributes(node, field, path);
    }

private:
    void children(const Node& node, const Field& field, const std::string& path) {
        std::map<std::string_view, std::uint32_t> seen;
        for (const Node& child : node.children) {
            const Field* known = field.child(child.name);
            const std::uint32_t place = ++seen[child.name];
            std::string below = path + "/" + child.name;
            if (!known) {
                faults_.add(explain_unknown(field, child.name).at(Place{.path = below}));
                continue;
            }
            if (known->is_list()) below += fmt::format("[{}]", place);
            if (known->most != 0 && place == known->most + 1) {
                fault(codes::too_many, below,
                      fmt::format("{} may stand here at most {} time(s)", known->name, known->most));
            }
            this->node(child, *known, below);
        }
        for (const Field& known : field.children) {
            const std::uint32_t count = seen.contains(known.name) ? seen[known.name] : 0;
            if (count < known.least) fault(codes::missing, path, fmt::format("{} is missing", known.name));
        }
    }

    void value(const Node& node, const Field& field, const std::string& path) {
        const std::string& text = node.value;
        if (text.empty()) return fault(codes::bad_value, path, fmt::format("{} has no value", field.name));
        const bool may_have_list = field.form == Form::code || field.form == Form::identifier;
        if (!node.list.empty() && !may_have_list) {
            fault(codes::bad_attribute, path, fmt::format("{} ({}) belongs to no list", field.name, field.type_text()));
        }
        if (field.is_number()) return number(text, field, path);
        switch (field.form) {
            case Form::date_time:
                return time(text, field, path);
            case Form::indicator:
                if (text != "true" && text != "false")
                    fault(codes::bad_value, path, fmt::format("'{}' is neither true nor false", text.substr(0, 40)));
                return;
            case Form::place:
                if (!parse_path(text)) fault(codes::bad_path, path, "the value is not a path");
                return;
            default:
                return width(node, field, path);
        }
    }

    void number(const std::string& text, const Field& field, const std::string& path) {
        const auto decimal = Decimal::parse(text);
        if (!decimal) return fault(codes::bad_number, path, fmt::format("'{}' is not a decimal", text.substr(0, 40)));
        const int digits = decimal->integer_digits() + decimal->fraction_digits();
        if (digits > static_cast<int>(field.length_max) ||
            decimal->fraction_digits() > static_cast<int>(field.fraction_max)) {
            fault(codes::too_long, path,
                  fmt::format("'{}' has more digits than {}", text.substr(0, 60), field.type_text()));
        }
    }

    void time(const std::string& text, const Field& field, const std::string& path) {
        const auto moment = parse_iso(text);
        if (!moment || (moment->has_time && !moment->offset_minutes)) {
            fault(codes::bad_time, path,
                  fmt::format("{}: '{}' is neither a day nor a moment with its zone", field.name, text.substr(0, 40)));
        }
    }

    /// Text, identifiers and codes. A code of an authority's own list has that list's width, not the standard's.
    void width(const Node& node, const Field& field, const std::string& path) {
        const std::size_t length = characters(node.value);
        if (!node.list.empty()) {
            if (length > std::max(own_code_length_max, field.length_max))
                fault(codes::too_long, path, too_long(field, node.value));
            return;
        }
        if (field.length_max != 0 && length > field.length_max)
            return fault(codes::too_long, path, too_long(field, node.value));
        if (field.form != Form::code) return;
        if (!fits_charset(field.charset, node.value)) {
            return fault(codes::bad_value, path,
                         fmt::format("{} is not {}", shown(field, node.value), field.type_text()));
        }
        if (length < field.length_min) {
            return fault(codes::too_short, path,
                         fmt::format("{} is shorter than {}", shown(field, node.value), field.type_text()));
        }
        if (!in_list(field, node.value)) {
            fault(codes::code_unknown, path, fmt::format("{} is not in {}", shown(field, node.value), field.list));
        }
    }

    static bool in_list(const Field& field, const std::string& code) {
        if (!holds_list(field.list)) return true;
        // Groups of countries (origin) have four characters, digits among them.
        if (field.list == "iso3166" && field.length_max == 4 && code.size() == 4)
            return std::any_of(code.begin(), code.end(), is_digit);
        if (field.list == "1225" && code.size() == 2 && code[0] == '0') return is_listed(field.list, code.substr(1));
        return is_listed(field.list, code);
    }

    void attributes(const Node& node, const Field& field, const std::string& path) {
        for (std::size_t i = 0; i < node.attributes.size(); ++i) {
            const auto& [name, text] = node.attributes[i];
            const bool twice =
                std::any_of(node.attributes.begin(), node.attributes.begin() + static_cast<std::ptrdiff_t>(i),
                            [&wanted = name](const auto& other) { return other.first == wanted; });
            if (twice || !field.has_attribute(name)) {
                fault(codes::bad_attribute, path,
                      fmt::format("{} ({}) has no{} attribute '{}'", field.name, field.type_text(),
                                  twice ? " second" : "", name.substr(0, 40)));
                continue;
            }
            const std::string_view list = name == "currencyID" ? "iso4217" : name == "unitCode" ? "rec20" : "";
            const QualifiedCode code = split_code(text);
            if (text.empty() || (!list.empty() && code.list.empty() && !is_listed(list, code.code))) {
                fault(codes::code_unknown, path + "/@" + name,
                      fmt::format("'{}' is not in {}", text.substr(0, 40), list.empty() ? "any list" : list));
            }
        }
    }

    std::string too_long(const Field& field, const std::string& value) const {
        return fmt::format("{} is longer than {}", shown(field, value), field.type_text());
    }

    void fault(Code code, const std::string& path, std::string detail) {
        faults_.add(code, std::move(detail), Place{.path = path});
    }

    Diagnostics& faults_;
};

}  // namespace

bool check(const Document& document, Diagnostics& faults) {
    const std::size_t before = faults.count();
    const Field& field = root(document.kind);
    if (document.root.name != field.name) {
        faults.add(codes::unknown_field,
                   fmt::format("the root of this kind is {}, not '{}'", field.name, document.root.name.substr(0, 80)));
        return false;
    }
    Checker(faults).node(document.root, field, "/" + document.root.name);
    return faults.count() == before;
}

}  // namespace hansa::pivot
