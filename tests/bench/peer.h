// Contenders: what stands behind lib/hansa/bench/peers.so.
//
// One file a library. Each makes its contenders through a function below and adds a row to the table
// in peers.cpp. Making one may throw (std::exception with words); running one may not.
//
// Translations are written in translate/, one pair a file: a stylesheet for libxslt and Xalan-C
// (translate/FROM-TO.xsl) and a function for pugixml by hand.
#pragma once

#include <memory>
#include <string>

#include "core/cli/bench_peer.h"

struct _xmlDoc;  // libxml2's own name

namespace hansa::bench {

using MakePeer = std::unique_ptr<Peer> (*)(const Task& task);

/// A stylesheet compiled by libxslt, for contenders that hold a libxml2 tree already.
class XsltTranslation {
public:
    virtual ~XsltTranslation() = default;
    /// The result tree, which the caller frees; nullptr: trouble() says why. `message` are the bytes
    /// that `source` was parsed from (for what a table makes from the message's digest).
    virtual _xmlDoc* apply(_xmlDoc* source, std::string_view message) = 0;
    /// Bytes of a result, as Task::batch asks for.
    virtual bool serialise(_xmlDoc* result, std::string& output) = 0;
    virtual std::string_view trouble() const = 0;
};

/// Is there a translation for this pair? All three functions below then work for it.
bool translation_written(const Task& task);

// translate/: each throws std::runtime_error where the pair is not written.
std::unique_ptr<XsltTranslation> xslt_translation(const Task& task);
std::unique_ptr<Peer> libxslt_translator(const Task& task);  ///< bytes to bytes: parse, apply, serialise
std::unique_ptr<Peer> xalan_translator(const Task& task);    ///< the same with Xerces-C and Xalan-C
std::unique_ptr<Peer> pugixml_translator(const Task& task);  ///< pugixml in place, by hand

}  // namespace hansa::bench
