#include "core/xml/codes.h"
#include "core/xml/scanner_impl.h"

namespace hansa::xml {
namespace {

std::string_view predefined_entity(std::string_view name) {
    if (name == "amp") return "&";
    if (name == "lt") return "<";
    if (name == "gt") return ">";
    if (name == "quot") return "\"";
    if (name == "apos") return "'";
    return {};
}

}  // namespace

// --- characters --------------------------------------------------------------------------------

/// Takes a character that no byte class covers, or says what is wrong with it.
bool Scanner::Impl::other_character(std::string_view what) {
    const Decoded c = decode_utf8(text, at);
    if (c.bytes == 0 || (ascii_only && c.value >= 0x80)) {
        return fail(codes::encoding_broken, at,
                    ascii_only ? "a byte that is not US-ASCII" : "bytes that are not UTF-8");
    }
    if (!is_xml_char(c.value)) {
        return fail(codes::not_well_formed, at, hex_of(c.value) + " in " + std::string(what) + " is no XML character");
    }
    at += c.bytes;
    return true;
}

/// Over all bytes of the class and all characters beyond ASCII.
bool Scanner::Impl::skip_run(ByteClass wanted, std::string_view what) {
    while (!at_end()) {
        if (has_class(text[at], wanted)) {
            ++at;
        } else if (is_ascii(text[at])) {
            return true;
        } else if (!other_character(what)) {
            return false;
        }
    }
    return true;
}

bool Scanner::Impl::within(std::size_t size, std::size_t max, std::size_t offset, std::string_view limit) {
    if (size <= max) return true;
    return fail(codes::text_too_long, offset, std::string(limit) + " is " + std::to_string(max));
}

// --- text --------------------------------------------------------------------------------------

bool Scanner::Impl::text_token() {
    scratch.clear();
    const std::size_t from = at;
    TextRun run(scratch);
    for (;;) {
        const std::size_t begin = at;
        if (!skip_run(text_byte, "a text")) return false;
        run.add(text.substr(begin, at - begin));
        if (!within(run.size(), limits.text_bytes_max, from, "text_bytes_max")) return false;
        if (at_end()) return unexpected("the end tag of " + quoted(open.back().name.whole));
        const std::size_t special = at;
        switch (text[at]) {
            case '<':
                if (looking_at("<![CDATA[")) {
                    if (!cdata(run)) return false;
                    continue;
                }
                // Empty CDATA sections alone are no text: go to what follows.
                if (run.size() == 0) return markup(at);
                set_token(TokenKind::text, from);
                token.text = run.view();
                token.white_space = token.text.find_first_not_of(" \t\n\r") == std::string_view::npos;
                return true;
            case '&':
                if (!reference(run)) return false;
                continue;
            case '\r':
                at += looking_at("\r\n") ? 2u : 1u;
                run.add_made("\n");
                continue;
            case ']':
                if (looking_at("]]>")) return fail(codes::not_well_formed, at, "']]>' in a text");
                ++at;
                break;
            default:
                if (!other_character("a text")) return false;
        }
        run.add(text.substr(special, at - special));
    }
}

bool Scanner::Impl::attribute_value(TextRun& value) {
    if (at_end() || (text[at] != '"' && text[at] != '\'')) return unexpected("a quotation mark");
    const std::size_t from = at;
    const char quote = text[at++];
    for (;;) {
        const std::size_t run = at;
        if (!skip_run(value_byte, "an attribute value")) return false;
        value.add(text.substr(run, at - run));
        if (!within(value.size(), limits.text_bytes_max, from, "text_bytes_max")) return false;
        if (at_end()) return unexpected("the closing quotation mark");
        const char c = text[at];
        if (c == quote) break;
        if (c == '<') return unexpected("the closing quotation mark");
        if (c == '&') {
            if (!reference(value)) return false;
        } else if (is_space(c)) {
            at += looking_at("\r\n") ? 2u : 1u;
            value.add_made(" ");
        } else {
            const std::size_t other = at;
            if (!other_character("an attribute value")) return false;
            value.add(text.substr(other, at - other));
        }
    }
    ++at;
    value.close();
    return true;
}

bool Scanner::Impl::cdata(TextRun& run) {
    at += std::string_view("<![CDATA[").size();
    return raw_text("]]>", run, "a CDATA section");
}

bool Scanner::Impl::comment() {
    const std::size_t from = at;
    at += std::string_view("<!--").size();
    TextRun run(scratch);
    if (!raw_text("--", run, "a comment")) return false;
    if (!take('>')) return unexpected("the '>' of a comment's end (it cannot hold '--')");
    set_token(TokenKind::comment, from);
    token.text = run.view();
    return true;
}

bool Scanner::Impl::instruction() {
    const std::size_t from = at;
    at += std::string_view("<?").size();
    std::string_view target;
    if (!name(target)) return false;
    if (at_end()) return unexpected("the end of the instruction");
    if (equals_ignoring_case(target, "XML")) {
        return fail(codes::not_well_formed, from, "an XML declaration stands at the very beginning or not at all");
    }
    if (target.find(':') != std::string_view::npos) {
        return fail(codes::namespace_wrong, from, "the target of an instruction has no colon");
    }
    TextRun run(scratch);
    if (!looking_at("?>") && !skip_space()) return unexpected("white space or '?>'");
    if (!raw_text("?>", run, "an instruction")) return false;
    set_token(TokenKind::instruction, from);
    token.local = target;
    token.text = run.view();
    return true;
}

/// Characters up to the terminator, which is taken too; line ends become \n.
bool Scanner::Impl::raw_text(std::string_view terminator, TextRun& run, std::string_view what) {
    const std::size_t from = at;
    for (;;) {
        const std::size_t begin = at;
        if (!skip_run(raw_byte, what)) return false;
        run.add(text.substr(begin, at - begin));
        if (!within(run.size(), limits.text_bytes_max, from, "text_bytes_max")) return false;
        if (at_end()) return unexpected("the end of " + std::string(what));
        if (looking_at(terminator)) {
            at += terminator.size();
            return true;
        }
        const std::size_t special = at;
        if (text[at] == '\r') {
            at += looking_at("\r\n") ? 2u : 1u;
            run.add_made("\n");
        } else {
            if (!other_character(what)) return false;
            run.add(text.substr(special, at - special));
        }
    }
}

bool Scanner::Impl::reference(TextRun& run) {
    const std::size_t from = at++;
    if (take('#')) return character_reference(run);
    std::string_view entity;
    if (!name(entity)) return false;
    if (!take(';')) return unexpected("the ';' of a reference");
    const std::string_view value = predefined_entity(entity);
    if (value.empty()) return other_entity(from, entity, run);
    run.add_made(value);
    return true;
}

bool Scanner::Impl::character_reference(TextRun& run) {
    const std::size_t from = at;
    const unsigned base = take('x') ? 16 : 10;
    const std::size_t first = at;
    constexpr char32_t past_all = 0x110000;
    char32_t value = 0;
    for (; !at_end(); ++at) {
        unsigned digit = 0;
        if (std::from_chars(&text[at], &text[at] + 1, digit, static_cast<int>(base)).ec != std::errc{}) break;
        value = std::min<char32_t>(value * base + digit, past_all);
    }
    if (at == first) return unexpected("a digit");
    if (!take(';')) return unexpected("the ';' of a reference");
    if (!is_xml_char(value)) {
        return fail(codes::not_well_formed, from, "a reference to what is no XML character");
    }
    std::string character;
    append_utf8(character, value);
    run.add_made(character);
    return true;
}

// --- names -------------------------------------------------------------------------------------

bool Scanner::Impl::name(std::string_view& out) {
    const std::size_t from = at;
    while (!at_end()) {
        if (has_class(text[at], name_byte)) {
            if (at == from && !has_class(text[at], name_start_byte)) break;
            ++at;
            continue;
        }
        if (is_ascii(text[at])) break;
        const Decoded c = decode_utf8(text, at);
        if (c.bytes == 0 || ascii_only) return other_character("a name");
        if (at == from ? !is_name_start(c.value) : !is_name_char(c.value)) break;
        at += c.bytes;
    }
    if (at == from) return unexpected("a name");
    out = text.substr(from, at - from);
    if (out.size() <= limits.name_bytes_max) return true;
    return fail(codes::name_too_long, from, "name_bytes_max is " + std::to_string(limits.name_bytes_max));
}

bool Scanner::Impl::qname(QName& out) {
    const std::size_t from = at;
    if (!name(out.whole)) return false;
    const auto colon = out.whole.find(':');
    if (colon == std::string_view::npos) {
        out.local = out.whole;
        return true;
    }
    out.prefix = out.whole.substr(0, colon);
    out.local = out.whole.substr(colon + 1);
    if (at_end()) return unexpected("the rest of the tag");
    if (is_ncname(out.prefix) && is_ncname(out.local)) return true;
    return fail(codes::namespace_wrong, from, quoted(out.whole) + " is not one name or two with a colon between");
}

}  // namespace hansa::xml
