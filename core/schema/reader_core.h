// The inside of the compiled reader: what its paths share.
//
// Everything that stands between two steps is here; a path takes what it needs into registers and gives it
// back. A path that finds something wrong only says so: what and where is found by a second walk.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/schema/compiled_reader.h"
#include "core/schema/spelling.h"
#include "core/xml/encoding.h"
#include "core/xml/text_run.h"

namespace hansa::schema {

/// How nearly every document begins.
inline constexpr std::string_view usual_declaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

/// An element that is open.
struct Frame : OpenPlace {
    enum class Mode : std::uint8_t {
        model,     ///< children by its type's states
        text,      ///< a value, no children
        anything,  ///< xs:anyType: known children are judged
        skipped,   ///< below a skip wildcard, or unknown below a lax one
    };
    Mode mode = Mode::model;
    bool mixed = false;  ///< text beside children is kept and allowed
    bool has_children = false;
    bool has_words = false;  ///< text that is more than white space (of mixed content)
    bool is_nil = false;
    bool predictable = false;  ///< elements only, all of which have paths
    bool is_cut = false;
    bool known = false;             ///< declared, and so is all around it
    std::uint32_t entry = 0;        ///< on the tape
    std::uint32_t floor = 0;        ///< behind its attributes there
    std::uint32_t count = 0;        ///< how often the state's element was there
    std::uint64_t members = 0;      ///< of an xs:all: those that were there
    std::string_view name;          ///< as spelled
    const char* content = nullptr;  ///< behind the start tag
    Spelling* spelling_before = nullptr;
    std::uint32_t bindings_before = 0;
};

/// Frames of the elements that are open. What ended stands until the next one at its depth, which is often its like, is
/// made in its place.
class FrameStack {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    Frame& back() { return frames_[size_ - 1]; }
    const Frame& back() const { return frames_[size_ - 1]; }
    Frame& operator[](std::size_t depth) { return frames_[depth]; }
    void clear() { size_ = 0; }
    void pop_back() { --size_; }
    void push_back(const Frame& frame) {
        next() = frame;
        take();
    }
    /// The place of the next one, as the last at its depth left it.
    Frame& next() { return frames_[size_]; }
    /// That one is open now. Frames may move.
    Frame& take() {
        if (++size_ == frames_.size()) frames_.resize(2 * size_);
        return back();
    }

private:
    std::vector<Frame> frames_ = std::vector<Frame>(16);
    std::size_t size_ = 0;
};

/// How a path ended.
enum class PathEnd : std::uint8_t {
    miss,   ///< the predicted path: something else must be looked at
    moved,  ///< the general path: one thing was read
    cut,
    end,
    wrong,
    undecided,
};

/// An attribute of the start tag that is being read.
struct RawAttribute {
    std::string_view name, prefix, local, ns;
    std::string_view value;
    std::uint32_t chars = 0;
    bool copied = false;
    const char* offset = nullptr;
};

struct Binding {
    std::string_view prefix, uri;
    std::unique_ptr<std::string> own;
};

/// The start tag of a root as it stood last time: one writer's documents begin alike, and name spaces are many words.
struct RootBefore {
    struct Part {
        std::uint32_t at = 0, size = 0;  ///< in the tag
    };
    struct Declared {
        Part prefix, uri;
    };
    static constexpr std::size_t bytes_max = 2'048;
    std::string bytes;  ///< from '<' to '>'; empty: none
    std::vector<Declared> declared;
    Frame frame;
    Spelling* spelling = nullptr;
    bool is_canonical = false;
};

/// What is compiled once a level of lanes.h (predicted_path.cpp).
struct LevelPaths {
    /// Reads on from `at_` while the document is as predicted.
    PathEnd (*predicted)(FastReader::Core&);
    /// Over characters, which are counted, to where a text, a comment, an instruction or a section may end: stop 0,
    /// '-', '?', ']'. A text also ends before '<', '&' and a carriage return, a section before a carriage return. To a
    /// control that is no character, or to the end. Not each stop is passed over: the caller looks. nullptr: bytes that
    /// are no characters.
    const char* (*pass)(const char* at, const char* end, char stop, std::size_t& chars);
};
LevelPaths paths_of(xml::lanes::Level level);

/// Where end tags begin in the next piece of the document, so that the ends of several values are known at once.
struct TagIndex {
    static constexpr std::size_t piece = 4'096, at_once = 64;
    std::array<std::uint16_t, piece / 4 + at_once> offsets;  ///< from `base` on
    std::uint32_t at = 0, count = 0;
    std::size_t base = 0;    ///< offset in the document
    std::size_t behind = 0;  ///< the same: up to there tags were looked for

    std::size_t tag() const { return base + offsets[at]; }
};

struct FastReader::Core {
    Core(std::shared_ptr<const CompiledGrammar> grammar_, xml::lanes::Level level_);

    // --- a document (compiled_reader.cpp) ---
    Result<void> open(std::string_view bytes, std::span<const PathIndex> cuts, Diagnostics& faults_,
                      const xml::Limits& limits_);
    Result<ReadStep> next();
    Result<ReadStep> finish();
    Error fail();
    PathEnd step() {
        const PathEnd end = frames.empty() || spelling == nullptr ? PathEnd::miss : level.predicted(*this);
        return end == PathEnd::miss ? general() : end;
    }

    // --- general path (general_path.cpp, general_tags.cpp, general_learning.cpp) ---
    PathEnd general();
    bool begin();
    PathEnd outside_root();
    PathEnd start_tag();
    bool root_as_before();
    void remember_root(const char* from, std::size_t patches_before);
    std::optional<PathEnd> known_start_tag();
    void learn_tag(const Frame& frame, std::uint32_t state, const char* from);
    PathEnd end_tag();
    bool comment();
    bool instruction();
    bool inner_comment();  ///< inside of the root
    bool inner_instruction();
    bool read_attributes(bool& empty);
    bool read_value(RawAttribute& attribute);
    bool read_name(std::string_view& name);
    bool split_name(std::string_view name, std::string_view& prefix, std::string_view& local) const;
    bool declare_namespaces();
    bool resolve_attributes();
    bool read_reference(xml::TextRun& run);
    /// Character data up to a '<' that is no CDATA section.
    bool read_text(xml::TextRun& run, std::size_t& chars, bool& has_section);
    bool read_cdata(xml::TextRun& run, std::size_t& chars);
    void read_returns(xml::TextRun& run, std::size_t& chars);
    PathEnd text_between();
    /// White space up to a tag; false: something else, and nothing was passed.
    bool blanks();
    /// pass() from at_ on; false: bytes that are no characters.
    bool pass(char stop, std::size_t& chars) {
        const char* const behind = level.pass(at_, end_, stop, chars);
        if (behind != nullptr) at_ = behind;
        return behind != nullptr;
    }

    // --- elements, for both paths ---
    const ModelEdge* edge_for(Frame& parent, SymbolIndex symbol, std::string_view ns);
    PathEnd take_element(Frame& frame, NamespaceIndex known_ns, std::string_view prefix, std::string_view local,
                         std::string_view ns, const char* from, bool empty);
    bool names_type() const;
    PathEnd check_attributes(Index element, const CompiledType* type, Frame& frame);
    PathEnd read_value_of(Frame& frame, bool empty);
    /// A value and its end tag; false: something else. The text lies in the document, or in `scratch` (copied).
    bool read_content(std::string_view name, std::string_view& text, std::size_t& chars, bool& copied);
    /// The same for an element whose start tag was as predicted; fills text and size of its entry.
    bool read_odd_value(const LeafRun& run, std::uint32_t number, Entry& entry);
    /// An end tag, which began at `tag`, from behind its name on.
    bool end_odd_tag(const char* tag, std::string_view name);
    const TagPattern& tag_of(const LeafRun& run) const {
        return spelling->tag(grammar->elements()[run.element].symbol);
    }
    /// Of an element with a fixed or default value: the text says nothing that needs a second look.
    bool is_plainly_constrained(Index element, std::string_view text) const;
    /// TypePrograms::accepts, with a memory for texts that come again and take long to judge: addresses, certificates.
    bool accepts(const TypeProgram& program, std::string_view text, std::size_t chars);
    bool check_text(Index element, std::string_view text, std::size_t chars);
    bool note_identifiers(Index type, std::string_view text);
    PathEnd close(const char* content_end, bool empty);
    void end_root(const char* behind) {
        stage = Stage::epilog;
        root_end = behind;
    }
    std::string_view text_of_childless(const Frame& frame, const char* content_end);

    // --- canonical form (canonical_patches.cpp) ---
    void patch(const char* from, const char* behind, std::string_view text);
    void patch_start_tag(const Frame& frame, const char* from, bool empty);
    void patch_end_tag(const char* from, std::string_view name);
    void patch_text(const char* from, std::string_view text);

    // --- names ---
    const std::string_view* namespace_for(std::string_view prefix) const;
    void learn(NamespaceIndex ns, std::string_view prefix);
    void drop_bindings(std::uint32_t count);
    void respell();
    Spelling* spelling_for(std::vector<Spelling::Prefix> prefixes);

    std::uint32_t offset_of(const char* where) const { return static_cast<std::uint32_t>(where - begin_); }
    bool spare(std::size_t bytes) const { return static_cast<std::size_t>(end_ - at_) >= bytes; }
    bool looking_at(std::string_view literal) const {
        return spare(literal.size()) && std::string_view(at_, literal.size()) == literal;
    }

    std::shared_ptr<const CompiledGrammar> grammar;
    LevelPaths level;

    std::optional<xml::Utf8Document> document;
    xml::Limits limits;
    Diagnostics* faults = nullptr;
    const char* begin_ = nullptr;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    enum class Stage : std::uint8_t { prolog, content, epilog, ended, failed };
    Stage stage = Stage::failed;
    std::optional<Error> error;

    /// The document's end once more, with room behind it for loads that go too far.
    static constexpr std::size_t tail_room = 256, tail_bytes = 1'024;
    std::array<char, tail_bytes + tail_room> tail{};
    std::size_t tail_begin = 0;  ///< its offset in the document

    TagIndex tags;
    FrameStack frames;
    std::vector<std::string> mixed_text;  ///< by depth
    std::vector<bool> cut_paths;
    bool has_cuts = false, has_leaf_cuts = false;
    PathIndex cut_path = no_path;  ///< of the element at whose end the reader stopped last
    Tape tape;

    std::vector<Binding> bindings;
    Spelling* spelling = nullptr;
    RootBefore root_before;
    std::vector<std::unique_ptr<Spelling>> spellings;
    std::vector<std::unique_ptr<std::string>> kept_uris;  ///< of declarations that ended, for foreign names
    std::uint32_t respellings = 0;

    std::string scratch;  ///< text of the element being read
    std::vector<RawAttribute> attributes;
    std::string attribute_text;
    struct Accepted {
        Index type = no_index;
        std::string text;
    };
    std::array<Accepted, 64> accepted;
    std::unordered_set<std::string> identifiers, references;
    bool declares = false;

    bool keeps_patches = false;  ///< asked for, and nothing stood in the way yet
    bool wants_patches = false;
    std::vector<CanonicalPatch> patches;
    std::deque<std::string> patch_texts;
    const char* root_end = nullptr;

    ReadCounts counts;
};

}  // namespace hansa::schema
