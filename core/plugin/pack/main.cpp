// hansa-pack-plugin FOLDER SCHEMAS OUT DEPFILE: what hansa_add_plugin runs at build time.
//
// Exit codes: 0 written; 1 the tables have faults (one a line, on standard error); 2 wrong usage.
#include <cstdio>
#include <exception>
#include <string>

#include "core/base/file.h"
#include "core/plugin/pack.h"

namespace {

/// Make's form: target, colon, files; blanks in names are escaped.
std::string dependencies(const std::string& target, const std::vector<std::string>& files) {
    const auto escaped = [](const std::string& name) {
        std::string out;
        for (const char c : name) {
            if (c == ' ' || c == '#') out += '\\';
            if (c == '$') out += '$';
            out += c;
        }
        return out;
    };
    std::string out = escaped(target) + ":";
    for (const std::string& file : files) out += " \\\n  " + escaped(file);
    return out + "\n";
}

int run(char** words) {
    hansa::Diagnostics faults;
    const auto packed = hansa::plugin::pack_folder(words[1], words[2], faults);
    for (const hansa::Error& fault : faults.errors()) std::fprintf(stderr, "%s\n", fault.text().c_str());
    if (!packed) {
        if (faults.empty()) std::fprintf(stderr, "%s\n", packed.error().text().c_str());
        return 1;
    }
    for (const auto& [file, bytes] :
         {std::pair{words[3], packed->bytes}, std::pair{words[4], dependencies(words[3], packed->files)}}) {
        if (const auto written = hansa::write_file_atomically(file, bytes); !written) {
            std::fprintf(stderr, "%s\n", written.error().text().c_str());
            return 1;
        }
    }
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        std::fprintf(stderr, "usage: hansa-pack-plugin FOLDER SCHEMAS OUT DEPFILE\n");
        return 2;
    }
    try {
        return run(words);
    } catch (const std::exception& thrown) {
        std::fprintf(stderr, "hansa-pack-plugin: %s\n", thrown.what());
        return 1;
    }
}
