// Golden hand-overs: what a message of one agency becomes for a neighbour of the same format and other settings, with
// what got lost on the way.
//
// handover/FORMAT/NAME/ holds in.xml, from.settings and to.settings ("name = value" a line), out.xml and loss.jsonl.
// UPDATE=1 rewrites the last two; read the difference like code.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/exchange/translation.h"
#include "tests/support/corpus.h"

namespace hansa::test {
namespace {

namespace fs = std::filesystem;

mapping::Settings settings_in(const fs::path& file) {
    mapping::Settings settings;
    std::istringstream lines(slurp(file));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t equals = line.find(" = ");
        if (equals != std::string::npos) settings[line.substr(0, equals)] = line.substr(equals + 3);
    }
    return settings;
}

std::string ledger_text(const exchange::Translation& done) {
    std::string text;
    const auto json = nlohmann::json::parse(done.ledger.json(done.from->id, done.to->id));
    for (const auto& entry : json.at("entries")) {
        nlohmann::ordered_json line;
        for (const char* key : {"kind", "path", "value", "reason"}) line[key] = entry.value(key, "");
        text += line.dump() + "\n";
    }
    return text;
}

void expect_file(const fs::path& file, const std::string& given) {
    if (std::getenv("UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << given;
    ASSERT_TRUE(fs::exists(file)) << file;
    EXPECT_EQ(slurp(file), given) << file;
}

TEST(Handover, NeighboursOfOneFormatWithTheirOwnSettings) {
    Diagnostics faults;
    const auto registry = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
    std::size_t count = 0;
    for (const fs::directory_entry& format : fs::directory_iterator(source_dir() / "tests/golden/handover")) {
        for (const fs::directory_entry& example : fs::directory_iterator(format.path())) {
            SCOPED_TRACE(example.path().string());
            const std::string bytes = slurp(example.path() / "in.xml");
            exchange::TranslateRequest request;
            request.bytes = bytes;
            request.to = format.path().filename().string();
            request.source.settings = settings_in(example.path() / "from.settings");
            request.target.settings = settings_in(example.path() / "to.settings");
            Diagnostics found;
            const auto done = exchange::translate(*registry, request, found);
            ASSERT_TRUE(done) << done.error().text();
            EXPECT_EQ(done->from->id, request.to);
            ASSERT_EQ(done->messages.size(), 1u);
            expect_file(example.path() / "out.xml", done->messages.front().bytes);
            expect_file(example.path() / "loss.jsonl", ledger_text(*done));
            ++count;
        }
    }
    EXPECT_GT(count, 0u);
}

}  // namespace
}  // namespace hansa::test
