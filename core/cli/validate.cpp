// hansa validate.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <optional>
#include <nlohmann/json.hpp>

#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/envelope/envelope.h"
#include "core/exchange/frames.h"
#include "core/exchange/codes.h"
#include "core/exchange/fast_translation.h"
#include "core/exchange/translation.h"
#include "core/plugin/document.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::vector<std::string> files;
    std::string engine = "reference";
    std::string format;
    bool rules = true, json = false, lines = false;
};

/// The compiled reader's verdict. Nothing: it does not judge this format or document.
std::optional<Result<void>> read_fast(Surroundings& with, const plugin::Format& format, const std::string& bytes) {
    const exchange::FastTranslator fast(with.shared_registry());
    Diagnostics faults;
    const auto valid = fast.validate(format, bytes, faults);
    if (!valid) return std::nullopt;
    return *valid ? Result<void>() : Result<void>(faults.errors().front());
}

/// Where two engines give different first faults, that is said beside them.
void compare_engines(Surroundings& with, const plugin::Format& format, const std::string& bytes, Diagnostics& faults) {
    const auto fast = read_fast(with, format, bytes);
    if (!fast) return;
    Diagnostics ignored;
    const auto reference = plugin::validate_document(with.registry(), format, bytes, ignored);
    const bool same = fast->has_value() == reference.has_value() && (reference || (fast->error().code == reference.error().code && fast->error().place == reference.error().place));
    if (same) return;
    faults.add(exchange::codes::engines_differ, "fast: " + (*fast ? std::string("valid") : fast->error().text()) + "; reference: " + (reference ? std::string("valid") : reference.error().text()));
}

/// Schema first; the rules of the mapping only where the schema is kept.
void validate_document(Surroundings& with, const Options& options, const std::string& bytes, Diagnostics& faults, std::vector<Error>& warnings, std::string& found) {
    const std::string& format_id = options.format;
    const auto format = format_id.empty() ? with.registry().detect(bytes) : format_named(with, format_id);
    if (!format) {
        faults.add(format.error());
        return;
    }
    found = (*format)->id;
    if (options.engine == "both") compare_engines(with, **format, bytes, faults);
    if (options.engine == "fast") {
        const auto verdict = read_fast(with, **format, bytes);
        if (verdict && !*verdict) return faults.add(verdict->error());
        if (verdict && !(*format)->mapping) return;
    }
    if (!(*format)->mapping) {
        const auto valid = plugin::validate_document(with.registry(), **format, bytes, faults);
        if (!valid && faults.empty()) faults.add(valid.error());
        return;
    }
    mapping::Context context;
    const std::size_t before = faults.count();
    const auto reading = exchange::read_message(with.registry(), {**format, bytes, bytes, context}, faults);
    if (!reading && faults.count() == before) faults.add(reading.error());
    if (reading) warnings = reading->warnings;
}

Json fault_json(const Error& error) {
    return {{"code", error.code.name()}, {"line", error.place.line}, {"column", error.place.column}, {"path", error.place.path}, {"message", error.detail}};
}

int validate_one(Surroundings& with, const Options& options, const std::string& name, Json& all) {
    const auto bytes = input(name);
    if (!bytes) return fail(with, bytes.error());
    const auto layers = envelope::unwrap(*bytes, {}, exchange::frames_of(with.registry()));
    if (!layers) return fail(with, layers.error(), name);
    int code = all_well;
    for (const envelope::Document& document : layers->documents) {
        const std::string shown = document.path.empty() ? name : name + "!" + document.path;
        Diagnostics faults;
        std::vector<Error> warnings;
        std::string format;
        validate_document(with, options, document.bytes, faults, warnings, format);
        if (!faults.empty()) code = answer_is_no;
        if (!options.json && !options.lines) {
            print_faults(with, faults, shown);
            for (const Error& warning : warnings) std::cerr << "warning: " << warning.in_file(shown).text() << '\n';
            if (faults.empty()) std::cout << fmt::format("{}: valid {}\n", shown, format);
            continue;
        }
        Json out = {{"file", shown}, {"format", format}, {"valid", faults.empty()}, {"errors", Json::array()}, {"warnings", Json::array()}};
        for (const Error& error : faults.errors()) out["errors"].push_back(fault_json(error));
        for (const Error& warning : warnings) out["warnings"].push_back(fault_json(warning));
        if (options.lines) std::cout << out.dump() << '\n';
        else all.push_back(std::move(out));
    }
    return code;
}

int validate(Surroundings& with, const Options& options) {
    Json all = Json::array();
    int code = all_well;
    Progress progress("validate", options.files.size());
    for (const std::string& name : options.files) {
        code = std::max(code, validate_one(with, options, name, all));
        progress.step();
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return code;
}

}  // namespace

void add_validate(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("validate", "Schema and rule errors, one a line: file:line:column: code: message");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Files; - is standard input")->required();
    command->add_option("--engine", options->engine, "reference (default): every fault of the schema; fast: the first one, by the compiled reader; both: and whether they agree")->check(CLI::IsMember({"fast", "reference", "both"}));
    command->add_option("--format", options->format, "Take the file for this format instead of detecting it");
    command->add_flag("--json", options->json, "One JSON document");
    command->add_flag("--jsonl", options->lines, "One JSON line a file");
    command->footer("Exit code 1 when a file is not valid.\nExample: hansa validate list.xml declaration.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return validate(with, *options); }; });
}

}  // namespace hansa::cli
