// The reference judge of documents: Xerces-C with a cached, locked grammar pool.
//
// Secure by construction: a document with a DOCTYPE, over the limits or not well-formed for our own
// scanner never reaches Xerces; no external entity, no schemaLocation, no network, no file is ever
// opened while validating. Faults carry our own codes; their element path is where Xerces stood, and
// line and column are ours, computed from that path (architecture.md, decision 4).
//
// Source: XML Schema 1.0 Part 1, appendix C (validation rules, the base of the codes).
//
//     auto judge = schema::Validator::from_folder("schemas/xx", "orders.xsd");
//     if (!judge) return judge.error();
//     Diagnostics faults;
//     if (auto valid = judge->validate(bytes, faults); !valid) print(faults);
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/result.h"
#include "core/schema/grammar.h"
#include "core/xml/scanner.h"

namespace hansa::schema {

/// One set of schemas. Any number of threads may validate with one; Xerces-C itself serves one of them at a time.
class Validator {
public:
    /// Schema texts by name; an include or import finds its file by the name it gives, relative to
    /// the including one ("wco/dec.xsd" includes "types.xsd" -> "wco/types.xsd").
    /// Errors: schema.grammar-invalid, base.file-unreadable (a name that is not among them)
    static Result<Validator> from_texts(const std::map<std::string, std::string>& texts, const std::string& main);
    /// Files; `main` is relative to `folder`. Nothing is read outside of the folder above main's own.
    static Result<Validator> from_folder(const std::filesystem::path& folder, const std::string& main);
    /// As compile_xsd reads. `root` is not looked at: every global element may be a root.
    static Result<Validator> from_source(const XsdSource& source);

    Validator(Validator&&) noexcept;
    Validator& operator=(Validator&&) noexcept;
    ~Validator();

    /// Every fault goes to `faults` in document order; the result is the first one.
    ///
    /// Errors: those of the scanner and of the encoding (xml.*), then schema.*: root-unknown,
    ///         element-unexpected, element-missing, element-undeclared, text-unexpected,
    ///         attribute-missing, attribute-unexpected, fixed, nil, type-name, abstract, type, pattern,
    ///         length, enumeration, digits, range, identity, invalid
    Result<void> validate(std::string_view bytes, Diagnostics& faults, const xml::Limits& limits = {}) const;

private:
    struct State;
    explicit Validator(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hansa::schema
