// After the rows: memory and annex put back, what the schema demands filled, losses named.
#include <algorithm>

#include "core/base/ids.h"
#include "core/mapping/codes.h"
#include "core/mapping/tree_writer.h"
#include "core/schema/grammar.h"

namespace hansa::mapping {
namespace {

/// Is the place the path, with "#1" behind some of its steps?
bool first_of_list(std::string_view place, std::string_view path) {
    constexpr std::string_view first = "#1";
    bool numbered = false;
    while (!place.empty()) {
        if (place.starts_with(first) && (place.size() == first.size() || place[first.size()] == '/')) {
            place.remove_prefix(first.size());
            numbered = true;
            continue;
        }
        if (path.empty() || path.front() != place.front()) return false;
        place.remove_prefix(1);
        path.remove_prefix(1);
    }
    return numbered && path.empty();
}

/// Name space (RFC 9562's for object identifiers, as bytes) of the identifiers made from a message's digest.
constexpr std::string_view uuid_name_space("\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);

struct PlaceStep {
    std::string name;
    std::size_t number = 0;  ///< after '#'
    std::string key;         ///< between braces
};

std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            const std::string_view code = text.substr(i, 3);
            const char sign = code == "%2F"   ? '/'
                              : code == "%7B" ? '{'
                              : code == "%7D" ? '}'
                              : code == "%23" ? '#'
                              : code == "%7E" ? '~'
                              : code == "%25" ? '%'
                                              : '\0';
            if (sign != '\0') {
                plain += sign;
                i += 2;
                continue;
            }
        }
        plain += text[i];
    }
    return plain;
}

PlaceStep place_step(std::string_view text) {
    PlaceStep step;
    const std::size_t end = text.find_first_of("#{~");
    step.name = std::string(text.substr(0, end));
    if (end == std::string_view::npos) return step;
    if (text[end] == '{') {
        const std::size_t close = text.find('}', end);
        step.key = unescaped(text.substr(end + 1, close == std::string_view::npos ? close : close - end - 1));
        return step;
    }
    for (const char sign : text.substr(end + 1)) {
        if (sign >= '0' && sign <= '9' && step.number < 1'000'000)
            step.number = step.number * 10 + static_cast<std::size_t>(sign - '0');
    }
    return step;
}

/// "k=v;l=w" as keys of a step.
bool add_keys(std::string_view keys, NationalStep& step) {
    while (!keys.empty()) {
        const std::string_view key = keys.substr(0, keys.find(';'));
        keys.remove_prefix(std::min(keys.size(), key.size() + 1));
        const std::size_t sign = key.find('=');
        if (sign == std::string_view::npos) return false;
        step.keys.push_back({std::string(key.substr(0, sign)), std::string(key.substr(sign + 1))});
    }
    return true;
}

}  // namespace

void TreeWriter::restore() {
    for (auto& [where, kept] : memory_) {
        // "stood": an empty group that no member of the pivot stands for.
        const bool stood = kept.entry->read_as == std::vector<std::string>{"stood"};
        if (kept.used || (!kept.entry->read_as.empty() && !stood) || where.starts_with('/') ||
            where.find('>') != std::string::npos)
            continue;
        // Of a group that is said to be another one the pivot has none of its own members.
        const bool in_copy =
            std::ranges::any_of(copies_, [&at = where](const std::string& group) { return at.starts_with(group); });
        if (put_back(where, kept.entry->text, false, !stood && !in_copy)) {
            kept.used = true;
            restored_.insert(where);
        }
    }
    for (auto& [where, carried] : annex_) {
        if (where.starts_with('/') || where.find('>') != std::string::npos) continue;
        const bool own_format = carried.entry->authority == mapping_.format();
        if (put_back(where, carried.entry->text, !own_format, !own_format)) {
            carried.used = true;
            restored_.insert(where);
        }
    }
    for (const auto& [where, kept] : memory_) {
        if (where.ends_with("#order")) restore_order(where, kept.entry->text);
    }
}

/// The node at a place, or nothing where it does not stand.
NationalNode* TreeWriter::find_place(std::string_view where) {
    NationalNode* node = document_;
    std::string prefix;
    while (!where.empty() && node) {
        const std::string_view raw = where.substr(0, where.find('/'));
        where.remove_prefix(std::min(where.size(), raw.size() + 1));
        prefix = place_join(prefix, raw);
        if (const auto member = members_.find(prefix); member != members_.end()) {
            node = member->second;
            continue;
        }
        const PlaceStep step = place_step(raw);
        node = node->child(step.name, std::max<std::size_t>(step.number, 1));
    }
    return node;
}

/// Puts the members of a list that several rows feed back into the order in which they stood.
void TreeWriter::restore_order(std::string_view where, std::string_view order) {
    where.remove_suffix(std::string_view("#order").size());
    const std::size_t slash = where.rfind('/');
    const std::string_view above = slash == std::string_view::npos ? std::string_view() : where.substr(0, slash);
    const std::string name(slash == std::string_view::npos ? where : where.substr(slash + 1));
    NationalNode* node = find_place(above);
    if (!node) return;
    std::vector<std::unique_ptr<NationalNode>> members, ordered;
    for (auto it = node->children.begin(); it != node->children.end();) {
        if ((*it)->name.local == name) {
            members.push_back(std::move(*it));
            it = node->children.erase(it);
        } else {
            ++it;
        }
    }
    const auto take = [&](const auto& wanted) {
        const auto found =
            std::find_if(members.begin(), members.end(), [&](const auto& one) { return one && wanted(*one); });
        if (found != members.end()) ordered.push_back(std::move(*found));
    };
    while (!order.empty()) {
        const std::string_view token = order.substr(0, order.find('/'));
        order.remove_prefix(std::min(order.size(), token.size() + 1));
        const PlaceStep step = place_step(token);
        if (const auto member = members_.find(place_join(above, token)); member != members_.end()) {
            take([&](const NationalNode& one) { return &one == member->second; });
            continue;
        }
        NationalStep keys{.name = step.name, .keys = {}, .index = 0};
        if (!add_keys(step.key, keys) || keys.keys.empty()) continue;
        take([&](const NationalNode& one) { return matches(one, keys); });
    }
    for (auto& one : ordered) node->children.push_back(std::move(one));
    for (auto& one : members) {
        if (one) node->children.push_back(std::move(one));
    }
}

/// What stood outside of the documents, as the first of them remembers it.
void TreeWriter::restore_message() {
    members_.clear();
    for (const pivot::Remembered& one : source_->memory) {
        if (one.format == mapping_.format() && one.place.starts_with('/') && one.read_as.empty())
            put_back(std::string_view(one.place).substr(1), one.text, false);
    }
    for (const pivot::Carried& one : source_->annex) {
        if (!one.place.starts_with('/') || (one.authority != model_.authority && one.authority != mapping_.format()))
            continue;
        put_back(std::string_view(one.place).substr(1), one.text, one.authority != mapping_.format());
    }
}

/// Puts a text at a place. False: its group is gone, the place is written already, or (`only_carried`)
/// the table does not carry it.
bool TreeWriter::put_back(std::string_view where, const std::string& text, bool only_carried, bool only_pivot) {
    NationalNode* node = document_;
    std::string prefix;
    std::string_view rest = where == "." ? std::string_view() : where;
    std::vector<std::pair<NationalNode*, PlaceStep>> to_make;
    std::string attribute;
    const Shape* shape = node->shape;
    while (!rest.empty()) {
        const std::string_view raw = rest.substr(0, rest.find('/'));
        rest.remove_prefix(std::min(rest.size(), raw.size() + 1));
        prefix = place_join(prefix, raw);
        if (raw.starts_with('@')) {
            attribute = std::string(raw.substr(1));
            break;
        }
        const PlaceStep step = place_step(raw);
        if (raw == ".") continue;
        // Another format of the authority may have no such place.
        if (only_carried && shape && !shape->wildcard && !shape->child(step.name)) return false;
        shape = shape ? shape->child(step.name) : nullptr;
        if (const auto member = members_.find(prefix); member != members_.end()) {
            node = member->second;
            to_make.clear();
            if (raw.find('~') != std::string_view::npos)
                only_pivot = false;  // nothing of an unused slot was in the pivot
            continue;
        }
        const bool of_each = shape && shape->group_row && shape->group_row->form == RowForm::each &&
                             shape->group_row->left[0].path.shape == shape;
        // A member that the pivot no longer has does not come back, one that it never had does.
        if (of_each && only_pivot && (step.number != 0 || !step.key.empty())) return false;
        to_make.emplace_back(nullptr, step);
    }
    if (only_carried && !carries(shape, attribute)) return false;
    for (const auto& [unused, step] : to_make) {
        NationalPath path;
        NationalStep one{.name = step.name, .keys = {}, .index = 0};
        if (!add_keys(step.key, one)) return false;
        path.steps.push_back(std::move(one));
        node = place({.out = node}, path, std::max<std::size_t>(step.number, 1));
    }
    if (!attribute.empty()) {
        if (node->attribute(attribute)) return false;
        NationalPath path;
        path.steps.push_back({"@" + attribute, {}, 0});
        set(*node, path, text);
        return true;
    }
    if (node->has_text) return false;
    const bool group = node->shape && !node->shape->children.empty() && !node->shape->text;
    if (group && text.empty()) {
        node->kept = true;
        return true;
    }
    node->text = text;
    node->has_text = true;
    return true;
}

/// Does the table carry this place? Below a wildcard the place around it counts.
bool TreeWriter::carries(const Shape* shape, const std::string& attribute) const {
    if (!shape) return true;
    if (!attribute.empty()) {
        const AttributeShape* found = const_cast<Shape*>(shape)->attribute(attribute);
        if (!found) return shape->wildcard;
        if (found->owner || found->carried) return found->carried;
    }
    return shape->carried;
}

void TreeWriter::fill(NationalNode& node, NationalNode* group, const std::string& below) {
    std::string at = below;
    if (pending_.contains(&node)) {
        group = &node;
        at.clear();
    }
    fill_attributes(node, group, at);
    if (!node.shape) return;
    // The signature is made by trust, an attached document by its own table.
    const RowForm form = node.shape->owner ? node.shape->owner->form : RowForm::value;
    if (form == RowForm::attached) return;
    for (const auto& child : node.shape->children) {
        if (child->owner && child->owner->form == RowForm::signature) continue;
        bool there = false;
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            NationalNode& found = *node.children[i];
            if (found.shape != child.get() || !found.alive()) continue;
            there = true;
            if (child.get() == model_.document_shape && &node != document_ && filled_documents_) continue;
            fill(found, group, place_join(at, child->name.local));
        }
        if (!there && child->least > 0 && !child->in_choice)
            fill_missing(node, *child, group, place_join(at, child->name.local));
    }
}

/// A member that is made because one is demanded is the first: rows may name it so, or not at all.
template <typename Rows>
static auto pending_at(const Rows& rows, std::string place) {
    auto found = rows.find(place);
    for (std::size_t at = 0; found == rows.end() && (at = place.find("#1", at)) != std::string::npos;)
        place.erase(at, 2);
    return found == rows.end() ? rows.find(place) : found;
}

void TreeWriter::fill_missing(NationalNode& node, Shape& child, NationalNode* group, const std::string& below) {
    NationalPath path;
    path.steps.push_back({child.name.local, {}, 0});
    const bool is_group = !child.text && !child.children.empty();
    if (is_group) {
        NationalNode* made = place({.out = &node}, path);
        made->kept = true;
        return fill(*made, group, child.is_list() ? below + "#1" : below);
    }
    std::optional<Error> failure;
    std::string reason, from;
    const auto of_group = pending_.find(group);
    if (of_group != pending_.end()) {
        auto found = pending_at(of_group->second, below);
        // The member may stand already, made by another row: "Line[1]/nr" speaks of it all the same.
        if (found == of_group->second.end()) {
            found = std::find_if(of_group->second.begin(), of_group->second.end(),
                                 [&](const auto& one) { return first_of_list(one.first, below); });
        }
        if (found != of_group->second.end()) {
            const Pending& pending = found->second;
            failure = pending.failure;
            from = pending.from;
            if (const std::optional<std::string> text = default_text(pending, reason)) {
                NationalNode* made = place({.out = &node}, path);
                made->text = *text;
                made->has_text = true;
                const std::vector<Conversion>& conversions = pending.row->conversions;
                const NationalTerm& term = pending.row->left[pending.term];
                if (!conversions.empty()) {
                    set_list_attributes(*made, term, conversions[std::min(pending.term, conversions.size() - 1)],
                                        place_join(pending.scope.place, term_place(term)));
                }
                if (!reason.empty()) defaulted(*made, {}, *text, reason, pending.row);
                return fill_attributes(*made, group, below);
            }
        }
    }
    if (!failure && model_.empties != Empties::absent &&
        (child.type ? model_.grammar->check_value(*child.type, "").has_value() : child.text)) {
        NationalNode* made = place({.out = &node}, path);
        made->has_text = true;
        return fill_attributes(*made, group, below);
    }
    if (failure) return missing(failure->code, failure->detail, node, child.name.local, from);
    missing(codes::required_unfed, "'" + child.name.local + "' is demanded, and the document gives nothing for it",
            node, child.name.local);
}

void TreeWriter::fill_attributes(NationalNode& node, NationalNode* group, const std::string& below) {
    if (!node.shape) return;
    for (const AttributeShape& attribute : node.shape->attributes) {
        if (!attribute.required || node.attribute(attribute.name.local)) continue;
        NationalPath path;
        path.steps.push_back({"@" + attribute.name.local, {}, 0});
        if (attribute.fixed) {
            set(node, path, *attribute.fixed);
            continue;
        }
        std::string reason, from;
        std::optional<Error> failure;
        const auto of_group = pending_.find(group);
        const auto found = of_group == pending_.end()
                               ? decltype(of_group->second.end()){}
                               : pending_at(of_group->second, place_join(below, "@" + attribute.name.local));
        if (of_group != pending_.end() && found != of_group->second.end()) {
            failure = found->second.failure;
            from = found->second.from;
            if (const std::optional<std::string> text = default_text(found->second, reason)) {
                set(node, path, *text);
                if (!reason.empty()) defaulted(node, attribute.name.local, *text, reason, found->second.row);
                continue;
            }
        }
        if (failure)
            missing(failure->code, failure->detail, node, "@" + attribute.name.local, from);
        else
            missing(codes::required_unfed,
                    "the attribute '" + attribute.name.local + "' is demanded, and the document gives nothing for it",
                    node, "@" + attribute.name.local);
    }
}

/// `from`: the pivot place that could not be written. Where the source is known, the sender is told its own element.
void TreeWriter::missing(Code code, std::string detail, const NationalNode& at, const std::string& below,
                         std::string_view from) {
    Place place{.path = below.empty() ? at.path() : place_join(at.path(), below)};
    const auto source = std::find_if(leaves_.begin(), leaves_.end(), [&](const SourceLeaf& leaf) {
        return !from.empty() && std::find(leaf.fed.begin(), leaf.fed.end(), from) != leaf.fed.end();
    });
    if (source != leaves_.end()) {
        detail = place.path + ": " + detail;
        place = {.line = source->line, .column = source->column, .path = source->path};
    }
    if (!context_.draft) return faults_.add(code, std::move(detail), std::move(place));
    writing_.missing.push_back({code, std::move(detail), std::move(place)});
}

/// What a place gets that nothing feeds: a constant, a default, a word for absence, an agency's setting.
std::optional<std::string> TreeWriter::default_text(const Pending& pending, std::string& reason) {
    const Row& row = *pending.row;
    if (row.form == RowForm::fixed)
        return row.alternatives.empty() ? std::nullopt : std::optional(row.alternatives.front());
    std::size_t own = 0;
    for (std::size_t i = 0; i < pending.term; ++i) own += row.left[i].constant || row.left[i].borrowed ? 0U : 1U;
    reason = row.reason;
    if (own < row.defaults.size()) {
        const std::string& text = row.defaults[own];
        if (!text.starts_with('$')) return text;
        if (text == "$uuid5") {
            return uuid5(uuid_name_space, context_.message_digest + "/" + std::to_string(number_) + "/" +
                                              term_place(row.left[pending.term]));
        }
        if (text == "$position") return std::to_string(pending.scope.out->index());
        if (text == "$received") {
            if (context_.received.empty() || row.conversions.empty()) return std::nullopt;
            const std::vector<PivotValue> now{{context_.received, {}, 0}};
            const std::vector<Target> targets{target_of(row.left[pending.term])};
            const Result<FromPivot> made = row.conversions.front().from_pivot(now, around_.context, targets);
            return made && !made->values.empty() ? std::optional(made->values.front().text) : std::nullopt;
        }
        if (own < row.default_expressions.size() && row.default_expressions[own])
            return evaluate(*row.default_expressions[own], evaluation(pending.scope));
        const auto setting = around_.settings().find(text.substr(1));
        return setting == around_.settings().end() ? std::nullopt : std::optional(setting->second);
    }
    if (row.none && !pending.failure) {
        reason.clear();
        return row.none;
    }
    // An agency may say by a setting, named by the element's path, what its documents get.
    const auto setting = around_.settings().find(place_join(pending.scope.place, term_place(row.left[pending.term])));
    if (setting == around_.settings().end()) return std::nullopt;
    reason = "set by the agency";
    return setting->second;
}

void TreeWriter::defaulted(const NationalNode& node, std::string_view attribute, const std::string& text,
                           const std::string& reason, const Row* row) {
    LossEntry entry{.kind = LossKind::defaulted,
                    .path = node.path(),
                    .value = text,
                    .reason = reason,
                    .row = row ? row->place : std::string()};
    if (!attribute.empty()) entry.path += "/@" + std::string(attribute);
    writing_.ledger.entries.push_back(std::move(entry));
}

/// A selector's keys are said by the place, if the member says anything there. True: it does.
bool TreeWriter::settle_keys(PivotNode& node) {
    bool says = node.has_value && node.taken;
    for (const PivotNode::Attribute& attribute : node.attributes) says = says || attribute.taken;
    for (const auto& child : node.children) says = settle_keys(*child) || says;
    if (!says) return false;
    for (PivotNode::Attribute& attribute : node.attributes) attribute.taken = attribute.taken || attribute.key;
    for (const auto& child : node.children) child->taken = child->taken || child->key;
    return true;
}

void TreeWriter::ledger(std::span<const SourceLeaf> leaves) {
    settle_keys(*pivot_);
    if (leaves.empty()) {
        untaken(*pivot_);
        for (const pivot::Carried& one : source_->annex) {
            if (restored_.contains(one.place)) continue;
            writing_.ledger.entries.push_back({.kind = LossKind::carried,
                                               .path = one.place,
                                               .value = one.text,
                                               .reason = "kept for its own authority",
                                               .row = {}});
        }
        return;
    }
    std::map<std::string, std::pair<PivotNode*, PivotNode::Attribute*>> places;
    const auto index = [&](const auto& self, PivotNode& node, const std::string& path) -> void {
        places[path] = {&node, nullptr};
        for (PivotNode::Attribute& attribute : node.attributes)
            places[path + "/@" + attribute.name] = {&node, &attribute};
        std::map<std::string, std::size_t> numbers;
        for (const auto& child : node.children) {
            self(self, *child, place_join(path, child->name + "[" + std::to_string(++numbers[child->name]) + "]"));
        }
    };
    index(index, *pivot_, "");
    std::set<std::string> written;
    for (const auto& [fed, node] : fed_) {
        for (const auto& [place_text, text] : fed.pivot) written.insert(place_text);
    }
    for (const auto& [where, found] : places) {
        const bool taken = found.second ? found.second->taken : found.first->taken && found.first->has_value;
        if (taken && !written.contains(where)) writing_.said_by_place.insert(where);
    }
    std::set<PivotNode*> noted;
    std::set<std::pair<const PivotNode*, const PivotNode::Attribute*>> beside_told;
    const auto is_taken = [](const std::pair<PivotNode*, PivotNode::Attribute*>& at) {
        return at.second ? at.second->taken : at.first->taken;
    };
    const auto tell_beside = [&](const LossEntry& entry, const SourceLeaf& leaf) {
        for (const SourceLeaf::Beside& one : leaf.beside) {
            const auto found = places.find(one.place), of = places.find(one.of);
            if (found == places.end() || is_taken(found->second)) continue;
            if (!one.of.empty() && (of == places.end() || !is_taken(of->second))) continue;
            if (!beside_told.insert(found->second).second) continue;
            const auto& [node, attribute] = found->second;
            const std::string& why = attribute ? attribute->lost : node->lost;
            const std::string& why_row = attribute ? attribute->row : node->row;
            writing_.ledger.entries.push_back(entry);
            writing_.ledger.entries.back().reason = why.empty() ? one.reason : why;
            if (!why.empty() && !why_row.empty()) writing_.ledger.entries.back().row = why_row;
        }
    };
    for (const SourceLeaf& leaf : leaves) {
        if (leaf.way == SourceLeaf::Way::implied || restored_.contains(leaf.place)) continue;
        LossEntry entry{.kind = LossKind::dropped,
                        .path = leaf.path,
                        .value = leaf.value,
                        .reason = leaf.reason,
                        .row = leaf.row,
                        .line = leaf.line,
                        .column = leaf.column};
        if (leaf.way == SourceLeaf::Way::stated) {
            tell_beside(entry, leaf);
            continue;
        }
        if (leaf.way != SourceLeaf::Way::mapped) {
            entry.kind = leaf.way == SourceLeaf::Way::carried ? LossKind::carried : LossKind::dropped;
            if (entry.reason.empty()) entry.reason = "kept for its own authority";
            writing_.ledger.entries.push_back(std::move(entry));
            continue;
        }
        std::vector<std::string> taken;
        std::string lost, left_out, lost_row;
        for (const std::string& fed : leaf.fed) {
            const auto found = places.find(fed);
            if (found == places.end()) continue;
            const auto [node, attribute] = found->second;
            const std::string value = attribute ? attribute->value : qualified(node->list, node->value);
            if (is_taken(found->second)) {
                taken.push_back(value);
                if (!attribute && noted.insert(node).second) {
                    for (std::size_t i = 0; i < node->notes.size(); ++i) {
                        writing_.ledger.entries.push_back({.kind = node->notes[i].kind,
                                                           .path = leaf.path,
                                                           .value = leaf.value,
                                                           .reason = node->notes[i].reason,
                                                           .row = node->note_rows[i],
                                                           .line = leaf.line,
                                                           .column = leaf.column});
                    }
                }
                continue;
            }
            if (const std::string& why = attribute ? attribute->lost : node->lost; lost.empty()) {
                lost = why;
                lost_row = attribute ? attribute->row : node->row;
            }
            left_out = value;
        }
        for (const SourceLeaf::Note& note : leaf.notes) {
            if (!taken.empty())
                writing_.ledger.entries.push_back({.kind = note.kind,
                                                   .path = leaf.path,
                                                   .value = leaf.value,
                                                   .reason = note.reason,
                                                   .row = leaf.row,
                                                   .line = leaf.line,
                                                   .column = leaf.column});
        }
        const bool all =
            left_out.empty() || (!taken.empty() && std::find(taken.begin(), taken.end(), left_out) != taken.end());
        LossEntry beside = entry;
        if (taken.empty() || !all) {
            if (!taken.empty()) {
                entry.kind = LossKind::narrowed;
                entry.reason = lost.empty() ? "the target takes only a part of it" : lost;
            } else {
                entry.reason = lost.empty() ? "the target has no place for it" : lost;
            }
            if (!lost_row.empty()) entry.row = lost_row;
            writing_.ledger.entries.push_back(std::move(entry));
        }
        if (taken.empty()) continue;
        // The value stands in the target; what it is may not.
        beside.kind = LossKind::narrowed;
        tell_beside(beside, leaf);
    }
}

/// Without the source's own places, losses are named by those of the pivot.
void TreeWriter::untaken(PivotNode& node) {
    const std::string path = "/" + node.path();
    if (node.has_value && !node.taken) {
        writing_.ledger.entries.push_back({.kind = LossKind::dropped,
                                           .path = path,
                                           .value = qualified(node.list, node.value),
                                           .reason = node.lost.empty() ? "the target has no place for it" : node.lost,
                                           .row = node.row});
    }
    for (std::size_t i = 0; i < node.notes.size() && node.taken; ++i) {
        writing_.ledger.entries.push_back({.kind = node.notes[i].kind,
                                           .path = path,
                                           .value = node.value,
                                           .reason = node.notes[i].reason,
                                           .row = node.note_rows[i]});
    }
    for (const PivotNode::Attribute& attribute : node.attributes) {
        if (attribute.taken) continue;
        writing_.ledger.entries.push_back(
            {.kind = LossKind::dropped,
             .path = path + "/@" + attribute.name,
             .value = attribute.value,
             .reason = attribute.lost.empty() ? "the target has no place for it" : attribute.lost,
             .row = attribute.row});
    }
    for (const auto& child : node.children) untaken(*child);
}

}  // namespace hansa::mapping
