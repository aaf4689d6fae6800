#include "core/exchange/fast_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "core/base/digest.h"
#include "core/exchange/codes.h"
#include "core/mapping/mapping.h"
#include "core/mapping/plan.h"
#include "core/schema/codes.h"
#include "core/schema/compiled_reader.h"
#include "core/xml/line_index.h"

namespace hansa::exchange {
namespace {

/// What one message at a time needs; lent from pool to thread.
struct Worker {
    Worker(std::shared_ptr<const schema::CompiledGrammar> grammar, const mapping::Plan& plan)
        : reader(std::move(grammar)), run(plan) {}
    schema::FastReader reader;
    mapping::PlanRun run;
};

/// A pair of formats under two agencies' settings: its plan, or why there is none.
struct Pair {
    std::once_flag made;
    std::shared_ptr<const schema::CompiledGrammar> grammar;
    std::shared_ptr<const mapping::Plan> plan;
    std::optional<Error> unsupported;
    std::mutex mutex;
    std::vector<std::unique_ptr<Worker>> idle;

    std::unique_ptr<Worker> take() {
        {
            const std::lock_guard lock(mutex);
            if (!idle.empty()) {
                std::unique_ptr<Worker> worker = std::move(idle.back());
                idle.pop_back();
                return worker;
            }
        }
        return std::make_unique<Worker>(grammar, *plan);
    }
    void give_back(std::unique_ptr<Worker> worker) {
        const std::lock_guard lock(mutex);
        idle.push_back(std::move(worker));
    }
};

/// Readers of one format, for validation alone.
struct Readers {
    std::shared_ptr<const schema::CompiledGrammar> grammar;
    std::mutex mutex;
    std::vector<std::unique_ptr<schema::FastReader>> idle;
};

void append_key(std::string& key, std::string_view part) {
    key += fmt::format("{}:{}", part.size(), part);
}

std::string key_of(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                   const mapping::Settings& target) {
    std::string key;
    append_key(key, from.id);
    append_key(key, to.id);
    for (const mapping::Settings* settings : {&source, &target}) {
        for (const auto& [name, value] : *settings) {
            append_key(key, name);
            append_key(key, value);
        }
        key += '|';
    }
    return key;
}

/// The whole document is read; what it was is said by the result.
Result<void> read_whole(schema::FastReader& reader, std::string_view bytes, Diagnostics& faults) {
    const auto opened = reader.open(bytes, {}, faults);
    if (!opened) return opened.error();
    const auto read = reader.next();
    if (!read) return read.error();
    return {};
}

}  // namespace

struct FastTranslator::State {
    std::shared_ptr<const plugin::Registry> registry;
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<Pair>> pairs;
    std::map<const plugin::Format*, std::unique_ptr<Readers>> readers;
    FastCounts counts;

    /// `settings` of `target` only where the pair is not there yet.
    Pair& pair(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
               const mapping::Settings& target) {
        Pair* found = nullptr;
        {
            const std::lock_guard lock(mutex);
            std::unique_ptr<Pair>& kept = pairs[key_of(from, to, source, target)];
            if (!kept) kept = std::make_unique<Pair>();
            found = kept.get();
        }
        std::call_once(found->made, [&] {
            if (const auto made = make(*found, from, to, source, target); !made) found->unsupported = made.error();
        });
        return *found;
    }

    Result<void> make(Pair& pair, const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                      const mapping::Settings& target) {
        if (from.kind != to.kind) return Error{codes::kind_differs, fmt::format("{} and {}", from.id, to.id)};
        const plugin::Format *source_format = registry->find(from.id), *target_format = registry->find(to.id);
        if (source_format == nullptr || target_format == nullptr)
            return Error{codes::format_needed, fmt::format("{} and {}", from.id, to.id)};
        auto grammar = registry->compiled(*source_format);
        if (!grammar) return grammar.error();
        // What is written is valid by the plan's own checks, but for constraints over several elements,
        // which a compiled grammar does not hold either.
        const auto written = registry->compiled(*target_format);
        if (!written) return written.error();
        Diagnostics faults;
        auto plan = mapping::Plan::compile({source_format->mapping, std::shared_ptr<const schema::PathTable>(*grammar, &(*grammar)->paths()), source},
                                           {target_format->mapping, target}, {}, faults);
        if (!plan) return plan.error();
        pair.grammar = *std::move(grammar);
        pair.plan = *std::move(plan);
        return {};
    }

    void count_declined(const std::string& why) {
        constexpr std::size_t reasons_max = 64;
        const std::lock_guard lock(mutex);
        const bool known = counts.declined.contains(why) || counts.declined.size() < reasons_max;
        ++counts.declined[known ? why : "other"];
    }
    void count(std::uint64_t FastCounts::* which) {
        const std::lock_guard lock(mutex);
        ++(counts.*which);
    }
};

FastTranslator::FastTranslator(std::shared_ptr<const plugin::Registry> registry) : state_(std::make_unique<State>()) {
    state_->registry = std::move(registry);
}

FastTranslator::~FastTranslator() = default;

namespace {

void take_results(const FastRequest& request, const Worker& worker, FastTranslation& out) {
    const mapping::PlanRun& run = worker.run;
    out.documents = run.documents();
    out.messages.resize(run.messages());
    for (std::size_t i = 0; i < out.messages.size(); ++i) {
        out.messages[i].bytes = run.bytes(i);
        const auto documents = run.documents_of(i);
        out.messages[i].documents.assign(documents.begin(), documents.end());
    }
    out.warnings = run.warnings();
    out.with_ledger = request.with_ledger;
    if (!request.with_ledger) return;
    xml::LineIndex lines(worker.reader.text());
    run.ledger(out.ledger, lines);
}

}  // namespace

FastTranslation FastTranslator::translate(const FastRequest& request) const {
    FastTranslation out;
    const auto decline = [&](std::string why) {
        state_->count_declined(why);
        out.outcome = FastOutcome::declined;
        out.why = std::move(why);
    };
    Pair& pair = state_->pair(request.from, request.to, request.source.settings, request.target.settings);
    if (pair.unsupported) {
        decline(pair.unsupported->text());
        return out;
    }
    std::unique_ptr<Worker> worker = pair.take();
    const auto read = read_whole(worker->reader, request.bytes, out.faults);
    if (read) {
        worker->run.begin(request.source, request.target);
        if (worker->run.message(worker->reader.tape()) == mapping::Fast::done) {
            out.outcome = FastOutcome::done;
            out.plan = pair.plan->id();
            take_results(request, *worker, out);
            state_->count(&FastCounts::done);
        } else {
            decline(worker->run.why());
        }
    } else if (read.error().code == schema::codes::undecided) {
        decline("the schema asks for what only the reference judges");
    } else {
        if (out.faults.empty()) out.faults.add(read.error());
        out.outcome = FastOutcome::invalid;
        state_->count(&FastCounts::invalid);
    }
    pair.give_back(std::move(worker));
    return out;
}

Result<void> FastTranslator::prepare(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                                     const mapping::Settings& target) const {
    const Pair& pair = state_->pair(from, to, source, target);
    if (pair.unsupported) return *pair.unsupported;
    return {};
}

std::optional<bool> FastTranslator::validate(const plugin::Format& format, std::string_view bytes, Diagnostics& faults) const {
    Readers* readers = nullptr;
    {
        const std::lock_guard lock(state_->mutex);
        std::unique_ptr<Readers>& kept = state_->readers[&format];
        if (!kept) kept = std::make_unique<Readers>();
        readers = kept.get();
    }
    std::unique_ptr<schema::FastReader> reader;
    {
        const std::lock_guard lock(readers->mutex);
        if (!readers->grammar) {
            auto grammar = state_->registry->compiled(format);
            if (!grammar) return std::nullopt;
            readers->grammar = *std::move(grammar);
        }
        if (!readers->idle.empty()) {
            reader = std::move(readers->idle.back());
            readers->idle.pop_back();
        }
    }
    if (!reader) reader = std::make_unique<schema::FastReader>(readers->grammar);
    Diagnostics found;
    const auto read = read_whole(*reader, bytes, found);
    {
        const std::lock_guard lock(readers->mutex);
        readers->idle.push_back(std::move(reader));
    }
    if (read) return true;
    if (read.error().code == schema::codes::undecided) return std::nullopt;
    if (found.empty()) found.add(read.error());
    faults.append(found);
    return false;
}

FastCounts FastTranslator::counts() const {
    const std::lock_guard lock(state_->mutex);
    return state_->counts;
}

namespace {

bool same(const mapping::LossEntry& a, const mapping::LossEntry& b) {
    return a.kind == b.kind && a.path == b.path && a.value == b.value && a.reason == b.reason && a.row == b.row &&
           a.line == b.line && a.column == b.column;
}

std::string words_of(const mapping::LossEntry& entry) {
    return fmt::format("{} {} at {}:{} ({}; {})", mapping::loss_kind_name(entry.kind), entry.path, entry.line, entry.column,
                       entry.reason, entry.row);
}

std::string difference_of_messages(const std::vector<WrittenMessage>& ours, std::span<const WrittenMessage> theirs) {
    if (ours.size() != theirs.size()) return fmt::format("{} messages against {}", ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const std::string &a = ours[i].bytes, &b = theirs[i].bytes;
        if (ours[i].documents != theirs[i].documents) return fmt::format("message {} has other documents", i + 1);
        if (a == b) continue;
        const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
        return fmt::format("message {} differs at byte {}", i + 1, at);
    }
    return {};
}

std::string difference_of_losses(const mapping::Ledger& ours, const mapping::Ledger& theirs) {
    const auto &mine = ours.entries, &other = theirs.entries;
    for (std::size_t i = 0; i < std::max(mine.size(), other.size()); ++i) {
        if (i < mine.size() && i < other.size() && same(mine[i], other[i])) continue;
        return fmt::format("loss {}: {} against {}", i + 1, i < mine.size() ? words_of(mine[i]) : "none",
                           i < other.size() ? words_of(other[i]) : "none");
    }
    return {};
}

std::string difference(const FastTranslation& found, const Result<Judged>& judged) {
    const bool valid = found.outcome == FastOutcome::done;
    if (!valid && !judged) return {};
    if (!judged) return fmt::format("the reference refuses it: {}", judged.error().text());
    if (!valid) return fmt::format("the fast way refuses it: {}", found.faults.errors().front().text());
    std::string words = difference_of_messages(found.messages, judged->messages);
    return !words.empty() || !found.with_ledger ? words : difference_of_losses(found.ledger, judged->ledger);
}

Result<Translation> by_fast(const plugin::Format& from, const plugin::Format& to, FastTranslation&& found) {
    Translation out;
    out.from = &from;
    out.to = &to;
    out.messages = std::move(found.messages);
    out.ledger = std::move(found.ledger);
    out.warnings = std::move(found.warnings);
    out.plan = std::move(found.plan);
    return out;
}

}  // namespace

Result<void> agree(const FastTranslation& found, const Result<Judged>& judged) {
    if (found.outcome == FastOutcome::declined) return {};
    std::string words = difference(found, judged);
    if (words.empty()) return {};
    return Error{codes::engines_differ, std::move(words)};
}

Result<Translation> translate(const FastTranslator& fast, const plugin::Registry& registry, const TranslateRequest& request,
                              Engine engine, Diagnostics& faults) {
    if (engine == Engine::reference) return translate(registry, request, faults);
    const auto from = format_of(registry, request.from, request.bytes);
    if (!from) return from.error();
    const auto to = format_of(registry, request.to, {});
    if (!to) return to.error();
    mapping::Context source = request.source, target = request.target;
    source.message_digest = target.message_digest = sha256_hex(request.bytes);
    FastTranslation found = fast.translate({request.bytes, **from, **to, source, target, true});
    if (engine == Engine::fast && found.outcome == FastOutcome::done) return by_fast(**from, **to, std::move(found));
    // What is not valid is told whole: all faults, not the first.
    auto judged = translate(registry, request, faults);
    if (engine == Engine::fast || found.outcome == FastOutcome::declined) return judged;
    const auto same = judged ? agree(found, Judged{judged->messages, judged->ledger}) : agree(found, judged.error());
    if (same) return judged;
    faults.add(same.error());
    return same.error();
}

}  // namespace hansa::exchange
