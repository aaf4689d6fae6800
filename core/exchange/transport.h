// How the exchange sees a transport: something that carries bytes to an address, or fails.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/exchange/directory.h"

namespace hansa::exchange {

/// One attempt to hand a message over.
struct Attempt {
    const Address& address;
    std::string_view message_id;   ///< also the idempotency key at the receiver: effect only once
    std::string_view format;
    std::string_view purpose;
    std::string_view file_name;    ///< for folders: no path in it
    std::string_view bytes;        ///< valid during the call
};

/// What the receiver answered: kept as evidence of delivery.
struct Delivered {
    std::string receipt;
    std::string detail;  ///< "HTTP 202", "renamed into place"
};

/// Thread rule: deliver() from any thread.
class Transport {
public:
    virtual ~Transport() = default;
    virtual bool serves(std::string_view url) const = 0;
    /// Errors: exchange.partner-unreachable (try again), exchange.partner-refused (dead letter)
    virtual Result<Delivered> deliver(const Attempt& attempt) = 0;
};

}  // namespace hansa::exchange
