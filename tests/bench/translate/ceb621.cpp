#include "tests/bench/translate/ceb621.h"

#include <algorithm>
#include <array>

#include "tests/bench/translate/output.h"

namespace hansa::bench::ceb621 {

using by_hand::append_decimal;
using by_hand::append_element;
using by_hand::append_rounded;
using by_hand::append_text;
using by_hand::fits;

namespace {

/// Codes of three digits, looked up by their number. Codes that no other country shares have no row.
class Codes {
public:
    explicit Codes(std::string_view rows) {
        while (!rows.empty()) {
            const std::size_t end = std::min(rows.find(' '), rows.size());
            by_number_[number(rows)] = rows.substr(3, end - 3);
            rows.remove_prefix(std::min(end + 1, rows.size()));
        }
    }

    /// Empty: none.
    std::string_view operator[](std::string_view code) const {
        return code.size() == 3 ? by_number_[number(code)] : std::string_view();
    }

private:
    static std::size_t number(std::string_view code) {
        std::size_t value = 0;
        for (const char digit : code.substr(0, 3)) {
            if (digit < '0' || digit > '9') return 0;  // no list has 000
            value = value * 10 + static_cast<std::size_t>(digit - '0');
        }
        return value;
    }

    std::array<std::string_view, 1000> by_number_{};
};

const Codes countries(
    "101AF 102BH 103BD 104BT 105BN 106MM 107KH 108CY 109KP 110HK 111IN 112ID 113IR 114IQ 115IL 116JP "
    "117JO 118KW 119LA 120LB 121MO 122MY 123MV 124MN 125NP 126OM 127PK 128PS 129PH 130QA 131SA 132SG "
    "133KR 134LK 135SY 136TH 137TR 138AE 139YE 141VN 142CN 143TW 144TL 145KZ 146KG 147TJ 148TM 149UZ "
    "201DZ 202AO 203BJ 204BW 205BI 206CM 208CV 209CF 211TD 212KM 213CG 214DJ 215EG 216GQ 217ET 218GA "
    "219GM 220GH 221GN 222GW 223CI 224KE 225LR 226LY 227MG 228MW 229ML 230MR 231MU 232MA 233MZ 234NA "
    "235NE 236NG 237RE 238RW 239ST 240SN 241SC 242SL 243SO 244ZA 245EH 246SD 247TZ 248TG 249TN 250UG "
    "251BF 252CD 253ZM 254ZW 255LS 257SZ 258ER 259YT 301BE 302DK 303GB 304DE 305FR 306IE 307IT 308LU "
    "309NL 310GR 311PT 312ES 313AL 314AD 315AT 316BG 318FI 320GI 321HU 322IS 323LI 324MT 325MC 326NO "
    "327PL 328RO 329SM 330SE 331CH 334EE 335LV 336LT 337GE 338AM 339AZ 340BY 343MD 344RU 347UA 350SI "
    "351HR 352CZ 353SK 354MK 355BA 356VA 357FO 358RS 359ME 401AG 402AR 403AW 404BS 405BB 406BZ 408BO "
    "409BQ 410BR 411KY 412CL 413CO 414DM 415CR 416CU 417CW 418DO 419EC 420GF 421GD 422GP 423GT 424GY "
    "425HT 426HN 427JM 428MQ 429MX 430MS 431NI 432PA 433PY 434PE 435PR 437LC 438MF 439VC 440SV 441SR "
    "442TT 443TC 444UY 445VE 446VG 447KN 448PM 501CA 502US 503GL 504BM 601AU 602CK 603FJ 606NR 607NC "
    "608VU 609NZ 610NF 611PG 613SB 614TO 617WS 618KI 619TV 620FM 621MH 622PW 623PF 625WF 701ZZ");

const Codes units(
    "006SET 007H87 011H87 025PR 026PR 030MTR 032MTK 033MTQ 035KGM 036GRM 043CEN 054MIL 061KWT 062KWH 063K6 067FOT "
    "070TNE 071LTN 072STN 076LBR 083ONZ 084CTM 086YRD 088INH 095LTR 096MLT 097GLI 098GLL 118RM 127DZN 129GRO 147KMT");

/// Modes of transport that UN/ECE Rec 19 knows.
std::string_view mode(std::string_view code) {
    if (code.size() != 1) return {};
    switch (code.front()) {
        case '2':
            return "1";
        case '3':
            return "2";
        case '4':
            return "3";
        case '5':
            return "4";
        case '6':
            return "5";
        case '9':
            return "9";
        default:
            return {};
    }
}

/// Kinds of wrapping that UN/ECE Rec 21 knows.
std::string_view package(std::string_view code) {
    constexpr std::array<std::string_view, 6> kinds{"CS", "CT", "DR", "VR", "PX", "BG"};
    if (code.size() != 1 || code.front() < '1' || code.front() > '6') return {};
    return kinds[static_cast<std::size_t>(code.front() - '1')];
}

void append_amount(std::string& out, std::string_view open, std::string_view amount, std::string_view close) {
    const std::size_t before = out.size();
    out += open;
    if (append_rounded(out, amount, 3, 16)) {
        out += close;
    } else {
        out.resize(before);
    }
}

void append_statement(std::string& out, std::string_view note) {
    if (note.empty()) return;
    out += "<n1:AdditionalInformation>";
    if (fits(note, 512)) append_element(out, "<n1:StatementDescription>", note, "</n1:StatementDescription>");
    out += "<n1:StatementTypeCode>AAI</n1:StatementTypeCode></n1:AdditionalInformation>";
}

void append_classification(std::string& out, std::string_view number, std::string_view type_and_end) {
    if (number.empty()) return;
    out += "<n1:Classification>";
    if (fits(number, 18)) append_element(out, "<n1:ID>", number, "</n1:ID>");
    out += "<n1:IdentificationTypeCode>";
    out += type_and_end;
}

void append_name(std::string& out, std::string_view open, std::string_view name, std::string_view close) {
    if (fits(name, 70)) append_element(out, open, name, close);
}

void append_item(std::string& out, const Item& item, std::string_view packaging) {
    out += "<n1:GovernmentAgencyGoodsItem><n1:SequenceNumeric>";
    append_decimal(out, item.number);
    out += "</n1:SequenceNumeric>";
    append_statement(out, item.note);
    out += "<n1:Commodity>";
    append_element(out, "<n1:Description>", item.name, "</n1:Description>");
    append_element(out, "<n1:Classification><n1:ID>", item.code.substr(0, 6),
                   "</n1:ID><n1:IdentificationTypeCode>TSP</n1:IdentificationTypeCode></n1:Classification>");
    append_classification(out, item.item_number, "SA</n1:IdentificationTypeCode></n1:Classification>");
    if (item.bar_code != "\xE6\x97\xA0")  // "none" in Chinese
        append_classification(out, item.bar_code, "SRV</n1:IdentificationTypeCode></n1:Classification>");
    if (const std::string_view unit = units[item.unit]; !unit.empty()) {
        const std::size_t before = out.size();
        out += "<n1:GoodsMeasure><n1:TariffQuantity unitCode=\"";
        out += unit;
        out += "\">";
        if (append_rounded(out, item.quantity, 6, 16)) {
            out += "</n1:TariffQuantity></n1:GoodsMeasure>";
        } else {
            out.resize(before);
        }
    }
    append_amount(out, "<n1:InvoiceLine><n1:ItemChargeAmount currencyID=\"CNY\">", item.total_price,
                  "</n1:ItemChargeAmount></n1:InvoiceLine>");
    out += "</n1:Commodity><n1:Origin>";
    if (const std::string_view country = countries[item.country]; !country.empty())
        append_element(out, "<n1:CountryCode>", country, "</n1:CountryCode>");
    out += "<n1:TypeCode>1</n1:TypeCode></n1:Origin>";
    if (!packaging.empty()) {
        append_element(out, "<n1:Packaging><n1:SequenceNumeric>1</n1:SequenceNumeric><n1:TypeCode>", packaging,
                       "</n1:TypeCode></n1:Packaging>");
    }
    out += "</n1:GovernmentAgencyGoodsItem>";
}

void append_goods_shipment(std::string& out, const List& list) {
    out += "<n1:GoodsShipment><n1:Buyer>";
    append_element(out, "<n1:Name>", list.buyer, "</n1:Name>");
    append_element(out, "<n1:Communication><n1:ID>", list.telephone,
                   "</n1:ID><n1:TypeCode>TE</n1:TypeCode></n1:Communication></n1:Buyer>");
    append_name(out, "<n1:Consignee><n1:Address><n1:Line>", list.address, "</n1:Line></n1:Address></n1:Consignee>");
    if (!list.place.empty())
        append_element(out, "<n1:Consignment><n1:GoodsLocation><n1:Name>", list.place,
                       "</n1:Name></n1:GoodsLocation></n1:Consignment>");
    out += "<n1:CustomsValuation>";
    append_amount(out, "<n1:FreightChargeAmount currencyID=\"CNY\">", list.freight, "</n1:FreightChargeAmount>");
    out += "<n1:ChargeDeduction><n1:ChargesTypeCode>INS</n1:ChargesTypeCode>";
    append_amount(out, "<n1:OtherChargeDeductionAmount currencyID=\"CNY\">", list.insurance,
                  "</n1:OtherChargeDeductionAmount>");
    out += "</n1:ChargeDeduction></n1:CustomsValuation>";
    if (const std::string_view country = countries[list.country]; !country.empty())
        append_element(out, "<n1:ExportCountry><n1:ID>", country, "</n1:ID></n1:ExportCountry>");
    const std::string_view packaging = package(list.wrapping);
    for (const Item& item : list.items) append_item(out, item, packaging);
    append_element(out, "<n1:PreviousDocument><n1:ID>", list.waybill,
                   "</n1:ID><n1:TypeCode>703</n1:TypeCode></n1:PreviousDocument>");
    if (!list.bill.empty())
        append_element(out, "<n1:PreviousDocument><n1:ID>", list.bill,
                       "</n1:ID><n1:TypeCode>704</n1:TypeCode></n1:PreviousDocument>");
    append_name(out, "<n1:Seller><n1:Name>", list.seller, "</n1:Name></n1:Seller>");
    if (fits(list.order, 35))
        append_element(out, "<n1:UCR><n1:TraderAssignedReferenceID>", list.order,
                       "</n1:TraderAssignedReferenceID></n1:UCR>");
    out += "</n1:GoodsShipment>";
}

}  // namespace

void write(const List& list, std::string& out) {
    out +=
        "<MetaData xmlns=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" xmlns:n1=\"urn:wco:datamodel:WCO:DEC-DMS:2\" "
        "xmlns:n2=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\"><n1:Declaration>";
    append_element(out, "<n1:AcceptanceDateTime><n2:DateTimeString formatCode=\"102\">", list.declared,
                   "</n2:DateTimeString></n1:AcceptanceDateTime><n1:FunctionCode>9</n1:FunctionCode>");
    if (!list.reference.empty())
        append_element(out, "<n1:FunctionalReferenceID>", list.reference, "</n1:FunctionalReferenceID>");
    if (!list.number.empty()) append_element(out, "<n1:ID>", list.number, "</n1:ID>");
    append_element(out, "<n1:IssueDateTime><n2:DateTimeString formatCode=\"304\">", list.time,
                   "+08</n2:DateTimeString></n1:IssueDateTime><n1:TypeCode>");
    out += list.direction == "I" ? "IM" : "EX";
    out += "</n1:TypeCode><n1:GoodsItemQuantity>";
    out += std::to_string(list.items.size());
    append_element(out, "</n1:GoodsItemQuantity><n1:DeclarationOfficeID>CN", list.office, "</n1:DeclarationOfficeID>");
    {
        const std::size_t before = out.size();
        out += "<n1:TotalGrossMassMeasure unitCode=\"KGM\">";
        if (append_rounded(out, list.gross_weight, 6, 16)) {
            out += "</n1:TotalGrossMassMeasure>";
        } else {
            out.resize(before);
        }
    }
    {
        const std::size_t before = out.size();
        out += "<n1:TotalPackageQuantity>";
        if (append_rounded(out, list.packages, 0, 8)) {
            out += "</n1:TotalPackageQuantity>";
        } else {
            out.resize(before);
        }
    }
    if (!list.licence.empty())
        append_element(out, "<n1:AdditionalDocument><n1:ID>", list.licence,
                       "</n1:ID><n1:TypeCode>911</n1:TypeCode></n1:AdditionalDocument>");
    append_statement(out, list.note);
    const std::string_view transport_mode = mode(list.transport_mode);
    const bool transport = fits(list.transport, 35);
    if (transport || !transport_mode.empty()) {
        out += "<n1:BorderTransportMeans>";
        if (transport) append_element(out, "<n1:ID>", list.transport, "</n1:ID>");
        if (!transport_mode.empty()) append_element(out, "<n1:ModeCode>", transport_mode, "</n1:ModeCode>");
        out += "</n1:BorderTransportMeans>";
    }
    append_name(out, "<n1:Consignment><n1:Carrier><n1:Name>", list.carrier, "</n1:Name></n1:Carrier></n1:Consignment>");
    append_name(out, "<n1:Declarant><n1:Name>", list.agent, "</n1:Name></n1:Declarant>");
    append_goods_shipment(out, list);
    out += "</n1:Declaration></MetaData>";
}

}  // namespace hansa::bench::ceb621
