// The description of the HTTP API, OpenAPI 3.1: GET /v1/openapi.json.
#pragma once

#include <string_view>

namespace hansa::server {

std::string_view openapi_document();

}  // namespace hansa::server
