// Verifies a holder: a document made to hold signatures and what they cover (Form::within).
//
// The shape is fixed: root, data, the signatures, the content, nothing else; so there is no place to which a content
// could be moved while another takes its own. Each signature must refer to the content that stands there, the element
// itself and not one that has its Id; all must verify. What is read is cut out of the octets that were digested.
//
// A receipt of a third party, where one is there, must be signed, its signature must cover it, it must name the
// document of this content, and it must have found good every signature that stands here. It does not replace them.
//
// Inside of core/trust only. Sources: formats page of the Eurasian union, section 4 (container and receipt);
// which name a receipt gives to the document and to a signature is our reading of it: the content's instance attribute,
// and the signature's Id with or without '#'.
#pragma once

#include "core/trust/verify.h"
#include "core/xml/canonical.h"

namespace hansa::trust {

/// Judges by `policy.holder`; what does not hold is an error of `report`.
void verify_holder(const xml::ReferenceDocument& document, const Policy& policy, const VerifyOptions& options,
                   Verification& report);

}  // namespace hansa::trust
