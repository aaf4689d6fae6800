#include "core/server/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/exchange/batches.h"
#include "core/exchange/codes.h"
#include "core/exchange/evidence.h"
#include "core/exchange/outbox.h"
#include "core/exchange/translation.h"
#include "core/plugin/document.h"
#include "core/journal/codes.h"
#include "core/server/codes.h"
#include "core/server/disclosures.h"
#include "core/server/json_forms.h"
#include "core/server/metrics.h"
#include "core/server/openapi.h"
#include "core/server/trace_calls.h"
#include "core/trace/codes.h"

namespace hansa::server {
namespace {

using Json = nlohmann::ordered_json;
using exchange::Agency;

std::string dumped(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool has_role(const Request& request, std::initializer_list<std::string_view> wanted) {
    return request.agency != nullptr && std::ranges::any_of(wanted, [&](std::string_view role) {
               return std::ranges::find(request.agency->roles, role) != request.agency->roles.end();
           });
}

/// Operators and auditors see everything; an agency what it sent or gets.
bool may_see(const Request& request, const journal::Message& message) {
    if (has_role(request, {"operator", "auditor", "admin"})) return true;
    return request.agency != nullptr && (message.agency_from == request.agency->id || message.agency_to == request.agency->id);
}

Answer json(std::string body) {
    return Answer{200, "application/json", {}, std::move(body)};
}

Answer of(Result<std::string> body) {
    return body ? json(*std::move(body)) : problem(body.error());
}

std::string value_of(const std::map<std::string, std::string, std::less<>>& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? std::string{} : found->second;
}

bool is_true(std::string_view text) {
    return text == "true" || text == "1" || text == "yes";
}

}  // namespace

Answer problem(const Error& error, const Diagnostics* faults) {
    const CodeRow& row = error.code.row();
    Json out;
    out["type"] = fmt::format("https://hansa.invalid/errors/{}", row.name);
    out["title"] = row.meaning;
    out["status"] = row.http_status;
    out["code"] = row.name;
    // What went wrong inside of the gateway is for its log, not for a stranger.
    const bool inside = row.http_status == 500;
    if (!inside && !error.detail.empty()) out["detail"] = error.detail;
    if (error.place.line != 0) {
        out["line"] = error.place.line;
        out["column"] = error.place.column;
    }
    if (!error.place.path.empty()) out["path"] = error.place.path;
    out["advice"] = row.advice;
    if (!inside && faults != nullptr && faults->errors().size() > 1) {
        for (const Error& one : faults->errors()) {
            Json item = {{"code", one.code.name()}, {"detail", one.detail}};
            if (one.place.line != 0) {
                item["line"] = one.place.line;
                item["column"] = one.place.column;
            }
            if (!one.place.path.empty()) item["path"] = one.place.path;
            out["errors"].push_back(std::move(item));
        }
    }
    return Answer{row.http_status, "application/problem+json", {}, dumped(out)};
}

struct Api::State {
    exchange::Gateway& gateway;
    journal::Journal& journal;
    std::function<void()> recorded;
    Metrics metrics = {};
    std::atomic<bool> ready = false;

    Answer dispatch(const Request& request);
    Answer send(const Request& request);
    Answer send_apart(const exchange::Submission& submission, const std::vector<std::string_view>& documents);
    Answer search(const Request& request);
    Answer deliveries(const Request& request);
    Answer one_message(const Request& request, const std::string& id, const std::string& rest);
    Answer trace(const Request& request, const std::string& reference);
    Result<trace::Timeline> timeline(const Request& request, const std::string& reference);
    Answer traced(const Request& request);
    Answer validate(const Request& request);
    Answer translate(const Request& request);
    Answer directory(const Request& request);
    Answer readiness();
};

Answer Api::State::send_apart(const exchange::Submission& submission, const std::vector<std::string_view>& documents) {
    const auto parts = exchange::accept_apart(gateway, submission, documents);
    bool is_new = false;
    for (const exchange::PartAnswer& part : parts) {
        if (!part.answer) metrics.refused(submission.agency, part.answer.error().code.name());
        if (!part.answer || part.answer->repeated) continue;
        metrics.accepted(submission.agency, part.answer->format);
        is_new = true;
    }
    if (is_new) recorded();
    if (const auto trouble = exchange::own_trouble(parts)) return problem(*trouble);
    return {exchange::any_accepted(parts) ? 202 : 422, "application/json", {},
            exchange::answers_json(parts, [](const exchange::PartAnswer& part) { return problem(part.answer.error(), &part.faults).body; })};
}

Answer Api::State::send(const Request& request) {
    if (!has_role(request, {"agency", "operator", "admin"})) return problem(Error{codes::forbidden, "role 'agency' is needed"});
    exchange::Submission submission;
    submission.agency = request.agency->id;
    submission.bytes = request.body;
    submission.idempotency_key = value_of(request.headers, "idempotency-key");
    submission.format = value_of(request.headers, "hansa-format");
    submission.test = is_true(value_of(request.headers, "hansa-test"));
    submission.transport = "http";
    if (const auto documents = exchange::apart_documents(gateway, submission)) return send_apart(submission, *documents);
    Diagnostics faults;
    const auto answer = gateway.accept(submission, faults);
    if (!answer) {
        metrics.refused(request.agency->id, answer.error().code.name());
        return problem(answer.error(), &faults);
    }
    if (!answer->repeated) {
        metrics.accepted(request.agency->id, answer->format);
        recorded();
    }
    Answer out{202, "application/xml", {}, answer->receipt};
    out.headers["Location"] = "/v1/messages/" + answer->message_id;
    out.headers["Hansa-Message"] = answer->message_id;
    if (answer->repeated) out.headers["Hansa-Repeated"] = "true";
    if (answer->receipt_dropped) out.headers["Hansa-Receipt"] = journal::codes::body_dropped.name();
    return out;
}

Answer Api::State::search(const Request& request) {
    journal::Filter filter;
    filter.agency = value_of(request.query, "agency");
    if (!has_role(request, {"operator", "auditor", "admin"})) {
        if (!filter.agency.empty() && filter.agency != request.agency->id) return problem(Error{codes::forbidden, "only your own messages"});
        filter.agency = request.agency->id;
    }
    const std::string state = value_of(request.query, "state");
    if (!state.empty()) {
        const auto known = journal::state_named(state);
        if (!known) return problem(Error{codes::bad_parameter, fmt::format("state '{}'", state)});
        filter.states = {*known};
    }
    filter.format = value_of(request.query, "format");
    filter.cursor = value_of(request.query, "cursor");
    const std::string since = value_of(request.query, "since");
    if (!since.empty()) {
        const auto moment = parse_iso(since);
        if (!moment) return problem(Error{codes::bad_parameter, fmt::format("since '{}' is no ISO 8601 time", since)});
        filter.since_ms = milliseconds_since_epoch(*moment);
    }
    const auto page = journal.search(filter);
    return page ? json(page_json(*page)) : problem(page.error());
}

/// An agency sees what goes to it.
Answer Api::State::deliveries(const Request& request) {
    journal::DeliveryFilter filter;
    filter.agency = value_of(request.query, "agency");
    if (!has_role(request, {"operator", "auditor", "admin"})) {
        if (!filter.agency.empty() && filter.agency != request.agency->id) return problem(Error{codes::forbidden, "only deliveries to you"});
        filter.agency = request.agency->id;
    }
    const std::string state = value_of(request.query, "state");
    if (!state.empty()) {
        filter.state = journal::delivery_state_named(state);
        if (!filter.state) return problem(Error{codes::bad_parameter, fmt::format("state '{}'", state)});
    }
    filter.corridor = value_of(request.query, "corridor");
    filter.cursor = value_of(request.query, "cursor");
    const auto page = journal.deliveries(filter);
    return page ? json(deliveries_json(*page)) : problem(page.error());
}

Answer Api::State::one_message(const Request& request, const std::string& id, const std::string& rest) {
    const auto message = journal.message(id);
    if (!message || !may_see(request, *message)) return problem(Error{exchange::codes::not_found, fmt::format("'{}'", id)});
    if (rest.empty() && request.method == "GET") return of(message_json(journal, *message));
    if (rest == "evidence" && request.method == "GET") {
        auto container = exchange::make_evidence(journal, gateway.surroundings(), id);
        if (!container) return problem(container.error());
        return Answer{200, "application/vnd.etsi.asic-e+zip", {}, *std::move(container)};
    }
    if (rest == "replay" && request.method == "POST") {
        if (!has_role(request, {"operator", "admin"})) return problem(Error{codes::forbidden, "role 'operator' is needed"});
        const auto done = exchange::replay(journal, gateway.surroundings(), id, milliseconds_since_epoch(now_utc()));
        if (!done) return problem(done.error());
        if (*done == 0) return problem(Error{exchange::codes::not_dead, fmt::format("'{}' has no dead delivery", id)});
        recorded();
        return json(dumped(Json{{"id", id}, {"deliveries", *done}}));
    }
    return problem(Error{rest.empty() || rest == "evidence" || rest == "replay" ? codes::method : codes::not_found, request.path});
}

/// What happened, of those messages that the agency sent or got.
Result<trace::Timeline> Api::State::timeline(const Request& request, const std::string& reference) {
    const std::string scheme = value_of(request.query, "scheme");
    const auto desk = gateway.surroundings().trace;
    if (desk == nullptr) return Error{codes::service_off, "timelines"};
    if (has_role(request, {"operator", "auditor", "admin"})) return timeline_of(*desk, journal, reference, scheme, {});
    return timeline_of(*desk, journal, reference, scheme, [&](const std::string& id, bool alone) {
        const auto message = journal.message(id);
        if (!message) return false;
        if (may_see(request, *message)) return true;
        // Who got a message's only document may know of it; of a message that was split, who got all of it.
        auto made = journal.children(id);
        if (!made) return false;
        std::erase_if(*made, [](const journal::Message& child) { return child.relation != journal::Relation::translation; });
        const auto got = [&](const journal::Message& child) { return may_see(request, child); };
        return !made->empty() && (alone ? std::ranges::any_of(*made, got) : std::ranges::all_of(*made, got));
    });
}

Answer Api::State::trace(const Request& request, const std::string& reference) {
    const auto line = timeline(request, reference);
    if (!line && line.error().code == trace::codes::scheme_unknown) return problem(Error{codes::bad_parameter, "scheme " + line.error().detail});
    const bool unknown = !line && (line.error().code == trace::codes::not_found || line.error().code == codes::service_off);
    if (!line && !unknown) return problem(line.error());
    auto found = journal.trace(reference);
    std::vector<journal::Message> messages = found ? *std::move(found) : std::vector<journal::Message>();
    std::erase_if(messages, [&](const journal::Message& message) { return !may_see(request, message); });
    if (messages.empty() && !line) return problem(Error{exchange::codes::not_found, fmt::format("'{}'", reference)});
    return of(trace_json(journal, reference, messages, line ? &*line : nullptr));
}

/// What is asked of all timelines together.
Answer Api::State::traced(const Request& request) {
    if (!has_role(request, {"operator", "auditor", "admin"})) return problem(Error{codes::forbidden, "role 'operator' or 'auditor' is needed"});
    const auto desk = gateway.surroundings().trace;
    if (desk == nullptr) return problem(Error{codes::service_off, "timelines"});
    return request.path == "/v1/recalls" ? recall(*desk, request) : release_times(*desk, request);
}

Answer Api::State::validate(const Request& request) {
    const auto with = gateway.surroundings();
    const auto format = with.registry->detect(request.body);
    if (!format) return problem(format.error());
    Diagnostics faults;
    const auto valid = plugin::validate_document(*with.registry, **format, request.body, faults);
    if (!valid) return problem(valid.error(), &faults);
    return json(dumped(Json{{"valid", true}, {"format", (*format)->id}}));
}

Answer Api::State::translate(const Request& request) {
    const auto with = gateway.surroundings();
    exchange::TranslateRequest wanted;
    wanted.bytes = request.body;
    wanted.to = value_of(request.query, "to");
    wanted.from = value_of(request.query, "from");
    wanted.source.settings = wanted.target.settings = request.agency->settings;
    wanted.source.received = wanted.target.received = format_iso(now_utc());
    Diagnostics faults;
    const auto done = exchange::translate(*with.registry, wanted, faults);
    if (!done) return problem(done.error(), &faults);
    Json out;
    out["from"] = done->from->id;
    out["to"] = done->to->id;
    out["plan"] = done->plan;
    out["messages"] = Json::array();
    for (const auto& message : done->messages) out["messages"].push_back(message.bytes);
    out["ledger"] = Json::parse(done->ledger.json(done->from->id, done->to->id));
    return json(dumped(out));
}

Answer Api::State::directory(const Request& request) {
    const auto with = gateway.surroundings();
    if (request.path == "/v1/agencies") return json(agencies_json(*with.directory));
    if (request.path == "/v1/routes") return json(routes_json(*with.directory));
    if (request.path == "/v1/formats") return json(formats_json(with.registry->formats()));
    if (request.path == "/v1/plugins") return json(plugins_json(with.registry->plugins()));
    return problem(Error{codes::not_found, request.path});
}

Answer Api::State::readiness() {
    const journal::Health health = journal.health();
    Json out = {{"ready", ready.load()}, {"journal", health.last_commit_ok ? "ok" : health.last_error}};
    Answer answer = json(dumped(out));
    if (!ready || !health.last_commit_ok) answer.status = 503;
    return answer;
}

Answer Api::State::dispatch(const Request& request) {
    const std::string& path = request.path;
    const bool get = request.method == "GET", post = request.method == "POST";
    if (get && path == "/healthz") return json("{\"alive\": true}\n");
    if (get && path == "/readyz") return readiness();
    if (get && path == "/v1/openapi.json") return json(std::string(openapi_document()));
    if (request.agency == nullptr) return problem(Error{exchange::codes::unknown_agency, "no client certificate or token of an agency"});
    if (get && path == "/metrics") {
        if (!has_role(request, {"operator", "admin"})) return problem(Error{codes::forbidden, "role 'operator' is needed"});
        return Answer{200, "text/plain; version=0.0.4", {}, metrics.text(journal, gateway.surroundings())};
    }
    if (path == "/v1/messages") return post ? send(request) : get ? search(request) : problem(Error{codes::method, path});
    if (path == "/v1/deliveries") return get ? deliveries(request) : problem(Error{codes::method, path});
    if (post && path == "/v1/validate") return validate(request);
    if (post && path == "/v1/translate") return translate(request);
    if (auto answer = answer_disclosures(request, gateway, journal)) return *std::move(answer);
    constexpr std::string_view messages = "/v1/messages/", traces = "/v1/traces/";
    if (path.starts_with(messages)) {
        const std::string rest = path.substr(messages.size());
        const std::size_t slash = rest.find('/');
        return one_message(request, rest.substr(0, slash), slash == rest.npos ? "" : rest.substr(slash + 1));
    }
    if (path == "/v1/statistics/release-times" || path == "/v1/recalls") return get ? traced(request) : problem(Error{codes::method, path});
    if (get && path.starts_with(traces)) return trace(request, path.substr(traces.size()));
    return get ? directory(request) : problem(Error{codes::not_found, path});
}

Api::Api(exchange::Gateway& gateway, journal::Journal& journal, std::function<void()> recorded)
    : state_(new State{gateway, journal, std::move(recorded)}) {}

Api::~Api() = default;

Answer Api::refuse_body(const Request& head, std::uint64_t bytes_max) {
    const Error why{codes::body_too_large, fmt::format("the limit is {} bytes", bytes_max)};
    if (head.agency != nullptr && head.method == "POST" && head.path == "/v1/messages") {
        exchange::Submission submission;
        submission.agency = head.agency->id;
        submission.test = is_true(value_of(head.headers, "hansa-test"));
        submission.transport = "http";
        state_->gateway.refuse_unread(submission, why);
        state_->metrics.refused(submission.agency, why.code.name());
    }
    return problem(why);
}

void Api::set_ready(bool ready) {
    state_->ready = ready;
}

Answer Api::handle(const Request& request) {
    const auto start = std::chrono::steady_clock::now();
    Answer answer = state_->dispatch(request);
    // Paths with an id in them would make one series for every message.
    const std::string call = request.path.substr(0, std::min<std::size_t>(request.path.find('/', 4), 40));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    state_->metrics.answered(request.method + " " + (answer.status == 404 ? "other" : call), answer.status, took.count());
    return answer;
}

}  // namespace hansa::server
