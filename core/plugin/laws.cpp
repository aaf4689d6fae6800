#include "core/plugin/laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "core/base/digest.h"
#include "core/mapping/evaluate.h"
#include "core/mapping/model.h"
#include "core/mapping/translate.h"
#include "core/mapping/trees.h"
#include "core/plugin/codes.h"
#include "core/plugin/golden.h"
#include "core/schema/codes.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"

namespace hansa::plugin {
namespace {

/// A class without content says nothing; that it stood there is known to memory alone.
pivot::Node with_content(const pivot::Node& node) {
    pivot::Node kept{
        .name = node.name, .value = node.value, .list = node.list, .attributes = node.attributes, .children = {}};
    for (const pivot::Node& child : node.children) {
        pivot::Node one = with_content(child);
        if (!one.value.empty() || !one.attributes.empty() || !one.children.empty())
            kept.children.push_back(std::move(one));
    }
    return kept;
}

using mapping::Row;
using mapping::Shape;

/// What a leaf may hold by its row.
struct LeafDomain {
    const mapping::Conversion* conversion = nullptr;
    std::size_t slot = 0;   ///< which of the conversion's national places
    std::size_t strip = 0;  ///< steps of its path below the row's group: partners are drawn together
    std::vector<std::string> constants;
};

/// Steps from the row's group to a term of its left side.
std::size_t steps_of(const Row& row, std::size_t place) {
    const std::size_t own = row.left[place].path.steps.size();
    return row.left[place].own_text ? row.left.front().path.steps.size() + own : own;
}

/// The conversion that a leaf belongs to, if it takes a fixed number of places.
void find_conversion(const Row& row, const Shape& shape, const mapping::AttributeShape* attribute, LeafDomain& out) {
    if (row.form != mapping::RowForm::value) return;
    std::size_t first = 0;
    for (const mapping::Conversion& conversion : row.conversions) {
        const std::size_t count = conversion.national_count();
        if (count == mapping::any_count) return;
        for (std::size_t slot = 0; slot != count && first + slot < row.left.size(); ++slot) {
            const mapping::NationalTerm& term = row.left[first + slot];
            if (term.constant || term.path.shape != &shape || term.path.attribute != attribute) continue;
            if (conversion.takes_national_list()) return;
            out.conversion = &conversion;
            out.slot = slot;
            out.strip = steps_of(row, first + slot);
            return;
        }
        first += count;
    }
}

mapping::Target target_of(const schema::SimpleType& type) {
    mapping::Target out;
    if (const auto most = schema::Grammar::max_length(type)) out.length_max = *most;
    if (type.min_length) out.length_min = *type.min_length;
    if (type.length) out.length_min = *type.length;
    const schema::Digits digits = schema::Grammar::digits(type);
    if (digits.total) out.total_digits = static_cast<int>(*digits.total);
    if (digits.fraction) out.fraction_digits = static_cast<int>(*digits.fraction);
    return out;
}

/// A path without its last steps, and a salt, as one number.
std::uint64_t seed_of(std::string_view path, std::size_t strip, std::uint64_t salt) {
    for (; strip != 0 && !path.empty(); --strip)
        path = path.substr(0, path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/'));
    return std::hash<std::string_view>()(path) ^ (salt * 0x9E3779B97F4A7C15u);
}

/// What rows say of the leaves' values, by path without places.
class Domains {
public:
    explicit Domains(const mapping::Mapping& mapping) : settings_(mapping.settings({})) {
        context_.settings = &settings_;
        context_.lists = &mapping.lists();
        context_.zone = mapping.model().zone;
        if (mapping.model().root) walk(*mapping.model().root, std::string(mapping.model().root->name.local));
    }

    std::optional<std::string> value(const schema::LeafPlace& place, schema::Random& random, std::uint64_t salt) const {
        const auto found = leaves_.find(std::string(place.pattern_path));
        if (found == leaves_.end()) return std::nullopt;
        const LeafDomain& domain = found->second;
        if (!domain.constants.empty()) return domain.constants[random.below(domain.constants.size())];
        const bool alone = domain.conversion->national_count() == 1;
        const std::uint64_t seed = alone ? random.next() : seed_of(place.path, domain.strip, salt);
        const mapping::Target target = target_of(place.type);
        const auto drawn =
            domain.conversion->draw(seed, context_, alone ? std::span(&target, 1) : std::span<const mapping::Target>());
        if (!drawn) return std::nullopt;
        for (const mapping::NationalValue& value : *drawn) {
            if (value.slot == domain.slot) return value.text;
        }
        return std::nullopt;
    }

private:
    void note(const Row* row, const Shape& shape, const mapping::AttributeShape* attribute, const std::string& path) {
        if (row == nullptr) return;
        LeafDomain domain;
        if (row->form == mapping::RowForm::fixed) domain.constants = row->alternatives;
        find_conversion(*row, shape, attribute, domain);
        if (domain.conversion != nullptr || !domain.constants.empty()) leaves_.emplace(path, std::move(domain));
    }

    void walk(const Shape& shape, const std::string& path) {
        if (shape.text) note(shape.owner, shape, nullptr, path);
        for (const auto& attribute : shape.attributes)
            note(attribute.owner, shape, &attribute, path + "/@" + attribute.name.local);
        for (const auto& child : shape.children) walk(*child, path + "/" + child->name.local);
    }

    mapping::Settings settings_;
    mapping::ConversionContext context_;
    std::unordered_map<std::string, LeafDomain> leaves_;
};

/// Is the place left to others: dropped, one-way, or a signature, which trust puts in?
bool left_out(const Row* row) {
    if (row == nullptr) return false;
    return row->form == mapping::RowForm::drop || row->form == mapping::RowForm::signature ||
           row->direction != mapping::Direction::both;
}

/// Takes away what rows leave out; an element of which nothing is left goes too.
void leave_out(schema::Element& element, const Shape* shape, bool above) {
    const bool own = above || (shape != nullptr && left_out(shape->owner));
    if (own) element.text.clear();
    std::erase_if(element.attributes, [&](const schema::Attribute& attribute) {
        if (shape == nullptr) return own;
        for (const auto& known : shape->attributes) {
            if (known.name == attribute.name) return left_out(known.owner) || (known.owner == nullptr && own);
        }
        return own;
    });
    std::erase_if(element.children, [&](schema::Element& child) {
        const Shape* below = shape != nullptr ? shape->child(child.name) : nullptr;
        const bool was_empty = child.children.empty() && child.text.empty() && child.attributes.empty();
        leave_out(child, below, own);
        const bool is_empty = child.children.empty() && child.text.empty() && child.attributes.empty();
        return is_empty && (!was_empty || own || (below != nullptr && left_out(below->owner)));
    });
}

schema::Element kept_of(const mapping::Mapping& mapping, const schema::Element& document) {
    schema::Element out = document;
    leave_out(out, mapping.model().root.get(), false);
    return out;
}

/// Faults of a document that lacks nothing but the signature that its schema demands.
bool only_signature_missing(const mapping::Mapping& mapping, const Diagnostics& faults) {
    std::string signature;
    for (const auto& child : mapping.model().root->children) {
        if (child->owner != nullptr && child->owner->form == mapping::RowForm::signature) signature = child->name.local;
    }
    return !signature.empty() && std::ranges::all_of(faults.errors(), [&](const Error& fault) {
        return fault.code == schema::codes::element_missing && fault.place.path.ends_with("/" + signature);
    });
}

/// Makes rules of the table come true, which drawn values never do by themselves: where `check a =
/// expression` does not hold, a gets the expression's value; an optional part of a pair that stands
/// without its partner goes.
class Repair {
public:
    explicit Repair(const mapping::Mapping& mapping) : model_(mapping.model()), settings_(mapping.settings({})) {
        context_.settings = &settings_;
        context_.lists = &mapping.lists();
        context_.zone = model_.zone;
    }

    schema::Element operator()(const schema::Element& drawn) const {
        if (!model_.root) return drawn;
        mapping::NationalNode above;  // rows at the top begin with the root's own name
        above.children.push_back(mapping::national_tree(drawn, model_.root.get(), &above));
        go(*model_.rows, above, above);
        return mapping::to_element(*above.children.front());
    }

private:
    void go(const std::vector<std::unique_ptr<Row>>& rows, mapping::NationalNode& group,
            mapping::NationalNode& document) const {
        for (const auto& row : rows) {
            if (row->form == mapping::RowForm::check && !row->warn) keep(*row, group, document);
            if (row->form == mapping::RowForm::value && row->left.size() > 1) pair(*row, group, document);
            const bool enters = row->form == mapping::RowForm::enter || row->form == mapping::RowForm::each;
            if (!enters || row->left.empty()) {
                go(row->rows, group, document);
                continue;
            }
            for (mapping::NationalNode* member : mapping::find_all(group, row->left.front().path, document)) {
                go(row->rows, *member, row->document ? *member : document);
            }
        }
    }

    void keep(const Row& row, mapping::NationalNode& group, mapping::NationalNode& document) const {
        if (row.expression.kind != mapping::Expression::Kind::national) return;
        const mapping::Evaluation on{.group = &group, .document = &document, .context = &context_};
        const auto right = mapping::evaluate(row.expected, on);
        const auto left = mapping::evaluate(row.expression, on);
        if (!left || !right || mapping::compare(*left, row.comparison, *right, row.noise)) return;
        mapping::NationalNode* place = mapping::find_one(group, row.expression.national, document);
        if (place != nullptr && row.expression.national.attribute == nullptr) place->text = *right;
    }

    static void pair(const Row& row, mapping::NationalNode& group, mapping::NationalNode& document) {
        std::vector<mapping::NationalNode*> there;
        std::size_t demanded = 0;
        for (const mapping::NationalTerm& term : row.left) {
            if (term.constant || term.borrowed || term.optional) continue;
            if (term.path.attribute != nullptr || term.repeated) return;
            ++demanded;
            mapping::NationalNode* place = mapping::find_one(group, term.path, document);
            if (place == nullptr) continue;
            if (place->shape == nullptr || place->shape->least != 0) return;
            there.push_back(place);
        }
        if (there.size() == demanded) return;
        for (mapping::NationalNode* place : there) {
            place->text.clear();
            place->has_text = place->kept = false;
            place->attributes.clear();
        }
    }

    const mapping::Model& model_;
    mapping::Settings settings_;
    mapping::ConversionContext context_;
};

class Trial {
public:
    Trial(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options,
          const syntax::Syntax* syntax)
        : mapping_(mapping), judge_(judge), options_(options), syntax_(syntax), values_(mapping), repair_(mapping) {}

    LawResult run() {
        constexpr std::uint64_t draws_per_document = 20;
        std::uint64_t inside = 0;
        for (std::uint64_t draw = 0; inside != options_.documents && draw != draws_per_document * options_.documents;
             ++draw) {
            seed_ = options_.seed + draw;
            if (one_document()) ++inside;
        }
        if (inside == 0 && options_.documents != 0)
            fail("no generated document lies in the table's domain; the last was refused with " + refused_);
        return std::move(out_);
    }

private:
    void fail(std::string detail) {
        constexpr std::size_t faults_max = 10;
        ++out_.failed;
        if (out_.faults.size() == faults_max) return;
        out_.faults.push_back(
            {codes::check_law, fmt::format("{} (seed {})", detail, seed_), Place{.file = mapping_.file()}});
    }
    void keep(const char* law) { ++out_.kept[law]; }
    bool outside(const Error& why) {
        ++out_.outside[std::string(why.code.name())];
        refused_ = why.text();
        return false;
    }

    mapping::Context context_for(std::string_view bytes) const {
        mapping::Context context;
        context.received = "2026-01-31T12:00:00Z";
        context.message_digest = sha256_hex(bytes);
        return context;
    }

    /// False: the document is outside of the table's domain.
    bool one_document() {
        const schema::Element drawn =
            schema::generate(mapping_.grammar(), {.seed = seed_, .value_source = values_.of_document(seed_)});
        const auto spelt = as_spelt(repair_(drawn));
        if (!spelt) return outside(spelt.error());
        const std::string bytes = schema::write_tree(*spelt);
        Diagnostics faults;
        const auto tree = schema::read_tree(bytes, {}, &mapping_.grammar());
        if (!tree) return outside(tree.error());
        if (const auto valid = judge_.validate(bytes, faults); !valid) return outside(valid.error());
        mapping::Context context = context_for(bytes);
        const auto reading = mapping::read(mapping_, *tree, context, faults);
        if (!reading) return outside(reading.error());
        // A root that several formats share, with another format's content.
        if (reading->documents.empty()) return outside({codes::format_unknown, {}, {}});
        context.envelope.insert(reading->envelope.begin(), reading->envelope.end());
        law_one(*tree, *reading, context);
        law_two(*reading, context);
        return true;
    }

    void law_one(const schema::Element& tree, const mapping::Reading& reading, const mapping::Context& context) {
        Diagnostics faults;
        const auto writing = mapping::write(mapping_, reading.documents, context, faults);
        if (!writing) return fail("law 1: read, but not written back: " + writing.error().text());
        if (writing->messages.size() != 1)
            return fail(fmt::format("law 1: written back as {} messages", writing->messages.size()));
        schema::Element whole = writing->messages.front();
        put_back(mapping_, tree, whole);
        const std::string bytes = schema::write_tree(whole);
        if (const auto valid = judge_.validate(bytes, faults); !valid && !only_signature_missing(mapping_, faults))
            return fail("law 1: written back it is not valid: " + valid.error().text());
        const auto again = schema::read_tree(bytes, {}, &mapping_.grammar());
        const auto other =
            again ? difference(kept_of(mapping_, tree), kept_of(mapping_, *again)) : again.error().text();
        if (other) return fail("law 1: written back it is another document: " + *other);
        if (const auto lost = lost_in_bytes(whole)) return fail("law 1: " + *lost);
        keep("1");
        const auto twice = mapping::write(mapping_, reading.documents, context, faults);
        if (!twice || twice->messages.size() != 1 ||
            schema::write_tree(twice->messages.front()) != schema::write_tree(writing->messages.front()))
            return fail("law 7: written twice it differs");
        keep("7");
    }

    /// The document as its syntax reads it: what cannot be spelt, or is spelt as another document, is never received.
    Result<schema::Element> as_spelt(const schema::Element& drawn) const {
        if (syntax_ == nullptr) return drawn;
        const auto bytes = syntax_->write(drawn);
        if (!bytes) return bytes.error();
        auto document = syntax_->read(*bytes);
        if (!document) return document.error();
        return std::move(document->tree);
    }

    /// What the format's own bytes do not give back; nothing where all is there.
    std::optional<std::string> lost_in_bytes(const schema::Element& whole) const {
        if (syntax_ == nullptr) return std::nullopt;
        const auto bytes = syntax_->write(whole);
        if (!bytes) return "it cannot be spelt: " + bytes.error().text();
        const auto document = syntax_->read(*bytes);
        if (!document) return "what was spelt is not read: " + document.error().text();
        if (auto other = difference(whole, document->tree)) return "spelt and read it is another document: " + *other;
        return std::nullopt;
    }

    /// Where the schema demands what only annex or memory hold, there is nothing to compare.
    void law_two(const mapping::Reading& reading, const mapping::Context& context) {
        std::vector<pivot::Document> bare = reading.documents;
        for (pivot::Document& document : bare) {
            document.memory.clear();
            document.annex.clear();
        }
        Diagnostics faults;
        const auto writing = mapping::write(mapping_, bare, context, faults);
        if (!writing) return;
        std::vector<pivot::Document> again;
        for (const schema::Element& message : writing->messages) {
            auto read = mapping::read(mapping_, message, context, faults);
            if (!read) return fail("law 2: written without memory it is not read: " + read.error().text());
            for (pivot::Document& document : read->documents) again.push_back(std::move(document));
        }
        if (again.size() != bare.size())
            return fail(fmt::format("law 2: {} documents became {}", bare.size(), again.size()));
        for (std::size_t at = 0; at != bare.size(); ++at) {
            if (!(with_content(again[at].root) == with_content(bare[at].root)))
                return fail("law 2: read again it is another pivot document");
        }
        keep("2");
    }

    const mapping::Mapping& mapping_;
    const schema::Validator& judge_;
    const LawOptions& options_;
    const syntax::Syntax* syntax_;
    DomainValues values_;
    Repair repair_;
    std::uint64_t seed_ = 0;
    std::string refused_ = "nothing";
    LawResult out_;
};

}  // namespace

struct DomainValues::State {
    Domains domains;
};

DomainValues::DomainValues(const mapping::Mapping& mapping) : state_(new State{Domains(mapping)}) {}

schema::ValueSource DomainValues::of_document(std::uint64_t seed) const {
    return [state = state_, seed](const schema::LeafPlace& place, schema::Random& random) {
        return state->domains.value(place, random, seed);
    };
}

void try_list(const mapping::Mapping& mapping, const std::string& list, LawResult& out) {
    const auto found = mapping.lists().find(list);
    if (found == mapping.lists().end()) return;
    for (const std::string& code : found->second.nationals()) {
        const auto said = found->second.to_standard(code);
        if (said && said->empty()) continue;  // a code without a standard one is never written
        const auto written = said ? found->second.to_national(*said) : Result<std::string>(said.error());
        const auto again = written ? found->second.to_standard(*written) : Result<std::vector<mapping::PivotValue>>(written.error());
        if (again && *again == *said) {
            ++out.kept["codes"];
            continue;
        }
        ++out.failed;
        out.faults.push_back({codes::check_law, fmt::format("law codes: '{}' of {} is not written as one that says the same", code, list)});
    }
}

LawResult try_laws(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options,
                   const syntax::Syntax* syntax) {
    return Trial(mapping, judge, options, syntax).run();
}

}  // namespace hansa::plugin
