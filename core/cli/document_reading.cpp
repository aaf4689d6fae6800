#include "core/cli/document_reading.h"

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/time.h"
#include "core/envelope/envelope.h"
#include "core/exchange/frames.h"
#include "core/exchange/translation.h"
#include "core/pivot/text.h"

namespace hansa::cli {
namespace {

std::optional<ReadDocument> read_one(Surroundings& with, const std::string& shown, const std::string& bytes, const std::string& id, int& code) {
    const auto format = id.empty() ? with.registry().detect(bytes) : format_named(with, id);
    if (!format) {
        code = std::max(code, fail(with, format.error(), shown));
        return std::nullopt;
    }
    mapping::Context context;
    context.received = format_iso(now_utc());
    context.message_digest = sha256_hex(bytes);
    Diagnostics faults;
    auto reading = exchange::read_message(with.registry(), {**format, bytes, bytes, context}, faults);
    if (!reading) {
        code = std::max<int>(code, faults.empty() ? fail(with, reading.error(), shown) : answer_is_no);
        print_faults(with, faults, shown);
        return std::nullopt;
    }
    reading->leaves.resize(reading->documents.size());
    return ReadDocument{shown, *format, *std::move(reading)};
}

/// Pivot lines: nothing was mapped, so no element fed them.
std::vector<ReadDocument> read_lines(Surroundings& with, const std::string& file, const std::string& bytes, const std::string& id, int& code) {
    const auto format = format_named(with, id);
    if (!format) {
        code = std::max(code, fail(with, format.error()));
        return {};
    }
    auto documents = pivot::read_text(bytes, file);
    if (!documents) {
        code = std::max(code, fail(with, documents.error(), file));
        return {};
    }
    ReadDocument out{file, *format, {}};
    out.reading.documents = *std::move(documents);
    out.reading.leaves.resize(out.reading.documents.size());
    return {std::move(out)};
}

}  // namespace

std::vector<ReadDocument> read_documents(Surroundings& with, const std::string& file, const std::string& format, int& code) {
    const auto bytes = input(file);
    if (!bytes) {
        code = std::max(code, fail(with, bytes.error()));
        return {};
    }
    if (!format.empty() && bytes->find("document ") < bytes->find('<')) return read_lines(with, file, *bytes, format, code);
    const auto layers = envelope::unwrap(*bytes, {}, exchange::frames_of(with.registry()));
    if (!layers) {
        code = std::max(code, fail(with, layers.error(), file));
        return {};
    }
    std::vector<ReadDocument> out;
    for (const envelope::Document& document : layers->documents) {
        auto read = read_one(with, document.path.empty() ? file : file + "!" + document.path, document.bytes, format, code);
        if (read) out.push_back(*std::move(read));
    }
    return out;
}

}  // namespace hansa::cli
