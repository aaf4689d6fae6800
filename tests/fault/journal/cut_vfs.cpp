#include "tests/fault/journal/cut_vfs.h"

#include <algorithm>
#include <fstream>
#include <new>
#include <stdexcept>

namespace hansa::journal::test {

/// Our file, with the real one right behind it in the memory that SQLite gave.
struct CutFile {
    sqlite3_file base;  // must be first: SQLite sees only this
    CutVfs* home;
    std::shared_ptr<CutVfs::Image>* image;

    static CutFile& of(sqlite3_file* file) { return *reinterpret_cast<CutFile*>(file); }
    static sqlite3_file* real(sqlite3_file* file) {
        return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(CutFile));
    }

    static int close(sqlite3_file* file) {
        delete of(file).image;
        of(file).image = nullptr;
        return real(file)->pMethods != nullptr ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
    }
    static int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
        return real(file)->pMethods->xRead(real(file), bytes, size, offset);
    }
    static int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
        CutFile& own = of(file);
        if (const int error = own.home->write_error; error != SQLITE_OK) return error;
        const std::lock_guard lock(own.home->mutex_);
        (*own.image)
            ->pending.push_back(
                {offset, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)), false});
        return real(file)->pMethods->xWrite(real(file), bytes, size, offset);
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        CutFile& own = of(file);
        const std::lock_guard lock(own.home->mutex_);
        (*own.image)->pending.push_back({size, {}, true});
        return real(file)->pMethods->xTruncate(real(file), size);
    }
    static int sync(sqlite3_file* file, int flags) {
        CutFile& own = of(file);
        if (const int error = own.home->sync_error; error != SQLITE_OK) return error;
        ++own.home->syncs;
        const std::lock_guard lock(own.home->mutex_);
        for (const CutVfs::Write& one : (*own.image)->pending) CutVfs::apply((*own.image)->durable, one);
        (*own.image)->pending.clear();
        return real(file)->pMethods->xSync(real(file), flags);
    }
    static int size(sqlite3_file* file, sqlite3_int64* out) { return real(file)->pMethods->xFileSize(real(file), out); }
    static int lock(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
    static int unlock(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
    static int check_lock(sqlite3_file* file, int* out) {
        return real(file)->pMethods->xCheckReservedLock(real(file), out);
    }
    static int control(sqlite3_file* file, int what, void* argument) {
        return real(file)->pMethods->xFileControl(real(file), what, argument);
    }
    static int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
    static int traits(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
    static int map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
        return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
    }
    static int map_lock(sqlite3_file* file, int offset, int count, int flags) {
        return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
    }
    static void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
    static int unmap(sqlite3_file* file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }
};

namespace {

constexpr sqlite3_io_methods methods = {2,
                                        CutFile::close,
                                        CutFile::read,
                                        CutFile::write,
                                        CutFile::truncate,
                                        CutFile::sync,
                                        CutFile::size,
                                        CutFile::lock,
                                        CutFile::unlock,
                                        CutFile::check_lock,
                                        CutFile::control,
                                        CutFile::sector,
                                        CutFile::traits,
                                        CutFile::map,
                                        CutFile::map_lock,
                                        CutFile::barrier,
                                        CutFile::unmap,
                                        nullptr,
                                        nullptr};

constexpr std::size_t sector_bytes = 512;

}  // namespace

CutVfs::CutVfs(std::string name) : name_(std::move(name)), base_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *base_;
    vfs_.pNext = nullptr;
    vfs_.zName = name_.c_str();
    vfs_.szOsFile = base_->szOsFile + static_cast<int>(sizeof(CutFile));
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    vfs_.xDelete = remove;
    if (sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK) throw std::runtime_error("no file layer");
}

CutVfs::~CutVfs() {
    sqlite3_vfs_unregister(&vfs_);
}

int CutVfs::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    auto* home = static_cast<CutVfs*>(vfs->pAppData);
    auto* own = new (file) CutFile{{nullptr}, home, nullptr};
    sqlite3_file* real = CutFile::real(file);
    const int done = home->base_->xOpen(home->base_, path, real, flags, out_flags);
    if (done != SQLITE_OK) {
        if (real->pMethods != nullptr) real->pMethods->xClose(real);
        return done;
    }
    const std::lock_guard lock(home->mutex_);
    auto image = std::make_shared<Image>();
    if (path != nullptr) {
        auto& known = home->images_[path];
        if (!known) known = image;
        image = known;
    }
    own->image = new std::shared_ptr<Image>(image);
    own->base.pMethods = &methods;
    return SQLITE_OK;
}

int CutVfs::remove(sqlite3_vfs* vfs, const char* path, int sync) {
    auto* home = static_cast<CutVfs*>(vfs->pAppData);
    const std::lock_guard lock(home->mutex_);
    home->images_.erase(path);
    return home->base_->xDelete(home->base_, path, sync);
}

void CutVfs::apply(std::string& bytes, const Write& write) {
    const auto offset = static_cast<std::size_t>(write.offset);
    if (write.truncate) {
        if (bytes.size() > offset) bytes.resize(offset);
        return;
    }
    if (bytes.size() < offset + write.bytes.size()) bytes.resize(offset + write.bytes.size());
    std::copy(write.bytes.begin(), write.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

void CutVfs::cut(const std::filesystem::path& folder, std::mt19937& random, double kept) {
    std::map<std::string, Image> seen;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [path, image] : images_) seen.emplace(path, *image);
    }
    std::bernoulli_distribution keep(kept);
    for (auto& [path, image] : seen) {
        for (const Write& write : image.pending) {
            if (write.truncate) {
                if (keep(random)) apply(image.durable, write);
                continue;
            }
            const auto offset = static_cast<std::size_t>(write.offset);
            for (std::size_t at = 0; at < write.bytes.size();) {
                const std::size_t size = std::min(write.bytes.size() - at, sector_bytes - (offset + at) % sector_bytes);
                if (keep(random))
                    apply(image.durable,
                          {write.offset + static_cast<sqlite3_int64>(at), write.bytes.substr(at, size), false});
                at += size;
            }
        }
        std::ofstream(folder / std::filesystem::path(path).filename(), std::ios::binary) << image.durable;
    }
}

}  // namespace hansa::journal::test
