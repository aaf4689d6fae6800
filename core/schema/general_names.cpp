// The general path: names and the namespaces that they are of; and what is learned of how a writer spells them.
#include "core/schema/reader_core.h"
#include "core/xml/characters.h"
#include "core/xml/namespaces.h"

namespace hansa::schema {

// --- names -------------------------------------------------------------------------------------

bool FastReader::Core::read_name(std::string_view& name) {
    const char* const from = at_;
    while (at_ != end_) {
        if (xml::has_class(*at_, xml::name_byte)) {
            if (at_ == from && !xml::has_class(*at_, xml::name_start_byte)) return false;
            ++at_;
            continue;
        }
        if (xml::is_ascii(*at_)) break;
        const xml::Decoded c = xml::decode_utf8({at_, static_cast<std::size_t>(end_ - at_)}, 0);
        if (c.bytes == 0 || !(at_ == from ? xml::is_name_start(c.value) : xml::is_name_char(c.value))) return false;
        at_ += c.bytes;
    }
    name = {from, static_cast<std::size_t>(at_ - from)};
    return !name.empty() && name.size() <= limits.name_bytes_max;
}

bool FastReader::Core::split_name(std::string_view name, std::string_view& prefix, std::string_view& local) const {
    const std::size_t colon = name.find(':');
    prefix = {};
    local = name;
    if (colon == std::string_view::npos) return true;
    prefix = name.substr(0, colon);
    local = name.substr(colon + 1);
    return xml::is_ncname(prefix) && xml::is_ncname(local);
}

const std::string_view* FastReader::Core::namespace_for(std::string_view prefix) const {
    static constexpr std::string_view none, of_xml = xml::xml_namespace;
    for (auto binding = bindings.rbegin(); binding != bindings.rend(); ++binding) {
        if (binding->prefix == prefix) return &binding->uri;
    }
    if (prefix == "xml") return &of_xml;
    return prefix.empty() ? &none : nullptr;
}

// --- spelling ----------------------------------------------------------------------------------

/// The prefixes that are in scope now, for each namespace of the grammar; the innermost one of several.
void FastReader::Core::respell() {
    const auto& namespaces = grammar->namespaces();
    std::vector<Spelling::Prefix> prefixes(namespaces.size());
    for (NamespaceIndex ns = 0; ns < namespaces.size(); ++ns) {
        const std::string_view uri = namespaces[ns];
        if (uri.empty()) {
            prefixes[ns].known = namespace_for({})->empty();
            continue;
        }
        // What was learned holds while it is true.
        const Spelling::Prefix* const before = spelling != nullptr ? &spelling->prefixes()[ns] : nullptr;
        if (before != nullptr && before->known) {
            const std::string_view* const meant = namespace_for(before->text);
            if (meant != nullptr && *meant == uri) {
                prefixes[ns] = *before;
                continue;
            }
        }
        for (auto binding = bindings.rbegin(); binding != bindings.rend(); ++binding) {
            if (binding->uri != uri || *namespace_for(binding->prefix) != uri) continue;
            prefixes[ns] = {true, std::string(binding->prefix)};
            break;
        }
    }
    spelling = spelling_for(std::move(prefixes));
}

/// An element of the namespace was met with this prefix: it was not as predicted, so the next ones may be.
void FastReader::Core::learn(NamespaceIndex ns, std::string_view prefix) {
    constexpr std::uint32_t respellings_max = 64;
    if (spelling == nullptr || ns == no_index) return;
    const Spelling::Prefix& known = spelling->prefixes()[ns];
    if (known.known && known.text == prefix) return;
    if (respellings >= respellings_max) return;
    ++respellings;
    std::vector<Spelling::Prefix> prefixes = spelling->prefixes();
    prefixes[ns] = {true, std::string(prefix)};
    spelling = spelling_for(std::move(prefixes));
}

Spelling* FastReader::Core::spelling_for(std::vector<Spelling::Prefix> prefixes) {
    for (const auto& known : spellings) {
        if (known->prefixes() == prefixes) return known.get();
    }
    constexpr std::size_t spellings_max = 64;
    if (spellings.size() >= spellings_max) return nullptr;
    spellings.push_back(std::make_unique<Spelling>(*grammar, std::move(prefixes), limits.name_bytes_max));
    return spellings.back().get();
}

}  // namespace hansa::schema
