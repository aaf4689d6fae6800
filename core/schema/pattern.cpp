#include "core/schema/pattern.h"

#include <algorithm>
#include <map>
#include <vector>

#include "core/schema/charset.h"
#include "core/schema/generator.h"

namespace hansa::schema {

namespace {

constexpr std::uint32_t bad_code_point = 0xFFFFFFFFu;
constexpr std::uint32_t no_maximum = 0xFFFFFFFFu;
constexpr std::size_t states_max = 200'000;
constexpr int depth_max = 64;

/// The expression as a tree: sets, sequences, alternatives, repeats. Nodes by number.
struct Node {
    enum class Kind { set, sequence, choice, repeat } kind = Kind::sequence;
    std::size_t set = 0;
    std::uint32_t min = 1, max = 1;
    std::vector<std::size_t> parts;
};

/// One step of the automaton.
struct State {
    enum class Kind : std::uint8_t { character, split, jump, match } kind = Kind::match;
    std::uint32_t a = 0, b = 0;  ///< character: set; split: both ways; jump: the way
};

struct Tree {
    std::vector<Node> nodes;
    std::vector<CharSet> sets;
    std::size_t root = 0;
};

// --- parser ------------------------------------------------------------------------------------

class Parser {
public:
    explicit Parser(std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            code_points_.push_back(next_code_point(text, at));
            if (code_points_.back() == bad_code_point) good_ = false;
        }
    }

    std::optional<Tree> parse() {
        tree_.root = choice(0);
        if (!good_ || at_ != code_points_.size()) return std::nullopt;
        return std::move(tree_);
    }

private:
    bool more() const { return good_ && at_ < code_points_.size(); }
    std::uint32_t peek() const { return at_ < code_points_.size() ? code_points_[at_] : 0; }
    bool take(char wanted) {
        if (!more() || peek() != static_cast<std::uint32_t>(wanted)) return false;
        ++at_;
        return true;
    }
    std::size_t fail() {
        good_ = false;
        return 0;
    }
    std::size_t keep(Node node) {
        tree_.nodes.push_back(std::move(node));
        return tree_.nodes.size() - 1;
    }
    std::size_t keep_set(CharSet set) {
        tree_.sets.push_back(std::move(set));
        return keep({Node::Kind::set, tree_.sets.size() - 1, 1, 1, {}});
    }

    std::size_t choice(int depth) {
        if (depth > depth_max) return fail();
        Node node{Node::Kind::choice, 0, 1, 1, {sequence(depth)}};
        while (take('|')) node.parts.push_back(sequence(depth));
        return node.parts.size() == 1 ? node.parts.front() : keep(std::move(node));
    }

    std::size_t sequence(int depth) {
        Node node{Node::Kind::sequence, 0, 1, 1, {}};
        while (more() && peek() != '|' && peek() != ')') node.parts.push_back(piece(depth));
        return node.parts.size() == 1 ? node.parts.front() : keep(std::move(node));
    }

    std::size_t piece(int depth) {
        const std::size_t part = atom(depth);
        std::uint32_t min = 1;
        std::uint32_t max = 1;
        if (take('?')) {
            min = 0;
        } else if (take('*')) {
            min = 0, max = no_maximum;
        } else if (take('+')) {
            max = no_maximum;
        } else if (take('{')) {
            min = number();
            max = min;
            if (take(',')) max = peek() == '}' ? no_maximum : number();
            if (!take('}') || max < min) return fail();
        } else {
            return part;
        }
        return keep({Node::Kind::repeat, 0, min, max, {part}});
    }

    std::uint32_t number() {
        std::uint32_t value = 0;
        const std::size_t start = at_;
        while (more() && peek() >= '0' && peek() <= '9') {
            value = value * 10 + (peek() - '0');
            if (value > 1'000'000) good_ = false;
            ++at_;
        }
        if (at_ == start) good_ = false;
        return value;
    }

    std::size_t atom(int depth) {
        if (take('(')) {
            const std::size_t inside = choice(depth + 1);
            return take(')') ? inside : fail();
        }
        if (take('[')) return keep_set(char_class(depth + 1));
        if (take('\\')) return keep_set(escape());
        const std::uint32_t c = peek();
        if (c == '?' || c == '*' || c == '+' || c == '{' || c == '}' || c == ']') return fail();
        ++at_;
        if (c == '.') {
            CharSet breaks;
            breaks.add('\n', '\n');
            breaks.add('\r', '\r');
            breaks.settle();
            return keep_set(breaks.complement());
        }
        return keep_set(single(c));
    }

    static CharSet single(std::uint32_t c) {
        CharSet set;
        set.add(c, c);
        return set;
    }

    /// After a backslash.
    CharSet escape() {
        if (!more()) {
            good_ = false;
            return {};
        }
        const std::uint32_t c = code_points_[at_++];
        switch (c) {
            case 'n':
                return single('\n');
            case 'r':
                return single('\r');
            case 't':
                return single('\t');
            case 's':
            case 'i':
            case 'c':
            case 'd':
            case 'w':
                return escape_set(static_cast<char>(c));
            case 'S':
            case 'I':
            case 'C':
            case 'D':
            case 'W':
                return escape_set(static_cast<char>(c - 'A' + 'a')).complement();
            case 'p':
            case 'P':
                return property(c == 'P');
            default:
                break;
        }
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter) good_ = false;
        return single(c);
    }

    CharSet property(bool negated) {
        std::string name;
        if (!take('{')) good_ = false;
        while (more() && peek() != '}') append_code_point(name, code_points_[at_++]);
        if (!take('}')) good_ = false;
        auto set = property_set(name);
        if (!set) good_ = false;
        return !good_ ? CharSet{} : negated ? set->complement() : *set;
    }

    /// After '['. A hyphen that makes no range stands for itself.
    CharSet char_class(int depth) {
        if (depth > depth_max) good_ = false;
        const bool negated = take('^');
        CharSet set;
        CharSet removed;
        bool first = true;
        while (more() && (peek() != ']' || first)) {
            if (!first && peek() == '-' && at_ + 1 < code_points_.size() && code_points_[at_ + 1] == '[') {
                at_ += 2;
                removed = char_class(depth + 1);
                if (peek() != ']') good_ = false;
                break;
            }
            first = false;
            class_part(set);
        }
        if (!take(']')) good_ = false;
        set.settle();
        if (negated) set = set.complement();
        return removed.ranges().empty() ? set : set.without(removed);
    }

    void class_part(CharSet& set) {
        const CharSet low = class_atom();
        const bool one = low.ranges().size() == 1 && low.ranges()[0].first == low.ranges()[0].second;
        const bool range = one && peek() == '-' && at_ + 1 < code_points_.size() && code_points_[at_ + 1] != ']' &&
                           code_points_[at_ + 1] != '[';
        if (!range) {
            set.add(low);
            return;
        }
        ++at_;
        const CharSet high = class_atom();
        if (!good_ || high.ranges().size() != 1 || high.ranges()[0].first < low.ranges()[0].first) {
            good_ = false;
            return;
        }
        set.add(low.ranges()[0].first, high.ranges()[0].first);
    }

    CharSet class_atom() {
        if (take('\\')) return escape();
        if (!more() || peek() == '[') {
            good_ = false;
            return {};
        }
        return single(code_points_[at_++]);
    }

    std::vector<std::uint32_t> code_points_;
    std::size_t at_ = 0;
    bool good_ = true;
    Tree tree_;
};

// --- automaton ---------------------------------------------------------------------------------

class Builder {
public:
    explicit Builder(const Tree& tree) : tree_(tree) {}

    std::optional<std::vector<State>> build() {
        emit(tree_.root);
        add({State::Kind::match, 0, 0});
        if (states_.size() >= states_max) return std::nullopt;
        return std::move(states_);
    }

private:
    std::uint32_t add(State state) {
        if (states_.size() < states_max) states_.push_back(state);
        return static_cast<std::uint32_t>(states_.size() - 1);
    }
    std::uint32_t here() const { return static_cast<std::uint32_t>(states_.size()); }
    bool full() const { return states_.size() >= states_max; }

    void emit(std::size_t number) {
        if (full()) return;
        const Node& node = tree_.nodes[number];
        switch (node.kind) {
            case Node::Kind::set:
                add({State::Kind::character, static_cast<std::uint32_t>(node.set), 0});
                break;
            case Node::Kind::sequence:
                for (const std::size_t part : node.parts) emit(part);
                break;
            case Node::Kind::choice:
                emit_choice(node);
                break;
            case Node::Kind::repeat:
                emit_repeat(node);
                break;
        }
    }

    void emit_choice(const Node& node) {
        std::vector<std::uint32_t> ends;
        for (std::size_t i = 0; i < node.parts.size(); ++i) {
            const bool last = i + 1 == node.parts.size();
            const std::uint32_t split = last ? 0 : add({State::Kind::split, here() + 1, 0});
            emit(node.parts[i]);
            if (last) break;
            ends.push_back(add({State::Kind::jump, 0, 0}));
            states_[split].b = here();
        }
        for (const std::uint32_t end : ends) states_[end].a = here();
    }

    void emit_repeat(const Node& node) {
        const std::size_t part = node.parts.front();
        for (std::uint32_t i = 0; i < node.min && !full(); ++i) {
            const std::uint32_t before = here();
            emit(part);
            if (here() == before) break;  // an empty part repeats to nothing
        }
        if (node.max == no_maximum) {
            const std::uint32_t split = add({State::Kind::split, here() + 1, 0});
            emit(part);
            add({State::Kind::jump, split, 0});
            states_[split].b = here();
            return;
        }
        std::vector<std::uint32_t> splits;
        for (std::uint32_t i = node.min; i < node.max && !full(); ++i) {
            splits.push_back(add({State::Kind::split, here() + 1, 0}));
            emit(part);
        }
        for (const std::uint32_t split : splits) states_[split].b = here();
    }

    const Tree& tree_;
    std::vector<State> states_;
};

/// The states that are alive, each once.
class Alive {
public:
    explicit Alive(const std::vector<State>& states) : states_(states), seen_(states.size(), 0) {}

    void clear() {
        ++round_;
        list.clear();
        matched = false;
    }
    void enter(std::uint32_t state) {
        stack_.push_back(state);
        while (!stack_.empty()) {
            const std::uint32_t at = stack_.back();
            stack_.pop_back();
            if (at >= states_.size() || seen_[at] == round_) continue;
            seen_[at] = round_;
            const State& step = states_[at];
            switch (step.kind) {
                case State::Kind::character:
                    list.push_back(at);
                    break;
                case State::Kind::match:
                    matched = true;
                    break;
                case State::Kind::split:
                    stack_.push_back(step.b);
                    [[fallthrough]];
                case State::Kind::jump:
                    stack_.push_back(step.a);
                    break;
            }
        }
    }

    std::vector<std::uint32_t> list;
    bool matched = false;

private:
    const std::vector<State>& states_;
    std::vector<std::uint32_t> seen_;
    std::vector<std::uint32_t> stack_;
    std::uint32_t round_ = 1;
};

// --- samples -----------------------------------------------------------------------------------

/// Characters that XML can hold and a person can read; tabs and line ends do not survive
/// normalisation.
bool is_useful(std::uint32_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
    return (c < 0xD800 || c > 0xF8FF) && c < 0xFFF0 && !(c >= 0xFDD0 && c <= 0xFDEF);
}

/// Mostly letters and digits, sometimes any other sign of the set; never a blank unless asked for.
std::uint32_t sample_set(const CharSet& set, Random& random) {
    static constexpr std::string_view common = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789abcdefghijkmnpqrstuvwxyz";
    if (!random.chance(15)) {
        for (int attempt = 0; attempt < 24; ++attempt) {
            const auto c = static_cast<unsigned char>(common[random.below(common.size())]);
            if (set.has(c)) return c;
        }
    }
    for (int attempt = 0; attempt < 24 && !set.ranges().empty(); ++attempt) {
        // Only the first ranges: scripts that readers and fonts know.
        const auto& [first, last] = set.ranges()[random.below(std::min<std::size_t>(set.ranges().size(), 40))];
        const std::uint32_t c = first + static_cast<std::uint32_t>(random.below(std::min(last - first, 0x4FFu) + 1));
        if (is_useful(c) && c != ' ' && c != 0xA0) return c;
    }
    for (const auto& [first, last] : set.ranges()) {
        for (std::uint32_t c = first; c <= last && c < first + 300; ++c) {
            if (is_useful(c)) return c;
        }
    }
    return set.ranges().empty() ? ' ' : set.ranges()[0].first;
}

void sample_node(const Tree& tree, std::size_t number, Random& random, std::uint32_t repeats_max, std::string& text) {
    const Node& node = tree.nodes[number];
    switch (node.kind) {
        case Node::Kind::set:
            append_code_point(text, sample_set(tree.sets[node.set], random));
            break;
        case Node::Kind::sequence:
            for (const std::size_t part : node.parts) sample_node(tree, part, random, repeats_max, text);
            break;
        case Node::Kind::choice:
            sample_node(tree, node.parts[random.below(node.parts.size())], random, repeats_max, text);
            break;
        case Node::Kind::repeat: {
            const std::uint32_t span = std::min(node.max - node.min, repeats_max);
            std::uint32_t count = node.min + static_cast<std::uint32_t>(random.below(std::uint64_t{span} + 1));
            if (random.chance(15)) count = node.min;
            if (random.chance(15)) count = node.min + span;
            if (random.chance(15) && node.max != no_maximum && node.max <= 1'000) count = node.max;
            for (std::uint32_t i = 0; i < count && text.size() < 100'000; ++i) {
                sample_node(tree, node.parts.front(), random, repeats_max, text);
            }
            break;
        }
    }
}

}  // namespace

struct Pattern::Automaton {
    Tree tree;
    std::vector<State> states;
};

std::optional<Pattern> Pattern::compile(std::string_view expression) {
    if (expression.size() > 65'536) return std::nullopt;
    auto tree = Parser(expression).parse();
    if (!tree) return std::nullopt;
    auto states = Builder(*tree).build();
    if (!states) return std::nullopt;
    return Pattern(std::make_shared<const Automaton>(Automaton{std::move(*tree), std::move(*states)}));
}

bool Pattern::matches(std::string_view text) const {
    const std::vector<State>& states = automaton_->states;
    Alive now(states);
    Alive next(states);
    now.clear();
    now.enter(0);
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t c = next_code_point(text, at);
        if (c == bad_code_point || now.list.empty()) return false;
        next.clear();
        for (const std::uint32_t state : now.list) {
            if (automaton_->tree.sets[states[state].a].has(c)) next.enter(state + 1);
        }
        std::swap(now.list, next.list);
        std::swap(now.matched, next.matched);
    }
    return now.matched;
}

// --- tables ------------------------------------------------------------------------------------

namespace {

/// Subset construction: a state of the table is the set of places that are alive.
class Tabulation {
public:
    Tabulation(const Tree& tree, const std::vector<State>& states, std::size_t entries_max)
        : tree_(tree), states_(states), entries_max_(entries_max), alive_(states) {}

    std::optional<PatternTable> run() {
        classify();
        alive_.clear();
        alive_.enter(0);
        number_of_alive();
        for (std::size_t state = 0; state < subsets_.size(); ++state) {
            if ((state + 1) * table_.classes > entries_max_ || subsets_.size() >= PatternTable::dead)
                return std::nullopt;
            for (std::uint16_t kind = 0; kind < table_.classes; ++kind) table_.next.push_back(step(state, kind));
        }
        return std::move(table_);
    }

private:
    /// Cuts the code points where any set begins or ends; pieces in the same sets are one class.
    void classify() {
        std::vector<std::uint32_t> cuts{0};
        for (const CharSet& set : tree_.sets) {
            for (const auto& [first, last] : set.ranges()) {
                cuts.push_back(first);
                if (last < last_code_point) cuts.push_back(last + 1);
            }
        }
        std::sort(cuts.begin(), cuts.end());
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::map<std::vector<bool>, std::uint16_t> known;
        for (std::size_t i = 0; i < cuts.size(); ++i) {
            std::vector<bool> member(tree_.sets.size());
            for (std::size_t set = 0; set < member.size(); ++set) member[set] = tree_.sets[set].has(cuts[i]);
            const auto [place, fresh] = known.emplace(std::move(member), table_.classes);
            if (fresh) {
                ++table_.classes;
                samples_.push_back(cuts[i]);
            }
            const std::uint32_t end = i + 1 < cuts.size() ? cuts[i + 1] : last_code_point + 1;
            for (std::uint32_t c = cuts[i]; c < end && c < 128; ++c) table_.ascii[c] = place->second;
            if (end > 128) table_.others.emplace_back(cuts[i], place->second);
        }
    }

    std::uint16_t number_of_alive() {
        if (alive_.list.empty() && !alive_.matched) return PatternTable::dead;
        std::vector<std::uint32_t> subset = alive_.list;
        std::sort(subset.begin(), subset.end());
        subset.push_back(alive_.matched ? 1 : 0);
        const auto [place, fresh] = numbers_.emplace(subset, static_cast<std::uint16_t>(subsets_.size()));
        if (fresh) {
            table_.accepts.push_back(alive_.matched);
            subset.pop_back();
            subsets_.push_back(std::move(subset));
        }
        return place->second;
    }

    std::uint16_t step(std::size_t from, std::uint16_t kind) {
        alive_.clear();
        for (const std::uint32_t state : subsets_[from]) {
            if (tree_.sets[states_[state].a].has(samples_[kind])) alive_.enter(state + 1);
        }
        return number_of_alive();
    }

    const Tree& tree_;
    const std::vector<State>& states_;
    std::size_t entries_max_;
    Alive alive_;
    PatternTable table_;
    std::vector<std::uint32_t> samples_;  ///< one character of each class
    std::vector<std::vector<std::uint32_t>> subsets_;
    std::map<std::vector<std::uint32_t>, std::uint16_t> numbers_;
};

}  // namespace

std::optional<PatternTable> Pattern::table(std::size_t entries_max) const {
    return Tabulation(automaton_->tree, automaton_->states, entries_max).run();
}

bool PatternTable::matches(std::string_view text) const {
    std::uint32_t state = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        std::uint16_t kind = 0;
        if (byte < 128) {
            kind = ascii[byte];
            ++at;
        } else {
            const std::uint32_t c = next_code_point(text, at);
            if (c == bad_code_point) return false;
            const auto after =
                std::upper_bound(others.begin(), others.end(), c,
                                 [](std::uint32_t value, const auto& range) { return value < range.first; });
            kind = std::prev(after)->second;
        }
        state = next[state * classes + kind];
        if (state == dead) return false;
    }
    return accepts[state];
}

std::string Pattern::sample(Random& random, std::uint32_t repeats_max) const {
    std::string text;
    sample_node(automaton_->tree, automaton_->tree.root, random, repeats_max, text);
    return text;
}

std::optional<std::string> sample_pattern(std::string_view pattern, Random& random, std::uint32_t repeats_max) {
    const auto compiled = Pattern::compile(pattern);
    if (!compiled) return std::nullopt;
    return compiled->sample(random, repeats_max);
}

// --- UTF-8 -------------------------------------------------------------------------------------

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(at++);
    if (lead < 0x80) return lead;
    const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || at + more > text.size()) return bad_code_point;
    std::uint32_t value = lead & (0x3Fu >> more);
    for (unsigned i = 0; i < more; ++i, ++at) {
        if ((byte(at) & 0xC0) != 0x80) return bad_code_point;
        value = (value << 6) | (byte(at) & 0x3Fu);
    }
    static constexpr std::uint32_t least[] = {0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < least[more - 1] || value > last_code_point || surrogate ? bad_code_point : value;
}

void append_code_point(std::string& text, std::uint32_t c) {
    const auto put = [&](std::uint32_t value) { text += static_cast<char>(static_cast<unsigned char>(value)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | (c >> 6));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace hansa::schema
