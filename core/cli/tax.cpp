// hansa tax.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/balances/book.h"
#include "core/balances/deed.h"
#include "core/balances/ledger.h"
#include "core/base/nearest.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/rules/book.h"
#include "core/rules/check.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;
using rules::TaxLine;

struct Options {
    std::vector<std::string> files, sets, figures, exchange;
    std::string format, day, store;
    bool json = false;
};

Result<std::vector<const rules::TaxTable*>> chosen(std::span<const rules::TaxTable> all, const Options& options, const plugin::Format& format) {
    std::vector<const rules::TaxTable*> out;
    std::vector<std::string_view> names;
    for (const rules::TaxTable& table : all) {
        names.push_back(table.set);
        const bool serves = table.set == format.plugin || std::ranges::find(table.serves, format.plugin) != table.serves.end();
        if (options.sets.empty() ? serves : std::ranges::find(options.sets, table.set) != options.sets.end()) out.push_back(&table);
    }
    for (const std::string& set : options.sets) {
        if (std::ranges::find(names, set) == names.end()) return Error{codes::usage, fmt::format("no plugin brings taxes called '{}'{}", set, did_you_mean(set, names))};
    }
    return out;
}

/// Words NAME=NUMBER.
Result<std::map<std::string, Decimal, std::less<>>> figures(const std::vector<std::string>& words, std::string_view option) {
    std::map<std::string, Decimal, std::less<>> out;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        const auto value = equals == word.npos ? Result<Decimal>(Error{codes::usage, {}}) : Decimal::parse(std::string_view(word).substr(equals + 1));
        if (!value) return Error{codes::usage, fmt::format("{} takes NAME=NUMBER, not '{}'", option, word)};
        out[word.substr(0, equals)] = *value;
    }
    return out;
}

std::string percent(const Decimal& rate) {
    const auto shown = rate.rounded(6);
    return (shown ? shown->canonical() : rate.canonical()) + " %";
}

std::string result_text(const TaxLine& line) {
    const rules::TaxRow& row = *line.row;
    const std::string base = line.base ? line.base->canonical() : "";
    switch (line.state) {
        case TaxLine::State::unknown: {
            std::string names;
            for (const std::string& name : line.missing) names += (names.empty() ? "" : ", ") + name;
            return fmt::format("not known without {}", names);
        }
        case TaxLine::State::within: return fmt::format("{} {} is within {}", base, row.currency, row.most.canonical());
        case TaxLine::State::exceeded: return fmt::format("{} {} is over {} by {}", base, row.currency, row.most.canonical(), line.amount.canonical());
        default: break;
    }
    const std::string how = line.rate ? fmt::format("{} at {}", base, percent(*line.rate)) : fmt::format("{} of {}", row.amount ? row.amount->text : "", base);
    const auto exact = line.exact.rounded(8);
    return fmt::format("{} = {} -> {} {}", how, exact ? exact->canonical() : line.exact.canonical(), line.amount.text(), row.currency);
}

void print_line(const TaxLine& line) {
    const rules::TaxRow& row = *line.row;
    std::cout << fmt::format("  {:<18} {}\n", row.id, result_text(line));
    std::cout << fmt::format("      {}\n", row.text);
    if (!line.path.empty()) std::cout << fmt::format("      of:       {}\n", line.path);
    std::cout << fmt::format("      base:     {}\n", row.base->text);
    if (row.rate) std::cout << fmt::format("      rate:     {}\n", row.rate->text);
    for (const rules::RateRow* rate : line.rates)
        std::cout << fmt::format("      figure:   {} {} ({}{}, {}; {})\n", rate->id, rate->value.canonical(), rate->text, rate->assumed ? ", assumed" : "", rate->days.text(), rate->source);
    for (const std::string& name : line.said) std::cout << fmt::format("      figure:   {} as said\n", name);
    std::cout << fmt::format("      days:     {}\n      source:   {}\n", row.days.text(), row.source);
    if (row.form == rules::TaxForm::tax) std::cout << fmt::format("      rounding: {}\n", rules::rounding_text(row));
    if (!row.note.empty()) std::cout << fmt::format("      note:     {}\n", row.note);
}

std::string_view state_name(TaxLine::State state) {
    switch (state) {
        case TaxLine::State::within: return "within";
        case TaxLine::State::exceeded: return "exceeded";
        case TaxLine::State::unknown: return "unknown";
        default: return "computed";
    }
}

Json line_json(const TaxLine& line) {
    const rules::TaxRow& row = *line.row;
    Json out = {{"row", row.id}, {"form", row.form == rules::TaxForm::tax ? "tax" : "limit"}, {"state", state_name(line.state)}, {"path", line.path}, {"text", row.text}};
    out["base"] = line.base ? line.base->canonical() : "";
    out["base_formula"] = row.base->text;
    out["rate_percent"] = line.rate ? line.rate->canonical() : "";
    out["rate_formula"] = row.rate ? row.rate->text : "";
    out["amount_formula"] = row.amount ? row.amount->text : "";
    out["most"] = row.form == rules::TaxForm::limit ? row.most.canonical() : "";
    out["exact"] = line.exact.canonical();
    out["amount"] = line.amount.text();
    out["currency"] = row.currency;
    out["rounding"] = row.form == rules::TaxForm::tax ? rules::rounding_text(row) : "";
    out["from"] = row.days.from;
    out["to"] = row.days.to;
    out["source"] = row.source;
    out["note"] = row.note;
    out["missing"] = line.missing;
    out["figures"] = Json::array();
    for (const rules::RateRow* rate : line.rates)
        out["figures"].push_back({{"id", rate->id}, {"value", rate->value.canonical()}, {"assumed", rate->assumed}, {"from", rate->days.from}, {"to", rate->days.to}, {"source", rate->source}});
    for (const std::string& name : line.said) out["figures"].push_back({{"id", name}, {"said", true}});
    return out;
}

/// Sums by currency, in the order that they appear.
std::vector<std::pair<std::string, Decimal>> totals(std::span<const TaxLine> lines) {
    std::vector<std::pair<std::string, Decimal>> out;
    for (const TaxLine& line : lines) {
        if (line.row->form != rules::TaxForm::tax || line.state != TaxLine::State::computed) continue;
        auto found = std::ranges::find(out, line.row->currency, &std::pair<std::string, Decimal>::first);
        if (found == out.end()) found = out.insert(out.end(), {line.row->currency, Decimal()});
        if (const auto sum = found->second.plus(line.amount)) found->second = *sum;
    }
    return out;
}

struct Asked {
    const Options& options;
    std::span<const rules::TaxTable> tables;
    rules::TaxOptions how;
    const balances::BalanceBook* balances = nullptr;  ///< with the store: what was taken of yearly limits before
    balances::Ledger* ledger = nullptr;
};

/// Figures of what was taken before, from the store; what the caller says counts more.
Result<void> add_taken(const Asked& asked, const pivot::Document& document, rules::TaxOptions& how) {
    if (asked.ledger == nullptr) return {};
    for (const balances::Balance& balance : asked.balances->all()) {
        if (balance.table.limit.empty() || how.named.contains(balance.table.given)) continue;
        const auto account = balances::limit_account(balance, document, how.format, how.day);
        if (!account || !*account) continue;  // a document without the key has no account: the figure stays unknown
        const auto taken = asked.ledger->taken(balance, **account);
        if (!taken) return taken.error();
        how.named[balance.table.given] = *taken;
    }
    return {};
}

int tax_document(Surroundings& with, const Asked& asked, const ReadDocument& read, Json& all) {
    const auto tables = chosen(asked.tables, asked.options, *read.format);
    if (!tables) return fail(with, tables.error());
    rules::TaxOptions how = asked.how;
    how.format = read.format->id;
    how.base = read.format->base;
    for (std::size_t i = 0; i < read.reading.documents.size(); ++i) {
        std::vector<TaxLine> lines;
        rules::TaxOptions known = how;
        if (const auto added = add_taken(asked, read.reading.documents[i], known); !added) return fail(with, added.error());
        for (const rules::TaxTable* table : *tables) std::ranges::move(rules::compute(read.reading.documents[i], *table, known), std::back_inserter(lines));
        const std::string_view day = rules::document_day(read.reading.documents[i], how.day);
        const auto sums = totals(lines);
        if (asked.options.json) {
            Json out = {{"file", read.name}, {"document", i + 1}, {"format", read.format->id}, {"day", day}, {"lines", Json::array()}, {"totals", Json::object()}};
            for (const TaxLine& line : lines) out["lines"].push_back(line_json(line));
            for (const auto& [currency, sum] : sums) out["totals"][currency] = sum.text();
            all.push_back(std::move(out));
            continue;
        }
        std::cout << fmt::format("{}, document {}, judged by {}\n", read.name, i + 1, day);
        for (const TaxLine& line : lines) print_line(line);
        if (lines.empty()) std::cout << "  no row asks for this document\n";
        for (const auto& [currency, sum] : sums) std::cout << fmt::format("  total              {} {}\n", sum.text(), currency);
    }
    return all_well;
}

int tax(Surroundings& with, const Options& options) {
    Diagnostics faults;
    const auto book = rules::RuleBook::load(with.registry(), faults);
    if (!faults.empty()) {
        print_faults(with, faults, {});
        return answer_is_no;
    }
    if (!options.day.empty() && (options.day.size() != 10 || !parse_time(options.day, "yyyy-MM-dd")))
        return fail(with, Error{codes::usage, fmt::format("--date takes a day such as 2026-07-01, not '{}'", options.day)});
    const auto named = figures(options.figures, "--rate"), exchange = figures(options.exchange, "--exchange");
    if (!named || !exchange) return fail(with, named ? exchange.error() : named.error());
    const std::string today = format_iso(now_utc());
    Asked asked{options, book->taxes(), {}};
    std::shared_ptr<const balances::BalanceBook> balances;
    std::unique_ptr<balances::Ledger> ledger;
    if (!options.store.empty()) {
        balances = balances::BalanceBook::load(with.registry(), faults);
        if (!faults.empty()) {
            print_faults(with, faults, {});
            return answer_is_no;
        }
        auto opened = balances::Ledger::open(options.store, {.read_only = true});
        if (!opened) return fail(with, opened.error());
        ledger = *std::move(opened);
        asked.balances = balances.get();
        asked.ledger = ledger.get();
    }
    asked.how.day = options.day.empty() ? rules::day_of(today) : std::string_view(options.day);
    asked.how.named = *named;
    asked.how.exchange = *exchange;
    Json all = Json::array();
    int code = all_well;
    for (const std::string& file : options.files) {
        const auto read = read_documents(with, file, options.format, code);
        for (const ReadDocument& document : read) code = std::max(code, tax_document(with, asked, document, all));
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

}  // namespace

void add_tax(CLI::App& app, Surroundings& with, Chosen& chosen_command) {
    auto* command = app.add_subcommand("tax", "Limits, duties and taxes of a document, each with base, rate, days, source and rounding");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Files; - is standard input")->required();
    command->add_option("--format", options->format, "Take the file for this format instead of detecting it");
    command->add_option("--taxes", options->sets, "Tables of taxes (default: those for the plugin of the format)");
    command->add_option("--date", options->day, "The day by which a document is judged that has no date of its own (default: today)");
    command->add_option("--rate", options->figures, "ROW=NUMBER: a figure that you know better than the table: cn.vat=9");
    command->add_option("--exchange", options->exchange, "FROM/TO=NUMBER: USD/EUR=0.92");
    command->add_option("--balances", options->store, "The gateway's store of balances: what was taken of yearly limits before");
    command->add_flag("--json", options->json, "One JSON document");
    command->footer("Example: hansa tax --rate cn.consumption-tax=15 list.xml");
    command->callback([&with, &chosen_command, options] { chosen_command.run = [&with, options] { return tax(with, *options); }; });
}

}  // namespace hansa::cli
