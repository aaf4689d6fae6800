#include "core/mapping/expression.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/mapping/codes.h"

namespace hansa::mapping {
namespace {

constexpr std::array<std::string_view, 14> functions{"value", "count", "sum",   "product", "first", "name",     "code", "place",
                                                     "ceil",  "floor", "round", "min",     "max",   "published"};

Place at(LineReader& line, const std::string& file) {
    return Place{.file = file, .line = line.line(), .column = line.column()};
}

Error expected(LineReader& line, const std::string& file, std::string_view what) {
    std::string found(line.rest().substr(0, 20));
    return Error{codes::syntax,
                 "expected " + std::string(what) + (found.empty() ? ", the line ends" : ", found '" + found + "'"),
                 at(line, file)};
}

bool is_name_sign(char sign) {
    return std::isalnum(static_cast<unsigned char>(sign)) != 0 || sign == '_' || sign == '.' || sign == '-' ||
           sign == '@' || sign == ':' || static_cast<unsigned char>(sign) >= 0x80;
}

/// A path inside an expression: names, '/', brackets. Stops before white space, ',' and ')'.
std::string_view path_text(std::string_view rest) {
    std::size_t i = 0;
    int open = 0;
    for (; i < rest.size(); ++i) {
        if (rest[i] == '[')
            ++open;
        else if (rest[i] == ']' && open > 0)
            --open;
        else if (open == 0 && !is_name_sign(rest[i]) && rest[i] != '/')
            break;
    }
    return rest.substr(0, i);
}

class Parser {
public:
    Parser(LineReader& line, const std::string& file, std::span<const std::string_view> more)
        : line_(line), file_(file), known_(functions.begin(), functions.end()) {
        known_.insert(known_.end(), more.begin(), more.end());
    }

    Result<Expression> sum() {
        return chain({"+", "-"}, [this] { return term(); });
    }

private:
    Result<Expression> term() {
        return chain({"*", "/"}, [this] { return primary(); });
    }

    template <class Next>
    Result<Expression> chain(std::initializer_list<std::string_view> signs, Next next) {
        if (++depth_ > 32) return expected(line_, file_, "a simpler expression");
        Result<Expression> left = next();
        while (left) {
            std::string_view found;
            for (const std::string_view sign : signs) {
                if (line_.rest().substr(0, sign.size()) == sign && line_.rest().substr(sign.size(), 1) == " ")
                    found = sign;
            }
            if (found.empty()) break;
            line_.take(found);
            Result<Expression> right = next();
            if (!right) return right;
            Expression whole{.kind = Expression::Kind::binary, .text = std::string(found)};
            whole.parts.push_back(std::move(*left));
            whole.parts.push_back(std::move(*right));
            left = std::move(whole);
        }
        --depth_;
        return left;
    }

    Result<Expression> primary() {
        if (line_.peek() == '"') {
            const std::optional<std::string> text = line_.quoted();
            if (!text) return expected(line_, file_, "a text that ends in \"");
            return Expression{.kind = Expression::Kind::text, .text = *text};
        }
        if (line_.take("(")) {
            Result<Expression> inner = sum();
            if (!inner) return inner;
            if (!line_.take(")")) return expected(line_, file_, "')'");
            return inner;
        }
        if (std::isdigit(static_cast<unsigned char>(line_.peek())) != 0) return number();
        const std::string_view rest = line_.rest();
        const std::string_view word = path_text(rest);
        if (word.empty()) return expected(line_, file_, "a path, a number, a text or a function");
        if (rest.size() > word.size() && rest[word.size()] == '(') return call(word);
        const Place where = at(line_, file_);
        line_.set(line_.position() + word.size());
        Result<NationalPath> path = parse_national_path(word, where);
        if (!path) return path.error();
        return Expression{.kind = Expression::Kind::national, .text = std::string(word), .national = std::move(*path)};
    }

    Result<Expression> number() {
        const std::string_view rest = line_.rest();
        std::size_t i = 0;
        while (i < rest.size() && (std::isdigit(static_cast<unsigned char>(rest[i])) != 0 || rest[i] == '.')) ++i;
        Expression value{.kind = Expression::Kind::number, .text = std::string(rest.substr(0, i))};
        line_.set(line_.position() + i);
        if (value.text.size() <= 3 && value.text.find('.') == std::string::npos && line_.take_word("months")) {
            value.kind = Expression::Kind::months;
        }
        return value;
    }

    Result<Expression> call(std::string_view function) {
        if (std::find(known_.begin(), known_.end(), function) == known_.end()) {
            const auto near = pivot::nearest_name(function, known_);
            return expected(line_, file_,
                            "a function" + (near ? " (the nearest is '" + std::string(*near) + "')" : std::string()));
        }
        Expression call{.kind = Expression::Kind::call, .text = std::string(function)};
        line_.set(line_.position() + function.size() + 1);
        if (asks_list(function)) {
            const std::string_view list = path_or_setting();
            if (list.empty()) return expected(line_, file_, "the name of a list");
            call.parts.push_back({.kind = Expression::Kind::text, .text = std::string(list)});
            if (line_.take(")")) return call;
            if (!line_.take(",")) return expected(line_, file_, "','");
        }
        do {
            Result<Expression> part = sum();
            if (!part) return part;
            call.parts.push_back(std::move(*part));
        } while (line_.take(","));
        if (!line_.take(")")) return expected(line_, file_, "')'");
        return call;
    }

    std::string_view path_or_setting() {
        const std::string_view rest = line_.rest();
        std::size_t i = rest.substr(0, 1) == "$" ? 1 : 0;
        while (i < rest.size() && is_name_sign(rest[i])) ++i;
        line_.set(line_.position() + i);
        return rest.substr(0, i);
    }

    LineReader& line_;
    const std::string& file_;
    std::vector<std::string_view> known_;
    int depth_ = 0;
};

/// "name[...][...]" taken apart.
struct RawStep {
    std::string_view name;
    std::vector<std::string_view> brackets;
};

Result<std::vector<RawStep>> raw_steps(std::string_view text, const Place& where) {
    std::vector<RawStep> steps;
    const auto fault = [&](std::string_view what) {
        return Error{codes::syntax, "expected " + std::string(what) + " in '" + std::string(text) + "'", where};
    };
    std::size_t i = 0;
    while (true) {
        RawStep step;
        const std::size_t start = i;
        while (i < text.size() && text[i] != '/' && text[i] != '[') ++i;
        step.name = text.substr(start, i - start);
        if (step.name.empty()) return fault("a name");
        while (i < text.size() && text[i] == '[') {
            const std::size_t close = text.find(']', i);
            if (close == std::string_view::npos) return fault("']'");
            step.brackets.push_back(text.substr(i + 1, close - i - 1));
            i = close + 1;
        }
        steps.push_back(std::move(step));
        if (i == text.size()) return steps;
        if (text[i] != '/') return fault("'/'");
        ++i;
        if (steps.size() > 64) return fault("at most 64 steps");
    }
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
    if (text.empty() || text.size() > 6) return std::nullopt;
    std::uint32_t value = 0;
    for (const char sign : text) {
        if (std::isdigit(static_cast<unsigned char>(sign)) == 0) return std::nullopt;
        value = value * 10 + static_cast<std::uint32_t>(sign - '0');
    }
    return value;
}

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return std::string(text);
}

std::string without_prefix(std::string_view name) {
    const bool attribute = !name.empty() && name.front() == '@';
    const std::size_t colon = name.find(':');
    if (colon != std::string_view::npos) return (attribute ? "@" : "") + std::string(name.substr(colon + 1));
    return std::string(name);
}

}  // namespace

Result<Expression> parse_expression(LineReader& line, const std::string& file, std::span<const std::string_view> more) {
    return Parser(line, file, more).sum();
}

Result<Condition> parse_condition(LineReader& line, const std::string& file) {
    Result<Expression> place = parse_expression(line, file);
    if (!place) return place.error();
    Condition condition{.place = std::move(*place)};
    if (line.take_word("present")) {
        condition.present = true;
        return condition;
    }
    if (line.take_word("absent")) {
        condition.present = condition.negated = true;
        return condition;
    }
    if (line.take("!="))
        condition.negated = true;
    else if (!line.take("="))
        return expected(line, file, "'=', '!=', 'present' or 'absent'");
    do {
        if (line.peek() == '"') {
            const std::optional<std::string> text = line.quoted();
            if (!text) return expected(line, file, "a text that ends in \"");
            condition.values.push_back(*text);
        } else {
            const std::string_view word = line.token();
            if (word.empty()) return expected(line, file, "a value");
            condition.values.emplace_back(word);
        }
    } while (line.take("|"));
    return condition;
}

Result<NationalPath> parse_national_path(std::string_view text, const Place& where) {
    NationalPath path{.text = std::string(text), .column = where.column};
    if (text.starts_with('/')) {
        path.from_document = true;
        text.remove_prefix(1);
        if (text.empty()) return path;
    }
    if (text == ".") return path;
    while (text.starts_with("..")) {
        ++path.up;
        text.remove_prefix(2);
        if (text.starts_with('/')) text.remove_prefix(1);
        if (text.empty()) return path;
    }
    if (text.starts_with("./")) text.remove_prefix(2);
    Result<std::vector<RawStep>> steps = raw_steps(text, where);
    if (!steps) return steps.error();
    for (const RawStep& raw : *steps) {
        NationalStep step{.name = raw.name.starts_with('@') ? without_prefix(raw.name) : std::string(raw.name)};
        for (const std::string_view bracket : raw.brackets) {
            if (const auto index = whole_number(trim(bracket))) {
                step.index = *index;
                continue;
            }
            std::string_view left = bracket;
            while (!left.empty()) {
                const std::string_view key = left.substr(0, left.find(';'));
                left.remove_prefix(std::min(left.size(), key.size() + 1));
                const std::size_t sign = key.find('=');
                if (sign == std::string_view::npos) {
                    return Error{codes::syntax,
                                 "expected 'name=value' or a number between brackets in '" + std::string(text) + "'",
                                 where};
                }
                step.keys.push_back({without_prefix(trim(key.substr(0, sign))), unquoted(trim(key.substr(sign + 1)))});
            }
        }
        path.steps.push_back(std::move(step));
    }
    return path;
}

Result<PivotTerm> parse_pivot_term(std::string_view text, const Place& where) {
    PivotTerm term{.text = std::string(text), .column = where.column};
    if (text.starts_with('/')) {
        term.from_document = true;
        text.remove_prefix(1);
    }
    if (text == "." || (text.empty() && term.from_document)) return term;
    if (text.starts_with("./")) text.remove_prefix(2);
    if (text.starts_with('@')) {
        term.attribute = std::string(text.substr(1));
        return term;
    }
    Result<std::vector<RawStep>> steps = raw_steps(text, where);
    if (!steps) return steps.error();
    for (const RawStep& raw : *steps) {
        if (raw.name.starts_with('@')) {
            term.attribute = std::string(raw.name.substr(1));
            break;
        }
        PivotStep step{.name = std::string(raw.name)};
        for (const std::string_view bracket : raw.brackets) {
            if (const auto index = whole_number(trim(bracket))) {
                step.index = *index;
                continue;
            }
            std::string_view left = bracket;
            while (!left.empty()) {
                const std::string_view key = left.substr(0, left.find(';'));
                left.remove_prefix(std::min(left.size(), key.size() + 1));
                const std::size_t in = key.find(" in ");
                const std::size_t sign = key.find('=');
                if (in == std::string_view::npos && sign == std::string_view::npos) {
                    return Error{codes::syntax,
                                 "expected 'name=value', 'name in LIST' or a number between brackets in '" +
                                     std::string(text) + "'",
                                 where};
                }
                PivotKey parsed;
                parsed.in_list = in != std::string_view::npos;
                std::string_view child = trim(key.substr(0, parsed.in_list ? in : sign));
                const std::string_view value = trim(key.substr(parsed.in_list ? in + 4 : sign + 1));
                if (child.starts_with('@')) {
                    parsed.attribute = true;
                    child.remove_prefix(1);
                }
                parsed.child = std::string(child);
                if (value.starts_with('(') && value.ends_with(')')) {
                    Result<NationalPath> from = parse_national_path(value.substr(1, value.size() - 2), where);
                    if (!from) return from.error();
                    parsed.from = std::move(*from);
                } else if (parsed.in_list) {
                    parsed.value = std::string(value);
                } else {
                    const std::string plain = unquoted(value);
                    const pivot::QualifiedCode code = pivot::split_code(plain);
                    parsed.list = std::string(code.list);
                    parsed.value = std::string(code.code);
                }
                step.keys.push_back(std::move(parsed));
            }
        }
        term.steps.push_back(std::move(step));
    }
    return term;
}

}  // namespace hansa::mapping
