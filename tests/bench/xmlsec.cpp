// xmlsec1 with OpenSSL: enveloped signatures, and the whole pipelines that a competent engineer builds
// around it. RSA and ECDSA; it knows no SM2.
#include <libxml/tree.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <stdexcept>

#include "tests/bench/libxml2.h"
#include "tests/bench/peers.h"

namespace hansa::bench {
namespace {

void start_library() {
    static const bool once = [] {
        if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecOpenSSLAppInit(nullptr) < 0 ||
            xmlSecOpenSSLInit() < 0)
            throw std::runtime_error("xmlsec1 does not start");
        xmlSecErrorsDefaultCallbackEnableOutput(0);
        return true;
    }();
    (void)once;
}

const xmlSecByte* octets(const std::string& text) {
    return reinterpret_cast<const xmlSecByte*>(text.data());
}

/// Keys loaded once; signs and verifies trees.
class Xmlsec {
public:
    explicit Xmlsec(const Task& task) : ecdsa_(task.algorithm == Algorithm::ecdsa) {
        start_library();
        if (task.algorithm != Algorithm::rsa && !ecdsa_) throw std::runtime_error("xmlsec1 knows no SM2");
        manager_ = xmlSecKeysMngrCreate();
        key_ = xmlSecOpenSSLAppKeyLoadMemory(octets(task.key), static_cast<xmlSecSize>(task.key.size()),
                                             xmlSecKeyDataFormatPem, nullptr, nullptr, nullptr);
        if (manager_ == nullptr || key_ == nullptr || xmlSecOpenSSLAppDefaultKeysMngrInit(manager_) < 0 ||
            xmlSecOpenSSLAppKeysMngrCertLoadMemory(manager_, octets(task.trusted),
                                                   static_cast<xmlSecSize>(task.trusted.size()), xmlSecKeyDataFormatPem,
                                                   xmlSecKeyDataTypeTrusted) < 0 ||
            xmlSecOpenSSLAppKeyCertLoadMemory(key_, octets(task.certificate),
                                              static_cast<xmlSecSize>(task.certificate.size()),
                                              xmlSecKeyDataFormatPem) < 0) {
            throw std::runtime_error("xmlsec1 takes no such key or certificate");
        }
    }
    ~Xmlsec() {
        xmlSecKeyDestroy(key_);
        xmlSecKeysMngrDestroy(manager_);
    }
    Xmlsec(const Xmlsec&) = delete;
    Xmlsec& operator=(const Xmlsec&) = delete;

    bool verify(xmlDoc* document) {
        // The one place where an enveloped signature is expected: the root's last child.
        xmlNode* signature = xmlDocGetRootElement(document)->last;
        while (signature != nullptr && signature->type != XML_ELEMENT_NODE) signature = signature->prev;
        if (signature == nullptr || !xmlSecCheckNodeName(signature, xmlSecNodeSignature, xmlSecDSigNs)) return false;
        xmlSecDSigCtx* context = xmlSecDSigCtxCreate(manager_);
        const bool good = xmlSecDSigCtxVerify(context, signature) == 0 && context->status == xmlSecDSigStatusSucceeded;
        xmlSecDSigCtxDestroy(context);
        return good;
    }

    bool sign(xmlDoc* document) {
        xmlNode* signature = xmlSecTmplSignatureCreateNsPref(
            document, xmlSecTransformExclC14NId, ecdsa_ ? xmlSecTransformEcdsaSha256Id : xmlSecTransformRsaSha256Id,
            nullptr, reinterpret_cast<const xmlChar*>("ds"));
        xmlAddChild(xmlDocGetRootElement(document), signature);
        xmlNode* reference = xmlSecTmplSignatureAddReference(signature, xmlSecTransformSha256Id, nullptr,
                                                             reinterpret_cast<const xmlChar*>(""), nullptr);
        xmlSecTmplReferenceAddTransform(reference, xmlSecTransformEnvelopedId);
        xmlSecTmplReferenceAddTransform(reference, xmlSecTransformExclC14NId);
        xmlNode* data = xmlSecTmplKeyInfoAddX509Data(xmlSecTmplSignatureEnsureKeyInfo(signature, nullptr));
        xmlSecTmplX509DataAddCertificate(data);
        xmlSecDSigCtx* context = xmlSecDSigCtxCreate(nullptr);
        context->signKey = xmlSecKeyDuplicate(key_);
        const bool good = xmlSecDSigCtxSign(context, signature) == 0;
        xmlSecDSigCtxDestroy(context);
        return good;
    }

private:
    bool ecdsa_;
    xmlSecKeysMngr* manager_ = nullptr;
    xmlSecKey* key_ = nullptr;
};

bool dump(xmlDoc* document, std::string& output) {
    xmlChar* bytes = nullptr;
    int size = 0;
    xmlDocDumpMemoryEnc(document, &bytes, &size, "UTF-8");
    if (bytes == nullptr) return false;
    output.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    xmlFree(bytes);
    // libxml2 ends a document with a line of its own.
    if (output.ends_with('\n')) output.pop_back();
    return true;
}

class XmlsecPeer : public Peer {
public:
    explicit XmlsecPeer(const Task& task) : xmlsec_(task) {}
    bool verifies(std::string_view message) override {
        const Document document = parse_tree(parser_.get(), message);
        return (document && xmlsec_.verify(document.get())) || refuse("xmlsec1 does not verify it");
    }

protected:
    Xmlsec xmlsec_;
    Parser parser_ = new_parser();
};

class Signer final : public XmlsecPeer {
public:
    using XmlsecPeer::XmlsecPeer;
    bool run(std::string_view message, std::string& output) override {
        const Document document = parse_tree(parser_.get(), message);
        if (!document) return refuse("not well-formed");
        return (xmlsec_.sign(document.get()) && dump(document.get(), output)) || refuse("it cannot be signed");
    }
};

class Verifier final : public XmlsecPeer {
public:
    using XmlsecPeer::XmlsecPeer;
    bool run(std::string_view message, std::string& output) override {
        output = "verified";
        return verifies(message);
    }
};

#ifdef HANSA_PEER_TRANSLATIONS
/// One tree from the bytes to the signature: libxml2, its XSD validator, xmlsec1, libxslt.
class Naive final : public XmlsecPeer {
public:
    explicit Naive(const Task& task) : XmlsecPeer(task), schema_(task), translation_(xslt_translation(task)) {}
    bool run(std::string_view message, std::string& output) override {
        const Document source = parse_tree(parser_.get(), message);
        if (!source) return refuse("not well-formed");
        if (!schema_.valid(source.get())) return refuse(schema_.trouble());
        if (!xmlsec_.verify(source.get())) return refuse("xmlsec1 does not verify it");
        const Document target(translation_->apply(source.get(), message));
        if (!target) return refuse(std::string(translation_->trouble()));
        if (!xmlsec_.sign(target.get())) return refuse("it cannot be signed");
        return translation_->serialise(target.get(), output) || refuse(std::string(translation_->trouble()));
    }

private:
    CompiledSchema schema_;
    std::unique_ptr<XsltTranslation> translation_;
};

/// Streams where it can: Xerces-C validates, pugixml is mapped by hand, xmlsec1 has its own trees.
class NaiveXerces final : public XmlsecPeer {
public:
    explicit NaiveXerces(const Task& task)
        : XmlsecPeer(task),
          validator_(xerces_validator(task)),
          translator_(pugixml_translator(task)),
          translation_(xslt_translation(task)) {}
    bool run(std::string_view message, std::string& output) override {
        if (!validator_->run(message, middle_)) return refuse(std::string(validator_->trouble()));
        if (!verifies(message)) return false;
        translator_->prepare({&message, 1});
        if (!translator_->run(message, middle_)) return refuse(std::string(translator_->trouble()));
        const Document target = parse_tree(parser_.get(), middle_);
        if (!target || !xmlsec_.sign(target.get())) return refuse("it cannot be signed");
        return translation_->serialise(target.get(), output) || refuse(std::string(translation_->trouble()));
    }

private:
    std::unique_ptr<Peer> validator_, translator_;
    std::unique_ptr<XsltTranslation> translation_;
    std::string middle_;
};
#endif

}  // namespace

std::unique_ptr<Peer> xmlsec_signer(const Task& task) {
    return std::make_unique<Signer>(task);
}
std::unique_ptr<Peer> xmlsec_verifier(const Task& task) {
    return std::make_unique<Verifier>(task);
}

#ifdef HANSA_PEER_TRANSLATIONS
std::unique_ptr<Peer> naive_pipeline(const Task& task) {
    return std::make_unique<Naive>(task);
}
std::unique_ptr<Peer> naive_xerces_pipeline(const Task& task) {
    return std::make_unique<NaiveXerces>(task);
}
#endif

}  // namespace hansa::bench
