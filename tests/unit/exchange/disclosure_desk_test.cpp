#include "core/exchange/disclosure_desk.h"

#include "core/base/digest.h"
#include "core/disclosure/codes.h"
#include "core/disclosure/regulator_table.h"
#include "core/exchange/codes.h"
#include "core/journal/sqlite.h"
#include "core/trust/container.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

constexpr std::int64_t noon = 1'795'600'000'000;  // 2026-11-25

/// North's remark is its exporter's tax number; it lodges consents, south may ask and is north's tax regulator.
class Desk : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        replace_in(folder_ / "plugins/xa/mappings/declaration.map", "Remark                               carry", "Remark  <-> Exporter/ID[@schemeID=TIN]");
        fs::copy(test::source_dir() / "plugins/hansa", folder_ / "plugins/hansa", fs::copy_options::recursive);
        fs::copy(test::source_dir() / "schemas/hansa", folder_ / "schemas/hansa", fs::copy_options::recursive);
        auto store = disclosure::Store::open(folder_ / "disclosures.db");
        ASSERT_TRUE(store) << store.error().text();
        auto keys = std::make_shared<Keyring>(*keys_);
        keys->trust_of.emplace("north", test::people().store);
        with_ = Surroundings{production({}), loaded(), keys};
        with_.disclosures = std::make_shared<DisclosureDesk>(*std::move(store));
        gateway_->reload(with_);
        Diagnostics faults;
        Submission submission{.agency = "north", .bytes = test::must(trust::sign(declaration("xa", "LIST-1"), test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer())),
                              .idempotency_key = {}, .format = {}, .test = false, .transport = "test"};
        list_ = submission;
        const auto done = gateway_->accept(submission, faults);
        ASSERT_TRUE(done) << done.error().text();
    }

    static std::shared_ptr<const Directory> production(const Regulators& regulators) {
        auto out = std::make_shared<Directory>(*directory());
        out->agencies[0].consents = true;
        out->agencies[0].regulators = regulators;
        out->agencies[1].receives_disclosures = true;
        for (Route& route : out->routes) route.test = false;
        return out;
    }

    const Agency& north() const { return with_.directory->agencies[0]; }
    const Agency& south() const { return with_.directory->agencies[1]; }

    static std::string consent(const std::string& reference = "C-1", const test::Person& person = test::people().ec) {
        const std::string text = "<consent xmlns=\"urn:hansa:consent:1\"><reference>" + reference + "</reference><subject place=\"Exporter/ID\" scheme=\"TIN\">urgent</subject>"
            "<recipient>south</recipient><purpose>credit</purpose><kind>declaration</kind><field>FunctionalReferenceID</field>"
            "<from>2026-01-01T00:00:00Z</from><to>2027-01-01T00:00:00Z</to></consent>";
        return test::must(trust::sign(text, test::core_profile("enveloped.ecdsa-p256-sha256"), person.signer()));
    }
    Result<DisclosureDesk::Lodged> lodge(const std::string& bytes) {
        Diagnostics faults;
        return with_.disclosures->lodge(*journal_, with_, north(), {bytes, "test", noon}, faults);
    }
    Result<DisclosureDesk::Disclosed> ask(const std::string& id, const std::string& reference = "LIST-1") {
        return with_.disclosures->disclose(*journal_, with_, south(), {reference, id, "credit", noon});
    }
    std::vector<disclosure::Evidence> evidence() { return test::must(with_.disclosures->store().evidence({})); }

    Surroundings with_;
    Submission list_;
};

TEST_F(Desk, AConsentIsAMessageAndWhatLeavesIsEvidence) {
    const std::string bytes = consent();
    const auto lodged = lodge(bytes);
    ASSERT_TRUE(lodged) << lodged.error().text();
    const journal::Message message = test::must(journal_->message(lodged->consent));
    EXPECT_EQ(message.format, disclosure::consent_format);
    EXPECT_EQ(message.state, journal::State::accepted);
    EXPECT_EQ(body(lodged->consent, journal::BodyKind::received), bytes);
    const auto found = ask(lodged->consent);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->bytes, R"({"kind":"declaration","fields":[{"path":"FunctionalReferenceID","value":"LIST-1"}]})");
    ASSERT_EQ(evidence().size(), 1U);
    EXPECT_EQ(evidence()[0].digest, sha256_hex(found->bytes));
    EXPECT_EQ(lodge(bytes)->consent, lodged->consent) << "the same bytes are the same consent";
    EXPECT_EQ(lodge(consent()).error().code, disclosure::codes::reference_used) << "signed anew they are others";
}

TEST_F(Desk, WithoutEvidenceNothingLeaves) {
    const auto lodged = lodge(consent());
    ASSERT_TRUE(lodged);
    ASSERT_TRUE((*journal::Connection::open((folder_ / "disclosures.db").string(), {}))->run("DROP TABLE evidence"));
    EXPECT_FALSE(ask(lodged->consent));
}

TEST_F(Desk, OnlyTheAgencysOwnSignersSpeakForItsSubjects) {
    auto directory = std::make_shared<Directory>(*with_.directory);
    directory->agencies[0].signer_digests = {test::people().rsa.signer().certificate().fingerprint};
    with_.directory = directory;
    EXPECT_EQ(lodge(consent()).error().code, codes::wrong_agency);
    auto keys = std::make_shared<Keyring>(*with_.keys);
    keys->consent_trust_of.emplace("north", test::people().store);
    with_.keys = keys;
    EXPECT_TRUE(lodge(consent())) << "subjects have a folder of their own";
}

TEST_F(Desk, ARefusalOfAConsentIsInTheJournal) {
    EXPECT_EQ(lodge("<consent xmlns=\"urn:hansa:consent:1\"/>").error().code.name(), "trust.signature-missing");
    const auto page = test::must(journal_->search({.states = {journal::State::refused}}));
    ASSERT_EQ(page.messages.size(), 1U);
    EXPECT_EQ(page.messages[0].reason, "trust.signature-missing");
}

TEST_F(Desk, ATestMessageIsNotDisclosed) {
    const auto lodged = lodge(consent());
    ASSERT_TRUE(lodged);
    auto both = std::make_shared<Directory>(*with_.directory);
    const auto tests = directory();
    both->routes.insert(both->routes.end(), tests->routes.begin(), tests->routes.end());
    for (std::size_t i = 2; i < 4; ++i) both->routes[i].name += "-test";
    with_.directory = both;
    gateway_->reload(with_);
    accepted("north", declaration("xa", "LIST-2"));
    EXPECT_EQ(ask(lodged->consent, "LIST-2").error().code, disclosure::codes::document_unknown);
    EXPECT_EQ(ask(lodged->consent, "LIST-3").error().code, disclosure::codes::document_unknown);
}

TEST_F(Desk, ARouteIsDisclosedOrNotWhateverItsAgencySays) {
    const auto lodged = lodge(consent());
    ASSERT_TRUE(lodged);
    auto directory = std::make_shared<Directory>(*with_.directory);
    with_.directory = directory;
    directory->routes.front().disclosure = false;
    EXPECT_EQ(ask(lodged->consent).error().code, disclosure::codes::document_unknown) << "as if it were not there";
    EXPECT_EQ(evidence().back().code, "disclosure.route-off");
    EXPECT_TRUE(lodge(consent("C-2"))) << "the agency's other routes are as before";
    directory->routes.front().disclosure = true;
    EXPECT_TRUE(ask(lodged->consent));
    directory->agencies.front().consents = false;
    EXPECT_TRUE(ask(lodged->consent));
    EXPECT_TRUE(lodge(consent("C-3"))) << "for this route";
    directory->routes.front().disclosure.reset();
    EXPECT_EQ(ask(lodged->consent).error().code, disclosure::codes::document_unknown);
    EXPECT_EQ(lodge(consent("C-4")).error().code, disclosure::codes::not_switched_on);
}

constexpr std::string_view table = R"(regulators xa
copy xa.tax.exports
  for       tax
  text      "Exports."
  over      declaration
  certainty settled
  source    "a law"
  when      FunctionalReferenceID = "LIST-9"
  field     FunctionalReferenceID
  field     Exporter/ID
)";

TEST_F(Desk, ARegulatorGetsASignedCopyWithTheMessage) {
    Diagnostics faults;
    with_.regulators = std::make_shared<const disclosure::RegulatorBook>(std::vector{test::must(disclosure::parse_regulators(table, "xa.regulators", faults))});
    Regulators regulators;
    regulators.agency_of["tax"] = "south";
    regulators.tables = {"xa"};
    regulators.signature = "asice.ecdsa-p256-sha256";
    with_.directory = production(regulators);
    gateway_->reload(with_);
    const auto send = [&](const std::string& reference) {
        Submission submission = list_;
        submission.bytes = test::must(trust::sign(declaration("xa", reference), test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer()));
        return test::must(gateway_->accept(submission, faults));
    };
    EXPECT_EQ(send("LIST-8").sent_ids.size(), 1U) << "the row is not for this one";
    const Acceptance done = send("LIST-9");
    ASSERT_EQ(done.sent_ids.size(), 2U);
    EXPECT_NE(done.receipt.find("format=\"hansa.fields\""), std::string::npos);
    const std::string sent = body(done.sent_ids[1], journal::BodyKind::sent);
    const auto verified = trust::verify(sent, trust::standard_policy(), {.trust = &test::people().store});
    ASSERT_TRUE(verified.valid) << verified.errors.front().text();
    EXPECT_EQ(verified.covered.front().octets, R"({"role":"tax","rows":["xa.tax.exports"],"documents":[{"kind":"declaration","fields":[)"
                                               R"({"path":"FunctionalReferenceID","value":"LIST-9"},{"path":"Exporter/ID[1]","value":"urgent"}]}]})");
    const auto deliveries = test::must(journal_->deliveries_of(done.sent_ids[1]));
    ASSERT_EQ(deliveries.size(), 1U);
    EXPECT_EQ(deliveries[0].route, "regulator.tax");
}

TEST_F(Desk, ARouteSaysWhichRegulatorsGetCopies) {
    Diagnostics faults;
    std::string rows = std::string(table) + R"(copy xa.police.answers
  for       police
  text      "Answers."
  over      response
  certainty settled
  source    "a law"
  field     Declaration/FunctionalReferenceID
)";
    rows.replace(rows.find("  when"), rows.find("  field") - rows.find("  when"), "  when DirectionCode = \"E\"\n");
    with_.regulators = std::make_shared<const disclosure::RegulatorBook>(std::vector{test::must(disclosure::parse_regulators(rows, "xa.regulators", faults))});
    auto keys = std::make_shared<Keyring>(*with_.keys);
    keys->trust_of.emplace("south", test::people().store);
    with_.keys = keys;
    Regulators regulators;
    regulators.agency_of = {{"tax", "south"}, {"police", "south"}};
    regulators.tables = {"xa"};
    int number = 0;
    const auto copies = [&](bool by_route, std::optional<std::vector<std::string>> first, std::optional<std::vector<std::string>> second, bool answer = false) {
        regulators.by_route = by_route;
        auto changed = std::make_shared<Directory>(*production(regulators));
        changed->agencies[1].regulators = regulators;
        changed->routes.push_back(changed->routes.front());
        changed->routes.back().name = "another";
        changed->routes.front().regulators = std::move(first);
        changed->routes.back().regulators = std::move(second);
        with_.directory = changed;
        gateway_->reload(with_);
        const auto send = [&](const std::string& agency, const std::string& text) {
            return test::must(gateway_->accept({.agency = agency, .bytes = test::must(trust::sign(text, test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer())),
                                                .idempotency_key = {}, .format = {}, .test = false, .transport = "test"}, faults));
        };
        const std::string reference = "LIST-" + std::to_string(20 + number++);
        Acceptance sent = send("north", declaration("xa", reference));
        if (answer) sent = send("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>" + reference + "</Number><About>" + reference + "</About></Answer>");
        std::size_t out = 0;
        for (const std::string& id : sent.sent_ids) out += test::must(journal_->message(id)).format == "hansa.fields" ? 1U : 0U;
        return out;
    };
    using Roles = std::vector<std::string>;
    EXPECT_EQ(copies(false, {}, {}), 1U) << "as the agency says";
    EXPECT_EQ(copies(false, Roles{}, Roles{}), 0U);
    EXPECT_EQ(copies(false, Roles{"police"}, Roles{}), 0U) << "this role has no row for it";
    EXPECT_EQ(copies(false, Roles{"police"}, Roles{"tax"}), 1U) << "each route counts";
    EXPECT_EQ(copies(false, Roles{}, {}), 1U) << "one that says nothing does as its agency";
    EXPECT_EQ(copies(true, {}, {}), 0U);
    EXPECT_EQ(copies(true, {}, Roles{"tax"}), 1U);
    EXPECT_EQ(copies(false, {}, {}, true), 1U) << "an answer";
    EXPECT_EQ(copies(false, Roles{"tax"}, Roles{"tax"}, true), 0U);
    EXPECT_EQ(copies(true, Roles{"police"}, Roles{"police"}, true), 1U);
}

TEST_F(Desk, ACopyThatCannotBeSignedStopsTheMessage) {
    Diagnostics faults;
    with_.regulators = std::make_shared<const disclosure::RegulatorBook>(std::vector{test::must(disclosure::parse_regulators(table, "xa.regulators", faults))});
    Regulators regulators;
    regulators.agency_of["tax"] = "south";
    regulators.tables = {"xa"};
    regulators.signature = "asice.rsa-sha256";
    with_.directory = production(regulators);
    gateway_->reload(with_);
    list_.bytes = test::must(trust::sign(declaration("xa", "LIST-9"), test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer()));
    const auto done = gateway_->accept(list_, faults);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, codes::no_signer);
}

}  // namespace
}  // namespace hansa::exchange
