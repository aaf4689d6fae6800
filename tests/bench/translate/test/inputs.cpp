#include "tests/bench/translate/test/inputs.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/cli/bench_case.h"
#include "core/cli/bench_hansa.h"
#include "core/envelope/envelope.h"
#include "core/exchange/translation.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/bench/translate/test/tame.h"
#include "tests/support/corpus.h"

namespace hansa::test {
namespace {

constexpr const char* received = "2026-11-23T08:00:00Z";

/// Whole messages as agencies send them.
std::filesystem::path messages() {
    return source_dir() / "conf/demo/messages";
}

/// "name = value", a line each.
std::map<std::string, std::string> settings_in(const std::filesystem::path& file) {
    std::map<std::string, std::string> settings;
    if (!std::filesystem::exists(file)) return settings;
    const std::string text = slurp(file);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        if (const std::size_t equals = line.find(" = "); equals != std::string::npos)
            settings[line.substr(0, equals)] = line.substr(equals + 3);
        at = end + 1;
    }
    return settings;
}

}  // namespace

TranslationInputs::TranslationInputs(const plugin::Registry& registry, std::string from, std::string to)
    : registry_(registry),
      from_(std::move(from)),
      to_(std::move(to)),
      domain_(registry.find(from_)->mapping.shared()) {}

std::optional<TranslationInput> TranslationInputs::translated(std::string name, std::string bytes,
                                                              std::map<std::string, std::string> settings) {
    exchange::TranslateRequest request;
    request.bytes = bytes;
    request.from = from_;
    request.to = to_;
    request.source.received = request.target.received = received;
    request.source.settings.insert(settings.begin(), settings.end());
    request.target.settings.insert(settings.begin(), settings.end());
    Diagnostics faults;
    const auto done = exchange::translate(registry_, request, faults);
    if (!done) {
        ++refused_[std::string(done.error().code.name()) + " " + without_places(done.error().place.path)];
        return std::nullopt;
    }
    TranslationInput input{std::move(name), std::move(bytes), done->messages.front().bytes, std::move(settings)};
    if (done->messages.size() > 1) {
        std::vector<std::string> all;
        for (const exchange::WrittenMessage& message : done->messages) all.push_back(message.bytes);
        const auto batch = envelope::wrap_batch(all, to_);
        if (!batch) return std::nullopt;
        input.expected = *batch;
    }
    return input;
}

/// A message drawn from the grammar, or where a target demands too much for that, a realistic one.
std::optional<schema::Element> TranslationInputs::start(std::uint64_t seed) {
    if (from_ == "eaeu.goods-declaration") {
        const auto tree = schema::read_tree(slurp(messages() / "minsk-goods-declaration.xml"), {}, &domain_grammar());
        return tree ? std::optional(*tree) : std::nullopt;
    }
    if (from_ == "asycuda.sad") {
        const auto tree =
            schema::read_tree(slurp(source_dir() / "tests/bench/translate/test/whole-sad.xml"), {}, &domain_grammar());
        return tree ? std::optional(*tree) : std::nullopt;
    }
    DomainOptions options;
    options.items = static_cast<std::uint32_t>(1 + seed % 3);
    options.optional_percent = static_cast<unsigned>(seed * 37 % 101);
    return domain_.draw(seed, options);
}

std::optional<TranslationInput> TranslationInputs::drawn(std::uint64_t seed) {
    std::optional<schema::Element> document = start(seed);
    if (!document || !tame(from_, *document, seed)) {
        ++refused_["not drawn"];
        return std::nullopt;
    }
    schema::order_children(domain_grammar(), *document);
    return translated("seed " + std::to_string(seed), schema::write_tree(*document), {});
}

std::vector<TranslationInput> TranslationInputs::golden() {
    std::vector<TranslationInput> all;
    const std::string authority = from_.substr(0, from_.find('.'));
    const std::filesystem::path folder =
        source_dir() / "plugins" / authority / "golden" / from_.substr(from_.find('.') + 1);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".xml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
        std::filesystem::path errors = file, settings = file;
        if (std::filesystem::exists(errors.replace_extension(".errors"))) continue;
        auto input =
            translated(file.filename().string(), slurp(file), settings_in(settings.replace_extension(".settings")));
        if (input) all.push_back(*std::move(input));
    }
    for (const auto& entry : std::filesystem::directory_iterator(messages())) {
        const std::string bytes = slurp(entry.path());
        const auto format = registry_.detect(bytes);
        // A member's own document is one of the union's format.
        if (!format || ((*format)->id != from_ && (*format)->base != from_)) continue;
        if (auto input = translated(entry.path().filename().string(), bytes, {})) all.push_back(*std::move(input));
    }
    return all;
}

void TranslationInputs::add_batches(std::vector<TranslationInput>& all) const {
    const std::size_t count = all.size();
    for (std::size_t first = 0, size = 2; first + size <= count; first += 5 * size, size = 2 + (size - 1) % 3) {
        std::vector<std::string> in, out;
        for (std::size_t i = first; i < first + size && all[i].settings == all[first].settings; ++i) {
            in.push_back(all[i].bytes);
            out.push_back(all[i].expected);
        }
        if (in.size() != size) continue;
        const auto message = envelope::wrap_batch(in, from_), expected = envelope::wrap_batch(out, to_);
        if (!message || !expected) continue;
        all.push_back({"batch from " + all[first].name, *message, *expected, all[first].settings});
    }
}

void TranslationInputs::add_bench_messages(std::vector<TranslationInput>& all) const {
    bench::CaseOptions options;
    options.messages = 3;
    options.schema_folder = source_dir() / "schemas";
    options.data_folder = source_dir() / "tests/bench";
    const plugin::Format &from = *registry_.find(from_), &to = *registry_.find(to_);
    for (const char* spelling : {"", "+indented", "+general"}) {
        for (const char* documents : {"/1", "/12", "/110"}) {
            const auto made =
                bench::make_case(registry_, "translate/" + from_ + spelling + "/" + to_ + documents, options);
            if (!made) throw std::runtime_error(made.error().text());
            for (const std::string& message : made->messages) {
                const auto expected = bench::translate_by_reference(registry_, from, to, message);
                if (!expected) throw std::runtime_error(expected.error().text());
                all.push_back({made->name, message, *expected, made->task.settings});
            }
            options.messages = 1;
        }
    }
}

const schema::Grammar& TranslationInputs::domain_grammar() const {
    return *registry_.find(from_)->grammar;
}

}  // namespace hansa::test
