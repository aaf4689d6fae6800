// The stage book: what a message takes from balances, with refusals, repetitions and crashes between journal and accounts.
#include <thread>

#include "core/balances/codes.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/codes.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

constexpr std::string_view table = R"(balance xa.stock
  text     "Goods in store"
  source   "law"
  severity refuse
  add      declaration xa.declaration
    source   "law"
    when     /DirectionCode = "I"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    item     Commodity/Description
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    known-by FunctionalReferenceID
  take     declaration xa.declaration
    source   "law"
    when     /DirectionCode = "E"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  "store"
    item     Commodity/Description
    quantity Commodity/GoodsMeasure/GrossMassMeasure
    row      SequenceNumeric
    known-by FunctionalReferenceID
  answer   response
    source   "law"
    of       Declaration/FunctionalReferenceID = FunctionalReferenceID
    undoes   FunctionCode = "11"
)";

class Booked : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/balances");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/balances/stock.balance", table));
        registry_ = loaded();
        start();
    }

    /// As after a start of the program; `fast`: on the fast way.
    void start(bool fast = false) {
        auto ledger = balances::Ledger::open(folder_ / "balances.db", {});
        ASSERT_TRUE(ledger) << ledger.error().text();
        Diagnostics faults;
        auto book = balances::BalanceBook::load(*registry_, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        accounts_ = std::make_shared<Accounts>(*std::move(ledger));
        auto agencies = std::make_shared<Directory>(*directory());
        agencies->agencies[0].balances = {"xa.stock"};
        Surroundings with{agencies, registry_, keys_};
        if (fast) with.engines = std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 0});
        with.balances = std::make_shared<const BalanceDesk>(std::move(book), accounts_);
        gateway_ = std::make_unique<Gateway>(std::move(with), *journal_);
        ASSERT_TRUE(accounts_->settle_left(*journal_));
    }

    static std::string goods(std::string_view reference, std::string_view mass, std::string_view direction = "OUT") {
        std::string text = declaration("xa", reference);
        text.replace(text.find("OUT"), 3, direction);
        text.replace(text.find("2.5"), 3, mass);
        return text;
    }

    Result<Acceptance> sent(std::string bytes) {
        Diagnostics faults;
        return gateway_->accept({.agency = "north", .bytes = std::move(bytes), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    }

    std::string held() {
        const auto accounts = accounts_->ledger().accounts("xa.stock", "store").value();
        return accounts.empty() ? "none" : accounts.front().lines.front().held.quantity.canonical();
    }

    std::shared_ptr<Accounts> accounts_;
};

TEST_F(Booked, AMessageBeyondTheBalanceIsRefusedWithTheBalanceNamed) {
    accepted("north", goods("IN-1", "10", "IN"));
    const auto refused = sent(goods("OUT-1", "12"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, balances::codes::beyond);
    EXPECT_EQ(refused.error().detail, "xa.stock: account 'store' item 'Tea': asked 12 KGM, held 10 KGM (GoodsShipment/GovernmentAgencyGoodsItem[1])");
    EXPECT_EQ(held(), "10");
    accepted("north", goods("OUT-2", "7.5"));
    EXPECT_EQ(held(), "2.5");
}

TEST_F(Booked, ARouteMaySwitchATableOn) {
    auto changed = std::make_shared<Directory>(*gateway_->surroundings().directory);
    changed->agencies[0].balances.clear();
    Surroundings with = gateway_->surroundings();
    with.directory = changed;
    gateway_->reload(with);
    accepted("north", goods("IN-1", "10", "IN"));
    EXPECT_EQ(held(), "none");
    changed->routes[0].balances = {"xa.stock"};
    accepted("north", goods("IN-2", "10", "IN"));
    EXPECT_EQ(held(), "10");
    EXPECT_FALSE(sent(goods("OUT-1", "12")));
}

TEST_F(Booked, ARepeatedMessageTakesOnce) {
    accepted("north", goods("IN-1", "10", "IN"));
    const Acceptance first = accepted("north", goods("OUT-1", "4")), second = accepted("north", goods("OUT-1", "4"));
    EXPECT_EQ(first.message_id, second.message_id);
    EXPECT_TRUE(second.repeated);
    EXPECT_EQ(held(), "6");
    auto again = sent(goods("OUT-1", "4") + "\n");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, balances::codes::document_twice) << "the same document in other bytes";
    EXPECT_EQ(held(), "6");
}

TEST_F(Booked, MessagesThatComeAtTheSameTimeTakeOnce) {
    accepted("north", goods("IN-1", "10", "IN"));
    std::vector<std::string> ids(6);
    {
        std::vector<std::jthread> senders;
        for (std::string& id : ids) senders.emplace_back([&] { id = accepted("north", goods("OUT-1", "4")).message_id; });
    }
    for (const std::string& id : ids) EXPECT_EQ(id, ids.front());
    EXPECT_EQ(held(), "6");
}

TEST_F(Booked, AMessageThatALaterStageRefusesTakesNothing) {
    accepted("north", goods("IN-1", "10", "IN"));
    auto routes = std::make_shared<Directory>(*gateway_->surroundings().directory);
    routes->routes.clear();
    Surroundings with = gateway_->surroundings();
    with.directory = routes;
    gateway_->reload(with);
    EXPECT_EQ(sent(goods("OUT-1", "4")).error().code, codes::no_route);
    EXPECT_EQ(held(), "10");
}

TEST_F(Booked, AReservationWhoseMessageNeverBecameDurableIsFreed) {
    accepted("north", goods("IN-1", "10", "IN"));
    journal_->close();
    EXPECT_FALSE(sent(goods("OUT-1", "4")));
    EXPECT_EQ(held(), "10") << "the journal took nothing";
}

/// What a crash leaves: a reservation in the store, and the message in the journal or not.
TEST_F(Booked, AfterACrashTheJournalDecides) {
    accepted("north", goods("IN-1", "10", "IN"));
    const Acceptance kept = accepted("south", declaration("xb", "S-1"));
    const auto balance = gateway_->surroundings().balances->book().find("xa.stock").value();
    const auto reserve = [&](const std::string& message, const std::string& reference) {
        const pivot::Document document{pivot::Kind::declaration,
                                       {"Declaration", "", "", {}, {{"FunctionCode", "9", "", {}, {}}, {"FunctionalReferenceID", reference, "", {}, {}}, {"DirectionCode", "E", "", {}, {}},
                                                                    {"GoodsShipment", "", "", {}, {{"GovernmentAgencyGoodsItem", "", "", {}, {{"SequenceNumeric", "1", "", {}, {}},
                                                                        {"Commodity", "", "", {}, {{"Description", "Tea", "", {}, {}}, {"GoodsMeasure", "", "", {}, {{"GrossMassMeasure", "3", "", {{"unitCode", "KGM"}}, {}}}}}}}}}}}},
                                       {}, {}};
        balances::Booking booking{message, true, 0, "2026-11-26", {}};
        booking.subjects.push_back({0, &document, "xa.declaration", "north", {}, {balance}});
        EXPECT_EQ(accounts_->ledger().book(booking).value().documents, 1U);
    };
    reserve("01ARZ3NDEKTSV4RRFFQ69G5FAV", "LOST");
    reserve(kept.message_id, "KEPT");
    EXPECT_EQ(held(), "4");
    start();
    EXPECT_EQ(held(), "7");
    start();
    EXPECT_EQ(held(), "7");
}

TEST_F(Booked, AnAnswerFrees) {
    accepted("north", goods("IN-1", "10", "IN"));
    const Acceptance question = accepted("north", goods("OUT-1", "4"));
    EXPECT_EQ(held(), "6");
    accepted("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>OUT-1</About></Answer>");
    EXPECT_EQ(held(), "10");
}

TEST_F(Booked, TheFastWayBooksToo) {
    start(true);
    accepted("north", goods("IN-1", "10", "IN"));
    accepted("north", goods("OUT-1", "4"));
    EXPECT_EQ(sent(goods("OUT-2", "7")).error().code, balances::codes::beyond);
    EXPECT_EQ(held(), "6");
}

TEST_F(Booked, AWarningGoesAlongInTheReceipt) {
    replace_in(folder_ / "plugins/xa/balances/stock.balance", "severity refuse", "severity warn");
    registry_ = loaded();
    start();
    accepted("north", goods("IN-1", "10", "IN"));
    const Acceptance warned = accepted("north", goods("OUT-1", "12"));
    EXPECT_NE(warned.receipt.find("asked 12 KGM, held 10 KGM"), std::string::npos);
    EXPECT_EQ(held(), "10");
}

TEST_F(Booked, AnAgencyWithoutBalancesMovesNothing) {
    accepted("south", declaration("xb", "S-1"));
    EXPECT_EQ(held(), "none");
}

}  // namespace
}  // namespace hansa::exchange
