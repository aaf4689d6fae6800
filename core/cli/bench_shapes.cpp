#include "core/cli/bench_shapes.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "core/cli/bench_hansa.h"
#include "core/cli/bench_machine.h"
#include "core/cli/codes.h"
#include "core/plugin/scaffold.h"

namespace hansa::bench {
namespace {

namespace fs = std::filesystem;
constexpr const char* pair_name = "translate/cn.ceb621/wco.declaration";
constexpr std::size_t formats_wanted = 300;
constexpr std::size_t batch_sizes[] = {1, 10, 100, 1'000, 10'000};
constexpr std::size_t memory_items[] = {100, 1'000, 10'000};

/// Hansa's way of a case: fast, or the reference where there is no other.
Contender own_contender(const plugin::Registry& registry, const Case& one) {
    std::string words;
    auto peer = fast_contender(registry, one, words);
    return {"hansa", peer ? std::move(peer) : reference_contender(registry, one)};
}

/// Something to time beside others: a contender with its own messages.
struct Track {
    Case one;
    Contender contender;
    double units = 1;  ///< in a message
};

/// Messages a second of each track, the median of rounds in which all take turns.
Result<std::vector<double>> in_turn(std::vector<Track>& tracks, const MeasureOptions& options) {
    std::vector<std::vector<double>> figures(tracks.size());
    for (std::size_t round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < tracks.size(); ++i) {
            const auto rounds = measure({&tracks[i].contender, 1}, tracks[i].one.messages,
                                        {.seconds = options.seconds, .rounds = 1, .slices = 1});
            if (!rounds) return rounds.error();
            figures[i].push_back(rounds->per_s.front().front());
        }
    }
    std::vector<double> out;
    for (auto& one : figures) out.push_back(spread_of(std::move(one)).median);
    return out;
}

Result<ShapeResult> ns_per_unit(std::vector<Track>& tracks, const MeasureOptions& options) {
    const auto rates = in_turn(tracks, options);
    if (!rates) return rates.error();
    ShapeResult out;
    out.measure = "ns_per_unit";
    for (std::size_t i = 0; i < tracks.size(); ++i) out.y.push_back(1e9 / ((*rates)[i] * tracks[i].units));
    return out;
}

Result<ShapeResult> batch_size(const plugin::Registry& registry, const CaseOptions& how,
                               const MeasureOptions& options) {
    std::vector<Track> tracks;
    nlohmann::ordered_json x = nlohmann::ordered_json::array();
    for (const std::size_t count : batch_sizes) {
        CaseOptions own = how;
        own.messages = count < 1000 ? 0 : 1;
        auto one = make_case(registry, fmt::format("{}/{}", pair_name, count), own);
        if (!one) return one.error();
        tracks.push_back({*std::move(one), {}, static_cast<double>(count)});
        x.push_back(count);
    }
    for (Track& track : tracks) track.contender = own_contender(registry, track.one);
    auto out = ns_per_unit(tracks, options);
    if (out) out->x = x;
    return out;
}

/// A case of one document with so many items.
Result<Case> items_case(const plugin::Registry& registry, const CaseOptions& how, std::size_t items) {
    CaseOptions own = how;
    own.messages = 1;
    own.items = items;
    return make_case(registry, "translate/asycuda.sad/wco.declaration/1", own);
}

Result<ShapeResult> items(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions& options) {
    std::vector<Track> tracks;
    nlohmann::ordered_json x = nlohmann::ordered_json::array();
    for (const std::size_t count : batch_sizes) {
        auto one = items_case(registry, how, count);
        if (!one) return one.error();
        tracks.push_back({*std::move(one), {}, static_cast<double>(count)});
        x.push_back(count);
    }
    for (Track& track : tracks) track.contender = own_contender(registry, track.one);
    auto out = ns_per_unit(tracks, options);
    if (out) out->x = x;
    return out;
}

/// Recognises the message's format among all that are loaded, then does the work.
class Recognising final : public Peer {
public:
    Recognising(const plugin::Registry& registry, const plugin::Format& wanted, std::unique_ptr<Peer> inner)
        : registry_(registry), wanted_(wanted.id), inner_(std::move(inner)) {}
    bool run(std::string_view message, std::string& output) override {
        const auto found = registry_.detect(message);
        if (!found || (*found)->id != wanted_) return refuse("another format was recognised");
        return inner_->run(message, output) || refuse(std::string(inner_->trouble()));
    }

private:
    const plugin::Registry& registry_;
    std::string wanted_;
    std::unique_ptr<Peer> inner_;
};

/// The registry's plugins and as many scaffolded ones as make `wanted` formats.
Result<std::shared_ptr<const plugin::Registry>> crowded(const plugin::Registry& registry, const CaseOptions& how,
                                                        std::size_t wanted) {
    const fs::path plugins = fs::path(how.scratch) / "plugins", schemas = fs::path(how.scratch) / "schemas";
    plugin::LoadOptions options;
    for (const plugin::PluginInfo& info : registry.plugins()) options.plugin_folders.emplace_back(info.path);
    options.plugin_folders.push_back(plugins);
    options.schema_folder = schemas;
    std::size_t count = registry.formats().size();
    for (char a = 'a'; a <= 'z' && count < wanted; ++a) {
        for (char b = 'a'; b <= 'z' && count < wanted; ++b) {
            const std::string code = {'x', a, b};
            if (auto made = plugin::scaffold({plugins, schemas}, code); !made) return made.error();
            ++count;
        }
    }
    Diagnostics faults;
    auto out = plugin::Registry::load(options, faults);
    if (!faults.empty()) return faults.errors().front();
    return out;
}

Result<ShapeResult> formats(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const auto many = crowded(registry, how, formats_wanted);
    if (!many) return many.error();
    const std::chrono::duration<double> loading = std::chrono::steady_clock::now() - start;
    std::vector<Track> tracks;
    nlohmann::ordered_json x = nlohmann::ordered_json::array();
    for (const plugin::Registry* one : {&registry, many->get()}) {
        auto made = make_case(*one, fmt::format("{}/100", pair_name), how);
        if (!made) return made.error();
        tracks.push_back({*std::move(made), {}, 100});
        x.push_back(one->formats().size());
    }
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const plugin::Registry& own = i == 0 ? registry : **many;
        Contender inner = own_contender(own, tracks[i].one);
        tracks[i].contender = {"hansa", std::make_unique<Recognising>(own, *tracks[i].one.from, std::move(inner.peer))};
    }
    auto out = ns_per_unit(tracks, options);
    if (!out) return out.error();
    out->x = x;
    out->note = fmt::format("plugins loaded as folders, which nobody has checked before, in {:.1f} s", loading.count());
    return out;
}

/// Orders a second of `count` threads that work until the time is over.
double with_threads(const plugin::Registry& registry, const Case& one, std::size_t count, double seconds) {
    std::vector<Contender> contenders;
    for (std::size_t i = 0; i < count; ++i) contenders.push_back(own_contender(registry, one));
    std::vector<std::size_t> done(count, 0);
    std::vector<double> spent(count, 0);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                std::string output;
                std::size_t messages = 0;
                for (const std::string& message : one.messages) (void)contenders[i].peer->run(message, output);
                const auto start = std::chrono::steady_clock::now();
                std::chrono::duration<double> so_far{};
                while (so_far.count() < seconds) {
                    for (const std::string& message : one.messages)
                        messages += contenders[i].peer->run(message, output) ? 1U : 0U;
                    so_far = std::chrono::steady_clock::now() - start;
                }
                done[i] = messages;
                spent[i] = so_far.count();
            });
        }
    }
    double per_s = 0;
    for (std::size_t i = 0; i < count; ++i) per_s += static_cast<double>(done[i] * one.documents) / spent[i];
    return per_s;
}

Result<ShapeResult> threads(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions& options) {
    const auto one = make_case(registry, "pipeline/cn.ceb621/wco.declaration/enveloped.ecdsa/100", how);
    if (!one) return one.error();
    ShapeResult out;
    out.measure = "per_s";
    const std::size_t counts[] = {1, 2};
    std::vector<std::vector<double>> figures(std::size(counts));
    for (std::size_t round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < std::size(counts); ++i)
            figures[i].push_back(with_threads(registry, *one, counts[i], options.seconds));
    }
    std::vector<double> gains;
    for (std::size_t round = 0; round < options.rounds; ++round) gains.push_back(figures[1][round] / figures[0][round]);
    for (std::size_t i = 0; i < std::size(counts); ++i) {
        out.x.push_back(counts[i]);
        out.y.push_back(spread_of(figures[i]).median);
    }
    out.note =
        fmt::format("two threads are {:.2f} times as fast as one (median of the rounds); the machine has {} cores",
                    spread_of(gains).median, this_machine().cores);
    return out;
}

Result<ShapeResult> memory(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions&) {
    ShapeResult out;
    out.measure = "bytes";
    for (const std::size_t count : memory_items) {
        const auto one = items_case(registry, how, count);
        if (!one) return one.error();
        Contender contender = own_contender(registry, *one);
        if (!reset_memory_peak())
            out.note = "the kernel does not let the peak start again: figures grow from line to line";
        const std::size_t before = memory_now();
        std::string output;
        if (!contender.peer->run(one->messages.front(), output))
            return Error{cli::codes::bench_refused, std::string(contender.peer->trouble())};
        out.x.push_back(one->messages.front().size());
        out.y.push_back(static_cast<double>(memory_peak() - std::min(memory_peak(), before)));
    }
    return out;
}

}  // namespace

const std::vector<std::string>& shape_names() {
    static const std::vector<std::string> names{"batch-size", "items", "formats", "threads", "memory"};
    return names;
}

Result<ShapeResult> measure_shape(const plugin::Registry& registry, const std::string& name, const CaseOptions& how,
                                  const MeasureOptions& options) {
    if (name == "batch-size") return batch_size(registry, how, options);
    if (name == "items") return items(registry, how, options);
    if (name == "formats") return formats(registry, how, options);
    if (name == "threads") return threads(registry, how, options);
    if (name == "memory") return memory(registry, how, options);
    return Error{cli::codes::bench_case, fmt::format("no shape '{}'", name)};
}

}  // namespace hansa::bench
