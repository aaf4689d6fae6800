#include "core/mapping/probes.h"

#include <algorithm>
#include <optional>

#include "core/mapping/codes.h"
#include "core/mapping/evaluate.h"
#include "core/mapping/expression.h"
#include "core/mapping/model.h"
#include "core/mapping/trees.h"

namespace hansa::mapping {
namespace {

using Number = std::uint32_t;
constexpr Number none = 0xFFFFFFFFu;

/// A national text of a row: a slot, or the row's own word.
struct Term {
    Number slot = none;
    std::string constant;
    bool borrowed = false;
};

/// The one row that feeds a field.
struct Source {
    std::vector<Term> terms;
    FastConversion conversion;
    std::optional<std::string> absence;  ///< the word that means it
    Number gives = 0;                    ///< which of the conversion's values it is
};

struct Case {
    Number slot = none;  ///< none: otherwise
    bool present = false, negated = false;
    std::vector<std::string> values;
    std::optional<Source> source;  ///< nothing: the field is absent in this case
};

/// A list of which the member with this key is meant. Its slots are found anew in each member.
struct Members {
    schema::PathIndex path = schema::no_path;
    Source key;
    std::string code, list;
    Source value;
};

/// Where a field comes from: a row, one of a chain's cases, a member of a list. None: it is never there.
struct Probe {
    std::optional<Source> source;
    std::vector<Case> cases;
    std::optional<Members> members;
};

/// One part of a reference: the place itself, and where else its name stands.
struct Part {
    Number own = none;
    std::vector<Number> elsewhere;
};

// ---- compiling ----

struct Step {
    std::string name;
    const PivotStep* written = nullptr;
    const Row* each = nullptr;
    std::string identity;  ///< steps of the same make the same node
};

/// A row that puts something at a pivot place.
struct Feed {
    std::vector<Step> steps;
    const Row* row = nullptr;
    Number term = 0;
    bool plain = true;
    bool subtree = false;  ///< what is fed stands below the steps
    const Row* chain = nullptr;
    std::size_t one_of = 0;     ///< which case of it
    const Row* each = nullptr;  ///< the one list that it stands in
};

struct Scope {
    std::vector<Step> prefix;
    bool plain = true;
    const Row* chain = nullptr;
    std::size_t one_of = 0;
    const Row* each = nullptr;
};

Error unsupported(std::string_view field, const Row* row, std::string_view why) {
    return {codes::plan_unsupported, "'" + std::string(field) + "' " + std::string(why) +
                                         (row == nullptr ? std::string() : " (" + row->place + ")")};
}

void add_steps(std::vector<Step>& steps, const PivotTerm& term, const Row* each) {
    if (term.from_document) steps.clear();
    for (std::size_t i = 0; i < term.steps.size(); ++i) {
        const PivotStep& written = term.steps[i];
        Step step{.name = written.name, .written = &written, .each = nullptr, .identity = written.name};
        std::vector<std::string> keys;
        for (const PivotKey& key : written.keys)
            keys.push_back((key.attribute ? "@" : "") + key.child + (key.in_list ? " in " : "=") +
                           (key.from ? "(" + key.from->text + ")" : qualified(key.list, key.value)));
        std::ranges::sort(keys);
        for (const std::string& key : keys) step.identity += "[" + key + "]";
        if (written.index != 0) step.identity += "#" + std::to_string(written.index);
        if (each != nullptr && i + 1 == term.steps.size()) {
            step.each = each;
            step.identity += "~" + each->place;
        }
        steps.push_back(std::move(step));
    }
}

bool is_plain(const NationalPath& path) {
    return std::ranges::all_of(path.steps, [](const NationalStep& step) { return step.keys.empty() && step.index == 0; });
}

/// Every place that rows of the table feed, in the document.
class Feeds {
public:
    explicit Feeds(const Row& document) { rows(document.rows, {}); }
    const std::vector<Feed>& all() const { return all_; }

private:
    void rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
        for (const auto& one : list) row(*one, scope);
    }

    void row(const Row& row, const Scope& scope) {
        switch (row.form) {
            case RowForm::enter:
            case RowForm::each: {
                Scope inner = scope;
                const bool each = row.form == RowForm::each;
                inner.plain = inner.plain && is_plain(row.left[0].path) && !(each && (scope.each != nullptr || scope.chain != nullptr));
                if (each) inner.each = &row;
                if (!row.right.empty()) add_steps(inner.prefix, row.right[0], each ? &row : nullptr);
                return rows(row.rows, inner);
            }
            case RowForm::when:
                for (std::size_t i = 0; i < row.rows.size(); ++i) {
                    Scope inner = scope;
                    inner.plain = inner.plain && scope.chain == nullptr;
                    inner.chain = &row;
                    inner.one_of = i;
                    rows(row.rows[i]->rows, inner);
                }
                return;
            case RowForm::same_group:
                return add(row, scope, {}, 0, true);
            default:
                if (row.direction == Direction::from_pivot && row.form == RowForm::value) return;
                for (Number i = 0; i < row.right.size(); ++i) {
                    std::vector<Step> steps = scope.prefix;
                    add_steps(steps, row.right[i], nullptr);
                    if (row.right[i].attribute.empty())
                        add(row, scope, std::move(steps), i, row.form == RowForm::attached);
                }
        }
    }

    void add(const Row& row, const Scope& scope, std::vector<Step> steps, Number term, bool subtree) {
        Feed feed{.steps = subtree && steps.empty() ? scope.prefix : std::move(steps),
                  .row = &row,
                  .term = term,
                  .plain = scope.plain && !subtree,
                  .subtree = subtree,
                  .chain = scope.chain,
                  .one_of = scope.one_of,
                  .each = scope.each};
        const bool value = row.form == RowForm::value || row.form == RowForm::carry_as;
        feed.plain = feed.plain && value && row.conversions.size() == 1 && !row.right[term].every;
        all_.push_back(std::move(feed));
    }

    std::vector<Feed> all_;
};

enum class Fit : std::uint8_t { no, yes, maybe };

class Compiler {
public:
    Compiler(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings);

    Result<Probe> probe(std::string_view field);
    Result<std::vector<Part>> reference(const std::vector<std::string>& parts);
    bool needs_date() const { return needs_date_; }

    schema::PathIndex document() const { return document_; }
    std::vector<Number> take_slots() { return std::move(slot_of_); }
    Number slots() const { return slots_; }

private:
    Fit fit(const Feed& feed, std::span<const pivot::Step> wanted) const;
    Fit keys_fit(const Feed& feed, std::size_t at, const pivot::Step& wanted) const;
    bool feeds_below(const Feed& feed, std::size_t at, std::string_view child) const;
    Result<Source> source(std::string_view field, const Feed& feed);
    Result<Probe> members(std::string_view field, const Feed& feed, std::span<const pivot::Step> wanted);
    Result<Probe> chain(std::string_view field, std::span<const Feed* const> feeds);
    std::optional<Number> slot(const NationalPath& path, schema::PathIndex top);
    Number slot_of(schema::PathIndex path);
    schema::PathIndex path_of(const Shape* shape) const;

    const Model& model_;
    const schema::PathTable& paths_;
    Settings settings_;
    FastContext context_;
    Feeds feeds_;
    schema::PathIndex document_;
    std::vector<Number> slot_of_;
    Number slots_ = 0;
    bool needs_date_ = false;
};

Compiler::Compiler(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings)
    : model_(mapping.model()),
      paths_(paths),
      settings_(mapping.settings(settings)),
      context_{.settings = &settings_,
               .lists = &model_.lists,
               .zone = model_.zone,
               .authority = model_.authority,
               .grammar = model_.grammar.get()},
      feeds_(*model_.document_row),
      document_(path_of(model_.document_shape)),
      slot_of_(paths.size(), none) {}

schema::PathIndex Compiler::path_of(const Shape* shape) const {
    if (shape == nullptr) return schema::no_path;
    if (shape->parent == nullptr) return 0;
    const schema::PathIndex parent = path_of(shape->parent);
    return parent == schema::no_path ? parent : paths_.child(parent, shape->name.local, shape->name.ns);
}

Number Compiler::slot_of(schema::PathIndex path) {
    if (slot_of_[path] == none) slot_of_[path] = slots_++;
    return slot_of_[path];
}

/// Of a place that stands at most once below `top`, the document or a member of a list.
std::optional<Number> Compiler::slot(const NationalPath& path, schema::PathIndex top) {
    if (!is_plain(path)) return std::nullopt;
    schema::PathIndex at = path_of(path.shape);
    if (at == schema::no_path) return std::nullopt;
    if (path.attribute != nullptr) at = paths_.attribute(at, path.attribute->name.local, path.attribute->name.ns);
    if (at == schema::no_path || at == top) return std::nullopt;
    for (schema::PathIndex above = at; above != top; above = paths_[above].parent) {
        if (above == 0 || paths_[above].repeats()) return std::nullopt;
    }
    return slot_of(at);
}

/// Does a row put a value into this child of the node?
bool Compiler::feeds_below(const Feed& feed, std::size_t at, std::string_view child) const {
    return std::ranges::any_of(feeds_.all(), [&](const Feed& other) {
        if (other.steps.size() <= at || (other.steps.size() == at + 1 && !other.subtree)) return false;
        for (std::size_t i = 0; i <= at; ++i) {
            if (other.steps[i].identity != feed.steps[i].identity) return false;
        }
        return other.steps.size() == at + 1 || other.steps[at + 1].name == child;
    });
}

Fit Compiler::keys_fit(const Feed& feed, std::size_t at, const pivot::Step& wanted) const {
    const PivotStep& written = *feed.steps[at].written;
    // Members of a list are asked for their key one by one.
    if (feed.steps[at].each != nullptr && wanted.keys.size() == 1 && written.keys.empty()) return Fit::yes;
    Fit out = Fit::yes;
    for (const auto& [child, value] : wanted.keys) {
        const auto key = std::ranges::find_if(written.keys, [&name = child](const PivotKey& k) { return !k.attribute && k.child == name; });
        if (key == written.keys.end()) {
            if (child.starts_with('@') || feeds_below(feed, at, child)) out = Fit::maybe;
            else return Fit::no;
        } else if (key->in_list || key->from) {
            out = Fit::maybe;
        } else {
            const pivot::QualifiedCode code = pivot::split_code(value);
            if (key->value != code.code || key->list != code.list) return Fit::no;
        }
    }
    return out;
}

/// Is the field that the feed gives the wanted one?
Fit Compiler::fit(const Feed& feed, std::span<const pivot::Step> wanted) const {
    if (feed.steps.size() > wanted.size() || (!feed.subtree && feed.steps.size() != wanted.size())) return Fit::no;
    Fit out = Fit::yes;
    for (std::size_t i = 0; i < feed.steps.size(); ++i) {
        const Step& step = feed.steps[i];
        if (step.name != wanted[i].name) return Fit::no;
        const Fit keys = keys_fit(feed, i, wanted[i]);
        if (keys == Fit::no) return Fit::no;
        const bool list = step.written->field != nullptr && step.written->field->is_list();
        const bool any_member = step.each != nullptr && (wanted[i].keys.size() != 1 || !step.written->keys.empty());
        if (keys == Fit::maybe || wanted[i].index != 0 || step.written->index != 0 || any_member ||
            (!wanted[i].keys.empty() && !list))
            out = Fit::maybe;
    }
    return out;
}

Result<Source> Compiler::source(std::string_view field, const Feed& feed) {
    const Row& row = *feed.row;
    const PivotTerm& term = row.right[feed.term];
    const bool list = !term.steps.empty() && term.steps.back().field != nullptr && term.steps.back().field->is_list();
    const bool dynamic = std::ranges::any_of(feed.steps, [](const Step& step) {
        return std::ranges::any_of(step.written->keys, [](const PivotKey& key) { return key.in_list || key.from; });
    });
    if (!feed.plain || list || dynamic) return unsupported(field, &row, "is no plain read");
    const Conversion& conversion = row.conversions.front();
    Source out;
    out.conversion = FastConversion::of(conversion, context_);
    out.absence = row.none;
    out.gives = feed.term;
    if (!out.conversion || feed.term >= conversion.pivot_count() || row.left.size() > conversion.national_count())
        return unsupported(field, &row, "has a conversion without a compiled twin");
    if (!conversion.list_name().empty()) needs_date_ = true;
    const schema::PathIndex top = feed.each == nullptr ? document_ : path_of(feed.each->left[0].path.shape);
    for (const NationalTerm& left : row.left) {
        Term made{.slot = none, .constant = left.value, .borrowed = left.borrowed};
        if (!left.constant) {
            const auto found = slot(left.path, top);
            if (!found) return unsupported(field, &row, "comes from a place that may repeat");
            made.slot = *found;
        }
        out.terms.push_back(std::move(made));
    }
    return out;
}

Result<Probe> Compiler::chain(std::string_view field, std::span<const Feed* const> feeds) {
    Probe out;
    const Row& chain = *feeds.front()->chain;
    for (std::size_t i = 0; i < chain.rows.size(); ++i) {
        Case one;
        if (const auto& condition = chain.rows[i]->condition) {
            const Expression& place = condition->place;
            const auto at = place.kind == Expression::Kind::national && !asks_for_group(*condition) ? slot(place.national, document_)
                                                                                                   : std::nullopt;
            if (!at) return unsupported(field, &chain, "hangs on a condition that is no plain read");
            one.slot = *at;
            one.present = condition->present;
            one.negated = condition->negated;
            one.values = condition->values;
        }
        for (const Feed* feed : feeds) {
            if (feed->chain != &chain || feed->each != nullptr) return unsupported(field, feed->row, "is fed by several rows");
            if (feed->one_of != i) continue;
            if (one.source) return unsupported(field, feed->row, "is fed by several rows");
            auto made = source(field, *feed);
            if (!made) return made.error();
            one.source = *std::move(made);
        }
        out.cases.push_back(std::move(one));
    }
    return out;
}

/// The field of the first member whose key is the wanted one.
Result<Probe> Compiler::members(std::string_view field, const Feed& feed, std::span<const pivot::Step> wanted) {
    const auto list = static_cast<std::size_t>(
        std::ranges::find_if(feed.steps, [&](const Step& step) { return step.each == feed.each; }) - feed.steps.begin());
    const Shape* shape = feed.each->left[0].path.shape;
    const schema::PathIndex path = path_of(shape);
    if (list >= feed.steps.size() || feed.chain != nullptr || wanted[list].keys.size() != 1 || path == schema::no_path ||
        !shape->selected.empty())
        return unsupported(field, feed.row, "stands in a list");
    for (schema::PathIndex above = path; above != document_; above = paths_[above].parent) {
        if (above == 0 || (above != path && paths_[above].repeats())) return unsupported(field, feed.row, "stands in a list of lists");
    }
    const auto& [child, value] = wanted[list].keys.front();
    const Feed* key = nullptr;
    for (const Feed& other : feeds_.all()) {
        if (other.each != feed.each || other.steps.size() <= list + 1 || other.steps[list + 1].name != child) continue;
        if (key != nullptr || other.subtree || other.chain != nullptr || other.steps.size() != list + 2)
            return unsupported(field, other.row, "hangs on a key that is no plain read");
        key = &other;
    }
    if (key == nullptr) return Probe{};
    auto of_key = source(field, *key);
    if (!of_key) return of_key.error();
    auto of_value = source(field, feed);
    if (!of_value) return of_value.error();
    const pivot::QualifiedCode code = pivot::split_code(value);
    return Probe{.source = {}, .cases = {}, .members = Members{path, *std::move(of_key), std::string(code.code), std::string(code.list), *std::move(of_value)}};
}

Result<Probe> Compiler::probe(std::string_view field) {
    const auto wanted = pivot::parse_path(field);
    if (!wanted) return wanted.error();
    if (wanted->empty() || !wanted->back().attribute.empty()) return unsupported(field, nullptr, "is no field");
    std::vector<const Feed*> fitting;
    for (const Feed& feed : feeds_.all()) {
        const Fit fits = fit(feed, *wanted);
        if (fits == Fit::no) continue;
        if (fits == Fit::maybe || feed.subtree) return unsupported(field, feed.row, "is no plain read");
        for (std::size_t i = 0; !fitting.empty() && i < feed.steps.size(); ++i) {
            if (feed.steps[i].identity != fitting.front()->steps[i].identity)
                return unsupported(field, feed.row, "stands at several places");
        }
        fitting.push_back(&feed);
    }
    if (fitting.empty()) return Probe{};
    if (fitting.front()->chain != nullptr && fitting.front()->each == nullptr) return chain(field, fitting);
    if (fitting.size() > 1) return unsupported(field, fitting[1]->row, "is fed by several rows");
    if (fitting.front()->each != nullptr) return members(field, *fitting.front(), *wanted);
    auto made = source(field, *fitting.front());
    if (!made) return made.error();
    return Probe{.source = *std::move(made), .cases = {}, .members = {}};
}

/// The place that the table names, from the document on, else wherever its name stands (Reading::references).
Result<std::vector<Part>> Compiler::reference(const std::vector<std::string>& parts) {
    std::vector<Part> out;
    for (const std::string& text : parts) {
        const auto path = parse_national_path(text, {});
        if (!path) return path.error();
        const bool named = std::ranges::all_of(path->steps, [](const NationalStep& step) {
            return step.name.find_first_of("@:") == std::string::npos;
        });
        if (!is_plain(*path) || !named || path->from_document || path->up != 0 || path->steps.empty())
            return unsupported(text, nullptr, "is no plain reference");
        Part part;
        for (schema::PathIndex i = 0; i < paths_.size(); ++i) {
            schema::PathIndex at = i;
            auto step = path->steps.rbegin();
            while (step != path->steps.rend() && at != document_ && at != 0 && paths_[at].attribute == nullptr &&
                   paths_[at].name().local == step->name) {
                at = paths_[at].parent;
                ++step;
            }
            if (step != path->steps.rend()) continue;
            if (at == document_) {
                if (part.own != none) return unsupported(text, nullptr, "has two elements of its name");
                part.own = slot_of(i);
                continue;
            }
            while (at != 0 && at != document_) at = paths_[at].parent;
            if (at == document_) part.elsewhere.push_back(slot_of(i));
        }
        out.push_back(std::move(part));
    }
    return out;
}

struct Declined {
    std::string_view why;
};

}  // namespace

struct Probes::Program {
    std::shared_ptr<const Mapping> mapping;
    std::shared_ptr<const schema::PathTable> paths;
    schema::PathIndex document = schema::no_path;
    std::vector<Number> slot_of;
    Number slots = 0;
    std::vector<Probe> probes;
    Probe date;
    bool needs_date = false;
    std::vector<std::vector<Part>> references;
};

Result<std::shared_ptr<const Probes>> Probes::compile(std::shared_ptr<const Mapping> mapping,
                                                      std::shared_ptr<const schema::PathTable> paths,
                                                      const Settings& settings, std::span<const std::string> fields) {
    Compiler compiler(*mapping, *paths, settings);
    auto made = std::make_shared<Program>();
    made->document = compiler.document();
    if (made->document == schema::no_path) return unsupported(mapping->format(), nullptr, "has no place for documents");
    for (const std::string& field : fields) {
        auto probe = compiler.probe(field);
        if (!probe) return probe.error();
        made->probes.push_back(*std::move(probe));
    }
    if (compiler.needs_date()) {
        made->needs_date = true;
        auto date = compiler.probe("IssueDateTime");
        if (!date) return date.error();
        if (!date->cases.empty() || date->members) return unsupported("IssueDateTime", nullptr, "hangs on a condition");
        made->date = *std::move(date);
    }
    for (const std::vector<std::string>& parts : mapping->model().references) {
        auto reference = compiler.reference(parts);
        if (!reference) return reference.error();
        made->references.push_back(*std::move(reference));
    }
    made->slots = compiler.slots();
    made->slot_of = compiler.take_slots();
    made->mapping = std::move(mapping);
    made->paths = std::move(paths);
    return std::make_shared<const Probes>(std::move(made));
}

namespace {

/// One walk over the entries of a document, then its fields.
class Finder {
public:
    Finder(const Probes::Program& program, const schema::Tape& tape, Scratch& scratch)
        : program_(program), tape_(tape), run_{.scratch = scratch}, at_(program.slots) {}

    Probed document(std::uint32_t number) {
        foreign_ = false;
        collect(number);
        if (program_.needs_date) set_date();
        Probed out;
        out.values.resize(program_.probes.size());
        for (std::size_t i = 0; i < program_.probes.size(); ++i) out.values[i] = value(program_.probes[i]).text;
        for (const std::vector<Part>& parts : program_.references) {
            std::string reference;
            for (const Part& part : parts) {
                const std::string_view text = text_of(part);
                if (!text.empty()) reference.append(reference.empty() ? "" : "+").append(text);
            }
            if (!reference.empty()) out.references.push_back(std::move(reference));
        }
        // Members are looked into last: their slots take the place of the document's.
        for (std::size_t i = 0; i < program_.probes.size(); ++i) {
            if (program_.probes[i].members) out.values[i] = value(*program_.probes[i].members, number);
        }
        return out;
    }

private:
    /// Where slots stand, inside of one element.
    void collect(std::uint32_t number) {
        std::ranges::fill(at_, none);
        for (std::uint32_t i = number; i < tape_[number].next; ++i) {
            const schema::PathIndex path = tape_[i].path;
            if (path == schema::no_path) {
                foreign_ = true;
                continue;
            }
            const Number slot = program_.slot_of[path];
            if (slot != none && at_[slot] == none) at_[slot] = i;
        }
    }

    /// Codes are valid by the document's date. What the document does not say is said by the one before.
    void set_date() {
        const std::string_view date = program_.date.source ? value(*program_.date.source).text : std::string_view();
        if (date.empty() && !run_.document_date.empty()) throw Declined{"a document without a date behind one with it"};
        run_.document_date = date.substr(0, 10);
    }

    FastPivot value(const Probe& probe) {
        if (probe.source) return value(*probe.source);
        for (const Case& one : probe.cases) {
            if (holds(one)) return one.source ? value(*one.source) : FastPivot();
        }
        return {};
    }

    bool holds(const Case& one) const {
        if (one.slot == none) return true;
        const std::string_view text = at_[one.slot] == none ? std::string_view() : tape_[at_[one.slot]].value();
        const bool there = !says_nothing(text);
        if (one.present) return there != one.negated;
        const bool equal = there && std::ranges::any_of(one.values, [&](const std::string& wanted) { return same_value(text, wanted); });
        return equal != one.negated;
    }

    std::string_view value(const Members& members, std::uint32_t document) {
        for (std::uint32_t i = document + 1; i < tape_[document].next; ++i) {
            if (tape_[i].path != members.path) continue;
            collect(i);
            const FastPivot key = value(members.key);
            if (key.text != members.code || key.list != members.list) continue;
            if (const FastPivot found = value(members.value); !found.text.empty()) return found.text;
        }
        return {};
    }

    FastPivot value(const Source& source) {
        FastList<FastText, 32> texts;
        bool any = false, all_constant = true;
        for (Number i = 0; i < source.terms.size(); ++i) {
            const Term& term = source.terms[i];
            std::string_view text = term.constant;
            if (term.slot != none) {
                all_constant = false;
                if (at_[term.slot] == none) continue;
                text = tape_[at_[term.slot]].value();
                if (says_nothing(text) || (source.absence && text == *source.absence)) continue;
                any = any || !term.borrowed;
            }
            if (!texts.add({text, i})) throw Declined{"a field of many texts"};
        }
        if ((!any && !all_constant) || texts.empty()) return {};
        PivotSlots made;
        if (source.conversion.to_pivot(std::span(texts.begin(), texts.size()), run_, made) != Fast::done)
            throw Declined{"a value that a compiled conversion does not take"};
        for (const FastPivot& one : made) {
            if (one.slot == source.gives) return one;
        }
        return {};
    }

    std::string_view text_of(const Part& part) const {
        std::uint32_t found = part.own == none ? none : at_[part.own];
        if (found == none) {
            if (foreign_) throw Declined{"a reference that may stand among foreign elements"};
            for (const Number slot : part.elsewhere) {
                if (at_[slot] == none) continue;
                if (found != none) throw Declined{"a reference whose name stands at several places"};
                found = at_[slot];
            }
        }
        if (found == none) return {};
        const std::string_view text = tape_[found].value();
        return says_nothing(text) ? std::string_view() : text;
    }

    const Probes::Program& program_;
    const schema::Tape& tape_;
    FastRun run_;
    std::vector<std::uint32_t> at_;  ///< of each slot: the first entry at its place
    bool foreign_ = false;
};

}  // namespace

Fast Probes::find(const schema::Tape& tape, Scratch& scratch, std::vector<Probed>& out, std::string_view& why) const {
    out.clear();
    scratch.reset();
    Finder finder(*program_, tape, scratch);
    try {
        for (std::uint32_t i = 0; i < tape.size();) {
            const bool is_document = tape[i].path == program_->document;
            if (is_document) out.push_back(finder.document(i));
            i = is_document ? tape[i].next : i + 1;
        }
    } catch (const Declined& declined) {
        why = declined.why;
        return Fast::declined;
    }
    return Fast::done;
}

}  // namespace hansa::mapping
