#include "core/balances/ledger.h"

#include <fstream>
#include <sys/stat.h>

#include "core/balances/codes.h"
#include "core/rules/tax.h"
#include "tests/unit/balances/stock.h"

namespace hansa::balances {
namespace {

TEST_F(StockRoom, RefusesWhatGoesBeyondAndNamesTheBalance) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    const Booked booked = accept("m2", list("L1", "S15", {{"tea", "8"}, {"tea", "4.5"}}));
    ASSERT_TRUE(booked.refused());
    EXPECT_EQ(booked.findings[0].error.code, codes::beyond);
    EXPECT_EQ(booked.findings[0].error.detail, "xx.stock: account 'S15' item 'tea': asked 4.5 KGM, held 2 KGM");
    EXPECT_EQ(booked.findings[0].error.place.path, "GoodsShipment/GovernmentAgencyGoodsItem[2]");
    EXPECT_EQ(held("S15", "tea"), "10") << "all or nothing";
    EXPECT_FALSE(accept("m3", list("L1", "S15", {{"tea", "10"}})).refused()) << "the name is free again";
    EXPECT_EQ(held("S15", "tea"), "0");
    EXPECT_EQ(text_of(book("m4", list("L2", "S15", {{"tea", "0.00001"}}))), "xx.stock: account 'S15' item 'tea': asked 0.00001 KGM, held 0 KGM");
    EXPECT_EQ(text_of(book("m5", list("L3", "S15", {{"rice", "1"}}))), "xx.stock: account 'S15' item 'rice': asked 1 KGM, held 0 KGM");
}

TEST_F(StockRoom, RefusesBadInputByNameAndPlace) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    EXPECT_EQ(code_of(book("a", list("L1", "S16", {{"tea", "1"}}))), codes::account_unknown.name());
    EXPECT_EQ(text_of(book("a", list("L1", "S16", {{"tea", "1"}}))), "xx.stock: account 'S16' item 'tea'");
    EXPECT_EQ(code_of(book("b", list("L2", "S15", {{"tea", "1", "GRM"}}))), codes::unit_differs.name());
    EXPECT_EQ(text_of(book("b", list("L2", "S15", {{"tea", "1", "GRM"}}))), "xx.stock: account 'S15' item 'tea': asked 1 GRM, held in KGM");
    EXPECT_EQ(code_of(book("c", list("L3", "S15", {{"tea", "1", ""}}))), codes::unit_missing.name());
    EXPECT_EQ(code_of(book("d", list("L4", "S15", {{"tea", "-1"}}))), codes::amount_bad.name());
    EXPECT_EQ(code_of(book("e", entry("E2", "S15", {{"tea", "1", "GRM"}}))), codes::unit_differs.name());
    const Booked nameless = book("f", document_of("document declaration\nFunctionCode 9\nGoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\n"));
    EXPECT_EQ(code_of(nameless), codes::key_missing.name());
    EXPECT_EQ(nameless.findings[0].error.place.path, "/AdditionalDocument[TypeCode=XX1]/ID");
    EXPECT_EQ(held("S15", "tea"), "10");
}

TEST_F(StockRoom, AddsOnlyWhatIsInTheJournal) {
    EXPECT_EQ(book("m1", entry("E1", "S15", {{"tea", "10"}})).documents, 1U);
    EXPECT_EQ(code_of(book("m2", list("L1", "S15", {{"tea", "1"}}))), codes::account_unknown.name()) << "the account is not open before its opening is accepted";
    ASSERT_TRUE(ledger_->settle("m1"));
    EXPECT_FALSE(book("m2", list("L1", "S15", {{"tea", "1"}})).refused());
}

TEST_F(StockRoom, TakesOnceHoweverOftenAMessageComes) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    EXPECT_EQ(held("S15", "tea"), "10");
    for (int i = 0; i < 3; ++i) {
        book("m2", list("L1", "S15", {{"tea", "3"}}));
        open();
        ASSERT_TRUE(ledger_->settle("m2"));
    }
    EXPECT_EQ(held("S15", "tea"), "7");
    const Booked again = book("m3", list("L1", "S15", {{"tea", "3"}}));
    EXPECT_EQ(code_of(again), codes::document_twice.name()) << "the same document in another message";
    EXPECT_FALSE(again.findings[0].pending);
    ASSERT_TRUE(ledger_->undo("m2")) << "what is settled is not undone";
    EXPECT_EQ(held("S15", "tea"), "7");
}

TEST_F(StockRoom, FreesAReservationWhoseMessageIsNotInTheJournal) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    book("lost", list("L1", "S15", {{"tea", "6"}}));
    book("kept", list("L2", "S15", {{"tea", "4"}}));
    book("late", entry("E2", "S15", {{"tea", "5"}}));
    const Booked meanwhile = book("x", list("L1", "S15", {{"tea", "1"}}));
    EXPECT_EQ(code_of(meanwhile), codes::document_twice.name());
    EXPECT_TRUE(meanwhile.findings[0].pending);
    open();
    EXPECT_EQ(held("S15", "tea"), "0");
    const auto undone = ledger_->settle_pending([](const std::string& message) -> Result<bool> { return message != "lost"; });
    EXPECT_EQ(must(undone), 1U);
    EXPECT_EQ(held("S15", "tea"), "11");
    EXPECT_FALSE(book("y", list("L1", "S15", {{"tea", "11"}})).refused());
}

TEST_F(StockRoom, AnswersConfirmOrFree) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    accept("m3", list("L2", "S15", {{"tea", "4"}}));
    accept("a1", answer("L1", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "6") << "refused";
    accept("a2", answer("L2", "02"), "m3");
    accept("a3", answer("L2", "08", "N-2"), "m3");
    accept("a4", answer("L2", "03"), "m3");
    EXPECT_EQ(held("S15", "tea"), "6") << "released: a later word does not free it";
    accept("a5", answer("L1", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "6") << "once";
}

TEST_F(StockRoom, WhatAServiceRefusesLaterIsFreeUntilItIsConfirmed) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    ASSERT_TRUE(ledger_->take_back("m2", 1, Base::stays_free));
    EXPECT_EQ(held("S15", "tea"), "4") << "another document of the message";
    for (int times = 0; times < 2; ++times) {
        ASSERT_TRUE(ledger_->take_back("m2", 0, Base::stays_free));
        EXPECT_EQ(held("S15", "tea"), "10");
    }
    accept("m3", list("L1", "S15", {{"tea", "7"}}));
    EXPECT_EQ(held("S15", "tea"), "3") << "the same number may come anew";
    accept("a1", answer("L1", "08", "N-1"), "m3");
    ASSERT_TRUE(ledger_->take_back("m3", 0, Base::stays_free));
    EXPECT_EQ(held("S15", "tea"), "3") << "customs have released it";
    ASSERT_TRUE(ledger_->take_back("m1", 0, Base::stays_free));
    EXPECT_EQ(held("S15", "tea"), "0") << "of what came in, the rest that is there";
}

TEST_F(StockRoom, AChangeThatIsRefusedLaterLeavesWhatItChangedAsItWas) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    accept("m3", list("L1", "S15", {{"tea", "8"}}, "4"));
    EXPECT_EQ(held("S15", "tea"), "2");
    for (int times = 0; times < 2; ++times) {
        ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
        EXPECT_EQ(held("S15", "tea"), "4");
    }
    accept("m4", list("L1", "S15", {{"tea", "1"}}, "4"));
    EXPECT_EQ(held("S15", "tea"), "9") << "it may be changed again";
    ASSERT_TRUE(ledger_->take_back("m4", 0, Base::stays_free));
    EXPECT_EQ(held("S15", "tea"), "10") << "neither holds";
}

TEST_F(StockRoom, ADeletionThatIsRefusedLaterLeavesWhatItDeleted) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    accept("m3", list("L1", "S15", {{"tea", "6"}}, "1"));
    EXPECT_EQ(held("S15", "tea"), "10");
    for (int times = 0; times < 2; ++times) {
        ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
        EXPECT_EQ(held("S15", "tea"), "4");
    }
    accept("m4", list("L1", "S15", {{"tea", "6"}}, "1"));
    EXPECT_EQ(held("S15", "tea"), "10");
}

/// What had come back of the list is given back with it, as it stood: nothing less, and nothing that was refused by itself.
TEST_F(StockRoom, ADeletionThatIsRefusedLaterLeavesWhatHadComeBack) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "9"}}));
    accept("a1", answer("L1", "08", "N-1"), "m2");
    accept("r1", come_back("R1", "N-1", {{"tea", "4"}}));
    accept("a2", answer("R1", "08"), "r1");
    accept("r2", come_back("R2", "N-1", {{"tea", "2"}}));  // customs have not said so yet
    accept("r3", come_back("R3", "N-1", {{"tea", "1"}}));
    accept("a3", answer("R3", "03"), "r3");
    accept("r4", come_back("R4", "N-1", {{"tea", "1"}}));
    EXPECT_EQ(held("S15", "tea"), "5");
    accept("m3", list("L1", "S15", {}, "1"));
    EXPECT_EQ(held("S15", "tea"), "10");
    accept("a4", answer("R4", "03"), "r4");  // refused while the list was gone
    EXPECT_EQ(held("S15", "tea"), "10");
    for (int times = 0; times < 2; ++times) {
        ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
        EXPECT_EQ(held("S15", "tea"), "5");
    }
    EXPECT_EQ(text_of(book("r5", come_back("R5", "N-1", {{"tea", "3.5"}}))), "xx.stock: row '1' of ID 'N-1': asked 3.5 KGM, left 3 KGM");
    accept("a5", answer("R2", "08"), "r2");
    EXPECT_EQ(held("S15", "tea"), "7") << "what waited for customs waits again";
    accept("m4", list("L1", "S15", {}, "1"));
    EXPECT_EQ(held("S15", "tea"), "10");
}

/// A return that is itself taken back while its list is gone does not come again with the list.
TEST_F(StockRoom, AReturnThatIsTakenBackMeanwhileStaysSo) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "9"}}));
    accept("a1", answer("L1", "08", "N-1"), "m2");
    accept("r1", come_back("R1", "N-1", {{"tea", "4"}}));
    accept("a2", answer("R1", "08"), "r1");
    accept("r2", come_back("R2", "N-1", {{"tea", "2"}}));
    accept("m3", list("L1", "S15", {}, "1"));
    accept("a3", answer("R2", "08"), "r2");  // said while the list was gone
    ASSERT_TRUE(ledger_->take_back("r1", 0, Base::stays_free));
    ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
    EXPECT_EQ(held("S15", "tea"), "7") << "r1 is confirmed, which a service's refusal does not undo";
    EXPECT_EQ(code_of(book("r3", come_back("R3", "N-1", {{"tea", "3.5"}}))), codes::back_too_much.name());
}

TEST_F(StockRoom, ChangesOfChangesAreRefusedInAnyOrder) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    int number = 0;
    for (const std::vector<std::string>& order : {std::vector<std::string>{"c1", "c2", "d"}, {"d", "c2", "c1"}, {"c2", "c1", "d"}, {"c2", "d", "c1"}}) {
        const std::string name = fmt::format("L{}", ++number);
        const auto called = [&](const std::string& message) { return fmt::format("{}-{}", message, number); };
        accept(called("b"), list(name, "S15", {{"tea", "1"}}));
        const std::string before = held("S15", "tea");
        accept(called("c1"), list(name, "S15", {{"tea", "0.5"}}, "4"));
        accept(called("c2"), list(name, "S15", {{"tea", "0.25"}}, "4"));
        accept(called("d"), list(name, "S15", {{"tea", "0.25"}}, "1"));
        for (const std::string& one : order) ASSERT_TRUE(ledger_->take_back(called(one), 0, Base::counts_again));
        EXPECT_EQ(held("S15", "tea"), before) << number;
        for (const std::string& one : order) ASSERT_TRUE(ledger_->take_back(called(one), 0, Base::counts_again));
        EXPECT_EQ(held("S15", "tea"), before) << number << ", once more";
    }
}

TEST_F(StockRoom, WhatOthersHaveTakenMeanwhileStaysTheirs) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    accept("m3", list("L1", "S15", {{"tea", "1"}}, "4"));
    accept("m4", list("L2", "S15", {{"tea", "8"}}));
    EXPECT_EQ(held("S15", "tea"), "1");
    ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
    EXPECT_EQ(held("S15", "tea"), "0") << "6 were asked, and 2 are there";
    accept("a1", answer("L1", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "2") << "and no more than those come back";
}

TEST_F(StockRoom, WhatAnAnswerHasSaidOfAChangedOneHolds) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    book("m3", list("L1", "S15", {{"tea", "7"}}, "4"));
    accept("a1", answer("L1", "03"), "m2");
    ASSERT_TRUE(ledger_->settle("m3"));
    EXPECT_EQ(held("S15", "tea"), "3");
    ASSERT_TRUE(ledger_->take_back("m3", 0, Base::counts_again));
    EXPECT_EQ(held("S15", "tea"), "10") << "the first was refused by itself";
    accept("m4", list("L2", "S15", {{"tea", "6"}}));
    accept("a2", answer("L2", "08"), "m4");
    accept("m5", list("L2", "S15", {{"tea", "7"}}, "4"));
    ASSERT_TRUE(ledger_->take_back("m5", 0, Base::counts_again));
    EXPECT_EQ(held("S15", "tea"), "4");
    accept("a3", answer("L2", "03"), "m4");
    EXPECT_EQ(held("S15", "tea"), "4") << "released it is still";
}

TEST_F(StockRoom, AnswersOfABatchAreForTheirDocument) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    const auto first = list("L1", "S15", {{"tea", "3"}}), second = list("L2", "S15", {{"tea", "4"}});
    Booking both = booking("m2", first);
    both.subjects.push_back(both.subjects.front());
    both.subjects.back().number = 1;
    both.subjects.back().document = &second;
    EXPECT_EQ(must(ledger_->book(both)).documents, 2U);
    ASSERT_TRUE(ledger_->settle("m2"));
    accept("a1", answer("L2", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "7");
}

TEST_F(StockRoom, GivesBackWhatWasTakenAndNoMore) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    EXPECT_EQ(code_of(book("r0", come_back("R0", "N-1", {{"tea", "1"}}))), codes::base_unknown.name());
    accept("a1", answer("L1", "08", "N-1"), "m2");
    EXPECT_EQ(code_of(book("r1", come_back("R1", "N-1", {{"tea", "6.5"}}))), codes::back_too_much.name());
    EXPECT_EQ(text_of(book("r1", come_back("R1", "N-1", {{"tea", "6.5"}}))), "xx.stock: row '1' of ID 'N-1': asked 6.5 KGM, left 6 KGM");
    EXPECT_EQ(code_of(book("r2", come_back("R2", "N-1", {{"tea", "1"}, {"tea", "1"}}))), codes::row_unknown.name());
    EXPECT_EQ(code_of(book("r3", come_back("R3", "N-1", {{"tea", "1", "GRM"}}))), codes::unit_differs.name());
    accept("r4", come_back("R4", "N-1", {{"tea", "2"}}));
    EXPECT_EQ(held("S15", "tea"), "4") << "it counts when customs say so";
    EXPECT_EQ(code_of(book("r5", come_back("R5", "N-1", {{"tea", "5"}}))), codes::back_too_much.name()) << "what is on its way back is counted";
    accept("a2", answer("R4", "08"), "r4");
    EXPECT_EQ(held("S15", "tea"), "6");
    accept("r6", come_back("R6", "N-1", {{"tea", "4"}}));
    accept("a3", answer("R6", "03"), "r6");
    EXPECT_EQ(held("S15", "tea"), "6");
    EXPECT_FALSE(book("r7", come_back("R7", "N-1", {{"tea", "4"}})).refused()) << "a refused return may come again";
    EXPECT_EQ(code_of(book("c", list("L1", "S15", {{"tea", "7"}}, "4"))), codes::base_used.name());
}

TEST_F(StockRoom, AChangeTakesThePlaceOfWhatItChanges) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    EXPECT_EQ(code_of(book("c0", list("L1", "S15", {{"tea", "6"}}, "4"))), codes::base_unknown.name());
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    EXPECT_EQ(text_of(book("c1", list("L1", "S15", {{"tea", "10.5"}}, "4"))), "xx.stock: account 'S15' item 'tea': asked 10.5 KGM, held 10 KGM");
    book("c2", list("L1", "S15", {{"tea", "9"}}, "4"));
    EXPECT_EQ(held("S15", "tea"), "1") << "the old and the difference";
    ASSERT_TRUE(ledger_->undo("c2"));
    EXPECT_EQ(held("S15", "tea"), "4");
    accept("c3", list("L1", "S15", {{"tea", "9"}}, "4"));
    EXPECT_EQ(held("S15", "tea"), "1");
    accept("c4", list("L1", "S15", {{"tea", "2"}}, "4"));
    EXPECT_EQ(held("S15", "tea"), "8");
    accept("a1", answer("L1", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "8") << "an answer to what was changed already";
    accept("d", list("L1", "S15", {}, "1"));
    EXPECT_EQ(held("S15", "tea"), "10");
}

/// The list is refused while its change is on its way: the change had counted on the list's goods.
TEST_F(StockRoom, AFreedBaseLeavesItsChangeWhole) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "6"}}));
    book("c1", list("L1", "S15", {{"tea", "8"}}, "4"));
    accept("a1", answer("L1", "03"), "m2");
    EXPECT_EQ(held("S15", "tea"), "2");
    ASSERT_TRUE(ledger_->settle("c1"));
    EXPECT_EQ(held("S15", "tea"), "2");
}

TEST_F(StockRoom, AReleaseUndoesTheListAndItsReturns) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    accept("m2", list("L1", "S15", {{"tea", "10"}}));
    accept("a1", answer("L1", "08", "N-1"), "m2");
    accept("r1", come_back("R1", "N-1", {{"tea", "4"}}));
    accept("a2", answer("R1", "08"), "r1");
    accept("m3", list("L2", "S15", {{"tea", "4"}}));
    EXPECT_EQ(held("S15", "tea"), "0");
    accept("d", list("L1", "S15", {}, "1"));
    EXPECT_EQ(held("S15", "tea"), "6");
}

TEST_F(StockRoom, ALineThatIsNotThereIsSaidSo) {
    EXPECT_EQ(ledger_->history(7).error().code, codes::not_held);
}

TEST_F(StockRoom, TestMessagesHaveAccountsOfTheirOwn) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    const auto document = list("L1", "S15", {{"tea", "1"}});
    Booking trial = booking("t1", document);
    trial.test = true;
    EXPECT_EQ(code_of(must(ledger_->book(trial))), codes::account_unknown.name());
}

TEST_F(StockRoom, WarningTakesNothing) {
    balances_[0].table.severity = rules::Severity::warn;
    accept("m1", entry("E1", "S15", {{"tea", "1"}}));
    const Booked booked = accept("m2", list("L1", "S15", {{"tea", "2"}}));
    EXPECT_FALSE(booked.refused());
    EXPECT_EQ(code_of(booked), codes::beyond.name());
    EXPECT_EQ(held("S15", "tea"), "1");
}

TEST_F(StockRoom, KeepsItsKeyOutsideOfTheStore) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    ledger_.reset();
    const auto key = key_path(folder_ / "balances.db");
    struct stat found {};
    ASSERT_EQ(::stat(key.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    std::filesystem::rename(key, folder_ / "away");
    EXPECT_EQ(Ledger::open(folder_ / "balances.db", {}).error().code, codes::key_file);
    std::ofstream(key) << "0123456789abcdef";
    EXPECT_EQ(Ledger::open(folder_ / "balances.db", {}).error().code, codes::key_file) << "another store's";
    std::filesystem::rename(folder_ / "away", key);
    EXPECT_TRUE(Ledger::open(folder_ / "balances.db", {}));
}

TEST_F(StockRoom, RefusesAStoreOfAnotherEdition) {
    ledger_.reset();
    {
        auto connection = must(journal::Connection::open((folder_ / "balances.db").string(), {}));
        ASSERT_TRUE(connection->script("PRAGMA user_version=7"));
    }
    EXPECT_EQ(Ledger::open(folder_ / "balances.db", {}).error().code, codes::store_version);
}

/// Edition 2 had everything but the state `lapsed`.
TEST_F(StockRoom, AStoreOfTheLastEditionGoesOn) {
    accept("m1", entry("E1", "S15", {{"tea", "10"}}));
    ledger_.reset();
    {
        auto connection = must(journal::Connection::open((folder_ / "balances.db").string(), {}));
        ASSERT_TRUE(connection->script("PRAGMA user_version=2"));
    }
    open();
    EXPECT_EQ(held("S15", "tea"), "10");
    auto connection = must(journal::Connection::open((folder_ / "balances.db").string(), {.read_only = true}));
    EXPECT_EQ(must(connection->number("PRAGMA user_version")), 3);
    EXPECT_EQ(must(connection->number("SELECT count(*) FROM meta WHERE name='older-persons'")), 0) << "that is of edition 1";
}

class Permits : public StockRoom {
protected:
    Permits() { balances_ = {balance_of(permit_table)}; }

    static pivot::Document permit(std::string_view id, std::string_view quantity, std::string_view value) {
        std::string text = fmt::format("document lpco\nTypeCode 911\nID {}\nIssueDateTime 2026-01-01\nExpirationDateTime 2026-12-31\nGoodsItem[1]/SequenceNumeric 1\n", id);
        if (!quantity.empty()) text += fmt::format("GoodsItem[1]/Commodity/GoodsMeasure/TariffQuantity[1] {}\nGoodsItem[1]/Commodity/GoodsMeasure/TariffQuantity[1]/@unitCode KGM\n", quantity);
        if (!value.empty()) text += fmt::format("GoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount {}\nGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount/@currencyID XOF\n", value);
        return document_of(text);
    }
    static pivot::Document declaration(std::string_view reference, std::string_view id, std::string_view quantity, std::string_view value, std::string_view day = "2026-11-26") {
        const std::string at = "GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[1]";
        std::string text = fmt::format("document declaration\nAcceptanceDateTime {}\nFunctionCode 9\nFunctionalReferenceID {}\nGoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1\n{}/CategoryCode LIC\n{}/ID {}\n", day, reference, at, at, id);
        if (!quantity.empty()) text += fmt::format("{0}/WriteOff/QuantityQuantity {1}\n{0}/WriteOff/QuantityQuantity/@unitCode KGM\n", at, quantity);
        if (!value.empty()) text += fmt::format("{0}/WriteOff/AmountAmount {1}\n{0}/WriteOff/AmountAmount/@currencyID XOF\n", at, value);
        return document_of(text);
    }
};

TEST_F(Permits, AreWrittenOffByQuantityAndValue) {
    accept("p", permit("LIC-1", "100", "5000"));
    EXPECT_EQ(code_of(accept("d1", declaration("D1", "LIC-1", "60", "5000.01"))), codes::beyond.name());
    EXPECT_EQ(text_of(accept("d1", declaration("D1", "LIC-1", "60", "5000.01"))), "xx.permit: account 'LIC-1': asked 5000.01 XOF, held 5000 XOF");
    EXPECT_EQ(code_of(accept("d2", declaration("D2", "LIC-1", "60", ""))), codes::amount_bad.name()) << "the permit is for a value, too";
    EXPECT_FALSE(accept("d3", declaration("D3", "LIC-1", "60", "5000")).refused());
    EXPECT_EQ(held("LIC-1", ""), "40");
    EXPECT_EQ(held("LIC-1", "", true), "0");
    accept("p2", permit("LIC-2", "", "10"));
    EXPECT_FALSE(accept("d4", declaration("D4", "LIC-2", "60", "10")).refused()) << "a permit for a value alone counts no quantity";
}

TEST_F(Permits, AreValidOnTheirDays) {
    accept("p", permit("LIC-1", "100", ""));
    const Booked late = book("d1", declaration("D1", "LIC-1", "1", "", "2027-01-01"));
    EXPECT_EQ(code_of(late), codes::account_expired.name());
    EXPECT_EQ(text_of(late), "xx.permit: account 'LIC-1': 2026-01-01 to 2026-12-31, the document is of 2027-01-01");
    EXPECT_EQ(code_of(book("d2", declaration("D2", "LIC-1", "1", "", "2025-12-31"))), codes::account_expired.name());
    EXPECT_FALSE(book("d3", declaration("D3", "LIC-1", "1", "", "2026-12-31")).refused());
    EXPECT_EQ(code_of(book("d4", declaration("D4", "LIC-9", "1", ""))), codes::account_unknown.name());
    balances_[0].table.rows[1].unknown_passes = true;
    EXPECT_TRUE(book("d5", declaration("D5", "LIC-9", "1", "")).findings.empty());
}

/// A limit of the law, with a change of the law within the year.
class Years : public StockRoom {
protected:
    Years() {
        Diagnostics faults;
        auto taxes = rules::parse_taxes(R"(
taxes xx
given xx.before "what was bought before"
limit xx.year
  over   declaration
  to     2026-06-30
  base   the(xx.before) + in(EUR, InvoiceAmount)
  most   1000 EUR
  source "law"
limit xx.year
  over   declaration
  from   2026-07-01
  base   the(xx.before) + in(EUR, InvoiceAmount)
  most   1200 EUR
  source "law"
)",
                                        "xx.taxes", faults);
        Balance balance = balance_of(R"(
balance xx.person-year
  text     "What a person buys in a year"
  source   "law"
  severity refuse
  limit    xx.year xx.before
  yearly
  person
  take     declaration
    source  "law"
    account GoodsShipment/Buyer/ID
    known-by FunctionalReferenceID
)");
        balance.taxes = std::make_shared<const rules::TaxTable>(must(std::move(taxes)));
        balances_ = {std::move(balance)};
    }
    static pivot::Document purchase(std::string_view reference, std::string_view day, std::string_view amount, std::string_view buyer = "P-1", std::string_view currency = "EUR") {
        return document_of(fmt::format("document declaration\nAcceptanceDateTime {}\nFunctionCode 9\nFunctionalReferenceID {}\nInvoiceAmount {}\nInvoiceAmount/@currencyID {}\nGoodsShipment/Buyer/ID[1] {}\n",
                                       day, reference, amount, currency, buyer));
    }
};

TEST_F(Years, AreLimitsOfTheDocumentsOwnDay) {
    EXPECT_FALSE(accept("m1", purchase("1", "2026-03-01", "700")).refused());
    const Booked more = accept("m2", purchase("2", "2026-06-30", "300.01"));
    EXPECT_EQ(code_of(more), codes::beyond.name());
    EXPECT_EQ(text_of(more), "xx.person-year: the account of this person in 2026: asked 300.01 EUR, held 300 EUR");
    EXPECT_FALSE(accept("m3", purchase("3", "2026-07-01", "500")).refused()) << "the law has changed";
    EXPECT_TRUE(accept("m4", purchase("4", "2026-12-31", "0.01")).refused());
    EXPECT_FALSE(accept("m5", purchase("5", "2027-01-01", "1200")).refused()) << "another year";
    EXPECT_FALSE(accept("m6", purchase("6", "2026-01-01", "1000", "P-2")).refused()) << "another person";
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "1200");
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-3", "2026"})).canonical(), "0");
    EXPECT_EQ(code_of(accept("m7", purchase("7", "2026-01-01", "1", "P-2", "USD"))), codes::amount_bad.name()) << "no rate of exchange is known";
}

TEST_F(Years, TellNobodysIdentity) {
    accept("m1", purchase("1", "2026-03-01", "700", "330106199001011234"));
    EXPECT_EQ(text_of(accept("m2", purchase("2", "2026-03-01", "700", "330106199001011234"))).find("330106"), std::string::npos);
    ledger_.reset();
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
        if (!file.is_regular_file()) continue;
        EXPECT_EQ(test::slurp(file.path()).find("330106199001011234"), std::string::npos) << file.path();
    }
}

/// Persons stand under a key of the authority whose law limits them.
class Persons : public Years {
protected:
    std::filesystem::path store() const { return folder_ / "balances.db"; }
    std::filesystem::path key(std::string_view authority) const { return must(key_path(store(), authority)); }
    static std::vector<std::string> texts(const std::string& table, const std::string& person) { return {"account", table, "", person, "2026"}; }
    std::string digest(const std::filesystem::path& file, const std::vector<std::string>& of) const { return must(read_key_file(file, {})).of(of); }
    /// Is there an account under this digest?
    bool stands(const std::string& digest) const {
        auto connection = must(journal::Connection::open(store().string(), {.read_only = true}));
        return must(connection->number("SELECT count(*) FROM account WHERE key=?", {journal::Blob{digest}})) == 1;
    }
    static mode_t mode_of(const std::filesystem::path& path) {
        struct stat found {};
        return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
    }
    Booked from(const std::string& agency, const std::string& message, const pivot::Document& document) {
        Booking one = booking(message, document);
        one.subjects.front().agency = agency;
        Booked out = must(ledger_->book(one));
        EXPECT_TRUE(ledger_->settle(message));
        return out;
    }
    /// What edition 1 has left: persons under the store's own key, and no other.
    void make_older(const std::string& person) {
        ledger_.reset();
        const std::string now = digest(key("xx"), texts("xx.person-year", person)), then = digest(key_path(store()), texts("xx.person-year", person));
        auto connection = must(journal::Connection::open(store().string(), {}));
        ASSERT_TRUE(connection->run("UPDATE account SET key=? WHERE key=?", {journal::Blob{then}, journal::Blob{now}}));
        ASSERT_TRUE(connection->script("DELETE FROM meta WHERE name='key xx'; PRAGMA user_version=1"));
        std::filesystem::remove_all(key("xx").parent_path());
        ASSERT_TRUE(stands(then));
    }
};

TEST_F(Persons, ShareOneLimitWhoeverSends) {
    EXPECT_FALSE(from("north", "m1", purchase("1", "2026-03-01", "700")).refused());
    EXPECT_EQ(text_of(from("south", "m2", purchase("1", "2026-03-01", "300.01"))), "xx.person-year: the account of this person in 2026: asked 300.01 EUR, held 300 EUR");
    EXPECT_FALSE(from("south", "m3", purchase("1", "2026-03-01", "300")).refused());
}

TEST_F(Persons, OfOneAuthorityAreNotThoseOfAnother) {
    Balance other = balances_.front();
    other.table.id = "yy.person-year";
    other.authority = "yy";
    balances_.push_back(std::move(other));
    accept("m1", purchase("1", "2026-03-01", "700"));
    EXPECT_EQ(mode_of(key("xx").parent_path()), 0700U);
    for (const char* authority : {"xx", "yy"}) EXPECT_EQ(mode_of(key(authority)), 0600U);
    EXPECT_TRUE(stands(digest(key("xx"), texts("xx.person-year", "P-1"))));
    EXPECT_TRUE(stands(digest(key("yy"), texts("yy.person-year", "P-1"))));
    EXPECT_FALSE(stands(digest(key("xx"), texts("yy.person-year", "P-1")))) << "who has one key finds nobody of the other";
    EXPECT_FALSE(stands(digest(key_path(store()), texts("xx.person-year", "P-1")))) << "nor does the gateway with its own";
    open();
    for (const Balance& balance : balances_) EXPECT_EQ(must(ledger_->taken(balance, {"P-1", "2026"})).canonical(), "700");
}

TEST_F(Persons, OfAnOlderStoreGoOn) {
    accept("m1", purchase("1", "2026-03-01", "700"));
    accept("m2", purchase("2", "2026-03-01", "200", "P-2"));
    make_older("P-1");
    {
        const auto reader = must(Ledger::open(store(), {.read_only = true}));
        EXPECT_EQ(must(reader->taken(balances_[0], {"P-1", "2026"})).canonical(), "700") << "as it is, where it cannot be raised";
    }
    open();
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "700");
    EXPECT_EQ(code_of(accept("m3", purchase("3", "2026-03-01", "300.01"))), codes::beyond.name()) << "what was bought before counts";
    EXPECT_FALSE(accept("m4", purchase("4", "2026-03-01", "300")).refused());
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "1000");
    EXPECT_TRUE(stands(digest(key("xx"), texts("xx.person-year", "P-1"))));
    EXPECT_FALSE(stands(digest(key_path(store()), texts("xx.person-year", "P-1")))) << "nobody stands there twice";
    accept("m5", purchase("5", "2026-03-01", "100", "P-4"));
    open();
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "1000");
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-4", "2026"})).canonical(), "100");
}

TEST_F(Persons, AreNotFoundWithoutTheirAuthoritysKey) {
    balances_.push_back(balance_of(stock_table));
    accept("m1", purchase("1", "2026-03-01", "700"));
    std::filesystem::rename(key("xx"), folder_ / "away");
    open();
    const auto document = purchase("2", "2026-03-01", "10");
    EXPECT_EQ(ledger_->book(booking("m2", document)).error().code, codes::key_file);
    EXPECT_EQ(ledger_->taken(balances_[0], {"P-1", "2026"}).error().code, codes::key_file);
    EXPECT_FALSE(accept("m3", entry("E1", "S15", {{"tea", "10"}})).refused()) << "of things the store knows by itself";
    std::ofstream(key("xx")) << "0123456789abcdef";
    EXPECT_EQ(ledger_->book(booking("m2", document)).error().code, codes::key_file) << "another one's";
    std::filesystem::rename(folder_ / "away", key("xx"));
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "700");
    balances_[0].authority = "../xx";
    EXPECT_EQ(ledger_->book(booking("m2", document)).error().code, codes::key_file);
}

TEST_F(Persons, MayStandUnderAKeyThatTheirAuthorityHasMade) {
    std::filesystem::create_directory(key("xx").parent_path());
    std::ofstream(key("xx")) << "abcdefghijklmnop";
    EXPECT_TRUE(accept("m1", purchase("1", "2026-03-01", "5000")).refused()) << "and nothing is kept of it";
    accept("m2", purchase("2", "2026-03-01", "700"));
    DigestKey own{};
    std::ranges::copy(std::string_view("abcdefghijklmnop"), own.begin());
    EXPECT_TRUE(stands(Keyed(own).of(texts("xx.person-year", "P-1"))));
    open();
    EXPECT_EQ(must(ledger_->taken(balances_[0], {"P-1", "2026"})).canonical(), "700");
}

}  // namespace
}  // namespace hansa::balances
