#include "core/envelope/frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/envelope/codes.h"
#include "core/mapping/coverage.h"
#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/schema/reader.h"
#include "core/schema/validator.h"
#include "core/schema/writer.h"
#include "core/xml/scanner.h"

namespace hansa::envelope {
namespace {

constexpr std::string_view encoding = "base64";

void collect(const pivot::Node& node, const std::string& path, Headers& out) {
    for (const pivot::Node& child : node.children) {
        const std::string below = path.empty() ? child.name : path + "/" + child.name;
        if (!child.value.empty()) out.emplace(below, child.value);
        collect(child, below, out);
    }
}

void put(pivot::Node& parent, std::string_view path, const std::string& value) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    auto found = std::ranges::find_if(parent.children, [&](const pivot::Node& child) { return child.name == name; });
    if (found == parent.children.end()) {
        parent.children.push_back(
            {.name = std::string(name), .value = {}, .list = {}, .attributes = {}, .children = {}});
        found = std::prev(parent.children.end());
    }
    if (slash == path.npos)
        found->value = value;
    else
        put(*found, path.substr(slash + 1), value);
}

/// The one place that the table leaves to the exchange.
Result<std::string> payload_place(const Frame& frame) {
    for (const mapping::Covered& leaf : mapping::coverage(*frame.table).all) {
        if (leaf.form == "envelope") return leaf.path;
    }
    return Error{codes::payload_missing, fmt::format("the table of {} has no row `envelope`", frame.format)};
}

}  // namespace

const Frame* frame_of(std::string_view bytes, std::span<const Frame> frames) {
    if (frames.empty()) return nullptr;
    xml::Limits limits;
    limits.document_bytes_max = bytes.size();
    xml::Scanner scanner(bytes, limits);
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == xml::TokenKind::end_of_document) return nullptr;
        if (*kind != xml::TokenKind::start_element) continue;
        const xml::Token& token = scanner.token();
        const auto found = std::ranges::find_if(
            frames, [&](const Frame& frame) { return frame.root.ns == token.ns && frame.root.local == token.local; });
        return found == frames.end() ? nullptr : &*found;
    }
}

Result<Framed> take_out(const Frame& frame, std::string_view bytes) {
    Diagnostics faults;
    const auto judge = frame.judge();
    if (!judge) return judge.error();
    if (const auto valid = (*judge)->validate(bytes, faults); !valid) return valid.error();
    const auto tree = schema::read_tree(bytes, {}, &frame.table->grammar());
    if (!tree) return tree.error();
    const auto reading = mapping::read(*frame.table, *tree, {}, faults);
    if (!reading) return reading.error();
    const auto place = payload_place(frame);
    if (!place) return place.error();
    Framed out;
    for (const pivot::Document& document : reading->documents) collect(document.root, {}, out.headers);
    const auto said = out.headers.find("Payload/EncodingCode");
    if (said == out.headers.end() || said->second != encoding)
        return Error{codes::payload_unreadable, fmt::format("{}: only {} is taken out", frame.format, encoding)};
    const auto text = reading->envelope.find(*place);
    if (text == reading->envelope.end() || text->second.empty())
        return Error{codes::payload_missing, fmt::format("{} of {} is empty", *place, frame.format)};
    auto payload = from_base64(text->second);
    if (!payload) return Error{codes::payload_unreadable, payload.error().detail};
    out.payload = *std::move(payload);
    return out;
}

Result<std::string> put_in(const Frame& frame, std::string_view message, const Headers& headers,
                           std::string_view digest) {
    const auto place = payload_place(frame);
    if (!place) return place.error();
    pivot::Document document{.kind = pivot::Kind::envelope,
                             .root = {.name = "Envelope", .value = {}, .list = {}, .attributes = {}, .children = {}},
                             .memory = {},
                             .annex = {}};
    for (const auto& [path, value] : headers) put(document.root, path, value);
    put(document.root, "Payload/EncodingCode", std::string(encoding));
    mapping::Context context;
    context.message_digest = digest;
    context.envelope[*place] = to_base64(message);
    Diagnostics faults;
    auto writing = mapping::write(*frame.table, std::span(&document, 1), context, faults);
    if (!writing) return writing.error();
    schema::order_children(frame.table->grammar(), writing->messages.front());
    std::string out = schema::write_tree(writing->messages.front());
    const auto judge = frame.judge();
    if (!judge) return judge.error();
    if (const auto valid = (*judge)->validate(out, faults); !valid) return valid.error();
    return out;
}

}  // namespace hansa::envelope
