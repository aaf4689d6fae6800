// How one writer spells a grammar's tags: prefixes learned from the document, and each tag ready to be
// compared.
//
// A tag is compared without its '<' or '</', with its '>', so that one pattern serves both. Spellings are
// made once for a choice of prefixes and kept by the reader, message after message; what follows what (LeafRun)
// is learned from the documents.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema/compiled_grammar.h"

namespace hansa::schema {

/// "ceb:Order>" in 64 bytes, the rest zero. A name that does not fit, or whose namespace has no prefix,
/// matches nothing.
struct TagPattern {
    static constexpr std::uint32_t bytes_max = 64;
    alignas(32) char bytes[bytes_max] = {};
    std::uint32_t size = 0;  ///< with the '>'
};

/// All that the predicted path must know of the element that leads to a state: one cache line.
struct PlacePattern {
    static constexpr std::uint32_t bytes_max = 32;
    enum class Way : std::uint8_t {
        none,      ///< nothing is predicted here; its pattern is empty
        plain,     ///< a value with nothing but bounds of its length
        value,     ///< any other value
        bound,     ///< a value that has a default or is fixed
        children,  ///< elements only
    };
    alignas(64) char bytes[bytes_max] = {};
    std::uint8_t size = 0;  ///< of the whole name with '>'; what is behind 32 bytes stands in the TagPattern
    Way way = Way::none;
    SymbolIndex symbol = no_index;
    std::uint32_t ordinal = no_index;
    std::uint32_t min_chars = 0, more_chars = 0;  ///< above the minimum
    Index element = no_index;
    Index text = no_index;  ///< simple type; none: words, where children may stand too
    std::uint32_t run = 0;  ///< Spelling::runs(); 0: none was made yet
};
static_assert(sizeof(PlacePattern) == 64);

/// An element that holds a value, and what stood behind the value last time: "</a><b>", where b holds a value too, with
/// the white space between them. One writer's documents repeat that, so one comparison takes both tags.
struct LeafRun {
    static constexpr std::uint32_t bytes_max = 128;
    enum class Check : std::uint8_t {
        length,     ///< nothing but bounds of its length
        collapsed,  ///< the same, without blanks at its ends or two in a row
        decimal,    ///< digits with a point, or what the type's program says
        integer,    ///< digits, or what the type's program says
        fixed,      ///< one value of at most 8 bytes
        other,      ///< what the type's program says
    };
    static constexpr std::uint32_t remembered_max = 8;  ///< bytes
    static constexpr std::uint32_t nothing_yet = 0xFFFFFFFFu;
    alignas(64) char bytes[bytes_max] = {};
    /// What tells the element's entry from others, in its order: size, path, next, offset. Of the path the ordinal, of
    /// the offset how far it lies in front of the value, but for the '<'.
    std::uint32_t entry[4] = {0, no_index, 0, 0};
    std::uint32_t next = 0;  ///< the run of the element whose value follows; 0: the bytes are "</a>" alone
    std::uint32_t state = 0;
    std::uint16_t size = 0;
    std::uint8_t digits_max = 0, fraction_max = 0;  ///< of values of up to 64 bytes
    Check check = Check::other;
    bool constrained = false;             ///< it has a default or is fixed
    bool is_short = false;                ///< a value follows, and the bytes are no more than 64
    bool is_brief = true;                 ///< few values followed last time
    mutable std::uint32_t min_chars = 0;  ///< of a fixed value, or of what was found right last: its bytes
    std::uint32_t more_chars = 0;         ///< above the minimum
    std::uint64_t first_bytes = 0;        ///< a bit for each byte, of the first 64
    mutable std::uint64_t fixed = 0;  ///< the first byte lowest, zeros behind the last; of `other`: what was right last
    Index element = no_index;
    Index text = no_index;  ///< as in PlacePattern

    std::uint32_t ordinal() const { return entry[1]; }
    std::uint32_t tag_size() const { return 0 - entry[3]; }  ///< "a>"
};
static_assert(sizeof(LeafRun) == 192);

/// Where an element of elements stands, and what follows from that.
struct OpenPlace {
    PathIndex path = no_path;
    PathIndex first_child = no_path, child_count = 0;
    std::uint32_t type = no_index;
    const TagPattern* tag = nullptr;  ///< the pattern that its end tag matches; nullptr: compare the name
    Index element = no_index;         ///< of the grammar's table; no_index: unknown
    std::uint32_t state = 0;          ///< at first that of its type
};

/// What stood last time between two values, where elements end and begin between them: end tags, then start tags
/// without attributes, and the start tag of the next value, with the white space around them.
struct Crossing {
    static constexpr std::uint32_t bytes_max = 128, tags_max = 6;
    static constexpr std::uint32_t ends = no_index;  ///< a step: none, an element ends
    struct Tag {
        std::uint32_t state = 0;  ///< of the element around it, before it
        std::uint32_t step = ends;
        std::uint32_t from = 0;  ///< where its '<' stands
        OpenPlace place;         ///< of an element that begins; of one that ends, only the tag counts
    };
    alignas(64) char bytes[bytes_max] = {};
    std::uint64_t first_bytes = 0, last_bytes = 0;  ///< a bit for each byte
    std::uint32_t size = 0;                         ///< 0: nothing was learned
    std::uint32_t tag_count = 0;                    ///< the last is the value's
    std::uint32_t next = 0;                         ///< its run
    Tag tags[tags_max];
};

/// A start tag with attributes, as it stood last time: one writer's documents give an element the same attributes in
/// the same order, and often the same values.
struct TagRun {
    static constexpr std::uint32_t bytes_max = 256, parts_max = 8, name_max = 62;
    struct Part {
        std::uint16_t name = 0, value = 0, size = 0;  ///< where both begin, from the tag's '<'; of the value
        std::uint16_t ordinal = 0;                    ///< among the type's attributes
        Index type = no_index;
    };
    static constexpr std::uint32_t block = 64;       ///< what is read at once
    alignas(64) char bytes[bytes_max + block] = {};  ///< from '<' to '>'
    std::uint32_t size = 0;
    std::uint32_t name_size = 0;  ///< "<a "
    std::uint32_t part_count = 0;
    std::uint32_t ordinal_max = 0;
    bool is_canonical = false;  ///< the canonical form has the same bytes
    Part parts[parts_max];
    LeafRun leaf;  ///< of its value; `state` is that behind it
};

class Spelling {
public:
    /// A prefix for each namespace of the grammar: empty for the default one. Marked as unknown: no tag of
    /// that namespace can be predicted.
    struct Prefix {
        bool known = false;
        std::string text;
        friend bool operator==(const Prefix&, const Prefix&) = default;
    };

    Spelling(const CompiledGrammar& grammar, std::vector<Prefix> prefixes, std::size_t name_bytes_max);

    const std::vector<Prefix>& prefixes() const { return prefixes_; }
    const TagPattern& tag(SymbolIndex symbol) const { return tags_[symbol]; }
    const TagPattern* tags() const { return tags_.data(); }
    /// By state.
    const PlacePattern* places() const { return places_.data(); }

    /// Runs by number; good until run_of() makes a new one.
    const LeafRun* runs() const { return runs_.data(); }
    /// The run of a state whose element holds a value.
    std::uint32_t run_of(const CompiledGrammar& grammar, std::uint32_t state);
    /// `next` followed the run's element, with this white space between.
    void learn(std::uint32_t run, std::string_view space, std::uint32_t next);
    /// The tag that leads to a state, when it had attributes; 0: none did so far.
    std::uint32_t tag_run_of(std::uint32_t state) const { return tag_run_of_[state]; }
    TagRun& tag_run(std::uint32_t number) { return *tag_runs_[number]; }
    /// The tag stood so. What does not fit is not kept.
    void learn_tag(const CompiledGrammar& grammar, std::uint32_t state, std::string_view tag,
                   std::span<const TagRun::Part> attributes);
    static constexpr std::uint32_t ways = 2;
    static constexpr std::size_t crossings_max = 512;  ///< runs that come later have none
    /// What followed the run's element, of `ways` kinds; nullptr: nothing yet. Good until the next is learned.
    const Crossing* crossings(std::uint32_t run) const {
        const std::uint32_t number = crossing_of_[run];
        return number == 0 || number == never ? nullptr : &crossings_[number];
    }
    /// Is it worth to look what follows the run's element?
    bool may_cross(std::uint32_t run) const { return crossing_of_[run] != never; }
    /// Something followed that is no crossing.
    void note_no_crossing(std::uint32_t run) {
        if (crossing_of_[run] == 0) crossing_of_[run] = never;
    }
    /// These tags followed the run's element, with all that stands between them, and then the value of another run.
    /// What does not fit is not kept.
    void learn_crossing(std::uint32_t run, std::string_view text, std::span<const Crossing::Tag> tags,
                        std::uint32_t next);
    bool& is_brief(std::uint32_t run) { return runs_[run].is_brief; }
    /// Which of a state's steps was taken last.
    std::uint16_t& last_step(std::uint32_t state) { return last_steps_[state]; }

    /// Something else followed.
    void forget(std::uint32_t run) {
        if (runs_[run].next != 0) end(run);
    }

private:
    std::vector<Prefix> prefixes_;
    std::vector<TagPattern> tags_;
    std::vector<PlacePattern> places_;
    static void follow(LeafRun& run, std::uint32_t size, std::uint32_t next);
    void end(std::uint32_t run) { follow(runs_[run], runs_[run].tag_size() + 2, 0); }

    std::vector<LeafRun> runs_;
    std::vector<std::uint32_t> tag_run_of_;
    std::vector<std::unique_ptr<TagRun>> tag_runs_;
    std::vector<std::uint16_t> last_steps_;
    static constexpr std::uint32_t never = no_index;
    std::vector<std::uint32_t> crossing_of_;  ///< by run: the first of its ways; 0: none so far
    std::vector<Crossing> crossings_;
    std::uint32_t next_way_ = 0;
};

}  // namespace hansa::schema
