// The short ways of the fast scanner, first part: what all of them use, names, start tags and end tags. Included by
// fast_scanner.cpp only, once a level of lanes.h, before fast_scanner_body.h, inside of a namespace that has the level
// as `Lanes`; hence no include and no guard here.
//
// Every way begins at the first byte of a token, with at least `reach` checked bytes before it. It gives
// null when it is not sure; then the token is left to Scanner's rules. Nothing is undone, since all state that a way
// changes before it is sure is rewritten by them.

using Impl = FastScanner::Impl;
using Piece = TokenPiece;

/// How many bytes a way may read behind its place: one block, and as much as markup needs to be told apart.
constexpr std::size_t reach = 64 + 16;
/// The same for a start tag, a short text and the end tag together.
constexpr std::size_t leaf_reach = 208;
/// Checked at once: stays in the first cache until it is read.
constexpr std::size_t chunk = 4096;

inline unsigned first_of(std::uint64_t mask) {
    return static_cast<unsigned>(std::countr_zero(mask));
}
inline std::size_t offset_of(const Impl& s, const char* at) {
    return static_cast<std::size_t>(at - s.text.data());
}

/// Where the declaration says US-ASCII, which few do: a byte at a time will do.
[[gnu::noinline]] std::size_t ascii_end(std::string_view text, std::size_t from, std::size_t to) {
    while (from < to && is_ascii(text[from])) ++from;
    return from;
}

/// Checks on until `reach` bytes from the place are checked; false: there are not as many good ones.
[[gnu::noinline]] bool more(Impl& s, const char* at) {
    const std::size_t offset = offset_of(s, at);
    // Scanner's rules, which check by themselves, may have gone further.
    s.checked_to = std::max(s.checked_to, offset);
    while (!s.checked_all && offset + reach > s.checked_to) {
        const std::size_t to = std::min(s.checked_to + chunk, s.text.size());
        const std::size_t ascii_to = s.ascii_only ? ascii_end(s.text, s.checked_to, to) : to;
        const std::size_t end = lanes::characters_end(s.text, s.checked_to, ascii_to);
        // No step forward is a fault, or a character that the end of the text cuts off.
        s.checked_all = end == s.checked_to || to == s.text.size();
        s.checked_to = end;
    }
    return offset + reach <= s.checked_to;
}
inline bool reaches(Impl& s, const char* at) {
    return s.text.data() + s.checked_to - at >= static_cast<std::ptrdiff_t>(reach) || more(s, at);
}

/// Up to 63 bytes; 64 are read of both.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
    if constexpr (Lanes::width < 64) {
        for (; size > Lanes::width; size -= Lanes::width, a += Lanes::width, b += Lanes::width) {
            if (!Lanes::same(a, b, Lanes::width)) return false;
        }
    }
    return Lanes::same(a, b, static_cast<unsigned>(size));
}

/// Checked bytes from here on.
inline std::size_t left(const Impl& s, const char* at) {
    return static_cast<std::size_t>(s.text.data() + s.checked_to - at);
}

struct TextStops {
    static std::uint64_t in(const char* at) { return Lanes::text_stops(at); }
    static bool is(char c) { return lanes::is_text_stop(c); }
};
/// The same, but a '>' in the middle of a block counts behind a ']' only. A byte stands before `at`.
struct TextEnds {
    static std::uint64_t in(const char* at) {
        const std::uint64_t closing = Lanes::either(at, '>', '>');
        return Lanes::text_stops(at) & ~(closing & ~std::uint64_t{Lanes::either(at - 1, ']', ']')});
    }
    static bool is(char c) { return lanes::is_text_stop(c); }
};
/// Two '-', or one at the end of a block; CR.
struct CommentEnds {
    static std::uint64_t in(const char* at) {
        const std::uint64_t dashes = Lanes::either(at, '-', '-');
        const std::uint64_t last = std::uint64_t{1} << (Lanes::width - 1);
        return (dashes & (dashes >> 1 | last)) | Lanes::either(at, '\r', '\r');
    }
    static bool is(char c) { return c == '-' || c == '\r'; }
};
template <char a, char b>
struct Either {
    static std::uint64_t in(const char* at) { return Lanes::either(at, a, b); }
    static bool is(char c) { return c == a || c == b; }
};

/// The first of `Stops` at or behind `at`, in blocks and then in the bytes that are left; null: there is none. Behind
/// it may be nothing more.
template <class Stops>
inline const char* next_stop(Impl& s, const char* at) {
    while (reaches(s, at)) {
        const std::uint64_t mask = Stops::in(at);
        if (mask != 0) return at + first_of(mask);
        at += Lanes::width;
    }
    for (const char* const end = s.text.data() + s.checked_to; at < end; ++at) {
        if (Stops::is(*at)) return at;
    }
    return nullptr;
}

/// Nothing but spaces, tabs and line feeds. Reads no byte behind `to`.
inline bool white(const char* at, const char* to) {
    for (; to - at >= static_cast<std::ptrdiff_t>(Lanes::width); at += Lanes::width) {
        if (Lanes::not_blank(at) != 0) return false;
    }
    return std::all_of(at, to, is_space);
}

// --- names -------------------------------------------------------------------------------------

/// How many bytes from here could be a name; more than KnownName::bytes_max: too many for a short way.
inline std::size_t name_size(const char* at) {
    std::size_t size = 0;
    for (; size < 64; size += Lanes::width) {
        const std::uint64_t mask = Lanes::name_stops(at + size);
        if (mask != 0) return size + first_of(mask);
    }
    return size;
}

inline std::uint16_t two_bytes(const char* at) {
    std::uint16_t out;
    std::memcpy(&out, at, sizeof out);
    return out;
}
constexpr std::uint16_t end_tag_begin = '<' | '/' << 8;

inline std::uint64_t eight_bytes(const char* at) {
    std::uint64_t out;
    std::memcpy(&out, at, sizeof out);
    return out;
}

inline std::size_t hash_of(const char* at, std::size_t size) {
    std::uint64_t mixed = eight_bytes(at);
    if (size >= 8) {
        mixed ^= std::rotl(eight_bytes(at + size - 8), 23) ^ std::rotl(eight_bytes(at + size / 2 - 4), 47);
    } else {
        mixed &= lanes::low(static_cast<unsigned>(size) * 8);
    }
    static_assert(Impl::places == 1024);
    return ((mixed ^ size) * 0x9E3779B97F4A7C15u) >> 54;
}

/// The name that stands here with this size; the first of all names when it is none, too long or one too many.
inline KnownName* known(Impl& s, const char* at, std::size_t size) {
    KnownName* const none = s.names.data();
    if (size - 1 >= KnownName::bytes_max) return none;
    std::uint16_t* place = &s.place_of[hash_of(at, size)];
    for (std::size_t i = 0; i < Impl::tries; ++i, ++place) {
        if (*place == 0) return s.learn({at, size}, *place);
        KnownName& name = s.names[*place];
        if (name.size == size && same_bytes(name.bytes, at, size)) return &name;
    }
    return none;
}

/// The name of a start tag, searched for. Remembers it as what follows the last one.
[[gnu::noinline]] KnownName* unexpected_name(Impl& s, const char* at, KnownName* last) {
    KnownName* const name = known(s, at, name_size(at));
    last->successor = name;
    return name;
}

/// Asks what the name's prefix means, unless the last answer was to the same question.
inline bool resolve(Impl& s, KnownName& name) {
    const KnownName& last = *s.last_resolved;
    const bool same = last.generation == s.generation && last.prefix_size == name.prefix_size &&
                      name.prefix_size <= 8 &&
                      ((eight_bytes(last.bytes) ^ eight_bytes(name.bytes)) & lanes::low(name.prefix_size * 8u)) == 0;
    if (!same || name.size > s.limits.name_bytes_max) return s.resolve(name);
    name.ns = last.ns;
    name.generation = s.generation;
    return true;
}

// --- tags --------------------------------------------------------------------------------------

// Members that nobody reads of a kind are left as they are.
inline void put(Piece* piece, const char* at, std::size_t size, TokenPiece::Kind kind) {
    piece->at = at;
    piece->size = size;
    piece->of = kind;
}
inline void put_text(Piece* piece, const char* at, std::size_t size, bool is_white) {
    constexpr TokenPiece::Kind plain{0, 0, TokenKind::text, 0};
    constexpr TokenPiece::Kind white_space{0, 0, TokenKind::text, Piece::white};
    put(piece, at, size, is_white ? white_space : plain);
}

/// No reference that is read here is longer.
constexpr std::size_t reference_max = 16;

/// The value of a reference that begins here, added to the run, for the ways in which they are written;
/// null: see Scanner's rules.
inline const char* reference(const char* at, TextRun& run) {
    const auto give = [&](std::string_view value, std::size_t size) {
        run.add_made(value);
        return at + size;
    };
    switch (at[1]) {
        case 'a':
            if (std::memcmp(at, "&amp;", 5) == 0) return give("&", 5);
            return std::memcmp(at, "&apos;", 6) == 0 ? give("'", 6) : nullptr;
        case 'l':
            return std::memcmp(at, "&lt;", 4) == 0 ? give("<", 4) : nullptr;
        case 'g':
            return std::memcmp(at, "&gt;", 4) == 0 ? give(">", 4) : nullptr;
        case 'q':
            return std::memcmp(at, "&quot;", 6) == 0 ? give("\"", 6) : nullptr;
        case '#':
            break;
        default:
            return nullptr;
    }
    const bool hexadecimal = at[2] == 'x';
    const char* const first = at + (hexadecimal ? 3 : 2);
    const char* digit = first;
    char32_t value = 0;
    // Seven digits are enough for all characters, and too few to overflow.
    for (; digit < first + 7; ++digit) {
        const char low_case = static_cast<char>(*digit | 0x20);
        if (*digit >= '0' && *digit <= '9') {
            value = value * (hexadecimal ? 16 : 10) + static_cast<char32_t>(*digit - '0');
        } else if (hexadecimal && low_case >= 'a' && low_case <= 'f') {
            value = value * 16 + static_cast<char32_t>(low_case - 'a' + 10);
        } else {
            break;
        }
    }
    if (digit == first || *digit != ';' || !is_xml_char(value)) return nullptr;
    char bytes[4];
    std::size_t size = 0;
    const auto put_byte = [&](char32_t byte) { bytes[size++] = static_cast<char>(static_cast<unsigned char>(byte)); };
    if (value < 0x80) {
        put_byte(value);
    } else {
        if (value < 0x800) {
            put_byte(0xC0 | value >> 6);
        } else {
            if (value < 0x10000) {
                put_byte(0xE0 | value >> 12);
            } else {
                put_byte(0xF0 | value >> 18);
                put_byte(0x80 | (value >> 12 & 0x3F));
            }
            put_byte(0x80 | (value >> 6 & 0x3F));
        }
        put_byte(0x80 | (value & 0x3F));
    }
    return give({bytes, size}, static_cast<std::size_t>(digit + 1 - at));
}

struct ValueStops {
    static std::uint64_t in(const char* at) { return Lanes::value_stops(at); }
    static bool is(char c) { return lanes::is_value_stop(c); }
};

/// The first place that ends a value or changes it.
inline const char* value_stop(Impl& s, const char* at, char quote) {
    for (;;) {
        at = next_stop<ValueStops>(s, at);
        if (at == nullptr || *at == quote || (*at != '"' && *at != '\'')) return at;
        ++at;
    }
}

/// The same near the end of what is checked.
[[gnu::noinline]] const char* last_reference(Impl& s, const char* at, TextRun& run) {
    char copy[reference_max] = {};
    std::memcpy(copy, at, std::min(left(s, at), reference_max - 1));
    const char* const behind = reference(copy, run);
    return behind == nullptr ? nullptr : at + (behind - copy);
}
inline const char* any_reference(Impl& s, const char* at, TextRun& run) {
    return left(s, at) >= reference_max ? reference(at, run) : last_reference(s, at, run);
}

/// From a CR to behind all that follow it, each one line end.
inline const char* line_ends(Impl& s, const char* at, TextRun& run) {
    const char* const end = s.text.data() + s.checked_to;
    constexpr std::string_view many = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
    while (at < end && *at == '\r') {
        std::size_t count = 0;
        for (; count < many.size() && at < end && *at == '\r'; ++count) at += end - at >= 2 && at[1] == '\n' ? 2 : 1;
        run.add_made(many.substr(0, count));
    }
    return at;
}

/// A value with references or white space to change, from where the first of them stands to its quotation mark. It goes
/// to the scratch; settle() gives the last attribute its view.
[[gnu::noinline]] const char* mended_value(Impl& s, const char* value, const char* at, char quote) {
    const std::size_t scratch_begin = s.scratch.size();
    TextRun run(s.scratch);
    run.add({value, static_cast<std::size_t>(at - value)});
    while (*at != quote) {
        if (*at == '<' || left(s, at) < 2) return nullptr;
        if (*at == '&') {
            at = any_reference(s, at, run);
            if (at == nullptr) return nullptr;
        } else {
            at += *at == '\r' && at[1] == '\n' ? 2 : 1;
            run.add_made(" ");
        }
        const char* const begin = at;
        at = value_stop(s, at, quote);
        if (at == nullptr) return nullptr;
        run.add({begin, static_cast<std::size_t>(at - begin)});
        if (run.size() > s.limits.text_bytes_max) return nullptr;
    }
    s.mended_values.push_back({s.attributes.size() - 1, scratch_begin, run.size()});
    return at;
}

inline const char* skip_space(Impl& s, const char* at) {
    while (is_space(*at)) {
        if (!reaches(s, ++at)) return nullptr;
    }
    return at;
}

/// The '>' of an end tag with white space before it; null as above.
[[gnu::noinline]] const char* end_of_end_tag(Impl& s, const char* at) {
    at = skip_space(s, at);
    return at != nullptr && *at == '>' ? at : nullptr;
}

/// One attribute, added to those of earlier pieces, without its namespace; null as above.
inline const char* attribute(Impl& s, const char* at, std::uint64_t tag) {
    const char* const name_at = at;
    const std::size_t size = name_size(at);
    KnownName& name = *known(s, at, size);
    if (name.number() == 0 || name.tag == tag) return nullptr;
    name.tag = tag;
    at += size;
    if (*at != '=') {
        at = skip_space(s, at);
        if (at == nullptr || *at != '=') return nullptr;
    }
    ++at;
    if (is_space(*at)) at = skip_space(s, at);
    if (at == nullptr || (*at != '"' && *at != '\'')) return nullptr;
    const char quote = *at++;
    const char* const value = at;
    const std::size_t local_begin = name.local_begin();
    AttributeToken& made = s.attributes.emplace_back();
    s.attribute_names.push_back(&name);
    made.local = {name_at + local_begin, size - local_begin};
    made.prefix = {name_at, name.prefix_size};
    made.offset = offset_of(s, name_at);
    at = value_stop(s, at, quote);
    if (at == nullptr) return nullptr;
    if (*at == quote) {
        made.value = {value, static_cast<std::size_t>(at - value)};
        if (made.value.size() > s.limits.text_bytes_max) return nullptr;
    } else {
        at = mended_value(s, value, at, quote);
        if (at == nullptr) return nullptr;
    }
    return at + 1;
}

/// Makes the last attribute the declaration that it is. False: there is something about it.
[[gnu::noinline]] bool declaration(Impl& s) {
    const AttributeToken made = s.attributes.back();
    const bool mended = !s.mended_values.empty() && s.mended_values.back().attribute == s.attributes.size() - 1;
    s.attributes.pop_back();
    s.attribute_names.pop_back();
    const std::string_view prefix = made.prefix.empty() ? std::string_view{} : made.local;
    if (mended || !NamespaceScope::fault_of(prefix, made.value).empty()) return false;
    s.declarations.push_back({prefix, made.value});
    return true;
}

/// Two prefixes can mean the same namespace. False: something stands twice, or there are too many to see it here.
inline bool prefixed_differ(const Impl& s, std::size_t first) {
    constexpr std::size_t few = 12;
    std::size_t prefixed = 0;
    std::string_view prefix;
    bool one_prefix = true;
    for (std::size_t a = first; a < s.attributes.size(); ++a) {
        if (s.attributes[a].prefix.empty()) continue;
        if (prefixed++ == 0) prefix = s.attributes[a].prefix;
        one_prefix = one_prefix && s.attributes[a].prefix == prefix;
    }
    // Names that differ as they stand.
    if (one_prefix) return true;
    if (prefixed > few) return false;
    for (std::size_t a = first; a < s.attributes.size(); ++a) {
        if (s.attributes[a].prefix.empty()) continue;
        for (std::size_t b = first; b < a; ++b) {
            if (s.attributes[a].local == s.attributes[b].local && s.attributes[a].ns == s.attributes[b].ns)
                return false;
        }
    }
    return true;
}

/// What prefixes mean in a tag whose attributes and declarations are there. False: something is wrong.
inline bool resolve_tag(Impl& s, KnownName& element, std::size_t first) {
    if (element.generation != s.generation && !resolve(s, element)) return false;
    std::size_t prefixed = 0;
    for (std::size_t i = first; i < s.attributes.size(); ++i) {
        KnownName& name = *s.attribute_names[i - first];
        if (name.generation != s.generation && !resolve(s, name)) return false;
        if (name.prefix_size == 0) continue;
        s.attributes[i].ns = name.ns;
        ++prefixed;
    }
    return prefixed < 2 || prefixed_differ(s, first);
}

/// The same with declarations, which open a scope of their own or leave everything as it was.
[[gnu::noinline]] bool resolve_declaring_tag(Impl& s, KnownName& element, std::size_t first) {
    const std::size_t before = s.scope.size();
    if (before + s.declarations.size() > s.limits.namespaces_in_scope_max) return false;
    for (const NamespaceDeclaration& made : s.declarations) s.open_scope(made);
    if (resolve_tag(s, element, first)) return true;
    s.drop_scope(before);
    return false;
}

/// From behind the element's name to behind the tag. Attributes are added to those of earlier pieces; declarations
/// change what these mean, so that only the first piece can have them.
[[gnu::noinline]] const char* attributes(Impl& s, const char* at, KnownName& element, bool first_piece, bool& empty) {
    const std::size_t first = s.attributes.size();
    const std::uint64_t tag = ++s.tag;
    s.attribute_names.clear();
    if (first_piece) s.declarations.clear();
    std::size_t declared = 0;
    for (;;) {
        const char* const gap = at;
        if (reaches(s, at)) {
            at = skip_space(s, at);
        } else if (left(s, at) < 2 || (*at != '>' && *at != '/')) {
            return nullptr;
        }
        if (at == nullptr) return nullptr;
        if (*at == '>') {
            ++at;
            break;
        }
        if (*at == '/') {
            if (at[1] != '>') return nullptr;
            empty = true;
            at += 2;
            break;
        }
        if (at == gap || s.attributes.size() - first + declared >= s.limits.attributes_max) return nullptr;
        at = attribute(s, at, tag);
        if (at == nullptr) return nullptr;
        if (s.attribute_names.back()->declares) {
            const bool too_long = s.attribute_names.back()->size > s.limits.name_bytes_max;
            if (!first_piece || too_long || !declaration(s)) return nullptr;
            ++declared;
        }
    }
    const bool good = declared == 0 ? resolve_tag(s, element, first) : resolve_declaring_tag(s, element, first);
    return good ? at : nullptr;
}
