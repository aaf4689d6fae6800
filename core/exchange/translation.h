// From the bytes of one format to the bytes of another, without an exchange around it.
//
// The middle of the pipeline as two steps, used by the gateway, `hansa translate` and
// POST /v1/translate: read_message (validate, tree, pivot, check) and write_message (pivot, tree, order,
// bytes, validate again: what we make is valid in the receiver's schema or it is not sent).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/translate.h"
#include "core/pivot/document.h"
#include "core/plugin/registry.h"

namespace hansa::exchange {

struct ReadRequest {
    const plugin::Format& format;
    std::string_view bytes;   ///< validated, and what places are counted in
    std::string_view octets;  ///< what is read: the bytes, or the octets that a signature covers
    const mapping::Context& context;
    bool validated = false;  ///< the compiled reader has found the bytes valid
};

/// Errors: xml.*, schema.*, mapping.*, pivot.*; each fault with line, column and path.
Result<mapping::Reading> read_message(const plugin::Registry& registry, const ReadRequest& request, Diagnostics& faults);

/// Is the only fault the signature that the format demands inside of the document? It comes with the signing, which
/// judges again.
bool only_signature_missing(const plugin::Registry& registry, const plugin::Format& format, const Diagnostics& found);

struct WrittenMessage {
    std::string bytes;
    std::vector<std::size_t> documents;  ///< which of the pivot documents stand in it
};

struct WriteResult {
    std::vector<WrittenMessage> messages;
    mapping::Ledger ledger;
    std::vector<mapping::Alias> aliases;
    std::vector<Error> warnings;
};

/// `leaves` (as reading gives them) lets the ledger name the source's own paths.
/// Errors: mapping.*, exchange.own-output-invalid (names what the receiver's schema says)
Result<WriteResult> write_message(const plugin::Registry& registry, const plugin::Format& format,
                                  std::span<const pivot::Document> documents, const mapping::Context& context,
                                  Diagnostics& faults, std::span<const std::vector<mapping::SourceLeaf>> leaves = {});

/// The format of this id, or, with an empty id, of the bytes.
/// Errors: exchange.format-needed, plugin.format-unknown, plugin.format-ambiguous, xml.*
Result<const plugin::Format*> format_of(const plugin::Registry& registry, const std::string& id, std::string_view bytes);

/// The same for a message or a hansa.batch of such, all of one format: what the batch says, or its first document.
/// Errors: as format_of; envelope.batch-malformed and the like
Result<const plugin::Format*> format_in(const plugin::Registry& registry, const std::string& id, std::string_view bytes);

struct TranslateRequest {
    std::string_view bytes;  ///< of a message, or of a hansa.batch of such
    std::string from;  ///< empty: detected
    std::string to;
    mapping::Context source, target;
    std::string_view question = {};   ///< of an answer: the message that it answers, by which the gateway would complete it; empty: none
    std::string question_format = {};  ///< empty: detected
};

struct Translation {
    const plugin::Format* from = nullptr;
    const plugin::Format* to = nullptr;
    std::vector<pivot::Document> documents;  ///< the fast way makes none (fast_translation.h)
    std::vector<WrittenMessage> messages;
    mapping::Ledger ledger;  ///< of both steps
    std::vector<mapping::Alias> aliases;
    std::vector<Error> warnings;
    std::string plan;  ///< identity of tables, lists and settings
};

/// Both steps. The documents of a batch are one sequence; faults say which of its messages is meant.
/// Errors: those of both; envelope.batch-malformed and the like; exchange.format-needed, exchange.kind-differs (also where a
/// question stands beside what is no answer), plugin.format-unknown
Result<Translation> translate(const plugin::Registry& registry, const TranslateRequest& request, Diagnostics& faults);

}  // namespace hansa::exchange
