#include "core/server/json_forms.h"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/journal/codes.h"
#include "core/server/trace_forms.h"

namespace hansa::server {
namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string iso(std::int64_t ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds(ms)};
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", std::chrono::floor<std::chrono::seconds>(moment), ms % 1000);
}

Json head(const journal::Message& message) {
    Json out;
    out["id"] = message.id;
    out["state"] = journal::name(message.state);
    if (!message.reason.empty()) out["reason"] = message.reason;
    out["direction"] = journal::name(message.direction);
    out["from"] = message.agency_from;
    if (!message.agency_to.empty()) out["to"] = message.agency_to;
    out["format"] = message.format;
    out["kind"] = message.kind;
    if (!message.purpose.empty()) out["purpose"] = message.purpose;
    out["test"] = message.test;
    if (!message.business_key.empty()) out["business_key"] = message.business_key;
    if (!message.parent_id.empty()) out["parent"] = {{"id", message.parent_id}, {"relation", journal::name(message.relation)}};
    out["digest"] = message.digest;
    out["received"] = iso(message.received_ms);
    return out;
}

Json delivery_json(const journal::Delivery& delivery) {
    Json out;
    out["id"] = delivery.id;
    out["to"] = delivery.agency;
    out["route"] = delivery.route;
    out["state"] = journal::name(delivery.state);
    out["attempts"] = delivery.attempts;
    if (delivery.state == journal::DeliveryState::pending) out["next_attempt"] = iso(delivery.due_ms);
    if (delivery.state == journal::DeliveryState::held) out["waits"] = delivery.last_detail;
    if (!delivery.last_code.empty()) out["last_error"] = {{"code", delivery.last_code}, {"detail", delivery.last_detail}};
    return out;
}

Json event_json(const journal::Event& event) {
    Json out;
    out["at"] = iso(event.at_ms);
    out["state"] = journal::name(event.state);
    if (!event.code.empty()) out["code"] = event.code;
    if (!event.detail.empty()) out["detail"] = event.detail;
    return out;
}

Json bodies_json(journal::Journal& journal, const std::string& id) {
    Json out = Json::array();
    const auto bodies = journal.bodies_of(id);
    if (!bodies) return out;
    for (const journal::BodyRef& body : *bodies) {
        out.push_back({{"kind", journal::name(body.kind)}, {"digest", body.digest}, {"bytes", body.size}});
        if (body.dropped) out.back()["dropped"] = journal::codes::body_dropped.name();
    }
    return out;
}

/// The ledger of an outgoing message, parsed so that it stands as JSON in JSON; where retention took it, its digest.
Json ledger_json(journal::Journal& journal, const std::string& id) {
    const auto bodies = journal.bodies_of(id);
    if (!bodies) return nullptr;
    for (const journal::BodyRef& body : *bodies) {
        if (body.kind != journal::BodyKind::ledger) continue;
        const auto text = journal.read_body(body.digest);
        if (!text && text.error().code == journal::codes::body_dropped) return {{"dropped", journal::codes::body_dropped.name()}, {"digest", body.digest}};
        if (text) return Json::parse(*text, nullptr, false);
    }
    return nullptr;
}

Json translation_json(journal::Journal& journal, const journal::Message& child) {
    Json out = head(child);
    out["plan"] = child.plan;
    out["deliveries"] = Json::array();
    if (const auto deliveries = journal.deliveries_of(child.id)) {
        for (const journal::Delivery& delivery : *deliveries) out["deliveries"].push_back(delivery_json(delivery));
    }
    out["ledger"] = ledger_json(journal, child.id);
    return out;
}

}  // namespace

Result<std::string> message_json(journal::Journal& journal, const journal::Message& message) {
    Json out = head(message);
    auto history = journal.history(message.id);
    if (!history) return history.error();
    out["history"] = Json::array();
    for (const journal::Event& event : *history) out["history"].push_back(event_json(event));
    out["bodies"] = bodies_json(journal, message.id);
    auto children = journal.children(message.id);
    if (!children) return children.error();
    out["translations"] = Json::array();
    out["related"] = Json::array();
    for (const journal::Message& child : *children) {
        const bool translation = child.relation == journal::Relation::translation;
        out[translation ? "translations" : "related"].push_back(translation ? translation_json(journal, child) : head(child));
    }
    if (message.direction == journal::Direction::out) {
        out["deliveries"] = translation_json(journal, message)["deliveries"];
        out["ledger"] = ledger_json(journal, message.id);
    }
    return dumped(out);
}

std::string page_json(const journal::Page& page) {
    Json out;
    out["messages"] = Json::array();
    for (const journal::Message& message : page.messages) out["messages"].push_back(head(message));
    if (!page.next_cursor.empty()) out["next_cursor"] = page.next_cursor;
    return dumped(out);
}

Result<std::string> trace_json(journal::Journal& journal, std::string_view reference, std::span<const journal::Message> messages, const trace::Timeline* line) {
    Json out;
    out["reference"] = reference;
    out["messages"] = Json::array();
    out["events"] = Json::array();
    std::vector<std::pair<std::int64_t, Json>> events;
    for (const journal::Message& message : messages) {
        out["messages"].push_back(head(message));
        auto history = journal.history(message.id);
        if (!history) return history.error();
        for (const journal::Event& event : *history) {
            Json row = event_json(event);
            row["message"] = message.id;
            row["from"] = message.agency_from;
            row["to"] = message.agency_to;
            row["format"] = message.format;
            events.emplace_back(event.number, std::move(row));
        }
    }
    std::ranges::sort(events, {}, [](const auto& event) { return event.first; });
    for (auto& [number, row] : events) out["events"].push_back(std::move(row));
    if (line != nullptr) add_timeline(out, *line);
    return dumped(out);
}

std::string deliveries_json(const journal::DeliveryPage& page) {
    Json out;
    out["deliveries"] = Json::array();
    for (const journal::Delivery& delivery : page.deliveries) {
        Json one = delivery_json(delivery);
        one["message"] = delivery.message_id;
        one["corridor"] = delivery.corridor;
        out["deliveries"].push_back(std::move(one));
    }
    if (!page.damaged.empty()) out["damaged"] = page.damaged.size();
    if (!page.next_cursor.empty()) out["next_cursor"] = page.next_cursor;
    return dumped(out);
}

std::string agencies_json(const exchange::Directory& directory) {
    Json out;
    out["agencies"] = Json::array();
    for (const exchange::Agency& agency : directory.agencies) {
        out["agencies"].push_back({{"id", agency.id}, {"name", agency.name}, {"authority", agency.authority}, {"roles", agency.roles}, {"formats", agency.formats}});
    }
    return dumped(out);
}

std::string routes_json(const exchange::Directory& directory) {
    Json out;
    out["routes"] = Json::array();
    for (const exchange::Route& route : directory.routes) {
        Json row = {{"name", route.name}, {"from", route.from}, {"from_format", route.from_format}, {"kind", route.kind}, {"to", route.to},
                    {"to_format", route.to_format}, {"purpose", exchange::purpose_name(route.purpose)}, {"test", route.test}, {"batch", route.batch}};
        if (!route.since.empty()) row["since"] = route.since;
        if (!route.until.empty()) row["until"] = route.until;
        if (!route.when_field.empty()) row["when"] = {{"field", route.when_field}, {"value", route.when_value}};
        out["routes"].push_back(std::move(row));
    }
    return dumped(out);
}

std::string formats_json(std::span<const plugin::Format> formats) {
    Json out;
    out["formats"] = Json::array();
    for (const plugin::Format& format : formats) {
        out["formats"].push_back({{"id", format.id}, {"title", format.title}, {"kind", pivot::kind_name(format.kind)}, {"authority", format.authority},
                                  {"edition", format.edition}, {"syntax", format.syntax}, {"root", fmt::format("{{{}}}{}", format.root_ns, format.root_local)},
                                  {"inner", format.inner_path}, {"direction", format.direction}, {"plugin", format.plugin}, {"schema", format.schema},
                                  {"signature", format.signature}, {"answer", format.answer}, {"certainty", format.certainty}});
    }
    return dumped(out);
}

std::string plugins_json(std::span<const plugin::PluginInfo> plugins) {
    Json out;
    out["plugins"] = Json::array();
    for (const plugin::PluginInfo& plugin : plugins) {
        out["plugins"].push_back({{"name", plugin.name}, {"version", plugin.version}, {"formats", plugin.formats}});
    }
    return dumped(out);
}

}  // namespace hansa::server
