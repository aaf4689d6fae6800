// Takes a message out of what is wrapped around it, from outside in, and puts documents into a batch.
//
// Three sorts of wrappers are known: an ASiC-E container (told by its first bytes), a hansa.batch (many
// documents in one XML message, for receivers whose format holds one), and the frames of authorities that
// the caller brings (frame.h). A wrapper may hold another one, up
// to `depth_max`; all layers share one budget of bytes. What is inside is handed on octet by octet:
// a document's own signature still verifies.
//
//     auto layers = envelope::unwrap(bytes);
//     if (!layers) return layers.error();
//     for (const envelope::Document& document : layers->documents) read(document.bytes);
//
// Unwrapping proves nothing: whoever needs the container's signature verifies it with trust::verify
// and reads the octets that it covers.
//
// Sources: ETSI EN 319 162-1 (container); schemas/hansa/batch.xsd (batch, ours).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/envelope/frame.h"

namespace hansa::envelope {

struct Limits {
    std::size_t depth_max = 4;           ///< wrappers inside of each other
    std::size_t bytes_max = 256u << 20;  ///< of all layers together, the message itself included
    std::size_t documents_max = 10'000;
    /// Containers, and frames whose signatures cover what is in them, stay closed: they are documents then, for whoever
    /// verifies them first.
    bool sealed_stay = false;
};

enum class LayerKind { container, batch, frame };

std::string_view layer_kind_name(LayerKind kind);  ///< "asic-e", "hansa.batch", "frame"

/// One wrapper that was taken off.
struct Layer {
    LayerKind kind{};
    std::size_t depth = 0;  ///< 0: the message itself
    std::string path;       ///< "", "document.xml", "document.xml/batch[2]"
    Headers headers;        ///< batch: count, format; frame: format, and what frame.h says
};

/// What was inside of all wrappers.
struct Document {
    std::string bytes;
    std::string path;  ///< where it was found; empty: the message itself
    Headers headers;   ///< container: name, of the file; batch: format; frame: as its layer
};

struct Layers {
    std::vector<Layer> wrappers;  ///< outside in, in the order found
    std::vector<Document> documents;
};

/// Errors: envelope.too-deep, -too-large, -too-many, -empty, -batch-malformed, -batch-inherits, -payload-missing,
///         -payload-unreadable; trust.container-*; xml.* where the root of a layer cannot be read; what
///         take_out() says of a frame
/// Cost:   one scan of each layer; each document's bytes are copied once.
Result<Layers> unwrap(std::string_view bytes, const Limits& limits = {}, std::span<const Frame> frames = {});

/// Whole XML documents as one hansa.batch. Each loses its XML declaration and what stands around its root
/// element, and nothing else; it must declare the namespaces that it uses itself, as every document
/// does. `format` is the id of their format, or empty.
///
/// Errors: envelope.empty, -too-many, -too-large; xml.* for a document that is not well-formed
Result<std::string> wrap_batch(std::span<const std::string> documents, std::string_view format = {},
                               const Limits& limits = {});

}  // namespace hansa::envelope
