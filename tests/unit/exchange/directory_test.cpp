#include "core/exchange/directory.h"

#include <gtest/gtest.h>

#include "core/base/digest.h"

namespace hansa::exchange {
namespace {

Directory two_agencies() {
    Directory out;
    Agency minsk, cotonou;
    minsk.id = "minsk";
    minsk.token_digests = {sha256_hex("secret of minsk")};
    cotonou.id = "cotonou";
    cotonou.token_digests = {sha256_hex("old"), sha256_hex("secret of cotonou")};
    cotonou.certificate_digests = {std::string(64, 'a')};
    out.agencies = {minsk, cotonou};
    return out;
}

TEST(Directory, FindsAgenciesByTokenAndCertificate) {
    const Directory directory = two_agencies();
    ASSERT_NE(directory.by_token("secret of cotonou"), nullptr);
    EXPECT_EQ(directory.by_token("secret of cotonou")->id, "cotonou");
    EXPECT_EQ(directory.by_token("old")->id, "cotonou");
    EXPECT_EQ(directory.by_token("secret"), nullptr);
    EXPECT_EQ(directory.by_token(""), nullptr);
    EXPECT_EQ(directory.by_certificate(std::string(64, 'a'))->id, "cotonou");
    EXPECT_EQ(directory.by_certificate(std::string(64, 'b')), nullptr);
    EXPECT_EQ(directory.agency("paris"), nullptr);
}

TEST(Purpose, HasOneWordEach) {
    for (const Purpose purpose : {Purpose::copy, Purpose::advance_information, Purpose::draft_import, Purpose::transit, Purpose::answer}) {
        EXPECT_EQ(purpose_of(purpose_name(purpose)), purpose);
    }
    EXPECT_FALSE(purpose_of("export"));
}

}  // namespace
}  // namespace hansa::exchange
