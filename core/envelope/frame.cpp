#include "core/envelope/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/envelope/codes.h"
#include "core/mapping/coverage.h"
#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/schema/reader.h"
#include "core/schema/validator.h"
#include "core/schema/writer.h"
#include "core/trust/container.h"
#include "core/xml/element_slice.h"
#include "core/xml/line_index.h"
#include "core/xml/scanner.h"

namespace hansa::envelope {
namespace {

constexpr std::string_view encoding = "base64";
constexpr std::string_view soap_namespace = "http://www.w3.org/2003/05/soap-envelope";

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

const PayloadPlace* payload_place(const Frame& frame, std::optional<Error>& fault) {
    if (frame.place) return &*frame.place;
    fault = Error{codes::payload_missing, fmt::format("the table of {} has no row `envelope`", frame.format)};
    return nullptr;
}

/// Expanded names on the way to the payload, as the grammar has them.
std::optional<PayloadPlace> find_place(const mapping::Mapping& table) {
    for (const mapping::Covered& leaf : mapping::coverage(table).all) {
        if (leaf.form != "envelope") continue;
        PayloadPlace out;
        out.path = leaf.path;
        const schema::Grammar& grammar = table.grammar();
        const schema::ElementDecl* at = &grammar.root();
        out.steps.push_back(at->name);
        for (std::string_view rest = leaf.path; !rest.empty();) {
            const std::string_view name = rest.substr(0, rest.find('/'));
            rest.remove_prefix(std::min(rest.size(), name.size() + 1));
            const auto children = grammar.children(*at);
            const auto child = std::ranges::find_if(
                children, [&](const schema::Child& one) { return one.element->name.local == name; });
            if (child == children.end()) return std::nullopt;
            if (child->max > 1 && out.repeats == 0) out.repeats = out.steps.size();
            at = child->element;
            out.steps.push_back(at->name);
        }
        out.elements = grammar.text_type(*at) == nullptr && grammar.has_wildcard(*at);
        return out;
    }
    return std::nullopt;
}

std::vector<xml::PathStep> path_of(std::span<const schema::Name> steps) {
    std::vector<xml::PathStep> out;
    for (const schema::Name& step : steps) out.push_back({step.ns, step.local});
    return out;
}

// --- reading -----------------------------------------------------------------------------------

/// What is cut out of the frame's text, and what stands there then.
struct Edit {
    std::uint64_t begin, end;
    std::string text;
    std::uint64_t
        blank_from;  ///< white space stands for the rest of what is cut out, so that places behind it are the same
};

std::string edited(std::string_view text, std::vector<Edit> edits) {
    std::ranges::sort(edits, {}, &Edit::begin);
    std::string out;
    std::uint64_t at = 0;
    for (const Edit& edit : edits) {
        out.append(text.substr(at, edit.begin - at)).append(edit.text);
        for (at = edit.blank_from; at != edit.end; ++at) out += text[at] == '\n' || text[at] == '\r' ? text[at] : ' ';
    }
    return out.append(text.substr(at));
}

bool must_be_understood(const xml::ElementSlice& block) {
    return std::ranges::any_of(block.attributes, [](const xml::SliceAttribute& one) {
        return one.ns == soap_namespace && one.local == "mustUnderstand" && (one.value == "1" || one.value == "true");
    });
}

/// Header blocks that are not known go out, unless their sender insists. Not strict: whatever should not be there does.
Result<void> leave_unknown_out(const Frame& frame, std::string_view text, bool strict, std::vector<Edit>& edits) {
    if (frame.rules.open.empty()) return {};
    const schema::Grammar& grammar = frame.table->grammar();
    const schema::Child* holder = grammar.child(grammar.root(), frame.rules.open, frame.root.ns);
    if (holder == nullptr) return {};
    const std::array<schema::Name, 2> steps{frame.root, holder->element->name};
    const auto blocks = xml::children_at(text, path_of(steps));
    if (!blocks) return blocks.error();
    for (const xml::ElementSlice& block : blocks->slices) {
        const schema::Name name{block.ns, block.local};
        const auto place = [&] { return xml::LineIndex(text).place(block.begin); };
        if (strict && std::ranges::find(frame.rules.forbidden, name) != frame.rules.forbidden.end())
            return Error{codes::header_forbidden, fmt::format("'{}' in {}", name.local, frame.format), place()};
        if (grammar.child(*holder->element, name.local, name.ns) != nullptr) continue;
        if (strict && must_be_understood(block))
            return Error{codes::header_not_understood, fmt::format("'{}' of {}", name.local, name.ns), place()};
        edits.push_back({block.begin, block.end, {}, block.begin});
    }
    return {};
}

/// The payload's elements; the frame keeps their start tags, so that the schema still counts them.
Result<std::vector<std::string>> cut_out(const PayloadPlace& place, std::string_view text, std::vector<Edit>& edits) {
    const auto found = xml::children_at(text, path_of(place.steps));
    if (!found) return found.error();
    std::vector<std::string> out;
    for (const xml::ElementSlice& one : found->slices) {
        out.push_back(one.document(text));
        edits.push_back({one.begin, one.end, one.stand_in(text), one.tag_end});
    }
    return out;
}

/// The one message of a frame that holds it in base64.
Result<std::string> decoded(const Frame& frame, const PayloadPlace& place, const mapping::Reading& reading,
                            const Headers& headers) {
    const auto said = headers.find("Payload/EncodingCode");
    if (said == headers.end() || said->second != encoding)
        return Error{codes::payload_unreadable, fmt::format("{}: only {} is taken out", frame.format, encoding)};
    const auto text = reading.envelope.find(place.path);
    if (text == reading.envelope.end() || text->second.empty())
        return Error{codes::payload_missing, fmt::format("{} of {} is empty", place.path, frame.format)};
    auto payload = from_base64(text->second);
    if (!payload) return Error{codes::payload_unreadable, payload.error().detail};
    return payload;
}

// --- writing -----------------------------------------------------------------------------------

/// In no namespace, so that no default namespace of the frame reaches into a message.
constexpr std::string_view stand_in = "hansa-payload";

std::vector<schema::Element*> elements_at(schema::Element& root, std::span<const schema::Name> steps) {
    std::vector<schema::Element*> at{&root};
    for (const schema::Name& step : steps.subspan(1)) {
        std::vector<schema::Element*> below;
        for (schema::Element* one : at) {
            for (schema::Element& child : one->children)
                if (child.name == step) below.push_back(&child);
        }
        at = std::move(below);
    }
    return at;
}

/// "ContainerDoc[2]/DocBody": where message `number` (from 1) stands.
std::string numbered(const PayloadPlace& place, std::size_t number) {
    std::string out;
    for (std::size_t i = 1; i < place.steps.size(); ++i) {
        out += (out.empty() ? "" : "/") + place.steps[i].local;
        if (i == place.repeats) out += fmt::format("[{}]", number);
    }
    return out;
}

/// The root elements in the places that were kept for them, in order.
Result<std::string> filled(const std::string& text, std::span<const std::string> messages) {
    const std::string mark = fmt::format("<{0}></{0}>", stand_in);
    std::string out;
    std::size_t at = 0;
    for (const std::string& message : messages) {
        const auto root = xml::children_at(message, {});
        if (!root) return root.error();
        const std::size_t here = text.find(mark, at);
        out.append(text, at, here - at).append(root->slices.front().document(message));
        at = here + mark.size();
    }
    return out.append(text, at);
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

Frame make_frame(std::string format, schema::Name root, std::shared_ptr<const mapping::Mapping> table,
                 std::function<Result<std::shared_ptr<const schema::Validator>>()> judge, FrameRules rules) {
    Frame out{std::move(format), std::move(root), std::move(table), std::move(judge), std::move(rules)};
    out.place = find_place(*out.table);
    return out;
}

namespace {

struct Read {
    std::vector<std::string> payloads;  ///< elements
    mapping::Reading reading;
    Headers headers;
};

/// The frame itself, judged and read without what is in it.
Result<Read> read_frame(const Frame& frame, const PayloadPlace& place, std::string_view bytes, bool strict) {
    Read out;
    std::string skeleton;
    std::vector<Edit> edits;
    if (const auto known = leave_unknown_out(frame, bytes, strict, edits); !known) return known.error();
    if (place.elements) {
        auto payloads = cut_out(place, bytes, edits);
        if (!payloads) return payloads.error();
        out.payloads = *std::move(payloads);
    }
    if (!edits.empty()) bytes = skeleton = edited(bytes, std::move(edits));
    Diagnostics faults;
    const auto judge = frame.judge();
    if (!judge) return judge.error();
    if (const auto valid = (*judge)->validate(bytes, faults); !valid) return valid.error();
    const auto tree = schema::read_tree(bytes, {}, &frame.table->grammar());
    if (!tree) return tree.error();
    auto reading = mapping::read(*frame.table, *tree, {}, faults);
    if (!reading) return reading.error();
    for (const pivot::Document& document : reading->documents) collect(document.root, {}, out.headers);
    out.reading = *std::move(reading);
    return out;
}

}  // namespace

Result<Framed> take_out(const Frame& frame, std::string_view bytes) {
    std::optional<Error> none;
    const PayloadPlace* place = payload_place(frame, none);
    if (place == nullptr) return *none;
    auto read = read_frame(frame, *place, bytes, true);
    if (!read) return read.error();
    Framed out{std::move(read->payloads), std::move(read->headers)};
    if (!place->elements) {
        auto payload = decoded(frame, *place, read->reading, out.headers);
        if (!payload) return payload.error();
        out.payloads.push_back(*std::move(payload));
    }
    if (out.payloads.empty())
        return Error{codes::payload_missing, fmt::format("{} of {} is empty", place->path, frame.format)};
    return out;
}

Result<Headers> headers_of(const Frame& frame, std::string_view bytes) {
    std::optional<Error> none;
    const PayloadPlace* place = payload_place(frame, none);
    if (place == nullptr) return *none;
    auto read = read_frame(frame, *place, bytes, false);
    if (!read) return read.error();
    return std::move(read->headers);
}

Result<std::string> put_in(const Frame& frame, std::span<const std::string> messages, const Headers& headers,
                           std::string_view digest) {
    std::optional<Error> none;
    const PayloadPlace* place = payload_place(frame, none);
    if (place == nullptr) return *none;
    if (messages.empty()) return Error{codes::payload_missing, "nothing to put into the frame"};
    if (place->elements &&
        std::ranges::any_of(messages, [](const std::string& one) { return trust::is_container(one); }))
        return Error{codes::payload_unreadable,
                     fmt::format("{} takes elements, and the signature profile makes a container", frame.format)};
    if (messages.size() > 1 && place->repeats == 0)
        return Error{codes::payload_many, fmt::format("{} for one place of {}", messages.size(), frame.format)};
    pivot::Document document{.kind = pivot::Kind::envelope,
                             .root = {.name = "Envelope", .value = {}, .list = {}, .attributes = {}, .children = {}},
                             .memory = {},
                             .annex = {}};
    for (const auto& [path, value] : headers) put(document.root, path, value);
    mapping::Context context;
    context.message_digest = digest;
    if (place->elements) {
        for (std::size_t i = 0; i < messages.size(); ++i) context.envelope[numbered(*place, i + 1)] = stand_in;
    } else {
        put(document.root, "Payload/EncodingCode", std::string(encoding));
        context.envelope[place->path] = to_base64(messages.front());
    }
    Diagnostics faults;
    auto writing = mapping::write(*frame.table, std::span(&document, 1), context, faults);
    if (!writing) return writing.error();
    schema::Element& message = writing->messages.front();
    if (place->elements) {
        for (schema::Element* one : elements_at(message, place->steps)) {
            one->text.clear();
            one->children.clear();
            one->children.emplace_back().name.local = stand_in;
        }
    }
    schema::order_children(frame.table->grammar(), message);
    std::string out = schema::write_tree(message);
    if (place->elements) {
        auto whole = filled(out, messages);
        if (!whole) return whole.error();
        out = *std::move(whole);
    }
    const auto judge = frame.judge();
    if (!judge) return judge.error();
    if (const auto valid = (*judge)->validate(out, faults); !valid) return valid.error();
    return out;
}

Result<std::string> put_in(const Frame& frame, const std::string& message, const Headers& headers,
                           std::string_view digest) {
    return put_in(frame, std::span(&message, 1), headers, digest);
}

std::string_view last_part(std::string_view action) {
    return action.substr(action.rfind('/') + 1);
}

}  // namespace hansa::envelope
