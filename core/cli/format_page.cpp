// The page docs/formats.md: what `hansa formats --markdown` prints.
#include "core/cli/format_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/cli/data_set.h"
#include "core/mapping/coverage.h"

namespace hansa::cli {
namespace {

/// Titles and notes come from plugins: no cell may end a cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string formats_table(const plugin::Registry& registry) {
    std::string page =
        "## What is spoken\n\nMapped, carried (kept, but not translated), made (computed or fixed by the table), "
        "dropped; "
        "`other` is envelope, signature and attached parts. How certain: `official schema and samples`, `official "
        "schema`, or "
        "`facts only` (no schema is published; the grammar is this project's).\n\n"
        "| format | what it is | kind | edition | way | certainty | elements | mapped | carried | made | dropped | "
        "other | signature | answered by |\n"
        "| --- | --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
    for (const plugin::Format& format : registry.formats()) {
        if (!format.base.empty()) continue;
        page +=
            fmt::format("| `{}` | {} | {} | {} | {} | {} ", format.id, cell(format.title),
                        pivot::kind_name(format.kind), cell(format.edition), format.direction, cell(format.certainty));
        if (format.mapping) {
            const mapping::Coverage found = mapping::coverage(*format.mapping);
            std::map<std::string, std::size_t> columns;
            for (const auto& [form, count] : found.by_form) {
                const bool made = form == "computed" || form == "fixed" || form == "same";
                const bool known = form == "mapped" || form == "carried" || form == "dropped";
                columns[made ? "made" : known ? form : "other"] += count;
            }
            page += fmt::format("| {} | {} | {} | {} | {} | {} ", found.elements, columns["mapped"], columns["carried"],
                                columns["made"], columns["dropped"], columns["other"]);
        } else {
            page += "| | | | | | ";
        }
        page +=
            fmt::format("| `{}` | {} |\n", format.signature, format.answer.empty() ? "" : "`" + format.answer + "`");
    }
    return page;
}

std::string profiles(const plugin::Registry& registry) {
    std::string rows;
    for (const plugin::Format& format : registry.formats()) {
        if (format.base.empty()) continue;
        std::string lists;
        for (const std::string& list : format.codes) lists += fmt::format("{}`{}`", lists.empty() ? "" : ", ", list);
        // A path of names with their namespaces is for the table; people need the last name.
        const std::string mark = format.inner_path.substr(std::min(format.inner_path.rfind('}') + 1, format.inner_path.size()));
        std::string told_by = cell(mark);
        if (format.own_schema) told_by += "schema of edition " + cell(format.edition);
        if (!format.since.empty()) told_by += ", from " + format.since;
        if (!format.until.empty()) told_by += ", until " + format.until;
        rows += fmt::format("| `{}` | {} | `{}` | {} | {} | {} | `{}` |\n", format.id, cell(format.title), format.base, lists, told_by,
                            cell(format.certainty), format.signature);
    }
    if (rows.empty()) return rows;
    return "\n## Profiles\n\nFormats that are another plugin's, with code lists, settings, rules or a signature of their own. Elements and "
           "losses are those of the base, to which the tables below refer. Where a mark is named, a document that has it is one of the "
           "profile; what its sender may send goes before. Another edition of a format has the base's rows and a schema of its own; its days choose, "
           "where the sender's formats do not.\n\n"
           "| profile | what it is | base | own lists | told by | certainty | signature |\n"
           "| --- | --- | --- | --- | --- | --- | --- |\n" + rows;
}

std::string sources(const plugin::Registry& registry) {
    std::string page =
        "\n## Sources, and what they did not settle\n\nEach plugin's README names its sources: schemas, announcements, "
        "samples.\n";
    for (const plugin::PluginInfo& plugin : registry.plugins()) {
        if (plugin.formats.empty()) continue;
        page += fmt::format("\n- **{}** ({}): `plugins/{}`\n", plugin.name, cell(plugin.authority_name), plugin.name);
        for (const std::string& text : plugin.uncertain) page += fmt::format("  - uncertain: {}\n", cell(text));
    }
    return page;
}

std::string data_set_page(const std::vector<const plugin::Format*>& formats) {
    std::string page =
        "\n## Who carries the e-commerce data set\n\nThe set is this project's proposal, made by comparing what "
        "national sets ask "
        "for. A format carries a part when its table reads and writes it; (reads) and (writes) are one way only. "
        "`hansa coverage --data-set --pair A B` says what comes home from a round trip.\n\n"
        "| element | part | asked by | carried by |\n| --- | --- | --- | --- |\n";
    std::vector<std::vector<Carries>> carries;
    for (const plugin::Format* format : formats) carries.push_back(carried_by(*format->mapping));
    for (std::size_t i = 0; i < data_set().size(); ++i) {
        const DataSetPart& part = data_set()[i];
        std::string words;
        for (std::size_t k = 0; k < formats.size(); ++k) {
            if (carries[k][i] == Carries::no) continue;
            words += fmt::format("{}{}", words.empty() ? "" : ", ", formats[k]->id);
            if (carries[k][i] != Carries::both) words += fmt::format(" ({})", carries_name(carries[k][i]));
        }
        page += fmt::format("| {} | {} | {} | {} |\n", part.element, part.part, part.asked_by, words);
    }
    return page;
}

/// One kind: of the parts that the row's format carries, those that come home from the column's.
std::string round_trips(const std::vector<const plugin::Format*>& formats) {
    std::string page =
        fmt::format("\n### {}\n\n| from, and home again | by way of: kept of carried parts |\n| --- | --- |\n",
                    pivot::kind_name(formats.front()->kind));
    for (const plugin::Format* from : formats) {
        const auto carried = carried_by(*from->mapping);
        const auto count = std::ranges::count_if(carried, [](Carries one) { return one == Carries::both; });
        std::string words;
        for (const plugin::Format* by : formats) {
            if (by == from) continue;
            const auto kept = kept_by(*from->mapping, *by->mapping);
            words +=
                fmt::format("{}{} {} of {}", words.empty() ? "" : ", ", by->id, std::ranges::count(kept, true), count);
        }
        page += fmt::format("| `{}` | {} |\n", from->id, words);
    }
    return page;
}

}  // namespace

std::string format_page(const plugin::Registry& registry) {
    std::vector<const plugin::Format*> mapped;
    std::map<pivot::Kind, std::vector<const plugin::Format*>> by_kind;
    for (const plugin::Format& format : registry.formats()) {
        if (!format.mapping || !format.base.empty()) continue;
        mapped.push_back(&format);
        by_kind[format.kind].push_back(&format);
    }
    std::string page = "# Formats\n\nMade by `hansa formats --markdown` from the plugins' tables.\n\n";
    page += formats_table(registry) + profiles(registry) + sources(registry) + data_set_page(mapped);
    page +=
        "\n## What a round trip keeps of the data set\n\nParts that both formats have elements for, at places that "
        "meet. What a "
        "format has no element for comes home from the gateway's memory, if it does; that is not counted here.\n";
    for (const auto& [kind, formats] : by_kind) {
        if (formats.size() > 1 && kind != pivot::Kind::response) page += round_trips(formats);
    }
    return page;
}

}  // namespace hansa::cli
