#include "core/plugin/profile.h"

#include <fmt/format.h>

#include "core/base/codes.h"
#include "core/base/nearest.h"
#include "core/mapping/profile.h"
#include "core/plugin/codes.h"

namespace hansa::plugin {
namespace {

Error add(Error error, Diagnostics& faults) {
    faults.add(error);
    return error;
}

}  // namespace

Result<void> take_from_base(FormatRow& profile, const FormatRow* base, const std::vector<std::string>& known,
                            Diagnostics& faults) {
    if (base == nullptr) {
        const std::vector<std::string_view> views(known.begin(), known.end());
        return add({codes::base_unknown,
                    fmt::format("'{}' is a profile of '{}'{}", profile.id, profile.base,
                                did_you_mean(profile.base, views)),
                    profile.base_place},
                   faults);
    }
    if (!base->base.empty()) {
        const std::string why = base->id == profile.id          ? "itself"
                                : base->base == profile.id      ? "its own profile"
                                                                : fmt::format("a profile of '{}'", base->base);
        return add({codes::base_is_profile, fmt::format("the base of '{}' is '{}', {}", profile.id, base->id, why),
                    profile.base_place},
                   faults);
    }
    if (base->kind == pivot::Kind::envelope) {
        return add({base::codes::toml_value_wrong,
                    fmt::format("'{}' is a frame, and frames have no profiles", base->id), profile.base_place},
                   faults);
    }
    profile.root_ns = base->root_ns;
    profile.root_local = base->root_local;
    if (!profile.own_schema) {
        profile.schema = base->schema;
        profile.official = base->official;
    }
    profile.syntax = base->syntax;
    profile.syntax_tables = base->syntax_tables;
    profile.mapping = base->mapping;
    profile.kind = base->kind;
    profile.frame = base->frame;
    profile.base_steps = base->mark.empty() ? base->steps : base->mark;
    if (profile.edition.empty()) profile.edition = base->edition;
    if (profile.direction.empty()) profile.direction = base->direction;
    if (profile.answer.empty()) profile.answer = base->answer;
    if (profile.signature.empty()) {
        profile.signature = base->signature;
        profile.signatures = base->signatures;
    }
    // Names in a mark that stand without a namespace are of the base's root.
    if (!profile.mark.empty()) profile.mark = read_steps(profile.inner.substr(0, profile.inner.rfind('=')), base->root_ns);
    return {};
}

Result<std::shared_ptr<const mapping::Mapping>> load_profile(const Tables& tables, const FormatRow& profile,
                                                             std::shared_ptr<const mapping::Mapping> base,
                                                             Diagnostics& faults, NamesRead* names) {
    if (base == nullptr) {
        if (profile.codes.empty() && profile.settings.empty()) return base;
        return add({codes::base_without_mapping, fmt::format("'{}' has no mapping", profile.base), profile.base_place},
                   faults);
    }
    mapping::ProfileSource source{.base = std::move(base), .format = profile.id, .settings = profile.settings};
    for (const std::string& list : profile.codes) {
        const std::string file = "codes/" + list + ".codes";
        const auto text = tables.read(file);
        if (!text) return add(text.error(), faults);
        if (names != nullptr) names->insert(file);
        source.lists.push_back({list, tables.called(file), *text});
    }
    return mapping::profile_mapping(source, profile.codes_place, faults);
}

Result<Edition> load_edition(const Tables& tables, const FormatRow& profile, const EditionBase& base, Diagnostics& faults,
                             NamesRead* names, NamesRead* base_names) {
    Edition out;
    auto grammar = load_grammar(tables, profile, names);
    if (!grammar) return add(grammar.error(), faults);
    out.grammar = std::move(*grammar);
    auto syntax = load_syntax(base.tables, base.row, *out.grammar, faults, base_names);
    if (!syntax) return syntax.error();
    out.syntax = std::move(*syntax);
    const MappingSurroundings around{.grammar = out.grammar, .mapping_of = base.mapping_of, .names = base_names};
    auto rows = load_table(base.tables, base.plugin, base.row, around, faults);
    if (!rows) return rows.error();
    auto mapping = load_profile(tables, profile, std::move(*rows), faults, names);
    if (!mapping) return mapping.error();
    out.mapping = std::move(*mapping);
    return out;
}

}  // namespace hansa::plugin
