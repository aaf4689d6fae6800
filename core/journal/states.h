// The states of a message and of a delivery, and which may follow which.
//
// Every change is checked against one table, inside the transaction that records it, so that no
// two workers can move a message two ways. A state's word is what the API and the console show.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hansa::journal {

enum class State {
    received,    ///< bytes are kept; nothing else is known to be true
    held,        ///< waits for what policy demands (a revocation answer, a person)
    refused,     ///< the answer was no, with a code; final
    accepted,    ///< signature and rules are good; the sender was told so
    translated,  ///< the bytes for the other side exist
    queued,      ///< deliveries are in the outbox
    delivered,   ///< the receiver has it and said so
    answered,    ///< the receiver's answer came back; more answers may follow
    failed,      ///< a step went wrong and may be tried again
    dead         ///< given up; a person can replay it
};

enum class DeliveryState {
    pending,    ///< waits for its time and its turn
    in_flight,  ///< a worker holds it until its lease ends
    delivered,  ///< done; final
    dead,       ///< given up; a person can replay it
    held        ///< recorded, not to go out before a service lets it go; keeps no other delivery waiting
};

std::string_view name(State state);
std::string_view name(DeliveryState state);
std::optional<State> state_named(std::string_view word);
std::optional<DeliveryState> delivery_state_named(std::string_view word);

/// Every state, in the order of the enumeration.
std::span<const State> all_states();

/// A message from outside begins as `received`, one made here as `translated`; nothing else.
bool may_begin(State state);

/// Whether `to` may follow `from`. Staying is a change too: only `answered` may follow itself.
bool may_follow(State from, State to);
bool may_follow(DeliveryState from, DeliveryState to);

/// Nothing can follow.
bool is_final(State state);

}  // namespace hansa::journal
