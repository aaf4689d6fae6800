#include "core/trace/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/journal/store_file.h"
#include "core/trace/codes.h"

namespace hansa::trace {
namespace {

using journal::Blob;
using journal::Row;
using journal::Value;

constexpr std::int64_t store_version = 1;
// References are found by digests, so that new ones lie all over their index. A long log puts a page into the file once
// for many of them.
constexpr std::int64_t log_bytes_max = std::int64_t{128} << 20;

// `refs` and `parts` are numbers of references, seven bits a byte, `refs` with the relation in the lowest two bits.
constexpr const char* tables = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE ref(id INTEGER PRIMARY KEY, key INTEGER NOT NULL, scheme INTEGER NOT NULL, issuer INTEGER NOT NULL, value TEXT NOT NULL,
  uses INTEGER NOT NULL, worn INTEGER NOT NULL);
CREATE INDEX ref_key ON ref(key);
CREATE TABLE event(id INTEGER PRIMARY KEY, message INTEGER NOT NULL, message_id TEXT NOT NULL, event INTEGER NOT NULL, at INTEGER NOT NULL,
  day INTEGER NOT NULL, how INTEGER NOT NULL, row INTEGER NOT NULL, format INTEGER NOT NULL, agency INTEGER NOT NULL, corridor INTEGER NOT NULL,
  refs BLOB NOT NULL, parts BLOB NOT NULL);
CREATE INDEX event_message ON event(message);
CREATE TABLE link(ref INTEGER NOT NULL, relation INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY(ref, relation, event)) WITHOUT ROWID;
CREATE TABLE dirty(ref INTEGER PRIMARY KEY, depth INTEGER NOT NULL);
CREATE TABLE sample(event INTEGER NOT NULL, stage INTEGER NOT NULL, corridor INTEGER NOT NULL, day INTEGER NOT NULL, seconds INTEGER NOT NULL,
  PRIMARY KEY(event, stage)) WITHOUT ROWID;
CREATE TABLE histogram(stage INTEGER NOT NULL, corridor INTEGER NOT NULL, day INTEGER NOT NULL, bucket INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(stage, corridor, day, bucket)) WITHOUT ROWID;
)";

std::int64_t stored(std::uint64_t digest) {
    return static_cast<std::int64_t>(digest);
}

void put_number(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(static_cast<unsigned char>(number | 0x80));
    out += static_cast<char>(static_cast<unsigned char>(number));
}

std::vector<std::uint64_t> numbers_of(std::string_view bytes) {
    std::vector<std::uint64_t> out;
    std::uint64_t number = 0;
    unsigned shift = 0;
    for (const char byte : bytes) {
        const auto bits = static_cast<unsigned char>(byte);
        if (shift < 63) number |= std::uint64_t{bits & 0x7FU} << shift;
        shift += 7;
        if ((bits & 0x80U) != 0) continue;
        out.push_back(number);
        number = 0;
        shift = 0;
    }
    return out;
}

std::vector<RefLink> links_of(std::string_view bytes) {
    std::vector<RefLink> out;
    for (const std::uint64_t number : numbers_of(bytes)) out.push_back({static_cast<RefId>(number >> 2), static_cast<Relation>(number & 3U)});
    return out;
}

std::vector<RefId> parts_of(std::string_view bytes) {
    std::vector<RefId> out;
    for (const std::uint64_t number : numbers_of(bytes)) out.push_back(static_cast<RefId>(number));
    return out;
}

/// Precision, level and whether its message says nothing else, in one number.
std::int64_t how(const EventRecord& event) {
    return (event.alone ? 64 : 0) + static_cast<std::int64_t>(event.precision) * 16 + static_cast<std::int64_t>(event.level);
}

Result<std::vector<std::int64_t>> numbers(journal::Connection& connection, std::string_view sql, std::initializer_list<Value> values) {
    std::vector<std::int64_t> out;
    const auto done = connection.query(sql, values, [&](const Row& row) {
        out.push_back(row.number(0));
        return true;
    });
    if (!done) return done.error();
    return out;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& path, std::uint64_t memory_bytes) {
    auto connection = journal::Connection::open(path.string(), {.read_only = false, .create = true});
    if (!connection) return connection.error();
    std::unique_ptr<Store> store(new Store(*std::move(connection)));
    if (auto ready = store->prepare(memory_bytes); !ready) return ready.error();
    return store;
}

Result<std::unique_ptr<Store>> Store::open_to_read(const std::filesystem::path& path, std::uint64_t memory_bytes) {
    auto connection = journal::Connection::open(path.string(), {.read_only = true});
    if (!connection) return connection.error();
    std::unique_ptr<Store> store(new Store(*std::move(connection)));
    if (auto done = store->connection_->script(fmt::format("PRAGMA cache_size=-{};", memory_bytes / 1024)); !done) return done.error();
    if (auto ready = store->read_key(); !ready) return ready.error();
    return store;
}

Result<void> Store::prepare(std::uint64_t memory_bytes) {
    const auto version =
        journal::begin_store(*connection_, {.version = store_version, .wrong_version = codes::store_version, .memory_bytes = memory_bytes, .log_bytes_max = log_bytes_max});
    if (!version) return version.error();
    if (*version == 0) {
        if (auto begun = begin(); !begun) return begun.error();
        if (auto made = connection_->script(fmt::format("{} PRAGMA user_version={};", tables, store_version)); !made) return made.error();
        if (auto kept = journal::make_key(*connection_, "key"); !kept) return kept.error();
        if (auto done = commit(); !done) return done.error();
    }
    return read_key();
}

Result<void> Store::read_key() {
    const auto key = journal::read_key(*connection_, "key", codes::store_version);
    if (!key) return key.error();
    digest_.emplace(*key);
    return {};
}

Result<void> Store::begin() {
    return connection_->begin();
}

Result<void> Store::begin_reading() {
    return connection_->begin_reading();
}

Result<void> Store::commit() {
    auto done = connection_->commit();
    if (!done) roll_back();
    return done;
}

void Store::roll_back() {
    connection_->roll_back();
    words_.clear();
    texts_.clear();
}

Result<std::int64_t> Store::kept(std::string_view name) {
    return connection_->number("SELECT ifnull(max(value), 0) FROM meta WHERE name=?", {name});
}

Result<void> Store::keep(std::string_view name, std::int64_t value) {
    return connection_->run("INSERT OR REPLACE INTO meta VALUES(?, ?)", {name, value});
}

Result<std::string> Store::kept_text(std::string_view name) {
    return connection_->text("SELECT ifnull(max(value), '') FROM meta WHERE name=?", {name});
}

Result<void> Store::keep_text(std::string_view name, std::string_view value) {
    return connection_->run("INSERT OR REPLACE INTO meta VALUES(?, ?)", {name, value});
}

/// A word's number; 0 for none.
Result<std::int64_t> Store::word(std::string_view text) {
    if (text.empty()) return std::int64_t{0};
    if (const auto known = words_.find(text); known != words_.end()) return known->second;
    auto id = connection_->number("SELECT ifnull(max(id), 0) FROM word WHERE text=?", {text});
    if (!id) return id.error();
    if (*id == 0) {
        if (auto made = connection_->run("INSERT INTO word VALUES(NULL, ?)", {text}); !made) return made.error();
        id = connection_->last_row();
    }
    words_.emplace(text, *id);
    return *id;
}

Result<std::string> Store::word_text(std::int64_t id) {
    if (id == 0) return std::string();
    if (const auto known = texts_.find(id); known != texts_.end()) return known->second;
    auto text = connection_->text("SELECT text FROM word WHERE id=?", {id});
    if (text) texts_.emplace(id, *text);
    return text;
}

/// `digested` is what it is found by, `kept` what stands in the store. 0: there is none, and none was made.
Result<RefId> Store::ref(std::uint8_t scheme, std::string_view name, std::string_view digested, std::string_view kept, std::int64_t issuer, bool make) {
    const std::array<std::string, 2> texts{std::string(name), std::string(digested)};
    const std::int64_t key = stored(digest_->of(texts));
    const auto found = connection_->number("SELECT ifnull(max(id), 0) FROM ref WHERE key=? AND scheme=? AND issuer=? AND value=?",
                                           {key, std::int64_t{scheme}, issuer, kept});
    if (!found || *found != 0 || !make) return found;
    if (auto made = connection_->run("INSERT INTO ref VALUES(NULL, ?, ?, ?, ?, 0, 0)", {key, std::int64_t{scheme}, issuer, kept}); !made) return made.error();
    return connection_->last_row();
}

Result<RefId> Store::ref(const Reference& reference) {
    const std::array<std::string, 2> issuer{"issuer", reference.issuer};
    return ref(reference.scheme->number, reference.scheme->name, reference.value, reference.value,
               reference.issuer.empty() ? 0 : stored(digest_->of(issuer)), true);
}

Result<RefId> Store::mark(const MarkKind& kind, std::string_view value) {
    return ref(kind.number, kind.name, value, {}, 0, true);
}

Result<RefId> Store::find_mark(const MarkKind& kind, std::string_view value) {
    return ref(kind.number, kind.name, value, {}, 0, false);
}

Result<std::vector<RefId>> Store::find(const Scheme* scheme, std::string_view value) {
    std::vector<RefId> out;
    for (const Scheme& one : schemes()) {
        if (scheme != nullptr && scheme != &one) continue;
        const std::array<std::string, 2> texts{std::string(one.name), std::string(value)};
        const auto found = numbers(*connection_, "SELECT id FROM ref WHERE key=? AND scheme=? AND value=? ORDER BY id LIMIT 100",
                                   {stored(digest_->of(texts)), std::int64_t{one.number}, value});
        if (!found) return found.error();
        out.insert(out.end(), found->begin(), found->end());
    }
    return out;
}

Result<std::optional<RefRecord>> Store::ref(RefId id) {
    std::optional<RefRecord> out;
    const auto done = connection_->query("SELECT scheme, value, worn, uses FROM ref WHERE id=?", {id}, [&](const Row& row) {
        out = RefRecord{id, static_cast<std::uint8_t>(row.number(0)), row.text(1), row.number(2) != 0, row.number(3)};
        return false;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::link(RefId ref, Relation relation, EventId event) {
    return connection_->run("INSERT OR IGNORE INTO link VALUES(?, ?, ?)", {ref, static_cast<std::int64_t>(relation), event});
}

Result<std::vector<RefId>> Store::add(EventRecord& event) {
    std::array<std::int64_t, 4> words{};
    const std::array<std::string_view, 4> texts{event.row, event.format, event.agency, event.corridor};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto id = word(texts[i]);
        if (!id) return id.error();
        words[i] = *id;
    }
    std::string refs, parts;
    for (const RefLink& link : event.refs) put_number(refs, static_cast<std::uint64_t>(link.ref) << 2 | static_cast<std::uint64_t>(link.relation));
    for (const RefId part : event.parts) put_number(parts, static_cast<std::uint64_t>(part));
    auto done = connection_->run("INSERT INTO event VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                 {event.message, std::string_view(event.message_id), std::int64_t{event.event}, event.at_ms, event.day, how(event), words[0], words[1],
                                  words[2], words[3], Blob{refs}, Blob{parts}});
    if (!done) return done.error();
    event.id = connection_->last_row();
    std::vector<RefId> worn;
    for (const RefLink& one : event.refs) {
        if (done = link(one.ref, one.relation, event.id); !done) return done.error();
        if (one.relation != Relation::same) continue;
        if (done = connection_->run("UPDATE ref SET uses=uses+1 WHERE id=?", {one.ref}); !done) return done.error();
        done = connection_->run("UPDATE ref SET worn=1 WHERE id=? AND uses>? AND worn=0", {one.ref, worn_above});
        if (!done) return done.error();
        if (connection_->changed_rows() != 0) worn.push_back(one.ref);
    }
    for (const RefId part : event.parts) {
        if (done = link(part, Relation::part, event.id); !done) return done.error();
    }
    return worn;
}

Result<std::optional<EventRecord>> Store::event(EventId id, bool with_parts) {
    std::optional<EventRecord> out;
    std::array<std::int64_t, 4> words{};
    const auto read = [&](const Row& row) {
        out.emplace();
        out->id = id;
        out->message = row.number(0);
        out->message_id = row.text(1);
        out->event = static_cast<std::uint8_t>(row.number(2));
        out->at_ms = row.number(3);
        out->day = row.number(4);
        out->alone = row.number(5) >= 64;
        out->precision = static_cast<Precision>(row.number(5) % 64 / 16);
        out->level = static_cast<Level>(row.number(5) % 16);
        for (int i = 0; i < 4; ++i) words[static_cast<std::size_t>(i)] = row.number(6 + i);
        out->refs = links_of(row.view(10));
        out->has_parts = row.number(11) != 0;
        if (with_parts) out->parts = parts_of(row.view(12));
        return false;
    };
    // What is not asked for is not read: the parts of a manifest fill pages.
    constexpr std::string_view without = "SELECT message, message_id, event, at, day, how, row, format, agency, corridor, refs, length(parts) FROM event WHERE id=?";
    constexpr std::string_view with = "SELECT message, message_id, event, at, day, how, row, format, agency, corridor, refs, length(parts), parts FROM event WHERE id=?";
    if (const auto done = connection_->query(with_parts ? with : without, {id}, read); !done) return done.error();
    if (!out) return out;
    const std::array<std::string*, 4> texts{&out->row, &out->format, &out->agency, &out->corridor};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto text = word_text(words[i]);
        if (!text) return text.error();
        *texts[i] = *std::move(text);
    }
    return out;
}

Result<std::vector<EventId>> Store::events_of_message(std::int64_t message, std::size_t most) {
    return numbers(*connection_, "SELECT id FROM event WHERE message=? ORDER BY id LIMIT ?", {message, static_cast<std::int64_t>(most)});
}

Result<std::vector<EventId>> Store::events(RefId ref, Relation relation, EventId after, std::size_t most) {
    return numbers(*connection_, "SELECT event FROM link WHERE ref=? AND relation=? AND event>? ORDER BY event LIMIT ?",
                   {ref, static_cast<std::int64_t>(relation), after, static_cast<std::int64_t>(most)});
}

Result<std::vector<EventId>> Store::events_after(EventId after, std::size_t most) {
    return numbers(*connection_, "SELECT id FROM event WHERE id>? ORDER BY id LIMIT ?", {after, static_cast<std::int64_t>(most)});
}

Result<void> Store::soil(RefId ref, std::int64_t depth) {
    return connection_->run("INSERT INTO dirty VALUES(?, ?) ON CONFLICT(ref) DO UPDATE SET depth=min(depth, excluded.depth)", {ref, depth});
}

Result<std::vector<Store::Dirty>> Store::dirty(std::size_t most) {
    std::vector<Dirty> out;
    const auto done = connection_->query("SELECT ref, depth FROM dirty ORDER BY ref LIMIT ?", {static_cast<std::int64_t>(most)}, [&](const Row& row) {
        out.push_back({row.number(0), row.number(1)});
        return true;
    });
    if (!done) return done.error();
    return out;
}

Result<void> Store::clean(RefId ref) {
    return connection_->run("DELETE FROM dirty WHERE ref=?", {ref});
}

Result<std::uint64_t> Store::dirty_count() {
    const auto count = connection_->number("SELECT count(*) FROM dirty");
    if (!count) return count.error();
    return static_cast<std::uint64_t>(*count);
}

Result<std::vector<Sample>> Store::samples(EventId event) {
    std::vector<Sample> out;
    std::vector<std::pair<std::int64_t, std::int64_t>> words;
    const auto done = connection_->query("SELECT stage, corridor, day, seconds FROM sample WHERE event=?", {event}, [&](const Row& row) {
        words.emplace_back(row.number(0), row.number(1));
        out.push_back({{}, {}, row.number(2), row.number(3)});
        return true;
    });
    if (!done) return done.error();
    for (std::size_t i = 0; i < out.size(); ++i) {
        auto stage = word_text(words[i].first), corridor = word_text(words[i].second);
        if (!stage || !corridor) return stage ? corridor.error() : stage.error();
        out[i].stage = *std::move(stage);
        out[i].corridor = *std::move(corridor);
    }
    return out;
}

Result<void> Store::count_sample(const Sample& sample, std::int64_t by) {
    const auto stage = word(sample.stage), corridor = word(sample.corridor);
    if (!stage || !corridor) return stage ? corridor.error() : stage.error();
    const std::int64_t bucket = bucket_of(sample.seconds);
    auto done = connection_->run("INSERT INTO histogram VALUES(?, ?, ?, ?, ?) ON CONFLICT(stage, corridor, day, bucket) DO UPDATE SET count=count+excluded.count",
                                 {*stage, *corridor, sample.day, bucket, by});
    if (!done || by > 0) return done;
    return connection_->run("DELETE FROM histogram WHERE stage=? AND corridor=? AND day=? AND bucket=? AND count=0", {*stage, *corridor, sample.day, bucket});
}

Result<void> Store::put_samples(EventId event, const std::vector<Sample>& samples_now) {
    const auto before = samples(event);
    if (!before) return before.error();
    const auto among = [](const std::vector<Sample>& all, const Sample& one) { return std::ranges::find(all, one) != all.end(); };
    for (const Sample& one : *before) {
        if (among(samples_now, one)) continue;
        if (auto done = count_sample(one, -1); !done) return done;
        const auto stage = word(one.stage);
        if (!stage) return stage.error();
        if (auto done = connection_->run("DELETE FROM sample WHERE event=? AND stage=?", {event, *stage}); !done) return done;
    }
    for (const Sample& one : samples_now) {
        if (among(*before, one)) continue;
        const auto stage = word(one.stage), corridor = word(one.corridor);
        if (!stage || !corridor) return stage ? corridor.error() : stage.error();
        if (auto done = connection_->run("INSERT INTO sample VALUES(?, ?, ?, ?, ?)", {event, *stage, *corridor, one.day, one.seconds}); !done) return done;
        if (auto done = count_sample(one, 1); !done) return done;
    }
    return {};
}

Result<void> Store::forget_samples() {
    if (auto done = connection_->run("DELETE FROM sample"); !done) return done;
    return connection_->run("DELETE FROM histogram");
}

Result<std::vector<StageCount>> Store::histogram(std::int64_t from_day, std::int64_t to_day, std::string_view stage, std::string_view corridor) {
    std::vector<StageCount> out;
    const auto done = connection_->query(
        "SELECT s.text, ifnull(c.text, ''), h.bucket, sum(h.count) FROM histogram h JOIN word s ON s.id=h.stage LEFT JOIN word c ON c.id=h.corridor "
        "WHERE h.day BETWEEN ? AND ? AND (?3='' OR s.text=?3) AND (?4='' OR c.text=?4) GROUP BY s.text, c.text, h.bucket ORDER BY 1, 2, 3",
        {from_day, to_day, stage, corridor}, [&](const Row& row) {
            out.push_back({row.text(0), row.text(1), {static_cast<std::uint32_t>(row.number(2)), static_cast<std::uint64_t>(row.number(3))}});
            return true;
        });
    if (!done) return done.error();
    return out;
}

Result<void> Store::drop(const EventRecord& event) {
    std::vector<RefLink> links = event.refs;
    for (const RefId part : event.parts) links.push_back({part, Relation::part});
    for (const RefLink& one : links) {
        auto done = connection_->run("DELETE FROM link WHERE ref=? AND relation=? AND event=?", {one.ref, static_cast<std::int64_t>(one.relation), event.id});
        if (done && one.relation == Relation::same) done = connection_->run("UPDATE ref SET uses=uses-1 WHERE id=?", {one.ref});
        if (done) done = connection_->run("DELETE FROM ref WHERE id=?1 AND NOT EXISTS(SELECT 1 FROM link WHERE ref=?1)", {one.ref});
        if (done && connection_->changed_rows() != 0) done = clean(one.ref);
        if (!done) return done;
    }
    if (auto done = connection_->run("DELETE FROM sample WHERE event=?", {event.id}); !done) return done;
    return connection_->run("DELETE FROM event WHERE id=?", {event.id});
}

Result<std::size_t> Store::forget(std::int64_t before_day, std::size_t most) {
    const auto oldest = events_after(0, most);
    if (!oldest) return oldest.error();
    std::size_t dropped = 0;
    for (const EventId id : *oldest) {
        const auto record = event(id, true);
        if (!record) return record.error();
        if (!*record || (*record)->day >= before_day) break;
        if (auto done = drop(**record); !done) return done.error();
        ++dropped;
    }
    return dropped;
}

Result<Store::Counts> Store::counts() {
    Counts out;
    for (const auto& [sql, count] : {std::pair{"SELECT ifnull(max(id) - min(id) + 1, 0) FROM event", &out.events},
                                     std::pair{"SELECT ifnull(max(id), 0) FROM ref", &out.references}, std::pair{"SELECT count(*) FROM dirty", &out.waiting}}) {
        const auto number = connection_->number(sql);
        if (!number) return number.error();
        *count = static_cast<std::uint64_t>(*number);
    }
    return out;
}

}  // namespace hansa::trace
