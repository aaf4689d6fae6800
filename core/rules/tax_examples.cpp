#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "core/base/file.h"
#include "core/pivot/text.h"
#include "core/rules/book.h"
#include "core/rules/codes.h"
#include "core/rules/tax.h"

namespace hansa::rules {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t example_bytes_max = 1'000'000;

struct Wanted {
    std::string id, what;
};

struct TaxExample {
    TaxOptions options;
    std::vector<Wanted> wanted;
    std::string format;
    bool sourced = false;
};

/// What the lines "# WORD ..." say; a line that starts otherwise is a remark.
TaxExample read_remarks(const std::string& text) {
    TaxExample out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string sign, word, name, value;
        words >> sign >> word >> name >> value;
        if (sign != "#") continue;
        const auto number = Decimal::parse(value);
        if (word == "source") out.sourced = true;
        else if (word == "format") out.format = name;
        else if (word == "expect") out.wanted.push_back({name, value});
        else if (word == "rate" && number) out.options.named[name] = *number;
        else if (word == "exchange" && number) out.options.exchange[name] = *number;
    }
    return out;
}

/// What became of a row: the sum of its lines, or a word.
std::string outcome(std::span<const TaxLine> lines, const std::string& id) {
    Decimal sum;
    std::string word = "none";
    for (const TaxLine& line : lines) {
        if (line.row->id != id) continue;
        switch (line.state) {
            case TaxLine::State::within: word = "within"; break;
            case TaxLine::State::exceeded: word = "exceeded"; break;
            case TaxLine::State::unknown: return "unknown";
            case TaxLine::State::computed:
                word.clear();
                sum = sum.plus(line.amount).value();
        }
    }
    return word.empty() ? sum.canonical() : word;
}

class TaxExamples {
public:
    TaxExamples(const std::vector<TaxTable>& tables, ExampleResult& out) : tables_(tables), out_(out) {}

    void run(const fs::path& file) {
        const auto text = read_file(file, example_bytes_max);
        if (!text) return out_.faults.push_back(text.error());
        TaxExample example = read_remarks(*text);
        if (!example.sourced) fault(file, "an example says where its figures come from: # source ...");
        if (example.wanted.empty()) fault(file, "an example says what is due: # expect ROW AMOUNT");
        const auto documents = pivot::read_text(*text, file.string());
        if (!documents) return out_.faults.push_back(documents.error().in_file(file.string()));
        if (documents->size() != 1) return fault(file, "an example is one document");
        Diagnostics wrong;
        if (!pivot::check(documents->front(), wrong)) return out_.faults.push_back(wrong.errors().front().in_file(file.string()));
        example.options.format = example.format;
        std::vector<TaxLine> lines;
        for (const TaxTable& table : tables_) std::ranges::move(compute(documents->front(), table, example.options), std::back_inserter(lines));
        for (const TaxLine& line : lines) {
            if (line.state != TaxLine::State::unknown) asked_.insert(line.row);
        }
        judge(file, example, lines);
    }

    void check_rows() {
        for (const TaxTable& table : tables_) {
            for (const TaxRow& row : table.rows) {
                if (!asked_.contains(&row)) out_.faults.push_back({codes::example, fmt::format("no example asks '{}' of {}", row.id, row.days.text()), row.place});
            }
        }
    }

private:
    void fault(const fs::path& file, std::string detail) { out_.faults.push_back({codes::example, std::move(detail), Place{.file = file.string()}}); }

    void judge(const fs::path& file, const TaxExample& example, std::span<const TaxLine> lines) {
        const std::size_t before = out_.faults.size();
        for (const Wanted& wanted : example.wanted) {
            const auto number = Decimal::parse(wanted.what);
            const std::string expected = number ? number->canonical() : wanted.what;
            const std::string found = outcome(lines, wanted.id);
            if (found != expected) fault(file, fmt::format("{} gives {}, not {}", wanted.id, found, expected));
        }
        if (out_.faults.size() == before) ++out_.passed;
    }

    const std::vector<TaxTable>& tables_;
    ExampleResult& out_;
    std::set<const TaxRow*> asked_;
};

}  // namespace

ExampleResult run_tax_examples(const fs::path& folder) {
    ExampleResult out;
    Diagnostics faults;
    const auto opened = plugin::open_folder(folder, folder);
    if (!opened) {
        out.faults.push_back(opened.error());
        return out;
    }
    const std::vector<TaxTable> tables = load_tax_tables(**opened, faults);
    out.faults = faults.errors();
    TaxExamples examples(tables, out);
    std::error_code none;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder / "taxes" / "examples", none)) files.push_back(entry.path());
    std::ranges::sort(files);
    for (const fs::path& file : files) examples.run(file);
    examples.check_rows();
    return out;
}

}  // namespace hansa::rules
