// Losses in words at once, as they stand in a ledger's JSON: what entry_of and LedgerJson make of them, without a
// string for each part of a path.
#include <charconv>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

/// The steps of a path, cut behind each that repeats.
const PathWords& Machine::words_of(schema::PathIndex path) const {
    if (path_words_.size() <= path) path_words_.resize(paths_.size());
    PathWords& known = path_words_[path];
    if (!known.pieces.empty()) return known;
    std::vector<schema::PathIndex> steps;
    for (schema::PathIndex at = path; at != schema::no_path; at = paths_[at].parent) {
        if (paths_[at].attribute == nullptr) steps.push_back(at);
    }
    known.pieces.emplace_back();
    for (std::size_t i = steps.size(); i-- > 0;) {
        const auto& step = paths_[steps[i]];
        known.pieces.back() += "/" + step.name().local;
        if (step.parent == schema::no_path || step.most == 1) continue;
        known.pieces.back() += "[";
        known.pieces.emplace_back("]");
    }
    if (paths_[path].attribute != nullptr) known.pieces.back() += "/@" + paths_[path].name().local;
    return known;
}

void Machine::tell(ToldLosses& out, const Note& note, const Rare& rare, std::span<const std::uint32_t> places,
                   xml::LineIndex& lines) const {
    if (rare.node != nullptr || !rare.below.empty() || !rare.attribute.empty()) {
        const LossEntry entry = entry_of(note, rare, places, lines);
        out.add({entry.kind, entry.path, entry.value, entry.reason, entry.row, entry.line, entry.column});
        return;
    }
    const PathWords& words = words_of(note.path);
    told_path_.assign(words.pieces.front());
    // The last places are the innermost ones.
    const std::size_t first = places.size() + 1 - words.pieces.size();
    for (std::size_t i = 1; i < words.pieces.size(); ++i) {
        char digits[10];
        const auto end = std::to_chars(digits, digits + sizeof digits, places[first + i - 1]).ptr;
        told_path_.append(digits, end);
        told_path_ += words.pieces[i];
    }
    const hansa::Place place = lines.place(offset_of(note.entry));
    out.add({note.kind, told_path_, (*tape_)[note.entry].value(), *note.reason, *note.row,
             static_cast<std::uint32_t>(place.line), static_cast<std::uint32_t>(place.column)});
}

void Machine::tell(ToldLosses& out, const Note& note, xml::LineIndex& lines) const {
    tell(out, note, rare_of(note, rare_), std::span(ordinals_).subspan(note.ordinals, note.ordinal_count), lines);
}

template <class Told>
void Machine::each_loss(Told& told) const {
    const auto add = [&](LossPart part, const std::vector<Note>& notes, std::size_t& next, std::size_t end) {
        for (; next < end; ++next) {
            const Note& note = notes[next];
            told.one(part, note, rare_of(note, rare_), std::span(ordinals_).subspan(note.ordinals, note.ordinal_count));
        }
    };
    std::vector<std::uint32_t> places;
    Rare rare;
    const auto by_course = [&](LossPart part, const Done& done, const std::vector<CourseNote>& notes) {
        for (const CourseNote& one : notes) {
            const Note note = Machine::told(one, done, rare, places);
            told.one(part, note, rare, places);
        }
    };
    std::size_t first = 0, own = 0, tail = 0;
    for (const Done& done : done_) {
        add(LossPart::read, first_notes_, first, done.first);
        if (done.course) by_course(LossPart::read, done, done.course->first);
    }
    add(LossPart::read, first_notes_, first, first_notes_.size());
    if (done_.empty()) add(LossPart::loose_tail, tails_, tail, tails_.size());
    for (const Done& done : done_) {
        told.document();
        add(LossPart::own, notes_, own, done.notes);
        if (done.course) by_course(LossPart::own, done, done.course->notes);
        told.around();
        add(LossPart::tail, tails_, tail, done.tails);
        if (done.course) by_course(LossPart::tail, done, done.course->tails);
    }
}

void Machine::losses(PartLosses& out, xml::LineIndex& lines) const {
    struct Entries {
        void one(LossPart part, const Note& note, const Rare& rare, std::span<const std::uint32_t> places) {
            std::vector<LossEntry>& to = part == LossPart::read         ? out.read
                                         : part == LossPart::loose_tail ? out.tail
                                         : part == LossPart::own        ? out.documents.back().own
                                                                        : out.documents.back().tail;
            to.push_back(machine.entry_of(note, rare, places, lines));
        }
        void document() { out.documents.emplace_back(); }
        void around() {}  // they stand beside the documents
        const Machine& machine;
        PartLosses& out;
        xml::LineIndex& lines;
    };
    Entries told{*this, out, lines};
    out.documents.reserve(out.documents.size() + done_.size());
    each_loss(told);
    for (const Note& note : outer_notes_) out.around.push_back(entry_of(note, lines));
}

void Machine::tell_losses(PartToldLosses& out, xml::LineIndex& lines) const {
    struct Words {
        void one(LossPart part, const Note& note, const Rare& rare, std::span<const std::uint32_t> places) {
            machine.tell(part == LossPart::read ? out.read : out.written, note, rare, places, lines);
        }
        void document() {}
        void around() { out.written.add(outer); }
        const Machine& machine;
        PartToldLosses& out;
        xml::LineIndex& lines;
        ToldLosses outer;
    };
    Words told{*this, out, lines, {}};
    // As much as last time, so that what is told is not copied while it grows.
    out.read.json.reserve(out.read.json.size() + told_bytes_.first);
    out.written.json.reserve(out.written.json.size() + told_bytes_.second);
    const std::size_t read_before = out.read.json.size(), written_before = out.written.json.size();
    if (!done_.empty()) {
        for (const Note& note : outer_notes_) tell(told.outer, note, lines);
    }
    each_loss(told);
    told_bytes_ = {out.read.json.size() - read_before, out.written.json.size() - written_before};
}

}  // namespace hansa::mapping::program
