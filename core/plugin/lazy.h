// A table that is made when it is first asked for.
//
// Three hundred plugins start at once because nobody has asked for their grammars yet. A Lazy is used as the
// shared pointer it stands for: `format.mapping->kind()`, `*format.grammar`, `if (format.mapping)`.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "core/base/result.h"

namespace hansa::plugin {

/// Cheap to copy; any thread. The maker is asked each time and keeps what it made.
template <class T>
class Lazy {
public:
    using Made = Result<std::shared_ptr<const T>>;

    Lazy() = default;
    explicit Lazy(std::function<Made()> make) : make_(std::move(make)) {}

    /// The thing, nothing where there is none, or why it cannot be made.
    Made load() const { return make_ ? make_() : Made(std::shared_ptr<const T>()); }

    /// Nothing also where it cannot be made; Registry::find() and detect() give only formats whose tables are good.
    std::shared_ptr<const T> shared() const {
        Made made = load();
        return made ? std::move(*made) : nullptr;
    }
    /// Lives as long as the registry that gave the format.
    const T* get() const { return shared().get(); }
    operator std::shared_ptr<const T>() const { return shared(); }
    explicit operator bool() const { return get() != nullptr; }
    const T& operator*() const { return *present(); }
    const T* operator->() const { return present(); }

private:
    const T* present() const {
        const T* thing = get();
        if (thing == nullptr) throw BrokenPromise("a format's table was used although it could not be loaded");
        return thing;
    }
    std::function<Made()> make_;
};

}  // namespace hansa::plugin
