// Fuzz target: the fast signer against the reference, on the canonical form of any document.
//
// The first byte chooses the profile; all sign with RSA, whose signatures are the same each time. What must hold: the
// same bytes, or the same refusal.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/trust/fast_sign.h"
#include "core/xml/canonical.h"
#include "tests/unit/trust/people.h"

namespace {

using namespace hansa;

struct Way {
    trust::Profile profile;
    trust::FastSigner signer;
};

std::vector<Way> make_ways() {
    const std::string c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    trust::Profile inclusive = test::core_profile("enveloped.rsa-sha256");
    inclusive.name = "test";
    inclusive.canonicalization = c14n10;
    inclusive.transforms = {inclusive.transforms.front(), c14n10};
    trust::Profile follower = test::ceb_rsa();
    follower.place.followers = {"a", "Content"};
    follower.prefix = "q";
    std::vector<Way> out;
    for (const trust::Profile& profile :
         {test::core_profile("enveloped.rsa-sha256"), inclusive, test::ceb_rsa(), follower}) {
        out.push_back({profile, test::must(trust::FastSigner::make(profile, test::people().rsa.signer()))});
    }
    return out;
}

std::string outcome(const Result<std::string>& result) {
    return result ? *result : result.error().text();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::vector<Way> ways = make_ways();
    if (size < 2) return 0;
    const auto tree = xml::ReferenceDocument::parse({reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!tree) return 0;
    const auto form = xml::canonical_form(*tree, {.apex = tree->root()});
    if (!form) return 0;
    const std::string document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + *form;
    Way& way = ways[data[0] % ways.size()];
    const std::string fast = outcome(way.signer.sign(trust::canonical_document(document)));
    const std::string reference = outcome(trust::sign(document, way.profile, test::people().rsa.signer()));
    if (fast == reference) return 0;
    std::cerr << "fast: " << fast << "\nreference: " << reference << '\n';
    std::abort();
}
