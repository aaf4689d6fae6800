// A frame: an authority's own wrapper around one message, as its table of the kind `envelope` describes it.
//
// The table says what the frame tells (who, to whom, which message) in the pivot's terms, and has one row marked
// `envelope`: the payload, a whole message in base64. No word of any frame stands in this code.
//
//     Result<Framed> in = take_out(frame, bytes);           // in->payload, in->headers["Sender/ID"]
//     Result<std::string> out = put_in(frame, message, {{"MessageID", id}, {"Receiver/ID", "..."}, ...});
//
// Taking out proves nothing: a frame's own signature is not looked at, and the payload must bring its own.
//
// Sources: the pivot's kind `envelope` (core/pivot/pivot.tsv); docs/mapping-language.md.
// Threads: a Frame is immutable. Cost: the frame is read as any document of its format; the payload is copied twice.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/schema/tree.h"

namespace hansa::mapping {
class Mapping;
}
namespace hansa::schema {
class Validator;
}

namespace hansa::envelope {

/// What a wrapper says, or shall say: of a frame, pivot paths ("MessageID", "Sender/ID", "Payload/TypeName").
using Headers = std::map<std::string, std::string, std::less<>>;

struct Frame {
    std::string format;  ///< id of the format
    schema::Name root;   ///< how it is recognised
    std::shared_ptr<const mapping::Mapping> table;
    std::function<Result<std::shared_ptr<const schema::Validator>>()> judge;  ///< asked when a frame is read or written
};

struct Framed {
    std::string payload;
    Headers headers;  ///< of several receivers the first
};

/// The frame whose root the bytes begin with; nullptr: none, or it cannot be read so far.
const Frame* frame_of(std::string_view bytes, std::span<const Frame> frames);

/// Errors: xml.*, schema.*, mapping.* of the frame itself; envelope.payload-missing, -payload-unreadable
Result<Framed> take_out(const Frame& frame, std::string_view bytes);

/// A message inside of a new frame, valid in its schema. `headers` are pivot paths; `digest` (hex) is the message's.
/// Errors: envelope.payload-missing where the table has no place for one; mapping.*, schema.* (a header that the frame
/// demands and nobody gave, or that does not fit)
Result<std::string> put_in(const Frame& frame, std::string_view message, const Headers& headers,
                           std::string_view digest);

}  // namespace hansa::envelope
