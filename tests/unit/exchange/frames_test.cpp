// Frames around messages: taken off what comes in, put around what goes out, told by a table alone.
#include "core/exchange/frames.h"

#include <gtest/gtest.h>

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/envelope/envelope.h"
#include "core/exchange/gateway.h"
#include "core/plugin/scaffold.h"
#include "tests/support/corpus.h"
#include "tests/unit/trust/people.h"

namespace hansa::exchange {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view formats = R"(
[[format]]
id        = "xb.frame"
title     = "Frame"
edition   = "1"
root      = "{urn:example:xb:frame:1}Frame"
schema    = "xb/frame.xsd"
mapping   = "mappings/frame.map"
kind      = "envelope"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"

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
)";

constexpr std::string_view box_format = R"(
[[format]]
id        = "xb.box"
title     = "Box of documents"
edition   = "1"
root      = "{urn:example:xb:box:1}Box"
schema    = "xb/box.xsd"
mapping   = "mappings/box.map"
kind      = "envelope"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)";

constexpr std::string_view box_schema = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns="urn:example:xb:box:1" targetNamespace="urn:example:xb:box:1" elementFormDefault="qualified">
  <xs:element name="Box"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:token"/>
    <xs:element name="Place" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="Order" type="xs:token" minOccurs="0"/>
      <xs:element name="Document"><xs:complexType><xs:sequence>
        <xs:any namespace="##any" processContents="skip"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";

constexpr std::string_view box_map = R"(format   xb.box
pivot    envelope
schema   xb/box#Box
empty    absent
zone     required

in Box <-> document
  Number                               <-> MessageID
  Place/Order                          carry
  Place/Document                       envelope
)";

constexpr std::string_view frame_schema = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:xb:frame:1" elementFormDefault="qualified">
  <xs:element name="Frame"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:token"/>
    <xs:element name="From"><xs:simpleType><xs:restriction base="xs:token"><xs:maxLength value="8"/></xs:restriction></xs:simpleType></xs:element>
    <xs:element name="To" type="xs:token"/>
    <xs:element name="Issued" type="xs:dateTime"/>
    <xs:element name="Holds" type="xs:token"/>
    <xs:element name="Coding" type="xs:token"/>
    <xs:element name="Body" type="xs:string"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";

constexpr std::string_view frame_map = R"(format   xb.frame
pivot    envelope
schema   xb/frame#Frame
empty    absent
zone     required

in Frame <-> document
  Number                               <-> MessageID
  From                                 <-> Sender/ID
  To                                   <-> Receiver[1]/ID
  Issued                               <-> IssueDateTime          datetime
  Holds                                <-> Payload/TypeName
  Coding                               <-> Payload/EncodingCode
  Body                                 envelope
)";

constexpr std::string_view answer_schema = R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:xb:answer:1" elementFormDefault="qualified">
  <xs:element name="Answer"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:token"/>
    <xs:element name="Frame" type="xs:token" minOccurs="0"/>
    <xs:element name="Paid" type="xs:token" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";

constexpr std::string_view answer_map = R"(format   xb.answer
pivot    response
schema   xb/answer#Answer
empty    absent
zone     required

in Answer <-> document
  "03"                                 <-> FunctionCode
  Number                               <-> FunctionalReferenceID
  Frame                                <-> RelatesToID
  Paid                                 <-> Declaration/GoodsShipment/Payment/ReferenceID
)";

class Frames : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-frames-" + random_uuid());
        for (const char* code : {"xa", "xb"})
            ASSERT_TRUE(plugin::scaffold({folder_ / "plugins", folder_ / "schemas"}, code));
        const fs::path toml = folder_ / "plugins/xb/plugin.toml";
        ASSERT_TRUE(write_file_atomically(toml, test::slurp(toml) + std::string(formats) + std::string(box_format)));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xb/box.xsd", box_schema));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xb/mappings/box.map", box_map));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xb/frame.xsd", frame_schema));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xb/answer.xsd", answer_schema));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xb/mappings/frame.map", frame_map));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xb/mappings/answer.map", answer_map));
        Diagnostics faults;
        registry_ = plugin::Registry::load(
            {.plugin_folders = {folder_ / "plugins"}, .schema_folder = folder_ / "schemas"}, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        frames_ = frames_of(*registry_);
        ASSERT_EQ(frames_.size(), 2u);
    }
    void TearDown() override {
        gateway_.reset();
        journal_.reset();
        fs::remove_all(folder_);
    }

    /// South gets all in frames, and may send so.
    void open_gateway() {
        auto directory = std::make_shared<Directory>();
        for (const auto& [id, authority] : {std::pair{"north", "xa"}, std::pair{"south", "xb"}}) {
            Agency agency;
            agency.id = agency.name = id;
            agency.authority = authority;
            agency.unsigned_allowed = true;
            agency.answer_format = "xb.answer";
            directory->agencies.push_back(std::move(agency));
        }
        Agency& south = directory->agencies.back();
        south.frame = "xb.frame";
        south.envelope["xb.frame"] = {{"Sender/ID", "GATEWAY"}, {"Receiver/ID", "$receiver"}};
        for (const auto& [from, to, format] :
             {std::tuple{"north", "south", "xb.declaration"}, std::tuple{"south", "north", "xa.declaration"}}) {
            Route route;
            route.name = std::string(from) + "-" + to;
            route.from = from;
            route.kind = "declaration";
            route.to = to;
            route.to_format = format;
            route.test = true;
            directory->routes.push_back(std::move(route));
        }
        journal_ = test::must(journal::open_sqlite(folder_ / "journal.db", {}));
        auto keys = std::make_shared<Keyring>();
        for (const char* profile : {"asice.ecdsa-p256-sha256", "enveloped.ecdsa-p256-sha256"})
            keys->by_profile.emplace(profile, test::people().ec.signer());
        gateway_ = std::make_unique<Gateway>(Surroundings{directory, registry_, keys}, *journal_);
    }

    Result<Acceptance> send(std::string_view agency, std::string bytes) {
        Diagnostics faults;
        return gateway_->accept({.agency = std::string(agency),
                                 .bytes = std::move(bytes),
                                 .idempotency_key = {},
                                 .format = {},
                                 .test = true,
                                 .transport = "test"},
                                faults);
    }

    std::string sent(const std::string& message) {
        for (const journal::BodyRef& one : test::must(journal_->bodies_of(message)))
            if (one.kind == journal::BodyKind::sent) return test::must(journal_->read_body(one.digest));
        return {};
    }

    static std::string declaration(std::string_view authority, std::string_view reference) {
        return "<Declaration xmlns=\"urn:example:" + std::string(authority) + ":declaration:1\"><Reference>" +
               std::string(reference) +
               "</Reference><Direction>OUT</Direction><Issued>2026-01-31T08:00:00Z</Issued><Item><Number>1</Number>"
               "<Description>Tea</Description><GrossMass>2.5</GrossMass></Item></Declaration>";
    }

    static std::string framed(std::string_view body, std::string_view coding = "base64") {
        return "<?xml version=\"1.0\"?>\n<Frame "
               "xmlns=\"urn:example:xb:frame:1\"><Number>M-1</Number><From>SOUTH</From><To>HUB</To>"
               "<Issued>2026-01-31T08:00:00Z</Issued><Holds>Declaration</Holds><Coding>" +
               std::string(coding) + "</Coding><Body>" + std::string(body) + "</Body></Frame>";
    }

    std::string refusal(std::string_view bytes) {
        const auto layers = envelope::unwrap(bytes, {}, frames_);
        return layers ? "taken" : std::string(layers.error().code.name());
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::vector<envelope::Frame> frames_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<Gateway> gateway_;
};

TEST_F(Frames, GiveTheirPayloadOctetByOctet) {
    const std::string document =
        "\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n" + declaration("xb", "R-1") + "<!-- after -->";
    const auto layers = envelope::unwrap(framed(to_base64(document)), {}, frames_);
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->wrappers.size(), 1u);
    EXPECT_EQ(envelope::layer_kind_name(layers->wrappers[0].kind), "frame");
    EXPECT_EQ(layers->wrappers[0].headers.at("format"), "xb.frame");
    EXPECT_EQ(layers->wrappers[0].headers.at("MessageID"), "M-1");
    EXPECT_EQ(layers->wrappers[0].headers.at("Receiver/ID"), "HUB");
    ASSERT_EQ(layers->documents.size(), 1u);
    EXPECT_EQ(layers->documents[0].bytes, document);
    EXPECT_EQ(layers->documents[0].path, "payload");
    // Who brings no frames sees a document like any other.
    EXPECT_TRUE(test::must(envelope::unwrap(framed(to_base64(document)))).wrappers.empty());
}

TEST_F(Frames, HoldBatchesAndEachOther) {
    const std::string one = declaration("xb", "R-1"), two = declaration("xb", "R-2");
    const std::string batch = test::must(envelope::wrap_batch(std::vector{one, two}, "xb.declaration"));
    const auto layers = envelope::unwrap(framed(to_base64(framed(to_base64(batch)))), {}, frames_);
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->wrappers.size(), 3u);
    EXPECT_EQ(layers->wrappers[1].path, "payload");
    ASSERT_EQ(layers->documents.size(), 2u);
    EXPECT_EQ(layers->documents[1].bytes, two);
    std::string deep = one;
    for (int i = 0; i < 5; ++i) deep = framed(to_base64(deep));
    EXPECT_EQ(refusal(deep), "envelope.too-deep");
    envelope::Limits small;
    small.bytes_max = 1'500;
    const auto large = envelope::unwrap(framed(to_base64(framed(to_base64(one)))), small, frames_);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code.name(), "envelope.too-large");
}

TEST_F(Frames, RefuseWhatTheyCannotGive) {
    EXPECT_EQ(refusal(framed("")), "envelope.payload-missing");
    EXPECT_EQ(refusal(framed("PGEvPg==", "gzip")), "envelope.payload-unreadable");
    EXPECT_EQ(refusal(framed("no base64!")), "envelope.payload-unreadable");
    std::string unordered = framed("PGEvPg==");
    unordered.replace(unordered.find("<To>HUB</To>"), 12, "");
    EXPECT_EQ(refusal(unordered), "schema.element-unexpected");
}

TEST_F(Frames, ArePutAroundAndComeOffAgain) {
    const std::string document = declaration("xb", "R-1");
    const envelope::Headers headers{{"MessageID", "M-7"},
                                    {"Sender/ID", "HUB"},
                                    {"Receiver/ID", "SOUTH"},
                                    {"IssueDateTime", "2026-01-31T08:00:00Z"},
                                    {"Payload/TypeName", "Declaration"}};
    const auto bytes = envelope::put_in(frames_[0], document, headers, "00");
    ASSERT_TRUE(bytes) << bytes.error().text();
    const auto out = envelope::take_out(frames_[0], *bytes);
    ASSERT_TRUE(out) << out.error().text();
    EXPECT_EQ(out->payloads.at(0), document);
    for (const auto& [path, value] : headers) EXPECT_EQ(out->headers.at(path), value) << path;
    envelope::Headers wide = headers;
    wide["Sender/ID"] = "A-NAME-THAT-IS-TOO-LONG";
    EXPECT_FALSE(envelope::put_in(frames_[0], document, wide, "00"));
    envelope::Headers silent = headers;
    silent.erase("Receiver/ID");
    const auto missing = envelope::put_in(frames_[0], document, silent, "00");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code.name(), "mapping.required-unfed");
}

TEST_F(Frames, HoldElementsSideBySide) {
    const envelope::Frame& box = frames_[1];
    ASSERT_TRUE(box.place && box.place->elements);
    const std::vector<std::string> documents{"<?xml version=\"1.0\"?>\n" + declaration("xb", "R-1"), "<plain a='1'/>", declaration("xb", "R-3")};
    const auto bytes = envelope::put_in(box, documents, {{"MessageID", "B-1"}}, "00");
    ASSERT_TRUE(bytes) << bytes.error().text();
    const auto layers = envelope::unwrap(*bytes, {}, frames_);
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->documents.size(), 3u) << *bytes;
    EXPECT_EQ(layers->documents[0].bytes, declaration("xb", "R-1"));
    EXPECT_EQ(layers->documents[0].path, "payload[1]");
    EXPECT_EQ(layers->documents[1].bytes, documents[1]);
    EXPECT_EQ(layers->documents[2].headers.at("MessageID"), "B-1");
    // A place holds one element, and the schema counts it.
    std::string crowded = test::replaced(*bytes, "<plain a='1'/>", "<plain a='1'/><plain/>");
    EXPECT_EQ(refusal(crowded), "schema.element-unexpected");
    EXPECT_EQ(refusal(test::replaced(*bytes, "<plain a='1'/>", "")), "schema.element-missing");
    EXPECT_EQ(refusal("<Box xmlns=\"urn:example:xb:box:1\"><Number>1</Number></Box>"), "schema.element-missing");
    // Base 64 has one place.
    const auto many = envelope::put_in(frames_[0], documents, {{"MessageID", "M-1"}}, "00");
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().code.name(), "envelope.payload-many");
}

TEST_F(Frames, HoldElementsThatBorrowFromThem) {
    const std::string bytes = "<b:Box xmlns:b=\"urn:example:xb:box:1\" xmlns:d=\"urn:example:xb:declaration:1\"><b:Number>1</b:Number><b:Place>"
                              "<b:Document><d:Declaration><d:Reference>R-1</d:Reference></d:Declaration></b:Document></b:Place></b:Box>";
    const auto layers = envelope::unwrap(bytes, {}, frames_);
    ASSERT_TRUE(layers) << layers.error().text();
    EXPECT_EQ(layers->documents.at(0).bytes, "<d:Declaration xmlns:d=\"urn:example:xb:declaration:1\"><d:Reference>R-1</d:Reference></d:Declaration>");
    EXPECT_EQ(test::must(registry_->detect(layers->documents[0].bytes))->id, "xb.declaration");
}

TEST_F(Frames, GoBothWaysThroughTheGateway) {
    open_gateway();
    const auto out = send("north", declaration("xa", "R-1"));
    ASSERT_TRUE(out) << out.error().text();
    const std::string bytes = sent(out->sent_ids.at(0));
    const auto layers = envelope::unwrap(bytes, {}, frames_);
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->wrappers.size(), 2u) << bytes;  // the frame, and the container with the signature
    EXPECT_EQ(layers->wrappers[0].headers.at("MessageID"), out->sent_ids[0]);
    EXPECT_EQ(layers->wrappers[0].headers.at("Sender/ID"), "GATEWAY");
    EXPECT_EQ(layers->wrappers[0].headers.at("Receiver/ID"), "south");
    EXPECT_EQ(layers->wrappers[0].headers.at("Payload/TypeName"), "Declaration");
    EXPECT_NE(layers->documents.at(0).bytes.find("R-1"), std::string::npos);
    const auto in = send("south", framed(to_base64(declaration("xb", "R-2"))));
    ASSERT_TRUE(in) << in.error().text();
    // North has no frame: a container comes, with the signature.
    EXPECT_EQ(test::must(envelope::unwrap(sent(in->sent_ids.at(0)), {}, frames_)).wrappers.at(0).kind,
              envelope::LayerKind::container);
}

TEST_F(Frames, AnAnswerMayNameTheFrameAlone) {
    open_gateway();
    const auto question = send("north", declaration("xa", "R-1"));
    ASSERT_TRUE(question) << question.error().text();
    const auto answer = send("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><Frame>" +
                                          question->sent_ids.at(0) + "</Frame></Answer>");
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(test::must(journal_->message(answer->message_id)).parent_id, question->sent_ids[0]);
    const auto stray =
        send("south", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-2</Number><Paid>P-1</Paid></Answer>");
    ASSERT_FALSE(stray);
    EXPECT_EQ(stray.error().code.name(), "exchange.question-unknown");
    EXPECT_NE(stray.error().detail.find("PAYMENT 'P-1'"), std::string::npos) << stray.error().text();
}

}  // namespace
}  // namespace hansa::exchange
