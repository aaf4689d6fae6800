// The signed acknowledgement: what was accepted, when, and what was made of it.
//
//     <receipt xmlns="urn:hansa:receipt:1">
//       <message>01J...</message> <agency>...</agency> <format>...</format>
//       <received>2026-11-23T08:15:30.904Z</received>
//       <digest algorithm="http://www.w3.org/2001/04/xmlenc#sha256">hex</digest>
//       <sent id="01J..." to="..." format="..." purpose="..." dropped="3" carried="2" .../>*
//       <warning rule="xx.1" document="1" path="/List[1]/Head/packages">what the rule says</warning>*
//       <ds:Signature>...</ds:Signature>
//     </receipt>
//
// Enveloped XML Signature by the gateway's receipt key: any verifier can check it.
#pragma once

#include <string>

#include "core/exchange/passage.h"

namespace hansa::exchange {

/// Errors: exchange.no-signer, trust.*
Result<std::string> make_receipt(const Passage& passage);

}  // namespace hansa::exchange
