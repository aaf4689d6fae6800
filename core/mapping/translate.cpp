#include "core/mapping/translate.h"

#include "core/mapping/codes.h"
#include "core/mapping/mapping.h"
#include "core/mapping/model.h"
#include "core/mapping/reader.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping {

Result<Reading> read(const Mapping& mapping, const schema::Element& message, const Context& context,
                     Diagnostics& faults) {
    Reading reading;
    Diagnostics own;
    TreeReader(mapping, context, own, reading).run(message);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return reading;
}

Result<Writing> write(const Mapping& mapping, std::span<const pivot::Document> documents, const Context& context,
                      Diagnostics& faults, std::span<const std::vector<SourceLeaf>> leaves) {
    Writing writing;
    Diagnostics own;
    for (const pivot::Document& document : documents) {
        if (document.kind == mapping.kind()) continue;
        own.add(codes::kind_differs, "the document is of kind " + std::string(pivot::kind_name(document.kind)) + ", " +
                                         mapping.format() + " is of kind " +
                                         std::string(pivot::kind_name(mapping.kind())));
        break;
    }
    const std::size_t capacity = mapping.capacity() == 0 ? documents.size() : mapping.capacity();
    for (std::size_t first = 0; own.empty() && first < documents.size(); first += capacity) {
        const std::size_t count = std::min(capacity, documents.size() - first);
        const auto part = leaves.size() > first ? leaves.subspan(first, std::min(count, leaves.size() - first))
                                                : std::span<const std::vector<SourceLeaf>>();
        TreeWriter(mapping, context, own, writing).run(documents.subspan(first, count), part, first);
        if (writing.ledger.entries.size() > context.losses_max)
            own.add(codes::too_many_losses, "more than " + std::to_string(context.losses_max) + " entries");
    }
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return writing;
}

Result<Translation> translate(const Mapping& source, const Mapping& target, const schema::Element& message,
                              const Context& source_context, const Context& target_context, Diagnostics& faults) {
    Result<Reading> reading = read(source, message, source_context, faults);
    if (!reading) return reading.error();
    Result<Writing> writing = write(target, reading->documents, target_context, faults, reading->leaves);
    if (!writing) return writing.error();
    Translation translation{.writing = std::move(*writing), .reading = std::move(*reading), .ledger = {}};
    translation.ledger.entries = translation.reading.ledger.entries;
    const auto& written = translation.writing.ledger.entries;
    translation.ledger.entries.insert(translation.ledger.entries.end(), written.begin(), written.end());
    return translation;
}

}  // namespace hansa::mapping
