// The calls about consents and disclosures: /v1/consents, /v1/disclosures.
#pragma once

#include <optional>

#include "core/server/api.h"

namespace hansa::server {

/// Nothing: the request is about something else. The agency is known.
std::optional<Answer> answer_disclosures(const Request& request, exchange::Gateway& gateway, journal::Journal& journal);

}  // namespace hansa::server
