// Fuzz target: verify() on any bytes, as a document and as a container.
//
// The first byte chooses the policy. What must hold beside not crashing: nothing is valid that the
// one trusted key did not sign (the fuzzer has no key, so nothing but the seeds is ever valid), and
// what is not valid hands out no octets.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/trust/container.h"
#include "core/trust/verify.h"

namespace {

hansa::trust::Policy any_part() {
    hansa::trust::Policy policy = hansa::trust::standard_policy();
    policy.whole_document = false;
    policy.place.where = hansa::trust::SignaturePlace::Where::anywhere;
    return policy;
}

void check(std::string_view bytes, const hansa::trust::Policy& policy) {
    const auto found = hansa::trust::verify(bytes, policy, {});
    if (found.valid || !found.covered.empty() || found.errors.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const hansa::trust::Policy part = any_part();
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    check(bytes, (data[0] & 1) != 0 ? part : hansa::trust::standard_policy());
    static_cast<void>(hansa::trust::read_container(bytes));
    static_cast<void>(hansa::trust::looks_signed(bytes));
    return 0;
}
