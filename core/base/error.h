// What went wrong, where, in one sentence.
//
// Errors are values: a function that can meet expected trouble returns Result<T>; one that can
// find many faults adds them to Diagnostics and goes on. Printed form, one a line:
//
//     order.xml:41:17: mapping.code-unknown: unit '7X' is not in cn.unit
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/code.h"

namespace hansa {

/// A place in a file or document. Zero line: the place is not known, or not in a text.
struct Place {
    std::string file;
    std::uint32_t line = 0;    ///< from 1
    std::uint32_t column = 0;  ///< from 1, in bytes
    std::string path;          ///< element path with places, e.g. /Declaration/GoodsShipment[1]/ID

    friend bool operator==(const Place&, const Place&) = default;
};

/// One thing that is wrong. `detail` never holds secrets or the content of a person's fields.
struct Error {
    Code code;
    std::string detail;
    Place place = {};

    /// "file:line:column: code: detail", without the parts that are not known.
    std::string text() const;

    /// The same error at a place that the finder did not know. Keeps what was already set.
    Error at(const Place& where) const;
    Error in_file(std::string_view file) const;
};

/// A list of faults with a bound, so that a hostile input cannot grow it. Not thread-safe.
class Diagnostics {
public:
    explicit Diagnostics(std::size_t errors_max = 1'000) : errors_max_(errors_max) {}

    /// Keeps the error, or only counts it when `errors_max` are kept already.
    void add(Error error);
    void add(Code code, std::string detail, Place place = {});

    bool empty() const { return count_ == 0; }
    std::size_t count() const { return count_; }
    const std::vector<Error>& errors() const { return errors_; }

    /// Takes over what another list found, in order.
    void append(const Diagnostics& other);

private:
    std::vector<Error> errors_;
    std::size_t errors_max_;
    std::size_t count_ = 0;
};

}  // namespace hansa
