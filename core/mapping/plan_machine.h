// What runs a plan: the state of one message, and the steps of its program. Internal to plan*.cpp.
//
// Order, for each document: walk over the tape into frames (collect), rows of the source table
// (read_*), rows of the target table (write_*), the output tree to bytes (emit), then what is lost.
// Whatever the program does not model declines, and nothing of the message counts.
#pragma once

#include <bit>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_program.h"
#include "core/mapping/plan_room.h"
#include "core/mapping/plan_target.h"
#include "core/mapping/reader.h"
#include "core/schema/tape.h"
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
    /// Values that must stand where attributes or gaps would need them: (what is there, what must be).
    struct Together {
        Id group = nothing;
        std::vector<Place> there;
        std::vector<Place> must;  ///< one of them
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

class Machine {
public:
    explicit Machine(std::shared_ptr<const Program> program);

    void begin(const Context& source, const Context& target);
    bool message(const schema::Tape& tape);
    const std::string& why() const { return why_; }

    std::string_view bytes() const { return out_.view(); }
    std::span<const std::pair<std::size_t, std::size_t>> messages() const { return messages_; }
    std::span<const std::vector<std::size_t>> documents_of() const { return documents_of_; }
    std::size_t documents() const { return document_count_; }
    void ledger(Ledger& ledger, xml::LineIndex& lines) const;
    const std::vector<Error>& warnings() const;

private:
    struct Value {
        std::string_view text, list;
        std::uint32_t lost = 0;  ///< number of a reason, from 1
        std::uint32_t note = 0;  ///< of the reason that is its note, from 1
        std::uint32_t more = 0, more_count = 0;
        bool present = false, taken = false, noted = false;
        bool direct = false;  ///< the text is the target's: only its own row may look at it
    };
    struct Frame {
        Id group = nothing, parent = nothing;
        std::uint32_t entry = 0, end = 0;
        std::uint32_t number = 0;   ///< among the members
        std::uint32_t ordinal = 0;  ///< among its likes in the document
        std::uint32_t slots = 0, places = 0, choices = 0, lists = 0, bits = 0;
        Id next = nothing;
        std::uint32_t ordinals = nothing, ordinal_count = 0;  ///< places of what repeats, down to it; once asked for
    };
    /// A side of a rule, while it is a small number.
    struct Side {
        std::string_view text;  ///< as it was written
        SmallNumber number;
        bool missing = false, computed = false;

        std::string words() const { return computed ? number.canonical() : std::string(text); }
    };
    struct Warning {
        const ReadCheck* check = nullptr;
        Side left, right;
        Id group = nothing;
        std::uint32_t first = 0, count = 0;  ///< of warned_places_
    };
    struct WarnedPlace {
        schema::PathIndex path = schema::no_path, above = schema::no_path;
        std::uint32_t ordinal = 0;
    };
    struct List {
        Id first = nothing, last = nothing;
        std::uint32_t count = 0, total = 0;
    };
    struct OutText {
        std::string_view text;
        enum class State : std::uint8_t { absent, present, filled, failed } state = State::absent;
        std::uint32_t count = 0;  ///< of a counter
        std::uint32_t more = 0, more_count = 0;
        bool stands() const { return state == State::present || state == State::filled; }
    };
    struct Block {
        Id body = nothing;
        Id frame = nothing;
        std::uint32_t texts = 0, lists = 0, marks = 0;
        Id next = nothing, parent = nothing;
    };
    struct Agreeing {
        const WriteRow* row = nullptr;
        const Agreement* agreement = nullptr;
        std::string_view text;
        Id block = nothing;  ///< of the text where it must stand
    };
    struct Rest {
        std::uint32_t entry = 0;
        Id site = nothing, frame = nothing;
    };
    struct Note {
        const std::string* reason = nullptr;
        const std::string* row = nullptr;
        std::string_view value;
        schema::PathIndex path = schema::no_path;
        std::uint32_t offset = 0;
        std::uint32_t ordinals = 0, ordinal_count = 0;
        std::uint32_t rare = 0;  ///< number of what few notes have, from 1
        LossKind kind = LossKind::dropped;
    };
    struct Rare {
        const OutNode* node = nullptr;  ///< of the target
        std::string_view attribute;
        std::string_view below;  ///< steps that no path leads to
    };
    struct Reason {
        std::string text, row;
        LossKind kind = LossKind::narrowed;
    };

    [[noreturn, gnu::cold, gnu::noinline]] static void decline(std::string_view why);

    // ---- collect ----
    void walk(std::uint32_t at, std::uint32_t end, Id steps, Id frame);
    std::uint32_t one(std::uint32_t at, const Step& step, Id steps, Id inner_steps, Id frame);
    Id open_frame(Id group, Id parent, std::uint32_t entry);
    void put_slot(Id frame, Id slot, std::uint32_t entry) {
        const Frame& in = frames_[frame];
        put_slot(in, in_.triggers[in.group], slot, entry);
    }
    void put_slot(const Frame& in, const Triggers& triggers, Id slot, std::uint32_t entry) {
        std::uint32_t& at = slots_[std::size_t{in.slots} + slot];
        if (at != nothing) return put_further(in.slots + slot, entry);
        at = entry;
        // Steps that waited for the slot have something to do.
        std::uint64_t* const bits = bits_.begin() + in.bits;  // no word at all where no step waits
        const Triggers::Wait* wait = triggers.waits.data() + triggers.first[slot];
        const Triggers::Wait* const end = triggers.waits.data() + triggers.first[slot + 1];
        for (; wait != end; ++wait) bits[wait->word] |= wait->mask;
    }
    [[gnu::cold, gnu::noinline]] void put_further(std::uint32_t slot, std::uint32_t entry) {
        multi_.emplace_back(slot, entry);
    }
    /// The leaf of a value that was taken has nothing to tell.
    void settle_leaf(const Place& place, Id leaf) {
        if (leaf == nothing) return;
        bits_[std::size_t{here_[place.group].bits} + leaf / 64] &= ~(std::uint64_t{1} << (leaf % 64));
    }
    /// Calls use(step) for those steps of a list, whose bits begin at a word of the frame's, that have something to do.
    template <class Step, class Use>
    void each_step(const std::vector<Step>& steps, std::size_t words, const Use& use) {
        for (std::size_t from = 0; from < steps.size(); from += 64, ++words) {
            for (std::uint64_t left = bits_[words]; left != 0; left &= left - 1)
                use(steps[from + static_cast<std::size_t>(std::countr_zero(left))]);
        }
    }
    bool is_blank(std::uint32_t entry) const;
    std::uint32_t select(std::uint32_t at, const Selection& selection, Id steps, Id frame);
    void refuse_silent_keys(std::uint32_t at, const Selection::Case& chosen) const;
    bool has_key(std::uint32_t entry, schema::PathIndex path, std::string_view value) const;
    void document(std::uint32_t entry, std::uint32_t ordinal);

    // ---- read ----
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
    std::string_view slot_text(const Slot& slot) const;
    /// Calls use(text, slot) for each text of a part's terms that says something.
    template <class Use>
    void each_text(const ReadRow& row, const ReadPart& part, const Use& use) {
        for (Id i = part.left; i < part.left + part.takes; ++i) {
            const SourceTerm& term = row.terms[i];
            if (term.term->constant) {
                use(std::string_view(term.term->value), i - part.left);
                continue;
            }
            const std::uint32_t first = slot(term.slot);
            if (first == nothing) continue;
            const auto take = [&](std::string_view text) {
                if (!says_nothing(text) && !(row.row->none && text == *row.row->none)) use(text, i - part.left);
            };
            take((*tape_)[first].value());
            if (multi_.empty()) continue;
            const std::uint32_t number = current(term.slot.group).slots + term.slot.number;
            for (const auto& [at, entry] : multi_) {
                if (at == number) take((*tape_)[entry].value());
            }
        }
    }
    void read_group(Id group, std::size_t pass);
    void read_steps(const std::vector<ReadStep>& steps, std::size_t pass);
    void read_step(const ReadStep& step, std::size_t pass);
    bool in_case(const std::vector<InCase>& cases) const;
    void read_row(const ReadRow& row);
    bool read_quick(const ReadOp& op);
    bool read_plain(const ReadRow& row);
    bool read_tuple(const ReadRow& row);
    bool read_one(const ReadRow& row, const ReadPart& part, std::string_view text);
    void read_part(const ReadRow& row, const ReadPart& part);
    bool read_fast(const ReadRow& row, const ReadPart& part);
    void read_slow(const ReadRow& row, const ReadPart& part);
    void put(const Put& put, std::span<const FastPivot> values);
    void put_value(Value& at, const FieldFit& fit, bool attribute, std::string_view text, std::string_view list) {
        if (attribute && list.empty()) {
            // Attributes carry their list in front.
            const pivot::QualifiedCode code = pivot::split_code(text);
            text = code.code;
            list = code.list;
        }
        if (at.present) {
            if (at.text != text || at.list != list) decline("a field that is said twice and differently");
            return;
        }
        if (!fit(text, list)) decline("a value that the pivot refuses");
        at.text = text;
        at.list = list;
        at.present = true;
    }
    static void put_direct(Value& at, std::string_view text) {
        at.text = text;
        at.present = at.direct = true;
    }
    void choose(const ReadChain& chain, std::size_t pass);
    void derive(const ReadDerive& derive);
    void check(const ReadCheck& check);
    void one_check(const ReadCheck& check);
    bool side(const ReadExpression& e, Side& out);
    void warn(const ReadCheck& check, const Side& left, const Side& right);
    Error told(const Warning& one) const;
    void read_position(const SourceProgram::Position& position);
    void find_date();
    void find_date_of_row();
    std::optional<std::string> evaluate(const ReadExpression& e);
    void texts(const ReadExpression& e, std::vector<std::string>& all);
    /// Walks over the members of groups, each inside of the one before.
    template <class Use>
    void each_loop(std::span<const Id> loops, const Use& use) {
        if (loops.empty()) return use();
        const Group& group = in_.groups[loops[0]];
        const Id before = current_[loops[0]];
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
            enter(loops[0], at);
            each_loop(loops.subspan(1), use);
        }
        enter(loops[0], before);
    }
    void check_pivot(Id group);

    // ---- write ----
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
    Id open_block(Id body, Id parent);
    /// A row, or a rule, gives the text.
    void stand(const Text& at, std::string_view said) {
        stand(text(at), said);
        const Id owner = spots_[at.body].owners[at.number];
        if (owner != nothing) raise(owner, block_of_[at.body]);
    }
    void stand(const Text& at, Id block, std::string_view said) {
        stand(texts_[blocks_[block].texts + at.number], said);
        const Id owner = to_.bodies[at.body].owners[at.number];
        if (owner != nothing) raise(owner, block);
    }
    static void stand(OutText& place, std::string_view said) {
        place.text = said;
        place.more_count = 0;
        place.state = OutText::State::present;
    }
    void write_steps(const WriteSteps& steps, std::size_t turn);
    void write_row(const WriteRow& row);
    bool write_quick(const WriteOp& op);
    void write_general(const WriteRow& row);
    bool write_tuple(const WriteRow& row);
    bool write_plain(const WriteRow& row, Value& given);
    void write_loop(const WriteLoop& loop, std::size_t turn);
    void write_select(const WriteSelect& select, std::size_t turn);
    void write_member(const WriteMember& member, std::size_t turn);
    void write_position(const WritePosition& position);
    void write_choose(const WriteChain& chain, std::size_t turn);
    void write_computed(const WriteComputed& computed);
    void write_derive(const WriteDerive& derive);
    void write_check(const WriteCheck& check);
    bool count(Id counter);
    bool holds(const Guard& guard);
    bool holds(const Guards& guards);
    void refuse_foreign(std::span<const Place> own);
    bool any_of(std::span<const Place> places);
    void gather(const TargetSource& source, std::vector<Value*>& found);
    bool gather_way(const Way& way, bool all, std::size_t loop, std::vector<Value*>& found);
    bool guard_constants(const WriteRow& row);
    void refuse(const WriteRow& row, std::string detail);
    std::uint32_t reason(std::string detail, const std::string& row);
    bool needed(const OutNode& node);
    void agree();
    std::optional<std::string> evaluate(const OutExpression& e);
    void texts(const OutExpression& e, std::vector<std::string>& all);
    void members_of(const OutExpression& e, std::vector<std::pair<const OutNode*, Id>>& found);

    // ---- emit ----
    struct Spelling {
        std::vector<Id> seen;
        std::uint64_t of_attributes = 0;
        bool without = false;
        std::vector<std::string> prefixes;  ///< by name space
        std::string declarations;
        struct Tag {
            Literals::Piece opening, bare, closing;  ///< "<a:B", "<a:B>", "</a:B>"
        };
        std::vector<Tag> tags;                    ///< by node
        std::vector<Literals::Piece> attributes;  ///< by number: " a:c=\""
        Literals pool;
    };
    void raise(Id node, Id block);
    void raise_again();
    bool alive(const OutNode& node, Id block) const;
    std::uint32_t emit(const OutNode& node, Id block, bool forced, std::uint32_t ordinal,
                       const std::string_view* own = nullptr);
    std::uint32_t emit_unused(const OutNode& node, Id block);
    std::uint32_t emit_child(const OutNode& child, Id block, std::uint32_t among);
    void emit_children(const OutNode& node, Id block, bool standing);
    void emit_attributes(const OutNode& node, Id block, bool standing);
    bool has_peer(const Filling& filling, Id block) const;
    void fill_child(const OutNode& child, Id block, std::uint32_t ordinal);
    void fill_place(OutText& at, std::string_view value, const OutNode& node, Id block);
    std::string fill_text(const Filling& filling, const schema::SimpleType* type, bool failed);
    void filled(const OutNode& node, std::string_view attribute, const Filling& filling, std::string_view text);
    void need(Id name_space, bool attribute) {
        const std::uint64_t bit = std::uint64_t{1} << name_space;
        if (!attribute && name_space != 0 && (seen_mask_ & bit) != 0) return;
        need_first(name_space, attribute);
    }
    void need_first(Id name_space, bool attribute);
    const Spelling& spell();
    static bool content_fits(const OutNode& node, std::span<const std::uint32_t> counts);
    static bool fits(std::span<const ModelPart> model, Id index, std::span<const std::uint32_t> counts);
    static bool used(std::span<const ModelPart> model, Id index, std::span<const std::uint32_t> counts,
                     std::uint32_t& kinds);
    void emit_message();
    void emit_inner();
    void flush();

    // ---- losses ----
    void losses();
    void leaf_group(Id group, std::size_t pass);
    void leaf_steps(const std::vector<LeafStep>& steps, std::size_t pass);
    void leaf_step(const LeafStep& step, std::size_t pass);
    void leaf(const LeafStep& step, std::uint32_t entry, std::size_t nth);
    void mapped(const LeafStep& step, std::uint32_t entry);
    enum class Look : std::uint8_t { well, left, closer };
    Look look(const LeafStep& step);
    void tell(std::uint32_t reason, const LeafStep& step, std::uint32_t entry);
    bool taken(const Value& at, const Place& place, Id frame);
    bool says(const TemplateNode& node, Id frame);
    void subtree(std::uint32_t entry, const LeafStep& step, bool dropped);
    std::string foreign_steps(std::uint32_t from, std::uint32_t to) const;
    /// Adds a note about an entry, whose place is settled.
    Note& note_of(std::uint32_t entry, Id frame);
    void say(std::uint32_t entry, Id frame, LossKind kind, const std::string& reason, const std::string& row) {
        Note& note = note_of(entry, frame);
        note.kind = kind;
        note.reason = &reason;
        note.row = &row;
    }
    void say(std::uint32_t entry, Id frame, const Site& site) { say(entry, frame, site.kind, site.reason, site.row); }
    void ordinals_of(Frame& frame);
    void settle_rest();
    std::string_view keep(std::string_view text);

    Scratch scratch_;
    FastRun run_;  ///< what conversions get
    std::shared_ptr<const Program> program_;
    const SourceProgram& in_;
    const TargetProgram& to_;
    const schema::PathTable& paths_;
    const Model& source_model_;
    const Model& target_model_;
    const schema::Tape* tape_ = nullptr;
    Context source_context_, target_context_;
    std::optional<Surroundings> source_, target_;
    std::string why_;

    // --- of a message ---
    OutBytes out_;
    std::vector<std::pair<std::size_t, std::size_t>> messages_;
    std::vector<std::vector<std::size_t>> documents_of_;
    std::size_t document_count_ = 0;
    std::vector<Note> notes_, first_notes_, outer_notes_;
    std::vector<Note> tails_;                                          ///< of what is filled around the documents
    std::vector<std::pair<std::size_t, std::size_t>> document_notes_;  ///< where each document's notes and tails end
    OutBytes inner_;                                                   ///< documents of a message that holds several
    std::size_t inner_count_ = 0;
    std::uint32_t ordinal_ = 0;  ///< of the document in the source
    bool changed_ = false;
    std::vector<Note>* notes_into_ = nullptr;
    std::vector<std::uint32_t> ordinals_;
    std::vector<Warning> warned_;
    std::vector<WarnedPlace> warned_places_;
    std::vector<Rare> rare_;
    mutable std::vector<Error> warnings_;
    mutable bool warnings_told_ = false;
    std::vector<Error> later_warnings_;
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
    struct Here {
        std::uint32_t slots = 0, slot_count = 0, places = 0, place_count = 0, bits = 0;
    };
    struct Spot {
        const Id* owners = nullptr;  ///< of each text: the element that it makes stand
        std::uint32_t texts = 0, text_count = 0;
    };
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
    struct WrittenText {
        std::string_view text;
        std::size_t term = 0;
    };
    struct Fed {
        Value* value = nullptr;
        bool taken = false;
    };
    struct FoundKey {
        Place place;
        std::string_view text;
    };
    std::vector<Value*> gathered_;
    std::vector<FoundKey> found_keys_;  ///< keys of what was gathered, where a selector takes its own from the output
    std::vector<std::size_t> gathered_ends_;
    std::vector<WrittenText> written_;
    std::vector<Fed> fed_;
};

}  // namespace hansa::mapping::program
