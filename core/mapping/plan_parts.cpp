// A message part by part: tapes that are read and cut while the plan works, and what each part leaves behind.
#include <algorithm>

#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

bool Machine::part(const schema::Tape& tape, PlanEnd end) {
    tape_ = &tape;
    why_.clear();
    try {
        if (!message_open_) open_message();
        if (!tape_open_) open_tape();
        if (in_.document_is_root) {
            if (end != PlanEnd::none) whole_document();
        } else {
            walk(at_, tape.size(), 1, outer_frame_);
            at_ = tape.size();
            if (end != PlanEnd::none) close_tape();
        }
        if (end != PlanEnd::none) tape_open_ = false;
        if (end == PlanEnd::message) flush();
        if (losses_given_ + losses_held() > target_context_.losses_max) decline("more losses than a ledger holds");
    } catch (const Decline& declined) {
        why_ = declined.why;
        if (rec_ != nullptr) courses_.in_vain(recorder_.course().hash);
        rec_ = nullptr;
        return false;
    }
    return true;
}

void Machine::open_message() {
    if (!target_context_.envelope.empty()) decline("values of the receiver's envelope");
    if (target_context_.draft) decline("a draft");
    // Of the source's texts the conversions leave what may be a made reference to the reference way themselves.
    if (target_context_.alias_of) decline("made references that may stand for longer ones");
    if (to_.root->body == 1) enter_block(1, open_block(1, nothing));
    message_open_ = true;
}

void Machine::open_tape() {
    if (tape_->size() == 0) decline("an empty message");
    close_frames();
    ordinal_ = 0;
    documents_before_ = document_count_;
    at_ = 1;
    documents_from_ = documents_to_ = 0;
    if (!in_.document_is_root) {
        outer_frame_ = open_frame(in_.outer, nothing, 0);
        enter(in_.outer, outer_frame_);
    }
    tape_open_ = true;
}

/// What the documents of one tape had in memory of their source.
void Machine::close_frames() {
    frames_.clear();
    slots_.clear();
    bits_.clear();
    choices_.clear();
    values_.clear();
    more_values_.clear();
    lists_.clear();
    multi_.clear();
    rest_.clear();
    outer_frame_ = nothing;
    std::fill(current_.begin(), current_.end(), nothing);
    std::fill(here_.begin(), here_.end(), Here());
    std::fill(selected_.begin(), selected_.end(), std::pair<std::uint32_t, std::uint32_t>{0, 0});
    place_hint_ = 0;
}

void Machine::whole_document() {
    ordinal_ = 1;
    ++taken_;
    documents_to_ = tape_->size();
    if (is_chosen()) document(0, 1);
}

void Machine::close_tape() {
    const schema::Entry& root = (*tape_)[0];
    if (root.size != 0 && !says_nothing(root.value())) decline("text between elements");
    // Around documents that came one by one it is known only now.
    for (schema::PathIndex at = paths_[in_.document].parent; at != 0 && at != schema::no_path; at = paths_[at].parent) {
        if (in_.steps[1][at].kind != Step::Kind::pass) continue;
        for (const schema::Entry& one : tape_->entries()) {
            if (one.path == at && one.size != 0 && !says_nothing(one.value())) decline("text between elements");
        }
    }
    if (ordinal_ == 0) decline("a message without a document");
    notes_into_ = &outer_notes_;
    leaf_steps(in_.outer_leaves, 0);
    settle_rest();
}

/// Whatever the part left behind is given up: of the tape the documents (where there is a tape that goes on), of the
/// results all but a message that waits for more documents.
void Machine::drop(schema::Tape* tape) {
    losses_given_ += losses_held();
    out_.clear();
    messages_.clear();
    done_.clear();
    note_values_.clear();
    course_notes_ = 0;
    notes_.clear();
    first_notes_.clear();
    outer_notes_.clear();
    tails_.clear();
    ordinals_.clear();
    for (Frame& frame : frames_) frame.ordinals = nothing;
    warnings_told_ = false;
    warned_.clear();
    warned_places_.clear();
    rare_.clear();
    later_warnings_.clear();
    reasons_.clear();
    scratch_.reset();
    if (gives_waiting()) inner_.clear();
    for (Courses* all : {&courses_, &member_courses_, &count_courses_}) all->tidy();
    if (tape == nullptr || !tape_open_ || in_.document_is_root) return;
    const std::uint32_t keep = kept();
    if (keep == tape->size()) return;
    tape->truncate(keep);
    at_ = std::min(at_, tape->size());
    documents_to_ = documents_from_;
    // What comes next does not stand right behind what stood in front of the documents.
    for (auto& [count, end] : selected_) {
        if (end == keep) end = nothing;
    }
    for (Frame& frame : frames_) {
        if (frame.end == keep) --frame.end;
    }
}

// ---- what a part has to tell (in full: plan_told.cpp) ----

void Machine::count_losses(LossCounts& counts) const {
    const auto count = [&](const auto& notes, std::uint64_t times) {
        for (const auto& note : notes) counts[static_cast<std::size_t>(note.kind)] += times;
    };
    count(first_notes_, 1);
    count(notes_, 1);
    count(tails_, 1);
    for (const Done& done : done_) {
        if (done.course == nullptr) continue;
        count(done.course->first, 1);
        count(done.course->notes, 1);
        count(done.course->tails, 1);
    }
    count(outer_notes_, documents_of_tape());
}

}  // namespace hansa::mapping::program
