#include "core/mapping/plan_machine.h"

#include <algorithm>

namespace hansa::mapping::program {

MachineState::MachineState(std::shared_ptr<const Program> program)
    : run_{.scratch = scratch_, .document_date = {}, .notes = nullptr},
      program_(std::move(program)),
      in_(program_->source),
      to_(program_->target),
      paths_(*program_->paths),
      source_model_(program_->source_mapping->model()),
      target_model_(program_->target_mapping->model()) {
    current_.assign(in_.groups.size(), nothing);
    here_.assign(in_.groups.size(), {});
    block_of_.assign(to_.bodies.size(), nothing);
    spots_.assign(to_.bodies.size(), {});
    selected_.assign(in_.selections.size(), {0, 0});
    for (const ReadRow& row : in_.rows) {
        for (const SourceTerm& term : row.terms)
            learnable_ = learnable_ && (term.term->constant || term.slot.group != in_.outer);
    }
}

Machine::Machine(std::shared_ptr<const Program> program) : MachineState(std::move(program)) {}

void MachineState::decline(std::string_view why) {
    throw Decline{why};
}

void Machine::begin(const Context& source, const Context& target) {
    source_context_ = source;
    target_context_ = target;
    source_.emplace(source_model_, *program_->source_mapping, source_context_);
    target_.emplace(target_model_, *program_->target_mapping, target_context_);
    out_.clear();
    messages_.clear();
    document_count_ = 0;
    message_open_ = tape_open_ = false;
    at_ = documents_from_ = documents_to_ = 0;
    hole_ = 0;
    losses_given_ = 0;
    documents_before_ = 0;
    chosen_.clear();
    taken_ = 0;
    rec_ = nullptr;
    again_.question = nullptr;
    list_.on = false;
    done_.clear();
    note_values_.clear();
    course_notes_ = 0;
    for (Courses* all : {&courses_, &member_courses_, &count_courses_}) all->tidy();
    notes_.clear();
    first_notes_.clear();
    outer_notes_.clear();
    tails_.clear();
    ordinals_.clear();
    warnings_told_ = false;
    warned_.clear();
    warned_places_.clear();
    rare_.clear();
    later_warnings_.clear();
    reasons_.clear();
    scratch_.reset();
    inner_.clear();
    inner_count_ = 0;
    ordinal_ = 0;
    close_frames();
    blocks_.clear();
    texts_.clear();
    more_texts_.clear();
    block_lists_.clear();
    marks_.clear();
    // A message that was left in the middle leaves nothing of itself.
    std::fill(block_of_.begin(), block_of_.end(), nothing);
    std::fill(spots_.begin(), spots_.end(), Spot());
}

void Machine::document(std::uint32_t entry, std::uint32_t ordinal) {
    if (asking_ != nullptr) return ask_document(entry, ordinal);
    ++course_counts_.documents;
    if (members_first_ && by_members(entry, ordinal)) return;
    if (learn_after_ != 0 && learnable_ && by_course(entry, ordinal)) return;
    if (!members_first_ && by_members(entry, ordinal)) return;
    const Done begin{.first = first_notes_.size(), .notes = notes_.size(), .tails = tails_.size()};
    // What a document needs is given back when it is done.
    const Sizes before = sizes();
    std::vector<Rest> outer_rest;
    outer_rest.swap(rest_);
    more_values_.clear();
    more_texts_.clear();
    agreeing_.clear();
    constants_.clear();
    const Id frame = open_frame(0, nothing, entry);
    frames_[frame].ordinal = ordinal;
    frames_[frame].number = 1;
    enter(0, frame);
    const schema::Entry& own = (*tape_)[entry];
    if (own.size != 0 && !says_nothing(own.value())) decline("text between elements");
    walk(entry + 1, own.next, 0, frame);
    work_out_document();
    const bool alone = is_alone();
    const std::size_t bytes = alone ? out_.size() : inner_.size();
    if (alone)
        emit_message();
    else
        emit_inner();
    write_steps(to_.bodies[0].steps[3], 3);
    losses();
    if (rec_ != nullptr) {
        rec_->pieces(alone ? out_.view() : inner_.view(), bytes);
        keep_course(begin, entry, ordinal);
    }
    finish_document(alone, {.first = first_notes_.size(), .notes = notes_.size(), .tails = tails_.size()});

    shrink(before);
    rest_.swap(outer_rest);
    clear_outer_block();
}

/// What was collected of the document, read and written, all but what is known from the bytes alone.
void Machine::work_out_document() {
    find_date();
    for (std::size_t pass = 0; pass < passes; ++pass) read_group(0, pass);
    check_pivot(0);
    enter_block(0, open_block(0, to_.bodies[0].parent == nothing ? nothing : block_of_[1]));
    write_only();
    write_steps(to_.bodies[0].steps[0], 0);
    write_steps(to_.bodies[0].steps[1], 1);
    agree();
    compute(to_.bodies[0].steps[2]);
}

/// Computed values may need each other: the order is found by going on until nothing changes.
void Machine::compute(const WriteSteps& steps) {
    constexpr int rounds = 8;
    for (int round = 0; round < rounds && !to_.computed.empty(); ++round) {
        changed_ = false;
        write_steps(steps, 2);
        if (!changed_) break;
    }
}

Sizes Machine::sizes() const {
    return {.frames = frames_.size(),
            .slots = slots_.size(),
            .bits = bits_.size(),
            .choices = choices_.size(),
            .values = values_.size(),
            .lists = lists_.size(),
            .multi = multi_.size(),
            .rest = rest_.size(),
            .blocks = blocks_.size(),
            .texts = texts_.size(),
            .block_lists = block_lists_.size(),
            .marks = marks_.size(),
            .more_values = more_values_.size(),
            .more_texts = more_texts_.size()};
}

void Machine::shrink(const Sizes& sizes) {
    frames_.resize(sizes.frames);
    slots_.shorten(sizes.slots);
    bits_.shorten(sizes.bits);
    choices_.resize(sizes.choices);
    values_.shorten(sizes.values);
    lists_.resize(sizes.lists);
    multi_.resize(sizes.multi);
    rest_.resize(sizes.rest);
    blocks_.resize(sizes.blocks);
    texts_.shorten(sizes.texts);
    block_lists_.resize(sizes.block_lists);
    marks_.shorten(sizes.marks);
    more_values_.resize(std::min(more_values_.size(), sizes.more_values));
    more_texts_.resize(std::min(more_texts_.size(), sizes.more_texts));
}

/// What stands around the documents begins anew with each of them.
void Machine::clear_outer_block() {
    if (to_.root->body != 1) return;
    for (Id list = 0; list < to_.bodies[1].lists; ++list) block_lists_[blocks_[block_of_[1]].lists + list] = {};
    for (Id text = 0; text < to_.bodies[1].texts; ++text) texts_[blocks_[block_of_[1]].texts + text] = {};
    for (Id mark = 0; mark < to_.bodies[1].marks; ++mark) marks_[blocks_[block_of_[1]].marks + mark] = 0;
    for (const Id node : to_.bodies[1].kept) raise(node, block_of_[1]);
}

void Machine::finish_document(bool alone, const Done& done) {
    done_.push_back(done);
    ++document_count_;
    const std::size_t capacity = program_->target_mapping->capacity();
    if (!alone && capacity != 0 && inner_count_ == capacity) flush();
}

}  // namespace hansa::mapping::program
