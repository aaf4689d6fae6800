// What runs a plan: the steps of its program, over the state of one message (plan_machine_state.h). Internal to
// plan*.cpp.
//
// Order, for each document: walk over the tape into frames (collect), rows of the source table
// (read_*), rows of the target table (write_*), the output tree to bytes (emit), then what is lost.
// Whatever the program does not model declines, and nothing of the message counts.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping/plan_machine_state.h"

namespace hansa::mapping::program {

class Machine : private MachineState {
public:
    explicit Machine(std::shared_ptr<const Program> program);

    void begin(const Context& source, const Context& target);
    bool message(const schema::Tape& tape) { return part(tape, PlanEnd::message); }
    bool part(const schema::Tape& tape, PlanEnd end);
    void drop(schema::Tape* tape);
    void choose(std::vector<bool> documents) { chosen_ = std::move(documents); }

    // A document member by member: PlanRun says what is called when.
    bool open_document(const schema::Tape& tape, std::uint32_t document);
    bool add_up(const schema::Tape& tape, std::uint32_t member);
    bool begin_list(const schema::Tape& tape, std::uint32_t place);
    bool list_member(const schema::Tape& tape, std::uint32_t member);
    ListEnd end_list(const schema::Tape& tape);
    bool close(PlanEnd end);
    std::string_view member_bytes() const { return list_.bytes.view(); }
    std::size_t list_hole() const { return list_.hole; }
    void member_losses(MemberLosses& out, xml::LineIndex& lines) const;
    void list_losses(ListLosses& out, xml::LineIndex& lines) const;
    void count_member_losses(LossCounts& counts) const;

    // Places that are asked for: PivotPlacesRun says what is called when.
    bool ask(const schema::Tape& tape, const std::function<bool()>& use);
    bool asked_values(const Asked& asked, std::vector<PlaceValue>& out);
    bool each_asked(const AskedMembers& members, const std::function<bool()>& use);
    void ask_again_by(PlaceQuestions& questions) { questions_ = &questions; }
    void answered(const AskedProgram& asked, const AnsweredQuestion& said);
    /// Is a question asked again? Then its values are these.
    bool asks_again() const { return again_.question != nullptr; }
    bool values_again(std::size_t place, std::span<const PlaceValue>& out) const;
    bool count_again(std::size_t place, std::size_t& out) const;

    const std::string& why() const { return why_; }

    std::string_view bytes() const { return out_.view(); }
    std::span<const Message> messages() const { return messages_; }
    std::string_view waiting() const { return gives_waiting() ? inner_.view() : std::string_view(); }
    std::size_t documents() const { return document_count_; }
    void ledger(Ledger& ledger, xml::LineIndex& lines) const;
    void losses(PartLosses& out, xml::LineIndex& lines) const;
    void tell_losses(PartToldLosses& out, xml::LineIndex& lines) const;
    void count_losses(LossCounts& counts) const;
    void part_warnings(std::vector<Error>& read, std::vector<Error>& written) const;
    const std::vector<Error>& warnings() const;

    /// A shape makes a course when it is met for the `after`th time; 0: never.
    void learn(std::uint32_t after) { learn_after_ = after; }
    void go_by_members(std::size_t least, bool first) {
        members_least_ = least;
        members_first_ = first;
    }
    const PlanCourses& courses() const { return course_counts_; }

private:
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
    void work_out_document();
    void finish_document(bool alone, const Done& done);
    void clear_outer_block();
    /// One document, one message.
    bool is_alone() const { return program_->target_mapping->capacity() == 1 || to_.root->body == 0; }

    // ---- places that are asked for ----
    void ask_document(std::uint32_t entry, std::uint32_t ordinal);
    bool stands(const AskedWay& way);
    template <class Use>
    void asked_way(const AskedWay& way, std::size_t loop, const Use& use);
    bool ask_by_course(std::uint32_t entry, std::uint32_t ordinal);
    bool asks_the_same(Course& course, std::uint32_t entry, std::uint32_t ordinal);
    bool adds_up(const Course& course, const CourseQuestion::Sum& sum, std::uint32_t entry) const;
    static void add_sum(CourseQuestion& question, const PlaceSum& sum);
    void ask_each_again(CourseQuestion question, std::span<const PlaceValue> values, const AnsweredQuestion& said);
    bool has_same_answer(const Course& course, const CourseQuestion& question, std::uint32_t entry);
    void keep_questions(std::uint32_t entry, std::uint32_t ordinal);

    // ---- long lists ----
    template <class Use>
    bool guarded(const Use& use);
    void start_document(std::uint32_t document);
    void count_member(std::uint32_t member);
    void start_members(const schema::Tape& tape, std::uint32_t place);
    void carry_member(const schema::Tape& tape, std::uint32_t member);
    void work_out_member();
    /// False: the members need other prefixes.
    bool finish_members();
    void close_list_document();
    Sizes sizes() const;
    void shrink(const Sizes& sizes);
    Left left() const;
    void give_back(const Left& left);
    void open_list_document();
    List& list_of_document() { return lists_[frames_[list_.frame].lists + in_.groups[program_->list.group].list]; }
    void join(const schema::Tape& tape, std::uint32_t member);
    void read_member(Id member);
    void write_list_member(Id member);
    void emit_list_member(Id block);
    void tell_member(Id member);
    void tell_document();
    void guess_spelling();
    void compute(const WriteSteps& steps);
    void add(std::size_t sum, std::size_t which, const std::optional<std::string>& value);
    void add_sums(std::size_t from, std::size_t to, std::size_t which);
    const ListSum* sum_of(const void* call) const;
    std::optional<std::string> summed(const ListSum& sum) const;
    void add_fed();
    std::uint32_t emit_hole(const OutNode& child, Id block, std::uint32_t among);
    void raise_list();
    bool is_list_body(Id body) const { return list_.on && body == program_->list.body; }
    /// Rules that need the members side by side have none here.
    void refuse_whole_list(std::span<const Id> loops) const {
        if (list_.on && !list_.adding && !loops.empty() && loops[0] == program_->list.group)
            decline("all members of a long list");
    }

    // ---- parts ----
    void open_message();
    void open_tape();
    void close_tape();
    void close_frames();
    void whole_document();
    std::uint32_t kept() const { return tape_->size() == documents_to_ ? documents_from_ : tape_->size(); }
    std::size_t documents_of_tape() const { return document_count_ - documents_before_; }
    std::uint64_t losses_held() const {
        return notes_.size() + first_notes_.size() + tails_.size() + course_notes_ +
               outer_notes_.size() * documents_of_tape();
    }
    /// Of a message that takes any number of documents: they are handed on before it is finished.
    bool gives_waiting() const { return !is_alone() && program_->target_mapping->capacity() == 0; }
    bool is_chosen() const { return chosen_.empty() || (taken_ <= chosen_.size() && chosen_[taken_ - 1]); }
    LossEntry entry_of(const Note& note, const Rare& rare, std::span<const std::uint32_t> places,
                       xml::LineIndex& lines) const;
    LossEntry entry_of(const Note& note, xml::LineIndex& lines) const;
    void tell(ToldLosses& out, const Note& note, xml::LineIndex& lines) const;
    void tell(ToldLosses& out, const Note& note, const Rare& rare, std::span<const std::uint32_t> places,
              xml::LineIndex& lines) const;
    const PathWords& words_of(schema::PathIndex path) const;
    static const Rare& rare_of(const Note& note, const std::vector<Rare>& rare) {
        static const Rare usual;
        return note.rare == 0 ? usual : rare[note.rare - 1];
    }
    enum class LossPart : std::uint8_t { read, loose_tail, own, tail };
    /// Calls told.one(part, note, rare, places) for all losses in their order, told.document() before those of each
    /// document, and told.around() where the losses around the documents belong.
    template <class Told>
    void each_loss(Told& told) const;

    // ---- long lists of documents that are there ----
    bool by_members(std::uint32_t entry, std::uint32_t ordinal);
    bool find_members(std::uint32_t entry);
    bool is_above(schema::PathIndex path, schema::PathIndex other) const;
    void take_out_members(std::uint32_t end);
    void carry_members(const schema::Tape& whole);
    void take_member(std::uint32_t member);
    void put_members_in_place();
    void put_losses_in_order(std::vector<Note>& notes, std::size_t from, const std::array<Bounds, list_parts>& around,
                             const std::array<std::vector<Note>, list_parts>& members) const;

    // ---- courses of members ----
    bool member_by_course(std::uint32_t member);
    void take_down_member();
    bool go_member(Course& course, std::uint32_t entry);
    bool count_by_course(std::uint32_t member);
    void keep_count();
    void add(std::size_t sum, std::size_t which, const Bound& bound, const Course& course, std::uint32_t entry,
             bool target);
    void count_places();
    bool is_full();
    List& blocks_of_list();
    void learn_shape_around();
    std::uint32_t state_of_document();
    Recorder::Rooms rooms_around() const;
    void feed(const CourseMember& member);
    void keep_member();
    void forget_member();
    bool member_leads_there(Course& course);
    void tell_by_course(const Course& course, std::uint32_t entry);
    void tell_by_course(const Course& course, const CourseNote& one, std::uint32_t entry, std::vector<Note>& into);

    // ---- courses ----
    /// False: there is none for the document, or not to its end.
    bool by_course(std::uint32_t entry, std::uint32_t ordinal);
    bool go(Course& course, std::uint32_t entry, std::uint32_t ordinal);
    bool go_steps(Course& course, std::uint32_t entry, std::uint32_t ordinal);
    std::uint32_t edition_of_known() const;
    bool go_group(Course& course, CourseGroup& group, std::string_view text, std::uint32_t entry,
                  std::uint32_t ordinal);
    void forget(Course& course, bool all, const DayKey& day) const;
    [[gnu::cold, gnu::noinline]] void keep_known(const Course& course, CourseGroup& group, std::string_view text,
                                                 const DayKey& day);
    const CourseStep* fails(Course& course, const std::vector<CourseStep>& steps, std::uint32_t entry,
                            std::uint32_t ordinal);
    [[gnu::noinline]] bool go_step(Course& course, const CourseStep& step, std::uint32_t entry, std::uint32_t ordinal);
    bool go_check(Course& course, const CourseStep& step, std::uint32_t entry, std::uint32_t ordinal);
    std::optional<std::string_view> listed_view(Course& course, Id expression, std::uint32_t entry, bool target);
    bool go_pieces(const Course& course, std::uint32_t entry);
    bool go_read(Course& course, const CourseCall& call, std::uint32_t entry);
    bool go_write(Course& course, const CourseCall& call, std::uint32_t entry);
    bool go_refusal(const Course& course, CourseCall& call, std::uint32_t entry);
    Result<FromPivot> write_slowly(const CourseCall& call, std::span<const FastPivot> values) const;
    bool leads_there(Course& course, std::uint32_t entry, std::uint32_t ordinal);
    void keep_course(const Done& begin, std::uint32_t entry, std::uint32_t ordinal);
    CourseNote course_note(Course& course, const Note& note, const Operand* filled, std::uint32_t entry,
                           std::uint32_t ordinal);
    void course_notes(Course& course, std::span<const Note> notes, std::span<const Operand> filled,
                      std::vector<CourseNote>& out, std::uint32_t entry, std::uint32_t ordinal);
    Made operand(const Course& course, const Operand& at, std::uint32_t entry) const {
        switch (at.of) {
            case Operand::Of::entry:
                return {(*tape_)[entry + at.number].value(), {}};
            case Operand::Of::made:
                return course.texts[at.number];
            case Operand::Of::fixed:
                return course.fixed[at.number];
            case Operand::Of::nowhere:
                return {};
            case Operand::Of::around:
            case Operand::Of::held_value:
            case Operand::Of::held_text:
            case Operand::Of::place:
                break;
        }
        return around(at);
    }
    /// A text of the document around a member, or one of the member's numbers.
    Made around(const Operand& at) const;
    std::optional<SmallNumber> small(const Bound& bound, const Course& course, std::uint32_t entry) const;
    Side side_of(const Bound& bound, const SmallNumber& number, const Course& course, std::uint32_t entry) const;
    std::optional<std::string> evaluate(const Bound& bound, const Course& course, std::uint32_t entry, bool target);
    std::optional<std::string_view> view(const Bound& bound, const Course& course, std::uint32_t entry, bool target);
    Bound bind(const ReadExpression& e);
    Bound bind(const OutExpression& e);
    void name_the_list(Bound& bound);
    template <class Rule>
    bool asks_all_members(const Rule& e);
    void entries_in_document(const ReadExpression& e, std::vector<std::uint32_t>& all);
    // What the recorder is told, while there is one.
    Operand origin(const Value& value);
    Operand origin(const OutText& text);
    void came(const Value& value, const Operand& from);
    void came(const OutText& text, const Operand& from);
    [[gnu::cold, gnu::noinline]] void put_asked(const Value& at, const FieldFit& fit, const Operand& from);
    [[gnu::cold, gnu::noinline]] void asked(const Guard& guard, bool answer);
    [[gnu::cold, gnu::noinline]] void asked(const Condition& condition, Bound bound, bool answer, bool target);
    [[gnu::cold, gnu::noinline]] void check_asked(const ReadCheck& check);
    [[gnu::cold, gnu::noinline]] void check_asked(const WriteCheck& check);
    [[gnu::cold, gnu::noinline]] void date_asked();
    [[gnu::cold, gnu::noinline]] Operand valued(Bound bound, bool there, bool target);
    [[gnu::cold, gnu::noinline]] std::vector<Operand> read_by(const ReadPart& part,
                                                              std::span<const CourseCall::Argument> arguments,
                                                              const PivotSlots& values);
    [[gnu::cold, gnu::noinline]] std::vector<Operand> write_by(const ReadPart& part,
                                                               std::span<const CourseCall::Argument> arguments,
                                                               const TextSlots& texts);
    [[gnu::cold, gnu::noinline]] std::vector<Operand> write_slowly_by(const WriteRow& row, const ReadPart& part,
                                                                      std::span<const CourseCall::Argument> arguments,
                                                                      const TextSlots& texts,
                                                                      std::span<const ConversionNote> notes);
    [[gnu::cold, gnu::noinline]] bool refusal_asked(const WriteRow& row, const ReadPart& part,
                                                    std::span<const CourseCall::Argument> arguments,
                                                    const std::string& detail);
    /// Is it the row's word for absence?
    bool is_none(std::string_view text, std::uint32_t entry, const std::string* none) const {
        if (none == nullptr) return false;
        const bool equal = text == *none;
        if (rec_ != nullptr) rec_->ask_text(rec_->entry(entry), *none, equal);
        return equal;
    }

    // ---- read ----
    std::string_view slot_text(const Slot& slot) const;
    /// Calls use(text, slot, entry) for each text of a part's terms that says something; a constant has no entry.
    template <class Use>
    void each_text(const ReadRow& row, const ReadPart& part, const Use& use) {
        for (Id i = part.left; i < part.left + part.takes; ++i) {
            const SourceTerm& term = row.terms[i];
            if (term.term->constant) {
                use(std::string_view(term.term->value), i - part.left, nothing);
                continue;
            }
            const std::uint32_t first = slot(term.slot);
            if (first == nothing) continue;
            const std::string* const none = row.row->none ? &*row.row->none : nullptr;
            const auto says = [&](std::uint32_t entry) {
                const std::string_view text = (*tape_)[entry].value();
                return !says_nothing(text) && !is_none(text, entry, none);
            };
            const auto take = [&](std::uint32_t entry) {
                if (says(entry)) use((*tape_)[entry].value(), i - part.left, entry);
            };
            take(first);
            if (multi_.empty()) continue;
            const std::uint32_t number = current(term.slot.group).slots + term.slot.number;
            const bool several = term.term->repeated || part.conversion->takes_national_list();
            std::uint32_t said = says(first) ? first : nothing;
            for (const auto& [at, entry] : multi_) {
                if (at != number || !says(entry)) continue;
                if (several || said == nothing)
                    take(entry);
                else
                    must_be_same(said, entry);
                if (said == nothing) said = entry;
            }
        }
    }
    /// A place of one text that is said several times says one thing.
    void must_be_same(std::uint32_t first, std::uint32_t further);
    void read_group(Id group, std::size_t pass);
    void read_steps(const std::vector<ReadStep>& steps, std::size_t pass);
    void read_step(const ReadStep& step, std::size_t pass);
    bool in_case(const std::vector<InCase>& cases) const;
    void read_row(const ReadRow& row);
    bool read_quick(const ReadOp& op);
    bool read_plain(const ReadRow& row);
    bool read_tuple(const ReadRow& row);
    bool read_one(const ReadRow& row, const ReadPart& part, std::string_view text, std::uint32_t entry);
    Operand origin_of(std::string_view text, std::uint32_t entry) {
        return entry == nothing ? rec_->fixed(text) : rec_->entry(entry);
    }
    void read_part(const ReadRow& row, const ReadPart& part);
    bool read_fast(const ReadRow& row, const ReadPart& part);
    void read_slow(const ReadRow& row, const ReadPart& part);
    /// `from`: where the values come from, while somebody takes it down; else nothing.
    void put(const Put& put, std::span<const FastPivot> values, std::span<const Operand> from);
    void put_value(Value& at, const FieldFit& fit, bool attribute, std::string_view text, std::string_view list,
                   Operand from) {
        if (rec_ != nullptr && attribute) from = rec_->split(from);
        if (attribute && list.empty()) {
            // Attributes carry their list in front.
            const pivot::QualifiedCode code = pivot::split_code(text);
            text = code.code;
            list = code.list;
        }
        if (at.present) {
            if (at.text != text || at.list != list) decline("a field that is said twice and differently");
            if (rec_ != nullptr) rec_->ask_same(from, origin(at), true);
            return;
        }
        if (!fit(text, list)) decline("a value that the pivot refuses");
        at.text = text;
        at.list = list;
        at.present = true;
        if (rec_ != nullptr) put_asked(at, fit, from);
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
    /// Where the rule stands, from the inside out, added to `places`; the group that it is about.
    Id places_of(const ReadCheck& check, std::vector<WarnedPlace>& places) const;
    Error told(const Warning& one) const;
    void read_position(const SourceProgram::Position& position);
    void find_date();
    void find_date_of_row();
    std::optional<std::string> evaluate(const ReadExpression& e);
    bool stands(const ReadExpression& e);
    void texts(const ReadExpression& e, std::vector<std::string>& all);
    /// Entries of a place, in order; such as say nothing too.
    void entries_of(const ReadExpression& e, std::vector<std::uint32_t>& all);
    /// Walks over the members of groups, each inside of the one before.
    template <class Use>
    void each_loop(std::span<const Id> loops, const Use& use) {
        refuse_whole_list(loops);
        each_member(loops, use);
    }
    template <class Use>
    void each_member(std::span<const Id> loops, const Use& use) {
        if (loops.empty()) return use();
        const Group& group = in_.groups[loops[0]];
        const Id before = current_[loops[0]];
        for (Id at = lists_[current(group.parent).lists + group.list].first; at != nothing; at = frames_[at].next) {
            enter(loops[0], at);
            each_member(loops.subspan(1), use);
        }
        enter(loops[0], before);
    }
    void check_pivot(Id group);

    // ---- write ----
    Id open_block(Id body, Id parent);
    /// A row, or a rule, gives the text.
    void stand(const Text& at, std::string_view said, const Operand& from) {
        stand(text(at), said);
        if (rec_ != nullptr) came(text(at), from);
        const Id owner = spots_[at.body].owners[at.number];
        if (owner != nothing) raise(owner, block_of_[at.body]);
    }
    void stand(const Text& at, Id block, std::string_view said, const Operand& from) {
        stand(texts_[blocks_[block].texts + at.number], said);
        if (rec_ != nullptr) came(texts_[blocks_[block].texts + at.number], from);
        const Id owner = to_.bodies[at.body].owners[at.number];
        if (owner != nothing) raise(owner, block);
    }
    static void stand(OutText& place, std::string_view said) {
        place.text = said;
        place.more_count = 0;
        place.state = OutText::State::present;
    }
    void write_only();
    void write_steps(const WriteSteps& steps, std::size_t turn);
    void write_row(const WriteRow& row);
    bool write_quick(const WriteOp& op);
    struct GivenPart;
    void write_general(const WriteRow& row);
    bool write_part(const WriteRow& row, const ReadPart& part);
    std::size_t gathered_begin(std::size_t source) const;
    void take_part(const WriteRow& row, const ReadPart& part, GivenPart& given);
    bool may_be_silent(const WriteRow& row, const ReadPart& part);
    bool write_slowly(const WriteRow& row, const ReadPart& part, GivenPart& given, TextSlots& texts,
                      std::vector<ConversionNote>& notes);
    void note_of(const WriteRow& row, Value& first, const ConversionNote& note);
    bool constants_stand(const WriteRow& row, const ReadPart& part, const TextSlots& texts,
                         const std::vector<Operand>& from);
    void stand_written(const WriteRow& row);
    void keep_agreement(const WriteRow& row, const Agreement& agreement);
    void settle_gathered(const WriteRow& row);
    bool write_tuple(const WriteRow& row);
    bool write_plain(const WriteRow& row, Value& given);
    static bool scheme_holds(const Guard& guard, std::string_view list, std::string_view scheme,
                             std::string_view number);
    static bool held(const Condition& condition, const std::optional<std::string>& found);
    bool is_foreign(const Value& at) const { return is_foreign(at.list); }
    bool is_foreign(std::string_view list) const {
        return !list.empty() && list.find('.') == std::string_view::npos && list != target_model_.authority;
    }
    void write_loop(const WriteLoop& loop, std::size_t turn);
    void write_select(const WriteSelect& select, std::size_t turn);
    void write_member(const WriteMember& member, std::size_t turn);
    void write_position(const WritePosition& position);
    std::uint32_t first_that_says(const WriteChain& chain);
    void write_choose(const WriteChain& chain, std::size_t turn);
    void write_computed(const WriteComputed& computed);
    void write_derive(const WriteDerive& derive);
    void write_check(const WriteCheck& check);
    bool is_surely_of_type(const schema::SimpleType& type, std::string_view text) const;
    bool is_of_type(const schema::SimpleType& type, std::string_view text) const;
    static std::optional<std::string> path_of(const WriteCheck& check);
    static Error warning_of(const Row& row, std::string_view left, std::string_view right, const std::string& path);
    bool count(Id counter);
    bool holds(const Guard& guard);
    bool holds(const Guards& guards);
    void refuse_foreign(const Standing& own);
    bool any_of(std::span<const Place> places);
    bool any_of(const Standing& places);
    bool any_member(const Inside& lists);
    void gather(const TargetSource& source, std::vector<Value*>& found);
    bool gather_way(const Way& way, bool all, std::size_t loop, std::vector<Value*>& found);
    bool guard_constants(const WriteRow& row);
    void refuse(const WriteRow& row, std::string detail, bool always = false);
    /// `always`: the same words whatever the values are.
    std::uint32_t reason(std::string detail, const std::string& row, bool always);
    bool needed(const OutNode& node);
    void agree();
    std::optional<std::string> evaluate(const OutExpression& e);
    bool stands(const OutExpression& e);
    void texts(const OutExpression& e, std::vector<std::string>& all);
    void texts_of(const OutExpression& e, std::vector<const OutText*>& all);
    void members_of(const OutExpression& e, std::vector<std::pair<const OutNode*, Id>>& found);

    // ---- emit ----
    void raise(Id node, Id block);
    void raise_again();
    bool alive(const OutNode& node, Id block) const;
    std::uint32_t emit(const OutNode& node, Id block, bool forced, std::uint32_t ordinal,
                       const std::string_view* own = nullptr);
    void emit_element(const Literals& pool, const Spelling::Tag& tag, const OutText& text);
    std::string made_id(const Filling& filling) const;
    std::optional<std::string> time_of_receipt(const Filling& filling) const;
    std::uint32_t emit_unused(const OutNode& node, Id block);
    std::uint32_t emit_child(const OutNode& child, Id block, std::uint32_t among);
    void emit_children(const OutNode& node, Id block, bool standing);
    void emit_attributes(const OutNode& node, Id block, bool standing);
    bool has_peer(const Filling& filling, Id block) const;
    void fill_child(const OutNode& child, Id block, std::uint32_t ordinal);
    void fill_place(OutText& at, std::string_view value, const OutNode& node, Id block);
    const Filling& in_its_case(const Filling& filling);
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
    void beside(const LeafStep& step, std::uint32_t entry);
    void fed_by_members(const Put& put, std::vector<FedValue>& fed);
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
    std::uint32_t offset_of(std::uint32_t entry) const;
    Note told(const CourseNote& one, const Done& done, Rare& rare, std::vector<std::uint32_t>& places) const;
    void settle_rest();
    std::string_view keep(std::string_view text);
};

}  // namespace hansa::mapping::program
