#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/codes.h"
#include "core/exchange/codes.h"
#include "core/server/api.h"
#include "core/server/openapi.h"

namespace hansa::server {
namespace {

using Json = nlohmann::json;

// RFC 9457, section 3: members type, title, status, detail; extension members beside them.
TEST(Problem, NamesCodePlaceAndAdvice) {
    const Error error{exchange::codes::no_route, "from 'minsk'", Place{.file = {}, .line = 3, .column = 7, .path = "/a/b"}};
    const Answer answer = problem(error);
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const Json body = Json::parse(answer.body);
    EXPECT_EQ(body["code"], "exchange.no-route");
    EXPECT_EQ(body["status"], 422);
    EXPECT_EQ(body["line"], 3);
    EXPECT_EQ(body["column"], 7);
    EXPECT_EQ(body["path"], "/a/b");
    EXPECT_FALSE(body["advice"].get<std::string>().empty());
}

TEST(Problem, ListsAllThatWasFound) {
    Diagnostics faults;
    faults.add(exchange::codes::no_route, "one");
    faults.add(exchange::codes::quota, "two");
    const Json body = Json::parse(problem(faults.errors()[0], &faults).body);
    ASSERT_EQ(body["errors"].size(), 2u);
    EXPECT_EQ(body["errors"][1]["code"], "exchange.quota");
}

TEST(Problem, TellsNothingOfTheInside) {
    const Answer answer = problem(Error{base::codes::internal, "/var/lib/hansa/journal.db: disk I/O error"});
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body.find("journal.db"), std::string::npos);
}

TEST(OpenApi, IsJsonOfVersion31WithEveryCall) {
    const Json description = Json::parse(openapi_document());
    EXPECT_EQ(description["openapi"], "3.1.0");
    for (const char* path : {"/v1/messages", "/v1/messages/{id}", "/v1/messages/{id}/evidence", "/v1/messages/{id}/replay", "/v1/deliveries", "/v1/traces/{reference}", "/v1/agencies",
                             "/v1/routes", "/v1/formats", "/v1/plugins", "/v1/recalls", "/v1/statistics/release-times", "/v1/validate", "/v1/translate", "/healthz", "/readyz", "/metrics"}) {
        EXPECT_TRUE(description["paths"].contains(path)) << path;
    }
}

}  // namespace
}  // namespace hansa::server
