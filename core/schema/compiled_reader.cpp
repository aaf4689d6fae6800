#include "core/schema/compiled_reader.h"

#include <algorithm>

#include "core/schema/codes.h"
#include "core/schema/fault_finder.h"
#include "core/schema/reader_core.h"
#include "core/xml/codes.h"

namespace hansa::schema {

namespace {

constexpr std::size_t offsets_max = 0xFFFFFFF0u;
constexpr std::size_t spellings_kept = 32;

}  // namespace

FastReader::FastReader(std::shared_ptr<const CompiledGrammar> grammar, xml::lanes::Level level)
    : core_(std::make_unique<Core>(std::move(grammar), level)) {}
FastReader::FastReader(FastReader&&) noexcept = default;
FastReader& FastReader::operator=(FastReader&&) noexcept = default;
FastReader::~FastReader() = default;

Result<void> FastReader::open(std::string_view bytes, std::span<const PathIndex> cuts, Diagnostics& faults,
                              const xml::Limits& limits) {
    return core_->open(bytes, cuts, faults, limits);
}
Result<ReadStep> FastReader::next() {
    return core_->next();
}
PathIndex FastReader::cut() const {
    return core_->cut_path;
}

const Tape& FastReader::tape() const {
    return core_->tape;
}
Tape& FastReader::tape() {
    return core_->tape;
}
std::string_view FastReader::text() const {
    return core_->document ? core_->document->text() : std::string_view{};
}
void FastReader::keep_canonical_patches(bool keep) {
    core_->wants_patches = keep;
}
std::optional<std::span<const CanonicalPatch>> FastReader::canonical_patches() const {
    const bool ended = core_->stage == Core::Stage::ended && core_->keeps_patches;
    // White space with carriage returns is passed over without a look at it.
    if (!ended || root_text().find('\r') != std::string_view::npos) return std::nullopt;
    return std::span<const CanonicalPatch>(core_->patches);
}
std::string_view FastReader::root_text() const {
    if (core_->stage != Core::Stage::ended) return {};
    const char* const begin = core_->begin_ + core_->tape[0].offset;
    return {begin, static_cast<std::size_t>(core_->root_end - begin)};
}
ReadCounts FastReader::counts() const {
    return core_->counts;
}

FastReader::Core::Core(std::shared_ptr<const CompiledGrammar> grammar_, xml::lanes::Level level_)
    : grammar(std::move(grammar_)), level(paths_of(level_)), cut_paths(grammar->paths().size()) {}

Result<void> FastReader::Core::open(std::string_view bytes, std::span<const PathIndex> cuts, Diagnostics& faults_,
                                    const xml::Limits& limits_) {
    stage = Stage::failed;
    faults = &faults_;
    error.reset();
    const bool is_usual = bytes.starts_with(usual_declaration) && bytes.size() <= limits_.document_bytes_max;
    auto converted = is_usual ? Result<xml::Utf8Document>(xml::Utf8Document(bytes, "UTF-8"))
                              : xml::to_utf8(bytes, limits_.document_bytes_max);
    if (converted && converted->text().size() > offsets_max)
        converted = Error{xml::codes::too_large, "4 GB are the most"};
    if (!converted) {
        error = converted.error();
        faults->add(*error);
        return *error;
    }
    document.emplace(std::move(*converted));
    const bool same_names = limits.name_bytes_max == limits_.name_bytes_max;
    const bool same_tags = same_names && limits.attributes_max == limits_.attributes_max &&
                           limits.namespaces_in_scope_max == limits_.namespaces_in_scope_max &&
                           limits.text_bytes_max == limits_.text_bytes_max;
    limits = limits_;
    begin_ = at_ = document->text().data();
    end_ = begin_ + document->text().size();
    const auto size = static_cast<std::size_t>(end_ - begin_);
    tail_begin = size > tail_bytes ? size - tail_bytes : 0;
    std::fill(std::copy(begin_ + tail_begin, end_, tail.begin()), tail.end(), '\0');
    if (has_cuts) std::fill(cut_paths.begin(), cut_paths.end(), false);
    has_cuts = !cuts.empty();
    has_leaf_cuts = false;
    for (const PathIndex cut : cuts) {
        if (cut >= cut_paths.size()) continue;
        cut_paths[cut] = true;
        // Words may stand where children could.
        const PathNode& node = grammar->paths()[cut];
        const bool is_mixed = !node.element->type.simple && node.element->type.index != no_index &&
                              grammar->types()[node.element->type.index].content == Content::mixed;
        has_leaf_cuts = has_leaf_cuts || node.child_count == 0 || is_mixed;
    }
    keeps_patches = wants_patches;
    patches.clear();
    patch_texts.clear();
    root_end = nullptr;
    tags.at = tags.count = 0;
    tags.behind = 0;
    tape.clear();
    frames.clear();
    bindings.clear();
    kept_uris.clear();
    identifiers.clear();
    references.clear();
    counts = {};
    respellings = 0;
    spelling = nullptr;
    const bool forgets = !same_names || spellings.size() > spellings_kept;
    if (forgets) spellings.clear();
    if (forgets || !same_tags) root_before.bytes.clear();
    if (!begin()) return fail();
    return {};
}

Result<ReadStep> FastReader::Core::next() {
    if (stage == Stage::failed) return error ? *error : Error{codes::invalid, "no document was opened"};
    if (stage == Stage::ended) return ReadStep::end;
    for (;;) {
        switch (step()) {
            case PathEnd::miss:
            case PathEnd::moved:
                break;
            case PathEnd::cut:
                tape.set_floor(frames.empty() ? 0 : frames.back().floor);
                return ReadStep::cut;
            case PathEnd::end:
                return finish();
            case PathEnd::wrong:
                return fail();
            case PathEnd::undecided:
                stage = Stage::failed;
                error = Error{codes::undecided, "xsi:type, or an attribute that a wildcard lets in"};
                faults->add(*error);
                return *error;
        }
    }
}

Result<ReadStep> FastReader::Core::finish() {
    const auto missing = [&](const std::string& reference) { return !identifiers.contains(reference); };
    if (std::any_of(references.begin(), references.end(), missing)) return fail();
    stage = Stage::ended;
    tape.set_floor(0);
    return ReadStep::end;
}

/// Something is wrong; the second walk says what.
Error FastReader::Core::fail() {
    stage = Stage::failed;
    error = find_fault(*grammar, *document, limits);
    faults->add(*error);
    return *error;
}

}  // namespace hansa::schema
