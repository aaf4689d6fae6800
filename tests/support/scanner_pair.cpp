#include "tests/support/scanner_pair.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <vector>

#include "core/xml/encoding.h"
#include "core/xml/scanner.h"

namespace hansa::test {
namespace {

template <class Value>
void compare(std::ostream& out, const char* what, const Value& reference, const Value& fast) {
    if (reference == fast) return;
    out << what << ": reference " << reference << ", fast " << fast << "; ";
}

void compare(std::ostream& out, const xml::Token& a, const xml::Token& b) {
    compare(out, "kind", static_cast<int>(a.kind), static_cast<int>(b.kind));
    compare(out, "offset", a.offset, b.offset);
    compare(out, "end", a.end, b.end);
    compare(out, "ns", a.ns, b.ns);
    compare(out, "local", a.local, b.local);
    compare(out, "prefix", a.prefix, b.prefix);
    compare(out, "empty_tag", a.empty_tag, b.empty_tag);
    compare(out, "text", a.text, b.text);
    compare(out, "white_space", a.white_space, b.white_space);
    compare(out, "attributes", a.attributes.size(), b.attributes.size());
    compare(out, "declarations", a.declarations.size(), b.declarations.size());
    for (std::size_t i = 0; i < std::min(a.attributes.size(), b.attributes.size()); ++i) {
        compare(out, "attribute's ns", a.attributes[i].ns, b.attributes[i].ns);
        compare(out, "attribute's local", a.attributes[i].local, b.attributes[i].local);
        compare(out, "attribute's prefix", a.attributes[i].prefix, b.attributes[i].prefix);
        compare(out, "attribute's value", a.attributes[i].value, b.attributes[i].value);
        compare(out, "attribute's offset", a.attributes[i].offset, b.attributes[i].offset);
    }
    for (std::size_t i = 0; i < std::min(a.declarations.size(), b.declarations.size()); ++i) {
        compare(out, "declared prefix", a.declarations[i].prefix, b.declarations[i].prefix);
        compare(out, "declared uri", a.declarations[i].uri, b.declarations[i].uri);
    }
}

/// The parts that the fast scanner gives without a token.
void compare_parts(std::ostream& out, const xml::Token& token, const xml::FastScanner& fast) {
    compare(out, "kind()", static_cast<int>(token.kind), static_cast<int>(fast.kind()));
    if (token.kind == xml::TokenKind::text) compare(out, "text()", token.text, fast.text());
    if (token.kind != xml::TokenKind::start_element) return;
    compare(out, "attributes()", token.attributes.size(), fast.attributes().size());
    for (std::size_t i = 0; i < std::min(token.attributes.size(), fast.attributes().size()); ++i) {
        compare(out, "attributes() value", token.attributes[i].value, fast.attributes()[i].value);
    }
}

std::string meaning(std::optional<std::string_view> ns) {
    return ns ? "'" + std::string(*ns) + "'" : "nothing";
}

}  // namespace

std::string difference(xml::FastScanner& fast, std::string_view text, const xml::Limits& limits,
                       xml::DeclaredEncoding declared) {
    xml::Scanner reference(text, limits, declared);
    fast.reset(text, limits, declared);
    int after_end = 0;
    for (std::size_t number = 0; after_end < 2; ++number) {
        const auto wanted = reference.next();
        const auto found = fast.next();
        std::ostringstream out;
        if (wanted.has_value() != found.has_value() || !wanted) {
            compare(out, "result", wanted ? "good" : wanted.error().text(), found ? "good" : found.error().text());
            compare(out, "failed()", !wanted.has_value(), fast.failed());
        }
        // What is looked at without the token must not depend on it.
        if (wanted && found) compare_parts(out, reference.token(), fast);
        if (wanted && found) compare(out, reference.token(), fast.token());
        compare(out, "depth", reference.depth(), fast.depth());
        for (const std::string_view prefix : {std::string_view{}, std::string_view("p"), reference.token().prefix}) {
            compare(out, "namespace_of", meaning(reference.namespace_of(prefix)), meaning(fast.namespace_of(prefix)));
        }
        compare(out, "declared encoding", reference.declared_encoding(), fast.declared_encoding());
        if (!out.str().empty()) return "token " + std::to_string(number) + ": " + out.str();
        if (!wanted || *wanted == xml::TokenKind::end_of_document) ++after_end;
    }
    return {};
}

std::string difference_at_any_level(std::string_view text, const xml::Limits& limits, xml::DeclaredEncoding declared) {
    using xml::lanes::Level;
    struct Known {
        Level level;
        xml::FastScanner scanner;
    };
    static std::vector<Known> scanners = [] {
        std::vector<Known> out;
        for (const Level level : {Level::scalar, Level::sse2, Level::avx2, Level::avx512}) {
            if (xml::lanes::supported(level)) out.push_back({level, xml::FastScanner(level)});
        }
        return out;
    }();
    const std::unique_ptr<char[]> exact(new char[text.size()]);
    std::copy(text.begin(), text.end(), exact.get());
    for (Known& known : scanners) {
        const std::string differs = difference(known.scanner, {exact.get(), text.size()}, limits, declared);
        if (!differs.empty()) return std::string(xml::lanes::name_of(known.level)) + ": " + differs;
    }
    return {};
}

Result<void> fast_scan_well_formed(std::string_view bytes) {
    const auto document = xml::to_utf8(bytes);
    if (!document) return document.error();
    xml::FastScanner scanner(document->text(), {}, xml::DeclaredEncoding::converted);
    while (scanner.advance()) {
        if (scanner.kind() == xml::TokenKind::end_of_document) return {};
    }
    return scanner.error();
}

}  // namespace hansa::test
