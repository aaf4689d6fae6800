#include "core/daemon/daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/base/log.h"
#include "core/daemon/codes.h"
#include "core/consolidation/book.h"
#include "core/exchange/balance_desk.h"
#include "core/exchange/follower.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/disclosure_desk.h"
#include "core/exchange/gather_watcher.h"
#include "core/exchange/gathering.h"
#include "core/exchange/gateway.h"
#include "core/exchange/match_watcher.h"
#include "core/exchange/outbox.h"
#include "core/exchange/retention.h"
#include "core/exchange/rule_desk.h"
#include "core/exchange/switched.h"
#include "core/exchange/trace_desk.h"
#include "core/exchange/waiting_counts.h"
#include "core/journal/codes.h"
#include "core/server/api.h"
#include "core/server/http_server.h"
#include "core/transport/folder.h"
#include "core/transport/http_client.h"

namespace hansa::daemon {
namespace {

namespace fs = std::filesystem;

log::Level level_of(std::string_view name) {
    if (name == "debug") return log::Level::debug;
    if (name == "warning") return log::Level::warning;
    return name == "error" ? log::Level::error : log::Level::info;
}

void log_all(const Diagnostics& faults) {
    for (const Error& error : faults.errors()) log::error(error.text());
}

/// Plans of routes whose formats are named are made now, off the path of messages.
/// Numbered rules that a route's messages are asked, as programs over the fast way's tapes.
void prepare_rules(const exchange::Route& route, const exchange::Agency& sender, const plugin::Format& from, const exchange::Surroundings& with) {
    const exchange::Route* const one_route = &route;
    const std::vector<std::string> sets = exchange::sets_for(sender, std::span(&one_route, 1));
    const auto paths = sets.empty() ? nullptr : with.engines->fast().paths(from);
    if (paths == nullptr) return;
    const auto left = with.rules->prepare(from, paths, sender.settings, sets);
    if (!left) {
        log::info(fmt::format("route {} asks its rules the reference way: {}", route.name, left.error().text()));
        return;
    }
    for (const rules::UntoldRule& one : *left)
        log::info(fmt::format("route {} asks {} the reference way: {}", route.name, one.rule->id, one.why));
}

void prepare_plans(const Configuration& configuration, const exchange::Surroundings& with) {
    if (!configuration.pipeline.fast) return;
    for (const exchange::Route& route : configuration.directory.routes) {
        if (route.consolidate) continue;
        const plugin::Format *from = with.registry->find(route.from_format), *to = with.registry->find(route.to_format);
        const exchange::Agency *sender = with.directory->agency(route.from), *receiver = with.directory->agency(route.to);
        if (from == nullptr || to == nullptr || sender == nullptr || receiver == nullptr) continue;
        const auto made = with.engines->fast().prepare(*from, *to, sender->settings, receiver->settings);
        if (!made) log::info(fmt::format("route {} is served the reference way: {}", route.name, made.error().text()));
        prepare_rules(route, *sender, *from, with);
    }
}

/// The store of balances, as soon as one agency or route has switched any on; kept over reloads.
Result<std::shared_ptr<exchange::Accounts>> accounts_of(const Configuration& configuration, std::shared_ptr<exchange::Accounts> before) {
    const bool wanted = std::ranges::any_of(configuration.directory.agencies, [](const exchange::Agency& agency) { return !agency.balances.empty(); }) ||
                        std::ranges::any_of(configuration.directory.routes, [](const exchange::Route& route) { return !route.balances.empty(); });
    if (before != nullptr || !wanted) return before;
    std::error_code trouble;
    fs::create_directories(configuration.balances.parent_path(), trouble);
    auto ledger = balances::Ledger::open(configuration.balances, {});
    if (!ledger) return ledger.error().in_file(configuration.balances.string());
    return std::make_shared<exchange::Accounts>(*std::move(ledger));
}

/// What a crash left between the journal and the accounts is decided before a message comes.
Result<void> settle_left(const exchange::Surroundings& with, journal::Journal& journal) {
    if (with.balances == nullptr) return {};
    const auto undone = with.balances->accounts()->settle_left(journal);
    if (!undone) return undone.error();
    if (*undone != 0) log::info(fmt::format("{} messages had reserved balances and were never accepted: freed", *undone));
    return {};
}

/// `counts` go on from before a reload.
Result<exchange::Surroundings> surroundings_of(const Configuration& configuration, std::shared_ptr<exchange::ShadowCounts> counts,
                                               std::shared_ptr<exchange::RuleCounts> rule_counts, std::shared_ptr<exchange::MatchCounts> match_counts,
                                               std::shared_ptr<exchange::Accounts> accounts) {
    exchange::Surroundings out;
    Diagnostics plugin_faults;
    out.registry = plugin::Registry::load(configuration.plugins, plugin_faults);
    log_all(plugin_faults);
    log::info(fmt::format("{} formats from {} plugins, {} faults", out.registry->formats().size(), out.registry->plugins().size(), plugin_faults.count()));
    // A route to a format whose plugin is broken must not keep the other routes from working.
    Diagnostics route_faults;
    check_against_plugins(configuration, *out.registry, route_faults);
    log_all(route_faults);
    auto keys = load_keyring(configuration);
    if (!keys) return keys.error();
    out.keys = *std::move(keys);
    out.directory = std::make_shared<const exchange::Directory>(configuration.directory);
    out.engines = std::make_shared<const exchange::Engines>(out.registry, configuration.pipeline, std::move(counts));
    Diagnostics table_faults;
    out.rules = std::make_shared<const exchange::RuleDesk>(rules::RuleBook::load(*out.registry, table_faults), std::move(rule_counts));
    out.regulators = disclosure::RegulatorBook::load(*out.registry, table_faults);
    out.matches = std::make_shared<const exchange::MatchDesk>(matching::MatchBook::load(*out.registry, table_faults), std::move(match_counts));
    auto open = accounts_of(configuration, std::move(accounts));
    if (!open) return open.error();
    if (*open != nullptr) out.balances = std::make_shared<const exchange::BalanceDesk>(balances::BalanceBook::load(*out.registry, table_faults), *std::move(open));
    out.consolidations = consolidation::ConsolidationBook::load(*out.registry, table_faults);
    log_all(table_faults);
    prepare_plans(configuration, out);
    return out;
}

/// The desk of before, or one that is opened now that an agency needs it; nothing while none does.
Result<std::shared_ptr<exchange::DisclosureDesk>> desk_for(const Configuration& configuration, std::shared_ptr<exchange::DisclosureDesk> before) {
    const bool needed = std::ranges::any_of(configuration.directory.agencies, [&](const exchange::Agency& agency) {
        return agency.receives_disclosures || exchange::Switched::anywhere(configuration.directory, agency, exchange::disclosing);
    });
    if (before != nullptr || !needed) return before;
    auto store = disclosure::Store::open(configuration.disclosures);
    if (!store) return store.error();
    return std::make_shared<exchange::DisclosureDesk>(*std::move(store));
}

/// The desk goes on with other tables where its settings are as before. Nothing: it is switched off.
Result<std::shared_ptr<exchange::TraceDesk>> trace_desk_of(const Configuration& configuration, const plugin::Registry& registry,
                                                           const std::shared_ptr<exchange::TraceDesk>& before) {
    if (!configuration.trace.enabled) return std::shared_ptr<exchange::TraceDesk>();
    Diagnostics faults;
    auto book = trace::TraceBook::load(registry, faults);
    log_all(faults);
    if (before == nullptr || before->settings() != configuration.trace) return exchange::TraceDesk::open(configuration.trace, std::move(book));
    before->set_book(std::move(book));
    return before;
}

/// What waits for a route that gathers no more is still to be answered. Nothing: no route gathers, and none did.
std::shared_ptr<exchange::GatherWatcher> gather_watcher_of(const Configuration& configuration, exchange::GatherWatcher::Surrounding with) {
    const fs::path waiting = configuration.journal.parent_path() / "consolidation.db";
    const bool gathers = std::ranges::any_of(configuration.directory.routes, [](const exchange::Route& route) { return route.consolidate.has_value(); });
    if (!gathers && !fs::exists(waiting)) return nullptr;
    auto watcher = exchange::GatherWatcher::open(waiting, std::move(with));
    if (watcher) return *std::move(watcher);
    log::error(fmt::format("consolidation: {}", watcher.error().text()));
    return nullptr;
}

server::HttpSettings http_settings(const ServerSettings& from) {
    server::HttpSettings out;
    const std::size_t colon = from.listen.rfind(':');
    out.host = from.listen.substr(0, colon);
    if (out.host.starts_with("[") && out.host.ends_with("]")) out.host = out.host.substr(1, out.host.size() - 2);
    out.port = colon == std::string::npos ? std::uint16_t{8443} : static_cast<std::uint16_t>(std::atoi(from.listen.c_str() + colon + 1));
    out.tls = from.tls;
    out.certificate_file = from.certificate.string();
    out.key_file = from.key.string();
    out.client_trust_file = from.client_trust.string();
    out.connections_max = from.connections_max;
    out.keep_alive_ms = from.keep_alive_ms;
    return out;
}

}  // namespace

Result<std::shared_ptr<const exchange::Keyring>> load_keyring(const Configuration& configuration) {
    auto out = std::make_shared<exchange::Keyring>();
    out->receipt_profile = configuration.receipt_profile;
    for (const SignerSettings& signer : configuration.signers) {
        auto loaded = trust::Signer::load(signer.key, signer.certificate);
        if (!loaded) return loaded.error().at(signer.place);
        for (const std::string& profile : signer.profiles) out->by_profile.insert_or_assign(profile, *loaded);
    }
    for (const exchange::Agency& agency : configuration.directory.agencies) {
        if (agency.trust_folder.empty()) continue;
        auto store = trust::TrustStore::load(agency.trust_folder);
        if (!store) return store.error();
        out->trust_of.insert_or_assign(agency.id, *std::move(store));
    }
    for (const exchange::Agency& agency : configuration.directory.agencies) {
        if (agency.consent_trust.empty()) continue;
        auto store = trust::TrustStore::load(agency.consent_trust);
        if (!store) return store.error();
        out->consent_trust_of.insert_or_assign(agency.id, *std::move(store));
    }
    return std::shared_ptr<const exchange::Keyring>(std::move(out));
}

struct Daemon::State {
    fs::path file;
    Installation installation;
    std::unique_ptr<journal::Journal> journal = {};
    std::unique_ptr<exchange::Gateway> gateway = {};
    std::unique_ptr<exchange::Outbox> outbox = {};
    std::shared_ptr<exchange::TraceDesk> trace = {};
    std::unique_ptr<exchange::Follower> follower = {};
    std::unique_ptr<exchange::RetentionKeeper> retention = {};
    std::unique_ptr<transport::DropFolders> drop = {};
    std::unique_ptr<server::Api> api = {};
    std::unique_ptr<server::HttpServer> server = {};
};

/// Services that read along in the journal, as the configuration switches them on.
std::vector<std::shared_ptr<exchange::Watcher>> Daemon::watchers_of(const State& state, const exchange::Surroundings& with, const Configuration& configuration) {
    exchange::Gateway* gateway = state.gateway.get();
    exchange::MatchWatcher::Surrounding surrounding{[gateway] { return gateway->surroundings(); }, *state.journal, [outbox = state.outbox.get()] { outbox->wake(); }};
    const auto gathering = gather_watcher_of(configuration, {surrounding.surroundings, surrounding.journal, surrounding.released});
    surrounding.held_elsewhere = [gathering, journal = state.journal.get()](const journal::Message& message) {
        return gathering != nullptr ? gathering->holds(message) : exchange::is_gathered(*journal, message.id);
    };
    auto out = exchange::match_watchers(configuration.journal.parent_path() / "matching", *with.directory, *with.matches, surrounding);
    if (state.trace != nullptr) out.push_back(std::make_shared<exchange::TraceWatcher>(state.trace, surrounding.surroundings, *state.journal));
    if (gathering != nullptr) out.push_back(gathering);
    return out;
}

Daemon::Daemon(std::unique_ptr<State> state) : state_(std::move(state)) {}

Daemon::~Daemon() {
    drain();
}

Result<std::unique_ptr<Daemon>> Daemon::start(const fs::path& file, const Installation& installation) {
    Diagnostics faults;
    auto configuration = read_configuration(file, installation, faults);
    if (!configuration) {
        log_all(faults);
        return configuration.error();
    }
    log::set_level(level_of(configuration->log_level));
    auto with = surroundings_of(*configuration, std::make_shared<exchange::ShadowCounts>(), std::make_shared<exchange::RuleCounts>(), std::make_shared<exchange::MatchCounts>(), nullptr);
    if (!with) return with.error();
    with->waiting = std::make_shared<exchange::WaitingCounts>();
    with->dropped = std::make_shared<exchange::RetentionCounts>();
    std::unique_ptr<State> state(new State{file, installation});
    std::error_code trouble;
    fs::create_directories(configuration->journal.parent_path(), trouble);
    auto journal = journal::open_sqlite(configuration->journal, {});
    if (!journal) {
        if (journal.error().code == journal::codes::locked) return Error{codes::already_running, journal.error().detail};
        return journal.error();
    }
    state->journal = *std::move(journal);
    auto desk = desk_for(*configuration, nullptr);
    if (!desk) return desk.error();
    with->disclosures = *std::move(desk);
    auto trace = trace_desk_of(*configuration, *with->registry, nullptr);
    if (!trace) return trace.error();
    state->trace = *std::move(trace);
    with->trace = state->trace;
    if (auto settled = settle_left(*with, *state->journal); !settled) return settled.error();
    state->gateway = std::make_unique<exchange::Gateway>(*std::move(with), *state->journal);
    exchange::Gateway* gateway = state->gateway.get();
    state->outbox = std::make_unique<exchange::Outbox>([gateway] { return gateway->surroundings(); }, *state->journal,
                                                       std::vector<std::shared_ptr<exchange::Transport>>{transport::make_http_transport(), transport::make_folder_transport()},
                                                       configuration->outbox);
    state->follower = std::make_unique<exchange::Follower>([gateway] { return gateway->surroundings(); }, *state->journal, watchers_of(*state, gateway->surroundings(), *configuration));
    state->retention = std::make_unique<exchange::RetentionKeeper>(*state->journal, gateway->surroundings().dropped);
    state->retention->set(configuration->retention);
    const auto wake = [outbox = state->outbox.get(), follower = state->follower.get()] {
        outbox->wake();
        follower->wake();
    };
    state->drop = std::make_unique<transport::DropFolders>(*gateway, wake, configuration->drop_poll_ms);
    state->api = std::make_unique<server::Api>(*gateway, *state->journal, wake);
    auto server = server::HttpServer::start(http_settings(configuration->server), *state->api, [gateway] { return gateway->surroundings().directory; });
    if (!server) return server.error();
    state->server = *std::move(server);
    state->outbox->start();
    state->follower->start();
    state->drop->start();
    state->retention->start();
    state->api->set_ready(true);
    return std::unique_ptr<Daemon>(new Daemon(std::move(state)));
}

std::uint16_t Daemon::port() const {
    return state_->server ? state_->server->port() : std::uint16_t{0};
}

Result<void> Daemon::reload() {
    Diagnostics faults;
    auto configuration = read_configuration(state_->file, state_->installation, faults);
    if (!configuration) {
        log_all(faults);
        return configuration.error();
    }
    const exchange::Surroundings before = state_->gateway->surroundings();
    auto with = surroundings_of(*configuration, before.engines->counts(), before.rules->counts(), before.matches->counts(),
                                before.balances == nullptr ? nullptr : before.balances->accounts());
    if (!with) return with.error();
    auto desk = desk_for(*configuration, state_->gateway->surroundings().disclosures);
    if (!desk) return desk.error();
    with->disclosures = *std::move(desk);
    with->waiting = before.waiting;
    with->dropped = before.dropped;
    auto trace = trace_desk_of(*configuration, *with->registry, state_->trace);
    if (!trace) return trace.error();
    if (before.balances == nullptr) {
        if (auto settled = settle_left(*with, *state_->journal); !settled) return settled;
    }
    log::set_level(level_of(configuration->log_level));
    with->trace = *trace;
    state_->trace = *std::move(trace);
    // Watchers first: a new one begins at the journal's end, and what is held from now on comes behind it.
    auto watchers = watchers_of(*state_, *with, *configuration);
    state_->gateway->reload(*std::move(with));
    state_->follower->replace(std::move(watchers));
    state_->retention->set(configuration->retention);
    state_->outbox->wake();
    return {};
}

void Daemon::drain() {
    if (state_->api) state_->api->set_ready(false);
    if (state_->server) state_->server->stop();
    state_->server.reset();
    if (state_->drop) state_->drop->stop();
    if (state_->retention) state_->retention->stop();
    if (state_->follower) state_->follower->stop();
    if (state_->outbox) state_->outbox->stop();
    state_->drop.reset();
    state_->retention.reset();
    state_->follower.reset();
    state_->outbox.reset();
    state_->api.reset();
    state_->gateway.reset();
    state_->journal.reset();
}

}  // namespace hansa::daemon
