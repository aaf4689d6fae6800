#include "core/envelope/envelope.h"

#include <fmt/format.h>

#include "core/envelope/batch.h"
#include "core/envelope/codes.h"
#include "core/trust/container.h"
#include "core/xml/encoding.h"
#include "core/xml/writer.h"

namespace hansa::envelope {
namespace {

/// Takes off one wrapper after the other; all of them draw on the same budget.
class Unwrapper {
public:
    Unwrapper(const Limits& limits, std::span<const Frame> frames) : limits_(limits), frames_(frames) {}

    Result<void> take(std::string_view bytes, std::size_t depth, const std::string& path, const Headers& headers) {
        if (bytes.size() > limits_.bytes_max - used_) return too_large();
        used_ += bytes.size();
        if (!limits_.sealed_stay && trust::is_container(bytes)) return take_container(bytes, depth, path);
        if (is_batch(bytes)) return take_batch(bytes, depth, path);
        const Frame* frame = frame_of(bytes, frames_);
        if (frame != nullptr && !(limits_.sealed_stay && frame->rules.sealed)) return take_frame(*frame, bytes, depth, path);
        if (out_.documents.size() == limits_.documents_max) {
            return Error{codes::too_many, fmt::format("more than {} documents", limits_.documents_max)};
        }
        out_.documents.push_back({std::string(bytes), path, headers});
        return {};
    }

    Layers finish() { return std::move(out_); }

private:
    Error too_large() const {
        return Error{codes::too_large, fmt::format("more than {} bytes in all layers", limits_.bytes_max)};
    }

    Result<void> open(LayerKind kind, std::size_t depth, const std::string& path, Headers headers) {
        if (depth == limits_.depth_max)
            return Error{codes::too_deep, fmt::format("more than {} wrappers", limits_.depth_max)};
        out_.wrappers.push_back({kind, depth, path, std::move(headers)});
        return {};
    }

    Result<void> take_container(std::string_view bytes, std::size_t depth, const std::string& path) {
        if (auto opened = open(LayerKind::container, depth, path, {}); !opened) return opened;
        trust::VerifyLimits limits;
        limits.bytes_max = std::min(limits.bytes_max, limits_.bytes_max - used_);
        const auto files = trust::read_container(bytes, limits);
        if (!files) return files.error();
        bool any = false;
        for (const trust::ContainerFile& file : *files) {
            if (file.name == "mimetype" || file.name.starts_with("META-INF/")) continue;
            any = true;
            const std::string inside = path.empty() ? file.name : path + "/" + file.name;
            if (auto taken = take(file.bytes, depth + 1, inside, {{"name", file.name}}); !taken) return taken;
        }
        if (!any) return Error{codes::empty, "the container holds no document"};
        return {};
    }

    Result<void> take_batch(std::string_view bytes, std::size_t depth, const std::string& path) {
        const auto batch = read_batch(bytes, limits_.documents_max);
        if (!batch) return batch.error();
        Headers headers{{"count", batch->count}};
        if (!batch->format.empty()) headers.emplace("format", batch->format);
        if (auto opened = open(LayerKind::batch, depth, path, headers); !opened) return opened;
        headers.erase("count");
        for (std::size_t number = 0; number != batch->documents.size(); ++number) {
            const std::string inside = fmt::format("{}{}batch[{}]", path, path.empty() ? "" : "/", number + 1);
            if (auto taken = take(batch->documents[number], depth + 1, inside, headers); !taken) return taken;
        }
        return {};
    }

    Result<void> take_frame(const Frame& frame, std::string_view bytes, std::size_t depth, const std::string& path) {
        auto framed = take_out(frame, bytes);
        if (!framed) return path.empty() ? framed.error() : framed.error().in_file(path);
        Headers headers = std::move(framed->headers);
        headers.emplace("format", frame.format);
        if (auto opened = open(LayerKind::frame, depth, path, headers); !opened) return opened;
        for (std::size_t number = 0; number != framed->payloads.size(); ++number) {
            const std::string place = framed->payloads.size() == 1 ? "payload" : fmt::format("payload[{}]", number + 1);
            const std::string inside = path.empty() ? place : path + "/" + place;
            if (auto taken = take(framed->payloads[number], depth + 1, inside, headers); !taken) return taken;
        }
        return {};
    }

    const Limits& limits_;
    std::span<const Frame> frames_;
    std::size_t used_ = 0;
    Layers out_;
};

}  // namespace

std::string_view layer_kind_name(LayerKind kind) {
    if (kind == LayerKind::frame) return "frame";
    return kind == LayerKind::container ? "asic-e" : "hansa.batch";
}

Result<Layers> unwrap(std::string_view bytes, const Limits& limits, std::span<const Frame> frames) {
    Unwrapper unwrapper(limits, frames);
    if (auto taken = unwrapper.take(bytes, 0, {}, {}); !taken) return taken.error();
    return unwrapper.finish();
}

Result<std::string> wrap_batch(std::span<const std::string> documents, std::string_view format, const Limits& limits) {
    if (documents.empty()) return Error{codes::empty, "a batch needs a document"};
    if (documents.size() > limits.documents_max)
        return Error{codes::too_many, fmt::format("more than {} documents", limits.documents_max)};
    xml::Segments segments;
    xml::Writer writer(segments);
    writer.outer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    writer.declare("b", batch_namespace);
    writer.start(batch_namespace, "batch");
    writer.attribute("", "count", std::to_string(documents.size()));
    if (!format.empty()) writer.attribute("", "format", format);
    std::size_t used = 0;
    for (std::size_t number = 0; number != documents.size(); ++number) {
        const auto text = xml::to_utf8(documents[number], limits.bytes_max);
        if (!text) return text.error().in_file(fmt::format("document {}", number + 1));
        const auto root = root_slice(text->text());
        if (!root) return root.error().in_file(fmt::format("document {}", number + 1));
        used += root->size();
        if (used > limits.bytes_max)
            return Error{codes::too_large, fmt::format("more than {} bytes", limits.bytes_max)};
        writer.start(batch_namespace, "document");
        segments.fill(writer.outer_hole("document"), *root);
        writer.end();
    }
    writer.end();
    writer.finish();
    return segments.text(xml::Which::with_outer);
}

}  // namespace hansa::envelope
