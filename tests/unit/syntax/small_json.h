// A small JSON document, ours, for tests and the fuzz target.
#pragma once

#include <string_view>

namespace hansa::syntax::test {

inline constexpr std::string_view json_xsd =
    R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:t" targetNamespace="urn:t" elementFormDefault="qualified">
  <xs:element name="Batch"><xs:complexType><xs:sequence>
    <xs:element name="id" type="xs:string"/><xs:element name="note" type="xs:string" minOccurs="0"/>
    <xs:element name="parcels" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="mass" type="xs:decimal"/><xs:element name="gift" type="xs:boolean" minOccurs="0"/>
      <xs:element name="marks" type="xs:string" minOccurs="0" maxOccurs="9"/>
      <xs:element name="to" minOccurs="0"><xs:complexType><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element></xs:schema>)";

}  // namespace hansa::syntax::test
