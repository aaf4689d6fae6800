#include "core/journal/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/digest.h"
#include "core/journal/codes.h"
#include "core/journal/rows.h"

namespace hansa::journal {
namespace {

const std::string body_row = fmt::format("SELECT {} FROM body WHERE digest = ?1", body_place_columns);

Error damaged_body(std::string_view digest) {
    return Error{codes::body_damaged, fmt::format("body {}", digest.substr(0, digest_characters))};
}

bool is_damage(const Error& error) {
    return error.code == codes::body_damaged || error.code == codes::body_dropped;
}

}  // namespace

Result<std::string> body_of(const Row& row, BodyFile& file) {
    const std::string_view digest = row.view(0);
    const std::int64_t size = row.number(1);
    if (!row.is_null(4)) return Error{codes::body_dropped, fmt::format("body {}", digest.substr(0, digest_characters))};
    Result<std::string> bytes = row.is_null(3) ? row.text(2) : file.read(row.number(3), size);
    if (!bytes) return bytes.error().code == codes::body_damaged ? damaged_body(digest) : bytes.error();
    if (static_cast<std::int64_t>(bytes->size()) != size || sha256_hex(*bytes) != digest) return damaged_body(digest);
    return bytes;
}

namespace {

/// What is kept under a digest.
struct Kept {
    bool known = false;
    std::optional<std::string> bytes;   ///< nothing: they are dropped or damaged
    std::optional<std::int64_t> place;  ///< in the file
};

/// The error is the store's, never the body's.
Result<Kept> find_kept(Connection& store, BodyFile& file, std::string_view digest) {
    Kept out;
    std::optional<Error> failed;
    auto done = store.query(body_row, {digest}, [&](const Row& row) {
        out.known = true;
        if (!row.is_null(3)) out.place = row.number(3);
        auto bytes = body_of(row, file);
        if (bytes)
            out.bytes = *std::move(bytes);
        else if (!is_damage(bytes.error()))
            failed = bytes.error();
        return false;
    });
    if (!done) return done.error();
    if (failed) return *failed;
    return out;
}

}  // namespace

Result<void> keep_bytes(Connection& store, BodyFile& file, std::string_view digest, std::string_view bytes,
                        std::int64_t at_ms) {
    const auto kept = find_kept(store, file, digest);
    if (!kept) return kept.error();
    if (kept->bytes == bytes) return {};
    // The bytes that were kept under this name are dropped or damaged; these are good. To lean on
    // the old ones would acknowledge what cannot be given back.
    if (kept->known) {
        auto done = store.run("UPDATE body SET bytes = NULL, place = NULL WHERE digest = ?1", {digest});
        if (!done) return done;
    }
    Value inside = Blob{bytes}, outside = nullptr;
    if (bytes.size() > row_body_bytes_max) {
        const auto place = file.add(bytes);
        if (!place) return place.error();
        inside = nullptr;
        outside = *place;
    }
    if (kept->known) {
        return store.run("UPDATE body SET bytes = ?2, place = ?3, dropped_ms = NULL WHERE digest = ?1",
                         {digest, inside, outside});
    }
    return store.run("INSERT INTO body(digest, size, at_ms, bytes, place) VALUES(?1, ?2, ?3, ?4, ?5)",
                     {digest, static_cast<std::int64_t>(bytes.size()), at_ms, inside, outside});
}

Result<void> drop_bytes(Connection& store, BodyFile& file, std::string_view digest, std::int64_t at_ms) {
    const auto kept = find_kept(store, file, digest);
    if (!kept) return kept.error();
    // A place that does not hold what the digest names may be another body's.
    if (kept->place && kept->bytes) {
        const auto size = static_cast<std::int64_t>(kept->bytes->size());
        if (auto done = store.run("INSERT INTO hole(place, size) VALUES(?1, ?2)", {*kept->place, size}); !done)
            return done;
    }
    return store.run("UPDATE body SET bytes = NULL, place = NULL, dropped_ms = ?2 WHERE digest = ?1", {digest, at_ms});
}

Result<void> clear_holes(Connection& store, BodyFile& file) {
    std::vector<std::pair<std::int64_t, std::int64_t>> holes;
    auto done = store.query("SELECT place, size FROM hole", {}, [&](const Row& row) {
        holes.emplace_back(row.number(0), row.number(1));
        return true;
    });
    if (!done || holes.empty()) return done;
    const auto guard = file.try_clearing();
    if (!guard) return {};
    for (const auto& [place, size] : holes) {
        if (auto cleared = file.clear(place, size); !cleared) return cleared;
    }
    if (auto forgotten = store.run("DELETE FROM hole"); !forgotten) return forgotten;
    return find_end(store, file);
}

Result<void> find_end(Connection& store, BodyFile& file) {
    const auto end = store.number("SELECT place + size FROM body WHERE place IS NOT NULL ORDER BY place DESC LIMIT 1");
    if (!end) return end.error();
    const auto hole_end = store.number("SELECT max(place + size) FROM hole");
    if (!hole_end) return hole_end.error();
    const auto size = file.size();
    if (!size) return size.error();
    if (*size < *end)
        return Error{codes::bodies_missing, fmt::format("{} bytes, of {} that the rows name", *size, *end)};
    file.back_to(std::max(*end, *hole_end));
    if (file.is_bounded()) {
        const auto held = store.number("SELECT sum(size) FROM body WHERE place IS NOT NULL");
        if (!held) return held.error();
        file.set_held(static_cast<std::uint64_t>(*held));
    }
    return file.cut();
}

}  // namespace hansa::journal
