// How cost grows: with the documents in a message, with the formats that are loaded, with threads,
// and what a message needs in memory.
//
//     batch-size    ns an order of cn.ceb621 -> wco.declaration, for so many orders a message; above
//                   100 (the format's bound) a hansa.batch of messages of 100, done document by document
//                   (exchange/streamed_translation.h)
//     items         ns an item of asycuda.sad -> wco.declaration, for so many items in one document
//     formats       ns an order with so many formats loaded, recognising the format included
//     threads       orders a second of so many threads, each with contenders of its own
//     memory        bytes that one translation of a document adds to the peak, its output included; x: its bytes
//     memory-streaming  the same for a hansa.batch of orders in a mapped file, done document by document into a stage
//                   of files; what stands behind files is not counted
//     memory-reading  the same for reading item by item, nothing kept
//     plan-compile  ms from two formats to their plan
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/cli/bench_case.h"
#include "core/cli/bench_measure.h"

namespace hansa::bench {

struct ShapeResult {
    nlohmann::ordered_json x = nlohmann::ordered_json::array();
    std::vector<double> y;  ///< medians over the rounds
    std::string measure;    ///< "ns_per_unit", "per_s", "bytes", "ms"
    std::string note;
};

const std::vector<std::string>& shape_names();

/// Errors: cli.bench-case (no such shape), and those of make_case and measure
Result<ShapeResult> measure_shape(const plugin::Registry& registry, const std::string& name, const CaseOptions& how,
                                  const MeasureOptions& options);

}  // namespace hansa::bench
