// The inside of a hansa.batch: where each document begins and ends.
#pragma once

#include <memory>
#include <optional>
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

/// The documents of a batch one after the other, so that nobody needs them all. The text must outlive it.
///
///     BatchDocuments documents(text, 10'000);
///     for (auto one = documents.next(); ; one = documents.next()) {
///         if (!one) return one.error();
///         if (!*one) break;                 // the batch has ended, and is what a batch must be
///         read(**one);
///     }
class BatchDocuments {
public:
    BatchDocuments(std::string_view text, std::size_t documents_max);
    ~BatchDocuments();
    /// As read_batch would give them; its errors, when they are reached.
    Result<std::optional<std::string_view>> next();
    /// Of all documents, or empty; once next() was called.
    const std::string& format() const;
    /// As written; at the end it equals the number of documents.
    const std::string& count() const;

private:
    class Reader;
    std::unique_ptr<Reader> reader_;
};

/// The root element's slice of a whole document in UTF-8.
/// Errors: xml.*; envelope.batch-malformed for one that uses the batch's own namespace
Result<std::string_view> root_slice(std::string_view text);

/// A batch of documents whose root elements are known to stand for themselves because our own writer wrote
/// them: the bytes of wrap_batch without a scan. Start, each document, end; `count` is the number of documents.
/// The start ends behind the XML declaration and the batch's own start tag.
void append_batch_start(std::string& out, std::size_t count, std::string_view format);
void append_batch_document(std::string& out, std::string_view root);
void append_batch_end(std::string& out);

}  // namespace hansa::envelope
