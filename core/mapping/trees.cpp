#include "core/mapping/trees.h"

#include <algorithm>
#include <map>

namespace hansa::mapping {

NationalNode* NationalNode::child(std::string_view local, std::size_t wanted) const {
    for (const auto& found : children) {
        if (found->name.local == local && --wanted == 0) return found.get();
    }
    return nullptr;
}

NationalNode::Attribute* NationalNode::attribute(std::string_view local) {
    for (Attribute& found : attributes) {
        if (found.name.local == local) return &found;
    }
    return nullptr;
}

const NationalNode::Attribute* NationalNode::attribute(std::string_view local) const {
    return const_cast<NationalNode*>(this)->attribute(local);
}

bool NationalNode::alive() const {
    if (has_text || kept || !attributes.empty()) return true;
    return std::any_of(children.begin(), children.end(), [](const auto& child) { return child->alive(); });
}

std::size_t NationalNode::index() const {
    if (place != 0) return place;
    std::size_t found = 1;
    if (!parent) return found;
    for (const auto& sibling : parent->children) {
        if (sibling.get() == this) break;
        if (sibling->name.local == name.local && sibling->alive()) ++found;
    }
    return found;
}

std::string NationalNode::path() const {
    std::string steps = parent ? parent->path() + "/" + name.local : "/" + name.local;
    const bool repeats = parent && (!shape || shape->is_list() || parent->child(name.local, 2));
    if (repeats) steps += "[" + std::to_string(index()) + "]";
    return steps;
}

NationalNode* NationalNode::add(schema::Name child_name, Shape* child_shape) {
    auto made = std::make_unique<NationalNode>();
    made->name = std::move(child_name);
    made->shape = child_shape;
    made->parent = this;
    children.push_back(std::move(made));
    return children.back().get();
}

void number_children(const NationalNode& node) {
    std::map<std::string_view, std::size_t> alive;  // by name
    for (const auto& child : node.children) {
        std::size_t& before = alive[child->name.local];
        child->place = before + 1;
        if (child->alive()) ++before;
    }
}

void number_all(const NationalNode& node) {
    number_children(node);
    for (const auto& child : node.children) number_all(*child);
}

std::unique_ptr<NationalNode> national_tree(const schema::Element& element, Shape* shape, NationalNode* parent) {
    auto node = std::make_unique<NationalNode>();
    node->name = element.name;
    node->shape = shape;
    node->parent = parent;
    node->offset = element.offset;
    node->end_offset = element.end_offset;
    node->text = element.text;
    const bool blank = says_nothing(element.text);
    node->has_text = element.children.empty() || !blank;
    if (shape && shape->null_child && blank && element.children.size() == 1 &&
        element.children[0].name == shape->null_name && element.children[0].attributes.empty() &&
        element.children[0].children.empty() && says_nothing(element.children[0].text)) {
        node->text = std::string(null_text);
        node->has_text = true;
        for (const schema::Attribute& attribute : element.attributes)
            node->attributes.push_back({attribute.name, attribute.value, false});
        return node;
    }
    for (const schema::Attribute& attribute : element.attributes)
        node->attributes.push_back({attribute.name, attribute.value, false});
    for (const schema::Element& child : element.children) {
        node->children.push_back(national_tree(child, shape ? shape->child(child.name) : nullptr, node.get()));
    }
    number_children(*node);
    return node;
}

schema::Element to_element(const NationalNode& node) {
    schema::Element element;
    element.name = node.name;
    element.text = node.text;
    if (node.text == null_text) {
        element.text.clear();
        if (node.shape) element.children.push_back({.name = node.shape->null_name});
    }
    for (const NationalNode::Attribute& attribute : node.attributes)
        element.attributes.push_back({attribute.name, attribute.value});
    for (const auto& child : node.children) {
        if (child->alive()) element.children.push_back(to_element(*child));
    }
    return element;
}

PivotNode* PivotNode::child(std::string_view child_name) const {
    for (const auto& found : children) {
        if (found->name == child_name) return found.get();
    }
    return nullptr;
}

PivotNode::Attribute* PivotNode::attribute(std::string_view attribute_name) {
    for (Attribute& found : attributes) {
        if (found.name == attribute_name) return &found;
    }
    return nullptr;
}

PivotNode* PivotNode::add(std::string_view child_name, const pivot::Field* child_field) {
    auto made = std::make_unique<PivotNode>();
    made->name = std::string(child_name);
    made->field = child_field;
    made->parent = this;
    children.push_back(std::move(made));
    return children.back().get();
}

void PivotNode::set_attribute(std::string_view attribute_name, std::string_view attribute_value) {
    if (Attribute* known = attribute(attribute_name))
        known->value = std::string(attribute_value);
    else
        attributes.push_back({std::string(attribute_name), std::string(attribute_value), false, false, {}, {}});
}

std::string PivotNode::path() const {
    if (!parent) return {};
    return place_join(parent->path(), name + "[" + std::to_string(place()) + "]");
}

std::size_t PivotNode::place() const {
    const std::vector<std::unique_ptr<PivotNode>>& all = parent->children;
    std::size_t& counted = parent->counted_;
    if (slot_ < counted && slot_ < all.size() && all[slot_].get() == this) return place_;
    // What was added since stands behind what was counted; whoever was moved is counted anew with all others.
    if (place_ != 0 || counted >= all.size() || (counted != 0 && all[counted - 1]->slot_ + 1 != counted)) counted = 0;
    for (; counted < all.size(); ++counted) {
        const PivotNode& child = *all[counted];
        child.slot_ = counted;
        child.place_ = 1;
        for (std::size_t before = counted; before-- > 0;) {
            if (all[before]->name != child.name) continue;
            child.place_ = all[before]->place_ + 1;
            break;
        }
    }
    return place_;
}

bool PivotNode::has_content() const {
    if (has_value || !attributes.empty()) return true;
    return std::any_of(children.begin(), children.end(), [](const auto& child) { return child->has_content(); });
}

std::unique_ptr<PivotNode> pivot_tree(const pivot::Node& node, const pivot::Field* field, PivotNode* parent) {
    auto made = std::make_unique<PivotNode>();
    made->name = node.name;
    made->field = field;
    made->parent = parent;
    made->value = node.value;
    made->list = node.list;
    made->has_value = !node.value.empty();
    for (const auto& [name, value] : node.attributes) made->attributes.push_back({name, value, false, false, {}, {}});
    for (const pivot::Node& child : node.children) {
        made->children.push_back(pivot_tree(child, field ? field->child(child.name) : nullptr, made.get()));
    }
    return made;
}

pivot::Node to_node(const PivotNode& node) {
    pivot::Node made{.name = node.name, .value = node.value, .list = node.list, .attributes = {}, .children = {}};
    for (const PivotNode::Attribute& attribute : node.attributes)
        made.attributes.emplace_back(attribute.name, attribute.value);
    std::sort(made.attributes.begin(), made.attributes.end());
    for (const auto& child : node.children) made.children.push_back(to_node(*child));
    return made;
}

void put_in_order(PivotNode& node) {
    // A place such as [2] with nothing at [1] keeps its number.
    std::vector<std::unique_ptr<PivotNode>> gaps;
    for (const auto& child : node.children) {
        for (std::uint32_t i = 1; i < child->index; ++i) {
            const auto there = [&](const std::unique_ptr<PivotNode>& other) {
                return other->name == child->name && other->index == i;
            };
            if (std::any_of(node.children.begin(), node.children.end(), there) ||
                std::any_of(gaps.begin(), gaps.end(), there))
                continue;
            auto gap = std::make_unique<PivotNode>();
            gap->name = child->name;
            gap->field = child->field;
            gap->parent = &node;
            gap->index = i;
            gaps.push_back(std::move(gap));
        }
    }
    for (auto& gap : gaps) node.children.push_back(std::move(gap));
    const auto rank = [&](const PivotNode& child) {
        const std::span<const pivot::Field> known = node.field ? node.field->children : std::span<const pivot::Field>();
        for (std::size_t i = 0; i < known.size(); ++i) {
            if (&known[i] == child.field) return i;
        }
        return known.size();
    };
    node.count_again();
    std::stable_sort(node.children.begin(), node.children.end(), [&](const auto& a, const auto& b) {
        const std::size_t left = rank(*a), right = rank(*b);
        return left != right ? left < right : a->index < b->index;
    });
    for (const auto& child : node.children) put_in_order(*child);
}

std::string content_of(const PivotNode& node) {
    // Sorted: the order in which rows made the parts says nothing.
    std::vector<std::string> parts;
    for (const PivotNode::Attribute& attribute : node.attributes)
        parts.push_back("@" + attribute.name + "=" + attribute.value + ";");
    for (const auto& child : node.children) {
        if (child->has_content()) parts.push_back(child->name + "{" + content_of(*child) + "}");
    }
    std::sort(parts.begin(), parts.end());
    std::string all = qualified(node.list, node.value);
    for (const std::string& part : parts) all += part;
    return all;
}

std::string qualified(std::string_view list, std::string_view text) {
    return list.empty() ? std::string(text) : std::string(list) + ":" + std::string(text);
}

PivotValue value_of(const PivotNode& node, std::string_view attribute) {
    if (attribute.empty()) return {node.value, node.list, 0};
    for (const PivotNode::Attribute& found : node.attributes) {
        if (found.name != attribute) continue;
        const pivot::QualifiedCode code = pivot::split_code(found.value);
        return {std::string(code.code), std::string(code.list), 0};
    }
    return {};
}

bool matches(const PivotNode& member, const PivotStep& step, const CodeLists& lists) {
    return std::all_of(step.keys.begin(), step.keys.end(), [&](const PivotKey& key) {
        if (key.from) return false;
        std::string found;
        if (key.attribute) {
            const PivotNode::Attribute* attribute = const_cast<PivotNode&>(member).attribute(key.child);
            if (!attribute) return false;
            found = attribute->value;
        } else {
            const PivotNode* child = member.child(key.child);
            if (!child) return false;
            found = qualified(child->list, child->value);
        }
        if (!key.in_list) return found == qualified(key.list, key.value);
        const auto list = lists.find(key.value);
        if (list == lists.end()) return false;
        const std::vector<std::string> schemes = list->second.schemes();
        return std::find(schemes.begin(), schemes.end(), found) != schemes.end();
    });
}

bool is_step(const NationalNode& child, std::string_view step) {
    const std::size_t colon = step.find(':');
    const std::string_view local = colon == std::string_view::npos ? step : step.substr(colon + 1);
    if (child.name.local != local) return false;
    if (!child.parent || !child.parent->shape) return true;
    const Shape* meant = child.parent->shape->child(step);
    return !meant || meant->name.ns == child.name.ns;
}

bool matches(const NationalNode& member, const NationalStep& step) {
    return std::all_of(step.keys.begin(), step.keys.end(), [&](const NationalKey& key) {
        if (key.child.starts_with('@')) {
            const NationalNode::Attribute* attribute = member.attribute(std::string_view(key.child).substr(1));
            return attribute && attribute->value == key.value;
        }
        const NationalNode* child = member.child(key.child);
        return child && child->text == key.value;
    });
}

bool is_foreign(const PivotNode& member, std::string_view authority) {
    // A bare authority ("cn:GUID") makes the member its own; a list ("cn.unit:120") only the value.
    const auto foreign = [&](std::string_view list) {
        return !list.empty() && list.find('.') == std::string_view::npos && list != authority;
    };
    for (const auto& child : member.children) {
        if (child->has_value && foreign(child->list)) return true;
    }
    for (const PivotNode::Attribute& attribute : member.attributes) {
        if (foreign(pivot::split_code(attribute.value).list)) return true;
    }
    return foreign(member.list);
}

std::vector<NationalNode*> find_all(NationalNode& from, const NationalPath& path, NationalNode& document) {
    NationalNode* start = path.from_document ? &document : &from;
    for (std::uint32_t i = 0; i < path.up && start; ++i) start = start->parent;
    if (!start) return {};
    std::vector<NationalNode*> found{start};
    for (const NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) break;
        std::vector<NationalNode*> next;
        for (NationalNode* node : found) {
            std::uint32_t place = 0;
            for (const auto& child : node->children) {
                if (!is_step(*child, step.name)) continue;
                if (!step.keys.empty() && !matches(*child, step)) continue;
                ++place;
                if (step.index != 0 && place != step.index) continue;
                next.push_back(child.get());
            }
        }
        found = std::move(next);
    }
    return found;
}

NationalNode* find_one(NationalNode& from, const NationalPath& path, NationalNode& document) {
    const std::vector<NationalNode*> found = find_all(from, path, document);
    return found.empty() ? nullptr : found.front();
}

std::string place_key(std::string_view text) {
    std::string key;
    for (const char sign : text) {
        switch (sign) {
            case '/':
                key += "%2F";
                break;
            case '{':
                key += "%7B";
                break;
            case '}':
                key += "%7D";
                break;
            case '#':
                key += "%23";
                break;
            case '~':
                key += "%7E";
                break;
            case '%':
                key += "%25";
                break;
            default:
                key += sign;
        }
    }
    return key;
}

std::string place_join(std::string_view context, std::string_view step) {
    return context.empty() ? std::string(step) : std::string(context) + "/" + std::string(step);
}

}  // namespace hansa::mapping
