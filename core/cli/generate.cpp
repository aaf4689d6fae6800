// hansa generate: valid instance documents from a format's schema.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <iostream>

#include "core/cli/command.h"
#include "core/plugin/document.h"
#include "core/schema/generator.h"
#include "core/schema/writer.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string format, out;
    std::size_t count = 1;
    std::uint64_t seed = 1;
    std::uint32_t items = 3;
    bool indent = false;
};

int generate_all(Surroundings& with, const Options& options) {
    const auto format = format_named(with, options.format);
    if (!format) return fail(with, format.error());
    Progress progress("generate", options.count);
    for (std::size_t i = 0; i < options.count; ++i) {
        schema::GenerateOptions how;
        how.seed = options.seed + i;
        how.items = options.items;
        const schema::Element document = schema::generate(*(*format)->grammar, how);
        schema::WriteOptions form;
        form.indent = options.indent;
        const bool folder = options.out.ends_with("/");
        if (folder) {
            std::error_code trouble;
            fs::create_directories(options.out, trouble);
        }
        const std::string name = folder ? (fs::path(options.out) / fmt::format("{}-{}.{}", options.format, how.seed, plugin::file_ending(**format))).string() : options.out;
        const bool xml = (*format)->syntax == "xml";
        const auto bytes = xml ? schema::write_tree(document, form) + "\n" : plugin::write_document(**format, document);
        if (!bytes) return fail(with, bytes.error());
        const int code = output(name, *bytes);
        if (code != all_well) return code;
        progress.step();
    }
    return all_well;
}

}  // namespace

void add_generate(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("generate", "Valid instance documents from a format's schema; the seed repeats them");
    auto options = std::make_shared<Options>();
    command->add_option("FORMAT", options->format, "Format id")->required();
    command->add_option("--count", options->count, "How many (default 1)")->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
    command->add_option("--seed", options->seed, "First seed (default 1)");
    command->add_option("--items", options->items, "Repeats at most (default 3)");
    command->add_flag("--indent", options->indent, "Lines and indentation");
    command->add_option("-o,--output", options->out, "DIR/ for a file each, or a file (default: standard output)");
    command->footer("Example: hansa generate cn.ceb621 --count 100 --seed 7 -o out/");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return generate_all(with, *options); }; });
}

}  // namespace hansa::cli
