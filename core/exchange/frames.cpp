#include "core/exchange/frames.h"

#include "core/mapping/mapping.h"
#include "core/schema/validator.h"

namespace hansa::exchange {

std::vector<envelope::Frame> frames_of(const plugin::Registry& registry) {
    std::vector<envelope::Frame> out;
    for (const plugin::Format& format : registry.formats()) {
        if (format.kind != pivot::Kind::envelope) continue;
        const plugin::Format* made = registry.find(format.id);
        if (made == nullptr || !made->mapping) continue;
        out.push_back(envelope::make_frame(made->id, {made->root_ns, made->root_local}, made->mapping.shared(),
                                           [&registry, made] { return registry.validator(*made); }, made->frame));
    }
    return out;
}

}  // namespace hansa::exchange
