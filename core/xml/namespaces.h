// Which prefix means which namespace while elements open and close. Inside of the scanner.
//
// Source: Namespaces in XML 1.0, third edition, sections 3 and 6.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hansa::xml {

inline constexpr std::string_view xml_namespace = "http://www.w3.org/XML/1998/namespace";
inline constexpr std::string_view xmlns_namespace = "http://www.w3.org/2000/xmlns/";

/// A name as it stands in the text and its two parts.
struct QName {
    std::string_view whole;
    std::string_view prefix;
    std::string_view local;
};

/// Declarations in scope, innermost last. Views of URIs stay good until their declaration is dropped.
class NamespaceScope {
public:
    std::size_t size() const { return bindings_.size(); }

    /// `uri_owned` when the text does not hold the URI as it reads. Gives the view that stays good.
    std::string_view add(std::string_view prefix, std::string_view uri, bool uri_owned) {
        Binding binding{prefix, uri, nullptr};
        if (uri_owned) {
            binding.own = std::make_unique<std::string>(uri);
            binding.uri = *binding.own;
        }
        bindings_.push_back(std::move(binding));
        return bindings_.back().uri;
    }

    void drop_to(std::size_t size) {
        bindings_.erase(bindings_.begin() + static_cast<std::ptrdiff_t>(size), bindings_.end());
    }

    /// Nothing: not declared. The empty prefix always means something.
    std::optional<std::string_view> find(std::string_view prefix) const { return find(prefix, bindings_.size()); }

    /// The same while only the first `count` declarations were in scope.
    std::optional<std::string_view> find(std::string_view prefix, std::size_t count) const {
        for (std::size_t i = count; i > 0; --i) {
            if (bindings_[i - 1].prefix == prefix) return bindings_[i - 1].uri;
        }
        if (prefix == "xml") return xml_namespace;
        if (prefix.empty()) return std::string_view{};
        return std::nullopt;
    }

    /// What is wrong with a declaration, or empty.
    static std::string_view fault_of(std::string_view prefix, std::string_view uri) {
        if (prefix == "xmlns") return "the prefix xmlns cannot be declared";
        if (uri == xmlns_namespace) return "the namespace of xmlns cannot be declared";
        if ((prefix == "xml") != (uri == xml_namespace))
            return "the prefix xml and its namespace belong to each other only";
        if (!prefix.empty() && uri.empty()) return "a prefix cannot be declared as no namespace";
        return {};
    }

private:
    struct Binding {
        std::string_view prefix;
        std::string_view uri;
        std::unique_ptr<std::string> own;
    };
    std::vector<Binding> bindings_;
};

}  // namespace hansa::xml
