<?xml version="1.0" encoding="UTF-8"?>
<!--
  Decimals as texts. XPath 1.0 has floating point only, and engines read and write it in ways of their own
  (number('8.12') is 8.119999999999999 in one of them), so digits are cut as digits. Callers take "shortest" for a number that
  starts with a digit other than 0, or with "0.", or is 0, and has no more digits than the target takes: the
  usual case, written without a fragment in between.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <!-- The number with at most so many digits after the point and 16 in all, rounded half up, in its
       shortest form; empty when it does not fit or nothing but zeros would be left of it. -->
  <xsl:template name="rounded">
    <xsl:param name="number"/>
    <xsl:param name="fraction" select="3"/>
    <xsl:param name="total" select="16"/>
    <xsl:choose>
      <xsl:when test="starts-with($number, '+')">
        <xsl:call-template name="rounded">
          <xsl:with-param name="number" select="substring($number, 2)"/>
          <xsl:with-param name="fraction" select="$fraction"/>
          <xsl:with-param name="total" select="$total"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="starts-with($number, '-')">
        <xsl:variable name="positive">
          <xsl:call-template name="rounded">
            <xsl:with-param name="number" select="substring($number, 2)"/>
            <xsl:with-param name="fraction" select="$fraction"/>
            <xsl:with-param name="total" select="$total"/>
          </xsl:call-template>
        </xsl:variable>
        <xsl:if test="$positive != '' and $positive != '0'">-</xsl:if>
        <xsl:value-of select="$positive"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:variable name="whole">
          <xsl:call-template name="without-zeros">
            <xsl:with-param name="digits" select="substring-before(concat($number, '.'), '.')"/>
          </xsl:call-template>
        </xsl:variable>
        <xsl:variable name="digits" select="substring-after($number, '.')"/>
        <xsl:variable name="room" select="$total - string-length($whole)"/>
        <xsl:variable name="keep">
          <xsl:choose>
            <xsl:when test="$room &lt; $fraction"><xsl:value-of select="$room"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="$fraction"/></xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <!-- A 1 in front keeps zeros in front and takes the carry. -->
        <xsl:variable name="kept" select="number(concat('1', substring($digits, 1, $keep))) + (substring($digits, $keep + 1, 1) &gt;= 5)"/>
        <xsl:variable name="carry" select="starts-with($kept, '2')"/>
        <xsl:variable name="tail" select="substring-after(number(concat('1.', substring($kept, 2))), '.')"/>
        <xsl:choose>
          <xsl:when test="$room &lt; 0"/>
          <xsl:when test="$carry">
            <xsl:variable name="next" select="format-number(number(concat('0', $whole)) + 1, '0')"/>
            <xsl:if test="string-length($next) &lt;= $total"><xsl:value-of select="$next"/></xsl:if>
          </xsl:when>
          <xsl:when test="$whole = '' and $tail = ''">
            <!-- A zero stays a zero; what only rounding makes one does not. -->
            <xsl:if test="translate($digits, '0', '') = ''">0</xsl:if>
          </xsl:when>
          <xsl:otherwise>
            <xsl:if test="$whole = ''">0</xsl:if>
            <xsl:value-of select="$whole"/>
            <xsl:if test="$tail != ''">
              <xsl:text>.</xsl:text>
              <xsl:value-of select="$tail"/>
            </xsl:if>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Without zeros at the end of a fraction. -->
  <xsl:template name="shortest">
    <xsl:param name="number" select="string(.)"/>
    <xsl:variable name="last" select="substring($number, string-length($number))"/>
    <xsl:choose>
      <xsl:when test="translate($last, '0.', '') != '' or not(contains($number, '.'))"><xsl:value-of select="$number"/></xsl:when>
      <xsl:when test="translate(substring-after($number, '.'), '0', '') = ''"><xsl:value-of select="substring-before($number, '.')"/></xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="shortest"><xsl:with-param name="number" select="substring($number, 1, string-length($number) - 1)"/></xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="without-zeros">
    <xsl:param name="digits"/>
    <xsl:choose>
      <xsl:when test="starts-with($digits, '0')">
        <xsl:call-template name="without-zeros">
          <xsl:with-param name="digits" select="substring($digits, 2)"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="$digits"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
