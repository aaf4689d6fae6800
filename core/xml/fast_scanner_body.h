// The short ways of the fast scanner, written once. Included by fast_scanner.cpp only, once a level of
// lanes.h, inside of a namespace that has the level as `Lanes`; hence no include and no guard here.
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

/// Checks on until `reach` bytes from the place are checked; false: there are not as many good ones.
[[gnu::noinline]] bool more(Impl& s, const char* at) {
    const std::size_t offset = offset_of(s, at);
    // Scanner's rules, which check by themselves, may have gone further.
    s.checked_to = std::max(s.checked_to, offset);
    while (!s.checked_all && offset + reach > s.checked_to) {
        const std::size_t to = std::min(s.checked_to + chunk, s.text.size());
        const std::size_t end = s.ascii_only ? s.checked_to : Lanes::characters_end(s.text, s.checked_to, to);
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

/// Reads the blocks that the search for `to` has read.
inline bool white(const char* from, const char* to) {
    for (const char* at = from; at < to; at += Lanes::width) {
        const std::uint64_t mask = Lanes::not_space(at);
        if (mask != 0) return at + first_of(mask) >= to;
    }
    return true;
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

// --- tags --------------------------------------------------------------------------------------

/// The value that begins here, up to its closing quotation mark; null as above.
inline const char* value_end(Impl& s, const char* at, char quote) {
    for (;;) {
        if (!reaches(s, at)) return nullptr;
        std::uint64_t mask = Lanes::value_stops(at);
        for (; mask != 0; mask &= mask - 1) {
            const char* const stop = at + first_of(mask);
            if (*stop == quote) return stop;
            if (*stop != '"' && *stop != '\'') return nullptr;
        }
        at += Lanes::width;
    }
}

/// Two prefixes can mean the same namespace. False: something stands twice, or there are too many to see it here.
inline bool prefixed_differ(const Impl& s, std::size_t first, std::size_t prefixed) {
    constexpr std::size_t few = 12;
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

/// From behind the element's name to behind the tag. Attributes are added to those of earlier pieces.
[[gnu::noinline]] const char* attributes(Impl& s, const char* at, bool& empty) {
    const std::size_t first = s.attributes.size();
    const std::uint64_t tag = ++s.tag;
    std::size_t prefixed = 0;
    for (;;) {
        const char* const gap = at;
        while (is_space(*at)) {
            if (!reaches(s, ++at)) return nullptr;
        }
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
        if (at == gap || s.attributes.size() - first >= s.limits.attributes_max) return nullptr;
        const char* const name_at = at;
        const std::size_t size = name_size(at);
        KnownName& name = *known(s, at, size);
        if (name.number() == 0 || name.declares || name.tag == tag) return nullptr;
        name.tag = tag;
        if (name.generation != s.generation && !s.resolve(name)) return nullptr;
        at += size;
        if (*at != '=' || (at[1] != '"' && at[1] != '\'')) return nullptr;
        const char* const value = at + 2;
        at = value_end(s, value, at[1]);
        if (at == nullptr) return nullptr;
        const auto value_size = static_cast<std::size_t>(at - value);
        if (value_size > s.limits.text_bytes_max || !reaches(s, ++at)) return nullptr;
        const std::size_t local_begin = name.local_begin();
        AttributeToken& made = s.attributes.emplace_back();
        made.local = {name_at + local_begin, size - local_begin};
        made.value = {value, value_size};
        made.offset = offset_of(s, name_at);
        if (name.prefix_size != 0) {
            made.ns = name.ns;
            made.prefix = {name_at, name.prefix_size};
            ++prefixed;
        }
    }
    return prefixed < 2 || prefixed_differ(s, first, prefixed) ? at : nullptr;
}

// --- texts -------------------------------------------------------------------------------------

inline bool is_cdata(const char* at) {
    return std::memcmp(at, "<![CDATA[", 9) == 0;
}
inline bool behind_two_brackets(const char* from, const char* at) {
    return at - from >= 2 && at[-1] == ']' && at[-2] == ']';
}

/// From behind "<![CDATA[" to behind "]]>".
inline const char* cdata(Impl& s, const char* at, TextRun& run) {
    const char* const content = at;
    const char* begin = at;
    const auto add_up_to = [&](const char* to) { run.add({begin, static_cast<std::size_t>(to - begin)}); };
    for (;;) {
        if (!reaches(s, at)) return nullptr;
        const std::uint64_t mask = Lanes::either(at, '>', '\r');
        if (mask == 0) {
            at += Lanes::width;
            continue;
        }
        at += first_of(mask);
        if (*at == '\r') {
            add_up_to(at);
            at += at[1] == '\n' ? 2 : 1;
            run.add_made("\n");
            begin = at;
        } else if (behind_two_brackets(content, at)) {
            add_up_to(at - 2);
            return at + 1;
        } else {
            ++at;
        }
    }
}

/// A text with references, CDATA sections or line ends to change, up to the markup behind it. When the input does
/// not hold it, the piece's place in the scratch is settled by settle(). Nothing is added when there is
/// nothing but empty sections.
[[gnu::noinline]] const char* mended_text(Impl& s, const char* from, Piece*& piece) {
    const std::size_t scratch_begin = s.scratch.size();
    TextRun run(s.scratch);
    const char* begin = from;
    const char* at = from;
    for (;;) {
        if (!reaches(s, at)) return nullptr;
        const std::uint64_t mask = Lanes::text_stops(at);
        if (mask == 0) {
            at += Lanes::width;
            continue;
        }
        at += first_of(mask);
        if (*at == '>') {
            if (behind_two_brackets(begin, at)) return nullptr;
            ++at;
            continue;
        }
        run.add({begin, static_cast<std::size_t>(at - begin)});
        if (run.size() > s.limits.text_bytes_max) return nullptr;
        if (*at == '\r') {
            at += at[1] == '\n' ? 2 : 1;
            run.add_made("\n");
        } else if (*at == '&') {
            s.at = offset_of(s, at);
            if (!s.reference(run)) {
                s.error.reset();
                return nullptr;
            }
            at = s.text.data() + s.at;
        } else if (is_cdata(at)) {
            at = cdata(s, at + 9, run);
            if (at == nullptr) return nullptr;
        } else {
            break;
        }
        begin = at;
    }
    if (run.size() == 0) return at;
    const std::string_view value = run.view();
    const bool is_white = value.find_first_not_of(" \t\n\r") == std::string_view::npos;
    s.mended[static_cast<std::size_t>(piece - s.pieces.data())] = {offset_of(s, from), offset_of(s, at)};
    const auto flags = static_cast<std::uint8_t>(Piece::mended | (is_white ? Piece::white : 0));
    put(piece, value.data(), value.size(), {0, 0, TokenKind::text, flags});
    if (run.copied()) {
        piece->at = nullptr;
        piece->first_attribute = static_cast<std::uint32_t>(scratch_begin);
    }
    ++piece;
    return at;
}

/// Now that the scratch grows no more, the texts in it get their places.
inline void settle(Impl& s, Piece* end) {
    for (Piece* piece = s.pieces.data(); piece != end; ++piece) {
        if (piece->at == nullptr) piece->at = s.scratch.data() + piece->first_attribute;
    }
}

/// A comment without line ends to change.
[[gnu::noinline]] const char* comment(Impl& s, const char* from, Piece*& piece) {
    const char* const content = from + 4;
    const char* at = content;
    for (;;) {
        if (!reaches(s, at)) return nullptr;
        const std::uint64_t mask = Lanes::either(at, '-', '\r');
        if (mask == 0) {
            at += Lanes::width;
            continue;
        }
        at += first_of(mask);
        if (*at == '\r') return nullptr;
        if (at[1] == '-') break;
        ++at;
    }
    const auto size = static_cast<std::size_t>(at - content);
    if (at[2] != '>' || size > s.limits.text_bytes_max) return nullptr;
    put(piece++, from, size, {0, 0, TokenKind::comment, 0});
    return at + 3;
}

// --- the document ------------------------------------------------------------------------------

/// Looks ahead as far as the short ways go, but not past what changes the scope.
void fill(Impl& s) {
    const char* const data = s.text.data();
    const char* at = data + s.at;
    if (!reaches(s, at)) return;
    // The pieces of an element with a text.
    Piece* const pieces_end = s.pieces.data() + Impl::pieces_max - 2;
    Piece* piece = s.pieces.data();
    const char* last_place = data + s.checked_to - reach;
    KnownName* const names = s.names.data();
    KnownName* last_name = s.last_name;
    Impl::Nested* top = s.nested.data() + s.depth;
    Impl::Nested* lowest = s.nested.data() + s.up_to_date;
    const Impl::Nested* const top_max = s.nested.data() + std::min(s.nested.size() - 1, s.limits.depth_max);
    const std::uint64_t generation = s.generation;
    const std::size_t text_bytes_max = s.limits.text_bytes_max;
    const auto bindings = static_cast<std::uint32_t>(s.generations.size() - 1);
    s.attributes.clear();
    s.scratch.clear();
    while (piece < pieces_end) {
        if (at > last_place) {
            if (!more(s, at)) break;
            last_place = data + s.checked_to - reach;
        }
        if (*at != '<') {
            const char* stop = at;
            bool may_be_white = static_cast<unsigned char>(*at) <= ' ';
            for (;;) {
                const std::uint64_t mask = Lanes::text_stops(stop);
                if (mask != 0) {
                    stop += first_of(mask);
                    if (*stop != '>') break;
                    if (behind_two_brackets(at, stop)) goto unsure;
                    may_be_white = false;
                    ++stop;
                } else {
                    stop += Lanes::width;
                }
                if (stop > last_place) {
                    if (!more(s, stop)) goto unsure;
                    last_place = data + s.checked_to - reach;
                }
            }
            if (*stop != '<' || (stop[1] == '!' && is_cdata(stop))) {
                const char* const behind = mended_text(s, at, piece);
                if (behind == nullptr) break;
                at = behind;
                last_place = data + s.checked_to - reach;
                continue;
            }
            const auto size = static_cast<std::size_t>(stop - at);
            if (size > text_bytes_max) break;
            put_text(piece++, at, size, may_be_white && white(at, stop));
            at = stop;
            // The markup behind it may be out of reach.
            continue;
        }
        KnownName* name = last_name->successor;
        // Only a start tag can fit here.
        if (!same_bytes(name->bytes, at + 1, name->size) ||
            (at[1 + name->size] != '>' && !lanes::is_name_stop(at[1 + name->size]))) {
            if (at[1] == '/') {
                const KnownName& open = names[top->name];
                const std::size_t size = open.size;
                if (!same_bytes(open.bytes, at + 2, size) || at[2 + size] != '>') break;
                if (open.generation != generation && !s.resolve(names[top->name])) break;
                put(piece++, at, size + 3, open.end);
                at += size + 3;
                const std::uint32_t bindings_before = top->bindings_before;
                --top;
                if (top < lowest) lowest = top;
                if (bindings_before != bindings) {
                    s.leave_is_due = true;
                    s.leave_to = bindings_before;
                    break;
                }
                if (top == s.nested.data()) break;
                continue;
            }
            if (at[1] == '!') {
                const char* behind = nullptr;
                if (at[2] == '-' && at[3] == '-') {
                    behind = comment(s, at, piece);
                } else if (is_cdata(at)) {
                    behind = mended_text(s, at, piece);
                }
                if (behind == nullptr) break;
                at = behind;
                last_place = data + s.checked_to - reach;
                continue;
            }
            name = unexpected_name(s, at + 1, last_name);
            if (name == names) break;
        }
        if ((name->generation != generation && !s.resolve(*name)) || top >= top_max) break;
        const std::size_t size = name->size;
        if (at[1 + size] == '>') {
            last_name = name;
            put(piece++, at, size + 2, name->start);
            const char* const content = at + size + 2;
            if (at <= last_place - (leaf_reach - reach)) {
                // An element of nothing but a short text, up to its end tag at once.
                const std::uint64_t mask = Lanes::text_stops(content);
                const char* const stop = content + first_of(mask);
                const auto text_size = static_cast<std::size_t>(stop - content);
                if (mask != 0 && two_bytes(stop) == end_tag_begin && same_bytes(name->bytes, stop + 2, size) &&
                    stop[2 + size] == '>' && text_size <= text_bytes_max) {
                    if (text_size != 0) {
                        const bool may_be_white = static_cast<unsigned char>(*content) <= ' ';
                        put_text(piece++, content, text_size, may_be_white && white(content, stop));
                    }
                    put(piece++, stop, size + 3, name->end);
                    at = stop + size + 3;
                    continue;
                }
            }
            *++top = {at, bindings, name->number()};
            at = content;
        } else {
            const std::size_t first = s.attributes.size();
            bool empty = false;
            const char* const behind = attributes(s, at + 1 + size, empty);
            if (behind == nullptr) break;
            last_name = name;
            const auto tag_size = static_cast<std::size_t>(behind - at);
            put(piece, at, tag_size, name->start);
            piece->first_attribute = static_cast<std::uint32_t>(first);
            piece->of.attribute_count = static_cast<std::uint32_t>(s.attributes.size() - first);
            if (empty) {
                piece->of.flags = Piece::empty_tag;
                put(++piece, at, tag_size, name->end);
                piece->of.flags = Piece::empty_tag;
            } else {
                *++top = {at, bindings, name->number()};
            }
            ++piece;
            at = behind;
            last_place = data + s.checked_to - reach;
        }
    }
unsure:
    if (!s.scratch.empty()) settle(s, piece);
    s.at = offset_of(s, at);
    s.last_name = last_name;
    s.depth = static_cast<std::size_t>(top - s.nested.data());
    s.up_to_date = static_cast<std::size_t>(lowest - s.nested.data());
    s.piece_count = static_cast<std::size_t>(piece - s.pieces.data());
}

bool refill(Impl& s) {
    if (s.error) return false;
    s.close_last();
    s.piece_count = 0;
    s.depth_before = s.depth;
    s.piece_is_slow = false;
    if (s.stage == Scanner::Impl::Stage::content && !s.end_is_due) {
        fill(s);
        if (s.piece_count != 0) return true;
    }
    if (!s.slow_step()) return false;
    if (s.token.kind == TokenKind::start_element) {
        // Where the document goes on long enough for blocks to be read.
        const std::string_view whole = s.open.back().name.whole;
        const bool readable = offset_of(s, whole.data()) + reach <= s.text.size();
        s.last_name = readable ? known(s, whole.data(), whole.size()) : s.names.data();
        s.nested[s.depth].name = s.last_name->number();
    }
    return true;
}
