// A document that is carried over member by member: plan_list.h says how.
#include "core/mapping/plan_list.h"

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/plan_machine.h"

namespace hansa::mapping::program {

static_assert(ListLosses::parts == list_parts);

template <class Use>
bool Machine::guarded(const Use& use) {
    why_.clear();
    try {
        use();
    } catch (const Decline& declined) {
        why_ = declined.why;
        if (rec_ != nullptr) member_courses_.in_vain(recorder_.course().hash);
        rec_ = nullptr;
        return false;
    }
    return true;
}

Left Machine::left() const {
    return {.out = out_.size(),
            .inner = inner_.size(),
            .inner_count = inner_count_,
            .messages = messages_.size(),
            .first_notes = first_notes_.size(),
            .notes = notes_.size(),
            .tails = tails_.size(),
            .warned = warned_.size(),
            .warned_places = warned_places_.size(),
            .later_warnings = later_warnings_.size(),
            .rare = rare_.size(),
            .ordinals = ordinals_.size(),
            .reasons = reasons_.size()};
}

void Machine::give_back(const Left& left) {
    out_.shorten(left.out);
    inner_.shorten(left.inner);
    inner_count_ = left.inner_count;
    messages_.resize(left.messages);
    first_notes_.resize(left.first_notes);
    notes_.resize(left.notes);
    tails_.resize(left.tails);
    warned_.resize(left.warned);
    warned_places_.resize(left.warned_places);
    later_warnings_.resize(left.later_warnings);
    rare_.resize(left.rare);
    ordinals_.resize(left.ordinals);
    reasons_.resize(left.reasons);
}

// ---- the first reading ----

bool Machine::open_document(const schema::Tape& tape, std::uint32_t document) {
    tape_ = &tape;
    return guarded([&] {
        if (!message_open_) open_message();
        if (!tape_open_) open_tape();
        if (!in_.document_is_root) {
            walk(at_, document, 1, outer_frame_);
            at_ = document;
        }
        ++ordinal_;
        ++taken_;
        if (!is_chosen()) decline("a long list that was not chosen");
        ++course_counts_.documents;
        start_document(document);
    });
}

void Machine::start_document(std::uint32_t document) {
    list_.on = true;
    list_.document = document;
    list_.total = list_.count = 0;
    list_.before = sizes();
    list_.left = left();
    list_.given = losses_given_;
    list_.outer_rest.clear();
    list_.outer_rest.swap(rest_);
    list_.before.rest = 0;
    list_.sums.clear();
    for (const ReadExpression* call : program_->list.sums) list_.sums.push_back({.call = call, .value = {}});
    for (const OutExpression* call : program_->list.out_sums) list_.sums.push_back({.call = call, .value = {}});
    open_list_document();
}

/// As it stands before anything of it is looked at.
void Machine::open_list_document() {
    shrink(list_.before);
    give_back(list_.left);
    clear_outer_block();
    more_values_.clear();
    more_texts_.clear();
    agreeing_.clear();
    constants_.clear();
    list_.adding = list_.late = list_.written = list_.in_member = list_.reached = list_.full = false;
    losses_given_ = list_.given;
    list_.warned_split = list_.left.warned;
    list_.ordinal = list_.number = list_.emitted = 0;
    list_.hole = 0;
    list_.seen.clear();
    list_.seen_attributes = 0;
    list_.seen_without = false;
    list_.frame = open_frame(0, nothing, list_.document);
    frames_[list_.frame].ordinal = ordinal_;
    frames_[list_.frame].number = 1;
    enter(0, list_.frame);
}

/// A member that is not kept: it is counted, and what rules about the document ask of it is added.
bool Machine::add_up(const schema::Tape& tape, std::uint32_t member) {
    tape_ = &tape;
    return guarded([&] { count_member(member); });
}

void Machine::count_member(std::uint32_t member) {
    const ListProgram& known = program_->list;
    ++list_.total;
    if (in_.groups[known.group].blank_is_none && is_blank(member)) return;
    ++list_.count;
    if (known.sums.empty() || count_by_course(member)) return;
    const Sizes before = sizes();
    const auto selected = selected_;
    place_hint_ = 1;
    one(member, in_.steps[0][known.path], 0, 0, list_.frame);
    add_sums(0, known.sums.size(), 0);
    keep_count();
    shrink(before);
    selected_ = selected;
    list_of_document() = {};
}

void Machine::add_sums(std::size_t from, std::size_t to, std::size_t which) {
    list_.adding = true;
    const std::size_t reads = program_->list.sums.size();
    for (std::size_t i = from; i < to; ++i) {
        if (rec_ != nullptr)
            rec_->course().member->sums[which].push_back(i < reads ? bind(*program_->list.sums[i])
                                                                   : bind(*program_->list.out_sums[i - reads]));
        add(i, which, i < reads ? evaluate(*program_->list.sums[i]) : evaluate(*program_->list.out_sums[i - reads]));
    }
    list_.adding = false;
}

void Machine::add(std::size_t sum, std::size_t which, const std::optional<std::string>& value) {
    ListSum& at = list_.sums[sum];
    const Result<Decimal> number = value ? Decimal::parse(*value) : Result<Decimal>(Error{codes::check_failed, ""});
    if (!number) {
        at.failed[which] = true;
        return;
    }
    const Result<Decimal> all = at.value[which] ? at.value[which]->plus(*number) : number;
    if (!all) {
        at.failed[which] = true;
        return;
    }
    at.value[which] = *all;
}

const ListSum* Machine::sum_of(const void* call) const {
    const auto found = std::ranges::find(list_.sums, call, &ListSum::call);
    return found == list_.sums.end() ? nullptr : &*found;
}

/// As evaluate.h gives it of all members.
std::optional<std::string> Machine::summed(const ListSum& sum) const {
    const bool reads = static_cast<std::size_t>(&sum - list_.sums.data()) < program_->list.sums.size();
    if (!reads && !list_.late) decline("all members of a long list");
    // What is filled in stands by the time of the last turn.
    const std::size_t which = reads || !list_.written ? 0 : 1;
    if (sum.failed[which]) return std::nullopt;
    const std::string quick = sum.quick[which].canonical();
    if (!sum.value[which]) return quick;
    const Result<Decimal> rest = Decimal::parse(quick);
    const Result<Decimal> all = rest ? sum.value[which]->plus(*rest) : rest;
    if (!all) return std::nullopt;
    return all->canonical();
}

// ---- the document around the members ----

bool Machine::begin_list(const schema::Tape& tape, std::uint32_t place) {
    tape_ = &tape;
    return guarded([&] { start_members(tape, place); });
}

void Machine::start_members(const schema::Tape& tape, std::uint32_t place) {
    open_list_document();
    list_.place = place;
    const WriteLoop& loop = to_.loops[program_->list.loop];
    if (loop.counter != nothing && loop.guards.empty() && !to_.counters[loop.counter].first &&
        list_.count > to_.counters[loop.counter].most)
        decline("more members than the target holds");
    list_.fed.clear();
    for (const Put* put : program_->list.fed) list_.fed.push_back({.put = put});
    for (std::size_t i = program_->list.sums.size(); i < list_.sums.size(); ++i) {
        const void* const call = list_.sums[i].call;
        list_.sums[i] = {.call = call, .value = {}};
    }
    frames_[list_.frame].end = tape[list_.document].next;
    list_of_document() = {.first = nothing, .last = nothing, .count = list_.count, .total = list_.total};
    const schema::Entry& own = tape[list_.document];
    if (own.size != 0 && !says_nothing(own.value())) decline("text between elements");
    walk(list_.document + 1, place, 0, list_.frame);
    // What comes behind the members does not stand right behind what is in front of them.
    for (auto& [count, end] : selected_) {
        if (end == place) end = nothing;
    }
    for (Frame& frame : frames_) {
        if (frame.end == place && frame.parent != nothing) --frame.end;
    }
    list_.rest_split = rest_.size();
    walk(place, own.next, 0, list_.frame);
    work_out_document();
    if (spellings_.empty()) guess_spelling();
    list_.spelling = spelling_;
    list_.ready = sizes();
    list_.left_ready = left();
    list_.scratch = scratch_.mark();
    list_.joined.clear();
    for (const schema::Entry& entry : tape.entries()) list_.joined.add() = entry;
    for (const schema::ForeignName& name : tape.foreign()) list_.joined.add_foreign(name);
    list_.skeleton = list_.joined.size();
    tape_ = &list_.joined;
    learn_shape_around();
}

/// Name spaces in the order of the output's places: usually that of what is written.
void Machine::guess_spelling() {
    seen_.clear();
    seen_mask_ = seen_attributes_ = 0;
    seen_without_ = false;
    for (const OutNode* node : to_.nodes) {
        if (node->dead) continue;
        need(node->name_space, false);
        for (const OutAttribute& one : node->attributes) {
            if (one.name_space != 0) need(one.name_space, true);
        }
    }
    spell();
}

// ---- the second reading ----

/// The tape of the document with one member behind it.
void Machine::join(const schema::Tape& tape, std::uint32_t member) {
    list_.joined.truncate(list_.skeleton);
    const std::uint32_t end = tape[member].next;
    const auto moved = [&](std::uint32_t number) { return number - member + list_.skeleton; };
    for (std::uint32_t at = member; at < end; ++at) {
        schema::Entry& entry = list_.joined.add();
        entry = tape[at];
        entry.next = moved(entry.next);
    }
    const auto foreign = tape.foreign();
    const auto first = std::ranges::lower_bound(foreign, member, {}, &schema::ForeignName::entry);
    for (auto name = first; name != foreign.end() && name->entry < end; ++name) {
        schema::ForeignName own = *name;
        own.entry = moved(name->entry);
        list_.joined.add_foreign(own);
    }
}

bool Machine::list_member(const schema::Tape& tape, std::uint32_t member) {
    return guarded([&] { carry_member(tape, member); });
}

void Machine::carry_member(const schema::Tape& tape, std::uint32_t member) {
    const ListProgram& known = program_->list;
    // What the member before left behind.
    shrink(list_.ready);
    give_back(list_.left_ready);
    scratch_.reset(list_.scratch);
    agreeing_.clear();
    constants_.clear();
    list_.bytes.clear();
    frames_[list_.frame].ordinals = nothing;
    list_.own.fill({});
    list_.first.fill({});
    list_.in_member = true;

    tape_ = &tape;
    ++list_.ordinal;
    list_.by_course = member_by_course(member);
    if (!list_.by_course) {
        join(tape, member);
        tape_ = &list_.joined;
        take_down_member();
        work_out_member();
    }
    if (warned_.size() != list_.left_ready.warned && known.warns_in_several)
        decline("warnings of several rules about a long list");
    if (losses_given_ + losses_held() > target_context_.losses_max) decline("more losses than a ledger holds");
    losses_given_ += notes_.size() - list_.left_ready.notes + first_notes_.size() - list_.left_ready.first_notes;
    list_.in_member = false;
}

/// The member as the tables have it.
void Machine::work_out_member() {
    const auto selected = selected_;
    for (auto& [count, end] : selected_) end = nothing;
    place_hint_ = list_.ordinal;
    List& before = list_of_document();
    before = {.first = nothing, .last = nothing, .count = list_.number, .total = list_.total - 1};
    one(list_.skeleton, in_.steps[0][program_->list.path], 0, 0, list_.frame);
    place_hint_ = 0;
    selected_ = selected;
    List& list = list_of_document();
    const Id made = list.last;
    list_.number = list.count;
    list.count = list_.count;
    list.total = list_.total;
    if (made == nothing) {
        forget_member();
        return;
    }
    read_member(made);
    write_list_member(made);
    add_fed();
    tell_member(made);
    list_of_document().first = list_of_document().last = nothing;
    keep_member();
}

void Machine::read_member(Id member) {
    const ListProgram& known = program_->list;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        if (pass == every_pass) {
            for (const Id row : known.every) {
                if (in_case(in_.rows[row].cases)) read_row(in_.rows[row]);
            }
        }
        enter(known.group, member);
        read_group(known.group, pass);
        enter(known.group, nothing);
        if (pass + 1 != passes) continue;
        list_.adding = true;
        for (const Id check : known.checks) Machine::check(in_.checks[check]);
        list_.adding = false;
    }
    enter(known.group, member);
    check_pivot(known.group);
    enter(known.group, nothing);
}

void Machine::write_list_member(Id member) {
    const ListProgram& known = program_->list;
    const WriteLoop& loop = to_.loops[known.loop];
    const Body& body = to_.bodies[loop.body];
    if (!list_.reached || list_.full) return;
    enter(known.group, member);
    if (!loop.guards.empty() && !holds(loop.guards)) return enter(known.group, nothing);
    refuse_foreign(loop.own);
    if (!count(loop.counter)) {
        list_.full = true;
        return enter(known.group, nothing);
    }
    if (loop.may_be_bare && !any_of(loop.content)) decline("a member without content");
    const Id block = open_block(loop.body, block_of_[0]);
    enter_block(loop.body, block);
    for (std::size_t turn = loop.turn; turn < 2; ++turn) write_steps(body.steps[turn], turn);
    agree();
    compute(body.steps[2]);
    const std::size_t reads = known.sums.size();
    add_sums(reads, list_.sums.size(), 0);
    if (rec_ != nullptr) rec_->restart();
    emit_list_member(block);
    add_sums(reads, list_.sums.size(), 1);
    write_steps(body.steps[3], 3);
    enter_block(loop.body, nothing);
    enter(known.group, nothing);
    List& blocks = block_lists_[blocks_[block_of_[0]].lists + body.list];
    blocks.first = blocks.last = nothing;
}

void Machine::emit_list_member(Id block) {
    const OutNode& top = *program_->list.top;
    seen_.clear();
    seen_mask_ = seen_attributes_ = 0;
    seen_without_ = false;
    names_.clear();
    path_.clear();
    for (const OutNode* at = top.parent; at; at = at->parent) {
        const bool nth = at == to_.document && !is_alone();
        const std::uint32_t ordinal = nth ? static_cast<std::uint32_t>(inner_count_) + 1 : 1;
        path_.insert(path_.begin(), {at, at->repeats ? ordinal : 0});
    }
    std::uint32_t emitted = 0;
    {
        const Swapped to_member(out_, list_.bytes);
        emitted = emit(top, block, false, list_.emitted + 1);
    }
    list_.emitted += emitted;
    if (rec_ != nullptr) {
        CourseMember& member = *rec_->course().member;
        member.emitted = emitted;
        member.seen = seen_;
        member.seen_attributes = seen_attributes_;
        member.seen_without = seen_without_;
    }
    for (const Id name_space : seen_) {
        if (std::ranges::find(list_.seen, name_space) == list_.seen.end()) list_.seen.push_back(name_space);
    }
    list_.seen_attributes |= seen_attributes_;
    list_.seen_without = list_.seen_without || seen_without_;
}

/// What the rows of the document gave this member is taken there, or not.
void Machine::add_fed() {
    for (ListFed& one : list_.fed) {
        each_member(one.put->loops, [&] {
            const Value& at = value(one.put->place);
            if (!at.present) return;
            ++(taken(at, one.put->place, current_[one.put->place.group]) ? one.taken : one.left);
            one.more = one.more || at.note != 0 || at.lost != 0 || at.more_count != 0;
        });
    }
}

void Machine::tell_member(Id member) {
    const ListProgram& known = program_->list;
    const std::size_t own = list_.left_ready.notes, first = list_.left_ready.first_notes;
    list_.own[0] = {own, own, notes_.size()};
    list_.first[0] = {first, first, first_notes_.size()};
    notes_into_ = &notes_;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        list_.own[1 + pass].begin = notes_.size();
        list_.first[1 + pass].begin = first_notes_.size();
        enter(known.group, member);
        leaf_group(known.group, pass);
        enter(known.group, nothing);
        list_.own[1 + pass].end = notes_.size();
        list_.first[1 + pass].end = first_notes_.size();
    }
    list_.own.back().begin = notes_.size();
    for (std::size_t i = list_.ready.rest; i < rest_.size(); ++i)
        say(rest_[i].entry, rest_[i].frame, in_.sites[rest_[i].site]);
    list_.own.back().end = notes_.size();
}

void Machine::member_losses(MemberLosses& out, xml::LineIndex& lines) const {
    for (std::size_t part = 0; part < list_parts; ++part) {
        for (std::size_t i = list_.first[part].begin; i < list_.first[part].end; ++i)
            out.read[part].push_back(entry_of(first_notes_[i], lines));
        for (std::size_t i = list_.own[part].begin; i < list_.own[part].end; ++i)
            out.own[part].push_back(entry_of(notes_[i], lines));
    }
    for (std::size_t i = list_.left_ready.warned; i < warned_.size(); ++i) out.warned.push_back(told(warned_[i]));
}

void Machine::count_member_losses(LossCounts& counts) const {
    for (std::size_t i = list_.left_ready.notes; i < notes_.size(); ++i)
        ++counts[static_cast<std::size_t>(notes_[i].kind)];
    for (std::size_t i = list_.left_ready.first_notes; i < first_notes_.size(); ++i)
        ++counts[static_cast<std::size_t>(first_notes_[i].kind)];
}

// ---- the end ----

ListEnd Machine::end_list(const schema::Tape& tape) {
    bool again = false;
    const bool good = guarded([&] {
        again = !finish_members();
        if (again) return;
        finish_document(is_alone(), {.first = first_notes_.size(), .notes = notes_.size(), .tails = tails_.size()});
        tape_ = &tape;
        documents_from_ = list_.document;
        documents_to_ = tape[list_.document].next;
        at_ = documents_to_;
        close_list_document();
    });
    if (!good) return ListEnd::declined;
    if (again) tape_ = &tape;
    return again ? ListEnd::again : ListEnd::done;
}

bool Machine::finish_members() {
    shrink(list_.ready);
    give_back(list_.left_ready);
    scratch_.reset(list_.scratch);
    agreeing_.clear();
    frames_[list_.frame].ordinals = nothing;
    list_.in_member = false;
    list_.late = true;
    tape_ = &list_.joined;
    compute(to_.bodies[0].steps[2]);
    const bool alone = is_alone();
    list_.hole = 0;
    list_.own.fill({});
    list_.first.fill({});
    list_.own[0].begin = list_.own[0].split = notes_.size();
    alone ? emit_message() : emit_inner();
    list_.written = true;
    if (alone && spelling_ != list_.spelling) return false;
    list_.own[0].end = notes_.size();
    if (alone) list_.hole -= messages_.back().begin;
    write_steps(to_.bodies[0].steps[3], 3);
    tell_document();
    return true;
}

void Machine::close_list_document() {
    shrink(list_.before);
    rest_.swap(list_.outer_rest);
    clear_outer_block();
    list_.on = false;
}

void Machine::tell_document() {
    notes_into_ = &notes_;
    for (std::size_t pass = 0; pass < passes; ++pass) {
        Bounds& own = list_.own[1 + pass];
        Bounds& first = list_.first[1 + pass];
        own.begin = own.split = notes_.size();
        first.begin = first.split = first_notes_.size();
        leaf_group(0, pass);
        own.end = notes_.size();
        first.end = first_notes_.size();
    }
    Bounds& own = list_.own.back();
    own.begin = own.split = notes_.size();
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        if (i == list_.rest_split) own.split = notes_.size();
        say(rest_[i].entry, rest_[i].frame, in_.sites[rest_[i].site]);
    }
    if (list_.rest_split >= rest_.size()) own.split = notes_.size();
    own.end = notes_.size();
}

/// A value that every member got is one value: all of them took it, or none.
void Machine::fed_by_members(const Put& put, std::vector<FedValue>& fed) {
    const auto found = std::ranges::find(list_.fed, &put, &ListFed::put);
    if (found == list_.fed.end() || found->more) decline("a value of all members of a long list");
    if (found->taken + found->left == 0) return;
    if (found->taken != 0 && found->left != 0) decline("a value that some members of a long list take");
    constants_.push_back({.present = true});
    fed.push_back({&constants_.back(), found->taken != 0});
}

/// Where the members will stand.
std::uint32_t Machine::emit_hole(const OutNode& child, Id block, std::uint32_t among) {
    if (among != 0) decline("others of their name in front of a long list");
    const List& list = block_lists_[blocks_[block].lists + to_.bodies[child.loop].list];
    if (list_.emitted == 0 && list.count != 0 && child.shape != nullptr && child.shape->least > 0)
        decline("a demanded member without content");
    list_.hole = out_.size();
    list_.own[0].split = notes_.size();
    for (const Id name_space : list_.seen) need(name_space, false);
    seen_attributes_ |= list_.seen_attributes;
    seen_without_ = seen_without_ || list_.seen_without;
    return list_.emitted;
}

void Machine::raise_list() {
    const Raised& top = to_.raised[program_->list.top->number];
    if (top.parent != nothing) raise(top.parent, block_of_[0]);
}

void Machine::list_losses(ListLosses& out, xml::LineIndex& lines) const {
    const auto take = [&](const std::vector<Note>& notes, const Bounds& bounds, ListLosses::Part& part) {
        for (std::size_t i = bounds.begin; i < bounds.end; ++i)
            (i < bounds.split ? part.before : part.behind).push_back(entry_of(notes[i], lines));
    };
    for (std::size_t part = 0; part < list_parts; ++part) {
        take(first_notes_, list_.first[part], out.read[part]);
        take(notes_, list_.own[part], out.own[part]);
    }
    for (std::size_t i = list_.left.tails; i < tails_.size(); ++i) out.tail.push_back(entry_of(tails_[i], lines));
    for (std::size_t i = list_.left.warned; i < warned_.size(); ++i)
        (i < list_.warned_split ? out.warned_before : out.warned_behind).push_back(told(warned_[i]));
    out.written.assign(later_warnings_.begin() + static_cast<std::ptrdiff_t>(list_.left.later_warnings),
                       later_warnings_.end());
}

/// The tape ends with the document.
bool Machine::close(PlanEnd end) {
    return guarded([&] {
        tape_open_ = false;
        if (end == PlanEnd::message) flush();
    });
}

}  // namespace hansa::mapping::program
