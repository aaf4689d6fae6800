// What an answer gets from its question, and what it keeps of its own.
#include "core/exchange/completion.h"

#include <gtest/gtest.h>

#include "core/pivot/text.h"

namespace hansa::exchange {
namespace {

pivot::Document read(const std::string& text) {
    auto documents = pivot::read_text(text);
    EXPECT_TRUE(documents) << (documents ? "" : documents.error().text());
    return documents ? std::move(documents->front()) : pivot::Document();
}

const char* const question =
    "document transit\n"
    "FunctionCode 9\n"
    "FunctionalReferenceID L-1\n"
    "AdditionalInformation[1]/StatementCode B\n"
    "AdditionalInformation[1]/StatementTypeCode STATISTICS\n"
    "AdditionalInformation[1]/StatementTypeCode/@listID cn\n"
    "AdditionalInformation[2]/StatementDescription of the question\n"
    "AdditionalInformation[2]/StatementTypeCode AAI\n"
    "Declarant/Name who declared\n"
    "Principal/Name who answers for the transit\n";

TEST(CompletedAnswer, HasWhatTheQuestionSays) {
    pivot::Document answer = read("document response\nFunctionCode 02\nDeclaration/FunctionalReferenceID X-9\n");
    complete_answer(answer, read(question));
    const std::string text = pivot::write_text(answer);
    EXPECT_NE(text.find("Declaration/FunctionalReferenceID L-1"), std::string::npos) << text;
    EXPECT_NE(text.find("Declaration/Declarant/Name who declared"), std::string::npos) << text;
    EXPECT_NE(text.find("Declaration/Principal/Name who answers for the transit"), std::string::npos) << text;
}

TEST(CompletedAnswer, KeepsWhatItSaysItself) {
    pivot::Document answer = read("document response\nFunctionCode 02\nDeclaration/Declarant/Name another\n"
                                  "Declaration/AdditionalInformation[1]/StatementDescription of the answer\n"
                                  "Declaration/AdditionalInformation[1]/StatementTypeCode AAI\n");
    complete_answer(answer, read(question));
    const std::string text = pivot::write_text(answer);
    EXPECT_NE(text.find("Declarant/Name another"), std::string::npos) << text;
    EXPECT_EQ(text.find("who declared"), std::string::npos) << text;
    EXPECT_EQ(text.find("of the question"), std::string::npos) << text;
}

// A statement of one kind does not silence the question's of another kind.
TEST(CompletedAnswer, TakesStatementsOfOtherKinds) {
    pivot::Document answer = read("document response\nFunctionCode 02\nDeclaration/AdditionalInformation[1]/StatementDescription 10:00:00\n"
                                  "Declaration/AdditionalInformation[1]/StatementTypeCode TIME\n"
                                  "Declaration/AdditionalInformation[1]/StatementTypeCode/@listID ru\n");
    complete_answer(answer, read(question));
    const std::string text = pivot::write_text(answer);
    EXPECT_NE(text.find("StatementTypeCode TIME"), std::string::npos) << text;
    EXPECT_NE(text.find("StatementTypeCode STATISTICS"), std::string::npos) << text;
    EXPECT_NE(text.find("of the question"), std::string::npos) << text;
}

TEST(CompletedAnswer, IsToTheDocumentThatItNames) {
    const pivot::Document first = read(question);
    const pivot::Document second = read("document transit\nFunctionCode 9\nFunctionalReferenceID L-2\n");
    const auto reference = [](const pivot::Document& one) { return pivot::write_text(one).find("FunctionalReferenceID L-2") != std::string::npos; };
    EXPECT_TRUE(reference(question_named({first, second}, "L-2")));
    EXPECT_FALSE(reference(question_named({first, second}, "unheard of")));
}

}  // namespace
}  // namespace hansa::exchange
