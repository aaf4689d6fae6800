// hansa formats, hansa detect.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/command.h"
#include "core/cli/format_page.h"
#include "core/envelope/envelope.h"
#include "core/exchange/frames.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;

Json row(const plugin::Format& format, const plugin::Registry& registry) {
    Json out = {{"id", format.id}, {"title", format.title}, {"kind", pivot::kind_name(format.kind)}, {"base", format.base}, {"codes", format.codes}, {"authority", format.authority},
                {"edition", format.edition}, {"syntax", format.syntax},
                {"recognised_by", {{"root", fmt::format("{{{}}}{}", format.root_ns, format.root_local)}, {"inner", format.inner_path}}},
                {"direction", format.direction}, {"plugin", format.plugin}, {"schema", format.schema}, {"official_schema", format.official}, {"since", format.since}, {"until", format.until},
                {"signature", format.signature}, {"signatures", format.signatures}, {"answer", format.answer}, {"certainty", format.certainty}};
    for (const plugin::PluginInfo& info : registry.plugins()) {
        if (info.name == format.plugin) out["uncertain"] = info.uncertain;
    }
    return out;
}

int print_formats(Surroundings& with, bool json, bool markdown) {
    const plugin::Registry& registry = with.registry();
    if (markdown) return output({}, format_page(registry));
    if (json) {
        Json out = {{"formats", Json::array()}};
        for (const plugin::Format& format : registry.formats()) out["formats"].push_back(row(format, registry));
        std::cout << out.dump(2) << '\n';
        return all_well;
    }
    std::cout << fmt::format("{:<30} {:<12} {:<10} {:<6} {:<30} {:<27} {}\n", "FORMAT", "KIND", "EDITION", "DIR", "SIGNATURE", "CERTAINTY", "PROFILE OF");
    for (const plugin::Format& format : registry.formats()) {
        const std::string line = fmt::format("{:<30} {:<12} {:<10} {:<6} {:<30} {:<27} {}", format.id, pivot::kind_name(format.kind), format.edition, format.direction, format.signature, format.certainty, format.base);
        std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    }
    for (const plugin::PluginInfo& info : registry.plugins()) {
        for (const std::string& text : info.uncertain) std::cout << fmt::format("uncertain in {}: {}\n", info.name, text);
    }
    return all_well;
}

/// A frame is told by its format, and says who sends what to whom.
Json wrapper_row(const envelope::Layer& layer) {
    Json out = {{"kind", envelope::layer_kind_name(layer.kind)}, {"path", layer.path}};
    if (layer.kind != envelope::LayerKind::frame) return out;
    out["kind"] = layer.headers.at("format");
    out["headers"] = layer.headers;
    return out;
}

/// What a message is, from outside in: one line a wrapper, one a document.
int detect_one(Surroundings& with, const std::string& name, Json& all, bool json) {
    const auto bytes = input(name);
    if (!bytes) return fail(with, bytes.error());
    const auto layers = envelope::unwrap(*bytes, {}, exchange::frames_of(with.registry()));
    if (!layers) return fail(with, layers.error(), name);
    Json out = {{"file", name}, {"wrappers", Json::array()}, {"documents", Json::array()}};
    for (const envelope::Layer& layer : layers->wrappers) out["wrappers"].push_back(wrapper_row(layer));
    int code = all_well;
    for (const envelope::Document& document : layers->documents) {
        const auto format = with.registry().detect(document.bytes);
        if (!format) {
            code = fail(with, format.error(), document.path.empty() ? name : name + "!" + document.path);
            continue;
        }
        out["documents"].push_back({{"path", document.path}, {"format", (*format)->id}});
    }
    if (json) {
        all.push_back(std::move(out));
        return code;
    }
    for (const Json& layer : out["wrappers"]) std::cout << fmt::format("{}: {} {}\n", name, layer["kind"].get<std::string>(), layer["path"].get<std::string>());
    for (const Json& document : out["documents"]) {
        const std::string path = document["path"].get<std::string>();
        std::cout << fmt::format("{}: {}{}\n", name, document["format"].get<std::string>(), path.empty() ? "" : " in " + path);
    }
    return code;
}

}  // namespace

void add_formats(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("formats", "Every format: kind, edition, how it is recognised, signature, certainty");
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "One JSON document");
    auto markdown = std::make_shared<bool>(false);
    command->add_flag("--markdown", *markdown, "The page docs/formats.md: the matrix, sources, the e-commerce data set, round trips");
    command->footer("Example: hansa formats --json | jq '.formats[].id'");
    command->callback([&with, &chosen, json, markdown] { chosen.run = [&with, json, markdown] { return print_formats(with, *json, *markdown); }; });
}

void add_detect(CLI::App& app, Surroundings& with, Chosen& chosen) {
    struct Options {
        std::vector<std::string> files;
        bool json = false;
    };
    auto* command = app.add_subcommand("detect", "Which format a document is; envelopes from outside in");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Files; - is standard input")->required();
    command->add_flag("--json", options->json, "One JSON document");
    command->footer("Example: hansa detect message.asice list.xml");
    command->callback([&with, &chosen, options] {
        chosen.run = [&with, options] {
            Json all = Json::array();
            int code = all_well;
            for (const std::string& name : options->files) code = std::max(code, detect_one(with, name, all, options->json));
            if (options->json) std::cout << all.dump(2) << '\n';
            return code;
        };
    });
}

}  // namespace hansa::cli
