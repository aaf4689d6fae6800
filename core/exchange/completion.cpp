#include "core/exchange/completion.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

#include "core/exchange/facts.h"
#include "core/pivot/table.h"

namespace hansa::exchange {
namespace {

using pivot::Node;

/// Answers name their question; what an answer leaves out about it is taken from the question.
constexpr std::array<std::string_view, 9> told_by_question{"ID", "DeclarationOfficeID", "Declarant", "Exporter", "Principal", "AdditionalDocument",
                                                           "AdditionalInformation", "GoodsShipment/UCR", "GoodsShipment/Seller"};

/// What says which of its likes a member is.
constexpr std::array<std::string_view, 4> member_keys{"TypeCode", "StatementTypeCode", "CategoryCode", "RoleCode"};

Node& child_named(Node& parent, std::string_view name) {
    const auto found = std::ranges::find_if(parent.children, [&](const Node& child) { return child.name == name; });
    if (found != parent.children.end()) return *found;
    parent.children.push_back(Node{.name = std::string(name)});
    return parent.children.back();
}

std::vector<Node> children_named(const Node& parent, std::string_view name) {
    std::vector<Node> out;
    std::ranges::copy_if(parent.children, std::back_inserter(out), [&](const Node& child) { return child.name == name; });
    return out;
}

/// Are two members of a list the same, by what tells it from its likes?
bool same_member(const Node& one, const Node& other) {
    return std::ranges::all_of(member_keys, [&](std::string_view key) {
        const std::vector<Node> left = children_named(one, key), right = children_named(other, key);
        return left.empty() ? right.empty() : !right.empty() && left.front().value == right.front().value && left.front().list == right.front().list;
    });
}

/// Keeps of a question's node what the answer's table has a place for.
std::optional<Node> fitting(const Node& from, const pivot::Field& field) {
    if (!field.is_group()) return from;
    Node out{.name = from.name, .value = {}, .list = {}, .attributes = from.attributes, .children = {}};
    for (const Node& child : from.children) {
        const pivot::Field* place = field.child(child.name);
        if (place == nullptr) continue;
        if (auto kept = fitting(child, *place)) out.children.push_back(*std::move(kept));
    }
    if (out.children.empty()) return std::nullopt;
    return out;
}

void copy_where_silent(Node& answer, const Node& question, const pivot::Field& field, std::string_view path) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const pivot::Field* place = field.child(name);
    if (place == nullptr) return;
    if (slash != path.npos) {
        const auto below = std::ranges::find_if(question.children, [&](const Node& child) { return child.name == name; });
        if (below != question.children.end()) copy_where_silent(child_named(answer, name), *below, *place, path.substr(slash + 1));
        return;
    }
    const std::vector<Node> said = children_named(answer, name);
    if (!place->is_list() && !said.empty()) return;
    for (const Node& child : question.children) {
        if (child.name != name || std::ranges::any_of(said, [&](const Node& one) { return same_member(one, child); })) continue;
        if (auto kept = fitting(child, *place)) answer.children.push_back(*std::move(kept));
    }
}

void remove_empty_groups(Node& node, const pivot::Field& field) {
    std::erase_if(node.children, [&](Node& child) {
        const pivot::Field* place = field.child(child.name);
        if (place == nullptr || !place->is_group()) return false;
        remove_empty_groups(child, *place);
        return child.children.empty();
    });
}

}  // namespace

pivot::Document question_named(std::vector<pivot::Document> documents, const std::string& reference) {
    for (pivot::Document& document : documents) {
        const Facts facts = facts_of(document, {}, {});
        if (std::ranges::any_of(facts.references, [&](const auto& name) { return name.second == reference; })) return std::move(document);
    }
    return std::move(documents.front());
}

void complete_answer(pivot::Document& answer, const pivot::Document& question) {
    const pivot::Field* field = pivot::find(pivot::Kind::response, "Declaration");
    if (field == nullptr) return;
    Node& about = child_named(answer.root, "Declaration");
    const std::string reference = field_of(question.root, "FunctionalReferenceID");
    if (!reference.empty()) child_named(about, "FunctionalReferenceID").value = reference;
    for (const std::string_view path : told_by_question) copy_where_silent(about, question.root, *field, path);
    copy_where_silent(about, question.root, *field, "GoodsShipment/TradeParty");
    remove_empty_groups(about, *field);
}

}  // namespace hansa::exchange
