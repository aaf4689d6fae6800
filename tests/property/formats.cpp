#include "tests/property/formats.h"

#include <cstdlib>
#include <iostream>

#include "core/schema/grammar.h"
#include "tests/support/corpus.h"

namespace hansa::test {

std::vector<Subject> subjects(Diagnostics& faults, Profiles profiles) {
    static const std::shared_ptr<const plugin::Registry> registry = plugin::Registry::load(
        {.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults);
    for (const Error& fault : faults.errors()) std::cout << fault.text() << "\n";
    const char* only = std::getenv("HANSA_FORMATS");
    const std::string wanted = only ? "," + std::string(only) + "," : "";
    std::vector<Subject> all;
    for (const plugin::Format& format : registry->formats()) {
        if (!wanted.empty() && wanted.find("," + format.id + ",") == std::string::npos) continue;
        if (wanted.empty() && !format.base.empty() && profiles == Profiles::left_out) continue;
        const plugin::Format* made = registry->find(format.id);
        if (!made || !made->mapping) continue;
        const auto judge = registry->validator(*made);
        all.push_back({format.id, format.kind, made->mapping.shared(), judge ? *judge : nullptr, format.syntax, format.base, format.codes});
    }
    return all;
}

std::vector<Subject> xml_subjects(Diagnostics& faults) {
    std::vector<Subject> all = subjects(faults);
    std::erase_if(all, [](const Subject& subject) { return subject.syntax != "xml"; });
    return all;
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace hansa::test
