#include "core/exchange/evidence.h"

#include <fmt/format.h>

#include "core/exchange/codes.h"
#include "core/exchange/kept_documents.h"
#include "core/journal/codes.h"
#include "core/trust/container.h"

namespace hansa::exchange {
namespace {

std::string_view extension(const std::string& bytes) {
    if (bytes.starts_with("PK\x03\x04")) return "asice";
    return bytes.starts_with("{") ? "json" : "xml";
}

/// Digests of all, and the bytes of those that retention has left.
Result<void> add_bodies(journal::Journal& journal, const Surroundings& with, const journal::Message& message, std::vector<trust::ContainerFile>& files) {
    auto bodies = journal.bodies_of(message.id);
    if (!bodies) return bodies.error();
    std::string list = "number\tkind\tname\tdigest\tbytes\tmilliseconds\tcode\n";
    for (std::size_t i = 0; i < bodies->size(); ++i) {
        const journal::BodyRef& body = (*bodies)[i];
        auto bytes = body.dropped ? Result<std::string>(Error{journal::codes::body_dropped, {}}) : journal.read_body(body.digest);
        // Retention may take it between the two looks.
        const bool dropped = !bytes && bytes.error().code == journal::codes::body_dropped;
        if (!bytes && !dropped) return bytes.error();
        list += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", i + 1, journal::name(body.kind), body.name, body.digest, body.size, body.at_ms, dropped ? journal::codes::body_dropped.name() : std::string_view());
        if (dropped) continue;
        if (body.kind == journal::BodyKind::pivot) *bytes = evidence_of_pivot(journal, with, *std::move(bytes));
        const std::string name = fmt::format("{}/{:02}-{}.{}", message.id, i + 1, journal::name(body.kind), extension(*bytes));
        files.push_back({name, *std::move(bytes), "application/octet-stream"});
    }
    files.push_back({message.id + "/bodies.tsv", std::move(list), "text/tab-separated-values"});
    return {};
}

Result<void> add_history(journal::Journal& journal, const Surroundings&, const journal::Message& message, std::vector<trust::ContainerFile>& files) {
    auto history = journal.history(message.id);
    if (!history) return history.error();
    std::string lines = "number\tmilliseconds\tstate\tcode\n";
    for (const journal::Event& event : *history) {
        lines += fmt::format("{}\t{}\t{}\t{}\n", event.number, event.at_ms, journal::name(event.state), event.code);
    }
    files.push_back({message.id + "/history.tsv", std::move(lines), "text/tab-separated-values"});
    return {};
}

}  // namespace

Result<std::string> make_evidence(journal::Journal& journal, const Surroundings& with, std::string_view message_id) {
    auto message = journal.message(message_id);
    if (!message) return Error{codes::not_found, fmt::format("'{}'", message_id)};
    auto children = journal.children(message_id);
    if (!children) return children.error();
    std::vector<journal::Message> all{*message};
    for (const journal::Message& child : *children) {
        if (child.direction == journal::Direction::out) all.push_back(child);
    }
    std::vector<trust::ContainerFile> files;
    for (const journal::Message& one : all) {
        for (auto* add : {&add_bodies, &add_history}) {
            const auto added = (*add)(journal, with, one, files);
            if (!added) return added.error();
        }
    }
    const trust::Profile* profile = with.registry->profile(evidence_profile);
    const trust::Signer* signer = with.keys->signer(evidence_profile);
    if (profile == nullptr || signer == nullptr) return Error{codes::no_signer, fmt::format("evidence needs a signer for '{}'", evidence_profile)};
    return trust::sign_container(files, *profile, *signer);
}

}  // namespace hansa::exchange
