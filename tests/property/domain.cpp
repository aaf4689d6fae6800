#include "tests/property/domain.h"

#include <algorithm>

#include "core/base/decimal.h"
#include "core/mapping/trees.h"
#include "core/schema/writer.h"

namespace hansa::test {

using mapping::Row;
using mapping::RowForm;
using mapping::Shape;

namespace {

struct Found {
    schema::Element* element = nullptr;
    schema::Element* parent = nullptr;
    std::string attribute;
};

/// The element at "/Root/A[2]/b" or "/Root/A/@c".
Found at_path(schema::Element& root, std::string_view path) {
    Found found{.element = &root};
    if (path.starts_with('/')) path.remove_prefix(1);
    path.remove_prefix(
        std::min(path.size(), path.find('/') == std::string_view::npos ? path.size() : path.find('/') + 1));
    while (!path.empty()) {
        std::string_view step = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), step.size() + 1));
        if (step.starts_with('@')) {
            found.attribute = std::string(step.substr(1));
            return found;
        }
        std::size_t number = 1;
        if (const std::size_t bracket = step.find('['); bracket != std::string_view::npos) {
            number = std::stoul(std::string(step.substr(bracket + 1)));
            step = step.substr(0, bracket);
        }
        schema::Element* next = nullptr;
        for (schema::Element& child : found.element->children) {
            if (child.name.local == step && --number == 0) next = &child;
        }
        if (!next) return {};
        found.parent = found.element;
        found.element = next;
    }
    return found;
}

void index_shapes(Shape& shape, const std::string& path, std::map<std::string, Shape*, std::less<>>& into) {
    into.emplace(path, &shape);
    for (const auto& child : shape.children) index_shapes(*child, path + "/" + child->name.local, into);
}

std::string own_steps(const mapping::NationalPath& path) {
    std::string steps;
    for (const mapping::NationalStep& step : path.steps) steps += "/" + step.name;
    return steps;
}

/// The place of the group that a term of a row starts from.
std::string group_of(std::string_view path, const mapping::NationalTerm& term) {
    std::string group(path);
    for (std::size_t i = 0; i < term.path.steps.size(); ++i)
        group = group.substr(0, group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    return group;
}

void remove(schema::Element& parent, const schema::Element* child) {
    std::erase_if(parent.children, [&](const schema::Element& one) { return &one == child; });
}

}  // namespace

std::string without_places(std::string_view path) {
    std::string plain;
    bool inside = false;
    for (const char sign : path) {
        if (sign == '[') inside = true;
        if (!inside) plain += sign;
        if (sign == ']') inside = false;
    }
    return plain;
}

Domain::Domain(std::shared_ptr<const mapping::Mapping> given)
    : mapping_(std::move(given)), model_(mapping_->model()), around_(model_, *mapping_, context_) {
    context_.received = "2026-11-23T08:00:00Z";
    index_shapes(*model_.root, "/" + model_.root->name.local, shapes_);
    document_path_ = "/" + model_.root->name.local;
    if (model_.document_shape != model_.root.get()) document_path_ += "/" + model_.document_shape->path();
    const auto walk = [&](const auto& self, const std::vector<std::unique_ptr<Row>>& rows) -> void {
        for (const auto& row : rows) {
            if (row->form == RowForm::check && !row->warn) checks_.push_back(row.get());
            if (row->form == RowForm::attached) {
                attached_.emplace("/" + model_.root->name.local + "/" + row->left[0].path.shape->path(),
                                  std::make_unique<Domain>(row->attached));
            }
            self(self, row->rows);
        }
    };
    walk(walk, *model_.rows);
    const auto rules = [&](const auto& self, const Shape& shape, const std::string& path) -> void {
        const auto add = [&](const Row* owner, const std::string& leaf, const Shape& at,
                             const mapping::AttributeShape* attribute) {
            if (!owner) return;
            for (std::size_t i = 0; i < owner->left.size(); ++i) {
                const mapping::NationalTerm& term = owner->left[i];
                if (!term.constant && term.path.shape == &at && term.path.attribute == attribute)
                    rules_[leaf] = {owner, i};
            }
        };
        add(shape.owner, path, shape, nullptr);
        for (const mapping::AttributeShape& attribute : shape.attributes)
            add(attribute.owner, path + "/@" + attribute.name.local, shape, &attribute);
        for (const auto& child : shape.children) self(self, *child, path + "/" + child->name.local);
    };
    rules(rules, *model_.root, "/" + model_.root->name.local);
}

std::optional<std::string> Domain::number(const schema::SimpleType& type, schema::Random& random) const {
    if (schema::primitive_of(type.built_in) != schema::Primitive::decimal || type.variety != schema::Variety::atomic)
        return std::nullopt;
    const schema::Digits digits = schema::Grammar::digits(type);
    const std::uint32_t total = std::min(digits.total.value_or(12), 15U);
    const std::uint32_t fraction = std::min(digits.fraction.value_or(0), total - 1);
    if (total < 5) return std::nullopt;
    std::string text(1, static_cast<char>('1' + random.below(9)));
    for (std::uint32_t i = 1; i < total; ++i) {
        if (i == total - fraction) text += '.';
        text += static_cast<char>('1' + random.below(9));
    }
    return text;
}

std::optional<std::string> Domain::value(const schema::LeafPlace& place, schema::Random& random, bool sentinels) {
    const std::string path = "/" + std::string(place.pattern_path);
    for (const auto& [prefix, nested] : attached_) {
        if (!path.starts_with(prefix + "/")) continue;
        // The attached document's own table says what its leaves may hold.
        nested->seed_ = seed_;
        const std::string inner = nested->document_path_ + path.substr(prefix.size());
        const std::string inner_place(place.path);
        return nested->value(
            {.path = inner_place, .pattern_path = std::string_view(inner).substr(1), .type = place.type}, random,
            sentinels);
    }
    const auto rule = rules_.find(path);
    if (rule != rules_.end()) {
        const Row& row = *rule->second.row;
        if (row.form == RowForm::fixed && !row.alternatives.empty())
            return row.alternatives[random.below(row.alternatives.size())];
        if (row.form == RowForm::value) {
            std::size_t left = 0;
            for (const mapping::Conversion& conversion : row.conversions) {
                const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
                if (rule->second.term >= left && rule->second.term < left + takes) {
                    const bool plain = conversion.name() == "text" || conversion.name() == "alias" ||
                                       conversion.name() == "money" || conversion.name() == "measure" ||
                                       conversion.name() == "decimal";
                    if (sentinels && plain && takes == 1) break;
                    std::vector<mapping::Target> targets;
                    for (std::size_t i = 0; i < takes; ++i) targets.push_back(mapping::target_of(row.left[left + i]));
                    // Parts of one value are drawn alike: by the place of their group.
                    const std::uint64_t one =
                        takes == 1
                            ? random.next()
                            : std::hash<std::string>()(group_of(place.path, row.left[rule->second.term])) ^ seed_;
                    const auto drawn = conversion.draw(one, around_.context, targets);
                    for (std::size_t i = 0; drawn && i < drawn->size(); ++i) {
                        if ((*drawn)[i].slot == rule->second.term - left) return (*drawn)[i].text;
                    }
                }
                left += takes;
            }
        }
    }
    if (sentinels) return number(place.type, random);
    return std::nullopt;
}

std::optional<schema::Element> Domain::draw(std::uint64_t seed, const DomainOptions& options) {
    seed_ = seed;
    schema::GenerateOptions how{.seed = seed, .items = options.items, .optional_percent = options.optional_percent};
    how.sentinels = options.sentinels;
    how.length_max = 30;
    how.value_source = [&](const schema::LeafPlace& place, schema::Random& random) {
        return value(place, random, options.sentinels);
    };
    schema::Element document = schema::generate(model_.grammar ? *model_.grammar : mapping_->grammar(), how);
    schema::Random random(seed ^ 0x9E3779B97F4A7C15ULL);
    std::string left;
    for (int round = 0; round < 24; ++round) {
        Diagnostics faults(200);
        if (mapping::read(*mapping_, document, context_, faults)) {
            if (!document.children.empty()) return document;
            // It has nothing by which the format is told from its neighbours.
            left = "a root without anything in it";
            break;
        }
        bool mended = false;
        std::set<std::string> paths;
        for (const Error& fault : faults.errors()) {
            left = std::string(fault.code.name()) + " " + without_places(fault.place.path) + ": " +
                   fault.detail.substr(0, 60);
            if (!paths.insert(fault.place.path).second) continue;
            mended = mend(document, fault, random) || mended;
        }
        if (!mended) break;
        schema::order_children(mapping_->grammar(), document);
    }
    ++why_[left];
    return std::nullopt;
}

bool Domain::mend(schema::Element& document, const Error& fault, schema::Random& random) {
    if (fault.code.name() == "mapping.check-failed") return mend_check(document, fault);
    const std::string plain = without_places(fault.place.path);
    const auto rule = rules_.find(plain);
    if (rule != rules_.end() &&
        (rule->second.row->form == RowForm::value || rule->second.row->form == RowForm::carry_as)) {
        return mend_value(document, fault.place.path, *rule->second.row, random, true);
    }
    const Found found = at_path(document, fault.place.path);
    if (!found.element || !found.parent) return false;
    const auto shape = shapes_.find(plain);
    if (shape != shapes_.end() && shape->second->least == 0) {
        remove(*found.parent, found.element);
        return true;
    }
    return false;
}

/// Gives the row's own elements values that its conversions take together; removes them where they
/// may be absent and a draw does not help.
bool Domain::mend_value(schema::Element& document, const std::string& path, const Row& row, schema::Random& random,
                        bool may_remove) {
    const Found at = at_path(document, path);
    if (!at.element) return false;
    // The group is above the steps of the term that the fault names.
    std::string group_path = path;
    const std::string plain = without_places(path);
    for (const mapping::NationalTerm& term : row.left) {
        if (term.constant || !plain.ends_with(own_steps(term.path)) || term.path.steps.empty()) continue;
        for (std::size_t i = 0; i < term.path.steps.size(); ++i)
            group_path = group_path.substr(0, group_path.rfind('/'));
        break;
    }
    const Found group = at_path(document, group_path);
    if (!group.element) return false;
    if (may_remove && random.chance(50)) {
        bool removed = false, required = false;
        for (const mapping::NationalTerm& term : row.left) {
            if (!term.constant && !term.borrowed && !term.path.attribute && term.path.shape &&
                term.path.shape->least > 0)
                required = true;
        }
        for (const mapping::NationalTerm& term : row.left) {
            if (required || term.constant || term.borrowed || term.path.steps.size() != 1 || term.path.attribute)
                continue;
            removed = std::erase_if(
                          group.element->children,
                          [&](const schema::Element& one) { return one.name.local == term.path.steps[0].name; }) > 0 ||
                      removed;
        }
        if (removed) return true;
    }
    std::size_t left = 0;
    bool done = false;
    for (const mapping::Conversion& conversion : row.conversions) {
        const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
        std::vector<mapping::Target> targets;
        for (std::size_t i = 0; i < takes; ++i) targets.push_back(mapping::target_of(row.left[left + i]));
        std::optional<std::vector<mapping::NationalValue>> drawn;
        for (int attempt = 0; attempt < 12; ++attempt) {
            drawn = conversion.draw(random.next(), around_.context, targets);
            const bool valid =
                drawn && std::all_of(drawn->begin(), drawn->end(), [&](const mapping::NationalValue& one) {
                    const schema::SimpleType* type =
                        one.slot < takes ? mapping::type_of(row.left[left + one.slot]) : nullptr;
                    return !type || mapping_->grammar().check_value(*type, one.text).has_value();
                });
            if (valid) break;
        }
        for (std::size_t i = 0; drawn && i < takes; ++i) {
            const mapping::NationalTerm& term = row.left[left + i];
            if (term.constant) continue;
            const auto text = std::find_if(drawn->begin(), drawn->end(),
                                           [&](const mapping::NationalValue& one) { return one.slot == i; });
            if (text == drawn->end()) continue;
            if (term.borrowed) {
                // Only what is missing: its owner decides its value.
                mapping::NationalPath there = term.path;
                if (there.from_document || there.up != 0) continue;
                schema::Element* node = group.element;
                for (const mapping::NationalStep& step : there.steps) {
                    schema::Element* next = nullptr;
                    for (schema::Element& child : node->children) {
                        if (child.name.local == step.name) next = &child;
                    }
                    if (!next) break;
                    node = next;
                }
                if (node != group.element && !node->text.empty()) continue;
            }
            const schema::SimpleType* type = mapping::type_of(term);
            if (type && !mapping_->grammar().check_value(*type, text->text)) continue;
            done = set(*group.element, term.path, text->text, row.group) || done;
        }
        left += takes;
    }
    return done;
}

bool Domain::set(schema::Element& group, const mapping::NationalPath& path, const std::string& text, Shape* from) {
    schema::Element* node = &group;
    Shape* shape = from;
    if (path.from_document || path.up != 0) return false;
    for (const mapping::NationalStep& step : path.steps) {
        if (step.name.starts_with('@')) {
            for (schema::Attribute& attribute : node->attributes) {
                if ("@" + attribute.name.local != step.name) continue;
                attribute.value = text;
                return true;
            }
            const mapping::AttributeShape* known = shape ? shape->attribute(step.name.substr(1)) : nullptr;
            node->attributes.push_back({known ? known->name : schema::Name{{}, step.name.substr(1)}, text});
            return true;
        }
        shape = shape ? shape->child(step.name) : nullptr;
        if (!shape) return false;
        schema::Element* next = nullptr;
        for (schema::Element& child : node->children) {
            if (child.name == shape->name) {
                next = &child;
                break;
            }
        }
        if (!next) {
            schema::Element made;
            made.name = shape->name;
            node->children.push_back(std::move(made));
            next = &node->children.back();
        }
        node = next;
    }
    node->text = text;
    return true;
}

bool Domain::mend_check(schema::Element& document, const Error& fault) {
    const Found group = at_path(document, fault.place.path);
    if (!group.element) return false;
    const std::size_t open = fault.detail.rfind(" ("), middle = fault.detail.rfind(" against ");
    if (open == std::string::npos || middle == std::string::npos) return false;
    const std::string left = fault.detail.substr(open + 2, middle - open - 2);
    const std::string right = fault.detail.substr(middle + 9, fault.detail.size() - middle - 10);
    for (const Row* row : checks_) {
        if (!fault.detail.starts_with(row->text + " (")) continue;
        Shape* shape = row->check_each ? row->check_each->shape : row->group;
        const auto fits = [&](const mapping::NationalPath& path, const std::string& text) {
            return path.shape && path.shape->type &&
                   mapping_->grammar().check_value(*path.shape->type, text).has_value();
        };
        // A sum that fits no element: its parts become small, and the sum is set in the next round.
        if (row->expression.kind == mapping::Expression::Kind::national && !fits(row->expression.national, right)) {
            bool made = false;
            const auto shrink = [&](const auto& self, const mapping::Expression& part) -> void {
                if (part.kind == mapping::Expression::Kind::national && part.national.shape &&
                    part.national.shape->type) {
                    const std::string small = std::to_string(10 + ++counter_ % 80);
                    if (fits(part.national, small)) made = set(*group.element, part.national, small, shape) || made;
                }
                for (const mapping::Expression& inner : part.parts) self(self, inner);
            };
            shrink(shrink, row->expected);
            return made;
        }
        if (row->expression.kind == mapping::Expression::Kind::national)
            return set(*group.element, row->expression.national, right, shape);
        if (row->expected.kind == mapping::Expression::Kind::national)
            return set(*group.element, row->expected.national, left, shape);
    }
    return false;
}

std::multiset<std::pair<std::string, std::string>> leaves_of(const schema::Element& document) {
    std::multiset<std::pair<std::string, std::string>> all;
    const auto walk = [&](const auto& self, const schema::Element& element, const std::string& path) -> void {
        const std::string here = path + "/" + element.name.local;
        if (element.children.empty() || element.text.find_first_not_of(" \t\r\n") != std::string::npos)
            all.emplace(here, element.text);
        for (const schema::Attribute& attribute : element.attributes)
            all.emplace(here + "/@" + attribute.name.local, attribute.value);
        for (const schema::Element& child : element.children) self(self, child, here);
    };
    walk(walk, document, "");
    return all;
}

schema::Element comparable(const mapping::Mapping& mapping, const schema::Element& document) {
    const auto copy = [](const auto& self, const schema::Element& element, Shape* shape) -> schema::Element {
        schema::Element made{
            .name = element.name, .attributes = element.attributes, .children = {}, .text = element.text};
        std::sort(made.attributes.begin(), made.attributes.end(),
                  [](const schema::Attribute& a, const schema::Attribute& b) { return a.name < b.name; });
        for (const schema::Element& child : element.children) {
            Shape* inner = shape ? shape->child(child.name) : nullptr;
            const bool lost = inner && inner->owner &&
                              (inner->owner->form == RowForm::drop || inner->owner->form == RowForm::signature);
            if (lost) continue;
            schema::Element one = self(self, child, inner);
            // A frame's payload as an element: the exchange puts it there.
            const bool payload = inner && inner->wildcard && inner->owner && inner->owner->form == RowForm::envelope;
            if (payload) one.children.clear();
            // A group that held only what is dropped is not brought back either, nor one that had nothing to drop.
            const bool dropped = inner && inner->group_row && inner->group_row->form == RowForm::drop;
            const bool empty = one.children.empty() && one.attributes.empty();
            const bool emptied = empty && !payload && (!child.children.empty() || dropped);
            if (!emptied) made.children.push_back(std::move(one));
        }
        if (!made.children.empty() && made.text.find_first_not_of(" \t\r\n") == std::string::npos) made.text.clear();
        return made;
    };
    return copy(copy, document, mapping.model().root.get());
}

}  // namespace hansa::test
