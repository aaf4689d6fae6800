// The pivot's own rules for single values, as pivot::check has them. Internal to plan*.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/mapping/fast_code_table.h"
#include "core/pivot/standards.h"
#include "core/pivot/table.h"

namespace hansa::mapping::program {

/// Would the pivot's check accept the value there? False also where this cannot tell.
bool value_fits(const pivot::Field& field, std::string_view text, std::string_view list);
/// The same for an attribute of the field: currencyID, unitCode, schemeID, languageID.
bool attribute_fits(const pivot::Field& field, std::string_view name, std::string_view text, std::string_view list);

/// A number as conversions write it, whose digits are within the bounds; zeros that say nothing are counted.
bool number_fits(std::string_view text, std::size_t digits_max, std::size_t fraction_max);

/// The rules for one place, looked up once: most values are known to fit at a glance.
/// Immutable; any number of threads. Cost: 5 to 50 instructions for what is usual.
class FieldFit {
public:
    FieldFit() = default;
    /// `attribute`: its name; empty: the value itself. `tables` serves the fields of one plan.
    using Tables = std::map<std::string, std::shared_ptr<const CodeTable>, std::less<>>;
    FieldFit(const pivot::Field& field, std::string_view attribute, Tables& tables);

    bool operator()(std::string_view text, std::string_view list) const {
        if (list.empty() && !text.empty()) {
            if (text.size() <= bytes_max_) return true;
            if (digits_max_ != 0 && number_fits(text, digits_max_, fraction_max_)) return true;
            if (codes_ && codes_->find(text) != CodeTable::none) return true;
            if (units_ && pivot::is_unit_shape(text)) return true;
        } else if (!text.empty() && text.size() <= listed_bytes_max_) {
            return true;  // a code of an authority's own list
        }
        return at_length(text, list);
    }
    /// Texts of up to so many bytes fit, whatever they say.
    std::size_t bytes_max() const { return bytes_max_; }
    std::size_t digits_max() const { return digits_max_; }
    std::size_t fraction_max() const { return fraction_max_; }
    bool is_moment() const { return moment_; }

private:
    bool at_length(std::string_view text, std::string_view list) const;

    const pivot::Field* field_ = nullptr;
    std::string attribute_;
    std::size_t bytes_max_ = 0;
    std::size_t digits_max_ = 0, fraction_max_ = 0;
    std::size_t listed_bytes_max_ = 0;
    bool moment_ = false, units_ = false;
    std::shared_ptr<const CodeTable> codes_;
};

}  // namespace hansa::mapping::program
