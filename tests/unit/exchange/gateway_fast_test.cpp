// The fast way in the gateway: what it does, what it leaves, and how the reference watches it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/envelope/envelope.h"
#include "core/exchange/evidence.h"
#include "core/exchange/kept_documents.h"
#include "core/trust/container.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

TEST_F(TwoAgencies, GetTheSameFromTheFastWay) {
    const Acceptance first = accepted("north", declaration("xa", "R-1"));
    const auto engines = use_fast(registry_, 0);
    const Acceptance second = accepted("north", declaration("xa", "R-2"));
    EXPECT_EQ(engines->fast().counts().done, 1u);
    EXPECT_EQ(engines->counts()->compared, 0u);
    const std::string ledger = body(second.sent_ids.at(0), journal::BodyKind::ledger);
    EXPECT_EQ(ledger, body(first.sent_ids.at(0), journal::BodyKind::ledger));
    EXPECT_NE(ledger.find("Remark"), std::string::npos);
    // What is not valid is refused with all that the reference finds.
    std::string bad = declaration("xa", "R-3");
    bad.replace(bad.find("<Reference>"), 11, "<Wrong>").replace(bad.find("</Reference>"), 12, "</Wrong>");
    Diagnostics faults;
    const auto refused = gateway_->accept(
        {.agency = "north", .bytes = bad, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "schema.element-unexpected");
}

TEST_F(TwoAgencies, AreWatchedByTheReference) {
    const auto engines = use_fast(registry_, 1);
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    EXPECT_EQ(engines->counts()->compared, 1u);
    EXPECT_EQ(engines->counts()->differed, 0u);
    EXPECT_TRUE(body(done.sent_ids.at(0), journal::BodyKind::compared).empty());
}

TEST_F(TwoAgencies, GetTheReferencesAnswerWhereTheEnginesDiffer) {
    // The fast way works with a table that somebody has changed since.
    replace_in(folder_ / "plugins/xb/mappings/declaration.map", "<-> Commodity/Description\n",
               "<-> Commodity/Name  default \"goods\" \"nobody names them\"\n");
    const auto engines = use_fast(loaded(), 1);
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    EXPECT_EQ(engines->counts()->differed, 1u);
    const std::string other = body(done.sent_ids.at(0), journal::BodyKind::compared);
    EXPECT_NE(other.find("<Description>goods</Description>"), std::string::npos) << other;
    bool told = false;
    for (const journal::Event& event : test::must(journal_->history(done.sent_ids[0])))
        told = told || event.code == "exchange.engines-differ";
    EXPECT_TRUE(told);
}

TEST(Engines, ShareOutTheWatchByDigest) {
    const auto share = [](double shadow) {
        const Engines engines(nullptr, {.fast = true, .shadow = shadow});
        int count = 0;
        for (int i = 0; i < 4096; ++i) count += engines.shadows(fmt::format("{:03x}0000000000000", i)) ? 1 : 0;
        return count;
    };
    EXPECT_EQ(share(0), 0);
    EXPECT_EQ(share(1), 4096);
    EXPECT_EQ(share(0.25), 1024);
}

TEST_F(TwoAgencies, NeedNoPivotDocumentOnTheFastWay) {
    const auto engines = use_fast(registry_, 0);
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    const std::string recipe = body(done.message_id, journal::BodyKind::pivot);
    EXPECT_TRUE(recipe.starts_with("{\"read_again\":")) << recipe;
    // Who asks for the documents gets them, made of the bytes as they came.
    const auto message = test::must(journal_->message(done.sent_ids.at(0)));
    const auto documents = test::must(kept_documents(*journal_, gateway_->surroundings(), message));
    ASSERT_EQ(documents.size(), 1u);
    EXPECT_EQ(field_of(documents[0].root, "FunctionalReferenceID"), "R-1");
    const auto evidence = trust::read_container(test::must(make_evidence(*journal_, gateway_->surroundings(), done.message_id)));
    ASSERT_TRUE(evidence);
    std::size_t pivots = 0;
    for (const trust::ContainerFile& file : *evidence) {
        if (file.name.find("-pivot.") == std::string::npos) continue;
        ++pivots;
        EXPECT_TRUE(file.bytes.starts_with("{\"documents\":")) << file.bytes;
    }
    EXPECT_EQ(pivots, 2u);
    // By other tables they would be others: then the recipe stands for itself.
    replace_in(folder_ / "plugins/xa/mappings/declaration.map", "Remark                               carry", "Remark                               drop \"of no use\"");
    const Surroundings other{directory(), loaded(), keys_, engines};
    EXPECT_EQ(evidence_of_pivot(*journal_, other, recipe), recipe);
}

TEST_F(TwoAgencies, AreKnownByTheSameFactsOnBothWays) {
    const Acceptance slow = accepted("north", declaration("xa", "R-1"));
    use_fast(registry_, 0);
    const Acceptance fast = accepted("north", declaration("xa", "R-2"));
    for (const auto& [done, reference] : {std::pair{slow, "R-1"}, std::pair{fast, "R-2"}}) {
        EXPECT_EQ(test::must(journal_->message(done.message_id)).business_key, reference);
        EXPECT_EQ(test::must(journal_->find_reference("north", "LRN", reference)).size(), 1u);
        EXPECT_EQ(test::must(journal_->find_reference("south", "LRN", reference)).size(), 1u);
    }
    Diagnostics faults;
    const auto twice = gateway_->accept({.agency = "north", .bytes = declaration("xa", "R-1") + "\n", .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code.name(), "exchange.duplicate-document");
}

TEST_F(TwoAgencies, FindTheQuestionOfAnAnswerThatTookTheFastWay) {
    const auto engines = use_fast(registry_, 0);
    const Acceptance question = accepted("north", declaration("xa", "R-1"));
    const Acceptance answer = accepted("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>R-1</About></Answer>");
    EXPECT_EQ(test::must(journal_->message(answer.message_id)).parent_id, question.sent_ids.at(0));
    EXPECT_NE(body(answer.message_id, journal::BodyKind::pivot).find("\"R-1\""), std::string::npos);
    // An answer is completed from its question: that is the reference's work, and counted.
    EXPECT_EQ(engines->fast().counts().declined.count("an answer needs its question"), 1u);
}

TEST_F(TwoAgencies, AreRefusedForTheSameReasonOnBothWays) {
    // A mapping fault is told before a route that is missing, although the fast way looks for the route first.
    std::string bad = declaration("xa", "R-1");
    bad.replace(bad.find("OUT"), 3, "AWAY");
    const auto why = [&](std::string_view agency) {
        Diagnostics faults;
        return gateway_->accept({.agency = std::string(agency), .bytes = bad, .idempotency_key = {}, .format = {}, .test = false, .transport = "test"}, faults).error();
    };
    for (const bool fast : {false, true}) {
        if (fast) use_fast(registry_, 0);
        Diagnostics faults;
        const auto refused = gateway_->accept({.agency = "south", .bytes = bad, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code.name(), "mapping.code-unknown") << refused.error().text();
        EXPECT_EQ(faults.count(), 1u);
    }
    EXPECT_EQ(why("north").code.name(), "exchange.signature-missing");
}

std::string batch_of(const std::vector<std::string>& documents) {
    return test::must(envelope::wrap_batch(documents, "xa.declaration"));
}

TEST_F(TwoAgencies, GetABatchFromTheFastWay) {
    const auto send = [&](const char* a, const char* b) {
        const Acceptance done = accepted("north", batch_of({declaration("xa", a), declaration("xa", b)}));
        EXPECT_EQ(done.sent_ids.size(), 2u);
        std::string all;
        for (const std::string& id : done.sent_ids) all += body(id, journal::BodyKind::ledger);
        return all;
    };
    const std::string ledgers = send("R-1", "R-2");
    EXPECT_NE(ledgers.find("Remark"), std::string::npos);
    const auto engines = use_fast(registry_, 0);
    EXPECT_EQ(send("R-3", "R-4"), ledgers);
    EXPECT_EQ(engines->fast().counts().done, 1u);
    EXPECT_TRUE(engines->fast().counts().declined.empty());
    const auto watched = use_fast(registry_, 1);
    EXPECT_EQ(send("R-5", "R-6"), ledgers);
    EXPECT_EQ(watched->counts()->compared, 1u);
    EXPECT_EQ(watched->counts()->differed, 0u);
}

/// Each receiver gets the documents of its route, and hears of what was lost of those only.
TEST_F(TwoAgencies, GetTheirDocumentsOfASplitMessageFromTheFastWay) {
    replace_in(folder_ / "plugins/xa/mappings/declaration.map", "Remark                               carry", "Remark  drop \"nobody reads it\"");
    registry_ = loaded();
    auto split = std::make_shared<Directory>(*directory());
    Route others = split->routes.front();
    split->routes.front().when_field = others.when_field = "DirectionCode";
    split->routes.front().when_value = "E";
    others.name = "north-south-others";
    others.when_value = "I";
    split->routes.push_back(others);
    int number = 0;
    const auto send = [&](const std::shared_ptr<const Engines>& engines) {
        gateway_->reload(Surroundings{split, registry_, keys_, engines});
        std::vector<std::string> documents;
        for (const char* direction : {"OUT", "IN", "OUT"}) {
            documents.push_back(declaration("xa", "R-" + std::to_string(++number)));
            documents.back().replace(documents.back().find("OUT"), 3, direction);
        }
        std::vector<std::string> ledgers;
        for (const std::string& id : accepted("north", batch_of(documents)).sent_ids)
            ledgers.push_back(body(id, journal::BodyKind::ledger));
        return ledgers;
    };
    const auto expected = send(nullptr);
    ASSERT_EQ(expected.size(), 3u);
    const auto losses = [](const std::string& ledger) { return nlohmann::json::parse(ledger)["entries"].size(); };
    // Two messages of one route have one ledger.
    EXPECT_EQ(expected[0], expected[1]);
    EXPECT_EQ(losses(expected[0]), 2 * losses(expected[2])) << expected[0] << expected[2];
    const auto fast = std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 0});
    EXPECT_EQ(send(fast), expected);
    EXPECT_EQ(fast->fast().counts().done, 2u);
    const auto watched = std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 1});
    EXPECT_EQ(send(watched), expected);
    EXPECT_EQ(watched->counts()->differed, 0u);
    EXPECT_EQ(watched->counts()->compared, 1u);
}

/// The verdicts of the compiled reader are watched, too.
TEST_F(TwoAgencies, GetTheReferencesVerdictWhereTheEnginesDiffer) {
    replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:maxLength value=\"60\"/>", "<xs:maxLength value=\"3\"/>");
    const auto engines = use_fast(loaded(), 1);
    const Acceptance done = accepted("north", declaration("xa", "R-1234"));
    EXPECT_EQ(engines->counts()->differed, 1u);
    EXPECT_EQ(done.sent_ids.size(), 1u);
    bool told = false;
    for (const journal::Event& event : test::must(journal_->history(done.message_id)))
        told = told || (event.code == "exchange.engines-differ" && event.detail.find("valid by the reference") != std::string::npos);
    EXPECT_TRUE(told);
}

TEST_F(TwoAgencies, AreRefusedByTheReferenceWhereOnlyTheFastWayTakesThem) {
    const auto strict = loaded();
    replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:maxLength value=\"60\"/>", "<xs:maxLength value=\"90\"/>");
    const auto engines = use_fast(loaded(), 1);
    Diagnostics faults;
    const auto refused = gateway_->accept({.agency = "north", .bytes = declaration("xa", std::string(70, 'R')), .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "schema.length");
    EXPECT_EQ(engines->counts()->differed, 1u);
}

/// Facts are watched: the fast way's table names another field.
TEST_F(TwoAgencies, AreKnownByTheReferencesFactsWhereTheEnginesDiffer) {
    replace_in(folder_ / "plugins/xa/mappings/declaration.map", "<-> FunctionalReferenceID\n", "<-> ID\n");
    const auto tables = loaded();
    const Engines engines(tables, {.fast = true, .shadow = 1});
    std::string why;
    const std::string bytes = declaration("xa", "R-1");
    const FastRead read = engines.fast().read(*tables->find("xa.declaration"), bytes);
    const auto found = engines.facts().find(*tables->find("xa.declaration"), {}, read.tape(), {}, why);
    ASSERT_TRUE(found) << why;
    EXPECT_EQ(found->at(0).number, "R-1");
    EXPECT_EQ(found->at(0).own_reference, "");
}

/// A message of China, signed inside with SM2, for a customs service that speaks the WCO's format.
class SignedInside : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        plugin::LoadOptions options;
        options.plugin_folders = {test::source_dir() / "plugins/cn", test::source_dir() / "plugins/wco"};
        options.schema_folder = test::source_dir() / "schemas";
        Diagnostics faults;
        tables_ = plugin::Registry::load(options, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        auto keys = std::make_shared<Keyring>(*keys_);
        keys->by_profile.emplace("cn.import.sm2-sm3", test::people().sm2.signer());
        keys->trust_of.emplace("north", test::people().store);
        all_keys_ = keys;
        auto directory = std::make_shared<Directory>(*TwoAgencies::directory());
        for (Agency& agency : directory->agencies) agency.unsigned_allowed = false;
        directory->routes[0].to_format = "wco.declaration";
        directory_ = directory;
    }

    std::shared_ptr<const Engines> use(bool fast, double shadow) {
        auto engines = std::make_shared<const Engines>(tables_, EngineSettings{.fast = fast, .shadow = shadow});
        gateway_->reload(Surroundings{directory_, tables_, all_keys_, engines});
        return engines;
    }

    /// The smallest list, under another number and with another order number.
    std::string signed_list(const std::string& number) {
        std::string text = test::slurp(test::source_dir() / "plugins/cn/golden/ceb621/smallest.xml");
        const std::size_t unsigned_end = text.find("<ds:Signature ");
        text.erase(unsigned_end, text.find("</ds:Signature>") + 15 - unsigned_end);
        for (const std::string name : {"orderNo", "logisticsNo"}) {
            const std::size_t at = text.find("<ceb:" + name + ">") + name.size() + 6;
            text.replace(at, text.find('<', at) - at, name + number);
        }
        return test::must(trust::sign(text, *tables_->profile("cn.import.sm2-sm3"), test::people().sm2.signer()));
    }

    std::shared_ptr<const plugin::Registry> tables_;
    std::shared_ptr<const Keyring> all_keys_;
    std::shared_ptr<const Directory> directory_;
};

TEST_F(SignedInside, TakesTheFastWayFromTheSignatureToTheSignature) {
    use(false, 0);
    const Acceptance slow = accepted("north", signed_list("1"));
    const auto engines = use(true, 0);
    const Acceptance fast = accepted("north", signed_list("2"));
    const SignatureCounts counts = engines->signatures().counts();
    EXPECT_EQ(counts.verified, 1u);
    EXPECT_EQ(counts.make_left, 1u) << "a container for the receiver is the reference's";
    EXPECT_EQ(counts.made, 1u) << "the receipt";
    EXPECT_EQ(engines->fast().counts().done, 1u) << engines->fast().counts().declined.begin()->first;
    EXPECT_TRUE(body(fast.message_id, journal::BodyKind::pivot).starts_with("{\"read_again\":"));
    EXPECT_EQ(body(fast.message_id, journal::BodyKind::verification), body(slow.message_id, journal::BodyKind::verification));
    EXPECT_EQ(body(fast.sent_ids.at(0), journal::BodyKind::ledger), body(slow.sent_ids.at(0), journal::BodyKind::ledger));
    EXPECT_EQ(test::must(journal_->find_reference("south", "TRANSPORT", "logisticsNo2")).size(), 1u);
    // Both ways on the same message agree, signature and facts included.
    const auto watching = use(true, 1);
    accepted("north", signed_list("3"));
    EXPECT_EQ(watching->counts()->compared, 1u);
    EXPECT_EQ(watching->counts()->differed, 0u);
    EXPECT_EQ(watching->signatures().counts().verified, 1u);
}

TEST_F(SignedInside, ChangedContentIsRefusedOnBothWays) {
    for (const bool fast : {false, true}) {
        const auto engines = use(fast, 0);
        std::string bytes = signed_list("4");
        const std::size_t at = bytes.find("logisticsNo4");
        bytes[at] = 'L';
        Diagnostics faults;
        const auto refused = gateway_->accept({.agency = "north", .bytes = bytes, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code.name(), "trust.digest-wrong");
        // Before the signature is good the journal knows of no more than "received" and "refused".
        EXPECT_EQ(engines->fast().counts().done, 0u);
        if (fast) {
            EXPECT_EQ(engines->signatures().counts().verify_left[static_cast<std::size_t>(trust::LeftBecause::digest)], 1u);
        }
    }
}

}  // namespace
}  // namespace hansa::exchange
