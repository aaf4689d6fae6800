// Fuzz target: the fast verification against the reference, on edits of messages that are really signed.
//
// The input is a recipe: the first byte chooses the message, each further five are an edit (a place, what to do, a
// byte, a length). Keys are made when the target starts. What must hold: one verdict and one report, and on a
// reader's word the same again.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/xml/scanner.h"
#include "tests/support/verify_both.h"
#include "tests/unit/trust/people.h"

namespace {

using namespace hansa;

struct Original {
    std::string bytes;
    trust::Policy policy;
};

std::vector<Original> make_originals() {
    const auto& people = test::people();
    std::vector<Original> out;
    const auto add = [&](const trust::Profile& profile, const test::Person& person) {
        for (const std::string& document : {test::sample_document(), std::string("<a><b/></a>")}) {
            out.push_back({test::must(trust::sign(document, profile, person.signer())), trust::policy_of(profile)});
        }
    };
    add(test::core_profile("enveloped.ecdsa-p256-sha256"), people.ec);
    add(test::core_profile("enveloped.rsa-sha256"), people.rsa);
    add(test::ceb_rsa(), people.rsa);
    trust::Policy part = trust::standard_policy();
    part.whole_document = false;
    part.place.where = trust::SignaturePlace::Where::anywhere;
    out.push_back({out[0].bytes, part});
    out.push_back({out[2].bytes, trust::standard_policy()});
    return out;
}

std::string edited(std::string bytes, const std::uint8_t* data, std::size_t size) {
    static const std::string_view words[] = {
        "<!--x-->", "<![CDATA[",          "]]>",  "&amp;", "&#13;",         " Id=\"M1\"", "URI=\"#M1\"",
        "<a/>",     " xmlns:c=\"urn:x\"", "\r\n", "/>",    "#WithComments", "</a>",       " "};
    for (; size >= 5 && !bytes.empty(); data += 5, size -= 5) {
        const std::size_t place = (data[0] | static_cast<std::size_t>(data[1]) << 8) % bytes.size();
        const auto length = static_cast<std::size_t>(data[4]);
        switch (data[2] % 5) {
            case 0:
                bytes[place] = static_cast<char>(data[3]);
                break;
            case 1:
                bytes.erase(place, length % 16 + 1);
                break;
            case 2:
                bytes.insert(place, words[data[3] % std::size(words)]);
                break;
            case 3:
                bytes.insert(place, bytes.substr(data[3] * 16u % bytes.size(), length));
                break;
            default:
                bytes[place] = static_cast<char>(bytes[place] ^ 1 << data[3] % 8);
                break;
        }
    }
    return bytes;
}

/// Root and the one Signature among its children, as a reader would tell them.
bool read(std::string_view bytes, trust::ReadDocument& out) {
    out.bytes = bytes;
    xml::Scanner scanner(bytes);
    std::size_t depth = 0, signatures = 0;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return false;
        const xml::Token& token = scanner.token();
        if (*kind == xml::TokenKind::end_of_document) return signatures == 1;
        if (*kind == xml::TokenKind::start_element && ++depth == 1) out.root.from = token.offset;
        if (*kind == xml::TokenKind::start_element && depth == 2 && token.local == "Signature" &&
            token.ns == "http://www.w3.org/2000/09/xmldsig#") {
            out.signature = token.offset;
            ++signatures;
        }
        if (*kind == xml::TokenKind::end_element && depth-- == 1) out.root.to = token.end;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::vector<Original> originals = make_originals();
    static trust::FastVerifier verifier({.keep_octets = true});
    if (size == 0) return 0;
    const Original& original = originals[data[0] % originals.size()];
    const std::string bytes = edited(original.bytes, data + 1, size - 1);
    const trust::VerifyOptions options{.trust = &test::people().store};
    trust::FastVerification found;
    std::string what = test::difference(verifier, bytes, original.policy, options, found);
    trust::ReadDocument document;
    if (what.empty() && read(bytes, document)) {
        const auto again = verifier.verify_read(document, original.policy, options);
        what = test::difference(again.report, found.report);
    }
    if (what.empty()) return 0;
    std::cerr << what << ":\n" << bytes << '\n';
    std::abort();
}
