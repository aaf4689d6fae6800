// What is the fast scanner's own: reading on and on, views, the level. That it reads as Scanner does is shown by
// tests/differential/fast_scanner_test.cpp.
#include "core/xml/fast_scanner.h"

#include <gtest/gtest.h>

#include "tests/unit/xml/allocations.h"
#include "tests/unit/xml/scan_dump.h"

namespace hansa {
namespace {

std::string message(int elements) {
    std::string out = "<m xmlns='urn:m' xmlns:q='urn:q'>";
    for (int i = 0; i < elements; ++i) {
        out += "<e number='" + std::to_string(i) +
               "' q:kind='x'><q:name>\xE4\xB8\xAD plain</q:name> <v>1 &lt; 2<![CDATA[ & 3]]>\r\n</v><w/><!--c--></e>";
    }
    return out + "</m>";
}

std::string dump_all(xml::FastScanner& scanner) {
    std::string out;
    while (scanner.advance()) {
        if (scanner.kind() == xml::TokenKind::end_of_document) return out + "end";
        out += test::dump(scanner.token()) + " ";
    }
    return out + scanner.error().text();
}

TEST(FastScanner, ReadsAsTheReferenceDumps) {
    const std::string text = message(3);
    xml::FastScanner scanner(text);
    EXPECT_EQ(dump_all(scanner), test::dump(text) + " end");
}

TEST(FastScanner, ReadsOneMessageAfterAnother) {
    const std::string good = message(20);
    const std::string broken = message(20).replace(900, 1, "<");
    xml::FastScanner scanner;
    const std::string wanted = test::dump(good) + " end";
    for (int again = 0; again < 3; ++again) {
        scanner.reset(good);
        EXPECT_EQ(dump_all(scanner), wanted);
        scanner.reset(broken);
        EXPECT_NE(dump_all(scanner).find("xml.not-well-formed"), std::string::npos);
        EXPECT_TRUE(scanner.failed());
        // Left in the middle of a message.
        scanner.reset(good);
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(scanner.advance());
        EXPECT_FALSE(scanner.failed());
    }
}

TEST(FastScanner, HasNothingToReadBeforeItIsGivenADocument) {
    xml::FastScanner scanner;
    const auto kind = scanner.next();
    ASSERT_FALSE(kind.has_value());
    EXPECT_EQ(kind.error().text(), "1:1: xml.not-xml: there is no element");
}

TEST(FastScanner, KeepsItsError) {
    xml::FastScanner scanner("<a><b></a>");
    ASSERT_TRUE(scanner.next().has_value());
    ASSERT_TRUE(scanner.next().has_value());
    for (int again = 0; again < 3; ++again) {
        const auto kind = scanner.next();
        ASSERT_FALSE(kind.has_value());
        EXPECT_EQ(kind.error().text(), "1:7: xml.not-well-formed: end tag 'a' where 'b' is open");
    }
}

TEST(FastScanner, GivesViewsOfTheInputWhereTheTextStandsAsItReads) {
    const std::string text = message(10);
    const auto inside = [&](std::string_view view) {
        return view.data() >= text.data() && view.data() < text.data() + text.size();
    };
    xml::FastScanner scanner(text);
    std::size_t plain = 0, mended = 0;
    while (scanner.advance() && scanner.kind() != xml::TokenKind::end_of_document) {
        const xml::Token& token = scanner.token();
        if (scanner.kind() == xml::TokenKind::text) {
            EXPECT_EQ(inside(scanner.text()), scanner.text().find('&') == std::string_view::npos) << scanner.text();
            ++(inside(scanner.text()) ? plain : mended);
        } else if (scanner.kind() != xml::TokenKind::comment) {
            EXPECT_TRUE(inside(token.local));
            for (const auto& attribute : scanner.attributes()) EXPECT_TRUE(inside(attribute.value));
        }
    }
    EXPECT_EQ(plain, 20u);
    EXPECT_EQ(mended, 10u);
}

TEST(FastScanner, GoesOverAllThatWasLookedAhead) {
    const std::string text = message(100);
    xml::FastScanner scanner(text);
    std::string wanted, found;
    while (scanner.advance() && scanner.kind() != xml::TokenKind::end_of_document) {
        if (scanner.kind() == xml::TokenKind::text) wanted += scanner.text();
        if (scanner.kind() == xml::TokenKind::start_element) {
            wanted += "<";
            for (const auto& attribute : scanner.attributes()) wanted += attribute.value;
        }
    }
    scanner.reset(text);
    std::size_t calls = 0;
    for (auto pieces = scanner.advance_all(); !pieces.empty(); pieces = scanner.advance_all(), ++calls) {
        for (const xml::TokenPiece& piece : pieces) {
            if (piece.kind() == xml::TokenKind::text) found += piece.text();
            if (piece.kind() == xml::TokenKind::start_element) {
                found += "<";
                for (const auto& attribute : scanner.attributes(piece)) found += attribute.value;
            }
        }
        EXPECT_EQ(pieces.back().kind(), scanner.token().kind);
        if (pieces.back().kind() == xml::TokenKind::end_of_document) break;
    }
    EXPECT_EQ(found, wanted);
    EXPECT_LT(calls, 60u);
    // One token first, then the rest.
    scanner.reset("<a><b/></a>");
    ASSERT_TRUE(scanner.advance());
    EXPECT_EQ(scanner.advance_all().size(), 1u);
    scanner.reset("<a><b></a>");
    while (!scanner.advance_all().empty()) continue;
    EXPECT_TRUE(scanner.failed());
}

TEST(FastScanner, AllocatesNothingOnceItIsWarm) {
    const std::string text = message(200);
    xml::FastScanner scanner;
    const auto read = [&] {
        std::size_t tokens = 0;
        scanner.reset(text);
        while (scanner.advance() && scanner.kind() != xml::TokenKind::end_of_document) {
            tokens += scanner.token().offset < text.size() ? 1u : 0u;
        }
        return tokens;
    };
    const std::size_t tokens = read();
    read();
    const std::size_t before = test::allocations();
    EXPECT_EQ(read(), tokens);
    EXPECT_EQ(test::allocations(), before);
    EXPECT_GT(tokens, 2'000u);
}

TEST(FastScanner, CanBeMoved) {
    const std::string text = message(5);
    xml::FastScanner first(text);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(first.advance());
    const std::string token = test::dump(first.token());
    xml::FastScanner second = std::move(first);
    EXPECT_EQ(test::dump(second.token()), token);
    std::size_t rest = 0;
    while (second.advance() && second.kind() != xml::TokenKind::end_of_document) ++rest;
    EXPECT_GT(rest, 50u);
}

TEST(FastScanner, AnswersWhatAPrefixMeansHere) {
    xml::FastScanner scanner("<a xmlns='u' xmlns:p='v'><b xmlns:p='w'/></a>");
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "v");
    EXPECT_EQ(scanner.depth(), 1u);
    ASSERT_TRUE(scanner.next().has_value());
    EXPECT_EQ(scanner.namespace_of("p"), "w");
    EXPECT_EQ(scanner.depth(), 2u);
}

}  // namespace
}  // namespace hansa
