// Folders that the tests of this module use.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "core/base/ids.h"
#include "tests/support/corpus.h"

namespace hansa::plugin {

/// Plugin xx as folder and as library, and its schemas.
inline std::filesystem::path data_folder() {
    return test::source_dir() / "tests/unit/plugin/data";
}
inline std::filesystem::path xx_folder() {
    return data_folder() / "plugins/xx";
}
inline std::filesystem::path xx_schemas() {
    return data_folder() / "schemas";
}
inline std::filesystem::path xx_library() {
    return test::build_dir() / "tests/plugins/xx.so";
}

/// A folder of its own, gone at the end of the test.
class Folder {
public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("hansa-plugin-" + random_uuid())) {
        std::filesystem::create_directories(path_);
    }
    ~Folder() {
        std::error_code none;
        std::filesystem::remove_all(path_, none);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(const std::string& name, const std::string& bytes) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// One replacement, which must be possible.
inline std::string replaced(std::string text, std::string_view piece, std::string_view other) {
    const std::size_t at = text.find(piece);
    if (at == std::string::npos) throw std::runtime_error("not found: " + std::string(piece));
    return text.replace(at, piece.size(), other);
}

}  // namespace hansa::plugin
