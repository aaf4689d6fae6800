#include "core/trust/container.h"

#include <zip.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>

#include "core/trust/codes.h"
#include "core/trust/names.h"

namespace hansa::trust {
namespace {

// APPNOTE 4.3.7, 4.3.12, 4.3.16: signatures and the sizes of the fixed parts.
constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::size_t local_size = 30, central_size = 46, end_size = 22;
constexpr unsigned flag_encrypted = 1u, flag_descriptor = 8u, flag_utf8 = 0x800u;
constexpr std::uint32_t in_zip64 = 0xFFFFFFFFu;
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t ratio_counts_from = 64u << 10;
constexpr zip_uint32_t deflate_level = 1;  // libzip's own is 9: twenty times the time of a signature
constexpr unsigned unix_link = 0120000u, unix_kind = 0170000u;

Error malformed(std::string_view what) {
    return {codes::container_malformed, std::string(what)};
}

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// One row of the central directory.
struct Entry {
    std::string name;
    unsigned flags = 0, method = 0;
    std::uint32_t checksum = 0, packed = 0, unpacked = 0, offset = 0, external = 0;
    bool is_folder() const { return name.ends_with('/'); }
};

bool is_sane_utf8_or_ascii(std::string_view name, bool utf8) {
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) return false;
    }
    return true;
}

/// Relative, plain segments only: safe even for a reader who does make paths of names.
bool is_safe_name(std::string_view name, bool utf8) {
    if (name.empty() || name.size() > name_bytes_max || !is_sane_utf8_or_ascii(name, utf8)) return false;
    if (name.find_first_of("\\:*?\"<>|") != std::string_view::npos) return false;
    if (name.ends_with('/')) name.remove_suffix(1);
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        const std::string_view segment = name.substr(start, end - start);
        if (segment.empty() || segment == "." || segment == "..") return false;
        start = end + 1;
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

// --- the directory, before anything is unpacked --------------------------------------------------

Result<Entry> read_entry(std::string_view bytes, std::size_t& at, std::size_t end) {
    if (end - at < central_size || number(bytes, at, 4) != central_signature) return malformed("directory entry");
    Entry entry;
    const unsigned made_by = number(bytes, at + 4, 2) >> 8;
    entry.flags = number(bytes, at + 8, 2);
    entry.method = number(bytes, at + 10, 2);
    entry.checksum = number(bytes, at + 16, 4);
    entry.packed = number(bytes, at + 20, 4);
    entry.unpacked = number(bytes, at + 24, 4);
    const std::size_t name_size = number(bytes, at + 28, 2);
    const std::size_t rest = number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
    entry.external = number(bytes, at + 38, 4);
    entry.offset = number(bytes, at + 42, 4);
    if (end - at - central_size < name_size + rest) return malformed("directory entry");
    entry.name = bytes.substr(at + central_size, name_size);
    at += central_size + name_size + rest;
    if (!is_safe_name(entry.name, (entry.flags & flag_utf8) != 0)) {
        return Error{codes::container_name, "a file name that is not relative and plain"};
    }
    constexpr unsigned made_by_unix = 3;
    if (made_by == made_by_unix && (entry.external >> 16 & unix_kind) == unix_link) {
        return Error{codes::container_name, entry.name + " is a link"};
    }
    return entry;
}

Result<void> check_sizes(const Entry& entry, const VerifyLimits& limits) {
    if ((entry.flags & flag_encrypted) != 0) return malformed(entry.name + " is encrypted");
    if (entry.method != ZIP_CM_STORE && entry.method != ZIP_CM_DEFLATE) return malformed(entry.name + ": method");
    if (entry.packed == in_zip64 || entry.unpacked == in_zip64 || entry.offset == in_zip64) {
        return malformed(entry.name + " needs ZIP64");
    }
    if (entry.method == ZIP_CM_STORE && entry.packed != entry.unpacked) return malformed(entry.name + ": sizes");
    if (entry.is_folder() && entry.unpacked != 0) return malformed(entry.name + ": a folder with content");
    const std::uint64_t allowed = std::uint64_t{std::max<std::uint32_t>(entry.packed, 1)} * limits.container_ratio_max;
    if (entry.unpacked > ratio_counts_from && entry.unpacked > allowed) {
        return Error{codes::container_limit, entry.name + " unpacks to more than " +
                                                 std::to_string(limits.container_ratio_max) + " times its size"};
    }
    return {};
}

/// Where the entry ends: its local header must tell the same story as the directory.
Result<std::uint64_t> end_of_entry(std::string_view bytes, const Entry& entry, std::size_t directory) {
    const std::size_t at = entry.offset;
    if (at > directory || directory - at < local_size || number(bytes, at, 4) != local_signature) {
        return malformed(entry.name + ": local header");
    }
    const bool described = (entry.flags & flag_descriptor) != 0;
    const std::size_t name_size = number(bytes, at + 26, 2), extra_size = number(bytes, at + 28, 2);
    const bool same_sizes = number(bytes, at + 14, 4) == entry.checksum && number(bytes, at + 18, 4) == entry.packed &&
                            number(bytes, at + 22, 4) == entry.unpacked;
    if (directory - at - local_size < name_size + extra_size ||
        bytes.substr(at + local_size, name_size) != entry.name || number(bytes, at + 6, 2) != entry.flags ||
        number(bytes, at + 8, 2) != entry.method || (!described && !same_sizes)) {
        return malformed(entry.name + ": the two headers differ");
    }
    const std::uint64_t data = at + local_size + name_size + extra_size;
    if (data + entry.packed > directory) return malformed(entry.name + ": data beyond the directory");
    return data + entry.packed;
}

/// Entries fill the file from its first byte to the directory, one behind the other: no overlap, no
/// hidden bytes. Behind an entry with flag 8 its data descriptor stands (12 or 16 bytes).
Result<void> check_layout(std::string_view bytes, std::vector<Entry> entries, std::size_t directory) {
    std::ranges::sort(entries, {}, &Entry::offset);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].offset != expected) return malformed(entries[i].name + ": entries overlap or leave a gap");
        auto end = end_of_entry(bytes, entries[i], directory);
        if (!end) return end.error();
        expected = i + 1 < entries.size() ? entries[i + 1].offset : directory;
        const std::uint64_t gap = expected - *end;
        const bool described = (entries[i].flags & flag_descriptor) != 0;
        if (expected < *end || (described ? gap != 12 && gap != 16 : gap != 0)) {
            return malformed(entries[i].name + ": entries overlap or leave a gap");
        }
    }
    if (expected != directory) return malformed("bytes between entries and directory");
    return {};
}

/// All entries in directory order, when every limit and every rule of form holds.
Result<std::vector<Entry>> read_directory(std::string_view bytes, const VerifyLimits& limits) {
    if (bytes.size() < end_size || number(bytes, bytes.size() - end_size, 4) != end_signature) {
        return malformed("no end record as the last 22 bytes");
    }
    const std::size_t end = bytes.size() - end_size;
    const std::size_t count = number(bytes, end + 10, 2), size = number(bytes, end + 12, 4);
    const std::size_t start = number(bytes, end + 16, 4);
    if (number(bytes, end + 4, 4) != 0 || number(bytes, end + 8, 2) != count || number(bytes, end + 20, 2) != 0 ||
        start > end || size != end - start) {
        return malformed("end record");
    }
    if (count > limits.container_entries_max) {
        return Error{codes::container_limit, "more than " + std::to_string(limits.container_entries_max) + " files"};
    }
    std::vector<Entry> entries;
    std::set<std::string> seen;
    std::uint64_t total = 0;
    for (std::size_t at = start; entries.size() < count;) {
        auto entry = read_entry(bytes, at, end);
        if (!entry) return entry.error();
        if (auto sizes = check_sizes(*entry, limits); !sizes) return sizes.error();
        total += entry->unpacked;
        if (total > limits.bytes_max) {
            return Error{codes::container_limit, "more than " + std::to_string(limits.bytes_max) + " bytes unpacked"};
        }
        if (!seen.insert(lower(entry->name)).second) return Error{codes::container_name, entry->name + " stands twice"};
        entries.push_back(*std::move(entry));
        if (entries.size() == count && at != end) return malformed("bytes behind the directory");
    }
    if (auto layout = check_layout(bytes, entries, start); !layout) return layout.error();
    return entries;
}

// --- libzip ------------------------------------------------------------------------------------

struct ZipFree {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, ZipFree>;
using Source = std::unique_ptr<zip_source_t, ZipFree>;

Archive open_archive(std::string_view bytes) {
    zip_error_t trouble;
    zip_error_init(&trouble);
    Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &trouble));
    Archive archive(source ? zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, &trouble) : nullptr);
    if (archive) static_cast<void>(source.release());  // the archive owns it now
    zip_error_fini(&trouble);
    return archive;
}

/// Unpacks one entry; libzip compares the checksum at its end.
Result<std::string> unpack(zip_t& archive, std::size_t index, const Entry& entry) {
    const std::unique_ptr<zip_file_t, ZipFree> file(zip_fopen_index(&archive, index, 0));
    if (!file) return malformed(entry.name + " cannot be opened");
    std::string text(std::size_t{entry.unpacked} + 1, '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const zip_int64_t count = zip_fread(file.get(), text.data() + done, text.size() - done);
        if (count < 0) return malformed(entry.name + " cannot be unpacked");
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    if (done != entry.unpacked) return malformed(entry.name + " is not as long as it says");
    text.resize(done);
    return text;
}

bool is_mimetype_first(const std::vector<Entry>& entries) {
    return !entries.empty() && entries.front().name == names::mimetype_file && entries.front().offset == 0 &&
           entries.front().method == ZIP_CM_STORE && entries.front().unpacked == names::mimetype.size();
}

bool add_file(zip_t& archive, const std::string& name, std::string_view bytes, bool stored) {
    Source source(zip_source_buffer(&archive, bytes.data(), bytes.size(), 0));
    if (!source) return false;
    const zip_int64_t index = zip_file_add(&archive, name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (index < 0) return false;
    static_cast<void>(source.release());
    // 1980-01-01 00:00, the first moment ZIP can write: equal files give equal bytes.
    constexpr zip_uint16_t first_day = 1u << 5 | 1u;
    const auto at = static_cast<zip_uint64_t>(index);
    return zip_file_set_dostime(&archive, at, 0, first_day, 0) == 0 &&
           zip_set_file_compression(&archive, at, stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, deflate_level) == 0;
}

Result<std::string> read_back(zip_source_t& source) {
    zip_stat_t state;
    zip_stat_init(&state);
    if (zip_source_open(&source) != 0 || zip_source_stat(&source, &state) != 0)
        return malformed("libzip wrote nothing");
    std::string bytes(state.size, '\0');
    const zip_int64_t count = zip_source_read(&source, bytes.data(), bytes.size());
    zip_source_close(&source);
    if (count < 0 || static_cast<std::size_t>(count) != bytes.size()) return malformed("libzip wrote nothing");
    return bytes;
}

Result<void> check_names(const std::vector<ContainerFile>& files) {
    std::set<std::string> seen{std::string(names::mimetype_file)};
    std::uint64_t total = 0;
    const VerifyLimits limits;
    for (const ContainerFile& file : files) {
        if (!is_safe_name(file.name, true) || file.name.ends_with('/')) {
            return Error{codes::container_name, "a file name that is not relative and plain"};
        }
        if (!seen.insert(lower(file.name)).second) return Error{codes::container_name, file.name + " stands twice"};
        total += file.bytes.size();
    }
    if (files.size() + 1 > limits.container_entries_max || total > limits.bytes_max) {
        return Error{codes::container_limit, "more files or bytes than a reader accepts"};
    }
    return {};
}

}  // namespace

bool is_container(std::string_view bytes) {
    return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06");
}

Result<std::vector<ContainerFile>> read_container(std::string_view bytes, const VerifyLimits& limits) {
    auto entries = read_directory(bytes, limits);
    if (!entries) return entries.error();
    if (!is_mimetype_first(*entries)) return Error{codes::container_mimetype, "mimetype is not the first, stored file"};
    const Archive archive = open_archive(bytes);
    if (!archive || zip_get_num_entries(archive.get(), 0) != static_cast<zip_int64_t>(entries->size())) {
        return malformed("libzip does not read it");
    }
    std::vector<ContainerFile> files;
    for (std::size_t i = 0; i < entries->size(); ++i) {
        const Entry& entry = (*entries)[i];
        if (entry.is_folder()) continue;
        const char* name = zip_get_name(archive.get(), i, ZIP_FL_ENC_RAW);
        if (name == nullptr || entry.name != name) return malformed(entry.name + ": libzip reads another name");
        auto text = unpack(*archive, i, entry);
        if (!text) return text.error();
        files.push_back({entry.name, *std::move(text), {}});
    }
    if (files.front().bytes != names::mimetype) return Error{codes::container_mimetype, "another media type"};
    return files;
}

Result<std::string> write_container(const std::vector<ContainerFile>& files) {
    if (auto named = check_names(files); !named) return named.error();
    zip_error_t trouble;
    zip_error_init(&trouble);
    const Source source(zip_source_buffer_create(nullptr, 0, 0, &trouble));
    Archive archive(source ? zip_open_from_source(source.get(), ZIP_CREATE | ZIP_TRUNCATE, &trouble) : nullptr);
    zip_error_fini(&trouble);
    if (!archive) throw BrokenPromise("libzip made no archive in memory");
    zip_source_keep(source.get());  // one hold for the archive, one for reading back
    bool good = add_file(*archive, std::string(names::mimetype_file), names::mimetype, true);
    for (const ContainerFile& file : files) good = good && add_file(*archive, file.name, file.bytes, false);
    if (!good || zip_close(archive.get()) != 0) throw BrokenPromise("libzip wrote no archive in memory");
    static_cast<void>(archive.release());  // closed is freed
    return read_back(*source);
}

}  // namespace hansa::trust
