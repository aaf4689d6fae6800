// A tape as the compiled reader would write it, from a tree: so that plans are tested without it.
#pragma once

#include "core/schema/tape.h"
#include "core/schema/tree.h"

namespace hansa::test {

namespace tape_detail {

inline void add(const schema::Element& element, schema::PathIndex path, const schema::PathTable& paths,
                schema::Tape& tape) {
    const std::uint32_t number = tape.size();
    schema::Entry& entry = tape.add();
    entry.text = element.text.data();
    entry.size = static_cast<std::uint32_t>(element.text.size());
    entry.path = path;
    entry.offset = static_cast<std::uint32_t>(element.offset);
    if (path == schema::no_path) tape.add_foreign({number, false, element.name.ns, element.name.local});
    for (const schema::Attribute& attribute : element.attributes) {
        const std::uint32_t inner = tape.size();
        schema::Entry& made = tape.add();
        made.text = attribute.value.data();
        made.size = static_cast<std::uint32_t>(attribute.value.size());
        made.path = paths.attribute(path, attribute.name.local, attribute.name.ns);
        made.next = inner + 1;
        made.offset = static_cast<std::uint32_t>(element.offset);
        if (made.path == schema::no_path) tape.add_foreign({inner, true, attribute.name.ns, attribute.name.local});
    }
    for (const schema::Element& child : element.children)
        add(child, paths.child(path, child.name.local, child.name.ns), paths, tape);
    tape.at(number).next = tape.size();
}

}  // namespace tape_detail

/// The tree must outlive the tape.
inline void fill_tape(const schema::Element& root, const schema::PathTable& paths, schema::Tape& tape) {
    tape.clear();
    tape_detail::add(root, 0, paths, tape);
}

}  // namespace hansa::test
