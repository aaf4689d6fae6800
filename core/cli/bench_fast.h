// What the fast way's contenders share: documents read one after the other, batches taken apart.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/cli/bench_case.h"
#include "core/schema/compiled_reader.h"

namespace hansa::bench {

/// Messages whose digests a pipeline computes together, in vector lanes.
inline constexpr std::size_t flight_of_pipelines = 16;

/// Reader and plan, and for pipelines verifying and signing around them. Nothing: words say why.
std::unique_ptr<Peer> fast_translator(const plugin::Registry& registry, const Case& one, std::string& words,
                                      std::size_t flight = flight_of_pipelines);

/// Does a message of the case hold its documents in a hansa.batch?
bool is_batch(const Case& one);

/// The message itself, or the documents of the batch that it is. False: trouble says why.
bool split(std::string_view message, bool batch, std::vector<std::string_view>& documents, std::string& trouble);

/// Reads documents of one format one after the other.
class Reading {
public:
    explicit Reading(std::shared_ptr<const schema::CompiledGrammar> grammar) : reader_(std::move(grammar)) {}

    /// To the document's end. False: it is not valid, or not for this reader; trouble() says why.
    bool read(std::string_view document);
    bool is_undecided() const { return undecided_; }
    const std::string& trouble() const { return trouble_; }
    schema::FastReader& reader() { return reader_; }

private:
    bool refuse(const Error& error);

    schema::FastReader reader_;
    Diagnostics faults_;
    std::string trouble_;
    bool undecided_ = false;
};

}  // namespace hansa::bench
