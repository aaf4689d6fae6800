#include "core/syntax/edifact_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/syntax/codes.h"
#include "core/syntax/edifact_level.h"
#include "core/xml/line_index.h"

namespace hansa::syntax::edifact {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t una_size = 9;

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool is_break(char c) {
    return c == '\r' || c == '\n';
}
bool is_letter(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_sign(char c) {
    return is_letter(c) || is_digit(c) || (c >= 'a' && c <= 'z');
}

/// Offset of what is not white space.
std::size_t start_of(std::string_view bytes) {
    std::size_t at = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    while (at < bytes.size() && is_space(bytes[at])) ++at;
    return at;
}

/// The service string advice, and where the interchange begins behind it.
struct Head {
    ServiceCharacters service;
    std::size_t unb = 0;
    std::string_view level;
};

Error error_at(std::string_view text, std::uint64_t offset, Code code, std::string detail) {
    xml::LineIndex lines(text);
    return {code, std::move(detail), lines.place(offset)};
}

/// Five marks that must differ, and no letter, digit or line break among them.
Result<ServiceCharacters> read_advice(std::string_view bytes, std::size_t at) {
    if (bytes.size() < at + una_size)
        return error_at(bytes, at, codes::truncated, "the text ends in the service string");
    const std::string_view una = bytes.substr(at, una_size);
    ServiceCharacters out{una[3], una[4], una[5], una[6], una[7], una[8]};
    const std::string marks{out.component, out.element, out.release, out.terminator};
    for (std::size_t i = 0; i != marks.size(); ++i) {
        const bool twice = marks[i] != ' ' && marks.find(marks[i], i + 1) != std::string::npos;
        const bool blank = marks[i] == ' ' && i != 2;  // no release character: the standard's own way to say it
        const bool wide = static_cast<unsigned char>(marks[i]) >= 0x80;  // would mean another thing in UTF-8
        if (is_sign(marks[i]) || is_break(marks[i]) || twice || blank || wide) {
            return error_at(bytes, at, codes::separators, fmt::format("'{}' in the service string", marks[i]));
        }
    }
    return out;
}

Result<Head> read_head(std::string_view bytes) {
    Head out;
    out.unb = start_of(bytes);
    if (bytes.substr(out.unb).starts_with("UNA")) {
        const auto advice = read_advice(bytes, out.unb);
        if (!advice) return advice.error();
        out.service = *advice;
        out.unb += una_size;
        while (out.unb < bytes.size() && is_space(bytes[out.unb])) ++out.unb;
    }
    const std::string_view rest = bytes.substr(out.unb);
    if (!rest.starts_with("UNB"))
        return error_at(bytes, out.unb, codes::segment_missing, "UNB, the head of an interchange");
    if (rest.size() < 9) return error_at(bytes, bytes.size(), codes::truncated, "the text ends in UNB");
    if (rest[3] != out.service.element) {
        return error_at(bytes, out.unb + 3, codes::separators,
                        fmt::format("'{}' behind UNB, expected '{}'", rest[3], out.service.element));
    }
    out.level = rest.substr(4, 4);
    if (!level_known(out.level) || rest[8] != out.service.component) {
        return error_at(
            bytes, out.unb + 4, codes::level_unknown,
            fmt::format("repertoire '{}'", rest[8] == out.service.component ? out.level : rest.substr(4, 5)));
    }
    return out;
}

/// Cuts text into segments, one after the other.
class Scanner {
public:
    Scanner(std::string_view text, const ServiceCharacters& service, std::size_t at)
        : text_(text), service_(service), at_(at) {}

    /// The next segment; nothing: the text has ended.
    Result<std::optional<Segment>> next() {
        while (at_ < text_.size() && is_break(text_[at_])) ++at_;
        if (at_ == text_.size()) return std::optional<Segment>();
        Segment out;
        out.offset = at_;
        if (auto tag = read_tag(out); !tag) return tag.error();
        while (text_[at_] != service_.terminator) {
            ++at_;  // the element separator
            if (auto element = read_element(out); !element) return element.error();
        }
        out.end_offset = at_++;
        return std::optional(std::move(out));
    }

    Error fault(std::uint64_t offset, Code code, std::string detail) const {
        return error_at(text_, offset, code, std::move(detail));
    }

private:
    Result<void> read_tag(Segment& out) {
        std::size_t end = at_;
        while (end < text_.size() && text_[end] != service_.element && text_[end] != service_.terminator &&
               end - at_ < 4)
            ++end;
        const std::string_view tag = text_.substr(at_, end - at_);
        const bool good = tag.size() == 3 && is_letter(tag[0]) &&
                          std::ranges::all_of(tag, [](char c) { return is_letter(c) || is_digit(c); });
        if (!good)
            return fault(at_, end == text_.size() ? codes::truncated : codes::segment_tag,
                         fmt::format("'{}' is no tag of a segment", tag));
        if (end == text_.size()) return fault(end, codes::truncated, fmt::format("the text ends in {}", tag));
        out.tag = tag;
        at_ = end;
        return {};
    }

    /// Ends at the separator of elements or the terminator.
    Result<void> read_element(Segment& segment) {
        DataElement element;
        element.components.push_back({{}, at_});
        for (;; ++at_) {
            if (at_ == text_.size())
                return fault(at_, codes::truncated, fmt::format("the text ends in {}", segment.tag));
            const char sign = text_[at_];
            if (sign == service_.element || sign == service_.terminator) break;
            if (sign == service_.component) {
                element.components.push_back({{}, at_ + 1});
                continue;
            }
            if (is_break(sign)) return fault(at_, codes::charset, fmt::format("a line ends inside of {}", segment.tag));
            if (sign == service_.release && sign != ' ') {
                if (++at_ == text_.size())
                    return fault(at_ - 1, codes::release_at_end, fmt::format("in {}", segment.tag));
                if (is_break(text_[at_]))
                    return fault(at_, codes::charset, fmt::format("a line ends inside of {}", segment.tag));
            }
            element.components.back().text += text_[at_];
        }
        segment.elements.push_back(std::move(element));
        return {};
    }

    std::string_view text_;
    ServiceCharacters service_;
    std::size_t at_;
};

/// Counts and references of what frames messages: UNB to UNZ, UNG to UNE, UNH to UNT.
class Framing {
public:
    Framing(Interchange& interchange, const Scanner& scanner) : out_(interchange), scanner_(scanner) {}

    Result<void> take(std::size_t at) {
        const std::string_view tag = out_.segments[at].tag;
        if (ended_) return unexpected(at);
        if (tag == "UNB") return at == 0 ? Result<void>() : unexpected(at);
        if (tag == "UNG") return open(group_, message_, at);
        if (tag == "UNE") return close_group(at);
        if (tag == "UNH") return open_message(at);
        if (tag == "UNT") return close_message(at);
        if (tag == "UNZ") return close_interchange(at);
        return message_ ? Result<void>() : unexpected(at);
    }

    Result<void> finish() const {
        if (ended_) return {};
        const std::string_view missing = message_ ? "UNT" : group_ ? "UNE" : "UNZ";
        return scanner_.fault(out_.text.size(), codes::truncated, fmt::format("{} is missing", missing));
    }

private:
    Error unexpected(std::size_t at) const {
        const Segment& segment = out_.segments[at];
        return scanner_.fault(
            segment.offset, codes::segment_unexpected,
            fmt::format("{} (segment {} of the interchange) stands outside of its frame", segment.tag, at + 1));
    }

    Result<void> open(std::optional<std::size_t>& what, const std::optional<std::size_t>& inside, std::size_t at) {
        if (what || inside || messages_ != 0) return unexpected(at);
        out_.groups = true;
        what = at;
        return {};
    }

    Result<void> open_message(std::size_t at) {
        if (message_ || (out_.groups && !group_)) return unexpected(at);
        message_ = at;
        return {};
    }

    Result<void> close_message(std::size_t at) {
        if (!message_) return unexpected(at);
        if (auto same = counted(at, at - *message_ + 1, "segments from UNH to UNT"); !same) return same;
        if (auto same = referred(at, *message_, 0); !same) return same;
        out_.messages.push_back({*message_, at + 1});
        message_.reset();
        ++messages_;
        return {};
    }

    Result<void> close_group(std::size_t at) {
        if (!group_ || message_) return unexpected(at);
        if (auto same = counted(at, messages_, "messages"); !same) return same;
        if (auto same = referred(at, *group_, 4); !same) return same;
        group_.reset();
        messages_ = 0;
        ++groups_;
        return {};
    }

    Result<void> close_interchange(std::size_t at) {
        if (message_ || group_) return unexpected(at);
        ended_ = true;
        if (auto same = counted(at, out_.groups ? groups_ : messages_, out_.groups ? "groups" : "messages"); !same)
            return same;
        return referred(at, 0, 4);
    }

    /// The trailer's first element is the count.
    Result<void> counted(std::size_t trailer, std::size_t count, std::string_view what) const {
        const Segment& segment = out_.segments[trailer];
        const std::string_view said = segment.value(0);
        std::size_t number = 0;
        const auto [end, bad] = std::from_chars(said.data(), said.data() + said.size(), number);
        if (bad == std::errc() && end == said.data() + said.size() && number == count) return {};
        return scanner_.fault(place_in(segment, 0), codes::count_differs,
                              fmt::format("{} says '{}', there are {} {}", segment.tag, said, count, what));
    }

    /// The trailer's second element is the header's.
    Result<void> referred(std::size_t trailer, std::size_t header, std::size_t element) const {
        const Segment& segment = out_.segments[trailer];
        const Segment& begun = out_.segments[header];
        if (segment.value(1) == begun.value(element) && !segment.value(1).empty()) return {};
        return scanner_.fault(
            place_in(segment, 1), codes::reference_differs,
            fmt::format("{} says '{}', {} said '{}'", segment.tag, segment.value(1), begun.tag, begun.value(element)));
    }

    static std::uint64_t place_in(const Segment& segment, std::size_t element) {
        return element < segment.elements.size() ? segment.elements[element].components.front().offset
                                                 : segment.end_offset;
    }

    Interchange& out_;
    const Scanner& scanner_;
    std::optional<std::size_t> group_, message_;
    std::size_t messages_ = 0, groups_ = 0;
    bool ended_ = false;
};

/// Version and repertoire of UNB, as the text says them.
Result<void> take_head(Interchange& out, const Scanner& scanner) {
    const Segment& unb = out.segments.front();
    const std::string_view version = unb.value(0, 1);
    if (version.size() != 1 || version[0] < '1' || version[0] > '4') {
        return scanner.fault(unb.offset, codes::level_unknown, fmt::format("version '{}' of the syntax", version));
    }
    out.version = version[0] - '0';
    return {};
}

}  // namespace

std::string_view Segment::value(std::size_t element, std::size_t component) const {
    if (element >= elements.size() || component >= elements[element].components.size()) return {};
    return elements[element].components[component].text;
}

bool looks_like_interchange(std::string_view bytes) {
    const std::string_view rest = bytes.substr(start_of(bytes));
    return rest.starts_with("UNA") || rest.starts_with("UNB");
}

Result<Interchange> read_interchange(std::string_view bytes, const Limits& limits) {
    if (bytes.size() > limits.bytes_max)
        return Error{codes::too_large, fmt::format("{} bytes, the limit is {}", bytes.size(), limits.bytes_max)};
    const auto head = read_head(bytes);
    if (!head) return head.error();
    Interchange out;
    out.service = head->service;
    out.level = head->level;
    auto text = decode(head->level, bytes.substr(head->unb), head->service);
    if (!text) {
        // Lines and columns count from the start of the bytes; in front of UNB stands nothing but ASCII and the mark.
        const std::string whole = std::string(bytes.substr(0, head->unb));
        xml::LineIndex lines(whole);
        const Place start = lines.place(whole.size());
        Error out_of_place = text.error();
        if (out_of_place.place.line == 1) out_of_place.place.column += start.column - 1;
        out_of_place.place.line += start.line - 1;
        return out_of_place;
    }
    out.text = std::string(bytes.substr(0, head->unb)) + *std::move(text);
    Scanner scanner(out.text, out.service, head->unb);
    Framing framing(out, scanner);
    for (;;) {
        auto segment = scanner.next();
        if (!segment) return segment.error();
        if (!*segment) break;
        if (out.segments.size() == limits.parts_max)
            return Error{codes::too_many, fmt::format("more than {} segments", limits.parts_max)};
        out.segments.push_back(**std::move(segment));
        if (out.segments.size() == 1) {
            if (auto known = take_head(out, scanner); !known) return known.error();
        }
        if (auto taken = framing.take(out.segments.size() - 1); !taken) return taken.error();
    }
    if (auto whole = framing.finish(); !whole) return whole.error();
    return out;
}

Result<std::string> message_type(std::string_view bytes) {
    const auto head = read_head(bytes);
    if (!head) return head.error();
    Scanner scanner(bytes, head->service, head->unb);
    constexpr int segments_before = 3;  // UNB, UNG, UNH
    for (int i = 0; i != segments_before; ++i) {
        const auto segment = scanner.next();
        if (!segment) return segment.error();
        if (!*segment) break;
        if ((*segment)->tag == "UNH")
            return fmt::format("{}:{}:{}:{}", (*segment)->value(1, 0), (*segment)->value(1, 1), (*segment)->value(1, 2),
                               (*segment)->value(1, 3));
    }
    return scanner.fault(head->unb, codes::segment_missing, "UNH, the head of a message");
}

void append_released(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '+' || c == ':' || c == '\'' || c == '?' || c == '*') out += '?';
        out += c;
    }
}

}  // namespace hansa::syntax::edifact
