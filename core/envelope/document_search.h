// Where the documents of a batch end, at the speed of memory: nothing of them is read.
//
// A batch declares one prefix, which the documents in it do not use; so the next end tag with that prefix ends the
// document. Whether the document is well-formed, and one element, is for its own reader to say, who reads all its bytes
// anyway.
//
//     DocumentSearch search(text, behind_start_tag, "b");
//     while (const auto document = search.next()) read(*document);
//     scan_what_is_left(text.substr(search.at()));
//
// It is sure of plain documents only. One with comments, instructions, sections or character references, with the
// batch's prefix or the batch's namespace in it, or one that does not end with the end tag of its first element, ends
// the search in front of it (is_sure() is false then). So does what is no document: white space, a signature, the
// batch's end tag (is_sure() stays true).
//
// Threads: one at a time. Reads nothing outside of the text. Cost: about 40 instructions for 64 bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/xml/lanes.h"

namespace hansa::envelope {

class DocumentSearch {
public:
    /// `prefix` is not empty; `from` lies behind the batch's start tag.
    DocumentSearch(std::string_view text, std::size_t from, std::string_view prefix,
                   xml::lanes::Level level = xml::lanes::best_level());

    /// The next document's root element, as far as bytes tell; nothing: see above.
    std::optional<std::string_view> next();

    std::size_t at() const { return at_; }
    bool is_sure() const { return sure_; }

private:
    std::size_t next_suspect(std::size_t from) const;
    std::optional<std::size_t> end_of_document(std::size_t from) const;

    std::string_view text_;
    std::size_t at_;
    std::string start_, end_;  ///< the tags of a document's element
    std::string_view prefix_;  ///< with its ':', in end_
    xml::lanes::Level level_;
    bool sure_ = true;
};

}  // namespace hansa::envelope
