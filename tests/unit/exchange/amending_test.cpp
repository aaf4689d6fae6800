// Changes of documents that have gone out with others, to a receiver whose format can say them: the master is changed.
#include <thread>

#include "tests/unit/exchange/gathers.h"

namespace hansa::exchange {
namespace {

/// South's declarations say what they are for, too.
class Amends : public GathersChanges {
protected:
    void SetUp() override {
        GathersChanges::SetUp();
        replace_in(folder_ / "schemas/xb/declaration.xsd", "<xs:element name=\"Reference\"", "<xs:element name=\"Function\" type=\"xs:token\" minOccurs=\"0\"/><xs:element name=\"Reference\"");
        replace_in(folder_ / "plugins/xb/mappings/declaration.map", "\"9\"      ", "Function ");
        registry_ = loaded();
        reload();
    }
    /// Three that have gone out as one and are there.
    std::vector<std::string> gone_out() {
        std::vector<std::string> ids{send("9", "R-1"), send("9", "R-2"), send("9", "R-3")};
        follow();
        deliver();
        return ids;
    }
    std::string text() { return sent_bytes(masters().back().id); }
    static std::size_t count(const std::string& text, std::string_view part) {
        std::size_t out = 0;
        for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++out;
        return out;
    }
};

TEST_F(Amends, AChangeOfAPartIsAChangeOfTheWhole) {
    const auto ids = gone_out();
    const std::string reference = element(text(), "Reference");
    EXPECT_EQ(element(text(), "Function"), "9");
    for (const auto& [function, goods] : {std::pair{"4", "Coffee"}, {"5", "Rice"}}) {
        const Acceptance done = accepted("north", text_of(function, "R-2", goods));
        const std::string change = done.message_id;
        EXPECT_EQ(state(change), State::queued) << "it waits for nobody";
        const journal::Message master = masters().back();
        EXPECT_EQ(done.sent_ids, std::vector{master.id});
        EXPECT_NE(done.receipt.find("id=\"" + master.id + "\""), std::string::npos) << done.receipt;
        EXPECT_EQ(done.receipt.find("<waits"), std::string::npos);
        EXPECT_EQ(master.parent_id, change);
        EXPECT_EQ(names(master.id), sorted({ids[0], change, ids[2]}));
        EXPECT_EQ(element(text(), "Function"), "4");
        EXPECT_EQ(element(text(), "Reference"), reference);
        EXPECT_EQ(count(text(), "<Description>Tea<"), 2U) << text();
        EXPECT_EQ(count(text(), std::string("<Description>") + goods + "<"), 1U) << text();
        EXPECT_EQ(count(text(), "<Item>"), 3U);
        deliver();
        EXPECT_EQ(state(change), State::delivered);
        const auto all = told(south_says(reference, std::string(function) == "4" ? "11" : "08"));
        EXPECT_EQ(all.size(), 3U);
        EXPECT_EQ(state(change), State::answered);
    }
    follow();
    EXPECT_EQ(masters().size(), 3U);
    expect_clean();
}

TEST_F(Amends, ChangesOfOneMessageGoTogether) {
    const auto ids = gone_out();
    const std::string both = accepted("north", test::must(envelope::wrap_batch(std::vector{text_of("4", "R-1", "Coffee"), text_of("4", "R-3", "Rice")}, "xa.declaration"))).message_id;
    ASSERT_EQ(masters().size(), 2U);
    for (const char* goods : {"Coffee", "Tea", "Rice"}) EXPECT_EQ(count(text(), std::string("<Description>") + goods + "<"), 1U) << goods;
    EXPECT_EQ(names(masters().back().id), sorted({both, ids[1]}));
    deliver();
    EXPECT_EQ(state(both), State::delivered);
    // One of them changes, and one is new and waits.
    const std::string mixed = accepted("north", test::must(envelope::wrap_batch(std::vector{text_of("4", "R-1", "Cocoa"), text_of("9", "R-4")}, "xa.declaration"))).message_id;
    EXPECT_EQ(state(mixed), State::held);
    EXPECT_EQ(masters().size(), 3U);
    follow();
    deliver();
    EXPECT_EQ(state(mixed), State::held) << "half of it waits";
    follow(much_later);
    deliver();
    EXPECT_EQ(state(mixed), State::delivered);
    expect_clean();
}

TEST_F(Amends, ACancellationTakesAPartOutOfTheWhole) {
    const auto ids = gone_out();
    const std::string reference = element(text(), "Reference"), first = send("1", "R-1");
    EXPECT_EQ(element(text(), "Function"), "4");
    EXPECT_EQ(count(text(), "<Item>"), 2U);
    EXPECT_EQ(names(masters().back().id), sorted({ids[1], ids[2]}));
    deliver();
    EXPECT_EQ(state(first), State::delivered);
    const auto all = told(south_says(reference, "11", "<Fault><Why>of another</Why><Where>Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/Description</Where></Fault>"));
    ASSERT_EQ(all.size(), 3U) << "two that stand in it, and who has left";
    EXPECT_EQ(element(all[2], "About"), "R-1");
    EXPECT_EQ(all[2].find("of another"), std::string::npos);
    EXPECT_EQ(state(first), State::answered);
    EXPECT_EQ(refused(text_of("4", "R-1", "Rice")), "exchange.gone-out") << "it stands nowhere any more";
    send("1", "R-2");
    const std::string last = send("1", "R-3");
    EXPECT_EQ(element(text(), "Function"), "1") << "nothing is left";
    EXPECT_EQ(element(text(), "Reference"), reference);
    deliver();
    EXPECT_EQ(state(last), State::delivered);
    const auto end = told(south_says(reference, "11"));
    ASSERT_EQ(end.size(), 1U);
    EXPECT_EQ(element(end[0], "About"), "R-3");
    EXPECT_EQ(state(last), State::answered);
    expect_clean();
}

TEST_F(Amends, WhatWouldBeNoneOrSeveralIsRefusedAndChangesNothing) {
    const auto ids = gone_out();
    std::string turned = text_of("4", "R-1");
    turned.replace(turned.find("OUT"), 3, "IN");
    EXPECT_EQ(refused(turned), "exchange.gone-out") << "it would go with others";
    std::string items;
    for (int i = 1; i <= 8; ++i) items += "<Item><Number>" + std::to_string(i) + "</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>";
    std::string many = text_of("4", "R-1");
    many.replace(many.find("<Item>"), many.find("</Item>") + 7 - many.find("<Item>"), items);
    EXPECT_EQ(refused(many), "exchange.gone-out") << "one master holds 9";
    EXPECT_EQ(masters().size(), 1U);
    for (const std::string& id : ids) EXPECT_EQ(state(id), State::delivered);
}

TEST_F(Amends, WhatItsReceiverHasNotGotIsNotChanged) {
    send("9", "R-1"), send("9", "R-2"), send("9", "R-3");
    follow();
    deliver(std::make_shared<Refuser>());
    EXPECT_EQ(refused(text_of("4", "R-1", "Coffee")), "exchange.gone-out");
    ASSERT_EQ(test::must(replay(*journal_, gateway_->surroundings(), masters().back().id, 1)), 1U);
    send("4", "R-1", "Coffee");
    EXPECT_EQ(masters().size(), 2U) << "behind it, in its corridor";
    const auto first = test::must(journal_->deliveries_of(masters()[0].id)).at(0), second = test::must(journal_->deliveries_of(masters()[1].id)).at(0);
    EXPECT_EQ(first.corridor, second.corridor);
    EXPECT_LT(first.sequence, second.sequence);
}

TEST_F(Amends, ChangesThatComeAtTheSameTimeAllHold) {
    gone_out();
    {
        std::vector<std::jthread> senders;
        for (const auto& [reference, goods] : {std::pair{"R-1", "Coffee"}, {"R-2", "Rice"}, {"R-3", "Cocoa"}}) senders.emplace_back([this, reference, goods] { send("4", reference, goods); });
    }
    ASSERT_EQ(masters().size(), 4U);
    for (const char* goods : {"Coffee", "Rice", "Cocoa"}) EXPECT_EQ(count(text(), std::string("<Description>") + goods + "<"), 1U) << goods;
    expect_clean();
}

}  // namespace
}  // namespace hansa::exchange
