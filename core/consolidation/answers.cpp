#include "core/consolidation/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/base/digest.h"
#include "core/consolidation/codes.h"
#include "core/pivot/pointer.h"

namespace hansa::consolidation {
namespace {

using pivot::Node;

constexpr std::string_view item_place = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[";
constexpr std::string_view function_list = "res.function", refused = "03";
constexpr std::size_t description_max = 250, reference_digits = 32;

const Spot& spot(std::string_view path) {
    static const auto all = [] {
        std::map<std::string, Spot, std::less<>> out;
        for (const char* one : {"FunctionCode", "FunctionalReferenceID", "IssueDateTime", "Declaration/FunctionalReferenceID", "Declaration/ID", "Status", "Error", "ParcelDecision",
                                "AdditionalInformation"})
            out.emplace(one, parse_spot(one, {}, pivot::root(pivot::Kind::response)).value());
        return out;
    }();
    return all.find(path)->second;
}

const Node* child(const Node& node, std::string_view name) {
    const auto found = std::ranges::find(node.children, name, &Node::name);
    return found == node.children.end() ? nullptr : &*found;
}

std::string value_of(const Node& node, std::string_view name) {
    const Node* found = child(node, name);
    return found == nullptr ? std::string() : found->value;
}

void set(Node& parent, std::string_view name, std::string value, std::string list = {}) {
    parent.children.push_back({std::string(name), std::move(value), std::move(list), {}, {}});
}

/// The item that it points at, or into; nothing: at the whole.
std::optional<std::uint32_t> item_of(const Node& node) {
    const std::string place = pivot::place_of(node);
    if (!place.starts_with(item_place)) return std::nullopt;
    std::uint32_t out = 0;
    const char* start = place.data() + item_place.size();
    const auto [end, wrong] = std::from_chars(start, place.data() + place.size(), out);
    return wrong == std::errc() && *end == ']' && out > 0 ? std::optional(out) : std::nullopt;
}

/// The same at another item, as a place and as pointers.
Node moved(Node node, std::uint32_t item) {
    const std::string old = pivot::place_of(node), below = old.starts_with(item_place) ? old.substr(old.find(']') + 1) : std::string();
    std::erase_if(node.children, [](const Node& one) { return one.name == "Place" || one.name == "Pointer"; });
    const std::string place = fmt::format("{}{}]{}", item_place, item, below);
    set(node, "Place", place);
    pivot::add_pointers(node);
    return node;
}

std::string reason_of(const Node& error) {
    const std::string code = value_of(error, "ValidationCode"), text = value_of(error, "Description");
    if (code.empty() || text.empty()) return code + text;
    return fmt::format("{}: {}", code, text);
}

/// Where the answer names what it answers by the house's own number.
std::optional<Spot> identity_spot(const ConsolidationTable& table) {
    auto found = parse_spot("Declaration/" + table.identity.first.text, {}, pivot::root(pivot::Kind::response));
    return found ? std::optional(*std::move(found)) : std::nullopt;
}

Result<void> check_response(const pivot::Document& document) {
    if (document.kind == pivot::Kind::response) return {};
    return Error{codes::foreign, fmt::format("a {} is no answer", pivot::kind_name(document.kind))};
}

class Finder {
public:
    Finder(std::span<const Part> parts, const ConsolidationTable& table) : identity_(identity_spot(table)) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (!parts[i].reference.empty()) by_reference_.emplace(parts[i].reference, i);
            if (const std::string id = value_of(parts[i].document.root, "ID"); !id.empty()) by_reference_.emplace(id, i);
            by_identity_.emplace(parts[i].identity, i);
        }
    }

    std::optional<std::size_t> part_of(const pivot::Document& answer) const {
        for (const char* path : {"Declaration/FunctionalReferenceID", "Declaration/ID"}) {
            const auto found = by_reference_.find(text_at(answer.root, spot(path)));
            if (found != by_reference_.end()) return found->second;
        }
        if (!identity_) return std::nullopt;
        const auto found = by_identity_.find(text_at(answer.root, *identity_));
        return found == by_identity_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::map<std::string, std::size_t> by_reference_, by_identity_;
    std::optional<Spot> identity_;
};

pivot::Document new_response() {
    pivot::Document out;
    out.kind = pivot::Kind::response;
    out.root.name = pivot::root(out.kind).name;
    return out;
}

class GatheredAnswer {
public:
    explicit GatheredAnswer(const pivot::Document& master, const ConsolidationTable& table) : master_(master), table_(table) {}

    void add(const Part& part, std::size_t number, const pivot::Document* answer) {
        const std::string function = answer == nullptr ? std::string() : text_at(answer->root, spot("FunctionCode"));
        functions_.push_back(function);
        std::vector<ItemVerdict> own;
        for (const std::uint32_t item : part.items) own.push_back({item, part.identity, function, {}, {}});
        if (answer != nullptr) {
            text_ += fmt::format(" {}:{}", part.identity, text_at(answer->root, spot("FunctionalReferenceID")));
            const std::string issued = text_at(answer->root, spot("IssueDateTime"));
            add_errors(part, *answer, own);
            add_statuses(part, *answer, function, own);
            decisions_.push_back(decision(part, number, function, issued, whole_state(*answer), own));
        }
        std::ranges::move(own, std::back_inserter(items_));
    }

    Gathered end() {
        Gathered out{new_response(), std::move(items_)};
        std::ranges::sort(out.items, {}, &ItemVerdict::item);
        std::ranges::sort(statuses_, {}, [](const Node& node) { return item_of(node).value_or(0); });
        Node& root = out.response.root;
        const bool one = std::ranges::all_of(functions_, [&](const std::string& each) { return !each.empty() && each == functions_.front(); });
        fill(root, spot("FunctionCode"), {value_node(one && !functions_.empty() ? functions_.front() : table_.mixed)});
        const std::string reference = text_at(master_.root, table_.reference);
        fill(root, spot("FunctionalReferenceID"), {value_node(sha256_hex(reference + text_).substr(0, reference_digits))});
        fill(root, spot("Error"), std::move(errors_));
        fill(root, spot("ParcelDecision"), std::move(decisions_));
        fill(root, spot("Status"), std::move(statuses_));
        if (!reference.empty()) fill(root, spot("Declaration/FunctionalReferenceID"), {value_node(reference)});
        if (const std::string id = value_of(master_.root, "ID"); !id.empty()) fill(root, spot("Declaration/ID"), {value_node(id)});
        return out;
    }

private:
    void add_errors(const Part& part, const pivot::Document& answer, std::vector<ItemVerdict>& own) {
        for (const Node* error : read(answer.root, spot("Error"))) {
            const auto item = item_of(*error);
            const std::size_t at = item && *item <= part.items.size() ? *item - 1 : 0;
            const bool whole = !item || *item > part.items.size();
            errors_.push_back(moved(*error, part.items[at]));
            for (std::size_t i = 0; i < own.size(); ++i) {
                if (whole || i == at) own[i].reasons.push_back(reason_of(*error));
            }
        }
    }

    /// A state at an item is its own; else its kind of answer stands there, and the state of the whole with the parcel.
    void add_statuses(const Part& part, const pivot::Document& answer, const std::string& function, std::vector<ItemVerdict>& own) {
        std::map<std::uint32_t, const Node*> by_item;
        for (const Node* one : read(answer.root, spot("Status"))) by_item.emplace(item_of(*one).value_or(0), one);
        const Node* whole = whole_state(answer);
        for (std::size_t i = 0; i < part.items.size(); ++i) {
            const auto found = by_item.find(static_cast<std::uint32_t>(i + 1));
            Node out = found == by_item.end() ? Node() : *found->second;
            const Node* name = child(out, "NameCode");
            if (name != nullptr || whole != nullptr) own[i].status = pivot::join_code((name ? name : whole)->list, (name ? name : whole)->value);
            if (name == nullptr) set(out, "NameCode", function);
            statuses_.push_back(moved(std::move(out), part.items[i]));
        }
    }

    static const Node* whole_state(const pivot::Document& answer) {
        for (const Node* one : read(answer.root, spot("Status"))) {
            if (!item_of(*one)) return child(*one, "NameCode");
        }
        return nullptr;
    }

    static Node decision(const Part& part, std::size_t number, const std::string& function, const std::string& issued, const Node* state, const std::vector<ItemVerdict>& own) {
        Node out;
        set(out, "SequenceNumeric", std::to_string(number));
        constexpr std::size_t id_max = 60;
        set(out, part.identity.size() <= id_max ? "ID" : "TransportDocumentID", part.identity);
        set(out, "NameCode", function, std::string(function_list));
        if (!issued.empty()) set(out, "EffectiveDateTime", issued);
        if (state != nullptr) set(out, "ReasonCode", state->value, state->list);
        std::string text;
        for (const ItemVerdict& one : own) {
            for (const std::string& reason : one.reasons) {
                if (text.find(reason) == text.npos) text += (text.empty() ? "" : "; ") + reason;
            }
        }
        // Longer ones stand whole in the errors.
        if (!text.empty() && text.size() <= description_max) set(out, "Description", text);
        return out;
    }

    const pivot::Document& master_;
    const ConsolidationTable& table_;
    std::vector<ItemVerdict> items_;
    std::vector<std::string> functions_;
    std::vector<Node> statuses_, errors_, decisions_;
    std::string text_;
};

class Scattered {
public:
    Scattered(const pivot::Document& answer, const ConsolidationTable& table) : answer_(answer), table_(table), identity_(identity_spot(table)) {
        for (const char* name : {"Error", "Status"}) {
            for (const Node* node : read(answer.root, spot(name))) told_[name][item_of(*node).value_or(0)].push_back(node);
        }
        for (const Node* decision : read(answer.root, spot("ParcelDecision"))) {
            const Node* name = child(*decision, "NameCode");
            if (name == nullptr || name->list != function_list) continue;
            for (const char* id : {"ID", "TransportDocumentID"}) {
                if (const std::string identity = value_of(*decision, id); !identity.empty()) decisions_.emplace(identity, decision);
            }
        }
    }

    pivot::Document for_part(const Part& part) const {
        pivot::Document out = new_response();
        Node& root = out.root;
        auto errors = concerning("Error", part);
        fill(root, spot("FunctionCode"), {value_node(function_for(part, !errors.empty()))});
        const std::string reference = text_at(answer_.root, spot("FunctionalReferenceID"));
        fill(root, spot("FunctionalReferenceID"), {value_node(sha256_hex(fmt::format("{} {}", reference, part.identity)).substr(0, reference_digits))});
        for (const char* path : {"IssueDateTime", "AdditionalInformation", "Declaration/ID"}) fill(root, spot(path), read(answer_.root, spot(path)));
        fill(root, spot("Error"), std::move(errors));
        fill(root, spot("Status"), statuses_for(part));
        if (!part.reference.empty()) fill(root, spot("Declaration/FunctionalReferenceID"), {value_node(part.reference)});
        if (identity_) fill(root, *identity_, {value_node(part.identity)});
        return out;
    }

private:
    /// Those of the whole, and those at its items.
    std::vector<Node> concerning(std::string_view name, const Part& part) const {
        std::vector<Node> out;
        const auto all = told_.find(name);
        if (all == told_.end()) return out;
        if (const auto whole = all->second.find(0); whole != all->second.end()) {
            for (const Node* node : whole->second) out.push_back(*node);
        }
        for (std::size_t i = 0; i < part.items.size(); ++i) {
            const auto own = all->second.find(part.items[i]);
            if (own == all->second.end()) continue;
            for (const Node* node : own->second) out.push_back(moved(*node, static_cast<std::uint32_t>(i + 1)));
        }
        return out;
    }

    /// Of a gathered answer: what was decided on this part.
    const Node* decision_on(const Part& part) const {
        const auto found = decisions_.find(part.identity);
        return found == decisions_.end() ? nullptr : found->second;
    }

    /// A gathered answer repeats the kind of the part's answer at each item: that is no state of the authority.
    std::vector<Node> statuses_for(const Part& part) const {
        std::vector<Node> out = concerning("Status", part);
        const Node* decision = decision_on(part);
        if (decision == nullptr) return out;
        const std::string function = value_of(*decision, "NameCode");
        std::erase_if(out, [&](const Node& one) {
            const Node* name = child(one, "NameCode");
            return name != nullptr && name->list.empty() && name->value == function && item_of(one);
        });
        if (const Node* state = child(*decision, "ReasonCode")) {
            Node whole;
            set(whole, "NameCode", state->value, state->list);
            out.insert(out.begin(), std::move(whole));
        }
        return out;
    }

    std::string function_for(const Part& part, bool has_errors) const {
        if (const Node* decision = decision_on(part)) return value_of(*decision, "NameCode");
        const std::string all = text_at(answer_.root, spot("FunctionCode"));
        const auto errors = told_.find("Error");
        const bool spared = table_.refusal_of_items && all == refused && !has_errors && errors != told_.end();
        return spared ? table_.mixed : all;
    }

    const pivot::Document& answer_;
    const ConsolidationTable& table_;
    std::optional<Spot> identity_;
    std::map<std::string, std::map<std::uint32_t, std::vector<const Node*>>, std::less<>> told_;  ///< by name and item; 0: of the whole
    std::map<std::string, const Node*> decisions_;
};

}  // namespace

Result<Gathered> gather(const pivot::Document& master, std::span<const Part> parts, std::span<const pivot::Document> answers, const ConsolidationTable& table,
                        bool partial) {
    const Finder finder(parts, table);
    std::vector<const pivot::Document*> of_part(parts.size(), nullptr);
    for (const pivot::Document& answer : answers) {
        if (auto good = check_response(answer); !good) return good.error();
        const auto part = finder.part_of(answer);
        if (!part) return Error{codes::answer_unknown, fmt::format("'{}' is of none of the {} documents", text_at(answer.root, spot("Declaration/FunctionalReferenceID")), parts.size())};
        if (of_part[*part] != nullptr) return Error{codes::answer_double, fmt::format("'{}'", parts[*part].identity)};
        of_part[*part] = &answer;
    }
    GatheredAnswer out(master, table);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (of_part[i] == nullptr && !partial) return Error{codes::answer_missing, fmt::format("'{}'", parts[i].identity)};
        out.add(parts[i], i + 1, of_part[i]);
    }
    return out.end();
}

Result<std::vector<pivot::Document>> scatter(const pivot::Document& answer, std::span<const Part> parts, const ConsolidationTable& table) {
    if (auto good = check_response(answer); !good) return good.error();
    const Scattered all(answer, table);
    std::vector<pivot::Document> out;
    for (const Part& part : parts) out.push_back(all.for_part(part));
    return out;
}

}  // namespace hansa::consolidation
