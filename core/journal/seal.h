// Seals: what shows that a row is still the row that was written.
//
// SQLite does not check its pages, so a flipped bit in a row would be read as truth. A seal is the
// first 16 bytes of SHA-256 over the row's fields, each with its length before it, so that no two
// rows share a text. It guards against decay and careless hands; whoever can write the file can
// also make seals (signatures in the evidence guard against that).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/journal/records.h"

namespace hansa::journal {

class Seal {
public:
    /// `table` keeps rows of two tables apart.
    explicit Seal(std::string_view table) { add(table); }
    Seal& add(std::string_view field);
    Seal& add(std::int64_t field);
    std::string finish() const;

private:
    std::string text_;
};

/// What is fixed of a message, and what moves with its events (`last_event` is the seal of the last).
std::string seal_of(const Message& message);
std::string seal_of_state(std::string_view fixed, const Message& message, std::string_view last_event);
std::string seal_of(std::string_view before, const Event& event);

std::string seal_of(const Delivery& delivery);
std::string seal_of_state(std::string_view fixed, const Delivery& delivery, std::string_view last_event);
std::string seal_of(std::string_view before, const DeliveryEvent& event);

std::string seal_of(const BodyRef& attachment);
std::string seal_of(const IdempotencyKey& key);
std::string seal_of(const BusinessKey& key);
std::string seal_of(const Reference& reference);
std::string seal_of(const Alias& alias);

}  // namespace hansa::journal
