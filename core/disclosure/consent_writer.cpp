#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

#include "core/disclosure/consent.h"
#include "core/schema/writer.h"

namespace hansa::disclosure {
namespace {

constexpr std::string_view consent_ns = "urn:hansa:consent:1";

schema::Element element(std::string_view local, std::string text = {}) {
    schema::Element out;
    out.name = {std::string(consent_ns), std::string(local)};
    out.text = std::move(text);
    return out;
}

schema::Element subject_element(const Subject& subject) {
    schema::Element out = element("subject", subject.identity);
    out.attributes.push_back({{"", "place"}, subject.place});
    if (!subject.scheme.empty()) out.attributes.push_back({{"", "scheme"}, subject.scheme});
    return out;
}

std::string moment(std::int64_t milliseconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(milliseconds / 1000)), milliseconds % 1000);
}

}  // namespace

std::string write_consent(const Consent& consent) {
    const Terms& terms = consent.terms;
    schema::Element root = element("consent");
    root.children = {element("reference", consent.reference), subject_element(consent.subject), element("recipient", terms.recipient),
                     element("purpose", terms.purpose), element("kind", std::string(pivot::kind_name(terms.fields.kind())))};
    for (const std::string& path : terms.fields.paths()) root.children.push_back(element("field", path));
    root.children.push_back(element("from", moment(terms.from_ms)));
    root.children.push_back(element("to", moment(terms.to_ms)));
    return schema::write_tree(root, {.indent = true});
}

std::string write_withdrawal(const Withdrawal& withdrawal) {
    schema::Element root = element("withdrawal");
    root.children = {element("reference", withdrawal.reference), subject_element(withdrawal.subject)};
    return schema::write_tree(root, {.indent = true});
}

}  // namespace hansa::disclosure
