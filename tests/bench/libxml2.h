// What several contenders share of libxml2: owners, and a schema parsed once.
#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/cli/bench_peer.h"

namespace hansa::bench {

struct FreeDocument {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

/// As a careful service parses: no network, no entities, no DTD; its words go nowhere.
Document parse_tree(xmlParserCtxt* context, std::string_view message);

struct FreeParser {
    void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
};
using Parser = std::unique_ptr<xmlParserCtxt, FreeParser>;
Parser new_parser();

/// The task's source schema, together with that of a hansa.batch, so that both can be the root.
class CompiledSchema {
public:
    explicit CompiledSchema(const Task& task);  ///< throws std::runtime_error
    ~CompiledSchema();
    CompiledSchema(const CompiledSchema&) = delete;
    CompiledSchema& operator=(const CompiledSchema&) = delete;

    bool valid(xmlDoc* document);
    bool valid_stream(std::string_view message);
    const std::string& trouble() const { return trouble_; }

private:
    static void keep(void* self, const xmlError* error);
    xmlSchema* schema_ = nullptr;
    xmlSchemaValidCtxt* context_ = nullptr;
    std::string trouble_;
};

/// The targetNamespace of a schema document, or empty. Throws std::runtime_error.
std::string target_namespace(const std::string& file);

/// A small schema that imports the task's and that of a hansa.batch.
std::string importing_schema(const Task& task);

}  // namespace hansa::bench
