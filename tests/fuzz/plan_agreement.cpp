#include "tests/fuzz/plan_agreement.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "core/base/digest.h"
#include "core/mapping/coverage.h"
#include "core/mapping/model.h"
#include "core/schema/codes.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/differential/reader_agreement.h"
#include "tests/support/corpus.h"

namespace hansa::test {

namespace {

std::shared_ptr<const plugin::Registry> load() {
    Diagnostics faults;
    auto made = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    if (!made) throw std::runtime_error("no registry");
    return made;
}

std::string shown(const Error& error) {
    return std::string(error.code.name()) + " " + std::to_string(error.place.line) + ":" +
           std::to_string(error.place.column) + " " + error.place.path;
}

/// The number of a member is its place, as agencies count: the generator's own would be too long for the pivot.
void number_members(schema::Element& element, mapping::Shape& shape) {
    std::map<std::string, std::size_t> seen;
    for (schema::Element& child : element.children) {
        mapping::Shape* const below = shape.child(child.name);
        const std::size_t place = ++seen[child.name.local];
        if (below == nullptr) continue;
        for (schema::Element& inner : child.children) {
            const mapping::Shape* const leaf = below->child(inner.name);
            const mapping::Row* const row = leaf != nullptr ? leaf->owner : nullptr;
            const bool is_number = row != nullptr && row->form == mapping::RowForm::value && row->right.size() == 1 &&
                                   !row->right[0].steps.empty() &&
                                   row->right[0].steps.back().name == "SequenceNumeric" && inner.children.empty();
            if (is_number && !inner.text.empty()) inner.text = std::to_string(place);
        }
        number_members(child, *below);
    }
}

/// The documents of the source tree that translate well: golden files, the demonstration's, the benchmark's.
std::vector<std::string> examples_of(const mapping::Mapping& mapping) {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"plugins", "conf/demo/messages", "core/cli/bench_messages", "tests/share/documents"}) {
        for (const auto& file : std::filesystem::recursive_directory_iterator(source_dir() / folder)) {
            if (file.path().extension() == ".xml" && file.file_size() < 40'000) files.push_back(file.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> out;
    for (const auto& file : files) {
        std::string bytes = slurp(file);
        const auto tree = schema::read_tree(bytes);
        if (tree && tree->name == mapping.model().root->name) out.push_back(std::move(bytes));
    }
    return out;
}

std::string warnings_of(const std::vector<Error>& warnings) {
    std::string all;
    for (const Error& one : warnings) all += one.detail + " at " + one.place.path + "\n";
    return all;
}

/// Listed deviations of the reader: lengths and names with characters beyond U+FFFF, blank CDATA, other roots of a schema.
bool is_listed(std::string_view bytes, const std::string& ours, const std::string& theirs) {
    const bool beyond = bytes.find_first_of("\xF0\xF1\xF2\xF3\xF4") != std::string_view::npos;
    if (beyond &&
        (ours.find("schema.length") != std::string::npos || theirs.find("schema.length") != std::string::npos))
        return true;
    // No name has such characters for Xerces-C; XML 1.0 has them since its fifth edition.
    if (beyond && theirs.starts_with("schema.type ") && !ours.starts_with("schema.type ")) return true;
    const bool section = bytes.find("<![CDATA[") != std::string_view::npos;
    return section && ours.find("-unexpected") != std::string::npos && theirs.find("-unexpected") != std::string::npos;
}

}  // namespace

PlanPairs::PlanPairs() : registry_(load()), fast_(registry_) {
    Diagnostics faults;
    subjects_ = xml_subjects(faults);
    for (std::size_t from = 0; from < subjects_.size(); ++from) {
        domains_.push_back(std::make_unique<Domain>(subjects_[from].mapping));
        examples_.push_back(examples_of(*subjects_[from].mapping));
        for (std::size_t to = 0; to < subjects_.size(); ++to) {
            const Subject &a = subjects_[from], &b = subjects_[to];
            if (a.kind != b.kind || a.mapping->authority() == b.mapping->authority()) continue;
            if (!mapping::are_far_answers(*a.mapping, *b.mapping)) pairs_.push_back({from, to});
        }
    }
}

std::string PlanPairs::name(std::size_t pair) const {
    return subjects_[pairs_[pair].from].id + "--" + subjects_[pairs_[pair].to].id;
}

std::size_t PlanPairs::find(std::string_view wanted) const {
    std::size_t pair = 0;
    while (pair < size() && name(pair) != wanted) ++pair;
    return pair;
}

const schema::Grammar& PlanPairs::grammar(std::size_t pair) const {
    return subjects_[pairs_[pair].from].mapping->grammar();
}

std::string PlanPairs::draw(std::size_t pair, std::uint64_t seed) {
    const std::vector<std::string>& examples = examples_[pairs_[pair].from];
    if (!examples.empty() && seed % 4 != 0) return examples[seed / 4 % examples.size()];
    const DomainOptions options{.items = static_cast<std::uint32_t>(1 + seed % 3),
                                .optional_percent = static_cast<unsigned>(20 + seed % 7 * 13)};
    auto drawn = domains_[pairs_[pair].from]->draw(seed, options);
    if (!drawn) return {};
    number_members(*drawn, *subjects_[pairs_[pair].from].mapping->model().root);
    return schema::write_tree(*drawn);
}

std::string PlanPairs::unsupported(std::size_t pair) const {
    const plugin::Format *from = registry_->find(subjects_[pairs_[pair].from].id),
                         *to = registry_->find(subjects_[pairs_[pair].to].id);
    const auto good = fast_.prepare(*from, *to, {}, {});
    return good ? "" : good.error().text();
}

std::string PlanPairs::disagreement(std::size_t pair, std::string_view bytes) {
    exchange::TranslateRequest request;
    request.bytes = bytes;
    request.from = subjects_[pairs_[pair].from].id;
    request.to = subjects_[pairs_[pair].to].id;
    request.source.received = request.target.received = "2026-11-25T12:00:00+00:00";
    mapping::Context context = request.source;
    context.message_digest = sha256_hex(bytes);
    const exchange::FastTranslation found =
        fast_.translate({bytes, *registry_->find(request.from), *registry_->find(request.to), context, context});
    if (found.outcome == exchange::FastOutcome::declined) {
        ++counts_.declined;
        ++counts_.why[found.why];
        return {};
    }
    Diagnostics faults;
    const auto judged = exchange::translate(*registry_, request, faults);
    if (found.outcome == exchange::FastOutcome::invalid) {
        ++counts_.refused;
        const std::string ours = shown(found.faults.errors().front());
        const std::string theirs = judged ? "valid" : shown(judged.error());
        const Error& fault = found.faults.errors().front();
        const bool listed =
            is_listed(bytes, ours, theirs) || is_point_alone(fault, bytes) || is_second_sixty(fault, bytes);
        return ours == theirs || listed ? "" : "fast: " + ours + "\nreference: " + theirs;
    }
    ++counts_.fast;
    if (!judged)
        return is_listed(bytes, "", shown(judged.error())) ? "" : "fast: done\nreference: " + judged.error().text();
    if (const auto same = exchange::agree(found, exchange::Judged{judged->messages, judged->ledger}); !same)
        return same.error().text();
    const std::string ours = warnings_of(found.warnings), theirs = warnings_of(judged->warnings);
    return ours == theirs ? "" : "warnings: " + ours + "against " + theirs;
}

}  // namespace hansa::test
