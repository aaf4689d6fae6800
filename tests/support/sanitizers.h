// Whether the program is built with a sanitizer, whose own memory and time say nothing of ours.
#pragma once

namespace hansa::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace hansa::test
