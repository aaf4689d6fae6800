// What a plan keeps while it carries a document over: frames and values of the source, blocks and texts of the target,
// and what is told of them. Internal to plan*.cpp; plan_machine.h says what is done with it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/mapping/plan_bytes.h"
#include "core/mapping/plan_course.h"
#include "core/mapping/plan_list.h"
#include "core/mapping/plan_number.h"
#include "core/mapping/plan_program.h"
#include "core/schema/tape.h"

namespace hansa::mapping::program {

struct Value {
    std::string_view text, list;
    std::uint32_t lost = 0;  ///< number of a reason, from 1
    std::uint32_t note = 0;  ///< of the reason that is its note, from 1
    std::uint32_t more = 0, more_count = 0;
    bool present = false, taken = false, noted = false;
    bool told = false;    ///< the ledger names it beside a leaf
    bool direct = false;  ///< the text is the target's: only its own row may look at it
};

/// A value that a leaf of the source said, as the ledger asks for it.
struct FedValue {
    Value* value = nullptr;
    bool taken = false;
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

struct List {
    Id first = nothing, last = nothing;
    std::uint32_t count = 0, total = 0;
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
    Operand from;
};

struct WrittenText {
    std::string_view text;
    std::size_t term = 0;
    Operand from;
};

struct FoundKey {
    Place place;
    std::string_view text;
    Operand from;
};

struct Here {
    std::uint32_t slots = 0, slot_count = 0, places = 0, place_count = 0, bits = 0;
};

struct Spot {
    const Id* owners = nullptr;  ///< of each text: the element that it makes stand
    std::uint32_t texts = 0, text_count = 0;
};

struct Note {
    const std::string* reason = nullptr;
    const std::string* row = nullptr;
    std::string_view value;  ///< of what was filled
    schema::PathIndex path = schema::no_path;
    std::uint32_t entry = 0;  ///< whose value it is about
    std::uint32_t ordinals = 0, ordinal_count = 0;
    std::uint32_t rare = 0;  ///< number of what few notes have, from 1
    LossKind kind = LossKind::dropped;
};

/// A path as a loss names it: the places of what repeats stand between the pieces.
struct PathWords {
    std::vector<std::string> pieces;  ///< one more than places; none: not made yet
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

struct Rest {
    std::uint32_t entry = 0;
    Id site = nothing, frame = nothing;
};

/// What a document left behind: by a course, or in the lists of notes up to these numbers.
struct Done {
    const Course* course = nullptr;
    std::uint32_t entry = 0, ordinal = 0, inner = 0;
    std::size_t values = 0;  ///< of a course's filled values: the first
    std::size_t first = 0, notes = 0, tails = 0;
};

struct Message {
    std::size_t begin = 0, end = 0;
    PlanDocuments documents;
    std::size_t hole = 0;  ///< from `begin`: where documents of earlier parts stand
};

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

/// How full the rooms of a document are.
struct Sizes {
    std::size_t frames = 0, slots = 0, bits = 0, choices = 0, values = 0, lists = 0, multi = 0, rest = 0, blocks = 0,
                texts = 0, block_lists = 0, marks = 0, more_values = 0, more_texts = 0;
};

/// ... and those of what it leaves behind.
struct Left {
    std::size_t out = 0, inner = 0, inner_count = 0, messages = 0, first_notes = 0, notes = 0, tails = 0, warned = 0,
                warned_places = 0, later_warnings = 0, rare = 0, ordinals = 0, reasons = 0;
};

/// A part of the notes of a long document, or of one of its members.
struct Bounds {
    std::size_t begin = 0, split = 0, end = 0;
};

/// A document that is carried over member by member.
struct ListRun {
    bool on = false, adding = false, late = false, written = false, in_member = false;
    bool reached = false;  ///< the target takes the members
    bool full = false;     ///< ... and no more of them
    Id frame = nothing;    ///< of the document
    std::uint32_t document = 0, place = 0, skeleton = 0;
    std::uint32_t total = 0, count = 0;     ///< members; those that say something
    std::uint32_t ordinal = 0, number = 0;  ///< of the second reading, so far
    std::uint32_t emitted = 0;
    std::size_t hole = 0, spelling = 0;
    Sizes before, ready;
    Left left, left_ready;
    std::vector<Rest> outer_rest;
    std::size_t rest_split = 0, warned_split = 0;
    std::uint64_t given = 0;  ///< losses of what came before
    std::array<Bounds, list_parts> own, first;
    std::vector<ListSum> sums;
    std::vector<ListFed> fed;
    std::vector<Id> seen;
    std::uint64_t seen_attributes = 0;
    bool seen_without = false;
    Scratch::Mark scratch;
    OutBytes bytes;
    schema::Tape joined;
    // --- courses of members ---
    std::vector<std::uint32_t> shape;  ///< of what stands around the members; none: no course
    std::uint32_t state = 0;           ///< how the document stands, as DocumentStates numbers it; 0: not known
    std::array<std::string_view, member_places> places;
    bool wanted = false;  ///< the member is to be taken down
    std::uint64_t hash = 0;
    bool by_course = false;  ///< it went one: entries of its notes are those of its own tape
    std::vector<ListFed> fed_before;
    std::uint32_t counted_before = 0;
};

/// A long list whose members are there: what became of them, until the document around them is written.
struct WholeList {
    std::vector<std::uint32_t> members;  ///< entries of the tape, one behind the other
    schema::Tape around;                 ///< the document without them
    std::uint32_t place = 0, taken = 0;  ///< where they stood, and how many entries they are
    std::uint32_t original(std::uint32_t entry) const { return entry < place ? entry : entry + taken; }
    OutBytes bytes;
    std::array<std::vector<Note>, list_parts> own, first;
    std::vector<Warning> warned;
};

/// How documents stand around their members: whatever a member's steps may depend on but the texts.
class DocumentStates {
public:
    /// From 1; 0: too many are known.
    std::uint32_t number_of(const std::vector<std::uint32_t>& words);

private:
    static constexpr std::size_t most = 256;
    std::vector<std::vector<std::uint32_t>> known_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_hash_;
};

}  // namespace hansa::mapping::program
