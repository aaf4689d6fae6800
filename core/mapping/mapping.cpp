#include "core/mapping/mapping.h"

#include "core/base/digest.h"
#include "core/mapping/codes.h"
#include "core/mapping/load.h"
#include "core/mapping/model.h"

namespace hansa::mapping {
namespace {

TextLimits text_limits(const MappingLimits& limits) {
    return {.text_bytes_max = limits.text_bytes_max,
            .line_bytes_max = limits.line_bytes_max,
            .depth_max = limits.depth_max};
}

void add_settings(std::string& all, const Settings& settings) {
    for (const auto& [name, value] : settings) all += name + "=" + value + "\n";
}

}  // namespace

const std::string& Mapping::format() const {
    return model_->head.format;
}
const std::string& Mapping::authority() const {
    return model_->authority;
}
pivot::Kind Mapping::kind() const {
    return model_->head.kind;
}
const std::string& Mapping::file() const {
    return model_->file;
}
const schema::Grammar& Mapping::grammar() const {
    return *model_->grammar;
}
const CodeLists& Mapping::lists() const {
    return model_->lists;
}
std::size_t Mapping::capacity() const {
    return model_->capacity;
}
const std::string& Mapping::digest() const {
    return model_->digest;
}

Settings Mapping::settings(const Settings& agency) const {
    Settings all = agency;
    all.insert(model_->stated.begin(), model_->stated.end());
    if (const auto name = all.find("settings"); name != all.end()) {
        if (const auto variant = model_->variants.find(name->second); variant != model_->variants.end()) {
            all.insert(variant->second.begin(), variant->second.end());
        }
    }
    all.insert(model_->settings.begin(), model_->settings.end());
    return all;
}

std::vector<std::string> Mapping::variants() const {
    std::vector<std::string> names;
    for (const auto& [name, settings] : model_->variants) names.push_back(name);
    return names;
}

std::string_view form_name(RowForm form) {
    switch (form) {
        case RowForm::value:
            return "mapped";
        case RowForm::fixed:
            return "fixed";
        case RowForm::computed:
            return "computed";
        case RowForm::derive:
            return "derive";
        case RowForm::check:
            return "check";
        case RowForm::enter:
            return "in";
        case RowForm::each:
            return "each";
        case RowForm::when:
            return "when";
        case RowForm::position:
            return "position";
        case RowForm::carry:
            return "carried";
        case RowForm::carry_as:
            return "carried";
        case RowForm::drop:
            return "dropped";
        case RowForm::envelope:
            return "envelope";
        case RowForm::signature:
            return "signature";
        case RowForm::same_group:
            return "same";
        case RowForm::same_rest:
            return "same";
        case RowForm::attached:
            return "attached";
    }
    return "";
}

Result<MappingHead> read_head(std::string_view text, const std::string& file, Diagnostics& faults) {
    Diagnostics own;
    const MappingLimits limits;
    Result<TextNode> root = parse_text(text, file, text_limits(limits), own);
    MappingHead head;
    if (root) TableParser(file, own, limits).parse_head(*root, head);
    if (own.empty() && head.format.empty())
        own.add(codes::syntax, "the table has no line 'format ID'", {.file = file, .line = 1, .column = 1});
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    return head;
}

Result<std::shared_ptr<const Mapping>> load_mapping(const MappingSource& source, Diagnostics& faults) {
    Diagnostics own;
    const auto finish = [&](std::shared_ptr<Model> model) -> Result<std::shared_ptr<const Mapping>> {
        faults.append(own);
        if (!own.empty()) return own.errors().front();
        return std::shared_ptr<const Mapping>(std::make_shared<Mapping>(std::move(model)));
    };
    auto model = std::make_shared<Model>();
    model->file = source.file;
    model->grammar = source.grammar;
    Result<TextNode> root = parse_text(source.text, source.file, text_limits(source.limits), own);
    if (!root) return finish(model);
    if (!source.grammar) {
        own.add(codes::name_unknown, "the schema of the table is not loaded",
                {.file = source.file, .line = 1, .column = 1});
        return finish(model);
    }
    TableParser parser(source.file, own, source.limits);
    parser.parse(*root, *model);
    model->digest = std::string(source.text);
    if (own.empty()) Loader(source, *model, parser).run();
    model->digest = sha256_hex(model->digest);
    return finish(model);
}

std::string plan_id(const Mapping& source, const Mapping& target, const Settings& source_settings,
                    const Settings& target_settings) {
    std::string all = "hansa plan 1\n" + source.format() + " " + source.digest() + "\n";
    add_settings(all, source.settings(source_settings));
    all += target.format() + " " + target.digest() + "\n";
    add_settings(all, target.settings(target_settings));
    return sha256_hex(all);
}

}  // namespace hansa::mapping
