#include "core/matching/matcher.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/journal/sqlite.h"
#include "core/matching/codes.h"
#include "tests/unit/matching/documents.h"

namespace hansa::matching::test {
namespace {

constexpr std::int64_t noon = 1'795'000'000, hour = 3'600, day = 86'400;

class Matching : public testing::Test {
protected:
    void SetUp() override {
        path_ = std::filesystem::path(testing::TempDir()) / (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".db");
        forget_files();
        open();
    }
    void TearDown() override {
        // What is known without reading the store is what lies there.
        if (matcher_) {
            EXPECT_EQ(matcher_->waiting(), matcher_->counts()->waiting);
            open();
            EXPECT_EQ(matcher_->waiting(), matcher_->counts()->waiting);
        }
        matcher_.reset();
        forget_files();
    }

    void forget_files() {
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    }

    void open(std::optional<std::int64_t> wait_s = std::nullopt, bool keep_endings = false) {
        matcher_.reset();
        Matcher::Options options;
        options.keep_endings = keep_endings;
        options.wait_s = wait_s;
        options.documents = [this](Number number) -> Result<pivot::Document> {
            ++asked_;
            const auto found = kept_.find(number);
            if (found == kept_.end()) return Error{codes::key_missing, "not kept"};
            return found->second;
        };
        auto opened = Matcher::open(path_, table_, std::move(options));
        ASSERT_TRUE(opened) << opened.error().text();
        matcher_ = *std::move(opened);
    }

    Outcome arrive(const std::string& format, const Lines& lines, std::int64_t at = noon) {
        static const std::map<std::string, std::string> kinds{{"cn.ceb311", "order"}, {"cn.ceb411", "payment"}, {"cn.ceb511", "waybill"},
                                                              {"cn.ceb621", "declaration"}, {"cn.ceb603", "declaration"}};
        const Number number = ++last_;
        kept_[number] = document(kinds.at(format), lines);
        const Arrival arrival{number, format, &kept_[number], at};
        const auto outcomes = matcher_->arrive({&arrival, 1}, static_cast<std::int64_t>(number));
        EXPECT_TRUE(outcomes) << (outcomes ? "" : outcomes.error().text());
        return outcomes ? outcomes->front() : Outcome{};
    }
    Outcome arrive_order(const Lines& lines = order()) { return arrive("cn.ceb311", lines); }
    Outcome arrive_payment(const Lines& lines = payment()) { return arrive("cn.ceb411", lines); }
    Outcome arrive_waybill(const Lines& lines = waybill()) { return arrive("cn.ceb511", lines); }
    Outcome arrive_list(const Lines& lines = list()) { return arrive("cn.ceb621", lines); }

    static Lines changed(Lines lines, const std::string& path, const std::string& value) {
        lines[path] = value;
        return lines;
    }
    static std::vector<std::string> ids(const Verdict& verdict) {
        std::vector<std::string> out;
        for (const Finding& finding : verdict.findings) out.push_back(finding.agreement->id);
        return out;
    }

    const MatchTable table_ = china();
    std::map<Number, pivot::Document> kept_;
    std::unique_ptr<Matcher> matcher_;
    Number last_ = 0;
    int asked_ = 0;
    std::filesystem::path path_;
};

TEST_F(Matching, AListWhosePartsAgreeIsMatchedWhenTheLastOneArrives) {
    EXPECT_EQ(arrive_order().standing, Standing::kept);
    const Outcome waiting = arrive_list();
    EXPECT_EQ(waiting.standing, Standing::waiting);
    EXPECT_EQ(waiting.missing, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(waiting.until_s, noon + 72 * hour);
    EXPECT_TRUE(arrive_payment().verdicts.empty());
    const Outcome last = arrive_waybill();
    EXPECT_EQ(last.standing, Standing::kept);
    ASSERT_EQ(last.verdicts.size(), 1U);
    EXPECT_EQ(last.verdicts[0].lead, 2U);
    EXPECT_EQ(last.verdicts[0].parts, (std::vector<Number>{1, 3, 4}));
    EXPECT_TRUE(last.verdicts[0].findings.empty());
    EXPECT_FALSE(last.verdicts[0].refused());
    EXPECT_EQ(asked_, 0) << "digests that agree are enough";
}

TEST_F(Matching, AnyOrderOfArrivalGivesTheSameVerdict) {
    std::vector<std::pair<std::string, Lines>> all{{"cn.ceb311", order()}, {"cn.ceb411", payment()}, {"cn.ceb511", waybill()}, {"cn.ceb621", list()}};
    std::vector<std::size_t> turn{0, 1, 2, 3};
    do {
        TearDown();
        open();
        std::size_t verdicts = 0;
        for (const std::size_t one : turn) {
            const Outcome outcome = arrive(all[one].first, all[one].second);
            verdicts += outcome.verdicts.size();
            for (const Verdict& verdict : outcome.verdicts) EXPECT_TRUE(verdict.findings.empty());
        }
        EXPECT_EQ(verdicts, 1U);
    } while (std::ranges::next_permutation(turn).found);
}

TEST_F(Matching, AMismatchNamesTheFieldInBothDocuments) {
    arrive_order();
    arrive_waybill();
    arrive_payment(changed(payment(), "GoodsShipment/Payment/PaymentAmount", "99.99"));
    const Outcome outcome = arrive_list();
    ASSERT_EQ(outcome.verdicts.size(), 1U);
    const Verdict& verdict = outcome.verdicts[0];
    ASSERT_EQ(ids(verdict), (std::vector<std::string>{"cn.5"}));
    EXPECT_EQ(verdict.findings[0].first_value, "100");
    EXPECT_EQ(verdict.findings[0].second_value, "99.99");
    EXPECT_TRUE(verdict.refused());
    const auto errors = verdict.errors(table_);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].code, codes::disagree);
    EXPECT_NE(errors[0].detail.find("GoodsShipment/Payment/PaymentAmount of order and payment"), std::string::npos) << errors[0].detail;
    EXPECT_EQ(errors[0].detail.find("99.99"), std::string::npos) << "values stay out of errors";
}

TEST_F(Matching, UncertainRulesWarn) {
    arrive_order();
    arrive_waybill();
    arrive_payment(changed(payment(), "GoodsShipment/Payer/Name", "Somebody Else"));
    const Outcome outcome = arrive_list();
    ASSERT_EQ(outcome.verdicts.size(), 1U);
    EXPECT_EQ(ids(outcome.verdicts[0]), (std::vector<std::string>{"cn.9"}));
    EXPECT_FALSE(outcome.verdicts[0].refused());
}

TEST_F(Matching, GoodsAreComparedByTheirNumber) {
    arrive_order();
    arrive_waybill();
    arrive_payment();
    Lines lines = list();
    // The same two items, told the other way round: the number counts, not the place.
    for (const auto& [path, value] : items()) lines.erase(path);
    for (const auto& [path, value] : items()) {
        const bool first = path.starts_with(item + "[1]");
        lines[item + (first ? "[2]" : "[1]") + path.substr(item.size() + 3)] = value;
    }
    EXPECT_TRUE(arrive_list(lines).verdicts.at(0).findings.empty());

    arrive_order(order("O-2"));
    arrive_waybill(waybill("O-2", "L-2"));
    arrive_payment(payment("O-2"));
    Lines wrong = changed(list("O-2", "I-2", "L-2"), item + "[2]/Commodity/Description", "mug");
    const Outcome outcome = arrive_list(wrong);
    ASSERT_EQ(ids(outcome.verdicts.at(0)), (std::vector<std::string>{"cn.7"}));
    EXPECT_EQ(outcome.verdicts[0].findings[0].first_path, item + "[SequenceNumeric=2]/Commodity/Description");
}

TEST_F(Matching, AnItemThatOneOfThemHasNotIsNamed) {
    arrive_order();
    arrive_waybill();
    arrive_payment();
    Lines lines = list();
    std::erase_if(lines, [](const auto& line) { return line.first.starts_with(item + "[2]"); });
    const Outcome outcome = arrive_list(lines);
    const auto errors = outcome.verdicts.at(0).errors(table_);
    ASSERT_FALSE(errors.empty());
    EXPECT_EQ(errors[0].code, codes::member_missing);
    EXPECT_NE(errors[0].detail.find("list has no " + item + "[SequenceNumeric=2]"), std::string::npos) << errors[0].detail;
}

TEST_F(Matching, WhatOneLeavesOutDecidesNothingWhereTheTableSaysSo) {
    const std::string reference = "GoodsShipment/Payment/ReferenceID";
    arrive_waybill();
    arrive_payment();
    arrive_order();  // names no payment
    EXPECT_TRUE(arrive_list().verdicts.at(0).findings.empty());

    arrive_waybill(waybill("O-2", "L-2"));
    arrive_payment(payment("O-2"));
    arrive_order(changed(order("O-2"), reference, "T-78"));
    EXPECT_EQ(ids(arrive_list(list("O-2", "I-2", "L-2")).verdicts.at(0)), (std::vector<std::string>{"cn.5"}));
}

TEST_F(Matching, WhenTheWaitIsOverTheMissingPartIsNamed) {
    open(hour);
    arrive_order();
    arrive_list();
    EXPECT_TRUE(matcher_->expire(noon + hour - 1, 10).value().empty());
    const auto late = matcher_->expire(noon + hour, 10).value();
    ASSERT_EQ(late.size(), 1U);
    EXPECT_EQ(late[0].lead, 2U);
    EXPECT_EQ(late[0].error(table_).code, codes::part_missing);
    EXPECT_EQ(late[0].error(table_).detail, "cn.import: payment, waybill");
    EXPECT_TRUE(matcher_->expire(noon + day, 10).value().empty()) << "it is told once";
    // The list may come again, and the order is still there.
    EXPECT_EQ(arrive_list().missing, (std::vector<std::size_t>{2, 3}));
}

TEST_F(Matching, ASecondDocumentOfTheSameKeyIsRefused) {
    arrive_order();
    const Outcome again = arrive_order();
    EXPECT_EQ(again.standing, Standing::refused);
    EXPECT_EQ(again.refusal->code, codes::part_double);
    arrive_list();
    EXPECT_EQ(arrive_list().refusal->code, codes::part_double);
}

TEST_F(Matching, AChangeTakesThePlaceOfWhatItChanges) {
    arrive_order();
    arrive_waybill();
    arrive_list();
    EXPECT_EQ(arrive_order(changed(order(), "FunctionCode", "4")).standing, Standing::replaced);
    EXPECT_EQ(arrive_payment(changed(payment(), "FunctionCode", "4")).refusal->code, codes::part_unknown);
    EXPECT_EQ(arrive_payment().verdicts.at(0).findings.size(), 0U);
    // Now a list was matched with it.
    EXPECT_EQ(arrive_order(changed(order(), "FunctionCode", "4")).refusal->code, codes::part_used);
    EXPECT_EQ(arrive_order(changed(order(), "FunctionCode", "1")).refusal->code, codes::part_used);
}

class Certificates : public testing::Test {
protected:
    Certificates() {
        std::ifstream file(hansa::test::source_dir() / "plugins/afcfta/matching/back-to-back.match");
        std::stringstream text;
        text << file.rdbuf();
        Diagnostics faults;
        table_ = parse_match(text.str(), "back-to-back.match", faults).value();
        path_ = std::filesystem::path(testing::TempDir()) / ("certificates-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".db");
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
        Matcher::Options options;
        options.documents = [this](Number number) -> Result<pivot::Document> { return kept_.at(number); };
        matcher_ = Matcher::open(path_, table_, std::move(options)).value();
    }
    Outcome arrive(const std::string& number, const std::string& on, const std::string& mass, const Lines& more = {}) {
        Lines lines{{"TypeCode", "861"}, {"ID", number}, {"IssueDateTime", "2026-11-05"}, {"ExpirationDateTime", "2027-11-04"}, {"GoodsItem[1]/SequenceNumeric", "1"},
                    {"GoodsItem[1]/Commodity/Classification[1]/ID", "120190"}, {"GoodsItem[1]/Commodity/Classification[1]/IdentificationTypeCode", "HS"},
                    {"GoodsItem[1]/Commodity/GoodsMeasure/GrossMassMeasure", mass}, {"GoodsItem[1]/Commodity/GoodsMeasure/GrossMassMeasure/@unitCode", "KGM"}};
        if (!on.empty()) lines["PreviousDocument[1]/TypeCode"] = "861", lines["PreviousDocument[1]/ID"] = on;
        for (const auto& [path, value] : more) lines[path] = value;
        const Number next = kept_.size() + 1;
        kept_[next] = document("lpco", lines);
        const Arrival arrival{next, "afcfta.certificate-of-origin", &kept_[next], noon};
        return matcher_->arrive({&arrival, 1}).value().front();
    }

    MatchTable table_;
    std::map<Number, pivot::Document> kept_;
    std::filesystem::path path_;
    std::unique_ptr<Matcher> matcher_;
};

TEST_F(Certificates, ASharedPartServesSeveralLeads) {
    EXPECT_EQ(arrive("C-1", "", "100").standing, Standing::kept);
    for (const char* number : {"C-2", "C-3"}) {
        const Outcome outcome = arrive(number, "C-1", "60");
        ASSERT_EQ(outcome.standing, Standing::decided) << number;
        EXPECT_TRUE(outcome.verdicts.at(0).findings.empty());
        EXPECT_TRUE(outcome.verdicts.at(0).taken.empty());
    }
    const Outcome more = arrive("C-4", "C-1", "100.5");
    ASSERT_EQ(more.verdicts.at(0).findings.size(), 1U);
    EXPECT_EQ(more.verdicts[0].findings[0].agreement->id, "afcfta.back-quantity");
    EXPECT_EQ(more.verdicts[0].findings[0].first_value, "100.5 KGM");
    EXPECT_EQ(more.verdicts[0].findings[0].second_value, "100 KGM");
}

TEST_F(Certificates, ItemsOfOneCodeCountTogether) {
    arrive("C-1", "", "100");
    const Lines second{{"GoodsItem[2]/SequenceNumeric", "2"}, {"GoodsItem[2]/Commodity/Classification[1]/ID", "120190"}, {"GoodsItem[2]/Commodity/Classification[1]/IdentificationTypeCode", "HS"},
                       {"GoodsItem[2]/Commodity/GoodsMeasure/GrossMassMeasure", "50"}, {"GoodsItem[2]/Commodity/GoodsMeasure/GrossMassMeasure/@unitCode", "KGM"}};
    EXPECT_TRUE(arrive("C-2", "C-1", "50", second).verdicts.at(0).findings.empty());
    EXPECT_EQ(arrive("C-3", "C-1", "50.1", second).verdicts.at(0).findings.size(), 1U);
}

TEST_F(Certificates, WhatALineExcludesIsNoLead) {
    arrive("C-1", "", "100");
    // A corrected one takes the place of the first: it is a certificate of its own here.
    EXPECT_EQ(arrive("C-9", "C-1", "500", {{"StatusCode", "5"}}).standing, Standing::kept);
}

TEST_F(Matching, AWithdrawnListFreesItsParts) {
    arrive_order();
    arrive_waybill();
    arrive_payment();
    EXPECT_EQ(arrive_list().standing, Standing::decided);
    EXPECT_EQ(arrive_list(changed(list(), "FunctionCode", "1")).standing, Standing::withdrawn);
    EXPECT_EQ(arrive_order(changed(order(), "FunctionCode", "1")).standing, Standing::withdrawn);
    EXPECT_EQ(matcher_->counts()->parts, 2U);
    EXPECT_EQ(matcher_->counts()->decided, 0U);
}

TEST_F(Matching, APartServesOneLead) {
    arrive_order();
    arrive_waybill();
    arrive_payment();
    arrive_list();
    const Outcome second = arrive_list(list("O-1", "I-2"));
    const Verdict& verdict = second.verdicts.at(0);
    EXPECT_TRUE(verdict.refused());
    EXPECT_EQ(verdict.taken, (std::vector<std::size_t>{1, 2, 3}));
    EXPECT_EQ(verdict.errors(table_).at(0).code, codes::part_used);
    // A list that was refused takes nothing.
    EXPECT_EQ(matcher_->counts()->decided, 1U);
}

TEST_F(Matching, WhatIsNoPartIsForeignAndWhatHasNoKeyIsRefused) {
    EXPECT_EQ(arrive("cn.ceb603", list()).standing, Standing::foreign);
    Lines lines = order();
    lines.erase(order_number);
    const Outcome outcome = arrive_order(lines);
    EXPECT_EQ(outcome.refusal->code, codes::key_missing);
    EXPECT_EQ(outcome.refusal->place.path, order_number);
}

TEST_F(Matching, AListWithoutItsOwnNumberIsKnownByItsOrder) {
    Lines lines = list();
    lines.erase("FunctionalReferenceID");
    EXPECT_EQ(arrive_list(lines).standing, Standing::waiting);
    EXPECT_EQ(arrive_list(lines).refusal->code, codes::part_double);
    EXPECT_EQ(arrive_list(changed(lines, "FunctionCode", "1")).standing, Standing::withdrawn);
    EXPECT_EQ(matcher_->counts()->waiting, 0U);
}

TEST_F(Matching, StateSurvivesARestart) {
    arrive_order();
    arrive_list();
    arrive_payment();
    open();
    EXPECT_EQ(matcher_->position().value(), 3);
    EXPECT_EQ(matcher_->counts()->waiting, 1U);
    EXPECT_EQ(arrive_waybill().verdicts.size(), 1U);
}

TEST_F(Matching, AnotherEditionOfTheTableComparesTheDocumentsThemselves) {
    arrive_order();
    arrive_payment();
    arrive_waybill();
    MatchTable edited = table_;
    edited.identity = "another";
    matcher_.reset();
    Matcher::Options options;
    options.documents = [this](Number number) -> Result<pivot::Document> {
        ++asked_;
        return kept_.at(number);
    };
    auto other = Matcher::open(path_, edited, std::move(options)).value();
    kept_[9] = document("declaration", list());
    const Arrival arrival{9, "cn.ceb621", &kept_[9], noon};
    EXPECT_TRUE(other->arrive({&arrival, 1}).value().at(0).verdicts.at(0).findings.empty());
    EXPECT_GT(asked_, 0);
}

TEST_F(Matching, ADifferenceWithoutTheDocumentsStillCounts) {
    arrive_order();
    arrive_waybill();
    arrive_payment(changed(payment(), "GoodsShipment/Payment/PaymentAmount", "99"));
    kept_.clear();
    const Verdict verdict = arrive_list().verdicts.at(0);
    EXPECT_EQ(ids(verdict), (std::vector<std::string>{"cn.5"}));
    EXPECT_TRUE(verdict.refused());
}

TEST_F(Matching, OldPartsAreForgotten) {
    arrive_order();
    EXPECT_EQ(matcher_->forget(noon + 179 * day, 10).value(), 0U);
    EXPECT_EQ(matcher_->forget(noon + 182 * day, 10).value(), 1U);
    EXPECT_EQ(matcher_->counts()->parts, 0U);
}

TEST_F(Matching, AStrangeStoreIsRefused) {
    matcher_.reset();
    {
        auto connection = journal::Connection::open(path_.string(), {}).value();
        ASSERT_TRUE(connection->script("PRAGMA user_version=7;"));
    }
    Matcher::Options options;
    const auto opened = Matcher::open(path_, table_, std::move(options));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, codes::store_version);
}

TEST_F(Matching, WhatWasDecidedLiesInTheStoreUntilItIsSettled) {
    open(std::nullopt, true);
    arrive_order();
    arrive_payment(changed(payment(), "GoodsShipment/Payment/PaymentAmount", "99.99"));
    arrive_list();
    EXPECT_TRUE(matcher_->endings(10).value().empty()) << "nothing is decided";
    arrive_waybill();
    open(std::nullopt, true);
    const auto endings = matcher_->endings(10).value();
    ASSERT_EQ(endings.size(), 1U);
    EXPECT_EQ(endings[0].end, End::refused);
    EXPECT_EQ(endings[0].document, 3U);
    EXPECT_EQ(endings[0].parts, (std::vector<Number>{1, 2, 4}));
    EXPECT_EQ(endings[0].agreements, std::vector<std::string>{"cn.5"});
    ASSERT_TRUE(matcher_->settled(endings));
    EXPECT_TRUE(matcher_->endings(10).value().empty());
}

TEST_F(Matching, EachWayToEndIsKept) {
    open(std::nullopt, true);
    arrive_list();
    arrive_list(changed(list(), "FunctionCode", "5"));
    arrive_list();                                       // the same again
    arrive_list(changed(list(), "FunctionCode", "3"));
    arrive("cn.ceb621", list(), noon);
    ASSERT_EQ((matcher_->expire(noon + 100 * day, 10)).value().size(), 1U);
    const auto endings = matcher_->endings(10).value();
    ASSERT_EQ(endings.size(), 4U);
    EXPECT_EQ(endings[0].end, End::replaced);
    EXPECT_EQ(endings[0].document, 1U);
    EXPECT_EQ(endings[0].other, Number{2});
    EXPECT_EQ(endings[1].end, End::unfit);
    EXPECT_EQ(endings[1].document, 3U);
    EXPECT_EQ(endings[1].code, "matching.part-double");
    EXPECT_EQ(endings[2].end, End::withdrawn);
    EXPECT_EQ(endings[2].document, 4U);
    EXPECT_EQ(endings[2].other, Number{2});
    EXPECT_EQ(endings[3].end, End::expired);
    EXPECT_EQ(endings[3].document, 5U);
    EXPECT_EQ(endings[3].missing, (std::vector<std::string>{"order", "payment", "waybill"}));
    // Rows are not given twice: what is settled late is not somebody else's.
    ASSERT_TRUE(matcher_->settled(endings));
    arrive_list();
    arrive_list();
    EXPECT_GT(matcher_->endings(10).value().at(0).row, endings.back().row);
}

TEST_F(Matching, AnArrivalMayBringItsOwnWait) {
    const Number number = ++last_;
    kept_[number] = document("declaration", list());
    const Arrival arrival{number, "cn.ceb621", &kept_[number], noon, 60};
    EXPECT_EQ((matcher_->arrive({&arrival, 1})).value().front().until_s, noon + 60);
}

TEST_F(Matching, AStoreOfTheFirstEditionIsRaised) {
    arrive_order();
    matcher_.reset();
    {
        auto connection = journal::Connection::open(path_.string(), {});
        ASSERT_TRUE(connection);
        ASSERT_TRUE((*connection)->script("DROP TABLE ending; PRAGMA user_version=1;"));
    }
    open(std::nullopt, true);
    arrive_order();
    const auto endings = matcher_->endings(10).value();
    ASSERT_EQ(endings.size(), 1U) << "the order was there before";
    EXPECT_EQ(endings[0].code, "matching.part-double");
}

/// A table whose part is an event that many wait for.
MatchTable arrivals() {
    Diagnostics faults;
    auto table = parse_match(R"(match xx.arrival
  text    "A declaration with its arrival"
  source  "A law"
  wait    1 days
  keep    10 days
  lead    list  declaration cn.ceb621
    known-by  FunctionalReferenceID
  part    arrival  waybill cn.ceb511
    joined    GoodsShipment/PreviousDocument[TypeCode=704]/ID
    shared
    when      GoodsShipment/PreviousDocument[TypeCode=704]/ID present
)", "arrival.match", faults);
    EXPECT_TRUE(table) << faults.errors().front().text();
    return std::move(*table);
}

TEST_F(Matching, AnEventServesManyLeads) {
    const MatchTable table = arrivals();
    matcher_.reset();
    forget_files();
    Matcher::Options options;
    options.documents = [this](Number number) -> Result<pivot::Document> { return kept_.at(number); };
    matcher_ = Matcher::open(path_, table, std::move(options)).value();
    const Lines bill{{"GoodsShipment/PreviousDocument[1]/ID", "B-1"}, {"GoodsShipment/PreviousDocument[1]/TypeCode", "704"}};
    const auto lead = [&](const std::string& name) {
        Lines lines = bill;
        lines["FunctionalReferenceID"] = name;
        return lines;
    };
    EXPECT_EQ(arrive_list(lead("L-1")).standing, Standing::waiting);
    EXPECT_EQ(arrive_list(lead("L-2")).standing, Standing::waiting);
    EXPECT_EQ(arrive_waybill({{"FunctionCode", "9"}}).standing, Standing::foreign) << "it names no bill";
    EXPECT_EQ(arrive_waybill(bill).verdicts.size(), 2U);
    const Outcome late = arrive_list(lead("L-3"));
    ASSERT_EQ(late.verdicts.size(), 1U);
    EXPECT_FALSE(late.verdicts[0].refused());
    matcher_.reset();
}

/// Documents that rest on earlier ones, as certificates do: a matched one is one to rest on.
class Chains : public testing::Test {
protected:
    void SetUp() override {
        Diagnostics faults;
        table_ = parse_match(R"(match xx.chain
  text   "A document and the one that it rests on"
  source "somebody"
  wait   72 hours
  keep   400 days
  lead   second  declaration
    known-by FunctionalReferenceID
    when     GoodsShipment/PreviousDocument[TypeCode=861]/ID present
  part   first  declaration
    joined GoodsShipment/PreviousDocument[TypeCode=861]/ID = FunctionalReferenceID
    shared
    chained
  agree xx.1 second first
    text     "Of the same office"
    severity refuse
    source   "somebody"
    same     DeclarationOfficeID
)", "x.match", faults).value();
        path_ = std::filesystem::path(testing::TempDir()) /
                (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-chains.db");
        forget_files();
        open();
    }
    void TearDown() override {
        EXPECT_EQ(matcher_->waiting(), matcher_->counts()->waiting);
        matcher_.reset();
        forget_files();
    }
    void forget_files() {
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    }
    void open() {
        matcher_.reset();
        Matcher::Options options;
        options.documents = [this](Number number) -> Result<pivot::Document> { return kept_.at(number); };
        matcher_ = Matcher::open(path_, table_, std::move(options)).value();
    }
    /// `on`: the one before it; empty: it rests on none.
    Outcome arrive(const std::string& name, const std::string& on, const std::string& country = "BJ", const std::string& function = "9") {
        Lines lines{{"FunctionalReferenceID", name}, {"FunctionCode", function}, {"DeclarationOfficeID", country}};
        if (!on.empty()) lines.insert({{"GoodsShipment/PreviousDocument[1]/ID", on}, {"GoodsShipment/PreviousDocument[1]/TypeCode", "861"}});
        const Number number = ++last_;
        kept_[number] = document("declaration", lines);
        names_[number] = name;
        const Arrival arrival{number, "xx.document", &kept_[number], noon};
        return matcher_->arrive({&arrival, 1}).value().front();
    }
    /// Leads with their verdicts, as "B good" or "C refused".
    std::vector<std::string> said(const Outcome& outcome) {
        std::vector<std::string> out;
        for (const Verdict& verdict : outcome.verdicts) out.push_back(names_.at(verdict.lead) + (verdict.refused() ? " refused" : " good"));
        return out;
    }
    using Words = std::vector<std::string>;

    MatchTable table_;
    std::map<Number, pivot::Document> kept_;
    std::map<Number, std::string> names_;
    Number last_ = 0;
    std::filesystem::path path_;
    std::unique_ptr<Matcher> matcher_;
};

TEST_F(Chains, OfAnyLengthAreMatchedLinkByLinkInAnyOrder) {
    const std::vector<std::pair<std::string, std::string>> links{{"A", ""}, {"B", "A"}, {"C", "B"}, {"D", "C"}};
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        open();
        Words all;
        for (const std::size_t link : order) {
            const Words now = said(arrive(links[link].first, links[link].second));
            all.insert(all.end(), now.begin(), now.end());
        }
        EXPECT_EQ(all, (Words{"B good", "C good", "D good"})) << "each after the one that it rests on";
        EXPECT_EQ(matcher_->waiting(), 0U);
        matcher_.reset();
        forget_files();
        open();
    } while (std::ranges::next_permutation(order).found);
}

TEST_F(Chains, WhatRestsOnARefusedLinkWaitsForABetterOne) {
    arrive("A", "");
    arrive("C", "B");
    EXPECT_EQ(said(arrive("B", "A", "TG")), (Words{"B refused"}));
    EXPECT_EQ(matcher_->waiting(), 1U);
    open();  // and through a restart
    EXPECT_EQ(said(arrive("B", "A")), (Words{"B good", "C good"}));
}

TEST_F(Chains, ALinkThatCameTooLateIsNone) {
    arrive("C", "B");
    arrive("B", "A");
    const auto late = matcher_->expire(noon + 73 * 3'600, 10).value();
    ASSERT_EQ(late.size(), 2U);
    for (const Expired& one : late) EXPECT_EQ(one.missing, (std::vector<std::size_t>{1})) << names_.at(one.lead);
    EXPECT_TRUE(said(arrive("A", "")).empty());
    EXPECT_EQ(arrive("C", "B").standing, Standing::waiting);
    EXPECT_EQ(said(arrive("B", "A")), (Words{"B good", "C good"}));
}

TEST_F(Chains, ACircleIsNoChain) {
    EXPECT_EQ(arrive("A", "B").standing, Standing::waiting);
    EXPECT_EQ(arrive("B", "A").standing, Standing::waiting);
    EXPECT_EQ(arrive("S", "S").standing, Standing::waiting) << "nor does one rest on itself";
    EXPECT_EQ(matcher_->expire(noon + 73 * 3'600, 10).value().size(), 3U);
}

TEST_F(Chains, AChangedLinkIsAskedAnewAndAWithdrawnOneIsGone) {
    arrive("B", "A");
    EXPECT_EQ(arrive("B", "A", "TG", "4").replaced, 1U);
    EXPECT_EQ(said(arrive("A", "", "TG")), (Words{"B good"}));
    EXPECT_EQ(arrive("B", "A", "TG", "1").standing, Standing::withdrawn);
    EXPECT_EQ(arrive("C", "B", "TG").standing, Standing::waiting);
    EXPECT_EQ(said(arrive("B", "A", "TG")), (Words{"B good", "C good"}));
}

TEST_F(Chains, ANumberIsOfOneDocument) {
    arrive("A", "");
    const Outcome again = arrive("A", "Z");
    ASSERT_TRUE(again.refusal);
    EXPECT_EQ(again.refusal->code, codes::part_double);
    arrive("B", "A");
    EXPECT_EQ(arrive("B", "").refusal->code, codes::part_double);
}

TEST(Endings, ATextThatIsNotOneOfOursIsNone) {
    for (const char* text : {"", "{}", "[]", R"({"end": "lost", "document": 1})", R"({"end": "matched", "document": "x"})"}) EXPECT_FALSE(ending_of(text)) << text;
}

/// A declaration whose items name certificates of their own.
class Several : public testing::Test {
protected:
    void SetUp() override {
        Diagnostics faults;
        table_ = parse_match(R"(match xx.origin
  text   "A declaration and its certificates"
  source "somebody"
  wait   72 hours
  keep   400 days
  lead   declaration  declaration
    known-by FunctionalReferenceID
  part   certificate  lpco
    joined GoodsShipment/GovernmentAgencyGoodsItem/AdditionalDocument[TypeCode=861]/ID = ID
    several
  agree xx.1 declaration certificate
    text     "What names a certificate stands in it"
    severity refuse
    source   "somebody"
    covered  GoodsShipment/GovernmentAgencyGoodsItem = GoodsItem by Origin[TypeCode=1]/CountryCode
      of     AdditionalDocument[TypeCode=861]/ID = ID
)", "x.match", faults).value();
        Matcher::Options options;
        options.documents = [this](Number number) -> Result<pivot::Document> { return kept_.at(number); };
        path_ = std::filesystem::path(testing::TempDir()) /
                (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-several.db");
        TearDown();
        matcher_ = Matcher::open(path_, table_, std::move(options)).value();
    }
    void TearDown() override {
        matcher_.reset();
        for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path_.string() + tail);
    }
    Outcome arrive(const std::string& kind, const Lines& lines) {
        const pivot::Document& made = kept_[++last_] = document(kind, lines);
        return matcher_->arrive(std::vector<Arrival>{{last_, "xx.any", &made, 1'795'000'000, std::nullopt}}).value().at(0);
    }
    Outcome arrive_certificate(const std::string& number, const std::string& origin) {
        return arrive("lpco", {{"ID", number}, {"GoodsItem[1]/SequenceNumeric", "1"}, {"GoodsItem[1]/Origin[1]/CountryCode", origin}, {"GoodsItem[1]/Origin[1]/TypeCode", "1"}});
    }
    /// Items by their certificate and origin.
    Outcome arrive_declaration(const std::vector<std::pair<std::string, std::string>>& items) {
        Lines lines{{"FunctionCode", "9"}, {"FunctionalReferenceID", "D-1"}};
        for (std::size_t i = 0; i < items.size(); ++i) {
            const std::string start = item + "[" + std::to_string(i + 1) + "]/";
            add(lines, {{start + "SequenceNumeric", std::to_string(i + 1)}, {start + "AdditionalDocument[1]/ID", items[i].first}, {start + "AdditionalDocument[1]/TypeCode", "861"},
                        {start + "Origin[1]/CountryCode", items[i].second}, {start + "Origin[1]/TypeCode", "1"}});
        }
        return arrive("declaration", lines);
    }

    MatchTable table_;
    std::map<Number, pivot::Document> kept_;
    std::unique_ptr<Matcher> matcher_;
    Number last_ = 0;
    std::filesystem::path path_;
};

TEST_F(Several, AreAllWaitedForAndEachIsComparedWithWhatNamesIt) {
    arrive_certificate("C-1", "BJ");
    const Outcome waiting = arrive_declaration({{"C-2", "TG"}, {"C-1", "BJ"}, {"C-2", "TG"}});
    EXPECT_EQ(waiting.standing, Standing::waiting);
    EXPECT_EQ(waiting.missing, std::vector<std::size_t>{1}) << "one of them, told once";
    const Outcome last = arrive_certificate("C-2", "TG");
    ASSERT_EQ(last.verdicts.size(), 1U);
    EXPECT_TRUE(last.verdicts[0].findings.empty());
    EXPECT_EQ(last.verdicts[0].parts.size(), 2U);
    // Both are used now.
    EXPECT_EQ(arrive_certificate("C-1", "BJ").refusal->code, codes::part_double);
    EXPECT_EQ(matcher_->counts().value().decided, 1U);
}

TEST_F(Several, OneThatDoesNotCoverItsOwnIsNamed) {
    arrive_certificate("C-1", "BJ");
    arrive_certificate("C-2", "TG");
    // Each origin is certified, but by the other one.
    const Outcome crossed = arrive_declaration({{"C-1", "TG"}, {"C-2", "TG"}});
    ASSERT_EQ(crossed.verdicts.size(), 1U);
    ASSERT_EQ(crossed.verdicts[0].findings.size(), 1U);
    EXPECT_TRUE(crossed.verdicts[0].refused());
    const Finding& finding = crossed.verdicts[0].findings[0];
    const pivot::Node& certificate = kept_.at(crossed.verdicts[0].parts.at(finding.which)).root;
    EXPECT_EQ(std::ranges::find(certificate.children, "ID", &pivot::Node::name)->value, "C-1");
}

TEST_F(Several, WhatIsMissingIsToldWhenTheWaitIsOver) {
    arrive_certificate("C-1", "BJ");
    arrive_declaration({{"C-1", "BJ"}, {"C-2", "TG"}, {"C-3", "TG"}});
    const auto expired = matcher_->expire(1'795'000'000 + 73 * 3'600, 10).value();
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0].missing, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace hansa::matching::test
