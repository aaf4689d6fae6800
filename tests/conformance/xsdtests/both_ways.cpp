#include "tests/conformance/xsdtests/both_ways.h"

#include <algorithm>

#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/schema/codes.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/scanner.h"

namespace hansa::test {

namespace {

using Verdict = Said::Verdict;

/// Name and attributes of a document's root.
struct Head {
    schema::Name name;
    std::string target_namespace;
};

std::optional<Head> head_of(std::string_view bytes) {
    const auto document = xml::to_utf8(bytes);
    if (!document) return std::nullopt;
    xml::Scanner scanner(document->text());
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == xml::TokenKind::end_of_document) return std::nullopt;
        if (*kind != xml::TokenKind::start_element) continue;
        const xml::Token& token = scanner.token();
        Head head{{std::string(token.ns), std::string(token.local)}, {}};
        for (const xml::AttributeToken& one : token.attributes) {
            if (one.ns.empty() && one.local == "targetNamespace") head.target_namespace = one.value;
        }
        return head;
    }
}

std::string attribute_text(const std::string& value) {
    std::string out;
    for (const char c : value) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
}

std::string schema_text(const std::string& target, const std::string& content) {
    return "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"" +
           (target.empty() ? std::string() : " targetNamespace=\"" + attribute_text(target) + "\"") + ">" + content +
           "</xs:schema>";
}

bool is_policy(Code code) {
    const Code ours[] = {xml::codes::doctype_refused, xml::codes::version_refused, xml::codes::encoding_refused,
                         xml::codes::encoding_unknown, xml::codes::encoding_differs};
    return std::find(std::begin(ours), std::end(ours), code) != std::end(ours);
}

/// Code, place and path, which both ways must name alike.
Said refused(const Error& error) {
    Verdict verdict = is_policy(error.code) ? Verdict::policy : Verdict::invalid;
    if (error.code == schema::codes::undecided) verdict = Verdict::undecided;
    if (error.code == schema::codes::grammar_unsupported) verdict = Verdict::unsupported;
    std::string why = std::string(error.code.name()) + " " + std::to_string(error.place.line) + ":" +
                      std::to_string(error.place.column) + " " + error.place.path;
    if (verdict == Verdict::unsupported || error.code == schema::codes::grammar_invalid ||
        error.code == base::codes::file_unreadable)
        why = std::string(error.code.name()) + " " + error.detail;
    std::replace(why.begin(), why.end(), '\n', ' ');
    std::replace(why.begin(), why.end(), '\t', ' ');
    return {verdict, std::move(why)};
}

}  // namespace

BothWays::BothWays(std::filesystem::path root, std::vector<std::string> documents) : root_(std::move(root)) {
    source_.resolve = [this](const std::string& location) { return read(location); };
    source_.file = documents.front();
    if (documents.size() > 1) join(documents);
    judge_.emplace(schema::Validator::from_source(source_));
}

std::optional<std::string> BothWays::read(const std::string& name) const {
    if (const auto made = made_.find(name); made != made_.end()) return made->second;
    const auto path = std::filesystem::path(name).lexically_normal();
    if (path.empty() || path.is_absolute() || *path.begin() == "..") return std::nullopt;
    auto text = read_file((root_ / path).string(), 32u << 20);
    if (!text) return std::nullopt;
    return std::move(*text);
}

/// A schema that takes in all of them: includes within a namespace, imports between.
void BothWays::join(const std::vector<std::string>& documents) {
    std::map<std::string, std::string> by_namespace;
    const auto plain = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
    const std::string folder = documents.front().substr(0, documents.front().rfind('/') + 1);
    for (const std::string& document : documents) {
        const auto head = head_of(read(document).value_or(""));
        const std::string target = head ? head->target_namespace : "";
        const std::string location = document.starts_with(folder) ? document.substr(folder.size()) : plain(document);
        by_namespace[target] += "<xs:include schemaLocation=\"" + attribute_text(location) + "\"/>";
    }
    std::string imports;
    for (const auto& [target, includes] : by_namespace) {
        const std::string name = "hansa-joined-" + std::to_string(made_.size()) + ".xsd";
        made_[folder + name] = schema_text(target, includes);
        source_.file = folder + name;
        imports += "<xs:import schemaLocation=\"" + name + "\"" +
                   (target.empty() ? std::string() : " namespace=\"" + attribute_text(target) + "\"") + "/>";
    }
    if (by_namespace.size() == 1) return;
    source_.file = folder + "hansa-joined.xsd";
    made_[source_.file] = schema_text("urn:hansa:joined", imports);
}

const BothWays::Compiled& BothWays::compiled(const schema::Name& element) {
    const std::string key = "{" + element.ns + "}" + element.local;
    const auto [at, is_new] = compiled_.try_emplace(key);
    Compiled& made = at->second;
    if (!is_new) return made;
    schema::XsdSource source = source_;
    source.root = element;
    const auto grammar = schema::compile_xsd(source);
    if (!grammar) {
        made.instead = refused(grammar.error());
        return made;
    }
    auto compiled = schema::CompiledGrammar::compile(*grammar);
    if (compiled)
        made.grammar = *std::move(compiled);
    else
        made.instead = refused(compiled.error());
    return made;
}

Verdicts BothWays::schema() {
    if (!*judge_) {
        const Said said = refused(judge_->error());
        return {said, said};
    }
    Verdicts out;
    constexpr std::size_t roots_max = 16;
    const auto roots = schema::xsd_roots(source_);
    if (!roots) {
        out.fast = refused(roots.error());
        return out;
    }
    if (roots->empty()) out.fast = {Verdict::no_root, "no global element"};
    for (std::size_t i = 0; i < std::min(roots->size(), roots_max); ++i) {
        const Compiled& made = compiled((*roots)[i]);
        if (!made.instead) continue;
        out.fast = *made.instead;
        // A root in no namespace beside one of the same name in another cannot be asked for.
        if (out.fast.why.starts_with(schema::codes::root_unknown.name())) out.fast.verdict = Verdict::no_root;
    }
    return out;
}

Verdicts BothWays::instance(const std::string& name) {
    if (!*judge_) {
        const Said said{Verdict::no_schema, refused(judge_->error()).why};
        return {said, said};
    }
    const std::string bytes = read(name).value_or("");
    Verdicts out;
    Diagnostics faults, own;
    if (const auto valid = (*judge_)->validate(bytes, faults); !valid) out.reference = refused(valid.error());
    const auto head = head_of(bytes);
    if (!head) {
        // Neither way reads further than the scanner.
        out.fast = out.reference;
        return out;
    }
    const Compiled& made = compiled(head->name);
    if (made.instead) {
        out.fast = *made.instead;
        if (!out.fast.why.starts_with(schema::codes::root_unknown.name())) return out;
        // A grammar is made for a root; the product tells formats apart by it.
        if (out.reference.why.starts_with(schema::codes::root_unknown.name()))
            out.fast = out.reference;
        else
            out.fast.verdict = Verdict::no_root;
        return out;
    }
    schema::FastReader reader(made.grammar);
    if (const auto opened = reader.open(bytes, {}, own); !opened) {
        out.fast = refused(opened.error());
    } else if (const auto read = reader.next(); !read) {
        out.fast = refused(read.error());
    }
    return out;
}

}  // namespace hansa::test
