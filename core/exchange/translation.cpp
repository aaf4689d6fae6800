#include "core/exchange/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/digest.h"
#include "core/envelope/batch.h"
#include "core/exchange/codes.h"
#include "core/exchange/completion.h"
#include "core/exchange/facts.h"
#include "core/exchange/places.h"
#include "core/mapping/mapping.h"
#include "core/pivot/table.h"
#include "core/plugin/document.h"
#include "core/schema/codes.h"
#include "core/schema/writer.h"

namespace hansa::exchange {
namespace {

/// Errors of tables know the path; line and column come from the bytes.
Error placed(const Error& error, SourcePlaces& places, const schema::Element& tree) {
    if (error.place.line != 0 || error.place.path.empty()) return error;
    return error.at(places.place(tree, error.place.path));
}

void place_all(const Diagnostics& found, SourcePlaces& places, const schema::Element& tree, Diagnostics& faults) {
    for (const Error& error : found.errors()) faults.add(placed(error, places, tree));
}

}  // namespace

Result<const plugin::Format*> format_of(const plugin::Registry& registry, const std::string& id,
                                       std::string_view bytes) {
    if (id.empty()) return registry.detect(bytes);
    const plugin::Format* format = registry.find(id);
    if (format == nullptr) return Error{codes::format_needed, fmt::format("no plugin brings '{}'", id)};
    return format;
}

Result<mapping::Reading> read_message(const plugin::Registry& registry, const ReadRequest& request, Diagnostics& faults) {
    const bool other_syntax = request.format.syntax != "xml";
    if (!request.validated && !other_syntax) {
        const auto valid = plugin::validate_document(registry, request.format, request.bytes, faults);
        if (!valid) return valid.error();
    }
    // What is no XML carries no signature inside: its octets are its bytes, read once for the verdict and the tree.
    const auto document = other_syntax && !request.validated
                              ? plugin::open_document(registry, request.format, request.bytes, faults)
                              : plugin::read_document(request.format, request.octets);
    if (!document) return document.error();
    const schema::Element& tree = document->tree;
    Diagnostics found;
    auto reading = mapping::read(*request.format.mapping, tree, request.context, found);
    SourcePlaces places(other_syntax ? document->text : request.bytes, other_syntax ? document->text : request.octets);
    place_all(found, places, tree, faults);
    if (!reading) return placed(reading.error(), places, tree);
    for (Error& warning : reading->warnings) warning = placed(warning, places, tree);
    places.give(*reading);
    for (const pivot::Document& read : reading->documents) {
        const std::size_t before = faults.errors().size();
        if (!pivot::check(read, faults)) return faults.errors()[std::min(before, faults.errors().size() - 1)];
    }
    return reading;
}

bool only_signature_missing(const plugin::Registry& registry, const plugin::Format& format, const Diagnostics& found) {
    const trust::Profile* profile = registry.profile(format.signature);
    return profile != nullptr && profile->form == trust::Form::enveloped && found.count() == 1 &&
           found.errors().front().code == schema::codes::element_missing &&
           found.errors().front().detail.find("Signature") != std::string::npos;
}

Result<WriteResult> write_message(const plugin::Registry& registry, const plugin::Format& format,
                                  std::span<const pivot::Document> documents, const mapping::Context& context,
                                  Diagnostics& faults, std::span<const std::vector<mapping::SourceLeaf>> leaves) {
    auto writing = mapping::write(*format.mapping, documents, context, faults, leaves);
    if (!writing) return writing.error();
    WriteResult out;
    out.ledger = std::move(writing->ledger);
    out.aliases = std::move(writing->aliases);
    out.warnings = std::move(writing->warnings);
    for (std::size_t i = 0; i < writing->messages.size(); ++i) {
        schema::order_children(*format.grammar, writing->messages[i]);
        WrittenMessage message;
        message.documents = writing->documents_of[i];
        auto bytes = plugin::write_document(format, writing->messages[i], context.received);
        if (!bytes) {
            faults.add(bytes.error());
            return bytes.error();
        }
        message.bytes = *std::move(bytes);
        Diagnostics own;
        const auto valid = plugin::validate_document(registry, format, message.bytes, own);
        if (!valid && !only_signature_missing(registry, format, own)) {
            Error error{codes::own_output_invalid, fmt::format("{}: {}", format.id, valid.error().text())};
            faults.add(error);
            return error;
        }
        out.messages.push_back(std::move(message));
    }
    return out;
}

namespace {

/// What reading a message gives, or all messages of a batch.
Result<mapping::Reading> read_all(const plugin::Registry& registry, const plugin::Format& format, std::string_view bytes,
                                  const mapping::Context& context, Diagnostics& faults) {
    if (!envelope::is_batch(bytes)) return read_message(registry, {format, bytes, bytes, context}, faults);
    const auto batch = envelope::read_batch(bytes, std::numeric_limits<std::size_t>::max());
    if (!batch) {
        faults.add(batch.error());
        return batch.error();
    }
    mapping::Reading out;
    for (std::size_t i = 0; i < batch->documents.size(); ++i) {
        const std::string_view one = batch->documents[i];
        Diagnostics own;
        auto reading = read_message(registry, {format, one, one, context}, own);
        if (!reading) {
            const auto numbered = [&](Error error) {
                error.detail = fmt::format("document {} of {}: {}", i + 1, batch->documents.size(), error.detail);
                return error;
            };
            for (const Error& error : own.errors()) faults.add(numbered(error));
            return numbered(reading.error());
        }
        reading->leaves.resize(reading->documents.size());
        std::ranges::move(reading->documents, std::back_inserter(out.documents));
        std::ranges::move(reading->leaves, std::back_inserter(out.leaves));
        std::ranges::move(reading->ledger.entries, std::back_inserter(out.ledger.entries));
        std::ranges::move(reading->warnings, std::back_inserter(out.warnings));
    }
    return out;
}

/// As the gateway does where it knows what was asked. The asker is who gets the answer: the question is read by its settings.
Result<void> complete_answers(const plugin::Registry& registry, const TranslateRequest& request, std::span<pivot::Document> answers, Diagnostics& faults) {
    const auto format = format_in(registry, request.question_format, request.question);
    if (!format) return format.error();
    const bool answer = std::ranges::all_of(answers, [](const pivot::Document& one) { return one.kind == pivot::Kind::response; });
    if (!answer || (*format)->kind == pivot::Kind::response) {
        return Error{codes::kind_differs, fmt::format("{} is a {}: a question stands beside an answer, and is none itself", (*format)->id, pivot::kind_name((*format)->kind))};
    }
    mapping::Context context = request.target;
    context.message_digest = sha256_hex(request.question);
    const auto asked = read_all(registry, **format, request.question, context, faults);
    if (!asked) return asked.error();
    for (pivot::Document& one : answers) {
        const Facts facts = facts_of(one, {}, {});
        complete_answer(one, question_named(asked->documents, facts.references.empty() ? std::string() : facts.references.front().second));
    }
    return {};
}

}  // namespace

Result<const plugin::Format*> format_in(const plugin::Registry& registry, const std::string& id,
                                       std::string_view bytes) {
    if (!id.empty() || !envelope::is_batch(bytes)) return format_of(registry, id, bytes);
    envelope::BatchDocuments documents(bytes, 1);
    const auto first = documents.next();
    if (!first) return first.error();
    return format_of(registry, documents.format(), first->value_or(std::string_view()));
}

Result<Translation> translate(const plugin::Registry& registry, const TranslateRequest& request, Diagnostics& faults) {
    auto from = format_in(registry, request.from, request.bytes);
    if (!from) return from.error();
    auto to = format_of(registry, request.to, {});
    if (!to) return to.error();
    if ((*from)->kind != (*to)->kind) {
        return Error{codes::kind_differs, fmt::format("{} is a {}, {} is a {}", (*from)->id, pivot::kind_name((*from)->kind),
                                                      (*to)->id, pivot::kind_name((*to)->kind))};
    }
    mapping::Context source = request.source, target = request.target;
    source.message_digest = target.message_digest = sha256_hex(request.bytes);
    auto reading = read_all(registry, **from, request.bytes, source, faults);
    if (!reading) return reading.error();
    if (!request.question.empty()) {
        const auto completed = complete_answers(registry, request, reading->documents, faults);
        if (!completed) return completed.error();
    }
    auto written = write_message(registry, **to, reading->documents, target, faults, reading->leaves);
    if (!written) return written.error();
    Translation out;
    out.from = *from;
    out.to = *to;
    out.documents = std::move(reading->documents);
    out.messages = std::move(written->messages);
    out.ledger = std::move(reading->ledger);
    out.ledger.entries.insert(out.ledger.entries.end(), written->ledger.entries.begin(), written->ledger.entries.end());
    out.aliases = std::move(written->aliases);
    out.warnings = std::move(reading->warnings);
    out.warnings.insert(out.warnings.end(), written->warnings.begin(), written->warnings.end());
    out.plan = mapping::plan_id(*(*from)->mapping, *(*to)->mapping, source.settings, target.settings);
    return out;
}

}  // namespace hansa::exchange
