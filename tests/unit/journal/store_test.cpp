#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "core/journal/body_file.h"
#include "tests/unit/journal/older_store.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

namespace fs = std::filesystem;

std::string_view open_code(const fs::path& path, const SqliteOptions& options = {}) {
    const auto opened = open_sqlite(path, options);
    return opened ? std::string_view() : opened.error().code.name();
}

TEST_F(JournalStore, OneWriterAtATime) {
    EXPECT_EQ(open_code(folder_.file()), "journal.locked");
    const std::string id = commit_received();
    auto reader = open_sqlite(folder_.file(), {.read_only = true}).value();
    EXPECT_EQ(reader->message(id).value().id, id);
    EXPECT_EQ(reader->commit(received(message_id())).error().code.name(), "journal.read-only");
    EXPECT_EQ(reader->claim_due({}).error().code.name(), "journal.read-only");
    EXPECT_EQ(reader->compact().error().code.name(), "journal.read-only");
    const std::string later = commit_received();
    EXPECT_TRUE(reader->message(later));
}

TEST_F(JournalStore, OpensOnlyItsOwnFiles) {
    EXPECT_EQ(open_code(folder_.file("none/journal.db")), "journal.cannot-open");
    EXPECT_EQ(open_code(folder_.file("none.db"), {.read_only = true}), "journal.cannot-open");
    const fs::path foreign = folder_.file("foreign.db");
    ASSERT_TRUE(Raw(foreign).run("CREATE TABLE t(a)"));
    EXPECT_EQ(open_code(foreign), "journal.version");
    EXPECT_EQ(Raw(foreign).text("PRAGMA journal_mode"), "delete") << "what is not ours is left as it is";
    const fs::path text = folder_.file("text.db");
    std::ofstream(text) << std::string(8'192, 'x');
    EXPECT_EQ(open_code(text), "journal.corrupt");
    journal_.reset();
    ASSERT_TRUE(Raw(folder_.file()).run("PRAGMA user_version = 99"));
    EXPECT_EQ(open_code(folder_.file()), "journal.version");
    EXPECT_EQ(open_code(folder_.file(), {.read_only = true}), "journal.version");
}

TEST_F(JournalStore, AStoreOfTheThirdEditionIsRaised) {
    const std::string large(10'000, 'x');
    const std::string id = commit_received("<order/>"), other = commit_received(large), bad = commit_received("<bad/>");
    journal_.reset();
    make_edition_3(folder_.file(),
                   {{id, "north", "LRN", "L-1"},
                    {other, "", "UCR", "U-\"2\""},
                    {id, "north", "UCR", "U-3"},
                    {bad, "", "UCR", "U-4"}},
                   {{id, "north", "order", "O-1", true}, {other, "north", "order", "O-2", false}});
    ASSERT_TRUE(Raw(folder_.file())
                    .run("DROP TRIGGER reference_stays; UPDATE reference SET value = 'U-5' WHERE value = 'U-4'"
                         ";CREATE TRIGGER reference_stays BEFORE UPDATE ON reference BEGIN SELECT RAISE(ABORT, "
                         "'append-only'); END"));
    // The large body in its row, as it was.
    ASSERT_TRUE(Raw(folder_.file())
                    .run("DROP TRIGGER body_bytes_stay; UPDATE body SET bytes = CAST('" + large +
                         "' AS BLOB) WHERE size = 10000;"
                         "CREATE TRIGGER body_bytes_stay BEFORE UPDATE OF bytes ON body WHEN OLD.bytes IS NOT NULL AND "
                         "NEW.bytes IS NOT NULL BEGIN SELECT RAISE(ABORT, 'append-only'); END"));
    EXPECT_EQ(open_code(folder_.file(), {.read_only = true}), "journal.version") << "who only reads leaves it as it is";
    reopen({});
    EXPECT_EQ(Raw(folder_.file()).text("PRAGMA user_version"), "5");
    EXPECT_EQ(journal_->message(id).value().id, id);
    EXPECT_EQ(journal_->read_body(sha256_hex(large)).value(), large);
    const auto references = journal_->references_of(id).value();
    ASSERT_EQ(references.size(), 2u);
    EXPECT_EQ(references[0].value, "L-1");
    EXPECT_EQ(references[1].value, "U-3");
    EXPECT_EQ(journal_->references_of(id, "UCR").value().size(), 1u);
    EXPECT_TRUE(journal_->references_of(id, "MRN").value().empty());
    EXPECT_EQ(journal_->find_reference("south", "UCR", "U-\"2\"").value().at(0).message_id, other);
    EXPECT_EQ(journal_->find_business_key("north", "order", "O-1").value().at(0).message_id, id);
    EXPECT_FALSE(journal_->find_business_key("north", "order", "O-2").value().at(0).unique);
    EXPECT_EQ(code_of({.at_ms = noon, .business_keys = {{other, "north", "order", "O-1", true}}}),
              "journal.business-duplicate");
    // What was damaged before is so afterwards, and only that.
    EXPECT_EQ(journal_->find_reference("", "UCR", "U-5").error().code.name(), "journal.record-damaged");
    EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.record-damaged"});
}

TEST_F(JournalStore, AStoreOfTheFourthEditionIsRaised) {
    const std::string id = commit_received();
    Group group{.at_ms = noon};
    group.references.push_back({.message_id = id, .scheme = "lrn", .value = "L-1"});
    group.business_keys.push_back({.message_id = id, .agency = "north", .family = "order", .key = "O-1"});
    ASSERT_EQ(code_of(group), "");
    journal_.reset();
    make_edition_4(folder_.file());
    EXPECT_EQ(open_code(folder_.file(), {.read_only = true}), "journal.version");
    reopen({});
    EXPECT_EQ(Raw(folder_.file()).text("PRAGMA user_version"), "5");
    EXPECT_EQ(journal_->find_reference("", "lrn", "L-1").value().at(0).message_id, id);
    EXPECT_EQ(journal_->find_business_key("north", "order", "O-1").value().at(0).message_id, id);
    expect_clean();
}

// What edition 1 forbade: a text too long for two elements of different lengths has two aliases.
TEST_F(JournalStore, AStoreOfTheFirstEditionIsRaised) {
    const std::string id = commit_received();
    journal_.reset();
    make_edition_3(folder_.file(), {}, {});
    ASSERT_TRUE(Raw(folder_.file()).run("DROP INDEX alias_value"));
    ASSERT_TRUE(Raw(folder_.file()).run("CREATE UNIQUE INDEX alias_value ON alias(agency_from, agency_to, value)"));
    ASSERT_TRUE(Raw(folder_.file()).run("PRAGMA user_version = 1"));
    reopen({});
    EXPECT_EQ(Raw(folder_.file()).text("PRAGMA user_version"), "5");
    EXPECT_EQ(journal_->message(id).value().id, id);
    Group group{.at_ms = noon};
    group.aliases.push_back({"north", "south", "short", "long"});
    group.aliases.push_back({"north", "south", "shorter", "long"});
    EXPECT_EQ(code_of(group), "");
    expect_clean();
}

// SQLite's dot-file locking has no shared memory, as a network share has none.
TEST_F(JournalStore, RefusesAFileSystemThatCannotBeDurable) {
    EXPECT_EQ(open_code(folder_.file("share.db"), {.vfs = "unix-dotfile"}), "journal.unsafe-settings");
}

TEST_F(JournalStore, AFullStoreRefusesHonestlyAndRecoversAlone) {
    reopen({.store_bytes_max = 1 << 20});
    std::vector<std::string> kept;
    std::string_view code;
    for (int i = 0; i < 100 && code.empty(); ++i) {
        const std::string id = message_id();
        code = code_of(received(id, std::string(50'000, 'x') + id));
        if (code.empty()) kept.push_back(id);
    }
    EXPECT_EQ(code, "journal.disk-full");
    EXPECT_FALSE(journal_->health().last_commit_ok);
    EXPECT_EQ(journal_->health().last_error, "journal.disk-full");
    ASSERT_GT(kept.size(), 5u);
    for (const std::string& id : kept) EXPECT_TRUE(journal_->message(id));
    expect_clean();
    // A large group that does not fit takes no small one with it.
    auto large = journal_->submit(received(message_id(), std::string(500'000, 'y')));
    auto small = journal_->submit({.at_ms = noon, .transitions = {{.message_id = kept[0], .to = State::refused}}});
    EXPECT_EQ(large.get().error().code.name(), "journal.disk-full");
    EXPECT_TRUE(small.get());
    for (std::size_t i = 1; i < kept.size(); ++i) ASSERT_EQ(move(kept[i], {State::refused}), "");
    ASSERT_EQ(journal_->drop_bodies({.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}}).value(),
              kept.size());
    EXPECT_EQ(code_of(received(message_id(), std::string(50'000, 'z'))), "");
    EXPECT_TRUE(journal_->health().last_commit_ok);
    expect_clean();
}

TEST_F(JournalStore, TooManyWaitingAreToldSo) {
    reopen({.waiting_max = 2});
    Raw raw(folder_.file());
    ASSERT_TRUE(raw.run("BEGIN IMMEDIATE"));  // the writer waits behind it
    std::vector<std::future<Result<Committed>>> waiting;
    // The writer may have taken two into the transaction that waits for the disk, and two wait behind it.
    for (int i = 0; i < 8; ++i) waiting.push_back(journal_->submit(received(message_id())));
    ASSERT_TRUE(raw.run("ROLLBACK"));
    int busy = 0, done = 0;
    for (auto& one : waiting) {
        const auto result = one.get();
        if (result) ++done;
        if (!result && result.error().code == codes::too_busy) ++busy;
    }
    EXPECT_GE(busy, 4);
    EXPECT_EQ(done + busy, 8);
}

TEST_F(JournalStore, AStoreThatIsHeldIsAnHonestError) {
    reopen({.busy_timeout_ms = 50});
    Raw raw(folder_.file());
    ASSERT_TRUE(raw.run("BEGIN IMMEDIATE"));
    EXPECT_EQ(code_of(received(message_id())), "journal.locked");
    ASSERT_TRUE(raw.run("ROLLBACK"));
    EXPECT_EQ(code_of(received(message_id())), "");
}

TEST_F(JournalStore, ClosingKeepsWhatWaitsAndTakesNoMore) {
    std::vector<std::future<Result<Committed>>> waiting;
    for (int i = 0; i < 20; ++i) waiting.push_back(journal_->submit(received(message_id())));
    journal_->close();
    for (auto& one : waiting) EXPECT_TRUE(one.get());
    EXPECT_EQ(code_of(received(message_id())), "journal.stopped");
    EXPECT_EQ(journal_->counts().value().at(0).count, 20u);
    journal_->close();
}

TEST_F(JournalStore, HistoryCannotBeRewritten) {
    const std::string id = commit_received();
    const std::string delivery = queue("c");
    Raw raw(folder_.file());
    for (const char* sql : {"UPDATE event SET detail = 'x'", "DELETE FROM event", "DELETE FROM message",
                            "DELETE FROM body", "UPDATE message SET agency_from = 'x'", "UPDATE body SET bytes = 'x'",
                            "UPDATE body SET digest = 'x'", "UPDATE delivery SET address = 'x'", "DELETE FROM delivery",
                            "UPDATE delivery_event SET code = 'x'", "UPDATE attachment SET kind = 'sent'"}) {
        EXPECT_FALSE(raw.run(sql)) << sql;
    }
    expect_clean();
}

// F2: what decays is seen, and only it.
TEST_F(JournalStore, ADamagedBodyIsNeverGivenOut) {
    const std::string id = commit_received("<order>1</order>"), other = commit_received("<order>2</order>");
    const std::string digest = journal_->message(id).value().digest;
    {
        Raw raw(folder_.file());
        ASSERT_TRUE(raw.run(
            "DROP TRIGGER body_bytes_stay; UPDATE body SET bytes = CAST('<order>7</order>' AS BLOB) WHERE digest = '" +
            digest + "'"));
    }
    EXPECT_EQ(journal_->read_body(digest).error().code.name(), "journal.body-damaged");
    EXPECT_TRUE(journal_->read_body(journal_->message(other).value().digest));
    EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.body-damaged"});
    // The same bytes come again: they take the damaged ones' place, for the earlier message too.
    commit_received("<order>1</order>");
    EXPECT_EQ(journal_->read_body(digest).value(), "<order>1</order>");
    expect_clean();
}

TEST_F(JournalStore, DamagedRowsAreFoundEachByItsOwn) {
    const std::string id = commit_received();
    Group group{.at_ms = noon};
    group.transitions.push_back({.message_id = id, .to = State::accepted});
    group.references.push_back({.message_id = id, .scheme = "lrn", .value = "L-1"});
    group.aliases.push_back({"north", "south", "short", "long"});
    group.keys.push_back({"north", "k", sha256_hex("<order/>"), id});
    group.business_keys.push_back({.message_id = id, .agency = "north", .family = "f", .key = "b"});
    ASSERT_EQ(code_of(group), "");
    const std::string delivery = queue("c");
    journal_.reset();
    struct Case {
        const char* sql;
        std::function<std::string_view()> read;
    };
    const auto code = [](const auto& result) { return result ? std::string_view("none") : result.error().code.name(); };
    // What the index lost is not found; that it was lost is seen when all is read.
    const auto only_verify = [] { return std::string_view("journal.record-damaged"); };
    const Case cases[] = {
        {"UPDATE message SET agency_to = 'west' WHERE number = 1", [&] { return code(journal_->message(id)); }},
        {"UPDATE message SET state = 'delivered' WHERE number = 1", [&] { return code(journal_->message(id)); }},
        {"UPDATE message SET state = 'lost' WHERE number = 1", [&] { return code(journal_->message(id)); }},
        {"UPDATE event SET at_ms = 7 WHERE number = 2", [&] { return code(journal_->history(id)); }},
        {"UPDATE event SET state = 'refused' WHERE number = 2", [&] { return code(journal_->history(id)); }},
        {"UPDATE event SET seal = x'00' WHERE number = 1", [&] { return code(journal_->history(id)); }},
        {"DELETE FROM event WHERE number = 2", [&] { return code(journal_->history(id)); }},
        {"UPDATE attachment SET name = 'x' WHERE number = 1", [&] { return code(journal_->bodies_of(id)); }},
        {"UPDATE names SET list = replace(list, 'L-1', 'L-3')",
         [&] { return code(journal_->find_reference("", "lrn", "L-1")); }},
        {"UPDATE names SET list = replace(list, 'L-1', 'L-3')", [&] { return code(journal_->references_of(id)); }},
        {"DELETE FROM names", only_verify},
        {"INSERT INTO name_index(name_index) VALUES('delete-all')", only_verify},
        {"INSERT INTO name_index(rowid, marks) VALUES(1, '0123456789ab')", only_verify},
        {"INSERT INTO business_key VALUES(7, 1)", only_verify},
        {"UPDATE business_key SET mark = 7", only_verify},
        {"UPDATE alias SET value = 'x'", [&] { return code(journal_->find_alias("north", "south", "short")); }},
        {"UPDATE idempotency SET digest = 'x'", [&] { return code(journal_->find_key("north", "k")); }},
        {"UPDATE names SET list = replace(list, 'true', 'false')",
         [&] { return code(journal_->find_business_key("north", "f", "b")); }},
        {"UPDATE delivery SET due_ms = 9",
         [&] { return code(journal_->deliveries_of(journal_->search({}).value().messages.at(0).id)); }},
        {"UPDATE delivery_event SET attempt = 9", [&] { return code(journal_->delivery_history(delivery)); }},
    };
    const fs::path good = folder_.file("good.db");
    fs::copy_file(folder_.file(), good);
    for (const Case& one : cases) {
        fs::copy_file(good, folder_.file(), fs::copy_options::overwrite_existing);
        {
            Raw raw(folder_.file());
            std::string drop;
            for (const char* table : {"message", "event", "attachment", "names", "alias", "idempotency", "delivery",
                                      "delivery_event"}) {
                drop += std::string("DROP TRIGGER ") + table + "_stays; DROP TRIGGER " + table + "_kept; ";
            }
            ASSERT_TRUE(raw.run(drop)) << raw.words();
            ASSERT_TRUE(raw.run(one.sql)) << one.sql << raw.words();
        }
        reopen();
        EXPECT_EQ(one.read(), "journal.record-damaged") << one.sql;
        EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.record-damaged"}) << one.sql;
        EXPECT_EQ(code_of(received(message_id())), "") << "others go on: " << one.sql;
        journal_.reset();
    }
}

TEST_F(JournalStore, APageShowsWhatItHadToLeaveOut) {
    const std::string a = commit_received("a"), b = commit_received("b");
    ASSERT_TRUE(
        Raw(folder_.file()).run("DROP TRIGGER message_stays; UPDATE message SET format = 'x' WHERE id = '" + a + "'"));
    const auto page = journal_->search({}).value();
    ASSERT_EQ(page.messages.size(), 1u);
    EXPECT_EQ(page.messages[0].id, b);
    ASSERT_EQ(page.damaged.size(), 1u);
    EXPECT_EQ(page.damaged[0].code.name(), "journal.record-damaged");
    EXPECT_EQ(move(a, {State::accepted}), "journal.record-damaged");
}

TEST_F(JournalStore, VerifyFindsDanglingNamesAndBrokenPages) {
    for (int i = 0; i < 200; ++i) commit_received("body " + std::to_string(i) + std::string(3'000, 'x'));
    {
        Raw raw(folder_.file());
        ASSERT_TRUE(raw.run("PRAGMA foreign_keys = OFF; DROP TRIGGER body_kept; DELETE FROM body WHERE number = 3"));
    }
    EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.dangling"});
    journal_.reset();
    const auto size = fs::file_size(folder_.file());
    {
        std::fstream file(folder_.file(), std::ios::in | std::ios::out | std::ios::binary);
        for (std::uintmax_t at = 4'096 * 20; at + 4'096 < size; at += 4'096 * 15) {
            file.seekp(static_cast<std::streamoff>(at));
            file << std::string(64, '\xEE');
        }
    }
    auto opened = open_sqlite(folder_.file(), {.read_only = true});
    ASSERT_TRUE(opened) << opened.error().text();
    journal_ = std::move(*opened);
    const auto found = faults();
    EXPECT_NE(std::find(found.begin(), found.end(), "journal.corrupt"), found.end());
}

TEST_F(JournalStore, RetentionDropsBytesAndKeepsDigests) {
    const std::string old = commit_received("old"), shared_old = commit_received("shared"),
                      shared_new = commit_received("shared");
    const std::string live = commit_received("live");
    for (const std::string& id : {old, shared_old}) ASSERT_EQ(move(id, {State::refused}), "");
    const std::string waiting = queue("c");
    const Retention rule{.at_ms = noon + 9, .before_ms = noon + 1, .states = {State::refused, State::queued}};
    EXPECT_EQ(journal_->drop_bodies({}).error().code.name(), "journal.bad-record");
    EXPECT_EQ(journal_->drop_bodies({.before_ms = noon, .states = {State::refused}}).value(), 0u);
    Retention other = rule;
    other.agency = "west";
    EXPECT_EQ(journal_->drop_bodies(other).value(), 0u);
    other = rule;
    other.kinds = {BodyKind::pivot};
    EXPECT_EQ(journal_->drop_bodies(other).value(), 0u);
    EXPECT_EQ(journal_->drop_bodies(rule).value(), 1u) << "shared bytes and those of an open delivery stay";
    EXPECT_EQ(journal_->drop_bodies(rule).value(), 0u);
    EXPECT_EQ(journal_->read_body(sha256_hex("old")).error().code.name(), "journal.body-dropped");
    EXPECT_TRUE(journal_->bodies_of(old).value().at(0).dropped);
    EXPECT_EQ(journal_->message(old).value().digest, sha256_hex("old"));
    EXPECT_TRUE(journal_->read_body(sha256_hex("shared")));
    EXPECT_TRUE(journal_->read_body(sha256_hex("live")));
    EXPECT_EQ(claim(noon).size(), 1u);
    expect_clean();
    commit_received("old");
    EXPECT_EQ(journal_->read_body(sha256_hex("old")).value(), "old");
    EXPECT_TRUE(journal_->compact());
    expect_clean();
}

TEST_F(JournalStore, AStepOfRetentionGoesOnWhereTheOneBeforeEnded) {
    std::vector<std::string> all;
    for (int i = 0; i < 5; ++i) all.push_back(commit_received("body " + std::to_string(i)));
    for (const unsigned i : {1U, 3U, 4U}) ASSERT_EQ(move(all[i], {State::refused}), "");
    Retention rule{.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}, .looked_at_max = 2};
    std::size_t dropped = 0, asked = 0, steps = 0;
    for (const bool dry : {true, false}) {
        rule.cursor.clear();
        steps = 0;
        do {
            const Dropped done = (dry ? journal_->droppable(rule) : journal_->drop_step(rule)).value();
            EXPECT_LE(done.bodies, 2u);
            (dry ? asked : dropped) += done.bodies;
            rule.cursor = done.next_cursor;
        } while (!rule.cursor.empty() && ++steps < 10);
        EXPECT_EQ(journal_->bodies_of(all[1]).value().at(0).dropped, !dry);
    }
    EXPECT_EQ(asked, 3u);
    EXPECT_EQ(dropped, 3u);
    EXPECT_EQ(steps, 2u);
    rule.cursor = "12";
    EXPECT_EQ(journal_->drop_step(rule).error().code.name(), "journal.bad-record");
}

std::uintmax_t bytes_on_disk(const fs::path& file) {
    struct stat found = {};
    return ::stat(file.c_str(), &found) == 0 ? static_cast<std::uintmax_t>(found.st_blocks) * 512 : 0;
}

TEST_F(JournalStore, CompactingGivesSpaceBack) {
    std::vector<std::string> all;
    for (int i = 0; i < 200; ++i) all.push_back(commit_received(std::string(4'000, 'x') + std::to_string(i)));
    for (const std::string& id : all) ASSERT_EQ(move(id, {State::refused}), "");
    ASSERT_TRUE(journal_->compact());
    const auto before = fs::file_size(folder_.file());
    ASSERT_EQ(journal_->drop_bodies({.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}}).value(), 200u);
    ASSERT_TRUE(journal_->compact());
    EXPECT_LT(fs::file_size(folder_.file()) + 600'000, before);
}

// Large bodies lie beside the store: what is dropped leaves a hole, and what was last leaves a shorter file.
TEST_F(JournalStore, DroppedBodiesGiveTheirRoomBackAtOnce) {
    const fs::path beside = folder_.file("journal.db-bodies");
    std::vector<std::string> all;
    for (int i = 0; i < 20; ++i) all.push_back(commit_received(std::string(100'000, 'x') + std::to_string(i)));
    EXPECT_LT(fs::file_size(folder_.file()), 500'000u);
    EXPECT_EQ(fs::status(beside).permissions(), fs::status(folder_.file()).permissions());
    const auto before = bytes_on_disk(beside);
    EXPECT_GE(before, 2'000'000u);
    const Retention rule{.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}};
    ASSERT_EQ(move(all[3], {State::refused}), "");
    ASSERT_EQ(journal_->drop_bodies(rule).value(), 1u);
    EXPECT_LT(bytes_on_disk(beside) + 80'000, before);
    std::ifstream file(beside, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(bytes.find("x3"), bytes.npos) << "nothing of it is there";
    EXPECT_TRUE(journal_->read_body(journal_->message(all[4]).value().digest));
    for (std::size_t i = 10; i < 20; ++i) ASSERT_EQ(move(all[i], {State::refused}), "");
    ASSERT_EQ(journal_->drop_bodies(rule).value(), 10u);
    EXPECT_LT(fs::file_size(beside), 1'100'000u);
    expect_clean();
}

// A reader whose moment still names a body finds its bytes, whatever retention drops meanwhile.
TEST_F(JournalStore, NothingIsClearedUnderAReader) {
    const std::string id = commit_received(std::string(100'000, 'x'));
    ASSERT_EQ(move(id, {State::refused}), "");
    const fs::path beside = folder_.file("journal.db-bodies");
    {
        const auto reader = BodyFile::open(folder_.file(), {.read_only = true}).value();
        const auto held = reader->hold();
        ASSERT_TRUE(held);
        ASSERT_EQ(journal_->drop_bodies({.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}}).value(),
                  1u);
        EXPECT_GE(bytes_on_disk(beside), 100'000u);
    }
    commit_received(std::string(50'000, 'y'));
    reopen({});
    EXPECT_LT(bytes_on_disk(beside), 60'000u) << "who opens it next clears it";
    expect_clean();
}

TEST_F(JournalStore, AStoreWithoutItsBodiesIsReadOnly) {
    const std::string id = commit_received(std::string(100'000, 'x')), small = commit_received("<order/>");
    const std::string digest = journal_->message(id).value().digest;
    journal_.reset();
    fs::remove(folder_.file("journal.db-bodies"));
    EXPECT_EQ(open_code(folder_.file()), "journal.bodies-missing");
    auto reader = open_sqlite(folder_.file(), {.read_only = true}).value();
    EXPECT_EQ(reader->message(id).value().id, id);
    EXPECT_EQ(reader->read_body(digest).error().code.name(), "journal.body-damaged");
    EXPECT_TRUE(reader->read_body(sha256_hex("<order/>")));
}

// F2, of bytes beside the store.
TEST_F(JournalStore, ADamagedLargeBodyIsNeverGivenOut) {
    const std::string bytes = std::string(50'000, 'x') + "1";
    const std::string id = commit_received(bytes), other = commit_received(std::string(50'000, 'y'));
    {
        std::fstream file(folder_.file("journal.db-bodies"), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(1'000);
        file << 'z';
    }
    EXPECT_EQ(journal_->read_body(sha256_hex(bytes)).error().code.name(), "journal.body-damaged");
    EXPECT_TRUE(journal_->read_body(journal_->message(other).value().digest));
    EXPECT_EQ(faults(), std::vector<std::string_view>{"journal.body-damaged"});
    commit_received(bytes);
    EXPECT_EQ(journal_->read_body(sha256_hex(bytes)).value(), bytes);
    expect_clean();
    // A row that names another's place does no harm to what lies there.
    {
        Raw raw(folder_.file());
        ASSERT_TRUE(raw.run("DROP TRIGGER body_bytes_stay; UPDATE body SET place = 50001 WHERE digest = '" +
                            sha256_hex(bytes) + "'"));
    }
    ASSERT_EQ(move(id, {State::refused}), "");
    for (const auto& message : journal_->search({}).value().messages) {
        if (message.state == State::received && message.id != other) {
            ASSERT_EQ(move(message.id, {State::refused}), "");
        }
    }
    ASSERT_EQ(journal_->drop_bodies({.at_ms = noon, .before_ms = noon + 1, .states = {State::refused}}).value(), 1u);
    EXPECT_TRUE(journal_->read_body(journal_->message(other).value().digest));
}

TEST_F(JournalStore, ExportedLinesComeBackWithTheirSeals) {
    const std::string id = commit_received(std::string("bin\0\xFF", 5) + std::string(9'000, 'x'));
    Group group{.at_ms = noon};
    group.references.push_back({.message_id = id, .scheme = "lrn", .value = "\"quoted\""});
    group.aliases.push_back({"north", "south", "short", "long"});
    ASSERT_EQ(code_of(group), "");
    const std::string delivery = queue("c");
    claim(noon);
    StringSink bare, whole;
    ASSERT_TRUE(journal_->export_lines(bare, false));
    ASSERT_TRUE(journal_->export_lines(whole, true));
    EXPECT_LT(bare.text().size(), whole.text().size());

    const fs::path copy = folder_.file("copy.db");
    std::istringstream lines(whole.text());
    const auto report = import_sqlite(copy, lines, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->messages, 2u);
    auto imported = open_sqlite(copy, {.read_only = true}).value();
    StringSink again;
    ASSERT_TRUE(imported->export_lines(again, true));
    EXPECT_EQ(again.text(), whole.text());

    std::istringstream once_more(whole.text());
    EXPECT_EQ(import_sqlite(copy, once_more, {}).error().code.name(), "journal.already-recorded");
    const auto import = [&](const std::string& text) {
        std::istringstream stream(text);
        return import_sqlite(folder_.file("refused.db"), stream, {}).error();
    };
    EXPECT_EQ(import(bare.text()).code.name(), "journal.bad-record");
    EXPECT_EQ(import("{}\n").detail, "line 1: not a row of a journal");
    EXPECT_EQ(import("{\"table\": \"sqlite_schema\"}\n").detail, "line 1: no such table");
    EXPECT_EQ(import("{\"table\":\"corridor\",\"name\":[],\"last_sequence\":1}").code.name(), "journal.bad-record");
    std::string forged = whole.text();
    const std::size_t at = forged.find("north");
    forged.replace(at, 5, "south");
    EXPECT_EQ(import(forged).code.name(), "journal.record-damaged");
    std::istringstream good(whole.text());
    EXPECT_TRUE(import_sqlite(folder_.file("refused.db"), good, {})) << "what was refused left nothing behind";
}

}  // namespace
}  // namespace hansa::journal::test
