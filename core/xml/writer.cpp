#include "core/xml/writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/result.h"
#include "core/xml/namespaces.h"

namespace hansa::xml {
namespace {

[[noreturn]] void broken(std::string_view what, std::string_view name) {
    throw BrokenPromise(std::string(what) + ": " + std::string(name));
}

void check_name(std::string_view name) {
    if (!is_ncname(name)) broken("no XML name", name);
}

void check_text(std::string_view text, std::string_view name) {
    if (!is_xml_text(text)) broken("no XML text", name);
}

std::string with_prefix(std::string_view prefix, std::string_view local) {
    std::string out(prefix);
    if (!prefix.empty()) out += ':';
    return out += local;
}

}  // namespace

void Writer::declare(std::string_view prefix, std::string_view uri) {
    close_start_tag();
    if (!prefix.empty()) check_name(prefix);
    check_text(uri, prefix);
    const std::string_view fault = NamespaceScope::fault_of(prefix, uri);
    if (!fault.empty()) broken(fault, prefix);
    for (const Binding& other : declared_) {
        if (other.prefix == prefix) broken("prefix declared twice", prefix);
    }
    declared_.push_back({std::string(prefix), std::string(uri)});
}

void Writer::start(std::string_view ns, std::string_view local, Prefix prefix) {
    check_name(local);
    if (root_ended_) broken("a second root", local);
    close_start_tag();
    const std::size_t before = bindings_.size();
    // What is in scope already stays as it is: canonical XML leaves out declarations that change nothing.
    for (Binding& made : declared_) {
        const Binding* known = binding_of(made.prefix, before);
        const bool nothing_new = known != nullptr ? known->uri == made.uri : made.uri.empty();
        if (!nothing_new && made.prefix != "xml") bindings_.push_back(std::move(made));
    }
    declared_.clear();
    std::sort(bindings_.begin() + static_cast<std::ptrdiff_t>(before), bindings_.end(),
              [](const Binding& a, const Binding& b) { return a.prefix < b.prefix; });
    std::string name = with_prefix(prefix_for(ns, false, prefix), local);
    put("<");
    put(name);
    open_.push_back({std::move(name), before});
    in_start_tag_ = true;
}

void Writer::attribute(std::string_view ns, std::string_view local, std::string_view value, Prefix prefix) {
    check_text(value, local);
    add_attribute({std::string(ns), std::string(local), {}, std::string(value)}, prefix);
}

HoleId Writer::attribute_hole(std::string_view ns, std::string_view local, std::string_view name) {
    PendingAttribute made{std::string(ns), std::string(local), {}, {}};
    if (!in_start_tag_) broken("an attribute outside of a start tag", local);
    made.hole = segments_->reserve(name, part_, HoleForm::attribute);
    const HoleId hole = *made.hole;
    add_attribute(std::move(made), std::nullopt);
    return hole;
}

void Writer::add_attribute(PendingAttribute attribute, Prefix prefix) {
    if (!in_start_tag_) broken("an attribute outside of a start tag", attribute.local);
    check_name(attribute.local);
    if (attribute.ns.empty() && attribute.local == "xmlns") broken("declare() declares namespaces", attribute.local);
    attribute.prefix = prefix_for(attribute.ns, true, prefix);
    attributes_.push_back(std::move(attribute));
}

void Writer::text(std::string_view value) {
    check_text(value, "text");
    if (open_.empty()) broken("a text outside of the root", "text");
    close_start_tag();
    buffer_.clear();
    append_escaped_text(buffer_, value);
    put(buffer_);
}

void Writer::instruction(std::string_view target, std::string_view data) {
    check_name(target);
    check_text(data, target);
    if (data.find("?>") != std::string_view::npos) broken("'?>' in an instruction", target);
    const bool bad_start = !data.empty() && is_space(data.front());
    if (bad_start || data.find('\r') != std::string_view::npos) broken("data that would be read differently", target);
    const auto is_letter = [](char c, char small) { return (c | 0x20) == small; };
    if (target.size() == 3 && is_letter(target[0], 'x') && is_letter(target[1], 'm') && is_letter(target[2], 'l')) {
        broken("the target xml is reserved", target);
    }
    close_start_tag();
    // Outside of the root, canonical XML puts a line end between an instruction and the root.
    if (open_.empty() && root_ended_) put("\n");
    put("<?");
    put(target);
    if (!data.empty()) put(" ");
    put(data);
    put("?>");
    if (open_.empty() && !root_ended_) put("\n");
}

void Writer::end() {
    if (open_.empty()) broken("an end without a start", "end");
    close_start_tag();
    if (!declared_.empty()) broken("a namespace declared for no element", declared_.front().prefix);
    put("</");
    put(open_.back().name);
    put(">");
    bindings_.erase(bindings_.begin() + static_cast<std::ptrdiff_t>(open_.back().bindings_before), bindings_.end());
    open_.pop_back();
    root_ended_ = open_.empty();
}

HoleId Writer::hole(std::string_view name) {
    if (open_.empty()) broken("a text outside of the root", name);
    close_start_tag();
    return segments_->hole(name, part_, HoleForm::text);
}

HoleId Writer::outer_hole(std::string_view name) {
    close_start_tag();
    return segments_->hole(name, Part::outer, HoleForm::raw);
}

void Writer::outer(std::string_view bytes) {
    close_start_tag();
    segments_->append(bytes, Part::outer);
}

void Writer::finish() {
    if (!open_.empty()) broken("an element is open", open_.back().name);
    if (!root_ended_) broken("nothing was written", "finish");
    if (!declared_.empty()) broken("a namespace declared for no element", declared_.front().prefix);
}

void Writer::put(std::string_view bytes) {
    segments_->append(bytes, part_);
}

void Writer::close_start_tag() {
    if (!in_start_tag_) return;
    in_start_tag_ = false;
    write_declarations();
    const auto key = [](const PendingAttribute& a) {
        return std::pair<std::string_view, std::string_view>(a.ns, a.local);
    };
    std::sort(attributes_.begin(), attributes_.end(),
              [&](const PendingAttribute& a, const PendingAttribute& b) { return key(a) < key(b); });
    const auto twice = std::adjacent_find(attributes_.begin(), attributes_.end(),
                                          [&](const auto& a, const auto& b) { return key(a) == key(b); });
    if (twice != attributes_.end()) broken("an attribute twice", twice->local);
    for (const PendingAttribute& made : attributes_) {
        put(" ");
        put(with_prefix(made.prefix, made.local));
        put("=\"");
        if (made.hole) {
            segments_->place(*made.hole);
        } else {
            buffer_.clear();
            append_escaped_attribute(buffer_, made.value);
            put(buffer_);
        }
        put("\"");
    }
    attributes_.clear();
    put(">");
}

void Writer::write_declarations() {
    const auto first = bindings_.begin() + static_cast<std::ptrdiff_t>(open_.back().bindings_before);
    for (auto made = first; made != bindings_.end(); ++made) {
        put(made->prefix.empty() ? std::string(" xmlns") : " xmlns:" + made->prefix);
        put("=\"");
        buffer_.clear();
        append_escaped_attribute(buffer_, made->uri);
        put(buffer_);
        put("\"");
    }
}

std::string Writer::prefix_for(std::string_view ns, bool of_attribute, Prefix wanted) const {
    if (ns == xml_namespace) return "xml";
    if (ns.empty()) {
        const Binding* known = of_attribute ? nullptr : binding_of("", bindings_.size());
        if (known != nullptr && !known->uri.empty()) broken("no namespace, but a default one is declared", known->uri);
        if (wanted && !wanted->empty()) broken("a prefix for no namespace", *wanted);
        return {};
    }
    for (std::size_t i = bindings_.size(); i-- > 0;) {
        const Binding& found = bindings_[i];
        if (found.uri != ns || (of_attribute && found.prefix.empty()) || (wanted && *wanted != found.prefix)) continue;
        if (binding_of(found.prefix, bindings_.size()) == &found) return found.prefix;
    }
    broken("no such prefix is declared for the namespace", ns);
}

/// The innermost of the first `count` bindings that has the prefix.
const Writer::Binding* Writer::binding_of(std::string_view prefix, std::size_t count) const {
    for (std::size_t i = count; i-- > 0;) {
        if (bindings_[i].prefix == prefix) return &bindings_[i];
    }
    return nullptr;
}

void append_escaped_text(std::string& out, std::string_view text) {
    // Most texts are short and have nothing to escape: one look at each byte is less than four searches.
    static constexpr auto escaped = [] {
        std::array<bool, 256> bytes{};
        for (const char c : {'&', '<', '>', '\r'}) bytes[static_cast<unsigned char>(c)] = true;
        return bytes;
    }();
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (!escaped[static_cast<unsigned char>(c)]) continue;
        out.append(text, from, at - from);
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&#xD;";
        from = at + 1;
    }
    out.append(text, from);
}

void append_escaped_attribute(std::string& out, std::string_view value) {
    for (const char c : value) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\t':
                out += "&#x9;";
                break;
            case '\n':
                out += "&#xA;";
                break;
            case '\r':
                out += "&#xD;";
                break;
            default:
                out += c;
        }
    }
}

}  // namespace hansa::xml
