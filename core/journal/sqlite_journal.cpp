#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <istream>
#include <mutex>

#include "core/journal/bodies.h"
#include "core/journal/codes.h"
#include "core/journal/group.h"
#include "core/journal/journal.h"
#include "core/journal/lookup.h"
#include "core/journal/outbox.h"
#include "core/journal/retention.h"
#include "core/journal/schema.h"
#include "core/journal/verify.h"
#include "core/journal/writer.h"

namespace hansa::journal {
namespace {

namespace fs = std::filesystem;

/// Holds the right to write, as long as it lives. The system takes it back when the process ends,
/// however it ends.
class WriterLock {
public:
    static Result<std::unique_ptr<WriterLock>> take(const fs::path& store) {
        const std::string path = store.string() + ".writer";
        const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (file < 0) return Error{codes::cannot_open, fmt::format("{}: {}", path, std::strerror(errno))};
        auto lock = std::unique_ptr<WriterLock>(new WriterLock(file));
        if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
            return Error{codes::locked, fmt::format("another process writes {}", store.string())};
        }
        return lock;
    }
    ~WriterLock() { ::close(file_); }
    WriterLock(const WriterLock&) = delete;
    WriterLock& operator=(const WriterLock&) = delete;

private:
    explicit WriterLock(int file) : file_(file) {}
    int file_;
};

/// A store's two files, opened by one of its users.
struct Files {
    std::unique_ptr<Connection> store;
    std::unique_ptr<BodyFile> bodies;
};

/// Read connections: made when needed, one user at a time, at most `readers_max`.
class Readers {
public:
    Readers(std::string path, const SqliteOptions& options) : path_(std::move(path)), options_(options) {}

    /// A connection for the scope; goes back by itself.
    class Lease {
    public:
        Lease(Readers& home, Files files) : home_(&home), files_(std::move(files)) {}
        ~Lease() {
            if (home_ != nullptr) home_->give_back(std::move(files_));
        }
        Lease(Lease&& other) noexcept : home_(std::exchange(other.home_, nullptr)), files_(std::move(other.files_)) {}
        Lease& operator=(Lease&&) = delete;
        Connection& store() const { return *files_.store; }
        BodyFile& bodies() const { return *files_.bodies; }

    private:
        Readers* home_;
        Files files_;
    };

    Result<Lease> take() {
        std::unique_lock lock(mutex_);
        free_.wait(lock, [&] { return !idle_.empty() || made_ < std::max(1u, options_.readers_max); });
        if (!idle_.empty()) {
            Lease lease(*this, std::move(idle_.back()));
            idle_.pop_back();
            return lease;
        }
        ++made_;
        lock.unlock();
        auto made = make();
        if (made) return Lease(*this, std::move(*made));
        lock.lock();
        --made_;
        free_.notify_one();
        return made.error();
    }

private:
    Result<Files> make() const {
        auto store = Connection::open(
            path_, {.read_only = true, .busy_timeout_ms = options_.busy_timeout_ms, .vfs = options_.vfs});
        if (!store) return store.error();
        if (auto done = set_reading(**store); !done) return done.error();
        auto bodies = BodyFile::open(path_, {.read_only = true, .vfs = options_.vfs});
        if (!bodies) return bodies.error();
        return Files{std::move(*store), std::move(*bodies)};
    }

    void give_back(Files files) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(std::move(files));
        }
        free_.notify_one();
    }

    const std::string path_;
    const SqliteOptions options_;
    std::mutex mutex_;
    std::condition_variable free_;
    std::vector<Files> idle_;
    std::uint32_t made_ = 0;
};

/// Runs `read` in one read transaction, so that it sees one moment of the store.
template <class Read>
auto at_one_moment(Connection& store, Read read) -> decltype(read()) {
    if (auto begun = store.run("BEGIN"); !begun) return begun.error();
    auto out = read();
    if (auto ended = store.run("ROLLBACK"); !ended && out) return ended.error();
    return out;
}

class SqliteJournal final : public Journal {
public:
    SqliteJournal(std::string path, const SqliteOptions& options, std::unique_ptr<WriterLock> lock, Files files)
        : options_(options), lock_(std::move(lock)), readers_(std::move(path), options) {
        if (!files.store) return;
        writer_ = std::make_unique<Writer>(std::move(files.store), std::move(files.bodies), options.waiting_max,
                                           options.groups_per_transaction_max);
    }

    std::future<Result<Committed>> submit(Group group) override {
        struct Pending {
            Group group;
            Result<Committed> result = Committed{};
            std::promise<Result<Committed>> promise;
        };
        auto pending = std::make_shared<Pending>();
        auto future = pending->promise.get_future();
        pending->group = std::move(group);
        std::uint64_t bytes = 0;
        auto ready = writer_ ? prepare(pending->group, options_, bytes) : refused();
        if (!ready) {
            pending->promise.set_value(ready.error());
            return future;
        }
        writer_->submit({[pending](Connection& store, BodyFile& bodies) -> Result<void> {
                             pending->result = apply(store, bodies, pending->group);
                             if (!pending->result) return pending->result.error();
                             return {};
                         },
                         [pending](Result<void> done) {
                             if (!done) pending->result = done.error();
                             pending->promise.set_value(std::move(pending->result));
                         }});
        return future;
    }

    Result<std::vector<Delivery>> claim_due(const ClaimRequest& request) override {
        return write<std::vector<Delivery>>(
            [&](Connection& store, BodyFile&) { return journal::claim_due(store, request); });
    }
    using Journal::replay;
    Result<std::size_t> replay(std::string_view id, std::int64_t at_ms,
                               const std::vector<std::string>& followers) override {
        return write<std::size_t>(
            [&](Connection& store, BodyFile&) { return journal::replay(store, id, at_ms, followers); });
    }
    Result<Dropped> drop_step(const Retention& retention) override {
        if (!writer_) return refused().error();
        const auto found = read_moment([&](Connection& store) { return find_droppable(store, retention); });
        if (!found) return found.error();
        if (found->digests.empty()) return found->counts;
        auto dropped = write<Dropped>(
            [&](Connection& store, BodyFile& bodies) { return drop_found(store, bodies, retention, *found); });
        // Only what is durably dropped is cleared.
        if (dropped && dropped->bodies != 0) {
            if (auto cleared = writer_->run(clear_holes); !cleared) return cleared.error();
        }
        return dropped;
    }
    Result<Dropped> droppable(const Retention& retention) override {
        const auto found = read_moment([&](Connection& store) { return find_droppable(store, retention); });
        if (!found) return found.error();
        return found->counts;
    }
    Result<void> compact() override {
        if (!writer_) return refused();
        return writer_->run(
            [](Connection& store, BodyFile& bodies) -> Result<void> {
                if (auto done = find_end(store, bodies); !done) return done;
                // Not run(): these pragmas work step by step until they give no more rows.
                if (auto done = store.script("PRAGMA incremental_vacuum;"); !done) return done.error();
                return store.script("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA optimize;");
            },
            false);
    }

    Result<DeliveryPage> deliveries(const DeliveryFilter& filter) override {
        return read([&](Connection& store) { return lookup::deliveries(store, filter); });
    }
    Result<std::vector<Delivery>> deliveries_of(std::string_view message_id) override {
        return read([&](Connection& store) { return lookup::deliveries_of(store, message_id); });
    }
    Result<std::vector<DeliveryEvent>> delivery_history(std::string_view delivery_id) override {
        return read_moment([&](Connection& store) { return lookup::delivery_history(store, delivery_id); });
    }
    Result<OutboxCount> outbox() override {
        return read_moment([&](Connection& store) { return lookup::outbox(store); });
    }
    Result<Message> message(std::string_view id) override {
        return read([&](Connection& store) -> Result<Message> {
            auto row = find_message(store, id);
            if (!row) return row.error();
            return std::move(row->message);
        });
    }
    Result<std::vector<Event>> history(std::string_view message_id) override {
        return read_moment([&](Connection& store) { return lookup::history(store, message_id); });
    }
    Result<std::vector<Message>> children(std::string_view message_id) override {
        return read([&](Connection& store) { return lookup::children(store, message_id); });
    }
    Result<Page> search(const Filter& filter) override {
        return read_moment([&](Connection& store) { return lookup::search(store, filter); });
    }
    Result<std::vector<StateCount>> counts() override {
        return read([&](Connection& store) { return lookup::counts(store); });
    }
    Result<std::vector<Message>> trace(std::string_view reference, std::size_t count_max) override {
        return read_moment([&](Connection& store) { return lookup::trace(store, reference, count_max); });
    }
    Result<std::optional<IdempotencyKey>> find_key(std::string_view agency, std::string_view key) override {
        return read([&](Connection& store) { return lookup::key(store, agency, key); });
    }
    Result<std::vector<BusinessKey>> find_business_key(std::string_view agency, std::string_view family,
                                                       std::string_view key) override {
        return read([&](Connection& store) { return lookup::business_key(store, agency, family, key); });
    }
    Result<std::vector<Reference>> find_reference(std::string_view agency, std::string_view scheme,
                                                  std::string_view value) override {
        return read([&](Connection& store) { return lookup::reference(store, agency, scheme, value); });
    }
    Result<std::vector<Reference>> references_of(std::string_view message_id, std::string_view scheme) override {
        return read([&](Connection& store) { return lookup::references_of(store, message_id, scheme); });
    }
    Result<std::optional<Alias>> find_alias(std::string_view agency_from, std::string_view agency_to,
                                            std::string_view alias) override {
        return read([&](Connection& store) { return lookup::alias(store, agency_from, agency_to, alias, ""); });
    }
    Result<std::optional<Alias>> find_alias_of(std::string_view agency_from, std::string_view agency_to,
                                               std::string_view value) override {
        return read([&](Connection& store) { return lookup::alias(store, agency_from, agency_to, "", value); });
    }
    Result<std::string> read_body(std::string_view digest) override {
        auto lease = readers_.take();
        if (!lease) return lease.error();
        return lookup::body(lease->store(), lease->bodies(), digest);
    }
    Result<std::vector<BodyRef>> bodies_of(std::string_view message_id) override {
        return read([&](Connection& store) { return lookup::bodies_of(store, message_id); });
    }
    Result<std::optional<BodyRef>> find_body(std::string_view agency, std::string_view scheme, std::string_view value,
                                             BodyKind kind) override {
        return read_moment([&](Connection& store) { return lookup::find_body(store, agency, scheme, value, kind); });
    }
    Result<VerifyReport> verify(Diagnostics& faults) override {
        return read_bodies([&](Connection& store, BodyFile& bodies) { return journal::verify(store, bodies, faults); });
    }
    Result<void> export_lines(Sink& out, bool with_bodies) override {
        return read_bodies([&](Connection& store, BodyFile& bodies) {
            return journal::export_lines(store, bodies, out, with_bodies);
        });
    }
    Health health() const override { return writer_ ? writer_->health() : Health{}; }
    void close() override {
        const std::lock_guard lock(closing_);
        if (writer_) writer_->close();
    }

private:
    static Result<void> refused() { return Error{codes::read_only, "the journal was opened to be read"}; }

    template <class T, class Work>
    Result<T> write(Work work) {
        if (!writer_) return refused().error();
        Result<T> out = T{};
        auto done = writer_->run([&](Connection& store, BodyFile& bodies) -> Result<void> {
            out = work(store, bodies);
            if (!out) return out.error();
            return {};
        });
        if (!done) return done.error();
        return out;
    }

    template <class Read>
    auto read(Read work) -> decltype(work(std::declval<Connection&>())) {
        auto lease = readers_.take();
        if (!lease) return lease.error();
        return work(lease->store());
    }

    template <class Read>
    auto read_moment(Read work) -> decltype(work(std::declval<Connection&>())) {
        return read([&](Connection& store) { return at_one_moment(store, [&] { return work(store); }); });
    }

    /// One moment of the store with the file of its bodies, in which nothing is cleared meanwhile.
    template <class Read>
    auto read_bodies(Read work) -> decltype(work(std::declval<Connection&>(), std::declval<BodyFile&>())) {
        auto lease = readers_.take();
        if (!lease) return lease.error();
        const auto held = lease->bodies().hold();
        return at_one_moment(lease->store(), [&] { return work(lease->store(), lease->bodies()); });
    }

    const SqliteOptions options_;
    std::unique_ptr<WriterLock> lock_;
    std::mutex closing_;
    std::unique_ptr<Writer> writer_;
    // Last, so that it goes first: only a connection that writes can clear the log when it is the
    // last one to close.
    Readers readers_;
};

/// A new file is for us and our group only, and its name survives a power cut.
Result<void> make_file(const fs::path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0) {
        const bool forbidden = errno == EACCES || errno == EROFS;
        return Error{forbidden && fs::exists(path) ? codes::read_only : codes::cannot_open,
                     fmt::format("{}: {}", path.string(), std::strerror(errno))};
    }
    ::close(file);
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0) ::close(directory);
    if (!synced) return Error{codes::io_failed, fmt::format("{}: {}", folder.string(), std::strerror(errno))};
    return {};
}

/// What one writer has open, with tables made or checked.
Result<Files> open_writing(const fs::path& path, const SqliteOptions& options) {
    if (auto made = make_file(path); !made) return made.error();
    auto store = Connection::open(path.string(),
                                  {.create = true, .busy_timeout_ms = options.busy_timeout_ms, .vfs = options.vfs});
    if (!store) return store.error();
    const auto empty = is_empty(**store);
    if (!empty) return empty.error();
    // A file of someone else is left as it is: looked at before any setting is written to it.
    if (!*empty) {
        if (auto known = check_edition(**store); !known) return known.error();
    }
    if (auto durable = set_durable(**store, options.store_bytes_max); !durable) return durable.error();
    auto ready = *empty ? make_tables(**store) : raise_edition(**store);
    if (!ready) return ready.error();
    auto bodies = BodyFile::open(path.string(), {.vfs = options.vfs, .bytes_max = options.store_bytes_max});
    if (!bodies) return bodies.error();
    return Files{std::move(*store), std::move(*bodies)};
}

/// What the last writer left half done.
Result<void> take_up(Connection& store, BodyFile& bodies) {
    if (auto found = find_end(store, bodies); !found) return found;
    return store.transaction([&]() -> Result<void> {
        if (auto cleared = clear_holes(store, bodies); !cleared) return cleared;
        if (auto synced = bodies.sync(); !synced) return synced;
        return return_claims(store);
    });
}

}  // namespace

Result<Committed> Journal::commit(Group group) {
    return submit(std::move(group)).get();
}

Result<std::size_t> Journal::drop_bodies(Retention retention) {
    std::size_t dropped = 0;
    const std::size_t most = retention.count_max;
    do {
        retention.count_max = most - dropped;
        const auto step = drop_step(retention);
        if (!step) return step.error();
        dropped += step->bodies;
        retention.cursor = step->next_cursor;
    } while (!retention.cursor.empty() && dropped < most);
    return dropped;
}

namespace {

Result<void> commit_outcome(Journal& journal, Outcome outcome, std::int64_t at_ms) {
    Group group{.at_ms = at_ms};
    group.outcomes.push_back(std::move(outcome));
    auto done = journal.commit(std::move(group));
    if (!done) return done.error();
    return {};
}

}  // namespace

Result<void> Journal::mark_delivered(const Delivery& claim, std::int64_t at_ms) {
    return commit_outcome(*this, {.delivery_id = claim.id, .token = claim.token, .kind = Outcome::Kind::delivered},
                          at_ms);
}

Result<void> Journal::mark_failed(const Delivery& claim, std::int64_t at_ms, std::int64_t due_ms, std::string code,
                                  std::string detail) {
    return commit_outcome(*this,
                          {.delivery_id = claim.id,
                           .token = claim.token,
                           .kind = Outcome::Kind::retry,
                           .due_ms = due_ms,
                           .code = std::move(code),
                           .detail = std::move(detail)},
                          at_ms);
}

Result<void> Journal::bury(const Delivery& claim, std::int64_t at_ms, std::string code, std::string detail) {
    return commit_outcome(*this,
                          {.delivery_id = claim.id,
                           .token = claim.token,
                           .kind = Outcome::Kind::dead,
                           .code = std::move(code),
                           .detail = std::move(detail)},
                          at_ms);
}

Result<std::unique_ptr<Journal>> open_sqlite(const fs::path& path, const SqliteOptions& options) {
    if (options.read_only) {
        auto store = Connection::open(
            path.string(), {.read_only = true, .busy_timeout_ms = options.busy_timeout_ms, .vfs = options.vfs});
        if (!store) return store.error();
        if (auto known = check_edition(**store, true); !known) return known.error();
        return std::unique_ptr<Journal>(new SqliteJournal(path.string(), options, nullptr, {}));
    }
    auto lock = WriterLock::take(path);
    if (!lock) return lock.error();
    auto files = open_writing(path, options);
    if (!files) return files.error();
    if (auto done = take_up(*files->store, *files->bodies); !done) return done.error();
    return std::unique_ptr<Journal>(new SqliteJournal(path.string(), options, std::move(*lock), std::move(*files)));
}

Result<VerifyReport> import_sqlite(const fs::path& path, std::istream& lines, const SqliteOptions& options) {
    auto lock = WriterLock::take(path);
    if (!lock) return lock.error();
    auto files = open_writing(path, options);
    if (!files) return files.error();
    Connection& store = *files->store;
    const auto rows = store.number("SELECT (SELECT count(*) FROM message) + (SELECT count(*) FROM body)");
    if (!rows) return rows.error();
    if (*rows != 0)
        return Error{codes::already_recorded, fmt::format("{} has rows; import makes a new store", path.string())};
    VerifyReport report;
    auto done = store.transaction([&]() -> Result<void> {
        if (auto read = import_lines(store, lines); !read) return read.error();
        Diagnostics faults;
        auto verified = verify(store, *files->bodies, faults);
        if (!verified) return verified.error();
        if (!faults.empty()) return faults.errors().front();
        report = *verified;
        return {};
    });
    if (!done) return done.error();
    return report;
}

}  // namespace hansa::journal
