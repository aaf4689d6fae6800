#include "core/xml/canonical.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <array>
#include <limits>
#include <mutex>

#include "core/xml/codes.h"
#include "core/xml/encoding.h"

namespace hansa::xml {
namespace {

struct MethodRow {
    Canonicalization method;
    std::string_view uri;
    int mode;
    bool comments;
    Canonicalization plain;
};

constexpr std::array<MethodRow, 6> methods{{
    {Canonicalization::c14n10, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0, false,
     Canonicalization::c14n10},
    {Canonicalization::c14n10_comments, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", XML_C14N_1_0,
     true, Canonicalization::c14n10},
    {Canonicalization::c14n11, "http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1, false, Canonicalization::c14n11},
    {Canonicalization::c14n11_comments, "http://www.w3.org/2006/12/xml-c14n11#WithComments", XML_C14N_1_1, true,
     Canonicalization::c14n11},
    {Canonicalization::exclusive, "http://www.w3.org/2001/10/xml-exc-c14n#", XML_C14N_EXCLUSIVE_1_0, false,
     Canonicalization::exclusive},
    {Canonicalization::exclusive_comments, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
     XML_C14N_EXCLUSIVE_1_0, true, Canonicalization::exclusive},
}};

const MethodRow& row_of(Canonicalization method) {
    return methods[static_cast<std::size_t>(method)];
}

// --- the walk over tags ------------------------------------------------------------------------

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view local_part(std::string_view tag_name) {
    const auto colon = tag_name.rfind(':');
    return colon == std::string_view::npos ? tag_name : tag_name.substr(colon + 1);
}

/// One start tag, as the walk sees it.
struct Tag {
    std::size_t end = 0;  ///< behind its '>'
    std::string_view name;
    std::size_t attributes = 0;
    std::size_t declarations = 0;
    bool empty = false;  ///< <name/>
};

/// Reads the tag at `start` ('<' and a name). Nothing when it has no end.
std::optional<Tag> read_tag(std::string_view bytes, std::size_t start) {
    Tag tag;
    std::size_t at = start + 1;
    while (at < bytes.size() && !is_space(bytes[at]) && bytes[at] != '>' && bytes[at] != '/') ++at;
    tag.name = bytes.substr(start + 1, at - start - 1);
    while (at < bytes.size() && bytes[at] != '>') {
        if (bytes[at] == '"' || bytes[at] == '\'') {
            at = bytes.find(bytes[at], at + 1);
            if (at == std::string_view::npos) return std::nullopt;
            ++tag.attributes;
        } else if (is_space(bytes[at - 1]) && bytes.substr(at).starts_with("xmlns")) {
            ++tag.declarations;
        }
        ++at;
    }
    if (at >= bytes.size()) return std::nullopt;
    tag.empty = bytes[at - 1] == '/';
    tag.end = at + 1;
    return tag;
}

/// What the walk keeps of the elements that are open. Depth is bounded, so is this.
class OpenElements {
public:
    explicit OpenElements(const ReferenceLimits& limits) : limits_(limits) {}

    Result<void> open(const Tag& tag) {
        if (tag.attributes > limits_.attributes_max) return Error{codes::too_many, "attributes of one element"};
        declarations_ += tag.declarations;
        if (declarations_ > limits_.namespaces_in_scope_max) {
            return Error{codes::too_many, "namespace declarations in scope"};
        }
        if (stack_.size() >= limits_.depth_max) return Error{codes::too_deep, "elements inside one another"};
        stack_.push_back(tag.declarations);
        return {};
    }
    void close() {
        if (stack_.empty()) return;
        declarations_ -= stack_.back();
        stack_.pop_back();
    }
    std::size_t depth() const { return stack_.size(); }

private:
    const ReferenceLimits& limits_;
    std::vector<std::size_t> stack_;
    std::size_t declarations_ = 0;
};

/// Behind a comment, CDATA section or processing instruction at `at`; `at` when none stands there.
/// The end of the bytes when it has no end: libxml2 then says what is wrong.
std::size_t skip_other_markup(std::string_view bytes, std::size_t at) {
    const auto behind = [&](std::string_view open, std::string_view close) {
        const auto end = bytes.find(close, at + open.size());
        return end == std::string_view::npos ? bytes.size() : end + close.size();
    };
    const std::string_view rest = bytes.substr(at, 9);
    if (rest.starts_with("<!--")) return behind("<!--", "-->");
    if (rest.starts_with("<![CDATA[")) return behind("<![CDATA[", "]]>");
    if (rest.starts_with("<?")) return behind("<?", "?>");
    return at;
}

void keep_child(RootTags& tags, const Tag& tag, std::size_t offset) {
    if (tags.last_children.size() == RootTags::last_children_max) tags.last_children.erase(tags.last_children.begin());
    tags.last_children.push_back({std::string(local_part(tag.name)), offset});
}

bool is_other_encoding(std::string_view bytes) {
    // UTF-16 and UTF-32 in their byte order marks and in their first '<'.
    return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
           bytes.substr(0, 4).find('\0') != std::string_view::npos;
}

// --- libxml2 -----------------------------------------------------------------------------------

void start_library() {
    static std::once_flag once;
    std::call_once(once, [] { xmlInitParser(); });
}

void stay_silent(void*, const char*, ...) {}

/// libxml2 writes to standard error unless somebody listens. This one listens on the thread, and
/// gives its place back to who listened before.
class Quiet {
public:
    Quiet() : before_(xmlStructuredError), context_(xmlStructuredErrorContext) {
        xmlSetStructuredErrorFunc(nullptr, [](void*, xmlError*) {});
    }
    ~Quiet() { xmlSetStructuredErrorFunc(context_, before_); }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    xmlStructuredErrorFunc before_;
    void* context_;
};

/// Called by the parser at a DOCTYPE, before its internal subset is read.
void refuse_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    parser->_private = parser;  // a sign for the caller
    xmlStopParser(parser);
}

Error parse_error(const xmlParserCtxt& parser) {
    if (parser._private != nullptr) return {codes::doctype_refused, "a DOCTYPE stands before the root element"};
    const xmlError& last = parser.lastError;
    std::string words = last.message == nullptr ? "not well-formed" : last.message;
    while (!words.empty() && is_space(words.back())) words.pop_back();
    const Code code = words.find("Excessive depth") != std::string::npos ? codes::too_deep : codes::not_well_formed;
    Error error{code, std::move(words)};
    error.place.line = last.line > 0 ? static_cast<std::uint32_t>(last.line) : 0;
    error.place.column = last.int2 > 0 ? static_cast<std::uint32_t>(last.int2) : 0;
    return error;
}

struct ParserFree {
    void operator()(xmlParserCtxt* parser) const { xmlFreeParserCtxt(parser); }
};

Result<xmlDoc*> parse_tree(std::string_view bytes) {
    start_library();
    const std::unique_ptr<xmlParserCtxt, ParserFree> parser(xmlNewParserCtxt());
    if (!parser) throw BrokenPromise("libxml2 made no parser");
    const Quiet quiet;
    parser->_private = nullptr;
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->error = stay_silent;
    parser->sax->warning = stay_silent;
    xmlDoc* document = xmlCtxtReadMemory(parser.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr,
                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const bool good = document != nullptr && parser->wellFormed == 1 && parser->nsWellFormed == 1 &&
                      parser->_private == nullptr && document->intSubset == nullptr && document->extSubset == nullptr;
    if (good) return document;
    const Error error = parse_error(*parser);
    xmlFreeDoc(document);
    return error;
}

bool is_utf8(const xmlDoc& document) {
    if (document.encoding == nullptr) return true;
    const std::string_view name = reinterpret_cast<const char*>(document.encoding);
    for (const char* good : {"UTF-8", "US-ASCII", "ASCII"}) {
        if (xmlStrcasecmp(document.encoding, reinterpret_cast<const xmlChar*>(good)) == 0) return true;
    }
    return name.empty();
}

// --- canonical form ----------------------------------------------------------------------------

struct Visible {
    const xmlNode* apex;
    const xmlNode* without;
};

/// libxml2 asks for every node. Namespace nodes are no tree nodes: their owner is `parent`.
int is_visible(void* user, xmlNode* node, xmlNode* parent) {
    const auto* wanted = static_cast<const Visible*>(user);
    const xmlNode* at = node == nullptr || node->type == XML_NAMESPACE_DECL ? parent : node;
    bool below_apex = wanted->apex == nullptr;
    for (; at != nullptr; at = at->parent) {
        if (at == wanted->without) return 0;
        if (at == wanted->apex) below_apex = true;
    }
    return below_apex ? 1 : 0;
}

/// Where the octets go: a string with an upper bound.
struct BoundedOutput {
    std::string text;
    std::size_t octets_max;
};

int write_octets(void* context, const char* piece, int length) {
    auto* output = static_cast<BoundedOutput*>(context);
    const auto size = static_cast<std::size_t>(length);
    if (output->text.size() + size > output->octets_max) return -1;
    output->text.append(piece, size);
    return length;
}

/// The prefix list as libxml2 wants it: pointers into the request's strings, ended by null.
std::vector<xmlChar*> prefix_list(const std::vector<std::string>& prefixes) {
    std::vector<xmlChar*> list;
    for (const std::string& prefix : prefixes) {
        list.push_back(reinterpret_cast<xmlChar*>(const_cast<char*>(prefix.c_str())));
    }
    list.push_back(nullptr);
    return list;
}

}  // namespace

// --- public ------------------------------------------------------------------------------------

Result<RootTags> root_tags(std::string_view bytes, const ReferenceLimits& limits) {
    RootTags tags;
    OpenElements elements(limits);
    for (std::size_t at = bytes.find('<'); at < bytes.size(); at = bytes.find('<', at)) {
        const std::size_t behind = skip_other_markup(bytes, at);
        if (behind != at) {
            at = behind;
        } else if (bytes.substr(at, 2) == "</") {
            if (elements.depth() == 1) tags.end_tag = at;
            elements.close();
            at += 2;
        } else if (bytes.substr(at, 2) == "<!") {
            if (bytes.substr(at).starts_with("<!DOCTYPE")) {
                return Error{codes::doctype_refused, "a DOCTYPE stands before the root element"};
            }
            at += 2;
        } else {
            const auto tag = read_tag(bytes, at);
            if (!tag) break;
            if (auto opened = elements.open(*tag); !opened) return opened.error();
            if (elements.depth() == 1) {
                tags.start_tag = at;
                tags.root_name = tag->name;
                tags.root_empty = tag->empty;
                if (tag->empty) tags.end_tag = tag->end;
            } else if (elements.depth() == 2) {
                keep_child(tags, *tag, at);
            }
            if (tag->empty) elements.close();
            at = tag->end;
        }
    }
    return tags;
}

Result<ReferenceDocument> ReferenceDocument::parse(std::string_view bytes, const ReferenceLimits& limits) {
    if (bytes.size() > limits.bytes_max || bytes.size() > std::size_t{std::numeric_limits<int>::max()}) {
        return Error{codes::too_large, "the document is larger than " + std::to_string(limits.bytes_max) + " bytes"};
    }
    if (limits.utf8_only) {
        // Before libxml2 sees it: for other names it would open the tables of iconv.
        const auto encoding = detect_encoding(bytes);
        const bool utf8 = encoding && (*encoding == "UTF-8" || *encoding == "US-ASCII");
        if (!utf8 || is_other_encoding(bytes)) return Error{codes::encoding_refused, "only UTF-8 is read"};
        // libxml2's own work is quadratic in attributes and declarations: they are counted before.
        if (auto walked = root_tags(bytes, limits); !walked) return walked.error();
    }
    auto tree = parse_tree(bytes);
    if (!tree) return tree.error();
    ReferenceDocument document(*tree);
    if (limits.utf8_only && !is_utf8(**tree)) return Error{codes::encoding_refused, "only UTF-8 is read"};
    return document;
}

ReferenceDocument::ReferenceDocument(ReferenceDocument&& other) noexcept
    : document_(std::exchange(other.document_, nullptr)) {}

ReferenceDocument& ReferenceDocument::operator=(ReferenceDocument&& other) noexcept {
    std::swap(document_, other.document_);
    return *this;
}

ReferenceDocument::~ReferenceDocument() {
    if (document_ != nullptr) xmlFreeDoc(document_);
}

_xmlNode* ReferenceDocument::root() const {
    return xmlDocGetRootElement(document_);
}

std::string_view uri_of(Canonicalization method) {
    return row_of(method).uri;
}

std::optional<Canonicalization> canonicalization_of(std::string_view uri) {
    for (const MethodRow& row : methods) {
        if (row.uri == uri) return row.method;
    }
    return std::nullopt;
}

Canonicalization without_comments(Canonicalization method) {
    return row_of(method).plain;
}

Result<std::string> canonical_form(const ReferenceDocument& document, const CanonicalRequest& request) {
    const MethodRow& row = row_of(request.method);
    Visible visible{request.apex, request.without};
    const bool all = request.apex == nullptr && request.without == nullptr;
    BoundedOutput bounded{{}, request.octets_max};
    xmlOutputBuffer* buffer = xmlOutputBufferCreateIO(write_octets, nullptr, &bounded, nullptr);
    if (buffer == nullptr) return Error{codes::canonical_failed, "libxml2 made no buffer"};
    std::vector<xmlChar*> prefixes = prefix_list(request.inclusive_prefixes);
    const Quiet quiet;
    const int written =
        xmlC14NExecute(document.get(), all ? nullptr : is_visible, &visible, row.mode,
                       row.mode == XML_C14N_EXCLUSIVE_1_0 ? prefixes.data() : nullptr, row.comments ? 1 : 0, buffer);
    const int closed = xmlOutputBufferClose(buffer);
    if (written < 0 || closed < 0) return Error{codes::canonical_failed, "libxml2 gave up"};
    if (bounded.text.empty()) return Error{codes::canonical_failed, "the canonical form is empty"};
    return std::move(bounded.text);
}

}  // namespace hansa::xml
