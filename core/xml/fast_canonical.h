// Canonical XML on the fast way: tokens in, canonical octets out, no tree and nothing kept per token.
//
// What stands in the input in canonical spelling already leaves as a slice of the input; only what is
// spelt otherwise (<x/>, attribute order, references, CDATA, line ends) is written anew. So the
// canonical form of a usual message is a handful of slices, which a digest reads at memory speed.
//
// The judge is canonical_form (canonical.h, libxml2): equal octets or a refusal. Where this way cannot be
// sure of equal octets it declines, and the reference does the work: namespace URIs beyond the plain
// kinds (libxml2 refuses or misspells some), xml:base of Canonical XML 1.1 in subtrees.
//
//     xml::CanonicalPieces pieces;
//     auto done = xml::fast_canonical_form(bytes, {.method = xml::Canonicalization::exclusive}, pieces);
//     if (!done) return done.error();                     // the scanner's: not well-formed, a limit
//     if (*done != xml::FastForm::done) /* ask the reference */;
//     for (std::string_view piece : pieces.pieces()) digest.write(piece);
//
// Sources: Canonical XML 1.0 (W3C REC 2001-03-15), 1.1 (2008-05-02), Exclusive XML
//          Canonicalization 1.0 (2002-07-18).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/sink.h"
#include "core/xml/canonical.h"
#include "core/xml/scanner.h"

namespace hansa::xml {

/// Is it a URI that every reader of RFC 3986 takes for an absolute one, and that needs no escape: an urn, or http with
/// a name and a path? libxml2 refuses to canonicalise relative ones and does not escape what it writes.
bool is_plain_uri(std::string_view uri);

/// Takes canonical octets in order, and may keep views of those that the input holds.
class CanonicalOutput {
public:
    virtual ~CanonicalOutput() = default;
    virtual void slice(std::string_view of_input) = 0;  ///< stays as long as the input
    virtual void made(std::string_view bytes) = 0;      ///< good during the call only
};

/// Octets into a sink.
class CanonicalToSink final : public CanonicalOutput {
public:
    explicit CanonicalToSink(Sink& sink) : sink_(&sink) {}
    void slice(std::string_view bytes) override { sink_->write(bytes); }
    void made(std::string_view bytes) override { sink_->write(bytes); }

private:
    Sink* sink_;
};

/// Octets as a list of views: into the input, and into an own store for what was written anew. The list
/// is good until clear(), and as long as the input. Reuse keeps the memory.
class CanonicalPieces final : public CanonicalOutput {
public:
    void slice(std::string_view of_input) override;
    void made(std::string_view bytes) override;
    /// Once all is in.
    std::span<const std::string_view> pieces();
    void give_to(CanonicalOutput& out);
    std::size_t size() const { return size_; }
    void clear();
    std::string text();

private:
    struct Piece {
        const char* of_input;  ///< nullptr: in the store
        std::size_t from;
        std::size_t size;
    };
    std::vector<Piece> parts_;
    std::vector<std::string_view> views_;
    std::string store_;
    std::size_t size_ = 0;
};

/// What is in scope while tokens pass: namespace bindings, and xml:* attributes, which subtrees inherit.
/// One scope serves several writers. Views stay good while their element is open.
class CanonicalScope {
public:
    /// `source`: the scanned text. Also makes an old scope new.
    void reset(std::string_view source);
    /// At a start token, before writers see it.
    void open(const Token& start);
    /// A declaration by the caller's own hand, for the element that open() is called for next.
    void declare(std::string_view prefix, std::string_view uri);
    /// At an end token, after writers saw it.
    void close();

    struct Binding {
        std::string_view prefix, uri;
    };
    struct XmlAttribute {
        std::string_view local;
        std::string value;
    };
    std::span<const Binding> bindings() const { return bindings_; }
    /// Those that the innermost element added stand from here on.
    std::size_t own_bindings() const { return frames_.empty() ? 0 : frames_.back().bindings_before; }
    /// The innermost of the first `count`; nullptr: none.
    const Binding* find(std::string_view prefix, std::size_t count) const;
    /// Of the ancestors of the innermost element, outermost first.
    std::span<const XmlAttribute> inherited() const;
    std::span<const XmlAttribute> own_xml_attributes() const;

    /// A declaration was met of which the reference's octets are not certain.
    bool is_doubtful() const { return doubtful_; }

private:
    struct Frame {
        std::size_t bindings_before, attributes_before;
    };
    std::string_view source_;
    std::vector<Binding> bindings_;
    std::vector<XmlAttribute> attributes_;
    std::vector<Frame> frames_;
    std::vector<Binding> declared_;  ///< by declare()
    bool doubtful_ = false;
};

/// Writes what it is given: a whole document's tokens, or those of one element. Not thread-safe.
class CanonicalForm {
public:
    /// Begins. `subtree`: the first token is the element's start; comments and instructions outside of
    /// the root are not expected. All must outlive the writing. `inclusive_prefixes`: of exclusive methods.
    void begin(std::string_view source, const CanonicalScope& scope, Canonicalization method, bool subtree,
               std::span<const std::string> inclusive_prefixes, CanonicalOutput& out);
    void token(const Token& token);
    /// After the last token. False: octets are not certain (xml:base above a subtree).
    bool finish();
    std::size_t octets() const { return octets_; }

private:
    struct Rendered {
        std::string_view prefix, uri;
    };
    void start(const Token& token);
    void end(const Token& token);
    void text(const Token& token);
    void comment(const Token& token);
    void instruction(const Token& token);
    void outside(const Token& token, std::string_view piece);

    void inclusive_declarations(const Token& token);
    void exclusive_declarations(const Token& token);
    void use(std::string_view prefix, std::string_view uri);
    void write_declarations();
    void write_attributes(const Token& token);
    void inherit(bool simple_only);
    void put_tag(const Token& token);

    void keep(std::size_t from, std::size_t to);
    void make(std::string_view bytes);
    void flush();
    void escape_text(std::string_view text);
    void escape_value(std::string_view value);

    std::string_view source_;
    const CanonicalScope* scope_ = nullptr;
    CanonicalOutput* out_ = nullptr;
    std::span<const std::string> inclusive_prefixes_;
    bool exclusive_ = false, is11_ = false, comments_ = false, subtree_ = false;
    bool root_ended_ = false, doubtful_ = false, skip_end_ = false;
    std::size_t depth_ = 0;
    std::size_t from_ = 0, to_ = 0;  ///< slice of the source that is not given out yet
    std::size_t octets_ = 0;
    std::vector<Rendered> rendered_;            ///< exclusive: what output ancestors declared
    std::vector<std::size_t> rendered_before_;  ///< a mark for each open element
    struct Attribute {
        std::string_view ns, name, value;  ///< name without prefix
        std::string_view prefix;
    };
    std::vector<Rendered> declared_;  ///< of the element that starts
    std::vector<Attribute> attributes_;
    std::string buffer_;
};

enum class FastForm {
    done,
    declined,   ///< ask canonical_form
    not_there,  ///< no element has the Id, or none starts at the offset
};

/// What to write. Without `id` and `offset`: the whole document.
struct FastRequest {
    Canonicalization method = Canonicalization::c14n10;
    std::string_view id = {};                   ///< the first element with this Id, by whatever spelling
    std::optional<std::uint64_t> offset = {};   ///< the element whose '<' stands here
    std::optional<std::uint64_t> without = {};  ///< an element left out, by the offset of its '<'
    std::span<const std::string> inclusive_prefixes = {};
    Limits limits = {};
    std::size_t octets_max = 256u << 20;
};

/// Reads the whole document, whatever part of it is written. `out` has seen octets also when this declines.
/// Errors: the scanner's
Result<FastForm> fast_canonical_form(std::string_view bytes, const FastRequest& request, CanonicalOutput& out);

/// Is it an attribute that names its element: Id, ID, id, xml:id, wsu:Id?
bool is_id_attribute(const AttributeToken& attribute);

}  // namespace hansa::xml
