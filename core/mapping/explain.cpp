#include "core/mapping/explain.h"

#include <algorithm>

#include "core/mapping/coverage.h"
#include "core/mapping/model.h"

namespace hansa::mapping {
namespace {

bool asked(const Explained& line, std::string_view path) {
    const auto ends = [&](std::string_view text) {
        if (!text.ends_with(path)) return false;
        return text.size() == path.size() || text[text.size() - path.size() - 1] == '/';
    };
    return path.empty() || ends(line.source) || ends(line.pivot) || ends(line.target);
}

void list_rows(const std::vector<std::unique_ptr<Row>>& rows, std::size_t depth, std::string& out) {
    for (const auto& row : rows) {
        const bool chain = row->form == RowForm::when && !row->rows.empty() && row->rows.front()->form == RowForm::when;
        if (!chain && row->form != RowForm::same_rest) {
            std::string text = row->text;
            if (row->form == RowForm::when) {
                text = row->condition ? "when " + text : "otherwise";
                for (std::size_t i = 0; row->condition && i < row->condition->values.size(); ++i)
                    text += (i == 0 ? " = \"" : " | \"") + row->condition->values[i] + "\"";
            }
            out += row->place + "  " + std::string(depth * 2, ' ') + text + "\n";
        }
        list_rows(row->rows, chain ? depth : depth + 1, out);
    }
}

}  // namespace

std::vector<Explained> explain(const Mapping& from, const Mapping& to, std::string_view path) {
    std::vector<Explained> lines;
    const auto add = [&](Explained line) {
        if (asked(line, path)) lines.push_back(std::move(line));
    };
    const std::vector<PivotUse> gives = pivot_uses(from), takes = pivot_uses(to);
    for (const PivotUse& given : gives) {
        if (!given.to_pivot) continue;
        bool met = false;
        for (const PivotUse& taken : takes) {
            if (!taken.from_pivot || !meets(given.pivot, taken.pivot, to.authority())) continue;
            met = true;
            add({.source = given.path,
                 .source_row = given.row,
                 .pivot = given.pivot,
                 .target_row = taken.row,
                 .target = taken.path});
        }
        if (!met && !given.constant)
            add({.source = given.path, .source_row = given.row, .pivot = given.pivot, .note = "never taken"});
    }
    for (const PivotUse& taken : takes) {
        if (!taken.from_pivot || taken.constant) continue;
        const bool met = std::any_of(gives.begin(), gives.end(), [&](const PivotUse& given) {
            return given.to_pivot && meets(given.pivot, taken.pivot, to.authority());
        });
        if (!met)
            add({.pivot = taken.pivot,
                 .target_row = taken.row,
                 .target = taken.path,
                 .note = taken.demanded ? "demanded, never given" : "never given"});
    }
    return lines;
}

std::vector<Explained> explain(const Translation& translation, std::string_view path) {
    std::vector<Explained> lines;
    const auto add = [&](Explained line) {
        if (asked(line, path)) lines.push_back(std::move(line));
    };
    for (std::size_t document = 0; document < translation.reading.leaves.size(); ++document) {
        for (const SourceLeaf& leaf : translation.reading.leaves[document]) {
            if (leaf.way == SourceLeaf::Way::stated) continue;
            Explained line{.source = leaf.path, .source_row = leaf.row, .source_value = leaf.value};
            if (leaf.way == SourceLeaf::Way::carried) line.note = "carried";
            if (leaf.way == SourceLeaf::Way::kept) line.note = leaf.reason;
            if (leaf.fed.empty()) add(line);
            for (const std::string& fed : leaf.fed) {
                Explained one = line;
                one.pivot = fed;
                bool met = false;
                for (const Fed& target : translation.writing.fed) {
                    const auto found = std::find_if(target.pivot.begin(), target.pivot.end(),
                                                    [&](const auto& from) { return from.first == fed; });
                    if (target.document != document || found == target.pivot.end()) continue;
                    met = true;
                    Explained whole = one;
                    whole.pivot_value = found->second;
                    whole.target = target.path;
                    whole.target_row = target.row;
                    whole.target_value = target.value;
                    add(std::move(whole));
                }
                if (!met) {
                    one.note = "never taken";
                    add(std::move(one));
                }
            }
        }
    }
    for (const LossEntry& entry : translation.writing.ledger.entries) {
        if (entry.kind == LossKind::defaulted)
            add({.target_row = entry.row,
                 .target = entry.path,
                 .target_value = entry.value,
                 .note = "a default: " + entry.reason});
    }
    return lines;
}

std::string explain_rows(const Mapping& mapping) {
    std::string text;
    list_rows(*mapping.model().rows, 0, text);
    return text;
}

std::string explain_text(const std::vector<Explained>& lines) {
    std::string text;
    for (const Explained& line : lines) {
        if (!line.source.empty())
            text += line.source + (line.source_value.empty() ? "" : " = '" + line.source_value + "'") + "  --" +
                    line.source_row + "-->  ";
        if (!line.pivot.empty()) text += line.pivot + (line.pivot_value.empty() ? "" : " = '" + line.pivot_value + "'");
        if (!line.target.empty())
            text += "  --" + line.target_row + "-->  " + line.target +
                    (line.target_value.empty() ? "" : " = '" + line.target_value + "'");
        if (!line.note.empty()) text += "  (" + line.note + ")";
        text += "\n";
    }
    return text;
}

}  // namespace hansa::mapping
