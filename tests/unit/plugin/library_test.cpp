// A library is a plugin, or a clear error; nothing of it stays in the process.
#include "core/plugin/library.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/file.h"
#include "core/plugin/blob.h"
#include "core/plugin/codes.h"
#include "core/plugin/tables.h"
#include "tests/unit/plugin/places.h"

namespace hansa::plugin {
namespace {

std::string output_of(const std::string& command) {
    std::string out;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return out;
    std::array<char, 4096> piece{};
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) out.append(piece.data(), got);
    ::pclose(pipe);
    return out;
}

/// Dynamic symbols of the good library: name to address, which is also the place in the file (its
/// first segment begins with the file).
std::map<std::string, std::size_t> symbols(std::string* types = nullptr) {
    std::istringstream lines(output_of("nm -D --defined-only '" + xx_library().string() + "'"));
    std::map<std::string, std::size_t> out;
    std::string address, type, name;
    while (lines >> address >> type >> name) {
        out[name] = std::stoul(address, nullptr, 16);
        if (types != nullptr) *types += type;
    }
    return out;
}

std::string good() {
    return test::slurp(xx_library());
}

/// Overwrites a number in the library's bytes.
template <class Number>
std::string patched(std::string bytes, std::size_t at, Number number) {
    for (std::size_t place = 0; place != sizeof number; ++place)
        bytes[at + place] = static_cast<char>((number >> (8 * place)) & 0xff);
    return bytes;
}

Error error_of(const std::string& bytes) {
    const Folder folder;
    const auto tables = open_library(folder.write("broken.so", bytes));
    EXPECT_FALSE(tables);
    if (tables) return {};
    EXPECT_NE(tables.error().place.file.find("broken.so"), std::string::npos);
    return tables.error();
}

TEST(Library, ExportsExactlyThreeSymbolsNoneUnique) {
    std::string types;
    const auto found = symbols(&types);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_TRUE(found.contains("hansa_plugin_abi"));
    EXPECT_TRUE(found.contains("hansa_plugin_data"));
    EXPECT_TRUE(found.contains("hansa_plugin_size"));
    EXPECT_EQ(types.find('u'), std::string::npos) << types;
    EXPECT_EQ(output_of("nm --defined-only '" + xx_library().string() + "'").find(" u "), std::string::npos);
}

TEST(Library, NeedsNoOtherLibraryAndRunsNothing) {
    const std::string dynamic = output_of("readelf -dW '" + xx_library().string() + "'");
    ASSERT_NE(dynamic.find("SYMTAB"), std::string::npos);
    for (const char* word : {"NEEDED", "INIT", "FINI"}) EXPECT_EQ(dynamic.find(word), std::string::npos) << word;
}

TEST(Library, GivesTheTables) {
    const auto tables = open_library(xx_library());
    ASSERT_TRUE(tables) << tables.error().text();
    EXPECT_TRUE((*tables)->compiled());
    for (const char* name : {"plugin.toml", "README.md", "mappings/declaration.map", "codes/direction.codes"}) {
        const auto text = (*tables)->read(name);
        ASSERT_TRUE(text) << name;
        EXPECT_EQ(*text, test::slurp(xx_folder() / name)) << name;
    }
    EXPECT_TRUE((*tables)->has("schemas/xx/declaration.xsd"));
    EXPECT_TRUE((*tables)->has("grammars/xx.declaration"));
    const auto missing = (*tables)->read("mappings/other.map");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, codes::table_missing);
}

TEST(Library, IsClosedAgainAndMayBeReplaced) {
    const Folder folder;
    const auto file = folder.write("again.so", good());
    const auto first = library_data(file);
    ASSERT_TRUE(first) << first.error().text();
    const auto maps = read_file("/proc/self/maps");
    ASSERT_TRUE(maps);
    EXPECT_EQ(maps->find("again.so"), std::string::npos);
    // Overwritten in place, the same inode: what dlopen would answer from its memory if it were open.
    const std::size_t at = good().find("HANSAPLG");
    folder.write("again.so", patched(good(), at + 200, std::uint8_t{0x55}));
    const auto second = library_data(file);
    ASSERT_TRUE(second);
    EXPECT_NE(*first, *second);
}

TEST(Library, MissingFileIsNamed) {
    const auto data = library_data("/nowhere/at-all.so");
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, codes::file_missing);
    EXPECT_EQ(data.error().text(),
              "/nowhere/at-all.so: plugin.file-missing: The plugin's file or folder is not there.");
}

TEST(Library, WhatIsNoLibraryIsRefused) {
    EXPECT_EQ(error_of("").code, codes::not_a_library);
    EXPECT_EQ(error_of("#!/bin/sh\n").code, codes::not_a_library);
    EXPECT_EQ(error_of("\x7f"
                       "ELF and nothing more")
                  .code,
              codes::not_a_library);
    EXPECT_EQ(error_of(patched(good(), 4, std::uint8_t{1})).code, codes::not_a_library);      // 32 bits
    EXPECT_EQ(error_of(patched(good(), 18, std::uint16_t{183})).code, codes::not_a_library);  // e_machine: AArch64
    const Folder folder;
    std::filesystem::create_directories(folder.path() / "folder.so");
    EXPECT_EQ(library_data(folder.path() / "folder.so").error().code, codes::not_a_library);
}

TEST(Library, NoTruncationEndsTheProcess) {
    const std::string whole = good();
    for (std::size_t size = 0; size < whole.size(); size += 97) {
        const Folder folder;
        const auto data = library_data(folder.write("cut.so", whole.substr(0, size)));
        EXPECT_TRUE(data || data.error().code == codes::not_a_library) << size;
    }
}

TEST(Library, EachMissingSymbolIsNamed) {
    for (const char* symbol : {"hansa_plugin_abi", "hansa_plugin_data", "hansa_plugin_size"}) {
        std::string other = symbol;
        other.back() = 'X';
        const Error error = error_of(replaced(good(), symbol, other));
        EXPECT_EQ(error.code, codes::symbol_missing);
        EXPECT_NE(error.text().find(symbol), std::string::npos) << error.text();
    }
}

TEST(Library, AnotherAbiIsNamed) {
    const Error error = error_of(patched(good(), symbols().at("hansa_plugin_abi"), std::uint32_t{7}));
    EXPECT_EQ(error.code, codes::abi_version);
    EXPECT_NE(error.text().find("7, this one loads 1"), std::string::npos) << error.text();
}

TEST(Library, SizeBeyondTheLibraryIsRefused) {
    const std::size_t at = symbols().at("hansa_plugin_size");
    EXPECT_EQ(error_of(patched(good(), at, std::uint64_t{100'000'000})).code, codes::data_outside);
    EXPECT_EQ(error_of(patched(good(), at, ~std::uint64_t{0})).code, codes::data_outside);
}

TEST(Library, DamagedDataAreRefused) {
    const std::size_t blob = good().find("HANSAPLG");
    const std::size_t size = symbols().at("hansa_plugin_size");
    std::uint64_t bytes = 0;
    for (std::size_t place = 8; place-- > 0;) bytes = (bytes << 8) | static_cast<unsigned char>(good()[size + place]);
    EXPECT_EQ(error_of(patched(good(), size, bytes - 1)).code, codes::blob_truncated);
    EXPECT_EQ(error_of(patched(good(), blob, std::uint8_t{'h'})).code, codes::blob_malformed);
    EXPECT_EQ(error_of(patched(good(), blob + 8, std::uint32_t{2})).code, codes::blob_version);
    EXPECT_EQ(error_of(patched(good(), blob + bytes / 2, std::uint8_t{0x7f})).code, codes::blob_checksum);
}

}  // namespace
}  // namespace hansa::plugin
