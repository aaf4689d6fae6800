// Statuses: the page is true, kinds of answers survive RES, and each list makes its own answer of every other.
#include "core/cli/status_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/exchange/translation.h"
#include "core/mapping/code_list_row.h"
#include "core/pivot/text.h"
#include "tests/support/corpus.h"

namespace hansa::cli {
namespace {

const plugin::Registry& registry() {
    static const auto loaded = [] {
        Diagnostics faults;
        const auto root = test::source_dir();
        auto out = plugin::Registry::load({.plugin_folders = {root / "plugins"}, .schema_folder = root / "schemas"}, faults);
        for (const Error& fault : faults.errors()) ADD_FAILURE() << fault.text();
        return out;
    }();
    return *loaded;
}

/// A code that a row takes; of a pattern one that it fits.
std::string sample(const StatusCode& code) {
    if (!code.pattern) return code.national;
    return code.national.find("-[0-9]") != std::string::npos ? "-301008" : "77";
}

mapping::Context context() {
    mapping::Context out;
    out.received = "2026-11-26T10:00:00Z";
    out.message_digest = std::string(64, 'a');
    return out;
}

std::string value_at(const pivot::Document& document, const std::string& path) {
    std::istringstream text(pivot::write_text(document));
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with(path + " ")) return line.substr(path.size() + 1);
    }
    return {};
}

pivot::Document answer(const std::vector<mapping::PivotValue>& values) {
    std::string text = "document response\nFunctionCode " + values.at(0).text + "\nFunctionalReferenceID A-1\nIssueDateTime 2026-11-26T10:00:00+08:00\n";
    if (values.size() > 1) text += "Status[1]/NameCode " + values[1].text + "\nStatus[1]/NameCode/@listID " + values[1].list + "\n";
    return pivot::read_text(text + "Declaration/FunctionalReferenceID Q-1\nDeclaration/ID 2026-1\n").value().at(0);
}

TEST(StatusPage, IsWhatTheTablesSay) {
    const auto path = test::source_dir() / "docs/statuses.md";
    const std::string made = status_page(registry());
    if (std::getenv("UPDATE") != nullptr) std::ofstream(path, std::ios::binary) << made;
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_TRUE(made == text.str()) << "docs/statuses.md is not what `hansa statuses --markdown` prints; UPDATE=1 writes it";
}

TEST(Statuses, OfEveryAnswerFormatAreKnown) {
    std::set<std::string> known;
    for (const StatusList& list : status_lists(registry())) known.insert(list.formats.begin(), list.formats.end());
    for (const plugin::Format& format : registry().formats()) {
        if (format.kind != pivot::Kind::response || format.id == "wco.response") continue;
        EXPECT_TRUE(known.contains(format.id)) << format.id << " says nothing of what kind its answers are";
    }
    for (const StatusList& list : status_lists(registry())) {
        for (const StatusCode& code : list.codes) EXPECT_FALSE(status_function_name(code.function).empty()) << list.id << " " << code.national << ": " << code.function;
    }
}

TEST(Statuses, AreTheSameWhenTheyComeBackFromRes) {
    const auto format = registry().find("wco.response");
    ASSERT_NE(format, nullptr);
    std::size_t count = 0;
    for (const StatusList& list : status_lists(registry())) {
        for (const StatusCode& code : list.codes) {
            const auto values = list.list == nullptr ? Result<std::vector<mapping::PivotValue>>(std::vector<mapping::PivotValue>{{code.function, {}, 0}})
                                                     : list.list->to_standard(sample(code));
            ASSERT_TRUE(values) << list.id << " " << code.national << ": " << values.error().text();
            EXPECT_EQ(values->at(0).text, code.function);
            const pivot::Document document = answer(*values);
            Diagnostics faults;
            const auto written = exchange::write_message(registry(), *format, {&document, 1}, context(), faults);
            ASSERT_TRUE(written) << list.id << " " << code.national << ": " << written.error().text();
            const std::string& bytes = written->messages.at(0).bytes;
            const auto read = exchange::read_message(registry(), {*format, bytes, bytes, context()}, faults);
            ASSERT_TRUE(read) << read.error().text();
            EXPECT_EQ(value_at(read->documents.at(0), "FunctionCode"), code.function) << list.id << " " << code.national;
            ++count;
        }
    }
    EXPECT_GT(count, 60U);
}

/// What an answer becomes in a list is of the same kind; where nothing is made of it, the list has no such kind that can be written.
TEST(Statuses, BecomeTheSendersOwnOfTheSameKind) {
    const auto lists = status_lists(registry());
    for (const StatusList& from : lists) {
        for (const StatusCode& code : from.codes) {
            for (const StatusList& to : lists) {
                if (to.list == nullptr || to.id == from.id) continue;
                const auto found = to.code_for(code);
                if (found) {
                    const auto back = to.list->to_standard(*found);
                    ASSERT_TRUE(back) << to.id << " " << *found;
                    EXPECT_EQ(back->at(0).text, code.function) << from.id << " " << code.national << " as " << to.id << " " << *found;
                    continue;
                }
                for (const StatusCode& own : to.codes)
                    EXPECT_TRUE(own.function != code.function || own.pattern) << from.id << " " << code.national << ": " << to.id << " has " << own.national << ", and none is marked for others";
            }
        }
    }
}

}  // namespace
}  // namespace hansa::cli
