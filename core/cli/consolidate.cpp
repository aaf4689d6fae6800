// hansa consolidate, hansa split: many documents as one, one as many, and their answers.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/digest.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/document_reading.h"
#include "core/cli/union_commands.h"
#include "core/consolidation/answers.h"
#include "core/consolidation/book.h"
#include "core/exchange/pivot_store.h"
#include "core/exchange/translation.h"
#include "core/pivot/text.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;
using consolidation::ConsolidationTable;
using consolidation::House;
using consolidation::Part;
using pivot::Document;

struct Options {
    std::vector<std::string> files, answers, envelope;
    std::string table, format, answer_format, to, out, reference, issued, way;
    bool list = false, json = false, partial = false;
};

/// Documents of files, with their names: FILE, or FILE!2.
struct Documents {
    std::vector<ReadDocument> read;
    std::vector<House> all;
};

Documents documents_of(Surroundings& with, const std::vector<std::string>& files, const std::string& format, int& code) {
    Documents out;
    for (const std::string& file : files) {
        for (ReadDocument& one : read_documents(with, file, format, code)) out.read.push_back(std::move(one));
    }
    for (const ReadDocument& one : out.read) {
        const auto& documents = one.reading.documents;
        for (std::size_t i = 0; i < documents.size(); ++i)
            out.all.push_back({&documents[i], one.format->id, documents.size() == 1 ? one.name : fmt::format("{}!{}", one.name, i + 1)});
    }
    return out;
}

/// Pivot lines, or the messages of a format, one behind the other.
int write_documents(Surroundings& with, const Options& options, const std::vector<Document>& documents) {
    std::string text;
    if (options.to.empty()) {
        for (const Document& document : documents) text += pivot::write_text(document);
        return output(options.out, text);
    }
    const auto format = format_named(with, options.to);
    if (!format) return fail(with, format.error());
    auto values = envelope_values(options.envelope);
    if (!values) return fail(with, values.error());
    mapping::Context context;
    context.received = format_iso(now_utc());
    context.envelope = *std::move(values);
    for (const Document& document : documents) context.message_digest += pivot::write_text(document);
    context.message_digest = sha256_hex(context.message_digest);
    Diagnostics faults;
    const auto written = exchange::write_message(with.registry(), **format, documents, context, faults);
    if (!written) {
        if (faults.empty()) return fail(with, written.error());
        print_faults(with, faults, {});
        return answer_is_no;
    }
    for (const exchange::WrittenMessage& message : written->messages) text += message.bytes + (message.bytes.ends_with('\n') ? "" : "\n");
    return output(options.out, text);
}

Json part_json(const Part& part) {
    return {{"identity", part.identity}, {"reference", part.reference}, {"items", part.items}};
}

int list_tables(const consolidation::ConsolidationBook& book, bool json) {
    Json all = Json::array();
    for (const ConsolidationTable& table : book.tables()) {
        Json ways = Json::array();
        for (const consolidation::Apart& way : table.aparts) ways.push_back(way.name);
        all.push_back({{"table", table.id}, {"text", table.text}, {"source", table.source}, {"house", pivot::kind_name(table.house.kind)},
                       {"master", pivot::kind_name(table.master.kind)}, {"apart", ways}});
        if (!json) std::cout << fmt::format("{}: {}\n", table.id, table.text);
    }
    if (json) std::cout << all.dump(2) << '\n';
    return all_well;
}

/// Houses that the table cannot gather are named; the masters of the others are written.
int consolidate_files(Surroundings& with, const Options& options, const ConsolidationTable& table, const Documents& houses) {
    const std::string now = options.issued.empty() ? format_iso(now_utc()) : options.issued;
    const auto made = consolidation::consolidate(houses.all, table, {.format = options.to, .reference = options.reference, .issued = now});
    std::vector<Document> documents;
    for (const consolidation::Master& master : made.masters) documents.push_back(master.document);
    const int no = made.refusals.empty() ? all_well : answer_is_no;
    if (options.json) {
        Json out = {{"table", table.id}, {"masters", Json::array()}, {"refused", Json::array()}, {"left", Json::array()}};
        for (const consolidation::Master& master : made.masters) {
            Json one = {{"reference", master.reference}, {"document", Json::parse(exchange::documents_to_json({&master.document, 1}))["documents"][0]}, {"parts", Json::array()}};
            for (const Part& part : master.parts) {
                Json told = part_json(part);
                told["file"] = houses.all[part.house].name;
                one["parts"].push_back(std::move(told));
            }
            out["masters"].push_back(std::move(one));
        }
        for (const consolidation::Refusal& one : made.refusals)
            out["refused"].push_back({{"file", houses.all[one.house].name}, {"code", one.error.code.name()}, {"path", one.error.place.path}, {"detail", one.error.detail}});
        for (const consolidation::Left& one : made.left) out["left"].push_back({{"file", houses.all[one.house].name}, {"path", one.path}, {"value", one.value}});
        return std::max<int>(no, output(options.out, out.dump(2) + "\n"));
    }
    for (const consolidation::Refusal& one : made.refusals) fail(with, one.error, houses.all[one.house].name);
    if (!made.left.empty()) std::cerr << fmt::format("{} fields stay with their documents; --json lists them\n", made.left.size());
    return std::max<int>(no, write_documents(with, options, documents));
}

/// A verdict a line, an item each.
void print_verdicts(const std::vector<consolidation::ItemVerdict>& items) {
    for (const consolidation::ItemVerdict& one : items) {
        std::cerr << fmt::format("item {} of {}: {}", one.item, one.identity, one.function.empty() ? "no answer yet" : one.function);
        if (!one.status.empty()) std::cerr << fmt::format(" ({})", one.status);
        for (const std::string& reason : one.reasons) std::cerr << fmt::format("; {}", reason);
        std::cerr << '\n';
    }
}

int gather_answers(Surroundings& with, const Options& options, const ConsolidationTable& table, const Document& master, const std::vector<Part>& parts,
                   const Documents& answers) {
    std::vector<Document> responses;
    for (const House& one : answers.all) responses.push_back(*one.document);
    const auto gathered = consolidation::gather(master, parts, responses, table, options.partial);
    if (!gathered) return fail(with, gathered.error());
    if (options.json) {
        Json out = {{"response", Json::parse(exchange::documents_to_json({&gathered->response, 1}))["documents"][0]}, {"items", Json::array()}};
        for (const consolidation::ItemVerdict& one : gathered->items)
            out["items"].push_back({{"item", one.item}, {"identity", one.identity}, {"function", one.function}, {"status", one.status}, {"reasons", one.reasons}});
        return output(options.out, out.dump(2) + "\n");
    }
    print_verdicts(gathered->items);
    return write_documents(with, options, {gathered->response});
}

int scatter_answer(Surroundings& with, const Options& options, const ConsolidationTable& table, const std::vector<Part>& parts, const Document& answer) {
    const auto each = consolidation::scatter(answer, parts, table);
    if (!each) return fail(with, each.error());
    if (!options.json) return write_documents(with, options, *each);
    Json out = Json::array();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Json one = part_json(parts[i]);
        one["answer"] = Json::parse(exchange::documents_to_json({&(*each)[i], 1}))["documents"][0];
        out.push_back(std::move(one));
    }
    return output(options.out, out.dump(2) + "\n");
}

int split_file(Surroundings& with, const Options& options, const ConsolidationTable& table, const Documents& masters, const Documents& answers) {
    std::vector<Document> documents;
    Json all = Json::array();
    for (const House& master : masters.all) {
        const auto parts = consolidation::take_apart(*master.document, table, options.way);
        if (!parts) return fail(with, parts.error(), master.name);
        if (!answers.all.empty()) {
            if (masters.all.size() != 1) return fail(with, Error{codes::usage, "answers belong to one master: give one document"});
            // Answers of the parts become one; the answer to the master becomes one for each part.
            const bool several = answers.all.size() > 1 || options.partial || !options.way.empty();
            return several ? gather_answers(with, options, table, *master.document, *parts, answers)
                           : scatter_answer(with, options, table, *parts, *answers.all.front().document);
        }
        for (const Part& part : *parts) {
            documents.push_back(part.document);
            Json one = part_json(part);
            one["file"] = master.name;
            one["document"] = Json::parse(exchange::documents_to_json({&part.document, 1}))["documents"][0];
            all.push_back(std::move(one));
        }
    }
    return options.json ? output(options.out, all.dump(2) + "\n") : write_documents(with, options, documents);
}

int run(Surroundings& with, const Options& options, bool split) {
    Diagnostics faults;
    const auto book = consolidation::ConsolidationBook::load(with.registry(), faults);
    print_faults(with, faults, {});
    if (!faults.empty()) return answer_is_no;
    if (options.list) return list_tables(*book, options.json);
    if (options.files.empty() || options.table.empty()) return fail(with, Error{codes::usage, "files and --table are needed, or --list"});
    const auto table = book->find(options.table);
    if (!table) return fail(with, table.error());
    int code = all_well;
    const Documents documents = documents_of(with, options.files, options.format, code);
    const Documents answers = documents_of(with, options.answers, options.answer_format, code);
    if (code != all_well || documents.all.empty()) return std::max<int>(code, code == all_well ? unreadable : code);
    return split ? split_file(with, options, **table, documents, answers) : consolidate_files(with, options, **table, documents);
}

void add_common(CLI::App& command, Options& options) {
    command.add_option("--table", options.table, "The table of the authority or trade");
    command.add_flag("--list", options.list, "The tables that are loaded");
    command.add_option("--format", options.format, "Take the files for this format; with it, pivot lines are read, too");
    command.add_option("--to", options.to, "Write this format (default: pivot lines)");
    command.add_option("--envelope", options.envelope, "PATH=VALUE for what stands around the documents, with --to");
    command.add_option("-o,--output", options.out, "Where to write (default: standard output)");
    command.add_flag("--json", options.json, "One JSON document, with the items of each part and what its master does not say");
}

}  // namespace

void add_consolidate(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("consolidate", "Many parcels' documents as one declaration or list, each with its own identity");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Documents that go together, in any order; - is standard input");
    add_common(*command, *options);
    command->add_option("--reference", options->reference, "Of the master (default: made of what it holds)");
    command->add_option("--issued", options->issued, "When the master was made (default: now)");
    command->footer("Exit code 1 when a document cannot go with the others; the masters of the others are written.\n"
                    "Example: hansa consolidate --table wco.parcels --to wco.declaration list1.xml list2.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return run(with, *options, false); }; });
}

void add_split(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("split", "A consolidated document as its parcels, or by destination; with --answers, who is told what");
    auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "The consolidated document; - is standard input");
    add_common(*command, *options);
    command->add_option("--by", options->way, "A way apart that the table names, such as destination (default: by parcel)");
    command->add_option("--answers", options->answers,
                        "One answer to the whole: an answer for each parcel. Several, or with --by or --partial: one answer with a verdict for each item");
    command->add_option("--answer-format", options->answer_format, "Take the answers for this format; with it, pivot lines are read, too");
    command->add_flag("--partial", options->partial, "Not all answers are there yet");
    command->footer("Examples: hansa split --table wco.parcels --by destination declaration.xml\n"
                    "          hansa split --table wco.parcels declaration.xml --answers answer.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return run(with, *options, true); }; });
}

}  // namespace hansa::cli
