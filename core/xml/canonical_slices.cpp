#include "core/xml/canonical_slices.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/xml/characters.h"

namespace hansa::xml {
namespace {

constexpr std::size_t block_bytes = 64;

/// Where in 64 bytes what stands, a bit a byte.
struct Marks {
    std::uint64_t open, close;  ///< < >
    std::uint64_t in_text;      ///< & and CR: looked at wherever they stand
    std::uint64_t in_tag;       ///< white space, ! and ?: looked at inside of tags
    std::uint64_t slash;
    std::uint64_t tags;  ///< from each '<' to before its '>', if they alternate
};

/// Bit i of the result: an odd number of bits of `marks` stands at or below i.
constexpr std::uint64_t running_parity(std::uint64_t marks) {
    for (unsigned step = 1; step < 64; step *= 2) marks ^= marks << step;
    return marks;
}

Marks marks_plain(const char* at) {
    Marks out{};
    for (unsigned i = 0; i < block_bytes; ++i) {
        const std::uint64_t bit = std::uint64_t{1} << i;
        const char c = at[i];
        if (c == '<') out.open |= bit;
        if (c == '>') out.close |= bit;
        if (c == '/') out.slash |= bit;
        if (c == '&' || c == '\r') out.in_text |= bit;
        if (static_cast<unsigned char>(c) <= '!' || c == '?') out.in_tag |= bit;
    }
    out.tags = running_parity(out.open | out.close);
    return out;
}

#define HANSA_AVX2 __attribute__((target("avx2,pclmul")))
#define HANSA_AVX512 __attribute__((target("avx512f,avx512bw,pclmul")))

HANSA_AVX2 inline std::uint64_t parity_by_product(std::uint64_t marks) {
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(marks)), _mm_set1_epi8('\xFF'), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

HANSA_AVX2 inline std::uint64_t equal_to(__m256i low, __m256i high, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
    const auto b = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
    return a | std::uint64_t{b} << 32;
}

HANSA_AVX2 Marks marks_avx2(const char* at) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
    Marks out;
    out.open = equal_to(low, high, '<');
    out.close = equal_to(low, high, '>');
    out.slash = equal_to(low, high, '/');
    out.in_text = equal_to(low, high, '&') | equal_to(low, high, '\r');
    // Up to '!': white space or '!', since other controls are no XML.
    const __m256i most = _mm256_set1_epi8('!');
    const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low)));
    const auto b =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high)));
    out.in_tag = a | std::uint64_t{b} << 32 | equal_to(low, high, '?');
    out.tags = parity_by_product(out.open | out.close);
    return out;
}

HANSA_AVX512 Marks marks_avx512(const char* at) {
    const __m512i bytes = _mm512_loadu_si512(at);
    const auto is = [&](char c) __attribute__((target("avx512f,avx512bw,pclmul"), always_inline)) {
        return static_cast<std::uint64_t>(_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c)));
    };
    Marks out;
    out.open = is('<');
    out.close = is('>');
    out.slash = is('/');
    out.in_text = is('&') | is('\r');
    out.in_tag = static_cast<std::uint64_t>(_mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8('!'))) | is('?');
    const __m128i product =
        _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(out.open | out.close)), _mm_set1_epi8('\xFF'), 0);
    out.tags = static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
    return out;
}

using MarkFunction = Marks (*)(const char*);

/// Where "<" and `first` stand side by side in 64 bytes; `at` has one byte more. Bit i: '<' at i.
std::uint64_t opens_plain(const char* at, char first) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < block_bytes; ++i) {
        if (at[i] == '<' && at[i + 1] == first) out |= std::uint64_t{1} << i;
    }
    return out;
}
HANSA_AVX2 std::uint64_t opens_avx2(const char* at, char first) {
    const auto load = [&](std::size_t offset) __attribute__((target("avx2,pclmul"), always_inline)) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + offset));
    };
    return equal_to(load(0), load(32), '<') & equal_to(load(1), load(33), first);
}

/// Does a start tag of the prefix stand anywhere in the text? The empty prefix: one without a colon.
bool has_tag_of(std::string_view text, std::string_view prefix, SliceLook look) {
    if (prefix.empty()) return true;  // not looked for
    const auto opens = look == SliceLook::plain ? opens_plain : opens_avx2;
    const auto is_it = [&](std::size_t at) {
        return text.substr(at + 1).starts_with(prefix) && text.substr(at + 1 + prefix.size()).starts_with(':');
    };
    std::size_t at = 0;
    for (; at + block_bytes + 1 <= text.size(); at += block_bytes) {
        for (std::uint64_t found = opens(text.data() + at, prefix[0]); found != 0; found &= found - 1) {
            if (is_it(at + static_cast<std::size_t>(std::countr_zero(found)))) return true;
        }
    }
    for (; at < text.size(); ++at) {
        if (text[at] == '<' && is_it(at)) return true;
    }
    return false;
}

bool is_value_reference(std::string_view rest) {
    for (const std::string_view good : {"&amp;", "&lt;", "&quot;", "&#x9;", "&#xA;", "&#xD;"}) {
        if (rest.starts_with(good)) return true;
    }
    return false;
}

/// Walks from one thing to be looked at to the next. Always begins outside of tags.
class Slicer {
public:
    /// `others`: prefixes that no attribute may have. `root_tag`: the root's start tag as it stands.
    Slicer(std::string_view bytes, std::string_view root_tag, Canonicalization method,
           std::span<const std::string_view> others, CanonicalOutput& out, MarkFunction marks)
        : bytes_(bytes), root_tag_(root_tag), method_(method), others_(others), out_(out), marks_(marks) {}

    /// All from `from` to `to`, which stand outside of tags.
    bool run(std::size_t from, std::size_t to) {
        kept_ = at_ = from;
        end_ = to;
        while (at_ < end_) {
            const std::size_t found = next_found();
            if (found >= end_) break;
            at_ = found;
            if (!(in_tag_ ? tag(tag_begin_) : text())) return false;
        }
        keep_to(end_);
        return true;
    }

private:
    /// The next place to look at, or the end. Sets in_tag_ and tag_begin_.
    std::size_t next_found() {
        std::uint64_t tag_open = 0;  // all ones while a tag reaches into the block
        bool after_open = false;     // the block before ended with '<'
        std::size_t begin = end_;
        for (std::size_t at = at_; at < end_; at += block_bytes) {
            std::array<char, block_bytes> last;
            const char* bytes = bytes_.data() + at;
            if (at + block_bytes > bytes_.size()) {
                last.fill('x');
                std::memcpy(last.data(), bytes, bytes_.size() - at);
                bytes = last.data();
            }
            const Marks marks = marks_(bytes);
            const std::uint64_t tags = marks.tags ^ tag_open;
            const std::uint64_t both = marks.open | marks.close;
            // Where '<' and '>' do not take turns, the first that does not is one to look at.
            const std::uint64_t turned = (tags & both) ^ marks.open;
            const std::uint64_t behind_open = marks.open << 1 | (after_open ? 1u : 0u);
            const std::uint64_t inside = tags & (marks.in_tag | (marks.slash & ~behind_open));
            const std::uint64_t found = turned | inside | marks.in_text;
            if (found != 0) {
                const auto bit = static_cast<unsigned>(std::countr_zero(found));
                const std::uint64_t below = (std::uint64_t{1} << bit) - 1;
                in_tag_ = (turned >> bit & 1u) == 0 && (tags >> bit & 1u) != 0;
                const std::uint64_t opens = marks.open & below;
                if (opens != 0) begin = at + 63 - static_cast<std::size_t>(std::countl_zero(opens));
                tag_begin_ = begin;
                return at + bit;
            }
            if (marks.open != 0) begin = at + 63 - static_cast<std::size_t>(std::countl_zero(marks.open));
            after_open = (marks.open >> 63) != 0;
            tag_open = (tags >> 63) != 0 ? ~std::uint64_t{0} : 0;
        }
        return end_;
    }

    void keep_to(std::size_t end) {
        if (end > kept_) out_.slice(bytes_.substr(kept_, end - kept_));
        kept_ = end;
    }
    /// In the place of bytes up to `behind` stands `made`.
    void replace(std::size_t from, std::size_t behind, std::string_view made) {
        keep_to(from);
        if (!made.empty()) out_.made(made);
        kept_ = at_ = behind;
    }

    /// A character of a text: a reference, a carriage return or a '>'.
    bool text() {
        const char c = bytes_[at_];
        if (c == '>') return replace(at_, at_ + 1, "&gt;"), true;
        if (c == '\r') {
            const bool pair = at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n';
            return replace(at_, at_ + 1, pair ? "" : "\n"), true;
        }
        if (c != '&') return false;
        return reference();
    }

    bool reference() {
        const std::string_view rest = bytes_.substr(at_, 16);
        const std::size_t size = rest.find(';') + 1;
        if (size == 0) return false;
        const std::string_view name = rest.substr(1, size - 2);
        if (name == "amp" || name == "lt" || name == "gt" || name == "#xD") {
            at_ += size;
            return true;
        }
        if (name == "quot") return replace(at_, at_ + size, "\""), true;
        if (name == "apos") return replace(at_, at_ + size, "'"), true;
        if (name.size() < 2 || name[0] != '#') return false;
        const bool hex = name[1] == 'x';
        const std::string_view digits = name.substr(hex ? 2 : 1);
        std::uint32_t value = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || !is_xml_char(value)) return false;
        made_.clear();
        if (value == '&' || value == '<' || value == '>' || value == '\r')
            made_ = value == '&' ? "&amp;" : value == '<' ? "&lt;" : value == '>' ? "&gt;" : "&#xD;";
        else
            append_utf8(made_, value);
        replace(at_, at_ + size, made_);
        return true;
    }

    /// A tag that is not just a name, a comment or a CDATA section. Goes on behind it.
    bool tag(std::size_t begin) {
        const std::string_view rest = bytes_.substr(begin);
        if (rest.starts_with("<!--")) return comment(begin);
        if (rest.starts_with("<![CDATA[")) return cdata(begin);
        if (rest.size() < 2 || rest[1] == '!' || rest[1] == '?') return false;
        std::size_t at = begin + 1;
        if (rest[1] == '/') {
            at = bytes_.find_first_of(" \t\r\n>", at);
            return at != std::string_view::npos && close(at);
        }
        at = bytes_.find_first_of(" \t\r\n/>", at);
        if (at == std::string_view::npos) return false;
        const std::string_view name = bytes_.substr(begin + 1, at - begin - 1);
        if (declares(at)) return element(begin, name);
        if (!attributes(at)) return false;
        if (bytes_[at] == '/') {
            made_.assign("></").append(name).append(">");
            replace(at, at + 2, made_);
            return true;
        }
        return close(at);
    }

    /// Behind the tag that holds `at`, which stands outside of its values; the end if there is none.
    std::size_t tag_end(std::size_t at) const {
        for (; at < bytes_.size() && bytes_[at] != '>'; ++at) {
            if (bytes_[at] != '"' && bytes_[at] != '\'') continue;
            at = bytes_.find(bytes_[at], at + 1);
            if (at == std::string_view::npos) break;
        }
        return at < bytes_.size() ? at + 1 : bytes_.size();
    }

    bool declares(std::size_t at) const {
        const std::string_view rest = bytes_.substr(at, tag_end(at) - at);
        for (auto found = rest.find("xmlns"); found != std::string_view::npos; found = rest.find("xmlns", found + 1)) {
            if (found > 0 && is_space(rest[found - 1])) return true;
        }
        return false;
    }

    /// An element that declares namespaces is written token by token, all of it. Only the root declares any above
    /// it, since whatever else does was written so too.
    bool element(std::size_t begin, std::string_view name) {
        std::size_t end = tag_end(begin + 1 + name.size());
        if (end < begin + 2 || bytes_.substr(end - 2, 2) != "/>") end = element_end(end, name);
        if (end == 0 || end > end_ || (token_bytes_ += end - begin) > token_bytes_max) return false;
        const std::string_view root_name = root_tag_.substr(1, root_tag_.find_first_of(" \t\r\n>/") - 1);
        apart_.assign(root_tag_).append(bytes_.substr(begin, end - begin)).append("</").append(root_name).append(">");
        Scanner scanner(apart_, {.text_bytes_max = apart_.size()});
        CanonicalScope scope;
        scope.reset(apart_);
        CanonicalPieces written;
        CanonicalForm form;
        form.begin(apart_, scope, method_, false, {}, written);
        for (std::size_t depth = 0;;) {
            const auto kind = scanner.next();
            if (!kind || *kind == TokenKind::end_of_document) return false;
            const bool starts = *kind == TokenKind::start_element, ends = *kind == TokenKind::end_element;
            if (starts) {
                scope.open(scanner.token());
                ++depth;
            }
            if (ends && depth == 1) break;
            form.token(scanner.token());
            if (starts && depth == 1) {
                if (!form.finish()) return false;
                written.clear();  // the root's tag
            }
            if (ends) {
                scope.close();
                --depth;
            }
        }
        if (!form.finish() || scope.is_doubtful()) return false;
        replace(begin, end, written.text());
        return true;
    }

    /// Where `opening` and the whole name stand next before `to`; `to` if nowhere.
    std::size_t next_tag(std::string_view opening, std::string_view name, std::size_t from, std::size_t to) {
        made_.assign(opening).append(name);
        const std::string_view text = bytes_.substr(0, to);
        for (std::size_t at = text.find(made_, from); at != std::string_view::npos; at = text.find(made_, at + 1)) {
            const std::string_view behind = bytes_.substr(at + made_.size(), 1);
            if (!behind.empty() && (is_space(behind[0]) || behind[0] == '>' || behind[0] == '/')) return at;
        }
        return to;
    }

    /// Behind the end tag of the element whose start tag ends at `from`; 0: not sure which it is, or too far.
    std::size_t element_end(std::size_t from, std::string_view name) {
        const std::size_t to = std::min(bytes_.size(), from + token_bytes_max);
        const std::size_t close = next_tag("</", name, from, to);
        // Another element of the name inside would end there.
        if (close == to || next_tag("<", name, from, close) != close) return 0;
        return tag_end(close);
    }

    /// White space, perhaps, and '>'.
    bool close(std::size_t at) {
        const std::size_t end = bytes_.find_first_not_of(" \t\r\n", at);
        if (end == std::string_view::npos) return false;
        if (bytes_[end] != '>') return false;
        if (end != at) replace(at, end, "");
        at_ = end + 1;
        return true;
    }

    /// Attributes as canonical form writes them, in its order, or nothing of the kind. `at` goes behind the last.
    bool attributes(std::size_t& at) {
        std::string_view prefix_before, local_before;
        bool first = true;
        while (at < bytes_.size() && bytes_[at] == ' ' && at + 1 < bytes_.size() && !is_space(bytes_[at + 1]) &&
               bytes_[at + 1] != '>' && bytes_[at + 1] != '/') {
            const std::size_t equals = bytes_.find_first_of("= \t\r\n", at + 1);
            if (equals == std::string_view::npos || bytes_.substr(equals, 2) != "=\"") return false;
            const std::string_view name = bytes_.substr(at + 1, equals - at - 1);
            const std::size_t colon = name.find(':');
            const std::string_view prefix =
                colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
            const std::string_view local = colon == std::string_view::npos ? name : name.substr(colon + 1);
            // No namespace comes first; of two prefixes nobody here knows the order.
            const bool in_order = first || (prefix == prefix_before ? local_before < local : prefix_before.empty());
            if (!in_order || (!prefix.empty() && std::ranges::find(others_, prefix) != others_.end())) return false;
            first = false;
            prefix_before = prefix;
            local_before = local;
            if (!value(at = equals + 2)) return false;
        }
        if (at >= bytes_.size()) return false;
        // "<a b="c" />" and the like: white space is not canonical, what it stands before is.
        const std::size_t end = bytes_.find_first_not_of(" \t\r\n", at);
        if (end == std::string_view::npos || (bytes_[end] != '>' && bytes_[end] != '/')) return false;
        if (end != at) replace(at, end, "");
        at = end;
        return true;
    }

    /// To behind the closing quotation mark of a value that reads as it stands.
    bool value(std::size_t& at) {
        for (;; ++at) {
            at = bytes_.find_first_of("\"&\t\r\n", at);
            if (at == std::string_view::npos) return false;
            if (bytes_[at] == '"') {
                ++at;
                return true;
            }
            if (bytes_[at] != '&' || !is_value_reference(bytes_.substr(at, 6))) return false;
        }
    }

    bool comment(std::size_t begin) {
        const std::size_t end = bytes_.find("-->", begin + 4);
        if (end == std::string_view::npos) return false;
        replace(begin, end + 3, "");
        return true;
    }

    bool cdata(std::size_t begin) {
        constexpr std::size_t opening = 9;
        const std::size_t end = bytes_.find("]]>", begin + opening);
        if (end == std::string_view::npos) return false;
        made_.clear();
        for (std::size_t at = begin + opening; at < end; ++at) {
            const char c = bytes_[at];
            if (c == '&')
                made_ += "&amp;";
            else if (c == '<')
                made_ += "&lt;";
            else if (c == '>')
                made_ += "&gt;";
            else if (c != '\r')
                made_ += c;
            else if (bytes_[at + 1] != '\n')
                made_ += '\n';
        }
        replace(begin, end + 3, made_);
        return true;
    }

    static constexpr std::size_t token_bytes_max = 32u << 10;  ///< with more the whole document's tokens are as good

    std::string_view bytes_, root_tag_;
    Canonicalization method_;
    std::span<const std::string_view> others_;
    CanonicalOutput& out_;
    MarkFunction marks_;
    std::size_t at_ = 0, kept_ = 0, end_ = 0, tag_begin_ = 0;
    bool in_tag_ = false;
    std::size_t token_bytes_ = 0;
    std::string made_, apart_;
};

MarkFunction function_of(SliceLook look) {
    switch (look) {
        case SliceLook::avx512:
            return marks_avx512;
        case SliceLook::avx2:
            return marks_avx2;
        case SliceLook::plain:
            break;
    }
    return marks_plain;
}

}  // namespace

bool can_look(SliceLook look) {
    const bool product = __builtin_cpu_supports("pclmul") != 0;
    switch (look) {
        case SliceLook::avx512:
            return product && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
        case SliceLook::avx2:
            return product && __builtin_cpu_supports("avx2") != 0;
        case SliceLook::plain:
            break;
    }
    return true;
}

SliceLook fastest_look() {
    if (can_look(SliceLook::avx512)) return SliceLook::avx512;
    return can_look(SliceLook::avx2) ? SliceLook::avx2 : SliceLook::plain;
}

bool canonical_slices(std::string_view bytes, const SliceRange& range, Canonicalization method, CanonicalOutput& out,
                      SliceLook look) {
    // The root's tag has the declarations: the token's way writes it.
    const std::string_view root = bytes.substr(range.root, range.end - range.root);
    Scanner scanner(root, {.document_bytes_max = root.size(), .text_bytes_max = root.size()});
    const auto kind = scanner.next();
    if (!kind || *kind != TokenKind::start_element || scanner.token().empty_tag) return false;
    const Token& tag = scanner.token();
    CanonicalScope scope;
    scope.reset(root);
    scope.open(tag);
    CanonicalForm form;
    form.begin(root, scope, without_comments(method), false, {}, out);
    form.token(tag);
    if (!form.finish() || scope.is_doubtful()) return false;
    const std::size_t content = range.root + tag.end;
    std::string_view first = bytes.substr(content, range.end - content), second;
    if (range.without_to > range.without_from) {
        if (range.without_from < content || range.without_to > range.end) return false;
        first = bytes.substr(content, range.without_from - content);
        second = bytes.substr(range.without_to, range.end - range.without_to);
    }
    std::vector<std::string_view> others;
    if (without_comments(method) == Canonicalization::exclusive) {
        for (const NamespaceDeclaration& made : tag.declarations) {
            const auto uses = [&](const AttributeToken& one) { return one.prefix == made.prefix; };
            const bool used =
                tag.prefix == made.prefix || (!made.prefix.empty() && std::ranges::any_of(tag.attributes, uses));
            if (used) continue;
            if (has_tag_of(first, made.prefix, look) || has_tag_of(second, made.prefix, look)) return false;
            others.push_back(made.prefix);
        }
    }
    Slicer slicer(bytes, root.substr(0, tag.end), without_comments(method), others, out, function_of(look));
    const auto run = [&](std::string_view part) {
        const auto from = static_cast<std::size_t>(part.data() - bytes.data());
        return part.empty() || slicer.run(from, from + part.size());
    };
    return run(first) && run(second);
}

bool is_bare_outside(std::string_view bytes, const SliceRange& range) {
    std::string_view before = bytes.substr(0, range.root);
    if (before.starts_with("\xEF\xBB\xBF")) before.remove_prefix(3);
    if (before.starts_with("<?xml") && before.size() > 5 && is_space(before[5])) {
        before.remove_prefix(std::min(before.find("?>"), before.size() - 1) + 1);
    }
    return before.find("<?") == std::string_view::npos && bytes.substr(range.end).find("<?") == std::string_view::npos;
}

}  // namespace hansa::xml
