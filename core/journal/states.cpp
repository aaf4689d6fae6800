#include "core/journal/states.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hansa::journal {
namespace {

constexpr std::array states{State::received, State::held,      State::refused,  State::accepted, State::translated,
                            State::queued,   State::delivered, State::answered, State::failed,   State::dead};

constexpr std::array<std::string_view, states.size()> words{
    "received", "held", "refused", "accepted", "translated", "queued", "delivered", "answered", "failed", "dead"};

constexpr std::array<std::string_view, 5> delivery_words{"pending", "in-flight", "delivered", "dead", "held"};

using Step = std::pair<State, State>;

// One row a permitted step.
constexpr std::array steps{
    Step{State::received, State::held},      Step{State::received, State::refused},
    Step{State::received, State::accepted},  Step{State::received, State::failed},
    Step{State::held, State::refused},       Step{State::held, State::accepted},
    Step{State::held, State::failed},        Step{State::accepted, State::translated},
    Step{State::accepted, State::queued},    // a copy needs no translation
    Step{State::accepted, State::answered},  // the gateway itself knows the answer
    Step{State::accepted, State::failed},    Step{State::accepted, State::dead},
    Step{State::translated, State::queued},  Step{State::translated, State::failed},
    Step{State::translated, State::dead},    Step{State::queued, State::delivered},
    Step{State::queued, State::answered},  // the answer can overtake the receipt
    Step{State::queued, State::failed},      Step{State::queued, State::dead},
    Step{State::delivered, State::answered}, Step{State::answered, State::answered},
    Step{State::failed, State::accepted},    Step{State::failed, State::translated},
    Step{State::failed, State::queued},      Step{State::failed, State::dead},
    Step{State::dead, State::accepted},      Step{State::dead, State::queued},
};

using DeliveryStep = std::pair<DeliveryState, DeliveryState>;

constexpr std::array delivery_steps{
    DeliveryStep{DeliveryState::pending, DeliveryState::in_flight},
    DeliveryStep{DeliveryState::pending, DeliveryState::dead},         // its row is damaged
    DeliveryStep{DeliveryState::in_flight, DeliveryState::in_flight},  // the lease ended
    DeliveryStep{DeliveryState::in_flight, DeliveryState::pending},
    DeliveryStep{DeliveryState::in_flight, DeliveryState::delivered},
    DeliveryStep{DeliveryState::in_flight, DeliveryState::dead},
    DeliveryStep{DeliveryState::dead, DeliveryState::pending},
    DeliveryStep{DeliveryState::held, DeliveryState::pending},
    DeliveryStep{DeliveryState::held, DeliveryState::dead},
};

}  // namespace

std::string_view name(State state) {
    return words[static_cast<std::size_t>(state)];
}

std::string_view name(DeliveryState state) {
    return delivery_words[static_cast<std::size_t>(state)];
}

std::optional<State> state_named(std::string_view word) {
    const auto* found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return std::nullopt;
    return static_cast<State>(found - words.begin());
}

std::optional<DeliveryState> delivery_state_named(std::string_view word) {
    const auto* found = std::find(delivery_words.begin(), delivery_words.end(), word);
    if (found == delivery_words.end()) return std::nullopt;
    return static_cast<DeliveryState>(found - delivery_words.begin());
}

std::span<const State> all_states() {
    return states;
}

bool may_begin(State state) {
    return state == State::received || state == State::translated;
}

bool may_follow(State from, State to) {
    return std::find(steps.begin(), steps.end(), Step{from, to}) != steps.end();
}

bool may_follow(DeliveryState from, DeliveryState to) {
    return std::find(delivery_steps.begin(), delivery_steps.end(), DeliveryStep{from, to}) != delivery_steps.end();
}

bool is_final(State state) {
    return std::none_of(steps.begin(), steps.end(), [&](const Step& step) { return step.first == state; });
}

}  // namespace hansa::journal
