// SAD (ASYCUDA World) to a WCO declaration with pugixml: parsed in place, groups looked up by name, target
// appended. Empty has three forms in a SAD; for child_value() they are one.
//
// Domain: what the tables take. A zero of an amount whose currency is missing is no amount.
//
// Source: plugins/asycuda/mappings/sad.map and plugins/wco/mappings/declaration.map, read by a person.
#include <array>
#include <string_view>

#include "tests/bench/translate/output.h"
#include "tests/bench/translate/translators.h"

namespace hansa::bench::sad {
namespace {

using by_hand::append_element;
using by_hand::append_rounded;
using by_hand::append_text;
using pugi::xml_node;

/// Line breaks and texts of blanks only are no text for the target.
bool fits(std::string_view value, std::size_t longest) {
    return by_hand::fits(value, longest) && value.find_first_of("\n\r") == std::string_view::npos &&
           value.find_first_not_of(" \t") != std::string_view::npos;
}

void append_fitting(std::string& out, std::string_view open, std::string_view value, std::size_t longest,
                    std::string_view close) {
    if (fits(value, longest)) append_element(out, open, value, close);
}

bool is_zero(std::string_view number) {
    return number.find_first_of("123456789") == std::string_view::npos;
}

/// A number between tags; nothing where there is none, or none that fits.
bool append_number(std::string& out, std::string_view open, std::string_view number, std::size_t fraction,
                   std::size_t total, std::string_view close) {
    if (number.empty()) return false;
    const std::size_t before = out.size();
    out += open;
    if (!append_rounded(out, number, fraction, total)) {
        out.resize(before);
        return false;
    }
    out += close;
    return true;
}

/// An amount with its currency; `open` ends before the attribute.
void append_amount(std::string& out, std::string_view open, std::string_view amount, std::string_view currency,
                   std::string_view close) {
    if (amount.empty()) return;
    const std::size_t before = out.size();
    out += open;
    if (!currency.empty()) {
        out += " currencyID=\"";
        out += currency;
        out += '"';
    }
    out += '>';
    if (append_rounded(out, amount, 3, 16)) {
        out += close;
    } else {
        out.resize(before);
    }
}

/// Modes of transport that UN/ECE Rec 19 knows.
std::string_view mode(std::string_view code) {
    using Row = std::array<std::string_view, 2>;
    constexpr std::array rows{Row{"30", "3"}, Row{"31", "3"}, Row{"10", "1"}, Row{"40", "4"},
                              Row{"32", "3"}, Row{"20", "2"}, Row{"01", "1"}, Row{"50", "5"},
                              Row{"70", "7"}, Row{"80", "8"}, Row{"09", "9"}};
    for (const Row& row : rows) {
        if (row[0] == code) return row[1];
    }
    return {};
}

/// An office that is known abroad: a bare number is a country's own.
std::string_view office(std::string_view code) {
    const bool own = code.size() <= 8 && code.find_first_not_of("0123456789") == std::string_view::npos;
    return own ? std::string_view() : code;
}

/// Documents of box 44 that UN/EDIFACT 1001 knows.
bool known_document(std::string_view code) {
    constexpr std::array<std::string_view, 14> codes{"380", "861", "730", "740", "703", "911", "811",
                                                     "141", "382", "733", "734", "780", "830", "863"};
    for (const std::string_view known : codes) {
        if (known == code) return true;
    }
    return false;
}

std::string_view trimmed(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

class Writer {
public:
    Writer(bool month_first, Texts& texts, std::string& out) : month_first_(month_first), texts_(texts), out_(out) {}

    void write(const xml_node& sad);
    bool dated() const { return dated_; }

private:
    std::string_view text(const xml_node& parent, const char* name) { return texts_.of(parent.child(name)); }
    void date(std::string_view open, std::string_view date, std::string_view close);
    void party(std::string_view open, std::string_view number, std::string_view name_and_address,
               std::string_view close);
    void charge(const xml_node& charge, std::string_view type);
    void charges(const xml_node& parent, const char* internal, const char* insurance, const char* other,
                 const char* deduction);
    void statement(std::string_view statement, std::string_view type_and_end);
    void shipment(const xml_node& sad);
    void consignment(const xml_node& sad);
    void item(const xml_node& item);
    void documents(const xml_node& item);
    void commodity(const xml_node& item);
    void tax(const xml_node& line);
    void item_rest(const xml_node& item);

    bool month_first_, dated_ = false, import_ = false, invoice_ = false;
    std::string_view invoice_currency_;
    std::size_t number_ = 0;  ///< of the item
    Texts& texts_;
    std::string& out_;
};

/// 5/11/26 or 05/11/2026: numbers of any width, the year of this century where it has two digits.
void Writer::date(std::string_view open, std::string_view date, std::string_view close) {
    if (date.empty()) return;
    dated_ = true;
    const std::size_t first = date.find('/'), second = date.find('/', first + 1);
    const std::string_view one = date.substr(0, first), two = date.substr(first + 1, second - first - 1);
    const std::string_view year = date.substr(second + 1);
    const auto two_digits = [&](std::string_view number) {
        if (number.size() == 1) out_ += '0';
        out_ += number;
    };
    out_ += open;
    out_ += "<n2:DateTimeString formatCode=\"102\">";
    if (year.size() == 2) out_ += "20";
    out_ += year;
    two_digits(month_first_ ? one : two);
    two_digits(month_first_ ? two : one);
    out_ += "</n2:DateTimeString>";
    out_ += close;
}

/// The first line that holds something is the name, the others are the address.
void Writer::party(std::string_view open, std::string_view number, std::string_view name_and_address,
                   std::string_view close) {
    std::string_view name;
    std::string address;
    for (std::string_view rest = name_and_address; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) continue;
        if (name.empty()) {
            name = line;
        } else {
            if (!address.empty()) address += ", ";
            address += line;
        }
    }
    const std::size_t before = out_.size();
    out_ += open;
    const std::size_t inside = out_.size();
    append_fitting(out_, "<n1:Name>", name, 70, "</n1:Name>");
    append_fitting(out_, "<n1:ID>", number, 17, "</n1:ID>");
    append_fitting(out_, "<n1:Address><n1:Line>", address, 70, "</n1:Line></n1:Address>");
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += close;
    }
}

void Writer::charge(const xml_node& charge, std::string_view type) {
    const std::string_view amount = text(charge, "Amount_foreign_currency"), currency = text(charge, "Currency_code");
    if (amount.empty() || (currency.empty() && is_zero(amount))) return;
    out_ += "<n1:ChargeDeduction><n1:ChargesTypeCode>";
    out_ += type;
    out_ += "</n1:ChargesTypeCode>";
    append_amount(out_, "<n1:OtherChargeDeductionAmount", amount, currency, "</n1:OtherChargeDeductionAmount>");
    out_ += "</n1:ChargeDeduction>";
}

void Writer::charges(const xml_node& parent, const char* internal, const char* insurance, const char* other,
                     const char* deduction) {
    charge(parent.child(internal), "FRN");
    charge(parent.child(insurance), "INS");
    charge(parent.child(other), "OTH");
    charge(parent.child(deduction), "DED");
}

void Writer::statement(std::string_view statement, std::string_view type_and_end) {
    if (statement.empty()) return;
    out_ += "<n1:AdditionalInformation>";
    append_fitting(out_, "<n1:StatementDescription>", statement, 512, "</n1:StatementDescription>");
    out_ += "<n1:StatementTypeCode>";
    out_ += type_and_end;
}

void Writer::write(const xml_node& sad) {
    const xml_node property = sad.child("Property"), numbers = property.child("Nbers"),
                   identification = sad.child("Identification");
    const xml_node type = identification.child("Type"), registration = identification.child("Registration");
    const xml_node traders = sad.child("Traders"), declarant = sad.child("Declarant"),
                   general = sad.child("General_information");
    const xml_node means = sad.child("Transport").child("Means_of_transport"), valuation = sad.child("Valuation");
    const xml_node invoice = valuation.child("Gs_Invoice"), finance = sad.child("Financial");
    import_ = text(property, "Sad_flow") == "I";
    invoice_currency_ = text(invoice, "Currency_code");
    const std::string_view invoice_amount = text(invoice, "Amount_foreign_currency");
    invoice_ = !invoice_amount.empty() && !(invoice_currency_.empty() && is_zero(invoice_amount));
    std::string joined;
    const auto join = [&](std::string_view first, std::string_view second) -> std::string_view {
        joined.clear();
        if (second.empty()) return joined;
        if (!first.empty()) (joined += first) += '-';
        return joined += second;
    };

    out_ += "<n1:Declaration>";
    date("<n1:AcceptanceDateTime>", text(registration, "Date"), "</n1:AcceptanceDateTime>");
    out_ += "<n1:FunctionCode>9</n1:FunctionCode>";
    const xml_node reference = declarant.child("Reference");
    append_fitting(out_, "<n1:FunctionalReferenceID>", join(text(reference, "Year"), text(reference, "Number")), 35,
                   "</n1:FunctionalReferenceID>");
    append_fitting(out_, "<n1:ID>", join(text(registration, "Serial_number"), text(registration, "Number")), 70,
                   "</n1:ID>");
    date("<n1:IssueDateTime>", text(property, "Date_of_declaration"), "</n1:IssueDateTime>");
    joined.assign(text(type, "Type_of_declaration")) += text(type, "Declaration_gen_procedure_code");
    append_fitting(out_, "<n1:TypeCode>", joined, 3, "</n1:TypeCode>");
    append_number(out_, "<n1:GoodsItemQuantity>", text(numbers, "Total_number_of_items"), 0, 5,
                  "</n1:GoodsItemQuantity>");
    append_fitting(out_, "<n1:DeclarationOfficeID>",
                   office(text(identification.child("Office_segment"), "Customs_clearance_office_code")), 17,
                   "</n1:DeclarationOfficeID>");
    const std::string_view border_office = office(text(sad.child("Transport").child("Border_office"), "Code"));
    if (invoice_) append_amount(out_, "<n1:InvoiceAmount", invoice_amount, invoice_currency_, "</n1:InvoiceAmount>");
    append_number(out_, "<n1:LoadingListQuantity>", text(numbers, "Number_of_loading_lists"), 0, 5,
                  "</n1:LoadingListQuantity>");
    std::string_view weight = text(valuation.child("Total"), "Total_weight");
    if (weight.empty()) weight = text(valuation.child("Weight"), "Gross_weight");
    append_number(out_, "<n1:TotalGrossMassMeasure unitCode=\"KGM\">", weight, 6, 16, "</n1:TotalGrossMassMeasure>");
    append_number(out_, "<n1:TotalPackageQuantity>", text(numbers, "Total_number_of_packages"), 0, 8,
                  "</n1:TotalPackageQuantity>");
    append_fitting(out_, "<n1:Authentication><n1:Authenticator><n1:Name>", text(declarant, "Declarant_representative"),
                   70, "</n1:Name></n1:Authenticator></n1:Authentication>");
    if (const std::string_view deferred = text(finance, "Deffered_payment_reference"); !deferred.empty()) {
        out_ += "<n1:AdditionalDocument><n1:CategoryCode>DPO</n1:CategoryCode>";
        append_fitting(out_, "<n1:ID>", deferred, 70, "</n1:ID>");
        out_ += "</n1:AdditionalDocument>";
    }
    statement(text(general, "Additional_information"), "AAI</n1:StatementTypeCode></n1:AdditionalInformation>");
    statement(text(general, "Comments_free_text"), "ZZZ</n1:StatementTypeCode></n1:AdditionalInformation>");
    const xml_node border = means.child("Border_information");
    const std::string_view border_id = text(border, "Identity"), nationality = text(border, "Nationality"),
                           border_mode = mode(text(border, "Mode"));
    if (fits(border_id, 35) || !nationality.empty() || !border_mode.empty()) {
        out_ += "<n1:BorderTransportMeans>";
        append_fitting(out_, "<n1:ID>", border_id, 35, "</n1:ID>");
        append_fitting(out_, "<n1:RegistrationNationalityCode>", nationality, 2, "</n1:RegistrationNationalityCode>");
        append_fitting(out_, "<n1:ModeCode>", border_mode, 1, "</n1:ModeCode>");
        out_ += "</n1:BorderTransportMeans>";
    }
    append_fitting(out_,
                   "<n1:Consignment><n1:Itinerary><n1:SequenceNumeric>1</n1:SequenceNumeric><n1:RoutingCountryCode>",
                   text(general.child("Country"), "Country_first_destination"), 2,
                   "</n1:RoutingCountryCode></n1:Itinerary></n1:Consignment>");
    if (const std::string_view rate = text(invoice, "Currency_rate"); !rate.empty()) {
        append_element(out_, "<n1:CurrencyExchange><n1:CurrencyTypeCode>", invoice_currency_, "</n1:CurrencyTypeCode>");
        append_number(out_, "<n1:RateNumeric>", rate, 5, 12, "</n1:RateNumeric>");
        out_ += "</n1:CurrencyExchange>";
    }
    party("<n1:Declarant>", text(declarant, "Declarant_code"), text(declarant, "Declarant_name"), "</n1:Declarant>");
    if (!import_) append_fitting(out_, "<n1:ExitOffice><n1:ID>", border_office, 17, "</n1:ID></n1:ExitOffice>");
    const xml_node exporter = traders.child("Exporter");
    party("<n1:Exporter>", text(exporter, "Exporter_code"), text(exporter, "Exporter_name"), "</n1:Exporter>");
    shipment(sad);
    const xml_node guarantee = finance.child("Guarantee");
    const std::string_view guarantee_id = text(guarantee, "Name"), secured = text(guarantee, "Amount");
    if (!guarantee_id.empty() || !secured.empty()) {
        out_ += "<n1:ObligationGuarantee>";
        append_amount(out_, "<n1:AmountAmount", secured, {}, "</n1:AmountAmount>");
        append_fitting(out_, "<n1:ID>", guarantee_id, 70, "</n1:ID>");
        out_ += "</n1:ObligationGuarantee>";
    }
    if (import_)
        append_fitting(out_, "<n1:PresentationOffice><n1:ID>", border_office, 17, "</n1:ID></n1:PresentationOffice>");
    out_ += "</n1:Declaration></MetaData>";
}

void Writer::shipment(const xml_node& sad) {
    const xml_node general = sad.child("General_information").child("Country"), traders = sad.child("Traders");
    const xml_node valuation = sad.child("Valuation"), identification = sad.child("Identification");
    const xml_node consignee = traders.child("Consignee"), payer = traders.child("Financial");
    const std::size_t before = out_.size();
    out_ += "<n1:GoodsShipment>";
    const std::size_t inside = out_.size();
    const xml_node nature = sad.child("Financial").child("Financial_transaction");
    if (const std::string_view first = text(nature, "code1"); !first.empty()) {
        append_element(out_, "<n1:TransactionNatureCode>", first, {});
        append_element(out_, {}, text(nature, "code2"), "</n1:TransactionNatureCode>");
    }
    if (!import_)
        party("<n1:Consignee>", text(consignee, "Consignee_code"), text(consignee, "Consignee_name"),
              "</n1:Consignee>");
    consignment(sad);
    const std::size_t valued = out_.size();
    out_ += "<n1:CustomsValuation>";
    const std::size_t in_valuation = out_.size();
    const xml_node freight = valuation.child("Gs_external_freight");
    const std::string_view amount = text(freight, "Amount_foreign_currency"), currency = text(freight, "Currency_code");
    if (!(currency.empty() && is_zero(amount)))
        append_amount(out_, "<n1:FreightChargeAmount", amount, currency, "</n1:FreightChargeAmount>");
    charges(valuation, "Gs_internal_freight", "Gs_insurance", "Gs_other_cost", "Gs_deduction");
    if (out_.size() == in_valuation) {
        out_.resize(valued);
    } else {
        out_ += "</n1:CustomsValuation>";
    }
    const xml_node destination = general.child("Destination");
    const std::string_view to = text(destination, "Destination_country_code"),
                           region = text(destination, "Destination_country_region");
    if (!to.empty() || fits(region, 9)) {
        out_ += "<n1:Destination>";
        append_fitting(out_, "<n1:CountryCode>", to, 2, "</n1:CountryCode>");
        append_fitting(out_, "<n1:RegionID>", region, 9, "</n1:RegionID>");
        out_ += "</n1:Destination>";
    }
    append_fitting(out_, "<n1:ExportCountry><n1:ID>", text(general.child("Export"), "Export_country_code"), 2,
                   "</n1:ID></n1:ExportCountry>");
    for (const xml_node& one : sad.children("Item")) item(one);
    if (import_)
        party("<n1:Importer>", text(consignee, "Consignee_code"), text(consignee, "Consignee_name"), "</n1:Importer>");
    party("<n1:Payer>", text(payer, "Financial_code"), text(payer, "Financial_name"), "</n1:Payer>");
    if (const std::string_view kind = text(identification.child("Type"), "Type_of_transit_document"); !kind.empty()) {
        out_ += "<n1:PreviousDocument><n1:CategoryCode>TRA</n1:CategoryCode>";
        if (kind == "T1") out_ += "<n1:TypeCode>T1</n1:TypeCode>";
        out_ += "</n1:PreviousDocument>";
    }
    if (const std::string_view manifest = text(identification, "Manifest_reference_number"); !manifest.empty()) {
        out_ += "<n1:PreviousDocument><n1:CategoryCode>MNF</n1:CategoryCode>";
        append_fitting(out_, "<n1:ID>", manifest, 70, "</n1:ID>");
        out_ += "</n1:PreviousDocument>";
    }
    for (const xml_node& previous : sad.children("Prev_decl")) {
        const std::string_view office = text(previous, "Prev_decl_office_code"),
                               line = text(previous, "Prev_decl_item_number");
        if (office.empty() && line.empty() && text(previous, "Prev_decl_current_item").empty()) continue;
        out_ += "<n1:PreviousDocument><n1:CategoryCode>PRV</n1:CategoryCode>";
        std::string id(office);
        for (const char* part : {"Prev_decl_reg_year", "Prev_decl_reg_serial", "Prev_decl_reg_number"})
            (id += '-') += text(previous, part);
        if (!office.empty()) append_fitting(out_, "<n1:ID>", id, 70, "</n1:ID>");
        append_number(out_, "<n1:LineNumeric>", line, 0, 5, "</n1:LineNumeric>");
        out_ += "</n1:PreviousDocument>";
    }
    const xml_node terms = sad.child("Transport").child("Delivery_terms");
    std::string_view condition = text(terms, "Code");
    const std::string_view trading = text(general, "Trading_country"), place = text(terms, "Place");
    if (condition == "C&F") condition = "CFR";
    if (!condition.empty() || !trading.empty() || fits(place, 256)) {
        out_ += "<n1:TradeTerms>";
        append_fitting(out_, "<n1:ConditionCode>", condition, 3, "</n1:ConditionCode>");
        append_fitting(out_, "<n1:CountryRelationshipCode>", trading, 3, "</n1:CountryRelationshipCode>");
        append_fitting(out_, "<n1:LocationName>", place, 256, "</n1:LocationName>");
        out_ += "</n1:TradeTerms>";
    }
    append_fitting(out_, "<n1:Warehouse><n1:ID>", text(sad.child("Warehouse"), "Identification"), 35,
                   "</n1:ID></n1:Warehouse>");
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:GoodsShipment>";
    }
}

void Writer::consignment(const xml_node& sad) {
    const xml_node transport = sad.child("Transport"), means = transport.child("Means_of_transport");
    const std::size_t before = out_.size();
    out_ += "<n1:Consignment>";
    const std::size_t inside = out_.size();
    if (const std::string_view flag = text(transport, "Container_flag"); !flag.empty()) {
        out_ += "<n1:ContainerCode>";
        out_ += flag == "true" || flag == "1" ? '1' : '0';
        out_ += "</n1:ContainerCode>";
    }
    const std::string_view id = text(means.child("Departure_arrival_information"), "Identity"),
                           by = mode(text(means, "Inland_mode_of_transport"));
    if (fits(id, 35) || !by.empty()) {
        out_ += import_ ? "<n1:ArrivalTransportMeans>" : "<n1:DepartureTransportMeans>";
        append_fitting(out_, "<n1:ID>", id, 35, "</n1:ID>");
        append_fitting(out_, "<n1:ModeCode>", by, 1, "</n1:ModeCode>");
        out_ += import_ ? "</n1:ArrivalTransportMeans>" : "</n1:DepartureTransportMeans>";
    }
    append_fitting(out_, "<n1:GoodsLocation><n1:Name>", text(transport, "Location_of_goods"), 256,
                   "</n1:Name></n1:GoodsLocation>");
    const xml_node loading = transport.child("Place_of_loading");
    const std::string_view name = text(loading, "Name"), code = text(loading, "Code");
    if (fits(name, 256) || fits(code, 17)) {
        out_ += "<n1:LoadingLocation>";
        append_fitting(out_, "<n1:Name>", name, 256, "</n1:Name>");
        append_fitting(out_, "<n1:ID>", code, 17, "</n1:ID>");
        out_ += "</n1:LoadingLocation>";
    }
    std::size_t number = 0;
    for (const xml_node& container : sad.children("Container")) {
        const std::string_view identity = text(container, "Container_identity");
        if (!fits(identity, 17)) continue;
        out_ += "<n1:TransportEquipment><n1:SequenceNumeric>";
        out_ += std::to_string(++number);
        append_element(out_, "</n1:SequenceNumeric><n1:ID>", identity, "</n1:ID></n1:TransportEquipment>");
    }
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:Consignment>";
    }
}

void Writer::documents(const xml_node& item) {
    for (const xml_node& document : item.children("Attached_documents")) {
        const std::size_t before = out_.size();
        out_ += "<n1:AdditionalDocument>";
        const std::size_t inside = out_.size();
        date("<n1:EffectiveDateTime>", text(document, "Attached_document_date"), "</n1:EffectiveDateTime>");
        append_fitting(out_, "<n1:ID>", text(document, "Attached_document_reference"), 70, "</n1:ID>");
        append_fitting(out_, "<n1:Name>", text(document, "Attached_document_name"), 35, "</n1:Name>");
        if (const std::string_view code = text(document, "Attached_document_code"); known_document(code))
            append_element(out_, "<n1:TypeCode>", code, "</n1:TypeCode>");
        append_fitting(out_, "<n1:Submitter><n1:Name>", text(document, "Attached_document_Authority"), 70,
                       "</n1:Name></n1:Submitter>");
        if (out_.size() == inside) {
            out_.resize(before);
        } else {
            out_ += "</n1:AdditionalDocument>";
        }
    }
    const std::string_view licence = text(item, "Licence_number"), amount = text(item, "Amount_deducted_from_licence"),
                           quantity = text(item, "Quantity_deducted_from_licence");
    if (licence.empty() && amount.empty() && quantity.empty()) return;
    out_ += "<n1:AdditionalDocument><n1:CategoryCode>LIC</n1:CategoryCode>";
    append_fitting(out_, "<n1:ID>", licence, 70, "</n1:ID>");
    const std::size_t before = out_.size();
    out_ += "<n1:WriteOff>";
    const std::size_t inside = out_.size();
    append_number(out_, "<n1:QuantityQuantity>", quantity, 6, 16, "</n1:QuantityQuantity>");
    append_amount(out_, "<n1:AmountAmount", amount, {}, "</n1:AmountAmount>");
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:WriteOff>";
    }
    out_ += "</n1:AdditionalDocument>";
}

void Writer::tax(const xml_node& line) {
    const std::size_t before = out_.size();
    out_ += "<n1:DutyTaxFee>";
    const std::size_t inside = out_.size();
    append_amount(out_, "<n1:AdValoremTaxBaseAmount", text(line, "Duty_tax_Base"), {}, "</n1:AdValoremTaxBaseAmount>");
    append_number(out_, "<n1:TaxRateNumeric>", text(line, "Duty_tax_rate"), 6, 26, "</n1:TaxRateNumeric>");
    const std::string_view method = text(line, "Duty_tax_MP"), amount = text(line, "Duty_tax_amount");
    const bool letter =
        method.size() == 1 && ((method[0] >= 'A' && method[0] <= 'Z') || (method[0] >= 'a' && method[0] <= 'z'));
    const std::size_t unpaid = out_.size();
    out_ += "<n1:Payment>";
    const std::size_t paid = out_.size();
    if (letter) append_element(out_, "<n1:MethodCode>", method, "</n1:MethodCode>");
    append_amount(out_, "<n1:TaxAssessedAmount", amount, {}, "</n1:TaxAssessedAmount>");
    if (out_.size() == paid) {
        out_.resize(unpaid);
    } else {
        out_ += "</n1:Payment>";
    }
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:DutyTaxFee>";
    }
}

void Writer::commodity(const xml_node& item) {
    const xml_node tariff = item.child("Tarification"), valuation = item.child("Valuation_item"),
                   weights = valuation.child("Weight_itm");
    const std::size_t before = out_.size();
    out_ += "<n1:Commodity>";
    const std::size_t inside = out_.size();
    append_fitting(out_, "<n1:Description>", text(item.child("Goods_description"), "Commercial_Description"), 512,
                   "</n1:Description>");
    append_fitting(out_, "<n1:Classification><n1:ID>", text(tariff.child("HScode"), "Commodity_code").substr(0, 6), 6,
                   "</n1:ID><n1:IdentificationTypeCode>TSP</n1:IdentificationTypeCode></n1:Classification>");
    const std::string_view quota = text(tariff, "Quota_code");
    if (!quota.empty() || !text(tariff, "Preference_code").empty()) {
        out_ += "<n1:DutyTaxFee><n1:TypeCode>CUD</n1:TypeCode>";
        append_fitting(out_, "<n1:QuotaOrderID>", quota, 17, "</n1:QuotaOrderID>");
        out_ += "</n1:DutyTaxFee>";
    }
    for (const xml_node& line : item.child("Taxation").children("Taxation_line")) tax(line);
    std::string_view quantity, unit;
    for (const xml_node& supplementary : tariff.children("Supplementary_unit")) {
        quantity = text(supplementary, "Suppplementary_unit_quantity");
        unit = text(supplementary, "Suppplementary_unit_code");
        if (!quantity.empty()) break;
    }
    const std::size_t unmeasured = out_.size();
    out_ += "<n1:GoodsMeasure>";
    const std::size_t measured = out_.size();
    append_number(out_, "<n1:GrossMassMeasure unitCode=\"KGM\">", text(weights, "Gross_weight_itm"), 6, 16,
                  "</n1:GrossMassMeasure>");
    append_number(out_, "<n1:NetNetWeightMeasure unitCode=\"KGM\">", text(weights, "Net_weight_itm"), 6, 16,
                  "</n1:NetNetWeightMeasure>");
    if (unit.empty()) {
        append_number(out_, "<n1:TariffQuantity>", quantity, 6, 16, "</n1:TariffQuantity>");
    } else {
        std::string open = "<n1:TariffQuantity unitCode=\"";
        append_text(open, unit == "UNT" ? "C62" : unit);
        open += "\">";
        append_number(out_, open, quantity, 6, 16, "</n1:TariffQuantity>");
    }
    if (out_.size() == measured) {
        out_.resize(unmeasured);
    } else {
        out_ += "</n1:GoodsMeasure>";
    }
    const std::string_view currency =
        invoice_ ? invoice_currency_ : text(valuation.child("Item_Invoice"), "Currency_code");
    append_amount(out_, "<n1:InvoiceLine><n1:ItemChargeAmount", text(tariff, "Item_price"), currency,
                  "</n1:ItemChargeAmount></n1:InvoiceLine>");
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:Commodity>";
    }
}

void Writer::item(const xml_node& item) {
    const xml_node valuation = item.child("Valuation_item");
    out_ += "<n1:GovernmentAgencyGoodsItem>";
    append_amount(out_, "<n1:CustomsValueAmount", text(valuation, "Total_CIF_itm"), {}, "</n1:CustomsValueAmount>");
    out_ += "<n1:SequenceNumeric>";
    out_ += std::to_string(++number_);
    out_ += "</n1:SequenceNumeric>";
    append_amount(out_, "<n1:StatisticalValueAmount", text(valuation, "Statistical_value"), {},
                  "</n1:StatisticalValueAmount>");
    documents(item);
    statement(text(item, "Free_text_1"), "AAI</n1:StatementTypeCode></n1:AdditionalInformation>");
    commodity(item);
    item_rest(item);
    out_ += "</n1:GovernmentAgencyGoodsItem>";
}

void Writer::item_rest(const xml_node& item) {
    const xml_node tariff = item.child("Tarification"), goods = item.child("Goods_description"),
                   packages = item.child("Packages");
    const std::size_t before = out_.size();
    out_ += "<n1:CustomsValuation>";
    const std::size_t inside = out_.size();
    append_fitting(out_, "<n1:MethodCode>", text(tariff, "Valuation_method_code"), 3, "</n1:MethodCode>");
    charges(item.child("Valuation_item"), "item_internal_freight", "item_insurance", "item_other_cost",
            "item_deduction");
    if (out_.size() == inside) {
        out_.resize(before);
    } else {
        out_ += "</n1:CustomsValuation>";
    }
    if (const std::string_view procedure = text(tariff, "Extended_customs_procedure"); !procedure.empty()) {
        append_element(out_, "<n1:GovernmentProcedure><n1:CurrentCode>", procedure.substr(0, 2), "</n1:CurrentCode>");
        append_fitting(out_, "<n1:PreviousCode>", procedure.substr(2), 7, "</n1:PreviousCode>");
        out_ += "</n1:GovernmentProcedure>";
    }
    if (text(tariff, "National_customs_procedure") == "000")
        out_ += "<n1:GovernmentProcedure><n1:CurrentCode>000</n1:CurrentCode></n1:GovernmentProcedure>";
    const std::string_view origin = text(goods, "Country_of_origin_code"),
                           region = text(goods, "Country_of_origin_region");
    if (!origin.empty() || !region.empty()) {
        out_ += "<n1:Origin>";
        append_fitting(out_, "<n1:CountryCode>", origin, 4, "</n1:CountryCode>");
        append_fitting(out_, "<n1:RegionID>", region, 9, "</n1:RegionID>");
        out_ += "<n1:TypeCode>1</n1:TypeCode></n1:Origin>";
    }
    std::string marks(text(packages, "Marks1_of_packages"));
    marks += text(packages, "Marks2_of_packages");
    const std::string_view kind = text(packages, "Kind_of_packages_code");
    const bool number = kind.size() == 2 && kind.find_first_not_of("0123456789") == std::string_view::npos;
    const std::size_t unpacked = out_.size();
    out_ += "<n1:Packaging><n1:SequenceNumeric>1</n1:SequenceNumeric>";
    const std::size_t packed = out_.size();
    append_fitting(out_, "<n1:MarksNumbersID>", marks, 512, "</n1:MarksNumbersID>");
    append_number(out_, "<n1:QuantityQuantity>", text(packages, "Number_of_packages"), 0, 8, "</n1:QuantityQuantity>");
    if (!number) append_fitting(out_, "<n1:TypeCode>", kind, 2, "</n1:TypeCode>");
    if (out_.size() == packed) {
        out_.resize(unpacked);
    } else {
        out_ += "</n1:Packaging>";
    }
    const xml_node previous = item.child("Previous_doc");
    const std::string_view summary = text(previous, "Summary_declaration"),
                           line = text(previous, "Summary_declaration_sl");
    if (summary.empty() && line.empty() && text(previous, "Previous_document_reference").empty()) return;
    out_ += "<n1:PreviousDocument><n1:CategoryCode>SUM</n1:CategoryCode>";
    append_fitting(out_, "<n1:ID>", summary, 70, "</n1:ID>");
    append_number(out_, "<n1:LineNumeric>", line, 0, 5, "</n1:LineNumeric>");
    out_ += "</n1:PreviousDocument>";
}

class Translator final : public PugixmlDocuments {
public:
    explicit Translator(const Task& task)
        : PugixmlDocuments(task.to), month_first_(!date_format(task).starts_with('d')) {}

protected:
    bool append_document(const xml_node& sad, std::string& output) override {
        if (std::string_view(sad.name()) != "ASYCUDA") return refuse("not a SAD");
        body_.clear();
        Writer writer(month_first_, texts_, body_);
        writer.write(sad);
        output +=
            "<MetaData xmlns=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" "
            "xmlns:n1=\"urn:wco:datamodel:WCO:DEC-DMS:2\"";
        // Declared only where a date needs it.
        if (writer.dated()) output += " xmlns:n2=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\"";
        output += '>';
        output += body_;
        return true;
    }

private:
    bool month_first_;
    std::string body_;
};

}  // namespace

std::unique_ptr<Peer> with_pugixml(const Task& task) {
    return std::make_unique<Translator>(task);
}

}  // namespace hansa::bench::sad
