// hansa explain.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <iostream>

#include "core/base/digest.h"
#include "core/base/time.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"
#include "core/mapping/explain.h"
#include "core/mapping/plan.h"
#include "core/mapping/translate.h"
#include "core/plugin/document.h"

namespace hansa::cli {
namespace {

struct ExplainOptions {
    std::string from, to, path, file;
    bool plan = false;
};

/// What the fast way makes of the pair.
int explain_plan(Surroundings& with, const plugin::Format& from, const plugin::Format& to) {
    Diagnostics faults;
    const auto plan = mapping::Plan::compile({from.mapping.shared(), mapping::paths_of(*from.mapping), {}},
                                             {to.mapping.shared(), {}}, {}, faults);
    return plan ? output({}, (*plan)->explain()) : fail(with, plan.error());
}

/// Which row fed which field of this file, and with what value.
int explain_file(Surroundings& with, const ExplainOptions& options, const plugin::Format& from, const plugin::Format& to) {
    const auto bytes = input(options.file);
    if (!bytes) return fail(with, bytes.error());
    const auto document = plugin::read_document(from, *bytes);
    if (!document) return fail(with, document.error(), options.file);
    mapping::Context context;
    context.received = format_iso(now_utc());
    context.message_digest = sha256_hex(*bytes);
    Diagnostics faults;
    const auto done = mapping::translate(*from.mapping, *to.mapping, document->tree, context, context, faults);
    if (done) return output({}, mapping::explain_text(mapping::explain(*done, options.path)));
    print_faults(with, faults, options.file);
    return faults.empty() ? fail(with, done.error(), options.file) : int{answer_is_no};
}

int explain(Surroundings& with, const ExplainOptions& options) {
    const auto from = format_named(with, options.from);
    if (!from) return fail(with, from.error());
    if (options.to.empty()) return output({}, mapping::explain_rows(*(*from)->mapping));
    const auto to = format_named(with, options.to);
    if (!to) return fail(with, to.error());
    if ((*from)->kind != (*to)->kind) return fail(with, Error{codes::usage, fmt::format("{} and {} are of different kinds", options.from, options.to)});
    if (options.plan) return explain_plan(with, **from, **to);
    if (!options.file.empty()) return explain_file(with, options, **from, **to);
    return output({}, mapping::explain_text(mapping::explain(*(*from)->mapping, *(*to)->mapping, options.path)));
}

}  // namespace

void add_explain(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("explain", "The plan of a pair of formats; with a file, which row fed a field and with what value");
    auto options = std::make_shared<ExplainOptions>();
    command->add_option("FILE", options->file, "A document of the source format; - is standard input");
    command->add_option("--from", options->from, "Source format")->required();
    command->add_option("--to", options->to, "Target format (default: the rows of the source's own table)");
    command->add_option("--path", options->path, "Only lines whose source, pivot or target path ends in this");
    command->add_flag("--plan", options->plan, "The plan of the pair: each place of the output with what feeds it, and what is lost");
    command->footer("Example: hansa explain --from cn.ceb603 --to wco.declaration --path grossWeight list.xml");
    command->callback([&with, &chosen, options] { chosen.run = [&with, options] { return explain(with, *options); }; });
}

}  // namespace hansa::cli
