// Who takes part, and which way messages go: agencies and routes, as the configuration states them.
//
// A Directory is immutable; reload makes a new one. It holds no secret in clear: tokens are
// SHA-256 digests, keys are named by file and opened by the signers alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/translate.h"

namespace hansa::exchange {

/// Why a receiver gets a message. An export is never handed over as if it were an import.
enum class Purpose { copy, advance_information, draft_import, transit, answer };

std::string_view purpose_name(Purpose purpose);  ///< "advance-information"
std::optional<Purpose> purpose_of(std::string_view name);

/// Where a message to an agency goes: "https://host/path", "http://...", or "folder:/path".
struct Address {
    std::string url;
    std::string token_file;        ///< bearer token for HTTP, or empty
    std::string certificate_file;  ///< our client certificate and key for mutual TLS, or empty
    std::string key_file;
    std::string trust_file;  ///< CA certificates of the partner's server
};

/// Regulators that get copies of what an agency sends, as tables of authorities say (core/disclosure/regulator_table.h).
struct Regulators {
    std::map<std::string, std::string, std::less<>> agency_of;  ///< role to agency id; empty: no copies are made
    std::vector<std::string> tables;                            ///< sets that are asked
    bool uncertain = false;                                     ///< rows that their sources do not settle count, too
    std::string signature;                                      ///< profile (ASiC-E) of the copies; empty: they are not signed
    bool by_route = false;                                      ///< only of what takes a route that names roles
};

/// A customs administration, other agency or operator with an address in the gateway.
struct Agency {
    std::string id;         ///< "minsk"
    std::string name;       ///< for a person
    std::string authority;  ///< whose code lists are its own: "cn"
    std::vector<std::string> roles;         ///< agency, operator, auditor, admin; default: agency
    std::vector<std::string> token_digests;        ///< SHA-256, hex
    std::vector<std::string> certificate_digests;  ///< SHA-256 of the client certificate, hex
    std::filesystem::path trust_folder;            ///< CAs that its signatures must chain to
    std::vector<std::string> signer_digests;       ///< SHA-256 of the certificates it signs with; empty: any that chains
    bool unsigned_allowed = false;                 ///< test messages may come without a signature
    bool batches_apart = false;                    ///< documents of its batches are messages of their own: batches.h
    std::uint64_t message_bytes_max = 64u << 20;
    std::uint32_t messages_per_minute_max = 0;  ///< 0: no quota
    mapping::Settings settings;                 ///< date-format, currency, ...
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> envelope;  ///< by format id
    std::vector<std::string> formats;  ///< what it may send; empty: any
    std::vector<std::string> rules;    ///< sets of numbered rules that what it sends must keep; empty: none
    bool consents = false;                  ///< may lodge consents of its subjects, and what it sends is disclosed under them
    std::filesystem::path consent_trust;    ///< CAs of its subjects' own certificates; empty: those of trust_folder
    bool receives_disclosures = false;      ///< may ask for what subjects have consented to
    bool trace = true;                      ///< what it sends tells timelines, where any are kept
    Regulators regulators;
    std::vector<std::string> matching; ///< tables of matches that what it sends takes part in; empty: none
    std::optional<std::int64_t> matching_wait_s;  ///< how long its leads wait; nothing: as the table says
    std::vector<std::string> balances;  ///< tables of balances that what it sends moves; empty: none
    std::string answer_format;         ///< what it is answered in where the question's format names none
    std::string frame;                 ///< format of the frame around all that goes to it; empty: none
    std::optional<Address> address;    ///< where its messages go
    std::filesystem::path drop_folder;  ///< intake by file, or empty
};

/// Documents of a route go out together, as a table of consolidation says.
struct Gathering {
    std::string table;
    std::size_t documents_max = 0;  ///< so many that go together are not waited for any longer
    std::int64_t wait_s = 0;        ///< nor is anybody when the first of them has waited so long
    std::optional<bool> refusal_of_items;  ///< an error at an item refuses its document alone; nothing: as the table says
};

/// One rule: which message goes to which agency, for which purpose, in which format.
struct Route {
    std::string name;
    std::string from;         ///< agency id
    std::string from_format;  ///< format id, or empty: any of `kind`
    std::string kind;         ///< kind name, or empty: any
    std::string to;           ///< agency id
    std::string to_format;
    Purpose purpose = Purpose::copy;
    std::string signature;  ///< profile name; empty: the target format's default
    bool test = false;      ///< test messages take test routes only, and the reverse
    std::optional<std::vector<std::string>> matching;  ///< tables that hold its messages; nothing: all of the sender's
    std::vector<std::string> rules, balances;          ///< asked of what takes this route, besides those of its sender
    std::optional<bool> trace, disclosure;             ///< of what takes this route (switched.h); nothing: as its sender's `trace` and `consents`
    std::optional<std::vector<std::string>> regulators;  ///< roles that get copies of what takes this route; nothing: all of its sender's, or none by_route
    std::optional<Gathering> consolidate;              ///< nothing: each document goes out by itself
    bool batch = false;     ///< many documents as one hansa.batch where the format holds one
    std::string since, until;  ///< days YYYY-MM-DD (UTC) on which it takes messages, the second no more; empty: no bound
    std::map<std::string, std::string, std::less<>> envelope;  ///< what the receiver's frame says of these messages
    std::string when_field, when_value;  ///< only documents whose pivot field has this value (split by destination)
};

/// What routes ask of a message, before they ask its documents.
struct Traveller {
    std::string_view from, format, kind;  ///< agency and format by their ids, kind by its name
    std::string_view day;                 ///< of its receipt, YYYY-MM-DD in UTC
};

/// Does the route take such messages, but for tests and for what it asks of documents?
bool takes(const Route& route, const Traveller& message);

struct Directory {
    std::vector<Agency> agencies;
    std::vector<Route> routes;

    const Agency* agency(std::string_view id) const;
    /// Agency of a bearer token; compares digests in constant time. Nothing: unknown.
    const Agency* by_token(std::string_view token) const;
    const Agency* by_certificate(std::string_view digest_hex) const;
};

}  // namespace hansa::exchange
