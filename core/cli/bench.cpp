// hansa bench: throughput on this machine, against peers in the same run.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/cli/bench_case.h"
#include "core/cli/bench_machine.h"
#include "core/cli/bench_run.h"
#include "core/cli/bench_shapes.h"
#include "core/cli/codes.h"
#include "core/cli/command.h"

namespace hansa::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Options {
    bool peers = false, json = false, list = false, no_shapes = false;
    std::vector<std::string> cases;
    double seconds = 0.1;
    std::size_t rounds = 7;
    std::uint64_t seed = 1;
    std::string scratch, message;
    std::string contender;  // for counting instructions: only this one, `runs` times, no clock
    std::size_t runs = 0;
};

/// A folder of the run's own, gone at its end.
class Scratch {
public:
    explicit Scratch(const std::string& under)
        : folder_(fs::path(under.empty() ? fs::temp_directory_path() : fs::path(under)) /
                  fmt::format("hansa-bench-{}", getpid())) {
        fs::create_directories(folder_);
    }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string path() const { return folder_.string(); }

private:
    fs::path folder_;
};

fs::path library_file(const Surroundings& with) {
    return with.installation().plugins.parent_path() / "bench" / "peers.so";
}
fs::path data_folder(const Surroundings& with) {
    return with.installation().plugins.parent_path() / "bench";
}

std::vector<std::string> wanted_cases(const Options& options) {
    const std::vector<std::string> all = bench::default_cases();
    if (options.cases.empty()) return all;
    std::vector<std::string> out;
    for (const std::string& wanted : options.cases) {
        const std::size_t before = out.size();
        for (const std::string& name : all) {
            if (bench::fits(name, wanted)) out.push_back(name);
        }
        if (out.size() == before && !wanted.starts_with("shape/")) out.push_back(wanted);
    }
    return out;
}

bool wants_shapes(const Options& options) {
    if (options.no_shapes) return false;
    return options.cases.empty() ||
           std::ranges::any_of(options.cases, [](const std::string& name) { return name.starts_with("shape/"); });
}

std::string thousands(double value) {
    return value >= 100'000 ? fmt::format("{:.0f} k", value / 1000)
           : value >= 1000  ? fmt::format("{:.1f} k", value / 1000)
           : value >= 100   ? fmt::format("{:.0f}", value)
                            : fmt::format("{:.3g}", value);
}

void print_row(const bench::CaseResult& result) {
    const auto& rate = result.hansa.units_per_s;
    std::cout << fmt::format("{:<52} {:>9} {}s/s  {:>7.1f} MB/s  ({} to {}){}\n", result.name, thousands(rate.median),
                             result.unit, result.mb_per_s, thousands(rate.low), thousands(rate.high),
                             result.engine == "fast" ? "" : "  [reference way]");
    if (!result.note.empty()) std::cout << "    " << result.note << '\n';
    for (const auto& [name, figures] : result.peers) {
        std::cout << fmt::format("    {:<20} {:>9} {}s/s   ", name, thousands(figures.units_per_s.median), result.unit);
        if (figures.limit)
            std::cout << fmt::format("hansa reaches {:.1f} % of this limit\n", 100 * figures.ratio.median);
        else
            std::cout << fmt::format("hansa is {:.2f} times as fast ({:.2f} to {:.2f})\n", figures.ratio.median,
                                     figures.ratio.low, figures.ratio.high);
    }
    for (const auto& refusal : result.refused)
        std::cout << fmt::format("    {:<20} refused: {}\n", refusal.peer, refusal.why);
    std::cout.flush();
}

Json spread_json(const bench::Spread& spread) {
    return Json::array({spread.low, spread.high});
}

Json case_json(const bench::CaseResult& result) {
    Json peers = Json::object(), ratios = Json::object(), spreads = Json::object(), refused = Json::array();
    for (const auto& [name, figures] : result.peers) {
        peers[name] = {{"per_s", figures.units_per_s.median}, {"spread", spread_json(figures.units_per_s)}};
        ratios[name] = figures.ratio.median;
        spreads[name] = spread_json(figures.ratio);
    }
    for (const auto& refusal : result.refused) refused.push_back({{"peer", refusal.peer}, {"why", refusal.why}});
    Json out = {{"name", result.name},
                {"unit", result.unit},
                {"input_bytes", result.input_bytes},
                {"engine", result.engine},
                {"hansa",
                 {{"per_s", result.hansa.units_per_s.median},
                  {"mb_per_s", result.mb_per_s},
                  {"spread", spread_json(result.hansa.units_per_s)},
                  {"instructions_per_unit", result.instructions_per_unit}}},
                {"peers", peers},
                {"ratios", ratios},
                {"ratio_spreads", spreads}};
    if (!refused.empty()) out["refused"] = refused;
    if (!result.note.empty()) out["note"] = result.note;
    if (result.left != 0) out["left_to_reference"] = result.left;
    return out;
}

class Bench {
public:
    Bench(Surroundings& with, const Options& options) : with_(with), options_(options), scratch_(options.scratch) {
        how_ = {.seed = options.seed,
                .schema_folder = with.installation().schemas.string(),
                .data_folder = data_folder(with).string(),
                .scratch = scratch_.path()};
    }

    int run() {
        if (options_.peers) {
            auto library = bench::PeerLibrary::load(library_file(with_));
            if (!library) return fail(with_, library.error());
            library_ = std::make_unique<bench::PeerLibrary>(*std::move(library));
            for (const std::string& missing : library_->missing())
                std::cerr << fmt::format(
                    "hansa: some peers are missing, since {} was not there when they were built; install "
                    "packaging/packages-bench.txt\n",
                    missing);
        }
        if (options_.runs != 0) return count();
        all_ = {{"version", HANSA_VERSION},
                {"machine", {{"cpu", bench::this_machine().cpu}, {"cores", bench::this_machine().cores}}},
                {"cases", Json::array()},
                {"shapes", Json::array()}};
        if (!bench::InstructionCounter().works())
            all_["note"] =
                "the kernel counts no instructions here: instructions_per_unit is 0; tests/bench/instructions counts "
                "them";
        int code = measure_cases();
        if (wants_shapes(options_)) code = std::max(code, measure_shapes());
        if (options_.json) std::cout << all_.dump(2) << '\n';
        return code;
    }

private:
    int measure_cases() {
        const std::vector<std::string> names = wanted_cases(options_);
        int code = all_well;
        Progress progress("bench", names.size());
        for (const std::string& name : names) {
            const auto one = bench::make_case(with_.registry(), name, how_);
            if (!one) {
                code = std::max(code, fail(with_, one.error()));
                continue;
            }
            const auto result = bench::run_case(with_.registry(), *one, library_.get(),
                                                {.seconds = options_.seconds, .rounds = options_.rounds});
            progress.step();
            if (!result) {
                code = std::max(code, fail(with_, result.error()));
                continue;
            }
            if (!result->refused.empty()) code = std::max<int>(code, answer_is_no);
            if (options_.json)
                all_["cases"].push_back(case_json(*result));
            else
                print_row(*result);
        }
        return code;
    }

    int measure_shapes() {
        int code = all_well;
        for (const auto& name : bench::shape_names()) {
            if (!options_.cases.empty() && std::ranges::none_of(options_.cases, [&](const std::string& wanted) {
                    return bench::fits("shape/" + name, wanted);
                }))
                continue;
            const auto shape = bench::measure_shape(with_.registry(), name, how_,
                                                    {.seconds = options_.seconds, .rounds = options_.rounds});
            if (!shape) {
                code = std::max(code, fail(with_, shape.error()));
                continue;
            }
            Json out = {{"name", name}, {"x", shape->x}, {shape->measure, shape->y}};
            if (!shape->note.empty()) out["note"] = shape->note;
            all_["shapes"].push_back(out);
            if (!options_.json) {
                std::cout << fmt::format("shape {} ({}){}\n", name, shape->measure,
                                         shape->note.empty() ? "" : ": " + shape->note);
                for (std::size_t i = 0; i < shape->x.size(); ++i)
                    std::cout << fmt::format("    {:>24} {:>14.1f}\n", shape->x[i].dump(), shape->y[i]);
            }
        }
        return code;
    }

    /// For tests/bench/instructions: one contender, a fixed number of runs.
    int count() {
        for (const std::string& name : wanted_cases(options_)) {
            const auto one = bench::make_case(with_.registry(), name, how_);
            if (!one) return fail(with_, one.error());
            bench::Field field = bench::contenders_of(with_.registry(), *one, library_.get(), false);
            const auto found = std::ranges::find(field.contenders, options_.contender, &bench::Contender::name);
            if (found == field.contenders.end())
                return fail(with_, Error{codes::bench_case,
                                         fmt::format("'{}' has no contender '{}'", name, options_.contender)});
            const auto done = bench::run_counted(*found, one->messages, options_.runs);
            if (!done) return fail(with_, done.error());
            std::cout << fmt::format("{} {} {} units\n", name, options_.contender,
                                     options_.runs * one->messages.size() * one->documents);
        }
        return all_well;
    }

    Surroundings& with_;
    const Options& options_;
    Scratch scratch_;
    bench::CaseOptions how_;
    std::unique_ptr<bench::PeerLibrary> library_;
    Json all_;
};

int run_bench(Surroundings& with, const Options& options) {
    if (options.list) {
        for (const std::string& name : bench::default_cases()) std::cout << name << '\n';
        for (const std::string& name : bench::shape_names()) std::cout << "shape/" << name << '\n';
        return all_well;
    }
    if (!options.message.empty()) {
        const auto one = bench::make_case(
            with.registry(), options.message,
            {.seed = options.seed, .messages = 1, .schema_folder = with.installation().schemas.string()});
        return one ? output({}, one->messages.front()) : fail(with, one.error());
    }
    return Bench(with, options).run();
}

}  // namespace

void add_bench(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("bench", "Throughput on this machine, against peers in the same run");
    auto options = std::make_shared<Options>();
    command->add_flag("--peers", options->peers,
                      "Also the contenders built from packaged libraries, and the limits of the machine");
    command->add_flag("--json", options->json, "One JSON document");
    command->add_option("--case", options->cases,
                        "Only these: a name, its beginning, or a pattern with *; shape/NAME for a shape");
    command->add_option("--seconds", options->seconds, "Of a contender in a round (default 0.1)")
        ->check(CLI::Range(0.001, 3600.0));
    command->add_option("--rounds", options->rounds, "Rounds (default 7; ratios are medians of the rounds' ratios)")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
    command->add_option("--seed", options->seed, "Seed of the messages (default 1)");
    command->add_option("--scratch", options->scratch,
                        "Where journals are written (default: the system's folder for temporary files)");
    command->add_flag("--list", options->list, "Names of the cases and shapes of a run without --case");
    command->add_flag("--no-shapes", options->no_shapes, "Cases only");
    command->add_option("--message", options->message, "Print the first message of this case, and nothing else");
    command->add_option("--contender", options->contender, "With --runs: hansa, reference, or a peer")->group("");
    command->add_option("--runs", options->runs, "Run the contender so often over the messages, without a clock")
        ->group("");
    command->footer(
        "Cases: parse/FORMAT/N validate/FORMAT/N refuse/FORMAT/N digest/FORMAT/N translate/FROM/TO/N sign/PROFILE/N verify/PROFILE/N "
        "pipeline/FROM/TO/PROFILE/N durable/FROM/TO/PROFILE/N (with both messages in a journal on disk) journal/N "
        "end-to-end/FROM/TO/PROFILE/N (a whole gateway, HTTP in to delivery out);\n"
        "N documents a message; FORMAT+indented, +general; +comments, +namespaces, +references, +sections (as dense as they can be); "
        "refuse with +cut, +misfit, +value; FROM+rules (numbered rules are asked, too); PROFILE ends in rsa, ecdsa or sm2.\n"
        "Exit code 1 when a contender's output is not Hansa's: its time does not count.\n"
        "Examples:\n"
        "  hansa bench --case translate/cn.ceb621/wco.declaration/100\n"
        "  hansa bench --peers --json --case 'parse/*' --seconds 0.2\n"
        "  hansa bench --message pipeline/cn.ceb621/wco.declaration/enveloped.ecdsa/1");
    command->callback(
        [&with, &chosen, options] { chosen.run = [&with, options] { return run_bench(with, *options); }; });
}

}  // namespace hansa::cli
