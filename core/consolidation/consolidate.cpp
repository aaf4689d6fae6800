#include "core/consolidation/consolidate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/decimal.h"
#include "core/base/digest.h"
#include "core/base/nearest.h"
#include "core/consolidation/codes.h"

namespace hansa::consolidation {
namespace {

using pivot::Node;

constexpr std::size_t made_reference_digits = 32;

std::vector<const Node*> items_of(const Node& root, const ConsolidationTable& table) {
    return read(root, table.list);
}

Error at(Code code, const Spot& spot, std::string detail) {
    return {code, std::move(detail), Place{.path = spot.text}};
}

bool same(const std::vector<const Node*>& left, const std::vector<const Node*>& right) {
    return std::ranges::equal(left, right, [](const Node* one, const Node* other) {
        return one->value == other->value && one->list == other->list && one->attributes == other->attributes && one->children == other->children;
    });
}

/// The sum of single numbers in one unit; nothing where one is absent or in another unit.
Result<std::optional<Node>> sum_of(const std::vector<const Node*>& nodes) {
    if (nodes.empty()) return std::optional<Node>();
    Decimal total;
    for (const Node* node : nodes) {
        if (node == nullptr || node->attributes != nodes.front()->attributes) return std::optional<Node>();
        const auto number = Decimal::parse(node->value);
        if (!number) return number.error();
        const auto next = total.plus(*number);
        if (!next) return next.error();
        total = *next;
    }
    Node out = value_node(total.text());
    out.attributes = nodes.front()->attributes;
    return std::optional(std::move(out));
}

const Node* single(const Node& from, const Spot& spot) {
    const auto found = read(from, spot);
    return found.empty() ? nullptr : found.front();
}

void replace(Node& into, const Spot& spot, Node node) {
    clear(into, spot);
    fill(into, spot, std::vector<Node>{std::move(node)});
}

/// --- houses to masters ---

struct Accepted {
    std::size_t house = 0;
    std::string identity;
    std::size_t items = 0;
};

class Gathering {
public:
    Gathering(std::span<const House> houses, const ConsolidationTable& table, const ConsolidateOptions& options)
        : houses_(houses), table_(table), options_(options) {}

    Consolidated run() {
        for (std::size_t i = 0; i < houses_.size(); ++i) {
            if (auto refused = take(i)) out_.refusals.push_back({i, *std::move(refused)});
        }
        for (const auto& group : groups_) pack(group);
        std::ranges::stable_sort(out_.refusals, {}, &Refusal::house);
        return std::move(out_);
    }

    /// What a house is by itself, and its group.
    Result<Accepted> alone(std::size_t index, std::string& key) const {
        const House& house = houses_[index];
        if (!table_.house.holds(house.document->kind, house.format))
            return Error{codes::foreign, fmt::format("{} gathers {}, not {} {}", table_.id, pivot::kind_name(table_.house.kind), pivot::kind_name(house.document->kind), house.format)};
        Accepted accepted{index, text_at(root(index), table_.identity.first), 1};
        if (accepted.identity.empty()) return at(codes::key_missing, table_.identity.first, "a document is known by it");
        if (auto missing = group_key(root(index), key)) return *std::move(missing);
        if (table_.whole_items) {
            const auto items = items_of(root(index), table_);
            accepted.items = items.size();
            if (items.empty()) return at(codes::key_missing, table_.list, "the document has no items");
            for (const Node* item : items) {
                if (auto taken = taken_place(*item)) return *std::move(taken);
            }
        }
        const std::uint32_t limit = table_.limit_for(options_.format);
        if (limit != 0 && accepted.items > limit) return at(codes::too_many_items, table_.list, fmt::format("{} items, and at most {} fit", accepted.items, limit));
        return accepted;
    }

private:
    const Node& root(std::size_t house) const { return houses_[house].document->root; }

    /// Puts a house into its group.
    std::optional<Error> take(std::size_t index) {
        std::string key;
        auto accepted = alone(index, key);
        if (!accepted) return accepted.error();
        if (!identities_.insert(accepted->identity).second)
            return at(codes::identity_double, table_.identity.first, "another document has the same number");
        const auto [found, fresh] = group_of_.try_emplace(key, groups_.size());
        if (fresh) groups_.emplace_back();
        auto& group = groups_[found->second];
        if (!group.empty()) {
            if (auto differs = differs_from(group.front().house, index)) return differs;
        }
        group.push_back(*std::move(accepted));
        return std::nullopt;
    }

    static void add_key(const std::vector<rules::Value>& values, std::string& key) {
        for (const rules::Value& value : values) key += fmt::format("{}:{};", value.text.size(), value.text);
        key += '/';
    }

    std::optional<Error> group_key(const Node& house, std::string& key) const {
        for (const rules::Formula& formula : table_.by) {
            const auto values = rules::values(formula, {&house, &house});
            if (values.empty()) return Error{codes::key_missing, "documents are gathered by it", Place{.path = formula.text}};
            add_key(values, key);
        }
        for (const rules::Formula& formula : table_.by_any) add_key(rules::values(formula, {&house, &house}), key);
        for (const Spot& spot : table_.by_presence) key += read(house, spot).empty() ? '-' : '+';
        return std::nullopt;
    }

    std::optional<Error> taken_place(const Node& item) const {
        std::vector<const Spot*> places{&table_.identity.second};
        if (table_.number_kept) places.push_back(&*table_.number_kept);
        for (const Pair& keep : table_.keeps) places.push_back(&keep.second);
        for (const Spot* place : places) {
            if (!read(item, *place).empty()) return at(codes::place_taken, *place, "an item says something of its own there");
        }
        return std::nullopt;
    }

    std::optional<Error> differs_from(std::size_t first, std::size_t house) const {
        for (const Pair& pair : table_.equal) {
            if (!same(read(root(first), pair.first), read(root(house), pair.first)))
                return at(codes::not_equal, pair.first, fmt::format("{} says something else", houses_[first].name));
        }
        for (const Sum& sum : table_.sums) {
            const Node *left = single(root(first), sum.pair.first), *right = single(root(house), sum.pair.first);
            if ((left == nullptr) != (right == nullptr)) return at(codes::not_summable, sum.pair.first, fmt::format("{} says {}", houses_[first].name, left == nullptr ? "none" : "one"));
            if (left != nullptr && left->attributes != right->attributes) return at(codes::not_summable, sum.pair.first, fmt::format("{} says it in another unit", houses_[first].name));
        }
        return std::nullopt;
    }

    /// As many masters as the limit asks for; a house is never torn.
    void pack(const std::vector<Accepted>& group) {
        const std::uint32_t limit = table_.limit_for(options_.format);
        std::vector<Accepted> batch;
        std::size_t items = 0;
        for (const Accepted& one : group) {
            if (limit != 0 && items + one.items > limit) {
                make(batch);
                batch.clear();
                items = 0;
            }
            batch.push_back(one);
            items += one.items;
        }
        if (!batch.empty()) make(batch);
    }

    void make(const std::vector<Accepted>& batch) {
        Master master;
        master.document.kind = table_.master.kind;
        Node& into = master.document.root;
        into.name = pivot::root(table_.master.kind).name;
        for (const Pair& pair : table_.equal) fill(into, pair.second, read(root(batch.front().house), pair.first));
        for (const Fixed& fixed : table_.fixed) replace(into, fixed.spot, value_node(fixed.value, fixed.list));
        master.reference = reference_for(batch);
        replace(into, table_.reference, value_node(master.reference));
        for (const Spot& issued : table_.issued) {
            if (!options_.issued.empty()) replace(into, issued, value_node(std::string(options_.issued)));
        }
        std::vector<Left> left;
        Diagnostics faults;
        for (const Sum& sum : table_.sums) add_sum(sum, batch, into, faults);
        std::vector<Node> items;
        for (const Accepted& one : batch) add_house(one, master, items, left);
        for (const Spot& count : table_.counts) replace(into, count, value_node(std::to_string(items.size())));
        fill(into, table_.list, std::move(items));
        if (!faults.empty() || !pivot::check(master.document, faults)) {
            for (const Accepted& one : batch) out_.refusals.push_back({one.house, faults.errors().front()});
            return;
        }
        out_.masters.push_back(std::move(master));
        std::ranges::move(left, std::back_inserter(out_.left));
    }

    std::string reference_for(const std::vector<Accepted>& batch) const {
        if (!options_.reference.empty()) {
            const std::size_t number = out_.masters.size() + 1;
            return number == 1 ? std::string(options_.reference) : fmt::format("{}-{}", options_.reference, number);
        }
        std::string text = table_.id;
        for (const Accepted& one : batch) text += fmt::format(" {}:{}", one.identity.size(), one.identity);
        return sha256_hex(text).substr(0, made_reference_digits);
    }

    void add_sum(const Sum& sum, const std::vector<Accepted>& batch, Node& into, Diagnostics& faults) const {
        std::vector<const Node*> shares;
        for (const Accepted& one : batch) shares.push_back(single(root(one.house), sum.pair.first));
        if (shares.front() == nullptr) return;
        auto total = sum_of(shares);
        if (!total) return faults.add(total.error().at(Place{.path = sum.pair.first.text}));
        if (*total) replace(into, sum.pair.second, **std::move(total));
    }

    void add_house(const Accepted& one, Master& master, std::vector<Node>& items, std::vector<Left>& left) const {
        const Node& house = root(one.house);
        Part part;
        part.house = one.house;
        part.identity = one.identity;
        part.reference = text_at(house, table_.house.kind == table_.master.kind ? table_.reference : table_.identity.first);
        std::vector<Node> own;
        if (table_.whole_items) {
            for (const Node* item : items_of(house, table_)) own.push_back(*item);
        } else {
            own.emplace_back();
        }
        for (const Sum& sum : table_.sums) {
            if (sum.from) give_share(sum, one, own, left);
        }
        for (Node& item : own) {
            if (table_.number_kept) fill(item, *table_.number_kept, read(item, table_.number));
            const auto number = static_cast<std::uint32_t>(items.size() + 1);
            replace(item, table_.number, value_node(std::to_string(number)));
            fill(item, table_.identity.second, read(house, table_.identity.first));
            for (const Pair& keep : table_.keeps) fill(item, keep.second, read(house, keep.first));
            part.items.push_back(number);
            items.push_back(std::move(item));
        }
        list_left(one.house, left);
        master.parts.push_back(std::move(part));
    }

    /// A house of one item gives its total to it; where the items do not add up to the total, it cannot come back.
    void give_share(const Sum& sum, const Accepted& one, std::vector<Node>& items, std::vector<Left>& left) const {
        const Node* total = single(root(one.house), sum.pair.first);
        if (total == nullptr) return;
        if (items.size() == 1 && read(items.front(), *sum.from).empty()) return fill(items.front(), *sum.from, std::vector<const Node*>{total});
        std::vector<const Node*> shares;
        for (const Node& item : items) shares.push_back(single(item, *sum.from));
        const auto found = std::ranges::find(shares, nullptr) == shares.end() ? sum_of(shares) : Result<std::optional<Node>>(std::optional<Node>());
        const auto wanted = Decimal::parse(total->value);
        const bool good = found && *found && wanted && (*found)->attributes == total->attributes && Decimal::parse((*found)->value).value() == *wanted;
        if (!good) left.push_back({one.house, sum.pair.first.text, total->value});
    }

    void list_left(std::size_t house, std::vector<Left>& left) const {
        pivot::Document rest = *houses_[house].document;
        Node& from = rest.root;
        mark(from, table_.identity.first);
        for (const Pair& pair : table_.equal) mark(from, pair.first);
        for (const Pair& keep : table_.keeps) mark(from, keep.first);
        for (const Sum& sum : table_.sums) mark(from, sum.pair.first);
        if (table_.house.kind == table_.master.kind) {
            for (const Spot& count : table_.counts) mark(from, count);
            for (const Fixed& fixed : table_.fixed) {
                const Node* own = single(from, fixed.spot);
                if (own != nullptr && own->value == fixed.value && own->list == fixed.list) mark(from, fixed.spot);
            }
        }
        if (table_.whole_items) mark(from, table_.list);
        for (auto& [path, value] : unmarked(rest)) left.push_back({house, std::move(path), std::move(value)});
    }

    std::span<const House> houses_;
    const ConsolidationTable& table_;
    const ConsolidateOptions& options_;
    Consolidated out_;
    std::set<std::string> identities_;
    std::map<std::string, std::size_t> group_of_;
    std::vector<std::vector<Accepted>> groups_;
};

/// --- a master to its parts ---

class TakingApart {
public:
    TakingApart(const pivot::Document& master, const ConsolidationTable& table) : master_(master), table_(table), items_(items_of(master.root, table)) {}

    Result<std::vector<Part>> run(const Apart* way) {
        const Spot& key = way == nullptr ? table_.identity.second : way->pair.first;
        if (auto grouped = group(key); !grouped) return grouped.error();
        std::vector<Part> out;
        for (Part& part : parts_) {
            auto done = way == nullptr ? house(part) : piece(part, *way, out.size() + 1);
            if (!done) return done.error();
            out.push_back(std::move(part));
        }
        return out;
    }

private:
    Result<void> group(const Spot& key) {
        std::map<std::string, std::size_t> known;
        for (std::size_t i = 0; i < items_.size(); ++i) {
            const std::string identity = text_at(*items_[i], key);
            if (identity.empty()) return at(codes::key_missing, key, fmt::format("item {} does not say it", i + 1));
            const auto [found, fresh] = known.try_emplace(identity, parts_.size());
            if (fresh) {
                parts_.emplace_back();
                parts_.back().identity = identity;
            }
            parts_[found->second].items.push_back(static_cast<std::uint32_t>(i + 1));
        }
        return {};
    }

    const Node& item(std::uint32_t number) const { return *items_[number - 1]; }

    Result<void> house(Part& part) const {
        part.document.kind = table_.house.kind;
        Node& into = part.document.root;
        into.name = pivot::root(table_.house.kind).name;
        const Node& first = item(part.items.front());
        for (const Pair& pair : table_.equal) fill(into, pair.first, read(master_.root, pair.second));
        fill(into, table_.identity.first, read(first, table_.identity.second));
        for (const Pair& keep : table_.keeps) {
            const auto kept = read(first, keep.second);
            for (const std::uint32_t number : part.items) {
                if (!same(kept, read(item(number), keep.second)))
                    return at(codes::not_equal, keep.second, fmt::format("items {} and {} of one document say different things", part.items.front(), number));
            }
            fill(into, keep.first, kept);
        }
        if (table_.whole_items) {
            if (auto done = add_totals(part, into, true); !done) return done;
            std::vector<Node> own;
            for (const std::uint32_t number : part.items) own.push_back(restored(item(number), own.size() + 1));
            fill(into, table_.list, std::move(own));
        }
        part.reference = text_at(into, table_.house.kind == table_.master.kind ? table_.reference : table_.identity.first);
        return {};
    }

    /// An item as its house had it.
    Node restored(const Node& item, std::size_t number) const {
        Node out = item;
        const Node* kept = table_.number_kept ? single(item, *table_.number_kept) : nullptr;
        replace(out, table_.number, kept != nullptr ? *kept : value_node(std::to_string(number)));
        clear(out, table_.identity.second);
        for (const Pair& keep : table_.keeps) clear(out, keep.second);
        if (table_.number_kept) clear(out, *table_.number_kept);
        return out;
    }

    Result<void> piece(Part& part, const Apart& way, std::size_t number) const {
        part.document = master_;
        part.document.memory.clear();
        Node& into = part.document.root;
        clear(into, table_.list);
        std::vector<Node> own;
        for (const std::uint32_t one : part.items) {
            own.push_back(item(one));
            replace(own.back(), table_.number, value_node(std::to_string(own.size())));
        }
        clear(into, way.pair.second);
        fill(into, way.pair.second, read(item(part.items.front()), way.pair.first));
        if (auto done = add_totals(part, into, false); !done) return done;
        fill(into, table_.list, std::move(own));
        const std::string reference = text_at(master_.root, table_.reference);
        part.reference = fmt::format("{}-{}", reference, number);
        replace(into, table_.reference, value_node(part.reference));
        return {};
    }

    /// Totals that are sums of items' places, and counts. Of others a part says none.
    Result<void> add_totals(const Part& part, Node& into, bool house) const {
        for (const Sum& sum : table_.sums) {
            const Spot& place = house ? sum.pair.first : sum.pair.second;
            clear(into, place);
            if (!sum.from || single(master_.root, sum.pair.second) == nullptr) continue;
            std::vector<const Node*> shares;
            for (const std::uint32_t number : part.items) shares.push_back(single(item(number), *sum.from));
            if (std::ranges::find(shares, nullptr) != shares.end()) continue;
            auto total = sum_of(shares);
            if (!total) return total.error().at(Place{.path = sum.from->text});
            if (*total) replace(into, place, **std::move(total));
        }
        if (house && table_.house.kind != table_.master.kind) return {};
        for (const Spot& count : table_.counts) replace(into, count, value_node(std::to_string(part.items.size())));
        return {};
    }

    const pivot::Document& master_;
    const ConsolidationTable& table_;
    std::vector<const Node*> items_;
    std::vector<Part> parts_;
};

}  // namespace

Consolidated consolidate(std::span<const House> houses, const ConsolidationTable& table, const ConsolidateOptions& options) {
    return Gathering(houses, table, options).run();
}

Result<std::string> group_of(const House& house, const ConsolidationTable& table, std::string_view format) {
    std::string key;
    const ConsolidateOptions options{.format = format};
    if (const auto fits = Gathering({&house, 1}, table, options).alone(0, key); !fits) return fits.error();
    return sha256_hex(key);
}

Result<std::vector<Part>> take_apart(const pivot::Document& master, const ConsolidationTable& table, std::string_view way) {
    if (master.kind != table.master.kind)
        return Error{codes::foreign, fmt::format("{} takes {} apart, not {}", table.id, pivot::kind_name(table.master.kind), pivot::kind_name(master.kind))};
    const Apart* chosen = nullptr;
    if (!way.empty()) {
        const auto found = std::ranges::find(table.aparts, way, &Apart::name);
        std::vector<std::string_view> known;
        for (const Apart& one : table.aparts) known.push_back(one.name);
        if (found == table.aparts.end()) return Error{codes::table_unknown, fmt::format("{} takes nothing apart by '{}'{}", table.id, way, did_you_mean(way, known))};
        chosen = &*found;
    }
    return TakingApart(master, table).run(chosen);
}

}  // namespace hansa::consolidation
