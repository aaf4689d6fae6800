// A small UN/EDIFACT message, ours, for tests and fuzz targets: TSTMSG with lines of each sort.
#pragma once

#include <string>
#include <string_view>

namespace hansa::syntax::test {

inline constexpr std::string_view small_xsd =
    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
  <xs:complexType name="Ref"><xs:sequence><xs:element name="C506"><xs:complexType><xs:sequence>
    <xs:element name="e1154" type="xs:string"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType>
  <xs:element name="Interchange"><xs:complexType><xs:sequence>
    <xs:element name="UNB"><xs:complexType><xs:sequence>
      <xs:element name="S002"><xs:complexType><xs:sequence><xs:element name="e0004" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="S003"><xs:complexType><xs:sequence><xs:element name="e0010" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="S004" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="e0017" type="xs:string"/>
        <xs:element name="e0019" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="e0020" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="TSTMSG" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="UNH"><xs:complexType><xs:sequence><xs:element name="e0062" type="xs:string" minOccurs="0"/>
        <xs:element name="S009" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="e0057" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="BGM"><xs:complexType><xs:sequence><xs:element name="e1004"><xs:simpleType><xs:restriction base="xs:string">
        <xs:maxLength value="10"/></xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>
      <xs:element name="MEA_WT_G" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="e6314" type="xs:decimal"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="MEA_WT" minOccurs="0" maxOccurs="9"><xs:complexType><xs:sequence><xs:element name="C502" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="e6313" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
        <xs:element name="e6314" type="xs:decimal"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="RFF_AA" type="Ref" minOccurs="0"/>
      <xs:element name="RFF" minOccurs="0" maxOccurs="9"><xs:complexType><xs:sequence><xs:element name="C506"><xs:complexType><xs:sequence>
        <xs:element name="e1153" type="xs:string"/><xs:element name="e1154" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="SG1_IM" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="NAD" ><xs:complexType><xs:sequence>
        <xs:element name="C080" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="e3036_1" type="xs:string" minOccurs="0"/>
          <xs:element name="e3036_2" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element><xs:element name="RFF_AA" type="Ref" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
      <xs:element name="SG2" minOccurs="0" maxOccurs="99"><xs:complexType><xs:sequence><xs:element name="LIN"><xs:complexType><xs:sequence>
        <xs:element name="e1082" type="xs:decimal"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element></xs:schema>)";

inline constexpr std::string_view small_table =
    R"(message TSTMSG:D:96B:UN
levels  UNOB UNOC UNOY
segment BGM  C002(1001) 1004
segment RFF  C506(1153 1154)
segment MEA  6311 C502(6313) 6314
segment NAD  3035 C082(3039) C080(3036*2)   # C082 is in no schema of ours
segment LIN  1082
body
  BGM
  MEA_WT_G
  MEA_WT
  RFF_AA
  RFF
  SG1_IM
    NAD
    RFF_AA
  UNS+D
  SG2
    LIN
)";

/// An interchange of one message with these segments, counted right.
inline std::string interchange(const std::string& segments, std::string_view level = "UNOB:4") {
    std::size_t count = 2;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i] == '?')
            ++i;  // releases what follows
        else if (segments[i] == '\'')
            ++count;
    }
    return "UNB+" + std::string(level) + "+SENDER+RECEIVER+20260415:0910+R1'UNH+1+TSTMSG:D:96B:UN'" + segments +
           "UNT+" + std::to_string(count) + "+1'UNZ+1+R1'";
}

}  // namespace hansa::syntax::test
