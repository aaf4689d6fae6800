// hansa statuses, and the page docs/statuses.md.
#include "core/cli/status_page.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/cli/command.h"
#include "core/cli/union_commands.h"
#include "core/mapping/code_list_row.h"
#include "core/mapping/model.h"

namespace hansa::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Rows that feed the kind of the answer itself, however deep they stand.
void function_rows(const std::vector<std::unique_ptr<mapping::Row>>& rows, std::vector<const mapping::Row*>& out) {
    for (const auto& row : rows) {
        const bool value = row->form == mapping::RowForm::value && !row->left.empty() && !row->right.empty();
        const bool own = value && row->right[0].steps.size() == 1 && row->right[0].steps[0].name == "FunctionCode";
        if (own && row->right[0].field != nullptr && row->right[0].field->parent == &pivot::root(pivot::Kind::response)) out.push_back(row.get());
        function_rows(row->rows, out);
    }
}

const mapping::CodeList* list_of(const mapping::Mapping& mapping, const mapping::Row& row) {
    constexpr std::string_view word = "code ";
    if (!row.conversion_text.starts_with(word)) return nullptr;
    const std::string name = row.conversion_text.substr(word.size(), row.conversion_text.find_first_of(" ,", word.size()) - word.size());
    const auto found = mapping.lists().find(name);
    return found == mapping.lists().end() ? nullptr : &found->second;
}

std::vector<StatusCode> codes_of(const mapping::CodeList& list) {
    std::vector<StatusCode> out;
    for (const mapping::CodeListRow& row : list.rows()) {
        StatusCode code{row.national, row.names.empty() ? std::string() : row.names.front(), {}, {}, row.pattern.has_value()};
        if (!row.standards.empty()) code.function = row.standards[0].text;
        if (!code.pattern && row.standards.size() > 1 && row.standards[1].kind == mapping::Standard::Kind::own) code.state = mapping::PivotValue{row.national, list.id(), 1};
        out.push_back(std::move(code));
    }
    return out;
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string shown(const StatusCode& code) {
    return code.pattern ? fmt::format("/{}/", code.national) : code.national;
}

/// What other lists make of an answer: "`ru.decision` 90; none: `cn.format-status`".
std::string becomes(const StatusCode& code, const StatusList& from, const std::vector<StatusList>& lists) {
    std::string out, none;
    for (const StatusList& list : lists) {
        if (list.id == from.id || list.list == nullptr) continue;
        const auto found = list.code_for(code);
        if (found) out += fmt::format("{}`{}` {}", out.empty() ? "" : "; ", list.id, *found);
        else none += fmt::format("{}`{}`", none.empty() ? "" : ", ", list.id);
    }
    if (!none.empty()) out += fmt::format("{}none: {}", out.empty() ? "" : "; ", none);
    return out;
}

std::string cell(std::string text) {
    for (std::size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2)) text.insert(at, "\\");
    return text;
}

std::string kinds_of(const std::vector<StatusList>& lists) {
    std::set<std::string> functions;
    for (const StatusList& list : lists) {
        for (const StatusCode& code : list.codes) functions.insert(code.function);
    }
    std::string out = "\n## Kinds of answers\n\n| RES | means | said by | becomes | has no code |\n| --- | --- | --- | --- | --- |\n";
    for (const std::string& function : functions) {
        std::vector<std::string> said, made, none;
        for (const StatusList& list : lists) {
            std::vector<std::string> codes;
            for (const StatusCode& code : list.codes) {
                if (code.function == function) codes.push_back(list.list == nullptr ? std::string() : shown(code));
            }
            if (!codes.empty()) said.push_back(list.list == nullptr ? fmt::format("`{}`", list.id) : fmt::format("`{}` {}", list.id, fmt::join(codes, " ")));
            if (list.list == nullptr) continue;
            const auto found = list.code_for({{}, {}, function, {}, false});
            if (found) made.push_back(fmt::format("`{}` {}", list.id, *found));
            else none.push_back(fmt::format("`{}`", list.id));
        }
        out += fmt::format("| {} | {} | {} | {} | {} |\n", function, status_function_name(function), cell(fmt::format("{}", fmt::join(said, "; "))), cell(fmt::format("{}", fmt::join(made, "; "))),
                           joined(none));
    }
    return out;
}

int run_statuses(Surroundings& with, bool markdown, bool json) {
    if (markdown) return output({}, status_page(with.registry()));
    const auto lists = status_lists(with.registry());
    Json all = Json::array();
    std::string text;
    for (const StatusList& list : lists) {
        for (const StatusCode& code : list.codes) {
            Json one = {{"list", list.id}, {"formats", list.formats}, {"code", shown(code)}, {"name", code.name}, {"function", code.function},
                        {"meaning", status_function_name(code.function)}, {"becomes", Json::object()}};
            for (const StatusList& other : lists) {
                if (other.id == list.id || other.list == nullptr) continue;
                const auto found = other.code_for(code);
                one["becomes"][other.id] = found ? Json(*found) : Json(nullptr);
            }
            all.push_back(std::move(one));
            text += fmt::format("{}{}: {} {}\n", list.id, list.list == nullptr ? "" : " " + shown(code), code.function, status_function_name(code.function));
        }
    }
    return output({}, json ? all.dump(2) + "\n" : text);
}

}  // namespace

std::optional<std::string> StatusList::code_for(const StatusCode& answer) const {
    if (list == nullptr) return std::nullopt;
    std::vector<mapping::PivotValue> values{{answer.function, {}, 0}};
    if (answer.state && list->standard_columns().size() > 1) values.push_back(*answer.state);
    const auto found = list->to_national(values);
    return found ? std::optional(*found) : std::nullopt;
}

std::string_view status_function_name(std::string_view function) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 15> names{{{"01", "accepted"},
                                                                                   {"02", "received, registered"},
                                                                                   {"03", "rejected"},
                                                                                   {"05", "control"},
                                                                                   {"06", "documents or data are wanted"},
                                                                                   {"07", "corrected"},
                                                                                   {"08", "released"},
                                                                                   {"09", "cleared"},
                                                                                   {"10", "invalidated, withdrawn"},
                                                                                   {"11", "decision on a request"},
                                                                                   {"13", "duty, tax"},
                                                                                   {"14", "guarantee or balance does not do"},
                                                                                   {"15", "reminder"},
                                                                                   {"16", "left the country"},
                                                                                   {"18", "something else"}}};
    const auto found = std::ranges::find(names, function, &std::pair<std::string_view, std::string_view>::first);
    return found == names.end() ? std::string_view() : found->second;
}

std::vector<StatusList> status_lists(const plugin::Registry& registry) {
    std::map<std::string, StatusList> by_id;
    for (const plugin::Format& known : registry.formats()) {
        // A library's table is made when it is asked for.
        const plugin::Format* found = known.kind == pivot::Kind::response ? registry.find(known.id) : nullptr;
        if (found == nullptr || !found->mapping) continue;
        const plugin::Format& format = *found;
        std::vector<const mapping::Row*> rows;
        function_rows(*format.mapping->model().rows, rows);
        for (const mapping::Row* row : rows) {
            const mapping::CodeList* list = list_of(*format.mapping, *row);
            if (list == nullptr && !row->left[0].constant) continue;  // as it stands: RES itself
            StatusList& out = by_id[list == nullptr ? format.id : list->id()];
            out.id = list == nullptr ? format.id : list->id();
            if (out.formats.empty() || out.formats.back() != format.id) out.formats.push_back(format.id);
            if (list != nullptr && out.list == nullptr) {
                out.list = list;
                out.codes = codes_of(*list);
            }
            if (list == nullptr) out.codes.push_back({{}, {}, row->left[0].value, {}, false});
        }
    }
    std::vector<StatusList> out;
    for (auto& [id, list] : by_id) out.push_back(std::move(list));
    return out;
}

std::string status_page(const plugin::Registry& registry) {
    const auto lists = status_lists(registry);
    std::string page =
        "# What customs answer\n\nMade by `hansa statuses --markdown` from the tables of all answer formats. Each national code is a kind of answer, numbered as "
        "FunctionCode of RES in practice, and beside it the state itself, which stays its authority's own. Written as RES and read back the kind is the same. An answer "
        "from elsewhere becomes the code of its kind that the list marks; where a list has none, the answer cannot be told in that format, and "
        "the gateway says so instead of guessing.\n";
    page += kinds_of(lists);
    for (const StatusList& list : lists) {
        if (list.list == nullptr) continue;
        page += fmt::format("\n## {}\n\nOf {}.\n\n| code | says | RES | means | becomes |\n| --- | --- | --- | --- | --- |\n", list.id, joined(list.formats));
        for (const StatusCode& code : list.codes)
            page += fmt::format("| {} | {} | {} | {} | {} |\n", cell(shown(code)), cell(code.name), code.function, status_function_name(code.function), cell(becomes(code, list, lists)));
    }
    page += "\n## Formats of one kind\n\nThese say one kind of answer always: what kind it is, their message's name tells.\n\n| format | RES | means |\n| --- | --- | --- |\n";
    for (const StatusList& list : lists) {
        if (list.list != nullptr) continue;
        for (const StatusCode& code : list.codes) page += fmt::format("| `{}` | {} | {} |\n", list.id, code.function, status_function_name(code.function));
    }
    return page;
}

void add_statuses(CLI::App& app, Surroundings& with, Chosen& chosen) {
    auto* command = app.add_subcommand("statuses", "What customs answer: every national code, its kind in RES, and what it becomes elsewhere");
    auto markdown = std::make_shared<bool>(false), json = std::make_shared<bool>(false);
    command->add_flag("--markdown", *markdown, "The page docs/statuses.md");
    command->add_flag("--json", *json, "One JSON document");
    command->footer("Example: hansa statuses --json");
    command->callback([&with, &chosen, markdown, json] { chosen.run = [&with, markdown, json] { return run_statuses(with, *markdown, *json); }; });
}

}  // namespace hansa::cli
