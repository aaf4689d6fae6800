#include "core/plugin/tables.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "core/base/file.h"
#include "core/plugin/blob.h"
#include "core/plugin/codes.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/library.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t table_bytes_max = 64u << 20;

/// Reads files when they are asked for and keeps them, so that views stay good.
class FolderTables final : public Tables {
public:
    FolderTables(fs::path folder, fs::path schemas) : folder_(std::move(folder)), schemas_(std::move(schemas)) {}

    Result<std::string_view> read(std::string_view name) const override {
        const std::string shown = called(name);
        if (!stays_inside(name)) return Error{codes::path_outside, std::string(name), Place{.file = shown}};
        const std::scoped_lock lock(mutex_);
        if (const auto known = texts_.find(name); known != texts_.end()) return std::string_view(known->second);
        if (!fs::is_regular_file(file_of(name))) return Error{codes::table_missing, {}, Place{.file = shown}};
        auto text = read_file(file_of(name), table_bytes_max);
        if (!text) return text.error();
        return std::string_view(texts_.emplace(name, std::move(*text)).first->second);
    }
    bool has(std::string_view name) const override { return stays_inside(name) && fs::is_regular_file(file_of(name)); }
    std::vector<std::string> names(std::string_view folder, std::string_view ending) const override {
        std::vector<std::string> out;
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(folder_ / folder, none)) {
            const std::string name = entry.path().filename().string();
            if (entry.is_regular_file(none) && name.ends_with(ending)) out.push_back(std::string(folder) + "/" + name);
        }
        std::ranges::sort(out);
        return out;
    }
    std::string called(std::string_view name) const override { return file_of(name).string(); }
    fs::path origin() const override { return folder_; }
    bool compiled() const override { return false; }

private:
    fs::path file_of(std::string_view name) const {
        constexpr std::string_view schemas = "schemas/", other = "other/";
        if (name.starts_with(schemas)) return schemas_ / name.substr(schemas.size());
        if (name.starts_with(other)) return folder_.parent_path() / name.substr(other.size());
        return folder_ / name;
    }

    fs::path folder_, schemas_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, std::string, std::less<>> texts_;
};

class BlobTables final : public Tables {
public:
    BlobTables(std::string bytes, fs::path file) : bytes_(std::move(bytes)), file_(std::move(file)) {}

    Result<void> open() {
        auto entries = read_blob(bytes_);
        if (!entries) return entries.error().in_file(file_.string());
        entries_ = std::move(*entries);
        return {};
    }
    Result<std::string_view> read(std::string_view name) const override {
        const auto found = entries_.find(name);
        if (found == entries_.end()) return Error{codes::table_missing, {}, Place{.file = called(name)}};
        return found->second;
    }
    bool has(std::string_view name) const override { return entries_.find(name) != entries_.end(); }
    std::vector<std::string> names(std::string_view folder, std::string_view ending) const override {
        std::vector<std::string> out;
        const std::string front = std::string(folder) + "/";
        for (const auto& [name, bytes] : entries_) {
            if (name.starts_with(front) && name.ends_with(ending)) out.push_back(name);
        }
        return out;
    }
    std::string called(std::string_view name) const override { return file_.string() + ":" + std::string(name); }
    fs::path origin() const override { return file_; }
    bool compiled() const override { return true; }

private:
    std::string bytes_;
    fs::path file_;
    std::map<std::string, std::string_view, std::less<>> entries_;
};

}  // namespace

Result<std::shared_ptr<const Tables>> open_folder(const fs::path& folder, const fs::path& schema_folder) {
    std::error_code none;
    // The parent of "plugins/xx/" is "plugins/xx" until the name is made plain.
    const fs::path plain = (folder / ".").lexically_normal().parent_path();
    if (!fs::is_directory(plain, none)) return Error{codes::file_missing, {}, Place{.file = folder.string()}};
    return std::shared_ptr<const Tables>(std::make_shared<FolderTables>(plain, schema_folder));
}

Result<std::shared_ptr<const Tables>> open_library(const fs::path& file) {
    auto bytes = library_data(file);
    if (!bytes) return bytes.error();
    return open_data(std::move(*bytes), file);
}

Result<std::shared_ptr<const Tables>> open_data(std::string bytes, const fs::path& name) {
    auto tables = std::make_shared<BlobTables>(std::move(bytes), name);
    if (auto good = tables->open(); !good) return good.error();
    return std::shared_ptr<const Tables>(std::move(tables));
}

}  // namespace hansa::plugin
