#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/nearest.h"
#include "core/pivot/standards.h"
#include "core/rules/codes.h"
#include "core/rules/table_row.h"
#include "core/rules/tax.h"

namespace hansa::rules {
namespace {

using mapping::TextNode;

constexpr std::array<std::string_view, 8> rate_words{"from", "to", "value", "begins", "assumed", "source", "text", "note"};
constexpr std::array<std::string_view, 15> row_words{"text", "over", "from", "to", "source", "note", "each", "when", "base", "rate", "amount", "round", "in", "most", "date"};

struct RoundingWord {
    std::string_view word;
    Rounding rounding;
};
constexpr std::array<RoundingWord, 4> roundings{{{"half-up", Rounding::half_up}, {"half-even", Rounding::half_even}, {"down", Rounding::down}, {"up", Rounding::up}}};

class TaxReader {
public:
    TaxReader(const std::string& file, Diagnostics& faults, TaxTable& table) : reader_(file, faults, &names_), table_(table) {}

    void read(const TextNode& node) {
        const std::string_view word = RowReader::keyword(node);
        if (word == "taxes") {
            const auto words = reader_.words(node);
            if (words.size() == 1) table_.set = words[0];
        } else if (word == "title") {
            table_.title = reader_.quoted(node, 1)[0];
        } else if (word == "serves") {
            table_.serves = reader_.words(node);
        } else if (word == "list") {
            reader_.read_list(node);
        } else if (word == "given") {
            read_given(node);
        } else if (word == "rate") {
            read_rate(node);
        } else if (word == "limit" || word == "tax") {
            read_row(node, word == "tax" ? TaxForm::tax : TaxForm::limit);
        } else {
            reader_.fault(codes::syntax, fmt::format("expected taxes, title, serves, list, given, rate, limit or tax, found '{}'", word), node);
        }
    }

private:
    std::optional<std::string> id_of(const TextNode& node) {
        const auto words = reader_.words(node);
        if (words.size() == 1) return words[0];
        reader_.fault(codes::syntax, "a row has one id: tax cn.retail", node);
        return std::nullopt;
    }

    std::optional<Decimal> number(const TextNode& line, std::size_t words_wanted = 1) {
        const auto words = reader_.words(line);
        const auto value = words.size() == words_wanted ? Decimal::parse(words[0]) : Result<Decimal>(Error{codes::syntax, {}});
        if (value) return *value;
        reader_.fault(codes::syntax, fmt::format("'{}' takes a number", RowReader::keyword(line)), line);
        return std::nullopt;
    }

    /// Lines that rates and rows share; false: another one.
    template <class Row>
    bool read_common(const TextNode& line, Row& row) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "text") row.text = reader_.quoted(line, 1)[0];
        else if (word == "source") row.source = reader_.quoted(line, 1)[0];
        else if (word == "note") row.note = reader_.quoted(line, 1)[0];
        else if (word == "from") row.days.from = reader_.day(line);
        else if (word == "to") row.days.to = reader_.day(line);
        else return false;
        return true;
    }

    template <class Row>
    void check_common(const TextNode& node, const Row& row) {
        if (row.source.empty()) reader_.fault(codes::source_missing, fmt::format("'{}'", row.id), node);
        reader_.check_days(row.days, node);
    }

    void read_given(const TextNode& node) {
        const auto words = reader_.words(node);
        if (words.size() != 2) return reader_.fault(codes::syntax, "expected: given NAME \"what it is\"", node);
        table_.given.push_back({words[0], words[1]});
        names_.insert(words[0]);
    }

    void read_rate(const TextNode& node) {
        RateRow row;
        row.place = reader_.place(node);
        const auto id = id_of(node);
        if (!id) return;
        row.id = *id;
        bool valued = false;
        for (const TextNode& line : node.children) {
            const std::string_view word = RowReader::keyword(line);
            if (read_common(line, row)) continue;
            if (word == "value") {
                if (const auto value = number(line)) row.value = *value;
                valued = true;
            } else if (word == "begins") {
                row.begins = reader_.words(line);
                std::ranges::sort(row.begins);
            } else if (word == "assumed") {
                row.assumed = true;
            } else {
                reader_.fault(codes::syntax, fmt::format("no line of a rate is called '{}'{}", word, did_you_mean(word, rate_words)), line);
            }
        }
        if (!valued) reader_.fault(codes::syntax, "the rate has no `value`", node);
        check_common(node, row);
        names_.insert(row.id);
        table_.rates.push_back(std::move(row));
    }

    void read_rounding(const TextNode& line, TaxRow& row) {
        const auto words = reader_.words(line);
        const auto found = words.size() == 2 ? std::ranges::find(roundings, std::string_view(words[1]), &RoundingWord::word) : roundings.end();
        const auto digits = words.empty() ? Result<Decimal>(Error{codes::syntax, {}}) : Decimal::parse(words[0]);
        if (found == roundings.end() || !digits || digits->scale() != 0 || digits->integer_digits() > 1 || digits->is_negative())
            return reader_.fault(codes::syntax, "expected: round 2 half-up (or half-even, down, up)", line);
        row.rounding = found->rounding;
        row.digits = words[0][0] - '0';
    }

    void read_currency(const TextNode& line, std::size_t at, TaxRow& row) {
        const auto words = reader_.words(line);
        const bool unit = at != 0 && words.size() == at + 1 && pivot::is_unit_shape(words[at]);  // of a limit: 31 KGM
        if (words.size() == at + 1 && (unit || pivot::currency_alpha(words[at]) != nullptr)) row.currency = words[at];
        else reader_.fault(codes::syntax, fmt::format("'{}' ends in a currency", RowReader::keyword(line)), line);
    }

    void read_line(const TextNode& line, const pivot::Field& scope, TaxRow& row) {
        const std::string_view word = RowReader::keyword(line);
        if (word == "over" || word == "each" || read_common(line, row)) return;
        if (word == "when") {
            if (auto clause = reader_.clause(line, scope)) row.when.push_back(*std::move(clause));
        } else if (word == "base" || word == "rate" || word == "amount") {
            // The amount may ask for what stands above it: base and rate.
            auto formula = reader_.formula(line, scope);
            if (formula && formula->sort != Sort::number) reader_.fault(codes::syntax, fmt::format("'{}' is a number", word), line);
            (word == "base" ? row.base : word == "rate" ? row.rate : row.amount) = std::move(formula);
            if (word != "amount") names_.insert(std::string(word));
        } else if (word == "round") {
            read_rounding(line, row);
        } else if (word == "in") {
            read_currency(line, 0, row);
        } else if (word == "most") {
            if (const auto most = number(line, 2)) row.most = *most;
            read_currency(line, 1, row);
        } else {
            reader_.fault(codes::syntax, fmt::format("no line of a {} is called '{}'{}", row.form == TaxForm::tax ? "tax" : "limit", word, did_you_mean(word, row_words)), line);
        }
    }

    bool read_head(const TextNode& node, TaxRow& row) {
        for (const TextNode& line : node.children) {
            if (RowReader::keyword(line) != "over") continue;
            const auto kind = reader_.over(line, row.formats);
            if (!kind) return false;
            row.kind = *kind;
            return true;
        }
        reader_.fault(codes::syntax, "the row has no `over`: a kind of document", node);
        return false;
    }

    void read_row(const TextNode& node, TaxForm form) {
        TaxRow row;
        row.form = form;
        row.place = reader_.place(node);
        const auto id = id_of(node);
        if (!id || !read_head(node, row)) return;
        row.id = *id;
        const pivot::Field* scope = &pivot::root(row.kind);
        for (const TextNode& line : node.children) {
            if (RowReader::keyword(line) != "each") continue;
            row.each = reader_.path(line, *scope);
            if (!row.each) return;
            scope = row.each->field;
        }
        for (const TextNode& line : node.children) read_line(line, *scope, row);
        names_.erase("base");
        names_.erase("rate");
        if (!row.base) reader_.fault(codes::syntax, "the row has no `base`", node);
        if (form == TaxForm::tax && !row.rate && !row.amount) reader_.fault(codes::syntax, "the tax has neither `rate` nor `amount`", node);
        if (row.currency.empty()) reader_.fault(codes::syntax, form == TaxForm::tax ? "the tax has no currency: in CNY" : "the limit has no `most`: most 5000 CNY", node);
        check_common(node, row);
        names_.insert(row.id);
        table_.rows.push_back(std::move(row));
    }

    Names names_;
    RowReader reader_;
    TaxTable& table_;
};

/// Rates of one id may differ by the goods that they are for.
void check_rates(const std::vector<RateRow>& rates, Diagnostics& faults) {
    std::vector<RateRow> named = rates;
    for (RateRow& row : named) {
        for (const std::string& code : row.begins) row.id += " " + code;
    }
    check_overlaps(named, faults, codes::dates_overlap);
}

}  // namespace

Result<TaxTable> parse_taxes(std::string_view text, const std::string& file, Diagnostics& faults) {
    Diagnostics own;
    TaxTable table;
    table.file = file;
    const auto lines = mapping::parse_text(text, file, {}, own);
    if (lines) {
        TaxReader reader(file, own, table);
        for (const TextNode& node : lines->children) reader.read(node);
        if (table.set.empty()) own.add(codes::syntax, "the table's first line names its set: taxes cn", Place{.file = file, .line = 1});
    }
    check_rates(table.rates, own);
    check_overlaps(table.rows, own, codes::dates_overlap);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return table;
}

std::vector<TaxTable> load_tax_tables(const plugin::Tables& tables, Diagnostics& faults) {
    std::vector<TaxTable> out;
    for (const std::string& name : tables.names("taxes", ".taxes")) {
        const auto text = tables.read(name);
        if (!text) {
            faults.add(text.error());
            continue;
        }
        if (auto table = parse_taxes(*text, tables.called(name), faults)) out.push_back(*std::move(table));
    }
    return out;
}

std::string rounding_text(const TaxRow& row) {
    const auto found = std::ranges::find(roundings, row.rounding, &RoundingWord::rounding);
    return fmt::format("to {} digit{}, {}", row.digits, row.digits == 1 ? "" : "s", found->word);
}

}  // namespace hansa::rules
