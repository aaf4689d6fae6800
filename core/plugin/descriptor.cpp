#include "core/plugin/descriptor.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <set>

#include "core/pivot/table.h"
#include "core/plugin/codes.h"
#include "core/plugin/words.h"

namespace hansa::plugin {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 6> top_keys{"plugin",    "version", "uncertain",
                                                   "authority", "format",  "signature"};
constexpr std::array<std::string_view, 3> authority_keys{"id", "name", "country"};
constexpr std::array<std::string_view, 15> format_keys{"id",        "title",     "edition",   "root",       "inner",
                                                       "syntax",    "schema",    "official",  "mapping",    "kind",
                                                       "certainty", "direction", "signature", "signatures", "answer"};
constexpr std::array<std::string_view, 18> signature_keys{"name",
                                                          "form",
                                                          "signature-method",
                                                          "digest-method",
                                                          "canonicalization",
                                                          "transforms",
                                                          "place",
                                                          "followers",
                                                          "any-child",
                                                          "prefix",
                                                          "key-name-serial",
                                                          "key-name-digits",
                                                          "x509-certificate",
                                                          "whole-chain",
                                                          "algorithms",
                                                          "weak-allowed",
                                                          "sm2-user-id",
                                                          "sm2-raw"};
constexpr std::array<std::string_view, 3> certainties{"official schema and samples", "official schema", "facts only"};
constexpr std::array<std::string_view, 3> directions{"both", "in", "out"};
constexpr std::array<std::string_view, 1> syntaxes{"xml"};
constexpr std::array<std::string_view, 2> forms{"enveloped", "asice"};
constexpr std::array<std::string_view, 3> places{"child-of-root", "document-root", "anywhere"};

/// One table of the file: typed access that reports what is missing or wrong, with its line.
class Section {
public:
    Section(const toml::table& table, std::string_view title, std::string_view file, Diagnostics& faults)
        : table_(table), title_(title), file_(file), faults_(faults) {}

    Place place_of(const toml::source_region& region) const {
        return Place{.file = std::string(file_), .line = region.begin.line, .column = region.begin.column};
    }
    Place place() const { return place_of(table_.source()); }

    void fault(Code code, std::string detail, const toml::node* at = nullptr) const {
        faults_.add(code, std::move(detail), at != nullptr ? place_of(at->source()) : place());
    }

    void only(Words known) const {
        for (const auto& [key, node] : table_) {
            if (std::ranges::find(known, key.str()) != known.end()) continue;
            faults_.add(codes::key_unknown,
                        fmt::format("'{}' in {}{}", key.str(), title_, did_you_mean(key.str(), known)),
                        place_of(key.source()));
        }
    }

    std::string text(std::string_view key) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) return {};
        if (const auto* value = node->as_string()) return value->get();
        fault(codes::value_wrong, fmt::format("'{}' must be a text", key), node);
        return {};
    }

    std::string text_demanded(std::string_view key) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) {
            fault(codes::key_missing, fmt::format("{} needs '{}'", title_, key));
            return {};
        }
        std::string out = text(key);
        if (out.empty() && node->is_string())
            fault(codes::value_wrong, fmt::format("'{}' must not be empty", key), node);
        return out;
    }

    /// One of the words; the first one when the key is not there.
    std::string word(std::string_view key, Words words) const {
        if (table_.get(key) == nullptr) return std::string(words.front());
        std::string out = text(key);
        if (std::ranges::find(words, out) == words.end()) {
            fault(codes::value_wrong,
                  fmt::format("'{}' is '{}', not one of: {}{}", key, out, fmt::join(words, ", "),
                              did_you_mean(out, words)),
                  table_.get(key));
        }
        return out;
    }

    bool flag(std::string_view key, bool otherwise) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) return otherwise;
        if (const auto* value = node->as_boolean()) return value->get();
        fault(codes::value_wrong, fmt::format("'{}' must be true or false", key), node);
        return otherwise;
    }

    int number(std::string_view key, int max) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr) return 0;
        const auto* value = node->as_integer();
        if (value != nullptr && value->get() >= 0 && value->get() <= max) return static_cast<int>(value->get());
        fault(codes::value_wrong, fmt::format("'{}' must be a number from 0 to {}", key, max), node);
        return 0;
    }

    std::vector<std::string> texts(std::string_view key) const {
        std::vector<std::string> out;
        const toml::node* node = table_.get(key);
        if (node == nullptr) return out;
        const auto* list = node->as_array();
        if (list == nullptr) {
            fault(codes::value_wrong, fmt::format("'{}' must be a list of texts", key), node);
            return out;
        }
        for (const toml::node& member : *list) {
            if (const auto* value = member.as_string())
                out.push_back(value->get());
            else
                fault(codes::value_wrong, fmt::format("'{}' must hold texts only", key), &member);
        }
        return out;
    }

    /// Each table under [[key]].
    std::vector<const toml::table*> tables(std::string_view key) const {
        std::vector<const toml::table*> out;
        const toml::node* node = table_.get(key);
        if (node == nullptr) return out;
        const auto* list = node->as_array();
        if (list == nullptr ||
            !std::ranges::all_of(*list, [](const toml::node& member) { return member.is_table(); })) {
            fault(codes::value_wrong, fmt::format("'{}' must be written as [[{}]]", key, key), node);
            return out;
        }
        for (const toml::node& member : *list) out.push_back(member.as_table());
        return out;
    }

    const toml::node* node(std::string_view key) const { return table_.get(key); }

private:
    const toml::table& table_;
    std::string title_;
    std::string_view file_;
    Diagnostics& faults_;
};

/// A plugin's name is also a folder's, a file's and the first part of ids.
bool is_plugin_name(std::string_view name) {
    if (name.size() < 2 || name.size() > 20 || name.front() < 'a' || name.front() > 'z') return false;
    return std::ranges::all_of(name,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// "{ns}local", or "local" in the given namespace. Nothing: neither.
std::optional<schema::Name> read_name(std::string_view text, std::string_view otherwise = {}) {
    schema::Name name{std::string(otherwise), {}};
    if (!text.empty() && text.front() == '{') {
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) return std::nullopt;
        name.ns = std::string(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
    }
    name.local = std::string(text);
    if (name.local.empty() || name.local.find_first_of("{}/ :") != std::string::npos) return std::nullopt;
    return name;
}

/// Names with '/' between them; a '/' inside of braces belongs to a namespace. Empty: a fault.
std::vector<schema::Name> read_steps(std::string_view text, std::string_view ns) {
    std::vector<schema::Name> steps;
    while (true) {
        const std::size_t brace = text.starts_with('{') ? text.find('}') : 0;
        const std::size_t end = brace == std::string_view::npos ? brace : text.find('/', brace);
        const auto name = read_name(text.substr(0, end), ns);
        if (!name) return {};
        steps.push_back(*name);
        if (end == std::string_view::npos) return steps;
        text.remove_prefix(end + 1);
    }
}

void read_authority(const Section& top, std::string_view file, Descriptor& out, Diagnostics& faults) {
    const toml::node* node = top.node("authority");
    const toml::table* table = node != nullptr ? node->as_table() : nullptr;
    if (table == nullptr) {
        top.fault(node == nullptr ? codes::key_missing : codes::value_wrong, "plugin.toml needs a table [authority]",
                  node);
        return;
    }
    const Section section(*table, "[authority]", file, faults);
    section.only(authority_keys);
    out.authority = section.text("id");
    if (out.authority.empty()) out.authority = out.name;
    out.authority_name = section.text_demanded("name");
    out.country = section.text_demanded("country");
}

void check_paths(const Section& section, const FormatRow& row) {
    for (const auto& [key, path] : {std::pair{"schema", &row.schema}, std::pair{"mapping", &row.mapping}}) {
        if (path->empty() || stays_inside(*path)) continue;
        section.fault(codes::path_outside, fmt::format("'{}' is '{}'", key, *path), section.node(key));
    }
}

void read_root(const Section& section, FormatRow& row) {
    const std::string root = section.text_demanded("root");
    if (const auto name = read_name(root)) {
        row.root_ns = name->ns;
        row.root_local = name->local;
    } else if (!root.empty()) {
        section.fault(codes::value_wrong, fmt::format("root '{}' must be {{namespace}}name, or a name", root),
                      section.node("root"));
    }
    row.inner = section.text("inner");
    if (row.inner.empty()) return;
    row.steps = read_steps(row.inner, row.root_ns);
    if (row.steps.empty()) {
        section.fault(codes::value_wrong, fmt::format("inner '{}' must be names with '/' between them", row.inner),
                      section.node("inner"));
    }
}

/// Ids and profile names begin with the plugin's name, so that those of two plugins never meet.
void check_prefix(const Section& section, std::string_view key, const std::string& value, const Descriptor& plugin) {
    if (value.empty() || value.starts_with(plugin.name + ".")) return;
    section.fault(codes::value_wrong, fmt::format("'{}' must begin with '{}.'", value, plugin.name), section.node(key));
}

FormatRow read_format(const Section& section, const Descriptor& plugin) {
    section.only(format_keys);
    FormatRow row;
    row.place = section.place();
    row.id = section.text_demanded("id");
    check_prefix(section, "id", row.id, plugin);
    row.title = section.text_demanded("title");
    row.edition = section.text_demanded("edition");
    read_root(section, row);
    row.syntax = section.word("syntax", syntaxes);
    row.schema = section.text_demanded("schema");
    row.official = section.flag("official", false);
    row.mapping = section.text("mapping");
    check_paths(section, row);
    if (const std::string kind = section.text("kind"); !kind.empty()) {
        if (const auto known = pivot::kind_from_name(kind))
            row.kind = *known;
        else
            section.fault(codes::value_wrong, fmt::format("no kind of document is called '{}'", kind),
                          section.node("kind"));
    } else if (row.mapping.empty()) {
        section.fault(codes::key_missing, "a format without 'mapping' needs 'kind'");
    }
    if (section.node("certainty") == nullptr) section.fault(codes::key_missing, "[[format]] needs 'certainty'");
    row.certainty = section.word("certainty", certainties);
    row.direction = section.word("direction", directions);
    row.signature = section.text_demanded("signature");
    row.signatures = section.texts("signatures");
    std::erase(row.signatures, row.signature);
    row.signatures.insert(row.signatures.begin(), row.signature);
    row.answer = section.text("answer");
    return row;
}

void read_algorithms(const Section& section, trust::Profile& profile) {
    const toml::node* node = section.node("algorithms");
    if (node == nullptr) return;
    const toml::table* table = node->as_table();
    if (table == nullptr)
        return section.fault(codes::value_wrong, "'algorithms' must be a table from identifier to word", node);
    for (const auto& [key, value] : *table) {
        if (const auto* word = value.as_string())
            profile.names.push_back({std::string(key.str()), word->get()});
        else
            section.fault(codes::value_wrong, fmt::format("the algorithm of '{}' must be a text", key.str()), &value);
    }
}

trust::Profile read_profile(const Section& section) {
    section.only(signature_keys);
    trust::Profile profile;
    profile.name = section.text_demanded("name");
    if (section.node("form") == nullptr) section.fault(codes::key_missing, "[[signature]] needs 'form'");
    profile.form = section.word("form", forms) == "asice" ? trust::Form::asice : trust::Form::enveloped;
    profile.signature_method = section.text_demanded("signature-method");
    profile.digest_method = section.text_demanded("digest-method");
    profile.canonicalization = section.text_demanded("canonicalization");
    profile.transforms = section.texts("transforms");
    const std::string place = section.word("place", places);
    if (place == "document-root") profile.place.where = trust::SignaturePlace::Where::document_root;
    if (place == "anywhere") profile.place.where = trust::SignaturePlace::Where::anywhere;
    profile.place.followers = section.texts("followers");
    profile.place.any_child = section.flag("any-child", false);
    if (section.node("prefix") != nullptr) profile.prefix = section.text("prefix");
    profile.key_name_serial = section.flag("key-name-serial", false);
    profile.key_name_digits_min = section.number("key-name-digits", 64);
    profile.x509_certificate = section.flag("x509-certificate", true);
    profile.whole_chain = section.flag("whole-chain", false);
    read_algorithms(section, profile);
    profile.weak_allowed = section.texts("weak-allowed");
    profile.sm2_user_id = section.text("sm2-user-id");
    profile.sm2_raw = section.flag("sm2-raw", true);
    return profile;
}

void read_profiles(const Section& top, std::string_view file, Descriptor& out, Diagnostics& faults) {
    for (const toml::table* table : top.tables("signature")) {
        const Section section(*table, "[[signature]]", file, faults);
        const std::size_t before = faults.count();
        trust::Profile profile = read_profile(section);
        const bool known =
            trust::core_profile(profile.name) != nullptr ||
            std::ranges::any_of(out.profiles, [&](const auto& other) { return other.name == profile.name; });
        check_prefix(section, "name", profile.name, out);
        if (known) section.fault(codes::duplicate_profile, fmt::format("'{}'", profile.name), section.node("name"));
        if (faults.count() == before) {
            if (auto good = trust::check_profile(profile); !good) faults.add(good.error().at(section.place()));
        }
        out.profiles.push_back(std::move(profile));
    }
}

/// What one format says about others: its profile and its answer.
void check_references(const Section& section, const FormatRow& row, const Descriptor& plugin) {
    std::vector<std::string_view> profiles, answers;
    for (const trust::Profile& profile : plugin.profiles) profiles.emplace_back(profile.name);
    for (const trust::Profile& profile : trust::core_profiles()) profiles.emplace_back(profile.name);
    for (const FormatRow& other : plugin.formats) answers.emplace_back(other.id);
    for (const std::string& name : row.signatures) {
        if (name.empty() || std::ranges::find(profiles, name) != profiles.end()) continue;
        section.fault(codes::profile_unknown, fmt::format("'{}'{}", name, did_you_mean(name, profiles)),
                      section.node(name == row.signature ? "signature" : "signatures"));
    }
    if (!row.answer.empty() && std::ranges::find(answers, row.answer) == answers.end()) {
        section.fault(codes::answer_unknown, fmt::format("'{}'{}", row.answer, did_you_mean(row.answer, answers)),
                      section.node("answer"));
    }
}

void read_formats(const Section& top, std::string_view file, Descriptor& out, Diagnostics& faults) {
    const auto tables = top.tables("format");
    if (tables.empty() && top.node("format") == nullptr)
        top.fault(codes::key_missing, "plugin.toml needs at least one [[format]]");
    std::set<std::string> seen;
    for (const toml::table* table : tables) {
        const Section section(*table, "[[format]]", file, faults);
        FormatRow row = read_format(section, out);
        if (!seen.insert(row.id).second)
            section.fault(codes::duplicate_format, fmt::format("'{}' stands twice", row.id), section.node("id"));
        out.formats.push_back(std::move(row));
    }
    for (std::size_t at = 0; at != tables.size(); ++at) {
        check_references(Section(*tables[at], "[[format]]", file, faults), out.formats[at], out);
    }
}

}  // namespace

bool stays_inside(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.find('\\') != std::string_view::npos) return false;
    std::size_t from = 0;
    while (from <= path.size()) {
        const std::size_t to = std::min(path.find('/', from), path.size());
        const std::string_view part = path.substr(from, to - from);
        if (part.empty() || part == "." || part == "..") return false;
        from = to + 1;
    }
    return true;
}

Result<Descriptor> parse_descriptor(std::string_view text, std::string_view file, Diagnostics& faults) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        const auto& begin = error.source().begin;
        const Error fault{codes::toml_syntax, std::string(error.description()),
                          Place{.file = std::string(file), .line = begin.line, .column = begin.column}};
        faults.add(fault);
        return fault;
    }
    Diagnostics own;
    Descriptor out;
    const Section top(table, "plugin.toml", file, own);
    top.only(top_keys);
    out.name = top.text_demanded("plugin");
    if (!out.name.empty() && !is_plugin_name(out.name)) {
        top.fault(codes::value_wrong, fmt::format("'{}' is no plugin name: 2 to 20 of a-z, 0-9, hyphen", out.name),
                  top.node("plugin"));
    }
    out.version = top.text_demanded("version");
    out.uncertain = top.texts("uncertain");
    read_authority(top, file, out, own);
    read_profiles(top, file, out, own);
    read_formats(top, file, out, own);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return out;
}

}  // namespace hansa::plugin
