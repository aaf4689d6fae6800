#include "core/mapping/fast_code_list.h"

#include <algorithm>

#include "core/mapping/code_list_text.h"

namespace hansa::mapping {
namespace {

using Kind = Standard::Kind;
using Chains = std::vector<std::vector<std::uint32_t>>;

void put(CodeTable& table, Chains& chains, std::string_view key, std::uint32_t row) {
    const std::uint32_t number = table.find_or_add(key, static_cast<std::uint32_t>(chains.size()));
    if (number == chains.size()) chains.emplace_back();
    chains[number].push_back(row);
}

}  // namespace

std::shared_ptr<const FastCodeList> FastCodeList::of(const CodeList& list) {
    auto out = std::make_shared<FastCodeList>();
    out->id_ = list.id();
    out->columns_ = list.standard_columns().size();
    if (out->columns_ > columns_max) return nullptr;
    const auto keep = [&](const CodeListRow& row) {
        Row kept{row.national, row.scheme, row.valid_from, row.valid_to, row.standards, no_row, false};
        kept.dated = !row.valid_from.empty() || !row.valid_to.empty();
        out->dated_ = out->dated_ || kept.dated;
        if (row.pattern) {
            auto table = row.pattern->table();
            if (!table) return false;
            kept.pattern = static_cast<std::uint32_t>(out->patterns_.size());
            out->patterns_.push_back(std::move(*table));
        }
        out->rows_.push_back(std::move(kept));
        return true;
    };
    for (const CodeListRow& row : list.rows()) {
        if (!keep(row)) return nullptr;
    }
    Chains national;
    std::vector<Chains> standard(out->columns_), own(out->columns_);
    out->by_column_.resize(out->columns_);
    for (std::uint32_t i = 0; i < out->rows_.size(); ++i) {
        const Row& row = out->rows_[i];
        const bool pattern = row.pattern != no_row;
        if (pattern) {
            out->pattern_rows_.push_back(i);
        } else {
            put(out->by_national_, national, row.national, i);
            out->by_skeleton_.add(list_text::skeleton(row.national), i);
        }
        for (std::size_t slot = 0; slot < std::min(row.standards.size(), out->columns_); ++slot) {
            Column& column = out->by_column_[slot];
            const Standard& says = row.standards[slot];
            if (says.kind == Kind::code) put(column.standard, standard[slot], says.text, i);
            if (says.kind == Kind::same) put(column.standard, standard[slot], row.national, i);
            if (says.kind == Kind::own && !pattern) put(column.own, own[slot], row.national, i);
            if (says.kind == Kind::own && pattern) column.own_patterns.push_back(i);
        }
    }
    const auto flatten = [&](const Chains& chains, std::vector<Chain>& into) {
        for (const std::vector<std::uint32_t>& chain : chains) {
            into.push_back(
                {static_cast<std::uint32_t>(out->members_.size()), static_cast<std::uint32_t>(chain.size())});
            out->members_.insert(out->members_.end(), chain.begin(), chain.end());
        }
    };
    flatten(national, out->national_chains_);
    for (std::size_t slot = 0; slot < out->columns_; ++slot) {
        flatten(standard[slot], out->by_column_[slot].standard_chains);
        flatten(own[slot], out->by_column_[slot].own_chains);
    }
    out->row_count_ = out->rows_.size();
    if (const CodeListRow* others = list.others()) {
        if (!keep(*others)) return nullptr;
        out->has_others_ = true;
    }
    out->settle();
    return out;
}

/// What needs neither the day nor a choice is answered at once.
void FastCodeList::settle() {
    for (const Chain& chain : national_chains_) {
        const Row& row = rows_[members_[chain.first]];
        const bool plain = !row.dated && !row.standards.empty() && row.standards[0].kind != Kind::none;
        FastPivot value;
        if (plain) static_cast<void>(value_of(row, 0, row.national, value));
        answers_.push_back({value.text, value.list});
    }
    for (std::size_t slot = 0; slot < columns_; ++slot) {
        Column& column = by_column_[slot];
        for (const Chain& chain : column.standard_chains) column.standard_back.push_back(back_of(chain, slot));
        for (const Chain& chain : column.own_chains) {
            column.own_back.push_back(column.own_patterns.empty() ? back_of(chain, slot) : Back{});
        }
    }
}

/// The first row, or the one that is marked; none where a row has a pattern or holds for a time only.
FastCodeList::Back FastCodeList::back_of(const Chain& chain, std::size_t slot) const {
    Back out;
    for (std::uint32_t i = 0; i < chain.count; ++i) {
        const std::uint32_t number = members_[chain.first + i];
        const Row& row = rows_[number];
        if (row.dated || row.pattern != no_row) return {};
        const bool marked = out.row != no_row && rows_[out.row].standards[slot].preferred;
        if (out.row == no_row || (!marked && row.standards[slot].preferred)) out.row = number;
    }
    return out;
}

const FastCodeList::Row* FastCodeList::row_of(std::string_view national, std::string_view date) const {
    if (const std::uint32_t found = by_national_.find(national); found != CodeTable::none) {
        const Chain& chain = national_chains_[found];
        for (std::uint32_t i = 0; i < chain.count; ++i) {
            const Row& row = rows_[members_[chain.first + i]];
            if (row.holds_on(date)) return &row;
        }
        return nullptr;
    }
    bool expired = false;
    for (const std::uint32_t i : pattern_rows_) {
        if (!patterns_[rows_[i].pattern].matches(national)) continue;
        if (rows_[i].holds_on(date)) return &rows_[i];
        expired = true;
    }
    return !expired && has_others_ && !national.empty() ? &rows_.back() : nullptr;
}

/// Has the list another code that cannot be told from this one on paper?
bool FastCodeList::looks_alike(std::string_view national) const {
    // Codes of one script are their own skeleton; others are short enough to need no memory.
    const bool ascii =
        std::all_of(national.begin(), national.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    const std::uint32_t found = ascii ? by_skeleton_.find(national) : by_skeleton_.find(list_text::skeleton(national));
    return found != CodeTable::none && rows_[found].national != national;
}

bool FastCodeList::to_standard(std::string_view national, std::string_view date, std::size_t columns,
                               PivotSlots& out) const {
    const Row* row = row_of(national, date);
    if (!row || (is_others(row) && looks_alike(national))) return false;
    for (std::size_t slot = 0; slot < std::min(row->standards.size(), columns); ++slot) {
        FastPivot value;
        if (value_of(*row, slot, national, value) && !out.add(value)) return false;
    }
    return true;
}

bool FastCodeList::to_standard(std::string_view national, std::string_view date, FastPivot& out) const {
    if (const std::uint32_t found = by_national_.find(national); found != CodeTable::none) {
        const Answer& answer = answers_[found];
        if (!answer.text.empty()) {
            out = {answer.text, answer.list, 0};
            return true;
        }
    }
    const Row* row = row_of(national, date);
    if (!row || row->standards.empty() || (is_others(row) && looks_alike(national))) return false;
    return value_of(*row, 0, national, out);
}

/// False: the row has no value in this column.
bool FastCodeList::value_of(const Row& row, std::size_t slot, std::string_view national, FastPivot& out) const {
    const Standard& standard = row.standards[slot];
    out.slot = static_cast<std::uint32_t>(slot);
    out.list = standard.kind == Kind::own ? std::string_view(id_) : std::string_view();
    out.text = standard.kind == Kind::code ? std::string_view(standard.text) : national;
    return standard.kind != Kind::none;
}

bool FastCodeList::says(const Row& row, const FastPivot& value) const {
    if (value.slot >= row.standards.size()) return false;
    const Standard& standard = row.standards[value.slot];
    switch (standard.kind) {
        case Kind::code:
            return value.list.empty() && standard.text == value.text;
        case Kind::same:
            return value.list.empty() && row.national == value.text;
        case Kind::own:
            return value.list == id_ &&
                   (row.pattern != no_row ? patterns_[row.pattern].matches(value.text) : row.national == value.text);
        case Kind::none:
            return false;
    }
    return false;
}

/// A pattern row writes only what is its own.
bool FastCodeList::national_of(const Row& row, std::span<const FastPivot> values, std::string_view& out) const {
    if (row.pattern == no_row) {
        out = row.national;
        return true;
    }
    for (const FastPivot& value : values) {
        if (value.list != id_ || !patterns_[row.pattern].matches(value.text)) continue;
        out = value.text;
        return true;
    }
    return false;
}

bool FastCodeList::to_national(const FastPivot& value, std::string_view date, Found& out) const {
    if (value.slot >= columns_) return false;
    const Column& column = by_column_[value.slot];
    const bool own = !value.list.empty();
    if (own && value.list != id_) return false;
    const std::uint32_t number = (own ? column.own : column.standard).find(value.text);
    if (number != CodeTable::none) {
        const Back back = (own ? column.own_back : column.standard_back)[number];
        if (back.row != no_row) {
            out = {rows_[back.row].national, back.row, 1};
            return true;
        }
    }
    bool expired = false;
    out.taken = 1;
    return national_for({&value, 1}, date, expired, out);
}

bool FastCodeList::to_national(std::span<const FastPivot> values, std::string_view date, Found& out) const {
    if (values.size() == 1) return to_national(values.front(), date, out);
    if (values.empty() || values.back().slot >= columns_) return false;
    for (std::size_t i = 1; i < values.size(); ++i) {
        if (values[i].slot <= values[i - 1].slot) return false;
    }
    // All values, then ever fewer of the later ones: the first column decides.
    for (std::size_t count = values.size(); count > 0; --count) {
        bool expired = false;
        if (national_for(values.subspan(0, count), date, expired, out)) {
            out.taken = count;
            return true;
        }
        if (expired) return false;
    }
    return false;
}

bool FastCodeList::national_for(std::span<const FastPivot> values, std::string_view date, bool& expired,
                                Found& out) const {
    const FastPivot& first = values.front();
    const Column& column = by_column_[first.slot];
    const bool own = !first.list.empty();
    if (own && first.list != id_) return false;
    const std::uint32_t number = (own ? column.own : column.standard).find(first.text);
    const Chain chain =
        number == CodeTable::none ? Chain{} : (own ? column.own_chains : column.standard_chains)[number];
    const std::span<const std::uint32_t> patterns =
        own ? std::span(column.own_patterns) : std::span<const std::uint32_t>();
    bool found = false, marked = false;
    // Two rising sequences of rows, taken in the order of the list.
    std::uint32_t at = 0;
    std::size_t at_pattern = 0;
    while (at < chain.count || at_pattern < patterns.size()) {
        const std::uint32_t listed = at < chain.count ? members_[chain.first + at] : no_row;
        const std::uint32_t shaped = at_pattern < patterns.size() ? patterns[at_pattern] : no_row;
        const std::uint32_t number_of_row = std::min(listed, shaped);
        listed < shaped ? static_cast<void>(++at) : static_cast<void>(++at_pattern);
        const Row& row = rows_[number_of_row];
        const bool sure = values.size() == 1 && listed < shaped;
        if (!sure && !std::all_of(values.begin(), values.end(), [&](const FastPivot& each) { return says(row, each); }))
            continue;
        if (!row.holds_on(date)) {
            expired = true;
            continue;
        }
        const bool preferred = row.standards[first.slot].preferred;
        std::string_view national;
        if ((found && (marked || !preferred)) || !national_of(row, values, national)) continue;
        found = true;
        marked = preferred;
        out.national = national;
        out.row = row.pattern == no_row ? number_of_row : no_row;
    }
    return found || (has_others_ && other_for(values, out));
}

/// A value that only "*" takes: it must not read back as one of the codes that are listed.
bool FastCodeList::other_for(std::span<const FastPivot> values, Found& out) const {
    const std::string_view national = values.front().text;
    const Row* row = row_of(national, {});
    if (!row || !is_others(row) || looks_alike(national)) return false;
    for (const FastPivot& value : values) {
        FastPivot back;
        if (value.slot >= row->standards.size() || !value_of(*row, value.slot, national, back)) return false;
        if (back.text != value.text || back.list != value.list) return false;
    }
    out.national = national;
    out.row = no_row;
    return true;
}

std::string_view FastCodeList::scheme_of(std::string_view number) const {
    for (const std::uint32_t i : pattern_rows_) {
        if (patterns_[rows_[i].pattern].matches(number)) return rows_[i].scheme;
    }
    return {};
}

}  // namespace hansa::mapping
