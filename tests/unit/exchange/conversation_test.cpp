// Messages of the Eurasian union's platform through the gateway: frames off and on, three correlations, signals both
// ways.
#include "core/exchange/conversation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/envelope/envelope.h"
#include "core/exchange/frames.h"
#include "core/trust/sign.h"
#include "core/xml/scanner.h"
#include "tests/unit/exchange/two_agencies.h"
#include "tests/unit/trust/holder_maker.h"

namespace hansa::exchange {
namespace {

constexpr std::string_view frame_id = "eaeu.platform-message";
constexpr std::string_view profile_id = "eaeu.signed-doc.ecdsa-p256-sha256";
constexpr std::string_view conversation_id = "urn:uuid:6d1aa1c4-3f40-46a7-bb23-ba1a9df5bceb";
constexpr std::string_view south_address = "EAEU://RU/CP/P.XX.01/P.XX.01.ACT.001",
                           our_address = "EAEU://EEC/CP/P.XX.01/P.ACT.001";

std::string uuid(int number) {
    return fmt::format("00000000-0000-4000-8000-{:012}", number);
}

struct Soap {
    std::string body;
    std::string message = "P.XX.01.MSG.001";
    int id = 1;
    std::string relates = {};
    std::string conversation = std::string(conversation_id);
    std::string more = {};  ///< other header blocks
};

/// As a member's system writes it, ids first.
std::string soap(const Soap& of) {
    return fmt::format(
        "<?xml version=\"1.0\"?>\n<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
        "xmlns:a=\"http://www.w3.org/2005/08/addressing\" "
        "xmlns:i=\"urn:EEC:Interaction:v1.0\"><s:Header>{}<a:MessageID>urn:uuid:{}</a:MessageID><i:ConversationID>{}</"
        "i:ConversationID>"
        "<a:To>{}</a:To><i:ProcedureID>urn:uuid:{}</i:ProcedureID><a:Action>int://CP/P.XX.01/1.0.0/P.XX.01.PRC.001/"
        "P.XX.01.TRN.001/{}</a:Action>"
        "<a:ReplyTo><a:Address>{}</a:Address></a:ReplyTo>{}</s:Header><s:Body>{}</s:Body></s:Envelope>",
        of.more, uuid(of.id), of.conversation, our_address, uuid(900), of.message, south_address,
        of.relates.empty() ? "" : "<a:RelatesTo>" + of.relates + "</a:RelatesTo>", of.body);
}

/// The document of a message that declares nothing in its own.
std::string bare(std::string document) {
    return document.substr(document.find("?>") + 3);
}

class Conversations : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        const auto all = fs::copy_options::recursive;
        fs::copy(test::source_dir() / "plugins/eaeu", folder_ / "plugins/eaeu", all);
        for (const char* authority : {"eaeu", "w3c"})
            fs::copy(test::source_dir() / "schemas" / authority, folder_ / "schemas" / authority, all);
        registry_ = loaded();
        auto keys = std::make_shared<Keyring>(*keys_);
        keys->by_profile.emplace(profile_id, test::people().ec.signer());
        keys->trust_of.emplace("south", test::people().store);
        keys_ = keys;
        gateway_->reload(Surroundings{directory_with_frame(), registry_, keys_});
        frames_ = frames_of(*registry_);
    }

    std::shared_ptr<const Directory> directory_with_frame() {
        auto out = std::make_shared<Directory>(*directory());
        Agency& south = out->agencies.back();
        south.frame = frame_id;
        south.address.emplace().url = "http://127.0.0.1:9/";
        south.envelope[south.frame] = {
            {"Sender/ID", std::string(our_address)},
            {"Receiver/ID", std::string(south_address)},
            {"ActionID", "int://CP/P.XX.01/1.0.0/P.XX.01.PRC.001/P.XX.01.TRN.001/P.XX.01.MSG.001"},
            {"Answer/ActionID", "P.XX.01.MSG.002"},
            {"Answer/Signature", std::string(profile_id)}};
        for (Route& route : out->routes) {
            if (route.to == "south") {
                route.signature = profile_id;
                route.envelope = {{"ProcedureID", "urn:uuid:" + uuid(777)}};
            }
        }
        return out;
    }

    Result<Acceptance> send(std::string_view agency, std::string bytes, bool test = true) {
        Diagnostics faults;
        return gateway_->accept({.agency = std::string(agency),
                                 .bytes = std::move(bytes),
                                 .idempotency_key = {},
                                 .format = {},
                                 .test = test,
                                 .transport = "test"},
                                faults);
    }

    /// What was sent about a message beside its translations, newest last.
    std::vector<std::string> signals_of(const std::string& message) {
        std::vector<std::string> out;
        for (const journal::Message& child : test::must(journal_->children(message))) {
            if (child.relation == journal::Relation::answer && child.direction == journal::Direction::out)
                out.push_back(body(child.id, journal::BodyKind::sent));
        }
        return out;
    }

    /// The newest refused message.
    std::string refused() {
        journal::Filter filter;
        filter.states = {journal::State::refused};
        return test::must(journal_->search(filter)).messages.at(0).id;
    }

    envelope::Layers opened(const std::string& bytes) {
        auto layers = envelope::unwrap(bytes, {}, frames_);
        if (!layers) throw std::runtime_error(layers.error().text() + "\n" + bytes);
        return *std::move(layers);
    }

    static std::string code(const Result<Acceptance>& done) {
        return done ? "taken" : std::string(done.error().code.name());
    }

    std::vector<envelope::Frame> frames_;
};

TEST_F(Conversations, ThePlatformsSevenMessagesAreTakenApart) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    std::size_t seen = 0, answers = 0;
    for (const auto& entry : fs::recursive_directory_iterator(*corpus / "eaeu-eec/platform-samples")) {
        if (!entry.is_regular_file()) continue;
        ++seen;
        const std::string bytes = test::slurp(entry.path());
        const envelope::Layers layers = opened(bytes);
        ASSERT_EQ(layers.wrappers.size(), 1u) << entry.path();
        const envelope::Headers& headers = layers.wrappers[0].headers;
        for (const char* needed :
             {"Receiver/ID", "Sender/ID", "ActionID", "MessageID", "ConversationID", "ProcedureID"})
            EXPECT_EQ(headers.count(needed), 1u) << needed;
        answers += headers.count("RelatesToID");
        EXPECT_TRUE(headers.at("Sender/ID").starts_with("EAEU://"));
        ASSERT_EQ(layers.documents.size(), 1u);
        // Octet by octet.
        EXPECT_NE(bytes.find(layers.documents[0].bytes), std::string::npos) << layers.documents[0].bytes.substr(0, 200);
        EXPECT_TRUE(xml::scan_well_formed(layers.documents[0].bytes)) << entry.path();
    }
    EXPECT_EQ(seen, 7u);
    EXPECT_EQ(answers, 5u);
}

TEST_F(Conversations, ADocumentGoesOutSignedAndInItsFrame) {
    const Acceptance done = accepted("north", declaration("xa", "R-1"));
    const std::string bytes = body(done.sent_ids.at(0), journal::BodyKind::sent);
    const envelope::Layers layers = opened(bytes);
    ASSERT_EQ(layers.wrappers.size(), 2u) << bytes;
    const envelope::Headers& headers = layers.wrappers[0].headers;
    EXPECT_EQ(headers.at("Sender/ID"), our_address);
    EXPECT_EQ(headers.at("Receiver/ID"), south_address);
    EXPECT_EQ(headers.at("ProcedureID"), "urn:uuid:" + uuid(777));  // the route's
    EXPECT_TRUE(headers.at("MessageID").starts_with("urn:uuid:"));
    EXPECT_NE(headers.at("ConversationID"), headers.at("MessageID"));
    EXPECT_EQ(headers.count("RelatesToID"), 0u);
    EXPECT_EQ(layers.wrappers[1].headers.at("format"), "eaeu.signed-doc");
    EXPECT_NE(layers.documents.at(0).bytes.find("R-1"), std::string::npos);
    // As it stands there, with the frame's declarations around it, the signed document verifies.
    envelope::Limits closed;
    closed.sealed_stay = true;
    const auto inner = test::must(envelope::unwrap(bytes, closed, frames_));
    const auto found =
        trust::verify(inner.documents.at(0).bytes, *registry_->profile(profile_id), {.trust = &test::people().store});
    EXPECT_TRUE(found.valid) << test::texts(found);
}

TEST_F(Conversations, ADocumentComesInSignedInAProductionMessage) {
    const trust::Profile& profile = *registry_->profile(profile_id);
    const std::string holder = test::must(trust::sign(declaration("xb", "R-2"), profile, test::people().ec.signer()));
    auto with = std::make_shared<Directory>(*directory_with_frame());
    for (Route& route : with->routes) route.test = false;
    gateway_->reload(Surroundings{with, registry_, keys_});
    const auto done = send("south", soap({.body = holder}), false);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_NE(body(done->message_id, journal::BodyKind::verification).find("SignedContent"), std::string::npos);
    EXPECT_EQ(code(send("south", soap({.body = bare(declaration("xb", "R-3")), .id = 3}), false)),
              "exchange.signature-missing");
    EXPECT_EQ(code(send("south", soap({.body = test::replaced(holder, "R-2", "R-4"), .id = 4}), false)),
              "trust.digest-wrong");
    // Alone, without a frame, it is as good.
    const std::string alone = test::must(trust::sign(declaration("xb", "R-5"), profile, test::people().ec.signer()));
    EXPECT_EQ(code(send("south", alone, false)), "taken");
    // One of the signers must be the agency's.
    with = std::make_shared<Directory>(*with);
    with->agencies.back().signer_digests = {std::string(64, '0')};
    gateway_->reload(Surroundings{with, registry_, keys_});
    const std::string other = test::must(trust::sign(declaration("xb", "R-6"), profile, test::people().ec.signer()));
    EXPECT_EQ(code(send("south", soap({.body = other, .id = 6}), false)), "exchange.wrong-agency");
}

TEST_F(Conversations, AContainerInAFrameIsVerifiedToo) {
    keys_ = [&] {
        auto keys = std::make_shared<Keyring>(*keys_);
        keys->trust_of.emplace("north", test::people().store);
        return keys;
    }();
    auto with = std::make_shared<Directory>(*directory_with_frame());
    for (Route& route : with->routes) route.test = false;
    gateway_->reload(Surroundings{with, registry_, keys_});
    const std::string document = declaration("xb", "R-7");
    const std::string container =
        test::must(trust::sign(document, test::core_profile("asice.ecdsa-p256-sha256"), test::people().ec.signer()));
    EXPECT_EQ(code(send("south", container, false)), "taken");
    // A container cannot stand in an element.
    const auto unfit =
        envelope::put_in(*std::ranges::find(frames_, frame_id, &envelope::Frame::format), container, {}, "00");
    ASSERT_FALSE(unfit);
    EXPECT_EQ(unfit.error().code.name(), "envelope.payload-unreadable");
}

TEST_F(Conversations, AnAnswerNamesMessageConversationAndDocument) {
    const Acceptance question = accepted("north", declaration("xa", "R-1"));
    const auto out = opened(body(question.sent_ids.at(0), journal::BodyKind::sent)).wrappers[0].headers;
    const auto answer = [&](std::string about, std::string relates, std::string conversation, int id) {
        return soap({.body = "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-" + std::to_string(id) +
                             "</Number><About>" + about + "</About></Answer>",
                     .message = "P.XX.01.MSG.002",
                     .id = id,
                     .relates = std::move(relates),
                     .conversation = std::move(conversation)});
    };
    EXPECT_EQ(code(send("south", answer("R-1", "urn:uuid:" + uuid(5), out.at("ConversationID"), 10))),
              "exchange.question-unknown");
    EXPECT_EQ(code(send("south", answer("R-1", out.at("MessageID"), std::string(conversation_id), 11))),
              "exchange.correlation-differs");
    EXPECT_EQ(code(send("south", answer("R-99", out.at("MessageID"), out.at("ConversationID"), 12))),
              "exchange.correlation-differs");
    const auto done = send("south", answer("R-1", out.at("MessageID"), out.at("ConversationID"), 13));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(test::must(journal_->message(done->message_id)).parent_id, question.sent_ids[0]);
    EXPECT_EQ(test::must(journal_->message(question.sent_ids[0])).state, journal::State::answered);
    EXPECT_TRUE(signals_of(done->message_id).empty());  // the platform's members send none for an answer
}

TEST_F(Conversations, OurAnswerGoesBackByTheQuestionsOwnFrame) {
    const auto question = send("south", soap({.body = bare(declaration("xb", "R-1")), .id = 42}));
    ASSERT_TRUE(question) << question.error().text();
    const auto answer =
        send("north", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>R-1</About></Answer>");
    ASSERT_TRUE(answer) << answer.error().text();
    const auto headers = opened(body(answer->sent_ids.at(0), journal::BodyKind::sent)).wrappers[0].headers;
    EXPECT_EQ(headers.at("RelatesToID"), "urn:uuid:" + uuid(42));
    EXPECT_EQ(headers.at("ConversationID"), conversation_id);
    EXPECT_EQ(headers.at("ProcedureID"), "urn:uuid:" + uuid(900));
    EXPECT_EQ(headers.at("Receiver/ID"), south_address);
    EXPECT_EQ(headers.at("Sender/ID"), our_address);
    EXPECT_EQ(headers.at("ActionID"), "int://CP/P.XX.01/1.0.0/P.XX.01.PRC.001/P.XX.01.TRN.001/P.XX.01.MSG.002");
}

TEST_F(Conversations, AQuestionOfTheFastWayIsReadAgainOutOfItsFrame) {
    auto engines = std::make_shared<const Engines>(registry_, EngineSettings{.fast = true, .shadow = 0.0});
    gateway_->reload(Surroundings{directory_with_frame(), registry_, keys_, engines});
    const auto question = send("south", soap({.body = bare(declaration("xb", "R-1")), .id = 43}));
    ASSERT_TRUE(question) << question.error().text();
    ASSERT_TRUE(body(question->message_id, journal::BodyKind::pivot).starts_with("{\"read_again\""))
        << body(question->message_id, journal::BodyKind::pivot);
    const auto answer =
        send("north", "<Answer xmlns=\"urn:example:xb:answer:1\"><Number>A-1</Number><About>R-1</About></Answer>");
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_EQ(opened(body(answer->sent_ids.at(0), journal::BodyKind::sent)).wrappers[0].headers.at("RelatesToID"),
              "urn:uuid:" + uuid(43));
}

TEST_F(Conversations, AnAcceptedDocumentIsSignalled) {
    const auto done = send("south", soap({.body = bare(declaration("xb", "R-1")), .id = 7}));
    ASSERT_TRUE(done) << done.error().text();
    const auto signals = signals_of(done->message_id);
    ASSERT_EQ(signals.size(), 1u);
    const envelope::Layers layers = opened(signals[0]);
    const envelope::Headers& headers = layers.wrappers[0].headers;
    EXPECT_EQ(envelope::last_part(headers.at("ActionID")), "P.MSG.PRS");
    EXPECT_EQ(headers.at("RelatesToID"), "urn:uuid:" + uuid(7));
    EXPECT_EQ(headers.at("ConversationID"), conversation_id);
    EXPECT_EQ(headers.at("Receiver/ID"), south_address);
    EXPECT_NE(layers.documents.at(0).bytes.find("ProcessingReceipt"), std::string::npos);
    EXPECT_EQ(test::must(registry_->detect(layers.documents[0].bytes))->id, "eaeu.processing-receipt");
    // The signal is delivered like all; it is none of the message's translations.
    EXPECT_EQ(done->sent_ids.size(), 1u);
    EXPECT_EQ(test::must(journal_->children(done->message_id)).size(), 2u);
}

TEST_F(Conversations, ARefusedDocumentIsSignalledWithItsErrors) {
    const std::string document =
        test::replaced(bare(declaration("xb", "R-1")), "<Number>1</Number>", "<Number>one</Number>");
    EXPECT_EQ(code(send("south", soap({.body = document, .id = 8}))), "schema.type");
    const auto signals = signals_of(refused());
    ASSERT_EQ(signals.size(), 1u);
    const envelope::Layers layers = opened(signals[0]);
    EXPECT_EQ(envelope::last_part(layers.wrappers[0].headers.at("ActionID")), "P.MSG.ERR");
    EXPECT_EQ(layers.wrappers[0].headers.at("RelatesToID"), "urn:uuid:" + uuid(8));
    EXPECT_NE(layers.documents.at(0).bytes.find("schema.type"), std::string::npos) << layers.documents[0].bytes;
    EXPECT_NE(layers.documents.at(0).bytes.find("<Code>01</Code>"), std::string::npos) << layers.documents[0].bytes;
}

TEST_F(Conversations, AFaultyFrameIsAFault) {
    const std::string document = bare(declaration("xb", "R-1"));
    const std::string from = "<a:From><a:Address>x</a:Address></a:From>",
                      known = "<x:Trace xmlns:x=\"urn:x\">1</x:Trace>";
    const std::string needed = "<x:Trace xmlns:x=\"urn:x\" s:mustUnderstand=\"1\">1</x:Trace>";
    EXPECT_EQ(code(send("south", soap({.body = document, .id = 1, .more = from}))), "envelope.header-forbidden");
    auto signals = signals_of(refused());
    ASSERT_EQ(signals.size(), 1u);
    const envelope::Layers layers = opened(signals[0]);
    EXPECT_EQ(layers.wrappers[0].headers.at("ActionID"), "http://www.w3.org/2005/08/addressing/soap/fault");
    EXPECT_NE(layers.documents.at(0).bytes.find("envelope.header-forbidden"), std::string::npos)
        << layers.documents[0].bytes;
    EXPECT_EQ(code(send("south", soap({.body = document, .id = 2, .more = needed}))), "envelope.header-not-understood");
    EXPECT_EQ(code(send("south", soap({.body = "", .id = 3}))), "envelope.payload-missing");
    EXPECT_EQ(code(send("south", soap({.body = document + document, .id = 4}))), "schema.element-unexpected");
    EXPECT_EQ(code(send("south", test::replaced(soap({.body = document, .id = 5}),
                                                "<i:ProcedureID>urn:uuid:" + uuid(900) + "</i:ProcedureID>", ""))),
              "schema.element-missing");
    EXPECT_EQ(code(send("south",
                        test::replaced(soap({.body = document, .id = 6}), "<a:MessageID>urn:uuid:", "<a:MessageID>"))),
              "schema.pattern");
    // What need not be understood is passed over.
    EXPECT_EQ(code(send("south", soap({.body = document, .id = 7, .more = known}))), "taken");
}

TEST_F(Conversations, ASignalIsAnEventOfTheMessage) {
    const Acceptance question = accepted("north", declaration("xa", "R-1"));
    const std::string sent = question.sent_ids.at(0);
    const auto out = opened(body(sent, journal::BodyKind::sent)).wrappers[0].headers;
    const std::string receipt = "<g:ProcessingReceipt xmlns:g=\"urn:EEC:signal:v1.0\"><g:SignalId>" + uuid(1) +
                                "</g:SignalId><g:DateTime>2026-03-24T20:56:41.182</g:DateTime></g:ProcessingReceipt>";
    const auto signal = [&](std::string name, std::string text, int id) {
        return soap({.body = std::move(text),
                     .message = std::move(name),
                     .id = id,
                     .relates = out.at("MessageID"),
                     .conversation = out.at("ConversationID")});
    };
    // Nobody knows how the body of RCV is called. Signals are not signed, on no side.
    for (const auto& [name, text, id] :
         {std::tuple{"P.MSG.RCV", "<whatever/>", 20}, std::tuple{"P.MSG.PRS", receipt.c_str(), 21}}) {
        const std::string bytes = signal(name, text, id);
        const auto done = send("south", bytes);
        ASSERT_TRUE(done) << done.error().text();
        const journal::Message message = test::must(journal_->message(done->message_id));
        EXPECT_EQ(message.parent_id, sent);
        EXPECT_EQ(message.relation, journal::Relation::answer);
        EXPECT_NE(test::must(journal_->history(done->message_id)).back().detail.find(name), std::string::npos);
        EXPECT_TRUE(signals_of(done->message_id).empty());
        EXPECT_TRUE(test::must(send("south", bytes)).repeated);
        EXPECT_NE(test::must(journal_->message(sent)).state, journal::State::answered);  // the wait goes on
    }
    EXPECT_EQ(code(send("south", soap({.body = receipt, .message = "P.MSG.PRS", .id = 22}))),
              "exchange.question-unknown");
    EXPECT_EQ(
        code(send("south", soap({.body = receipt, .message = "P.MSG.PRS", .id = 23, .relates = out.at("MessageID")}))),
        "exchange.correlation-differs");
    // Who names a signal must bring one: else a document would come without a signature.
    EXPECT_EQ(code(send("south", signal("P.MSG.ERR", bare(declaration("xb", "R-9")), 24))), "exchange.format-differs");
    // ERR ends the wait, and goes back to who asked.
    const std::string error = "<g:ValidationError xmlns:g=\"urn:EEC:signal:v1.0\"><g:SignalId>" + uuid(2) +
                              "</g:SignalId><g:DateTime>2026-03-24T20:56:41.1</g:DateTime>"
                              "<g:Error><g:Code>01</g:Code><g:Description>Control</g:Description><g:Details>one too "
                              "many</g:Details></g:Error></g:ValidationError>";
    auto with = std::make_shared<Directory>(*directory_with_frame());
    with->agencies.front().answer_format = "eaeu.validation-error";
    gateway_->reload(Surroundings{with, registry_, keys_});
    const auto done = send("south", signal("P.MSG.ERR", error, 25));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(test::must(journal_->message(sent)).state, journal::State::answered);
    ASSERT_EQ(done->sent_ids.size(), 1u);
    EXPECT_NE(opened(body(done->sent_ids[0], journal::BodyKind::sent)).documents.at(0).bytes.find("one too many"),
              std::string::npos);
}

TEST_F(Conversations, ARetryWithANewIdIsTheSameDocument) {
    const std::string document = bare(declaration("xb", "R-1"));
    const auto first = send("south", soap({.body = document, .id = 30}));
    ASSERT_TRUE(first) << first.error().text();
    const auto again = send("south", soap({.body = document, .id = 31}));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->message_id, first->message_id);
    EXPECT_EQ(again->receipt, first->receipt);
    EXPECT_EQ(again->sent_ids, first->sent_ids);
    // Its sender has missed the signal: it gets another, about the new message.
    const auto signals = signals_of(first->message_id);
    ASSERT_EQ(signals.size(), 2u);
    EXPECT_EQ(opened(signals[1]).wrappers[0].headers.at("RelatesToID"), "urn:uuid:" + uuid(31));
    const auto other = send("south", soap({.body = test::replaced(document, "Tea", "Gold"), .id = 32}));
    EXPECT_EQ(code(other), "exchange.duplicate-document");
}

TEST_F(Conversations, AReceiptMustBeAboutTheDocumentThatItLiesIn) {
    auto with = std::make_shared<Directory>(*directory_with_frame());
    for (Route& route : with->routes) route.test = false;
    gateway_->reload(Surroundings{with, registry_, keys_});
    int id = 60;
    const auto brought = [&](const std::string& reference, const std::string& about, const std::string& of) {
        const std::string holder = test::must(
            trust::sign(declaration("xb", reference), *registry_->profile(profile_id), test::people().ec.signer()));
        const std::string instance = test::attribute_of(holder, "doc:SignedContent", "DocInstance");
        const std::string signature = test::attribute_of(holder, "ds:Signature", "Id");
        const std::string report = "<rcpt:Success Reference=\"#" + (of.empty() ? signature : of) + "\"></rcpt:Success>";
        return code(send(
            "south", soap({.body = test::with_receipt(holder, about.empty() ? instance : about, report), .id = ++id}),
            false));
    };
    EXPECT_EQ(brought("R-20", "", ""), "taken");
    EXPECT_EQ(brought("R-21", "urn:uuid:another", ""), "trust.receipt-differs");
    EXPECT_EQ(brought("R-22", "", "another"), "trust.receipt-differs");
}

TEST_F(Conversations, WrappersInsideOfEachOtherAreFourAtMost) {
    const auto framed = [](std::string document, int frames) {
        for (int i = 0; i < frames; ++i) document = bare(soap({.body = document, .id = 70 + i}));
        return document;
    };
    const auto held = [&](const std::string& document) {
        return test::must(trust::sign(document, *registry_->profile(profile_id), test::people().ec.signer()));
    };
    EXPECT_EQ(code(send("south", framed(bare(declaration("xb", "R-30")), 4))), "taken");
    EXPECT_EQ(code(send("south", framed(bare(declaration("xb", "R-31")), 5))), "envelope.too-deep");
    // Documents that hold their signatures count too, wherever they stand.
    EXPECT_EQ(code(send("south", framed(held(declaration("xb", "R-32")), 3))), "taken");
    EXPECT_EQ(code(send("south", framed(held(declaration("xb", "R-33")), 4))), "envelope.too-deep");
    EXPECT_EQ(code(send("south", framed(held(framed(bare(declaration("xb", "R-34")), 2)), 1))), "taken");
    EXPECT_EQ(code(send("south", framed(held(framed(bare(declaration("xb", "R-35")), 3)), 1))), "envelope.too-deep");
}

TEST_F(Conversations, AFaultHasItsPlaceInTheMessageAsItCame) {
    // Blocks that are passed over, and a body of many lines, move nothing.
    const std::string unknown = "<x:Trace xmlns:x=\"urn:x\">\n\r\n  <x:y/>\n</x:Trace>\n";
    const auto place = [&](const std::string& bytes) {
        const auto done = send("south", bytes);
        return done ? std::string("taken")
                    : fmt::format("{} {}:{}", done.error().code.name(), done.error().place.line,
                                  done.error().place.column);
    };
    const auto at = [](const std::string& bytes, std::string_view piece) {
        const std::size_t offset = bytes.find(piece), line = bytes.rfind('\n', offset);
        return fmt::format("{}:{}",
                           1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(offset), '\n'),
                           offset - line);
    };
    const std::string id =
        test::replaced(soap({.body = declaration("xb", "R-40").substr(39), .id = 80, .more = unknown}),
                       "<a:MessageID>urn:uuid:", "<a:MessageID>");
    EXPECT_EQ(place(id), "schema.pattern " + at(id, "<a:MessageID>"));
    const std::string second = soap({.body = bare(declaration("xb", "R-41")) + "<second/>", .id = 81, .more = unknown});
    EXPECT_EQ(place(second), "schema.element-unexpected " + at(second, "<second/>"));
    const std::string from = soap({.body = bare(declaration("xb", "R-42")), .id = 82, .more = unknown + "<a:From/>"});
    EXPECT_EQ(place(from), "envelope.header-forbidden " + at(from, "<a:From/>"));
}

TEST_F(Conversations, AnActionThatNobodyKnowsIsRefused) {
    const std::string document = bare(declaration("xb", "R-50"));
    EXPECT_EQ(code(send("south", soap({.body = document, .message = "P.MSG.XYZ", .id = 90}))),
              "exchange.signal-unknown");
    const std::string of_others =
        test::replaced(soap({.body = document, .id = 91}), "<a:Action>int://CP", "<a:Action>http://CP");
    EXPECT_EQ(code(send("south", of_others)), "schema.pattern");
    EXPECT_EQ(code(send("south", soap({.body = document, .id = 92}))), "taken");
}

TEST_F(Conversations, AFaultEndsTheWait) {
    const Acceptance question = accepted("north", declaration("xa", "R-1"));
    const std::string sent = question.sent_ids.at(0);
    const auto out = opened(body(sent, journal::BodyKind::sent)).wrappers[0].headers;
    auto with = std::make_shared<Directory>(*directory_with_frame());
    with->agencies.front().answer_format = "eaeu.soap-fault";
    with->agencies.back().formats = {"xb.declaration"};  // signals need not be named
    gateway_->reload(Surroundings{with, registry_, keys_});
    const std::string fault =
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">no such "
        "procedure</s:Text></s:Reason></s:Fault>";
    const auto as_fault = [&](std::string body_of_it, int id, std::string relates) {
        const std::string all = soap({.body = std::move(body_of_it),
                                      .message = "MARK",
                                      .id = id,
                                      .relates = std::move(relates),
                                      .conversation = out.at("ConversationID")});
        return test::replaced(all, "int://CP/P.XX.01/1.0.0/P.XX.01.PRC.001/P.XX.01.TRN.001/MARK",
                              "http://www.w3.org/2005/08/addressing/fault");
    };
    // A fault that does not say so is a document like any other.
    EXPECT_EQ(
        code(send(
            "south",
            soap({.body = fault, .id = 100, .relates = out.at("MessageID"), .conversation = out.at("ConversationID")}),
            false)),
        "exchange.format-not-allowed");
    EXPECT_EQ(code(send("south", as_fault(bare(declaration("xb", "R-9")), 101, out.at("MessageID")))),
              "exchange.format-differs");
    EXPECT_EQ(code(send("south", as_fault(fault, 102, "urn:uuid:" + uuid(5)))), "exchange.question-unknown");
    const auto done = send("south", as_fault(fault, 103, out.at("MessageID")));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(test::must(journal_->message(sent)).state, journal::State::answered);
    EXPECT_NE(
        opened(body(done->sent_ids.at(0), journal::BodyKind::sent)).documents.at(0).bytes.find("no such procedure"),
        std::string::npos);
    EXPECT_TRUE(signals_of(done->message_id).empty());
}

}  // namespace
}  // namespace hansa::exchange
