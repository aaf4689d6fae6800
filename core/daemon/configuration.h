// hansad's configuration: one TOML file, with agencies and routes beside it.
//
//     hansa.toml          server, journal, plugins, keys, outbox
//     agencies/*.toml     one agency a file
//     routes/*.toml       [[route]] tables
//
// Strict: unknown keys, wrong types, agencies or formats that do not exist, files that are not there,
// are faults with file and line; `hansa config check` prints all of them. Relative paths are
// relative to the file that names them. Secrets are never in it: tokens are SHA-256 digests, keys
// are files. docs/configuration.md describes every key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/directory.h"
#include "core/exchange/engines.h"
#include "core/exchange/outbox.h"
#include "core/exchange/retention.h"
#include "core/exchange/trace_desk.h"
#include "core/plugin/registry.h"

namespace hansa::daemon {

struct ServerSettings {
    std::string listen = "127.0.0.1:8443";  ///< host:port
    bool tls = true;                        ///< false: plain HTTP, only for loopback addresses
    std::filesystem::path certificate, key; ///< PEM
    std::filesystem::path client_trust;     ///< CAs of client certificates; empty: tokens only
    std::uint32_t connections_max = 200;    ///< threads, too: a connection holds one
    std::uint32_t keep_alive_ms = 4'000;
};

struct SignerSettings {
    std::vector<std::string> profiles;
    std::filesystem::path key, certificate;
    Place place;
};

struct Configuration {
    std::filesystem::path file;
    std::string log_level = "info";
    ServerSettings server;
    std::filesystem::path journal = "/var/lib/hansa/journal.db";
    std::filesystem::path disclosures;  ///< store of consents; disclosures.db beside the journal unless said otherwise
    std::filesystem::path balances;  ///< accounts of stock, permits and limits; empty: balances.db beside the journal
    plugin::LoadOptions plugins;
    std::vector<SignerSettings> signers;
    std::string receipt_profile = "enveloped.ecdsa-p256-sha256";
    exchange::OutboxLimits outbox;
    exchange::EngineSettings pipeline = {.fast = true};
    exchange::TraceSettings trace;
    exchange::RetentionSettings retention;
    std::vector<Place> retention_places;  ///< of each of its rules
    std::uint32_t drop_poll_ms = 500;
    exchange::Directory directory;
    /// Where each agency and route was written, for messages that come later.
    std::vector<Place> agency_places, route_places;
    std::vector<Place> matching_places;  ///< of the key `matching` of each agency
};

/// Where `hansa` and `hansad` find plugins, schemas and conf: beside the build tree, or installed.
struct Installation {
    std::filesystem::path plugins, schemas, configuration;
    static Installation find();
};

/// Reads everything; all faults go to `faults`, the result is the first one.
/// Errors: base.toml-*, base.file-unreadable, daemon.*
Result<Configuration> read_configuration(const std::filesystem::path& file, const Installation& installation,
                                         Diagnostics& faults);

/// What only loaded plugins can tell: formats and profiles that routes and agencies name.
/// Errors: daemon.format-unknown, daemon.kind-differs, daemon.profile-unknown, daemon.no-signer, rules.set-unknown,
/// matching.table-unknown, consolidation.table-unknown, daemon.gathering-unfit
void check_against_plugins(const Configuration& configuration, const plugin::Registry& registry, Diagnostics& faults);

}  // namespace hansa::daemon
