#include "core/exchange/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "core/exchange/kept.h"
#include "core/exchange/pool.h"
#include "core/mapping/mapping.h"
#include "core/mapping/probes.h"
#include "core/pivot/table.h"
#include "core/schema/compiled_reader.h"

namespace hansa::exchange {
namespace {

using pivot::Node;

/// Pivot fields under which others name a document, with the scheme of the journal's index.
struct ReferenceField {
    std::string_view path, scheme;
};
constexpr std::array<ReferenceField, 7> reference_fields{{
    {"FunctionalReferenceID", "LRN"},
    {"ID", "MRN"},
    {"GoodsShipment/UCR/TraderAssignedReferenceID", "UCR"},
    {"GoodsShipment/UCR/ID", "UCR"},
    {"GoodsShipment/PreviousDocument[TypeCode=703]/ID", "TRANSPORT"},
    {"GoodsShipment/PreviousDocument[TypeCode=704]/ID", "TRANSPORT"},
    {"GoodsShipment/Payment/ReferenceID", "PAYMENT"},
}};
constexpr std::string_view function_field = "FunctionCode";

/// An answer is named by what it answers.
constexpr std::array<ReferenceField, 2> answer_fields{{{"Declaration/FunctionalReferenceID", "LRN"}, {"Declaration/ID", "MRN"}}};
/// One to what has no number of its own names the payment, the parcel or the order; one to what could not be read names
/// the transport message.
constexpr std::array<ReferenceField, 4> weak_answer_fields{{{"Declaration/GoodsShipment/Payment/ReferenceID", "PAYMENT"},
                                                            {"Declaration/GoodsShipment/PreviousDocument[TypeCode=703]/ID", "TRANSPORT"},
                                                            {"Declaration/GoodsShipment/UCR/TraderAssignedReferenceID", "UCR"},
                                                            {"RelatesToID", "ENVELOPE"}}};

bool has_keys(const Node& node, const pivot::Step& step) {
    return std::ranges::all_of(step.keys, [&](const auto& key) {
        if (key.first.starts_with("@")) {
            return std::ranges::any_of(node.attributes, [&](const auto& a) { return a.first == key.first.substr(1) && a.second == key.second; });
        }
        const auto wanted = pivot::split_code(key.second);
        return std::ranges::any_of(node.children, [&](const Node& child) {
            return child.name == key.first && child.value == wanted.code && child.list == wanted.list;
        });
    });
}

const Node* node_of(const Node& root, std::span<const pivot::Step> steps) {
    if (steps.empty()) return &root;
    std::uint32_t place = 0;
    for (const Node& child : root.children) {
        if (child.name != steps.front().name || !has_keys(child, steps.front())) continue;
        if (steps.front().index != 0 && ++place != steps.front().index) continue;
        if (const Node* found = node_of(child, steps.subspan(1))) return found;
    }
    return nullptr;
}

void add_references(Facts& facts, std::span<const ReferenceField> fields, std::span<const std::string> values) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!values[i].empty()) facts.references.emplace_back(fields[i].scheme, values[i]);
    }
}

std::vector<std::string> values_of(const Node& root, std::span<const ReferenceField> fields) {
    std::vector<std::string> out;
    for (const ReferenceField& field : fields) out.push_back(field_of(root, field.path));
    return out;
}

/// Probes of one format under one agency's settings.
struct Prepared {
    std::once_flag made;
    std::shared_ptr<const mapping::Probes> probes;
    std::string unsupported;
    Pool<mapping::Scratch> scratch;
};

Facts facts_of(mapping::Probed&& probed) {
    Facts out;
    out.names = std::move(probed.references);
    add_references(out, reference_fields, probed.values);
    constexpr std::size_t function = reference_fields.size();
    out.own_reference = std::move(probed.values[0]);
    out.number = std::move(probed.values[1]);
    out.function = std::move(probed.values[function]);
    std::move(probed.values.begin() + function + 1, probed.values.end(), std::back_inserter(out.asked));
    return out;
}

}  // namespace

std::string field_of(const Node& root, std::string_view path) {
    const auto steps = pivot::parse_path(path);
    const Node* found = steps ? node_of(root, *steps) : nullptr;
    return found == nullptr ? std::string{} : found->value;
}

Facts facts_of(const pivot::Document& document, std::vector<std::string> names, std::span<const std::string> asked) {
    Facts out;
    out.names = std::move(names);
    const bool answer = document.kind == pivot::Kind::response;
    const std::span<const ReferenceField> fields = answer ? std::span<const ReferenceField>(answer_fields) : std::span<const ReferenceField>(reference_fields);
    add_references(out, fields, values_of(document.root, fields));
    if (answer && out.references.empty()) add_references(out, weak_answer_fields, values_of(document.root, weak_answer_fields));
    out.own_reference = field_of(document.root, reference_fields[0].path);
    out.number = field_of(document.root, reference_fields[1].path);
    out.function = field_of(document.root, function_field);
    for (const std::string& path : asked) out.asked.push_back(field_of(document.root, path));
    return out;
}

struct FactFinder::State {
    std::shared_ptr<const plugin::Registry> registry;
    std::shared_mutex mutex;
    std::map<std::string, std::unique_ptr<Prepared>> prepared;

    void make(Prepared& out, const plugin::Format& format, const mapping::Settings& settings, std::span<const std::string> asked) {
        auto grammar = registry->compiled(format);
        if (!grammar || !format.mapping) {
            out.unsupported = "the reference alone reads the schema";
            return;
        }
        std::vector<std::string> fields;
        for (const ReferenceField& field : reference_fields) fields.emplace_back(field.path);
        fields.emplace_back(function_field);
        fields.insert(fields.end(), asked.begin(), asked.end());
        const schema::PathTable& paths = (*grammar)->paths();
        auto probes = mapping::Probes::compile(format.mapping, std::shared_ptr<const schema::PathTable>(*grammar, &paths), settings, fields);
        if (probes)
            out.probes = *std::move(probes);
        else
            out.unsupported = probes.error().text();
    }
};

FactFinder::FactFinder(std::shared_ptr<const plugin::Registry> registry) : state_(std::make_unique<State>()) {
    state_->registry = std::move(registry);
}
FactFinder::~FactFinder() = default;

std::optional<std::vector<Facts>> FactFinder::find(const plugin::Format& format, const mapping::Settings& settings,
                                                   const schema::Tape& tape, std::span<const std::string> asked,
                                                   std::string& why) const {
    if (format.kind == pivot::Kind::response) {
        why = "an answer needs its question";
        return std::nullopt;
    }
    std::string key;
    append_key(key, format.id);
    for (const auto& [name, value] : settings) append_key(append_key(key, name), value);
    for (const std::string& field : asked) append_key(key += '|', field);
    Prepared& prepared = kept(state_->mutex, state_->prepared, key);
    std::call_once(prepared.made, [&] { state_->make(prepared, format, settings, asked); });
    if (!prepared.probes) {
        why = prepared.unsupported;
        return std::nullopt;
    }
    const auto scratch = prepared.scratch.take([] { return std::make_unique<mapping::Scratch>(); });
    std::vector<mapping::Probed> probed;
    std::string_view declined;
    if (prepared.probes->find(tape, *scratch, probed, declined) != mapping::Fast::done) {
        why = declined;
        return std::nullopt;
    }
    std::vector<Facts> out;
    out.reserve(probed.size());
    for (mapping::Probed& one : probed) out.push_back(facts_of(std::move(one)));
    return out;
}

}  // namespace hansa::exchange
