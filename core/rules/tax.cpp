#include "core/rules/tax.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/rules/check.h"
#include "core/rules/clause.h"

namespace hansa::rules {
namespace {

using pivot::Node;

/// The HS code of a member of goods, or of the only one of a document; empty: none, or several.
std::string hs_code(const Node& node) {
    std::string found;
    for (const Node& child : node.children) {
        if (child.name == "Commodity" || child.name == "GoodsShipment" || child.name == "GovernmentAgencyGoodsItem") {
            const std::string inner = hs_code(child);
            if (!inner.empty() && !found.empty() && inner != found) return {};
            if (!inner.empty()) found = inner;
        } else if (child.name == "Classification") {
            const auto type = std::ranges::find(child.children, "IdentificationTypeCode", &Node::name);
            const auto id = std::ranges::find(child.children, "ID", &Node::name);
            if (type != child.children.end() && id != child.children.end() && type->value == "HS" && type->list.empty()) found = id->value;
        }
    }
    return found;
}

class Computer {
public:
    Computer(const pivot::Document& document, const TaxTable& table, const TaxOptions& options)
        : document_(document), table_(table), options_(options), day_(document_day(document, options.day)) {
        knows_.exchange = options.exchange;
    }

    std::vector<TaxLine> run() {
        for (const TaxRow& row : table_.rows) {
            if (row.kind == document_.kind && fits_format(row) && row.days.hold(day_)) run_row(row);
            else totals_.try_emplace(row.id);
        }
        return std::move(lines_);
    }

private:
    bool fits_format(const TaxRow& row) const {
        return row.formats.empty() || names_format(row.formats, options_.format, options_.base);
    }

    void run_row(const TaxRow& row) {
        const std::size_t before = lines_.size();
        Ground ground{&document_.root, &document_.root, &knows_};
        std::vector<const Node*> members{ground.root};
        if (row.each) {
            members.clear();
            nodes(*row.each, ground, members);
        }
        for (std::size_t i = 0; i < members.size(); ++i) {
            ground.member = members[i];
            run_at(row, ground, row.each ? fmt::format("{}[{}]", row.each->text, i + 1) : std::string());
        }
        keep_sum(row, before);
    }

    /// What later rows find under the row's name: nothing is due by a row that is not asked; a part that is not known
    /// makes the whole unknown.
    void keep_sum(const TaxRow& row, std::size_t before) {
        Decimal sum;
        for (std::size_t i = before; i < lines_.size(); ++i) {
            const auto next = sum.plus(lines_[i].amount);
            if (lines_[i].state == TaxLine::State::unknown || !next) {
                totals_.erase(row.id);
                return;
            }
            sum = *next;
        }
        totals_[row.id] = sum;
    }

    /// Figures of the law for these goods: what the caller says, else the row with the longest beginning.
    void choose_rates(const Node& member, TaxLine& line) {
        knows_.named = totals_;
        knows_.missing.clear();
        const std::string code = hs_code(member);
        for (const RateRow& rate : table_.rates) {
            if (!rate.days.hold(day_)) continue;
            std::size_t length = 0;
            for (const std::string& begin : rate.begins) {
                if (code.starts_with(begin)) length = std::max(length, begin.size());
            }
            if (!rate.begins.empty() && length == 0) continue;
            const auto [known, fresh] = chosen_.try_emplace(rate.id, Choice{&rate, length});
            if (!fresh && length > known->second.length) known->second = {&rate, length};
        }
        for (const auto& [id, choice] : chosen_) knows_.named[id] = choice.rate->value;
        for (const auto& [id, value] : options_.named) {
            knows_.named[id] = value;
            line.said.push_back(id);
        }
    }

    void run_at(const TaxRow& row, const Ground& ground, const std::string& path) {
        TaxLine line;
        line.row = &row;
        line.path = path;
        chosen_.clear();
        choose_rates(*ground.member, line);
        Fault ignored;
        for (const Clause& clause : row.when) {
            const Answer answer = ask_clause(clause, ground, false, ignored);
            if (answer == Answer::yes) continue;
            if (answer == Answer::undecided && !knows_.missing.empty()) return unknown(std::move(line));
            return;
        }
        if (!figure(row.base, ground, line.base, "base")) return unknown(std::move(line));
        if (row.form == TaxForm::limit) return compare(row, std::move(line));
        if (!figure(row.rate, ground, line.rate, "rate")) return unknown(std::move(line));
        const auto exact = amount_of(row, ground, line);
        if (!exact) return unknown(std::move(line));
        const auto rounded = exact->rounded(row.digits, row.rounding);
        if (!rounded) return;
        line.exact = *exact;
        line.amount = *rounded;
        name_rates(row, line);
        lines_.push_back(std::move(line));
    }

    /// True where the row has no such formula.
    bool figure(const std::optional<Formula>& formula, const Ground& ground, std::optional<Decimal>& out, const std::string& name) {
        if (!formula) return true;
        const auto value = evaluate(*formula, ground);
        if (!value || !value->number) return false;
        out = value->number;
        knows_.named[name] = *value->number;
        return true;
    }

    std::optional<Decimal> amount_of(const TaxRow& row, const Ground& ground, const TaxLine& line) const {
        if (row.amount) {
            const auto value = evaluate(*row.amount, ground);
            return value ? value->number : std::nullopt;
        }
        const auto product = line.base->times(*line.rate);
        const auto exact = product ? product->divided_by(Decimal::from_integer(100), 12) : product;
        return exact ? std::optional(*exact) : std::nullopt;
    }

    void compare(const TaxRow& row, TaxLine line) {
        const bool within = *line.base <= row.most;
        line.state = within ? TaxLine::State::within : TaxLine::State::exceeded;
        const auto over = line.base->minus(row.most);
        line.amount = within || !over ? Decimal() : *over;
        name_rates(row, line);
        lines_.push_back(std::move(line));
    }

    /// Something that the row needs is not in the document: a row whose figures the caller could give is told, others are not asked.
    void unknown(TaxLine line) {
        if (knows_.missing.empty()) return;
        line.state = TaxLine::State::unknown;
        line.missing.assign(knows_.missing.begin(), knows_.missing.end());
        name_rates(*line.row, line);
        lines_.push_back(std::move(line));
    }

    static bool asks(const mapping::Expression& e, const std::string& name) {
        if (e.kind == mapping::Expression::Kind::call && e.text == "the" && e.parts[0].text == name) return true;
        return std::ranges::any_of(e.parts, [&](const mapping::Expression& part) { return asks(part, name); });
    }

    void name_rates(const TaxRow& row, TaxLine& line) const {
        const auto used = [&](const std::string& name) {
            return std::ranges::any_of(std::array{&row.base, &row.rate, &row.amount}, [&](const auto* formula) { return *formula && asks((*formula)->expression, name); });
        };
        std::erase_if(line.said, [&](const std::string& name) { return !used(name); });
        for (const auto& [id, choice] : chosen_) {
            if (used(id) && !options_.named.contains(id)) line.rates.push_back(choice.rate);
        }
    }

    struct Choice {
        const RateRow* rate = nullptr;
        std::size_t length = 0;
    };

    const pivot::Document& document_;
    const TaxTable& table_;
    const TaxOptions& options_;
    std::string_view day_;
    Knowledge knows_;
    std::map<std::string, Decimal, std::less<>> totals_;
    std::map<std::string, Choice, std::less<>> chosen_;
    std::vector<TaxLine> lines_;
};

}  // namespace

std::vector<TaxLine> compute(const pivot::Document& document, const TaxTable& table, const TaxOptions& options) {
    return Computer(document, table, options).run();
}

}  // namespace hansa::rules
