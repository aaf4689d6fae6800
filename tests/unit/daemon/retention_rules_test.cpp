// [retention] of a gateway's configuration: what it means, and what is a fault with file and line.
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/daemon/configuration.h"

namespace hansa::daemon {
namespace {

namespace fs = std::filesystem;

class RetentionRules : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-retention-" + random_uuid());
        fs::create_directories(folder_ / "agencies");
        fs::create_directories(folder_ / "routes");
        ASSERT_TRUE(write_file_atomically(folder_ / "agencies/north.toml", "id = \"north\"\nauthority = \"xa\"\n"));
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// Lines after the four that every configuration here begins with.
    Result<Configuration> read(const std::string& lines, Diagnostics& faults) {
        const fs::path file = folder_ / "hansa.toml";
        EXPECT_TRUE(write_file_atomically(file, "journal = \"journal.db\"\n[server]\nlisten = \"127.0.0.1:0\"\ntls = false\n" + lines));
        return read_configuration(file, Installation::find(), faults);
    }
    std::string fault(const std::string& lines) {
        Diagnostics faults;
        const auto done = read(lines, faults);
        return done ? std::string() : faults.errors().front().text();
    }

    fs::path folder_;
};

TEST_F(RetentionRules, AreReadAsTheyStand) {
    Diagnostics faults;
    const auto none = read("", faults);
    ASSERT_TRUE(none) << none.error().text();
    EXPECT_TRUE(none->retention.rules.empty()) << "nothing is dropped unless somebody says so";
    const auto some = read("[retention]\nevery-s = 60\n[[retention.rule]]\nkinds = [\"pivot\", \"ledger\"]\nstates = [\"answered\"]\nagency = \"north\"\nafter-days = 30\n", faults);
    ASSERT_TRUE(some) << some.error().text();
    const exchange::RetentionRule rule{{journal::BodyKind::pivot, journal::BodyKind::ledger}, {journal::State::answered}, "north", 30};
    ASSERT_EQ(some->retention.rules.size(), 1U);
    EXPECT_TRUE(some->retention.rules[0] == rule);
    EXPECT_EQ(some->retention.every_s, 60U);
}

TEST_F(RetentionRules, FaultsNameFileAndLine) {
    const std::string rule = "[[retention.rule]]\n";
    for (const auto& [lines, wanted] : {
             std::pair{rule + "states = [\"queued\"]\nafter-days = 1\n", ":6:"},
             std::pair{rule + "states = [\"answerd\"]\nafter-days = 1\n", "answered"},
             std::pair{rule + "states = [\"refused\"]\nkinds = [\"recieved\"]\nafter-days = 1\n", ":7:"},
             std::pair{rule + "states = [\"refused\"]\nkinds = []\nafter-days = 1\n", "'kinds' is empty"},
             std::pair{rule + "after-days = 1\n", "'states' is missing"},
             std::pair{rule + "states = [\"refused\"]\n", "'after-days' is missing"},
         }) {
        const std::string text = fault(lines);
        EXPECT_NE(text.find("hansa.toml:"), std::string::npos) << text;
        EXPECT_NE(text.find("daemon.retention-unfit"), std::string::npos) << text;
        EXPECT_NE(text.find(wanted), std::string::npos) << text;
    }
    EXPECT_NE(fault(rule + "states = [\"refused\"]\nafter-days = -1\n").find("base.toml-value-wrong"), std::string::npos);
    EXPECT_NE(fault(rule + "state = [\"refused\"]\nafter-days = 1\n").find("base.toml-key-unknown"), std::string::npos);
    const std::string unknown = fault(rule + "states = [\"refused\"]\nafter-days = 1\nagency = \"nort\"\n");
    EXPECT_NE(unknown.find("daemon.agency-unknown"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("north"), std::string::npos) << unknown;
}

}  // namespace
}  // namespace hansa::daemon
