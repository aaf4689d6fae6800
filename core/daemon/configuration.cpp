#include "core/daemon/configuration.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <set>

#include "core/balances/book.h"
#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/base/nearest.h"
#include "core/base/strict_toml.h"
#include "core/base/time.h"
#include "core/daemon/codes.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/frames.h"
#include "core/mapping/mapping.h"
#include "core/consolidation/book.h"
#include "core/matching/book.h"
#include "core/rules/book.h"

namespace hansa::daemon {
namespace {

namespace fs = std::filesystem;
using exchange::Address;
using exchange::Agency;
using exchange::Route;
using Words = std::vector<std::string_view>;

/// What reading one file needs: whose relative paths, whose messages.
struct Source {
    fs::path file;
    Diagnostics& faults;

    fs::path resolve(const std::string& written) const {
        if (written.empty()) return {};
        const fs::path path(written);
        return path.is_absolute() ? path : file.parent_path() / path;
    }
};

/// A path that must exist.
fs::path existing(const Source& source, const TomlSection& section, std::string_view key) {
    const std::string written = section.text(key);
    const fs::path path = source.resolve(written);
    if (!written.empty() && !fs::exists(path)) {
        section.fault(codes::file_missing, fmt::format("{} = '{}' is not there", key, written));
    }
    return path;
}

void read_server(const Source& source, const TomlSection& section, ServerSettings& out) {
    static const Words known{"listen", "tls", "certificate", "key", "client-trust", "connections-max", "keep-alive-ms"};
    section.only(known);
    out.listen = section.text("listen", out.listen);
    out.tls = section.flag("tls", true);
    out.certificate = existing(source, section, "certificate");
    out.key = existing(source, section, "key");
    out.client_trust = existing(source, section, "client-trust");
    out.connections_max = static_cast<std::uint32_t>(section.number("connections-max", 1, 10'000, 200));
    out.keep_alive_ms = static_cast<std::uint32_t>(section.number("keep-alive-ms", 0, 60'000, 4'000));
    const bool loopback = out.listen.starts_with("127.") || out.listen.starts_with("[::1]") || out.listen.starts_with("localhost:");
    if (!out.tls && !loopback) section.fault(codes::plain_http, fmt::format("listen = '{}' with tls = false", out.listen));
    if (out.tls && (out.certificate.empty() || out.key.empty())) {
        section.fault(codes::file_missing, "tls = true needs 'certificate' and 'key'");
    }
}

void read_outbox(const TomlSection& section, exchange::OutboxLimits& out) {
    static const Words known{"threads", "attempts-max", "pause-first-ms", "pause-max-ms"};
    section.only(known);
    out.threads = static_cast<std::uint32_t>(section.number("threads", 1, 256, out.threads));
    out.attempts_max = static_cast<std::uint32_t>(section.number("attempts-max", 1, 1'000, out.attempts_max));
    out.pause_first_ms = static_cast<std::uint32_t>(section.number("pause-first-ms", 1, 3'600'000, out.pause_first_ms));
    out.pause_max_ms = static_cast<std::uint32_t>(section.number("pause-max-ms", 1, 86'400'000, out.pause_max_ms));
}

void read_pipeline(const TomlSection& section, exchange::EngineSettings& out) {
    static const Words known{"engine", "shadow"};
    static const Words engines{"fast", "reference"};
    section.only(known);
    out.fast = section.word("engine", engines) == "fast";
    out.shadow = section.share("shadow", out.shadow);
}

void read_trace(const Source& source, const TomlSection& section, const fs::path& journal, exchange::TraceSettings& out) {
    static const Words known{"enabled", "folder", "retention-days"};
    section.only(known);
    out.enabled = section.flag("enabled", true);
    const fs::path folder = section.has("folder") ? source.resolve(section.text("folder")) : journal.parent_path();
    out.store = folder / "trace.db";
    out.retention_days = static_cast<std::uint32_t>(section.number("retention-days", 0, 36'500, out.retention_days));
}

/// The words of a key, each as `named` says; what it does not know is a fault with the nearest of `known`.
template <class Named>
auto words_of(const TomlSection& section, std::string_view key, const Words& known, Named named) {
    std::vector<typename decltype(named(std::string_view()))::value_type> out;
    for (const std::string& word : section.texts(key)) {
        const auto found = named(word);
        if (found) out.push_back(*found);
        else section.fault(codes::retention_unfit, fmt::format("'{}' has no '{}'{}", key, word, did_you_mean(word, known)), section.node(key));
    }
    return out;
}

constexpr std::array body_kinds{journal::BodyKind::received, journal::BodyKind::verified, journal::BodyKind::pivot,        journal::BodyKind::sent,   journal::BodyKind::signature,
                                journal::BodyKind::receipt,  journal::BodyKind::ledger,   journal::BodyKind::verification, journal::BodyKind::memory, journal::BodyKind::compared};

exchange::RetentionRule read_retention_rule(const TomlSection& section) {
    static const Words keys{"kinds", "states", "agency", "after-days"};
    section.only(keys);
    Words kinds, states;
    for (const journal::BodyKind kind : body_kinds) kinds.push_back(journal::name(kind));
    for (const journal::State state : journal::all_states()) {
        if (exchange::is_at_rest(state)) states.push_back(journal::name(state));
    }
    const auto at_rest = [](std::string_view word) {
        const auto state = journal::state_named(word);
        return state && exchange::is_at_rest(*state) ? state : std::nullopt;
    };
    exchange::RetentionRule out;
    out.kinds = words_of(section, "kinds", kinds, journal::body_kind_named);
    out.states = words_of(section, "states", states, at_rest);
    out.agency = section.text("agency");
    // Neither is guessed: what was dropped does not come back.
    if (section.texts("states").empty()) section.fault(codes::retention_unfit, "'states' is missing or empty: say in which states at rest", section.node("states"));
    if (section.has("kinds") && section.texts("kinds").empty()) section.fault(codes::retention_unfit, "'kinds' is empty: name some, or leave it out for every kind", section.node("kinds"));
    if (!section.has("after-days")) section.fault(codes::retention_unfit, "'after-days' is missing");
    out.after_days = static_cast<std::uint32_t>(section.number("after-days", 0, 36'500, 36'500));
    return out;
}

void read_retention(const TomlSection& section, Configuration& out) {
    static const Words known{"rule", "every-s", "pause-ms", "step-bodies"};
    section.only(known);
    exchange::RetentionSettings& settings = out.retention;
    settings.every_s = static_cast<std::uint32_t>(section.number("every-s", 1, 31 * 86'400, settings.every_s));
    settings.pause_ms = static_cast<std::uint32_t>(section.number("pause-ms", 1, 60'000, settings.pause_ms));
    settings.step_bodies = static_cast<std::uint32_t>(section.number("step-bodies", 1, 10'000, settings.step_bodies));
    for (const TomlSection& rule : section.sections("rule")) {
        settings.rules.push_back(read_retention_rule(rule));
        out.retention_places.push_back(rule.place());
    }
}

void read_plugins(const Source& source, const TomlSection& section, plugin::LoadOptions& out) {
    static const Words known{"folders", "schemas"};
    section.only(known);
    const auto folders = section.texts("folders");
    if (!folders.empty()) out.plugin_folders.clear();
    for (const std::string& folder : folders) out.plugin_folders.push_back(source.resolve(folder));
    if (section.has("schemas")) out.schema_folder = existing(source, section, "schemas");
}

SignerSettings read_signer(const Source& source, const TomlSection& section) {
    static const Words known{"profiles", "key", "certificate"};
    section.only(known);
    SignerSettings out;
    out.profiles = section.texts("profiles");
    if (out.profiles.empty()) section.text_needed("profiles");
    section.text_needed("key");
    section.text_needed("certificate");
    out.key = existing(source, section, "key");
    out.certificate = existing(source, section, "certificate");
    out.place = section.place();
    return out;
}

bool serves(std::string_view url) {
    return url.starts_with("https://") || url.starts_with("http://") || url.starts_with("folder:");
}

Address read_address(const Source& source, const TomlSection& section) {
    static const Words known{"url", "token-file", "certificate", "key", "trust"};
    section.only(known);
    Address out;
    out.url = section.text_needed("url");
    if (!out.url.empty() && !serves(out.url)) section.fault(codes::bad_address, fmt::format("'{}'", out.url));
    if (out.url.starts_with("folder:")) out.url = "folder:" + source.resolve(out.url.substr(7)).string();
    out.token_file = existing(source, section, "token-file").string();
    out.certificate_file = existing(source, section, "certificate").string();
    out.key_file = existing(source, section, "key").string();
    out.trust_file = existing(source, section, "trust").string();
    return out;
}

/// Digests, or "file:PATH" of a file that holds one: how keys made at run time are named.
std::vector<std::string> digests(const Source& source, const TomlSection& section, std::string_view key) {
    std::vector<std::string> out;
    for (std::string text : section.texts(key)) {
        if (text.starts_with("file:")) {
            auto content = read_file(source.resolve(text.substr(5)), 4'096);
            if (!content) {
                section.fault(codes::file_missing, content.error().text());
                continue;
            }
            text = content->substr(0, content->find_first_of(" \r\n"));
        }
        const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
        if (!good) section.fault(codes::bad_digest, fmt::format("'{}' has a value that is no digest", key));
        else out.push_back(text);
    }
    return out;
}

constexpr std::array<std::string_view, 4> roles{"agency", "operator", "auditor", "admin"};

void read_envelopes(const TomlSection& section, Agency& out) {
    const auto table = section.section("envelope");
    if (!table) return;
    for (const auto& [format, values] : table->named_sections()) {
        for (const auto& [path, value] : values.pairs()) out.envelope[format][path] = value;
    }
}

/// [regulator] role = "agency", and which tables are asked: the authority's own unless others are named.
exchange::Regulators read_regulators(const TomlSection& section, const std::string& authority) {
    Words known{"tables", "uncertain", "signature", "by-route"};
    known.insert(known.end(), disclosure::regulator_roles.begin(), disclosure::regulator_roles.end());
    section.only(known);
    exchange::Regulators out;
    for (const std::string_view role : disclosure::regulator_roles) {
        if (section.has(role)) out.agency_of[std::string(role)] = section.text_needed(role);
    }
    out.tables = section.texts("tables");
    if (out.tables.empty()) out.tables = {authority};
    out.uncertain = section.flag("uncertain", false);
    out.signature = section.text("signature");
    out.by_route = section.flag("by-route", false);
    return out;
}

Agency read_agency(const Source& source, const TomlSection& section) {
    static const Words known{"id", "name", "authority", "roles", "tokens", "certificates", "signers", "trust", "unsigned-allowed", "batches-apart",
                             "message-bytes-max", "messages-per-minute-max", "settings", "envelope", "formats", "rules", "matching", "matching-wait-s", "balances",
                             "consents", "consent-trust", "receives-disclosures", "trace", "regulator",
                             "answer-format", "frame", "address", "drop-folder"};
    section.only(known);
    Agency out;
    out.id = section.text_needed("id");
    out.name = section.text("name", out.id);
    out.authority = section.text_needed("authority");
    out.roles = section.texts("roles");
    for (const std::string& role : out.roles) {
        if (std::ranges::find(roles, role) == roles.end()) {
            section.fault(codes::agency_unknown, fmt::format("role '{}' is not one of agency, operator, auditor, admin{}", role, did_you_mean(role, roles)));
        }
    }
    if (out.roles.empty()) out.roles = {"agency"};
    out.token_digests = digests(source, section, "tokens");
    out.certificate_digests = digests(source, section, "certificates");
    out.signer_digests = digests(source, section, "signers");
    out.trust_folder = existing(source, section, "trust");
    out.unsigned_allowed = section.flag("unsigned-allowed", false);
    out.batches_apart = section.flag("batches-apart", false);
    out.message_bytes_max = static_cast<std::uint64_t>(section.number("message-bytes-max", 1'024, std::int64_t{1} << 32, 64 << 20));
    out.messages_per_minute_max = static_cast<std::uint32_t>(section.number("messages-per-minute-max", 0, 10'000'000, 0));
    if (const auto settings = section.section("settings")) {
        for (const auto& [key, value] : settings->pairs()) out.settings[key] = value;
    }
    read_envelopes(section, out);
    out.formats = section.texts("formats");
    out.rules = section.texts("rules");
    out.consents = section.flag("consents", false);
    out.consent_trust = existing(source, section, "consent-trust");
    out.receives_disclosures = section.flag("receives-disclosures", false);
    out.trace = section.flag("trace", true);
    if (const auto regulator = section.section("regulator")) out.regulators = read_regulators(*regulator, out.authority);
    out.matching = section.texts("matching");
    if (section.has("matching-wait-s")) {
        out.matching_wait_s = section.number("matching-wait-s", 1, std::int64_t{366} * 86'400, 1);
        if (out.matching.empty()) section.fault(codes::matching_off, "'matching-wait-s' without 'matching'", section.node("matching-wait-s"));
    }
    out.balances = section.texts("balances");
    out.answer_format = section.text("answer-format");
    out.frame = section.text("frame");
    if (const auto address = section.section("address")) out.address = read_address(source, *address);
    if (section.has("drop-folder")) out.drop_folder = source.resolve(section.text("drop-folder"));
    return out;
}

constexpr std::int64_t gathered_max = 1'000;  ///< documents: what becomes of them is one group of the journal
constexpr std::array<std::string_view, 5> purposes{"copy", "advance-information", "draft-import", "transit", "answer"};

/// YYYY-MM-DD, or nothing.
std::string read_day(const TomlSection& section, std::string_view key) {
    const std::string day = section.text(key);
    if (!day.empty() && !parse_time(day, "yyyy-MM-dd"))
        section.fault(base::codes::toml_value_wrong, fmt::format("'{}' is '{}', and no day YYYY-MM-DD", key, day), section.node(key));
    return day;
}

Route read_route(const TomlSection& section) {
    static const Words known{"name", "from", "from-format", "kind", "to", "to-format", "purpose", "signature", "test", "batch", "when", "envelope", "matching", "consolidate", "rules", "balances", "trace", "disclosure", "regulators", "since", "until"};
    section.only(known);
    Route out;
    out.name = section.text_needed("name");
    out.from = section.text_needed("from");
    out.from_format = section.text("from-format");
    out.kind = section.text("kind");
    out.to = section.text_needed("to");
    out.to_format = section.text_needed("to-format");
    out.purpose = *exchange::purpose_of(section.word("purpose", purposes));
    if (out.purpose == exchange::Purpose::draft_import) section.fault(codes::mirror_missing, fmt::format("route '{}'", out.name));
    out.signature = section.text("signature");
    out.test = section.flag("test", false);
    out.batch = section.flag("batch", false);
    out.since = read_day(section, "since");
    out.until = read_day(section, "until");
    if (!out.since.empty() && !out.until.empty() && out.since >= out.until)
        section.fault(base::codes::toml_value_wrong, fmt::format("route '{}': 'until' {} is not behind 'since' {}", out.name, out.until, out.since), section.node("until"));
    if (section.has("matching")) out.matching = section.texts("matching");
    out.rules = section.texts("rules");
    out.balances = section.texts("balances");
    if (section.has("trace")) out.trace = section.flag("trace", true);
    if (section.has("disclosure")) out.disclosure = section.flag("disclosure", true);
    if (section.has("regulators")) out.regulators = section.texts("regulators");
    if (const auto gathers = section.section("consolidate")) {
        static const Words gathers_known{"table", "documents", "wait-s", "refusal"};
        static const Words refusals{"items", "whole"};
        gathers->only(gathers_known);
        exchange::Gathering gathering;
        gathering.table = gathers->text_needed("table");
        gathering.documents_max = static_cast<std::size_t>(gathers->number("documents", 1, gathered_max, gathered_max));
        gathering.wait_s = gathers->number("wait-s", 1, std::int64_t{31} * 86'400, 3'600);
        if (gathers->has("refusal")) gathering.refusal_of_items = gathers->word("refusal", refusals) == "items";
        out.consolidate = std::move(gathering);
        if (out.batch) section.fault(codes::gathering_unfit, fmt::format("route '{}': 'batch' puts documents side by side, 'consolidate' makes one of them", out.name), section.node("batch"));
    }
    if (const auto envelope = section.section("envelope")) {
        for (const auto& [path, value] : envelope->pairs()) out.envelope[path] = value;
    }
    if (const auto when = section.section("when")) {
        static const Words when_known{"field", "value"};
        when->only(when_known);
        out.when_field = when->text_needed("field");
        out.when_value = when->text_needed("value");
    }
    return out;
}

/// Where a key stands; the section's own place where it is not there.
Place place_of(const TomlSection& section, std::string_view key) {
    Place out = section.place();
    const toml::node* node = section.node(key);
    if (node == nullptr) return out;
    out.line = node->source().begin.line;
    out.column = node->source().begin.column;
    return out;
}

/// Every *.toml of a folder, by name; no folder is an empty list.
std::vector<fs::path> toml_files(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code trouble;
    for (const auto& entry : fs::directory_iterator(folder, trouble)) {
        if (entry.path().extension() == ".toml") out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

/// The parsed file, or nothing with its fault reported.
std::optional<toml::table> parsed(const fs::path& file, Diagnostics& faults) {
    auto text = read_file(file, 4u << 20);
    if (!text) {
        faults.add(text.error());
        return std::nullopt;
    }
    auto table = parse_toml(*text, file.string());
    if (!table) {
        faults.add(table.error());
        return std::nullopt;
    }
    return *std::move(table);
}

void read_agencies(const fs::path& folder, Configuration& out, Diagnostics& faults) {
    for (const fs::path& file : toml_files(folder)) {
        const auto table = parsed(file, faults);
        if (!table) continue;
        const TomlSection section(*table, "the agency", file.string(), faults);
        const Source source{file, faults};
        out.directory.agencies.push_back(read_agency(source, section));
        out.agency_places.push_back(Place{.file = file.string(), .line = 1, .column = 1});
        out.matching_places.push_back(place_of(section, "matching"));
    }
}

void read_routes(const fs::path& folder, Configuration& out, Diagnostics& faults) {
    for (const fs::path& file : toml_files(folder)) {
        const auto table = parsed(file, faults);
        if (!table) continue;
        const TomlSection top(*table, "the file", file.string(), faults);
        static const Words known{"route"};
        top.only(known);
        for (const TomlSection& section : top.sections("route")) {
            out.directory.routes.push_back(read_route(section));
            out.route_places.push_back(section.place());
        }
    }
}

void check_agencies_differ(const Configuration& configuration, Diagnostics& faults) {
    std::set<std::string> ids, credentials;
    for (std::size_t i = 0; i < configuration.directory.agencies.size(); ++i) {
        const Agency& agency = configuration.directory.agencies[i];
        const Place& place = configuration.agency_places[i];
        if (!ids.insert(agency.id).second) faults.add(codes::agency_twice, fmt::format("'{}'", agency.id), place);
        for (const auto* list : {&agency.token_digests, &agency.certificate_digests}) {
            for (const std::string& digest : *list) {
                if (!credentials.insert(digest).second) {
                    faults.add(codes::agency_twice, fmt::format("'{}' shares a token or certificate with another agency", agency.id), place);
                }
            }
        }
    }
}

void check_routes(const Configuration& configuration, Diagnostics& faults) {
    Words ids;
    for (const Agency& agency : configuration.directory.agencies) ids.push_back(agency.id);
    std::set<std::string> names;
    for (std::size_t i = 0; i < configuration.directory.routes.size(); ++i) {
        const Route& route = configuration.directory.routes[i];
        const Place& place = configuration.route_places[i];
        if (!names.insert(route.name).second) faults.add(codes::route_twice, fmt::format("'{}'", route.name), place);
        for (const std::string& id : {route.from, route.to}) {
            if (configuration.directory.agency(id) == nullptr) {
                faults.add(codes::agency_unknown, fmt::format("route '{}' names '{}'{}", route.name, id, did_you_mean(id, ids)), place);
            }
        }
        const Agency* sender = configuration.directory.agency(route.from);
        for (const std::string& table : route.matching.value_or(std::vector<std::string>())) {
            if (sender == nullptr || std::ranges::find(sender->matching, table) != sender->matching.end()) continue;
            faults.add(codes::matching_off, fmt::format("route '{}' is held by '{}', which is not in 'matching' of agency '{}'", route.name, table, route.from), place);
        }
        if (route.trace.value_or(false) && !configuration.trace.enabled)
            faults.add(codes::trace_off, fmt::format("route '{}' says 'trace = true'", route.name), place);
        for (const std::string& role : route.regulators.value_or(std::vector<std::string>())) {
            if (sender == nullptr || sender->regulators.agency_of.contains(role)) continue;
            const auto named = sender->regulators.agency_of | std::views::keys;
            faults.add(codes::regulator_off, fmt::format("route '{}': [regulator] of agency '{}' names no '{}'{}", route.name, route.from, role, did_you_mean(role, Words(named.begin(), named.end()))), place);
        }
        const bool held = route.matching ? !route.matching->empty() : sender != nullptr && !sender->matching.empty();
        if (route.consolidate && held) faults.add(codes::gathering_unfit, fmt::format("route '{}' gathers documents, and a match holds each of them: say 'matching = []'", route.name), place);
    }
}

void check_regulators(const Configuration& configuration, Diagnostics& faults) {
    Words ids;
    for (const Agency& agency : configuration.directory.agencies) ids.push_back(agency.id);
    for (std::size_t i = 0; i < configuration.directory.agencies.size(); ++i) {
        const Agency& agency = configuration.directory.agencies[i];
        for (const auto& [role, id] : agency.regulators.agency_of) {
            if (configuration.directory.agency(id) != nullptr) continue;
            faults.add(codes::agency_unknown, fmt::format("agency '{}': the {} regulator '{}'{}", agency.id, role, id, did_you_mean(id, ids)), configuration.agency_places[i]);
        }
        const bool named = std::ranges::any_of(configuration.directory.routes, [&](const Route& route) { return route.from == agency.id && route.regulators && !route.regulators->empty(); });
        if (agency.regulators.by_route && !named)
            faults.add(codes::regulator_off, fmt::format("agency '{}': [regulator] is by route, and no route of it names one", agency.id), configuration.agency_places[i]);
    }
}

void check_retention(const Configuration& configuration, Diagnostics& faults) {
    Words ids;
    for (const Agency& agency : configuration.directory.agencies) ids.push_back(agency.id);
    for (std::size_t i = 0; i < configuration.retention.rules.size(); ++i) {
        const std::string& id = configuration.retention.rules[i].agency;
        if (id.empty() || configuration.directory.agency(id) != nullptr) continue;
        faults.add(codes::agency_unknown, fmt::format("a rule of retention names '{}'{}", id, did_you_mean(id, ids)), configuration.retention_places[i]);
    }
}

fs::path program_folder() {
    std::error_code trouble;
    const fs::path self = fs::read_symlink("/proc/self/exe", trouble);
    return trouble ? fs::current_path() : self.parent_path();
}

}  // namespace

Installation Installation::find() {
    const fs::path bin = program_folder();
    Installation out;
    out.plugins = bin.parent_path() / "lib/hansa/plugins";
    out.schemas = bin.parent_path() / "share/hansa/schemas";
    out.configuration = fs::exists("conf/hansa.toml") ? fs::path("conf/hansa.toml") : fs::path("/etc/hansa/hansa.toml");
    return out;
}

Result<Configuration> read_configuration(const fs::path& file, const Installation& installation, Diagnostics& faults) {
    Configuration out;
    out.file = file;
    out.plugins.plugin_folders = {installation.plugins};
    out.plugins.schema_folder = installation.schemas;
    const std::size_t before = faults.count();
    const auto table = parsed(file, faults);
    if (!table) return faults.errors().back();
    const Source source{file, faults};
    const TomlSection top(*table, "the configuration", file.string(), faults);
    static const Words known{"log-level", "journal", "balances", "disclosures", "server", "plugins", "signer", "receipt-profile", "outbox", "pipeline", "trace", "retention", "drop-poll-ms", "agencies", "routes"};
    static const Words levels{"info", "debug", "warning", "error"};
    top.only(known);
    out.log_level = top.word("log-level", levels);
    if (top.has("journal")) out.journal = source.resolve(top.text("journal"));
    out.disclosures = top.has("disclosures") ? source.resolve(top.text("disclosures")) : out.journal.parent_path() / "disclosures.db";
    out.balances = top.has("balances") ? source.resolve(top.text("balances")) : out.journal.parent_path() / "balances.db";
    out.receipt_profile = top.text("receipt-profile", out.receipt_profile);
    out.drop_poll_ms = static_cast<std::uint32_t>(top.number("drop-poll-ms", 10, 3'600'000, 500));
    if (const auto section = top.section("server")) read_server(source, *section, out.server);
    else top.text_needed("server");
    if (const auto section = top.section("plugins")) read_plugins(source, *section, out.plugins);
    if (const auto section = top.section("outbox")) read_outbox(*section, out.outbox);
    if (const auto section = top.section("pipeline")) read_pipeline(*section, out.pipeline);
    if (const auto section = top.section("trace")) read_trace(source, *section, out.journal, out.trace);
    if (const auto section = top.section("retention")) read_retention(*section, out);
    for (const TomlSection& section : top.sections("signer")) out.signers.push_back(read_signer(source, section));
    read_agencies(source.resolve(top.text("agencies", "agencies")), out, faults);
    read_routes(source.resolve(top.text("routes", "routes")), out, faults);
    check_agencies_differ(out, faults);
    check_routes(out, faults);
    check_regulators(out, faults);
    check_retention(out, faults);
    if (faults.count() != before) return faults.errors()[std::min(before, faults.errors().size() - 1)];
    return out;
}

namespace {

/// Tables that are named, and who signs the copies.
void check_regulators(const Agency& agency, const disclosure::RegulatorBook& book, const plugin::Registry& registry, const std::set<std::string>& signed_for, const Place& place,
                      Diagnostics& faults) {
    const exchange::Regulators& asked = agency.regulators;
    if (asked.agency_of.empty()) return;
    Words sets;
    for (const disclosure::RegulatorTable& table : book.tables()) sets.push_back(table.set);
    for (const std::string& set : asked.tables) {
        if (!book.has(set)) faults.add(codes::table_unknown, fmt::format("agency '{}': no table of regulators '{}'{}", agency.id, set, did_you_mean(set, sets)), place);
    }
    if (asked.signature.empty()) return;
    const trust::Profile* profile = registry.profile(asked.signature);
    if (profile == nullptr) faults.add(codes::profile_unknown, fmt::format("agency '{}': copies for regulators need '{}'", agency.id, asked.signature), place);
    else if (profile->form != trust::Form::asice) faults.add(codes::profile_unfit, fmt::format("agency '{}': '{}' cannot sign what is no XML", agency.id, asked.signature), place);
    else if (!signed_for.contains(asked.signature)) faults.add(codes::no_signer, fmt::format("agency '{}': copies for regulators need a signer for '{}'", agency.id, asked.signature), place);
}

/// The table takes what the route takes, and makes what it sends.
void check_gathering(const Route& route, const consolidation::ConsolidationBook& book, const plugin::Format* from, const plugin::Format* to, const Place& place,
                     Diagnostics& faults) {
    const auto table = book.find(route.consolidate->table);
    if (!table) return faults.add(table.error().at(place));
    const auto unfit = [&](std::string_view why) { faults.add(codes::gathering_unfit, fmt::format("route '{}': {} {}", route.name, (*table)->id, why), place); };
    const std::string_view house = pivot::kind_name((*table)->house.kind);
    if (from != nullptr ? !(*table)->house.holds(from->kind, from->id) : route.kind != house)
        unfit(fmt::format("gathers {}, not {}", house, from != nullptr ? from->id : route.kind.empty() ? "documents of any kind" : route.kind));
    if (to != nullptr && to->kind != (*table)->master.kind) unfit(fmt::format("makes a {}, and {} is none", pivot::kind_name((*table)->master.kind), to->id));
}

}  // namespace

void check_against_plugins(const Configuration& configuration, const plugin::Registry& registry, Diagnostics& faults) {
    Words ids;
    for (const plugin::Format& format : registry.formats()) ids.push_back(format.id);
    const auto known = [&](const std::string& id, const std::string& who, const Place& place) -> const plugin::Format* {
        const plugin::Format* format = id.empty() ? nullptr : registry.find(id);
        if (!id.empty() && format == nullptr) {
            faults.add(codes::format_unknown, fmt::format("{} names '{}'{}", who, id, did_you_mean(id, ids)), place);
        }
        return format;
    };
    // Faults of tables are told when they are loaded to be used.
    Diagnostics ignored;
    const auto book = rules::RuleBook::load(registry, ignored);
    const auto regulators = disclosure::RegulatorBook::load(registry, ignored);
    const auto matches = matching::MatchBook::load(registry, ignored);
    const auto balances = balances::BalanceBook::load(registry, ignored);
    const auto consolidations = consolidation::ConsolidationBook::load(registry, ignored);
    const std::vector<envelope::Frame> frames = exchange::frames_of(registry);
    std::set<std::string> signed_for;
    for (const SignerSettings& signer : configuration.signers) {
        for (const std::string& profile : signer.profiles) {
            signed_for.insert(profile);
            if (registry.profile(profile) == nullptr) faults.add(codes::profile_unknown, fmt::format("a signer names '{}'", profile), signer.place);
        }
    }
    // Without these every message would be answered with an error of ours.
    const Place top{.file = configuration.file.string(), .line = 1, .column = 1};
    if (!signed_for.contains(configuration.receipt_profile)) {
        faults.add(codes::no_signer, fmt::format("receipts need a signer for '{}'", configuration.receipt_profile), top);
    }
    for (std::size_t i = 0; i < configuration.directory.agencies.size(); ++i) {
        const Agency& agency = configuration.directory.agencies[i];
        const std::string who = fmt::format("agency '{}'", agency.id);
        for (const std::string& id : agency.formats) known(id, who, configuration.agency_places[i]);
        known(agency.answer_format, who, configuration.agency_places[i]);
        if (const auto rules = book->rules_of(agency.rules); !rules) faults.add(rules.error().at(configuration.agency_places[i]));
        check_regulators(agency, *regulators, registry, signed_for, configuration.agency_places[i], faults);
        for (const std::string& table : agency.matching) {
            if (const auto found = matches->find(table); !found) faults.add(found.error().at(configuration.matching_places[i]));
        }
        for (const std::string& id : agency.balances) {
            if (const auto balance = balances->find(id); !balance) faults.add(balance.error().at(configuration.agency_places[i]));
        }
        const plugin::Format* frame = known(agency.frame, who, configuration.agency_places[i]);
        if (frame != nullptr && (frame->kind != pivot::Kind::envelope || !frame->mapping))
            faults.add(codes::kind_differs, fmt::format("{}: {} is no frame around messages", who, frame->id), configuration.agency_places[i]);
    }
    for (std::size_t i = 0; i < configuration.directory.routes.size(); ++i) {
        const Route& route = configuration.directory.routes[i];
        const Place& place = configuration.route_places[i];
        const std::string who = fmt::format("route '{}'", route.name);
        const plugin::Format* from = known(route.from_format, who, place);
        const plugin::Format* to = known(route.to_format, who, place);
        if (route.consolidate) check_gathering(route, *consolidations, from, to, place, faults);
        else if (from != nullptr && to != nullptr && from->kind != to->kind) {
            faults.add(codes::kind_differs, fmt::format("{}: {} is not of the kind of {}", who, to->id, from->id), place);
        }
        if (const auto rules = book->rules_of(route.rules); !rules) faults.add(rules.error().at(place));
        for (const std::string& id : route.balances) {
            if (const auto balance = balances->find(id); !balance) faults.add(balance.error().at(place));
        }
        const Agency* receiver = configuration.directory.agency(route.to);
        const auto frame = std::ranges::find(frames, receiver == nullptr ? "" : receiver->frame, &envelope::Frame::format);
        const std::string profile = !route.signature.empty() ? route.signature : to != nullptr ? to->signature : "";
        if (!profile.empty() && registry.profile(profile) == nullptr) {
            faults.add(codes::profile_unknown, fmt::format("{} needs '{}'", who, profile), place);
        } else if (!profile.empty() && !signed_for.contains(profile)) {
            faults.add(codes::no_signer, fmt::format("{} needs a signer for '{}'", who, profile), place);
        } else if (!profile.empty() && frame != frames.end() && frame->place && frame->place->elements && registry.profile(profile)->form == trust::Form::asice) {
            faults.add(codes::profile_unfit, fmt::format("{}: '{}' in {}", who, profile, frame->format), place);
        }
    }
}

}  // namespace hansa::daemon
