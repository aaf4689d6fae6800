#include "tests/unit/mapping/conversion_peers.h"

#include <algorithm>
#include <filesystem>

#include "core/schema/pattern.h"
#include "tests/support/corpus.h"

namespace hansa::mapping::peers {
namespace {

std::string shown(const std::vector<PivotValue>& values) {
    std::string out;
    for (const PivotValue& value : values)
        out += "[" + std::to_string(value.slot) + "=" + value.list + ":" + value.text + "]";
    return out;
}

std::string shown(const std::vector<NationalValue>& values) {
    std::string out;
    for (const NationalValue& value : values) out += "[" + std::to_string(value.slot) + "=" + value.text + "]";
    return out;
}

std::string shown(const std::vector<ConversionNote>& notes) {
    std::string out;
    for (const ConversionNote& note : notes) out += std::to_string(static_cast<int>(note.kind)) + note.reason + ";";
    return out;
}

std::string shown(const FastNotes& notes) {
    std::string out;
    for (const FastNote& note : notes)
        out += std::to_string(static_cast<int>(note.kind)) + std::string(note.reason) + ";";
    return out;
}

}  // namespace

std::string_view Exact::copy(std::string_view text) {
    blocks_.emplace_back(text.begin(), text.end());
    return {blocks_.back().data(), text.size()};
}

Types::Types() {
    using schema::BuiltIn;
    schema::GrammarTables tables;
    const auto add = [&](const std::string& name, BuiltIn built_in, schema::Whitespace space) -> schema::SimpleType& {
        names.push_back(name);
        schema::SimpleType type;
        type.name = {"", name};
        type.built_in = built_in;
        type.whitespace = space;
        tables.simple_types.push_back(std::move(type));
        return tables.simple_types.back();
    };
    const auto preserve = schema::Whitespace::preserve, collapse = schema::Whitespace::collapse;
    add("free", BuiltIn::string, preserve);
    add("to35", BuiltIn::string, preserve).max_length = 35;
    auto& short_text = add("1to6", BuiltIn::string, preserve);
    short_text.min_length = 1;
    short_text.max_length = 6;
    auto& token = add("token3to17", BuiltIn::token, collapse);
    token.min_length = 3;
    token.max_length = 17;
    add("three", BuiltIn::string, preserve).length = 3;
    add("letters", BuiltIn::string, preserve).patterns = {{"[A-Z]{2,3}", "[0-9]{3}"}};
    auto& line = add("line", BuiltIn::string, preserve);
    line.max_length = 17;
    line.patterns = {{".*[^\\s].*"}};
    add("token-line", BuiltIn::token, collapse).patterns = {{".*[^\\s].*"}, {"x", ".*[^\\s].*"}};
    add("some", BuiltIn::token, collapse).enumeration = {"H87", "KGM", "035", "007", "12.5", "true", "Y"};
    add("decimal", BuiltIn::decimal, collapse);
    auto& digits = add("digits10.2", BuiltIn::decimal, collapse);
    digits.total_digits = 10;
    digits.fraction_digits = 2;
    auto& few = add("digits5", BuiltIn::decimal, collapse);
    few.total_digits = 5;
    few.min_exclusive = "0";
    auto& whole = add("whole", BuiltIn::integer, collapse);
    whole.total_digits = 6;
    add("nonnegative", BuiltIn::non_negative_integer, collapse);
    add("int", BuiltIn::int_, collapse);
    add("boolean", BuiltIn::boolean, collapse);
    add("date", BuiltIn::date, collapse);
    add("moment", BuiltIn::date_time, collapse);
    tables.elements.push_back(
        {.name = {"", "root"}, .type = {true, 0}, .constraint = {}, .value = {}, .identities = {}});
    tables.root = 0;
    auto made = schema::Grammar::from_tables(std::move(tables));
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    grammar = std::make_unique<schema::Grammar>(std::move(*made));
}

const schema::SimpleType* Types::operator[](const std::string& name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return nullptr;
    return &grammar->tables().simple_types[static_cast<std::size_t>(found - names.begin())];
}

const Types& types() {
    static const Types all;
    return all;
}

FastTarget target(const std::string& type_name) {
    FastTarget out;
    out.type = types()[type_name];
    if (!out.type) return out;
    if (const auto longest = schema::Grammar::max_length(*out.type)) out.bounds.length_max = *longest;
    if (out.type->min_length) out.bounds.length_min = *out.type->min_length;
    if (out.type->length) out.bounds.length_min = *out.type->length;
    const schema::Digits digits = schema::Grammar::digits(*out.type);
    if (digits.total) out.bounds.total_digits = static_cast<int>(*digits.total);
    if (digits.fraction) out.bounds.fraction_digits = static_cast<int>(*digits.fraction);
    return out;
}

const CodeLists& lists() {
    static const CodeLists all = [] {
        CodeLists out;
        const auto add = [&](const std::string& name, std::string_view text) {
            Diagnostics faults;
            auto list = CodeList::parse(text, name + ".codes", "cn." + name, faults);
            EXPECT_TRUE(list) << (list ? "" : list.error().text());
            if (list) out.emplace(name, *list);
        };
        add("unit", "\"*\" own\n007 H87!\n011 H87\n035 KGM\nОМ MTR\n/-[0-9]+/ 03 own\n/X[A-Z]{1,3}/ own\n");
        add("same", "\"*\" same\nA B\nC C\nLONGER-CODE-WITH-MORE-THAN-16 L1\nEIGHTEEN-BYTES-LONG L2\n");
        add("closed", "A X\nB Y\nIM? Z\nP -\n");
        add("status", "columns national function status\n1 02 own\n3 02! own\n100 03 own\n5 04 -\n/9[0-9]/ 05 own\n");
        add("open2", "columns national function status\n\"*\" own own\n1 02 05\n2 02! 06\n3 own same\n");
        add("dated",
            "columns national standard valid-from valid-to note\nA X - 2020-12-31\nA Y 2021-01-01 -\nB X 2021-01-01 -\n"
            "C Z - 2022-06-30\n\"*\" own\n");
        add("shapes", "columns pattern scheme\n/[0-9A-Z]{18}/ USCC\n/[0-9]{10}/ CUS\n/[0-9]{9}-?[0-9X]/ ORG\n");
        return out;
    }();
    return all;
}

const CodeLists& plugin_lists() {
    static const CodeLists all = [] {
        CodeLists out;
        for (const auto& file : std::filesystem::recursive_directory_iterator(test::source_dir() / "plugins")) {
            if (file.path().extension() != ".codes") continue;
            const std::string plugin = file.path().parent_path().parent_path().filename().string();
            const std::string name = file.path().stem().string();
            Diagnostics faults;
            auto list = CodeList::parse(test::slurp(file.path()), name, plugin + "." + name, faults);
            EXPECT_TRUE(list) << file.path();
            if (list) out.emplace(plugin + "/" + name, *list);
        }
        return out;
    }();
    return all;
}

Peer::Peer(const std::string& text, std::size_t national, std::size_t pivot, std::vector<FastTarget> targets,
           std::string zone, const CodeLists& known, std::vector<bool> optional)
    : text_(text), grammar_(types().grammar.get()), targets_(std::move(targets)), zone_(std::move(zone)) {
    Diagnostics faults;
    auto made = parse_conversions(text, {national, pivot, {}, std::move(optional)}, faults);
    EXPECT_TRUE(made) << text << (made ? "" : ": " + made.error().text());
    conversion_ = made->front();
    settings_ = {{"format", "ddMMyyyy"}, {"office", "closed"}};
    context_.settings = &settings_;
    context_.lists = &known;
    context_.zone = zone_;
    context_.authority = "cn";
    compile();
    EXPECT_TRUE(twin_) << text;
}

Peer::Peer(std::string text, const Conversion& conversion, const ConversionContext& context,
           const schema::Grammar& grammar, std::vector<FastTarget> targets)
    : text_(std::move(text)),
      conversion_(conversion),
      context_(context),
      grammar_(&grammar),
      targets_(std::move(targets)) {
    compile();
}

void Peer::compile() {
    twin_ = FastConversion::of(*conversion_,
                               {.settings = context_.settings,
                                .lists = context_.lists,
                                .zone = context_.zone,
                                .authority = context_.authority,
                                .grammar = grammar_,
                                .aliases = false},
                               targets_);
}

std::vector<Target> Peer::bounds() const {
    std::vector<Target> out;
    for (const FastTarget& each : targets_) out.push_back(each.bounds);
    return out;
}

std::string Peer::show() const {
    std::string out = text_;
    for (const FastTarget& each : targets_) out += each.type ? " > " + each.type->name.local : "";
    return out;
}

void Peer::to_pivot(const std::vector<NationalValue>& national) {
    ++counts.compared;
    const auto reference = conversion_->to_pivot(national, context_);
    std::vector<FastText> given;
    Exact exact;
    for (const NationalValue& one : national)
        given.push_back({exact.copy(one.text), static_cast<std::uint32_t>(one.slot)});
    FastNotes notes;
    scratch_.reset();
    FastRun run{scratch_, context_.document_date, &notes};
    PivotSlots out;
    const Fast answer = twin_.to_pivot(given, run, out);
    if (!std::all_of(national.begin(), national.end(), [](const auto& one) { return is_utf8(one.text); })) return;
    if (in_domain && reference) ++counts.taken;
    if (in_domain && reference && answer == Fast::declined) ++counts.declined;
    if (twin_.single() && national.size() == 1) {
        FastRun alone{scratch_, context_.document_date, nullptr};
        FastPivot one;
        const Fast again = twin_.read(national[0].text, alone, one);
        const bool expected = answer == Fast::done && notes.empty() && out.size() == 1;
        ASSERT_EQ(again == Fast::done, expected) << show() << " " << shown(national);
        if (expected) {
            ASSERT_EQ(one.text, out[0].text) << show() << " " << shown(national);
        }
    }
    if (answer == Fast::declined) return;
    ASSERT_TRUE(reference) << show() << " reads " << shown(national) << ", the reference does not";
    std::vector<PivotValue> made;
    for (const FastPivot& one : out) made.push_back({std::string(one.text), std::string(one.list), one.slot});
    ASSERT_EQ(shown(made), shown(reference->values)) << show() << " " << shown(national);
    ASSERT_EQ(shown(notes), shown(reference->notes)) << show() << " " << shown(national);
}

std::optional<FromPivot> written(const Conversion& conversion, const std::vector<PivotValue>& values,
                                 const ConversionContext& context, const std::vector<FastTarget>& targets,
                                 const schema::Grammar& grammar) {
    std::vector<Target> bounds;
    for (const FastTarget& each : targets) bounds.push_back(each.bounds);
    auto out = conversion.from_pivot(values, context, bounds);
    if (!out) return std::nullopt;
    for (const NationalValue& one : out->values) {
        const schema::SimpleType* type = one.slot < targets.size() ? targets[one.slot].type : nullptr;
        if (one.text.empty() || (type && !grammar.check_value(*type, one.text))) return std::nullopt;
    }
    for (const ConversionNote& note : out->notes) {
        if (note.kind == ConversionNote::Kind::aliased) return std::nullopt;
    }
    return *out;
}

void Peer::from_pivot(const std::vector<PivotValue>& values) {
    ++counts.compared;
    const auto reference = written(*conversion_, values, context_, targets_, *grammar_);
    std::vector<FastPivot> given;
    Exact exact;
    for (const PivotValue& one : values)
        given.push_back({exact.copy(one.text), exact.copy(one.list), static_cast<std::uint32_t>(one.slot)});
    FastNotes notes;
    scratch_.reset();
    FastRun run{scratch_, context_.document_date, &notes};
    TextSlots out;
    const Fast answer = twin_.from_pivot(given, run, out);
    if (!std::all_of(values.begin(), values.end(), [](const auto& one) { return is_utf8(one.text); })) return;
    if (in_domain && reference) ++counts.taken;
    if (in_domain && reference && answer == Fast::declined) ++counts.declined;
    if (answer == Fast::declined) return;
    ASSERT_TRUE(reference) << show() << " writes " << shown(values) << ", the reference does not";
    std::vector<NationalValue> made;
    for (const FastText& one : out) made.push_back({std::string(one.text), one.slot});
    ASSERT_EQ(shown(made), shown(reference->values)) << show() << " " << shown(values);
    ASSERT_EQ(shown(notes), shown(reference->notes)) << show() << " " << shown(values);
}

void Peer::there_and_back(const std::vector<NationalValue>& national) {
    to_pivot(national);
    const auto values = conversion_->to_pivot(national, context_);
    if (values) from_pivot(values->values);
}

const std::vector<std::string>& hostile() {
    static const std::vector<std::string> all{"",
                                              " ",
                                              "  ",
                                              "\t",
                                              "\n",
                                              " 1",
                                              "1 ",
                                              "+",
                                              "-",
                                              ".",
                                              "+.",
                                              "-.",
                                              "0",
                                              "-0",
                                              "+0",
                                              "00",
                                              "-00",
                                              "0.0",
                                              ".0",
                                              "0.",
                                              "-.5",
                                              "+.5",
                                              ".5",
                                              "5.",
                                              "1e5",
                                              "1E-3",
                                              "1,5",
                                              "1.2.3",
                                              "12.00",
                                              "12.50",
                                              "-7.100",
                                              "-7.0",
                                              "0.00",
                                              "-0.00",
                                              "-0.50",
                                              "100.0",
                                              "10.0000000000000",
                                              "1.000000000000001",
                                              "00.50",
                                              "0100.10",
                                              "12.0x",
                                              "12.-0",
                                              "--1",
                                              "+-1",
                                              "1-",
                                              "0x10",
                                              "NaN",
                                              "INF",
                                              "1_000",
                                              "0001",
                                              "-0001",
                                              "0001.1000",
                                              "-0001.1000",
                                              "1.000000",
                                              "12.345678901",
                                              "12.004999999",
                                              "12.005",
                                              "12.0049999",
                                              "12.00500001",
                                              "12.9999999",
                                              "99999.995",
                                              "9.995",
                                              "0.0000001",
                                              "0.00000049",
                                              "999999.5",
                                              "99999999999999999999999999999999999999",
                                              "999999999999999999999999999999999999999",
                                              "0.00000000000000000000000000000000000001",
                                              "123456789012345678901234567890123456",
                                              "1234567890123456789012345678901234567",
                                              "00000000000000000000000000000000000000000001",
                                              "-1",
                                              "2147483647",
                                              "2147483648",
                                              "-2147483649",
                                              "7",
                                              "1000000",
                                              "true",
                                              "false",
                                              "1",
                                              "TRUE",
                                              "Y",
                                              "N",
                                              "y",
                                              "007",
                                              "011",
                                              "ОМ",
                                              "OM",
                                              "О7",
                                              "ИМ",
                                              "IM4",
                                              "IM",
                                              "IMX",
                                              "A",
                                              "А",
                                              "Ａ",
                                              "X",
                                              "B",
                                              "C",
                                              "IM\xC3\xA9",
                                              "\xFF",
                                              "\xC3",
                                              "é",
                                              "中文",
                                              "中文中文中文中文",
                                              "😀",
                                              "-5",
                                              "-55",
                                              "XA",
                                              "XABCD",
                                              "90",
                                              "9",
                                              "LONGER-CODE-WITH-MORE-THAN-16",
                                              "LONGER-CODE-WITH-MORE-THAN-17",
                                              "EIGHTEEN-BYTES-LONG",
                                              "2026-11-23",
                                              "2026-02-29",
                                              "2024-02-29",
                                              "1900-02-29",
                                              "2000-02-29",
                                              "2026-13-01",
                                              "2026-00-10",
                                              "2026-01-00",
                                              "2026-1-1",
                                              "0000-01-01",
                                              "9999-12-31",
                                              "20261123",
                                              "20260229",
                                              "20240229",
                                              "261123",
                                              "991231",
                                              "000101",
                                              "23112026",
                                              "311299",
                                              "31042026",
                                              "2026112x",
                                              "2026-11-23T08:15:30Z",
                                              "2026-11-23T08:15:30+08:00",
                                              "2026-11-23T08:15:30.904+08:00",
                                              "2026-11-23T08:15:30.900+08:00",
                                              "2026-11-23T08:15:30.000Z",
                                              "2026-11-23T08:15:60Z",
                                              "2026-06-30T23:59:60Z",
                                              "2026-11-23T24:00:00Z",
                                              "2026-11-23T08:15:30",
                                              "2026-11-23T08:15:30.Z",
                                              "2026-11-23T08:15:30.1234567890Z",
                                              "2026-11-23T08:15:30.123456789Z",
                                              "2026-11-23T23:59:59-14:00",
                                              "2026-11-23T00:00:00+14:00",
                                              "2026-11-23T00:00:00+14:30",
                                              "2026-11-23T00:00:00+15:00",
                                              "2026-11-23T00:00:00+00:00",
                                              "2026-11-23T00:00:00-00:00",
                                              "2026-11-23T00:00:00+08",
                                              "2026-11-23T00:00:00+0800",
                                              "2026-11-23T00:00:00+05:30",
                                              "2026-11-23T00:00:00-03:30",
                                              "2026-01-01T00:00:00+08:00",
                                              "2026-12-31T23:00:00-08:00",
                                              "0001-01-01T00:00:00Z",
                                              "9999-12-31T23:59:59Z",
                                              "2024-02-29T00:30:00+08:00",
                                              "2024-03-01T00:30:00+08:00",
                                              "20261123081530",
                                              "20261123081530999",
                                              "20261123081530Z",
                                              "20261123081530+08",
                                              "20261123081530+0530",
                                              "20261123245959",
                                              "20261123236060",
                                              "20261123081560",
                                              "2026-11-23Z",
                                              "2026-11-23+08:00",
                                              "2026-11-23+99:00",
                                              "2026-11-23 ",
                                              "2026-11-23T08:15:3",
                                              "2026/11/23",
                                              "a, b",
                                              "a, , b",
                                              ", a",
                                              "a, ",
                                              "a,b",
                                              ", ",
                                              "a-b",
                                              "a-b-c",
                                              "a--b",
                                              "-",
                                              "a/b/c",
                                              "1-2-3",
                                              "A-2026-11-23",
                                              "12345678",
                                              "1234567890",
                                              "123456",
                                              "1",
                                              "12345678901",
                                              "12a",
                                              "１２",
                                              "Name\nStreet 1\nTown",
                                              "\nName",
                                              " Name \n Street ",
                                              "Name",
                                              "\r\nName\r\n",
                                              "KGM",
                                              "H87",
                                              "KGM#G",
                                              "K",
                                              "KGMX",
                                              "kgm",
                                              "DE",
                                              "de",
                                              "DEU",
                                              "276",
                                              "EU",
                                              "XZ",
                                              "ZZ",
                                              "00",
                                              "99",
                                              "EUR",
                                              "978",
                                              "USD",
                                              "840",
                                              "CNY",
                                              "CN123",
                                              "CN",
                                              "cn123",
                                              "C",
                                              "AB12345678901",
                                              "A0123456789ABC",
                                              "a text that is longer than thirty-five characters is"};
    return all;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (schema::next_code_point(text, at) == 0xFFFFFFFFu) return false;
    }
    return true;
}

std::string mutated(std::string text, std::mt19937_64& random) {
    static constexpr std::string_view signs = "0123456789.-+:TZ XeA/#,\n\t";
    for (std::size_t turn = random() % 2 + 1; turn > 0; --turn) {
        const std::size_t at = text.empty() ? 0 : random() % text.size();
        switch (random() % 5) {
            case 0:
                if (!text.empty()) text.erase(at, 1);
                break;
            case 1:
                text.insert(at, 1, signs[random() % signs.size()]);
                break;
            case 2:
                if (!text.empty()) text[at] = signs[random() % signs.size()];
                break;
            case 3:
                if (text.size() > 1) std::swap(text[at], text[(at + 1) % text.size()]);
                break;
            default:
                if (!text.empty()) text.insert(at, 1, text[at]);
        }
    }
    return text;
}

}  // namespace hansa::mapping::peers
