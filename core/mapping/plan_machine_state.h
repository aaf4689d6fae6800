// What runs a plan, first part: both sides of a pair, and all that a run holds of one message. Internal to plan*.cpp.
//
// The steps themselves are Machine's (plan_machine.h). Here is no more than where things are: the current frame of a
// group, the current block of a body, and their places.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/mapping/plan.h"
#include "core/mapping/plan_asked.h"
#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_course.h"
#include "core/mapping/plan_courses.h"
#include "core/mapping/plan_list.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_program.h"
#include "core/mapping/plan_record.h"
#include "core/mapping/plan_room.h"
#include "core/mapping/plan_state.h"
#include "core/mapping/plan_target.h"
#include "core/mapping/reader.h"
#include "core/schema/tape.h"
#include "core/schema/type_program.h"
#include "core/xml/lanes.h"
#include "core/xml/line_index.h"

namespace hansa::mapping::program {

/// Both sides of a pair, compiled. Immutable.
struct Program {
    std::shared_ptr<const Mapping> source_mapping, target_mapping;
    std::shared_ptr<const schema::PathTable> paths;
    Settings source_settings, target_settings;
    SourceProgram source;
    TargetProgram target;
    std::vector<Id> list_depth;  ///< of each path: how many of its steps have a place
    ListProgram list;
    /// Values that must stand where attributes or gaps would need them: (what is there, what must be).
    struct Together {
        Id group = nothing;
        Standing there;
        Standing must;        ///< one of them
        bool always = false;  ///< what must be must be in any case
    };
    std::vector<Together> together;
    std::vector<std::vector<Id>> together_of;  ///< by group
    bool body_busy(Id body, std::size_t turn) const { return busy[body * turns + turn]; }
    std::vector<char> busy;
};

/// What makes a message leave the fast way; caught where the run begins.
struct Decline {
    std::string_view why;
};

class MachineState {
protected:
    explicit MachineState(std::shared_ptr<const Program> program);

    [[noreturn, gnu::cold, gnu::noinline]] static void decline(std::string_view why);

    // ---- where things are ----
    /// A group, a place, a slot or a body that no frame or block is open for declines: whatever the
    /// document made of the program, nothing is read beside the tables.
    const Frame& current(Id group) const {
        if (group >= current_.size() || current_[group] >= frames_.size()) decline("a place outside of its group");
        return frames_[current_[group]];
    }
    void enter(Id group, Id frame) {
        current_[group] = frame;
        here_[group] = {};
        if (frame >= frames_.size()) return;
        const Frame& in = frames_[frame];
        const Group& kind = in_.groups[in.group];
        here_[group] = {.slots = in.slots,
                        .slot_count = kind.slots,
                        .places = in.places,
                        .place_count = kind.places,
                        .bits = in.bits};
    }
    Value& value(const Place& place) {
        if (place.group >= here_.size()) decline("a place outside of its group");
        const Here& here = here_[place.group];
        if (place.number >= here.place_count) decline("a place outside of its group");
        return values_[std::size_t{here.places} + place.number];
    }
    std::uint32_t slot(const Slot& slot) const {
        if (slot.group >= here_.size()) decline("a place outside of its group");
        const Here& here = here_[slot.group];
        if (slot.number >= here.slot_count) decline("a place outside of its group");
        return slots_[std::size_t{here.slots} + slot.number];
    }
    const Block& current_block(Id body) const {
        if (body >= block_of_.size() || block_of_[body] >= blocks_.size()) decline("a text outside of its member");
        return blocks_[block_of_[body]];
    }
    void enter_block(Id body, Id block) {
        block_of_[body] = block;
        spots_[body] = {};
        if (block >= blocks_.size()) return;
        const Block& in = blocks_[block];
        spots_[body] = {
            .owners = to_.bodies[in.body].owners.data(), .texts = in.texts, .text_count = to_.bodies[in.body].texts};
    }
    OutText& text(const Text& text) {
        if (text.body >= spots_.size()) decline("a text outside of its member");
        const Spot& spot = spots_[text.body];
        if (text.number >= spot.text_count) decline("a text outside of its member");
        return texts_[std::size_t{spot.texts} + text.number];
    }

    Scratch scratch_;
    FastRun run_;  ///< what conversions get
    std::shared_ptr<const Program> program_;
    const SourceProgram& in_;
    const TargetProgram& to_;
    const schema::PathTable& paths_;
    const Model& source_model_;
    const Model& target_model_;
    /// Of the target's types that values were asked to be of.
    mutable std::unordered_map<const schema::SimpleType*, std::unique_ptr<const schema::TypeProgram>> type_programs_;
    const schema::Tape* tape_ = nullptr;
    Context source_context_, target_context_;
    std::optional<Surroundings> source_, target_;
    std::string why_;

    // --- of a message ---
    OutBytes out_;
    std::vector<Message> messages_;
    std::size_t document_count_ = 0;
    bool message_open_ = false, tape_open_ = false;
    std::uint32_t at_ = 0;                                 ///< the entry of the tape that comes next
    std::uint32_t documents_from_ = 0, documents_to_ = 0;  ///< entries of the last documents with nothing between them
    std::size_t hole_ = 0;                                 ///< in out_: where documents stood last
    std::uint64_t losses_given_ = 0;                       ///< by parts that were dropped
    std::size_t documents_before_ = 0;                     ///< of tapes before this one
    std::vector<bool> chosen_;                             ///< documents that are done; none: all
    std::size_t taken_ = 0;                                ///< documents of the source so far
    std::vector<Note> notes_, first_notes_, outer_notes_;
    std::vector<Note> tails_;       ///< of what is filled around the documents
    std::vector<Done> done_;        ///< by document
    std::size_t course_notes_ = 0;  ///< what courses have to say
    OutBytes inner_;                ///< documents of a message that holds several
    std::size_t inner_count_ = 0;
    std::uint32_t ordinal_ = 0;  ///< of the document in its tape
    bool changed_ = false;
    std::vector<Note>* notes_into_ = nullptr;
    std::vector<std::uint32_t> ordinals_;
    std::vector<Warning> warned_;
    std::vector<WarnedPlace> warned_places_;
    std::vector<Rare> rare_;
    mutable std::vector<PathWords> path_words_;  ///< by path; made when it is first told of
    mutable std::string told_path_;
    mutable std::pair<std::size_t, std::size_t> told_bytes_;  ///< of the last message, read and written
    mutable std::vector<Error> warnings_;
    mutable bool warnings_told_ = false;
    std::vector<Error> later_warnings_;
    struct WarningCounts {
        std::size_t warned = 0, places = 0, later = 0;
    };
    WarningCounts warning_counts() const { return {warned_.size(), warned_places_.size(), later_warnings_.size()}; }
    void forget_warnings_since(const WarningCounts& before) {
        warned_.resize(before.warned);
        warned_places_.resize(before.places);
        later_warnings_.resize(before.later);
    }
    std::deque<std::string> strings_;
    std::deque<Reason> reasons_;
    std::string message_date_;

    // --- of a document ---
    std::vector<Frame> frames_;
    Room<std::uint32_t> slots_;
    Room<std::uint64_t> bits_;  ///< of frames: as Triggers numbers them
    std::vector<std::uint32_t> choices_;
    Room<Value> values_;
    std::vector<Value> more_values_;
    std::vector<List> lists_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> multi_;  ///< further entries of a slot
    std::vector<Rest> rest_;
    std::vector<Id> current_;   ///< by group: the frame
    std::vector<Here> here_;    ///< by group: where that frame's slots and places are; none where none is current
    std::vector<Spot> spots_;   ///< by body: where the current block's texts are
    std::vector<Id> block_of_;  ///< by body: the block
    std::vector<Block> blocks_;
    Room<OutText> texts_;
    std::vector<OutText> more_texts_;
    std::vector<List> block_lists_;
    std::vector<Agreeing> agreeing_;
    std::deque<Value> constants_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> selected_;  ///< by selection: count and end
    std::uint32_t place_hint_ = 0;                                   ///< of a member that a selection has counted
    Id outer_frame_ = nothing;

    ListRun list_;

    // --- of who asks for places ---
    const std::function<bool()>* asking_ = nullptr;  ///< nothing: messages are translated
    bool ask_no_more_ = false;
    std::size_t asked_kind_ = 0;           ///< of members: the current one's
    PlaceQuestions* questions_ = nullptr;  ///< nothing: nobody asks again
    struct Again {
        const CourseQuestion* question = nullptr;
        std::vector<PlaceValue> values;  ///< of its operands
    };
    Again again_;

    // --- emission ---
    std::vector<Spelling> spellings_;
    std::size_t spelling_ = 0;
    std::vector<Id> seen_;
    std::uint64_t seen_mask_ = 0, seen_attributes_ = 0;
    bool seen_without_ = false;
    std::vector<std::pair<const OutNode*, std::uint32_t>> path_;
    std::vector<std::uint32_t> names_;
    Room<std::uint8_t> marks_;  ///< of blocks: which elements hold something
    // --- rooms that are used again and again ---
    std::vector<Value*> gathered_;
    std::vector<FoundKey> found_keys_;  ///< keys of what was gathered, where a selector takes its own from the output
    std::vector<std::size_t> gathered_ends_;
    std::vector<WrittenText> written_;
    std::vector<FedValue> fed_;

    // --- courses ---
    Recorder recorder_;
    Recorder* rec_ = nullptr;  ///< while a document is taken down
    const xml::lanes::Level level_ = xml::lanes::best_level();
    Courses courses_, member_courses_, count_courses_;
    WholeList whole_;
    std::size_t members_least_ = 8;      ///< of a document that is carried over member by member
    bool members_first_ = false;         ///< ... even where it has a course of its own
    std::uint32_t members_in_vain_ = 0;  ///< documents that could not be
    DocumentStates states_;
    std::vector<std::uint32_t> state_words_;
    std::string refused_;                        ///< what a row refuses
    std::vector<Made> given_;                    ///< what a group made of a text
    std::vector<std::string_view> note_values_;  ///< of the message: what courses filled in
    PlanCourses course_counts_;
    std::uint32_t learn_after_ = 2;
    bool learnable_ = true;  ///< no row looks beside its document
};

}  // namespace hansa::mapping::program
