#include "core/base/error.h"

#include <fmt/format.h>

#include "core/base/result.h"

namespace hansa {

std::string Error::text() const {
    std::string out;
    if (!place.file.empty()) out += place.file + ":";
    if (place.line != 0) out += fmt::format("{}:{}:", place.line, place.column);
    if (!out.empty()) out += ' ';
    out += code.name();
    out += ": ";
    out += detail.empty() ? std::string(code.row().meaning) : detail;
    if (!place.path.empty()) out += fmt::format(" (at {})", place.path);
    return out;
}

Error Error::at(const Place& where) const {
    Error out = *this;
    if (out.place.file.empty()) out.place.file = where.file;
    if (out.place.line == 0) {
        out.place.line = where.line;
        out.place.column = where.column;
    }
    if (out.place.path.empty()) out.place.path = where.path;
    return out;
}

Error Error::in_file(std::string_view file) const {
    Place where;
    where.file = file;
    return at(where);
}

void Diagnostics::add(Error error) {
    ++count_;
    if (errors_.size() < errors_max_) errors_.push_back(std::move(error));
}

void Diagnostics::add(Code code, std::string detail, Place place) {
    add(Error{code, std::move(detail), std::move(place)});
}

void Diagnostics::append(const Diagnostics& other) {
    for (const Error& error : other.errors_) add(error);
    count_ += other.count_ - other.errors_.size();
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    throw BrokenPromise(fmt::format("{} at {}:{}", error.text(), where.file_name(), where.line()));
}

}  // namespace hansa
