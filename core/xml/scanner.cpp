#include "core/xml/scanner.h"

#include "core/xml/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/scanner_impl.h"

namespace hansa::xml {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

Scanner::Scanner(std::string_view text, const Limits& limits, DeclaredEncoding declared)
    : impl_(std::make_unique<Impl>(text, limits, declared)) {}
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;
Scanner::~Scanner() = default;

Result<TokenKind> Scanner::next() {
    if (impl_->error || !impl_->step()) return *impl_->error;
    return impl_->token.kind;
}

const Token& Scanner::token() const {
    return impl_->token;
}

std::size_t Scanner::depth() const {
    return impl_->open.size();
}

std::optional<std::string_view> Scanner::namespace_of(std::string_view prefix) const {
    return impl_->scope.find(prefix);
}

std::string_view Scanner::declared_encoding() const {
    return impl_->encoding;
}

Result<void> scan_well_formed(std::string_view bytes, const Limits& limits) {
    const auto document = to_utf8(bytes, limits.document_bytes_max);
    if (!document) return document.error();
    Scanner scanner(document->text(), limits, DeclaredEncoding::converted);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == TokenKind::end_of_document) return {};
    }
}

// --- errors ------------------------------------------------------------------------------------

bool Scanner::Impl::fail(Code code, std::size_t offset, std::string detail) {
    error = Error{code, std::move(detail), LineIndex(text).place(offset)};
    return false;
}

bool Scanner::Impl::unexpected(std::string_view wanted) {
    if (at_end()) return fail(codes::truncated, at, "the document ends where " + std::string(wanted) + " should stand");
    const Decoded c = decode_utf8(text, at);
    if (c.bytes == 0) return fail(codes::encoding_broken, at, "bytes that are not UTF-8");
    const bool shown = c.value > 0x20 && c.value < 0x7F;
    const std::string found = shown ? "'" + std::string(1, static_cast<char>(c.value)) + "'" : hex_of(c.value);
    return fail(codes::not_well_formed, at, found + " where " + std::string(wanted) + " should stand");
}

// --- the document ------------------------------------------------------------------------------

bool Scanner::Impl::step() {
    if (close_is_due) close_ended();
    if (end_is_due) return empty_end();
    if (stage == Stage::start && !begin()) return false;
    if (stage != Stage::content) return outside_root();
    if (!at_end() && text[at] == '<' && !looking_at("<![CDATA[")) return markup(at);
    return text_token();
}

bool Scanner::Impl::begin() {
    if (text.size() > limits.document_bytes_max) {
        return fail(codes::too_large, 0, "document_bytes_max is " + std::to_string(limits.document_bytes_max));
    }
    if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE") || text.substr(0, 2).find('\0') != text.npos) {
        return fail(codes::encoding_refused, 0, "the bytes look like UTF-16 or UTF-32");
    }
    if (text.starts_with(byte_order_mark)) at = byte_order_mark.size();
    stage = Stage::prolog;
    return !looking_at("<?xml") || at + 5 >= text.size() || !is_space(text[at + 5]) || xml_declaration();
}

/// <?xml version="1.0" encoding="..." standalone="..."?>; the last two may be missing.
bool Scanner::Impl::xml_declaration() {
    at += 5;
    std::string_view value;
    skip_space();
    if (!expect("version", "version=\"1.0\"") || !pseudo_attribute(value)) return false;
    if (!check_version(value, at - value.size() - 1)) return false;
    bool space = skip_space();
    if (space && looking_at("encoding")) {
        at += std::string_view("encoding").size();
        if (!pseudo_attribute(value) || !check_encoding(value, at - value.size() - 1)) return false;
        space = skip_space();
    }
    if (space && looking_at("standalone")) {
        at += std::string_view("standalone").size();
        if (!pseudo_attribute(value)) return false;
        if (value != "yes" && value != "no") {
            return fail(codes::not_well_formed, at - value.size() - 1, "standalone is yes or no");
        }
        skip_space();
    }
    if (space && (cut_off("encoding") || cut_off("standalone"))) at = text.size();
    return expect("?>", "the end of the XML declaration");
}

bool Scanner::Impl::pseudo_attribute(std::string_view& value) {
    skip_space();
    if (!take('=')) return unexpected("'='");
    skip_space();
    if (at_end() || (text[at] != '"' && text[at] != '\'')) return unexpected("a quotation mark");
    const char quote = text[at++];
    const std::size_t from = at;
    while (!at_end() && text[at] != quote) {
        if (text[at] == '<' || text[at] == '>') return unexpected("the closing quotation mark");
        if (!other_character("the XML declaration")) return false;
    }
    value = text.substr(from, at - from);
    return take(quote) || unexpected("the closing quotation mark");
}

bool Scanner::Impl::check_version(std::string_view version, std::size_t offset) {
    if (version == "1.0") return true;
    return fail(codes::version_refused, offset, "XML version " + quoted(version) + "; only 1.0 is read");
}

bool Scanner::Impl::check_encoding(std::string_view name, std::size_t offset) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto more = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
    if (name.empty() || !letter(name[0]) || !std::all_of(name.begin(), name.end(), more)) {
        return fail(codes::not_well_formed, offset, quoted(name) + " is no name of an encoding");
    }
    encoding = name;
    if (declared == DeclaredEncoding::converted || equals_ignoring_case(name, "UTF-8")) return true;
    ascii_only = equals_ignoring_case(name, "US-ASCII");
    return ascii_only || fail(codes::encoding_refused, offset, "encoding " + quoted(name) + " is not UTF-8");
}

/// Prolog and epilog: comments, instructions and white space, then the root or the end.
bool Scanner::Impl::outside_root() {
    skip_space();
    const bool before = stage == Stage::prolog;
    if (at_end()) {
        if (before) return fail(codes::not_xml, at, "there is no element");
        set_token(TokenKind::end_of_document, at);
        return true;
    }
    if (text[at] == '<' && !looking_at("<![CDATA[")) return markup(at);
    if (!before) return unexpected("nothing but comments and instructions (behind the root)");
    return fail(codes::not_xml, at, "something else stands where the first element should");
}

/// Something that begins with '<'.
bool Scanner::Impl::markup(std::size_t from) {
    scratch.clear();
    const char next = from + 1 < text.size() ? text[from + 1] : '\0';
    if (next == '/' && stage == Stage::content) return end_tag();
    if (next == '?') return instruction();
    if (looking_at("<!--")) return comment();
    if (looking_at("<!DOCTYPE")) return doctype(from);
    if (next != '!' && next != '/') {
        if (stage == Stage::epilog) return fail(codes::not_well_formed, from, "a second root element");
        return start_tag();
    }
    if (cut_off("<!DOCTYPE") || cut_off("<!--") || cut_off("<![CDATA[")) {
        at = text.size();
        return unexpected("the rest of the markup");
    }
    ++at;
    return unexpected(next == '/' ? "an element" : "an element, a comment or an instruction");
}

#ifndef HANSA_XML_TEST_READS_DOCTYPE
bool Scanner::Impl::doctype(std::size_t from) {
    return fail(codes::doctype_refused, from, "a DOCTYPE is never read");
}

bool Scanner::Impl::other_entity(std::size_t from, std::string_view entity, TextRun&) {
    return fail(codes::entity_refused, from, "entity " + quoted(entity) + " does not exist");
}
#endif

// --- elements ----------------------------------------------------------------------------------

bool Scanner::Impl::start_tag() {
    const std::size_t from = at++;
    if (open.size() >= limits.depth_max) {
        return fail(codes::too_deep, from, "depth_max is " + std::to_string(limits.depth_max));
    }
    QName element;
    if (!qname(element)) return false;
    raw.clear();
    for (;;) {
        const bool space = skip_space();
        if (at_end()) return unexpected("the end of the start tag");
        if (text[at] == '>' || text[at] == '/') break;
        if (!space) return unexpected("white space or the end of the start tag");
        if (!attribute()) return false;
    }
    const bool empty = take('/');
    if (!take('>')) return unexpected("'>'");
    open.push_back({element, {}, from, scope.size()});
    if (!declare_namespaces() || !resolve_names() || !check_unique()) return false;
    stage = Stage::content;
    end_is_due = empty;
    set_token(TokenKind::start_element, from);
    token.ns = open.back().ns;
    token.local = element.local;
    token.prefix = element.prefix;
    token.empty_tag = empty;
    token.attributes = attributes;
    token.declarations = declarations;
    return true;
}

bool Scanner::Impl::attribute() {
    if (raw.size() >= limits.attributes_max) {
        return fail(codes::too_many, at, "attributes_max is " + std::to_string(limits.attributes_max));
    }
    raw.push_back({{}, at, TextRun(scratch)});
    RawAttribute& made = raw.back();
    if (!qname(made.name)) return false;
    skip_space();
    if (!take('=')) return unexpected("'='");
    skip_space();
    return attribute_value(made.value);
}

bool Scanner::Impl::declare_namespaces() {
    declarations.clear();
    for (const RawAttribute& found : raw) {
        const bool of_default = found.name.prefix.empty() && found.name.local == "xmlns";
        if (!of_default && found.name.prefix != "xmlns") continue;
        const std::string_view prefix = of_default ? std::string_view{} : found.name.local;
        const std::string_view fault = NamespaceScope::fault_of(prefix, found.value.view());
        if (!fault.empty()) return fail(codes::namespace_wrong, found.offset, std::string(fault));
        for (const NamespaceDeclaration& other : declarations) {
            if (other.prefix == prefix) {
                return fail(codes::attribute_twice, found.offset, quoted(found.name.whole) + " stands twice");
            }
        }
        if (scope.size() >= limits.namespaces_in_scope_max) {
            return fail(codes::too_many, found.offset,
                        "namespaces_in_scope_max is " + std::to_string(limits.namespaces_in_scope_max));
        }
        declarations.push_back({prefix, scope.add(prefix, found.value.view(), found.value.copied())});
    }
    return true;
}

bool Scanner::Impl::resolve_names() {
    Open& element = open.back();
    const auto undeclared = [this](const QName& name, std::size_t offset) {
        return fail(codes::namespace_wrong, offset, "the prefix of " + quoted(name.whole) + " is not declared");
    };
    const auto ns = scope.find(element.name.prefix);
    if (!ns) return undeclared(element.name, element.offset);
    element.ns = *ns;
    attributes.clear();
    for (const RawAttribute& found : raw) {
        if (found.name.prefix == "xmlns" || found.name.whole == "xmlns") continue;
        const auto attribute_ns = found.name.prefix.empty() ? std::string_view{} : scope.find(found.name.prefix);
        if (!attribute_ns) return undeclared(found.name, found.offset);
        attributes.push_back({*attribute_ns, found.name.local, found.name.prefix, found.value.view(), found.offset});
    }
    return true;
}

bool Scanner::Impl::check_unique() {
    if (attributes.size() < 2) return true;
    const auto same = [this](std::size_t a, std::size_t b) {
        return attributes[a].local == attributes[b].local && attributes[a].ns == attributes[b].ns;
    };
    const auto twice = [this](std::size_t index) {
        return fail(codes::attribute_twice, attributes[index].offset,
                    quoted(attributes[index].local) + " stands twice");
    };
    constexpr std::size_t few = 12;
    if (attributes.size() <= few) {
        for (std::size_t a = 1; a < attributes.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                if (same(a, b)) return twice(a);
            }
        }
        return true;
    }
    order.resize(attributes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        const int names = attributes[a].local.compare(attributes[b].local);
        if (names != 0) return names < 0;
        const int spaces = attributes[a].ns.compare(attributes[b].ns);
        return spaces != 0 ? spaces < 0 : a < b;
    });
    const auto found = std::adjacent_find(order.begin(), order.end(), same);
    return found == order.end() || twice(*(found + 1));
}

bool Scanner::Impl::end_tag() {
    const std::size_t from = at;
    at += 2;
    std::string_view closing;
    if (!name(closing)) return false;
    if (open.empty()) return fail(codes::not_well_formed, from, "an end tag without a start tag");
    const Open& element = open.back();
    if (at_end()) return unexpected("'>'");
    if (closing != element.name.whole) {
        return fail(codes::not_well_formed, from,
                    "end tag " + quoted(closing) + " where " + quoted(element.name.whole) + " is open");
    }
    skip_space();
    if (!take('>')) return unexpected("'>'");
    set_token(TokenKind::end_element, from);
    token.ns = element.ns;
    token.local = element.name.local;
    token.prefix = element.name.prefix;
    close_is_due = true;
    return true;
}

/// The end token of <a/>.
bool Scanner::Impl::empty_end() {
    end_is_due = false;
    close_is_due = true;
    token.kind = TokenKind::end_element;
    token.attributes = {};
    token.declarations = {};
    return true;
}

void Scanner::Impl::close_ended() {
    close_is_due = false;
    scope.drop_to(open.back().bindings_before);
    open.pop_back();
    if (open.empty()) stage = Stage::epilog;
}

}  // namespace hansa::xml
