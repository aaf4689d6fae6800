#include "core/disclosure/projection.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/disclosure/codes.h"
#include "core/disclosure/field_path.h"

namespace hansa::disclosure {
namespace {

using pivot::Node;

void add(FieldSet::Step& root, std::string_view path) {
    FieldSet::Step* step = &root;
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (name.starts_with('@')) {
            step->attributes.emplace(name.substr(1));
            return;
        }
        step = &step->children[std::string(name)];
    }
    step->value = true;
}

class Walk {
public:
    explicit Walk(std::vector<Projection::Line>& out) : out_(out) {}

    /// Says whether anything of the node was named.
    bool take(const Node& node, const FieldSet::Step& step, const pivot::Field& field, const std::string& path) {
        const std::size_t before = out_.size();
        if (step.value) out_.push_back({path, node.value});
        if (!node.list.empty() && step.attributes.contains("listID")) out_.push_back({path + "/@listID", node.list});
        for (const auto& [name, value] : node.attributes) {
            if (step.attributes.contains(name)) out_.push_back({fmt::format("{}/@{}", path, name), value});
        }
        take_children(node, step, field, path);
        return out_.size() > before;
    }

    void take_children(const Node& node, const FieldSet::Step& step, const pivot::Field& field, const std::string& path) {
        std::map<std::string_view, std::size_t> counts;
        for (const Node& child : node.children) {
            const auto wanted = step.children.find(child.name);
            const pivot::Field* known = wanted == step.children.end() ? nullptr : field.child(child.name);
            if (known == nullptr) continue;
            const std::size_t place = counts[child.name] + 1;
            std::string below = path.empty() ? child.name : fmt::format("{}/{}", path, child.name);
            if (known->is_list() || place > 1) below += fmt::format("[{}]", place);
            if (take(child, wanted->second, *known, below)) counts[child.name] = place;
        }
    }

private:
    std::vector<Projection::Line>& out_;
};

/// As values stand in lines of pivot text.
std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '\n') out += "\\n";
        else if (c == '\r') out += "\\r";
        else if (c == '\t') out += "\\t";
        else if (c == '\\') out += "\\\\";
        else out += c;
    }
    return out;
}

}  // namespace

Result<FieldSet> FieldSet::of(pivot::Kind kind, std::span<const std::string> fields, Diagnostics& faults, const std::function<Place(std::size_t)>& place_of) {
    FieldSet out;
    out.kind_ = kind;
    std::optional<Error> first;
    const auto fault = [&](Error error, std::size_t number) {
        if (place_of) error = error.at(place_of(number));
        if (!first) first = error;
        faults.add(std::move(error));
    };
    std::set<std::string_view> known;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = checked_field(kind, fields[i]);
        if (!field) {
            fault(field.error(), i);
        } else if (!known.insert(fields[i]).second) {
            fault(Error{codes::field_twice, fmt::format("'{}'", fields[i])}, i);
        } else {
            out.paths_.push_back(fields[i]);
            add(out.root_, fields[i]);
        }
    }
    if (fields.empty()) fault(Error{codes::malformed, "it names no field"}, 0);
    if (first) return *first;
    return out;
}

std::string Projection::json() const {
    nlohmann::ordered_json out;
    out["kind"] = pivot::kind_name(kind);
    out["fields"] = nlohmann::ordered_json::array();
    for (const Line& line : lines) out["fields"].push_back({{"path", line.path}, {"value", line.value}});
    return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string Projection::text() const {
    std::string out = fmt::format("document {}\n", pivot::kind_name(kind));
    for (const Line& line : lines) out += fmt::format("{} {}\n", line.path, escaped(line.value));
    return out;
}

Projection project(const pivot::Document& document, const FieldSet& fields) {
    Projection out;
    out.kind = document.kind;
    if (document.kind != fields.kind()) return out;
    Walk(out.lines).take_children(document.root, fields.root(), pivot::root(document.kind), {});
    return out;
}

}  // namespace hansa::disclosure
