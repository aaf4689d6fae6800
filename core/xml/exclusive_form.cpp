#include "core/xml/exclusive_form.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "core/xml/tag_marks.h"

namespace hansa::xml {
namespace {

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
        const lanes::Level level = lanes::best_level();
        std::size_t at = 0;
        for (; at + block + TagWalk::ahead <= bytes_.size(); at += block) {
            const std::size_t blocks = (bytes_.size() - at - TagWalk::ahead) / block;
            walk_.limit = changes_.empty() ? 0 : changes_.back().depth;
            at += block * pass_usual(bytes_.data() + at, blocks, walk_, level);
            if (at + block + TagWalk::ahead > bytes_.size()) break;
            if (!look_at(bytes_.data() + at, at, level)) return finish();
        }
        // The last bytes, with nothing behind them.
        std::array<char, 2 * block + 2 * TagWalk::ahead> rest{};
        std::ranges::copy(bytes_.substr(at), rest.begin());
        for (std::size_t i = 0; at < bytes_.size(); i += block, at += block) {
            if (!look_at(rest.data() + i, at, level)) return finish();
        }
        return !walk_.in_tag && finish();
    }

private:
    struct Change {
        std::size_t depth = 0, number = 0;
        Binding before;
    };
    struct Attribute {
        std::string_view name, value;
    };

    static constexpr std::size_t block = 64;

    bool finish() {
        if (is_declined_) return false;
        keep_to(bytes_.size());
        return walk_.depth == 0;
    }

    /// The tags of the 64 bytes at `from`, which stand at `at`. False: that was all, or it is declined.
    bool look_at(const char* from, std::size_t at, lanes::Level level) {
        const TagWalk before = walk_;
        const TagMarks marks = mark_tags(from, walk_, level);
        if (marks.is_odd) {
            is_declined_ = !without_marks(at);
            return false;
        }
        is_declined_ = marks.others != 0 || !one_by_one(marks, before.before, at);
        return !is_declined_;
    }

    /// What in start tags may speak of namespaces, but for the ':' of the usual prefix, and not looked at yet.
    std::uint64_t telling_of(const TagMarks& marks, std::uint64_t before, std::size_t at) const {
        std::uint64_t colons = marks.colons;
        if (const std::size_t size = walk_.prefix.size(); walk_.is_known && size != 0)
            colons &= ~(marks.starts << (size + 1) | before >> (63 - size));
        const std::uint64_t telling = colons | marks.declaring;
        return looked_to_ <= at           ? telling
               : looked_to_ - at >= block ? 0
                                          : telling & ~lanes::low(static_cast<unsigned>(looked_to_ - at));
    }

    /// A start tag of the prefix that the one before had.
    bool is_usual(std::size_t at) const {
        if (!walk_.is_known) return false;
        const std::string_view tag = bytes_.substr(at + 1);
        const std::size_t size = walk_.prefix.size();
        return size == 0 || (tag.starts_with(walk_.prefix) && tag.size() > size && tag[size] == ':');
    }

    bool one_by_one(const TagMarks& marks, std::uint64_t before, std::size_t at) {
        std::uint64_t left = marks.opens;
        const std::uint64_t first = left & (0 - left);
        if ((telling_of(marks, before, at) & (first - 1)) != 0 && !last_once_more(at)) return false;
        while (left != 0) {
            const auto bit = static_cast<unsigned>(std::countr_zero(left));
            left &= left - 1;
            const std::uint64_t own = ((left & (0 - left)) - 1) & ~lanes::low(bit);
            if ((marks.starts >> bit & 1) == 0) {
                if (!end_tag()) return false;
            } else if (is_usual(at + bit) && (telling_of(marks, before, at) & own) == 0) {
                ++walk_.depth;
            } else if (!tag(at + bit)) {
                return false;
            }
        }
        return true;
    }

    /// The start tag that began before `at` was taken for a usual one, and is none.
    bool last_once_more(std::size_t at) {
        --walk_.depth;
        return tag(bytes_.rfind('<', at - 1));
    }

    /// As one_by_one, for all that is left: values hold '>' (the canonical form leaves it there), which no mask knows
    /// from the end of a tag. So the tag before may have been taken for one that ends where its value does not: what
    /// stands behind that was not looked at.
    bool without_marks(std::size_t at) {
        const std::size_t last = at == 0 ? std::string_view::npos : bytes_.rfind('<', at - 1);
        const bool is_start = last != std::string_view::npos && bytes_[last + 1] != '/';
        if (is_start && looked_to_ <= last && !last_once_more(at)) return false;
        at = std::max(at, looked_to_);
        for (at = bytes_.find('<', at); at != std::string_view::npos;
             at = bytes_.find('<', std::max(at + 1, looked_to_))) {
            const char next = at + 1 < bytes_.size() ? bytes_[at + 1] : '\0';
            if (next == '!' || next == '?' || !(next == '/' ? end_tag() : tag(at))) return false;
        }
        return true;
    }

    /// The prefix of the next tags, most likely.
    void expect(const Binding& used) {
        walk_.is_known = used.is_settled && used.prefix.size() <= TagWalk::prefix_max;
        if (!walk_.is_known) return;
        walk_.prefix = used.prefix;
        usual_number_ = number_of(used);
    }
    void forget_usual() {
        walk_.is_known = false;
        walk_.prefix = {};
    }

    bool tag(std::size_t at) {
        ++walk_.depth;
        const std::size_t behind = end_of_prefix(at + 1);
        const std::string_view prefix = bytes_.substr(at + 1, behind - at - 1);
        const std::size_t end = end_of_name(behind);
        if (end == bytes_.size()) return false;
        looked_to_ = end;
        if (bytes_[end] == ' ') return attributes(prefix, end);
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
        while (at < bytes_.size() && bytes_[at] != ' ' && bytes_[at] != '>') ++at;
        return at;
    }

    bool end_tag() {
        if (walk_.depth == 0) return false;
        for (; !changes_.empty() && changes_.back().depth == walk_.depth; changes_.pop_back()) {
            bindings_[changes_.back().number] = changes_.back().before;
            if (changes_.back().number == usual_number_) forget_usual();
        }
        --walk_.depth;
        return true;
    }

    /// A tag with declarations or attributes, which begin at `end`: the first stand in front.
    bool attributes(std::string_view prefix, std::size_t end) {
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
        looked_to_ = end;
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
        change(*at);
        if (number_of(*at) == usual_number_) forget_usual();
        at->value = one.value;
        at->is_bound = true;
        at->is_settled = at->is_written && at->written == at->value;
    }

    std::size_t number_of(const Binding& binding) const {
        return static_cast<std::size_t>(&binding - bindings_.data());
    }
    void change(const Binding& binding) { changes_.push_back({walk_.depth, number_of(binding), binding}); }

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
    TagWalk walk_;
    bool is_declined_ = false;
    std::size_t kept_ = 0;
    std::size_t looked_to_ = 0;      ///< up to where tag() has seen all that start tags say
    std::size_t usual_number_ = 0;   ///< the binding of the walk's prefix
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
