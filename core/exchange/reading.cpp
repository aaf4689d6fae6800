// The stage map: from the documents' bytes to the facts of each, and to pivot documents where those are needed.
#include <fmt/format.h>

#include <algorithm>

#include "core/envelope/codes.h"
#include "core/exchange/passage.h"
#include "core/mapping/mapping.h"
#include "core/plugin/document.h"

namespace hansa::exchange {
namespace {

/// Where the places of two verdicts are the same, so are line and column.
bool same_fault(const Error& a, const Error& b) {
    return a.code == b.code && a.place.path == b.place.path;
}

/// Two verdicts on a part where both were given: the reference's counts.
void compare_verdicts(Passage& passage, const Part& part, const Result<void>& judged) {
    if (part.read.outcome() == FastOutcome::declined) return;
    note_compared(passage);
    if (part.read.valid()) {
        if (!judged) note_difference(passage, fmt::format("valid by the fast way; the reference: {}", judged.error().text()));
        return;
    }
    const Error& fault = part.read.faults().errors().front();
    if (judged)
        note_difference(passage, fmt::format("valid by the reference; the fast way: {}", fault.text()));
    else if (!same_fault(fault, judged.error()))
        note_difference(passage, fmt::format("the fast way: {}; the reference: {}", fault.text(), judged.error().text()));
}

/// Valid in its schema? What the compiled reader found valid is judged again only where both ways do the message; what
/// is not valid is judged by the reference in any case, which names all faults.
Result<void> judge(Passage& passage, const Part& part) {
    if (part.read.valid() && !passage.watched) return {};
    const std::size_t before = passage.faults.count();
    Result<void> judged = plugin::validate_document(*passage.with.registry, *passage.format, part.bytes, passage.faults);
    if (!judged && passage.faults.count() > before) {
        compare_verdicts(passage, part, passage.faults.errors()[std::min(before, passage.faults.errors().size() - 1)]);
    } else {
        compare_verdicts(passage, part, judged);
    }
    return judged;
}

Result<mapping::Reading> read_part(Passage& passage, const Part& part, const mapping::Context& context) {
    if (const auto good = judge(passage, part); !good) return good.error();
    return read_message(*passage.with.registry, {*passage.format, part.bytes, part.octets(), context, true}, passage.faults);
}

/// Facts of all documents without their pivots; nothing where the reference must read the message.
std::optional<std::vector<Facts>> facts_of_tapes(Passage& passage) {
    std::vector<Facts> out;
    for (Part& part : passage.parts) {
        if (!part.as_received) {
            leave(passage, "the signature is left to the reference");
            return std::nullopt;
        }
        part.read = passage.fast->fast().read(*passage.format, part.bytes);
        if (part.read.outcome() == FastOutcome::declined) leave(passage, part.read.why());
        if (!part.read.valid()) return std::nullopt;
        std::string why;
        auto found = passage.fast->facts().find(*passage.format, passage.sender->settings, part.read.tape(), passage.asked, why);
        if (!found) {
            leave(passage, why);
            return std::nullopt;
        }
        std::ranges::move(*found, std::back_inserter(out));
    }
    if (out.empty()) return std::nullopt;
    return out;
}

/// Pivot fields by which routes choose, each once.
std::vector<std::string> asked_by(const Directory& directory) {
    std::vector<std::string> out;
    for (const Route& route : directory.routes) {
        if (!route.when_field.empty() && std::ranges::find(out, route.when_field) == out.end()) out.push_back(route.when_field);
    }
    return out;
}

}  // namespace

namespace {

/// The reference's reading of all parts; `facts` of each document.
Result<void> read_parts(Passage& passage, std::vector<Facts>& facts) {
    for (std::size_t i = 0; i < passage.parts.size(); ++i) {
        const Part& part = passage.parts[i];
        mapping::Context context = context_of(passage, *passage.sender, *passage.format, passage.id);
        context.alias_of = [&](std::string_view alias) { return value_behind(passage, alias); };
        auto reading = read_part(passage, part, context);
        if (!reading) {
            Error why = reading.error();
            if (passage.parts.size() > 1) why.detail = fmt::format("document {} of {}: {}", i + 1, passage.parts.size(), why.detail);
            return why;
        }
        reading->references.resize(reading->documents.size());
        reading->leaves.resize(reading->documents.size());
        for (std::size_t k = 0; k < reading->documents.size(); ++k)
            facts.push_back(facts_of(reading->documents[k], std::move(reading->references[k]), passage.asked));
        for (mapping::LossEntry& entry : reading->ledger.entries) {
            if (entry.document != mapping::LossEntry::no_document) entry.document += passage.documents.size();
        }
        std::ranges::move(reading->documents, std::back_inserter(passage.documents));
        std::ranges::move(reading->leaves, std::back_inserter(passage.leaves));
        std::ranges::move(reading->ledger.entries, std::back_inserter(passage.reading_ledger.entries));
        std::ranges::move(reading->warnings, std::back_inserter(passage.warnings));
    }
    if (passage.documents.empty()) return Error{envelope::codes::empty, "no document in it"};
    return {};
}

}  // namespace

Result<void> need_documents(Passage& passage) {
    if (passage.has_documents) return {};
    if (passage.unreadable) return *passage.unreadable;
    std::vector<Facts> facts;
    if (const auto read = read_parts(passage, facts); !read) {
        passage.unreadable = read.error();
        return read;
    }
    passage.has_documents = true;
    if (passage.fast != nullptr && !passage.facts.empty()) {
        note_compared(passage);
        if (facts != passage.facts) note_difference(passage, "the fast way finds other references or fields in the documents");
    }
    passage.facts = std::move(facts);
    return {};
}

Result<void> map(Passage& passage) {
    passage.asked = asked_by(*passage.with.directory);
    if (passage.fast != nullptr) {
        if (auto found = facts_of_tapes(passage)) passage.facts = *std::move(found);
    }
    return passage.facts.empty() || passage.watched ? need_documents(passage) : Result<void>{};
}

}  // namespace hansa::exchange
