// Compiled twins of conversions: the same results, bytes to bytes.
//
// A FastConversion is made once, from a Conversion, the table's surroundings and the types that are
// written to. It then converts without allocating, without floating point and without making any text
// that it can point to instead. It answers `done` only when the reference (Conversion::to_pivot,
// Conversion::from_pivot, then Grammar::check_value of every text written) would succeed, and then with
// the same values, slots, lists and notes. In every other case, and whenever it is not sure, it
// answers `declined`, and the reference decides for the whole message.
//
// Always declined: errors of any kind; a text that would be written empty; a note where the caller
// gives no place for notes; more values than a slot list holds; a made reference (`alias`); a number
// or a date longer than customs documents write them (number_bytes_max, 64 bytes).
// Texts are UTF-8, as every reader of documents sees to; on other bytes the twins promise nothing but to
// stay within them.
// No twin at all (the plan does such a row by the reference): `pointer`; a list or setting that is missing;
// patterns whose table would be too large.
//
// Lifetimes: results are views into the text that was given, into the twin itself, or into the
// run's scratch. They live until the shortest of these ends. A twin keeps nothing of its makers but
// what it copies (lists, settings) and a share of the grammar.
// Threads: a twin is immutable; a FastRun belongs to one thread.
// Cost: making one 1 to 500 us. Converting: 10 to 150 instructions and one for every 16 bytes.
//
//     const FastConversion twin = FastConversion::of(conversion, {.zone = "+08:00", .authority = "cn"}, targets);
//     if (!twin) return no_fast_way;
//     FastRun run{.scratch = scratch};
//     FastPivot value;
//     if (twin.read("0012.50", run, value) == Fast::declined) return by_reference();   // value.text == "12.5"
//
// Two conversions that meet in the pivot are fused by fused_conversion.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/mapping/conversion.h"
#include "core/schema/grammar.h"

namespace hansa::mapping {

enum class [[nodiscard]] Fast : std::uint8_t{declined, done};

/// A national text, given or written. Slots as in NationalValue.
struct FastText {
    std::string_view text;
    std::uint32_t slot = 0;
};

/// A value of the pivot. Slots as in PivotValue; several values of one slot are a list.
struct FastPivot {
    std::string_view text;
    std::string_view list;  ///< of a code: the authority's list; empty: the standard's own
    std::uint32_t slot = 0;
};

/// What the ledger has to be told: kind and reason of the reference's note.
struct FastNote {
    ConversionNote::Kind kind = ConversionNote::Kind::narrowed;
    std::string_view reason;
};

/// Up to `most` values in place, a range that a span can be made of. Nothing is made before it is added.
template <class Value, std::size_t most>
class FastList {
    static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_destructible_v<Value>);

public:
    FastList() {}  // NOLINT: the values are not made here
    FastList(const FastList& other) { *this = other; }
    FastList& operator=(const FastList& other) {
        if (this == &other) return *this;
        clear();
        for (const Value& value : other) static_cast<void>(add(value));
        return *this;
    }
    ~FastList() = default;

    void clear() { size_ = 0; }
    /// False: it is full.
    [[nodiscard]] bool add(const Value& value) {
        if (size_ == most) return false;
        std::construct_at(&values_[size_], value);
        ++size_;
        return true;
    }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    const Value& operator[](std::size_t i) const { return values_[i]; }
    const Value* begin() const { return &values_[0]; }
    const Value* end() const { return &values_[0] + size_; }

private:
    std::size_t size_ = 0;
    union {
        Value values_[most];  // NOLINT: an array of what is not made yet
    };
};

using PivotSlots = FastList<FastPivot, 32>;
using TextSlots = FastList<FastText, 32>;
using FastNotes = FastList<FastNote, 16>;

/// Memory for texts that have to be made: grows in blocks, which it keeps when it is reset.
class Scratch {
public:
    explicit Scratch(std::size_t block_bytes = 16'384) : block_bytes_(block_bytes) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    /// Room for `bytes`; what is used of it is kept by `keep`, before the next call.
    char* room(std::size_t bytes) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) grow(bytes);
        return at_;
    }
    /// The text from where `room` began up to `end`.
    std::string_view keep(const char* end) {
        const std::string_view text(at_, static_cast<std::size_t>(end - at_));
        at_ += text.size();
        return text;
    }
    /// Gives up every text made so far.
    void reset();
    /// Gives up the texts that were made since mark().
    struct Mark {
        std::size_t next = 0;
        char* at = nullptr;
        char* end = nullptr;
    };
    Mark mark() const { return {next_, at_, end_}; }
    void reset(const Mark& mark) {
        next_ = mark.next;
        at_ = mark.at;
        end_ = mark.end;
    }
    std::size_t bytes_held() const;

private:
    void grow(std::size_t bytes);
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };
    std::size_t block_bytes_;
    std::vector<Block> blocks_;
    std::size_t next_ = 0;  ///< the first block that is not in use
    char* at_ = nullptr;
    char* end_ = nullptr;
};

/// What one conversion needs while it runs.
struct FastRun {
    Scratch& scratch;
    std::string_view document_date = {};  ///< ISO day, for codes with a validity; empty: any time
    FastNotes* notes = nullptr;           ///< notes are added; nothing: what has a note is declined
};

/// The surroundings that a table's conversions are compiled for.
struct FastContext {
    const std::map<std::string, std::string, std::less<>>* settings = nullptr;  ///< of the agency
    const CodeLists* lists = nullptr;                                           ///< by the name that the table uses
    std::string_view zone = {};                                                 ///< "+08:00"; as ConversionContext
    std::string_view authority = {};                                            ///< "cn"
    const schema::Grammar* grammar = nullptr;                                   ///< whose types the targets are of
    /// May a text be a made reference (ConversionContext::alias_of is asked)? Then `alias` declines
    /// what has the shape of one.
    bool aliases = true;
};

/// What is written to: bounds for the conversion, and the type that the text must be a value of.
struct FastTarget {
    Target bounds = {};
    const schema::SimpleType* type = nullptr;  ///< nothing: any text will do
};

/// Longer numbers are left to the reference.
inline constexpr std::size_t number_bytes_max = 36;

class FastCode;  // fast_code.h

class FastConversion {
public:
    /// No twin: declines everything.
    FastConversion() = default;

    /// `targets` has one entry a national slot, as Conversion::from_pivot has.
    static FastConversion of(const Conversion& conversion, const FastContext& context,
                             std::span<const FastTarget> targets = {});

    explicit operator bool() const { return code_ != nullptr; }

    /// One national text and one value of the pivot: `read` and `write` do all there is to do.
    bool single() const { return single_; }
    /// Does a result depend on the document's day?
    bool dated() const;
    Fast read(std::string_view national, FastRun& run, FastPivot& out) const;
    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const;

    /// Any conversion. `out` is cleared first. When it declines, `out` and notes hold nothing of meaning.
    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const;
    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const;

    /// For fused_conversion.cpp.
    const FastCode* code() const { return code_.get(); }

    explicit FastConversion(std::shared_ptr<const FastCode> code);

private:
    std::shared_ptr<const FastCode> code_;
    bool single_ = false;
};

}  // namespace hansa::mapping
