#include "core/syntax/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/syntax/codes.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::json {
namespace {

/// Hands bytes to the parser and counts them, since the parser does not tell where it is.
class CountingIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, std::uint64_t* taken) : at_(at), taken_(taken) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        ++at_;
        ++*taken_;
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }

private:
    const char* at_;
    std::uint64_t* taken_;
};

/// Takes the parser's events; false stops it, and fault() says why.
class Builder {
public:
    using Json = nlohmann::json;

    Builder(std::string_view text, const Limits& limits, const std::uint64_t& taken)
        : text_(text), limits_(limits), taken_(taken) {}

    bool null() { return add({.sort = Value::Sort::null, .text = {}, .offset = start_of_word()}); }
    bool boolean(bool value) {
        return add({.sort = Value::Sort::boolean, .text = value ? "true" : "false", .offset = start_of_word()});
    }
    bool number_integer(Json::number_integer_t) { return number(); }
    bool number_unsigned(Json::number_unsigned_t) { return number(); }
    bool number_float(Json::number_float_t, const std::string&) { return number(); }
    bool string(std::string& value) {
        return add({.sort = Value::Sort::text, .text = std::move(value), .offset = start_of_text()});
    }
    bool binary(Json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open(Value::Sort::object); }
    bool start_array(std::size_t) { return open(Value::Sort::list); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }

    bool key(std::string& name) {
        const std::uint64_t offset = start_of_text();
        if (!seen_.back().insert(name).second) return stop(codes::member_twice, fmt::format("'{}'", name), offset);
        open_.back()->names.push_back(std::move(name));
        key_ = offset;
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) {
        std::string detail = error.what();
        // Behind "[json.exception.parse_error.101] parse error at line 1, column 2: " stands what is wrong.
        if (const std::size_t colon = detail.find(": "); colon != std::string::npos) detail.erase(0, colon + 2);
        const std::uint64_t offset = position == 0 ? 0 : position - 1;
        return stop(codes::json_malformed, std::move(detail), std::min<std::uint64_t>(offset, text_.size()));
    }

    const std::optional<Error>& fault() const { return fault_; }
    Value finish() { return std::move(root_); }

private:
    bool stop(Code code, std::string detail, std::uint64_t offset) {
        xml::LineIndex lines(text_);
        fault_ = Error{code, std::move(detail), lines.place(offset)};
        return false;
    }

    /// As the text writes it, since the parser has made a number of it. It has read one sign beyond, but at the end.
    bool number() {
        std::uint64_t end = taken_;
        const auto part = [](char c) {
            return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
        };
        while (end != 0 && !part(text_[end - 1])) --end;
        std::uint64_t start = end;
        while (start != 0 && part(text_[start - 1])) --start;
        return add(
            {.sort = Value::Sort::number, .text = std::string(text_.substr(start, end - start)), .offset = start});
    }

    std::uint64_t start_of_word() const {
        std::uint64_t start = taken_;
        while (start != 0 && text_[start - 1] >= 'a' && text_[start - 1] <= 'z') --start;
        return start;
    }

    /// The quote that opens the text whose closing quote was just read: the next one backwards that is not escaped.
    std::uint64_t start_of_text() const {
        std::uint64_t at = taken_ - 1;
        for (;;) {
            at = text_.rfind('"', at - 1);
            std::uint64_t slashes = 0;
            while (slashes != at && text_[at - 1 - slashes] == '\\') ++slashes;
            if (slashes % 2 == 0) return at;
        }
    }

    bool add(Value value) {
        if (++count_ > limits_.parts_max)
            return stop(codes::too_many, fmt::format("more than {} values", limits_.parts_max), value.offset);
        (void)put(std::move(value));
        return true;
    }

    Value* put(Value value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        if (open_.back()->sort == Value::Sort::object) value.offset = key_;
        open_.back()->values.push_back(std::move(value));
        return &open_.back()->values.back();
    }

    bool open(Value::Sort sort) {
        const std::uint64_t offset = taken_ - 1;
        if (open_.size() == limits_.depth_max)
            return stop(codes::json_too_deep, fmt::format("more than {} levels", limits_.depth_max), offset);
        if (++count_ > limits_.parts_max)
            return stop(codes::too_many, fmt::format("more than {} values", limits_.parts_max), offset);
        // What is open has no further member yet, so that the address stays good until it is closed.
        open_.push_back(put({.sort = sort, .text = {}, .offset = offset}));
        seen_.emplace_back();
        return true;
    }

    bool close() {
        open_.pop_back();
        seen_.pop_back();
        return true;
    }

    std::string_view text_;
    const Limits& limits_;
    const std::uint64_t& taken_;
    Value root_;
    std::vector<Value*> open_;
    std::vector<std::set<std::string>> seen_;  ///< names of what is open
    std::uint64_t key_ = 0;
    std::size_t count_ = 0;
    std::optional<Error> fault_;
};

}  // namespace

std::string_view name_of(Value::Sort sort) {
    switch (sort) {
        case Value::Sort::null:
            return "null";
        case Value::Sort::boolean:
            return "true or false";
        case Value::Sort::number:
            return "a number";
        case Value::Sort::text:
            return "text";
        case Value::Sort::list:
            return "a list";
        case Value::Sort::object:
            break;
    }
    return "an object";
}

Result<Value> parse(std::string_view bytes, const Limits& limits) {
    if (bytes.size() > limits.bytes_max)
        return Error{codes::too_large, fmt::format("{} bytes, the limit is {}", bytes.size(), limits.bytes_max)};
    // For the parser a zero byte is the end, wherever it stands.
    if (const std::size_t zero = bytes.find('\0'); zero != std::string_view::npos) {
        xml::LineIndex lines(bytes);
        return Error{codes::json_malformed, "a zero byte", lines.place(zero)};
    }
    std::uint64_t taken = 0;
    Builder builder(bytes, limits, taken);
    const CountingIterator first(bytes.data(), &taken), last(bytes.data() + bytes.size(), &taken);
    const bool read = nlohmann::json::sax_parse(first, last, &builder);
    if (builder.fault()) return *builder.fault();
    if (!read) return Error{codes::json_malformed, "it cannot be read"};
    return builder.finish();
}

}  // namespace hansa::syntax::json
