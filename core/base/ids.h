// Identifiers that the gateway makes.
#pragma once

#include <string>
#include <string_view>

namespace hansa {

/// A random UUID (RFC 9562, version 4), 36 characters, lower case.
std::string random_uuid();

/// A UUID made from a name (RFC 9562, version 5): the same name space and name give the same id,
/// so that what is made from a document's digest repeats.
std::string uuid5(std::string_view name_space, std::string_view name);

/// The gateway's message id: 26 characters, sorts by the time it was made (48 bits of
/// milliseconds, 80 random bits, Crockford base 32).
std::string message_id();

}  // namespace hansa
