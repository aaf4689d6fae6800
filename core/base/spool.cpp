#include "core/base/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/codes.h"

namespace hansa {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 16U;

Error unwritable(const std::filesystem::path& folder) {
    return Error{base::codes::file_unwritable, std::strerror(errno), Place{.file = folder.string()}};
}

}  // namespace

Spool::Spool(std::size_t memory_max, std::filesystem::path folder)
    : memory_max_(memory_max), folder_(std::move(folder)) {}

Spool::~Spool() {
    if (file_ >= 0) ::close(file_);
}

Spool::Spool(Spool&& other) noexcept
    : memory_max_(other.memory_max_),
      folder_(std::move(other.folder_)),
      memory_(std::move(other.memory_)),
      filed_(std::exchange(other.filed_, 0)),
      file_(std::exchange(other.file_, -1)) {
    other.memory_.clear();
}

Spool& Spool::operator=(Spool&& other) noexcept {
    std::swap(memory_max_, other.memory_max_);
    std::swap(folder_, other.folder_);
    std::swap(memory_, other.memory_);
    std::swap(filed_, other.filed_);
    std::swap(file_, other.file_);
    return *this;
}

Result<void> Spool::append(std::string_view bytes) {
    memory_ += bytes;
    return memory_.size() > memory_max_ ? file_away() : Result<void>{};
}

Result<void> Spool::file_away() {
    if (file_ < 0) {
        std::error_code trouble;
        if (folder_.empty()) folder_ = std::filesystem::temp_directory_path(trouble);
        std::string name = (folder_ / "hansa-spool-XXXXXX").string();
        file_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (file_ < 0) return unwritable(folder_);
        ::unlink(name.c_str());
    }
    for (std::size_t done = 0; done < memory_.size();) {
        const ssize_t put =
            ::pwrite(file_, memory_.data() + done, memory_.size() - done, static_cast<off_t>(filed_ + done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return unwritable(folder_);
        done += static_cast<std::size_t>(put);
    }
    filed_ += memory_.size();
    memory_.clear();
    return {};
}

Result<void> Spool::copy(std::uint64_t from, char* to, std::size_t size) const {
    while (size != 0 && from < filed_) {
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, filed_ - from));
        const ssize_t got = ::pread(file_, to, wanted, static_cast<off_t>(from));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return Error{base::codes::file_unreadable, got == 0 ? "it ends too early" : std::strerror(errno),
                         Place{.file = folder_.string()}};
        from += static_cast<std::uint64_t>(got);
        to += got;
        size -= static_cast<std::size_t>(got);
    }
    if (size == 0) return {};
    if (from + size > this->size())
        return Error{base::codes::file_unreadable, "more is asked for than was kept", Place{.file = folder_.string()}};
    std::copy_n(memory_.data() + (from - filed_), size, to);
    return {};
}

Result<std::string_view> SpoolReader::take(std::size_t size) {
    if (buffer_.size() - begin_ < size) {
        buffer_.erase(0, begin_);
        begin_ = 0;
        const std::size_t have = buffer_.size();
        const std::size_t more =
            static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size - have, block_bytes), left() - have));
        buffer_.resize(have + std::max(more, size - have));
        const auto read = spool_.copy(at_ + have, buffer_.data() + have, buffer_.size() - have);
        if (!read) return read.error();
    }
    const std::string_view out = std::string_view(buffer_).substr(begin_, size);
    begin_ += size;
    at_ += size;
    return out;
}

Result<std::string_view> SpoolReader::some() {
    return take(static_cast<std::size_t>(std::min<std::uint64_t>(left(), block_bytes)));
}

}  // namespace hansa
