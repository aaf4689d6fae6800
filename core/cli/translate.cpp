// hansa translate: offline, the same two steps as in the gateway.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/envelope/envelope.h"
#include "core/exchange/fast_translation.h"
#include "core/plugin/document.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file, to, from, purpose, settings, engine = "reference", loss, out;
    std::vector<std::string> envelope;
};

/// Settings and envelope values of an agency of the configuration.
Result<void> take_settings(const Surroundings& with, const Options& options, exchange::TranslateRequest& request) {
    auto values = envelope_values(options.envelope);
    if (!values) return values.error();
    request.target.envelope = *std::move(values);
    if (options.settings.empty()) return {};
    Diagnostics faults;
    auto configuration = daemon::read_configuration(with.installation().configuration, with.installation(), faults);
    if (!configuration) return configuration.error();
    const exchange::Agency* agency = configuration->directory.agency(options.settings);
    if (agency == nullptr) return Error{codes::usage, fmt::format("no agency '{}' in {}", options.settings, configuration->file.string())};
    request.source.settings = request.target.settings = agency->settings;
    const auto own = agency->envelope.find(options.to);
    if (own != agency->envelope.end()) request.target.envelope.insert(own->second.begin(), own->second.end());
    return {};
}

/// One message to -o FILE; many to -o DIR/ or one hansa.batch.
int write_messages(const Surroundings& with, const Options& options, const exchange::Translation& done) {
    if (options.out.ends_with("/")) {
        std::error_code trouble;
        fs::create_directories(options.out, trouble);
        for (std::size_t i = 0; i < done.messages.size(); ++i) {
            const int code = output((fs::path(options.out) / fmt::format("{:04}.{}", i + 1, plugin::file_ending(*done.to))).string(), done.messages[i].bytes);
            if (code != all_well) return code;
        }
        return all_well;
    }
    if (done.messages.size() == 1) return output(options.out, done.messages.front().bytes);
    std::vector<std::string> all;
    for (const exchange::WrittenMessage& message : done.messages) all.push_back(message.bytes);
    const auto batch = envelope::wrap_batch(all, done.to->id);
    return batch ? output(options.out, *batch) : fail(with, batch.error());
}

exchange::Engine engine_named(std::string_view name) {
    if (name == "fast") return exchange::Engine::fast;
    return name == "both" ? exchange::Engine::both : exchange::Engine::reference;
}

std::size_t documents_in(const exchange::Translation& done) {
    std::size_t count = 0;
    for (const exchange::WrittenMessage& message : done.messages) count += message.documents.size();
    return count;
}

/// What `--engine fast` could not do is said: the reference has done it.
void print_declined(const exchange::FastTranslator& fast) {
    for (const auto& [why, count] : fast.counts().declined) std::cerr << "note: done by the reference engine: " << why << '\n';
}

int translate(Surroundings& with, const Options& options) {
    const auto bytes = input(options.file);
    if (!bytes) return fail(with, bytes.error());
    for (const std::string& id : {options.to, options.from}) {
        const auto known = id.empty() ? Result<const plugin::Format*>(nullptr) : format_named(with, id);
        if (!known) return fail(with, known.error());
    }
    exchange::TranslateRequest request;
    request.bytes = *bytes;
    request.to = options.to;
    request.from = options.from;
    request.source.received = request.target.received = format_iso(now_utc());
    const auto settings = take_settings(with, options, request);
    if (!settings) return fail(with, settings.error());
    Diagnostics faults;
    const exchange::FastTranslator fast(with.shared_registry());
    const auto done = exchange::translate(fast, with.registry(), request, engine_named(options.engine), faults);
    if (!done) {
        if (faults.empty()) return fail(with, done.error(), options.file);
        print_faults(with, faults, options.file);
        return answer_is_no;
    }
    if (options.engine != "reference") print_declined(fast);
    for (const Error& warning : done->warnings) std::cerr << "warning: " << warning.in_file(options.file).text() << '\n';
    if (!options.loss.empty()) {
        const int code = output(options.loss, done->ledger.json(done->from->id, done->to->id) + "\n");
        if (code != all_well) return code;
    }
    using mapping::LossKind;
    std::cerr << fmt::format("{} -> {}: {} document(s) in {} message(s); {} dropped, {} carried, {} defaulted, {} narrowed, {} rounded, {} aliased\n",
                             done->from->id, done->to->id, documents_in(*done), done->messages.size(), done->ledger.count(LossKind::dropped),
                             done->ledger.count(LossKind::carried), done->ledger.count(LossKind::defaulted), done->ledger.count(LossKind::narrowed),
                             done->ledger.count(LossKind::rounded), done->ledger.count(LossKind::aliased));
    return write_messages(with, options, *done);
}

}  // namespace

void add_translate(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("translate", "Translate a document into another format, offline");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "A file; - is standard input")->required();
    command->add_option("--to", options->to, "Target format")->required();
    command->add_option("--from", options->from, "Source format (default: detected)");
    command->add_option("--purpose", options->purpose, "Why the receiver gets it: copy (default), advance-information, transit; the document is the same for all three")->check(CLI::IsMember({"copy", "advance-information", "transit"}));
    command->add_option("--settings", options->settings, "Use the settings of this agency of the configuration");
    command->add_option("--engine", options->engine, "reference (default), fast, or both: runs the two and fails with the first difference")->check(CLI::IsMember({"fast", "reference", "both"}));
    command->add_option("--envelope", options->envelope, "PATH=VALUE for what stands around the documents, such as a sender's number");
    command->add_option("--loss", options->loss, "Write the loss ledger here (JSON)");
    command->add_option("-o,--output", options->out, "DIR/ writes one file a message; FILE one message, or one hansa.batch (default: standard output)");
    command->footer("Example: hansa translate --to wco.declaration list.xml -o out/ --loss losses.json");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return translate(with, *options); }; });
}

}  // namespace hansa::cli
