// Deliveries that wait until their documents are matched with others: how the journal says it.
//
// The stage hold() finds them: those of a document that is the lead of a table of matches which its sender's
// configuration names, and by default on every route. Such a delivery is recorded as held, its message stays
// `translated` and the received one `held`; the sender's 202 and its receipt are given as ever. For each document and
// table by which a delivery is held, its message has a reference of the scheme WAIT, whose value is a wait_name: under
// it they are found again when the document's verdict is there, and a delivery goes out when none of its names is open.
//
// Internal to the exchange.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/exchange/passage.h"

namespace hansa::exchange {

inline constexpr std::string_view wait_scheme = "WAIT";

/// "cn.import 01M8BR7MSGE0QRGC90CAD12C95/0": table, received message, document from 0
std::string wait_name(std::string_view table, std::string_view message_id, std::size_t document);

/// "waits for cn.import", for people
std::string waiting_words(std::span<const Wait> waits);

}  // namespace hansa::exchange
