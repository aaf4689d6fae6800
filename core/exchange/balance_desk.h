// The balances that agencies have switched on: tables of all plugins, and the store of accounts.
//
// A reload makes a new desk with new tables, which takes the store over. The store and the journal are two: what the stage
// book has reserved is settled when the message is in the journal and undone when it is not; what was left between
// the two by a crash is decided when the program starts (settle_left).
//
// Threads: any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/balances/book.h"
#include "core/balances/ledger.h"
#include "core/journal/journal.h"

namespace hansa::exchange {

/// The accounts of one gateway.
class Accounts {
public:
    explicit Accounts(std::unique_ptr<balances::Ledger> ledger) : ledger_(std::move(ledger)) {}
    balances::Ledger& ledger() const { return *ledger_; }

    /// The message is in the journal. Where the store cannot take it now, it is tried again with the next message, and after a start.
    void settle(const std::string& message);
    void undo(const std::string& message);
    /// One document of a message in the journal was refused there by a service; `base`: what becomes of the one that it had changed.
    void take_back(const std::string& message, std::size_t number, balances::Base base);
    /// Asks the journal about each message that was booked and neither settled nor undone. Returns how many were undone.
    Result<std::size_t> settle_left(journal::Journal& journal);

private:
    std::unique_ptr<balances::Ledger> ledger_;
    std::mutex mutex_;
    std::vector<std::string> unsettled_;
};

class BalanceDesk {
public:
    BalanceDesk(std::shared_ptr<const balances::BalanceBook> book, std::shared_ptr<Accounts> accounts) : book_(std::move(book)), accounts_(std::move(accounts)) {}
    const balances::BalanceBook& book() const { return *book_; }
    const std::shared_ptr<Accounts>& accounts() const { return accounts_; }

private:
    std::shared_ptr<const balances::BalanceBook> book_;
    std::shared_ptr<Accounts> accounts_;
};

}  // namespace hansa::exchange
