// The inside of a hansa.batch: where each document begins and ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hansa::envelope {

inline constexpr std::string_view batch_namespace = "urn:hansa:batch:1";

struct BatchView {
    std::string count;                        ///< as written; equals the number of documents
    std::string format;                       ///< of all documents, or empty
    std::vector<std::string_view> documents;  ///< slices of the scanned text
};

/// Is the root a batch's? False for what cannot be read so far: that is for the document's own reader to say.
bool is_batch(std::string_view text);

/// Slices of the documents, each checked to stand for itself.
/// Errors: envelope.batch-malformed, -batch-inherits, -too-many, -empty; xml.*
Result<BatchView> read_batch(std::string_view text, std::size_t documents_max);

/// The root element's slice of a whole document in UTF-8.
/// Errors: xml.*; envelope.batch-malformed for one that uses the batch's own namespace
Result<std::string_view> root_slice(std::string_view text);

}  // namespace hansa::envelope
