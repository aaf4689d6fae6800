#include "core/xml/exclusive_form.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace hansa::xml {
namespace {

/// Where in 64 bytes what stands, a bit a byte.
struct Marks {
    std::uint64_t open = 0, close = 0, blank = 0;  ///< < > and the blank
};

Marks marks_of(const char* at) {
    Marks out;
    constexpr unsigned lane = 16, lanes = 4;
    const auto is = [](__m128i bytes, char c) {
        return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))))};
    };
    for (unsigned i = 0; i < lanes; ++i) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i * lane));
        out.open |= is(bytes, '<') << (i * lane);
        out.close |= is(bytes, '>') << (i * lane);
        out.blank |= is(bytes, ' ') << (i * lane);
    }
    return out;
}

std::string_view prefix_of(std::string_view name) {
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
}

/// What a prefix stands for here, and what the output around has it stand for.
struct Binding {
    std::string_view prefix, value, written;
    bool is_bound = false, is_written = false;
    bool is_settled = false;  ///< written as it is bound: nothing has to be said where the prefix is used
};

class Exclusive {
public:
    Exclusive(std::string_view bytes, CanonicalOutput& out, NamespaceLook* look)
        : bytes_(bytes), out_(out), look_(look) {
        // Without a declaration no namespace is meant, which needs none to say so.
        bindings_.push_back({.is_bound = true, .is_written = true, .is_settled = true});
    }

    bool run() {
        constexpr std::size_t block = 64;
        std::size_t at = 0;
        for (; at + block <= bytes_.size(); at += block) {
            const Marks marks = marks_of(bytes_.data() + at);
            for (std::uint64_t found = marks.open; found != 0; found &= found - 1) {
                const auto bit = static_cast<unsigned>(std::countr_zero(found));
                if (is_plain(marks, bit, at + bit))
                    ++depth_;
                else if (is_plain_end(at + bit))
                    --depth_;
                else if (!tag(at + bit))
                    return false;
            }
        }
        for (; at < bytes_.size(); ++at) {
            if (bytes_[at] == '<' && !tag(at)) return false;
        }
        keep_to(bytes_.size());
        return depth_ == 0;
    }

private:
    struct Change {
        std::size_t depth = 0, number = 0;
        Binding before;
    };
    struct Attribute {
        std::string_view name, value;
    };

    /// A start tag without attributes, whole in its block, of the prefix that the one before had, and nothing to say.
    bool is_plain(const Marks& marks, unsigned bit, std::size_t at) const {
        const std::uint64_t behind = marks.close >> bit;
        if (behind == 0 || same_bytes_ == 0) return false;
        if ((marks.blank >> bit & ((behind & -behind) - 1)) != 0) return false;
        constexpr std::size_t word = sizeof(std::uint64_t);
        if (at + 1 + word > bytes_.size()) return false;
        std::uint64_t begin;
        std::memcpy(&begin, bytes_.data() + at + 1, word);
        return ((begin ^ same_) & same_bytes_) == 0;
    }

    /// An end tag behind which all means what it did.
    bool is_plain_end(std::size_t at) const {
        return at + 1 < bytes_.size() && bytes_[at + 1] == '/' && depth_ != 0 &&
               (changes_.empty() || changes_.back().depth != depth_);
    }

    /// The prefix of the next tags, most likely, with its ':'.
    void expect(const Binding& used) {
        constexpr std::size_t word = sizeof(std::uint64_t);
        const std::size_t size = used.prefix.size() + 1;
        same_bytes_ = 0;
        if (!used.is_settled || used.prefix.empty() || size > word) return;
        same_ = 0;
        std::memcpy(&same_, used.prefix.data(), size - 1);
        same_ |= std::uint64_t{':'} << (8 * (size - 1));
        same_bytes_ = ~std::uint64_t{0} >> (64 - 8 * size);
    }

    bool tag(std::size_t at) {
        if (at + 1 >= bytes_.size()) return false;
        const char next = bytes_[at + 1];
        if (next == '/') return close();
        if (next == '!' || next == '?') return false;
        ++depth_;
        std::size_t end = at + 1;
        const std::size_t behind = end_of_prefix(end);
        const std::string_view prefix = bytes_.substr(at + 1, behind - at - 1);
        end = end_of_name(behind);
        if (end == bytes_.size()) return false;
        if (bytes_[end] == ' ') return attributes(at, prefix, end);
        Binding* const used = find(prefix);
        if (used == nullptr) return false;
        if (!used->is_settled) {
            used_.assign(1, used);
            write(end, end);
        }
        expect(*used);
        return true;
    }

    /// The ':' of the name that begins at `at`; without one, `at`.
    std::size_t end_of_prefix(std::size_t at) const {
        for (std::size_t end = at; end < bytes_.size(); ++end) {
            const char c = bytes_[end];
            if (c == ':') return end;
            if (c == '>' || c == ' ') break;
        }
        return at;
    }
    /// The first blank or '>'; the size, if there is none.
    std::size_t end_of_name(std::size_t at) const {
        constexpr std::size_t lane = 16;
        for (; at + lane <= bytes_.size(); at += lane) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes_.data() + at));
            const __m128i blank = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
            const int found = _mm_movemask_epi8(_mm_or_si128(blank, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('>'))));
            if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
        }
        return std::min(bytes_.find_first_of(" >", at), bytes_.size());
    }

    bool close() {
        if (depth_ == 0) return false;
        for (; !changes_.empty() && changes_.back().depth == depth_; changes_.pop_back()) {
            bindings_[changes_.back().number] = changes_.back().before;
            same_bytes_ = 0;
        }
        --depth_;
        return true;
    }

    /// A tag with declarations or attributes, which begin at `end`: the first stand in front.
    bool attributes(std::size_t at, std::string_view prefix, std::size_t end) {
        if (at < tag_end_) return false;
        declared_.clear();
        prefixes_.assign(1, prefix);
        const std::size_t first = end;
        std::size_t behind_declarations = end;
        while (end < bytes_.size() && bytes_[end] == ' ') {
            const std::size_t equals = bytes_.find('=', end);
            if (equals == std::string_view::npos || bytes_.substr(equals, 2) != "=\"") return false;
            const std::size_t quote = bytes_.find('"', equals + 2);
            if (quote == std::string_view::npos) return false;
            const std::string_view name = bytes_.substr(end + 1, equals - end - 1);
            const std::size_t at_name = end;
            end = quote + 1;
            if (name == "xmlns" || name.starts_with("xmlns:")) {
                if (behind_declarations != at_name) return false;
                const std::string_view own = name == "xmlns" ? std::string_view() : name.substr(6);
                declared_.push_back({own, bytes_.substr(equals + 2, quote - equals - 2)});
                behind_declarations = end;
            } else if (const std::string_view own = prefix_of(name); !own.empty() && own != "xml") {
                prefixes_.push_back(own);
            }
        }
        if (end >= bytes_.size() || bytes_[end] != '>') return false;
        tag_end_ = end;
        for (const Attribute& one : declared_) {
            if (!one.value.empty() && !is_plain_uri(one.value)) return false;
            if (look_ != nullptr && one.value == look_->uri) look_->is_declared = true;
            declare(one);
        }
        used_.clear();
        for (const std::string_view one : prefixes_) {
            Binding* const used = find(one);
            if (used == nullptr) return false;
            if (!used->is_settled && std::ranges::find(used_, used) == used_.end()) used_.push_back(used);
        }
        if (!used_.empty() || !declared_.empty()) write(first, behind_declarations);
        return true;
    }

    void declare(const Attribute& one) {
        auto at = std::ranges::find(bindings_, one.name, &Binding::prefix);
        if (at == bindings_.end()) at = bindings_.insert(at, {.prefix = one.name});
        if (at->is_bound && at->value == one.value) return;
        same_bytes_ = 0;
        change(*at);
        at->value = one.value;
        at->is_bound = true;
        at->is_settled = at->is_written && at->written == at->value;
    }

    void change(const Binding& binding) {
        changes_.push_back({depth_, static_cast<std::size_t>(&binding - bindings_.data()), binding});
    }

    Binding* find(std::string_view prefix) {
        for (Binding& one : bindings_) {
            if (one.prefix.size() == prefix.size() && std::equal(prefix.begin(), prefix.end(), one.prefix.begin()))
                return one.is_bound ? &one : nullptr;
        }
        return nullptr;
    }

    /// In the place of the declarations from `from` to `to` stand those of `used_`.
    void write(std::size_t from, std::size_t to) {
        std::ranges::sort(used_, {}, &Binding::prefix);
        made_.clear();
        for (Binding* const one : used_) {
            change(*one);
            one->written = one->value;
            one->is_written = one->is_settled = true;
            made_ += " xmlns";
            if (!one->prefix.empty()) made_.append(":").append(one->prefix);
            made_.append("=\"").append(one->value).append("\"");
        }
        if (bytes_.substr(from, to - from) == made_) return;
        keep_to(from);
        if (!made_.empty()) out_.made(made_);
        kept_ = to;
    }

    void keep_to(std::size_t end) {
        if (end > kept_) out_.slice(bytes_.substr(kept_, end - kept_));
        kept_ = end;
    }

    std::string_view bytes_;
    CanonicalOutput& out_;
    NamespaceLook* look_;
    std::size_t kept_ = 0, depth_ = 0, tag_end_ = 0;
    std::uint64_t same_ = 0;         ///< what tags begin with that nothing has to be done for, the first byte lowest
    std::uint64_t same_bytes_ = 0;   ///< all ones for each byte of it
    std::vector<Binding> bindings_;  ///< by prefix, as each was met
    std::vector<Change> changes_;    ///< taken back where their element ends
    std::vector<Attribute> declared_;
    std::vector<std::string_view> prefixes_;
    std::vector<Binding*> used_;
    std::string made_;
};

}  // namespace

bool exclusive_form(std::string_view canonical, CanonicalOutput& out, NamespaceLook* look) {
    return Exclusive(canonical, out, look).run();
}

}  // namespace hansa::xml
