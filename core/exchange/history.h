// What came before a document: for numbered rules of history (core/rules/rule.h, `before`).
//
//     History history(passage);
//     options.before = [&](const rules::Rule& rule) { return history.before(rule, document); };
//     ... if (history.trouble()) the journal could not say it
//
// It is the last document of the same sender and format that was accepted and says the same at the rule's keys. The first
// key is one by which the journal knows documents (facts.h): the document's own number, its order, waybill or payment; of
// an answer that of what it answers. Documents whose bytes are not kept any more do not count, nor those of the same message.
//
// Internal to the exchange. Cost: a lookup in the journal for each rule that is asked; an earlier message is read once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/passage.h"
#include "core/rules/rule.h"

namespace hansa::exchange {

class History {
public:
    explicit History(const Passage& passage) : passage_(passage) {}

    /// Lives as long as this. Nothing: nothing came before, or there is trouble().
    const pivot::Document* before(const rules::Rule& rule, const pivot::Document& document);
    /// Did surely nothing come before a document that says this at the rule's keys? False where that cannot be told at once.
    bool none_before(const std::vector<std::string>& keys) const;
    const std::optional<Error>& trouble() const { return trouble_; }

private:
    const std::vector<pivot::Document>& documents_of(const journal::Message& message);

    const Passage& passage_;
    std::map<std::string, std::vector<pivot::Document>> kept_;  ///< by message
    std::optional<Error> trouble_;
};

}  // namespace hansa::exchange
