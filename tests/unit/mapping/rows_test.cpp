// Every form of row: what it makes of a document, that it comes back equal, and what the refusing
// twin beside it is refused with. Expected values follow from docs/mapping-language.md.
#include <gtest/gtest.h>

#include "core/mapping/coverage.h"
#include "tests/unit/mapping/small.h"

namespace hansa::mapping::test {
namespace {

struct Case {
    const char* name;
    const char* tree;
    const char* rows;
    const char* xml;
    const char* pivot;       ///< lines; "" with `error`: refused
    const char* error = "";  ///< "mapping.code-unknown /Doc/Unit", when reading is refused
    const char* head = "";
    const char* held = "";  ///< memory and annex, one a line: "memory place = text", "annex place = text"

    friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

const std::map<std::string, std::string>& lists() {
    static const std::map<std::string, std::string> all{
        {"unit", "columns national standard note\n006 SET\n007 H87! piece\n011 H87 \"piece, too\"\n120 own box\n"},
        {"kind", "columns national function status note\n1 02 own stored\n3 02! own sent\n"},
        {"firm", "columns pattern scheme\n/[0-9]{5}/ TIN\n/.+/ xx:OTHER\n"},
        {"published", "list 2016\ncolumns national standard note\n006 SET\n"},
        {"type", "columns national standard note\nI IM\nE EX\n"}};
    return all;
}

const Case cases[] = {
    {"text", "Doc\n  No", "in Doc <-> document\n  No <-> FunctionalReferenceID\n", "<Doc><No>A-1</No></Doc>",
     "FunctionalReferenceID = A-1\n"},
    {"pair", "Doc\n  Sum\n  Cur", "in Doc <-> document\n  Sum, Cur <-> InvoiceAmount, @currencyID money, text\n",
     "<Doc><Sum>12.50</Sum><Cur>USD</Cur></Doc>", "InvoiceAmount = 12.5 @currencyID=USD\n", "", "",
     "memory Sum = 12.50\n"},
    {"selected-twice-and-differently", "Doc\n  D*\n    K\n    V",
     "in Doc <-> document\n  D[K=a]/V <-> ID\n  each D <-> AdditionalDocument\n    K <-> TypeCode\n    V <-> ID\n",
     "<Doc><D><K>a</K><V>x</V></D><D><K>a</K><V>z</V></D></Doc>", "", "mapping.disagree /Doc/D[2]/V"},
    {"pair-part-missing", "Doc\n  Sum?\n  Cur?",
     "in Doc <-> document\n  Sum, Cur <-> InvoiceAmount, @currencyID money, text\n", "<Doc><Sum>12.50</Sum></Doc>", "",
     "mapping.part-missing /Doc/Sum"},
    {"pair-zero-empty", "Doc\n  Sum?\n  Cur?",
     "in Doc <-> document\n  Sum, Cur <-> InvoiceAmount, @currencyID money zero-empty, text\n",
     "<Doc><Sum>0</Sum></Doc>", "", "", "", "memory Sum = 0\n"},
    {"constant-in-pair", "Doc\n  Mass",
     "in Doc <-> document\n  Mass, \"KGM\" <-> TotalGrossMassMeasure, @unitCode measure\n", "<Doc><Mass>7</Mass></Doc>",
     "TotalGrossMassMeasure = 7 @unitCode=KGM\n"},
    {"constant-to-pivot", "Doc\n  No", "in Doc <-> document\n  No <-> ID\n  \"9\" <-> FunctionCode\n",
     "<Doc><No>1</No></Doc>", "FunctionCode = 9\nID = 1\n"},
    {"fixed", "Doc\n  No\n  Version", "in Doc <-> document\n  No <-> ID\n  Version <- \"1.0\" | /v[0-9.]+/\n",
     "<Doc><No>1</No><Version>v1.0</Version></Doc>", "ID = 1\n", "", "", "memory Version = v1.0\n"},
    {"fixed-other", "Doc\n  No\n  Version", "in Doc <-> document\n  No <-> ID\n  Version <- \"1.0\" | /v[0-9.]+/\n",
     "<Doc><No>1</No><Version>two</Version></Doc>", "", "mapping.constant /Doc/Version"},
    {"fixed-always", "Doc\n  No\n  Head?\n    Kind?",
     "in Doc <-> document\n  No <-> ID\n  Head/Kind <- \"TR\" | /TR.*/ always\n",
     "<Doc><No>1</No><Head><Kind>TR2</Kind></Head></Doc>", "ID = 1\n", "", "", "memory Head/Kind = TR2\n"},
    {"fixed-always-was-absent", "Doc\n  No\n  Head?\n    Kind?",
     "in Doc <-> document\n  No <-> ID\n  Head/Kind <- \"TR\" | /TR.*/ always\n", "<Doc><No>1</No></Doc>", "ID = 1\n",
     "", "", "memory Head/Kind = \n"},
    {"members-chosen-by-selectors", "Doc\n  No\n  Note*\n    Kind?\n    Text?",
     "in Doc <-> document\n  No <-> ID\n  each Note[Kind=A] <-> AdditionalDocument\n    Text <-> ID\n"
     "  each Note[Kind=B] <-> GoodsShipment/PreviousDocument\n    Text <-> ID\n  each Note <-> AdditionalInformation\n"
     "    Kind <-> StatementCode\n    Text <-> StatementDescription\n",
     "<Doc><No>1</No><Note><Kind>A</Kind><Text>x</Text></Note><Note><Kind>A</Kind><Text>y</Text></Note>"
     "<Note><Kind>B</Kind><Text>z</Text></Note><Note><Kind>C</Kind><Text>w</Text></Note></Doc>",
     "ID = 1\nAdditionalDocument/ID = x\nAdditionalDocument/ID = y\nAdditionalInformation/StatementCode = C\n"
     "AdditionalInformation/StatementDescription = w\nGoodsShipment/PreviousDocument/ID = z\n",
     "", "", "memory Note#order = Note{Kind=A}/Note{Kind=A}/Note{Kind=B}/Note#1\n"},
    {"code", "Doc\n  Sum\n  Unit",
     "in Doc <-> document\n  Sum, Unit <-> TotalGrossMassMeasure, @unitCode measure, code unit\n",
     "<Doc><Sum>1</Sum><Unit>007</Unit></Doc>", "TotalGrossMassMeasure = 1 @unitCode=H87\n", "", "use codes/unit\n"},
    {"code-many-to-one", "Doc\n  Sum\n  Unit",
     "in Doc <-> document\n  Sum, Unit <-> TotalGrossMassMeasure, @unitCode measure, code unit\n",
     "<Doc><Sum>1</Sum><Unit>011</Unit></Doc>", "TotalGrossMassMeasure = 1 @unitCode=H87\n", "", "use codes/unit\n",
     "memory Unit = 011\n"},
    {"code-own", "Doc\n  Sum\n  Unit",
     "in Doc <-> document\n  Sum, Unit <-> TotalGrossMassMeasure, @unitCode measure, code unit\n",
     "<Doc><Sum>1</Sum><Unit>120</Unit></Doc>", "TotalGrossMassMeasure = 1 @unitCode=xx.unit:120\n", "",
     "use codes/unit\n"},
    {"code-unknown", "Doc\n  Sum\n  Unit",
     "in Doc <-> document\n  Sum, Unit <-> TotalGrossMassMeasure, @unitCode measure, code unit\n",
     "<Doc><Sum>1</Sum><Unit>999</Unit></Doc>", "", "mapping.code-unknown /Doc/Unit", "use codes/unit\n"},
    {"short-list", "Doc\n  Way", "in Doc <-> document\n  Way <-> DirectionCode code way\n", "<Doc><Way>1</Way></Doc>",
     "DirectionCode = I\n", "", "list way 1 I, 2 E\n"},
    {"date", "Doc\n  Day", "in Doc <-> document\n  Day <-> AcceptanceDateTime date yyyyMMdd\n",
     "<Doc><Day>20261123</Day></Doc>", "AcceptanceDateTime = 2026-11-23\n"},
    {"date-out-of-domain", "Doc\n  Day", "in Doc <-> document\n  Day <-> AcceptanceDateTime date yyyyMMdd\n",
     "<Doc><Day>20261323</Day></Doc>", "", "mapping.date-domain /Doc/Day"},
    {"time-with-zone-of-table", "Doc\n  At", "in Doc <-> document\n  At <-> IssueDateTime time yyyyMMddHHmmss\n",
     "<Doc><At>20261123081530</At></Doc>", "IssueDateTime = 2026-11-23T08:15:30+08:00\n", "", "zone +08:00\n"},
    {"setting", "Doc\n  Day", "in Doc <-> document\n  Day <-> AcceptanceDateTime date $date-format\n",
     "<Doc><Day>23/11/2026</Day></Doc>", "AcceptanceDateTime = 2026-11-23\n", "", "setting date-format dd/MM/yyyy\n"},
    {"selector", "Doc\n  Licence\n  Invoice",
     "in Doc <-> document\n  Licence <-> AdditionalDocument[TypeCode=811]/ID\n  Invoice <-> "
     "AdditionalDocument[TypeCode=380]/ID\n",
     "<Doc><Licence>L</Licence><Invoice>N</Invoice></Doc>",
     "AdditionalDocument/ID = L\nAdditionalDocument/TypeCode = 811\nAdditionalDocument/ID = "
     "N\nAdditionalDocument/TypeCode = 380\n"},
    {"selector-of-authority", "Doc\n  Guid",
     "in Doc <-> document\n  Guid <-> AdditionalDocument[TypeCode=xx:GUID]/ID\n", "<Doc><Guid>g</Guid></Doc>",
     "AdditionalDocument/ID = g\nAdditionalDocument/TypeCode = xx:GUID\n"},
    {"selector-by-shape", "Doc\n  Firm", "in Doc <-> document\n  Firm <-> Declarant/ID[@schemeID in firm]\n",
     "<Doc><Firm>12345</Firm></Doc>", "Declarant/ID = 12345 @schemeID=TIN\n", "", "use codes/firm\n"},
    {"place-in-list", "Doc\n  First?\n  Second?",
     "in Doc <-> document\n  First <-> AdditionalDocument[1]/ID\n  Second <-> AdditionalDocument[2]/ID\n",
     "<Doc><Second>b</Second></Doc>", "AdditionalDocument/ID = b\n"},
    {"each", "Doc\n  Line*\n    Nr\n    Name?",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem key Nr\n    Nr <-> SequenceNumeric "
     "integer\n    Name <-> Commodity/Description\n",
     "<Doc><Line><Nr>1</Nr><Name>a</Name></Line><Line><Nr>2</Nr></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = "
     "1\nGoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = "
     "a\nGoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = 2\n"},
    {"each-memory-by-key", "Doc\n  Line*\n    Nr\n    Name?",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem key Nr\n    Nr <-> SequenceNumeric "
     "integer\n    Name carry\n",
     "<Doc><Line><Nr>07</Nr><Name>a</Name></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = 7\n", "", "",
     "memory Line{7}/Nr = 07\nannex Line{7}/Name = a\n"},
    {"each-of-texts", "Doc\n  Line*",
     "in Doc <-> document\n  in . <-> Declarant\n    in . <-> Address[1]\n      each Line <-> Line\n        . <-> .\n",
     "<Doc><Line>a</Line><Line>b</Line></Doc>", "Declarant/Address/Line = a\nDeclarant/Address/Line = b\n"},
    {"each-flattened", "Doc\n  Box*\n    Mark*",
     "in Doc <-> document\n  each Box/Mark <-> GoodsShipment/Consignment/TransportEquipment\n    . <-> ID\n",
     "<Doc><Box><Mark>a</Mark><Mark>b</Mark></Box><Box><Mark>c</Mark></Box></Doc>",
     "GoodsShipment/Consignment/TransportEquipment/ID = a\nGoodsShipment/Consignment/TransportEquipment/ID = "
     "b\nGoodsShipment/Consignment/TransportEquipment/ID = c\n",
     "", "", "memory Box/Mark#parts = 2,1\n"},
    {"each-flattened-after-an-empty-one", "Doc\n  Box*\n    Label?\n    Mark*",
     "in Doc <-> document\n  each Box/Mark <-> GoodsShipment/Consignment/TransportEquipment\n    . <-> ID\n  Box/Label "
     "carry\n",
     "<Doc><Box><Label>x</Label></Box><Box><Mark>c</Mark></Box></Doc>",
     "GoodsShipment/Consignment/TransportEquipment/ID = c\n", "", "",
     "memory Box/Mark#parts = 0,1\nannex Box#1/Label = x\n"},
    {"each-in-a-case-that-is-passed-over", "Doc\n  Flag\n  Box?\n    Mark*\n      No?\n      Note?",
     "in Doc <-> document\n  Flag <-> FunctionCode\n  when FunctionCode = \"9\"\n    in Box\n      each Mark <-> "
     "GoodsShipment/Consignment/TransportEquipment\n        No <-> ID\n        Note carry\n",
     "<Doc><Flag>1</Flag><Box><Mark><Note>n</Note></Mark></Box></Doc>", "FunctionCode = 1\n", "", "",
     "annex Box/Mark#1/Note = n\n"},
    {"position", "Doc\n  Line*\n    Name",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n    position <-> SequenceNumeric\n "
     "   Name <-> Commodity/Description\n",
     "<Doc><Line><Name>a</Name></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = "
     "1\nGoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = a\n"},
    {"slots", "Doc\n  Line*\n    Name",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem slots 3\n    Name <-> "
     "Commodity/Description\n",
     "<Doc><Line><Name></Name></Line><Line><Name>a</Name></Line><Line><Name></Name></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = a\n", "", "empty kept\n",
     "memory Line~1/Name = \nmemory Line~3/Name = \nmemory Line#slots = 2/3\n"},
    {"selector-on-the-left", "Doc\n  Class*\n    Type\n    Id",
     "in Doc <-> document\n  Class[Type=A]/Id <-> ID\n  Class[Type=B]/Id <-> FunctionalReferenceID\n",
     "<Doc><Class><Type>A</Type><Id>1</Id></Class><Class><Type>B</Type><Id>2</Id></Class></Doc>",
     "FunctionalReferenceID = 2\nID = 1\n", "", "", "memory Class#order = Class{Type=A}/Class{Type=B}\n"},
    {"selector-and-each-on-the-left", "Doc\n  Class*\n    Type\n    Id",
     "in Doc <-> document\n  Class[Type=A]/Id <-> ID\n  each Class <-> AdditionalDocument\n    Type <-> Name\n    Id "
     "<-> ID\n",
     "<Doc><Class><Type>C</Type><Id>1</Id></Class><Class><Type>A</Type><Id>2</Id></Class></Doc>",
     "ID = 2\nAdditionalDocument/ID = 1\nAdditionalDocument/Name = C\n", "", "",
     "memory Class#order = Class#1/Class{Type=A}\n"},
    {"every", "Doc\n  Mode?\n  Line*\n    Name",
     "in Doc <-> document\n  Mode <-> every "
     "GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure[1]/CurrentCode\n  each Line <-> "
     "GoodsShipment/GovernmentAgencyGoodsItem\n    Name <-> Commodity/Description\n",
     "<Doc><Mode>40</Mode><Line><Name>a</Name></Line><Line><Name>b</Name></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = "
     "a\nGoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode = 40\n"
     "GoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = "
     "b\nGoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure/CurrentCode = 40\n"},
    {"every-without-members", "Doc\n  Mode?\n  Line*\n    Name",
     "in Doc <-> document\n  Mode <-> every "
     "GoodsShipment/GovernmentAgencyGoodsItem/GovernmentProcedure[1]/CurrentCode\n  each Line <-> "
     "GoodsShipment/GovernmentAgencyGoodsItem\n    Name <-> Commodity/Description\n",
     "<Doc><Mode>40</Mode></Doc>", "", "", "", "memory Mode = 40\n"},
    {"borrowed", "Doc\n  Price\n  Total\n  Cur",
     "in Doc <-> document\n  Total, Cur <-> InvoiceAmount, @currencyID money, text\n  Price, (Cur) <-> "
     "GoodsShipment/CustomsValuation/FreightChargeAmount, @currencyID money, text\n",
     "<Doc><Price>1</Price><Total>2</Total><Cur>USD</Cur></Doc>",
     "InvoiceAmount = 2 @currencyID=USD\nGoodsShipment/CustomsValuation/FreightChargeAmount = 1 @currencyID=USD\n"},
    {"selector-with-a-value", "Doc\n  Cur\n  Sum\n  Rate?",
     "in Doc <-> document\n  Sum, Cur <-> InvoiceAmount, @currencyID money, text\n  Rate <-> "
     "CurrencyExchange[CurrencyTypeCode=(Cur)]/RateNumeric decimal\n",
     "<Doc><Cur>USD</Cur><Sum>2</Sum><Rate>1.5</Rate></Doc>",
     "InvoiceAmount = 2 @currencyID=USD\nCurrencyExchange/CurrencyTypeCode = USD\nCurrencyExchange/RateNumeric = "
     "1.5\n"},
    {"none", "Doc\n  Firm", "in Doc <-> document\n  Firm <-> Declarant/Name none \"NO\"\n",
     "<Doc><Firm>NO</Firm></Doc>", "", "", "", "memory Firm = NO\n"},
    {"join", "Doc\n  Year?\n  Nr", "in Doc <-> document\n  Year? ~ Nr <-> ID join \"-\"\n",
     "<Doc><Year>2026</Year><Nr>7</Nr></Doc>", "ID = 2026-7\n"},
    {"join-without-the-optional", "Doc\n  Year?\n  Nr", "in Doc <-> document\n  Year? ~ Nr <-> ID join \"-\"\n",
     "<Doc><Nr>7</Nr></Doc>", "ID = 7\n"},
    {"pieces", "Doc\n  Text*",
     "in Doc <-> document\n  Text* <-> AdditionalInformation[1]/StatementDescription parts 3\n",
     "<Doc><Text>ab</Text><Text>cde</Text></Doc>", "AdditionalInformation/StatementDescription = abcde\n", "", "",
     "memory Text#1 = ab\nmemory Text#2 = cde\n"},
    {"digits", "Doc\n  Code", "in Doc <-> document\n  Code <-> ID, FunctionalReferenceID digits 6+*\n",
     "<Doc><Code>6109100021</Code></Doc>", "FunctionalReferenceID = 0021\nID = 610910\n"},
    {"lines", "Doc\n  Where", "in Doc <-> document\n  Where <-> Declarant/Address[1]/Line lines \", \"\n",
     "<Doc><Where>Road 1, Town</Where></Doc>", "Declarant/Address/Line = Road 1\nDeclarant/Address/Line = Town\n"},
    {"two-columns", "Doc\n  State", "in Doc <-> document\n  State <-> FunctionCode, StatusCode code kind\n",
     "<Doc><State>1</State></Doc>", "FunctionCode = 02\nStatusCode = xx.kind:1\n", "", "use codes/kind\n"},
    {"computed", "Doc\n  Qty\n  Price\n  Total",
     "in Doc <-> document\n  Qty <-> TotalPackageQuantity integer\n  Price <-> GoodsItemQuantity integer\n  Total = "
     "Qty * Price\n",
     "<Doc><Qty>2</Qty><Price>3</Price><Total>6</Total></Doc>", "GoodsItemQuantity = 3\nTotalPackageQuantity = 2\n"},
    {"computed-differs", "Doc\n  Qty\n  Price\n  Total",
     "in Doc <-> document\n  Qty <-> TotalPackageQuantity integer\n  Price <-> GoodsItemQuantity integer\n  Total = "
     "Qty * Price\n",
     "<Doc><Qty>2</Qty><Price>3</Price><Total>7</Total></Doc>", "GoodsItemQuantity = 3\nTotalPackageQuantity = 2\n", "",
     "", "memory Total = 7\n"},
    {"computed-refuse", "Doc\n  Qty\n  Total",
     "in Doc <-> document\n  Qty <-> TotalPackageQuantity integer\n  Total = Qty refuse\n",
     "<Doc><Qty>2</Qty><Total>7</Total></Doc>", "", "mapping.derived-differs /Doc/Total"},
    {"computed-absent", "Doc\n  Qty\n  Total?",
     "in Doc <-> document\n  Qty <-> TotalPackageQuantity integer\n  Total = Qty\n", "<Doc><Qty>2</Qty></Doc>",
     "TotalPackageQuantity = 2\n", "", "", "memory Total = \n"},
    {"derive", "Doc\n  Line*\n    Name",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n    Name <-> "
     "Commodity/Description\n  derive GoodsItemQuantity = count(Line)\n",
     "<Doc><Line><Name>a</Name></Line></Doc>",
     "GoodsItemQuantity = 1\nGoodsShipment/GovernmentAgencyGoodsItem/Commodity/Description = a\n"},
    {"derive-differs", "Doc\n  No",
     "in Doc <-> document\n  No <-> GoodsItemQuantity integer\n  derive GoodsItemQuantity = 1\n",
     "<Doc><No>2</No></Doc>", "", "mapping.derived-differs /Doc"},
    {"derive-of-pivot", "Doc\n  Way",
     "in Doc <-> document\n  Way <-> DirectionCode\n  derive TypeCode = code(type, DirectionCode)\n",
     "<Doc><Way>I</Way></Doc>", "TypeCode = IM\nDirectionCode = I\n", "", "use codes/type\n"},
    {"check", "Doc\n  Gross\n  Net",
     "in Doc <-> document\n  Gross <-> TotalPackageQuantity integer\n  Net <-> GoodsItemQuantity integer\n  check "
     "Gross >= Net\n",
     "<Doc><Gross>1</Gross><Net>2</Net></Doc>", "", "mapping.check-failed /Doc"},
    {"when", "Doc\n  Flag\n  Fee?",
     "in Doc <-> document\n  Flag <-> DirectionCode code way\n  when DirectionCode = \"I\"\n    Fee <-> ID\n  "
     "otherwise\n    Fee <-> FunctionalReferenceID\n",
     "<Doc><Flag>2</Flag><Fee>x</Fee></Doc>", "FunctionalReferenceID = x\nDirectionCode = E\n", "",
     "list way 1 I, 2 E\n"},
    {"when-owned-by-its-cases", "Doc\n  Flag\n  Fee",
     "in Doc <-> document\n  when Flag = \"3\"\n    Flag <- \"3\"\n    Fee <-> ID\n  otherwise\n    Flag, Fee carry\n",
     "<Doc><Flag>1</Flag><Fee>x</Fee></Doc>", "", "", "", "annex Flag = 1\nannex Fee = x\n"},
    {"when-owned-second-case", "Doc\n  Line*\n    Base?\n    Cur?",
     "in Doc <-> document\n  each Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n    when Cur present\n      Base, "
     "Cur "
     "<-> StatisticalValueAmount, @currencyID decimal, text\n    otherwise\n      Base <-> "
     "SequenceNumeric decimal\n",
     "<Doc><Line><Base>2.50</Base></Line><Line><Base>1</Base><Cur>EUR</Cur></Line></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = "
     "2.5\nGoodsShipment/GovernmentAgencyGoodsItem/StatisticalValueAmount = 1 @currencyID=EUR\n",
     "", "", "memory Line#1/Base = 2.50\n"},
    {"when-present", "Doc\n  Nr?\n  No",
     "in Doc <-> document\n  Nr <-> GoodsItemQuantity integer\n  when Nr present\n    No <-> ID\n  otherwise\n    No "
     "<-> FunctionalReferenceID\n",
     "<Doc><No>x</No></Doc>", "FunctionalReferenceID = x\n"},
    {"when-class-absent", "Doc\n  Means?\n    Item*\n      No",
     "in Doc <-> document\n  in Means <-> BorderTransportMeans\n    derive ID = value(Item[1]/No)\n    each Item <-> "
     "TransportMeansItem\n      No <-> ID\n    when TransportMeansItem absent\n      Item[1]/No <- ID \"one means is "
     "the first\"\n",
     "<Doc><Means><Item><No>a</No></Item><Item><No>b</No></Item></Means></Doc>",
     "BorderTransportMeans/ID = a\nBorderTransportMeans/TransportMeansItem/ID = "
     "a\nBorderTransportMeans/TransportMeansItem/ID = b\n"},
    {"when-group-present", "Doc\n  Box?\n    Mark\n  Note?",
     "in Doc <-> document\n  in Box\n    Mark <-> ID\n  when Box present\n    Note <-> Declarant/Name\n  otherwise\n  "
     "  Note <-> Exporter/Name\n",
     "<Doc><Box><Mark>m</Mark></Box><Note>n</Note></Doc>", "ID = m\nDeclarant/Name = n\n"},
    {"when-group-not-present", "Doc\n  Box?\n    Mark\n  Note?",
     "in Doc <-> document\n  in Box\n    Mark <-> ID\n  when Box present\n    Note <-> Declarant/Name\n  otherwise\n  "
     "  Note <-> Exporter/Name\n",
     "<Doc><Note>n</Note></Doc>", "Exporter/Name = n\n"},
    {"when-group-owned-by-its-cases", "Doc\n  Air?\n    No\n  Sea?\n    No",
     "in Doc <-> document\n  when Air present\n    in Air\n      No <-> ID\n  otherwise\n    in Sea\n      No <-> ID\n",
     "<Doc><Sea><No>x</No></Sea></Doc>", "ID = x\n", "", "", "memory Sea/No = x\n"},
    {"when-group-owned-first-case", "Doc\n  Air?\n    No\n  Sea?\n    No",
     "in Doc <-> document\n  when Air present\n    in Air\n      No <-> ID\n  otherwise\n    in Sea\n      No <-> ID\n",
     "<Doc><Air><No>x</No></Air></Doc>", "ID = x\n"},
    {"when-group-owned-with-members", "Doc\n  Own?\n    Line*\n      No\n  Bill*\n    Line*\n      No",
     "in Doc <-> document\n  when Own present\n    each Own/Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n      No <-> "
     "SequenceNumeric integer\n  otherwise\n    each Bill/Line <-> GoodsShipment/GovernmentAgencyGoodsItem\n      No <-> "
     "SequenceNumeric integer\n",
     "<Doc><Bill><Line><No>1</No></Line><Line><No>2</No></Line></Bill></Doc>",
     "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = 1\nGoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = 2\n",
     "", "", "memory Bill/Line#1/No = 1\nmemory Bill/Line#2/No = 2\n"},
    {"each-of-one-beside-other-rows", "Doc\n  Own?\n    Flag\n    No",
     "in Doc <-> document\n  Own/Flag <-> ID\n  each Own <-> GoodsShipment/GovernmentAgencyGoodsItem\n    No <-> SequenceNumeric integer\n",
     "<Doc><Own><Flag>x</Flag><No>1</No></Own></Doc>", "ID = x\nGoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric = 1\n"},
    {"when-inside-another-case", "Doc\n  A?\n  B?\n  C?",
     "in Doc <-> document\n  when A present\n    A <-> ID\n  otherwise\n    when B present\n      B <-> ID\n    otherwise\n"
     "      C <-> ID\n",
     "<Doc><B>x</B></Doc>", "ID = x\n", "", "", "memory B = x\n"},
    {"same-group", "Doc\n  A\n    Name\n  B\n    Equal?\n    Name?",
     "rows party\n  Name <-> Name\nin Doc <-> document\n  in A <-> Declarant as party\n  in B <-> Exporter as party\n  "
     "  Equal same /Declarant\n",
     "<Doc><A><Name>n</Name></A><B><Equal>true</Equal></B></Doc>", "Declarant/Name = n\nExporter/Name = n\n", "", "",
     "memory B/Equal = true\n"},
    {"same-group-with-an-empty-member", "Doc\n  A\n    Name\n    Town*\n      Code?\n  B\n    Equal?\n    Name?\n    Town*\n      Code?",
     "rows party\n  Name <-> Name\n  each Town <-> Address\n    Code <-> CityName\n"
     "in Doc <-> document\n  in A <-> Declarant as party\n  in B <-> Exporter as party\n    Equal same /Declarant\n",
     "<Doc><A><Name>n</Name><Town><Code>c</Code></Town></A><B><Equal>true</Equal><Town></Town></B></Doc>",
     "Declarant/Name = n\nDeclarant/Address/CityName = c\nExporter/Name = n\nExporter/Address/CityName = c\n", "", "",
     "memory B/Equal = true\nmemory B/Town#1 = \n"},
    {"carry-attributes-of-members", "Doc\n  No\n  Key*\n    @name?", "in Doc <-> document\n  No <-> ID\n  Key, Key/@name carry\n",
     "<Doc><No>1</No><Key>a</Key><Key name=\"n\">b</Key></Doc>", "ID = 1\n", "", "",
     "annex Key#1 = a\nannex Key#2 = b\nannex Key#2/@name = n\n"},
    {"carry-attributes-beside-members", "Doc\n  No\n  Key*\n    @name?",
     "in Doc <-> document\n  No <-> ID\n  Key/@name carry\n  each Key <-> AdditionalDocument\n    . <-> ID\n",
     "<Doc><No>1</No><Key>a</Key><Key name=\"n\">b</Key></Doc>", "ID = 1\nAdditionalDocument/ID = a\nAdditionalDocument/ID = b\n", "", "",
     "annex Key#2/@name = n\n"},
    {"carry", "Doc\n  No\n  Note?\n    @lang", "in Doc <-> document\n  No <-> ID\n  Note carry\n",
     "<Doc><No>1</No><Note lang=\"en\">n</Note></Doc>", "ID = 1\n", "", "", "annex Note = n\nannex Note/@lang = en\n"},
    {"carry-subtree", "Doc\n  No\n  Bank?\n    Code\n    Branch*\n      Name",
     "in Doc <-> document\n  No <-> ID\n  Bank/** carry 2\n",
     "<Doc><No>1</No><Bank><Code>c</Code><Branch><Name>a</Name></Branch><Branch><Name>b</Name></Branch></Bank></Doc>",
     "ID = 1\n", "", "", "annex Bank/Code = c\nannex Bank/Branch#1/Name = a\nannex Bank/Branch#2/Name = b\n"},
    {"carry-the-rest", "Doc\n  No\n  Bank?\n    Code\n    Name",
     "in Doc <-> document\n  No <-> ID\n  in Bank\n    Code <-> FunctionalReferenceID\n    ** carry 1\n",
     "<Doc><No>1</No><Bank><Code>c</Code><Name>n</Name></Bank></Doc>", "FunctionalReferenceID = c\nID = 1\n", "", "",
     "annex Bank/Name = n\n"},
    {"carry-as", "Doc\n  Model",
     "in Doc <-> document\n  Model carry as AdditionalInformation[StatementCode=xx:MODEL]/StatementDescription\n",
     "<Doc><Model>m</Model></Doc>",
     "AdditionalInformation/StatementCode = xx:MODEL\nAdditionalInformation/StatementDescription = m\n"},
    {"empty-kept", "Doc\n  No\n  Note?", "in Doc <-> document\n  No <-> ID\n  Note <-> FunctionalReferenceID\n",
     "<Doc><No>1</No><Note></Note></Doc>", "ID = 1\n", "", "empty kept\n", "memory Note = \n"},
    {"empty-group", "Doc\n  No\n  Box?\n    Mark?",
     "in Doc <-> document\n  No <-> ID\n  in Box\n    Mark <-> FunctionalReferenceID\n",
     "<Doc><No>1</No><Box></Box></Doc>", "ID = 1\n", "", "empty kept\n", "memory Box = \n"},
    {"list-attribute", "Doc\n  Unit\n    @listId?", "in Doc <-> document\n  Unit <-> ID code unit\n",
     "<Doc><Unit listId=\"2016\">006</Unit></Doc>", "ID = SET\n", "",
     "list-attribute listId of-code\nuse codes/listed\nlist unit 006 SET\n", "memory Unit/@listId = 2016\n"},
    {"list-attribute-by-setting", "Doc\n  Unit\n    @listId?", "in Doc <-> document\n  Unit <-> ID code $units\n",
     "<Doc><Unit listId=\"2016\">006</Unit></Doc>", "ID = SET\n", "",
     "list-attribute listId of-code\nuse codes/published\nsetting units published\n"},
    {"one-way-to-pivot", "Doc\n  No\n  Old?",
     "in Doc <-> document\n  No <-> ID\n  Old -> FunctionalReferenceID \"read from old senders only\"\n",
     "<Doc><No>1</No><Old>o</Old></Doc>", "FunctionalReferenceID = o\nID = 1\n", "", "", "memory Old = o\n"},
};

class Rows : public testing::TestWithParam<Case> {};

std::string held(const pivot::Document& document) {
    std::string all;
    for (const pivot::Remembered& one : document.memory) all += "memory " + one.place + " = " + one.text + "\n";
    for (const pivot::Carried& one : document.annex) all += "annex " + one.place + " = " + one.text + "\n";
    return all;
}

TEST_P(Rows, ReadAndWrittenBack) {
    const Case& one = GetParam();
    SmallTable table{.tree = one.tree, .rows = one.rows, .head = one.head, .lists = lists()};
    if (std::string(one.head).find("codes/listed") != std::string::npos)
        table.lists["listed"] = "list 2016\ncolumns national standard\n006 SET\n";
    const auto mapping = loaded(table);
    const schema::Element message = element(one.xml);
    Diagnostics faults;
    const auto reading = read(*mapping, message, {}, faults);
    if (*one.error) {
        ASSERT_FALSE(reading) << lines_of(reading->documents[0]);
        EXPECT_EQ(std::string(faults.errors()[0].code.name()) + " " + faults.errors()[0].place.path, one.error)
            << faults.errors()[0].detail;
        return;
    }
    ASSERT_TRUE(reading) << lines_of(faults);
    ASSERT_EQ(reading->documents.size(), 1u);
    EXPECT_EQ(lines_of(reading->documents[0]), one.pivot);
    EXPECT_EQ(held(reading->documents[0]), one.held);
    const auto writing = write(*mapping, reading->documents, {}, faults, reading->leaves);
    ASSERT_TRUE(writing) << lines_of(faults);
    EXPECT_EQ(xml_of(writing->messages[0]), xml_of(message));
    EXPECT_EQ(lines_of(writing->ledger), "") << "the same format loses nothing";
}

INSTANTIATE_TEST_SUITE_P(Mapping, Rows, testing::ValuesIn(cases), [](const auto& one) {
    std::string name = one.param.name;
    for (char& sign : name) {
        if (sign == '-') sign = '_';
    }
    return name;
});

TEST(Coverage, TellsAnAttributeThatHasARowBesideItsElements) {
    for (const char* rows : {"in Doc <-> document\n  Body/@name <-> ID\n  Body envelope\n", "in Doc <-> document\n  Body envelope\n  Body/@name <-> ID\n"}) {
        std::string found;
        for (const Covered& leaf : coverage(*loaded({.tree = "Doc\n  Body\n    @name!\n    @other\n", .rows = rows})).all) found += leaf.path + " " + leaf.form + ", ";
        EXPECT_EQ(found, "Body envelope, Body/@name mapped, ") << rows;
    }
}

}  // namespace
}  // namespace hansa::mapping::test
