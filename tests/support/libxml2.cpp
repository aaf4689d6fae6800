#include "tests/support/libxml2.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <memory>

namespace hansa::test {
namespace {

struct Free {
    void operator()(xmlParserCtxt* parser) const { xmlFreeParserCtxt(parser); }
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};

/// What libxml2 found wrong beside well-formedness: it checks that namespace URIs are URIs, and not relative
/// ones, which Namespaces in XML leaves to the user.
void note(void* user_data, xmlErrorPtr error) {
    const bool about_uri = error->code == XML_WAR_NS_URI || error->code == XML_WAR_NS_URI_RELATIVE;
    if (error->domain == XML_FROM_NAMESPACE && !about_uri) *static_cast<bool*>(user_data) = true;
}

std::unique_ptr<xmlDoc, Free> parse(std::string_view text, bool& well_formed) {
    bool namespace_fault = false;
    xmlSetStructuredErrorFunc(&namespace_fault, note);
    const std::unique_ptr<xmlParserCtxt, Free> parser(xmlNewParserCtxt());
    std::unique_ptr<xmlDoc, Free> document(
        xmlCtxtReadMemory(parser.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET));
    well_formed = document != nullptr && parser->wellFormed == 1 && !namespace_fault;
    xmlSetStructuredErrorFunc(nullptr, [](void*, xmlErrorPtr) {});
    return document;
}

}  // namespace

std::string libxml2_c14n(std::string_view text) {
    bool well_formed = false;
    const auto document = parse(text, well_formed);
    xmlChar* octets = nullptr;
    const int size =
        well_formed ? xmlC14NDocDumpMemory(document.get(), nullptr, XML_C14N_1_0, nullptr, 0, &octets) : -1;
    if (size < 0) return std::string(libxml2_refuses);
    std::string out(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    xmlFree(octets);
    return out;
}

bool libxml2_well_formed(std::string_view text) {
    bool well_formed = false;
    parse(text, well_formed);
    return well_formed;
}

}  // namespace hansa::test
