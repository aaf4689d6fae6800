// The bytes of a document that goes a course: what always stands there, with its texts in between.
//
// Texts are of any length, one after the other; to ask how long each is costs more, where nobody can guess, than to
// write it. So at each level of xml/lanes.h 64 bytes are moved at once, whatever of them counts.
//
// Escaping is that of Canonical XML 1.0, section 2.3 (xml::append_escaped_text, xml::append_escaped_attribute).
// Threads: the course and the output belong to one. Errors: none; std::bad_alloc. Cost: 35 instructions a piece.
#pragma once

#include <functional>
#include <string_view>

#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_course.h"
#include "core/xml/lanes.h"

namespace hansa::mapping::program {

/// Texts that the course's steps did not make, which are few.
using OtherTexts = std::function<std::string_view(const Operand& at)>;

/// False: a text is empty that was not when the course was taken down, or the other way round. Nothing is written then.
bool write_pieces(const Course& course, const OtherTexts& other, OutBytes& out, xml::lanes::Level level);

}  // namespace hansa::mapping::program
