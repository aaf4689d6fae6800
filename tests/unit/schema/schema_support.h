// Small schemas for the tests of core/schema.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/schema/grammar.h"
#include "core/schema/validator.h"

namespace hansa::schema::test {

inline std::string xsd(const std::string& body, const std::string& attributes = "") {
    return "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:t' targetNamespace='urn:t' "
           "elementFormDefault='qualified' " +
           attributes + ">" + body + "</xs:schema>";
}

inline XsdSource source_of(std::map<std::string, std::string> texts, const std::string& root) {
    XsdSource source{.file = "main.xsd", .root = {"", root}, .resolve = {}};
    source.resolve = [texts = std::move(texts)](const std::string& name) -> std::optional<std::string> {
        const auto found = texts.find(name);
        if (found == texts.end()) return std::nullopt;
        return found->second;
    };
    return source;
}

inline Grammar grammar_of(const std::string& body, const std::string& root = "r") {
    auto grammar = compile_xsd(source_of({{"main.xsd", xsd(body)}}, root));
    if (!grammar) ADD_FAILURE() << grammar.error().text();
    return std::move(grammar.value());
}

inline Validator validator_of(const std::string& body) {
    auto validator = Validator::from_texts({{"main.xsd", xsd(body)}}, "main.xsd");
    if (!validator) ADD_FAILURE() << validator.error().text();
    return std::move(validator.value());
}

/// "line:column code path", one a line.
inline std::string findings(const Validator& validator, const std::string& document) {
    Diagnostics faults;
    const auto valid = validator.validate(document, faults);
    std::string text;
    for (const Error& error : faults.errors()) {
        text += std::to_string(error.place.line) + ":" + std::to_string(error.place.column) + " " +
                std::string(error.code.name()) + " " + error.place.path + "\n";
    }
    EXPECT_EQ(valid.has_value(), text.empty());
    return text;
}

}  // namespace hansa::schema::test
