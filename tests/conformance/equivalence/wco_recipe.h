// Puts the namespaces into samples that their source prints without any.
#pragma once

#include "core/schema/tree.h"

namespace hansa::test {

/// As corpus/wco-dms/SOURCE.md says for samples/res-nons: MetaData in the envelope's namespace, Response
/// and below in its own, every DateTimeString in that of the response's data types.
void put_namespaces(schema::Element& document);

}  // namespace hansa::test
