#include "core/exchange/translation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/exchange/codes.h"
#include "core/plugin/scaffold.h"
#include "tests/support/corpus.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;

/// Two new countries as `hansa plugin new` writes them; the second one's schema forbids two items of
/// one description, which no mapping can know.
class TwoCountries : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-translation-" + std::to_string(::getpid()));
        for (const char* code : {"xa", "xb"}) ASSERT_TRUE(plugin::scaffold({folder_ / "plugins", folder_ / "schemas"}, code));
        const fs::path schema = folder_ / "schemas/xb/declaration.xsd";
        std::string text = test::slurp(schema);
        const std::string end = "    </xs:complexType>\n  </xs:element>";
        text.replace(text.find(end), end.size(),
                     "    </xs:complexType>\n    <xs:unique name=\"once\"><xs:selector xpath=\"b:Item\"/><xs:field xpath=\"b:Description\"/></xs:unique>\n  </xs:element>");
        text.replace(text.find("<xs:schema "), 11, "<xs:schema xmlns:b=\"urn:example:xb:declaration:1\" ");
        ASSERT_TRUE(write_file_atomically(schema, text));
        plugin::LoadOptions options;
        options.plugin_folders = {folder_ / "plugins"};
        options.schema_folder = folder_ / "schemas";
        Diagnostics faults;
        registry_ = plugin::Registry::load(options, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
    }
    void TearDown() override { fs::remove_all(folder_); }

    Result<Translation> translated(const std::string& second_description, const std::string& to = "xb.declaration") {
        const std::string bytes =
            "<Declaration xmlns=\"urn:example:xa:declaration:1\"><Reference>R-1</Reference><Direction>OUT</Direction><Issued>2026-01-31T08:00:00Z</Issued>"
            "<Item><Number>1</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>"
            "<Item><Number>2</Number><Description>" + second_description + "</Description><GrossMass>1</GrossMass></Item></Declaration>";
        Diagnostics faults;
        return translate(*registry_, {.bytes = bytes, .from = {}, .to = to, .source = {}, .target = {}}, faults);
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
};

TEST_F(TwoCountries, UnderstandEachOther) {
    const auto done = translated("Coffee");
    ASSERT_TRUE(done) << done.error().text();
    ASSERT_EQ(done->messages.size(), 1u);
    EXPECT_NE(done->messages[0].bytes.find("urn:example:xb:declaration:1"), std::string::npos);
    EXPECT_NE(done->messages[0].bytes.find("Coffee"), std::string::npos);
    EXPECT_TRUE(done->ledger.entries.empty());
    EXPECT_EQ(done->plan.size(), 64u);
}

TEST_F(TwoCountries, NeverGetWhatTheirSchemaForbids) {
    const auto done = translated("Tea");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, codes::own_output_invalid);
}

TEST_F(TwoCountries, AskNoQuestionOfWhatIsNoAnswer) {
    const std::string bytes = "<Declaration xmlns=\"urn:example:xa:declaration:1\"><Reference>R-1</Reference><Direction>OUT</Direction><Issued>2026-01-31T08:00:00Z</Issued>"
                              "<Item><Number>1</Number><Description>Coffee</Description><GrossMass>2.5</GrossMass></Item></Declaration>";
    Diagnostics faults;
    const auto done = translate(*registry_, {.bytes = bytes, .from = {}, .to = "xb.declaration", .source = {}, .target = {}, .question = bytes}, faults);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, codes::kind_differs);
}

TEST_F(TwoCountries, HaveOnlyTheFormatsThatAreLoaded) {
    EXPECT_EQ(translated("Coffee", "xc.declaration").error().code, codes::format_needed);
}

}  // namespace
}  // namespace hansa::exchange
