// What is switched on by agency and by route, asked of messages that lie in the journal: for services that come after the
// pipeline (trace, disclosure).
//
// A switch stands at an agency, for all that it sends, and may stand at a route, which then speaks for what takes it. A
// document that several routes take is meant where one of them says so; one that none takes any more, where its agency
// does. An answer is meant where the route of what it answers is.
//
//     const Switched traced(directory, journal, tracing);
//     if (traced.may_be(message).value() && traced.is(message, document).value()) ...
//
// Directory and journal must outlive it. Cost: an answer is two or three lookups in the journal, all else none.
// Threads: any.
#pragma once

#include <optional>

#include "core/exchange/directory.h"
#include "core/journal/journal.h"
#include "core/pivot/document.h"

namespace hansa::exchange {

struct Switch {
    bool Agency::*of_agency = nullptr;
    std::optional<bool> Route::*of_route = nullptr;
};

inline constexpr Switch tracing{&Agency::trace, &Route::trace}, disclosing{&Agency::consents, &Route::disclosure};

class Switched {
public:
    Switched(const Directory& directory, journal::Journal& journal, Switch which) : directory_(directory), journal_(journal), which_(which) {}

    /// Is it on for one document of the message at least, whichever? Errors: journal.*
    Result<bool> may_be(const journal::Message& message) const { return ask(message, nullptr); }
    /// For this document of it. Errors: journal.*
    Result<bool> is(const journal::Message& message, const pivot::Document& document) const { return ask(message, &document); }

    /// For anything that the agency sends.
    static bool anywhere(const Directory& directory, const Agency& agency, Switch which);

private:
    Result<bool> ask(const journal::Message& message, const pivot::Document* document) const;
    Result<bool> ask_of_answered(const journal::Message& answer) const;
    bool of_agency(std::string_view id) const;
    bool of_route(const Route& route) const;

    const Directory& directory_;
    journal::Journal& journal_;
    Switch which_;
};

}  // namespace hansa::exchange
