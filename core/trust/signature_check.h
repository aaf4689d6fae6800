// The rules by which one ds:Signature is judged. Inside of core/trust only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/trust/algorithm.h"
#include "core/trust/container.h"
#include "core/trust/signature.h"
#include "core/trust/verify.h"
#include "core/xml/canonical.h"

namespace hansa::trust {

/// What a signature is judged by, and the report that grows. All outlive the check.
struct CheckInput {
    const xml::ReferenceDocument& document;
    const Policy& policy;
    const VerifyOptions& options;
    const std::vector<ContainerFile>* files = nullptr;  ///< of a container; nullptr: a document
};

/// One reference that held: what it covered, and where in the tree.
struct Held {
    Covered covered;
    const xmlNode* apex = nullptr;  ///< nullptr: the whole document, or a file
    bool is_file = false;
    bool signed_properties = false;
};

struct Judged {
    std::vector<Held> held;
    std::string certificate_der;  ///< of the signer; empty when a pinned key signed
    std::string signature_id;
};

/// Judges `element`; every rule that does not hold is an error of `report`.
Judged judge_signature(const CheckInput& input, const xmlNode& element, Verification& report);

/// Is it accepted by the policy? Known, listed, and not weak unless allowed.
/// Errors: trust.algorithm-refused, trust.algorithm-weak
Result<const Algorithm*> accepted_algorithm(const std::string& uri, const Policy& policy, bool digest);

}  // namespace hansa::trust
