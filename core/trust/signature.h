// A ds:Signature taken apart, strictly: elements, order and number as the standard prescribes.
//
// Nothing is judged here but the form; what is accepted is the policy's business (verify.cpp).
// Inside of core/trust only. Source: XML Signature 1.1, sections 4 and 8 (schema).
#pragma once

#include <libxml/tree.h>

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/trust/verify.h"

namespace hansa::trust {

struct ParsedTransform {
    std::string uri;
    std::vector<std::string> prefixes = {};  ///< InclusiveNamespaces/@PrefixList
    bool has_other_parameters = false;       ///< an XPath, a style sheet, ...
};

struct ParsedReference {
    bool has_uri = false;
    std::string uri;
    std::string type;
    std::string id;
    std::vector<ParsedTransform> transforms;
    std::string digest_method;
    std::string digest_value;  ///< octets
};

struct ParsedSignature {
    const xmlNode* element = nullptr;
    const xmlNode* signed_info = nullptr;
    std::string id;
    ParsedTransform canonicalization;
    std::string signature_method;
    bool method_has_parameters = false;  ///< HMACOutputLength, RSAPSSParams, ...
    std::vector<ParsedReference> references;
    std::string value;                      ///< octets
    std::vector<std::string> certificates;  ///< DER, in document order
    std::vector<std::string> key_names;
};

/// The nodes stay the document's. Errors: trust.signature-malformed, trust.references-too-many
Result<ParsedSignature> parse_signature(const xmlNode& element, const VerifyLimits& limits);

}  // namespace hansa::trust
