// Exactly the named fields of a document, and nothing else.
//
//     auto fields = FieldSet::of(Kind::declaration, {"InvoiceAmount", "InvoiceAmount/@currencyID"}, faults);
//     std::string bytes = project(document, *fields).json();
//
//     {"kind":"declaration","fields":[{"path":"InvoiceAmount","value":"120.5"},{"path":"InvoiceAmount/@currencyID","value":"USD"}]}
//
// The pivot paths stand in the document's order. Members of a list keep their order and are numbered anew among those that
// have a named field, so that not even their count tells of others. An attribute, and the list of a code (@listID), leaves
// only when it is named itself. Memory and annex are not looked at.
//
// Threads: any. Cost: linear in the part of the document that named fields lie in.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/pivot/document.h"
#include "core/pivot/table.h"

namespace hansa::disclosure {

/// Fields of one kind of document, checked against the pivot.
class FieldSet {
public:
    /// A name of the tree that the paths make.
    struct Step {
        std::map<std::string, Step, std::less<>> children;
        std::set<std::string, std::less<>> attributes;
        bool value = false;
    };

    /// Every fault goes to `faults`, with what `place_of` says of the field's number; the result is the first.
    /// Errors: disclosure.field-not-plain, -field-unknown, -field-is-class, -field-twice, -malformed (no field at all)
    static Result<FieldSet> of(pivot::Kind kind, std::span<const std::string> fields, Diagnostics& faults,
                               const std::function<Place(std::size_t)>& place_of = {});

    pivot::Kind kind() const { return kind_; }
    const std::vector<std::string>& paths() const { return paths_; }
    const Step& root() const { return root_; }

private:
    pivot::Kind kind_{};
    std::vector<std::string> paths_;
    Step root_;
};

struct Projection {
    struct Line {
        std::string path;
        std::string value;

        friend bool operator==(const Line&, const Line&) = default;
    };
    pivot::Kind kind{};
    std::vector<Line> lines;

    /// One line of JSON, without a line feed at its end.
    std::string json() const;
    /// As core/pivot/text.h writes documents.
    std::string text() const;
};

/// A document of another kind gives nothing.
Projection project(const pivot::Document& document, const FieldSet& fields);

}  // namespace hansa::disclosure
