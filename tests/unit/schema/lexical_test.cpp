#include "core/schema/lexical.h"

#include <gtest/gtest.h>

namespace hansa::schema {
namespace {

using Order = std::optional<std::strong_ordering>;
constexpr auto less = std::strong_ordering::less, equal = std::strong_ordering::equal;

Order compared(std::string_view left, std::string_view right) {
    const Order out = compare_values(BuiltIn::duration, left, right);
    const Order back = compare_values(BuiltIn::duration, right, left);
    EXPECT_EQ(out.has_value(), back.has_value()) << left << " " << right;
    if (out && back) {
        EXPECT_EQ(*out, 0 <=> *back) << left << " " << right;
    }
    return out;
}

/// XML Schema Part 2, section 3.2.6.2: a month has 28 to 31 days. Fractions of seconds count here; Xerces-C leaves
/// them out.
TEST(Lexical, ComparesDurations) {
    struct Row {
        const char *left, *right;
        Order order;
    };
    const Row rows[] = {
        {"P1Y", "P12M", equal},
        {"P1D", "PT24H", equal},
        {"PT1H", "PT60M", equal},
        {"P1M", "P32D", less},
        {"P27D", "P1M", less},
        {"P1M", "P30D", std::nullopt},
        {"P1Y", "P364D", std::strong_ordering::greater},
        {"P1Y", "P365D", std::nullopt},
        {"P5M", "P153D", std::nullopt},
        {"P5M", "P154D", less},
        {"-P2M", "P1M", less},
        {"-P32D", "-P1M", less},
        {"PT6.69S", "PT6.7S", less},
        {"PT6.70S", "PT6.7S", equal},
        {"-PT0.3S", "-PT0.25S", less},
        {"-PT86400.5S", "-P1D", less},
        {"-P1DT0.5S", "-PT86400.4999S", less},
        {"-PT0.0S", "PT0S", equal},
        {"P1Y", "x", std::nullopt},
        {"P9999999999Y", "P1Y", std::nullopt},
        {"-P999999999Y", "P999999999Y", less},
    };
    for (const Row& row : rows) EXPECT_EQ(compared(row.left, row.right), row.order) << row.left << " " << row.right;
}

}  // namespace
}  // namespace hansa::schema
