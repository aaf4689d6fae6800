#include "tests/bench/peers.h"

#include <exception>

#ifdef HANSA_PEER_TRANSLATIONS
#include "tests/bench/translate/translators.h"
#endif

namespace hansa::bench {
namespace {

struct Row {
    const char* name;  ///< as interfaces name it, or ours
    Work work;
    MakePeer make;
    bool (*fits)(const Task& task);
};

bool always(const Task&) {
    return true;
}
[[maybe_unused]] bool known_algorithm(const Task& task) {
    return task.algorithm == Algorithm::rsa || task.algorithm == Algorithm::ecdsa;
}
#ifdef HANSA_PEER_TRANSLATIONS
bool translates(const Task& task) {
    return translation_written(task);
}
bool sax_translates(const Task& task) {
    return task.from == "cn.ceb621" && translation_written(task);
}
[[maybe_unused]] bool both(const Task& task) {
    return known_algorithm(task) && translation_written(task);
}
#endif

#if defined(HANSA_PEER_TRANSLATIONS) && defined(HANSA_PEER_XMLSEC)
std::unique_ptr<Peer> naive_with_sqlite(const Task& task) {
    return with_sqlite(task, naive_pipeline(task));
}
#endif

template <std::unique_ptr<Peer> (*make)(const Task&)>
std::unique_ptr<Peer> refusing(const Task& task) {
    return std::make_unique<Refusing>(make(task));
}

constexpr Row rows[] = {
#ifdef HANSA_PEER_RAPIDXML
    {"rapidxml", Work::parse, rapidxml_parser, always},
#endif
#ifdef HANSA_PEER_PUGIXML
    {"pugixml", Work::parse, pugixml_parser, always},
#endif
#ifdef HANSA_PEER_EXPAT
    {"expat", Work::parse, expat_parser, always},
#endif
    {"libxml2", Work::parse, libxml2_parser, always},
    {"libxml2-tree", Work::parse, libxml2_tree_parser, always},
    {"xerces", Work::parse, xerces_parser, always},
    {"libxml2-xsd", Work::validate, libxml2_validator, always},
    {"libxml2-tree-xsd", Work::validate, libxml2_tree_validator, always},
    {"xerces-xsd", Work::validate, xerces_validator, always},
    {"libxml2-xsd", Work::refuse, refusing<libxml2_validator>, always},
    {"libxml2-tree-xsd", Work::refuse, refusing<libxml2_tree_validator>, always},
    {"xerces-xsd", Work::refuse, refusing<xerces_validator>, always},
    {"libxml2", Work::digest, libxml2_digester, always},
#ifdef HANSA_PEER_TRANSLATIONS
    {"libxml2-libxslt", Work::translate, libxslt_translator, translates},
    {"pugixml", Work::translate, pugixml_translator, translates},
    {"xerces", Work::translate, xerces_translator, sax_translates},
#ifdef HANSA_PEER_XALAN
    {"xalan", Work::translate, xalan_translator, translates},
#endif
#endif
#ifdef HANSA_PEER_XMLSEC
    {"xmlsec1", Work::sign, xmlsec_signer, known_algorithm},
    {"xmlsec1", Work::verify, xmlsec_verifier, known_algorithm},
#ifdef HANSA_PEER_TRANSLATIONS
    {"naive", Work::pipeline, naive_pipeline, both},
    {"naive-xerces", Work::pipeline, naive_xerces_pipeline, both},
    {"naive", Work::durable, naive_with_sqlite, both},
    {"naive", Work::end_to_end, naive_gateway, both},
#endif
#endif
    {"sqlite-naive", Work::journal, sqlite_journal, always},
};

}  // namespace

extern "C" __attribute__((visibility("default"))) std::unique_ptr<Peer> hansa_bench_peers(const char* name,
                                                                                          const Task& task,
                                                                                          std::string& words);

std::unique_ptr<Peer> hansa_bench_peers(const char* name, const Task& task, std::string& words) {
    const std::string wanted = name;
    words.clear();
    if (wanted == "?") {
        words = HANSA_PEERS_MISSING;
        return nullptr;
    }
    for (const Row& row : rows) {
        if (row.work != task.work) continue;
        if (wanted.empty() && row.fits(task)) words += (words.empty() ? "" : " ") + std::string(row.name);
        if (wanted != row.name) continue;
        try {
            return row.make(task);
        } catch (const std::exception& trouble) {
            words = trouble.what();
            return nullptr;
        }
    }
    if (!wanted.empty()) words = "no such contender";
    return nullptr;
}

}  // namespace hansa::bench
