#include "core/plugin/document.h"

#include "core/schema/grammar.h"
#include "core/schema/reader.h"
#include "core/schema/validator.h"
#include "core/schema/writer.h"
#include "core/syntax/judge.h"

namespace hansa::plugin {
namespace {

/// Nothing: the format is XML.
Result<std::shared_ptr<const syntax::Syntax>> syntax_of(const Format& format) {
    return format.syntax_tables.load();
}

}  // namespace

Result<syntax::Document> read_document(const Format& format, std::string_view bytes) {
    const auto syntax = syntax_of(format);
    if (!syntax) return syntax.error();
    if (*syntax) return (*syntax)->read(bytes);
    auto tree = schema::read_tree(bytes, {}, format.grammar.get());
    if (!tree) return tree.error();
    return syntax::Document{{}, *std::move(tree)};
}

Result<void> validate_document(const Registry& registry, const Format& format, std::string_view bytes,
                               Diagnostics& faults) {
    const auto syntax = syntax_of(format);
    if (!syntax) return syntax.error();
    const auto judge = registry.validator(format);
    if (!judge) return judge.error();
    if (!*syntax) return (*judge)->validate(bytes, faults);
    const auto document = (*syntax)->read(bytes);
    if (document) return syntax::validate(**judge, *document, faults);
    faults.add(document.error());
    return document.error();
}

Result<syntax::Document> open_document(const Registry& registry, const Format& format, std::string_view bytes,
                                       Diagnostics& faults) {
    const auto syntax = syntax_of(format);
    if (!syntax) return syntax.error();
    if (!*syntax) {
        if (const auto valid = validate_document(registry, format, bytes, faults); !valid) return valid.error();
        return read_document(format, bytes);
    }
    const auto judge = registry.validator(format);
    if (!judge) return judge.error();
    auto document = (*syntax)->read(bytes);
    if (!document) {
        faults.add(document.error());
        return document.error();
    }
    if (const auto valid = syntax::validate(**judge, *document, faults); !valid) return valid.error();
    return document;
}

Result<std::string> write_document(const Format& format, const schema::Element& tree, std::string_view prepared) {
    const auto syntax = syntax_of(format);
    if (!syntax) return syntax.error();
    if (!*syntax) return schema::write_tree(tree);
    return (*syntax)->write(tree, prepared);
}

std::string file_ending(const Format& format) {
    const auto syntax = syntax_of(format);
    return syntax && *syntax ? std::string((*syntax)->file_ending()) : "xml";
}

}  // namespace hansa::plugin
