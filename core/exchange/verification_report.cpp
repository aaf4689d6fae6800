#include "core/exchange/verification_report.h"

#include <nlohmann/json.hpp>

namespace hansa::exchange {
namespace {

using Json = nlohmann::ordered_json;

Json certificate(const trust::CertificateInfo& info) {
    return {{"subject", info.subject}, {"issuer", info.issuer}, {"serial", info.serial}, {"fingerprint", info.fingerprint},
            {"not_before", info.not_before}, {"not_after", info.not_after}};
}

}  // namespace

std::string verification_json(const trust::Verification& found) {
    Json out;
    out["valid"] = found.valid;
    out["policy"] = found.policy;
    out["signature_method"] = found.signature_method;
    out["covered"] = Json::array();
    for (const trust::Covered& covered : found.covered) {
        out["covered"].push_back({{"id", covered.id}, {"path", covered.path}, {"whole_document", covered.whole_document}});
    }
    out["signer"] = certificate(found.signer);
    out["chain"] = Json::array();
    for (const trust::CertificateInfo& info : found.chain) out["chain"].push_back(certificate(info));
    for (const trust::CertificateInfo& info : found.signers) out["signers"].push_back(certificate(info));
    if (found.receipt) out["receipt"] = {{"id", found.receipt->id}, {"document", found.receipt->document}, {"signer", certificate(found.receipt->signer)}};
    out["signing_time"] = found.signing_time;
    out["timestamps"] = Json::array();
    out["errors"] = Json::array();
    for (const Error& error : found.errors) out["errors"].push_back({{"code", error.code.name()}, {"message", error.text()}});
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hansa::exchange
