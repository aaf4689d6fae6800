#include "core/xml/segments.h"

#include "core/base/result.h"
#include "core/xml/characters.h"
#include "core/xml/writer.h"

namespace hansa::xml {
namespace {

bool sees(Which which, Part part) {
    return which == Which::canonical ? part != Part::outer : part != Part::canonical_only;
}

}  // namespace

void Segments::append(std::string_view bytes, Part part) {
    if (bytes.empty()) return;
    if (pieces_.empty() || pieces_.back().part != part || pieces_.back().hole != no_hole) {
        pieces_.push_back({{}, part, no_hole});
    }
    pieces_.back().bytes += bytes;
    bytes_held_ += bytes.size();
}

HoleId Segments::hole(std::string_view name, Part part, HoleForm form) {
    const HoleId made = reserve(name, part, form);
    place(made);
    return made;
}

HoleId Segments::reserve(std::string_view name, Part part, HoleForm form) {
    holes_.push_back({std::string(name), {}, part, form});
    ++open_holes_;
    return {holes_.size() - 1};
}

void Segments::place(HoleId hole) {
    Hole& found = find(hole);
    if (found.placed) throw BrokenPromise("hole " + found.name + " was placed already");
    found.placed = true;
    pieces_.push_back({{}, found.part, hole.index});
}

void Segments::fill(HoleId hole, std::string_view bytes) {
    Hole& found = find(hole);
    if (found.filled) throw BrokenPromise("hole " + found.name + " was filled already");
    if (found.form == HoleForm::raw) {
        found.bytes = bytes;
    } else if (!is_xml_text(bytes)) {
        throw BrokenPromise("hole " + found.name + " is filled with what is no XML text");
    } else if (found.form == HoleForm::text) {
        append_escaped_text(found.bytes, bytes);
    } else {
        append_escaped_attribute(found.bytes, bytes);
    }
    found.filled = true;
    bytes_held_ += found.bytes.size();
    --open_holes_;
}

void Segments::write_to(Sink& sink, Which which) const {
    if (flushed_) throw BrokenPromise("a part was flushed already");
    for (const Hole& found : holes_) {
        if (!found.filled) throw BrokenPromise("hole " + found.name + " is open");
    }
    for (const Piece& piece : pieces_) write(piece, sink, which);
}

std::string Segments::text(Which which) const {
    StringSink sink;
    write_to(sink, which);
    return sink.take();
}

void Segments::flush_to(std::initializer_list<Outlet> outlets) {
    while (!pieces_.empty() && !is_open(pieces_.front())) {
        Piece& piece = pieces_.front();
        for (const Outlet& outlet : outlets) write(piece, *outlet.sink, outlet.which);
        flushed_ = true;
        if (piece.hole == no_hole) {
            bytes_held_ -= piece.bytes.size();
        } else {
            bytes_held_ -= holes_[piece.hole].bytes.size();
            holes_[piece.hole].bytes = {};
        }
        pieces_.pop_front();
    }
}

Segments::Hole& Segments::find(HoleId hole) {
    if (hole.index >= holes_.size()) throw BrokenPromise("a hole of other segments");
    return holes_[hole.index];
}

bool Segments::is_open(const Piece& piece) const {
    return piece.hole != no_hole && !holes_[piece.hole].filled;
}

void Segments::write(const Piece& piece, Sink& sink, Which which) const {
    if (!sees(which, piece.part)) return;
    const std::string& bytes = piece.hole == no_hole ? piece.bytes : holes_[piece.hole].bytes;
    if (!bytes.empty()) sink.write(bytes);
}

}  // namespace hansa::xml
