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

/// In the order of losses() and of who puts its parts together.
void Machine::tell_losses(PartToldLosses& out, xml::LineIndex& lines) const {
    const auto by_course = [&](const Done& done, const std::vector<CourseNote>& notes, ToldLosses& to) {
        std::vector<std::uint32_t> places;
        Rare rare;
        for (const CourseNote& one : notes) {
            const Note note = told(one, done, rare, places);
            tell(to, note, rare, places, lines);
        }
    };
    std::size_t first = 0, own = 0, tail = 0;
    for (const Done& done : done_) {
        for (; first < done.first; ++first) tell(out.read, first_notes_[first], lines);
        if (done.course) by_course(done, done.course->first, out.read);
    }
    for (; first < first_notes_.size(); ++first) tell(out.read, first_notes_[first], lines);
    if (done_.empty()) {
        for (const Note& note : tails_) tell(out.written, note, lines);
    }
    ToldLosses around;
    if (!done_.empty()) {
        for (const Note& note : outer_notes_) tell(around, note, lines);
    }
    for (const Done& done : done_) {
        for (; own < done.notes; ++own) tell(out.written, notes_[own], lines);
        if (done.course) by_course(done, done.course->notes, out.written);
        out.written.add(around);
        for (; tail < done.tails; ++tail) tell(out.written, tails_[tail], lines);
        if (done.course) by_course(done, done.course->tails, out.written);
    }
}

}  // namespace hansa::mapping::program
