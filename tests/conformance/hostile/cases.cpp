#include "tests/conformance/hostile/cases.h"

#include <sstream>

#include "tests/support/corpus.h"

namespace hansa::test {

std::vector<HostileDocument> hostile_documents(const std::filesystem::path& file, const std::string& name) {
    std::string bytes = slurp(file);
    if (file.extension() != ".txt") return {{name, std::move(bytes)}};
    std::vector<HostileDocument> out;
    std::istringstream in(bytes);
    for (std::string line; std::getline(in, line);) {
        out.push_back({name + ":" + std::to_string(out.size() + 1), line});
    }
    return out;
}

}  // namespace hansa::test
