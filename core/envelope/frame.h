// A frame: an authority's own wrapper around messages, as its table of the kind `envelope` describes it.
//
// The table says what the frame tells (who, to whom, which message, what it answers) in the pivot's terms, and has one
// row marked `envelope`: the payload. Where the schema has a text there, it is a whole message in base64; where it has
// xs:any, it is a message as an element, one at each place of that name. No word of any frame stands in this code.
//
//     Result<Framed> in = take_out(frame, bytes);           // in->payloads[0], in->headers["Sender/ID"]
//     Result<std::string> out = put_in(frame, message, {{"MessageID", id}, {"Receiver/ID", "..."}, ...}, digest);
//
// An element is taken out octet by octet, with the namespace declarations that it borrows (core/xml/element_slice.h).
// The frame is judged and read without it: what lies inside is its own reader's affair.
//
// Taking out proves nothing: a frame's own signature is not looked at, and the payload must bring its own.
//
// Sources: the pivot's kind `envelope` (core/pivot/pivot.tsv); docs/mapping-language.md; SOAP 1.2 part 1, sections 2.4
// and 5.2 (header blocks that a receiver does not know).
// Threads: a Frame is immutable. Cost: the frame is read as any document of its format; the payload is copied twice.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// A message about a message: how the frame calls it, and what stands in it.
struct Signal {
    std::string action;  ///< last part of the frame's ActionID: "P.MSG.PRS"; empty: the frame has no such signal
    std::string format;  ///< id of the document in it; empty: nobody reads it, and we make none
};

/// What a table cannot say of a frame; plugin.toml, [format.frame].
struct FrameRules {
    std::string open;                    ///< name below the root of the element that may hold what the schema does not name
    std::vector<schema::Name> forbidden; ///< children of it that must not come
    std::string id_prefix;               ///< ids that we make are UUIDs behind this; empty: they are the gateway's own
    bool conversation = false;           ///< an answer names message and conversation, and goes back where that came from
    bool repeated_by_document = false;   ///< a message that is sent again has a new id: its document tells that it is the same
    bool sealed = false;                 ///< its signatures cover what is in it: to be verified before it is taken out
    std::string signal_prefix;           ///< what the last part of every signal's action begins with: "P.MSG."; empty: nothing common
    Signal received, accepted, refused, failed;
};

/// Where the payload stands.
struct PayloadPlace {
    std::string path;                 ///< below the root: "Data", "Body", "ContainerDoc/DocBody"
    std::vector<schema::Name> steps;  ///< the same from the root on
    bool elements = false;            ///< messages as elements; else one in base64
    std::size_t repeats = 0;          ///< the step that may stand several times; 0: none, the frame holds one message
};

struct Frame {
    std::string format;  ///< id of the format
    schema::Name root;   ///< how it is recognised
    std::shared_ptr<const mapping::Mapping> table;
    std::function<Result<std::shared_ptr<const schema::Validator>>()> judge;  ///< asked when a frame is read or written
    FrameRules rules = {};
    std::optional<PayloadPlace> place = {};  ///< nothing: the table has no row `envelope`
};

/// Finds the payload's place. Cost: a walk over the table; once a frame.
Frame make_frame(std::string format, schema::Name root, std::shared_ptr<const mapping::Mapping> table,
                 std::function<Result<std::shared_ptr<const schema::Validator>>()> judge, FrameRules rules);

struct Framed {
    std::vector<std::string> payloads;  ///< one at least
    Headers headers;                    ///< of several receivers the first
};

/// The frame whose root the bytes begin with; nullptr: none, or it cannot be read so far.
const Frame* frame_of(std::string_view bytes, std::span<const Frame> frames);

/// Errors: xml.*, schema.*, mapping.* of the frame itself; envelope.payload-missing, -payload-unreadable,
/// -header-forbidden, -header-not-understood
Result<Framed> take_out(const Frame& frame, std::string_view bytes);

/// What a frame says of itself, for whom its faults are told: headers that must not be there are passed over.
/// Errors: xml.*, schema.*, mapping.* of the frame itself
Result<Headers> headers_of(const Frame& frame, std::string_view bytes);

/// Messages inside of a new frame, valid in its schema. `headers` are pivot paths; `digest` (hex) is the message's.
/// Errors: envelope.payload-missing where the table has no place for one; envelope.payload-many; envelope.payload-unreadable
/// for a container where elements stand; mapping.*, schema.*
/// (a header that the frame demands and nobody gave, or that does not fit); xml.* of a message that goes in as element
Result<std::string> put_in(const Frame& frame, std::span<const std::string> messages, const Headers& headers,
                           std::string_view digest);
Result<std::string> put_in(const Frame& frame, const std::string& message, const Headers& headers,
                           std::string_view digest);

/// Behind its last '/': by what a frame's ActionID names the message.
std::string_view last_part(std::string_view action);

}  // namespace hansa::envelope
