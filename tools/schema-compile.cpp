// hansa-compile-schema --root '{namespace}local' --out X.grammar FILE.xsd
//
// The build's way from a schema to a compiled grammar (core/schema/grammar.h). Without a namespace
// ("local", "{}local") the only global element of that name is the root. --roots lists what there is.
// Exit codes: 0 done, 1 the schema is refused, 2 wrong usage, 3 a file cannot be read or written.

#include <cstdio>
#include <string>
#include <string_view>

#include "core/base/file.h"
#include "core/schema/grammar.h"

namespace {

using hansa::Error;

constexpr const char* usage =
    "usage: hansa-compile-schema --root '{namespace}local' --out FILE.grammar FILE.xsd\n"
    "       hansa-compile-schema --roots FILE.xsd\n";

struct Arguments {
    std::string root, out, file;
    bool list_roots = false;
    bool good = true;
};

Arguments parse(int count, char** words) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        if (word == "--roots") {
            arguments.list_roots = true;
        } else if ((word == "--root" || word == "--out") && i + 1 < count) {
            (word == "--root" ? arguments.root : arguments.out) = words[++i];
        } else if (!word.starts_with("--") && arguments.file.empty()) {
            arguments.file = word;
        } else {
            arguments.good = false;
        }
    }
    const bool compile = !arguments.root.empty() && !arguments.out.empty();
    if (arguments.file.empty() || compile == arguments.list_roots) arguments.good = false;
    return arguments;
}

hansa::schema::Name name_of(const std::string& text) {
    const std::size_t end = text.find('}');
    if (!text.starts_with('{') || end == std::string::npos) return {"", text};
    return {text.substr(1, end - 1), text.substr(end + 1)};
}

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return error.code.name().starts_with("base.file") ? 3 : 1;
}

int list_roots(const Arguments& arguments) {
    const auto roots = hansa::schema::xsd_roots({.file = arguments.file, .root = {}, .resolve = {}});
    if (!roots) return fail(roots.error());
    for (const auto& root : *roots) std::printf("{%s}%s\n", root.ns.c_str(), root.local.c_str());
    return 0;
}

int compile(const Arguments& arguments) {
    const auto grammar =
        hansa::schema::compile_xsd({.file = arguments.file, .root = name_of(arguments.root), .resolve = {}});
    if (!grammar) return fail(grammar.error());
    if (auto written = hansa::write_file_atomically(arguments.out, grammar->blob()); !written) {
        return fail(written.error());
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    const Arguments arguments = parse(count, words);
    if (!arguments.good) {
        std::fputs(usage, stderr);
        return 2;
    }
    return arguments.list_roots ? list_roots(arguments) : compile(arguments);
}
