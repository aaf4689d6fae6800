// hostile-scan [--engine NAME] FILE...: one verdict a line: document, engine, "accepted" or a code.
//
// A program of its own, so that a tracer and a limit of memory see nothing but the parser.
#include <cstdio>
#include <string>
#include <vector>

#include "tests/conformance/hostile/cases.h"
#include "tests/conformance/hostile/engines.h"

int main(int argc, char** argv) {
    std::vector<std::string> files(argv + 1, argv + argc);
    std::string wanted;
    if (files.size() >= 2 && files[0] == "--engine") {
        wanted = files[1];
        files.erase(files.begin(), files.begin() + 2);
    }
    for (const std::string& file : files) {
        for (const auto& document : hansa::test::hostile_documents(file, file)) {
            for (const auto& engine : hansa::test::engines()) {
                if (!wanted.empty() && engine.name != wanted) continue;
                const auto verdict = engine.judge(document.bytes);
                const std::string said = verdict ? "accepted" : std::string(verdict.error().code.name());
                std::printf("%s\t%s\t%s\n", document.name.c_str(), engine.name.c_str(), said.c_str());
            }
        }
    }
    return 0;
}
