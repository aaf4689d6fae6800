// The twin of `text`. For fast_*.cpp and fused_*.cpp only.
#pragma once

#include "core/mapping/fast_code.h"

namespace hansa::mapping {

class PlainText final : public FastSingle {
public:
    explicit PlainText(const FastRequest& request);
    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override;
    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override;
    const FastPlace& place() const { return place_; }

private:
    FastPlace place_;
    std::string authority_;
};

}  // namespace hansa::mapping
