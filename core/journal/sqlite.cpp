#include "core/journal/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "core/journal/codes.h"

namespace hansa::journal {
namespace {

constexpr std::size_t prepared_max = 200;

Code code_of(int reason, int system_error) {
    // The layer below sometimes says only "I/O error" where the disk had no room.
    if ((reason & 0xFF) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT)) return codes::disk_full;
    switch (reason & 0xFF) {
        case SQLITE_FULL:
            return codes::disk_full;
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return codes::read_only;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return codes::corrupt;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return codes::locked;
        case SQLITE_CANTOPEN:
            return codes::cannot_open;
        case SQLITE_TOOBIG:
            return codes::too_large;
        case SQLITE_CONSTRAINT:
            return reason == SQLITE_CONSTRAINT_FOREIGNKEY ? codes::not_found : codes::already_recorded;
        default:
            return codes::io_failed;
    }
}

}  // namespace

Error storage_error(int reason, int system_error, std::string_view words) {
    std::string detail(words);
    if (system_error != 0 && (reason & 0xFF) != SQLITE_CONSTRAINT) {
        detail += fmt::format(" ({})", std::strerror(system_error));
    }
    return Error{code_of(reason, system_error), std::move(detail)};
}

bool is_storage_error(Code code) {
    return code == codes::disk_full || code == codes::read_only || code == codes::io_failed ||
           code == codes::cannot_open || code == codes::locked || code == codes::corrupt;
}

std::string_view Row::view(int column) const {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string_view()
                            : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Row::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

bool Row::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

bool Row::is_number(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

bool Row::is_blob(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_BLOB;
}

int Row::columns() const {
    return sqlite3_column_count(statement_);
}

std::string_view Row::column(int column) const {
    const char* name = sqlite3_column_name(statement_, column);
    return name == nullptr ? std::string_view() : std::string_view(name);
}

void Connection::Close::operator()(sqlite3* handle) const {
    sqlite3_close_v2(handle);
}

void Connection::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const Settings& settings) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= settings.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (settings.create && !settings.read_only) flags |= SQLITE_OPEN_CREATE;
    sqlite3* raw = nullptr;
    const int done = sqlite3_open_v2(path.c_str(), &raw, flags, settings.vfs.empty() ? nullptr : settings.vfs.c_str());
    Handle handle(raw);
    if (done != SQLITE_OK)
        return storage_error(done, raw != nullptr ? sqlite3_system_errno(raw) : 0, sqlite3_errstr(done));
    sqlite3_busy_timeout(raw, static_cast<int>(settings.busy_timeout_ms));
    return std::unique_ptr<Connection>(new Connection(std::move(handle)));
}

Connection::~Connection() {
    prepared_.clear();
}

Error Connection::error(int reason) const {
    return storage_error(reason, sqlite3_system_errno(handle_.get()), sqlite3_errmsg(handle_.get()));
}

Result<sqlite3_stmt*> Connection::prepare(std::string_view sql) {
    if (const auto known = prepared_.find(sql); known != prepared_.end()) return known->second.get();
    sqlite3_stmt* statement = nullptr;
    const int done = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (done != SQLITE_OK) return error(done);
    if (prepared_.size() >= prepared_max) {
        std::erase_if(prepared_, [](const auto& entry) { return sqlite3_stmt_busy(entry.second.get()) == 0; });
    }
    prepared_.emplace(std::string(sql), Prepared(statement));
    return statement;
}

Result<void> Connection::bind(sqlite3_stmt* statement, const Value* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const int place = static_cast<int>(i) + 1;
        int done = SQLITE_OK;
        if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
            done = sqlite3_bind_int64(statement, place, *number);
        } else if (const auto* words = std::get_if<std::string_view>(&values[i])) {
            // An empty view may have no address, which SQLite would take for NULL.
            done = sqlite3_bind_text64(statement, place, words->empty() ? "" : words->data(), words->size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
        } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
            done = sqlite3_bind_blob64(statement, place, blob->bytes.empty() ? "" : blob->bytes.data(),
                                       blob->bytes.size(), SQLITE_STATIC);
        } else {
            done = sqlite3_bind_null(statement, place);
        }
        if (done != SQLITE_OK) return error(done);
    }
    return {};
}

Result<void> Connection::step_all(std::string_view sql, const Value* values, std::size_t count, const OnRow* on_row) {
    const auto prepared = prepare(sql);
    if (!prepared) return prepared.error();
    sqlite3_stmt* statement = *prepared;
    // A row's function may run the same text again; it would move this cursor.
    if (sqlite3_stmt_busy(statement) != 0) throw BrokenPromise("a journal statement was used inside itself");
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset() {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    } const reset{statement};
    if (auto bound = bind(statement, values, count); !bound) return bound.error();
    for (;;) {
        const int done = sqlite3_step(statement);
        if (done == SQLITE_DONE) return {};
        if (done != SQLITE_ROW) return error(done);
        if (on_row != nullptr && !(*on_row)(Row(statement))) return {};
    }
}

Result<void> Connection::run(std::string_view sql, std::initializer_list<Value> values) {
    return step_all(sql, values.begin(), values.size(), nullptr);
}

Result<void> Connection::run(std::string_view sql, const std::vector<Value>& values) {
    return step_all(sql, values.data(), values.size(), nullptr);
}

Result<void> Connection::query(std::string_view sql, std::initializer_list<Value> values, const OnRow& on_row) {
    return step_all(sql, values.begin(), values.size(), &on_row);
}

Result<void> Connection::query(std::string_view sql, const std::vector<Value>& values, const OnRow& on_row) {
    return step_all(sql, values.data(), values.size(), &on_row);
}

Result<void> Connection::script(const std::string& sql) {
    const int done = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (done != SQLITE_OK) return error(done);
    return {};
}

Result<std::int64_t> Connection::number(std::string_view sql, std::initializer_list<Value> values) {
    std::int64_t out = 0;
    auto done = query(sql, values, [&](const Row& row) {
        out = row.number(0);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<std::string> Connection::text(std::string_view sql, std::initializer_list<Value> values) {
    std::string out;
    auto done = query(sql, values, [&](const Row& row) {
        out = row.text(0);
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Connection::begin() {
    return run("BEGIN IMMEDIATE");
}

Result<void> Connection::begin_reading() {
    return run("BEGIN");
}

Result<void> Connection::commit() {
    auto done = run("COMMIT");
    if (!done) roll_back();
    return done;
}

void Connection::roll_back() {
    if (in_transaction()) static_cast<void>(run("ROLLBACK"));
}

Result<void> Connection::transaction(const std::function<Result<void>()>& work) {
    if (auto begun = begin(); !begun) return begun;
    if (auto done = work(); !done) {
        roll_back();
        return done;
    }
    return commit();
}

std::int64_t Connection::last_row() const {
    return sqlite3_last_insert_rowid(handle_.get());
}

std::int64_t Connection::changed_rows() const {
    return sqlite3_changes64(handle_.get());
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

}  // namespace hansa::journal
