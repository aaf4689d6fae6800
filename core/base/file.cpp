#include "core/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <utility>

#include "core/base/codes.h"
#include "core/base/file_writer.h"
#include "core/base/ids.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;

/// Closes the descriptor at the end of the scope.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

Error unreadable(const std::string& name, int reason) {
    return Error{base::codes::file_unreadable, std::strerror(reason), Place{.file = name}};
}

Error unwritable(const fs::path& path) {
    return Error{base::codes::file_unwritable, std::strerror(errno), Place{.file = path.string()}};
}

Result<std::string> read_all(int descriptor, const std::string& name, std::uint64_t bytes_max) {
    std::string out;
    char piece[1 << 16];
    for (;;) {
        const ssize_t got = ::read(descriptor, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(name, errno);
        if (got == 0) return out;
        if (out.size() + static_cast<std::size_t>(got) > bytes_max) {
            return Error{base::codes::too_large, fmt::format("more than {} bytes", bytes_max), Place{.file = name}};
        }
        out.append(piece, static_cast<std::size_t>(got));
    }
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::uint64_t bytes_max) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) return unreadable(path.string(), errno);
    return read_all(file.number(), path.string(), bytes_max);
}

Result<std::string> read_standard_input(std::uint64_t bytes_max) {
    return read_all(STDIN_FILENO, "-", bytes_max);
}

Result<void> write_file_atomically(const fs::path& path, std::string_view bytes) {
    auto file = FileWriter::open(path);
    if (!file) return file.error();
    if (const auto put = file->write(bytes); !put) return put.error();
    return file->commit();
}

Result<FileWriter> FileWriter::open(const fs::path& path) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    fs::path beside = folder / ("." + path.filename().string() + "." + random_uuid() + ".part");
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (file < 0) return unwritable(path);
    return FileWriter(path, std::move(beside), file);
}

FileWriter::~FileWriter() {
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(beside_.c_str());
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)), beside_(std::move(other.beside_)), file_(std::exchange(other.file_, -1)) {}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(beside_, other.beside_);
    std::swap(file_, other.file_);
    return *this;
}

Result<void> FileWriter::write(std::string_view piece) {
    if (!write_all(file_, piece)) return unwritable(path_);
    return {};
}

Result<void> FileWriter::commit() {
    if (::fsync(file_) != 0) return unwritable(path_);
    if (::rename(beside_.c_str(), path_.c_str()) != 0) return unwritable(path_);
    ::close(std::exchange(file_, -1));
    const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0 || ::fsync(directory.number()) != 0) return unwritable(path_);
    return {};
}

}  // namespace hansa
