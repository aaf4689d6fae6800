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
#include <set>
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
    Settings settings;           ///< of the agency on this side
    std::string received;        ///< ISO 8601 with zone: $received
    std::string message_digest;  ///< hex, for $uuid5 and aliases
    /// Values for rows marked `envelope`, by national path ("BaseTransfer/copCode", "@guid").
    std::map<std::string, std::string, std::less<>> envelope;
    /// The long reference behind an alias that this agency pair was given, or nothing.
    std::function<std::string(std::string_view alias)> alias_of;
    /// A draft: what the target demands and nothing feeds is left out and named in Writing::missing,
    /// instead of refusing the whole. Such a message is not valid and goes to nobody as it is.
    bool draft = false;
    std::size_t losses_max = 200'000;  ///< entries of one ledger; more is no translation
};

/// Where one leaf of the source went: what the writer needs to name losses in the source's own
/// terms. A side table of a pivot document; it may be left behind, and losses are then named by pivot path.
struct SourceLeaf {
    enum class Way {
        mapped,   ///< fed pivot fields
        implied,  ///< says nothing of its own: equal to its rule, a constant, a word for absence
        kept,     ///< only memory holds it: a computed value that differs, a value the pivot has no member for
        carried,  ///< in the annex
        stated,   ///< no element: a constant of the table, said by the element that `path` names
    };
    struct Note {
        LossKind kind = LossKind::rounded;
        std::string reason;
    };
    /// What goes with the value and no leaf feeds: the key of a selector on its way, a constant of its row, a value
    /// that its row borrows (the currency of an amount).
    struct Beside {
        std::string place;   ///< as in `fed`
        std::string of;      ///< of a key: the place below it, as in `fed`
        std::string reason;  ///< why it is a loss when the target does not say it
    };
    Way way = Way::mapped;
    std::string path;                    ///< element path with places, in the source
    std::string value;                   ///< as it stood there
    std::string place;                   ///< as memory and annex name it
    std::string reason;                  ///< of kept and carried
    std::string row;                     ///< mappings/ceb603.map:41
    std::uint64_t offset = 0;            ///< of its element
    std::uint32_t line = 0, column = 0;  ///< of its element in the sender's bytes, once who has those bytes said it
    std::vector<std::string>
        fed;  ///< pivot fields with places on every step: GoodsShipment[1]/UCR[1]/ID[1], .../ID[1]/@schemeID
    std::vector<Note> notes;  ///< what the conversion rounded or narrowed
    std::vector<Beside> beside;
};

struct Alias {
    std::string alias, value;
};

/// Could the text be an alias? All that the conversion `alias` makes have one shape; the others need no look-up.
bool may_be_alias(std::string_view text);

struct Reading {
    std::vector<pivot::Document> documents;
    Ledger ledger;                                     ///< drops; rounded noise
    std::map<std::string, std::string> envelope;       ///< what `envelope` rows held, by national path
    std::vector<std::vector<std::string>> references;  ///< for each document: what an answer names it by
    std::vector<Error> warnings;                       ///< `check ... warn` that did not hold
    std::vector<std::vector<SourceLeaf>> leaves;       ///< for each document: every leaf of the source
};

/// A place of the output and the pivot places that a row made it from: for explain.
struct Fed {
    std::size_t document = 0;
    std::string path, value, row;
    std::vector<std::pair<std::string, std::string>> pivot;  ///< path with places, value
};

struct Writing {
    std::vector<schema::Element> messages;
    std::vector<std::vector<std::size_t>> documents_of;  ///< which pivot documents stand in each message
    Ledger ledger;
    std::vector<Alias> aliases;
    std::vector<Error> warnings;
    std::vector<Error> missing;  ///< of a draft
    std::vector<Fed> fed;
    /// Pivot places that the output says without an element of its own: by a selector, a constant, a
    /// rule. The first document's; keys as in SourceLeaf::fed.
    std::set<std::string> said_by_place;
};

/// National tree to pivot documents. `faults` gets every error found, with the offset's path; the
/// result is the first. Errors: mapping.* (code-unknown, constant, date-domain, unfit, ...)
Result<Reading> read(const Mapping& mapping, const schema::Element& message, const Context& context,
                     Diagnostics& faults);

/// Pivot documents to national trees, children in schema order.
/// Errors: mapping.required-unfed, mapping.untranslatable, mapping.unfit, mapping.guard, ...
/// `leaves` (as Reading gives them, or nothing) lets the ledger name the source's own paths.
Result<Writing> write(const Mapping& mapping, std::span<const pivot::Document> documents, const Context& context,
                      Diagnostics& faults, std::span<const std::vector<SourceLeaf>> leaves = {});

struct Translation {
    Writing writing;
    Reading reading;
    Ledger ledger;  ///< of both halves: what the sender's evidence holds
};

/// Both halves: the reference way of a plan.
Result<Translation> translate(const Mapping& source, const Mapping& target, const schema::Element& message,
                              const Context& source_context, const Context& target_context, Diagnostics& faults);

}  // namespace hansa::mapping
