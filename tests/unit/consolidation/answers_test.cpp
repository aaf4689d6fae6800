#include "core/consolidation/answers.h"

#include <set>

#include "core/consolidation/codes.h"
#include "tests/unit/consolidation/documents.h"

namespace hansa::consolidation::test {
namespace {

const std::string item_place = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem";

struct Case {
    ConsolidationTable table = table_of("wco", "parcels");
    pivot::Document master;
    std::vector<Part> parts;

    explicit Case(const std::vector<Parcel>& all) {
        Houses houses;
        for (const Parcel& parcel : all) houses.add(lines_of(parcel));
        master = consolidate(houses.all, table, {.format = {}, .reference = "M", .issued = {}}).masters.at(0).document;
        parts = take_apart(master, table).value();
    }
};

const std::vector<Parcel> two{{.number = "A1", .values = {1, 2}, .masses = {1, 1}}, {.number = "A2"}};

Lines answer_lines(const std::string& reference, const std::string& function) {
    return {{"FunctionCode", function}, {"FunctionalReferenceID", "ANSWER-" + reference}, {"Declaration/FunctionalReferenceID", reference}};
}

pivot::Document answer(const std::string& reference, const std::string& function, const Lines& more = {}) {
    Lines lines = answer_lines(reference, function);
    lines.insert(more.begin(), more.end());
    return document("response", lines);
}

std::vector<std::string> values_of(const pivot::Document& document, const std::string& start, const std::string& end) {
    std::vector<std::string> out;
    std::istringstream text(pivot::write_text(document));
    for (std::string line; std::getline(text, line);) {
        const std::size_t space = line.find(' ');
        if (line.starts_with(start) && line.substr(0, space).ends_with(end)) out.push_back(line.substr(space + 1));
    }
    return out;
}

TEST(Gather, ARefusalOfOneParcelDoesNotStopTheOthers) {
    const Case with(two);
    const auto all = gather(with.master, with.parts,
                            std::vector{answer("LIST-A2", "03", {{"Error[1]/ValidationCode", "12036"}, {"Error[1]/Description", "no licence"}, {"Error[1]/Place", item_place + "[1]/Commodity"}}),
                                        answer("LIST-A1", "09", {{"Status[1]/NameCode", "899"}, {"Status[1]/NameCode/@listID", "cn.return-status"}})},
                            with.table);
    ASSERT_TRUE(all) << all.error().text();
    ASSERT_EQ(all->items.size(), 3U);
    EXPECT_EQ(all->items[0].function, "09");
    EXPECT_EQ(all->items[0].status, "cn.return-status:899");
    EXPECT_EQ(all->items[1].identity, "A1");
    EXPECT_EQ(all->items[2].function, "03");
    EXPECT_EQ(all->items[2].reasons, std::vector<std::string>{"12036: no licence"});
    const pivot::Document& one = all->response;
    EXPECT_EQ(value_at(one, "FunctionCode"), "02") << "the items tell";
    EXPECT_EQ(value_at(one, "Declaration/FunctionalReferenceID"), "M");
    EXPECT_EQ(value_at(one, "Error[1]/Place"), item_place + "[3]/Commodity") << "the place in the master";
    EXPECT_EQ(values_of(one, "Status[", "/Place"), (std::vector<std::string>{item_place + "[1]", item_place + "[2]", item_place + "[3]"}));
    EXPECT_EQ(values_of(one, "Status[", "/NameCode"), (std::vector<std::string>{"09", "09", "03"}));
    EXPECT_EQ(values_of(one, "Status[3]/Pointer", "/DocumentSectionCode"), (std::vector<std::string>{"42A", "67A", "68A"}));
    EXPECT_EQ(values_of(one, "ParcelDecision[", "/ReasonCode"), std::vector<std::string>{"899"});
    EXPECT_EQ(values_of(one, "ParcelDecision[", "/ID"), (std::vector<std::string>{"A1", "A2"}));
    EXPECT_EQ(values_of(one, "ParcelDecision[", "/NameCode"), (std::vector<std::string>{"09", "03"}));
    Diagnostics faults;
    EXPECT_TRUE(pivot::check(one, faults)) << faults.errors()[0].text();
}

TEST(Gather, TakesPlacesAsPointersToo) {
    const Case with(two);
    const auto all = gather(with.master, with.parts,
                            std::vector{answer("LIST-A1", "03", {{"Error[1]/ValidationCode", "1"}, {"Error[1]/Pointer[1]/DocumentSectionCode", "42A"}, {"Error[1]/Pointer[2]/DocumentSectionCode", "67A"},
                                                                 {"Error[1]/Pointer[3]/SequenceNumeric", "2"}, {"Error[1]/Pointer[3]/DocumentSectionCode", "68A"}}),
                                        answer("LIST-A2", "09")},
                            with.table);
    ASSERT_TRUE(all) << all.error().text();
    EXPECT_TRUE(all->items[0].reasons.empty());
    EXPECT_EQ(all->items[1].reasons, std::vector<std::string>{"1"});
    EXPECT_EQ(value_at(all->response, "Error[1]/Place"), item_place + "[2]");
}

TEST(Gather, IsOfOneMindWhereAllAre) {
    const Case with(two);
    const auto all = gather(with.master, with.parts, std::vector{answer("LIST-A1", "03"), answer("LIST-A2", "03")}, with.table);
    ASSERT_TRUE(all);
    EXPECT_EQ(value_at(all->response, "FunctionCode"), "03");
}

TEST(Gather, FindsAPartByItsIdentity) {
    const Case with(two);
    pivot::Document by_waybill = document("response", {{"FunctionCode", "01"}, {"Declaration/GoodsShipment/PreviousDocument[1]/ID", "A2"},
                                                       {"Declaration/GoodsShipment/PreviousDocument[1]/TypeCode", "703"}});
    const auto all = gather(with.master, with.parts, std::vector{by_waybill}, with.table, true);
    ASSERT_TRUE(all) << all.error().text();
    EXPECT_EQ(all->items[2].function, "01");
    EXPECT_EQ(all->items[0].function, "") << "no verdict yet";
    EXPECT_EQ(values_of(all->response, "Status[", "/Place").size(), 1U);
    EXPECT_EQ(value_at(all->response, "FunctionCode"), "02");
}

TEST(Gather, BadAnswersAreNamed) {
    const Case with(two);
    const auto code = [&](const std::vector<pivot::Document>& answers) { return gather(with.master, with.parts, answers, with.table).error().code; };
    EXPECT_EQ(code({answer("LIST-A9", "01")}), codes::answer_unknown);
    EXPECT_EQ(code({answer("LIST-A1", "01"), answer("LIST-A1", "03")}), codes::answer_double);
    EXPECT_EQ(code({answer("LIST-A1", "01")}), codes::answer_missing);
    EXPECT_EQ(code({document("order", {{"FunctionCode", "9"}})}), codes::foreign);
    EXPECT_EQ(scatter(document("order", {{"FunctionCode", "9"}}), with.parts, with.table).error().code, codes::foreign);
}

TEST(Scatter, EachParcelHearsOfItsOwnItems) {
    const Case with(two);
    const auto each = scatter(answer("M", "03", {{"Error[1]/ValidationCode", "1"}, {"Error[1]/Place", item_place + "[3]"}, {"Error[2]/ValidationCode", "2"},
                                                 {"Status[1]/NameCode", "A1"}, {"Status[1]/Place", item_place + "[2]"}}),
                              with.parts, with.table);
    ASSERT_TRUE(each);
    ASSERT_EQ(each->size(), 2U);
    const pivot::Document &first = (*each)[0], &second = (*each)[1];
    EXPECT_EQ(value_at(first, "FunctionCode"), "03") << "the whole is refused";
    EXPECT_EQ(value_at(first, "Declaration/FunctionalReferenceID"), "LIST-A1");
    EXPECT_EQ(values_of(first, "Error[", "/ValidationCode"), std::vector<std::string>{"2"}) << "what is about the whole";
    EXPECT_EQ(value_at(first, "Status[1]/Place"), item_place + "[2]");
    EXPECT_EQ(values_of(second, "Error[", "/Place"), std::vector<std::string>{item_place + "[1]"});
    EXPECT_NE(value_at(first, "FunctionalReferenceID"), value_at(second, "FunctionalReferenceID"));
    EXPECT_EQ(value_at(second, "Declaration/GoodsShipment/PreviousDocument[1]/ID"), "A2");
}

TEST(Scatter, WhereItemsAreRefusedAloneTheOthersStand) {
    Case with(two);
    with.table.refusal_of_items = true;
    const auto each = scatter(answer("M", "03", {{"Error[1]/ValidationCode", "1"}, {"Error[1]/Place", item_place + "[3]"}}), with.parts, with.table);
    ASSERT_TRUE(each);
    EXPECT_EQ(value_at((*each)[0], "FunctionCode"), "02");
    EXPECT_EQ(value_at((*each)[1], "FunctionCode"), "03");
    const auto whole = scatter(answer("M", "03", {{"Error[1]/ValidationCode", "1"}}), with.parts, with.table);
    EXPECT_EQ(value_at((*whole)[0], "FunctionCode"), "03") << "an error of the whole spares nobody";
    const auto bare = scatter(answer("M", "03"), with.parts, with.table);
    EXPECT_EQ(value_at((*bare)[0], "FunctionCode"), "03") << "a refusal without a reason is of the whole";
}

/// Any answers: each item has one verdict, that of its part, and what is gathered scatters again.
TEST(AnswerLaw, EachItemHasOneVerdictAndAnswersComeBack) {
    std::mt19937_64 random(4);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const std::vector<std::string> functions{"01", "02", "03", "05", "09"};
    for (int round = 0; round < 300; ++round) {
        std::vector<Parcel> all;
        const std::size_t count = 1 + pick(8);
        for (std::size_t i = 0; i < count; ++i) {
            Parcel parcel{.number = "P" + std::to_string(i), .values = {}, .masses = {}};
            const std::size_t items = 1 + pick(4);
            for (std::size_t k = 0; k < items; ++k) parcel.values.push_back(1), parcel.masses.push_back(1);
            all.push_back(parcel);
        }
        const Case with(all);
        std::vector<pivot::Document> answers;
        std::size_t errors = 0, items = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Lines more;
            const std::size_t own = pick(3);
            for (std::size_t k = 1; k <= own; ++k) {
                more["Error[" + std::to_string(k) + "]/ValidationCode"] = std::to_string(k);
                more["Error[" + std::to_string(k) + "]/Place"] = item_place + "[" + std::to_string(1 + pick(all[i].values.size())) + "]";
            }
            if (pick(2) == 0) more["Status[1]/NameCode"] = "state", more["Status[1]/NameCode/@listID"] = "xx.state";
            errors += own;
            items += all[i].values.size();
            answers.push_back(answer("LIST-" + all[i].number, functions[pick(functions.size())], more));
        }
        const auto one = gather(with.master, with.parts, answers, with.table);
        ASSERT_TRUE(one) << one.error().text();
        ASSERT_EQ(one->items.size(), items);
        for (std::size_t i = 0; i < items; ++i) EXPECT_EQ(one->items[i].item, i + 1);
        const auto places = values_of(one->response, "Status[", "/Place");
        EXPECT_EQ(places.size(), items);
        EXPECT_EQ(std::set<std::string>(places.begin(), places.end()).size(), items);
        EXPECT_EQ(values_of(one->response, "Error[", "/Place").size(), errors);
        Diagnostics faults;
        EXPECT_TRUE(pivot::check(one->response, faults));
        const auto back = scatter(one->response, with.parts, with.table);
        ASSERT_TRUE(back);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(value_at((*back)[i], "FunctionCode"), value_at(answers[i], "FunctionCode"));
            EXPECT_EQ(values_of((*back)[i], "Status", "/NameCode"), values_of(answers[i], "Status", "/NameCode"));
            const auto sorted = [](std::vector<std::string> texts) { return std::ranges::sort(texts), texts; };
            EXPECT_EQ(sorted(values_of((*back)[i], "Error", "/Place")), sorted(values_of(answers[i], "Error", "/Place")));
            EXPECT_EQ(sorted(values_of((*back)[i], "Error", "/ValidationCode")), sorted(values_of(answers[i], "Error", "/ValidationCode")));
        }
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace hansa::consolidation::test
