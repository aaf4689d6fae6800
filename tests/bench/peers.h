// All contenders of the library, one line each; peers.cpp has the table. Each may throw
// std::runtime_error: with what the library was built without, or what it cannot do for a task.
#pragma once

#include "tests/bench/peer.h"

namespace hansa::bench {

// small_parsers.cpp
std::unique_ptr<Peer> rapidxml_parser(const Task& task);
std::unique_ptr<Peer> pugixml_parser(const Task& task);
std::unique_ptr<Peer> expat_parser(const Task& task);
// libxml2.cpp
std::unique_ptr<Peer> libxml2_parser(const Task& task);  ///< SAX2
std::unique_ptr<Peer> libxml2_tree_parser(const Task& task);
std::unique_ptr<Peer> libxml2_validator(const Task& task);  ///< XSD on the stream, no tree
std::unique_ptr<Peer> libxml2_tree_validator(const Task& task);
std::unique_ptr<Peer> libxml2_digester(const Task& task);  ///< tree, C14N, SHA-256
// xerces.cpp
std::unique_ptr<Peer> xerces_parser(const Task& task);     ///< SAX2 with namespaces
std::unique_ptr<Peer> xerces_validator(const Task& task);  ///< SAX2, cached and locked grammar pool
// xmlsec.cpp
std::unique_ptr<Peer> xmlsec_signer(const Task& task);
std::unique_ptr<Peer> xmlsec_verifier(const Task& task);
std::unique_ptr<Peer> naive_pipeline(const Task& task);         ///< libxml2 + XSD + xmlsec1 + libxslt
std::unique_ptr<Peer> naive_xerces_pipeline(const Task& task);  ///< Xerces-C SAX2 + xmlsec1 + pugixml by hand
// sqlite.cpp
std::unique_ptr<Peer> sqlite_journal(const Task& task);  ///< WAL, FULL, one transaction a message

/// Any thread.
class DurableStore {
public:
    virtual ~DurableStore() = default;
    /// Its number; 0: trouble() says why.
    virtual std::int64_t keep(std::string_view received, std::string_view sent) = 0;
    virtual bool delivered(std::int64_t number) = 0;
    virtual const char* trouble() const = 0;
};
std::unique_ptr<DurableStore> durable_store(const Task& task);
// gateway.cpp
std::unique_ptr<Peer> naive_gateway(const Task& task);  ///< naive_pipeline and the store behind Poco's HTTPS server

std::unique_ptr<Peer> with_sqlite(const Task& task,
                                  std::unique_ptr<Peer> pipeline);  ///< input and output of a pipeline

}  // namespace hansa::bench
