#include "core/plugin/library.h"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <boost/dll/shared_library.hpp>
#include <cstdint>
#include <fstream>

#include "core/plugin/codes.h"
#include "core/plugin/sdk/hansa_plugin.h"

namespace hansa::plugin {
namespace {

namespace dll = boost::dll;

Error fault(Code code, std::string detail, const std::filesystem::path& file) {
    return Error{code, std::move(detail), Place{.file = file.string()}};
}

/// Are all bytes there that the program headers promise? dlopen maps what they say, and the process
/// ends by SIGBUS when it touches a page that a truncated file does not have.
Result<void> check_segments(std::ifstream& bytes, std::uint64_t size, const std::filesystem::path& file) {
    constexpr unsigned segments_max = 64;
    Elf64_Ehdr head{};
    if (!bytes.read(reinterpret_cast<char*>(&head), sizeof head))
        return fault(codes::not_a_library, "its ELF header is cut", file);
    const bool ours =
        head.e_ident[EI_CLASS] == ELFCLASS64 && head.e_type == ET_DYN && head.e_phentsize == sizeof(Elf64_Phdr);
    if (!ours || head.e_phnum > segments_max)
        return fault(codes::not_a_library, "it is no 64-bit shared library", file);
    for (unsigned number = 0; number != head.e_phnum; ++number) {
        Elf64_Phdr segment{};
        bytes.seekg(static_cast<std::streamoff>(head.e_phoff + number * sizeof segment));
        if (!bytes.read(reinterpret_cast<char*>(&segment), sizeof segment))
            return fault(codes::not_a_library, "its program headers are cut", file);
        if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) {
            return fault(codes::not_a_library,
                         fmt::format("it is cut: {} bytes of {}", size, segment.p_offset + segment.p_filesz), file);
        }
    }
    return {};
}

/// dlopen's own words for a missing or foreign file are lost or wrong, so these are asked first.
Result<void> check_file(const std::filesystem::path& file) {
    std::error_code none;
    if (!std::filesystem::exists(file, none)) return fault(codes::file_missing, {}, file);
    if (!std::filesystem::is_regular_file(file, none)) return fault(codes::not_a_library, "it is no plain file", file);
    std::ifstream bytes(file, std::ios::binary);
    char magic[SELFMAG] = {};
    bytes.read(magic, sizeof magic);
    if (std::string_view(magic, sizeof magic) != ELFMAG)
        return fault(codes::not_a_library, "it does not begin as an ELF file does", file);
    bytes.seekg(0);
    return check_segments(bytes, std::filesystem::file_size(file, none), file);
}

struct Range {
    std::uintptr_t from, size;
    bool found;
};

/// Set found when the range lies within one readable segment of one loaded library.
int look_into(dl_phdr_info* library, std::size_t, void* argument) {
    auto& range = *static_cast<Range*>(argument);
    for (int number = 0; number != library->dlpi_phnum; ++number) {
        const auto& segment = library->dlpi_phdr[number];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_R) == 0) continue;
        const std::uintptr_t begin = library->dlpi_addr + segment.p_vaddr;
        if (range.from < begin || range.from - begin > segment.p_filesz) continue;
        if (range.size <= segment.p_filesz - (range.from - begin)) range.found = true;
    }
    return range.found ? 1 : 0;
}

Result<std::string> copy_data(const dll::shared_library& library, const std::filesystem::path& file) {
    for (const char* symbol : {"hansa_plugin_abi", "hansa_plugin_data", "hansa_plugin_size"}) {
        if (!library.has(symbol)) return fault(codes::symbol_missing, symbol, file);
    }
    const std::uint32_t abi = library.get<const std::uint32_t>("hansa_plugin_abi");
    if (abi != HANSA_PLUGIN_ABI)
        return fault(codes::abi_version, fmt::format("{}, this one loads {}", abi, HANSA_PLUGIN_ABI), file);
    const unsigned char* data = library.get<const unsigned char* const>("hansa_plugin_data");
    const std::uint64_t size = library.get<const std::uint64_t>("hansa_plugin_size");
    if (size > HANSA_PLUGIN_BYTES_MAX) return fault(codes::data_outside, fmt::format("{} bytes", size), file);
    Range range{reinterpret_cast<std::uintptr_t>(data), size, false};
    dl_iterate_phdr(look_into, &range);
    if (!range.found)
        return fault(codes::data_outside, fmt::format("{} bytes from a place that the library does not hold", size),
                     file);
    return std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace

Result<std::string> library_data(const std::filesystem::path& file) {
    if (auto good = check_file(file); !good) return good.error();
    try {
        std::error_code refused;
        const dll::shared_library library(std::filesystem::absolute(file), refused,
                                          dll::load_mode::rtld_now | dll::load_mode::rtld_local);
        if (refused) return fault(codes::not_a_library, refused.message(), file);
        return copy_data(library, file);
    } catch (const std::exception& thrown) {  // Boost.DLL throws from get()
        return fault(codes::not_a_library, thrown.what(), file);
    }
}

}  // namespace hansa::plugin
