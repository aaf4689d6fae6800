#include "core/syntax/table_lines.h"

#include <algorithm>

namespace hansa::syntax {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ') {
            ++at;
            continue;
        }
        const std::size_t end = std::min(text.find(' ', at), text.size());
        out.emplace_back(text.substr(at, end - at));
        at = end;
    }
    return out;
}

std::vector<TableLine> lines_of(const TableText& table) {
    std::vector<TableLine> out;
    std::uint32_t number = 0;
    for (std::size_t from = 0; from < table.text.size();) {
        const std::size_t to = std::min(table.text.find('\n', from), table.text.size());
        std::string_view line = std::string_view(table.text).substr(from, to - from);
        from = to + 1;
        ++number;
        line = line.substr(0, line.find('#'));
        TableLine made{
            line.find_first_not_of(' '), words_of(line), {.file = table.file, .line = number, .column = 1, .path = {}}};
        if (!made.words.empty()) out.push_back(std::move(made));
    }
    return out;
}

}  // namespace hansa::syntax
