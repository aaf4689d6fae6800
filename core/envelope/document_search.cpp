#include "core/envelope/document_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "core/envelope/batch.h"
#include "core/xml/characters.h"
#include "core/xml/lanes_x86.h"

namespace hansa::envelope::scalar_search {
namespace {
using Lanes = xml::lanes::Scalar;
#include "core/xml/where_body.h"

#include "core/envelope/document_search_body.h"
}  // namespace
}  // namespace hansa::envelope::scalar_search

namespace hansa::envelope::sse2_search {
namespace {
using Lanes = xml::lanes::Sse2;
#include "core/xml/where_body.h"

#include "core/envelope/document_search_body.h"
}  // namespace
}  // namespace hansa::envelope::sse2_search

HANSA_LANES_BEGIN(AVX2)
namespace hansa::envelope::avx2_search {
namespace {
using Lanes = xml::lanes::Avx2;
#include "core/xml/where_body.h"

#include "core/envelope/document_search_body.h"
}  // namespace
}  // namespace hansa::envelope::avx2_search
HANSA_LANES_END

HANSA_LANES_BEGIN(AVX512)
namespace hansa::envelope::avx512_search {
namespace {
using Lanes = xml::lanes::Avx512;
#include "core/xml/where_body.h"

#include "core/envelope/document_search_body.h"
}  // namespace
}  // namespace hansa::envelope::avx512_search
HANSA_LANES_END

namespace hansa::envelope {
namespace {

constexpr std::size_t block = 64;

const char* suspect_of(const char* at, const char* safe, char first, char second, xml::lanes::Level level) {
    switch (level) {
        case xml::lanes::Level::scalar:
            return scalar_search::next_suspect(at, safe, first, second);
        case xml::lanes::Level::sse2:
            return sse2_search::next_suspect(at, safe, first, second);
        case xml::lanes::Level::avx2:
            return avx2_search::next_suspect(at, safe, first, second);
        case xml::lanes::Level::avx512:
            break;
    }
    return avx512_search::next_suspect(at, safe, first, second);
}

/// One start tag at the begin, and its end tag at the end.
bool ends_as_it_begins(std::string_view document) {
    if (!document.starts_with('<')) return false;
    const std::string_view name = document.substr(1, document.find_first_of(" \t\n\r/>") - 1);
    if (name.empty() || document.size() < 2 * name.size() + 5) return false;
    const std::string_view end = document.substr(document.size() - name.size() - 3);
    return end.starts_with("</") && end.substr(2, name.size()) == name && end.back() == '>';
}

}  // namespace

DocumentSearch::DocumentSearch(std::string_view text, std::size_t from, std::string_view prefix,
                               xml::lanes::Level level)
    : text_(text), at_(from), level_(level) {
    start_.append("<").append(prefix).append(":document>");
    end_.append("</").append(prefix).append(":document>");
    prefix_ = std::string_view(end_).substr(2, prefix.size() + 1);
}

std::optional<std::string_view> DocumentSearch::next() {
    if (!sure_) return std::nullopt;
    std::size_t begin = at_;
    while (begin < text_.size() && xml::is_space(text_[begin])) ++begin;
    if (!text_.substr(begin).starts_with(start_)) return std::nullopt;
    begin += start_.size();
    while (begin < text_.size() && xml::is_space(text_[begin])) ++begin;
    const auto end = end_of_document(begin);
    sure_ = end.has_value();
    if (!sure_) return std::nullopt;
    std::size_t last = *end;
    while (last > begin && xml::is_space(text_[last - 1])) --last;
    const std::string_view document = text_.substr(begin, last - begin);
    // Text around the element, or no element, or two of them are the scanner's to name.
    sure_ = ends_as_it_begins(document);
    if (!sure_) return std::nullopt;
    at_ = *end + end_.size();
    return document;
}

/// The first byte from `from` on that may be something a document should not hold; the text's size, if there is none.
std::size_t DocumentSearch::next_suspect(std::size_t from) const {
    const char* const begin = text_.data();
    // A block is read with the bytes before and behind it.
    if (text_.size() - from > block) {
        const std::size_t whole = (text_.size() - from - 1) / block * block;
        const char* const safe = begin + from + whole;
        const char* const found = suspect_of(begin + from, safe, prefix_[0], prefix_[1], level_);
        from = static_cast<std::size_t>(found - begin);
        if (found < safe) return from;
    }
    std::array<char, block + 2> rest{};
    std::ranges::copy(text_.substr(from - 1), rest.begin());
    const char* const last = rest.data() + 1;
    const char* const found = suspect_of(last, last + block, prefix_[0], prefix_[1], xml::lanes::Level::sse2);
    return std::min(text_.size(), from + static_cast<std::size_t>(found - last));
}

/// Where the end tag of the document's element begins. Nothing: something stands before it that needs a scanner.
std::optional<std::size_t> DocumentSearch::end_of_document(std::size_t from) const {
    constexpr std::string_view scheme = "urn";
    for (std::size_t at = next_suspect(from); at < text_.size(); at = next_suspect(at + 1)) {
        const std::string_view here = text_.substr(at);
        if (here.front() == '<' || here.front() == '&') return std::nullopt;
        const bool is_urn = at >= scheme.size() && text_.substr(at - scheme.size(), scheme.size()) == scheme;
        if (is_urn && text_.substr(at - scheme.size()).starts_with(batch_namespace)) return std::nullopt;
        if (!here.starts_with(prefix_)) continue;
        const char before = text_[at - 1];
        if (before == '/' && text_[at - 2] == '<')
            return text_.substr(at - 2).starts_with(end_) ? std::optional(at - 2) : std::nullopt;
        // A name begins behind white space or a tag's '<'; in a longer name or in a text it is something else.
        if (before == '<' || xml::is_space(before)) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace hansa::envelope
