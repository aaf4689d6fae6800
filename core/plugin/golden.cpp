#include "core/plugin/golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/mapping/model.h"
#include "core/mapping/translate.h"
#include "core/pivot/text.h"
#include "core/plugin/codes.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/syntax/judge.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t example_bytes_max = 16u << 20;

/// A file beside the example, and what the example gave for it.
class Example {
public:
    Example(const fs::path& file, const GoldenSubject& subject) : file_(file), subject_(subject) {}

    std::optional<Error> run() {
        const auto bytes = read_file(file_, example_bytes_max);
        if (!bytes) return bytes.error();
        bytes_ = *bytes;
        if (auto problem = read_settings()) return problem;
        Diagnostics faults;
        std::optional<mapping::Reading> reading;
        if (take_tree(faults)) {
            if (auto read = mapping::read(subject_.mapping, tree_, context_, faults)) reading = std::move(*read);
        }
        if (!reading || fs::exists(beside(".errors"))) return compare_errors(faults);
        if (auto problem = compare_reading(*reading)) return problem;
        return subject_.written ? compare_way_back(*reading) : std::nullopt;
    }

private:
    /// The tree, where the document is valid.
    bool take_tree(Diagnostics& faults) {
        if (subject_.syntax == nullptr) {
            if (!subject_.judge.validate(bytes_, faults)) return false;
            auto tree = schema::read_tree(bytes_, {}, &subject_.mapping.grammar());
            if (!tree) {
                faults.add(tree.error());
                return false;
            }
            tree_ = std::move(*tree);
            return true;
        }
        auto document = subject_.syntax->read(bytes_);
        if (!document) {
            faults.add(document.error());
            return false;
        }
        bytes_ = std::move(document->text);  // places count in it
        tree_ = document->tree;
        return static_cast<bool>(syntax::validate(subject_.judge, {bytes_, tree_}, faults));
    }

    fs::path beside(std::string_view ending) const { return fs::path(file_).replace_extension(ending); }

    Error differs(const fs::path& file, std::string detail) const {
        return Error{codes::check_golden, std::move(detail), Place{.file = file.string()}};
    }

    /// Lines "name = value".
    std::optional<Error> read_settings() {
        context_.received = "2026-01-31T12:00:00Z";
        context_.message_digest = sha256_hex(bytes_);
        if (!fs::exists(beside(".settings"))) return std::nullopt;
        const auto text = read_file(beside(".settings"), example_bytes_max);
        if (!text) return text.error();
        for (std::size_t from = 0; from < text->size();) {
            const std::size_t to = std::min(text->find('\n', from), text->size());
            const std::string line = text->substr(from, to - from);
            from = to + 1;
            const std::size_t equals = line.find(" = ");
            if (line.empty() || line.front() == '#') continue;
            if (equals == std::string::npos)
                return differs(beside(".settings"), fmt::format("'{}' is not 'name = value'", line));
            context_.settings[line.substr(0, equals)] = line.substr(equals + 3);
        }
        return std::nullopt;
    }

    /// Compares with the file, or writes it. Nothing is expected where there is no file.
    std::optional<Error> compare(const fs::path& file, const std::string& got) const {
        if (subject_.update) {
            std::error_code none;
            if (got.empty())
                fs::remove(file, none);
            else if (auto written = write_file_atomically(file, got); !written)
                return written.error();
            return std::nullopt;
        }
        std::string expected;
        if (fs::exists(file)) {
            const auto text = read_file(file, example_bytes_max);
            if (!text) return text.error();
            expected = *text;
        }
        if (expected == got) return std::nullopt;
        return first_difference(file, expected, got);
    }

    Error first_difference(const fs::path& file, std::string_view expected, std::string_view got) const {
        std::uint32_t line = 1;
        const auto cut = [](std::string_view& text) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            const std::string_view out = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            return out;
        };
        for (;; ++line) {
            const std::string_view a = cut(expected), b = cut(got);
            if (a == b && !(expected.empty() && got.empty())) continue;
            Error out = differs(file, fmt::format("expected '{}', got '{}'", a, b));
            out.place.line = line;
            out.place.column = 1;
            return out;
        }
    }

    std::optional<Error> compare_errors(const Diagnostics& faults) const {
        std::string got;
        for (Error fault : faults.errors()) {
            if (fault.place.line == 0) fault = fault.at(schema::place_of(bytes_, tree_, fault.place.path));
            got += fmt::format("{}:{}: {}\n", fault.place.line, fault.place.column, fault.code.name());
        }
        if (got.empty() && !subject_.update) return differs(file_, "it was to be refused and was read");
        auto problem = compare(beside(".errors"), got);
        if (problem && !faults.empty()) problem->detail += "; the first error is: " + faults.errors().front().text();
        return problem;
    }

    std::optional<Error> compare_reading(const mapping::Reading& reading) const {
        std::string text;
        for (const pivot::Document& document : reading.documents) text += pivot::write_text(document);
        if (!subject_.update && !fs::exists(beside(".pivot")))
            return differs(beside(".pivot"), "there is no such file beside the example");
        if (auto problem = compare(beside(".pivot"), text)) return problem;
        const bool lossless = reading.ledger.entries.empty();
        std::string loss = lossless ? std::string() : reading.ledger.json(subject_.mapping.format(), "pivot");
        if (!loss.empty() && loss.back() != '\n') loss += '\n';
        return compare(beside(".loss.json"), loss);
    }

    std::optional<Error> compare_way_back(const mapping::Reading& reading) {
        context_.envelope.insert(reading.envelope.begin(), reading.envelope.end());
        Diagnostics faults;
        const auto writing = mapping::write(subject_.mapping, reading.documents, context_, faults);
        if (!writing) return differs(file_, "it is read, but not written back: " + writing.error().text());
        if (writing->messages.size() != 1)
            return differs(file_, fmt::format("written back as {} messages", writing->messages.size()));
        schema::Element whole = writing->messages.front();
        put_back(subject_.mapping, tree_, whole);
        const std::string bytes = schema::write_tree(whole);
        if (auto valid = subject_.judge.validate(bytes, faults); !valid) {
            return differs(file_, "written back it is not valid: " + valid.error().text());
        }
        const auto again = schema::read_tree(bytes, {}, &subject_.mapping.grammar());
        if (!again) return again.error();
        if (const auto other = difference(tree_, *again))
            return differs(file_, "written back it is another document: " + *other);
        return std::nullopt;
    }

    fs::path file_;
    const GoldenSubject& subject_;
    std::string bytes_;
    schema::Element tree_;
    mapping::Context context_;
};

}  // namespace

namespace {

/// Nothing of it is written by the table: each of its leaves is dropped, a signature's, or the envelope's
/// (an optional part of which the exchange writes when it has something to say there).
bool never_written(const mapping::Shape& shape, bool optional) {
    using Form = mapping::RowForm;
    if (shape.owner != nullptr) {
        const Form form = shape.owner->form;
        return form == Form::drop || form == Form::signature || (form == Form::envelope && optional);
    }
    return !shape.children.empty() &&
           std::ranges::all_of(shape.children, [&](const auto& child) { return never_written(*child, optional); });
}

void put_back(const mapping::Shape& shape, const schema::Element& source, schema::Element& written) {
    std::map<std::string, std::size_t> seen;
    std::set<std::string> restored;
    for (const schema::Element& child : source.children) {
        const mapping::Shape* place = shape.child(child.name.local);
        if (place == nullptr) continue;
        const bool is_there =
            std::ranges::any_of(written.children, [&](const auto& other) { return other.name == child.name; });
        if (never_written(*place, place->least == 0) && (!is_there || restored.contains(child.name.local))) {
            restored.insert(child.name.local);
            written.children.push_back(child);
            continue;
        }
        std::size_t still = seen[child.name.local]++;
        for (schema::Element& other : written.children) {
            if (other.name != child.name || still-- != 0) continue;
            // A frame's payload as an element: the exchange puts it there.
            const bool payload = place->wildcard && place->owner != nullptr && place->owner->form == mapping::RowForm::envelope;
            if (payload) other.children = child.children;
            put_back(*place, child, other);
            break;
        }
    }
}

}  // namespace

void put_back(const mapping::Mapping& mapping, const schema::Element& source, schema::Element& written) {
    put_back(*mapping.model().root, source, written);
    schema::order_children(mapping.grammar(), written);
}

std::optional<std::string> difference(const schema::Element& expected, const schema::Element& got) {
    const std::string& name = expected.name.local;
    if (expected.name != got.name) return fmt::format("/{}: instead stands '{}'", name, got.name.local);
    if (expected.text != got.text) return fmt::format("/{}: '{}' became '{}'", name, expected.text, got.text);
    for (const schema::Attribute& attribute : expected.attributes) {
        const schema::Attribute* other = got.attribute(attribute.name.local, attribute.name.ns);
        if (other == nullptr) return fmt::format("/{}/@{}: '{}' is gone", name, attribute.name.local, attribute.value);
        if (other->value != attribute.value) {
            return fmt::format("/{}/@{}: '{}' became '{}'", name, attribute.name.local, attribute.value, other->value);
        }
    }
    if (expected.attributes.size() < got.attributes.size()) return fmt::format("/{}: attributes came to it", name);
    const std::size_t both = std::min(expected.children.size(), got.children.size());
    for (std::size_t at = 0; at != both; ++at) {
        if (auto inside = difference(expected.children[at], got.children[at]))
            return fmt::format("/{}{}", name, *inside);
    }
    if (both < expected.children.size()) return fmt::format("/{}/{} is gone", name, expected.children[both].name.local);
    if (both < got.children.size()) return fmt::format("/{}/{} came to it", name, got.children[both].name.local);
    return std::nullopt;
}

GoldenResult run_golden(const fs::path& folder, const GoldenSubject& subject) {
    GoldenResult out;
    std::error_code none;
    if (!fs::is_directory(folder, none)) return out;
    std::vector<fs::path> files;
    const std::string ending = subject.syntax == nullptr ? ".xml" : "." + std::string(subject.syntax->file_ending());
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        if (entry.path().extension() == ending) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        if (auto problem = Example(file, subject).run()) {
            ++out.failed;
            out.faults.push_back(std::move(*problem));
        } else {
            ++out.passed;
        }
    }
    return out;
}

}  // namespace hansa::plugin
