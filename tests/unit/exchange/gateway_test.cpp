// The way of a message through the gateway, with two small countries and a journal: what is kept of it.
#include "core/exchange/gateway.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/envelope/envelope.h"
#include "core/plugin/scaffold.h"
#include "tests/support/corpus.h"
#include "tests/unit/trust/people.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view long_reference = "REFERENCE-OF-THE-NORTH-THAT-THE-SOUTH-CANNOT-HOLD";

void replace_in(const fs::path& path, std::string_view from, std::string_view to) {
    std::string text = test::slurp(path);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << path << ": " << from;
    text.replace(at, from.size(), to);
    ASSERT_TRUE(write_file_atomically(path, text));
}

/// North writes references of any length; south holds 22 characters and has an answer.
class TwoAgencies : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-gateway-" + random_uuid());
        for (const char* code : {"xa", "xb"})
            ASSERT_TRUE(plugin::scaffold({folder_ / "plugins", folder_ / "schemas"}, code));
        replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:maxLength value=\"22\"/>",
                   "<xs:maxLength value=\"60\"/>");
        replace_in(folder_ / "plugins/xb/mappings/declaration.map", "<-> FunctionalReferenceID\n",
                   "<-> FunctionalReferenceID  alias\n");
        add_answer();
        registry_ = loaded();
        auto opened = journal::open_sqlite(folder_ / "journal.db", {});
        ASSERT_TRUE(opened) << opened.error().text();
        journal_ = *std::move(opened);
        auto keys = std::make_shared<Keyring>();
        for (const char* profile : {"asice.ecdsa-p256-sha256", "enveloped.ecdsa-p256-sha256"}) {
            keys->by_profile.emplace(profile, test::people().ec.signer());
        }
        keys_ = keys;
        gateway_ = std::make_unique<Gateway>(Surroundings{directory(), registry_, keys}, *journal_);
    }

    std::shared_ptr<const plugin::Registry> loaded() {
        plugin::LoadOptions options;
        options.plugin_folders = {folder_ / "plugins"};
        options.schema_folder = folder_ / "schemas";
        Diagnostics faults;
        auto registry = plugin::Registry::load(options, faults);
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
        return registry;
    }

    /// From now on the fast way works, with the tables of `registry`.
    std::shared_ptr<const Engines> use_fast(std::shared_ptr<const plugin::Registry> registry, double shadow) {
        auto engines = std::make_shared<const Engines>(std::move(registry), EngineSettings{.fast = true, .shadow = shadow});
        gateway_->reload(Surroundings{directory(), registry_, keys_, engines});
        return engines;
    }
    void TearDown() override {
        gateway_.reset();
        journal_.reset();
        fs::remove_all(folder_);
    }

    void add_answer() {
        const fs::path plugin = folder_ / "plugins/xb/plugin.toml";
        ASSERT_TRUE(write_file_atomically(plugin, test::slurp(plugin) + R"(
[[format]]
id        = "xb.answer"
title     = "Answer"
edition   = "1"
root      = "{urn:example:xb:answer:1}Answer"
schema    = "xb/answer.xsd"
mapping   = "mappings/answer.map"
kind      = "response"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xb/answer.xsd",
                                          R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:xb:answer:1" elementFormDefault="qualified">
  <xs:element name="Answer"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:token"/>
    <xs:element name="About" type="xs:token"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xb/mappings/answer.map", R"(format   xb.answer
pivot    response
schema   xb/answer#Answer
empty    absent
zone     required

in Answer <-> document
  "11"                                 <-> FunctionCode
  Number                               <-> FunctionalReferenceID
  About                                <-> Declaration/FunctionalReferenceID     alias
)"));
    }

    static std::shared_ptr<const Directory> directory() {
        auto out = std::make_shared<Directory>();
        for (const auto& [id, authority] : {std::pair{"north", "xa"}, std::pair{"south", "xb"}}) {
            Agency agency;
            agency.id = agency.name = id;
            agency.authority = authority;
            agency.unsigned_allowed = true;
            agency.answer_format = "xb.answer";
            out->agencies.push_back(std::move(agency));
        }
        for (const auto& [from, to, format] :
             {std::tuple{"north", "south", "xb.declaration"}, std::tuple{"south", "north", "xa.declaration"}}) {
            Route route;
            route.name = std::string(from) + "-" + to;
            route.from = from;
            route.kind = "declaration";
            route.to = to;
            route.to_format = format;
            route.test = true;
            out->routes.push_back(std::move(route));
        }
        return out;
    }

    /// A declaration in the authority's own format; the remark stands in line 6.
    static std::string declaration(std::string_view authority, std::string_view reference) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Declaration xmlns=\"urn:example:" +
               std::string(authority) + ":declaration:1\">\n  <Reference>" + std::string(reference) +
               "</Reference>\n  <Direction>OUT</Direction>\n  <Issued>2026-01-31T08:00:00Z</Issued>\n  "
               "<Remark>urgent</Remark>\n"
               "  "
               "<Item><Number>1</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>\n</"
               "Declaration>\n";
    }

    Acceptance accepted(std::string_view agency, std::string bytes) {
        Diagnostics faults;
        auto done = gateway_->accept({.agency = std::string(agency),
                                      .bytes = std::move(bytes),
                                      .idempotency_key = {},
                                      .format = {},
                                      .test = true,
                                      .transport = "test"},
                                     faults);
        if (!done) throw std::runtime_error(done.error().text());
        return *std::move(done);
    }

    std::string body(const std::string& message, journal::BodyKind kind) {
        for (const journal::BodyRef& one : test::must(journal_->bodies_of(message))) {
            if (one.kind == kind) return test::must(journal_->read_body(one.digest));
        }
        return {};
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::shared_ptr<const Keyring> keys_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<Gateway> gateway_;
};

/// The text that stands for the long reference in what south gets.
std::string alias_in(journal::Journal& journal) {
    const auto found = test::must(journal.find_alias_of("north", "south", long_reference));
    return found ? found->alias : std::string();
}

TEST_F(TwoAgencies, TheLedgerInTheJournalNamesLineAndColumn) {
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    ASSERT_EQ(done.sent_ids.size(), 1u);
    const auto ledger = nlohmann::json::parse(body(done.sent_ids[0], journal::BodyKind::ledger));
    ASSERT_EQ(ledger["entries"].size(), 1u) << ledger.dump(2);
    EXPECT_EQ(ledger["entries"][0]["path"], "/Declaration/Remark");
    EXPECT_EQ(ledger["entries"][0]["line"], 6);
    EXPECT_EQ(ledger["entries"][0]["column"], 3);
}

TEST_F(TwoAgencies, ARefusedBatchNamesTheDocument) {
    const std::string good = declaration("xa", "R-1");
    std::string bad = declaration("xa", "R-2");
    bad.replace(bad.find("OUT"), 3, "AWAY");
    const std::string batch = test::must(envelope::wrap_batch(std::vector{good, bad}, "xa.declaration"));
    Diagnostics faults;
    const auto refused = gateway_->accept(
        {.agency = "north", .bytes = batch, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"},
        faults);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name(), "mapping.code-unknown");
    EXPECT_TRUE(refused.error().detail.starts_with("document 2 of 2: ")) << refused.error().text();
    EXPECT_EQ(refused.error().place.line, 3u);  // of the document, which lost its XML declaration in the batch
    // Nothing of it was accepted: the good one may come again.
    EXPECT_EQ(accepted("north", good).sent_ids.size(), 1u);
}

TEST_F(TwoAgencies, AnAliasIsPutBackWhenItsReceiverSaysIt) {
    accepted("north", declaration("xa", long_reference));
    const std::string alias = alias_in(*journal_);
    ASSERT_FALSE(alias.empty());
    // South speaks of the same thing in a declaration of its own.
    const Acceptance done = accepted("south", declaration("xb", alias));
    const std::string pivot = body(done.sent_ids.at(0), journal::BodyKind::pivot);
    EXPECT_NE(pivot.find(long_reference), std::string::npos) << pivot;
    EXPECT_EQ(pivot.find(alias), std::string::npos) << pivot;
}

TEST_F(TwoAgencies, AnAliasThatNobodyGaveIsTheSendersOwnText) {
    accepted("north", declaration("xa", long_reference));
    const std::string alias = alias_in(*journal_);
    // North was never given it: from north it means itself.
    const Acceptance done = accepted("north", declaration("xa", alias));
    EXPECT_NE(body(done.sent_ids.at(0), journal::BodyKind::pivot).find(alias), std::string::npos);
    const Acceptance other = accepted("south", declaration("xb", "AAAAAAAAAAAAAAAAAAAA"));
    EXPECT_NE(body(other.sent_ids.at(0), journal::BodyKind::pivot).find("AAAAAAAAAAAAAAAAAAAA"), std::string::npos);
}

TEST_F(TwoAgencies, AnAnswerToAnAliasFindsItsQuestion) {
    const Acceptance question = accepted("north", declaration("xa", long_reference));
    const Acceptance answer =
        accepted("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>" +
                              alias_in(*journal_) + "</About></Answer>");
    ASSERT_EQ(answer.sent_ids.size(), 1u);
    EXPECT_EQ(test::must(journal_->message(answer.sent_ids[0])).agency_to, "north");
    EXPECT_EQ(test::must(journal_->message(answer.message_id)).parent_id, question.sent_ids.at(0));
    EXPECT_NE(body(answer.message_id, journal::BodyKind::pivot).find(long_reference), std::string::npos);
}

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

}  // namespace
}  // namespace hansa::exchange
