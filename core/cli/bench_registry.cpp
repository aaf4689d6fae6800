#include "core/cli/bench_registry.h"

#include <algorithm>

namespace hansa::bench {
namespace {

class SignedAs final : public plugin::Registry {
public:
    SignedAs(const plugin::Registry& inner, const Case& one) : inner_(inner), formats_(inner.formats().begin(), inner.formats().end()) {
        for (plugin::Format& format : formats_) {
            const bool receives = format.id == one.to->id && one.documents > 1;  // a batch has a place for a signature
            if (format.id != one.from->id && !receives) continue;
            format.signature = one.profile->name;
            format.signatures = {one.profile->name};
        }
    }

    std::span<const plugin::Format> formats() const override { return formats_; }
    const plugin::Format* find(std::string_view id) const override {
        const plugin::Format* found = inner_.find(id);
        return found == nullptr ? nullptr : &own(*found);
    }
    std::span<const plugin::PluginInfo> plugins() const override { return inner_.plugins(); }
    std::shared_ptr<const plugin::Tables> tables(std::string_view plugin) const override { return inner_.tables(plugin); }
    const trust::Profile* profile(std::string_view name) const override { return inner_.profile(name); }
    Result<const plugin::Format*> detect(std::string_view bytes) const override {
        const auto found = inner_.detect(bytes);
        if (!found) return found.error();
        return &own(**found);
    }
    const plugin::Format& among(const plugin::Format& found, std::span<const std::string> ids, std::string_view authority,
                                std::string_view day) const override {
        return own(inner_.among(found, ids, authority, day));
    }
    Result<std::shared_ptr<const schema::Validator>> validator(const plugin::Format& format) const override {
        return inner_.validator(theirs(format));
    }
    Result<std::shared_ptr<const schema::CompiledGrammar>> compiled(const plugin::Format& format) const override {
        return inner_.compiled(theirs(format));
    }

private:
    const plugin::Format& own(const plugin::Format& format) const {
        return *std::ranges::find(formats_, format.id, &plugin::Format::id);
    }
    const plugin::Format& theirs(const plugin::Format& format) const {
        const plugin::Format* found = inner_.find(format.id);
        return found == nullptr ? format : *found;
    }

    const plugin::Registry& inner_;
    std::vector<plugin::Format> formats_;
};

}  // namespace

std::shared_ptr<const plugin::Registry> signed_as(const plugin::Registry& registry, const Case& one) {
    return std::make_shared<SignedAs>(registry, one);
}

}  // namespace hansa::bench
