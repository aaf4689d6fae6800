// hansa pivot: the pivot documents of a message, and back.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/time.h"
#include "core/cli/command.h"
#include "core/envelope/envelope.h"
#include "core/exchange/pivot_store.h"
#include "core/exchange/translation.h"
#include "core/pivot/text.h"

namespace hansa::cli {
namespace {

struct Options {
    std::string file, from, to, out;
    std::vector<std::string> envelope;
    bool json = false, kept = false;
};

mapping::Context context_for(const std::string& bytes) {
    mapping::Context context;
    context.received = format_iso(now_utc());
    context.message_digest = sha256_hex(bytes);
    return context;
}

int show(Surroundings& with, const Options& options, const std::string& bytes) {
    const auto format = options.from.empty() ? with.registry().detect(bytes) : format_named(with, options.from);
    if (!format) return fail(with, format.error(), options.file);
    Diagnostics faults;
    const mapping::Context context = context_for(bytes);
    const auto reading = exchange::read_message(with.registry(), {**format, bytes, bytes, context}, faults);
    if (!reading) {
        if (faults.empty()) return fail(with, reading.error(), options.file);
        print_faults(with, faults, options.file);
        return answer_is_no;
    }
    if (options.json) return output(options.out, exchange::documents_to_json(reading->documents) + "\n");
    std::string text;
    for (const pivot::Document& document : reading->documents) text += pivot::write_text(document, options.kept);
    return output(options.out, text);
}

Result<std::vector<pivot::Document>> documents_in(const std::string& bytes, const std::string& file) {
    return bytes.starts_with("{") ? exchange::documents_from_json(bytes) : pivot::read_text(bytes, file);
}

int write_back(Surroundings& with, const Options& options, const std::string& bytes) {
    const auto format = format_named(with, options.to);
    if (!format) return fail(with, format.error());
    const auto documents = documents_in(bytes, options.file);
    if (!documents) return fail(with, documents.error(), options.file);
    auto values = envelope_values(options.envelope);
    if (!values) return fail(with, values.error());
    mapping::Context context = context_for(bytes);
    context.envelope = *std::move(values);
    Diagnostics faults;
    const auto written = exchange::write_message(with.registry(), **format, *documents, context, faults);
    if (!written) {
        if (faults.empty()) return fail(with, written.error(), options.file);
        print_faults(with, faults, options.file);
        return answer_is_no;
    }
    if (written->messages.size() == 1) return output(options.out, written->messages.front().bytes);
    std::vector<std::string> all;
    for (const exchange::WrittenMessage& message : written->messages) all.push_back(message.bytes);
    const auto batch = envelope::wrap_batch(all, (*format)->id);
    return batch ? output(options.out, *batch) : fail(with, batch.error());
}

}  // namespace

void add_pivot(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("pivot", "The pivot documents of a message: a line a field, or JSON; and back with --to");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "A file; - is standard input")->required();
    command->add_option("--from", options->from, "Format of the file (default: detected)");
    command->add_option("--to", options->to, "The file holds pivot lines or JSON: write this format");
    command->add_option("--envelope", options->envelope, "PATH=VALUE for what stands around the documents, with --to");
    command->add_flag("--json", options->json, "One JSON document");
    command->add_flag("--kept", options->kept, "Memory and annex, too");
    command->add_option("-o,--output", options->out, "Where to write (default: standard output)");
    command->footer("Examples: hansa pivot list.xml\n          hansa pivot --kept list.xml | hansa pivot --to wco.declaration -");
    command->callback([&with, &chosen, options] {
        chosen.run = [&with, options] {
            const auto bytes = input(options->file);
            if (!bytes) return fail(with, bytes.error());
            return options->to.empty() ? show(with, *options, *bytes) : write_back(with, *options, *bytes);
        };
    });
}

}  // namespace hansa::cli
