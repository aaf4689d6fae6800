// hansa coverage: what a table does with each element, what a pair of formats loses, who carries the data set.
#include "core/mapping/coverage.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/cli/data_set.h"
#include "core/cli/loss_page.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CoverageOptions {
    std::string format;
    std::vector<std::string> pair;
    bool data_set = false, json = false, markdown = false;
};

Result<const plugin::Format*> mapped_format(Surroundings& with, const std::string& id) {
    const auto format = format_named(with, id);
    if (!format) return format.error();
    if (!(*format)->mapping)
        return Error{codes::usage, fmt::format("{} is not translated: an envelope has no mapping of its own", id)};
    return *format;
}

int coverage_of_pair(Surroundings& with, const CoverageOptions& options) {
    const auto from = mapped_format(with, options.pair[0]);
    if (!from) return fail(with, from.error());
    const auto to = mapped_format(with, options.pair[1]);
    if (!to) return fail(with, to.error());
    if (!options.data_set) return output({}, mapping::coverage(*(*from)->mapping, *(*to)->mapping).text());
    const auto kept = kept_by(*(*from)->mapping, *(*to)->mapping);
    const auto carried = carried_by(*(*from)->mapping);
    Json all = Json::array();
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const DataSetPart& part = data_set()[i];
        const std::string_view fate = kept[i] ? "kept" : carried[i] == Carries::no ? "not carried" : "lost";
        if (options.json)
            all.push_back({{"element", part.element}, {"part", part.part}, {"there_and_back", fate}});
        else
            std::cout << fmt::format("{:<12} {:<12} {}\n", fate, part.element, part.part);
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return all_well;
}

/// The data set against all formats, or against one.
int coverage_of_data_set(Surroundings& with, const CoverageOptions& options) {
    struct Column {
        std::string format;
        std::vector<Carries> carries;
    };
    std::vector<Column> columns;
    for (const plugin::Format& format : with.registry().formats()) {
        if (format.mapping && (options.format.empty() ? format.base.empty() : format.id == options.format))
            columns.push_back({format.id, carried_by(*format.mapping)});
    }
    if (columns.empty())
        return fail(with, Error{codes::usage, "no format is loaded: name the plugins with --plugins FOLDER"});
    Json all = Json::array();
    for (std::size_t i = 0; i < data_set().size(); ++i) {
        const DataSetPart& part = data_set()[i];
        std::string words;
        Json formats = Json::object();
        for (const Column& column : columns) {
            if (column.carries[i] == Carries::no) continue;
            const std::string_view way = carries_name(column.carries[i]);
            formats[column.format] = way;
            words += fmt::format(" {}{}", column.format, way == "yes" ? "" : fmt::format("({})", way));
        }
        if (options.json) {
            all.push_back(
                {{"element", part.element}, {"part", part.part}, {"asked_by", part.asked_by}, {"formats", formats}});
        } else {
            std::cout << fmt::format("{:<12} {:<40} {:>2} of {}:{}\n", part.element, part.part, formats.size(),
                                     columns.size(), words);
        }
    }
    if (options.json) std::cout << all.dump(2) << '\n';
    return all_well;
}

int coverage_of_formats(Surroundings& with, const CoverageOptions& options) {
    for (const plugin::Format& format : with.registry().formats()) {
        if (!options.format.empty() && format.id != options.format) continue;
        if (!format.mapping) continue;
        const mapping::Coverage found = mapping::coverage(*format.mapping);
        if (options.json) {
            std::cout << found.json() << '\n';
            continue;
        }
        std::cout << fmt::format("{}: {} elements", format.id, found.elements);
        for (const auto& [form, count] : found.by_form) std::cout << fmt::format(", {} {}", count, form);
        std::cout << '\n';
    }
    return all_well;
}

int coverage(Surroundings& with, const CoverageOptions& options) {
    if (options.markdown) return output({}, loss_page(with.registry()));
    if (!options.pair.empty()) return coverage_of_pair(with, options);
    if (!options.format.empty()) {
        if (const auto known = mapped_format(with, options.format); !known) return fail(with, known.error());
    }
    return options.data_set ? coverage_of_data_set(with, options) : coverage_of_formats(with, options);
}

}  // namespace

void add_coverage(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand(
        "coverage",
        "What a table does with each element; what a pair of formats loses; who carries the e-commerce data set");
    auto options = std::make_shared<CoverageOptions>();
    auto* format = command->add_option("FORMAT", options->format, "Only this format");
    auto* pair = command
                     ->add_option("--pair", options->pair,
                                  "Two formats: what the first gives and the second never takes, and the reverse")
                     ->expected(2);
    pair->excludes(format);
    command->add_flag("--data-set", options->data_set,
                      "The common e-commerce data set: which format carries which part; with --pair, what comes home "
                      "from a round trip");
    command->add_flag("--json", options->json, "JSON: a document a format, or one for the data set");
    command->add_flag("--markdown", options->markdown, "The page docs/losses.md: what every pair of formats of a kind loses")
        ->excludes(format)
        ->excludes(pair);
    command->footer(
        "Examples:\n  hansa coverage cn.ceb603\n  hansa coverage --pair cn.ceb603 eaeu.goods-declaration\n  hansa "
        "coverage --data-set\n  hansa coverage --data-set --pair cn.ceb621 asycuda.sad");
    command->callback(
        [&with, &chosen, options] { chosen.run = [&with, options] { return coverage(with, *options); }; });
}

}  // namespace hansa::cli
