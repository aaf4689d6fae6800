// Runs one pair of conversions many times, for conversion_costs.py, which counts the instructions.
//
//   conversion-costs CASE TIMES fused|reference|nothing
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "core/mapping/fused_conversion.h"
#include "core/schema/grammar.h"

namespace {

using namespace hansa;
using namespace hansa::mapping;

struct Case {
    std::string reads, writes;
    std::size_t type;  ///< of those below
    std::vector<std::string> texts;
};

/// Texts of up to 70 characters; a WCO text; an amount.
schema::Grammar types() {
    schema::GrammarTables tables;
    schema::SimpleType text, line, amount;
    text.built_in = line.built_in = schema::BuiltIn::string;
    text.min_length = 1;
    text.max_length = 70;
    line.max_length = 35;
    line.patterns = {{".*[^\\s].*"}};
    amount.built_in = schema::BuiltIn::decimal;
    amount.whitespace = schema::Whitespace::collapse;
    amount.total_digits = 19;
    amount.fraction_digits = 5;
    tables.simple_types = {text, line, amount};
    tables.elements.push_back(
        {.name = {"", "root"}, .type = {true, 0}, .constraint = {}, .value = {}, .identities = {}});
    tables.root = 0;
    return schema::Grammar::from_tables(std::move(tables)).value();
}

const std::map<std::string, Case>& cases() {
    static const std::map<std::string, Case> all{
        {"text", {"text", "text", 0, {"a text of forty bytes, as names are ....", "short"}}},
        {"text-wco", {"text", "text", 1, {"a text of 28 bytes, as ids are", "short"}}},
        {"text-chinese", {"text", "text", 0, {"中文中文中文中文中文"}}},
        {"code", {"code here", "code there", 1, {"142", "502", "300"}}},
        {"country", {"iso3166 numeric", "iso3166 alpha2", 1, {"156", "840"}}},
        {"integer", {"integer", "integer", 2, {"12345", "9", "100"}}},
        {"money", {"money", "money 2", 2, {"12345.67", "9", "0.5", "118.25"}}},
        {"money-zeros", {"money", "money 2", 2, {"1200.00", "9.50"}}},
        {"day", {"date yyyyMMdd", "date yyyy-MM-dd", 1, {"20261123"}}},
        {"moment", {"time yyyyMMddHHmmss", "time yyyyMMddHHmmssX", 1, {"20261123081530"}}},
        {"moment-iso", {"time yyyyMMddHHmmss", "datetime", 1, {"20261123081530"}}},
    };
    return all;
}

CodeLists lists() {
    Diagnostics faults;
    CodeLists out;
    const std::string from = "142 CNY\n502 USD\n300 EUR\n116 JPY\n110 HKD\n303 GBP\n";
    const std::string to = "CNY CNY\nUSD USD\nEUR EUR\nJPY JPY\nHKD HKD\nGBP GBP\n";
    out.emplace("here", CodeList::parse(from, "here.codes", "xx.here", faults).value());
    out.emplace("there", CodeList::parse(to, "there.codes", "yy.there", faults).value());
    return out;
}

FastTarget target_of(const schema::SimpleType& type) {
    FastTarget out;
    out.type = &type;
    if (type.max_length) out.bounds.length_max = *type.max_length;
    if (type.min_length) out.bounds.length_min = *type.min_length;
    if (type.total_digits) out.bounds.total_digits = static_cast<int>(*type.total_digits);
    if (type.fraction_digits) out.bounds.fraction_digits = static_cast<int>(*type.fraction_digits);
    return out;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4 || !cases().contains(arguments[1])) {
        for (const auto& [name, one] : cases()) std::printf("%s\n", name.c_str());
        return count == 1 ? 0 : 2;
    }
    const Case& one = cases().at(arguments[1]);
    const std::size_t times = std::strtoull(arguments[2], nullptr, 10);
    const std::string way = arguments[3];
    const CodeLists known = lists();
    const schema::Grammar grammar = types();
    Diagnostics faults;
    const Conversion reads = parse_conversions(one.reads, {}, faults)->front();
    const Conversion writes = parse_conversions(one.writes, {}, faults)->front();
    const FastTarget target = target_of(grammar.tables().simple_types[one.type]);
    const FastContext here{.lists = &known, .zone = "+08:00", .authority = "xx", .grammar = &grammar};
    const FastContext there{.lists = &known, .zone = "+08:00", .authority = "yy", .grammar = &grammar};
    const FusedConversion fused = FusedConversion::of({reads, here}, {writes, there, {&target, 1}});
    ConversionContext from, to;
    from.lists = to.lists = &known;
    from.zone = to.zone = "+08:00";
    Scratch scratch;
    std::size_t bytes = 0, next = 0;
    for (std::size_t i = 0; i < times; ++i) {
        const std::string& text = one.texts[next];
        if (++next == one.texts.size()) next = 0;
        if ((i & 63) == 0) scratch.reset();
        if (way == "fused") {
            FastRun run{.scratch = scratch};
            std::string_view out;
            if (fused.run(text, run, out) == Fast::declined) return 3;
            bytes += out.size();
        } else if (way == "reference") {
            const std::vector<NationalValue> given{{text, 0}};
            const auto values = reads.to_pivot(given, from);
            if (!values) return 3;
            const auto out = writes.from_pivot(values->values, to, {&target.bounds, 1});
            if (!out || !grammar.check_value(*target.type, out->values[0].text)) return 3;
            bytes += out->values[0].text.size();
        } else {
            bytes += text.size();
        }
    }
    std::printf("%zu\n", bytes);
    return 0;
}
