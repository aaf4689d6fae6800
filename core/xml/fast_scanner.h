// The scanner for speed: the same tokens, limits and errors as Scanner (scanner.h), several times as fast.
//
// It is Scanner with short ways for what documents are full of: tags whose names were seen before, texts,
// references, CDATA sections and comments, found and checked by vectors (lanes.h). A short way only takes what it is
// sure of; everything else, every fault included, is decided by Scanner's own rules from the begin of the token on, so
// that there is one set of rules and one place that names an error. Scanner stays the reference; tests/differential
// compares the two token by token.
//
// It looks ahead by some dozen tokens and keeps them in short (TokenPiece), which is all that kind(), text() and
// attributes() need; token() makes the whole Token of it when it is asked for.
//
// One FastScanner reads message after message: names that it has learned and all its buffers are kept,
// and no token allocates.
//
//     xml::FastScanner scanner;
//     for (const std::string_view message : messages) {
//         scanner.reset(message);
//         while (scanner.advance()) {
//             if (scanner.kind() == xml::TokenKind::end_of_document) break;
//             if (scanner.kind() == xml::TokenKind::text) use(scanner.text());
//         }
//         if (scanner.failed()) return scanner.error();
//     }
//
// Sources: as scanner.h.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/xml/lanes.h"
#include "core/xml/scanner.h"
#include "core/xml/token.h"

namespace hansa::xml {

/// A token in short, as the fast scanner keeps it.
struct TokenPiece {
    enum : std::uint8_t { white = 1, empty_tag = 2, mended = 4, declares = 8 };
    /// Copied as one, so that a tag's piece is made of three stores.
    struct Kind {
        std::uint32_t attribute_count = 0;  ///< of an instruction: where its data begin
        std::uint16_t name = 0;             ///< of a tag, a number of the scanner's own: the same name, the same number
        TokenKind kind = TokenKind::end_of_document;
        std::uint8_t flags = 0;
    };

    const char* at;                 ///< the first byte; of a mended text: the bytes that it reads as
    std::size_t size;               ///< of tag or text, or of a comment's content, or an instruction's data
    std::uint32_t first_attribute;  ///< for the scanner; of an instruction: the target's size
    Kind of;

    TokenKind kind() const { return of.kind; }
    std::string_view text() const { return {at, size}; }  ///< of a text only
};

/// Reads one document after another. A text must outlive its reading. Movable; one thread at a time.
/// What the tokens hold lives as long as with Scanner: views lie in the text, or in the scanner until the
/// next token.
///
/// Cost: half a nanosecond a byte of small elements, a tenth of that for long texts; about 20 KB for each scanner.
class FastScanner {
public:
    /// Nothing to read yet: reset() gives the document. `level` is for tests: it must be supported here.
    explicit FastScanner(lanes::Level level = usual_level());
    explicit FastScanner(std::string_view text, const Limits& limits = {},
                         DeclaredEncoding declared = DeclaredEncoding::binding, lanes::Level level = usual_level());
    /// The best level up to AVX2: blocks of 64 bytes are longer than most texts, and cost 2 to 8 % more (measured on
    /// Zen 4).
    static lanes::Level usual_level();
    FastScanner(FastScanner&&) noexcept;
    FastScanner& operator=(FastScanner&&) noexcept;
    ~FastScanner();

    /// Begins with another document, whatever became of the last one.
    void reset(std::string_view text, const Limits& limits = {}, DeclaredEncoding declared = DeclaredEncoding::binding);

    /// Goes to the next token. After an error every call gives the same error.
    /// Errors: those of Scanner::next, at the same places
    Result<TokenKind> next() {
        if (!advance()) return error();
        return kind();
    }

    /// The same without a Result: false when there is an error, which error() tells.
    bool advance() {
        if (piece_ == last_) return refill();
        ++piece_;
        return true;
    }
    bool failed() const;
    /// Only after a call of advance() or next() that failed.
    const Error& error() const;

    /// What next() or advance() went to; before the first call there is none.
    const Token& token() const {
        if (made_ != piece_) make_token();
        return *token_;
    }
    // The same in parts, which cost nothing.
    TokenKind kind() const { return piece_->of.kind; }
    std::string_view text() const { return piece_->text(); }                            ///< of a text only
    std::span<const AttributeToken> attributes() const { return attributes(*piece_); }  ///< of a start tag only

    /// Goes over all that was looked ahead, at once: for loops that count or copy. The last of it is the current token
    /// then. Empty: there is an error. All is good until the next call of advance(), next() or this.
    ///
    ///     for (auto pieces = scanner.advance_all(); !pieces.empty(); pieces = scanner.advance_all()) {
    ///         for (const xml::TokenPiece& piece : pieces) ...
    ///         if (pieces.back().kind() == xml::TokenKind::end_of_document) break;
    ///     }
    std::span<const TokenPiece> advance_all() {
        if (!advance()) return {};
        const TokenPiece* const first = piece_;
        piece_ = last_;
        return {first, last_ + 1};
    }
    std::span<const AttributeToken> attributes(const TokenPiece& piece) const {
        if (piece.of.attribute_count == 0) return {};
        return {attributes_ + piece.first_attribute, piece.of.attribute_count};
    }

    std::size_t depth() const;                                                    ///< as Scanner::depth
    std::optional<std::string_view> namespace_of(std::string_view prefix) const;  ///< as Scanner::namespace_of
    std::string_view declared_encoding() const;                                   ///< as Scanner::declared_encoding

    struct Impl;  ///< fast_scanner_impl.h, for the scanner's own sources

private:
    bool refill();
    void make_token() const;

    std::unique_ptr<Impl> impl_;
    const TokenPiece* piece_;                   ///< the current one
    const TokenPiece* last_;                    ///< of those looked ahead
    mutable const TokenPiece* made_ = nullptr;  ///< which one the Token shows
    const Token* token_;
    const AttributeToken* attributes_ = nullptr;
    bool (*refill_)(Impl&);
};

}  // namespace hansa::xml
