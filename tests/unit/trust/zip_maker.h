// Writes ZIP files as no honest program would: for showing that the reader refuses them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hansa::test {

/// One entry; what is set by hand differs from the truth on purpose.
struct ZipEntry {
    std::string name;
    std::string data = {};  ///< as it lies in the file (already packed when method is not 0)
    unsigned method = 0;
    unsigned flags = 0;
    std::optional<std::uint32_t> unpacked = {};
    std::optional<std::string> local_name = {};
    std::optional<std::uint32_t> offset = {};  ///< in the directory; no local entry is written then
    std::uint32_t external = 0;
    std::optional<std::uint32_t> checksum = {};
};

class ZipMaker {
public:
    static std::string make(const std::vector<ZipEntry>& entries, const std::string& gap = {},
                            const std::string& comment = {}) {
        ZipMaker maker;
        for (const ZipEntry& entry : entries) maker.add(entry);
        maker.out_ += gap;
        const std::size_t start = maker.out_.size();
        maker.out_ += maker.directory_;
        const auto count = static_cast<std::uint32_t>(entries.size());
        maker.put(maker.out_, 0x06054b50, 4);
        maker.put(maker.out_, 0, 4);
        maker.put(maker.out_, count, 2);
        maker.put(maker.out_, count, 2);
        maker.put(maker.out_, static_cast<std::uint32_t>(maker.directory_.size()), 4);
        maker.put(maker.out_, static_cast<std::uint32_t>(start), 4);
        maker.put(maker.out_, static_cast<std::uint32_t>(comment.size()), 2);
        return maker.out_ + comment;
    }

    static ZipEntry mimetype() { return {"mimetype", "application/vnd.etsi.asic-e+zip"}; }

private:
    static void put(std::string& out, std::uint32_t value, int size) {
        for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    }

    static std::uint32_t crc(const ZipEntry& entry) {
        if (entry.checksum) return *entry.checksum;
        std::uint32_t value = 0xFFFFFFFFu;
        for (const char c : entry.data) {
            value ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (0xEDB88320u & (0u - (value & 1u)));
        }
        return ~value;
    }

    static void common(std::string& out, const ZipEntry& entry, std::size_t name_size) {
        put(out, entry.flags, 2);
        put(out, entry.method, 2);
        put(out, 0, 2);
        put(out, 33, 2);
        put(out, crc(entry), 4);
        const auto size = static_cast<std::uint32_t>(entry.data.size());
        put(out, size, 4);
        put(out, entry.unpacked.value_or(size), 4);
        put(out, static_cast<std::uint32_t>(name_size), 2);
        put(out, 0, 2);
    }

    void add(const ZipEntry& entry) {
        const auto offset = entry.offset.value_or(static_cast<std::uint32_t>(out_.size()));
        if (!entry.offset) {
            const std::string name = entry.local_name.value_or(entry.name);
            put(out_, 0x04034b50, 4);
            put(out_, 20, 2);
            common(out_, entry, name.size());
            out_ += name + entry.data;
        }
        put(directory_, 0x02014b50, 4);
        put(directory_, 3u << 8 | 20, 2);  // made by Unix
        put(directory_, 20, 2);
        common(directory_, entry, entry.name.size());
        put(directory_, 0, 6 - 2);  // comment size, disk
        put(directory_, 0, 2);
        put(directory_, entry.external, 4);
        put(directory_, offset, 4);
        directory_ += entry.name;
    }

    std::string out_, directory_;
};

}  // namespace hansa::test
