#include "core/xml/fast_scanner.h"

#include <bit>

#include "core/xml/fast_scanner_impl.h"
#include "core/xml/lanes_x86.h"

namespace hansa::xml {
namespace scalar_ways {
namespace {
using Lanes = lanes::Scalar;
#include "core/xml/fast_scanner_tags.h"

#include "core/xml/fast_scanner_body.h"
}  // namespace
}  // namespace scalar_ways

namespace sse2_ways {
namespace {
using Lanes = lanes::Sse2;
#include "core/xml/fast_scanner_tags.h"

#include "core/xml/fast_scanner_body.h"
}  // namespace
}  // namespace sse2_ways

HANSA_LANES_BEGIN(AVX2)
namespace avx2_ways {
namespace {
using Lanes = lanes::Avx2;
#include "core/xml/fast_scanner_tags.h"

#include "core/xml/fast_scanner_body.h"
}  // namespace
}  // namespace avx2_ways
HANSA_LANES_END

HANSA_LANES_BEGIN(AVX512)
namespace avx512_ways {
namespace {
using Lanes = lanes::Avx512;
#include "core/xml/fast_scanner_tags.h"

#include "core/xml/fast_scanner_body.h"
}  // namespace
}  // namespace avx512_ways
HANSA_LANES_END

namespace {

using Refill = bool (*)(FastScanner::Impl&);

Refill refill_of(lanes::Level level) {
    switch (level) {
        case lanes::Level::scalar:
            return scalar_ways::refill;
        case lanes::Level::sse2:
            return sse2_ways::refill;
        case lanes::Level::avx2:
            return avx2_ways::refill;
        case lanes::Level::avx512:
            break;
    }
    return avx512_ways::refill;
}

}  // namespace

lanes::Level FastScanner::usual_level() {
    return std::min(lanes::best_level(), lanes::Level::avx2);
}

FastScanner::FastScanner(lanes::Level level)
    : impl_(std::make_unique<Impl>()), token_(&impl_->token), refill_(refill_of(level)) {
    reset({});
}
FastScanner::FastScanner(std::string_view text, const Limits& limits, DeclaredEncoding declared, lanes::Level level)
    : FastScanner(level) {
    reset(text, limits, declared);
}
FastScanner::FastScanner(FastScanner&&) noexcept = default;
FastScanner& FastScanner::operator=(FastScanner&&) noexcept = default;
FastScanner::~FastScanner() = default;

void FastScanner::reset(std::string_view text, const Limits& limits, DeclaredEncoding declared) {
    impl_->reset(text, limits, declared);
    piece_ = impl_->pieces.data();
    last_ = piece_;
    made_ = piece_;
}

bool FastScanner::refill() {
    if (!refill_(*impl_)) {
        // The pieces are gone, and every call must come here again.
        last_ = piece_;
        return false;
    }
    piece_ = impl_->pieces.data();
    last_ = piece_ + impl_->piece_count - 1;
    made_ = impl_->piece_is_slow ? piece_ : nullptr;
    attributes_ = impl_->attributes.data();
    return true;
}

void FastScanner::make_token() const {
    impl_->make_token(*piece_);
    made_ = piece_;
}

bool FastScanner::failed() const {
    return impl_->error.has_value();
}

const Error& FastScanner::error() const {
    return *impl_->error;
}

std::size_t FastScanner::depth() const {
    return impl_->depth_at(piece_);
}

std::optional<std::string_view> FastScanner::namespace_of(std::string_view prefix) const {
    return impl_->scope.find(prefix);
}

std::string_view FastScanner::declared_encoding() const {
    return impl_->encoding;
}

// --- the inside --------------------------------------------------------------------------------

FastScanner::Impl::Impl() : Scanner::Impl({}, {}, DeclaredEncoding::binding), pieces{}, nested(17) {
    names.reserve(names_max + 1);
    forget_names();
}

void FastScanner::Impl::forget_names() {
    names.clear();
    place_of.fill(0);
    names_ran_out = false;
    KnownName& none = names.emplace_back();
    none.bytes[0] = '\xFF';
    none.size = 1;
    none.successor = &none;
}

void FastScanner::Impl::reset(std::string_view text_, const Limits& limits_, DeclaredEncoding declared_) {
    text = text_;
    limits = limits_;
    declared = declared_;
    at = 0;
    stage = Stage::start;
    ascii_only = false;
    encoding = {};
    token = {};
    error.reset();
    open.clear();
    end_is_due = false;
    close_is_due = false;
    scope.drop_to(0);
    if (names_ran_out) forget_names();
    last_name = names.data();
    last_resolved = names.data();
    piece_count = 0;
    piece_is_slow = false;
    pieces[0] = {};
    depth = 0;
    depth_before = 0;
    up_to_date = 0;
    leave_is_due = false;
    checked_to = 0;
    checked_all = false;
    generation = ++generations_made;
    generations.assign(1, generation);
}

void FastScanner::Impl::open_scope(const NamespaceDeclaration& made) {
    scope.add(made.prefix, made.uri, false);
    generation = ++generations_made;
    generations.push_back(generation);
}

void FastScanner::Impl::drop_scope(std::size_t bindings) {
    scope.drop_to(bindings);
    generations.resize(bindings + 1);
    generation = generations.back();
}

void FastScanner::Impl::close_last() {
    if (close_is_due) {
        close_ended();
        depth = open.size();
        up_to_date = depth;
        drop_scope(scope.size());
    }
    if (leave_is_due) {
        leave_is_due = false;
        drop_scope(leave_to);
    }
    if (depth == 0 && stage == Stage::content) stage = Stage::epilog;
}

void FastScanner::Impl::bring_open_up_to_date() {
    open.resize(up_to_date);
    for (; up_to_date < depth; ++up_to_date) {
        const Nested& element = nested[up_to_date + 1];
        const KnownName& name = names[element.name];
        // Declarations of its own are in scope, those of elements inside of it are not.
        const std::size_t bindings = up_to_date + 1 < depth ? nested[up_to_date + 2].bindings_before : scope.size();
        const std::string_view whole(element.from + 1, name.size);
        const std::string_view prefix = whole.substr(0, name.prefix_size);
        const std::size_t offset = static_cast<std::size_t>(element.from - text.data());
        open.push_back({{whole, prefix, whole.substr(name.local_begin())},
                        scope.find(prefix, bindings).value_or(std::string_view{}),
                        offset,
                        element.bindings_before});
    }
}

bool FastScanner::Impl::slow_step() {
    bring_open_up_to_date();
    piece_is_slow = true;
    if (!Scanner::Impl::step()) return false;
    const auto attribute_count = static_cast<std::uint32_t>(token.attributes.size());
    pieces[0] = {token.text.data(), token.text.size(), 0, {attribute_count, 0, token.kind, 0}};
    piece_count = 1;
    if (token.kind == TokenKind::start_element) {
        depth = open.size();
        up_to_date = depth;
        if (nested.size() < depth + 2) nested.resize(2 * depth + 2);
        nested[depth] = {text.data() + token.offset, static_cast<std::uint32_t>(open.back().bindings_before), 0};
        while (generations.size() <= scope.size()) generations.push_back(++generations_made);
        generation = generations.back();
    }
    return true;
}

KnownName* FastScanner::Impl::learn(std::string_view whole, std::uint16_t& free_place) {
    KnownName* const none = names.data();
    const std::size_t colon = whole.find(':');
    const bool split = colon != whole.npos;
    if (split && !is_ncname(whole.substr(0, colon))) return none;
    if (!is_ncname(split ? whole.substr(colon + 1) : whole)) return none;
    if (names.size() > names_max) {
        names_ran_out = true;
        return none;
    }
    KnownName& made = names.emplace_back();
    std::copy(whole.begin(), whole.end(), made.bytes);
    made.successor = none;
    const auto number = static_cast<std::uint16_t>(names.size() - 1);
    made.start = {0, number, TokenKind::start_element, 0};
    made.end = {0, number, TokenKind::end_element, 0};
    made.size = static_cast<std::uint8_t>(whole.size());
    made.prefix_size = static_cast<std::uint8_t>(split ? colon : 0);
    made.declares = whole == "xmlns" || whole.starts_with("xmlns:");
    free_place = number;
    return &made;
}

bool FastScanner::Impl::resolve(KnownName& name) {
    const auto found = scope.find({name.bytes, name.prefix_size});
    if (!found || name.size > limits.name_bytes_max) return false;
    name.ns = *found;
    name.generation = generation;
    last_resolved = &name;
    return true;
}

std::size_t FastScanner::Impl::depth_at(const Piece* piece) const {
    if (error) return open.size();
    if (piece_is_slow || piece_count == 0) return depth;
    std::size_t out = depth_before;
    for (const Piece* before = pieces.data(); before <= piece; ++before) {
        if (before->kind() == TokenKind::start_element) ++out;
        if (before->kind() == TokenKind::end_element && before != piece) --out;
    }
    return out;
}

/// Every member is written once and from registers: to read back what was just written in other sizes would stall.
void FastScanner::Impl::make_token(const Piece& piece) {
    const TokenKind kind = piece.of.kind;
    const char* const at_ = piece.at;
    token.kind = kind;
    if (kind == TokenKind::start_element || kind == TokenKind::end_element) {
        const KnownName& name = names[piece.of.name];
        const bool empty = (piece.of.flags & Piece::empty_tag) != 0;
        const char* const whole = at_ + (kind == TokenKind::end_element && !empty ? 2 : 1);
        const std::size_t local_begin = name.local_begin();
        const std::size_t offset = static_cast<std::size_t>(at_ - text.data());
        token.offset = offset;
        token.end = offset + piece.size;
        token.ns = name.ns;
        token.local = {whole + local_begin, name.size - local_begin};
        token.prefix = {whole, name.prefix_size};
        token.empty_tag = empty;
        token.attributes = {};
        if (piece.of.attribute_count != 0)
            token.attributes = {attributes.data() + piece.first_attribute, piece.of.attribute_count};
        token.declarations = {};
        if ((piece.of.flags & Piece::declares) != 0) token.declarations = declarations;
        token.text = {};
        token.white_space = false;
        return;
    }
    std::size_t offset = static_cast<std::size_t>(at_ - text.data());
    std::size_t end = offset + piece.size;
    std::string_view value(at_, piece.size);
    if (kind == TokenKind::comment) {
        value = {at_ + 4, piece.size};
        end += 7;
    } else if (kind == TokenKind::instruction) {
        value = {at_ + piece.of.attribute_count, piece.size};
        end += piece.of.attribute_count + 2;
    } else if ((piece.of.flags & Piece::mended) != 0) {
        const Place& place = mended[static_cast<std::size_t>(&piece - pieces.data())];
        offset = place.offset;
        end = place.end;
    }
    token.offset = offset;
    token.end = end;
    token.ns = {};
    token.local = {};
    if (kind == TokenKind::instruction) token.local = {at_ + 2, piece.first_attribute};
    token.prefix = {};
    token.empty_tag = false;
    token.attributes = {};
    token.declarations = {};
    token.text = value;
    token.white_space = (piece.of.flags & Piece::white) != 0;
}

}  // namespace hansa::xml
