<?xml version="1.0" encoding="UTF-8"?>
<!--
  CEB621 (China, import list of cross-border e-commerce) to a WCO declaration: one list a bare message,
  several a hansa.batch. For libxslt and Xalan-C; XSLT 1.0, no extensions.

  Code lists are one text each, looked up by substring-after(): a key over a document of codes would be
  built anew for every message, and a choose asks up to 223 questions.
  Texts that the target has no room for stay away; of a member that is named by a constant the name stays.
  Domain: what the schema and the table take, less texts that hold line breaks or nothing but blanks.

  Source: plugins/cn/mappings/ceb621.map and plugins/wco/mappings/declaration.map, read by a person.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:s="http://www.chinaport.gov.cn/ceb" xmlns:b="urn:hansa:batch:1" exclude-result-prefixes="s b">
  <xsl:include href="numbers.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <!-- Numbers of countries with a partner in ISO 3166-1. -->
  <xsl:variable name="countries" select="' 101AF 102BH 103BD 104BT 105BN 106MM 107KH 108CY 109KP 110HK 111IN 112ID 113IR 114IQ 115IL 116JP 117JO 118KW 119LA 120LB 121MO 122MY 123MV 124MN 
    125NP 126OM 127PK 128PS 129PH 130QA 131SA 132SG 133KR 134LK 135SY 136TH 137TR 138AE 139YE 141VN 142CN 143TW 144TL 145KZ 146KG 147TJ 148TM 149UZ 
    201DZ 202AO 203BJ 204BW 205BI 206CM 208CV 209CF 211TD 212KM 213CG 214DJ 215EG 216GQ 217ET 218GA 219GM 220GH 221GN 222GW 223CI 224KE 225LR 226LY 
    227MG 228MW 229ML 230MR 231MU 232MA 233MZ 234NA 235NE 236NG 237RE 238RW 239ST 240SN 241SC 242SL 243SO 244ZA 245EH 246SD 247TZ 248TG 249TN 250UG 
    251BF 252CD 253ZM 254ZW 255LS 257SZ 258ER 259YT 301BE 302DK 303GB 304DE 305FR 306IE 307IT 308LU 309NL 310GR 311PT 312ES 313AL 314AD 315AT 316BG 
    318FI 320GI 321HU 322IS 323LI 324MT 325MC 326NO 327PL 328RO 329SM 330SE 331CH 334EE 335LV 336LT 337GE 338AM 339AZ 340BY 343MD 344RU 347UA 350SI 
    351HR 352CZ 353SK 354MK 355BA 356VA 357FO 358RS 359ME 401AG 402AR 403AW 404BS 405BB 406BZ 408BO 409BQ 410BR 411KY 412CL 413CO 414DM 415CR 416CU 
    417CW 418DO 419EC 420GF 421GD 422GP 423GT 424GY 425HT 426HN 427JM 428MQ 429MX 430MS 431NI 432PA 433PY 434PE 435PR 437LC 438MF 439VC 440SV 441SR 
    442TT 443TC 444UY 445VE 446VG 447KN 448PM 501CA 502US 503GL 504BM 601AU 602CK 603FJ 606NR 607NC 608VU 609NZ 610NF 611PG 613SB 614TO 617WS 618KI 
    619TV 620FM 621MH 622PW 623PF 625WF 701ZZ '"/>
  <!-- Units with a partner in UN/ECE Rec 20. -->
  <xsl:variable name="units" select="' 006=SET 007=H87 011=H87 025=PR 026=PR 030=MTR 032=MTK 033=MTQ 035=KGM 036=GRM 043=CEN 054=MIL 061=KWT 062=KWH 063=K6 067=FOT 
    070=TNE 071=LTN 072=STN 076=LBR 083=ONZ 084=CTM 086=YRD 088=INH 095=LTR 096=MLT 097=GLI 098=GLL 118=RM 127=DZN 129=GRO 147=KMT '"/>

  <!-- More lists than a message holds come as several messages in a hansa.batch. -->
  <xsl:template match="/">
    <xsl:call-template name="lists">
      <xsl:with-param name="lists" select="s:CEB621Message/s:Inventory | b:batch/b:document/s:CEB621Message/s:Inventory"/>
    </xsl:call-template>
  </xsl:template>

  <xsl:template name="lists">
    <xsl:param name="lists"/>
    <xsl:choose>
      <xsl:when test="count($lists) = 1">
        <xsl:apply-templates select="$lists"/>
      </xsl:when>
      <xsl:otherwise>
        <b:batch count="{count($lists)}" format="wco.declaration">
          <xsl:for-each select="$lists">
            <b:document><xsl:apply-templates select="."/></b:document>
          </xsl:for-each>
        </b:batch>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="s:Inventory">
    <MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:n2="urn:wco:datamodel:WCO:Declaration_DS:DMS:2">
      <n1:Declaration>
        <xsl:apply-templates select="s:InventoryHead"/>
      </n1:Declaration>
    </MetaData>
  </xsl:template>

  <xsl:template match="s:InventoryHead" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:n2="urn:wco:datamodel:WCO:Declaration_DS:DMS:2">
    <xsl:variable name="items" select="../s:InventoryList"/>
    <n1:AcceptanceDateTime><n2:DateTimeString formatCode="102"><xsl:value-of select="s:declTime"/></n2:DateTimeString></n1:AcceptanceDateTime>
    <n1:FunctionCode>9</n1:FunctionCode>
    <xsl:if test="s:copNo != ''"><n1:FunctionalReferenceID><xsl:value-of select="s:copNo"/></n1:FunctionalReferenceID></xsl:if>
    <xsl:if test="s:invtNo != ''"><n1:ID><xsl:value-of select="s:invtNo"/></n1:ID></xsl:if>
    <n1:IssueDateTime><n2:DateTimeString formatCode="304"><xsl:value-of select="s:appTime"/>+08</n2:DateTimeString></n1:IssueDateTime>
    <n1:TypeCode><xsl:choose><xsl:when test="s:ieFlag = 'I'">IM</xsl:when><xsl:otherwise>EX</xsl:otherwise></xsl:choose></n1:TypeCode>
    <n1:GoodsItemQuantity><xsl:value-of select="count($items)"/></n1:GoodsItemQuantity>
    <n1:DeclarationOfficeID>CN<xsl:value-of select="s:customsCode"/></n1:DeclarationOfficeID>
    <xsl:choose>
      <xsl:when test="string-length(substring-after(s:grossWeight, '.')) &lt;= 6 and string-length(s:grossWeight) &lt;= 12 and (translate(substring(s:grossWeight, 1, 1), '+-0', '') != '' or starts-with(s:grossWeight, '0.') or s:grossWeight = '0')">
        <n1:TotalGrossMassMeasure unitCode="KGM"><xsl:call-template name="shortest"><xsl:with-param name="number" select="string(s:grossWeight)"/></xsl:call-template></n1:TotalGrossMassMeasure>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="mass">
          <xsl:call-template name="rounded"><xsl:with-param name="number" select="s:grossWeight"/><xsl:with-param name="fraction" select="6"/></xsl:call-template>
        </xsl:variable>
        <xsl:if test="$mass != ''"><n1:TotalGrossMassMeasure unitCode="KGM"><xsl:value-of select="$mass"/></n1:TotalGrossMassMeasure></xsl:if>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:variable name="packages" select="number(translate(s:packNo, '+', ''))"/>
    <xsl:if test="$packages &lt; 100000000"><n1:TotalPackageQuantity><xsl:value-of select="$packages"/></n1:TotalPackageQuantity></xsl:if>
    <xsl:if test="s:licenseNo != ''">
      <n1:AdditionalDocument><n1:ID><xsl:value-of select="s:licenseNo"/></n1:ID><n1:TypeCode>911</n1:TypeCode></n1:AdditionalDocument>
    </xsl:if>
    <xsl:apply-templates select="s:note"/>
    <xsl:variable name="mode" select="translate(s:trafMode, '234569018AWXYZ7', '123459')"/>
    <xsl:variable name="transport" select="s:trafNo[. != '' and string-length(.) &lt;= 35]"/>
    <xsl:if test="$transport or $mode != ''">
      <n1:BorderTransportMeans>
        <xsl:if test="$transport"><n1:ID><xsl:value-of select="$transport"/></n1:ID></xsl:if>
        <xsl:if test="$mode != ''"><n1:ModeCode><xsl:value-of select="$mode"/></n1:ModeCode></xsl:if>
      </n1:BorderTransportMeans>
    </xsl:if>
    <xsl:if test="string-length(s:logisticsName) &lt;= 70">
      <n1:Consignment><n1:Carrier><n1:Name><xsl:value-of select="s:logisticsName"/></n1:Name></n1:Carrier></n1:Consignment>
    </xsl:if>
    <xsl:if test="string-length(s:agentName) &lt;= 70">
      <n1:Declarant><n1:Name><xsl:value-of select="s:agentName"/></n1:Name></n1:Declarant>
    </xsl:if>
    <n1:GoodsShipment>
      <n1:Buyer>
        <n1:Name><xsl:value-of select="s:buyerName"/></n1:Name>
        <n1:Communication><n1:ID><xsl:value-of select="s:buyerTelephone"/></n1:ID><n1:TypeCode>TE</n1:TypeCode></n1:Communication>
      </n1:Buyer>
      <xsl:if test="string-length(s:consigneeAddress) &lt;= 70">
        <n1:Consignee><n1:Address><n1:Line><xsl:value-of select="s:consigneeAddress"/></n1:Line></n1:Address></n1:Consignee>
      </xsl:if>
      <xsl:if test="s:loctNo != ''"><n1:Consignment><n1:GoodsLocation><n1:Name><xsl:value-of select="s:loctNo"/></n1:Name></n1:GoodsLocation></n1:Consignment></xsl:if>
      <n1:CustomsValuation>
        <xsl:apply-templates select="s:freight"/>
        <n1:ChargeDeduction><n1:ChargesTypeCode>INS</n1:ChargesTypeCode><xsl:apply-templates select="s:insuredFee"/></n1:ChargeDeduction>
      </n1:CustomsValuation>
      <xsl:variable name="country" select="substring(substring-after($countries, concat(' ', s:country)), 1, 2)"/>
      <xsl:if test="$country != ''">
        <n1:ExportCountry><n1:ID><xsl:value-of select="$country"/></n1:ID></n1:ExportCountry>
      </xsl:if>
      <xsl:variable name="package" select="substring-before(substring-after('1CS 2CT 3DR 4VR 5PX 6BG ', string(s:wrapType)), ' ')"/>
      <xsl:apply-templates select="$items">
        <xsl:with-param name="package" select="substring($package, 1, 2 * boolean(string(s:wrapType)))"/>
      </xsl:apply-templates>
      <n1:PreviousDocument><n1:ID><xsl:value-of select="s:logisticsNo"/></n1:ID><n1:TypeCode>703</n1:TypeCode></n1:PreviousDocument>
      <xsl:if test="s:billNo != ''">
        <n1:PreviousDocument><n1:ID><xsl:value-of select="s:billNo"/></n1:ID><n1:TypeCode>704</n1:TypeCode></n1:PreviousDocument>
      </xsl:if>
      <xsl:if test="string-length(s:ebcName) &lt;= 70">
        <n1:Seller><n1:Name><xsl:value-of select="s:ebcName"/></n1:Name></n1:Seller>
      </xsl:if>
      <xsl:if test="string-length(s:orderNo) &lt;= 35">
        <n1:UCR><n1:TraderAssignedReferenceID><xsl:value-of select="s:orderNo"/></n1:TraderAssignedReferenceID></n1:UCR>
      </xsl:if>
    </n1:GoodsShipment>
  </xsl:template>

  <xsl:template match="s:InventoryList" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="package"/>
    <n1:GovernmentAgencyGoodsItem>
      <n1:SequenceNumeric><xsl:value-of select="number(translate(s:gnum, '+', ''))"/></n1:SequenceNumeric>
      <xsl:apply-templates select="s:note"/>
      <n1:Commodity>
        <n1:Description><xsl:value-of select="s:gname"/></n1:Description>
        <n1:Classification><n1:ID><xsl:value-of select="substring(s:gcode, 1, 6)"/></n1:ID><n1:IdentificationTypeCode>TSP</n1:IdentificationTypeCode></n1:Classification>
        <xsl:if test="s:itemNo != ''">
          <n1:Classification>
            <xsl:if test="string-length(s:itemNo) &lt;= 18"><n1:ID><xsl:value-of select="s:itemNo"/></n1:ID></xsl:if>
            <n1:IdentificationTypeCode>SA</n1:IdentificationTypeCode>
          </n1:Classification>
        </xsl:if>
        <xsl:if test="s:barCode[. != '' and . != '&#x65E0;']">
          <n1:Classification>
            <xsl:if test="string-length(s:barCode) &lt;= 18"><n1:ID><xsl:value-of select="s:barCode"/></n1:ID></xsl:if>
            <n1:IdentificationTypeCode>SRV</n1:IdentificationTypeCode>
          </n1:Classification>
        </xsl:if>
        <xsl:variable name="unit" select="substring-before(substring-after($units, concat(' ', s:unit1, '=')), ' ')"/>
        <xsl:if test="$unit != ''">
          <xsl:choose>
            <xsl:when test="string-length(substring-after(s:qty1, '.')) &lt;= 6 and string-length(s:qty1) &lt;= 12 and (translate(substring(s:qty1, 1, 1), '+-0', '') != '' or starts-with(s:qty1, '0.') or s:qty1 = '0')">
              <n1:GoodsMeasure><n1:TariffQuantity unitCode="{$unit}"><xsl:call-template name="shortest"><xsl:with-param name="number" select="string(s:qty1)"/></xsl:call-template></n1:TariffQuantity></n1:GoodsMeasure>
            </xsl:when>
            <xsl:otherwise>
              <xsl:variable name="quantity">
                <xsl:call-template name="rounded"><xsl:with-param name="number" select="s:qty1"/><xsl:with-param name="fraction" select="6"/></xsl:call-template>
              </xsl:variable>
              <xsl:if test="$quantity != ''">
                <n1:GoodsMeasure><n1:TariffQuantity unitCode="{$unit}"><xsl:value-of select="$quantity"/></n1:TariffQuantity></n1:GoodsMeasure>
              </xsl:if>
            </xsl:otherwise>
          </xsl:choose>
        </xsl:if>
        <xsl:apply-templates select="s:totalPrice"/>
      </n1:Commodity>
      <n1:Origin>
        <xsl:variable name="country" select="substring(substring-after($countries, concat(' ', s:country)), 1, 2)"/>
        <xsl:if test="$country != ''"><n1:CountryCode><xsl:value-of select="$country"/></n1:CountryCode></xsl:if>
        <n1:TypeCode>1</n1:TypeCode>
      </n1:Origin>
      <xsl:if test="$package != ''">
        <n1:Packaging><n1:SequenceNumeric>1</n1:SequenceNumeric><n1:TypeCode><xsl:value-of select="$package"/></n1:TypeCode></n1:Packaging>
      </xsl:if>
    </n1:GovernmentAgencyGoodsItem>
  </xsl:template>

  <xsl:template match="s:note" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:if test=". != ''">
      <n1:AdditionalInformation>
        <xsl:if test="string-length(.) &lt;= 512"><n1:StatementDescription><xsl:value-of select="."/></n1:StatementDescription></xsl:if>
        <n1:StatementTypeCode>AAI</n1:StatementTypeCode>
      </n1:AdditionalInformation>
    </xsl:if>
  </xsl:template>

  <xsl:template match="s:freight" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:choose>
      <xsl:when test="string-length(substring-after(., '.')) &lt;= 3 and string-length(.) &lt;= 12 and (translate(substring(., 1, 1), '+-0', '') != '' or starts-with(., '0.') or . = '0')">
        <n1:FreightChargeAmount currencyID="CNY"><xsl:call-template name="shortest"/></n1:FreightChargeAmount>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="amount"><xsl:call-template name="rounded"><xsl:with-param name="number" select="."/></xsl:call-template></xsl:variable>
        <xsl:if test="$amount != ''"><n1:FreightChargeAmount currencyID="CNY"><xsl:value-of select="$amount"/></n1:FreightChargeAmount></xsl:if>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="s:insuredFee" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:choose>
      <xsl:when test="string-length(substring-after(., '.')) &lt;= 3 and string-length(.) &lt;= 12 and (translate(substring(., 1, 1), '+-0', '') != '' or starts-with(., '0.') or . = '0')">
        <n1:OtherChargeDeductionAmount currencyID="CNY"><xsl:call-template name="shortest"/></n1:OtherChargeDeductionAmount>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="amount"><xsl:call-template name="rounded"><xsl:with-param name="number" select="."/></xsl:call-template></xsl:variable>
        <xsl:if test="$amount != ''"><n1:OtherChargeDeductionAmount currencyID="CNY"><xsl:value-of select="$amount"/></n1:OtherChargeDeductionAmount></xsl:if>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="s:totalPrice" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:choose>
      <xsl:when test="string-length(substring-after(., '.')) &lt;= 3 and string-length(.) &lt;= 12 and (translate(substring(., 1, 1), '+-0', '') != '' or starts-with(., '0.') or . = '0')">
        <n1:InvoiceLine><n1:ItemChargeAmount currencyID="CNY"><xsl:call-template name="shortest"/></n1:ItemChargeAmount></n1:InvoiceLine>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="amount"><xsl:call-template name="rounded"><xsl:with-param name="number" select="."/></xsl:call-template></xsl:variable>
        <xsl:if test="$amount != ''"><n1:InvoiceLine><n1:ItemChargeAmount currencyID="CNY"><xsl:value-of select="$amount"/></n1:ItemChargeAmount></n1:InvoiceLine></xsl:if>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
