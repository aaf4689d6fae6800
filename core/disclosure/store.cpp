#include "core/disclosure/store.h"

#include <fmt/format.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/keyed_digest.h"
#include "core/disclosure/codes.h"
#include "core/journal/seal.h"
#include "core/journal/sqlite.h"
#include "core/journal/store_file.h"

namespace hansa::disclosure {
namespace {

using journal::Blob;
using journal::Connection;
using journal::Row;
using journal::Seal;

constexpr std::int64_t store_version = 1;
constexpr std::size_t rows_max = 1'000;

constexpr const char* tables = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE consent(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, agency TEXT NOT NULL, reference TEXT NOT NULL, place TEXT NOT NULL,
  subject BLOB NOT NULL, recipient TEXT NOT NULL, purpose TEXT NOT NULL, kind TEXT NOT NULL, fields TEXT NOT NULL,
  from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, digest TEXT NOT NULL, signer TEXT NOT NULL, lodged_ms INTEGER NOT NULL, seal BLOB NOT NULL,
  UNIQUE(agency, reference));
CREATE TABLE withdrawal(consent TEXT PRIMARY KEY REFERENCES consent(id), digest TEXT NOT NULL, signer TEXT NOT NULL, at_ms INTEGER NOT NULL, seal BLOB NOT NULL);
CREATE TABLE evidence(
  number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, recipient TEXT NOT NULL, agency TEXT NOT NULL, consent TEXT NOT NULL, purpose TEXT NOT NULL,
  reference TEXT NOT NULL, subject BLOB NOT NULL, fields TEXT NOT NULL, message TEXT NOT NULL, document INTEGER NOT NULL, digest TEXT NOT NULL,
  code TEXT NOT NULL, seal BLOB NOT NULL);
CREATE INDEX evidence_subject ON evidence(subject);
CREATE INDEX evidence_consent ON evidence(consent);
CREATE INDEX evidence_recipient ON evidence(recipient);
)";

/// Nothing that was written is changed or goes away.
std::string guards() {
    std::string out;
    for (const char* table : {"meta", "consent", "withdrawal", "evidence"}) {
        out += fmt::format("CREATE TRIGGER {0}_stays BEFORE UPDATE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END;\n", table);
        out += fmt::format("CREATE TRIGGER {0}_kept BEFORE DELETE ON {0} BEGIN SELECT RAISE(ABORT, 'append-only'); END;\n", table);
    }
    return out;
}

std::string listed(const std::vector<std::string>& fields) {
    return nlohmann::json(fields).dump();
}

/// Written by us; damage is found by the seal, before it is read.
std::vector<std::string> unlisted(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    return json.is_array() ? json.get<std::vector<std::string>>() : std::vector<std::string>();
}

std::string seal_of(const KeptConsent& one, std::string_view kind) {
    const Terms& terms = one.terms;
    return Seal("consent").add(one.id).add(one.agency).add(one.reference).add(one.place).add(one.subject).add(terms.recipient).add(terms.purpose)
        .add(kind).add(listed(terms.fields.paths())).add(terms.from_ms).add(terms.to_ms).add(one.digest).add(one.signer).add(one.lodged_ms).finish();
}

std::string seal_of(const KeptWithdrawal& one) {
    return Seal("withdrawal").add(one.consent).add(one.digest).add(one.signer).add(one.at_ms).finish();
}

std::string seal_of(std::string_view before, const Evidence& one) {
    return Seal("evidence").add(before).add(one.number).add(one.at_ms).add(one.recipient).add(one.agency).add(one.consent).add(one.purpose)
        .add(one.reference).add(one.subject).add(listed(one.fields)).add(one.message).add(one.document).add(one.digest).add(one.code).finish();
}

constexpr std::string_view consent_columns =
    "SELECT c.id, c.agency, c.reference, c.place, c.subject, c.recipient, c.purpose, c.kind, c.fields, c.from_ms, c.to_ms, c.digest, c.signer, c.lodged_ms, c.seal, "
    "w.at_ms, w.digest, w.signer, w.seal FROM consent c LEFT JOIN withdrawal w ON w.consent = c.id ";

constexpr std::string_view evidence_columns =
    "SELECT number, at_ms, recipient, agency, consent, purpose, reference, subject, fields, message, document, digest, code, seal FROM evidence ";

Error damaged(std::string_view what) {
    return {codes::store_damaged, fmt::format("{} is not what was written", what)};
}

Result<KeptConsent> consent_in(const Row& row) {
    KeptConsent out{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), {}, row.text(11), row.text(12), row.number(13), {}};
    out.terms.recipient = row.text(5);
    out.terms.purpose = row.text(6);
    out.terms.from_ms = row.number(9);
    out.terms.to_ms = row.number(10);
    const auto kind = pivot::kind_from_name(row.view(7));
    if (!kind) return damaged(fmt::format("consent {}", out.id));
    Diagnostics ignored;
    auto fields = FieldSet::of(*kind, unlisted(row.view(8)), ignored);
    // A field that the pivot of today does not have any more is not to be had any more: so is the consent.
    if (!fields) return damaged(fmt::format("consent {}", out.id));
    out.terms.fields = *std::move(fields);
    if (!equal_in_constant_time(seal_of(out, row.view(7)), row.view(14))) return damaged(fmt::format("consent {}", out.id));
    if (row.is_null(15)) return out;
    out.withdrawn_ms = row.number(15);
    if (!equal_in_constant_time(seal_of(KeptWithdrawal{out.id, row.text(16), row.text(17), row.number(15)}), row.view(18)))
        return damaged(fmt::format("the withdrawal of {}", out.id));
    return out;
}

Evidence evidence_in(const Row& row) {
    return {row.number(0), row.number(1), row.text(2), row.text(3), row.text(4), row.text(5), row.text(6), row.text(7), unlisted(row.view(8)), row.text(9),
            row.number(10), row.text(11), row.text(12)};
}

std::string bytes_of(std::uint64_t number) {
    std::string out;
    for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(static_cast<unsigned char>(number >> shift));
    return out;
}

}  // namespace

struct Store::State {
    std::mutex mutex = {};
    std::unique_ptr<Connection> connection;
    std::optional<KeyedDigest> first = {}, second = {};  ///< together 128 bits

    Result<void> prepare();
    Result<std::optional<KeptConsent>> find(std::string_view condition, const std::vector<journal::Value>& values);
    Result<std::string> seal_before(std::int64_t number);
};

Result<void> Store::State::prepare() {
    const auto version = journal::begin_store(*connection, {.version = store_version, .wrong_version = codes::store_version});
    if (!version) return version.error();
    if (auto set = connection->script("PRAGMA foreign_keys=ON;"); !set) return set.error();
    if (*version == 0) {
        auto made = connection->transaction([&]() -> Result<void> {
            if (auto done = connection->script(tables); !done) return done.error();
            for (const char* name : {"key-1", "key-2"}) {
                if (auto kept = journal::make_key(*connection, name); !kept) return kept;
            }
            return connection->script(guards() + fmt::format("PRAGMA user_version={};", store_version));
        });
        if (!made) return made;
    }
    for (const auto& [name, digest] : {std::pair{"key-1", &first}, std::pair{"key-2", &second}}) {
        const auto key = journal::read_key(*connection, name, codes::store_version);
        if (!key) return key.error();
        digest->emplace(*key);
    }
    return {};
}

Result<std::optional<KeptConsent>> Store::State::find(std::string_view condition, const std::vector<journal::Value>& values) {
    std::optional<Result<KeptConsent>> found;
    const auto done = connection->query(fmt::format("{}{}", consent_columns, condition), values, [&](const Row& row) {
        found = consent_in(row);
        return false;
    });
    if (!done) return done.error();
    if (!found) return std::optional<KeptConsent>();
    if (!*found) return found->error();
    return std::optional(**std::move(found));
}

Result<std::string> Store::State::seal_before(std::int64_t number) {
    return connection->text("SELECT seal FROM evidence WHERE number=?", {number - 1});
}

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path) {
    auto connection = Connection::open(path.string(), {.read_only = false, .create = true});
    if (!connection) return connection.error();
    std::unique_ptr<State> state(new State{{}, *std::move(connection)});
    if (auto ready = state->prepare(); !ready) return ready.error();
    return std::unique_ptr<Store>(new Store(std::move(state)));
}

std::string Store::subject_key(std::string_view scheme, std::string_view identity) {
    const std::lock_guard lock(state_->mutex);
    const std::string texts[] = {std::string(scheme), std::string(identity)};
    return bytes_of(state_->first->of(texts)) + bytes_of(state_->second->of(texts));
}

IsSubject Store::is_subject(std::string key) {
    return [this, key = std::move(key)](std::string_view scheme, std::string_view identity) { return equal_in_constant_time(subject_key(scheme, identity), key); };
}

Result<std::string> Store::lodge(const KeptConsent& one) {
    const std::lock_guard lock(state_->mutex);
    std::string id = one.id;
    const auto done = state_->connection->transaction([&]() -> Result<void> {
        const auto before = state_->find("WHERE c.agency=? AND c.reference=?", {std::string_view(one.agency), std::string_view(one.reference)});
        if (!before) return before.error();
        if (*before) {
            if (!equal_in_constant_time((*before)->digest, one.digest)) return Error{codes::reference_used, fmt::format("'{}'", one.reference)};
            id = (*before)->id;
            return {};
        }
        const Terms& terms = one.terms;
        const std::string_view kind = pivot::kind_name(terms.fields.kind());
        const std::string fields = listed(terms.fields.paths()), seal = seal_of(one, kind);
        return state_->connection->run(
            "INSERT INTO consent(id, agency, reference, place, subject, recipient, purpose, kind, fields, from_ms, to_ms, digest, signer, lodged_ms, seal) "
            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {std::string_view(one.id), std::string_view(one.agency), std::string_view(one.reference), std::string_view(one.place), Blob{one.subject},
             std::string_view(terms.recipient), std::string_view(terms.purpose), kind, std::string_view(fields), terms.from_ms, terms.to_ms,
             std::string_view(one.digest), std::string_view(one.signer), one.lodged_ms, Blob{seal}});
    });
    if (!done) return done.error();
    return id;
}

Result<void> Store::withdraw(const KeptWithdrawal& one) {
    const std::lock_guard lock(state_->mutex);
    return state_->connection->transaction([&]() -> Result<void> {
        const auto consent = state_->find("WHERE c.id=?", {std::string_view(one.consent)});
        if (!consent) return consent.error();
        if (!*consent) return Error{codes::consent_unknown, {}};
        if ((*consent)->withdrawn_ms) return {};
        const std::string seal = seal_of(one);
        return state_->connection->run("INSERT INTO withdrawal VALUES(?, ?, ?, ?, ?)",
                                       {std::string_view(one.consent), std::string_view(one.digest), std::string_view(one.signer), one.at_ms, Blob{seal}});
    });
}

Result<KeptConsent> Store::consent(std::string_view id) {
    const std::lock_guard lock(state_->mutex);
    auto found = state_->find("WHERE c.id=?", {id});
    if (!found) return found.error();
    if (!*found) return Error{codes::consent_unknown, {}};
    return **std::move(found);
}

Result<KeptConsent> Store::consent_of(std::string_view agency, std::string_view reference) {
    const std::lock_guard lock(state_->mutex);
    auto found = state_->find("WHERE c.agency=? AND c.reference=?", {agency, reference});
    if (!found) return found.error();
    if (!*found) return Error{codes::consent_unknown, {}};
    return **std::move(found);
}

Result<std::vector<KeptConsent>> Store::consents(std::string_view agency) {
    const std::lock_guard lock(state_->mutex);
    std::vector<KeptConsent> out;
    std::optional<Error> fault;
    const auto done = state_->connection->query(fmt::format("{}WHERE ?1='' OR c.agency=?1 ORDER BY c.number LIMIT {}", consent_columns, rows_max), {agency}, [&](const Row& row) {
        auto one = consent_in(row);
        if (one) out.push_back(*std::move(one));
        else fault = one.error();
        return !fault;
    });
    if (!done) return done.error();
    if (fault) return *fault;
    return out;
}

Result<void> Store::record(const Evidence& evidence) {
    const std::lock_guard lock(state_->mutex);
    return state_->connection->transaction([&]() -> Result<void> {
        if (evidence.code.empty()) {
            const auto consent = state_->find("WHERE c.id=?", {std::string_view(evidence.consent)});
            if (!consent) return consent.error();
            if (!*consent) return Error{codes::consent_unknown, {}};
            if ((*consent)->withdrawn_ms) return Error{codes::withdrawn, {}};
        }
        const auto last = state_->connection->number("SELECT ifnull(max(number), 0) FROM evidence");
        if (!last) return last.error();
        Evidence one = evidence;
        one.number = *last + 1;
        const auto before = state_->seal_before(one.number);
        if (!before) return before.error();
        const std::string fields = listed(one.fields), seal = seal_of(*before, one);
        return state_->connection->run("INSERT INTO evidence VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                       {one.number, one.at_ms, std::string_view(one.recipient), std::string_view(one.agency), std::string_view(one.consent),
                                        std::string_view(one.purpose), std::string_view(one.reference), Blob{one.subject}, std::string_view(fields),
                                        std::string_view(one.message), one.document, std::string_view(one.digest), std::string_view(one.code), Blob{seal}});
    });
}

Result<std::vector<Evidence>> Store::evidence(const EvidenceFilter& filter) {
    const std::lock_guard lock(state_->mutex);
    std::vector<Evidence> out;
    std::vector<std::string> seals;
    const auto limit = static_cast<std::int64_t>(std::min(filter.count_max, rows_max));
    const auto done = state_->connection->query(
        fmt::format("{}WHERE number>?1 AND (?2='' OR agency=?2) AND (?3=x'' OR subject=?3) AND (?4='' OR recipient=?4) AND (?5='' OR consent=?5) ORDER BY number LIMIT ?6", evidence_columns),
        {filter.after, std::string_view(filter.agency), Blob{filter.subject}, std::string_view(filter.recipient), std::string_view(filter.consent), limit}, [&](const Row& row) {
            out.push_back(evidence_in(row));
            seals.push_back(row.text(13));
            return true;
        });
    if (!done) return done.error();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto before = state_->seal_before(out[i].number);
        if (!before) return before.error();
        if (!equal_in_constant_time(seal_of(*before, out[i]), seals[i])) return damaged(fmt::format("evidence {}", out[i].number));
    }
    return out;
}

Result<std::uint64_t> Store::verify() {
    const std::lock_guard lock(state_->mutex);
    std::uint64_t rows = 0;
    std::optional<Error> fault;
    auto done = state_->connection->query(fmt::format("{}ORDER BY c.number", consent_columns), {}, [&](const Row& row) {
        ++rows;
        if (const auto one = consent_in(row); !one) fault = one.error();
        return !fault;
    });
    if (!done) return done.error();
    std::string before;
    std::int64_t number = 0;
    if (!fault) {
        done = state_->connection->query(fmt::format("{}ORDER BY number", evidence_columns), {}, [&](const Row& row) {
            ++rows;
            const Evidence one = evidence_in(row);
            if (one.number != ++number || !equal_in_constant_time(seal_of(before, one), row.view(13))) fault = damaged(fmt::format("evidence {}", one.number));
            before = row.text(13);
            return !fault;
        });
    }
    if (!done) return done.error();
    if (fault) return *fault;
    return rows;
}

}  // namespace hansa::disclosure
