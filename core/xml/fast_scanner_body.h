// The short ways of the fast scanner, second part: texts, comments, instructions, and the walk through a document that
// takes one way after the other. Included behind fast_scanner_tags.h, as that one is.

// --- texts -------------------------------------------------------------------------------------

inline bool is_cdata(const char* at) {
    return std::memcmp(at, "<![CDATA[", 9) == 0;
}
inline bool behind_two_brackets(const char* from, const char* at) {
    return at - from >= 2 && at[-1] == ']' && at[-2] == ']';
}

/// Over a row of '>'.
inline const char* behind_greater(const Impl& s, const char* at) {
    const char* const end = s.text.data() + s.checked_to;
    while (at < end && *at == '>') ++at;
    return at;
}

/// From behind "<![CDATA[" to behind "]]>".
inline const char* cdata(Impl& s, const char* at, TextRun& run) {
    const char* const content = at;
    const char* begin = at;
    const auto add_up_to = [&](const char* to) { run.add({begin, static_cast<std::size_t>(to - begin)}); };
    for (;;) {
        at = next_stop<Either<'>', '\r'>>(s, at);
        if (at == nullptr) return nullptr;
        if (*at == '\r') {
            add_up_to(at);
            at = line_ends(s, at, run);
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
    bool is_found = false;
    for (;;) {
        if (!is_found) at = next_stop<TextStops>(s, at);
        is_found = false;
        if (at == nullptr) return nullptr;
        if (*at == '>') {
            if (behind_two_brackets(begin, at)) return nullptr;
            at = next_stop<TextEnds>(s, behind_greater(s, at));
            is_found = true;
            continue;
        }
        // What follows a CR or a '<' must be there.
        if (left(s, at) < 2 || (*at == '<' && at[1] == '!' && left(s, at) < 9)) return nullptr;
        run.add({begin, static_cast<std::size_t>(at - begin)});
        if (run.size() > s.limits.text_bytes_max) return nullptr;
        if (*at == '\r') {
            at = line_ends(s, at, run);
        } else if (*at == '&') {
            at = any_reference(s, at, run);
            if (at == nullptr) return nullptr;
        } else if (at[1] == '!' && is_cdata(at)) {
            at = cdata(s, at + 9, run);
            if (at == nullptr) return nullptr;
        } else {
            break;
        }
        begin = at;
    }
    if (run.size() == 0) return at;
    const std::string_view value = run.view();
    const bool is_white = is_space(value.front()) && value.find_first_not_of(" \t\n\r") == std::string_view::npos;
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

/// Now that the scratch grows no more, what lies in it gets its place.
inline void settle(Impl& s, Piece* end) {
    for (Piece* piece = s.pieces.data(); piece != end; ++piece) {
        if (piece->at == nullptr) piece->at = s.scratch.data() + piece->first_attribute;
    }
    for (const Impl::MendedValue& mended : s.mended_values) {
        if (mended.attribute >= s.attributes.size()) continue;
        s.attributes[mended.attribute].value = {s.scratch.data() + mended.begin, mended.size};
    }
}

/// An instruction without line ends to change.
[[gnu::noinline]] const char* instruction(Impl& s, const char* from, Piece*& piece) {
    const std::size_t target_size = name_size(from + 2);
    const std::string_view target(from + 2, target_size);
    if (target_size > std::min(std::size_t{KnownName::bytes_max}, s.limits.name_bytes_max) || !is_ncname(target) || equals_ignoring_case(target, "XML")) return nullptr;
    const char* const behind_target = from + 2 + target_size;
    const char* const data = skip_space(s, behind_target);
    if (data == nullptr || (data == behind_target && *data != '?')) return nullptr;
    const char* at = data;
    for (;;) {
        at = next_stop<Either<'?', '\r'>>(s, at);
        if (at == nullptr || *at == '\r' || left(s, at) < 2) return nullptr;
        if (at[1] == '>') break;
        // Without white space nothing but the end may follow.
        if (data == behind_target) return nullptr;
        ++at;
    }
    const auto size = static_cast<std::size_t>(at - data);
    const auto data_begin = static_cast<std::size_t>(data - from);
    if (size > s.limits.text_bytes_max || data_begin > 0xFFFFFFFF || (data == behind_target && size != 0))
        return nullptr;
    put(piece, from, size, {static_cast<std::uint32_t>(data_begin), 0, TokenKind::instruction, 0});
    piece->first_attribute = static_cast<std::uint32_t>(target_size);
    ++piece;
    return at + 2;
}

/// A comment without line ends to change.
[[gnu::noinline]] const char* comment(Impl& s, const char* from, Piece*& piece) {
    const char* const content = from + 4;
    const char* at = content;
    for (;;) {
        at = next_stop<CommentEnds>(s, at);
        if (at == nullptr || *at == '\r' || left(s, at) < 3) return nullptr;
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
    std::uint64_t generation = s.generation;
    const std::size_t text_bytes_max = s.limits.text_bytes_max;
    auto bindings = static_cast<std::uint32_t>(s.generations.size() - 1);
    s.attributes.clear();
    s.mended_values.clear();
    s.scratch.clear();
    while (piece < pieces_end) {
        if (at > last_place) {
            if (!more(s, at)) break;
            last_place = data + s.checked_to - reach;
        }
        if (*at != '<') {
            bool may_be_white = static_cast<unsigned char>(*at) <= ' ';
            const char* stop = at;
            if (may_be_white) {
                // Indentation, up to the next tag at once. A line end of two characters reads as its second.
                const bool two = *at == '\r' && at[1] == '\n';
                const char* const begin = at + (two ? 1 : 0);
                const std::uint64_t mask = Lanes::not_blank(begin);
                stop = begin + first_of(mask);
                if (mask != 0 && *stop == '<' && stop[1] != '!') {
                    const auto size = static_cast<std::size_t>(stop - begin);
                    if (size > text_bytes_max) break;
                    put_text(piece, begin, size, true);
                    if (two) {
                        piece->of.flags |= Piece::mended;
                        s.mended[static_cast<std::size_t>(piece - s.pieces.data())] = {offset_of(s, at),
                                                                                       offset_of(s, stop)};
                    }
                    ++piece;
                    at = stop;
                    continue;
                }
                stop = at;
            }
            stop = next_stop<TextStops>(s, stop);
            while (stop != nullptr && *stop == '>') {
                if (behind_two_brackets(at, stop)) goto unsure;
                may_be_white = false;
                stop = next_stop<TextEnds>(s, behind_greater(s, stop));
            }
            if (stop == nullptr) goto unsure;
            last_place = data + s.checked_to - reach;
            if (*stop == '<' && left(s, stop) < 9 && (left(s, stop) < 2 || stop[1] == '!')) break;
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
                if (!same_bytes(open.bytes, at + 2, size)) break;
                const char* behind = at + 2 + size;
                if (*behind != '>') behind = end_of_end_tag(s, behind);
                if (behind == nullptr) break;
                if (open.generation != generation && !resolve(s, names[top->name])) break;
                ++behind;
                put(piece++, at, static_cast<std::size_t>(behind - at), open.end);
                at = behind;
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
            if (at[1] == '!' || at[1] == '?') {
                const char* behind = nullptr;
                if (at[1] == '?') {
                    behind = instruction(s, at, piece);
                } else if (at[2] == '-' && at[3] == '-') {
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
        if (top >= top_max) break;
        const std::size_t size = name->size;
        if (at[1 + size] == '>') {
            if (name->generation != generation && !resolve(s, *name)) break;
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
            const char* const behind = attributes(s, at + 1 + size, *name, piece == s.pieces.data(), empty);
            if (behind == nullptr) break;
            last_name = name;
            const auto tag_size = static_cast<std::size_t>(behind - at);
            const std::uint32_t bindings_before = bindings;
            put(piece, at, tag_size, name->start);
            piece->first_attribute = static_cast<std::uint32_t>(first);
            piece->of.attribute_count = static_cast<std::uint32_t>(s.attributes.size() - first);
            if (generation != s.generation) {
                generation = s.generation;
                bindings = static_cast<std::uint32_t>(s.generations.size() - 1);
                piece->of.flags = Piece::declares;
            }
            if (empty) {
                piece->of.flags |= Piece::empty_tag;
                put(++piece, at, tag_size, name->end);
                piece->of.flags = Piece::empty_tag;
                if (bindings_before != bindings) {
                    s.leave_is_due = true;
                    s.leave_to = bindings_before;
                    ++piece;
                    at = behind;
                    break;
                }
            } else {
                *++top = {at, bindings_before, name->number()};
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
