// Bodies that are too large for a row: one file beside the store, `<store>-bodies`, that grows at its end. A row of
// `body` names the place; what stands there is judged by the row's digest, never by the file.
//
// The writer syncs this file before it commits the rows that name it, so that a row never outlives its bytes. A page of
// such a body would else be written twice, into SQLite's log and into its file.
//
// The file goes through SQLite's file layer, as the store does: the same permissions, and the same faults in tests.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

struct sqlite3_file;

namespace hansa::journal {

/// Bodies up to here lie in their row: a page of the store.
inline constexpr std::size_t row_body_bytes_max = 4'096;

class BodyFile {
public:
    struct Settings {
        bool read_only = false;
        std::string vfs;              ///< SQLite's name of another file layer; empty: its own
        std::uint64_t bytes_max = 0;  ///< 0: as the disk allows; more is journal.disk-full
    };

    /// Of the store at this path. One that is written to is made where there is none; a reader looks for it again until
    /// there is one. Errors: those of storage_error()
    static Result<std::unique_ptr<BodyFile>> open(const std::string& store_path, const Settings& settings);
    ~BodyFile();
    BodyFile(const BodyFile&) = delete;
    BodyFile& operator=(const BodyFile&) = delete;

    /// Where the next body will stand: bytes from the start.
    std::int64_t end() const { return end_; }
    /// The length of the file. Errors: those of storage_error()
    Result<std::int64_t> size();

    /// Puts the bytes at the end and returns their place. Errors: those of storage_error(), journal.disk-full
    Result<std::int64_t> add(std::string_view bytes);
    /// What was added since stands there no longer: the next body goes over it.
    void back_to(std::int64_t end);
    /// The bytes of all bodies in it, where `bytes_max` is set.
    void set_held(std::uint64_t bytes) { held_ = bytes; }
    bool is_bounded() const { return settings_.bytes_max != 0; }
    /// All that was added is on the disk afterwards. Nothing to do: nothing done.
    Result<void> sync();
    /// Gives the file system back what lies behind the end.
    Result<void> cut();
    /// Nobody clears anything while a guard of anyone, in any process, lives: for a reader whose moment may still name
    /// what is dropped meanwhile. Nothing: there is no file yet.
    class Guard {
    public:
        explicit Guard(int handle) : handle_(handle) {}
        ~Guard();
        Guard(Guard&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
        Guard& operator=(Guard&&) = delete;

    private:
        int handle_;
    };
    std::optional<Guard> hold() const;
    /// For who clears. Nothing: somebody holds it.
    std::optional<Guard> try_clearing() const;

    /// Nothing of these bytes is there afterwards; their room is given back where the file system can.
    Result<void> clear(std::int64_t place, std::int64_t size);

    /// Errors: journal.body-damaged (the file is shorter), those of storage_error()
    Result<std::string> read(std::int64_t place, std::int64_t size);

private:
    struct Close {
        void operator()(sqlite3_file* file) const;
    };
    BodyFile(std::string path, Settings settings) : path_(std::move(path)), settings_(std::move(settings)) {}
    Result<void> open_file();
    Result<void> write(std::int64_t place, std::string_view bytes);
    bool give_back(std::int64_t place, std::int64_t size) const;
    std::optional<Guard> lock(int way) const;

    const std::string path_;  ///< SQLite's file layer keeps the address
    const Settings settings_;
    std::unique_ptr<sqlite3_file, Close> file_;
    std::int64_t end_ = 0;
    std::uint64_t held_ = 0;
    bool unsynced_ = false;
};

}  // namespace hansa::journal
