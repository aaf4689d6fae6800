#include "core/base/decimal.h"

#include <gtest/gtest.h>

namespace hansa {
namespace {

Decimal number(std::string_view text) {
    return Decimal::parse(text).value();
}

TEST(Decimal, KeepsWhatWasWritten) {
    for (const char* text : {"0", "9", "9.0", "-0.5", "12345678912345.12345", "0.000", "14000"}) {
        EXPECT_EQ(number(text).text(), text);
    }
    EXPECT_EQ(number("+1").text(), "1");
    EXPECT_EQ(number(".5").text(), "0.5");
    EXPECT_EQ(number("007").text(), "7");
}

TEST(Decimal, RefusesWhatIsNoNumber) {
    for (const char* text : {"", "-", ".", "1e3", "1,000", "1.2.3", "0x1", " 1", "NaN"}) {
        ASSERT_FALSE(Decimal::parse(text)) << text;
        EXPECT_EQ(Decimal::parse(text).error().code.name(), "base.bad-decimal");
    }
    EXPECT_EQ(Decimal::parse(std::string(39, '9')).error().code.name(), "base.decimal-overflow");
    EXPECT_TRUE(Decimal::parse(std::string(38, '9')));
}

TEST(Decimal, CountsExactly) {
    EXPECT_EQ(number("0.1").plus(number("0.2")).value(), number("0.3"));
    EXPECT_EQ(number("10").minus(number("0.01")).value().text(), "9.99");
    EXPECT_EQ(number("12345678901234567890.12345").times(number("3")).value().text(), "37037036703703703670.37035");
    EXPECT_EQ(number("10").divided_by(number("3"), 4).value().text(), "3.3333");
    EXPECT_FALSE(number("1").divided_by(number("0"), 2));
}

TEST(Decimal, RoundsAsAsked) {
    EXPECT_EQ(number("2.345").rounded(2).value().text(), "2.35");
    EXPECT_EQ(number("-2.345").rounded(2).value().text(), "-2.35");
    EXPECT_EQ(number("2.345").rounded(2, Rounding::half_even).value().text(), "2.34");
    EXPECT_EQ(number("2.349").rounded(2, Rounding::down).value().text(), "2.34");
    EXPECT_EQ(number("2.341").rounded(2, Rounding::up).value().text(), "2.35");
    EXPECT_EQ(number("2.3").rounded(3).value().text(), "2.300");
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(number("9"), number("9.000"));
    EXPECT_LT(number("-1"), number("0.0001"));
    EXPECT_EQ(number("-0"), number("0"));
    EXPECT_EQ(number("71.50").canonical(), "71.5");
    EXPECT_EQ(number("0.00").canonical(), "0");
}

TEST(Decimal, CountsDigits) {
    EXPECT_EQ(number("0012.3400").integer_digits(), 2);
    EXPECT_EQ(number("0012.3400").fraction_digits(), 2);
    EXPECT_EQ(number("0.5").integer_digits(), 0);
}

}  // namespace
}  // namespace hansa
