#include "core/cli/bench_shapes.h"

#include <fmt/format.h>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <optional>
#include <thread>

#include "core/base/file_writer.h"
#include "core/base/mapped_file.h"
#include "core/cli/bench_hansa.h"
#include "core/cli/bench_machine.h"
#include "core/cli/codes.h"
#include "core/envelope/batch.h"
#include "core/exchange/streamed_translation.h"
#include "core/plugin/scaffold.h"
#include "core/schema/compiled_reader.h"

namespace hansa::bench {
namespace {

namespace fs = std::filesystem;
constexpr const char* pair_name = "translate/cn.ceb621/wco.declaration";
constexpr std::size_t formats_wanted = 300;
constexpr std::size_t batch_sizes[] = {1, 10, 100, 1'000, 10'000};
constexpr std::size_t items_sizes[] = {1, 10, 100, 999};  // a WCO declaration holds 999
constexpr std::size_t streamed_bytes[] = {std::size_t{1} << 20U, std::size_t{8} << 20U, std::size_t{64} << 20U};
constexpr std::size_t read_items[] = {1'000, 10'000, 30'000};

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

/// A message of any size, done document by document.
class Streamed final : public Peer {
public:
    Streamed(const plugin::Registry& registry, const Case& one, std::filesystem::path folder)
        : fast_(std::shared_ptr<const plugin::Registry>(std::shared_ptr<const void>(), &registry)),
          from_(*one.from),
          to_(*one.to),
          folder_(std::move(folder)) {
        source_.settings = settings_of(from_.id);
        target_.settings = settings_of(to_.id);
        source_.received = target_.received = received_time;
        source_.message_digest = target_.message_digest = std::string(64, '0');
        target_.losses_max = std::numeric_limits<std::size_t>::max();
    }
    bool run(std::string_view message, std::string& output) override {
        output.clear();
        return run(message, {}, [&](std::string_view piece) -> Result<void> {
            output += piece;
            return {};
        });
    }
    bool run(std::string_view message, const std::function<void(std::size_t)>& forget,
             const exchange::StagedTranslation::Write& write) {
        const auto found = exchange::stream_translation(
            fast_, {.bytes = message, .from = from_, .to = to_, .source = source_, .target = target_,
                    .with_ledger = false, .folder = folder_, .forget = forget});
        if (found.outcome() != exchange::FastOutcome::done) return refuse(found.why());
        const auto given = found.give_batch(write);
        return given || refuse(given.error().text());
    }

private:
    exchange::FastTranslator fast_;
    const plugin::Format& from_;
    const plugin::Format& to_;
    std::filesystem::path folder_;
    mapping::Context source_, target_;
};

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
    for (Track& track : tracks) {
        const bool streamed = track.units > static_cast<double>(documents_max(track.one.from->id));
        track.contender = streamed ? Contender{"hansa", std::make_unique<Streamed>(registry, track.one, how.scratch)}
                                   : own_contender(registry, track.one);
    }
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
    for (const std::size_t count : items_sizes) {
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

/// The most memory in use between its begin and stop(), looked at every 100 microseconds and at the end. Not every
/// kernel lets a process ask for a new peak.
class MemoryPeak {
public:
    explicit MemoryPeak(std::size_t (*now)())
        : now_(now), watching_([this](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  look();
                  std::this_thread::sleep_for(std::chrono::microseconds(100));
              }
          }) {}
    std::size_t stop() {
        watching_.request_stop();
        watching_.join();
        look();
        return peak_;
    }

private:
    void look() { peak_ = std::max(peak_, now_()); }
    std::size_t (*now_)();
    std::size_t peak_ = 0;
    std::jthread watching_;
};

/// What `work` adds to the memory in use at its peak, in a process of its own. Nothing: it failed.
template <class Work>
std::optional<double> memory_of(Work work, std::size_t (*now)() = memory_now) {
    int ends[2] = {};
    if (pipe(ends) != 0) return std::nullopt;
    const pid_t child = fork();
    if (child == 0) {
        malloc_trim(0);  // what earlier work gave back would hide what this one takes
        const std::size_t before = now();
        MemoryPeak peak(now);
        const bool good = work();
        const std::size_t added = peak.stop() - before;
        _exit(good && write(ends[1], &added, sizeof added) == sizeof added ? 0 : 1);
    }
    std::size_t added = 0;
    close(ends[1]);
    const bool told = child > 0 && read(ends[0], &added, sizeof added) == sizeof added;
    close(ends[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    return told ? std::optional(static_cast<double>(added)) : std::nullopt;
}

Error no_figure(std::string_view what) {
    return {cli::codes::bench_refused, fmt::format("{}: the work failed in its own process", what)};
}

Result<ShapeResult> memory(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions&) {
    ShapeResult out;
    out.measure = "bytes";
    for (const std::size_t count : items_sizes) {
        const auto one = items_case(registry, how, count);
        if (!one) return one.error();
        Contender contender = own_contender(registry, *one);
        std::string output;
        const auto added = memory_of([&] { return contender.peer->run(one->messages.front(), output); });
        if (!added) return no_figure(one->name);
        out.x.push_back(one->messages.front().size());
        out.y.push_back(*added);
    }
    return out;
}

/// A file with a hansa.batch of about so many bytes, of messages that come again and again.
Result<void> write_batch(const fs::path& file, std::span<const std::string> messages, std::size_t bytes) {
    std::vector<std::string> roots;
    std::size_t size = 0;
    for (const std::string& message : messages) {
        const auto root = envelope::root_slice(message);
        if (!root) return root.error();
        std::string one;
        envelope::append_batch_document(one, *root);
        size += one.size();
        roots.push_back(std::move(one));
    }
    const std::size_t count = std::max<std::size_t>(1, bytes * roots.size() / size);
    auto out = FileWriter::open(file);
    if (!out) return out.error();
    std::string frame;
    envelope::append_batch_start(frame, count, {});
    Result<void> written = out->write(frame);
    for (std::size_t i = 0; written && i < count; ++i) written = out->write(roots[i % roots.size()]);
    frame.clear();
    envelope::append_batch_end(frame);
    if (written) written = out->write(frame);
    return written ? out->commit() : written;
}

Result<ShapeResult> memory_streaming(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions&) {
    ShapeResult out;
    out.measure = "bytes";
    CaseOptions own = how;
    own.messages = 4;
    const auto one = make_case(registry, fmt::format("{}/100", pair_name), own);
    if (!one) return one.error();
    const fs::path file = fs::path(how.scratch) / "batch.xml";
    for (const std::size_t bytes : streamed_bytes) {
        if (const auto written = write_batch(file, one->messages, bytes); !written) return written.error();
        const auto work = [&] {
            auto mapped = MappedFile::open(file);
            auto result = FileWriter::open(fs::path(how.scratch) / "result.xml");
            if (!mapped || !result) return false;
            Streamed peer(registry, *one, how.scratch);
            return peer.run(mapped->bytes(), [&](std::size_t count) { mapped->forget(count); },
                            [&](std::string_view piece) { return result->write(piece); });
        };
        const auto added = memory_of(work, own_memory_now);
        if (!added) return no_figure(one->name);
        out.x.push_back(fs::file_size(file));
        out.y.push_back(*added);
    }
    fs::remove(file);
    return out;
}

bool read_item_by_item(const std::shared_ptr<const schema::CompiledGrammar>& grammar, schema::PathIndex item,
                       std::string_view message) {
    Diagnostics faults;
    schema::FastReader reader(grammar);
    if (!reader.open(message, {&item, 1}, faults, {.document_bytes_max = message.size()})) return false;
    for (;;) {
        const auto step = reader.next();
        if (!step) return false;
        if (*step == schema::ReadStep::end) return true;
        reader.tape().truncate(reader.tape().floor());
    }
}

/// A document is read item by item, and each item is dropped when it was read.
Result<ShapeResult> memory_reading(const plugin::Registry& registry, const CaseOptions& how, const MeasureOptions&) {
    ShapeResult out;
    out.measure = "bytes";
    const plugin::Format* format = registry.find("asycuda.sad");
    const auto grammar =
        format == nullptr
            ? Result<std::shared_ptr<const schema::CompiledGrammar>>(Error{cli::codes::bench_case, "no such format"})
            : registry.compiled(*format);
    if (!grammar) return grammar.error();
    const schema::PathIndex item = (*grammar)->paths().find("Item");
    for (const std::size_t count : read_items) {
        const auto message = make_message({*format, 1, how.seed, Shape::plain, count});
        if (!message) return message.error();
        const auto added = memory_of([&] { return read_item_by_item(*grammar, item, *message); });
        if (!added) return no_figure("asycuda.sad");
        out.x.push_back(message->size());
        out.y.push_back(*added);
    }
    return out;
}

constexpr const char* planned_pairs[] = {"cn.ceb621/wco.declaration", "eaeu.goods-declaration/am.esad",
                                         "asycuda.sad/wco.declaration", "wco.declaration/asycuda.sad"};

/// From plugins that nobody has asked for anything to the first message's output.
Result<ShapeResult> plan_compile(const plugin::Registry& registry, const CaseOptions& how,
                                 const MeasureOptions& options) {
    ShapeResult out;
    out.measure = "ms";
    plugin::LoadOptions places;
    for (const plugin::PluginInfo& info : registry.plugins()) places.plugin_folders.emplace_back(info.path);
    places.schema_folder = how.schema_folder;
    CaseOptions own = how;
    own.messages = 1;
    std::vector<double> loads;
    for (const char* pair : planned_pairs) {
        auto one = make_case(registry, fmt::format("translate/{}/1", pair), own);
        if (!one) return one.error();
        std::vector<double> figures;
        for (std::size_t round = 0; round < std::min<std::size_t>(options.rounds, 3); ++round) {
            Diagnostics faults;
            const auto start = std::chrono::steady_clock::now();
            const auto fresh = plugin::Registry::load(places, faults);
            const auto loaded = std::chrono::steady_clock::now();
            const std::string from = one->from->id, to = one->to->id;
            one->from = fresh->find(from);
            one->to = fresh->find(to);
            if (one->from == nullptr || one->to == nullptr)
                return faults.empty() ? Error{cli::codes::bench_case, from} : faults.errors().front();
            Contender contender = own_contender(*fresh, *one);
            std::string output;
            if (!contender.peer->run(one->messages.front(), output))
                return Error{cli::codes::bench_refused, std::string(contender.peer->trouble())};
            const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - loaded,
                                                            load = loaded - start;
            figures.push_back(spent.count());
            loads.push_back(load.count());
            contender = {};
            one->from = registry.find(from);
            one->to = registry.find(to);
        }
        out.x.push_back(pair);
        out.y.push_back(spread_of(figures).median);
    }
    out.note = fmt::format("first message included; before it {} plugins were loaded in {:.1f} ms",
                           registry.plugins().size(), spread_of(loads).median);
    return out;
}

}  // namespace

const std::vector<std::string>& shape_names() {
    static const std::vector<std::string> names{"batch-size", "items",          "formats",     "threads",
                                                "memory",     "memory-streaming", "memory-reading", "plan-compile"};
    return names;
}

Result<ShapeResult> measure_shape(const plugin::Registry& registry, const std::string& name, const CaseOptions& how,
                                  const MeasureOptions& options) {
    if (name == "batch-size") return batch_size(registry, how, options);
    if (name == "items") return items(registry, how, options);
    if (name == "formats") return formats(registry, how, options);
    if (name == "threads") return threads(registry, how, options);
    if (name == "memory") return memory(registry, how, options);
    if (name == "memory-streaming") return memory_streaming(registry, how, options);
    if (name == "memory-reading") return memory_reading(registry, how, options);
    if (name == "plan-compile") return plan_compile(registry, how, options);
    return Error{cli::codes::bench_case, fmt::format("no shape '{}'", name)};
}

}  // namespace hansa::bench
