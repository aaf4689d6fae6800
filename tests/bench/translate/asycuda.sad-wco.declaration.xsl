<?xml version="1.0" encoding="UTF-8"?>
<!--
  SAD (ASYCUDA World) to a WCO declaration. For libxslt and Xalan-C; XSLT 1.0, no extensions.

  Empty has three forms in a SAD (<X/>, <X><null/></X>, no element); as a string they are one. A group that
  stays empty is not written: where that depends on many values, and usually one of them stands, the unusual case
  makes the group first and writes it when it holds something.
  Domain: what the tables take. A zero of an amount whose currency is missing is no amount.

  Source: plugins/asycuda/mappings/sad.map and plugins/wco/mappings/declaration.map, read by a person.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="numbers.xsl"/>
  <xsl:include href="batch.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="no"/>

  <xsl:variable name="target" select="'wco.declaration'"/>
  <!-- How clients of the agency write dates. -->
  <xsl:param name="date-format" select="'M/d/yy'"/>
  <xsl:variable name="month-first" select="starts-with($date-format, 'M')"/>

  <!-- Modes of transport that UN/ECE Rec 19 knows. -->
  <xsl:variable name="modes" select="'|30=3|31=3|10=1|40=4|32=3|20=2|01=1|50=5|70=7|80=8|09=9|'"/>
  <!-- Documents of box 44 that UN/EDIFACT 1001 knows. -->
  <xsl:variable name="documents" select="'|380|861|730|740|703|911|811|141|382|733|734|780|830|863|'"/>

  <!-- The namespace of dates is declared only where a date needs it. -->
  <xsl:template match="ASYCUDA">
    <xsl:choose>
      <xsl:when test="Identification/Registration/Date != '' or Property/Date_of_declaration != '' or Item/Attached_documents/Attached_document_date != ''">
        <MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:n2="urn:wco:datamodel:WCO:Declaration_DS:DMS:2">
          <xsl:call-template name="declaration"/>
        </MetaData>
      </xsl:when>
      <xsl:otherwise>
        <MetaData xmlns="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
          <xsl:call-template name="declaration"/>
        </MetaData>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="declaration" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:variable name="invoice" select="Valuation/Gs_Invoice"/>
    <xsl:variable name="invoice-currency" select="string($invoice/Currency_code)"/>
    <xsl:variable name="invoiced" select="$invoice/Amount_foreign_currency != '' and ($invoice-currency != '' or number($invoice/Amount_foreign_currency) != 0)"/>
    <n1:Declaration>
      <xsl:for-each select="Identification/Registration/Date[. != '']">
        <n1:AcceptanceDateTime><xsl:call-template name="date"/></n1:AcceptanceDateTime>
      </xsl:for-each>
      <n1:FunctionCode>9</n1:FunctionCode>
      <xsl:for-each select="Declarant/Reference[Number != '']">
        <xsl:variable name="reference"><xsl:call-template name="numbered"><xsl:with-param name="prefix" select="Year"/></xsl:call-template></xsl:variable>
        <xsl:if test="string-length($reference) &lt;= 35"><n1:FunctionalReferenceID><xsl:value-of select="$reference"/></n1:FunctionalReferenceID></xsl:if>
      </xsl:for-each>
      <xsl:for-each select="Identification/Registration[Number != '']">
        <n1:ID><xsl:call-template name="numbered"><xsl:with-param name="prefix" select="Serial_number"/></xsl:call-template></n1:ID>
      </xsl:for-each>
      <xsl:for-each select="Property/Date_of_declaration[. != '']">
        <n1:IssueDateTime><xsl:call-template name="date"/></n1:IssueDateTime>
      </xsl:for-each>
      <xsl:variable name="type" select="concat(Identification/Type/Type_of_declaration, Identification/Type/Declaration_gen_procedure_code)"/>
      <xsl:if test="$type != '' and string-length($type) &lt;= 3"><n1:TypeCode><xsl:value-of select="$type"/></n1:TypeCode></xsl:if>
      <xsl:for-each select="Property/Nbers/Total_number_of_items[. != '']">
        <n1:GoodsItemQuantity><xsl:value-of select="number(.)"/></n1:GoodsItemQuantity>
      </xsl:for-each>
      <xsl:for-each select="Identification/Office_segment/Customs_clearance_office_code">
        <xsl:variable name="office"><xsl:call-template name="office"/></xsl:variable>
        <xsl:if test="$office != ''"><n1:DeclarationOfficeID><xsl:value-of select="$office"/></n1:DeclarationOfficeID></xsl:if>
      </xsl:for-each>
      <xsl:variable name="border-office"><xsl:for-each select="Transport/Border_office/Code"><xsl:call-template name="office"/></xsl:for-each></xsl:variable>
      <xsl:if test="$invoiced">
        <xsl:variable name="amount"><xsl:apply-templates select="$invoice/Amount_foreign_currency" mode="number"/></xsl:variable>
        <xsl:if test="$amount != ''"><n1:InvoiceAmount currencyID="{$invoice-currency}"><xsl:value-of select="$amount"/></n1:InvoiceAmount></xsl:if>
      </xsl:if>
      <xsl:for-each select="Property/Nbers/Number_of_loading_lists[. != '']">
        <n1:LoadingListQuantity><xsl:value-of select="number(.)"/></n1:LoadingListQuantity>
      </xsl:for-each>
      <xsl:variable name="weight">
        <xsl:choose>
          <xsl:when test="Valuation/Total/Total_weight != ''"><xsl:apply-templates select="Valuation/Total/Total_weight" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:when>
          <xsl:otherwise><xsl:apply-templates select="Valuation/Weight/Gross_weight" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <xsl:if test="$weight != ''"><n1:TotalGrossMassMeasure unitCode="KGM"><xsl:value-of select="$weight"/></n1:TotalGrossMassMeasure></xsl:if>
      <xsl:variable name="packages"><xsl:apply-templates select="Property/Nbers/Total_number_of_packages" mode="number"><xsl:with-param name="fraction" select="0"/><xsl:with-param name="total" select="8"/></xsl:apply-templates></xsl:variable>
      <xsl:if test="$packages != ''"><n1:TotalPackageQuantity><xsl:value-of select="$packages"/></n1:TotalPackageQuantity></xsl:if>
      <xsl:for-each select="Declarant/Declarant_representative[. != '' and string-length(.) &lt;= 70]">
        <n1:Authentication><n1:Authenticator><n1:Name><xsl:value-of select="."/></n1:Name></n1:Authenticator></n1:Authentication>
      </xsl:for-each>
      <xsl:for-each select="Financial/Deffered_payment_reference[. != '']">
        <n1:AdditionalDocument><n1:CategoryCode>DPO</n1:CategoryCode><n1:ID><xsl:value-of select="."/></n1:ID></n1:AdditionalDocument>
      </xsl:for-each>
      <xsl:for-each select="General_information/Additional_information[. != '']">
        <n1:AdditionalInformation><xsl:call-template name="statement"/><n1:StatementTypeCode>AAI</n1:StatementTypeCode></n1:AdditionalInformation>
      </xsl:for-each>
      <xsl:for-each select="General_information/Comments_free_text[. != '']">
        <n1:AdditionalInformation><xsl:call-template name="statement"/><n1:StatementTypeCode>ZZZ</n1:StatementTypeCode></n1:AdditionalInformation>
      </xsl:for-each>
      <xsl:for-each select="Transport/Means_of_transport/Border_information">
        <xsl:variable name="id" select="Identity[. != '' and string-length(.) &lt;= 35]"/>
        <xsl:variable name="mode" select="substring(substring-after($modes, concat('|', Mode, '=')), 1, 1)"/>
        <xsl:if test="$id or Nationality != '' or $mode != ''">
          <n1:BorderTransportMeans>
            <xsl:if test="$id"><n1:ID><xsl:value-of select="$id"/></n1:ID></xsl:if>
            <xsl:if test="Nationality != ''"><n1:RegistrationNationalityCode><xsl:value-of select="Nationality"/></n1:RegistrationNationalityCode></xsl:if>
            <xsl:if test="$mode != ''"><n1:ModeCode><xsl:value-of select="$mode"/></n1:ModeCode></xsl:if>
          </n1:BorderTransportMeans>
        </xsl:if>
      </xsl:for-each>
      <xsl:for-each select="General_information/Country/Country_first_destination[. != '']">
        <n1:Consignment><n1:Itinerary><n1:SequenceNumeric>1</n1:SequenceNumeric><n1:RoutingCountryCode><xsl:value-of select="."/></n1:RoutingCountryCode></n1:Itinerary></n1:Consignment>
      </xsl:for-each>
      <xsl:for-each select="$invoice/Currency_rate[. != '']">
        <n1:CurrencyExchange>
          <n1:CurrencyTypeCode><xsl:value-of select="$invoice-currency"/></n1:CurrencyTypeCode>
          <xsl:variable name="rate"><xsl:apply-templates select="." mode="number"><xsl:with-param name="fraction" select="5"/><xsl:with-param name="total" select="12"/></xsl:apply-templates></xsl:variable>
          <xsl:if test="$rate != ''"><n1:RateNumeric><xsl:value-of select="$rate"/></n1:RateNumeric></xsl:if>
        </n1:CurrencyExchange>
      </xsl:for-each>
      <xsl:for-each select="Declarant">
        <xsl:variable name="party"><xsl:call-template name="party"><xsl:with-param name="id" select="Declarant_code"/><xsl:with-param name="lines" select="Declarant_name"/></xsl:call-template></xsl:variable>
        <xsl:if test="$party != ''"><n1:Declarant><xsl:copy-of select="$party"/></n1:Declarant></xsl:if>
      </xsl:for-each>
      <xsl:if test="$border-office != '' and Property/Sad_flow != 'I'"><n1:ExitOffice><n1:ID><xsl:value-of select="$border-office"/></n1:ID></n1:ExitOffice></xsl:if>
      <xsl:for-each select="Traders/Exporter">
        <xsl:variable name="party"><xsl:call-template name="party"><xsl:with-param name="id" select="Exporter_code"/><xsl:with-param name="lines" select="Exporter_name"/></xsl:call-template></xsl:variable>
        <xsl:if test="$party != ''"><n1:Exporter><xsl:copy-of select="$party"/></n1:Exporter></xsl:if>
      </xsl:for-each>
      <xsl:choose>
        <xsl:when test="Item">
          <n1:GoodsShipment>
            <xsl:call-template name="shipment">
              <xsl:with-param name="invoiced" select="$invoiced"/>
              <xsl:with-param name="invoice-currency" select="$invoice-currency"/>
            </xsl:call-template>
          </n1:GoodsShipment>
        </xsl:when>
        <xsl:otherwise>
          <xsl:variable name="shipment"><xsl:call-template name="shipment"/></xsl:variable>
          <xsl:if test="$shipment != ''"><n1:GoodsShipment><xsl:copy-of select="$shipment"/></n1:GoodsShipment></xsl:if>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:for-each select="Financial/Guarantee[Name != '' or Amount != '']">
        <n1:ObligationGuarantee>
          <xsl:variable name="amount"><xsl:apply-templates select="Amount" mode="number"/></xsl:variable>
          <xsl:if test="$amount != ''"><n1:AmountAmount><xsl:value-of select="$amount"/></n1:AmountAmount></xsl:if>
          <xsl:if test="Name != ''"><n1:ID><xsl:value-of select="Name"/></n1:ID></xsl:if>
        </n1:ObligationGuarantee>
      </xsl:for-each>
      <xsl:if test="$border-office != '' and Property/Sad_flow = 'I'"><n1:PresentationOffice><n1:ID><xsl:value-of select="$border-office"/></n1:ID></n1:PresentationOffice></xsl:if>
    </n1:Declaration>
  </xsl:template>

  <xsl:template name="shipment" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="invoiced"/>
    <xsl:param name="invoice-currency"/>
    <xsl:for-each select="Financial/Financial_transaction[code1 != '']">
      <n1:TransactionNatureCode><xsl:value-of select="code1"/><xsl:value-of select="code2"/></n1:TransactionNatureCode>
    </xsl:for-each>
    <xsl:variable name="import" select="Property/Sad_flow = 'I'"/>
    <xsl:variable name="consignee">
      <xsl:call-template name="party"><xsl:with-param name="id" select="Traders/Consignee/Consignee_code"/><xsl:with-param name="lines" select="Traders/Consignee/Consignee_name"/></xsl:call-template>
    </xsl:variable>
    <xsl:if test="not($import) and $consignee != ''"><n1:Consignee><xsl:copy-of select="$consignee"/></n1:Consignee></xsl:if>
    <xsl:variable name="consignment"><xsl:call-template name="consignment"><xsl:with-param name="import" select="$import"/></xsl:call-template></xsl:variable>
    <xsl:if test="$consignment != ''"><n1:Consignment><xsl:copy-of select="$consignment"/></n1:Consignment></xsl:if>
    <xsl:variable name="valuation">
      <xsl:for-each select="Valuation/Gs_external_freight[Amount_foreign_currency != '' and (Currency_code != '' or number(Amount_foreign_currency) != 0)]">
        <xsl:variable name="amount"><xsl:apply-templates select="Amount_foreign_currency" mode="number"/></xsl:variable>
        <xsl:if test="$amount != ''"><n1:FreightChargeAmount currencyID="{Currency_code}"><xsl:value-of select="$amount"/></n1:FreightChargeAmount></xsl:if>
      </xsl:for-each>
      <xsl:apply-templates select="Valuation/Gs_internal_freight | Valuation/Gs_insurance | Valuation/Gs_other_cost | Valuation/Gs_deduction"/>
    </xsl:variable>
    <xsl:if test="$valuation != ''"><n1:CustomsValuation><xsl:copy-of select="$valuation"/></n1:CustomsValuation></xsl:if>
    <xsl:for-each select="General_information/Country/Destination">
      <xsl:variable name="region" select="Destination_country_region[. != '' and string-length(.) &lt;= 9]"/>
      <xsl:if test="Destination_country_code != '' or $region">
        <n1:Destination>
          <xsl:if test="Destination_country_code != ''"><n1:CountryCode><xsl:value-of select="Destination_country_code"/></n1:CountryCode></xsl:if>
          <xsl:if test="$region"><n1:RegionID><xsl:value-of select="$region"/></n1:RegionID></xsl:if>
        </n1:Destination>
      </xsl:if>
    </xsl:for-each>
    <xsl:for-each select="General_information/Country/Export/Export_country_code[. != '']">
      <n1:ExportCountry><n1:ID><xsl:value-of select="."/></n1:ID></n1:ExportCountry>
    </xsl:for-each>
    <xsl:apply-templates select="Item">
      <xsl:with-param name="invoiced" select="$invoiced"/>
      <xsl:with-param name="invoice-currency" select="$invoice-currency"/>
    </xsl:apply-templates>
    <xsl:if test="$import and $consignee != ''"><n1:Importer><xsl:copy-of select="$consignee"/></n1:Importer></xsl:if>
    <xsl:for-each select="Traders/Financial">
      <xsl:variable name="party"><xsl:call-template name="party"><xsl:with-param name="id" select="Financial_code"/><xsl:with-param name="lines" select="Financial_name"/></xsl:call-template></xsl:variable>
      <xsl:if test="$party != ''"><n1:Payer><xsl:copy-of select="$party"/></n1:Payer></xsl:if>
    </xsl:for-each>
    <xsl:if test="Identification/Type/Type_of_transit_document != ''">
      <n1:PreviousDocument><n1:CategoryCode>TRA</n1:CategoryCode><xsl:if test="Identification/Type/Type_of_transit_document = 'T1'"><n1:TypeCode>T1</n1:TypeCode></xsl:if></n1:PreviousDocument>
    </xsl:if>
    <xsl:for-each select="Identification/Manifest_reference_number[. != '']">
      <n1:PreviousDocument><n1:CategoryCode>MNF</n1:CategoryCode><n1:ID><xsl:value-of select="."/></n1:ID></n1:PreviousDocument>
    </xsl:for-each>
    <xsl:for-each select="Prev_decl[Prev_decl_office_code != '' or Prev_decl_item_number != '' or Prev_decl_current_item != '']">
      <n1:PreviousDocument>
        <n1:CategoryCode>PRV</n1:CategoryCode>
        <xsl:if test="Prev_decl_office_code != ''">
          <xsl:variable name="id" select="concat(Prev_decl_office_code, '-', Prev_decl_reg_year, '-', Prev_decl_reg_serial, '-', Prev_decl_reg_number)"/>
          <xsl:if test="string-length($id) &lt;= 70"><n1:ID><xsl:value-of select="$id"/></n1:ID></xsl:if>
        </xsl:if>
        <xsl:if test="Prev_decl_item_number != ''"><n1:LineNumeric><xsl:value-of select="number(Prev_decl_item_number)"/></n1:LineNumeric></xsl:if>
      </n1:PreviousDocument>
    </xsl:for-each>
    <xsl:variable name="terms" select="Transport/Delivery_terms"/>
    <xsl:variable name="trading" select="General_information/Country/Trading_country[. != '']"/>
    <xsl:variable name="place" select="$terms/Place[. != '' and string-length(.) &lt;= 256]"/>
    <xsl:if test="$terms/Code != '' or $trading or $place">
      <n1:TradeTerms>
        <xsl:choose>
          <xsl:when test="$terms/Code = 'C&amp;F'"><n1:ConditionCode>CFR</n1:ConditionCode></xsl:when>
          <xsl:when test="$terms/Code != ''"><n1:ConditionCode><xsl:value-of select="$terms/Code"/></n1:ConditionCode></xsl:when>
        </xsl:choose>
        <xsl:if test="$trading"><n1:CountryRelationshipCode><xsl:value-of select="$trading"/></n1:CountryRelationshipCode></xsl:if>
        <xsl:if test="$place"><n1:LocationName><xsl:value-of select="$place"/></n1:LocationName></xsl:if>
      </n1:TradeTerms>
    </xsl:if>
    <xsl:for-each select="Warehouse/Identification[. != '']">
      <n1:Warehouse><n1:ID><xsl:value-of select="."/></n1:ID></n1:Warehouse>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="consignment" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="import"/>
    <xsl:for-each select="Transport">
      <xsl:for-each select="Container_flag[. != '']">
        <n1:ContainerCode><xsl:value-of select="number(. = 'true' or . = '1')"/></n1:ContainerCode>
      </xsl:for-each>
      <xsl:variable name="id" select="Means_of_transport/Departure_arrival_information/Identity[. != '' and string-length(.) &lt;= 35]"/>
      <xsl:variable name="mode" select="substring(substring-after($modes, concat('|', Means_of_transport/Inland_mode_of_transport, '=')), 1, 1)"/>
      <xsl:if test="$id or $mode != ''">
        <xsl:variable name="means">
          <xsl:if test="$id"><n1:ID><xsl:value-of select="$id"/></n1:ID></xsl:if>
          <xsl:if test="$mode != ''"><n1:ModeCode><xsl:value-of select="$mode"/></n1:ModeCode></xsl:if>
        </xsl:variable>
        <xsl:choose>
          <xsl:when test="$import"><n1:ArrivalTransportMeans><xsl:copy-of select="$means"/></n1:ArrivalTransportMeans></xsl:when>
          <xsl:otherwise><n1:DepartureTransportMeans><xsl:copy-of select="$means"/></n1:DepartureTransportMeans></xsl:otherwise>
        </xsl:choose>
      </xsl:if>
      <xsl:for-each select="Location_of_goods[. != '' and string-length(.) &lt;= 256 and not(contains(., '&#10;'))]">
        <n1:GoodsLocation><n1:Name><xsl:value-of select="."/></n1:Name></n1:GoodsLocation>
      </xsl:for-each>
      <xsl:for-each select="Place_of_loading">
        <xsl:variable name="name" select="Name[. != '' and string-length(.) &lt;= 256]"/>
        <xsl:if test="$name or Code != ''">
          <n1:LoadingLocation>
            <xsl:if test="$name"><n1:Name><xsl:value-of select="$name"/></n1:Name></xsl:if>
            <xsl:if test="Code != ''"><n1:ID><xsl:value-of select="Code"/></n1:ID></xsl:if>
          </n1:LoadingLocation>
        </xsl:if>
      </xsl:for-each>
    </xsl:for-each>
    <xsl:for-each select="Container[Container_identity != '']">
      <n1:TransportEquipment><n1:SequenceNumeric><xsl:value-of select="position()"/></n1:SequenceNumeric><n1:ID><xsl:value-of select="Container_identity"/></n1:ID></n1:TransportEquipment>
    </xsl:for-each>
  </xsl:template>

  <xsl:template match="Gs_internal_freight | Gs_insurance | Gs_other_cost | Gs_deduction | item_internal_freight | item_insurance | item_other_cost | item_deduction" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:if test="Amount_foreign_currency != '' and (Currency_code != '' or number(Amount_foreign_currency) != 0)">
      <n1:ChargeDeduction>
        <n1:ChargesTypeCode>
          <xsl:choose>
            <xsl:when test="self::Gs_internal_freight or self::item_internal_freight">FRN</xsl:when>
            <xsl:when test="self::Gs_insurance or self::item_insurance">INS</xsl:when>
            <xsl:when test="self::Gs_other_cost or self::item_other_cost">OTH</xsl:when>
            <xsl:otherwise>DED</xsl:otherwise>
          </xsl:choose>
        </n1:ChargesTypeCode>
        <xsl:variable name="amount"><xsl:apply-templates select="Amount_foreign_currency" mode="number"/></xsl:variable>
        <xsl:if test="$amount != ''"><n1:OtherChargeDeductionAmount currencyID="{Currency_code}"><xsl:value-of select="$amount"/></n1:OtherChargeDeductionAmount></xsl:if>
      </n1:ChargeDeduction>
    </xsl:if>
  </xsl:template>

  <xsl:template match="Item" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="invoiced"/>
    <xsl:param name="invoice-currency"/>
    <!-- The invoice's currency serves all items; without an invoice each may have its own. -->
    <xsl:variable name="currency">
      <xsl:choose>
        <xsl:when test="$invoiced"><xsl:value-of select="$invoice-currency"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="Valuation_item/Item_Invoice/Currency_code"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <n1:GovernmentAgencyGoodsItem>
      <xsl:variable name="customs-value"><xsl:apply-templates select="Valuation_item/Total_CIF_itm" mode="number"/></xsl:variable>
      <xsl:if test="$customs-value != ''"><n1:CustomsValueAmount><xsl:value-of select="$customs-value"/></n1:CustomsValueAmount></xsl:if>
      <n1:SequenceNumeric><xsl:value-of select="position()"/></n1:SequenceNumeric>
      <xsl:variable name="statistical"><xsl:apply-templates select="Valuation_item/Statistical_value" mode="number"/></xsl:variable>
      <xsl:if test="$statistical != ''"><n1:StatisticalValueAmount><xsl:value-of select="$statistical"/></n1:StatisticalValueAmount></xsl:if>
      <xsl:apply-templates select="Attached_documents"/>
      <xsl:if test="Licence_number != '' or Amount_deducted_from_licence != '' or Quantity_deducted_from_licence != ''">
        <n1:AdditionalDocument>
          <n1:CategoryCode>LIC</n1:CategoryCode>
          <xsl:if test="Licence_number != ''"><n1:ID><xsl:value-of select="Licence_number"/></n1:ID></xsl:if>
          <xsl:variable name="quantity"><xsl:apply-templates select="Quantity_deducted_from_licence" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:variable>
          <xsl:variable name="amount"><xsl:apply-templates select="Amount_deducted_from_licence" mode="number"/></xsl:variable>
          <xsl:if test="$quantity != '' or $amount != ''">
            <n1:WriteOff>
              <xsl:if test="$quantity != ''"><n1:QuantityQuantity><xsl:value-of select="$quantity"/></n1:QuantityQuantity></xsl:if>
              <xsl:if test="$amount != ''"><n1:AmountAmount><xsl:value-of select="$amount"/></n1:AmountAmount></xsl:if>
            </n1:WriteOff>
          </xsl:if>
        </n1:AdditionalDocument>
      </xsl:if>
      <xsl:for-each select="Free_text_1[. != '']">
        <n1:AdditionalInformation><xsl:call-template name="statement"/><n1:StatementTypeCode>AAI</n1:StatementTypeCode></n1:AdditionalInformation>
      </xsl:for-each>
      <xsl:choose>
        <xsl:when test="Tarification/HScode/Commodity_code != ''"><n1:Commodity><xsl:call-template name="commodity"><xsl:with-param name="currency" select="$currency"/></xsl:call-template></n1:Commodity></xsl:when>
        <xsl:otherwise>
          <xsl:variable name="commodity"><xsl:call-template name="commodity"><xsl:with-param name="currency" select="$currency"/></xsl:call-template></xsl:variable>
          <xsl:if test="$commodity != ''"><n1:Commodity><xsl:copy-of select="$commodity"/></n1:Commodity></xsl:if>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:variable name="valuation">
        <xsl:if test="Tarification/Valuation_method_code != ''"><n1:MethodCode><xsl:value-of select="Tarification/Valuation_method_code"/></n1:MethodCode></xsl:if>
        <xsl:apply-templates select="Valuation_item/item_internal_freight | Valuation_item/item_insurance | Valuation_item/item_other_cost | Valuation_item/item_deduction"/>
      </xsl:variable>
      <xsl:if test="$valuation != ''"><n1:CustomsValuation><xsl:copy-of select="$valuation"/></n1:CustomsValuation></xsl:if>
      <xsl:for-each select="Tarification/Extended_customs_procedure[. != '']">
        <n1:GovernmentProcedure>
          <n1:CurrentCode><xsl:value-of select="substring(., 1, 2)"/></n1:CurrentCode>
          <xsl:if test="string-length(.) &gt; 2"><n1:PreviousCode><xsl:value-of select="substring(., 3)"/></n1:PreviousCode></xsl:if>
        </n1:GovernmentProcedure>
      </xsl:for-each>
      <xsl:if test="Tarification/National_customs_procedure = '000'">
        <n1:GovernmentProcedure><n1:CurrentCode>000</n1:CurrentCode></n1:GovernmentProcedure>
      </xsl:if>
      <xsl:for-each select="Goods_description[Country_of_origin_code != '' or Country_of_origin_region != '']">
        <n1:Origin>
          <xsl:if test="Country_of_origin_code != ''"><n1:CountryCode><xsl:value-of select="Country_of_origin_code"/></n1:CountryCode></xsl:if>
          <xsl:for-each select="Country_of_origin_region[. != '' and string-length(.) &lt;= 9]"><n1:RegionID><xsl:value-of select="."/></n1:RegionID></xsl:for-each>
          <n1:TypeCode>1</n1:TypeCode>
        </n1:Origin>
      </xsl:for-each>
      <xsl:for-each select="Packages">
        <xsl:variable name="marks" select="concat(Marks1_of_packages, Marks2_of_packages)"/>
        <xsl:variable name="marked" select="$marks != '' and not(contains($marks, '&#10;'))"/>
        <xsl:variable name="number"><xsl:apply-templates select="Number_of_packages" mode="number"><xsl:with-param name="fraction" select="0"/><xsl:with-param name="total" select="8"/></xsl:apply-templates></xsl:variable>
        <!-- Two digits are a country's own kind. -->
        <xsl:variable name="kind" select="Kind_of_packages_code[. != '' and translate(., '0123456789', '') != '']"/>
        <xsl:if test="$marked or $number != '' or $kind">
          <n1:Packaging>
            <n1:SequenceNumeric>1</n1:SequenceNumeric>
            <xsl:if test="$marked"><n1:MarksNumbersID><xsl:value-of select="$marks"/></n1:MarksNumbersID></xsl:if>
            <xsl:if test="$number != ''"><n1:QuantityQuantity><xsl:value-of select="$number"/></n1:QuantityQuantity></xsl:if>
            <xsl:if test="$kind"><n1:TypeCode><xsl:value-of select="$kind"/></n1:TypeCode></xsl:if>
          </n1:Packaging>
        </xsl:if>
      </xsl:for-each>
      <xsl:for-each select="Previous_doc[Summary_declaration != '' or Summary_declaration_sl != '' or Previous_document_reference != '']">
        <n1:PreviousDocument>
          <n1:CategoryCode>SUM</n1:CategoryCode>
          <xsl:if test="Summary_declaration != ''"><n1:ID><xsl:value-of select="Summary_declaration"/></n1:ID></xsl:if>
          <xsl:if test="Summary_declaration_sl != ''"><n1:LineNumeric><xsl:value-of select="number(Summary_declaration_sl)"/></n1:LineNumeric></xsl:if>
        </n1:PreviousDocument>
      </xsl:for-each>
    </n1:GovernmentAgencyGoodsItem>
  </xsl:template>

  <xsl:template match="Attached_documents" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:variable name="name" select="Attached_document_name[. != '' and string-length(.) &lt;= 35]"/>
    <xsl:variable name="known" select="Attached_document_code != '' and contains($documents, concat('|', Attached_document_code, '|'))"/>
    <xsl:variable name="authority" select="Attached_document_Authority[. != '' and string-length(.) &lt;= 70]"/>
    <xsl:if test="Attached_document_date != '' or Attached_document_reference != '' or $name or $known or $authority">
      <n1:AdditionalDocument>
        <xsl:for-each select="Attached_document_date[. != '']"><n1:EffectiveDateTime><xsl:call-template name="date"/></n1:EffectiveDateTime></xsl:for-each>
        <xsl:if test="Attached_document_reference != ''"><n1:ID><xsl:value-of select="Attached_document_reference"/></n1:ID></xsl:if>
        <xsl:if test="$name"><n1:Name><xsl:value-of select="$name"/></n1:Name></xsl:if>
        <xsl:if test="$known"><n1:TypeCode><xsl:value-of select="Attached_document_code"/></n1:TypeCode></xsl:if>
        <xsl:if test="$authority"><n1:Submitter><n1:Name><xsl:value-of select="$authority"/></n1:Name></n1:Submitter></xsl:if>
      </n1:AdditionalDocument>
    </xsl:if>
  </xsl:template>

  <xsl:template name="commodity" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="currency"/>
    <xsl:for-each select="Goods_description/Commercial_Description[. != '' and string-length(.) &lt;= 512 and not(contains(., '&#10;'))]">
      <n1:Description><xsl:value-of select="."/></n1:Description>
    </xsl:for-each>
    <xsl:for-each select="Tarification/HScode/Commodity_code[. != '']">
      <n1:Classification><n1:ID><xsl:value-of select="substring(., 1, 6)"/></n1:ID><n1:IdentificationTypeCode>TSP</n1:IdentificationTypeCode></n1:Classification>
    </xsl:for-each>
    <xsl:for-each select="Tarification[Preference_code != '' or Quota_code != '']">
      <n1:DutyTaxFee>
        <n1:TypeCode>CUD</n1:TypeCode>
        <xsl:if test="Quota_code != ''"><n1:QuotaOrderID><xsl:value-of select="Quota_code"/></n1:QuotaOrderID></xsl:if>
      </n1:DutyTaxFee>
    </xsl:for-each>
    <xsl:for-each select="Taxation/Taxation_line">
      <xsl:variable name="base"><xsl:apply-templates select="Duty_tax_Base" mode="number"/></xsl:variable>
      <xsl:variable name="rate"><xsl:apply-templates select="Duty_tax_rate" mode="number"><xsl:with-param name="fraction" select="6"/><xsl:with-param name="total" select="26"/></xsl:apply-templates></xsl:variable>
      <xsl:variable name="amount"><xsl:apply-templates select="Duty_tax_amount" mode="number"/></xsl:variable>
      <xsl:variable name="method" select="Duty_tax_MP[string-length(.) = 1 and translate(., 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = '']"/>
      <xsl:if test="$base != '' or $rate != '' or $amount != '' or $method">
        <n1:DutyTaxFee>
          <xsl:if test="$base != ''"><n1:AdValoremTaxBaseAmount><xsl:value-of select="$base"/></n1:AdValoremTaxBaseAmount></xsl:if>
          <xsl:if test="$rate != ''"><n1:TaxRateNumeric><xsl:value-of select="$rate"/></n1:TaxRateNumeric></xsl:if>
          <xsl:if test="$amount != '' or $method">
            <n1:Payment>
              <xsl:if test="$method"><n1:MethodCode><xsl:value-of select="$method"/></n1:MethodCode></xsl:if>
              <xsl:if test="$amount != ''"><n1:TaxAssessedAmount><xsl:value-of select="$amount"/></n1:TaxAssessedAmount></xsl:if>
            </n1:Payment>
          </xsl:if>
        </n1:DutyTaxFee>
      </xsl:if>
    </xsl:for-each>
    <xsl:variable name="supplementary" select="Tarification/Supplementary_unit[Suppplementary_unit_quantity != ''][1]"/>
    <xsl:variable name="gross"><xsl:apply-templates select="Valuation_item/Weight_itm/Gross_weight_itm" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:variable>
    <xsl:variable name="net"><xsl:apply-templates select="Valuation_item/Weight_itm/Net_weight_itm" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:variable>
    <xsl:variable name="quantity"><xsl:apply-templates select="$supplementary/Suppplementary_unit_quantity" mode="number"><xsl:with-param name="fraction" select="6"/></xsl:apply-templates></xsl:variable>
    <xsl:if test="$gross != '' or $net != '' or $quantity != ''">
      <n1:GoodsMeasure>
        <xsl:if test="$gross != ''"><n1:GrossMassMeasure unitCode="KGM"><xsl:value-of select="$gross"/></n1:GrossMassMeasure></xsl:if>
        <xsl:if test="$net != ''"><n1:NetNetWeightMeasure unitCode="KGM"><xsl:value-of select="$net"/></n1:NetNetWeightMeasure></xsl:if>
        <xsl:if test="$quantity != ''">
          <n1:TariffQuantity>
            <xsl:for-each select="$supplementary/Suppplementary_unit_code[. != '']">
              <xsl:attribute name="unitCode">
                <xsl:choose>
                  <xsl:when test=". = 'UNT'">C62</xsl:when>
                  <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
                </xsl:choose>
              </xsl:attribute>
            </xsl:for-each>
            <xsl:value-of select="$quantity"/>
          </n1:TariffQuantity>
        </xsl:if>
      </n1:GoodsMeasure>
    </xsl:if>
    <xsl:variable name="price"><xsl:apply-templates select="Tarification/Item_price" mode="number"/></xsl:variable>
    <xsl:if test="$price != ''">
      <n1:InvoiceLine>
        <n1:ItemChargeAmount>
          <xsl:if test="$currency != ''"><xsl:attribute name="currencyID"><xsl:value-of select="$currency"/></xsl:attribute></xsl:if>
          <xsl:value-of select="$price"/>
        </n1:ItemChargeAmount>
      </n1:InvoiceLine>
    </xsl:if>
  </xsl:template>

  <!-- 5/11/26 or 05/11/2026: the year is of this century where it has two digits. -->
  <xsl:template name="date" xmlns:n2="urn:wco:datamodel:WCO:Declaration_DS:DMS:2">
    <xsl:variable name="rest" select="substring-after(., '/')"/>
    <xsl:variable name="one" select="substring(concat('0', substring-before(., '/')), string-length(substring-before(., '/')))"/>
    <xsl:variable name="two" select="substring(concat('0', substring-before($rest, '/')), string-length(substring-before($rest, '/')))"/>
    <xsl:variable name="year" select="substring-after($rest, '/')"/>
    <n2:DateTimeString formatCode="102">
      <xsl:if test="string-length($year) = 2">20</xsl:if>
      <xsl:value-of select="$year"/>
      <xsl:choose>
        <xsl:when test="$month-first"><xsl:value-of select="$one"/><xsl:value-of select="$two"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$two"/><xsl:value-of select="$one"/></xsl:otherwise>
      </xsl:choose>
    </n2:DateTimeString>
  </xsl:template>

  <xsl:template name="numbered">
    <xsl:param name="prefix"/>
    <xsl:if test="$prefix != ''"><xsl:value-of select="$prefix"/>-</xsl:if>
    <xsl:value-of select="Number"/>
  </xsl:template>

  <!-- A bare number is a country's own office and means nothing abroad. -->
  <xsl:template name="office">
    <xsl:if test="(translate(., '0123456789', '') != '' or string-length(.) &gt; 8) and string-length(.) &lt;= 17"><xsl:value-of select="."/></xsl:if>
  </xsl:template>

  <xsl:template name="statement" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:if test="string-length(.) &lt;= 512 and not(contains(., '&#10;'))"><n1:StatementDescription><xsl:value-of select="."/></n1:StatementDescription></xsl:if>
  </xsl:template>

  <!-- The first line that holds something is the name, the others are the address. -->
  <xsl:template name="party" xmlns:n1="urn:wco:datamodel:WCO:DEC-DMS:2">
    <xsl:param name="id"/>
    <xsl:param name="lines"/>
    <xsl:variable name="clean">
      <xsl:choose>
        <xsl:when test="contains($lines, '&#10;')"><xsl:call-template name="lines"><xsl:with-param name="lines" select="$lines"/></xsl:call-template></xsl:when>
        <xsl:otherwise><xsl:call-template name="trimmed"><xsl:with-param name="line" select="$lines"/></xsl:call-template></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="name" select="substring-before(concat($clean, '&#10;'), '&#10;')"/>
    <xsl:if test="$name != '' and string-length($name) &lt;= 70"><n1:Name><xsl:value-of select="$name"/></n1:Name></xsl:if>
    <xsl:if test="$id != '' and string-length($id) &lt;= 17"><n1:ID><xsl:value-of select="$id"/></n1:ID></xsl:if>
    <xsl:if test="contains($clean, '&#10;')">
      <xsl:variable name="address"><xsl:call-template name="in-one-line"><xsl:with-param name="lines" select="substring-after($clean, '&#10;')"/></xsl:call-template></xsl:variable>
      <xsl:if test="string-length($address) &lt;= 70"><n1:Address><n1:Line><xsl:value-of select="$address"/></n1:Line></n1:Address></xsl:if>
    </xsl:if>
  </xsl:template>

  <!-- Lines that hold something, without blanks around them. -->
  <xsl:template name="lines">
    <xsl:param name="lines"/>
    <xsl:param name="some" select="false()"/>
    <xsl:variable name="line" select="substring-before(concat($lines, '&#10;'), '&#10;')"/>
    <xsl:variable name="holds" select="normalize-space($line) != ''"/>
    <xsl:if test="$holds">
      <xsl:if test="$some"><xsl:text>&#10;</xsl:text></xsl:if>
      <xsl:call-template name="trimmed"><xsl:with-param name="line" select="$line"/></xsl:call-template>
    </xsl:if>
    <xsl:if test="contains($lines, '&#10;')">
      <xsl:call-template name="lines">
        <xsl:with-param name="lines" select="substring-after($lines, '&#10;')"/>
        <xsl:with-param name="some" select="$some or $holds"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- normalize-space() would take blanks inside of the line, too. -->
  <xsl:template name="trimmed">
    <xsl:param name="line"/>
    <xsl:variable name="normal" select="normalize-space($line)"/>
    <xsl:choose>
      <xsl:when test="$normal = $line"><xsl:value-of select="$line"/></xsl:when>
      <xsl:otherwise>
        <xsl:variable name="first" select="substring($normal, 1, 1)"/>
        <xsl:call-template name="without-end"><xsl:with-param name="line" select="concat($first, substring-after($line, $first))"/></xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="without-end">
    <xsl:param name="line"/>
    <xsl:variable name="length" select="string-length($line)"/>
    <xsl:choose>
      <xsl:when test="$length != 0 and normalize-space(substring($line, $length)) = ''">
        <xsl:call-template name="without-end"><xsl:with-param name="line" select="substring($line, 1, $length - 1)"/></xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$line"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="in-one-line">
    <xsl:param name="lines"/>
    <xsl:choose>
      <xsl:when test="contains($lines, '&#10;')">
        <xsl:value-of select="substring-before($lines, '&#10;')"/>
        <xsl:text>, </xsl:text>
        <xsl:call-template name="in-one-line"><xsl:with-param name="lines" select="substring-after($lines, '&#10;')"/></xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$lines"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- A number as the target takes it; nothing for nothing, and for one that does not fit. -->
  <xsl:template match="*" mode="number">
    <xsl:param name="fraction" select="3"/>
    <xsl:param name="total" select="16"/>
    <xsl:choose>
      <xsl:when test=". = ''"/>
      <xsl:when test="string-length(substring-after(., '.')) &lt;= $fraction and string-length(.) &lt;= $total and (translate(substring(., 1, 1), '+-0', '') != '' or starts-with(., '0.') or . = '0')"><xsl:call-template name="shortest"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="rounded">
          <xsl:with-param name="number" select="."/>
          <xsl:with-param name="fraction" select="$fraction"/>
          <xsl:with-param name="total" select="$total"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
