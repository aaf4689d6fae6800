#include "core/mapping/conversion_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "core/mapping/codes.h"

namespace hansa::mapping {
namespace {

constexpr std::size_t unbounded = static_cast<std::size_t>(-1);

Error bad_pattern(std::string_view expression, std::string_view why) {
    return Error{codes::list_syntax, fmt::format("pattern /{}/: {}", expression.substr(0, 100), why)};
}

std::size_t byte(char c) {
    return static_cast<unsigned char>(c);
}

std::bitset<256> any_sign() {
    std::bitset<256> all;
    all.set();
    return all;
}

std::bitset<256> digits() {
    std::bitset<256> out;
    for (char c = '0'; c <= '9'; ++c) out.set(byte(c));
    return out;
}

std::bitset<256> one(char c) {
    std::bitset<256> out;
    out.set(byte(c));
    return out;
}

/// What follows "[" up to "]"; false when it does not end or a range runs backwards.
bool read_class(std::string_view& rest, std::bitset<256>& out) {
    const bool negated = !rest.empty() && rest.front() == '^';
    if (negated) rest.remove_prefix(1);
    bool first = true;
    while (!rest.empty() && (rest.front() != ']' || first)) {
        first = false;
        char from = rest.front();
        rest.remove_prefix(1);
        if (from == '\\' && !rest.empty()) {
            from = rest.front();
            rest.remove_prefix(1);
            if (from == 'd') {
                out |= digits();
                continue;
            }
        }
        char to = from;
        if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']') {
            to = rest[1];
            rest.remove_prefix(2);
        }
        if (byte(to) < byte(from)) return false;
        for (std::size_t c = byte(from); c <= byte(to); ++c) out.set(c);
    }
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    if (negated) out.flip();
    return true;
}

bool read_number(std::string_view& rest, std::size_t& out) {
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return false;
    out = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        out = out * 10 + static_cast<std::size_t>(rest.front() - '0');
        if (out > Pattern::pattern_positions_max) return false;
        rest.remove_prefix(1);
    }
    return true;
}

bool read_quantity(std::string_view& rest, std::size_t& least, std::size_t& most) {
    least = most = 1;
    if (rest.empty()) return true;
    const char c = rest.front();
    if (c != '?' && c != '*' && c != '+' && c != '{') return true;
    rest.remove_prefix(1);
    if (c == '?') least = 0;
    if (c == '*') least = 0, most = unbounded;
    if (c == '+') most = unbounded;
    if (c != '{') return true;
    if (!read_number(rest, least)) return false;
    most = least;
    if (!rest.empty() && rest.front() == ',') {
        rest.remove_prefix(1);
        most = unbounded;
        if (!rest.empty() && rest.front() != '}' && !read_number(rest, most)) return false;
    }
    if (rest.empty() || rest.front() != '}' || most < least) return false;
    rest.remove_prefix(1);
    return true;
}

}  // namespace

Result<void> Pattern::add(const std::bitset<256>& bytes, std::size_t least, std::size_t most) {
    const std::size_t count = most == unbounded ? std::max<std::size_t>(least, 1) : most;
    if (positions_.size() + count > pattern_positions_max) return bad_pattern(text_, "too long");
    for (std::size_t i = 0; i < count; ++i) positions_.push_back({bytes, i >= least, false});
    if (most == unbounded) positions_.back().repeats = true;
    return {};
}

Result<Pattern> Pattern::parse(std::string_view expression) {
    Pattern out;
    out.text_ = expression;
    std::string_view rest = expression;
    if (rest.empty()) return bad_pattern(expression, "nothing between the slashes");
    while (!rest.empty()) {
        std::bitset<256> bytes;
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '[') {
            if (!read_class(rest, bytes)) return bad_pattern(expression, "expected a class [a-z] that ends in ]");
        } else if (c == '.') {
            bytes = any_sign();
        } else if (c == '\\') {
            if (rest.empty()) return bad_pattern(expression, "expected a sign after \\");
            bytes = rest.front() == 'd' ? digits() : one(rest.front());
            rest.remove_prefix(1);
        } else if (std::string_view("()|^$*+?{}").find(c) != std::string_view::npos) {
            return bad_pattern(expression,
                               fmt::format("'{}' cannot stand here; groups and alternatives are not known", c));
        } else {
            bytes = one(c);
        }
        std::size_t least = 1, most = 1;
        if (!read_quantity(rest, least, most)) return bad_pattern(expression, "expected a count {n} or {n,m}");
        if (auto added = out.add(bytes, least, most); !added) return added.error();
    }
    return out;
}

Result<Pattern> Pattern::from_wildcard(std::string_view code) {
    Pattern out;
    out.text_ = code;
    for (const char c : code) {
        if (auto added = out.add(c == '?' ? any_sign() : one(c), 1, 1); !added) return added.error();
    }
    return out;
}

void Pattern::skip(std::vector<bool>& states) const {
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (states[i] && positions_[i].optional) states[i + 1] = true;
    }
}

std::vector<bool> Pattern::after(const std::vector<bool>& states, std::size_t byte) const {
    std::vector<bool> next(positions_.size() + 1, false);
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (!states[i] || !positions_[i].bytes[byte]) continue;
        next[i + 1] = true;
        if (positions_[i].repeats) next[i] = true;
    }
    skip(next);
    return next;
}

bool Pattern::matches(std::string_view text) const {
    std::vector<bool> now(positions_.size() + 1);
    now[0] = true;
    skip(now);
    for (const char c : text) now = after(now, byte(c));
    return now.back();
}

std::optional<MatchTable> Pattern::table(std::size_t states_max) const {
    constexpr std::size_t bytes = 256;
    MatchTable out;
    std::map<std::vector<bool>, std::uint8_t> columns;  // by the positions that a byte may stand at
    std::vector<std::size_t> sample;
    for (std::size_t c = 0; c < bytes; ++c) {
        std::vector<bool> at;
        for (const Position& position : positions_) at.push_back(position.bytes[c]);
        const auto [known, fresh] = columns.try_emplace(std::move(at), static_cast<std::uint8_t>(columns.size()));
        if (fresh) sample.push_back(c);
        out.column.push_back(known->second);
    }
    out.columns = columns.size();
    std::map<std::vector<bool>, std::uint16_t> numbers;
    std::vector<std::vector<bool>> states;
    const auto number_of = [&](std::vector<bool> state) {
        const auto [known, fresh] = numbers.try_emplace(state, static_cast<std::uint16_t>(numbers.size()));
        if (fresh) states.push_back(std::move(state));
        return known->second;
    };
    std::vector<bool> start(positions_.size() + 1);
    start[0] = true;
    skip(start);
    number_of(std::move(start));
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (states.size() > std::min<std::size_t>(states_max, 0xFFFF)) return std::nullopt;
        for (const std::size_t c : sample) out.next.push_back(number_of(after(states[i], c)));
    }
    for (const std::vector<bool>& state : states) out.accepts.push_back(state.back());
    return out;
}

std::string Pattern::draw(std::uint64_t seed, std::size_t repeat_max) const {
    std::mt19937_64 random(seed);
    std::string out;
    for (const Position& position : positions_) {
        std::size_t count = position.optional ? random() % 2 : 1;
        if (position.repeats && count > 0) count += random() % (repeat_max + 1);
        std::string signs;
        for (std::size_t c = '!'; c <= '~'; ++c) {
            if (position.bytes[c]) signs += static_cast<char>(c);
        }
        for (std::size_t i = 0; i < count && !signs.empty(); ++i) out += signs[random() % signs.size()];
    }
    return out;
}

}  // namespace hansa::mapping
