// Probes, row form by row form: what they find is what the reference's pivot document holds, and what is no plain read
// is none.
#include "core/mapping/probes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/schema/reader.h"
#include "tests/support/tree_tape.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

struct Case {
    const char* name;
    const char* tree;
    const char* rows;
    const char* field;
    const char* xml;
    const char* expected;  ///< the value; "-": no probe; "?": the message is left
    const char* head = "";

    friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

const Case cases[] = {
    {"value", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "ID", "<Doc><No>A &amp; B</No></Doc>", "A & B"},
    {"absent", "Doc\n  No?\n  Name", "in Doc <-> document\n  No <-> ID\n  Name <-> Declarant/Name\n", "ID",
     "<Doc><Name>n</Name></Doc>", ""},
    {"blank-says-nothing", "Doc\n  No?\n  Name", "in Doc <-> document\n  No <-> ID\n  Name <-> Declarant/Name\n", "ID",
     "<Doc><No>  </No><Name>n</Name></Doc>", ""},
    {"none-word", "Doc\n  No?", "in Doc <-> document\n  No <-> ID none \"NO\"\n", "ID", "<Doc><No>NO</No></Doc>", ""},
    {"nobody-feeds-it", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "TypeCode", "<Doc><No>A</No></Doc>", ""},
    {"a-word-of-the-table", "Doc\n  No", "in Doc <-> document\n  \"9\" <-> FunctionCode\n  No <-> ID\n", "FunctionCode",
     "<Doc><No>A</No></Doc>", "9"},
    {"attribute", "Doc\n  No\n    @kind", "in Doc <-> document\n  No <-> ID\n  No/@kind <-> FunctionCode\n",
     "FunctionCode", "<Doc><No kind=\"9\">1</No></Doc>", "9"},
    {"group", "Doc\n  Head\n    No", "in Doc <-> document\n  in Head\n    No <-> ID\n", "ID",
     "<Doc><Head><No>A</No></Head></Doc>", "A"},
    {"class", "Doc\n  No", "in Doc <-> document\n  No <-> GoodsShipment/UCR/ID\n", "GoodsShipment/UCR/ID",
     "<Doc><No>A</No></Doc>", "A"},
    {"joined", "Doc\n  Year?\n  No", "in Doc <-> document\n  Year? ~ No <-> ID join \"-\"\n", "ID",
     "<Doc><Year>26</Year><No>7</No></Doc>", "26-7"},
    {"joined-without-the-first", "Doc\n  Year?\n  No", "in Doc <-> document\n  Year? ~ No <-> ID join \"-\"\n", "ID",
     "<Doc><No>7</No></Doc>", "7"},
    {"selector", "Doc\n  A\n  B",
     "in Doc <-> document\n  A <-> GoodsShipment/PreviousDocument[TypeCode=703]/ID\n  B <-> "
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><A>a</A><B>b</B></Doc>", "b"},
    {"selector-by-another-key", "Doc\n  A\n  B",
     "in Doc <-> document\n  A <-> GoodsShipment/PreviousDocument[CategoryCode=MNF]/ID\n  B <-> ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><A>a</A><B>b</B></Doc>", ""},
    {"selector-that-may-be-said", "Doc\n  A\n  B",
     "in Doc <-> document\n  A <-> GoodsShipment/PreviousDocument[CategoryCode=MNF]/ID\n  B <-> "
     "GoodsShipment/PreviousDocument[CategoryCode=MNF]/TypeCode\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><A>a</A><B>704</B></Doc>", "-"},
    {"case", "Doc\n  No\n  Kind?",
     "in Doc <-> document\n  No <-> ID\n  when Kind present\n    \"13\" <-> FunctionCode\n    Kind <-> TypeCode\n  "
     "otherwise\n    \"9\" <-> FunctionCode\n",
     "FunctionCode", "<Doc><No>A</No><Kind>x</Kind></Doc>", "13"},
    {"otherwise", "Doc\n  No\n  Kind?",
     "in Doc <-> document\n  No <-> ID\n  when Kind present\n    \"13\" <-> FunctionCode\n    Kind <-> TypeCode\n  "
     "otherwise\n    \"9\" <-> FunctionCode\n",
     "FunctionCode", "<Doc><No>A</No><Kind> </Kind></Doc>", "9"},
    {"list", "Doc\n  Item+\n    No",
     "in Doc <-> document\n  each Item <-> GoodsShipment/GovernmentAgencyGoodsItem\n    No <-> SequenceNumeric integer\n",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric", "<Doc><Item><No>1</No></Item></Doc>", "-"},
    {"derived", "Doc\n  No\n  Other", "in Doc <-> document\n  No <-> ID\n  Other <-> TypeCode\n  derive FunctionalReferenceID = value(No)\n",
     "FunctionalReferenceID", "<Doc><No>A</No><Other>t</Other></Doc>", "-"},
    {"member-by-its-key", "Doc\n  P*\n    K\n    N?",
     "in Doc <-> document\n  each P <-> GoodsShipment/PreviousDocument\n    K <-> TypeCode\n    N <-> ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID",
     "<Doc><P><K>703</K><N>a</N></P><P><K>704</K></P><P><K>704</K><N>b</N></P></Doc>", "b"},
    {"no-member-of-the-key", "Doc\n  P*\n    K\n    N?",
     "in Doc <-> document\n  each P <-> GoodsShipment/PreviousDocument\n    K <-> TypeCode\n    N <-> ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><P><K>703</K><N>a</N></P></Doc>", ""},
    {"member-of-no-key", "Doc\n  P*\n    N?",
     "in Doc <-> document\n  each P <-> GoodsShipment/PreviousDocument\n    N <-> ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><P><N>a</N></P></Doc>", ""},
    {"member-and-row", "Doc\n  P*\n    K\n    N?\n  B?",
     "in Doc <-> document\n  each P <-> GoodsShipment/PreviousDocument[CategoryCode=X]\n    K <-> TypeCode\n    N <-> ID\n"
     "  B <-> GoodsShipment/PreviousDocument[TypeCode=704]/ID\n",
     "GoodsShipment/PreviousDocument[TypeCode=704]/ID", "<Doc><P><K>703</K><N>a</N></P></Doc>", "-"},
    {"alias-shaped", "Doc\n  No", "in Doc <-> document\n  No <-> ID alias\n", "ID",
     "<Doc><No>AAAAAAAAAAAAAAAAAAAA</No></Doc>", "?"},
    {"code", "Doc\n  Way", "in Doc <-> document\n  Way <-> DirectionCode code way\n", "DirectionCode",
     "<Doc><Way>IN</Way></Doc>", "I", "use way\n"},
    {"code-unknown", "Doc\n  Way", "in Doc <-> document\n  Way <-> DirectionCode code way\n", "DirectionCode",
     "<Doc><Way>UP</Way></Doc>", "?", "use way\n"},
};

const std::map<std::string, std::string> lists{{"way", "columns national standard\nIN I\nOUT E\n"}};

class OneField : public testing::TestWithParam<Case> {};

TEST_P(OneField, IsFoundAsThePivotHasIt) {
    const Case& one = GetParam();
    const auto mapping = loaded({.tree = one.tree, .rows = one.rows, .head = one.head, .lists = *one.head == '\0' ? std::map<std::string, std::string>{} : lists});
    const auto paths = std::make_shared<const schema::PathTable>(schema::PathTable::of(mapping->grammar()));
    const std::string field = one.field;
    const auto probes = Probes::compile(mapping, paths, {}, {&field, 1});
    if (std::string_view(one.expected) == "-") {
        ASSERT_FALSE(probes);
        EXPECT_EQ(probes.error().code, codes::plan_unsupported);
        return;
    }
    ASSERT_TRUE(probes) << probes.error().text();
    schema::Tape tape;
    const schema::Element tree = element(one.xml);
    hansa::test::fill_tape(tree, *paths, tape);
    Scratch scratch;
    std::vector<Probed> found;
    std::string_view why;
    const Fast done = (*probes)->find(tape, scratch, found, why);
    if (std::string_view(one.expected) == "?") {
        EXPECT_EQ(done, Fast::declined);
        EXPECT_FALSE(why.empty());
        return;
    }
    ASSERT_EQ(done, Fast::done) << why;
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].values[0], one.expected);
    // The reference is the other hand.
    Diagnostics faults;
    const auto reading = read(*mapping, tree, {}, faults);
    ASSERT_TRUE(reading) << lines_of(faults);
    std::string plain;
    for (std::size_t at = 0; at < field.size(); ++at) {
        if (field[at] == '[') at = field.find(']', at) + 1;
        plain += field[at];
    }
    const std::string lines = lines_of(reading->documents[0]);
    if (*one.expected != '\0') {
        EXPECT_NE(lines.find(plain + " = " + one.expected), std::string::npos) << lines;
    } else if (plain == field) {
        EXPECT_EQ(lines.find(plain + " = "), std::string::npos) << lines;
    }
}

INSTANTIATE_TEST_SUITE_P(Probes, OneField, testing::ValuesIn(cases),
                         [](const auto& one) {
                             std::string name = one.param.name;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(Probes, FindReferencesWhereverTheirNameStands) {
    const auto mapping = loaded({.tree = "Doc\n  Part*\n    Head\n      No?\n      Shop?\n    Deep?\n      Far\n        Order?",
                                 .rows = "in Doc\n  each Part <-> document\n    Head/No <-> ID\n    Head/Shop <-> TypeCode\n    Deep/Far/Order <-> FunctionalReferenceID\n",
                                 .head = "reference Head/No\nreference Head/Shop + Order\n"});
    const auto paths = std::make_shared<const schema::PathTable>(schema::PathTable::of(mapping->grammar()));
    const auto probes = Probes::compile(mapping, paths, {}, {});
    ASSERT_TRUE(probes) << probes.error().text();
    const schema::Element tree = element("<Doc><Part><Head><No>1</No><Shop>S</Shop></Head><Deep><Far><Order>O</Order></Far></Deep></Part>"
                                         "<Part><Head><Shop>T</Shop></Head></Part></Doc>");
    schema::Tape tape;
    hansa::test::fill_tape(tree, *paths, tape);
    Scratch scratch;
    std::vector<Probed> found;
    std::string_view why;
    ASSERT_EQ((*probes)->find(tape, scratch, found, why), Fast::done) << why;
    Diagnostics faults;
    const auto reading = read(*mapping, tree, {}, faults);
    ASSERT_TRUE(reading) << lines_of(faults);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].references, (std::vector<std::string>{"1", "S+O"}));
    EXPECT_EQ(found[1].references, (std::vector<std::string>{"T"}));
    for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(found[i].references, reading->references[i]);
}

TEST(Probes, FindNoReferenceInWhatSaysNothing) {
    const auto mapping = loaded({.tree = "Doc\n  No\n  Order?", .rows = "in Doc <-> document\n  No <-> ID\n  Order <-> TypeCode\n",
                                 .head = "reference No + Order\nreference Order\n"});
    const auto paths = std::make_shared<const schema::PathTable>(schema::PathTable::of(mapping->grammar()));
    const auto probes = Probes::compile(mapping, paths, {}, {});
    ASSERT_TRUE(probes) << probes.error().text();
    const schema::Element tree = element("<Doc><No>1</No><Order>  </Order></Doc>");
    schema::Tape tape;
    hansa::test::fill_tape(tree, *paths, tape);
    Scratch scratch;
    std::vector<Probed> found;
    std::string_view why;
    ASSERT_EQ((*probes)->find(tape, scratch, found, why), Fast::done) << why;
    Diagnostics faults;
    const auto reading = read(*mapping, tree, {}, faults);
    ASSERT_TRUE(reading) << lines_of(faults);
    EXPECT_EQ(reading->references[0], (std::vector<std::string>{"1"}));
    EXPECT_EQ(found.at(0).references, reading->references[0]);
}

}  // namespace
}  // namespace hansa::mapping::test
