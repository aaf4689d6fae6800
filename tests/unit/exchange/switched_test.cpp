// What is switched on by agency and by route: which documents tell timelines, which are disclosed.
#include "core/exchange/switched.h"

#include "core/envelope/envelope.h"
#include "core/exchange/trace_desk.h"
#include "core/trace/book.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

/// North's declarations that go out take one route, all of them another; south answers.
class Switches : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/trace");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/trace/all.trace", R"(trace xa
  event xa.declared lodged
    over     declaration
    join     lrn FunctionalReferenceID
    source   "a treaty"
  event xa.answered released
    over     response
    join     lrn Declaration/FunctionalReferenceID
    source   "a treaty"
)"));
        auto keys = std::make_shared<Keyring>(*keys_);
        for (const char* agency : {"north", "south"}) keys->trust_of.emplace(agency, test::people().store);
        keys_ = keys;
        registry_ = loaded();
        directory_ = std::make_shared<Directory>(*directory());
        for (Route& route : directory_->routes) route.test = false;
        directory_->routes.push_back(directory_->routes.front());
        Route& outward = directory_->routes.front();
        outward.name = "outward";
        outward.when_field = "DirectionCode";
        outward.when_value = "E";
        gateway_->reload({directory_, registry_, keys_});
    }

    Route& outward() { return directory_->routes.front(); }
    Route& every() { return directory_->routes.back(); }
    Agency& north() { return directory_->agencies.front(); }
    Agency& south() { return directory_->agencies.back(); }

    static std::string inward(std::string text) { return text.replace(text.find("OUT"), 3, "IN"); }
    Acceptance send(const std::string& agency, const std::string& text) {
        Diagnostics faults;
        return test::must(gateway_->accept({.agency = agency, .bytes = test::must(trust::sign(text, test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer())),
                                            .idempotency_key = {}, .format = {}, .test = false, .transport = "test"}, faults));
    }
    journal::Message message(const std::string& id) { return test::must(journal_->message(id)); }
    bool is(const std::string& direction, const std::string& id) {
        pivot::Document document;  // as xa.declaration says it goes out (E) or comes in (I)
        document.root.children.push_back({.name = "DirectionCode", .value = direction});
        return test::must(Switched(*directory_, *journal_, tracing).is(message(id), document));
    }
    bool may_be(const std::string& id) { return test::must(Switched(*directory_, *journal_, tracing).may_be(message(id))); }

    std::shared_ptr<Directory> directory_;
};

TEST_F(Switches, ARouteSpeaksForWhatTakesItAndAnyIsEnough) {
    const std::string id = send("north", declaration("xa", "R-1")).message_id;
    struct Case {
        bool agency;
        std::optional<bool> outward, every;
        bool out, in, any;  ///< of a document that goes out, of one that comes in, of one at least
    };
    for (const Case& one : {Case{true, {}, {}, true, true, true}, Case{false, {}, {}, false, false, false}, Case{false, true, {}, true, false, true}, Case{true, {}, false, true, false, true},
                            Case{true, false, {}, true, true, true}, Case{true, false, false, false, false, false}, Case{false, {}, true, true, true, true}}) {
        north().trace = one.agency;
        outward().trace = one.outward;
        every().trace = one.every;
        EXPECT_EQ(is("E", id), one.out);
        EXPECT_EQ(is("I", id), one.in);
        EXPECT_EQ(may_be(id), one.any);
    }
}

TEST_F(Switches, WhereNoRouteIsLeftTheAgencySpeaks) {
    const std::string id = send("north", declaration("xa", "R-1")).message_id;
    directory_->routes.clear();
    EXPECT_TRUE(may_be(id));
    north().trace = false;
    EXPECT_FALSE(may_be(id));
    directory_->agencies.clear();
    EXPECT_TRUE(may_be(id)) << "as where nothing is said";
}

TEST_F(Switches, ARouteOfTestsOrOfOtherDaysSaysNothing) {
    const std::string id = send("north", declaration("xa", "R-1")).message_id;
    north().trace = false;
    every().trace = true;
    EXPECT_TRUE(may_be(id));
    every().until = "2000-01-01";
    EXPECT_FALSE(may_be(id));
    every().until.clear();
    every().test = true;
    EXPECT_FALSE(may_be(id));
}

TEST_F(Switches, AnAnswerIsMeantWhereTheRouteOfWhatItAnswersIs) {
    const Acceptance list = send("north", declaration("xa", "R-1"));
    const std::string answer = send("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>R-1</About></Answer>").message_id;
    const auto sent = message(message(answer).parent_id);
    Route& taken = test::must(journal_->deliveries_of(sent.id)).at(0).route == "outward" ? outward() : every();
    south().trace = false;
    EXPECT_TRUE(may_be(answer));
    taken.trace = false;
    EXPECT_FALSE(may_be(answer));
    taken.trace.reset();
    north().trace = false;
    EXPECT_FALSE(may_be(answer));
}

TEST_F(Switches, ConsentsAreLodgedWhereOneRouteIsDisclosed) {
    EXPECT_FALSE(Switched::anywhere(*directory_, north(), disclosing));
    every().disclosure = true;
    EXPECT_TRUE(Switched::anywhere(*directory_, north(), disclosing));
    EXPECT_FALSE(Switched::anywhere(*directory_, south(), disclosing));
    every().disclosure = false;
    north().consents = true;
    EXPECT_TRUE(Switched::anywhere(*directory_, north(), disclosing));
}

TEST_F(Switches, ATimelineHasOnlyWhatItsRoutesTell) {
    Diagnostics faults;
    const auto desk = test::must(TraceDesk::open({.enabled = true, .store = folder_ / "trace.db"}, trace::TraceBook::load(*registry_, faults)));
    ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
    const auto watcher = std::make_shared<TraceWatcher>(desk, [this] { return gateway_->surroundings(); }, *journal_);
    Follower follower([this] { return gateway_->surroundings(); }, *journal_, {watcher});
    north().trace = false;
    outward().trace = true;
    const std::string batch = send("north", test::must(envelope::wrap_batch(std::vector{declaration("xa", "R-1"), inward(declaration("xa", "R-2"))}, "xa.declaration"))).message_id;
    const std::string alone = send("north", inward(declaration("xa", "R-3"))).message_id;
    EXPECT_TRUE(watcher->wants_documents(message(batch)));
    outward().trace.reset();
    EXPECT_FALSE(watcher->wants_documents(message(batch))) << "no route of it tells";
    outward().trace = true;
    follower.run_once(0);
    EXPECT_EQ(watcher->position().value(), message(alone).number);
    EXPECT_EQ(desk->tracer().counts()->events, 1U);
    bool said_alone = true;
    const auto seen = [&](const std::string&, bool is_alone) {
        said_alone = is_alone;
        return true;
    };
    EXPECT_EQ(desk->tracer().timeline(*desk->book(), "R-1", {}, seen)->events.size(), 1U);
    EXPECT_FALSE(said_alone) << "who got one document of the message has not got this one";
    for (const char* untold : {"R-2", "R-3"}) EXPECT_FALSE(desk->tracer().timeline(*desk->book(), untold)) << untold;
    outward().trace.reset();
    north().trace = true;
    send("north", inward(declaration("xa", "R-4")));
    follower.run_once(0);
    EXPECT_EQ(desk->tracer().counts()->events, 2U);
}

}  // namespace
}  // namespace hansa::exchange
