#include "core/exchange/evidence.h"

#include <fmt/format.h>

#include "core/exchange/codes.h"
#include "core/exchange/kept_documents.h"
#include "core/trust/container.h"

namespace hansa::exchange {
namespace {

std::string_view extension(const std::string& bytes) {
    if (bytes.starts_with("PK\x03\x04")) return "asice";
    return bytes.starts_with("{") ? "json" : "xml";
}

Result<void> add_bodies(journal::Journal& journal, const Surroundings& with, const journal::Message& message, std::vector<trust::ContainerFile>& files) {
    auto bodies = journal.bodies_of(message.id);
    if (!bodies) return bodies.error();
    for (std::size_t i = 0; i < bodies->size(); ++i) {
        const journal::BodyRef& body = (*bodies)[i];
        if (body.dropped) continue;
        auto bytes = journal.read_body(body.digest);
        if (!bytes) return bytes.error();
        if (body.kind == journal::BodyKind::pivot) *bytes = evidence_of_pivot(journal, with, *std::move(bytes));
        const std::string name = fmt::format("{}/{:02}-{}.{}", message.id, i + 1, journal::name(body.kind), extension(*bytes));
        files.push_back({name, *std::move(bytes), "application/octet-stream"});
    }
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
