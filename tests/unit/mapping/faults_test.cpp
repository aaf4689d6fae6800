// Faults of tables: each is found when the table is loaded, at its line and column, and says what
// was expected. The table's rows start in line 4.
#include <gtest/gtest.h>

#include "core/mapping/codes.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

struct Case {
    const char* name;
    const char* tree;
    const char* rows;
    const char* fault;  ///< "line:column: code: part of the detail"
    const char* head = "";

    friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

const Case cases[] = {
    {"tab", "Doc\n  No", "in Doc <-> document\n\tNo <-> ID\n", "5:1: mapping.syntax: a tab does not indent"},
    {"below-the-head", "Doc\n  No", "  in Doc <-> document\n    No <-> ID\n",
     "4:3: mapping.syntax: nothing stands below 'schema'"},
    {"no-arrow", "Doc\n  No", "in Doc <-> document\n  No ID\n",
     "5:6: mapping.syntax: expected <->, ->, <-, =, carry, drop, envelope, signature or same, found 'ID'"},
    {"drop-without-reason", "Doc\n  No", "in Doc <-> document\n  No drop\n",
     "5:10: mapping.syntax: expected the reason, as drop \"why\", the line ends"},
    {"one-way-without-reason", "Doc\n  No", "in Doc <-> document\n  No -> ID\n",
     "5:11: mapping.syntax: expected the reason why this row is one-way"},
    {"otherwise-alone", "Doc\n  No", "in Doc <-> document\n  otherwise\n    No <-> ID\n",
     "5:3: mapping.syntax: 'otherwise' follows a 'when'"},
    {"below-a-plain-row", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n    No <-> ID\n",
     "6:5: mapping.syntax: nothing stands below a row of this form"},
    {"no-document", "Doc\n  No", "in Doc\n  No carry\n", "1:1: mapping.syntax: no row says '<-> document'"},
    {"other-root", "Doc\n  No", "in Dog <-> document\n  No <-> ID\n",
     "4:1: mapping.element-unknown: the schema's root is 'Doc', not 'Dog'"},
    {"element-unknown", "Doc\n  Number", "in Doc <-> document\n  Nunber <-> ID\n",
     "5:3: mapping.element-unknown: 'Doc' has no 'Nunber'; the nearest is 'Number'"},
    {"attribute-unknown", "Doc\n  No\n    @lang", "in Doc <-> document\n  No <-> ID\n  No/@land carry\n",
     "6:3: mapping.element-unknown: 'No' has no attribute 'land'; the nearest is '@lang'"},
    {"pivot-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> FunctionalReferenceId\n",
     "5:10: mapping.pivot-unknown:"},
    {"pivot-class", "Doc\n  No", "in Doc <-> document\n  No <-> GoodsShipment\n",
     "5:10: mapping.pivot-unknown: 'GoodsShipment' is a class of the pivot, no field"},
    {"pivot-attribute-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> InvoiceAmount/@currencyId\n",
     "5:10: mapping.pivot-unknown: 'InvoiceAmount' has no attribute 'currencyId'; the nearest is '@currencyID'"},
    {"element-unnamed", "Doc\n  No\n  Note?", "in Doc <-> document\n  No <-> ID\n",
     "4:1: mapping.element-unnamed: no row names 'Note'"},
    {"attribute-unnamed", "Doc\n  No\n    @lang", "in Doc <-> document\n  No <-> ID\n",
     "5:3: mapping.element-unnamed: no row names the attribute 'No/@lang'"},
    {"leaf-count", "Doc\n  No\n  Bank\n    A\n    B", "in Doc <-> document\n  No <-> ID\n  Bank/** carry 3\n",
     "6:3: mapping.leaf-count: the schema has 2 leaves here that no other row names, the row says 3"},
    {"row-onto-national-list", "Doc\n  No*", "in Doc <-> document\n  No <-> ID\n",
     "5:3: mapping.row-onto-list: 'No' may stand several times"},
    {"row-onto-pivot-list", "Doc\n  No", "in Doc <-> document\n  No <-> AdditionalDocument/ID\n",
     "5:10: mapping.row-onto-list: the pivot has several 'AdditionalDocument'"},
    {"pivot-unknown-beside-a-selector", "Doc\n  Inv\n  Line*\n    No",
     "in Doc <-> document\n  Inv <-> AdditionalDocument[TypeCode=380]/ID\n  each Line <-> AdditionalDocument\n    No "
     "<-> Numbr\n",
     "7:12: mapping.pivot-unknown: AdditionalDocument has no 'Numbr'"},
    {"each-onto-single", "Doc\n  Line*\n    No", "in Doc <-> document\n  each Line <-> Declarant\n    No <-> Name\n",
     "5:17: mapping.row-onto-list: 'Line' repeats, but the pivot has 'Declarant' once"},
    {"element-twice", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n  No <-> FunctionalReferenceID\n",
     "6:3: mapping.row-twice: 'No' is already named in line 5"},
    {"pivot-twice", "Doc\n  No\n  Nr", "in Doc <-> document\n  No <-> ID\n  Nr <-> ID\n",
     "6:10: mapping.row-twice: 'ID' is already fed by line 5"},
    {"every-of-a-borrowed-element", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n  (No) <-> every AdditionalDocument/ID\n",
     "6:18: mapping.row-twice: 'every' needs an element that this row owns, and 'No' is borrowed"},
    {"only-of-nothing", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "4:5: mapping.syntax: expected a value after 'only', the line ends", "only\n"},
    {"only-of-an-unknown-field", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "1:1: mapping.pivot-unknown: only: the document has no field 'TypCode'", "only TypCode none\n"},
    {"selector-clash", "Doc\n  Inv\n  Line*\n    Kind\n    Id",
     "in Doc <-> document\n  Inv <-> AdditionalDocument[TypeCode=380]/ID\n  each Line <-> AdditionalDocument\n    Kind "
     "<-> TypeCode\n    Id <-> ID\n",
     "6:17: mapping.selector-clash: a member of this each could be the one that line 5 selects"},
    {"block-unknown", "Doc\n  A\n    No",
     "rows party\n  No <-> Name\nin Doc <-> document\n  in A <-> Declarant as parti\n",
     "7:3: mapping.name-unknown: no block 'rows parti'; the nearest is 'party'"},
    {"block-uses-itself", "Doc\n  A\n    No",
     "rows party\n  in A as party\nin Doc <-> document\n  in A <-> Declarant as party\n",
     "5:3: mapping.cycle: the block 'party' uses itself"},
    {"computed-cycle", "Doc\n  A\n  B", "in Doc <-> document\n  A = B\n  B = A\n",
     "5:3: mapping.cycle: 'A' is computed from itself"},
    {"list-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> ID code unti\n",
     "5:3: mapping.name-unknown: no list 'unti' is in use; the nearest is 'unit'", "list unit 1 A\n"},
    {"place-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n  derive FunctionalReferenceID = place(where, No)\n",
     "6:3: mapping.pointer-unknown: 'Declaration/Colour' of 'where' is no place of a declaration or a response", "list where A Declaration, B Declaration/Colour\n"},
    {"place-unknown-of-a-row", "Doc\n  No", "in Doc <-> document\n  No <-> ID place where\n",
     "5:3: mapping.pointer-unknown: 'Declaration/Colour' of 'where' is no place of a declaration or a response", "list where A Declaration, B Declaration/Colour\n"},
    {"gather-of-no-list", "Doc\n  No", "in Doc <-> document\n  No <-> ID gather \"; \"\n",
     "5:13: mapping.conversion-arguments: 'ID' is of no first member of a list"},
    {"list-missing", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n",
     "1:1: mapping.name-unknown: use codes/unit: there is no such list", "use codes/unit\n"},
    {"conversion-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> ID intreger\n",
     "5:13: mapping.conversion-unknown:"},
    {"conversion-count", "Doc\n  A\n  B",
     "in Doc <-> document\n  A, B <-> InvoiceAmount, @currencyID money, text, text\n",
     "5:52: mapping.conversion-count:"},
    {"expression", "Doc\n  A", "in Doc <-> document\n  A = summ(A)\n",
     "5:7: mapping.syntax: expected a function (the nearest is 'sum')"},
    {"key-unmapped", "Doc\n  Line*\n    No",
     "in Doc <-> document\n  each Line <-> AdditionalDocument key Nr\n    No <-> ID\n",
     "5:3: mapping.name-unknown: key: no row of this group maps 'Nr'"},
    {"attached-unknown", "Doc\n  A\n    No", "in Doc <-> document\n  A <-> attached declaration map yy.other\n",
     "5:3: mapping.name-unknown: the mapping of 'yy.other' is not loaded"},
    {"kind-unknown", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n",
     "4:8: mapping.pivot-unknown: no kind 'declaratoin'; the nearest is 'declaration'", "pivot  declaratoin\n"},
};

class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, NamesPlaceAndExpectation) {
    const Case& one = GetParam();
    Diagnostics faults;
    const SmallTable table{.tree = one.tree, .rows = one.rows, .head = one.head, .lists = {}};
    std::string wanted = one.fault;
    if (*one.head) {
        // A line in the head moves the rows down by one; places in the case count without it.
        const std::size_t colon = wanted.find(':');
        const int line = std::stoi(wanted.substr(0, colon));
        if (line > 4) wanted = std::to_string(line + 1) + wanted.substr(colon);
    }
    ASSERT_FALSE(load(table, faults)) << "the table loads";
    const std::string all = lines_of(faults);
    EXPECT_NE(all.find("test.map:" + wanted), std::string::npos) << all;
}

INSTANTIATE_TEST_SUITE_P(Mapping, Faults, testing::ValuesIn(cases), [](const auto& one) {
    std::string name = one.param.name;
    for (char& sign : name) {
        if (sign == '-') sign = '_';
    }
    return name;
});

TEST(TableLimits, AreNamed) {
    const auto grammar = grammar_of("Doc\n  No");
    const std::string text = "format xx.test\npivot declaration\nschema test#Doc\nin Doc <-> document\n  No <-> ID\n";
    Diagnostics faults;
    const auto load_with = [&](MappingLimits limits) {
        return load_mapping(
            {.text = text, .file = "test.map", .resolve = {}, .grammar = grammar, .mapping_of = {}, .limits = limits},
            faults);
    };
    EXPECT_TRUE(load_with({}));
    EXPECT_EQ(load_with({.text_bytes_max = 20}).error().code, codes::limit);
    EXPECT_EQ(load_with({.line_bytes_max = 8}).error().code, codes::limit);
    EXPECT_EQ(load_with({.rows_max = 1}).error().code, codes::limit);
    EXPECT_EQ(load_with({.depth_max = 1}).error().code, codes::limit);
}

TEST(TableHead, IsReadWithoutTheRows) {
    Diagnostics faults;
    const auto head = read_head(
        "format cn.x\npivot lpco\nschema cn/file#Root/Inner\nuse codes/a eu:codes/b\nin Root\n  x:A <-> attached "
        "declaration map wco.declaration\n",
        "t.map", faults);
    ASSERT_TRUE(head) << lines_of(faults);
    EXPECT_EQ(head->format, "cn.x");
    EXPECT_EQ(head->kind, pivot::Kind::lpco);
    EXPECT_EQ(head->schema_file, "cn/file");
    EXPECT_EQ(head->schema_root, "Root/Inner");
    EXPECT_EQ(head->uses, (std::vector<std::string>{"codes/a", "eu:codes/b"}));
    EXPECT_EQ(head->attached, std::vector<std::string>{"wco.declaration"});
}

}  // namespace
}  // namespace hansa::mapping::test
