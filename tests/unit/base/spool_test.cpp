#include "core/base/spool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/base/file_writer.h"
#include "core/base/mapped_file.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;

class Spooled : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-spool-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), {}); }
    fs::path folder_;
};

TEST_F(Spooled, BytesComeBackFromMemoryAndFile) {
    for (const std::size_t memory : {0u, 10u, 1'000u, 10'000'000u}) {
        Spool spool(memory, folder_);
        std::string all;
        for (int i = 0; i < 20'000; ++i) {
            const std::string one = std::to_string(i) + ",";
            ASSERT_TRUE(spool.append(one));
            all += one;
        }
        EXPECT_EQ(spool.size(), all.size());
        EXPECT_EQ(spool.is_filed(), memory < all.size());
        EXPECT_EQ(files(), 0) << "a file with a name is left behind when the process ends";
        const Spool moved = std::move(spool);
        std::string read;
        for (SpoolReader reader(moved); reader.left() != 0;) read += *reader.some();
        EXPECT_EQ(read, all);
        read.clear();
        std::size_t size = 0;
        for (SpoolReader reader(moved, 5, moved.size() - 3); reader.left() != 0;) {
            size = std::min<std::uint64_t>(size * 7 + 1, reader.left());
            read += *reader.take(size);
        }
        EXPECT_EQ(read, all.substr(5, all.size() - 8));
    }
}

TEST_F(Spooled, MoreThanThereIsCannotBeTaken) {
    Spool spool(2, folder_);
    ASSERT_TRUE(spool.append("12345"));
    ASSERT_TRUE(spool.append("6"));
    SpoolReader reader(spool);
    EXPECT_EQ(reader.take(7).error().code, base::codes::file_unreadable);
}

TEST_F(Spooled, NeedsAFolder) {
    Spool spool(2, folder_ / "none");
    EXPECT_TRUE(spool.append("1"));
    EXPECT_EQ(spool.append("23").error().code, base::codes::file_unwritable);
}

TEST_F(Spooled, AFileIsWrittenInPiecesOrNotAtAll) {
    {
        auto file = FileWriter::open(folder_ / "a");
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->write("one"));
        EXPECT_FALSE(fs::exists(folder_ / "a"));
    }
    EXPECT_EQ(files(), 0);
    auto file = FileWriter::open(folder_ / "a");
    ASSERT_TRUE(file);
    FileWriter moved = *std::move(file);
    ASSERT_TRUE(moved.write("one"));
    ASSERT_TRUE(moved.write("two"));
    ASSERT_TRUE(moved.commit());
    EXPECT_EQ(read_file(folder_ / "a").value(), "onetwo");
    EXPECT_EQ(files(), 1);
    EXPECT_EQ(FileWriter::open(folder_ / "none/a").error().code, base::codes::file_unwritable);
}

TEST_F(Spooled, AMappedFileIsThereAgainAfterItWasForgotten) {
    std::string all(9'000'000, 'a');
    for (std::size_t i = 0; i < all.size(); i += 1'000) all[i] = static_cast<char>('b' + i / 1'000 % 20);
    ASSERT_TRUE(write_file_atomically(folder_ / "a", all));
    auto file = MappedFile::open(folder_ / "a");
    ASSERT_TRUE(file) << file.error().text();
    EXPECT_EQ(file->bytes(), all);
    file->forget(all.size());
    EXPECT_EQ(file->bytes(), all);
    file->forget(1);
    file->forget(all.size() + 1);
    const MappedFile moved = *std::move(file);
    EXPECT_EQ(moved.bytes(), all);
}

TEST_F(Spooled, OnlyRegularFilesAreMapped) {
    EXPECT_EQ(MappedFile::open(folder_).error().code, base::codes::file_unreadable);
    EXPECT_EQ(MappedFile::open(folder_ / "none").error().code, base::codes::file_unreadable);
    ASSERT_TRUE(write_file_atomically(folder_ / "empty", ""));
    EXPECT_EQ(MappedFile::open(folder_ / "empty").value().bytes(), "");
}

}  // namespace
}  // namespace hansa
