// A file that is replaced whole, written in pieces.
//
//     auto out = FileWriter::open(path);
//     if (!out) return out.error();
//     if (auto put = out->write(piece); !put) return put.error();
//     return out->commit();
//
// Readers see the old file or the new one, never a part. Without commit() nothing has happened. Threads: one.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

class FileWriter {
public:
    /// Errors: base.file-unwritable
    static Result<FileWriter> open(const std::filesystem::path& path);
    ~FileWriter();
    FileWriter(FileWriter&& other) noexcept;
    FileWriter& operator=(FileWriter&& other) noexcept;

    /// Errors: base.file-unwritable
    Result<void> write(std::string_view piece);
    /// Syncs and renames. Errors: base.file-unwritable
    Result<void> commit();

private:
    FileWriter(std::filesystem::path path, std::filesystem::path beside, int file)
        : path_(std::move(path)), beside_(std::move(beside)), file_(file) {}
    std::filesystem::path path_, beside_;
    int file_ = -1;
};

}  // namespace hansa
