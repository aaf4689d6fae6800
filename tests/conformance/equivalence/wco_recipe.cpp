#include "tests/conformance/equivalence/wco_recipe.h"

namespace hansa::test {

namespace {

void put(schema::Element& element, std::string ns) {
    if (element.name.local == "Response") ns = "urn:wco:datamodel:WCO:RES-DMS:2";
    element.name.ns = element.name.local == "DateTimeString" ? "urn:wco:datamodel:WCO:Response_DS:DMS:2" : ns;
    for (schema::Element& child : element.children) put(child, ns);
}

}  // namespace

void put_namespaces(schema::Element& document) {
    put(document, "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2");
}

}  // namespace hansa::test
