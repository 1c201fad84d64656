#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::http {

// The standard reason phrase, `Unknown` for an unregistered status.
std::string_view reason_phrase(int status) noexcept;

// `HTTP/1.1 200 OK\r\n`
void append_status_line(std::string& out, int status);
void append_status_line(std::string& out, int status, std::string_view reason);

// `Name: value\r\n`
void append_field(std::string& out, std::string_view name, std::string_view value);
void append_field(std::string& out, std::string_view name, std::uint64_t value);

// The line before a chunk's data, `1f40\r\n`. `payload` is not 0: that would end the body.
class ChunkHeader {
 public:
  explicit ChunkHeader(std::size_t payload) noexcept;
  std::string_view text() const noexcept { return {text_.data() + start_, text_.size() - start_}; }

 private:
  std::array<char, 18> text_;
  std::size_t start_;
};
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace spillway::http
