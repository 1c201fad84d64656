#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

// Exceptions that came to the end of what they were thrown in: a bug, or memory that ran out. What they ended is lost;
// the process goes on. Thread-safe.
namespace spillway {

// Logs `what` (a sentence such as "a client connection ended in an exception") with the exception's own words, and
// counts it. Nothing happens when there is no exception.
void report_fault(std::string_view what, const std::exception_ptr& thrown) noexcept;

// How many have been reported since the start.
std::uint64_t faults() noexcept;

}  // namespace spillway
