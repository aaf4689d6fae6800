#include "core/cli/bench_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/cli/bench_fast.h"
#include "core/cli/bench_hansa.h"
#include "core/cli/bench_limits.h"
#include "core/cli/bench_machine.h"
#include "core/cli/codes.h"
#include "core/xml/canonical.h"

namespace hansa::bench {
namespace {

std::string around(std::string_view text, std::size_t at) {
    const std::size_t from = at < 30 ? 0 : at - 30;
    std::string out(text.substr(from, 80));
    std::ranges::replace(out, '\n', ' ');
    return out;
}

std::string first_difference(std::string_view wanted, std::string_view found) {
    const auto [a, b] = std::ranges::mismatch(wanted, found);
    const auto at = static_cast<std::size_t>(a - wanted.begin());
    return fmt::format("byte {} of {} and {}: '{}' against '{}'", at, wanted.size(), found.size(), around(wanted, at),
                       around(found, at));
}

bool signs(const Case& one) {
    return one.work == Work::sign || one.work == Work::pipeline || one.work == Work::durable;
}

/// What was signed, as its digest sees it: serialisers may write an empty element in two ways.
std::string signed_content(const Case& one, std::string_view message) {
    const std::string out = without_signature(message);
    if (one.work != Work::sign || out.empty()) return out;
    const auto document = xml::ReferenceDocument::parse(out);
    const auto octets = document ? xml::canonical_form(*document, {}) : Result<std::string>(document.error());
    return octets ? *octets : octets.error().text();
}

/// Nothing, or how the contender's output for a message differs from Hansa's.
std::optional<std::string> difference(const Case& one, Contender& hansa, Contender& other, std::string_view message,
                                      std::string_view wanted) {
    std::string found;
    if (!other.peer->check(message, found)) return std::string(other.peer->trouble());
    if (!signs(one)) return wanted == found ? std::nullopt : std::optional(first_difference(wanted, found));
    const std::string ours = signed_content(one, wanted), theirs = signed_content(one, found);
    if (ours.empty() || theirs.empty()) return "an output has no signature";
    if (ours != theirs) return first_difference(ours, theirs);
    if (!hansa.peer->verifies(found)) return fmt::format("hansa does not verify it: {}", hansa.peer->trouble());
    if (!other.peer->verifies(wanted)) return fmt::format("it does not verify hansa's: {}", other.peer->trouble());
    return std::nullopt;
}

/// Hansa's outputs, one a message. Errors: cli.bench-refused
Result<std::vector<std::string>> outputs_of(const Case& one, Contender& hansa, std::string_view engine) {
    std::vector<std::string> out;
    for (const std::string& message : one.messages) {
        if (!hansa.peer->check(message, out.emplace_back()))
            return Error{cli::codes::bench_refused,
                         fmt::format("{}: hansa ({}): {}", one.name, engine, hansa.peer->trouble())};
    }
    return out;
}

std::vector<double> ratios(const std::vector<double>& ours, const std::vector<double>& theirs) {
    std::vector<double> out;
    for (std::size_t i = 0; i < ours.size(); ++i) out.push_back(ours[i] / theirs[i]);
    return out;
}

Spread scaled(Spread spread, double by) {
    return {spread.median * by, spread.low * by, spread.high * by};
}

std::uint64_t count_instructions(const Case& one, Contender& hansa) {
    InstructionCounter counter;
    if (!counter.works()) return 0;
    constexpr std::size_t runs = 5;
    std::string output;
    std::vector<std::string_view> views(one.messages.begin(), one.messages.end());
    hansa.peer->prepare(views);
    counter.start();
    for (std::size_t i = 0; i < runs; ++i) {
        for (const std::string_view message : views) (void)hansa.peer->run(message, output);
    }
    return counter.stop() / (runs * views.size() * one.documents);
}

}  // namespace

Field contenders_of(const plugin::Registry& registry, const Case& one, const PeerLibrary* library, bool limits) {
    Field out;
    auto fast = fast_contender(registry, one, out.note);
    out.engine = fast ? "fast" : "reference";
    if (fast) {
        out.contenders.push_back({"hansa", std::move(fast)});
        out.contenders.push_back({"reference", reference_contender(registry, one)});
    } else {
        out.contenders.push_back({"hansa", reference_contender(registry, one)});
    }
    // What lanes are worth: the same way with each message's digests computed alone, by OpenSSL.
    if (out.engine == "fast" && one.work == Work::pipeline) {
        if (auto alone = fast_translator(registry, one, out.note, 1))
            out.contenders.push_back({"one-by-one", std::move(alone)});
    }
    if (library != nullptr) {
        for (const std::string& name : library->names(one.task)) {
            auto peer = library->make(name, one.task);
            if (peer)
                out.contenders.push_back({name, *std::move(peer)});
            else
                out.refused.push_back({name, peer.error().detail});
        }
    }
    if (limits) std::ranges::move(limits_of(one), std::back_inserter(out.contenders));
    return out;
}

Result<void> compare_outputs(const Case& one, Field& field) {
    Contender& hansa = field.contenders.front();
    const auto wanted = outputs_of(one, hansa, field.engine);
    if (!wanted) return wanted.error();
    field.left = hansa.peer->left();
    if (field.left != 0)
        field.note = fmt::format("{} of {} messages left to the reference way: {}", field.left, one.messages.size(),
                                 hansa.peer->why_left());
    for (std::size_t i = 1; i < field.contenders.size();) {
        Contender& other = field.contenders[i];
        std::optional<std::string> why;
        for (std::size_t k = 0; k < one.messages.size() && !why && !other.limit; ++k)
            why = difference(one, hansa, other, one.messages[k], (*wanted)[k]);
        if (!why) {
            ++i;
            continue;
        }
        if (other.name == "reference")
            return Error{cli::codes::bench_differs, fmt::format("{}: hansa and its reference: {}", one.name, *why)};
        field.refused.push_back({other.name, *why});
        field.contenders.erase(field.contenders.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return {};
}

Result<CaseResult> run_case(const plugin::Registry& registry, const Case& one, const PeerLibrary* library,
                            const MeasureOptions& options) {
    Field field = contenders_of(registry, one, library, library != nullptr);
    if (auto same = compare_outputs(one, field); !same) return same.error();
    const auto rounds = measure(field.contenders, one.messages, options);
    if (!rounds) return rounds.error();
    CaseResult out{.name = one.name,
                   .unit = one.unit,
                   .engine = field.engine,
                   .note = field.note,
                   .documents = one.documents,
                   .left = field.left,
                   .refused = std::move(field.refused)};
    for (const std::string& message : one.messages) out.input_bytes += message.size();
    out.input_bytes /= one.messages.size();
    const auto documents = static_cast<double>(one.documents);
    for (std::size_t i = 0; i < field.contenders.size(); ++i) {
        Figures figures{scaled(spread_of(rounds->per_s[i]), documents),
                        spread_of(ratios(rounds->per_s.front(), rounds->per_s[i])), field.contenders[i].limit};
        if (i == 0)
            out.hansa = figures;
        else
            out.peers.emplace(field.contenders[i].name, figures);
    }
    out.mb_per_s = out.hansa.units_per_s.median / documents * static_cast<double>(out.input_bytes) / 1e6;
    out.instructions_per_unit = count_instructions(one, field.contenders.front());
    return out;
}

}  // namespace hansa::bench
