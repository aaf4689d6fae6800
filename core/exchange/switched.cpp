#include "core/exchange/switched.h"

#include <algorithm>

#include "core/exchange/facts.h"
#include "core/exchange/follower.h"
#include "core/exchange/kept_documents.h"
#include "core/pivot/table.h"

namespace hansa::exchange {

bool Switched::anywhere(const Directory& directory, const Agency& agency, Switch which) {
    if (agency.*which.of_agency) return true;
    return std::ranges::any_of(directory.routes, [&](const Route& route) { return route.from == agency.id && (route.*which.of_route).value_or(false); });
}

/// An agency that is gone has what nobody has said.
bool Switched::of_agency(std::string_view id) const {
    const Agency* agency = directory_.agency(id);
    return agency == nullptr ? Agency{}.*which_.of_agency : agency->*which_.of_agency;
}

bool Switched::of_route(const Route& route) const {
    return (route.*which_.of_route).value_or(of_agency(route.from));
}

/// By the route that what it answers was delivered on.
Result<bool> Switched::ask_of_answered(const journal::Message& answer) const {
    const auto sent = journal_.message(answer.parent_id);
    const auto deliveries = sent ? journal_.deliveries_of(sent->id) : Result<std::vector<journal::Delivery>>(sent.error());
    if (!deliveries && is_passing(deliveries.error())) return deliveries.error();
    // What is damaged stays so: whoever answers speaks for itself.
    if (!deliveries) return of_agency(answer.agency_from);
    for (const journal::Delivery& delivery : *deliveries) {
        const auto route = std::ranges::find(directory_.routes, delivery.route, &Route::name);
        if (route != directory_.routes.end()) return of_route(*route);
    }
    return of_agency(sent->agency_from);
}

Result<bool> Switched::ask(const journal::Message& message, const pivot::Document* document) const {
    if (message.relation == journal::Relation::answer && !message.parent_id.empty()) return ask_of_answered(message);
    const std::string day = format_iso(moment_of(message.received_ms)).substr(0, 10);
    const Traveller traveller{message.agency_from, message.format, message.kind, day};
    bool found = false;
    for (const Route& route : directory_.routes) {
        if (route.test != message.test || !takes(route, traveller)) continue;
        if (document != nullptr && !route.when_field.empty() && field_of(document->root, route.when_field) != route.when_value) continue;
        if (of_route(route)) return true;
        found = true;
    }
    return !found && of_agency(message.agency_from);
}

}  // namespace hansa::exchange
