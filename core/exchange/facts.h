// What the gateway asks of a document to know it, relate it and send it on: its references, its function, its
// destination. Never more: the rest is the receiver's.
//
// They come from the pivot document, or, without one, from the tape of the compiled reader (mapping::Probes). Both
// give the same; where a table's rows are no plain reads, or a message is no plain one, the tape gives nothing and
// the pivot document is made.
//
// Threads: any.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping/translate.h"
#include "core/pivot/document.h"
#include "core/plugin/registry.h"
#include "core/schema/tape.h"

namespace hansa::exchange {

struct Facts {
    std::vector<std::string> names;  ///< how the trade calls it, by its table (Reading::references)
    std::vector<std::pair<std::string, std::string>> references;  ///< scheme and value, by which others name it
    std::string own_reference;       ///< FunctionalReferenceID
    std::string number;              ///< ID
    std::string function;            ///< FunctionCode; empty: an original
    std::vector<std::string> asked;  ///< values of the pivot fields that routes ask for

    friend bool operator==(const Facts&, const Facts&) = default;
};

/// The value of the first field at a pivot path, or empty.
std::string field_of(const pivot::Node& root, std::string_view path);

/// `names`: as the reading gave them. `asked`: pivot paths.
Facts facts_of(const pivot::Document& document, std::vector<std::string> names, std::span<const std::string> asked);

/// Facts from tapes. Keeps what it has compiled for each format, settings and question.
class FactFinder {
public:
    explicit FactFinder(std::shared_ptr<const plugin::Registry> registry);
    ~FactFinder();

    /// Of every document of a valid message of the format, whose tape registry.compiled(format) wrote; `settings` are
    /// its sender's. Nothing: `why` says in a fixed phrase, or with a row's place, what must be read the reference way.
    /// What is found counts where the reference would take the message without a fault.
    std::optional<std::vector<Facts>> find(const plugin::Format& format, const mapping::Settings& settings,
                                           const schema::Tape& tape, std::span<const std::string> asked,
                                           std::string& why) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace hansa::exchange
