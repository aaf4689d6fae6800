<?xml version="1.0" encoding="UTF-8"?>
<!--
  A hansa.batch of source documents becomes one of target documents, for formats that hold one document each.
  The including stylesheet says in $target what the documents become.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:b="urn:hansa:batch:1">

  <xsl:template match="/b:batch">
    <xsl:variable name="count" select="count(b:document)"/>
    <xsl:choose>
      <xsl:when test="$count = 1"><xsl:apply-templates select="b:document/*"/></xsl:when>
      <xsl:otherwise>
        <b:batch count="{$count}" format="{$target}">
          <xsl:for-each select="b:document">
            <b:document><xsl:apply-templates select="*"/></b:document>
          </xsl:for-each>
        </b:batch>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
