#include "core/trace/trace_table.h"

#include <algorithm>
#include <fstream>

#include "core/plugin/registry.h"
#include "core/rules/codes.h"
#include "core/trace/codes.h"
#include "tests/unit/trace/support.h"

namespace hansa::trace::test {
namespace {

const std::string head = "trace xx\n";
const std::string row = R"(  event xx.a released
    over     response
    when     FunctionCode = "08"
    time     IssueDateTime
    join     mrn Declaration/ID
    source   "somebody"
)";
const std::string stage = R"(  stage clearance lodged released
    text     "clearance"
    source   "somebody"
)";

std::string with(std::string text, const std::string& old, const std::string& fresh) {
    const std::size_t at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), fresh);
}

struct Refused {
    std::string text;
    Code code;
    std::uint32_t line;
    std::string says;
};

TEST(TraceTable, FaultsAreToldWithTheirLine) {
    const std::vector<Refused> all{
        {"rules xx\n", codes::syntax, 1, "a file holds one table"},
        {"trace\n" + row, codes::syntax, 1, "a table has one name"},
        {head, codes::syntax, 1, "says nothing"},
        {head + "  row x y\n", codes::syntax, 2, "expected `event` or `stage`"},
        {head + with(row, "xx.a released", "xx.a"), codes::syntax, 2, "an id and what happened"},
        {head + with(row, "xx.a released", "xx.a relaesed"), codes::event_unknown, 2, "released"},
        {head + row + row, codes::syntax, 8, "stands twice"},
        {head + with(row, "    over     response\n", ""), codes::syntax, 2, "no `over`"},
        {head + with(row, "over     response", "over     respons"), rules::codes::syntax, 3, "response"},
        {head + with(row, "FunctionCode =", "FunktionCode ="), rules::codes::path_unknown, 4, "FunctionCode"},
        {head + with(row, "time     IssueDateTime", "time     FunctionCode"), codes::syntax, 5, "holds no time"},
        {head + with(row, "time     IssueDateTime", "time     \"2026-11-26\""), codes::syntax, 5, "holds no time"},
        {head + with(row, "join     mrn", "join     mnr"), codes::scheme_unknown, 6, "mrn"},
        {head + with(row, "Declaration/ID", "Declaration/IDD"), rules::codes::path_unknown, 6, "ID"},
        {head + with(row, "Declaration/ID", "IssueDateTime"), codes::syntax, 6, "no place that holds a number"},
        {head + with(row, "Declaration/ID", "\"8\""), codes::syntax, 6, "no place that holds a number"},
        {head + with(row, "Declaration/ID", "Declaration/ID within"), rules::codes::syntax, 6, ""},
        {head + with(row, "Declaration/ID", "Declaration/ID as parcels"), codes::syntax, 6, "`as` takes"},
        {head + with(row, "Declaration/ID", "Declaration/ID as container"), codes::syntax, 2, "nothing would find it"},
        {head + with(row, "    join     mrn Declaration/ID\n", ""), codes::syntax, 2, "nothing would find it"},
        {head + with(row, "Declaration/ID", "Declaration/ID Declaration/ID"), codes::syntax, 6, "end of the line"},
        {head + with(row, "    source   \"somebody\"\n", ""), rules::codes::source_missing, 2, "xx.a"},
        {head + row + "    level    pallet\n", codes::syntax, 8, "`level` is"},
        {head + row + "    mark     person Declaration/ID\n", codes::syntax, 8, "not seller, product or batch"},
        {head + row + "    corridor Declaration/ID\n", codes::syntax, 8, "corridor FROM to TO"},
        {head + row + "    corridor IssueDateTime to \"CN\"\n", codes::syntax, 8, "no country"},
        {head + row + "    corridor \"CN\" to \"BY\"\n    corridor \"CN\" to \"BY\"\n", codes::syntax, 9, "one corridor"},
        {head + row + "    each     FunctionCode\n", codes::syntax, 8, "`each` names a class"},
        {head + row + "    joined   mrn Declaration/ID\n", codes::syntax, 8, "join"},
        {head + row + "      deeper\n", codes::syntax, 8, "nothing is set into"},
        {head + with(stage, "lodged released", "lodged"), codes::syntax, 2, "two events"},
        {head + with(stage, "lodged released", "released released"), codes::syntax, 2, "from one event to another"},
        {head + with(stage, "lodged", "lodgd"), codes::event_unknown, 2, "lodged"},
        {head + with(stage, "    text     \"clearance\"\n", ""), codes::syntax, 2, "no `text`"},
        {head + with(stage, "    source   \"somebody\"\n", ""), rules::codes::source_missing, 2, "clearance"},
        {head + stage + "    note \"x\"\n", codes::syntax, 5, "`text` and `source`"},
        {head + stage + stage, codes::syntax, 5, "stands twice"},
    };
    for (const Refused& wanted : all) {
        Diagnostics faults;
        EXPECT_FALSE(parse_trace(wanted.text, "x.trace", faults)) << wanted.text;
        ASSERT_FALSE(faults.empty()) << wanted.text;
        const Error& found = faults.errors()[0];
        EXPECT_EQ(found.code, wanted.code) << found.text() << "\n" << wanted.text;
        EXPECT_EQ(found.place.line, wanted.line) << found.text() << "\n" << wanted.text;
        EXPECT_EQ(found.place.file, "x.trace");
        EXPECT_NE(found.detail.find(wanted.says), std::string::npos) << found.text() << "\n" << wanted.text;
    }
}

TEST(TraceTable, IsReadAsWritten) {
    Diagnostics faults;
    const std::string text = head + row + "    join     order Declaration/GoodsShipment/UCR/TraderAssignedReferenceID within Declaration/Declarant/ID as item\n" +
                             "    level    consignment\n    mark     seller Declaration/GoodsShipment/Seller/ID\n    corridor \"CN\" to Declaration/DeclarationOfficeID\n" + stage;
    const auto table = parse_trace(text, "x.trace", faults);
    ASSERT_TRUE(table) << faults.errors()[0].text();
    const EventRow& event = table->events.at(0);
    EXPECT_EQ(event.event->name, "released");
    EXPECT_EQ(event.level, Level::consignment);
    EXPECT_EQ(event.joins.at(0).level, Level::parcel);
    EXPECT_EQ(event.joins.at(1).level, Level::item);
    EXPECT_TRUE(event.joins.at(1).within);
    EXPECT_EQ(event.marks.at(0).kind->name, "seller");
    EXPECT_TRUE(event.corridor);
    EXPECT_EQ(table->stages.at(0).to->name, "released");
}

TEST(TraceBook, NamesAreOfOneTable) {
    Diagnostics faults;
    const auto again = [&](const std::string& text) {
        auto first = parse_trace(head + row + stage, "a.trace", faults), second = parse_trace(text, "b.trace", faults);
        std::vector<TraceTable> tables{*std::move(first), *std::move(second)};
        return TraceBook::of(std::move(tables), faults);
    };
    EXPECT_EQ(again("trace yy\n" + row)->tables().size(), 1U);
    ASSERT_EQ(faults.count(), 1U);
    EXPECT_EQ(faults.errors()[0].text(), "b.trace:2:3: trace.syntax: 'xx.a' is there already");
    EXPECT_EQ(again("trace yy\n" + stage)->stages().size(), 1U);
    EXPECT_EQ(faults.count(), 2U);
}

/// A plugin's folder, beside the real schemas.
TEST(TraceBook, FormatsMustBeThere) {
    const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "trace-plugins", own = folder / "wco";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::filesystem::copy(hansa::test::source_dir() / "plugins/wco", own, std::filesystem::copy_options::recursive);
    const auto load = [&](const std::string& formats) {
        std::ofstream(own / "trace/x.trace") << with(head + row, "over     response", "over     response " + formats);
        Diagnostics ignored, faults;
        const auto registry = plugin::Registry::load({.plugin_folders = {folder}, .schema_folder = hansa::test::source_dir() / "schemas"}, ignored);
        static_cast<void>(TraceBook::load(*registry, faults));
        return faults.errors();
    };
    EXPECT_TRUE(load("wco.response yy.answer").empty());
    const auto unknown = load("wco.respons"), other = load("wco.declaration");
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].code, codes::format_unknown);
    EXPECT_EQ(unknown[0].place.line, 2U);
    ASSERT_EQ(other.size(), 1U);
    EXPECT_NE(other[0].detail.find("is a declaration, not a response"), std::string::npos) << other[0].text();
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace hansa::trace::test
