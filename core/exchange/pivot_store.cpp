#include "core/exchange/pivot_store.h"

#include <nlohmann/json.hpp>

#include "core/base/codes.h"
#include "core/pivot/table.h"

namespace hansa::exchange {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const pivot::Node& node) {
    Json out;
    out["name"] = node.name;
    if (!node.value.empty()) out["value"] = node.value;
    if (!node.list.empty()) out["list"] = node.list;
    for (const auto& [name, value] : node.attributes) out["attributes"][name] = value;
    for (const pivot::Node& child : node.children) out["children"].push_back(to_json(child));
    return out;
}

pivot::Node node_from(const Json& json) {
    pivot::Node out;
    out.name = json.at("name").get<std::string>();
    out.value = json.value("value", "");
    out.list = json.value("list", "");
    if (json.contains("attributes")) {
        for (const auto& [name, value] : json["attributes"].items()) out.attributes.emplace_back(name, value.get<std::string>());
    }
    if (json.contains("children")) {
        for (const Json& child : json["children"]) out.children.push_back(node_from(child));
    }
    return out;
}

Json to_json(const pivot::Document& document) {
    Json out;
    out["kind"] = pivot::kind_name(document.kind);
    out["root"] = to_json(document.root);
    for (const pivot::Remembered& one : document.memory) {
        out["memory"].push_back({{"format", one.format}, {"place", one.place}, {"text", one.text}, {"read_as", one.read_as}});
    }
    for (const pivot::Carried& one : document.annex) {
        out["annex"].push_back({{"authority", one.authority}, {"place", one.place}, {"text", one.text}});
    }
    return out;
}

pivot::Document document_from(const Json& json) {
    pivot::Document out;
    out.kind = pivot::kind_from_name(json.at("kind").get<std::string>()).value();
    out.root = node_from(json.at("root"));
    if (json.contains("memory")) {
        for (const Json& one : json["memory"]) {
            out.memory.push_back({one.at("format"), one.at("place"), one.at("text"), one.at("read_as").get<std::vector<std::string>>()});
        }
    }
    if (json.contains("annex")) {
        for (const Json& one : json["annex"]) out.annex.push_back({one.at("authority"), one.at("place"), one.at("text")});
    }
    return out;
}

}  // namespace

std::string documents_to_json(std::span<const pivot::Document> documents) {
    Json out;
    out["documents"] = Json::array();
    for (const pivot::Document& document : documents) out["documents"].push_back(to_json(document));
    return out.dump();
}

Result<std::vector<pivot::Document>> documents_from_json(std::string_view text) {
    std::vector<pivot::Document> out;
    try {
        const Json json = Json::parse(text);
        for (const Json& document : json.at("documents")) out.push_back(document_from(document));
    } catch (const std::exception& trouble) {
        return Error{base::codes::internal, std::string("stored documents: ") + trouble.what()};
    }
    if (out.empty()) return Error{base::codes::internal, "stored documents: none"};
    return out;
}

}  // namespace hansa::exchange
