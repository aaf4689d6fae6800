// Twins of code, iso3166, iso4217, rec20.
#include <fmt/format.h>

#include <algorithm>

#include "core/mapping/conversion_code.h"
#include "core/mapping/fast_code.h"
#include "core/mapping/fast_code_list.h"
#include "core/pivot/standards.h"
#include "core/pivot/table.h"

namespace hansa::mapping {
namespace {

using Kind = ConversionRecipe::Kind;

/// The list that `code` names, found as the reference finds it.
const CodeList* list_of(const FastRequest& request) {
    ConversionContext asked;
    asked.settings = request.context.settings;
    const auto name = resolved(request.recipe.text, asked);
    if (!name || !request.context.lists) return nullptr;
    auto found = request.context.lists->find(*name);
    if (found == request.context.lists->end()) found = request.context.lists->find(pivot::split_code(*name).code);
    return found == request.context.lists->end() ? nullptr : &found->second;
}

class FastCodeOfList final : public FastCode {
public:
    FastCodeOfList(const FastRequest& request, std::shared_ptr<const FastCodeList> list)
        : list_(std::move(list)),
          place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar),
          columns_(request.conversion.pivot_count()) {
        for (std::uint32_t row = 0; row < list_->row_count(); ++row)
            writable_.push_back(place_.takes(list_->national(row)) ? 1 : 0);
        passed_over_reason_ = fmt::format("{} has no code for it", list_->id());
    }

    bool single() const override { return columns_ == 1; }
    bool dated() const override { return list_->dated(); }
    std::vector<std::string> closed_set() const override {
        std::vector<std::string> out;
        for (std::uint32_t row = 0; row < list_->row_count() && columns_ == 1 && !dated(); ++row) {
            if (list_->written_out(row)) out.push_back(list_->national(row));
        }
        return out;
    }

    Fast read(std::string_view national, FastRun& run, FastPivot& out) const override {
        return columns_ == 1 && list_->to_standard(national, run.document_date, out) ? Fast::done : Fast::declined;
    }

    Fast write(const FastPivot& value, FastRun& run, std::string_view& out) const override {
        FastCodeList::Found found;
        if (!list_->to_national(value, run.document_date, found) || !writable(found)) return Fast::declined;
        out = found.national;
        return Fast::done;
    }

    Fast to_pivot(std::span<const FastText> national, FastRun& run, PivotSlots& out) const override {
        if (national.empty()) return Fast::done;
        if (columns_ == 1) {
            FastPivot value;
            // Nothing there may also be a code without a value, which the rows tell.
            if (list_->to_standard(national.front().text, run.document_date, value))
                return out.add(value) ? Fast::done : Fast::declined;
        }
        const bool good = list_->to_standard(national.front().text, run.document_date, columns_, out);
        return good ? Fast::done : Fast::declined;
    }

    Fast from_pivot(std::span<const FastPivot> values, FastRun& run, TextSlots& out) const override {
        if (values.empty()) return Fast::done;
        FastCodeList::Found found;
        if (!list_->to_national(values, run.document_date, found) || !writable(found)) return Fast::declined;
        for (std::size_t i = found.taken; i < values.size(); ++i) {
            if (!note(run, ConversionNote::Kind::narrowed, passed_over_reason_)) return Fast::declined;
        }
        return out.add({found.national, 0}) ? Fast::done : Fast::declined;
    }

private:
    bool writable(const FastCodeList::Found& found) const {
        return found.row != FastCodeList::no_row ? writable_[found.row] != 0 : place_.takes(found.national);
    }

    std::shared_ptr<const FastCodeList> list_;
    FastPlace place_;
    std::size_t columns_;
    std::vector<std::uint8_t> writable_;  ///< by row: the target takes its code
    std::string passed_over_reason_;
};

/// Codes of a standard in one of its spellings: two tables.
class FastSpelling final : public FastSingle {
public:
    std::vector<std::string> closed_set() const override { return nationals_; }

    FastSpelling(const FastRequest& request, std::span<const std::pair<std::string_view, std::string_view>> reads,
                 std::span<const std::pair<std::string_view, std::string_view>> writes) {
        const FastPlace place(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar);
        for (const auto& [national, pivot] : reads) {
            add(reads_, national, pivot);
            nationals_.emplace_back(national);
        }
        for (const auto& [pivot, national] : writes) {
            if (place.takes(national)) add(writes_, pivot, national);
        }
    }

    Fast read(std::string_view national, FastRun&, FastPivot& out) const override {
        const std::uint32_t found = reads_.find(national);
        if (found == CodeTable::none) return Fast::declined;
        out = {texts_[found], {}, 0};
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        const std::uint32_t found = value.list.empty() ? writes_.find(value.text) : CodeTable::none;
        if (found == CodeTable::none) return Fast::declined;
        out = texts_[found];
        return Fast::done;
    }

private:
    void add(CodeTable& table, std::string_view key, std::string_view text) {
        const auto number = static_cast<std::uint32_t>(texts_.size());
        if (table.find_or_add(key, number) == number) texts_.emplace_back(text);
    }

    CodeTable reads_, writes_;
    std::vector<std::string> texts_, nationals_;
};

class FastUnit final : public FastSingle {
public:
    FastUnit(const FastRequest& request)
        : place_(request.targets.empty() ? FastTarget{} : request.targets[0], request.context.grammar) {}

    Fast read(std::string_view national, FastRun&, FastPivot& out) const override {
        if (!pivot::is_unit_shape(national)) return Fast::declined;
        out = {national, {}, 0};
        return Fast::done;
    }

    Fast write(const FastPivot& value, FastRun&, std::string_view& out) const override {
        if (!value.list.empty() || !pivot::is_unit_shape(value.text) || !place_.takes(value.text))
            return Fast::declined;
        out = value.text;
        return Fast::done;
    }

private:
    FastPlace place_;
};

using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

FastMade country(const FastRequest& request) {
    const std::string& spelling = request.recipe.text;
    Pairs reads, writes;
    for (const pivot::Country& each : pivot::countries()) {
        const std::string_view text = spelling == "alpha3"    ? each.alpha3
                                      : spelling == "numeric" ? each.numeric
                                                              : each.alpha2;
        reads.emplace_back(text, each.alpha2);
        writes.emplace_back(each.alpha2, text);
    }
    // What customs use beside the standard's stands for itself.
    if (spelling == "alpha2") {
        for (const std::string_view code : pivot::codes_of("iso3166-customs")) {
            reads.emplace_back(code, code);
            writes.emplace_back(code, code);
        }
    }
    return std::make_shared<FastSpelling>(request, reads, writes);
}

FastMade currency(const FastRequest& request) {
    const bool numeric = request.recipe.text == "numeric";
    Pairs reads, writes;
    for (const pivot::Currency& each : pivot::currencies()) {
        if (!numeric) {
            const pivot::Currency* known = pivot::currency_alpha(each.alpha);
            reads.emplace_back(each.alpha, known->alpha);
            writes.emplace_back(each.alpha, known->alpha);
            continue;
        }
        if (each.numeric.empty()) continue;
        if (const pivot::Currency* known = pivot::currency_numeric(each.numeric)) {
            reads.emplace_back(each.numeric, known->alpha);
            if (known == pivot::currency_alpha(each.alpha)) writes.emplace_back(each.alpha, each.numeric);
        }
    }
    return std::make_shared<FastSpelling>(request, reads, writes);
}

}  // namespace

FastMade fast_code(const FastRequest& request) {
    const CodeList* list = list_of(request);
    auto compiled = list ? FastCodeList::of(*list) : nullptr;
    if (!compiled) return nullptr;
    return std::make_shared<FastCodeOfList>(request, std::move(compiled));
}

FastMade fast_standard(const FastRequest& request) {
    switch (request.recipe.kind) {
        case Kind::country:
            return country(request);
        case Kind::currency:
            return currency(request);
        case Kind::unit:
            return std::make_shared<FastUnit>(request);
        default:
            return nullptr;
    }
}

}  // namespace hansa::mapping
