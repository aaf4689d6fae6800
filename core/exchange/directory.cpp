#include "core/exchange/directory.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/digest.h"

namespace hansa::exchange {
namespace {

constexpr std::array<std::pair<Purpose, std::string_view>, 5> purposes{{
    {Purpose::copy, "copy"},
    {Purpose::advance_information, "advance-information"},
    {Purpose::draft_import, "draft-import"},
    {Purpose::transit, "transit"},
    {Purpose::answer, "answer"},
}};

/// Looks at every digest of every agency, so that the time tells nothing about which one fits.
const Agency* by_digest(const std::vector<Agency>& agencies, std::vector<std::string> Agency::*digests,
                        std::string_view wanted) {
    const Agency* found = nullptr;
    for (const Agency& agency : agencies) {
        for (const std::string& digest : agency.*digests) {
            if (equal_in_constant_time(digest, wanted)) found = &agency;
        }
    }
    return found;
}

}  // namespace

std::string_view purpose_name(Purpose purpose) {
    for (const auto& [value, name] : purposes) {
        if (value == purpose) return name;
    }
    return "copy";
}

std::optional<Purpose> purpose_of(std::string_view name) {
    for (const auto& [value, known] : purposes) {
        if (known == name) return value;
    }
    return std::nullopt;
}

bool takes(const Route& route, const Traveller& message) {
    if (message.day < route.since || (!route.until.empty() && message.day >= route.until)) return false;
    return route.from == message.from && (route.from_format.empty() || route.from_format == message.format) && (route.kind.empty() || route.kind == message.kind);
}

const Agency* Directory::agency(std::string_view id) const {
    const auto found = std::find_if(agencies.begin(), agencies.end(), [&](const Agency& a) { return a.id == id; });
    return found == agencies.end() ? nullptr : &*found;
}

const Agency* Directory::by_token(std::string_view token) const {
    return by_digest(agencies, &Agency::token_digests, sha256_hex(token));
}

const Agency* Directory::by_certificate(std::string_view digest_hex) const {
    return by_digest(agencies, &Agency::certificate_digests, digest_hex);
}

}  // namespace hansa::exchange
