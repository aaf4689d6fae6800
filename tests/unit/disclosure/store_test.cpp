#include "core/disclosure/store.h"

#include <filesystem>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/disclosure/codes.h"
#include "core/journal/sqlite.h"
#include "tests/unit/disclosure/consents.h"

namespace hansa::disclosure::test {
namespace {

class Consents : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("hansa-disclosure-" + message_id());
        std::filesystem::create_directories(folder_);
        open();
    }
    void TearDown() override {
        store_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::filesystem::path path() const { return folder_ / "disclosure.db"; }
    void open() {
        store_.reset();
        auto opened = Store::open(path());
        ASSERT_TRUE(opened) << opened.error().text();
        store_ = *std::move(opened);
    }

    KeptConsent consent(const std::string& reference = "C-1", const std::string& identity = "ID-OF-ANNA") {
        Diagnostics faults;
        KeptConsent out;
        out.id = message_id();
        out.agency = "north";
        out.reference = reference;
        out.place = "GoodsShipment/Buyer/ID";
        out.subject = store_->subject_key("", identity);
        out.terms = {"bank", "payment-check", FieldSet::of(pivot::Kind::declaration, std::vector<std::string>{"InvoiceAmount"}, faults).value(), 1'000, 2'000};
        out.digest = std::string(64, 'a');
        out.signer = std::string(64, 'b');
        out.lodged_ms = 900;
        return out;
    }
    Evidence disclosed(const KeptConsent& consent, const std::string& code = {}) {
        return {0, 1'500, "bank", consent.agency, consent.id, "payment-check", "LIST-1", consent.subject, consent.terms.fields.paths(), message_id(), 1,
                code.empty() ? std::string(64, 'c') : "", code};
    }
    Result<void> run(std::string_view sql) {
        const auto connection = journal::Connection::open(path().string(), {});
        return (*connection)->run(sql);
    }

    std::filesystem::path folder_;
    std::unique_ptr<Store> store_;
};

TEST_F(Consents, AConsentSurvivesARestart) {
    const KeptConsent made = consent();
    EXPECT_EQ(store_->lodge(made).value(), made.id);
    open();
    const auto found = store_->consent(made.id);
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(found->terms.fields.paths(), made.terms.fields.paths());
    EXPECT_EQ(found->subject, store_->subject_key("", "ID-OF-ANNA")) << "the key is the store's, not the process's";
    EXPECT_FALSE(found->withdrawn_ms);
    EXPECT_EQ(store_->consent("nobody's").error().code, codes::consent_unknown);
    EXPECT_EQ(store_->consents("north")->size(), 1U);
    EXPECT_TRUE(store_->consents("south")->empty());
}

TEST_F(Consents, AReferenceIsUsedOnce) {
    const KeptConsent first = consent();
    ASSERT_TRUE(store_->lodge(first));
    KeptConsent again = consent();
    EXPECT_EQ(store_->lodge(again).value(), first.id) << "the same bytes are the same consent";
    again.digest = std::string(64, 'd');
    EXPECT_EQ(store_->lodge(again).error().code, codes::reference_used);
    again.agency = "south";
    EXPECT_TRUE(store_->lodge(again)) << "each agency has its own";
}

TEST_F(Consents, AWithdrawalHoldsForEver) {
    const KeptConsent made = consent();
    ASSERT_TRUE(store_->lodge(made));
    ASSERT_TRUE(store_->record(disclosed(made)));
    ASSERT_TRUE(store_->withdraw({made.id, std::string(64, 'e'), std::string(64, 'f'), 1'600}));
    ASSERT_TRUE(store_->withdraw({made.id, std::string(64, '0'), std::string(64, 'f'), 1'700})) << "twice is once";
    EXPECT_EQ(store_->consent(made.id)->withdrawn_ms, 1'600);
    EXPECT_EQ(store_->record(disclosed(made)).error().code, codes::withdrawn) << "not even when it was withdrawn while the answer was made";
    ASSERT_TRUE(store_->lodge(made)) << "lodged again, it stays withdrawn";
    EXPECT_TRUE(store_->consent(made.id)->withdrawn_ms);
    EXPECT_EQ(store_->withdraw({message_id(), "", "", 1}).error().code, codes::consent_unknown);
    EXPECT_EQ(store_->record(disclosed(consent("C-9"))).error().code, codes::consent_unknown);
}

TEST_F(Consents, EvidenceIsFoundBySubjectRecipientAndConsent) {
    const KeptConsent anna = consent("C-1", "ID-OF-ANNA"), bert = consent("C-2", "ID-OF-BERT");
    for (const KeptConsent& one : {anna, bert}) ASSERT_TRUE(store_->lodge(one));
    ASSERT_TRUE(store_->record(disclosed(anna)));
    ASSERT_TRUE(store_->record(disclosed(bert)));
    ASSERT_TRUE(store_->record(disclosed(anna, "disclosure.purpose-differs")));
    EvidenceFilter about_anna;
    about_anna.agency = "north";
    about_anna.subject = store_->subject_key("", "ID-OF-ANNA");
    const auto found = store_->evidence(about_anna);
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].digest, std::string(64, 'c'));
    EXPECT_EQ((*found)[1].code, "disclosure.purpose-differs");
    about_anna.after = (*found)[0].number;
    EXPECT_EQ(store_->evidence(about_anna)->size(), 1U);
    about_anna.agency = "south";
    EXPECT_TRUE(store_->evidence(about_anna)->empty());
    EXPECT_EQ(store_->evidence({.consent = bert.id})->size(), 1U);
    EXPECT_EQ(store_->evidence({.recipient = "bank", .count_max = 2})->size(), 2U);
    EXPECT_EQ(store_->verify().value(), 5U);
}

TEST_F(Consents, IdentitiesLieInItAsKeyedDigestsOnly) {
    const KeptConsent made = consent();
    ASSERT_TRUE(store_->lodge(made));
    ASSERT_TRUE(store_->record(disclosed(made)));
    store_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        EXPECT_EQ(hansa::test::slurp(entry.path()).find("ID-OF-ANNA"), std::string::npos) << entry.path();
    }
    open();
    EXPECT_TRUE(store_->is_subject(made.subject)("", "ID-OF-ANNA"));
    EXPECT_FALSE(store_->is_subject(made.subject)("", "ID-OF-ANN"));
    EXPECT_FALSE(store_->is_subject(made.subject)("I", "D-OF-ANNA")) << "scheme and number do not run together";
    const auto other = Store::open(folder_ / "other.db");
    ASSERT_TRUE(other);
    EXPECT_NE((*other)->subject_key("", "ID-OF-ANNA"), made.subject) << "each store has its own key";
}

TEST_F(Consents, NothingIsChangedOrTakenAway) {
    const KeptConsent made = consent();
    ASSERT_TRUE(store_->lodge(made));
    ASSERT_TRUE(store_->record(disclosed(made)));
    ASSERT_TRUE(store_->withdraw({made.id, std::string(64, 'e'), std::string(64, 'f'), 1'600}));
    for (const char* sql : {"UPDATE consent SET to_ms=9", "DELETE FROM consent", "UPDATE evidence SET code=''", "DELETE FROM evidence", "DELETE FROM withdrawal", "UPDATE withdrawal SET at_ms=1",
                            "UPDATE meta SET value=x'00'"}) {
        EXPECT_FALSE(run(sql)) << sql;
    }
}

TEST_F(Consents, AChangedRowIsSeen) {
    const KeptConsent made = consent();
    ASSERT_TRUE(store_->lodge(made));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store_->record(disclosed(made)));
    ASSERT_TRUE(run("DROP TRIGGER evidence_stays"));
    ASSERT_TRUE(run("DROP TRIGGER evidence_kept"));
    ASSERT_TRUE(run("DROP TRIGGER consent_stays"));
    ASSERT_TRUE(run("UPDATE evidence SET recipient='nobody' WHERE number=2"));
    EXPECT_EQ(store_->verify().error().code, codes::store_damaged);
    EXPECT_EQ(store_->evidence({}).error().code, codes::store_damaged);
    ASSERT_TRUE(run("UPDATE evidence SET recipient='bank' WHERE number=2"));
    EXPECT_TRUE(store_->verify());
    ASSERT_TRUE(run("UPDATE consent SET to_ms=999999"));
    EXPECT_EQ(store_->consent(made.id).error().code, codes::store_damaged);
    ASSERT_TRUE(run("UPDATE consent SET to_ms=2000"));
    ASSERT_TRUE(run("DELETE FROM evidence WHERE number=2"));
    EXPECT_EQ(store_->verify().error().code, codes::store_damaged) << "a missing row breaks the chain";
}

TEST_F(Consents, AStoreOfAnotherEditionIsRefused) {
    store_.reset();
    ASSERT_TRUE(run("PRAGMA user_version=7"));
    EXPECT_EQ(Store::open(path()).error().code, codes::store_version);
}

}  // namespace
}  // namespace hansa::disclosure::test
