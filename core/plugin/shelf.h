// Loaded plugins and the tables that were made from them: the state behind a Registry.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mapping/mapping.h"
#include "core/plugin/descriptor.h"
#include "core/plugin/tables.h"
#include "core/schema/compiled_grammar.h"
#include "core/schema/grammar.h"
#include "core/schema/validator.h"
#include "core/syntax/syntax.h"

namespace hansa::plugin {

struct LoadedPlugin {
    Descriptor descriptor;
    std::shared_ptr<const Tables> tables;
};

/// One format's tables: made once, then only read.
struct Slot {
    enum class State { unmade, making, made, broken };

    const LoadedPlugin* plugin = nullptr;
    const FormatRow* row = nullptr;
    const Slot* base = nullptr;  ///< of a profile: whose rows it uses, and whose grammar where it is no edition of its own
    std::atomic<State> state = State::unmade;
    std::shared_ptr<const schema::Grammar> grammar;
    std::shared_ptr<const syntax::Syntax> syntax;  ///< nothing: XML
    std::shared_ptr<const mapping::Mapping> mapping;
    Error fault{};
    std::once_flag told;  ///< a broken one is logged once
};

/// Plugins are added first, by one thread; afterwards any thread may ask.
class Shelf {
public:
    void add(LoadedPlugin plugin);
    void remove(std::string_view plugin_name);
    /// The plugins whose formats this one has profiles of, from the folders beside its own. One that is not there is
    /// told by join_profiles().
    void add_bases(const Descriptor& plugin, const std::filesystem::path& folder,
                   const std::filesystem::path& schema_folder);
    std::vector<LoadedPlugin const*> plugins() const;

    /// nullptr: no such format.
    Slot* slot(std::string_view format) const;

    /// Gives profiles what their bases say; each is done once. To be called when all plugins are there.
    /// A profile whose base is none is not usable: its faults are told, and its id is in the answer.
    std::set<std::string, std::less<>> join_profiles(Diagnostics& faults);

    /// Makes grammar and mapping if nobody did. Every fault goes to `faults`.
    Result<void> make(Slot& slot, Diagnostics& faults) const;

    Result<std::shared_ptr<const schema::Validator>> validator(const Slot& slot) const;
    /// Of a slot that is made.
    Result<std::shared_ptr<const schema::CompiledGrammar>> compiled(const Slot& slot) const;

private:
    Result<void> make_tables(Slot& slot, Diagnostics& faults) const;
    Result<void> make_profile(Slot& slot, Diagnostics& faults) const;
    Result<void> make_edition(Slot& slot, const Slot& base, Diagnostics& faults) const;
    /// Mappings of other formats, for documents inside of documents.
    std::function<std::shared_ptr<const mapping::Mapping>(std::string_view)> others() const;

    std::map<std::string, std::unique_ptr<LoadedPlugin>, std::less<>> plugins_;
    std::map<std::string, std::unique_ptr<Slot>, std::less<>> slots_;
    /// Recursive, since a mapping may ask for another format's mapping while it is made.
    mutable std::recursive_mutex making_;

    struct Judge {
        std::mutex mutex;
        std::shared_ptr<const schema::Validator> validator;
    };
    mutable std::mutex judges_mutex_;
    mutable std::map<std::string, std::unique_ptr<Judge>, std::less<>> judges_;
    mutable std::mutex compiled_mutex_;
    mutable std::map<const Slot*, std::shared_ptr<const schema::CompiledGrammar>> compiled_;
};

}  // namespace hansa::plugin
