#include "core/server/openapi.h"

namespace hansa::server {

std::string_view openapi_document() {
    static constexpr std::string_view text = R"json({
 "openapi": "3.1.0",
 "info": {"title": "Hansa", "version": "0.1.0", "summary": "Messages between customs agencies, each in its own format", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
 "security": [{"bearer": []}, {"mutualTLS": []}],
 "paths": {
  "/v1/messages": {
   "post": {
    "summary": "Hand over a message",
    "responses": {
     "202": {"description": "Accepted and durable: the signed receipt; of a batch that goes apart, what became of each document"},
     "400": {"description": "The request is malformed", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "409": {"description": "The key or the document was used before", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "413": {"description": "Too large", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "422": {"description": "The message is refused, with its code and place", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "429": {"description": "Over the quota", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "sendMessage",
    "parameters": [
     {"name": "Idempotency-Key", "in": "header", "description": "The same key and bytes get the same answer", "required": false, "schema": {"type": "string"}},
     {"name": "Hansa-Format", "in": "header", "description": "The format that the sender means", "required": false, "schema": {"type": "string"}},
     {"name": "Hansa-Test", "in": "header", "description": "true: a test message", "required": false, "schema": {"type": "string"}}
    ],
    "requestBody": {"required": true, "content": {"application/xml": {}, "application/EDIFACT": {}, "text/plain": {}, "application/json": {}, "application/vnd.etsi.asic-e+zip": {}}}
   },
   "get": {
    "summary": "Search messages, newest first",
    "responses": {
     "200": {"description": "A page"},
     "400": {"description": "A parameter is wrong", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "searchMessages",
    "parameters": [
     {"name": "agency", "in": "query", "description": "Sender or receiver", "required": false, "schema": {"type": "string"}},
     {"name": "state", "in": "query", "description": "received, held, refused, accepted, translated, queued, delivered, answered, failed, dead", "required": false, "schema": {"type": "string"}},
     {"name": "format", "in": "query", "description": "Format id", "required": false, "schema": {"type": "string"}},
     {"name": "since", "in": "query", "description": "ISO 8601 time", "required": false, "schema": {"type": "string"}},
     {"name": "cursor", "in": "query", "description": "From the page before", "required": false, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/messages/{id}": {
   "get": {
    "summary": "State, history, translations, deliveries, loss ledger",
    "responses": {
     "200": {"description": "The message"},
     "404": {"description": "No such message", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "getMessage",
    "parameters": [
     {"name": "id", "in": "path", "description": "26 characters", "required": true, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/messages/{id}/evidence": {
   "get": {
    "summary": "The evidence container (ASiC-E)",
    "responses": {
     "200": {"description": "The container"},
     "404": {"description": "No such message", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "getEvidence",
    "parameters": [
     {"name": "id", "in": "path", "description": "26 characters", "required": true, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/messages/{id}/replay": {
   "post": {
    "summary": "Put a dead letter back",
    "responses": {
     "200": {"description": "Put back"},
     "404": {"description": "No such message", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "409": {"description": "It is not dead", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "replayMessage",
    "parameters": [
     {"name": "id", "in": "path", "description": "26 characters", "required": true, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/deliveries": {
   "get": {
    "summary": "Deliveries, newest first; state=held: those that wait until their documents are matched",
    "responses": {
     "200": {"description": "A page"},
     "400": {"description": "A parameter is wrong", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "searchDeliveries",
    "parameters": [
     {"name": "agency", "in": "query", "description": "Receiver", "required": false, "schema": {"type": "string"}},
     {"name": "state", "in": "query", "description": "pending, in-flight, delivered, dead, held", "required": false, "schema": {"type": "string"}},
     {"name": "corridor", "in": "query", "description": "FROM>TO>KIND", "required": false, "schema": {"type": "string"}},
     {"name": "cursor", "in": "query", "description": "From the page before", "required": false, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/traces/{reference}": {
   "get": {
    "summary": "All that is known under a reference",
    "responses": {
     "200": {"description": "The timeline"},
     "400": {"description": "A wrong parameter", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "404": {"description": "Unknown reference", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "getTrace",
    "parameters": [
     {"name": "reference", "in": "path", "description": "Message id, local reference, declaration number, order, payment, parcel, master bill or container", "required": true, "schema": {"type": "string"}},
     {"name": "scheme", "in": "query", "description": "Sort of the reference, where one text names several things", "required": false, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/recalls": {
   "get": {
    "summary": "All parcels with a seller, a product or a batch",
    "responses": {
     "200": {"description": "A page"},
     "400": {"description": "A wrong parameter", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "404": {"description": "Timelines are switched off", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "recall",
    "parameters": [
     {"name": "seller", "in": "query", "description": "Any number of the seller", "required": false, "schema": {"type": "string"}},
     {"name": "product", "in": "query", "description": "Goods code or the seller's number of an article", "required": false, "schema": {"type": "string"}},
     {"name": "batch", "in": "query", "description": "Batch or lot", "required": false, "schema": {"type": "string"}},
     {"name": "cursor", "in": "query", "description": "From the page before", "required": false, "schema": {"type": "string"}},
     {"name": "count", "in": "query", "description": "1 to 1000; 100 when left out", "required": false, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/statistics/release-times": {
   "get": {
    "summary": "How long stages took, by corridor",
    "responses": {
     "200": {"description": "Median, 90th percentile and count of each stage and corridor", "content": {"application/json": {}, "text/csv": {}}},
     "400": {"description": "A wrong parameter", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "404": {"description": "Timelines are switched off", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "releaseTimes",
    "parameters": [
     {"name": "from", "in": "query", "description": "First day on which a stage ended; 30 days before the last one when left out", "required": false, "schema": {"type": "string"}},
     {"name": "to", "in": "query", "description": "Last day; today when left out", "required": false, "schema": {"type": "string"}},
     {"name": "stage", "in": "query", "description": "One stage", "required": false, "schema": {"type": "string"}},
     {"name": "corridor", "in": "query", "description": "One corridor: CN>BY", "required": false, "schema": {"type": "string"}},
     {"name": "format", "in": "query", "description": "json or csv, before what Accept says", "required": false, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/consents": {
   "post": {
    "summary": "Lodge a signed consent or its withdrawal",
    "responses": {
     "200": {"description": "Withdrawn"},
     "201": {"description": "Lodged"},
     "409": {"description": "The reference was used before", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "422": {"description": "The document is refused, with its code and place", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "lodgeConsent",
    "requestBody": {"required": true, "content": {"application/xml": {}}}
   }
  },
  "/v1/consents/{id}": {
   "get": {
    "summary": "Terms of a consent, and whether it holds",
    "responses": {
     "200": {"description": "The terms"},
     "404": {"description": "No such consent, or not for you", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "getConsent",
    "parameters": [
     {"name": "id", "in": "path", "description": "26 characters", "required": true, "schema": {"type": "string"}}
    ]
   }
  },
  "/v1/disclosures": {
   "post": {
    "summary": "The consented fields of a document",
    "responses": {
     "200": {"description": "Exactly the consented fields"},
     "400": {"description": "The request is malformed", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "404": {"description": "No such consent or document, or not for you", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "disclose",
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "additionalProperties": false, "required": ["reference", "consent", "purpose"], "properties": {"reference": {"type": "string", "maxLength": 200}, "consent": {"type": "string", "maxLength": 200}, "purpose": {"type": "string", "maxLength": 200}}}}}}
   },
   "get": {
    "summary": "What was disclosed and refused, oldest first",
    "responses": {
     "200": {"description": "The rows"},
     "400": {"description": "A parameter is wrong", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "404": {"description": "No such consent, or not for you", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "listDisclosures",
    "parameters": [
     {"name": "subject", "in": "query", "description": "Number of the subject: for its agency", "required": false, "schema": {"type": "string"}},
     {"name": "scheme", "in": "query", "description": "schemeID of the number", "required": false, "schema": {"type": "string"}},
     {"name": "consent", "in": "query", "description": "Id of a consent: for its two sides", "required": false, "schema": {"type": "string"}},
     {"name": "after", "in": "query", "description": "Number of the last row of the page before", "required": false, "schema": {"type": "integer"}}
    ]
   }
  },
  "/v1/validate": {
   "post": {
    "summary": "Validate a document",
    "responses": {
     "200": {"description": "Valid"},
     "422": {"description": "Every fault with its place", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "validate",
    "requestBody": {"required": true, "content": {"application/xml": {}, "application/EDIFACT": {}, "text/plain": {}, "application/json": {}, "application/vnd.etsi.asic-e+zip": {}}}
   }
  },
  "/v1/translate": {
   "post": {
    "summary": "Translate a document",
    "responses": {
     "200": {"description": "The messages and the loss ledger"},
     "422": {"description": "Every fault with its place", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "translate",
    "parameters": [
     {"name": "to", "in": "query", "description": "Target format id", "required": true, "schema": {"type": "string"}},
     {"name": "from", "in": "query", "description": "Source format id", "required": false, "schema": {"type": "string"}}
    ],
    "requestBody": {"required": true, "content": {"application/xml": {}, "application/EDIFACT": {}, "text/plain": {}, "application/json": {}, "application/vnd.etsi.asic-e+zip": {}}}
   }
  },
  "/v1/agencies": {
   "get": {
    "summary": "Agencies",
    "responses": {
     "200": {"description": "The list"},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "listAgencies"
   }
  },
  "/v1/routes": {
   "get": {
    "summary": "Routes",
    "responses": {
     "200": {"description": "The list"},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "listRoutes"
   }
  },
  "/v1/formats": {
   "get": {
    "summary": "Formats",
    "responses": {
     "200": {"description": "The list"},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "listFormats"
   }
  },
  "/v1/plugins": {
   "get": {
    "summary": "Plugins",
    "responses": {
     "200": {"description": "The list"},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "listPlugins"
   }
  },
  "/healthz": {
   "get": {
    "summary": "The process is alive",
    "responses": {
     "200": {"description": "Alive"}
    },
    "operationId": "alive",
    "security": []
   }
  },
  "/readyz": {
   "get": {
    "summary": "The gateway takes messages",
    "responses": {
     "200": {"description": "Ready"},
     "503": {"description": "Not ready", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "ready",
    "security": []
   }
  },
  "/metrics": {
   "get": {
    "summary": "Prometheus text",
    "responses": {
     "200": {"description": "Metrics"},
     "401": {"description": "Not an agency of this gateway", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
     "403": {"description": "The role may not do this", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    },
    "operationId": "metrics"
   }
  }
 },
 "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}, "mutualTLS": {"type": "mutualTLS"}}, "schemas": {"Problem": {"type": "object", "required": ["type", "title", "status", "code"], "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "code": {"type": "string"}, "detail": {"type": "string"}, "line": {"type": "integer"}, "column": {"type": "integer"}, "path": {"type": "string"}, "advice": {"type": "string"}, "errors": {"type": "array", "items": {"type": "object"}}}}}}
}
)json";
    return text;
}

}  // namespace hansa::server
