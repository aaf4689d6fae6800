#include "core/journal/body_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <new>

#include "core/journal/codes.h"
#include "core/journal/sqlite.h"

namespace hansa::journal {
namespace {

/// SQLite's own layer never moves more than a page in one call, and takes no 128 KiB and more.
constexpr std::size_t piece_bytes = std::size_t{1} << 16;

Error file_error(int reason, const std::string& path) {
    return storage_error(reason, errno, fmt::format("{}: {}", path, sqlite3_errstr(reason)));
}

}  // namespace

void BodyFile::Close::operator()(sqlite3_file* file) const {
    if (file->pMethods != nullptr) file->pMethods->xClose(file);
    ::operator delete(file);
}

Result<std::unique_ptr<BodyFile>> BodyFile::open(const std::string& store_path, const Settings& settings) {
    // The name's end after the last '-' is what SQLite's layer takes off to find the store whose permissions it copies.
    const std::string absolute = std::filesystem::absolute(store_path).lexically_normal().string();
    auto out = std::unique_ptr<BodyFile>(new BodyFile(absolute + "-bodies", settings));
    if (auto done = out->open_file(); !done) return done.error();
    return out;
}

BodyFile::~BodyFile() = default;

Result<void> BodyFile::open_file() {
    if (settings_.read_only && !std::filesystem::exists(path_)) return {};
    sqlite3_vfs* layer = sqlite3_vfs_find(settings_.vfs.empty() ? nullptr : settings_.vfs.c_str());
    if (layer == nullptr) return Error{codes::cannot_open, fmt::format("no file layer '{}'", settings_.vfs)};
    const auto room = static_cast<std::size_t>(layer->szOsFile);
    auto* raw = static_cast<sqlite3_file*>(::operator new(room));
    std::fill_n(reinterpret_cast<char*>(raw), room, '\0');
    std::unique_ptr<sqlite3_file, Close> file(raw);
    const int way = settings_.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int given = way;
    errno = 0;
    const int done = layer->xOpen(layer, path_.c_str(), raw, way | SQLITE_OPEN_MAIN_JOURNAL, &given);
    if (done != SQLITE_OK) return file_error(done, path_);
    if (!settings_.read_only && (given & SQLITE_OPEN_READONLY) != 0) return Error{codes::read_only, path_};
    file_ = std::move(file);
    return {};
}

Result<std::int64_t> BodyFile::size() {
    if (!file_) {
        if (auto done = open_file(); !done) return done.error();
        if (!file_) return std::int64_t{0};
    }
    sqlite3_int64 out = 0;
    const int done = file_->pMethods->xFileSize(file_.get(), &out);
    if (done != SQLITE_OK) return file_error(done, path_);
    return std::int64_t{out};
}

Result<void> BodyFile::write(std::int64_t place, std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, piece_bytes);
        errno = 0;
        const int done = file_->pMethods->xWrite(file_.get(), piece.data(), static_cast<int>(piece.size()), place);
        if (done != SQLITE_OK) return file_error(done, path_);
        place += static_cast<std::int64_t>(piece.size());
        bytes.remove_prefix(piece.size());
    }
    return {};
}

Result<std::int64_t> BodyFile::add(std::string_view bytes) {
    if (settings_.bytes_max != 0 && held_ + bytes.size() > settings_.bytes_max) {
        return Error{codes::disk_full, fmt::format("{}: {} bytes are the limit", path_, settings_.bytes_max)};
    }
    const std::int64_t place = end_;
    unsynced_ = true;
    if (auto written = write(place, bytes); !written) return written.error();
    end_ += static_cast<std::int64_t>(bytes.size());
    held_ += bytes.size();
    return place;
}

void BodyFile::back_to(std::int64_t end) {
    held_ -= std::min(held_, static_cast<std::uint64_t>(std::max<std::int64_t>(end_ - end, 0)));
    end_ = end;
}

BodyFile::Guard::~Guard() {
    if (handle_ >= 0) ::close(handle_);
}

std::optional<BodyFile::Guard> BodyFile::lock(int way) const {
    const int handle = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle < 0) return std::nullopt;
    Guard guard(handle);
    if (::flock(handle, way) != 0) return std::nullopt;
    return guard;
}

std::optional<BodyFile::Guard> BodyFile::hold() const {
    return lock(LOCK_SH);
}

std::optional<BodyFile::Guard> BodyFile::try_clearing() const {
    return lock(LOCK_EX | LOCK_NB);
}

Result<void> BodyFile::sync() {
    if (!unsynced_) return {};
    errno = 0;
    const int done = file_->pMethods->xSync(file_.get(), SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    if (done != SQLITE_OK) return file_error(done, path_);
    unsynced_ = false;
    return {};
}

Result<void> BodyFile::cut() {
    const auto length = size();
    if (!length) return length.error();
    if (*length <= end_) return {};
    const int done = file_->pMethods->xTruncate(file_.get(), end_);
    if (done != SQLITE_OK) return file_error(done, path_);
    unsynced_ = true;
    return {};
}

bool BodyFile::give_back(std::int64_t place, std::int64_t size) const {
    const int handle = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    if (handle < 0) return false;
    const bool done = ::fallocate(handle, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place, size) == 0;
    ::close(handle);
    return done;
}

Result<void> BodyFile::clear(std::int64_t place, std::int64_t size) {
    unsynced_ = true;
    if (give_back(place, size)) return {};
    const std::string nothing(std::min<std::size_t>(static_cast<std::size_t>(size), piece_bytes), '\0');
    for (std::int64_t at = 0; at < size; at += static_cast<std::int64_t>(nothing.size())) {
        const auto left = static_cast<std::size_t>(size - at);
        if (auto done = write(place + at, std::string_view(nothing).substr(0, left)); !done) return done;
    }
    return {};
}

Result<std::string> BodyFile::read(std::int64_t place, std::int64_t size) {
    const Error short_file{codes::body_damaged, fmt::format("{} ends before byte {}", path_, place + size)};
    const auto length = this->size();
    if (!length) return length.error();
    // Asked first: a row that lies about a size must not make us ask for the room.
    if (place < 0 || size < 0 || size > *length || place > *length - size) return short_file;
    std::string out(static_cast<std::size_t>(size), '\0');
    for (std::size_t at = 0; at < out.size();) {
        const std::size_t piece = std::min(out.size() - at, piece_bytes);
        errno = 0;
        const int done = file_->pMethods->xRead(file_.get(), out.data() + at, static_cast<int>(piece),
                                                place + static_cast<std::int64_t>(at));
        if (done == SQLITE_IOERR_SHORT_READ) return short_file;
        if (done != SQLITE_OK) return file_error(done, path_);
        at += piece;
    }
    return out;
}

}  // namespace hansa::journal
