#include "core/cli/bench_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/cli/bench_hansa.h"
#include "core/cli/bench_keys.h"
#include "core/cli/bench_spelling.h"
#include "core/cli/codes.h"
#include "core/envelope/envelope.h"
#include "core/trust/sign.h"

namespace hansa::bench {
namespace {

struct WorkRow {
    std::string_view word;
    Work work;
    std::size_t formats;  ///< words between the work and the profile
    bool profile;
};
constexpr WorkRow works[] = {{"parse", Work::parse, 1, false},      {"validate", Work::validate, 1, false},
                             {"refuse", Work::refuse, 1, false},
                             {"digest", Work::digest, 1, false},    {"translate", Work::translate, 2, false},
                             {"sign", Work::sign, 0, true},         {"verify", Work::verify, 0, true},
                             {"pipeline", Work::pipeline, 2, true}, {"durable", Work::durable, 2, true},
                             {"journal", Work::journal, 0, false},    {"end-to-end", Work::end_to_end, 2, true}};
constexpr std::string_view ground = "cn.ceb621";  // of cases whose name has no format
constexpr std::size_t message_bytes_wanted = 300'000;

std::vector<std::string> split(std::string_view name) {
    std::vector<std::string> out(1);
    for (const char c : name) {
        if (c == '/')
            out.emplace_back();
        else
            out.back() += c;
    }
    return out;
}

Error no_case(const std::string& name, std::string_view why) {
    return {cli::codes::bench_case, fmt::format("'{}': {}", name, why)};
}

/// Signed messages are those whose schema demands a signature, and those that will be verified.
bool needs_signature(const Case& one) {
    if (one.work == Work::sign) return false;
    if (one.work == Work::verify || one.work == Work::pipeline || one.work == Work::durable ||
        one.work == Work::journal || one.work == Work::end_to_end)
        return true;
    return one.from->authority == "cn" && one.from->signature.starts_with("cn.");
}

struct Order {
    std::size_t documents;
    std::uint64_t seed;
    std::size_t items;
    Algorithm algorithm;  ///< Algorithm::none: not signed
};

Result<std::string> one_message(const plugin::Registry& registry, const Case& one, const Order& order) {
    auto message = make_message({*one.from, order.documents, order.seed, one.shape, order.items});
    if (!message || order.algorithm == Algorithm::none) return message;
    return sign_for_bench(registry, *message, order.algorithm);
}

/// The format whose documents become those of a format without template: import lists, where they are of its kind.
const plugin::Format* ground_of(const plugin::Registry& registry, const Case& one) {
    if (has_template(one.from->id) || !one.from->mapping) return nullptr;
    const plugin::Format* out = registry.find(ground);
    return out != nullptr && out->mapping && out->kind == one.from->kind ? out : nullptr;
}

/// What Hansa makes of a list or declaration is a realistic message too.
Result<std::string> translated_message(const plugin::Registry& registry, const Case& one, const plugin::Format& list,
                                       const Order& order) {
    auto source = make_message({list, order.documents, order.seed, Shape::plain, order.items});
    if (source && documents_max(list.id) > 1) source = sign_for_bench(registry, *source, Algorithm::ecdsa);
    if (!source) return source;
    return translate_by_reference(registry, list, *one.from, *source);
}

Result<std::string> message_of(const plugin::Registry& registry, const Case& one, const Order& order) {
    if (const plugin::Format* list = ground_of(registry, one); list != nullptr)
        return translated_message(registry, one, *list, order);
    const std::size_t most = documents_max(one.from->id);
    if (most == 1 || order.documents <= most) return one_message(registry, one, order);
    std::vector<std::string> all;
    for (std::size_t done = 0; done < order.documents; done += most) {
        auto message = one_message(
            registry, one, {std::min(most, order.documents - done), order.seed + done, order.items, order.algorithm});
        if (!message) return message;
        all.push_back(*std::move(message));
    }
    return envelope::wrap_batch(all, one.from->id);
}

Result<void> make_messages(const plugin::Registry& registry, Case& one, const CaseOptions& options) {
    Algorithm algorithm = Algorithm::none;
    if (needs_signature(one)) algorithm = one.task.algorithm == Algorithm::none ? Algorithm::ecdsa : one.task.algorithm;
    std::size_t wanted = options.messages == 0 ? 2 : options.messages;
    for (std::size_t i = 0; i < wanted; ++i) {
        auto message = message_of(registry, one, {one.documents, options.seed * 1000 + i, options.items, algorithm});
        if (!message) return message.error();
        one.messages.push_back(break_message(*std::move(message), one.shape));
        if (options.messages == 0 && i == 0)
            wanted = std::clamp<std::size_t>(message_bytes_wanted / one.messages.front().size(), 2, 32);
    }
    return {};
}

/// One message whose schema has a place for a signature: no batch, and no format whose profile is a container.
bool may_be_signed(const plugin::Registry& registry, const Case& one) {
    const trust::Profile* own = registry.profile(one.from->signature);
    return own != nullptr && own->form == trust::Form::enveloped && one.documents <= documents_max(one.from->id);
}

std::string schema_file(const CaseOptions& options, const plugin::Format& format) {
    return options.schema_folder + "/" + format.schema.substr(0, format.schema.find_first_of("#{ "));
}

Task task_of(const Case& one, const CaseOptions& options, Algorithm algorithm) {
    Task out;
    out.name = one.name;
    out.work = one.work;
    out.from = one.from->id;
    out.source_schema = schema_file(options, *one.from);
    if (one.to != nullptr) {
        out.to = one.to->id;
        out.target_schema = schema_file(options, *one.to);
        out.batch = one.documents > 1 && documents_max(one.to->id) == 1;
        for (const auto& [name, value] : settings_of(one.to->id)) out.settings.emplace(name, value);
    }
    for (const auto& [name, value] : settings_of(one.from->id)) out.settings.emplace(name, value);
    out.documents = one.documents;
    out.algorithm = algorithm;
    if (algorithm != Algorithm::none) {
        const Keys& keys = keys_of(algorithm);
        out.key = keys.key;
        out.certificate = keys.certificate;
        out.trusted = keys.root;
    }
    out.received = std::string(received_time);
    out.data_folder = options.data_folder;
    out.folder = options.scratch;
    return out;
}

}  // namespace

mapping::Settings settings_of(std::string_view format) {
    if (format == "asycuda.sad") return {{"settings", "bj"}};
    return {};
}

Result<Case> make_case(const plugin::Registry& registry, const std::string& name, const CaseOptions& options) {
    const std::vector<std::string> words = split(name);
    const auto* row = std::ranges::find(works, words.front(), &WorkRow::word);
    if (row == std::end(works))
        return no_case(name, "work is parse, validate, refuse, digest, translate, sign, verify, pipeline, durable, journal or end-to-end");
    if (words.size() != 2 + row->formats + (row->profile ? 1 : 0))
        return no_case(name, "a word is missing or too many");
    Case out;
    out.name = name;
    out.work = row->work;
    const auto [end, problem] =
        std::from_chars(words.back().data(), words.back().data() + words.back().size(), out.documents);
    if (problem != std::errc() || *end != 0 || out.documents == 0 || out.documents > 1'000'000)
        return no_case(name, "the last word is a number of documents");
    std::string from = row->formats == 0 ? std::string(ground) : words[1];
    constexpr std::string_view with_rules = "+rules";
    if (row->formats == 2 && from.ends_with(with_rules)) {
        out.rules = true;
        from.resize(from.size() - with_rules.size());
    }
    const auto shape = take_shape(from);
    if (!shape) return shape.error();
    out.shape = *shape;
    if (is_refused(out.shape) != (out.work == Work::refuse))
        return no_case(name, "what is refused is +cut, +misfit or +value, and these are nothing else");
    out.from = registry.find(from);
    if (out.from == nullptr) return no_case(name, fmt::format("no plugin brings the format '{}'", from));
    if (row->formats == 2) {
        out.to = registry.find(words[2]);
        if (out.to == nullptr) return no_case(name, fmt::format("no plugin brings the format '{}'", words[2]));
        if (!out.from->mapping || !out.to->mapping || out.from->kind != out.to->kind)
            return no_case(name, "the two formats do not translate into each other");
    }
    Algorithm algorithm = Algorithm::none;
    if (row->profile) {
        algorithm = algorithm_of(words[words.size() - 2], registry);
        out.profile = profile_of(algorithm, registry);
        if (out.profile == nullptr) return no_case(name, "the profile ends in rsa, ecdsa or sm2");
    }
    if (row->profile && row->formats != 0 && !may_be_signed(registry, out))
        return no_case(name, "a message of the source has no place for a signature; its profile is a container");
    out.task = task_of(out, options, algorithm);
    if (auto made = make_messages(registry, out, options); !made) return made.error();
    return out;
}

std::vector<std::string> default_cases() {
    std::vector<std::string> out;
    for (const char* format :
         {"cn.ceb311", "cn.ceb311+indented", "cn.ceb311+general", "cn.ceb621", "eaeu.goods-declaration", "asycuda.sad"})
        out.push_back(fmt::format("parse/{}/100", format));
    for (const char* format :
         {"cn.ceb311", "cn.ceb311+indented", "cn.ceb311+general", "cn.ceb621", "cn.ceb621+indented",
          "cn.ceb621+general", "cn.ceb603", "eaeu.goods-declaration", "am.esad", "asycuda.sad", "wco.declaration"}) {
        out.push_back(fmt::format("validate/{}/100", format));
    }
    for (const char* spelling : {"comments", "namespaces", "references", "sections"}) {
        for (const char* work : {"parse", "validate"}) out.push_back(fmt::format("{}/cn.ceb621+{}/100", work, spelling));
    }
    for (const char* fault : {"cut", "misfit", "value"}) out.push_back(fmt::format("refuse/cn.ceb621+{}/100", fault));
    for (const char* format : {"cn.ceb311", "cn.ceb621"}) out.push_back(fmt::format("digest/{}/100", format));
    for (const int count : {100, 10, 1}) out.push_back(fmt::format("translate/cn.ceb621/wco.declaration/{}", count));
    for (const char* pair :
         {"cn.ceb621+indented/wco.declaration", "cn.ceb621+general/wco.declaration", "cn.ceb603/wco.declaration",
          "eaeu.goods-declaration/wco.declaration", "am.esad/wco.declaration", "asycuda.sad/wco.declaration",
          "eaeu.goods-declaration/am.esad", "wco.declaration/eaeu.goods-declaration", "wco.declaration/asycuda.sad"}) {
        out.push_back(fmt::format("translate/{}/100", pair));
    }
    for (const char* profile : {"enveloped.rsa", "enveloped.ecdsa", "enveloped.sm2"}) {
        out.push_back(fmt::format("sign/{}/100", profile));
        out.push_back(fmt::format("verify/{}/100", profile));
    }
    for (const char* profile : {"enveloped.rsa", "enveloped.ecdsa", "enveloped.sm2"}) {
        for (const int count : {100, 10, 1})
            out.push_back(fmt::format("pipeline/cn.ceb621/wco.declaration/{}/{}", profile, count));
    }
    for (const char* profile : {"enveloped.rsa", "enveloped.ecdsa"})
        out.push_back(fmt::format("durable/cn.ceb621/wco.declaration/{}/100", profile));
    for (const int count : {1, 100}) out.push_back(fmt::format("journal/{}", count));
    // Gateways take import lists with the profile of their schema: SM2.
    for (const int count : {100, 10, 1}) out.push_back(fmt::format("end-to-end/cn.ceb621/wco.declaration/enveloped.sm2/{}", count));
    return out;
}

bool fits(std::string_view name, std::string_view wanted) {
    const std::size_t star = wanted.find('*');
    if (star == wanted.npos)
        return name == wanted || (name.starts_with(wanted) && (wanted.ends_with('/') || name[wanted.size()] == '/'));
    if (!name.starts_with(wanted.substr(0, star))) return false;
    name.remove_prefix(star);
    const std::string_view rest = wanted.substr(star + 1);
    if (rest.empty()) return true;
    for (std::size_t i = 0; i <= name.size(); ++i) {
        if (rest.find('*') == rest.npos ? name.substr(i) == rest : fits(name.substr(i), rest)) return true;
    }
    return false;
}

}  // namespace hansa::bench
