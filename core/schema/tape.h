// What was read from a document, flat: one entry for each element and attribute, in document order.
//
// The compiled reader writes it while it validates; who translates walks over it. An element's entry
// is followed by those of its attributes (in the order of the document; namespace declarations are none),
// then by its children; `next` leads behind all of them.
//
//     for (std::uint32_t at = 1; at < tape[0].next; at = tape[at].next) use(tape[at].path, tape[at].value());
//
// Values are as the tree reader gives them (reader.h): references replaced, CDATA and comments taken
// away, line ends \n, white space between elements dropped, the type's own white space rule not yet
// applied. They are views into the document or into the tape, good until the tape is truncated below
// their entry, opened again, or gone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/schema/path_table.h"

namespace hansa::schema {

/// 24 bytes.
struct Entry {
    const char* text = nullptr;  ///< never nullptr on a tape
    std::uint32_t size = 0;      ///< of the value in bytes; 0 for an element that holds elements only
    PathIndex path = no_path;    ///< no_path: what no path leads to; Tape::foreign() names it
    std::uint32_t next = 0;      ///< number of the entry behind this one and all inside; `open` while it is read
    std::uint32_t offset = 0;    ///< of the '<' of the start tag in the UTF-8 document; of an attribute: of its name

    static constexpr std::uint32_t open = 0xFFFFFFFFu;  ///< in `next`
    std::string_view value() const { return {text, size}; }
};
static_assert(sizeof(Entry) == 24);

/// The name of an element or attribute without a path: what a wildcard let in, and what stands inside of
/// a recursion's end.
struct ForeignName {
    std::uint32_t entry = 0;  ///< its number on the tape
    bool attribute = false;
    std::string_view ns, local;
};

/// Of each entry of an element, in order: its path, and whether it has a text. Who compares documents makes it.
using Shape = std::vector<std::uint32_t>;

/// Grows while a document is read. The reader writes; others read, and truncate between two steps.
/// Not thread-safe.
class Tape {
public:
    std::span<const Entry> entries() const { return {entries_.get(), count_}; }
    const Entry& operator[](std::uint32_t number) const { return entries_[number]; }
    std::uint32_t size() const { return count_; }

    /// Drops all entries from number `count` on, but never an element that is still open nor its attributes.
    void truncate(std::uint32_t count);
    /// Entries that truncate() cannot drop now.
    std::uint32_t floor() const { return floor_; }

    /// nullptr: the entry has a path.
    const ForeignName* foreign(std::uint32_t number) const;
    std::span<const ForeignName> foreign() const { return foreign_; }

    /// Bytes that the tape holds beside the document.
    std::size_t bytes_held() const;

    // --- for those that read it one after the other ---

    /// The shape of the element at `entry`, as somebody found it out; nullptr: nobody did. Good as long as the entries.
    const std::shared_ptr<const Shape>* noted_shape(std::uint32_t entry) const {
        if (shapes_.empty() || shapes_.back().entry < entry) return nullptr;
        return find_shape(entry);
    }
    /// For who comes next: the element has ended, and this is its shape.
    void note_shape(std::uint32_t entry, std::shared_ptr<const Shape> shape) const;

    // --- for who writes it ---

    void clear();
    /// The new entry at the end; the reference is good until the next one.
    Entry& add() {
        if (count_ == capacity_) grow();
        return entries_[count_++];
    }
    Entry& at(std::uint32_t number) { return entries_[number]; }
    /// The next entry and how many fit from there; what was filled is told by set_size().
    Entry* room(std::uint32_t& free) {
        if (count_ == capacity_) grow();
        free = capacity_ - count_;
        return &entries_[count_];
    }
    void set_size(std::uint32_t size) { count_ = size; }
    void set_floor(std::uint32_t floor) { floor_ = floor; }
    void add_foreign(const ForeignName& name) { foreign_.push_back(name); }
    /// Copies a value that the document does not hold as it reads, for the entry that has this number.
    std::string_view keep(std::uint32_t entry, std::string_view text);

private:
    void grow();

    /// Values are kept in blocks that do not move. A mark says where the arena stood before an entry's.
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0, used = 0;
    };
    struct Mark {
        std::uint32_t entry;
        std::size_t block, used;
    };

    struct ShapeNote {
        std::uint32_t entry, end;
        std::shared_ptr<const Shape> shape;
    };

    const std::shared_ptr<const Shape>* find_shape(std::uint32_t entry) const;

    std::unique_ptr<Entry[]> entries_;
    std::uint32_t count_ = 0, capacity_ = 0, floor_ = 0;
    std::vector<ForeignName> foreign_;
    std::vector<Block> blocks_;
    std::size_t block_ = 0;
    std::vector<Mark> marks_;
    mutable std::vector<ShapeNote> shapes_;  ///< by entry
    mutable std::size_t shape_asked_ = 0;    ///< which of them was asked for last
};

}  // namespace hansa::schema
