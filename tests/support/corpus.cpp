#include "tests/support/corpus.h"

#include <cstdlib>
#include <stdexcept>

#include "core/base/file.h"

namespace hansa::test {
namespace fs = std::filesystem;

std::optional<fs::path> corpus() {
    const char* named = std::getenv("HANSA_CORPUS");
    const fs::path root = named != nullptr && *named != '\0' ? fs::path(named) : source_dir() / "../shared/corpus";
    if (!fs::is_directory(root)) return std::nullopt;
    return fs::canonical(root);
}

fs::path source_dir() {
    const char* named = std::getenv("HANSA_SOURCE_DIR");
    return named != nullptr && *named != '\0' ? fs::path(named) : fs::current_path();
}

fs::path build_dir() {
    const char* named = std::getenv("HANSA_BUILD_DIR");
    return named != nullptr && *named != '\0' ? fs::path(named) : fs::current_path() / "build/release";
}

std::string slurp(const fs::path& path) {
    auto bytes = read_file(path);
    if (!bytes) throw std::runtime_error(bytes.error().text());
    return *std::move(bytes);
}

}  // namespace hansa::test
