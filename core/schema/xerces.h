// The bridge to Xerces-C: the only header of ours that knows it. For .cpp files of this folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/util/XMLEntityResolver.hpp>
#include <xercesc/util/XMLString.hpp>

#include "core/base/result.h"
#include "core/schema/grammar.h"

namespace hansa::schema::bridge {

/// Starts Xerces-C once for the process. It is never ended, since other threads may still use it.
void start();

/// UTF-16 of Xerces to UTF-8; null is empty.
std::string utf8(const XMLCh* text);
/// UTF-8 to UTF-16; ends with a zero.
std::basic_string<XMLCh> utf16(std::string_view text);

/// Where `location`, named in `file`, lies: relative to that file's folder, "a/../" taken out. A
/// location with a scheme is looked for by its last part beside the file.
std::string resolved_location(const std::string& file, const std::string& location);

/// The schemas of one grammar, loaded into a pool that is locked: nothing is added while validating.
struct LoadedSchemas {
    std::unique_ptr<xercesc::XMLGrammarPoolImpl> pool;
    xercesc::XSModel* model = nullptr;  ///< belongs to the pool
};

/// Errors: schema.grammar-invalid, base.file-unreadable
Result<LoadedSchemas> load_schemas(const XsdSource& source);

/// The grammar of a root, or (root.local empty) of all global elements, the first being the root.
/// Errors: schema.root-unknown, schema.grammar-unsupported
Result<GrammarTables> tables_of(xercesc::XSModel& model, const Name& root);

}  // namespace hansa::schema::bridge
