#include "core/balances/examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/balances/codes.h"
#include "core/balances/ledger.h"
#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/pivot/text.h"
#include "core/plugin/tables.h"

namespace hansa::balances {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t example_bytes_max = 1'000'000;
constexpr std::string_view no_day = "2000-01-01";

/// What the remarks before one document say.
struct Chapter {
    std::string format, expected, code;
    std::vector<std::string> says;
    std::size_t question = 0;  ///< from 1; 0: it is no answer
};

struct Holding {
    std::string account, item, amount, unit;
};

struct Story {
    std::vector<std::string> balances;
    std::vector<Chapter> chapters;
    std::vector<Holding> holdings;
};

Story read_remarks(const std::string& text) {
    Story out;
    Chapter next;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string sign, word, first, second;
        words >> sign;
        if (sign == "document") {
            out.chapters.push_back(std::move(next));
            next = {};
        }
        if (sign != "#") continue;
        words >> word >> first;
        if (word == "says") {
            next.says.push_back(line.substr(line.find("says") + 5));
        } else if (word == "balances") {
            for (; !first.empty(); first.clear(), words >> first) out.balances.push_back(first);
        } else if (word == "format") {
            next.format = first;
        } else if (word == "question") {
            next.question = static_cast<std::size_t>(std::strtoul(first.c_str(), nullptr, 10));
        } else if (word == "expect") {
            words >> second;
            next.expected = first;
            next.code = second;
        } else if (word == "holds") {
            Holding holding{first, {}, {}, {}};
            words >> holding.item >> holding.amount >> holding.unit;
            out.holdings.push_back(std::move(holding));
        }
    }
    return out;
}

/// A store for one story.
class Scratch {
public:
    Scratch() : folder_(fs::temp_directory_path() / ("hansa-balance-" + random_uuid())) { fs::create_directory(folder_); }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    fs::path store() const { return folder_ / "balances.db"; }

private:
    fs::path folder_;
};

class Stories {
public:
    Stories(const BalanceBook& book, ExampleResult& out) : book_(book), out_(out) {}

    void run(const fs::path& file) {
        const std::size_t before = out_.faults.size();
        file_ = file;
        const auto text = read_file(file, example_bytes_max);
        if (!text) return out_.faults.push_back(text.error());
        const auto documents = pivot::read_text(*text, file.string());
        if (!documents) return out_.faults.push_back(documents.error().in_file(file.string()));
        const Story story = read_remarks(*text);
        if (story.balances.empty()) return fault("an example says which tables it is for: # balances xx.stock");
        std::vector<const Balance*> balances;
        for (const std::string& id : story.balances) {
            const auto found = book_.find(id);
            if (!found) return out_.faults.push_back(found.error().in_file(file.string()));
            balances.push_back(*found);
        }
        const Scratch scratch;
        const auto ledger = Ledger::open(scratch.store(), {});
        if (!ledger) return out_.faults.push_back(ledger.error());
        for (std::size_t i = 0; i < documents->size(); ++i) tell(**ledger, balances, story.chapters[i], (*documents)[i], i + 1);
        for (const Holding& holding : story.holdings) check(**ledger, balances, holding);
        if (out_.faults.size() == before) ++out_.passed;
    }

    void check_tables() {
        for (const Balance& balance : book_.all()) {
            const BalanceTable& table = balance.table;
            if (!booked_.contains(table.id)) out_.faults.push_back({codes::example, fmt::format("no example books anything of '{}'", table.id), table.place});
            if (!stopped_.contains(table.id)) out_.faults.push_back({codes::example, fmt::format("no example is refused by '{}'", table.id), table.place});
        }
    }

private:
    void fault(std::string detail) { out_.faults.push_back({codes::example, std::move(detail), Place{.file = file_.string()}}); }

    void tell(Ledger& ledger, const std::vector<const Balance*>& balances, const Chapter& chapter, const pivot::Document& document, std::size_t number) {
        Diagnostics wrong;
        if (!pivot::check(document, wrong)) return out_.faults.push_back(wrong.errors().front().in_file(file_.string()));
        Booking booking{fmt::format("document {}", number), false, 0, std::string(no_day), {}};
        booking.subjects.push_back({0, &document, chapter.format, {}, chapter.question == 0 ? "" : fmt::format("document {}", chapter.question), balances});
        const auto booked = ledger.book(booking);
        if (!booked) return out_.faults.push_back(booked.error());
        if (const auto settled = ledger.settle(booking.message); !settled) return out_.faults.push_back(settled.error());
        for (const Finding& finding : booked->findings) stopped_.insert(finding.balance->table.id);
        if (booked->documents != 0) {
            for (const Balance* balance : balances) {
                if (balance->table.is_for(document.kind, chapter.format)) booked_.insert(balance->table.id);
            }
        }
        judge(chapter, *booked, number);
    }

    void judge(const Chapter& chapter, const Booked& booked, std::size_t number) {
        std::string found = booked.refused() ? "refused" : !booked.findings.empty() ? "warned" : booked.documents != 0 ? "booked" : "untouched";
        if (chapter.expected.empty()) return fault(fmt::format("document {} does not say what is expected of it: # expect {}", number, found));
        if (found != chapter.expected)
            return fault(fmt::format("document {} is {}, not {}{}", number, found, chapter.expected, booked.findings.empty() ? "" : ": " + booked.findings.front().error.text()));
        if (booked.findings.empty()) return;
        const Error& error = booked.findings.front().error;
        if (error.code.name() != chapter.code) fault(fmt::format("document {}: {}, not {}", number, error.text(), chapter.code));
        for (const std::string& words : chapter.says) {
            const bool said = std::ranges::any_of(booked.findings, [&](const Finding& finding) { return finding.error.detail.find(words) != std::string::npos; });
            if (!said) fault(fmt::format("document {}: '{}' does not say '{}'", number, error.text(), words));
        }
    }

    /// The sum over the tables of the story: a name is in one of them.
    void check(Ledger& ledger, const std::vector<const Balance*>& balances, const Holding& holding) {
        for (const Balance* balance : balances) {
            const auto accounts = ledger.accounts(balance->table.id);
            if (!accounts) return out_.faults.push_back(accounts.error());
            for (const AccountView& account : *accounts) {
                if (account.account.name != holding.account && !(balance->table.person && holding.account == "person")) continue;
                for (const LineView& line : account.lines) {
                    if (line.item != (holding.item == "-" ? "" : holding.item)) continue;
                    const bool quantity = line.held.unit == holding.unit;
                    if (!quantity && line.held.currency != holding.unit) continue;
                    const std::string held = (quantity ? line.held.quantity : balance->table.limit.empty() ? line.held.value : line.held.value.negated()).canonical();
                    if (held != holding.amount) fault(fmt::format("{} {} holds {} {}, not {}", holding.account, holding.item, held, holding.unit, holding.amount));
                    return;
                }
            }
        }
        fault(fmt::format("no account '{}' with an item '{}' in {}", holding.account, holding.item, holding.unit));
    }

    const BalanceBook& book_;
    ExampleResult& out_;
    fs::path file_;
    std::set<std::string> booked_, stopped_;
};

}  // namespace

ExampleResult run_balance_examples(const fs::path& plugin_folder) {
    ExampleResult out;
    Diagnostics faults;
    const auto opened = plugin::open_folder(plugin_folder, plugin_folder);
    if (!opened) {
        out.faults.push_back(opened.error());
        return out;
    }
    const BalanceBook book(load_balances(**opened, faults));
    out.faults = faults.errors();
    std::vector<fs::path> files;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(plugin_folder / "balances" / "examples", none)) files.push_back(entry.path());
    std::ranges::sort(files);
    Stories stories(book, out);
    for (const fs::path& file : files) stories.run(file);
    stories.check_tables();
    return out;
}

}  // namespace hansa::balances
