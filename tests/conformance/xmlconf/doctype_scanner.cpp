#include "tests/conformance/xmlconf/doctype_scanner.h"

#include <map>
#include <set>
#include <string>

// Another class of another name: the product's scanner stands in the same program.
#define HANSA_XML_TEST_READS_DOCTYPE
#define Scanner DoctypeScanner
#define scan_well_formed scan_well_formed_past_doctype
#include "core/xml/scanner.cpp"
#include "core/xml/scanner_text.cpp"

namespace hansa::xml {

/// What an entity declaration says.
struct DeclaredEntity {
    std::string text;  ///< replacement text of an internal one
    bool external = false;
    bool unparsed = false;
};

/// What the internal subset says. Shared by the scanners of a document and of its entities' texts.
struct Subset {
    std::map<std::string, DeclaredEntity, std::less<>> general;
    std::map<std::string, DeclaredEntity, std::less<>> parameter;
    std::set<std::string, std::less<>> being_expanded;
    std::set<std::string, std::less<>> known_good;  ///< entities whose text was read as content already
    bool declared = false;
    bool standalone = false;
    bool all_read = true;       ///< no external subset, no parameter entity that was passed over
    bool internal_only = true;  ///< nor any parameter entity: then every entity must be declared (section 4.1)
};

namespace {

using Impl = DoctypeScanner::Impl;

Limits wide_limits() {
    constexpr std::size_t wide = 1u << 20;
    return {.depth_max = wide, .attributes_max = wide, .namespaces_in_scope_max = wide, .name_bytes_max = wide};
}

/// Productions 28 to 83 as far as the internal subset goes. Functions return false after fail().
class SubsetReader {
public:
    explicit SubsetReader(Impl& in) : in_(in), subset_(*in.subset) {}

    /// Behind "<!DOCTYPE".
    bool declaration() {
        std::string_view root;
        if (!space() || !in_.name(root)) return false;
        const bool spaced = in_.skip_space();
        if (spaced && (in_.looking_at("SYSTEM") || in_.looking_at("PUBLIC"))) {
            if (!external_id(false)) return false;
            subset_.all_read = false;
            subset_.internal_only = false;
            in_.skip_space();
        }
        if (in_.take('[') && (!declarations() || !in_.expect("]", "a declaration or ']'"))) return false;
        in_.skip_space();
        return in_.expect(">", "the end of the DOCTYPE");
    }

    /// Up to ']' or the end of the text.
    bool declarations() {
        for (;;) {
            in_.skip_space();
            if (in_.at_end() || in_.text[in_.at] == ']') return true;
            in_.scratch.clear();
            if (in_.looking_at("%")) {
                if (!parameter_reference()) return false;
            } else if (in_.looking_at("<?")) {
                if (!in_.instruction()) return false;
            } else if (in_.looking_at("<!--")) {
                if (!in_.comment()) return false;
            } else if (!markup_declaration()) {
                return false;
            }
        }
    }

private:
    bool bad(std::string what) { return in_.fail(codes::not_well_formed, in_.at, std::move(what)); }
    bool space() { return in_.skip_space() || in_.unexpected("white space"); }
    bool word(std::string_view literal) {
        if (!in_.looking_at(literal)) return false;
        in_.at += literal.size();
        return true;
    }

    bool markup_declaration() {
        if (word("<!ELEMENT")) return element() && close();
        if (word("<!ATTLIST")) return attribute_list();
        if (word("<!ENTITY")) return entity() && close();
        if (word("<!NOTATION")) return notation() && close();
        return in_.unexpected("a declaration");
    }
    bool close() {
        in_.skip_space();
        return in_.expect(">", "the end of the declaration");
    }

    bool parameter_reference() {
        ++in_.at;
        std::string_view name;
        if (!in_.name(name) || !in_.expect(";", "';'")) return false;
        subset_.internal_only = false;
        const auto found = subset_.parameter.find(name);
        if (found == subset_.parameter.end() || found->second.external) {
            if (found == subset_.parameter.end() && subset_.standalone) {
                return bad("a parameter entity that is not declared");
            }
            subset_.all_read = false;
            return true;
        }
        const std::string key = "%" + found->first;
        if (!subset_.being_expanded.insert(key).second) return bad("a parameter entity inside of itself");
        const std::string text = found->second.text;
        Impl inner(text, in_.limits, in_.declared);
        inner.subset = in_.subset;
        const bool good = SubsetReader(inner).declarations() && (inner.at_end() || inner.unexpected("a declaration"));
        subset_.being_expanded.erase(key);
        if (!good) in_.error = inner.error;
        return good;
    }

    bool element() {
        std::string_view name;
        if (!space() || !in_.name(name) || !space()) return false;
        if (word("EMPTY") || word("ANY")) return true;
        if (!in_.looking_at("(")) return in_.unexpected("a content model");
        const std::size_t from = in_.at++;
        in_.skip_space();
        if (in_.looking_at("#PCDATA")) return mixed();
        in_.at = from;
        return particles();
    }

    bool mixed() {
        word("#PCDATA");
        bool names = false;
        for (;;) {
            in_.skip_space();
            if (in_.take(')')) break;
            if (!in_.expect("|", "'|' or ')'")) return false;
            in_.skip_space();
            std::string_view name;
            if (!in_.name(name)) return false;
            names = true;
        }
        if (in_.take('*') || !names) return true;
        return in_.unexpected("'*'");
    }

    /// '(' cp (sep cp)* ')' occurrence
    bool particles() {
        if (!in_.expect("(", "'('")) return false;
        char separator = 0;
        for (;;) {
            in_.skip_space();
            if (!(in_.looking_at("(") ? particles() : particle_name())) return false;
            in_.skip_space();
            if (in_.take(')')) break;
            if (in_.at_end()) return in_.unexpected("')'");
            const char c = in_.text[in_.at];
            if ((c != '|' && c != ',') || (separator != 0 && c != separator)) return in_.unexpected("the separator");
            separator = c;
            ++in_.at;
        }
        occurrence();
        return true;
    }
    bool particle_name() {
        std::string_view name;
        if (!in_.name(name)) return false;
        occurrence();
        return true;
    }
    void occurrence() {
        if (!in_.take('?') && !in_.take('*')) in_.take('+');
    }

    bool attribute_list() {
        std::string_view name;
        if (!space() || !in_.name(name)) return false;
        for (;;) {
            const bool spaced = in_.skip_space();
            if (in_.take('>')) return true;
            if (!spaced) return in_.unexpected("white space");
            if (!attribute_definition()) return false;
        }
    }

    bool attribute_definition() {
        std::string_view name;
        if (!in_.name(name) || !space() || !attribute_type() || !space()) return false;
        if (word("#REQUIRED") || word("#IMPLIED")) return true;
        if (word("#FIXED") && !space()) return false;
        // As the value of an attribute is read: entities must be declared by now.
        in_.raw.clear();
        in_.raw.push_back({{}, in_.at, TextRun(in_.scratch)});
        return in_.attribute_value(in_.raw.back().value);
    }

    bool attribute_type() {
        for (const char* type : {"CDATA", "IDREFS", "IDREF", "ID", "ENTITY", "ENTITIES", "NMTOKENS", "NMTOKEN"}) {
            if (word(type)) return true;
        }
        const bool notation = word("NOTATION");
        if (notation && !space()) return false;
        if (!in_.expect("(", "an attribute type")) return false;
        for (;;) {
            in_.skip_space();
            std::string_view name;
            if (!(notation ? in_.name(name) : name_token())) return false;
            in_.skip_space();
            if (in_.take(')')) return true;
            if (!in_.expect("|", "'|' or ')'")) return false;
        }
    }
    bool name_token() {
        const std::size_t from = in_.at;
        while (!in_.at_end()) {
            const Decoded c = decode_utf8(in_.text, in_.at);
            if (c.bytes == 0 || !is_name_char(c.value)) break;
            in_.at += c.bytes;
        }
        return in_.at != from || in_.unexpected("a name token");
    }

    bool entity() {
        if (!space()) return false;
        const bool parameter = in_.take('%');
        if (parameter && !space()) return false;
        std::string_view name;
        if (!colonless(name) || !space()) return false;
        DeclaredEntity made;
        if (in_.looking_at("SYSTEM") || in_.looking_at("PUBLIC")) {
            made.external = true;
            if (!external_id(false) || (!parameter && !unparsed(made.unparsed))) return false;
        } else if (!entity_value(made.text)) {
            return false;
        }
        // The first declaration counts; behind what was passed over none does (section 5.1).
        if (subset_.all_read || subset_.standalone)
            (parameter ? subset_.parameter : subset_.general).emplace(name, made);
        return true;
    }
    bool unparsed(bool& out) {
        const std::size_t from = in_.at;
        const bool spaced = in_.skip_space();
        if (!in_.looking_at("NDATA")) {
            in_.at = from;
            return true;
        }
        if (!spaced) return in_.unexpected("white space");
        word("NDATA");
        std::string_view name;
        out = true;
        return space() && in_.name(name);
    }

    bool entity_value(std::string& out) {
        if (!in_.looking_at("\"") && !in_.looking_at("'")) return in_.unexpected("a value or an external identifier");
        const char quote = in_.text[in_.at++];
        while (!in_.at_end() && in_.text[in_.at] != quote) {
            const std::size_t from = in_.at;
            if (in_.looking_at("%")) return bad("a parameter entity inside of a declaration");
            if (in_.looking_at("&#")) {
                in_.at += 2;
                in_.scratch.clear();
                TextRun run(in_.scratch);
                if (!in_.character_reference(run)) return false;
                out += run.view();
            } else if (in_.take('&')) {
                std::string_view name;
                if (!in_.name(name) || !in_.expect(";", "';'")) return false;
                out += in_.text.substr(from, in_.at - from);
            } else {
                if (!in_.other_character("an entity's value")) return false;
                out += in_.text.substr(from, in_.at - from);
            }
        }
        return in_.expect(std::string_view(&quote, 1), "the closing quotation mark");
    }

    bool notation() {
        std::string_view name;
        return space() && colonless(name) && space() && external_id(true);
    }
    bool colonless(std::string_view& name) {
        if (!in_.name(name)) return false;
        if (name.find(':') == std::string_view::npos) return true;
        return in_.fail(codes::namespace_wrong, in_.at, "a colon in the name of an entity or notation");
    }

    bool external_id(bool public_alone) {
        if (word("SYSTEM")) return space() && literal(false);
        if (!word("PUBLIC")) return in_.unexpected("SYSTEM or PUBLIC");
        if (!space() || !literal(true)) return false;
        const bool spaced = in_.skip_space();
        const bool more = in_.looking_at("\"") || in_.looking_at("'");
        if (!more && public_alone) return true;
        if (!spaced) return in_.unexpected("white space");
        return literal(false);
    }
    bool literal(bool public_id) {
        constexpr std::string_view signs = " \r\n-'()+,./:=?;!*#@$_%";
        if (!in_.looking_at("\"") && !in_.looking_at("'")) return in_.unexpected("a quotation mark");
        const char quote = in_.text[in_.at++];
        while (!in_.at_end() && in_.text[in_.at] != quote) {
            const char c = in_.text[in_.at];
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (public_id && !plain && signs.find(c) == std::string_view::npos)
                return in_.unexpected("a public identifier");
            if (!in_.other_character("a literal")) return false;
        }
        return in_.expect(std::string_view(&quote, 1), "the closing quotation mark");
    }

    Impl& in_;
    Subset& subset_;
};

/// The entity's text as content: elements must begin and end in it. Names are wrapped in an element.
bool content_of(Impl& in, const std::string& text) {
    const std::string wrapped = "<entity-text>" + text + "</entity-text>";
    Impl inner(wrapped, in.limits, in.declared);
    inner.subset = in.subset;
    do {
        if (!inner.step()) {
            in.error = inner.error;
            return false;
        }
    } while (inner.token.kind != TokenKind::end_of_document);
    return true;
}

/// The entity's text as part of an attribute value: no '<' in it, at any depth.
bool value_of(Impl& in, const std::string& text, TextRun& run) {
    const std::string quoted_text = [&] {
        std::string out = "\"";
        for (const char c : text) out += c == '"' ? std::string("&quot;") : std::string(1, c);
        return out + "\"";
    }();
    Impl inner(quoted_text, in.limits, in.declared);
    inner.subset = in.subset;
    inner.raw.push_back({{}, 0, TextRun(inner.scratch)});
    if (!inner.attribute_value(inner.raw.back().value)) {
        in.error = inner.error;
        return false;
    }
    run.add_made(inner.raw.back().value.view());
    return true;
}

}  // namespace

bool DoctypeScanner::Impl::doctype(std::size_t from) {
    if (stage != Stage::prolog || subset->declared) {
        return fail(codes::not_well_formed, from, "a DOCTYPE stands before the root, and once");
    }
    subset->declared = true;
    const std::string_view head = text.starts_with("<?xml") ? text.substr(0, text.find("?>")) : "";
    const auto found = head.find("standalone");
    subset->standalone = found != head.npos && head.find("yes", found) != head.npos;
    at += std::string_view("<!DOCTYPE").size();
    return SubsetReader(*this).declaration() && outside_root();
}

bool DoctypeScanner::Impl::other_entity(std::size_t from, std::string_view entity, TextRun& run) {
    const auto found = subset->general.find(entity);
    if (found == subset->general.end()) {
        if (!subset->internal_only && !subset->standalone) return true;
        return fail(codes::entity_refused, from, "entity " + quoted(entity) + " is not declared");
    }
    const DeclaredEntity& declared_as = found->second;
    const bool in_value = !raw.empty() && &run == &raw.back().value;
    if (declared_as.unparsed || (declared_as.external && in_value)) {
        return fail(codes::not_well_formed, from, "an entity of this kind cannot stand here");
    }
    const std::string key = found->first + (in_value ? "\"" : "");
    if (declared_as.external || subset->known_good.contains(key)) return true;
    if (!subset->being_expanded.insert(found->first).second) {
        return fail(codes::not_well_formed, from, "an entity inside of itself");
    }
    const std::size_t back = at;
    const bool good = in_value ? value_of(*this, declared_as.text, run) : content_of(*this, declared_as.text);
    subset->being_expanded.erase(found->first);
    if (good && !in_value) subset->known_good.insert(key);
    at = back;
    return good;
}

}  // namespace hansa::xml

namespace hansa::test {

Result<void> scan_past_doctype(std::string_view bytes) {
    const auto document = xml::to_utf8(bytes);
    if (!document) return document.error();
    xml::Subset subset;
    xml::DoctypeScanner::Impl scanner(document->text(), xml::wide_limits(), xml::DeclaredEncoding::converted);
    scanner.subset = &subset;
    do {
        if (!scanner.step()) return *scanner.error;
    } while (scanner.token.kind != xml::TokenKind::end_of_document);
    return {};
}

}  // namespace hansa::test
