// A file as one piece of bytes that is not read before somebody looks at it.
//
// The system brings the pages that are looked at and may take them back, so that a file of any size needs little
// memory; forget() takes back at once what was looked at. A file that somebody shortens while it is mapped ends the
// process: map only what nobody writes to.
//
// Threads: any may read; forget() while nobody else reads those bytes is of no harm either, they come back.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

class MappedFile {
public:
    /// Errors: base.file-unreadable, also for what is no regular file
    static Result<MappedFile> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;

    std::string_view bytes() const { return {begin_, size_}; }
    /// The first `count` bytes will hardly be read again: their pages are given back. Cheap where nothing is new.
    void forget(std::size_t count);

private:
    MappedFile(const char* begin, std::size_t size) : begin_(begin), size_(size) {}
    const char* begin_ = nullptr;
    std::size_t size_ = 0, forgotten_ = 0;
};

}  // namespace hansa
