// Plans, row form by row form: what a plan writes is what the reference writes, and what it declines
// it says. The reference (translate.h) is the other hand.
#include "core/mapping/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/mapping/codes.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/xml/line_index.h"
#include "tests/support/tree_tape.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

struct Case {
    const char* name;
    const char* source_tree;
    const char* source_rows;
    const char* target_tree;
    const char* target_rows;
    const char* xml;
    const char* declined = "";  ///< why; "" : it is done on the fast way
    const char* source_head = "";
    const char* target_head = "";
    const char* not_learned = "";  ///< why it makes no course; "": it does

    friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

const Case cases[] = {
    {"value", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n",
     "<Doc><No>A &amp; B</No></Doc>"},
    {"blank-says-nothing", "Doc\n  No?\n  Name", "in Doc <-> document\n  No <-> ID\n  Name <-> Declarant/Name\n",
     "Doc\n  Nr?\n  Name", "in Doc <-> document\n  Nr <-> ID\n  Name <-> Declarant/Name\n",
     "<Doc><No> </No><Name>n</Name></Doc>", "", "", "", "no shape"},
    {"what-a-class-must-have", "Doc\n  No\n  F?", "in Doc <-> document\n  No <-> ID\n  F <-> FunctionCode\n",
     "Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n", "<Doc><No>1</No></Doc>", "a value that the pivot refuses"},
    {"what-a-class-must-have-and-has", "Doc\n  No\n  F?",
     "in Doc <-> document\n  No <-> ID\n  F <-> FunctionCode\n", "Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n",
     "<Doc><No>1</No><F>9</F></Doc>"},
    {"none-word", "Doc\n  No?", "in Doc <-> document\n  No <-> ID none \"NO\"\n", "Doc\n  Nr?",
     "in Doc <-> document\n  Nr <-> ID\n", "<Doc><No>NO</No></Doc>"},
    {"attributes", "Doc\n  No\n    @kind", "in Doc <-> document\n  No <-> ID\n  No/@kind <-> FunctionCode\n",
     "Doc\n  Nr\n    @a", "in Doc <-> document\n  Nr <-> ID\n  Nr/@a <-> FunctionCode\n",
     "<Doc><No kind=\"9\">1</No></Doc>"},
    {"tuple", "Doc\n  Price?\n  Currency?",
     "in Doc <-> document\n  Price, Currency <-> InvoiceAmount, @currencyID money, text\n", "Doc\n  Sum?\n    @c",
     "in Doc <-> document\n  Sum, @c <-> InvoiceAmount, @currencyID money, text\n",
     "<Doc><Price>012.50</Price><Currency>EUR</Currency></Doc>"},
    {"code-in-two-lists", "Doc\n  K", "in Doc <-> document\n  K <-> DirectionCode code way\n", "Doc\n  C",
     "in Doc <-> document\n  C <-> DirectionCode code course\n", "<Doc><K>1</K></Doc>", "", "list way  1 I, 2 E\n",
     "list course  IN I, OUT E\n"},
    {"code-that-a-case-asks-for-too", "Doc\n  K\n  N?",
     "in Doc <-> document\n  K <-> DirectionCode code way\n  N <-> GoodsShipment/Importer/Name\n",
     "Doc\n  C\n  M?\n  X?",
     "in Doc <-> document\n  C <-> DirectionCode code course\n  when DirectionCode = \"I\"\n    M <-> "
     "GoodsShipment/Importer/Name\n  otherwise\n    X <-> GoodsShipment/Importer/Name\n",
     "<Doc><K>1</K><N>n</N></Doc>", "", "list way  1 I, 2 E\n", "list course  IN I, OUT E\n"},
    {"key-that-the-target-does-not-say", "Doc\n  No\n  Licence?\n  Cert?",
     "in Doc <-> document\n  No <-> ID\n  Licence <-> AdditionalDocument[TypeCode=911]/ID\n  Cert <-> AdditionalDocument[TypeCode=xx:C]/ID\n",
     "Doc\n  Nr\n  D*\n    N", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    N <-> ID\n",
     "<Doc><No>1</No><Licence>l</Licence></Doc>"},
    {"key-that-a-row-takes", "Doc\n  No\n  Licence?", "in Doc <-> document\n  No <-> ID\n  Licence <-> AdditionalDocument[TypeCode=911]/ID\n",
     "Doc\n  Nr\n  D*\n    N\n    T?", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    N <-> ID\n    T <-> TypeCode\n",
     "<Doc><No>1</No><Licence>l</Licence></Doc>"},
    {"key-that-a-selector-says", "Doc\n  No\n  Licence?\n  Note?",
     "in Doc <-> document\n  No <-> ID\n  Licence <-> AdditionalDocument[TypeCode=911]/ID\n  Note <-> AdditionalDocument[TypeCode=911]/Name\n",
     "Doc\n  Nr\n  L?", "in Doc <-> document\n  Nr <-> ID\n  L <-> AdditionalDocument[TypeCode=911]/ID\n",
     "<Doc><No>1</No><Licence>l</Licence><Note>n</Note></Doc>"},
    {"key-that-the-target-cannot-say", "Doc\n  No\n  Licence?", "in Doc <-> document\n  No <-> ID\n  Licence <-> AdditionalDocument[TypeCode=911]/ID\n",
     "Doc\n  Nr\n  D*\n    N\n    T?", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    N <-> ID\n    T <-> TypeCode code kind\n",
     "<Doc><No>1</No><Licence>l</Licence></Doc>", "", "", "list kind  A 380\n"},
    {"key-of-members", "Doc\n  No\n  X*\n    A\n    B?",
     "in Doc <-> document\n  No <-> ID\n  each X <-> AdditionalDocument[CategoryCode=ABC]\n    A <-> ID\n    B <-> Name\n",
     "Doc\n  Nr\n  D*\n    N\n    M?", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    N <-> ID\n    M <-> Name\n",
     "<Doc><No>1</No><X><A>a</A><B>b</B></X><X><A>c</A></X></Doc>"},
    {"currency-that-is-borrowed", "Doc\n  C\n  L*\n    P",
     "in Doc <-> document\n  C <-> ID\n  each L <-> GoodsShipment/GovernmentAgencyGoodsItem\n    P, (../C) <-> StatisticalValueAmount, @currencyID money, text\n",
     "Doc\n  Nr\n  I*\n    V", "in Doc <-> document\n  Nr <-> ID\n  each I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    V <-> StatisticalValueAmount money\n",
     "<Doc><C>EUR</C><L><P>1</P></L><L><P>2</P></L></Doc>"},
    {"constants-that-the-target-does-not-say", "Doc\n  No\n  X*\n    A",
     "in Doc <-> document\n  No <-> ID\n  \"9\" <-> FunctionCode\n  each X <-> AdditionalDocument\n    A <-> ID\n    \"380\" <-> TypeCode\n",
     "Doc\n  Nr\n  D*\n    N", "in Doc <-> document\n  Nr <-> ID\n  each D <-> AdditionalDocument\n    N <-> ID\n",
     "<Doc><No>1</No><X><A>a</A></X><X><A>b</A></X></Doc>"},
    {"tuple-without-its-partner", "Doc\n  Price?\n  Currency?",
     "in Doc <-> document\n  Price, Currency <-> InvoiceAmount, @currencyID money, text\n", "Doc\n  Sum?\n    @c",
     "in Doc <-> document\n  Sum, @c <-> InvoiceAmount, @currencyID money, text\n", "<Doc><Price>1</Price></Doc>",
     "a part without its partner"},
    {"zero-empty", "Doc\n  Q?\n  U?",
     "in Doc <-> document\n  Q, U <-> TotalGrossMassMeasure, @unitCode measure zero-empty, text\n", "Doc\n  M?\n    @u",
     "in Doc <-> document\n  M, @u <-> TotalGrossMassMeasure, @unitCode measure, text\n", "<Doc><Q>0</Q></Doc>"},
    {"constant-unit", "Doc\n  W", "in Doc <-> document\n  W, \"KGM\" <-> TotalGrossMassMeasure, @unitCode measure\n",
     "Doc\n  G\n    @u", "in Doc <-> document\n  G, @u <-> TotalGrossMassMeasure, @unitCode measure, text\n",
     "<Doc><W>7.0</W></Doc>"},
    {"constant-cannot-be-said", "Doc\n  W\n    @u!",
     "in Doc <-> document\n  W, @u <-> TotalGrossMassMeasure, @unitCode measure, text\n", "Doc\n  G?",
     "in Doc <-> document\n  G, \"KGM\" <-> TotalGrossMassMeasure, @unitCode measure\n",
     "<Doc><W u=\"LBR\">7</W></Doc>"},
    {"borrowed", "Doc\n  F\n  C",
     "in Doc <-> document\n  C <- \"EUR\"\n  F, (C) <-> InvoiceAmount, @currencyID money, text\n", "Doc\n  S\n    @c",
     "in Doc <-> document\n  S, @c <-> InvoiceAmount, @currencyID money, text\n", "<Doc><F>5</F><C>EUR</C></Doc>"},
    {"borrowed-agrees", "Doc\n  F\n    @c!",
     "in Doc <-> document\n  F, @c <-> InvoiceAmount, @currencyID money, text\n", "Doc\n  S?\n  C",
     "in Doc <-> document\n  C <- \"EUR\"\n  S, (C) <-> InvoiceAmount, @currencyID money, text\n",
     "<Doc><F c=\"EUR\">5</F></Doc>"},
    {"selectors", "Doc\n  Way?\n  Air?",
     "in Doc <-> document\n  Way <-> AdditionalDocument[TypeCode=703]/ID\n  Air <-> "
     "AdditionalDocument[TypeCode=704]/ID\n",
     "Doc\n  Paper*\n    Code\n    Id",
     "in Doc <-> document\n  each Paper <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n",
     "<Doc><Air>a</Air></Doc>"},
    {"selector-takes-from-each", "Doc\n  D*\n    Code\n    Id",
     "in Doc <-> document\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n",
     "Doc\n  Way?\n  Other*\n    Id",
     "in Doc <-> document\n  Way <-> AdditionalDocument[TypeCode=703]/ID\n  each Other <-> AdditionalDocument\n    Id "
     "<-> ID\n",
     "<Doc><D><Code>1</Code><Id>x</Id></D><D><Code>703</Code><Id>y</Id></D><D><Code>2</Code><Id>z</Id></D></Doc>"},
    {"selected-twice-saying-the-same", "Doc\n  D*\n    Code\n    Id?\n    Note?",
     "in Doc <-> document\n  D[Code=703]/Id <-> ID\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n    Note <-> Name\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>1</Code><Id>y</Id></D><D><Code>703</Code><Id>x</Id></D></Doc>"},
    {"selected-twice-saying-two-things", "Doc\n  D*\n    Code\n    Id?\n    Note?",
     "in Doc <-> document\n  D[Code=703]/Id <-> ID\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n    Note <-> Name\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>703</Code><Id>z</Id></D></Doc>", "a place that says two things"},
    {"selected-and-not-read", "Doc\n  D*\n    Code\n    Id?\n    Note?",
     "in Doc <-> document\n  D[Code=703]/Id <-> ID\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n    Note <-> Name\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>703</Code><Note>n</Note></D></Doc>",
     "a selected element of which no row reads anything but what selects it"},
    {"group-selected-twice", "Doc\n  D*\n    Code\n    Id?\n    Note?",
     "in Doc <-> document\n  in D[Code=703]\n    Id <-> ID\n    Note carry\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n    Note <-> Name\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>1</Code><Id>y</Id></D><D><Code>703</Code><Id>x</Id><Note>n</Note></D></Doc>",
     "a second member where one is entered"},
    {"group-selected", "Doc\n  D*\n    Code\n    Id?\n    Note?",
     "in Doc <-> document\n  in D[Code=703]\n    Id <-> ID\n    Note carry\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n    Note <-> Name\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><D><Code>1</Code><Id>y</Id></D><D><Code>703</Code><Id>x</Id><Note>n</Note></D></Doc>"},
    {"selected-below-another", "Doc\n  P?\n    D*\n      Code\n      Id?",
     "in Doc <-> document\n  P/D[Code=703]/Id <-> ID\n  in P\n    each D <-> AdditionalDocument\n      Code <-> TypeCode\n      Id <-> ID\n",
     "Doc\n  Way?\n  O*\n    Id", "in Doc <-> document\n  Way <-> ID\n  each O <-> AdditionalDocument\n    Id <-> ID\n",
     "<Doc><P><D><Code>703</Code><Id>x</Id></D><D><Code>1</Code><Id>y</Id></D></P></Doc>"},
    {"places", "Doc\n  A?\n  B?",
     "in Doc <-> document\n  A <-> Declarant/Address[1]/CityName\n  B <-> Declarant/Address[2]/CityName\n",
     "Doc\n  P*\n    C", "in Doc <-> document\n  each P <-> Declarant/Address\n    C <-> CityName\n",
     "<Doc><A>a</A><B>b</B></Doc>"},
    {"a-demanded-list-that-nothing-makes", "Doc\n  N\n  A?",
     "in Doc <-> document\n  N <-> ID\n  A <-> Declarant/Address[1]/CityName\n", "Doc\n  N\n  P+\n    C",
     "in Doc <-> document\n  N <-> ID\n  each P <-> Declarant/Address\n    C <-> CityName default \"-\" \"none is "
     "named\"\n",
     "<Doc><N>1</N><A> </A></Doc>", "a demanded element that nothing feeds"},
    {"lists-in-lists", "Doc\n  Item*\n    No\n    Box*\n      Mark",
     "in Doc <-> document\n  each Item <-> GoodsShipment/GovernmentAgencyGoodsItem\n    No <-> SequenceNumeric "
     "integer\n    each Box "
     "<-> Packaging\n      Mark <-> MarksNumbersID\n",
     "Doc\n  I*\n    N\n    B*\n      M",
     "in Doc <-> document\n  each I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    N <-> SequenceNumeric integer\n   "
     " each B <-> "
     "Packaging\n      M <-> MarksNumbersID\n",
     "<Doc><Item><No>1</No><Box><Mark>x</Mark></Box><Box><Mark>y</Mark></Box></Item><Item><No>2</No></Item></Doc>"},
    {"first", "Doc\n  T*\n    Id", "in Doc <-> document\n  each T <-> Declarant/Communication\n    Id <-> ID\n",
     "Doc\n  P?\n    Id", "in Doc <-> document\n  each P <-> Declarant/Communication first 1\n    Id <-> ID\n",
     "<Doc><T><Id>1</Id></T><T><Id>2</Id></T></Doc>"},
    {"too-many", "Doc\n  T*\n    Id", "in Doc <-> document\n  each T <-> Declarant/Communication\n    Id <-> ID\n",
     "Doc\n  P?\n    Id", "in Doc <-> document\n  each P <-> Declarant/Communication\n    Id <-> ID\n",
     "<Doc><T><Id>1</Id></T><T><Id>2</Id></T></Doc>", "more members than the target holds"},
    {"position", "Doc\n  I*\n    D",
     "in Doc <-> document\n  each I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    position <-> "
     "SequenceNumeric\n    D <-> Commodity/Description\n",
     "Doc\n  G*\n    D",
     "in Doc <-> document\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    position <-> SequenceNumeric\n    "
     "D <-> "
     "Commodity/Description\n",
     "<Doc><I><D>a</D></I><I><D>b</D></I></Doc>"},
    {"every", "Doc\n  W\n  I*\n    D",
     "in Doc <-> document\n  W <-> every GoodsShipment/GovernmentAgencyGoodsItem/Origin[TypeCode=1]/RegionID\n"
     "  each I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> Commodity/Description\n",
     "Doc\n  G*\n    D\n    R",
     "in Doc <-> document\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n    R <-> Origin[TypeCode=1]/RegionID\n",
     "<Doc><W>w</W><I><D>a</D></I><I><D>b</D></I></Doc>"},
    {"every-written", "Doc\n  G*\n    R",
     "in Doc <-> document\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    R <-> "
     "Origin[TypeCode=1]/RegionID\n",
     "Doc\n  W?",
     "in Doc <-> document\n  W <-> every GoodsShipment/GovernmentAgencyGoodsItem/Origin[TypeCode=1]/RegionID\n",
     "<Doc><G><R>a</R></G><G><R>a</R></G><G><R>b</R></G></Doc>"},
    {"fixed", "Doc\n  V\n  No", "in Doc <-> document\n  V <- \"1.0\" | /v[0-9.]+/\n  No <-> ID\n", "Doc\n  K\n  Nr",
     "in Doc <-> document\n  K <- \"Z\"\n  Nr <-> ID\n", "<Doc><V>v1.1</V><No>1</No></Doc>"},
    {"carry-drop", "Doc\n  No\n  A?\n    @x\n  B?\n    C",
     "in Doc <-> document\n  No <-> ID\n  A carry\n  B/** 1 drop \"not needed\"\n", "Doc\n  Nr",
     "in Doc <-> document\n  Nr <-> ID\n", "<Doc><No>1</No><A x=\"y\">a</A><B><C>c</C></B></Doc>"},
    {"carry-the-rest", "Doc\n  No\n  B?\n    C?\n    D*\n      E", "in Doc <-> document\n  No <-> ID\n  B/** carry 2\n",
     "Doc\n  Nr", "in Doc <-> document\n  Nr <-> ID\n",
     "<Doc><No>1</No><B><C>c</C><D><E>1</E></D><D><E>2</E></D></B></Doc>"},
    {"when", "Doc\n  K\n  N?",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    N <-> GoodsShipment/Importer/Name\n"
     "  otherwise\n    N <-> Exporter/Name\n",
     "Doc\n  K\n  I?\n  E?",
     "in Doc <-> document\n  K <-> DirectionCode\n  I <-> GoodsShipment/Importer/Name\n  E <-> Exporter/Name\n",
     "<Doc><K>E</K><N>n</N></Doc>"},
    {"when-written", "Doc\n  K\n  I?\n  E?",
     "in Doc <-> document\n  K <-> DirectionCode\n  I <-> GoodsShipment/Importer/Name\n  E <-> Exporter/Name\n",
     "Doc\n  K\n  N?",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    N <-> GoodsShipment/Importer/Name\n"
     "  otherwise\n    N <-> Exporter/Name\n",
     "<Doc><K>I</K><I>n</I><E>e</E></Doc>"},
    {"derive-and-check", "Doc\n  L*\n    P",
     "in Doc <-> document\n  each L <-> GoodsShipment/GovernmentAgencyGoodsItem\n    P <-> "
     "CustomsValueAmount money\n  derive GoodsItemQuantity = count(L)\n  check sum(L/P) = 3 warn\n",
     "Doc\n  N\n  V*\n    P",
     "in Doc <-> document\n  N <-> GoodsItemQuantity integer\n  each V <-> GoodsShipment/GovernmentAgencyGoodsItem\n   "
     " P <-> "
     "CustomsValueAmount money\n",
     "<Doc><L><P>1</P></L><L><P>3.0</P></L></Doc>"},
    {"check-fails", "Doc\n  A\n  B",
     "in Doc <-> document\n  A <-> TotalPackageQuantity integer\n  B <-> LoadingListQuantity integer\n  check A >= B\n",
     "Doc\n  N", "in Doc <-> document\n  N <-> TotalPackageQuantity integer\n", "<Doc><A>1</A><B>2</B></Doc>",
     "a rule that does not hold"},
    {"check-holds", "Doc\n  A\n  B",
     "in Doc <-> document\n  A <-> TotalPackageQuantity integer\n  B <-> LoadingListQuantity integer\n  check A >= B\n",
     "Doc\n  N", "in Doc <-> document\n  N <-> TotalPackageQuantity integer\n", "<Doc><A>2</A><B>2</B></Doc>"},
    {"computed", "Doc\n  A\n  B", "in Doc <-> document\n  A <-> TotalPackageQuantity integer\n  B = A + 1\n",
     "Doc\n  N\n  M", "in Doc <-> document\n  N <-> TotalPackageQuantity integer\n  M = N * 2\n",
     "<Doc><A>4</A><B>9</B></Doc>"},
    {"defaults", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "Doc\n  Nr\n  Id\n  What\n  Box?\n    X\n    Y?",
     "in Doc <-> document\n  Nr <-> ID\n  Id <-> FunctionalReferenceID default \"$uuid5\" \"made\"\n  What <-> "
     "FunctionCode default \"9\" "
     "\"new\"\n  in Box\n    X <-> StatusCode default \"1\" \"one\"\n    Y <-> Declarant/Name\n",
     "<Doc><No>1</No></Doc>"},
    {"demanded-and-unfed", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n", "Doc\n  Nr\n  What",
     "in Doc <-> document\n  Nr <-> ID\n  What <-> FunctionCode\n", "<Doc><No>1</No></Doc>",
     "a demanded element that nothing feeds"},
    {"unfit", "Doc\n  No\n  Name", "in Doc <-> document\n  No <-> ID\n  Name <-> Declarant/Name\n",
     "Doc\n  Nr\n  Name? {3}", "in Doc <-> document\n  Nr <-> ID\n  Name <-> Declarant/Name\n",
     "<Doc><No>1</No><Name>long</Name></Doc>"},
    {"digits", "Doc\n  C", "in Doc <-> document\n  C <-> GoodsShipment/UCR/ID, FunctionalReferenceID digits 6+*\n",
     "Doc\n  H", "in Doc <-> document\n  H <-> GoodsShipment/UCR/ID\n", "<Doc><C>1234567890</C></Doc>"},
    {"order-of-the-schema", "Doc\n  A\n  B", "in Doc <-> document\n  A <-> ID\n  B <-> FunctionCode\n", "Doc\n  Y\n  X",
     "in Doc <-> document\n  X <-> ID\n  Y <-> FunctionCode\n", "<Doc><A>a</A><B>9</B></Doc>"},
    {"several-documents", "Doc\n  Part+\n    No", "in Doc\n  each Part <-> document\n    No <-> ID\n", "Doc\n  Nr",
     "in Doc <-> document\n  Nr <-> ID\n", "<Doc><Part><No>1</No></Part><Part><No>2</No></Part></Doc>"},
    {"several-in-one", "Doc\n  Part+\n    No\n    X?", "in Doc\n  each Part <-> document\n    No <-> ID\n    X carry\n",
     "Doc\n  D+\n    Nr\n  End", "in Doc\n  End <- \"e\"\n  each D <-> document\n    Nr <-> ID\n",
     "<Doc><Part><No>1</No><X>x</X></Part><Part><No>2</No></Part></Doc>"},
    {"list-of-texts", "Doc\n  A", "in Doc <-> document\n  A <-> Declarant/Address[1]/Line lines \", \"\n", "Doc\n  L?",
     "in Doc <-> document\n  L <-> Declarant/Address[1]/Line lines \"; \"\n", "<Doc><A>one, two, three</A></Doc>"},
    {"texts-that-are-one-value", "Doc\n  No\n  T*",
     "in Doc <-> document\n  No <-> ID\n  T* <-> Declarant/Name parts 10\n", "Doc\n  Nr",
     "in Doc <-> document\n  Nr <-> ID\n", "<Doc><No>1</No><T>one </T><T>two</T></Doc>"},
    {"key-of-the-output-in-a-list", "Doc\n  Sum?\n    @c\n  Rate*\n    Of\n    Is",
     "in Doc <-> document\n  Sum, @c <-> InvoiceAmount, @currencyID money, text\n  each Rate <-> CurrencyExchange\n"
     "    Of <-> CurrencyTypeCode\n    Is <-> RateNumeric decimal\n",
     "Doc\n  S?\n  C?\n  R?",
     "in Doc <-> document\n  S, C <-> InvoiceAmount, @currencyID money, text\n"
     "  R <-> CurrencyExchange[CurrencyTypeCode=(C)]/RateNumeric decimal\n",
     "<Doc><Sum c=\"XOF\">5</Sum><Rate><Of>EUR</Of><Is>655.9</Is></Rate><Rate><Of>XOF</Of><Is>1</Is></Rate></Doc>"},
    {"first-member-said-by-its-holder", "Doc\n  T*\n    Id?\n    No?",
     "in Doc <-> document\n  derive ID = value(T[1]/Id)\n  each T <-> Declarant/Communication\n    Id <-> ID\n    No "
     "<-> TypeCode\n  when T[1]/Id absent\n    T[1]/Id <- ID \"the holder says it\"\n",
     "Doc\n  Nr?\n  P*\n    I",
     "in Doc <-> document\n  Nr <-> ID\n  each P <-> Declarant/Communication\n    I <-> ID\n",
     "<Doc><T><Id>a</Id><No>1</No></T><T><Id>b</Id></T></Doc>"},
    {"a-list-or-its-first", "Doc\n  K\n  O*\n    Id",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    each O <-> EntryOffice\n      Id "
     "<-> ID\n  otherwise\n    in O[1] <-> ExitOffice\n      Id <-> ID\n",
     "Doc\n  K\n  P*\n    I", "in Doc <-> document\n  K <-> DirectionCode\n  each P <-> EntryOffice\n    I <-> ID\n",
     "<Doc><K>I</K><O><Id>a</Id></O><O><Id>b</Id></O></Doc>"},
    {"a-list-or-its-first-in-the-other-case", "Doc\n  K\n  O*\n    Id",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    each O <-> EntryOffice\n      Id "
     "<-> ID\n  otherwise\n    in O[1] <-> ExitOffice\n      Id <-> ID\n",
     "Doc\n  K\n  X?", "in Doc <-> document\n  K <-> DirectionCode\n  X <-> ExitOffice/ID\n",
     "<Doc><K>E</K><O><Id>a</Id></O></Doc>", "members that no row takes in this case"},
    // A member that stands by what a list inside of it says.
    {"member-with-a-list-alone", "Doc\n  No\n  Line*\n  City?",
     "in Doc <-> document\n  No <-> ID\n  each Line <-> Declarant/Address[1]/Line\n    . <-> .\n  City <-> "
     "Declarant/Address[1]/CityName\n",
     "Doc\n  Nr\n  P*\n    L?\n    C?",
     "in Doc <-> document\n  Nr <-> ID\n  each P <-> Declarant/Address\n    L <-> Line[1]\n    C <-> CityName\n",
     "<Doc><No>1</No><Line>a</Line><Line>b</Line></Doc>"},
    {"member-with-a-list-and-more", "Doc\n  No\n  Line*\n  City?",
     "in Doc <-> document\n  No <-> ID\n  each Line <-> Declarant/Address[1]/Line\n    . <-> .\n  City <-> "
     "Declarant/Address[1]/CityName\n",
     "Doc\n  Nr\n  P*\n    L?\n    C?",
     "in Doc <-> document\n  Nr <-> ID\n  each P <-> Declarant/Address\n    L <-> Line[1]\n    C <-> CityName\n",
     "<Doc><No>1</No><Line>a</Line><City>c</City></Doc>"},
    {"member-with-a-list-that-is-empty", "Doc\n  No\n  Line*\n  City?",
     "in Doc <-> document\n  No <-> ID\n  each Line <-> Declarant/Address[1]/Line\n    . <-> .\n  City <-> "
     "Declarant/Address[1]/CityName\n",
     "Doc\n  Nr\n  P*\n    L?\n    C?",
     "in Doc <-> document\n  Nr <-> ID\n  each P <-> Declarant/Address\n    L <-> Line[1]\n    C <-> CityName\n",
     "<Doc><No>1</No></Doc>"},
    {"selector-said-by-a-list-alone", "Doc\n  No\n  Line*",
     "in Doc <-> document\n  No <-> ID\n  each Line <-> Declarant/Address[TypeCode=X]/Line\n    . <-> .\n",
     "Doc\n  Nr\n  P*\n    K?\n    L?",
     "in Doc <-> document\n  Nr <-> ID\n  each P <-> Declarant/Address\n    K <-> TypeCode\n    L <-> Line[1]\n",
     "<Doc><No>1</No><Line>a</Line></Doc>"},
    // Cases that ask whether a class is there, or an element that holds others.
    {"class-that-is-there", "Doc\n  A?\n  B?",
     "in Doc <-> document\n  A <-> Exporter/Name\n  B <-> GoodsShipment/Importer/Name\n", "Doc\n  E?\n  I?",
     "in Doc <-> document\n  when Exporter present\n    E <-> Exporter/Name\n  otherwise\n    I <-> "
     "GoodsShipment/Importer/Name\n",
     "<Doc><A>a</A><B>b</B></Doc>"},
    {"class-that-is-not-there", "Doc\n  A?\n  B?",
     "in Doc <-> document\n  A <-> Exporter/Name\n  B <-> GoodsShipment/Importer/Name\n", "Doc\n  E?\n  I?",
     "in Doc <-> document\n  when Exporter present\n    E <-> Exporter/Name\n  otherwise\n    I <-> "
     "GoodsShipment/Importer/Name\n",
     "<Doc><B>b</B></Doc>"},
    {"list-whose-member-says-nothing", "Doc\n  N\n  Item*\n    D?",
     "in Doc <-> document\n  N <-> ID\n  each Item <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n",
     "Doc\n  Some?\n  None?",
     "in Doc <-> document\n  when GoodsShipment/GovernmentAgencyGoodsItem present\n    Some <-> ID\n  otherwise\n    "
     "None <-> ID\n",
     "<Doc><N>1</N><Item/></Doc>"},
    {"class-around-a-list", "Doc\n  N\n  Item*\n    D?",
     "in Doc <-> document\n  N <-> ID\n  each Item <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n",
     "Doc\n  Some?\n  None?",
     "in Doc <-> document\n  when GoodsShipment present\n    Some <-> ID\n  otherwise\n    None <-> ID\n",
     "<Doc><N>1</N><Item/></Doc>"},
    {"selected-member-that-is-there", "Doc\n  N\n  D*\n    Code\n    Id",
     "in Doc <-> document\n  N <-> ID\n  each D <-> AdditionalDocument\n    Code <-> TypeCode\n    Id <-> ID\n",
     "Doc\n  With?\n  Without?",
     "in Doc <-> document\n  when AdditionalDocument[TypeCode=703] present\n    With <-> ID\n  otherwise\n    "
     "Without <-> ID\n",
     "<Doc><N>1</N><D><Code>1</Code><Id>x</Id></D><D><Code>703</Code><Id>y</Id></D></Doc>"},
    {"element-that-nothing-stands-in", "Doc\n  T*\n    Id\n  N?",
     "in Doc <-> document\n  each T <-> Declarant/Communication\n    Id <-> ID\n  N <-> Exporter/Name\n",
     "Doc\n  P*\n    Id",
     "in Doc <-> document\n  each P <-> Declarant/Communication\n    Id <-> ID\n  when P absent\n    P[1]/Id <- "
     "Exporter/Name \"where there is none\"\n",
     "<Doc><N>n</N></Doc>"},
    {"element-that-something-stands-in", "Doc\n  T*\n    Id\n  N?",
     "in Doc <-> document\n  each T <-> Declarant/Communication\n    Id <-> ID\n  N <-> Exporter/Name\n",
     "Doc\n  P*\n    Id",
     "in Doc <-> document\n  each P <-> Declarant/Communication\n    Id <-> ID\n  when P absent\n    P[1]/Id <- "
     "Exporter/Name \"where there is none\"\n",
     "<Doc><T><Id>1</Id></T><N>n</N></Doc>"},
    {"members-that-are-read", "Doc\n  N\n  P*\n    Id",
     "in Doc <-> document\n  each P <-> Declarant/Communication\n    Id <-> ID\n  when P absent\n    N <-> ID\n    "
     "P[1]/Id <- Exporter/Name \"where there is none\"\n  otherwise\n    N <-> Exporter/Name\n",
     "Doc\n  I?\n  E?\n  T*\n    Id",
     "in Doc <-> document\n  I <-> ID\n  E <-> Exporter/Name\n  each T <-> Declarant/Communication\n    Id <-> ID\n",
     "<Doc><N>n</N><P><Id>1</Id></P></Doc>"},
    {"members-that-are-not-read", "Doc\n  N\n  P*\n    Id",
     "in Doc <-> document\n  each P <-> Declarant/Communication\n    Id <-> ID\n  when P absent\n    N <-> ID\n    "
     "P[1]/Id <- Exporter/Name \"where there is none\"\n  otherwise\n    N <-> Exporter/Name\n",
     "Doc\n  I?\n  E?\n  T*\n    Id",
     "in Doc <-> document\n  I <-> ID\n  E <-> Exporter/Name\n  each T <-> Declarant/Communication\n    Id <-> ID\n",
     "<Doc><N>n</N></Doc>"},
    {"element-that-is-empty", "Doc\n  H?\n    M?\n  N",
     "in Doc <-> document\n  in H\n    M <-> GoodsShipment/Importer/Name\n  when H present\n    N <-> ID\n  "
     "otherwise\n    N <-> Exporter/Name\n",
     "Doc\n  I?\n  E?\n  M?",
     "in Doc <-> document\n  I <-> ID\n  E <-> Exporter/Name\n  M <-> GoodsShipment/Importer/Name\n",
     "<Doc><H/><N>n</N></Doc>"},
    {"element-that-is-not-there", "Doc\n  H?\n    M?\n  N",
     "in Doc <-> document\n  in H\n    M <-> GoodsShipment/Importer/Name\n  when H present\n    N <-> ID\n  "
     "otherwise\n    N <-> Exporter/Name\n",
     "Doc\n  I?\n  E?\n  M?",
     "in Doc <-> document\n  I <-> ID\n  E <-> Exporter/Name\n  M <-> GoodsShipment/Importer/Name\n",
     "<Doc><N>n</N></Doc>"},
    {"class-that-was-read", "Doc\n  H?\n    M?\n  Item*\n    D\n    S?",
     "in Doc <-> document\n  in H <-> Exporter\n    M <-> Name\n  each Item <-> "
     "GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> Commodity/Description\n    when /Exporter present\n      S "
     "carry\n    otherwise\n      S <-> Origin[TypeCode=1]/RegionID\n",
     "Doc\n  E?\n  G*\n    D\n    R?",
     "in Doc <-> document\n  E <-> Exporter/Name\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n    R <-> Origin[TypeCode=1]/RegionID\n",
     "<Doc><H><M>m</M></H><Item><D>a</D><S>s</S></Item></Doc>"},
    {"class-that-was-not-read", "Doc\n  H?\n    M?\n  Item*\n    D\n    S?",
     "in Doc <-> document\n  in H <-> Exporter\n    M <-> Name\n  each Item <-> "
     "GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> Commodity/Description\n    when /Exporter present\n      S "
     "carry\n    otherwise\n      S <-> Origin[TypeCode=1]/RegionID\n",
     "Doc\n  E?\n  G*\n    D\n    R?",
     "in Doc <-> document\n  E <-> Exporter/Name\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n    R <-> Origin[TypeCode=1]/RegionID\n",
     "<Doc><Item><D>a</D><S>s</S></Item></Doc>"},
    // What the schema demands: a group's own rows say what stands in it, those of a member do where it stands.
    {"case-in-a-case-in-a-case", "Doc\n  A?\n  B?\n  C?\n  N",
     "in Doc <-> document\n  when A present\n    when B present\n      when C present\n        A ~ B ~ C <-> "
     "GoodsShipment/UCR/ID join \"/\" (text, text, text)\n      otherwise\n        A, B carry\n    otherwise\n      A, "
     "C "
     "carry\n  otherwise\n    B, C carry\n  N <-> ID\n",
     "Doc\n  N\n  U?", "in Doc <-> document\n  N <-> ID\n  U <-> GoodsShipment/UCR/ID\n",
     "<Doc><A>a</A><B>b</B><C>c</C><N>1</N></Doc>"},
    {"case-in-a-case-without-its-case", "Doc\n  A?\n  B?\n  C?\n  N",
     "in Doc <-> document\n  when A present\n    when B present\n      when C present\n        A ~ B ~ C <-> "
     "GoodsShipment/UCR/ID join \"/\" (text, text, text)\n      otherwise\n        A, B carry\n    otherwise\n      A, "
     "C "
     "carry\n  otherwise\n    B, C carry\n  N <-> ID\n",
     "Doc\n  N\n  U?", "in Doc <-> document\n  N <-> ID\n  U <-> GoodsShipment/UCR/ID\n",
     "<Doc><A>a</A><B>b</B><N>1</N></Doc>"},
    {"group-in-a-case-that-the-document-tells-apart", "Doc\n  N\n  E?\n  I?",
     "in Doc <-> document\n  N <-> ID\n  E <-> Exporter/Name\n  I <-> GoodsShipment/Importer/Name\n",
     "Doc\n  N\n  Role\n  P?\n    Name",
     "in Doc <-> document\n  N <-> ID\n  when Role = \"e\"\n    Role <- \"e\"\n    in P <-> Exporter\n      Name <-> "
     "Name\n  when Role = \"i\"\n    Role <- \"i\"\n    in P <-> GoodsShipment/Importer\n      Name <-> Name\n",
     "<Doc><N>1</N><I>i</I></Doc>"},
    {"group-in-the-first-case", "Doc\n  N\n  E?\n  I?",
     "in Doc <-> document\n  N <-> ID\n  E <-> Exporter/Name\n  I <-> GoodsShipment/Importer/Name\n",
     "Doc\n  N\n  Role\n  P?\n    Name",
     "in Doc <-> document\n  N <-> ID\n  when Role = \"e\"\n    Role <- \"e\"\n    in P <-> Exporter\n      Name <-> "
     "Name\n  when Role = \"i\"\n    Role <- \"i\"\n    in P <-> GoodsShipment/Importer\n      Name <-> Name\n",
     "<Doc><N>1</N><E>e</E><I>i</I></Doc>"},
    {"first-of-a-list-that-is-read-as-a-whole-too", "Doc\n  H*\n    W?\n    I*\n      D",
     "in Doc <-> document\n  in H[1]\n    W <-> ID\n  each H/I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n",
     "Doc\n  N?\n  G*\n    D",
     "in Doc <-> document\n  N <-> ID\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n",
     "<Doc><H><W>1</W><I><D>a</D></I></H><H><I><D>b</D></I></H></Doc>"},
    {"warned-of-in-a-list-in-a-list", "Doc\n  N\n  H*\n    I*\n      A\n      B",
     "in Doc <-> document\n  N <-> ID\n  each H/I <-> GoodsShipment/GovernmentAgencyGoodsItem\n    A <-> "
     "Commodity/Description\n    B <-> Packaging[1]/MarksNumbersID\n  check each H/I: A >= B warn\n",
     "Doc\n  N\n  G*\n    D\n    M",
     "in Doc <-> document\n  N <-> ID\n  each G <-> GoodsShipment/GovernmentAgencyGoodsItem\n    D <-> "
     "Commodity/Description\n    M <-> Packaging[1]/MarksNumbersID\n",
     "<Doc><N>1</N><H><I><A>3</A><B>2</B></I></H><H><I><A>2</A><B>1</B></I><I><A>1</A><B>2</B></I></H></Doc>"},
    {"demanded-group", "Doc\n  N", "in Doc <-> document\n  N <-> ID\n", "Doc\n  N\n  H\n    V\n    T?",
     "in Doc <-> document\n  N <-> ID\n  in H\n    V <- \"1\"\n    T <-> IssueDateTime date\n", "<Doc><N>1</N></Doc>"},
    {"demanded-first-member", "Doc\n  N", "in Doc <-> document\n  N <-> ID\n", "Doc\n  N\n  P+\n    V\n    W?",
     "in Doc <-> document\n  N <-> ID\n  each P <-> Declarant/Communication\n    W <-> ID\n    V <-> TypeCode\n  "
     "when P absent\n    P[1]/V <- \"1\"\n",
     "<Doc><N>1</N></Doc>"},
    {"constant-where-a-list-is-absent", "Doc\n  N\n  P*\n    V\n    W?",
     "in Doc <-> document\n  N <-> ID\n  each P <-> Declarant/Communication\n    W <-> ID\n    V <-> TypeCode\n  "
     "when P absent\n    P[1]/V <- \"1\"\n",
     "Doc\n  N\n  Q*\n    T?",
     "in Doc <-> document\n  N <-> ID\n  each Q <-> Declarant/Communication\n    T <-> "
     "TypeCode\n",
     "<Doc><N>1</N><P><V>TE</V><W>w</W></P></Doc>"},
    {"demanded-in-a-case", "Doc\n  K\n  N?", "in Doc <-> document\n  K <-> DirectionCode\n  N <-> ID\n",
     "Doc\n  K\n  A",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    A <-> ID default \"-\" \"none is "
     "named\"\n  otherwise\n    A <-> GoodsShipment/UCR/ID default \"?\" \"no mark is known\"\n",
     "<Doc><K>E</K></Doc>"},
    {"demanded-in-another-case", "Doc\n  K\n  N?", "in Doc <-> document\n  K <-> DirectionCode\n  N <-> ID\n",
     "Doc\n  K\n  A",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    A <-> ID default \"-\" \"none is "
     "named\"\n",
     "<Doc><K>E</K></Doc>", "a default of another case"},
    {"rest-of-a-case", "Doc\n  K\n  N?\n  M?",
     "in Doc <-> document\n  K <-> DirectionCode\n  when DirectionCode = \"I\"\n    N <-> "
     "GoodsShipment/Importer/Name\n  otherwise\n    M <-> Exporter/Name\n",
     "Doc\n  K", "in Doc <-> document\n  K <-> DirectionCode\n", "<Doc><K>E</K><N>n</N></Doc>",
     "a value that no row takes in this case"},
    {"only-of-a-type", "Doc\n  T?\n  No", "in Doc <-> document\n  T <-> TypeCode\n  No <-> ID\n", "Doc\n  No",
     "in Doc <-> document\n  No <-> ID\n", "<Doc><T>MST</T><No>1</No></Doc>", "", "", "only TypeCode none MST\n"},
    {"only-of-no-type", "Doc\n  T?\n  No", "in Doc <-> document\n  T <-> TypeCode\n  No <-> ID\n", "Doc\n  No",
     "in Doc <-> document\n  No <-> ID\n", "<Doc><No>1</No></Doc>", "", "", "only TypeCode none MST\n"},
    {"only-of-another-type", "Doc\n  T?\n  No", "in Doc <-> document\n  T <-> TypeCode\n  No <-> ID\n", "Doc\n  No",
     "in Doc <-> document\n  No <-> ID\n", "<Doc><T>ARR</T><No>1</No></Doc>",
     "a document of another type than the target's", "", "only TypeCode none MST\n"},
};

std::string lines(const Ledger& ledger) {
    std::string all;
    for (const LossEntry& one : ledger.entries)
        all += std::string(loss_kind_name(one.kind)) + " " + one.path + " " + one.value + " " + one.reason + " " +
               one.row + "\n";
    return all;
}

std::string told(const std::vector<Error>& warnings) {
    std::string all;
    for (const Error& one : warnings) all += one.detail + " at " + one.place.path + "\n";
    return all;
}

class PlanForms : public ::testing::TestWithParam<Case> {};

TEST_P(PlanForms, AsTheReference) {
    const Case& one = GetParam();
    const auto source = loaded(
        {.tree = one.source_tree, .rows = one.source_rows, .head = one.source_head, .lists = {}, .format = "xx.test"});
    const auto target = loaded(
        {.tree = one.target_tree, .rows = one.target_rows, .head = one.target_head, .lists = {}, .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value()) << plan.error().text();
    EXPECT_FALSE((*plan)->explain().empty());
    const schema::Element tree = element(one.xml);
    Context context;
    context.message_digest = "00";
    context.received = "2026-11-23T16:00:00+08:00";
    schema::Tape tape;
    hansa::test::fill_tape(tree, *paths, tape);
    PlanRun run(**plan);
    Diagnostics refused;
    const auto reference = translate(*source, *target, tree, context, context, refused);
    // Again and again, and after a run that was declined: nothing is left over from one message to the next. The first
    // turn is taken down, the others go its course.
    run.learn(1);
    for (int turn = 0; turn < 3; ++turn) {
        run.begin(context, context);
        const Fast done = run.message(tape);
        EXPECT_EQ(run.why(), one.declined);
        if (done == Fast::declined) continue;
        ASSERT_TRUE(reference.has_value()) << reference.error().text();
        ASSERT_EQ(run.messages(), reference->writing.messages.size());
        for (std::size_t i = 0; i < run.messages(); ++i)
            EXPECT_EQ(run.bytes(i), schema::write_tree(reference->writing.messages[i]));
        Ledger ledger;
        xml::LineIndex index(one.xml);
        run.ledger(ledger, index);
        EXPECT_EQ(lines(ledger), lines(reference->ledger));
        EXPECT_EQ(told(run.warnings()), told(reference->reading.warnings) + told(reference->writing.warnings));
    }
    if (std::string_view(one.declined).empty()) {
        EXPECT_EQ(run.courses().gone >= 2, std::string_view(one.not_learned).empty());
    }
    // A blank text gives a document no shape: nobody begins to take it down.
    const std::string_view why = one.not_learned;
    EXPECT_EQ(run.courses().not_learned, why == "no shape" ? "" : why);
}

INSTANTIATE_TEST_SUITE_P(Rows, PlanForms, ::testing::ValuesIn(cases), [](const auto& one) {
    std::string name = one.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

/// A document of the shape of another, whose texts ask for something else.
struct Other {
    const char* name;  ///< of the case
    const char* xml;
    bool gone;  ///< by the course of the case's own document

    friend void PrintTo(const Other& one, std::ostream* out) { *out << one.name; }
};

const Other others[] = {
    {"value", "<Doc><No>&lt;1&gt; 2</No></Doc>", true},
    {"only_of_a_type", "<Doc><T>ARR</T><No>1</No></Doc>", false},
    {"only_of_a_type", "<Doc><T>MST</T><No>2</No></Doc>", true},
    {"none_word", "<Doc><No>YES</No></Doc>", false},
    {"attributes", "<Doc><No kind=\"4\">&quot;2</No></Doc>", true},
    {"tuple", "<Doc><Price>1</Price><Currency>USD</Currency></Doc>", true},
    {"code_in_two_lists", "<Doc><K>2</K></Doc>", true},
    {"code_that_a_case_asks_for_too", "<Doc><K>2</K><N>n</N></Doc>", false},
    {"zero_empty", "<Doc><Q>3</Q><U>KGM</U></Doc>", false},
    {"constant_unit", "<Doc><W>8.50</W></Doc>", true},
    {"constant_cannot_be_said", "<Doc><W u=\"KGM\">7</W></Doc>", false},
    {"constant_cannot_be_said", "<Doc><W u=\"GRM\">7</W></Doc>", false},
    {"borrowed_agrees", "<Doc><F c=\"EUR\">6.5</F></Doc>", true},
    {"every", "<Doc><W>x</W><I><D>c</D></I><I><D>d</D></I></Doc>", true},
    {"every_written", "<Doc><G><R>a</R></G><G><R>b</R></G><G><R>b</R></G></Doc>", false},
    {"every_written", "<Doc><G><R>x</R></G><G><R>x</R></G><G><R>y</R></G></Doc>", true},
    {"fixed", "<Doc><V>1.0</V><No>2</No></Doc>", false},
    {"carry_drop", "<Doc><No>7</No><A x=\"q\">z</A><B><C>other</C></B></Doc>", true},
    {"when", "<Doc><K>I</K><N>m</N></Doc>", false},
    {"when", "<Doc><K>E</K><N>m</N></Doc>", true},
    {"when_written", "<Doc><K>E</K><I>n</I><E>e</E></Doc>", false},
    {"derive_and_check", "<Doc><L><P>2.00</P></L><L><P>1.0</P></L></Doc>", true},
    {"derive_and_check", "<Doc><L><P>2.50</P></L><L><P>1.0</P></L></Doc>", true},
    {"check_holds", "<Doc><A>1</A><B>2</B></Doc>", false},
    {"computed", "<Doc><A>4</A><B>5</B></Doc>", false},
    {"computed", "<Doc><A>7</A><B>9</B></Doc>", true},
    {"unfit", "<Doc><No>1</No><Name>abc</Name></Doc>", false},
    {"unfit", "<Doc><No>2</No><Name>lang</Name></Doc>", true},
    {"several_documents", "<Doc><Part><No>8</No></Part><Part><No>9</No></Part></Doc>", true},
    {"several_in_one", "<Doc><Part><No>8</No><X>y</X></Part><Part><No>9</No></Part></Doc>", true},
    {"list_of_texts", "<Doc><A>1, 2</A></Doc>", false},
    {"list_of_texts", "<Doc><A>1, 2, 3</A></Doc>", true},
    {"key_of_the_output_in_a_list",
     "<Doc><Sum c=\"EUR\">5</Sum><Rate><Of>EUR</Of><Is>655.9</Is></Rate><Rate><Of>XOF</Of><Is>1</Is></Rate></Doc>",
     false},
    {"selected_twice_saying_the_same",
     "<Doc><D><Code>703</Code><Id>z</Id></D><D><Code>1</Code><Id>y</Id></D><D><Code>703</Code><Id>z</Id></D></Doc>", true},
    {"selected_twice_saying_the_same",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>1</Code><Id>y</Id></D><D><Code>703</Code><Id>z</Id></D></Doc>", false},
    {"selected_twice_saying_the_same",
     "<Doc><D><Code>703</Code><Id>x</Id></D><D><Code>1</Code><Id>y</Id></D><D><Code>704</Code><Id>z</Id></D></Doc>", false},
    {"a_list_or_its_first", "<Doc><K>I</K><O><Id>c</Id></O><O><Id>d</Id></O></Doc>", true},
};

class PlanCourses : public ::testing::TestWithParam<Other> {};

TEST_P(PlanCourses, LeadWhereTheReferenceLeads) {
    const Other& other = GetParam();
    std::string name = other.name;
    std::replace(name.begin(), name.end(), '_', '-');
    const auto known =
        std::find_if(std::begin(cases), std::end(cases), [&](const Case& one) { return one.name == name; });
    ASSERT_NE(known, std::end(cases)) << name;
    const auto source = loaded({.tree = known->source_tree,
                                .rows = known->source_rows,
                                .head = known->source_head,
                                .lists = {},
                                .format = "xx.test"});
    const auto target = loaded({.tree = known->target_tree,
                                .rows = known->target_rows,
                                .head = known->target_head,
                                .lists = {},
                                .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value()) << plan.error().text();
    Context context;
    context.message_digest = "00";
    context.received = "2026-11-23T16:00:00+08:00";
    PlanRun run(**plan);
    run.learn(1);
    bool asked = false;
    for (const char* xml : {known->xml, other.xml, known->xml, other.xml}) {
        const schema::Element tree = element(xml);
        schema::Tape tape;
        hansa::test::fill_tape(tree, *paths, tape);
        run.begin(context, context);
        const std::uint64_t before = run.courses().gone;
        const Fast done = run.message(tape);
        // The first document of other texts is the one that meets the course of another.
        if (xml == other.xml && !std::exchange(asked, true)) {
            EXPECT_EQ(run.courses().gone != before, other.gone);
        }
        Diagnostics refused;
        const auto reference = translate(*source, *target, tree, context, context, refused);
        if (done == Fast::declined) continue;
        ASSERT_TRUE(reference.has_value()) << reference.error().text();
        ASSERT_EQ(run.messages(), reference->writing.messages.size());
        for (std::size_t i = 0; i < run.messages(); ++i)
            EXPECT_EQ(run.bytes(i), schema::write_tree(reference->writing.messages[i]));
        Ledger ledger;
        xml::LineIndex index(xml);
        run.ledger(ledger, index);
        EXPECT_EQ(lines(ledger), lines(reference->ledger));
        const std::vector<Error>& warnings = reference->reading.warnings;
        ASSERT_EQ(run.warnings().size(), warnings.size());
        for (std::size_t i = 0; i < warnings.size(); ++i) EXPECT_EQ(run.warnings()[i].text(), warnings[i].text());
    }
}

INSTANTIATE_TEST_SUITE_P(Texts, PlanCourses, ::testing::ValuesIn(others),
                         [](const auto& one) { return std::string(one.param.name) + "_" + std::to_string(one.index); });

TEST(Plan, OneAuthorityIsLeftToTheReference) {
    const SmallTable table{.tree = "Doc\n  No",
                           .rows = "in Doc <-> document\n  No <-> ID\n",
                           .head = {},
                           .lists = {},
                           .format = "xx.test"};
    const auto mapping = loaded(table);
    Diagnostics faults;
    const auto plan = Plan::compile({mapping, paths_of(*mapping), {}}, {mapping, {}}, {}, faults);
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, codes::plan_unsupported);
    EXPECT_EQ(faults.count(), 1u);
}

TEST(Plan, TellsTheRowThatItCannotHold) {
    const auto source = loaded({.tree = "Doc\n  A",
                                .rows = "in Doc <-> document\n  A <-> Declarant/Address[1]/Line lines \", \"\n",
                                .head = {},
                                .lists = {},
                                .format = "xx.test"});
    const auto target = loaded({.tree = "Doc\n  L*",
                                .rows = "in Doc <-> document\n  each L <-> Declarant/Address[1]/Line\n    . <-> .\n",
                                .head = {},
                                .lists = {},
                                .format = "yy.test"});
    Diagnostics faults;
    const auto plan = Plan::compile({source, paths_of(*source), {}}, {target, {}}, {}, faults);
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, codes::plan_unsupported);
    EXPECT_NE(plan.error().detail.find("each L"), std::string::npos) << plan.error().detail;
}

/// As the reference: a place that a path names is a value like others, but a target with pointers gets those of it.
TEST(Plan, APlaceThatAPathNames) {
    const auto source =
        loaded({.tree = "Doc\n  Wrong*\n    Where\n    Nr?\n",
                .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    "
                        "Where <-> Description\n    Nr carry\n    derive Place = place(where, Where, "
                        "Nr)\n",
                .head = "pivot response\nuse codes/where\n",
                .lists = {{"where",
                           "columns national standard\nM                   Declaration\n"
                           "M/House[1]/Item[#]  Declaration/GoodsShipment/GovernmentAgencyGoodsItem[#]\n"
                           "10[#]               Declaration/GoodsShipment/"
                           "GovernmentAgencyGoodsItem[#]/Commodity\n"}},
                .format = "xx.test"});
    const auto target =
        loaded({.tree = "Doc\n  Wrong*\n    Text?\n    Place?\n",
                .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    Text "
                        "<-> Description\n    Place <-> Place\n",
                .head = "pivot response\n",
                .lists = {},
                .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value()) << plan.error().text();
    Context context;
    context.message_digest = "00";
    PlanRun run(**plan);
    run.learn(1);
    for (const char* where : {"/M/House[1]/Item[2]", "/M/House[1]/Item[3]", "else", "/M/House[1]/Item[7]"}) {
        const schema::Element tree = element("<Doc><Wrong><Where>" + std::string(where) +
                                             "</Where></Wrong><Wrong><Where>10</Where><Nr>4</Nr></Wrong></Doc>");
        schema::Tape tape;
        hansa::test::fill_tape(tree, *paths, tape);
        run.begin(context, context);
        ASSERT_EQ(run.message(tape), Fast::done) << run.why();
        const auto reference = translate(*source, *target, tree, context, context, faults);
        ASSERT_TRUE(reference.has_value()) << reference.error().text();
        EXPECT_EQ(run.bytes(0), schema::write_tree(reference->writing.messages.front()));
        EXPECT_NE(run.bytes(0).find("Item[4]/Commodity"), std::string_view::npos);
    }
    const auto pointers = loaded({.tree = "Doc\n  Wrong*\n    Text?\n    P*\n      Class?\n",
                                  .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    "
                                          "Text <-> Description\n    each P <-> Pointer\n      Class <-> "
                                          "DocumentSectionCode\n",
                                  .head = "pivot response\n",
                                  .lists = {},
                                  .format = "yy.test"});
    const auto none = Plan::compile({source, paths, {}}, {pointers, {}}, {}, faults);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, codes::plan_unsupported);
    const auto back = Plan::compile({pointers, paths_of(*pointers), {}}, {target, {}}, {}, faults);
    ASSERT_FALSE(back.has_value());
    EXPECT_EQ(back.error().code, codes::plan_unsupported);
}

/// A format with one text for all reasons: as the reference, and what has no room is told.
TEST(Plan, GathersTheMembersOfAList) {
    const auto source = loaded({.tree = "Doc\n  Wrong*\n    Text?\n    Code?\n",
                                .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  each Wrong <-> Error\n    Text <-> Description\n"
                                        "    Code <-> ValidationCode\n",
                                .head = "pivot response\n",
                                .lists = {},
                                .format = "xx.test"});
    const auto target = loaded({.tree = "Doc\n  Info? {20}\n  Codes?\n",
                                .rows = "in Doc <-> document\n  \"03\" <-> FunctionCode\n  Info <-> Error[1]/Description gather \"; \"\n"
                                        "  Codes <-> Error[1]/ValidationCode gather \", \"\n",
                                .head = "pivot response\n",
                                .lists = {},
                                .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value()) << plan.error().text();
    Context context;
    context.message_digest = "00";
    PlanRun run(**plan);
    run.learn(1);
    const std::map<std::string, std::string> documents{
        {"<Wrong><Text>one</Text><Code>1</Code></Wrong><Wrong><Text>two</Text></Wrong><Wrong><Code>3</Code></Wrong>", "<Doc><Info>one; two</Info><Codes>1, 3</Codes></Doc>"},
        {"<Wrong><Text>three</Text></Wrong>", "<Doc><Info>three</Info></Doc>"},
        {"<Wrong><Code>1</Code></Wrong><Wrong><Text>two</Text><Code>1</Code></Wrong>", "<Doc><Info>two</Info><Codes>1</Codes></Doc>"},
        {"<Wrong><Text>ten letter</Text></Wrong><Wrong><Text>ten more..</Text></Wrong>", "<Doc><Info>ten letter</Info></Doc>"},
        {"", "<Doc></Doc>"}};
    for (int times = 0; times < 3; ++times) {
        for (const auto& [text, wanted] : documents) {
            const schema::Element tree = element("<Doc>" + text + "</Doc>");
            schema::Tape tape;
            hansa::test::fill_tape(tree, *paths, tape);
            run.begin(context, context);
            ASSERT_EQ(run.message(tape), Fast::done) << run.why();
            const auto reference = translate(*source, *target, tree, context, context, faults);
            ASSERT_TRUE(reference.has_value()) << reference.error().text();
            EXPECT_EQ(test::xml_of(reference->writing.messages.front()), wanted);
            EXPECT_EQ(run.bytes(0), schema::write_tree(reference->writing.messages.front()));
            const bool short_of_room = text.find("ten") != std::string::npos;
            EXPECT_EQ(std::ranges::count(reference->writing.ledger.entries, std::string("1 of 2 texts have no room in it"), &LossEntry::reason), short_of_room ? 1 : 0);
            Ledger ledger;
            xml::LineIndex index(text);
            run.ledger(ledger, index);
            EXPECT_EQ(lines(ledger), lines(reference->writing.ledger)) << text;
        }
    }
}

TEST(Plan, HasBounds) {
    const auto source = loaded({.tree = "Doc\n  No",
                                .rows = "in Doc <-> document\n  No <-> ID\n",
                                .head = {},
                                .lists = {},
                                .format = "xx.test"});
    const auto target = loaded({.tree = "Doc\n  No",
                                .rows = "in Doc <-> document\n  No <-> ID\n",
                                .head = {},
                                .lists = {},
                                .format = "yy.test"});
    Diagnostics faults;
    const auto plan =
        Plan::compile({source, paths_of(*source), {}}, {target, {}}, {.rows_max = 1, .outputs_max = 10}, faults);
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, codes::plan_limit);
}

TEST(Plan, WhatStandsAroundTheDocumentsOfTheReceiverIsLeftToTheReference) {
    const auto source = loaded({.tree = "Doc\n  No",
                                .rows = "in Doc <-> document\n  No <-> ID\n",
                                .head = {},
                                .lists = {},
                                .format = "xx.test"});
    const auto target = loaded({.tree = "Doc\n  No",
                                .rows = "in Doc <-> document\n  No <-> ID\n",
                                .head = {},
                                .lists = {},
                                .format = "yy.test"});
    Diagnostics faults;
    const auto paths = paths_of(*source);
    const auto plan = Plan::compile({source, paths, {}}, {target, {}}, {}, faults);
    ASSERT_TRUE(plan.has_value());
    const schema::Element tree = element("<Doc><No>1</No></Doc>");
    schema::Tape tape;
    hansa::test::fill_tape(tree, *paths, tape);
    PlanRun run(**plan);
    Context context;
    context.envelope["No"] = "2";
    run.begin({}, context);
    EXPECT_EQ(run.message(tape), Fast::declined);
    EXPECT_EQ(run.why(), "values of the receiver's envelope");
    Context draft;
    draft.draft = true;
    run.begin({}, draft);
    EXPECT_EQ(run.message(tape), Fast::declined);
}

}  // namespace
}  // namespace hansa::mapping::test
