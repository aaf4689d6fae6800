// Bytes that wait until somebody says that they may go: in memory while they are few, then in a file without a name.
//
// What a long message becomes is written here before the message is known to be good (staging); afterwards it is read
// once, from the beginning. The file has no name from the start, so nothing is left of it when the process ends, however
// that ends.
//
//     Spool spool;
//     if (auto kept = spool.append(bytes); !kept) return kept.error();
//     SpoolReader reader(spool);
//     auto piece = reader.take(100);      // good until the next take()
//
// Threads: one at a time. Cost: a copy of the bytes; beyond `memory_max`, a write of so many at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace hansa {

class Spool {
public:
    static constexpr std::size_t usual_memory = std::size_t{1} << 20U;

    /// `folder`: where the file would be; empty: the system's folder for temporary files.
    explicit Spool(std::size_t memory_max = usual_memory, std::filesystem::path folder = {});
    ~Spool();
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&& other) noexcept;

    /// Errors: base.file-unwritable
    Result<void> append(std::string_view bytes);
    std::uint64_t size() const { return filed_ + memory_.size(); }
    /// Did it need its file?
    bool is_filed() const { return file_ >= 0; }

    /// Copies [from, from + size) to `to`. Errors: base.file-unreadable
    Result<void> copy(std::uint64_t from, char* to, std::size_t size) const;

private:
    Result<void> file_away();

    std::size_t memory_max_;
    std::filesystem::path folder_;
    std::string memory_;       ///< what is not in the file
    std::uint64_t filed_ = 0;  ///< bytes of the file, which come first
    int file_ = -1;
};

/// Reads a spool from `from` to `to`, in pieces. The spool must outlive it and not grow.
class SpoolReader {
public:
    explicit SpoolReader(const Spool& spool) : SpoolReader(spool, 0, spool.size()) {}
    SpoolReader(const Spool& spool, std::uint64_t from, std::uint64_t to) : spool_(spool), at_(from), to_(to) {}

    std::uint64_t left() const { return to_ - at_; }
    /// The next `size` bytes, good until the next call. Errors: base.file-unreadable, also for more than are left
    Result<std::string_view> take(std::size_t size);
    /// The next so many as come cheaply; at the end none.
    Result<std::string_view> some();

private:
    const Spool& spool_;
    std::uint64_t at_, to_;
    std::string buffer_;  ///< bytes from `at_` - `begin_` on
    std::size_t begin_ = 0;
};

}  // namespace hansa
