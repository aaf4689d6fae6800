#include "core/exchange/receipt.h"

#include <fmt/format.h>

#include "core/exchange/codes.h"
#include "core/exchange/kept_documents.h"
#include "core/schema/writer.h"

namespace hansa::exchange {
namespace {

constexpr std::string_view receipt_ns = "urn:hansa:receipt:1";

schema::Element element(std::string_view local, std::string text = {}) {
    schema::Element out;
    out.name = {std::string(receipt_ns), std::string(local)};
    out.text = std::move(text);
    return out;
}

void set(schema::Element& element, std::string_view name, std::string value) {
    element.attributes.push_back({{"", std::string(name)}, std::move(value)});
}

schema::Element sent(const Outgoing& outgoing) {
    using mapping::LossKind;
    schema::Element out = element("sent");
    set(out, "id", outgoing.id);
    set(out, "to", outgoing.receiver->id);
    set(out, "format", outgoing.format->id);
    set(out, "purpose", std::string(purpose_name(outgoing.purpose)));
    set(out, "documents", std::to_string(outgoing.documents.size()));
    for (const LossKind kind : {LossKind::dropped, LossKind::carried, LossKind::defaulted, LossKind::narrowed,
                                LossKind::rounded, LossKind::aliased}) {
        set(out, mapping::loss_kind_name(kind), std::to_string(outgoing.ledger.count(kind)));
    }
    return out;
}

/// What a regulator gets has no ledger: it is a choice of fields.
schema::Element copied(const RegulatorCopy& copy) {
    schema::Element out = element("sent");
    set(out, "id", copy.id);
    set(out, "to", copy.receiver->id);
    set(out, "format", std::string(regulator_copy_format));
    set(out, "purpose", std::string(purpose_name(Purpose::copy)));
    set(out, "documents", std::to_string(copy.documents.size()));
    return out;
}

schema::Element warned(const RuleWarning& warning) {
    schema::Element out = element("warning", warning.text);
    set(out, "rule", warning.rule);
    set(out, "document", std::to_string(warning.document + 1));
    if (!warning.path.empty()) set(out, "path", warning.path);
    return out;
}

/// What the document waits for, and how long.
schema::Element waiting(const Wait& wait) {
    schema::Element out = element("waits");
    set(out, wait.gathers ? "consolidation" : "match", wait.table);
    set(out, "until", format_iso(moment_of(wait.until_ms)));
    return out;
}

}  // namespace

Result<std::string> make_receipt(const Passage& passage) {
    const Keyring& keys = *passage.with.keys;
    const trust::Profile* profile = passage.with.registry->profile(keys.receipt_profile);
    const trust::Signer* signer = keys.signer(keys.receipt_profile);
    if (profile == nullptr || signer == nullptr) {
        return Error{codes::no_signer, fmt::format("receipts need a signer for '{}'", keys.receipt_profile)};
    }
    schema::Element root = element("receipt");
    root.children = {element("message", passage.id), element("agency", passage.sender->id),
                     element("format", passage.format->id), element("received", format_iso(passage.received))};
    schema::Element digest = element("digest", passage.digest);
    set(digest, "algorithm", "http://www.w3.org/2001/04/xmlenc#sha256");
    root.children.push_back(std::move(digest));
    for (const Outgoing& outgoing : passage.outgoing) root.children.push_back(sent(outgoing));
    for (const Outgoing& master : passage.masters) root.children.push_back(sent(master));
    for (const RegulatorCopy& copy : passage.copies) root.children.push_back(copied(copy));
    for (const Wait& wait : passage.waits) root.children.push_back(waiting(wait));
    for (const RuleWarning& warning : passage.rule_warnings) root.children.push_back(warned(warning));
    const std::string bytes = schema::write_tree(root);
    if (passage.fast != nullptr) return passage.fast->signatures().sign(bytes, *profile, *signer, {});
    return trust::sign(bytes, *profile, *signer);
}

}  // namespace hansa::exchange
