#include "core/plugin/blob.h"

#include <fmt/format.h>

#include <cstring>

#include "core/base/digest.h"
#include "core/plugin/codes.h"
#include "core/plugin/sdk/hansa_plugin.h"

namespace hansa::plugin {
namespace {

constexpr std::string_view magic = "HANSAPLG";
constexpr std::size_t digest_at = 24;
constexpr std::size_t head_bytes = 56;
constexpr std::size_t entry_bytes = 24;  // of an entry without its name

template <class Number>
void put(std::string& out, Number number) {
    for (std::size_t at = 0; at != sizeof number; ++at) out += static_cast<char>((number >> (8 * at)) & 0xff);
}

/// The caller has checked that the bytes are there.
template <class Number>
Number get(std::string_view bytes, std::size_t at) {
    Number number = 0;
    for (std::size_t place = sizeof number; place-- > 0;) {
        number = static_cast<Number>((number << 8) | static_cast<unsigned char>(bytes[at + place]));
    }
    return number;
}

/// Over all but itself.
std::string checksum(std::string_view head, std::string_view rest) {
    Digest sum(DigestAlgorithm::sha256);
    sum.write(head);
    sum.write(rest);
    return sum.finish();
}

Error malformed(std::string detail) {
    return Error{codes::blob_malformed, std::move(detail)};
}

/// Relative, with '/', no part empty or a dot: an entry's name is never a path to anywhere else.
bool name_is_plain(std::string_view name) {
    if (name.empty() || name.size() > HANSA_PLUGIN_NAME_BYTES_MAX || name.front() == '/' || name.back() == '/')
        return false;
    std::size_t from = 0;
    while (from <= name.size()) {
        const std::size_t to = std::min(name.find('/', from), name.size());
        const std::string_view part = name.substr(from, to - from);
        if (part.empty() || part == "." || part == "..") return false;
        from = to + 1;
    }
    for (const char c : name) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == '\\' || c == 0x7f) return false;
    }
    return true;
}

Result<void> check_head(std::string_view bytes) {
    if (bytes.size() < head_bytes)
        return Error{codes::blob_truncated, fmt::format("{} bytes, no whole head", bytes.size())};
    if (bytes.substr(0, magic.size()) != magic) return malformed("the data do not begin with HANSAPLG");
    const auto version = get<std::uint32_t>(bytes, 8);
    if (version != HANSA_PLUGIN_BLOB_VERSION) {
        return Error{codes::blob_version,
                     fmt::format("version {}, this one reads {}", version, HANSA_PLUGIN_BLOB_VERSION)};
    }
    const auto size = get<std::uint64_t>(bytes, 16);
    if (size > bytes.size()) return Error{codes::blob_truncated, fmt::format("{} of {} bytes", bytes.size(), size)};
    if (size != bytes.size()) return malformed(fmt::format("{} bytes after the end", bytes.size() - size));
    if (checksum(bytes.substr(0, digest_at), bytes.substr(head_bytes)) != bytes.substr(digest_at, 32)) {
        return Error{codes::blob_checksum, "the SHA-256 of the data is not the one in their head"};
    }
    return {};
}

}  // namespace

Result<std::string> write_blob(const BlobEntries& entries) {
    if (entries.size() > HANSA_PLUGIN_ENTRIES_MAX) return malformed(fmt::format("{} entries", entries.size()));
    std::size_t place = head_bytes;
    for (const auto& [name, text] : entries) {
        if (!name_is_plain(name)) return malformed(fmt::format("entry name '{}'", name));
        place += entry_bytes + name.size();
    }
    std::string table, data;
    for (const auto& [name, text] : entries) {
        put(table, static_cast<std::uint32_t>(name.size()));
        put(table, std::uint32_t{0});
        put(table, static_cast<std::uint64_t>(place + data.size()));
        put(table, static_cast<std::uint64_t>(text.size()));
        table += name;
        data += text;
    }
    const std::size_t size = place + data.size();
    if (size > HANSA_PLUGIN_BYTES_MAX) return malformed(fmt::format("{} bytes", size));
    std::string out(magic);
    put(out, std::uint32_t{HANSA_PLUGIN_BLOB_VERSION});
    put(out, static_cast<std::uint32_t>(entries.size()));
    put(out, static_cast<std::uint64_t>(size));
    table += data;
    return out + checksum(out, table) + table;
}

Result<std::map<std::string, std::string_view, std::less<>>> read_blob(std::string_view bytes) {
    if (auto head = check_head(bytes); !head) return head.error();
    const auto count = get<std::uint32_t>(bytes, 12);
    if (count > HANSA_PLUGIN_ENTRIES_MAX) return malformed(fmt::format("{} entries", count));
    std::map<std::string, std::string_view, std::less<>> out;
    std::size_t at = head_bytes;
    std::string_view before;
    for (std::uint32_t number = 0; number != count; ++number) {
        if (bytes.size() - at < entry_bytes) return malformed(fmt::format("entry {} is cut", number));
        const std::size_t name_size = get<std::uint32_t>(bytes, at);
        const auto offset = get<std::uint64_t>(bytes, at + 8);
        const auto length = get<std::uint64_t>(bytes, at + 16);
        at += entry_bytes;
        if (bytes.size() - at < name_size) return malformed(fmt::format("the name of entry {} is cut", number));
        const std::string_view name = bytes.substr(at, name_size);
        at += name_size;
        if (!name_is_plain(name)) return malformed(fmt::format("the name of entry {} is no relative path", number));
        if (number != 0 && name <= before) return malformed(fmt::format("entry '{}' is out of order", name));
        if (offset > bytes.size() || length > bytes.size() - offset)
            return malformed(fmt::format("entry '{}' lies outside", name));
        before = name;
        out.emplace(name, bytes.substr(offset, length));
    }
    for (const auto& [name, text] : out) {
        if (!text.empty() && text.data() < bytes.data() + at)
            return malformed(fmt::format("entry '{}' lies in the table", name));
    }
    return out;
}

}  // namespace hansa::plugin
