#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::test {

// Bytes without a pattern a mix-up could hide in; the same for the same seed.
std::string noise(std::size_t size, unsigned seed = 1);

// A JSON body of at least `size` bytes whose model stands at its end.
std::string long_chat_body(std::size_t size, const std::string& model = "gpt-4o");

std::string sha256_hex(std::string_view bytes);

// `body` in chunks of at most `size` bytes, with their end.
std::string in_chunks(std::string_view body, std::size_t size);

}  // namespace spillway::test
