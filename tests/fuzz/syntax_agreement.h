// What holds for any bytes given to a syntax: a refusal, or a tree that its own bytes give again.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/schema/writer.h"
#include "core/syntax/codes.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax::test {

inline void complain(const std::string& what, const std::string& one, const std::string& other) {
    std::fprintf(stderr, "%s\n%s\n%s\n", what.c_str(), one.c_str(), other.c_str());
    std::abort();
}

/// Ends the process where it does not hold.
inline void try_bytes(const Syntax& syntax, const std::string& bytes) {
    (void)kind_of(bytes);
    (void)syntax.recognises(bytes);
    Limits limits;
    limits.parts_max = 10'000;
    const auto once = syntax.read(bytes, limits);
    if (!once) return;
    const auto written = syntax.write(once->tree);
    if (!written) {
        if (written.error().code != codes::unwritable) complain("refused to write", written.error().text(), bytes);
        return;
    }
    const auto again = syntax.read(*written);
    if (!again) return complain("what was written is not read: " + again.error().text(), bytes, *written);
    const std::string first = schema::write_tree(once->tree), second = schema::write_tree(again->tree);
    if (first != second) complain("another tree", first, second);
}

inline std::shared_ptr<const Syntax> syntax_of(std::string_view name, std::string_view xsd, std::string_view root,
                                               std::string_view table) {
    schema::XsdSource source{.file = "main.xsd", .root = {"", std::string(root)}, .resolve = {}};
    source.resolve = [xsd](const std::string&) -> std::optional<std::string> { return std::string(xsd); };
    const auto grammar = schema::compile_xsd(source);
    Diagnostics faults;
    auto made = make({name, {{"table", std::string(table)}}, *grammar}, faults);
    if (!made) complain("the table", made.error().text(), {});
    return *made;
}

}  // namespace hansa::syntax::test
