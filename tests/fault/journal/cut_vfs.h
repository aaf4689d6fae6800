// A file layer for SQLite from which the power can be cut.
//
// Files are real, but beside each one is kept what a disk without a working cache flush would
// hold: the bytes of the last sync, and the writes since. A cut makes a copy of the files in which
// each 512-byte sector written since the last sync is there or not, by chance. It can also refuse
// writes or syncs, as a full or failing disk does.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace hansa::journal::test {

class CutVfs {
public:
    /// Registers itself with SQLite under `name`; open stores must be gone before it is.
    explicit CutVfs(std::string name);
    ~CutVfs();
    CutVfs(const CutVfs&) = delete;
    CutVfs& operator=(const CutVfs&) = delete;

    const std::string& name() const { return name_; }

    /// Writes the files as they would be found after a cut at this moment into `folder`. Each
    /// sector that was not synced is kept with this chance (0 to 1).
    void cut(const std::filesystem::path& folder, std::mt19937& random, double kept);

    std::atomic<int> write_error{SQLITE_OK};  ///< given by every write while set
    std::atomic<int> sync_error{SQLITE_OK};   ///< given by every sync while set
    std::atomic<int> syncs{0};

private:
    friend struct CutFile;
    struct Write {
        sqlite3_int64 offset = 0;
        std::string bytes;
        bool truncate = false;
    };
    struct Image {
        std::string durable;
        std::vector<Write> pending;
    };
    static void apply(std::string& bytes, const Write& write);
    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
    static int remove(sqlite3_vfs* vfs, const char* path, int sync);

    std::string name_;
    sqlite3_vfs* base_;
    sqlite3_vfs vfs_{};
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Image>> images_;
};

}  // namespace hansa::journal::test
