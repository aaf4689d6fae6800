#include "core/journal/store_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace hansa::journal {

Result<std::int64_t> begin_store(Connection& connection, const StoreFile& file) {
    if (file.page_bytes != 0) {
        if (auto done = connection.script(fmt::format("PRAGMA page_size={};", file.page_bytes)); !done) return done.error();
    }
    if (!file.read_only) {
        if (const auto mode = connection.text("PRAGMA journal_mode=WAL"); !mode) return mode.error();
    }
    std::string settings = "PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF;";
    if (file.memory_bytes != 0) settings += fmt::format("PRAGMA cache_size=-{};", file.memory_bytes / 1024);
    if (file.log_bytes_max != 0) {
        // Files that were made with pages of another size keep them.
        const auto page = connection.number("PRAGMA page_size");
        if (!page) return page.error();
        settings += fmt::format("PRAGMA wal_autocheckpoint={}; PRAGMA journal_size_limit={};", file.log_bytes_max / std::max<std::int64_t>(*page, 512), file.log_bytes_max);
    }
    if (auto done = connection.script(settings); !done) return done.error();
    const auto version = connection.number("PRAGMA user_version");
    if (!version) return version.error();
    const bool fresh = *version == 0 && !file.read_only;
    const bool known = *version == file.version || (file.oldest != 0 && *version >= file.oldest && *version < file.version);
    if (!fresh && !known) return Error{file.wrong_version, fmt::format("{}, not {}", *version, file.version)};
    return *version;
}

Result<void> make_key(Connection& connection, std::string_view name) {
    const DigestKey fresh = random_digest_key();
    const std::string_view bytes(reinterpret_cast<const char*>(fresh.data()), fresh.size());
    return connection.run("INSERT INTO meta VALUES(?, ?)", {name, Blob{bytes}});
}

Result<DigestKey> read_key(Connection& connection, std::string_view name, Code missing) {
    const auto bytes = connection.text("SELECT value FROM meta WHERE name=?", {name});
    if (!bytes) return bytes.error();
    DigestKey key{};
    if (bytes->size() != key.size()) return Error{missing, fmt::format("it has no {}", name)};
    std::ranges::copy(*bytes, key.begin());
    return key;
}

}  // namespace hansa::journal
