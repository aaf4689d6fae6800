#include "core/balances/balance_table.h"

#include <algorithm>

#include "core/balances/book.h"
#include "core/balances/codes.h"
#include "core/balances/examples.h"
#include "core/base/file.h"
#include "core/rules/codes.h"
#include "tests/unit/balances/stock.h"

namespace hansa::balances {
namespace {

namespace fs = std::filesystem;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return text.replace(at, from.size(), to);
}

/// The first fault of a table with one line changed: "LINE CODE detail".
std::string fault_of(std::string_view from, std::string_view to) {
    Diagnostics faults;
    const auto table = parse_balance(replaced(std::string(stock_table), from, to), "xx.balance", faults);
    if (table) return "none";
    EXPECT_EQ(table.error().place.file, "xx.balance");
    return fmt::format("{} {} {}", table.error().place.line, table.error().code.name(), table.error().detail);
}

TEST(BalanceTable, IsReadWhole) {
    const BalanceTable table = balance_of(stock_table).table;
    EXPECT_EQ(table.id, "xx.stock");
    ASSERT_EQ(table.rows.size(), 5U);
    EXPECT_EQ(table.rows[1].act, Act::take);
    EXPECT_EQ(table.rows[1].known_by.size(), 2U);
    EXPECT_EQ(table.rows[3].of->name, "ID");
    EXPECT_TRUE(table.rows[3].counts_confirmed);
    EXPECT_TRUE(table.is_for(pivot::Kind::declaration, "any"));
    EXPECT_FALSE(table.is_for(pivot::Kind::order, "any"));
}

TEST(BalanceTable, FaultsNameTheirLine) {
    EXPECT_EQ(fault_of("account  /ID", "account  /IDD").substr(0, 21), "9 rules.path-unknown ");
    EXPECT_EQ(fault_of("    account  /ID\n", ""), "6 balances.syntax the row has no `account`");
    EXPECT_EQ(fault_of("  severity refuse\n", ""), "2 rules.severity-unknown the table has no `severity`");
    EXPECT_EQ(fault_of("severity refuse", "severity perhaps"), "5 rules.severity-unknown 'perhaps' is neither refuse nor warn");
    EXPECT_EQ(fault_of("    source   \"law 2\"\n", ""), "6 rules.source-missing `add      cargo-report`");
    EXPECT_EQ(fault_of("  source   \"law 1\"\n", ""), "2 rules.source-missing 'xx.stock'");
    EXPECT_EQ(fault_of("  text     \"Goods in store\"\n", ""), "2 balances.syntax the table has no `text` for people");
    EXPECT_EQ(fault_of("quantity Commodity/InvoiceLine/InvoicedQuantity", "quantity Commodity/Description").substr(0, 19), "11 balances.syntax ");
    EXPECT_EQ(fault_of("quantity Commodity/InvoiceLine/InvoicedQuantity", "quantity 1").substr(0, 19), "11 balances.syntax ");
    EXPECT_EQ(fault_of("    quantity Commodity/InvoiceLine/InvoicedQuantity\n", ""), "6 balances.syntax the row has neither `quantity` nor `value`");
    EXPECT_EQ(fault_of("each     Consignment/GovernmentAgencyGoodsItem", "each     FunctionCode"), "8 balances.syntax `each` names a class");
    EXPECT_EQ(fault_of("add      cargo-report", "add      cargo"). substr(0, 15), "6 rules.syntax ");
    EXPECT_EQ(fault_of("add      cargo-report", "ad       cargo-report").substr(0, 86), "6 balances.syntax no line of a table of balances is called 'ad'; did you mean 'add'?");
    EXPECT_EQ(fault_of("row      SequenceNumeric", "rows     SequenceNumeric").substr(0, 52), "20 balances.syntax no line of `take` is called 'rows");
    EXPECT_EQ(fault_of("of       AmendedDeclaration/ID = ID", "of       AmendedDeclaration/ID"), "30 balances.syntax expected a place here and the `known-by` there: of AmendedDeclaration/ID = ID");
    EXPECT_EQ(fault_of("of       AmendedDeclaration/ID = ID", "of       AmendedDeclaration/ID = IDD").substr(0, 48), "28 balances.syntax no row is `known-by IDD`; did");
    EXPECT_EQ(fault_of("    of       AmendedDeclaration/ID = ID\n", ""), "28 balances.syntax the row has no `of`: which document it speaks of");
    EXPECT_EQ(fault_of("counts   confirmed", "counts   later"), "35 balances.syntax 'counts' is accepted or confirmed");
    EXPECT_EQ(fault_of("balance xx.stock", "balance"), "2 balances.syntax a table has one name: balance xx.stock");
    EXPECT_EQ(fault_of("balance xx.stock", "stock xx.stock"), "2 balances.syntax a file holds one table: balance NAME");
    EXPECT_EQ(fault_of("  severity refuse\n", "  severity refuse\n  yearly\n"), "2 balances.syntax `yearly` is for limits");
    EXPECT_EQ(fault_of("  severity refuse\n", "  severity refuse\n  limit a b\n").substr(0, 19), "7 balances.syntax `");
    EXPECT_EQ(fault_of("  severity refuse\n", "  severity refuse\n  limit a\n").substr(0, 18), "6 balances.syntax ");
}

TEST(BalanceTable, NeedsARowThatTakes) {
    Diagnostics faults;
    const auto table = parse_balance("balance a\n  text \"t\"\n  source \"s\"\n  severity warn\n", "x", faults);
    EXPECT_EQ(table.error().detail, "no row takes: a balance that nobody uses");
}

/// A plugin's folder with tables and examples.
class Folder : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-balance-plugin-" + random_uuid());
        fs::create_directories(folder_ / "balances/examples");
        fs::create_directories(folder_ / "taxes");
        write("plugin.toml", "plugin = \"xx\"\n");
        write("balances/stock.balance", stock_table);
    }
    void TearDown() override { fs::remove_all(folder_); }
    void write(const std::string& name, std::string_view text) { ASSERT_TRUE(write_file_atomically(folder_ / name, text)); }

    std::vector<std::string> faults() {
        std::vector<std::string> out;
        for (const Error& error : run_balance_examples(folder_).faults) {
            EXPECT_EQ(error.code.name(), wanted_.name()) << error.text();
            out.push_back(error.detail);
        }
        return out;
    }

    fs::path folder_;
    Code wanted_ = codes::example;
};

constexpr std::string_view story = R"(# balances xx.stock
# expect booked
document cargo-report
FunctionCode 9
ID S15
Consignment[1]/SequenceNumeric 1
Consignment[1]/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/Description tea
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity 5
Consignment[1]/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity/@unitCode KGM
# expect refused balances.beyond
# says asked 8 KGM, held 5 KGM
document declaration
FunctionCode 9
AdditionalDocument[1]/ID S15
AdditionalDocument[1]/TypeCode XX1
GoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/Description tea
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity 8
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/InvoicedQuantity/@unitCode KGM
# holds S15 tea 5 KGM
)";

TEST_F(Folder, TellsItsStories) {
    write("balances/examples/beyond.pivot", story);
    EXPECT_EQ(faults(), std::vector<std::string>{});
    EXPECT_EQ(run_balance_examples(folder_).passed, 1U);
}

TEST_F(Folder, AStoryThatComesOutOtherwiseIsAFault) {
    EXPECT_EQ(faults(), (std::vector<std::string>{"no example books anything of 'xx.stock'", "no example is refused by 'xx.stock'"}));
    write("balances/examples/beyond.pivot", replaced(std::string(story), "InvoicedQuantity 8", "InvoicedQuantity 5"));
    EXPECT_EQ(faults(), (std::vector<std::string>{"document 2 is booked, not refused", "S15 tea holds 0 KGM, not 5", "no example is refused by 'xx.stock'"}));
    write("balances/examples/beyond.pivot", replaced(std::string(story), "balances.beyond", "balances.key-missing"));
    EXPECT_EQ(faults().size(), 1U);
    write("balances/examples/beyond.pivot", replaced(std::string(story), "held 5 KGM", "held 6 KGM"));
    EXPECT_EQ(faults().size(), 1U);
    write("balances/examples/beyond.pivot", replaced(std::string(story), "# expect booked\n", ""));
    EXPECT_EQ(faults(), std::vector<std::string>{"document 1 does not say what is expected of it: # expect booked"});
    wanted_ = codes::table_unknown;
    write("balances/examples/beyond.pivot", replaced(std::string(story), "balances xx.stock", "balances xx.stok"));
    EXPECT_EQ(run_balance_examples(folder_).faults.front().text(), (folder_ / "balances/examples/beyond.pivot").string() + ": balances.table-unknown: 'xx.stok'; did you mean 'xx.stock'?");
}

TEST_F(Folder, ALimitThatNoTaxTableHasIsAFault) {
    const std::string limits = "balance xx.year\n  text \"t\"\n  source \"s\"\n  severity warn\n  limit xx.year xx.before\n  take declaration\n    source \"s\"\n    account ID\n";
    write("balances/year.balance", limits);
    const auto found = run_balance_examples(folder_).faults;
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().code, codes::limit_unknown);
    EXPECT_EQ(found.front().place.line, 1U);
    EXPECT_EQ(found.front().detail, "'xx.year': the limit 'xx.year'");
    write("taxes/xx.taxes", "taxes xx\nlimit xx.year\n  over declaration\n  base sum(InvoiceAmount)\n  most 5 EUR\n  source \"s\"\n");
    EXPECT_EQ(run_balance_examples(folder_).faults.front().detail, "'xx.year': the figure 'xx.before'");
}

TEST(PluginTables, TellTheirStories) {
    std::uint64_t passed = 0;
    for (const auto& entry : fs::directory_iterator(test::source_dir() / "plugins")) {
        if (!fs::is_directory(entry.path() / "balances")) continue;
        const ExampleResult found = run_balance_examples(entry.path());
        passed += found.passed;
        for (const Error& fault : found.faults) ADD_FAILURE() << fault.text();
    }
    EXPECT_GE(passed, 10U);
}

}  // namespace
}  // namespace hansa::balances
