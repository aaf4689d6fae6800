#include "core/plugin/descriptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/codes.h"
#include "core/base/nearest.h"
#include "core/base/strict_toml.h"
#include "core/base/time.h"
#include "core/pivot/table.h"
#include "core/plugin/codes.h"

namespace hansa::plugin {
namespace {

constexpr std::array<std::string_view, 6> top_keys{"plugin",    "version", "uncertain",
                                                   "authority", "format",  "signature"};
constexpr std::array<std::string_view, 3> authority_keys{"id", "name", "country"};
constexpr std::array<std::string_view, 23> format_keys{
    "base", "codes", "settings", "since", "until",
    "id",      "title",    "edition", "root", "inner",     "mark",      "syntax",    "syntax-tables", "schema", "frame",
    "official", "mapping", "kind",    "certainty", "direction", "signature", "signatures", "answer"};
/// What a profile has from its base.
constexpr std::array<std::string_view, 7> base_keys{"root", "inner", "syntax", "syntax-tables", "frame", "mapping", "kind"};
constexpr std::array<std::string_view, 7> frame_keys{"open",   "forbidden", "id-prefix", "conversation", "repeated-by-document",
                                                     "sealed", "signals"};
constexpr std::array<std::string_view, 5> signal_keys{"prefix", "received", "accepted", "refused", "failed"};
constexpr std::array<std::string_view, 23> signature_keys{"name",
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
                                                          "sm2-raw",
                                                          "holder",
                                                          "holder-instance",
                                                          "receipt",
                                                          "accepts",
                                                          "unavailable"};
constexpr std::array<std::string_view, 3> certainties{"official schema and samples", "official schema", "facts only"};
constexpr std::array<std::string_view, 3> directions{"both", "in", "out"};
constexpr std::array<std::string_view, 4> syntaxes{"xml", "edifact", "flat", "json"};
constexpr std::array<std::string_view, 3> forms{"enveloped", "asice", "within"};
constexpr std::array<std::string_view, 3> places{"child-of-root", "document-root", "anywhere"};

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

void read_authority(const TomlSection& top, Descriptor& out) {
    const auto section = top.section("authority");
    if (!section) {
        if (!top.has("authority")) top.fault(base::codes::toml_key_missing, "plugin.toml needs a table [authority]");
        return;
    }
    section->only(authority_keys);
    out.authority = section->text("id", out.name);
    out.authority_name = section->text_needed("name");
    out.country = section->text_needed("country");
}

void check_paths(const TomlSection& section, const FormatRow& row) {
    for (const auto& [key, path] : {std::pair{"schema", &row.schema}, std::pair{"mapping", &row.mapping}}) {
        if (path->empty() || stays_inside(*path)) continue;
        section.fault(codes::path_outside, fmt::format("'{}' is '{}'", key, *path), section.node(key));
    }
}

/// PATH=TEXT: an element, and what its text begins with.
void read_mark(const TomlSection& section, FormatRow& row) {
    const std::string mark = section.text("mark");
    if (mark.empty()) return;
    const std::size_t equals = mark.rfind('=');
    if (equals != std::string::npos && equals + 1 != mark.size()) {
        row.mark = read_steps(std::string_view(mark).substr(0, equals), row.root_ns);
        row.mark_begins = mark.substr(equals + 1);
    }
    if (row.mark.empty() || !row.steps.empty()) {
        section.fault(
            base::codes::toml_value_wrong,
            fmt::format("mark '{}' must be names with '/' between them, '=' and a text, and stands without inner",
                        mark),
            section.node("mark"));
    }
    row.inner = mark;
}

void read_syntax(const TomlSection& section, FormatRow& row) {
    row.syntax = section.word("syntax", syntaxes);
    row.syntax_tables = section.texts("syntax-tables");
    for (const std::string& path : row.syntax_tables) {
        if (!stays_inside(path))
            section.fault(codes::path_outside, fmt::format("'syntax-tables' has '{}'", path),
                          section.node("syntax-tables"));
    }
    if (row.syntax == "xml" && !row.syntax_tables.empty())
        section.fault(base::codes::toml_value_wrong, "XML needs no 'syntax-tables'", section.node("syntax-tables"));
    if (row.syntax != "xml" && row.syntax_tables.empty())
        section.fault(base::codes::toml_key_missing, fmt::format("the syntax '{}' needs 'syntax-tables'", row.syntax));
}

void read_root(const TomlSection& section, FormatRow& row) {
    const std::string root = section.text_needed("root");
    if (const auto name = read_name(root)) {
        row.root_ns = name->ns;
        row.root_local = name->local;
    } else if (!root.empty()) {
        section.fault(base::codes::toml_value_wrong,
                      fmt::format("root '{}' must be {{namespace}}name, or a name", root), section.node("root"));
    }
    row.inner = section.text("inner");
    if (!row.inner.empty()) row.steps = read_steps(row.inner, row.root_ns);
    if (!row.inner.empty() && row.steps.empty()) {
        section.fault(base::codes::toml_value_wrong,
                      fmt::format("inner '{}' must be names with '/' between them", row.inner), section.node("inner"));
    }
    read_mark(section, row);
}

/// Ids and profile names begin with the plugin's name, so that those of two plugins never meet.
void check_prefix(const TomlSection& section, std::string_view key, const std::string& value,
                  const Descriptor& plugin) {
    if (value.empty() || value.starts_with(plugin.name + ".")) return;
    section.fault(base::codes::toml_value_wrong, fmt::format("'{}' must begin with '{}.'", value, plugin.name),
                  section.node(key));
}

/// "accepted = [action, format]": the format may be left out.
envelope::Signal read_signal(const TomlSection& section, std::string_view key) {
    const std::vector<std::string> words = section.texts(key);
    if (words.size() > 2)
        section.fault(base::codes::toml_value_wrong, fmt::format("'{}' must be an action, or an action and a format", key), section.node(key));
    envelope::Signal out;
    if (!words.empty()) out.action = words[0];
    if (words.size() > 1) out.format = words[1];
    return out;
}

void read_frame(const TomlSection& section, envelope::FrameRules& out) {
    section.only(frame_keys);
    out.open = section.text("open");
    for (const std::string& text : section.texts("forbidden")) {
        const auto name = read_name(text);
        if (name) out.forbidden.push_back(*name);
        else section.fault(base::codes::toml_value_wrong, fmt::format("'{}' must be {{namespace}}name, or a name", text), section.node("forbidden"));
    }
    out.id_prefix = section.text("id-prefix");
    out.conversation = section.flag("conversation", false);
    out.repeated_by_document = section.flag("repeated-by-document", false);
    out.sealed = section.flag("sealed", false);
    const auto signals = section.section("signals");
    if (!signals) return;
    signals->only(signal_keys);
    out.signal_prefix = signals->text("prefix");
    out.received = read_signal(*signals, "received");
    out.accepted = read_signal(*signals, "accepted");
    out.refused = read_signal(*signals, "refused");
    out.failed = read_signal(*signals, "failed");
}

Place place_of(const TomlSection& section, std::string_view key, const FormatRow& row) {
    Place place = row.place;
    const auto begin = section.node(key)->source().begin;
    place.line = static_cast<std::uint32_t>(begin.line);
    place.column = static_cast<std::uint32_t>(begin.column);
    return place;
}

void read_signatures(const TomlSection& section, FormatRow& row) {
    row.signatures = section.texts("signatures");
    std::erase(row.signatures, row.signature);
    if (!row.signature.empty()) row.signatures.insert(row.signatures.begin(), row.signature);
}

void read_certainty(const TomlSection& section, FormatRow& row) {
    if (section.node("certainty") == nullptr)
        section.fault(base::codes::toml_key_missing, "[[format]] needs 'certainty'");
    row.certainty = section.word("certainty", certainties);
}

/// YYYY-MM-DD, or nothing.
std::string read_day(const TomlSection& section, std::string_view key) {
    const std::string day = section.text(key);
    if (!day.empty() && !parse_time(day, "yyyy-MM-dd"))
        section.fault(base::codes::toml_value_wrong, fmt::format("'{}' is '{}', and no day YYYY-MM-DD", key, day), section.node(key));
    return day;
}

/// A profile with a schema of its own is another edition of its base.
void read_edition(const TomlSection& section, FormatRow& row) {
    row.schema = section.text("schema");
    row.own_schema = !row.schema.empty();
    row.official = section.flag("official", false);
    row.since = read_day(section, "since");
    row.until = read_day(section, "until");
    check_paths(section, row);
    if (!row.since.empty() && !row.until.empty() && row.since >= row.until)
        section.fault(base::codes::toml_value_wrong, fmt::format("'until' {} is not behind 'since' {}", row.until, row.since), section.node("until"));
    if (row.own_schema) return;
    for (const std::string_view key : {"official", "since", "until"}) {
        if (section.has(key))
            section.fault(base::codes::toml_value_wrong, fmt::format("'{}' of a profile needs 'schema'", key), section.node(key));
    }
}

/// What a profile says; the rest comes from its base when all plugins are there (profile.h).
void read_profile_of(const TomlSection& section, FormatRow& row) {
    for (const std::string_view key : base_keys) {
        if (section.has(key))
            section.fault(base::codes::toml_value_wrong, fmt::format("a profile has '{}' from its base", key), section.node(key));
    }
    row.base_place = row.codes_place = place_of(section, "base", row);
    if (section.has("codes")) row.codes_place = place_of(section, "codes", row);
    row.edition = section.text("edition");
    read_edition(section, row);
    read_mark(section, row);
    read_certainty(section, row);
    row.direction = section.has("direction") ? section.word("direction", directions) : std::string();
    row.signature = section.text("signature");
    read_signatures(section, row);
    if (row.signature.empty() && !row.signatures.empty())
        section.fault(base::codes::toml_key_missing, "'signatures' needs 'signature'", section.node("signatures"));
    row.answer = section.text("answer");
    row.codes = section.texts("codes");
    for (const std::string& name : row.codes) {
        if (!stays_inside(name) || name.find('/') != std::string::npos)
            section.fault(codes::path_outside, fmt::format("'codes' has '{}'", name), section.node("codes"));
    }
    if (const auto settings = section.section("settings")) {
        for (auto& [name, value] : settings->pairs()) row.settings.emplace(name, value);
    }
}

FormatRow read_format(const TomlSection& section, const Descriptor& plugin) {
    section.only(format_keys);
    FormatRow row;
    row.place = section.place();
    row.id = section.text_needed("id");
    check_prefix(section, "id", row.id, plugin);
    row.title = section.text_needed("title");
    row.base = section.text("base");
    if (!row.base.empty()) {
        read_profile_of(section, row);
        return row;
    }
    for (const std::string_view key : {"codes", "settings", "since", "until"}) {
        if (section.has(key))
            section.fault(base::codes::toml_value_wrong, fmt::format("'{}' needs 'base'", key), section.node(key));
    }
    row.edition = section.text_needed("edition");
    read_root(section, row);
    read_syntax(section, row);
    row.schema = section.text_needed("schema");
    row.official = section.flag("official", false);
    row.mapping = section.text("mapping");
    check_paths(section, row);
    if (const std::string kind = section.text("kind"); !kind.empty()) {
        if (const auto known = pivot::kind_from_name(kind))
            row.kind = *known;
        else
            section.fault(base::codes::toml_value_wrong, fmt::format("no kind of document is called '{}'", kind),
                          section.node("kind"));
    } else if (row.mapping.empty()) {
        section.fault(base::codes::toml_key_missing, "a format without 'mapping' needs 'kind'");
    }
    read_certainty(section, row);
    row.direction = section.word("direction", directions);
    row.signature = section.text_needed("signature");
    read_signatures(section, row);
    row.answer = section.text("answer");
    if (const auto frame = section.section("frame")) read_frame(*frame, row.frame);
    return row;
}

/// {identifier = word}
void read_algorithms(const TomlSection& section, std::string_view key, std::vector<trust::AlgorithmName>& out) {
    const auto algorithms = section.section(key);
    if (!algorithms) return;
    for (auto& [identifier, word] : algorithms->pairs()) out.push_back({identifier, word});
    for (const auto& [identifier, table] : algorithms->named_sections()) {
        table.fault(base::codes::toml_value_wrong, fmt::format("'{}' must be a text", identifier));
    }
}

/// "{ns}root/data/content"
void read_holder(const TomlSection& section, trust::Holder& out) {
    if (const std::string text = section.text("holder"); !text.empty()) {
        const auto steps = read_steps(text, read_name(text.substr(0, text.find('/', text.find('}'))), {}).value_or(schema::Name{}).ns);
        if (steps.size() == 3) {
            out = {steps[0].ns, steps[0].local, steps[1].local, steps[2].local, {}, {}, {}};
        } else {
            section.fault(base::codes::toml_value_wrong, fmt::format("holder '{}' must be three names with '/' between them", text), section.node("holder"));
        }
    }
    out.instance = section.text("holder-instance");
    if (const std::string text = section.text("receipt"); !text.empty()) {
        const auto name = read_name(text);
        if (name) {
            out.receipt_ns = name->ns;
            out.receipt = name->local;
        } else {
            section.fault(base::codes::toml_value_wrong, fmt::format("receipt '{}' must be {{namespace}}name, or a name", text), section.node("receipt"));
        }
    }
}

trust::Profile read_profile(const TomlSection& section) {
    section.only(signature_keys);
    trust::Profile profile;
    profile.name = section.text_needed("name");
    if (section.node("form") == nullptr) section.fault(base::codes::toml_key_missing, "[[signature]] needs 'form'");
    const std::string form = section.word("form", forms);
    if (form == "enveloped") profile.form = trust::Form::enveloped;
    if (form == "within") profile.form = trust::Form::within;
    profile.signature_method = section.text_needed("signature-method");
    profile.digest_method = section.text_needed("digest-method");
    profile.canonicalization = section.text_needed("canonicalization");
    profile.transforms = section.texts("transforms");
    profile.accepted = section.texts("accepts");
    const std::string place = section.word("place", places);
    if (place == "document-root") profile.place.where = trust::SignaturePlace::Where::document_root;
    if (place == "anywhere") profile.place.where = trust::SignaturePlace::Where::anywhere;
    profile.place.followers = section.texts("followers");
    profile.place.any_child = section.flag("any-child", false);
    if (section.node("prefix") != nullptr) profile.prefix = section.text("prefix");
    profile.key_name_serial = section.flag("key-name-serial", false);
    profile.key_name_digits_min = static_cast<int>(section.number("key-name-digits", 0, 64, 0));
    profile.x509_certificate = section.flag("x509-certificate", true);
    profile.whole_chain = section.flag("whole-chain", false);
    read_algorithms(section, "algorithms", profile.names);
    read_algorithms(section, "unavailable", profile.unavailable);
    profile.weak_allowed = section.texts("weak-allowed");
    profile.sm2_user_id = section.text("sm2-user-id");
    profile.sm2_raw = section.flag("sm2-raw", true);
    read_holder(section, profile.holder);
    return profile;
}

void read_profiles(const TomlSection& top, Descriptor& out, Diagnostics& faults) {
    for (const TomlSection& section : top.sections("signature")) {
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
void check_references(const TomlSection& section, const FormatRow& row, const Descriptor& plugin) {
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
    const envelope::FrameRules& frame = row.frame;
    for (const envelope::Signal* signal : {&frame.received, &frame.accepted, &frame.refused, &frame.failed}) {
        if (signal->format.empty() || std::ranges::find(answers, signal->format) != answers.end()) continue;
        section.fault(codes::answer_unknown, fmt::format("'{}'{}", signal->format, did_you_mean(signal->format, answers)),
                      section.node("frame"));
    }
}

void read_formats(const TomlSection& top, Descriptor& out) {
    const std::vector<TomlSection> sections = top.sections("format");
    if (!top.has("format")) top.fault(base::codes::toml_key_missing, "plugin.toml needs at least one [[format]]");
    std::set<std::string> seen;
    for (const TomlSection& section : sections) {
        FormatRow row = read_format(section, out);
        if (!seen.insert(row.id).second)
            section.fault(codes::duplicate_format, fmt::format("'{}' stands twice", row.id), section.node("id"));
        out.formats.push_back(std::move(row));
    }
    for (std::size_t at = 0; at != sections.size(); ++at) check_references(sections[at], out.formats[at], out);
}

}  // namespace

/// A '/' inside of braces belongs to a namespace.
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
    const auto table = parse_toml(text, file);
    if (!table) {
        faults.add(table.error());
        return table.error();
    }
    Diagnostics own;
    Descriptor out;
    const TomlSection top(*table, "plugin.toml", std::string(file), own);
    top.only(top_keys);
    out.name = top.text_needed("plugin");
    if (!out.name.empty() && !is_plugin_name(out.name)) {
        top.fault(base::codes::toml_value_wrong,
                  fmt::format("'{}' is no plugin name: 2 to 20 of a-z, 0-9, hyphen", out.name), top.node("plugin"));
    }
    out.version = top.text_needed("version");
    out.uncertain = top.texts("uncertain");
    read_authority(top, out);
    read_profiles(top, out, own);
    read_formats(top, out);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return out;
}

}  // namespace hansa::plugin
