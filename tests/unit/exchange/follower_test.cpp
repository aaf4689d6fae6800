// Who reads along in the journal: each accepted message once, in the journal's order, over restarts and retention.
#include "core/exchange/follower.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "core/base/error.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/facts.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

/// Keeps what it was handed; its position survives it, as a service's store would.
struct Notes {
    std::mutex mutex = {};
    std::int64_t position = 0;
    std::vector<std::int64_t> numbers = {};
    std::vector<std::string> references = {};
    std::size_t ticks = 0, fails = 0;
    bool documents = true;

    std::size_t count() {
        const std::lock_guard lock(mutex);
        return numbers.size();
    }
};

class Note final : public Watcher {
public:
    explicit Note(Notes& notes) : notes_(notes) {}
    std::string_view name() const override { return "notes"; }
    Result<std::int64_t> position() override { return notes_.position; }
    bool wants_documents(const journal::Message&) const override { return notes_.documents; }
    Result<void> take(std::span<const Followed> messages) override {
        const std::lock_guard lock(notes_.mutex);
        if (notes_.fails > 0) {
            --notes_.fails;
            return Error{codes::not_found, "the notes are away"};
        }
        for (const Followed& one : messages) {
            notes_.numbers.push_back(one.message.number);
            for (const pivot::Document& document : one.documents) notes_.references.push_back(field_of(document.root, "FunctionalReferenceID"));
            notes_.position = one.message.number;
        }
        return {};
    }
    Result<void> tick(std::int64_t) override {
        ++notes_.ticks;
        return {};
    }

private:
    Notes& notes_;
};

class Followers : public TwoAgencies {
protected:
    Follower following(std::vector<Notes*> all, FollowerLimits limits = {.messages_max = 2, .documents_max = 100, .poll_ms = 20}) {
        std::vector<std::shared_ptr<Watcher>> watchers;
        for (Notes* notes : all) watchers.push_back(std::make_shared<Note>(*notes));
        return Follower([this] { return gateway_->surroundings(); }, *journal_, std::move(watchers), limits);
    }
    void accept(int count) {
        for (int i = 0; i < count; ++i) accepted("north", declaration("xa", "R-" + std::to_string(++made_)));
    }
    std::vector<std::string> expected() const {
        std::vector<std::string> out;
        for (int i = 1; i <= made_; ++i) out.push_back("R-" + std::to_string(i));
        return out;
    }
    /// Numbers of all accepted incoming messages, as the journal has them.
    std::vector<std::int64_t> recorded() {
        std::vector<std::int64_t> out;
        journal::Filter filter;
        filter.direction = journal::Direction::in;
        filter.oldest_first = true;
        filter.count_max = 1'000;
        for (const journal::Message& one : test::must(journal_->search(filter)).messages) {
            if (one.state != journal::State::refused) out.push_back(one.number);
        }
        return out;
    }
    int made_ = 0;
};

TEST_F(Followers, HandOverEachMessageOnceInTheJournalsOrder) {
    accept(5);
    Notes notes;
    Follower follower = following({&notes});
    EXPECT_EQ(follower.run_once(0), 5U);
    EXPECT_EQ(notes.references, expected());
    EXPECT_EQ(notes.numbers, recorded());
    EXPECT_EQ(notes.ticks, 1U);
    EXPECT_EQ(follower.run_once(0), 0U) << "again";
    accept(1);
    EXPECT_EQ(follower.run_once(0), 1U);
    EXPECT_EQ(notes.references, expected());
}

TEST_F(Followers, LeaveOutWhatWasRefused) {
    accept(1);
    std::string bad = declaration("xa", "R-X");
    bad.replace(bad.find("OUT"), 3, "AWAY");
    Diagnostics faults;
    ASSERT_FALSE(gateway_->accept({.agency = "north", .bytes = bad, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults));
    accept(1);
    Notes notes;
    Follower follower = following({&notes});
    EXPECT_EQ(follower.run_once(0), 2U);
    EXPECT_EQ(notes.references, expected());
}

TEST_F(Followers, GoOnFromTheWatchersPositionAfterARestart) {
    accept(3);
    Notes notes, late;
    { EXPECT_EQ(following({&notes}).run_once(0), 3U); }
    accept(2);
    // The second watcher begins where it says it stands, in the middle of a step of the other one.
    late.position = notes.numbers[1];
    Follower follower = following({&notes, &late});
    follower.run_once(0);
    EXPECT_EQ(notes.references, expected());
    EXPECT_EQ(notes.numbers, recorded());
    EXPECT_EQ(late.numbers, std::vector<std::int64_t>(notes.numbers.begin() + 2, notes.numbers.end()));
}

TEST_F(Followers, AskAWatcherAgainThatFailed) {
    accept(4);
    Notes good, weak;
    weak.fails = 1;
    Follower follower = following({&weak, &good});
    follower.run_once(0);
    EXPECT_EQ(good.references, expected()) << "others do not wait for it";
    EXPECT_EQ(weak.count(), 0U);
    EXPECT_EQ(weak.ticks, 0U);
    follower.run_once(0);
    EXPECT_EQ(weak.references, expected());
    EXPECT_EQ(good.references, expected());
}

TEST_F(Followers, ReadNoDocumentsForThoseWhoDoNotWantThem) {
    accept(2);
    Notes notes;
    notes.documents = false;
    Follower follower = following({&notes});
    EXPECT_EQ(follower.run_once(0), 2U);
    EXPECT_EQ(notes.numbers, recorded());
    EXPECT_TRUE(notes.references.empty());
}

TEST_F(Followers, GiveAMessageWithoutDocumentsWhereRetentionDroppedThem) {
    accept(2);
    journal::Retention retention;
    retention.at_ms = retention.before_ms = std::int64_t{1} << 50;
    retention.states = {journal::State::queued};
    retention.kinds = {journal::BodyKind::pivot};
    ASSERT_GT(test::must(journal_->drop_bodies(retention)), 0U);
    accept(1);
    Notes notes;
    Follower follower = following({&notes});
    EXPECT_EQ(follower.run_once(0), 3U);
    EXPECT_EQ(notes.numbers, recorded());
    EXPECT_EQ(notes.references, std::vector<std::string>{"R-3"});
}

TEST_F(Followers, ReadAgainWhatTookTheFastWay) {
    use_fast(registry_, 0);
    accept(2);
    Notes notes;
    Follower follower = following({&notes});
    EXPECT_EQ(follower.run_once(0), 2U);
    EXPECT_EQ(notes.references, expected());
}

TEST_F(Followers, TakeABatchAsOneMessageEvenWhenItIsLargerThanAStep) {
    const std::string batch = test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-1"), declaration("xa", "R-2"), declaration("xa", "R-3")}, "xa.declaration"));
    accepted("north", batch);
    made_ = 3;
    accept(1);
    Notes notes;
    Follower follower = following({&notes}, {.messages_max = 10, .documents_max = 2, .poll_ms = 20});
    EXPECT_EQ(follower.run_once(0), 2U);
    EXPECT_EQ(notes.references, expected());
    EXPECT_EQ(notes.numbers, recorded());
}

TEST_F(Followers, NeitherSkipNorRepeatWhatIsCommittedWhileTheyRead) {
    Notes notes, other;
    Follower follower = following({&notes, &other});
    follower.start();
    std::vector<std::thread> senders;
    for (int sender = 0; sender < 3; ++sender) {
        senders.emplace_back([&, sender] {
            for (int i = 0; i < 30; ++i) {
                accepted("north", declaration("xa", "S-" + std::to_string(sender) + "-" + std::to_string(i)));
                follower.wake();
            }
        });
    }
    for (std::thread& sender : senders) sender.join();
    for (int i = 0; i < 2'000 && (notes.count() < 90 || other.count() < 90); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    follower.stop();
    EXPECT_EQ(notes.numbers, recorded());
    EXPECT_EQ(other.numbers, recorded());
    EXPECT_EQ(notes.numbers.size(), 90U);
}

TEST_F(Followers, WorkForOthersAfterAReload) {
    accept(1);
    Notes before, after;
    Follower follower = following({});
    follower.start();
    follower.replace({std::make_shared<Note>(after)});
    for (int i = 0; i < 2'000 && after.count() < 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    follower.replace({std::make_shared<Note>(before)});
    for (int i = 0; i < 2'000 && before.count() < 1; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    follower.stop();
    EXPECT_EQ(after.references, expected());
    EXPECT_EQ(before.references, expected());
}

TEST_F(Followers, StopWithoutHavingBegun) {
    Notes notes;
    Follower idle = following({&notes});
    idle.stop();
    idle.start();
    accept(1);
    EXPECT_EQ(idle.run_once(0), 0U) << "a stopped one hands over nothing";
}

}  // namespace
}  // namespace hansa::exchange
