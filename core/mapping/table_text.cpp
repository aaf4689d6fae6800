#include "core/mapping/table_text.h"

#include "core/mapping/codes.h"

namespace hansa::mapping {
namespace {

bool is_space(char sign) {
    return sign == ' ' || sign == '\t';
}

/// The line without its comment.
std::string_view without_comment(std::string_view line) {
    bool quoted = false;
    int brackets = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char sign = line[i];
        if (quoted) {
            if (sign == '\\')
                ++i;
            else if (sign == '"')
                quoted = false;
            continue;
        }
        if (sign == '"') quoted = true;
        if (sign == '[') ++brackets;
        if (sign == ']' && brackets > 0) --brackets;
        if (sign == '#' && brackets == 0 && (i == 0 || is_space(line[i - 1]))) return line.substr(0, i);
    }
    return line;
}

std::string_view trimmed_right(std::string_view line) {
    while (!line.empty() && (is_space(line.back()) || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<TextNode> parse_text(std::string_view text, const std::string& file, const TextLimits& limits,
                            Diagnostics& faults) {
    const auto place = [&](std::uint32_t line, std::size_t column) {
        return Place{.file = file, .line = line, .column = static_cast<std::uint32_t>(column)};
    };
    if (text.size() > limits.text_bytes_max) {
        const Error error{codes::limit, "the table has more than " + std::to_string(limits.text_bytes_max) + " bytes",
                          place(1, 1)};
        faults.add(error);
        return error;
    }
    TextNode root;
    std::vector<std::size_t> indents;  // of the open lines, outermost first
    std::optional<Error> first;
    const auto fault = [&](Code code, std::string detail, std::uint32_t line, std::size_t column) {
        Error error{code, std::move(detail), place(line, column)};
        faults.add(error);
        if (!first) first = error;
    };
    std::uint32_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.size() > limits.line_bytes_max) {
            fault(codes::limit, "a line has at most " + std::to_string(limits.line_bytes_max) + " bytes", number, 1);
            continue;
        }
        line = trimmed_right(without_comment(line));
        const std::size_t indent = line.find_first_not_of(' ');
        if (indent == std::string_view::npos) continue;
        if (line[indent] == '\t') {
            fault(codes::syntax, "a tab does not indent: expected spaces", number, indent + 1);
            continue;
        }
        while (!indents.empty() && indents.back() > indent) indents.pop_back();
        if (indents.empty() ? (!root.children.empty() && indent != 0) : false) {
            fault(codes::syntax, "this indentation matches no line above", number, indent + 1);
            continue;
        }
        if (indents.empty() || indents.back() < indent) {
            indents.push_back(indent);
            if (indents.size() > limits.depth_max) {
                fault(codes::limit,
                      "rows are set into each other at most " + std::to_string(limits.depth_max) + " times", number,
                      indent + 1);
                indents.pop_back();
                continue;
            }
        }
        TextNode* parent = &root;
        for (std::size_t depth = 1; depth < indents.size(); ++depth) parent = &parent->children.back();
        parent->children.push_back(
            {number, static_cast<std::uint32_t>(indent + 1), std::string(line.substr(indent)), {}});
    }
    if (first) return *first;
    return root;
}

void LineReader::skip_space() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
}

bool LineReader::at_end() {
    skip_space();
    return position_ >= text_.size();
}

std::uint32_t LineReader::column() {
    skip_space();
    return column_ + static_cast<std::uint32_t>(position_);
}

std::string_view LineReader::rest() {
    skip_space();
    return text_.substr(position_);
}

char LineReader::peek() {
    skip_space();
    return position_ < text_.size() ? text_[position_] : '\0';
}

bool LineReader::take(std::string_view sign) {
    skip_space();
    if (text_.substr(position_, sign.size()) != sign) return false;
    position_ += sign.size();
    return true;
}

bool LineReader::take_word(std::string_view word) {
    skip_space();
    if (text_.substr(position_, word.size()) != word) return false;
    const std::size_t after = position_ + word.size();
    if (after < text_.size() && !is_space(text_[after]) && text_[after] != ',') return false;
    position_ = after;
    return true;
}

std::string_view LineReader::token() {
    skip_space();
    const std::size_t start = position_;
    int open = 0;
    bool quoted = false;
    for (; position_ < text_.size(); ++position_) {
        const char sign = text_[position_];
        if (quoted) {
            if (sign == '\\')
                ++position_;
            else if (sign == '"')
                quoted = false;
            continue;
        }
        if (sign == '"') quoted = true;
        if (sign == '[' || sign == '(') ++open;
        if ((sign == ']' || sign == ')') && open > 0) --open;
        if (open == 0 && (is_space(sign) || sign == ',')) break;
    }
    if (position_ > text_.size()) position_ = text_.size();
    return text_.substr(start, position_ - start);
}

std::optional<std::string> LineReader::quoted() {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != '"') return std::nullopt;
    std::string value;
    for (std::size_t i = position_ + 1; i < text_.size(); ++i) {
        if (text_[i] == '\\' && i + 1 < text_.size()) {
            value += text_[++i];
        } else if (text_[i] == '"') {
            position_ = i + 1;
            return value;
        } else {
            value += text_[i];
        }
    }
    return std::nullopt;
}

std::optional<std::uint32_t> LineReader::number() {
    skip_space();
    std::size_t i = position_;
    std::uint32_t value = 0;
    while (i < text_.size() && text_[i] >= '0' && text_[i] <= '9' && i - position_ < 9) {
        value = value * 10 + static_cast<std::uint32_t>(text_[i] - '0');
        ++i;
    }
    if (i == position_ || (i < text_.size() && !is_space(text_[i]) && text_[i] != ',')) return std::nullopt;
    position_ = i;
    return value;
}

}  // namespace hansa::mapping
