// How the generator grows a document: the walk over particles, and what it may be asked for.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/schema/generator.h"

namespace hansa::schema {

/// Elements that the smallest content of each type needs, so that recursion can be left on the
/// shortest way. 1,000,000 and more: there is no end.
class LeastCosts {
public:
    explicit LeastCosts(const Grammar& grammar);
    std::uint32_t element(const ElementDecl& element) const;
    std::uint32_t particle(Index number) const;  ///< 0 where it is optional
    std::uint32_t once(Index number) const;      ///< of one turn

private:
    const GrammarTables& tables_;
    std::vector<std::uint32_t> types_;
};

/// What must come up in a document, wherever the type comes up.
struct Wishes {
    std::map<Index, std::set<Index>> particles;  ///< by complex type
    std::set<const ElementDecl*> globals;        ///< in wildcards
    std::set<Index> full_types;                  ///< complex types that show all attributes
};

/// Grows one document.
class Growth {
public:
    Growth(const Grammar& grammar, const LeastCosts& costs, const GenerateOptions& options,
           const Wishes* wishes = nullptr)
        : grammar_(grammar), costs_(costs), options_(options), wishes_(wishes), random_(options.seed) {}

    Element grow(const ElementDecl& root);

private:
    struct Parent {
        Element& element;
        const ElementDecl& declaration;
        const std::string& path;
        const std::string& pattern_path;
        std::size_t depth;
    };

    bool lean(std::size_t depth) const;
    Element make_element(const ElementDecl& declaration, const std::string& path, const std::string& pattern_path,
                         std::size_t depth);
    std::uint32_t repeats(const Particle& part, Index number, const Parent& parent);
    void particle(Index number, Parent& parent);
    void once(const Particle& part, Parent& parent);
    Index branch(const Particle& choice, const Parent& parent);
    void child(const ElementDecl& declaration, const Particle& part, Parent& parent);
    void foreign(const Wildcard& wildcard, const Particle& part, Parent& parent);
    bool wishes(Index number, const Parent& parent) const;
    std::string leaf(const SimpleType& type, const std::string& path, const std::string& pattern_path);
    std::string fresh_id(const SimpleType& type);
    std::optional<std::string> sentinel(const SimpleType& type);

    const Grammar& grammar_;
    const LeastCosts& costs_;
    const GenerateOptions& options_;
    const Wishes* wishes_;
    Random random_;
    std::size_t made_ = 0;
    std::uint64_t sentinels_ = 0;
    std::vector<std::string> ids_;
    std::map<Index, int> open_;  ///< complex types that are being made, how often each
};

}  // namespace hansa::schema
