// A small flat file, ours, for tests and the fuzz target.
#pragma once

#include <string_view>

namespace hansa::syntax::test {

inline constexpr std::string_view flat_xsd =
    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
  <xs:element name="File"><xs:complexType><xs:sequence>
    <xs:element name="HEAD"><xs:complexType><xs:sequence><xs:element name="Sender" type="xs:string"/><xs:element name="MessageID" type="xs:string"/>
      <xs:element name="Control" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="BE"><xs:complexType><xs:sequence><xs:element name="Office" type="xs:string"/><xs:element name="Job" type="xs:string"/>
      <xs:element name="Name" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="DOCS" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="Number" type="xs:string"/>
      <xs:element name="Date" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="NOTE" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence><xs:element name="Text" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="SIGN" type="xs:string" minOccurs="0"/><xs:element name="CERT" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element></xs:schema>)";

inline constexpr std::string_view flat_table = R"(separator 7C     # |
name    M1
header  HEAD  Sender - MessageID Control
trailer TAIL  Control
key     Office Job
table   BE  key Name
table   DOCS|DOC  key Number Date
table   NOTE  key:1 Text
tail    SIGN CERT
)";

}  // namespace hansa::syntax::test
