// A small authority's tables and documents for the tests of core/balances.
#pragma once

#include <gtest/gtest.h>
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/balances/ledger.h"
#include "core/base/ids.h"
#include "core/pivot/text.h"
#include "tests/support/corpus.h"

namespace hansa::balances {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().text());
    return *std::move(result);
}

inline constexpr std::string_view stock_table = R"(
balance xx.stock
  text     "Goods in store"
  source   "law 1"
  severity refuse
  add      cargo-report
    source   "law 2"
    each     Consignment/GovernmentAgencyGoodsItem
    account  /ID
    item     Commodity/Description
    quantity Commodity/InvoiceLine/InvoicedQuantity
    known-by FunctionalReferenceID
  take     declaration
    source   "law 3"
    when     /FunctionCode = "9" | "4"
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  /AdditionalDocument[TypeCode=XX1]/ID
    item     Commodity/Description
    quantity Commodity/InvoiceLine/InvoicedQuantity
    row      SequenceNumeric
    known-by FunctionalReferenceID
    known-by ID
    changes  FunctionCode = "4"
  release  declaration
    source   "law 3"
    when     FunctionCode = "1"
    of       FunctionalReferenceID = FunctionalReferenceID
  give     amendment
    source   "law 4"
    of       AmendedDeclaration/ID = ID
    each     Declaration/GoodsShipment/GovernmentAgencyGoodsItem
    row      SequenceNumeric
    quantity Commodity/InvoiceLine/InvoicedQuantity
    known-by FunctionalReferenceID
    counts   confirmed
  answer   response
    source   "law 5"
    of       Declaration/FunctionalReferenceID = FunctionalReferenceID
    confirms FunctionCode = "08"
    undoes   FunctionCode = "03"
    learns   Declaration/ID = ID
)";

inline constexpr std::string_view permit_table = R"(
balance xx.permit
  text     "Permits"
  source   "law 6"
  severity refuse
  add      lpco
    source   "law 7"
    each     GoodsItem
    account  /ID
    quantity Commodity/GoodsMeasure/TariffQuantity[1]
    value    Commodity/InvoiceLine/ItemChargeAmount
    from     /IssueDateTime
    until    /ExpirationDateTime
  take     declaration
    source   "law 8"
    when     AdditionalDocument[CategoryCode=LIC]/ID present
    each     GoodsShipment/GovernmentAgencyGoodsItem
    account  AdditionalDocument[CategoryCode=LIC]/ID
    quantity AdditionalDocument[CategoryCode=LIC]/WriteOff/QuantityQuantity
    value    AdditionalDocument[CategoryCode=LIC]/WriteOff/AmountAmount
    row      SequenceNumeric
    known-by FunctionalReferenceID
)";

inline Balance balance_of(std::string_view text) {
    Diagnostics faults;
    auto table = parse_balance(text, "xx.balance", faults);
    if (!table) throw std::runtime_error(table.error().text());
    return {*std::move(table), nullptr, "xx"};
}

inline pivot::Document document_of(const std::string& text) {
    auto documents = pivot::read_text(text);
    if (!documents) throw std::runtime_error(documents.error().text());
    return std::move(documents->front());
}

struct Goods {
    std::string item, amount, unit = "KGM";
};

inline std::string goods_lines(std::string_view list, const std::vector<Goods>& goods) {
    std::string out;
    for (std::size_t i = 0; i < goods.size(); ++i) {
        const std::string at = fmt::format("{}[{}]", list, i + 1);
        out += fmt::format("{0}/SequenceNumeric {1}\n{0}/Commodity/Description {2}\n{0}/Commodity/InvoiceLine/InvoicedQuantity {3}\n", at, i + 1, goods[i].item, goods[i].amount);
        if (!goods[i].unit.empty()) out += fmt::format("{}/Commodity/InvoiceLine/InvoicedQuantity/@unitCode {}\n", at, goods[i].unit);
    }
    return out;
}

inline pivot::Document entry(const std::string& reference, const std::string& account, const std::vector<Goods>& goods) {
    return document_of(fmt::format("document cargo-report\nFunctionCode 9\nFunctionalReferenceID {}\nID {}\nConsignment[1]/SequenceNumeric 1\n{}", reference, account,
                                   goods_lines("Consignment[1]/GovernmentAgencyGoodsItem", goods)));
}

/// `function`: 9 new, 4 change, 1 delete.
inline pivot::Document list(const std::string& reference, const std::string& account, const std::vector<Goods>& goods, std::string_view function = "9") {
    return document_of(fmt::format("document declaration\nFunctionCode {}\nFunctionalReferenceID {}\nAdditionalDocument[1]/ID {}\nAdditionalDocument[1]/TypeCode XX1\n{}", function, reference,
                                   account, goods_lines("GoodsShipment/GovernmentAgencyGoodsItem", goods)));
}

inline pivot::Document come_back(const std::string& reference, const std::string& number, const std::vector<Goods>& goods) {
    return document_of(fmt::format("document amendment\nFunctionCode 9\nFunctionalReferenceID {}\nAmendedDeclaration/ID {}\nDeclaration/FunctionCode 4\n{}", reference, number,
                                   goods_lines("Declaration/GoodsShipment/GovernmentAgencyGoodsItem", goods)));
}

/// `number`: what customs call the list; empty: they do not say.
inline pivot::Document answer(const std::string& reference, std::string_view function, const std::string& number = {}) {
    std::string text = fmt::format("document response\nFunctionCode {}\nDeclaration/FunctionalReferenceID {}\n", function, reference);
    if (!number.empty()) text += fmt::format("Declaration/ID {}\n", number);
    return document_of(text);
}

/// A store in a folder of its own, and tables that are asked of every document.
class StockRoom : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("hansa-balances-" + random_uuid());
        std::filesystem::create_directory(folder_);
        open();
    }
    void TearDown() override {
        ledger_.reset();
        std::filesystem::remove_all(folder_);
    }

    /// As after a start of the program.
    void open() {
        ledger_.reset();
        auto opened = Ledger::open(folder_ / "balances.db", {});
        ASSERT_TRUE(opened) << opened.error().text();
        ledger_ = *std::move(opened);
    }

    Booking booking(const std::string& message, const pivot::Document& document, const std::string& question = {}) {
        Booking out{message, false, 0, "2026-11-26", {}};
        out.subjects.push_back({0, &document, "xx.any", "north", question, {}});
        for (const Balance& balance : balances_) out.subjects.back().balances.push_back(&balance);
        return out;
    }

    Booked book(const std::string& message, const pivot::Document& document, const std::string& question = {}) {
        auto done = ledger_->book(booking(message, document, question));
        if (!done) throw std::runtime_error(done.error().text());
        return *std::move(done);
    }

    /// Booked and settled: what a message that is accepted does.
    Booked accept(const std::string& message, const pivot::Document& document, const std::string& question = {}) {
        Booked out = book(message, document, question);
        EXPECT_TRUE(ledger_->settle(message));
        return out;
    }

    /// What is held of an item, or "none".
    std::string held(const std::string& account, const std::string& item, bool value = false) {
        const auto accounts = must(ledger_->accounts("", account));
        for (const AccountView& one : accounts) {
            for (const LineView& line : one.lines) {
                if (line.item == item) return (value ? line.held.value : line.held.quantity).canonical();
            }
        }
        return "none";
    }

    static std::string code_of(const Booked& booked) { return booked.findings.empty() ? "" : std::string(booked.findings.front().error.code.name()); }
    static std::string text_of(const Booked& booked) { return booked.findings.empty() ? "" : booked.findings.front().error.detail; }

    std::filesystem::path folder_;
    std::unique_ptr<Ledger> ledger_;
    std::vector<Balance> balances_ = {balance_of(stock_table)};
};

}  // namespace hansa::balances
