// The documents of the hostile corpus, one a file or one a line.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hansa::test {

/// "recurse/good.xml" or "xxe/xxe-fuzzing.txt:7".
struct HostileDocument {
    std::string name;
    std::string bytes;
};

/// A file whose name ends in .txt holds one document a line.
std::vector<HostileDocument> hostile_documents(const std::filesystem::path& file, const std::string& name);

}  // namespace hansa::test
