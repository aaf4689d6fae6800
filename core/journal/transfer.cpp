#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/journal/bodies.h"
#include "core/journal/codes.h"
#include "core/journal/names.h"
#include "core/journal/verify.h"

namespace hansa::journal {
namespace {

using Json = nlohmann::ordered_json;

// Every table that holds records. A row goes out as it lies there: the seals go with it, so that
// what comes back is checked against what was once written, not against what was exported.
constexpr std::array<std::string_view, 10> tables{"body",     "message",        "event",       "attachment", "corridor",
                                                  "delivery", "delivery_event", "idempotency", "names",      "alias"};
// The index of names, which lines of editions before 5 have too. It is made anew.
constexpr std::array<std::string_view, 2> tables_of_before{"business_key", "reference"};

constexpr std::size_t line_bytes_max = std::size_t{1} << 30;

Json value_of(const Row& row, int column) {
    if (row.is_null(column)) return nullptr;
    if (row.is_number(column)) return row.number(column);
    if (row.is_blob(column)) return Json{{"base64", to_base64(row.view(column))}};
    return row.text(column);
}

/// How rows are put in order, so that equal stores give equal lines.
std::string_view order_of(std::string_view table) {
    return table == "corridor" || table == "idempotency" || table == "alias" ? "1, 2" : "number";
}

/// A body goes out with its bytes, wherever they lie.
Result<void> add_bytes(Json& line, const Row& row, BodyFile& bodies, bool with_bodies) {
    line["place"] = nullptr;
    if (!with_bodies) return {};
    const auto bytes = body_of(row, bodies);
    if (!bytes && is_storage_error(bytes.error().code)) return bytes.error();
    line["bytes"] = bytes ? Json{{"base64", to_base64(*bytes)}} : Json();
    return {};
}

/// The columns of our own table, by its own account.
Result<std::vector<std::string>> columns_of(Connection& store, std::string_view table) {
    std::vector<std::string> out;
    auto done = store.query("SELECT name FROM pragma_table_info(?1)", {table}, [&](const Row& row) {
        out.push_back(row.text(0));
        return true;
    });
    if (!done) return done.error();
    return out;
}

/// One table's INSERT. Names of columns come from the store, never from the line.
struct Insert {
    std::vector<std::string> columns;
    std::string sql;
};

Result<Insert> insert_into(Connection& store, std::string_view table) {
    auto columns = columns_of(store, table);
    if (!columns) return columns.error();
    Insert out{std::move(*columns), fmt::format("INSERT INTO {}(", table)};
    std::string marks;
    for (std::size_t i = 0; i < out.columns.size(); ++i) {
        out.sql += (i == 0 ? "" : ", ") + out.columns[i];
        marks += i == 0 ? "?" : ", ?";
    }
    out.sql += ") VALUES(" + marks + ")";
    return out;
}

Result<void> insert_row(Connection& store, const Insert& insert, const Json& row) {
    std::vector<std::string> blobs(insert.columns.size());
    std::vector<Value> values;
    for (std::size_t i = 0; i < insert.columns.size(); ++i) {
        const auto field = row.find(insert.columns[i]);
        if (field == row.end()) return Error{codes::bad_record, fmt::format("'{}' is missing", insert.columns[i])};
        if (field->is_null()) {
            values.emplace_back(nullptr);
        } else if (field->is_number_integer()) {
            values.emplace_back(field->get<std::int64_t>());
        } else if (field->is_string()) {
            values.emplace_back(std::string_view(field->get_ref<const std::string&>()));
        } else if (field->is_object() && field->contains("base64") && field->at("base64").is_string()) {
            auto bytes = from_base64(field->at("base64").get_ref<const std::string&>());
            if (!bytes) return Error{codes::bad_record, fmt::format("'{}' is not base 64", insert.columns[i])};
            blobs[i] = std::move(*bytes);
            values.emplace_back(Blob{blobs[i]});
        } else {
            return Error{codes::bad_record, fmt::format("'{}' is of no known type", insert.columns[i])};
        }
    }
    return store.run(insert.sql, values);
}

}  // namespace

Result<void> export_lines(Connection& store, BodyFile& bodies, Sink& out, bool with_bodies) {
    for (const std::string_view table : tables) {
        const bool is_body = table == "body";
        const std::string columns = is_body ? fmt::format("{}, number, at_ms", body_place_columns) : "*";
        const std::string sql = fmt::format("SELECT {} FROM {} ORDER BY {}", columns, table, order_of(table));
        Result<void> failed;
        auto done = store.query(sql, {}, [&](const Row& row) {
            Json line{{"table", table}};
            for (int i = 0; i < row.columns(); ++i) {
                const bool large = is_body && row.column(i) == "bytes";
                if (!large) line[std::string(row.column(i))] = value_of(row, i);
            }
            if (is_body) failed = add_bytes(line, row, bodies, with_bodies);
            if (!failed) return false;
            out.write(line.dump(-1, ' ', false, Json::error_handler_t::replace));
            out.write("\n");
            return true;
        });
        if (!done) return done.error();
        if (!failed) return failed;
    }
    return {};
}

Result<void> import_lines(Connection& store, std::istream& lines) {
    // Rows name each other forwards and backwards; all names are checked at the end.
    if (auto done = store.run("PRAGMA defer_foreign_keys = ON"); !done) return done.error();
    std::map<std::string, Insert, std::less<>> inserts;
    for (const std::string_view table : tables) {
        auto insert = insert_into(store, table);
        if (!insert) return insert.error();
        inserts.emplace(table, std::move(*insert));
    }
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const auto bad = [&](std::string_view why) {
            return Error{codes::bad_record, fmt::format("line {}: {}", number, why)};
        };
        if (line.size() > line_bytes_max) return bad("too long");
        const Json row = Json::parse(line, nullptr, false);
        if (!row.is_object() || !row.contains("table") || !row["table"].is_string())
            return bad("not a row of a journal");
        const std::string& table = row["table"].get_ref<const std::string&>();
        if (std::ranges::find(tables_of_before, table) != tables_of_before.end()) continue;
        const auto insert = inserts.find(table);
        if (insert == inserts.end()) return bad("no such table");
        auto done = insert_row(store, insert->second, row);
        if (!done && !is_storage_error(done.error().code)) return bad(done.error().detail);
        if (!done) return done.error();
    }
    return index_names(store);
}

}  // namespace hansa::journal
