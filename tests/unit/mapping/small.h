// Small schemas, tables and documents for tests of the mapping language.
//
// A schema is written as a tree of names, one a line, indented by two:
//     Doc
//       No {35}          at most 35 characters          @id     an attribute, @id! a required one
//       Amount decimal   a simple type of XML Schema    x?      optional
//       Line*            any number                     x+      at least one
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/mapping/mapping.h"
#include "core/mapping/translate.h"
#include "core/schema/grammar.h"

namespace hansa::mapping::test {

std::string xsd_of(const std::string& tree);
std::shared_ptr<const schema::Grammar> grammar_of(const std::string& tree);

/// The table with the head that every test shares (format xx.test, pivot declaration) in front of
/// `rows`; `head` adds lines to it. Lists by name: {"unit", "columns national standard\n..."}.
struct SmallTable {
    std::string tree, rows, head;
    std::map<std::string, std::string> lists;
    std::string format = "xx.test";
};
Result<std::shared_ptr<const Mapping>> load(const SmallTable& table, Diagnostics& faults);
/// The same; throws what is wrong.
std::shared_ptr<const Mapping> loaded(const SmallTable& table);

schema::Element element(const std::string& xml);
std::string xml_of(const schema::Element& element);

/// "GoodsShipment/UCR/TraderAssignedReferenceID = A-1", one a line, attributes as " @currencyID=USD".
std::string lines_of(const pivot::Document& document);
/// The document of such lines. Members of a list are told apart by [2], as in "AdditionalDocument[2]/ID = x".
pivot::Document document_of(const std::string& lines, pivot::Kind kind = pivot::Kind::declaration);
/// "dropped /Doc/No A-1", one a line.
std::string lines_of(const Ledger& ledger);
std::string lines_of(const Diagnostics& faults);

}  // namespace hansa::mapping::test
