#include "core/disclosure/consent.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/time.h"
#include "core/disclosure/codes.h"
#include "core/disclosure/field_path.h"
#include "core/plugin/codes.h"
#include "core/plugin/document.h"
#include "core/trust/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/line_index.h"

namespace hansa::disclosure {
namespace {

using pivot::Field;
using pivot::Node;
using schema::Element;

constexpr std::array<std::string_view, 3> party_classes{"Party", "Agent", "TradeParty"};

/// The class of the document that is a party and that the identity's field lies in; nullptr: none.
const Field* party_of(const Field& identity) {
    const Field* parent = identity.parent;
    if (parent != nullptr && parent->class_name == "PartyDocument") parent = parent->parent;
    const bool party = parent != nullptr && std::ranges::find(party_classes, parent->class_name) != party_classes.end();
    return party ? parent : nullptr;
}

/// Nodes at a path without places.
void nodes_at(const Node& node, std::string_view path, std::vector<const Node*>& out) {
    if (path.empty()) return out.push_back(&node);
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    for (const Node& child : node.children) {
        if (child.name == name) nodes_at(child, path, out);
    }
}

std::string_view scheme_of(const Node& node) {
    const auto found = std::ranges::find(node.attributes, "schemeID", &std::pair<std::string, std::string>::first);
    return found == node.attributes.end() ? std::string_view() : std::string_view(found->second);
}

/// The signature by one of the profiles that the format allows; what it covers is the whole document.
Result<trust::Verification> verified(const plugin::Registry& registry, const plugin::Format& format, std::string_view bytes, const trust::VerifyOptions& how) {
    std::optional<Error> first;
    for (const std::string& name : format.signatures) {
        const trust::Profile* profile = registry.profile(name);
        if (profile == nullptr) continue;
        auto found = trust::verify(bytes, *profile, how);
        if (found.valid) return found;
        const bool other_profile = first && (first->code == trust::codes::algorithm_refused || first->code == trust::codes::transform_refused);
        if (!first || other_profile) first = found.errors.front();
    }
    return first ? *first : Error{trust::codes::signature_missing, fmt::format("no profile for {}", format.id)};
}

/// Reads the elements of a consent; faults get their line in the bytes as they were received.
class Reading {
public:
    /// `received`: the tree of the bytes, which has the same elements as `covered`, and the signature.
    Reading(const Element& covered, const Element& received, std::string_view text, Diagnostics& faults)
        : covered_(covered), received_(received), lines_(text), faults_(faults) {}

    Result<Consent> consent() {
        Consent out;
        out.reference = name("reference");
        out.terms.recipient = name("recipient");
        out.terms.purpose = name("purpose");
        const auto kind = pivot::kind_from_name(text("kind"));
        if (!kind) fault(Error{codes::malformed, kind.error().detail}, "kind");
        out.terms.from_ms = moment("from");
        out.terms.to_ms = moment("to");
        const std::int64_t length = out.terms.to_ms - out.terms.from_ms;
        if (!first_ && (length <= 0 || length > period_ms_max)) fault(Error{codes::bad_period, fmt::format("from {} to {}", text("from"), text("to"))}, "to");
        if (kind) {
            out.subject = subject(*kind);
            read_fields(*kind, out.terms);
        }
        if (first_) return *first_;
        return out;
    }

    Result<Withdrawal> withdrawal() {
        Withdrawal out{name("reference"), subject(std::nullopt)};
        if (first_) return *first_;
        return out;
    }

private:
    std::string text(std::string_view element) const {
        const Element* found = covered_.child(element);
        return found == nullptr ? std::string() : found->text;
    }

    Place place_of(std::string_view element, std::size_t number = 0) {
        std::size_t seen = 0;
        for (const Element& child : received_.children) {
            if (child.name.local != element || seen++ != number) continue;
            Place out = lines_.place(child.offset);
            out.path = fmt::format("/{}/{}[{}]", received_.name.local, element, number + 1);
            return out;
        }
        return {};
    }

    void fault(Error error, std::string_view element) {
        error = error.at(place_of(element));
        if (!first_) first_ = error;
        faults_.add(std::move(error));
    }

    /// Printable ASCII without spaces: what is compared must not be able to look like something else.
    std::string name(std::string_view element) {
        std::string out = text(element);
        const bool plain = std::ranges::all_of(out, [](char c) { return c > 0x20 && c < 0x7F; });
        if (!plain || out.empty()) fault(Error{codes::malformed, fmt::format("{} '{}'", element, shown(out))}, element);
        return out;
    }

    std::int64_t moment(std::string_view element) {
        const auto found = parse_iso(text(element));
        if (found && found->has_time && found->offset_minutes) return milliseconds_since_epoch(*found);
        fault(Error{codes::bad_period, fmt::format("{} '{}' is no moment with a zone", element, shown(text(element)))}, element);
        return 0;
    }

    /// A withdrawal says nothing of the kind: its place was checked with its consent.
    Subject subject(std::optional<pivot::Kind> kind) {
        Subject out;
        const Element* found = covered_.child("subject");
        if (found == nullptr) return out;
        out.identity = found->text;
        if (const auto* place = found->attribute("place")) out.place = place->value;
        if (const auto* scheme = found->attribute("scheme")) out.scheme = scheme->value;
        if (!kind) return out;
        if (const auto good = check_subject_place(*kind, out.place); !good) fault(good.error(), "subject");
        return out;
    }

    void read_fields(pivot::Kind kind, Terms& terms) {
        std::vector<std::string> paths;
        for (const Element& child : covered_.children) {
            if (child.name.local == "field") paths.push_back(child.text);
        }
        auto fields = FieldSet::of(kind, paths, faults_, [&](std::size_t number) { return place_of("field", number); });
        if (fields) terms.fields = *std::move(fields);
        else if (!first_) first_ = fields.error();
    }

    const Element& covered_;
    const Element& received_;
    xml::LineIndex lines_;
    Diagnostics& faults_;
    std::optional<Error> first_;
};

template <class Document>
Result<Opened> opened(Result<Document>&& document, trust::Verification&& verification) {
    if (!document) return document.error();
    return Opened{*std::move(document), std::move(verification)};
}

}  // namespace

Result<void> check_subject_place(pivot::Kind kind, std::string_view place) {
    const auto field = checked_field(kind, place);
    if (!field) return field.error();
    if ((*field)->name == "ID" && place.ends_with("/ID") && party_of(**field) != nullptr) return {};
    return Error{codes::subject_place_refused, fmt::format("'{}'", shown(place))};
}

Result<Opened> open_consent(const plugin::Registry& registry, std::string_view bytes, const trust::VerifyOptions& how, Diagnostics& faults) {
    if (bytes.size() > consent_bytes_max) return Error{codes::malformed, fmt::format("more than {} bytes", consent_bytes_max)};
    const auto format = registry.detect(bytes);
    if (!format) return format.error();
    const bool consents = (*format)->id == consent_format;
    if (!consents && (*format)->id != withdrawal_format) return Error{codes::malformed, fmt::format("{} is no consent", (*format)->id)};
    auto verification = verified(registry, **format, bytes, how);
    if (!verification) return verification.error();
    const auto whole = std::ranges::find_if(verification->covered, &trust::Covered::whole_document);
    if (whole == verification->covered.end()) return Error{trust::codes::not_covered, "the signature does not cover the document"};
    if (const auto valid = plugin::validate_document(registry, **format, bytes, faults); !valid) return valid.error();
    const auto covered = plugin::read_document(**format, whole->octets);
    if (!covered) return covered.error();
    const auto received = plugin::read_document(**format, bytes);
    if (!received) return received.error();
    const auto text = xml::to_utf8(bytes);
    if (!text) return text.error();
    Reading reading(covered->tree, received->tree, text->text(), faults);
    return consents ? opened(reading.consent(), *std::move(verification)) : opened(reading.withdrawal(), *std::move(verification));
}

Result<void> judge(const Terms& terms, bool withdrawn, const Question& question) {
    if (terms.recipient != question.recipient) return Error{codes::recipient_differs, {}};
    if (withdrawn) return Error{codes::withdrawn, {}};
    if (terms.purpose != question.purpose) return Error{codes::purpose_differs, fmt::format("it is for '{}', not for '{}'", terms.purpose, shown(question.purpose))};
    if (question.now_ms < terms.from_ms) return Error{codes::too_early, {}};
    if (question.now_ms >= terms.to_ms) return Error{codes::expired, {}};
    return {};
}

Result<void> check_subject(const pivot::Document& document, std::string_view place, const IsSubject& is_subject) {
    const Error differs{codes::subject_differs, {}};
    const Field* field = pivot::find(document.kind, place);
    const Field* party = field == nullptr ? nullptr : party_of(*field);
    if (party == nullptr) return differs;
    const std::string party_path = party->path();
    std::vector<const Node*> parties;
    nodes_at(document.root, party_path, parties);
    if (parties.empty()) return differs;
    for (const Node* one : parties) {
        std::vector<const Node*> numbers;
        nodes_at(*one, place.substr(party_path.size() + 1), numbers);
        bool found = false;
        for (const Node* number : numbers) found = is_subject(scheme_of(*number), number->value) || found;
        if (!found) return differs;
    }
    return {};
}

}  // namespace hansa::disclosure
