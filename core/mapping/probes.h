// A few fields of the pivot documents of a message, without the documents.
//
// Who routes a message asks for its references, its function and its destination, not for the whole of it.
// Probes are a source table looked at for those fields only: which row feeds each, from which places. A
// message then costs one walk over its tape and a conversion for each field.
//
// They give what read() would give, for messages that read() takes without a fault (a plan that was `done` says
// that of a message); or they decline, and the caller reads the message the reference way.
// What is no plain read is no probe: a field that several rows feed, that is derived, that every member of a list has. A
// `when` chain that asks for places of the format is one, and so is a list's member that a key tells.
//
//     auto probes = Probes::compile(mapping, paths, settings, fields);     // once
//     if (probes->find(tape, scratch, found, why) == Fast::declined) by_reference(why);
//
// Threads: immutable; any number of threads, each with its own scratch.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/fast_conversion.h"
#include "core/mapping/mapping.h"
#include "core/schema/path_table.h"
#include "core/schema/tape.h"

namespace hansa::mapping {

/// What was asked of one document. Copies: the tape may go.
struct Probed {
    std::vector<std::string> values;      ///< of the fields, in their order; empty: absent
    std::vector<std::string> references;  ///< as Reading::references
};

class Probes {
public:
    /// `fields` are pivot paths: "GoodsShipment/PreviousDocument[TypeCode=703]/ID"; of several nodes that fit, the
    /// first of the document is meant. `paths` are those of the tapes to come; settings are the sender's.
    ///
    /// Errors: mapping.plan-unsupported  a field that is no plain read, with the row's place; pivot.bad-path
    static Result<std::shared_ptr<const Probes>> compile(std::shared_ptr<const Mapping> mapping,
                                                         std::shared_ptr<const schema::PathTable> paths,
                                                         const Settings& settings, std::span<const std::string> fields);

    /// All documents of a valid message. Declined: `why` is one of a fixed set of phrases.
    Fast find(const schema::Tape& tape, Scratch& scratch, std::vector<Probed>& out, std::string_view& why) const;

    struct Program;
    explicit Probes(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

private:
    std::shared_ptr<const Program> program_;
};

}  // namespace hansa::mapping
