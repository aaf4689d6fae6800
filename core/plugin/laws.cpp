#include "core/plugin/laws.h"

#include <fmt/format.h>

#include <memory>
#include <unordered_map>

#include "core/base/digest.h"
#include "core/mapping/model.h"
#include "core/mapping/translate.h"
#include "core/plugin/codes.h"
#include "core/plugin/golden.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"

namespace hansa::plugin {
namespace {

using mapping::Row;
using mapping::Shape;

/// The conversion that takes a leaf alone, or nothing.
const mapping::Conversion* conversion_of(const Row& row, const Shape& shape, const mapping::AttributeShape* attribute) {
    if (row.form != mapping::RowForm::value) return nullptr;
    std::size_t place = 0;
    for (const mapping::Conversion& conversion : row.conversions) {
        const std::size_t count = conversion.national_count();
        const bool is_it = place < row.left.size() && !row.left[place].constant &&
                           row.left[place].path.shape == &shape && row.left[place].path.attribute == attribute;
        if (is_it && count == 1 && !conversion.takes_national_list()) return &conversion;
        if (count == mapping::any_count) return nullptr;
        place += count;
    }
    return nullptr;
}

/// What a leaf may hold by its row.
struct LeafDomain {
    const mapping::Conversion* conversion = nullptr;
    std::vector<std::string> constants;
};

class Domains {
public:
    explicit Domains(const mapping::Mapping& mapping) : settings_(mapping.settings({})) {
        context_.settings = &settings_;
        context_.lists = &mapping.lists();
        context_.zone = mapping.model().zone;
        if (mapping.model().root) walk(*mapping.model().root, std::string(mapping.model().root->name.local));
    }

    std::optional<std::string> value(const schema::LeafPlace& place, schema::Random& random) const {
        const auto found = leaves_.find(std::string(place.pattern_path));
        if (found == leaves_.end()) return std::nullopt;
        const LeafDomain& domain = found->second;
        if (!domain.constants.empty()) return domain.constants[random.below(domain.constants.size())];
        const auto drawn = domain.conversion->draw(random.next(), context_);
        if (!drawn || drawn->size() != 1) return std::nullopt;
        return drawn->front().text;
    }

private:
    void note(const Row* row, const Shape& shape, const mapping::AttributeShape* attribute, const std::string& path) {
        if (row == nullptr) return;
        LeafDomain domain;
        if (row->form == mapping::RowForm::fixed) domain.constants = row->alternatives;
        domain.conversion = conversion_of(*row, shape, attribute);
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

class Trial {
public:
    Trial(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options)
        : mapping_(mapping), judge_(judge), options_(options), values_(domain_values(mapping)) {}

    LawResult run() {
        constexpr std::uint64_t draws_per_document = 20;
        std::uint64_t inside = 0;
        for (std::uint64_t draw = 0; inside != options_.documents && draw != draws_per_document * options_.documents;
             ++draw) {
            seed_ = options_.seed + draw;
            if (one_document())
                ++inside;
            else
                ++out_.outside;
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

    mapping::Context context_for(std::string_view bytes) const {
        mapping::Context context;
        context.received = "2026-01-31T12:00:00Z";
        context.message_digest = sha256_hex(bytes);
        return context;
    }

    /// False: the document is outside of the table's domain.
    bool one_document() {
        const schema::Element drawn = schema::generate(mapping_.grammar(), {.seed = seed_, .value_source = values_});
        const std::string bytes = schema::write_tree(drawn);
        Diagnostics faults;
        const auto tree = schema::read_tree(bytes, {}, &mapping_.grammar());
        if (!tree || !judge_.validate(bytes, faults)) {
            refused_ = tree ? faults.errors().front().text() : tree.error().text();
            return false;
        }
        mapping::Context context = context_for(bytes);
        const auto reading = mapping::read(mapping_, *tree, context, faults);
        if (!reading) {
            refused_ = reading.error().text();
            return false;
        }
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
        const std::string bytes = schema::write_tree(writing->messages.front());
        if (const auto valid = judge_.validate(bytes, faults); !valid)
            return fail("law 1: written back it is not valid: " + valid.error().text());
        const auto again = schema::read_tree(bytes, {}, &mapping_.grammar());
        if (!again || !same_document(*again, tree)) return fail("law 1: written back it is another document");
        keep("1");
        const auto twice = mapping::write(mapping_, reading.documents, context, faults);
        if (!twice || twice->messages.size() != 1 || schema::write_tree(twice->messages.front()) != bytes)
            return fail("law 7: written twice it differs");
        keep("7");
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
            if (!(again[at].root == bare[at].root)) return fail("law 2: read again it is another pivot document");
        }
        keep("2");
    }

    const mapping::Mapping& mapping_;
    const schema::Validator& judge_;
    const LawOptions& options_;
    schema::ValueSource values_;
    std::uint64_t seed_ = 0;
    std::string refused_ = "nothing";
    LawResult out_;
};

}  // namespace

schema::ValueSource domain_values(const mapping::Mapping& mapping) {
    auto domains = std::make_shared<const Domains>(mapping);
    return [domains](const schema::LeafPlace& place, schema::Random& random) { return domains->value(place, random); };
}

LawResult try_laws(const mapping::Mapping& mapping, const schema::Validator& judge, const LawOptions& options) {
    return Trial(mapping, judge, options).run();
}

}  // namespace hansa::plugin
