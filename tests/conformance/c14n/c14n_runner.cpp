// The Canonical XML vectors: 39 cases of libxml2's own tests and the examples of the specification.
//
// Three kinds, counted apart. "document": parsed as in production and written by canonical_form.
// "doctype": production refuses the DOCTYPE (checked), and canonical_form writes the tree that this
// runner read with its DTD; "encoding" the same for what is not UTF-8. "node-set": an XPath subset, which no profile of
// ours uses; libxml2's own C14N writes it, which shows that the library below us is right.
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <iostream>
#include <sstream>

#include "core/xml/canonical.h"
#include "tests/conformance/crosscheck/tools.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {
namespace fs = std::filesystem;

struct Case {
    std::string name;
    fs::path input;
    fs::path xpath;  ///< empty: the whole document
    std::string prefixes;
    xml::Canonicalization method = xml::Canonicalization::c14n10;
    fs::path expected;         ///< empty: must be refused
    bool first_child = false;  ///< the subtree of the root's first element, not the document
};

xml::Canonicalization method_of(const std::string& words) {
    if (words == "C14N 1.0") return xml::Canonicalization::c14n10;
    if (words == "C14N 1.0 with comments") return xml::Canonicalization::c14n10_comments;
    if (words == "C14N 1.1") return xml::Canonicalization::c14n11;
    if (words == "exclusive C14N") return xml::Canonicalization::exclusive;
    throw std::runtime_error("unknown method in the manifest: " + words);
}

std::vector<Case> cases(const fs::path& root) {
    std::vector<Case> all;
    for (auto& row : read_table(root / "manifest.tsv")) {
        Case one{row["input"], root / row["input"], {}, {}, method_of(row["method"]), root / row["expected"]};
        one.name = row["input"] + " " + row["method"];
        if (!row["xpath_expr"].empty()) one.xpath = root / row["xpath_expr"];
        if (!row["exclusive_ns_prefixes"].empty()) one.prefixes = slurp(root / row["exclusive_ns_prefixes"]);
        all.push_back(std::move(one));
    }
    const fs::path spec = root / "santuario-w3c-spec-examples";
    const auto add = [&](const std::string& input, const std::string& expected,
                         xml::Canonicalization method = xml::Canonicalization::c14n10, const std::string& xpath = {}) {
        all.push_back({"spec/" + input + (expected.empty() ? "" : " -> " + expected),
                       spec / input,
                       xpath.empty() ? fs::path() : spec / xpath,
                       {},
                       method,
                       expected.empty() ? fs::path() : spec / expected});
    };
    add("31_input.xml", "31_c14n.xml");
    add("31_input.xml", "31_c14n-comments.xml", xml::Canonicalization::c14n10_comments);
    for (const char* number : {"32", "33", "34", "35", "36"}) {
        add(std::string(number) + "_input.xml", std::string(number) + "_c14n.xml");
    }
    add("34_input_validatingParser.xml", "34_c14n_validatingParser.xml");
    add("37_input.xml", "37_c14n.xml", xml::Canonicalization::c14n10, "37_subset.xpath");
    add("38_input.xml", "38_c14n.xml", xml::Canonicalization::c14n11, "37_subset.xpath");
    add("default_ns_redefinition_input.xml", "default_ns_redefinition_c14n.xml");
    all.back().first_child = true;
    add("relative-ns-behaviour.xml", "");
    return all;
}

/// A tree with its DTD, its entities and its default attributes: what production never reads.
xmlDoc* read_with_dtd(const fs::path& path) {
    return xmlReadFile(path.c_str(), nullptr,
                       XML_PARSE_NOENT | XML_PARSE_DTDLOAD | XML_PARSE_DTDATTR | XML_PARSE_NONET | XML_PARSE_NOERROR |
                           XML_PARSE_NOWARNING);
}

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string word; in >> word;) out.push_back(word);
    return out;
}

/// The expression and the declarations in scope of it. The spec's file is bare text that needs one.
std::string node_set_form(const Case& one) {
    xmlDoc* document = read_with_dtd(one.input);
    xmlXPathContext* context = xmlXPathNewContext(document);
    std::string expression;
    if (xmlDoc* holder = read_with_dtd(one.xpath)) {
        xmlNode* root = xmlDocGetRootElement(holder);
        for (const xmlNs* ns = root->nsDef; ns != nullptr; ns = ns->next)
            xmlXPathRegisterNs(context, ns->prefix, ns->href);
        xmlChar* text = xmlNodeGetContent(root);
        expression = reinterpret_cast<const char*>(text);
        xmlFree(text);
        xmlFreeDoc(holder);
    } else {
        const std::string text = slurp(one.xpath);
        expression = text.substr(text.find("-->") + 3);
        xmlXPathRegisterNs(context, BAD_CAST "ietf", BAD_CAST "http://www.ietf.org");
    }
    xmlXPathObject* found = xmlXPathEvalExpression(BAD_CAST expression.c_str(), context);
    std::vector<std::string> prefixes = words(one.prefixes);
    std::vector<xmlChar*> list;
    for (std::string& prefix : prefixes) list.push_back(reinterpret_cast<xmlChar*>(prefix.data()));
    list.push_back(nullptr);
    const int mode = one.method == xml::Canonicalization::exclusive ? XML_C14N_EXCLUSIVE_1_0
                     : one.method == xml::Canonicalization::c14n11  ? XML_C14N_1_1
                                                                    : XML_C14N_1_0;
    xmlChar* octets = nullptr;
    const int size = found == nullptr
                         ? -1
                         : xmlC14NDocDumpMemory(document, found->nodesetval, mode,
                                                mode == XML_C14N_EXCLUSIVE_1_0 ? list.data() : nullptr, 0, &octets);
    const std::string out =
        size < 0 ? "(libxml2 gave up)" : std::string(reinterpret_cast<char*>(octets), static_cast<std::size_t>(size));
    xmlFree(octets);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return out;
}

struct Outcome {
    std::string kind;
    std::string octets;
};

std::string form_or_code(const xml::ReferenceDocument& document, const Case& one) {
    auto form =
        xml::canonical_form(document, {.method = one.method,
                                       .apex = one.first_child ? xmlFirstElementChild(document.root()) : nullptr,
                                       .inclusive_prefixes = words(one.prefixes)});
    return form ? *form : std::string(form.error().code.name());
}

Outcome write_case(const Case& one) {
    if (!one.xpath.empty()) return {"node-set", node_set_form(one)};
    auto document = xml::ReferenceDocument::parse(slurp(one.input));
    if (document) return {"document", form_or_code(*document, one)};
    const auto code = document.error().code.name();
    if (code != "xml.doctype-refused" && code != "xml.encoding-refused") return {"document", std::string(code)};
    return {code == "xml.doctype-refused" ? "doctype" : "encoding",
            form_or_code(xml::ReferenceDocument::adopt(read_with_dtd(one.input)), one)};
}

int run_suite(const RunnerOptions& options) {
    SuiteResult result("c14n");
    for (const Case& one : cases(options.root / "c14n")) {
        if (!options.wants(one.name)) continue;
        const auto start = std::chrono::steady_clock::now();
        const Outcome outcome = write_case(one);
        const bool in_time = std::chrono::steady_clock::now() - start < case_time_max;
        const std::string expected = one.expected.empty() ? "xml.canonical-failed" : slurp(one.expected);
        const bool good = in_time && outcome.octets == expected;
        std::cout << (good ? "pass " : "FAIL ") << outcome.kind << ' ' << one.name << '\n';
        if (!good) std::cout << "--- got\n" << outcome.octets << "\n--- expected\n" << expected << "\n---\n";
        good ? result.pass(outcome.kind) : result.fail(outcome.kind);
    }
    std::cout << "libxml2 " << LIBXML_DOTTED_VERSION << '\n';
    result.publish();
    return result.failed() == 0 && result.passed() > 0 ? 0 : 1;
}

}  // namespace
}  // namespace hansa::test

int main(int argc, char** argv) {
    const auto options = hansa::test::runner_options(argc, argv);
    hansa::test::limit_memory();
    return hansa::test::run_suite(options);
}
