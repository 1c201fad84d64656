#pragma once

#include <span>
#include <string>
#include <string_view>

namespace spillway::config {

// Text of the file as it may stand in a message: one line, no control characters, at most 60 characters.
std::string printable(std::string_view text);

// `did you mean "round_robin"?` when a candidate is near, else `one of a, b, c`, else `fallback`.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                       std::string_view fallback = {});

// `a, b, c`, at most 20 of them.
std::string joined(std::span<const std::string_view> words);

}  // namespace spillway::config
