// One set of schema documents under both ways: Xerces-C with our codes, and the compiled reader.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/schema/compiled_grammar.h"
#include "core/schema/grammar.h"
#include "core/schema/validator.h"

namespace hansa::test {

/// What one way says of a case. `why` is one line.
struct Said {
    enum class Verdict : char {
        valid = 'v',
        invalid = 'i',
        policy = 'p',       ///< refused by a rule of the house: a DOCTYPE, an encoding
        unsupported = 'u',  ///< a grammar that the compiled reader does not hold; the reference does these
        undecided = '?',    ///< a document that the compiled reader leaves to the reference
        no_schema = 's',    ///< of a document: its schema is refused
        no_root = 'n',      ///< no grammar can be made: no such global element, or none at all
    };
    Verdict verdict = Verdict::valid;
    std::string why;
};

struct Verdicts {
    Said reference, fast;
};

/// The documents of one row of the manifest, loaded once for its schema test and its instances. Names are relative to
/// `root`, outside of which nothing is read.
class BothWays {
public:
    BothWays(std::filesystem::path root, std::vector<std::string> documents);

    Verdicts schema();
    Verdicts instance(const std::string& name);

private:
    struct Compiled {
        std::shared_ptr<const schema::CompiledGrammar> grammar;
        std::optional<Said> instead;
    };
    const Compiled& compiled(const schema::Name& element);
    std::optional<std::string> read(const std::string& name) const;
    void join(const std::vector<std::string>& documents);

    std::filesystem::path root_;
    std::map<std::string, std::string> made_;  ///< schemas that join the row's documents
    schema::XsdSource source_;
    std::optional<Result<schema::Validator>> judge_;
    std::map<std::string, Compiled> compiled_;
};

}  // namespace hansa::test
