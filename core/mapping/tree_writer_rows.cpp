// The rows of a table, written: what each form takes from the pivot document.
#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/list_of.h"
#include "core/mapping/tree_writer.h"

namespace hansa::mapping {
namespace {

/// Of a value or an attribute, as SourceLeaf::fed names it.
std::string path_of(const std::pair<PivotNode*, std::string>& place) {
    return place.first->path() + (place.second.empty() ? "" : "/@" + place.second);
}

/// Is the element there, or will the schema demand it where it stands?
bool needed(const NationalNode& node) {
    if (node.alive()) return true;
    return node.shape && node.shape->least > 0 && !node.shape->in_choice && node.parent && needed(*node.parent);
}

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

}  // namespace

void TreeWriter::value(const Row& row, const Scope& scope) {
    if (row.direction == Direction::to_pivot) return;
    bool only_constants = true;
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        if (row.left[i].constant) continue;
        only_constants = false;
        if (!row.left[i].borrowed) pending_[scope.out][term_place(row.left[i])] = {&row, scope, i, std::nullopt};
    }
    std::vector<Places> places;
    Places all;
    for (const PivotTerm& term : row.right) {
        places.push_back(locate(term, scope));
        all.insert(all.end(), places.back().begin(), places.back().end());
    }
    if (only_constants) {
        if (guard(row, scope, places)) take(all);
        return;
    }
    if (all.empty()) return;
    std::size_t left = 0, right = 0;
    std::vector<Written> texts(row.left.size());
    for (const Conversion& conversion : row.conversions) {
        const std::size_t takes = std::min(conversion.national_count(), row.left.size() - left);
        const std::size_t gives = std::min(conversion.pivot_count(), row.right.size() - right);
        std::vector<PivotValue> values;
        PivotNode* first = nullptr;
        for (std::size_t slot = 0; slot < gives; ++slot) {
            const bool every_member = row.right[right + slot].every;
            for (const auto& [node, attribute] : places[right + slot]) {
                if (!first) first = node;
                PivotValue value = value_of(*node, attribute);
                value.slot = slot;
                values.push_back(std::move(value));
                if (every_member) break;
            }
        }
        if (std::optional<Error> failure = texts_of(row, scope, conversion, left, takes, values, first, texts)) {
            return refuse(row, scope, all, std::move(*failure));
        }
        left += takes;
        right += gives;
    }
    set_texts(row, scope, texts, places);
    borrow_keys(row, scope, places, texts);
    take_every(row, places);
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        for (const auto& [node, attribute] : places[i]) take_keys(*node, row.right[i]);
    }
}

/// The texts that one conversion gives its terms; an error when it cannot.
std::optional<Error> TreeWriter::texts_of(const Row& row, const Scope& scope, const Conversion& conversion,
                                          std::size_t left, std::size_t takes, const std::vector<PivotValue>& values,
                                          PivotNode* at, std::vector<Written>& texts) {
    if (values.empty()) {
        for (std::size_t i = left; i < left + takes; ++i) {
            if (row.left[i].optional) continue;
            const std::string what =
                row.left[i].constant ? "\"" + row.left[i].value + "\"" : "'" + row.left[i].path.text + "'";
            return Error{codes::part_missing, "the document says nothing for " + what + ", which belongs to it"};
        }
        return std::nullopt;
    }
    const std::vector<std::string> read_as = as_remembered(values);
    bool all_remembered = true;
    for (std::size_t i = left; i < left + takes; ++i) {
        const NationalTerm& term = row.left[i];
        if (term.constant || term.borrowed) {
            all_remembered = false;
            continue;
        }
        const std::string where = place_join(scope.place, term_place(term));
        Written& text = texts[i];
        if (Kept* kept = remembered(where); kept && !kept->entry->read_as.empty() && kept->entry->read_as == read_as) {
            text.texts = {kept->entry->text};
            text.remembered = kept->used = true;
        } else {
            for (std::size_t k = 1; Kept* piece = remembered(where + "#" + std::to_string(k)); ++k) {
                if (piece->entry->read_as != read_as) break;
                text.texts.push_back(piece->entry->text);
                text.remembered = piece->used = true;
            }
        }
        if (text.remembered) restored_.insert(where);
        all_remembered = all_remembered && text.remembered;
    }
    if (all_remembered) return std::nullopt;
    std::vector<Target> targets;
    for (std::size_t i = left; i < left + takes; ++i) targets.push_back(target_of(row.left[i]));
    Result<FromPivot> made = conversion.from_pivot(values, around_.context, targets);
    if (!made) return made.error();
    for (std::size_t i = 0; i < takes; ++i) {
        const NationalTerm& term = row.left[left + i];
        Written& text = texts[left + i];
        if (text.remembered) continue;
        for (const NationalValue& one : made->values) {
            if (one.slot == i) text.texts.push_back(one.text);
        }
        if (term.constant) {
            const bool same = text.texts.size() == 1 && same_value(text.texts[0], term.value);
            if (!same)
                return Error{codes::guard, "the format can only say " + show_code(term.value) + ", the document says " +
                                               (text.texts.empty() ? "nothing" : show_code(text.texts[0]))};
            continue;
        }
        if (term.borrowed || !type_of(term)) continue;
        for (const std::string& one : text.texts) {
            const Result<void> fits = model_.grammar->check_value(*type_of(term), one);
            if (!fits) return Error{codes::unfit, fits.error().detail};
        }
    }
    if (std::optional<Error> failure = splits_back(row, conversion, left, takes, values, texts)) return failure;
    for (const ConversionNote& note : made->notes) {
        if (note.kind == ConversionNote::Kind::aliased) writing_.aliases.push_back({note.became, note.value});
        const LossKind kind = note.kind == ConversionNote::Kind::rounded   ? LossKind::rounded
                              : note.kind == ConversionNote::Kind::aliased ? LossKind::aliased
                                                                           : LossKind::narrowed;
        if (!at) continue;
        at->notes.push_back({kind, note.reason});
        at->note_rows.push_back(row.place);
    }
    return std::nullopt;
}

/// Several parts of one text: an empty part is none, and what would not be read as the same is not written.
std::optional<Error> TreeWriter::splits_back(const Row& row, const Conversion& conversion, std::size_t left,
                                             std::size_t takes, const std::vector<PivotValue>& values,
                                             std::vector<Written>& texts) {
    bool empty = false;
    std::vector<NationalValue> parts;
    for (std::size_t i = 0; i < takes; ++i) {
        Written& written = texts[left + i];
        if (row.left[left + i].constant) parts.push_back({row.left[left + i].value, i});
        empty = std::erase_if(written.texts, [](const std::string& text) { return text.empty(); }) > 0 || empty;
        for (const std::string& text : written.texts) parts.push_back({text, i});
    }
    if (!empty) return std::nullopt;
    const Result<ToPivot> again = conversion.to_pivot(parts, around_.context);
    if (again && as_remembered(again->values) == as_remembered(values)) return std::nullopt;
    return Error{codes::untranslatable,
                 "the format cannot say it so that it is read as the same: a part would be empty"};
}

void TreeWriter::set_texts(const Row& row, const Scope& scope, const std::vector<Written>& texts,
                           const std::vector<Places>& places) {
    Borrowed written{.row = &row, .scope = scope, .used = {}};
    std::vector<std::pair<std::string, std::string>> made_from;
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        for (const auto& [node, name] : places[i]) {
            written.used.emplace_back(node, name);
            // Of `every` member the text was made from those that say the same as the first.
            const PivotValue value = value_of(*node, name);
            if (row.right[i].every && !(value == value_of(*places[i].front().first, places[i].front().second)))
                continue;
            made_from.emplace_back(path_of({node, name}), qualified(value.list, value.text));
        }
    }
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        const NationalTerm& term = row.left[i];
        if (term.constant || term.borrowed) continue;
        for (std::size_t k = 0; k < texts[i].texts.size(); ++k) {
            NationalNode* node = place(scope, term.path, k + 1);
            set(*node, term.path, texts[i].texts[k]);
            written.written.push_back(node);
            written.attributes.push_back(attribute_of(term.path));
            const std::string attribute = attribute_of(term.path);
            Fed fed{.document = number_,
                    .path = attribute.empty() ? "" : "/@" + attribute,
                    .value = texts[i].texts[k],
                    .row = row.place,
                    .pivot = made_from};
            fed_.emplace_back(std::move(fed), node);
            if (i < row.conversions.size() || row.conversions.size() == 1) {
                set_list_attributes(*node, term, row.conversions[std::min(i, row.conversions.size() - 1)],
                                    place_join(scope.place, term_place(term)));
            }
        }
    }
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        if (!row.left[i].borrowed || texts[i].texts.empty()) continue;
        Borrowed one = written;
        one.path = &row.left[i].path;
        one.text = texts[i].texts.front();
        borrowed_.push_back(std::move(one));
    }
}

/// A selector with a value of the document: that value must stand where it is borrowed from.
void TreeWriter::borrow_keys(const Row& row, const Scope& scope, const std::vector<Places>& places,
                             const std::vector<Written>& texts) {
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        if (places[i].empty()) continue;
        const PivotNode* node = places[i].front().first;
        for (std::size_t k = row.right[i].steps.size(); k-- > 0 && node; node = node->parent) {
            for (const PivotKey& key : row.right[i].steps[k].keys) {
                if (!key.from) continue;
                const PivotNode* child = node->child(key.child);
                Borrowed one{.row = &row,
                             .scope = scope,
                             .path = &*key.from,
                             .text = key.attribute ? value_of(*node, key.child).text
                                     : child       ? child->value
                                                   : std::string(),
                             .used = {}};
                for (const Places& used : places) one.used.insert(one.used.end(), used.begin(), used.end());
                for (std::size_t t = 0; t < row.left.size(); ++t) {
                    if (row.left[t].constant || row.left[t].borrowed || texts[t].texts.empty()) continue;
                    one.written.push_back(place(scope, row.left[t].path));
                    one.attributes.push_back(attribute_of(row.left[t].path));
                }
                borrowed_.push_back(std::move(one));
            }
        }
    }
}

void TreeWriter::take_every(const Row& row, const std::vector<Places>& places) {
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        if (!row.right[i].every || places[i].empty()) {
            take(places[i]);
            continue;
        }
        const PivotValue first = value_of(*places[i].front().first, places[i].front().second);
        for (const auto& one : places[i]) {
            const PivotValue here = value_of(*one.first, one.second);
            if (here == first) {
                take({one});
            } else if (row.refuse) {
                faults_.add(codes::disagree,
                            "'" + row.right[i].text + "' differs from member to member, the format says it once",
                            {.path = "/" + one.first->path()});
            } else {
                lose(row, {one}, "the format says it once for all members, and another member says something else");
            }
        }
    }
}

void TreeWriter::refuse(const Row& row, const Scope& scope, const Places& used, Error failure) {
    lose(row, used, failure.detail);
    for (const NationalTerm& term : row.left) {
        if (term.constant || term.borrowed) continue;
        Pending& pending = pending_[scope.out][term_place(term)];
        pending.failure = failure;
        if (!used.empty()) pending.from = path_of(used.front());
    }
}

/// `"9" <-> P`: the document must say so.
bool TreeWriter::guard(const Row& row, const Scope& scope, const std::vector<Places>& places) {
    for (std::size_t i = 0; i < row.right.size(); ++i) {
        const std::string wanted = i < row.left.size() ? row.left[i].value : std::string();
        std::string found;
        if (!places[i].empty()) {
            const PivotValue value = value_of(*places[i].front().first, places[i].front().second);
            found = qualified(value.list, value.text);
        }
        if (i < row.left.size() && is_constant(row.right[i], found, wanted)) continue;
        if (!needed(*scope.out) && found.empty()) return false;
        missing(codes::guard,
                "'" + row.right[i].text + "' must be " + show_code(wanted) + " for this format, the document says " +
                    (found.empty() ? "nothing" : show_code(found)),
                *scope.out, "", places[i].empty() ? std::string() : path_of(places[i].front()));
        return false;
    }
    return true;
}

void TreeWriter::fixed(const Row& row, const Scope& scope) {
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        Pending& pending = pending_[scope.out][term_place(row.left[i])];
        pending = {&row, scope, i, std::nullopt};
        if (row.always) always_.push_back(pending);
    }
}

/// Constants that are always written, behind what memory gave back.
void TreeWriter::always(const Pending& pending) {
    const NationalPath& path = pending.row->left[pending.term].path;
    Kept* kept = remembered(place_join(pending.scope.place, term_place(pending.row->left[pending.term])));
    if (kept && !kept->entry->read_as.empty() && kept->entry->read_as.front() == "absent") {
        kept->used = true;
        return;
    }
    NationalNode* node = place(pending.scope, path);
    const std::string attribute = attribute_of(path);
    if (attribute.empty() ? node->has_text : node->attribute(attribute) != nullptr) return;
    set(*node, path, pending.row->alternatives.front());
}

/// Borrowed values must stand where their owner wrote them.
void TreeWriter::agree() {
    for (const Borrowed& one : borrowed_) {
        const NationalPath& path = *one.path;
        const std::string attribute = attribute_of(path);
        NationalNode* at = find_one(*one.scope.out, path, *document_);
        const NationalNode::Attribute* there = at && !attribute.empty() ? at->attribute(attribute) : nullptr;
        std::optional<std::string> found;
        if (there)
            found = there->value;
        else if (at && attribute.empty() && at->has_text)
            found = at->text;
        if (found && same_value(*found, one.text)) continue;
        const Row* owner = path.attribute ? path.attribute->owner : path.shape->owner;
        if (!found && owner && owner->form == RowForm::fixed && !owner->alternatives.empty() &&
            owner->alternatives.front() == one.text) {
            set(*place(one.scope, path), path, one.text);
            continue;
        }
        for (std::size_t i = 0; i < one.written.size(); ++i) {
            NationalNode& node = *one.written[i];
            if (one.attributes[i].empty()) {
                node.has_text = false;
                node.text.clear();
            } else {
                std::erase_if(node.attributes, [&](const NationalNode::Attribute& known) {
                    return known.name.local == one.attributes[i];
                });
            }
        }
        for (const auto& [node, name] : one.used) {
            if (name.empty())
                node->taken = false;
            else if (PivotNode::Attribute* known = node->attribute(name))
                known->taken = false;
        }
        refuse(*one.row, one.scope, one.used,
               Error{codes::disagree, "needs '" + path.text + "' to be " + show_code(one.text) + ", it is " +
                                          (found ? show_code(*found) : "absent")});
    }
}

void TreeWriter::set_list_attributes(NationalNode& node, const NationalTerm& term, const Conversion& conversion,
                                     const std::string& where) {
    if (model_.list_attributes.empty() || conversion.list_name().empty()) return;
    const std::string here = attribute_of(term.path);
    const CodeList* const list = list_of(conversion, model_.lists, around_.settings());
    if (!list || !node.shape) return;
    for (const ListAttribute& one : model_.list_attributes) {
        const bool of_code = one.source == "of-code" && here.empty();
        const bool beside = one.source.starts_with("beside:") && one.source.substr(7) == here;
        if ((!of_code && !beside) || !node.shape->attribute(one.name)) continue;
        std::string text = list->published_id();
        const std::size_t slash = where.rfind('/');
        const std::string base = here.empty()                 ? where
                                 : slash == std::string::npos ? std::string()
                                                              : where.substr(0, slash);
        const std::string at = place_join(base, "@" + one.name);
        if (Kept* kept = remembered(at); kept && kept->entry->read_as.size() == 2 && kept->entry->read_as[1] == text) {
            kept->used = true;
            restored_.insert(at);
            if (kept->entry->read_as[0] == "absent") continue;
            text = kept->entry->text;
        }
        if (text.empty()) continue;
        NationalPath path;
        path.steps.push_back({"@" + one.name, {}, 0});
        set(node, path, text);
    }
}

void TreeWriter::computed(const Pending& pending) {
    const Row& row = *pending.row;
    const NationalTerm& term = row.left[0];
    const std::string where = place_join(pending.scope.place, term_place(term));
    NationalNode* holder = pending.scope.out;
    Kept* kept = remembered(where);
    const bool stood_there = kept && kept->entry->read_as.size() == 2 && kept->entry->read_as[0] == "=";
    if (!needed(*holder) && !stood_there) return;
    const std::optional<std::string> rule = evaluate(row.expression, evaluation(pending.scope));
    std::optional<std::string> text = rule;
    bool restored = false;
    if (kept && kept->entry->read_as.size() == 2 && kept->entry->read_as[1] == rule.value_or("")) {
        kept->used = restored = true;
        restored_.insert(where);
        if (kept->entry->read_as[0] == "absent") return;
        text = kept->entry->text;
    } else if (!needed(*holder)) {
        return;
    } else if (rule && type_of(term) && !model_.grammar->check_value(*type_of(term), *rule)) {
        pending_[pending.scope.out][term_place(term)] = {
            &row, pending.scope, 0, Error{codes::unfit, "the rule gives " + show_code(*rule) + ", which does not fit"}};
        return;
    }
    if (!text) return;
    // A rule alone does not make a group: somebody else must have something to say in it.
    NationalNode* node = place(pending.scope, term.path);
    if (node->parent && node != holder && !restored && !needed(*node->parent)) return;
    set(*node, term.path, *text);
    if (!row.conversions.empty()) set_list_attributes(*node, term, row.conversions.front(), where);
}

void TreeWriter::envelope(const Row& row, const Scope& scope) {
    for (std::size_t i = 0; i < row.left.size(); ++i) {
        const NationalTerm& term = row.left[i];
        pending_[scope.out][term_place(term)] = {&row, scope, i, std::nullopt};
        std::string key = without_places(scope.out->path());
        const std::size_t first = key.find('/', 1);
        key = first == std::string::npos ? std::string() : key.substr(first + 1);
        if (term_place(term) != ".") key = place_join(key, term_place(term));
        for (const auto& [path, text] : context_.envelope) {
            // A wrapper that repeats has a place in the path; the row names it without.
            const std::string plain = without_places(path);
            if (plain != key && !key.empty() && !plain.starts_with(key + "/")) continue;
            write_path(path, text);
        }
    }
}

/// A text at a path below the root: "BaseTransfer/copCode", "@guid", "A[2]/b".
void TreeWriter::write_path(std::string_view path, const std::string& text) {
    NationalNode* node = tree_.get();
    while (!path.empty()) {
        std::string_view step = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(path.size(), step.size() + 1));
        if (step.starts_with('@')) {
            NationalPath attribute;
            attribute.steps.push_back({std::string(step), {}, 0});
            set(*node, attribute, text);
            return;
        }
        std::size_t number = 1;
        if (const std::size_t bracket = step.find('['); bracket != std::string_view::npos) {
            number = 0;
            for (const char sign : step.substr(bracket + 1)) {
                if (sign >= '0' && sign <= '9' && number < 100'000)
                    number = number * 10 + static_cast<std::size_t>(sign - '0');
            }
            step = step.substr(0, bracket);
        }
        NationalPath one;
        one.steps.push_back({std::string(step), {}, 0});
        node = place({.out = node}, one, std::max<std::size_t>(number, 1));
    }
    node->text = text;
    node->has_text = true;
}

/// True: the group is said to be another one, and nothing else stands in it.
bool TreeWriter::same_group(const Row& row, const Scope& scope) {
    const std::string where = place_join(scope.place, term_place(row.left[0]));
    Kept* kept = remembered(where);
    if (!kept || kept->entry->read_as.empty() || !scope.pivot) return false;
    PivotNode* other = pivot_.get();
    for (const PivotStep& step : row.right[0].steps) other = other ? other->child(step.name) : nullptr;
    if (!other || content_of(*scope.pivot) != kept->entry->read_as.front() ||
        content_of(*other) != kept->entry->read_as.front())
        return false;
    kept->used = true;
    restored_.insert(where);
    copies_.push_back(scope.place + "/");
    set(*place(scope, row.left[0].path), row.left[0].path, kept->entry->text);
    const auto take_all = [&](const auto& self, PivotNode& node) -> void {
        node.taken = true;
        for (PivotNode::Attribute& attribute : node.attributes) attribute.taken = true;
        for (const auto& child : node.children) self(self, *child);
    };
    take_all(take_all, *scope.pivot);
    return true;
}

void TreeWriter::attached(const Row& row, const Scope& scope) {
    const std::string name = "Attached" + std::string(pivot::root(row.attached->kind()).name);
    PivotNode* found = scope.pivot ? scope.pivot->child(name) : nullptr;
    if (!found) return;
    pivot::Document document{.kind = row.attached->kind(), .root = to_node(*found), .memory = {}, .annex = {}};
    document.root.name = std::string(pivot::root(document.kind).name);
    const std::string prefix = place_join(scope.place, term_place(row.left[0])) + ">";
    for (const pivot::Remembered& one : source_->memory) {
        if (one.place.starts_with(prefix))
            document.memory.push_back({one.format, one.place.substr(prefix.size()), one.text, one.read_as});
    }
    for (const pivot::Carried& one : source_->annex) {
        if (one.place.starts_with(prefix))
            document.annex.push_back({one.authority, one.place.substr(prefix.size()), one.text});
    }
    Writing inner;
    TreeWriter nested(*row.attached, context_, faults_, inner);
    std::unique_ptr<NationalNode> element = nested.run_document(document);
    NationalNode* holder = place(scope, row.left[0].path);
    holder->name = element->name;
    holder->kept = true;
    holder->attributes = element->attributes;
    for (auto& child : element->children) {
        child->parent = holder;
        holder->children.push_back(std::move(child));
    }
    for (Alias& alias : inner.aliases) writing_.aliases.push_back(std::move(alias));
    nested.copy_states(*found);
    for (const std::string& where : nested.restored_) restored_.insert(prefix + where);
    for (auto& [fed, node] : nested.fed_) fed_.emplace_back(std::move(fed), node);
}

/// What the nested writer took of the attached document is taken here.
void TreeWriter::copy_states(PivotNode& outer) const {
    const auto copy = [](const auto& self, const PivotNode& from, PivotNode& to) -> void {
        to.taken = from.taken;
        to.lost = from.lost;
        to.row = from.row;
        to.notes = from.notes;
        to.note_rows = from.note_rows;
        for (std::size_t i = 0; i < from.attributes.size() && i < to.attributes.size(); ++i)
            to.attributes[i].taken = from.attributes[i].taken;
        for (std::size_t i = 0; i < from.children.size() && i < to.children.size(); ++i)
            self(self, *from.children[i], *to.children[i]);
    };
    copy(copy, *pivot_, outer);
}

void TreeWriter::derive(const Row& row, const Scope& scope) {
    const Places found = locate(row.right[0], scope);
    if (found.empty()) return;
    const std::optional<std::string> rule = evaluate(row.expression, evaluation(scope));
    const PivotValue value = value_of(*found.front().first, found.front().second);
    if (rule && same_value(*rule, qualified(value.list, value.text))) take(found);
}

void TreeWriter::check(const Row& row, const Scope& scope) {
    std::vector<NationalNode*> groups{scope.out};
    if (row.check_each) groups = find_all(*scope.out, *row.check_each, *document_);
    for (NationalNode* group : groups) {
        Evaluation on = evaluation(scope);
        on.group = group;
        const auto left = evaluate(row.expression, on), right = evaluate(row.expected, on);
        if (!left || !right || compare(*left, row.comparison, *right, row.noise)) continue;
        Error error{codes::check_failed, row.text + " (" + *left + " against " + *right + ")", {.path = group->path()}};
        if (row.warn)
            writing_.warnings.push_back(std::move(error));
        else if (context_.draft)
            writing_.missing.push_back(std::move(error));
        else
            faults_.add(std::move(error));
    }
}

}  // namespace hansa::mapping
