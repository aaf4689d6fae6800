// SQLite behind values: a connection, a statement's rows, and what its errors mean for us.
//
// For core/journal's own sources and for the stores of services that keep a file of their own. A Connection is used by one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hansa::journal {

/// Bytes as a BLOB; a string_view alone is TEXT. The bytes must live until the call returns.
struct Blob {
    std::string_view bytes;
};

using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

/// The row a query stands on. Views live until the row's function returns.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    std::string_view view(int column) const;  ///< TEXT or BLOB; NULL is empty
    std::string text(int column) const { return std::string(view(column)); }
    std::int64_t number(int column) const;
    bool is_null(int column) const;
    bool is_number(int column) const;
    bool is_blob(int column) const;
    int columns() const;
    std::string_view column(int column) const;  ///< its name

private:
    sqlite3_stmt* statement_;
};

/// Called for each row; false stops.
using OnRow = std::function<bool(const Row&)>;

class Connection {
public:
    struct Settings {
        bool read_only = false;
        bool create = false;
        std::uint32_t busy_timeout_ms = 5'000;
        std::string vfs;
    };

    /// Errors: those of storage_error()
    static Result<std::unique_ptr<Connection>> open(const std::string& path, const Settings& settings);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs one statement. `sql` may be kept prepared, so it should be one of a bounded set.
    Result<void> run(std::string_view sql, std::initializer_list<Value> values = {});
    Result<void> run(std::string_view sql, const std::vector<Value>& values);
    Result<void> query(std::string_view sql, std::initializer_list<Value> values, const OnRow& on_row);
    Result<void> query(std::string_view sql, const std::vector<Value>& values, const OnRow& on_row);
    /// Many statements of our own text, without values.
    Result<void> script(const std::string& sql);
    /// The first column of the first row, or nothing set.
    Result<std::int64_t> number(std::string_view sql, std::initializer_list<Value> values = {});
    Result<std::string> text(std::string_view sql, std::initializer_list<Value> values = {});

    /// A transaction that writes. It waits for others at once, so that its end finds nobody's before it.
    Result<void> begin();
    /// What follows sees the file as it is now, until roll_back().
    Result<void> begin_reading();
    /// What cannot be committed is rolled back.
    Result<void> commit();
    /// Nothing where there is no transaction: after some failures SQLite has done it by itself.
    void roll_back();
    /// `work` as one transaction: committed if it succeeds, rolled back otherwise.
    Result<void> transaction(const std::function<Result<void>()>& work);

    std::int64_t last_row() const;
    std::int64_t changed_rows() const;
    bool in_transaction() const;

private:
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Handle = std::unique_ptr<sqlite3, Close>;
    using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

    explicit Connection(Handle handle) : handle_(std::move(handle)) {}
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    Result<void> bind(sqlite3_stmt* statement, const Value* values, std::size_t count);
    Result<void> step_all(std::string_view sql, const Value* values, std::size_t count, const OnRow* on_row);
    Error error(int reason) const;

    Handle handle_;
    std::map<std::string, Prepared, std::less<>> prepared_;
};

/// What an SQLite result code means, with SQLite's own words as detail.
Error storage_error(int reason, int system_error, std::string_view words);

/// Whether the store itself failed (no room, no disk, damage), not the group.
bool is_storage_error(Code code);

}  // namespace hansa::journal
