// Groups of a table, written: which members of the pivot stand in which elements.
#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/tree_writer.h"
#include "core/schema/grammar.h"

namespace hansa::mapping {

void TreeWriter::enter(const Row& row, const Scope& scope) {
    Scope inner = scope;
    inner.out = place(scope, row.left[0].path);
    inner.place = place_join(scope.place, term_place(row.left[0]));
    if (!row.right.empty()) {
        const PivotTerm& term = row.right[0];
        PivotNode* from = term.from_document ? pivot_.get() : scope.pivot;
        inner.pivot = from ? descend(from, term.steps, false, scope) : nullptr;
        if (inner.pivot) take_keys(*inner.pivot, term);
    }
    rows(row.rows, inner);
}

/// Keys of a selector are said by the place itself.
void TreeWriter::take_keys(PivotNode& found, const PivotTerm& term) {
    PivotNode* node = &found;
    for (std::size_t i = term.steps.size(); i-- > 0 && node; node = node->parent) {
        for (const PivotKey& key : term.steps[i].keys) {
            if (key.attribute) {
                if (PivotNode::Attribute* attribute = node->attribute(key.child)) attribute->key = true;
            } else if (PivotNode* child = node->child(key.child)) {
                child->key = true;
            }
        }
    }
}

std::vector<PivotNode*> TreeWriter::members(const Row& row, PivotNode* base) {
    const PivotStep& list = row.right[0].steps.back();
    std::vector<PivotNode*> found;
    for (const auto& child : base->children) {
        if (child->name != list.name) continue;
        if (!list.keys.empty()) {
            if (!matches(*child, list, model_.lists)) continue;
        } else {
            if (is_foreign(*child, model_.authority)) continue;
            if (std::any_of(row.excluded.begin(), row.excluded.end(),
                            [&](const PivotStep* step) { return matches(*child, *step, model_.lists); }))
                continue;
        }
        found.push_back(child.get());
    }
    return found;
}

/// The outer element of a list of two levels that a member names with a value borrowed from it ("../sequenceNumber"),
/// from 1; 0: the row borrows nothing, the member says nothing, or no element stands there under that value. `last`:
/// where the member before went.
std::size_t TreeWriter::named_part(const Row& row, const Scope& scope, PivotNode& member, std::size_t last) {
    for (const auto& inner : row.rows) {
        if (inner->form != RowForm::value || inner->left.size() != inner->right.size()) continue;
        for (std::size_t i = 0; i < inner->left.size(); ++i) {
            const NationalTerm& term = inner->left[i];
            if (!term.borrowed || term.path.up != 1 || term.path.attribute || term.path.steps.size() != 1) continue;
            const PivotNode* number = descend(&member, inner->right[i].steps, false, scope);
            if (!number || !number->has_value) return 0;
            // Members come in order: of several elements with one value, the one that took the last member, or the next
            // one if that holds none yet; else the first behind it, else the first of all.
            std::vector<bool> fits{false}, holds{false};
            for (const auto& outer : scope.out->children) {
                if (!is_step(*outer, row.left[0].path.steps.front().name)) continue;
                fits.push_back(false);
                holds.push_back(false);
                for (const auto& inside : outer->children) {
                    if (is_step(*inside, term.path.steps.front().name) && inside->has_text &&
                        same_value(inside->text, number->value))
                        fits.back() = true;
                    if (is_step(*inside, row.left[0].path.steps.back().name)) holds.back() = true;
                }
            }
            if (last < fits.size() && fits[last])
                return last + 1 < fits.size() && fits[last + 1] && !holds[last + 1] ? last + 1 : last;
            std::size_t found = 0;
            for (std::size_t part = fits.size(); part-- > 1;) {
                if (fits[part] && (found == 0 || part > last || found < last)) found = part;
            }
            return found;
        }
    }
    return 0;
}

/// How many members each outer element takes: as it was, else as many as fit.
std::vector<std::size_t> TreeWriter::parts(const Row& row, const std::string& place_text, std::size_t count) {
    std::vector<std::size_t> sizes;
    if (Kept* kept = remembered(place_text + "#parts");
        kept && kept->entry->read_as == std::vector<std::string>{std::to_string(count)}) {
        kept->used = true;
        std::size_t number = 0;
        for (const char sign : kept->entry->text + ",") {
            if (sign == ',') {
                sizes.push_back(number);
                number = 0;
            } else if (sign >= '0' && sign <= '9' && number < 1'000'000) {
                number = number * 10 + static_cast<std::size_t>(sign - '0');
            }
        }
        return sizes;
    }
    const std::size_t most = row.left[0].path.shape->most == schema::unbounded ? count : row.left[0].path.shape->most;
    for (std::size_t left = count; left > 0 && most > 0; left -= std::min(left, most))
        sizes.push_back(std::min(left, most));
    return sizes;
}

std::string TreeWriter::member_place(const Row& row, const Scope& scope, PivotNode& member, std::size_t number,
                                     std::set<std::string>& used) {
    const std::string start = place_join(scope.place, term_place(row.left[0]));
    if (row.key_term) {
        if (PivotNode* key = descend(&member, row.key_term->steps, false, scope)) {
            const PivotValue value = value_of(*key, row.key_term->attribute);
            const std::string keyed = start + "{" + place_key(qualified(value.list, value.text)) + "}";
            if (!value.text.empty() && used.insert(keyed).second) return keyed;
        }
    }
    return start + "#" + std::to_string(number);
}

void TreeWriter::each(const Row& row, const Scope& scope) {
    const PivotTerm& term = row.right[0];
    PivotNode* from = term.from_document ? pivot_.get() : scope.pivot;
    PivotNode* base = from ? descend(from, term.steps, true, scope) : nullptr;
    std::vector<PivotNode*> found;
    if (base) found = members(row, base);
    const std::string place_text = place_join(scope.place, term_place(row.left[0]));
    const Shape& shape = *row.left[0].path.shape;
    const bool nested = row.left[0].path.steps.size() > 1;
    std::size_t most = shape.most == schema::unbounded ? SIZE_MAX : shape.most;
    if (nested) most = SIZE_MAX;
    if (row.first != 0) most = std::min<std::size_t>(most, row.first);
    if (found.size() > most) {
        if (row.first == 0) {
            missing(codes::too_many,
                    "'" + row.left[0].path.text + "' holds at most " + std::to_string(most) + ", the document has " +
                        std::to_string(found.size()),
                    *scope.out, row.left[0].path.text);
        }
        found.resize(most);
    }
    std::vector<std::size_t> slots;
    std::size_t total = 0;
    std::tie(slots, total) = slots_of(row, place_text, found.size());
    std::vector<std::size_t> sizes = nested ? parts(row, place_text, found.size()) : std::vector<std::size_t>{};
    const Kept* order = nested ? remembered(place_text + "#parts") : nullptr;
    const bool as_it_was = order && order->used;
    std::size_t part = 0, in_part = 0;
    std::map<std::size_t, std::size_t> in_named;
    std::size_t last_named = 0;
    std::set<std::string> used;
    for (std::size_t i = 0; i < found.size(); ++i) {
        NationalNode* out = nullptr;
        if (nested) {
            while (part < sizes.size() && in_part >= sizes[part]) {
                ++part;
                in_part = 0;
            }
            NationalPath outer = row.left[0].path;
            const NationalStep last = outer.steps.back();
            outer.steps.pop_back();
            const bool asks = row.left[0].path.steps.size() == 2 && !as_it_was;
            const std::size_t named = asks ? named_part(row, scope, *found[i], last_named) : 0;
            if (named != 0) last_named = named;
            Scope inside{.out = place(scope, outer, named != 0 ? named : part + 1)};
            NationalPath inner_path;
            inner_path.steps.push_back(last);
            out = place(inside, inner_path, named != 0 ? ++in_named[named] : ++in_part);
        } else {
            const NationalStep& step = row.left[0].path.steps.back();
            // What does not repeat may be there already: other rows say something inside of it.
            out = step.keys.empty() && shape.most != 1 ? scope.out->add(shape.name, row.left[0].path.shape)
                                                       : place(scope, row.left[0].path, i + 1);
        }
        Scope inner{.out = out,
                    .pivot = found[i],
                    .in_document = true,
                    .place = member_place(row, scope, *found[i], i + 1, used)};
        take_keys(*found[i], term);
        members_[inner.place] = out;
        // A member without any content is a member all the same, where the schema lets it stand.
        if (!found[i]->has_content() && !shape.text && all_optional(shape)) out->kept = true;
        rows(row.rows, inner);
    }
    if (total > found.size()) pad_slots(row, scope, slots, total, place_text);
}

/// Which of the fixed slots the members stood in, and how many slots there were.
std::pair<std::vector<std::size_t>, std::size_t> TreeWriter::slots_of(const Row& row, const std::string& place_text,
                                                                      std::size_t count) {
    std::vector<std::size_t> slots;
    for (std::size_t i = 1; i <= count; ++i) slots.push_back(i);
    Kept* kept = remembered(place_text + "#slots");
    // Nothing is padded where there is nothing: an empty list of slots would make its group.
    if (!kept || kept->entry->read_as != std::vector<std::string>{std::to_string(count)})
        return {slots, count == 0 ? 0 : row.slots};
    kept->used = true;
    const std::string& text = kept->entry->text;
    const std::size_t slash = text.find('/');
    slots.clear();
    std::size_t number = 0;
    for (const char sign : text.substr(0, slash) + ",") {
        if (sign == ',') {
            if (number != 0) slots.push_back(number);
            number = 0;
        } else if (sign >= '0' && sign <= '9' && number < 10'000) {
            number = number * 10 + static_cast<std::size_t>(sign - '0');
        }
    }
    std::size_t total = row.slots;
    if (slash != std::string::npos) {
        total = 0;
        for (const char sign : text.substr(slash + 1)) {
            if (sign >= '0' && sign <= '9' && total < 10'000) total = total * 10 + static_cast<std::size_t>(sign - '0');
        }
    }
    if (slots.size() != count) {
        slots.clear();
        for (std::size_t i = 1; i <= count; ++i) slots.push_back(i);
    }
    return {slots, total};
}

/// Unused slots stand empty between the members.
void TreeWriter::pad_slots(const Row& row, const Scope& scope, const std::vector<std::size_t>& slots, std::size_t total,
                           const std::string& place_text) {
    Shape* shape = row.left[0].path.shape;
    NationalPath outer = row.left[0].path;
    outer.steps.pop_back();
    NationalNode* list = place(scope, outer);
    std::vector<std::unique_ptr<NationalNode>> used;
    for (auto it = list->children.begin(); it != list->children.end();) {
        if ((*it)->name.local == shape->name.local) {
            used.push_back(std::move(*it));
            it = list->children.erase(it);
        } else {
            ++it;
        }
    }
    std::size_t next = 0;
    for (std::size_t slot = 1; slot <= total || next < used.size(); ++slot) {
        if (next < used.size() && (next >= slots.size() || slots[next] <= slot)) {
            list->children.push_back(std::move(used[next++]));
            continue;
        }
        NationalNode* blank = list->add(shape->name, shape);
        blank->kept = true;
        members_[place_text + "~" + std::to_string(slot)] = blank;
    }
}

const Row* TreeWriter::choose(const Row& chain, const Scope& scope) {
    if (!chain.owns_discriminator) {
        for (const auto& one : chain.rows) {
            if (!one->condition || holds(*one->condition, evaluation(scope))) return one.get();
        }
        return nullptr;
    }
    // The discriminator is owned by the cases themselves: annex and memory tell which were read, the document
    // which of them it has something for.
    std::vector<const Row*> all, kept;
    for (const auto& one : chain.rows) {
        all.push_back(one.get());
        if (is_kept(*one, scope)) kept.push_back(one.get());
    }
    const std::vector<const Row*>& likely = kept.empty() ? all : kept;
    const auto said =
        std::find_if(likely.begin(), likely.end(), [&](const Row* one) { return says(one->rows, scope); });
    return said == likely.end() ? likely.front() : *said;
}

namespace {

/// A place, for all members of the lists on its way.
std::string without_numbers(std::string_view place) {
    std::string plain;
    bool number = false;
    for (const char sign : place) {
        number = sign == '#' || (number && sign != '/');
        if (!number) plain += sign;
    }
    return plain;
}

}  // namespace

/// Do annex or memory hold a place of the case?
bool TreeWriter::is_kept(const Row& one, const Scope& scope) {
    return std::any_of(one.rows.begin(), one.rows.end(), [&](const auto& inner) {
        if (inner->form == RowForm::when) {
            return std::any_of(inner->rows.begin(), inner->rows.end(),
                               [&](const auto& nested) { return is_kept(*nested, scope); });
        }
        if (inner->form == RowForm::enter || inner->form == RowForm::each)
            return is_kept_below(place_join(scope.place, term_place(inner->left[0])));
        return std::any_of(inner->left.begin(), inner->left.end(), [&](const NationalTerm& term) {
            const std::string where = place_join(scope.place, term_place(term));
            if (term.constant || term.borrowed) return false;
            if (inner->form == RowForm::carry)
                return std::ranges::any_of(annex_,
                                           [&](const auto& kept) { return without_numbers(kept.first) == where; });
            const auto kept = memory_.find(where);
            return kept != memory_.end() && !kept->second.entry->read_as.empty();
        });
    });
}

/// Do they hold a place inside of a group?
bool TreeWriter::is_kept_below(const std::string& group) {
    const auto inside = [&](const std::string& place) {
        return place.size() > group.size() && place.starts_with(group) &&
               (place[group.size()] == '/' || place[group.size()] == '#' || place[group.size()] == '{');
    };
    for (auto it = annex_.lower_bound(group); it != annex_.end() && it->first.starts_with(group); ++it) {
        if (inside(it->first)) return true;
    }
    for (auto it = memory_.lower_bound(group); it != memory_.end() && it->first.starts_with(group); ++it) {
        if (inside(it->first) && !it->second.entry->read_as.empty()) return true;
    }
    return false;
}

/// Would one of the rows have something to write?
bool TreeWriter::says(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) {
        switch (one->form) {
            case RowForm::value:
            case RowForm::carry_as:
                return one->direction != Direction::to_pivot &&
                       std::any_of(one->left.begin(), one->left.end(),
                                   [](const auto& term) { return !term.constant; }) &&
                       std::any_of(one->right.begin(), one->right.end(),
                                   [&](const PivotTerm& term) { return !locate(term, scope).empty(); });
            case RowForm::enter:
            case RowForm::each: {
                if (one->right.empty()) return says(one->rows, scope);
                const PivotTerm& term = one->right[0];
                PivotNode* from = term.from_document ? pivot_.get() : scope.pivot;
                const bool list_of = one->form == RowForm::each;
                PivotNode* found = from ? descend(from, term.steps, list_of, scope) : nullptr;
                return found && (list_of ? !members(*one, found).empty() : found->has_content());
            }
            default:
                return false;
        }
    });
}

void TreeWriter::cases(const Row& chain, const Scope& scope) {
    if (const Row* one = choose(chain, scope)) rows(one->rows, scope);
}

/// The place in the file is the number: another number is not said.
void TreeWriter::position(const Row& row, const Scope& scope) {
    const Places found = locate(row.right[0], scope);
    if (found.empty()) return;
    std::size_t number = 1;
    for (const auto& sibling : scope.out->parent->children) {
        if (sibling.get() == scope.out) break;
        number += is_step(*sibling, scope.out->name.local) ? 1U : 0U;
    }
    const PivotValue value = value_of(*found.front().first, found.front().second);
    if (same_value(value.text, std::to_string(number))) {
        take(found);
        scope.out->kept = true;  // that it stands there says the number
    } else {
        lose(row, found, "the place in the file is the number here");
    }
}

}  // namespace hansa::mapping
