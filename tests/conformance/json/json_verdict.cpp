// json-verdict FILE...: a line a file, "yes" or "no CODE", as the reader of JSON judges it.
#include <cstdio>

#include "core/base/file.h"
#include "core/syntax/json_text.h"

int main(int count, char** words) {
    for (int i = 1; i != count; ++i) {
        const auto bytes = hansa::read_file(words[i]);
        if (!bytes) return 3;
        const auto value = hansa::syntax::json::parse(*bytes, {});
        std::printf("%s%s\n", value ? "yes" : "no ", value ? "" : std::string(value.error().code.name()).c_str());
    }
    return 0;
}
