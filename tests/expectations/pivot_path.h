// A value in a pivot document by its path, for expectations.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/pivot/document.h"

namespace hansa::test {

/// Every node that the path leads to: "GoodsShipment/PreviousDocument[TypeCode=703]/ID", "Address[1]/Line[2]",
/// "Item[*]". A selector compares the list of a code too: [TypeCode=cn:GUID]. Without a place all members count.
std::vector<const pivot::Node*> nodes_at(const pivot::Node& root, std::string_view path);

/// The text of what the path names: a node's value with the list of its code in front ("cn.unit:120"), an attribute
/// ("InvoiceAmount/@currencyID"), or "count(PATH)". Nothing: it is not there, or it is empty.
/// Several nodes give their texts with " | " between them.
std::optional<std::string> text_at(const pivot::Node& root, std::string_view path);

/// "document[3]/ID" is ID in the third document; without that it is the first. Nothing: there is no such document.
std::optional<std::string> text_in(std::span<const pivot::Document> documents, std::string_view path);

}  // namespace hansa::test
