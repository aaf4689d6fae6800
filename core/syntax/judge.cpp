#include "core/syntax/judge.h"

#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/xml/line_index.h"

namespace hansa::syntax {

Result<void> validate(const schema::Validator& judge, const Document& document, Diagnostics& faults) {
    Diagnostics found;
    const auto valid = judge.validate(schema::write_tree(document.tree), found);
    if (valid) return valid;
    xml::LineIndex lines(document.text);
    const auto placed = [&](const Error& fault) {
        Error out = fault;
        out.place = lines.place(schema::offset_of(document.tree, fault.place.path));
        out.place.path = fault.place.path;
        return out;
    };
    for (const Error& fault : found.errors()) faults.add(placed(fault));
    return placed(found.empty() ? valid.error() : found.errors().front());
}

}  // namespace hansa::syntax
