// The general path: what stands outside of the root, texts, comments and instructions; anything that is well-formed.
#include <algorithm>
#include <charconv>

#include "core/schema/reader_core.h"
#include "core/xml/characters.h"
#include "core/xml/lanes_x86.h"

namespace hansa::schema {

namespace {

std::string_view predefined_entity(std::string_view name) {
    if (name == "amp") return "&";
    if (name == "lt") return "<";
    if (name == "gt") return ">";
    if (name == "quot") return "\"";
    return name == "apos" ? "'" : std::string_view{};
}

}  // namespace

PathEnd FastReader::Core::general() {
    if (frames.empty()) return outside_root();
    if (at_ == end_) return PathEnd::wrong;
    if (*at_ != '<') return text_between();
    if (looking_at("</")) return end_tag();
    if (looking_at("<!--")) {
        do {
            if (!inner_comment()) return PathEnd::wrong;
        } while (looking_at("<!--"));
        return PathEnd::moved;
    }
    if (looking_at("<?")) return inner_instruction() ? PathEnd::moved : PathEnd::wrong;
    if (looking_at("<![CDATA[")) return text_between();
    if (looking_at("<!")) return PathEnd::wrong;
    return start_tag();
}

/// The declaration as nearly everybody writes it, or anything that the scanner takes.
bool FastReader::Core::begin() {
    const std::string_view whole(begin_, static_cast<std::size_t>(end_ - begin_));
    if (whole.size() > limits.document_bytes_max) return false;
    if (whole.starts_with(usual_declaration)) {
        at_ = begin_ + usual_declaration.size();
    } else if (!whole.starts_with('<') || whole.starts_with("<?xml")) {
        xml::Scanner scanner(whole, limits,
                             document->converted() ? xml::DeclaredEncoding::converted : xml::DeclaredEncoding::binding);
        if (!scanner.next()) return false;
        // What is in no encoding but ASCII is checked as a whole.
        if (!document->converted() && document->encoding() == "US-ASCII" && !std::all_of(begin_, end_, xml::is_ascii))
            return false;
        at_ = begin_ + scanner.token().offset;
    }
    stage = Stage::prolog;
    return true;
}

PathEnd FastReader::Core::outside_root() {
    while (at_ != end_ && xml::is_space(*at_)) ++at_;
    if (at_ == end_) {
        if (stage == Stage::prolog) return PathEnd::wrong;
        return PathEnd::end;
    }
    if (looking_at("<!--")) return comment() ? PathEnd::moved : PathEnd::wrong;
    if (looking_at("<?")) return instruction() ? PathEnd::moved : PathEnd::wrong;
    if (stage != Stage::prolog || *at_ != '<' || looking_at("<!") || looking_at("</")) return PathEnd::wrong;
    return start_tag();
}

bool FastReader::Core::inner_comment() {
    const char* const from = at_;
    if (!comment()) return false;
    if (keeps_patches) patch(from, at_, {});
    return true;
}

bool FastReader::Core::inner_instruction() {
    keeps_patches = false;
    return instruction();
}

// --- comments and instructions -----------------------------------------------------------------

bool FastReader::Core::comment() {
    at_ += 4;
    const char* const from = at_;
    std::size_t chars = 0;
    // Many are short.
    constexpr std::ptrdiff_t few = 16;
    const char* const soon = end_ - at_ > few ? at_ + few : end_;
    while (at_ != soon && xml::has_class(*at_, xml::raw_byte)) ++at_;
    for (;;) {
        // Where the end may stand already, nothing is passed.
        if ((at_ == end_ || *at_ != '-') && !pass('-', chars)) return false;
        if (static_cast<std::size_t>(at_ - from) > limits.text_bytes_max || at_ == end_) return false;
        if (*at_ != '-') return false;
        ++at_;
        if (at_ == end_ || *at_ != '-') continue;
        ++at_;
        if (at_ == end_ || *at_ != '>') return false;
        ++at_;
        return true;
    }
}

bool FastReader::Core::instruction() {
    at_ += 2;
    std::string_view target;
    if (!read_name(target) || at_ == end_) return false;
    const bool is_xml =
        target.size() == 3 && (target[0] | 0x20) == 'x' && (target[1] | 0x20) == 'm' && (target[2] | 0x20) == 'l';
    if (is_xml || target.find(':') != std::string_view::npos) return false;
    if (!looking_at("?>") && !xml::is_space(*at_)) return false;
    while (at_ != end_ && xml::is_space(*at_)) ++at_;
    const char* const from = at_;
    std::size_t chars = 0;
    for (;;) {
        if (!pass('?', chars)) return false;
        if (static_cast<std::size_t>(at_ - from) > limits.text_bytes_max || at_ == end_ || *at_ != '?') return false;
        ++at_;
        if (at_ == end_ || *at_ != '>') continue;
        ++at_;
        return true;
    }
}

// --- texts -------------------------------------------------------------------------------------

bool FastReader::Core::read_text(xml::TextRun& run, std::size_t& chars, bool& has_section) {
    const char* raw = at_;  // since the last markup: "]]>" may stand from here on
    for (;;) {
        const char* from = at_;
        const bool is_reference = at_ != end_ && *at_ == '&';
        if (!is_reference && !pass(0, chars)) return false;
        if (at_ != end_ && *at_ == '>') {
            if (at_ - raw >= 2 && at_[-1] == ']' && at_[-2] == ']') return false;
            ++at_;
            ++chars;
        }
        run.add({from, static_cast<std::size_t>(at_ - from)});
        if (run.size() > limits.text_bytes_max || at_ == end_) return false;
        const char c = *at_;
        if (c == '<') {
            if (!spare(2) || at_[1] != '!' || !looking_at("<![CDATA[")) return true;
            has_section = true;
            if (!read_cdata(run, chars)) return false;
            raw = at_;
        } else if (c == '&') {
            ++chars;
            if (!read_reference(run)) return false;
            raw = at_;
        } else if (c == '\r') {
            read_returns(run, chars);
            raw = at_;
        } else if (!xml::is_ascii(c) || static_cast<unsigned char>(c) >= 0x20 || xml::is_space(c)) {
            continue;  // behind a row of '>'
        } else {
            return false;
        }
    }
}

bool FastReader::Core::read_cdata(xml::TextRun& run, std::size_t& chars) {
    at_ += std::string_view("<![CDATA[").size();
    for (;;) {
        const char* const from = at_;
        if (!pass(']', chars)) return false;
        const char* const row = at_;
        while (at_ != end_ && *at_ == ']') ++at_;
        const auto brackets = static_cast<std::size_t>(at_ - row);
        const bool is_end = brackets >= 2 && at_ != end_ && *at_ == '>';
        const std::size_t kept = is_end ? brackets - 2 : brackets;
        chars += kept;
        run.add({from, static_cast<std::size_t>(row - from) + kept});
        if (run.size() > limits.text_bytes_max || at_ == end_) return false;
        if (is_end) {
            ++at_;
            return true;
        }
        if (brackets != 0) continue;
        if (*at_ != '\r') return false;
        read_returns(run, chars);
    }
}

/// Carriage returns, as many as stand side by side.
void FastReader::Core::read_returns(xml::TextRun& run, std::size_t& chars) {
    do {
        at_ += spare(2) && at_[1] == '\n' ? 2 : 1;
        run.add_made("\n");
        ++chars;
    } while (at_ != end_ && *at_ == '\r');
}

bool FastReader::Core::read_reference(xml::TextRun& run) {
    ++at_;
    const char* const stop = std::find(at_, end_, ';');
    if (stop == end_ || *stop != ';') return false;
    std::string_view name(at_, static_cast<std::size_t>(stop - at_));
    at_ = stop + 1;
    if (!name.starts_with('#')) {
        const std::string_view value = predefined_entity(name);
        if (!value.empty()) run.add_made(value);
        return !value.empty();
    }
    name.remove_prefix(1);
    const int base = name.starts_with('x') ? 16 : 10;
    if (base == 16) name.remove_prefix(1);
    while (name.size() > 1 && name.starts_with('0')) name.remove_prefix(1);
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), value, base);
    if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size() || !xml::is_xml_char(value)) return false;
    std::string character;
    xml::append_utf8(character, value);
    run.add_made(character);
    return true;
}

bool FastReader::Core::blanks() {
    using Lanes = xml::lanes::Sse2;
    const char* at = at_;
    while (end_ - at >= Lanes::width && Lanes::not_space(at) == 0) at += Lanes::width;
    while (at != end_ && xml::is_space(*at)) ++at;
    const bool is_tag = end_ - at >= 2 && *at == '<' && at[1] != '!';
    if (!is_tag || static_cast<std::size_t>(at - at_) > limits.text_bytes_max) return false;
    at_ = at;
    return true;
}

/// Text that stands beside children or could: what is no leaf's value.
PathEnd FastReader::Core::text_between() {
    // Who asks for the canonical form is told about carriage returns elsewhere.
    if (!frames.back().mixed && frames.back().mode == Frame::Mode::model &&
        grammar->types()[frames.back().type].content == Content::elements && blanks()) {
        return PathEnd::moved;
    }
    scratch.clear();
    xml::TextRun run(scratch);
    std::size_t chars = 0;
    bool has_section = false;
    const char* const from = at_;
    if (!read_text(run, chars, has_section)) return PathEnd::wrong;
    Frame& frame = frames.back();
    const std::string_view text = run.view();
    if (keeps_patches) patch_text(from, text);
    const bool blank = text.find_first_not_of(" \t\n\r") == std::string_view::npos;
    if (!frame.mixed) {
        const bool may_be_blank =
            frame.mode == Frame::Mode::model && grammar->types()[frame.type].content == Content::elements;
        return blank && !has_section && may_be_blank ? PathEnd::moved : PathEnd::wrong;
    }
    if (!blank) frame.has_words = true;
    mixed_text[frames.size() - 1] += text;
    return PathEnd::moved;
}

}  // namespace hansa::schema
