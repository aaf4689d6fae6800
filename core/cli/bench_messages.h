// Messages to measure with: realistic documents of real formats, the same for a seed on every machine.
//
// For formats with a template (bench_messages/FORMAT.xml, made of the plugins' golden examples: 1 to 3
// items a document, names in the language of their country) the template is filled with values that
// differ from document to document and keep the format's rules (sums, counts, weights). For others
// the schema's generator makes the documents. Nothing is signed here.
//
// A format that holds many documents gets them in one message; one that holds one document gets a
// hansa.batch of them.
//
//     auto message = bench::make_message({.format = *format, .documents = 100, .seed = 7});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/plugin/registry.h"

namespace hansa::bench {

enum class Shape {
    plain,     ///< as machines write: one line, the prefixes that the authority uses
    indented,  ///< a line an element
    general,   ///< comments, character references, CDATA, other prefixes, attributes in another order and quotes
    // What nobody writes who does not want to be slow to read:
    comments,    ///< one before every element
    namespaces,  ///< declared again on every element
    references,  ///< every character of every text
    sections,    ///< every text
    // Refused, for something near the end:
    cut,     ///< the rest is missing
    misfit,  ///< an element that has no place there
    value    ///< a text longer than any that is allowed
};
inline bool is_spelling(Shape shape) {
    return shape >= Shape::comments && shape <= Shape::sections;
}
inline bool is_refused(Shape shape) {
    return shape >= Shape::cut;
}

/// Takes "+indented", "+general" or another shape's name off a format's name. Errors: cli.usage for another word
Result<Shape> take_shape(std::string& format);

struct MessageRequest {
    const plugin::Format& format;
    std::size_t documents = 1;
    std::uint64_t seed = 1;
    Shape shape = Shape::plain;
    std::size_t items = 0;  ///< a document; 0: 1 to 3
};

/// UTF-8 bytes of an unsigned message. One that will be refused is good here: break_message() (bench_spelling.h) does
/// the rest when it has been signed.
/// Errors: envelope.*
Result<std::string> make_message(const MessageRequest& request);

/// Is there a template? Only then do documents translate for sure.
bool has_template(std::string_view format);

/// How many documents one message of the format may hold: 1, or the bound of its schema.
std::size_t documents_max(std::string_view format);

}  // namespace hansa::bench
