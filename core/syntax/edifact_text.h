// UN/EDIFACT interchanges as segments: service characters, repertoires, counts and references.
//
//     auto interchange = read_interchange(bytes, limits);
//     for (const Message& message : interchange->messages)
//         for (std::size_t i = message.first; i != message.end; ++i) use(interchange->segments[i]);
//
// Sources: ISO 9735 (application level syntax rules), versions 3 and 4: service string advice, release character,
// control counts and references, repertoires UNOA to UNOF, UNOK, UNOW and UNOY.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/syntax/syntax.h"

namespace hansa::syntax::edifact {

struct ServiceCharacters {
    char component = ':', element = '+', decimal = '.', release = '?', repetition = '*', terminator = '\'';
};

/// A component data element, released characters put back. Empty: nothing was said.
struct Component {
    std::string text;
    std::uint64_t offset = 0;
};

struct DataElement {
    std::vector<Component> components;  ///< at least one
};

struct Segment {
    std::string tag;
    std::vector<DataElement> elements;
    std::uint64_t offset = 0;      ///< of the tag
    std::uint64_t end_offset = 0;  ///< of the terminator

    /// The component's text, empty where it is not there. Both count from 0.
    std::string_view value(std::size_t element, std::size_t component = 0) const;
};

/// From UNH to UNT: both are among [first, end).
struct Message {
    std::size_t first = 0, end = 0;
};

struct Interchange {
    std::string text;  ///< in UTF-8
    ServiceCharacters service;
    std::string level;  ///< "UNOB"
    int version = 4;
    std::vector<Segment> segments;  ///< UNB is the first, UNZ the last
    std::vector<Message> messages;
    bool groups = false;  ///< there are UNG and UNE
};

/// A whole interchange. What stands in segments between UNH and UNT is not looked at.
///
/// Errors: syntax.too-large, -too-many, -charset, -level-unknown, -separators, -truncated, -release-at-end,
/// -segment-tag,
///         -segment-missing, -segment-unexpected, -count-differs, -reference-differs
Result<Interchange> read_interchange(std::string_view bytes, const Limits& limits);

/// "CUSDEC:D:96B:UN" of the first message; only the head is read.
/// Errors: as above, of the head
Result<std::string> message_type(std::string_view bytes);

/// Does it begin with UNA or UNB, white space aside?
bool looks_like_interchange(std::string_view bytes);

/// Are all characters of the text in the repertoire? Of levels that are not known: no.
bool level_has(std::string_view level, std::string_view text);

/// The text in the level's own bytes; level_has() must be true.
std::string encode(std::string_view level, std::string_view text);

/// Separators and release characters in the value are released.
void append_released(std::string& out, std::string_view value);

}  // namespace hansa::syntax::edifact
