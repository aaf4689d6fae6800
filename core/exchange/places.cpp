#include "core/exchange/places.h"

#include <algorithm>

#include "core/schema/reader.h"
#include "core/xml/scanner.h"

namespace hansa::exchange {
namespace {

constexpr std::string_view signature_ns = "http://www.w3.org/2000/09/xmldsig#";

/// The elements of a document in their order, and which of them are signatures.
struct Elements {
    std::vector<std::uint64_t> starts;
    std::vector<std::size_t> names;                               ///< digests, to tell that two are no match
    std::vector<std::pair<std::size_t, std::size_t>> signatures;  ///< first element and count
};

std::optional<Elements> elements_of(const xml::Utf8Document& document) {
    Elements out;
    std::vector<std::size_t> open;  // signatures that have not ended
    xml::Scanner scanner(document.text(), {}, xml::DeclaredEncoding::converted);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return std::nullopt;
        if (*kind == xml::TokenKind::end_of_document) return out;
        const xml::Token& token = scanner.token();
        const bool signature = token.local == "Signature" && token.ns == signature_ns;
        if (*kind == xml::TokenKind::start_element) {
            if (signature) open.push_back(out.starts.size());
            out.starts.push_back(token.offset);
            out.names.push_back(std::hash<std::string_view>{}(token.local));
        } else if (*kind == xml::TokenKind::end_element && signature && !open.empty()) {
            out.signatures.emplace_back(open.back(), out.starts.size() - open.back());
            open.pop_back();
        }
    }
}

/// Pairs of starts, when the one is the other without one signature (or as it is).
std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs_of(const Elements& covered, const Elements& received) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    if (received.starts.size() < covered.starts.size()) return out;
    const std::size_t more = received.starts.size() - covered.starts.size();
    auto candidates = received.signatures;
    if (more == 0) candidates = {{received.starts.size(), 0}};
    for (const auto& candidate : candidates) {
        const std::size_t first = candidate.first, count = candidate.second;
        if (count != more) continue;
        const auto behind = [&](std::size_t i) { return i < first ? i : i + count; };
        out.clear();
        for (std::size_t i = 0; i < covered.starts.size() && covered.names[i] == received.names[behind(i)]; ++i) {
            out.emplace_back(covered.starts[i], received.starts[behind(i)]);
        }
        if (out.size() == covered.starts.size()) return out;
    }
    out.clear();
    return out;
}

}  // namespace

void SourcePlaces::match() {
    matched_ = true;
    const auto use = [&](std::string_view text) {
        auto document = xml::to_utf8(text);
        if (!document) return;
        text_.emplace(*std::move(document));
        lines_.emplace(text_->text());
    };
    if (bytes_ == octets_) return use(bytes_);
    const auto covered = xml::to_utf8(octets_), received = xml::to_utf8(bytes_);
    if (covered && received) {
        const auto one = elements_of(*covered), other = elements_of(*received);
        if (one && other) starts_ = pairs_of(*one, *other);
    }
    use(starts_.empty() ? octets_ : bytes_);
}

Place SourcePlaces::place(std::uint64_t offset) {
    if (!matched_) match();
    if (!lines_) return {};
    if (!starts_.empty()) {
        const auto behind =
            std::ranges::upper_bound(starts_, offset, {}, &std::pair<std::uint64_t, std::uint64_t>::first);
        offset = behind == starts_.begin() ? starts_.front().second : std::prev(behind)->second;
    }
    return lines_->place(offset);
}

Place SourcePlaces::place(const schema::Element& tree, std::string_view path) {
    Place out = place(schema::offset_of(tree, path));
    out.path = std::string(path);
    return out;
}

void SourcePlaces::give(mapping::Reading& reading) {
    for (auto& leaves : reading.leaves) {
        for (mapping::SourceLeaf& leaf : leaves) {
            const Place where = place(leaf.offset);
            leaf.line = where.line;
            leaf.column = where.column;
        }
    }
    for (mapping::LossEntry& entry : reading.ledger.entries) {
        const Place where = place(entry.offset);
        entry.line = where.line;
        entry.column = where.column;
    }
}

}  // namespace hansa::exchange
