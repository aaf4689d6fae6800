// The reference way of translation: tree in, pivot documents between, trees out.
//
// A message is a sequence of documents on both sides. Reading gives one pivot document for each;
// writing makes as many messages as the target needs (CEB takes 100 lists in one, WCO MetaData one
// declaration). The same table serves both directions.
//
//     Result<Reading> in = read(source, tree, context);
//     Result<Writing> out = write(target, in->documents, context);
//
// Sources: mapping.md of the design (rows, laws); the tables themselves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/ledger.h"
#include "core/pivot/document.h"
#include "core/schema/tree.h"

namespace hansa::mapping {

class Mapping;  // core/mapping/mapping.h: one loaded table, immutable, shared by threads

/// Values that belong to an agency, not to a format: date-format, currency, office list, ...
using Settings = std::map<std::string, std::string, std::less<>>;

/// What a translation may ask of the outside. All of it repeats when the message is translated again.
struct Context {
    Settings settings;            ///< of the agency on this side
    std::string received;         ///< ISO 8601 with zone: $received
    std::string message_digest;   ///< hex, for $uuid5 and aliases
    /// Values for rows marked `envelope`, by national path ("BaseTransfer/copCode", "@guid").
    std::map<std::string, std::string, std::less<>> envelope;
    /// The long reference behind an alias that this agency pair was given, or nothing.
    std::function<std::string(std::string_view alias)> alias_of;
};

struct Alias {
    std::string alias, value;
};

struct Reading {
    std::vector<pivot::Document> documents;
    Ledger ledger;                                     ///< drops; rounded noise
    std::map<std::string, std::string> envelope;       ///< what `envelope` rows held, by national path
    std::vector<std::vector<std::string>> references;  ///< for each document: what an answer names it by
    std::vector<Error> warnings;                       ///< `check ... warn` that did not hold
};

struct Writing {
    std::vector<schema::Element> messages;
    std::vector<std::vector<std::size_t>> documents_of;  ///< which pivot documents stand in each message
    Ledger ledger;
    std::vector<Alias> aliases;
    std::vector<Error> warnings;
};

/// National tree to pivot documents. `faults` gets every error found, with the offset's path; the
/// result is the first. Errors: mapping.* (code-unknown, constant, date-domain, unfit, ...)
Result<Reading> read(const Mapping& mapping, const schema::Element& message, const Context& context,
                     Diagnostics& faults);

/// Pivot documents to national trees, children in schema order.
/// Errors: mapping.required-unfed, mapping.untranslatable, mapping.unfit, mapping.guard, ...
Result<Writing> write(const Mapping& mapping, std::span<const pivot::Document> documents, const Context& context,
                      Diagnostics& faults);

}  // namespace hansa::mapping
