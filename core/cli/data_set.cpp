#include "core/cli/data_set.h"

#include <algorithm>

#include "core/cli/data_set_table.h"
#include "core/mapping/coverage.h"

namespace hansa::cli {
namespace {

/// The words between separators, without blanks around them.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t end = text.find(separator);
        std::string_view word = text.substr(0, end);
        while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
        while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
        words.push_back(word);
        if (end == std::string_view::npos) return words;
        text.remove_prefix(end + 1);
    }
}

std::vector<DataSetPart> read_table() {
    constexpr std::size_t columns = 4;
    std::vector<DataSetPart> parts;
    for (const std::string_view line : split(data_set_table(), '\n')) {
        if (line.empty() || line.front() == '#') continue;
        const auto words = split(line, '\t');
        if (words.size() == columns) parts.push_back({words[0], words[1], words[2], split(words[3], '|')});
    }
    return parts;
}

/// The format's rows that stand at one of the part's places.
std::vector<const mapping::PivotUse*> uses_of(const DataSetPart& part, const std::vector<mapping::PivotUse>& uses,
                                              const mapping::Mapping& mapping) {
    std::vector<const mapping::PivotUse*> found;
    for (const mapping::PivotUse& use : uses) {
        if (use.constant) continue;
        const bool here = std::ranges::any_of(
            part.places, [&](std::string_view place) { return mapping::meets(use.pivot, place, mapping.authority()); });
        if (here) found.push_back(&use);
    }
    return found;
}

}  // namespace

const std::vector<DataSetPart>& data_set() {
    static const std::vector<DataSetPart> parts = read_table();
    return parts;
}

std::string_view carries_name(Carries carries) {
    constexpr std::string_view names[] = {"-", "reads", "writes", "yes"};
    return names[static_cast<std::size_t>(carries)];
}

std::vector<Carries> carried_by(const mapping::Mapping& mapping) {
    const auto uses = mapping::pivot_uses(mapping);
    std::vector<Carries> all;
    for (const DataSetPart& part : data_set()) {
        bool reads = false, writes = false;
        for (const mapping::PivotUse* use : uses_of(part, uses, mapping)) {
            reads = reads || use->to_pivot;
            writes = writes || use->from_pivot;
        }
        all.push_back(reads ? (writes ? Carries::both : Carries::reads) : writes ? Carries::writes : Carries::no);
    }
    return all;
}

std::vector<bool> kept_by(const mapping::Mapping& a, const mapping::Mapping& b) {
    const auto uses_a = mapping::pivot_uses(a), uses_b = mapping::pivot_uses(b);
    std::vector<bool> kept;
    for (const DataSetPart& part : data_set()) {
        const auto of_a = uses_of(part, uses_a, a), of_b = uses_of(part, uses_b, b);
        const auto travels = [](const auto& givers, const auto& takers, std::string_view authority) {
            return std::ranges::any_of(givers, [&](const mapping::PivotUse* given) {
                return given->to_pivot && std::ranges::any_of(takers, [&](const mapping::PivotUse* taken) {
                           return taken->from_pivot && mapping::meets(given->pivot, taken->pivot, authority);
                       });
            });
        };
        kept.push_back(travels(of_a, of_b, b.authority()) && travels(of_b, of_a, a.authority()));
    }
    return kept;
}

}  // namespace hansa::cli
