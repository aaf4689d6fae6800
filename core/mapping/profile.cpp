#include "core/mapping/profile.h"

#include "core/base/digest.h"
#include "core/base/nearest.h"
#include "core/mapping/codes.h"
#include "core/mapping/model.h"

namespace hansa::mapping {
namespace {

/// Names joined for a message: "direction, type".
std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

/// The list takes the place of the base's where it says the same places of the pivot.
void replace_list(const ProfileList& given, Model& model, const Place& where, Diagnostics& faults) {
    const auto known = model.lists.find(given.name);
    if (known == model.lists.end()) {
        std::vector<std::string_view> names;
        for (const auto& [name, list] : model.lists) names.push_back(name);
        faults.add(codes::name_unknown,
                   model.file + " uses no list '" + given.name + "'" + did_you_mean(given.name, names), where);
        return;
    }
    Result<CodeList> list = CodeList::parse(given.text, given.file, known->second.id(), faults);
    if (!list) return;
    const CodeList& base = known->second;
    if (list->standard_columns() != base.standard_columns() || list->schemes().empty() != base.schemes().empty()) {
        faults.add(codes::list_columns,
                   "'" + joined(list->standard_columns()) + "', the list that it replaces has '" +
                       joined(base.standard_columns()) + "'",
                   {.file = given.file, .line = 1, .column = 1});
        return;
    }
    model.digest += "list " + given.name + "\n" + std::string(given.text);
    known->second = std::move(*list);
}

void check_variant(const Model& model, const Place& where, Diagnostics& faults) {
    const auto chosen = model.stated.find("settings");
    if (chosen == model.stated.end() || model.variants.contains(chosen->second)) return;
    std::vector<std::string_view> names;
    for (const auto& [name, settings] : model.variants) names.push_back(name);
    faults.add(codes::name_unknown,
               model.file + " has no settings '" + chosen->second + "'" + did_you_mean(chosen->second, names), where);
}

}  // namespace

Result<std::shared_ptr<const Mapping>> profile_mapping(const ProfileSource& source, const Place& where,
                                                       Diagnostics& faults) {
    Diagnostics own;
    auto model = std::make_shared<Model>(source.base->model());
    model->head.format = source.format;
    model->stated = source.settings;
    model->digest += "\nprofile " + source.format + "\n";
    for (const auto& [name, value] : source.settings) model->digest += name + "=" + value + "\n";
    for (const ProfileList& list : source.lists) replace_list(list, *model, where, own);
    check_variant(*model, where, own);
    faults.append(own);
    if (!own.empty()) return own.errors().front();
    model->digest = sha256_hex(model->digest);
    return std::shared_ptr<const Mapping>(std::make_shared<Mapping>(std::move(model)));
}

}  // namespace hansa::mapping
