#include "core/trace/tracer.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/base/nearest.h"
#include "core/trace/codes.h"
#include "core/trace/reader.h"
#include "core/trace/store.h"
#include "core/trace/writer.h"

namespace hansa::trace {
namespace {

constexpr std::size_t message_events_max = 200;

Error nothing_known(std::string_view reference) {
    return {codes::not_found, fmt::format("'{}'", reference)};
}

}  // namespace

struct Tracer::State {
    std::mutex writing, reading;
    std::unique_ptr<Store> writer, reader;

    /// Durable, all or nothing.
    template <class Step>
    auto write(Step step) -> decltype(step(*writer)) {
        const std::lock_guard lock(writing);
        if (auto begun = writer->begin(); !begun) return begun.error();
        auto out = step(*writer);
        if (!out) {
            writer->roll_back();
            return out;
        }
        if (auto done = writer->commit(); !done) return done.error();
        return out;
    }

    template <class Question>
    auto read(Question question) -> decltype(question(*reader)) {
        const std::lock_guard lock(reading);
        if (auto begun = reader->begin_reading(); !begun) return begun.error();
        auto out = question(*reader);
        reader->roll_back();
        return out;
    }
};

Tracer::Tracer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tracer::~Tracer() = default;

Result<std::unique_ptr<Tracer>> Tracer::open(const std::filesystem::path& path, Options options) {
    auto state = std::make_unique<State>();
    auto writer = Store::open(path, options.memory_bytes);
    if (!writer) return writer.error();
    state->writer = *std::move(writer);
    auto reader = Store::open_to_read(path, options.memory_bytes);
    if (!reader) return reader.error();
    state->reader = *std::move(reader);
    return std::unique_ptr<Tracer>(new Tracer(std::move(state)));
}

Result<std::size_t> Tracer::take(const TraceBook& book, std::span<const Arrival> arrivals, std::int64_t position) {
    return state_->write([&](Store& store) { return Writer(store, book).take(arrivals, position); });
}

Result<bool> Tracer::settle(const TraceBook& book, std::size_t most) {
    return state_->write([&](Store& store) { return Writer(store, book).settle(most); });
}

Result<std::size_t> Tracer::forget(std::int64_t before_ms, std::size_t most) {
    return state_->write([&](Store& store) { return store.forget(day_of(before_ms), most); });
}

Result<std::int64_t> Tracer::position() {
    return state_->read([](Store& store) { return store.kept("position"); });
}

Result<TraceCounts> Tracer::counts() {
    return state_->read([](Store& store) -> Result<TraceCounts> {
        const auto counts = store.counts();
        if (!counts) return counts.error();
        return TraceCounts{counts->events, counts->references, counts->waiting};
    });
}

Result<Timeline> Tracer::timeline(const TraceBook& book, std::string_view reference, std::string_view scheme, const Visible& visible) {
    const Scheme* only = scheme.empty() ? nullptr : scheme_named(scheme);
    if (!scheme.empty() && only == nullptr) {
        std::vector<std::string_view> known;
        for (const Scheme& one : schemes()) known.push_back(one.name);
        return Error{codes::scheme_unknown, fmt::format("'{}'{}", scheme, did_you_mean(scheme, known))};
    }
    return state_->read([&](Store& store) -> Result<Timeline> {
        const auto refs = store.find(only, reference);
        if (!refs) return refs.error();
        auto out = Reader(store, visible).timeline(book, *refs, {});
        if (out && out->things == 0) return nothing_known(reference);
        return out;
    });
}

Result<Timeline> Tracer::timeline_of_message(const TraceBook& book, std::int64_t number, const Visible& visible) {
    return state_->read([&](Store& store) -> Result<Timeline> {
        const auto events = store.events_of_message(number, message_events_max);
        if (!events) return events.error();
        auto out = Reader(store, visible).timeline(book, {}, *events);
        if (out && out->things == 0) return nothing_known(std::to_string(number));
        if (out && events->size() == message_events_max) out->complete = false;
        return out;
    });
}

Result<RecallPage> Tracer::recall(std::string_view question, std::int64_t after, std::size_t most) {
    const std::size_t sign = question.find('=');
    const MarkKind* kind = sign == question.npos ? nullptr : mark_named(question.substr(0, sign));
    if (kind == nullptr || sign + 1 == question.size() || question.size() - sign - 1 > value_bytes_max || most == 0)
        return Error{codes::bad_question, fmt::format("'{}' is not seller=, product= or batch= with a value", question)};
    return state_->read([&](Store& store) -> Result<RecallPage> {
        const auto mark = store.find_mark(*kind, question.substr(sign + 1));
        if (!mark) return mark.error();
        const Visible all;
        return Reader(store, all).recall(*mark, after, most);
    });
}

Result<std::vector<ReleaseTimes>> Tracer::release_times(const ReleaseFilter& filter) {
    return state_->read([&](Store& store) {
        const Visible all;
        return Reader(store, all).release_times(filter);
    });
}

}  // namespace hansa::trace
