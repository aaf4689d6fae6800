// The small message of small_tables.h as a syntax.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/schema/grammar.h"
#include "core/schema/validator.h"
#include "core/syntax/syntax.h"
#include "tests/unit/syntax/small_tables.h"

namespace hansa::syntax::test {

inline schema::Grammar grammar_of(std::string_view xsd, const std::string& root = "Interchange") {
    schema::XsdSource source{.file = "main.xsd", .root = {"", root}, .resolve = {}};
    source.resolve = [text = std::string(xsd)](const std::string&) -> std::optional<std::string> { return text; };
    auto grammar = schema::compile_xsd(source);
    if (!grammar) ADD_FAILURE() << grammar.error().text();
    return std::move(grammar.value());
}

inline std::shared_ptr<const Syntax> small_syntax() {
    const schema::Grammar grammar = grammar_of(small_xsd);
    Diagnostics faults;
    auto made = make({"edifact", {{"small.syntax", std::string(small_table)}}, grammar}, faults);
    if (!made) ADD_FAILURE() << made.error().text();
    return *made;
}

/// A syntax, and bytes that it refuses with a code at a place.
class Reading : public ::testing::Test {
protected:
    void refused(const std::string& bytes, Code code, std::uint32_t line, std::uint32_t column) const {
        const auto read = syntax->read(bytes);
        ASSERT_FALSE(read) << bytes;
        EXPECT_EQ(read.error().code.name(), code.name()) << read.error().text();
        EXPECT_EQ(std::pair(read.error().place.line, read.error().place.column), std::pair(line, column))
            << read.error().text() << "\n"
            << bytes;
    }
    std::shared_ptr<const Syntax> syntax;
};

}  // namespace hansa::syntax::test
