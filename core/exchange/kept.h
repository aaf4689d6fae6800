// Things made once for a key and kept: plans, readers, probes. Internal to the exchange.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace hansa::exchange {

/// The one that stands under the key, default-made where there is none; it never moves. Who reads does not wait for
/// other readers.
template <class Map, class Key>
auto& kept(std::shared_mutex& mutex, Map& map, const Key& key) {
    {
        const std::shared_lock lock(mutex);
        if (const auto found = map.find(key); found != map.end()) return *found->second;
    }
    const std::lock_guard lock(mutex);
    auto& made = map[key];
    if (!made) made = std::make_unique<typename Map::mapped_type::element_type>();
    return *made;
}

/// Parts of a key, told apart whatever they hold.
inline std::string& append_key(std::string& key, std::string_view part) {
    return key.append(std::to_string(part.size())).append(1, ':').append(part);
}

}  // namespace hansa::exchange
