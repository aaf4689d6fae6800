// CEB621 to a WCO declaration on the SAX2 events of Xerces-C.
#include <array>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "tests/bench/translate/ceb621.h"
#include "tests/bench/translate/translators.h"

namespace hansa::bench::ceb621 {
namespace {

namespace xc = xercesc;

/// A field in the schema's order, and where its text goes; nullptr: not taken.
template <typename Record>
struct Field {
    std::u16string_view name;
    std::string_view Record::*text = nullptr;
};

constexpr std::array head_fields{
    Field<List>{u"guid"},
    Field<List>{u"appType", &List::action},
    Field<List>{u"appTime", &List::time},
    Field<List>{u"appStatus"},
    Field<List>{u"orderNo", &List::order},
    Field<List>{u"ebpCode"},
    Field<List>{u"ebpName"},
    Field<List>{u"ebcCode"},
    Field<List>{u"ebcName", &List::seller},
    Field<List>{u"logisticsNo", &List::waybill},
    Field<List>{u"logisticsCode"},
    Field<List>{u"logisticsName", &List::carrier},
    Field<List>{u"copNo", &List::reference},
    Field<List>{u"preNo"},
    Field<List>{u"assureCode"},
    Field<List>{u"emsNo"},
    Field<List>{u"invtNo", &List::number},
    Field<List>{u"ieFlag", &List::direction},
    Field<List>{u"declTime", &List::declared},
    Field<List>{u"customsCode", &List::office},
    Field<List>{u"portCode"},
    Field<List>{u"ieDate"},
    Field<List>{u"buyerIdType"},
    Field<List>{u"buyerIdNumber"},
    Field<List>{u"buyerName", &List::buyer},
    Field<List>{u"buyerTelephone", &List::telephone},
    Field<List>{u"consigneeAddress", &List::address},
    Field<List>{u"agentCode"},
    Field<List>{u"agentName", &List::agent},
    Field<List>{u"areaCode"},
    Field<List>{u"areaName"},
    Field<List>{u"tradeMode"},
    Field<List>{u"trafMode", &List::transport_mode},
    Field<List>{u"trafNo", &List::transport},
    Field<List>{u"voyageNo"},
    Field<List>{u"billNo", &List::bill},
    Field<List>{u"loctNo", &List::place},
    Field<List>{u"licenseNo", &List::licence},
    Field<List>{u"country", &List::country},
    Field<List>{u"freight", &List::freight},
    Field<List>{u"insuredFee", &List::insurance},
    Field<List>{u"currency"},
    Field<List>{u"wrapType", &List::wrapping},
    Field<List>{u"packNo", &List::packages},
    Field<List>{u"grossWeight", &List::gross_weight},
    Field<List>{u"netWeight"},
    Field<List>{u"note", &List::note},
};

constexpr std::array item_fields{
    Field<Item>{u"gnum", &Item::number},
    Field<Item>{u"itemRecordNo"},
    Field<Item>{u"itemNo", &Item::item_number},
    Field<Item>{u"itemName"},
    Field<Item>{u"gcode", &Item::code},
    Field<Item>{u"gname", &Item::name},
    Field<Item>{u"gmodel"},
    Field<Item>{u"barCode", &Item::bar_code},
    Field<Item>{u"country", &Item::country},
    Field<Item>{u"tradeCountry"},
    Field<Item>{u"currency"},
    Field<Item>{u"qty"},
    Field<Item>{u"unit"},
    Field<Item>{u"qty1", &Item::quantity},
    Field<Item>{u"unit1", &Item::unit},
    Field<Item>{u"qty2"},
    Field<Item>{u"unit2"},
    Field<Item>{u"price"},
    Field<Item>{u"totalPrice", &Item::total_price},
    Field<Item>{u"note", &Item::note},
};

/// Texts of a message in UTF-8. They never take more room than the message did.
class Texts {
public:
    void start(std::size_t bytes_max) {
        bytes_.clear();
        bytes_.reserve(bytes_max + 4);
        high_ = 0;
    }
    void open() { begin_ = bytes_.size(); }
    std::string_view close() const { return {bytes_.data() + begin_, bytes_.size() - begin_}; }

    void append(const XMLCh* text, XMLSize_t size) {
        for (XMLSize_t i = 0; i < size; ++i) {
            const std::uint32_t unit = text[i];
            if (unit < 0x80) {
                bytes_ += static_cast<char>(unit);
            } else if (unit < 0x800) {
                add(0xC0U | (unit >> 6));
                add(0x80U | (unit & 0x3FU));
            } else if (unit >= 0xD800 && unit < 0xDC00) {
                high_ = unit;
            } else if (unit >= 0xDC00 && unit < 0xE000) {
                const std::uint32_t point = 0x10000U + ((high_ - 0xD800U) << 10) + (unit - 0xDC00U);
                add(0xF0U | (point >> 18));
                add(0x80U | ((point >> 12) & 0x3FU));
                add(0x80U | ((point >> 6) & 0x3FU));
                add(0x80U | (point & 0x3FU));
            } else {
                add(0xE0U | (unit >> 12));
                add(0x80U | ((unit >> 6) & 0x3FU));
                add(0x80U | (unit & 0x3FU));
            }
        }
    }

private:
    void add(std::uint32_t byte) { bytes_ += static_cast<char>(byte); }

    std::string bytes_;
    std::size_t begin_ = 0;
    std::uint32_t high_ = 0;
};

class Handler final : public xc::DefaultHandler {
public:
    void start(std::size_t bytes) {
        texts_.start(bytes);
        count_ = depth_ = above_ = 0;
        body_.clear();
        fault_ = false;
    }

    /// The whole output, after the end of the message.
    void finish(std::string& output) const {
        output.clear();
        if (count_ == 1) {
            output += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
            output.append(body_, before_.size(), body_.size() - before_.size() - after_.size());
            return;
        }
        output += batch_open_before_count;
        output += std::to_string(count_);
        output += batch_open_after_count;
        output += body_;
        output += "</b:batch>";
    }
    bool fault() const { return fault_; }

    void startElement(const XMLCh*, const XMLCh* local, const XMLCh*, const xc::Attributes&) override {
        ++depth_;
        // More lists than a message holds come as several messages in a hansa.batch.
        if (depth_ == 1 && std::u16string_view(local) == u"batch") above_ = 2;
        if (depth_ == above_ + 2) {
            in_list_ = std::u16string_view(local) == u"Inventory";
            if (in_list_) list_.clear();
        } else if (depth_ == above_ + 3 && in_list_) {
            at_ = 0;
            in_head_ = std::u16string_view(local) == u"InventoryHead";
            if (!in_head_) list_.items.emplace_back();
        } else if (depth_ == above_ + 4 && in_list_) {
            text_ = nullptr;
            if (in_head_) {
                find(head_fields, list_, local);
            } else {
                find(item_fields, list_.items.back(), local);
            }
            if (text_ != nullptr) texts_.open();
        }
    }

    void characters(const XMLCh* text, const XMLSize_t size) override {
        if (text_ != nullptr) texts_.append(text, size);
    }

    void endElement(const XMLCh*, const XMLCh*, const XMLCh*) override {
        if (text_ != nullptr) {
            *text_ = texts_.close();
            text_ = nullptr;
        }
        if (depth_ == above_ + 2 && in_list_) {
            ++count_;
            body_ += before_;
            write(list_, body_);
            body_ += after_;
        }
        --depth_;
    }

    void error(const xc::SAXParseException&) override { fault_ = true; }
    void fatalError(const xc::SAXParseException&) override { fault_ = true; }

private:
    template <typename Fields, typename Record>
    void find(const Fields& fields, Record& record, const XMLCh* local) {
        const std::u16string_view name(local);
        while (at_ < fields.size() && fields[at_].name != name) ++at_;
        if (at_ < fields.size() && fields[at_].text != nullptr) text_ = &(record.*fields[at_].text);
        ++at_;
    }

    static constexpr std::string_view before_ = "<b:document>", after_ = "</b:document>";
    Texts texts_;
    List list_;
    std::string body_;
    std::string_view* text_ = nullptr;
    std::size_t count_ = 0, depth_ = 0, above_ = 0, at_ = 0;
    bool in_list_ = false, in_head_ = false, fault_ = false;
};

class Translator final : public Peer {
public:
    Translator() {
        static const bool once = (xc::XMLPlatformUtils::Initialize(), true);
        (void)once;
        reader_.reset(xc::XMLReaderFactory::createXMLReader());
        reader_->setFeature(xc::XMLUni::fgSAX2CoreNameSpaces, true);
        reader_->setFeature(xc::XMLUni::fgSAX2CoreValidation, false);
        reader_->setFeature(xc::XMLUni::fgXercesSchema, false);
        reader_->setFeature(xc::XMLUni::fgXercesLoadExternalDTD, false);
        reader_->setContentHandler(&handler_);
        reader_->setErrorHandler(&handler_);
    }

    bool run(std::string_view message, std::string& output) override {
        handler_.start(message.size());
        try {
            const xc::MemBufInputSource bytes(reinterpret_cast<const XMLByte*>(message.data()), message.size(),
                                              "message");
            reader_->parse(bytes);
        } catch (const xc::XMLException&) {
            return refuse("Xerces-C cannot read it");
        } catch (const xc::SAXException&) {
            return refuse("Xerces-C cannot read it");
        }
        if (handler_.fault()) return refuse("not well-formed");
        handler_.finish(output);
        return true;
    }

private:
    Handler handler_;
    std::unique_ptr<xc::SAX2XMLReader> reader_;
};

}  // namespace

std::unique_ptr<Peer> with_xerces(const Task&) {
    return std::make_unique<Translator>();
}

}  // namespace hansa::bench::ceb621
