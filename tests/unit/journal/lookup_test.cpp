#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

std::vector<std::string> ids(const std::vector<Message>& messages) {
    std::vector<std::string> out;
    for (const Message& message : messages) out.push_back(message.id);
    return out;
}

class JournalLookup : public JournalStore {
protected:
    std::string add(const std::string& parent, Relation relation, const std::string& from = "north",
                    const std::string& to = "south") {
        Group group = received(message_id(), random_uuid());
        Message& message = group.messages[0];
        message.parent_id = parent;
        message.relation = relation;
        message.agency_from = from;
        message.agency_to = to;
        message.received_ms = noon + count_++;
        EXPECT_EQ(code_of(group), "");
        return message.id;
    }
    void refer(const std::string& id, const std::string& scheme, const std::string& value,
               const std::string& agency = "") {
        Group group{.at_ms = noon};
        group.references.push_back({id, agency, scheme, value});
        EXPECT_EQ(code_of(group), "");
    }
    std::int64_t count_ = 0;
};

TEST_F(JournalLookup, SearchesByEveryField) {
    const std::string a = add("", Relation::none, "north", "south");
    const std::string b = add("", Relation::none, "south", "north");
    const std::string c = add(a, Relation::answer, "east", "west");
    ASSERT_EQ(move(b, {State::accepted}), "");
    const auto found = [&](const Filter& filter) { return ids(journal_->search(filter).value().messages); };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(found({}), (Ids{c, b, a}));
    EXPECT_EQ(found({.oldest_first = true}), (Ids{a, b, c}));
    EXPECT_EQ(found({.agency = "north"}), (Ids{b, a}));
    EXPECT_EQ(found({.agency = "west"}), (Ids{c}));
    EXPECT_EQ(found({.states = {State::accepted, State::dead}}), (Ids{b}));
    EXPECT_EQ(found({.agency = "north", .states = {State::received}}), (Ids{a}));
    EXPECT_EQ(found({.format = "a.order"}), (Ids{c, b, a}));
    EXPECT_EQ(found({.format = "z"}), Ids{});
    EXPECT_EQ(found({.purpose = "copy", .test = false}), (Ids{c, b, a}));
    EXPECT_EQ(found({.test = true}), Ids{});
    EXPECT_EQ(found({.direction = Direction::out}), Ids{});
    EXPECT_EQ(found({.parent_id = a}), (Ids{c}));
    EXPECT_EQ(found({.since_ms = noon + 1}), (Ids{c, b}));
    EXPECT_EQ(found({.since_ms = noon + 1, .until_ms = noon + 2}), (Ids{b}));
    EXPECT_EQ(journal_->search({.cursor = "-1"}).error().code.name(), "journal.bad-record");
    EXPECT_EQ(journal_->search({.cursor = "1; DROP TABLE message"}).error().code.name(), "journal.bad-record");
    const auto counts = journal_->counts().value();
    ASSERT_EQ(counts.size(), 2u);
    EXPECT_EQ(counts[0].state, State::received);
    EXPECT_EQ(counts[0].count, 2u);
}

TEST_F(JournalLookup, PagesMissNothingAndRepeatNothing) {
    std::vector<std::string> all;
    for (int i = 0; i < 25; ++i) all.push_back(add("", Relation::none, i % 2 == 0 ? "north" : "south", "north"));
    for (const bool oldest_first : {true, false}) {
        Filter filter{.agency = "north", .oldest_first = oldest_first, .count_max = 4};
        std::vector<std::string> seen;
        do {
            const auto page = journal_->search(filter).value();
            for (const Message& message : page.messages) seen.push_back(message.id);
            filter.cursor = page.next_cursor;
        } while (!filter.cursor.empty());
        if (!oldest_first) std::reverse(seen.begin(), seen.end());
        EXPECT_EQ(seen, all);
    }
}

TEST_F(JournalLookup, FindsByReference) {
    const std::string a = add("", Relation::none), b = add("", Relation::none);
    refer(a, "lrn", "L-1", "north");
    refer(b, "lrn", "L-1", "south");
    refer(b, "lrn", "L-1", "south");  // once more is no more
    refer(b, "guid", "G-1");
    EXPECT_EQ(journal_->find_reference("", "lrn", "L-1").value().size(), 2u);
    EXPECT_EQ(journal_->find_reference("", "lrn", "L-1").value().front().message_id, b);
    EXPECT_EQ(journal_->find_reference("north", "lrn", "L-1").value().at(0).message_id, a);
    EXPECT_EQ(journal_->find_reference("north", "", "G-1").value().size(), 1u);  // everyone's
    EXPECT_TRUE(journal_->find_reference("", "mrn", "L-1").value().empty());
    EXPECT_EQ(journal_->references_of(b).value().size(), 2u);
    EXPECT_EQ(journal_->references_of(b).value().at(0).scheme, "lrn");
}

TEST_F(JournalLookup, TracesTheFamilyButNotTheRestOfTheBatch) {
    const std::string batch = add("", Relation::none);
    const std::string mine = add(batch, Relation::part), foreign = add(batch, Relation::part);
    const std::string translated = add(mine, Relation::translation), answer = add(translated, Relation::answer);
    const std::string back = add(answer, Relation::translation);
    const std::string batch_copy = add(batch, Relation::translation);
    refer(answer, "mrn", "M-1");
    using Ids = std::vector<std::string>;
    EXPECT_EQ(ids(journal_->trace("M-1").value()), (Ids{batch, mine, translated, answer, back}));
    EXPECT_EQ(ids(journal_->trace(mine).value()), (Ids{batch, mine, translated, answer, back}));
    EXPECT_EQ(ids(journal_->trace(batch).value()), (Ids{batch, mine, foreign, translated, answer, back, batch_copy}));
    EXPECT_EQ(journal_->trace(batch, 2).value().size(), 2u);
    EXPECT_EQ(journal_->trace("M-2").error().code.name(), "journal.not-found");
}

TEST_F(JournalLookup, AnAliasStandsForOneValue) {
    const auto put = [&](const std::string& alias, const std::string& value) {
        Group group{.at_ms = noon};
        group.aliases.push_back({"north", "south", alias, value});
        return code_of(std::move(group));
    };
    EXPECT_EQ(put("a1", "a very long reference"), "");
    EXPECT_EQ(put("a1", "a very long reference"), "");
    EXPECT_EQ(put("a1", "another"), "journal.alias-conflict");
    EXPECT_EQ(put("a-shorter-1", "a very long reference"), "") << "one value, two lengths";
    EXPECT_EQ(journal_->find_alias("north", "south", "a1").value()->value, "a very long reference");
    EXPECT_EQ(journal_->find_alias("north", "south", "a-shorter-1").value()->value, "a very long reference");
    EXPECT_EQ(journal_->find_alias_of("north", "south", "a very long reference").value()->alias, "a-shorter-1");
    EXPECT_FALSE(journal_->find_alias("south", "north", "a1").value());
}

TEST_F(JournalLookup, BodiesAreKeptOnceAndFoundByReference) {
    const std::string a = add("", Relation::none), b = add("", Relation::none);
    for (const std::string& id : {a, b}) {
        Group group{.at_ms = noon};
        group.bodies.push_back({.message_id = id, .kind = BodyKind::memory, .bytes = "{\"annex\":1}", .name = "south"});
        group.bodies.push_back({.message_id = id, .kind = BodyKind::ledger, .bytes = ""});
        group.references.push_back({.message_id = id, .agency = "north", .scheme = "lrn", .value = "L-" + id});
        ASSERT_EQ(code_of(group), "");
    }
    Group named{.at_ms = noon};
    named.bodies.push_back({.message_id = a, .kind = BodyKind::pivot, .digest = sha256_hex("{\"annex\":1}")});
    ASSERT_EQ(code_of(named), "");
    EXPECT_EQ(Raw(folder_.file()).text("SELECT '' || count(*) FROM body"), "4");
    const auto found = journal_->find_body("north", "lrn", "L-" + b, BodyKind::memory).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->message_id, b);
    EXPECT_EQ(found->size, 11u);
    EXPECT_EQ(journal_->read_body(found->digest).value(), "{\"annex\":1}");
    EXPECT_FALSE(journal_->find_body("north", "lrn", "L-" + b, BodyKind::sent).value());
    EXPECT_FALSE(journal_->find_body("south", "lrn", "L-" + b, BodyKind::memory).value());
    const auto bodies = journal_->bodies_of(a).value();
    ASSERT_EQ(bodies.size(), 4u);
    EXPECT_EQ(bodies[1].kind, BodyKind::memory);
    EXPECT_EQ(bodies[1].name, "south");
    EXPECT_EQ(bodies[2].size, 0u);
    EXPECT_EQ(journal_->read_body(bodies[2].digest).value(), "");
    EXPECT_EQ(journal_->read_body(sha256_hex("none")).error().code.name(), "journal.not-found");
}

// A message of many documents has more names than a page of an answer.
TEST_F(JournalLookup, AllReferencesOfAMessageAreGiven) {
    const std::string id = commit_received();
    Group group{.at_ms = noon};
    for (int i = 0; i < 700; ++i) group.references.push_back({id, "north", i == 650 ? "HOUSE" : "LRN", "L-" + std::to_string(i)});
    group.references.push_back({id, "north", "LRN", "L-0"});
    ASSERT_EQ(code_of(group), "");
    EXPECT_EQ(code_of(group), "") << "names that are known are no fault";
    const auto all = journal_->references_of(id).value();
    ASSERT_EQ(all.size(), 700u);
    EXPECT_EQ(all.front().value, "L-0");
    const auto house = journal_->references_of(id, "HOUSE").value();
    ASSERT_EQ(house.size(), 1u);
    EXPECT_EQ(house.front().value, "L-650");
    EXPECT_EQ(journal_->find_reference("north", "LRN", "L-699").value().at(0).message_id, id);
    expect_clean();
}

// Lists are JSON, and found by their letters: what looks like the end of a text or of an entry must not be one.
TEST_F(JournalLookup, NamesOfAnyLettersAreFoundAsTheyAre) {
    const std::string id = commit_received();
    const std::vector<std::string> texts{"a",    "\"",    "\\",       "\\\\\"",  "\"]",      "[\"a\",\"a\",\"a\"]",
                                         "a\"]", ",\"a\"", "x\\\",\"y", "\n\t\x01", "\xE4\xB8\xAD", "],[\"\",\"a\",\"a"};
    Group group{.at_ms = noon};
    for (const std::string& agency : texts) {
        for (const std::string& scheme : texts) {
            for (const std::string& value : texts) {
                group.references.push_back({id, agency, scheme, value});
                group.business_keys.push_back({id, agency, scheme, value, false});
            }
        }
    }
    ASSERT_EQ(code_of(group), "");
    for (const std::string& agency : texts) {
        for (const std::string& value : texts) {
            const auto found = journal_->find_reference(agency, texts[3], value).value();
            ASSERT_EQ(found.size(), 1u) << agency << " " << value;
            EXPECT_EQ(found[0].agency + found[0].scheme + found[0].value, agency + texts[3] + value);
            EXPECT_EQ(journal_->find_business_key(agency, texts[5], value).value().size(), 1u);
        }
    }
    EXPECT_EQ(journal_->find_reference("", "", texts[4]).value().size(), 100u) << "at most so many";
    EXPECT_EQ(journal_->trace(texts[5]).value().size(), 1u);
    EXPECT_TRUE(journal_->find_reference("", "", "\",\"a").value().empty());
    expect_clean();
}

TEST_F(JournalLookup, AMarkThatLeadsToAForeignListFindsNothing) {
    const std::string id = add("", Relation::none), other = add("", Relation::none);
    for (const auto& [message, value] : {std::pair{id, "L-1"}, {other, "L-2"}}) {
        Group group{.at_ms = noon};
        group.references.push_back({message, "north", "lrn", value});
        group.business_keys.push_back({message, "north", "order", value, true});
        ASSERT_EQ(code_of(group), "");
    }
    const std::string mark = sha256_hex("L-2").substr(0, 12);
    ASSERT_TRUE(Raw(folder_.file()).run("INSERT INTO name_index(rowid, marks) VALUES(1, '" + mark + "');"
                                        "INSERT INTO business_key SELECT mark, 1 FROM business_key WHERE message = 2"));
    EXPECT_EQ(journal_->find_reference("", "lrn", "L-2").value().size(), 1u);
    EXPECT_EQ(journal_->find_reference("", "lrn", "L-2").value().at(0).message_id, other);
    EXPECT_EQ(journal_->trace("L-2").value().size(), 1u);
    EXPECT_EQ(journal_->find_business_key("north", "order", "L-2").value().size(), 1u);
    // Nor is a name refused because of it.
    Group again{.at_ms = noon};
    again.business_keys.push_back({other, "north", "order", "L-2", true});
    EXPECT_EQ(code_of(again), "");
    Diagnostics faults;
    ASSERT_TRUE(journal_->verify(faults));
    ASSERT_EQ(faults.count(), 1u);
}

// What is told to the index lies in many small runs, which are merged as more come.
TEST_F(JournalLookup, NamesOfThousandsOfMessagesAreFound) {
    std::vector<std::string> ids;
    for (int m = 0; m < 1'000; ++m) {
        Group group = received(message_id(), "<order/>");
        ids.push_back(group.messages[0].id);
        for (int i = 0; i < 10; ++i) {
            const std::string value = "L-" + std::to_string(m * 10 + i);
            group.references.push_back({ids.back(), "north", "lrn", value});
            group.business_keys.push_back({ids.back(), "north", "order", value, true});
        }
        group.references.push_back({ids.back(), "", "bill", "B-" + std::to_string(m / 50)});
        ASSERT_EQ(code_of(group), "");
    }
    for (int m = 0; m < 1'000; m += 37) {
        const std::string value = "L-" + std::to_string(m * 10 + m % 10), id = ids[static_cast<std::size_t>(m)];
        const auto found = journal_->find_reference("north", "lrn", value).value();
        ASSERT_EQ(found.size(), 1u) << value;
        EXPECT_EQ(found[0].message_id, id);
        EXPECT_EQ(journal_->find_business_key("north", "order", value).value().at(0).message_id, id);
        EXPECT_EQ(journal_->trace(value).value().size(), 1u);
        Group again{.at_ms = noon};
        again.business_keys.push_back({ids.back(), "north", "order", value, true});
        EXPECT_EQ(code_of(again), id == ids.back() ? "" : "journal.business-duplicate");
    }
    const auto bill = journal_->find_reference("", "bill", "B-7").value();
    ASSERT_EQ(bill.size(), 50u);
    EXPECT_EQ(bill.front().message_id, ids[399]);
    EXPECT_EQ(bill.back().message_id, ids[350]);
    EXPECT_TRUE(journal_->find_reference("north", "lrn", "L-10000").value().empty());
    expect_clean();
}

}  // namespace
}  // namespace hansa::journal::test
