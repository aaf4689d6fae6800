#include "core/plugin/scaffold.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/base/file.h"
#include "core/plugin/codes.h"

namespace hansa::plugin {
namespace {

namespace fs = std::filesystem;

/// A file of the new plugin. "@CC@" is its name, "@AUTHORITY@" its name in capitals.
struct Template {
    std::string_view name;
    std::string_view text;
};

constexpr Template plugin_files[] = {
    {"plugin.toml", R"(plugin    = "@CC@"
version   = "0.1.0"
uncertain = ["everything: this is the pattern that hansa plugin new wrote"]

[authority]
name    = "Customs of @AUTHORITY@"
country = "@AUTHORITY@"

[[format]]
id        = "@CC@.declaration"
title     = "Goods declaration"
edition   = "1"
root      = "{urn:example:@CC@:declaration:1}Declaration"
schema    = "@CC@/declaration.xsd"
mapping   = "mappings/declaration.map"
kind      = "declaration"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)"},
    {"CMakeLists.txt", "hansa_add_plugin(@CC@)\n"},
    {"README.md", R"(# @AUTHORITY@

What it covers: one declaration, the pattern to start from.

| format | schema | from where, edition, date |
| --- | --- | --- |
| @CC@.declaration | schemas/@CC@/declaration.xsd | ours; replace it by the authority's |

Not covered: say here what the authority has and this plugin does not carry.

    hansa plugin check plugins/@CC@        # no compiler needed
    hansa plugin check --update plugins/@CC@   # writes what golden examples give today; read the difference
)"},
    {"mappings/declaration.map", R"(# Goods declaration of @AUTHORITY@. One row a fact; read in both directions.
format   @CC@.declaration
pivot    declaration
schema   @CC@/declaration#Declaration
empty    absent
zone     required
use      codes/direction

in Declaration <-> document
  "9"                                  <-> FunctionCode                          # an original: all that this form can say
  Reference                            <-> FunctionalReferenceID
  Direction                            <-> DirectionCode                         code direction
  Issued                               <-> IssueDateTime                         datetime
  Remark                               carry
  each Item                            <-> GoodsShipment/GovernmentAgencyGoodsItem   key Number
    Number                             <-> SequenceNumeric                       integer
    Description                        <-> Commodity/Description
    GrossMass, "KGM"                   <-> Commodity/GoodsMeasure/GrossMassMeasure, @unitCode   measure
)"},
    {"codes/direction.codes",
     R"(# Direction of the goods. Replace it by the authority's list and say where it is published.
columns national standard name
IN      I  "into the country"
OUT     E  "out of the country"
)"},
    {"golden/declaration/smallest.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<Declaration xmlns="urn:example:@CC@:declaration:1">
  <Reference>R-1</Reference>
  <Direction>OUT</Direction>
  <Issued>2026-01-31T08:00:00Z</Issued>
  <Item>
    <Number>1</Number>
    <Description>Tea</Description>
    <GrossMass>2.5</GrossMass>
  </Item>
</Declaration>
)"},
    {"golden/declaration/smallest.pivot", R"(document declaration
FunctionCode 9
FunctionalReferenceID R-1
IssueDateTime 2026-01-31T08:00:00Z
DirectionCode E
GoodsShipment/GovernmentAgencyGoodsItem[1]/SequenceNumeric 1
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/Description Tea
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/GoodsMeasure/GrossMassMeasure 2.5
GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/GoodsMeasure/GrossMassMeasure/@unitCode KGM
)"},
    {"golden/declaration/direction-unknown.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<Declaration xmlns="urn:example:@CC@:declaration:1">
  <Reference>R-2</Reference>
  <Direction>AWAY</Direction>
  <Issued>2026-01-31T08:00:00Z</Issued>
  <Item>
    <Number>1</Number>
    <Description>Tea</Description>
    <GrossMass>2.5</GrossMass>
  </Item>
</Declaration>
)"},
    {"golden/declaration/direction-unknown.errors", "4:3: mapping.code-unknown\n"},
};

constexpr Template schema_files[] = {
    {"declaration.xsd", R"(<?xml version="1.0" encoding="UTF-8"?>
<!--
  Goods declaration of @AUTHORITY@: the pattern that hansa plugin new wrote.

  Source:    none. Replace it by the authority's own schema, or by one written from its published facts.
  Certainty: ours.
-->
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:example:@CC@:declaration:1"
           targetNamespace="urn:example:@CC@:declaration:1" elementFormDefault="qualified">

  <xs:element name="Declaration">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Reference" type="Reference"/>
        <xs:element name="Direction" type="Direction"/>
        <xs:element name="Issued" type="Moment"/>
        <xs:element name="Remark" type="Text" minOccurs="0"/>
        <xs:element name="Item" type="Item" maxOccurs="99"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>

  <xs:complexType name="Item">
    <xs:sequence>
      <xs:element name="Number" type="Number"/>
      <xs:element name="Description" type="Text"/>
      <xs:element name="GrossMass" type="Mass"/>
    </xs:sequence>
  </xs:complexType>

  <xs:simpleType name="Reference">
    <xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="22"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Direction">
    <xs:restriction base="xs:token"><xs:enumeration value="IN"/><xs:enumeration value="OUT"/><xs:enumeration value="AWAY"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Moment">
    <xs:restriction base="xs:dateTime"><xs:pattern value="20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Text">
    <xs:restriction base="xs:token"><xs:minLength value="1"/><xs:maxLength value="200"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Number">
    <xs:restriction base="xs:positiveInteger"><xs:maxInclusive value="99"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Mass">
    <xs:restriction base="xs:decimal"><xs:minInclusive value="0"/><xs:totalDigits value="12"/><xs:fractionDigits value="3"/></xs:restriction>
  </xs:simpleType>
</xs:schema>
)"},
};

constexpr Template profile_files[] = {
    {"plugin.toml", R"(plugin    = "@CC@"
version   = "0.1.0"
uncertain = ["everything: this is the pattern that hansa plugin new wrote"]

[authority]
name    = "Customs of @AUTHORITY@"
country = "@AUTHORITY@"

[[format]]
id        = "@CC@.@NAME@"
base      = "@BASE@"
title     = "@NAME@ of @AUTHORITY@"
certainty = "facts only"
# codes   = ["unit"]                         # codes/unit.codes in place of the base's list of that name
# mark    = "{urn:x}Head/{urn:x}Country=@AUTHORITY@"   # what tells its documents from the base's
)"},
    {"CMakeLists.txt", "hansa_add_plugin(@CC@)\n"},
    {"README.md", R"(# @AUTHORITY@

A profile: @CC@.@NAME@ is @BASE@ with what @AUTHORITY@ has of its own. Say here what that is, and from where you know it.

    hansa plugin check plugins/@CC@        # the base's plugin lies beside
)"},
};

bool is_name(std::string_view name) {
    if (name.size() < 2 || name.size() > 20 || name.front() < 'a' || name.front() > 'z') return false;
    return std::ranges::all_of(name,
                               [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string filled_in(std::string_view text, std::string_view code, std::string_view base = {}) {
    const std::string_view name = base.substr(std::min(base.size(), base.find('.') + 1));
    std::string capitals(code);
    for (char& c : capitals) c = (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
    std::string out;
    while (!text.empty()) {
        if (text.starts_with("@CC@")) {
            out += code;
            text.remove_prefix(4);
        } else if (text.starts_with("@AUTHORITY@")) {
            out += capitals;
            text.remove_prefix(11);
        } else if (text.starts_with("@BASE@")) {
            out += base;
            text.remove_prefix(6);
        } else if (text.starts_with("@NAME@")) {
            out += name;
            text.remove_prefix(6);
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    return out;
}

Result<void> write_files(const fs::path& folder, std::span<const Template> files, std::string_view code, std::string_view base = {}) {
    for (const Template& file : files) {
        const fs::path path = folder / file.name;
        std::error_code refused;
        fs::create_directories(path.parent_path(), refused);
        if (auto written = write_file_atomically(path, filled_in(file.text, code, base)); !written) return written.error();
    }
    return {};
}

}  // namespace

Result<void> scaffold_profile(const ScaffoldPlaces& places, std::string_view code, std::string_view base) {
    const std::size_t point = base.find('.');
    if (!is_name(code)) return Error{codes::scaffold_name, fmt::format("'{}'", code)};
    if (point == std::string_view::npos || !is_name(base.substr(0, point)) || point + 1 == base.size())
        return Error{codes::scaffold_name, fmt::format("'{}' is no format", base)};
    const fs::path plugin = places.plugins / code;
    std::error_code none;
    if (fs::exists(plugin, none)) return Error{codes::scaffold_exists, {}, Place{.file = plugin.string()}};
    auto written = write_files(plugin, profile_files, code, base);
    if (!written) fs::remove_all(plugin, none);
    return written;
}

Result<void> scaffold(const ScaffoldPlaces& places, std::string_view code) {
    if (!is_name(code)) return Error{codes::scaffold_name, fmt::format("'{}'", code)};
    const fs::path plugin = places.plugins / code, schemas = places.schemas / code;
    std::error_code none;
    for (const fs::path& folder : {plugin, schemas}) {
        if (fs::exists(folder, none)) return Error{codes::scaffold_exists, {}, Place{.file = folder.string()}};
    }
    auto written = write_files(plugin, plugin_files, code);
    if (written) written = write_files(schemas, schema_files, code);
    if (!written) {
        fs::remove_all(plugin, none);
        fs::remove_all(schemas, none);
    }
    return written;
}

}  // namespace hansa::plugin
