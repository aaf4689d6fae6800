#include "core/server/disclosures.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "core/base/time.h"
#include "core/disclosure/codes.h"
#include "core/exchange/disclosure_desk.h"
#include "core/exchange/switched.h"
#include "core/server/codes.h"

namespace hansa::server {
namespace {

using Json = nlohmann::ordered_json;
using disclosure::Evidence;
using disclosure::KeptConsent;
using exchange::DisclosureDesk;

constexpr std::string_view consents_path = "/v1/consents", disclosures_path = "/v1/disclosures";
constexpr std::size_t word_bytes_max = 200;

std::int64_t now_ms() { return milliseconds_since_epoch(now_utc()); }

std::string iso(std::int64_t ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds(ms)};
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", std::chrono::floor<std::chrono::seconds>(moment), ms % 1000);
}

std::string dumped(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

bool oversees(const exchange::Agency& agency) {
    return std::ranges::any_of(agency.roles, [](const std::string& role) { return role == "operator" || role == "auditor" || role == "admin"; });
}

std::string parameter(const Request& request, std::string_view name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

std::string consent_state(const KeptConsent& consent) {
    if (consent.withdrawn_ms) return "withdrawn";
    const std::int64_t now = now_ms();
    return now < consent.terms.from_ms ? "early" : now >= consent.terms.to_ms ? "expired" : "valid";
}

Json consent_json(const KeptConsent& consent) {
    Json out = {{"id", consent.id}, {"reference", consent.reference}, {"agency", consent.agency}, {"recipient", consent.terms.recipient}, {"purpose", consent.terms.purpose},
                {"kind", pivot::kind_name(consent.terms.fields.kind())}, {"fields", consent.terms.fields.paths()}, {"from", iso(consent.terms.from_ms)}, {"to", iso(consent.terms.to_ms)},
                {"lodged", iso(consent.lodged_ms)}, {"digest", consent.digest}, {"signer", consent.signer}, {"state", consent_state(consent)}};
    if (consent.withdrawn_ms) out["withdrawn"] = iso(*consent.withdrawn_ms);
    return out;
}

/// `whole`: for those who may know what the asker was not told.
Json evidence_json(const Evidence& evidence, bool whole) {
    std::string code = evidence.code;
    const auto told_as = [&](Code true_code, Code told) {
        if (!whole && code == true_code.name()) code = told.name();
    };
    told_as(disclosure::codes::recipient_differs, disclosure::codes::consent_unknown);
    told_as(disclosure::codes::subject_differs, disclosure::codes::document_unknown);
    Json out = {{"number", evidence.number}, {"at", iso(evidence.at_ms)}, {"recipient", evidence.recipient}, {"consent", evidence.consent},
                {"purpose", evidence.purpose}, {"reference", evidence.reference}, {"disclosed", code.empty()}};
    if (code.empty()) {
        out["fields"] = evidence.fields;
        out["digest"] = evidence.digest;
        if (whole) out["message"] = evidence.message, out["document"] = evidence.document;
    } else {
        out["code"] = code;
    }
    return out;
}

/// Two sides of a consent see it, and those who oversee the gateway.
Result<KeptConsent> visible_consent(const Request& request, disclosure::Store& store, std::string_view id) {
    auto consent = store.consent(id);
    if (!consent) return consent;
    const std::string& who = request.agency->id;
    if (oversees(*request.agency) || consent->agency == who || consent->terms.recipient == who) return consent;
    return Error{disclosure::codes::consent_unknown, {}};
}

Answer lodge(const Request& request, exchange::Gateway& gateway, journal::Journal& journal, DisclosureDesk& desk) {
    Diagnostics faults;
    const auto done = desk.lodge(journal, gateway.surroundings(), *request.agency, {request.body, "http", now_ms()}, faults);
    if (!done) return problem(done.error(), &faults);
    const auto consent = desk.store().consent(done->consent);
    if (!consent) return problem(consent.error());
    Answer out{done->withdrawal ? 200 : 201, "application/json", {}, dumped(consent_json(*consent))};
    out.headers["Location"] = fmt::format("{}/{}", consents_path, consent->id);
    return out;
}

Answer one_consent(const Request& request, DisclosureDesk& desk, std::string_view id) {
    const auto consent = visible_consent(request, desk.store(), id);
    if (!consent) return problem(consent.error());
    return {200, "application/json", {}, dumped(consent_json(*consent))};
}

/// A short text without control characters.
bool is_word(const Json& value) {
    if (!value.is_string()) return false;
    const auto& text = value.get_ref<const std::string&>();
    return !text.empty() && text.size() <= word_bytes_max && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// {"reference": ..., "consent": ..., "purpose": ...}, and nothing else: who asks for more is told so.
Result<DisclosureDesk::Asked> asked_in(const std::string& body) {
    const Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return Error{codes::bad_parameter, "the body is no JSON object"};
    for (const auto& [name, value] : json.items()) {
        if (name != "reference" && name != "consent" && name != "purpose") return Error{codes::bad_parameter, "only reference, consent and purpose are asked; the fields are the consent's"};
        if (!is_word(value)) return Error{codes::bad_parameter, fmt::format("{} is no short text", name)};
    }
    if (json.size() != 3) return Error{codes::bad_parameter, "reference, consent and purpose are needed"};
    return DisclosureDesk::Asked{json["reference"], json["consent"], json["purpose"], now_ms()};
}

Answer disclose(const Request& request, exchange::Gateway& gateway, journal::Journal& journal, DisclosureDesk& desk) {
    const auto asked = asked_in(request.body);
    if (!asked) return problem(asked.error());
    const auto done = desk.disclose(journal, gateway.surroundings(), *request.agency, *asked);
    if (!done) return problem(done.error());
    Answer out{200, "application/json", {}, done->bytes};
    out.headers["Hansa-Digest"] = done->digest;
    return out;
}

/// Of a subject, for its agency; of a consent, for its two sides; of anything, for those who oversee.
/// `lodges`: who asks may lodge consents.
Result<disclosure::EvidenceFilter> filter_of(const Request& request, DisclosureDesk& desk, bool lodges) {
    disclosure::EvidenceFilter out;
    const exchange::Agency& who = *request.agency;
    out.consent = parameter(request, "consent");
    const std::string subject = parameter(request, "subject"), after = parameter(request, "after");
    if (!after.empty()) {
        const auto end = std::from_chars(after.data(), after.data() + after.size(), out.after);
        if (end.ec != std::errc() || end.ptr != after.data() + after.size() || out.after < 0) return Error{codes::bad_parameter, "after is no number"};
    }
    if (!subject.empty()) out.subject = desk.store().subject_key(parameter(request, "scheme"), subject);
    if (oversees(who)) return out;
    if (!subject.empty()) {
        if (!lodges) return Error{codes::forbidden, "only the subject's agency lists what was disclosed about a subject"};
        out.agency = who.id;
        return out;
    }
    if (out.consent.empty()) return Error{codes::bad_parameter, "subject or consent is needed"};
    const auto consent = visible_consent(request, desk.store(), out.consent);
    if (!consent) return consent.error();
    if (consent->agency != who.id) out.recipient = who.id;
    return out;
}

Answer list(const Request& request, const exchange::Gateway& gateway, DisclosureDesk& desk) {
    const auto filter = filter_of(request, desk, exchange::Switched::anywhere(*gateway.surroundings().directory, *request.agency, exchange::disclosing));
    if (!filter) return problem(filter.error());
    const auto found = desk.store().evidence(*filter);
    if (!found) return problem(found.error());
    Json out;
    out["disclosures"] = Json::array();
    for (const Evidence& one : *found) out["disclosures"].push_back(evidence_json(one, oversees(*request.agency) || one.agency == request.agency->id));
    if (found->size() == filter->count_max) out["after"] = found->back().number;
    return {200, "application/json", {}, dumped(out)};
}

}  // namespace

std::optional<Answer> answer_disclosures(const Request& request, exchange::Gateway& gateway, journal::Journal& journal) {
    const std::string_view path = request.path;
    const bool consents = path == consents_path, one = path.starts_with(fmt::format("{}/", consents_path)), disclosures = path == disclosures_path;
    if (!consents && !one && !disclosures) return std::nullopt;
    const auto desk = gateway.surroundings().disclosures;
    if (desk == nullptr) return problem(Error{disclosure::codes::not_switched_on, "this gateway keeps no consents"});
    const bool get = request.method == "GET", post = request.method == "POST";
    if (consents && post) return lodge(request, gateway, journal, *desk);
    if (one && get) return one_consent(request, *desk, path.substr(consents_path.size() + 1));
    if (disclosures && post) return disclose(request, gateway, journal, *desk);
    if (disclosures && get) return list(request, gateway, *desk);
    return problem(Error{codes::method, request.path});
}

}  // namespace hansa::server
