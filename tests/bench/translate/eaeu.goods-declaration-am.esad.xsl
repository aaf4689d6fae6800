<?xml version="1.0" encoding="UTF-8"?>
<!--
  R.055 (Eurasian Economic Union, goods declaration) to ESADout_CU (Armenia). For libxslt and Xalan-C; XSLT 1.0,
  no extensions.

  Domain: imports, kilograms, one currency, named parties, ten or eleven digits of the tariff: what ESADout_CU
  can say at all.

  Source: plugins/eaeu/mappings/goods-declaration.map and plugins/am/mappings/esad.map, read by a person.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:gd="urn:EEC:R:055:GoodsDeclaration:v1.0.0" xmlns:cacdo="urn:EEC:M:CA:ComplexDataObjects:v1.8.1" xmlns:casdo="urn:EEC:M:CA:SimpleDataObjects:v1.8.1" xmlns:ccdo="urn:EEC:M:ComplexDataObjects:v0.4.14" xmlns:csdo="urn:EEC:M:SimpleDataObjects:v0.4.14" xmlns="urn:customs.ru:Information:CustomsDocuments:ESADout_CU:5.10.0" xmlns:n1="urn:customs.ru:CUESADCommonAggregateTypesCust:5.10.0" xmlns:n2="urn:customs.ru:CommonAggregateTypes:5.10.0" exclude-result-prefixes="gd cacdo casdo ccdo csdo">
  <xsl:include href="numbers.xsl"/>
  <xsl:include href="batch.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:variable name="target" select="'am.esad'"/>
  <!-- Names that Armenian declarations write, by code. -->
  <xsl:variable name="countries" select="'|AE=ԱՐԱԲԱԿԱՆ ՄԻԱՑՅԱԼ ԷՄԻՐՈՒԹՅՈՒՆՆԵՐ|AM=ՀԱՅԱՍՏԱՆ|CH=ՇՎԵՅՑԱՐԻԱ|CN=ՉԻՆԱՍՏԱՆ|CZ=ՉԵԽԻԱ|DE=ԳԵՐՄԱՆԻԱ|ES=ԻՍՊԱՆԻԱ|EU=ԵՎՐՈՊԱԿԱՆ ՄԻՈՒԹՅՈՒՆ|GB=ՄԵԾ ԲՐԻՏԱՆԻԱ|IN=ՀՆԴԿԱՍՏԱՆ|IR=ԻՐԱՆ|IT=ԻՏԱԼԻԱ|KR=ԿՈՐԵԱՅԻ ՀԱՆՐԱՊԵՏՈՒԹՅՈՒՆ|MY=ՄԱԼԱՅԶԻԱ|NL=ՆԻԴԵՌԼԱՆԴՆԵՐ|SE=ՇՎԵԴԻԱ|SI=ՍԼՈՎԵՆԻԱ|TH=ԹԱՅԼԱՆԴ|TR=ԹՈՒՐՔԻԱ|TW=ԹԱՅՎԱՆ (ՉԻՆԱՍՏԱՆ)|'"/>
  <xsl:variable name="units" select="'|006=Մ|055=Մ2|112=Լ|113=Մ3|130=1000 Լ|162=ԿԱՐԱՏ|163=Գ|166=ԿԳ|168=Տ|715=ԶՈՒՅԳ|796=ՀԱՏ|798=1000 ՀԱՏ|831=Լ 100% ՍՊԻՐՏ|'"/>

  <xsl:template match="gd:GoodsDeclaration">
    <xsl:variable name="shipment" select="cacdo:GDGoodsShipmentDetails"/>
    <xsl:variable name="items" select="$shipment/cacdo:GDGoodsItemDetails"/>
    <ESADout_CU DocumentModeID="1006107E">
      <CustomsProcedure>IM</CustomsProcedure>
      <CustomsModeCode><xsl:value-of select="$items[1]/cacdo:CustomsProcedureDetails/casdo:CustomsProcedureCode"/></CustomsModeCode>
      <ESADout_CUGoodsShipment>
        <xsl:variable name="origin" select="$items[1]/cacdo:OriginCountryDetails/casdo:CACountryCode"/>
        <xsl:variable name="name" select="substring-before(substring-after($countries, concat('|', $origin, '=')), '|')"/>
        <xsl:if test="$name != ''"><n1:OriginCountryName><xsl:value-of select="$name"/></n1:OriginCountryName></xsl:if>
        <n1:TotalGoodsNumber><xsl:value-of select="count($items)"/></n1:TotalGoodsNumber>
        <n1:TotalPackageNumber>
          <xsl:choose>
            <xsl:when test="casdo:CargoQuantity"><xsl:value-of select="number(casdo:CargoQuantity)"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="sum($items/cacdo:CargoPackagePalletDetails/cacdo:PackagePalletDetails/csdo:PackageQuantity)"/></xsl:otherwise>
          </xsl:choose>
        </n1:TotalPackageNumber>
        <xsl:for-each select="$shipment/cacdo:ConsignorDetails">
          <ESADout_CUConsignor><xsl:call-template name="party"/></ESADout_CUConsignor>
        </xsl:for-each>
        <xsl:for-each select="$shipment/cacdo:ConsigneeDetails">
          <ESADout_CUConsignee><xsl:call-template name="party"/></ESADout_CUConsignee>
        </xsl:for-each>
        <xsl:for-each select="$shipment/cacdo:FinancialSettlementSubjectDetails">
          <ESADout_CUFinancialAdjustingResponsiblePerson><xsl:call-template name="party"/></ESADout_CUFinancialAdjustingResponsiblePerson>
        </xsl:for-each>
        <ESADout_CUDeclarant><xsl:apply-templates select="cacdo:DeclarantDetails"/></ESADout_CUDeclarant>
        <xsl:apply-templates select="$shipment/cacdo:GoodsLocationDetails"/>
        <xsl:variable name="destination" select="$shipment/cacdo:DestinationCountryDetails/casdo:CACountryCode"/>
        <xsl:variable name="consignment" select="$shipment/cacdo:GDConsignmentDetails"/>
        <xsl:variable name="container" select="$consignment/casdo:ContainerIndicator"/>
        <xsl:variable name="inland" select="$consignment/cacdo:ArrivalDepartureTransportDetails/csdo:UnifiedTransportModeCode"/>
        <xsl:variable name="border" select="$consignment/cacdo:BorderTransportDetails/csdo:UnifiedTransportModeCode"/>
        <xsl:if test="$destination or $container or $inland or $border">
          <ESADout_CUConsigment>
            <n1:ContainerIndicator><xsl:value-of select="$container = 'true' or $container = '1'"/></n1:ContainerIndicator>
            <n1:DestinationCountryCode>
              <xsl:choose>
                <xsl:when test="$destination"><xsl:value-of select="$destination"/></xsl:when>
                <xsl:otherwise>ZZ</xsl:otherwise>
              </xsl:choose>
            </n1:DestinationCountryCode>
            <xsl:variable name="destination-name" select="substring-before(substring-after($countries, concat('|', $destination, '=')), '|')"/>
            <xsl:if test="$destination-name != ''"><n1:DestinationCountryName><xsl:value-of select="$destination-name"/></n1:DestinationCountryName></xsl:if>
            <xsl:for-each select="$inland">
              <ESADout_CUDepartureArrivalTransport><n2:TransportModeCode><xsl:call-template name="mode"/></n2:TransportModeCode></ESADout_CUDepartureArrivalTransport>
            </xsl:for-each>
            <xsl:for-each select="$border">
              <ESADout_CUBorderTransport><n2:TransportModeCode><xsl:call-template name="mode"/></n2:TransportModeCode></ESADout_CUBorderTransport>
            </xsl:for-each>
          </ESADout_CUConsigment>
        </xsl:if>
        <ESADout_CUMainContractTerms>
          <n1:ContractCurrencyCode><xsl:value-of select="$shipment/casdo:CAValueAmount/@currencyCode"/></n1:ContractCurrencyCode>
          <n1:TotalInvoiceAmount><xsl:apply-templates select="$shipment/casdo:CAValueAmount"/></n1:TotalInvoiceAmount>
          <xsl:for-each select="$shipment/cacdo:TradeCountryDetails/casdo:CACountryCode">
            <n1:TradeCountryCode><xsl:value-of select="."/></n1:TradeCountryCode>
          </xsl:for-each>
          <xsl:for-each select="$shipment/cacdo:DeliveryTermsDetails/casdo:DeliveryTermsCode">
            <n1:CUESADDeliveryTerms><n2:DeliveryTermsStringCode><xsl:value-of select="."/></n2:DeliveryTermsStringCode></n1:CUESADDeliveryTerms>
          </xsl:for-each>
        </ESADout_CUMainContractTerms>
        <xsl:apply-templates select="$items"/>
      </ESADout_CUGoodsShipment>
      <xsl:for-each select="cacdo:SignatoryPersonV2Details/cacdo:SigningDetails/ccdo:FullNameDetails[csdo:LastName]">
        <FilledPerson>
          <n2:PersonSurname><xsl:value-of select="csdo:LastName"/></n2:PersonSurname>
          <xsl:for-each select="csdo:FirstName"><n2:PersonName><xsl:value-of select="."/></n2:PersonName></xsl:for-each>
        </FilledPerson>
      </xsl:for-each>
    </ESADout_CU>
  </xsl:template>

  <!-- Of several codes for one mode of transport, the one that is written. -->
  <xsl:template name="mode">
    <xsl:choose>
      <xsl:when test=". = '31' or . = '32'">30</xsl:when>
      <xsl:when test=". = '72'">71</xsl:when>
      <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- A party may say that it is the declarant, and nothing else. -->
  <xsl:template name="party">
    <xsl:choose>
      <xsl:when test="casdo:EqualIndicator = 'true' or casdo:EqualIndicator = '1'"><xsl:apply-templates select="../../cacdo:DeclarantDetails"/></xsl:when>
      <xsl:otherwise><xsl:apply-templates select="."/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="cacdo:DeclarantDetails | cacdo:ConsignorDetails | cacdo:ConsigneeDetails | cacdo:FinancialSettlementSubjectDetails">
    <n2:OrganizationName><xsl:value-of select="csdo:SubjectName"/></n2:OrganizationName>
    <xsl:for-each select="csdo:TaxpayerId[string-length(.) = 8 and translate(., '0123456789', '') = '']">
      <n2:RAOrganizationFeatures><n2:UNN><xsl:value-of select="."/></n2:UNN></n2:RAOrganizationFeatures>
    </xsl:for-each>
    <xsl:for-each select="ccdo:SubjectAddressDetails[1]">
      <xsl:variable name="country" select="csdo:UnifiedCountryCode"/>
      <xsl:variable name="street" select="csdo:StreetName[string-length(.) &lt;= 120]"/>
      <xsl:if test="$country or $street">
        <n2:Address>
          <n2:CountryCode>
            <xsl:choose>
              <xsl:when test="$country"><xsl:value-of select="$country"/></xsl:when>
              <xsl:otherwise>ZZ</xsl:otherwise>
            </xsl:choose>
          </n2:CountryCode>
          <xsl:variable name="name" select="substring-before(substring-after($countries, concat('|', $country, '=')), '|')"/>
          <xsl:if test="$name != ''"><n2:CounryName><xsl:value-of select="$name"/></n2:CounryName></xsl:if>
          <xsl:if test="$street"><n2:StreetHouse><xsl:value-of select="$street"/></n2:StreetHouse></xsl:if>
        </n2:Address>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="cacdo:GoodsLocationDetails">
    <xsl:variable name="kind" select="casdo:GoodsLocationCode"/>
    <xsl:variable name="office" select="csdo:CustomsOfficeCode"/>
    <xsl:variable name="country" select="ccdo:SubjectAddressDetails/csdo:UnifiedCountryCode"/>
    <xsl:if test="$kind or $office or $country">
      <ESADout_CUGoodsLocation>
        <InformationTypeCode>
          <xsl:choose>
            <xsl:when test="$kind"><xsl:value-of select="$kind"/></xsl:when>
            <xsl:otherwise>00</xsl:otherwise>
          </xsl:choose>
        </InformationTypeCode>
        <xsl:if test="$office"><CustomsOffice><xsl:value-of select="$office"/></CustomsOffice></xsl:if>
        <CustomsCountryCode>
          <xsl:choose>
            <xsl:when test="$country"><xsl:value-of select="$country"/></xsl:when>
            <xsl:otherwise>ZZ</xsl:otherwise>
          </xsl:choose>
        </CustomsCountryCode>
      </ESADout_CUGoodsLocation>
    </xsl:if>
  </xsl:template>

  <xsl:template match="cacdo:GDGoodsItemDetails">
    <ESADout_CUGoods>
      <n1:GoodsNumeric><xsl:value-of select="number(casdo:ConsignmentItemOrdinal)"/></n1:GoodsNumeric>
      <n1:GoodsDescription><xsl:for-each select="casdo:GoodsDescriptionText"><xsl:value-of select="."/></xsl:for-each></n1:GoodsDescription>
      <n1:GrossWeightQuantity><xsl:apply-templates select="csdo:UnifiedGrossMassMeasure"/></n1:GrossWeightQuantity>
      <n1:NetWeightQuantity><xsl:apply-templates select="csdo:UnifiedNetMassMeasure"/></n1:NetWeightQuantity>
      <n1:InvoicedCost><xsl:apply-templates select="casdo:CAValueAmount"/></n1:InvoicedCost>
      <n1:GoodsTNVEDCode><xsl:value-of select="csdo:CommodityCode"/></n1:GoodsTNVEDCode>
      <xsl:variable name="origin" select="cacdo:OriginCountryDetails/casdo:CACountryCode"/>
      <n1:OriginCountryCode><xsl:value-of select="$origin"/></n1:OriginCountryCode>
      <xsl:variable name="name" select="substring-before(substring-after($countries, concat('|', $origin, '=')), '|')"/>
      <xsl:if test="$name != ''"><n1:OriginCountryName><xsl:value-of select="$name"/></n1:OriginCountryName></xsl:if>
      <xsl:for-each select="casdo:ValuationMethodCode"><n1:CustomsCostCorrectMethod><xsl:value-of select="."/></n1:CustomsCostCorrectMethod></xsl:for-each>
      <!-- Cyrillic here, Latin there; another preference cannot be said, and where one can, the others are filled. -->
      <xsl:if test="cacdo:PreferenceDetails[casdo:CustomsClearanceChargesPrefCode = '&#x41E;&#x41E;' or casdo:CustomsDutyPrefCode = '&#x41E;&#x41E;' or casdo:VATPrefCode = '&#x41E;&#x41E;']">
        <n1:Preferencii><n1:CustomsTax>OO</n1:CustomsTax><n1:CustomsDuty>OO</n1:CustomsDuty><n1:Rate>OO</n1:Rate></n1:Preferencii>
      </xsl:if>
      <xsl:for-each select="cacdo:GoodsMeasureDetails/casdo:GoodsMeasure">
        <SupplementaryGoodsQuantity>
          <n2:GoodsQuantity><xsl:apply-templates select="."/></n2:GoodsQuantity>
          <xsl:variable name="unit" select="substring-before(substring-after($units, concat('|', @measurementUnitCode, '=')), '|')"/>
          <xsl:if test="$unit != ''"><n2:MeasureUnitQualifierName><xsl:value-of select="$unit"/></n2:MeasureUnitQualifierName></xsl:if>
          <n2:MeasureUnitQualifierCode><xsl:value-of select="@measurementUnitCode"/></n2:MeasureUnitQualifierCode>
        </SupplementaryGoodsQuantity>
      </xsl:for-each>
      <xsl:for-each select="cacdo:CargoPackagePalletDetails">
        <xsl:variable name="packages" select="cacdo:PackagePalletDetails"/>
        <xsl:if test="casdo:PackageAvailabilityCode or $packages">
          <ESADGoodsPackaging>
            <n1:PakageQuantity><xsl:value-of select="sum($packages/csdo:PackageQuantity)"/></n1:PakageQuantity>
            <xsl:for-each select="casdo:PackageAvailabilityCode"><n1:PakageTypeCode><xsl:value-of select="."/></n1:PakageTypeCode></xsl:for-each>
            <xsl:for-each select="$packages">
              <n1:PackingInformation>
                <n1:PackingCode><xsl:value-of select="csdo:PackageKindCode"/></n1:PackingCode>
                <n1:PakingQuantity><xsl:value-of select="sum(csdo:PackageQuantity)"/></n1:PakingQuantity>
              </n1:PackingInformation>
            </xsl:for-each>
          </ESADGoodsPackaging>
        </xsl:if>
      </xsl:for-each>
      <xsl:for-each select="cacdo:CustomsProcedureDetails">
        <ESADCustomsProcedure>
          <n1:MainCustomsModeCode><xsl:value-of select="casdo:CustomsProcedureCode"/></n1:MainCustomsModeCode>
          <n1:PrecedingCustomsModeCode><xsl:value-of select="casdo:PreviousCustomsProcedureModeCode"/></n1:PrecedingCustomsModeCode>
          <n1:GoodsTransferFeature><xsl:value-of select="casdo:GoodsMoveFeatureCode"/></n1:GoodsTransferFeature>
        </ESADCustomsProcedure>
      </xsl:for-each>
    </ESADout_CUGoods>
  </xsl:template>

  <!-- Decimals in their shortest form; none of them has more digits than the target takes. -->
  <xsl:template match="casdo:CAValueAmount | casdo:GoodsMeasure | csdo:UnifiedGrossMassMeasure | csdo:UnifiedNetMassMeasure">
    <xsl:choose>
      <xsl:when test="translate(substring(., 1, 1), '+-0', '') != '' or starts-with(., '0.') or . = '0'"><xsl:call-template name="shortest"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="rounded">
          <xsl:with-param name="number" select="."/>
          <xsl:with-param name="fraction" select="6"/>
          <xsl:with-param name="total" select="24"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
