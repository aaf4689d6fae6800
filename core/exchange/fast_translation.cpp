#include "core/exchange/fast_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include "core/base/digest.h"
#include "core/envelope/batch.h"
#include "core/exchange/codes.h"
#include "core/exchange/fast_translation_state.h"
#include "core/mapping/mapping.h"
#include "core/schema/codes.h"
#include "core/xml/encoding.h"
#include "core/xml/line_index.h"

namespace hansa::exchange {

std::string pair_key(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                     const mapping::Settings& target) {
    std::string key;
    append_key(key, from.id);
    append_key(key, to.id);
    for (const mapping::Settings* settings : {&source, &target}) {
        for (const auto& [name, value] : *settings) {
            append_key(append_key(key, name), value);
        }
        key += '|';
    }
    return key;
}

Result<void> FastTranslator::State::make(PlannedPair& pair, const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                  const mapping::Settings& target) const {
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
    pair.plan = *std::move(plan);
    return {};
}

FastTranslator::FastTranslator(std::shared_ptr<const plugin::Registry> registry) : state_(std::make_unique<State>()) {
    state_->registry = std::move(registry);
}

FastTranslator::~FastTranslator() = default;

namespace {

void move_to(std::vector<mapping::LossEntry>& to, std::vector<mapping::LossEntry>& from) {
    std::ranges::move(from, std::back_inserter(to));
}

/// What the parts of a message have made so far, each part with a tape of its own.
class Gathering {
public:
    Gathering(FastTranslation& out, const FastPair& asked) : out_(out), in_words_(asked.in_words) {
        out_.with_ledger = asked.with_ledger;
    }

    void take(const FastRead& read, const mapping::PlanRun& run) {
        for (std::size_t i = 0; i < run.messages(); ++i) {
            WrittenMessage& message = out_.messages.emplace_back();
            message.bytes = run.bytes(i);
            if (!waiting_.empty()) message.bytes.insert(run.hole(i), waiting_);
            const mapping::PlanDocuments documents = run.documents_of(i);
            message.documents.resize(documents.count);
            std::iota(message.documents.begin(), message.documents.end(), documents.first);
        }
        if (run.messages() == 0) waiting_ += run.waiting();
        run.warnings(out_.warnings, later_warnings_);
        if (!out_.with_ledger) return;
        xml::LineIndex lines(read.text());
        if (in_words_) return run.tell_losses(told_, lines);
        mapping::PartLosses losses;
        run.losses(losses, lines);
        move_to(out_.ledger.entries, losses.read);
        move_to(written_, losses.tail);
        for (mapping::PartLosses::Document& one : losses.documents) {
            move_to(written_, one.own);
            written_.insert(written_.end(), losses.around.begin(), losses.around.end());
            move_to(written_, one.tail);
        }
    }
    void finish(const mapping::PlanRun& run) {
        out_.documents = run.documents();
        move_to(out_.ledger.entries, written_);
        out_.ledger.told = std::move(told_.read);
        out_.ledger.told.add(told_.written);
        std::ranges::move(later_warnings_, std::back_inserter(out_.warnings));
    }

private:
    FastTranslation& out_;
    bool in_words_;
    mapping::PartToldLosses told_;
    std::vector<mapping::LossEntry> written_;
    std::vector<Error> later_warnings_;
    std::string waiting_;
};

}  // namespace

Result<void> FastTranslator::well_formed(std::string_view bytes) const {
    const xml::Limits limits;
    const auto document = xml::to_utf8(bytes, limits.document_bytes_max);
    if (!document) return document.error();
    const auto scanner = state_->scanners.take([] { return std::make_unique<xml::FastScanner>(); });
    scanner->reset(document->text(), limits, xml::DeclaredEncoding::converted);
    while (scanner->advance()) {
        if (scanner->kind() == xml::TokenKind::end_of_document) return {};
    }
    return scanner->error();
}

FastRead FastTranslator::read(const plugin::Format& format, std::string_view bytes) const {
    FastRead out;
    if (format.syntax != "xml") {
        out.why_ = "the reference alone reads what is no XML";
        return out;
    }
    FormatReaders& readers = state_->readers_of(format);
    if (!readers.grammar) {
        out.why_ = "the reference alone reads the schema";
        return out;
    }
    auto reader = readers.pool.take([&] { return std::make_unique<schema::FastReader>(readers.grammar); });
    Result<void> read = reader->open(bytes, {}, out.faults_);
    if (read) {
        const auto step = reader->next();
        if (!step) read = step.error();
    }
    if (read) {
        out.outcome_ = FastOutcome::done;
        out.reader_ = std::move(reader);
    } else if (read.error().code == schema::codes::undecided) {
        out.why_ = "the schema asks for what only the reference judges";
    } else {
        out.outcome_ = FastOutcome::invalid;
        if (out.faults_.empty()) out.faults_.add(read.error());
    }
    return out;
}

std::shared_ptr<const schema::PathTable> FastTranslator::paths(const plugin::Format& format) const {
    const FormatReaders& readers = state_->readers_of(format);
    if (!readers.grammar) return nullptr;
    return {readers.grammar, &readers.grammar->paths()};
}

FastTranslation FastTranslator::translate(const FastRead& read, const FastPair& asked) const {
    const FastRead* const one = &read;
    return translate(std::span(&one, 1), asked);
}

FastTranslation FastTranslator::translate(std::span<const FastRead* const> reads, const FastPair& asked) const {
    FastTranslation out;
    const auto decline = [&](std::string why) {
        state_->count_declined(why);
        out.outcome = FastOutcome::declined;
        out.why = std::move(why);
    };
    PlannedPair& pair = state_->pair(asked.from, asked.to, asked.source.settings, asked.target.settings);
    const auto bad = std::ranges::find_if(reads, [](const FastRead* read) { return !read->valid(); });
    if (pair.unsupported) {
        decline(pair.unsupported->text());
        return out;
    }
    if (bad != reads.end()) {
        if ((*bad)->outcome() != FastOutcome::invalid) {
            decline((*bad)->why());
            return out;
        }
        out.outcome = FastOutcome::invalid;
        out.faults = (*bad)->faults();
        ++state_->invalid;
        return out;
    }
    const auto run = pair.pool.take([&] { return std::make_unique<mapping::PlanRun>(*pair.plan); });
    run->begin(asked.source, asked.target);
    if (!asked.chosen.empty()) run->choose(asked.chosen);
    Gathering gathering(out, asked);
    for (const FastRead* const& read : reads) {
        const bool last = &read == &reads.back();
        if (run->part(read->tape(), last ? mapping::PlanEnd::message : mapping::PlanEnd::tape) != mapping::Fast::done) {
            out = FastTranslation();
            decline(run->why());
            return out;
        }
        gathering.take(*read, *run);
        run->drop();
    }
    gathering.finish(*run);
    out.outcome = FastOutcome::done;
    out.plan = pair.plan->id();
    ++state_->done;
    return out;
}

FastTranslation FastTranslator::translate(const FastRequest& request) const {
    return translate(read(request.from, request.bytes),
                     {request.from, request.to, request.source, request.target, request.with_ledger});
}

Result<void> FastTranslator::prepare(const plugin::Format& from, const plugin::Format& to, const mapping::Settings& source,
                                     const mapping::Settings& target) const {
    const PlannedPair& pair = state_->pair(from, to, source, target);
    if (pair.unsupported) return *pair.unsupported;
    return {};
}

std::optional<bool> FastTranslator::validate(const plugin::Format& format, std::string_view bytes, Diagnostics& faults) const {
    const FastRead found = read(format, bytes);
    if (found.outcome() == FastOutcome::declined) return std::nullopt;
    faults.append(found.faults());
    return found.valid();
}

void FastTranslator::left(const std::string& why) const {
    state_->count_declined(why);
}

FastCounts FastTranslator::counts() const {
    FastCounts out;
    out.done = state_->done;
    out.invalid = state_->invalid;
    const std::lock_guard lock(state_->declined_mutex);
    out.declined = state_->declined;
    return out;
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
    if (!ours.told.empty()) {
        const std::string a = ours.json({}, {}), b = theirs.json({}, {});
        const auto at = std::ranges::mismatch(a, b).in1 - a.begin();
        return a == b ? std::string() : fmt::format("ledgers differ at byte {}: {}", at, a.substr(static_cast<std::size_t>(at), 80));
    }
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

/// A message, or a batch of such. A batch that is none is for the reference to refuse.
FastTranslation translate_any(const FastTranslator& fast, std::string_view bytes, const FastPair& pair) {
    std::vector<std::string_view> documents{bytes};
    if (envelope::is_batch(bytes)) {
        auto batch = envelope::read_batch(bytes, std::numeric_limits<std::size_t>::max());
        if (!batch) {
            FastTranslation out;
            out.why = "a batch that is none";
            fast.left(out.why);
            return out;
        }
        documents = std::move(batch->documents);
    }
    std::vector<FastRead> reads;
    std::vector<const FastRead*> all;
    for (const std::string_view one : documents) reads.push_back(fast.read(pair.from, one));
    for (const FastRead& one : reads) all.push_back(&one);
    return fast.translate(all, pair);
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
    if (engine == Engine::reference || !request.question.empty()) return translate(registry, request, faults);  // completed answers have no plan
    const auto from = format_in(registry, request.from, request.bytes);
    if (!from) return from.error();
    const auto to = format_of(registry, request.to, {});
    if (!to) return to.error();
    mapping::Context source = request.source, target = request.target;
    source.message_digest = target.message_digest = sha256_hex(request.bytes);
    FastTranslation found = translate_any(fast, request.bytes, {**from, **to, source, target});
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
