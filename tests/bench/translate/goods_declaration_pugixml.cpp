// R.055 (Eurasian Economic Union, goods declaration) to ESADout_CU (Armenia) with pugixml: parsed in place,
// walked once, target appended.
//
// Domain: imports, kilograms, one currency, named parties, ten or eleven digits of the tariff: what
// ESADout_CU can say at all. Names of six namespaces are told by their local parts, as the structure
// has no two of one parent that differ in the namespace only.
//
// Source: plugins/eaeu/mappings/goods-declaration.map and plugins/am/mappings/esad.map, read by a person.
#include <array>
#include <cstdint>
#include <vector>

#include "tests/bench/translate/output.h"
#include "tests/bench/translate/translators.h"

namespace hansa::bench::goods_declaration {
namespace {

using by_hand::append_decimal;
using by_hand::append_element;
using by_hand::append_text;
using by_hand::fits;
using by_hand::local_name;

using Row = std::array<std::string_view, 2>;

/// Names that Armenian declarations write.
constexpr std::array country_names{
    Row{"AE", "ԱՐԱԲԱԿԱՆ ՄԻԱՑՅԱԼ ԷՄԻՐՈՒԹՅՈՒՆՆԵՐ"},
    Row{"AM", "ՀԱՅԱՍՏԱՆ"},
    Row{"CH", "ՇՎԵՅՑԱՐԻԱ"},
    Row{"CN", "ՉԻՆԱՍՏԱՆ"},
    Row{"CZ", "ՉԵԽԻԱ"},
    Row{"DE", "ԳԵՐՄԱՆԻԱ"},
    Row{"ES", "ԻՍՊԱՆԻԱ"},
    Row{"EU", "ԵՎՐՈՊԱԿԱՆ ՄԻՈՒԹՅՈՒՆ"},
    Row{"GB", "ՄԵԾ ԲՐԻՏԱՆԻԱ"},
    Row{"IN", "ՀՆԴԿԱՍՏԱՆ"},
    Row{"IR", "ԻՐԱՆ"},
    Row{"IT", "ԻՏԱԼԻԱ"},
    Row{"KR", "ԿՈՐԵԱՅԻ ՀԱՆՐԱՊԵՏՈՒԹՅՈՒՆ"},
    Row{"MY", "ՄԱԼԱՅԶԻԱ"},
    Row{"NL", "ՆԻԴԵՌԼԱՆԴՆԵՐ"},
    Row{"SE", "ՇՎԵԴԻԱ"},
    Row{"SI", "ՍԼՈՎԵՆԻԱ"},
    Row{"TH", "ԹԱՅԼԱՆԴ"},
    Row{"TR", "ԹՈՒՐՔԻԱ"},
    Row{"TW", "ԹԱՅՎԱՆ (ՉԻՆԱՍՏԱՆ)"},
};
constexpr std::array unit_names{
    Row{"006", "Մ"},
    Row{"055", "Մ2"},
    Row{"112", "Լ"},
    Row{"113", "Մ3"},
    Row{"130", "1000 Լ"},
    Row{"162", "ԿԱՐԱՏ"},
    Row{"163", "Գ"},
    Row{"166", "ԿԳ"},
    Row{"168", "Տ"},
    Row{"715", "ԶՈՒՅԳ"},
    Row{"796", "ՀԱՏ"},
    Row{"798", "1000 ՀԱՏ"},
    Row{"831", "Լ 100% ՍՊԻՐՏ"},
};

template <typename Rows>
std::string_view name_of(const Rows& rows, std::string_view code) {
    for (const Row& row : rows) {
        if (row[0] == code) return row[1];
    }
    return {};
}

/// Of several codes for one mode of transport, the one that is written.
std::string_view mode(std::string_view code) {
    return code == "31" || code == "32" ? "30" : code == "72" ? "71" : code;
}

/// Cyrillic here, Latin there; another preference cannot be said.
constexpr std::string_view no_preference = "\u041E\u041E";

struct Party {
    bool stands = false, is_declarant = false, has_address = false;
    std::string_view name, tax_number, country, street;
};

struct Package {
    std::string_view kind, quantity;
};

struct Item {
    std::string_view number, commodity, gross, net, quantity, unit, availability, origin, charges, duty, vat, procedure,
        previous, feature, price, method;
    std::array<std::string_view, 4> description;  ///< pieces of one text
    std::size_t pieces = 0, first_package = 0, packages = 0;
    bool packed = false;

    std::uint64_t package_count(const std::vector<Package>& all) const;
};

struct Declaration {
    std::string_view packages, destination, trade_country, terms, amount, currency, container, border_mode, inland_mode,
        place_kind, place_office, place_country, family_name, given_name;
    Party declarant, consignor, consignee, payer;
    std::vector<Item> items;
    std::vector<Package> all_packages;

    void clear() {
        std::vector<Item> kept_items = std::move(items);
        std::vector<Package> kept_packages = std::move(all_packages);
        kept_items.clear();
        kept_packages.clear();
        *this = Declaration();
        items = std::move(kept_items);
        all_packages = std::move(kept_packages);
    }
};

std::uint64_t count(std::string_view text) {
    std::uint64_t value = 0;
    for (const char digit : text) {
        if (digit >= '0' && digit <= '9') value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    return value;
}

std::uint64_t Item::package_count(const std::vector<Package>& all) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < packages; ++i) sum += count(all[first_package + i].quantity);
    return sum;
}

std::string_view attribute(const pugi::xml_node& node, std::string_view wanted) {
    for (const pugi::xml_attribute& one : node.attributes()) {
        if (wanted == one.name()) return one.value();
    }
    return {};
}

/// What is taken of each group. Views are the message's, or the texts'.
class Reader {
public:
    explicit Reader(Texts& texts) : texts_(texts) {}

    void read(const pugi::xml_node& root, Declaration& to);

private:
    std::string_view text_of(const pugi::xml_node& node) { return texts_.of(node); }
    std::string_view text_of_child(const pugi::xml_node& node, std::string_view wanted);
    void read_party(const pugi::xml_node& node, Party& party);
    void read_packages(const pugi::xml_node& node, Declaration& to, Item& item);
    void read_item(const pugi::xml_node& node, Declaration& to);
    void read_place(const pugi::xml_node& node, Declaration& to);
    void read_shipment(const pugi::xml_node& node, Declaration& to);
    void read_signatory(const pugi::xml_node& node, Declaration& to);

    Texts& texts_;
};

std::string_view Reader::text_of_child(const pugi::xml_node& node, std::string_view wanted) {
    for (const pugi::xml_node& child : node.children()) {
        if (local_name(child.name()) == wanted) return text_of(child);
    }
    return {};
}

void Reader::read_party(const pugi::xml_node& node, Party& party) {
    party.stands = true;
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "SubjectName") {
            party.name = text_of(child);
        } else if (name == "TaxpayerId") {
            party.tax_number = text_of(child);
        } else if (name == "EqualIndicator") {
            party.is_declarant = text_of(child) == "1" || text_of(child) == "true";
        } else if (name == "SubjectAddressDetails" && !party.has_address) {
            party.has_address = true;
            for (const pugi::xml_node& part : child.children()) {
                const std::string_view of = local_name(part.name());
                if (of == "UnifiedCountryCode") {
                    party.country = text_of(part);
                } else if (of == "StreetName") {
                    party.street = text_of(part);
                }
            }
        }
    }
}

void Reader::read_packages(const pugi::xml_node& node, Declaration& to, Item& item) {
    item.packed = true;
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "PackageAvailabilityCode") {
            item.availability = text_of(child);
        } else if (name == "PackagePalletDetails") {
            Package& package = to.all_packages.emplace_back();
            ++item.packages;
            for (const pugi::xml_node& part : child.children()) {
                const std::string_view of = local_name(part.name());
                if (of == "PackageKindCode") {
                    package.kind = text_of(part);
                } else if (of == "PackageQuantity") {
                    package.quantity = text_of(part);
                }
            }
        }
    }
}

void Reader::read_item(const pugi::xml_node& node, Declaration& to) {
    Item& item = to.items.emplace_back();
    item.first_package = to.all_packages.size();
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "ConsignmentItemOrdinal") {
            item.number = text_of(child);
        } else if (name == "CommodityCode") {
            item.commodity = text_of(child);
        } else if (name == "GoodsDescriptionText") {
            if (item.pieces < item.description.size()) item.description[item.pieces++] = text_of(child);
        } else if (name == "UnifiedGrossMassMeasure") {
            item.gross = text_of(child);
        } else if (name == "UnifiedNetMassMeasure") {
            item.net = text_of(child);
        } else if (name == "GoodsMeasureDetails") {
            for (const pugi::xml_node& part : child.children()) {
                if (local_name(part.name()) != "GoodsMeasure") continue;
                item.quantity = text_of(part);
                item.unit = attribute(part, "measurementUnitCode");
            }
        } else if (name == "CargoPackagePalletDetails") {
            read_packages(child, to, item);
        } else if (name == "OriginCountryDetails") {
            item.origin = text_of_child(child, "CACountryCode");
        } else if (name == "PreferenceDetails") {
            item.charges = text_of_child(child, "CustomsClearanceChargesPrefCode");
            item.duty = text_of_child(child, "CustomsDutyPrefCode");
            item.vat = text_of_child(child, "VATPrefCode");
        } else if (name == "CustomsProcedureDetails") {
            item.procedure = text_of_child(child, "CustomsProcedureCode");
            item.previous = text_of_child(child, "PreviousCustomsProcedureModeCode");
            item.feature = text_of_child(child, "GoodsMoveFeatureCode");
        } else if (name == "CAValueAmount") {
            item.price = text_of(child);
        } else if (name == "ValuationMethodCode") {
            item.method = text_of(child);
        }
    }
}

void Reader::read_place(const pugi::xml_node& node, Declaration& to) {
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "GoodsLocationCode") {
            to.place_kind = text_of(child);
        } else if (name == "CustomsOfficeCode") {
            to.place_office = text_of(child);
        } else if (name == "SubjectAddressDetails") {
            to.place_country = text_of_child(child, "UnifiedCountryCode");
        }
    }
}

void Reader::read_shipment(const pugi::xml_node& node, Declaration& to) {
    for (const pugi::xml_node& child : node.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "GDGoodsItemDetails") {
            read_item(child, to);
        } else if (name == "DestinationCountryDetails") {
            to.destination = text_of_child(child, "CACountryCode");
        } else if (name == "TradeCountryDetails") {
            to.trade_country = text_of_child(child, "CACountryCode");
        } else if (name == "DeliveryTermsDetails") {
            to.terms = text_of_child(child, "DeliveryTermsCode");
        } else if (name == "CAValueAmount") {
            to.amount = text_of(child);
            to.currency = attribute(child, "currencyCode");
        } else if (name == "ConsignorDetails") {
            read_party(child, to.consignor);
        } else if (name == "ConsigneeDetails") {
            read_party(child, to.consignee);
        } else if (name == "FinancialSettlementSubjectDetails") {
            read_party(child, to.payer);
        } else if (name == "GoodsLocationDetails") {
            read_place(child, to);
        } else if (name == "GDConsignmentDetails") {
            for (const pugi::xml_node& part : child.children()) {
                const std::string_view of = local_name(part.name());
                if (of == "ContainerIndicator") {
                    to.container = text_of(part);
                } else if (of == "BorderTransportDetails") {
                    to.border_mode = text_of_child(part, "UnifiedTransportModeCode");
                } else if (of == "ArrivalDepartureTransportDetails") {
                    to.inland_mode = text_of_child(part, "UnifiedTransportModeCode");
                }
            }
        }
    }
}

void Reader::read_signatory(const pugi::xml_node& node, Declaration& to) {
    for (const pugi::xml_node& signing : node.children()) {
        if (local_name(signing.name()) != "SigningDetails") continue;
        for (const pugi::xml_node& part : signing.children()) {
            if (local_name(part.name()) != "FullNameDetails") continue;
            to.family_name = text_of_child(part, "LastName");
            to.given_name = text_of_child(part, "FirstName");
        }
    }
}

void Reader::read(const pugi::xml_node& root, Declaration& to) {
    for (const pugi::xml_node& child : root.children()) {
        const std::string_view name = local_name(child.name());
        if (name == "CargoQuantity") {
            to.packages = text_of(child);
        } else if (name == "DeclarantDetails") {
            read_party(child, to.declarant);
        } else if (name == "GDGoodsShipmentDetails") {
            read_shipment(child, to);
        } else if (name == "SignatoryPersonV2Details") {
            read_signatory(child, to);
        }
    }
}

void append_optional(std::string& out, std::string_view open, std::string_view text, std::string_view close) {
    if (!text.empty()) append_element(out, open, text, close);
}

void append_party(std::string& out, std::string_view open, const Party& own, const Party& declarant,
                  std::string_view close) {
    const Party& party = own.is_declarant ? declarant : own;
    if (!own.stands || party.name.empty()) return;
    out += open;
    append_element(out, "<n2:OrganizationName>", party.name, "</n2:OrganizationName>");
    if (party.tax_number.size() == 8 && party.tax_number.find_first_not_of("0123456789") == std::string_view::npos)
        append_element(out, "<n2:RAOrganizationFeatures><n2:UNN>", party.tax_number,
                       "</n2:UNN></n2:RAOrganizationFeatures>");
    const bool street = fits(party.street, 120);
    if (street || !party.country.empty()) {
        append_element(out, "<n2:Address><n2:CountryCode>", party.country.empty() ? "ZZ" : party.country,
                       "</n2:CountryCode>");
        append_optional(out, "<n2:CounryName>", name_of(country_names, party.country), "</n2:CounryName>");
        if (street) append_element(out, "<n2:StreetHouse>", party.street, "</n2:StreetHouse>");
        out += "</n2:Address>";
    }
    out += close;
}

void append_packaging(std::string& out, const Item& item, const std::vector<Package>& all) {
    if (item.availability.empty() && item.packages == 0) return;
    out += "<ESADGoodsPackaging><n1:PakageQuantity>";
    out += std::to_string(item.package_count(all));
    out += "</n1:PakageQuantity>";
    append_optional(out, "<n1:PakageTypeCode>", item.availability, "</n1:PakageTypeCode>");
    for (std::size_t i = 0; i < item.packages; ++i) {
        const Package& package = all[item.first_package + i];
        append_element(out, "<n1:PackingInformation><n1:PackingCode>", package.kind,
                       "</n1:PackingCode><n1:PakingQuantity>");
        out += std::to_string(count(package.quantity));
        out += "</n1:PakingQuantity></n1:PackingInformation>";
    }
    out += "</ESADGoodsPackaging>";
}

void append_item(std::string& out, const Item& item, const std::vector<Package>& packages) {
    out += "<ESADout_CUGoods><n1:GoodsNumeric>";
    out += std::to_string(count(item.number));
    out += "</n1:GoodsNumeric><n1:GoodsDescription>";
    for (std::size_t i = 0; i < item.pieces; ++i) append_text(out, item.description[i]);
    out += "</n1:GoodsDescription><n1:GrossWeightQuantity>";
    append_decimal(out, item.gross);
    out += "</n1:GrossWeightQuantity><n1:NetWeightQuantity>";
    append_decimal(out, item.net);
    out += "</n1:NetWeightQuantity><n1:InvoicedCost>";
    append_decimal(out, item.price);
    append_element(out, "</n1:InvoicedCost><n1:GoodsTNVEDCode>", item.commodity,
                   "</n1:GoodsTNVEDCode><n1:OriginCountryCode>");
    append_element(out, {}, item.origin, "</n1:OriginCountryCode>");
    append_optional(out, "<n1:OriginCountryName>", name_of(country_names, item.origin), "</n1:OriginCountryName>");
    append_optional(out, "<n1:CustomsCostCorrectMethod>", item.method, "</n1:CustomsCostCorrectMethod>");
    if (item.charges == no_preference || item.duty == no_preference || item.vat == no_preference)
        out +=
            "<n1:Preferencii><n1:CustomsTax>OO</n1:CustomsTax><n1:CustomsDuty>OO</n1:CustomsDuty><n1:Rate>OO</"
            "n1:Rate></n1:Preferencii>";
    if (!item.quantity.empty()) {
        out += "<SupplementaryGoodsQuantity><n2:GoodsQuantity>";
        append_decimal(out, item.quantity);
        out += "</n2:GoodsQuantity>";
        append_optional(out, "<n2:MeasureUnitQualifierName>", name_of(unit_names, item.unit),
                        "</n2:MeasureUnitQualifierName>");
        append_element(out, "<n2:MeasureUnitQualifierCode>", item.unit,
                       "</n2:MeasureUnitQualifierCode></SupplementaryGoodsQuantity>");
    }
    append_packaging(out, item, packages);
    append_element(out, "<ESADCustomsProcedure><n1:MainCustomsModeCode>", item.procedure, "</n1:MainCustomsModeCode>");
    append_element(out, "<n1:PrecedingCustomsModeCode>", item.previous, "</n1:PrecedingCustomsModeCode>");
    append_element(out, "<n1:GoodsTransferFeature>", item.feature,
                   "</n1:GoodsTransferFeature></ESADCustomsProcedure></ESADout_CUGoods>");
}

void append_consignment(std::string& out, const Declaration& from) {
    if (from.container.empty() && from.destination.empty() && from.inland_mode.empty() && from.border_mode.empty())
        return;
    out += "<ESADout_CUConsigment><n1:ContainerIndicator>";
    out += from.container == "1" || from.container == "true" ? "true" : "false";
    append_element(out, "</n1:ContainerIndicator><n1:DestinationCountryCode>",
                   from.destination.empty() ? "ZZ" : from.destination, "</n1:DestinationCountryCode>");
    append_optional(out, "<n1:DestinationCountryName>", name_of(country_names, from.destination),
                    "</n1:DestinationCountryName>");
    append_optional(out, "<ESADout_CUDepartureArrivalTransport><n2:TransportModeCode>", mode(from.inland_mode),
                    "</n2:TransportModeCode></ESADout_CUDepartureArrivalTransport>");
    append_optional(out, "<ESADout_CUBorderTransport><n2:TransportModeCode>", mode(from.border_mode),
                    "</n2:TransportModeCode></ESADout_CUBorderTransport>");
    out += "</ESADout_CUConsigment>";
}

void append_shipment(std::string& out, const Declaration& from) {
    out += "<ESADout_CUGoodsShipment>";
    append_optional(out, "<n1:OriginCountryName>", name_of(country_names, from.items.front().origin),
                    "</n1:OriginCountryName>");
    out += "<n1:TotalGoodsNumber>";
    out += std::to_string(from.items.size());
    out += "</n1:TotalGoodsNumber><n1:TotalPackageNumber>";
    std::uint64_t packages = count(from.packages);
    if (from.packages.empty()) {
        for (const Item& item : from.items) packages += item.package_count(from.all_packages);
    }
    out += std::to_string(packages);
    out += "</n1:TotalPackageNumber>";
    append_party(out, "<ESADout_CUConsignor>", from.consignor, from.declarant, "</ESADout_CUConsignor>");
    append_party(out, "<ESADout_CUConsignee>", from.consignee, from.declarant, "</ESADout_CUConsignee>");
    append_party(out, "<ESADout_CUFinancialAdjustingResponsiblePerson>", from.payer, from.declarant,
                 "</ESADout_CUFinancialAdjustingResponsiblePerson>");
    append_party(out, "<ESADout_CUDeclarant>", from.declarant, from.declarant, "</ESADout_CUDeclarant>");
    if (!from.place_kind.empty() || !from.place_office.empty() || !from.place_country.empty()) {
        append_element(out, "<ESADout_CUGoodsLocation><InformationTypeCode>",
                       from.place_kind.empty() ? "00" : from.place_kind, "</InformationTypeCode>");
        append_optional(out, "<CustomsOffice>", from.place_office, "</CustomsOffice>");
        append_element(out, "<CustomsCountryCode>", from.place_country.empty() ? "ZZ" : from.place_country,
                       "</CustomsCountryCode></ESADout_CUGoodsLocation>");
    }
    append_consignment(out, from);
    append_element(out, "<ESADout_CUMainContractTerms><n1:ContractCurrencyCode>", from.currency,
                   "</n1:ContractCurrencyCode><n1:TotalInvoiceAmount>");
    append_decimal(out, from.amount);
    out += "</n1:TotalInvoiceAmount>";
    append_optional(out, "<n1:TradeCountryCode>", from.trade_country, "</n1:TradeCountryCode>");
    append_optional(out, "<n1:CUESADDeliveryTerms><n2:DeliveryTermsStringCode>", from.terms,
                    "</n2:DeliveryTermsStringCode></n1:CUESADDeliveryTerms>");
    out += "</ESADout_CUMainContractTerms>";
    for (const Item& item : from.items) append_item(out, item, from.all_packages);
    out += "</ESADout_CUGoodsShipment>";
}

class Translator final : public PugixmlDocuments {
public:
    explicit Translator(const Task& task) : PugixmlDocuments(task.to) {}

protected:
    bool append_document(const pugi::xml_node& root, std::string& output) override {
        if (local_name(root.name()) != "GoodsDeclaration") return refuse("not a GoodsDeclaration");
        from_.clear();
        Reader(texts_).read(root, from_);
        if (from_.items.empty()) return refuse("no goods");
        output +=
            "<ESADout_CU xmlns=\"urn:customs.ru:Information:CustomsDocuments:ESADout_CU:5.10.0\" "
            "xmlns:n1=\"urn:customs.ru:CUESADCommonAggregateTypesCust:5.10.0\" "
            "xmlns:n2=\"urn:customs.ru:CommonAggregateTypes:5.10.0\" DocumentModeID=\"1006107E\">";
        append_element(output, "<CustomsProcedure>IM</CustomsProcedure><CustomsModeCode>",
                       from_.items.front().procedure, "</CustomsModeCode>");
        append_shipment(output, from_);
        if (!from_.family_name.empty()) {
            append_element(output, "<FilledPerson><n2:PersonSurname>", from_.family_name, "</n2:PersonSurname>");
            append_optional(output, "<n2:PersonName>", from_.given_name, "</n2:PersonName>");
            output += "</FilledPerson>";
        }
        output += "</ESADout_CU>";
        return true;
    }

private:
    Declaration from_;
};

}  // namespace

std::unique_ptr<Peer> with_pugixml(const Task& task) {
    return std::make_unique<Translator>(task);
}

}  // namespace hansa::bench::goods_declaration
