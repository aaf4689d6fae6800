#include "core/xml/fast_canonical.h"

#include <algorithm>

#include "core/xml/canonical_slices.h"
#include "core/xml/fast_scanner.h"
#include "core/xml/namespaces.h"

namespace hansa::xml {
namespace {

bool lies_in(std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_plain_uri(std::string_view uri) {
    bool fragment = false;
    std::size_t at = 0;
    if (uri.starts_with("urn:"))
        at = 4;
    else if (uri.starts_with("http://"))
        at = 7;
    else if (uri.starts_with("https://"))
        at = 8;
    if (at == 0 || at == uri.size() || !is_letter_or_digit(uri[at])) return false;
    const bool urn = at == 4;
    for (; at < uri.size(); ++at) {
        const char c = uri[at];
        if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '/' || (urn && c == ':')) continue;
        if (c != '#' || fragment) return false;
        fragment = true;
    }
    return true;
}

bool is_id_attribute(const AttributeToken& attribute) {
    const std::string_view local = attribute.local;
    return local.size() == 2 && (local[0] == 'i' || local[0] == 'I') && (local[1] == 'd' || local[1] == 'D');
}

// --- outputs -----------------------------------------------------------------------------------

void CanonicalPieces::slice(std::string_view of_input) {
    size_ += of_input.size();
    if (!parts_.empty() && parts_.back().of_input != nullptr &&
        parts_.back().of_input + parts_.back().size == of_input.data()) {
        parts_.back().size += of_input.size();
        return;
    }
    parts_.push_back({of_input.data(), 0, of_input.size()});
}

void CanonicalPieces::made(std::string_view bytes) {
    size_ += bytes.size();
    if (!parts_.empty() && parts_.back().of_input == nullptr)
        parts_.back().size += bytes.size();
    else
        parts_.push_back({nullptr, store_.size(), bytes.size()});
    store_ += bytes;
}

std::span<const std::string_view> CanonicalPieces::pieces() {
    views_.clear();
    for (const Piece& part : parts_) {
        views_.emplace_back(part.of_input != nullptr ? part.of_input : store_.data() + part.from, part.size);
    }
    return views_;
}

void CanonicalPieces::give_to(CanonicalOutput& out) {
    for (const Piece& part : parts_) {
        if (part.of_input != nullptr)
            out.slice({part.of_input, part.size});
        else
            out.made(std::string_view(store_).substr(part.from, part.size));
    }
}

void CanonicalPieces::clear() {
    parts_.clear();
    views_.clear();
    store_.clear();
    size_ = 0;
}

std::string CanonicalPieces::text() {
    std::string out;
    out.reserve(size_);
    for (const std::string_view piece : pieces()) out += piece;
    return out;
}

// --- scope -------------------------------------------------------------------------------------

void CanonicalScope::reset(std::string_view source) {
    source_ = source;
    bindings_.clear();
    attributes_.clear();
    frames_.clear();
    declared_.clear();
    doubtful_ = false;
}

void CanonicalScope::open(const Token& start) {
    frames_.push_back({bindings_.size(), attributes_.size()});
    bindings_.insert(bindings_.end(), declared_.begin(), declared_.end());
    declared_.clear();
    for (const NamespaceDeclaration& made : start.declarations) {
        bindings_.push_back({made.prefix, made.uri});
        // A URI with references in it does not lie in the source: libxml2 keeps such ones half replaced.
        const bool certain = made.uri.empty() || (lies_in(made.uri, source_) && is_plain_uri(made.uri));
        if (!certain) doubtful_ = true;
    }
    for (const AttributeToken& attribute : start.attributes) {
        if (attribute.ns == xml_namespace) attributes_.push_back({attribute.local, std::string(attribute.value)});
    }
}

void CanonicalScope::declare(std::string_view prefix, std::string_view uri) {
    declared_.push_back({prefix, uri});
}

void CanonicalScope::close() {
    bindings_.resize(frames_.back().bindings_before);
    attributes_.erase(attributes_.begin() + static_cast<std::ptrdiff_t>(frames_.back().attributes_before),
                      attributes_.end());
    frames_.pop_back();
}

const CanonicalScope::Binding* CanonicalScope::find(std::string_view prefix, std::size_t count) const {
    for (std::size_t i = count; i-- > 0;) {
        if (bindings_[i].prefix == prefix) return &bindings_[i];
    }
    return nullptr;
}

std::span<const CanonicalScope::XmlAttribute> CanonicalScope::inherited() const {
    return std::span(attributes_).first(frames_.back().attributes_before);
}

std::span<const CanonicalScope::XmlAttribute> CanonicalScope::own_xml_attributes() const {
    return std::span(attributes_).subspan(frames_.back().attributes_before);
}

// --- writing -----------------------------------------------------------------------------------

void CanonicalForm::begin(std::string_view source, const CanonicalScope& scope, Canonicalization method, bool subtree,
                          std::span<const std::string> inclusive_prefixes, CanonicalOutput& out) {
    const Canonicalization plain = without_comments(method);
    source_ = source;
    scope_ = &scope;
    out_ = &out;
    inclusive_prefixes_ = inclusive_prefixes;
    exclusive_ = plain == Canonicalization::exclusive;
    is11_ = plain == Canonicalization::c14n11;
    comments_ = method != plain;
    subtree_ = subtree;
    root_ended_ = doubtful_ = skip_end_ = false;
    depth_ = 0;
    from_ = to_ = 0;
    octets_ = 0;
    rendered_.clear();
    rendered_before_.clear();
}

void CanonicalForm::token(const Token& token) {
    switch (token.kind) {
        case TokenKind::start_element:
            return start(token);
        case TokenKind::end_element:
            return end(token);
        case TokenKind::text:
            return text(token);
        case TokenKind::comment:
            return comment(token);
        case TokenKind::instruction:
            return instruction(token);
        case TokenKind::end_of_document:
            return;
    }
}

bool CanonicalForm::finish() {
    flush();
    return !doubtful_;
}

void CanonicalForm::start(const Token& token) {
    const bool apex = depth_++ == 0 && subtree_;
    declared_.clear();
    attributes_.clear();
    if (exclusive_) {
        rendered_before_.push_back(rendered_.size());
        exclusive_declarations(token);
    } else if (apex || !token.declarations.empty()) {
        inclusive_declarations(token);
    }
    const std::size_t name = token.prefix.size() + (token.prefix.empty() ? 0 : 1) + token.local.size();
    buffer_.assign(source_.substr(token.offset, name + 1));  // "<" and the name
    if (!declared_.empty()) write_declarations();
    if (apex && !exclusive_) inherit(is11_);
    if (!token.attributes.empty() || !attributes_.empty()) write_attributes(token);
    put_tag(token);
}

/// What the parent's scope does not say; of an apex: all that is in scope.
void CanonicalForm::inclusive_declarations(const Token& token) {
    const bool apex = depth_ == 1 && subtree_;
    const auto bindings = scope_->bindings();
    const std::size_t own = scope_->own_bindings();
    if (!apex) {
        for (const NamespaceDeclaration& made : token.declarations) {
            const CanonicalScope::Binding* known = scope_->find(made.prefix, own);
            const bool nothing_new = known != nullptr ? known->uri == made.uri : made.uri.empty();
            if (!nothing_new && made.prefix != "xml") declared_.push_back({made.prefix, made.uri});
        }
        return;
    }
    for (std::size_t i = bindings.size(); i-- > 0;) {
        const CanonicalScope::Binding& binding = bindings[i];
        const bool hidden = scope_->find(binding.prefix, bindings.size()) != &binding;
        const bool none = binding.prefix.empty() && binding.uri.empty();
        if (!hidden && !none && binding.prefix != "xml") declared_.push_back({binding.prefix, binding.uri});
    }
}

/// What the element and its attributes use and no output ancestor declared the same; prefixes of the
/// list whenever they are in scope.
void CanonicalForm::exclusive_declarations(const Token& token) {
    for (const std::string& listed : inclusive_prefixes_) {
        const std::string_view prefix = listed == "#default" ? std::string_view() : std::string_view(listed);
        const CanonicalScope::Binding* binding = scope_->find(prefix, scope_->bindings().size());
        if (binding != nullptr)
            use(binding->prefix, binding->uri);
        else if (prefix.empty())
            use({}, {});
    }
    use(token.prefix, token.ns);
    for (const AttributeToken& attribute : token.attributes) {
        if (!attribute.prefix.empty()) use(attribute.prefix, attribute.ns);
    }
}

void CanonicalForm::use(std::string_view prefix, std::string_view uri) {
    if (uri == xml_namespace) return;
    for (std::size_t i = rendered_.size(); i-- > 0;) {
        if (rendered_[i].prefix != prefix) continue;
        if (rendered_[i].uri == uri) return;
        rendered_.push_back({prefix, uri});
        declared_.push_back({prefix, uri});
        return;
    }
    if (prefix.empty() && uri.empty()) return;
    rendered_.push_back({prefix, uri});
    declared_.push_back({prefix, uri});
}

void CanonicalForm::write_declarations() {
    std::ranges::sort(declared_, {}, &Rendered::prefix);
    for (const Rendered& made : declared_) {
        buffer_ += made.prefix.empty() ? " xmlns" : " xmlns:";
        buffer_ += made.prefix;
        buffer_ += "=\"";
        escape_value(made.uri);
        buffer_ += '"';
    }
}

/// An apex takes over its ancestors' xml:* attributes: all in 1.0, xml:lang and xml:space in 1.1, where xml:base
/// would have to be joined.
void CanonicalForm::inherit(bool simple_only) {
    if (simple_only) {
        const auto is_base = [](const CanonicalScope::XmlAttribute& one) { return one.local == "base"; };
        if (std::ranges::any_of(scope_->inherited(), is_base) ||
            std::ranges::any_of(scope_->own_xml_attributes(), is_base)) {
            doubtful_ = true;
        }
    }
    const auto is_there = [this](std::string_view local) {
        const auto same = [&](const auto& one) { return one.local == local; };
        return std::ranges::any_of(scope_->own_xml_attributes(), same) ||
               std::ranges::any_of(attributes_, [&](const Attribute& one) { return one.name == local; });
    };
    const auto inherited = scope_->inherited();
    for (std::size_t i = inherited.size(); i-- > 0;) {
        const std::string_view local = inherited[i].local;
        if (simple_only && local != "lang" && local != "space") continue;
        if (!is_there(local)) attributes_.push_back({xml_namespace, local, inherited[i].value, "xml"});
    }
}

void CanonicalForm::write_attributes(const Token& token) {
    for (const AttributeToken& one : token.attributes)
        attributes_.push_back({one.ns, one.local, one.value, one.prefix});
    const auto before = [](const Attribute& a, const Attribute& b) {
        const int spaces = a.ns.compare(b.ns);
        return spaces != 0 ? spaces < 0 : a.name < b.name;
    };
    if (attributes_.size() > 1 && !std::ranges::is_sorted(attributes_, before)) std::ranges::sort(attributes_, before);
    for (const Attribute& one : attributes_) {
        buffer_ += ' ';
        buffer_ += one.prefix;
        if (!one.prefix.empty()) buffer_ += ':';
        buffer_ += one.name;
        buffer_ += "=\"";
        escape_value(one.value);
        buffer_ += '"';
    }
}

/// The buffer holds the canonical tag but for its '>'. As much of the source as reads the same stays a slice.
void CanonicalForm::put_tag(const Token& token) {
    const std::size_t end = token.offset + buffer_.size();
    const bool same = source_.substr(token.offset, buffer_.size()) == buffer_;
    skip_end_ = token.empty_tag;
    if (token.empty_tag) {
        const std::string_view name(buffer_.data() + 1,
                                    token.prefix.size() + (token.prefix.empty() ? 0 : 1) + token.local.size());
        if (same) {
            keep(token.offset, end);
        } else {
            make(buffer_);
        }
        make("></");
        make(name);
        make(">");
    } else if (same && end + 1 == token.end) {
        keep(token.offset, token.end);
    } else {
        same ? keep(token.offset, end) : make(buffer_);
        keep(token.end - 1, token.end);
    }
}

void CanonicalForm::end(const Token& token) {
    --depth_;
    if (depth_ == 0) root_ended_ = true;
    if (exclusive_) {
        rendered_.resize(rendered_before_.back());
        rendered_before_.pop_back();
    }
    if (skip_end_) {
        skip_end_ = false;
        return;
    }
    const std::size_t name = token.prefix.size() + (token.prefix.empty() ? 0 : 1) + token.local.size();
    if (token.end - token.offset == name + 3) return keep(token.offset, token.end);
    keep(token.offset, token.offset + name + 2);
    keep(token.end - 1, token.end);
}

void CanonicalForm::text(const Token& token) {
    const bool as_it_stands = token.text.size() == token.end - token.offset && lies_in(token.text, source_);
    if (as_it_stands && token.text.find('>') == std::string_view::npos) return keep(token.offset, token.end);
    buffer_.clear();
    escape_text(token.text);
    if (source_.substr(token.offset, token.end - token.offset) == buffer_) return keep(token.offset, token.end);
    make(buffer_);
}

void CanonicalForm::comment(const Token& token) {
    if (!comments_) return;
    buffer_ = "<!--";
    buffer_ += token.text;
    buffer_ += "-->";
    outside(token, buffer_);
}

void CanonicalForm::instruction(const Token& token) {
    buffer_ = "<?";
    buffer_ += token.local;
    if (!token.text.empty()) buffer_ += ' ';
    buffer_ += token.text;
    buffer_ += "?>";
    outside(token, buffer_);
}

/// Outside of the root a line end stands between comments, instructions and the root.
void CanonicalForm::outside(const Token& token, std::string_view piece) {
    if (depth_ == 0 && root_ended_) make("\n");
    if (source_.substr(token.offset, token.end - token.offset) == piece)
        keep(token.offset, token.end);
    else
        make(piece);
    if (depth_ == 0 && !root_ended_) make("\n");
}

// --- octets ------------------------------------------------------------------------------------

void CanonicalForm::keep(std::size_t from, std::size_t to) {
    octets_ += to - from;
    if (to_ == from && from_ != to_) {
        to_ = to;
        return;
    }
    flush();
    from_ = from;
    to_ = to;
}

void CanonicalForm::make(std::string_view bytes) {
    octets_ += bytes.size();
    flush();
    out_->made(bytes);
}

void CanonicalForm::flush() {
    if (from_ != to_) out_->slice(source_.substr(from_, to_ - from_));
    from_ = to_ = 0;
}

void CanonicalForm::escape_text(std::string_view text) {
    for (std::size_t from = 0;;) {
        const std::size_t at = std::min(text.find_first_of("&<>\r", from), text.size());
        buffer_.append(text, from, at - from);
        if (at == text.size()) return;
        const char c = text[at];
        buffer_ += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&#xD;";
        from = at + 1;
    }
}

void CanonicalForm::escape_value(std::string_view value) {
    for (std::size_t from = 0;;) {
        std::size_t at = from;
        while (at < value.size() && static_cast<unsigned char>(value[at]) >= 0x20 && value[at] != '&' &&
               value[at] != '<' && value[at] != '"') {
            ++at;
        }
        buffer_.append(value, from, at - from);
        if (at == value.size()) return;
        switch (value[at]) {
            case '&':
                buffer_ += "&amp;";
                break;
            case '<':
                buffer_ += "&lt;";
                break;
            case '"':
                buffer_ += "&quot;";
                break;
            case '\t':
                buffer_ += "&#x9;";
                break;
            case '\n':
                buffer_ += "&#xA;";
                break;
            default:
                buffer_ += "&#xD;";
                break;
        }
        from = at + 1;
    }
}

// --- documents ---------------------------------------------------------------------------------

namespace {

/// Walks over a document and shows the wanted part of it to the writer.
class Walk {
public:
    Walk(std::string_view bytes, const FastRequest& request, CanonicalOutput& out)
        : bytes_(bytes), request_(request), out_(out), whole_(request.id.empty() && !request.offset) {}

    Result<FastForm> run() {
        FastScanner scanner(bytes_, request_.limits);
        scope_.reset(bytes_);
        if (whole_) begin(false);
        for (;;) {
            if (!scanner.advance()) return scanner.error();
            if (scanner.kind() == TokenKind::end_of_document) break;
            see(scanner.token());
        }
        if (!begun_) return FastForm::not_there;
        const bool certain = form_.finish() && !scope_.is_doubtful();
        // The empty form is an error of the reference: it would verify for every document.
        return certain && form_.octets() != 0 && form_.octets() <= request_.octets_max ? FastForm::done
                                                                                       : FastForm::declined;
    }

private:
    void begin(bool subtree) {
        form_.begin(bytes_, scope_, request_.method, subtree, request_.inclusive_prefixes, out_);
        begun_ = writing_ = true;
    }

    bool is_apex(const Token& token) const {
        if (begun_) return false;
        if (request_.offset) return token.offset == *request_.offset;
        return std::ranges::any_of(token.attributes, [this](const AttributeToken& one) {
            return is_id_attribute(one) && one.value == request_.id;
        });
    }

    void see(const Token& token) {
        if (token.kind == TokenKind::start_element) {
            scope_.open(token);
            ++depth_;
            if (is_apex(token)) {
                begin(true);
                apex_depth_ = depth_;
            }
            if (request_.without == token.offset && hidden_depth_ == 0) hidden_depth_ = depth_;
        }
        if (writing_ && hidden_depth_ == 0) form_.token(token);
        if (token.kind != TokenKind::end_element) return;
        if (hidden_depth_ == depth_) hidden_depth_ = 0;
        if (apex_depth_ == depth_) {
            writing_ = false;
            apex_depth_ = 0;
        }
        scope_.close();
        --depth_;
    }

    std::string_view bytes_;
    const FastRequest& request_;
    CanonicalOutput& out_;
    bool whole_, begun_ = false, writing_ = false;
    std::size_t depth_ = 0, apex_depth_ = 0, hidden_depth_ = 0;
    CanonicalScope scope_;
    CanonicalForm form_;
};

}  // namespace

Result<FastForm> fast_canonical_form(std::string_view bytes, const FastRequest& request, CanonicalOutput& out) {
    const bool whole = request.id.empty() && !request.offset && !request.without;
    if (!whole || request.method != without_comments(request.method) || !request.inclusive_prefixes.empty()) {
        return Walk(bytes, request, out).run();
    }
    FastScanner scanner(bytes, request.limits);
    SliceRange range;
    for (std::size_t depth = 0;;) {
        if (!scanner.advance()) return scanner.error();
        if (scanner.kind() == TokenKind::end_of_document) break;
        if (scanner.kind() == TokenKind::start_element && depth++ == 0) range.root = scanner.token().offset;
        if (scanner.kind() == TokenKind::end_element && --depth == 0) range.end = scanner.token().end;
    }
    CanonicalPieces pieces;
    const bool sliced = is_bare_outside(bytes, range) && canonical_slices(bytes, range, request.method, pieces);
    if (!sliced || pieces.size() > request.octets_max) return Walk(bytes, request, out).run();
    pieces.give_to(out);
    return FastForm::done;
}

}  // namespace hansa::xml
