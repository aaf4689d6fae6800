// Where the tests find foreign material and leave their counts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace hansa::test {

/// The corpus: $HANSA_CORPUS, else ../shared/corpus beside the source tree; nothing when there is
/// none, and then a test says GTEST_SKIP() << "no corpus".
std::optional<std::filesystem::path> corpus();

/// The source tree and the build tree, from the environment that ctest sets.
std::filesystem::path source_dir();
std::filesystem::path build_dir();

/// The file's bytes; fails the test run when it cannot be read.
std::string slurp(const std::filesystem::path& path);

}  // namespace hansa::test
