#include "tests/bench/translate/test/tame.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/schema/generator.h"

namespace hansa::test {
namespace {

using schema::Element;
using schema::Random;

template <std::size_t N>
std::string one_of(Random& random, const std::array<std::string_view, N>& all) {
    return std::string(all[random.below(N)]);
}

std::string digits(Random& random, std::uint64_t count) {
    std::string out;
    while (out.size() < count) out += static_cast<char>('0' + random.below(10));
    return out;
}

/// 1 to 10^n - 1, without zeros in front; 0 now and then.
std::string whole(Random& random, std::uint64_t digits_max) {
    if (random.chance(8)) return "0";
    return static_cast<char>('1' + random.below(9)) + digits(random, random.below(digits_max));
}

std::string ordinary(Random& random, std::uint64_t whole_max, std::uint64_t fraction_max) {
    std::string out = whole(random, whole_max);
    if (random.chance(50)) out += "." + digits(random, 1 + random.below(fraction_max));
    return out;
}

/// Signs, superfluous zeros, nines that carry.
std::string odd_number(Random& random, std::uint64_t whole_max, std::uint64_t fraction_max) {
    std::string out = random.chance(12) ? "+" : random.chance(12) ? "-" : "";
    out += std::string(random.below(3), '0');
    const std::uint64_t wanted = random.below(whole_max + 1);
    out += random.chance(20) ? std::string(wanted, '9') : digits(random, wanted);
    if (out.find_first_of("0123456789") == std::string::npos) out += '0';
    if (random.chance(60)) {
        const std::uint64_t fraction = 1 + random.below(fraction_max);
        out +=
            "." + (random.chance(25) ? std::string(fraction, random.chance(50) ? '9' : '0') : digits(random, fraction));
    }
    return out;
}

/// A text of up to so many characters, often of exactly as many. No line breaks, no blank first.
std::string text(Random& random, std::size_t characters_max) {
    static constexpr std::array<std::string_view, 18> signs{"a",      "B",      "7", "\u4e2d", "\u56fd", "\u0416",
                                                            "\u0451", "\u00e9", "&", "<",      ">",      "\"",
                                                            "'",      " ",      "-", ",",      "\u0561", "z"};
    const std::size_t wanted = random.chance(30) ? characters_max : 1 + random.below(characters_max);
    std::string out = "x";
    for (std::size_t i = 1; i < wanted; ++i) out += signs[random.below(signs.size())];
    return out;
}

/// Leaves of a document, each with its name; groups are counted by name.
template <typename Leaf>
void each_leaf(Element& element, std::map<std::string, int>& groups, const Leaf& leaf) {
    if (element.children.empty()) {
        leaf(element);
    } else {
        ++groups[element.name.local];
    }
    for (Element& child : element.children) each_leaf(child, groups, leaf);
}

void tame_list(Element& document, Random& random) {
    static const std::map<std::string, std::size_t, std::less<>> texts{
        {"orderNo", 60},        {"ebcName", 100},       {"logisticsNo", 60},
        {"logisticsName", 100}, {"copNo", 20},          {"invtNo", 18},
        {"buyerName", 60},      {"buyerTelephone", 30}, {"consigneeAddress", 200},
        {"agentName", 100},     {"trafNo", 100},        {"billNo", 37},
        {"licenseNo", 19},      {"itemNo", 20},         {"gname", 250},
        {"barCode", 50},        {"note", 1000}};
    static constexpr std::array<std::string_view, 8> may_be_empty{"copNo",     "invtNo", "trafNo",  "billNo",
                                                                  "licenseNo", "itemNo", "barCode", "note"};
    std::map<std::string, int> groups;
    each_leaf(document, groups, [&](Element& leaf) {
        const std::string& name = leaf.name.local;
        if (name == "appType") leaf.text = "1";
        if (name == "gnum") leaf.text = std::to_string(groups["InventoryList"]);
        if (name == "packNo") leaf.text = random.chance(10) ? "+0" + whole(random, 6) : whole(random, 8);
        if (name == "netWeight") leaf.text = random.chance(50) ? "0.5" : "1";
        if (name == "grossWeight") leaf.text = "9" + ordinary(random, 9, 5);
        if (name == "qty" || name == "qty2" || name == "price") leaf.text = ordinary(random, 9, 5);
        if (name == "freight" || name == "insuredFee" || name == "totalPrice" || name == "qty1")
            leaf.text = random.chance(25) ? odd_number(random, 13, 5) : ordinary(random, 9, 5);
        if (name == "barCode" && random.chance(10)) leaf.text = "\u65e0";
        if (!random.chance(25)) return;
        if (const auto found = texts.find(name); found != texts.end()) leaf.text = text(random, found->second);
        for (const std::string_view one : may_be_empty) {
            if (name == one && random.chance(20)) leaf.text.clear();
        }
    });
}

Element* child(Element& parent, std::string_view name) {
    for (Element& one : parent.children) {
        if (one.name.local == name) return &one;
    }
    return nullptr;
}

/// The element at a path below `parent`, which must be there.
Element& at(Element& parent, std::string_view path) {
    Element* node = &parent;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        node = child(*node, path.substr(0, end));
        if (node == nullptr) throw std::logic_error("no " + std::string(path));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return *node;
}

void remove(Element& parent, std::string_view name) {
    std::erase_if(parent.children, [&](const Element& one) { return one.name.local == name; });
}

void maybe_remove(Element& parent, std::string_view name, Random& random, unsigned percent = 20) {
    if (random.chance(percent)) remove(parent, name);
}

/// An element of the namespace of another one.
Element beside(const Element& other, std::string_view name, std::string text) {
    Element made;
    made.name = other.name;
    made.name.local = std::string(name);
    made.text = std::move(text);
    return made;
}

std::string country(Random& random) {
    return one_of(random, std::array<std::string_view, 10>{"CN", "BY", "AM", "US", "EU", "TW", "AE", "FR", "KR", "GB"});
}

void vary_party(Element& party, Random& random) {
    at(party, "SubjectName").text = text(random, 150);
    if (Element* number = child(party, "TaxpayerId"); number && random.chance(50)) number->text = digits(random, 8);
    Element& address = at(party, "SubjectAddressDetails");
    at(address, "UnifiedCountryCode").text = country(random);
    at(address, "StreetName").text = text(random, 120);
    const Element second = address;
    maybe_remove(address, "UnifiedCountryCode", random);
    maybe_remove(address, "StreetName", random);
    if (random.chance(15)) {
        party.children.push_back(second);
    } else {
        maybe_remove(party, "SubjectAddressDetails", random);
    }
}

/// The party is the declarant and says nothing else.
void vary_shipment_party(Element& shipment, const char* name, const Element& simple, Random& random) {
    Element& party = at(shipment, name);
    if (random.chance(15)) {
        party.children.assign({beside(simple, "EqualIndicator", random.chance(50) ? "true" : "1")});
    } else {
        vary_party(party, random);
    }
    maybe_remove(shipment, name, random);
}

void vary_item(Element& item, Random& random) {
    const Element description = at(item, "GoodsDescriptionText");
    at(item, "GoodsDescriptionText").text = text(random, 250);
    const std::size_t behind = static_cast<std::size_t>(&at(item, "GoodsDescriptionText") - item.children.data()) + 1;
    for (std::uint64_t more = random.below(4); more > 0; --more) {
        Element piece = description;
        piece.text = text(random, 240);
        item.children.insert(item.children.begin() + static_cast<std::ptrdiff_t>(behind), piece);
    }
    at(item, "CommodityCode").text = digits(random, 10);
    at(item, "UnifiedNetMassMeasure").text = random.chance(50) ? "0.5" : "1.250";
    at(item, "UnifiedGrossMassMeasure").text = "9" + ordinary(random, 9, 6);
    at(item, "CAValueAmount").text = ordinary(random, 12, 2);
    at(item, "OriginCountryDetails/CACountryCode").text = country(random);
    Element& measure = at(item, "GoodsMeasureDetails/GoodsMeasure");
    measure.text = ordinary(random, 12, 6);
    for (schema::Attribute& attribute : measure.attributes) {
        if (attribute.name.local == "measurementUnitCode")
            attribute.value =
                one_of(random, std::array<std::string_view, 7>{"796", "163", "112", "831", "715", "999", "055"});
    }
    Element& preferences = at(item, "PreferenceDetails");
    for (const char* name : {"CustomsClearanceChargesPrefCode", "CustomsDutyPrefCode", "VATPrefCode"})
        at(preferences, name).text =
            one_of(random, std::array<std::string_view, 4>{"\u041e\u041e", "--", "\u0410\u0411", "\u041e\u041e"});
    Element& procedure = at(item, "CustomsProcedureDetails");
    at(procedure, "CustomsProcedureCode").text =
        one_of(random, std::array<std::string_view, 4>{"40", "78", "51", "10"});
    at(procedure, "GoodsMoveFeatureCode").text = one_of(random, std::array<std::string_view, 3>{"000", "010", "061"});
    Element& cargo = at(item, "CargoPackagePalletDetails");
    const Element package = at(cargo, "PackagePalletDetails");
    remove(cargo, "PackagePalletDetails");
    for (std::uint64_t wanted = random.below(4); wanted > 0; --wanted) {
        Element one = package;
        at(one, "PackageKindCode").text = one_of(random, std::array<std::string_view, 4>{"CT", "BG", "PX", "NE"});
        at(one, "PackageQuantity").text = whole(random, 6);
        maybe_remove(one, "PackageQuantity", random);
        cargo.children.push_back(std::move(one));
    }
    maybe_remove(cargo, "PackageAvailabilityCode", random);
    maybe_remove(cargo, "CargoQuantity", random);
    for (const char* name : {"GoodsMeasureDetails", "CargoPackagePalletDetails", "PreferenceDetails",
                             "ValuationMethodCode", "PresentedDocDetails", "CustomsPaymentDetails"})
        maybe_remove(item, name, random);
}

void vary_goods_declaration(Element& document, Random& random) {
    const Element simple = at(document, "DeclarationKindCode");
    Element& shipment = at(document, "GDGoodsShipmentDetails");
    const Element first = at(shipment, "GDGoodsItemDetails");
    remove(shipment, "GDGoodsItemDetails");
    for (std::uint64_t i = 0, wanted = 1 + random.below(4); i < wanted; ++i) {
        Element item = first;
        at(item, "ConsignmentItemOrdinal").text = std::to_string(i + 1);
        vary_item(item, random);
        shipment.children.push_back(std::move(item));
        at(document, "GoodsQuantity").text = std::to_string(i + 1);
    }
    at(document, "CustomsProcedureCode").text =
        at(shipment, "GDGoodsItemDetails/CustomsProcedureDetails/CustomsProcedureCode").text;
    at(document, "CargoQuantity").text = whole(random, 7);
    vary_party(at(document, "DeclarantDetails"), random);
    for (const char* name : {"ConsignorDetails", "ConsigneeDetails", "FinancialSettlementSubjectDetails"})
        vary_shipment_party(shipment, name, simple, random);
    at(shipment, "CAValueAmount").text = ordinary(random, 14, 2);
    for (const char* name : {"DestinationCountryDetails", "TradeCountryDetails"}) {
        at(shipment, name).children.front().text = country(random);
        maybe_remove(shipment, name, random);
    }
    for (const char* name : {"DeliveryTermsDetails", "ExchangeRate", "CustomsValueAmount"})
        maybe_remove(shipment, name, random);
    Element& place = at(shipment, "GoodsLocationDetails");
    for (const char* name : {"GoodsLocationCode", "CustomsOfficeCode", "SubjectAddressDetails"})
        maybe_remove(place, name, random, 40);
    maybe_remove(shipment, "GoodsLocationDetails", random);
    Element& consignment = at(shipment, "GDConsignmentDetails");
    for (const char* name : {"BorderTransportDetails", "ArrivalDepartureTransportDetails"}) {
        Element& means = at(consignment, name);
        at(means, "UnifiedTransportModeCode").text =
            one_of(random, std::array<std::string_view, 8>{"10", "20", "30", "31", "32", "72", "71", "99"});
        maybe_remove(means, "UnifiedTransportModeCode", random);
        maybe_remove(consignment, name, random);
    }
    at(consignment, "ContainerIndicator").text =
        one_of(random, std::array<std::string_view, 4>{"true", "false", "1", "0"});
    maybe_remove(consignment, "ContainerIndicator", random, 40);
    maybe_remove(shipment, "GDConsignmentDetails", random);
    Element& name = at(document, "SignatoryPersonV2Details/SigningDetails/FullNameDetails");
    at(name, "LastName").text = text(random, 100);
    maybe_remove(name, "FirstName", random);
    for (const char* part : {"CargoQuantity", "GoodsQuantity", "SignatoryPersonV2Details"})
        maybe_remove(document, part, random);
}

std::string country_of_sad(Random& random) {
    return one_of(random, std::array<std::string_view, 7>{"BJ", "CI", "TG", "US", "FR", "CN", "DE"});
}

std::string lines(Random& random) {
    std::string out = text(random, random.chance(10) ? 75 : 30);
    for (std::uint64_t more = random.below(4); more > 0; --more) {
        out += random.chance(15) ? " \n" : random.chance(10) ? "\n\n" : "\n";
        if (random.chance(20)) out += "  ";
        out += text(random, 25);
    }
    if (random.chance(10)) out += "\n";
    return out;
}

/// What a leaf of a SAD may hold; nothing: as it is.
std::optional<std::string> sad_value(const std::string& name, Random& random) {
    static const std::map<std::string, std::size_t, std::less<>> texts{{"Manifest_reference_number", 35},
                                                                       {"Declarant_representative", 80},
                                                                       {"Serial_number", 3},
                                                                       {"Export_country_region", 9},
                                                                       {"Destination_country_region", 9},
                                                                       {"Country_of_origin_region", 9},
                                                                       {"Additional_information", 512},
                                                                       {"Comments_free_text", 512},
                                                                       {"Identity", 27},
                                                                       {"Place", 70},
                                                                       {"Location_of_goods", 80},
                                                                       {"Deffered_payment_reference", 35},
                                                                       {"Identification", 17},
                                                                       {"Container_identity", 17},
                                                                       {"Attached_document_name", 40},
                                                                       {"Attached_document_reference", 35},
                                                                       {"Attached_document_Authority", 75},
                                                                       {"Marks1_of_packages", 35},
                                                                       {"Marks2_of_packages", 35},
                                                                       {"Quota_code", 17},
                                                                       {"Commercial_Description", 250},
                                                                       {"Summary_declaration", 35},
                                                                       {"Previous_document_reference", 35},
                                                                       {"Licence_number", 35},
                                                                       {"Preference_code", 17}};
    if (const auto found = texts.find(name); found != texts.end()) {
        std::string value = text(random, found->second);
        const bool free = name == "Additional_information" || name == "Commercial_Description" ||
                          name == "Location_of_goods" || name == "Marks2_of_packages";
        if (free && random.chance(15) && value.size() < found->second / 2) value += "\nz";
        return value;
    }
    if (name.ends_with("_name") && name != "Attached_document_name") return lines(random);
    if (name == "Date" || name.ends_with("ate_of_declaration") || name == "Attached_document_date") {
        const std::string day = std::to_string(1 + random.below(28)), month = std::to_string(1 + random.below(12));
        return (random.chance(30) && month.size() == 1 ? "0" : "") + month + "/" + day + "/2" +
               std::to_string(random.below(10));
    }
    if (name == "Total_number_of_items" || name == "Number_of_loading_lists" || name == "Summary_declaration_sl" ||
        name == "Prev_decl_item_number" || name == "Item_Number")
        return whole(random, 4);
    if (name == "Total_number_of_packages" || name == "Number_of_packages")
        return random.chance(30) ? ordinary(random, 5, 2) : whole(random, 6);
    if (name == "Amount_foreign_currency" || name == "Amount" || name == "Item_price" ||
        name.starts_with("Duty_tax_a") || name.starts_with("Duty_tax_B") || name == "Total_CIF_itm" ||
        name == "Statistical_value" || name == "Amount_deducted_from_licence")
        return random.chance(15) ? odd_number(random, 9, 5) : ordinary(random, 9, 3);
    if (name.starts_with("Gross_weight") || name == "Net_weight_itm" || name == "Total_weight" ||
        name == "Suppplementary_unit_quantity" || name == "Quantity_deducted_from_licence")
        return random.chance(15) ? odd_number(random, 8, 5) : ordinary(random, 8, 6);
    if (name == "Currency_rate") return ordinary(random, 6, 5);
    if (name == "Duty_tax_rate") return ordinary(random, 2, 3);
    if (name == "Currency_code") return one_of(random, std::array<std::string_view, 4>{"USD", "EUR", "XOF", "CNY"});
    if (name.ends_with("country_code") || name == "Country_first_destination" || name == "Trading_country" ||
        name == "Nationality" || name == "Country_of_origin_code")
        return country_of_sad(random);
    if (name == "Mode" || name == "Inland_mode_of_transport")
        return one_of(random, std::array<std::string_view, 12>{"10", "01", "20", "30", "31", "32", "40", "50", "70",
                                                               "80", "09", "99"});
    if (name == "Attached_document_code")
        return one_of(random, std::array<std::string_view, 8>{"380", "861", "703", "911", "863", "N9", "999", "830"});
    if (name == "Kind_of_packages_code")
        return one_of(random, std::array<std::string_view, 5>{"BG", "CT", "PX", "12", "99"});
    if (name == "Suppplementary_unit_code")
        return one_of(random, std::array<std::string_view, 5>{"KGM", "UNT", "C62", "NPR", "LTR"});
    if (name == "Commodity_code") return digits(random, random.chance(20) ? 6 : 8);
    if (name == "Extended_customs_procedure") return digits(random, 4);
    if (name == "National_customs_procedure") return random.chance(50) ? "000" : digits(random, 3);
    if (name == "Duty_tax_MP") return one_of(random, std::array<std::string_view, 4>{"A", "z", "1", "10"});
    if (name == "Container_flag") return one_of(random, std::array<std::string_view, 4>{"true", "false", "1", "0"});
    if (name == "Declaration_gen_procedure_code") return digits(random, 1);
    return std::nullopt;
}

/// Without a part, or empty in one of its three ways. `only_together` leaves go by their group.
void vary_sad_leaves(Element& element, Random& random) {
    static constexpr std::array<std::string_view, 15> only_together{"Sad_flow",
                                                                    "Type_of_declaration",
                                                                    "Prev_decl_office_code",
                                                                    "Prev_decl_reg_year",
                                                                    "Prev_decl_reg_serial",
                                                                    "Prev_decl_reg_number",
                                                                    "Amount_foreign_currency",
                                                                    "Currency_code",
                                                                    "Currency_rate",
                                                                    "Suppplementary_unit_quantity",
                                                                    "Suppplementary_unit_code",
                                                                    "Number",
                                                                    "code1",
                                                                    "Item_price",
                                                                    "Extended_customs_procedure"};
    std::erase_if(element.children, [&](Element& child) {
        if (!child.children.empty()) {
            vary_sad_leaves(child, random);
            return false;
        }
        if (const auto value = sad_value(child.name.local, random)) child.text = *value;
        if (std::find(only_together.begin(), only_together.end(), child.name.local) != only_together.end())
            return false;
        if (random.chance(15)) {
            child.text.clear();
            const bool is_text = child.name.local.ends_with("_name") || child.name.local.ends_with("_code");
            if (is_text && random.chance(30)) child.children.push_back(beside(child, "null", {}));
        }
        return random.chance(15);
    });
}

/// Amount and currency: both, none, or a zero without its currency.
void vary_charges(Element& element, Random& random) {
    for (Element& child : element.children) vary_charges(child, random);
    std::erase_if(element.children, [&](Element& child) {
        const bool charge = child.name.local.starts_with("Gs_") || child.name.local.starts_with("item_") ||
                            child.name.local == "Item_Invoice";
        if (!charge) return false;
        if (random.chance(10) && !hansa::test::child(child, "Currency_rate")) {
            at(child, "Amount_foreign_currency").text = "0.00";
            at(child, "Currency_code").text.clear();
        }
        maybe_remove(child, "Currency_rate", random, 30);
        return random.chance(20);
    });
}

/// `most` members of a list at the most, each like the first, and each varied by the caller afterwards.
void multiply(Element& parent, std::string_view name, std::uint64_t most, Random& random) {
    const Element first = at(parent, name);
    remove(parent, name);
    for (std::uint64_t wanted = random.below(most + 1); wanted > 0; --wanted) parent.children.push_back(first);
}

void vary_sad(Element& document, Random& random) {
    multiply(document, "Container", 3, random);
    multiply(document, "Prev_decl", 2, random);
    Element& item = at(document, "Item");
    multiply(item, "Attached_documents", 3, random);
    multiply(at(item, "Tarification"), "Supplementary_unit", 3, random);
    multiply(at(item, "Taxation"), "Taxation_line", 3, random);
    const Element first = item;
    for (std::uint64_t more = random.below(3); more > 0; --more) document.children.push_back(first);
    vary_sad_leaves(document, random);
    vary_charges(document, random);
    const bool import = random.chance(50);
    at(document, "Property/Sad_flow").text = import ? "I" : "E";
    at(document, "Identification/Type/Type_of_declaration").text = import ? (random.chance(20) ? "IMR" : "IM") : "EX";
    for (Element& one : document.children) {
        if (one.name.local != "Item") continue;
        for (const char* group : {"Packages", "Goods_description", "Previous_doc", "Taxation", "Valuation_item"})
            maybe_remove(one, group, random, 10);
    }
    for (const char* group : {"Transport", "Warehouse", "General_information", "Financial"})
        maybe_remove(document, group, random, 8);
}

}  // namespace

bool tame(std::string_view format, schema::Element& document, std::uint64_t seed) {
    Random random(seed ^ 0xD1B54A32D192ED03ULL);
    if (format == "cn.ceb621") return tame_list(document, random), true;
    if (format == "asycuda.sad") return vary_sad(document, random), true;
    if (format == "eaeu.goods-declaration") return vary_goods_declaration(document, random), true;
    return false;
}

}  // namespace hansa::test
