#include "core/xml/element_slice.h"

#include <algorithm>

#include "core/xml/fast_scanner.h"
#include "core/xml/writer.h"

namespace hansa::xml {
namespace {

constexpr std::string_view xsi_namespace = "http://www.w3.org/2001/XMLSchema-instance";

class Cutter {
public:
    Cutter(std::string_view text, std::span<const PathStep> path) : path_(path), scanner_(text, limits_for(text)) {}

    Result<SlicedChildren> run() {
        for (;;) {
            const auto kind = scanner_.next();
            if (!kind) return kind.error();
            if (*kind == TokenKind::end_of_document) return std::move(out_);
            if (*kind == TokenKind::start_element) start(scanner_.token());
            if (*kind == TokenKind::end_element) end(scanner_.token());
        }
    }

private:
    struct Declared {
        std::string prefix, uri;
        std::size_t depth;
    };

    static Limits limits_for(std::string_view text) {
        Limits limits;
        limits.document_bytes_max = text.size();
        return limits;
    }

    /// The element that is being cut stands one below the path.
    std::size_t cut_depth() const { return path_.size() + 1; }

    void start(const Token& token) {
        ++depth_;
        for (const NamespaceDeclaration& one : token.declarations)
            scope_.push_back({std::string(one.prefix), std::string(one.uri), depth_});
        if (!open_ && matched_ == path_.size() && depth_ == cut_depth()) begin(token);
        if (open_) {
            borrow_all(token);
        } else if (matched_ == depth_ - 1 && depth_ <= path_.size() && path_[depth_ - 1].ns == token.ns &&
                   path_[depth_ - 1].local == token.local) {
            matched_ = depth_;
            if (matched_ == path_.size()) ++out_.parents;
        }
    }

    void begin(const Token& token) {
        open_ = true;
        borrowed_.clear();
        ElementSlice slice;
        slice.ns = token.ns;
        slice.local = token.local;
        for (const AttributeToken& one : token.attributes)
            slice.attributes.push_back({std::string(one.ns), std::string(one.local), std::string(one.value)});
        slice.parent = std::max<std::size_t>(out_.parents, 1) - 1;
        slice.begin = token.offset;
        slice.name_end = token.offset + 1 + token.local.size() + (token.prefix.empty() ? 0 : token.prefix.size() + 1);
        slice.tag_end = token.end;
        slice.empty_tag = token.empty_tag;
        out_.slices.push_back(std::move(slice));
    }

    void borrow_all(const Token& token) {
        borrow(token.prefix);
        for (const AttributeToken& one : token.attributes) {
            if (!one.prefix.empty()) borrow(one.prefix);
            if (one.ns != xsi_namespace || one.local != "type") continue;
            const std::size_t from = std::min(one.value.find_first_not_of(' '), one.value.size());
            const std::size_t colon = one.value.find(':', from);
            borrow(colon == one.value.npos ? std::string_view() : one.value.substr(from, colon - from));
        }
    }

    /// Where the nearest declaration of the prefix stands outside of the element, the element needs it.
    void borrow(std::string_view prefix) {
        const auto found =
            std::find_if(scope_.rbegin(), scope_.rend(), [&](const Declared& one) { return one.prefix == prefix; });
        if (found == scope_.rend() || found->depth >= cut_depth() || found->uri.empty()) return;
        if (std::ranges::find(borrowed_, prefix) != borrowed_.end()) return;
        borrowed_.emplace_back(prefix);
        std::string& out = out_.slices.back().borrowed;
        out += prefix.empty() ? " xmlns=\"" : " xmlns:";
        if (!prefix.empty()) out.append(prefix).append("=\"");
        append_escaped_attribute(out, found->uri);
        out += '"';
    }

    void end(const Token& token) {
        if (open_ && depth_ == cut_depth()) {
            out_.slices.back().end = token.end;
            open_ = false;
        }
        while (!scope_.empty() && scope_.back().depth == depth_) scope_.pop_back();
        if (!open_ && matched_ == depth_) --matched_;
        --depth_;
    }

    std::span<const PathStep> path_;
    FastScanner scanner_;
    SlicedChildren out_;
    std::vector<Declared> scope_;
    std::vector<std::string> borrowed_;  ///< prefixes of the element that is being cut
    std::size_t depth_ = 0;              ///< open elements; counted here, since the scanner looks ahead
    std::size_t matched_ = 0;            ///< of the path's elements, how many are open
    bool open_ = false;                  ///< an element is being cut
};

}  // namespace

std::string ElementSlice::document(std::string_view text) const {
    std::string out;
    out.reserve(end - begin + borrowed.size());
    out.append(text.substr(begin, name_end - begin)).append(borrowed).append(text.substr(name_end, end - name_end));
    return out;
}

std::string ElementSlice::stand_in(std::string_view text) const {
    std::string out(text.substr(begin, tag_end - begin));
    if (!empty_tag) out.insert(out.size() - 1, "/");
    return out;
}

Result<SlicedChildren> children_at(std::string_view text, std::span<const PathStep> path) {
    return Cutter(text, path).run();
}

}  // namespace hansa::xml
