// Random documents against a plain model, with restarts, crashes and repetitions between them.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "core/balances/codes.h"
#include "tests/unit/balances/stock.h"

namespace hansa::balances {
namespace {

using Amounts = std::map<int, int>;  ///< by item

/// One document as the model knows it. What it counts is kept by item; a balance is the sum over all documents.
struct Told {
    enum class Kind { entry, list, back, removal, answer } kind = Kind::entry;
    enum class Stage { pending, accepted, confirmed, undone } stage = Stage::pending;
    std::string message, name;
    Amounts wanted, counted, back;
    int base = -1;        ///< changes, gives back of, removes, answers
    bool numbered = false;  ///< customs have told its number
    bool confirms = false, undoes = false;
};

class Model {
public:
    int held(int item) const {
        int sum = 0;
        for (const Told& one : all) {
            const auto found = one.counted.find(item);
            sum += found == one.counted.end() ? 0 : found->second;
        }
        return sum;
    }

    /// False: refused.
    bool book(Told fresh) {
        if (fresh.kind == Told::Kind::list) {
            for (const auto& [item, amount] : fresh.wanted) {
                const int reused = fresh.base < 0 ? 0 : std::min(amount, -all[at(fresh.base)].counted[item]);
                if (amount - reused > held(item)) return false;
                fresh.counted[item] = reused - amount;
            }
        }
        if (fresh.kind == Told::Kind::back) {
            Told& base = all[at(fresh.base)];
            for (const auto& [item, amount] : fresh.wanted) {
                if (!base.wanted.contains(item) || base.back[item] + amount > base.wanted[item]) return false;
            }
            for (const auto& [item, amount] : fresh.wanted) base.back[item] += amount;
        }
        all.push_back(std::move(fresh));
        return true;
    }

    void settle(int index) {
        Told& one = all[at(index)];
        if (one.stage != Told::Stage::pending) return;
        one.stage = Told::Stage::accepted;
        if (one.kind == Told::Kind::entry) one.counted = one.wanted;
        if (one.kind == Told::Kind::list && one.base >= 0) {
            free(one.base);
            take_whole(all[at(index)]);
        }
        if (one.kind == Told::Kind::removal) free(last_of(one.base));
        if (one.kind == Told::Kind::answer) answer(index);
    }

    void undo(int index) {
        Told& one = all[at(index)];
        if (one.stage != Told::Stage::pending) return;
        one.counted.clear();
        if (one.kind == Told::Kind::back) give_up(one);
        one.stage = Told::Stage::undone;
        dropped.insert(index);
    }

    std::vector<Told> all;
    std::set<int> dropped;  ///< as if they had never been

    static std::size_t at(int index) { return static_cast<std::size_t>(index); }

private:
    static void take_whole(Told& one) {
        for (const auto& [item, amount] : one.wanted) one.counted[item] = -amount;
    }

    void give_up(Told& back) {
        for (const auto& [item, amount] : back.wanted) all[at(back.base)].back[item] -= amount;
    }

    int last_of(int index) {
        for (bool moved = true; moved && all[at(index)].stage == Told::Stage::undone;) {
            moved = false;
            for (int i = 0; i < static_cast<int>(all.size()) && !moved; ++i) {
                if (all[at(i)].kind != Told::Kind::list || all[at(i)].base != index || dropped.contains(i)) continue;
                index = i;
                moved = true;
            }
        }
        return index;
    }

    void free(int index) {
        if (all[at(index)].stage == Told::Stage::undone) return;
        if (all[at(index)].kind == Told::Kind::back) give_up(all[at(index)]);
        for (const auto& [item, amount] : Amounts(all[at(index)].counted)) {
            const int gone = amount <= 0 ? amount : std::min(amount, held(item));
            all[at(index)].counted[item] -= gone;
        }
        all[at(index)].stage = Told::Stage::undone;
        if (all[at(index)].kind != Told::Kind::list) return;
        for (int i = 0; i < static_cast<int>(all.size()); ++i) {
            if (all[at(i)].base != index || dropped.contains(i)) continue;
            if (all[at(i)].kind == Told::Kind::back) free(i);
            else if (all[at(i)].kind == Told::Kind::list && all[at(i)].stage == Told::Stage::pending) take_whole(all[at(i)]);
        }
    }

    void answer(int index) {
        const Told said = all[at(index)];
        Told& base = all[at(said.base)];
        if (base.stage == Told::Stage::undone || base.stage == Told::Stage::confirmed) return;
        if (said.undoes) return free(said.base);
        if (base.kind == Told::Kind::back) base.counted = base.wanted;
        base.stage = Told::Stage::confirmed;
    }
};

class Random : public StockRoom, public testing::WithParamInterface<unsigned> {
protected:
    int pick(int most) { return std::uniform_int_distribution<int>(0, most - 1)(random_); }
    static std::size_t at(int index) { return Model::at(index); }

    int any(Told::Kind kind, auto&& fits) {
        std::vector<int> found;
        for (int i = 0; i < static_cast<int>(model_.all.size()); ++i) {
            const Told& one = model_.all[at(i)];
            if (one.kind == kind && !model_.dropped.contains(i) && fits(one)) found.push_back(i);
        }
        return found.empty() ? -1 : found[at(pick(static_cast<int>(found.size())))];
    }

    /// Rows of a document, and the same for the model.
    std::vector<Goods> goods(Amounts& wanted) {
        std::vector<Goods> out;
        for (int item = 0; item < 2; ++item) {
            wanted[item] = pick(9);
            out.push_back({fmt::format("item-{}", item), fmt::format("{}", wanted[item])});
        }
        return out;
    }

    static bool alive(const Told& one) { return one.stage == Told::Stage::accepted || one.stage == Told::Stage::confirmed; }

    /// One more document; what comes of it is compared.
    void tell() {
        Told fresh;
        fresh.message = fmt::format("m{}", ++count_);
        pivot::Document document;
        std::string question;
        switch (pick(6)) {
            case 0:
                fresh.kind = Told::Kind::entry;
                document = entry(fmt::format("E{}", count_), "S15", goods(fresh.wanted));
                break;
            case 1:
                fresh.kind = Told::Kind::list;
                fresh.name = fmt::format("L{}", count_);
                document = list(fresh.name, "S15", goods(fresh.wanted));
                break;
            case 2:
                fresh.kind = Told::Kind::list;
                fresh.base = any(Told::Kind::list, [&](const Told& one) { return alive(one) && no_returns(one) && !changing(one.name); });
                if (fresh.base < 0) return;
                fresh.name = model_.all[at(fresh.base)].name;
                document = list(fresh.name, "S15", goods(fresh.wanted), "4");
                break;
            case 3:
                fresh.kind = Told::Kind::removal;
                fresh.base = any(Told::Kind::list, alive);
                if (fresh.base < 0) return;
                document = list(model_.all[at(fresh.base)].name, "S15", {}, "1");
                break;
            case 4:
                fresh.kind = Told::Kind::back;
                fresh.base = any(Told::Kind::list, [](const Told& one) { return alive(one) && one.numbered; });
                if (fresh.base < 0) return;
                fresh.name = fmt::format("R{}", count_);
                document = come_back(fresh.name, "N-" + model_.all[at(fresh.base)].message, goods(fresh.wanted));
                break;
            default:
                fresh.kind = Told::Kind::answer;
                fresh.base = any(pick(4) == 0 ? Told::Kind::entry : pick(2) == 0 ? Told::Kind::back : Told::Kind::list, alive);
                if (fresh.base < 0) return;
                fresh.undoes = pick(3) == 0;
                fresh.confirms = !fresh.undoes;
                question = model_.all[at(fresh.base)].message;
                document = answer(model_.all[at(fresh.base)].name.empty() ? "E" : model_.all[at(fresh.base)].name, fresh.undoes ? "03" : "08", "N-" + question);
                model_.all[at(fresh.base)].numbered = true;
                break;
        }
        const bool wanted = model_.book(fresh);
        const Booked booked = book(fresh.message, document, question);
        ASSERT_EQ(!booked.refused(), wanted) << fresh.message << ": " << text_of(booked);
        if (!wanted) return;
        const int index = static_cast<int>(model_.all.size()) - 1;
        if (pick(4) == 0) {
            EXPECT_EQ(book(fresh.message, document, question).documents, 0U) << "booked again";
        }
        if (pick(8) == 0) open();
        const int fate = pick(10);
        if (fate == 0) {
            // Its fate is decided later, when the program has started again.
            left_.push_back(index);
        } else if (fate == 1) {
            ASSERT_TRUE(ledger_->undo(fresh.message));
            model_.undo(index);
        } else {
            settle(index);
        }
    }

    bool no_returns(const Told& one) const {
        return std::ranges::all_of(one.back, [](const auto& back) { return back.second == 0; });
    }
    /// A change of this name waits: the next one is refused as the same document twice.
    bool changing(const std::string& name) const {
        return std::ranges::any_of(model_.all, [&](const Told& one) { return one.name == name && one.base >= 0 && one.stage == Told::Stage::pending; });
    }

    void settle(int index) {
        for (int i = 0; i <= pick(2); ++i) ASSERT_TRUE(ledger_->settle(model_.all[at(index)].message));
        model_.settle(index);
    }

    void crash() {
        std::map<std::string, bool> durable;
        for (const int index : left_) durable[model_.all[at(index)].message] = pick(2) == 0;
        open();
        ASSERT_TRUE(ledger_->settle_pending([&](const std::string& message) -> Result<bool> { return durable.at(message); }));
        std::ranges::sort(left_, {}, [&](int index) { return model_.all[at(index)].message; });  // as the ledger asks
        for (const int index : left_) durable.at(model_.all[at(index)].message) ? model_.settle(index) : model_.undo(index);
        left_.clear();
    }

    void compare() {
        for (const AccountView& account : must(ledger_->accounts(""))) {
            for (const LineView& line : account.lines) {
                ASSERT_FALSE(line.held.quantity.is_negative());
                ASSERT_EQ(line.held.quantity.canonical(), fmt::format("{}", model_.held(line.item.back() - '0'))) << line.item;
                Decimal sum;
                std::set<std::string> once;
                for (const MovementView& movement : must(ledger_->history(line.id))) {
                    sum = sum.plus(movement.counted.quantity).value();
                    ASSERT_TRUE(once.insert(movement.message).second) << movement.message << " moved twice";
                }
                ASSERT_EQ(sum, line.held.quantity);
            }
        }
    }

    std::mt19937 random_{GetParam()};
    Model model_;
    std::vector<int> left_;
    int count_ = 0;
};

TEST_P(Random, DocumentsNeverTakeMoreThanThereIs) {
    ASSERT_TRUE(model_.book({Told::Kind::entry, Told::Stage::pending, "m0", "", {{0, 20}, {1, 20}}, {}, {}, -1}));
    book("m0", entry("E0", "S15", {{"item-0", "20"}, {"item-1", "20"}}));
    settle(0);
    for (int step = 0; step < 100 && !HasFatalFailure(); ++step) {
        tell();
        if (pick(15) == 0) crash();
        compare();
    }
    crash();
    compare();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Random, testing::Range(1U, 11U));

}  // namespace
}  // namespace hansa::balances
