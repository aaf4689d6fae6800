// plugin.toml: what is read, and that each fault has its code, its line and a hint.
#include "core/plugin/descriptor.h"

#include <gtest/gtest.h>

#include "core/base/codes.h"
#include "core/plugin/codes.h"
#include "core/trust/codes.h"

namespace hansa::plugin {
namespace {

const std::string good = R"(plugin = "xx"
version = "1.2.3"
uncertain = ["the width of notes"]

[authority]
name = "Customs of Xanadu"
country = "XX"

[[format]]
id = "xx.note"
title = "A note"
edition = "1"
root = "{urn:xx}Note"
inner = "Body"
schema = "xx/note.xsd"
official = true
mapping = "mappings/note.map"
kind = "order"
certainty = "facts only"
direction = "in"
signature = "xx.sm2"
answer = "xx.answer"

[[format]]
id = "xx.answer"
title = "An answer"
edition = "1"
root = "Answer"
schema = "xx/note.xsd"
kind = "response"
certainty = "official schema"
signature = "asice.rsa-sha256"

[[signature]]
name = "xx.sm2"
form = "enveloped"
signature-method = "urn:xx#sm2-sm3"
digest-method = "urn:xx#sm3"
canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
transforms = ["http://www.w3.org/2000/09/xmldsig#enveloped-signature"]
followers = ["Tail"]
prefix = ""
key-name-serial = true
key-name-digits = 4
algorithms = {"urn:xx#sm2-sm3" = "sm2-sm3", "urn:xx#sm3" = "sm3"}
sm2-user-id = "1234567812345678"
)";

struct Outcome {
    Result<Descriptor> result;
    Diagnostics faults;
};

Outcome parse(std::string_view text) {
    Diagnostics faults;
    auto result = parse_descriptor(text, "plugin.toml", faults);
    return {std::move(result), std::move(faults)};
}

/// The good text with one piece put in another's place.
std::string with(std::string_view piece, std::string_view other) {
    std::string out = good;
    const std::size_t at = out.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return out.replace(at, piece.size(), other);
}

TEST(PluginToml, ReadsEveryKey) {
    const Outcome outcome = parse(good);
    ASSERT_TRUE(outcome.result) << outcome.result.error().text();
    const Descriptor& plugin = *outcome.result;
    EXPECT_EQ(plugin.name, "xx");
    EXPECT_EQ(plugin.version, "1.2.3");
    EXPECT_EQ(plugin.authority, "xx");
    EXPECT_EQ(plugin.authority_name, "Customs of Xanadu");
    EXPECT_EQ(plugin.country, "XX");
    EXPECT_EQ(plugin.uncertain, std::vector<std::string>{"the width of notes"});
    ASSERT_EQ(plugin.formats.size(), 2u);
    const FormatRow& note = plugin.formats[0];
    EXPECT_EQ(note.root_ns, "urn:xx");
    EXPECT_EQ(note.root_local, "Note");
    EXPECT_EQ(note.inner, "Body");
    EXPECT_TRUE(note.official);
    EXPECT_EQ(note.kind, pivot::Kind::order);
    EXPECT_EQ(note.direction, "in");
    EXPECT_EQ(note.answer, "xx.answer");
    EXPECT_EQ(note.place.line, 9u);
    EXPECT_EQ(plugin.formats[1].root_ns, "");
    EXPECT_EQ(plugin.formats[1].direction, "both");
    EXPECT_EQ(plugin.formats[1].syntax, "xml");
    ASSERT_EQ(plugin.profiles.size(), 1u);
    const trust::Profile& profile = plugin.profiles[0];
    EXPECT_EQ(profile.form, trust::Form::enveloped);
    EXPECT_EQ(profile.place.followers, std::vector<std::string>{"Tail"});
    EXPECT_EQ(profile.prefix, "");
    EXPECT_TRUE(profile.key_name_serial);
    EXPECT_EQ(profile.key_name_digits_min, 4);
    EXPECT_EQ(profile.names.size(), 2u);
    EXPECT_EQ(profile.sm2_user_id, "1234567812345678");
}

TEST(PluginToml, ReadsFramesAndHolders) {
    const Outcome outcome = parse(with("signature = \"asice.rsa-sha256\"\n", R"(signature = "xx.held"
[format.frame]
open = "Header"
forbidden = ["{urn:xx}From", "Plain"]
id-prefix = "urn:uuid:"
conversation = true
repeated-by-document = true
sealed = true
[format.frame.signals]
prefix = "SIG."
received = ["RCV"]
accepted = ["PRS", "xx.answer"]
[[signature]]
name = "xx.held"
form = "within"
holder = "{urn:xx}Signed/Data/Content"
holder-instance = "Instance"
receipt = "{urn:yy}Receipt"
signature-method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
digest-method = "http://www.w3.org/2001/04/xmlenc#sha256"
canonicalization = "http://www.w3.org/2001/10/xml-exc-c14n#"
transforms = ["http://www.w3.org/2001/10/xml-exc-c14n#"]
accepts = ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]
unavailable = {"urn:xx#own" = "own curve"}
)"));
    ASSERT_TRUE(outcome.result) << outcome.result.error().text();
    const envelope::FrameRules& frame = outcome.result->formats[1].frame;
    EXPECT_EQ(frame.open, "Header");
    ASSERT_EQ(frame.forbidden.size(), 2u);
    EXPECT_EQ(frame.forbidden[0], (schema::Name{"urn:xx", "From"}));
    EXPECT_EQ(frame.id_prefix, "urn:uuid:");
    EXPECT_TRUE(frame.conversation && frame.repeated_by_document && frame.sealed);
    EXPECT_EQ(frame.signal_prefix, "SIG.");
    EXPECT_EQ(frame.received.action, "RCV");
    EXPECT_EQ(frame.received.format, "");
    EXPECT_EQ(frame.accepted.format, "xx.answer");
    EXPECT_EQ(frame.refused.action, "");
    const trust::Profile& held = outcome.result->profiles[0];
    EXPECT_EQ(held.form, trust::Form::within);
    EXPECT_EQ(held.holder.ns, "urn:xx");
    EXPECT_EQ(held.holder.root + "/" + held.holder.data + "/" + held.holder.content, "Signed/Data/Content");
    EXPECT_EQ(held.holder.instance, "Instance");
    EXPECT_EQ(held.holder.receipt_ns, "urn:yy");
    EXPECT_EQ(held.accepted.size(), 1u);
    EXPECT_EQ(held.unavailable.at(0).algorithm, "own curve");
}

struct FaultCase {
    const char* name;
    const char* piece;
    const char* other;
    Code code;
    std::uint32_t line;
    const char* says;
};

class PluginTomlFault : public testing::TestWithParam<FaultCase> {};

TEST_P(PluginTomlFault, HasCodeLineAndHint) {
    const FaultCase& fault = GetParam();
    const Outcome outcome = parse(with(fault.piece, fault.other));
    ASSERT_FALSE(outcome.result);
    const Error& error = outcome.result.error();
    EXPECT_EQ(error.code, fault.code) << error.text();
    EXPECT_EQ(error.place.file, "plugin.toml");
    EXPECT_EQ(error.place.line, fault.line) << error.text();
    EXPECT_NE(error.text().find(fault.says), std::string::npos) << error.text();
}

const FaultCase fault_cases[] = {
    {"syntax", "version = \"1.2.3\"", "version = ", base::codes::toml_syntax, 2, "plugin.toml:2"},
    {"unknown_key", "edition = \"1\"\nroot", "editon = \"1\"\nroot", base::codes::toml_key_unknown, 12,
     "did you mean 'edition'?"},
    {"unknown_top_key", "uncertain", "unsure", base::codes::toml_key_unknown, 3, "unsure"},
    {"unknown_signature_key", "followers", "folowers", base::codes::toml_key_unknown, 41, "did you mean 'followers'?"},
    {"missing_key", "title = \"A note\"\n", "", base::codes::toml_key_missing, 9, "needs 'title'"},
    {"missing_kind", "kind = \"response\"\n", "", base::codes::toml_key_missing, 24, "needs 'kind'"},
    {"no_format", "[[format]]\nid = \"xx.note\"", "[format]\nid = \"xx.note\"", base::codes::toml_syntax, 24, ""},
    {"wrong_type", "official = true", "official = \"yes\"", base::codes::toml_value_wrong, 16, "true or false"},
    {"wrong_word", "direction = \"in\"", "direction = \"inn\"", base::codes::toml_value_wrong, 20,
     "did you mean 'in'?"},
    {"wrong_kind", "kind = \"order\"", "kind = \"ordre\"", base::codes::toml_value_wrong, 18, "ordre"},
    {"wrong_certainty", "\"facts only\"", "\"sure\"", base::codes::toml_value_wrong, 19, "official schema"},
    {"wrong_root", "{urn:xx}Note", "{urn:xx", base::codes::toml_value_wrong, 13, "root"},
    {"mark_without_text", "inner = \"Body\"", "mark = \"Head/Type\"", base::codes::toml_value_wrong, 14, "mark"},
    {"mark_without_end", "inner = \"Body\"", "mark = \"Head/Type=\"", base::codes::toml_value_wrong, 14, "mark"},
    {"mark_beside_inner", "direction = \"in\"", "mark = \"Head/Type=TR\"", base::codes::toml_value_wrong, 20, "without inner"},
    {"wrong_syntax", "direction = \"in\"", "syntax = \"edifac\"", base::codes::toml_value_wrong, 20, "did you mean 'edifact'?"},
    {"syntax_without_tables", "direction = \"in\"", "syntax = \"edifact\"", base::codes::toml_key_missing, 9,
     "the syntax 'edifact' needs 'syntax-tables'"},
    {"tables_without_syntax", "direction = \"in\"", "syntax-tables = [\"a.syntax\"]", base::codes::toml_value_wrong, 20,
     "XML needs no 'syntax-tables'"},
    {"tables_outside", "direction = \"in\"", "syntax = \"flat\"\nsyntax-tables = [\"../a.syntax\"]", codes::path_outside, 21,
     "'../a.syntax'"},
    {"wrong_id", "id = \"xx.note\"", "id = \"yy.note\"", base::codes::toml_value_wrong, 10, "must begin with 'xx.'"},
    {"wrong_name", "plugin = \"xx\"", "plugin = \"../xx\"", base::codes::toml_value_wrong, 1, "no plugin name"},
    {"wrong_number", "key-name-digits = 4", "key-name-digits = 65", base::codes::toml_value_wrong, 44, "0 to 64"},
    {"wrong_algorithm", "\"urn:xx#sm3\" = \"sm3\"", "\"urn:xx#sm3\" = 3", base::codes::toml_value_wrong, 45,
     "must be a text"},
    {"algorithm_of_tables", "\"urn:xx#sm3\" = \"sm3\"", "\"urn:xx#sm3\" = {a = \"sm3\"}", base::codes::toml_value_wrong,
     45, "must be a text"},
    {"no_authority", "[authority]", "[authoriti]", base::codes::toml_key_unknown, 5, "did you mean 'authority'?"},
    {"authority_of_another_type", "[authority]\nname = \"Customs of Xanadu\"\ncountry = \"XX\"", "authority = \"XX\"",
     base::codes::toml_value_wrong, 5, "must be written as [authority]"},
    {"path_outside", "xx/note.xsd", "../../etc/x.xsd", codes::path_outside, 15, "schema"},
    {"mapping_outside", "mappings/note.map", "/note.map", codes::path_outside, 17, "mapping"},
    {"unknown_profile", "signature = \"xx.sm2\"", "signature = \"xx.sm3\"", codes::profile_unknown, 21,
     "did you mean 'xx.sm2'?"},
    {"unknown_answer", "answer = \"xx.answer\"", "answer = \"xx.anser\"", codes::answer_unknown, 22,
     "did you mean 'xx.answer'?"},
    {"unknown_frame_key", "direction = \"in\"", "frame = {opne = \"Header\"}", base::codes::toml_key_unknown, 20, "did you mean 'open'?"},
    {"wrong_forbidden_name", "direction = \"in\"", "frame = {forbidden = [\"{urn:xx\"]}", base::codes::toml_value_wrong, 20,
     "must be {namespace}name"},
    {"signal_of_three_words", "direction = \"in\"", "frame = {signals = {refused = [\"A\", \"xx.answer\", \"B\"]}}",
     base::codes::toml_value_wrong, 20, "an action, or an action and a format"},
    {"signal_of_no_format", "direction = \"in\"", "frame = {signals = {refused = [\"A\", \"xx.anser\"]}}", codes::answer_unknown, 20,
     "did you mean 'xx.answer'?"},
    {"double_format", "id = \"xx.answer\"", "id = \"xx.note\"", codes::duplicate_format, 25, "twice"},
    {"foreign_profile", "name = \"xx.sm2\"", "name = \"asice.rsa-sha256\"", base::codes::toml_value_wrong, 35,
     "must begin with 'xx.'"},
    {"double_profile", "[[format]]\nid = \"xx.note\"",
     "[[signature]]\nname = \"xx.sm2\"\nform = \"asice\"\nsignature-method = "
     "\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"\ndigest-method = "
     "\"http://www.w3.org/2001/04/xmlenc#sha256\"\ncanonicalization = "
     "\"http://www.w3.org/2001/10/xml-exc-c14n#\"\n[[format]]\nid = \"xx.note\"",
     codes::duplicate_profile, 41, "xx.sm2"},
    {"profile_without_algorithm", "\"urn:xx#sm3\" = \"sm3\"", "\"urn:xx#sm4\" = \"sm3\"", trust::codes::profile_invalid,
     34, ""},
};

INSTANTIATE_TEST_SUITE_P(Cases, PluginTomlFault, testing::ValuesIn(fault_cases),
                         [](const auto& test) { return test.param.name; });

TEST(PluginToml, TellsAllFaultsAtOnce) {
    std::string text = with("official = true", "official = 1");
    text.replace(text.find("direction = \"in\""), 16, "direction = \"up\"");
    text.replace(text.find("[[signature]]"), 13, "[[signature]]\ncolour = \"red\"");
    const Outcome outcome = parse(text);
    EXPECT_FALSE(outcome.result);
    EXPECT_EQ(outcome.faults.count(), 3u);
}

TEST(PluginToml, HostileTextEndsInAnError) {
    for (const std::string& text :
         {std::string(), std::string("\xff\xfe\x00", 3), std::string(100'000, '['), "a=" + std::string(100'000, '[')}) {
        EXPECT_FALSE(parse(text).result);
    }
}

TEST(PluginToml, AMarkIsAPathAndATextsBeginning) {
    const Outcome outcome = parse(with("inner = \"Body\"", "mark = \"Head/{urn:yy}Type=TR\""));
    ASSERT_TRUE(outcome.result);
    const FormatRow& note = outcome.result->formats[0];
    EXPECT_TRUE(note.steps.empty());
    ASSERT_EQ(note.mark.size(), 2u);
    EXPECT_EQ(note.mark[0].ns, "urn:xx");
    EXPECT_EQ(note.mark[1].ns, "urn:yy");
    EXPECT_EQ(note.mark[1].local, "Type");
    EXPECT_EQ(note.mark_begins, "TR");
    EXPECT_EQ(note.inner, "Head/{urn:yy}Type=TR");
}

}  // namespace
TEST(PluginToml, AFormatMayAcceptSeveralProfiles) {
    const Outcome more = parse(
        with("signature = \"xx.sm2\"", "signature = \"xx.sm2\"\nsignatures = [\"asice.rsa-sha256\", \"xx.sm2\"]"));
    ASSERT_TRUE(more.result) << more.result.error().text();
    EXPECT_EQ(more.result->formats[0].signatures, (std::vector<std::string>{"xx.sm2", "asice.rsa-sha256"}));
    EXPECT_EQ(more.result->formats[1].signatures, std::vector<std::string>{"asice.rsa-sha256"});

    const Outcome unknown = parse(with("signature = \"xx.sm2\"", "signature = \"xx.sm2\"\nsignatures = [\"xx.rsa\"]"));
    ASSERT_FALSE(unknown.result);
    EXPECT_EQ(unknown.result.error().code, codes::profile_unknown);
    EXPECT_EQ(unknown.result.error().place.line, 22u);
}

}  // namespace hansa::plugin
