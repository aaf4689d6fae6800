// Result<T>: a value, or the Error that stands in its place.
//
//     Result<Plan> plan = compile_plan(source, target, limits, faults);
//     if (!plan) return plan.error();
//     use(*plan);
//
// Reading the value of a failed Result is a broken promise of our own code: it throws
// BrokenPromise, which no module catches to go on.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <stdexcept>
#include <type_traits>

#include "core/base/error.h"

namespace hansa {

template <class T>
using Result = boost::system::result<T, Error>;

/// An assertion of our own that did not hold. Caught only at a thread's edge, to log and stop.
class BrokenPromise : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Found by boost::system::result when value() is asked of an error.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace hansa
