// Rules of history at a gateway: what came before is what the same sender was accepted with.
#include "core/exchange/rule_desk.h"
#include "core/envelope/envelope.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {
namespace {

/// North's declarations are new or change another, and must not be older than what they change.
class Histories : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/rules");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/rules/xa.rules", R"(rules xa
rule xa.1
  text     "It is not older than the one before."
  over     declaration
  severity refuse
  source   "a treaty"
  before   FunctionalReferenceID
  check    IssueDateTime >= IssueDateTime
)"));
        for (const std::string code : {"xa", "xb"}) {
            replace_in(folder_ / ("schemas/" + code + "/declaration.xsd"), "<xs:element name=\"Reference\"", "<xs:element name=\"Function\" type=\"xs:token\" minOccurs=\"0\"/><xs:element name=\"Reference\"");
            replace_in(folder_ / ("plugins/" + code + "/mappings/declaration.map"), "\"9\"      ", "Function ");
        }
        registry_ = loaded();
        Diagnostics faults;
        auto both = std::make_shared<Directory>(*directory());
        both->agencies.front().rules = {"xa"};
        Surroundings with{both, registry_, keys_};
        with.rules = std::make_shared<const RuleDesk>(rules::RuleBook::load(*registry_, faults));
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        gateway_->reload(with);
    }

    static std::string text(const std::string& reference, const std::string& function, const std::string& hour) {
        std::string out = declaration("xa", reference);
        out.insert(out.find("  <Reference>"), "  <Function>" + function + "</Function>\n");
        return out.replace(out.find("T08:"), 4, "T" + hour + ":");
    }
    std::string refused(const std::string& bytes) {
        Diagnostics faults;
        const auto done = gateway_->accept({.agency = "north", .bytes = bytes, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
        return done ? std::string() : done.error().text();
    }
};

TEST_F(Histories, AChangeIsNotOlderThanWhatItChanges) {
    accepted("north", text("R-1", "9", "08"));
    accepted("north", text("R-2", "9", "12"));
    EXPECT_NE(refused(text("R-1", "4", "07")).find("rules.refused: xa.1"), std::string::npos);
    EXPECT_EQ(refused(text("R-1", "4", "10")), "");
    EXPECT_NE(refused(text("R-1", "4", "09")).find("xa.1"), std::string::npos) << "the last one counts, not the first";
    EXPECT_EQ(refused(text("R-1", "4", "11")), "") << "what was refused has not come before, and R-2 is another";
}

TEST_F(Histories, TheLastOfAMessageOfManyCounts) {
    accepted("north", test::must(envelope::wrap_batch(std::vector{text("R-1", "9", "08"), text("R-2", "9", "12")}, "xa.declaration")));
    EXPECT_NE(refused(text("R-2", "4", "11")).find("xa.1"), std::string::npos);
    EXPECT_EQ(refused(text("R-1", "4", "11")), "");
}

TEST_F(Histories, BytesThatAreNotKeptAnyMoreSayNothing) {
    accepted("north", text("R-1", "9", "08"));
    ASSERT_GT(test::must(journal_->drop_bodies({.at_ms = std::int64_t{1} << 50, .before_ms = std::int64_t{1} << 50, .states = {journal::State::queued, journal::State::delivered}, .kinds = {}})), 0U);
    EXPECT_EQ(refused(text("R-1", "4", "07")).find("xa.1"), std::string::npos);
}

}  // namespace
}  // namespace hansa::exchange
