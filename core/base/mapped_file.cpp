#include "core/base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/codes.h"

namespace hansa {
namespace {

/// Pages are given back in pieces of this size: the call costs as much as some thousand bytes of reading.
constexpr std::size_t piece_bytes = std::size_t{1} << 22U;

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const auto fail = [&](const char* why) {
        return Error{base::codes::file_unreadable, why, Place{.file = path.string()}};
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail(std::strerror(errno));
    struct stat about {};
    const bool regular = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    const std::size_t size = regular ? static_cast<std::size_t>(about.st_size) : 0;
    void* const at = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    const int reason = errno;
    ::close(file);
    if (!regular) return fail("it is no regular file");
    if (at == MAP_FAILED) return fail(std::strerror(reason));
    if (size != 0) (void)::madvise(at, size, MADV_SEQUENTIAL);
    return MappedFile(static_cast<const char*>(at), size);
}

MappedFile::~MappedFile() {
    if (size_ != 0) ::munmap(const_cast<char*>(begin_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      forgotten_(std::exchange(other.forgotten_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(size_, other.size_);
    std::swap(forgotten_, other.forgotten_);
    return *this;
}

void MappedFile::forget(std::size_t count) {
    const std::size_t until = std::min(count, size_) / piece_bytes * piece_bytes;
    if (until <= forgotten_) {
        forgotten_ = until;  // somebody began again
        return;
    }
    (void)::madvise(const_cast<char*>(begin_) + forgotten_, until - forgotten_, MADV_DONTNEED);
    forgotten_ = until;
}

}  // namespace hansa
