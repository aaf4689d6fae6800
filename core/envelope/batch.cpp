#include "core/envelope/batch.h"

#include <fmt/format.h>

#include <charconv>

#include "core/envelope/codes.h"
#include "core/envelope/document_search.h"
#include "core/xml/fast_scanner.h"
#include "core/xml/scanner.h"
#include "core/xml/writer.h"

namespace hansa::envelope {
namespace {

constexpr std::string_view signature_namespace = "http://www.w3.org/2000/09/xmldsig#";

/// Two elements of ours stand around a document; how many bytes there may be was counted before.
xml::Limits limits_for(std::string_view text) {
    xml::Limits limits;
    limits.depth_max += 2;
    limits.document_bytes_max = text.size();
    return limits;
}

/// Every byte of the batch is looked at, and every fault is named here.
class BatchScan {
public:
    /// `documents`: how many there were before.
    BatchScan(std::string_view text, std::size_t documents_max, std::size_t documents = 0)
        : text_(text),
          documents_max_(documents_max),
          scanner_(text, limits_for(text)),
          lines_(text),
          documents_(documents) {}

    /// The batch's own start tag, once it was good; nothing: next() says why.
    const xml::Token* begin() {
        for (;;) {
            const auto kind = scanner_.next();
            if (!kind || *kind == xml::TokenKind::end_of_document) return nullptr;
            if (*kind != xml::TokenKind::start_element) continue;
            return start_batch() ? &scanner_.token() : nullptr;
        }
    }

    /// The next document; nothing: the end.
    Result<std::optional<std::string_view>> next() {
        if (ended_) return std::optional<std::string_view>();
        for (;;) {
            const auto kind = scanner_.next();
            if (!kind) return kind.error();
            Result<void> taken;
            switch (*kind) {
                case xml::TokenKind::start_element:
                    ++depth_;
                    taken = start();
                    break;
                case xml::TokenKind::end_element: {
                    const bool document = depth_ == 3 && !signature_;
                    taken = end();
                    --depth_;
                    if (!taken || !document) break;
                    ++documents_;
                    return std::optional(text_.substr(begin_, scanner_.token().end - begin_));
                }
                case xml::TokenKind::text:
                    taken = between();
                    break;
                case xml::TokenKind::end_of_document:
                    if (const auto good = finish(); !good) return good.error();
                    ended_ = true;
                    return std::optional<std::string_view>();
                case xml::TokenKind::comment:
                case xml::TokenKind::instruction:
                    break;
            }
            if (!taken) return taken.error();
        }
    }

    const std::string& count() const { return count_; }
    const std::string& format() const { return format_; }

private:
    Error fault(Code code, std::string detail) {
        return Error{code, std::move(detail), lines_.place(scanner_.token().offset)};
    }
    Error malformed(std::string detail) { return fault(codes::batch_malformed, std::move(detail)); }

    Result<void> start() {
        if (signature_) return {};
        switch (depth_) {
            case 1:
                return start_batch();
            case 2:
                return start_document();
            case 3:
                return start_content();
            default:
                return stands_for_itself();
        }
    }

    /// A declaration of ours would reach into every document.
    Result<void> declares_only_ours() {
        for (const auto& declaration : scanner_.token().declarations) {
            if (declaration.uri == batch_namespace) continue;
            return fault(codes::batch_inherits,
                         fmt::format("the batch declares '{}' for its documents", declaration.uri));
        }
        return {};
    }

    Result<void> start_batch() {
        const xml::Token& token = scanner_.token();
        if (token.ns != batch_namespace || token.local != "batch") return malformed("the root is no batch");
        for (const auto& attribute : token.attributes) {
            if (attribute.ns.empty() && attribute.local == "count")
                count_ = attribute.value;
            else if (attribute.ns.empty() && attribute.local == "format")
                format_ = attribute.value;
            else
                return malformed(fmt::format("attribute '{}'", attribute.local));
        }
        if (count_.empty()) return malformed("attribute 'count' is missing");
        return declares_only_ours();
    }

    Result<void> start_document() {
        const xml::Token& token = scanner_.token();
        // Over the batch as a whole: whoever verifies it does so before the documents are taken out.
        if (token.ns == signature_namespace && token.local == "Signature" && documents_ != 0 && !signed_) {
            signature_ = signed_ = true;
            return {};
        }
        if (signed_) return malformed("something stands behind the batch's signature");
        if (token.ns != batch_namespace || token.local != "document")
            return malformed(fmt::format("element '{}' among the documents", token.local));
        if (!token.attributes.empty()) return malformed("a document has no attributes");
        if (documents_ == documents_max_)
            return fault(codes::too_many, fmt::format("more than {} documents", documents_max_));
        filled_ = false;
        return declares_only_ours();
    }

    Result<void> start_content() {
        if (filled_) return malformed("a document holds one element");
        filled_ = true;
        begin_ = scanner_.token().offset;
        return stands_for_itself();
    }

    /// A name in our namespace inside of a document can only have come from outside of it.
    Result<void> stands_for_itself() {
        const xml::Token& token = scanner_.token();
        bool ours = token.ns == batch_namespace;
        for (const auto& attribute : token.attributes) ours = ours || attribute.ns == batch_namespace;
        if (ours) return fault(codes::batch_inherits, fmt::format("'{}' is in the batch's namespace", token.local));
        return {};
    }

    Result<void> end() {
        if (signature_) {
            signature_ = depth_ != 2;
            return {};
        }
        if (depth_ == 2 && !filled_) return malformed("a document is empty");
        return {};
    }

    Result<void> between() {
        if (depth_ <= 2 && !signature_ && !scanner_.token().white_space) return malformed("text between the documents");
        return {};
    }

    Result<void> finish() const {
        if (documents_ == 0) return Error{codes::empty, "the batch holds no document"};
        std::size_t count = 0;
        const char* last = count_.data() + count_.size();
        const auto [end, problem] = std::from_chars(count_.data(), last, count);
        if (problem != std::errc() || end != last || count != documents_)
            return Error{codes::batch_malformed, fmt::format("count says '{}', there are {}", count_, documents_)};
        return {};
    }

    std::string_view text_;
    std::size_t documents_max_;
    xml::FastScanner scanner_;
    xml::LineIndex lines_;
    std::string count_, format_;
    std::size_t documents_;
    bool ended_ = false;
    std::size_t depth_ = 0;  ///< open elements; counted here, since the scanner looks ahead
    bool filled_ = false;
    bool signature_ = false;  ///< it is open
    bool signed_ = false;
    std::uint64_t begin_ = 0;
};

}  // namespace

/// Plain documents are found by a search; what stands around them, and any document that is not plain, by the scan.
class BatchDocuments::Reader {
public:
    Reader(std::string_view text, std::size_t documents_max) : text_(text), documents_max_(documents_max) {
        BatchScan head(text, documents_max);
        const xml::Token* const start = head.begin();
        count_ = head.count();
        format_ = head.format();
        if (start == nullptr || start->prefix.empty() || start->declarations.size() != 1) return;
        behind_start_ = start->end;
        search_.emplace(text, behind_start_, start->prefix);
    }

    Result<std::optional<std::string_view>> next() {
        if (ended_) return std::optional<std::string_view>();
        if (search_ && documents_ < documents_max_) {
            if (const auto found = search_->next()) {
                ++documents_;
                return found;
            }
            ended_ = search_->is_sure() && is_good_end();
            if (ended_) return std::optional<std::string_view>();
        }
        if (!scan_) {
            search_.reset();
            scan_.emplace(text_, documents_max_);
            for (std::size_t i = 0; i < documents_; ++i) {
                if (auto known = scan_->next(); !known) return known.error();
            }
        }
        return scan_->next();
    }

    const std::string& count() const { return count_; }
    const std::string& format() const { return format_; }

private:
    /// The batch without its documents is read to its end.
    bool is_good_end() const {
        std::string rest(text_.substr(0, behind_start_));
        rest += text_.substr(search_->at());
        const auto end = BatchScan(rest, documents_max_, documents_).next();
        return end && !*end;
    }

    std::string_view text_;
    std::size_t documents_max_;
    std::size_t behind_start_ = 0;
    std::size_t documents_ = 0;
    std::optional<DocumentSearch> search_;
    std::optional<BatchScan> scan_;
    std::string count_, format_;
    bool ended_ = false;
};

BatchDocuments::BatchDocuments(std::string_view text, std::size_t documents_max)
    : reader_(std::make_unique<Reader>(text, documents_max)) {}
BatchDocuments::~BatchDocuments() = default;

Result<std::optional<std::string_view>> BatchDocuments::next() {
    return reader_->next();
}

const std::string& BatchDocuments::format() const {
    return reader_->format();
}
const std::string& BatchDocuments::count() const {
    return reader_->count();
}

bool is_batch(std::string_view text) {
    xml::Scanner scanner(text, limits_for(text));
    for (;;) {
        const auto kind = scanner.next();
        if (!kind || *kind == xml::TokenKind::end_of_document) return false;
        if (*kind == xml::TokenKind::start_element)
            return scanner.token().ns == batch_namespace && scanner.token().local == "batch";
    }
}

Result<BatchView> read_batch(std::string_view text, std::size_t documents_max) {
    BatchDocuments reader(text, documents_max);
    BatchView view;
    for (;;) {
        const auto document = reader.next();
        if (!document) return document.error();
        if (!*document) break;
        view.documents.push_back(**document);
    }
    view.count = reader.count();
    view.format = reader.format();
    return view;
}

Result<std::string_view> root_slice(std::string_view text) {
    xml::Limits limits;
    limits.document_bytes_max = text.size();
    xml::Scanner scanner(text, limits, xml::DeclaredEncoding::converted);
    std::uint64_t begin = 0, end = 0;
    for (;;) {
        const auto kind = scanner.next();
        if (!kind) return kind.error();
        if (*kind == xml::TokenKind::end_of_document) return text.substr(begin, end - begin);
        const xml::Token& token = scanner.token();
        if (*kind == xml::TokenKind::start_element) {
            if (scanner.depth() == 1) begin = token.offset;
            if (token.ns == batch_namespace)
                return Error{codes::batch_malformed, "a batch cannot stand inside of a batch"};
        }
        if (*kind == xml::TokenKind::end_element && scanner.depth() == 1) end = token.end;
    }
}

void append_batch_start(std::string& out, std::size_t count, std::string_view format) {
    out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<b:batch xmlns:b=\"";
    out += batch_namespace;
    out += "\" count=\"" + std::to_string(count) + '"';
    if (!format.empty()) {
        out += " format=\"";
        xml::append_escaped_attribute(out, format);
        out += '"';
    }
    out += '>';
}

void append_batch_document(std::string& out, std::string_view root) {
    out += "<b:document>";
    out += root;
    out += "</b:document>";
}

void append_batch_end(std::string& out) {
    out += "</b:batch>";
}

}  // namespace hansa::envelope
