// hansa translate: offline, the same two steps as in the gateway.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <limits>
#include <optional>

#include "core/base/codes.h"
#include "core/base/digest.h"
#include "core/base/file_writer.h"
#include "core/base/mapped_file.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/envelope/envelope.h"
#include "core/exchange/fast_translation.h"
#include "core/exchange/streamed_translation.h"
#include "core/plugin/document.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file, to, from, purpose, settings, engine = "reference", loss, out, question, question_format;
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

using Write = exchange::StagedTranslation::Write;

/// As output(), for bytes that come in pieces.
Result<void> write_in_pieces(const std::string& name, const std::function<Result<void>(const Write&)>& give) {
    std::error_code trouble;
    const auto status = fs::status(name, trouble);
    if (name.empty() || name == "-" || (fs::exists(status) && !fs::is_regular_file(status))) {
        std::ofstream device;
        if (!name.empty() && name != "-") device.open(name, std::ios::binary);
        std::ostream& out = device.is_open() ? device : std::cout;
        auto given = give([&](std::string_view piece) -> Result<void> {
            if (out.write(piece.data(), static_cast<std::streamsize>(piece.size()))) return {};
            return Error{base::codes::file_unwritable, "it cannot be written to"}.in_file(name);
        });
        out.flush();
        return given;
    }
    auto file = FileWriter::open(name);
    if (!file) return file.error();
    const auto given = give([&](std::string_view piece) { return file->write(piece); });
    return given ? file->commit() : given;
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

void print_summary(const std::string& from, const std::string& to, std::size_t documents, std::size_t messages, const mapping::LossCounts& losses) {
    std::cerr << fmt::format("{} -> {}: {} document(s) in {} message(s)", from, to, documents, messages);
    for (std::size_t kind = 0; kind < losses.size(); ++kind)
        std::cerr << fmt::format("{} {} {}", kind == 0 ? ";" : ",", losses[kind], mapping::loss_kind_name(static_cast<mapping::LossKind>(kind)));
    std::cerr << '\n';
}

/// One message of a stage after the other into DIR/, or all of them into FILE.
Result<void> write_staged(const Options& options, const exchange::StagedTranslation& found, const plugin::Format& to) {
    if (!options.out.ends_with("/")) return write_in_pieces(options.out, [&](const Write& write) { return found.give_batch(write); });
    std::error_code trouble;
    fs::create_directories(options.out, trouble);
    std::optional<FileWriter> file;
    const auto begin = [&](std::size_t number) -> Result<void> {
        auto opened = FileWriter::open(fs::path(options.out) / fmt::format("{:04}.{}", number + 1, plugin::file_ending(to)));
        if (!opened) return opened.error();
        file.emplace(*std::move(opened));
        return {};
    };
    return found.give_messages(begin, [&](std::string_view piece) { return file->write(piece); }, [&] { return file->commit(); });
}

/// Document by document from a mapped file into a stage, which is given out when all of it is good. Nothing: the way of
/// whole messages is to do it.
std::optional<int> translate_streamed(Surroundings& with, const Options& options, exchange::TranslateRequest request, MappedFile& mapped, const exchange::FastTranslator& fast) {
    MappedFile* const file = &mapped;
    const auto from = exchange::format_in(with.registry(), request.from, file->bytes());
    const auto to = exchange::format_of(with.registry(), request.to, {});
    if (!from || !to) return fail(with, from ? to.error() : from.error(), options.file);
    // Some tables make identifiers of the digest: the file is gone through once for it.
    Digest digest(DigestAlgorithm::sha256);
    constexpr std::size_t piece = std::size_t{1} << 20U;
    for (std::size_t at = 0; at < file->bytes().size(); at += piece) {
        digest.write(file->bytes().substr(at, piece));
        file->forget(at);
    }
    request.source.message_digest = request.target.message_digest = to_hex(digest.finish());
    request.target.losses_max = std::numeric_limits<std::size_t>::max();  // they lie in the stage
    const exchange::StagedTranslation found = exchange::stream_translation(
        fast, {.bytes = file->bytes(), .from = **from, .to = **to, .source = request.source, .target = request.target,
               .with_ledger = !options.loss.empty(), .forget = [&](std::size_t count) { file->forget(count); }});
    const bool small = file->bytes().size() <= xml::Limits().document_bytes_max;
    if (found.outcome() == exchange::FastOutcome::declined) return std::nullopt;
    if (found.outcome() == exchange::FastOutcome::invalid) {
        if (small) return std::nullopt;  // the reference tells all faults
        print_faults(with, found.faults(), options.file);
        return answer_is_no;
    }
    const auto told = found.give_warnings([&](const Error& warning) { std::cerr << "warning: " << warning.in_file(options.file).text() << '\n'; });
    if (!told) return fail(with, told.error());
    if (!options.loss.empty()) {
        const auto written = write_in_pieces(options.loss, [&](const Write& write) {
            const auto given = found.give_ledger(write);
            return given ? write("\n") : given;
        });
        if (!written) return fail(with, written.error());
    }
    print_summary((*from)->id, (*to)->id, found.documents(), found.messages(), found.losses());
    const auto written = write_staged(options, found, **to);
    return written ? all_well : fail(with, written.error());
}

int translate(Surroundings& with, const Options& options) {
    for (const std::string& id : {options.to, options.from, options.question_format}) {
        const auto known = id.empty() ? Result<const plugin::Format*>(nullptr) : format_named(with, id);
        if (!known) return fail(with, known.error());
    }
    exchange::TranslateRequest request;
    request.to = options.to;
    request.from = options.from;
    request.source.received = request.target.received = format_iso(now_utc());
    const auto settings = take_settings(with, options, request);
    if (!settings) return fail(with, settings.error());
    const exchange::FastTranslator fast(with.shared_registry());
    exchange::Engine engine = engine_named(options.engine);
    Result<std::string> question = std::string();
    if (!options.question.empty()) {
        question = input(options.question);
        if (!question) return fail(with, question.error());
        if (question->empty()) return fail(with, Error{codes::usage, fmt::format("{} is empty: an answer needs its question", options.question)});
        request.question = *question;
        request.question_format = options.question_format;
        engine = exchange::Engine::reference;  // a completed answer has no plan
    }
    if (engine == exchange::Engine::fast && options.file != "-") {
        // What is no regular file cannot be mapped.
        if (auto file = MappedFile::open(options.file)) {
            if (const auto code = translate_streamed(with, options, request, *file, fast)) return *code;
            engine = exchange::Engine::reference;
        }
    }
    const auto bytes = input(options.file);
    if (!bytes) return fail(with, bytes.error());
    request.bytes = *bytes;
    Diagnostics faults;
    const auto done = exchange::translate(fast, with.registry(), request, engine, faults);
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
    mapping::LossCounts losses{};
    for (const mapping::LossEntry& entry : done->ledger.entries) ++losses[static_cast<std::size_t>(entry.kind)];
    print_summary(done->from->id, done->to->id, documents_in(*done), done->messages.size(), losses);
    return write_messages(with, options, *done);
}

}  // namespace

void add_translate(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("translate", "Translate a document into another format, offline");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "A message, or a hansa.batch of such; - is standard input")->required();
    command->add_option("--to", options->to, "Target format")->required();
    command->add_option("--from", options->from, "Source format (default: detected)");
    command->add_option("--purpose", options->purpose, "Why the receiver gets it: copy (default), advance-information, transit; the document is the same for all three")->check(CLI::IsMember({"copy", "advance-information", "transit"}));
    command->add_option("--settings", options->settings, "Use the settings of this agency of the configuration");
    command->add_option("--engine", options->engine, "reference (default); fast: a file of any size, document by document, in the memory of one; or both: runs the two and fails with the first difference")->check(CLI::IsMember({"fast", "reference", "both"}));
    command->add_option("--question", options->question, "Of an answer: the message that it answers, as its sender wrote it; what the answer leaves out is taken from there, as the gateway does");
    command->add_option("--question-format", options->question_format, "Its format (default: detected)");
    command->add_option("--envelope", options->envelope, "PATH=VALUE for what stands around the documents, such as a sender's number");
    command->add_option("--loss", options->loss, "Write the loss ledger here (JSON)");
    command->add_option("-o,--output", options->out, "DIR/ writes one file a message; FILE one message, or one hansa.batch (default: standard output)");
    command->footer("Example: hansa translate --to wco.declaration list.xml -o out/ --loss losses.json");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return translate(with, *options); }; });
}

}  // namespace hansa::cli
