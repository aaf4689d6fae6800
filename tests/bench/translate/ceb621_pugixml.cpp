// CEB621 to a WCO declaration with pugixml: the message parsed in place, walked once, target appended.
#include "tests/bench/translate/ceb621.h"
#include "tests/bench/translate/output.h"
#include "tests/bench/translate/translators.h"

namespace hansa::bench::ceb621 {
namespace {

/// Is it called so, behind the prefix?
bool is(const pugi::xml_node& node, std::size_t prefix, std::string_view local) {
    const std::string_view name = node.name();
    return name.size() == prefix + local.size() && name.substr(prefix) == local;
}

/// Children in the schema's order: each field is looked for at the place where it must stand.
class Fields {
public:
    Fields(const pugi::xml_node& parent, std::size_t prefix, Texts& texts)
        : at_(parent.first_child()), prefix_(prefix), texts_(texts) {}

    /// The field's text if it stands here; then the place moves on.
    std::string_view take(std::string_view name) {
        if (!is(at_, prefix_, name)) return {};
        const std::string_view text = texts_.of(at_);
        at_ = at_.next_sibling();
        return text;
    }
    void skip(std::string_view name) {
        if (is(at_, prefix_, name)) at_ = at_.next_sibling();
    }

private:
    pugi::xml_node at_;
    std::size_t prefix_;
    Texts& texts_;
};

void read_head(const pugi::xml_node& node, std::size_t prefix, Texts& texts, List& list) {
    Fields fields(node, prefix, texts);
    fields.skip("guid");
    list.action = fields.take("appType");
    list.time = fields.take("appTime");
    fields.skip("appStatus");
    list.order = fields.take("orderNo");
    fields.skip("ebpCode");
    fields.skip("ebpName");
    fields.skip("ebcCode");
    list.seller = fields.take("ebcName");
    list.waybill = fields.take("logisticsNo");
    fields.skip("logisticsCode");
    list.carrier = fields.take("logisticsName");
    list.reference = fields.take("copNo");
    fields.skip("preNo");
    fields.skip("assureCode");
    fields.skip("emsNo");
    list.number = fields.take("invtNo");
    list.direction = fields.take("ieFlag");
    list.declared = fields.take("declTime");
    list.office = fields.take("customsCode");
    fields.skip("portCode");
    fields.skip("ieDate");
    fields.skip("buyerIdType");
    fields.skip("buyerIdNumber");
    list.buyer = fields.take("buyerName");
    list.telephone = fields.take("buyerTelephone");
    list.address = fields.take("consigneeAddress");
    fields.skip("agentCode");
    list.agent = fields.take("agentName");
    fields.skip("areaCode");
    fields.skip("areaName");
    fields.skip("tradeMode");
    list.transport_mode = fields.take("trafMode");
    list.transport = fields.take("trafNo");
    fields.skip("voyageNo");
    list.bill = fields.take("billNo");
    list.place = fields.take("loctNo");
    list.licence = fields.take("licenseNo");
    list.country = fields.take("country");
    list.freight = fields.take("freight");
    list.insurance = fields.take("insuredFee");
    fields.skip("currency");
    list.wrapping = fields.take("wrapType");
    list.packages = fields.take("packNo");
    list.gross_weight = fields.take("grossWeight");
    fields.skip("netWeight");
    list.note = fields.take("note");
}

void read_item(const pugi::xml_node& node, std::size_t prefix, Texts& texts, Item& item) {
    Fields fields(node, prefix, texts);
    item.number = fields.take("gnum");
    fields.skip("itemRecordNo");
    item.item_number = fields.take("itemNo");
    fields.skip("itemName");
    item.code = fields.take("gcode");
    item.name = fields.take("gname");
    fields.skip("gmodel");
    item.bar_code = fields.take("barCode");
    item.country = fields.take("country");
    fields.skip("tradeCountry");
    fields.skip("currency");
    fields.skip("qty");
    fields.skip("unit");
    item.quantity = fields.take("qty1");
    item.unit = fields.take("unit1");
    fields.skip("qty2");
    fields.skip("unit2");
    fields.skip("price");
    item.total_price = fields.take("totalPrice");
    item.note = fields.take("note");
}

class Translator final : public PugixmlTranslator {
protected:
    bool translate(const pugi::xml_document& document, std::string_view, std::string& output) override {
        const pugi::xml_node root = document.document_element();
        lists_.clear();
        if (by_hand::local_name(root.name()) == "batch") {
            // More lists than a message holds come as several messages.
            for (const pugi::xml_node& one : root.children()) {
                if (!collect(one.first_child())) return false;
            }
        } else if (!collect(root)) {
            return false;
        }
        std::size_t next = 0;
        write_all(lists_.size(), list_, output, [&](List& list) {
            const auto [node, prefix] = lists_[next++];
            pugi::xml_node part = node.first_child();
            read_head(part, prefix, texts_, list);
            while ((part = part.next_sibling())) read_item(part, prefix, texts_, list.items.emplace_back());
        });
        return true;
    }

private:
    struct Found {
        pugi::xml_node node;
        std::size_t prefix;  ///< of the names below, with its colon: that of the message's root
    };

    bool collect(const pugi::xml_node& message) {
        const std::string_view name = message.name();
        const std::size_t prefix = name.size() - by_hand::local_name(name).size();
        if (name.substr(prefix) != "CEB621Message") return refuse("not a CEB621Message");
        for (pugi::xml_node one = message.first_child(); is(one, prefix, "Inventory"); one = one.next_sibling())
            lists_.push_back({one, prefix});
        return true;
    }

    std::vector<Found> lists_;
    List list_;
};

}  // namespace

std::unique_ptr<Peer> with_pugixml(const Task&) {
    return std::make_unique<Translator>();
}

}  // namespace hansa::bench::ceb621
