// Documents that lie in the domain of a mapping table.
//
// A schema allows more than its table takes: any text where the table has a list, an amount without
// its currency, a sum that is none. generate() draws a valid document, values from the rows' own
// conversions; what reading then refuses is mended, fault by fault, until it is taken or given up.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/mapping/mapping.h"
#include "core/mapping/reader.h"
#include "core/schema/generator.h"

namespace hansa::test {

struct DomainOptions {
    std::uint32_t items = 3;
    unsigned optional_percent = 50;
    bool sentinels = false;  ///< texts and numbers that no other leaf has
};

class Domain {
public:
    explicit Domain(std::shared_ptr<const mapping::Mapping> mapping);

    /// Nothing: the document could not be mended; `why()` says what was left.
    std::optional<schema::Element> draw(std::uint64_t seed, const DomainOptions& options = {});
    const std::map<std::string, std::size_t>& why() const { return why_; }

private:
    struct Rule {
        const mapping::Row* row = nullptr;
        std::size_t term = 0;
    };
    std::optional<std::string> value(const schema::LeafPlace& place, schema::Random& random, bool sentinels);
    std::optional<std::string> number(const schema::SimpleType& type, schema::Random& random) const;
    bool mend(schema::Element& document, const Error& fault, schema::Random& random);
    bool mend_value(schema::Element& document, const std::string& path, const mapping::Row& row, schema::Random& random,
                    bool may_remove);
    bool mend_check(schema::Element& document, const Error& fault);
    bool set(schema::Element& group, const mapping::NationalPath& path, const std::string& text, mapping::Shape* from);

    std::shared_ptr<const mapping::Mapping> mapping_;
    const mapping::Model& model_;
    mapping::Context context_;
    mapping::Surroundings around_;
    std::map<std::string, Rule, std::less<>> rules_;  ///< by path below and with the root
    std::map<std::string, mapping::Shape*, std::less<>> shapes_;
    std::vector<const mapping::Row*> checks_;
    std::map<std::string, std::size_t> why_;
    std::uint64_t counter_ = 0, seed_ = 0;
    std::string document_path_;
    std::map<std::string, std::unique_ptr<Domain>> attached_;  ///< by the path of the attached document
};

/// The texts of all leaves, by path without places: what two documents are compared by.
std::multiset<std::pair<std::string, std::string>> leaves_of(const schema::Element& document);
/// Path without its places: /A/B[2]/c -> /A/B/c.
std::string without_places(std::string_view path);
/// Without what no table brings back: signatures, what a row drops, and the payload of a frame.
schema::Element comparable(const mapping::Mapping& mapping, const schema::Element& document);

}  // namespace hansa::test
