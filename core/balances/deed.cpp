#include "core/balances/deed.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/balances/codes.h"
#include "core/rules/check.h"
#include "core/rules/clause.h"

namespace hansa::balances {
namespace {

using pivot::Node;
using rules::Ground;

bool holds(const rules::Clause& clause, const Ground& ground) {
    rules::Fault ignored;
    return rules::ask_clause(clause, ground, false, ignored) == rules::Answer::yes;
}

bool all_hold(const std::vector<rules::Clause>& clauses, const Ground& ground) {
    return std::ranges::all_of(clauses, [&](const rules::Clause& clause) { return holds(clause, ground); });
}

std::string text_at(const std::optional<rules::Formula>& formula, const Ground& ground) {
    const auto value = formula ? rules::evaluate(*formula, ground) : std::nullopt;
    return value ? value->text : std::string();
}

std::string day_at(const std::optional<rules::Formula>& formula, const Ground& ground) {
    return std::string(rules::day_of(text_at(formula, ground)));
}

Place at(const std::string& path, const rules::Formula& formula) {
    const bool rooted = formula.text.starts_with('/');
    return Place{.path = path.empty() || rooted ? formula.text : path + "/" + formula.text};
}

std::string unit_beside(const Node* node) {
    if (node == nullptr) return {};
    for (const auto& [name, value] : node->attributes) {
        if (name == "unitCode" || name == "currencyID") return value;
    }
    return {};
}

class Reader {
public:
    Reader(const Balance& balance, const Row& row, const pivot::Document& document) : balance_(balance), row_(row), document_(document) {}

    Result<std::optional<Deed>> read(std::string_view format, std::string_view today) {
        const Ground root{&document_.root, &document_.root};
        Deed deed;
        deed.row = &row_;
        deed.day = std::string(rules::document_day(document_, today));
        if (!row_.each && !all_hold(row_.when, root)) return std::optional<Deed>();
        if (const auto done = row_.act == Act::add || row_.act == Act::take || row_.act == Act::give ? read_wishes(root, format, deed) : Result<void>(); !done) return done.error();
        if (deed.wishes.empty() && (row_.act == Act::add || row_.act == Act::take || row_.act == Act::give)) return std::optional<Deed>();
        for (const KnownBy& known : row_.known_by) add_name(known, root, deed.names);
        for (const KnownBy& known : row_.learns) add_name(known, root, deed.learns);
        if (row_.of) {
            std::vector<Name> found;
            add_name(*row_.of, root, found);
            if (found.empty() && row_.act != Act::answer) return Error{codes::key_missing, fmt::format("{}: which document it speaks of", balance_.table.id), at({}, row_.of->formula)};
            if (!found.empty()) deed.of = found.front();
        }
        deed.changes = !row_.changes.empty() && all_hold(row_.changes, root);
        deed.confirms = !row_.confirms.empty() && all_hold(row_.confirms, root);
        deed.undoes = !row_.undoes.empty() && all_hold(row_.undoes, root);
        return std::optional(std::move(deed));
    }

    Result<std::vector<std::string>> account(const Ground& ground, const std::string& path, std::string_view day) const {
        std::vector<std::string> out;
        for (const rules::Formula& formula : row_.account) {
            const auto value = rules::evaluate(formula, ground);
            if (!value || value->text.empty()) return Error{codes::key_missing, fmt::format("{}: an account is found by it", balance_.table.id), at(path, formula)};
            out.push_back(value->text);
        }
        if (balance_.table.yearly) out.emplace_back(day.substr(0, 4));
        return out;
    }

private:
    static void add_name(const KnownBy& known, const Ground& ground, std::vector<Name>& out) {
        const auto value = rules::evaluate(known.formula, ground);
        if (value && !value->text.empty()) out.emplace_back(known.name, value->text);
    }

    Result<void> read_wishes(const Ground& root, std::string_view format, Deed& deed) {
        if (balance_.taxes != nullptr) return read_limit(root, format, deed);
        std::vector<const Node*> members{root.member};
        if (row_.each) {
            members.clear();
            rules::nodes(*row_.each, root, members);
        }
        for (std::size_t i = 0; i < members.size(); ++i) {
            const Ground ground{root.root, members[i]};
            if (row_.each && !all_hold(row_.when, ground)) continue;
            if (const auto done = read_wish(ground, row_.each ? fmt::format("{}[{}]", row_.each->text, i + 1) : std::string(), deed); !done) return done;
        }
        return {};
    }

    Result<void> read_wish(const Ground& ground, const std::string& path, Deed& deed) {
        Wish wish;
        wish.path = path;
        if (row_.act != Act::give) {
            auto name = account(ground, path, deed.day);
            if (!name) return name.error();
            wish.account = *std::move(name);
        }
        wish.item = text_at(row_.item, ground);
        if (row_.item && wish.item.empty()) return Error{codes::key_missing, fmt::format("{}: an item of an account is found by it", balance_.table.id), at(path, *row_.item)};
        wish.row = text_at(row_.row, ground);
        if (const auto done = read_sum(row_.quantity, ground, path, wish.quantity); !done) return done;
        if (const auto done = read_sum(row_.value, ground, path, wish.value); !done) return done;
        if (const std::string from = day_at(row_.from, ground); !from.empty()) deed.from = from;
        if (const std::string until = day_at(row_.until, ground); !until.empty()) deed.until = until;
        deed.wishes.push_back(std::move(wish));
        return {};
    }

    /// An absent place stays absent when the row has another measure.
    Result<void> read_sum(const std::optional<Amount>& amount, const Ground& ground, const std::string& path, std::optional<Sum>& out) {
        if (!amount) return {};
        const auto value = rules::evaluate(amount->formula, ground);
        if (!value || !value->number) {
            if (row_.quantity && row_.value) return {};
            return Error{codes::amount_bad, fmt::format("{}: it is not there", balance_.table.id), at(path, amount->formula)};
        }
        if (value->number->is_negative()) return Error{codes::amount_bad, fmt::format("{}: {} is below zero", balance_.table.id, value->number->canonical()), at(path, amount->formula)};
        Sum sum{*value->number, amount->unit};
        if (sum.unit.empty() && !amount->bare) {
            sum.unit = unit_beside(value->node);
            if (sum.unit.empty()) return Error{codes::unit_missing, fmt::format("{}: {} of what?", balance_.table.id, value->number->canonical()), at(path, amount->formula)};
        }
        out = std::move(sum);
        return {};
    }

    /// The amount is what the row of the law counts, when nothing was taken before.
    Result<void> read_limit(const Ground& root, std::string_view format, Deed& deed) {
        rules::TaxOptions how;
        how.format = format;
        how.day = deed.day;
        how.named[balance_.table.given] = Decimal();
        for (const rules::TaxLine& line : rules::compute(document_, *balance_.taxes, how)) {
            if (line.row->id != balance_.table.limit) continue;
            if (line.state == rules::TaxLine::State::unknown)
                return Error{codes::amount_bad, fmt::format("{}: it is not known without {}", balance_.table.id, fmt::join(line.missing, ", ")), Place{.path = line.row->base->text}};
            auto name = account(root, {}, deed.day);
            if (!name) return name.error();
            if (line.base->is_negative()) return Error{codes::amount_bad, fmt::format("{}: {} is below zero", balance_.table.id, line.base->canonical()), Place{.path = line.row->base->text}};
            Wish wish;
            wish.account = *std::move(name);
            wish.value = Sum{*line.base, line.row->currency};
            wish.most = Sum{line.row->most, line.row->currency};
            deed.wishes.push_back(std::move(wish));
        }
        return {};
    }

    const Balance& balance_;
    const Row& row_;
    const pivot::Document& document_;
};

}  // namespace

Result<std::optional<Deed>> deed_of(const Balance& balance, const Row& row, const pivot::Document& document, std::string_view format, std::string_view today) {
    if (!row.is_for(document.kind, format)) return std::optional<Deed>();
    return Reader(balance, row, document).read(format, today);
}

Result<std::optional<std::vector<std::string>>> limit_account(const Balance& balance, const pivot::Document& document, std::string_view format, std::string_view today) {
    if (balance.table.limit.empty()) return std::optional<std::vector<std::string>>();
    for (const Row& row : balance.table.rows) {
        const Ground root{&document.root, &document.root};
        if (row.act != Act::take || !row.is_for(document.kind, format) || !all_hold(row.when, root)) continue;
        auto name = Reader(balance, row, document).account(root, {}, rules::document_day(document, today));
        if (!name) return name.error();
        return std::optional(*std::move(name));
    }
    return std::optional<std::vector<std::string>>();
}

}  // namespace hansa::balances
