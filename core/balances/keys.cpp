#include "core/balances/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/balances/codes.h"
#include "core/base/codes.h"
#include "core/base/file.h"

namespace hansa::balances {
namespace {

DigestKey other(DigestKey key) {
    key[0] ^= 1;
    return key;
}

Error unwritable(const std::filesystem::path& file, const char* why) {
    return Error{base::codes::file_unwritable, why, Place{.file = file.string()}};
}

/// The names in it are durable.
void sync_folder(const std::filesystem::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) return;
    static_cast<void>(::fsync(handle));
    ::close(handle);
}

}  // namespace

Keyed::Keyed(const DigestKey& key) : first_(key), second_(other(key)) {}

std::string Keyed::of(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::uint64_t half : {first_.of(texts), second_.of(texts)}) {
        for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(static_cast<unsigned char>(half >> shift));
    }
    return out;
}

std::string Keyed::fingerprint() {
    return fmt::format("{:016x}", first_.of(std::string_view("the key of a store of balances")));
}

std::filesystem::path key_path(const std::filesystem::path& store) {
    return store.string() + ".key";
}

Result<std::filesystem::path> key_path(const std::filesystem::path& store, std::string_view authority) {
    const bool plain = !authority.empty() && std::ranges::all_of(authority, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
    if (!plain) return Error{codes::key_file, fmt::format("'{}' names no file of a key", authority), Place{.file = store.string()}};
    return std::filesystem::path(store.string() + ".keys") / fmt::format("{}.key", authority);
}

Result<void> make_key_file(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.parent_path();
    if (!folder.empty() && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return unwritable(folder, std::strerror(errno));
    const DigestKey key = random_digest_key();
    const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (handle < 0 && errno == EEXIST) return {};
    if (handle < 0) return unwritable(file, std::strerror(errno));
    const bool written = ::write(handle, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(handle) == 0;
    ::close(handle);
    if (!written) {
        ::unlink(file.c_str());
        return unwritable(file, "the disk took less than the key");
    }
    sync_folder(folder.empty() ? "." : folder);
    return {};
}

Result<Keyed> read_key_file(const std::filesystem::path& file, std::string_view fingerprint) {
    DigestKey key{};
    const auto bytes = read_file(file, 1'000);
    if (!bytes || bytes->size() != key.size()) return Error{codes::key_file, bytes ? "it is no key" : bytes.error().detail, Place{.file = file.string()}};
    std::ranges::copy(*bytes, key.begin());
    Keyed out(key);
    if (!fingerprint.empty() && out.fingerprint() != fingerprint) return Error{codes::key_file, "it is another store's", Place{.file = file.string()}};
    return out;
}

}  // namespace hansa::balances
