// Accounts that documents add to, take from and give back to: never below zero, each movement once.
//
//     auto ledger = Ledger::open("balances.db", {}).value();
//     auto booked = ledger->book({.message = id, .today = "2026-11-26", .subjects = {{...}}}).value();
//     if (booked.refused()) return booked.findings.front().error;        // nothing was booked
//     ... the message becomes durable in the journal ...
//     ledger->settle(id);                                                // or undo(id), when it did not
//
// Two steps, because the journal is another store. book() reserves what a message takes, durably, before the journal
// knows the message; what it adds or gives back counts only when settle() says that the message is there. After a crash
// between the two, settle_pending() asks the journal: a reservation whose message is not in it is freed. So nothing is
// taken for a message that was never accepted, and what is added cannot be used before it is.
//
// A movement is keyed by message, document and row of the table: to book, settle or undo again does nothing. Amounts are
// exact; a unit that differs is an error. Persons are known by keyed digests (store.h).
//
// Cost: a movement is a few lookups by key and one or two written rows, whatever is held; one flush of the disk a call.
// Threads: any; calls take turns. Several processes may have the same store open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/balances/book.h"
#include "core/balances/store.h"
#include "core/pivot/document.h"

namespace hansa::balances {

/// One document of a message, and the tables that are asked of it.
struct Subject {
    std::size_t number = 0;  ///< in its message, from 0
    const pivot::Document* document = nullptr;  ///< must live during the call
    std::string_view format;
    std::string agency;    ///< whose own names the document uses: its sender; of an answer the sender of the question
    std::string question;  ///< of an answer: the message that it answers; empty: found by nothing but its names
    std::vector<const Balance*> balances;
};

struct Booking {
    std::string message;  ///< the journal's id
    bool test = false;    ///< test messages have accounts of their own
    std::int64_t at_ms = 0;
    std::string today;    ///< day of a document without one
    std::vector<Subject> subjects;
};

/// Why a movement is not made.
struct Finding {
    const Balance* balance = nullptr;  ///< lives in the book
    std::size_t document = 0;
    Error error;           ///< balances.*, with account, item, asked, held, unit; never a person's identity
    bool refuses = true;   ///< false: the table warns; this movement is not made, the others are
    bool pending = false;  ///< document-twice: the other one is not settled yet, and may go
};

struct Booked {
    std::vector<Finding> findings;
    std::size_t documents = 0;  ///< that booked something
    bool refused() const;
};

/// For people and tests.
struct LineView {
    Id id = 0;
    std::string item;
    Measures held;  ///< of a limit: what was taken, below zero
};
struct AccountView {
    AccountRow account;
    std::vector<LineView> lines;
};
struct MovementView {
    std::string message;
    std::size_t document = 0;
    Act act = Act::take;
    State state = State::pending;
    std::int64_t at_ms = 0;
    std::string row;
    Measures counted;  ///< with its sign; the sum over a line is what it holds
    Measures asked;
};

/// What becomes of the document that a refused one had changed or released.
enum class Base {
    stays_free,   ///< it does not hold either
    counts_again  ///< it holds as it was: what it had taken is taken again, and what had come back of it is given back again. What
                  ///< others have taken meanwhile stays theirs, and the log says what is missing.
};

struct LedgerOptions {
    bool read_only = false;
    std::uint64_t memory_bytes = 16u << 20;
};

class Ledger {
public:
    /// Errors: balances.store-version, -key-file; base.file-*; those of the journal's files
    static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& path, const LedgerOptions& options);

    /// All or nothing, durable. Errors: those of the store; what documents do wrong stands in the findings
    Result<Booked> book(const Booking& booking);
    /// The message is durable in the journal: what it adds counts, what it answers is done.
    Result<void> settle(std::string_view message);
    /// It is not, or it was refused: as if it had never been booked. Of a settled message: nothing.
    Result<void> undo(std::string_view message);
    /// A document of an accepted message was refused afterwards, before its receiver has confirmed it: what it did counts no more. Done
    /// again, it does nothing.
    Result<void> take_back(std::string_view message, std::size_t number, Base base);
    /// After a start: settles or undoes what was left between. Returns how many were undone.
    Result<std::size_t> settle_pending(const std::function<Result<bool>(const std::string& message)>& is_durable);

    /// What was taken of a limit before, by the account that limit_account() names.
    Result<Decimal> taken(const Balance& balance, const std::vector<std::string>& account, bool test = false);

    /// Of a table (empty: all) and a name (empty: all), after an id.
    Result<std::vector<AccountView>> accounts(std::string_view table, std::string_view name = {}, Id after = 0, std::size_t most = 1'000);
    /// Errors: balances.not-held
    Result<std::vector<MovementView>> history(Id line);

private:
    explicit Ledger(std::unique_ptr<Store> store) : store_(std::move(store)) {}

    std::mutex mutex_;
    std::unique_ptr<Store> store_;
};

}  // namespace hansa::balances
