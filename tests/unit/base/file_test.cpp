#include "core/base/file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/codes.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-file-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    fs::path folder_;
};

TEST_F(File, IsReplacedWholeAndLeavesNothingBeside) {
    const fs::path path = folder_ / "a.xml";
    ASSERT_TRUE(write_file_atomically(path, "one"));
    ASSERT_TRUE(write_file_atomically(path, "two"));
    EXPECT_EQ(read_file(path).value(), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(File, ThatIsMissingOrTooLargeIsAnError) {
    EXPECT_EQ(read_file(folder_ / "none").error().code, base::codes::file_unreadable);
    ASSERT_TRUE(write_file_atomically(folder_ / "b", "12345"));
    EXPECT_EQ(read_file(folder_ / "b", 4).error().code, base::codes::too_large);
    EXPECT_EQ(read_file(folder_ / "b", 5).value(), "12345");
}

TEST_F(File, InAFolderThatIsNotThereCannotBeWritten) {
    EXPECT_EQ(write_file_atomically(folder_ / "none/a", "x").error().code, base::codes::file_unwritable);
}

}  // namespace
}  // namespace hansa
