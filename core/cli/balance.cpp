// hansa balance: accounts and their movements; documents tried on them.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/balances/book.h"
#include "core/balances/codes.h"
#include "core/balances/ledger.h"
#include "core/base/digest.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/pivot/text.h"
#include "core/rules/check.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;
using balances::AccountView;
using balances::Balance;
using balances::Booked;
using balances::Ledger;
using balances::LineView;

struct BalanceOptions {
    std::vector<std::string> files, tables;
    std::string store, table, account, format, agency;
    bool json = false, test = false;
};

/// A store for this run only.
class Scratch {
public:
    Scratch() : folder_(std::filesystem::temp_directory_path() / ("hansa-balance-" + message_id())) { std::filesystem::create_directory(folder_); }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::filesystem::path store() const { return folder_ / "balances.db"; }

private:
    std::filesystem::path folder_;
};

std::shared_ptr<const balances::BalanceBook> book_of(Surroundings& with, int& code) {
    Diagnostics faults;
    auto book = balances::BalanceBook::load(with.registry(), faults);
    print_faults(with, faults, {});
    if (!faults.empty()) code = answer_is_no;
    return book;
}

Result<std::unique_ptr<Ledger>> open_store(const BalanceOptions& options, bool read_only) {
    if (options.store.empty()) return Error{codes::usage, "--store FILE is needed: `balances` of hansa.toml"};
    if (!std::filesystem::exists(options.store)) return Error{codes::usage, fmt::format("no store is at '{}'", options.store)};
    return Ledger::open(options.store, {.read_only = read_only});
}

std::string measures_text(const balances::Measures& held) {
    std::string out = held.unit.empty() ? "" : held.quantity.canonical() + " " + held.unit;
    if (!held.currency.empty()) out += (out.empty() ? "" : ", ") + held.value.canonical() + " " + held.currency;
    return out;
}

Json measures_json(const balances::Measures& held) {
    Json out = Json::object();
    if (!held.unit.empty()) out["quantity"] = held.quantity.canonical(), out["unit"] = held.unit;
    if (!held.currency.empty()) out["value"] = held.value.canonical(), out["currency"] = held.currency;
    return out;
}

std::string account_text(const AccountView& view) {
    const auto& account = view.account;
    std::string out = account.table + " ";
    out += account.name.empty() ? fmt::format("person {}", account.id) : account.name;
    if (!account.period.empty() && account.name.empty()) out += " in " + account.period;
    if (account.test) out += ", of test messages";
    if (!account.from.empty() || !account.until.empty()) out += ", " + rules::Days{account.from, account.until}.text();
    if (!account.open) out += ", not open yet";
    return out;
}

Json account_json(const AccountView& view) {
    Json out = {{"id", view.account.id}, {"table", view.account.table}, {"account", view.account.name}, {"period", view.account.period}, {"test", view.account.test},
                {"open", view.account.open}, {"from", view.account.from}, {"until", view.account.until}, {"lines", Json::array()}};
    for (const LineView& line : view.lines) {
        Json one = measures_json(line.held);
        one["item"] = line.item;
        out["lines"].push_back(std::move(one));
    }
    return out;
}

int list_tables(Surroundings& with, const BalanceOptions& options) {
    int code = all_well;
    const auto book = book_of(with, code);
    Json all = Json::array();
    for (const Balance& balance : book->all()) {
        Json acts = Json::array();
        std::string words;
        for (const balances::Row& row : balance.table.rows) {
            const std::string word = fmt::format("{} {}", balances::act_name(row.act), row.formats.empty() ? std::string(pivot::kind_name(row.kind)) : fmt::format("{}", fmt::join(row.formats, " ")));
            acts.push_back(word);
            words += (words.empty() ? "" : ", ") + word;
        }
        all.push_back({{"table", balance.table.id}, {"text", balance.table.text}, {"source", balance.table.source}, {"severity", rules::severity_name(balance.table.severity)}, {"limit", balance.table.limit}, {"rows", acts}});
        if (!options.json) std::cout << fmt::format("{}: {} ({}; {})\n", balance.table.id, balance.table.text, rules::severity_name(balance.table.severity), words);
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

int print_accounts(Ledger& ledger, Surroundings& with, const BalanceOptions& options, const std::string& table) {
    Json all = Json::array();
    for (balances::Id after = 0;;) {
        const auto page = ledger.accounts(table, {}, after);
        if (!page) return fail(with, page.error());
        if (page->empty()) break;
        for (const AccountView& view : *page) {
            after = view.account.id;
            if (options.json) all.push_back(account_json(view));
            else std::cout << account_text(view) << '\n';
            for (const LineView& line : view.lines) {
                if (!options.json) std::cout << fmt::format("    {}{}\n", line.item.empty() ? "" : line.item + ": ", measures_text(line.held));
            }
        }
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return all_well;
}

int list_accounts(Surroundings& with, const BalanceOptions& options) {
    const auto ledger = open_store(options, true);
    return ledger ? print_accounts(**ledger, with, options, options.table) : fail(with, ledger.error());
}

int show_account(Surroundings& with, const BalanceOptions& options) {
    const auto ledger = open_store(options, true);
    if (!ledger) return fail(with, ledger.error());
    const auto found = (*ledger)->accounts(options.table, options.account);
    if (!found) return fail(with, found.error());
    if (found->empty()) return fail(with, Error{balances::codes::not_held, fmt::format("{} '{}'", options.table, options.account)});
    Json all = Json::array();
    for (const AccountView& view : *found) {
        Json out = account_json(view);
        if (!options.json) std::cout << account_text(view) << '\n';
        for (std::size_t i = 0; i < view.lines.size(); ++i) {
            const auto history = (*ledger)->history(view.lines[i].id);
            if (!history) return fail(with, history.error());
            if (!options.json) std::cout << fmt::format("    {}{}\n", view.lines[i].item.empty() ? "" : view.lines[i].item + ": ", measures_text(view.lines[i].held));
            out["lines"][i]["movements"] = Json::array();
            for (const balances::MovementView& one : *history) {
                Json movement = {{"act", act_name(one.act)}, {"state", state_name(one.state)}, {"message", one.message}, {"document", one.document + 1}, {"row", one.row}, {"asked", measures_json(one.asked)}, {"counted", measures_json(one.counted)}};
                out["lines"][i]["movements"].push_back(std::move(movement));
                if (!options.json) std::cout << fmt::format("        {:<8} {:<10} {:>16}  {} document {}{}\n", act_name(one.act), state_name(one.state), measures_text(one.counted), one.message, one.document + 1, one.row.empty() ? "" : " row " + one.row);
            }
        }
        all.push_back(std::move(out));
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return all_well;
}

struct Entry {
    std::string name;  ///< FILE, or FILE!2
    std::string format, plugin;
    pivot::Document document;
};

/// Pivot lines are taken as they are; messages by their format.
std::vector<Entry> entries_of(Surroundings& with, const BalanceOptions& options, int& code) {
    std::vector<Entry> out;
    for (const std::string& file : options.files) {
        const std::size_t first = out.size();
        if (file.ends_with(".pivot")) {
            const auto text = input(file);
            auto documents = text ? pivot::read_text(*text, file) : Result<std::vector<pivot::Document>>(text.error());
            if (!documents) {
                code = std::max(code, fail(with, documents.error()));
                continue;
            }
            for (pivot::Document& document : *documents) {
                Diagnostics wrong;
                if (!pivot::check(document, wrong)) {
                    print_faults(with, wrong, file);
                    code = std::max<int>(code, answer_is_no);
                } else {
                    out.push_back({file, options.format, {}, std::move(document)});
                }
            }
        } else {
            for (ReadDocument& one : read_documents(with, file, options.format, code)) {
                for (pivot::Document& document : one.reading.documents) out.push_back({one.name, one.format->id, one.format->plugin, std::move(document)});
            }
        }
        const std::size_t count = out.size() - first;
        for (std::size_t i = 0; count > 1 && i < count; ++i) out[first + i].name += fmt::format("!{}", i + 1);
    }
    return out;
}

/// Those that are asked for; else all that know one of the documents.
Result<std::vector<const Balance*>> tables_for(const balances::BalanceBook& book, const BalanceOptions& options, const std::vector<Entry>& entries) {
    std::vector<const Balance*> out;
    for (const std::string& id : options.tables) {
        const auto found = book.find(id);
        if (!found) return found.error();
        out.push_back(*found);
    }
    if (!out.empty()) return out;
    std::set<std::string> plugins;
    for (const Entry& entry : entries) plugins.insert(entry.plugin);
    for (const Balance& balance : book.all()) {
        const bool near = plugins.contains(balance.table.id.substr(0, balance.table.id.find('.')));
        const bool knows = std::ranges::any_of(entries, [&](const Entry& entry) { return balance.table.is_for(entry.document.kind, entry.format); });
        if (near && knows) out.push_back(&balance);
    }
    if (out.empty()) return Error{balances::codes::table_unknown, "none speaks of these documents; --table NAME chooses one"};
    return out;
}

/// Documents in their order, one after the other, each settled as if its message were accepted.
int book_entries(Surroundings& with, Ledger& ledger, const std::vector<const Balance*>& tables, const BalanceOptions& options, const std::vector<Entry>& entries, bool json, Json& all) {
    int code = all_well;
    const std::string today(rules::day_of(format_iso(now_utc())));
    for (const Entry& entry : entries) {
        // The document itself is its identity: the same one is booked once.
        balances::Booking booking{"document " + sha256_hex(pivot::write_text(entry.document)).substr(0, 32), options.test, milliseconds_since_epoch(now_utc()), today, {}};
        booking.subjects.push_back({0, &entry.document, entry.format, options.agency, {}, tables});
        const auto booked = ledger.book(booking);
        if (!booked) return fail(with, booked.error());
        if (const auto settled = ledger.settle(booking.message); !settled) return fail(with, settled.error());
        const std::string_view word = booked->refused() ? "refused" : !booked->findings.empty() ? "warned" : booked->documents != 0 ? "booked" : "nothing to book";
        if (booked->refused()) code = answer_is_no;
        Json out = {{"document", entry.name}, {"verdict", word}, {"findings", Json::array()}};
        if (!json) std::cout << fmt::format("{}: {}\n", entry.name, word);
        for (const balances::Finding& finding : booked->findings) {
            const balances::BalanceTable& table = finding.balance->table;
            if (!json) std::cout << fmt::format("    {} {}\n        at: {}\n        source: {}\n", finding.refuses ? "refuses" : "warns", finding.error.text(), finding.error.place.path, table.source);
            out["findings"].push_back({{"table", table.id}, {"severity", rules::severity_name(table.severity)}, {"code", finding.error.code.name()}, {"text", finding.error.detail}, {"path", finding.error.place.path}, {"source", table.source}, {"fails", table.fails}});
        }
        all.push_back(std::move(out));
    }
    return code;
}

int book_files(Surroundings& with, const BalanceOptions& options, const std::filesystem::path& store, bool show) {
    int code = all_well;
    const auto book = book_of(with, code);
    const std::vector<Entry> entries = entries_of(with, options, code);
    if (code != all_well) return code;
    const auto tables = tables_for(*book, options, entries);
    if (!tables) return fail(with, tables.error());
    const auto ledger = Ledger::open(store, {});
    if (!ledger) return fail(with, ledger.error());
    Json all = Json::array();
    code = book_entries(with, **ledger, *tables, options, entries, options.json, all);
    if (options.json) {
        Json accounts = Json::array();
        const auto found = (*ledger)->accounts({});
        if (!found) return fail(with, found.error());
        for (const AccountView& view : *found) {
            if (show) accounts.push_back(account_json(view));
        }
        std::cout << Json{{"documents", all}, {"accounts", accounts}}.dump(2) << '\n';
        return code;
    }
    return show ? std::max(code, print_accounts(**ledger, with, options, {})) : code;
}

int try_files(Surroundings& with, const BalanceOptions& options) {
    const Scratch scratch;
    return book_files(with, options, scratch.store(), true);
}

/// Only what opens and adds: what takes comes through the gateway.
int add_files(Surroundings& with, const BalanceOptions& options) {
    if (options.store.empty()) return fail(with, Error{codes::usage, "--store FILE is needed: `balances` of hansa.toml"});
    if (options.tables.empty()) return fail(with, Error{codes::usage, "--table NAME is needed: which accounts are filled"});
    int code = all_well;
    const auto book = book_of(with, code);
    for (const Entry& entry : entries_of(with, options, code)) {
        for (const std::string& id : options.tables) {
            const auto balance = book->find(id);
            if (!balance) return fail(with, balance.error());
            const bool adds = std::ranges::any_of((*balance)->table.rows, [&](const balances::Row& row) { return row.act == balances::Act::add && row.is_for(entry.document.kind, entry.format); });
            if (!adds) return fail(with, Error{codes::usage, fmt::format("{} adds nothing to {}", entry.name, id)});
        }
    }
    return code == all_well ? book_files(with, options, options.store, false) : code;
}

}  // namespace

void add_balance(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("balance", "Accounts of stock, permits and yearly limits: what is held, and which documents changed it");
    command->require_subcommand(1);
    command->footer("Examples: hansa balance try entry.xml list.xml\n"
                    "          hansa balance add --store /var/lib/hansa/balances.db --table cn.bonded stock.pivot\n"
                    "          hansa balance show --store /var/lib/hansa/balances.db cn.bonded S1501I000164");
    auto options = std::make_shared<BalanceOptions>();
    const auto stored = [options](CLI::App* one) { one->add_option("--store", options->store, "The gateway's store of balances: `balances` of hansa.toml"); };
    const auto read = [options](CLI::App* one) {
        one->add_option("FILE", options->files, "Messages, or pivot documents (*.pivot, as `hansa pivot` writes them); - is standard input")->required();
        one->add_option("--table", options->tables, "Tables that are asked (try: default those that know the documents)");
        one->add_option("--format", options->format, "Take the files for this format instead of detecting it");
        one->add_flag("--json", options->json, "One JSON document");
    };
    auto* tables = command->add_subcommand("tables", "The tables that are loaded");
    tables->add_flag("--json", options->json, "One JSON document");
    tables->callback([&with, &chosen, options] { chosen.run = [&with, options] { return list_tables(with, *options); }; });

    auto* list = command->add_subcommand("list", "All accounts, and what they hold");
    stored(list);
    list->add_option("--table", options->table, "Only this table's");
    list->add_flag("--json", options->json, "One JSON document");
    list->callback([&with, &chosen, options] { chosen.run = [&with, options] { return list_accounts(with, *options); }; });

    auto* show = command->add_subcommand("show", "One account with its movements");
    stored(show);
    show->add_option("TABLE", options->table, "The table")->required();
    show->add_option("ACCOUNT", options->account, "The account's name: a record number, the number of a permit")->required();
    show->add_flag("--json", options->json, "One JSON document");
    show->callback([&with, &chosen, options] { chosen.run = [&with, options] { return show_account(with, *options); }; });

    auto* trial = command->add_subcommand("try", "Book documents in their order, beginning with empty accounts; nothing is kept");
    read(trial);
    trial->footer("Exit code 1 when a document is refused; warnings alone are exit code 0.\n"
                  "Example: hansa balance try stock.pivot list.xml answer.xml return.xml");
    trial->callback([&with, &chosen, options] { chosen.run = [&with, options] { return try_files(with, *options); }; });

    auto* add = command->add_subcommand("add", "State what is there already: documents that open accounts or add to them, once each");
    stored(add);
    read(add);
    add->add_flag("--test", options->test, "To the accounts of test messages");
    add->footer("The gateway may be running. Example: hansa balance add --store balances.db --table cn.bonded stock.pivot");
    add->callback([&with, &chosen, options] { chosen.run = [&with, options] { return add_files(with, *options); }; });
}

}  // namespace hansa::cli
